"""Commuting days: being at work in time and home again, on the timetable.

A commute is not its ride. What counts is when the latest departure from home is that arrives by
the start of work, and when the first arrival at home is after its end, door to door.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from netlib.readings import Definition
from netlib.places import place_stations
from netlib.rides import compute_rides
from netlib.tables import Network
from netlib.timetable import Timetable
from netlib.timetable.kernels import NEVER
from netlib.timetable.network import access_seconds, build_network_timetable, egress_seconds
from netlib.timetable.scans import earliest_arrivals, latest_departures, read_access
from netlib.units import format_clock, parse_clock

# Draws of the phases of metros; the middle one of their results counts.
DRAWS = 5
SEED = 0
# A commuter's day begins and ends at home: nobody sets out before 04:00 or arrives after 01:00.
DAY_START_SECONDS, DAY_END_SECONDS = 4 * 3600, 25 * 3600
# Peaks in which usable trains are counted: arrivals before work, departures after it.
MORNING_SECONDS = 6 * 3600, 9 * 3600
EVENING_SECONDS = 17 * 3600, 20 * 3600
GAP_SECONDS = 6 * 3600, 22 * 3600


def measure_commutes(network: Network, pairs: pd.DataFrame, spec: Definition) -> pd.DataFrame:
    """Measure the longer of the two ways of a working day for each pair of places.

    Parameters
    ----------
    network
        A network of one day, at one end of its ranges.
    pairs
        ``from_id``, where one lives, and ``to_id``, where one works.
    spec
        A reading with ``arrive_by`` and ``leave_after``.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``minutes`` (the longer of ``out_minutes``, from leaving home until
        work begins, and ``back_minutes``, from the end of work until one is home; NaN when one of
        them cannot be done that day).
    """
    timetable = build_network_timetable(network)
    start, end = parse_clock(spec["arrive_by"]), parse_clock(spec["leave_after"])
    rows = []
    for home, work in zip(pairs["from_id"], pairs["to_id"], strict=True):
        out = leave_home(network, timetable, home, work, start)
        back = reach_home(network, timetable, work, home, end)
        rows.append(((start - out) / 60.0, (back - end) / 60.0))
    ways = np.array(rows, dtype=np.float64).reshape(-1, 2)
    ways[~np.isfinite(ways)] = np.nan
    return pairs[["from_id", "to_id"]].assign(
        minutes=ways.max(axis=1), out_minutes=ways[:, 0], back_minutes=ways[:, 1]
    )


def leave_home(network: Network, timetable: Timetable, home: str, work: str, arrival: int) -> float:
    """Return the latest second at which one can leave home to be at work in time; -inf if none."""
    access, egress = access_seconds(network, home), egress_seconds(network, work)
    latest = []
    for draw in range(draw_count(timetable)):
        departures = latest_departures(timetable, egress, arrival, draw=draw, seed=SEED)
        stops, ways = read_access(timetable, access)
        found = departures[stops].astype(np.int64) - ways
        best = found.max(initial=-int(NEVER))
        latest.append(best if best >= DAY_START_SECONDS else -np.inf)
    return float(np.median(latest)) if access and egress else -np.inf


def reach_home(
    network: Network, timetable: Timetable, work: str, home: str, departure: int
) -> float:
    """Return the first second at which one is home after leaving work; inf if not that day."""
    access, egress = access_seconds(network, work), egress_seconds(network, home)
    first = []
    for draw in range(draw_count(timetable)):
        arrivals = earliest_arrivals(timetable, access, departure, draw=draw, seed=SEED)
        stops, ways = read_access(timetable, egress)
        best = (arrivals[stops].astype(np.int64) + ways).min(initial=int(NEVER))
        first.append(best if best <= DAY_END_SECONDS else np.inf)
    return float(np.median(first)) if access and egress else np.inf


def draw_count(timetable: Timetable) -> int:
    """Return how many draws are worth their time: one where nothing is left to chance."""
    return 1 if timetable.headways is None else DRAWS


def describe_commutes(network: Network, pairs: pd.DataFrame) -> pd.DataFrame:
    """Describe the commuting day of each pair of places.

    Parameters
    ----------
    network
        A network of one day.
    pairs
        ``from_id``, where one lives, and ``to_id``, where one works.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``; ``leave_for_0900`` and ``leave_for_0830``, when to leave home to be
        at work by then; ``home_after_1730`` and ``home_after_1800``, when one is home;
        ``last_return``, the last departure from work that still reaches home (all door to door,
        HH:MM:SS, '' if none); ``first_arrival``, the first direct train's arrival from 04:00;
        ``morning_trains`` (direct trains that arrive from 06:00 to 09:00) and ``evening_trains``
        (that leave for home from 17:00 to 20:00); ``longest_gap_minutes`` between direct trains,
        from 06:00 to 22:00. Trains known by their headway only have no clock times and count in
        neither.
    """
    timetable = build_network_timetable(network)
    table = pairs[["from_id", "to_id"]].reset_index(drop=True)
    records = []
    for home, work in zip(table["from_id"], table["to_id"], strict=True):
        record: dict[str, object] = {}
        for text in ("0900", "0830"):
            deadline = parse_clock(f"{text[:2]}:{text[2:]}:00")
            moment = leave_home(network, timetable, home, work, deadline)
            record[f"leave_for_{text}"] = write_clock(moment)
        for text in ("1730", "1800"):
            leaving = parse_clock(f"{text[:2]}:{text[2:]}:00")
            moment = reach_home(network, timetable, work, home, leaving)
            record[f"home_after_{text}"] = write_clock(moment)
        last = leave_home(network, timetable, work, home, DAY_END_SECONDS)
        record["last_return"] = write_clock(last)
        record |= count_trains(network, home, work)
        records.append(record)
    return pd.concat([table, pd.DataFrame(records)], axis=1)


def write_clock(seconds: float) -> str:
    """Write a time of day, '' for one that never comes."""
    return format_clock(int(seconds)) if np.isfinite(seconds) else ""


def count_trains(network: Network, home: str, work: str) -> dict[str, object]:
    """Count the direct trains of a commuting day; see `describe_commutes`."""
    there = list_trains(network, home, work)
    back = list_trains(network, work, home)
    arrivals = there[:, 1][there[:, 1] >= DAY_START_SECONDS]
    departures = np.unique(there[:, 0])
    begin, end = GAP_SECONDS
    inside = departures[(departures >= begin) & (departures < end)]
    gaps = np.diff(np.concatenate([[begin], inside, [end]]))
    return {
        "first_arrival": write_clock(float(arrivals.min(initial=np.inf))),
        "morning_trains": count_between(there[:, 1], MORNING_SECONDS),
        "evening_trains": count_between(back[:, 0], EVENING_SECONDS),
        "longest_gap_minutes": round(float(gaps.max()) / 60.0, 1),
    }


def count_between(seconds: np.ndarray, span: Sequence[int]) -> int:
    """Count the times in a half-open span."""
    return int(((seconds >= span[0]) & (seconds < span[1])).sum())


def list_trains(network: Network, origin: str, destination: str) -> np.ndarray:
    """Return departure and arrival (seconds) of every direct train with clock times, one a trip."""
    rides = compute_rides(network.central)
    groups = []
    for place in (origin, destination):
        stations = place_stations(network, [place], main_only=False)["station"]
        groups.append(np.isin(rides.stops, stations.to_numpy(dtype=object)))
    clocked = ~np.isin(rides.trips, network["frequencies"]["trip_id"].to_numpy(dtype=object))
    chosen = groups[0][rides.start] & groups[1][rides.end] & clocked[rides.trip]
    table = pd.DataFrame(
        {
            "trip": rides.trip[chosen],
            "departure": rides.departure[chosen] * 60.0,
            "arrival": (rides.departure + rides.minutes)[chosen] * 60.0,
        }
    )
    first = table.groupby("trip").agg(departure=("departure", "max"), arrival=("arrival", "min"))
    return first.to_numpy(dtype=np.float64).reshape(-1, 2)
