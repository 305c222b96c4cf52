"""Compiled inner loops that build and customise a contraction hierarchy.

As in `netlib.roads.kernels`, each has a plain twin in ``tests/road_references.py``. A node is known
by its rank in the order of contraction; an arc joins a lower rank to a higher one, and has ticks
for either direction.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from netlib.roads.kernels import NEVER, NOTHING

# From how many neighbours on it pays to ask whether they lie in a row.
RUN = 16


@njit(cache=True, nogil=True)
def fill_in(start: Any, head: Any) -> Any:
    """Compute the arcs of a contraction hierarchy, whatever the lengths of its roads.

    Contracting a node joins all its higher neighbours; it is enough to hand them to the lowest of
    them. That neighbour is the node's parent in the elimination tree (Dibbelt, Strasser & Wagner,
    2016, Customizable Contraction Hierarchies, ACM Journal of Experimental Algorithmics 21).

    Parameters
    ----------
    start, head
        int32 arcs from every rank to higher ranks, as rows of a sparse matrix.

    Returns
    -------
    up_start, up_head, down_start, down_tail, down_arc
        int32: upward arcs by lower end, heads growing; and the same arcs by higher end, lower ends
        growing, with the number that each has in ``up_head``.
    """
    size = len(start) - 1
    child = np.full(size, NOTHING, dtype=np.int32)
    sibling = np.full(size, NOTHING, dtype=np.int32)
    seen = np.full(size, NOTHING, dtype=np.int32)
    up_start = np.zeros(size + 1, dtype=np.int32)
    heads = np.empty(2 * len(head) + 1, dtype=np.int32)
    used = 0
    for rank in range(size):
        need = start[rank + 1] - start[rank]
        other = child[rank]
        while other >= 0:
            need += up_start[other + 1] - up_start[other]
            other = sibling[other]
        if used + need > len(heads):
            larger = np.empty(2 * len(heads) + need, dtype=np.int32)
            larger[:used] = heads[:used]
            heads = larger
        seen[rank] = rank
        for arc in range(start[rank], start[rank + 1]):
            if seen[head[arc]] != rank:
                seen[head[arc]] = rank
                heads[used] = head[arc]
                used += 1
        other = child[rank]
        while other >= 0:
            for arc in range(up_start[other], up_start[other + 1]):
                if seen[heads[arc]] != rank:
                    seen[heads[arc]] = rank
                    heads[used] = heads[arc]
                    used += 1
            other = sibling[other]
        up_start[rank + 1] = used
        if used > up_start[rank]:
            parent = heads[up_start[rank] : used].min()
            sibling[rank] = child[parent]
            child[parent] = rank
    # Transposed twice, the arcs are sorted by both ends.
    down_start = np.zeros(size + 1, dtype=np.int32)
    for arc in range(used):
        down_start[heads[arc] + 1] += 1
    for rank in range(size):
        down_start[rank + 1] += down_start[rank]
    position = down_start[:-1].copy()
    down_tail = np.empty(used, dtype=np.int32)
    for rank in range(size):
        for arc in range(up_start[rank], up_start[rank + 1]):
            down_tail[position[heads[arc]]] = rank
            position[heads[arc]] += 1
    position[:] = up_start[:-1]
    down_arc = np.empty(used, dtype=np.int32)
    up_head = np.empty(used, dtype=np.int32)
    for rank in range(size):
        for k in range(down_start[rank], down_start[rank + 1]):
            arc = position[down_tail[k]]
            up_head[arc] = rank
            down_arc[k] = arc
            position[down_tail[k]] += 1
    return up_start, up_head, down_start, down_tail, down_arc


@njit(cache=True, nogil=True)
def find_arc(up_start: Any, up_head: Any, low: int, high: int) -> Any:
    """Find the arc between two ranks by halving; some other arc if there is none."""
    begin = np.int64(up_start[low])
    end = np.int64(up_start[low + 1])
    while end - begin > 1:
        middle = (begin + end) >> 1
        if up_head[middle] <= high:
            begin = middle
        else:
            end = middle
    return begin


@njit(cache=True, nogil=True)
def find_arcs(up_start: Any, up_head: Any, low: Any, high: Any) -> Any:
    """Find the arcs between pairs of ranks; -1 for a pair of equals."""
    result = np.full(len(low), NOTHING, dtype=np.int32)
    for i in range(len(low)):
        if low[i] != high[i]:
            result[i] = find_arc(up_start, up_head, low[i], high[i])
    return result


@njit(cache=True, nogil=True)
def feed_arcs(
    feed_start: Any, feed_road: Any, feed_up: Any, ticks: Any, up: Any, down: Any
) -> None:
    """Give every arc the ticks of its own roads.

    Parameters
    ----------
    feed_start, feed_road, feed_up
        Roads of every arc as rows of a sparse matrix, and whether each leads upward.
    ticks
        int32 (roads).
    up, down
        Changed. int32 (arcs): the shortest road from the lower to the higher end, and back.
    """
    for arc in range(len(feed_start) - 1):
        up[arc] = NEVER
        down[arc] = NEVER
        for k in range(feed_start[arc], feed_start[arc + 1]):
            if feed_up[k]:
                up[arc] = min(up[arc], ticks[feed_road[k]])
            else:
                down[arc] = min(down[arc], ticks[feed_road[k]])


@njit(cache=True, nogil=True)
def customise(
    up_start: Any, up_head: Any, down_start: Any, down_tail: Any, down_arc: Any, up: Any, down: Any
) -> None:
    """Shorten every arc by its lower triangles, in the order of ranks.

    Parameters
    ----------
    up_start, up_head, down_start, down_tail, down_arc
        As `fill_in` returns them.
    up, down
        Changed. int32 (arcs): ticks from the lower to the higher end, and back; those of the roads
        themselves before, those of the shortest ways over lower ranks after.
    """
    at = np.zeros(len(up_start) - 1, dtype=np.uint32)
    for rank in range(np.uint32(len(up_start) - 1)):
        for arc in range(np.uint32(up_start[rank]), np.uint32(up_start[rank + np.uint32(1)])):
            at[np.uint32(up_head[arc])] = arc
        for k in range(np.uint32(down_start[rank]), np.uint32(down_start[rank + np.uint32(1)])):
            first = np.uint32(down_arc[k])
            rise = down[first]
            fall = up[first]
            second = first + np.uint32(1)
            end = np.uint32(up_start[np.uint32(down_tail[k]) + np.uint32(1)])
            if end - second >= RUN:
                # In a separator, neighbours lie in a row; then one instruction serves several.
                third = np.uint32(at[np.uint32(up_head[second])])
                last = np.uint32(at[np.uint32(up_head[end - np.uint32(1)])])
                if last - third == end - np.uint32(1) - second:
                    for i in range(end - second):
                        up[third + i] = min(up[third + i], np.int32(rise + up[second + i]))
                    for i in range(end - second):
                        down[third + i] = min(down[third + i], np.int32(fall + down[second + i]))
                    continue
            for arc in range(second, end):
                third = np.uint32(at[np.uint32(up_head[arc])])
                up[third] = min(up[third], np.int32(rise + up[arc]))
                down[third] = min(down[third], np.int32(fall + down[arc]))


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
    """Take the smallest item away, which `heap[0]` still was; return the new count."""
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
        As `fill_in` returns them.
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
    heap = np.empty(max(1024, len(changed)), dtype=np.int32)
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
