"""Parameters of access, stations, walking and driving, and the documents themselves.

All figures here are typed by hand; each row says where it was read and what range it leaves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from derive.base import ACCESSED, Tables, evidence

# document_id, file, title in our words, publisher, date, basis of the date, language
DOCUMENTS = (
    (
        "doc000", "000_048c118a2234e7cc.txt",
        "Xuchang's party secretary on joining up with Zhengzhou (machine translation)",
        "Henan Daily client", "2022-09-28", "stated; press conference of 2022-09-27", "en",
    ),
    (
        "doc001", "001_093f44626fa38706.txt",
        "Seven points and 23 tasks for the Zhengzhou metropolitan area in 2021",
        "郑报全媒体", "2021-06-28/2021-06-30",
        "inferred: the page reports an event of 28 June and announces one of 1 to 3 July", "zh",
    ),
    (
        "doc002", "002_ea3853dd186bca91.txt",
        "The plan of the Zhengzhou metropolitan area is approved",
        "正观新闻·郑州晚报", "2023-10/2023-12-27",
        "inferred: after the reply of the NDRC, before the Zheng-Xu line opened on 2023-12-28", "zh",
    ),
    (
        "doc003", "003_35a1e122cccdf170.txt",
        "Zhengzhou answers on ten fields of work (press conference)",
        "河南省人民政府门户网站 copy", "2024-09-19", "stated; press conference of 2024-09-18",
        "zh-Hant",
    ),
    (
        "doc004", "004_efa037bf4a7b944e.txt",
        "Shijiazhuang carries out nine major projects (machine translation)",
        "people.cn copy", "2021-07/2021-08",
        "inferred: it carries out a provincial paper presented on 2021-07-03", "en",
    ),
)

# source_id, publisher, title, published, address
SOURCES = (
    ("general-knowledge", "", "general knowledge, no page found", "", "general knowledge"),
    ("netlib-judgement", "netlib", "our own assumption, with its range", "2026-11", "this repository"),
    (
        "par-mapbox-walking", "Mapbox", "default walking speed of a routing service", "",
        "docs.mapbox.com/ios/directions/api/2.0.0-beta.4/Extensions/LocationSpeed.html",
    ),
    (
        "par-detour-25-cities", "Annals of GIS",
        "network and straight-line distances in 25 Chinese cities", "2021",
        "doi.org/10.1080/19475683.2021.1966503",
    ),
    (
        "par-amap-2019q1", "Amap, reported by 猛犸新闻·东方今报",
        "traffic in Chinese cities in the first quarter of 2019, the part on Zhengzhou", "2019-04",
        "ifenglady.com/info/20190421/15427.html",
    ),
    (
        "par-wulaqu-advice", "wulaqu.com", "how early to reach a high-speed station", "2025",
        "wulaqu.com/read-240421.html",
    ),
    (
        "par-loo-wang-2024", "Tunnelling and Underground Space Technology",
        "Loo and Wang, time spent inside metro stations", "2024",
        "doi.org/10.1016/j.tust.2024.106006",
    ),
    (
        "par-rlut-transfer", "rlut.cn", "guide to metro transfers", "",
        "rlut.cn/news/di-tie-huan-cheng-cheng-shi-gong-gong-jiao-tong-dao-hang-ji-qiao-ru-he-zui-duan-shi-jian-huan-cheng.html",
    ),
    (
        "par-drbdp-transfer", "drbdp.com", "changing trains at large high-speed stations", "",
        "drbdp.com/4-9484014.html",
    ),
    (
        "par-21xqjy-taxi", "21xqjy.com", "response times of ride hailing", "",
        "21xqjy.com/archive/wang-yue-che-xiao-lv-zhen-de-gao-ma-jie-mi-gao-feng-qi-da-che-nan-bei-hou-de-zhen-xiang-yu-jie-jue-f.html",
    ),
    (
        "par-snapshots", "netlib", "comparison of the three timetable snapshots", "2026-11",
        "this repository: scripts/compare_snapshots.py",
    ),
)

# parameter_id: value, low, high, unit, sense, kind, source_id, description, note
PARAMETERS: dict[str, tuple[Any, ...]] = {
    "walk_speed_kmh": (
        4.8, 3.6, 5.11, "km/h", -1, "assumed", "par-mapbox-walking", "speed on foot",
        "the page gives 1.42 m/s, our upper end; 4.8 and 3.6 are defaults of OpenTripPlanner and R5 "
        "(general knowledge)",
    ),
    "walk_detour_ratio": (
        1.32, 1.2, 1.5, "1", 1, "published", "par-detour-25-cities",
        "length of the way on foot over the straight line",
        "mean of 25 cities 1.324; more on short trips, hence the high end; 1.21 to 1.23 elsewhere",
    ),
    "urban_drive_speed_kmh": (
        27, 22, 46.6, "km/h", -1, "published", "par-amap-2019q1",
        "driving speed in a city on the way to a station, weekday morning",
        "27 km/h is the mean peak speed in Zhengzhou; high is its free flow, 27 x 1.727; low assumed",
    ),
    "urban_drive_detour_ratio": (
        1.32, 1.2, 1.45, "1", 1, "published", "par-detour-25-cities",
        "length of the way by car over the straight line", "mean of 25 Chinese cities 1.324",
    ),
    "drive_access_minutes": (
        10, 6, 15, "min", 1, "assumed", "netlib-judgement",
        "city streets, toll gate and parking at each end of a drive between cities",
        "links run from the centre at expressway speed; 8 km at 46.6 instead of 100 km/h are 5.5 "
        "minutes, toll gate and parking the rest",
    ),
    "drive_peak_ratio": (
        1.25, 1.1, 1.727, "1", 1, "derived", "par-amap-2019q1",
        "minutes of a drive between city centres in the morning peak over free flow",
        "city index 1.727 on the 20 to 25 of 80 minutes that are city streets, 1.05 assumed on the "
        "expressway; high: the city index on all of it",
    ),
    "rail_process_minutes": (
        20, 15, 30, "min", 1, "assumed", "par-wulaqu-advice",
        "from the street to the train in a high-speed station",
        "check-in closes 3 to 5 minutes before departure, security takes 1.5 to 5 and the walk 12 to "
        "15 in very large stations; the page advises 30 to 45",
    ),
    "rail_exit_minutes": (
        7, 4, 12, "min", 1, "assumed", "netlib-judgement",
        "from the train to the street or the metro gate", "bounded by the walk inside large stations",
    ),
    "metro_process_minutes": (
        4, 2, 8, "min", 1, "assumed", "par-loo-wang-2024",
        "from the street to a metro platform, with security",
        "2.5 to 27.5 minutes in station at two large stations of Hong Kong in the paper",
    ),
    "metro_exit_minutes": (
        3, 1.5, 6, "min", 1, "assumed", "par-loo-wang-2024", "from a metro train to the street",
        "lower end of the same paper; no security on the way out",
    ),
    "metro_transfer_minutes": (
        4, 2, 8, "min", 1, "assumed", "par-rlut-transfer",
        "walk between metro platforms of one station",
        "1 to 3 minutes in one station, up to 8 at peak; the wait is not in it",
    ),
    "rail_transfer_minutes": (
        20, 12, 40, "min", 1, "assumed", "par-drbdp-transfer",
        "least time between two trains at one station",
        "10 to 15 minutes inside a hub, within 20 at 郑州东, 30 to 40 where one leaves and re-enters",
    ),
    "taxi_wait_minutes": (
        5, 2, 10, "min", 1, "assumed", "par-21xqjy-taxi", "wait for a taxi or hailed car",
        "mean response 3 to 5 minutes, 2 to 3 off peak",
    ),
    "max_walk_km": (
        2, 1, 3, "km", -1, "assumed", "netlib-judgement",
        "longest walk to or from a stop, straight line", "a search limit of about half an hour",
    ),
    "max_drive_access_km": (
        50, 30, 80, "km", -1, "assumed", "netlib-judgement",
        "longest taxi ride to or from a station, straight line",
        "a search limit that must exceed the 39 km from the centre of Zhengzhou to 郑州航空港",
    ),
    "station_walk_link_km": (
        1, 0.5, 1.5, "km", -1, "assumed", "netlib-judgement",
        "longest walk between two stations of one city, straight line", "a search limit",
    ),
    "timetable_drift_ratio": (
        1, 0.85, 1.18, "1", 1, "derived", "par-snapshots",
        "running times on a day outside the validity of the snapshot over those of the snapshot",
        "fastest rides of 206 and 203 pairs in neighbouring snapshots, taken both ways: 5, 50 and 95 "
        "percentiles 0.845, 1.000 and 1.183; each pair's line was open on both days",
    ),
}


def derive(data: Path) -> Tables:
    """Make the parameter, document and common source rows; ``data`` is not needed."""
    del data
    tables: Tables = {("", name): [] for name in ("document", "source", "parameter", "evidence")}
    keys = ("document_id", "file", "title", "publisher", "date", "date_basis", "language")
    for document in DOCUMENTS:
        row = dict(zip(keys, document, strict=True))
        tables["", "document"].append(row)
        tables["", "source"].append(
            {
                "source_id": row["document_id"],
                "publisher": row["publisher"],
                "title": row["title"],
                "published": row["date"],
                "accessed": ACCESSED,
                "address": f"documents/{row['file']}",
                "licence": "press text, quoted only",
            }
        )
    for source_id, publisher, title, published, address in SOURCES:
        tables["", "source"].append(
            {
                "source_id": source_id,
                "publisher": publisher,
                "title": title,
                "published": published,
                "accessed": ACCESSED,
                "address": address,
                "licence": "facts and figures only",
            }
        )
    for name, figure in PARAMETERS.items():
        value, low, high, unit, sense, kind, source_id, description, note = figure
        tables["", "parameter"].append(
            {
                "parameter_id": name,
                "value": value,
                "unit": unit,
                "sense": sense,
                "description": description,
            }
        )
        tables["", "evidence"].append(
            evidence(
                "parameter", name, "value", value, unit=unit, low=low, high=high, kind=kind,
                source_id=source_id, note=f"typed by hand; {note}" if note else "typed by hand",
            )
        )
    return tables
