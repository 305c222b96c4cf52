"""A customizable contraction hierarchy: many origins and many scenarios on one road graph.

Work is in three steps, each used again as long as it holds:

1. `build_hierarchy` finds an order of the nodes by nested dissection, and the arcs that contracting
   them in this order adds. It depends on which nodes are joined, not on how long that takes. The
   order is kept on disk.
2. `customise` gives the arcs their ticks; `recustomise` repairs them after a few edges changed.
3. `many_to_all` and `many_to_many` answer for many origins at once, lanes side by side. Where the
   scenarios are many and the graph is small, `netlib.roads.draws` puts them into the lanes.

After Dibbelt, Strasser & Wagner (2016), Customizable Contraction Hierarchies, ACM Journal of
Experimental Algorithmics 21, and Delling, Goldberg & Werneck (2011), Faster batched shortest paths
in road networks, ATMOS.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netlib.errors import InputError, Notice
from netlib.roads import (
    customise_kernels,
    hierarchy_kernels,
    repair_kernels,
    run_parts,
    sweep_kernels,
)
from netlib.roads.graph import NEVER, Ints, Origins, Roads, list_tails, read_origins
from netlib.roads.orders import read_order

# Origins that are swept at once: a row of their labels is four lines of the cache.
LANES = 64
# Labels in one line of the cache.
LINE = 16
# Higher neighbours from which on ranks are customised in blocks (see `customise_kernels`).
WIDE = 64
# Arcs that a repair may look at, besides as many as there are; more would take longer than anew.
SMALLEST_BUDGET = 1000
# Parts of the elimination tree that threads sweep side by side; with more of them, more would be
# left to the top, which one thread sweeps.
PARTS = 8
# Labels that one thread compares in the time that starting others is worth.
LABELS_PER_THREAD = 20_000_000


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Nodes in the order of contraction, and the arcs between them.

    Attributes
    ----------
    node
        int32 (nodes): the caller's number of each rank, lowest first.
    rank
        int32 (nodes): the rank of each of the caller's numbers.
    up_start, up_head, down_start, down_tail, down_arc
        int32: arcs to higher ranks, by their lower ends and by their higher ends (see
        `netlib.roads.hierarchy_kernels.fill_in`).
    up_node
        int32 (arcs): the caller's number of each arc's higher end.
    feed_start, feed_road, feed_up
        Sorted edges of the `Roads` that each arc stands for, as rows of a sparse matrix, and
        whether each leads upward.
    road_arc
        int32 (edges): the arc of each sorted edge; -1 for loops.
    part_rank, part_start
        int32: ranks by the parts of the elimination tree, and where these begin (see
        `netlib.roads.hierarchy_kernels.split_tree`).
    """

    node: Ints
    rank: Ints
    up_start: Ints
    up_head: Ints
    down_start: Ints
    down_tail: Ints
    down_arc: Ints
    up_node: Ints
    feed_start: Ints
    feed_road: Ints
    feed_up: NDArray[np.bool_]
    road_arc: Ints
    part_rank: Ints
    part_start: Ints

    def __repr__(self) -> str:
        """Show sizes."""
        return f"<Hierarchy: {len(self.node)} nodes, {len(self.up_head)} arcs>"

    @property
    def arcs(self) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        """Return the arcs as kernels take them."""
        return self.up_start, self.up_head, self.down_start, self.down_tail, self.down_arc


@dataclass(frozen=True, eq=False)
class Metric:
    """Ticks of a hierarchy's arcs.

    Attributes
    ----------
    hierarchy
        Whose arcs.
    up, down
        int32 (arcs): ticks from the lower to the higher end, and back.
    """

    hierarchy: Hierarchy
    up: Ints
    down: Ints


def build_hierarchy(roads: Roads, *, cache: Path | None = None) -> Hierarchy:
    """Order the nodes of a road graph and find the arcs of its hierarchy.

    Parameters
    ----------
    roads
        The graph; its ticks do not count.
    cache
        Folder where orders are kept by the content of the graph; see
        `netlib.caches.find_cache`.

    Raises
    ------
    NetlibError
        The package that finds orders is not installed.
    """
    tail = list_tails(roads)
    by_place = read_order(roads, cache=cache)
    rank_of_place = np.empty_like(by_place)
    rank_of_place[by_place] = np.arange(len(by_place), dtype=np.int32)
    tails, heads = rank_of_place[tail], rank_of_place[roads.head]
    low, high = np.minimum(tails, heads), np.maximum(tails, heads)
    pairs = np.unique(low.astype(np.int64) * len(by_place) + high)
    pair_low, pair_high = np.divmod(pairs, max(1, len(by_place)))
    proper = pair_low < pair_high
    start = np.zeros(len(by_place) + 1, dtype=np.int32)
    np.cumsum(np.bincount(pair_low[proper], minlength=len(by_place)), out=start[1:])
    up_start, up_head, down_start, down_tail, down_arc = hierarchy_kernels.fill_in(
        start, pair_high[proper].astype(np.int32)
    )
    road_arc = hierarchy_kernels.find_arcs(up_start, up_head, low, high)
    feed_road = np.argsort(road_arc, kind="stable")[np.count_nonzero(road_arc < 0) :]
    feed_start = np.zeros(len(up_head) + 1, dtype=np.int32)
    np.cumsum(np.bincount(road_arc[feed_road], minlength=len(up_head)), out=feed_start[1:])
    node = roads.node[by_place]
    part_rank, part_start = hierarchy_kernels.split_tree(up_start, up_head, PARTS)
    return Hierarchy(
        node=node,
        rank=rank_of_place[roads.place],
        up_start=up_start,
        up_head=up_head,
        down_start=down_start,
        down_tail=down_tail,
        down_arc=down_arc,
        up_node=node[up_head],
        feed_start=feed_start,
        feed_road=feed_road.astype(np.int32),
        feed_up=tails[feed_road] < heads[feed_road],
        road_arc=road_arc,
        part_rank=part_rank,
        part_start=part_start,
    )


def customise(hierarchy: Hierarchy, roads: Roads) -> Metric:
    """Compute the ticks of all arcs from those of the roads.

    Parameters
    ----------
    hierarchy
        Of these roads, or of roads that differ in their ticks only.
    roads
        The graph.

    Raises
    ------
    InputError
        The hierarchy is that of another graph.
    """
    check_same(hierarchy, roads)
    up, down = (np.empty(len(hierarchy.up_head), dtype=np.int32) for _ in range(2))
    customise_kernels.feed_arcs(
        hierarchy.feed_start, hierarchy.feed_road, hierarchy.feed_up, roads.ticks, up, down
    )
    customise_kernels.customise(*hierarchy.arcs, WIDE, up, down)
    return Metric(hierarchy, up, down)


def recustomise(metric: Metric, roads: Roads, edges: ArrayLike) -> Metric:
    """Repair the ticks of the arcs after a few edges changed.

    Takes far less than `customise` where the change matters to its neighbourhood only. Where it
    turns out to matter to much of the graph, such as a closed motorway, it is as `customise`.

    Parameters
    ----------
    metric
        Ticks of before; stays as it is.
    roads
        The graph as it is now, as `netlib.roads.change_ticks` returns it.
    edges
        Numbers of all edges that are not as they were before.

    Raises
    ------
    InputError
        The hierarchy is that of another graph, or edges are not there.
    """
    hierarchy = metric.hierarchy
    check_same(hierarchy, roads)
    numbers = np.atleast_1d(np.asarray(edges, dtype=np.int64))
    if np.any((numbers < 0) | (numbers >= len(roads.slot))):
        message = f"edges outside [0, {len(roads.slot)}); give numbers of edges"
        raise InputError([Notice("roads", 0, "out-of-range", message)])
    arcs = hierarchy.road_arc[roads.slot[numbers]]
    up, down = metric.up.copy(), metric.down.copy()
    is_repaired = repair_kernels.recustomise(
        *hierarchy.arcs,
        hierarchy.feed_start,
        hierarchy.feed_road,
        hierarchy.feed_up,
        roads.ticks,
        arcs[arcs >= 0],
        SMALLEST_BUDGET + len(up),
        up,
        down,
    )
    return Metric(hierarchy, up, down) if is_repaired else customise(hierarchy, roads)


def reverse_metric(metric: Metric) -> Metric:
    """Turn every way round: times from a place then tell how long it takes *to* there."""
    return Metric(metric.hierarchy, metric.down, metric.up)


def many_to_all(
    metric: Metric, origins: Origins | ArrayLike, *, threads: int | None = None
) -> Ints:
    """Compute the ticks from many origins to every node.

    Parameters
    ----------
    metric
        A hierarchy with its ticks.
    origins
        Node numbers, or an `Origins`.
    threads
        How many batches of origins to work on at once; as many as there are processors by default.

    Returns
    -------
    int32 (origins, nodes)
        Ticks, or `NEVER`; the origins lie side by side in memory.

    Raises
    ------
    InputError
        Origins at nodes that are not there.
    """
    hierarchy = metric.hierarchy
    size = len(hierarchy.node)
    origins = read_origins(origins, size)
    lanes = _make_lanes(size, len(origins))
    threads = choose_threads(threads, len(hierarchy.up_head) * len(origins))

    def sweep_ranks(batch: tuple[int, int], ranks: Ints, filled: NDArray[np.bool_]) -> None:
        sweep_kernels.sweep(
            hierarchy.up_start,
            hierarchy.up_node,
            metric.down,
            hierarchy.node,
            ranks,
            lanes,
            *batch,
            filled,
        )

    def sweep_batch(first: int, last: int) -> None:
        filled = _climb(metric, origins, (first, last), hierarchy.node, lanes, first)
        sweep_ranks((first, last), hierarchy.part_rank, filled)

    if len(origins) > LANES:
        run_parts(sweep_batch, len(origins), threads, size=LANES)
        return lanes[:, : len(origins)].T
    # A single batch, whose threads share the tree.
    batch = 0, len(origins)
    filled = _climb(metric, origins, batch, hierarchy.node, lanes, 0)
    parts = np.split(hierarchy.part_rank, hierarchy.part_start[1:-1])
    sweep_ranks(batch, parts[0], filled)
    run_parts(
        lambda k, _: sweep_ranks(batch, parts[1 + k], filled), len(parts) - 1, threads, size=1
    )
    return lanes[:, : len(origins)].T


def many_to_many(
    metric: Metric,
    origins: Origins | ArrayLike,
    targets: Origins | ArrayLike,
    *,
    threads: int | None = None,
) -> Ints:
    """Compute the ticks from many origins to many targets.

    Parameters
    ----------
    metric
        A hierarchy with its ticks.
    origins, targets
        Node numbers, or an `Origins`; the ticks of a target are those from its nodes to it.
    threads
        As in `many_to_all`.

    Returns
    -------
    int32 (origins, targets)
        Ticks, or `NEVER`.

    Raises
    ------
    InputError
        Origins or targets at nodes that are not there.
    """
    hierarchy = metric.hierarchy
    size = len(hierarchy.node)
    origins, targets = read_origins(origins, size), read_origins(targets, size)
    result = np.full((len(origins), len(targets)), NEVER, dtype=np.int32)
    target_rank = hierarchy.rank[targets.node]
    selected = sweep_kernels.select_ancestors(hierarchy.up_start, hierarchy.up_head, target_rank)
    row, start, head, ticks = sweep_kernels.select_arcs(
        hierarchy.up_start, hierarchy.up_head, metric.down, selected
    )
    own = np.arange(len(selected), dtype=np.int32)
    falling = own[::-1].copy()
    target_row = row[target_rank]

    def sweep_batch(first: int, last: int) -> None:
        width = last - first
        lanes = _make_lanes(len(selected), width)
        filled = _climb(metric, origins, (first, last), row, lanes, 0)
        sweep_kernels.sweep(start, head, ticks, own, falling, lanes, 0, width, filled)
        sweep_kernels.take_targets(
            lanes, targets.start, target_row, targets.ticks, result[first:last]
        )

    threads = choose_threads(threads, len(head) * len(origins))
    run_parts(sweep_batch, len(origins), threads, size=LANES)
    return result


def choose_threads(threads: int | None, labels: int) -> int | None:
    """Return how many threads to compare so many labels with: as asked, or what is worth it."""
    return 1 if threads is None and labels < LABELS_PER_THREAD else threads


def check_same(hierarchy: Hierarchy, roads: Roads) -> None:
    """Raise when a hierarchy cannot be that of these roads."""
    sizes = len(hierarchy.node), len(hierarchy.road_arc)
    if sizes != (len(roads.node), len(roads.edge)):
        message = f"{hierarchy} is not of {roads}; build the hierarchy of these roads"
        raise InputError([Notice("roads", 0, "other-graph", message)])


def _make_lanes(rows: int, width: int) -> Ints:
    """Make room for labels whose rows begin and end with lines of the cache."""
    lines = -(-width // LINE)
    if width > LANES and lines % 2 == 0:
        # A batch uses only a part of each row: at an even distance, these parts would meet in the
        # same part of the cache.
        lines += 1
    columns = lines * LINE
    room = np.empty(rows * columns + LINE, dtype=np.int32)
    begin = -(room.ctypes.data // room.itemsize) % LINE
    return room[begin : begin + rows * columns].reshape(rows, columns)


def _climb(
    metric: Metric,
    origins: Origins,
    batch: tuple[int, int],
    row: Ints,
    lanes: Ints,
    first_lane: int,
) -> NDArray[np.bool_]:
    """Search upward from a batch of origins, each into its lane; return which rows were met."""
    hierarchy = metric.hierarchy
    first, last = batch
    filled = np.zeros(len(lanes), dtype=np.bool_)
    sweep_kernels.climb_lanes(
        hierarchy.up_start,
        hierarchy.up_head,
        metric.up,
        origins.start[first : last + 1],
        hierarchy.rank[origins.node],
        origins.ticks,
        row,
        lanes,
        first_lane,
        filled,
        np.full(len(hierarchy.node), NEVER, dtype=np.int32),
    )
    return filled
