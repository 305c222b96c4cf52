"""Scenario cards on the toy networks: what they change, and what they refuse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from netlib.errors import InputError, ScenarioError, UnknownNameError, UnreachableError
from netlib.scenarios import Scenario, apply_scenario, find_scenario, read_scenarios
from netlib.times import journey_legs, travel_times

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from netlib.tables import Network

TODAY = "2026-11-22"
HEAD = (
    'id = "card"\nname_zh = "卡"\nname_en = "card"\ndescription_zh = "卡"\ndescription_en = "c"\n'
)


def card(*edits: dict[str, Any]) -> Scenario:
    return Scenario("card", "卡", "card", "卡", "card", edits)


def measure(network: Network, start: str, end: str, *, reading: str = "door_to_door") -> float:
    table = travel_times(network.as_of(TODAY), start, end, reading=reading)
    return float(table["travel_time_minutes"].iloc[0])


def test_shorter_headway_shortens_the_wait(transfer_network: Network) -> None:
    # gate 4 + wait 10/2 + ride 6 + transfer 4 + wait 5/2 + ride 6 + exit 2
    assert measure(transfer_network, "900100", "900200") == 29.5
    scenario = card(
        {
            "action": "set",
            "table": "frequencies",
            "where": {"trip_id": "M1-0"},
            "field": "headway_secs",
            "expect": 600,
            "value": 300,
        }
    )
    edited = apply_scenario(transfer_network, scenario)
    assert measure(edited, "900100", "900200") == 27.0
    assert measure(transfer_network, "900100", "900200") == 29.5


def test_parameter_card_is_found_by_name(transfer_network: Network) -> None:
    scenario = find_scenario(transfer_network, "frequent")
    edited = apply_scenario(transfer_network, scenario)
    assert edited.scenario == "frequent"
    assert measure(edited, "900100", "900200") == 27.0


def test_removed_line_takes_links_and_services_along(transfer_network: Network) -> None:
    scenario = card({"action": "remove", "table": "line", "where": {"line_id": "M1"}})
    edited = apply_scenario(transfer_network, scenario)
    for table in ("line", "link", "service"):
        assert set(edited[table]["line_id"]) == {"M2"}
    for table in ("trips", "stop_times", "frequencies"):
        assert set(edited[table]["trip_id"]) == {"M2-0", "M2-1"}


def test_removed_station_is_passed_through(line_network: Network) -> None:
    scenario = card({"action": "remove", "table": "node", "where": {"node_id": "BBB"}})
    edited = apply_scenario(line_network, scenario)
    assert "BBB" not in set(edited["stop_times"]["stop_id"])
    ride = measure(edited, "900100", "900300", reading="ride_fastest")
    assert ride == measure(line_network, "900100", "900300", reading="ride_fastest") == 26.0


def test_added_road_shortens_the_way(triangle_network: Network) -> None:
    assert measure(triangle_network, "900100", "900300", reading="drive_free") == 80.0
    row = {
        "link_id": "E3-1",
        "from_node_id": "C-900100",
        "to_node_id": "C-900300",
        "line_id": "E1",
        "length_km": 95,
        "run_time_minutes": 48,
    }
    scenario = card({"action": "add", "table": "link", "row": row, "evidence": "made up"})
    edited = apply_scenario(triangle_network, scenario)
    assert measure(edited, "900100", "900300", reading="drive_free") == 68.0


def test_cut_off_city_is_unreachable_and_said_so(triangle_network: Network) -> None:
    scenario = card(
        {"action": "remove", "table": "line", "where": {"line_id": "E1"}},
        {"action": "remove", "table": "link", "where": {"link_id": "E2-1"}},
    )
    edited = apply_scenario(triangle_network, scenario)
    table = travel_times(
        edited.as_of(TODAY), ["900100"], ["900200", "900300"], reading="drive_free"
    )
    assert table[["low", "travel_time_minutes", "high"]].isna().all(axis=None)
    with pytest.raises(UnreachableError, match="no journey from 甲市 to 丙市 under drive_free"):
        journey_legs(edited.as_of(TODAY), "900100", "900300", reading="drive_free")


def test_all_problems_of_a_card_are_named(line_network: Network) -> None:
    where = {"parameter_id": "rail_process_minutes"}
    scenario = card(
        {
            "action": "set",
            "table": "parameter",
            "where": where,
            "field": "value",
            "expect": 25,
            "value": 10,
        },
        {"action": "remove", "table": "line", "where": {"line_id": "L9"}},
        {"action": "remove", "table": "line", "where": {"line": "L1"}},
        {"action": "add", "table": "link", "row": {"length_miles": 3}, "evidence": "made up"},
    )
    with pytest.raises(ScenarioError) as raised:
        apply_scenario(line_network, scenario)
    message = str(raised.value)
    assert "value is 20.0, the card expects 25" in message
    assert "remove on line where line_id = 'L9' matches nothing" in message
    assert "table line has no column 'line'" in message
    assert "table link has no column length_miles" in message


def test_card_after_as_of_is_refused(line_network: Network) -> None:
    with pytest.raises(ScenarioError, match="apply a scenario before as_of"):
        apply_scenario(line_network.as_of(TODAY), card())


def test_applying_changes_no_table_of_the_original(line_network: Network) -> None:
    before = {name: frame.copy() for name, frame in line_network.tables.items()}
    for scenario in read_scenarios(line_network.root).values():
        apply_scenario(line_network, scenario)
    for name, frame in line_network.tables.items():
        pd.testing.assert_frame_equal(frame, before[name])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD, r"card\.toml: error empty-scenario: the card edits nothing; add a \[\[set\]\]"),
        (HEAD + "[[set]\n", r"card\.toml:6: error malformed-toml: .*mend the TOML there"),
        (HEAD.replace('id = "card"', 'id = "cart"'), r"error id-not-file-name: id is 'cart' but"),
        (HEAD + 'colour = "red"\n', r"error unknown-key: 'colour' means nothing here; remove it"),
        (
            HEAD + '[[set]]\ntable = "link"\nfield = "length_km"\nexpect = 50\nvalue = 60\n',
            r"error missing-key: \[\[set\]\] number 1 lacks 'where'",
        ),
        (
            HEAD + '[[remove]]\ntable = "evidence"\nwhere = { table = "link" }\n',
            r"error unknown-table: .* names table 'evidence'; it can be one of",
        ),
    ],
)
def test_malformed_card_names_file_and_remedy(
    text: str, message: str, toy_folder: Callable[..., Path]
) -> None:
    root = toy_folder("line", [{"file": "scenarios/card.toml", "text": text}])
    with pytest.raises(InputError) as raised:
        read_scenarios(root)
    assert re.search(message, str(raised.value))


def test_unknown_card_lists_the_nearest(line_network: Network) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown scenario 'fastgate'; nearest: fast-gates"):
        find_scenario(line_network, "fastgate")
