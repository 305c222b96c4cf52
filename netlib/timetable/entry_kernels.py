"""Compiled inner loop for the stops where one departure begins, cached on disk by numba.

Its plain twin is in ``tests/test_doors.py``; times and stops are as in `netlib.timetable.kernels`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def relax_entries(
    walk_start: Any,
    walk_stop: Any,
    walk_seconds: Any,
    stops: Any,
    times: Any,
    foot: Any,
    entry: Any,
) -> None:
    """Enter when a traveller reaches the first stops, and the stop of access of each.

    Parameters
    ----------
    walk_start, walk_stop, walk_seconds
        As in `scan_connections`.
    stops, times
        int32: the stops of access, and when one is there.
    foot
        Changed. int32 (stops + 2): arrival on foot.
    entry
        Changed. int32 (stops + 2): the stop of access; of two as quick the first.
    """
    for i in range(len(stops)):
        stop = stops[i]
        if times[i] < foot[stop]:
            foot[stop] = times[i]
            entry[stop] = stop
        for k in range(walk_start[stop], walk_start[stop + 1]):
            time = np.int32(times[i] + walk_seconds[k])
            if time < foot[walk_stop[k]]:
                foot[walk_stop[k]] = time
                entry[walk_stop[k]] = stop
