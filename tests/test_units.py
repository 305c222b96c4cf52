"""Partial dates as intervals of days, and times of day."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlib.dates import parse_days, parse_gtfs_days
from netlib.errors import DateError, NetlibError
from netlib.units import format_clock, parse_clock, parse_date, parse_day

# Text, earliest and latest day.
PARTIAL = [
    ("2022", "2022-01-01", "2022-12-31"),
    ("2024-02", "2024-02-01", "2024-02-29"),
    ("2023-02", "2023-02-01", "2023-02-28"),
    ("2023-12-28", "2023-12-28", "2023-12-28"),
    ("2021-06-28/2021-06-30", "2021-06-28", "2021-06-30"),
    ("2023-10/2023-12-27", "2023-10-01", "2023-12-27"),
    ("2017/2018", "2017-01-01", "2018-12-31"),
]
NO_DATES = [
    "2023-13",
    "2023-02-29",
    "23-01-01",
    "2023-1-1",
    "2023/2022",
    "soon",
    "2023-12-28T00",
    " ",
]
NO_CLOCKS = ["", "7 am", "07:60:00", "07:05:60", "07:05", "-01:00:00", "123:00:00"]

days = st.dates(date(2000, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(("text", "earliest", "latest"), PARTIAL)
def test_partial_dates_are_intervals(text: str, earliest: str, latest: str) -> None:
    assert parse_date(text) == (date.fromisoformat(earliest), date.fromisoformat(latest))


def test_an_empty_date_is_unknown() -> None:
    assert parse_date("") is None


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(DateError, match=r"not a date|ends before"):
        parse_date(text)


def test_date_errors_are_value_errors_of_netlib() -> None:
    assert issubclass(DateError, NetlibError)
    assert issubclass(DateError, ValueError)


@given(days)
def test_a_whole_day_is_itself(day: date) -> None:
    assert parse_date(day.isoformat()) == (day, day)
    assert parse_day(day.isoformat()) == day


@given(days)
def test_a_month_lies_in_its_year_and_holds_its_days(day: date) -> None:
    year, month = parse_date(f"{day:%Y}"), parse_date(f"{day:%Y-%m}")
    assert year is not None
    assert month is not None
    assert year[0] <= month[0] <= day <= month[1] <= year[1]
    assert (month[1] + timedelta(days=1)).day == 1


@given(days, days)
def test_an_interval_is_read_in_order_only(first: date, last: date) -> None:
    text = f"{first.isoformat()}/{last.isoformat()}"
    if first <= last:
        assert parse_date(text) == (first, last)
    else:
        with pytest.raises(DateError, match="write the earlier date first"):
            parse_date(text)


def test_a_day_of_a_month_is_its_last() -> None:
    assert parse_day("2024-02") == date(2024, 2, 29)


def test_a_day_is_needed() -> None:
    with pytest.raises(DateError, match="a date is needed"):
        parse_day("")


@given(st.integers(0, 100 * 3600 - 1))
def test_clock_times_are_read_as_they_are_written(seconds: int) -> None:
    assert parse_clock(format_clock(seconds)) == seconds


def test_hours_may_have_one_digit() -> None:
    assert parse_clock("7:05:09") == 7 * 3600 + 5 * 60 + 9


@pytest.mark.parametrize("text", NO_CLOCKS)
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(DateError, match="write it as 07:05:00"):
        parse_clock(text)


def test_columns_of_dates_take_one_end() -> None:
    texts = pd.Series(["2022", "2023-12-28", "", "never"])
    first, last = parse_days(texts, end=False), parse_days(texts, end=True)
    assert first[0] == pd.Timestamp("2022-01-01")
    assert last[0] == pd.Timestamp("2022-12-31")
    assert first[1] == last[1] == pd.Timestamp("2023-12-28")
    assert first[2:].isna().all()


def test_days_of_gtfs_have_no_hyphens() -> None:
    read = parse_gtfs_days(pd.Series(["20160315", "2016-13-15", ""]))
    assert read[0] == pd.Timestamp("2016-03-15")
    assert read[1:].isna().all()
