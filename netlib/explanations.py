"""Why a figure is what it is: a journey, a claim or a row, told with the evidence behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from netlib.claims import Claim, credit_scenario, evaluate, read_claims
from netlib.errors import UnknownNameError
from netlib.evidence import explain_cell
from netlib.maps.sheet import name_scenario
from netlib.places import format_name
from netlib.readings import find_reading
from netlib.sentences import SENTENCES
from netlib.tables import Network
from netlib.times import journey_legs, travel_times
from netlib.value_words import PARAMETERS_ZH
from netlib.words import Language, translate, translate_value

# Table by the key that identifies its rows, in the order in which an id is looked up.
KEYS = {
    "line": "line_id",
    "node": "node_id",
    "link": "link_id",
    "zone": "zone_id",
    "service": "service_id",
    "parameter": "parameter_id",
}
# Parts of a journey that are spent in a vehicle between stations.
ABOARD = ("ride", "drive")


def explain_journey(
    network: Network, origin: str, destination: str, *, reading: str, lang: Language = "zh"
) -> str:
    """Tell a journey leg by leg; numbers in brackets lead to the evidence behind its minutes.

    Raises
    ------
    UnreachableError
        If there is no journey.
    """
    says = SENTENCES[lang]
    legs = journey_legs(network, origin, destination, reading=reading)
    if lang == "en":
        legs["service"] = legs["service"].replace(dict(network.names.values()))
    total = travel_times(network, [origin], [destination], reading=reading).iloc[0]
    start, end = (format_name(network, place, lang=lang) for place in (origin, destination))
    spec = find_reading(network.root, reading)
    lines = [
        says["head"].format(
            start, end, spec.text("name", lang), f"{total['travel_time_minutes']:g}"
        )
    ]
    lines.append(says["range"].format(f"{total['low']:g}", f"{total['high']:g}"))
    if "travel_time_p05" in total and total["travel_time_p95"] > total["travel_time_p05"]:
        spread = (f"{total[key]:g}" for key in ("travel_time_p05", "travel_time_p95"))
        lines.append(says["spread"].format(*spread))
    lines.append(says["network"].format(network.day, name_scenario(network, lang)))
    lines += _tell_timetable(total, says)
    numbers: dict[str, int] = {}
    told = [_tell_leg(leg, says, numbers, lang) for leg in legs.to_dict("records")]
    clocks = [f"{clock}  " if clock else "" for clock in legs["departs"]]
    lines.append("")
    lines += [
        f"{number:3d}. {clock}{minutes:>5}  {words}" + (f" {cited}" if cited else "")
        for number, (clock, (minutes, words, cited)) in enumerate(
            zip(clocks, told, strict=True), start=1
        )
    ]
    aboard = legs.loc[legs["kind"].isin(ABOARD), "minutes"].sum()
    share = 100 * aboard / max(legs["minutes"].sum(), 1e-9)
    lines += ["", says["share"].format(f"{aboard:g}", f"{share:.0f}"), "", says["evidence"]]
    lines += describe_evidence(network, numbers, lang=lang)
    return "\n".join(lines)


def _tell_timetable(total: pd.Series, says: Mapping[str, str]) -> list[str]:
    """Say which timetable the trains are from, how old it is, and what it lacks."""
    lines = []
    if total.get("timetable"):
        lines.append(says["timetable"].format(total["timetable"]))
    if total.get("known", "exact") != "exact":
        lines.append(says[str(total["known"])])
    if not pd.isna(total.get("gap_minutes", np.nan)):
        lines.append(says["gap"].format(f"{total['gap_minutes']:g}"))
    return lines


def _tell_leg(
    leg: Mapping[Any, Any], says: Mapping[str, str], numbers: dict[str, int], lang: Language
) -> tuple[str, str, str]:
    """Say one leg: its minutes, its words and the numbers of its evidence, given as needed."""
    kind, service = leg["kind"], leg["service"]
    sentence = says.get(f"{kind} {service}") or says[kind]
    words = sentence.format(leg[f"from_{lang}"], leg[f"to_{lang}"], service)
    keys = leg["evidence"].split(";") if leg["evidence"] else []
    cited = ", ".join(str(numbers.setdefault(key, len(numbers) + 1)) for key in keys)
    return f"{leg['minutes']:.1f}", words, f"[{cited}]" if cited else ""


def describe_evidence(network: Network, numbers: Mapping[str, int], *, lang: Language) -> list[str]:
    """Describe the evidence rows behind numbered keys ``table:row_id:field``, one a line."""
    lines = []
    for key, number in numbers.items():
        table, rest = key.split(":", 1)
        row_id, field = rest.rsplit(":", 1)
        head = f"[{number}] {_name_cell(table, row_id, field, lang)} ({key})"
        rows = explain_cell(network, table, row_id, field)
        lines.append(head if len(rows) else f"{head}: {SENTENCES[lang]['none']}")
        lines += [f"    {describe_row(row, lang=lang)}" for row in rows.to_dict("records")]
    return lines


def _name_cell(table: str, row_id: str, field: str, lang: Language) -> str:
    """Name what a cell holds in words: a parameter by itself, other cells by their field."""
    if table == "parameter" and lang == "zh":
        return PARAMETERS_ZH.get(row_id, row_id)
    if table == "parameter":
        return row_id.replace("_", " ")
    return translate_value("field", field, lang)


def describe_row(row: Mapping[Any, Any], *, lang: Language = "en") -> str:
    """Describe one evidence row: value, range, kind, source and note."""
    span = "" if pd.isna(row["low"]) else f" [{row['low']:g}, {row['high']:g}]"
    kind = translate_value("kind", str(row["kind"]), lang)
    parts = [f"{row['value']}{span} {row['unit']}".strip(), kind, str(row["title"])]
    parts += [str(row[k]) for k in ("address", "locator", "note") if row[k]]
    return "; ".join(parts)


def explain_row(network: Network, ident: str, *, lang: Language = "zh") -> str:
    """Tell what a claim, line, node, link, zone, service or parameter is and why.

    Raises
    ------
    UnknownNameError
        If no row has that id.
    """
    claims = read_claims(network.root)
    if ident in claims:
        return explain_claim(network, claims[ident], lang=lang)
    known: list[str] = list(claims)
    for table, key in KEYS.items():
        frame = network[table]
        known += frame[key].tolist()
        row = frame[frame[key] == ident]
        if row.empty:
            continue
        cells = row.iloc[0].drop(["region", "line_number"])
        lines = [f"{table} {ident}"]
        lines += [f"  {k}: {v}" for k, v in cells.items() if v != "" and not pd.isna(v)]
        rows = explain_cell(network, table, ident)
        lines.append(SENTENCES[lang]["evidence"])
        lines += [f"  {r['field']}: {describe_row(r, lang=lang)}" for r in rows.to_dict("records")]
        return "\n".join(lines)
    raise UnknownNameError("id", ident, known)


def explain_claim(network: Network, claim: Claim, *, lang: Language = "zh") -> str:
    """Tell a claim: its words, what is tested, the verdict of every reading, and without its lines.

    Parameters
    ----------
    network
        The network of all dates.
    """
    says = SENTENCES[lang]
    claimant, statement, reason, note = (
        getattr(claim, f"{name}_{lang}") for name in ("claimant", "statement", "reason", "note")
    )
    lines = [says["claim"].format(claim.claim_id, claim.quote, claimant, claim.said)]
    if statement:
        lines.append(says["asked"].format(statement))
    if reason:
        lines.append(says["reason"].format(reason))
    results = evaluate(network, claims={claim.claim_id: claim})
    word = translate_value("verdict", results.headlines[claim.claim_id], lang)
    lines.append(says["headline"].format(word))
    lines.append(results.answers[claim.claim_id].text("sentence", lang))
    if claim.definitions:
        lines += _tell_days(network, claim, results.verdicts, lang)
    if note:
        lines += ["", says["note"].format(note)]
    return "\n".join(lines)


def _tell_days(network: Network, claim: Claim, verdicts: pd.DataFrame, lang: Language) -> list[str]:
    """Tell the verdicts day by day; those without the credited lines only where they differ."""
    says = SENTENCES[lang]
    without = credit_scenario(claim.credits)
    names = ", ".join(format_name(network, line, lang=lang) for line in claim.credits)
    lines: list[str] = []
    for day, *labels in claim.dates:
        today = verdicts[verdicts["as_of"] == day]
        base = today[today["scenario"] != without]
        if base.empty:
            continue
        label = labels[("zh", "en").index(lang)]
        lines += ["", says["day"].format(day, label)]
        lines += [f"  {_tell_verdict(network, row, lang)}" for row in base.to_dict("records")]
        other = today[today["scenario"] == without]
        if len(other):
            lines.append(says["without"].format(day, names))
            lines += _tell_changes(network, base, other, lang)
    return lines


def _tell_changes(
    network: Network, base: pd.DataFrame, other: pd.DataFrame, lang: Language
) -> Iterable[str]:
    keys = ["definition", "circle"]
    verdicts = base.set_index(keys)["verdict"].to_dict()
    changed = [
        row
        for row in other.to_dict("records")
        if verdicts.get((row["definition"], row["circle"])) != row["verdict"]
    ]
    if not changed:
        return [f"  {SENTENCES[lang]['same']}"]
    return [f"  {_tell_verdict(network, row, lang)}" for row in changed]


def _tell_verdict(network: Network, row: Mapping[Any, Any], lang: Language) -> str:
    """Say one verdict: the reading, the word, the minutes with their range and the margin."""
    reading = find_reading(network.root, str(row["definition"])).text("name", lang)
    word = translate_value("verdict", str(row["verdict"]), lang)
    figures = [
        translate("no_journey", lang) if pd.isna(row[key]) else f"{row[key]:g}"
        for key in ("central", "low", "high")
    ]
    asked, margin = f"{row['threshold_minutes']:g}", f"{abs(row['margin']):g}"
    passing = f"{row['n_passing']:g}"
    ends = [format_name(network, str(row[end]), lang=lang) for end in ("from_id", "to_id")]
    pair = "→".join(ends) if row["from_id"] else ""
    return SENTENCES[lang][_choose_sentence(row)].format(
        reading, word, *figures, asked, margin, pair, passing, f"{row['n_pairs']:g}"
    )


def _choose_sentence(row: Mapping[Any, Any]) -> str:
    """Choose the sentence for a verdict by what was measured."""
    if pd.isna(row["central"]):
        return "unreached" if row["from_id"] else "bare"
    if row["unit"] == "min":
        return "minutes over" if row["margin"] < 0 else "minutes under"
    return "percent" if row["unit"] == "%" else "parts"
