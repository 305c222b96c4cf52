"""What a traveller who plans for trains makes of a timetable: medians over the minutes of a window.

Who wants to go at a minute takes the next journey worth taking: the one that arrives first, and of
those that arrive then the one that leaves last. Only the moments at which some first train can just
be caught matter, so that each of them is a lane of one scan, and the result is exact.

Planned, the time runs from leaving home for that journey, and a minute whose next departure lies
more than `LONGEST_GAP_SECONDS` ahead has none; unplanned, it runs from the minute itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from netlib.readings import Window
from netlib.timetable import DAY_SECONDS, Timetable
from netlib.timetable.kernels import NEVER
from netlib.timetable.scans import percentile_ranks, scan_window

Int32s = NDArray[np.int32]

# Who has to wait longer than an hour for the next departure has no journey at that minute: our own
# measure of what can be planned with, the hour of the claims.
LONGEST_GAP_SECONDS = 3600
STEP_SECONDS = 60
# Vehicles that leave after the end of the service day are another day's journey.
HORIZON_SECONDS = DAY_SECONDS
PERCENTILES = (5.0, 50.0, 95.0)


@dataclass(frozen=True, eq=False)
class Lanes:
    """All journeys from one place that begin by just catching a train.

    Attributes
    ----------
    departures
        int32 (lanes), growing: seconds after midnight when one leaves home.
    arrivals
        int32 (platforms, lanes): when one alights there, `NEVER` if not.
    """

    departures: Int32s
    arrivals: Int32s


@dataclass(frozen=True, eq=False)
class Egress:
    """Ways from platforms to points, as rows of a sparse matrix.

    Attributes
    ----------
    start
        int32 (points + 1): where the ways to each point begin.
    platform, seconds
        int32: a platform, and the way from its arriving side to the point.
    static
        int32 (points): seconds without any train of the timetable, `NEVER` if there is no way.
    """

    start: Int32s
    platform: Int32s
    seconds: Int32s
    static: Int32s


@dataclass(frozen=True, eq=False)
class Medians:
    """What is found for each point.

    Attributes
    ----------
    seconds
        int32 (points, percentiles), `NEVER` where fewer of the minutes have a journey.
    lane
        int32 (points): the lane of a journey of median length, -1 where a way without a timetable
        is one or there is none.
    journeys
        int32 (points): how many different journeys worth taking leave within the window.
    """

    seconds: Int32s
    lane: Int32s
    journeys: Int32s


def scan_lanes(
    timetable: Timetable, access: Int32s, window: Window, *, planned: bool = True
) -> Lanes:
    """Scan all journeys of a window that begin by just catching a train.

    Parameters
    ----------
    timetable
        Its stops are platforms.
    access
        int32 (platforms): seconds from home to the departing side of each, `NEVER` if too far.
    window
        Seconds after midnight, half open.
    planned
        Whether departures up to `LONGEST_GAP_SECONDS` after the window count, or all of the day.
    """
    last = window[1] + LONGEST_GAP_SECONDS if planned else HORIZON_SECONDS
    departures = list_departures(timetable, access, window[0], last)
    if not len(departures):
        return Lanes(departures, np.zeros((len(access), 0), dtype=np.int32))
    # One lane more tells which journeys can also be made by leaving too late to count.
    departures = np.r_[departures, np.int32(last)].astype(np.int32)
    arrivals = scan_window(timetable, access, departures, horizon=HORIZON_SECONDS)
    return Lanes(departures, arrivals)


def list_departures(timetable: Timetable, access: Int32s, first: int, last: int) -> Int32s:
    """List the moments to leave home, from first to before last, at which a train is just caught.

    Returns
    -------
    int32
        Seconds after midnight, growing.
    """
    rows = timetable.rows
    # The two entries beyond the stops stand for calls that one may not board at.
    reach = np.r_[access, NEVER, NEVER].astype(np.int64)[rows[:, 2]]
    leave = rows[:, 0] - reach
    wanted = (leave >= first) & (leave < last)
    return np.unique(leave[wanted & (reach < NEVER)]).astype(np.int32)


def find_medians(lanes: Lanes, egress: Egress, window: Window, *, planned: bool) -> Medians:
    """Find percentiles of the time to each point over the minutes of a window.

    Parameters
    ----------
    lanes
        As from `scan_lanes`.
    egress
        Ways to the points.
    window
        Seconds after midnight, half open.
    planned
        Whether the time runs from leaving home, or from the minute.
    """
    minutes = np.arange(window[0], window[1], STEP_SECONDS, dtype=np.int32)
    first = np.searchsorted(lanes.departures, minutes).astype(np.int32)
    ranks = percentile_ranks(PERCENTILES, len(minutes))
    n_points = len(egress.start) - 1
    seconds = np.empty((n_points, len(ranks)), dtype=np.int32)
    lane, journeys = (np.empty(n_points, dtype=np.int32) for _ in range(2))
    measure_points(
        lanes.arrivals,
        lanes.departures,
        minutes,
        first,
        (egress.start, egress.platform, egress.seconds, egress.static),
        ranks,
        (planned, window[1], LONGEST_GAP_SECONDS),
        (seconds, lane, journeys),
    )
    return Medians(seconds, lane, journeys)


def scan_deadlines(timetable: Timetable, egress: Int32s, window: Window, longest: int) -> Lanes:
    """Scan all journeys to one place that end with some train's arrival, against the clock.

    Parameters
    ----------
    timetable
        Its stops are platforms.
    egress
        int32 (platforms): seconds from the arriving side of each to the place, `NEVER` if too far.
    window
        Seconds after midnight, half open, in which people leave.
    longest
        Seconds; journeys that take longer, with the wait before them, may be left out.

    Returns
    -------
    Lanes
        In negative time: ``departures`` are the arrivals at the place with the sign turned,
        ``arrivals`` the latest moments to stand on the departing side of each platform, likewise.
    """
    rows = timetable.rows
    reach = np.r_[egress, NEVER, NEVER].astype(np.int64)[rows[:, 3]]
    there = rows[:, 1] + reach
    last = window[1] + LONGEST_GAP_SECONDS + longest
    wanted = (there >= window[0]) & (there < last) & (reach < NEVER)
    deadlines = np.unique(-there[wanted]).astype(np.int32)
    if not len(deadlines):
        return Lanes(deadlines, np.zeros((len(egress), 0), dtype=np.int32))
    arrivals = scan_window(timetable.mirrored, egress, deadlines, horizon=-window[0])
    return Lanes(deadlines, arrivals)


def find_medians_to(
    lanes: Lanes, entries: Egress, window: Window, *, planned: bool
) -> NDArray[np.int32]:
    """Find the median time from each point to a place over the minutes of a window.

    Parameters
    ----------
    lanes
        As from `scan_deadlines`.
    entries
        Ways from the points to the departing side of platforms.
    window, planned
        As in `find_medians`.

    Returns
    -------
    int32 (points)
        Seconds, `NEVER` where fewer than half of the minutes have a journey.
    """
    minutes = np.arange(window[0], window[1], STEP_SECONDS, dtype=np.int32)
    rank = int(percentile_ranks(PERCENTILES, len(minutes))[len(PERCENTILES) // 2])
    seconds = np.empty(len(entries.start) - 1, dtype=np.int32)
    measure_points_to(
        lanes.arrivals,
        lanes.departures,
        minutes,
        (entries.start, entries.platform, entries.seconds, entries.static),
        rank,
        (planned, LONGEST_GAP_SECONDS),
        seconds,
    )
    return seconds


@njit(cache=True, nogil=True)
def measure_points_to(
    arrivals: Any,
    departures: Any,
    minutes: Any,
    entries: Any,
    rank: int,
    asked: Any,
    seconds: Any,
) -> None:
    """Measure the way from every point; see `find_medians_to`.

    Parameters
    ----------
    arrivals, departures
        As from `scan_deadlines`, in negative time.
    minutes
        int32 (minutes): when one wants to go.
    entries
        The arrays of `Egress`.
    rank
        Place of the median among the sorted times.
    asked
        Whether planned, and the longest gap.
    seconds
        Changed. int32 (points).
    """
    start, platform, way, static = entries
    planned, longest = asked
    n_lanes = len(departures)
    when = np.empty(n_lanes, dtype=np.int32)
    found = np.empty(len(minutes), dtype=np.int32)
    for point in range(len(start) - 1):
        arrive_at(arrivals, start[point], start[point + 1], platform, way, when)
        # The last lane is the earliest arrival; the later one may come, the later one may leave.
        lane = n_lanes - 1
        for k in range(len(minutes)):
            while lane >= 0 and (when[lane] >= NEVER or -when[lane] < minutes[k]):
                lane -= 1
            found[k] = static[point]
            if lane >= 0:
                leave = -when[lane] if planned else minutes[k]
                if not planned or leave - minutes[k] <= longest:
                    found[k] = min(found[k], -departures[lane] - leave)
        seconds[point] = np.sort(found)[rank]


@njit(cache=True, nogil=True)
def arrive_at(arrivals: Any, start: int, end: int, platform: Any, seconds: Any, when: Any) -> None:
    """Write into ``when`` the arrival of each lane at a point with the given ways."""
    when[:] = NEVER
    for k in range(start, end):
        stop, way = platform[k], seconds[k]
        for lane in range(len(when)):
            if arrivals[stop, lane] < NEVER:
                when[lane] = min(when[lane], np.int32(arrivals[stop, lane] + way))


@njit(cache=True, nogil=True)
def measure_points(
    arrivals: Any,
    departures: Any,
    minutes: Any,
    first: Any,
    egress: Any,
    ranks: Any,
    asked: Any,
    result: Any,
) -> None:
    """Measure every point; see `find_medians`.

    Parameters
    ----------
    arrivals, departures
        As in `Lanes`.
    minutes, first
        int32 (minutes): when one wants to go, and the first lane from then on.
    egress
        The arrays of `Egress`.
    ranks
        int64 (percentiles): place among the sorted times.
    asked
        Whether planned, the end of the window, and the longest gap.
    result
        Changed: the arrays of `Medians`.
    """
    start, platform, way, static = egress
    planned, window_end, longest = asked
    seconds, chosen, journeys = result
    n_lanes = len(departures)
    when = np.empty(n_lanes, dtype=np.int32)
    last = np.empty(n_lanes, dtype=np.int32)
    found = np.empty(len(minutes), dtype=np.int32)
    for point in range(len(start) - 1):
        arrive_at(arrivals, start[point], start[point + 1], platform, way, when)
        count = 0
        for lane in range(n_lanes - 1, -1, -1):
            same = lane + 1 < n_lanes and when[lane + 1] == when[lane]
            last[lane] = last[lane + 1] if same else lane
            worth = not same and when[lane] < NEVER and departures[lane] >= minutes[0]
            if worth and departures[lane] < window_end:
                count += 1
        for k in range(len(minutes)):
            found[k] = static[point]
            lane = first[k]
            if lane < n_lanes and when[lane] < NEVER:
                leave = departures[last[lane]] if planned else minutes[k]
                if not planned or leave - minutes[k] <= longest:
                    found[k] = min(found[k], when[lane] - leave)
        ordered = np.sort(found)
        for rank in range(len(ranks)):
            seconds[point, rank] = ordered[ranks[rank]]
        chosen[point] = -1
        journeys[point] = count
        median = seconds[point, len(ranks) // 2]
        if median >= NEVER or median == static[point]:
            continue
        for k in range(len(minutes)):
            lane = first[k]
            if found[k] == median and lane < n_lanes:
                chosen[point] = last[lane]
                break
