"""Rules on timetables: days in order, trains of services that run, stations in zones, speeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from netlib.calendars import WEEKDAYS
from netlib.calls import parse_clocks
from netlib.checks.lines import SPEED_RATIO, compute_geodesic_km
from netlib.checks.rules import Base, Rule, report
from netlib.checks.services import ROUNDING_SECONDS
from netlib.dates import parse_days, parse_gtfs_days
from netlib.openings import route_lengths
from netlib.snapshots import ROAD_MODES, SNAPSHOT_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from netlib.errors import Notice

    Floats = NDArray[np.float64]

# Timetables of the railway, whose stations are known in full; a feed may bring any stops.
RAILWAY = ("fast", "conventional")
SECONDS_PER_HOUR = 3600
# A way over links that is longer than this against the straight line is another than the train's:
# 95 % of the 162 links of high-speed and intercity lines are at most 1.22 times as long.
MOST_DETOUR = 1.3


def check_validity(base: Base) -> Iterator[Notice]:
    """Check that the day of a timetable lies in its validity."""
    frame = base["timetable"]
    day, first, last = (
        parse_days(frame[name], end=False) for name in ("day", "valid_from", "valid_until")
    )
    rows = frame[first > last]
    messages = [
        f"valid_from {row.valid_from} comes after valid_until {row.valid_until}; correct one"
        for row in rows.itertuples()
    ]
    yield from report(base, "timetable", rows, "date-order", messages)
    rows = frame[(first <= last) & ((day < first) | (day > last))]
    messages = [
        f"day {row.day} lies outside its validity {row.valid_from} to {row.valid_until}; correct "
        f"one"
        for row in rows.itertuples()
    ]
    yield from report(base, "timetable", rows, "day-outside-validity", messages)


def check_services(base: Base) -> Iterator[Notice]:
    """Check that services run while their timetable is valid, and headways belong to none."""
    service = base["service"]
    rows = service[(service["kind"] == "headway") & (service["timetable_id"] != "")]
    messages = [
        f"a headway service runs by its own calendar; leave timetable_id {name!r} empty"
        for name in rows["timetable_id"]
    ]
    yield from report(base, "service", rows, "timetable-of-headway", messages)
    dated = _dated_services(base)
    span = base["calendar"].drop_duplicates("service_id").set_index("service_id")
    span = span.reindex(dated["service_id"])
    runs_weekly = (span[list(WEEKDAYS)] == 1).any(axis=1).to_numpy()
    first = parse_gtfs_days(span["start_date"]).to_numpy()
    last = parse_gtfs_days(span["end_date"]).to_numpy()
    valid_from = parse_days(dated["valid_from"], end=False).to_numpy()
    valid_until = parse_days(dated["valid_until"], end=False).to_numpy()
    overlaps = runs_weekly & (first <= valid_until) & (last >= valid_from)
    added = base["calendar_dates"]
    added = added[added["exception_type"] == 1]
    days = added.assign(day=parse_gtfs_days(added["date"]))[["service_id", "day"]]
    listed = dated.reset_index().merge(days, on="service_id")
    within = listed["day"].between(
        parse_days(listed["valid_from"], end=False), parse_days(listed["valid_until"], end=False)
    )
    # A calendar that is not there or cannot be read has a notice of its own.
    known = pd.notna(first) & pd.notna(last)
    never = known & ~overlaps & ~dated.index.isin(set(listed.loc[within, "index"]))
    rows = dated[never]
    messages = [
        f"service {row.service_id!r} runs on no day from {row.valid_from} to {row.valid_until}, "
        f"when {row.timetable_id} is valid; correct its calendar or the validity"
        for row in rows.itertuples()
    ]
    yield from report(base, "service", rows, "service-outside-timetable", messages)
    other = set(
        listed.loc[within & (listed["day"] != parse_days(listed["day_of"], end=False)), "index"]
    )
    single = ~runs_weekly & known & ~never & ~dated.index.isin(other)
    rows = dated[
        single & dated["modes"].isin(RAILWAY) & (dated["valid_from"] != dated["valid_until"])
    ]
    messages = [
        f"service {row.service_id!r} runs on {row.day_of} alone, but {row.timetable_id} is valid "
        f"from {row.valid_from} to {row.valid_until}; let it be valid on the days whose trains it "
        f"holds, or say on which other days the service runs"
        for row in rows.itertuples()
    ]
    yield from report(base, "service", rows, "service-of-one-day", messages)


def _dated_services(base: Base) -> pd.DataFrame:
    """Return the services of known timetables with ``modes``, ``day_of`` and the validity."""
    service = base["service"]
    timetable = base["timetable"].drop_duplicates("timetable_id").set_index("timetable_id")
    known = service["timetable_id"].isin(set(timetable.index))
    dated = service[service["kind"].isin(SNAPSHOT_KINDS) & known]
    theirs = timetable.reindex(dated["timetable_id"])
    return dated.assign(
        modes=theirs["modes"].to_numpy(),
        day_of=theirs["day"].to_numpy(),
        valid_from=theirs["valid_from"].to_numpy(),
        valid_until=theirs["valid_until"].to_numpy(),
    )


def check_station_zones(base: Base) -> Iterator[Notice]:
    """Check that every station at which trains of the railway call lies in a zone."""
    dated = _dated_services(base)
    services = set(dated.loc[dated["modes"].isin(RAILWAY), "service_id"])
    trips = base["trips"][base["trips"]["service_id"].isin(services)]
    calls = base["stop_times"]
    called = set(calls.loc[calls["trip_id"].isin(set(trips["trip_id"])), "stop_id"])
    node = base["node"]
    rows = node[node["node_id"].isin(called) & (node["zone_id"] == "")]
    messages = [
        f"trains call at {row.node_id} ({row.name_zh}), which lies in no zone; fill its zone_id"
        for row in rows.itertuples()
    ]
    yield from report(base, "node", rows, "no-zone", messages)


def check_count_times(base: Base) -> Iterator[Notice]:
    """Check that the times of trips known by count run from 00:00:00."""
    service, trips, calls = base["service"], base["trips"], base["stop_times"]
    counted = set(service.loc[service["kind"] == "count", "service_id"])
    names = set(trips.loc[trips["service_id"].isin(counted), "trip_id"])
    first = calls.sort_values(["trip_id", "stop_sequence"], kind="stable")
    first = first.drop_duplicates("trip_id")
    rows = first[first["trip_id"].isin(names) & (parse_clocks(first["departure_time"]) > 0)]
    messages = [
        f"trip {row.trip_id!r} is known by count, but leaves at {row.departure_time}; write the "
        f"time since its first departure"
        for row in rows.itertuples()
    ]
    yield from report(base, "stop_times", rows, "count-time", messages)


def check_ride_speed(base: Base) -> Iterator[Notice]:
    """Check that no train is faster between two calls than the lines on its way allow.

    The least time is that of the quickest way over the links of all dates at design speed. Where
    the way over the links is a detour nothing is said: trains take a line there that is no link.
    """
    calls = base["stop_times"].sort_values(["trip_id", "stop_sequence"], kind="stable")
    arrival, departure = (parse_clocks(calls[f"{name}_time"]) for name in ("arrival", "departure"))
    same = calls["trip_id"] == calls["trip_id"].shift()
    seconds = arrival - departure.shift()
    hops = calls.assign(origin=calls["stop_id"].shift(), seconds=seconds)[same & seconds.ge(0)]
    pairs = hops[["origin", "stop_id"]].drop_duplicates()
    pairs = pairs.assign(least=compute_least_seconds(base, pairs))
    hops = hops.merge(pairs, on=["origin", "stop_id"])
    ran = hops["seconds"] + ROUNDING_SECONDS
    # What no line at all would allow has the notice of the straight line.
    straight = compute_geodesic_km(base, hops["origin"], hops["stop_id"])
    fastest = base["line"]["design_speed_kmh"].max()
    possible = straight / ran * SECONDS_PER_HOUR <= fastest
    rows = hops[possible & (ran < hops["least"] / SPEED_RATIO)]
    facts = (rows[name] for name in ("trip_id", "origin", "stop_id", "seconds", "least"))
    messages = [
        f"trip {trip!r} takes {ran / 60:g} minutes from {origin} to {stop}, for which the lines on "
        f"the way allow {least / 60:.1f} at best; correct the times, the design speed or the "
        f"length of a link"
        for trip, origin, stop, ran, least in zip(*facts, strict=True)
    ]
    yield from report(base, "stop_times", rows, "ride-above-line", messages)


def compute_least_seconds(base: Base, pairs: pd.DataFrame) -> Floats:
    """Compute the seconds of the quickest way over links at design speed.

    Parameters
    ----------
    base
        The evidence base.
    pairs
        ``origin`` and ``stop_id`` of stretches between two calls.

    Returns
    -------
    array of float64, shape (len(pairs),)
        NaN where the links have no way, or a detour alone.
    """
    line = base["line"].drop_duplicates("line_id").set_index("line_id")
    link = base["link"]
    link = link[~link["line_id"].map(line["mode"]).isin(ROAD_MODES)]
    speed = link["line_id"].map(line["design_speed_kmh"]).astype("float64")
    speed = speed.fillna(line["design_speed_kmh"].max())
    ends = pairs.rename(columns={"origin": "a", "stop_id": "b"})
    km = route_lengths(ends, link)
    straight = compute_geodesic_km(base, pairs["origin"], pairs["stop_id"])
    hours = route_lengths(ends, link.assign(length_km=link["length_km"] / speed))
    is_known = np.isfinite(hours) & (km <= MOST_DETOUR * straight)
    return np.where(is_known, hours * SECONDS_PER_HOUR, np.nan)


RULES = (
    Rule(check_validity, ("timetable",)),
    Rule(check_services, ("timetable", "service", "calendar", "calendar_dates")),
    Rule(check_station_zones, ("timetable", "service", "trips", "stop_times", "node")),
    Rule(check_count_times, ("service", "trips", "stop_times")),
    Rule(check_ride_speed, ("line", "link", "stop_times")),
)
