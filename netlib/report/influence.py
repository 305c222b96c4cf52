"""The figures that move a claim most, as bars around its central minutes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlib.report.appendix import Item, format_number
from netlib.report.claim import BAR_PADDING, BAR_WIDTH

if TYPE_CHECKING:
    from netlib.influence import Influence, Influences
    from netlib.report.view import View

LEAST_BAR = 1.0


def describe_influences(view: View, influences: Influences, *, threshold: float) -> Item | None:
    """Describe the figures of a claim by the minutes at both ends of their ranges.

    Parameters
    ----------
    view
        Language, names and numbers of the evidence.
    influences
        What was measured.
    threshold
        Minutes that the claim asks for, drawn where the bars come near it.

    Returns
    -------
    dict or None
        None where no figure moves the minutes.
    """
    if not influences.figures:
        return None
    subject = influences.subject
    ends = [influences.central] + [
        value
        for each in influences.figures
        for value in (each.minutes_low, each.minutes_high)
        if not math.isnan(value)
    ]
    first, last = min(ends), max(ends)
    room = 0.04 * (last - first)
    first, last = first - room, last + room
    return {
        "day": subject.day,
        "definition": view.definition(subject.definition),
        "pair": f"{view.short_name(subject.from_id)} → {view.short_name(subject.to_id)}",
        "central": format_number(influences.central),
        "at": _place(influences.central, first, last),
        "limit": _place(threshold, first, last) if first <= threshold <= last else None,
        "rows": [
            _describe_figure(view, each, influences.central, first, last)
            for each in influences.figures
        ],
    }


def _describe_figure(
    view: View, influence: Influence, central: float, first: float, last: float
) -> Item:
    cell = (influence.table, influence.row_id, influence.field)
    found = [
        value for value in (influence.minutes_low, influence.minutes_high) if not math.isnan(value)
    ]
    left = _place(min([*found, central]), first, last)
    right = _place(max([*found, central]), first, last)
    return {
        "name": view.index.describe(*cell),
        "range": f"{influence.low:g}–{influence.high:g}",
        "unit": view.index.unit(*cell),
        "low": _format(view, influence.minutes_low),
        "high": _format(view, influence.minutes_high),
        "swing": format_number(influence.swing) if math.isfinite(influence.swing) else "–",
        "left": left,
        "width": max(round(right - left, 1), LEAST_BAR),
        "evidence": [view.index.cite(*cell)],
    }


def _format(view: View, minutes: float) -> str:
    return view.t("no_journey") if math.isnan(minutes) else format_number(minutes)


def _place(minutes: float, first: float, last: float) -> float:
    """Place minutes on a bar of `BAR_WIDTH` from ``first`` to ``last``, in drawing units."""
    inside = (minutes - first) / (last - first)
    return round(BAR_PADDING + inside * (BAR_WIDTH - 2 * BAR_PADDING), 1)
