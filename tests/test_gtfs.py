"""Calls of the toy networks, as their timetables say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from netlib.calls import compute_calls, parse_clocks

if TYPE_CHECKING:
    from netlib.tables import Network


def test_calls_follow_the_timetable(line_network: Network) -> None:
    calls = compute_calls(line_network)
    first = calls[calls["trip_id"] == "G1"]
    assert first["stop_id"].tolist() == ["AAA", "BBB", "CCC"]
    assert first["arrival"].tolist() == [8 * 3600, 8 * 3600 + 900, 8 * 3600 + 1920]
    assert first["departure"].tolist() == [8 * 3600, 8 * 3600 + 1020, 8 * 3600 + 1920]
    assert set(calls["kind"]) == {"timetable"}
    assert set(calls["region"]) == {"plain"}


def test_times_past_midnight_stay_on_their_day(line_network: Network) -> None:
    calls = compute_calls(line_network)
    last = calls[calls["trip_id"] == "G4"]
    assert last["arrival"].tolist() == [85500, 87060]


def test_calls_are_sorted_whatever_the_order_of_the_file(transfer_network: Network) -> None:
    stops = transfer_network["stop_times"]
    shuffled = transfer_network.with_tables(stop_times=stops.iloc[::-1])
    pd.testing.assert_frame_equal(compute_calls(shuffled), compute_calls(transfer_network))


def test_network_without_services_has_no_calls(triangle_network: Network) -> None:
    assert compute_calls(triangle_network).empty


@pytest.mark.parametrize("text", ["", "7:5:00", "-07:05:00", "07:65:00", "noon"])
def test_what_is_no_time_of_day_is_nan(text: str) -> None:
    assert parse_clocks(pd.Series([text])).isna().all()
