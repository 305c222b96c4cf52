"""Rail services of both regions as GTFS text.

The trains of the snapshots of 2016, 2019 and 2026 come from `derive.rail_snapshots`, which says how
they are chosen; services modelled for lines that opened between two snapshots come from
`derive.modelled_services`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from derive import modelled_services
from derive.base import ACCESSED, Row, Tables, evidence, merge
from derive.gtfs_rows import (
    DAY_START,
    calendar_row,
    frequency_row,
    headway,
    stop_time_rows,
)
from derive.rail_snapshots import CLASSES, read_snapshots, read_stop_ids

PREFIX = {"zhengzhou": "", "shijiazhuang": "SJ-"}

# 5th and 95th percentile of true over reconstructed rides when the timetable of 2026 is lumped and
# mirrored as the source of 2019 did it: ``python scripts/compare_snapshots.py DATA`` prints them.
PATTERN_ERROR = (0.88, 1.1)
# Share of the train numbers listed in 2016 for the two regions that ran on 2016-03-15 (printed by
# the same script); the trains of a pattern are taken to run at least as often.
SHARE_RUNNING = 0.82

SOURCES: list[Row] = [
    {
        "source_id": "svc-parse12306",
        "publisher": "metromancn/Parse12306 (from 12306)",
        "title": "timetable of all high-speed trains, 2016-03-10",
        "published": "2016-03-10",
        "address": "metromancn/Parse12306@6fc9f94:output/全国高速列车时刻表_20160310.xlsx",
        "licence": "MIT",
    },
    {
        "source_id": "svc-trainvis",
        "publisher": "epcm/TrainVis",
        "title": "train list of November 2019 as patterns with elapsed minutes and km",
        "published": "2019-11",
        "address": "epcm/TrainVis@ef9e560",
        "licence": "none stated (facts only)",
    },
    {
        "source_id": "svc-gtfs-202610",
        "publisher": "wensimehrp/chinese-railway-gtfs, in aaaAlexanderaaa/railway-isochrone",
        "title": "community GTFS feed of Chinese railways, release of 2026-10-04",
        "published": "2026-10-04",
        "address": "aaaAlexanderaaa/railway-isochrone@167a9ad:data/gtfs/stop_times.txt",
        "licence": "none seen (facts only)",
    },
]

SERVICES: dict[str, dict[str, Any]] = {
    "T2016": {
        "kind": "timetable",
        "snapshot_date": "2016-03-15",
        "calendar": ("20160130", "20160515"),
        "source": "svc-parse12306",
        "ratio_note": "clock times as published",
        "note": "variants that run every day; those of other dates than 2016-03-15 are left out",
    },
    "T2016-REF": {
        "kind": "timetable",
        "snapshot_date": "2016-03-15",
        "calendar": ("20160130", "20160515"),
        "only_on": "20160315",
        "source": "svc-parse12306",
        "ratio_note": "clock times as published",
        "note": "variants that run on 2016-03-15 but not every day",
    },
    "P2019": {
        "kind": "pattern",
        "snapshot_date": "2019-11-15",
        "calendar": ("20191101", "20191130"),
        "source": "svc-trainvis",
        "ratio_note": "range: rides of 2026 rebuilt from patterns made in the same way",
        "note": "patterns of trains with one origin, terminus and length; no clock times",
    },
    "T2026": {
        "kind": "timetable",
        "snapshot_date": "2026-10-04",
        "calendar": ("20261004", "20261231"),
        "source": "svc-gtfs-202610",
        "ratio_note": "clock times as published",
        "note": "every number counts as daily, one variant per number; three trains missing",
    },
}


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
    }
    timetable = snapshots[snapshots["service"] == "T2026"]
    return merge([shared, *parts, modelled_services.derive(data, timetable, stops)])


def snapshot_tables(region: str, stops: dict[str, str], snapshots: pd.DataFrame) -> Tables:
    """Return the rows of one region for the services taken from snapshots."""
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
    parts: list[Tables] = [{(region, "routes"): routes}]
    parts += [service_tables(region, name, about) for name, about in SERVICES.items()]
    chosen = snapshots[snapshots["region"] == region]
    parts += [trip_tables(region, calls, stops) for _, calls in chosen.groupby("trip", sort=True)]
    return merge(parts)


def service_tables(region: str, name: str, about: Mapping[str, Any]) -> Tables:
    """Return service, calendar and evidence rows of one snapshot service."""
    service_id = PREFIX[region] + name
    start, end = about["calendar"]
    date = about["snapshot_date"]
    low, high = PATTERN_ERROR if about["kind"] == "pattern" else (1, 1)
    why = {"source_id": about["source"], "kind": "timetable"}
    ratio = {**why, "kind": "derived", "low": low, "high": high, "note": about["ratio_note"]}
    tables: Tables = {
        (region, "service"): [
            {
                "service_id": service_id,
                "kind": about["kind"],
                "snapshot_date": date,
                "run_time_ratio": 1,
                "note": about["note"],
            }
        ],
        (region, "calendar"): [calendar_row(service_id, start, end, runs="only_on" not in about)],
        (region, "evidence"): [
            evidence("service", service_id, "snapshot_date", date, **why, note=about["note"]),
            evidence("service", service_id, "run_time_ratio", 1, unit="1", **ratio),
        ],
    }
    if "only_on" in about:
        day = {"service_id": service_id, "date": about["only_on"], "exception_type": 1}
        tables[region, "calendar_dates"] = [day]
    return tables


def trip_tables(region: str, calls: pd.DataFrame, stops: Mapping[str, str]) -> Tables:
    """Return the rows of one trip and, for a pattern, its headway with the evidence for it."""
    first = calls.iloc[0]
    trip_id, n_trains = str(first["trip"]), int(first["n_trains"])
    trip = {
        "trip_id": trip_id,
        "route_id": PREFIX[region] + first["train"][0],
        "service_id": PREFIX[region] + first["service"],
        "trip_short_name": first["train"],
        "direction_id": str(int(first["mirrored"])) if n_trains else "",
    }
    stop_ids = calls["station"].map(stops)
    times = zip(stop_ids, calls["arrival"], calls["departure"], strict=True)
    tables: Tables = {
        (region, "trips"): [trip],
        (region, "stop_times"): stop_time_rows(trip_id, times),
    }
    if n_trains:
        seconds = headway(n_trains)
        why = evidence(
            "frequencies",
            f"{trip_id}@{DAY_START}",
            "headway_secs",
            seconds,
            unit="s",
            low=seconds,
            high=headway(n_trains * SHARE_RUNNING),
            kind="derived",
            source_id="svc-trainvis",
            locator=f"pattern {first['train']}",
            note=f"{n_trains} trains listed in this direction, spread over 18 h",
        )
        tables[region, "frequencies"] = [frequency_row(trip_id, seconds)]
        tables[region, "evidence"] = [why]
    return tables
