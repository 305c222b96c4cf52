"""Times on a small road graph in many draws of its uncertain edges, the draws side by side.

The hierarchy is built once; every draw has ticks of its own (see `netlib.roads.hierarchy`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from netlib.errors import InputError, Notice
from netlib.roads import count_threads, run_parts
from netlib.roads import draw_kernels as kernels
from netlib.roads.graph import NEVER, Ints, Origins, Roads, read_origins
from netlib.roads.hierarchy import Hierarchy, check_same, choose_threads

# Ticks of arcs, one way, of the draws that one thread works on at once: 16 megabytes. The wider the
# lanes, the longer the runs in which results go to memory, and that is what takes most of the time.
MOST_TICKS = 1 << 22
# Draws of a batch at least, where there are as many: with fewer, reading the arcs would cost more
# than comparing their lanes.
FEWEST_LANES = 64


def draw_ticks(
    low: ArrayLike, central: ArrayLike, high: ArrayLike, *, draws: int, seed: int
) -> Ints:
    """Draw the ticks of edges from triangular distributions, each edge on its own.

    Parameters
    ----------
    low, central, high
        Ticks of every edge: the least, the likeliest, the most. A closed edge has `NEVER` thrice.
    draws
        How many.
    seed
        The same seed gives the same draws.

    Returns
    -------
    int32 (edges, draws)

    Raises
    ------
    InputError
        Ticks out of order or out of bounds.
    """
    least, likeliest, most = (np.asarray(values, dtype=np.int64) for values in (low, central, high))
    if not least.shape == likeliest.shape == most.shape:
        message = f"{len(least)} low, {len(likeliest)} central, {len(most)} high ticks; one each"
        raise InputError([Notice("roads", 0, "length-mismatch", message)])
    closed = least == NEVER
    wrong = (least < 0) | (least > likeliest) | (likeliest > most) | ((most >= NEVER) & ~closed)
    wrong |= most > NEVER
    if wrong.any():
        message = f"{wrong.sum()} edges; give 0 <= low <= central <= high < {NEVER}"
        raise InputError([Notice("roads", int(wrong.argmax()), "out-of-order", message)])
    result = np.empty((len(least), draws), dtype=np.int32)
    kernels.draw_triangular(
        least.astype(np.int32), likeliest.astype(np.int32), most.astype(np.int32), seed, 0, result
    )
    return result


def draws_to_all(
    hierarchy: Hierarchy,
    roads: Roads,
    origins: Origins | ArrayLike,
    ticks: Ints,
    *,
    threads: int | None = None,
) -> Ints:
    """Compute the ticks from each origin to every node in many draws of the edges' ticks.

    Parameters
    ----------
    hierarchy
        Of these roads.
    roads
        The graph; its own ticks do not count.
    origins
        Node numbers, or an `Origins`.
    ticks
        int32 (edges, draws), such as `draw_ticks` returns.
    threads
        How many batches of draws to work on at once; as many as there are processors by default.

    Returns
    -------
    int32 (origins, nodes, draws)
        Ticks, or `NEVER`.

    Raises
    ------
    InputError
        The hierarchy is that of another graph, ticks are not one row an edge, or origins are at
        nodes that are not there.
    """
    check_same(hierarchy, roads)
    if ticks.ndim != 2 or len(ticks) != len(roads.edge):
        message = f"ticks of shape {ticks.shape}; give one row for each of {len(roads.edge)} edges"
        raise InputError([Notice("roads", 0, "length-mismatch", message)])
    if ticks.size and (ticks.min() < 0 or ticks.max() > NEVER):
        message = f"ticks outside [0, {NEVER}]"
        raise InputError([Notice("roads", 0, "out-of-range", message)])
    origins = read_origins(origins, len(hierarchy.node))
    n_draws = ticks.shape[1]
    result = np.empty((len(origins), len(hierarchy.node), n_draws), dtype=np.int32)
    seed_rank = hierarchy.rank[origins.node]

    def search_batch(first: int, last: int) -> None:
        up, down = (
            np.empty((len(hierarchy.up_head), last - first), dtype=np.int32) for _ in range(2)
        )
        kernels.feed_lanes(
            hierarchy.feed_start,
            hierarchy.feed_road,
            hierarchy.feed_up,
            roads.edge,
            ticks,
            first,
            up,
            down,
        )
        kernels.customise_lanes(*hierarchy.arcs, up, down)
        kernels.search_lanes(
            hierarchy.up_start,
            hierarchy.up_head,
            up,
            down,
            origins.start,
            seed_rank,
            origins.ticks,
            hierarchy.node,
            first,
            result,
        )

    n_arcs = max(1, len(hierarchy.up_head))
    threads = choose_threads(threads, n_arcs * n_draws * (1 + len(origins)))
    share = -(-n_draws // count_threads(threads))
    size = max(FEWEST_LANES, min(share, MOST_TICKS // n_arcs))
    run_parts(search_batch, n_draws, threads, size=size)
    return result
