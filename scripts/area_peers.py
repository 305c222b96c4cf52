"""Other ways to draw what streets reach in time, for `benchmark_areas`: all on one local map."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from netlib.streets import Streets, streets_to_geodataframe
from netlib.streets.area_shapes import LocalMap, choose_map
from netlib.streets.snapping import NOT_ENTERED, build_street_index, compute_ends, snap_points
from netlib.streets.speeds import WALK_SPEED_KMH

Numbers = NDArray[Any]

BUFFER_M = 100.0
# Spacing of points along reached streets, for methods that take points.
SPACING_M = 25.0
# Longest side of a triangle over the typical spacing of points, as alpha shapes are often set.
ALPHA_M = 200.0
# Targets of one question to Valhalla.
CHUNK = 500
# Minutes that stand for never where triangles need a number.
NEVER_MINUTES = 1e4
# Keeps a stretch that takes no time from dividing by nothing.
LEAST_SECONDS = 1e-9


class Reach(NamedTuple):
    """Streets, the seconds to their nodes and over their edges, and their lines on a local map.

    ``lines`` are those of one direction of each street that is entered, ``edges`` their positions.
    """

    streets: Streets
    seconds: Numbers
    edge_seconds: Numbers
    local_map: LocalMap
    edges: Numbers
    lines: Numbers


class Parts(NamedTuple):
    """Stretches of streets reached in time, and the nodes reached, both on the local map."""

    lines: Numbers
    nodes: Numbers


def prepare_reach(streets: Streets, seconds: Numbers, edge_seconds: Numbers) -> Reach:
    """Project the streets that are entered."""
    local_map = choose_map(streets.nodes["x"].to_numpy(), streets.nodes["y"].to_numpy())
    reverse = streets.edges["reverse"].to_numpy()
    wanted = (reverse < 0) | (reverse > np.arange(len(reverse)))
    wanted &= ~streets.edges["class"].isin(NOT_ENTERED).to_numpy()
    frame = streets_to_geodataframe(streets)[wanted]
    lines = project(frame.geometry.to_numpy(), local_map)
    return Reach(streets, seconds, edge_seconds, local_map, np.flatnonzero(wanted), lines)


def project(shapes: Any, local_map: LocalMap) -> Any:
    """Convert from degrees to the local map."""
    return shapely.transform(shapes, local_map.project, interleaved=False)


def cut_parts(reach: Reach, minutes: float) -> Parts:
    """Cut the stretches reached, edge by edge, from both ends."""
    edges = reach.streets.edges
    left = 60 * minutes - reach.seconds
    tail, head = (edges[name].to_numpy()[reach.edges] for name in ("tail", "head"))
    reverse = edges["reverse"].to_numpy()[reach.edges]
    forward = reach.edge_seconds[reach.edges]
    backward = np.where(reverse >= 0, reach.edge_seconds[reverse], np.inf)
    from_tail = np.clip(left[tail] / np.maximum(forward, LEAST_SECONDS), 0, 1)
    from_head = np.clip(left[head] / np.maximum(backward, LEAST_SECONDS), 0, 1)
    whole = from_tail + from_head >= 1
    parts = [*reach.lines[whole]]
    for i in np.flatnonzero(~whole & (from_tail > 0)):
        parts.append(substring(reach.lines[i], 0, from_tail[i], normalized=True))
    for i in np.flatnonzero(~whole & (from_head > 0)):
        parts.append(substring(reach.lines[i], 1 - from_head[i], 1, normalized=True))
    entered = np.unique(np.concatenate((tail, head)))
    nodes = reach.streets.nodes.iloc[entered[left[entered] >= 0]]
    return Parts(
        np.array(parts, dtype=object),
        np.column_stack(reach.local_map.project(nodes["x"].to_numpy(), nodes["y"].to_numpy())),
    )


def unite_buffers(parts: Parts) -> Any:
    """Unite buffers of the stretches: what the others are held against."""
    return shapely.union_all(shapely.buffer(parts.lines, BUFFER_M))


def time_points(reach: Reach, x: Numbers, y: Numbers, *, limit_m: float) -> Numbers:
    """Return the seconds to points: to the nearest place of the nearest street, and the walk."""
    snaps = snap_points(build_street_index(reach.streets), x, y, limit_m=limit_m)
    ends = compute_ends(snaps, reach.streets, reach.edge_seconds, walk_speed_kmh=WALK_SPEED_KMH)
    ends["seconds"] += reach.seconds[ends["node"]]
    best = ends.groupby("point")["seconds"].min()
    return best.reindex(range(len(x))).fillna(np.inf).to_numpy()


def _take_points(parts: Parts) -> Numbers:
    """Return points along the stretches."""
    dense = shapely.segmentize(parts.lines, SPACING_M)
    return np.unique(np.round(shapely.get_coordinates(dense), 1), axis=0)


def draw_convex(parts: Parts) -> Any:
    """Return the convex hull of the nodes."""
    return shapely.convex_hull(shapely.multipoints(parts.nodes))


def draw_concave(parts: Parts, ratio: float) -> Any:
    """Return the concave hull of the nodes."""
    return shapely.concave_hull(shapely.multipoints(parts.nodes), ratio=ratio)


def draw_alpha(parts: Parts) -> Any:
    """Return the alpha shape of the nodes: triangles whose circles are no larger than `ALPHA_M`."""
    from scipy.spatial import Delaunay

    corners = parts.nodes[Delaunay(parts.nodes).simplices]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]) / 2
    with np.errstate(divide="ignore"):
        small = sides.prod(axis=1) / (4 * area) <= ALPHA_M
    return shapely.union_all(shapely.polygons(corners[small]))


def draw_node_edges(reach: Reach, minutes: float) -> Any:
    """Return buffers of the edges both of whose nodes are reached."""
    edges = reach.streets.edges
    inside = reach.seconds <= 60 * minutes
    both = inside[edges["tail"].to_numpy()[reach.edges]]
    both &= inside[edges["head"].to_numpy()[reach.edges]]
    return shapely.union_all(shapely.buffer(reach.lines[both], BUFFER_M))


def draw_triangles(reach: Reach, minutes: float) -> Any:
    """Return the contour of times on triangles between the nodes."""
    from matplotlib.figure import Figure
    from matplotlib.tri import Triangulation

    nodes = reach.streets.nodes
    x, y = reach.local_map.project(nodes["x"].to_numpy(), nodes["y"].to_numpy())
    times = np.minimum(reach.seconds / 60, NEVER_MINUTES)
    drawn = Figure().subplots().tricontourf(Triangulation(x, y), times, levels=[-1, minutes])
    rings = drawn.get_paths()[0].to_polygons()
    lines = [shapely.LinearRing(ring) for ring in rings if len(ring) > 3]
    # Rings lie in one another: where an odd number of them is around, the area is inside.
    return shapely.build_area(shapely.GeometryCollection(lines))


def draw_h3(parts: Parts, local_map: LocalMap, resolution: int) -> Any:
    """Return the H3 cells that hold points of the stretches; None where h3 is not installed."""
    try:
        import h3
    except ImportError:
        return None
    x, y = local_map.unproject(*_take_points(parts).T)
    cells = {
        h3.latlng_to_cell(lat, lon, resolution)
        for lon, lat in zip(x.tolist(), y.tolist(), strict=True)
    }
    rings = [np.array(h3.cell_to_boundary(cell))[:, ::-1] for cell in sorted(cells)]
    return shapely.union_all(
        project(np.array([shapely.Polygon(ring) for ring in rings]), local_map)
    )


class Valhalla(NamedTuple):
    """Valhalla on an extract, for people on foot."""

    actor: Any
    origin: dict[str, float]

    def draw(self, minutes: float, local_map: LocalMap, **options: float) -> Any:
        """Return its contour."""
        answer = json.loads(
            self.actor.isochrone(
                json.dumps(
                    {
                        "locations": [self.origin],
                        **WALKING,
                        "contours": [{"time": minutes}],
                        "polygons": True,
                        **options,
                    }
                )
            )
        )
        shapes = [shapely.from_geojson(json.dumps(f["geometry"])) for f in answer["features"]]
        return project(shapely.make_valid(shapely.union_all(shapes)), local_map)

    def time_points(self, x: Numbers, y: Numbers, *, limit_m: float) -> Numbers:
        """Return its seconds to points; its walk off the road is added, which it leaves out."""
        from pyproj import Geod

        seconds = np.full(len(x), np.inf)
        for first in range(0, len(x), CHUNK):
            chosen = slice(first, first + CHUNK)
            targets = [
                {"lat": lat, "lon": lon}
                for lon, lat in zip(x[chosen].tolist(), y[chosen].tolist(), strict=True)
            ]
            question = {"sources": [self.origin], "targets": targets, **WALKING, "verbose": True}
            found = json.loads(self.actor.matrix(json.dumps(question)))
            for i, cell in enumerate(found["sources_to_targets"][0]):
                if cell["time"] is not None:
                    seconds[first + i] = cell["time"]
        nearest = pd.DataFrame(
            [(edge["correlated_lon"], edge["correlated_lat"]) for edge in self._locate(x, y)]
        )
        _, _, metres = Geod(ellps="WGS84").inv(x, y, nearest[0].to_numpy(), nearest[1].to_numpy())
        seconds += np.where(np.isnan(metres), np.inf, metres) / (WALK_SPEED_KMH / 3.6)
        return np.where(metres <= limit_m, seconds, np.inf)

    def _locate(self, x: Numbers, y: Numbers) -> Sequence[dict[str, float]]:
        """Return the place on its nearest street of each point."""
        found: list[dict[str, float]] = []
        nowhere = {"correlated_lon": np.nan, "correlated_lat": np.nan}
        for first in range(0, len(x), CHUNK):
            chosen = slice(first, first + CHUNK)
            places = [
                {"lat": lat, "lon": lon}
                for lon, lat in zip(x[chosen].tolist(), y[chosen].tolist(), strict=True)
            ]
            question = {"locations": places, "costing": "pedestrian", "verbose": False}
            for answer in json.loads(self.actor.locate(json.dumps(question))):
                found.append((answer["edges"] or [nowhere])[0])
        return found


WALKING = {
    "costing": "pedestrian",
    "costing_options": {"pedestrian": {"walking_speed": WALK_SPEED_KMH}},
}


def start_valhalla(extract: Path, folder: Path, origin: tuple[float, float]) -> Valhalla | None:
    """Build Valhalla's tiles of an extract; None where pyvalhalla is not installed."""
    try:
        import valhalla
    except ImportError:
        return None
    settings = valhalla.get_config(tile_extract="", tile_dir=str(folder), verbose=False)
    settings["service_limits"]["pedestrian"]["max_matrix_location_pairs"] = CHUNK
    settings["service_limits"]["pedestrian"]["max_locations"] = CHUNK
    path = folder / "valhalla.json"
    path.write_text(json.dumps(settings), encoding="utf-8")
    subprocess.run(
        [valhalla.PYVALHALLA_DIR / "bin" / "valhalla_build_tiles", "-c", path, extract],
        check=True,
        capture_output=True,
    )
    return Valhalla(valhalla.Actor(path), {"lon": origin[0], "lat": origin[1]})
