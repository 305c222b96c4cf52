"""The network of one day: what was open, and which trains ran.

Timetables are known for a few days only. For any other day each region takes, for fast and for
conventional trains apart, the nearest one that it holds: as far as the way of its trains was open
that day, and with modelled services for lines opened since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from netlib.calendars import Calendars, find_stand_in
from netlib.calls import parse_clocks
from netlib.errors import DateError
from netlib.openings import cut_trips, select_open, select_open_links
from netlib.units import format_clock, parse_day

Tables = Mapping[str, pd.DataFrame]

# Services that belong to a timetable; of the others, headways and models run by their calendar.
SNAPSHOT_KINDS = ("timetable", "count")
CONVENTIONAL = "conventional"
ROAD_MODES = ("expressway", "fast_road", "road")
# Plans in the documents look ahead to 2035 (doc002, Zhengzhou metropolitan area plan).
LAST_DAY = date(2035, 12, 31)
# China Railway redraws its timetable every quarter. Numbers and stops of conventional trains
# outlive that, their minutes do not: further away than this (our judgement) their count serves.
CLOCK_YEARS = 3
DAYS_PER_YEAR = 365.25
# Span of the day over which trains known by count alone are spread: first and last departures of
# the boards.
COUNT_START, COUNT_END = "05:00:00", "24:00:00"


@dataclass(frozen=True)
class TimetableUse:
    """A timetable that serves a day.

    Attributes
    ----------
    timetable_id, region, modes
        As in ``timetable.csv``.
    day
        The day whose trains the timetable holds, ``YYYY-MM-DD``.
    exact
        Whether the day wanted lies in the validity of the timetable.
    by_count
        Whether its clock times are too old: its trains are known by their number a day.
    stand_in
        The day of the timetable whose trains run: the day wanted itself where ``exact``.
    """

    timetable_id: str
    region: str
    modes: str
    day: str
    exact: bool
    by_count: bool
    stand_in: str


def select_tables(
    tables: Tables, day: date, *, epoch: str = ""
) -> tuple[dict[str, pd.DataFrame], tuple[TimetableUse, ...]]:
    """Reduce the tables to one day.

    Parameters
    ----------
    tables
        All tables of `netlib.tables.Network`, with ``reference_link`` beside ``link``.
    day
        The day wanted.
    epoch
        Day of a timetable whose epoch is preferred to that nearest to ``day``; '' for none.

    Returns
    -------
    tables, uses
        The reduced tables, and the timetables in use.

    Raises
    ------
    DateError
        If the day lies before the first timetable or after the horizon of the plans.
    """
    timetable = tables["timetable"]
    service = tables["service"]
    dated = service.loc[service["kind"].isin(SNAPSHOT_KINDS), "timetable_id"]
    served = timetable[timetable["timetable_id"].isin(set(dated))]
    check_day(day, [*served["valid_from"], *served["day"]])
    calendars = Calendars(tables["calendar"], tables["calendar_dates"])
    uses = tuple(
        use_timetable(row, service, calendars, day)
        for row in choose_timetables(timetable, day, epoch)
    )
    running = select_services(service, uses, calendars, tables["calendar"], day)
    result = dict(tables)
    result["node"] = tables["node"][select_open(tables["node"], pd.Timestamp(day), unknown=True)]
    result["link"] = select_open_links(tables["link"], tables["line"], pd.Timestamp(day))
    result["service"] = service[service["service_id"].isin(running)]
    trips = tables["trips"][tables["trips"]["service_id"].isin(running)]
    calls = tables["stop_times"]
    calls = calls[calls["trip_id"].isin(set(trips["trip_id"]))]
    result["stop_times"] = _cut_to_open(tables, result, trips, calls, uses)
    alive = set(result["stop_times"]["trip_id"])
    result["trips"] = trips[trips["trip_id"].isin(alive)]
    frequencies = tables["frequencies"]
    result["frequencies"] = frequencies[frequencies["trip_id"].isin(alive)]
    old = {use.timetable_id for use in uses if use.by_count}
    if old:
        result |= count_trips(result, old)
    return result, uses


def check_day(day: date, days: Iterable[str]) -> None:
    """Refuse a day that no timetable and no plan speaks of."""
    first = min((parse_day(text) for text in days if text), default=date.min)
    first = first.replace(month=1, day=1)
    if not first <= day <= LAST_DAY:
        raise DateError(
            f"{day.isoformat()} lies outside the data, which covers {first.isoformat()} to "
            f"{LAST_DAY.isoformat()}; choose a day between them"
        )


def choose_timetables(timetable: pd.DataFrame, day: date, epoch: str = "") -> list[dict[str, str]]:
    """Choose a timetable for each region and family of trains.

    One that is valid on the day goes before all others, then the nearest, the earlier of two
    equally near. With an epoch the nearest to that is taken.

    Returns
    -------
    list of dict
        Rows of ``timetable.csv``, sorted by region and ``modes``.
    """
    anchor = parse_day(epoch) if epoch else day
    chosen: dict[tuple[str, str], tuple[tuple[bool, int, str], dict[str, str]]] = {}
    for record in timetable[timetable["day"] != ""].to_dict("records"):
        row = {str(name): str(value) for name, value in record.items()}
        outside = not epoch and not _is_valid(row, day)
        rank = (outside, abs((parse_day(row["day"]) - anchor).days), row["day"])
        place = (row["region"], row["modes"])
        if place not in chosen or rank < chosen[place][0]:
            chosen[place] = rank, row
    return [row for _, (_, row) in sorted(chosen.items(), key=lambda item: item[0])]


def _is_valid(row: Mapping[str, str], day: date) -> bool:
    first, last = _validity(row)
    return first <= day <= last


def _validity(row: Mapping[str, str]) -> tuple[date, date]:
    """Return first and last day of validity; the day itself where none is given."""
    ends = (row["valid_from"] or row["day"], row["valid_until"] or row["day"])
    return parse_day(ends[0]), parse_day(ends[1])


def use_timetable(
    row: Mapping[str, str], service: pd.DataFrame, calendars: Calendars, day: date
) -> TimetableUse:
    """Say how a timetable serves a day."""
    reference, exact = parse_day(row["day"]), _is_valid(row, day)
    theirs = frozenset(service.loc[service["timetable_id"] == row["timetable_id"], "service_id"])
    valid = _validity(row)
    other = (
        day
        if exact
        else find_stand_in(calendars, theirs, day=day, valid=valid, reference=reference)
    )
    far = abs((reference - day).days) > CLOCK_YEARS * DAYS_PER_YEAR
    return TimetableUse(
        timetable_id=row["timetable_id"],
        region=row["region"],
        modes=row["modes"],
        day=row["day"],
        exact=exact,
        by_count=far and row["modes"] == CONVENTIONAL,
        stand_in=other.isoformat(),
    )


def select_services(
    service: pd.DataFrame,
    uses: Iterable[TimetableUse],
    calendars: Calendars,
    calendar: pd.DataFrame,
    day: date,
) -> set[str]:
    """Select the services that run on a day.

    Those of a timetable run by the calendar of its stand-in. A modelled one runs by its own
    calendar while the timetable of its region is older than it or, by its ``timetable_id``, lacks
    its trains.
    """
    uses = tuple(uses)
    running: set[str] = set()
    dated = service["kind"].isin(SNAPSHOT_KINDS)
    for use in uses:
        theirs = service.loc[dated & (service["timetable_id"] == use.timetable_id), "service_id"]
        running |= calendars.services_on(parse_day(use.stand_in)) & set(theirs)
    today = calendars.services_on(day)
    running |= today & set(service.loc[service["kind"] == "headway", "service_id"])
    held = {use.region: use.day.replace("-", "") for use in uses if use.modes != CONVENTIONAL}
    begun = dict(zip(calendar["service_id"], calendar["start_date"], strict=True))
    used = {use.timetable_id for use in uses}
    for row in service[service["kind"] == "modelled"].to_dict("records"):
        name = row["service_id"]
        younger = begun.get(name, "") > held.get(row["region"], "")
        if name in today and (younger or row["timetable_id"] in used):
            running.add(name)
    return running


def _cut_to_open(
    tables: Tables,
    opened: Tables,
    trips: pd.DataFrame,
    calls: pd.DataFrame,
    uses: Iterable[TimetableUse],
) -> pd.DataFrame:
    """Cut trips to what was open: those of a timetable by the links on which they ran."""
    service = opened["service"]
    dated = service[service["kind"].isin(SNAPSHOT_KINDS)]
    days = {use.timetable_id: use.day for use in uses}
    ran = {
        name: days[timetable]
        for name, timetable in zip(dated["service_id"], dated["timetable_id"], strict=True)
    }
    pairs = zip(trips["trip_id"], trips["service_id"], strict=True)
    day_of = {trip: ran.get(name, "") for trip, name in pairs}
    reference = tables["reference_link"]
    nodes = set(opened["node"]["node_id"])
    parts = []
    of_day = np.array([day_of[trip] for trip in calls["trip_id"]], dtype=object)
    for day, part in calls.groupby(of_day, sort=True):
        if day:
            before = select_open_links(reference, tables["line"], pd.Timestamp(str(day)))
        else:
            endless = reference.assign(close_date="")
            before = select_open_links(endless, tables["line"], pd.Timestamp(LAST_DAY))
        parts.append(cut_trips(part, before=before, after=opened["link"], open_nodes=nodes))
    return pd.concat(parts) if parts else calls


def count_trips(tables: Tables, timetables: set[str]) -> dict[str, pd.DataFrame]:
    """Turn trips with clock times into trips that are known by count: one a day each.

    Parameters
    ----------
    tables
        Tables of a day.
    timetables
        Those whose clock times are not to be used.

    Returns
    -------
    dict of DataFrame
        ``service`` (``kind`` is ``count``), ``stop_times`` (from 00:00:00) and ``frequencies``.
    """
    service = tables["service"]
    old = service["timetable_id"].isin(timetables) & (service["kind"] == "timetable")
    names = set(service.loc[old, "service_id"])
    trips = tables["trips"]
    theirs = trips.loc[trips["service_id"].isin(names), "trip_id"]
    calls = tables["stop_times"].copy()
    chosen = calls["trip_id"].isin(set(theirs))
    first = parse_clocks(calls.loc[chosen, "departure_time"])
    first = first.groupby(calls.loc[chosen, "trip_id"]).transform("first")
    for column in ("arrival_time", "departure_time"):
        seconds = (parse_clocks(calls.loc[chosen, column]) - first).clip(lower=0)
        calls.loc[chosen, column] = [format_clock(int(value)) for value in seconds]
    calls.loc[chosen, "timepoint"] = 0.0
    frequencies = tables["frequencies"]
    kept = trips[trips["trip_id"].isin(set(theirs))]
    ends = parse_clocks(pd.Series([COUNT_START, COUNT_END]))
    rows = kept[["trip_id", "region", "line_number", "folder"]].assign(
        start_time=COUNT_START,
        end_time=COUNT_END,
        headway_secs=float(np.diff(ends)[0]),
        exact_times=0.0,
    )
    return {
        "service": service.assign(kind=service["kind"].where(~old, "count")),
        "stop_times": calls,
        "frequencies": pd.concat([frequencies, rows[frequencies.columns]], ignore_index=True),
    }
