"""ferrobus's search on trips, written anew from how its source works, with its habits as switches.

With both switches off it is round-based search as published (Delling, Pajor & Werneck 2015), and
finds what connection scan finds. The habits are those of ferrobus 0.2.1
(ferrobus-core/src/routing/raptor/regular/default_raptor.rs):

- ``early_exit``: the station where a train is boarded is marked as reached when that train came in,
  although the traveller boards it later;
- ``late_change``: who gets off can board the next train only once the own train has left, and an
  earlier arrival replaces a later one even if its train leaves later.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

NEVER = 2_000_000_000
Ints = NDArray[np.int64]


class Patterns(NamedTuple):
    """Trips with the same stops side by side, sorted by departure.

    Pattern ``p`` has the stops ``stop[start[p] : start[p + 1]]`` and ``trips[p]`` trips; their
    times begin at ``first[p]`` of ``arrival`` and ``departure``, trip after trip.
    """

    start: Ints
    stop: Ints
    first: Ints
    trips: Ints
    arrival: Ints
    departure: Ints


class Walks(NamedTuple):
    """Walks from stop to stop as rows of a sparse matrix."""

    start: Ints
    stop: Ints
    seconds: Ints


def pack_trips(calls: pd.DataFrame, stops: pd.Index) -> Patterns:
    """Sort the trips of one day into patterns."""
    stop = stops.get_indexer(pd.Index(calls["stop_id"]))
    trip = calls["trip_id"].to_numpy()
    begins = np.flatnonzero(np.r_[True, trip[1:] != trip[:-1]])
    spans = list(zip(begins.tolist(), [*begins[1:].tolist(), len(trip)], strict=True))
    groups: dict[bytes, list[tuple[int, int]]] = {}
    for begin, end in spans:
        groups.setdefault(stop[begin:end].tobytes(), []).append((begin, end))
    times = calls[["arrival", "departure"]].to_numpy(dtype=np.int64)
    order, sizes, trips = [], [], []
    for group in groups.values():
        group.sort(key=lambda span: times[span[0], 1])
        order += [np.arange(*span) for span in group]
        sizes.append(group[0][1] - group[0][0])
        trips.append(len(group))
    rows = np.concatenate(order)
    size, count = np.array(sizes), np.array(trips)
    first = np.r_[0, np.cumsum(size * count)]
    patterns = np.concatenate([rows[f : f + n] for f, n in zip(first[:-1], size, strict=True)])
    return Patterns(
        np.r_[0, np.cumsum(size)],
        stop[patterns].astype(np.int64),
        first[:-1],
        count,
        times[rows, 0],
        times[rows, 1],
    )


def pack_walks(seconds: NDArray[Any], limit: int) -> Walks:
    """Take the walks up to a limit from a table (stops, stops); none leads to its own stop."""
    short = (seconds <= limit) & ~np.eye(len(seconds), dtype=bool)
    start = np.r_[0, np.cumsum(short.sum(axis=1))].astype(np.int64)
    return Walks(start, np.nonzero(short)[1], seconds[short].astype(np.int64))


@njit(cache=True)
def _find_trip(departure: Any, first: int, size: int, count: int, place: int, ready: int) -> int:
    """Return the first trip that leaves a place of the pattern in time, -1 if none does."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if departure[first + middle * size + place] >= ready:
            high = middle
        else:
            low = middle + 1
    return low if low < count else -1


@njit(cache=True)
def search(
    patterns: Any,
    walks: Any,
    stops: int,
    source: int,
    departure: int,
    rides: int,
    *,
    early_exit: bool,
    late_change: bool,
) -> Any:
    """Search from one stop with at most so many rides; return arrivals (stops), or `NEVER`."""
    reached = np.full((rides + 1, stops), NEVER)
    ready = np.full((rides + 1, stops), NEVER)
    best = np.full(stops, NEVER)
    marked = np.zeros(stops, dtype=np.bool_)
    reached[0, source] = ready[0, source] = best[source] = departure
    marked[source] = True
    for k in range(walks.start[source], walks.start[source + 1]):
        stop, time = walks.stop[k], departure + walks.seconds[k]
        if time < reached[0, stop]:
            reached[0, stop] = ready[0, stop] = best[stop] = time
            marked[stop] = True
    for ride in range(1, rides + 1):
        fresh = np.zeros(stops, dtype=np.bool_)
        for p in range(len(patterns.trips)):
            begin, size = patterns.start[p], patterns.start[p + 1] - patterns.start[p]
            first, count = patterns.first[p], patterns.trips[p]
            trip, open_ = -1, False
            for place in range(size):
                stop = patterns.stop[begin + place]
                open_ = open_ or marked[stop]
                if not open_:
                    continue
                at = first + trip * size + place
                boarded = False
                since = ready[ride - 1, stop]
                if since < NEVER and (trip < 0 or since < patterns.departure[at]):
                    found = _find_trip(patterns.departure, first, size, count, place, since)
                    if found >= 0 and found != trip:
                        trip, boarded = found, True
                        at = first + trip * size + place
                if trip < 0 or (boarded and not early_exit):
                    continue
                arrival = patterns.arrival[at]
                if arrival < reached[ride, stop]:
                    reached[ride, stop] = arrival
                    if late_change:
                        ready[ride, stop] = patterns.departure[at]
                    else:
                        ready[ride, stop] = max(arrival, since) if boarded else arrival
                    if arrival < best[stop]:
                        best[stop] = arrival
                        fresh[stop] = True
        if not fresh.any():
            break
        for stop in np.flatnonzero(fresh):
            for k in range(walks.start[stop], walks.start[stop + 1]):
                other, time = walks.stop[k], ready[ride, stop] + walks.seconds[k]
                if time < ready[ride, other] and time < reached[ride, other]:
                    reached[ride, other] = ready[ride, other] = time
                    if time < best[other]:
                        best[other] = time
                        fresh[other] = True
        marked = fresh
    return best
