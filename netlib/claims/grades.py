"""How good the evidence behind a claim about status is: by the sources of the dates it rests on."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from netlib.tables import Network

# What a source is, from the best to the weakest.
SOURCE_GRADES = ("official", "operator", "press", "study", "community", "mirror", "own", "memory")
# A: those who decide or run it say so. B: reported, studied, mapped, or derived here. C: a copy on
# an unrelated domain, an anonymous page, or nothing but memory.
LETTERS = {
    "official": "A",
    "operator": "A",
    "press": "B",
    "study": "B",
    "community": "B",
    "own": "B",
    "mirror": "C",
    "memory": "C",
}
# Kinds of evidence that are nobody's word.
UNSAID = ("assumed", "estimated")
WEAKEST = "C"
# Fields that say whether something was begun or open.
FIELDS = {
    "open": ("open_date", "status"),
    "complete": ("open_date", "status"),
    "start": ("start_date", "status", "open_date"),
}


def grade_row(kind: str, source_grade: str) -> str:
    """Return the letter of one evidence row.

    >>> grade_row("published", "press"), grade_row("assumed", "press")
    ('B', 'C')
    """
    return WEAKEST if kind in UNSAID else LETTERS.get(source_grade, WEAKEST)


def grade_parts(network: Network, parts: Iterable[tuple[str, str]]) -> str:
    """Return the grade of a verdict of status: of each part its best row, of these the weakest.

    A part that is open or begun rests on its date, one that is not on its status; a line without
    a date of its own rests on the dates of its links.

    Parameters
    ----------
    parts
        Line or station, and the event that is asked of it.
    """
    letters = [
        grade_cell(network, ident, event)
        for part, event in parts
        for ident in list_rests(network, part)
    ]
    return max(letters, default=WEAKEST)


def list_rests(network: Network, part: str) -> list[str]:
    """Return the lines or stations whose dates decide a part: those of its own parts, if any."""
    line = network["line"].set_index("line_id")
    if part not in line.index:
        return [part]
    inner = [name for name in str(line.loc[part, "parts"]).split(";") if name in line.index]
    return [end for name in inner for end in list_rests(network, name)] or [part]


def grade_cell(network: Network, ident: str, event: str) -> str:
    """Return the best letter among the rows that say when one line or station opened or began."""
    evidence = network["evidence"]
    link = network.tables.get("reference_link", network["link"])
    links = link.loc[link["line_id"] == ident, "link_id"]
    rows = evidence[
        evidence["row_id"].isin([ident, *links]) & evidence["field"].isin(FIELDS[event])
    ]
    own = rows[(rows["row_id"] == ident) & _vouches(network, ident, rows)]
    rows = (own if len(own) else rows).merge(_grades(network), on="source_id", how="left")
    letters = [
        grade_row(*pair) for pair in zip(rows["kind"], rows["grade"].fillna(""), strict=True)
    ]
    return min(letters, default=WEAKEST)


def _vouches(network: Network, ident: str, rows: pd.DataFrame) -> pd.Series:
    """Return which rows say what the table holds: dissenting ones vouch for nothing."""
    line = network["line"]
    held = line[line["line_id"] == ident]
    cells = held.iloc[0].to_dict() if len(held) else {}
    same = [
        ident_of != ident or not cells or str(cells.get(field, "")) == value
        for ident_of, field, value in zip(rows["row_id"], rows["field"], rows["value"], strict=True)
    ]
    return pd.Series(same, index=rows.index, dtype=bool)


def _grades(network: Network) -> pd.DataFrame:
    return network["source"][["source_id", "grade"]]
