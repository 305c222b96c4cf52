"""Journeys on the timetable: the median over real departures, and its legs.

The static graph adds expected waits; here a traveller leaves at every minute of the window and
takes what comes. Both give the same table. All that is asked about one origin comes from one scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from netlib.readings import Definition, departure_window
from netlib.errors import UnreachableError
from netlib.graph import Graph, shortest_paths, trace_path
from netlib.rides import Window
from netlib.tables import Network
from netlib.timetable import DAY_SECONDS, Timetable
from netlib.timetable.network import (
    NETWORKS_KEPT,
    ROLES,
    Ends,
    access_seconds,
    build_network_timetable,
    build_ways,
    compute_exits,
    draw_network_timetable,
    egress_seconds,
    place_key,
)
from netlib.timetable.scans import (
    WindowArrivals,
    read_access,
    scan_window,
    trace_legs,
    window_departures,
    window_percentiles,
)

# Departures of a window of more than two hours are tried every five minutes: 144 of them over
# twelve hours, as many as there are minutes in the two hours of the morning peak, and some.
LONG_WINDOW_SECONDS = 7200
SHORT_STEP, LONG_STEP = 60, 300
# Vehicles that leave after the end of the service day are another day's journey.
HORIZON_SECONDS = DAY_SECONDS
SEED = 0
# Phases of headway services, all metros with a vehicle every few minutes. Over eight draws and 120
# departures the median has a standard deviation of about half a minute; where two headways are
# multiples of each other it can be off by a minute (toy of two lines: 35.0 for 36).
DRAWS = 8
PERCENTILES = (5.0, 50.0, 95.0)
# Scans and ways kept in memory: a scan of the evidence base is about 5 MB, a way next to nothing.
SCANS_KEPT, WAYS_KEPT = 8, 4096

Step = dict[str, Any]


def measure_departures(
    network: Network,
    pairs: pd.DataFrame,
    spec: Definition,
    *,
    legs: bool = False,
    percentiles: Sequence[float] = PERCENTILES,
    draws: int = DRAWS,
) -> tuple[pd.DataFrame, dict[tuple[str, str], list[Step]]]:
    """Measure percentiles over the departures of the window for each pair of places.

    Parameters
    ----------
    network
        A network of one day, at one end of its ranges.
    pairs
        ``from_id`` and ``to_id``.
    spec
        A reading with ``ends`` and a departure window.
    legs
        Whether the journeys of the median departures are wanted; 50 is then one of the
        percentiles.
    percentiles
        As in `netlib.timetable.scans.window_percentiles`.
    draws
        Phases that headway services get.

    Returns
    -------
    table, steps
        ``from_id``, ``to_id`` and ``travel_time_p50`` for each percentile (minutes, NaN when not
        reached on the same day); and the steps of the median journeys by pair.
    """
    columns = [f"travel_time_p{value:02g}" for value in percentiles]
    table = pairs[["from_id", "to_id"]].assign(**dict.fromkeys(columns, np.nan))
    steps: dict[tuple[str, str], list[Step]] = {}
    for origin, group in pairs.groupby("from_id", sort=False):
        arrivals = scan_origin(network, str(origin), spec["ends"], departure_window(spec), draws)
        if arrivals is None:
            continue
        ways = {
            place: egress_seconds(network, place, ends=spec["ends"]) for place in group["to_id"]
        }
        rows = [(place, *way) for place, stops in ways.items() for way in stops.items()]
        egress = pd.DataFrame(rows, columns=["point_id", "stop_id", "seconds"])
        found = window_percentiles(arrivals, percentiles, egress=egress)
        found = found.reindex(group["to_id"].tolist())
        table.loc[group.index, columns] = found.to_numpy()
        if not legs:
            continue
        timetables = list_draws(network, draws)
        for place, median in zip(group["to_id"], found["travel_time_p50"], strict=True):
            if np.isfinite(median):
                lane = find_lane(network, arrivals, ways[place], median)
                steps[str(origin), place] = trace_journey(
                    network,
                    str(origin),
                    place,
                    spec,
                    timetable=timetables[lane * len(timetables) // len(arrivals.departures)],
                    departure=int(arrivals.departures[lane]),
                    minutes=median,
                )
    return table, steps


def measure_reach(network: Network, origin: str, spec: Definition) -> pd.Series | None:
    """Measure the median minutes from an origin to the street at every stop and to every centre.

    Parameters
    ----------
    network
        A network of one day, at one end of its ranges.
    origin
        Id of a zone or of a stop.
    spec
        A reading from centre to centre, with a departure window.

    Returns
    -------
    Series or None
        Minutes by key of a node of `build_ways`, of the role ``left`` (the street at a stop) or
        ``goal`` (a centre); those that fewer than half of the departures reach are left out. None
        if no stop is near the origin.
    """
    arrivals = scan_origin(network, origin, spec["ends"], departure_window(spec), DRAWS)
    if arrivals is None:
        return None
    exits = compute_exits(network)
    role = exits["point_id"].str.split("|").str[1]
    egress = exits[role.isin(["left", "goal"])]
    return window_percentiles(arrivals, [50], egress=egress)["travel_time_p50"].dropna()


@lru_cache(maxsize=SCANS_KEPT)
def scan_origin(
    network: Network, origin: str, ends: Ends, window: Window, draws: int
) -> WindowArrivals | None:
    """Scan the timetable once for all departures from an origin; None without a stop in reach."""
    access = access_seconds(network, origin, ends=ends)
    if not access:
        return None
    step = LONG_STEP if window[1] - window[0] > LONG_WINDOW_SECONDS else SHORT_STEP
    departures = window_departures(window, step)
    lanes = [
        scan_window(timetable, access, departures, horizon=HORIZON_SECONDS)
        for timetable in list_draws(network, draws)
    ]
    stops = build_network_timetable(network).stops
    return WindowArrivals(stops, np.tile(departures, len(lanes)), np.concatenate(lanes, axis=1))


def list_draws(network: Network, draws: int = DRAWS) -> list[Timetable]:
    """List the drawn timetables of a network: one where nothing is left to chance."""
    count = 1 if build_network_timetable(network).headways is None else draws
    return [draw_network_timetable(network, draw, SEED) for draw in range(count)]


def find_lane(
    network: Network, arrivals: WindowArrivals, egress: dict[str, int], minutes: float
) -> int:
    """Return the first lane whose journey, with the ways of egress, takes ``minutes``."""
    stops, seconds = read_access(build_network_timetable(network), egress)
    times = (arrivals.arrivals[stops].astype(np.int64) + seconds[:, None]).min(axis=0)
    return int(np.argmin(np.abs(times - arrivals.departures - minutes * 60.0)))


def trace_journey(
    network: Network,
    origin: str,
    place: str,
    spec: Definition,
    *,
    timetable: Timetable,
    departure: int,
    minutes: float,
) -> list[Step]:
    """Recover the steps of a departure: the ways of the static graph and the rides between.

    Parameters
    ----------
    network, spec
        As in `measure_departures`.
    origin, place
        Where the journey begins and ends.
    timetable, departure, minutes
        With drawn phases; seconds after midnight; how long the journey takes.

    Returns
    -------
    list of dict
        One a step, with ``kind``, ``from_id``, ``to_id``, ``minutes`` (a ride's with its wait) and
        ``wait``; a ride also has ``clock`` (seconds after midnight when it leaves), ``trip_id`` and
        ``service_id``, and the first step ``starts`` (the departure).

    Raises
    ------
    UnreachableError
        If no journey with a ride arrives in this time.
    """
    ways = build_ways(network)
    legs = trace_legs(
        timetable,
        access_seconds(network, origin, ends=spec["ends"]),
        departure,
        egress_seconds(network, place, ends=spec["ends"]),
        horizon=departure + round(minutes * 60),
    )
    rides = legs[legs["kind"] == "ride"].to_dict("records")
    if not rides:
        raise UnreachableError(f"no ride from {origin} to {place} at {departure} s")
    services = name_services(network)
    role = ROLES[spec["ends"]]
    here = place_key(network, origin, role[0])
    clock = departure
    steps: list[Step] = []
    for ride in rides:
        way = find_way(ways, here, platform_key(ride["from_stop"], "out"))
        clock += round(sum(step["minutes"] for step in way) * 60)
        trip = str(ride["trip_id"])
        wait = max(ride["departure"] - clock, 0) / 60.0
        steps += way
        steps.append(
            {
                "kind": "ride",
                "from_id": ride["from_stop"].split("|")[0],
                "to_id": ride["to_stop"].split("|")[0],
                "minutes": wait + (ride["arrival"] - ride["departure"]) / 60.0,
                "wait": wait,
                "clock": ride["departure"],
                "trip_id": trip,
                "service_id": services[trip],
            }
        )
        here, clock = platform_key(ride["to_stop"], "in"), int(ride["arrival"])
    steps += find_way(ways, here, place_key(network, place, role[1]))
    return [{**steps[0], "starts": departure}, *steps[1:]]


@lru_cache(maxsize=NETWORKS_KEPT)
def name_services(network: Network) -> dict[str, str]:
    """Return the service of every trip."""
    return dict(zip(network["trips"]["trip_id"], network["trips"]["service_id"], strict=True))


def platform_key(stop: str, role: str) -> str:
    """Return the key in the static graph of a stop of the timetable.

    >>> platform_key("ZAF|rail", "out")
    'ZAF|out|rail'
    """
    node, group = stop.split("|", maxsplit=1)
    return f"{node}|{role}|{group}"


@lru_cache(maxsize=WAYS_KEPT)
def find_way(ways: Graph, start: str, end: str) -> tuple[Step, ...]:
    """Return the edges of the shortest way between two nodes of the static graph.

    Raises
    ------
    UnreachableError
        If there is none.
    """
    minutes, predecessors = shortest_paths(ways, [ways.find(start)])
    target = ways.find(end)
    if not np.isfinite(minutes[0, target]):
        raise UnreachableError(f"no way from {start} to {end}")
    ids = ways.nodes["node_id"].to_numpy()
    return tuple(
        {**edge, "from_id": ids[edge["tail"]], "to_id": ids[edge["head"]]}
        for edge in ways.path_edges(trace_path(predecessors[0], target))
    )
