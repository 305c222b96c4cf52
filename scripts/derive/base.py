"""What the derivations share: rows by table, evidence rows, and writing sorted CSV files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Key = tuple[str, str]  # (region or "", table)
Tables = dict[Key, list[Row]]

ACCESSED = "2026-11-22"


def evidence(
    table: str,
    row_id: str,
    field: str,
    value: Any,
    *,
    unit: str = "",
    low: Any = "",
    high: Any = "",
    kind: str,
    source_id: str,
    locator: str = "",
    quote: str = "",
    note: str = "",
) -> Row:
    """Make one evidence row; ``estimated`` and ``assumed`` need ``low`` and ``high``."""
    if kind in ("estimated", "assumed") and field != "note" and (low == "" or high == ""):
        raise ValueError(f"{table} {row_id} {field}: an {kind} figure needs low and high")
    return {
        "table": table,
        "row_id": row_id,
        "field": field,
        "value": format_value(value),
        "unit": unit,
        "low": format_value(low),
        "high": format_value(high),
        "kind": kind,
        "source_id": source_id,
        "locator": locator,
        "quote": quote,
        "note": note,
    }


def format_value(value: Any) -> str:
    """Write a number without float noise: ``12.0`` as ``12``, at most six decimals."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value)


def merge(parts: Iterable[Tables]) -> Tables:
    """Concatenate the rows of several parts, table by table."""
    merged: Tables = {}
    for part in parts:
        for key, rows in part.items():
            merged.setdefault(key, []).extend(rows)
    return merged


def write_csv(path: Path, rows: list[Row], columns: list[str], key: list[str]) -> None:
    """Write ``rows`` sorted by ``key``; fail on doubled keys or unknown columns."""
    for row in rows:
        unknown = set(row) - set(columns)
        if unknown:
            raise ValueError(f"{path.name}: unknown columns {sorted(unknown)} in {row}")
    text = [{c: format_value(row.get(c, "")) for c in columns} for row in rows]
    text.sort(key=lambda r: tuple(sort_key(c, r[c]) for c in key))
    if path.name != "evidence.csv":
        seen: set[tuple[str, ...]] = set()
        for row in text:
            ident = tuple(row[c] for c in key)
            if ident in seen:
                raise ValueError(f"{path}: the key {ident} stands twice")
            seen.add(ident)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(text)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(buffer.getvalue(), encoding="utf-8")
    temporary.replace(path)


def sort_key(column: str, value: str) -> tuple[int, Any]:
    """Sort stop sequences and vertices as numbers, everything else as text."""
    if column == "stop_sequence" or column.endswith("road_node_id"):
        return (0, int(value))
    return (1, value)


def write_networks(tables: Tables, networks: Path) -> None:
    """Write every table to its file, with columns and keys taken from datapackage.json.

    A table named with a folder (``gtfs-2021/trips``) goes there instead of to ``gtfs``.
    """
    package = json.loads((networks / "datapackage.json").read_text(encoding="utf-8"))
    schemas: Mapping[str, Any] = {r["name"]: r for r in package["resources"]}
    for (region, name), rows in sorted(tables.items()):
        folder_name, _, table = name.rpartition("/")
        resource = schemas[table]
        columns = [
            field["name"]
            for field in resource["schema"]["fields"]
            if not field.get("optional") or any(row.get(field["name"]) for row in rows)
        ]
        key = resource["schema"]["primaryKey"]
        folder = networks / region if region else networks
        file = Path(resource["file"])
        if folder_name:
            file = Path(folder_name) / file.name
        write_csv(folder / file, rows, columns, key)
