"""Rows of line.csv that stand for groups: arms, the 米 network, stations named in documents."""

from __future__ import annotations

from derive.base import Row, evidence
from derive.rail_lines import ARM_NOTES, ARMS
from derive.rail_nodes import XIAOLIZHUANG
from derive.rail_sources import (
    DERIVATION,
    NEWS_20191201,
    NEWS_20220620,
    NEWS_FIVE,
    NEWS_RENAMED,
    NEWS_XLZ_NOTICE,
    NEWS_XLZ_SCOPE,
)

LINE_TABLE = ("zhengzhou", "line")
EVIDENCE_TABLE = ("zhengzhou", "evidence")
XUCHANG_STATIONS = ("许昌东", "许昌北", "鄢陵", "长葛北", "禹州")
RENAMED_NOTE = (
    "the name 郑州南站 means this station until May 2022 and the works at Xiaolizhuang afterwards"
)


# Two reports of the day on which the structure of the station building was finished.
MAIN_WORKS = (
    ("claims-main-works-2021", "也标志着郑州南站站房结构性主体工程全面完工", ""),
    (
        "claims-main-works-radio",
        "也标志着郑州南站站房结构性主体工程完工",
        "second report of the same day",
    ),
)


def group_row(line_id: str, name_zh: str, name_en: str, mode: str, **fields: str) -> Row:
    """Make a row of line.csv without own links; further columns by keyword."""
    row = {
        "line_id": line_id,
        "name_zh": name_zh,
        "name_en": name_en,
        "mode": mode,
        "design_speed_kmh": "",
        "status": "operating",
        "start_date": "",
        "open_date": "",
        "close_date": "",
        "parts": "",
        "note": "",
    }
    return row | fields


def add_groups(
    tables: dict[tuple[str, str], list[Row]], nodes: dict[str, Row], opened: dict[str, list[str]]
) -> None:
    """Add the arms, the network they make and the station entities, with their evidence."""
    add_arms(tables, opened)
    add_station_entities(tables, nodes)
    add_xiaolizhuang(tables)


def add_arms(tables: dict[tuple[str, str], list[Row]], opened: dict[str, list[str]]) -> None:
    """Add the eight arms and the 米 network; each is open when the last of its links is."""
    last: dict[str, str] = {}
    for line_id, (parts, name_zh, name_en) in ARMS.items():
        last[line_id] = max(date for part in parts for date in opened[part])
        tables[LINE_TABLE].append(
            group_row(
                line_id,
                name_zh,
                name_en,
                "hsr",
                open_date=last[line_id],
                parts=";".join(parts),
                note=ARM_NOTES.get(line_id, ""),
            )
        )
        tables[EVIDENCE_TABLE].append(
            derived_date(line_id, last[line_id], "latest opening of the links of its parts")
        )
    date = max(last.values())
    tables[LINE_TABLE].append(
        group_row(
            "MI",
            "“米”字形高铁网",
            "米-shaped high-speed network",
            "network",
            open_date=date,
            parts=";".join(ARMS),
            note="inside Henan complete on 2022-06-20 but for the piece from Puyang to Nanle",
        )
    )
    tables[EVIDENCE_TABLE].append(derived_date("MI", date, "latest opening of the eight arms"))
    parts = ("JG-B", "JG-N", "JG-M", "JG-S")
    date = max(date for part in parts for date in opened[part])
    tables[LINE_TABLE].append(
        group_row(
            "JG",
            "京广高铁 (北京西至香港西九龙)",
            "Beijing-Guangzhou-Hong Kong HSR",
            "hsr",
            open_date=date,
            parts=";".join(parts),
        )
    )
    tables[EVIDENCE_TABLE].append(derived_date("JG", date, "latest opening of the links"))


def derived_date(line_id: str, date: str, note: str) -> Row:
    """Make the evidence row of an opening date that follows from the parts."""
    return evidence(
        "line", line_id, "open_date", date, kind="derived", source_id=DERIVATION, note=note
    )


def add_station_entities(tables: dict[tuple[str, str], list[Row]], nodes: dict[str, Row]) -> None:
    """Add the five stations of Xuchang and the Hangkonggang station."""
    tables[LINE_TABLE].append(
        group_row(
            "XC-HSR5",
            "许昌五个高铁站",
            "Five high-speed stations of Xuchang",
            "station",
            open_date="2019-12-01",
            parts=";".join(nodes[name]["node_id"] for name in XUCHANG_STATIONS),
            note="Xuchang East in 2012, the other four in 2019",
        )
    )
    tables[LINE_TABLE].append(
        group_row(
            "ZKG-ST",
            "郑州航空港站 (2022年5月前称郑州南站)",
            "Zhengzhou Hangkonggang station (Zhengzhou South until May 2022)",
            "station",
            open_date="2022-06-20",
            parts=nodes["郑州航空港"]["node_id"],
            note=RENAMED_NOTE,
        )
    )
    tables[LINE_TABLE].append(
        group_row(
            "ZKG-MW",
            "郑州航空港站（时称郑州南站）站房结构",
            "structure of the building of Zhengzhou Hangkonggang station",
            "station",
            open_date="2021-04-01",
            parts="",
            note="the day on which the structural main works were finished; not modelled",
        )
    )
    rows = tables[EVIDENCE_TABLE]
    for source_id, quote, note in MAIN_WORKS:
        row = published("ZKG-MW", "open_date", "2021-04-01", source_id)
        rows.append({**row, "quote": quote, "note": note})
    rows.append(published("XC-HSR5", "open_date", "2019-12-01", NEWS_20191201))
    rows.append(published("XC-HSR5", "note", "", NEWS_FIVE, "list of the five stations"))
    rows.append(published("ZKG-ST", "open_date", "2022-06-20", NEWS_20220620))
    rows.append(published("ZKG-ST", "note", "", NEWS_RENAMED, "renamed on 2022-05-31"))


def add_xiaolizhuang(tables: dict[tuple[str, str], list[Row]]) -> None:
    """Add the station under construction under its two names in the documents."""
    start = "2022-06-20/2023-12-31"
    scope = (
        "mobilisation 2022-06-20, early works 2023-12-31; bypass of 61.469 km (2022) or "
        "49.357 km double, 46.717 km single and 11.066 km rebuilt track (2024), 160 km/h"
    )
    tables[LINE_TABLE] += [
        group_row(
            "XLZ",
            "郑州枢纽小李庄车站及外绕线",
            "Xiaolizhuang station and Longhai outer bypass",
            "station",
            status="under_construction",
            start_date=start,
            parts=XIAOLIZHUANG,
            note=scope,
        ),
        group_row(
            "ZNS",
            "郑州南站 (2022年6月后指小李庄站)",
            "Zhengzhou South station (Xiaolizhuang since June 2022)",
            "station",
            status="under_construction",
            start_date=start,
            parts=XIAOLIZHUANG,
            note=RENAMED_NOTE,
        ),
    ]
    for line_id in ("XLZ", "ZNS"):
        tables[EVIDENCE_TABLE] += [
            published(line_id, "start_date", start, NEWS_XLZ_SCOPE, "early works 2023-12-31"),
            published(line_id, "start_date", "2022-06-20", NEWS_20220620, "mobilisation"),
            published(line_id, "status", "under_construction", NEWS_XLZ_SCOPE, "early works"),
        ]
    tables[EVIDENCE_TABLE].append(
        published("XLZ", "note", "", NEWS_XLZ_NOTICE, "61.469 km, 160 km/h")
    )


def published(line_id: str, field: str, value: str, source_id: str, locator: str = "") -> Row:
    """Make a published evidence row of a line."""
    return evidence(
        "line", line_id, field, value, kind="published", source_id=source_id, locator=locator
    )
