"""Compiled inner loops of street areas: the nearest street of every cell, and its arrival.

Cells lie on a grid of rows and columns, their middles at whole numbers; all coordinates and
distances are in cells. A kernel changes only the arrays that its docstring says it changes, and
releases the lock, so that threads run side by side.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

# Distance of a cell that no street is near.
FAR = np.float32(np.inf)
# Cells by which a stretch rises, below which it counts as level.
LEVEL = 1e-9


@njit(cache=True, nogil=True)
def measure_boxes(x: Any, y: Any, offsets: Any) -> Any:
    """Measure how far lines extend.

    Parameters
    ----------
    x, y
        float64: corners of the lines.
    offsets
        int64: where the corners of each line begin.

    Returns
    -------
    float64 (4, lines)
        Least and largest x, least and largest y.
    """
    boxes = np.empty((4, len(offsets) - 1))
    for k in range(len(offsets) - 1):
        west = east = x[offsets[k]]
        south = north = y[offsets[k]]
        for i in range(offsets[k] + 1, offsets[k + 1]):
            west, east = min(west, x[i]), max(east, x[i])
            south, north = min(south, y[i]), max(north, y[i])
        boxes[0, k], boxes[1, k], boxes[2, k], boxes[3, k] = west, east, south, north
    return boxes


@njit(cache=True, nogil=True)
def find_nearest(
    column: Any,
    row: Any,
    offsets: Any,
    radius: float,
    first_row: int,
    last_row: int,
    line: Any,
    fraction: Any,
    square: Any,
) -> None:
    """Find the nearest place on the nearest line of the cells of some rows.

    Distances are exact: to the line itself, not to cells that it crosses. Each stretch of a line
    visits the cells within the radius, row by row.

    Parameters
    ----------
    column, row
        float64: corners of the lines.
    offsets
        int64: where the corners of each line begin.
    radius
        Cells farther than this from all lines stay as they are.
    first_row, last_row
        Rows to work on, the last not included.
    line, fraction, square
        int32, float32, float32 (rows, columns), changed: number of the nearest line, the share of
        its length at which the nearest place lies, and the square of how far that is. They come
        filled with -1, any, and `FAR`, or with what lines before have left.
    """
    columns = line.shape[1]
    for k in range(len(offsets) - 1):
        begin, end = offsets[k], offsets[k + 1]
        lowest, highest = row[begin], row[begin]
        for i in range(begin + 1, end):
            lowest, highest = min(lowest, row[i]), max(highest, row[i])
        if highest + radius < first_row or lowest - radius > last_row - 1:
            continue
        total = 0.0
        for i in range(begin + 1, end):
            total += np.hypot(column[i] - column[i - 1], row[i] - row[i - 1])
        along = 0.0
        for corner in range(begin + 1, end):
            ax, ay = column[corner - 1], row[corner - 1]
            dx, dy = column[corner] - ax, row[corner] - ay
            length = np.sqrt(dx * dx + dy * dy)
            share_before = along / total if total > 0.0 else 0.0
            along += length
            # Exactly 1 at the end, which the time of the node there hangs on.
            share_after = along / total if total > 0.0 and corner < end - 1 else 1.0
            scale = 1.0 / (length * length) if length > 0.0 else 0.0
            low_y, high_y = min(ay, ay + dy), max(ay, ay + dy)
            top = min(last_row - 1, int(np.floor(high_y + radius)))
            for r in range(max(first_row, int(np.ceil(low_y - radius))), top + 1):
                # The part of the stretch that comes within the radius of this row, and how far
                # from it the radius still leads along the row.
                if abs(dy) > LEVEL:
                    u = (r - radius - ay) / dy
                    v = (r + radius - ay) / dy
                    low, high = max(0.0, min(u, v)), min(1.0, max(u, v))
                else:
                    low, high = 0.0, 1.0
                above = max(0.0, low_y - r, r - high_y)
                half = np.sqrt(max(0.0, radius * radius - above * above))
                u, v = ax + low * dx, ax + high * dx
                left = max(0, int(np.ceil(min(u, v) - half)))
                right = min(columns - 1, int(np.floor(max(u, v) + half)))
                first = ((left - ax) * dx + (r - ay) * dy) * scale
                step = dx * scale
                off_x, off_y = ax - left, ay - r
                for i in range(right - left + 1):
                    share = min(1.0, max(0.0, first + i * step))
                    gap_x = off_x + share * dx - i
                    gap_y = off_y + share * dy
                    gap = np.float32(gap_x * gap_x + gap_y * gap_y)
                    c = left + i
                    if gap < square[r, c]:
                        square[r, c] = gap
                        line[r, c] = k
                        fraction[r, c] = share_before + share * (share_after - share_before)


@njit(cache=True, nogil=True)
def compute_arrivals(
    line: Any,
    fraction: Any,
    walk_seconds: Any,
    at_tail: Any,
    at_head: Any,
    forward: Any,
    backward: Any,
    start_offsets: Any,
    start_fraction: Any,
    start_seconds: Any,
    first_row: int,
    last_row: int,
    arrival: Any,
) -> None:
    """Compute when the cells of some rows are reached over the nearest place of their line.

    Parameters
    ----------
    line, fraction
        As from `find_nearest`.
    walk_seconds
        float32: over one cell.
    at_tail, at_head
        float64: arrival at the two ends of each line; infinite where never.
    forward, backward
        float64: seconds over each line; infinite against a one-way street.
    start_offsets, start_fraction, start_seconds
        Journeys that begin along a line: where those of each line begin (int64), at which share of
        it, and when.
    first_row, last_row
        Rows to work on, the last not included.
    arrival
        float32 (rows, columns), changed: holds the distance to the line in cells before and the
        arrival in seconds afterwards, infinite where never.
    """
    for r in range(first_row, last_row):
        for c in range(line.shape[1]):
            k = line[r, c]
            if k < 0:
                arrival[r, c] = np.inf
                continue
            share = np.float64(fraction[r, c])
            best = min(at_tail[k] + share * forward[k], at_head[k] + (1.0 - share) * backward[k])
            # Infinity times nothing is no number, and the end of a line is the node itself.
            if share <= 0.0:
                best = at_tail[k]
            elif share >= 1.0:
                best = at_head[k]
            for i in range(start_offsets[k], start_offsets[k + 1]):
                step = share - start_fraction[i]
                speed = forward[k] if step > 0.0 else backward[k]
                ride = abs(step) * speed if step != 0.0 else 0.0
                best = min(best, start_seconds[i] + ride)
            arrival[r, c] = best + walk_seconds * arrival[r, c]


@njit(cache=True, nogil=True)
def compute_excess(
    arrival: Any,
    distance: Any,
    cutoff: float,
    metres_per_unit: float,
    reach: float,
    cell_m: float,
    clearance: float,
    shift: float,
    first_row: int,
    first_column: int,
    excess: Any,
) -> Any:
    """Compute by how many metres the cells of a window lie outside an area.

    The larger counts of the walk that no time is left for, and of the distance from the street
    beyond the reach. Beyond one and a half cells only the side counts.

    Parameters
    ----------
    arrival
        float32 (rows, columns).
    distance
        float32 (rows, columns): from the nearest street, in cells.
    cutoff, metres_per_unit
        The latest arrival, and how far a unit of arrival leads off the road.
    reach, cell_m
        Metres from the street that are walked at most, and the width of a cell.
    clearance
        No cell is closer than this to the edge: an edge through a cell's middle could touch itself.
    shift
        Subtracted from all, so that larger areas keep clear of smaller ones.
    first_row, first_column
        Where the window begins.
    excess
        float64 (rows of the window, columns of the window), changed: negative inside.

    Returns
    -------
    (int, int, int, int)
        First and last row, first and last column inside, on the grid; last before first where there
        are none.
    """
    rows, columns = excess.shape
    most = 1.5 * cell_m
    top, bottom, left, right = rows, -1, columns, -1
    for r in range(rows):
        for c in range(columns):
            here = first_row + r, first_column + c
            late = (np.float64(arrival[here]) - cutoff) * metres_per_unit
            off = np.float64(distance[here]) * cell_m - reach
            over = max(late, off)
            if over > 0.0:
                excess[r, c] = max(min(over, most), clearance) - shift
                continue
            excess[r, c] = min(max(over, -most), -clearance) - shift
            top, bottom = min(top, r), max(bottom, r)
            left, right = min(left, c), max(right, c)
    return first_row + top, first_row + bottom, first_column + left, first_column + right
