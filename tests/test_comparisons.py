"""Two networks side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from netlib.comparisons import compare_reach, compare_times
from netlib.report.figures import select_changed
from netlib.scenarios import Scenario, apply_scenario, find_scenario
from netlib.times import travel_times

if TYPE_CHECKING:
    from netlib.tables import Network

TODAY = "2026-11-22"


def edited(network: Network, card: str) -> Network:
    return apply_scenario(network, find_scenario(network, card)).as_of(TODAY)


def test_faster_gates_save_minutes(line_network: Network) -> None:
    table = compare_times(line_network.as_of(TODAY), edited(line_network, "fast-gates"), "900100")
    assert table["to"].tolist() == ["乙市", "丙市"]
    # One leaves ten minutes later for the same trains: those of BY_HAND in test_times.py, and those
    # who miss the 08:00 for Beta and come back with the 18:00.
    assert table["first"].tolist() == [610, 57]
    assert table["second"].tolist() == [600, 47]
    assert table["difference"].tolist() == [-10, -10]


def test_columns_are_the_tables_of_travel_times(line_network: Network) -> None:
    first, second = line_network.as_of(TODAY), edited(line_network, "fast-gates")
    table = compare_times(first, second, "900100", ["900300"], reading="ride_fastest")
    assert table.columns.tolist() == [
        "from_id",
        "to_id",
        "to",
        "first",
        "second",
        "difference",
        "service",
    ]
    assert table.iloc[0].tolist() == ["900100", "900300", "丙市", 26, 26, 0, "G3"]


def test_a_city_cut_off_stays_in_the_table(line_network: Network) -> None:
    first = line_network.as_of(TODAY)
    card = Scenario(
        "no-gamma",
        "",
        "",
        "",
        "",
        ({"action": "remove", "table": "node", "where": {"node_id": "CCC"}},),
    )
    table = compare_times(first, apply_scenario(line_network, card).as_of(TODAY), "900100")
    gamma = table[table["to_id"] == "900300"].iloc[0]
    assert gamma["first"] == 57
    assert np.isnan(gamma["second"])
    assert np.isnan(gamma["difference"])
    assert gamma["service"] == ""


def test_what_neither_reaches_is_left_out(line_network: Network) -> None:
    without = edited(line_network, "without-railway")
    assert compare_times(without, without, "900100", reading="ride_fastest").empty


def test_two_networks_that_are_one_do_not_differ(transfer_network: Network) -> None:
    network = transfer_network.as_of(TODAY)
    table = compare_times(network, network, "900100")
    times = travel_times(network, ["900100"], ["900200"])
    assert table["first"].tolist() == times["travel_time_minutes"].tolist()
    assert table["difference"].tolist() == [0]


def test_reach_is_told_for_both_and_every_cutoff(line_network: Network) -> None:
    first, second = line_network.as_of(TODAY), edited(line_network, "fast-gates")
    table = compare_reach(first, second, "900100", (10.0, 55.0))
    assert table[["scenario", "cutoff_minutes"]].to_numpy().tolist() == [
        ["baseline", 10.0],
        ["baseline", 55.0],
        ["fast-gates", 10.0],
        ["fast-gates", 55.0],
    ]
    areas = table["area_km2"].tolist()
    # Nobody boards a train for a ride of ten minutes. Gamma is 47 minutes away with the fast gates,
    # without them 57 (see above).
    assert areas[0] == areas[2]
    assert areas[1] < areas[3]


def test_a_map_takes_in_the_places_that_a_scenario_moves_most() -> None:
    times = pd.DataFrame(
        {"to_id": ["near", "far", "still", "lost", "some"], "difference": [-0.9, 30, 0, None, -12]}
    )
    assert select_changed(times) == ["far", "some"]
    assert select_changed(times.iloc[:1]) == []
