"""The services of one day of a GTFS feed as rows of the evidence base."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from netlib.errors import DateError, Notice
from netlib.gtfs.feeds import find_services, select_day
from netlib.gtfs.tables import DAYS
from netlib.rides import RAIL_ROUTE_TYPES
from netlib.units import format_clock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from netlib.gtfs.feeds import Feed

Row = dict[str, Any]
Rows = dict[str, list[Row]]

# Days looked at for the busiest one, unless the caller names a day.
LOOK_AHEAD_DAYS = 56
# Last day that the calendars of an evidence base may name.
LAST_DAY = date(2099, 12, 31)
FEWEST_CALLS = 2
ADDED = 1
TIMETABLE, COUNT = "timetable", "count"


def find_busiest_day(feed: Feed) -> date:
    """Find the first of the days with the most trips, of the first eight weeks of the feed."""
    first, last = feed.span
    counts = feed["trips"]["service_id"].value_counts().to_dict()
    span = min((last - first).days + 1, LOOK_AHEAD_DAYS)
    days = [first + timedelta(days=i) for i in range(span)]
    return max(days, key=lambda day: sum(counts.get(s, 0) for s in find_services(feed, day)))


def build_rows(
    feed: Feed, region: str, day: date, *, address: str, licence: str
) -> tuple[Rows, list[Notice]]:
    """Build the rows of every table of a region, and of ``source``; see `import_feed`.

    Returns
    -------
    rows, notices
        Rows by table name, and warnings about what the tables cannot say.

    Raises
    ------
    DateError
        If no trip runs on the day.
    """
    prefix = f"{region}-"
    source = f"gtfs-{region}-{day}"
    calls, notices = _merge_calls(feed, day)
    if calls.empty:
        raise DateError(f"no trip of {feed.name} runs on {day}; choose another day")
    frequencies = select_day(feed, day).frequencies
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
    services = dict(zip(feed["trips"]["trip_id"], feed["trips"]["service_id"], strict=True))
    calls["service"] = calls["model"].map(services)
    rows: Rows = {
        "source": [_make_source(feed, source, day, address, licence)],
        "trips": _make_trips(feed, calls, prefix),
        "stop_times": _make_stop_times(calls, prefix),
        "frequencies": _make_frequencies(headways, prefix),
        "node": _make_nodes(feed, calls, prefix),
    }
    kinds = calls[["service", "kind"]].drop_duplicates().sort_values(["service", "kind"])
    pairs = list(zip(kinds["service"], kinds["kind"], strict=True))
    rows["service"] = [
        {
            "service_id": _name_service(prefix, *pair),
            "kind": pair[1],
            "timetable_id": f"{prefix}{day:%Y%m%d}",
            "run_time_ratio": 1,
            "note": f"service {pair[0]} of the feed",
        }
        for pair in pairs
    ]
    rows["timetable"] = [
        {
            "timetable_id": f"{prefix}{day:%Y%m%d}",
            "name_zh": feed.name,
            "name_en": feed.name,
            "modes": "all",
            "day": day.isoformat(),
            "valid_from": day.isoformat(),
            "valid_until": day.isoformat(),
        }
    ]
    rows["calendar"], rows["calendar_dates"] = [], []
    for pair in pairs:
        calendar, dates = _make_calendar(feed, pair[0], day)
        named = {"service_id": _name_service(prefix, *pair)}
        rows["calendar"].append({**named, **calendar})
        rows["calendar_dates"] += [{**named, **row} for row in dates]
    rows["routes"], rows["agency"] = _make_routes(feed, calls, prefix)
    rows["evidence"] = list(_make_evidence(rows, source))
    return rows, notices


def _name_service(prefix: str, service: str, kind: str) -> str:
    return f"{prefix}{service}-headway" if kind == COUNT else prefix + service


def _merge_calls(feed: Feed, day: date) -> tuple[pd.DataFrame, list[Notice]]:
    """Return the calls of one day at stations, two in a row at the same station as one.

    Calls at which nobody may board or alight are left out.

    Returns
    -------
    calls, notices
        ``trip_id``, ``model`` (the trip of the feed), ``stop_id`` (station), ``arrival``,
        ``departure`` (int64, seconds) and ``sequence`` (int64, from 1).
    """
    stops = feed["stops"]
    parent = stops["parent_station"].where(stops["parent_station"] != "", stops["stop_id"])
    parents = dict(zip(stops["stop_id"], parent, strict=True))
    calls = select_day(feed, day).calls
    calls = calls[(calls["day"] == 0) & (calls["pickup"] | calls["drop_off"])]
    calls = calls.assign(stop_id=calls["stop_id"].map(parents))
    trip, stop = calls["trip_id"], calls["stop_id"]
    is_first = ((trip != trip.shift()) | (stop != stop.shift())).to_numpy()
    is_last = np.append(is_first[1:], True)[: len(is_first)]
    departure = calls["departure"].to_numpy()[is_last]
    part = np.cumsum(is_first)
    both = calls[["pickup", "drop_off"]].groupby(part).max().to_numpy()
    calls = calls.loc[is_first, ["trip_id", "stop_id", "arrival"]]
    calls = calls.assign(departure=departure, pickup=both[:, 0], drop_off=both[:, 1])
    size = calls.groupby("trip_id")["stop_id"].transform("size")
    lost = calls.loc[size < FEWEST_CALLS, "trip_id"].nunique()
    calls = calls[size >= FEWEST_CALLS].reset_index(drop=True)
    place = calls.groupby("trip_id").cumcount()
    last = calls.groupby("trip_id")["stop_id"].transform("size") - 1
    one_way = (~calls["drop_off"] & (place > 0)) | (~calls["pickup"] & (place < last))
    notices = []
    if lost:
        message = f"{lost} trips stay within one station; they are left out"
        notices.append(Notice("trips.txt", 0, "short-trip", message, "warning"))
    if one_way.any():
        message = (
            f"at {int(one_way.sum())} calls passengers may only board or only alight; "
            f"the evidence base cannot say so and lets them do both"
        )
        notices.append(Notice("stop_times.txt", 0, "one-way-call", message, "warning"))
    calls = calls.assign(sequence=place + 1, model=calls["trip_id"])
    return calls.drop(columns=["pickup", "drop_off"]), notices


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


def _make_trips(feed: Feed, calls: pd.DataFrame, prefix: str) -> list[Row]:
    trips = {row["trip_id"]: row for row in feed["trips"].to_dict("records")}
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
    columns = ("trip_id", "arrival", "departure", "stop_id", "sequence", "kind")
    return [
        {
            "trip_id": prefix + trip,
            "arrival_time": format_clock(arrival),
            "departure_time": format_clock(departure),
            "stop_id": prefix + stop,
            "stop_sequence": sequence,
            "timepoint": int(kind == TIMETABLE),
        }
        for trip, arrival, departure, stop, sequence, kind in zip(
            *(calls[name].tolist() for name in columns), strict=True
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


def _make_nodes(feed: Feed, calls: pd.DataFrame, prefix: str) -> list[Row]:
    """Make a node of every station; one at which any train calls is a rail station."""
    types = dict(zip(feed["routes"]["route_id"], feed["routes"]["route_type"], strict=True))
    routes = dict(zip(feed["trips"]["trip_id"], feed["trips"]["route_id"], strict=True))
    pairs = calls[["model", "stop_id"]].drop_duplicates()
    is_rail = pairs["model"].map(routes).map(types).isin(RAIL_ROUTE_TYPES)
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


def _make_calendar(feed: Feed, service: str, day: date) -> tuple[Row, list[Row]]:
    """Make the calendar row of a service and its exceptions; the calendar covers ``day``."""
    frame = feed["calendar_dates"]
    frame = frame[frame["service_id"] == service]
    dates = {
        when.date(): int(k) for when, k in zip(frame["date"], frame["exception_type"], strict=True)
    }
    weekly = feed["calendar"][feed["calendar"]["service_id"] == service].to_dict("records")
    flags = dict.fromkeys(DAYS, 0)
    start = end = day
    if weekly:
        flags = {weekday: int(weekly[0][weekday]) for weekday in DAYS}
        start, end = weekly[0]["start_date"].date(), weekly[0]["end_date"].date()
    if not start <= day <= end:
        # The day is an addition outside the weekly calendar: name every day of service instead.
        span = (start + timedelta(days=i) for i in range((end - start).days + 1))
        listed = {d: ADDED for d in span if flags[DAYS[d.weekday()]]}
        dates = {d: ADDED for d, k in {**listed, **dates}.items() if k == ADDED}
        flags = dict.fromkeys(DAYS, 0)
    if not any(flags.values()):
        dates = {d: k for d, k in dates.items() if k == ADDED}
        start, end = min(dates), max(dates)
    limits = {"start_date": f"{start:%Y%m%d}", "end_date": f"{min(end, LAST_DAY):%Y%m%d}"}
    exceptions = [{"date": f"{d:%Y%m%d}", "exception_type": k} for d, k in sorted(dates.items())]
    return {**flags, **limits}, exceptions


def _make_routes(feed: Feed, calls: pd.DataFrame, prefix: str) -> tuple[list[Row], list[Row]]:
    """Make the routes of the trips and their agencies."""
    routes = dict(zip(feed["trips"]["trip_id"], feed["trips"]["route_id"], strict=True))
    used = {routes[model] for model in calls["model"].unique()}
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


def _make_source(feed: Feed, source: str, day: date, address: str, licence: str) -> Row:
    agency, info = feed["agency"], feed["feed_info"].to_dict("records")
    version = f", version {info[0]['feed_version']}" if info and info[0]["feed_version"] else ""
    page = info[0]["feed_publisher_url"] if info else agency["agency_url"].tolist()[0]
    return {
        "source_id": source,
        "publisher": "; ".join(dict.fromkeys(agency["agency_name"].tolist())),
        "title": f"GTFS feed {feed.name}{version}, services of {day}",
        "address": address or re.sub(r"^https?://", "", page),
        "licence": licence,
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
