"""Answers: outcomes of facts, forecasts and goals, and sentences composed from the results."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from netlib.claims import OUTCOMES, choose_outcome, evaluate, months_late, read_claims
from netlib.claims.answer_words import ANSWER_WORDS
from netlib.claims.claim import NOTHING, STATUS, TIME
from netlib.value_words import VALUE_WORDS
from tests.claim_toys import CLAIM

if TYPE_CHECKING:
    from netlib.claims import Claim, Results
    from netlib.tables import Network
    from netlib.units import Interval

LATE = (date(2023, 12, 28), date(2023, 12, 28))
# Kind, deadline, verdict, day, when it came after all, and what that makes of the claim.
CASES = [
    ("fact", "", "supported", "2026-01-01", None, "supported"),
    ("fact", "", "refuted", "2026-01-01", None, "refuted"),
    ("goal", "", "refuted", "2026-01-01", None, "not_met_yet"),
    ("goal", "", "supported", "2026-01-01", None, "met"),
    ("goal", "2022-12-31", "refuted", "2022-12-30", None, "not_due"),
    ("goal", "2022-12-31", "refuted", "2022-12-31", None, "missed"),
    ("goal", "2022-12-31", "supported", "2022-06-01", None, "met"),
    ("goal", "2022-12-31", "undecided", "2026-01-01", None, "undecided"),
    ("forecast", "2022-12-31", "supported", "2026-01-01", None, "came_true"),
    ("forecast", "2022-12-31", "refuted", "2022-06-01", None, "not_due"),
    ("forecast", "2022-12-31", "refuted", "2022-12-31", LATE, "did_not_come"),
    ("forecast", "2022-12-31", "refuted", "2023-12-28", LATE, "came_late"),
    ("forecast", "2022-12-31", "refuted", "2026-01-01", None, "did_not_come"),
    ("forecast", "", "refuted", "2026-01-01", None, "not_due"),
    ("forecast", "2022-12-31", "untestable", "2026-01-01", None, "untestable"),
]


@pytest.mark.parametrize(("kind", "deadline", "verdict", "day", "came", "expected"), CASES)
def test_what_a_verdict_makes_of_a_claim(
    kind: str, deadline: str, verdict: str, day: str, came: Interval | None, expected: str
) -> None:
    claim = replace(CLAIM, kind=kind, deadline=deadline, measure="status")
    assert choose_outcome(claim, verdict, day, came=came) == expected


def test_minutes_that_keep_the_limit_after_the_date_came_late() -> None:
    claim = replace(CLAIM, kind="forecast", deadline="2022-12-31")
    assert choose_outcome(claim, "supported", "2023-12-28") == "came_late"
    assert choose_outcome(claim, "supported", "2022-12-31") == "came_true"


def test_months_are_counted_from_the_deadline() -> None:
    # 濮阳 was promised for 2021 and opened on 2022-06-20: 171 days, some six months.
    assert months_late("2021-12-31", (date(2022, 6, 20), date(2022, 6, 20))) == (6, 6)
    # 小李庄 was begun between mobilisation and early works, half a year to two years late.
    assert months_late("2021-12-31", (date(2022, 6, 20), date(2023, 12, 31))) == (6, 24)
    assert months_late("2021-12-31", (date(2022, 1, 2), date(2022, 1, 2))) == (1, 1)


def test_outcomes_have_words_marks_and_readable_colours() -> None:
    for name, outcome in OUTCOMES.items():
        assert VALUE_WORDS[f"verdict_{name}"] == (outcome.word_zh, outcome.word_en)
        assert outcome.mark
        # Contrast with white by WCAG 2.1: relative luminance of sRGB.
        parts = [int(outcome.colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        light = sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
        assert 1.05 / (light + 0.05) >= 4.5


def test_both_languages_have_the_same_clauses() -> None:
    def list_fields(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", text))

    assert set(ANSWER_WORDS["zh"]) == set(ANSWER_WORDS["en"])
    for key, text in ANSWER_WORDS["zh"].items():
        assert list_fields(text) == list_fields(ANSWER_WORDS["en"][key]), key


def test_a_sentence_says_what_the_results_say(line_network: Network) -> None:
    # The express to Gamma takes 26 minutes and the train to Beta 15.
    claim = replace(CLAIM, threshold_minutes=20)
    answer = evaluate(line_network, claims={"T1": claim}).answers["T1"]
    assert (answer.outcome, answer.n_passing, answer.n_pairs) == ("refuted", 1, 2)
    assert (answer.failing, answer.margin) == (("900300",), -6)
    assert answer.headline_en == "1 of 2; failing: Gamma City 26 min; by up to 6 min"
    assert answer.sentence_en.startswith(
        "Refuted: 1 of 2 were surely within 20 minutes on 2026-11-22 (fastest ride)"
    )
    assert "丙市26分钟" in answer.sentence_zh


def test_attribution_counts_pairs_and_minutes(line_network: Network) -> None:
    claim = replace(CLAIM, credits=("L1",))
    results = evaluate(line_network, claims={"T1": claim})
    row = results.attribution.iloc[0]
    # Without the railway nobody arrives.
    assert (row["state"], row["n_slower"], row["n_cut"], row["n_lost"]) == ("open", 2, 2, 2)
    assert "2 of 2 pairs were slower" in results.answers["T1"].sentence_en
    line = line_network["link"].assign(open_date="2030")
    early = line_network.with_tables(link=line)
    results = evaluate(early, claims={"T1": claim})
    assert results.attribution["state"].tolist() == ["not_open"]
    assert "was not open on any day judged" in results.answers["T1"].sentence_en
    assert set(results.verdicts["scenario"]) == {"baseline"}


@pytest.fixture(scope="module")
def claims(evidence_base: Network) -> dict[str, Claim]:
    return read_claims(evidence_base.root)


@pytest.fixture(scope="module")
def quick(evidence_base: Network, claims: dict[str, Claim]) -> Results:
    """All claims under their primary reading; minutes by the fastest ride, which takes seconds."""
    light = {
        name: replace(claim, definitions=("ride_fastest",), primary="ride_fastest")
        if claim.measure == TIME
        else claim
        for name, claim in claims.items()
    }
    return evaluate(evidence_base, claims=light)


def test_every_claim_is_answered_in_both_languages(
    claims: dict[str, Claim], quick: Results
) -> None:
    assert set(quick.answers) == set(claims)
    for name, answer in quick.answers.items():
        outcome = OUTCOMES[answer.outcome]
        assert answer.sentence_zh.startswith(f"{outcome.word_zh}：")
        assert answer.sentence_en.lower().startswith(f"{outcome.word_en}: ")
        for text in (answer.sentence_zh, answer.sentence_en, answer.headline_en):
            assert text, name
            assert not re.search(r"\bnan\b|[{}]|None", text), text
        assert answer.sentence_zh.endswith("。")
        assert answer.sentence_en.endswith(".")


def test_sentences_count_as_the_verdicts_do(claims: dict[str, Claim], quick: Results) -> None:
    for name, answer in quick.answers.items():
        if claims[name].measure == NOTHING:
            assert answer.outcome == "untestable"
            continue
        rows = quick.verdicts.query("claim_id == @name and as_of == @answer.day and primary")
        row = rows[rows["scenario"] == "baseline"].iloc[0]
        assert answer.headline_en.startswith(f"{row['n_passing']} of {row['n_pairs']}")
        assert (
            len(answer.failing) + len(answer.unsure) + answer.n_passing <= max(answer.n_pairs, 1)
            or claims[name].direction == "both"
        )
        if claims[name].measure == STATUS:
            parts = quick.parts.query("claim_id == @name and as_of == @answer.day")
            assert answer.n_passing == (parts["state"] == "yes").sum()


def test_every_claim_about_time_says_why_it_is_read_so(claims: dict[str, Claim]) -> None:
    for claim in claims.values():
        if claim.measure == TIME:
            assert claim.primary in claim.definitions
            assert claim.primary_why_zh
            assert claim.primary_why_en
        if claim.kind == "fact":
            assert not claim.deadline


def test_status_verdicts_are_in_their_order(quick: Results) -> None:
    frame = quick.verdicts[quick.verdicts["unit"] == "parts"]
    assert isinstance(frame, pd.DataFrame)
    assert set(frame["evidence_grade"]) <= {"A", "B", "C"}
    assert (frame["low"] <= frame["high"]).all()
