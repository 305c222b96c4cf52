"""What every rule on the evidence base is given, and how it reports."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from netlib.errors import Notice, Severity
from netlib.tables import GTFS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

# Looking for a similar id takes some 10 ms on thousands of ids, so only the first few get a hint.
MOST_HINTS = 50


@dataclass(frozen=True, eq=False)
class Base:
    """An evidence base as read, with whatever is wrong in it.

    Attributes
    ----------
    root
        Folder of the tables.
    resources
        Table schemas of ``datapackage.json``.
    tables
        DataFrames of all regions by table name, with ``region`` and ``line_number``.
    unread
        Tables of which a file could not be read at all.
    unreadable
        File and line of the cells that hold a text where a number belongs.
    documents
        Folder of the documents; None when they are not at hand.
    today
        The fixed today of ``definitions.toml``; None when there is none.
    """

    root: Path
    resources: list[dict[str, Any]]
    tables: Mapping[str, pd.DataFrame]
    unread: frozenset[str] = frozenset()
    unreadable: Collection[tuple[str, int]] = frozenset()
    documents: Path | None = None
    today: date | None = None

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return the table of that name."""
        return self.tables[table]

    def schema(self, table: str) -> dict[str, Any]:
        """Return the schema of a table."""
        schemas = {r["name"]: r["schema"] for r in self.resources}
        found: dict[str, Any] = schemas[table]
        return found

    def files(self, table: str, rows: pd.DataFrame) -> list[str]:
        """Return the file of each row, relative to the root."""
        file = next(str(r["file"]) for r in self.resources if r["name"] == table)
        if "folder" in rows:
            name = file.rpartition("/")[2]
            # Rows that a scenario card adds stand in no file yet.
            folders = rows["folder"].replace("", GTFS)
            files = [f"{folder}/{name}" for folder in folders]
        else:
            files = [file] * len(rows)
        pairs = zip(rows["region"], files, strict=True)
        return [f"{region}/{path}" if region else path for region, path in pairs]

    def keys(self, table: str) -> pd.Series:
        """Return the primary keys of a table, the parts of compound ones joined by ``@``."""
        return join_keys(self[table], self.schema(table)["primaryKey"])


class Rule(NamedTuple):
    """A check and the tables that it cannot do without."""

    check: Callable[[Base], Iterator[Notice]]
    needs: tuple[str, ...]


def join_keys(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Join key columns with ``@``; whole numbers lose their decimals."""
    parts = [_format_key(frame[column]) for column in columns]
    return parts[0].str.cat(pd.concat(parts[1:], axis=1), sep="@") if parts[1:] else parts[0]


def _format_key(column: pd.Series) -> pd.Series:
    if column.dtype == "float64":
        return column.map("{:g}".format).astype(object)
    return column.astype(object)


def report(
    base: Base,
    table: str,
    rows: pd.DataFrame,
    rule: str,
    messages: Iterable[str],
    *,
    severity: Severity = "error",
) -> Iterator[Notice]:
    """Yield one notice for each of ``rows`` of ``table``, at its file and line."""
    places = zip(base.files(table, rows), rows["line_number"], messages, strict=True)
    for file, line, message in places:
        yield Notice(file, int(line), rule, message, severity)


def hint_names(names: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Map each unknown name to a hint such as ``; nearest: ZAF``, empty when nothing is near."""
    candidates = sorted(set(known))
    hints: dict[str, str] = {}
    for name in dict.fromkeys(names):
        near = get_close_matches(name, candidates, n=3) if len(hints) < MOST_HINTS else []
        hints[name] = f"; nearest: {', '.join(near)}" if near else ""
    return hints
