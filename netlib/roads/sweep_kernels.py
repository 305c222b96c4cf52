"""Compiled inner loops that answer for many origins at once, on a contraction hierarchy.

As in `netlib.roads.kernels`, each has a plain twin in ``tests/road_references.py``. A lane is one
origin; the lanes of a node lie side by side, so that one instruction serves several. How many there
are is known at run time only.
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
    start: Any,
    head: Any,
    ticks: Any,
    own: Any,
    rank: Any,
    lanes: Any,
    begin: int,
    end: int,
    filled: Any,
) -> None:
    """Carry the ticks of all lanes down, from higher ranks to lower ones.

    After Delling, Goldberg, Nowatzyk & Werneck (2013), PHAST: hardware-accelerated shortest path
    trees, Journal of Parallel and Distributed Computing 73.

    Parameters
    ----------
    start, head, ticks
        int32: for each rank, lowest first, rows of its higher neighbours and the ticks from there.
    own
        int32: row of each rank.
    rank
        int32: the ranks to sweep, each after its higher neighbours.
    lanes
        Changed. int32 (rows, lanes): as `climb_lanes` left them; ticks from the origins after.
    begin, end
        The lanes to sweep.
    filled
        bool (rows): which rows `climb_lanes` met.
    """
    left = np.uint32(begin)
    right = np.uint32(end)
    for i in range(np.uint32(len(rank))):
        swept = np.uint32(rank[i])
        line = np.uint32(own[swept])
        begin_arc = np.uint32(start[swept])
        end_arc = np.uint32(start[swept + np.uint32(1)])
        is_new = not filled[line]
        if is_new and begin_arc == end_arc:
            for lane in range(left, right):
                lanes[line, lane] = NEVER
        # Four arcs at a time, so that a row is written once for them; the last one fills up.
        for first in range(begin_arc, end_arc, np.uint32(4)):
            second = min(first + np.uint32(1), end_arc - np.uint32(1))
            third = min(first + np.uint32(2), end_arc - np.uint32(1))
            fourth = min(first + np.uint32(3), end_arc - np.uint32(1))
            row_1, ticks_1 = np.uint32(head[first]), ticks[first]
            row_2, ticks_2 = np.uint32(head[second]), ticks[second]
            row_3, ticks_3 = np.uint32(head[third]), ticks[third]
            row_4, ticks_4 = np.uint32(head[fourth]), ticks[fourth]
            for lane in range(left, right):
                before = NEVER if is_new else lanes[line, lane]
                near = min(before, np.int32(lanes[row_1, lane] + ticks_1))
                far = min(
                    np.int32(lanes[row_2, lane] + ticks_2), np.int32(lanes[row_3, lane] + ticks_3)
                )
                lanes[line, lane] = min(near, far, np.int32(lanes[row_4, lane] + ticks_4))
            is_new = False


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
