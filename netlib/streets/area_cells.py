"""Cells of a grid with the street nearest to each, and the areas that they add up to."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netlib.geometry import WGS84
from netlib.streets import area_kernels as kernels
from netlib.streets.area_lines import SECONDS_PER_MINUTE, Layout
from netlib.streets.area_shapes import (
    CLEARANCE_SHARE,
    NO_RINGS,
    SHIFT_SHARE,
    Rings,
    trace_rings,
)
from netlib.streets.graph import Floats, Ints

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

Singles = NDArray[np.float32]
# First row, behind the last row, first column, behind the last column.
Window = tuple[int, int, int, int]

# Cells beyond the reach that its edge is interpolated with: the next, and a little.
BEYOND_CELLS = 1.01
# Bands of rows that every thread takes, so that none waits long for the last.
BANDS_PER_THREAD = 4
SQUARE_METRES_PER_KM2 = 1e6


class Cells(NamedTuple):
    """Nearest lines of cells, each array (rows, columns).

    Attributes
    ----------
    line
        int32: number of the nearest line; -1 where none is near.
    fraction
        float32: share of its length at which the nearest place lies.
    distance
        float32: how far that is, in cells; infinite where nothing is near.
    """

    line: NDArray[np.int32]
    fraction: Singles
    distance: Singles


def make_cells(shape: tuple[int, int]) -> Cells:
    """Make cells that no line is near."""
    line = np.full(shape, -1, dtype=np.int32)
    return Cells(line, np.zeros(shape, np.float32), np.full(shape, kernels.FAR, np.float32))


def fill_cells(cells: Cells, layout: Layout, column: Floats, row: Floats, offsets: Ints) -> None:
    """Give the cells near lines those that are nearer than what they hold.

    Parameters
    ----------
    cells
        Changed.
    layout
        Their reach.
    column, row, offsets
        float64, float64, int64: corners of the lines, in cells, and where those of each begin.
    """
    radius = layout.off_road_m / layout.cell_m + BEYOND_CELLS

    def fill(first: int, last: int) -> None:
        distance = cells.distance[first:last]
        # Squares compare as distances do, and save a root for each comparison.
        np.square(distance, out=distance)
        kernels.find_nearest(column, row, offsets, radius, first, last, *cells)
        np.sqrt(distance, out=distance)

    run_rows(fill, len(cells.line))


def run_rows(work: Callable[[int, int], None], rows: int) -> None:
    """Run ``work(first, last)`` over bands of rows, in threads."""
    threads = os.cpu_count() or 1
    bands = np.linspace(0, rows, threads * BANDS_PER_THREAD + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, bands[:-1], bands[1:]))


def trace_area(
    layout: Layout,
    distance: Singles,
    arrival: Singles,
    *,
    cutoff: float,
    metres_per_unit: float,
    rank: int,
    ranks: int,
    window: Window | None = None,
) -> tuple[Rings, Window]:
    """Trace the area of one cut-off.

    Parameters
    ----------
    layout
        The cells.
    distance
        From the nearest line, in cells.
    arrival, cutoff
        The area is where arrivals are not later.
    metres_per_unit
        How far off the road a unit of arrival leads.
    rank, ranks
        Place of the cut-off among all, the smallest first.
    window
        Cells that the area lies in; all when not given.

    Returns
    -------
    (Rings, Window)
        The area, and the cells that it lies in.
    """
    top, bottom, left, right = window or (0, layout.shape[0], 0, layout.shape[1])
    excess = np.empty((max(0, bottom - top), max(0, right - left)))
    step = SHIFT_SHARE * layout.cell_m
    first_row, last_row, first_column, last_column = kernels.compute_excess(
        arrival, distance, cutoff, metres_per_unit, layout.off_road_m, layout.cell_m,
        CLEARANCE_SHARE * layout.cell_m + step * ranks, step * rank, top, left, excess,
    )  # fmt: skip
    if last_row < first_row:
        return NO_RINGS, (0, 0, 0, 0)
    # One cell more on each side, so that the area ends inside.
    inside = (first_row - 1, last_row + 2, first_column - 1, last_column + 2)
    x = layout.west + layout.cell_m * np.arange(inside[2], inside[3])
    y = layout.south + layout.cell_m * np.arange(inside[0], inside[1])
    part = excess[inside[0] - top : inside[1] - top, inside[2] - left : inside[3] - left]
    return trace_rings(x, y, part), inside


def build_frame(
    cutoffs: Floats, square_metres: Floats, shapes: NDArray[np.object_] | None
) -> gpd.GeoDataFrame:
    """Build the table of areas.

    Parameters
    ----------
    cutoffs
        Seconds, ascending.
    square_metres
        By cut-off.
    shapes
        MultiPolygons in WGS84 by cut-off; None where nothing is reached at all.

    Returns
    -------
    GeoDataFrame
        As `netlib.streets.areas.build_areas` returns it.
    """
    import geopandas as gpd
    import shapely

    geometry: list[BaseGeometry] = (
        [shapely.MultiPolygon()] * len(cutoffs) if shapes is None else list(shapes)
    )
    return gpd.GeoDataFrame(
        {
            "cutoff_minutes": cutoffs / SECONDS_PER_MINUTE,
            "area_km2": square_metres / SQUARE_METRES_PER_KM2,
        },
        geometry=geometry,
        crs=WGS84,
    )
