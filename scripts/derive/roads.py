"""The road network: the highway graph, its expressways and bridges, and the documents' roads."""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import shapely

from derive.base import Row, Tables, evidence, merge
from derive.bridges import BRIDGE_KM, bank_slugs, write_river
from derive.highways import (
    GRAPH_SOURCE,
    SHARE_ERROR,
    Map,
    Section,
    Span,
    derive_expressways,
    format_place,
    link_row,
    minutes_evidence,
    minutes_range,
    node_id,
    section_rows,
)
from derive.mentions import derive_mentions
from derive.parameters import read_typed
from derive.places_shapes import read_features, write_geojson
from derive.road_graph import Point, straight_km

# Ends are given to a thousandth of a degree, so a straight line may be this much too long.
CHORD_RATIO = 0.995
# A published length shared out by straight lines over junctions: each share may be off by this.
STRAIGHT_SHARE_ERROR = 0.15
BANKS = {
    "n": ("北端", "north end"),
    "s": ("南端", "south end"),
    "e": ("东端", "east end"),
    "w": ("西端", "west end"),
}


def derive(data: Path) -> Tables:
    """Make the mention, line, junction, link and graph rows with their evidence and sources."""
    network, parts = build_map(data)
    own = {section.link_id for section in network.sections} - {
        section.link_id for _, found in parts[1] for section in found
    }
    sections = [section for section in network.sections if section.link_id in own]
    tables = merge(
        [
            derive_mentions(data),
            parts[0],
            section_rows(network, sections),
            *(road_rows(road, found, network) for road, found in parts[1]),
            junction_rows(network),
        ]
    )
    length_km = {
        row["link_id"]: row["length_km"]
        for (_, table), rows in tables.items()
        if table == "link"
        for row in rows
    }
    return merge([tables, network.tables(length_km)])


@lru_cache(maxsize=1)
def build_map(data: Path) -> tuple[Map, tuple[Tables, list[tuple[Row, list[Section]]]]]:
    """Find all roads on the graph.

    The national roads come before those of the documents: where two run together, the older one
    has the edges, so that they do not wait for the opening of the younger.
    """
    junctions = {
        row["slug"]: (float(row["x_coord"]), float(row["y_coord"]))
        for row in read_typed("road_junctions.csv")
    }
    regions = {row["slug"]: row["region"] for row in read_typed("road_junctions.csv")}
    network = Map(data, junctions)
    national = derive_expressways(network)
    roads = []
    for road in read_typed("roads.csv"):
        region = regions[road["junctions"].split(">")[0]]
        found = (
            network.add_road(road["line_id"], region, road["speed"], road["points"])
            if road["points"]
            else []
        )
        roads.append(({**road, "region": region}, found))
    return network, (national, roads)


def write_shapes(data: Path, networks: Path) -> None:
    """Write the river, and add the ways of the expressways to the shapes of their regions."""
    network, _ = build_map(data)
    write_river(networks)
    regions = {section.line_id: section.region for section in network.sections}
    shown = {line_id for line_id in regions if not line_id.startswith("BR-")}
    for region in sorted(set(regions.values())):
        path = networks / region / "shapes.geojson"
        features = read_features(path) if path.is_file() else []
        kept = [
            (feature["properties"], shapely.from_geojson(json.dumps(feature["geometry"])))
            for feature in features
            if feature["properties"]["line_id"] not in regions
        ]
        drawn = [
            ({"line_id": line_id, "source_id": GRAPH_SOURCE}, network.line_shape(line_id))
            for line_id in shown
            if regions[line_id] == region
        ]
        write_geojson(path, sorted(kept + drawn, key=lambda item: item[0]["line_id"]))


def junction_rows(network: Map) -> Tables:
    """Make the node rows of junctions and of the ends of bridges, with evidence."""
    tables: Tables = {}
    for row in (*read_typed("road_junctions.csv"), *bank_rows(network)):
        slug, region = row["slug"], row["region"]
        x, y = network.place(slug)
        tables.setdefault((region, "node"), []).append(
            {
                "node_id": node_id(slug),
                "name_zh": row["name_zh"],
                "name_en": row["name_en"],
                "x_coord": x,
                "y_coord": y,
                "node_type": "road_junction",
                "note": f"{row['note']}; may be off by {row['radius_km']} km",
            }
        )
        reason = place_evidence(slug, (x, y), row["radius_km"], on_graph=slug in network.vertex)
        tables.setdefault((region, "evidence"), []).append(reason)
    return tables


def bank_rows(network: Map) -> list[Row]:
    """Name the ends of the bridges as typed junctions are."""
    return [
        {
            "slug": slug,
            "region": row["region"],
            "name_zh": f"{row['name_zh']}{BANKS[slug[-1]][0]}",
            "name_en": f"{row['name_en']}, {BANKS[slug[-1]][1]}",
            "radius_km": BRIDGE_KM,
            "note": "end of the edge of the graph that crosses the river",
        }
        for row in network.bridges.values()
        for slug in bank_slugs(row)
    ]


def place_evidence(slug: str, point: Point, radius_km: object, *, on_graph: bool) -> Row:
    """Say where the point of a junction comes from."""
    note = "low and high: how far off the point may be, in km"
    return evidence(
        "node",
        node_id(slug),
        "location",
        format_place(point),
        unit="degree",
        low=0,
        high=radius_km,
        kind="estimated",
        source_id=GRAPH_SOURCE if on_graph else "general-knowledge",
        note=f"vertex of the graph near the place typed by hand; {note}"
        if on_graph
        else f"typed by hand; {note}",
    )


def road_rows(road: Row, found: list[Section], network: Map) -> Tables:
    """Make the links and evidence of a road of the documents.

    Its published length is shared out over its sections by their length on the graph, or by
    straight lines where the graph does not hold the road.
    """
    pairs = [section.ends for section in found] or list(pairwise(road["junctions"].split(">")))
    straight = (
        [network.straight_km(section) for section in found]
        if found
        else [straight_km(network.junctions[a], network.junctions[b]) for a, b in pairs]
    )
    dissent = [
        row
        for row in read_typed("road_figures.csv")
        if row["line_id"] == road["line_id"] and row["field"] == "length_km"
    ]
    whole = float(road["length_km"])
    weights = [section.km for section in found] or straight
    shares = [round(whole * km / sum(weights), 3) for km in weights]
    shares[-1] = round(whole - sum(shares[:-1]), 3)
    links, rows = [], []
    for number, (pair, km, least) in enumerate(zip(pairs, shares, straight, strict=True), 1):
        link_id = (
            road["line_id"] if not found and len(pairs) == 1 else f"{road['line_id']}-{number}"
        )
        if km < least * CHORD_RATIO:
            raise ValueError(f"{link_id}: {km} km is less than the straight {least:.1f} km")
        error = SHARE_ERROR if found else STRAIGHT_SHARE_ERROR
        lengths = [(1 - error) * km, (1 + error) * km]
        if len(pairs) == 1:
            lengths = [whole, *(float(row["value"]) for row in dissent)]
        span: Span = (km, min(km, max(least, min(lengths))), max(lengths))
        note = f"{found[number - 1].km:.1f} km on the graph" if found else ""
        if len(pairs) > 1:
            by = "their length on the graph" if found else "straight lines"
            note = f"{note}; " if note else ""
            note += f"share of {road['length_km']} km by {by}"
        links.append(link_row(link_id, pair, road["line_id"], km, road["speed"], road["open_date"]))
        rows.append(length_evidence(link_id, road, span, note, shared=len(pairs) > 1))
        rows.append(minutes_evidence(link_id, minutes_range(span, road["speed"]), road["speed"]))
        rows += [dissent_evidence(link_id, row, shared=len(pairs) > 1) for row in dissent]
        if road["open_date"]:
            rows.append(opening_evidence(link_id, road))
    return {(road["region"], "link"): links, (road["region"], "evidence"): rows}


def opening_evidence(link_id: str, road: Row) -> Row:
    """Say how the opening of a link is known."""
    return evidence(
        "link",
        link_id,
        "open_date",
        road["open_date"],
        kind="derived" if "/" in road["open_date"] else "published",
        source_id=road["open_date_source_id"],
    )


def length_evidence(link_id: str, road: Row, span: Span, note: str, *, shared: bool) -> Row:
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
        note=note,
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
