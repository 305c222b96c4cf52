"""Our own street file: one GeoParquet table of directed edges that loads at once.

Rows are edges with their lines in the native encoding of GeoParquet 1.1 (lists of numbers, which
become arrays without parsing). Nodes are the ends of edges: ``tail`` and ``head`` number them, and
``tail_id`` and ``head_id`` carry their ids. Mode, source and attribution stand in the metadata.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from netlib.errors import InputError, Notice
from netlib.streets.files import import_package
from netlib.streets.graph import Shapes, Streets
from netlib.streets.speeds import MODES

FORMAT = 1
EDGE_COLUMNS = (
    *("tail", "head", "length_m", "class", "speed_kmh", "one_way", "access", "name"),
    *("way_id", "reverse"),
)
COLUMNS = (*EDGE_COLUMNS, "tail_id", "head_id", "geometry")
CATEGORIES = ("class", "access", "name")
# Rows read at once; a whole city is one group.
ROW_GROUP = 1 << 20


def write_parquet(streets: Streets, path: Path) -> None:
    """Write streets whole: to a temporary name first, then renamed."""
    arrow = import_package("pyarrow", f"writing {path.name}")
    parquet = import_package("pyarrow.parquet", f"writing {path.name}")
    edges, node_id = streets.edges, streets.nodes["node_id"].to_numpy()
    columns: dict[str, Any] = {}
    for name in COLUMNS:
        if name == "geometry":
            columns[name] = _shapes_to_arrow(streets.shapes, arrow)
        elif name in ("tail_id", "head_id"):
            columns[name] = arrow.array(node_id[edges[name.removesuffix("_id")].to_numpy()])
        elif name in CATEGORIES:
            codes = edges[name].cat.codes.to_numpy(np.int32)
            words = arrow.array(edges[name].cat.categories.astype(str), arrow.string())
            columns[name] = arrow.DictionaryArray.from_arrays(codes, words)
        else:
            columns[name] = arrow.array(edges[name].to_numpy())
    table = arrow.table(columns).replace_schema_metadata(_write_metadata(streets))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        parquet.write_table(
            table,
            temporary,
            compression="lz4",
            use_dictionary=list(CATEGORIES),
            row_group_size=ROW_GROUP,
        )
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _shapes_to_arrow(shapes: Shapes, arrow: Any) -> Any:
    points = arrow.StructArray.from_arrays(
        [arrow.array(shapes.x), arrow.array(shapes.y)], names=["x", "y"]
    )
    return arrow.ListArray.from_arrays(arrow.array(shapes.offsets.astype(np.int32)), points)


def _write_metadata(streets: Streets) -> dict[str, str]:
    x, y = streets.shapes.x, streets.shapes.y
    column = {
        "encoding": "linestring",
        "geometry_types": ["LineString"],
        "bbox": [x.min(), y.min(), x.max(), y.max()],
    }
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    own = {
        "format": FORMAT,
        "mode": streets.mode,
        "source": streets.source,
        "attribution": streets.attribution,
    }
    return {"geo": json.dumps(geo), "netlib": json.dumps(own, ensure_ascii=False)}


def read_parquet(path: Path) -> Streets:
    """Read streets that `write_parquet` wrote.

    Raises
    ------
    InputError
        If the file is damaged, is no street file, or its numbers contradict each other.
    """
    arrow = import_package("pyarrow", f"reading {path.name}")
    parquet = import_package("pyarrow.parquet", f"reading {path.name}")
    try:
        table = parquet.read_table(path, memory_map=True)
    except (arrow.ArrowException, OSError) as problem:
        message = f"{problem}; write it again with netlib streets"
        raise InputError([Notice(path.name, 0, "damaged-file", message)]) from None
    own = _read_metadata(table.schema.metadata or {}, path)
    absent = [name for name in COLUMNS if name not in table.column_names]
    if absent or not len(table):
        message = f"columns {', '.join(absent)} are missing" if absent else "there are no edges"
        raise InputError([Notice(path.name, 0, "not-a-street-file", message)])
    edges = {name: _read_column(table, name) for name in COLUMNS[:-1]}
    geometry = table["geometry"].combine_chunks()
    points = geometry.flatten()
    shapes = Shapes(
        points.field("x").to_numpy(), points.field("y").to_numpy(), geometry.offsets.to_numpy()
    )
    shapes = shapes._replace(offsets=shapes.offsets.astype(np.int64))
    nodes = _read_nodes(edges, shapes, path)
    frame = pd.DataFrame({name: edges[name] for name in EDGE_COLUMNS}, copy=False)
    return Streets(nodes, frame, shapes, own["mode"], own["source"], own["attribution"])


def _read_metadata(metadata: dict[bytes, bytes], path: Path) -> dict[str, Any]:
    try:
        own: dict[str, Any] = json.loads(metadata[b"netlib"])
        valid = (
            own["format"] == FORMAT and own["mode"] in MODES and {"source", "attribution"} <= {*own}
        )
    except (KeyError, TypeError, ValueError):
        valid = False
    if not valid:
        message = f"not a street file of format {FORMAT}; write it again with netlib streets"
        raise InputError([Notice(path.name, 0, "not-a-street-file", message)])
    return own


def _read_column(table: Any, name: str) -> Any:
    column = table[name].combine_chunks()
    if name not in CATEGORIES:
        return column.to_numpy(zero_copy_only=False)
    if not hasattr(column, "dictionary"):
        column = column.dictionary_encode()
    return pd.Categorical.from_codes(
        column.indices.to_numpy(zero_copy_only=False),
        categories=column.dictionary.to_pandas(),
        validate=False,
    )


def _read_nodes(edges: dict[str, Any], shapes: Shapes, path: Path) -> pd.DataFrame:
    tail, head, reverse = edges["tail"], edges["head"], edges["reverse"]
    number = max(int(tail.max()), int(head.max())) + 1
    lowest = min(int(tail.min()), int(head.min()))
    counts = np.diff(shapes.offsets)
    node_id = np.zeros(max(number, 0), dtype=np.int64)
    x = np.full(len(node_id), np.nan)
    y = x.copy()
    valid = lowest >= 0 and number <= 2 * len(tail) and counts.min() > 1
    valid = valid and reverse.min() >= -1 and reverse.max() < len(reverse)
    if valid:
        ends = (head, edges["head_id"], shapes.offsets[1:] - 1)
        for place, ids, point in (ends, (tail, edges["tail_id"], shapes.offsets[:-1])):
            node_id[place], x[place], y[place] = ids, shapes.x[point], shapes.y[point]
        beyond = np.abs(x) > 180  # the far end of a line over the antimeridian
        x[beyond] -= 360 * np.sign(x[beyond])
        valid = bool(np.isfinite(x).all() and np.isfinite(y).all())
    if not valid:
        message = "numbers of nodes and edges do not fit; write it again with netlib streets"
        raise InputError([Notice(path.name, 0, "inconsistent-edges", message)])
    return pd.DataFrame({"node_id": node_id, "x": x, "y": y}, copy=False)
