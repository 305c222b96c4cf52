"""Journeys on the timetable: the median over real departures, and its legs.

The static graph adds expected waits; here a traveller leaves at every minute of the window and
takes what comes. Both give the same table.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from netlib.definitions import Definition, departure_window
from netlib.errors import UnreachableError
from netlib.graph import Graph, shortest_paths, trace_path
from netlib.tables import Network
from netlib.timetable.network import (
    ROLES,
    access_seconds,
    build_network_timetable,
    build_ways,
    egress_seconds,
    place_key,
)
from netlib.timetable.scans import (
    WindowArrivals,
    trace_legs,
    window_arrivals,
    window_percentiles,
)

# Departures of a window of more than two hours are tried every five minutes: 144 of them over
# twelve hours, as many as there are minutes in the two hours of the morning peak, and some.
LONG_WINDOW_SECONDS = 7200
SHORT_STEP, LONG_STEP = 60, 300
# Vehicles that leave after the end of the service day are another day's journey.
HORIZON_SECONDS = 86_400
SEED = 0
# Phases of headway services, all metros with a vehicle every few minutes. Over eight draws and 120
# departures the median has a standard deviation of about half a minute; where two headways are
# multiples of each other it can be off by a minute (toy of two lines: 35.0 for 36).
DRAWS = 8
PERCENTILES = (5.0, 50.0, 95.0)

Step = dict[str, Any]


def measure_departures(
    network: Network, pairs: pd.DataFrame, spec: Definition, *, legs: bool
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
        Whether the journeys of the median departures are wanted.

    Returns
    -------
    table, steps
        ``from_id``, ``to_id`` and ``travel_time_p05``, ``_p50``, ``_p95`` (minutes, NaN when not
        reached on the same day); and the steps of the median journeys by pair.
    """
    timetable = build_network_timetable(network)
    window = departure_window(spec)
    ends = spec["ends"]
    step = LONG_STEP if window[1] - window[0] > LONG_WINDOW_SECONDS else SHORT_STEP
    columns = [f"travel_time_p{value:02.0f}" for value in PERCENTILES]
    table = pairs[["from_id", "to_id"]].assign(**dict.fromkeys(columns, np.nan))
    steps: dict[tuple[str, str], list[Step]] = {}
    for origin, group in pairs.groupby("from_id", sort=False):
        access = access_seconds(network, str(origin), ends=ends)
        if not access:
            continue
        arrivals = window_arrivals(
            timetable, access, window, step=step, horizon=HORIZON_SECONDS, draws=DRAWS, seed=SEED
        )
        rows = [
            (place, stop, seconds)
            for place in group["to_id"]
            for stop, seconds in egress_seconds(network, place, ends=ends).items()
        ]
        egress = pd.DataFrame(rows, columns=["point_id", "stop_id", "seconds"])
        found = window_percentiles(arrivals, PERCENTILES, egress=egress)
        found = found.reindex(group["to_id"].tolist())
        table.loc[group.index, columns] = found.to_numpy()
        for place, median in zip(group["to_id"], found["travel_time_p50"], strict=True):
            if legs and np.isfinite(median):
                lane = find_lane(arrivals, egress[egress["point_id"] == place], median)
                steps[str(origin), place] = trace_journey(
                    network, str(origin), place, spec, lane=lane, lanes=len(arrivals.departures)
                )
    return table, steps


def find_lane(arrivals: WindowArrivals, egress: pd.DataFrame, minutes: float) -> tuple[int, int]:
    """Return the lane whose journey takes ``minutes``, and its departure in seconds."""
    stops = pd.Index(arrivals.stops).get_indexer(pd.Index(egress["stop_id"]))
    seconds = np.rint(egress["seconds"].to_numpy(dtype=np.float64)).astype(np.int64)
    times = (arrivals.arrivals[stops].astype(np.int64) + seconds[:, None]).min(axis=0)
    lane = int(np.argmin(np.abs(times - arrivals.departures - minutes * 60.0)))
    return lane, int(arrivals.departures[lane])


def trace_journey(
    network: Network,
    origin: str,
    place: str,
    spec: Definition,
    *,
    lane: tuple[int, int],
    lanes: int,
) -> list[Step]:
    """Recover the steps of one departure: the ways of the static graph and the rides between."""
    timetable = build_network_timetable(network)
    ways = build_ways(network)
    number, departure = lane
    draws = DRAWS if timetable.headways is not None else 1
    legs = trace_legs(
        timetable,
        access_seconds(network, origin, ends=spec["ends"]),
        departure,
        egress_seconds(network, place, ends=spec["ends"]),
        horizon=HORIZON_SECONDS,
        draw=number // (lanes // draws),
        seed=SEED,
    )
    rides = legs[legs["kind"] == "ride"].to_dict("records")
    if not rides:
        raise UnreachableError(f"no ride from {origin} to {place} at {departure} s")
    services = dict(zip(network["trips"]["trip_id"], network["trips"]["service_id"], strict=True))
    role = ROLES[spec["ends"]]
    here = place_key(network, origin, role[0])
    clock = departure
    steps: list[Step] = []
    for ride in rides:
        board = platform_key(ride["from_stop"], "out")
        way = find_way(ways, here, board)
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
                "trip_id": trip,
                "service_id": services[trip],
            }
        )
        here, clock = platform_key(ride["to_stop"], "in"), int(ride["arrival"])
    return steps + find_way(ways, here, place_key(network, place, role[1]))


def platform_key(stop: str, role: str) -> str:
    """Return the key in the static graph of a stop of the timetable.

    >>> platform_key("ZAF|rail", "out")
    'ZAF|out|rail'
    """
    node, group = stop.split("|", maxsplit=1)
    return f"{node}|{role}|{group}"


def find_way(ways: Graph, start: str, end: str) -> list[Step]:
    """Return the edges of the shortest way between two nodes of the static graph."""
    minutes, predecessors = shortest_paths(ways, [ways.find(start)])
    target = ways.find(end)
    if not np.isfinite(minutes[0, target]):
        raise UnreachableError(f"no way from {start} to {end}")
    ids = ways.nodes["node_id"].to_numpy()
    return [
        {**edge, "from_id": ids[edge["tail"]], "to_id": ids[edge["head"]]}
        for edge in ways.path_edges(trace_path(predecessors[0], target))
    ]
