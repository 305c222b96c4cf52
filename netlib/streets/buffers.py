"""Buffers of the reached streets: the convention that isochrones are often drawn by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from netlib.streets.area_cells import (
    build_frame,
    fill_cells,
    make_cells,
    trace_area,
)
from netlib.streets.area_lines import (
    Layout,
    Times,
    check_cutoffs,
    check_sizes,
    find_reached,
    find_times,
    lay_out,
    select_entered,
)
from netlib.streets.area_shapes import build_shapes
from netlib.streets.areas import CELL_M, TOLERANCE_M
from netlib.streets.graph import Floats, Ints, Streets
from netlib.streets.snapping import LIMIT_M, NOT_ENTERED

if TYPE_CHECKING:
    import geopandas as gpd

# Keeps a stretch that takes no time from dividing by nothing.
LEAST_SECONDS = 1e-9


def build_buffers(
    streets: Streets,
    seconds: Floats,
    *,
    cutoffs_minutes: Sequence[float],
    edge_seconds: Floats | None = None,
    starts: pd.DataFrame | None = None,
    off_road_m: float = LIMIT_M,
    cell_m: float = CELL_M,
    tolerance_m: float = TOLERANCE_M,
    not_entered: Sequence[str] = NOT_ENTERED,
) -> gpd.GeoDataFrame:
    """Build the areas within a distance of the reached streets, the walk not counted.

    The convention of buffered edges: every place within ``off_road_m`` of a reached stretch of
    street is inside, also across water and where another street is nearer. `build_areas` counts
    the walk and takes the nearest street, as journeys do.

    Parameters, result and errors as `build_areas`.
    """
    cutoffs = check_cutoffs(cutoffs_minutes)
    check_sizes(off_road_m=off_road_m, cell_m=cell_m, tolerance_m=tolerance_m)
    edges = select_entered(streets, not_entered)
    times = find_times(streets, edges, seconds, edge_seconds, starts)
    reached = find_reached(times, cutoffs[-1])
    if not reached.any():
        return build_frame(cutoffs, np.zeros(len(cutoffs)), None)
    edges = edges[reached]
    times = find_times(streets, edges, seconds, edge_seconds, starts)
    layout = lay_out(streets, edges, off_road_m=off_road_m, cell_m=cell_m)
    cells = make_cells(layout.shape)
    rings = []
    for rank, cutoff in enumerate(cutoffs):
        # Cells keep their distance from what an earlier cut-off reached.
        before = cutoffs[rank - 1] if rank else -np.inf
        column, row = _cut_parts(layout, times, before, cutoff)
        fill_cells(cells, layout, column, row, 2 * np.arange(len(column) // 2 + 1))
        # Distances stand in for arrivals: beyond the reach is too late.
        found, _ = trace_area(
            layout, cells.distance, cells.distance,
            cutoff=off_road_m / cell_m, metres_per_unit=cell_m, rank=rank, ranks=len(cutoffs),
        )  # fmt: skip
        rings.append(found)
    square_metres, shapes = build_shapes(
        rings, layout.local_map, cell_m=cell_m, tolerance_m=tolerance_m
    )
    return build_frame(cutoffs, square_metres, shapes)


def _cut_parts(layout: Layout, times: Times, before: float, cutoff: float) -> tuple[Floats, Floats]:
    """Cut the parts of lines that are reached by a cut-off and were not before.

    Returns
    -------
    (float64 array, float64 array)
        Columns and rows of the two ends of each straight part, one after the other.
    """
    line, low, high = _find_parts(times, before, cutoff)
    counts = np.diff(layout.offsets) - 1
    first = np.delete(np.arange(len(layout.column)), layout.offsets[1:] - 1)
    step = np.hypot(
        layout.column[first + 1] - layout.column[first], layout.row[first + 1] - layout.row[first]
    )
    owner = np.repeat(np.arange(len(counts)), counts)
    stretch = np.concatenate(([0], np.cumsum(counts)))
    total = np.bincount(owner, step, minlength=len(counts))
    ends = np.cumsum(step)
    begins = ends - step
    # Shares of the line at which each of its stretches begins and ends.
    origin = begins[stretch[:-1]][owner]
    length = np.where(total > 0, total, 1.0)[owner]
    share_low, share_high = (begins - origin) / length, (ends - origin) / length
    share_high[stretch[1:] - 1] = 1.0  # not a rounding error less, where an end alone is reached

    sizes = counts[line]
    part = np.repeat(np.arange(len(line)), sizes)
    offset = np.arange(len(part)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    k = stretch[line[part]] + offset
    from_share = np.maximum(low[part], share_low[k])
    to_share = np.minimum(high[part], share_high[k])
    kept = from_share <= to_share
    k, from_share, to_share = k[kept], from_share[kept], to_share[kept]
    size = share_high[k] - share_low[k]
    size = np.where(size > 0, size, 1.0)
    start = np.clip((from_share - share_low[k]) / size, 0, 1)
    end = np.clip((to_share - share_low[k]) / size, 0, 1)
    corner = first[k]
    cut = []
    for values in (layout.column, layout.row):
        move = values[corner + 1] - values[corner]
        cut.append(np.column_stack((values[corner] + start * move, values[corner] + end * move)))
    return cut[0].ravel(), cut[1].ravel()


def _find_parts(times: Times, before: float, cutoff: float) -> tuple[Ints, Floats, Floats]:
    """Find which shares of lines a cut-off adds: line, from, to."""
    lines = np.arange(len(times.at_tail))
    with np.errstate(invalid="ignore"):
        # Where the ways from both ends meet; nobody needs to go beyond.
        gap = times.at_head + times.backward - times.at_tail
        meet = gap / (times.forward + times.backward)
    meet = np.where(np.isinf(times.at_tail), 0.0, np.nan_to_num(meet, nan=1.0))
    meet = np.clip(np.where(np.isinf(times.at_head + times.backward), 1.0, meet), 0, 1)
    ends = (before, cutoff)
    over = (times.backward, times.forward)
    started = times.start_line
    parts = [
        *_spread(times.at_tail, over, 0.0, (0.0, meet), ends, lines),
        *_spread(times.at_head, over, 1.0, (meet, 1.0), ends, lines),
        *_spread(
            times.start_seconds, (times.backward[started], times.forward[started]),
            times.start_fraction, (0.0, 1.0), ends, started,
        ),
    ]  # fmt: skip
    line, low, high = (np.concatenate(values) for values in zip(*parts, strict=True))
    return line, low, high


def _spread(
    at: Floats,
    over: tuple[Floats, Floats],
    share: Floats | float,
    bounds: tuple[Floats | float, Floats | float],
    cutoffs: tuple[float, float],
    line: Ints,
) -> list[tuple[Ints, Floats, Floats]]:
    """Find what is reached from places on lines by the second cut-off and was not by the first.

    Parameters
    ----------
    at, share, line
        When the places are reached, and where on which line they lie.
    over
        Seconds over the line, back and forward.
    bounds
        Shares of the line that are not passed.
    """
    before, cutoff = cutoffs
    places = np.flatnonzero(at <= cutoff)
    back, forward = (np.maximum(v[places], LEAST_SECONDS) for v in over)
    share, low, high = (np.broadcast_to(v, at.shape)[places] for v in (share, *bounds))
    at, line = at[places], line[places]

    def reach(time: float) -> tuple[Floats, Floats]:
        left = np.maximum(time - at, 0.0)
        return np.maximum(low, share - left / back), np.minimum(high, share + left / forward)

    new_low, new_high = reach(cutoff)
    fresh = at > before
    parts = [(line[fresh], new_low[fresh], new_high[fresh])]
    old_low, old_high = reach(before)
    lower, higher = ~fresh & (new_low < old_low), ~fresh & (new_high > old_high)
    parts.append((line[lower], new_low[lower], old_low[lower]))
    parts.append((line[higher], old_high[higher], new_high[higher]))
    return parts
