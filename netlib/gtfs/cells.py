"""Read the cells of a GTFS table: times, dates, numbers and choices."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from netlib.gtfs.tables import LARGEST_INTEGER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from netlib.gtfs.tables import Column

BLANK_DATE = np.datetime64("NaT", "s")

# Trains of more than four days exist: hours run on past 99.
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)", re.ASCII)
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"\d{1,10}", re.ASCII)

Why = tuple[str, str] | None


def parse_cells(column: Column, texts: NDArray[Any]) -> tuple[NDArray[Any], list[Why]]:
    """Read cells of one column.

    Parameters
    ----------
    column
        What they may hold.
    texts
        Distinct cells without spaces around them, object.

    Returns
    -------
    values, why
        An array of the type of the column's kind; for each cell that cannot be read, and is blank
        in ``values``, the reason and the rule, otherwise None.
    """
    parse = {"time": _parse_time, "date": _parse_date, "number": _parse_number}
    if column.kind in ("id", "text"):
        return texts, [None] * len(texts)
    if column.kind == "integer":
        pairs = [_parse_integer(column, text) for text in texts]
        return np.array([value for value, _ in pairs], dtype=np.int64), [why for _, why in pairs]
    found = [parse[column.kind](column, text) for text in texts]
    if column.kind == "date":
        days = np.array([value for value, _ in found], dtype="datetime64[s]")
        return days, [why for _, why in found]
    return np.array([value for value, _ in found], dtype=np.float64), [why for _, why in found]


def _parse_time(_: Column, text: str) -> tuple[Any, Why]:
    match = _CLOCK.fullmatch(text)
    if match:
        hours, minutes, seconds = match.groups()
        return int(hours) * 3600 + int(minutes) * 60 + int(seconds), None
    if not text:
        return math.nan, None
    return math.nan, ("write a time as 07:05:00, hours past 24 for the next day", "bad-time")


def _parse_date(_: Column, text: str) -> tuple[Any, Why]:
    match = _DATE.fullmatch(text)
    if not text:
        return BLANK_DATE, None
    try:
        if match:
            year, month, day = match.groups()
            return np.datetime64(date(int(year), int(month), int(day)), "s"), None
    except ValueError:
        pass
    return BLANK_DATE, ("write a date as 20261122", "bad-date")


def _parse_number(column: Column, text: str) -> tuple[Any, Why]:
    if not text:
        return math.nan, None
    value = float(text) if _NUMBER.fullmatch(text) else math.inf
    if not math.isfinite(value):
        return math.nan, ("write a number such as 34.75", "not-a-number")
    if column.bound and abs(value) > column.bound:
        reason = f"write degrees between -{column.bound:g} and {column.bound:g}"
        return math.nan, (reason, "coordinate-out-of-range")
    if value < column.least:
        return math.nan, (f"write a number from {column.least:g}", "too-small")
    return value, None


def _parse_integer(column: Column, text: str) -> tuple[int, Why]:
    if not text:
        return column.default, None
    value = int(text) if _INTEGER.fullmatch(text) else -1
    if not 0 <= value <= LARGEST_INTEGER:
        return column.default, ("write a whole number from 0", "not-an-integer")
    if column.choices and value not in column.choices:
        few = ", ".join(map(str, column.choices[:12])) + (" …" if column.choices[12:] else "")
        return column.default, (f"write one of {few}", "enum")
    return value, None
