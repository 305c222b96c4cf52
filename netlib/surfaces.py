"""Travel times on a grid around the reached stops, and their isochrones.

The time at a point is the smallest, over all reached stops, of the minutes to the stop and the
minutes from there on foot or by taxi. `AccessModel` says how long that last part takes as a
function of distance; another access model, such as one on streets, can take its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from netlib.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from netlib.tables import Network

Array = NDArray[np.floating[Any]]

WGS84 = "EPSG:4326"
METRES_PER_KM = 1000.0
MINUTES_PER_HOUR = 60.0
# Value of cells that nothing reaches: finite, so that contours can be interpolated beside it.
UNREACHED_MINUTES = 10_000.0
# How the way from a stop to a place was measured, as tables and titles say it.
BY_STREETS = "streets"
PARTLY = "streets in their extract, straight lines x detour factor elsewhere"
NO_STREETS = "no streets here: straight lines x detour factor"
# Stops from which people go on by foot only; from others also by taxi.
WALK_ONLY = ("metro_station",)


@dataclass(frozen=True)
class AccessModel:
    """Minutes over a straight-line distance, on foot or by taxi.

    Attributes
    ----------
    walk_speed_kmh, walk_detour_ratio
        Speed on foot, and metres walked per metre of straight line.
    max_walk_km
        Longest straight-line distance that is walked.
    drive_speed_kmh, drive_detour_ratio, taxi_wait_minutes
        The same by taxi, and the wait for it.
    max_drive_km
        Longest straight-line distance that is driven.
    """

    walk_speed_kmh: float
    walk_detour_ratio: float
    max_walk_km: float
    drive_speed_kmh: float
    drive_detour_ratio: float
    taxi_wait_minutes: float
    max_drive_km: float

    @classmethod
    def from_network(cls, network: Network) -> AccessModel:
        """Read the model from the parameters of ``network`` (each has its evidence there)."""
        return cls(
            walk_speed_kmh=network.parameter("walk_speed_kmh"),
            walk_detour_ratio=network.parameter("walk_detour_ratio"),
            max_walk_km=network.parameter("max_walk_km"),
            drive_speed_kmh=network.parameter("urban_drive_speed_kmh"),
            drive_detour_ratio=network.parameter("urban_drive_detour_ratio"),
            taxi_wait_minutes=network.parameter("taxi_wait_minutes"),
            max_drive_km=network.parameter("max_drive_access_km"),
        )

    @property
    def walk_minutes_per_km(self) -> float:
        """Minutes on foot for a kilometre of straight line."""
        return MINUTES_PER_HOUR * self.walk_detour_ratio / self.walk_speed_kmh

    @property
    def drive_minutes_per_km(self) -> float:
        """Minutes by taxi, without the wait, for a kilometre of straight line."""
        return MINUTES_PER_HOUR * self.drive_detour_ratio / self.drive_speed_kmh

    def minutes(self, distance_km: Array, *, drive: bool = True) -> Array:
        """Compute the minutes over straight-line distances.

        Parameters
        ----------
        distance_km
            Straight-line distances.
        drive
            Whether a taxi can be had.

        Returns
        -------
        array of the same shape
            The faster of walk and taxi; infinite beyond the longest distance of both.
        """
        walk = np.where(
            distance_km <= self.max_walk_km, distance_km * self.walk_minutes_per_km, np.inf
        )
        if not drive:
            return walk
        taxi = self.taxi_wait_minutes + distance_km * self.drive_minutes_per_km
        return np.minimum(walk, np.where(distance_km <= self.max_drive_km, taxi, np.inf))

    def reach_km(self, minutes: Array, *, drive: bool = True) -> Array:
        """Compute the longest straight-line distance that fits into ``minutes`` (0 if none)."""
        walk = np.minimum(minutes / self.walk_minutes_per_km, self.max_walk_km)
        taxi = (minutes - self.taxi_wait_minutes) / self.drive_minutes_per_km
        taxi = np.minimum(taxi, self.max_drive_km if drive else 0.0)
        reached: Array = np.maximum(np.maximum(walk, taxi), 0.0)
        return reached


@dataclass(frozen=True, eq=False)
class Surface:
    """Travel times on a grid.

    Attributes
    ----------
    minutes
        float32 of shape (len(y), len(x)); `UNREACHED_MINUTES` where nothing is reached.
    x, y
        Grid coordinates in metres, ascending.
    crs
        Equal-area projection of the grid.
    max_minutes
        Largest time for which the field is complete.
    step_minutes
        Largest difference of two neighbouring cells where the field is continuous.
    clip
        Area in WGS84 outside which isochrones are cut off; None for no limit.
    """

    minutes: NDArray[np.float32]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    crs: str
    max_minutes: float
    step_minutes: float
    clip: BaseGeometry | None = None


def compute_surface(
    reach: pd.DataFrame,
    *,
    access: AccessModel,
    cell_km: float = 0.5,
    max_minutes: float = 120.0,
    clip: BaseGeometry | None = None,
) -> Surface:
    """Compute the travel time to every cell of a grid around the reached stops.

    Parameters
    ----------
    reach
        Columns ``x_coord``, ``y_coord`` (WGS84), ``node_type`` and ``minutes`` (to the street side
        of the stop), as from `netlib.travel_times.reach`.
    access
        How long the way from the stop takes. Metro stations are left on foot only.
    cell_km
        Width of a cell. Islands narrower than a cell can be lost.
    max_minutes
        Largest time of interest; stops and cells beyond it are left out.
    clip
        Area in WGS84 to which the isochrones will be limited.

    Returns
    -------
    Surface
        In a Lambert azimuthal equal-area projection centred on the first reached place.

    Raises
    ------
    ValueError
        If ``cell_km`` or ``max_minutes`` is not positive.
    UnreachableError
        If no stop is reached within ``max_minutes``.
    """
    if cell_km <= 0 or max_minutes <= 0:
        raise ValueError(f"cell_km {cell_km} and max_minutes {max_minutes} must be above 0")
    stops = reach[reach["minutes"] <= max_minutes].sort_values("minutes", kind="stable")
    if stops.empty:
        raise UnreachableError(f"no stop is reached within {max_minutes:g} minutes")
    crs = format_equal_area(stops["x_coord"].iloc[0], stops["y_coord"].iloc[0])
    east, north = _project(stops["x_coord"], stops["y_coord"], crs)
    minutes = stops["minutes"].to_numpy(dtype=float)
    drive = ~stops["node_type"].isin(WALK_ONLY).to_numpy()

    step = cell_km * access.walk_minutes_per_km
    left = max_minutes + 2 * step - minutes  # a margin, so that the last contour has both sides
    radius = np.where(drive, access.reach_km(left), access.reach_km(left, drive=False))
    radius = (radius + 2 * cell_km) * METRES_PER_KM
    cell = cell_km * METRES_PER_KM
    x = np.arange(np.floor(min(east - radius) / cell), np.ceil(max(east + radius) / cell) + 1)
    y = np.arange(np.floor(min(north - radius) / cell), np.ceil(max(north + radius) / cell) + 1)
    x, y = x * cell, y * cell

    field = np.full((y.size, x.size), UNREACHED_MINUTES, dtype=np.float32)
    for i in range(len(stops)):
        columns = slice(*np.searchsorted(x, (east[i] - radius[i], east[i] + radius[i])))
        rows = slice(*np.searchsorted(y, (north[i] - radius[i], north[i] + radius[i])))
        distance = np.hypot(x[columns] - east[i], (y[rows] - north[i])[:, None]) / METRES_PER_KM
        times = minutes[i] + access.minutes(distance, drive=bool(drive[i]))
        np.minimum(field[rows, columns], times, out=field[rows, columns], casting="same_kind")
    return Surface(field, x, y, crs, max_minutes, step, clip)


def surface_to_isochrones(surface: Surface, cutoffs: Sequence[float]) -> gpd.GeoDataFrame:
    """Draw the isochrones of a surface.

    All cutoffs are contours of one field, so that each polygon lies inside the next larger one.

    Parameters
    ----------
    surface
        As from `compute_surface`.
    cutoffs
        Minutes, none above the surface's ``max_minutes``.

    Returns
    -------
    GeoDataFrame
        ``cutoff_minutes`` (ascending), ``area_km2``, ``geometry`` (valid MultiPolygon in WGS84
        with holes and islands; empty when nothing is reached).

    Raises
    ------
    ValueError
        If a cutoff is not positive or exceeds ``max_minutes``.
    """
    import geopandas as gpd
    from pyproj import Transformer
    from shapely import transform

    ordered = sorted({float(cutoff) for cutoff in cutoffs})
    for cutoff in ordered:
        if not 0 < cutoff <= surface.max_minutes:
            raise ValueError(
                f"cutoff {cutoff:g} must lie above 0 and up to {surface.max_minutes:g}"
            )
    to_grid = Transformer.from_crs(WGS84, surface.crs, always_xy=True)
    clip = surface.clip and transform(surface.clip, to_grid.transform, interleaved=False)
    shapes = [_trace(surface, cutoff, clip) for cutoff in ordered]
    to_degrees = Transformer.from_crs(surface.crs, WGS84, always_xy=True).transform
    return gpd.GeoDataFrame(
        {
            "cutoff_minutes": ordered,
            "area_km2": [shape.area / METRES_PER_KM**2 for shape in shapes],
        },
        geometry=[transform(shape, to_degrees, interleaved=False) for shape in shapes],
        crs=WGS84,
    )


def format_equal_area(longitude: float, latitude: float) -> str:
    """Name the Lambert azimuthal equal-area projection centred on a point, in metres."""
    return f"+proj=laea +lat_0={latitude:.4f} +lon_0={longitude:.4f} +ellps=WGS84 +units=m"


def _project(longitude: pd.Series, latitude: pd.Series, crs: str) -> tuple[Array, Array]:
    from pyproj import Transformer

    transformer = Transformer.from_crs(WGS84, crs, always_xy=True)
    east, north = transformer.transform(longitude.to_numpy(float), latitude.to_numpy(float))
    return east, north


def _trace(surface: Surface, cutoff: float, clip: BaseGeometry | None) -> BaseGeometry:
    """Trace the area within ``cutoff`` in the surface's projection.

    Where walking ends at its longest distance, the field jumps, and a linear interpolation would
    put the contour beside the last cell inside. Differences beyond ``step_minutes`` are therefore
    squeezed, which puts it half-way between the cells and leaves the continuous parts alone. The
    squeezed field still falls strictly with the cutoff, and cells are cut into triangles, on which
    interpolation has no ambiguous saddles: so isochrones of one surface are strictly nested.
    """
    import shapely
    from contourpy import FillType, contour_generator

    step = surface.step_minutes
    excess = surface.minutes.astype(float) - cutoff
    excess[excess == 0] = -1e-9 * step  # a contour through a grid point could touch itself
    size = np.abs(excess)
    far = size > step
    squeezed = excess.copy()
    squeezed[far] = np.sign(excess[far]) * (2 * step - step**2 / size[far])
    tracer = contour_generator(
        surface.x,
        surface.y,
        squeezed,
        name="serial",
        fill_type=FillType.OuterOffset,
        quad_as_tri=True,
    )
    traced = cast("tuple[list[Array], list[Array]]", tracer.filled(-3 * step, 0.0))
    polygons = []
    for ring_points, ring_offsets in zip(*traced, strict=True):
        rings = np.split(ring_points, ring_offsets[1:-1])
        polygons.append(shapely.Polygon(rings[0], holes=rings[1:]))
    shape: BaseGeometry = shapely.MultiPolygon(polygons)
    if clip is not None:
        shape = shapely.intersection(shape, clip)
    return take_polygons(shape)


def take_polygons(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a shape, made valid, as one MultiPolygon."""
    import shapely

    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon"])
