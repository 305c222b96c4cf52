"""Streets for driving, walking or cycling: read, fetch, write, and the seconds over their edges.

A street graph comes from an OpenStreetMap extract, from a graph that OSMnx saved, from Overpass, or
from our own GeoParquet file, which loads a million edges in well under a second. `Streets` says
what its tables hold.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.errors import InputError, MissingFileError, Notice
from netlib.streets.fetch import Area, fetch_answers
from netlib.streets.files import read_answers, read_ways
from netlib.streets.graph import Floats, Streets, build_streets
from netlib.streets.osmnx_files import read_geopackage, read_graphml
from netlib.streets.parquet import read_parquet, write_parquet
from netlib.streets.speeds import FERRY, MODES, MOTORWAYS, Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

__all__ = [
    "Area",
    "Mode",
    "Streets",
    "compute_parts",
    "compute_seconds",
    "fetch_streets",
    "read_streets",
    "select_largest_part",
    "streets_to_geodataframe",
    "write_streets",
]

OSM_SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
SECONDS_PER_HOUR = 3600.0
METRES_PER_KM = 1000.0


def read_streets(path: str | Path, *, mode: Mode | None = None) -> Streets:
    """Read streets from a file; its name says what it is.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm`` (also ``.osm.gz``, ``.osm.bz2``), ``.graphml`` or ``.gpkg`` saved by
        OSMnx, or ``.parquet`` written by `write_streets`.
    mode
        ``drive``, ``walk`` or ``bike``. A ``.parquet`` file has a mode of its own; otherwise
        ``drive`` when not given.

    Returns
    -------
    Streets
        With a warning among its notices where parts of it cannot reach one another.

    Raises
    ------
    MissingFileError
        If there is no such file.
    InputError
        If the file is of no known kind, damaged, empty, or made for another mode.
    NetlibError
        If a package for this kind of file is not installed.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFileError(f"no file {path}")
    chosen = _check_mode(mode or "drive", path.name)
    name = path.name.lower()
    if name.endswith(".parquet"):
        streets = read_parquet(path)
        if mode not in (None, streets.mode):
            message = f"the streets are for mode {streets.mode!r}, not {mode!r}; read the original"
            raise InputError([Notice(path.name, 0, "other-mode", message)])
    elif name.endswith(OSM_SUFFIXES):
        ways, timestamp = read_ways(path, mode=chosen)
        streets = build_streets(ways, mode=chosen, source=path.name)
        streets = replace(streets, source=_format_source(path.name, timestamp))
    elif name.endswith(".graphml"):
        streets = read_graphml(path, mode=chosen)
    elif name.endswith(".gpkg"):
        streets = read_geopackage(path, mode=chosen)
    else:
        message = "no street file; use .osm.pbf, .osm, .graphml, .gpkg or .parquet"
        raise InputError([Notice(path.name, 0, "unknown-format", message)])
    return _note_parts(streets, path.name)


def write_streets(streets: Streets, path: str | Path) -> None:
    """Write streets to a ``.parquet`` file, which is there whole or not at all.

    Raises
    ------
    InputError
        If the name does not end in ``.parquet``.
    NetlibError
        If pyarrow is not installed.
    """
    path = Path(path)
    if path.suffix.lower() != ".parquet":
        message = "streets are written as .parquet"
        raise InputError([Notice(path.name, 0, "unknown-format", message)])
    write_parquet(streets, path)


def fetch_streets(
    area: Area,
    *,
    mode: Mode = "drive",
    overpass_url: str | None = None,
    nominatim_url: str | None = None,
    cache: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Streets:
    """Fetch the streets of an area from Overpass, through OSMnx and its cache.

    Parameters
    ----------
    area
        Name of a place (looked up in Nominatim), box ``(west, south, east, north)`` in degrees
        (west > east: over the antimeridian), or a polygon in WGS84. Ways with a point inside are
        fetched whole.
    mode
        ``drive``, ``walk`` or ``bike``.
    overpass_url, nominatim_url
        Servers; OSMnx's own when not given.
    cache
        Folder of kept answers; ``netlib/overpass`` in the user's cache folder when not given.
    progress
        Called with the number of answered and of all requests.

    Raises
    ------
    InputError
        If the area is no area, or holds no streets.
    FetchError
        If a server cannot be reached or does not answer in full.
    """
    chosen = _check_mode(mode, "streets")
    answers = fetch_answers(
        area,
        overpass_url=overpass_url,
        nominatim_url=nominatim_url,
        cache=None if cache is None else Path(cache),
        progress=progress,
    )
    ways, timestamp = read_answers(answers.paths, mode=chosen, contains=answers.contains)
    streets = build_streets(ways, mode=chosen, source="Overpass")
    return _note_parts(replace(streets, source=_format_source("Overpass", timestamp)), "Overpass")


def _check_mode(mode: str, file: str) -> Mode:
    for known in MODES:
        if mode == known:
            return known
    message = f"unknown mode {mode!r}; one of: {', '.join(MODES)}"
    raise InputError([Notice(file, 0, "unknown-mode", message)])


def _format_source(name: str, timestamp: str) -> str:
    return f"{name}, {timestamp}" if timestamp else name


def compute_seconds(
    streets: Streets, *, peak_ratio: float = 1.0, motorway_peak_ratio: float | None = None
) -> Floats:
    """Compute the seconds over every edge.

    Parameters
    ----------
    peak_ratio
        Driving time over that of free flow; `netlib.streets.speeds.PEAK_RATIO` for a weekday
        morning. People on foot, bicycles and ferries keep their speed.
    motorway_peak_ratio
        The same on motorways; ``peak_ratio`` when not given.

    Returns
    -------
    float64 array
        In the order of ``streets.edges``.

    Raises
    ------
    ValueError
        If a ratio is below 1.
    """
    motorway = peak_ratio if motorway_peak_ratio is None else motorway_peak_ratio
    if not (peak_ratio >= 1 and motorway >= 1):
        raise ValueError(f"peak ratios {peak_ratio} and {motorway} must be at least 1")
    edges = streets.edges
    hours = edges["length_m"].to_numpy() / METRES_PER_KM / edges["speed_kmh"].to_numpy()
    seconds: Floats = hours * SECONDS_PER_HOUR
    if streets.mode == "drive":
        ratio = np.full(len(edges), float(peak_ratio))
        ratio[edges["class"].isin(MOTORWAYS).to_numpy()] = motorway
        ratio[(edges["class"] == FERRY).to_numpy()] = 1.0
        seconds *= ratio
    return seconds


def compute_parts(streets: Streets) -> tuple[NDArray[np.int32], pd.DataFrame]:
    """Find the parts of the graph inside which every node reaches every other.

    Returns
    -------
    labels
        Part of every node.
    parts
        One row per part, the largest first: ``part`` (label), ``nodes``, ``edges`` and
        ``length_km`` (inside the part, both directions counted).
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    tail, head = streets.edges["tail"].to_numpy(), streets.edges["head"].to_numpy()
    shape = (len(streets.nodes), len(streets.nodes))
    links = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=shape).tocsr()
    number, found = connected_components(links, directed=True, connection="strong")
    inside = found[tail] == found[head]
    parts = pd.DataFrame(
        {
            "nodes": np.bincount(found, minlength=number),
            "edges": np.bincount(found[tail][inside], minlength=number),
            "length_km": np.bincount(
                found[tail][inside],
                streets.edges["length_m"].to_numpy()[inside] / METRES_PER_KM,
                minlength=number,
            ),
        }
    )
    order = np.lexsort((-parts["length_km"].to_numpy(), -parts["nodes"].to_numpy()))
    rank = np.empty(number, dtype=np.int32)
    rank[order] = np.arange(number)
    parts = parts.iloc[order].reset_index(drop=True)
    parts.insert(0, "part", np.arange(number))
    return rank[found], parts


def select_largest_part(streets: Streets) -> Streets:
    """Keep the largest part inside which every node reaches every other, and say what is left out.

    Islands without a ferry, yards behind gates and the stubs of one-way streets at the edge of an
    extract are the usual rest.

    Raises
    ------
    InputError
        If no two nodes reach each other both ways.
    """
    labels, parts = compute_parts(streets)
    if len(parts) == 1:
        return streets
    tail, head = streets.edges["tail"].to_numpy(), streets.edges["head"].to_numpy()
    keep = (labels[tail] == 0) & (labels[head] == 0)
    if not keep.any():
        message = "no two nodes reach each other both ways; take a larger area"
        raise InputError([Notice(streets.source, 0, "no-way-back", message)])
    node = np.cumsum(labels == 0) - 1
    row = np.cumsum(keep) - 1
    kept = np.flatnonzero(keep)
    edges = streets.edges.iloc[kept].reset_index(drop=True)
    reverse = edges["reverse"].to_numpy()
    # Both directions of a street join the same nodes, so that they stay or go together.
    edges = edges.assign(
        tail=node[tail[kept]].astype(np.int32),
        head=node[head[kept]].astype(np.int32),
        reverse=np.where(reverse >= 0, row[reverse], -1).astype(np.int32),
    )
    left = len(streets.nodes) - int(parts["nodes"].iloc[0])
    message = f"{left} of {len(streets.nodes)} nodes in {len(parts) - 1} parts are left out"
    notice = Notice(streets.source, 0, "parts-left-out", message, "warning")
    others = tuple(n for n in streets.notices if n.rule != "disconnected-parts")
    return replace(
        streets,
        nodes=streets.nodes[labels == 0].reset_index(drop=True),
        edges=edges,
        shapes=streets.shapes.take(kept),
        notices=(*others, notice),
    )


def _note_parts(streets: Streets, file: str) -> Streets:
    _, parts = compute_parts(streets)
    if len(parts) == 1:
        return streets
    rest = int(parts["nodes"].iloc[1:].sum())
    message = (
        f"{rest} of {len(streets.nodes)} nodes, in {len(parts) - 1} parts (the largest of "
        f"{parts['nodes'].iloc[1]}), do not both reach the main part and are reached from it; "
        "select_largest_part leaves them out"
    )
    notice = Notice(file, 0, "disconnected-parts", message, "warning")
    return replace(streets, notices=(*streets.notices, notice))


def streets_to_geodataframe(streets: Streets) -> gpd.GeoDataFrame:
    """Convert to a GeoDataFrame: the columns of ``streets.edges`` and a LineString in WGS84."""
    import geopandas as gpd
    import shapely

    shapes = streets.shapes
    owner: Any = np.repeat(np.arange(len(streets.edges)), np.diff(shapes.offsets))
    lines = shapely.linestrings(np.stack((shapes.x, shapes.y), 1), indices=owner)
    return gpd.GeoDataFrame(streets.edges.copy(), geometry=lines, crs="EPSG:4326")
