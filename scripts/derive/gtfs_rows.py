"""Rows of the GTFS tables that the rail services share."""

from __future__ import annotations

from collections.abc import Iterable

from derive.base import Row

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Service day over which the trains of a pattern or a modelled service are spread.
DAY_START, DAY_END = "06:00:00", "24:00:00"
DAY_SECONDS = 18 * 3600
# Hours in which trains known by their count are looked for: the first leave by five.
COUNT_START, COUNT_END = "05:00:00", "24:00:00"
COUNT_SECONDS = 19 * 3600
ENDLESS = "20991231"


def format_time(minutes: float) -> str:
    """Write minutes as ``HH:MM:SS``; hours may pass 24."""
    seconds = round(minutes * 60)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def calendar_row(service_id: str, start: str, end: str, *, runs: bool = True) -> Row:
    """Return a calendar row that runs on all days of the week or, unless ``runs``, on none."""
    days = dict.fromkeys(DAYS, int(runs))
    return {"service_id": service_id, **days, "start_date": start, "end_date": end}


def stop_time_rows(
    trip_id: str, calls: Iterable[tuple[str, float, float]], exact: Iterable[bool] = ()
) -> list[Row]:
    """Return the stop times of one trip from (stop_id, arrival, departure), in minutes.

    ``exact`` says of which calls the source prints the clock time; without it, of none.
    """
    printed = dict(enumerate(exact, start=1))
    return [
        {
            "trip_id": trip_id,
            "arrival_time": format_time(arrival),
            "departure_time": format_time(departure),
            "stop_id": stop_id,
            "stop_sequence": sequence,
            "timepoint": int(printed.get(sequence, False)),
        }
        for sequence, (stop_id, arrival, departure) in enumerate(calls, start=1)
    ]


def frequency_row(trip_id: str, headway_seconds: int) -> Row:
    """Return a frequencies row over the service day."""
    return {
        "trip_id": trip_id,
        "start_time": DAY_START,
        "end_time": DAY_END,
        "headway_secs": headway_seconds,
        "exact_times": 0,
    }


def count_row(trip_id: str, trains_per_day: int) -> Row:
    """Return a frequencies row of trains known by their count over the hours of the day."""
    return {
        "trip_id": trip_id,
        "start_time": COUNT_START,
        "end_time": COUNT_END,
        "headway_secs": round(COUNT_SECONDS / trains_per_day),
        "exact_times": 0,
    }


def headway(trains_per_day: float) -> int:
    """Return the seconds between trains spread evenly over the service day."""
    return round(DAY_SECONDS / trains_per_day)
