"""Rules on services: whole trips, times that run forward, calendars in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlib.calls import parse_clocks
from netlib.checks.lines import compute_geodesic_km
from netlib.checks.rules import Base, Rule, report
from netlib.dates import parse_gtfs_days

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from netlib.errors import Notice

DATED_KINDS = ("timetable", "count")
LINE_KINDS = ("headway", "modelled")
FREQUENCY_KINDS = ("count", "headway")
FEWEST_STOPS = 2
# Times are whole minutes or seconds, arrivals and departures each up to a minute off.
ROUNDING_SECONDS = 60


def check_trips(base: Base) -> Iterator[Notice]:
    """Check that every trip has at least two stops, every service at least one trip."""
    trips = base["trips"]
    stops = trips["trip_id"].map(base["stop_times"]["trip_id"].value_counts()).fillna(0)
    rows = trips[stops < FEWEST_STOPS]
    messages = [
        f"trip {name!r} has {count:g} stops in stop_times.txt; it needs at least {FEWEST_STOPS}"
        for name, count in zip(rows["trip_id"], stops[rows.index], strict=True)
    ]
    yield from report(base, "trips", rows, "short-trip", messages)
    service = base["service"]
    rows = service[~service["service_id"].isin(set(trips["service_id"]))]
    messages = [
        f"service {name!r} has no trip; add its trips or remove it" for name in rows["service_id"]
    ]
    yield from report(base, "service", rows, "empty-service", messages)


def check_stop_times(base: Base) -> Iterator[Notice]:
    """Check that along a trip time runs forward, and no faster than any line of the map allows."""
    times = base["stop_times"].copy()
    times["arrival"] = parse_clocks(times["arrival_time"])
    times["departure"] = parse_clocks(times["departure_time"])
    times = times.sort_values(["trip_id", "stop_sequence"], kind="stable")
    rows = times[times["departure"] < times["arrival"]]
    messages = [
        f"trip {row.trip_id!r} departs at {row.departure_time}, before it arrives at "
        f"{row.arrival_time}; correct one"
        for row in rows.itertuples()
    ]
    yield from report(base, "stop_times", rows, "time-order", messages)
    same = times["trip_id"] == times["trip_id"].shift()
    before = times["departure"].shift().where(same)
    times["earlier"] = times["departure_time"].shift()
    rows = times[times["arrival"] < before]
    messages = [
        f"trip {row.trip_id!r} arrives at {row.arrival_time}, before it left the stop before at "
        f"{row.earlier}; correct one, hours past 24 for the next day"
        for row in rows.itertuples()
    ]
    yield from report(base, "stop_times", rows, "time-order", messages)
    yield from _check_hops(base, times.assign(before=before, origin=times["stop_id"].shift()))


def _check_hops(base: Base, times: pd.DataFrame) -> Iterator[Notice]:
    fastest = base["line"]["design_speed_kmh"].max()
    hops = times[times["before"].notna()]
    seconds = hops["arrival"] - hops["before"] + ROUNDING_SECONDS
    straight = compute_geodesic_km(base, hops["origin"], hops["stop_id"])
    hops = hops.assign(straight=straight)
    rows = hops[(seconds >= ROUNDING_SECONDS) & (straight / seconds * 3600 > fastest)]
    messages = [
        f"trip {row.trip_id!r} covers {row.straight:.1f} km straight from {row.origin} to "
        f"{row.stop_id} in {(row.arrival - row.before) / 60:g} minutes, faster than any line; "
        f"correct the times or a coordinate"
        for row in rows.itertuples()
    ]
    yield from report(base, "stop_times", rows, "service-speed", messages)
    rows = hops[hops["origin"] == hops["stop_id"]]
    messages = [f"trip {row.trip_id!r} calls at {row.stop_id} twice" for row in rows.itertuples()]
    remedy = " in a row; remove one call"
    yield from report(base, "stop_times", rows, "doubled-call", [m + remedy for m in messages])


def check_calendar(base: Base) -> Iterator[Notice]:
    """Check that every service has a calendar in order, and what its kind needs."""
    service, calendar = base["service"], base["calendar"]
    rows = service[~service["service_id"].isin(set(calendar["service_id"]))]
    messages = [
        f"service {name!r} has no row in calendar.txt; add it" for name in rows["service_id"]
    ]
    yield from report(base, "service", rows, "no-calendar", messages)
    calendar = calendar.assign(
        first=parse_gtfs_days(calendar["start_date"]), last=parse_gtfs_days(calendar["end_date"])
    )
    rows = calendar[calendar["first"] > calendar["last"]]
    messages = [
        f"start_date {row.start_date} comes after end_date {row.end_date}; correct one"
        for row in rows.itertuples()
    ]
    yield from report(base, "calendar", rows, "date-order", messages)
    rows = service[service["kind"].isin(DATED_KINDS) & (service["timetable_id"] == "")]
    messages = [f"a {kind} service needs its timetable_id; add it" for kind in rows["kind"]]
    yield from report(base, "service", rows, "no-timetable", messages)
    rows = service[service["kind"].isin(LINE_KINDS) & (service["line_id"] == "")]
    messages = [f"a {kind} service needs its line_id; add it" for kind in rows["kind"]]
    yield from report(base, "service", rows, "no-line", messages)


def check_frequencies(base: Base) -> Iterator[Notice]:
    """Check that headways do not overlap and belong to services without clock times."""
    frame = base["frequencies"]
    frame = frame.assign(
        start=parse_clocks(frame["start_time"]), end=parse_clocks(frame["end_time"])
    )
    rows = frame[frame["end"] <= frame["start"]]
    messages = [
        f"end_time {row.end_time} is not after start_time {row.start_time}; correct one"
        for row in rows.itertuples()
    ]
    yield from report(base, "frequencies", rows, "time-order", messages)
    ordered = frame.sort_values(["trip_id", "start"], kind="stable")
    before = ordered["end"].shift().where(ordered["trip_id"] == ordered["trip_id"].shift())
    rows = ordered[ordered["start"] < before]
    messages = [
        f"trip {row.trip_id!r} has another headway at {row.start_time}; let one end before"
        for row in rows.itertuples()
    ]
    yield from report(base, "frequencies", rows, "headway-overlap", messages)
    trips = base["trips"]
    kind = trips["service_id"].map(
        base["service"].drop_duplicates("service_id").set_index("service_id")["kind"]
    )
    has = trips["trip_id"].isin(set(frame["trip_id"]))
    rows = trips[kind.isin(FREQUENCY_KINDS) & ~has]
    messages = [
        f"trip {row.trip_id!r} of service {row.service_id!r} has no headway; add it to "
        f"frequencies.txt"
        for row in rows.itertuples()
    ]
    yield from report(base, "trips", rows, "no-headway", messages)
    rows = trips[kind.eq("timetable") & has]
    messages = [
        f"trip {row.trip_id!r} has clock times and a headway; remove its row in frequencies.txt"
        for row in rows.itertuples()
    ]
    yield from report(base, "trips", rows, "headway-of-timetable", messages)


RULES = (
    Rule(check_trips, ("trips", "stop_times", "service")),
    Rule(check_stop_times, ("stop_times", "node", "line")),
    Rule(check_calendar, ("service", "calendar")),
    Rule(check_frequencies, ("frequencies", "trips", "service")),
)
