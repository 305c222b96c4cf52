"""Journeys on the timetable against hand calculation and against the static engine."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from netlib.readings import find_reading
from netlib.evidence import select_variant
from netlib.journeys import measure_departures
from netlib.tables import Network
from netlib.travel_times import PARTS, journey_legs, travel_times

DAY = "2026-11-22"


def test_median_by_hand(line_network: Network) -> None:
    # Alpha's centre is its station: 20 minutes to the platform, 5 out of Gamma's station.
    # Leaving 07:00 to 07:40 one takes the 08:00 and is there at 08:37: 97 down to 57 minutes.
    # Leaving 07:41 to 08:10 one takes the express of 08:30 and is there at 09:01: 80 down to 51.
    # From 08:11 no train is left that day: 49 of 120 departures do not arrive.
    minutes = [*range(57, 98), *range(51, 81)]
    expected = sorted(minutes)[59]
    table = travel_times(line_network.as_of(DAY), ["900100"], ["900300"])
    assert expected == 86
    assert table["travel_time_p50"].tolist() == [expected]
    assert table["travel_time_minutes"].tolist() == [expected]
    assert table["travel_time_p05"].tolist() == [sorted(minutes)[5]]
    assert table["travel_time_p95"].isna().all()


def test_legs_add_up_to_the_median(line_network: Network) -> None:
    legs = journey_legs(line_network.as_of(DAY), "900100", "900300")
    assert legs["minutes"].sum() == pytest.approx(86)
    assert legs["kind"].tolist()[:2] == ["access", "process"]
    assert legs["kind"].tolist()[-2:] == ["exit", "egress"]
    assert (legs.loc[legs["kind"] == "ride", "service"]).tolist() == ["G1"]


@pytest.mark.parametrize(
    ("definition", "ends"), [("door_to_door", 22.0), ("station_to_station", None)]
)
def test_engines_agree_without_waits(
    transfer_network: Network, definition: str, ends: float | None
) -> None:
    # A vehicle every second leaves nothing to wait for: 4 in, 6 ride, 4 across, 6 ride, 2 out.
    frequencies = transfer_network["frequencies"].assign(headway_secs=1.0)
    network = transfer_network.with_tables(frequencies=frequencies).as_of(DAY)
    places = ["900100"], ["900200"]
    static = travel_times(network, *places, definition=definition, engine="static")
    timetable = travel_times(network, *places, definition=definition, engine="timetable")
    columns = ["low", "travel_time_minutes", "high", *PARTS]
    if ends is None:
        # Metro stations are no ends of a journey between stations, for either engine.
        assert static["travel_time_minutes"].isna().all()
        assert timetable["travel_time_minutes"].isna().all()
        return
    assert static["travel_time_minutes"].iloc[0] == pytest.approx(ends, abs=0.05)
    gap = static[columns].to_numpy(dtype=float) - timetable[columns].to_numpy(dtype=float)
    assert np.abs(gap).max() <= 0.1


def test_static_wait_is_the_mean_of_the_timetable(transfer_network: Network) -> None:
    # Every 10 and every 5 minutes: half of each headway on average, 5 and 2.5 minutes.
    network = transfer_network.as_of(DAY)
    static = travel_times(network, ["900100"], ["900200"], engine="static")
    timetable = travel_times(network, ["900100"], ["900200"], engine="timetable")
    assert static["wait"].iloc[0] == pytest.approx(7.5, abs=0.05)
    assert timetable["travel_time_minutes"].iloc[0] == pytest.approx(29.5, abs=1.0)
    low, high = timetable[["travel_time_p05", "travel_time_p95"]].iloc[0]
    assert 22 <= low < high <= 37


@pytest.mark.parametrize("day", ["2016-03-15", "2022-12-31", "2026-11-22"])
def test_percentiles_and_ranges_are_ordered(evidence_base: Network, day: str) -> None:
    network = evidence_base.as_of(day)
    pairs = pd.DataFrame({"from_id": "410100", "to_id": ["411000", "410300", "410700", "410200"]})
    spec = find_reading(network.root, "door_to_door")
    medians = []
    for variant in ("low", "central", "high"):
        table, _ = measure_departures(select_variant(network, variant), pairs, spec, legs=False)
        columns = table[["travel_time_p05", "travel_time_p50", "travel_time_p95"]]
        filled = columns.fillna(np.inf).to_numpy()
        assert (filled[:, 0] <= filled[:, 1]).all()
        assert (filled[:, 1] <= filled[:, 2]).all()
        medians.append(filled[:, 1])
    assert (medians[0] <= medians[1]).all()
    assert (medians[1] <= medians[2]).all()


def test_no_train_no_journey(line_network: Network) -> None:
    calls = line_network["stop_times"]
    network = line_network.with_tables(stop_times=calls[calls["trip_id"].isin(["G2", "G4"])])
    table = travel_times(network.as_of(DAY), ["900100"], ["900300"])
    assert table["travel_time_minutes"].isna().all()
    assert table["service"].tolist() == [""]
