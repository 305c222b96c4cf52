"""Rules on the highway graph: it can be read, fits link.csv, and crosses rivers on bridges."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from netlib.checks.rules import Base, Rule, hint_names
from netlib.errors import InputError, MissingFileError, Notice
from netlib.highways import (
    EDGE_FILE,
    KM_PER_DEGREE,
    NO_HIGHWAYS,
    Highways,
    read_highways,
    snap_to_vertices,
)
from netlib.snapshots import ROAD_MODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

RIVER_FILE = "rivers.geojson"
# Ends of links that have edges are vertices; coordinates are written to 0.001 degrees.
SAME_PLACE_KM = 0.2
# Edges are chords: no road without a name is shorter, but for the rounding of its coordinates,
# which is 0.1 km at each end. Named roads have the published length of the whole, which the chords
# between places typed to a few kilometres may exceed by a little.
ROUNDING_KM = 0.2
NAMED_RATIO = 0.9
# Line of a row of the table: the header is line 1.
FIRST_LINE = 2


def check_highway_files(base: Base) -> Iterator[Notice]:
    """Check that the highway graph can be read, is in one piece and has believable lengths."""
    try:
        highways = read_highways(base.root)
    except InputError as problem:
        yield from problem.notices
        return
    except MissingFileError as problem:
        yield Notice(EDGE_FILE, 0, "missing-file", str(problem))
        return
    if not highways.size:
        return
    ones = np.ones(len(highways.tail))
    matrix = csr_matrix((ones, (highways.tail, highways.head)), shape=(highways.size,) * 2)
    parts, _ = connected_components(matrix, directed=False)
    if parts > 1:
        message = f"the graph falls into {parts} parts; keep the largest"
        yield Notice(EDGE_FILE, 0, "highway-parts", message)
    chord = measure_chords(highways)
    least = np.where(highways.link >= 0, NAMED_RATIO * chord, chord) - ROUNDING_KM
    for edge in np.flatnonzero(highways.km < least):
        message = (
            f"{highways.km[edge]:g} km is shorter than the straight line of {chord[edge]:.2f} km; "
            "correct the length or a vertex"
        )
        yield Notice(EDGE_FILE, int(edge) + FIRST_LINE, "length-below-straight-line", message)


def measure_chords(highways: Highways) -> NDArray[np.float64]:
    """Measure the straight lines of the edges in km, on a sphere."""
    dx = highways.x[highways.tail] - highways.x[highways.head]
    dy = highways.y[highways.tail] - highways.y[highways.head]
    middle = np.radians(highways.y[highways.tail] + highways.y[highways.head]) / 2.0
    chords: NDArray[np.float64] = KM_PER_DEGREE * np.hypot(dx * np.cos(middle), dy)
    return chords


def check_highway_links(base: Base) -> Iterator[Notice]:
    """Check that edges belong to links of roads whose ends are vertices.

    The edges of a link need not reach its ends: where two roads run together, one has the edges.
    """
    highways = _read_quietly(base)
    link = base["link"].drop_duplicates("link_id").set_index("link_id")
    mode = dict(zip(base["line"]["line_id"], base["line"]["mode"], strict=True))
    node = base["node"].drop_duplicates("node_id").set_index("node_id")[["x_coord", "y_coord"]]
    hints = hint_names([name for name in highways.links if name not in link.index], link.index)
    for number, name in enumerate(highways.links):
        edges = np.flatnonzero(highways.link == number)
        line = int(edges[0]) + FIRST_LINE
        if name not in link.index:
            message = f"link_id {name!r} is unknown{hints[name]}; correct it or add the link"
            yield Notice(EDGE_FILE, line, "unknown-id", message)
            continue
        row = link.loc[name]
        if mode.get(str(row["line_id"])) not in ROAD_MODES:
            message = f"{name} is a link of {row['line_id']}, which is no road; correct one"
            yield Notice(EDGE_FILE, line, "highway-mode", message)
        for end in ("from_node_id", "to_node_id"):
            if row[end] not in node.index:
                continue
            x, y = node.loc[row[end]]
            vertex, _ = snap_to_vertices(
                highways, np.array([x]), np.array([y]), limit_km=SAME_PLACE_KM
            )
            if vertex[0] < 0:
                message = f"{row[end]}, an end of {name}, lies at no vertex; correct its place"
                yield Notice(EDGE_FILE, line, "highway-ends", message)


def check_rivers(base: Base) -> Iterator[Notice]:
    """Check that the graph crosses each river of ``rivers.geojson`` on its bridges only."""
    import shapely

    path = base.root / RIVER_FILE
    if not path.is_file():
        return
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        rivers = [
            (str(f["properties"]["name_en"]), set(f["properties"]["bridges"]), f["geometry"])
            for f in features
        ]
    except (ValueError, KeyError, TypeError):
        message = "it is no collection of rivers with name_en and bridges; mend the GeoJSON"
        yield Notice(RIVER_FILE, 0, "malformed-geojson", message)
        return
    highways = _read_quietly(base)
    lines = dict(zip(base["link"]["link_id"], base["link"]["line_id"], strict=True))
    for name, bridges, geometry in rivers:
        river = shapely.from_geojson(json.dumps(geometry))
        for line_id in sorted(bridges - set(base["line"]["line_id"])):
            message = f"bridge {line_id!r} of the {name} is no line; correct it or add the line"
            yield Notice(RIVER_FILE, 0, "unknown-id", message)
        for edge in find_crossings(highways, river):
            number = highways.link[edge]
            if number < 0 or lines.get(highways.links[number]) not in bridges:
                message = f"the edge crosses the {name} where there is no bridge; remove it"
                yield Notice(EDGE_FILE, int(edge) + FIRST_LINE, "river-crossing", message)


def find_crossings(highways: Highways, river: object) -> NDArray[np.int64]:
    """Find the edges whose ends lie on two sides of a river: an odd number of crossings."""
    import shapely

    ends = np.stack((highways.tail, highways.head), axis=1)
    chords = shapely.linestrings(np.stack((highways.x[ends], highways.y[ends]), axis=2))
    found = np.flatnonzero(shapely.intersects(chords, river))
    meets = shapely.get_num_geometries(shapely.intersection(chords[found], river))
    return np.asarray(found[meets % 2 == 1])


def _read_quietly(base: Base) -> Highways:
    """Read the graph, or nothing where `check_highway_files` has its say already."""
    try:
        return read_highways(base.root)
    except (InputError, MissingFileError):
        return NO_HIGHWAYS


RULES = (
    Rule(check_highway_files, ()),
    Rule(check_highway_links, ("link", "line", "node")),
    Rule(check_rivers, ("link", "line")),
)
