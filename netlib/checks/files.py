"""Rules on the files beside the tables: shapes, definitions, claims and scenario cards."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from netlib.checks.rules import Base, Rule, hint_names, report
from netlib.checks.schema import (
    check_dates,
    check_keys,
    check_references,
    check_required,
    check_values,
)
from netlib.errors import DateError, InputError, NetlibError, Notice
from netlib.scenarios import Scenario, apply_scenario, read_scenario, read_toml
from netlib.tables import Network
from netlib.units import parse_date

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def check_shapes(base: Base) -> Iterator[Notice]:
    """Check that shapes belong to known lines, zones and sources, and zones find theirs."""
    sources = set(base["source"]["source_id"])
    regions = sorted({region for region in base["node"]["region"] if region})
    for name, table, key in (
        ("shapes.geojson", "line", "line_id"),
        ("zones.geojson", "zone", "shape_id"),
    ):
        known = set(base[table][key]) - {""}
        found: set[str] = set()
        for region in regions:
            path = base.root / region / name
            if not path.is_file():
                continue
            features, notices = _read_features(path, f"{region}/{name}")
            yield from notices
            for number, feature in enumerate(features, start=1):
                properties = feature.get("properties") or {}
                found.add(str(properties.get(key, "")))
                for column, ids in ((key, known), ("source_id", sources)):
                    value = str(properties.get(column, ""))
                    if value not in ids:
                        message = f"{column} {value!r} of feature {number} is unknown"
                        hint = (
                            f"{hint_names([value], ids)[value]}; correct it or remove the feature"
                        )
                        yield Notice(f"{region}/{name}", 0, "unknown-id", message + hint)
        if table == "zone":
            zone = base["zone"]
            rows = zone[(zone["shape_id"] != "") & ~zone["shape_id"].isin(found)]
            messages = [
                f"shape_id {shape!r} is in no {name}; add its polygon or leave shape_id empty"
                for shape in rows["shape_id"]
            ]
            yield from report(base, "zone", rows, "unknown-id", messages)


def _read_features(path: Path, name: str) -> tuple[list[dict[str, Any]], list[Notice]]:
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
    except json.JSONDecodeError as problem:
        message = f"{problem.msg} in column {problem.colno}; mend the JSON there"
        return [], [Notice(name, problem.lineno, "malformed-json", message)]
    except (KeyError, TypeError):
        message = "it is no GeoJSON FeatureCollection; give it a list of features"
        return [], [Notice(name, 0, "malformed-geojson", message)]
    return list(features), []


def check_toml(base: Base) -> Iterator[Notice]:
    """Check that definitions and claims are TOML."""
    for path in (base.root / "definitions.toml", *sorted((base.root / "claims").glob("*.toml"))):
        name = str(path.relative_to(base.root))
        try:
            read_toml(path, name)
        except InputError as problem:
            yield from problem.notices


def check_claim_ids(base: Base) -> Iterator[Notice]:
    """Check that claims speak of known places, lines, documents, readings and dates."""
    lines, nodes = set(base["line"]["line_id"]), set(base["node"]["node_id"])
    places = {*base["zone"]["zone_id"], *nodes}
    documents = set(base["document"]["document_id"])
    sources = set(base["source"]["source_id"])
    readings = set(_read_quietly(base.root / "definitions.toml").get("definition", {}))
    for path in sorted((base.root / "claims").glob("*.toml")):
        name = f"claims/{path.name}"
        claim = _read_quietly(path)
        text = path.read_text(encoding="utf-8", errors="replace").splitlines()
        conditions = [c.get("line", "") for c in claim.get("conditions", [])]
        for key, ids, known in (
            ("document", [claim.get("document", "")] if claim else [], documents),
            ("origins", claim.get("origins", []), places),
            ("destinations", claim.get("destinations", []), places),
            ("circles", _list_circle_places(claim), places),
            ("official", _list_official(claim), sources),
            ("credits", claim.get("credits", []), lines),
            ("conditions", conditions, lines | nodes),
            ("definitions", claim.get("definitions", []), readings),
        ):
            for value in (value for value in ids if value not in known):
                hint = hint_names([str(value)], known)[str(value)]
                message = f"{key}: {value!r} is unknown{hint}; correct it or add it"
                yield Notice(name, _find_line(text, value), "unknown-id", message)
        days = [("said", claim.get("said", ""))]
        days += [("day", date.get("day", "")) for date in claim.get("dates", [])]
        days += [("deadline", claim["deadline"])] if "deadline" in claim else []
        for key, value in days:
            try:
                parse_date(str(value))
            except DateError as problem:
                yield Notice(name, _find_line(text, value), "bad-date", f"{key}: {problem}")


def _list_circle_places(claim: dict[str, Any]) -> list[str]:
    """List the places of a claim's other circles; `read_claim` says what is malformed."""
    circles = [part for part in claim.get("circles", []) if isinstance(part, dict)]
    keys = ("origins", "destinations")
    return [place for part in circles for key in keys for place in part.get(key, [])]


def _list_official(claim: dict[str, Any]) -> list[str]:
    official = claim.get("official", {})
    return [str(official["source"])] if isinstance(official, dict) and "source" in official else []


def _read_quietly(path: Path) -> dict[str, Any]:
    """Read a TOML file, or nothing where `check_toml` has its say already."""
    try:
        return read_toml(path, path.name)
    except InputError:
        return {}


def _find_line(text: list[str], value: object) -> int:
    """Return the first line that holds a value in quotes, 0 when there is none."""
    return next((n for n, line in enumerate(text, start=1) if f'"{value}"' in line), 0)


def check_scenarios(base: Base) -> Iterator[Notice]:
    """Check that every card can be read and, where the tables can be, applied to them."""
    for path in sorted((base.root / "scenarios").glob("*.toml")):
        name = f"scenarios/{path.name}"
        try:
            scenario = read_scenario(path)
            if not base.unread:
                tables = {**base.tables, "reference_link": base["link"]}
                edited = apply_scenario(Network(root=base.root, tables=tables), scenario)
                yield from _check_edited(base, edited, name, scenario)
        except InputError as problem:
            yield from problem.notices
        except NetlibError as problem:
            yield Notice(name, 0, "scenario", str(problem))


def _check_edited(base: Base, edited: Network, name: str, scenario: Scenario) -> Iterator[Notice]:
    """Check the rows that a card sets and adds as the tables themselves are checked."""
    touched = {edit["table"] for edit in scenario.edits if edit["action"] != "remove"}
    for resource in base.resources:
        table = resource["name"]
        if table not in touched:
            continue
        before, after = base[table], edited[table]
        same = (after == before.reindex(after.index)) | after.isna()
        alone = replace(base, resources=[resource])
        rows = replace(alone, tables={**edited.tables, table: after[~same.all(axis=1)]})
        whole = replace(alone, tables=edited.tables)
        doubled = set(check_keys(whole)).difference(check_keys(alone))
        checks = (check_required, check_values, check_dates, check_references)
        for notice in chain(doubled, *(check(rows) for check in checks)):
            message = f"leads to {notice.file}: {notice.message}"
            yield Notice(name, 0, notice.rule, message, notice.severity)


RULES = (
    Rule(check_shapes, ("line", "zone", "source", "node")),
    Rule(check_toml, ()),
    Rule(check_claim_ids, ("line", "node", "zone", "document", "source")),
    Rule(check_scenarios, ()),
)
