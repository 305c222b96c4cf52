"""The road network: junctions and links of the roads that the documents name.

Links between cities (``highways``) and the documents' items (``mentions``) join in here.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from derive.base import Row, Tables, evidence, format_value, merge
from derive.highways import city_points, derive_highways, link_row, minutes_evidence, node_id
from derive.highways import minutes_range as to_minutes
from derive.mentions import TYPED, derive_mentions
from derive.places import read_csv
from derive.road_graph import Point, straight_km

# A published length shared out over several junctions: each share may be off by this part.
SHARE_ERROR = 0.15


def derive(data: Path) -> Tables:
    """Make the mention, line, junction and link rows with their evidence and sources."""
    junctions = read_csv(TYPED / "road_junctions.csv")
    figures = read_csv(TYPED / "road_figures.csv")
    points = {row["slug"]: (float(row["x_coord"]), float(row["y_coord"])) for row in junctions}
    regions = {row["slug"]: row["region"] for row in junctions}
    tables: Tables = {}
    for junction in junctions:
        region = junction["region"]
        tables.setdefault((region, "node"), []).append(junction_row(junction))
        tables.setdefault((region, "evidence"), []).append(junction_evidence(junction))
    for road in read_csv(TYPED / "roads.csv"):
        dissent = [
            row
            for row in figures
            if row["line_id"] == road["line_id"] and row["field"] == "length_km"
        ]
        region = regions[road["junctions"].split(">")[0]]
        links, rows = road_links(road, dissent, points)
        tables.setdefault((region, "link"), []).extend(links)
        tables.setdefault((region, "evidence"), []).extend(rows)
    linked = {row["slug"] for row in junctions if row["linked"] == "1"}
    places = city_points(data) | {slug: points[slug] for slug in linked}
    return merge([derive_mentions(data), tables, derive_highways(data, places, regions)])


def junction_row(junction: Row) -> Row:
    """Make the node row of a junction."""
    return {
        "node_id": node_id(junction["slug"]),
        "name_zh": junction["name_zh"],
        "name_en": junction["name_en"],
        "x_coord": float(junction["x_coord"]),
        "y_coord": float(junction["y_coord"]),
        "node_type": "road_junction",
        "zone_id": "",
        "open_date": "",
        "close_date": "",
        "note": f"{junction['note']}; may be off by {junction['radius_km']} km",
    }


def junction_evidence(junction: Row) -> Row:
    """Say where the point of a junction comes from."""
    x, y = (format_value(float(junction[column])) for column in ("x_coord", "y_coord"))
    return evidence(
        "node",
        node_id(junction["slug"]),
        "location",
        f"{x} {y}",
        unit="degree",
        low=0,
        high=junction["radius_km"],
        kind="estimated",
        source_id="road-scgraph" if junction["on_graph"] == "1" else "general-knowledge",
        note="typed by hand; low and high: how far off the point may be, in km",
    )


def road_links(
    road: Row, dissent: list[Row], points: dict[str, Point]
) -> tuple[list[Row], list[Row]]:
    """Make the links and evidence of a road; its length is shared out over its junctions."""
    pairs = list(pairwise(road["junctions"].split(">")))
    whole = float(road["length_km"])
    straight = [straight_km(points[a], points[b]) for a, b in pairs]
    shares = [round(whole * km / sum(straight), 3) for km in straight]
    shares[-1] = round(whole - sum(shares[:-1]), 3)
    links, rows = [], []
    for number, (pair, km, least) in enumerate(zip(pairs, shares, straight, strict=True), 1):
        link_id = road["line_id"] if len(pairs) == 1 else f"{road['line_id']}-{number}"
        if km < least:
            raise ValueError(f"{link_id}: {km} km is less than the straight {least:.1f} km")
        if len(pairs) == 1:
            lengths = [whole, *(float(row["value"]) for row in dissent)]
            span = (km, max(least, min(lengths)), max(lengths))
        else:
            span = (km, max(least, (1 - SHARE_ERROR) * km), (1 + SHARE_ERROR) * km)
        minutes = to_minutes(span, road["speed"])
        links.append(link_row(link_id, pair, road["line_id"], km, minutes[0], road["open_date"]))
        rows.append(length_evidence(link_id, road, span, shared=len(pairs) > 1))
        rows.append(minutes_evidence(link_id, minutes, road["speed"]))
        rows += [dissent_evidence(link_id, row, shared=len(pairs) > 1) for row in dissent]
        if road["open_date"]:
            rows.append(
                evidence(
                    "link",
                    link_id,
                    "open_date",
                    road["open_date"],
                    kind="derived" if "/" in road["open_date"] else "published",
                    source_id=road["open_date_source_id"],
                )
            )
    return links, rows


def length_evidence(
    link_id: str, road: Row, span: tuple[float, float, float], *, shared: bool
) -> Row:
    """Say where the length of a link comes from."""
    return evidence(
        "link",
        link_id,
        "length_km",
        span[0],
        unit="km",
        low=round(span[1], 3),
        high=round(span[2], 3),
        kind="derived" if shared else "published",
        source_id=road["source_id"],
        note=f"share of {road['length_km']} km by straight lines" if shared else "",
    )


def dissent_evidence(link_id: str, row: Row, *, shared: bool) -> Row:
    """Keep a length that another page gives."""
    return evidence(
        "link",
        link_id,
        "length_km",
        row["value"],
        unit="km",
        kind="published",
        source_id=row["source_id"],
        note=f"whole road; {row['note']}" if shared else row["note"],
    )
