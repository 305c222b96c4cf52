"""Parameters of access, stations, walking and driving, and the documents themselves.

The figures are typed by hand in ``typed/parameters.csv``; each row says where it was read and what
range it leaves.
"""

from __future__ import annotations

import csv
from pathlib import Path

from derive.base import ACCESSED, Row, Tables, evidence

TYPED = Path(__file__).parent / "typed"


def read_typed(name: str) -> list[Row]:
    """Read a table of hand-typed figures."""
    with (TYPED / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def derive(data: Path) -> Tables:
    """Make the parameter, document and common source rows; ``data`` is not needed."""
    del data
    documents = read_typed("documents.csv")
    sources = [
        {
            "source_id": row["document_id"],
            "publisher": row["publisher"],
            "title": row["title"],
            "published": row["date"],
            "address": f"documents/{row['file']}",
            "licence": "press text, quoted only",
        }
        for row in documents
    ]
    sources += [
        {**row, "licence": "facts and figures only"} for row in read_typed("common_sources.csv")
    ]
    tables: Tables = {
        ("", "document"): documents,
        ("", "source"): [{**row, "accessed": ACCESSED} for row in sources],
        ("", "parameter"): [],
        ("", "evidence"): [],
    }
    for row in read_typed("parameters.csv"):
        figure = {key: row[key] for key in ("unit", "low", "high", "kind", "source_id")}
        note = f"typed by hand; {row['note']}" if row["note"] else "typed by hand"
        name, value = row["parameter_id"], row["value"]
        tables["", "evidence"].append(
            evidence("parameter", name, "value", value, **figure, note=note)
        )
        tables["", "parameter"].append(
            {
                "parameter_id": name,
                "value": value,
                "unit": row["unit"],
                "sense": row["sense"],
                "description": row["description"],
            }
        )
    return tables
