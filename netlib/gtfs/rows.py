"""The services of a GTFS feed as rows of the evidence base."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from netlib.errors import DateError, Notice
from netlib.gtfs.checks import NOT_POSSIBLE
from netlib.gtfs.feeds import (
    find_services,
    find_stations,
    list_calls,
    list_frequencies,
    start_at_zero,
)
from netlib.gtfs.tables import DAYS
from netlib.gtfs.through import find_links, has_through_trips, join_trips
from netlib.units import format_clock
from netlib.vehicles import RAIL_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from netlib.gtfs.feeds import Feed
    from netlib.gtfs.through import Path

Row = dict[str, Any]
Rows = dict[str, list[Row]]

# Days looked at for the busiest one, unless the caller names a day.
LOOK_AHEAD_DAYS = 56
# Last day that the calendars of an evidence base may name.
LAST_DAY = date(2099, 12, 31)
FEWEST_CALLS = 2
ADDED = 1
# pickup_type and drop_off_type of a call at which one may, and may not.
POSSIBLE, BARRED = 0, 1
TIMETABLE, COUNT = "timetable", "count"


class Chosen(NamedTuple):
    """Which services of a feed are taken.

    Attributes
    ----------
    day
        The day that stands for the timetable.
    first, last
        Days between which the services are whole.
    running
        The days between them on which each service runs; services that run on none are left out.
    """

    day: date
    first: date
    last: date
    running: dict[str, frozenset[date]]


def find_busiest_day(feed: Feed) -> date:
    """Find the first of the days with the most departures, of the first eight weeks of the feed.

    A trip with headways departs as often as they say.
    """
    first, last = find_validity(feed)
    trips = feed["trips"][["trip_id", "service_id"]]
    frequencies = list_frequencies(feed)
    runs = -(-(frequencies["end"] - frequencies["start"]) // frequencies["headway"])
    runs = runs.groupby(frequencies["trip_id"]).sum()
    departures = trips["trip_id"].map(runs).fillna(1)
    counts = departures.groupby(trips["service_id"]).sum().to_dict()
    span = min((last - first).days + 1, LOOK_AHEAD_DAYS)
    days = [first + timedelta(days=i) for i in range(span)]
    return max(days, key=lambda day: sum(counts.get(s, 0) for s in find_services(feed, day)))


def find_validity(feed: Feed) -> tuple[date, date]:
    """Find the days between which the feed is whole: those that it names, with service on them."""
    first, last = feed.span
    for row in feed["feed_info"].to_dict("records"):
        start, end = row["feed_start_date"], row["feed_end_date"]
        named = (
            first if pd.isna(start) else max(first, start.date()),
            last if pd.isna(end) else min(last, end.date()),
        )
        if named[0] <= named[1]:
            first, last = named
    return first, min(last, LAST_DAY)


def choose_services(feed: Feed, day: date | None) -> Chosen:
    """Choose the services to take: those of one day, or all.

    Parameters
    ----------
    feed
        The feed.
    day
        The day wanted; its services are whole on the days around it on which the same ones run.
        All services, with the busiest day to stand for them, when None.
    """
    first, last = find_validity(feed)
    wanted = find_busiest_day(feed) if day is None else day
    if day is not None:
        services = find_services(feed, day)
        first, last = (_find_last_alike(feed, day, services, step) for step in (-1, 1))
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    running: dict[str, set[date]] = {}
    for other in days:
        for service in find_services(feed, other):
            running.setdefault(service, set()).add(other)
    return Chosen(wanted, first, last, {name: frozenset(on) for name, on in running.items()})


def _find_last_alike(feed: Feed, day: date, services: set[str], step: int) -> date:
    """Find the last day, going back or on from ``day``, on which the same services run."""
    first, last = feed.span
    while True:
        other = day + timedelta(days=step)
        if not first <= other <= min(last, LAST_DAY) or find_services(feed, other) != services:
            return day
        day = other


def build_rows(
    feed: Feed, region: str, day: date | None, *, address: str, licence: str
) -> tuple[Rows, date, list[Notice]]:
    """Build the rows of every table of a region, and of ``source``; see `import_feed`.

    Returns
    -------
    rows, day, notices
        Rows by table name, the day that stands for the timetable, and warnings about what the
        tables cannot say.

    Raises
    ------
    DateError
        If no trip runs on the day.
    """
    prefix = f"{region}-"
    chosen = choose_services(feed, day)
    source = f"gtfs-{region}-{chosen.day}"
    frequencies = list_frequencies(feed)
    calls, parts, notices = _merge_calls(feed, chosen, frequencies)
    if calls.empty:
        raise DateError(f"no trip of {feed.name} runs on {chosen.day}; choose another day")
    calls = calls.assign(model=calls["trip_id"])
    frequencies = frequencies[frequencies["trip_id"].isin(set(calls["trip_id"]))]
    exact = frequencies["exact"]
    headways = frequencies[~exact]
    clocked = set(calls["trip_id"]) - set(frequencies["trip_id"])
    calls = pd.concat(
        [
            calls[calls["trip_id"].isin(clocked)].assign(kind=TIMETABLE),
            _expand_exact(calls, frequencies[exact]).assign(kind=TIMETABLE),
            calls[calls["trip_id"].isin(set(headways["trip_id"]))].assign(kind=COUNT),
        ],
        ignore_index=True,
    )
    trips = _list_trips(feed, parts)
    services = {name: row["service_id"] for name, row in trips.items()}
    calls["service"] = calls["model"].map(services)
    rows: Rows = {
        "source": [_make_source(feed, source, chosen, address, licence)],
        "trips": _make_trips(trips, calls, prefix),
        "stop_times": _make_stop_times(calls, prefix),
        "frequencies": _make_frequencies(headways, prefix),
        "node": _make_nodes(feed, trips, calls, prefix),
        "timetable": [_make_timetable(feed, chosen, prefix, whole=day is None)],
    }
    kinds = calls[["service", "kind"]].drop_duplicates().sort_values(["service", "kind"])
    pairs = list(zip(kinds["service"], kinds["kind"], strict=True))
    rows["service"] = [
        {
            "service_id": _name_service(prefix, *pair),
            "kind": pair[1],
            "timetable_id": rows["timetable"][0]["timetable_id"],
            "run_time_ratio": 1,
            "note": f"service {pair[0]} of the feed",
        }
        for pair in pairs
    ]
    rows["calendar"], rows["calendar_dates"] = [], []
    for pair in pairs:
        calendar, dates = _make_calendar(feed, pair[0])
        named = {"service_id": _name_service(prefix, *pair)}
        rows["calendar"].append({**named, **calendar})
        rows["calendar_dates"] += [{**named, **row} for row in dates]
    rows["routes"], rows["agency"] = _make_routes(feed, trips, calls, prefix)
    rows["evidence"] = list(_make_evidence(rows, source))
    return rows, chosen.day, [*notices, *_tell_transfers(feed)]


def _tell_transfers(feed: Feed) -> list[Notice]:
    """Say which rows of transfers.txt the tables have no place for."""
    kinds = feed["transfers"]["transfer_type"]
    times, bars = int((kinds < NOT_POSSIBLE).sum()), int((kinds == NOT_POSSIBLE).sum())
    notices = []
    if times:
        message = (
            f"{times} rows on changes are not taken over: the minutes to change of the evidence "
            f"base stand in for them"
        )
        notices.append(Notice("transfers.txt", 0, "unused-transfer", message, "warning"))
    if bars:
        message = (
            f"{bars} changes that the feed rules out are not barred in the evidence base; "
            f"journeys may use them"
        )
        notices.append(Notice("transfers.txt", 0, "unused-bar", message, "warning"))
    return notices


def _name_service(prefix: str, service: str, kind: str) -> str:
    return f"{prefix}{service}-headway" if kind == COUNT else prefix + service


def _list_trips(feed: Feed, parts: Mapping[str, Path]) -> dict[str, Row]:
    """List the rows of trips.txt by trip; joined trips carry the names of their parts."""
    records = feed["trips"].to_dict("records")
    rows: dict[str, Row] = {
        str(row["trip_id"]): {str(k): v for k, v in row.items()} for row in records
    }
    for name, path in parts.items():
        names = dict.fromkeys(rows[part]["trip_short_name"] for part in path)
        rows[name] = {**rows[path[0]], "trip_short_name": "/".join(text for text in names if text)}
    return rows


def _merge_calls(
    feed: Feed, chosen: Chosen, frequencies: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, Path], list[Notice]]:
    """Return the calls at stations, through trips as one, two in a row at a station as one.

    Calls at which nobody may board or alight are left out.

    Returns
    -------
    calls, parts, notices
        ``trip_id``, ``stop_id`` (station), ``arrival``, ``departure`` (int64, seconds),
        ``pickup``, ``drop_off``, ``clocked`` (bool, whether the feed gives the time) and
        ``sequence`` (int64, from 1); and the trips that joined ones stand for.
    """
    trips = feed["trips"]
    trips = trips[trips["service_id"].isin(set(chosen.running))]
    calls = list_calls(feed).assign(
        clocked=~feed["stop_times"]["interpolated"] & (feed["stop_times"]["timepoint"] != 0)
    )
    calls = calls[calls["trip_id"].isin(set(trips["trip_id"]))]
    calls = start_at_zero(calls, set(frequencies["trip_id"]))
    stations = find_stations(feed)
    parts: dict[str, Path] = {}
    notices = []
    if has_through_trips(feed):
        calls, parts = join_trips(calls, find_links(feed, chosen.running), stations)
        notices = _tell_cut(feed, chosen)
    calls = calls[calls["pickup"] | calls["drop_off"]]
    calls = calls.assign(stop_id=calls["stop_id"].map(stations))
    trip, stop = calls["trip_id"], calls["stop_id"]
    is_first = ((trip != trip.shift()) | (stop != stop.shift())).to_numpy()
    is_last = np.append(is_first[1:], True)[: len(is_first)]
    departure = calls["departure"].to_numpy()[is_last]
    part = np.cumsum(is_first)
    both = calls[["pickup", "drop_off"]].groupby(part).max().to_numpy()
    calls = calls.loc[is_first, ["trip_id", "stop_id", "arrival", "clocked"]]
    calls = calls.assign(departure=departure, pickup=both[:, 0], drop_off=both[:, 1])
    size = calls.groupby("trip_id")["stop_id"].transform("size")
    lost = calls.loc[size < FEWEST_CALLS, "trip_id"].nunique()
    calls = calls[size >= FEWEST_CALLS].reset_index(drop=True)
    if lost:
        message = f"{lost} trips stay within one station; they are left out"
        notices.append(Notice("trips.txt", 0, "short-trip", message, "warning"))
    calls = calls.assign(sequence=calls.groupby("trip_id").cumcount() + 1)
    return calls, parts, notices


def _tell_cut(feed: Feed, chosen: Chosen) -> list[Notice]:
    """Say how many vehicles go on as a trip of other days, which no trip of the base can say."""
    anyway = find_links(feed, dict.fromkeys(chosen.running, 0))
    joined = find_links(feed, chosen.running)
    services = dict(zip(feed["trips"]["trip_id"], feed["trips"]["service_id"], strict=True))
    days = chosen.running
    cut = sum(
        b not in joined.get(a, []) and not days[services[a]].isdisjoint(days[services[b]])
        for a, after in anyway.items()
        for b in after
    )
    if not cut:
        return []
    message = (
        f"{cut} trips go on as trips of other days with their passengers; they end there, and "
        f"going on is a change"
    )
    return [Notice("trips.txt", 0, "cut-through-trip", message, "warning")]


def _expand_exact(calls: pd.DataFrame, frequencies: pd.DataFrame) -> pd.DataFrame:
    """Return the calls of every departure of exact headways, each a trip of its own."""
    chosen = calls[calls["trip_id"].isin(set(frequencies["trip_id"]))]
    groups = {str(name): group for name, group in chosen.groupby("trip_id")}
    parts = [chosen.iloc[:0]]
    for row in frequencies.to_dict("records"):
        part = groups[row["trip_id"]]
        for start in range(row["start"], row["end"], row["headway"]):
            name = f"{row['trip_id']}@{format_clock(start)}"
            times = {column: part[column] + start for column in ("arrival", "departure")}
            parts.append(part.assign(trip_id=name, **times))
    return pd.concat(parts, ignore_index=True)


def _make_timetable(feed: Feed, chosen: Chosen, prefix: str, *, whole: bool) -> Row:
    note = "all services of the feed" if whole else f"the services of {chosen.day} alone"
    return {
        "timetable_id": f"{prefix}{chosen.day:%Y%m%d}",
        "name_zh": feed.name,
        "name_en": feed.name,
        "modes": "all",
        "day": chosen.day.isoformat(),
        "valid_from": chosen.first.isoformat(),
        "valid_until": chosen.last.isoformat(),
        "whole_zones": "",
        "note": note,
    }


def _make_trips(trips: Mapping[str, Row], calls: pd.DataFrame, prefix: str) -> list[Row]:
    made = calls[["trip_id", "model", "service", "kind"]].drop_duplicates("trip_id")
    return [
        {
            "trip_id": prefix + row["trip_id"],
            "route_id": prefix + trips[row["model"]]["route_id"],
            "service_id": _name_service(prefix, row["service"], row["kind"]),
            "trip_short_name": trips[row["model"]]["trip_short_name"],
            "direction_id": {0: "0", 1: "1"}.get(trips[row["model"]]["direction_id"], ""),
        }
        for row in made.to_dict("records")
    ]


def _make_stop_times(calls: pd.DataFrame, prefix: str) -> list[Row]:
    """Make the calls; where one may not board or alight is said, except where all ends anyway."""
    trip = calls["trip_id"].to_numpy()
    is_first = np.r_[True, trip[1:] != trip[:-1]]
    is_last = np.r_[is_first[1:], True]
    calls = calls.assign(
        clocked=calls["clocked"] & (calls["kind"] == TIMETABLE),
        pickup=calls["pickup"] | is_last,
        drop_off=calls["drop_off"] | is_first,
    )
    columns = ("trip_id", "arrival", "departure", "stop_id", "sequence")
    flags = ("clocked", "pickup", "drop_off")
    return [
        {
            "trip_id": prefix + trip,
            "arrival_time": format_clock(arrival),
            "departure_time": format_clock(departure),
            "stop_id": prefix + stop,
            "stop_sequence": sequence,
            "timepoint": int(clocked),
            "pickup_type": POSSIBLE if pickup else BARRED,
            "drop_off_type": POSSIBLE if drop_off else BARRED,
        }
        for trip, arrival, departure, stop, sequence, clocked, pickup, drop_off in zip(
            *(calls[name].tolist() for name in (*columns, *flags)), strict=True
        )
    ]


def _make_frequencies(headways: pd.DataFrame, prefix: str) -> list[Row]:
    return [
        {
            "trip_id": prefix + row["trip_id"],
            "start_time": format_clock(row["start"]),
            "end_time": format_clock(row["end"]),
            "headway_secs": row["headway"],
            "exact_times": 0,
        }
        for row in headways.to_dict("records")
    ]


def _make_nodes(
    feed: Feed, trips: Mapping[str, Row], calls: pd.DataFrame, prefix: str
) -> list[Row]:
    """Make a node of every station; one at which any train calls is a rail station."""
    types = dict(zip(feed["routes"]["route_id"], feed["routes"]["route_type"], strict=True))
    routes = {name: row["route_id"] for name, row in trips.items()}
    pairs = calls[["model", "stop_id"]].drop_duplicates()
    is_rail = pairs["model"].map(routes).map(types).isin(RAIL_TYPES)
    rail = set(pairs.loc[is_rail, "stop_id"])
    stops = feed["stops"]
    return [
        {
            "node_id": prefix + row["stop_id"],
            "name_zh": row["stop_name"] or row["stop_id"],
            "name_en": row["stop_name"],
            "x_coord": f"{row['stop_lon']:.6f}",
            "y_coord": f"{row['stop_lat']:.6f}",
            "node_type": "rail_station" if row["stop_id"] in rail else "metro_station",
        }
        for row in stops[stops["stop_id"].isin(set(pairs["stop_id"]))].to_dict("records")
    ]


def _make_calendar(feed: Feed, service: str) -> tuple[Row, list[Row]]:
    """Make the calendar row of a service, with its weekdays, and its exceptions, as in the feed."""
    frame = feed["calendar_dates"]
    frame = frame[frame["service_id"] == service]
    dates = {
        when.date(): int(k) for when, k in zip(frame["date"], frame["exception_type"], strict=True)
    }
    weekly = feed["calendar"][feed["calendar"]["service_id"] == service].to_dict("records")
    flags = dict.fromkeys(DAYS, 0)
    if weekly:
        flags = {weekday: int(weekly[0][weekday]) for weekday in DAYS}
        start, end = weekly[0]["start_date"].date(), weekly[0]["end_date"].date()
    if not any(flags.values()):
        dates = {d: k for d, k in dates.items() if k == ADDED}
        start, end = min(dates), max(dates)
    dates = {d: k for d, k in dates.items() if d <= LAST_DAY}
    limits = {"start_date": f"{start:%Y%m%d}", "end_date": f"{min(end, LAST_DAY):%Y%m%d}"}
    exceptions = [{"date": f"{d:%Y%m%d}", "exception_type": k} for d, k in sorted(dates.items())]
    return {**flags, **limits}, exceptions


def _make_routes(
    feed: Feed, trips: Mapping[str, Row], calls: pd.DataFrame, prefix: str
) -> tuple[list[Row], list[Row]]:
    """Make the routes of the trips and their agencies."""
    used = {trips[model]["route_id"] for model in calls["model"].unique()}
    agencies = feed["agency"].to_dict("records")
    first = agencies[0]["agency_id"]
    made = [
        {
            "route_id": prefix + row["route_id"],
            "agency_id": prefix + (row["agency_id"] or first),
            "route_short_name": row["route_short_name"],
            "route_long_name": row["route_long_name"] or row["route_short_name"],
            "route_type": row["route_type"],
        }
        for row in feed["routes"].to_dict("records")
        if row["route_id"] in used
    ]
    known = {row["agency_id"] for row in made}
    columns = ("agency_name", "agency_url", "agency_timezone")
    return made, [
        {"agency_id": prefix + row["agency_id"], **{name: row[name] for name in columns}}
        for row in agencies
        if prefix + row["agency_id"] in known
    ]


def _make_source(feed: Feed, source: str, chosen: Chosen, address: str, licence: str) -> Row:
    agency, info = feed["agency"], feed["feed_info"].to_dict("records")
    version = f", version {info[0]['feed_version']}" if info and info[0]["feed_version"] else ""
    page = info[0]["feed_publisher_url"] if info else agency["agency_url"].tolist()[0]
    return {
        "source_id": source,
        "publisher": "; ".join(dict.fromkeys(agency["agency_name"].tolist())),
        "title": f"GTFS feed {feed.name}{version}, services of {chosen.first} to {chosen.last}",
        "address": address or re.sub(r"^https?://", "", page),
        "licence": licence,
        # Who collected a feed stands in it at best; that it is the operator cannot be checked.
        "grade": "community",
    }


def _make_evidence(rows: Rows, source: str) -> Iterable[Row]:
    """Yield the evidence of every station, headway and service: the feed itself."""
    for row in rows["node"]:
        yield {
            "table": "node",
            "row_id": row["node_id"],
            "field": "location",
            "value": f"{row['x_coord']} {row['y_coord']}",
            "kind": "published",
            "source_id": source,
            "locator": "stops.txt",
        }
    timetable = {"kind": "timetable", "source_id": source}
    for row in rows["frequencies"]:
        yield {
            **timetable,
            "table": "frequencies",
            "row_id": f"{row['trip_id']}@{row['start_time']}",
            "field": "headway_secs",
            "value": row["headway_secs"],
            "unit": "s",
            "locator": "frequencies.txt",
        }
    for row in rows["service"]:
        about = {**timetable, "table": "service", "row_id": row["service_id"]}
        about["locator"] = "stop_times.txt"
        yield {**about, "field": "run_time_ratio", "value": 1, "unit": "1"}
        yield {**about, "field": "timetable", "value": ""}
    for row in rows["timetable"]:
        about = {**timetable, "table": "timetable", "row_id": row["timetable_id"]}
        yield {**about, "field": "day", "value": row["day"]}
