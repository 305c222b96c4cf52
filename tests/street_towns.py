"""Towns of straight streets at right angles, and a plain twin of door-to-door journeys."""

from __future__ import annotations

from collections.abc import Collection

import networkx as nx
import numpy as np
import pandas as pd
from pyproj import Geod

from netlib.streets import Streets
from netlib.streets.graph import Ways, build_streets
from netlib.streets.speeds import Mode
from netlib.streets.tags import judge_way

GEOD = Geod(ellps="WGS84")
Corner = tuple[int, int]
Block = tuple[Corner, Corner]


def locate(corner: Corner, *, origin: tuple[float, float], step_m: float) -> tuple[float, float]:
    """Return longitude and latitude of the corner (column, row), east and north of an origin."""
    x, y, _ = GEOD.fwd(*origin, 90, corner[0] * step_m)
    x, y, _ = GEOD.fwd(x, y, 0, corner[1] * step_m)
    return float(x), float(y)


def build_grid(
    columns: int,
    rows: int,
    *,
    mode: Mode = "walk",
    origin: tuple[float, float] = (113.0, 34.0),
    step_m: float = 500.0,
    closed: Collection[Block] = (),
) -> Streets:
    """Build the streets between all neighbouring corners but the closed blocks."""
    use = judge_way({"highway": "residential"}, mode)
    ways = Ways()
    shut = {frozenset(block) for block in closed}
    for row in range(rows):
        for column in range(columns):
            for other in ((column + 1, row), (column, row + 1)):
                corners = ((column, row), other)
                if other[0] >= columns or other[1] >= rows or frozenset(corners) in shut:
                    continue
                ways.way_ids.append(len(ways.way_ids) + 1)
                ways.names.append("")
                ways.uses.append(use)
                ways.refs.append([c + 1000 * r + 1 for c, r in corners])
                places = [locate(corner, origin=origin, step_m=step_m) for corner in corners]
                ways.x.append([x for x, _ in places])
                ways.y.append([y for _, y in places])
    return build_streets(ways, mode=mode, source="grid")


def place_points(
    corners: dict[str, tuple[float, float]],
    key: str,
    *,
    origin: tuple[float, float] = (113.0, 34.0),
    step_m: float = 500.0,
) -> pd.DataFrame:
    """Return a table of named points at (perhaps broken) columns and rows of a grid."""
    places = [locate(corner, origin=origin, step_m=step_m) for corner in corners.values()]
    return pd.DataFrame(
        {
            key: list(corners),
            "x_coord": [x for x, _ in places],
            "y_coord": [y for _, y in places],
        }
    )


def walk_by_networkx(
    streets: Streets, seconds: np.ndarray, begin: str, end: str, points: pd.DataFrame
) -> float:
    """Return the seconds between two points that stand on corners, by networkx."""
    graph = nx.MultiDiGraph()
    edges = zip(streets.edges["tail"], streets.edges["head"], seconds, strict=True)
    graph.add_weighted_edges_from(edges)
    table = points.set_index(points.columns[0])
    ends = []
    for name in (begin, end):
        x, y = table.loc[name, ["x_coord", "y_coord"]]
        away = np.hypot(streets.nodes["x"] - x, streets.nodes["y"] - y)
        ends.append(int(np.argmin(away)))
    return float(nx.dijkstra_path_length(graph, *ends))
