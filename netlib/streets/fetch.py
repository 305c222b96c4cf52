"""Fetch OpenStreetMap ways from an Overpass server through OSMnx, which keeps its answers.

The area is asked for in cells below OSMnx's largest query, two requests a cell (streets, ferries).
OSMnx only downloads; its answers are read with the same rules as a file, so that a fetched and a
read area give the same streets.
"""

from __future__ import annotations

import hashlib
import math
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from netlib.caches import find_cache
from netlib.errors import InputError, NetlibError, Notice
from netlib.streets.files import import_package
from netlib.streets.tags import ABSENT, WALKED_ON

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

# A name, a box (west, south, east, north) or a polygon.
Area: TypeAlias = "str | Sequence[float] | BaseGeometry"

Box = tuple[float, float, float, float]

# Height of a cell; as wide as it is high on the ground. With OSMnx's margin of 500 m it stays below
# its largest query of 50 km x 50 km.
CELL_DEGREES = 0.35
# OSMnx projects to UTM, which ends here.
SOUTH_END, NORTH_END = -80.0, 84.0
# An area beyond this belongs in an extract, not in a public server's queue.
MOST_CELLS = 400
# Times that a busy server is asked again; OSMnx waits 55 s before each.
MOST_RETRIES = 3
PROBE_SECONDS = 10.0
BUSY = frozenset({429, 504})
FILTERS = (
    f'["highway"]["highway"!~"^({"|".join(sorted(ABSENT))})$"]',
    # Ferries, platforms and piers, which need be no ``highway``: keys and values in one query.
    '[~"^(route|{})$"~"^(ferry|{})$"]'.format(
        "|".join(key for key, _, _ in WALKED_ON),
        "|".join(sorted({value for _, value, _ in WALKED_ON})),
    ),
)


class FetchError(NetlibError, ConnectionError):
    """A server cannot be reached, or does not answer in full."""


class Answers(NamedTuple):
    """Kept answers of a server.

    Attributes
    ----------
    paths
        JSON files.
    contains
        Takes arrays of x and y and flags the points inside the area.
    """

    paths: list[Path]
    contains: Callable[[Any, Any], Any]


def fetch_answers(
    area: Area,
    *,
    overpass_url: str | None,
    nominatim_url: str | None,
    cache: Path | None,
    progress: Callable[[int, int], None] | None,
) -> Answers:
    """Download what an area lacks in the cache; see `netlib.streets.fetch_streets`."""
    osmnx = import_package("osmnx", "fetching streets")
    folder = cache or find_cache() / "overpass"
    with _settings(osmnx, overpass_url, nominatim_url, folder):
        shape = _find_shape(area, osmnx)
        cells = _split(shape)
        url = str(osmnx.settings.overpass_url)
        paths: list[Path] = []
        for done, cell in enumerate(cells):
            if progress:
                progress(done, len(cells))
            paths += _fetch_cell(cell, folder, url, osmnx)
        if progress:
            progress(len(cells), len(cells))
    import shapely

    shapely.prepare(shape)

    def contains(x: Any, y: Any) -> Any:
        return shapely.intersects_xy(shape, np.asarray(x), np.asarray(y))

    return Answers(paths, contains)


def parse_box(text: str) -> Box | None:
    """Parse ``west,south,east,north``; None if the text is no list of four numbers.

    Examples
    --------
    >>> parse_box("113.5,34.6,113.8,34.9")
    (113.5, 34.6, 113.8, 34.9)
    """
    parts = re.split(r"[,\s]+", text.strip())
    try:
        west, south, east, north = (float(part) for part in parts)
    except ValueError:
        return None
    return west, south, east, north


def check_box(box: Sequence[float]) -> list[Box]:
    """Check a box; over the antimeridian (west > east) it becomes two.

    Raises
    ------
    InputError
        If it is empty, not on the globe, or beyond the reach of UTM, which OSMnx needs.
    """
    if len(box) != 4 or not all(math.isfinite(value) for value in box):
        raise InputError([Notice("area", 0, "no-box", "give west, south, east, north in degrees")])
    west, south, east, north = (float(value) for value in box)
    problems = []
    if not (-180 <= west <= 180 and -180 <= east <= 180):
        problems.append("longitudes must lie within -180 to 180")
    if not -90 <= south < north <= 90:
        problems.append("south must lie below north, within -90 to 90")
    elif south < SOUTH_END or north > NORTH_END:
        problems.append(
            f"beyond {-SOUTH_END:g} S and {NORTH_END:g} N there is no UTM, which OSMnx needs: "
            "read an extract instead"
        )
    if west == east:
        problems.append("west and east are the same")
    if problems:
        text = ", ".join(f"{value:g}" for value in (west, south, east, north))
        raise InputError([Notice(f"box {text}", 0, "no-box", problem) for problem in problems])
    if west < east:
        return [(west, south, east, north)]
    halves = [(west, south, 180.0, north), (-180.0, south, east, north)]
    return [half for half in halves if half[0] < half[2]]


@contextmanager
def _settings(
    osmnx: Any, overpass_url: str | None, nominatim_url: str | None, folder: Path
) -> Iterator[None]:
    """Set OSMnx's settings, and put them and the name lookup that it replaces back afterwards."""
    busy = 0

    def watch(response: Any, *_: Any, **__: Any) -> None:
        # OSMnx asks a busy server again without end; in between it asks for the status.
        nonlocal busy
        if response.request.method == "POST":
            busy = busy + 1 if response.status_code in BUSY else 0
        if busy > MOST_RETRIES:
            raise FetchError(f"{response.url} is busy; try later, or use netlib streets read")

    wanted: dict[str, Any] = {
        "use_cache": True,
        "cache_folder": folder,
        "doh_url_template": None,
        "requests_kwargs": {**osmnx.settings.requests_kwargs, "hooks": {"response": watch}},
    }
    if overpass_url:
        wanted["overpass_url"] = overpass_url.rstrip("/")
    if nominatim_url:
        wanted["nominatim_url"] = nominatim_url.rstrip("/") + "/"
    before = {name: getattr(osmnx.settings, name) for name in [*wanted, "cache_only_mode"]}
    lookup = socket.getaddrinfo
    try:
        for name, value in wanted.items():
            setattr(osmnx.settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(osmnx.settings, name, value)
        socket.getaddrinfo = lookup


def _find_shape(area: Area, osmnx: Any) -> BaseGeometry:
    import shapely

    if isinstance(area, str):
        box = parse_box(area)
        if box is None:
            return _find_place(area, osmnx)
        area = box
    if not isinstance(area, shapely.Geometry):
        return shapely.union_all([shapely.box(*part) for part in check_box(area)])
    polygonal = isinstance(area, shapely.Polygon | shapely.MultiPolygon)
    if not polygonal or area.is_empty or not area.is_valid:
        raise InputError([Notice("area", 0, "no-polygon", "give a valid polygon in degrees")])
    check_box(area.bounds)
    return area


def _find_place(name: str, osmnx: Any) -> BaseGeometry:
    try:
        found: BaseGeometry = osmnx.geocode_to_gdf(name).geometry.iloc[0]
    except OSError as problem:
        message = f"{osmnx.settings.nominatim_url} cannot be reached: {_shorten(problem)}"
        raise FetchError(f"{message}; give a box west,south,east,north instead") from None
    except (ValueError, TypeError):  # nothing found, or a point
        message = f"no place {name!r} with a boundary; give a box west,south,east,north"
        raise InputError([Notice(name, 0, "unknown-place", message)]) from None
    check_box(found.bounds)
    return found


def _split(shape: BaseGeometry) -> list[Box]:
    """Split into cells that the shape touches, from south-west to north-east."""
    import shapely

    cells: list[Box] = []
    for part in shapely.get_parts(shape):
        west, south, east, north = part.bounds
        rows = math.ceil((north - south) / CELL_DEGREES - 1e-9)
        for row in range(rows):
            low = south + (north - south) * row / rows
            high = south + (north - south) * (row + 1) / rows
            widest = math.cos(math.radians(min(abs(low), abs(high)) if low * high > 0 else 0))
            columns = math.ceil((east - west) * widest / CELL_DEGREES - 1e-9)
            edges = np.linspace(west, east, max(columns, 1) + 1)
            boxes = shapely.box(edges[:-1], low, edges[1:], high)
            for box in shapely.intersection(boxes[shapely.intersects(boxes, part)], part):
                if box.area > 0:
                    cells.append(box.bounds)
            if len(cells) > MOST_CELLS:
                message = "larger than a server should be asked for; read an extract instead"
                raise InputError([Notice("area", 0, "large-area", message)])
    return cells


def _fetch_cell(cell: Box, folder: Path, url: str, osmnx: Any) -> list[Path]:
    """Return the kept answers of a cell, downloading those that are not there."""
    import shapely

    key = hashlib.sha256(repr((cell, FILTERS, url)).encode()).hexdigest()[:16]
    own = folder / key
    if len(_list_answers(own)) < len(FILTERS):
        _probe(url)
        osmnx.settings.cache_folder, osmnx.settings.cache_only_mode = own, True
        try:
            osmnx.graph_from_polygon(shapely.box(*cell), custom_filter=list(FILTERS))
        except InterruptedError:
            pass  # how OSMnx says that it only downloaded
        except FetchError:
            raise
        except (OSError, ValueError) as problem:  # no connection; an answer that is no JSON
            raise FetchError(_describe_failure(url, _shorten(problem))) from None
        finally:
            osmnx.settings.cache_folder, osmnx.settings.cache_only_mode = folder, False
    answers = _list_answers(own)
    if len(answers) < len(FILTERS):
        # OSMnx does not keep an answer with a remark (out of time or memory) or an error.
        raise FetchError(_describe_failure(url, "an answer was not complete; try a smaller area"))
    return answers


def _list_answers(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def _probe(url: str) -> None:
    """Ask for the server's status: OSMnx would wait a minute before saying that nobody is there."""
    import requests

    try:
        requests.get(f"{url}/status", timeout=PROBE_SECONDS)
    except requests.RequestException as problem:
        raise FetchError(_describe_failure(url, _shorten(problem))) from None


def _describe_failure(url: str, reason: str) -> str:
    return (
        f"{url} gave no streets: {reason}; try later, or read an extract with netlib streets read"
    )


def _shorten(problem: BaseException) -> str:
    text = " ".join(str(problem).split())
    return text if len(text) <= 200 else text[:200] + " …"
