"""Calls of trips: what must hold of their tables, and the connections between them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.errors import Notice

DAY_SECONDS = 86_400
# GTFS times of one trip may pass 24:00; ten days is more than any train runs.
MAX_SECONDS = 10 * DAY_SECONDS
# Service days that numbers of runs leave room for.
DAYS_KEPT = 64

Ints = NDArray[np.int32]
Names = NDArray[Any]


def check_calls(
    calls: pd.DataFrame,
    stops: pd.DataFrame,
    transfers: pd.DataFrame,
    frequencies: pd.DataFrame | None,
) -> list[Notice]:
    """Check the tables that `netlib.timetable.build_timetable` takes, and return all problems."""
    found: list[Notice] = []

    def report(table: str, bad: Any, rule: str, message: str) -> None:
        found.extend(Notice(table, int(i) + 1, rule, message) for i in np.flatnonzero(bad))

    known = stops["stop_id"]
    report("stops", known.duplicated(), "duplicate-stop", "stop_id stands twice; keep one row")
    for table, frame, columns in (
        ("calls", calls, ("stop_id",)),
        ("transfers", transfers, ("from_stop_id", "to_stop_id")),
    ):
        for column in columns:
            missing = ~frame[column].isin(known)
            report(table, missing, "unknown-stop", f"{column} is not in stops; add it there")
    report("transfers", transfers["seconds"] < 0, "negative-time", "seconds are negative")
    arrival, departure = calls["arrival"], calls["departure"]
    key = _number_runs(calls)
    same = np.r_[False, key[1:] == key[:-1]] if len(key) else np.zeros(0, dtype=bool)
    # The arrival at the first stop of a trip is of no use.
    inside = departure.between(0, MAX_SECONDS) & (~same | arrival.between(0, MAX_SECONDS))
    report("calls", ~inside, "time-out-of-range", "write seconds after midnight, at most ten days")
    earlier = same & (arrival < departure.shift()).to_numpy()
    report(
        "calls", earlier | (departure < arrival), "time-goes-back", "earlier than the call before"
    )
    starts = pd.Series(key[~same])
    apart = np.zeros(len(key), dtype=bool)
    apart[np.flatnonzero(~same)] = starts.duplicated()
    report("calls", apart, "calls-apart", "sort calls by trip and sequence")
    if frequencies is not None:
        unknown = ~frequencies["trip_id"].isin(calls["trip_id"])
        report("frequencies", unknown, "unknown-trip", "trip_id has no calls; add them")
        report("frequencies", ~(frequencies["headway"] > 0), "no-headway", "write seconds above 0")
    return found


def _number_runs(calls: pd.DataFrame) -> NDArray[np.int64]:
    """Return a number for each run: the trip, by order of appearance, and the service day."""
    trip = pd.factorize(calls["trip_id"])[0].astype(np.int64)
    return trip * DAYS_KEPT + _days(calls)


def _days(calls: pd.DataFrame) -> NDArray[np.int64]:
    """Return the service day of each call."""
    if "day" not in calls:
        return np.zeros(len(calls), dtype=np.int64)
    return calls["day"].to_numpy(dtype=np.int64)


def split_calls(calls: pd.DataFrame, stops: pd.Index) -> tuple[Ints, Ints, Names]:
    """Split checked calls into connections.

    Parameters
    ----------
    calls
        As `netlib.timetable.build_timetable` takes them.
    stops
        Names of the stops, in the order of their numbers.

    Returns
    -------
    hops
        int32 (connections, 5) as in `netlib.timetable.Timetable`, in the order of the calls.
    runs
        int32 (runs, 2): trip and day.
    trips
        Names of the trips.
    """
    key = _number_runs(calls)
    run = pd.factorize(key)[0]
    code, trips = pd.factorize(calls["trip_id"].to_numpy(dtype=object))
    first = np.r_[True, run[1:] != run[:-1]] if len(run) else np.zeros(0, dtype=bool)
    day = _days(calls)
    runs = np.stack([code[first], day[first]], axis=1).astype(np.int32)
    stop = stops.get_indexer(pd.Index(calls["stop_id"]))
    start, end = stop.copy(), stop.copy()
    if "pickup" in calls:
        start[~calls["pickup"].to_numpy(dtype=bool)] = len(stops)
    if "drop_off" in calls:
        end[~calls["drop_off"].to_numpy(dtype=bool)] = len(stops) + 1
    arrival = calls["arrival"].to_numpy(dtype=np.int64) + DAY_SECONDS * day
    departure = calls["departure"].to_numpy(dtype=np.int64) + DAY_SECONDS * day
    a = np.flatnonzero(~first) - 1
    columns = [departure[a], arrival[a + 1], start[a], end[a + 1], run[a]]
    hops = np.stack(columns, axis=1).astype(np.int32)
    return hops, runs, np.asarray(trips, dtype=object)
