"""Streets as lines on a grid of cells, with the times at their ends: what areas are built from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from netlib.errors import InputError, Notice
from netlib.streets import area_kernels as kernels
from netlib.streets import compute_seconds
from netlib.streets.area_shapes import STEEPEST_LATITUDE, LocalMap, check_poles, choose_map
from netlib.streets.graph import Flags, Floats, Ints, Shapes, Streets

# About 3 GB at work.
MOST_CELLS = 150_000_000
SECONDS_PER_MINUTE = 60.0
# Of latitude, at least (110,574 m at the equator of WGS84); longitude takes the cosine besides.
METRES_PER_DEGREE = 110_000.0


class Layout(NamedTuple):
    """Lines of streets on the cells of a map.

    Attributes
    ----------
    edges
        int64: their positions among the edges.
    column, row
        float64: corners of the lines, in cells.
    offsets
        int64: where the corners of each line begin.
    shape
        Rows and columns of the grid.
    west, south, cell_m
        Place of the first cell's middle on the map, and width of the cells, in metres.
    off_road_m
        Farthest from a street that areas reach.
    local_map
        The map.
    """

    edges: Ints
    column: Floats
    row: Floats
    offsets: Ints
    shape: tuple[int, int]
    west: float
    south: float
    cell_m: float
    off_road_m: float
    local_map: LocalMap


class Times(NamedTuple):
    """When lines are reached, and how long they take.

    Attributes
    ----------
    at_tail, at_head
        float64 (lines): arrival at the ends, infinite where never.
    forward, backward
        float64 (lines): seconds over them, infinite against a one-way street.
    start_line, start_fraction, start_seconds
        int64, float64, float64: journeys that begin along lines, in the order of the lines; at
        which share of it, and when.
    """

    at_tail: Floats
    at_head: Floats
    forward: Floats
    backward: Floats
    start_line: Ints
    start_fraction: Floats
    start_seconds: Floats


def check_cutoffs(cutoffs_minutes: Sequence[float]) -> Floats:
    """Return the cut-offs in seconds, ascending, each once.

    Raises
    ------
    ValueError
        If there are none, or one is not positive or not finite.
    """
    cutoffs = np.unique(np.asarray(cutoffs_minutes, dtype=float))
    if not len(cutoffs) or not (cutoffs > 0).all() or not np.isfinite(cutoffs).all():
        raise ValueError(f"cutoffs_minutes {cutoffs_minutes} must be finite and above 0")
    return cutoffs * SECONDS_PER_MINUTE


def check_sizes(*, off_road_m: float, cell_m: float, tolerance_m: float) -> None:
    """Check that cells resolve the reach.

    Raises
    ------
    ValueError
        If they do not, or a size is not positive.
    """
    if not 0 < 2 * cell_m <= off_road_m < np.inf:
        raise ValueError(f"cell_m {cell_m} must lie above 0 and up to half of {off_road_m} m")
    if not tolerance_m >= 0:
        raise ValueError(f"tolerance_m {tolerance_m} must not be negative")


def select_entered(streets: Streets, not_entered: Sequence[str]) -> Ints:
    """Return the edges that areas spread from, one direction of each street."""
    reverse = streets.edges["reverse"].to_numpy()
    wanted = (reverse < 0) | (reverse > np.arange(len(reverse)))
    wanted &= ~streets.edges["class"].isin(not_entered).to_numpy()
    return np.flatnonzero(wanted)


def find_times(
    streets: Streets,
    edges: Ints,
    seconds: Floats,
    edge_seconds: Floats | None,
    starts: pd.DataFrame | None,
) -> Times:
    """Find the times at and over lines, in the direction of each.

    Parameters
    ----------
    streets
        The graph.
    edges
        The lines, one direction of each street.
    seconds, edge_seconds, starts
        As `netlib.streets.areas.build_areas`.

    Raises
    ------
    ValueError
        If arrays do not fit the streets, or times are negative or missing.
    """
    seconds = np.asarray(seconds, dtype=float)
    over = compute_seconds(streets) if edge_seconds is None else np.asarray(edge_seconds, float)
    for values, count, name in (
        (seconds, len(streets.nodes), "nodes"),
        (over, len(streets.edges), "edges"),
    ):
        if values.shape != (count,) or not (values >= 0).all():
            raise ValueError(f"{count} {name} need as many seconds, none negative or missing")
    reverse = streets.edges["reverse"].to_numpy()[edges]
    return Times(
        seconds[streets.edges["tail"].to_numpy()[edges]],
        seconds[streets.edges["head"].to_numpy()[edges]],
        over[edges],
        np.where(reverse >= 0, over[reverse], np.inf),
        *_find_starts(streets, edges, starts),
    )


def _find_starts(
    streets: Streets, edges: Ints, starts: pd.DataFrame | None
) -> tuple[Ints, Floats, Floats]:
    """Return line, share of its length and seconds of the starts on these lines, by line."""
    if starts is None:
        return np.empty(0, np.int64), np.empty(0), np.empty(0)
    edge = starts["edge"].to_numpy()
    if len(edge) and not -1 <= edge.min() <= edge.max() < len(streets.edges):
        raise ValueError(f"starts name edges {edge.min()} to {edge.max()} of {len(streets.edges)}")
    fraction = starts["fraction"].to_numpy(dtype=float)
    begun = starts["seconds"].to_numpy(dtype=float)
    joined = np.flatnonzero(edge >= 0)
    edge, fraction, begun = edge[joined], fraction[joined], begun[joined]
    if not ((fraction >= 0) & (fraction <= 1) & (begun >= 0)).all():
        raise ValueError("starts need fractions from 0 to 1, and seconds, none negative")
    line = np.full(len(streets.edges), -1, dtype=np.int64)
    line[edges] = np.arange(len(edges))
    # A start may name the other direction of a street.
    other = streets.edges["reverse"].to_numpy()[edge]
    turned = (line[edge] < 0) & (other >= 0)
    found = line[np.where(turned, other, edge)]
    fraction = np.where(turned, 1 - fraction, fraction)
    order = np.argsort(found, kind="stable")
    order = order[found[order] >= 0]
    return found[order], fraction[order], begun[order]


def find_reached(times: Times, cutoff: float) -> Flags:
    """Find the lines of which at least a point is reached by a cut-off in seconds."""
    reached: Flags = np.minimum(times.at_tail, times.at_head) <= cutoff
    reached[times.start_line[times.start_seconds <= cutoff]] = True
    return reached


def find_near(shapes: Shapes, reached: Flags, off_road_m: float) -> Flags:
    """Find the lines that can be the nearest to a place in reach of one that is reached."""
    x = (shapes.x - shapes.x[shapes.offsets[:-1]][np.argmax(reached)] + 180) % 360
    x_low, x_high, y_low, y_high = kernels.measure_boxes(x, shapes.y, shapes.offsets)
    # The places lie within the reach of the reached, and theirs within the reach of the places.
    up = 2 * off_road_m / METRES_PER_DEGREE
    south, north = y_low[reached].min() - up, y_high[reached].max() + up
    across = up / np.cos(np.radians(min(STEEPEST_LATITUDE, max(abs(south), abs(north)))))
    west, east = x_low[reached].min() - across, x_high[reached].max() + across
    near: Flags = (y_low <= north) & (y_high >= south) & (x_low <= east) & (x_high >= west)
    return near


def lay_out(streets: Streets, edges: Ints, *, off_road_m: float, cell_m: float) -> Layout:
    """Lay lines on a grid of cells that leaves room for the reach around them.

    Parameters
    ----------
    streets, edges
        As in `find_times`.
    off_road_m, cell_m
        The reach, and the width of a cell.

    Raises
    ------
    InputError
        If they span too many cells, or lie around a pole.
    """
    room = off_road_m + 3 * cell_m
    shapes = streets.shapes.take(edges)
    local_map = choose_map(shapes.x, shapes.y, room_m=room)
    east, north = local_map.project(shapes.x, shapes.y)
    west, south = (cell_m * np.floor((v.min() - room) / cell_m) for v in (east, north))
    columns = np.ceil((east.max() + room - west) / cell_m)
    rows = np.ceil((north.max() + room - south) / cell_m)
    if not rows * columns <= MOST_CELLS:
        least = cell_m * np.sqrt(rows * columns / MOST_CELLS)
        message = f"{rows * columns:.3g} cells are too many; take cell_m of {least:.0f} or more"
        raise InputError([Notice(streets.source, 0, "too-many-cells", message)])
    check_poles(local_map, west, south, west + columns * cell_m, south + rows * cell_m)
    return Layout(
        edges=edges,
        column=(east - west) / cell_m,
        row=(north - south) / cell_m,
        offsets=shapes.offsets,
        shape=(int(rows), int(columns)),
        west=float(west),
        south=float(south),
        cell_m=cell_m,
        off_road_m=off_road_m,
        local_map=local_map,
    )
