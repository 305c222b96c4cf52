"""The services of a network of one day as a timetable, and the ways to and from its platforms.

Stops of this timetable are platforms: ``node_id|group``, with the groups of `netlib.graph`. The
ways to, from and between platforms are those of the static graph without its rides, so that the
two engines differ in nothing but the waits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from netlib.graph import (
    Graph,
    access_edges,
    number_nodes,
    platform_edges,
    terminal_edges,
    walk_edges,
    walk_minutes,
)
from netlib.gtfs.feeds import ServiceDay
from netlib.gtfs.network import network_day
from netlib.rides import RAIL_ROUTE_TYPES
from netlib.tables import Network
from netlib.timetable import DAY_SECONDS, Timetable, build_timetable, draw_timetable
from netlib.timetable.calls import Ints
from netlib.timetable.order import sort_rows
from netlib.timetable.walks import Walks, build_walks

Ends = Literal["centres", "stations"]
ROLES = {"centres": ("centre", "goal"), "stations": ("start", "end")}
# Nobody who asks about a day is still under way at three in the morning.
NIGHT_END_SECONDS = 27 * 3600
# Where journeys begin and end at a single stop instead of a zone.
STOP_KEYS = {
    "centre": "{}|street|",
    "goal": "{}|left|",
    "start": "{}|out|rail",
    "end": "{}|in|rail",
}
# Networks whose platforms, ways and walks stay in memory: low, central and high of five dates, and
# one more. Their trips are shared, and take the most room.
NETWORKS_KEPT, TRIPS_KEPT = 16, 8
# Drawn timetables in memory: eight draws (`netlib.journeys.DRAWS`) for each of the trips.
DRAWN_KEPT = 8 * TRIPS_KEPT
# Ways from a place in memory, each a few hundred numbers at most.
ACCESS_KEPT = 4096


@dataclass(frozen=True, eq=False)
class Trips:
    """The trips of a network of one day: the same for all networks that share what they rest on.

    What is built for one network serves any other whose tables of services are the very same, such
    as one with another walking speed.
    """

    network: Network

    @property
    def _rests_on(self) -> tuple[object, ...]:
        network = self.network
        drifts = bool(network.drifting_services)
        drift = network.parameter("timetable_drift_ratio") if drifts else 1.0
        tables = (network[name] for name in ("trips", "routes", "service", "frequencies"))
        return (id(network.central), *map(id, tables), network.day, drift)

    def __eq__(self, other: object) -> bool:
        """Return whether the trips are the same."""
        return isinstance(other, Trips) and self._rests_on == other._rests_on

    def __hash__(self) -> int:
        """Hash what the trips rest on."""
        return hash(self._rests_on)


@lru_cache(maxsize=NETWORKS_KEPT)
def build_network_timetable(network: Network) -> Timetable:
    """Build the timetable of a network of one day, with what runs on from the day before.

    The trips are those of `netlib.gtfs.network.network_day`; of the day after, those that start by
    `NIGHT_END_SECONDS`. Walks between stations are at most ``max_walk_km`` long in all.

    Parameters
    ----------
    network
        A network of one day (`Network.as_of`), at one end of its ranges.
    """
    return _set_walks(_build_trips(Trips(network)), network)


@lru_cache(maxsize=DRAWN_KEPT)
def draw_network_timetable(network: Network, draw: int, seed: int) -> Timetable:
    """Return `build_network_timetable` with a drawn phase for every headway service.

    Phases do not depend on walks, so that networks with the same trips share their draws.
    """
    drawn = draw_timetable(_build_trips(Trips(network)), draw=draw, seed=seed)
    return _set_walks(drawn, network)


@lru_cache(maxsize=TRIPS_KEPT)
def _build_trips(trips: Trips) -> Timetable:
    """Build a timetable with the walks of the first network that has these trips."""
    calls, frequencies = platform_day(trips)
    return build_timetable(
        calls,
        stops=list_platforms(trips),
        transfers=compute_transfers(trips.network, build_ways(trips.network)),
        frequencies=frequencies,
        max_walk_seconds=0,
        by_vehicle=True,
    )


def _set_walks(timetable: Timetable, network: Network) -> Timetable:
    """Return a timetable of the trips of a network with the walks of that network."""
    walks, change = _build_network_walks(network)
    rows = timetable.rows
    if (rows[:, 0] == rows[:, 1]).any():
        # The order of connections that take no time depends on where one changes in no time.
        rows = sort_rows(rows, walks, change)
    start, stop, seconds = walks
    return replace(
        timetable,
        rows=rows,
        walk_start=start,
        walk_stop=stop,
        walk_seconds=seconds,
        change=change,
    )


@lru_cache(maxsize=NETWORKS_KEPT)
def _build_network_walks(network: Network) -> tuple[Walks, Ints]:
    """Build the walks between the platforms of a network, and the changes at them."""
    return build_walks(
        list_platforms(Trips(network)),
        compute_transfers(network, build_ways(network)),
        change_seconds=0,
        max_walk_seconds=0,
    )


@lru_cache(maxsize=NETWORKS_KEPT)
def platform_day(trips: Trips) -> ServiceDay:
    """Return the trips of a network of one day and its night, with platforms as stops."""
    network = trips.network
    day = keep_night(network_day(network))
    table, routes = network["trips"], network["routes"]
    types = dict(zip(routes["route_id"], routes["route_type"], strict=True))
    is_rail = table["route_id"].map(types).isin(RAIL_ROUTE_TYPES)
    group = dict(zip(table["trip_id"], table["route_id"].where(~is_rail, "rail"), strict=True))
    stop = day.calls["stop_id"] + "|" + day.calls["trip_id"].map(group)
    return ServiceDay(day.calls.assign(stop_id=stop), day.frequencies)


@lru_cache(maxsize=NETWORKS_KEPT)
def list_platforms(trips: Trips) -> pd.DataFrame:
    """List the platforms where trips call, as ``stop_id``."""
    return platform_day(trips).calls[["stop_id"]].drop_duplicates(ignore_index=True)


def keep_night(day: ServiceDay) -> ServiceDay:
    """Drop the trips of the day after that start after the end of the night."""
    calls, rows = day
    first = calls.groupby("trip_id", sort=False)["departure"].transform("first")
    # Trips with headways are timed from their first departure; these are in their own table.
    starts = rows.groupby("trip_id")["start"].min()
    first += calls["trip_id"].map(starts).fillna(0).astype("int64")
    late = (calls["day"] == 1) & (first > NIGHT_END_SECONDS - DAY_SECONDS)
    return ServiceDay(calls[~late].reset_index(drop=True), rows)


@lru_cache(maxsize=NETWORKS_KEPT)
def build_ways(network: Network) -> Graph:
    """Build the static graph without its rides: access, platforms, walks and egress."""
    platforms = list_platforms(Trips(network))["stop_id"]
    cells = [name.split("|", maxsplit=1) for name in platforms]
    offers = pd.DataFrame(
        [(stop, stop, group) for stop, group in cells],
        columns=["from_id", "to_id", "group"],
        dtype=object,
    )
    return number_nodes(way_edges(network, offers))


def way_edges(network: Network, offers: pd.DataFrame) -> list[pd.DataFrame]:
    """Make the edges of the static graph that are no rides.

    Parameters
    ----------
    network
        A network of one day.
    offers
        ``from_id``, ``to_id`` and ``group``: the platforms at both ends of rides.
    """
    stops = set(offers["from_id"]) | set(offers["to_id"])
    return [
        platform_edges(network, offers),
        walk_edges(network, stops),
        access_edges(network, stops),
        terminal_edges(network, offers),
    ]


@lru_cache(maxsize=NETWORKS_KEPT)
def compute_ends(ways: Graph, role: str) -> pd.DataFrame:
    """Compute the ways without a ride that begin at each node of a role and end on a platform.

    Parameters
    ----------
    ways
        As from `build_ways`.
    role
        ``street``: ways from the street into stations. ``in``, of the arriving side of platforms:
        all ways out of stations instead, which end in the street, at a centre or on the departing
        side of another platform.

    Returns
    -------
    DataFrame
        ``tail`` and ``head`` (nodes of the ways) and ``minutes``, sorted by both.
    """
    tails = np.flatnonzero(ways.nodes["role"] == role)
    minutes = dijkstra(ways.weights, indices=tails)
    if role == "street":
        minutes[:, ways.nodes["role"] != "out"] = np.inf
    row, head = np.nonzero(np.isfinite(minutes))
    return pd.DataFrame({"tail": tails[row], "head": head, "minutes": minutes[row, head]})


def compute_transfers(network: Network, ways: Graph) -> pd.DataFrame:
    """Compute the time from each platform to those that may be reached from it without a ride."""
    parameter = network.parameter
    stations = parameter("rail_exit_minutes") + parameter("rail_process_minutes")
    walk = float(walk_minutes(network, np.array(parameter("max_walk_km"))))
    found = compute_ends(ways, "in")
    boards = (ways.nodes["role"] == "out").to_numpy()[found["head"]]
    found = found[boards & (found["minutes"] <= stations + walk)]
    names = platform_names(ways)
    return pd.DataFrame(
        {
            "from_stop_id": names[found["tail"]],
            "to_stop_id": names[found["head"]],
            "seconds": round_seconds(found["minutes"]),
        }
    )


def round_seconds(minutes: pd.Series | NDArray[np.float64]) -> NDArray[np.int64]:
    """Return minutes as whole seconds."""
    return np.rint(np.asarray(minutes) * 60.0).astype(np.int64)


@lru_cache(maxsize=NETWORKS_KEPT)
def platform_names(ways: Graph) -> NDArray[Any]:
    """Return the stop of the timetable that each node of the ways belongs to."""
    return (ways.nodes["node_id"] + "|" + ways.nodes["group"]).to_numpy(dtype=object)


def place_key(network: Network, place: str, role: str) -> str:
    """Return the key of the node where journeys from or to a zone or a stop begin or end."""
    return f"{place}|{role}|" if place in zone_ids(network) else STOP_KEYS[role].format(place)


@lru_cache(maxsize=NETWORKS_KEPT)
def zone_ids(network: Network) -> frozenset[str]:
    """Return the ids of the zones."""
    return frozenset(network["zone"]["zone_id"])


@lru_cache(maxsize=ACCESS_KEPT)
def access_seconds(network: Network, place: str, *, ends: Ends = "centres") -> dict[str, int]:
    """Compute the seconds from a place until one stands on each platform it can reach.

    Parameters
    ----------
    network
        A network of one day.
    place
        Id of a zone or of a stop.
    ends
        ``centres``: on foot or by taxi from the centre of a zone, or the street of a stop, with the
        process of the station. ``stations``: on the railway platforms of the zone at once.
    """
    ways = build_ways(network)
    node = ways.find(place_key(network, place, ROLES[ends][0]))
    if node < 0:
        return {}
    minutes = dijkstra(ways.weights, indices=node)
    found = np.flatnonzero(np.isfinite(minutes) & (ways.nodes["role"] == "out"))
    names = platform_names(ways)[found]
    return dict(zip(names, round_seconds(minutes[found]).tolist(), strict=True))


def egress_seconds(network: Network, place: str, *, ends: Ends = "centres") -> dict[str, int]:
    """Return the seconds from each platform to a place, as in `access_seconds`."""
    return _group_exits(network).get(place_key(network, place, ROLES[ends][1]), {})


@lru_cache(maxsize=NETWORKS_KEPT)
def _group_exits(network: Network) -> dict[str, dict[str, int]]:
    """Return the rows of `compute_exits` by point."""
    exits = compute_exits(network)
    points: dict[str, dict[str, int]] = {}
    columns = (exits[name].tolist() for name in ("point_id", "stop_id", "seconds"))
    for point, stop, seconds in zip(*columns, strict=True):
        points.setdefault(point, {})[stop] = seconds
    return points


@lru_cache(maxsize=NETWORKS_KEPT)
def compute_exits(network: Network) -> pd.DataFrame:
    """Compute the ways from platforms to all points where journeys end.

    Returns
    -------
    DataFrame
        ``point_id`` (key of a node of `build_ways` with the role ``left``, ``goal``, ``end`` or
        ``in``), ``stop_id`` (a platform) and ``seconds``.
    """
    ways = build_ways(network)
    found = compute_ends(ways, "in")
    role = ways.nodes["role"].to_numpy()[found["head"]]
    found = found[role != "out"]
    return pd.DataFrame(
        {
            "point_id": ways.nodes["key"].to_numpy()[found["head"]],
            "stop_id": platform_names(ways)[found["tail"]],
            "seconds": round_seconds(found["minutes"]),
        }
    )


@lru_cache(maxsize=NETWORKS_KEPT)
def compute_entries(network: Network) -> pd.DataFrame:
    """Compute the ways from the street at every stop to the platforms near it.

    Returns
    -------
    DataFrame
        ``node_id``, ``stop_id`` (a platform) and ``seconds``, sorted by node.
    """
    ways = build_ways(network)
    found = compute_ends(ways, "street")
    return pd.DataFrame(
        {
            "node_id": ways.nodes["node_id"].to_numpy()[found["tail"]],
            "stop_id": platform_names(ways)[found["head"]],
            "seconds": round_seconds(found["minutes"]),
        }
    )
