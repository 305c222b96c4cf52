"""Read the ways of OpenStreetMap files and of Overpass answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib import import_module
from math import nan
from pathlib import Path
from typing import Any

import numpy as np

from netlib.errors import InputError, NetlibError, Notice
from netlib.streets.graph import Ways
from netlib.streets.speeds import Mode
from netlib.streets.tags import WALKED_ON, is_blocked, judge_way


def import_package(name: str, purpose: str) -> Any:
    """Import an optional package.

    Raises
    ------
    NetlibError
        If it is not installed; the message says what to install.
    """
    try:
        return import_module(name)
    except ImportError:
        needed = name.partition(".")[0]
        message = f"{purpose} needs the package {needed}: pip install 'netlib[streets]'"
        raise NetlibError(message) from None


def read_ways(path: Path, *, mode: Mode) -> tuple[Ways, str]:
    """Read the ways of a ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2`` file.

    Returns
    -------
    ways
        Those that ``mode`` uses.
    timestamp
        Date of the data, empty where the file does not say.

    Raises
    ------
    InputError
        If the file is damaged or cut short. A PBF file that ends between two of its blocks is a
        whole file of less content; no reader can tell.
    """
    osmium = import_package("osmium", f"reading {path.name}")
    ways = Ways()
    try:
        # An own reader: the header of a file without blocks can be asked for there.
        with osmium.io.Reader(str(path)) as reader:
            timestamp = str(reader.header().get("osmosis_replication_timestamp", ""))
        kinds = osmium.osm.NODE | osmium.osm.WAY
        keys = osmium.filter.KeyFilter(
            "highway", "route", "barrier", *(key for key, _, _ in WALKED_ON)
        )
        for element in osmium.FileProcessor(str(path), kinds).with_locations().with_filter(keys):
            tags = {tag.k: tag.v for tag in element.tags}
            if element.is_node():
                if "barrier" in tags and is_blocked(tags, mode):
                    ways.blocked.add(element.id)
                continue
            _add_way(ways, element.id, tags, mode, partial(_read_nodes, element))
    except RuntimeError as problem:
        message = f"{problem}; the file is damaged or cut short: download or copy it again"
        raise InputError([Notice(path.name, 0, "damaged-file", message)]) from None
    return ways, timestamp


def _read_nodes(way: Any) -> tuple[list[int], list[float], list[float]]:
    nodes = [
        (node.ref, location.lon, location.lat)
        if (location := node.location).valid()
        else (node.ref, nan, nan)
        for node in way.nodes
    ]
    refs, x, y = zip(*nodes, strict=True) if nodes else ((), (), ())
    return list(refs), list(x), list(y)


def _add_way(
    ways: Ways,
    way_id: int,
    tags: Mapping[str, str],
    mode: Mode,
    read_nodes: Callable[[], tuple[Any, ...]],
) -> None:
    use = judge_way(tags, mode)
    if use is None:
        return
    refs, x, y = read_nodes()
    ways.way_ids.append(way_id)
    ways.names.append(tags.get("name", tags.get("ref", "")))
    ways.uses.append(use)
    ways.refs.append(refs)
    ways.x.append(x)
    ways.y.append(y)


def read_answers(
    paths: Iterable[Path], *, mode: Mode, contains: Callable[[Any, Any], Any]
) -> tuple[Ways, str]:
    """Read the ways of Overpass answers in JSON; a way that several hold counts once.

    Parameters
    ----------
    contains
        Takes arrays of x and y and flags the points inside the wanted area; ways without a point
        inside are left out.

    Returns
    -------
    ways, timestamp
        As `read_ways`; the timestamp is the oldest of the answers.

    Raises
    ------
    InputError
        If an answer is not what Overpass sends.
    """
    places: dict[int, tuple[float, float]] = {}
    found: dict[int, dict[str, Any]] = {}
    blocked: set[int] = set()
    stamps = []
    for path in paths:
        try:
            answer = json.loads(path.read_text(encoding="utf-8"))
            stamps.append(str(answer.get("osm3s", {}).get("timestamp_osm_base", "")))
            for element in answer["elements"]:
                if element["type"] == "node":
                    places[element["id"]] = (element["lon"], element["lat"])
                    tags = element.get("tags", {})
                    if "barrier" in tags and is_blocked(tags, mode):
                        blocked.add(element["id"])
                elif element["type"] == "way":
                    found[element["id"]] = element
        except (KeyError, TypeError, AttributeError, ValueError) as problem:
            message = f"not an answer of Overpass ({problem!r}); remove the file and fetch again"
            raise InputError([Notice(path.name, 0, "malformed-answer", message)]) from None
    ways = Ways(blocked=blocked)
    nowhere = (nan, nan)
    for way_id, element in sorted(found.items()):
        refs = element.get("nodes", [])
        points = np.array([places.get(ref, nowhere) for ref in refs]).reshape(-1, 2)
        if not np.any(contains(points[:, 0], points[:, 1])):
            continue
        located = (refs, points[:, 0].tolist(), points[:, 1].tolist())
        _add_way(ways, way_id, element.get("tags", {}), mode, partial(tuple, located))
    return ways, min(stamps, default="")
