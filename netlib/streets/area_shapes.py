"""Contours of cells as polygons in WGS84: valid, nested, with few corners.

The map that cells lie on is equal-area and centred on the streets. Where streets lie on both sides
of the antimeridian it is centred there, so that the antimeridian is its middle line, which polygons
are cut along.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from netlib.errors import InputError, Notice
from netlib.geometry import format_equal_area
from netlib.streets.graph import Flags, Floats, Ints
from netlib.streets.ring_kernels import simplify_rings

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

# Radius of the Earth, for how far a line straight on the map bends in degrees.
EARTH_RADIUS_M = 6_371_000.0
# Corners that the middle of the map is found from.
MIDDLE_CORNERS = 1000
# Least cosine of a latitude: room in longitude is no longer told near the poles.
FLATTEST = 1e-3
# Tangent of a latitude: nearer to the equator sides are as good as straight.
LEAST_BEND = 1e-3
# Latitudes beyond this count as this: at a pole there is no tangent, and no cosine to divide by.
STEEPEST_LATITUDE = 89.9
# Shares of a cell: what areas of two cut-offs keep clear of each other where they end at the same
# place, what no corner comes nearer to the middle of a cell than, and what sides keep clear of
# corners. All are far below the error of the cells, and above that of coordinates in degrees.
SHIFT_SHARE = 1 / 250
CLEARANCE_SHARE = 1 / 250
MARGIN_SHARE = 1 / 1000
# Corners are looked up by bins of so many cells.
BIN_CELLS = 2.0


class LocalMap(NamedTuple):
    """Equal-area map around streets.

    Attributes
    ----------
    crs
        Lambert azimuthal equal-area projection, in metres.
    longitude, latitude
        Its centre.
    is_cut
        Whether the antimeridian is its middle line, and cuts polygons.
    """

    crs: str
    longitude: float
    latitude: float
    is_cut: bool

    def project(self, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
        """Return metres east and north of the centre."""
        from pyproj import Proj

        east, north = Proj(self.crs)(longitude, latitude)
        return np.asarray(east), np.asarray(north)

    def unproject(self, east: Floats, north: Floats) -> tuple[Floats, Floats]:
        """Return longitude and latitude."""
        from pyproj import Proj

        longitude, latitude = Proj(self.crs)(east, north, inverse=True)
        return np.asarray(longitude), np.asarray(latitude)


class Rings(NamedTuple):
    """Rings of polygons of several areas.

    Attributes
    ----------
    x, y
        float64: corners, without the first again at the end of a ring.
    ring_offsets
        int64: where the corners of each ring begin.
    polygon_offsets
        int64: where the rings of each polygon begin, its outer one first.
    area_offsets
        int64: where the polygons of each area begin.
    """

    x: Floats
    y: Floats
    ring_offsets: Ints
    polygon_offsets: Ints
    area_offsets: Ints


NO_RINGS = Rings(
    np.empty(0), np.empty(0), np.array([0]), np.array([0]), np.array([0, 0], dtype=np.int64)
)


def choose_map(longitude: Floats, latitude: Floats, *, room_m: float = 0.0) -> LocalMap:
    """Choose the map for streets with corners at these places, anywhere on the globe.

    Parameters
    ----------
    longitude, latitude
        float64: the corners.
    room_m
        How far areas reach beyond the streets.
    """
    # Some of them will do to find the middle of all.
    some = slice(None, None, max(1, len(longitude) // MIDDLE_CORNERS))
    lon, lat = np.radians(longitude[some]), np.radians(latitude[some])
    x, y = np.mean(np.cos(lat) * np.cos(lon)), np.mean(np.cos(lat) * np.sin(lon))
    middle = round(float(np.degrees(np.arctan2(y, x))), 4)
    north = round(float(np.degrees(np.arctan2(np.mean(np.sin(lat)), np.hypot(x, y)))), 4)
    from_middle = (longitude - middle + 180) % 360 - 180
    flattest = max(np.cos(np.radians(max(-latitude.min(), latitude.max()))), FLATTEST)
    room = np.degrees(room_m / EARTH_RADIUS_M) / flattest
    farthest = max(-(middle + from_middle.min()), middle + from_middle.max())
    is_cut = bool(farthest + room >= 180)
    east = 180.0 if is_cut else middle
    return LocalMap(format_equal_area(east, north), east, north, is_cut)


def trace_rings(x: Floats, y: Floats, excess: Floats) -> Rings:
    """Trace the rings of the one area in which a field is negative.

    Parameters
    ----------
    x, y
        Places of columns and rows.
    excess
        (rows, columns): positive all around, nowhere 0.
    """
    from contourpy import FillType, contour_generator

    tracer = contour_generator(
        x, y, excess, name="serial", fill_type=FillType.ChunkCombinedOffsetOffset
    )
    found = tracer.filled(2 * excess.min(), 0.0)
    points, rings, polygons = (cast("list[NDArray[Any] | None]", part)[0] for part in found)
    if points is None or rings is None or polygons is None:
        return NO_RINGS
    rings, polygons = rings.astype(np.int64), polygons.astype(np.int64)
    once = np.ones(len(points), dtype=bool)
    once[rings[1:] - 1] = False
    ring_offsets = rings - np.arange(len(rings))
    return Rings(
        points[once, 0], points[once, 1], ring_offsets, polygons, np.array([0, len(polygons) - 1])
    )


def _join_rings(areas: Sequence[Rings]) -> Rings:
    """Join areas, in their order."""

    def join_offsets(offsets: list[Ints]) -> Ints:
        sizes = [np.diff(part) for part in offsets]
        return np.concatenate(([0], np.cumsum(np.concatenate([np.empty(0, np.int64), *sizes]))))

    return Rings(
        np.concatenate([np.empty(0), *(area.x for area in areas)]),
        np.concatenate([np.empty(0), *(area.y for area in areas)]),
        join_offsets([area.ring_offsets for area in areas]),
        join_offsets([area.polygon_offsets for area in areas]),
        join_offsets([area.area_offsets for area in areas]),
    )


def build_shapes(
    areas: Sequence[Rings], local_map: LocalMap, *, cell_m: float, tolerance_m: float
) -> tuple[Floats, NDArray[np.object_]]:
    """Build polygons from the rings of nested areas, with as few corners as the tolerance allows.

    Parameters
    ----------
    areas
        As from `trace_rings`, each inside the next.
    local_map, cell_m
        The map that rings lie on, and the width of the cells that they were traced in.
    tolerance_m
        Hausdorff distance of each ring from its simplified one, at most.

    Returns
    -------
    (float64 array, object array)
        Square metres, and valid MultiPolygons in WGS84, some perhaps empty.
    """
    import shapely

    rings = _join_rings(areas)
    if tolerance_m > 0:
        margin = MARGIN_SHARE * cell_m
        # A chord of length s bends by s² tan(latitude) / 8 R in degrees: half the margin at most.
        away = np.degrees(np.abs(rings.y).max(initial=0.0) / EARTH_RADIUS_M)
        latitude = min(abs(local_map.latitude) + away, STEEPEST_LATITUDE)
        bend = max(np.tan(np.radians(latitude)), LEAST_BEND)
        longest = np.sqrt(4 * EARTH_RADIUS_M * margin / bend)
        kept = simplify_rings(
            rings.x, rings.y, rings.ring_offsets,
            tolerance_m, tolerance_m * cell_m, margin, longest, BIN_CELLS * cell_m,
        )  # fmt: skip
        rings = _select_corners(rings, kept)
    closed = _close_rings(rings)
    corners = np.column_stack((rings.x, rings.y))[closed]
    offsets = (
        rings.ring_offsets + np.arange(len(rings.ring_offsets)),
        rings.polygon_offsets,
        rings.area_offsets,
    )
    shapes = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, corners, offsets)
    return shapely.area(shapes), _to_degrees(shapes, local_map)


def _select_corners(rings: Rings, kept: Flags) -> Rings:
    """Return the rings with the corners that are kept."""
    before = np.concatenate(([0], np.cumsum(kept)))
    return rings._replace(x=rings.x[kept], y=rings.y[kept], ring_offsets=before[rings.ring_offsets])


def _close_rings(rings: Rings) -> Ints:
    """Return the corners of all rings with the first of each again at its end."""
    sizes = np.diff(rings.ring_offsets) + 1
    ends = np.cumsum(sizes) - 1
    corner = np.ones(int(sizes.sum()), dtype=np.int64)
    corner[ends] = 0
    order: Ints = np.cumsum(corner) - 1
    order[ends] = rings.ring_offsets[:-1]
    return order


def _to_degrees(shapes: NDArray[np.object_], local_map: LocalMap) -> NDArray[np.object_]:
    """Convert polygons to WGS84, cut at the antimeridian where the map has it.

    What is valid on the map stays so: sides keep clear of each other by more than they bend.
    """
    import shapely

    if not local_map.is_cut:
        converted: NDArray[np.object_] = shapely.transform(
            shapes, local_map.unproject, interleaved=False
        )
        return converted
    # East of the map's middle line are the western longitudes.
    half = 2 * EARTH_RADIUS_M
    sides = []
    for west, sign in ((-half, 1.0), (0.0, -1.0)):
        side = shapely.intersection(shapes, shapely.box(west, -half, west + half, half))

        def to_side(x: Floats, y: Floats, sign: float = sign) -> tuple[Floats, Floats]:
            longitude, latitude = local_map.unproject(x, y)
            # On the line itself to the last digit, so that areas stay nested.
            return sign * np.where(x == 0, 180.0, np.abs(longitude)), latitude

        sides.append(shapely.transform(side, to_side, interleaved=False))
    joined = np.empty(len(shapes), dtype=object)
    for i, pair in enumerate(zip(*sides, strict=True)):
        joined[i] = _select_polygons(shapely.make_valid(shapely.union_all(pair)))
    return joined


def _select_polygons(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a shape as one, without the lines and points beside them."""
    import shapely

    parts = shapely.get_parts(shapely.get_parts(shape))
    polygons: BaseGeometry = shapely.multipolygons(
        [part for part in parts if part.geom_type == "Polygon"]
    )
    return polygons


def check_poles(local_map: LocalMap, west: float, south: float, east: float, north: float) -> None:
    """Check that no pole lies in a box on the map, in metres.

    Raises
    ------
    InputError
        If one does: no polygon in longitude and latitude can hold it.
    """
    for pole in (-90.0, 90.0):
        x, y = local_map.project(np.array([local_map.longitude]), np.array([pole]))
        if west <= x[0] <= east and south <= y[0] <= north:
            message = "the streets lie around a pole, which has no longitude; leave it out"
            raise InputError([Notice("streets", 0, "around-a-pole", message)])
