"""Streets from lines in metres, with the searches that tests of areas and residents start from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from pyproj import Proj
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from netlib.streets import Streets
from netlib.streets.graph import Shapes, measure_shapes

RIDE_MS = 10.0
CENTRE = (114.3, 30.5)


def make_chart(centre: tuple[float, float] = CENTRE) -> Proj:
    """Make the equal-area map in metres around a centre."""
    return Proj(proj="laea", lon_0=centre[0], lat_0=centre[1], ellps="WGS84")


def make_streets(
    lines: list[list[tuple[float, float]]],
    *,
    one_way: tuple[int, ...] = (),
    classes: dict[int, str] | None = None,
    centre: tuple[float, float] = CENTRE,
) -> Streets:
    """Make streets from lines in metres around a centre; they meet where their ends are equal."""
    chart = make_chart(centre)
    ends = [place for line in lines for place in (line[0], line[-1])]
    places = sorted(set(ends))
    number = {place: i for i, place in enumerate(places)}
    edges: dict[str, list[Any]] = {name: [] for name in ("tail", "head", "class", "reverse")}
    corners: list[tuple[float, float]] = []
    sizes = []
    for i, line in enumerate(lines):
        both = i not in one_way
        row = len(edges["tail"])
        for turned in (False, True) if both else (False,):
            points = line[::-1] if turned else line
            edges["tail"].append(number[points[0]])
            edges["head"].append(number[points[-1]])
            edges["class"].append((classes or {}).get(i, "residential"))
            edges["reverse"].append((row if turned else row + 1) if both else -1)
            corners.extend(points)
            sizes.append(len(points))

    def unproject(points: list[tuple[float, float]]) -> Any:
        return chart(*np.array(points, dtype=float).T, inverse=True)

    shapes = Shapes(*unproject(corners), np.concatenate(([0], np.cumsum(sizes))).astype(np.int64))
    kinds = {"tail": np.int32, "head": np.int32, "reverse": np.int32}
    frame = pd.DataFrame({**edges, "access": "yes"}).astype(kinds)
    frame["class"] = pd.Categorical(frame["class"])
    frame["length_m"] = measure_shapes(shapes)
    frame["speed_kmh"] = RIDE_MS * 3.6
    x, y = unproject(places)
    nodes = pd.DataFrame({"node_id": range(len(places)), "x": x, "y": y})
    return Streets(nodes, frame, shapes, "drive", "made")


def find_node(streets: Streets, east: float, north: float) -> int:
    chart = make_chart()
    x, y = chart(streets.nodes["x"].to_numpy(), streets.nodes["y"].to_numpy())
    return int(np.argmin(np.hypot(x - east, y - north)))


def search(streets: Streets, node: int) -> Any:
    """Find the seconds to all nodes with scipy."""
    edges, count = streets.edges, len(streets.nodes)
    seconds = edges["length_m"].to_numpy() / RIDE_MS
    # Of edges side by side the quickest counts; scipy would add them.
    best = (
        pd.DataFrame({"tail": edges["tail"], "head": edges["head"], "seconds": seconds})
        .groupby(["tail", "head"], as_index=False)
        .min()
    )
    links = coo_array((best["seconds"], (best["tail"], best["head"])), shape=(count, count)).tocsr()
    return dijkstra(links, indices=node)


def to_metres(shape: Any, centre: tuple[float, float] = CENTRE) -> Any:
    chart = make_chart(centre)
    return shapely.transform(shape, chart, interleaved=False)


TOWN = [[(200.0 * i, 200.0 * j), (200.0 * (i + 1), 200.0 * j)] for i in range(9) for j in range(10)]
TOWN += [
    [(200.0 * i, 200.0 * j), (200.0 * i, 200.0 * (j + 1))] for i in range(10) for j in range(9)
]


def make_town(seed: int, share: float, centre: tuple[float, float] = CENTRE) -> Streets:
    """Make a grid of blocks with bent, missing and one-way streets."""
    rng = np.random.default_rng(seed)
    move = {
        place: tuple(np.round(np.array(place) + rng.uniform(-60, 60, 2), 1))
        for line in TOWN
        for place in line
    }
    lines = []
    for a, b in TOWN:
        if rng.random() < share:
            continue
        middle = (np.array(move[a]) + np.array(move[b])) / 2 + rng.uniform(-25, 25, 2)
        lines.append([move[a], tuple(np.round(middle, 1)), move[b]])
    one_way = tuple(np.flatnonzero(rng.random(len(lines)) < 0.3).tolist())
    return make_streets(lines, one_way=one_way, centre=centre)
