"""What the shell offers after a tab: readings, scenarios, places and claims of the evidence base.

Only names are read, with the standard library, since a tab should not wait for tables. Without an
evidence base nothing is offered.
"""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any

from netlib.errors import MissingFileError
from netlib.locations import find_networks

Offers = list[tuple[str, str]]


def complete_reading(incomplete: str) -> Offers:
    """Offer the readings that begin so, with their English names."""
    root = _find_root()
    readings = _parse(root / "definitions.toml").get("definition", {}) if root else {}
    return _begin([(ident, str(spec["name_en"])) for ident, spec in readings.items()], incomplete)


def complete_scenario(incomplete: str) -> Offers:
    """Offer the cards in ``scenarios/`` that begin so."""
    return _begin(_list_records("scenarios"), incomplete)


def complete_claim(incomplete: str) -> Offers:
    """Offer the claims that begin so."""
    return _begin(_list_records("claims"), incomplete)


def complete_place(incomplete: str) -> Offers:
    """Offer cities and rail stations whose id, Chinese or English name begins so."""
    offers = []
    for file, key in (("zone.csv", "zone_id"), ("node.csv", "node_id")):
        for row in _read_rows(file):
            if (
                row.get("level") == "county"
                or row.get("node_type", "rail_station") != "rail_station"
            ):
                continue
            for name in (row["name_zh"], row["name_en"], row[key]):
                offers.append((name, f"{row['name_zh']} {row['name_en']} {row[key]}"))
    return _begin(offers, incomplete)


def _begin(offers: Offers, incomplete: str) -> Offers:
    """Keep, once each, the offers that begin as typed; case does not matter."""
    typed = incomplete.casefold()
    return list(
        {
            name: (name, words) for name, words in offers if name.casefold().startswith(typed)
        }.values()
    )


def _find_root() -> Path | None:
    try:
        return find_networks()
    except MissingFileError:
        return None


def _list_records(folder: str) -> Offers:
    root = _find_root()
    files = sorted((root / folder).glob("*.toml")) if root else []
    records = [_parse(path) for path in files]
    return [
        (str(record["id"]), str(record.get("name_en") or record.get("statement_en") or ""))
        for record in records
        if "id" in record
    ]


def _parse(path: Path) -> dict[str, Any]:
    """Parse a TOML file; one that cannot be read offers nothing."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _read_rows(name: str) -> list[dict[str, str]]:
    """Read the rows of a table in all regions."""
    root = _find_root()
    rows: list[dict[str, str]] = []
    for path in sorted(root.glob(f"*/{name}")) if root else []:
        try:
            with path.open(encoding="utf-8", newline="") as file:
                rows += csv.DictReader(file)
        except (OSError, ValueError, csv.Error):
            continue
    return rows
