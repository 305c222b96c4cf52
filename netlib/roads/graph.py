"""The road graph that searches run on: compressed rows of int32, neighbours near in memory.

Nodes are sorted along a space-filling curve, directed edges by their tails. Callers keep their own
numbers of nodes and edges. Times are whole numbers of *ticks*; the caller decides what a tick is (a
tenth of a second, say) and gets the same unit back. `NEVER` marks a closed edge and a node that is
not reached. A way may be just under `NEVER` ticks long: at a tenth of a second, three years.

A start need not be a node: an `Origins` gives every origin any number of nodes, each with the ticks
that it takes to get there, such as both ends of the edge that a door stands at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netlib.errors import InputError, Notice
from netlib.roads import kernels

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

NEVER = int(kernels.NEVER)
# One bucket holds the ticks of so short an edge that hardly any way has two edges within it.
SHORT_EDGE_PERCENTILE = 10
# One edge of so many is looked at for that.
EDGES_PER_SAMPLE = 16
# Examples of a problem that one notice names.
EXAMPLES = 5


@dataclass(frozen=True, eq=False)
class Roads:
    """A directed road graph; nodes have places along a space-filling curve, edges sorted by tail.

    Attributes
    ----------
    x, y
        Coordinates of the nodes by place.
    start
        int32 (nodes + 1): where the edges out of each place begin.
    head, ticks
        int32 (edges): the place that each edge leads to, and its ticks; `NEVER` when closed.
    node, place
        int32 (nodes): the caller's number of each place, and the place of each number.
    edge, slot
        int32 (edges): the caller's number of each sorted edge, and where each number is sorted to.
    shift
        Width of a bucket in the search, as a power of two of ticks.
    longest
        Ticks of the longest open edge.
    """

    x: Floats
    y: Floats
    start: Ints
    head: Ints
    ticks: Ints
    node: Ints
    place: Ints
    edge: Ints
    slot: Ints
    shift: int
    longest: int

    def __repr__(self) -> str:
        """Show sizes."""
        return f"<Roads: {len(self.node)} nodes, {len(self.edge)} edges>"


@dataclass(frozen=True, eq=False)
class Origins:
    """Starts of searches, as rows of a sparse matrix; targets are given in the same way.

    Attributes
    ----------
    start
        int32 (origins + 1): where the nodes of each origin begin.
    node, ticks
        int32: a node where the origin enters the roads, and how long that takes.
    """

    start: Ints
    node: Ints
    ticks: Ints

    def __len__(self) -> int:
        """Return how many origins there are."""
        return len(self.start) - 1


def build_roads(
    x: ArrayLike, y: ArrayLike, tail: ArrayLike, head: ArrayLike, ticks: ArrayLike
) -> Roads:
    """Build a road graph from directed edges.

    Loops, edges between the same nodes, edges of no length and nodes without edges are all fine.

    Parameters
    ----------
    x, y
        Coordinates of the nodes, in any plane or in degrees; only their order in space counts.
    tail, head
        Node numbers of the edges.
    ticks
        Whole ticks of the edges, 0 or more; `NEVER` for a closed edge.

    Raises
    ------
    InputError
        Every column with a wrong length, a coordinate that is not finite, a node that is not there
        or ticks out of bounds.

    Examples
    --------
    A triangle whose long side takes 9 ticks, with a way back from node 1 to node 0:

    >>> build_roads([0, 1, 1], [0, 0, 1], [0, 1, 0, 1], [1, 2, 2, 0], [2, 3, 9, 2])
    <Roads: 3 nodes, 4 edges>
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    tails, heads = (_read_whole(column) for column in (tail, head))
    lengths = _read_whole(ticks)
    _check_edges(xs, ys, tails, heads, lengths)
    node = np.argsort(_measure_curve(xs, ys), kind="stable").astype(np.int32)
    place = _invert(node)
    edge = np.argsort(place[tails], kind="stable").astype(np.int32)
    sorted_ticks = lengths[edge].astype(np.int32)
    shift, longest = _measure_edges(sorted_ticks)
    start = np.zeros(len(node) + 1, dtype=np.int32)
    np.cumsum(np.bincount(place[tails], minlength=len(node)), out=start[1:])
    return Roads(
        x=xs[node],
        y=ys[node],
        start=start,
        head=place[heads[edge]],
        ticks=sorted_ticks,
        node=node,
        place=place,
        edge=edge,
        slot=_invert(edge),
        shift=shift,
        longest=longest,
    )


def change_ticks(roads: Roads, edges: ArrayLike, ticks: ArrayLike) -> Roads:
    """Return the roads with other ticks on some edges; `NEVER` closes an edge.

    Parameters
    ----------
    roads
        Stays as it is; what does not change is shared.
    edges
        Numbers of edges, as given to `build_roads`.
    ticks
        One number for all of them, or one each.

    Raises
    ------
    InputError
        Edges that are not there, or ticks out of bounds.
    """
    numbers = _read_whole(edges)
    lengths = np.broadcast_to(_read_whole(ticks), numbers.shape)
    notices = [
        *_check_range("edges", numbers, len(roads.edge)),
        *_check_range("ticks", lengths, NEVER + 1),
    ]
    if notices:
        raise InputError(notices)
    changed = roads.ticks.copy()
    changed[roads.slot[numbers]] = lengths
    shift, longest = _measure_edges(changed)
    return replace(roads, ticks=changed, shift=shift, longest=longest)


def reverse_roads(roads: Roads) -> Roads:
    """Turn every edge round: searches from a place then tell how long it takes *to* there."""
    tail = list_tails(roads)
    order = np.argsort(roads.head, kind="stable")
    start = np.zeros_like(roads.start)
    np.cumsum(np.bincount(roads.head, minlength=len(roads.node)), out=start[1:])
    edge = roads.edge[order]
    return replace(
        roads,
        start=start,
        head=tail[order],
        ticks=roads.ticks[order],
        edge=edge,
        slot=_invert(edge),
    )


def list_tails(roads: Roads) -> Ints:
    """Return the place that each sorted edge comes from, as int32."""
    return np.repeat(np.arange(len(roads.node), dtype=np.int32), np.diff(roads.start))


def build_origins(
    owner: ArrayLike, node: ArrayLike, ticks: ArrayLike, *, count: int | None = None
) -> Origins:
    """Gather the nodes of each origin.

    Parameters
    ----------
    owner
        Which origin each row belongs to, counted from 0, in any order.
    node, ticks
        The node where it enters the roads, and the ticks that this takes.
    count
        How many origins there are; up to the last owner if it is not given.

    Raises
    ------
    InputError
        Columns of different lengths, owners or ticks out of bounds.

    Examples
    --------
    >>> build_origins([1, 0, 1], [7, 8, 9], [0, 2, 4])
    Origins(start=array([0, 1, 3], dtype=int32), node=array([8, 7, 9], dtype=int32),
            ticks=array([2, 0, 4], dtype=int32))
    """
    owners, nodes, lengths = (_read_whole(column) for column in (owner, node, ticks))
    if not len(owners) == len(nodes) == len(lengths):
        message = f"{len(owners)} owners, {len(nodes)} nodes, {len(lengths)} ticks; one each"
        raise InputError([Notice("origins", 0, "length-mismatch", message)])
    if count is None:
        count = int(owners.max(initial=-1)) + 1
    notices = [
        *_check_range("owner", owners, count),
        *_check_range("ticks", lengths, NEVER),
    ]
    if notices:
        raise InputError(notices)
    order = np.argsort(owners, kind="stable")
    start = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(owners, minlength=count), out=start[1:])
    return Origins(start, nodes[order].astype(np.int32), lengths[order].astype(np.int32))


def read_origins(origins: Origins | ArrayLike, n_nodes: int) -> Origins:
    """Take plain node numbers as origins of one node each, and check the nodes.

    Raises
    ------
    InputError
        Nodes that are not there.
    """
    if isinstance(origins, Origins):
        notices = _check_range("node", origins.node, n_nodes)
    else:
        nodes = np.atleast_1d(_read_whole(origins))
        notices = _check_range("node", nodes, n_nodes)
        origins = Origins(
            start=np.arange(len(nodes) + 1, dtype=np.int32),
            node=nodes.astype(np.int32),
            ticks=np.zeros(len(nodes), dtype=np.int32),
        )
    if notices:
        raise InputError(notices)
    return origins


def _read_whole(values: ArrayLike) -> NDArray[np.int64]:
    """Return whole numbers as int64; refuse others."""
    array = np.asarray(values)
    if array.dtype.kind not in "iu" and not np.array_equal(array, np.floor(array)):
        message = f"values of {array.dtype}; give whole numbers"
        raise InputError([Notice("roads", 0, "not-whole", message)])
    return array.astype(np.int64)


def _check_edges(
    x: Floats,
    y: Floats,
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    ticks: NDArray[np.int64],
) -> None:
    """Raise the problems of a graph, all at once."""
    notices = []
    if len(x) != len(y) or not len(tail) == len(head) == len(ticks):
        message = (
            f"{len(x)} x, {len(y)} y; {len(tail)} tails, {len(head)} heads, {len(ticks)} ticks; "
            "give as many of each"
        )
        notices.append(Notice("roads", 0, "length-mismatch", message))
    else:
        unknown = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
        if len(unknown):
            message = f"nodes {_name(unknown)} have coordinates that are not finite"
            notices.append(Notice("roads", 0, "not-finite", message))
        for name, column, most in (
            ("tail", tail, len(x)),
            ("head", head, len(x)),
            ("ticks", ticks, NEVER + 1),
        ):
            notices += _check_range(name, column, most)
    if notices:
        raise InputError(notices)


def _check_range(name: str, values: NDArray[Any], end: int) -> list[Notice]:
    """Return a notice when values are not in ``range(end)``."""
    wrong = np.flatnonzero((values < 0) | (values >= end))
    if not len(wrong):
        return []
    message = f"{name} of rows {_name(wrong)} is not in [0, {end})"
    return [Notice("roads", 0, "out-of-range", message)]


def _name(rows: NDArray[Any]) -> str:
    """Name a few of many rows."""
    shown = ", ".join(str(row) for row in rows[:EXAMPLES])
    return shown if len(rows) <= EXAMPLES else f"{shown} and {len(rows) - EXAMPLES} more"


def _invert(order: Ints) -> Ints:
    """Return the inverse of a permutation."""
    result = np.empty_like(order)
    result[order] = np.arange(len(order), dtype=np.int32)
    return result


def _measure_curve(x: Floats, y: Floats) -> NDArray[np.int64]:
    """Return how far along a space-filling curve over their own box the points lie."""
    cells = []
    for values in (x, y):
        low = values.min(initial=np.inf)
        span = values.max(initial=-np.inf) - low
        scale = (kernels.CURVE_SIDE - 1) / span if span > 0 else 0.0
        cells.append(((values - low) * scale).astype(np.int64))
    result: NDArray[np.int64] = kernels.measure_curve(*cells)
    return result


def _measure_edges(ticks: Ints) -> tuple[int, int]:
    """Return the width of buckets that suits these edges, as a power of two, and the longest."""
    is_open = ticks < NEVER
    counted = ticks[is_open & (ticks > 0)][::EDGES_PER_SAMPLE]
    short = int(np.percentile(counted, SHORT_EDGE_PERCENTILE)) if len(counted) else 0
    return max(0, short.bit_length() - 1), int(ticks[is_open].max(initial=0))
