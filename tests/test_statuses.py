"""What was open or begun on a day, where dates may be known in part only."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from netlib.claims.status import measure_status
from netlib.errors import UnknownNameError

if TYPE_CHECKING:
    from netlib.tables import Network

Build = "Callable[..., Network]"
# Lines of the toy: a group of three, one of them open since a month of which the day is not known.
LINES = [
    {"line_id": "G", "name_zh": "三线", "parts": "P1;P2;P3", "status": "planned"},
    {
        "line_id": "P1",
        "name_zh": "一",
        "status": "operating",
        "start_date": "2018",
        "open_date": "2020-05-01",
    },
    {
        "line_id": "P2",
        "name_zh": "二",
        "status": "operating",
        "start_date": "2019",
        "open_date": "2022-06",
    },
    {"line_id": "P3", "name_zh": "三", "status": "planned"},
    {"line_id": "W", "name_zh": "在建", "status": "under_construction", "start_date": "2021-12-24"},
    {"line_id": "U", "name_zh": "不详", "status": "operating"},
    {"line_id": "S", "name_zh": "两站", "parts": "AAA;BBB", "status": "operating"},
    {"line_id": "K", "name_zh": "有段", "status": "operating", "open_date": "2013"},
]
LINKS = [
    {
        "link_id": "K-1",
        "line_id": "K",
        "from_node_id": "AAA",
        "to_node_id": "BBB",
        "open_date": "2015-01-01",
    },
    {
        "link_id": "K-2",
        "line_id": "K",
        "from_node_id": "BBB",
        "to_node_id": "CCC",
        "open_date": "2023-12-08",
    },
]


@pytest.fixture(scope="module")
def toy(line_network: Network, with_rows: Build) -> Network:
    links = [{"length_km": 50.0, "run_time_minutes": 15.0, **link} for link in LINKS]
    network = with_rows(line_network, line=LINES, link=links)
    node = network["node"].copy()
    node["zone_id"] = node["zone_id"].replace({"900100": "410100", "900200": "410200"})
    # today is 2026-11-22 in definitions.toml; the timetable of the toy is made valid long before
    timetable = network["timetable"].assign(valid_from="2010-01-01")
    return network.with_tables(node=node, reference_node=node, timetable=timetable)


def judge(network: Network, day: str, **condition: Any) -> dict[str, Any]:
    return measure_status(network.as_of(day), [{"event": "open", **condition}])


# Line, day, surely and perhaps open, of how many, verdict.
OPENINGS = [
    ("P1", "2020-04-30", 0, 0, 1, "refuted"),
    ("P1", "2020-05-01", 1, 1, 1, "supported"),
    ("P2", "2022-05-31", 0, 0, 1, "refuted"),
    ("P2", "2022-06-15", 0, 1, 1, "undecided"),
    ("P2", "2022-06-30", 1, 1, 1, "supported"),
    ("P3", "2026-11-22", 0, 0, 1, "refuted"),
    ("G", "2022-06-15", 1, 2, 3, "refuted"),
    ("G", "2026-11-22", 2, 2, 3, "refuted"),
    # operating by the day that the status is of; since when is not known
    ("U", "2020-01-01", 0, 1, 1, "undecided"),
    ("U", "2026-11-22", 1, 1, 1, "supported"),
    # a line is open as a whole when its last link is, whatever its own row says
    ("K", "2023-12-07", 0, 0, 1, "refuted"),
    ("K", "2023-12-08", 1, 1, 1, "supported"),
    # stations: BBB opened in May 2013, AAA is older than what is known
    ("BBB", "2013-04-30", 0, 0, 1, "refuted"),
    ("BBB", "2013-05-02", 0, 1, 1, "undecided"),
    ("BBB", "2013-05-31", 1, 1, 1, "supported"),
    ("W", "2026-11-22", 0, 0, 1, "refuted"),
]


@pytest.mark.parametrize(("line", "day", "low", "high", "parts", "verdict"), OPENINGS)
def test_openings(
    line: str, day: str, low: int, high: int, parts: int, verdict: str, toy: Network
) -> None:
    found = judge(toy, day, line=line)
    assert (found["low"], found["high"], found["n_pairs"]) == (low, high, parts)
    assert found["verdict"] == verdict
    assert found["unit"] == "parts"
    assert found["low"] <= found["central"] <= found["high"]
    assert found["margin"] == found["central"] - parts


STARTS = [
    ("W", "2021-12-23", "refuted"),
    ("W", "2021-12-24", "supported"),
    ("P2", "2018-12-31", "refuted"),
    ("P2", "2019-07-01", "undecided"),
    ("P2", "2019-12-31", "supported"),
    ("P3", "2026-11-22", "refuted"),
]


@pytest.mark.parametrize(("line", "day", "verdict"), STARTS)
def test_starts_of_works(line: str, day: str, verdict: str, toy: Network) -> None:
    assert judge(toy, day, line=line, event="start")["verdict"] == verdict


REQUIRED = [(1, "supported"), (2, "supported"), (3, "refuted")]


@pytest.mark.parametrize(("required", "verdict"), REQUIRED)
def test_some_parts_of_a_group_may_be_enough(required: int, verdict: str, toy: Network) -> None:
    found = judge(toy, "2026-11-22", line="G", required=required)
    assert found["verdict"] == verdict
    assert found["margin"] == 2 - required
    assert found["n_passing"] == found["low"]
    assert found["share_passing"] == pytest.approx(0.667)


def test_a_term_ends_before_the_day(toy: Network) -> None:
    assert judge(toy, "2026-11-22", line="P1", by="2019-12-31")["verdict"] == "refuted"
    assert judge(toy, "2026-11-22", line="P1", by="2020-12-31")["verdict"] == "supported"
    # before the term nobody can say that it was met later
    assert judge(toy, "2019-01-01", line="P1", by="2020-12-31")["verdict"] == "refuted"


def test_only_the_links_within_a_province_count_when_it_is_named(toy: Network) -> None:
    # AAA and BBB have been put into Henan, CCC not
    assert judge(toy, "2015-01-01", line="K", within="henan")["verdict"] == "supported"
    assert judge(toy, "2015-01-01", line="K")["verdict"] == "refuted"


def test_all_conditions_must_be_met(toy: Network) -> None:
    network = toy.as_of("2026-11-22")
    met = {"line": "P1", "event": "open"}
    late = {"line": "P3", "event": "open"}
    assert measure_status(network, [met, met])["verdict"] == "supported"
    both = measure_status(network, [met, late])
    assert both["verdict"] == "refuted"
    assert (both["low"], both["n_pairs"], both["from_id"]) == (1, 2, "")


# Kind of the row that vouches for an opening, grade of its source, and the grade of the verdict.
GRADES = [
    ("published", "official", "A"),
    ("published", "operator", "A"),
    ("published", "press", "B"),
    ("published", "mirror", "C"),
    ("assumed", "press", "C"),
]


def say(network: Network, rows: list[tuple[str, ...]], sources: list[tuple[str, ...]]) -> Network:
    """Give a network no other evidence than these rows on lines and their sources."""
    columns = ["row_id", "field", "value", "kind", "source_id"]
    evidence = pd.DataFrame(rows, columns=columns).assign(table="line", low=np.nan, high=np.nan)
    source = pd.DataFrame(sources, columns=["source_id", "grade", "published"])
    return network.with_tables(evidence=evidence, source=source)


@pytest.mark.parametrize(("kind", "grade", "expected"), GRADES)
def test_a_verdict_is_as_good_as_the_source_of_its_date(
    kind: str, grade: str, expected: str, toy: Network
) -> None:
    opened = ("P1", "open_date", "2020-05-01", kind, "s")
    # A forecast that did not come vouches for nothing.
    forecast = ("P1", "open_date", "2019", "published", "o")
    sources = [("s", grade, "2020"), ("o", "official", "2018")]
    network = say(toy, [opened, forecast], sources)
    assert judge(network, "2022-06-15", line="P1")["evidence_grade"] == expected
    # Nobody vouches for the other parts.
    assert judge(network, "2022-06-15", line="G")["evidence_grade"] == "C"


def test_what_was_being_built_may_have_opened_since_it_was_last_seen(toy: Network) -> None:
    seen = ("W", "status", "under_construction", "published", "s")
    network = say(toy, [seen], [("s", "press", "2024-03-01")])
    assert judge(network, "2024-12-31", line="W")["verdict"] == "refuted"
    assert judge(network, "2025-12-31", line="W")["verdict"] == "undecided"


def test_unknown_lines_are_named(toy: Network) -> None:
    with pytest.raises(UnknownNameError, match="unknown line or station 'P9'; nearest: P"):
        judge(toy, "2022-06-15", line="P9")


def test_a_day_is_needed(toy: Network) -> None:
    with pytest.raises(UnknownNameError, match=r"use Network\.as_of"):
        measure_status(toy, [{"line": "P1", "event": "open"}])


def test_openings_happen_once(toy: Network) -> None:
    days = ["2012-01-01", "2015-01-01", "2020-05-01", "2022-06-15", "2023-12-08", "2026-11-22"]
    for line in ("G", "K", "U", "BBB", "S"):
        found = [judge(toy, day, line=line) for day in days]
        for earlier, later in itertools.pairwise(found):
            assert earlier["low"] <= later["low"]
            assert earlier["high"] <= later["high"]
