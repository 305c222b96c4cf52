"""One claim on the report's page: its readings, journeys, pairs and attribution."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from netlib.claims.status import find_event, split_parts
from netlib.report.appendix import Item, format_number, join_names
from netlib.report.view import MINUTES, View, make_anchor
from netlib.scenarios import WITHOUT
from netlib.times.table import EXACT
from netlib.words import translate_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netlib.claims import Claim
    from netlib.tables import Network
    from netlib.units import Interval

# The range bar: its width in drawing units, and the room left for the ends of its axis.
BAR_WIDTH = 240
BAR_PADDING = 6
LEAST_WIDTH = 1.5
AXIS_STEPS = (5, 10, 15, 30, 60, 120, 240, 480)
MOST_TICKS = 5
# Part of the longest time that the axis reaches to.
AXIS_ROOM = 1.08


def describe_claim(view: View, claim: Claim) -> Item:
    """Describe a claim with its readings at every date, in the order of the definitions."""
    order = list(view.vocabulary.get("definition", {}))
    rows = sorted(
        view.verdicts.get((claim.claim_id,), []),
        key=lambda row: order.index(row["definition"]) if row["definition"] in order else -1,
    )
    base = [row for row in rows if not row["scenario"].startswith(WITHOUT)]
    limit = _axis_limit(rows)
    days = [str(day) for day, *_ in claim.dates] or list(
        dict.fromkeys(str(row["as_of"]) for row in base)
    )
    labels = {str(day): zh if view.lang == "zh" else en for day, zh, en in claim.dates}
    days += [str(r["as_of"]) for r in base if str(r["as_of"]) not in days]
    readings = [
        _describe_reading(view, row, limit)
        for day in dict.fromkeys(days)
        for row in base
        if str(row["as_of"]) == day
    ]
    first = days[0] if days else ""
    document = view.documents.get(claim.document_id, {})
    return {
        "id": claim.claim_id,
        "anchor": make_anchor(claim.claim_id),
        "quote": claim.quote,
        "claimant": view.pick(claim, "claimant"),
        "said": claim.said,
        "document_id": claim.document_id,
        "document": document,
        "language": str(document.get("language", "") or "zh"),
        "kind": "untestable" if claim.measure == "none" else claim.measure,
        "cities": find_cities(view.network, claim),
        "statement": view.pick(claim, "statement"),
        "reason": view.pick(claim, "reason"),
        "note": view.pick(claim, "note"),
        "headline": view.results.headlines.get(claim.claim_id, "untestable"),
        "rule": _describe_rule(view, claim),
        "conditions": [part for c in claim.conditions for part in _describe_condition(view, c)],
        "readings": readings,
        "front": [r for r in readings if r["day"] == first],
        "days": [
            {"day": day, "label": labels.get(day, ""), "first": day == first}
            for day in dict.fromkeys(days)
        ],
        "axis": _axis_ticks(limit),
        "history": _build_history(readings, list(dict.fromkeys(days))),
        "attribution": _describe_attribution(view, claim, rows, base),
        "matrices": [
            matrix
            for day in dict.fromkeys(days)
            if (matrix := _build_matrix(view, claim.claim_id, day, base))
        ],
    }


def find_cities(network: Network, claim: Claim) -> list[str]:
    """Find the cities that a claim is about: its own places, or those that its lines call at.

    Returns
    -------
    list of zone_id
        Cities and areas, counties replaced by the city that they belong to; sorted.
    """
    zone = network["zone"].set_index("zone_id")
    zones = {*claim.origins, *claim.destinations}
    if not zones:
        named = [*claim.shows, *claim.credits, *(str(c["line"]) for c in claim.conditions)]
        parts = {part for name in named for part in split_parts(network, name)}
        link = network["link"][network["link"]["line_id"].isin(parts)]
        nodes = parts | set(link["from_node_id"]) | set(link["to_node_id"])
        node = network["node"]
        zones = set(node.loc[node["node_id"].isin(nodes), "zone_id"]) & set(zone.index)
    parents = {ident: str(zone.loc[ident, "parent_zone_id"]) for ident in zones}
    return sorted({parents[ident] or ident for ident in zones})


def _build_history(readings: list[Item], days: list[str]) -> list[Item]:
    """Arrange the verdicts of a claim with several dates: a row a reading, a cell a day."""
    if len(days) < 2 or not readings:
        return []
    cells: dict[str, dict[str, Item]] = {}
    for reading in readings:
        cells.setdefault(reading["definition"], {})[reading["day"]] = reading
    return [
        {"definition": definition, "cells": [found.get(day) for day in days]}
        for definition, found in cells.items()
    ]


def _axis_limit(rows: list[Item]) -> float:
    values = [
        row[column]
        for row in rows
        for column in ("high", "threshold_minutes")
        if row["unit"] == MINUTES and not math.isnan(row[column])
    ]
    return max(values, default=0) * AXIS_ROOM


def _axis_ticks(limit: float) -> list[Item]:
    if not limit:
        return []
    step = next((s for s in AXIS_STEPS if limit / s <= MOST_TICKS), AXIS_STEPS[-1])
    ticks = range(0, int(limit) + 1, step)
    width = BAR_WIDTH - 2 * BAR_PADDING
    return [{"at": BAR_PADDING + round(tick / limit * width, 1), "text": tick} for tick in ticks]


def _describe_rule(view: View, claim: Claim) -> str:
    if claim.kind != "time":
        return ""
    rules = {
        "all": view.t("all_passes"),
        "any": view.t("any_passes"),
        "share": view.t("share_passes", share=f"{(claim.share or 0):.0%}"),
    }
    threshold = f"≤ {format_number(claim.threshold_minutes or float('nan'))}"
    return f"{threshold} {view.t('minutes')}; {rules.get(claim.quantifier, '')}"


def _describe_condition(view: View, condition: Mapping[str, Any]) -> list[Item]:
    """Describe every part of what a claim says is open or begun, with its own date."""
    start = condition["event"] == "start"
    return [
        {
            "name": view.name(part),
            "event": view.t(f"condition_{condition['event']}"),
            "label": view.t("started" if start else "opened"),
            "by": str(condition.get("by", "")),
            "date": _format_interval(view, find_event(view.network, part, condition)),
            "status": translate_value("status", str(view.statuses.get(part, "")), view.lang),
            "evidence": view.index.cite_line(part),
        }
        for part in split_parts(view.network, str(condition["line"]))
    ]


def _format_interval(view: View, event: Interval | None) -> str:
    if event is None:
        return view.t("not_known")
    first, last = event
    if first == last:
        return first.isoformat()
    return view.t("from_day_to_day", first=first.isoformat(), last=last.isoformat())


def _describe_reading(view: View, row: Item, limit: float) -> Item:
    key = (row["claim_id"], row["definition"], row["as_of"], row["scenario"])
    measured = view.measurements.get(key, [])
    snapshots = sorted({view.timetable(m["snapshot"], m["known"]) for m in measured if m["known"]})
    unit = str(row["unit"])
    minutes = unit == MINUTES
    text = view.range_text(row, unit)
    threshold = row["threshold_minutes"]
    label = f"{text}, {view.t('threshold')} {format_number(threshold)}"
    margin = row["margin"]
    return {
        "key": "|".join(str(part) for part in key),
        "anchor": make_anchor(*(str(part) for part in key[:3])),
        "definition": view.definition(str(row["definition"])),
        "day": str(row["as_of"]),
        "verdict": str(row["verdict"]),
        "text": text,
        "bar": place_range(
            row["low"], row["central"], row["high"], threshold=threshold, limit=limit
        )
        if minutes and limit
        else None,
        "label": label,
        "threshold": format_number(threshold),
        "margin": _format_margin(margin, unit),
        "n_pairs": format_number(row["n_pairs"]),
        "minutes": minutes,
        "passing": _count_passing(view, row) if minutes else "",
        "share": "–" if math.isnan(row["share_passing"]) else f"{row['share_passing']:.0%}",
        "worst": _name_pair(view, row),
        "snapshot": ", ".join(snapshots) or "–",
        "grade": str(row["evidence_grade"]) or "–",
        "legs": _describe_legs(view, view.legs.get(key, [])),
        "length": round(100 * row["central"] / limit, 1) if limit and minutes else 0,
    }


def _name_pair(view: View, row: Item) -> str:
    """Name the pair that decides; none decides a claim about status."""
    ends = [view.name(str(row[end])) for end in ("from_id", "to_id") if row[end]]
    return " → ".join(ends) or "–"


def _format_margin(margin: float, unit: str) -> str:
    """Write a margin with its sign; minutes and parts without unit, shares in percent."""
    text = f"+{format_number(margin)}" if margin > 0 else format_number(margin)
    return f"{text} %" if unit == "%" and not math.isnan(margin) else text


def _count_passing(view: View, row: Item) -> str:
    if row["n_pairs"] <= 1:
        return ""
    passing = round(row["share_passing"] * row["n_pairs"])
    return view.t("pairs_pass", n=passing, total=format_number(row["n_pairs"]))


def _describe_legs(view: View, legs: list[Item]) -> list[Item]:
    total = sum(leg["minutes"] for leg in legs) or 1
    return [
        {
            "kind": str(leg["kind"]),
            "word": translate_value("leg", str(leg["kind"]), view.lang),
            "from": join_names(str(leg["from_zh"]), str(leg["from_en"]), view.lang),
            "to": join_names(str(leg["to_zh"]), str(leg["to_en"]), view.lang),
            "service": view.short(str(leg["service"] or "")),
            "minutes": leg["minutes"],
            "share": round(100 * leg["minutes"] / total, 2),
            "evidence": view.index.cite_keys(str(leg["evidence"] or "")),
        }
        for leg in sorted(legs, key=lambda leg: leg["seq"])
    ]


def _describe_attribution(
    view: View, claim: Claim, rows: list[Item], base: list[Item]
) -> Item | None:
    """Describe what the verdicts become without the lines that the claim credits."""
    days = {day: number for number, (day, *_) in enumerate(claim.dates)}
    without = [
        _describe_without(view, row, base)
        for row in sorted(rows, key=lambda row: days.get(row["as_of"], len(days)))
        if row["scenario"].startswith(WITHOUT)
    ]
    if not without:
        return None
    changed = sum(not row["same"] for row in without)
    key = "attribution_changed" if changed else "attribution_same"
    lines = view.t("comma").join(view.name(line) for line in claim.credits)
    return {"text": view.t(key, lines=lines, n=changed, total=len(without)), "rows": without}


def _describe_without(view: View, row: Item, base: list[Item]) -> Item:
    with_line = next(
        (b for b in base if (b["definition"], b["as_of"]) == (row["definition"], row["as_of"])),
        None,
    )
    return {
        "key": "|".join(str(row[k]) for k in ("claim_id", "definition", "as_of", "scenario")),
        "definition": view.definition(str(row["definition"])),
        "day": str(row["as_of"]),
        "verdict": str(row["verdict"]),
        "text": view.range_text(row, str(row["unit"])),
        "passing": _count_passing(view, row),
        "with_verdict": str(with_line["verdict"]) if with_line else "untestable",
        "with_text": view.range_text(with_line, str(row["unit"])) if with_line else "–",
        "with_passing": _count_passing(view, with_line) if with_line else "",
        "same": bool(with_line and with_line["verdict"] == row["verdict"]),
    }


def _build_matrix(view: View, claim_id: str, day: str, base: list[Item]) -> Item | None:
    """Arrange the measurements of a day: a row a pair, a column a reading."""
    columns = []
    cells: dict[tuple[str, str], dict[str, Item]] = {}
    for row in base:
        if str(row["as_of"]) != day:
            continue
        definition = str(row["definition"])
        measured = view.measurements.get((claim_id, definition, row["as_of"], row["scenario"]), [])
        if not measured:
            continue
        columns.append(definition)
        for m in measured:
            cell = {
                "text": view.range_text(m, MINUTES).removesuffix(view.t("unit_min")).strip(),
                "passes": str(m["passes"]),
                "service": view.short(str(m["service"] or "")),
                "more": _describe_trains(view, m),
            }
            cells.setdefault((str(m["from_id"]), str(m["to_id"])), {})[definition] = cell
    if not cells:
        return None
    return {
        "day": day,
        "columns": [view.definition(column) for column in columns],
        "rows": [
            {
                "pair": f"{view.name(pair[0])} → {view.name(pair[1])}",
                "cells": [found.get(column) for column in columns],
            }
            for pair, found in cells.items()
        ],
    }


def _describe_trains(view: View, measured: Item) -> str:
    """Say how far apart the departures are, and whose timetable it is where not the day's own."""
    gap = measured["gap_minutes"]
    parts = [] if math.isnan(gap) else [f"{view.t('map_gap')} {format_number(gap)}"]
    if measured["known"] not in ("", EXACT):
        parts.append(view.timetable(measured["snapshot"], measured["known"]))
    return " · ".join(parts)


def place_range(
    low: float, central: float, high: float, *, threshold: float, limit: float
) -> dict[str, float]:
    """Place a range and its threshold on the bar's axis from 0 to ``limit``, in drawing units.

    Returns
    -------
    dict
        ``left``, ``width`` and ``dot`` unless there is no journey; ``at`` is the threshold.

    Examples
    --------
    >>> place_range(30, 40, 60, threshold=60, limit=120)
    {'left': 63.0, 'width': 57.0, 'dot': 82.0, 'at': 120.0}
    """

    def place(value: float) -> float:
        inside = min(max(value, 0), limit)
        return round(BAR_PADDING + inside / limit * (BAR_WIDTH - 2 * BAR_PADDING), 1)

    bar: dict[str, float] = {}
    if not math.isnan(central):
        left = place(low)
        width = max(place(limit if math.isnan(high) else high) - left, LEAST_WIDTH)
        bar = {"left": left, "width": round(width, 1), "dot": place(central)}
    if not math.isnan(threshold):
        bar["at"] = place(threshold)
    return bar
