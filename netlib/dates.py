"""Columns of dates as days: partial dates of our tables and the days of GTFS."""

from __future__ import annotations

import pandas as pd

from netlib.errors import DateError
from netlib.units import parse_date


def parse_days(texts: pd.Series, *, end: bool) -> pd.Series:
    """Read a column of partial dates as days.

    Parameters
    ----------
    texts
        Partial dates; empty when unknown.
    end
        Whether the latest day of each is wanted rather than the earliest.

    Returns
    -------
    Series of datetime64[ns], NaT where the text is empty or no date

    Examples
    --------
    >>> parse_days(pd.Series(["2030", ""]), end=True).dt.year.tolist()
    [2030.0, nan]
    """
    days = {text: _read(text, end=end) for text in texts.unique()}
    return pd.to_datetime(texts.map(days))


def _read(text: str, *, end: bool) -> pd.Timestamp | None:
    try:
        interval = parse_date(text)
    except DateError:
        return None
    return pd.Timestamp(interval[int(end)]) if interval else None


def parse_gtfs_days(texts: pd.Series) -> pd.Series:
    """Read a column of GTFS days, ``YYYYMMDD``, as datetime64[ns]; NaT where it is no day."""
    return pd.to_datetime(texts, format="%Y%m%d", errors="coerce")
