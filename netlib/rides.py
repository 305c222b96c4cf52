"""Direct rides: what trains offer between two stops.

The minutes of a stopping train's links do not add up to an express's time, so a ride is always one
train's own time between two of its calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.calls import compute_calls, parse_clocks
from netlib.tables import Network

DAY_MINUTES = 1440.0
# GTFS route types 2 and 100 to 109: railways, apart from metros (1) and the like.
RAIL_ROUTE_TYPES = frozenset({2, *range(100, 110)})
# Mean wait as a share of the headway when passengers arrive at random and one regular service
# runs: Spiess & Florian (1989), Optimal strategies, Transportation Research B 23(2), 83-102.
WAIT_SHARE = 0.5

Window = tuple[int, int]
# Window of a reading that names none: the daytime hours, 07:00 to 19:00.
DAYTIME: Window = (7 * 3600, 19 * 3600)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rides:
    """Every direct ride between two calls of one trip, as arrays of equal length.

    Attributes
    ----------
    start, end
        Positions in `stops`, int64.
    group
        Positions in `groups`: ``rail``, or the route of a metro line.
    trip
        Positions in `trips`.
    departure, minutes
        Minutes after midnight at the start, and minutes aboard by the timetable; float64.
    stops, groups, trips
        Names of the codes, object arrays.
    services, kinds
        Service and its kind by position in `trips`, object arrays.
    """

    start: Ints
    end: Ints
    group: Ints
    trip: Ints
    departure: Floats
    minutes: Floats
    stops: NDArray[Any]
    groups: NDArray[Any]
    trips: NDArray[Any]
    services: NDArray[Any]
    kinds: NDArray[Any]


@lru_cache(maxsize=4)
def compute_rides(network: Network) -> Rides:
    """Compute every direct ride; the minutes are the timetable's, without factors or ranges.

    All variants of a network share its `Network.central` rides, so pass that one.
    """
    calls = compute_calls(network.central)
    trip, trips = pd.factorize(calls["trip_id"].to_numpy(dtype=object))
    stop, stops = pd.factorize(calls["stop_id"].to_numpy(dtype=object))
    route_of_trip = calls["route_id"].to_numpy(dtype=object)[np.unique(trip, return_index=True)[1]]
    first = np.unique(trip, return_index=True)[1]
    routes = network["routes"]
    types = dict(zip(routes["route_id"], routes["route_type"], strict=True))
    names = ["rail" if types.get(route) in RAIL_ROUTE_TYPES else route for route in route_of_trip]
    group, groups = pd.factorize(np.array(names, dtype=object))
    a, b = pair_positions(trip)
    arrival = calls["arrival"].to_numpy(dtype=np.float64) / 60.0
    departure = calls["departure"].to_numpy(dtype=np.float64) / 60.0
    minutes = arrival[b] - departure[a]
    real = (stop[a] != stop[b]) & (minutes > 0)
    a, b, minutes = a[real], b[real], minutes[real]
    return Rides(
        start=stop[a].astype(np.int64),
        end=stop[b].astype(np.int64),
        group=group[trip[a]].astype(np.int64),
        trip=trip[a].astype(np.int64),
        departure=departure[a],
        minutes=minutes,
        stops=np.asarray(stops, dtype=object),
        groups=np.asarray(groups, dtype=object),
        trips=np.asarray(trips, dtype=object),
        services=calls["service_id"].to_numpy(dtype=object)[first],
        kinds=calls["kind"].to_numpy(dtype=object)[first],
    )


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


def trip_factors(network: Network, rides: Rides) -> Floats:
    """Return the factor on the minutes of each trip: its service's own, and the drift.

    Outside the validity of a timetable its trains carry ``timetable_drift_ratio``.
    """
    service = network["service"]
    ratios = dict(zip(service["service_id"], service["run_time_ratio"], strict=True))
    factors = np.array([ratios[name] for name in rides.services], dtype=np.float64)
    if not network.drifting_services:
        return factors
    drifting = np.isin(rides.services, list(network.drifting_services))
    return factors * np.where(drifting, network.parameter("timetable_drift_ratio"), 1.0)


def trip_rates(network: Network, rides: Rides, window: Window) -> Floats:
    """Return departures per minute in ``window`` of every trip; 0 for trips with clock times."""
    rows = network["frequencies"]
    start = parse_clocks(rows["start_time"]).clip(lower=window[0])
    end = parse_clocks(rows["end_time"]).clip(upper=window[1])
    share = (end - start).clip(lower=0) / (window[1] - window[0])
    return sum_by_trip(rides, rows["trip_id"], share / (rows["headway_secs"] / 60.0))


def trip_counts(network: Network, rides: Rides) -> Floats:
    """Return departures per service day of every trip; 0 for trips with clock times."""
    rows = network["frequencies"]
    span = parse_clocks(rows["end_time"]) - parse_clocks(rows["start_time"])
    return sum_by_trip(rides, rows["trip_id"], span / rows["headway_secs"])


def sum_by_trip(rides: Rides, trips: pd.Series, values: pd.Series) -> Floats:
    """Sum values by trip, in the order of ``rides.trips``."""
    places = pd.Index(rides.trips).get_indexer(trips)
    known = places >= 0
    weights = values.to_numpy(dtype=np.float64)[known]
    sums = np.bincount(places[known], weights=weights, minlength=len(rides.trips))
    return np.asarray(sums, dtype=np.float64)


def compute_offers(network: Network, window: Window) -> pd.DataFrame:
    """Compute the expected wait and ride for every pair of stops that one train joins.

    A traveller comes at a random minute of ``window``. Trains with clock times: the mean over the
    window of the time until the earliest arrival. Headway services: the attractive set of Chriqui
    & Robillard (1975, Common bus lines, Transportation Science 9(2), 115-121), that is the
    services that are worth taking when they come first.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``group`` (categorical), ``wait``, ``ride`` (minutes), ``trip_id``
        and ``service_id`` of the train that carries most of it; one row per pair and group.
    """
    rides = compute_rides(network.central)
    minutes = rides.minutes * trip_factors(network, rides)[rides.trip]
    rate = trip_rates(network, rides, window)[rides.trip]
    has_headway = np.isin(rides.trips, network["frequencies"]["trip_id"].to_numpy(dtype=object))
    key = (rides.start * len(rides.stops) + rides.end) * len(rides.groups) + rides.group
    clocked = ~has_headway[rides.trip]
    running = rate > 0
    found = [
        offer_clock(
            key[clocked], rides.departure[clocked], minutes[clocked], rides.trip[clocked], window
        ),
        offer_headway(key[running], rate[running], minutes[running], rides.trip[running]),
    ]
    keys, wait, ride, trip = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((wait + ride, keys))
    keys = keys[order]
    best = order[np.r_[True, keys[1:] != keys[:-1]]] if len(keys) else order
    pair, group = np.divmod(np.concatenate([f[0] for f in found])[best], len(rides.groups))
    start, end = np.divmod(pair, len(rides.stops))
    return pd.DataFrame(
        {
            "from_id": pd.Categorical.from_codes(start, pd.Index(rides.stops)),
            "to_id": pd.Categorical.from_codes(end, pd.Index(rides.stops)),
            "group": pd.Categorical.from_codes(group, pd.Index(rides.groups)),
            "wait": wait[best],
            "ride": ride[best],
            "trip_id": pd.Series(rides.trips[trip[best]], dtype=object),
            "service_id": pd.Series(rides.services[trip[best]], dtype=object),
        }
    )


Offers = tuple[Ints, Floats, Floats, Ints]


def offer_clock(
    key: Ints, departure: Floats, minutes: Floats, trip: Ints, window: Window
) -> Offers:
    """Compute offers of trains with clock times.

    Trains of the day before that are still under way count, and after the last train of the day
    the traveller waits for the next day's first.

    Returns
    -------
    key, wait, ride, trip
        One entry per distinct key, sorted.
    """
    begin, finish = window[0] / 60.0, window[1] / 60.0
    late = departure >= DAY_MINUTES
    key = np.concatenate([key, key[late], key])
    shifted = [departure, departure[late] - DAY_MINUTES, departure + DAY_MINUTES]
    departure = np.concatenate(shifted)
    minutes = np.concatenate([minutes, minutes[late], minutes])
    trip = np.concatenate([trip, trip[late], trip])
    wanted = departure >= begin
    key, trip = key[wanted], trip[wanted]
    departure, minutes = departure[wanted], minutes[wanted]
    if not len(key):
        return key, departure, minutes, trip
    order = np.lexsort((departure, key))
    key, trip = key[order], trip[order]
    departure, minutes = departure[order], minutes[order]
    is_first = np.r_[True, key[1:] != key[:-1]]
    number = np.cumsum(is_first) - 1
    # Earliest arrival among this and later departures of a key: a running minimum from behind,
    # in which later keys lie above earlier ones. The train taken is the one that arrives then, the
    # last to depart of several; those that it overtakes are let pass.
    arrival = departure + minutes + number * (departure.max() + minutes.max() + 1.0)
    earliest = np.minimum.accumulate(arrival[::-1])[::-1]
    is_best = arrival < np.r_[earliest[1:], np.inf]
    place = np.where(is_best, np.arange(len(key)), len(key))
    taken = np.minimum.accumulate(place[::-1])[::-1]
    previous = np.where(is_first, begin, np.r_[begin, departure[:-1]])
    lower = np.clip(previous, begin, finish)
    upper = np.clip(departure, begin, finish)
    share = (upper - lower) / (finish - begin)
    # Mean over the minutes t for which this is the next departure.
    wait = np.bincount(number, weights=share * (departure[taken] - (upper + lower) / 2.0))
    ride = np.bincount(number, weights=share * minutes[taken])
    carried = np.bincount(taken, weights=share, minlength=len(key))
    heaviest = np.lexsort((-carried, number))[np.flatnonzero(is_first)]
    return (
        key[is_first],
        np.asarray(wait, dtype=np.float64),
        np.asarray(ride, dtype=np.float64),
        trip[heaviest],
    )


def offer_headway(key: Ints, rate: Floats, minutes: Floats, trip: Ints) -> Offers:
    """Compute offers of headway services: the attractive set of each key.

    Returns
    -------
    key, wait, ride, trip
        One entry per distinct key, sorted; the trip is the fastest of the set.
    """
    order = np.lexsort((minutes, key))
    key, trip = key[order], trip[order]
    rate, minutes = rate[order], minutes[order]
    if not len(key):
        return key, rate, minutes, trip
    is_first = np.r_[True, key[1:] != key[:-1]]
    number = np.cumsum(is_first) - 1
    first = np.flatnonzero(is_first)

    def sum_within(values: Floats) -> Floats:
        total = np.cumsum(values)
        return np.asarray(total - (total - values)[first][number])

    rates = sum_within(rate)
    wait = WAIT_SHARE / rates
    ride = sum_within(rate * minutes) / rates
    best = np.lexsort((wait + ride, number))[first]
    return (
        key[is_first],
        np.asarray(wait[best], dtype=np.float64),
        np.asarray(ride[best], dtype=np.float64),
        trip[first],
    )
