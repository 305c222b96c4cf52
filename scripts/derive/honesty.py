"""What the sources are worth: their grades, their words, and what is only remembered."""

from __future__ import annotations

from derive.base import Row, Tables
from derive.parameters import read_typed

GENERAL = "general-knowledge"
# Kinds that claim more than memory can.
SAID = ("published", "derived")
# How far a remembered figure may be off: a design speed by a class, a length by a twentieth.
SPEED_KMH = 50.0
LENGTH_SHARE = 0.05
# Typed when the claims were read again.
ACCESSED_AGAIN = "2026-11-28"


def grade_evidence(tables: Tables) -> None:
    """Add the sources of claims, give every source its grade, quote, and mark what is remembered.

    Raises
    ------
    ValueError
        If a source has no grade in ``typed/source_grades.csv``.
    """
    sources = tables.setdefault(("", "source"), [])
    sources += [{**row, "accessed": ACCESSED_AGAIN} for row in read_typed("claim_sources.csv")]
    grades = {row["source_id"]: row["grade"] for row in read_typed("source_grades.csv")}
    for row in sources:
        if row["source_id"] not in grades:
            raise ValueError(f"{row['source_id']} has no grade in typed/source_grades.csv")
        row["grade"] = grades[row["source_id"]]
    quotes = read_typed("quotes.csv")
    for (_, table), rows in tables.items():
        if table == "evidence":
            for row in rows:
                quote_row(row, quotes)
                mark_remembered(row)


def quote_row(row: Row, quotes: list[Row]) -> None:
    """Give a row the source and the words of the page that was looked up for it."""
    for quote in quotes:
        keys = ("table", "row_id", "field", "value")
        same = all(str(row[key]) == quote[key] for key in keys)
        if same and row["source_id"] == quote["old_source_id"]:
            row["source_id"], row["quote"] = quote["source_id"], quote["quote"]


def mark_remembered(row: Row) -> None:
    """Call assumed what no page says, with a range where it is a figure."""
    if row["source_id"] != GENERAL or row["kind"] not in SAID:
        return
    row["kind"] = "assumed"
    field, text = str(row["field"]), str(row["value"])
    if field == "design_speed_kmh" or row["table"] == "change":
        row["low"], row["high"] = float(text) - SPEED_KMH, float(text) + SPEED_KMH
    elif field == "length_km":
        value = float(text)
        row["low"] = round(value * (1 - LENGTH_SHARE), 3)
        row["high"] = round(value * (1 + LENGTH_SHARE), 3)
