"""Nodes of railway stations: identity, place, zone and first day of service."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import shapely
from pypinyin import lazy_pinyin

from derive.base import Row, evidence, format_value
from derive.places import FAR_CODES, HEBEI_CODES, HENAN_CODES, JIYUAN, read_features
from derive.prefectures import HENAN, prefectures, zone_rows
from derive.rail_data import ALIASES, GEOD, Runs, read_csv
from derive.rail_lines import LINES
from derive.rail_placed import HAND_PLACED, HAND_PLACED_PROVINCE, LISTED_WRONG
from derive.rail_sources import (
    AMAP_STATIONS,
    GENERAL,
    GEOMETRY,
    NEWS_20220620,
    OSM_STATIONS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet
    from pathlib import Path

DIRECTIONS = {"东": "East", "南": "South", "西": "West", "北": "North"}
# Readings that the pinyin tables get wrong, and names with a customary English form.
ENGLISH_NAMES = {
    "西安": "Xi'an",
    "漯河": "Luohe",
    "长葛": "Changge",
    "于都": "Yudu",
    "长治": "Changzhi",
    "长宁": "Changning",
    "长临河": "Changlinhe",
    "新都": "Xindu",
    "丰都": "Fengdu",
    "都昌": "Duchang",
    "都匀": "Duyun",
    "都安": "Du'an",
    "子长": "Zichang",
    "略阳": "Lüeyang",
    "吕梁": "Lüliang",
    "泊头": "Botou",
    "北京丰台": "Beijing Fengtai",
    "北京朝阳": "Beijing Chaoyang",
    "上海松江": "Shanghai Songjiang",
    "深圳坪山": "Shenzhen Pingshan",
    "广州新塘": "Guangzhou Xintang",
    "广州白云": "Guangzhou Baiyun",
    "苏州园区": "Suzhou Industrial Park",
    "嵊州新昌": "Shengzhou Xinchang",
    "威海南海": "Weihai Nanhai",
    "湖州南浔": "Huzhou Nanxun",
    "盐城大丰": "Yancheng Dafeng",
    "石家庄栾城": "Shijiazhuang Luancheng",
    "肃宁河间": "Suning Hejian",
    "拉萨": "Lhasa",
    "呼和浩特": "Hohhot",
    "呼和浩特东": "Hohhot East",
    "乌鲁木齐": "Ürümqi",
    "香港西九龙": "Hong Kong West Kowloon",
    "哈尔滨": "Harbin",
    "哈尔滨西": "Harbin West",
    "齐齐哈尔": "Qiqihar",
    "齐齐哈尔南": "Qiqihar South",
    "包头": "Baotou",
    "莘县": "Shenxian",
    "单县": "Shanxian",
    "鄠邑": "Huyi",
    "乐清": "Yueqing",
    "乐昌东": "Lechang East",
    "浚县": "Xunxian",
    "东莞": "Dongguan",
    "东莞东": "Dongguan East",
    "六安": "Lu'an",
    "亳州": "Bozhou",
    "亳州南": "Bozhou South",
    "枞阳": "Zongyang",
    "黟县东": "Yixian East",
    "郫县": "Pixian",
    "郫县西": "Pixian West",
    "蔚县": "Yuxian",
    "涡阳": "Guoyang",
    "厦门": "Xiamen",
    "厦门北": "Xiamen North",
    "台州": "Taizhou",
    "重庆": "Chongqing",
    "解州": "Haizhou",
    "尉氏": "Weishi",
    "新绛": "Xinjiang (Shanxi)",
    "汨罗东": "Miluo East",
    "歙县北": "Shexian North",
    "阿图什": "Artux",
    "喀什": "Kashgar",
    "库尔勒": "Korla",
    "吐鲁番": "Turpan",
    "吐鲁番北": "Turpan North",
    "哈密": "Hami",
    "鄯善": "Shanshan",
    "鄯善北": "Shanshan North",
    "德令哈": "Delingha",
    "格尔木": "Golmud",
    "那曲": "Nagqu",
    "满洲里": "Manzhouli",
    "海拉尔": "Hailar",
}

PLANNED_ERROR_KM = 5
GAP_TO_REPORT_KM = 3.0
HEBEI_PROVINCES = ("河北", "北京", "天津")

# Stations older than the lines of facts/stations.csv; their own first day was not looked up.
OLDER_STATIONS = frozenset(
    (
        "北京西",
        "石家庄",
        "郑州",
        "焦作",
        "商丘",
        "开封",
        "太原",
        "太原东",
        "太原南",
        "天津西",
        "霸州西",
        "水家湖",
        "重庆北",
        "长寿北",
        "合肥南",
        "合肥北城",
        "济南西",
        "德州东",
        "晋中",
        "上海虹桥",
        "杭州东",
        "南京南",
        "广州南",
        "成都东",
        "汉中",
        "南阳寨",
    )
)
OPENED_LATER = {
    "郑州航空港": (
        "2022-06-20",
        NEWS_20220620,
        "trains pass since 2019-12-01; built as Zhengzhou South, renamed in May 2022",
    ),
}
# A station that the timetable of this day serves is older than a line that opened later. The
# timetable of "November 2019" is no such witness: it has trains of lines opened up to 2020-12-27.
WITNESS_DAY = "2016-03-15"

XIAOLIZHUANG = "X-xiaolizhuang"
XUCHANG_COUNTIES = {"长葛北": "411082", "禹州": "411081", "鄢陵": "411024"}
AIRPORT_ZONE = {"新郑机场": "410100A"}


def node_id(name: str, stations: dict[str, Row]) -> str:
    """Return the 12306 telecode of a station, or ``X-`` and its name in pinyin."""
    row = stations.get(name)
    if row is not None and row["telecode"]:
        return str(row["telecode"])
    return "X-" + "".join(lazy_pinyin(name))


def english_name(name: str) -> str:
    """Spell a station name in pinyin, with the direction at its end in English."""
    if name in ENGLISH_NAMES:
        return ENGLISH_NAMES[name]
    suffix = ""
    stem = name
    if stem.endswith("机场"):
        stem, suffix = stem[:-2], " Airport"
    elif len(stem) > 2 and stem[-1] in DIRECTIONS:  # 淮南 and 海南 are whole names
        stem, suffix = stem[:-1], f" {DIRECTIONS[stem[-1]]}"
    if suffix and stem in ENGLISH_NAMES:
        return ENGLISH_NAMES[stem] + suffix
    syllables = lazy_pinyin(stem)
    word = syllables[0]
    for syllable in syllables[1:]:
        word += ("'" if syllable[0] in "aeo" else "") + syllable
    return word.capitalize() + suffix


def add_nodes(
    tables: dict[tuple[str, str], list[Row]],
    data: Path,
    stations: dict[str, Row],
    chainage: dict[str, list[Row]],
    called: AbstractSet[str],
    first: Runs,
) -> dict[str, Row]:
    """Add node, zone and evidence rows of every station; return the node rows by Chinese name.

    ``called`` are the stations of all trains of the base, ``first`` the timetable of 2016.
    """
    facts: dict[str, list[Row]] = {}
    for rows in chainage.values():
        for row in rows:
            facts.setdefault(row["name_zh"], []).append(row)
    names = set(facts) | called
    zones = ZoneFinder(data)
    nodes: dict[str, Row] = {}
    for name in sorted(names):
        ident = node_id(name, stations)
        region, row, rows = station_rows(
            name, ident, stations.get(name), facts.get(name, []), zones
        )
        opened, opening = open_date(name, ident, facts.get(name, []), first)
        row["open_date"] = opened
        nodes[name] = row
        tables[region, "node"].append(row)
        tables[region, "evidence"] += rows + opening
    region, row, rows = xiaolizhuang_rows()
    nodes["小李庄"] = row
    tables[region, "node"].append(row)
    tables[region, "evidence"] += rows
    add_zones(tables, nodes)
    return nodes


def add_zones(tables: dict[tuple[str, str], list[Row]], nodes: Mapping[str, Row]) -> None:
    """Add the zones of prefectures that have stations and no zone from `derive.places`."""
    named = {*HENAN_CODES.values(), *FAR_CODES.values(), *HEBEI_CODES.values()}
    codes = {row["zone_id"] for row in nodes.values()} & set(prefectures().names)
    far = {code for code in codes - named if not code.startswith(HENAN)}
    tables["zhengzhou", "zone"] += zone_rows(far)


def station_rows(
    name: str, ident: str, listed: Row | None, facts: list[Row], zones: ZoneFinder
) -> tuple[str, Row, list[Row]]:
    """Make the node row of a station without its date, and the evidence of its place."""
    x, y, location = locate(name, ident, listed, facts)
    province = HAND_PLACED_PROVINCE.get(name) or (listed["province"] if listed else "")
    if not province and facts and any(row["line"].startswith(("石雄", "石衡")) for row in facts):
        province = "河北"
    region = "shijiazhuang" if province.startswith(HEBEI_PROVINCES) else "zhengzhou"
    named = next((row["name_en"] for row in facts if row["name_en"]), "")
    named = re.sub(r"\s*\(.*\)$", "", named)
    notes = [f"also called {old}" for old, current in ALIASES.items() if current == name]
    if listed is None:
        notes.append("not in the station list of August 2026")
    row = {
        "node_id": ident,
        "name_zh": name,
        "name_en": named or english_name(name),
        "x_coord": x,
        "y_coord": y,
        "node_type": "rail_station",
        "zone_id": zones.find(name, x, y),
        "open_date": "",
        "close_date": "",
        "note": "; ".join(notes),
    }
    return region, row, [location]


def locate(name: str, ident: str, listed: Row | None, facts: list[Row]) -> tuple[float, float, Row]:
    """Choose the point of a station and make its evidence row."""
    if listed is not None and listed["lon"] and name not in LISTED_WRONG:
        x, y = float(listed["lon"]), float(listed["lat"])
        osm = listed["coord_source"] == "osm"
        note = gap_note(x, y, facts)
        source = OSM_STATIONS if osm else AMAP_STATIONS
        kind = "published" if osm else "derived"
        return x, y, location_row(ident, x, y, kind, source, locator=f"station {name}", note=note)
    if name in HAND_PLACED:
        x, y, error = HAND_PLACED[name]
        note = f"typed by hand; low and high are the possible error of the point in km, 0-{error}"
        return (
            x,
            y,
            location_row(ident, x, y, "estimated", GENERAL, locator=name, note=note, high=error),
        )
    row = facts[0]
    x, y = float(row["lon"]), float(row["lat"])
    if "interpolated" in row["coord_source"]:
        note = "placed by official chainage along the line geometry"
        return (
            x,
            y,
            location_row(ident, x, y, "derived", GEOMETRY, locator=f"station {name}", note=note),
        )
    note = f"low confidence; possible error of the point in km, 0-{PLANNED_ERROR_KM}"
    return (
        x,
        y,
        location_row(
            ident, x, y, "estimated", GENERAL, locator=name, note=note, high=PLANNED_ERROR_KM
        ),
    )


def location_row(
    ident: str,
    x: float,
    y: float,
    kind: str,
    source_id: str,
    *,
    locator: str,
    note: str,
    high: float | str = "",
) -> Row:
    """Make the evidence row of a node's place."""
    return evidence(
        "node",
        ident,
        "location",
        f"{format_value(x)} {format_value(y)}",
        unit="degree",
        low=0 if high != "" else "",
        high=high,
        kind=kind,
        source_id=source_id,
        locator=locator,
        note=note,
    )


def gap_note(x: float, y: float, facts: list[Row]) -> str:
    """Say how far the point of the other collection lies away when that is over 3 km."""
    gaps = []
    for row in facts:
        _, _, metres = GEOD.inv(x, y, float(row["lon"]), float(row["lat"]))
        gaps.append((metres / 1000.0, row))
    if not gaps:
        return ""
    gap, row = max(gaps, key=lambda pair: pair[0])
    if gap <= GAP_TO_REPORT_KM:
        return ""
    return (
        f"another collection puts it {gap:.1f} km away at {row['lon']} {row['lat']} "
        f"(confidence {row['coord_confidence']})"
    )


def open_date(name: str, ident: str, facts: list[Row], witness: Runs) -> tuple[str, list[Row]]:
    """Return the first day of a station and its evidence; empty when it is older than its line."""
    if name in OPENED_LATER:
        date, source, note = OPENED_LATER[name]
        return date, [date_row(ident, date, source, note)]
    dates = sorted(row["opened"] for row in facts if re.match(r"\d{4}-\d\d-\d\d$", row["opened"]))
    if not dates or name in OLDER_STATIONS:
        return "", []
    date = dates[0]
    if date > WITNESS_DAY and name in witness.stations:
        return "", []
    lines = {row["line"] for row in facts if row["opened"] == date}
    for line in LINES:
        for *_, opened, source in line.sections:
            if opened == date and line.facts in lines:
                return date, [date_row(ident, date, source, f"with {line.name_en}")]
    return date, [date_row(ident, date, GENERAL, "with its line; no page kept")]


def date_row(ident: str, date: str, source_id: str, note: str) -> Row:
    """Make the evidence row of a station's first day."""
    return evidence(
        "node", ident, "open_date", date, kind="published", source_id=source_id, note=note
    )


class ZoneFinder:
    """Zone of a station: its city when it is one of the city's, else its county or prefecture."""

    def __init__(self, data: Path) -> None:
        codes = HENAN_CODES | FAR_CODES | HEBEI_CODES
        self.main: dict[str, str] = {}
        for city in read_csv(data / "facts" / "cities.csv"):
            for station in filter(None, city["main_stations"].split(";")):
                if city["name_zh"] in codes:
                    self.main.setdefault(station.strip(), codes[city["name_zh"]])
        self.main |= XUCHANG_COUNTIES | AIRPORT_ZONE
        self.counties: list[tuple[str, Any]] = [
            (feature["properties"]["code"], shapely.geometry.shape(feature["geometry"]))
            for feature in read_features(data / "geo" / "henan_counties.geojson")
        ]

    def find(self, name: str, x: float, y: float) -> str:
        """Return the zone of the station at ``x``, ``y``: outside Henan that of its prefecture."""
        if name in self.main:
            return self.main[name]
        point = shapely.Point(x, y)
        for code, shape in self.counties:
            if shape.contains(point):
                return code
        return prefectures().find(x, y)

    def find_top(self, name: str, x: float, y: float) -> str:
        """Return the prefecture-level zone of a station: of a county, that of its prefecture."""
        zone = self.find(name, x, y)
        if zone.startswith(JIYUAN):
            return JIYUAN
        return f"{zone[:4]}00" if zone.startswith(HENAN) else zone


def xiaolizhuang_rows() -> tuple[str, Row, list[Row]]:
    """Make the node of the station under construction at Xiaolizhuang."""
    x, y = 113.786, 34.688
    row = {
        "node_id": XIAOLIZHUANG,
        "name_zh": "小李庄 (郑州南)",
        "name_en": "Xiaolizhuang (new Zhengzhou South)",
        "x_coord": x,
        "y_coord": y,
        "node_type": "rail_station",
        "zone_id": "410100",
        "open_date": "",
        "close_date": "",
        "note": "under construction: no train calls and no link ends here; see lines XLZ and ZNS",
    }
    note = "near the halt Nancao; possible error of the point in km, 0-3"
    return (
        "zhengzhou",
        row,
        [location_row(XIAOLIZHUANG, x, y, "estimated", GENERAL, locator="", note=note, high=3)],
    )
