"""Compiled inner loop that leaves out corners of rings and keeps them apart.

A kernel changes none of its arguments and releases the lock, so that threads run side by side.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

# Corners that a ring keeps at least.
LEAST_CORNERS = 3


@njit(cache=True, nogil=True)
def simplify_rings(
    x: Any,
    y: Any,
    offsets: Any,
    tolerance: float,
    most_area: float,
    margin: float,
    longest: float,
    bin_m: float,
) -> Any:
    """Choose the corners that rings keep, so that none moves far and none cross or touch.

    Corner by corner, two sides are replaced by one where every corner between its ends lies within
    the tolerance of it, and where the triangle that this cuts off or adds holds no corner of any
    ring. Rings that were apart thus stay apart and keep their order.

    Parameters
    ----------
    x, y
        float64: corners of all rings, each once.
    offsets
        int64: where the corners of each ring begin.
    tolerance
        Farthest that a corner may lie from the side that replaces it: the Hausdorff distance.
    most_area
        Largest area that one new side may add or cut off, so that straight sides do not tilt.
    margin
        Closest that a new side may come to other corners.
    longest
        Length of the longest new side.
    bin_m
        Width of the bins that corners are looked up by.

    Returns
    -------
    bool array
        Whether each corner stays.
    """
    n = len(x)
    kept = np.ones(n, dtype=np.bool_)
    if n == 0:
        return kept
    x0, y0 = x.min(), y.min()
    columns = int((x.max() - x0) / bin_m) + 1
    rows = int((y.max() - y0) / bin_m) + 1
    start = np.zeros(rows * columns + 1, dtype=np.int64)
    place = np.empty(n, dtype=np.int64)
    for i in range(n):
        place[i] = int((y[i] - y0) / bin_m) * columns + int((x[i] - x0) / bin_m)
        start[place[i] + 1] += 1
    for i in range(rows * columns):
        start[i + 1] += start[i]
    member = np.empty(n, dtype=np.int64)
    fill = start[:-1].copy()
    for i in range(n):
        member[fill[place[i]]] = i
        fill[place[i]] += 1

    for ring in range(len(offsets) - 1):
        begin, end = offsets[ring], offsets[ring + 1]
        left = end - begin
        a = begin
        b = begin + 1
        change = 0.0
        # The first corner stays, and closes the ring.
        while b < end and left > LEAST_CORNERS:
            c = b + 1 if b + 1 < end else begin
            ax, ay = x[a], y[a]
            dx, dy = x[c] - ax, y[c] - ay
            square = dx * dx + dy * dy
            triangle = ((x[b] - ax) * dy - (y[b] - ay) * dx) / 2.0
            removed = 0.0 < square <= longest * longest and abs(change + triangle) <= most_area
            i = a + 1
            while removed and i <= b:
                share = ((x[i] - ax) * dx + (y[i] - ay) * dy) / square
                share = min(1.0, max(0.0, share))
                gap_x, gap_y = x[i] - ax - share * dx, y[i] - ay - share * dy
                removed = gap_x * gap_x + gap_y * gap_y <= tolerance * tolerance
                i += 1
            if removed:
                removed = _is_clear(
                    x, y, kept, a, b, c, margin, start, member, x0, y0, bin_m, columns, rows
                )
            if removed:
                kept[b] = False
                left -= 1
                change += triangle
            else:
                a = b
                change = 0.0
            b += 1
    return kept


@njit(cache=True, nogil=True)
def _is_clear(
    x: Any,
    y: Any,
    kept: Any,
    a: int,
    b: int,
    c: int,
    margin: float,
    start: Any,
    member: Any,
    x0: float,
    y0: float,
    bin_m: float,
    columns: int,
    rows: int,
) -> bool:
    """Return whether no other corner lies in the triangle abc or within the margin of side ac."""
    ax, ay, bx, by = x[a], y[a], x[b] - x[a], y[b] - y[a]
    dx, dy = x[c] - ax, y[c] - ay
    square = dx * dx + dy * dy
    side = 1.0 if bx * dy - by * dx >= 0.0 else -1.0
    low_x, high_x = min(0.0, bx, dx) - margin, max(0.0, bx, dx) + margin
    low_y, high_y = min(0.0, by, dy) - margin, max(0.0, by, dy) + margin
    first_column = max(0, int((low_x + ax - x0) / bin_m))
    last_column = min(columns - 1, int((high_x + ax - x0) / bin_m))
    first_row = max(0, int((low_y + ay - y0) / bin_m))
    last_row = min(rows - 1, int((high_y + ay - y0) / bin_m))
    for r in range(first_row, last_row + 1):
        for k in range(start[r * columns + first_column], start[r * columns + last_column + 1]):
            i = member[k]
            if not kept[i] or i in (a, b, c):
                continue
            px, py = x[i] - ax, y[i] - ay
            if px < low_x or px > high_x or py < low_y or py > high_y:
                continue
            share = min(1.0, max(0.0, (px * dx + py * dy) / square))
            gap_x, gap_y = px - share * dx, py - share * dy
            if gap_x * gap_x + gap_y * gap_y <= margin * margin:
                return False
            if (
                side * (bx * py - by * px) >= 0.0
                and side * ((dx - bx) * (py - by) - (dy - by) * (px - bx)) >= 0.0
                and side * (px * dy - py * dx) >= 0.0
            ):
                return False
    return True
