"""Commuting days against hand calculation, and against what the 2016 timetable is known for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from netlib.places import locate_places
from netlib.readings import find_reading
from netlib.times.commutes import describe_commutes, measure_commutes

if TYPE_CHECKING:
    from netlib.tables import Network

Build = "Callable[..., Network]"
DAY = "2026-11-22"


def ask(network: Network, home: str, work: str, *, describe: bool = False) -> pd.Series:
    """Return the row of a pair, measured or described."""
    pairs = pd.DataFrame({"from_id": [home], "to_id": [work]})
    points = locate_places(network, [home, work])
    if describe:
        return describe_commutes(network, pairs, points).iloc[0]
    spec = find_reading(network.root, "commute_day")
    return measure_commutes(network, pairs, points, spec).iloc[0]


def test_both_ways_by_hand(line_network: Network) -> None:
    """At work by nine, home from half past five.

    5 minutes out of the station, so in by 08:55, with the 08:00 train, for which one leaves at
    07:40. Home: on the platform at 17:50, the 18:00, home at 18:37.
    """
    row = ask(line_network.as_of(DAY), "900100", "900300")
    assert row[["out_minutes", "back_minutes", "minutes"]].tolist() == [80.0, 67.0, 80.0]


def test_description_by_hand(line_network: Network) -> None:
    """The last return is the 23:45, at home at 24:16 before 01:00."""
    row = ask(line_network.as_of(DAY), "900100", "900300", describe=True)
    assert row["leave_for_0900"] == "07:40:00"
    assert row["leave_for_0830"] == ""
    assert row["home_after_1730"] == "18:37:00"
    assert row["home_after_1800"] == "24:16:00"
    assert row["last_return"] == "23:25:00"
    assert row["first_arrival"] == "08:32:00"
    assert (row["morning_trains"], row["evening_trains"]) == (2, 1)
    assert row["longest_gap_minutes"] == (22 - 8.5) * 60


def test_no_way_back_fails_the_day(line_network: Network) -> None:
    """One gets to work, but not home."""
    calls = line_network["stop_times"]
    network = line_network.with_tables(stop_times=calls[calls["trip_id"].isin(["G1", "G3"])])
    row = ask(network.as_of(DAY), "900100", "900300")
    assert row["out_minutes"] == 80.0
    assert np.isnan(row["back_minutes"])
    assert np.isnan(row["minutes"])


def test_trains_without_clock_times_make_no_day(line_network: Network, with_trips: Build) -> None:
    """Whether one is in time by a train that is known by count, nobody knows; a metro is."""
    trips = {
        "there": [("AAA", 0, 0), ("CCC", 30, 30)],
        "back": [("CCC", 0, 0), ("AAA", 30, 30)],
    }
    for headway, minutes in ((60, np.nan), (10, 20 + 5 + 30 + 5)):
        spans = {trip: [(300, 1440, headway)] for trip in trips}
        row = ask(with_trips(line_network, trips, headways=spans).as_of(DAY), "900100", "900300")
        assert row["minutes"] == pytest.approx(minutes, nan_ok=True)


def test_xuchang_2016(evidence_base: Network) -> None:
    """Fast trains of March 2016, counted from the timetable before this program was written.

    The first one of the day from 许昌东 reaches Zhengzhou at 09:30, none from 06:00 to 09:00; the
    conventional trains of that year are others, and one may drive to a station nearer by.
    """
    network = evidence_base.as_of("2016-03-15")
    trips, service = network["trips"], network["service"]
    modes = network["timetable"].set_index("timetable_id")["modes"]
    slow = service.loc[service["timetable_id"].map(modes) == "conventional", "service_id"]
    gone = set(trips.loc[trips["service_id"].isin(slow), "trip_id"])
    calls = network["stop_times"]
    network = network.with_tables(stop_times=calls[~calls["trip_id"].isin(gone)])
    row = ask(network, "411000", "410100", describe=True)
    assert row["first_arrival"] == "09:30:00"
    assert row["morning_trains"] == 0
