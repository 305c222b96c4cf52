"""Why a figure is what it is: a journey leg by leg, or a row, with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from netlib.claims import read_claims
from netlib.errors import UnknownNameError
from netlib.evidence import explain_cell
from netlib.places import format_name
from netlib.tables import Network
from netlib.travel_times import journey_legs, travel_times

WORDS = {
    "zh": {
        "access": "去车站",
        "process": "进站",
        "wait": "候车",
        "ride": "乘车",
        "transfer": "换乘",
        "walk": "步行",
        "exit": "出站",
        "egress": "去终点",
        "drive": "驾车",
        "minutes": "分钟",
        "evidence": "依据",
        "none": "没有依据行",
    },
    "en": {
        "access": "access",
        "process": "into the station",
        "wait": "wait",
        "ride": "ride",
        "transfer": "transfer",
        "walk": "walk",
        "exit": "out of the station",
        "egress": "egress",
        "drive": "drive",
        "minutes": "min",
        "evidence": "evidence",
        "none": "no evidence row",
    },
}
# Table by the key that identifies its rows, in the order in which an id is looked up.
KEYS = {
    "line": "line_id",
    "node": "node_id",
    "link": "link_id",
    "zone": "zone_id",
    "service": "service_id",
    "parameter": "parameter_id",
}


def explain_journey(
    network: Network, origin: str, destination: str, *, definition: str, lang: str = "zh"
) -> str:
    """Tell a journey leg by leg with the evidence behind its minutes.

    Raises
    ------
    UnreachableError
        If there is no journey.
    """
    words = WORDS[lang]
    legs = journey_legs(network, origin, destination, definition=definition)
    total = travel_times(network, [origin], [destination], definition=definition).iloc[0]
    start, end = (format_name(network, place, lang=lang) for place in (origin, destination))
    head = (
        f"{start} → {end}: {total['travel_time_minutes']:g} {words['minutes']} "
        f"[{total['low']:g}, {total['high']:g}], {definition}, {network.day}, {network.scenario}"
    )
    lines = [head]
    keys: list[str] = []
    for leg in legs.to_dict("records"):
        service = f" {leg['service']}" if leg["service"] else ""
        lines.append(
            f"{leg['minutes']:7.1f} {words[leg['kind']]}{service}: "
            f"{leg[f'from_{lang}']} → {leg[f'to_{lang}']}"
        )
        keys += leg["evidence"].split(";") if leg["evidence"] else []
    lines.append(words["evidence"] + ":")
    lines += describe_evidence(network, dict.fromkeys(keys), words["none"])
    return "\n".join(lines)


def describe_evidence(network: Network, keys: Iterable[str], nothing: str) -> list[str]:
    """Describe the evidence rows behind keys ``table:row_id:field``, one a line."""
    lines = []
    for key in keys:
        table, rest = key.split(":", 1)
        row_id, field = rest.rsplit(":", 1)
        rows = explain_cell(network, table, row_id, field)
        lines += [f"  {key}: {describe_row(row)}" for row in rows.to_dict("records")]
        if rows.empty:
            lines.append(f"  {key}: {nothing}")
    return lines


def describe_row(row: Mapping[Any, Any]) -> str:
    """Describe one evidence row: value, range, kind, source and note."""
    span = "" if pd.isna(row["low"]) else f" [{row['low']:g}, {row['high']:g}]"
    parts = [f"{row['value']}{span} {row['unit']}".strip(), str(row["kind"]), str(row["title"])]
    parts += [str(row[k]) for k in ("address", "locator", "note") if row[k]]
    return "; ".join(parts)


def explain_row(network: Network, ident: str, *, lang: str = "zh") -> str:
    """Tell what a claim, line, node, link, zone, service or parameter is and why.

    Raises
    ------
    UnknownNameError
        If no row has that id.
    """
    claims = read_claims(network.root)
    if ident in claims:
        claim = claims[ident]
        names = ("claimant", "statement", "reason", "note")
        claimant, *texts = (getattr(claim, f"{name}_{lang}") for name in names)
        head = f"{ident}: “{claim.quote}” ({claimant}, {claim.said})"
        return "\n".join([head, *filter(None, texts)])
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
        lines.append(WORDS[lang]["evidence"] + ":")
        lines += [f"  {r['field']}: {describe_row(r)}" for r in rows.to_dict("records")]
        return "\n".join(lines)
    raise UnknownNameError("id", ident, known)
