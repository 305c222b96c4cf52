"""Journeys on a timetable: one departure, all departures of a window, or the latest that arrives.

A journey is access to a stop, rides, and changes or one walk between two rides; a walk may also
come before the first and after the last ride. The p-th percentile of a window is the shortest time
within which at least p % of its departures arrive, one departure a step from the window's start
(included) to its end (excluded), over all draws of the phases of headway services.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.errors import UnknownNameError, UnreachableError
from netlib.timetable import Timetable, draw_timetable
from netlib.timetable.calls import Ints
from netlib.timetable.entry_kernels import relax_entries
from netlib.timetable.kernels import (
    LABEL,
    NEVER,
    NOTHING,
    STEP,
    compute_durations,
    find_first,
    relax_access,
    scan_connections,
    scan_lanes,
    spread_steps,
)

# Draws of the phases of headway services. With the minutes of a window beside them, twenty hold the
# error of a median below a minute for headways up to half an hour.
DRAWS = 20
STEP_SECONDS = 60
POINT_CHUNK = 2048  # points whose times are in memory at once
MAX_LANES = 32_000  # lanes are counted in int16
STEPS_PER_STOP = 8  # room at first; doubled where a timetable needs more
NO_HORIZON = int(NEVER)
# Keeps the rank of a percentile like 7 of 100, whose product is 7.000000000000001, from being one
# too high.
ROUNDING = 1e-9

Access = Mapping[str, float] | NDArray[Any]
Window = tuple[int, int]
WindowLabels = tuple[NDArray[Any], NDArray[Any], Ints]  # labels, steps, arrivals on foot


class WindowArrivals(NamedTuple):
    """Arrivals of all departures of a window.

    Attributes
    ----------
    stops
        Names of the stops.
    departures
        int32 (lanes): when a traveller sets out; the departures of each draw together.
    arrivals
        int32 (stops, lanes): when one arrives at a stop, `NEVER` if one does not.
    """

    stops: NDArray[Any]
    departures: Ints
    arrivals: Ints


def earliest_arrivals(
    timetable: Timetable,
    access: Access,
    departure: int,
    *,
    max_rides: int | None = None,
    horizon: int | None = None,
    draw: int = 0,
    seed: int = 0,
) -> Ints:
    """Compute the earliest arrival at every stop.

    Parameters
    ----------
    timetable
        The timetable.
    access
        Seconds from the origin to stops, by name, or one per stop with `NEVER` for none.
    departure
        Seconds after midnight when the traveller sets out.
    max_rides
        How many vehicles a journey may use.
    horizon
        Connections that leave later are not considered.
    draw, seed
        Which phases headway services have.

    Returns
    -------
    int32 array
        Seconds after midnight by stop; `NEVER` if there is no journey. What counts as an arrival
        is a matter of the timetable (`netlib.timetable.Timetable.by_vehicle`).

    Raises
    ------
    UnknownNameError
        If access names a stop that the timetable does not have.
    """
    drawn = draw_timetable(timetable, draw=draw, seed=seed)
    scans = scan_rounds(drawn, access, departure, max_rides=max_rides, horizon=horizon)
    return arrival_labels(drawn, scans[-1])[: len(timetable.stops)]


def arrival_labels(timetable: Timetable, labels: Labels) -> Ints:
    """Return when one arrives at a stop, in whatever way counts there."""
    return labels.alight if timetable.by_vehicle else np.minimum(labels.foot, labels.alight)


class Labels(NamedTuple):
    """Labels of one departure after a number of rides.

    ``ready``, ``foot`` and ``alight`` are int32 (stops + 2); ``foot_by`` and ``alight_by``, int32
    (stops + 2, 2), hold the connections where the ride before was entered and left, or `NOTHING`
    and the stop of access.
    """

    ready: Ints
    foot: Ints
    foot_by: Ints
    alight: Ints
    alight_by: Ints


def scan_rounds(
    timetable: Timetable,
    access: Access,
    departure: int,
    *,
    max_rides: int | None,
    horizon: int | None,
    from_vehicle: bool = False,
) -> list[Labels]:
    """Scan a drawn timetable for one departure.

    Parameters
    ----------
    timetable
        Without headway services.
    access, departure, max_rides, horizon
        As in `earliest_arrivals`.
    from_vehicle
        Whether the first ride begins at a stop of access itself, without a walk: in a mirrored
        timetable one has come to a stop by vehicle only (`Timetable.by_vehicle`).

    Returns
    -------
    list of Labels
        Before any ride, and after any number of rides if they are not limited, else after at most
        one, two, ... rides, as long as one more improves anything.
    """
    stops, seconds = read_access(timetable, access)
    size = len(timetable.stops) + 2
    foot = np.full(size, NEVER, dtype=np.int32)
    foot_by = np.full((size, 2), NOTHING, dtype=np.int32)
    entry = np.full(size, NOTHING, dtype=np.int32)
    walks = timetable.walk_start, timetable.walk_stop, timetable.walk_seconds
    relax_entries(*walks, stops, (seconds + departure).astype(np.int32), foot, entry)
    foot_by[:, 1] = entry
    alight = np.full(size, NEVER, dtype=np.int32)
    alight[-1] = -NEVER
    nothing = np.full((size, 2), NOTHING, dtype=np.int32)
    rounds = [Labels(foot.copy(), foot, foot_by, alight, nothing)]
    if from_vehicle:
        ready, never = np.full(size, NEVER, dtype=np.int32), np.full(size, NEVER, dtype=np.int32)
        np.minimum.at(ready, stops, (seconds + departure).astype(np.int32))
        rounds = [Labels(ready, never, nothing, alight, nothing)]
    limit = NO_HORIZON if horizon is None else horizon
    first = find_first(timetable.rows, departure)
    while len(rounds) <= (1 if max_rides is None else max_rides):
        before = rounds[-1]
        labels = Labels(*(x.copy() for x in before))
        scan_connections(
            timetable.rows,
            *walks,
            timetable.change,
            first,
            limit,
            labels.ready if max_rides is None else before.ready,
            *labels,
            np.full(len(timetable.run_trip), NOTHING, dtype=np.int32),
        )
        if np.array_equal(labels.alight, before.alight):
            break
        rounds.append(labels)
    return rounds


def window_departures(window: Window, step: int = STEP_SECONDS) -> Ints:
    """Return the departures of a half-open window, int32 seconds.

    Raises
    ------
    ValueError
        If there are none, or more than `MAX_LANES`.
    """
    departures = np.arange(window[0], window[1], step, dtype=np.int32)
    if not 0 < len(departures) <= MAX_LANES:
        raise ValueError(
            f"window {window} with step {step} has {len(departures)} departures; "
            f"choose between 1 and {MAX_LANES}"
        )
    return departures


def window_arrivals(
    timetable: Timetable,
    access: Access,
    window: Window,
    *,
    step: int = STEP_SECONDS,
    max_rides: int | None = None,
    horizon: int | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> WindowArrivals:
    """Compute the earliest arrivals of all departures of a window, in one scan per draw.

    Parameters
    ----------
    timetable, access, max_rides, horizon, seed
        As in `earliest_arrivals`.
    window
        First second and the second after the last.
    step
        Seconds between departures.
    draws
        How many phases headway services get. A timetable without them has one draw.

    Returns
    -------
    WindowArrivals
        As many lanes as departures times draws.

    Raises
    ------
    UnknownNameError
        If access names a stop that the timetable does not have.
    ValueError
        If the window has no departures, or more than `MAX_LANES`.
    """
    departures = window_departures(window, step)
    count = 1 if timetable.headways is None else draws
    parts = [
        scan_window(
            draw_timetable(timetable, draw=draw, seed=seed),
            access,
            departures,
            max_rides=max_rides,
            horizon=horizon,
        )
        for draw in range(count)
    ]
    arrivals = parts[0] if count == 1 else np.concatenate(parts, axis=1)
    return WindowArrivals(timetable.stops, np.tile(departures, count), arrivals)


def scan_window(
    timetable: Timetable,
    access: Access,
    departures: Ints,
    *,
    max_rides: int | None = None,
    horizon: int | None = None,
) -> Ints:
    """Scan a drawn timetable once for all of some sorted departures.

    Parameters
    ----------
    timetable
        Without headway services.
    access, max_rides, horizon
        As in `earliest_arrivals`.
    departures
        int32, growing: seconds after midnight.

    Returns
    -------
    int32 array
        Arrivals (stops, departures), `NEVER` if there is no journey.

    Raises
    ------
    UnknownNameError
        If access names a stop that the timetable does not have.
    """
    labels = start_labels(timetable, len(departures))
    steps = np.zeros(STEPS_PER_STOP * len(labels), dtype=STEP)
    steps["time"][0] = -NEVER
    arrivals = np.empty((len(timetable.stops), len(departures)), dtype=np.int32)
    walks = timetable.walk_start, timetable.walk_stop, timetable.walk_seconds
    relax_access(*walks, *read_access(timetable, access), departures, labels, arrivals)
    used, limit = 1, NO_HORIZON if horizon is None else horizon
    for _ in range(1 if max_rides is None else max_rides):
        before: WindowLabels | None = None
        if max_rides is not None:
            kept = resize_records(labels, len(labels))
            before = kept, resize_records(steps, used), arrivals.copy()
        seated = np.zeros(len(timetable.run_trip), dtype=np.int16)
        place = find_first(timetable.rows, departures[0])
        while place < len(timetable.rows):
            now: WindowLabels = labels, steps, arrivals
            place, used = scan_lanes(
                timetable.rows, *walks, place, limit, *(before or now), *now, seated, used
            )
            if place < len(timetable.rows):
                steps = resize_records(steps, 2 * len(steps))
    spread_steps(labels, steps, arrivals, by_vehicle=timetable.by_vehicle)
    return arrivals


def start_labels(timetable: Timetable, n_lanes: int) -> NDArray[Any]:
    """Return the labels of a window before anybody sets out, as `scan_lanes` takes them."""
    labels = np.zeros(len(timetable.stops) + 2, dtype=LABEL)
    labels["next"], labels["change"] = NEVER, timetable.change
    labels["on_foot"] = timetable.walked
    # Nothing is lower than the label that stands for "no alighting".
    labels["lanes"][-1], labels["time"][-1] = n_lanes, -NEVER
    return labels


def resize_records(records: NDArray[Any], size: int) -> NDArray[Any]:
    """Return a copy of ``size`` records of int32 fields, with zeros for those not there yet."""
    found = np.zeros(size, dtype=records.dtype)
    # As plain integers: numpy copies records field by field.
    numbers = records.view(np.int32)[: found.nbytes // 4]
    found.view(np.int32)[: len(numbers)] = numbers
    return found


def latest_departures(
    timetable: Timetable,
    egress: Access,
    arrival: int,
    *,
    max_rides: int | None = None,
    horizon: int | None = None,
    draw: int = 0,
    seed: int = 0,
) -> Ints:
    """Compute when a traveller must be at each stop to arrive in time.

    The inverse of `earliest_arrivals`: who is at a stop then arrives in time, and nobody later.

    Parameters
    ----------
    timetable, max_rides, draw, seed
        As in `earliest_arrivals`.
    egress
        Seconds from stops to the destination, in the form of access.
    arrival
        Seconds after midnight by which to arrive.
    horizon
        Connections that arrive earlier are not considered.

    Returns
    -------
    int32 array
        Seconds after midnight by stop; ``-NEVER`` if there is no journey.

    Raises
    ------
    UnknownNameError
        If egress names a stop that the timetable does not have.
    """
    drawn = draw_timetable(timetable, draw=draw, seed=seed).mirrored
    limit = None if horizon is None else -horizon
    if not timetable.by_vehicle:
        return -earliest_arrivals(drawn, egress, -arrival, max_rides=max_rides, horizon=limit)
    # Who stands at a stop may walk to another and board there, but arrives by vehicle.
    labels = scan_rounds(
        drawn, egress, -arrival, max_rides=max_rides, horizon=limit, from_vehicle=True
    )[-1]
    return -np.minimum(labels.foot, labels.alight)[: len(timetable.stops)]


def read_access(timetable: Timetable, access: Access) -> tuple[Ints, Ints]:
    """Return the stops of access and the seconds to them, sorted by stop.

    Raises
    ------
    UnknownNameError
        If access names a stop that the timetable does not have.
    """
    if isinstance(access, np.ndarray):
        found = np.flatnonzero(access < NEVER)
        return found.astype(np.int32), access[found].astype(np.int32)
    places = timetable.stop_places
    for name in access:
        if name not in places:
            raise UnknownNameError("stop", name, timetable.stops)
    stops: Ints = np.array([places[name] for name in access], dtype=np.int32)
    seconds: Ints = np.array([round(value) for value in access.values()], dtype=np.int32)
    order = np.argsort(stops)
    return stops[order], seconds[order]


LEG_COLUMNS = ("kind", "from_stop", "to_stop", "departure", "arrival", "trip_id", "day")


def trace_legs(
    timetable: Timetable,
    access: Access,
    departure: int,
    egress: Access,
    *,
    max_rides: int | None = None,
    horizon: int | None = None,
    draw: int = 0,
    seed: int = 0,
) -> pd.DataFrame:
    """Recover the legs of the earliest journey.

    Parameters
    ----------
    timetable, access, departure, max_rides, horizon, draw, seed
        As in `earliest_arrivals`.
    egress
        Seconds from stops to the destination, in the form of access.

    Returns
    -------
    DataFrame
        ``kind`` (access, walk, ride or egress), ``from_stop`` and ``to_stop`` ('' for the origin
        and the destination), ``departure`` and ``arrival`` (seconds after midnight), ``trip_id``
        ('' unless a ride) and ``day`` (service day of the ride). Waits are what lies between.

    Raises
    ------
    UnknownNameError
        If access or egress names a stop that the timetable does not have.
    UnreachableError
        If there is no journey.
    """
    drawn = draw_timetable(timetable, draw=draw, seed=seed)
    rounds = scan_rounds(drawn, access, departure, max_rides=max_rides, horizon=horizon)
    stops, seconds = read_access(timetable, egress)
    times = arrival_labels(drawn, rounds[-1])[stops].astype(np.int64) + seconds
    best = int(np.argmin(times)) if len(times) else -1
    if best < 0 or times[best] >= NEVER:
        raise UnreachableError(f"no journey leaves at {departure} s and arrives")
    stop, end = int(stops[best]), int(times[best])
    legs: list[tuple[Any, ...]] = [
        ("egress", timetable.stops[stop], "", end - int(seconds[best]), end, "", 0)
    ]
    legs += trace_back(drawn, rounds, stop, limited=max_rides is not None)
    origin = legs[-1][1]
    ways = dict(zip(*(x.tolist() for x in read_access(drawn, access)), strict=True))
    first = departure + ways[drawn.stop_places[origin]]
    legs.append(("access", "", origin, departure, first, "", 0))
    return pd.DataFrame(legs[::-1], columns=list(LEG_COLUMNS))


def trace_back(
    timetable: Timetable, rounds: Sequence[Labels], stop: int, *, limited: bool
) -> Iterator[tuple[Any, ...]]:
    """Yield the walks and rides that lead to ``stop`` from a stop of access, the last first."""
    rows, names = timetable.rows, timetable.stops
    labels = rounds[-1]
    on_foot = not timetable.by_vehicle and bool(labels.foot[stop] <= labels.alight[stop])
    for number in range(len(rounds) - 2, -2, -1) if limited else repeat(0):
        entered, left = (labels.foot_by if on_foot else labels.alight_by)[stop]
        if on_foot:
            start = int(left) if entered == NOTHING else int(rows[left, 3])
            if start != stop:
                time = int(labels.foot[stop])
                walk = _walk_seconds(timetable, start, stop)
                yield "walk", names[start], names[stop], time - walk, time, "", 0
            if entered == NOTHING:
                return
        boarded, alighted, run = rows[entered], rows[left], int(rows[left, 4])
        stop = int(boarded[2])
        yield (
            "ride",
            names[stop],
            names[alighted[3]],
            int(boarded[0]),
            int(alighted[1]),
            timetable.trips[timetable.run_trip[run]],
            int(timetable.run_day[run]),
        )
        if limited:
            labels = rounds[max(number, 0)]
        # Of two labels in time the one that was there at boarding came from a connection before.
        by = labels.foot_by[stop]
        earlier = limited or by[0] == NOTHING or by[1] < entered
        on_foot = bool(labels.foot[stop] <= boarded[0] and earlier)


def _walk_seconds(timetable: Timetable, start: int, end: int) -> int:
    begin, stop = timetable.walk_start[start], timetable.walk_start[start + 1]
    place = begin + int(np.flatnonzero(timetable.walk_stop[begin:stop] == end)[0])
    return int(timetable.walk_seconds[place])


def window_percentiles(
    table: WindowArrivals,
    percentiles: Sequence[float] = (5, 50, 95),
    *,
    egress: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compute percentiles of the travel time over the departures of a window.

    Parameters
    ----------
    table
        What `window_arrivals` returns.
    percentiles
        Between 0 and 100.
    egress
        ``point_id``, ``stop_id`` and ``seconds``: ways from stops to points. Without it the points
        are the stops.

    Returns
    -------
    DataFrame
        Minutes by point, a column ``travel_time_p50`` for each percentile: the shortest time
        within which at least that share of the departures arrives. NaN if fewer arrive at all.

    Raises
    ------
    UnknownNameError
        If egress names a stop that the table does not have.
    """
    if egress is None:
        points = table.stops
        start = np.arange(len(points) + 1, dtype=np.int32)
        stop, seconds = start[:-1], np.zeros(len(points), dtype=np.int32)
    else:
        code, points = pd.factorize(egress["point_id"].to_numpy(dtype=object))
        order = np.argsort(code, kind="stable")
        start = np.searchsorted(code[order], np.arange(len(points) + 1)).astype(np.int32)
        found = pd.Index(table.stops).get_indexer(pd.Index(egress["stop_id"]))
        for place in np.flatnonzero(found < 0)[:1]:
            raise UnknownNameError("stop", str(egress["stop_id"].iloc[place]), table.stops)
        stop = found[order].astype(np.int32)
        seconds = np.rint(egress["seconds"].to_numpy(dtype=np.float64)[order]).astype(np.int32)
    ranks = percentile_ranks(percentiles, len(table.departures))
    result = np.empty((len(points), len(ranks)), dtype=np.int32)
    for begin in range(0, len(points), POINT_CHUNK):
        end = min(begin + POINT_CHUNK, len(points))
        durations = np.empty((end - begin, len(table.departures)), dtype=np.int32)
        ways = start[begin : end + 1], stop, seconds
        compute_durations(table.arrivals, table.departures, *ways, durations)
        durations.sort(axis=1)
        result[begin:end] = durations[:, ranks]
    minutes = np.where(result < NEVER, result / 60.0, np.nan)
    names = [f"travel_time_p{value:02g}" for value in percentiles]
    return pd.DataFrame(minutes, index=pd.Index(points, name="point_id"), columns=names)


def percentile_ranks(percentiles: Sequence[float], count: int) -> NDArray[np.int64]:
    """Return the place of each percentile among ``count`` sorted times.

    >>> percentile_ranks([0, 50, 95, 100], 120)
    array([  0,  59, 113, 119])
    """
    share = np.asarray(percentiles, dtype=np.float64) / 100.0
    return np.clip(np.ceil(share * count - ROUNDING).astype(np.int64) - 1, 0, count - 1)
