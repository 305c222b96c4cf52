"""Compiled inner loops, cached on disk by numba; each has a plain twin in ``tests/references.py``.

All times are int32 seconds, all stops and trips are numbers. `NEVER` stands for "not reached". A
kernel changes only the arrays that its docstring says it changes, and releases the lock, so that
threads run side by side.

Connections are sorted as `netlib.timetable.Timetable` says. Labels have two entries more than there
are stops: through them a connection says that it may not be boarded or left (see `Timetable`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

# Later than any time of a timetable, and far enough from the end of int32 for one addition.
NEVER = np.int32(2_000_000_000)
# A trip that nobody sits in, a label that nothing has set.
NOTHING = np.int32(-1)
# Lanes that are compared and written at once.
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
def find_first(rows: Any, time: int) -> int:
    """Return the first of the sorted connections that leaves at ``time`` or later."""
    low, high = 0, len(rows)
    while low < high:
        middle = (low + high) // 2
        if rows[middle, 0] < time:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def scan_connections(
    rows: Any,
    walk_start: Any,
    walk_stop: Any,
    walk_seconds: Any,
    change: Any,
    first: int,
    horizon: int,
    boarding: Any,
    ready: Any,
    foot: Any,
    foot_by: Any,
    alight: Any,
    alight_by: Any,
    entered: Any,
) -> None:
    """Scan connections once for one departure, keeping how every label came about.

    Connection scan after Dibbelt, Pajor, Strasser & Wagner (2018), Connection Scan Algorithm, ACM
    Journal of Experimental Algorithmics 23, with labels of arriving on foot and by vehicle apart.

    Parameters
    ----------
    rows
        int32 (connections, 5): departure, arrival, from_stop, to_stop, trip.
    walk_start, walk_stop, walk_seconds
        Walks from each stop to others, as rows of a sparse matrix.
    change
        int32 (stops + 2): seconds from one vehicle to the next at a stop.
    first, horizon
        The first connection to scan, and the last departure to consider.
    boarding
        int32 (stops + 2): when the traveller can board; may be the same array as ``ready``.
    ready
        Changed. int32 (stops + 2): when one can board after the rides of this scan.
    foot, foot_by
        Changed. int32 (stops + 2): arrival on foot, and the connections where the ride before
        was entered and left, int32 (stops + 2, 2).
    alight, alight_by
        Changed. The same for arrival by vehicle.
    entered
        Changed. int32 (trips): the connection where the trip was boarded, `NOTHING` at the start.
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
            ready[stop] = min(ready[stop], arrival + change[stop])
            for k in range(np.uint64(walk_start[stop]), np.uint64(walk_start[stop + 1])):
                other = np.uint32(walk_stop[k])
                time = np.int32(arrival + walk_seconds[k])
                if time < foot[other]:
                    foot[other] = time
                    foot_by[other, 0] = entered[trip]
                    foot_by[other, 1] = np.int32(i)
                    ready[other] = min(ready[other], time)


@njit(cache=True, nogil=True)
def lower_lanes(label: Any, last: Any, time: Any) -> None:
    """Lower the later ones of the first ``last`` lanes to ``time``.

    Parameters
    ----------
    label
        Changed. int32 (lanes), growing.
    last, time
        How many lanes may be lowered, and to what.
    """
    lane = last
    while lane >= BLOCK and label[np.uint32(lane - BLOCK)] > time:
        lane -= BLOCK
        for k in range(BLOCK):
            label[np.uint32(lane + k)] = time
    while lane > 0 and label[np.uint32(lane - 1)] > time:
        lane -= 1
        label[np.uint32(lane)] = time


@njit(cache=True, nogil=True)
def scan_lanes(
    rows: Any,
    walk_start: Any,
    walk_stop: Any,
    walk_seconds: Any,
    change: Any,
    first: int,
    horizon: int,
    board_foot: Any,
    board_alight: Any,
    foot: Any,
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
    rows, walk_start, walk_stop, walk_seconds, change, first, horizon
        As in `scan_connections`.
    board_foot, board_alight
        int32 (stops + 2, lanes), growing along each row: arrival at a stop on foot and by vehicle,
        from which travellers board.
    foot, alight
        Changed. The same labels after the rides of this scan.
    n_trips
        Number of trips.
    unlimited
        Whether the labels to board from are those that the scan improves, that is, rides are not
        counted.
    """
    n_lanes = alight.shape[1]
    # What most connections ask of a stop, in one place: when the next lane can board, how many can
    # already, and the latest of its alighting labels.
    state = np.empty((len(alight), 3), dtype=np.int32)
    for at in range(len(alight)):
        state[at, 0] = min(
            board_foot[at, 0], min(board_alight[at, 0], NEVER - change[at]) + change[at]
        )
        state[at, 1] = 0
        state[at, 2] = alight[at, n_lanes - 1]
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
                latest = departure - change[stop]
                lane = state[stop, 1] + 1
                while lane < n_lanes and (
                    board_foot[stop, np.uint32(lane)] <= departure
                    or board_alight[stop, np.uint32(lane)] <= latest
                ):
                    lane += 1
                state[stop, 1] = lane
                time = NEVER
                if lane < n_lanes:
                    if board_alight[stop, np.uint32(lane)] < NEVER - change[stop]:
                        time = np.int32(board_alight[stop, np.uint32(lane)] + change[stop])
                    time = min(time, board_foot[stop, np.uint32(lane)])
                state[stop, 0] = time
            if state[stop, 1] > last:
                last = state[stop, 1]
                seated[trip] = last
            elif last == 0:
                continue
        arrival = rows[i, 1]
        stop = np.uint32(rows[i, 3])
        if state[stop, 2] <= arrival or alight[stop, np.uint32(last - 1)] <= arrival:
            continue
        lower_lanes(alight[stop], last, arrival)
        if last == n_lanes:
            state[stop, 2] = arrival
        if unlimited and state[stop, 1] < last:
            state[stop, 0] = min(state[stop, 0], arrival + change[stop])
        for k in range(np.uint64(walk_start[stop]), np.uint64(walk_start[stop + 1])):
            other = np.uint32(walk_stop[k])
            time = np.int32(arrival + walk_seconds[k])
            if foot[other, np.uint32(last - 1)] > time:
                lower_lanes(foot[other], last, time)
                if unlimited and state[other, 1] < last:
                    state[other, 0] = min(state[other, 0], time)


@njit(cache=True, nogil=True)
def relax_access(
    walk_start: Any,
    walk_stop: Any,
    walk_seconds: Any,
    stops: Any,
    seconds: Any,
    departures: Any,
    foot: Any,
) -> None:
    """Enter when travellers reach their first stops, by access alone and by one walk more.

    Parameters
    ----------
    walk_start, walk_stop, walk_seconds
        As in `scan_connections`.
    stops, seconds
        int32: the stops of access, and the way to them.
    departures
        int32 (lanes): when one sets out.
    foot
        Changed. int32 (stops + 2, lanes): arrival on foot.
    """
    n_lanes = len(departures)
    for i in range(len(stops)):
        stop = stops[i]
        for lane in range(n_lanes):
            foot[stop, lane] = min(foot[stop, lane], np.int32(departures[lane] + seconds[i]))
        for k in range(walk_start[stop], walk_start[stop + 1]):
            other = walk_stop[k]
            total = seconds[i] + walk_seconds[k]
            for lane in range(n_lanes):
                foot[other, lane] = min(foot[other, lane], np.int32(departures[lane] + total))


@njit(cache=True, nogil=True)
def compute_durations(
    arrivals: Any,
    departures: Any,
    egress_start: Any,
    egress_stop: Any,
    egress_seconds: Any,
    durations: Any,
) -> None:
    """Compute the time to each point in each lane.

    Parameters
    ----------
    arrivals
        int32 (stops, lanes): when a traveller arrives at each stop.
    departures
        int32 (lanes): when one set out.
    egress_start, egress_stop, egress_seconds
        Ways from stops to points, as rows of a sparse matrix (one row per point).
    durations
        Changed. int32 (points, lanes): seconds, `NEVER` where a point is not reached.
    """
    n_lanes = arrivals.shape[1]
    for point in range(len(egress_start) - 1):
        durations[point, :] = NEVER
        for k in range(egress_start[point], egress_start[point + 1]):
            stop = egress_stop[k]
            seconds = egress_seconds[k]
            for lane in range(n_lanes):
                time = np.int32(arrivals[stop, lane] + seconds)
                durations[point, lane] = min(durations[point, lane], time)
        for lane in range(n_lanes):
            if durations[point, lane] < NEVER:
                durations[point, lane] -= departures[lane]
