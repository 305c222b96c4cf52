"""Offers of direct trains against a traveller who looks at the clock every minute."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netlib.rides import WAIT_SHARE, compute_offers, compute_rides, trip_counts

if TYPE_CHECKING:
    from netlib.tables import Network

Build = "Callable[..., Network]"
DAY = 1440
STOPS = ["AAA", "BBB", "CCC", "DDD"]
MORNING = (7 * 3600, 9 * 3600)
WINDOWS = [MORNING, (7 * 3600, 19 * 3600), (0, 3600), (22 * 3600, 24 * 3600)]
properties = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

Call = tuple[str, int, int]


class Ride(NamedTuple):
    trip: str
    departure: int
    arrival: int


@st.composite
def draw_calls(draw: st.DrawFn, start: st.SearchStrategy[int]) -> list[Call]:
    """Draw the calls of a train; it may come back to a stop and run past midnight."""
    clock = draw(start)
    stops = draw(st.lists(st.sampled_from(STOPS), min_size=2, max_size=5))
    calls = []
    for stop in stops:
        dwell = draw(st.integers(0, 5))
        calls.append((stop, clock, clock + dwell))
        clock += dwell + draw(st.integers(1, 120))
    return calls


clock_trains = st.lists(draw_calls(st.integers(0, DAY + 60)), min_size=1, max_size=6)
headway_lines = st.lists(
    st.tuples(draw_calls(st.just(0)), st.integers(2, 60), st.booleans()), min_size=1, max_size=4
)


def list_rides(trips: dict[str, list[Call]]) -> dict[tuple[str, str], list[Ride]]:
    """List the rides of every pair of stops: one for every two calls, in order, of a train."""
    rides: dict[tuple[str, str], list[Ride]] = {}
    for trip, calls in trips.items():
        for (a, _, departure), (b, arrival, _) in combinations(calls, 2):
            if a != b and arrival > departure:
                rides.setdefault((a, b), []).append(Ride(trip, departure, arrival))
    return rides


def ask_every_minute(rides: list[Ride], window: tuple[int, int]) -> tuple[float, float]:
    """Return the mean (wait, ride) of travellers who come at the half of every minute.

    All clock times are whole minutes, so the time to the earliest arrival is linear in between and
    its value at the half is the mean of the minute. Trains run every day.
    """
    daily = [
        (ride.arrival + day * DAY, ride.departure + day * DAY)
        for ride in rides
        for day in (-2, -1, 0, 1, 2)
    ]
    waits, times = [], []
    for minute in range(window[0] // 60, window[1] // 60):
        now = minute + 0.5
        arrival, departure = min((a, -d) for a, d in daily if d >= now)
        waits.append(-departure - now)
        times.append(arrival + departure)
    return float(np.mean(waits)), float(np.mean(times))


def offers_by_pair(network: Network, window: tuple[int, int]) -> dict[tuple[str, str], pd.Series]:
    offers = compute_offers(network, window)
    assert not offers.duplicated(["from_id", "to_id", "group"]).any()
    return {(row["from_id"], row["to_id"]): row for _, row in offers.iterrows()}


@pytest.mark.parametrize("window", WINDOWS)
@given(trains=clock_trains)
@properties
def test_trains_by_the_clock(
    window: tuple[int, int],
    trains: list[list[Call]],
    line_network: Network,
    with_trips: Build,
) -> None:
    trips = {f"T{number}": calls for number, calls in enumerate(trains)}
    offers = offers_by_pair(with_trips(line_network, trips), window)
    expected = list_rides(trips)
    assert set(offers) == set(expected)
    for pair, rides in expected.items():
        wait, ride = ask_every_minute(rides, window)
        assert offers[pair]["wait"] + offers[pair]["ride"] == pytest.approx(wait + ride, abs=1e-6)
        assert offers[pair]["ride"] == pytest.approx(ride, abs=1e-6)
        assert offers[pair]["trip_id"] in {found.trip for found in rides}


def best_subset(services: list[tuple[float, float]]) -> float:
    """Return the least expected time over all sets of services worth boarding when they come first.

    ``services`` are (departures a minute, ride minutes).
    """
    times = []
    for size in range(1, len(services) + 1):
        for chosen in combinations(services, size):
            total = sum(rate for rate, _ in chosen)
            times.append((WAIT_SHARE + sum(rate * ride for rate, ride in chosen)) / total)
    return min(times)


@given(lines=headway_lines)
@properties
def test_headway_services_share_their_travellers_as_well_as_they_can(
    lines: list[tuple[list[Call], int, bool]], line_network: Network, with_trips: Build
) -> None:
    trips = {f"H{number}": calls for number, (calls, _, _) in enumerate(lines)}
    # Half of the lines run in the first of the two hours only.
    headways = {
        f"H{n}": [(360, 480 if half else 1320, headway)]
        for n, (_, headway, half) in enumerate(lines)
    }
    network = with_trips(line_network, trips, headways=headways)
    offers = offers_by_pair(network, MORNING)
    rates = {f"H{n}": (0.5 if half else 1) / headway for n, (_, headway, half) in enumerate(lines)}
    expected = list_rides(trips)
    assert set(offers) == set(expected)
    for pair, rides in expected.items():
        services = [(rates[ride.trip], ride.arrival - ride.departure) for ride in rides]
        assert offers[pair]["wait"] + offers[pair]["ride"] == pytest.approx(best_subset(services))
        assert offers[pair]["wait"] >= WAIT_SHARE / sum(rate for rate, _ in services) - 1e-9


@given(trains=clock_trains, lines=headway_lines)
@properties
def test_the_better_of_clock_and_headway_is_offered(
    trains: list[list[Call]],
    lines: list[tuple[list[Call], int, bool]],
    line_network: Network,
    with_trips: Build,
) -> None:
    clocked = {f"T{n}": calls for n, calls in enumerate(trains)}
    frequent = {f"H{n}": calls for n, (calls, _, _) in enumerate(lines)}
    headways = {f"H{n}": [(360, 1320, headway)] for n, (_, headway, _) in enumerate(lines)}
    both, first, second = (
        offers_by_pair(with_trips(line_network, trips, headways=spans), MORNING)
        for trips, spans in (
            ({**clocked, **frequent}, headways),
            (clocked, {}),
            (frequent, headways),
        )
    )
    assert set(both) == set(first) | set(second)
    for pair, offer in both.items():
        times = [o[pair]["wait"] + o[pair]["ride"] for o in (first, second) if pair in o]
        assert offer["wait"] + offer["ride"] == pytest.approx(min(times))


@given(trains=clock_trains, data=st.data())
@properties
def test_taking_a_train_away_never_helps(
    trains: list[list[Call]], data: st.DataObject, line_network: Network, with_trips: Build
) -> None:
    trips = {f"T{number}": calls for number, calls in enumerate(trains)}
    gone = data.draw(st.sampled_from(sorted(trips)))
    fewer = {trip: calls for trip, calls in trips.items() if trip != gone}
    before = offers_by_pair(with_trips(line_network, trips), MORNING)
    after = offers_by_pair(with_trips(line_network, fewer), MORNING)
    assert set(after) <= set(before)
    for pair, offer in after.items():
        total = before[pair]["wait"] + before[pair]["ride"]
        assert offer["wait"] + offer["ride"] >= total - 1e-9


@given(trains=clock_trains, data=st.data(), ratio=st.floats(1.0, 2.0))
@properties
def test_slower_trains_never_help(
    trains: list[list[Call]],
    data: st.DataObject,
    ratio: float,
    line_network: Network,
    with_trips: Build,
    with_rows: Build,
) -> None:
    trips = {f"T{number}": calls for number, calls in enumerate(trains)}
    base = two_services(line_network, with_rows, ratio)
    slower = data.draw(st.sets(st.sampled_from(sorted(trips))))
    services = {trip: "SLOW" if trip in slower else "T2026" for trip in trips}
    before = offers_by_pair(with_trips(base, trips), MORNING)
    after = offers_by_pair(with_trips(base, trips, services=services), MORNING)
    for pair, offer in after.items():
        total = before[pair]["wait"] + before[pair]["ride"]
        assert offer["wait"] + offer["ride"] >= total - 1e-9


def two_services(network: Network, with_rows: Build, ratio: float) -> Network:
    """Return a network whose second service runs ``ratio`` times as long as its timetable."""
    service = {"kind": "timetable", "timetable_id": "toy-2026"}
    return with_rows(
        network,
        service=[
            {**service, "service_id": "T2026", "run_time_ratio": 1.0},
            {**service, "service_id": "SLOW", "run_time_ratio": ratio},
        ],
    )


# Hand-checked cases of the morning window, 07:00 to 09:00: trains, minutes of wait and of ride, and
# the train that carries most.
TRAINS = {
    # 60 minutes wait 30 on average, the other 60 wait for tomorrow's 08:00, 1410 on average.
    "one train": ({"T": [("AAA", 480, 480), ("CCC", 510, 510)]}, 720, 30, "T"),
    # Everybody until 08:00 takes the express of 08:00 that overtakes the train of 07:59.
    "overtaking": (
        {
            "SLOW": [("AAA", 479, 479), ("CCC", 600, 600)],
            "FAST": [("AAA", 480, 480), ("CCC", 500, 500)],
        },
        # from 08:00 on: tomorrow's 08:00, which still comes in before tomorrow's 07:59
        720,
        20,
        "FAST",
    ),
    # A train that left yesterday at 24:30 passes at 07:30 today.
    "overnight": (
        {"N": [("DDD", 1470, 1470), ("AAA", 1890, 1890), ("CCC", 1920, 1920)]},
        None,
        30,
        "N",
    ),
    # The loop passes AAA twice; nobody boards before the second time.
    "loop": (
        {"L": [("AAA", 480, 480), ("BBB", 500, 500), ("AAA", 520, 520), ("CCC", 540, 540)]},
        None,
        20,
        "L",
    ),
}


@pytest.mark.parametrize("case", TRAINS)
def test_timetables_checked_by_hand(case: str, line_network: Network, with_trips: Build) -> None:
    trips, wait, ride, trip = TRAINS[case]
    offer = offers_by_pair(with_trips(line_network, trips), MORNING)["AAA", "CCC"]
    assert offer["ride"] == pytest.approx(ride)
    assert offer["trip_id"] == trip
    if wait is not None:
        assert offer["wait"] == pytest.approx(wait)


def test_a_headway_is_waited_for_half(transfer_network: Network) -> None:
    offers = offers_by_pair(transfer_network, MORNING)
    assert offers["M-a", "M-b"]["wait"] == pytest.approx(5)
    assert offers["M-a", "M-b"]["ride"] == pytest.approx(12)
    assert offers["M-c", "M-x"]["wait"] == pytest.approx(2.5)
    assert offers["M-c", "M-x"]["ride"] == pytest.approx(6)
    assert set(offers["M-a", "M-b"][["trip_id", "service_id", "group"]]) == {"M1-0", "M1"}


def test_a_line_that_does_not_run_in_the_window_offers_nothing(transfer_network: Network) -> None:
    assert compute_offers(transfer_network, (0, 5 * 3600)).empty


def test_railway_trains_are_one_group_and_metro_lines_one_each(
    line_network: Network, transfer_network: Network
) -> None:
    assert compute_rides(line_network).groups.tolist() == ["rail"]
    assert sorted(compute_rides(transfer_network).groups) == ["M1", "M2"]


def test_links_of_a_stopping_train_do_not_add_up_to_an_express(line_network: Network) -> None:
    links = line_network["link"]["run_time_minutes"].sum()
    rides = compute_rides(line_network)
    longest = {trip: rides.minutes[rides.trip == n].max() for n, trip in enumerate(rides.trips)}
    assert (longest["G1"], longest["G3"]) == (32, 26)
    assert links == 30


def test_trains_a_day_are_the_span_over_the_headway(transfer_network: Network) -> None:
    rides = compute_rides(transfer_network)
    counts = dict(zip(rides.trips, trip_counts(transfer_network, rides), strict=True))
    # 16 hours, every ten and every five minutes
    assert counts == {"M1-0": 96, "M1-1": 96, "M2-0": 192, "M2-1": 192}
