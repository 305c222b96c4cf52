"""Direct rides: what one train offers between two stops.

The minutes of a stopping train's links do not add up to an express's time, so a ride is always one
train's own time between two of its calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.calls import compute_calls, parse_clocks
from netlib.places import place_stations
from netlib.readings import Reading
from netlib.tables import Network
from netlib.times.steps import Step
from netlib.times.trains import kinds_by_trip, pair_positions
from netlib.vehicles import KINDS, RAIL

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# A timetable whose trains are of every family, as that of an imported feed.
EVERY_FAMILY = "all"
PAIR = ["from_id", "to_id"]
# For sums of fractions of departures.
HALF_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Rides:
    """Every direct ride between two calls of one trip, as arrays of equal length.

    Attributes
    ----------
    start, end
        int64: positions in `stops`.
    trip
        int64: position in `trips`.
    departure, minutes
        float64: minutes after midnight at the start, and minutes aboard by the timetable.
    stops, trips
        Ids, object arrays.
    kind
        int64 (trips): kind of vehicle.
    services, sources, families
        object (trips): service, its kind of knowledge, and the family of its timetable ('' for
        services without one).
    """

    start: Ints
    end: Ints
    trip: Ints
    departure: Floats
    minutes: Floats
    stops: NDArray[Any]
    trips: NDArray[Any]
    kind: Ints
    services: NDArray[Any]
    sources: NDArray[Any]
    families: NDArray[Any]


def compute_rides(network: Network) -> Rides:
    """Compute every direct ride; the minutes are the timetable's, without factors or ranges.

    All networks with the same `Network.central` share them.
    """
    central = network.central
    return central.remember("rides", lambda: _compute(central))


def _compute(network: Network) -> Rides:
    """Compute what `compute_rides` returns."""
    calls = compute_calls(network)
    trip, trips = pd.factorize(calls["trip_id"].to_numpy(dtype=object))
    stop, stops = pd.factorize(calls["stop_id"].to_numpy(dtype=object))
    first = np.unique(trip, return_index=True)[1]
    services = calls["service_id"].to_numpy(dtype=object)[first]
    a, b = pair_positions(trip)
    arrival = calls["arrival"].to_numpy(dtype=np.float64) / 60.0
    departure = calls["departure"].to_numpy(dtype=np.float64) / 60.0
    minutes = arrival[b] - departure[a]
    real = (stop[a] != stop[b]) & (minutes > 0)
    a, b, minutes = a[real], b[real], minutes[real]
    kinds = kinds_by_trip(network)
    return Rides(
        start=stop[a].astype(np.int64),
        end=stop[b].astype(np.int64),
        trip=trip[a].astype(np.int64),
        departure=departure[a],
        minutes=minutes,
        stops=np.asarray(stops, dtype=object),
        trips=np.asarray(trips, dtype=object),
        kind=np.array([kinds[name] for name in trips], dtype=np.int64),
        services=services,
        sources=calls["kind"].to_numpy(dtype=object)[first],
        families=find_families(network, services),
    )


def find_families(network: Network, services: NDArray[Any]) -> NDArray[Any]:
    """Return the family of the timetable of each service, '' for services without one."""
    service, timetable = network["service"], network["timetable"]
    modes = dict(zip(timetable["timetable_id"], timetable["modes"], strict=True))
    own = dict(zip(service["service_id"], service["timetable_id"], strict=True))
    return np.array([modes.get(own[name], "") for name in services], dtype=object)


def compute_factors(network: Network, rides: Rides) -> Floats:
    """Return the factor on the minutes of each trip: its service's own, and the drift.

    Outside the validity of a timetable its trains carry ``timetable_drift_ratio``.
    """
    service = network["service"]
    ratios = dict(zip(service["service_id"], service["run_time_ratio"], strict=True))
    factors = np.array([ratios[name] for name in rides.services], dtype=np.float64)
    drifting = np.isin(rides.services, list(network.drifting_services))
    if not drifting.any():
        return factors
    return factors * np.where(drifting, network.parameter("timetable_drift_ratio"), 1.0)


def count_departures(network: Network, rides: Rides) -> Floats:
    """Return the departures per service day of every trip: one where clock times are known."""
    rows = network["frequencies"]
    span = parse_clocks(rows["end_time"]) - parse_clocks(rows["start_time"])
    places = pd.Index(rides.trips).get_indexer(rows["trip_id"])
    known = places >= 0
    weights = (span / rows["headway_secs"]).to_numpy(dtype=np.float64)[known]
    sums = np.bincount(places[known], weights=weights, minlength=len(rides.trips))
    return np.asarray(np.where(sums > 0, sums, 1.0), dtype=np.float64)


def select_rides(network: Network, pairs: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """Select the direct trains between the stations of each pair of places that a reading counts.

    Trains of the railway count, of the families of the reading; where the railway has none at all
    between two places, those of metros, trams and buses do.

    Returns
    -------
    DataFrame
        ``from_id`` and ``to_id`` (the places), ``board_id`` and ``alight_id`` (the stations),
        ``ride`` (minutes at the network's figures), ``trains`` a day, ``departure`` (minutes after
        midnight), ``trip_id`` and ``kind`` (of knowledge).
    """
    rides = compute_rides(network)
    places = pd.unique(pd.concat([pairs["from_id"], pairs["to_id"]])).tolist()
    stations = place_stations(network, places, main_only=reading.stations == "main")
    wanted = np.isin(rides.stops, stations["station"].to_numpy(dtype=object))
    chosen = np.flatnonzero(wanted[rides.start] & wanted[rides.end])
    trip = rides.trip[chosen]
    table = pd.DataFrame(
        {
            "board_id": rides.stops[rides.start[chosen]],
            "alight_id": rides.stops[rides.end[chosen]],
            "ride": rides.minutes[chosen] * compute_factors(network, rides)[trip],
            "trains": count_departures(network, rides)[trip],
            "departure": rides.departure[chosen],
            "trip_id": rides.trips[trip],
            "kind": rides.sources[trip],
            "is_rail": rides.kind[trip] == RAIL,
            "counts": matches_family(rides, reading)[trip],
        }
    )
    table = table.merge(stations.set_axis(["from_id", "board_id"], axis=1), on="board_id")
    table = table.merge(stations.set_axis(["to_id", "alight_id"], axis=1), on="alight_id")
    table = table.merge(pairs[PAIR].drop_duplicates(), on=PAIR)
    has_rail = table.groupby(PAIR)["is_rail"].transform("any")
    return table[(table["is_rail"] == has_rail) & table["counts"]].drop(columns=["counts"])


def matches_family(rides: Rides, reading: Reading) -> NDArray[np.bool_]:
    """Return which trips a reading counts: bool (trips)."""
    if not reading.families:
        return np.ones(len(rides.trips), dtype=bool)
    return np.isin(rides.families, [*reading.families, EVERY_FAMILY, ""])


def measure_rides(
    network: Network, pairs: pd.DataFrame, reading: Reading
) -> tuple[pd.DataFrame, dict[tuple[str, str], list[Step]]]:
    """Measure the fastest or median direct ride of each pair of places.

    Returns
    -------
    table, steps
        ``from_id``, ``to_id``, ``minutes`` (NaN without a direct train) and ``trains`` a day; and
        the ride by pair.
    """
    rides = select_rides(network, pairs, reading)
    rides = rides.sort_values([*PAIR, "ride", "trip_id"], ignore_index=True)
    grouped = rides.groupby(PAIR)["trains"]
    total = grouped.transform("sum")
    if reading.statistic == "median":
        # Half of the departures are at most this long.
        rides = rides[grouped.cumsum() / total >= 0.5 - HALF_TOLERANCE]
    chosen = rides.drop_duplicates(PAIR).assign(trains=total)
    table = pairs[PAIR].merge(chosen, on=PAIR, how="left").set_axis(pairs.index)
    kinds = kinds_by_trip(network)
    clocked = ~chosen["trip_id"].isin(network["frequencies"]["trip_id"])
    steps = {
        (row["from_id"], row["to_id"]): [
            Step(
                "ride",
                row["board_id"],
                row["alight_id"],
                minutes=float(row["ride"]),
                mode=KINDS[kinds[row["trip_id"]]],
                trip_id=row["trip_id"],
                departs=60.0 * row["departure"] if has_clock else np.nan,
            )
        ]
        for row, has_clock in zip(chosen.to_dict("records"), clocked, strict=True)
    }
    minutes, trains = table["ride"].to_numpy(dtype=float), table["trains"].to_numpy(dtype=float)
    return pairs[PAIR].assign(minutes=minutes, trains=np.nan_to_num(trains)), steps


def measure_stations(network: Network, origin: str, reading: Reading) -> pd.Series:
    """Measure the fastest or median direct ride from a place to every station that trains lead to.

    Returns
    -------
    Series
        Minutes by stop; those of the place itself have 0.
    """
    rides = compute_rides(network)
    counts = matches_family(rides, reading)
    is_rail = rides.kind == RAIL
    # Metros, trams and buses count where there is no railway at all.
    counts &= is_rail if (counts & is_rail).any() else ~is_rail
    stations = place_stations(network, [origin], main_only=reading.stations == "main")
    own = np.isin(rides.stops, stations["station"].to_numpy(dtype=object))
    chosen = np.flatnonzero(counts[rides.trip] & own[rides.start] & ~own[rides.end])
    trip = rides.trip[chosen]
    minutes = rides.minutes[chosen] * compute_factors(network, rides)[trip]
    end = rides.end[chosen]
    order = np.lexsort((minutes, end))
    end, minutes = end[order], minutes[order]
    first = np.flatnonzero(np.r_[True, end[1:] != end[:-1]]) if len(end) else end
    if reading.statistic == "median" and len(end):
        weight = count_departures(network, rides)[trip][order]
        total = np.add.reduceat(weight, first)
        number = np.repeat(np.arange(len(first)), np.diff(np.r_[first, len(end)]))
        run = np.cumsum(weight) - np.r_[0.0, np.cumsum(total)[:-1]][number]
        enough = np.flatnonzero(run >= 0.5 * total[number] - HALF_TOLERANCE)
        first = enough[np.unique(number[enough], return_index=True)[1]]
    found = pd.Series(minutes[first], index=rides.stops[end[first]])
    boarded = np.unique(rides.start[counts[rides.trip] & own[rides.start]])
    return pd.concat([pd.Series(0.0, index=rides.stops[boarded]), found])


def list_trains(network: Network, origin: str, destination: str) -> pd.DataFrame:
    """List every direct train with clock times between two places, one row a trip.

    Returns
    -------
    DataFrame
        ``trip_id``, ``departure`` (from the last of the origin's stations that it calls at) and
        ``arrival`` (at the first of the destination's), in seconds after midnight, by departure.
    """
    pairs = pd.DataFrame({"from_id": [origin], "to_id": [destination]})
    every = Reading("rides", "direct_ride", statistic="fastest", stations="any")
    table = select_rides(network, pairs, every)
    table = table[~table["trip_id"].isin(network["frequencies"]["trip_id"])]
    rides = pd.DataFrame(
        {
            "trip_id": table["trip_id"],
            "departure": 60.0 * table["departure"],
            "arrival": 60.0 * (table["departure"] + table["ride"]),
        }
    )
    found = rides.groupby("trip_id", as_index=False).agg(
        departure=("departure", "max"), arrival=("arrival", "min")
    )
    return found.sort_values(["departure", "trip_id"], ignore_index=True)
