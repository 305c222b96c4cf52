"""Times of every reading: toys by hand, a brute force over minutes, and the evidence base."""

from __future__ import annotations

import itertools
import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netlib.errors import NetlibError, UnknownNameError, UnreachableError
from netlib.evidence import explain_cell, select_variant
from netlib.readings import find_reading
from netlib.scenarios import Scenario, apply_scenario
from netlib.times import journey_legs, measure_pairs, travel_times
from netlib.times.steps import PARTS
from netlib.times.table import find_range
from tests.references import path_arrivals

if TYPE_CHECKING:
    from netlib.tables import Network

Build = "Callable[..., Network]"
TODAY = "2026-11-22"
DAYS = ["2022-06-20", TODAY]
ENDS = ["low", "travel_time_minutes", "high"]
# Cells are rounded to a tenth, so a sum of five may be off by a quarter.
ROUNDED = 0.3


@cache
def on_day(network: Network, day: str) -> Network:
    """Return the network of a day, the same for every test, so that what it keeps is kept."""
    return network.as_of(day)


def row_of(
    network: Network,
    origin: str,
    destination: str,
    reading: str,
    window: tuple[str, str] | None = None,
) -> pd.Series:
    """Return the row of one pair today."""
    day = on_day(network, TODAY)
    return travel_times(day, origin, destination, reading=reading, window=window).iloc[0]


def middle(*runs: range, departures: int = 120) -> float:
    """Return the time within which half of the departures arrive; runs hold those that do."""
    minutes = sorted(itertools.chain(*runs))
    half = departures // 2
    return minutes[half - 1] if len(minutes) >= half else math.nan


def times(count: int, minutes: int) -> range:
    """Return the same minutes a number of times, as `middle` takes them."""
    return [minutes] * count  # type: ignore[return-value]


# Toy, origin, destination, reading: low, central and high minutes. The sums are in the comments,
# with the parameters of tests/toys/common and the ranges of their evidence.
BY_HAND = [
    # The express G3 takes 26, the stopping G1 15 + 2 + 15; half of two trains is one train.
    ("line", "900100", "900300", "ride_fastest", 26, 26, 26),
    ("line", "900100", "900300", "ride_main", 26, 26, 26),
    ("line", "900100", "900300", "ride_median", 26, 26, 26),
    ("line", "900100", "900200", "ride_fastest", 15, 15, 15),
    # Back G2 takes 32, G4 leaves at 23:45 and takes 26.
    ("line", "900300", "900100", "ride_fastest", 26, 26, 26),
    # One wants to go at 07:00 + m. With 10 minutes into the station and 5 out of it those of m = 0
    # to 50 leave at 07:50 for the 08:00, 10 + 32 + 5; those to 80 at 08:20 for the 08:30, 10 + 26 +
    # 5. With 20 and 5 it is to 40 and to 70, 57 and 51; with 30 and 10 to 30 and to 60, 72 and 66.
    # The rest have no train within the hour.
    (
        *("line", "900100", "900300", "door_to_door"),
        middle(times(51, 47), times(30, 41)),
        middle(times(41, 57), times(30, 51)),
        middle(times(31, 72), times(30, 66)),
    ),
    # Who sets out at m and waits: home at 08:37 or 09:01, 08:42 or 09:06 at the high end.
    (
        *("line", "900100", "900300", "door_to_door_unplanned"),
        middle(range(97 - 50, 98), range(121 - 80, 121 - 50)),
        middle(range(97 - 40, 98), range(121 - 70, 121 - 40)),
        middle(range(102 - 30, 103), range(126 - 60, 126 - 30)),
    ),
    # All of them wait for the 18:00, home at 18:37: that can be, but not be planned.
    (
        *("line", "900300", "900100", "door_to_door_unplanned"),
        middle(range(697 - 119, 698)),
        middle(range(697 - 119, 698)),
        middle(range(702 - 119, 703)),
    ),
    ("line", "900300", "900100", "door_to_door", math.nan, math.nan, math.nan),
    # From 07:00 to 19:00 those of 07:00 to 08:30 have a train within the hour, 91 of 720.
    ("line", "900100", "900300", "station_to_station", math.nan, math.nan, math.nan),
    # At work by nine with 10, 20 or 30 minutes into the station for the 08:00: from 07:50, 07:40 or
    # 07:30 on. The way home from 17:30, with the 18:00, is shorter: 67 minutes or 72.
    ("line", "900100", "900300", "commute_day", 70, 80, 90),
    # No train comes in before nine the other way.
    ("line", "900300", "900100", "commute_day", math.nan, math.nan, math.nan),
    # Into the metro 4, wait 5, ride 6, change 4, wait 2.5, ride 6, out 2.
    ("transfer", "900100", "900200", "door_to_door", 23, 29.5, 36),
    ("transfer", "900100", "900200", "door_to_door_unplanned", 23, 29.5, 36),
    ("transfer", "900100", "900200", "commute_day", 23, 29.5, 36),
    ("transfer", "900100", "900200", "best_way", 23, 29.5, 36),
    # The way round, 30 + 30, is quicker than the direct road of 75; 10 (5 to 15) at each end.
    ("triangle", "900100", "900300", "drive_free", 24 + 24 + 10, 60 + 20, 36 + 36 + 30),
    ("triangle", "900100", "900300", "drive_peak", 58, 80 * 1.5, 102 * 2),
    ("triangle", "900100", "900200", "drive_free", 24 + 10, 30 + 20, 36 + 30),
    # Without trains the best way is the car, without roads the train.
    ("triangle", "900100", "900300", "best_way", 58, 80 * 1.5, 102 * 2),
    ("line", "900100", "900300", "best_way", 47, 57, 72),
]


@pytest.mark.parametrize(
    ("toy", "origin", "destination", "reading", "low", "central", "high"), BY_HAND
)
def test_times_checked_by_hand(
    toy: str,
    origin: str,
    destination: str,
    reading: str,
    low: float,
    central: float,
    high: float,
    request: pytest.FixtureRequest,
) -> None:
    """Every reading on the toys."""
    row = row_of(request.getfixturevalue(f"{toy}_network"), origin, destination, reading)
    assert row[ENDS].tolist() == pytest.approx([low, central, high], abs=0.051, nan_ok=True)


# Reading, window, and the median of the line from Alpha to Gamma.
WINDOWS = [
    # 31 minutes for the 08:00, 29 for the 08:30: half of 60 is one of the 08:00.
    ("station_to_station", ("07:30", "08:30"), 32),
    # 30 and 30: half is one of the 08:30.
    ("station_to_station", ("07:31", "08:31"), 26),
    # All leave by 07:40.
    ("door_to_door", ("07:00:00", "07:30:00"), 57),
    ("door_to_door", ("12:00", "14:00"), math.nan),
]


@pytest.mark.parametrize(("reading", "window", "minutes"), WINDOWS)
def test_a_window_of_ones_own(
    reading: str, window: tuple[str, str], minutes: float, line_network: Network
) -> None:
    """The median is over the minutes of the window, half open."""
    row = row_of(line_network, "900100", "900300", reading, window)
    assert row["travel_time_minutes"] == pytest.approx(minutes, nan_ok=True)


def test_percentiles_and_the_gap(line_network: Network) -> None:
    """Of 120 minutes 30 take 51, 41 take 57 and 49 none; two departures are an hour apart."""
    row = row_of(line_network, "900100", "900300", "door_to_door")
    shares = row[["travel_time_p05", "travel_time_p50", "travel_time_p95"]].tolist()
    assert shares == pytest.approx([51, 57, math.nan], nan_ok=True)
    assert row["gap_minutes"] == 60


# Toy, reading, and the central minutes of access, wait, in_vehicle, transfer and egress.
BY_PART = [
    ("line", "900300", "ride_fastest", (0, 0, 26, 0, 0)),
    ("line", "900300", "door_to_door", (20, 0, 32, 0, 5)),
    # The middle of those who set out at random is that of 07:11: on the platform at 07:31.
    ("line", "900300", "door_to_door_unplanned", (20, 29, 32, 0, 5)),
    ("transfer", "900200", "door_to_door", (4, 7.5, 12, 4, 2)),
    ("triangle", "900300", "drive_free", (10, 0, 60, 0, 10)),
    ("triangle", "900300", "best_way", (15, 0, 90, 0, 15)),
]


@pytest.mark.parametrize(("toy", "destination", "reading", "parts"), BY_PART)
def test_parts_checked_by_hand(
    toy: str,
    destination: str,
    reading: str,
    parts: tuple[float, ...],
    request: pytest.FixtureRequest,
) -> None:
    """Where the minutes go."""
    row = row_of(request.getfixturevalue(f"{toy}_network"), "900100", destination, reading)
    assert row[list(PARTS)].tolist() == pytest.approx(parts, abs=0.051)


def test_the_longest_ride_names_its_train_and_what_is_known(
    line_network: Network, transfer_network: Network, triangle_network: Network
) -> None:
    """Train number, line or road, and the kind of knowledge of it."""
    found = [
        tuple(row_of(network, "900100", there, reading)[["service", "kind"]])
        for network, there, reading in (
            (line_network, "900300", "ride_fastest"),
            (line_network, "900300", "door_to_door"),
            (transfer_network, "900200", "door_to_door"),
            (triangle_network, "900300", "drive_peak"),
        )
    ]
    assert found == [
        ("G3", "timetable"),
        ("G1", "timetable"),
        ("Line 1", "headway"),
        ("甲丙高速", "road"),
    ]


def test_the_best_way_says_which(line_network: Network, triangle_network: Network) -> None:
    """By rail where there is no road, by car where there is no train, '' where there is neither."""
    assert row_of(line_network, "900100", "900300", "best_way")["way"] == "door_to_door"
    assert row_of(triangle_network, "900100", "900300", "best_way")["way"] == "drive_peak"
    row = row_of(line_network, "900300", "900100", "best_way")
    assert (row["way"], row["service"], row["kind"]) == ("", "", "")
    assert row[[*ENDS, *PARTS]].isna().all()


def test_main_stations_only_count_where_they_are_asked_for(line_network: Network) -> None:
    """BBB becomes a second station of Alpha, nearer to Gamma by half."""
    node = line_network["node"].copy()
    node.loc[node["node_id"] == "BBB", "zone_id"] = "900100"
    network = line_network.with_tables(node=node)
    minutes = [
        row_of(network, place, "900300", reading)["travel_time_minutes"]
        for place, reading in (
            ("900100", "ride_fastest"),
            ("900100", "ride_main"),
            ("AAA", "ride_fastest"),
        )
    ]
    assert minutes == [15, 26, 26]


def test_places_by_name_id_and_coordinates(line_network: Network) -> None:
    """Alpha lies at 113 E, 34 N, where its station is; a place has no time to itself."""
    network = on_day(line_network, TODAY)
    minutes = [
        travel_times(network, place, "Gamma City")["travel_time_minutes"].tolist()
        for place in ("甲市", "alpha city", "900100", "113.0,34.0", " 113,34 ")
    ]
    assert minutes == [[57.0]] * 5
    table = travel_times(
        network, ["丙市", "甲市"], ["甲市", "丙市", "Beta City"], reading="ride_fastest"
    )
    assert table[["from_id", "to_id"]].to_numpy().tolist() == [
        ["900300", "900100"],
        ["900300", "900200"],
        ["900100", "900300"],
        ["900100", "900200"],
    ]


def test_a_door_away_from_the_station(line_network: Network) -> None:
    """0.01 degrees north are 1.109 km: 6.65 minutes by car at 60 km/h in the peak of factor 2.

    On foot it takes 11.1 minutes, by car 3 for parking and 2.2 on the road, by taxi 5 and 2.2: the
    car wins, 5.2 (a cell of the ground is half a km, so that the way is known to some tenths).
    """
    row = row_of(line_network, "113.0,34.01", "900300", "door_to_door", ("07:00", "07:30"))
    assert row["access"] == pytest.approx(20 + 3 + 2.2, abs=0.5)


def test_names_that_nothing_carries(line_network: Network) -> None:
    """The nearest names are listed, readings without minutes are refused."""
    with pytest.raises(UnknownNameError, match="nearest: ride_fastest"):
        row_of(line_network, "900100", "900300", "ride_fast")
    with pytest.raises(UnknownNameError, match="Alpha City"):
        row_of(line_network, "Alpha Town", "900300", "ride_fastest")
    with pytest.raises(NetlibError, match="not on the globe"):
        row_of(line_network, "113,134", "900300", "door_to_door")
    with pytest.raises(UnreachableError, match="use netlib claims"):
        row_of(line_network, "900100", "900300", "status")


def test_a_ride_needs_no_centre(line_network: Network) -> None:
    """Far cities have stations, but no centre is known of them; door to door they have no door."""
    zone = line_network["zone"].copy()
    zone.loc[zone["zone_id"] == "900300", ["centre_node_id", "shape_id"]] = ""
    network = line_network.with_tables(zone=zone)
    assert row_of(network, "900100", "900300", "ride_fastest")["travel_time_minutes"] == 26
    window = ("07:31", "08:31")
    row = row_of(network, "900100", "900300", "station_to_station", window)
    assert row["travel_time_minutes"] == 26


def test_half_of_the_departures_take_at_most_the_median(
    line_network: Network, with_trips: Build
) -> None:
    """Trains of 20, 30 and 40 minutes; then the one of 40 runs every hour of 16."""
    trips = {
        "fast": [("AAA", 480, 480), ("CCC", 500, 500)],
        "mid": [("AAA", 490, 490), ("CCC", 520, 520)],
        "slow": [("AAA", 500, 500), ("CCC", 540, 540)],
    }
    network = with_trips(line_network, trips)
    assert row_of(network, "AAA", "CCC", "ride_median")["travel_time_minutes"] == 30
    often = with_trips(line_network, trips, headways={"slow": [(360, 1320, 60)]})
    assert row_of(often, "AAA", "CCC", "ride_median")["travel_time_minutes"] == 40
    assert row_of(often, "AAA", "CCC", "ride_fastest")["travel_time_minutes"] == 20


def test_legs_tell_the_whole_journey(line_network: Network, transfer_network: Network) -> None:
    """With the clock where there is one, and waits apart from rides."""
    legs = journey_legs(on_day(line_network, TODAY), "900100", "900300")
    assert legs[["departs", "kind", "minutes"]].to_numpy().tolist() == [
        ["07:40", "access", 0],
        ["07:40", "process", 20],
        ["08:00", "ride", 32],
        ["08:32", "exit", 5],
        ["08:37", "egress", 0],
    ]
    legs = journey_legs(on_day(transfer_network, TODAY), "900100", "900200")
    assert legs[["kind", "minutes"]].to_numpy().tolist() == [
        ["access", 0],
        ["process", 4],
        ["wait", 5],
        ["ride", 6],
        ["transfer", 4],
        ["wait", 2.5],
        ["ride", 6],
        ["exit", 2],
        ["egress", 0],
    ]
    assert legs["seq"].tolist() == list(range(1, 10))
    rides = legs[legs["kind"] == "ride"]
    assert rides["service"].tolist() == ["Line 1", "Line 2"]
    assert rides[["from_zh", "to_en"]].to_numpy().tolist() == [["东站", "Cross"], ["中站", "North"]]
    assert legs["to_id"].tolist()[:-1] == legs["from_id"].tolist()[1:]


def test_legs_of_who_sets_out_at_random_hold_the_first_wait(line_network: Network) -> None:
    """The median traveller sets out at 07:11, and stands on the platform from 07:31 to 08:00."""
    network = on_day(line_network, TODAY)
    legs = journey_legs(network, "900100", "900300", reading="door_to_door_unplanned")
    assert legs[["departs", "kind", "minutes"]].to_numpy().tolist() == [
        ["07:11", "access", 0],
        ["07:11", "process", 20],
        ["07:31", "wait", 29],
        ["08:00", "ride", 32],
        ["08:32", "exit", 5],
        ["08:37", "egress", 0],
    ]


def test_legs_of_nothing_are_an_error(line_network: Network) -> None:
    """Where there is no journey, and of a day that has two."""
    network = on_day(line_network, TODAY)
    with pytest.raises(
        UnreachableError, match="no journey from 甲市 to 丙市 under drive_free on 2026"
    ):
        journey_legs(network, "900100", "900300", reading="drive_free")
    with pytest.raises(UnreachableError, match="commute_day is a day with two journeys"):
        journey_legs(network, "900100", "900300", reading="commute_day")


def test_ranges_hold_all_ends_of_the_figures() -> None:
    """The envelope of three measurements; no journey counts as longer than any."""
    ends = find_range(
        [
            pd.Series(column)
            for column in ([3, np.nan, 5, np.nan], [2, np.nan, 6, 9], [4, 648, 7, 8])
        ]
    )
    assert ends[0].tolist() == [2, 648, 5, 8]
    assert ends[1][[0, 2]].tolist() == [4, 7]
    assert np.isnan(ends[1][[1, 3]]).all()


def test_a_train_that_runs_slower_may_be_caught(line_network: Network, with_trips: Build) -> None:
    """Why low and high are an envelope, not a bound.

    The shuttle is at Beta at 09:15, ready to change at 09:25; the other train calls there at 09:20.
    Three times as slow they are there at 09:45 and at 10:00, so that the change succeeds and one is
    at Gamma at 11:00. One leaves at 08:40: 20 + 45 + 15 + 60 + 5.
    """
    trips = {
        "shuttle": [("AAA", 540, 540), ("BBB", 555, 555)],
        "other": [("CCC", 540, 540), ("BBB", 560, 560), ("CCC", 580, 580)],
    }
    network = with_trips(line_network, trips)
    assert math.isnan(row_of(network, "900100", "900300", "door_to_door")["travel_time_minutes"])
    slow = network.with_tables(service=network["service"].assign(run_time_ratio=3.0))
    row = row_of(slow, "900100", "900300", "door_to_door")
    assert row["travel_time_minutes"] == 20 + 45 + 15 + 60 + 5
    assert row["service"] == "other"


STOPS = ["AAA", "BBB", "CCC"]
FIRST, LAST = 7 * 60, 9 * 60
INTO, OUT_OF, CHANGE, GAP = 20, 5, 10, 60
CENTRE = {"AAA": "900100", "BBB": "900200", "CCC": "900300"}


@st.composite
def draw_train(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    """Draw the calls of a train of the morning, on whole minutes."""
    clock = draw(st.integers(FIRST, LAST + 90))
    calls = []
    for stop in draw(st.permutations(STOPS))[: draw(st.integers(2, 3))]:
        calls.append((stop, clock, clock))
        clock += draw(st.integers(5, 70))
    return calls


def ask_every_minute(
    trips: dict[str, list[tuple[str, int, int]]], start: str, end: str
) -> tuple[list[float], list[float]]:
    """Return the planned and the unplanned minutes of every minute, by the time-expanded graph."""
    runs = [[(s, 60 * a, 60 * d, True, True) for s, a, d in calls] for calls in trips.values()]
    change = dict.fromkeys(STOPS, 60 * CHANGE)
    arrivals = {}
    for minute in range(FIRST, LAST + GAP + 1):
        access = {start: 60 * INTO}
        found = path_arrivals(runs, {}, change, access, 60 * minute).get(end)
        arrivals[minute] = math.inf if found is None else found / 60 + OUT_OF
    planned, unplanned = [], []
    for minute in range(FIRST, LAST):
        there = arrivals[minute]
        unplanned.append(there - minute)
        same = [m for m in arrivals if m >= minute and arrivals[m] == there]
        leave = max(same)
        # Who may still leave later than the hour after the window has a longer gap than an hour.
        planned.append(
            there - leave if math.isfinite(there) and leave - minute <= GAP else math.inf
        )
    return planned, unplanned


@given(trains=st.lists(draw_train(), min_size=1, max_size=6))
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
def test_medians_against_a_traveller_who_asks_every_minute(
    trains: list[list[tuple[str, int, int]]], line_network: Network, with_trips: Build
) -> None:
    """Random mornings: planned and unplanned against shortest paths of networkx."""
    trips = {f"T{number}": calls for number, calls in enumerate(trains)}
    network = with_trips(line_network, trips).as_of(TODAY)
    expected = ask_every_minute(trips, "AAA", "CCC")
    for reading, minutes in zip(("door_to_door", "door_to_door_unplanned"), expected, strict=True):
        table = travel_times(network, "900100", "900300", reading=reading, ranges=False)
        found = table["travel_time_minutes"].fillna(np.inf).iloc[0]
        assert found == pytest.approx(sorted(minutes)[59], abs=0.051)
    # Who plans is there as early, and is never longer on the way.
    assert all(a <= b for a, b in zip(*expected, strict=True) if math.isfinite(a))


READINGS = [
    "ride_fastest",
    "ride_main",
    "ride_median",
    "station_to_station",
    "door_to_door",
    "door_to_door_unplanned",
    "drive_free",
    "drive_peak",
    "best_way",
]
CITIES = ["411000", "410200", "410300", "411200", "411500", "130500", "130600", "130900"]
# Readings whose ranges are measured too, on the last of the days; they take as long again each.
RANGED = {"ride_fastest", "door_to_door", "drive_peak"}

Tables = dict[tuple[str, str], pd.DataFrame]


@pytest.fixture(scope="module")
def tables(evidence_base: Network) -> Tables:
    """Return the times from Zhengzhou and Shijiazhuang to cities around by day and reading."""
    return {
        (day, reading): travel_times(
            on_day(evidence_base, day),
            ["410100", "130100"],
            CITIES,
            reading=reading,
            ranges=day == TODAY and reading in RANGED,
        ).set_index(["from_id", "to_id"])
        for day in DAYS
        for reading in READINGS
    }


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("day", DAYS)
def test_low_central_and_high_are_in_order_and_parts_add_up(
    day: str, reading: str, tables: Tables
) -> None:
    """On the evidence base every reading has its range, its parts and the train behind it."""
    table = tables[day, reading]
    low, central, high = (table[column].fillna(np.inf) for column in ENDS)
    assert (low <= central).all()
    assert (central <= high).all()
    known = table.dropna(subset=["travel_time_minutes"])
    assert len(known) >= 7
    assert (known[list(PARTS)] >= 0).all().all()
    off = (known[list(PARTS)].sum(axis=1) - known["travel_time_minutes"]).abs()
    assert off.max() <= ROUNDED, known[off > ROUNDED]
    assert (known["service"] != "").all()
    assert (known["kind"] != "").all()


# The reading before takes no longer than the one after, where both have minutes: fewer stations,
# slower trains, waits, and the ways to and from the stations never save time.
ORDER = [
    ("ride_fastest", "ride_main"),
    ("ride_fastest", "ride_median"),
    ("drive_free", "drive_peak"),
    ("best_way", "door_to_door"),
    ("best_way", "drive_peak"),
    ("door_to_door", "door_to_door_unplanned"),
]


@pytest.mark.parametrize(("quick", "slow"), ORDER)
@pytest.mark.parametrize("day", DAYS)
def test_readings_are_in_their_order(day: str, quick: str, slow: str, tables: Tables) -> None:
    """Readings of which one contains the other."""
    one, other = (tables[day, reading]["travel_time_minutes"] for reading in (quick, slow))
    both = one.notna() & other.notna()
    assert both.sum() >= 7
    assert (one[both] <= other[both] + 0.051).all()


@pytest.mark.parametrize("day", DAYS)
def test_door_to_door_takes_longer_than_the_ride_in_it(day: str, tables: Tables) -> None:
    """Into a station, out of one and to the doors: at least the 15 + 4 minutes of a station."""
    table = tables[day, "door_to_door"].dropna(subset=["travel_time_minutes"])
    table = table[table["kind"] != "road"]
    assert (table["travel_time_minutes"] >= table["in_vehicle"] + 7).all()
    rides = tables[day, "ride_fastest"]["travel_time_minutes"].reindex(table.index)
    direct = rides.notna() & (table["transfer"] == 0) & (table["kind"] == "timetable")
    assert direct.sum() >= 5


REMOVALS = [
    ({"table": "line", "where": {"line_id": "ZX"}}, "door_to_door_unplanned"),
    ({"table": "node", "where": {"node_id": "ZAF"}}, "door_to_door_unplanned"),
    ({"table": "line", "where": {"line_id": "JG-S"}}, "ride_fastest"),
    ({"table": "line", "where": {"line_id": "JX2"}}, "drive_free"),
]


@pytest.mark.parametrize(("removal", "reading"), REMOVALS)
def test_taking_something_away_never_helps(
    removal: dict[str, object], reading: str, evidence_base: Network, tables: Tables
) -> None:
    """A line or a station less: nobody is there earlier who sets out at the same minute.

    Planned minutes run from when one leaves, so that a train more, by which one is there earlier
    but longer under way, makes them longer: for them this need not hold.
    """
    card = Scenario("less", "", "", "", "", ({"action": "remove", **removal},))
    network = apply_scenario(evidence_base, card).as_of(TODAY)
    before = tables[TODAY, reading].loc[["410100"]]
    pairs = before.index.to_frame(index=False)
    spec = find_reading(network.root, reading)
    after = measure_pairs(network, pairs, reading=spec, ranges=False)[0]
    was, now = (frame["travel_time_minutes"].fillna(np.inf).to_numpy() for frame in (before, after))
    assert (now >= was - 0.051).all()


JOURNEYS = [
    ("2022-06-20", "410100", "411000", "door_to_door"),
    ("2022-06-20", "130100", "410100", "ride_main"),
    (TODAY, "411000", "410100A", "door_to_door"),
    (TODAY, "130100", "130900", "station_to_station"),
    (TODAY, "410100", "411000", "drive_peak"),
    (TODAY, "410100", "410200", "best_way"),
]


@pytest.mark.parametrize(("day", "origin", "destination", "reading"), JOURNEYS)
def test_every_minute_of_a_journey_has_its_evidence(
    day: str, origin: str, destination: str, reading: str, evidence_base: Network
) -> None:
    """Legs follow one another, add up to the time, and name figures that exist."""
    network = on_day(evidence_base, day)
    legs = journey_legs(network, origin, destination, reading=reading)
    row = travel_times(network, origin, destination, reading=reading, ranges=False).iloc[0]
    assert legs["minutes"].sum() == pytest.approx(row["travel_time_minutes"], abs=0.05 * len(legs))
    assert legs["to_id"].tolist()[:-1] == legs["from_id"].tolist()[1:]
    moving = legs[(legs["minutes"] > 0) & (legs["kind"] != "transfer")]
    for keys in moving["evidence"]:
        assert keys
        for key in keys.split(";"):
            table, rest = key.split(":", 1)
            row_id, field = rest.rsplit(":", 1)
            assert len(explain_cell(network, table, row_id, field)), key


def test_counties_are_places(evidence_base: Network) -> None:
    """中牟 lies some 30 km east of 郑州's centre along a motorway: half an hour to an hour."""
    row = row_of(evidence_base, "郑州", "410122", "drive_free")
    assert 25 <= row["travel_time_minutes"] <= 60


def test_variants_share_the_rides_of_the_central_network(line_network: Network) -> None:
    """Figures that are not those of services leave the trains as they are."""
    network = line_network.as_of(TODAY)
    assert select_variant(network, "low").central is network
    assert select_variant(network, "central") is network
