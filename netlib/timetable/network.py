"""The services of a network of one day as a timetable, and door-to-door times on it.

Stops of this timetable are platforms: ``node_id|group``, with the groups of `netlib.graph`. The
ways to, from and between platforms are those of the static graph without its rides, so that the
two engines differ in nothing but the waits.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from netlib.rides import RAIL_ROUTE_TYPES, Window
from netlib.tables import Network
from netlib.timetable import Timetable, build_timetable
from netlib.timetable.scans import DRAWS, STEP_SECONDS, window_arrivals, window_percentiles

Ends = Literal["centres", "stations"]
ROLES = {"centres": ("centre", "goal"), "stations": ("start", "end")}
# Where journeys begin and end at a single stop instead of a zone.
STOP_KEYS = {
    "centre": "{}|street|",
    "goal": "{}|left|",
    "start": "{}|out|rail",
    "end": "{}|in|rail",
}


@lru_cache(maxsize=16)
def build_network_timetable(network: Network) -> Timetable:
    """Build the timetable of a network of one day, with the days before and after it.

    The trips are those of `netlib.gtfs.network.network_day`. Walks between stations are at most
    ``max_walk_km`` long in all.

    Parameters
    ----------
    network
        A network of one day (`Network.as_of`), at one end of its ranges.
    """
    calls, frequencies = platform_day(network)
    return build_timetable(
        calls,
        stops=pd.DataFrame({"stop_id": calls["stop_id"].unique()}),
        transfers=compute_transfers(network, build_ways(network)),
        frequencies=frequencies,
        max_walk_seconds=0,
        by_vehicle=True,
    )


@lru_cache(maxsize=16)
def platform_day(network: Network) -> ServiceDay:
    """Return the trips of a network of one day and its neighbours, with platforms as stops."""
    day = network_day(network)
    trips, routes = network["trips"], network["routes"]
    types = dict(zip(routes["route_id"], routes["route_type"], strict=True))
    is_rail = trips["route_id"].map(types).isin(RAIL_ROUTE_TYPES)
    group = dict(zip(trips["trip_id"], trips["route_id"].where(~is_rail, "rail"), strict=True))
    stop = day.calls["stop_id"] + "|" + day.calls["trip_id"].map(group)
    return ServiceDay(day.calls.assign(stop_id=stop), day.frequencies)


@lru_cache(maxsize=16)
def build_ways(network: Network) -> Graph:
    """Build the static graph without its rides: access, platforms, walks and egress."""
    platform = platform_day(network).calls["stop_id"].drop_duplicates().tolist()
    cells = [name.split("|", maxsplit=1) for name in platform]
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


def compute_transfers(network: Network, ways: Graph) -> pd.DataFrame:
    """Compute the time from each platform to those that may be reached from it without a ride."""
    parameter = network.parameter
    stations = parameter("rail_exit_minutes") + parameter("rail_process_minutes")
    walk = float(walk_minutes(network, np.array(parameter("max_walk_km"))))
    role = ways.nodes["role"]
    into, out = np.flatnonzero(role == "in"), np.flatnonzero(role == "out")
    minutes = dijkstra(ways.weights, indices=into, limit=stations + walk)[:, out]
    a, b = np.nonzero(np.isfinite(minutes))
    names = platform_names(ways)
    return pd.DataFrame(
        {
            "from_stop_id": names[into[a]],
            "to_stop_id": names[out[b]],
            "seconds": np.rint(minutes[a, b] * 60.0),
        }
    )


@lru_cache(maxsize=16)
def platform_names(ways: Graph) -> NDArray[Any]:
    """Return the stop of the timetable that each node of the ways belongs to."""
    return (ways.nodes["node_id"] + "|" + ways.nodes["group"]).to_numpy(dtype=object)


def place_key(network: Network, place: str, role: str) -> str:
    """Return the key of the node where journeys from or to a zone or a stop begin or end."""
    if (network["zone"]["zone_id"] == place).any():
        return f"{place}|{role}|"
    return STOP_KEYS[role].format(place)


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
    return _seconds_to(network, place, role=ROLES[ends][0], at="out")


def egress_seconds(network: Network, place: str, *, ends: Ends = "centres") -> dict[str, int]:
    """Compute the seconds from each platform to a place, as in `access_seconds`."""
    return _seconds_to(network, place, role=ROLES[ends][1], at="in")


@lru_cache(maxsize=4096)
def _seconds_to(network: Network, place: str, *, role: str, at: str) -> dict[str, int]:
    ways = build_ways(network)
    node = ways.find(place_key(network, place, role))
    if node < 0:
        return {}
    minutes = dijkstra(ways.weights if at == "out" else ways.reverse_weights, indices=node)
    found = np.flatnonzero(np.isfinite(minutes) & (ways.nodes["role"] == at))
    names = platform_names(ways)[found]
    return dict(zip(names, np.rint(minutes[found] * 60.0).astype(int).tolist(), strict=True))


def door_to_door_minutes(
    network: Network,
    timetable: Timetable,
    origin: str,
    destinations: Sequence[str],
    window: Window,
    *,
    percentiles: Sequence[float] = (5, 50, 95),
    ends: Ends = "centres",
    step: int = STEP_SECONDS,
    max_rides: int | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """Compute percentiles of the time from an origin to destinations over a departure window.

    Parameters
    ----------
    network, timetable
        A network of one day, and `build_network_timetable` of it.
    origin, destinations
        Ids of zones or stops.
    window
        Seconds after midnight, half open.
    percentiles
        As in `netlib.timetable.scans.window_percentiles`.
    ends
        As in `access_seconds`.
    step, max_rides, draws, seed
        As in `netlib.timetable.scans.window_arrivals`.

    Returns
    -------
    DataFrame
        One row per destination: ``from_id``, ``to_id`` and ``travel_time_p50`` (minutes; NaN if not
        reached) for each percentile.
    """
    table = window_arrivals(
        timetable,
        access_seconds(network, origin, ends=ends),
        window,
        step=step,
        max_rides=max_rides,
        draws=draws,
        seed=seed,
    )
    rows = [
        (place, stop, seconds)
        for place in destinations
        for stop, seconds in egress_seconds(network, place, ends=ends).items()
    ]
    egress = pd.DataFrame(rows, columns=["point_id", "stop_id", "seconds"])
    found = window_percentiles(table, percentiles, egress=egress).reindex(list(destinations))
    result = pd.DataFrame({"from_id": origin, "to_id": list(destinations)})
    return result.assign(**dict(zip(found.columns, found.to_numpy().T, strict=True)))
