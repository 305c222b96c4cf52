"""Timetables as connections sorted by departure: the form that `netlib.timetable.scans` reads.

A connection is one trip's way from one call to the next. Between two rides travellers change at a
stop, which takes its change time, or walk to another stop; walks that follow one another are one
walk. Services known by their headway are kept apart until `draw_timetable` gives them a phase.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.errors import InputError, UnknownNameError
from netlib.timetable.calls import DAY_SECONDS, Ints, Names, check_calls, split_calls
from netlib.timetable.headways import (
    Headways,
    draw_phases,
    make_headways,
    select_headways,
    start_runs,
)
from netlib.timetable.order import sort_rows
from netlib.timetable.walks import build_walks, pack_walks

__all__ = [
    "DAY_SECONDS",
    "Headways",
    "Timetable",
    "build_timetable",
    "draw_phases",
    "draw_timetable",
    "remove_trips",
]

# Drawn timetables that are kept in memory.
DRAWS_KEPT = 32


@dataclass(frozen=True, eq=False)
class Timetable:
    """Connections, walks and names; all times are int32 seconds after midnight of day 0.

    Attributes
    ----------
    stops, trips
        Names by number, object arrays.
    rows
        int32 (connections, 5), sorted by departure: departure, arrival, from_stop, to_stop, run.
        Where boarding is barred from_stop is ``len(stops)``, where alighting is barred to_stop is
        ``len(stops) + 1``. Connections that take no time stand in an order in which travellers
        can use them one after another; those that lead in circles are repeated.
    run_trip, run_day
        int32 (runs): place in `trips`, and service day (-1, 0, 1), of each single run of a trip.
    walk_start, walk_stop, walk_seconds
        int32: walks from each stop to others, as rows of a sparse matrix with ``len(stops) + 2``
        rows.
    change
        int32 (stops + 2): seconds from vehicle to vehicle at a stop;
        `netlib.timetable.kernels.NEVER` where it is barred.
    headways
        Services without clock times, None when there are none.
    by_vehicle
        Whether only those have arrived at a stop who alight there: stops are platforms, and who
        walks to one has not come to leave it.
    """

    stops: Names
    trips: Names
    rows: Ints
    run_trip: Ints
    run_day: Ints
    walk_start: Ints
    walk_stop: Ints
    walk_seconds: Ints
    change: Ints
    headways: Headways | None = None
    by_vehicle: bool = False

    def __repr__(self) -> str:
        """Show the sizes."""
        services = len(self.headways.start) if self.headways else 0
        return (
            f"<Timetable: {len(self.stops)} stops, {len(self.run_trip)} runs, {len(self.rows)} "
            f"connections, {services} headway services, {len(self.walk_stop)} walks>"
        )

    @cached_property
    def stop_places(self) -> dict[str, int]:
        """Positions of stops by name."""
        return {name: place for place, name in enumerate(self.stops.tolist())}

    @cached_property
    def trip_places(self) -> dict[str, int]:
        """Positions of trips by name."""
        return {name: place for place, name in enumerate(self.trips.tolist())}

    @cached_property
    def walked(self) -> NDArray[np.bool_]:
        """Whether any walk leads to a stop, bool (stops + 2)."""
        walked = np.zeros(len(self.change), dtype=bool)
        walked[self.walk_stop] = True
        return walked

    @cached_property
    def mirrored(self) -> Timetable:
        """The same timetable in negative time: what leaves last here arrives first there."""
        n = len(self.stops)
        departure, arrival, start, end, run = self.rows.T
        swap = np.r_[np.arange(n), n + 1, n].astype(np.int32)
        walker = np.repeat(np.arange(n + 2, dtype=np.int32), np.diff(self.walk_start))
        walks = pack_walks(n, self.walk_stop, walker, self.walk_seconds)
        rows = np.stack([-arrival, -departure, swap[end], swap[start], run], axis=1)
        # Calls of one run in the same second must change their order as well.
        rows = sort_rows(np.ascontiguousarray(rows[::-1]), walks, self.change)
        return replace(
            self, rows=rows, walk_start=walks[0], walk_stop=walks[1], walk_seconds=walks[2]
        )


def build_timetable(
    calls: pd.DataFrame,
    *,
    stops: pd.DataFrame,
    transfers: pd.DataFrame | None = None,
    frequencies: pd.DataFrame | None = None,
    change_seconds: int = 0,
    max_walk_seconds: int | None = None,
    by_vehicle: bool = False,
) -> Timetable:
    """Build a timetable from tables.

    Parameters
    ----------
    calls
        One row per stop of a trip, in order, the rows of a trip together: ``trip_id``,
        ``stop_id``, ``arrival`` and ``departure`` (seconds after midnight of the service day); and
        where needed ``pickup`` and ``drop_off`` (bool, True if missing) and ``day`` (0 for the
        service day asked about, -1 for the one before, 1 for the one after; 0 if missing). A trip
        that runs on several days has its calls once for each.
    stops
        ``stop_id``; and where known ``parent_station`` ('' if none) and ``min_transfer`` (seconds
        between two vehicles at this stop, NaN if not known). Between stops of one station one
        changes as at a stop, and a station can be asked about like a stop.
    transfers
        ``from_stop_id``, ``to_stop_id`` and ``seconds``: walks, or changes where the two are the
        same; NaN bars the way. A station stands for all its stops.
    frequencies
        ``trip_id``, ``start``, ``end``, ``headway`` (seconds) and ``exact`` (bool): the trip runs
        every headway in ``[start, end)``, from the start if exact, else at an unknown phase.
    change_seconds
        For stops without ``min_transfer``, and between the stops of one station.
    max_walk_seconds
        Longest walk made of several; by default the longest single one.
    by_vehicle
        Whether only those have arrived at a stop who alight there.

    Raises
    ------
    InputError
        For unknown stops and trips, times that go backwards and calls that stand apart: all of
        them, the table as file and the position from 1 as line.
    """
    calls, transfers = calls.reset_index(drop=True), _default_transfers(transfers)
    notices = check_calls(calls, stops, transfers, frequencies)
    if notices:
        raise InputError(notices)
    names = stops["stop_id"].to_numpy(dtype=object)
    walks, change = build_walks(
        stops, transfers, change_seconds=change_seconds, max_walk_seconds=max_walk_seconds
    )
    hops, runs, trips = split_calls(calls, pd.Index(names))
    timetable = Timetable(
        stops=names,
        trips=trips,
        rows=np.zeros((0, 5), dtype=np.int32),
        run_trip=np.zeros(0, dtype=np.int32),
        run_day=np.zeros(0, dtype=np.int32),
        walk_start=walks[0],
        walk_stop=walks[1],
        walk_seconds=walks[2],
        change=change,
        by_vehicle=by_vehicle,
    )
    if frequencies is not None and len(frequencies):
        is_template = np.isin(trips[runs[:, 0]], frequencies["trip_id"].to_numpy(dtype=object))
        services = make_headways(hops, runs, trips, frequencies)
        exact = frequencies["exact"].to_numpy(dtype=bool)[services[1]]
        kept = ~is_template[hops[:, 4]]
        timetable = add_runs(timetable, hops[kept], runs)
        fixed = select_headways(services[0], exact)
        at_once = np.zeros(len(fixed.start), dtype=np.int32)
        timetable = add_runs(timetable, *start_runs(fixed, at_once))
        loose = select_headways(services[0], ~exact)
        return replace(timetable, headways=loose if len(loose.start) else None)
    return add_runs(timetable, hops, runs)


def _default_transfers(transfers: pd.DataFrame | None) -> pd.DataFrame:
    if transfers is None:
        return pd.DataFrame({"from_stop_id": [], "to_stop_id": [], "seconds": []})
    return transfers


def add_runs(timetable: Timetable, hops: Ints, runs: Ints) -> Timetable:
    """Add connections whose last column is a row of ``runs`` (trip, day)."""
    hops = hops.copy()
    hops[:, 4] += len(timetable.run_trip)
    walks = timetable.walk_start, timetable.walk_stop, timetable.walk_seconds
    return replace(
        timetable,
        rows=sort_rows(np.concatenate([timetable.rows, hops]), walks, timetable.change),
        run_trip=np.r_[timetable.run_trip, runs[:, 0]],
        run_day=np.r_[timetable.run_day, runs[:, 1]],
    )


def draw_timetable(timetable: Timetable, *, draw: int = 0, seed: int = 0) -> Timetable:
    """Return the timetable with a drawn phase for every headway service.

    Without such services it is the timetable itself.
    """
    return timetable if timetable.headways is None else _draw_timetable(timetable, draw, seed)


@lru_cache(maxsize=DRAWS_KEPT)
def _draw_timetable(timetable: Timetable, draw: int, seed: int) -> Timetable:
    assert timetable.headways is not None
    phase = draw_phases(timetable.headways, draw=draw, seed=seed)
    drawn = add_runs(timetable, *start_runs(timetable.headways, phase))
    return replace(drawn, headways=None)


def remove_trips(timetable: Timetable, trips: Iterable[str]) -> Timetable:
    """Return the timetable without the trips of these names.

    Raises
    ------
    UnknownNameError
        If it has no trip of a name.
    """
    places = timetable.trip_places
    names = list(trips)
    for name in names:
        if name not in places:
            raise UnknownNameError("trip", name, timetable.trips)
    codes = [places[name] for name in names]
    gone = np.zeros(len(timetable.trips), dtype=bool)
    gone[codes] = True
    rows = timetable.rows[~gone[timetable.run_trip][timetable.rows[:, 4]]]
    headways = timetable.headways
    if headways is not None:
        headways = select_headways(headways, ~gone[headways.trip])
        headways = headways if len(headways.start) else None
    return replace(timetable, rows=rows, headways=headways)
