"""Rules that every table follows: its schema, its keys, its order.

Each rule takes a `Base` and yields a `Notice` for every row that breaks it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from netlib.calls import parse_clocks
from netlib.checks.rules import Base, Rule, hint_names, join_keys, report
from netlib.dates import parse_days, parse_gtfs_days

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netlib.errors import Notice

# Rows of these tables may stand in several regions, because a GTFS feed must be whole by itself.
SHARED = ("agency", "routes")
# First Chinese railway and the end of the century: a date outside them is a slip of the pen.
FIRST_YEAR, LAST_YEAR = 1876, 2099
DATE_COLUMNS = ("date", "published", "accessed", "day", "valid_from", "valid_until")


def check_required(base: Base) -> Iterator[Notice]:
    """Check that required cells are filled."""
    for table, spec in _fields(base):
        if not spec["constraints"].get("required"):
            continue
        frame = base[table]
        cells = frame[spec["name"]]
        rows = frame[cells.isna() if cells.dtype == "float64" else cells == ""]
        if rows.empty:
            continue
        places = zip(base.files(table, rows), rows["line_number"], strict=True)
        told = pd.Series([place in base.unreadable for place in places], rows.index, dtype=bool)
        rows = rows[~told]
        message = f"{spec['name']} is empty; fill it"
        yield from report(base, table, rows, "required", [message] * len(rows))


def check_values(base: Base) -> Iterator[Notice]:
    """Check that cells have the type, pattern, choice and bounds of the schema."""
    for table, spec in _fields(base):
        frame, name, limits = base[table], spec["name"], spec["constraints"]
        cells = frame[name]
        numeric = cells.dtype == "float64"
        filled = cells.notna() if numeric else cells != ""
        if not filled.any():
            continue
        tests: list[tuple[str, pd.Series, str]] = []
        if spec["type"] == "integer":
            tests.append(("not-an-integer", cells % 1 != 0, "write a whole number"))
        if "enum" in limits:
            choice = ", ".join(str(value) for value in limits["enum"] if value != "")
            tests.append(("enum", ~cells.isin(limits["enum"]), f"write one of: {choice}"))
        if "pattern" in limits:
            wrong = ~_match(cells, limits["pattern"])
            tests.append(("pattern", wrong, f"it does not fit {limits['pattern']}"))
        for bound, rule, broken, words in (
            ("minimum", "too-small", cells.__lt__, "write at least"),
            ("exclusiveMinimum", "too-small", cells.__le__, "write more than"),
            ("maximum", "too-large", cells.__gt__, "write at most"),
        ):
            if bound in limits:
                tests.append((rule, broken(limits[bound]), f"{words} {limits[bound]}"))
        for rule, broken_cells, remedy in tests:
            rows = frame[filled & broken_cells]
            messages = [f"{name} is {_show(value)}; {remedy}" for value in rows[name]]
            yield from report(base, table, rows, rule, messages)


def check_dates(base: Base) -> Iterator[Notice]:
    """Check that dates and times of day exist, and dates lie in the age of railways."""
    for table, spec in _fields(base):
        frame, name = base[table], spec["name"]
        if spec["type"] != "string":
            continue
        pattern = spec["constraints"].get("pattern", "")
        fits = frame[name].ne("") & _match(frame[name], pattern)
        if not fits.any():
            continue
        if name.endswith("_time"):
            wrong = fits & parse_clocks(frame[name]).isna()
            rows = frame[wrong]
            messages = [f"{name} {text!r} is no time of day" for text in rows[name]]
            remedy = "; write HH:MM:SS, hours past 24 for the next day"
            yield from report(base, table, rows, "bad-time", [m + remedy for m in messages])
        elif name.endswith("_date") or name in DATE_COLUMNS:
            compact = pattern == r"^\d{8}$"
            first = parse_gtfs_days(frame[name]) if compact else parse_days(frame[name], end=False)
            rows = frame[fits & first.isna()]
            remedy = "; correct it, earlier date first in an interval"
            messages = [f"{name} {text!r} is no date{remedy}" for text in rows[name]]
            yield from report(base, table, rows, "bad-date", messages)
            rows = frame[fits & first.notna() & ~first.dt.year.between(FIRST_YEAR, LAST_YEAR)]
            remedy = f"; write a year between {FIRST_YEAR} and {LAST_YEAR}"
            messages = [f"{name} {text!r} is out of range{remedy}" for text in rows[name]]
            yield from report(base, table, rows, "date-out-of-range", messages)


def check_keys(base: Base) -> Iterator[Notice]:
    """Check that a key stands once over all regions, save whole rows of shared tables."""
    for resource in base.resources:
        table = resource["name"]
        frame, keys = base[table], base.keys(table)
        twice = frame[keys.duplicated(keep=False)]
        first: dict[str, tuple[str, Any]] = {}
        columns = [spec["name"] for spec in resource["schema"]["fields"]]
        for key, file, (index, row) in zip(
            keys[twice.index], base.files(table, twice), twice.iterrows(), strict=True
        ):
            if key not in first:
                first[key] = (f"{file}:{row['line_number']}", row)
                continue
            place, other = first[key]
            same = row[columns].equals(other[columns])
            if table in SHARED and same and row["region"] != other["region"]:
                continue
            name = " ".join(resource["schema"]["primaryKey"])
            message = f"{name} {key!r} stands in {place} already; remove one or rename it"
            yield from report(base, table, twice.loc[[index]], "duplicate-key", [message])


def check_references(base: Base) -> Iterator[Notice]:
    """Check that ids that point to another table are found there."""
    for resource in base.resources:
        table, frame = resource["name"], base[resource["name"]]
        for key in resource["schema"].get("foreignKeys", []):
            column, target = key["fields"], key["reference"]["resource"]
            if target in base.unread:
                continue
            known = base[target][key["reference"]["fields"]]
            rows = frame[(frame[column] != "") & ~frame[column].isin(set(known))]
            hints = hint_names(rows[column], known)
            messages = [
                f"{column} {name!r} is not in {target}{hints[name]}; correct it or add the row"
                for name in rows[column]
            ]
            yield from report(base, table, rows, "unknown-id", messages)


def check_order(base: Base) -> Iterator[Notice]:
    """Check that every file is sorted by its primary key; the first row out of order is named."""
    for resource in base.resources:
        table, keys = resource["name"], resource["schema"]["primaryKey"]
        places = [name for name in ("region", "folder") if name in base[table]]
        for _, frame in base[table].groupby(places, sort=False):
            rows = list(zip(*(frame[key] for key in keys), strict=True))
            for place in range(1, len(rows)):
                if rows[place] < rows[place - 1]:
                    row = frame.iloc[[place]]
                    before = join_keys(frame.iloc[[place - 1]], keys).iloc[0]
                    message = f"stands after {before!r}; sort the file by {', '.join(keys)}"
                    yield from report(base, table, row, "unsorted", [message])
                    break


def _fields(base: Base) -> Iterator[tuple[str, dict[str, Any]]]:
    for resource in base.resources:
        for spec in resource["schema"]["fields"]:
            yield resource["name"], {"constraints": {}, **spec}


def _match(cells: pd.Series, pattern: str) -> pd.Series:
    expression = re.compile(pattern)
    fits = {text: bool(expression.fullmatch(str(text))) for text in cells.unique()}
    return cells.map(fits).astype(bool) if pattern else cells.notna()


def _show(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)


RULES = (
    Rule(check_required, ()),
    Rule(check_values, ()),
    Rule(check_dates, ()),
    Rule(check_keys, ()),
    Rule(check_references, ()),
    Rule(check_order, ()),
)
