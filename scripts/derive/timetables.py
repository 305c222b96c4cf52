"""Timetables of the railways, the services in them and dated changes of lines, typed by hand."""

from __future__ import annotations

from dataclasses import dataclass

from derive.base import Row, Tables, evidence
from derive.rail_sources import GENERAL, NEWS_350

PREFIX = {"zhengzhou": "zz", "shijiazhuang": "sjz"}

PARSE12306 = "svc-parse12306"
UCAS = "svc-ucas-2016"
BOARDS = "svc-railwayvis"
TRAINVIS = "svc-trainvis"
GTFS_2026 = "svc-gtfs-202610"

SOURCES: list[Row] = [
    {
        "source_id": PARSE12306,
        "publisher": "metromancn/Parse12306 (from 12306)",
        "title": "timetable of all high-speed trains, 2016-03-10",
        "published": "2016-03-10",
        "address": "metromancn/Parse12306@6fc9f94:output/全国高速列车时刻表_20160310.xlsx",
        "licence": "MIT",
    },
    {
        "source_id": UCAS,
        "publisher": "CaRoLZhangxy/UCAS_DB_Lab2",
        "title": "timetable of all trains, labelled October 2016, of mid-2016 by its stations",
        "published": "2016",
        "address": "CaRoLZhangxy/UCAS_DB_Lab2@d2cc72e:train-2016-10",
        "licence": "none stated (facts only)",
    },
    {
        "source_id": BOARDS,
        "publisher": "thaddywu/RailwayVIS",
        "title": "station boards with clock times, collected from 2020-12-10 to 2021-01-20",
        "published": "2021-01",
        "address": "thaddywu/RailwayVIS@68e6980:scripts/schedulers",
        "licence": "Apache-2.0 repository of rows copied from a web page: facts only",
    },
    {
        "source_id": TRAINVIS,
        "publisher": "epcm/TrainVis",
        "title": "which train calls where, and patterns with elapsed minutes and km; January 2021",
        "published": "2021",
        "address": "epcm/TrainVis@ef9e560",
        "licence": "none stated (facts only)",
    },
    {
        "source_id": GTFS_2026,
        "publisher": "wensimehrp/chinese-railway-gtfs, in aaaAlexanderaaa/railway-isochrone",
        "title": "community GTFS feed of Chinese railways, release of 2026-10-04",
        "published": "2026-10-04",
        "address": "aaaAlexanderaaa/railway-isochrone@167a9ad:data/gtfs/stop_times.txt",
        "licence": "none seen (facts only)",
    },
]


@dataclass(frozen=True)
class Timetable:
    """A timetable that both regions hold; its id is the region's prefix and ``suffix``."""

    suffix: str
    name_zh: str
    name_en: str
    modes: str
    day: str
    valid_from: str
    valid_until: str
    source_id: str
    folder: str
    note: str = ""


TIMETABLES = {
    timetable.suffix: timetable
    for timetable in (
        Timetable(
            "2016",
            "2016年3月全部高铁动车",
            "all high-speed trains of March 2016",
            "fast",
            "2016-03-15",
            "2016-03-15",
            "2016-03-15",
            PARSE12306,
            "gtfs-2016",
        ),
        Timetable(
            "2016k",
            "2016年年中普速列车",
            "conventional trains of mid-2016",
            "conventional",
            "2016-06-15",
            "2016-05-15",
            "2016-09-09",
            UCAS,
            "gtfs-2016",
            "by its stations of a day between 2016-03-30 and 2016-09-10; no days of running",
        ),
        Timetable(
            "2021",
            "2021年1月高铁动车",
            "high-speed trains of January 2021",
            "fast",
            "2021-01-15",
            "2020-12-30",
            "2021-01-20",
            BOARDS,
            "gtfs-2021",
            "boards, list of calls and patterns joined; no days of running",
        ),
        Timetable(
            "2021k",
            "2021年1月普速列车",
            "conventional trains of January 2021",
            "conventional",
            "2021-01-15",
            "2020-12-30",
            "2021-01-20",
            BOARDS,
            "gtfs-2021",
            "boards, list of calls and patterns joined; no days of running",
        ),
        Timetable(
            "2026",
            "2026年10月全部高铁动车",
            "all high-speed trains of October 2026",
            "fast",
            "2026-10-04",
            "2026-10-04",
            "2026-12-31",
            GTFS_2026,
            "gtfs-2026",
            "every number counts as daily; about three trains are missing",
        ),
    )
}


@dataclass(frozen=True)
class Service:
    """A service of a timetable: what kind of knowledge its trips are."""

    timetable: str
    kind: str
    source_id: str
    note: str
    ratio: tuple[float, float] = (1, 1)
    ratio_note: str = "clock times as published"
    only_on: str = ""


# 5th and 95th percentile of true over derived rides where trains that boards time are timed as if
# none did: ``python scripts/compare_timetables.py DATA`` prints them, for fast and conventional.
COUNT_ERROR = (0.95, 1.13)
COUNT_ERROR_CONVENTIONAL = (0.95, 1.11)
CARRIED = (
    "clock times of boards, carried to other calls by the own pattern or any train (timepoint 0)"
)
COUNTED = "range: rides of trains that boards time, timed in the same way"

SERVICES: dict[str, Service] = {
    "T2016": Service(
        "2016",
        "timetable",
        PARSE12306,
        "variants that run every day; those of other dates than 2016-03-15 are left out",
    ),
    "T2016-REF": Service(
        "2016",
        "timetable",
        PARSE12306,
        "variants that run on 2016-03-15 but not every day",
        only_on="20160315",
    ),
    "T2016K": Service(
        "2016k", "timetable", UCAS, "K, T, Z, Y and bare numbers; days of running are not known"
    ),
    "T2021": Service(
        "2021", "timetable", BOARDS, "listed trains that boards time", ratio_note=CARRIED
    ),
    "T2021-BOARD": Service(
        "2021",
        "timetable",
        BOARDS,
        "incomplete: trains that only boards know; what they call at between boards is not known, "
        "calls in 郑州 (410100) and 石家庄 (130100) included where no board of theirs has them",
        ratio_note=CARRIED,
    ),
    "C2021": Service(
        "2021",
        "count",
        TRAINVIS,
        "listed trains that no board times: known by their count, one a day each",
        ratio=COUNT_ERROR,
        ratio_note=COUNTED,
    ),
    "T2021K": Service(
        "2021k", "timetable", BOARDS, "listed trains that boards time", ratio_note=CARRIED
    ),
    "T2021K-BOARD": Service(
        "2021k",
        "timetable",
        BOARDS,
        "incomplete: trains that only boards know; what they call at between boards is not known",
        ratio_note=CARRIED,
    ),
    "C2021K": Service(
        "2021k",
        "count",
        TRAINVIS,
        "listed trains that no board times: known by their count, one a day each",
        ratio=COUNT_ERROR_CONVENTIONAL,
        ratio_note=COUNTED,
    ),
    "T2026": Service(
        "2026",
        "timetable",
        GTFS_2026,
        "every number counts as daily, one variant per number; three trains missing",
    ),
}

BEIJING_WUHAN = "Beijing-Wuhan driven at up to 350 km/h, 300 to 310 before"
BEIJING_SHANGHAI = "Beijing-Shanghai driven at up to 350 km/h, 300 before; well known, no page kept"
# Highest speed in service raised on a line that was open already: region, line, day, km/h.
CHANGES = (
    ("shijiazhuang", "JG-B", "2022-06-20", 350, NEWS_350, BEIJING_WUHAN),
    ("zhengzhou", "JG-N", "2022-06-20", 350, NEWS_350, BEIJING_WUHAN),
    ("zhengzhou", "JG-M", "2022-06-20", 350, NEWS_350, BEIJING_WUHAN),
    ("zhengzhou", "JH", "2017-09-21", 350, GENERAL, BEIJING_SHANGHAI),
)


# Zone of the hub stations of a region, and the timetables that hold all trains which call there:
# those of January 2021 are put together from parts.
HUB_ZONE = {"zhengzhou": "410100", "shijiazhuang": "130100"}
WHOLE = ("2016", "2026")


def timetable_id(region: str, suffix: str) -> str:
    """Name a timetable of a region."""
    return f"{PREFIX[region]}-{suffix}"


def timetable_tables(region: str) -> Tables:
    """Return the rows of the region's timetables with the evidence for their days."""
    rows, reasons = [], []
    for suffix, timetable in TIMETABLES.items():
        name = timetable_id(region, suffix)
        columns = ("name_zh", "name_en", "modes", "day", "valid_from", "valid_until", "note")
        whole = HUB_ZONE[region] if suffix in WHOLE else ""
        values = {c: getattr(timetable, c) for c in columns}
        rows.append({"timetable_id": name, "whole_zones": whole, **values})
        kind = "derived" if timetable.note.startswith("by its stations") else "timetable"
        reasons.append(
            evidence(
                "timetable",
                name,
                "day",
                timetable.day,
                kind=kind,
                source_id=timetable.source_id,
                note=timetable.note,
            )
        )
    return {(region, "timetable"): rows, (region, "evidence"): reasons}


def change_tables() -> Tables:
    """Return the dated changes of lines with their evidence."""
    tables: Tables = {}
    for region, line_id, day, speed, source_id, note in CHANGES:
        row = {"line_id": line_id, "date": day, "field": "speed_kmh", "value": speed, "note": note}
        tables.setdefault((region, "change"), []).append(row)
        tables.setdefault((region, "evidence"), []).append(
            evidence(
                "change",
                f"{line_id}@{day}",
                "value",
                speed,
                unit="km/h",
                kind="published",
                source_id=source_id,
                note=note,
            )
        )
    return tables
