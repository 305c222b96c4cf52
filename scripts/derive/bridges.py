"""The Yellow River and its bridges: which edges of the highway graph may cross it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely

from derive.base import Row, evidence, format_value
from derive.parameters import read_typed
from derive.places_shapes import write_geojson
from derive.road_graph import Point, RoadGraph

RIVER_ID = "yellow-river"
RIVER_SOURCE = "road-wdb2"
# An edge that crosses the river within this of the typed point of a bridge is that bridge; the
# course of the river and the chords of the graph are both exact to about a kilometre.
BRIDGE_KM = 1.5
KM_PER_DEGREE = 111.2


def read_river() -> Any:
    """Read the typed course of the river as a line in degrees."""
    rows = read_typed("yellow_river.csv")
    return shapely.LineString([(float(row["x_coord"]), float(row["y_coord"])) for row in rows])


def find_crossings(graph: RoadGraph, river: Any) -> Any:
    """Find the edges whose ends lie on two sides of the river: an odd number of crossings."""
    lines = graph.lines()
    found = np.flatnonzero(shapely.intersects(lines, river))
    meets = shapely.get_num_geometries(shapely.intersection(lines[found], river))
    return found[meets % 2 == 1]


def keep_bridges(graph: RoadGraph) -> tuple[RoadGraph, dict[tuple[int, int], Row]]:
    """Take out the edges that cross the river where no named bridge is.

    Returns
    -------
    graph, bridges
        The graph without them, and the typed row of the bridge by the ends of each edge that
        crosses the river still.
    """
    river = read_river()
    rows = read_typed("bridges.csv")
    crossing = find_crossings(graph, river)
    lines = graph.lines()
    kept: dict[tuple[int, int], Row] = {}
    places = shapely.points([(float(r["x_coord"]), float(r["y_coord"])) for r in rows])
    for edge in crossing:
        away = shapely.distance(shapely.intersection(lines[edge], river), places) * KM_PER_DEGREE
        if away.min() <= BRIDGE_KM:
            kept[tuple(graph.ends[edge].tolist())] = rows[int(away.argmin())]
    lost = {row["slug"] for row in rows} - {row["slug"] for row in kept.values()}
    if lost:
        raise ValueError(f"no edge of the graph crosses the river at {', '.join(sorted(lost))}")
    is_open = np.ones(len(graph.km), dtype=bool)
    is_open[[e for e in crossing if tuple(graph.ends[e].tolist()) not in kept]] = False
    return graph.keep(is_open), kept


def bank_slugs(row: Row) -> tuple[str, str]:
    """Name the two ends of a bridge: north and south, or west and east."""
    first, second = row["banks"]
    return f"br-{row['slug']}-{first}", f"br-{row['slug']}-{second}"


def order_banks(row: Row, a: Point, b: Point) -> bool:
    """Tell whether ``a`` is the end on the bank that is named first."""
    axis = 1 if row["banks"] == "ns" else 0
    return a[axis] > b[axis]


def bridge_line(row: Row) -> tuple[Row, list[Row]]:
    """Make the line row of a bridge and its evidence."""
    line_id = f"BR-{row['slug']}"
    line = {
        "line_id": line_id,
        "name_zh": row["name_zh"],
        "name_en": row["name_en"],
        "mode": row["speed"],
        "status": "operating",
        "open_date": row["open_date"],
        "note": row["note"],
    }
    if row["open_date"]:
        return line, [bridge_opening("line", line_id, row)]
    status = evidence(
        "line",
        line_id,
        "status",
        "operating",
        kind="derived",
        source_id=row["source_id"],
        note=row["note"],
    )
    return line, [status]


def bridge_opening(table: str, row_id: str, row: Row) -> Row:
    """Say how the opening of a bridge, of its line or of its link, is known."""
    x, y = (format_value(float(row[column])) for column in ("x_coord", "y_coord"))
    return evidence(
        table,
        row_id,
        "open_date",
        row["open_date"],
        # General knowledge, and dates that a page announces, are not read off a source.
        kind="derived" if row["source_id"] == "general-knowledge" or row["note"] else "published",
        source_id=row["source_id"],
        note=row["note"] or f"crosses the river near {x} E, {y} N",
    )


def write_river(networks: Path) -> None:
    """Write the course of the river for the checks and for drawing."""
    properties = {
        "shape_id": RIVER_ID,
        "kind": "river",
        "name_zh": "黄河",
        "name_en": "Yellow River",
        "source_id": RIVER_SOURCE,
        "bridges": sorted(f"BR-{row['slug']}" for row in read_typed("bridges.csv")),
    }
    write_geojson(networks / "rivers.geojson", [(properties, read_river())])
