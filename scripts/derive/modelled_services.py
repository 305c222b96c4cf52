"""Services modelled for lines that opened between two timetables, or whose trains one lacks.

The timetables are of March 2016, January 2021 and October 2026; the days between take the nearest
one (2016 until August 2018, 2021 until November 2023). Trains of a line that opened after the
chosen one are missing there, so each such line gets a few services here: fast ones with few stops
and a stopping one, both ways. A line that opened later (Puyang-Jinan 2023-12-08, Kaifeng station
2025-03-15) is in the timetable of 2026 and needs none. The timetable of 2021 holds a small part of
the trains over Fuyang West and Nanyang East; they run beside the modelled ones, which the range of
the headways allows for.

Times
    At stations with an announced time (`facts/fastest_times.csv`, `rail/reported_times_news.csv`)
    the service keeps that time; otherwise the minutes come from `derive.run_times`, scaled between
    announced ones so that they meet them.
Trains per day
    Assumed: three quarters of the trains that the snapshot of 2026 has on that line with about as
    many stops (see `count_trains`), between half of them and all of them, since the newly opened
    lines had fewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from statistics import median

import pandas as pd

from derive.base import ACCESSED, Row, Tables, evidence, merge
from derive.gtfs_rows import (
    DAY_START,
    ENDLESS,
    calendar_row,
    frequency_row,
    headway,
    stop_time_rows,
)
from derive.modelled_lines import SERVICES, Key, Modelled
from derive.run_times import DWELL_MINUTES, RUN_TIME_ERROR, START_STOP_MINUTES, nonstop_minutes
from derive.timetables import TIMETABLES, timetable_id

# Share of the trains of 2026 that the modelled services run: central, least, most.
TRAIN_SHARE = (0.75, 0.5, 1.0)
# A train of 2026 belongs to the service whose number of stops is nearest, unless it makes this
# many more than that one.
SLOWER_STOPS = 3
# Fastest ride of October 2026 over the announced time of the same pair: 5th and 95th percentile
# of the pairs in `SERVICES` (``python scripts/compare_timetables.py DATA`` prints them).
ANNOUNCED_ERROR = (0.81, 1.14)

# Lines open in January 2021 of whose trains that month's timetable knows the ends alone or little:
# boards stand in Fuyang West, Pingdingshan West and Nanyang East, none at the stations between.
# Services that stop where a board stands are not needed beside the trains of boards.
LACKING_2021 = ("ZF", "ZT", "ZY-X")
TOLD_BY_BOARDS = ("M-ZY-fast", "M-ZY-semi")

# A train of either station counts for a service that starts at the first.
SAME_HUB = {"郑州东": ("郑州东", "郑州"), "郑州": ("郑州", "郑州东")}


def derive(data: Path, timetable: pd.DataFrame, stops: Mapping[str, str]) -> Tables:
    """Return the rows of the modelled services.

    Parameters
    ----------
    data
        Folder with ``facts/`` and ``rail/``.
    timetable
        Stops of the trains of 2026: ``trip``, ``station``, ``arrival``, ``departure``.
    stops
        Stop id by station name.
    """
    chainage = pd.read_csv(data / "facts" / "stations.csv", keep_default_na=False)
    announced = read_announced(data)
    used = {key for service in SERVICES for key in service.announced.values()}
    sources = {announced[key]["source_id"]: announced[key] for key in sorted(used)}
    parts: list[Tables] = [{("", "source"): [source_row(row) for row in sources.values()]}]
    courses = {service.service_id: read_course(chainage, service) for service in SERVICES}
    called = timetable.groupby("trip")["station"].agg(list).to_dict()
    for service in SERVICES:
        calls = timed_calls(service, courses[service.service_id], announced)
        trains = count_trains(service, courses, called)
        parts.append(service_tables(service, calls, trains, announced, stops))
    routes = {(service.region, service.line_id): service for service in SERVICES}
    for region, line_id in sorted(routes):
        route = {"route_id": line_id, "agency_id": "CR", "route_short_name": line_id}
        route |= {"route_long_name": f"modelled trains of line {line_id}", "route_type": 2}
        parts.append({(region, "routes"): [route]})
    return merge(parts)


def read_announced(data: Path) -> dict[Key, Row]:
    """Read announced times by (origin, destination, date): minutes, source_id, address, note."""
    times = pd.read_csv(data / "facts" / "fastest_times.csv", dtype=str, keep_default_na=False)
    news = pd.read_csv(data / "rail" / "reported_times_news.csv", dtype=str, keep_default_na=False)
    times = times.set_axis(
        ["from", "to", "date", "minutes", "kind", "address", "grade", "note"], axis=1
    )
    news = news.set_axis(["from", "to", "minutes", "kind", "date", "address", "note"], axis=1)
    found: dict[Key, Row] = {}
    for row in pd.concat([news, times], ignore_index=True).fillna("").to_dict("records"):
        address = row["address"].split("; ")[0].split(" (")[0].split("://")[-1]
        domain, _, page = address.partition("/")
        name = page.rstrip("/").rpartition("/")[2].partition(".")[0]
        found[row["from"], row["to"], row["date"]] = {
            "minutes": row["minutes"],
            "source_id": f"svc-{domain.replace('.', '-')}-{name}",
            "publisher": domain,
            "published": row["date"],
            "address": address,
            "note": "; ".join(filter(None, [row["kind"], row["note"]])),
        }
    return found


def source_row(announcement: Row) -> Row:
    """Return the source row of an announced time."""
    return {
        **{column: announcement[column] for column in ("source_id", "publisher", "address")},
        "title": "announced riding times of a new line or timetable",
        "accessed": ACCESSED,
        "licence": "facts only",
    }


def read_course(chainage: pd.DataFrame, service: Modelled) -> pd.DataFrame:
    """Return the stations on the way: ``station``, and ``km`` and ``kmh`` of the hop to it."""
    frames = []
    for section in service.sections:
        line = chainage[chainage["line"] == section.line].set_index("name_zh")["km"].astype(float)
        start, end = line[section.first], line[section.last]
        along = (line[line.between(min(start, end), max(start, end))] - start).abs().sort_values()
        hops = along.diff().fillna(0.0)
        frame = pd.DataFrame({"station": hops.index, "km": hops.to_numpy()})
        frames.append(frame.assign(kmh=section.cruise_kmh))
    course = pd.concat(frames, ignore_index=True)
    return course.drop_duplicates("station", ignore_index=True)


def called_stations(service: Modelled, course: pd.DataFrame) -> list[str]:
    """Return the stations that the service calls at, in order."""
    along = course["station"].tolist()
    wanted = {along[0], *service.stops, along[-1]} if service.stops else set(along)
    if missing := (wanted | set(service.skips)) - set(along):
        raise ValueError(f"{service.service_id}: {sorted(missing)} not on its sections")
    return [name for name in along if name in wanted and name not in service.skips]


def hop_minutes(course: pd.DataFrame, first: str, last: str) -> float:
    """Return the minutes from ``first`` to ``last`` without a stop in between."""
    position = course.index[course["station"].isin([first, last])]
    hops = course.loc[position[0] + 1 : position[1]]
    cruising = [
        nonstop_minutes(km, cruise_kmh=kmh) - START_STOP_MINUTES
        for km, kmh in zip(hops["km"], hops["kmh"], strict=True)
    ]
    return START_STOP_MINUTES + sum(cruising)


def timed_calls(
    service: Modelled, course: pd.DataFrame, announced: Mapping[Key, Row]
) -> list[tuple[str, float, float]]:
    """Return (station, arrival, departure) in minutes from the start, meeting announced times."""
    names = called_stations(service, course)
    fixed = {name: float(announced[key]["minutes"]) for name, key in service.announced.items()}
    if unknown := set(fixed) - set(names):
        raise ValueError(f"{service.service_id} does not call at {sorted(unknown)}")
    calls = [(names[0], 0.0, 0.0)]
    pending: list[tuple[str, float]] = []
    for first, last in pairwise(names):
        pending.append((last, hop_minutes(course, first, last)))
        if last not in fixed and last != names[-1]:
            continue
        begin = calls[-1][2]
        planned = sum(minutes for _, minutes in pending)
        dwells = DWELL_MINUTES * (len(pending) - 1)
        scale = (fixed[last] - begin - dwells) / planned if last in fixed else 1.0
        for station, minutes in pending:
            arrival = calls[-1][2] + minutes * scale
            calls.append((station, arrival, arrival + DWELL_MINUTES))
        pending = []
    calls[-1] = (calls[-1][0], calls[-1][1], calls[-1][1])
    return [(station, float(round(a)), float(round(d))) for station, a, d in calls]


def stem(service: Modelled) -> str:
    """Return what the ids of the services of one line have in common."""
    return service.service_id.rpartition("-")[0]


def count_trains(
    service: Modelled, courses: Mapping[str, pd.DataFrame], calls: Mapping[str, list[str]]
) -> float:
    """Count the trains of 2026 per direction that run and stop about as the service does.

    A train is compared with every service of the line that runs on the same days, between the ends
    of that service, and counts for the one whose number of stops is nearest to its own. Real trains
    skip stops in turn, so a service that stops everywhere runs at least as often as trains from its
    start call at the middle one of its stations.
    """
    day = "20261004" if service.end == ENDLESS else service.start
    rivals = [
        (rival.service_id, called_stations(rival, courses[rival.service_id]))
        for rival in SERVICES
        if stem(rival) == stem(service) and rival.start <= day <= rival.end
    ]
    n_chosen = 0
    for stations in calls.values():
        if service.via and service.via not in stations:
            continue
        matches = []
        for service_id, names in rivals:
            hub = next((name for name in SAME_HUB.get(names[0], names[:1]) if name in stations), "")
            if hub and names[-1] in stations:
                between = abs(stations.index(names[-1]) - stations.index(hub)) - 1
                surplus = between - (len(names) - 2)
                if surplus <= SLOWER_STOPS:
                    matches.append((abs(surplus), service_id))
        n_chosen += bool(matches) and min(matches)[1] == service.service_id
    chosen = n_chosen / 2
    if not service.stops:
        names = called_stations(service, courses[service.service_id])
        hubs = set(SAME_HUB.get(names[0], names[:1]))
        served = [
            sum(name in stations and not hubs.isdisjoint(stations) for stations in calls.values())
            for name in names[1:-1]
        ]
        chosen = max(chosen, median(served) / 2)
    if not chosen:
        raise ValueError(f"no train of 2026 runs as {service.service_id}")
    return chosen


def lacking_timetable(service: Modelled) -> str:
    """Return the timetable that lacks the trains of a service though they ran; empty if none."""
    ran = service.start <= TIMETABLES["2021"].day.replace("-", "") <= service.end
    told = service.service_id in TOLD_BY_BOARDS
    lacks = ran and service.line_id in LACKING_2021 and not told
    return timetable_id(service.region, "2021") if lacks else ""


def service_tables(
    service: Modelled,
    course: list[tuple[str, float, float]],
    trains: float,
    announced: Mapping[Key, Row],
    stops: Mapping[str, str],
) -> Tables:
    """Return the rows of one modelled service: two trips, their headways and the evidence."""
    region, service_id = service.region, service.service_id
    total = course[-1][1]
    back = [(name, total - leaves, total - comes) for name, comes, leaves in reversed(course)]
    share, least, most = TRAIN_SHARE
    seconds = headway(share * trains)
    low, high = ANNOUNCED_ERROR if service.announced else RUN_TIME_ERROR
    basis = "announced times" if service.announced else "run-time formula"
    rows = [
        evidence(
            "service",
            service_id,
            "run_time_ratio",
            1,
            unit="1",
            low=low,
            high=high,
            kind="estimated",
            source_id="netlib-judgement",
            note=f"{basis}; range: observed in 2026 over {basis}",
        )
    ]
    for name, key in service.announced.items():
        said = announced[key]
        rows.append(
            evidence(
                "service",
                service_id,
                "ride_minutes",
                said["minutes"],
                unit="minutes",
                kind="published",
                source_id=said["source_id"],
                locator=f"{course[0][0]}-{name}",
                note=said["note"],
            )
        )
    tables: Tables = {
        (region, "service"): [
            {
                "service_id": service_id,
                "kind": "modelled",
                "line_id": service.line_id,
                "timetable_id": lacking_timetable(service),
                "run_time_ratio": 1,
                "note": "; ".join(filter(None, [basis, service.note])),
            }
        ],
        (region, "calendar"): [calendar_row(service_id, service.start, service.end)],
        (region, "trips"): [],
        (region, "stop_times"): [],
        (region, "frequencies"): [],
        (region, "evidence"): rows,
    }
    for direction, calls in enumerate((course, back)):
        trip_id = f"{service_id}-{direction}"
        tables[region, "trips"].append(
            {
                "trip_id": trip_id,
                "route_id": service.line_id,
                "service_id": service_id,
                "trip_short_name": service_id,
                "direction_id": str(direction),
            }
        )
        times = ((stops[name], comes, leaves) for name, comes, leaves in calls)
        tables[region, "stop_times"] += stop_time_rows(trip_id, times)
        tables[region, "frequencies"].append(frequency_row(trip_id, seconds))
        rows.append(
            evidence(
                "frequencies",
                f"{trip_id}@{DAY_START}",
                "headway_secs",
                seconds,
                unit="s",
                low=headway(most * trains),
                high=headway(least * trains),
                kind="assumed",
                source_id="netlib-judgement",
                note=f"{trains:g} such trains, or trains at a middling stop, per direction in 2026",
            )
        )
    return tables
