"""Shortest times on a road graph: from one place or many, to everywhere or to what lies near.

All nodes and edges taken and returned here are in the caller's own numbers, all times in the
caller's own ticks (see `netlib.roads.graph`). For many origins on one graph, or one graph in many
scenarios, `netlib.roads.hierarchy` is quicker.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netlib.errors import InputError, Notice, UnreachableError
from netlib.roads import kernels
from netlib.roads.graph import (
    NEVER,
    Ints,
    Origins,
    Roads,
    build_origins,
    build_roads,
    change_ticks,
    list_tails,
    read_origins,
    reverse_roads,
)

__all__ = [
    "NEVER",
    "Origins",
    "Reached",
    "Roads",
    "build_origins",
    "build_roads",
    "change_ticks",
    "count_threads",
    "find_route",
    "nodes_within",
    "one_to_all",
    "reverse_roads",
    "run_parts",
]

# More buckets than this would no longer fit into the cache of one core.
MOST_BUCKETS = 1 << 18
# Parts of the work that every thread takes, so that none waits long for the last.
PARTS_PER_THREAD = 4


@dataclass(frozen=True, eq=False)
class Reached:
    """Nodes within a limit of each origin, as rows of a sparse matrix.

    Attributes
    ----------
    start
        int64 (origins + 1): where the nodes of each origin begin.
    node, ticks
        int32: nodes, each once for an origin and in no order, and how far they are.
    """

    start: NDArray[np.int64]
    node: Ints
    ticks: Ints


def one_to_all(
    roads: Roads,
    origins: Origins | ArrayLike,
    *,
    limit: int | None = None,
    threads: int | None = None,
) -> Ints:
    """Compute the ticks from each origin to every node.

    Parameters
    ----------
    roads
        The graph.
    origins
        Node numbers, or an `Origins`.
    limit
        The most ticks that count; nodes farther than that are `NEVER`.
    threads
        How many origins to search from at once; as many as there are processors by default.

    Returns
    -------
    int32 (origins, nodes)
        Ticks, or `NEVER`.

    Raises
    ------
    InputError
        Origins at nodes that are not there.

    Examples
    --------
    A triangle whose long side takes 9 ticks, with a way back from node 1 to node 0:

    >>> roads = build_roads([0, 1, 1], [0, 0, 1], [0, 1, 0, 1], [1, 2, 2, 0], [2, 3, 9, 2])
    >>> one_to_all(roads, [0, 2])
    array([[         0,          2,          5],
           [1000000000, 1000000000,          0]], dtype=int32)
    """
    origins = read_origins(origins, len(roads.node))
    result = np.empty((len(origins), len(roads.node)), dtype=np.int32)

    def search_part(first: int, last: int) -> None:
        search = _Search(roads, origins, limit)
        for number in range(first, last):
            search.run(number)
            search.take_labels(result[number])

    run_parts(search_part, len(origins), threads)
    return result


def nodes_within(
    roads: Roads, origins: Origins | ArrayLike, limit: int, *, threads: int | None = None
) -> Reached:
    """Find the nodes within a limit of each origin, at the price of those nodes only.

    Parameters
    ----------
    roads, origins, threads
        As in `one_to_all`.
    limit
        The most ticks that count.

    Raises
    ------
    InputError
        Origins at nodes that are not there.
    """
    origins = read_origins(origins, len(roads.node))
    found = [_NO_NODES] * len(origins)

    def search_part(first: int, last: int) -> None:
        search = _Search(roads, origins, limit)
        for number in range(first, last):
            search.run(number)
            found[number] = search.take_reached()

    run_parts(search_part, len(origins), threads)
    start = np.zeros(len(found) + 1, dtype=np.int64)
    np.cumsum([len(nodes) for nodes, _ in found], out=start[1:])
    nodes, ticks = zip(_NO_NODES, *found, strict=True)
    return Reached(start, np.concatenate(nodes), np.concatenate(ticks))


def find_route(roads: Roads, origin: Origins | int, target: int) -> tuple[int, Ints]:
    """Find a shortest way to one node.

    Parameters
    ----------
    roads
        The graph.
    origin
        A node number, or an `Origins` of one origin.
    target
        A node number.

    Returns
    -------
    (int, int32 array)
        Ticks, and the numbers of the edges along the way.

    Raises
    ------
    InputError
        Nodes that are not there, or more than one origin.
    UnreachableError
        There is no way.
    """
    origins = read_origins(origin, len(roads.node))
    end = read_origins(target, len(roads.node))
    if len(origins) != 1 or len(end) != 1:
        message = f"{len(origins)} origins and {len(end)} targets; a route has one of each"
        raise InputError([Notice("origins", 0, "not-one-route", message)])
    search = _Search(roads, origins, None)
    by = np.empty(len(roads.node), dtype=np.int32)
    search.run(0, by)
    place = roads.place[end.node[0]]
    total = search.end_ticks - int(search.label[place])
    if total == NEVER:
        raise UnreachableError(f"no road leads to node {target}")
    tail = list_tails(roads)
    way = []
    while by[place] >= 0:
        way.append(roads.edge[by[place]])
        place = tail[by[place]]
    return total, np.array(way[::-1], dtype=np.int32)


def count_threads(threads: int | None) -> int:
    """Return how many threads to use: as many as asked for, or as there are processors."""
    return threads or os.cpu_count() or 1


def run_parts(
    work: Callable[[int, int], None], count: int, threads: int | None, *, size: int | None = None
) -> None:
    """Run ``work(first, last)`` over all of ``range(count)``, in parts and in threads.

    Parameters
    ----------
    work
        Does a part; kernels that it calls release the lock.
    count
        How much there is.
    threads
        How many threads; as many as there are processors by default.
    size
        Of a part; by default so that threads have a few each.
    """
    n_threads = count_threads(threads)
    if size is None:
        size = max(1, -(-count // (n_threads * PARTS_PER_THREAD)))
    parts = [(first, min(first + size, count)) for first in range(0, count, size)]
    if n_threads == 1 or len(parts) <= 1:
        for first, last in parts:
            work(first, last)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        for part in [pool.submit(work, *part) for part in parts]:
            part.result()


_NO_NODES = (np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32))


class _Search:
    """Room that one thread needs for its searches, used again from one to the next."""

    def __init__(self, roads: Roads, origins: Origins, limit: int | None) -> None:
        self.roads = roads
        self.origins = origins
        self.end_ticks = NEVER if limit is None else max(0, min(int(limit) + 1, NEVER))
        self.place = roads.place[origins.node]
        self.label = np.zeros(len(roads.node), dtype=np.int32)
        self.entry = np.empty((len(roads.head) + len(origins.node) + 1, 2), dtype=np.int32)
        self.used = 0
        latest = min(int(origins.ticks.max(initial=0)), self.end_ticks)
        longest = max(roads.longest, latest)
        self.shift = roads.shift
        while longest >> self.shift >= MOST_BUCKETS:
            self.shift += 1
        self.first = np.full(1 << ((longest >> self.shift) + 1).bit_length(), -1, dtype=np.int32)

    def run(self, number: int, by: Ints | None = None) -> None:
        """Search from one origin."""
        begin, end = self.origins.start[number], self.origins.start[number + 1]
        while True:
            self.used = kernels.spread(
                self.roads.start,
                self.roads.head,
                self.roads.ticks,
                self.place[begin:end],
                self.origins.ticks[begin:end],
                self.end_ticks,
                self.shift,
                self.first,
                self.entry,
                self.label,
                by,
            )
            if self.used >= 0:
                return
            # Wide buckets may correct a label often; there was no room for that.
            self.entry = np.empty((2 * len(self.entry) + 1, 2), dtype=np.int32)
            self.label.fill(0)
            self.first.fill(-1)

    def take_reached(self) -> tuple[Ints, Ints]:
        """Return the nodes that the last search reached and their ticks, and forget them."""
        roads = self.roads
        found: tuple[Ints, Ints] = kernels.take_reached(
            roads.node, self.entry, self.used, self.label, self.end_ticks
        )
        return found

    def take_labels(self, result: Ints) -> None:
        """Write the ticks of all nodes that the last search reached, and forget them."""
        if self.used * kernels.DENSE_SHARE > len(result):
            kernels.take_labels(self.roads.place, self.label, self.end_ticks, result)
            return
        result.fill(NEVER)
        nodes, ticks = self.take_reached()
        result[nodes] = ticks
