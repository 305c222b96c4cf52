"""Cut ways into the directed edges of a street graph.

Ways are cut where they meet, where they end, and at barriers, which belong to two ends that nothing
joins. Nodes that lie beyond an extract cut a way too: its parts inside stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.errors import InputError, Notice
from netlib.streets.speeds import Mode
from netlib.streets.tags import WayUse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
METRES_PER_KM = 1000.0
# Examples of a problem that one notice names.
EXAMPLES = 3


class Shapes(NamedTuple):
    """Lines of many points: line ``i`` has the points ``offsets[i]`` to ``offsets[i + 1]``.

    Attributes
    ----------
    x, y
        Longitude and latitude; along one line, x runs on beyond ±180 where it crosses the
        antimeridian.
    offsets
        int64, one more than lines.
    """

    x: Floats
    y: Floats
    offsets: Ints

    def take(self, lines: Ints, *, backward: Flags | None = None) -> Shapes:
        """Return the lines of these indices, the flagged ones turned round."""
        counts = np.diff(self.offsets)[lines]
        offsets = np.concatenate(([0], np.cumsum(counts)))
        step = np.arange(offsets[-1]) - np.repeat(offsets[:-1], counts)
        first = np.repeat(self.offsets[:-1][lines], counts)
        place = first + step
        if backward is not None:
            last = first + np.repeat(counts, counts) - 1
            place = np.where(np.repeat(backward, counts), last - step, place)
        return Shapes(self.x[place], self.y[place], offsets)


@dataclass(frozen=True, eq=False)
class Streets:
    """A street graph for one mode.

    Attributes
    ----------
    nodes
        ``node_id`` (int64, of OpenStreetMap; negative at the two sides of a barrier), ``x``, ``y``
        (longitude and latitude, WGS84). The row position is the number that edges use.
    edges
        One row for each direction: ``tail``, ``head`` (int32, positions in `nodes`; equal for a
        loop), ``length_m`` (geodesic), ``class`` (category), ``speed_kmh`` (free flow),
        ``one_way``, ``access`` (category: ``yes`` or ``destination``), ``name`` (category),
        ``way_id`` (int64), ``reverse`` (int32, position of the same street's other direction; -1
        for one-way streets).
    shapes
        Line of every edge.
    mode
        Who moves: ``drive``, ``walk`` or ``bike``.
    source, attribution
        Where the data come from, and whom to name.
    notices
        Warnings about what was left out.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    shapes: Shapes
    mode: Mode
    source: str
    attribution: str = ATTRIBUTION
    notices: tuple[Notice, ...] = ()

    def __repr__(self) -> str:
        """Show mode, sizes and source."""
        return (
            f"<Streets {self.mode}: {len(self.nodes)} nodes, {len(self.edges)} edges, "
            f"{self.source}>"
        )


@dataclass(frozen=True, eq=False)
class Ways:
    """Ways of one mode as read, before they are cut.

    Attributes
    ----------
    way_ids, names, uses
        One per way.
    refs, x, y
        Node ids and coordinates along each way (lists in step with `way_ids`); NaN where the
        extract lacks the node.
    blocked
        Ids of nodes that stop the mode.
    """

    way_ids: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    uses: list[WayUse] = field(default_factory=list)
    refs: list[Sequence[int]] = field(default_factory=list)
    x: list[Sequence[float]] = field(default_factory=list)
    y: list[Sequence[float]] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)


class _Pieces(NamedTuple):
    """Undirected pieces between two cuts."""

    way: Ints
    tail: Ints
    head: Ints
    shapes: Shapes
    length_m: Floats


def build_streets(ways: Ways, *, mode: Mode, source: str) -> Streets:
    """Cut ways into a graph.

    Parameters
    ----------
    ways
        What `mode` uses.
    source
        Name of the file or service, for messages and the map's footer.

    Raises
    ------
    InputError
        If there is no edge, or a coordinate lies outside the globe.
    """
    refs, x, y = (_join(values, kind) for values, kind in _columns(ways))
    way = np.repeat(np.arange(len(ways.refs)), [len(r) for r in ways.refs])
    wrong = (np.abs(x) > 180) | (np.abs(y) > 90)
    if wrong.any():
        node = refs[int(np.argmax(wrong))]
        message = f"node {node} lies at {x[wrong][0]:g} {y[wrong][0]:g}; use degrees of WGS84"
        raise InputError([Notice(source, 0, "not-on-the-globe", message)])
    missing = np.isnan(x) | np.isnan(y)
    incomplete = np.unique(way[missing])
    pieces, nodes = _cut(refs, x, y, way, missing, ways.blocked)
    if not len(pieces.way):
        raise InputError([_describe_empty(source, mode)])
    forward, backward = _find_speeds(ways.uses, pieces, incomplete)
    streets = _build_directed(pieces, nodes, forward, backward, ways)
    notices = _describe_unread(ways, source)
    if len(incomplete):
        message = f"{len(incomplete)} ways leave the extract; their parts inside are kept"
        notices.append(Notice(source, 0, "cut-ways", message, "warning"))
    return Streets(*streets, mode, source, notices=tuple(notices))


def _columns(ways: Ways) -> tuple[tuple[list[Any], str], ...]:
    return (ways.refs, "int64"), (ways.x, "float64"), (ways.y, "float64")


def _join(values: list[Any], kind: str) -> NDArray[Any]:
    return np.concatenate([np.empty(0, kind), *(np.asarray(v, kind) for v in values)])


def _describe_empty(source: str, mode: Mode) -> Notice:
    message = f"there is no street for mode {mode!r}; check the area and the mode"
    return Notice(source, 0, "no-streets", message)


def _describe_unread(ways: Ways, source: str) -> list[Notice]:
    unread = [
        f"way {way_id} {use.unread}"
        for way_id, use in zip(ways.way_ids, ways.uses, strict=True)
        if use.unread
    ]
    if not unread:
        return []
    examples = "; ".join(unread[:EXAMPLES])
    message = f"{len(unread)} limits or durations cannot be read, defaults stand in: {examples}"
    return [Notice(source, 0, "unread-limit", message, "warning")]


def _cut(
    refs: Ints, x: Floats, y: Floats, way: Ints, missing: Flags, blocked: set[int]
) -> tuple[_Pieces, pd.DataFrame]:
    """Cut at junctions, ends, gaps and barriers; number the nodes that remain."""
    # A node twice in a row is one; what stands before a gap and behind it are two runs.
    after_gap = np.concatenate(([False], missing[:-1])) if len(missing) else missing
    same_way = np.concatenate(([False], way[1:] == way[:-1])) if len(way) else missing
    repeated = same_way & np.concatenate(([False], refs[1:] == refs[:-1])) if len(refs) else missing
    run = np.cumsum(~same_way | after_gap)
    keep = ~missing & ~repeated
    refs, x, y, way, run = refs[keep], x[keep], y[keep], way[keep], run[keep]

    ids, place, counts = np.unique(refs, return_inverse=True, return_counts=True)
    starts = np.ones(len(run), dtype=bool)
    starts[1:] = run[1:] != run[:-1]
    ends = np.roll(starts, -1)
    shut = np.isin(ids, list(blocked))
    cut = np.flatnonzero((counts[place] > 1) | starts | ends | shut[place])
    first, last = cut[:-1], cut[1:]
    inside = run[first] == run[last]
    first, last = first[inside], last[inside]

    shapes = Shapes(x, y, np.arange(len(x) + 1)).take(_count_up(first, last))
    shapes = Shapes(shapes.x, shapes.y, np.concatenate(([0], np.cumsum(last - first + 1))))
    shapes = _unwrap(shapes)
    # Each piece has its own node at a barrier.
    key = np.concatenate((place[first], place[last]))
    at_barrier = np.flatnonzero(shut[key])
    key[at_barrier] = len(ids) + np.arange(len(at_barrier))
    used, number = np.unique(key, return_inverse=True)
    node_id = np.concatenate((ids, -1 - np.arange(len(at_barrier))))[used]
    at = np.empty(len(used), dtype=np.int64)
    at[number] = np.concatenate((first, last))
    nodes = pd.DataFrame({"node_id": node_id, "x": x[at], "y": y[at]})
    tail, head = number[: len(first)], number[len(first) :]
    return _Pieces(way[first], tail, head, shapes, measure_shapes(shapes)), nodes


def _count_up(first: Ints, last: Ints) -> Ints:
    """Concatenate the ranges from ``first`` to ``last``, both included."""
    counts = last - first + 1
    offsets = np.concatenate(([0], np.cumsum(counts)))
    steps: Ints = np.arange(offsets[-1]) - np.repeat(offsets[:-1] - first, counts)
    return steps


def _unwrap(shapes: Shapes) -> Shapes:
    """Let x run on where a line crosses the antimeridian."""
    turns = np.zeros(len(shapes.x))
    turns[1:] = -np.round(np.diff(shapes.x) / 360)
    turns[shapes.offsets[:-1]] = 0
    if not turns.any():
        return shapes
    total = np.cumsum(turns)
    total -= np.repeat(total[shapes.offsets[:-1]], np.diff(shapes.offsets))
    return shapes._replace(x=shapes.x + 360 * total)


def measure_shapes(shapes: Shapes) -> Floats:
    """Measure the geodesic length of every line on the WGS84 ellipsoid, in metres."""
    from pyproj import Geod

    step = np.zeros(len(shapes.x))
    if len(step):
        _, _, step[1:] = Geod(ellps="WGS84").inv(
            shapes.x[:-1], shapes.y[:-1], shapes.x[1:], shapes.y[1:]
        )
        step[shapes.offsets[:-1]] = 0
    total = np.concatenate(([0.0], np.cumsum(step)))
    lengths: Floats = total[shapes.offsets[1:]] - total[shapes.offsets[:-1]]
    return lengths


def _find_speeds(uses: list[WayUse], pieces: _Pieces, incomplete: Ints) -> tuple[Floats, Floats]:
    """Find the speeds of the pieces in km/h; a tagged duration is spread over the whole way."""
    forward = np.array([use.forward_kmh for use in uses])
    backward = np.array([use.backward_kmh for use in uses])
    seconds = np.array([use.seconds for use in uses])
    seconds[incomplete] = np.nan  # the length that belongs to the duration is not known
    length_km = np.bincount(pieces.way, pieces.length_m, minlength=len(uses)) / METRES_PER_KM
    timed = ~np.isnan(seconds) & (length_km > 0)
    speed = length_km[timed] / (seconds[timed] / 3600)
    forward[timed] = np.where(forward[timed] > 0, speed, 0.0)
    backward[timed] = np.where(backward[timed] > 0, speed, 0.0)
    return forward[pieces.way], backward[pieces.way]


def _build_directed(
    pieces: _Pieces, nodes: pd.DataFrame, forward: Floats, backward: Floats, ways: Ways
) -> tuple[pd.DataFrame, pd.DataFrame, Shapes]:
    """Turn pieces into one edge for each open direction, the two of a street side by side."""
    piece = np.repeat(np.arange(len(pieces.way)), 2)
    turned = np.tile([False, True], len(pieces.way))
    speed = np.column_stack((forward, backward)).ravel()
    keep = speed > 0
    row = np.cumsum(keep) - 1
    partner = np.arange(len(keep)) ^ 1
    reverse = np.where(keep[partner], row[partner], -1)[keep]
    piece, turned, speed = piece[keep], turned[keep], speed[keep]
    way = pieces.way[piece]
    tail, head = pieces.tail[piece], pieces.head[piece]
    edges = pd.DataFrame(
        {
            "tail": np.where(turned, head, tail).astype(np.int32),
            "head": np.where(turned, tail, head).astype(np.int32),
            "length_m": pieces.length_m[piece],
            "class": _categorise([use.road_class for use in ways.uses], way),
            "speed_kmh": speed,
            "one_way": reverse < 0,
            "access": _categorise([use.access for use in ways.uses], way),
            "name": _categorise(ways.names, way),
            "way_id": np.asarray(ways.way_ids, dtype=np.int64)[way],
            "reverse": reverse.astype(np.int32),
        }
    )
    return nodes, edges, pieces.shapes.take(piece, backward=turned)


def _categorise(words: list[str], index: Ints) -> pd.Categorical:
    codes, categories = pd.factorize(np.asarray(words, dtype=object), sort=True)
    return pd.Categorical.from_codes(codes[index], categories=pd.Index(categories))
