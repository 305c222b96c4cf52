"""Compiled inner loops that draw the ticks of roads, and answer for many draws at once.

As in `netlib.roads.kernels`, each has a plain twin in ``tests/road_references.py``. A lane is one
draw; the lanes of an arc or a node lie side by side, so that one instruction serves several.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from netlib.roads.kernels import NEVER

# Step and mixing of SplitMix64 (Steele, Lea & Flood, 2014, Fast splittable pseudorandom number
# generators, OOPSLA).
STEP = np.uint64(0x9E3779B97F4A7C15)
MIX_FIRST = np.uint64(0xBF58476D1CE4E5B9)
MIX_SECOND = np.uint64(0x94D049BB133111EB)
# What keeps the streams of seeds and items apart: multiplier and mixing of LXM (Steele & Vigna,
# 2021, LXM: better splittable pseudorandom number generators (and almost as fast), OOPSLA).
SEED_STEP = np.uint64(0xD1342543DE82EF95)
SEED_MIX = np.uint64(0xDABA0B6EB09322E3)
# The upper 53 bits of a random number, as many as a float64 holds, make a chance of 0 to 1.
CHANCE = 1.0 / (1 << 53)


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
    """Do what `netlib.roads.customise_kernels.feed_arcs` does for lanes side by side.

    Parameters
    ----------
    feed_start, feed_road, feed_up
        As in `netlib.roads.customise_kernels.feed_arcs`.
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
    """Do what `netlib.roads.customise_kernels.customise` does for lanes side by side.

    Parameters
    ----------
    up_start, up_head, down_start, down_tail, down_arc
        As `netlib.roads.hierarchy_kernels.fill_in` returns them.
    up, down
        Changed. int32 (arcs, lanes).
    """
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
    of their mixture), so that draws may be made in any order and in parts.

    Parameters
    ----------
    low, central, high
        int32 (items), in this order; equal ones draw themselves.
    seed, first
        The seed, and the number of the first draw.
    result
        Changed. int32 (items, draws).
    """
    for item in range(len(low)):
        span = np.float64(high[item] - low[item])
        left = np.float64(central[item] - low[item])
        right = np.float64(high[item] - central[item])
        base = np.uint64(seed) * SEED_STEP + np.uint64(item)
        base = (base ^ (base >> np.uint64(32))) * SEED_MIX
        for k in range(result.shape[1]):
            z = base + np.uint64(first + k + 1) * STEP
            z = (z ^ (z >> np.uint64(30))) * MIX_FIRST
            z = (z ^ (z >> np.uint64(27))) * MIX_SECOND
            z = z ^ (z >> np.uint64(31))
            chance = np.float64(z >> np.uint64(11)) * CHANCE * span
            if chance < left:
                value = low[item] + np.sqrt(chance * left)
            else:
                value = high[item] - np.sqrt((span - chance) * right)
            result[item, k] = np.int32(np.floor(value + 0.5))
