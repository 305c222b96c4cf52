"""Compiled inner loops that customise a contraction hierarchy.

As in `netlib.roads.kernels`, what is called from elsewhere has a plain twin in
``tests/road_references.py``; nodes and arcs are as in `netlib.roads.hierarchy_kernels`.

Where a separator is wide, most of the time goes into triangles over it. Its ranks follow one
another and share their higher neighbours, so that a *block* of them is worked on as a table, a line
for each rank and a column for each higher neighbour: what lies below is then read once for all of
them, and one instruction serves several columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from netlib.roads.kernels import NEVER

# Lines of a table: with the widest hierarchies of cities, two tables fit into the cache of a core.
MOST_LINES = 32
# A row of the table takes as long as one in so many of its columns, one by one.
COLUMNS_AT_ONCE = 8


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
    up_start: Any,
    up_head: Any,
    down_start: Any,
    down_tail: Any,
    down_arc: Any,
    wide: int,
    up: Any,
    down: Any,
) -> None:
    """Shorten every arc by its lower triangles, in the order of ranks.

    Parameters
    ----------
    up_start, up_head, down_start, down_tail, down_arc
        As `netlib.roads.hierarchy_kernels.fill_in` returns them.
    wide
        From how many higher neighbours on ranks are worked on in blocks.
    up, down
        Changed. int32 (arcs): ticks from the lower to the higher end, and back; those of the roads
        themselves before, those of the shortest ways over lower ranks after.
    """
    size = np.uint32(len(up_start) - 1)
    at = np.zeros(size, dtype=np.uint32)
    columns = np.uint32(MOST_LINES)
    for rank in range(size):
        degree = np.uint32(up_start[rank + np.uint32(1)] - up_start[rank])
        columns = max(columns, degree + np.uint32(MOST_LINES))
    rise_table = np.empty((MOST_LINES, columns), dtype=np.int32)
    fall_table = np.empty((MOST_LINES, columns), dtype=np.int32)
    rise_line = np.full(columns, NEVER, dtype=np.int32)
    fall_line = np.full(columns, NEVER, dtype=np.int32)
    begin = np.uint32(0)
    while begin < size:
        end = _end_block(begin, wide, up_start, up_head)
        if end - begin == 1:
            _shorten_rank(begin, up_start, up_head, down_start, down_tail, down_arc, at, up, down)
        else:
            _fill_tables(begin, end, up_start, up_head, at, up, down, rise_table, fall_table)
            _lower_from_below(
                begin, end, up_start, up_head, down_start, down_tail, down_arc, at, up, down,
                rise_table, fall_table, rise_line, fall_line,
            )  # fmt: skip
            width = end - begin + np.uint32(up_start[end] - up_start[end - np.uint32(1)])
            _lower_within(end - begin, width, rise_table, fall_table)
            _take_tables(begin, end, up_start, up_head, at, rise_table, fall_table, up, down)
        begin = end


@njit(cache=True, nogil=True)
def _end_block(begin: Any, wide: int, up_start: Any, up_head: Any) -> Any:
    """Return the rank after a block: ranks each of which is the parent of the one before.

    Whatever a rank of a block is joined to above the block, the last one is joined to as well.
    """
    size = np.uint32(len(up_start) - 1)
    end = begin + np.uint32(1)
    if up_start[end] - up_start[begin] >= wide:
        while (
            end < size
            and end - begin < np.uint32(MOST_LINES)
            and up_start[end] > up_start[end - np.uint32(1)]
            and np.uint32(up_head[np.uint32(up_start[end - np.uint32(1)])]) == end
        ):
            end += np.uint32(1)
    return end


@njit(cache=True, nogil=True)
def _shorten_rank(
    rank: Any,
    up_start: Any,
    up_head: Any,
    down_start: Any,
    down_tail: Any,
    down_arc: Any,
    at: Any,
    up: Any,
    down: Any,
) -> None:
    """Shorten the upward arcs of one rank; ``at`` is room for the arc to each rank."""
    for arc in range(np.uint32(up_start[rank]), np.uint32(up_start[rank + np.uint32(1)])):
        at[np.uint32(up_head[arc])] = arc
    for k in range(np.uint32(down_start[rank]), np.uint32(down_start[rank + np.uint32(1)])):
        first = np.uint32(down_arc[k])
        rise = down[first]
        fall = up[first]
        end = np.uint32(up_start[np.uint32(down_tail[k]) + np.uint32(1)])
        for arc in range(first + np.uint32(1), end):
            third = np.uint32(at[np.uint32(up_head[arc])])
            up[third] = min(up[third], np.int32(rise + up[arc]))
            down[third] = min(down[third], np.int32(fall + down[arc]))


@njit(cache=True, nogil=True)
def _fill_tables(
    begin: Any,
    end: Any,
    up_start: Any,
    up_head: Any,
    at: Any,
    up: Any,
    down: Any,
    rise_table: Any,
    fall_table: Any,
) -> None:
    """Write the arcs of a block into tables, and the column of each rank into ``at``.

    The block's own ranks come first, then the higher neighbours of its last rank.
    """
    size = end - begin
    for column in range(size):
        at[begin + column] = column
    above = np.uint32(up_start[end - np.uint32(1)])
    for arc in range(above, np.uint32(up_start[end])):
        at[np.uint32(up_head[arc])] = size + arc - above
    width = size + np.uint32(up_start[end]) - above
    for line in range(size):
        for column in range(width):
            rise_table[line, column] = NEVER
        for column in range(width):
            fall_table[line, column] = NEVER
        rank = begin + line
        for arc in range(np.uint32(up_start[rank]), np.uint32(up_start[rank + np.uint32(1)])):
            column = at[np.uint32(up_head[arc])]
            rise_table[line, column] = up[arc]
            fall_table[line, column] = down[arc]


@njit(cache=True, nogil=True)
def _lower_from_below(
    begin: Any,
    end: Any,
    up_start: Any,
    up_head: Any,
    down_start: Any,
    down_tail: Any,
    down_arc: Any,
    at: Any,
    up: Any,
    down: Any,
    rise_table: Any,
    fall_table: Any,
    rise_line: Any,
    fall_line: Any,
) -> None:
    """Lower the tables of a block by the triangles over ranks below it.

    ``rise_line`` and ``fall_line`` are `NEVER` throughout, before and after.
    """
    for rank in range(begin, end):
        for k in range(np.uint32(down_start[rank]), np.uint32(down_start[rank + np.uint32(1)])):
            tail = np.uint32(down_tail[k])
            if tail >= begin:
                break
            first = np.uint32(down_arc[k])
            if first > np.uint32(up_start[tail]) and up_head[first - np.uint32(1)] >= begin:
                # A lower rank of the block has met this tail already.
                continue
            last = np.uint32(up_start[tail + np.uint32(1)]) - np.uint32(1)
            inner = first
            while inner <= last and up_head[inner] < end:
                inner += np.uint32(1)
            left = at[np.uint32(up_head[first])]
            right = at[np.uint32(up_head[last])] + np.uint32(1)
            few = (last - first) * np.uint32(COLUMNS_AT_ONCE) < right - left
            if few or inner - first == np.uint32(1):
                for arc in range(first, inner):
                    line = at[np.uint32(up_head[arc])]
                    rise = down[arc]
                    fall = up[arc]
                    for other in range(arc + np.uint32(1), last + np.uint32(1)):
                        column = at[np.uint32(up_head[other])]
                        rise_table[line, column] = min(
                            rise_table[line, column], np.int32(rise + up[other])
                        )
                        fall_table[line, column] = min(
                            fall_table[line, column], np.int32(fall + down[other])
                        )
                continue
            for arc in range(first, last + np.uint32(1)):
                column = at[np.uint32(up_head[arc])]
                rise_line[column] = up[arc]
                fall_line[column] = down[arc]
            for arc in range(first, inner):
                line = at[np.uint32(up_head[arc])]
                rise = down[arc]
                fall = up[arc]
                for column in range(line + np.uint32(1), right):
                    rise_table[line, column] = min(
                        rise_table[line, column], np.int32(rise + rise_line[column])
                    )
                for column in range(line + np.uint32(1), right):
                    fall_table[line, column] = min(
                        fall_table[line, column], np.int32(fall + fall_line[column])
                    )
            rise_line[left:right] = NEVER
            fall_line[left:right] = NEVER


@njit(cache=True, nogil=True)
def _lower_within(size: Any, width: Any, rise_table: Any, fall_table: Any) -> None:
    """Lower the tables of a block by the triangles over its own ranks, lowest first."""
    for tail in range(size):
        for line in range(tail + np.uint32(1), size):
            rise = fall_table[tail, line]
            fall = rise_table[tail, line]
            for column in range(line + np.uint32(1), width):
                rise_table[line, column] = min(
                    rise_table[line, column], np.int32(rise + rise_table[tail, column])
                )
            for column in range(line + np.uint32(1), width):
                fall_table[line, column] = min(
                    fall_table[line, column], np.int32(fall + fall_table[tail, column])
                )


@njit(cache=True, nogil=True)
def _take_tables(
    begin: Any,
    end: Any,
    up_start: Any,
    up_head: Any,
    at: Any,
    rise_table: Any,
    fall_table: Any,
    up: Any,
    down: Any,
) -> None:
    """Write the tables of a block back to its arcs."""
    for rank in range(begin, end):
        line = rank - begin
        for arc in range(np.uint32(up_start[rank]), np.uint32(up_start[rank + np.uint32(1)])):
            column = at[np.uint32(up_head[arc])]
            up[arc] = rise_table[line, column]
            down[arc] = fall_table[line, column]
