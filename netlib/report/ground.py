"""The ground of the report's interactive map, as paths of SVG: borders, lines and their units.

Coordinates are whole units of `UNIT_METRES` in an azimuthal equidistant projection, from the upper
left corner of the map, so that circles around stops are circles and paths are short.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netlib.maps.linework import line_pieces
from netlib.maps.style import MODES
from netlib.shapes import (
    WGS84,
    read_context,
    read_node_places,
    read_rivers,
    read_zone_shapes,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from pyproj import Transformer
    from shapely.geometry.base import BaseGeometry

    from netlib.tables import Network

UNIT_METRES = 100.0
UNITS_PER_KM = 1000.0 / UNIT_METRES
# Detail of borders and of lines that the map leaves out, in units.
BORDER_DETAIL = 6.0
LINE_DETAIL = 1.5
MARGIN_UNITS = 150.0

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Plane:
    """Projection and size of the map.

    Attributes
    ----------
    crs
        Azimuthal equidistant projection in metres.
    left, top
        Upper left corner in metres.
    width, height
        Size in units.
    """

    crs: str
    left: float
    top: float
    width: int
    height: int

    @cached_property
    def _transformer(self) -> Transformer:
        from pyproj import Transformer

        return Transformer.from_crs(WGS84, self.crs, always_xy=True)

    def place(self, longitude: Any, latitude: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the units, right and down, of points in WGS84."""
        east, north = self._transformer.transform(np.asarray(longitude), np.asarray(latitude))
        x = (np.asarray(east) - self.left) / UNIT_METRES
        return x, (self.top - np.asarray(north)) / UNIT_METRES

    def find(self, x: Any, y: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return longitude and latitude in WGS84 of places in units: the way back of `place`."""
        east = np.asarray(x) * UNIT_METRES + self.left
        north = self.top - np.asarray(y) * UNIT_METRES
        longitude, latitude = self._transformer.transform(east, north, direction="INVERSE")
        return np.asarray(longitude), np.asarray(latitude)

    def place_shapes(self, shapes: Sequence[BaseGeometry]) -> NDArray[np.object_]:
        """Project shapes in WGS84 to units."""
        import shapely

        projected: NDArray[np.object_] = shapely.transform(
            np.asarray(shapes, dtype=object), self.place, interleaved=False
        )
        return projected

    def holds(self, x: float, y: float) -> bool:
        """Tell whether a place lies on the map."""
        return 0 <= x <= self.width and 0 <= y <= self.height


class Piece(NamedTuple):
    """A part of a line that has one state each day: the line, its mode and its shape in WKB."""

    line_id: str
    mode: str
    shape: bytes


def make_plane(network: Network) -> Plane:
    """Fit the plane to the zones' polygons, or to all nodes where there are none."""
    zones = read_zone_shapes(network)
    if len(zones):
        west, south, east, north = zones.total_bounds
    else:
        points = read_node_places(network)
        (west, south), (east, north) = points.min(), points.max()
    crs = (
        f"+proj=aeqd +lat_0={round((south + north) / 2)} +lon_0={round((west + east) / 2)} "
        "+ellps=WGS84 +units=m"
    )
    plain = Plane(crs, 0.0, 0.0, 0, 0)
    side = np.linspace(0.0, 1.0, 5)
    across, up = west + side * (east - west), south + side * (north - south)
    x, y = plain.place(
        np.r_[across, across, [west] * 5, [east] * 5],
        np.r_[[south] * 5, [north] * 5, up, up],
    )
    left, top = float(x.min()) - MARGIN_UNITS, float(y.min()) - MARGIN_UNITS
    return Plane(
        crs,
        left * UNIT_METRES,
        -top * UNIT_METRES,
        int(np.ceil(float(x.max()) + MARGIN_UNITS - left)),
        int(np.ceil(float(y.max()) + MARGIN_UNITS - top)),
    )


def draw_borders(network: Network, plane: Plane) -> dict[str, str]:
    """Draw the provinces around, the prefectures and the counties, and the rivers.

    Neighbours are simplified together, so that no gap opens between them.

    Returns
    -------
    dict
        Path data by ``land`` (areas of provinces), ``province`` (their borders), ``prefecture``,
        ``county`` and ``river``.
    """
    import shapely

    frame = shapely.box(0, 0, plane.width, plane.height)
    zones = read_zone_shapes(network)
    is_county = (zones["level"] == "county").to_numpy()
    counties = _simplify(plane.place_shapes(zones.geometry[is_county].to_list()))
    parents = zones.loc[is_county, "parent_zone_id"].to_numpy()
    united = {
        parent: shapely.union_all(counties[parents == parent]) for parent in dict.fromkeys(parents)
    }
    alone = zones[~is_county & ~zones["zone_id"].isin(list(united))]
    prefectures = [*_simplify(plane.place_shapes(alone.geometry.to_list())), *united.values()]
    provinces = plane.place_shapes(read_context(network).geometry.to_list())
    provinces = shapely.simplify(provinces, BORDER_DETAIL)
    # Only what lies on the map, without the cut along its edge.
    edges = shapely.line_merge(shapely.intersection(shapely.boundary(provinces), frame))
    rivers = plane.place_shapes(read_rivers(network).geometry.to_list())
    rivers = shapely.simplify(shapely.intersection(rivers, frame), LINE_DETAIL)
    return {
        "land": write_path(shapely.intersection(provinces, frame)),
        "province": write_path(edges),
        "prefecture": write_path(prefectures),
        "county": write_path(counties),
        "river": write_path(rivers),
    }


def _simplify(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    import shapely

    if not len(shapes):
        return shapes
    simple: NDArray[np.object_] = shapely.coverage_simplify(shapes, BORDER_DETAIL)
    return simple


def find_states(network: Network) -> dict[Piece, str]:
    """Find the pieces of all lines and their state on the network's day."""
    pieces = line_pieces(network)
    pieces = pieces[pieces["mode"].isin(MODES)]
    shapes = pieces.geometry.to_wkb()
    return {
        Piece(str(line), str(mode), bytes(shape)): str(state)
        for line, mode, shape, state in zip(
            pieces["line_id"], pieces["mode"], shapes, pieces["state"], strict=True
        )
    }


def draw_line(plane: Plane, pieces: Sequence[Piece]) -> str:
    """Draw pieces that share their states as one path."""
    import shapely

    shapes = plane.place_shapes([shapely.from_wkb(piece.shape) for piece in pieces])
    lines = shapely.line_merge(shapely.union_all(shapes))
    frame = shapely.box(0, 0, plane.width, plane.height)
    return write_path([shapely.simplify(shapely.intersection(lines, frame), LINE_DETAIL)])


def write_path(shapes: Sequence[BaseGeometry] | NDArray[np.object_]) -> str:
    """Write lines and polygons as path data in whole units, each step relative to the last.

    >>> import shapely
    >>> write_path([shapely.box(0, 0, 3, 2), shapely.LineString([(5, 5), (4.2, 7)])])
    'M3 0l0 2-3 0 0-2zM5 5l-1 2'
    """
    import shapely

    parts: list[str] = []
    for shape in shapely.get_parts(shapely.get_parts(np.asarray(shapes, dtype=object))):
        if shape.geom_type == "Polygon":
            parts += [_write_ring(ring, closed=True) for ring in shapely.get_rings(shape)]
        elif shape.geom_type == "LineString":
            parts.append(_write_ring(shape, closed=False))
    return "".join(parts)


def _write_ring(ring: BaseGeometry, *, closed: bool) -> str:
    import shapely

    points = np.rint(shapely.get_coordinates(ring)).astype(np.int64)
    if closed:
        points = points[:-1]
    steps = np.diff(points, axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    if len(steps) < (2 if closed else 1):
        return ""
    numbers = " ".join(str(value) for value in steps.ravel().tolist()).replace(" -", "-")
    start = f"M{points[0][0]} {points[0][1]}"
    return f"{start}l{numbers}{'z' if closed else ''}"


def place_nodes(plane: Plane, nodes: pd.DataFrame) -> list[tuple[int, int]]:
    """Return the whole units of rows with ``x_coord`` and ``y_coord``."""
    x, y = plane.place(nodes["x_coord"].to_numpy(float), nodes["y_coord"].to_numpy(float))
    return list(zip(np.rint(x).astype(int).tolist(), np.rint(y).astype(int).tolist(), strict=True))
