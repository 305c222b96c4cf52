"""Compiled inner loops that build a contraction hierarchy.

As in `netlib.roads.kernels`, each has a plain twin in ``tests/road_references.py``. A node is known
by its rank in the order of contraction; an arc joins a lower rank to a higher one, and has ticks
for either direction.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from netlib.roads.kernels import NOTHING


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
def split_tree(up_start: Any, up_head: Any, parts: int) -> Any:
    """Divide the elimination tree into its top and parts that do not depend on one another.

    What lies above no large part of the tree goes into a part with all that lies below it; the
    ranks above are the top.

    Parameters
    ----------
    up_start, up_head
        As `fill_in` returns them.
    parts
        A part has about one in so many of all arcs.

    Returns
    -------
    rank, start
        int32: ranks, falling within the top, which comes first, and within each part; and where the
        top and the parts begin.
    """
    size = len(up_start) - 1
    # Arcs below each rank and its own, one for the rank itself.
    weight = np.ones(size, dtype=np.int64)
    total = len(up_head) + size
    for rank in range(size):
        weight[rank] += up_start[rank + 1] - up_start[rank]
        if up_start[rank] < up_start[rank + 1]:
            weight[up_head[up_start[rank]]] += weight[rank]
    part = np.zeros(size, dtype=np.int32)
    last_part = 1
    filled = 0
    for rank in range(size - 1, -1, -1):
        if up_start[rank] < up_start[rank + 1]:
            part[rank] = part[up_head[up_start[rank]]]
        if part[rank] == 0 and weight[rank] * parts <= total:
            part[rank] = last_part
            filled += weight[rank]
            if filled * parts >= total:
                last_part += 1
                filled = 0
    start = np.zeros(last_part + 2, dtype=np.int32)
    for rank in range(size):
        start[part[rank] + 1] += 1
    for i in range(last_part + 1):
        start[i + 1] += start[i]
    position = start[:-1].copy()
    result = np.empty(size, dtype=np.int32)
    for rank in range(size - 1, -1, -1):
        result[position[part[rank]]] = rank
        position[part[rank]] += 1
    return result, start
