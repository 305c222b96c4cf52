"""Ranges of figures out of their evidence, and the networks at both ends of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from netlib.evidence import RANGED, compute_ranges, explain_cell, select_variant

if TYPE_CHECKING:
    from netlib.tables import Network

Build = "Callable[..., Network]"


def row(value: float, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    blank = float("nan")
    return {
        "table": "parameter",
        "row_id": "rail_process_minutes",
        "field": "value",
        "value": str(value),
        "low": blank if low is None else low,
        "high": blank if high is None else high,
    }


# Evidence rows of a figure of 20, and the range that they leave it.
RANGES = {
    "none": ([], 20, 20),
    "without a range": ([row(20)], 20, 20),
    "one": ([row(20, 10, 30)], 10, 30),
    "value at the end": ([row(20, 20, 30)], 20, 30),
    "two that agree": ([row(20, 15, 25), row(18, 10, 20)], 10, 25),
    "one that disagrees": ([row(20, 15, 25), row(40, 35, 50)], 15, 25),
    "all disagree": ([row(40, 35, 50)], 20, 20),
    "of another field": ([{**row(20, 1, 99), "field": "unit"}], 20, 20),
    "of another table": ([{**row(20, 1, 99), "table": "link"}], 20, 20),
    "of another row": ([{**row(20, 1, 99), "row_id": "rail_exit_minutes"}], 20, 20),
}


@pytest.mark.parametrize("case", RANGES)
def test_range_of_a_figure(case: str, line_network: Network, with_rows: Build) -> None:
    rows, low, high = RANGES[case]
    network = with_rows(line_network, evidence=rows)
    place = network["parameter"]["parameter_id"].tolist().index("rail_process_minutes")
    ranges = compute_ranges(network, "parameter")
    assert ranges.iloc[place].tolist() == [low, 20, high]
    assert (ranges["central"] == network["parameter"]["value"]).all()


def test_rows_with_two_keys_are_found(transfer_network: Network) -> None:
    ranges = compute_ranges(transfer_network, "frequencies")
    assert ranges.to_numpy().tolist() == [[480, 600, 720]] * 2 + [[240, 300, 360]] * 2
    assert (ranges.index == transfer_network["frequencies"].index).all()


@pytest.mark.parametrize("variant", ["low", "high"])
def test_the_low_network_has_the_shortest_times(variant: str, line_network: Network) -> None:
    at_end = select_variant(line_network, variant)  # type: ignore[arg-type]
    low = variant == "low"
    # minutes and detours take their own end, speeds the opposite one
    assert at_end.parameter("rail_process_minutes") == (10 if low else 30)
    assert at_end.parameter("walk_detour_ratio") == (1 if low else 1.5)
    assert at_end.parameter("walk_speed_kmh") == (12 if low else 4)
    assert at_end.parameter("urban_drive_speed_kmh") == (60 if low else 30)
    assert at_end["link"]["run_time_minutes"].tolist() == [12 if low else 18] * 2
    assert at_end.variant == variant
    assert at_end.central is line_network


def test_a_figure_without_sense_stays_central(line_network: Network) -> None:
    parameter = line_network["parameter"].copy()
    parameter.loc[parameter["parameter_id"] == "rail_process_minutes", "sense"] = 0.0
    network = line_network.with_tables(parameter=parameter)
    for variant in ("low", "high"):
        assert select_variant(network, variant).parameter("rail_process_minutes") == 20  # type: ignore[arg-type]


@pytest.mark.parametrize("variant", ["low", "high"])
def test_every_headway_and_every_link_moves_the_same_way(
    variant: str, transfer_network: Network
) -> None:
    at_end = select_variant(transfer_network, variant)  # type: ignore[arg-type]
    ratio = 0.8 if variant == "low" else 1.2
    for table, column in (("frequencies", "headway_secs"), ("link", "run_time_minutes")):
        moved = at_end[table][column] / transfer_network[table][column]
        assert moved.to_numpy() == pytest.approx(ratio)


@pytest.mark.parametrize("table", RANGED)
def test_ranges_of_the_evidence_base_hold_their_figures(table: str, evidence_base: Network) -> None:
    ranges = compute_ranges(evidence_base, table).dropna()
    assert len(ranges)
    assert (ranges["low"] <= ranges["central"]).all()
    assert (ranges["central"] <= ranges["high"]).all()
    # positive minutes, speeds, headways and ratios
    assert (ranges["low"] > 0).all()


def test_every_parameter_has_a_sense_and_every_assumption_a_range(evidence_base: Network) -> None:
    assert set(evidence_base["parameter"]["sense"]) <= {-1.0, 0.0, 1.0}
    rows = evidence_base["evidence"]
    assumed = rows[rows["kind"].isin(["estimated", "assumed"]) & (rows["table"] == "parameter")]
    assert len(assumed)
    assert assumed[["low", "high"]].notna().all().all()


def test_a_cell_is_explained_with_its_sources(line_network: Network) -> None:
    rows = explain_cell(line_network, "link", "L1-1", "run_time_minutes")
    assert rows[["value", "low", "high"]].to_numpy().tolist() == [["15", 12, 18]]
    assert rows[["publisher", "licence"]].to_numpy().tolist() == [["netlib", "as netlib"]]


def test_a_whole_row_is_explained_field_by_field(line_network: Network) -> None:
    rows = explain_cell(line_network, "link", "L1-1")
    assert rows["field"].tolist() == ["length_km", "open_date", "run_time_minutes"]
    assert explain_cell(line_network, "link", "L9-9").empty


def test_sources_of_the_evidence_base_are_all_listed(evidence_base: Network) -> None:
    assert set(evidence_base["evidence"]["source_id"]) <= set(evidence_base["source"]["source_id"])


def test_the_network_is_left_as_it_was(line_network: Network) -> None:
    before = {table: line_network[table].copy() for table in RANGED}
    select_variant(line_network, "low")
    for table, frame in before.items():
        pd.testing.assert_frame_equal(line_network[table], frame)
