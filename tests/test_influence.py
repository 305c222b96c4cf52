"""What moves a claim: the minutes of its verdict, and what one figure does to them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from netlib.claims import evaluate, read_claims
from netlib.influence import (
    LEAST_CHANGE,
    MOST_FIGURES,
    Subject,
    find_subjects,
    list_figures,
    measure_influences,
)
from netlib.tables import Network, read_network
from netlib.times import journey_legs, travel_times

DAY = "2026-11-22"


def make_subject(network: Network, origin: str, destination: str, definition: str) -> Subject:
    legs = journey_legs(network.as_of(DAY), origin, destination, reading=definition)
    keys = dict.fromkeys(key for text in legs["evidence"] for key in text.split(";") if key)
    return Subject("X", definition, DAY, origin, destination, tuple(keys))


@pytest.mark.parametrize(
    ("toy", "pair", "definition"),
    [
        ("line_network", ("900100", "900300"), "door_to_door"),
        ("transfer_network", ("900100", "900200"), "door_to_door"),
        ("line_network", ("900100", "900300"), "ride_fastest"),
        ("triangle_network", ("900100", "900200"), "drive_free"),
    ],
)
def test_one_figure_at_a_time_stays_inside_the_range(
    request: pytest.FixtureRequest, toy: str, pair: tuple[str, str], definition: str
) -> None:
    network: Network = request.getfixturevalue(toy)
    subject = make_subject(network, *pair, definition)
    found = measure_influences(network, subject)
    full = travel_times(network.as_of(DAY), [pair[0]], [pair[1]], reading=definition).iloc[0]
    assert found.central == pytest.approx(full["travel_time_minutes"], abs=0.06)
    for figure in found.figures:
        assert figure.swing >= LEAST_CHANGE
        for minutes in (figure.minutes_low, figure.minutes_high):
            assert full["low"] - 0.06 <= minutes <= full["high"] + 0.06
    swings = [figure.swing for figure in found.figures]
    assert swings == sorted(swings, reverse=True)
    assert len(swings) <= MOST_FIGURES


def test_bars_checked_by_hand(line_network: Network) -> None:
    # 57 minutes with 20 minutes into the station and 5 out of it: see BY_HAND in test_times.py.
    # With 10 minutes into it, one leaves ten minutes later for the same train; with 30 ten minutes
    # earlier, and then 31 and 30 of 120 still have a train, which is half. Ten out add five.
    subject = make_subject(line_network, "900100", "900300", "door_to_door")
    found = measure_influences(line_network, subject)
    assert found.central == 57
    bars = {each.row_id: (each.minutes_low, each.minutes_high) for each in found.figures}
    assert bars["rail_process_minutes"] == (47, 67)
    assert bars["rail_exit_minutes"] == (57, 62)


@pytest.mark.parametrize("day", ["2022-12-31", "2024-09-18"])
def test_bars_are_what_a_network_of_its_own_gives(day: str, evidence_base: Network) -> None:
    keys = [f"parameter:{name}:value" for name in ("rail_process_minutes", "timetable_drift_ratio")]
    subject = Subject("X", "door_to_door", day, "411000", "410100", tuple(keys))
    found = measure_influences(evidence_base, subject)
    parameter = evidence_base["parameter"]
    assert {each.row_id for each in found.figures} >= {"rail_process_minutes"}
    for each in found.figures:
        for value, minutes in ((each.low, each.minutes_low), (each.high, each.minutes_high)):
            edited = parameter["value"].mask(parameter["parameter_id"] == each.row_id, value)
            alone = evidence_base.with_tables(parameter=parameter.assign(value=edited)).as_of(day)
            row = travel_times(alone, "411000", "410100", ranges=False).iloc[0]
            assert row["travel_time_minutes"] == pytest.approx(minutes, abs=0.051)


def test_bars_stand_around_the_minutes_of_the_verdict() -> None:
    network = read_network()
    claim = read_claims(network.root)["C1"]
    claims = {"C1": replace(claim, definitions=("door_to_door",), dates=claim.dates[:1])}
    results = evaluate(network, claims=claims)
    (subject,) = find_subjects(claims.values(), results, "door_to_door")
    rows = results.verdicts
    row = rows[
        (rows["definition"] == subject.definition)
        & (rows["as_of"] == subject.day)
        & (rows["scenario"] == "baseline")
    ].iloc[0]
    found = measure_influences(network, subject)
    assert found.central == row["central"]
    assert found.figures


def test_figures_with_a_range_are_listed(line_network: Network) -> None:
    dated = line_network.as_of(DAY)
    keys = ["parameter:rail_process_minutes:value", "parameter:max_walk_km:value", "node:AAA:x"]
    assert list_figures(dated, keys) == [("parameter", "rail_process_minutes", "value", 10.0, 30.0)]


def test_claims_are_decided_by_their_slowest_pair() -> None:
    network = read_network()
    claims = {"C1": read_claims(network.root)["C1"]}
    results = evaluate(network, claims=claims)
    (subject,) = find_subjects(claims.values(), results, "door_to_door")
    row = results.measurements
    row = row[(row["definition"] == subject.definition) & (row["as_of"] == subject.day)]
    worst = row.loc[row["central"].idxmax()]
    assert (subject.from_id, subject.to_id) == (worst["from_id"], worst["to_id"])
    assert subject.keys
