"""Shapes of zones, lines and the provinces around, read from the GeoJSON files of networks/."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from netlib.errors import InputError, Notice

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from netlib.tables import Network

WGS84 = "EPSG:4326"
ZONE_COLUMNS = [
    "zone_id",
    "shape_id",
    "name_zh",
    "name_en",
    "level",
    "parent_zone_id",
    "population_2020",
]
LINE_COLUMNS = ["line_id", "name_zh", "name_en", "mode", "status"]
CONTEXT_COLUMNS = ["shape_id", "kind", "name_zh", "source_id"]
RIVER_FILE = "rivers.geojson"
RIVER_COLUMNS = ["shape_id", "name_zh", "name_en", "source_id"]


def read_zone_shapes(network: Network) -> gpd.GeoDataFrame:
    """Read the polygons of the zones.

    A prefecture without a polygon of its own gets the union of its counties' polygons.

    Returns
    -------
    GeoDataFrame
        ``zone_id``, ``shape_id``, ``name_zh``, ``name_en``, ``level``, ``parent_zone_id``,
        ``population_2020``, ``geometry`` (WGS84), in the order of the zone table; zones without any
        polygon are left out.

    Raises
    ------
    InputError
        If a ``zones.geojson`` is malformed; all problems of all files are listed.
    """
    import geopandas as gpd
    import shapely

    zone = network["zone"]
    shapes = _read_regions(network, "zones.geojson", "shape_id")
    own = dict(zip(shapes["shape_id"], shapes["geometry"], strict=True))
    geometry = zone["shape_id"].map(own)
    missing = geometry.isna() & (zone["level"] == "prefecture")
    parts = geometry[geometry.notna()].groupby(zone["parent_zone_id"])
    unions = {
        str(parent): shapely.union_all(group.to_numpy())
        for parent, group in parts
        if parent in set(zone.loc[missing, "zone_id"])
    }
    geometry = geometry.where(~missing, zone["zone_id"].map(unions))
    found = geometry.notna()
    frame = zone.loc[found, ZONE_COLUMNS].reset_index(drop=True)
    return gpd.GeoDataFrame(frame, geometry=geometry[found].to_list(), crs=WGS84)


def read_line_shapes(network: Network) -> gpd.GeoDataFrame:
    """Read the geometry of the lines; a line without one becomes straight chains of its links.

    The links of `reference_link` are used, so that lines not yet open on the network's day are
    there too.

    Returns
    -------
    GeoDataFrame
        ``line_id``, ``name_zh``, ``name_en``, ``mode``, ``status`` (as of today), ``surveyed``
        (False for straight chains), ``geometry`` (WGS84), in the order of the line table; lines
        with neither shape nor links are left out.

    Raises
    ------
    InputError
        If a ``shapes.geojson`` is malformed; all problems of all files are listed.
    """
    import geopandas as gpd
    import shapely

    line = network["line"]
    shapes = _read_regions(network, "shapes.geojson", "line_id")
    surveyed = {
        str(line_id): shapely.union_all(group.to_numpy())
        for line_id, group in shapes.groupby("line_id")["geometry"]
    }
    segments = read_link_segments(network)
    chains = {
        str(line_id): shapely.multilinestrings(group.to_list())
        for line_id, group in segments.groupby("line_id")["geometry"]
    }
    geometry = line["line_id"].map({**chains, **surveyed})
    found = geometry.notna()
    frame = line.loc[found, LINE_COLUMNS].reset_index(drop=True)
    frame["surveyed"] = frame["line_id"].isin(surveyed)
    return gpd.GeoDataFrame(frame, geometry=geometry[found].to_list(), crs=WGS84)


def read_link_segments(network: Network) -> gpd.GeoDataFrame:
    """Draw every link as the straight segment between its end nodes.

    Returns
    -------
    GeoDataFrame
        ``link_id``, ``line_id``, ``is_open`` (whether `network` holds the link, which it does when
        it is open on the network's day), ``geometry`` (WGS84). Links closed for good and links to
        unknown nodes are left out.
    """
    import geopandas as gpd
    import shapely

    link = network["reference_link" if "reference_link" in network.tables else "link"]
    is_open = link["link_id"].isin(network["link"]["link_id"])
    line = network["line"]
    closed = set(line.loc[line["status"] == "closed", "line_id"])
    shown = is_open | (~link["line_id"].isin(closed) & (link["close_date"] == ""))
    link, is_open = link[shown], is_open[shown]
    places = read_node_places(network)
    start = places.reindex(link["from_node_id"]).to_numpy()
    end = places.reindex(link["to_node_id"]).to_numpy()
    points = np.stack([start, end], axis=1)
    known = ~np.isnan(points).any(axis=(1, 2))
    frame = link.loc[known, ["link_id", "line_id"]].reset_index(drop=True)
    frame["is_open"] = is_open[known].to_numpy()
    return gpd.GeoDataFrame(frame, geometry=shapely.linestrings(points[known]), crs=WGS84)


def read_context(network: Network) -> gpd.GeoDataFrame:
    """Read the outlines around the study area, such as provinces.

    Returns
    -------
    GeoDataFrame
        ``shape_id``, ``kind``, ``name_zh``, ``source_id``, ``geometry`` (WGS84).

    Raises
    ------
    InputError
        If ``context.geojson`` is malformed.
    """
    import geopandas as gpd

    rows, notices = _read_features(network.root / "context.geojson", "context.geojson", "shape_id")
    if notices:
        raise InputError(notices)
    frame = pd.DataFrame(rows, columns=[*CONTEXT_COLUMNS, "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=WGS84)


def read_rivers(network: Network) -> gpd.GeoDataFrame:
    """Read the courses of the rivers; none where there is no ``rivers.geojson``.

    Returns
    -------
    GeoDataFrame
        ``shape_id``, ``name_zh``, ``name_en``, ``source_id``, ``geometry`` (WGS84).

    Raises
    ------
    InputError
        If the file is malformed.
    """
    import geopandas as gpd

    rows, notices = _read_features(network.root / RIVER_FILE, RIVER_FILE, "shape_id")
    if notices:
        raise InputError(notices)
    frame = pd.DataFrame(rows, columns=[*RIVER_COLUMNS, "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=WGS84)


def read_node_places(network: Network) -> pd.DataFrame:
    """Read the coordinates of all nodes, also of those not yet open on the network's day.

    Returns
    -------
    DataFrame
        ``x_coord`` and ``y_coord`` (WGS84) by ``node_id``; those of `network` win over the files.
    """
    columns = ["node_id", "x_coord", "y_coord"]
    frames = [network["node"][columns]]
    for region in _regions(network):
        path = network.root / region / "node.csv"
        if path.is_file():
            frames.append(pd.read_csv(path, usecols=columns, dtype={"node_id": str}))
    return pd.concat(frames).drop_duplicates("node_id").set_index("node_id")


def _regions(network: Network) -> list[str]:
    """List the folders that the network was read from, in the order of the tables."""
    return [str(r) for r in pd.unique(network["zone"]["region"]) if r] or sorted(
        folder.name for folder in network.root.glob("*") if (folder / "node.csv").is_file()
    )


def _read_regions(network: Network, file: str, key: str) -> pd.DataFrame:
    """Read one GeoJSON file of all regions; a missing file gives no rows.

    Returns
    -------
    DataFrame
        ``key`` and ``geometry``.
    """
    rows: list[dict[str, Any]] = []
    notices: list[Notice] = []
    for region in _regions(network):
        name = f"{region}/{file}"
        found, problems = _read_features(network.root / name, name, key)
        rows.extend(found)
        notices.extend(problems)
    if notices:
        raise InputError(notices)
    return pd.DataFrame(rows, columns=[key, "geometry"])


def _read_features(path: Path, name: str, key: str) -> tuple[list[dict[str, Any]], list[Notice]]:
    """Read the features of a GeoJSON file; each file is parsed once as long as it is unchanged."""
    if not path.is_file():
        return [], []
    state = path.stat()
    rows, notices = _parse_features(path, name, key, state.st_mtime_ns, state.st_size)
    return list(rows), list(notices)


@lru_cache(maxsize=32)
def _parse_features(
    path: Path, name: str, key: str, modified: int, size: int
) -> tuple[tuple[dict[str, Any], ...], tuple[Notice, ...]]:
    del modified, size  # part of the cache key only
    import shapely

    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return (), (Notice(name, 0, "not-utf-8", "save the file as UTF-8"),)
    except json.JSONDecodeError as problem:
        message = f"{problem.msg}; the file must be one GeoJSON FeatureCollection"
        return (), (Notice(name, problem.lineno, "malformed-json", message),)
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list):
        message = "no list of features; the file must be one GeoJSON FeatureCollection"
        return (), (Notice(name, 1, "malformed-geojson", message),)
    rows: list[dict[str, Any]] = []
    notices: list[Notice] = []
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict) or not isinstance(properties.get(key), str):
            message = f"feature {number} has no property {key!r}; add it"
            notices.append(Notice(name, 0, "missing-property", message))
            continue
        shape = shapely.from_geojson(json.dumps(feature.get("geometry")), on_invalid="ignore")
        if shape is None or shape.is_empty:
            message = f"feature {number} ({properties[key]}) has no geometry that can be read"
            notices.append(Notice(name, 0, "malformed-geometry", message))
            continue
        rows.append({**properties, "geometry": shape})
    return tuple(rows), tuple(notices)
