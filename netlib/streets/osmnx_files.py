"""Read the street graphs that OSMnx saves: GraphML, and GeoPackage with layers nodes and edges.

OSMnx has already decided on directions, so that they are taken from the file; classes, speeds and
access are read from the tags that it kept. An edge that joins several ways keeps lists of their
values; the slowest of them counts, so that times are not too short.
"""

from __future__ import annotations

from ast import literal_eval
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import inf, isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from netlib.errors import InputError, Notice
from netlib.streets.graph import Shapes, Streets, measure_shapes
from netlib.streets.speeds import Mode
from netlib.streets.tags import OPEN, WAY_KEYS, WayUse, judge_way

WGS84 = "EPSG:4326"
# Tags that the directions of the file stand for.
DIRECTION_KEYS = frozenset({"oneway", "junction"})


def read_graphml(path: Path, *, mode: Mode) -> Streets:
    """Read a GraphML file of OSMnx.

    Raises
    ------
    InputError
        If the file is damaged, no street graph, or holds no street for ``mode``.
    """
    from xml.etree.ElementTree import ParseError

    import networkx as nx

    try:
        graph = nx.read_graphml(path, force_multigraph=True)
    except ParseError as problem:
        message = f"{problem}; the file is damaged or cut short: save it again"
        line = problem.position[0]
        raise InputError([Notice(path.name, line, "damaged-file", message)]) from None
    except (nx.NetworkXError, KeyError, ValueError) as problem:
        raise InputError([Notice(path.name, 0, "damaged-file", str(problem))]) from None
    nodes = pd.DataFrame.from_dict(dict(graph.nodes(data=True)), orient="index")
    nodes = nodes.rename_axis("osmid").reset_index()
    edges = pd.DataFrame(
        [{**data, "u": tail, "v": head} for tail, head, data in graph.edges(data=True)]
    )
    if "geometry" in edges:
        lines = [line if isinstance(line, str) else None for line in edges["geometry"]]
        edges["geometry"] = shapely.from_wkt(np.array(lines, dtype=object), on_invalid="ignore")
    return _build(path.name, nodes, edges, str(graph.graph.get("crs", WGS84)), mode=mode)


def read_geopackage(path: Path, *, mode: Mode) -> Streets:
    """Read a GeoPackage of OSMnx, saved with ``directed`` or without.

    Raises
    ------
    InputError
        As `read_graphml`; also if a layer is missing.
    """
    import pyogrio

    try:
        layers = {str(name) for name, _ in pyogrio.list_layers(path)}
        absent = sorted({"nodes", "edges"} - layers)
        if absent:
            message = f"layer {' and '.join(absent)} missing; save the graph with OSMnx"
            raise InputError([Notice(path.name, 0, "missing-layer", message)])
        nodes = pyogrio.read_dataframe(path, layer="nodes")
        edges = pyogrio.read_dataframe(path, layer="edges")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as problem:
        message = f"{problem}; the file is damaged or cut short: save it again"
        raise InputError([Notice(path.name, 0, "damaged-file", message)]) from None
    crs = str(nodes.crs or WGS84)
    if "x" not in nodes and len(nodes):
        nodes = nodes.assign(x=nodes.geometry.x, y=nodes.geometry.y)
    return _build(path.name, pd.DataFrame(nodes), pd.DataFrame(edges), crs, mode=mode)


def _build(
    source: str, nodes: pd.DataFrame, rows: pd.DataFrame, crs: str, *, mode: Mode
) -> Streets:
    if rows.empty:
        raise InputError([Notice(source, 0, "no-streets", "the graph has no edges")])
    problems = [
        Notice(source, 0, "missing-column", f"{what} lack {', '.join(absent)}; save with OSMnx")
        for what, frame, needed in (
            ("nodes", nodes, ("osmid", "x", "y")),
            ("edges", rows, ("u", "v", "highway")),
        )
        if (absent := [column for column in needed if column not in frame])
    ]
    if problems:
        raise InputError(problems)
    try:
        x, y = (pd.to_numeric(nodes[c]).to_numpy(float) for c in ("x", "y"))
        node_id = nodes["osmid"].astype("int64").to_numpy()
        # In an undirected graph, u and v are in no order, and from and to say which way it is.
        names = ("from", "to") if {"from", "to"} <= set(rows) else ("u", "v")
        ends = [rows[column].astype("int64") for column in names]
    except (ValueError, TypeError) as problem:
        raise InputError([Notice(source, 0, "not-a-number", str(problem))]) from None
    position = pd.Series(np.arange(len(node_id)), index=node_id)
    tail, head = (end.map(position).to_numpy(float) for end in ends)
    if np.isnan(tail).any() or np.isnan(head).any():
        message = "edges join nodes that are not in the file; save the graph again"
        raise InputError([Notice(source, 0, "missing-node", message)])
    tail, head = tail.astype(np.int64), head.astype(np.int64)
    uses = [_judge(row, mode) for row in rows.to_dict("records")]
    use_rows = np.flatnonzero([use is not None for use in uses])
    if not len(use_rows):
        message = f"there is no street for mode {mode!r}; was the graph made for another mode?"
        raise InputError([Notice(source, 0, "no-streets", message)])
    shapes = _read_shapes(rows, tail, head, x, y)
    if _is_projected(crs):
        from pyproj import Transformer

        to_degrees = Transformer.from_crs(crs, WGS84, always_xy=True).transform
        x, y = to_degrees(x, y)
        shapes = shapes._replace(**dict(zip("xy", to_degrees(shapes.x, shapes.y), strict=True)))
    wrong = ~((np.abs(x) <= 180) & (np.abs(y) <= 90))
    if wrong.any():
        message = f"node {node_id[wrong][0]} lies outside the globe; is the projection stated?"
        raise InputError([Notice(source, 0, "not-on-the-globe", message)])
    table = pd.DataFrame(
        {
            "row": use_rows,
            "tail": tail[use_rows],
            "head": head[use_rows],
            "class": [uses[i].road_class for i in use_rows],  # type: ignore[union-attr]
            "speed_kmh": [max(uses[i][1:3]) for i in use_rows],  # type: ignore[index]
            "access": [uses[i].access for i in use_rows],  # type: ignore[union-attr]
            "name": [_first(cell) for cell in _select_cells(rows, "name", use_rows)],
            "way_id": [_way_id(cell) for cell in _select_cells(rows, "osmid", use_rows)],
            "turned": False,
        }
    )
    length = measure_shapes(shapes)
    table["length_m"] = length[use_rows]
    two_way = [_is_two_way(cell, mode) for cell in _select_cells(rows, "oneway", use_rows)]
    table, reverse = _pair(table, np.array(two_way))
    used, number = np.unique(np.concatenate((table["tail"], table["head"])), return_inverse=True)
    edges = pd.DataFrame(
        {
            "tail": number[: len(table)].astype(np.int32),
            "head": number[len(table) :].astype(np.int32),
            "length_m": table["length_m"],
            "class": table["class"].astype("category"),
            "speed_kmh": table["speed_kmh"].astype(float),
            "one_way": reverse < 0,
            "access": table["access"].astype("category"),
            "name": table["name"].astype("category"),
            "way_id": table["way_id"].astype(np.int64),
            "reverse": reverse.astype(np.int32),
        }
    )
    frame = pd.DataFrame({"node_id": node_id[used], "x": x[used], "y": y[used]})
    taken = shapes.take(table["row"].to_numpy(), backward=table["turned"].to_numpy(bool))
    return Streets(frame, edges, taken, mode, source)


def _is_projected(crs: str) -> bool:
    from pyproj import CRS

    return bool(CRS.from_user_input(crs).is_projected)


def _select_cells(rows: pd.DataFrame, column: str, chosen: Any) -> list[Any]:
    return rows[column].iloc[chosen].tolist() if column in rows else [None] * len(chosen)


def _values(cell: Any) -> list[str]:
    """Split a cell: OSMnx writes several values as a Python list."""
    if cell is None or cell is pd.NA or (isinstance(cell, float) and not isfinite(cell)):
        return []
    if isinstance(cell, list | tuple | np.ndarray):
        return [str(value) for value in cell]
    text = str(cell)
    if text.startswith("[") and text.endswith("]"):
        try:
            return [str(value) for value in literal_eval(text)]
        except (ValueError, SyntaxError):
            return [text]
    return [text] if text not in {"", "nan", "None"} else []


def _first(cell: Any) -> str:
    return next(iter(_values(cell)), "")


def _way_id(cell: Any) -> int:
    text = _first(cell)
    return int(text) if text.lstrip("-").isdecimal() else 0


def _judge(row: Mapping[Any, Any], mode: Mode) -> WayUse | None:
    """Judge an edge by its slowest class and limit; direction tags are the file's business."""
    tags = {str(key): _values(row[key]) for key in WAY_KEYS - DIRECTION_KEYS if key in row}
    uses = [
        use
        for road_class in tags.pop("highway", []) or ["no"]
        if (use := judge_way({**_slowest(tags), "highway": road_class}, mode)) is not None
    ]
    return min(uses, key=lambda use: use.forward_kmh or inf, default=None)


def _slowest(tags: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Join several limits (the lowest will count); of other values take the most closed."""
    chosen = {}
    for key, values in tags.items():
        if key == "maxspeed":
            chosen[key] = ";".join(values)
        elif values:
            chosen[key] = min(values, key=lambda value: (value in OPEN, value))
    return {key: value for key, value in chosen.items() if value}


def _is_two_way(cell: Any, mode: Mode) -> bool:
    """Whether the street is also open against the row: people on foot do not mind signs."""
    return mode == "walk" or _first(cell).lower() not in {"true", "yes", "1", "-1", "1.0"}


def _read_shapes(rows: pd.DataFrame, tail: Any, head: Any, x: Any, y: Any) -> Shapes:
    """Read lines from tail to head; straight where there is none."""
    straight = shapely.linestrings(np.stack((x[tail], x[head]), 1), np.stack((y[tail], y[head]), 1))
    lines = straight
    if "geometry" in rows:
        given = np.asarray(rows["geometry"], dtype=object)
        usable = np.array([shapely.is_geometry(g) and g.geom_type == "LineString" for g in given])
        lines = np.where(usable, given, straight)
    points, owner = shapely.get_coordinates(lines, return_index=True)
    offsets = np.searchsorted(owner, np.arange(len(lines) + 1))
    shapes = Shapes(points[:, 0].copy(), points[:, 1].copy(), offsets.astype(np.int64))
    # An undirected row may be drawn from head to tail.
    start = shapes.offsets[:-1]
    to_tail = np.hypot(shapes.x[start] - x[tail], shapes.y[start] - y[tail])
    to_head = np.hypot(shapes.x[start] - x[head], shapes.y[start] - y[head])
    return shapes.take(np.arange(len(lines)), backward=to_head < to_tail)


def _pair(table: pd.DataFrame, two_way: Any) -> tuple[pd.DataFrame, Any]:
    """Find the other direction of every street, and add it where the file leaves it out."""
    waiting: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    reverse = np.full(len(table), -1)
    decimetres = np.rint(table["length_m"].to_numpy() * 10).astype(np.int64)
    tails, heads = table["tail"].to_numpy(), table["head"].to_numpy()
    for row, (tail, head, length) in enumerate(zip(tails, heads, decimetres, strict=True)):
        if not two_way[row]:
            continue
        if others := waiting[head, tail, length]:
            other = others.pop(0)
            reverse[row], reverse[other] = other, row
        else:
            waiting[tail, head, length].append(row)
    alone = np.flatnonzero(two_way & (reverse < 0))
    added = table.iloc[alone].rename(columns={"tail": "head", "head": "tail"})
    added = added[table.columns].assign(turned=True)
    reverse[alone] = len(table) + np.arange(len(alone))
    return pd.concat([table, added], ignore_index=True), np.concatenate((reverse, alone))
