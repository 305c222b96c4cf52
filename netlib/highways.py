"""The graph of highways around the cities: expressways by name, trunk and primary roads without.

``highway_node.csv`` and ``highway_edge.csv`` of an evidence base hold the places where roads meet
and the chords between them. An edge of a named road or bridge says which row of
``link.csv`` it is a part of: that row has its minutes, its dates and its evidence. The files are
read when a drive is asked for, not with the other tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.errors import InputError, MissingFileError, Notice

if TYPE_CHECKING:
    from pathlib import Path

NODE_FILE, EDGE_FILE = "highway_node.csv", "highway_edge.csv"
KM_PER_DEGREE = 111.195  # of a great circle, on the mean radius R1 of GRS80 (Moritz 1980)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Highways:
    """The highway graph as it is stored; the same object for the same files.

    Attributes
    ----------
    x, y
        float64 (vertices): longitude and latitude, WGS84.
    tail, head
        int64 (edges): the vertices that an edge joins; it is usable both ways.
    km
        float64 (edges): length; of a named road its share of the length of its link.
    link
        int64 (edges): position in `links`, -1 for roads without a name.
    links
        Ids of the links that edges are a part of.
    """

    x: Floats
    y: Floats
    tail: Ints
    head: Ints
    km: Floats
    link: Ints
    links: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of vertices."""
        return len(self.x)


NO_HIGHWAYS = Highways(
    x=np.zeros(0),
    y=np.zeros(0),
    tail=np.zeros(0, dtype=np.int64),
    head=np.zeros(0, dtype=np.int64),
    km=np.zeros(0),
    link=np.zeros(0, dtype=np.int64),
    links=(),
)


def read_highways(root: Path) -> Highways:
    """Read the highway graph of an evidence base; one without the two files has an empty graph.

    Raises
    ------
    InputError
        If a file is malformed: all its problems are listed.
    MissingFileError
        If one file is there and the other is not.
    """
    stamps = [path.stat().st_mtime_ns for path in _list_files(root)]
    return _read(root, tuple(stamps)) if stamps else NO_HIGHWAYS


def _list_files(root: Path) -> list[Path]:
    paths = [root / name for name in (NODE_FILE, EDGE_FILE)]
    missing = [path.name for path in paths if not path.is_file()]
    if len(missing) == 1:
        raise MissingFileError(f"{root} has no {missing[0]}; both files of the graph belong there")
    return [] if missing else paths


@lru_cache(maxsize=16)
def _read(root: Path, stamps: tuple[int, ...]) -> Highways:
    del stamps  # they stand for the content of the files
    node = _read_columns(
        root / NODE_FILE, {"road_node_id": "int64", "x_coord": "float64", "y_coord": "float64"}
    )
    edge = _read_columns(
        root / EDGE_FILE,
        {
            "from_road_node_id": "int64",
            "to_road_node_id": "int64",
            "length_km": "float64",
            "link_id": "object",
        },
    )
    _check(node, edge)
    names = edge["link_id"].fillna("")
    links = tuple(sorted(set(names) - {""}))
    return Highways(
        x=node["x_coord"].to_numpy(),
        y=node["y_coord"].to_numpy(),
        tail=edge["from_road_node_id"].to_numpy(),
        head=edge["to_road_node_id"].to_numpy(),
        km=edge["length_km"].to_numpy(),
        link=pd.Index(links, dtype=object).get_indexer(pd.Index(names)).astype(np.int64),
        links=links,
    )


def _read_columns(path: Path, columns: dict[str, str]) -> pd.DataFrame:
    """Read a table of the graph with pandas, which takes a tenth of the time of the csv module."""
    try:
        frame = pd.read_csv(path, dtype=columns, usecols=list(columns), keep_default_na=True)
    except (ValueError, pd.errors.ParserError) as problem:
        remedy = f"{problem}; write it again with scripts/derive_networks.py"
        raise InputError([Notice(path.name, 0, "malformed-csv", remedy)]) from None
    return frame


def _check(node: pd.DataFrame, edge: pd.DataFrame) -> None:
    """Refuse a graph that cannot be searched."""
    notices = []
    ids = node["road_node_id"].to_numpy()
    if not np.array_equal(ids, np.arange(len(ids))):
        message = "road_node_id does not count up from 0; number the vertices anew"
        notices.append(Notice(NODE_FILE, 0, "bad-number", message))
    ends = edge[["from_road_node_id", "to_road_node_id"]].to_numpy()
    bad = ((ends < 0) | (ends >= len(ids))).any(axis=1) | (ends[:, 0] == ends[:, 1])
    bad |= ~(edge["length_km"].to_numpy() > 0)
    for row in np.flatnonzero(bad)[:5]:
        message = "an edge needs two vertices of highway_node.csv and a length; correct or drop it"
        notices.append(Notice(EDGE_FILE, int(row) + 2, "bad-edge", message))
    if notices:
        raise InputError(notices)


def snap_to_vertices(
    highways: Highways, x: Floats, y: Floats, *, limit_km: float
) -> tuple[Ints, Floats]:
    """Join points to their nearest vertex.

    Returns
    -------
    vertex, off_km
        -1 and NaN where none lies within the limit.
    """
    vertices, distances = [], []
    for px, py in zip(x, y, strict=True):
        scale = KM_PER_DEGREE * np.cos(np.radians(py))
        away = np.hypot((highways.x - px) * scale, (highways.y - py) * KM_PER_DEGREE)
        best = int(away.argmin()) if len(away) else -1
        joined = best >= 0 and away[best] <= limit_km
        vertices.append(best if joined else -1)
        distances.append(float(away[best]) if joined else np.nan)
    return np.array(vertices, dtype=np.int64), np.array(distances, dtype=np.float64)
