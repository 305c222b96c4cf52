"""Compiled inner loops, cached on disk by numba; each has a plain twin in ``tests/references.py``.

All times are int32 seconds, all stops and trips are numbers. `NEVER` stands for "not reached". A
kernel changes only the arrays that its docstring says it changes, and releases the lock, so that
threads run side by side.

Connections are sorted as `netlib.timetable.Timetable` says. Labels have one entry more than there
are stops: the last belongs to nobody and is how a connection says that it may not be boarded or
left (see `Timetable`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

# Later than any time of a timetable, and far enough from the end of int32 for one addition.
NEVER = np.int32(2_000_000_000)
# A trip that nobody sits in, a label that nothing has set.
NOTHING = np.int32(-1)
# Lanes that one vector instruction writes.
BLOCK = 8


@njit(cache=True, nogil=True)
def order_by_second(seconds: Any, first: int, count: int) -> Any:
    """Sort by counting: return the stable order of times that lie close together.

    Parameters
    ----------
    seconds
        int32 times, each in ``[first, first + count)``.
    first, count
        The smallest time and the number of different times there may be.

    Returns
    -------
    int32 array
        Positions in ``seconds``.
    """
    starts = np.zeros(count + 1, dtype=np.int32)
    for time in seconds:
        starts[time - first + 1] += 1
    for k in range(count):
        starts[k + 1] += starts[k]
    order = np.empty(len(seconds), dtype=np.int32)
    for i in range(len(seconds)):
        k = seconds[i] - first
        order[starts[k]] = i
        starts[k] += 1
    return order


@njit(cache=True, nogil=True)
def scan_connections(
    rows: Any,
    walk_start: Any,
    walk_stop: Any,
    walk_seconds: Any,
    first: int,
    horizon: int,
    boarding: Any,
    ready: Any,
    ready_by: Any,
    alight: Any,
    alight_by: Any,
    entered: Any,
) -> None:
    """Scan connections once for one departure, keeping how every label came about.

    Connection scan after Dibbelt, Pajor, Strasser & Wagner (2018), Connection Scan Algorithm, ACM
    Journal of Experimental Algorithmics 23, with alighting and boarding labels kept apart.

    Parameters
    ----------
    rows
        int32 (connections, 5): departure, arrival, from_stop, to_stop, trip.
    walk_start, walk_stop, walk_seconds
        Ways from each stop to stops to board at, itself included, as rows of a sparse matrix.
    first, horizon
        The first connection to scan, and the last departure to consider.
    boarding
        int32 (stops + 1): when a traveller can board; may be the same array as ``ready``.
    ready, ready_by
        Changed. int32 (stops + 1): boarding labels to improve, and for each the connections that
        the traveller boarded and left, int32 (stops + 1, 2).
    alight, alight_by
        Changed. The same for leaving a vehicle at a stop.
    entered
        Changed. int32 (trips): the connection where the trip was boarded, -1 at the start.
    """
    for i in range(np.uint64(first), np.uint64(len(rows))):
        departure = rows[i, 0]
        if departure > horizon:
            break
        trip = np.uint32(rows[i, 4])
        if entered[trip] < 0:
            if boarding[np.uint32(rows[i, 2])] > departure:
                continue
            entered[trip] = np.int32(i)
        arrival = rows[i, 1]
        stop = np.uint32(rows[i, 3])
        if arrival < alight[stop]:
            alight[stop] = arrival
            alight_by[stop, 0] = entered[trip]
            alight_by[stop, 1] = np.int32(i)
            for k in range(np.uint64(walk_start[stop]), np.uint64(walk_start[stop + 1])):
                other = np.uint32(walk_stop[k])
                time = np.int32(arrival + walk_seconds[k])
                if time < ready[other]:
                    ready[other] = time
                    ready_by[other, 0] = entered[trip]
                    ready_by[other, 1] = np.int32(i)


@njit(cache=True, nogil=True)
def lower_lanes(label: Any, last: int, time: int) -> int:
    """Lower the later ones of the first ``last`` lanes to ``time``.

    Parameters
    ----------
    label
        Changed. int32 (lanes), growing.
    last, time
        How many lanes may be lowered, and to what.

    Returns
    -------
    int
        The first lane that was lowered.
    """
    lane = last
    while lane >= BLOCK and label[np.uint32(lane - BLOCK)] > time:
        lane -= BLOCK
        for k in range(BLOCK):
            label[np.uint32(lane + k)] = time
    while lane > 0 and label[np.uint32(lane - 1)] > time:
        lane -= 1
        label[np.uint32(lane)] = time
    return lane


@njit(cache=True, nogil=True)
def scan_lanes(
    rows: Any,
    walk_start: Any,
    walk_stop: Any,
    walk_seconds: Any,
    first: int,
    horizon: int,
    boarding: Any,
    ready: Any,
    alight: Any,
    n_trips: int,
    *,
    unlimited: bool,
) -> None:
    """Scan connections once for all departures of a window, one lane each.

    Lanes are sorted by departure, so every label grows along its lanes: those that can board a
    connection, and those that sit in a trip, are always the first few. A number per stop and per
    trip says how many, and an arrival improves a last stretch of them.

    Parameters
    ----------
    rows, walk_start, walk_stop, walk_seconds, first, horizon
        As in `scan_connections`.
    boarding
        int32 (stops + 1, lanes), growing along each row; may be the same array as ``ready``.
    ready, alight
        Changed. int32 (stops + 1, lanes): labels of boarding and of leaving a vehicle.
    n_trips
        Number of trips.
    unlimited
        Whether ``boarding`` is ``ready``, that is, rides are not counted.
    """
    n_lanes = boarding.shape[1]
    final = n_lanes - 1
    # What most connections ask of a stop, in one place: when the next lane can board, how many can,
    # and the latest of its alighting labels.
    state = np.empty((len(boarding), 3), dtype=np.int32)
    state[:, 0] = boarding[:, 0]
    state[:, 1] = 0
    state[:, 2] = alight[:, final]
    seated = np.zeros(n_trips, dtype=np.int16)
    for i in range(np.uint64(first), np.uint64(len(rows))):
        departure = rows[i, 0]
        if departure > horizon:
            break
        trip = np.uint32(rows[i, 4])
        last = np.int32(seated[trip])
        if last < n_lanes:
            stop = np.uint32(rows[i, 2])
            if state[stop, 0] <= departure:
                lane = state[stop, 1] + 1
                while lane < n_lanes and boarding[stop, np.uint32(lane)] <= departure:
                    lane += 1
                state[stop, 1] = lane
                state[stop, 0] = boarding[stop, np.uint32(lane)] if lane < n_lanes else NEVER
            if state[stop, 1] > last:
                last = state[stop, 1]
                seated[trip] = last
            elif last == 0:
                continue
        arrival = rows[i, 1]
        stop = np.uint32(rows[i, 3])
        if state[stop, 2] <= arrival:
            continue
        lane = last - 1
        if alight[stop, np.uint32(lane)] <= arrival:
            continue
        lower_lanes(alight[stop], last, arrival)
        if last == n_lanes:
            state[stop, 2] = arrival
        for k in range(np.uint64(walk_start[stop]), np.uint64(walk_start[stop + 1])):
            other = np.uint32(walk_stop[k])
            time = np.int32(arrival + walk_seconds[k])
            lane = last - 1
            if ready[other, np.uint32(lane)] <= time:
                continue
            if lower_lanes(ready[other], last, time) == state[other, 1] and unlimited:
                state[other, 0] = time


@njit(cache=True, nogil=True)
def relax_walks(
    walk_start: Any, walk_stop: Any, walk_seconds: Any, start: Any, end: Any, *, loops: bool
) -> None:
    """Improve ``end`` by one walk from ``start``, for each lane.

    Parameters
    ----------
    walk_start, walk_stop, walk_seconds
        As in `scan_connections`.
    start
        int32 (stops + 1, lanes): when a traveller sets out.
    end
        Changed. int32 (stops + 1, lanes): when one arrives on foot, if that is earlier.
    loops
        Whether the change of vehicles at a stop itself counts as a walk.
    """
    n_lanes = start.shape[1]
    for stop in range(len(walk_start) - 1):
        if start[stop, 0] >= NEVER:
            continue
        for k in range(walk_start[stop], walk_start[stop + 1]):
            other = walk_stop[k]
            if other == stop and not loops:
                continue
            seconds = walk_seconds[k]
            for lane in range(n_lanes):
                if start[stop, lane] < NEVER:
                    time = np.int32(start[stop, lane] + seconds)
                    end[other, lane] = min(end[other, lane], time)


@njit(cache=True, nogil=True)
def rank_durations(
    arrivals: Any, departures: Any, egress_start: Any, egress_stop: Any, egress_seconds: Any,
    ranks: Any, result: Any,
) -> None:  # fmt: skip
    """Compute order statistics of the time to each point over all lanes.

    Parameters
    ----------
    arrivals
        int32 (stops, lanes): when a traveller arrives at each stop.
    departures
        int32 (lanes): when one set out.
    egress_start, egress_stop, egress_seconds
        Ways from stops to points, as rows of a sparse matrix (one row per point).
    ranks
        int64: wanted positions in the sorted times of one point.
    result
        Changed. int32 (points, len(ranks)): seconds, `NEVER` where a point is not reached.
    """
    n_lanes = arrivals.shape[1]
    times = np.empty(n_lanes, dtype=np.int32)
    for point in range(len(egress_start) - 1):
        times[:] = NEVER
        for k in range(egress_start[point], egress_start[point + 1]):
            stop = egress_stop[k]
            seconds = egress_seconds[k]
            for lane in range(n_lanes):
                times[lane] = min(times[lane], np.int32(arrivals[stop, lane] + seconds))
        for lane in range(n_lanes):
            times[lane] = times[lane] - departures[lane] if times[lane] < NEVER else NEVER
        times.sort()
        for k in range(len(ranks)):
            result[point, k] = times[ranks[k]]
