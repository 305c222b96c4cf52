"""The area that an extract of streets covers."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from netlib.geometry import WGS84, format_equal_area
from netlib.streets import Streets
from netlib.streets.snapping import LIMIT_M, NOT_ENTERED


@lru_cache(maxsize=16)
def find_coverage(streets: Streets) -> Any:
    """Find the area that an extract of streets covers: their convex hull, and the reach off it.

    Lakes, rivers and fields between and beside its streets are covered, so that nobody goes over
    them in a straight line; the country around it is not. Motorways and ferries, which may leave
    the place that was asked for, do not count.

    Returns
    -------
    Polygon
        In WGS84.
    """
    import shapely
    from pyproj import Transformer

    local = np.flatnonzero(~streets.edges["class"].isin(NOT_ENTERED).to_numpy())
    shapes = streets.shapes.take(local)
    if not len(local):
        return shapely.Polygon()
    crs = format_equal_area(float(np.mean(shapes.x)), float(np.mean(shapes.y)))
    points = Transformer.from_crs(WGS84, crs, always_xy=True).transform(shapes.x, shapes.y)
    hull = shapely.convex_hull(shapely.multipoints(np.column_stack(points)))
    to_degrees = Transformer.from_crs(crs, WGS84, always_xy=True).transform
    return shapely.transform(shapely.buffer(hull, LIMIT_M), to_degrees, interleaved=False)
