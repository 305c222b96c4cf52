"""GTFS feeds: read one whole, and take the services of a day out of it.

`read_feed` gives a `Feed` of clean tables, or raises one error that lists every problem with file
and line; `select_day` gives the calls of a day in the form that a timetable is built from.
"""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from netlib.errors import DateError, InputError, Notice
from netlib.gtfs.checks import STATION, Calls, find_problems, order_calls
from netlib.gtfs.files import Files, Problem, make_notices, read_files
from netlib.gtfs.tables import BY_NAME, DAYS, TABLES
from netlib.units import parse_day

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from numpy.typing import NDArray

DAY_SECONDS = 86_400
# pickup_type and drop_off_type: 1 is "not possible"; by arrangement (2 and 3) counts as possible.
NOT_AVAILABLE = 1
# What a bad row of these tables makes useless: its trip or its service, all of it. A trip without
# one of its calls, or without its headway, would be another trip.
WHOLE = {
    "trips": "trip_id",
    "stop_times": "trip_id",
    "frequencies": "trip_id",
    "calendar": "service_id",
}


@dataclass(frozen=True, eq=False)
class Feed:
    """A GTFS feed that breaks no rule, or what is left of it without the rows that do.

    Attributes
    ----------
    name
        Name of its folder or archive, without ``.zip``.
    tables
        Frames by table name, with the columns of `netlib.gtfs.tables` (those that the file lacks
        hold their defaults) and ``line_number``: ids and texts as str, times as int64 seconds after
        midnight of the service day, dates as datetime64[s], other figures as in the reference.
        ``stop_times`` is sorted by trip_id and stop_sequence, blank times are interpolated and
        marked in the column ``interpolated``.
    span
        First and last day on which any service runs.
    notices
        Warnings and, for a feed read with ``strict=False``, the errors whose rows were dropped.
    """

    name: str
    tables: Mapping[str, pd.DataFrame]
    span: tuple[date, date]
    notices: tuple[Notice, ...] = ()

    def __repr__(self) -> str:
        """Show the span and the sizes of the tables that matter."""
        sizes = ", ".join(f"{len(self[name])} {name}" for name in ("stops", "routes", "trips"))
        return f"<Feed {self.name}, {self.span[0]} to {self.span[1]}: {sizes}>"

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return the table of that name."""
        return self.tables[table]


class ServiceDay(NamedTuple):
    """The trips that matter on one day.

    Attributes
    ----------
    calls
        Sorted by day, trip_id and stop_sequence: ``trip_id``, ``stop_id`` (str), ``stop_sequence``
        (int64), ``arrival``, ``departure`` (int64, seconds after midnight of the trip's own service
        day, where the clock changes in between those of 24 hours before or after the day asked
        for; for a trip of ``frequencies``, seconds after its departure from its first stop),
        ``pickup``, ``drop_off`` (bool, whether passengers may board and alight) and ``day`` (int64,
        service day of the trip: 0 the day asked for, 1 the next, -1 the one before, of which only
        the trips that run past midnight are there; -2 and earlier for longer journeys).
    frequencies
        Of the trips in ``calls``: ``trip_id``, ``start``, ``end``, ``headway`` (int64, seconds; the
        last departure is before ``end``) and ``exact`` (bool; otherwise only the headway is known).
    """

    calls: pd.DataFrame
    frequencies: pd.DataFrame


def read_feed(path: str | os.PathLike[str], *, strict: bool = True) -> Feed:
    """Read a GTFS feed from a folder or a zip archive.

    Parameters
    ----------
    path
        The folder or archive.
    strict
        Whether any error stops the reading. Otherwise rows with errors are dropped, with the whole
        trip or service that they belong to and everything that refers to them; the notices say so.

    Raises
    ------
    InputError
        If a file cannot be read, lacks a column or, for ``strict``, any row has an error; lists
        all problems, warnings too.
    MissingFileError
        If there is nothing at ``path``.
    """
    place = Path(path)
    files = read_files(place)
    _add_rules(files)
    notices = make_notices(files)
    errors = [notice for notice in notices if notice.severity == "error"]
    if any(notice.severity == "error" for notice in files.notices) or (errors and strict):
        raise InputError(notices)
    tables = dict(files.tables)
    _blank_minor(tables)
    if any(problem.drops for problem in files.problems):
        tables, dropped = _drop_rows(tables, files.problems)
        notices = sorted([*notices, *dropped])
    tables["stop_times"] = _fill_times(tables["stop_times"])
    for name in ("start_time", "end_time"):
        tables["frequencies"] = tables["frequencies"].astype({name: "int64"})
    span = _find_span(tables)
    empty = any(tables[table.name].empty for table in TABLES if table.required)
    if span is None or empty:
        message = "no service runs on any day; give the calendars weekdays or dates"
        raise InputError([*notices, Notice("calendar.txt", 0, "no-service", message)])
    name = place.name.removesuffix(".zip") or place.resolve().name
    return Feed(name=name, tables=tables, span=span, notices=tuple(notices))


def check_feed(path: str | os.PathLike[str]) -> list[Notice]:
    """List all problems of a feed, sorted by file and line.

    Raises
    ------
    MissingFileError
        If there is nothing at ``path``.
    """
    try:
        return list(read_feed(path).notices)
    except InputError as problem:
        return list(problem.notices)


def _add_rules(files: Files) -> None:
    """Add what the rules find to the problems of reading, once per row."""
    if any(notice.severity == "error" for notice in files.notices):
        return
    told = {name: np.zeros(len(frame), dtype=bool) for name, frame in files.tables.items()}
    for problem in files.problems:
        told[problem.table][problem.rows] |= problem.severity == "error"
    for problem in find_problems(files.tables):
        new = ~told[problem.table][problem.rows]
        messages = [text for text, keep in zip(problem.messages, new, strict=True) if keep]
        files.problems.append(problem._replace(rows=problem.rows[new], messages=messages))


def _blank_minor(tables: dict[str, pd.DataFrame]) -> None:
    """Empty the cells that name a parent or agency which is not there, or no station.

    A stop without a point takes that of its station.
    """
    stops = tables["stops"]
    stations = stops[(stops["location_type"] == STATION) & (stops["stop_id"] != "")]
    stations = stations.drop_duplicates("stop_id").set_index("stop_id")
    kind, parent = stops["location_type"], stops["parent_station"]
    wrong = kind.eq(STATION) | ~parent.isin(set(stations.index))
    stops = stops.assign(parent_station=parent.mask(wrong & kind.le(STATION), ""))
    for name in ("stop_lat", "stop_lon"):
        theirs = stops["parent_station"].map(stations[name])
        stops[name] = stops[name].fillna(theirs.astype("float64"))
    tables["stops"] = stops
    routes, agencies = tables["routes"], set(tables["agency"]["agency_id"])
    known = routes["agency_id"].isin(agencies)
    tables["routes"] = routes.assign(agency_id=routes["agency_id"].where(known, ""))


def _drop_rows(
    tables: dict[str, pd.DataFrame], problems: list[Problem]
) -> tuple[dict[str, pd.DataFrame], list[Notice]]:
    """Drop rows that cannot be used, then what refers to them, until there are none.

    A stop takes the calls at it along, and leaves the rest of their trips.
    """
    before = {name: len(frame) for name, frame in tables.items()}
    direct = dict.fromkeys(tables, 0)
    first = True
    while bad := [problem for problem in problems if problem.drops]:
        lost: dict[str, set[str]] = {"trip_id": set(), "service_id": set()}
        kept = {name: np.ones(len(frame), dtype=bool) for name, frame in tables.items()}
        for problem in bad:
            kept[problem.table][problem.rows] = False
            if problem.table in WHOLE:
                key = WHOLE[problem.table]
                lost[key].update(tables[problem.table][key].to_numpy()[problem.rows])
        gone_stops = set(tables["stops"]["stop_id"].to_numpy()[~kept["stops"]])
        gone_stops -= {"", *tables["stops"]["stop_id"].to_numpy()[kept["stops"]]}
        if first:
            direct = {name: int((~keep).sum()) for name, keep in kept.items()}
            first = False
        for name, key in (
            ("trips", "trip_id"),
            ("stop_times", "trip_id"),
            ("frequencies", "trip_id"),
            ("calendar", "service_id"),
            ("calendar_dates", "service_id"),
        ):
            kept[name] &= ~tables[name][key].isin(lost[key]).to_numpy()
        kept["stop_times"] &= ~tables["stop_times"]["stop_id"].isin(gone_stops).to_numpy()
        tables = {name: frame[kept[name]].reset_index(drop=True) for name, frame in tables.items()}
        _blank_minor(tables)
        problems = find_problems(tables)
    notices = []
    for name, frame in tables.items():
        gone = before[name] - len(frame)
        if gone:
            message = f"{gone} of {before[name]} rows dropped"
            if gone > direct[name]:
                message += f", {gone - direct[name]} of them with what they belong or refer to"
            notices.append(Notice(BY_NAME[name].file, 0, "dropped-rows", message, "warning"))
    return tables, notices


def _fill_times(stop_times: pd.DataFrame) -> pd.DataFrame:
    """Sort the calls and interpolate their blank times.

    Between two calls with times, the time of a call is in proportion to ``shape_dist_traveled``
    where all calls between have one and it rises; otherwise the calls are spread evenly.
    """
    calls = order_calls(stop_times)
    frame = stop_times.iloc[calls.order].reset_index(drop=True)
    blank = np.isnan(calls.arrival)
    arrival, departure = calls.arrival.copy(), calls.departure.copy()
    if blank.any():
        times = _interpolate(calls, frame["shape_dist_traveled"].to_numpy(), blank)
        arrival[blank] = departure[blank] = times
    return frame.assign(
        arrival_time=arrival.astype(np.int64),
        departure_time=departure.astype(np.int64),
        interpolated=blank,
    )


def _interpolate(
    calls: Calls, distance: NDArray[np.float64], blank: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the times of the blank calls, whole seconds; first and last calls are not blank."""
    index = np.arange(len(blank))
    before = np.maximum.accumulate(np.where(blank, 0, index))[blank]
    after = np.minimum.accumulate(np.where(blank, len(blank), index)[::-1])[::-1][blank]
    here = index[blank]
    share = (here - before) / (after - before)
    step = np.diff(distance, prepend=np.nan)
    unsure = np.cumsum(~(step >= 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        along = (distance[here] - distance[before]) / (distance[after] - distance[before])
    measured = (unsure[after] == unsure[before]) & (distance[after] > distance[before])
    share = np.where(measured, along, share)
    start, end = calls.departure[before], calls.arrival[after]
    return np.rint(start + share * (end - start))


def _find_span(tables: Mapping[str, pd.DataFrame]) -> tuple[date, date] | None:
    """Find the first and last day on which a service with trips runs; None when there is none."""
    used = set(tables["trips"]["service_id"])
    calendar, dates = (tables[name] for name in ("calendar", "calendar_dates"))
    calendar = calendar[calendar["service_id"].isin(used)]
    dates = dates[dates["service_id"].isin(used)]
    day = dates["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    added = dates["exception_type"].to_numpy() == 1
    removed = dates[~added].assign(number=day[~added])
    closed = {
        name: np.sort(group["number"].to_numpy()) for name, group in removed.groupby("service_id")
    }
    ends = [*day[added].tolist()]
    weekdays = calendar[list(DAYS)].to_numpy().astype(bool)
    starts, finishes = (
        calendar[name].to_numpy().astype("datetime64[D]").astype(np.int64)
        for name in ("start_date", "end_date")
    )
    for row, name in enumerate(calendar["service_id"]):
        if weekdays[row].any():
            gone = closed.get(name, np.zeros(0, dtype=np.int64))
            ends += _find_ends(int(starts[row]), int(finishes[row]), weekdays[row], gone)
    if not ends:
        return None
    epoch = date(1970, 1, 1)
    return epoch + timedelta(days=min(ends)), epoch + timedelta(days=max(ends))


def _find_ends(
    start: int, end: int, weekdays: NDArray[np.bool_], gone: NDArray[np.int64]
) -> list[int]:
    """Return the first and last day (since 1970) of a weekly service without the days ``gone``."""
    closed = set(gone.tolist())
    first = _step(start, end, 1, weekdays, closed)
    return [] if first is None else [first, _step(end, first, -1, weekdays, closed) or first]


def _step(
    start: int, stop: int, step: int, weekdays: NDArray[np.bool_], closed: set[int]
) -> int | None:
    for day in range(start, stop + step, step):
        # 1970-01-01 was a Thursday, day 3 of the week.
        if weekdays[(day + 3) % 7] and day not in closed:
            return day
    return None


def find_services(feed: Feed, day: date) -> set[str]:
    """Find the services that run on ``day``; none outside the span of the feed."""
    stamp = np.datetime64(day, "s")
    calendar, dates = feed["calendar"], feed["calendar_dates"]
    runs = (calendar["start_date"] <= stamp) & (stamp <= calendar["end_date"])
    runs &= calendar[DAYS[day.weekday()]] == 1
    today = dates[dates["date"] == stamp]
    added = set(today.loc[today["exception_type"] == 1, "service_id"])
    removed = set(today.loc[today["exception_type"] != 1, "service_id"])
    return (set(calendar.loc[runs, "service_id"]) | added) - removed


def select_day(feed: Feed, day: date | str) -> ServiceDay:
    """Select the trips of a day and its neighbours.

    Trips as which a vehicle goes on with its passengers are one trip
    (`netlib.gtfs.through.join_trips`), under the names of all with ``+`` between.

    Raises
    ------
    DateError
        If the day lies outside the feed's span; the message names the span.
    """
    from netlib.gtfs.through import find_links, has_through_trips, join_trips

    wanted = check_date(feed, day)
    frequencies = list_frequencies(feed)
    calls = start_at_zero(list_calls(feed), set(frequencies["trip_id"]))
    last = find_last_arrivals(calls, frequencies)
    joins = has_through_trips(feed)
    parts = []
    trips = feed["trips"]
    earliest = -max(1, int(last.max()) // DAY_SECONDS) if len(last) else -1
    for offset in range(earliest, 2):
        try:
            running = find_services(feed, wanted + timedelta(days=offset))
        except OverflowError:
            continue
        chosen = set(trips.loc[trips["service_id"].isin(running), "trip_id"])
        theirs, ends = calls, last
        if joins:
            links = find_links(feed, dict.fromkeys(running, 0))
            theirs = calls[calls["trip_id"].isin(chosen)]
            theirs, _ = join_trips(theirs, links, find_stations(feed))
            chosen, ends = set(theirs["trip_id"]), find_last_arrivals(theirs, frequencies)
        if shift := find_clock_shift(feed, wanted, offset):
            fixed = ~theirs["trip_id"].isin(set(frequencies["trip_id"])).to_numpy()
            theirs = theirs.assign(
                arrival=theirs["arrival"] + shift * fixed,
                departure=theirs["departure"] + shift * fixed,
            )
            ends = ends + shift
        parts.append(select_offset(theirs, chosen, ends, offset))
    calls = pd.concat(parts, ignore_index=True)
    alive = frequencies["trip_id"].isin(set(calls["trip_id"]))
    return ServiceDay(calls, frequencies[alive].reset_index(drop=True))


def find_clock_shift(feed: Feed, day: date, offset: int) -> int:
    """Find by how many seconds the clock is put on between a day and the one ``offset`` after it.

    Times of a feed count from noon minus twelve hours of their service day. In a night in which the
    clock changes, two service days are 23 or 25 hours apart. Zero where the zone is not known.
    """
    try:
        zone = zoneinfo.ZoneInfo(feed["agency"]["agency_timezone"].iloc[0])
        noons = [
            datetime.combine(d, time(12), tzinfo=zone).timestamp()
            for d in (day, day + timedelta(days=offset))
        ]
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError, OverflowError):
        return 0
    return round(noons[1] - noons[0]) - DAY_SECONDS * offset


def find_stations(feed: Feed) -> dict[str, str]:
    """Find the station of every stop, or the stop itself where it has none."""
    stops = feed["stops"]
    parent = stops["parent_station"].where(stops["parent_station"] != "", stops["stop_id"])
    return dict(zip(stops["stop_id"], parent, strict=True))


def list_calls(feed: Feed) -> pd.DataFrame:
    """List the calls of all trips, as in `ServiceDay` but without ``day``, at their clock times."""
    times = feed["stop_times"]
    return pd.DataFrame(
        {
            "trip_id": times["trip_id"],
            "stop_id": times["stop_id"],
            "stop_sequence": times["stop_sequence"],
            "arrival": times["arrival_time"],
            "departure": times["departure_time"],
            "pickup": times["pickup_type"] != NOT_AVAILABLE,
            "drop_off": times["drop_off_type"] != NOT_AVAILABLE,
        }
    )


def list_frequencies(feed: Feed) -> pd.DataFrame:
    """List the headways of all trips, as in `ServiceDay`."""
    columns = {"start_time": "start", "end_time": "end", "headway_secs": "headway"}
    frequencies = feed["frequencies"].rename(columns=columns)
    frequencies = frequencies.sort_values(["trip_id", "start"], ignore_index=True)
    frequencies["exact"] = frequencies["exact_times"] == 1
    return frequencies[["trip_id", "start", "end", "headway", "exact"]]


def select_offset(
    calls: pd.DataFrame, trips: set[str], last: pd.Series, offset: int
) -> pd.DataFrame:
    """Select the calls of trips that start ``offset`` days after the day wanted.

    Of an earlier day only the trips matter that run on into the day wanted: ``last`` gives the last
    second of every trip.
    """
    chosen = trips & set(last.index[last >= -offset * DAY_SECONDS]) if offset < 0 else trips
    return calls[calls["trip_id"].isin(chosen)].assign(day=np.int64(offset))


def check_date(feed: Feed, day: date | str) -> date:
    """Return the day as a date; `DateError` when it lies outside the feed's span."""
    wanted = parse_day(day) if isinstance(day, str) else day
    first, last = feed.span
    if not first <= wanted <= last:
        raise DateError(
            f"{wanted.isoformat()} lies outside the service of {feed.name}, which runs from "
            f"{first.isoformat()} to {last.isoformat()}; choose a day between them"
        )
    return wanted


def start_at_zero(calls: pd.DataFrame, trips: set[str]) -> pd.DataFrame:
    """Count the times of trips with headways from their first departure."""
    has = calls["trip_id"].isin(trips).to_numpy()
    if not has.any():
        return calls
    first = calls.groupby("trip_id", sort=False)["departure"].transform("first").to_numpy()
    shift = np.where(has, first, 0)
    arrival = calls["arrival"].to_numpy() - shift
    # Nobody alights where the trip begins, so its arrival there can be its departure.
    arrival = np.where(has, np.maximum(arrival, 0), arrival)
    return calls.assign(arrival=arrival, departure=calls["departure"].to_numpy() - shift)


def find_last_arrivals(calls: pd.DataFrame, frequencies: pd.DataFrame) -> pd.Series:
    """Find the last second of each trip, over all its departures; index trip_id."""
    last = calls.groupby("trip_id", sort=False)["departure"].last()
    ends = frequencies.groupby("trip_id", sort=False)["end"].max()
    return last.add(ends, fill_value=0).reindex(last.index)
