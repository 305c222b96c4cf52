"""Compiled inner loops that repair a customised contraction hierarchy after a few roads changed.

As in `netlib.roads.kernels`, what is called from elsewhere has a plain twin in
``tests/road_references.py``; nodes and arcs are as in `netlib.roads.hierarchy_kernels`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from netlib.roads.hierarchy_kernels import find_arc
from netlib.roads.kernels import NEVER

# Arcs that the heap holds at first; it grows where more wait.
HEAP_ROOM = 1024


@njit(cache=True, nogil=True)
def _measure_arc(
    arc: int,
    low: int,
    high: int,
    up_start: Any,
    up_head: Any,
    down_start: Any,
    down_tail: Any,
    down_arc: Any,
    feed_start: Any,
    feed_road: Any,
    feed_up: Any,
    ticks: Any,
    up: Any,
    down: Any,
) -> Any:
    """Compute both directions of one arc from its roads and all its lower triangles."""
    rise = NEVER
    fall = NEVER
    for k in range(feed_start[arc], feed_start[arc + 1]):
        if feed_up[k]:
            rise = min(rise, ticks[feed_road[k]])
        else:
            fall = min(fall, ticks[feed_road[k]])
    # Third corners are neighbours of both ends: those of the end that has fewer are tried.
    known, sought = low, high
    if down_start[high + 1] - down_start[high] < down_start[low + 1] - down_start[low]:
        known, sought = high, low
    for k in range(down_start[known], down_start[known + 1]):
        to_low = down_arc[k]
        to_high = find_arc(up_start, up_head, down_tail[k], sought)
        if up_head[to_high] != sought:
            continue
        if known == high:
            to_low, to_high = np.int32(to_high), to_low
        rise = min(rise, np.int32(down[to_low] + up[to_high]))
        fall = min(fall, np.int32(down[to_high] + up[to_low]))
    return rise, fall


@njit(cache=True, nogil=True)
def _push(heap: Any, count: int, item: Any) -> Any:
    """Add to a binary heap, smallest first; return the new count."""
    i = count
    while i > 0 and heap[(i - 1) >> 1] > item:
        heap[i] = heap[(i - 1) >> 1]
        i = (i - 1) >> 1
    heap[i] = item
    return count + 1


@njit(cache=True, nogil=True)
def _pop(heap: Any, count: int) -> Any:
    """Take away the smallest item, which stands at ``heap[0]``; return the new count."""
    item = heap[count - 1]
    i = 0
    while 2 * i + 1 < count - 1:
        lower = 2 * i + 1
        if lower + 1 < count - 1 and heap[lower + 1] < heap[lower]:
            lower += 1
        if heap[lower] >= item:
            break
        heap[i] = heap[lower]
        i = lower
    heap[i] = item
    return count - 1


@njit(cache=True, nogil=True)
def recustomise(
    up_start: Any,
    up_head: Any,
    down_start: Any,
    down_tail: Any,
    down_arc: Any,
    feed_start: Any,
    feed_road: Any,
    feed_up: Any,
    ticks: Any,
    changed: Any,
    budget: int,
    up: Any,
    down: Any,
) -> Any:
    """Repair the arcs that changed roads have a part in, lowest first.

    An arc is measured anew when one of its roads changed, or when a side of one of its lower
    triangles did and the way over it was, or now is, as short as the arc.

    Parameters
    ----------
    up_start, up_head, down_start, down_tail, down_arc
        As `netlib.roads.hierarchy_kernels.fill_in` returns them.
    feed_start, feed_road, feed_up
        Roads of every arc as rows of a sparse matrix, and whether each leads upward.
    ticks
        int32 (roads).
    changed
        int32: arcs whose roads changed.
    budget
        How many arcs to look at before giving up.
    up, down
        Changed. int32 (arcs): as `customise` leaves them for the ticks of before, then for those of
        now.

    Returns
    -------
    bool
        Whether all is repaired; if not, the arcs are of no use.
    """
    heap = np.empty(max(HEAP_ROOM, len(changed)), dtype=np.int32)
    waiting = np.zeros(len(up), dtype=np.bool_)
    count = 0
    for arc in changed:
        if not waiting[arc]:
            waiting[arc] = True
            count = _push(heap, count, arc)
    while count > 0:
        arc = heap[0]
        count = _pop(heap, count)
        waiting[arc] = False
        low = np.searchsorted(up_start, arc, side="right") - 1
        high = up_head[arc]
        budget -= up_start[low + 1] - up_start[low] + down_start[low + 1] - down_start[low]
        if budget < 0:
            return False
        old_up = up[arc]
        old_down = down[arc]
        up[arc], down[arc] = _measure_arc(
            arc, low, high, up_start, up_head, down_start, down_tail, down_arc,
            feed_start, feed_road, feed_up, ticks, up, down,
        )  # fmt: skip
        if up[arc] == old_up and down[arc] == old_down:
            continue
        if count + up_start[low + 1] - up_start[low] > len(heap):
            larger = np.empty(2 * len(heap) + up_start[low + 1] - up_start[low], dtype=np.int32)
            larger[:count] = heap[:count]
            heap = larger
        for side in range(up_start[low], up_start[low + 1]):
            if side == arc:
                continue
            if up_head[side] > high:
                third = find_arc(up_start, up_head, high, up_head[side])
                old_rise = old_down + up[side]
                old_fall = down[side] + old_up
                rise = down[arc] + up[side]
                fall = down[side] + up[arc]
            else:
                third = find_arc(up_start, up_head, up_head[side], high)
                old_rise = down[side] + old_up
                old_fall = old_down + up[side]
                rise = down[side] + up[arc]
                fall = down[arc] + up[side]
            touched = (
                rise < up[third]
                or fall < down[third]
                or (old_rise == up[third] and rise > old_rise)
                or (old_fall == down[third] and fall > old_fall)
            )
            if touched and not waiting[third]:
                waiting[third] = True
                count = _push(heap, count, third)
    return True
