"""What moves a claim: the same minutes as a full search, and within the full range."""

from __future__ import annotations

from dataclasses import replace

import pytest

from netlib.claims import evaluate, read_claims
from netlib.definitions import find_definition
from netlib.influence import (
    LEAST_CHANGE,
    MOST_FIGURES,
    Subject,
    find_stops,
    find_subjects,
    keep_stops,
    list_figures,
    measure_influences,
    set_figure,
)
from netlib.tables import Network, read_network
from netlib.travel_times import choose_engine, journey_legs, travel_times

DAY = "2026-11-22"


def make_subject(network: Network, origin: str, destination: str, definition: str) -> Subject:
    legs = journey_legs(network.as_of(DAY), origin, destination, definition=definition)
    keys = dict.fromkeys(key for text in legs["evidence"] for key in text.split(";") if key)
    return Subject("X", definition, DAY, origin, destination, tuple(keys))


@pytest.mark.parametrize(
    ("toy", "pair", "definition"),
    [
        ("line_network", ("900100", "900300"), "door_to_door"),
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
    full = travel_times(
        network.as_of(DAY), [pair[0]], [pair[1]], definition=definition, engine="static"
    ).iloc[0]
    assert found.central == pytest.approx(full["travel_time_minutes"], abs=0.06)
    for figure in found.figures:
        assert figure.swing >= LEAST_CHANGE
        for minutes in (figure.minutes_low, figure.minutes_high):
            assert full["low"] - 0.06 <= minutes <= full["high"] + 0.06
    swings = [figure.swing for figure in found.figures]
    assert swings == sorted(swings, reverse=True)
    assert len(swings) <= MOST_FIGURES


def test_the_stops_that_matter_give_the_same_minutes() -> None:
    network = read_network()
    dated = network.as_of("2024-09-18")
    subject = Subject("X", "door_to_door", "2024-09-18", "411000", "410100", ())
    spec = choose_engine(find_definition(network.root, "door_to_door"), "static")
    stops = find_stops(dated, subject, spec)
    assert stops is not None
    assert 10 < len(stops) < len(dated["node"]) / 2
    small = keep_stops(dated, stops)
    slower = "parameter", "rail_process_minutes", "value", 30.0
    for everything, few in (
        (dated, small),
        (set_figure(dated, *slower), set_figure(small, *slower)),
    ):
        a, b = (
            travel_times(n, ["411000"], ["410100"], engine="static")["travel_time_minutes"].item()
            for n in (everything, replace(few, base=None))
        )
        assert a == pytest.approx(b)


def test_figures_with_a_range_are_listed(line_network: Network) -> None:
    dated = line_network.as_of(DAY)
    keys = ["parameter:rail_process_minutes:value", "parameter:max_walk_km:value", "node:AAA:x"]
    assert list_figures(dated, keys) == [("parameter", "rail_process_minutes", "value", 10.0, 30.0)]


def test_claims_are_decided_by_their_slowest_pair() -> None:
    network = read_network()
    claims = {"C9": read_claims(network.root)["C9"]}
    results = evaluate(network, claims=claims)
    (subject,) = find_subjects(claims.values(), results, "door_to_door")
    row = results.measurements
    row = row[(row["definition"] == subject.definition) & (row["as_of"] == subject.day)]
    worst = row.loc[row["central"].idxmax()]
    assert (subject.from_id, subject.to_id) == (worst["from_id"], worst["to_id"])
    assert subject.keys
