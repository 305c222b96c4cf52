"""What the five documents name: mention rows, and the lines that no other part models.

The facts are typed by hand, from the pages named, in ``typed/road_*.csv``.
"""

from __future__ import annotations

from pathlib import Path

from derive.base import ACCESSED, Row, Tables, evidence
from derive.places import read_csv

TYPED = Path(__file__).parent / "typed"

# Words that a document prints in two places: pieces joined by a mark.
TWO_PIECES = {
    "16": "加快中欧班列郑 […] 州集结中心",
    "41": "郑开兰间高速小 […] 型客车免费通行",
}
LINE_FIELDS = ("design_speed_kmh", "start_date", "open_date")


def derive_mentions(data: Path) -> Tables:
    """Make the mention, source, line and line evidence rows of the documents' items."""
    figures = read_csv(TYPED / "road_figures.csv")
    tables: Tables = {
        ("", "mention"): [mention(item) for item in read_csv(data / "facts" / "items.csv")],
        ("", "source"): [
            {**row, "accessed": ACCESSED} for row in read_csv(TYPED / "road_sources.csv")
        ],
    }
    for item in read_csv(TYPED / "road_items.csv"):
        own = [row for row in figures if row["line_id"] == item["line_id"]]
        region = item["region"]
        tables.setdefault((region, "line"), []).append(line_row(item, own))
        tables.setdefault((region, "evidence"), []).extend(line_evidence(item, own))
    return tables


def mention(item: Row) -> Row:
    """Make the mention row of one item; arms that are only implied have an empty quote."""
    documents = [f"doc{name[:3]}" for name in item["doc_file"].split(";")]
    implied = item["status_in_doc"] == "implied"
    quote = "" if implied else TWO_PIECES.get(item["item_no"], item["quote"])
    notes = [item["status_check"], "the arm is implied by the 米 shape" if implied else ""]
    return {
        "mention_id": f"M{int(item['item_no']):02d}",
        "document_id": ";".join(documents),
        "line_id": item["entity_id"],
        "quote": quote,
        "status_in_document": "" if implied else item["status_in_doc"],
        "claimant": "" if implied else item["claimant"],
        "note": "; ".join(note for note in notes if note),
    }


def line_row(item: Row, figures: list[Row]) -> Row:
    """Make the line row of one item; its dates and speed are the first ones in the table."""
    cells = {
        field: next(
            (
                row["value"]
                for row in figures
                if row["field"] == field and row["kind"] != "announced"
            ),
            "",
        )
        for field in LINE_FIELDS
    }
    names = ("line_id", "name_zh", "name_en", "mode", "status", "parts", "note")
    return {**{name: item[name] for name in names}, **cells, "close_date": ""}


def line_evidence(item: Row, figures: list[Row]) -> list[Row]:
    """Say where the status, speed and dates of a line come from, announced dates included."""
    rows = [
        evidence(
            "line",
            item["line_id"],
            "status",
            item["status"],
            kind="derived",
            source_id=item["status_source_id"],
            quote=item["status_quote"],
            note=item["status_note"],
        )
    ]
    for figure in figures:
        if figure["field"] not in LINE_FIELDS:
            continue
        announced = figure["kind"] == "announced"
        rows.append(
            evidence(
                "line",
                item["line_id"],
                figure["field"],
                figure["value"],
                unit=figure["unit"],
                low=figure["low"],
                high=figure["high"],
                kind="published" if announced else figure["kind"],
                source_id=figure["source_id"],
                note=f"announced: {figure['note']}" if announced else figure["note"],
            )
        )
    return rows
