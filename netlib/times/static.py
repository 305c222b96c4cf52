"""The ways of a day that need no clock: on foot, in stations, by metro, by trains known by count.

A weighted graph in three layers, for what a traveller has used so far: nothing, only services that
people turn up at, or a train that was planned for. So nobody goes from a door to a door by taxi and
taxi again, and the wait for a train without clock times is counted when one changes to it, not when
one leaves home for it. Doors are joined to the street of stops by `netlib.times.access`; runs with
clock times lie on top (`netlib.times.plan`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.geometry import pair_near
from netlib.readings import Window
from netlib.roads import (
    NEVER,
    Origins,
    Reached,
    Roads,
    build_origins,
    build_roads,
    find_route,
    nodes_within,
    one_to_all,
    reverse_roads,
)
from netlib.tables import Network
from netlib.times.trains import Trains, read_trains, select_loose
from netlib.timetable import Timetable
from netlib.timetable.order import sort_rows
from netlib.timetable.walks import build_walks
from netlib.vehicles import KINDS, METRO, RAIL

Ints = NDArray[np.int64]

SECONDS_PER_MINUTE = 60.0
# What a traveller has used so far: nothing, services that one turns up at, a planned train.
NOTHING, TURNED_UP, PLANNED = range(3)
# What an edge is.
WALK, PROCESS, EXIT, CHANGE, RIDE = range(5)
EDGES = ("walk", "process", "exit", "transfer", "ride")
# Longest headway of a service that people turn up at without looking at the clock: arrivals go over
# from random to planned at about 11 minutes (Fan & Machemehl 2009, Do transit users just wait for
# buses or wait with strategies?, Transportation Research Record 2111, 169-176).
TURN_UP_SECONDS = 720.0
# Rarest train without clock times that people plan with. Of the minutes of a window as many have a
# departure within the hour as an hour has of the mean gap: from two hours on fewer than half, and a
# pair with fewer has no journey (`netlib.times.plan`).
RAREST_SECONDS = 7200.0
# Longest change between two trains by other means, and longest way on from one: beyond two hours a
# journey is none that anybody plans with. A limit of the search.
LONGEST_CHANGE_SECONDS = 7200


@dataclass(frozen=True, eq=False)
class Static:
    """The static graph of a day and window.

    Nodes are numbered layer by layer: the street at each stop in three layers; the same for those
    who walked there from another stop and walk no farther, so that one walk lies between two rides;
    the departing side of each platform in three layers, and its arriving side in two (`TURNED_UP`
    and `PLANNED`).

    Attributes
    ----------
    trains
        The services, whose stops and platforms the nodes are of.
    tail, head, seconds, what
        int64 (edges): nodes, seconds with the wait, and `WALK` to `RIDE`.
    wait
        int64 (edges): the part of the seconds that is waiting.
    gap
        float64 (edges): mean seconds between two departures of a ride, 0 for other edges.
    trip
        object (edges): trip of a ride, '' for other edges.
    planned
        Whether a traveller leaves home in time for a train without clock times.
    """

    trains: Trains
    tail: Ints
    head: Ints
    seconds: Ints
    what: Ints
    wait: Ints
    gap: NDArray[np.float64]
    trip: NDArray[Any]
    planned: bool

    @property
    def n_stops(self) -> int:
        """Number of stops."""
        return len(self.trains.stops)

    @property
    def n_platforms(self) -> int:
        """Number of platforms."""
        return len(self.trains.stop)

    @property
    def size(self) -> int:
        """Number of nodes."""
        return self.first_platform + 5 * self.n_platforms

    @property
    def first_platform(self) -> int:
        """Number of the first node of a platform; those before are in the street."""
        return 6 * self.n_stops

    def street(self, stop: Any, layer: int) -> Any:
        """Return the nodes of the street at stops."""
        return layer * self.n_stops + stop

    def walked(self, stop: Any, layer: int) -> Any:
        """Return the nodes of the street at stops of those who walked there."""
        return (3 + layer) * self.n_stops + stop

    def out(self, platform: Any, layer: int) -> Any:
        """Return the nodes of the departing side of platforms."""
        return self.first_platform + layer * self.n_platforms + platform

    def into(self, platform: Any, layer: int) -> Any:
        """Return the nodes of the arriving side of platforms; the layer is at least 1."""
        return self.first_platform + (2 + layer) * self.n_platforms + platform

    def locate(self, node: int) -> int:
        """Return the stop that a node belongs to, as a position."""
        if node < self.first_platform:
            return node % self.n_stops
        return int(self.trains.stop[self.find_platform(node)])

    def find_platform(self, node: int) -> int:
        """Return the platform that a node is a side of, as a position."""
        return (node - self.first_platform) % self.n_platforms

    @cached_property
    def roads(self) -> Roads:
        """The graph for searches from places."""
        nothing = np.zeros(self.size)
        return build_roads(nothing, nothing, self.tail, self.head, self.seconds)

    @cached_property
    def back(self) -> Roads:
        """The graph turned round, for searches to places."""
        return reverse_roads(self.roads)

    @cached_property
    def onward(self) -> Reached:
        """What is reached from the arriving side of each platform of a planned train."""
        nodes = self.into(np.arange(self.n_platforms), PLANNED)
        return nodes_within(self.roads, nodes, LONGEST_CHANGE_SECONDS)

    @cached_property
    def inward(self) -> Reached:
        """What is reached from the street at each stop by who has used nothing so far."""
        nodes = self.street(np.arange(self.n_stops), NOTHING)
        return nodes_within(self.roads, nodes, LONGEST_CHANGE_SECONDS)

    def search_from(self, nodes: Any, seconds: Any) -> NDArray[np.int32]:
        """Return the seconds from a place to every node; the place reaches some nodes first."""
        found: NDArray[np.int32] = one_to_all(self.roads, _one(nodes, seconds))[0]
        return found

    def search_to(self, nodes: Any, seconds: Any) -> NDArray[np.int32]:
        """Return the seconds from every node to a place; some nodes come last before it."""
        found: NDArray[np.int32] = one_to_all(self.back, _one(nodes, seconds))[0]
        return found

    def trace_from(self, nodes: Any, seconds: Any, target: int) -> tuple[int, list[int]]:
        """Return the node where the quickest way to a target begins, and its edges."""
        _, edges = find_route(self.roads, _one(nodes, seconds), int(target))
        begin = int(self.tail[edges[0]]) if len(edges) else int(target)
        return begin, [int(edge) for edge in edges]

    def trace_to(self, source: int, nodes: Any, seconds: Any) -> tuple[list[int], int]:
        """Return the edges of the quickest way from a node to a place, and the last node."""
        _, edges = find_route(self.back, _one(nodes, seconds), int(source))
        ordered = [int(edge) for edge in edges[::-1]]
        end = int(self.head[ordered[-1]]) if ordered else int(source)
        return ordered, end

    @cached_property
    def timetable(self) -> Timetable:
        """The runs with clock times, with the ways between platforms as walks."""
        reached, limit = self.onward, self.out(0, PLANNED)
        platform = np.repeat(np.arange(self.n_platforms), np.diff(reached.start))
        target = reached.node - limit
        boards = (target >= 0) & (target < self.n_platforms)
        return _with_walks(
            self.trains.timetable,
            platform[boards],
            target[boards].astype(np.int64),
            reached.ticks[boards].astype(np.int64),
        )


def _one(nodes: Any, seconds: Any) -> Origins:
    """Return one origin that reaches some nodes after some seconds."""
    numbers = np.asarray(nodes, dtype=np.int64)
    return build_origins(
        np.zeros(len(numbers), dtype=np.int64), numbers, np.asarray(seconds), count=1
    )


def _with_walks(timetable: Timetable, start: Ints, end: Ints, seconds: Ints) -> Timetable:
    """Return a timetable with ways from platform to platform, those to itself as changes."""
    names = np.asarray(timetable.stops)
    table = pd.DataFrame(
        {"from_stop_id": names[start], "to_stop_id": names[end], "seconds": seconds.astype(float)}
    )
    walks, change = build_walks(
        pd.DataFrame({"stop_id": names}), table, change_seconds=int(NEVER), max_walk_seconds=0
    )
    rows = timetable.rows
    if (rows[:, 0] == rows[:, 1]).any():
        # The order of connections that take no time depends on where one changes in no time.
        rows = sort_rows(rows, walks, change)
    return replace(
        timetable,
        rows=rows,
        walk_start=walks[0],
        walk_stop=walks[1],
        walk_seconds=walks[2],
        change=change,
    )


def build_static(
    network: Network, window: Window, *, planned: bool, by_count: bool = True
) -> Static:
    """Build the static graph of a network of one day, at its own figures; it is kept with it.

    Parameters
    ----------
    network
        A network of one day.
    window
        Seconds after midnight, half open, in which people leave; it decides the headways.
    planned
        Whether people leave home in time for a train without clock times, or wait for it at random.
    by_count
        Whether trains without clock times count at all; those that one turns up at always do.
    """
    key = ("static", window, planned, by_count)
    return network.remember(
        key, lambda: _build(network, window, planned=planned, by_count=by_count)
    )


def _build(network: Network, window: Window, *, planned: bool, by_count: bool) -> Static:
    """Build what `build_static` returns."""
    trains = read_trains(network)
    static = Static(trains, *_no_edges(), planned)
    parts = [
        *station_edges(network, static),
        *walk_edges(network, static),
        *ride_edges(static, window, by_count=by_count),
    ]
    columns = (np.concatenate(column) for column in zip(*parts, strict=True))
    tail, head, seconds, what, wait, gap, trip = columns
    return Static(trains, tail, head, seconds, what, wait, gap, trip, planned)


Edges = tuple[Ints, Ints, Ints, Ints, Ints, NDArray[np.float64], NDArray[Any]]


def _no_edges() -> Edges:
    none = np.zeros(0, dtype=np.int64)
    return none, none, none, none, none, np.zeros(0), np.zeros(0, dtype=object)


def make_edges(
    tail: Any, head: Any, seconds: Any, what: int, *, wait: Any = 0, gap: Any = 0.0, trip: Any = ""
) -> Edges:
    """Make edges of one kind; scalars stand for all."""
    size = len(tail)

    def fill(values: Any, dtype: Any) -> NDArray[Any]:
        return np.array(np.broadcast_to(np.asarray(values, dtype=dtype), size))

    return (
        fill(tail, np.int64),
        fill(head, np.int64),
        fill(np.rint(np.asarray(seconds, dtype=np.float64)), np.int64),
        fill(what, np.int64),
        fill(np.rint(np.asarray(wait, dtype=np.float64)), np.int64),
        fill(gap, np.float64),
        fill(trip, object),
    )


def station_seconds(network: Network, what: str) -> NDArray[np.float64]:
    """Return the seconds of ``process``, ``exit`` or ``transfer`` in stations, by kind of vehicle.

    A stop in the street has no way in and no way out.
    """
    seconds = np.zeros(len(KINDS))
    for kind in (RAIL, METRO):
        minutes = network.parameter(f"{KINDS[kind]}_{what}_minutes")
        seconds[kind] = minutes * SECONDS_PER_MINUTE
    return seconds


def station_edges(network: Network, static: Static) -> list[Edges]:
    """Make the ways inside stations: street to platform, platform to street, and changes."""
    trains = static.trains
    platform = np.arange(static.n_platforms)
    process, leave, change = (
        station_seconds(network, what)[trains.kind] for what in ("process", "exit", "transfer")
    )
    parts = []
    for layer in (NOTHING, TURNED_UP, PLANNED):
        for street in (static.street, static.walked):
            ends = street(trains.stop, layer), static.out(platform, layer)
            parts.append(make_edges(*ends, process, PROCESS))
    for layer in (TURNED_UP, PLANNED):
        ends = static.into(platform, layer), static.street(trains.stop, layer)
        parts.append(make_edges(*ends, leave, EXIT))
        ends = static.into(platform, layer), static.out(platform, layer)
        parts.append(make_edges(*ends, change, CHANGE))
    return parts


def walk_edges(network: Network, static: Static) -> list[Edges]:
    """Make the walks between the streets at stops close to each other, geodesic times detour."""
    stops = locate_stops(network, static.trains)
    a, b, km = pair_near(stops, stops, network.parameter("station_walk_link_km"))
    apart = a != b
    speed = network.parameter("walk_speed_kmh") / network.parameter("walk_detour_ratio")
    seconds = km[apart] / speed * 3600.0
    return [
        make_edges(static.street(a[apart], layer), static.walked(b[apart], layer), seconds, WALK)
        for layer in (NOTHING, TURNED_UP, PLANNED)
    ]


def locate_stops(network: Network, trains: Trains) -> pd.DataFrame:
    """Return the stops as ``stop_id``, ``x_coord``, ``y_coord`` (WGS84) and ``by_road``.

    Railway stations are reached by road, metro stations and stops in the street on foot.
    """
    node = network["node"].drop_duplicates("node_id").set_index("node_id")
    found = node.reindex(pd.Index(trains.stops, dtype=object))
    has_road = np.zeros(len(trains.stops), dtype=bool)
    has_road[trains.stop[trains.kind == RAIL]] = True
    return pd.DataFrame(
        {
            "stop_id": trains.stops,
            "x_coord": found["x_coord"].to_numpy(dtype=np.float64),
            "y_coord": found["y_coord"].to_numpy(dtype=np.float64),
            "by_road": has_road,
        }
    )


def ride_edges(static: Static, window: Window, *, by_count: bool) -> list[Edges]:
    """Make the rides without clock times."""
    rides = select_loose(static.trains.loose, window, turn_up=TURN_UP_SECONDS)
    rides = rides[rides["gap"] <= RAREST_SECONDS]
    is_planned = rides["planned"].to_numpy(dtype=bool)
    parts = []
    for planned in (False, True) if by_count else (False,):
        chosen = rides[is_planned == planned]
        start, end = chosen["start"].to_numpy(), chosen["end"].to_numpy()
        aboard = chosen["seconds"].to_numpy(dtype=np.float64)
        gap = chosen["gap"].to_numpy(dtype=np.float64)
        for layer in (NOTHING, TURNED_UP, PLANNED):
            in_time = planned and static.planned and layer != PLANNED
            wait = np.zeros(len(gap)) if in_time else gap / 2.0
            then = PLANNED if planned else max(layer, TURNED_UP)
            parts.append(
                make_edges(
                    static.out(start, layer),
                    static.into(end, then),
                    aboard + wait,
                    RIDE,
                    wait=wait,
                    gap=gap,
                    trip=chosen["trip_id"].to_numpy(dtype=object),
                )
            )
    return parts
