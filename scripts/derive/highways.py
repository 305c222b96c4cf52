"""Links between cities and junctions over existing highways, derived from a graph."""

from __future__ import annotations

import heapq
import json
from pathlib import Path

from derive.base import Row, Tables, evidence
from derive.places import FAR_CODES, HEBEI_CODES, HENAN_CODES, read_csv
from derive.road_graph import Point, RoadGraph, straight_km

Pair = tuple[str, str]

# Free-flow speeds (km/h): value, low, high. No page with measured averages was found; they are
# assumptions bounded by the limits of 120 (plain), 100 (hills) and 80 to 100 (other roads).
SPEEDS_KMH = {
    "expressway": (100.0, 90.0, 110.0),
    "hill_expressway": (85.0, 75.0, 95.0),
    "fast_road": (60.0, 45.0, 75.0),  # with signals
    "elevated": (75.0, 60.0, 80.0),  # no signals
}

# Road distances between city centres that a page gives: a, b, km, low, high, source, note
PUBLISHED_KM = [
    ("410100", "411000", 90.0, 85.0, 95.0, "road-oson-ca", ""),
    ("410100", "410200", 70.0, 65.0, 75.0, "road-oson-ca", ""),
    ("410100", "410300", 124.0, 120.0, 145.0, "road-oson-ca", "remembered as 145 by others"),
    ("410100", "411100", 150.0, 142.0, 156.0, "road-oson-ca", ""),
    ("410100", "410700", 80.0, 72.0, 95.0, "road-mogufr-com", "85 to 95 by route"),
]

# Lengths of the graph are chords and come out short: one factor is fitted to PUBLISHED_KM, and
# the upper bound is the largest gap among them (Kaifeng 1.13), rounded up.
LENGTH_HIGH = 1.15

# A pair of cities gets no link of its own when the links chosen before give a way at most this
# much longer: (up to km, factor). Junctions are joined to places within JUNCTION_KM only.
STRETCH = ((150.0, 1.03), (float("inf"), 1.08))
JUNCTION_KM = 45.0

# Short ways that the graph makes more than this much longer than the straight line run round a
# gap in it; they get the mean detour of 25 Chinese cities instead (range: straight to graph).
GAP_RATIO = 2.0
GAP_KM = 15.0
CITY_DETOUR = 1.324

# Corridors taken out of the graph, because they are links of their own: chains of its vertices.
CORRIDORS: dict[str, list[Point]] = {
    "JX2": [
        (114.12, 34.843),
        (114.123, 34.787),
        (114.12, 34.736),
        (114.129, 34.70),
        (114.048, 34.506),
        (114.048, 34.451),
    ],
    "AL": [(114.12, 34.843), (114.13, 35.02)],
    "KG": [
        (114.212, 34.845),
        (114.206, 34.752),
        (114.209, 34.718),
        (114.137, 34.51),
        (113.995, 34.506),
    ],
}

COUNTIES = ("411081", "411082", "411024")  # 禹州, 长葛, 鄢陵: stations the documents count
NEIGHBOUR_CAPITALS = ("太原", "济南", "合肥", "武汉", "西安")
AIRPORT_ZONE = "410100A"


def derive_highways(data: Path, places: dict[str, Point], regions: dict[str, str]) -> Tables:
    """Make derived links between places, pruned to a sparse graph, with their evidence.

    Parameters
    ----------
    data
        Folder of the collected data.
    places
        Longitude and latitude by zone or by junction slug.
    regions
        Region by junction slug.
    """
    graph = RoadGraph.read(data / "geo")
    for chain in CORRIDORS.values():
        graph.block(chain)
    by_pair = graph_lengths(graph, places)
    factor = fit_factor(by_pair)
    gaps = {
        pair: straight
        for pair, km in by_pair.items()
        if (straight := straight_km(places[pair[0]], places[pair[1]])) < GAP_KM
        and km > GAP_RATIO * straight
    }
    published = {(row[0], row[1]): row[2:] for row in PUBLISHED_KM}
    lengths = {pair: km * factor for pair, km in by_pair.items()}
    lengths |= {pair: straight * CITY_DETOUR for pair, straight in gaps.items()}
    lengths |= {pair: row[0] for pair, row in published.items()}
    hebei = set(HEBEI_CODES.values()) | {s for s in regions if regions[s] == "shijiazhuang"}
    tables: Tables = {}
    for pair in choose_links(lengths, set(published)):
        region, line_id = ("shijiazhuang", "HWH") if set(pair) <= hebei else ("zhengzhou", "HW")
        link_id = f"HW-{pair[0]}-{pair[1]}"
        km = round(lengths[pair], 1)
        rows = [graph_evidence(link_id, by_pair[pair], factor)]
        if pair in gaps:
            rows = [gap_evidence(link_id, gaps[pair], by_pair[pair])]
        if pair in published:
            rows.append(published_evidence(link_id, *published[pair]))
        minutes = minutes_range((km, rows[-1]["low"], rows[-1]["high"]), "expressway")
        rows.append(minutes_evidence(link_id, minutes, "expressway"))
        link = link_row(link_id, pair, line_id, km, minutes[0])
        tables.setdefault((region, "link"), []).append(link)
        tables.setdefault((region, "evidence"), []).extend(rows)
    return tables


def city_points(data: Path) -> dict[str, Point]:
    """Take the centres that the part ``places`` emits: longitude and latitude by zone."""
    cities = {row["name_zh"]: row for row in read_csv(data / "facts" / "cities.csv")}
    codes = HENAN_CODES | HEBEI_CODES | {name: FAR_CODES[name] for name in NEIGHBOUR_CAPITALS}
    codes["郑州航空港区"] = AIRPORT_ZONE
    points = {
        code: (float(cities[name]["lon"]), float(cities[name]["lat"]))
        for name, code in codes.items()
    }
    text = (data / "geo" / "henan_counties.geojson").read_text(encoding="utf-8")
    for feature in json.loads(text)["features"]:
        county = feature["properties"]
        if county["code"] in COUNTIES:
            points[county["code"]] = (float(county["seat"][0]), float(county["seat"][1]))
    return points


def node_id(key: str) -> str:
    """Name the node of a zone (a code) or of a junction (a slug)."""
    return f"C-{key}" if key[0].isdigit() else f"R-{key}"


def graph_lengths(graph: RoadGraph, places: dict[str, Point]) -> dict[Pair, float]:
    """Measure all pairs of cities, and of junctions with what lies near, in km."""
    keys = sorted(places)
    shortest = graph.distances([places[key] for key in keys])
    return {
        (a, b): max(float(shortest[i, j]), straight_km(places[a], places[b]))
        for i, a in enumerate(keys)
        for j, b in enumerate(keys)
        if i < j and ((a[0].isdigit() and b[0].isdigit()) or shortest[i, j] <= JUNCTION_KM)
    }


def fit_factor(by_pair: dict[Pair, float]) -> float:
    """Fit published lengths = factor x graph lengths, least squares through the origin."""
    graph = [by_pair[(row[0], row[1])] for row in PUBLISHED_KM]
    stated = [row[2] for row in PUBLISHED_KM]
    return sum(g * s for g, s in zip(graph, stated, strict=True)) / sum(g * g for g in graph)


def choose_links(lengths: dict[Pair, float], kept: set[Pair]) -> list[Pair]:
    """Choose links, shortest first, until every pair is joined well enough (``STRETCH``)."""
    neighbours: dict[str, dict[str, float]] = {}
    chosen = []
    for pair in sorted(lengths, key=lambda p: (p not in kept, lengths[p], p)):
        limit = lengths[pair] * next(factor for km, factor in STRETCH if lengths[pair] <= km)
        if pair not in kept and shortest_km(neighbours, *pair, limit=limit) <= limit:
            continue
        chosen.append(pair)
        for a, b in (pair, pair[::-1]):
            neighbours.setdefault(a, {})[b] = lengths[pair]
    return sorted(chosen)


def shortest_km(
    neighbours: dict[str, dict[str, float]], start: str, end: str, *, limit: float
) -> float:
    """Find the shortest way from ``start`` to ``end``, or infinity beyond ``limit``."""
    best = {start: 0.0}
    queue = [(0.0, start)]
    while queue:
        km, key = heapq.heappop(queue)
        if key == end:
            return km
        if km > best[key]:
            continue
        for other, length in neighbours.get(key, {}).items():
            further = km + length
            if further <= limit and further < best.get(other, float("inf")):
                best[other] = further
                heapq.heappush(queue, (further, other))
    return float("inf")


def minutes_range(km: tuple[float, float, float], speed: str) -> tuple[float, float, float]:
    """Turn a length (value, low, high) into free-flow minutes (value, low, high)."""
    value, slow, fast = SPEEDS_KMH[speed]
    return float(km[0]) / value * 60, float(km[1]) / fast * 60, float(km[2]) / slow * 60


def link_row(
    link_id: str, pair: Pair, line_id: str, km: float, minutes: float, open_date: str = ""
) -> Row:
    """Make one link row."""
    return {
        "link_id": link_id,
        "from_node_id": node_id(pair[0]),
        "to_node_id": node_id(pair[1]),
        "line_id": line_id,
        "length_km": km,
        "run_time_minutes": round(minutes, 1),
        "open_date": open_date,
        "close_date": "",
    }


def minutes_evidence(link_id: str, minutes: tuple[float, float, float], speed: str) -> Row:
    """Say how the free-flow minutes of a link come about."""
    value, slow, fast = SPEEDS_KMH[speed]
    return evidence(
        "link",
        link_id,
        "run_time_minutes",
        round(minutes[0], 1),
        unit="minutes",
        low=round(minutes[1], 1),
        high=round(minutes[2], 1),
        kind="assumed",
        source_id="netlib-judgement",
        note=f"length at {value:g} km/h ({slow:g} to {fast:g}), free flow, no access time",
    )


def graph_evidence(link_id: str, km: float, factor: float) -> Row:
    """Say how the length of a link follows from the graph."""
    note = f"shortest way on the graph, {km:.1f} km, times {factor:.3f}"
    return length_row(
        link_id,
        (km * factor, km, km * LENGTH_HIGH),
        "derived",
        "road-scgraph",
        f"{note} (fitted to {len(PUBLISHED_KM)} published road distances)",
    )


def gap_evidence(link_id: str, straight: float, km: float) -> Row:
    """Say how the length of a link round a gap in the graph is assumed."""
    return length_row(
        link_id,
        (straight * CITY_DETOUR, straight, km),
        "assumed",
        "road-detour-25-cities",
        f"straight line times {CITY_DETOUR} (mean detour of 25 Chinese cities); the graph has "
        f"a gap here and goes {km:.1f} km round",
    )


def published_evidence(
    link_id: str, km: float, low: float, high: float, source_id: str, note: str
) -> Row:
    """Say which page gives the length of a link."""
    return length_row(link_id, (km, low, high), "published", source_id, note)


def length_row(
    link_id: str, km: tuple[float, float, float], kind: str, source_id: str, note: str
) -> Row:
    """Make an evidence row for a length: value, low, high."""
    value, low, high = (round(number, 1) for number in km)
    return evidence(
        "link",
        link_id,
        "length_km",
        value,
        unit="km",
        low=low,
        high=high,
        kind=kind,
        source_id=source_id,
        note=note,
    )
