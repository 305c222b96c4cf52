"""Where residents are taken to live: on pieces of street, and on squares of land."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from netlib.errors import InputError, Notice
from netlib.streets.area_lines import select_entered
from netlib.streets.area_shapes import LocalMap
from netlib.streets.graph import Floats, Ints, Streets
from netlib.streets.snapping import build_street_index, snap_points


def cut_pieces(
    streets: Streets, not_entered: Sequence[str], piece_m: float, local_map: LocalMap
) -> pd.DataFrame:
    """Cut streets into pieces of equal length, at most so long.

    Parameters
    ----------
    streets
        The graph.
    not_entered
        Classes that nobody lives at.
    piece_m
        Longest piece.
    local_map
        Map that lengths are measured on.

    Returns
    -------
    DataFrame
        The middle of each piece: ``edge``, ``reverse``, ``fraction``, ``distance_m`` (0), ``x``,
        ``y`` (WGS84), ``east``, ``north`` (metres on the map), ``length_m`` and ``class`` of the
        piece, ``square_m2`` (0).

    Raises
    ------
    InputError
        If no street may be entered.
    """
    import shapely

    edges = select_entered(streets, not_entered)
    if not len(edges):
        message = f"every street is {' or '.join(not_entered)}; nobody lives there"
        raise InputError([Notice(streets.source, 0, "no-entry", message)])
    shapes = streets.shapes.take(edges)
    owner: Any = np.repeat(np.arange(len(edges)), np.diff(shapes.offsets))
    corners = np.column_stack(local_map.project(shapes.x, shapes.y))
    lines = shapely.linestrings(corners, indices=owner)
    length = shapely.length(lines)
    number = np.maximum(1, np.ceil(length / piece_m)).astype(np.int64)
    line = np.repeat(np.arange(len(edges)), number)
    step = np.arange(len(line)) - np.repeat(np.cumsum(number) - number, number)
    fraction: Floats = (step + 0.5) / number[line]
    middles = shapely.line_interpolate_point(lines[line], fraction, normalized=True)
    east, north = shapely.get_coordinates(middles).T
    x, y = local_map.unproject(east, north)
    return pd.DataFrame(
        {
            "edge": edges[line],
            "reverse": streets.edges["reverse"].to_numpy()[edges[line]].astype(np.int64),
            "fraction": fraction,
            "distance_m": 0.0,
            "x": x,
            "y": y,
            "east": east,
            "north": north,
            "length_m": (length / number)[line],
            "square_m2": 0.0,
            "class": streets.edges["class"].to_numpy()[edges[line]],
        }
    )


def cut_squares(
    inside: Any,
    square_m: float,
    streets: Streets,
    not_entered: Sequence[str],
    local_map: LocalMap,
) -> pd.DataFrame:
    """Cut the land of zones into squares, and join their middles to streets.

    Parameters
    ----------
    inside
        Polygons on the map, some perhaps empty. One too small for a square has one in its middle.
    square_m
        Width of the squares.
    streets, not_entered, local_map
        As in `cut_pieces`.

    Returns
    -------
    DataFrame
        As from `netlib.streets.snapping.snap_points`, with ``x`` and ``y`` of the middle, ``zone``
        (position in ``inside``), ``square_m2`` and ``length_m`` (0).
    """
    import shapely

    zones, points, sizes = [], [], []
    for zone in np.flatnonzero(~shapely.is_empty(inside)):
        west, south, east, north = shapely.bounds(inside[zone])
        x = np.arange(west + square_m / 2, east, square_m)
        y = np.arange(south + square_m / 2, north, square_m)
        middles = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        middles = middles[shapely.contains_xy(inside[zone], *middles.T)]
        if not len(middles):
            middles = shapely.get_coordinates(shapely.point_on_surface(inside[zone]))
        zones.append(np.full(len(middles), zone))
        points.append(middles)
        sizes.append(np.full(len(middles), shapely.area(inside[zone]) / len(middles)))
    x, y = local_map.unproject(*np.concatenate(points).T)
    snaps = snap_points(build_street_index(streets, not_entered=not_entered), x, y)
    return snaps.assign(
        x=x, y=y, zone=np.concatenate(zones), square_m2=np.concatenate(sizes), length_m=0.0
    )


def find_zones(inside: Any, east: Floats, north: Floats) -> Ints:
    """Return the zone of each point on the map, -1 for none; the first of several.

    Parameters
    ----------
    inside
        Polygons on the map, by zone.
    east, north
        float64: the points.

    Returns
    -------
    int64 array
        Positions in ``inside``.
    """
    import shapely

    points = shapely.points(east, north)
    zone, point = shapely.STRtree(points).query(inside, predicate="intersects")
    found = np.full(len(points), -1, dtype=np.int64)
    found[point[::-1]] = zone[::-1]
    return found
