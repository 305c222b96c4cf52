"""Scenario cards: named edits of the tables, each stating what it expects to find.

A card is a TOML file of ``[[set]]``, ``[[remove]]`` and ``[[add]]`` entries. A ``set`` changes one
column of the rows that ``where`` selects and names the value it expects there; a ``remove`` takes
lines, links, services, trips or stations away with what hangs on them; an ``add`` appends a row
and says in ``evidence`` where its figures come from.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from netlib.errors import InputError, Notice, ScenarioError, UnknownNameError
from netlib.tables import Network, read_schema

EDITABLE = (
    "node",
    "line",
    "link",
    "service",
    "routes",
    "trips",
    "stop_times",
    "calendar",
    "frequencies",
    "parameter",
)
REMOVABLE = ("line", "link", "service", "trips", "node")
TEXTS = ("name_zh", "name_en", "description_zh", "description_en")
KEYS = {*TEXTS, "id", "set", "remove", "add"}
# Begins the ids of scenarios that leave out a line: of cards, and of claims without their lines.
WITHOUT = "without-"


@dataclass(frozen=True)
class Scenario:
    """A card: what it is called and what it edits.

    Attributes
    ----------
    scenario_id
        Id, equal to the name of its file.
    name_zh, name_en, description_zh, description_en
        What a reader sees.
    edits
        Entries in the order of the file, each with its ``action``.
    """

    scenario_id: str
    name_zh: str
    name_en: str
    description_zh: str
    description_en: str
    edits: tuple[Mapping[str, Any], ...]


def read_scenarios(root: Path) -> dict[str, Scenario]:
    """Read every card in ``scenarios/``, by id; all problems of all cards are listed at once."""
    cards: dict[str, Scenario] = {}
    notices: list[Notice] = []
    for path in sorted((root / "scenarios").glob("*.toml")):
        try:
            cards[path.stem] = read_scenario(path)
        except InputError as problem:
            notices.extend(problem.notices)
    if notices:
        raise InputError(notices)
    return cards


def find_scenario(network: Network, name: str) -> Scenario:
    """Return the card called ``name``, an id in ``scenarios/`` or the path of a TOML file."""
    if name.endswith(".toml"):
        return read_scenario(Path(name))
    cards = read_scenarios(network.root)
    if name not in cards:
        raise UnknownNameError("scenario", name, cards)
    return cards[name]


def read_scenario(path: Path) -> Scenario:
    """Read one card.

    Raises
    ------
    InputError
        If the file is no TOML, is empty of edits, or an entry lacks a key or names a table that
        cannot be edited; all problems are listed.
    """
    name = f"scenarios/{path.name}"
    card = read_toml(path, name)
    notices = []
    for key in sorted(set(card) - KEYS):
        notices.append(Notice(name, 0, "unknown-key", f"{key!r} means nothing here; remove it"))
    for key in ("id", *TEXTS):
        if not isinstance(card.get(key), str) or not card[key]:
            notices.append(Notice(name, 0, "missing-key", f'{key} is missing; add {key} = "…"'))
    if card.get("id", path.stem) != path.stem:
        message = f"id is {card['id']!r} but the file is {path.name}; make them equal"
        notices.append(Notice(name, 0, "id-not-file-name", message))
    edits = []
    for action, needed in (
        ("remove", ("table", "where")),
        ("set", ("table", "where", "field", "expect", "value")),
        ("add", ("table", "row", "evidence")),
    ):
        for number, entry in enumerate(card.get(action, []), start=1):
            notices.extend(_check_entry(name, action, number, entry, needed))
            edits.append({**entry, "action": action})
    if not edits:
        message = "the card edits nothing; add a [[set]], [[remove]] or [[add]] entry"
        notices.append(Notice(name, 0, "empty-scenario", message))
    if notices:
        raise InputError(notices)
    texts = {key: str(card[key]) for key in TEXTS}
    return Scenario(scenario_id=card["id"], edits=tuple(edits), **texts)


def _check_entry(
    name: str, action: str, number: int, entry: Mapping[str, Any], needed: tuple[str, ...]
) -> list[Notice]:
    place = f"[[{action}]] number {number}"
    notices = [
        Notice(name, 0, "missing-key", f"{place} lacks {key!r}; it needs {', '.join(needed)}")
        for key in needed
        if key not in entry
    ]
    allowed = REMOVABLE if action == "remove" else EDITABLE
    if entry.get("table", allowed[0]) not in allowed:
        message = f"{place} names table {entry['table']!r}; it can be one of {', '.join(allowed)}"
        notices.append(Notice(name, 0, "unknown-table", message))
    return notices


def read_toml(path: Path, name: str) -> dict[str, Any]:
    """Read a TOML file; `InputError` names file and line when it is malformed or not there."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = "the file is not there; check its name"
        raise InputError([Notice(name, 0, "missing-file", message)]) from None
    except UnicodeDecodeError:
        raise InputError([Notice(name, 0, "not-utf-8", "save the file as UTF-8")]) from None
    except tomllib.TOMLDecodeError as problem:
        text = str(problem)
        line = int(text.split("at line ")[1].split(",", maxsplit=1)[0]) if "at line " in text else 0
        message = f"{text}; mend the TOML there"
        raise InputError([Notice(name, line, "malformed-toml", message)]) from None


def apply_scenario(network: Network, scenario: Scenario) -> Network:
    """Apply a card to the network of all dates, before `Network.as_of`.

    Raises
    ------
    ScenarioError
        If an entry matches no row, or a row does not hold the expected value; all such entries
        are named.
    """
    if network.day is not None:
        raise ScenarioError("apply a scenario before as_of: a card edits the dated tables")
    edited = network
    problems: list[str] = []
    for edit in scenario.edits:
        apply = {"set": _apply_set, "remove": _apply_remove, "add": _apply_add}[edit["action"]]
        try:
            edited = apply(edited, edit)
        except ScenarioError as problem:
            problems.append(str(problem))
    if problems:
        raise ScenarioError(f"scenario {scenario.scenario_id}: " + "; ".join(problems))
    return replace(edited, scenario=scenario.scenario_id)


def _select(network: Network, edit: Mapping[str, Any]) -> pd.Series:
    frame = network[edit["table"]]
    chosen = pd.Series(True, index=frame.index)
    for column, value in edit["where"].items():
        if column not in frame:
            raise ScenarioError(f"table {edit['table']} has no column {column!r}")
        chosen &= frame[column] == value
    if not chosen.any():
        where = ", ".join(f"{k} = {v!r}" for k, v in edit["where"].items())
        raise ScenarioError(f"{edit['action']} on {edit['table']} where {where} matches nothing")
    return chosen


def _apply_set(network: Network, edit: Mapping[str, Any]) -> Network:
    table, column = edit["table"], edit["field"]
    chosen = _select(network, edit)
    frame = network[table]
    if column not in frame:
        raise ScenarioError(f"table {table} has no column {column!r}")
    found = sorted({str(v) for v in frame.loc[chosen, column] if v != edit["expect"]})
    if found:
        where = ", ".join(f"{k} = {v!r}" for k, v in edit["where"].items())
        raise ScenarioError(
            f"{table} where {where}: {column} is {', '.join(found)}, "
            f"the card expects {edit['expect']!r}"
        )
    check_cell(network, table, column, edit["value"])
    frame = frame.copy()
    frame.loc[chosen, column] = edit["value"]
    return network.with_tables(**{table: frame})


def _apply_add(network: Network, edit: Mapping[str, Any]) -> Network:
    table, row = edit["table"], dict(edit["row"])
    frame = network[table]
    unknown = sorted(set(row) - set(frame.columns))
    if unknown:
        raise ScenarioError(f"table {table} has no column {', '.join(unknown)}")
    for column, value in row.items():
        check_cell(network, table, column, value)
    blank = {c: "" if frame[c].dtype == object else float("nan") for c in frame.columns}
    added = pd.DataFrame([{**blank, "region": "", "line_number": 0, **row}])
    added = added.astype({c: frame[c].dtype for c in frame.columns})
    return network.with_tables(**{table: pd.concat([frame, added], ignore_index=True)})


def check_cell(network: Network, table: str, column: str, value: Any) -> None:
    """Refuse a value that the schema of the column does not allow, such as negative minutes."""
    resource = next(r for r in read_schema(network.root) if r["name"] == table)
    spec = next(f for f in resource["schema"]["fields"] if f["name"] == column)
    limits = spec.get("constraints", {})
    place = f"{table}.{column} = {value!r}"
    if spec["type"] == "string":
        if not isinstance(value, str):
            raise ScenarioError(f"{place} should be a text; put it in quotes")
        if "enum" in limits and value not in limits["enum"]:
            raise ScenarioError(f"{place} should be one of {', '.join(limits['enum'])}")
        if "pattern" in limits and not re.fullmatch(limits["pattern"], value):
            raise ScenarioError(f"{place} should look like {limits['pattern']}")
        return
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ScenarioError(f"{place} should be a number; write it without quotes")
    if value < limits.get("minimum", value) or value > limits.get("maximum", value):
        raise ScenarioError(f"{place} lies outside what the schema allows; see datapackage.json")
    if "exclusiveMinimum" in limits and value <= limits["exclusiveMinimum"]:
        raise ScenarioError(f"{place} should be above {limits['exclusiveMinimum']}")


def _apply_remove(network: Network, edit: Mapping[str, Any]) -> Network:
    table = edit["table"]
    frame = network[table]
    chosen = _select(network, edit)
    if table == "node":
        return _close_stations(network, set(frame.loc[chosen, "node_id"]))
    tables = {table: frame[~chosen]}
    services: set[str] = set()
    trips: set[str] = set()
    if table == "line":
        lines = set(frame.loc[chosen, "line_id"])
        tables["link"] = network["link"][~network["link"]["line_id"].isin(lines)]
        service = network["service"]
        services = set(service.loc[service["line_id"].isin(lines), "service_id"])
    elif table == "service":
        services = set(frame.loc[chosen, "service_id"])
    elif table == "trips":
        trips = set(frame.loc[chosen, "trip_id"])
    if services:
        tables["service"] = network["service"][~network["service"]["service_id"].isin(services)]
        all_trips = network["trips"]
        trips = set(all_trips.loc[all_trips["service_id"].isin(services), "trip_id"])
    for name in ("trips", "stop_times", "frequencies") if trips else ():
        tables[name] = network[name][~network[name]["trip_id"].isin(trips)]
    return network.with_tables(**tables)


def _close_stations(network: Network, nodes: set[str]) -> Network:
    """Take the calls at ``nodes`` away; trains pass through and the track stays."""
    calls = network["stop_times"]
    return network.with_tables(stop_times=calls[~calls["stop_id"].isin(nodes)])
