"""Compiled inner loops, cached on disk by numba.

What is called from elsewhere has a plain twin in ``tests/references.py``.

All times are int32 seconds, all stops and runs are numbers. `NEVER` stands for "not reached". A
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
# A run that nobody sits in, a label that nothing has set.
NOTHING = np.int32(-1)
# Lanes that are compared and written at once.
BLOCK = 8
# What a window keeps of one stop: when the next lane can board, and how many can already; lanes and
# time of the highest step of arrival by vehicle, and its row; seconds to change; whether one can
# come on foot. The last column makes it half a line of the cache.
LABEL = np.dtype(
    [
        (name, np.int32)
        for name in ("next", "count", "lanes", "time", "top", "change", "on_foot", "unused")
    ]
)
# A step of the arrival by vehicle: the first lanes have come by a time. The next lower step, of
# fewer lanes and earlier, is in row ``below``.
STEP = np.dtype([(name, np.int32) for name in ("lanes", "time", "below")])


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
        int32 (connections, 5): departure, arrival, from_stop, to_stop, run.
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
        Changed. int32 (runs): the connection where the run was boarded, `NOTHING` at the start.
    """
    for i in range(np.uint64(first), np.uint64(len(rows))):
        departure = rows[i, 0]
        if departure > horizon:
            break
        run = np.uint32(rows[i, 4])
        if entered[run] < 0:
            if boarding[np.uint32(rows[i, 2])] > departure:
                continue
            entered[run] = np.int32(i)
        arrival = rows[i, 1]
        stop = np.uint32(rows[i, 3])
        if arrival < alight[stop]:
            alight[stop] = arrival
            alight_by[stop, 0] = entered[run]
            alight_by[stop, 1] = np.int32(i)
            ready[stop] = min(ready[stop], arrival + change[stop])
            for k in range(np.uint64(walk_start[stop]), np.uint64(walk_start[stop + 1])):
                other = np.uint32(walk_stop[k])
                time = np.int32(arrival + walk_seconds[k])
                if time < foot[other]:
                    foot[other] = time
                    foot_by[other, 0] = entered[run]
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
def lower_steps(steps: Any, top: Any, lanes: Any, time: Any, used: Any) -> Any:
    """Lower the first lanes of one label to a time, where they are above it.

    Parameters
    ----------
    steps
        Changed. See `scan_lanes`.
    top
        Row of the label's highest step.
    lanes, time
        How many lanes, at least one, and what to.
    used
        Rows of ``steps`` in use; there must be room for one more.

    Returns
    -------
    new, top
        int32, int32: the row of the new step, which is ``used`` or one that was in use before, or
        0 if no lane is above the time; and the row of the highest step now.
    """
    # With one array and one way out, numba counts no references in the loops that call this.
    above, row = np.uint32(0), np.uint32(top)
    while steps[row].lanes >= lanes:
        above, row = row, np.uint32(steps[row].below)
    new, highest = np.int32(0), np.int32(top)
    if above == 0 or steps[above].time > time:
        while steps[row].time >= time:
            row = np.uint32(steps[row].below)
        if above != 0 and steps[above].lanes == lanes:
            new = np.int32(above)
        else:
            new = np.int32(used)
            if above == 0:
                highest = new
            else:
                steps[above].below = new
        steps[np.uint32(new)].lanes = lanes
        steps[np.uint32(new)].time = time
        steps[np.uint32(new)].below = np.int32(row)
    return new, highest


@njit(cache=True, nogil=True)
def count_ready(steps: Any, row: Any, lanes: Any, time: Any) -> Any:
    """Count the lanes of a label that are not above a time, and find when the next one is not.

    Parameters
    ----------
    steps, row
        See `scan_lanes`; where the label's chain begins.
    lanes
        The count is not less than this.
    time
        The time.

    Returns
    -------
    count, next
        int32, int32: `NEVER` if the label has no more lanes.
    """
    later = NEVER
    place = np.uint32(row)
    while steps[place].lanes > lanes and steps[place].time > time:
        later = steps[place].time
        place = np.uint32(steps[place].below)
    return max(lanes, steps[place].lanes), later


@njit(cache=True, nogil=True)
def scan_lanes(
    rows: Any,
    walk_start: Any,
    walk_stop: Any,
    walk_seconds: Any,
    first: int,
    horizon: int,
    board_labels: Any,
    board_steps: Any,
    board_foot: Any,
    labels: Any,
    steps: Any,
    foot: Any,
    seated: Any,
    used: Any,
) -> Any:
    """Scan connections once for all departures of a window, one lane each.

    Lanes are sorted by departure, so every label grows along its lanes: those that can board a
    connection, and those that sit in a run, are always the first few, and a number says how many.
    Arrival by vehicle is kept as a staircase of as many steps as it has different times, for
    these are few; arrival on foot, which is read far more often than changed, lane by lane.

    Parameters
    ----------
    rows, walk_start, walk_stop, walk_seconds, first, horizon
        As in `scan_connections`.
    board_labels, board_steps, board_foot
        Changed in ``next`` and ``count``. What travellers board from: the three arrays that the
        scan improves, or, where rides are counted, copies of them from before this ride.
    labels
        Changed. `LABEL` (stops + 2).
    steps
        Changed. `STEP` (rows). Row 0 ends every staircase: no lanes, before all times. Rows of
        steps that later ones replaced are not used again.
    foot
        Changed. int32 (stops, lanes), growing along each row; read only where the label says so.
    seated
        Changed. int16 (runs): how many lanes sit in a run.
    used
        Rows of ``steps`` in use.

    Returns
    -------
    next, used
        The connection to go on with when ``steps`` has more rows, ``len(rows)`` at the end; and
        the rows in use.
    """
    n_lanes = np.int32(foot.shape[1])
    used = np.int32(used)
    for i in range(np.uint64(first), np.uint64(len(rows))):
        departure = rows[i, 0]
        if departure > horizon:
            break
        run = np.uint32(rows[i, 4])
        last = np.int32(seated[run])
        if last < n_lanes:
            stop = np.uint32(rows[i, 2])
            if board_labels[stop].next <= departure:
                top, change = board_labels[stop].top, board_labels[stop].change
                count, later = count_ready(
                    board_steps, top, board_labels[stop].count, departure - change
                )
                later = min(later, NEVER - change) + change
                if board_labels[stop].on_foot:
                    while count < n_lanes and board_foot[stop, np.uint32(count)] <= departure:
                        count = np.int32(count + 1)
                    if count < n_lanes:
                        later = min(later, board_foot[stop, np.uint32(count)])
                board_labels[stop].count = count
                board_labels[stop].next = later
            if board_labels[stop].count > last:
                last = board_labels[stop].count
                seated[run] = last
            elif last == 0:
                continue
        arrival = rows[i, 1]
        stop = np.uint32(rows[i, 3])
        if labels[stop].time <= arrival and labels[stop].lanes >= last:
            continue
        if used >= len(steps):
            return np.int64(i), used
        new, top = lower_steps(steps, labels[stop].top, last, arrival, used)
        if new == 0:
            continue
        used = max(used, np.int32(new + 1))
        labels[stop].top = top
        if last >= labels[stop].lanes:
            labels[stop].lanes = last
            labels[stop].time = arrival
        # Where rides are counted, nobody boards from here before the next one: then it is the
        # first time to board that this keeps.
        if labels[stop].count < last:
            labels[stop].next = min(labels[stop].next, arrival + labels[stop].change)
        for k in range(np.uint64(walk_start[stop]), np.uint64(walk_start[stop + 1])):
            other = np.uint32(walk_stop[k])
            time = np.int32(arrival + walk_seconds[k])
            if foot[other, np.uint32(last - 1)] > time:
                lower_lanes(foot[other], last, time)
                if labels[other].count < last:
                    labels[other].next = min(labels[other].next, time)
    return np.int64(len(rows)), used


@njit(cache=True, nogil=True)
def relax_access(
    walk_start: Any,
    walk_stop: Any,
    walk_seconds: Any,
    stops: Any,
    seconds: Any,
    departures: Any,
    labels: Any,
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
    labels, foot
        Changed. As in `scan_lanes`; a row of ``foot`` has no values until its label says so.
    """
    reached = np.full(len(foot), NEVER, dtype=np.int32)
    for i in range(len(stops)):
        stop = stops[i]
        reached[stop] = min(reached[stop], seconds[i])
        for k in range(walk_start[stop], walk_start[stop + 1]):
            other = walk_stop[k]
            reached[other] = min(reached[other], np.int32(seconds[i] + walk_seconds[k]))
    for stop in range(len(foot)):
        if reached[stop] < NEVER:
            labels[stop].on_foot = 1
            labels[stop].next = departures[0] + reached[stop]
            for lane in range(len(departures)):
                foot[stop, lane] = departures[lane] + reached[stop]
        elif labels[stop].on_foot:
            for lane in range(len(departures)):
                foot[stop, lane] = NEVER


@njit(cache=True, nogil=True)
def spread_steps(labels: Any, steps: Any, arrivals: Any, *, by_vehicle: bool) -> None:
    """Write arrivals by vehicle over those on foot, lane by lane.

    Parameters
    ----------
    labels, steps
        As in `scan_lanes`.
    arrivals
        Changed. int32 (stops, lanes): what was ``foot`` there.
    by_vehicle
        Whether arrivals on foot do not count.
    """
    for stop in range(len(arrivals)):
        keep = labels[stop].on_foot and not by_vehicle
        end, time, row = arrivals.shape[1], NEVER, labels[stop].top
        while end > 0:
            begin = steps[row].lanes
            if keep:
                for lane in range(begin, end):
                    arrivals[stop, np.uint32(lane)] = min(arrivals[stop, np.uint32(lane)], time)
            else:
                for lane in range(begin, end):
                    arrivals[stop, np.uint32(lane)] = time
            end, time, row = begin, steps[row].time, steps[row].below


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
