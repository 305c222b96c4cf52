"""Find zones and stations by id, Chinese or English name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from netlib.errors import NetlibError, UnknownNameError
from netlib.shapes import read_zone_shapes
from netlib.tables import Network

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

# Where one name is carried by several nodes, the rail station is meant first.
_COORDINATES = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*")
NODE_ORDER = ("rail_station", "metro_station", "road_junction", "centre")


def find_place(network: Network, text: str) -> str:
    """Return the id of the zone or station that ``text`` names; coordinates name themselves.

    Ids come first, then names of cities and counties, then of stations. Case and a trailing 市 or
    站 do not matter.

    Raises
    ------
    UnknownNameError
        If nothing carries the name (the nearest names are listed), or several counties or stations
        do (their ids are listed).
    """
    wanted = normalise(text)
    zone = network["zone"]
    node = network["node"][network["node"]["node_type"] != "centre"]
    if read_coordinates(text):
        return text.strip()
    if text in network.remember("place_ids", lambda: {*zone["zone_id"], *node["node_id"]}):
        return text
    groups: list[tuple[pd.DataFrame, str]] = [
        (zone[zone["level"] != "county"], "zone_id"),
        *((node[node["node_type"] == kind], "node_id") for kind in NODE_ORDER),
        (zone[zone["level"] == "county"], "zone_id"),
    ]
    for frame, key in groups:
        names = frame["name_zh"].map(normalise), frame["name_en"].map(normalise)
        found = frame.loc[(names[0] == wanted) | (names[1] == wanted), key].tolist()
        if len(found) == 1:
            return str(found[0])
        if found:
            raise UnknownNameError("single place; use an id instead of", text, found)
    known = pd.concat([zone["name_zh"], zone["name_en"], node["name_zh"], node["name_en"]])
    raise UnknownNameError("place", text, [name for name in known if name])


def find_places(network: Network, places: str | Iterable[str]) -> list[str]:
    """Return the ids of one place or of several, as `find_place` does."""
    texts = [places] if isinstance(places, str) else list(places)
    return [find_place(network, text) for text in texts]


def read_coordinates(text: str) -> tuple[float, float] | None:
    """Read ``longitude,latitude``; None where the text is no such pair.

    >>> read_coordinates("113.81,34.02"), read_coordinates("许昌")
    ((113.81, 34.02), None)

    Raises
    ------
    NetlibError
        If the point is not on the globe.
    """
    found = _COORDINATES.fullmatch(text)
    if not found:
        return None
    x, y = float(found[1]), float(found[2])
    if abs(x) > 180 or abs(y) > 90:
        raise NetlibError(f"{text} is not on the globe; give longitude,latitude")
    return x, y


def locate_places(network: Network, places: Iterable[str]) -> pd.DataFrame:
    """Locate places by id, or given as ``longitude,latitude``.

    A zone lies at its centre; a county without one at a point well inside its area.

    Returns
    -------
    DataFrame
        ``point_id`` (the id or text), ``x_coord`` and ``y_coord`` (WGS84), each once, in order.

    Raises
    ------
    NetlibError
        If a point is not on the globe, or a zone has neither centre nor area; all are named.
    """
    zone, node = network["zone"], network["node"].drop_duplicates("node_id")
    centres = dict(zip(zone["zone_id"], zone["centre_node_id"], strict=True))
    points = {
        name: (x, y)
        for name, x, y in zip(node["node_id"], node["x_coord"], node["y_coord"], strict=True)
    }
    rows, lost = [], []
    for place in dict.fromkeys(places):
        point = read_coordinates(place) or points.get(centres.get(place) or place)
        point = point or find_middle(network, place)
        if point is None:
            lost.append(place)
        else:
            rows.append((place, *point))
    if lost:
        names = ", ".join(f"{format_name(network, place)} ({place})" for place in lost)
        raise NetlibError(f"{names}: no centre is known; give longitude,latitude")
    return pd.DataFrame(rows, columns=["point_id", "x_coord", "y_coord"])


def find_zones(network: Network, places: Iterable[str]) -> dict[str, str]:
    """Find the zone that each place is, or lies in; '' for places of no zone.

    Parameters
    ----------
    places
        Ids of zones and stations, or ``longitude,latitude``.
    """
    zone, node = network["zone"], network["node"]
    known = {name: name for name in zone["zone_id"]}
    known = dict(zip(node["node_id"], node["zone_id"], strict=True)) | known
    points = {place: read_coordinates(place) for place in dict.fromkeys(places)}
    return {
        place: _find_zone_at(network, *point) if point else known.get(place, "")
        for place, point in points.items()
    }


def _find_zone_at(network: Network, x: float, y: float) -> str:
    """Return the smallest zone that a point lies in, '' if none."""
    import shapely

    shapes = read_zone_shapes(network)
    inside = shapes[shapely.contains_xy(shapes.geometry.to_numpy(), x, y)]
    if inside.empty:
        return ""
    smallest = int(np.argmin(shapely.area(inside.geometry.to_numpy())))
    return str(inside["zone_id"].iloc[smallest])


def find_middle(network: Network, zone_id: str) -> tuple[float, float] | None:
    """Find a point well inside a zone by its area; None where none is known."""
    zone = network["zone"]
    if not (zone["zone_id"] == zone_id).any():
        return None
    shapes = read_zone_shapes(network)
    own = shapes.loc[shapes["zone_id"] == zone_id, "geometry"]
    if own.empty or own.iloc[0].is_empty:
        return None
    point = own.iloc[0].representative_point()
    return float(point.x), float(point.y)


def find_zone_area(network: Network, text: str) -> BaseGeometry | None:
    """Return the polygon (WGS84) of the zone that ``text`` names; None if there is none."""
    try:
        place = find_place(network, text)
    except UnknownNameError:
        return None
    zones = read_zone_shapes(network).set_index("zone_id").geometry
    return zones.loc[place] if place in zones.index else None


def find_region_area(network: Network, region: str) -> BaseGeometry:
    """Return the area (WGS84) of all zones of a region of the evidence base.

    Raises
    ------
    UnknownNameError
        If no zone with a polygon belongs to a region of that name.
    """
    import shapely

    zone = network["zone"]
    shapes = read_zone_shapes(network)
    regions = shapes["zone_id"].map(dict(zip(zone["zone_id"], zone["region"], strict=True)))
    own = shapes.geometry[regions == region]
    if own.empty:
        raise UnknownNameError("region with areas", region, sorted(set(regions)))
    area: BaseGeometry = shapely.union_all(own.to_numpy())
    return area


def normalise(name: str) -> str:
    """Reduce a name to what identifies it: no case, blanks, hyphens, apostrophes, 市 or 站.

    >>> normalise("Zhengzhou East"), normalise("郑州市")
    ('zhengzhoueast', '郑州')
    """
    plain = name.casefold()
    for character in " -'’":
        plain = plain.replace(character, "")
    return plain[:-1] if len(plain) > 2 and plain[-1] in "市站" else plain


def format_name(network: Network, place: str, *, lang: str = "zh") -> str:
    """Return the name of a zone, node or line in ``zh`` or ``en``; the id when nothing has it."""
    chinese, english = network.names.get(place, (place, place))
    return english if lang == "en" else chinese


def name_ends(network: Network, table: pd.DataFrame, *, lang: str = "zh") -> pd.DataFrame:
    """Return a table of pairs with names in place of ids: ``from`` and ``to`` come first.

    >>> from netlib.tables import read_network
    >>> pairs = pd.DataFrame({"from_id": ["411000"], "to_id": ["410100"], "minutes": [22]})
    >>> name_ends(read_network(), pairs, lang="en")
         from         to  minutes
    0  Xuchang  Zhengzhou       22
    """
    ends = {
        end: [format_name(network, place, lang=lang) for place in table[f"{end}_id"]]
        for end in ("from", "to")
    }
    rest = table.drop(columns=["from_id", "to_id"])
    return pd.concat([pd.DataFrame(ends, index=table.index), rest], axis=1)


def place_stations(network: Network, places: Sequence[str], *, main_only: bool) -> pd.DataFrame:
    """Return the rail stations that stand for places.

    Parameters
    ----------
    places
        Ids of zones and stations; a station stands for itself.
    main_only
        Whether a zone has its main station only, rather than all that count as its own.

    Returns
    -------
    DataFrame
        ``place`` and ``station``, as object.
    """
    node, zone = network["node"], network["zone"]
    own = pd.DataFrame({"place": places, "station": places}, dtype=object)
    own = own[own["station"].isin(node["node_id"])]
    if main_only:
        table = zone[["zone_id", "main_node_id"]].set_axis(["place", "station"], axis=1)
        table = table[table["station"] != ""]
    else:
        table = node.loc[node["node_type"] == "rail_station", ["zone_id", "node_id"]]
        table = table.set_axis(["place", "station"], axis=1)
    table = table[table["place"].isin(places)]
    return pd.concat([own, table], ignore_index=True).astype(object)


def city_centres(network: Network) -> pd.DataFrame:
    """Return the centres of all cities and areas.

    Returns
    -------
    DataFrame
        ``zone_id``, ``centre_node_id``, ``x_coord`` and ``y_coord`` (WGS84).
    """
    zone = network["zone"]
    zone = zone[(zone["level"] != "county") & (zone["centre_node_id"] != "")]
    places = network["node"].set_index("node_id")[["x_coord", "y_coord"]]
    return zone[["zone_id", "centre_node_id"]].join(places, on="centre_node_id", how="inner")
