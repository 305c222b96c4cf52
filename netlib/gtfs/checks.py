"""Rules that the tables of a GTFS feed follow, each yielding the rows that break it.

An ``error`` is a row that cannot be used or says two things at once; a ``warning`` is a row that
can be used but probably does not say what was meant.
"""

from __future__ import annotations

import re
import zoneinfo
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from netlib.gtfs.files import Problem
from netlib.gtfs.tables import BY_NAME, DAYS, TABLES, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from netlib.errors import Severity

    Frames = Mapping[str, pd.DataFrame]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

STOP, STATION, ENTRANCE, GENERIC_NODE, BOARDING_AREA = range(5)
PLACED = (STOP, STATION, ENTRANCE)
FEWEST_CALLS = 2
NOT_POSSIBLE, IN_SEAT, NO_IN_SEAT = 3, 4, 5
BY_MINIMUM = 2
# Degrees around 0° 0' within which a point is a placeholder rather than a place in the sea.
NEAR_ORIGIN = 1e-3

# Fastest plausible straight line between two calls in km/h by route type: the bounds of the
# canonical GTFS validator (MobilityData, rule fast_travel_between_consecutive_stops); extended
# types by their hundreds; aeroplanes by the cruising speed of airliners.
FASTEST = {0: 100, 1: 150, 2: 500, 3: 150, 4: 80, 5: 30, 6: 50, 7: 50, 11: 150, 12: 150}
FASTEST_EXTENDED = {1: 500, 2: 150, 4: 150, 7: 150, 8: 150, 9: 100, 10: 80, 11: 1000, 12: 80}
FASTEST_OTHER = 200
# Times are whole minutes in many feeds, so a hop can last up to a minute longer than it says.
ROUNDING_SECONDS = 60

# Kinds of transfer for which a time or a walk is used.
TIMED = 1
# Longest way between two stops of a transfer: the bound of the canonical GTFS validator
# (transfer_distance_too_large). No one walks faster than the fastest runs of athletes, 10 m/s, and
# up to 500 m coordinates of large stations and moving walkways may be to blame.
FARTHEST_TRANSFER_M = 10_000
FASTEST_WALK_MS = 10.0
NEAR_TRANSFER_M = 500.0
# References without which a row is of use: the cell is read as blank.
MINOR_REFERENCES = (("routes", "agency_id"), ("stops", "parent_station"))
# Zones that Python lists and that name no place.
NO_ZONES = frozenset({"Factory", "localtime", "posixrules"})
# A language tag (IETF BCP 47): a language of ISO 639 and what comes after, or a private one.
LANGUAGE = re.compile(r"([a-z]{2,3}|[xi](?=-))(-[a-z0-9]{1,8})*", re.ASCII | re.IGNORECASE)
ADDRESS = re.compile(r"https?://[^\s/?#]+\.?[^\s]*", re.IGNORECASE)
MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
LANGUAGES = (("agency", "agency_lang"), ("feed_info", "feed_lang"), ("feed_info", "default_lang"))
ADDRESSES = (
    ("agency", "agency_url"),
    ("agency", "agency_fare_url"),
    ("stops", "stop_url"),
    ("routes", "route_url"),
    ("feed_info", "feed_publisher_url"),
    ("feed_info", "feed_contact_url"),
)
MAILS = (("agency", "agency_email"), ("feed_info", "feed_contact_email"))
ZONES = (("agency", "agency_timezone"), ("stops", "stop_timezone"))

# Column, its table, and the tables one of which must hold it.
REFERENCES = (
    ("routes", "agency_id", ("agency",), "agency_id"),
    ("trips", "route_id", ("routes",), "route_id"),
    ("trips", "service_id", ("calendar", "calendar_dates"), "service_id"),
    ("stop_times", "trip_id", ("trips",), "trip_id"),
    ("stop_times", "stop_id", ("stops",), "stop_id"),
    ("stops", "parent_station", ("stops",), "stop_id"),
    ("frequencies", "trip_id", ("trips",), "trip_id"),
    ("transfers", "from_stop_id", ("stops",), "stop_id"),
    ("transfers", "to_stop_id", ("stops",), "stop_id"),
    ("transfers", "from_route_id", ("routes",), "route_id"),
    ("transfers", "to_route_id", ("routes",), "route_id"),
    ("transfers", "from_trip_id", ("trips",), "trip_id"),
    ("transfers", "to_trip_id", ("trips",), "trip_id"),
)


class Calls(NamedTuple):
    """Stop times in the order of their trips.

    Attributes
    ----------
    order
        Positions in ``stop_times``, by trip_id and stop_sequence.
    trip
        Code of the trip at each place of that order; equal codes are neighbours.
    arrival, departure
        Seconds, float64, one filled from the other where only one is given; NaN when both are
        blank.
    """

    order: Ints
    trip: Ints
    arrival: Floats
    departure: Floats


def order_calls(stop_times: pd.DataFrame) -> Calls:
    """Order the stop times by trip and sequence."""
    codes, _ = pd.factorize(stop_times["trip_id"].to_numpy(dtype=object), sort=True)
    order = np.lexsort((stop_times["stop_sequence"].to_numpy(), codes)).astype(np.int64)
    arrival = stop_times["arrival_time"].to_numpy(dtype=np.float64)[order]
    departure = stop_times["departure_time"].to_numpy(dtype=np.float64)[order]
    return Calls(
        order,
        codes[order].astype(np.int64),
        np.where(np.isnan(arrival), departure, arrival),
        np.where(np.isnan(departure), arrival, departure),
    )


def find_problems(tables: Frames) -> list[Problem]:
    """Hold the tables to every rule; tables without rows break none.

    Trips on demand and trips that nobody can ride are warned of and left out
    (`netlib.gtfs.files.Problem.drops`).
    """
    return [problem for rule in RULES for problem in rule(tables) if len(problem.rows)]


def report(
    table: str,
    rows: Ints | Bools,
    rule: str,
    message: Callable[[int], str] | str,
    *,
    severity: Severity = "error",
    drops: bool | None = None,
) -> Problem:
    """Make the problem of the rows at these positions, or where the mask is true.

    Rows with errors are left out by a lenient reader, those with warnings are not, unless ``drops``
    says otherwise.
    """
    places = np.flatnonzero(rows) if rows.dtype == np.bool_ else np.asarray(rows, dtype=np.int64)
    messages = [message if isinstance(message, str) else message(i) for i in places.tolist()]
    return Problem(
        table, places, rule, messages, severity, severity == "error" if drops is None else drops
    )


def column(frame: pd.DataFrame, name: str) -> NDArray[Any]:
    """Return a column as an array."""
    values: NDArray[Any] = frame[name].to_numpy()
    return values


def check_keys(tables: Frames) -> Iterator[Problem]:
    """Check that no two rows have the same key; the first one stands."""
    for table in TABLES:
        frame = tables[table.name]
        if not table.key or frame.empty:
            continue
        keys = list(table.key)
        twice = frame.duplicated(keys).to_numpy()
        if twice.any():
            first = frame.groupby(keys, sort=False, dropna=False)["line_number"].transform("first")
            lines = first.to_numpy()
            name = ", ".join(keys)
            yield report(
                table.name,
                twice,
                "duplicate-key",
                lambda i, lines=lines, name=name: (  # type: ignore[misc]
                    f"line {lines[i]} has the same {name}; remove one or rename it"
                ),
            )


def check_references(tables: Frames) -> Iterator[Problem]:
    """Check that ids that point to another table are found there."""
    for name, source, targets, key in REFERENCES:
        frame = tables[name]
        if frame.empty:
            continue
        ids = frame[source]
        known = {value for target in targets for value in tables[target][key]}
        values = ids.to_numpy()
        unknown = (ids != "").to_numpy() & ~ids.isin(known).to_numpy()
        files = " or ".join(BY_NAME[target].file for target in targets)
        yield report(
            name,
            unknown,
            "unknown-id",
            lambda i, values=values, source=source, files=files: (  # type: ignore[misc]
                f"{source} {values[i]!r} is not in {files}; correct it or add the row"
            ),
            drops=(name, source) not in MINOR_REFERENCES,
        )


def check_agencies(tables: Frames) -> Iterator[Problem]:
    """Check that agencies share one time zone, and routes name one of several."""
    agency, routes = tables["agency"], tables["routes"]
    if agency.empty:
        return
    zones = column(agency, "agency_timezone")
    yield report(
        "agency",
        (zones != zones[0]) & (zones != ""),
        "time-zones-differ",
        lambda i: f"time zone {zones[i]!r} where the first agency has {zones[0]!r}; use one",
    )
    if len(agency) > 1:
        message = "agency_id is empty, but there are several agencies; fill it"
        blank = column(agency, "agency_id") == ""
        yield report("agency", blank, "required", message, drops=False)
        blank = column(routes, "agency_id") == ""
        yield report("routes", blank, "required", message, drops=False)
    unnamed = (column(routes, "route_short_name") == "") & (column(routes, "route_long_name") == "")
    message = "the route has neither a short nor a long name; add one"
    yield report("routes", unnamed, "no-name", message, severity="warning")


def check_stops(tables: Frames) -> Iterator[Problem]:
    """Check that stops have a point on the map, and parents of the right type."""
    stops = tables["stops"]
    if stops.empty:
        return
    kind, parent = column(stops, "location_type"), column(stops, "parent_station")
    lat, lon = column(stops, "stop_lat"), column(stops, "stop_lon")
    ids = column(stops, "stop_id")
    bare = np.isin(kind, PLACED) & (np.isnan(lat) | np.isnan(lon))
    used = set(tables["stop_times"]["stop_id"]) | set(parent)
    idle = bare & ~np.isin(ids, list(used))
    message = "stop_lat or stop_lon is empty; fill both"
    yield report("stops", bare & ~idle, "no-coordinates", message)
    message = "stop_lat or stop_lon is empty; no trip calls there, and it is left out"
    yield report("stops", idle, "no-coordinates", message, severity="warning", drops=True)
    origin = (np.abs(lat) < NEAR_ORIGIN) & (np.abs(lon) < NEAR_ORIGIN)
    message = "the point lies at 0° north, 0° east; write where the stop is"
    yield report("stops", origin, "coordinate-out-of-range", message)
    types = dict(zip(ids, kind.tolist(), strict=True))
    # A row without an id is nobody's parent.
    types.pop("", None)
    above = np.array([types.get(name, -1) for name in parent])
    message = "a station has no parent_station; empty it or change location_type"
    lower = (kind == STATION) & (parent != "")
    yield report("stops", lower, "wrong-parent", message, drops=False)
    message = "an entrance, node or boarding area needs its parent_station; fill it"
    yield report("stops", (kind >= ENTRANCE) & (parent == ""), "wrong-parent", message)
    wrong = (kind != STATION) & (above >= 0)
    wrong &= np.where(kind == BOARDING_AREA, above != STOP, above != STATION)
    message = "parent_station is no station (location_type 1); name the station"
    yield report("stops", wrong, "wrong-parent", message, drops=False)
    unnamed = np.isin(kind, PLACED) & (column(stops, "stop_name") == "")
    message = "the stop has no name; add one"
    yield report("stops", unnamed, "no-name", message, severity="warning")


def check_calls(tables: Frames) -> Iterator[Problem]:
    """Check that trips have two calls or more, at stops, with times that run forward."""
    trips, times = tables["trips"], tables["stop_times"]
    loose = find_on_demand(times)
    message = "the trip runs on demand, at no clock time or wherever it is asked to; it is left out"
    on_demand = trips["trip_id"].isin(loose).to_numpy()
    yield report("trips", on_demand, "on-demand", message, severity="warning", drops=True)
    counts = trips["trip_id"].map(times["trip_id"].value_counts()).fillna(0).to_numpy()
    yield report(
        "trips",
        (counts < FEWEST_CALLS) & ~on_demand,
        "short-trip",
        lambda i: (
            f"the trip has {counts[i]:g} rows in stop_times.txt; nobody can ride it, and it is "
            f"left out"
        ),
        severity="warning",
        drops=True,
    )
    if times.empty:
        return
    fixed = ~times["trip_id"].isin(loose).to_numpy()
    blank = fixed & (column(times, "stop_id") == "")
    yield report("stop_times", blank, "required", "stop_id is empty; fill it")
    types = dict(zip(tables["stops"]["stop_id"], tables["stops"]["location_type"], strict=True))
    wrong = times["stop_id"].map(types).fillna(STOP).to_numpy() != STOP
    message = "a trip calls at a station, entrance or node; name the stop (location_type 0)"
    yield report("stop_times", wrong, "no-stop", message)
    calls = order_calls(times)
    # Where a call belongs in its trip is not known when its sequence cannot be read.
    unsure = set(times.loc[times["stop_sequence"] == UNKNOWN, "trip_id"]) | loose
    if unsure:
        sure = ~times["trip_id"].isin(unsure).to_numpy()[calls.order]
        calls = Calls(
            calls.order[sure], calls.trip[sure], calls.arrival[sure], calls.departure[sure]
        )
    yield from _check_times(times, calls)
    yield from _check_distances(times, calls)
    yield from _check_speeds(tables, calls)


def find_on_demand(stop_times: pd.DataFrame) -> set[str]:
    """Find the trips that run on demand (GTFS-Flex): by zones, groups of stops or windows."""
    flags = np.zeros(len(stop_times), dtype=bool)
    for name in ("location_id", "location_group_id"):
        flags |= column(stop_times, name) != ""
    for name in ("start_pickup_drop_off_window", "end_pickup_drop_off_window"):
        flags |= ~np.isnan(column(stop_times, name))
    return set(stop_times.loc[flags, "trip_id"])


def _check_times(times: pd.DataFrame, calls: Calls) -> Iterator[Problem]:
    order, trip, arrival, departure = calls
    known = ~np.isnan(arrival)
    exact = (column(times, "timepoint") == 1)[order]
    message = "timepoint is 1, but the call has no time; fill it or write 0"
    rows = np.sort(order[exact & ~known])
    yield report("stop_times", rows, "timepoint-without-time", message, drops=False)
    ends = np.ones(len(trip), dtype=bool)
    ends[1:-1] = (trip[1:-1] != trip[:-2]) | (trip[1:-1] != trip[2:])
    message = "the first and the last call of a trip need a time; fill it"
    yield report("stop_times", np.sort(order[ends & ~known]), "no-time", message)
    back = order[departure < arrival]
    yield report("stop_times", np.sort(back), "time-order", "it departs before it arrives")
    place = np.flatnonzero(known)
    same = trip[place[1:]] == trip[place[:-1]]
    before, after = place[:-1][same], place[1:][same]
    late = arrival[after] < departure[before]
    message = "it arrives before it left the stop before; correct one, hours past 24 at night"
    yield report("stop_times", np.sort(order[after[late]]), "time-order", message)


def _check_distances(times: pd.DataFrame, calls: Calls) -> Iterator[Problem]:
    distance = column(times, "shape_dist_traveled")[calls.order]
    place = np.flatnonzero(~np.isnan(distance))
    same = calls.trip[place[1:]] == calls.trip[place[:-1]]
    back = same & (distance[place[1:]] < distance[place[:-1]])
    message = "shape_dist_traveled falls along the trip; times between are spread evenly by stop"
    rows = np.sort(calls.order[place[1:][back]])
    yield report("stop_times", rows, "distance-order", message, severity="warning")


def _check_speeds(tables: Frames, calls: Calls) -> Iterator[Problem]:
    from pyproj import Geod

    times, stops, trips = tables["stop_times"], tables["stops"], tables["trips"]
    place = np.flatnonzero(~np.isnan(calls.arrival))
    same = calls.trip[place[1:]] == calls.trip[place[:-1]]
    before, after = place[:-1][same], place[1:][same]
    names = pd.Index(stops["stop_id"], dtype=object)
    if not names.is_unique:
        return
    stop = names.get_indexer(times["stop_id"].to_numpy(dtype=object)[calls.order])
    valid = (stop[before] >= 0) & (stop[after] >= 0)
    before, after = before[valid], after[valid]
    pairs, which = np.unique(stop[before] * len(names) + stop[after], return_inverse=True)
    a, b = np.divmod(pairs, max(len(names), 1))
    lon, lat = column(stops, "stop_lon"), column(stops, "stop_lat")
    metres = np.asarray(Geod(ellps="WGS84").inv(lon[a], lat[a], lon[b], lat[b])[2])[which]
    seconds = calls.arrival[after] - calls.departure[before] + ROUNDING_SECONDS
    route = dict(zip(tables["routes"]["route_id"], tables["routes"]["route_type"], strict=True))
    types = trips["route_id"].map(route).fillna(-1).to_numpy()
    limits = dict(zip(trips["trip_id"], map(_find_limit, types.astype(int).tolist()), strict=True))
    limit = times["trip_id"].map(limits).fillna(FASTEST_OTHER).to_numpy()[calls.order[after]]
    with np.errstate(invalid="ignore"):
        fast = (seconds >= ROUNDING_SECONDS) & (metres * 3.6 / np.maximum(seconds, 1) > limit)
    rows = calls.order[after[fast]]
    told = {
        row: f"{km:.1f} km straight from the call before in {minutes:g} minutes is faster than the "
        f"{most:g} km/h of this route type; check the times and the coordinates"
        for row, km, minutes, most in zip(
            rows.tolist(),
            (metres[fast] / 1000).tolist(),
            ((seconds[fast] - ROUNDING_SECONDS) / 60).tolist(),
            limit[fast].tolist(),
            strict=True,
        )
    }
    yield report("stop_times", np.sort(rows), "too-fast", told.__getitem__, severity="warning")


def _find_limit(route_type: int) -> float:
    if route_type < 100:
        return FASTEST.get(route_type, FASTEST_OTHER)
    return FASTEST_EXTENDED.get(route_type // 100, FASTEST_OTHER)


def check_calendars(tables: Frames) -> Iterator[Problem]:
    """Check that calendars end after they start and run on some day."""
    calendar, dates = tables["calendar"], tables["calendar_dates"]
    start, end = column(calendar, "start_date"), column(calendar, "end_date")
    yield report("calendar", start > end, "date-order", "end_date comes before start_date")
    added = set(dates.loc[dates["exception_type"] == 1, "service_id"])
    idle = (calendar[list(DAYS)].sum(axis=1) == 0) & ~calendar["service_id"].isin(added)
    message = "the service runs on no day; give it weekdays or dates, or remove it"
    yield report("calendar", idle.to_numpy(), "idle-service", message, severity="warning")


def check_frequencies(tables: Frames) -> Iterator[Problem]:
    """Check that headways are above zero, in order and do not overlap."""
    frame = tables["frequencies"]
    start, end = column(frame, "start_time"), column(frame, "end_time")
    message = "headway_secs is 0; write the seconds between departures"
    yield report("frequencies", column(frame, "headway_secs") == 0, "no-headway", message)
    yield report("frequencies", end <= start, "time-order", "end_time is not after start_time")
    codes, _ = pd.factorize(column(frame, "trip_id"))
    order = np.lexsort((start, codes))
    if len(order):
        same = codes[order][1:] == codes[order][:-1]
        over = same & (start[order][1:] < end[order][:-1])
        message = "the trip has another headway at start_time; let one end before"
        rows = np.sort(order[1:][over])
        yield report("frequencies", rows, "headway-overlap", message)


def check_words(tables: Frames) -> Iterator[Problem]:
    """Check languages, addresses and time zones, and that the feed ends after it begins."""
    known = zoneinfo.available_timezones() - NO_ZONES
    rules: list[tuple[tuple[tuple[str, str], ...], Callable[[str], object], str, str]] = [
        (LANGUAGES, LANGUAGE.fullmatch, "bad-language", "write a language tag such as zh or en-GB"),
        (ADDRESSES, ADDRESS.fullmatch, "bad-address", "write an address with http:// or https://"),
        (MAILS, MAIL.fullmatch, "bad-address", "write an e-mail address"),
    ]
    if known:
        remedy = "write a zone of the tz database such as Asia/Shanghai"
        rules.append((ZONES, known.__contains__, "unknown-time-zone", remedy))
    for places, fits, rule, remedy in rules:
        for name, source in places:
            texts = column(tables[name], source)
            bad = {text for text in set(texts) if text and not fits(text)}
            yield report(
                name,
                np.array([text in bad for text in texts], dtype=bool),
                rule,
                lambda i, texts=texts, source=source, remedy=remedy: (  # type: ignore[misc]
                    f"{source} is {texts[i]!r}; {remedy}"
                ),
                drops=False,
            )
    info = tables["feed_info"]
    back = column(info, "feed_start_date") > column(info, "feed_end_date")
    message = "feed_end_date comes before feed_start_date"
    yield report("feed_info", back, "date-order", message, drops=False)


def check_blocks(tables: Frames) -> Iterator[Problem]:
    """Check that trips of one block, thus of one vehicle, do not run at the same time.

    Trips of different services are compared on no day, as these may never meet.
    """
    trips = tables["trips"]
    housed = trips[trips["block_id"] != ""]
    # A trip with headways has many vehicles.
    housed = housed[~housed["trip_id"].isin(set(tables["frequencies"]["trip_id"]))]
    times = tables["stop_times"]
    times = times[times["trip_id"].isin(set(housed["trip_id"]))]
    if times.empty:
        return
    spans = times.groupby("trip_id", sort=False).agg(
        first=("departure_time", "min"), last=("arrival_time", "max")
    )
    housed = housed.join(spans, on="trip_id").dropna(subset=["first", "last"])
    keys = ["service_id", "block_id"]
    housed = housed.sort_values([*keys, "first", "last"], kind="stable")
    group = housed.groupby(keys, sort=False)
    before = group["last"].cummax().groupby([housed[key] for key in keys], sort=False).shift()
    other = group["trip_id"].shift()
    over = housed["first"] < before
    told = dict(zip(housed.index[over], other[over], strict=True))
    yield report(
        "trips",
        np.array(sorted(told), dtype=np.int64),
        "block-overlap",
        lambda i: f"it starts before trip {told[i]!r} of the same block has ended; correct one",
        drops=False,
    )


def check_transfers(tables: Frames) -> Iterator[Problem]:
    """Check that transfers lead between stops or stations and say what they need to."""
    frame = tables["transfers"]
    if frame.empty:
        return
    kind = column(frame, "transfer_type")
    between_trips = np.isin(kind, (IN_SEAT, NO_IN_SEAT))
    stops = tables["stops"]
    types = dict(zip(stops["stop_id"], stops["location_type"], strict=True))
    ends = ("from_stop_id", "to_stop_id")
    blank = (column(frame, ends[0]) == "") | (column(frame, ends[1]) == "")
    message = "from_stop_id or to_stop_id is empty; fill both"
    yield report("transfers", blank & ~between_trips, "required", message)
    trips = (column(frame, "from_trip_id") == "") | (column(frame, "to_trip_id") == "")
    message = "a transfer of type 4 or 5 needs from_trip_id and to_trip_id; fill both"
    yield report("transfers", trips & between_trips, "required", message)
    for end in ends:
        wrong = frame[end].map(types).fillna(STOP).to_numpy() > STATION
        message = f"{end} is an entrance or node; name a stop or station"
        yield report("transfers", wrong, "no-stop", message)
    untimed = (kind == BY_MINIMUM) & (column(frame, "min_transfer_time") == UNKNOWN)
    message = "a transfer of type 2 without min_transfer_time takes the time of the walk; fill it"
    yield report("transfers", untimed, "no-transfer-time", message, severity="warning")
    yield from _check_ways(frame, stops)
    yield from _check_in_seat(tables)
    named = ["from_route_id", "to_route_id", "from_trip_id", "to_trip_id"]
    narrow = (frame[named] != "").any(axis=1).to_numpy() & (kind != IN_SEAT)
    message = "a transfer between single routes or trips is left out; the rule of the stops holds"
    yield report("transfers", narrow, "unused-transfer", message, severity="warning")


def _check_in_seat(tables: Frames) -> Iterator[Problem]:
    """Check that vehicles go on as a trip that begins after the one before has ended."""
    frame, times = tables["transfers"], tables["stop_times"]
    in_seat = (frame["transfer_type"] == IN_SEAT).to_numpy()
    if not in_seat.any():
        return
    group = times.groupby("trip_id", sort=False)
    last = frame["from_trip_id"].map(group["arrival_time"].max())
    first = frame["to_trip_id"].map(group["departure_time"].min())
    message = "the trip begins before the other has ended; correct one"
    yield report("transfers", in_seat & (first < last).to_numpy(), "time-order", message)


def _check_ways(transfers: pd.DataFrame, stops: pd.DataFrame) -> Iterator[Problem]:
    """Check that changes do not fly."""
    from pyproj import Geod

    place = stops.drop_duplicates("stop_id").set_index("stop_id")[["stop_lon", "stop_lat"]]
    ends = [place.reindex(transfers[f"{end}_stop_id"]).to_numpy() for end in ("from", "to")]
    kind, least = column(transfers, "transfer_type"), column(transfers, "min_transfer_time")
    known = ~(np.isnan(ends[0]) | np.isnan(ends[1])).any(axis=1) & (kind < NOT_POSSIBLE)
    metres = np.zeros(len(transfers))
    metres[known] = Geod(ellps="WGS84").inv(*ends[0][known].T, *ends[1][known].T)[2]
    seconds = np.where((kind == BY_MINIMUM) & (least != UNKNOWN), least, np.inf)
    fast = (metres > NEAR_TRANSFER_M) & (metres > seconds * FASTEST_WALK_MS)
    yield report(
        "transfers",
        fast | (metres > FARTHEST_TRANSFER_M),
        "far-transfer",
        lambda i: (
            f"the stops are {metres[i] / 1000:.1f} km apart, too far for a change in this time; "
            f"correct the time or the stops"
        ),
    )


def check_use(tables: Frames) -> Iterator[Problem]:
    """Check that every row serves some trip."""
    stops, transfers = tables["stops"], tables["transfers"]
    parents = set(stops["parent_station"])
    used = {
        "stops": ("stop_id", set(tables["stop_times"]["stop_id"]) | parents),
        "routes": ("route_id", set(tables["trips"]["route_id"])),
        "calendar": ("service_id", set(tables["trips"]["service_id"])),
        "calendar_dates": ("service_id", set(tables["trips"]["service_id"])),
        "agency": ("agency_id", set(tables["routes"]["agency_id"])),
    }
    used["stops"][1].update(transfers["from_stop_id"], transfers["to_stop_id"])
    for name, (key, known) in used.items():
        frame = tables[name]
        idle = ~frame[key].isin(known).to_numpy() & ~frame.duplicated(key).to_numpy()
        if name == "stops":
            idle &= column(frame, "location_type") <= STATION
        if name == "agency" and ("" in known or len(frame) == 1):
            continue
        ids = column(frame, key)
        yield report(
            name,
            idle,
            "unused-row",
            lambda i, ids=ids, key=key: f"no trip uses {key} {ids[i]!r}",  # type: ignore[misc]
            severity="warning",
        )


RULES: tuple[Callable[[Frames], Iterator[Problem]], ...] = (
    check_keys,
    check_references,
    check_agencies,
    check_stops,
    check_calls,
    check_calendars,
    check_frequencies,
    check_words,
    check_blocks,
    check_transfers,
    check_use,
)
