"""Cells of land: where a car can go off the highways, and how fast its streets are.

The plane is cut into square cells. Within the region of the highway graph a cell is land when it
lies in one of the provinces of ``context.geojson`` and not far from a highway; around stations and
centres beyond that region, which have streets but no highways here, a disc of land is assumed.
Cells near the centre of a city have its streets, all others country roads. Rivers of
``rivers.geojson`` and borders of ``borders.geojson`` are barriers: highways cross rivers on their
bridges, nothing crosses a border. Relief, lakes and other rivers are not modelled.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from scipy.spatial import cKDTree

from netlib.errors import InputError, Notice
from netlib.geometry import MINUTES_PER_HOUR, format_equal_area
from netlib.highways import read_highways
from netlib.places import city_centres
from netlib.roads import ground_kernels
from netlib.roads.fields import METRES_PER_KM, Floats, make_plane

if TYPE_CHECKING:
    from pathlib import Path

    from pyproj import Transformer

    from netlib.highways import Highways
    from netlib.tables import Network

CELL_KM = 0.5  # half of the distance over which two roads of the highway graph usually meet
NOWHERE, COUNTRY, CITY = range(3)
# Half of the width of a barrier, in cells. A knight's move is sqrt(5) long, so that where it
# crosses the line one of its ends is at most half of that away: no move leaps over a barrier.
BARRIER_CELLS = 0.5 * float(np.sqrt(5.0)) + 0.01
# Points along highways around which there is land lie at most so far apart.
SAMPLE_KM = 2.0
# Land belongs to the region of the graph within so many times ``max_road_access_km`` of a highway:
# the largest gaps between highways of the plain, as around 长垣, are some 35 km wide.
REGION_RATIO = 2.0
BARRIER_FILES = ("rivers.geojson", "borders.geojson")


# Searches run in threads and share the barriers, and a prepared geometry of GEOS writes to itself
# while it is asked: two threads at once end the process.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, eq=False)
class Land:
    """Land around the highways and the stations of an evidence base.

    Attributes
    ----------
    crs
        Equal-area plane in metres.
    cell_km
        Width of a cell.
    classes
        uint8 (rows, columns): `NOWHERE`, `COUNTRY` or `CITY`, or a barrier; around the highways.
    west, south
        Column and row of the first cell of ``classes`` on the plane, in cells.
    centres
        float64 (cities, 2): places on the plane, in cells.
    far
        float64 (places, 2): stations and centres beyond the highways, in cells.
    city_cells, far_cells
        Radii of the streets of a city, and of land around places beyond the highways.
    barriers
        Lines on the plane, in cells.
    """

    crs: str
    cell_km: float
    classes: NDArray[np.uint8]
    west: int
    south: int
    centres: Floats
    far: Floats
    city_cells: float
    far_cells: float
    barriers: tuple[Floats, ...]

    def project(self, x_coord: Any, y_coord: Any) -> Floats:
        """Return the places of points (WGS84) on the plane, in cells: float64 (points, 2)."""
        east, north = make_plane(self.crs).transform(
            np.asarray(x_coord, dtype=np.float64), np.asarray(y_coord, dtype=np.float64)
        )
        return np.column_stack((east, north)) / (METRES_PER_KM * self.cell_km)

    def unproject(self, column: float, row: float) -> tuple[float, float]:
        """Return the longitude and latitude of a place on the plane, in cells."""
        metres = METRES_PER_KM * self.cell_km
        x, y = make_plane(self.crs).transform(column * metres, row * metres, direction="INVERSE")
        return float(x), float(y)

    @cached_property
    def lines(self) -> Any:
        """All barriers as one geometry on the plane, in cells, prepared."""
        lines = shapely.multilinestrings([shapely.linestrings(line) for line in self.barriers])
        shapely.prepare(lines)
        return lines

    def is_cut(self, start: Floats, end: Floats) -> NDArray[np.bool_]:
        """Say whether straight lines between places (n, 2), in cells, cross a barrier."""
        if not self.barriers or not len(start):
            return np.zeros(len(start), dtype=bool)
        ways = shapely.linestrings(np.stack((start, end), axis=1))
        with _ONE_AT_A_TIME:
            cut: NDArray[np.bool_] = shapely.intersects(self.lines, ways)
        return cut

    def cut_window(
        self, low: Floats, high: Floats, *, far: bool
    ) -> tuple[NDArray[np.uint8], int, int]:
        """Cut out a window of cells with a margin of empty ones.

        Parameters
        ----------
        low, high
            float64 (2): corners on the plane, in cells.
        far
            Whether the land around places beyond the highways counts: for rides of a limited
            length. Over longer ways it would join cities whose highways nobody knows.

        Returns
        -------
        classes, west, south
            uint8 (rows, columns), and the column and row of its first cell on the plane.
        """
        first = np.floor(low).astype(np.int64) - ground_kernels.MARGIN
        last = np.ceil(high).astype(np.int64) + ground_kernels.MARGIN
        columns, rows = (last - first + 1).tolist()
        window = np.zeros((rows, columns), dtype=np.uint8)
        origin = np.array([self.west, self.south])
        size = np.array(self.classes.shape[::-1])
        begin, end = np.maximum(first, origin), np.minimum(last + 1, origin + size)
        if (begin < end).all():
            (a, b), (c, d) = begin - first, end - first
            (e, f), (g, h) = begin - origin, end - origin
            window[b:d, a:c] = self.classes[f:h, e:g]
        near = ((self.far > first - self.far_cells) & (self.far < last + self.far_cells)).all(
            axis=1
        )
        if far and near.any():
            self._add_far(window, first, self.far[near])
        edge = ground_kernels.MARGIN
        window[:edge], window[-edge:], window[:, :edge], window[:, -edge:] = 0, 0, 0, 0
        return window, int(first[0]), int(first[1])

    def _add_far(self, window: NDArray[np.uint8], first: NDArray[np.int64], far: Floats) -> None:
        """Add the land around places beyond the highways to a window."""
        x, y = (far - first).T
        ground_kernels.stamp_discs(window, x, y, self.far_cells, COUNTRY, NOWHERE)
        x, y = (self.centres - first).T
        ground_kernels.stamp_discs(window, x, y, self.city_cells, CITY, COUNTRY)
        for line in self.barriers:
            x, y = (line - first).T
            ground_kernels.stamp_line(window, x, y, BARRIER_CELLS)


def build_land(network: Network, *, cell_km: float = CELL_KM) -> Land:
    """Build the land of a network's day; the same object for the same figures and places."""
    return network.remember(("land", cell_km), lambda: _read_land(network, cell_km))


def _read_land(network: Network, cell_km: float) -> Land:
    """Read what land is made of."""
    highways = read_highways(network.root)
    node = network["node"]
    stops = node[node["node_type"].isin(("rail_station", "metro_station", "stop"))]
    centre = city_centres(network)
    centres = centre[["x_coord", "y_coord"]].to_numpy(dtype=np.float64)
    places = np.concatenate((centres, stops[["x_coord", "y_coord"]].to_numpy(dtype=np.float64)))
    value = network.parameter
    # As far as the longest way to a station takes over land without highways.
    speed = value("county_road_speed_kmh") / value("county_road_detour_ratio")
    far_km = value("max_access_minutes") / MINUTES_PER_HOUR * speed
    return _build_land(
        network.root,
        highways,
        tuple(map(tuple, centres.tolist())),
        tuple(map(tuple, np.unique(np.round(places, 2), axis=0).tolist())),
        (value("urban_radius_km"), value("max_road_access_km"), far_km),
        cell_km,
    )


@lru_cache(maxsize=8)
def _build_land(
    root: Path,
    highways: Highways,
    centres: tuple[tuple[float, float], ...],
    places: tuple[tuple[float, float], ...],
    radii: tuple[float, float, float],
    cell_km: float,
) -> Land:
    city_km, near_km, far_km = radii
    spread = np.column_stack((highways.x, highways.y)) if highways.size else np.array(places)
    middle = (spread.min(axis=0) + spread.max(axis=0)) / 2.0 if len(spread) else np.zeros(2)
    crs = format_equal_area(*middle.tolist())
    empty = Land(
        crs=crs,
        cell_km=cell_km,
        classes=np.zeros((0, 0), dtype=np.uint8),
        west=0,
        south=0,
        centres=np.zeros((0, 2)),
        far=np.zeros((0, 2)),
        city_cells=city_km / cell_km,
        far_cells=far_km / cell_km,
        barriers=(),
    )
    own = empty.project(*np.array(centres).reshape(-1, 2).T)
    around = empty.project(*np.array(places).reshape(-1, 2).T)
    barriers = tuple(empty.project(*line.T) for line in read_barriers(root))
    far = around
    classes, west, south = empty.classes, 0, 0
    if highways.size:
        region = _find_region(root, highways, crs, cell_km, near_km)
        away, _ = region.tree.query(around, distance_upper_bound=near_km / cell_km)
        far = around[~np.isfinite(away)]
        first = np.array([region.west, region.south])
        classes, west, south = region.classes.copy(), region.west, region.south
        x, y = (own - first).T
        ground_kernels.stamp_discs(classes, x, y, city_km / cell_km, CITY, COUNTRY)
        for line in barriers:
            x, y = (line - first).T
            ground_kernels.stamp_line(classes, x, y, BARRIER_CELLS)
    return Land(
        crs, cell_km, classes, west, south, own, far, empty.city_cells, empty.far_cells, barriers
    )


class Region(NamedTuple):
    """Where there is land: the surroundings of highways inside the provinces.

    Attributes
    ----------
    classes
        uint8 (rows, columns): `COUNTRY` or `NOWHERE`; not to be changed.
    west, south
        Column and row of the first cell on the plane.
    tree
        Places along the highways, in cells.
    """

    classes: NDArray[np.uint8]
    west: int
    south: int
    tree: cKDTree


@lru_cache(maxsize=8)
def _find_region(
    root: Path, highways: Highways, crs: str, cell_km: float, near_km: float
) -> Region:
    """Find the cells around highways: the same for all figures that do not move their limits."""
    plane = make_plane(crs)
    east, north = plane.transform(highways.x, highways.y)
    places = np.column_stack((east, north)) / (METRES_PER_KM * cell_km)
    vertices = sample_highways(places, highways, cell_km)
    reach = REGION_RATIO * near_km / cell_km
    first = np.floor(vertices.min(axis=0) - reach).astype(np.int64)
    last = np.ceil(vertices.max(axis=0) + reach).astype(np.int64)
    columns, rows = (last - first + 1).tolist()
    # Distances on cells four times as wide, which is a tenth of the reach at most.
    step = max(int(SAMPLE_KM / cell_km), 1)
    empty = np.ones((-(-rows // step), -(-columns // step)), dtype=np.bool_)
    spot = ((vertices - first) / step).astype(np.int64)
    empty[spot[:, 1], spot[:, 0]] = False
    near = distance_transform_edt(empty) <= reach / step
    near = near.repeat(step, axis=0).repeat(step, axis=1)[:rows, :columns]
    classes = np.where(near, COUNTRY, NOWHERE).astype(np.uint8)
    classes[~rasterise_provinces(root, plane, cell_km, first, classes.shape)] = NOWHERE
    return Region(classes, int(first[0]), int(first[1]), cKDTree(vertices))


def sample_highways(places: Floats, highways: Highways, cell_km: float) -> Floats:
    """Return places along the edges of the graph, its vertices among them: float64 (n, 2)."""
    a, b = places[highways.tail], places[highways.head]
    pieces = np.ceil(np.hypot(*(b - a).T) * cell_km / SAMPLE_KM).astype(np.int64)
    long = np.flatnonzero(pieces > 1)
    edge = np.repeat(long, pieces[long] - 1)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(pieces[long] - 1), pieces[long] - 1)
    part = ((step + pieces[edge]) / pieces[edge])[:, None]
    return np.concatenate((places, a[edge] + part * (b[edge] - a[edge])))


def rasterise_provinces(
    root: Path,
    plane: Transformer,
    cell_km: float,
    first: NDArray[np.int64],
    shape: tuple[int, ...],
) -> NDArray[np.bool_]:
    """Find the cells inside the provinces of ``context.geojson``; all where there are none."""
    inside = np.zeros(shape, dtype=np.bool_)
    features = [
        feature
        for feature in _read_features(root, "context.geojson")
        if feature["properties"].get("kind") == "province"
    ]
    if not features:
        return ~inside
    for feature in features:
        one = np.zeros(shape, dtype=np.bool_)
        geometry = shapely.from_geojson(json.dumps(feature["geometry"]))
        for part in shapely.get_parts(geometry):
            for ring in (part.exterior, *part.interiors):
                places = plane.transform(*shapely.get_coordinates(ring).T)
                x, y = (np.column_stack(places) / (METRES_PER_KM * cell_km) - first).T
                ground_kernels.fill_ring(one, x, y)
        ground_kernels.sum_flips(one)
        inside |= one
    return inside


def read_barriers(root: Path) -> list[Floats]:
    """Read the lines that are crossed on bridges only, or not at all: (corners, 2), WGS84."""
    lines = []
    for name in BARRIER_FILES:
        for feature in _read_features(root, name):
            geometry = shapely.from_geojson(json.dumps(feature["geometry"]))
            lines += [shapely.get_coordinates(part) for part in shapely.get_parts(geometry)]
    return lines


def _read_features(root: Path, name: str) -> list[dict[str, Any]]:
    path = root / name
    if not path.is_file():
        return []
    try:
        features: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    except (ValueError, KeyError, TypeError):
        message = "it is no collection of features; mend the GeoJSON"
        raise InputError([Notice(name, 0, "malformed-geojson", message)]) from None
    return features
