"""Compiled inner loops that answer for many origins or draws at once, on a contraction hierarchy.

As in `netlib.roads.kernels`, each has a plain twin in ``tests/road_references.py``. A lane is one
origin, or one draw of the ticks; the lanes of a node lie side by side, so that one instruction
serves several. How many there are is known at run time only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from netlib.roads.kernels import NEVER, NOTHING


@njit(cache=True, nogil=True)
def climb_lanes(
    up_start: Any,
    up_head: Any,
    up: Any,
    seed_start: Any,
    seed_rank: Any,
    seed_ticks: Any,
    row: Any,
    lanes: Any,
    first_lane: int,
    filled: Any,
    label: Any,
) -> None:
    """Search upward from some origins, and write what each meets into a lane of its own.

    All that an origin can meet are its seeds' ancestors in the elimination tree.

    Parameters
    ----------
    up_start, up_head, up
        Upward arcs and their ticks.
    seed_start, seed_rank, seed_ticks
        int32: where the searches start, as rows of a sparse matrix, and with how many ticks.
    row
        int32 (ranks): row of each rank in ``lanes``; -1 for ranks without one.
    lanes
        Changed. int32 (rows, lanes): ticks. The lanes of a row that was not met are left as found.
    first_lane
        The lane of the first origin.
    filled
        Changed. bool (rows): which rows were met; not one before.
    label
        int32 (ranks): `NEVER` throughout, before and after.
    """
    n_origins = len(seed_start) - 1
    for origin in range(n_origins):
        lane = np.uint32(first_lane + origin)
        for i in range(seed_start[origin], seed_start[origin + 1]):
            rank = np.uint32(seed_rank[i])
            label[rank] = min(label[rank], seed_ticks[i])
            while True:
                begin = np.uint32(up_start[rank])
                end = np.uint32(up_start[rank + np.uint32(1)])
                reached = label[rank]
                for arc in range(begin, end):
                    other = np.uint32(up_head[arc])
                    label[other] = min(label[other], np.int32(reached + up[arc]))
                if begin == end:
                    break
                rank = np.uint32(up_head[begin])
        for i in range(seed_start[origin], seed_start[origin + 1]):
            rank = np.uint32(seed_rank[i])
            while True:
                if row[rank] >= 0:
                    line = np.uint32(row[rank])
                    if not filled[line]:
                        filled[line] = True
                        for other_lane in range(first_lane, first_lane + n_origins):
                            lanes[line, np.uint32(other_lane)] = NEVER
                    lanes[line, lane] = min(lanes[line, lane], label[rank])
                label[rank] = NEVER
                begin = np.uint32(up_start[rank])
                if begin == np.uint32(up_start[rank + np.uint32(1)]):
                    break
                rank = np.uint32(up_head[begin])


@njit(cache=True, nogil=True)
def sweep(
    start: Any, head: Any, ticks: Any, own: Any, lanes: Any, begin: int, end: int, filled: Any
) -> None:
    """Carry the ticks of all lanes down, from the highest rank to the lowest.

    After Delling, Goldberg, Nowatzyk & Werneck (2013), PHAST: hardware-accelerated shortest path
    trees, Journal of Parallel and Distributed Computing 73.

    Parameters
    ----------
    start, head, ticks
        int32: for each swept rank, lowest first, rows of its higher neighbours and the ticks from
        there.
    own
        int32: row of each swept rank.
    lanes
        Changed. int32 (rows, lanes): as `climb_lanes` left them; ticks from the origins after.
    begin, end
        The lanes to sweep.
    filled
        bool (rows): which rows `climb_lanes` met.
    """
    left = np.uint32(begin)
    right = np.uint32(end)
    for i in range(len(own) - 1, -1, -1):
        line = np.uint32(own[i])
        if not filled[line]:
            for lane in range(left, right):
                lanes[line, lane] = NEVER
        for arc in range(np.uint32(start[i]), np.uint32(start[i + 1])):
            other = np.uint32(head[arc])
            fall = ticks[arc]
            for lane in range(left, right):
                lanes[line, lane] = min(lanes[line, lane], np.int32(lanes[other, lane] + fall))


@njit(cache=True, nogil=True)
def select_ancestors(up_start: Any, up_head: Any, ranks: Any) -> Any:
    """Return ranks and all their ancestors in the elimination tree, growing, as int32."""
    wanted = np.zeros(len(up_start) - 1, dtype=np.bool_)
    count = 0
    for first in ranks:
        rank = first
        while not wanted[rank]:
            wanted[rank] = True
            count += 1
            if up_start[rank] == up_start[rank + 1]:
                break
            rank = up_head[up_start[rank]]
    result = np.empty(count, dtype=np.int32)
    count = 0
    for rank in range(len(wanted)):
        if wanted[rank]:
            result[count] = rank
            count += 1
    return result


@njit(cache=True, nogil=True)
def select_arcs(up_start: Any, up_head: Any, down: Any, selected: Any) -> Any:
    """Return the part of a hierarchy that a sweep over some ranks needs.

    Parameters
    ----------
    up_start, up_head, down
        Upward arcs, and their ticks downward.
    selected
        int32: ranks, growing, with every ancestor of each.

    Returns
    -------
    row, start, head, ticks
        int32: row of every rank, -1 for those left out; and arcs of the selected, as `sweep` takes
        them.
    """
    row = np.full(len(up_start) - 1, NOTHING, dtype=np.int32)
    start = np.zeros(len(selected) + 1, dtype=np.int32)
    for i in range(len(selected)):
        row[selected[i]] = i
        start[i + 1] = start[i] + up_start[selected[i] + 1] - up_start[selected[i]]
    head = np.empty(start[-1], dtype=np.int32)
    ticks = np.empty(start[-1], dtype=np.int32)
    count = np.uint32(0)
    for rank in selected:
        for arc in range(np.uint32(up_start[rank]), np.uint32(up_start[rank + 1])):
            head[count] = row[np.uint32(up_head[arc])]
            ticks[count] = down[arc]
            count += np.uint32(1)
    return row, start, head, ticks


@njit(cache=True, nogil=True)
def take_targets(
    lanes: Any, target_start: Any, target_row: Any, target_ticks: Any, result: Any
) -> None:
    """Read off the ticks to targets, each the nearest of its nodes.

    Parameters
    ----------
    lanes
        int32 (rows, lanes), as `sweep` left them.
    target_start, target_row, target_ticks
        int32: rows of every target, as rows of a sparse matrix, and the ticks from each to it.
    result
        Changed. int32 (lanes, targets).
    """
    for target in range(len(target_start) - 1):
        for lane in range(len(result)):
            best = NEVER
            for k in range(target_start[target], target_start[target + 1]):
                best = min(best, np.int32(lanes[target_row[k], lane] + target_ticks[k]))
            result[lane, target] = best


@njit(cache=True, nogil=True)
def feed_lanes(
    feed_start: Any,
    feed_road: Any,
    feed_up: Any,
    edge: Any,
    ticks: Any,
    first: int,
    up: Any,
    down: Any,
) -> None:
    """Do what `feed_arcs` does for lanes side by side.

    Parameters
    ----------
    feed_start, feed_road, feed_up
        As in `feed_arcs`.
    edge
        int32 (roads): row of each road in ``ticks``.
    ticks
        int32 (edges, draws).
    first
        The draw of the first lane.
    up, down
        Changed. int32 (arcs, lanes).
    """
    for arc in range(len(feed_start) - 1):
        up[arc, :] = NEVER
        down[arc, :] = NEVER
        for k in range(feed_start[arc], feed_start[arc + 1]):
            line = edge[feed_road[k]]
            if feed_up[k]:
                for lane in range(up.shape[1]):
                    up[arc, lane] = min(up[arc, lane], ticks[line, first + lane])
            else:
                for lane in range(up.shape[1]):
                    down[arc, lane] = min(down[arc, lane], ticks[line, first + lane])


@njit(cache=True, nogil=True)
def customise_lanes(
    up_start: Any, up_head: Any, down_start: Any, down_tail: Any, down_arc: Any, up: Any, down: Any
) -> None:
    """Do what `customise` does for many lanes side by side: ``up`` and ``down`` (arcs, lanes)."""
    at = np.zeros(len(up_start) - 1, dtype=np.uint32)
    width = np.uint32(up.shape[1])
    for rank in range(np.uint32(len(up_start) - 1)):
        for arc in range(np.uint32(up_start[rank]), np.uint32(up_start[rank + np.uint32(1)])):
            at[np.uint32(up_head[arc])] = arc
        for k in range(np.uint32(down_start[rank]), np.uint32(down_start[rank + np.uint32(1)])):
            first = np.uint32(down_arc[k])
            end = np.uint32(up_start[np.uint32(down_tail[k]) + np.uint32(1)])
            for second in range(first + np.uint32(1), end):
                third = at[np.uint32(up_head[second])]
                for lane in range(width):
                    up[third, lane] = min(
                        up[third, lane], np.int32(down[first, lane] + up[second, lane])
                    )
                for lane in range(width):
                    down[third, lane] = min(
                        down[third, lane], np.int32(up[first, lane] + down[second, lane])
                    )


@njit(cache=True, nogil=True)
def search_lanes(
    up_start: Any,
    up_head: Any,
    up: Any,
    down: Any,
    seed_start: Any,
    seed_rank: Any,
    seed_ticks: Any,
    node: Any,
    first: int,
    result: Any,
) -> None:
    """Search from each origin in many lanes that differ in the ticks of their arcs.

    Parameters
    ----------
    up_start, up_head
        Upward arcs.
    up, down
        int32 (arcs, lanes): ticks, as `customise_lanes` leaves them.
    seed_start, seed_rank, seed_ticks
        int32: where the searches start, as rows of a sparse matrix, and with how many ticks.
    node
        int32 (ranks): the caller's number of each rank.
    first
        The draw of the first lane.
    result
        Changed. int32 (origins, nodes, draws): the lanes' ticks from each origin.
    """
    width = np.uint32(up.shape[1])
    size = np.uint32(len(up_start) - 1)
    label = np.empty((size, width), dtype=np.int32)
    for origin in range(len(seed_start) - 1):
        label[:] = NEVER
        for i in range(seed_start[origin], seed_start[origin + 1]):
            rank = np.uint32(seed_rank[i])
            for lane in range(width):
                label[rank, lane] = min(label[rank, lane], seed_ticks[i])
            while True:
                begin = np.uint32(up_start[rank])
                end = np.uint32(up_start[rank + np.uint32(1)])
                for arc in range(begin, end):
                    other = np.uint32(up_head[arc])
                    for lane in range(width):
                        label[other, lane] = min(
                            label[other, lane], np.int32(label[rank, lane] + up[arc, lane])
                        )
                if begin == end:
                    break
                rank = np.uint32(up_head[begin])
        for i in range(size):
            rank = size - np.uint32(1) - i
            for arc in range(np.uint32(up_start[rank]), np.uint32(up_start[rank + np.uint32(1)])):
                other = np.uint32(up_head[arc])
                for lane in range(width):
                    label[rank, lane] = min(
                        label[rank, lane], np.int32(label[other, lane] + down[arc, lane])
                    )
            line = np.uint32(node[rank])
            for lane in range(width):
                result[np.uint32(origin), line, np.uint32(first) + lane] = label[rank, lane]


@njit(cache=True, nogil=True)
def draw_triangular(low: Any, central: Any, high: Any, seed: int, first: int, result: Any) -> None:
    """Draw whole numbers from triangular distributions.

    The random number of an item's draw depends on the seed, the item and the draw alone (SplitMix64
    of their mixture: Steele, Lea & Flood, 2014, Fast splittable pseudorandom number generators,
    OOPSLA), so that draws may be made in any order and in parts.

    Parameters
    ----------
    low, central, high
        int32 (items), in this order; equal ones draw themselves.
    seed, first
        The seed, and the number of the first draw.
    result
        Changed. int32 (items, draws).
    """
    golden = np.uint64(0x9E3779B97F4A7C15)
    for item in range(len(low)):
        span = np.float64(high[item] - low[item])
        left = np.float64(central[item] - low[item])
        right = np.float64(high[item] - central[item])
        base = np.uint64(seed) * np.uint64(0xD1342543DE82EF95) + np.uint64(item)
        base = (base ^ (base >> np.uint64(32))) * np.uint64(0xDABA0B6EB09322E3)
        for k in range(result.shape[1]):
            z = base + np.uint64(first + k + 1) * golden
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z = z ^ (z >> np.uint64(31))
            chance = np.float64(z >> np.uint64(11)) * (1.0 / (1 << 53)) * span
            if chance < left:
                value = low[item] + np.sqrt(chance * left)
            else:
                value = high[item] - np.sqrt((span - chance) * right)
            result[item, k] = np.int32(np.floor(value + 0.5))
