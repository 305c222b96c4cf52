"""Which way wins where, as the report tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from netlib.claims import evaluate
from netlib.report.view import View
from netlib.report.ways import describe_ways, measure_city_ways
from netlib.scenarios import read_toml
from netlib.times import travel_times

if TYPE_CHECKING:
    from netlib.tables import Network

TODAY = "2026-11-22"


def test_rail_and_road_are_those_of_the_readings(evidence_base: Network) -> None:
    table = measure_city_ways(evidence_base, TODAY)
    assert not (table["from_id"] == table["to_id"]).any()
    assert (table["travel_time_minutes"] >= table["low"]).all()
    assert (table["travel_time_minutes"] <= table["high"]).all()
    from_zhengzhou = table[table["from_id"] == "410100"].set_index("to_id")
    places = ["410200", "410300", "411000", "411500"]
    network = evidence_base.as_of(TODAY)
    for reading, column in (
        ("door_to_door", "rail_minutes"),
        ("drive_peak", "road_minutes"),
        ("best_way", "travel_time_minutes"),
    ):
        times = travel_times(network, ["410100"], places, reading=reading)
        expected = times.set_index("to_id")["travel_time_minutes"]
        np.testing.assert_allclose(from_zhengzhou.loc[places, column], expected[places], atol=0.11)


@pytest.mark.parametrize(
    ("lang", "title", "way", "known"),
    [
        ("zh", "从甲市", "步行 + 轨道 + 出租车", "相近日"),
        ("en", "From Alpha City", "on foot + rail + taxi", "nearest"),
    ],
)
def test_ways_are_told_in_words(
    lang: str, title: str, way: str, known: str, line_network: Network
) -> None:
    row = {
        "from_id": "900100", "to_id": "900300", "way": "walk-ride-taxi",
        "low": 76.0, "travel_time_minutes": 86.0, "high": 101.0,
        "rail_minutes": 86.0, "road_minutes": np.nan, "gap_minutes": 30.0,
        "timetable": "2026-10-04", "age_days": 49, "known": "nearest",
    }  # fmt: skip
    results = evaluate(line_network, claims={})
    vocabulary = read_toml(line_network.root / "definitions.toml", "definitions.toml")
    view = View(line_network, results, vocabulary, lang)
    (group,) = describe_ways(view, pd.DataFrame([row]))
    assert group["title"] == title
    assert group["counts"] == f"{way} 1"
    (told,) = group["rows"]
    assert (told["way"], told["minutes"]) == (way, "86 (76–101)")
    assert (told["ride"], told["direct"], told["gap"]) == ("86", "–", "30")
    assert told["timetable"] == f"2026-10-04 · {known}"
    assert describe_ways(view, None) == []
