"""What a traveller makes of a timetable, against single scans at every moment that matters."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlib.times.plan import (
    LONGEST_GAP_SECONDS,
    Egress,
    find_medians,
    find_medians_to,
    scan_deadlines,
    scan_lanes,
)
from netlib.timetable import Timetable, build_timetable
from netlib.timetable.kernels import NEVER
from netlib.timetable.scans import earliest_arrivals

STOPS = 5
WINDOW = (7 * 3600, 7 * 3600 + 1800)
MINUTE = 60


def build(trips: list[list[tuple[int, int]]]) -> Timetable:
    """Build a timetable of trips that are calls (stop, minute after seven)."""
    rows = [
        {"trip_id": f"t{number}", "stop_id": stop, "arrival": time, "departure": time}
        for number, calls in enumerate(trips)
        for stop, time in ((stop, 7 * 3600 + MINUTE * minute) for stop, minute in calls)
    ]
    calls = pd.DataFrame(rows, columns=["trip_id", "stop_id", "arrival", "departure"])
    return build_timetable(
        calls,
        stops=pd.DataFrame({"stop_id": np.arange(STOPS)}),
        change_seconds=2 * MINUTE,
        by_vehicle=True,
    )


def ways(seconds: dict[int, int]) -> np.ndarray:
    """Return ways by platform."""
    found = np.full(STOPS, NEVER, dtype=np.int32)
    for platform, value in seconds.items():
        found[platform] = value
    return found


def point(seconds: dict[int, int], static: int = int(NEVER)) -> Egress:
    """Return the ways to or from one point."""
    platforms = sorted(seconds)
    return Egress(
        np.array([0, len(platforms)], dtype=np.int32),
        np.array(platforms, dtype=np.int32),
        np.array([seconds[p] for p in platforms], dtype=np.int32),
        np.array([static], dtype=np.int32),
    )


def arrive(timetable: Timetable, access: dict[int, int], egress: dict[int, int], at: int) -> int:
    """Return the arrival of who leaves at a second, by one scan."""
    found = earliest_arrivals(timetable, ways(access), at)
    return min(int(found[stop]) + seconds for stop, seconds in egress.items())


def list_minutes(
    timetable: Timetable, access: dict[int, int], egress: dict[int, int], *, planned: bool
) -> list[int]:
    """List the seconds of every minute by trying each moment at which a train is just caught."""
    found = []
    for wish in range(*WINDOW, MINUTE):
        best = arrive(timetable, access, egress, wish)
        if best >= NEVER:
            found.append(int(NEVER))
            continue
        if not planned:
            found.append(best - wish)
            continue
        # Who leaves last just catches some train.
        moments = {
            int(row[0]) - access[int(row[2])] for row in timetable.rows if int(row[2]) in access
        }
        last = max(
            moment
            for moment in moments
            if moment >= wish and arrive(timetable, access, egress, moment) == best
        )
        late = last - wish > LONGEST_GAP_SECONDS
        found.append(int(NEVER) if late else best - last)
    return found


calls = st.lists(
    st.tuples(st.integers(0, STOPS - 1), st.integers(1, 9)), min_size=2, max_size=4
).map(
    lambda hops: [
        (stop, int(minute))
        for (stop, _), minute in zip(hops, np.cumsum([m for _, m in hops]), strict=True)
    ]
)


def shift(trip: list[tuple[int, int]], minutes: int) -> list[tuple[int, int]]:
    """Let a trip run later; calls twice in a row at one stop are left out."""
    moved = [(stop, minute + minutes) for stop, minute in trip]
    return [moved[0], *(b for a, b in pairwise(moved) if a[0] != b[0])]


timetables = st.lists(st.builds(shift, calls, st.integers(0, 100)), min_size=1, max_size=12).map(
    lambda trips: [trip for trip in trips if len(trip) > 1]
)


@pytest.mark.parametrize("planned", [True, False])
@settings(max_examples=60)
@given(trips=timetables)
def test_minutes_are_those_of_single_scans(
    trips: list[list[tuple[int, int]]], *, planned: bool
) -> None:
    """The median over the window is that of single scans at every moment that matters."""
    timetable = build(trips)
    access, egress = {0: 97, 1: 300}, {3: 60, 4: 31}
    lanes = scan_lanes(timetable, ways(access), WINDOW, planned=planned)
    found = find_medians(lanes, point(egress), WINDOW, planned=planned)
    times = sorted(list_minutes(timetable, access, egress, planned=planned))
    # The smallest time within which half of the thirty minutes arrive is the fifteenth.
    assert found.seconds[0, 1] == times[14]
    assert found.seconds[0, 0] == times[1]


@settings(max_examples=60)
@given(trips=timetables)
def test_back_is_forth_seen_from_the_other_end(trips: list[list[tuple[int, int]]]):
    """A place asked for from its end gives the minutes of the search from the start."""
    timetable = build(trips)
    access, egress = {0: 97, 1: 300}, {3: 60, 4: 31}
    forth = find_medians(
        scan_lanes(timetable, ways(access), WINDOW), point(egress), WINDOW, planned=True
    )
    lanes = scan_deadlines(timetable, ways(egress), WINDOW, longest=6 * 3600)
    back = find_medians_to(lanes, point(access), WINDOW, planned=True)
    assert back[0] == forth.seconds[0, 1]


def test_who_plans_does_not_wait_at_random():
    """A train every half hour that takes 20 minutes: 20 from platform to platform, planned."""
    timetable = build([[(0, k), (3, k + 20)] for k in range(0, 120, 30)])
    lanes = scan_lanes(timetable, ways({0: 0}), WINDOW, planned=False)
    planned = find_medians(lanes, point({3: 0}), WINDOW, planned=True)
    at_random = find_medians(lanes, point({3: 0}), WINDOW, planned=False)
    assert planned.seconds[0].tolist() == [20 * MINUTE] * 3
    # Of the wishes 7:00 to 7:29 the fifteenth shortest wait is 14 minutes.
    assert at_random.seconds[0, 1] == (20 + 14) * MINUTE
    # The trains at 7:00 and, half an hour later, the one that the window no longer holds.
    assert planned.journeys[0] == 1


def test_a_slow_train_that_is_overtaken_is_let_pass():
    """A train that leaves first and arrives last is nobody's: who plans takes the express."""
    timetable = build([[(0, 5), (3, 65)], [(0, 20), (3, 40)]])
    lanes = scan_lanes(timetable, ways({0: 0}), WINDOW)
    found = find_medians(lanes, point({3: 0}), WINDOW, planned=True)
    # Until 7:20 the express of 7:20; after it no train is left.
    assert found.seconds[0, 1] == 20 * MINUTE
    assert found.seconds[0, 2] == NEVER


def test_a_departure_more_than_an_hour_ahead_is_none():
    """With one train at 8:20 the wishes before 7:20 have no journey, and 10 of 30 are too few."""
    timetable = build([[(0, 80), (3, 100)]])
    lanes = scan_lanes(timetable, ways({0: 0}), WINDOW)
    found = find_medians(lanes, point({3: 0}), WINDOW, planned=True)
    assert found.seconds[0].tolist() == [20 * MINUTE, NEVER, NEVER]


def test_a_way_without_timetable_competes():
    """A walk of 15 minutes beats the train of 20, and no lane is named for it."""
    timetable = build([[(0, k), (3, k + 20)] for k in range(0, 120, 30)])
    lanes = scan_lanes(timetable, ways({0: 0}), WINDOW)
    found = find_medians(lanes, point({3: 0}, static=15 * MINUTE), WINDOW, planned=True)
    assert found.seconds[0].tolist() == [15 * MINUTE] * 3
    assert found.lane[0] == -1
