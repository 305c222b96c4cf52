"""The expressways on the highway graph: their ways, lengths, speeds and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from derive.base import Row, Tables, evidence, format_value
from derive.bridges import (
    bank_slugs,
    bridge_line,
    bridge_opening,
    keep_bridges,
    order_banks,
)
from derive.parameters import read_typed
from derive.road_graph import Point, RoadGraph, straight_km
from derive.road_matching import Matcher

Span = tuple[float, float, float]  # value, low and high

# Free-flow speeds (km/h): value, low, high. No page with measured averages was found; they are
# assumptions bounded by the limits of 120 (plain), 100 (hills) and 80 to 100 (other roads).
SPEEDS_KMH = {
    "expressway": (100.0, 90.0, 110.0),
    "hill_expressway": (85.0, 75.0, 95.0),
    "fast_road": (60.0, 45.0, 75.0),  # with signals
    "elevated": (75.0, 60.0, 80.0),  # no signals
}
# Limits: regulation on the implementation of the road traffic safety law, article 78 (120 on
# expressways); hills and other roads as they are signed, which is general knowledge.
LIMITS_KMH = {"expressway": 120, "hill_expressway": 100, "fast_road": 80, "elevated": 80}
# Lengths of the graph are chords and come out short; the upper bound is the largest gap between
# them and a published distance between city centres (Kaifeng 1.13), rounded up.
LENGTH_HIGH = 1.15
# A published length is shared out over ends that are typed to a few kilometres.
SHARE_ERROR = 0.05
GRAPH_SOURCE = "road-scgraph"


@dataclass
class Section:
    """A link found on the graph.

    Attributes
    ----------
    link_id, line_id, region
        What it is; the region is where its first end lies.
    ends
        Slugs of its two junctions.
    speed
        Key of `SPEEDS_KMH`.
    way
        Vertices from the first end to the second.
    through
        Names of the places that it was found by.
    km
        Length on the graph.
    """

    link_id: str
    line_id: str
    region: str
    ends: tuple[str, str]
    speed: str
    way: list[int]
    through: list[str]
    km: float = 0.0


class Map:
    """The graph with the sections found on it so far, and the vertices of the junctions."""

    def __init__(self, data: Path, junctions: dict[str, Point]) -> None:
        graph = RoadGraph.read(data / "geo").largest_component().straighten()
        graph, bridges = keep_bridges(graph)
        graph = graph.largest_component()
        self.graph = graph
        self.matcher = Matcher(graph)
        self.junctions = junctions
        self.vertex: dict[str, int] = {}
        self.sections: list[Section] = []
        self.owner = np.full(len(graph.km), -1)
        self.bridges: dict[str, Row] = {}
        self._add_bridges(bridges)

    def _add_bridges(self, bridges: dict[tuple[int, int], Row]) -> None:
        """Make each bridge a section; of several edges the shortest stands for it."""
        numbers = self.matcher.number
        found = [(row, numbers[ends], ends) for ends, row in bridges.items() if ends in numbers]
        for row, edge, ends in sorted(found, key=lambda f: (f[0]["slug"], self.graph.km[f[1]])):
            known = self.bridges.setdefault(row["slug"], row)
            section = next((s for s in self.sections if s.line_id == f"BR-{row['slug']}"), None)
            if section is None:
                points = self.graph.points[list(ends)]
                way = list(ends) if order_banks(row, *points) else list(ends[::-1])
                slugs = bank_slugs(known)
                self.vertex |= dict(zip(slugs, way, strict=True))
                section = Section(
                    f"BR-{row['slug']}", f"BR-{row['slug']}", row["region"], slugs, row["speed"],
                    way, [], float(self.graph.km[edge]),
                )  # fmt: skip
                self.sections.append(section)
            self.owner[edge] = self.sections.index(section)

    def add_road(self, line_id: str, region: str, speed: str, points: str) -> list[Section]:
        """Find a road through its places; places marked ``~`` do not end a section."""
        tokens = points.split(">")
        places = [self._place(token) for token in tokens]
        ways = self.matcher.find(line_id, places)
        for token, vertex in zip(tokens, [ways[0][0], *(way[-1] for way in ways)], strict=True):
            if not token.startswith("~"):
                self.vertex[token] = vertex
        number = sum(section.line_id == line_id for section in self.sections)
        stops = [i for i, token in enumerate(tokens) if not token.startswith("~")]
        found = []
        for start, end in pairwise(stops):
            number += 1
            way = [vertex for part in ways[start:end] for vertex in part[:-1]] + [ways[end - 1][-1]]
            if len(way) == 1:
                raise ValueError(f"{line_id}: {tokens[start]} and {tokens[end]} are one vertex")
            if len(set(way)) < len(way):
                raise ValueError(f"{line_id} turns back on its way to {tokens[end]}")
            section = Section(
                f"{line_id}-{number}", line_id, region, (tokens[start], tokens[end]), speed, way,
                [token[1:].split()[0] for token in tokens[start + 1 : end]],
            )  # fmt: skip
            edges = self.matcher.edges(way)
            section.km = float(self.graph.km[edges].sum())
            self.sections.append(section)
            for edge in (*edges, *self.matcher.twins(way)):
                if self.owner[edge] < 0:
                    self.owner[edge] = len(self.sections) - 1
            found.append(section)
        return found

    def _place(self, token: str) -> Point | int:
        """Read a place: a junction that has its vertex, a junction, or a name and a point."""
        if token.startswith("~"):
            _, x, y = token[1:].split()
            return float(x), float(y)
        return self.vertex[token] if token in self.vertex else self.junctions[token]

    def place(self, slug: str) -> Point:
        """Return the point of a junction: that of its vertex, or as it was typed."""
        if slug in self.vertex:
            x, y = self.graph.points[self.vertex[slug]]
            return float(x), float(y)
        return self.junctions[slug]

    def straight_km(self, section: Section) -> float:
        """Return the geodesic distance between the ends of a section, in km."""
        return straight_km(*self.graph.points[[section.way[0], section.way[-1]]])

    def line_shape(self, line_id: str) -> Any:
        """Return all ways of a line, in degrees."""
        ways = [s.way for s in self.sections if s.line_id == line_id]
        return shapely.MultiLineString([self.graph.points[way] for way in ways])

    def tables(self, length_km: dict[str, float]) -> Tables:
        """Make the rows of the vertices and edges.

        Parameters
        ----------
        length_km
            Lengths of the links: the edges of a link are stretched to its length.
        """
        stretch = [length_km[section.link_id] / section.km for section in self.sections]
        used = np.unique(self.graph.ends)
        nodes = [
            {"road_node_id": n, "x_coord": float(x), "y_coord": float(y)}
            for n, (x, y) in enumerate(self.graph.points[used])
        ]
        ends = np.searchsorted(used, self.graph.ends)
        links = [self.sections[owner].link_id if owner >= 0 else "" for owner in self.owner]
        km = self.graph.km * [stretch[owner] if owner >= 0 else 1.0 for owner in self.owner]
        edges = [
            {
                "from_road_node_id": int(a),
                "to_road_node_id": int(b),
                "length_km": max(round(float(length), 2), 0.01),
                "link_id": link,
            }
            for (a, b), length, link in zip(ends, km, links, strict=True)
        ]
        return {("", "highway_node"): nodes, ("", "highway_edge"): edges}


def derive_expressways(network: Map) -> Tables:
    """Find the bridges and the national expressways, and make their rows with evidence."""
    tables: Tables = {}
    for row in network.bridges.values():
        line, rows = bridge_line(row)
        tables.setdefault((row["region"], "line"), []).append(line)
        tables.setdefault((row["region"], "evidence"), []).extend(rows)
    for road in read_typed("expressways.csv"):
        network.add_road(road["line_id"], road["region"], road["speed"], road["points"])
        if road["name_zh"]:
            tables.setdefault((road["region"], "line"), []).append(expressway_line(road))
            tables.setdefault((road["region"], "evidence"), []).append(expressway_evidence(road))
    return tables


def expressway_line(road: Row) -> Row:
    """Make the line row of an expressway."""
    return {
        **{name: road[name] for name in ("line_id", "name_zh", "name_en")},
        "mode": "expressway",
        "status": "operating",
        "note": "matched onto the graph of highways; the sections that the model needs",
    }


def expressway_evidence(road: Row) -> Row:
    """Say how it is known that an expressway is open."""
    return evidence(
        "line",
        road["line_id"],
        "status",
        "operating",
        kind="derived",
        source_id=GRAPH_SOURCE,
        note="in the graph of 2024; opening dates of its sections not looked up, all of the "
        "national ones are older than the first timetable (2016)",
    )


def section_rows(network: Map, sections: Sequence[Section]) -> Tables:
    """Make link rows with evidence, with lengths corrected where a published one is known."""
    groups = read_typed("expressway_lengths.csv")
    by_id = {section.link_id: section for section in network.sections}
    sums = [sum(by_id[name].km for name in group["links"].split(";")) for group in groups]
    stated = [float(group["length_km"]) for group in groups]
    factor = fit_factor(sums, stated)
    known = {
        name: (float(group["length_km"]) / km, group)
        for group, km in zip(groups, sums, strict=True)
        for name in group["links"].split(";")
    }
    tables: Tables = {}
    for section in sections:
        straight = network.straight_km(section)
        ratio, group = known.get(section.link_id, (factor, None))
        km = max(round(section.km * ratio, 1), round(straight + 0.05, 1))
        if group:
            span = (km, max(straight, km * (1 - SHARE_ERROR)), km * (1 + SHARE_ERROR))
            source, kind = group["source_id"], "derived"
            note = (
                f"{section.km:.1f} km on the graph times {ratio:.3f}: {group['length_km']} km are "
                f"published for {group['links']}"
            )
        else:
            span = (km, min(km, section.km), max(km, section.km * LENGTH_HIGH))
            source, kind = GRAPH_SOURCE, "derived"
            note = (
                f"{section.km:.1f} km on the graph times {factor:.3f}, fitted to "
                f"{len(groups)} published lengths"
            )
        if section.through:
            note += f"; found through {', '.join(section.through)}"
        opened = network.bridges.get(section.line_id.removeprefix("BR-"), {})
        tables.setdefault((section.region, "link"), []).append(
            link_row(
                section.link_id,
                section.ends,
                section.line_id,
                km,
                section.speed,
                opened.get("open_date", ""),
            )
        )
        rows = [
            length_row(section.link_id, span, kind, source, note),
            minutes_evidence(section.link_id, minutes_range(span, section.speed), section.speed),
        ]
        if opened.get("open_date"):
            rows.append(bridge_opening("link", section.link_id, opened))
        tables.setdefault((section.region, "evidence"), []).extend(rows)
    return tables


def fit_factor(graph: Sequence[float], stated: Sequence[float]) -> float:
    """Fit published lengths = factor x graph lengths, least squares through the origin."""
    return sum(g * s for g, s in zip(graph, stated, strict=True)) / sum(g * g for g in graph)


def node_id(key: str) -> str:
    """Name the node of a zone (a code) or of a junction (a slug)."""
    return f"C-{key}" if key[0].isdigit() else f"R-{key}"


def minutes_range(km: Span, speed: str) -> Span:
    """Turn a length (value, low, high) into free-flow minutes (value, low, high)."""
    value, slow, fast = SPEEDS_KMH[speed]
    return float(km[0]) / value * 60, float(km[1]) / fast * 60, float(km[2]) / slow * 60


def link_row(
    link_id: str, ends: tuple[str, str], line_id: str, km: float, speed: str, open_date: str = ""
) -> Row:
    """Make one link row."""
    return {
        "link_id": link_id,
        "from_node_id": node_id(ends[0]),
        "to_node_id": node_id(ends[1]),
        "line_id": line_id,
        "length_km": km,
        "run_time_minutes": round(minutes_range((km, km, km), speed)[0], 1),
        "open_date": open_date,
        "close_date": "",
    }


def minutes_evidence(link_id: str, minutes: Span, speed: str) -> Row:
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
        note=f"length at {value:g} km/h ({slow:g} to {fast:g}), free flow, no access time; "
        f"the limit is {LIMITS_KMH[speed]}",
    )


def length_row(link_id: str, km: Span, kind: str, source_id: str, note: str) -> Row:
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


def format_place(point: Point) -> str:
    """Write a point as evidence rows do."""
    return " ".join(format_value(float(number)) for number in point)
