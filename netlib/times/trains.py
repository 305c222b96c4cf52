"""The services of a day for the engine: scheduled runs, and rides whose clock times are not known.

A platform is a stop and a kind of vehicle: one boards, changes and leaves by kind, as the minutes
in stations are those of the railway, of a metro, or none for a stop in the street.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.gtfs.feeds import ServiceDay
from netlib.gtfs.network import network_day
from netlib.tables import Network
from netlib.timetable import DAY_SECONDS, Timetable, build_timetable
from netlib.vehicles import KINDS, classify_route

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Nobody who asks about a day is still under way at three in the morning.
NIGHT_END_SECONDS = 27 * 3600


@dataclass(frozen=True, eq=False)
class Trains:
    """The services of one day.

    Attributes
    ----------
    stops
        Ids of the stops with any service, sorted, object (stops).
    stop, kind
        int64 (platforms): position in `stops`, and `RAIL`, `METRO` or `STREET`.
    timetable
        Runs with clock times; its stops are numbers of platforms, and it has no walks.
    loose
        Rides without clock times, one row for each trip, pair of calls and span of its headway:
        ``start``, ``end`` (platforms), ``seconds`` (aboard), ``trip_id``, ``first``, ``last``
        (seconds after midnight between which it runs) and ``headway`` (seconds).
    services
        Service of each trip.
    """

    stops: NDArray[Any]
    stop: Ints
    kind: Ints
    timetable: Timetable
    loose: pd.DataFrame
    services: dict[str, str]


def read_trains(network: Network) -> Trains:
    """Read the services of a network of one day, at its own figures.

    Networks that differ from each other only in figures which are not those of services share the
    result; it is kept with the central one.
    """
    service, rows = network["service"], network["frequencies"]
    drift = network.parameter("timetable_drift_ratio") if network.drifting_services else 1.0
    key = (
        "trains",
        drift,
        service["run_time_ratio"].to_numpy(dtype=np.float64).tobytes(),
        rows["headway_secs"].to_numpy(dtype=np.float64).tobytes(),
    )
    return network.central.remember(key, lambda: _build(network))


def _build(network: Network) -> Trains:
    """Build what `read_trains` returns."""
    calls, frequencies = keep_night(network_day(network))
    kind = calls["trip_id"].map(kinds_by_trip(network)).to_numpy(dtype=np.int64)
    stop, stops = pd.factorize(calls["stop_id"].to_numpy(dtype=object), sort=True)
    codes, platform = np.unique(stop * len(KINDS) + kind, return_inverse=True)
    calls = calls.assign(stop_id=platform)
    is_loose = calls["trip_id"].isin(frequencies.loc[~frequencies["exact"], "trip_id"])
    timetable = build_timetable(
        calls[~is_loose],
        stops=pd.DataFrame({"stop_id": np.arange(len(codes))}),
        frequencies=frequencies[frequencies["exact"]],
        by_vehicle=True,
    )
    trips = network["trips"]
    return Trains(
        stops=np.asarray(stops, dtype=object),
        stop=codes // len(KINDS),
        kind=codes % len(KINDS),
        timetable=timetable,
        loose=list_loose(calls[is_loose], frequencies),
        services=dict(zip(trips["trip_id"], trips["service_id"], strict=True)),
    )


def kinds_by_trip(network: Network) -> dict[str, int]:
    """Return the kind of vehicle of every trip."""
    routes, trips = network["routes"], network["trips"]
    types = dict(zip(routes["route_id"], routes["route_type"], strict=True))
    return {
        trip: classify_route(types.get(route, np.nan))
        for trip, route in zip(trips["trip_id"], trips["route_id"], strict=True)
    }


def keep_night(day: ServiceDay) -> ServiceDay:
    """Drop the trips of the day after that start after the end of the night."""
    calls, rows = day
    first = calls.groupby("trip_id", sort=False)["departure"].transform("first")
    # Trips with headways are timed from their first departure; these are in their own table.
    starts = rows.groupby("trip_id")["start"].min()
    first += calls["trip_id"].map(starts).fillna(0).astype("int64")
    late = (calls["day"] == 1) & (first > NIGHT_END_SECONDS - DAY_SECONDS)
    return ServiceDay(calls[~late].reset_index(drop=True), rows)


def list_loose(calls: pd.DataFrame, frequencies: pd.DataFrame) -> pd.DataFrame:
    """List the rides of trips without clock times, as in `Trains.loose`."""
    calls = calls[calls["day"] == 0]
    trip, names = pd.factorize(calls["trip_id"].to_numpy(dtype=object))
    a, b = pair_positions(trip)
    stop, arrival, departure = (
        calls[c].to_numpy(dtype=np.int64) for c in ("stop_id", "arrival", "departure")
    )
    seconds = arrival[b] - departure[a]
    allowed = calls["pickup"].to_numpy(dtype=bool)[a] & calls["drop_off"].to_numpy(dtype=bool)[b]
    real = (stop[a] != stop[b]) & (seconds > 0) & allowed
    rides = pd.DataFrame(
        {
            "start": stop[a[real]],
            "end": stop[b[real]],
            "seconds": seconds[real],
            "trip_id": np.asarray(names, dtype=object)[trip[a[real]]],
        }
    )
    spans = frequencies.loc[~frequencies["exact"], ["trip_id", "start", "end", "headway"]]
    spans = spans.set_axis(["trip_id", "first", "last", "headway"], axis=1)
    return rides.merge(spans, on="trip_id", how="inner")


def pair_positions(trip: NDArray[Any]) -> tuple[Ints, Ints]:
    """Return the positions (a, b) of all ordered pairs of calls of one trip, a before b.

    >>> pair_positions(np.array([0, 0, 0, 1]))
    (array([0, 1, 0]), array([1, 2, 2]))
    """
    longest = int(np.bincount(trip).max()) if len(trip) else 1
    starts = [np.flatnonzero(trip[step:] == trip[:-step]) for step in range(1, longest)]
    if not starts:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    ends = [start + step for step, start in enumerate(starts, start=1)]
    return np.concatenate(starts), np.concatenate(ends)


def select_loose(loose: pd.DataFrame, window: tuple[int, int], *, turn_up: float) -> pd.DataFrame:
    """Select what travellers of a window are offered by rides without clock times.

    Rides between two platforms are one service. Where one comes at least every ``turn_up`` seconds
    people turn up and wait half of the mean headway, for the rides that are worth taking when they
    come first: the attractive set of Chriqui & Robillard (1975), Common bus lines, Transportation
    Science 9(2), 115-121. Rarer ones they plan for; the median ride stands for those.

    Parameters
    ----------
    loose
        As in `Trains.loose`.
    window
        Seconds after midnight, half open.
    turn_up
        Seconds.

    Returns
    -------
    DataFrame
        One row per pair of platforms: ``start``, ``end``, ``seconds`` (aboard), ``gap`` (mean
        seconds between two departures), ``planned`` (bool, whether people plan for it) and
        ``trip_id`` (the fastest of the set, or the median ride).
    """
    first = loose["first"].clip(lower=window[0])
    last = loose["last"].clip(upper=window[1])
    rate = ((last - first).clip(lower=0) / (window[1] - window[0]) / loose["headway"]).to_numpy()
    runs = rate > 0
    table = loose[runs].assign(rate=rate[runs]).reset_index(drop=True)
    order = np.lexsort((table["seconds"], table["end"], table["start"]))
    table = table.iloc[order].reset_index(drop=True)
    pair = table[["start", "end"]].to_numpy()
    is_first = np.r_[True, (pair[1:] != pair[:-1]).any(axis=1)] if len(pair) else np.zeros(0, bool)
    number = np.cumsum(is_first) - 1
    begin = np.flatnonzero(is_first)
    rate, ride = table["rate"].to_numpy(), table["seconds"].to_numpy(dtype=np.float64)

    def sum_within(values: Floats) -> Floats:
        total = np.cumsum(values)
        return np.asarray(total - (total - values)[begin][number])

    if not len(begin):
        return table.assign(gap=0.0, planned=False)[
            ["start", "end", "seconds", "gap", "planned", "trip_id"]
        ]
    rates = sum_within(rate)
    total = np.bincount(number, weights=rate)
    planned = 1.0 / total > turn_up
    mean = sum_within(rate * ride) / rates
    # Expected minutes with the first few of a pair's rides; the best number of them is the set.
    cost = np.lexsort((0.5 / rates + mean, number))[begin]
    middle = np.lexsort((~(rates >= 0.5 * total[number] - 1e-12), number))[begin]
    chosen = np.where(planned, middle, cost)
    return pd.DataFrame(
        {
            "start": pair[begin, 0],
            "end": pair[begin, 1],
            "seconds": np.where(planned, ride[middle], mean[cost]),
            "gap": np.where(planned, 1.0 / total, 1.0 / rates[cost]),
            "planned": planned,
            "trip_id": table["trip_id"].to_numpy(dtype=object)[np.where(planned, chosen, begin)],
        }
    )
