"""Rail services of both regions as GTFS text.

The trains of three epochs come from `derive.rail_snapshots`, which says how they are chosen; each
epoch has a folder of its own. Services modelled for lines that opened between two epochs come from
`derive.modelled_services`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive import modelled_services
from derive.base import ACCESSED, Tables, evidence, merge
from derive.coverage import coverage_rows
from derive.gtfs_rows import calendar_row, count_row, stop_time_rows
from derive.rail_nodes import ZoneFinder
from derive.rail_points import Points
from derive.rail_snapshots import CLOCKED, read_known, read_snapshots, read_stop_ids
from derive.rail_tables import CLASSES, class_of
from derive.timetables import (
    SERVICES,
    SOURCES,
    TIMETABLES,
    Service,
    change_tables,
    timetable_id,
    timetable_tables,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

PREFIX = {"zhengzhou": "", "shijiazhuang": "SJ-"}
# Bases of a time that a source prints.
PRINTED = (CLOCKED, "board")


def derive(data: Path) -> Tables:
    """Return the service tables, GTFS tables, sources and evidence of both regions."""
    stops = read_stop_ids(data)
    snapshots = read_snapshots(data)
    parts = [snapshot_tables(region, stops, snapshots) for region in PREFIX]
    agency = {"agency_timezone": "Asia/Shanghai"}
    railway = {**agency, "agency_id": "CR", "agency_name": "China Railway"}
    railway["agency_url"] = "https://www.12306.cn"
    metro = {**agency, "agency_id": "ZZM", "agency_name": "Zhengzhou Metro"}
    metro["agency_url"] = "https://www.zzmetro.com"
    shared: Tables = {
        ("", "source"): [{**row, "accessed": ACCESSED} for row in SOURCES],
        ("zhengzhou", "agency"): [railway, metro],
        ("shijiazhuang", "agency"): [railway],
        # The schema wants these files in the first folder, though nothing there has exceptions.
        **{(region, "calendar_dates"): [] for region in PREFIX},
    }
    covered = coverage_rows(snapshots, read_known(data), station_zones(data, snapshots))
    coverage: Tables = {(region, "coverage"): rows for region, rows in covered.items()}
    timetable = snapshots[snapshots["service"] == "T2026"]
    modelled = modelled_services.derive(data, timetable, stops)
    return merge([shared, *parts, coverage, change_tables(), modelled])


def station_zones(data: Path, snapshots: pd.DataFrame) -> Mapping[str, str]:
    """Return the prefecture-level zone of every station of the base."""
    points, zones = Points(data), ZoneFinder(data)
    return {
        name: zones.find_top(name, *points.points[name])
        for name in sorted(snapshots["station"].unique())
    }


def snapshot_tables(region: str, stops: dict[str, str], snapshots: pd.DataFrame) -> Tables:
    """Return the rows of one region for the services taken from timetables."""
    prefix = PREFIX[region]
    routes = [
        {
            "route_id": prefix + letter,
            "agency_id": "CR",
            "route_short_name": letter,
            "route_long_name": name,
            "route_type": 2,
        }
        for letter, name in CLASSES.items()
    ]
    parts: list[Tables] = [{(region, "routes"): routes}, timetable_tables(region)]
    chosen = snapshots[snapshots["region"] == region]
    for name, about in SERVICES.items():
        trips = chosen[chosen["service"] == name]
        if len(trips):
            parts.append(service_tables(region, name, about))
            parts += [trip_tables(region, calls, stops) for _, calls in trips.groupby("trip")]
    return merge(parts)


def service_tables(region: str, name: str, about: Service) -> Tables:
    """Return service, calendar and evidence rows of one service."""
    service_id = PREFIX[region] + name
    timetable = TIMETABLES[about.timetable]
    low, high = about.ratio
    start, end = (day.replace("-", "") for day in (timetable.valid_from, timetable.valid_until))
    reason = evidence(
        "service",
        service_id,
        "run_time_ratio",
        1,
        unit="1",
        low=low,
        high=high,
        kind="derived",
        source_id=about.source_id,
        note=about.ratio_note,
    )
    tables: Tables = {
        (region, "service"): [
            {
                "service_id": service_id,
                "kind": about.kind,
                "timetable_id": timetable_id(region, about.timetable),
                "run_time_ratio": 1,
                "note": about.note,
            }
        ],
        (region, f"{timetable.folder}/calendar"): [
            calendar_row(service_id, start, end, runs=not about.only_on)
        ],
        (region, "evidence"): [reason],
    }
    if about.only_on:
        day = {"service_id": service_id, "date": about.only_on, "exception_type": 1}
        tables[region, f"{timetable.folder}/calendar_dates"] = [day]
    return tables


def trip_tables(region: str, calls: pd.DataFrame, stops: Mapping[str, str]) -> Tables:
    """Return the rows of one trip and, where only its count is known, its frequency."""
    first = calls.iloc[0]
    trip_id, n_trains = str(first["trip"]), int(first["n_trains"])
    folder = TIMETABLES[SERVICES[first["service"]].timetable].folder
    trip = {
        "trip_id": trip_id,
        "route_id": PREFIX[region] + class_of(first["train"]),
        "service_id": PREFIX[region] + first["service"],
        "trip_short_name": first["train"],
        "direction_id": "",
    }
    times = zip(calls["station"].map(stops), calls["arrival"], calls["departure"], strict=True)
    exact = calls["basis"].isin(PRINTED) & (n_trains == 0)
    tables: Tables = {
        (region, f"{folder}/trips"): [trip],
        (region, f"{folder}/stop_times"): stop_time_rows(trip_id, times, exact),
    }
    if n_trains:
        tables[region, f"{folder}/frequencies"] = [count_row(trip_id, n_trains)]
    return tables
