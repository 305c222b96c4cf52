"""Hold isochrones from streets against other ways to draw them: size, agreement and time.

    python scripts/benchmark_areas.py DATA [--rounds N] [--points N] [--extract FILE]

DATA is a folder with ``wuhan_streets.parquet`` and ``pbf``. Peers that are not installed are left
out.

Two cases: driving in Wuhan from its middle, and walking in an OpenStreetMap extract, with Valhalla.
The yardsticks are the exact union of 100 m buffers around the reached stretches of streets (IoU is
the area in both over the area in either), and times at random points: to the nearest place of the
nearest street, and the walk from there; the points lie around the largest area. A method is wrong
at a point that it draws inside and that takes longer, or the other way round. Times at points are
asked for twice: where nobody walks farther than 100 m from a street, and where people walk as far
as the other limit.

Ours takes turns with the exact union; the fastest of all rounds counts for both. On a busy machine
CPU time tells more than the clock.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

sys.path.insert(0, str(Path(__file__).parent))

import area_peers as peers
import street_graphs as graphs
from netlib.roads import NEVER, build_roads, one_to_all
from netlib.streets import Streets, compute_seconds, read_streets
from netlib.streets.areas import build_area_grid, build_areas, grid_to_areas
from netlib.streets.buffers import build_buffers
from netlib.streets.graph import Shapes
from netlib.streets.snapping import LIMIT_M

CUTOFFS = {"drive": (10.0, 20.0, 30.0), "walk": (10.0, 20.0, 30.0)}
# Minutes of several cut-offs drawn at once: each holds the largest.
SEVERAL = ((20.0,), (10.0, 20.0), (5.0, 10.0, 15.0, 20.0), (5.0, 8.0, 11.0, 14.0, 17.0, 20.0))
RATIOS = (0.02, 0.1, 0.3)
RESOLUTIONS = (9, 10)
CELLS_M = (25.0, 50.0)
TICKS_PER_SECOND = 10


class Case(NamedTuple):
    """Streets and the seconds from an origin."""

    name: str
    reach: peers.Reach
    origin: int


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--extract", type=Path)
    options = parser.parse_args()
    extract = options.extract or options.data / "pbf" / "poa_osm.pbf"
    wuhan = search("driving in Wuhan", *read_wuhan(options.data))
    compile_kernels(wuhan)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    if options.rounds:
        print_speed(wuhan, options.rounds)
    print_methods(wuhan, options.points, None)
    walked = read_streets(extract, mode="walk")
    case = search(f"walking in {extract.name}", walked, compute_seconds(walked))
    with tempfile.TemporaryDirectory() as folder:
        node = walked.nodes.iloc[case.origin]
        valhalla = peers.start_valhalla(extract, Path(folder), (node["x"], node["y"]))
        print_methods(case, options.points, valhalla)


def read_wuhan(data: Path) -> tuple[Streets, Any]:
    """Read the streets of Wuhan, every one both ways, and the seconds over them."""
    import geopandas as gpd

    graph = graphs.read_wuhan(data)
    frame = gpd.read_parquet(data / "wuhan_streets.parquet").to_crs("EPSG:4326")
    corners, owner = shapely.get_coordinates(frame.geometry.to_numpy(), return_index=True)
    count = len(frame)
    offsets = np.searchsorted(owner, np.arange(count + 1)).astype(np.int64)
    x, y = np.zeros((2, len(graph.x)))
    for node, place in ((graph.tail, offsets[:-1]), (graph.head, offsets[1:] - 1)):
        x[node[:count]], y[node[:count]] = corners[place].T
    line = np.tile(np.arange(count), 2)
    edges = pd.DataFrame(
        {
            "tail": graph.tail.astype(np.int32),
            "head": graph.head.astype(np.int32),
            "class": pd.Categorical(frame["highway"].astype(str).to_numpy()[line]),
            "reverse": np.roll(np.arange(2 * count), count).astype(np.int32),
        }
    )
    nodes = pd.DataFrame({"node_id": np.arange(len(x)), "x": x, "y": y})
    shapes = Shapes(*corners.T, offsets).take(line, backward=np.arange(2 * count) >= count)
    streets = Streets(nodes, edges, shapes, "drive", "wuhan_streets.parquet")
    return streets, graph.ticks / graphs.TICKS_PER_SECOND


def search(name: str, streets: Streets, edge_seconds: Any) -> Case:
    """Search from the node nearest to the middle of all."""
    nodes, edges = streets.nodes, streets.edges
    x, y = nodes["x"].to_numpy(), nodes["y"].to_numpy()
    ticks = np.rint(edge_seconds * TICKS_PER_SECOND).astype(np.int64)
    roads = build_roads(x, y, edges["tail"], edges["head"], ticks)
    squash = np.cos(np.radians(np.median(y)))
    near = np.hypot((x - np.median(x)) * squash, y - np.median(y))
    # The first from which a tenth of all is reached.
    for origin in np.argsort(near)[:50]:
        found = one_to_all(roads, int(origin))[0]
        if (found < NEVER).mean() > 0.1:
            break
    seconds = np.where(found < NEVER, found / TICKS_PER_SECOND, np.inf)
    reach = peers.prepare_reach(streets, seconds, ticks / TICKS_PER_SECOND)
    return Case(name, reach, int(origin))


def draw_ours(
    case: Case, build: Callable[..., Any], cutoffs: Sequence[float], **options: Any
) -> Any:
    """Draw our areas."""
    reach = case.reach
    return build(
        reach.streets,
        reach.seconds,
        cutoffs_minutes=cutoffs,
        edge_seconds=reach.edge_seconds,
        **options,
    )


def compile_kernels(case: Case) -> None:
    """Draw something small, so that no race holds a compilation."""
    draw_ours(case, build_areas, [2.0])
    draw_ours(case, build_buffers, [2.0])


class Cost(NamedTuple):
    """Milliseconds on the clock, and of all processors together."""

    wall: float = np.inf
    cpu: float = np.inf


def measure(work: Callable[[], Any], rounds: int, best: Cost = Cost()) -> Cost:  # noqa: B008
    """Return the least that it costs, or has cost before."""
    for _ in range(rounds):
        begin = time.perf_counter(), time.process_time()
        work()
        wall, cpu = time.perf_counter() - begin[0], time.process_time() - begin[1]
        best = Cost(min(best.wall, wall * 1e3), min(best.cpu, cpu * 1e3))
    return best


def print_speed(case: Case, rounds: int) -> None:
    """Print how ours compares in time with the exact union, and what further cut-offs cost."""
    rows = []
    for minutes in CUTOFFS["drive"]:
        parts = peers.cut_parts(case.reach, minutes)
        exact = peers.unite_buffers(parts)
        theirs = Cost()
        variants = {
            f"{label}, {cell_m:.0f} m cells": partial(
                draw_ours, case, build, [minutes], cell_m=cell_m, tolerance_m=cell_m / 5
            )
            for label, build in (("walk counted", build_areas), ("buffers", build_buffers))
            for cell_m in CELLS_M
        }
        ours = dict.fromkeys(variants, Cost())
        for _ in range(rounds):
            theirs = measure(partial(peers.unite_buffers, parts), 1, theirs)
            for label, draw in variants.items():
                ours[label] = measure(draw, 1, ours[label])
        for label, draw in variants.items():
            found = draw()
            iou = compare(peers.project(found.geometry.iloc[0], case.reach.local_map), exact)
            times = theirs.wall / ours[label].wall, theirs.cpu / ours[label].cpu
            rows.append((minutes, label, *ours[label], *theirs, *times, iou, found.is_valid.all()))
    columns = [
        *("minutes", "ours", "ms", "CPU ms", "exact ms", "exact CPU ms"),
        *("times faster", "in CPU time", "IoU", "valid"),
    ]
    print(f"\n## {case.name}: time against the exact union of buffers (cutting not counted)\n")
    print(pd.DataFrame(rows, columns=columns).round(3).to_string(index=False))
    print("\n## several cut-offs at once, CPU ms\n")
    print(time_several(case, rounds).round(1).to_string(index=False))


def time_several(case: Case, rounds: int) -> pd.DataFrame:
    """Time one cut-off and more."""
    reach = case.reach
    grid = build_area_grid(reach.streets)

    def draw_prepared(cutoffs: Sequence[float]) -> Any:
        return grid_to_areas(
            grid, reach.seconds, cutoffs_minutes=cutoffs, edge_seconds=reach.edge_seconds
        )

    works = {
        "walk counted": lambda cutoffs: draw_ours(case, build_areas, cutoffs),
        "walk counted, cells prepared": draw_prepared,
        "buffers": lambda cutoffs: draw_ours(case, build_buffers, cutoffs),
    }
    rows = []
    for label, work in works.items():
        took = [measure(partial(work, c), rounds).cpu for c in SEVERAL]
        rows.append((label, *took, took[-1] / took[0]))
    names = [f"{len(cutoffs)} cut-offs" for cutoffs in SEVERAL]
    return pd.DataFrame(rows, columns=["ours", *names, "last over first"])


def compare(shape: Any, exact: Any) -> float:
    """Return the area in both over the area in either."""
    both = shapely.intersection(shape, exact).area
    return float(both / (shape.area + exact.area - both))


def list_methods(
    case: Case, valhalla: peers.Valhalla | None
) -> Iterable[tuple[str, Callable[[float, peers.Parts], Any]]]:
    """List the methods: name, and what draws a cut-off on the local map."""
    reach = case.reach
    local_map = reach.local_map

    def take(build: Callable[..., Any], **options: Any) -> Callable[[float, peers.Parts], Any]:
        return lambda minutes, _: peers.project(
            draw_ours(case, build, [minutes], **options).geometry.iloc[0], local_map
        )

    yield "ours, walk counted", take(build_areas)
    yield "ours, walk counted, 50 m cells", take(build_areas, cell_m=50.0, tolerance_m=10.0)
    far = {"off_road_m": LIMIT_M, "cell_m": 50.0, "tolerance_m": 10.0}
    yield f"ours, walk of up to {LIMIT_M:.0f} m, 50 m cells", take(build_areas, **far)
    yield "ours, buffers", take(build_buffers)
    yield "exact union of buffers", lambda _, parts: peers.unite_buffers(parts)
    yield "buffered edges between nodes", lambda minutes, _: peers.draw_node_edges(reach, minutes)
    yield "convex hull", lambda _, parts: peers.draw_convex(parts)
    for ratio in RATIOS:
        yield (
            f"concave hull, ratio {ratio:g}",
            lambda _, parts, ratio=ratio: peers.draw_concave(parts, ratio),
        )
    yield f"alpha shape, {peers.ALPHA_M:.0f} m", lambda _, parts: peers.draw_alpha(parts)
    for resolution in RESOLUTIONS:
        yield (
            f"H3 resolution {resolution}",
            lambda _, parts, r=resolution: peers.draw_h3(parts, local_map, r),
        )
    yield "TIN contours", lambda minutes, _: peers.draw_triangles(reach, minutes)
    if valhalla:
        yield "Valhalla", lambda minutes, _: valhalla.draw(minutes, local_map)
        yield (
            "Valhalla, neither denoised nor generalised",
            lambda minutes, _: valhalla.draw(minutes, local_map, denoise=0, generalize=0),
        )


def print_methods(case: Case, number: int, valhalla: peers.Valhalla | None) -> None:
    """Print the table of methods."""
    reach = case.reach
    minutes = CUTOFFS[reach.streets.mode]
    parts = {cutoff: peers.cut_parts(reach, cutoff) for cutoff in minutes}
    exact = {cutoff: peers.unite_buffers(parts[cutoff]) for cutoff in minutes}
    west, south, east, north = shapely.bounds(exact[minutes[-1]])
    rng = np.random.default_rng(1)
    points = rng.uniform(west, east, number), rng.uniform(south, north, number)
    x, y = reach.local_map.unproject(*points)
    limits = {f"{peers.BUFFER_M:.0f} m": peers.BUFFER_M, f"{LIMIT_M:.0f} m": LIMIT_M}
    truths = {
        f"wrong %, walk up to {name}": peers.time_points(reach, x, y, limit_m=limit)
        for name, limit in limits.items()
    }
    if valhalla:
        truths |= {
            f"wrong % by Valhalla's times, up to {name}": valhalla.time_points(x, y, limit_m=limit)
            for name, limit in limits.items()
        }
    rows = []
    for name, draw in list_methods(case, valhalla):
        for cutoff in minutes:
            begin = time.perf_counter()
            shape = draw(cutoff, parts[cutoff])
            took = (time.perf_counter() - begin) * 1e3
            if shape is None:
                continue
            shapely.prepare(shape)
            inside = shapely.contains_xy(shape, *points)
            wrong = [100 * np.mean(inside != (truth <= 60 * cutoff)) for truth in truths.values()]
            iou = compare(shape, exact[cutoff])
            rows.append((name, cutoff, shape.area / 1e6, iou, *wrong, took))
    columns = ["method", "minutes", "km2", "IoU", *truths, "ms"]
    frame = pd.DataFrame(rows, columns=columns)
    print(f"\n## {case.name}: {number} points\n")
    frame["method"] = frame["method"].where(~frame["method"].duplicated(), "")
    print(
        frame.round({"km2": 1, "IoU": 3, "ms": 0, **dict.fromkeys(truths, 2)}).to_string(
            index=False
        )
    )


if __name__ == "__main__":
    main()
