"""Door to door: the best of all modes to a stop, rides, and the best of all modes from a stop.

A way without any ride, on foot or by road all the way, competes with the rides of every departure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.doors.access import SECONDS_PER_MINUTE
from netlib.errors import UnknownNameError
from netlib.timetable import DAY_SECONDS, Timetable, draw_timetable
from netlib.timetable.kernels import NEVER, compute_durations
from netlib.timetable.scans import (
    DRAWS,
    STEP_SECONDS,
    Window,
    WindowArrivals,
    percentile_ranks,
    scan_rounds,
    trace_back,
    window_arrivals,
)

Ints = NDArray[np.int32]
Strings = NDArray[Any]

PERCENTILES = (5, 50, 95)
MEDIAN = 1
PARTS = ("access", "wait", "in_vehicle", "transfer", "egress")
# Columns of minutes that ways have, for the ends of the figures' ranges.
CENTRAL, RANGE = "minutes", ("low", "high")
# Ways that nobody drives for those who take them: their minutes count as access.
SELF_MOVED = ("walk", "bike")


class Ways(NamedTuple):
    """The quickest way between each point and stop, as rows of a sparse matrix.

    Attributes
    ----------
    points
        Ids of the points.
    start
        int32 (points + 1): where the stops of each point begin.
    stop, seconds
        int32: positions of stops in the timetable, and the seconds to or from them.
    mode
        Name of the quickest mode.
    """

    points: list[str]
    start: Ints
    stop: Ints
    seconds: Ints
    mode: Strings


class Departures(NamedTuple):
    """How all departures of a timetable's window are measured."""

    window: Window
    step: int
    max_rides: int | None
    horizon: int
    draws: int
    seed: int


def measure_doors(
    timetable: Timetable,
    access: pd.DataFrame,
    egress: pd.DataFrame,
    window: Window,
    *,
    direct: pd.DataFrame | None = None,
    ranges: bool = True,
    step: int = STEP_SECONDS,
    max_rides: int | None = None,
    horizon: int = DAY_SECONDS,
    draws: int = DRAWS,
    seed: int = 0,
    workers: int | None = None,
) -> pd.DataFrame:
    """Measure the times from doors to doors over the departures of a window.

    Parameters
    ----------
    timetable
        The rides; ids of its stops are those of ``access`` and ``egress``.
    access, egress
        Ways from origins to stops and from stops to destinations, as from
        `netlib.doors.access.measure_access`. Several modes may lead to one stop.
    window
        Seconds after midnight, half open, in which people leave home.
    direct
        Ways without a ride, with destinations as ``stop_id``.
    ranges
        Whether to measure the ends of the ranges, too.
    step, max_rides, horizon, draws, seed
        As in `netlib.timetable.scans.window_arrivals`.
    workers
        Threads; as many as there are processors if not given.

    Returns
    -------
    DataFrame
        One row per origin and destination with different ids: ``from_id``, ``to_id``, ``low``,
        ``travel_time_minutes`` (the median), ``high`` (medians at the ends of the ranges, where
        asked), ``travel_time_p05``, ``_p50`` and ``_p95``; ``way`` (such as ``taxi-ride-walk``, or
        ``walk``), ``access_mode``, ``egress_mode`` ('' on a direct way); ``access``, ``wait``,
        ``in_vehicle``, ``transfer`` and ``egress`` (minutes of a journey of median length; a direct
        way is all access, or all in a vehicle); ``ride_minutes``, ``direct_minutes`` (medians of
        either alone) and ``direct_mode``. Minutes are NaN and texts '' where there is no way.

    Raises
    ------
    UnknownNameError
        If a way leads to a stop that the timetable does not have.
    """
    if direct is None:
        direct = access.iloc[:0]
    departures = Departures(window, step, max_rides, horizon, draws, seed)
    # Who has not taken a ride is on a direct way.
    timetable = replace(timetable, by_vehicle=True)
    origins = _list_ids(access["point_id"], direct["point_id"])
    ends = _list_ids(egress["point_id"], direct["stop_id"])

    def measure(column: str, *, legs: bool) -> pd.DataFrame:
        begin = gather_ways(timetable, access, origins, column)
        end = gather_ways(timetable, egress, ends, column)

        def measure_origin(place: int) -> pd.DataFrame:
            return measure_rides(timetable, begin, place, end, departures, legs=legs)

        with ThreadPoolExecutor(workers) as pool:
            parts = list(pool.map(measure_origin, range(len(origins))))
        return choose_direct(pd.concat(parts, ignore_index=True), direct, column)

    table = measure(CENTRAL, legs=True)
    if ranges:
        for place, column in zip((2, 4), RANGE, strict=True):
            table.insert(place, column, measure(column, legs=False)["travel_time_minutes"])
    return table[table["from_id"] != table["to_id"]].reset_index(drop=True)


def _list_ids(*columns: pd.Series) -> list[str]:
    return list(dict.fromkeys(pd.concat(columns).tolist()))


def gather_ways(
    timetable: Timetable, table: pd.DataFrame, points: Sequence[str], column: str
) -> Ways:
    """Gather the quickest way between each point and stop.

    Raises
    ------
    UnknownNameError
        If a stop is not in the timetable.
    """
    stop = pd.Index(timetable.stops).get_indexer(pd.Index(table["stop_id"]))
    for place in np.flatnonzero(stop < 0)[:1]:
        raise UnknownNameError("stop", str(table["stop_id"].iloc[place]), timetable.stops)
    point = pd.Index(points).get_indexer(pd.Index(table["point_id"]))
    minutes = table[column].to_numpy(dtype=np.float64)
    order = np.lexsort((minutes, stop, point))
    order = order[np.isfinite(minutes[order])]
    pair = np.stack((point[order], stop[order]))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (pair[:, 1:] != pair[:, :-1]).any(axis=0)
    chosen = order[first]
    return Ways(
        list(points),
        np.searchsorted(point[chosen], np.arange(len(points) + 1)).astype(np.int32),
        stop[chosen].astype(np.int32),
        np.rint(minutes[chosen] * SECONDS_PER_MINUTE).astype(np.int32),
        table["mode"].to_numpy(dtype=object)[chosen],
    )


def measure_rides(
    timetable: Timetable, begin: Ways, place: int, end: Ways, asked: Departures, *, legs: bool
) -> pd.DataFrame:
    """Measure the journeys with rides from one origin to all destinations.

    Parameters
    ----------
    begin, end
        Ways of access and egress, as from `gather_ways`.
    place
        Position of the origin among the points of ``begin``.
    asked
        Departures to measure.
    legs
        Whether the way and the parts are wanted; '' and NaN if not.

    Returns
    -------
    DataFrame
        One row per destination with the columns of `measure_doors`, but for the ends of the ranges
        and the direct ways.
    """
    own = slice(begin.start[place], begin.start[place + 1])
    access = np.full(len(timetable.stops), NEVER, dtype=np.int32)
    access[begin.stop[own]] = begin.seconds[own]
    found = window_arrivals(
        timetable,
        access,
        asked.window,
        step=asked.step,
        max_rides=asked.max_rides,
        horizon=asked.horizon,
        draws=asked.draws,
        seed=asked.seed,
    )
    durations = np.empty((len(end.points), len(found.departures)), dtype=np.int32)
    compute_durations(found.arrivals, found.departures, end.start, end.stop, end.seconds, durations)
    ranks = percentile_ranks(PERCENTILES, len(found.departures))
    seconds = np.sort(durations, axis=1)[:, ranks]
    minutes = np.where(seconds < NEVER, seconds / SECONDS_PER_MINUTE, np.nan)
    table = pd.DataFrame({"from_id": begin.points[place], "to_id": end.points})
    table["travel_time_minutes"] = minutes[:, MEDIAN]
    for k, share in enumerate(PERCENTILES):
        table[f"travel_time_p{share:02d}"] = minutes[:, k]
    texts = np.full((len(table), 3), "", dtype=object)
    parts = np.full((len(table), len(PARTS)), np.nan)
    if legs:
        modes = dict(zip(begin.stop[own].tolist(), begin.mode[own], strict=True))
        median = seconds[:, MEDIAN]
        lanes = np.where(median < NEVER, np.argmax(durations == median[:, None], axis=1), -1)
        for row, journey in trace_journeys(timetable, access, found, end, lanes, median, asked):
            entry, parts[row] = modes[journey.entry], journey.parts
            exit_mode = end.mode[journey.way]
            texts[row] = f"{entry}-ride-{exit_mode}", entry, exit_mode
    for k, name in enumerate(("way", "access_mode", "egress_mode")):
        table[name] = texts[:, k]
    for k, name in enumerate(PARTS):
        table[name] = parts[:, k]
    return table.assign(ride_minutes=table["travel_time_minutes"])


class Journey(NamedTuple):
    """A traced journey: stop of access, row of the egress ways, and minutes by part."""

    entry: int
    way: int
    parts: tuple[float, ...]


def trace_journeys(
    timetable: Timetable,
    access: Ints,
    found: WindowArrivals,
    end: Ways,
    lanes: NDArray[np.int64],
    seconds: Ints,
    asked: Departures,
) -> Iterator[tuple[int, Journey]]:
    """Trace one journey to each destination, those of one departure in one scan.

    Parameters
    ----------
    lanes
        Departure to trace for each destination; -1 for none.
    seconds
        How long its journey takes.

    Yields
    ------
    (int, Journey)
        Position of the destination, and its journey.
    """
    per_draw = len(found.departures)
    if timetable.headways is not None:
        per_draw //= asked.draws
    for lane in np.unique(lanes[lanes >= 0]):
        drawn = draw_timetable(timetable, draw=int(lane) // per_draw, seed=asked.seed)
        departure = int(found.departures[lane])
        rows = np.flatnonzero(lanes == lane)
        # What leaves after the last of these arrivals is in none of these journeys.
        rounds = scan_rounds(
            drawn,
            access,
            departure,
            max_rides=asked.max_rides,
            horizon=departure + int(seconds[rows].max()),
        )
        for row in rows:
            ways = np.arange(end.start[row], end.start[row + 1])
            times = found.arrivals[end.stop[ways], lane].astype(np.int64) + end.seconds[ways]
            way = int(ways[np.argmin(times)])
            stop = int(end.stop[way])
            limited = asked.max_rides is not None
            legs = list(trace_back(drawn, rounds, stop, limited=limited))[::-1]
            entry = drawn.stop_places[legs[0][1]]
            clock = departure + int(access[entry])
            total = int(times.min()) - departure
            parts = sum_legs(drawn, legs, int(access[entry]), clock, int(end.seconds[way]), total)
            yield int(row), Journey(entry, way, parts)


def sum_legs(
    timetable: Timetable,
    legs: Sequence[tuple[Any, ...]],
    access: int,
    clock: int,
    egress: int,
    total: int,
) -> tuple[float, ...]:
    """Sum the minutes of a journey by part, in the order of `PARTS`.

    A walk before the first ride counts as access; between two rides walks and the time that
    changing takes are transfer, and all else is wait.

    Parameters
    ----------
    legs
        As from `netlib.timetable.scans.trace_back`, the first first.
    access, egress, total
        Seconds.
    clock
        When the traveller is at the first stop.
    """
    seconds = dict.fromkeys(PARTS, 0)
    seconds["access"], seconds["egress"] = access, egress
    free = clock
    before = ""
    for kind, start, _, begins, ends, *_ in legs:
        if kind == "ride":
            if before == "ride":  # changes at one stop, without a walk
                change = int(timetable.change[timetable.stop_places[start]])
                seconds["transfer"] += min(change, begins - free)
            seconds["in_vehicle"] += ends - begins
        else:
            seconds["transfer" if before else "access"] += ends - begins
        free, before = ends, kind
    seconds["wait"] = total - sum(seconds.values())
    return tuple(seconds[part] / SECONDS_PER_MINUTE for part in PARTS)


def choose_direct(table: pd.DataFrame, direct: pd.DataFrame, column: str) -> pd.DataFrame:
    """Let ways without a ride compete with the rides of every departure.

    Parameters
    ----------
    table
        As from `measure_rides`.
    direct
        As in `measure_doors`.
    column
        Its minutes to count.

    Returns
    -------
    DataFrame
        ``table`` with ``direct_minutes`` and ``direct_mode``, and the direct way in place of the
        journey where it takes no longer than the median.
    """
    ordered = direct.dropna(subset=[column]).sort_values(column, kind="stable")
    best = ordered.drop_duplicates(["point_id", "stop_id"])
    keys = [best[name].tolist() for name in ("point_id", "stop_id")]
    best = best.set_index(pd.MultiIndex.from_arrays(keys))[[column, "mode"]]
    pairs = pd.MultiIndex.from_arrays([table["from_id"], table["to_id"]])
    found = best.reindex(pairs)
    minutes = found[column].to_numpy(dtype=np.float64)
    mode = found["mode"].fillna("").to_numpy(dtype=object)
    table = table.assign(direct_minutes=minutes, direct_mode=mode)
    for name in ["travel_time_minutes", *(f"travel_time_p{p:02d}" for p in PERCENTILES)]:
        table[name] = np.fmin(table[name], minutes)
    wins = minutes <= table["ride_minutes"].fillna(np.inf).to_numpy()
    table.loc[wins, "way"] = mode[wins]
    table.loc[wins, "access_mode"] = mode[wins]
    table.loc[wins, "egress_mode"] = ""
    table.loc[wins, list(PARTS)] = 0.0
    moved = pd.Series(mode).isin(SELF_MOVED).to_numpy()
    for part, chosen in (("access", wins & moved), ("in_vehicle", wins & ~moved)):
        table.loc[chosen, part] = minutes[chosen]
    return table
