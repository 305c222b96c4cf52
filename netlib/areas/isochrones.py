"""Isochrones of a field: its contours, traced once, so that each lies inside the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from netlib.geometry import take_polygons
from netlib.roads.fields import METRES_PER_KM, WGS84, Field, make_plane

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

# Minutes of cells that nothing reaches: finite, so that contours can be traced beside them.
UNREACHED = 10_000.0


def field_to_isochrones(
    field: Field, cutoffs: Sequence[float], *, clip: BaseGeometry | None = None
) -> gpd.GeoDataFrame:
    """Draw the isochrones of a field.

    Parameters
    ----------
    field
        The minutes.
    cutoffs
        Minutes, none above the field's ``limit_minutes``.
    clip
        Area in WGS84 outside which they are cut off.

    Returns
    -------
    GeoDataFrame
        ``cutoff_minutes`` (ascending), ``area_km2``, ``geometry`` (valid MultiPolygon in WGS84
        with holes and islands; empty when nothing is reached).

    Raises
    ------
    ValueError
        If a cut-off is not positive or exceeds the limit of the field.
    """
    import geopandas as gpd
    from shapely import transform

    ordered = sorted({float(cutoff) for cutoff in cutoffs})
    for cutoff in ordered:
        if not 0 < cutoff <= field.limit_minutes:
            raise ValueError(
                f"cutoff {cutoff:g} must lie above 0 and up to {field.limit_minutes:g}"
            )
    plane = make_plane(field.crs)
    limits = clip and transform(clip, plane.transform, interleaved=False)
    shapes = [trace_area(field, cutoff, limits) for cutoff in ordered]

    def to_degrees(x: Any, y: Any) -> Any:
        return plane.transform(x, y, direction="INVERSE")

    return gpd.GeoDataFrame(
        {
            "cutoff_minutes": ordered,
            "area_km2": [shape.area / METRES_PER_KM**2 for shape in shapes],
        },
        geometry=[take_polygons(transform(s, to_degrees, interleaved=False)) for s in shapes],
        crs=WGS84,
    )


def trace_area(field: Field, cutoff: float, clip: BaseGeometry | None = None) -> BaseGeometry:
    """Trace the area within ``cutoff`` on the field's plane, in metres.

    Where the field jumps, as at the end of the longest walk, a linear interpolation would put the
    contour beside the last cell inside. Differences beyond ``step_minutes`` are therefore squeezed,
    which puts it half-way between the cells and leaves the continuous parts alone. The squeezed
    field still falls strictly with the cut-off, and cells are cut into triangles, on which
    interpolation has no ambiguous saddles: so isochrones of one field are nested.
    """
    import shapely
    from contourpy import FillType, contour_generator

    step = field.step_minutes
    minutes, x, y = crop_field(field, cutoff)
    excess = np.where(np.isfinite(minutes), minutes, UNREACHED).astype(np.float64) - cutoff
    excess[excess == 0] = -1e-9 * step  # a contour through a grid point could touch itself
    size = np.abs(excess)
    far = size > step
    excess[far] = np.sign(excess[far]) * (2 * step - step**2 / size[far])
    tracer = contour_generator(
        x, y, excess, name="serial", fill_type=FillType.OuterOffset, quad_as_tri=True
    )
    traced = cast("tuple[list[Any], list[Any]]", tracer.filled(-3 * step, 0.0))
    polygons = []
    for ring_points, ring_offsets in zip(*traced, strict=True):
        rings = np.split(ring_points, ring_offsets[1:-1])
        polygons.append(shapely.Polygon(rings[0], holes=rings[1:]))
    shape: BaseGeometry = shapely.MultiPolygon(polygons)
    if clip is not None:
        shape = shapely.intersection(shape, clip)
    return take_polygons(shape)


def crop_field(
    field: Field, cutoff: float
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Cut a field down to what is reached and a cell around it; coordinates in metres."""
    inside = field.minutes <= cutoff
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        rows, columns = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    part = (
        slice(max(int(rows[0]) - 1, 0), int(rows[-1]) + 2),
        slice(max(int(columns[0]) - 1, 0), int(columns[-1]) + 2),
    )
    x, y = field.x[part[1]] * METRES_PER_KM, field.y[part[0]] * METRES_PER_KM
    return field.minutes[part], x, y
