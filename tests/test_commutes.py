"""Commuting days against hand calculation, and against what the 2016 timetable is known for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from netlib.commutes import describe_commutes, measure_commutes
from netlib.readings import find_reading
from netlib.tables import Network

DAY = "2026-11-22"
PAIR = pd.DataFrame({"from_id": ["900100"], "to_id": ["900300"]})


def test_both_ways_by_hand(line_network: Network) -> None:
    # At work by nine: 5 minutes out of the station, so in by 08:55, with the 08:00 train, for
    # which one leaves at 07:40. Home: on the platform at 17:50, the 18:00, home at 18:37.
    spec = find_reading(line_network.root, "commute_day")
    row = measure_commutes(line_network.as_of(DAY), PAIR, spec).iloc[0]
    assert (row["out_minutes"], row["back_minutes"], row["minutes"]) == (80.0, 67.0, 80.0)


def test_description_by_hand(line_network: Network) -> None:
    row = describe_commutes(line_network.as_of(DAY), PAIR).iloc[0]
    assert row["leave_for_0900"] == "07:40:00"
    assert row["leave_for_0830"] == ""
    assert row["home_after_1730"] == "18:37:00"
    assert row["home_after_1800"] == "24:16:00"
    assert row["last_return"] == "23:25:00"
    assert row["first_arrival"] == "08:32:00"
    assert (row["morning_trains"], row["evening_trains"]) == (2, 1)
    assert row["longest_gap_minutes"] == (22 - 8.5) * 60


def test_no_way_back_fails_the_day(line_network: Network) -> None:
    calls = line_network["stop_times"]
    network = line_network.with_tables(stop_times=calls[calls["trip_id"].isin(["G1", "G3"])])
    spec = find_reading(network.root, "commute_day")
    row = measure_commutes(network.as_of(DAY), PAIR, spec).iloc[0]
    assert row["out_minutes"] == 80.0
    assert np.isnan(row["back_minutes"])
    assert np.isnan(row["minutes"])


def test_xuchang_2016(evidence_base: Network) -> None:
    # commute windows of March 2016, counted from the timetable before this program was written:
    # the first train of the day from 许昌东 reaches Zhengzhou at 09:30, none from 06:00 to 09:00.
    network = evidence_base.as_of("2016-03-15")
    pairs = pd.DataFrame({"from_id": ["411000"], "to_id": ["410100"]})
    row = describe_commutes(network, pairs).iloc[0]
    assert row["first_arrival"] == "09:30:00"
    assert row["morning_trains"] == 0
    assert row["leave_for_0900"] == ""
