"""Distances on the globe, projections, and shapes as polygons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pyproj import Geod
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

GEOD = Geod(ellps="WGS84")
EARTH_RADIUS_KM = 6371.0088  # mean radius R1 of GRS80 (Moritz 1980), for neighbour search only
METRES_PER_KM = 1000.0
MINUTES_PER_HOUR = 60.0
WGS84 = "EPSG:4326"


def format_equal_area(longitude: float, latitude: float) -> str:
    """Name the Lambert azimuthal equal-area projection centred on a point, in metres."""
    return f"+proj=laea +lat_0={latitude:.4f} +lon_0={longitude:.4f} +ellps=WGS84 +units=m"


def take_polygons(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a shape, made valid, as one MultiPolygon."""
    import shapely

    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon"])


def pair_near(
    first: pd.DataFrame, second: pd.DataFrame, limit_km: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pair points at most ``limit_km`` apart, by geodesic distance.

    Returns
    -------
    a, b, km
        Positions in ``first`` and ``second`` (int64), sorted, and distances in km (float64).
    """
    if first.empty or second.empty:
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(0)
    trees = [cKDTree(_unit_vectors(frame)) for frame in (first, second)]
    # A chord of the sphere is a little shorter than the arc; 1 % more covers it and the ellipsoid.
    near = trees[0].query_ball_tree(trees[1], limit_km / EARTH_RADIUS_KM * 1.01)
    a = np.repeat(np.arange(len(first)), [len(found) for found in near])
    b = np.array([i for found in near for i in sorted(found)], dtype=int)
    ax, bx = (frame["x_coord"].to_numpy() for frame in (first, second))
    ay, by = (frame["y_coord"].to_numpy() for frame in (first, second))
    km = np.asarray(GEOD.inv(ax[a], ay[a], bx[b], by[b])[2]) / METRES_PER_KM
    close = km <= limit_km
    return a[close], b[close], km[close]


def _unit_vectors(frame: pd.DataFrame) -> np.ndarray:
    lon = np.radians(frame["x_coord"].to_numpy())
    lat = np.radians(frame["y_coord"].to_numpy())
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
