"""Fields put together, and how nearly an area is a circle."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from netlib.roads.fields import Field

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

# Sides of the polygon that stands for a circle: its area is within 0.03 % of the circle's.
CIRCLE_QUADRANT = 32


def merge_fields(first: Field, *others: Field) -> Field:
    """Merge fields over one plane: everywhere the least of their minutes.

    A field on wider cells has every second or fourth of the middles of a finer one; the result is
    as wide as the widest.
    """
    merged = first
    for other in others:
        merged = _merge_two(merged, other)
    return merged


def _merge_two(first: Field, second: Field) -> Field:
    """Merge two fields."""
    cell_km = max(first.cell_km, second.cell_km)
    first, second = (coarsen(field, cell_km) for field in (first, second))
    pair = (first, second)
    lows = np.array([_corner(field) for field in pair])
    sizes = np.array([field.minutes.shape for field in pair])
    low = lows.min(axis=0)
    high = (lows + sizes).max(axis=0)
    minutes = np.full(tuple(high - low), np.inf, dtype=np.float32)
    for field, corner in zip(pair, lows, strict=True):
        row, column = corner - low
        rows, columns = field.minutes.shape
        part = minutes[row : row + rows, column : column + columns]
        np.minimum(part, field.minutes, out=part)
    return replace(
        first,
        minutes=minutes,
        south=float(low[0] * cell_km),
        west=float(low[1] * cell_km),
        limit_minutes=min(field.limit_minutes for field in pair),
        step_minutes=max(field.step_minutes for field in pair),
    )


def _corner(field: Field) -> tuple[int, int]:
    """Return the row and column of the first cell on the plane."""
    return round(field.south / field.cell_km), round(field.west / field.cell_km)


def coarsen(field: Field, cell_km: float) -> Field:
    """Return every second, fourth, ... cell of a field, those on the middles of wider cells."""
    step = round(cell_km / field.cell_km)
    if step == 1:
        return field
    row, column = (-corner % step for corner in _corner(field))
    return replace(
        field,
        minutes=field.minutes[row::step, column::step],
        south=field.south + row * field.cell_km,
        west=field.west + column * field.cell_km,
        cell_km=cell_km,
        step_minutes=field.step_minutes * step,
    )


def measure_roundness(area: BaseGeometry) -> float:
    """Measure the overlap (intersection over union) of an area with the circle of its size.

    Parameters
    ----------
    area
        In WGS84.

    Returns
    -------
    float
        Between 0 and 1; 1 for a circle. The circle has the area's size and centroid.
    """
    import shapely

    from netlib.geometry import format_equal_area
    from netlib.roads.fields import make_plane

    centre = area.centroid
    plane = make_plane(format_equal_area(centre.x, centre.y))
    flat: Any = shapely.transform(area, plane.transform, interleaved=False)
    radius = float(np.sqrt(flat.area / np.pi))
    circle = flat.centroid.buffer(radius, quad_segs=CIRCLE_QUADRANT)
    return float(flat.intersection(circle).area / flat.union(circle).area)
