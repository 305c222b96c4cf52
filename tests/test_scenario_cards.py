"""The cards in networks/scenarios/ apply to the evidence base and do what their names say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from netlib.calls import compute_calls
from netlib.locations import find_networks
from netlib.readings import Reading, find_reading
from netlib.scenarios import apply_scenario, read_scenarios
from netlib.tables import Network, read_network
from netlib.times import travel_times

CARDS = read_scenarios(find_networks())
TODAY = "2026-11-22"


@pytest.fixture(scope="module")
def network() -> Network:
    return read_network()


def minutes(network: Network, origin: str, destination: str, reading: str | Reading) -> float:
    table = travel_times(network, [origin], [destination], reading=reading)
    return float(table["travel_time_minutes"].iloc[0])


def edit(network: Network, card: str, day: str = TODAY) -> Network:
    return apply_scenario(network, CARDS[card]).as_of(day)


@pytest.mark.parametrize("card", CARDS)
def test_card_applies_and_is_said_in_two_languages(card: str, network: Network) -> None:
    assert apply_scenario(network, CARDS[card]).scenario == card
    assert CARDS[card].name_zh != CARDS[card].name_en


@pytest.mark.parametrize("card", CARDS)
def test_added_figures_say_where_they_come_from(card: str) -> None:
    added = [entry for entry in CARDS[card].edits if entry["action"] == "add"]
    assert all(len(entry["evidence"]) > 10 for entry in added)


def test_zheng_xu_line_matters_along_itself_only(network: Network) -> None:
    """Between the centres the fast trains serve, and the airport zone is reached by taxi as soon.

    From a station of the line itself to another nothing else runs.
    """
    today, without = network.as_of(TODAY), edit(network, "without-zx")
    for place in ("410100", "410100A"):
        longer = minutes(without, "411000", place, "door_to_door")
        longer -= minutes(today, "411000", place, "door_to_door")
        assert longer >= -0.1
        assert longer == pytest.approx(0, abs=0.1) or place == "410100A"
    calls = today["stop_times"]
    calls = calls[calls["trip_id"] == "H-ZX-0"].sort_values("stop_sequence")
    middle, last = calls["stop_id"].iloc[len(calls) // 2], calls["stop_id"].iloc[-1]
    assert minutes(today, middle, last, "ride_fastest") > 0
    assert np.isnan(minutes(without, middle, last, "ride_fastest"))


def test_more_trains_and_faster_trains_help(network: Network) -> None:
    """Along the line from end to end: at most half of a headway, and the minutes of the plan.

    For who sets out at random: who plans waits for no train that comes every quarter of an hour,
    and half of the gap for one that people turn up at.
    """
    planned = find_reading(network.root, "station_to_station")
    unplanned = replace(planned, leaves="unplanned")
    calls = network["stop_times"]
    calls = calls[calls["trip_id"] == "H-ZX-0"].sort_values("stop_sequence")
    ends = calls["stop_id"].iloc[0], calls["stop_id"].iloc[-1]
    today, frequent, faster = (
        minutes(day, *ends, unplanned)
        for day in (
            network.as_of(TODAY),
            edit(network, "zx-every-6-minutes"),
            edit(network, "zx-planned-51-57"),
        )
    )
    assert today - 4 <= frequent <= today
    assert faster < today - 10


def test_planned_time_of_zheng_xu_line_lies_in_the_plan(network: Network) -> None:
    planned = apply_scenario(network, CARDS["zx-planned-51-57"])
    calls = compute_calls(planned)
    trip = calls[calls["trip_id"] == "H-ZX-0"]
    service = planned["service"].set_index("service_id")
    seconds = trip["arrival"].iloc[-1] - trip["departure"].iloc[0]
    assert 51 <= seconds / 60 * service.loc["H-ZX", "run_time_ratio"] <= 57


def test_opening_as_announced_makes_it_run_a_year_earlier(network: Network) -> None:
    day = "2023-06-01"
    usual, early = network.as_of(day), edit(network, "zx-opened-2022", day)
    assert "H-ZX" not in set(usual["service"]["service_id"])
    assert "H-ZX" in set(early["service"]["service_id"])
    stops = pd.Index(early["stop_times"].query("trip_id == 'H-ZX-0'")["stop_id"])
    assert len(stops) == 27


def test_line_to_the_port_brings_cangzhou_nearer_but_not_within_the_hour(network: Network) -> None:
    today = minutes(network.as_of(TODAY), "130100", "130900", "ride_fastest")
    opened = minutes(edit(network, "shcg-open"), "130100", "130900", "ride_fastest")
    assert 60 < opened < today


def test_xiaolizhuang_becomes_a_stop(network: Network) -> None:
    opened = edit(network, "xlz-open")
    assert minutes(opened, "ZAF", "X-xiaolizhuang", "ride_fastest") == pytest.approx(8)


def test_new_line_serves_shijiazhuang_high_tech_zone(network: Network) -> None:
    opened = edit(network, "sxi-open")
    assert minutes(opened, "X-gaoxinqu", "FWP", "ride_fastest") < 75


def test_roads_without_jixi_are_never_quicker(network: Network) -> None:
    places = ["410100A", "410200", "411000", "411600"]
    tables = [
        travel_times(n, places, places, reading="drive_free")["travel_time_minutes"]
        for n in (network.as_of(TODAY), edit(network, "jx2-closed"))
    ]
    assert (tables[1] >= tables[0]).all()
