"""Compiled inner loops of road searches; each has a plain twin in ``tests/road_references.py``.

A length of road is a whole number of ticks; which part of a second a tick is, the caller decides.
`NEVER` stands for a closed road and for a place not reached. A kernel changes only the arrays that
its docstring says it changes, and releases the lock, so that threads run side by side. Indices are
unsigned, which spares the check for negative ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

# Two of them still fit into int32, so that adding a closed road needs no question.
NEVER = np.int32(1_000_000_000)
# The end of a list of bucket entries; an empty bucket.
NOTHING = np.int32(-1)
# Going through all places costs less than through those reached when these are one in so many.
DENSE_SHARE = 8
# Cells along one side of the square that the space-filling curve runs through.
CURVE_SIDE = 1 << 16


@njit(cache=True, nogil=True)
def measure_curve(column: Any, row: Any) -> Any:
    """Compute how far along the Hilbert curve each cell of a square lies.

    Parameters
    ----------
    column, row
        int64 in ``[0, CURVE_SIDE)``.

    Returns
    -------
    int64 array
    """
    result = np.empty(len(column), dtype=np.int64)
    for i in range(len(column)):
        x = column[i]
        y = row[i]
        total = 0
        side = CURVE_SIDE >> 1
        while side > 0:
            right = (x & side) > 0
            upper = (y & side) > 0
            total += side * side * ((3 if right else 0) ^ (1 if upper else 0))
            x &= side - 1
            y &= side - 1
            if not upper:
                if right:
                    x = side - 1 - x
                    y = side - 1 - y
                x, y = y, x
            side >>= 1
        result[i] = total
    return result


@njit(cache=True, nogil=True)
def spread(
    start: Any,
    head: Any,
    ticks: Any,
    seed_place: Any,
    seed_ticks: Any,
    end_ticks: int,
    shift: int,
    first: Any,
    entry: Any,
    label: Any,
    by: Any,
) -> Any:
    """Search shortest paths from seeds with a ring of buckets.

    Buckets after Dial (1969), Algorithm 360, Communications of the ACM 12, but ``2**shift`` ticks
    wide: labels inside the current bucket are corrected until they stand, as in Meyer & Sanders
    (2003), Delta-stepping, Journal of Algorithms 49. A place that is improved gets a new entry;
    entries that speak of a label that is no more are skipped.

    A label is what is left until the first tick that no longer counts, so that zeros, which a
    system hands out without writing them, are the labels of a search that has not begun.

    Parameters
    ----------
    start, head, ticks
        int32 arcs, as rows of a sparse matrix.
    seed_place, seed_ticks
        int32: where the search starts, and with how many ticks.
    end_ticks
        The first number of ticks that no longer counts, `NEVER` at most.
    shift
        Width of a bucket as a power of two.
    first
        int32 (a power of two, more than the longest open arc and the latest seed have buckets): -1
        throughout, before and, unless the search stopped, after.
    entry
        Changed. int32 (entries, 2): room for places and the entry that follows in the bucket, one
        more than is used.
    label
        Changed. int32 (places): 0 throughout before; after, ``end_ticks`` less the ticks of what
        was reached.
    by
        Changed. int32 (places): the arc that leads to each place, -1 for seeds. None to do without.

    Returns
    -------
    int
        How many entries were used; -1 when the room did not suffice.
    """
    mask = np.uint32(len(first) - 1)
    width = np.uint32(shift)
    end_left = np.int32(end_ticks)
    room = np.uint32(len(entry))
    used = np.uint32(0)
    if len(seed_place) >= len(entry):
        return -1
    for i in range(np.uint32(len(seed_place))):
        place = np.uint32(seed_place[i])
        left = np.int32(end_left - seed_ticks[i])
        if left > label[place]:
            label[place] = left
            if by is not None:
                by[place] = NOTHING
            entry[used, 0] = place
            entry[used, 1] = left
            used += np.uint32(1)
    linked = np.uint32(0)
    taken = np.uint32(0)
    bucket = np.uint32(0)
    while True:
        # What is new goes into its buckets: its label gives way to the entry that follows.
        while linked < used:
            slot = (np.uint32(end_left - entry[linked, 1]) >> width) & mask
            entry[linked, 1] = first[slot]
            first[slot] = linked
            linked += np.uint32(1)
        if taken == linked:
            return np.int64(used)
        while first[bucket & mask] < 0:
            bucket += np.uint32(1)
        current = first[bucket & mask]
        first[bucket & mask] = NOTHING
        while current >= 0:
            place = np.uint32(entry[np.uint32(current), 0])
            current = entry[np.uint32(current), 1]
            taken += np.uint32(1)
            left = label[place]
            if np.uint32(end_left - left) >> width != bucket:
                continue
            begin = np.uint32(start[place])
            end = np.uint32(start[place + np.uint32(1)])
            if used + (end - begin) >= room:
                return -1
            for arc in range(begin, end):
                other = np.uint32(head[arc])
                rest = np.int32(left - ticks[arc])
                before = label[other]
                # Whether an arc helps is a toss-up, and a branch that is guessed wrongly costs more
                # than the rest: the entry is written anyhow, and stays if it counts as used.
                label[other] = max(rest, before)
                entry[used, 0] = other
                entry[used, 1] = rest
                used += np.uint32(rest > before)
                if by is not None and rest > before:
                    by[other] = arc


@njit(cache=True, nogil=True)
def take_labels(place: Any, label: Any, end_ticks: int, result: Any) -> None:
    """Write ticks in the order of the caller's nodes, and forget the labels.

    Parameters
    ----------
    place
        int32 (nodes): place of each node.
    label, end_ticks
        As `spread` left and took them. Changed: ``label`` is 0 throughout afterwards.
    result
        Changed. int32 (nodes): ticks, or `NEVER`.
    """
    for node in range(np.uint32(len(place))):
        left = label[np.uint32(place[node])]
        result[node] = end_ticks - left if left > 0 else NEVER
    label[:] = 0


@njit(cache=True, nogil=True)
def take_reached(node: Any, entry: Any, used: int, label: Any, end_ticks: int) -> Any:
    """Collect the places that a search reached, and forget their labels.

    Costs only as much as was reached. Where that is a good part of all, places are gone through in
    order, which spares memory the jumps.

    Parameters
    ----------
    node
        int32 (places): the caller's number of each place.
    entry, used
        As `spread` left them.
    label, end_ticks
        As `spread` left and took them. Changed: ``label`` is 0 throughout afterwards.

    Returns
    -------
    (int32 array, int32 array)
        Nodes, each once, and their ticks.
    """
    nodes = np.empty(used, dtype=np.int32)
    ticks = np.empty(used, dtype=np.int32)
    count = 0
    in_order = used * DENSE_SHARE > len(label)
    for i in range(np.uint32(len(label) if in_order else used)):
        place = np.uint32(i) if in_order else np.uint32(entry[i, 0])
        if label[place] > 0:
            nodes[count] = node[place]
            ticks[count] = end_ticks - label[place]
            label[place] = 0
            count += 1
    return nodes[:count], ticks[:count]
