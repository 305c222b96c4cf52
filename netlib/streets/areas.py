"""Areas that streets lead to in time: isochrones that follow the roads.

A place off the road belongs to its nearest street, as a point that is snapped does: it is reached
when the nearest place of that street is, and the walk from there. So an area never leaps over a
river to a bank that only a bridge leads to, and ends half-way between two streets of which one is
reached in time. Nothing farther from all streets than the reach is inside.

Distances are exact, to the lines themselves; only the edge of an area is interpolated between
cells. One field of times serves all cut-offs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.errors import InputError, Notice
from netlib.streets import area_kernels as kernels
from netlib.streets.area_cells import (
    Cells,
    build_frame,
    fill_cells,
    make_cells,
    run_rows,
    trace_area,
)
from netlib.streets.area_lines import (
    Layout,
    Times,
    check_cutoffs,
    check_sizes,
    find_near,
    find_reached,
    find_times,
    lay_out,
    select_entered,
)
from netlib.streets.area_shapes import build_shapes
from netlib.streets.graph import Floats, Ints, Streets
from netlib.streets.snapping import KMH_PER_MS, LIMIT_M, NOT_ENTERED, find_joined
from netlib.streets.speeds import WALK_SPEED_KMH

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["AreaGrid", "build_area_grid", "build_areas", "grid_to_areas"]

# A fifth of a cell is what lines are simplified by; scripts/benchmark_areas.py shows the costs.
CELL_M = 25.0
TOLERANCE_M = 5.0


@dataclass(frozen=True, eq=False)
class AreaGrid:
    """The nearest street of every cell, for any number of journeys.

    Attributes
    ----------
    streets
        The graph.
    layout
        Lines that areas spread from, on the cells.
    cells
        What is nearest to each.
    """

    streets: Streets
    layout: Layout
    cells: Cells


def build_areas(
    streets: Streets,
    seconds: Floats,
    *,
    cutoffs_minutes: Sequence[float],
    edge_seconds: Floats | None = None,
    starts: pd.DataFrame | None = None,
    walk_kmh: float = WALK_SPEED_KMH,
    off_road_m: float = LIMIT_M,
    cell_m: float = CELL_M,
    tolerance_m: float = TOLERANCE_M,
    not_entered: Sequence[str] = NOT_ENTERED,
) -> gpd.GeoDataFrame:
    """Build the areas that are reached within times, with the walk off the road.

    Parameters
    ----------
    streets
        The graph.
    seconds
        float64 (nodes): arrival at every node of ``streets``; infinite where never.
    cutoffs_minutes
        Largest times of the areas.
    edge_seconds
        float64 (edges): seconds over every edge, with which ``seconds`` were found; free flow
        (`netlib.streets.compute_seconds`) when not given.
    starts
        Where journeys begin along streets: ``edge`` and ``fraction`` (as from
        `netlib.streets.snapping.snap_points`) and ``seconds`` (at the street, such as the walk to
        it). With them the street of an origin is reached from there and not only from its ends.
    walk_kmh
        Speed off the road.
    off_road_m
        Farthest from a street that an area reaches.
    cell_m
        Width of the cells; at most half of ``off_road_m``. Gaps and necks narrower than a cell may
        close or break.
    tolerance_m
        Hausdorff distance, at most, of the polygons from their contours with all corners.
    not_entered
        Classes that nobody gets off at: areas do not spread from them.

    Returns
    -------
    GeoDataFrame
        ``cutoff_minutes`` (ascending), ``area_km2`` (of the polygon, on an equal-area map),
        ``geometry`` (valid MultiPolygon in WGS84 with holes and islands, each inside the next;
        empty when nothing is reached).

    Raises
    ------
    ValueError
        If a figure is not positive, or arrays do not fit the streets.
    InputError
        If the streets reached span too many cells, or lie around a pole.
    """
    cutoffs = check_cutoffs(cutoffs_minutes)
    _check_speed(walk_kmh)
    check_sizes(off_road_m=off_road_m, cell_m=cell_m, tolerance_m=tolerance_m)
    edges = select_entered(streets, not_entered)
    times = find_times(streets, edges, seconds, edge_seconds, starts)
    reached = find_reached(times, cutoffs[-1])
    if not reached.any():
        return build_frame(cutoffs, np.zeros(len(cutoffs)), None)
    near = find_near(streets.shapes.take(edges), reached, off_road_m)
    # Doors beside a way that hangs together with nothing are joined to the streets around it.
    near &= reached | find_joined(streets)[edges]
    grid = _build_grid(streets, edges[near], off_road_m=off_road_m, cell_m=cell_m)
    times = find_times(streets, edges[near], seconds, edge_seconds, starts)
    return _build_areas(grid, times, cutoffs, walk_kmh=walk_kmh, tolerance_m=tolerance_m)


def build_area_grid(
    streets: Streets,
    *,
    off_road_m: float = LIMIT_M,
    cell_m: float = CELL_M,
    not_entered: Sequence[str] = NOT_ENTERED,
) -> AreaGrid:
    """Find the nearest street of every cell once, for `grid_to_areas` of many journeys.

    Parameters and errors as `build_areas`.

    Raises
    ------
    InputError
        Also if no street may be entered.
    """
    check_sizes(off_road_m=off_road_m, cell_m=cell_m, tolerance_m=0.0)
    edges = select_entered(streets, not_entered)
    if not len(edges):
        message = f"every street is {' or '.join(not_entered)}; nobody gets off there"
        raise InputError([Notice(streets.source, 0, "no-entry", message)])
    return _build_grid(streets, edges, off_road_m=off_road_m, cell_m=cell_m)


def grid_to_areas(
    grid: AreaGrid,
    seconds: Floats,
    *,
    cutoffs_minutes: Sequence[float],
    edge_seconds: Floats | None = None,
    starts: pd.DataFrame | None = None,
    walk_kmh: float = WALK_SPEED_KMH,
    tolerance_m: float = TOLERANCE_M,
) -> gpd.GeoDataFrame:
    """Build the areas that are reached within times, over streets whose cells are prepared.

    Parameters, result and errors as `build_areas`.
    """
    cutoffs = check_cutoffs(cutoffs_minutes)
    _check_speed(walk_kmh)
    sizes = grid.layout
    check_sizes(off_road_m=sizes.off_road_m, cell_m=sizes.cell_m, tolerance_m=tolerance_m)
    times = find_times(grid.streets, grid.layout.edges, seconds, edge_seconds, starts)
    return _build_areas(grid, times, cutoffs, walk_kmh=walk_kmh, tolerance_m=tolerance_m)


def _check_speed(walk_kmh: float) -> None:
    if not 0 < walk_kmh < np.inf:
        raise ValueError(f"walk_kmh {walk_kmh} must be finite and above 0")


def _build_grid(streets: Streets, edges: Ints, *, off_road_m: float, cell_m: float) -> AreaGrid:
    """Find the nearest of some streets for every cell around them."""
    layout = lay_out(streets, edges, off_road_m=off_road_m, cell_m=cell_m)
    cells = make_cells(layout.shape)
    fill_cells(cells, layout, layout.column, layout.row, layout.offsets)
    return AreaGrid(streets, layout, cells)


def _build_areas(
    grid: AreaGrid, times: Times, cutoffs: Floats, *, walk_kmh: float, tolerance_m: float
) -> gpd.GeoDataFrame:
    """Build the areas of cut-offs in seconds, ascending, from the times of a grid's lines."""
    if not find_reached(times, cutoffs[-1]).any():
        return build_frame(cutoffs, np.zeros(len(cutoffs)), None)
    layout, distance = grid.layout, grid.cells.distance
    metres_per_second = walk_kmh / KMH_PER_MS
    arrival = _compute_arrivals(grid, times, np.float32(layout.cell_m / metres_per_second))
    rings = []
    window = None
    # The largest first: the others lie in its window.
    for rank in range(len(cutoffs) - 1, -1, -1):
        found, window = trace_area(
            layout, distance, arrival, cutoff=cutoffs[rank], metres_per_unit=metres_per_second,
            rank=rank, ranks=len(cutoffs), window=window,
        )  # fmt: skip
        rings.append(found)
    square_metres, shapes = build_shapes(
        rings[::-1], layout.local_map, cell_m=layout.cell_m, tolerance_m=tolerance_m
    )
    return build_frame(cutoffs, square_metres, shapes)


def _compute_arrivals(
    grid: AreaGrid, times: Times, walk_seconds: np.float32
) -> NDArray[np.float32]:
    """Compute the arrival in every cell, in seconds."""
    arrival = grid.cells.distance.copy()
    count = np.bincount(times.start_line, minlength=len(times.at_tail))
    start_offsets = np.concatenate(([0], np.cumsum(count)))
    run_rows(
        lambda first, last: kernels.compute_arrivals(
            grid.cells.line, grid.cells.fraction, walk_seconds,
            times.at_tail, times.at_head, times.forward, times.backward,
            start_offsets, times.start_fraction, times.start_seconds, first, last, arrival,
        ),
        len(arrival),
    )  # fmt: skip
    return arrival
