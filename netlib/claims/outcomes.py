"""Outcomes: what a verdict means for a fact, a forecast and a goal, with its word, mark and colour.

A verdict says whether the condition holds on a day (supported, refuted, undecided, untestable);
an outcome says what that makes of the sentence.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from netlib.claims.claim import FACT, GOAL, TIME, Claim
from netlib.units import Interval, parse_day

SUPPORTED, REFUTED, UNDECIDED, UNTESTABLE = "supported", "refuted", "undecided", "untestable"
CAME_TRUE, CAME_LATE, DID_NOT_COME = "came_true", "came_late", "did_not_come"
MET, MISSED, NOT_MET_YET, NOT_DUE = "met", "missed", "not_met_yet", "not_due"
# Mean length of a month of the Gregorian calendar.
DAYS_PER_MONTH = 365.2425 / 12


class Outcome(NamedTuple):
    """How an outcome is shown.

    Attributes
    ----------
    word_zh, word_en
        What it is called.
    meaning_zh, meaning_en
        What it means, for a legend.
    mark
        A sign that tells it without colour.
    colour
        Hexadecimal; readable on white at a contrast of 4.5 or more (WCAG 2.1, 1.4.3).
    """

    word_zh: str
    word_en: str
    meaning_zh: str
    meaning_en: str
    mark: str
    colour: str


YES, NO, WAITING, OPEN, NONE = "#0072b2", "#b34700", "#6b4c9a", "#7a5c00", "#57606a"
OUTCOMES: dict[str, Outcome] = {
    SUPPORTED: Outcome(
        "成立", "supported", "按主读法成立", "holds under its primary reading", "✓", YES
    ),
    REFUTED: Outcome(
        "不成立", "refuted", "按主读法不成立", "fails under its primary reading", "✗", NO
    ),
    CAME_TRUE: Outcome(
        "如期实现", "came true", "在预告的日期前实现", "came by the date forecast", "✓", YES
    ),
    CAME_LATE: Outcome(
        "迟到", "came late", "实现了，晚于预告", "came after the date forecast", "◷", NO
    ),
    DID_NOT_COME: Outcome(
        "没有实现", "did not come", "到今天没有实现", "has not come to this day", "✗", NO
    ),
    MET: Outcome("达到", "met", "目标已达到", "the goal is met", "✓", YES),
    MISSED: Outcome(
        "逾期", "missed by its date", "到期没有达到", "was not met by its date", "✗", NO
    ),
    NOT_MET_YET: Outcome(
        "尚未达到",
        "not met yet",
        "没有期限的目标，尚未达到",
        "a goal without a date, not met so far",
        "…",
        WAITING,
    ),
    NOT_DUE: Outcome("未到期", "not due yet", "期限未到", "its date has not come", "…", WAITING),
    UNDECIDED: Outcome(
        "未定",
        "undecided",
        "数字的范围跨过门槛，或时刻表不全",
        "the range of the figures crosses the threshold, or trains are missing",
        "≈",
        OPEN,
    ),
    UNTESTABLE: Outcome(
        "无法检验", "untestable", "缺少所需的资料", "what it takes is not known", "?", NONE
    ),
}


def choose_outcome(claim: Claim, verdict: str, day: str, *, came: Interval | None = None) -> str:
    """Return what a verdict on a day makes of a claim.

    Parameters
    ----------
    claim
        Its kind and deadline count.
    verdict
        Of the day: for a claim about status, by its deadline where that has passed.
    day
        ``YYYY-MM-DD``.
    came
        When it happened after all, as (earliest, latest); None where it did not, or for minutes.
    """
    if claim.kind == FACT or verdict in (UNDECIDED, UNTESTABLE):
        return verdict
    choose = _choose_of_goal if claim.kind == GOAL else _choose_of_forecast
    return choose(claim, verdict, day, came)


def _choose_of_goal(claim: Claim, verdict: str, day: str, came: Interval | None) -> str:
    """Choose for a goal; one that is missed by its date stays so, whatever came later."""
    del came
    if verdict == SUPPORTED:
        return MET
    if not claim.deadline:
        return NOT_MET_YET
    return MISSED if day >= claim.deadline else NOT_DUE


def _choose_of_forecast(claim: Claim, verdict: str, day: str, came: Interval | None) -> str:
    """Choose for a forecast; what is to come "soon", without a date, is never overdue."""
    if verdict == SUPPORTED:
        late = claim.measure == TIME and claim.deadline and day > claim.deadline
        return CAME_LATE if late else CAME_TRUE
    if not claim.deadline or day < claim.deadline:
        return NOT_DUE
    deadline, today = parse_day(claim.deadline), parse_day(day)
    happened = came is not None and deadline < came[0] and came[1] <= today
    return CAME_LATE if happened else DID_NOT_COME


def months_late(deadline: str, came: Interval) -> tuple[int, int]:
    """Return how many months after its deadline something came, as (least, most), at least 1.

    >>> from datetime import date
    >>> months_late("2022-12-31", (date(2023, 12, 28), date(2023, 12, 28)))
    (12, 12)
    """
    last = parse_day(deadline)

    def count(day: date) -> int:
        return max(1, round((day - last).days / DAYS_PER_MONTH))

    return count(came[0]), count(came[1])
