"""Days of a timetable: its weekdays, its holidays, and who stands in outside its validity.

A feed of a bus line is known for October 2026: one trip from Monday to Friday, one on Saturdays,
none on Sundays, and on Thursday 1 October, a holiday, the Saturday trip instead of the other.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from netlib.calendars import WEEKDAYS, kind_of_day
from netlib.coverage import select_epoch
from netlib.gtfs.feeds import read_feed
from netlib.gtfs.imports import import_feed
from netlib.tables import read_network
from netlib.times import travel_times

if TYPE_CHECKING:
    from collections.abc import Callable

    from netlib.tables import Network

    Build = Callable[..., Network]

VALLEY = Path(__file__).parent / "feeds" / "valley"
SPAN = {"start_date": "20261001", "end_date": "20261031"}
SERVICES = {"WORK": "1111100", "SAT": "0000010"}
CALLS = {
    "work": [("AAA", 480, 480), ("BBB", 500, 500)],
    "sat": [("AAA", 600, 600), ("BBB", 620, 620)],
}


@pytest.fixture(scope="module")
def feed(line_network: Network, with_rows: Build, with_trips: Build) -> Network:
    """Return the toy line with the trips of the feed alone."""
    network = with_rows(
        line_network,
        timetable=[
            {
                "timetable_id": "feed",
                "modes": "all",
                "day": "2026-10-05",
                "valid_from": "2026-10-01",
                "valid_until": "2026-10-31",
            }
        ],
        service=[
            {"service_id": name, "kind": "timetable", "timetable_id": "feed", "run_time_ratio": 1.0}
            for name in SERVICES
        ],
        calendar=[
            {"service_id": name, **SPAN, **dict(zip(WEEKDAYS, map(float, flags), strict=True))}
            for name, flags in SERVICES.items()
        ],
        calendar_dates=[
            {"service_id": "WORK", "date": "20261001", "exception_type": 2.0},
            {"service_id": "SAT", "date": "20261001", "exception_type": 1.0},
        ],
    )
    return with_trips(network, CALLS, services={"work": "WORK", "sat": "SAT"})


# Day, whose trips run, whether that is known to be so, and the day that stands in.
DAYS = [
    ("2026-10-05", {"work"}, True, "2026-10-05"),
    ("2026-10-10", {"sat"}, True, "2026-10-10"),
    # A Sunday within the validity has no trip, and that is what the feed says.
    ("2026-10-11", set(), True, "2026-10-11"),
    ("2026-10-01", {"sat"}, True, "2026-10-01"),
    # After the last day the last day of that kind stands in: Friday 30 and Saturday 31 October.
    ("2026-11-30", {"work"}, False, "2026-10-30"),
    ("2026-11-28", {"sat"}, False, "2026-10-31"),
    # Before the first the first one, but not the holiday of 1 October.
    ("2026-09-30", {"work"}, False, "2026-10-02"),
    # No Sunday is known: the day that the timetable holds stands in, and is not exact.
    ("2026-11-29", {"work"}, False, "2026-10-05"),
]


@pytest.mark.parametrize(("day", "trips", "exact", "stand_in"), DAYS)
def test_a_day_has_the_trains_of_its_kind(
    *, day: str, trips: set[str], exact: bool, stand_in: str, feed: Network
) -> None:
    network = feed.as_of(day)
    (use,) = network.timetables
    assert set(network["trips"]["trip_id"]) == trips
    assert (use.exact, use.stand_in, use.by_count) == (exact, stand_in, False)
    assert network.exact_timetable is exact
    assert network.snapshot == "2026-10-05"


def test_a_holiday_stands_in_where_no_other_day_of_its_kind_is_known(
    feed: Network,
) -> None:
    only = feed["timetable"].assign(day="2026-10-01", valid_from="2026-10-01")
    network = feed.with_tables(timetable=only.assign(valid_until="2026-10-01"))
    assert set(network.as_of("2026-11-30")["trips"]["trip_id"]) == {"sat"}


@pytest.mark.parametrize("number", range(7))
def test_kinds_of_day(number: int) -> None:
    kind = kind_of_day(date(2026, 11, 23 + number))
    assert kind == [0, 0, 0, 0, 0, 1, 2][number]


def more_rows(network: Network, table: str, **cells: str) -> Network:
    """Return the network with a copy of the first row of a table in another region."""
    row = network[table].iloc[[0]].assign(**dict(cells))
    return network.with_tables(**{table: pd.concat([network[table], row], ignore_index=True)})


def test_a_feed_of_one_day_hides_no_other_timetable(feed: Network) -> None:
    """Case c26: a valley's feed of 20 November must not take the trains of other regions away."""
    before = feed.as_of("2026-10-05")
    day = {"day": "2026-11-20", "valid_from": "2026-11-20", "valid_until": "2026-11-20"}
    network = more_rows(feed, "timetable", timetable_id="valley", region="valley", **day)
    network = more_rows(network, "service", service_id="V", timetable_id="valley", region="valley")
    network = more_rows(network, "calendar", service_id="V", region="valley", end_date="20261231")
    network = more_rows(network, "trips", trip_id="v", service_id="V", region="valley")
    calls = network["stop_times"]
    theirs = calls[calls["trip_id"] == "work"].assign(trip_id="v", region="valley")
    network = network.with_tables(stop_times=pd.concat([calls, theirs], ignore_index=True))
    for name in ("2026-10-05", "2026-11-20", "2026-11-28"):
        trips = set(network.as_of(name)["trips"]["trip_id"])
        assert trips - {"v"} == set(feed.as_of(name)["trips"]["trip_id"])
        assert "v" in trips
    both = network.as_of("2026-10-05").timetables
    assert [(use.region, use.exact) for use in both] == [("plain", True), ("valley", False)]
    assert before.timetables == both[:1]


def test_importing_a_feed_changes_nothing_for_other_regions(
    evidence_base: Network, tmp_path: Path
) -> None:
    """Cases c25 and c26: with the feed of a valley 许昌 to 郑州 had no journey any more."""
    root = tmp_path / "networks"
    shutil.copytree(evidence_base.root, root)
    import_feed(read_feed(VALLEY), root, "valley", day="2026-11-23")
    both = read_network(root)
    for day in ("2026-11-22", "2026-11-23", "2022-12-31", "2016-12-31"):
        before, after = evidence_base.as_of(day), both.as_of(day)
        assert (after.snapshot, after.exact_timetable) == (before.snapshot, before.exact_timetable)
        rides = [
            travel_times(network, ["411000"], ["410100"], reading="ride_fastest")
            for network in (before, after)
        ]
        pd.testing.assert_frame_equal(*rides)
        assert rides[0]["travel_time_minutes"].notna().all()
        trips = after["trips"]
        others = trips[trips["region"] != "valley"]
        assert others["trip_id"].tolist() == before["trips"]["trip_id"].tolist()
        assert len(others) < len(trips)


# Families of trains: day, and for fast and conventional trains the timetable, and how it serves.
FAMILIES = [
    ("2016-05-01", ("f16", False), ("k16", False)),
    # Nearer to the fast trains of 2021, and further than three years from any clock time of slow
    # ones: those are known by count.
    ("2020-06-01", ("f21", False), ("k16", True)),
    ("2019-06-14", ("f21", False), ("k16", False)),
    # Fast trains keep their clock times, however old.
    ("2026-10-01", ("f21", False), ("k16", True)),
]


@pytest.fixture(scope="module")
def families(line_network: Network, with_rows: Build, with_trips: Build) -> Network:
    """Return the toy line with fast trains of 2016 and 2021 and a slow one of June 2016."""
    days = {"f16": "2016-03-15", "f21": "2021-01-15", "k16": "2016-06-15"}
    network = with_rows(
        line_network,
        timetable=[
            {
                "timetable_id": name,
                "modes": "conventional" if name == "k16" else "fast",
                "day": day,
                "valid_from": day,
                "valid_until": day,
            }
            for name, day in days.items()
        ],
        service=[
            {"service_id": name, "kind": "timetable", "timetable_id": name, "run_time_ratio": 1.0}
            for name in days
        ],
        calendar=[
            {
                "service_id": name,
                "start_date": "20160101",
                "end_date": "20211231",
                **dict.fromkeys(WEEKDAYS, 1.0),
            }
            for name in days
        ],
    )
    calls = [("AAA", 1430, 1430), ("BBB", 1450, 1455), ("CCC", 1475, 1475)]
    return with_trips(network, dict.fromkeys(days, calls), services={n: n for n in days})


@pytest.mark.parametrize(("day", "fast", "slow"), FAMILIES)
def test_fast_and_slow_trains_take_their_own_timetables(
    *, day: str, fast: tuple[str, bool], slow: tuple[str, bool], families: Network
) -> None:
    network = families.as_of(day)
    uses = {use.modes: (use.timetable_id, use.by_count) for use in network.timetables}
    assert uses == {"fast": fast, "conventional": slow}
    assert set(network["trips"]["trip_id"]) == {fast[0], slow[0]}


def test_an_old_timetable_of_slow_trains_lends_their_count(families: Network) -> None:
    """One train a day between 05:00 and 24:00, its minutes from its first departure."""
    network = families.as_of("2020-06-01")
    kinds = dict(zip(network["service"]["service_id"], network["service"]["kind"], strict=True))
    assert kinds == {"f21": "timetable", "k16": "count"}
    (row,) = network["frequencies"].to_dict("records")
    assert (row["trip_id"], row["start_time"], row["end_time"]) == ("k16", "05:00:00", "24:00:00")
    assert (row["headway_secs"], row["exact_times"]) == (19 * 3600, 0)
    calls = network["stop_times"].set_index("trip_id").loc["k16"]
    assert calls["departure_time"].tolist() == ["00:00:00", "00:25:00", "00:45:00"]
    assert calls["arrival_time"].tolist() == ["00:00:00", "00:20:00", "00:45:00"]
    assert set(calls["timepoint"]) == {0.0}
    kept = families.as_of("2019-06-14")["stop_times"].set_index("trip_id").loc["k16"]
    assert kept["departure_time"].tolist() == ["23:50:00", "24:15:00", "24:35:00"]


def test_an_epoch_brings_its_own_trains_and_is_kept(families: Network) -> None:
    network = families.as_of("2020-06-01")
    other = select_epoch(network, "2016-03-15")
    assert other.day == network.day
    assert [use.timetable_id for use in other.timetables] == ["k16", "f16"]
    assert other.snapshot == "2016-03-15"
    assert families.as_of("2020-06-01", "2016-03-15") is other
    # The nearest timetables by another name are the same network.
    assert select_epoch(network, "2021-01-15") is network
