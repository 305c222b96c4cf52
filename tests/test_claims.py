"""Claims: how they are read, and how pairs of places make a verdict. Toys only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlib.claims import (
    VERDICT_COLUMNS,
    choose_pair,
    combine,
    evaluate,
    expand_lines,
    format_verdicts,
    pass_pairs,
    read_claim,
    read_claims,
)
from netlib.errors import InputError, UnknownNameError
from netlib.scenarios import find_scenario
from tests.claim_toys import CLAIM, TODAY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from netlib.claims import Claim
    from netlib.tables import Network

TEXT = """
id = "T1"
document = "doc000"
quote = "Gamma can be reached within half an hour"
claimant_zh = "市长"
claimant_en = "the mayor"
said = "2026-10-01"
kind = "fact"
measure = "time"
primary = "ride_fastest"
primary_why_zh = "坐火车"
primary_why_en = "by train"
statement_zh = "甲到丙不超过30分钟"
statement_en = "Gamma is within 30 minutes of Alpha"
threshold_minutes = 30
origins = ["900100"]
destinations = ["900300"]
definitions = ["ride_fastest"]

[[dates]]
day = "2026-11-22"
label_zh = "今天"
label_en = "today"
"""


def judge(network: Network, claim: Claim) -> pd.Series:
    results = evaluate(network, claims={claim.claim_id: claim})
    return results.verdicts.iloc[0]


# Quantifier, share, threshold: low to high of the pair that decides, the verdict and the margin.
VERDICTS = [
    ("all", 1.0, 30, "900300", "supported", 4),
    ("all", 1.0, 26, "900300", "supported", 0),
    ("all", 1.0, 25, "900300", "refuted", -1),
    ("any", 1.0, 15, "900200", "supported", 0),
    ("any", 1.0, 14, "900200", "refuted", -1),
    ("share", 0.5, 15, "900300", "supported", -11),
    ("share", 0.6, 15, "900300", "refuted", -11),
]


@pytest.mark.parametrize(
    ("quantifier", "share", "threshold", "pair", "verdict", "margin"), VERDICTS
)
def test_verdict_of_a_toy(
    quantifier: str,
    share: float,
    threshold: float,
    pair: str,
    verdict: str,
    margin: float,
    line_network: Network,
) -> None:
    claim = replace(CLAIM, quantifier=quantifier, share=share, threshold_minutes=threshold)
    row = judge(line_network, claim)
    assert (row["verdict"], row["to_id"], row["margin"]) == (verdict, pair, margin)
    assert (row["unit"], row["n_pairs"], row["evidence_grade"]) == ("min", 2, "A")
    assert row["share_passing"] == np.mean([threshold >= 15, threshold >= 26])


def measure_as(ends: tuple[float, float, float], known: str) -> Callable[..., Any]:
    """Stand in for the engine: every pair takes the same minutes."""

    def measure(
        network: Network, pairs: pd.DataFrame, *, reading: object
    ) -> tuple[pd.DataFrame, dict[tuple[str, str], Any]]:
        figures = dict(zip(("low", "travel_time_minutes", "high"), ends, strict=True))
        parts = {"access": 5.0, "in_vehicle": ends[1], "service": "G1", "kind": "timetable"}
        return pairs.assign(**figures, **parts, timetable="2026-10-04", known=known), {}

    return measure


# Threshold, what is known of the trains, and the verdict of 76 to 101 minutes: a time of a
# timetable that lacks trains can support and not refute.
RANGES = [
    (101, "exact", "supported"),
    (100, "exact", "undecided"),
    (76, "exact", "undecided"),
    (75, "exact", "refuted"),
    (101, "upper_bound", "supported"),
    (75, "upper_bound", "undecided"),
    (75, "unknown", "undecided"),
]


@pytest.mark.parametrize(("threshold", "known", "verdict"), RANGES)
def test_a_range_across_the_threshold_is_undecided(
    threshold: float,
    known: str,
    verdict: str,
    line_network: Network,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("netlib.claims.judge.measure_pairs", measure_as((76, 86, 101), known))
    claim = replace(
        CLAIM, definitions=("door_to_door",), primary="door_to_door", threshold_minutes=threshold
    )
    row = judge(line_network, claim)
    assert (row["verdict"], row["known"], row["timetable"]) == (verdict, known, "2026-10-04")
    assert row[["low", "central", "high"]].tolist() == [76, 86, 101]
    assert row["evidence_grade"] == "C"


# Low, central and high of three pairs, quantifier, and the place of the pair that decides.
PAIRS = [
    ("all", [(10, 20, 30), (10, 25, 30), (10, 20, 40)], 1),
    ("any", [(10, 20, 30), (10, 25, 30), (10, 20, 25)], 2),
    ("all", [(10, np.nan, np.nan), (90, 95, 99), (np.nan, np.nan, np.nan)], 2),
    ("all", [(10, np.nan, np.nan), (90, 95, 99), (20, np.nan, np.nan)], 2),
    ("any", [(10, np.nan, np.nan), (np.nan, np.nan, np.nan), (5, np.nan, np.nan)], 2),
    ("all", [(10, 20, 30), (10, 20, 30), (10, 20, 30)], 0),
]


@pytest.mark.parametrize(("quantifier", "ends", "place"), PAIRS)
def test_the_pair_that_decides(
    quantifier: str, ends: list[tuple[float, float, float]], place: int
) -> None:
    table = pd.DataFrame(ends, columns=["low", "central", "high"])
    assert choose_pair(table, replace(CLAIM, quantifier=quantifier)) == place


# Shares of two homes' residents, and the row they make: the smaller decides, half are needed.
SHARES = [
    ([(0.6, 0.7, 0.8), (0.5, 0.55, 0.7)], "supported", (50, 55, 70), 5, 1.0),
    ([(0.6, 0.7, 0.8), (0.4, 0.55, 0.7)], "undecided", (40, 55, 70), 5, 1.0),
    ([(0.6, 0.7, 0.8), (0.1, 0.3, 0.499)], "refuted", (10, 30, 49.9), -20, 0.5),
    ([(0.0, 0.0, 0.0), (0.0, 0.1, 0.5)], "refuted", (0, 0, 0), -50, 0.0),
]


@pytest.mark.parametrize(("shares", "verdict", "ends", "margin", "passing"), SHARES)
def test_verdict_of_residents(
    shares: list[tuple[float, float, float]],
    verdict: str,
    ends: tuple[float, float, float],
    margin: float,
    passing: float,
    line_network: Network,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def measure(network: Network, pairs: pd.DataFrame, *, threshold_minutes: float) -> pd.DataFrame:
        assert threshold_minutes == 30
        # Alpha is where one goes to, from both homes, whichever way the claim is put.
        assert pairs.to_numpy().tolist() == [["900200", "900100"], ["900300", "900100"]]
        frame = pd.DataFrame(shares, columns=["low", "central", "high"])
        return pd.concat([pairs, frame], axis=1)

    monkeypatch.setattr("netlib.catchments.measure_shares", measure)
    claim = replace(CLAIM, definitions=("residents",), primary="residents")
    back = replace(claim, origins=claim.destinations, destinations=claim.origins)
    for stated in (claim, back):
        row = judge(line_network, stated)
        assert (row["verdict"], row["unit"], row["n_pairs"]) == (verdict, "%", 2)
        assert row[["low", "central", "high"]].tolist() == list(ends)
        assert (row["margin"], row["share_passing"]) == (margin, passing)
        assert row["evidence_grade"] == "C"


def test_the_low_end_alone_may_stand_on_the_threshold(line_network: Network) -> None:
    frame = pd.DataFrame({"low": [30, 30.1, 10, np.nan], "high": [40, 40, 30, np.nan]})
    assert pass_pairs(frame, CLAIM).tolist() == ["open", "no", "yes", "no"]


@given(
    passes=st.lists(st.sampled_from(["yes", "no", "open"]), min_size=1, max_size=12),
    quantifier=st.sampled_from(["all", "any", "share"]),
    share=st.sampled_from([0.25, 0.5, 0.75, 1.0]),
)
def test_a_verdict_is_what_both_ends_of_the_open_pairs_say(
    passes: list[str], quantifier: str, share: float
) -> None:
    def holds(chosen: list[bool]) -> bool:
        met = {"all": all(chosen), "any": any(chosen), "share": np.mean(chosen) >= share}
        return bool(met[quantifier])

    worst = holds([word == "yes" for word in passes])
    best = holds([word != "no" for word in passes])
    expected = "supported" if worst else "undecided" if best else "refuted"
    assert combine(passes, replace(CLAIM, quantifier=quantifier, share=share)) == expected


def test_directions_give_their_pairs(line_network: Network) -> None:
    for direction, pairs in (
        ("out", {("900100", "900300")}),
        ("in", {("900300", "900100")}),
        ("both", {("900100", "900300"), ("900300", "900100")}),
    ):
        claim = replace(CLAIM, destinations=("900300",), direction=direction)
        found = evaluate(line_network, claims={"T1": claim}).measurements
        assert set(zip(found["from_id"], found["to_id"], strict=True)) == pairs


def test_results_hold_together(line_network: Network) -> None:
    claim = replace(CLAIM, definitions=("ride_fastest", "door_to_door"), credits=("L1",))
    results = evaluate(line_network, claims={"T1": claim})
    assert results.verdicts.columns.tolist() == VERDICT_COLUMNS
    assert results.verdicts[["scenario", "definition"]].to_numpy().tolist() == [
        ["baseline", "door_to_door"],
        ["baseline", "ride_fastest"],
        ["without-L1", "door_to_door"],
        ["without-L1", "ride_fastest"],
    ]
    assert len(results.measurements) == 8
    assert set(results.legs["definition"]) == {"ride_fastest", "door_to_door"}
    fastest = results.legs.query("definition == 'ride_fastest' and scenario == 'baseline'")
    assert fastest["service"].tolist() == ["G3"]


def test_the_primary_reading_gives_the_headline(line_network: Network) -> None:
    for primary, outcome in (("ride_fastest", "supported"), ("door_to_door", "refuted")):
        both = replace(CLAIM, definitions=("ride_fastest", "door_to_door"), primary=primary)
        results = evaluate(line_network, claims={"T1": both})
        assert results.headlines == {"T1": outcome}
        rows = results.verdicts
        assert rows.loc[rows["primary"], "definition"].tolist() == [primary]


def test_the_headline_is_of_the_first_date(line_network: Network) -> None:
    node = line_network["node"].copy()
    node.loc[node["node_id"] == "CCC", "open_date"] = "2026-12-01"
    network = line_network.with_tables(node=node)
    early, late = (TODAY, "", "early"), ("2026-12-01", "", "late")
    words = {
        dates[0][2]: evaluate(network, claims={"T1": replace(CLAIM, dates=dates)}).headlines["T1"]
        for dates in ((early, late), (late, early))
    }
    assert words == {"early": "refuted", "late": "supported"}


def test_a_credited_line_that_matters_changes_the_verdict(line_network: Network) -> None:
    claim = replace(CLAIM, credits=("L1",))
    rows = evaluate(line_network, claims={"T1": claim}).verdicts.set_index("scenario")
    # without the railway its trains have no way, and nobody arrives
    assert rows["verdict"].to_dict() == {"baseline": "supported", "without-L1": "refuted"}
    assert np.isnan(rows.loc["without-L1", "central"])
    assert rows.loc["without-L1", "share_passing"] == 0


def test_days_asked_for_replace_those_of_the_claim(line_network: Network) -> None:
    results = evaluate(line_network, claims={"T1": CLAIM}, days=["2026-10-04", "2027-01-01"])
    assert results.verdicts["as_of"].tolist() == ["2026-10-04", "2027-01-01"]
    assert results.verdicts["evidence_grade"].tolist() == ["A", "B"]


def test_a_scenario_is_judged_under_its_name(line_network: Network) -> None:
    card = find_scenario(line_network, "fast-gates")
    claim = replace(CLAIM, definitions=("door_to_door",), primary="door_to_door")
    usual = evaluate(line_network, claims={"T1": claim}).verdicts.iloc[0]
    faster = evaluate(line_network, claims={"T1": claim}, scenario=card).verdicts.iloc[0]
    assert (usual["scenario"], faster["scenario"]) == ("baseline", "fast-gates")
    assert faster["central"] < usual["central"]


def test_an_untestable_claim_has_a_row_without_numbers(line_network: Network) -> None:
    claim = replace(CLAIM, measure="none", reason_zh="无数据", reason_en="no data")
    results = evaluate(line_network, claims={"T1": claim})
    row = results.verdicts.iloc[0]
    assert (row["verdict"], row["definition"], row["n_pairs"]) == ("untestable", "", 0)
    assert row[["low", "central", "high", "margin"]].isna().all()
    assert results.headlines == {"T1": "untestable"}
    assert results.measurements.empty


@pytest.mark.parametrize("workers", [1, 2])
def test_any_number_of_workers_gives_the_same(workers: int, line_network: Network) -> None:
    claim = replace(CLAIM, definitions=("ride_fastest", "door_to_door"), credits=("L1",))
    results = evaluate(line_network, claims={"T1": claim}, workers=workers)
    alone = evaluate(line_network, claims={"T1": claim})
    assert format_verdicts(results.verdicts) == format_verdicts(alone.verdicts)
    pd.testing.assert_frame_equal(results.legs, alone.legs)


def test_groups_are_credited_with_their_lines(line_network: Network) -> None:
    assert expand_lines(line_network, ["L2", "L1"]) == ["L1"]
    with pytest.raises(UnknownNameError, match="unknown line 'L9'; nearest: L"):
        expand_lines(line_network, ["L9"])


def test_a_later_date_of_the_claim_has_a_headline_too(line_network: Network) -> None:
    claim = replace(CLAIM, dates=(("2026-10-04", "", ""), (TODAY, "", "")))
    results = evaluate(line_network, claims={"T1": claim}, days=[TODAY])
    assert results.headlines == {"T1": "supported"}


def test_a_card_called_without_has_a_headline_too(line_network: Network) -> None:
    card = find_scenario(line_network, "without-railway")
    results = evaluate(line_network, claims={"T1": CLAIM}, scenario=card)
    assert results.verdicts["verdict"].tolist() == ["refuted"]
    assert results.headlines == {"T1": "refuted"}


def test_a_card_may_take_a_credited_line_away(line_network: Network) -> None:
    card = find_scenario(line_network, "without-railway")
    claim = replace(CLAIM, credits=("L1",))
    results = evaluate(line_network, claims={"T1": claim}, scenario=card)
    assert set(results.verdicts["verdict"]) == {"refuted"}


def test_numbers_are_written_short_and_gaps_empty(line_network: Network) -> None:
    text = format_verdicts(evaluate(line_network, claims={"T1": CLAIM}).verdicts)
    header, row, end = text.split("\n")
    assert header == ",".join(VERDICT_COLUMNS)
    assert row == (
        "T1,fact,ride_fastest,True,,2026-11-22,baseline,30,26,26,26,min,2,2,1,supported,supported,4,"
        "900100,900300,2026-10-04,exact,A"
    )
    assert end == ""


def write_claim(folder: Path, text: str, name: str = "t1") -> Path:
    path = folder / "claims" / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_claim_is_read_as_it_is_written(tmp_path: Path) -> None:
    claim = read_claim(write_claim(tmp_path, TEXT))
    assert (claim.claim_id, claim.document_id, claim.quantifier) == ("T1", "doc000", "all")
    assert claim.destinations == ("900300",)
    assert claim.dates == (("2026-11-22", "今天", "today"),)


# Old words, new words, rule and words of the message.
MISTAKES = [
    ('quote = "Gamma can be reached within half an hour"', "", "missing-key", "quote is missing"),
    ("threshold_minutes = 30", "", "missing-key", "threshold_minutes is missing"),
    ('measure = "time"', 'measure = "status"', "missing-key", "conditions is missing"),
    ('measure = "time"', 'measure = "none"', "missing-key", "reason_zh is missing"),
    ('kind = "fact"', 'kind = "hope"', "unknown-word", "kind is 'hope'"),
    ('kind = "fact"', 'kind = "fact"\ndeadline = "2026-12-31"', "unknown-key", "a fact has no"),
    ('primary = "ride_fastest"', 'primary = "drive_free"', "unknown-word", "primary is"),
    ('primary_why_en = "by train"', "", "missing-key", "primary_why_en is missing"),
    ('label_en = "today"', 'label_fr = "hui"', "unknown-key", "dates: 'label_fr'"),
    ('label_en = "today"', "", "missing-key", "dates: label_en is missing"),
    ("[[dates]]", '[[circles]]\nname = "x"\n\n[[dates]]', "unknown-key", "circles: 'name'"),
    ("[[dates]]", '[official]\nlink = "x"\n\n[[dates]]', "unknown-key", "official: 'link'"),
    (
        'measure = "time"',
        'measure = "speed"',
        "unknown-word",
        "should be one of time, status, none",
    ),
    ("threshold_minutes", "threshold", "unknown-key", "'threshold' means nothing in a claim"),
    ('said = "2026', 'quantifier = "most"\nsaid = "2026', "unknown-word", "quantifier is 'most'"),
    ('said = "2026', 'direction = "up"\nsaid = "2026', "unknown-word", "direction is 'up'"),
    ("threshold_minutes = 30", "threshold_minutes 30", "malformed-toml", "mend the TOML there"),
]


@pytest.mark.parametrize(("old", "new", "rule", "words"), MISTAKES)
def test_mistakes_are_named(old: str, new: str, rule: str, words: str, tmp_path: Path) -> None:
    assert old in TEXT
    path = write_claim(tmp_path, TEXT.replace(old, new, 1))
    with pytest.raises(InputError) as raised:
        read_claim(path)
    assert "claims/t1.toml" in str(raised.value)
    assert any(n.rule == rule and words in n.message for n in raised.value.notices)


def test_all_claims_are_read_in_natural_order(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        write_claim(tmp_path, TEXT.replace('"T1"', f'"T{number}"'), f"t{number}")
    assert list(read_claims(tmp_path)) == ["T1", "T2", "T10"]


def test_problems_of_all_claims_are_listed_at_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_claim(tmp_path, TEXT.replace('kind = "fact"', 'kind = "hope"'), name)
    with pytest.raises(InputError) as raised:
        read_claims(tmp_path)
    assert {n.file for n in raised.value.notices} == {"claims/a.toml", "claims/b.toml"}


@pytest.fixture
def toy_with_claim(toy_folder: Callable[..., Path]) -> Path:
    return toy_folder("line", [{"file": "claims/t1.toml", "text": TEXT}])


def test_claims_of_a_folder_are_judged_when_none_are_given(toy_with_claim: Path) -> None:
    from netlib.tables import read_network

    assert evaluate(read_network(toy_with_claim)).headlines == {"T1": "supported"}


def test_verdicts_show_themselves(line_network: Network) -> None:
    results = evaluate(line_network)
    html = results._repr_html_()
    for claim, headline in results.headlines.items():
        assert f">{claim}<" in html
        assert headline in html
    for day in set(results.verdicts["as_of"]):
        assert f">{day}<" in html
    assert "nan" not in html.lower()
