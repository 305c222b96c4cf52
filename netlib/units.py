"""Dates that are known in part, and times of day.

A planned opening is often a year or a month. Such a date is an interval of days:

>>> parse_date("2030-06")
(datetime.date(2030, 6, 1), datetime.date(2030, 6, 30))
>>> parse_date("2021-06-28/2021-06-30")[1]
datetime.date(2021, 6, 30)
>>> parse_clock("25:10:00")
90600
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from netlib.errors import DateError

MINUTES_PER_HOUR = 60
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d)")

Interval = tuple[date, date]


def parse_date(text: str) -> Interval | None:
    """Read a partial date or an interval of two as (earliest, latest) day.

    Parameters
    ----------
    text
        ``2030``, ``2030-06``, ``2030-06-28`` or two of them joined by ``/``; empty means unknown.

    Returns
    -------
    tuple of date, or None for an empty text

    Raises
    ------
    DateError
        If the text is no such date, or the interval ends before it starts.
    """
    if not text:
        return None
    first, _, last = text.partition("/")
    earliest = _parse_partial(first)[0]
    latest = _parse_partial(last or first)[1]
    if latest < earliest:
        raise DateError(f"{text!r} ends before it starts; write the earlier date first")
    return earliest, latest


def _parse_partial(text: str) -> Interval:
    match = _PARTIAL.fullmatch(text)
    if match is None:
        raise DateError(f"{text!r} is not a date; write 2030, 2030-06 or 2030-06-28")
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        if year is None or month is None:
            return date(year or 0, 1, 1), date(year or 0, 12, 31)
        if day is None:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except ValueError as problem:
        raise DateError(f"{text!r} is not a date: {problem}") from None


def parse_day(text: str) -> date:
    """Read one whole day, such as ``2024-09-18``; a month or year means its last day.

    >>> parse_day("2026-11")
    datetime.date(2026, 11, 30)
    """
    interval = parse_date(text)
    if interval is None:
        raise DateError("a date is needed; write it as 2024-09-18")
    return interval[1]


def parse_clock(text: str) -> int:
    """Read ``HH:MM:SS``, hours past 24 allowed, as seconds after midnight of the service day."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise DateError(f"{text!r} is not a time of day; write it as 07:05:00")
    hours, minutes, seconds = (int(part) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def format_clock(seconds: int) -> str:
    """Write seconds after midnight as ``HH:MM:SS``.

    >>> format_clock(90600)
    '25:10:00'
    """
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
