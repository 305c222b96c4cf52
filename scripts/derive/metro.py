"""Zhengzhou's metro and the Zheng-Xu line: stations, lines, links and headway services."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from pyproj import Geod

from derive import metro_facts as facts
from derive import metro_times
from derive.base import Row, Tables, evidence, format_value
from derive.metro_services import add_services
from derive.places import read_csv
from derive.places_shapes import read_features, write_geojson

if TYPE_CHECKING:
    from pathlib import Path

    from derive.metro_facts import Line, Section

REGION = "zhengzhou"
GEOD = Geod(ellps="WGS84")

AIRPORT = "xinzheng-airport"
AIRPORT_ZX = "xinzheng-airport-zx"

MIN_MINUTES_BETWEEN = 5  # two roundings of half a minute are then at most a fifth
TIMED_NOTE = (
    f"minutes between last trains shared by length, less a stop of {metro_times.DWELL_SECONDS} s"
)
FITTED_NOTE = (
    f"{metro_times.SECONDS_PER_KM} s a km and {metro_times.SECONDS_PER_STOP} s a stop, "
    "scaled to the timed part of the line"
)
SIMPLIFY_DEGREES = 0.0003  # about 30 m


class Opening(NamedTuple):
    """First and last day of a link, and the source."""

    open_date: str
    close_date: str
    source_id: str
    note: str


def derive(data: Path) -> Tables:
    """Make every row of the metro."""
    stations = read_stations(data)
    orders, track_km = read_orders(data)
    rail_names = {row["name"] for row in read_csv(data / "rail" / "stations.csv")}
    tables: dict[str, list[Row]] = {
        name: []
        for name in (
            "node",
            "line",
            "link",
            "evidence",
            "service",
            "routes",
            "trips",
            "stop_times",
            "calendar",
            "frequencies",
        )
    }
    hops = {
        line_id: line_hops(line_id, line, orders[line_id], stations, track_km[line_id])
        for line_id, line in facts.LINES.items()
    }
    add_nodes(tables, stations, orders, rail_names)
    for line_id, line in facts.LINES.items():
        add_line(tables, line_id, line, stations)
        add_links(tables, line_id, line, orders[line_id], hops[line_id])
        add_services(tables, line_id, orders, hops)
    result: Tables = {(REGION, name): rows for name, rows in tables.items()}
    result["", "source"] = [dict(row) for row in facts.SOURCES]
    return result


def read_stations(data: Path) -> dict[str, Row]:
    """Read the stations by slug, with the Zheng-Xu platform at the airport set apart."""
    stations: dict[str, Row] = {}
    for feature in read_features(data / "geo" / "zhengzhou_metro_stations.geojson"):
        properties = feature["properties"]
        x, y = feature["geometry"]["coordinates"]
        stations[properties["id"]] = {
            "name_zh": properties["name_zh"],
            "name_en": properties["name_en"],
            "x": x,
            "y": y,
        }
    platform = next(
        row
        for row in read_csv(data / "facts" / "stations.csv")
        if row["name_zh"] == "新郑机场" and row["line"].startswith("郑许市域铁路")
    )
    stations[AIRPORT_ZX] = {
        "name_zh": "新郑机场(郑许线)",
        "name_en": "Xinzheng Airport (Zheng-Xu line)",
        "x": float(platform["lon"]),
        "y": float(platform["lat"]),
    }
    stations[AIRPORT] |= {
        "name_zh": "新郑机场(城郊线)",
        "name_en": "Xinzheng Airport (Chengjiao Line)",
    }
    return stations


def read_orders(data: Path) -> tuple[dict[str, list[str]], dict[str, float]]:
    """Read the order of the stations and the length of the track by line."""
    line_ids = {line.key: line_id for line_id, line in facts.LINES.items()}
    orders: dict[str, list[str]] = {}
    track_km: dict[str, float] = {}
    for feature in read_features(data / "geo" / "zhengzhou_metro_lines.geojson"):
        properties = feature["properties"]
        line_id = line_ids[properties["line_id"]]
        if properties["kind"] == "osm_geometry":
            track_km[line_id] = properties["length_km"]
            continue
        order = list(properties["stations"])
        if properties["loop"]:
            order.append(order[0])
        if line_id == "ZX":
            order[order.index(AIRPORT)] = AIRPORT_ZX
        orders[line_id] = order
    return orders, track_km


def line_hops(
    line_id: str, line: Line, order: list[str], stations: dict[str, Row], track_km: float
) -> list[Row]:
    """Compute length and time of every hop between neighbouring open stations.

    The length is the straight distance times the ratio of track to chain of the whole line;
    the time is departure to departure, from the official last trains of both directions.
    """
    positions = [i for i, slug in enumerate(order) if slug not in facts.CLOSED_STATIONS]
    straight = [distance_km(stations[order[i]], stations[order[j]]) for i, j in pairwise(positions)]
    whole = track_km if line.length_km is None else line.length_km.value
    if line_id == "ZZ14":  # the track goes on to the station that was never opened
        whole -= 1.06 * distance_km(stations[order[0]], stations[order[1]])
    ratio = max(1.0, whole / sum(straight))
    hops = [
        {"first": i, "last": j, "km": round(km * ratio, 3), "ratio": ratio}
        for (i, j), km in zip(pairwise(positions), straight, strict=True)
    ]
    weights = [
        metro_times.SECONDS_PER_KM * hop["km"] + metro_times.SECONDS_PER_STOP for hop in hops
    ]
    forward = spread(hops, weights, metro_times.FORWARD[line_id])
    backward = spread(hops, weights, metro_times.BACKWARD[line_id])
    known = [
        [seconds for seconds in pair if seconds is not None]
        for pair in zip(forward, backward, strict=True)
    ]
    timed = sum(sum(times) / len(times) for times in known if times)
    scale = (
        timed / sum(w for w, times in zip(weights, known, strict=True) if times) if timed else 1.0
    )
    for hop, weight, times in zip(hops, weights, known, strict=True):
        hop["seconds"] = round(sum(times) / len(times) if times else weight * scale)
        hop["timed"] = bool(times)
    return hops


def spread(hops: list[Row], weights: list[float], anchors: dict[int, int]) -> list[float | None]:
    """Share the minutes between two timed stations among the hops between them."""
    seconds: list[float | None] = [None] * len(hops)
    for first, last in pairwise(thinned(anchors)):
        between = [k for k, hop in enumerate(hops) if first <= hop["first"] and hop["last"] <= last]
        total = abs(anchors[last] - anchors[first]) * 60
        weight = sum(weights[k] for k in between)
        for k in between:
            seconds[k] = total * weights[k] / weight
    return seconds


def thinned(anchors: dict[int, int]) -> list[int]:
    """Leave out timed stations so close together that rounding to minutes would tell."""
    positions = sorted(anchors)
    kept = positions[:1]
    for position in positions[1:]:
        if abs(anchors[position] - anchors[kept[-1]]) >= MIN_MINUTES_BETWEEN:
            kept.append(position)
    if positions and kept[-1] != positions[-1]:
        kept[-1:] = positions[-1:] if len(kept) > 1 else [*kept, positions[-1]]
    return kept


def distance_km(a: Row, b: Row) -> float:
    """Measure the geodesic distance between two stations."""
    return float(GEOD.inv(a["x"], a["y"], b["x"], b["y"])[2]) / 1000


def section_of(line: Line, first: int, last: int) -> Section:
    """Find the section that holds the hop from ``first`` to ``last``."""
    return next(s for s in line.sections if s.first <= first and last <= s.last)


def station_openings(orders: dict[str, list[str]]) -> dict[str, tuple[str, str, str]]:
    """Find the earliest opening of every station: date, source and note."""
    openings: dict[str, tuple[str, str, str]] = {}
    for line_id, line in facts.LINES.items():
        late_slug, late_date, _, late_source = line.late_station
        for position, slug in enumerate(orders[line_id]):
            found = [
                (s.open_date, s.source_id, s.note)
                for s in line.sections
                if s.first <= position <= s.last
            ]
            if slug in facts.CLOSED_STATIONS or not found:
                continue
            opening = (late_date, late_source, "") if slug == late_slug else min(found)
            openings[slug] = min(openings.get(slug, opening), opening)
    return openings


def add_nodes(
    tables: dict[str, list[Row]],
    stations: dict[str, Row],
    orders: dict[str, list[str]],
    rail_names: set[str],
) -> None:
    """Add one node a station; lines that meet share it."""
    openings = station_openings(orders)
    for slug, station in stations.items():
        node_id = f"M-{slug}"
        open_date, source_id, note = openings.get(slug, ("", "", ""))
        name = station["name_zh"]
        tables["node"].append(
            {
                "node_id": node_id,
                "name_zh": f"{name}(地铁)" if name in rail_names else name,
                "name_en": english_name(station["name_en"]),
                "x_coord": station["x"],
                "y_coord": station["y"],
                "node_type": "metro_station",
                "zone_id": "",
                "open_date": open_date,
                "close_date": "",
                "note": node_note(slug),
            }
        )
        from_track = slug == AIRPORT_ZX
        tables["evidence"].append(
            evidence(
                "node",
                node_id,
                "location",
                f"{format_value(station['x'])} {format_value(station['y'])}",
                unit="degree",
                kind="derived",
                source_id=facts.OSM if from_track else facts.OPENMETRO,
                note="point on the track" if from_track else "converted from GCJ-02",
            )
        )
        if open_date:
            tables["evidence"].append(
                evidence(
                    "node",
                    node_id,
                    "open_date",
                    open_date,
                    kind="derived" if "/" in open_date else "published",
                    source_id=source_id,
                    note=note,
                )
            )


def english_name(name: str) -> str:
    """Mark a name as the metro's, since several are spelt like a railway station."""
    return name if name.endswith(")") else f"{name} (metro)"


def node_note(slug: str) -> str:
    """Say what is particular about a station."""
    if slug == AIRPORT_ZX:
        return "no gated interchange with the Chengjiao Line: the operator counts 港区北 only"
    return facts.CLOSED_STATIONS.get(slug, "")


def add_line(
    tables: dict[str, list[Row]], line_id: str, line: Line, stations: dict[str, Row]
) -> None:
    """Add the row of a line, with the evidence of its dates and speed."""
    first = min(line.sections, key=lambda section: section.open_date)
    start_date, start_source = line.start
    tables["line"].append(
        {
            "line_id": line_id,
            "name_zh": facts.name_zh(line_id),
            "name_en": line.name_en if line_id == "ZX" else f"Zhengzhou Metro {line.name_en}",
            "mode": line.mode,
            "design_speed_kmh": line.speed.value if line.speed else "",
            "status": "operating",
            "start_date": start_date,
            "open_date": first.open_date,
            "close_date": "",
            "parts": "",
            "note": line.note,
        }
    )
    rows = tables["evidence"]
    rows.append(
        evidence(
            "line",
            line_id,
            "open_date",
            first.open_date,
            kind="published",
            source_id=first.source_id,
            note=first.note,
        )
    )
    if start_date:
        rows.append(
            evidence(
                "line",
                line_id,
                "start_date",
                start_date,
                kind="published",
                source_id=start_source,
            )
        )
    if line.speed:
        rows.append(
            evidence(
                "line",
                line_id,
                "design_speed_kmh",
                line.speed.value,
                unit="km/h",
                kind="published",
                source_id=line.speed.source_id,
            )
        )
    if line_id == "ZX":
        gap_metres = 1000 * distance_km(stations[AIRPORT], stations[AIRPORT_ZX])
        tables["line"][-1]["note"] += f" ({gap_metres:.0f} m in a straight line)"
        for field, value, unit, kind, source_id, quote, note in facts.ZX_DISSENT:
            rows.append(
                evidence(
                    "line",
                    line_id,
                    field,
                    value,
                    unit=unit,
                    kind=kind,
                    source_id=source_id,
                    quote=quote,
                    note=note,
                )
            )


def add_links(
    tables: dict[str, list[Row]], line_id: str, line: Line, order: list[str], hops: list[Row]
) -> None:
    """Add one link a hop, and one past a station that opened later."""
    late_slug, late_date, day_before, late_source = line.late_station
    for number, hop in enumerate(hops, start=1):
        section = section_of(line, hop["first"], hop["last"])
        opening = Opening(section.open_date, "", section.source_id, section.note)
        ends = (order[hop["first"]], order[hop["last"]])
        if late_slug in ends:
            opening = Opening(late_date, "", late_source, f"{late_slug} was passed until then")
        add_link(tables, f"{line_id}-{number:02d}", line_id, ends, hop, opening=opening)
        if ends[1] == late_slug:
            after = hops[number]
            past = hop | {
                "km": round(hop["km"] + after["km"], 3),
                "seconds": hop["seconds"] + after["seconds"] - metro_times.DWELL_SECONDS,
            }
            opening = Opening(section.open_date, day_before, section.source_id, "")
            past_ends = (ends[0], order[after["last"]])
            add_link(tables, f"{line_id}-{number:02d}P", line_id, past_ends, past, opening=opening)
            tables["evidence"].append(
                evidence(
                    "link",
                    f"{line_id}-{number:02d}P",
                    "close_date",
                    day_before,
                    kind="derived",
                    source_id=late_source,
                    note=f"day before {late_slug} opened",
                )
            )


def add_link(
    tables: dict[str, list[Row]],
    link_id: str,
    line_id: str,
    ends: tuple[str, str],
    hop: Row,
    *,
    opening: Opening,
) -> None:
    """Add a link with the evidence of its length, time and opening."""
    minutes = round((hop["seconds"] - metro_times.DWELL_SECONDS) / 60, 2)
    tables["link"].append(
        {
            "link_id": link_id,
            "from_node_id": f"M-{ends[0]}",
            "to_node_id": f"M-{ends[1]}",
            "line_id": line_id,
            "length_km": hop["km"],
            "run_time_minutes": minutes,
            "open_date": opening.open_date,
            "close_date": opening.close_date,
        }
    )
    length = facts.LINES[line_id].length_km
    tables["evidence"] += [
        evidence(
            "link",
            link_id,
            "length_km",
            hop["km"],
            unit="km",
            kind="derived",
            source_id=length.source_id if length else facts.OSM,
            note=f"straight distance x {hop['ratio']:.3f} (length of the line over its chain)",
        ),
        evidence(
            "link",
            link_id,
            "run_time_minutes",
            minutes,
            unit="minutes",
            kind="derived",
            source_id=facts.OPENMETRO,
            locator="timetables.json, last trains" if hop["timed"] else "segments.json, fit",
            note=TIMED_NOTE if hop["timed"] else FITTED_NOTE,
        ),
        evidence(
            "link",
            link_id,
            "open_date",
            opening.open_date,
            kind="derived" if "/" in opening.open_date else "published",
            source_id=opening.source_id,
            note=opening.note,
        ),
    ]


def write_shapes(data: Path, networks: Path) -> None:
    """Write the track of every line, simplified to about 30 m."""
    line_ids = {line.key: line_id for line_id, line in facts.LINES.items()}
    features = []
    for feature in read_features(data / "geo" / "zhengzhou_metro_lines.geojson"):
        properties = feature["properties"]
        if properties["kind"] != "osm_geometry":
            continue
        track = shapely.line_merge(
            shapely.union_all(shapely.from_geojson(json.dumps(feature["geometry"])))
        )
        simple = shapely.simplify(track, SIMPLIFY_DEGREES)
        rounded = shapely.transform(simple, lambda points: np.round(points, 5))
        features.append(
            ({"line_id": line_ids[properties["line_id"]], "source_id": facts.OSM}, rounded)
        )
    features.sort(key=lambda item: item[0]["line_id"])
    write_geojson(networks / REGION / "shapes.geojson", features)
