"""How far one gets by car: isochrones over the highway graph of a region.

A place off the graph belongs to the nearest corner where a car may leave it, and is reached from
there over streets, straight line times a detour factor. So no area leaps over a river: the far bank
has roads of its own. Expressways are left at junctions with other roads only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from netlib.drive_edges import Speeds, find_entered
from netlib.drives import build_drives, drive_minutes
from netlib.errors import UnreachableError
from netlib.highways import read_highways
from netlib.places import format_name
from netlib.surfaces import (
    METRES_PER_KM,
    UNREACHED_MINUTES,
    WGS84,
    Surface,
    format_equal_area,
    surface_to_isochrones,
)
from netlib.tables import Network

if TYPE_CHECKING:
    import geopandas as gpd

BY_HIGHWAYS = "highways, and straight lines x detour factor from the nearest road"
# Half of the distance over which two roads of the graph usually meet.
CELL_KM = 0.5


def build_drive_areas(
    network: Network, origin: str, cutoffs: Sequence[float], *, peak: bool
) -> gpd.GeoDataFrame:
    """Build the areas reached by car from the centre of a zone.

    A place's minutes are those of a drive between centres: with the toll gate and parking at both
    ends.

    Parameters
    ----------
    network
        A network of one day, at one end of its ranges.
    origin
        Id of a zone with a centre.
    cutoffs
        Minutes.
    peak
        Whether in the morning peak.

    Returns
    -------
    GeoDataFrame
        As from `netlib.surfaces.surface_to_isochrones`.

    Raises
    ------
    UnreachableError
        If the zone has no centre near a road, or nothing is reached within the largest cut-off.
    """
    from pyproj import Transformer

    most = max(cutoffs)
    table = drive_minutes(network, origin, peak=peak)
    minutes = table["minutes"].to_numpy() + build_drives(network, peak=peak).terminal_minutes
    exits = np.flatnonzero(find_exits(network))
    places = table[["x_coord", "y_coord"]].to_numpy()
    reached = exits[minutes[exits] <= most]
    if not len(reached):
        name = format_name(network, origin)
        raise UnreachableError(f"{name} ({origin}) reaches no road within {most:g} minutes")
    first = places[reached[np.argmin(minutes[reached])]]
    crs = format_equal_area(*first)
    to_plane = Transformer.from_crs(WGS84, crs, always_xy=True).transform
    points = np.column_stack(to_plane(*places[exits].T)) / METRES_PER_KM
    per_km = Speeds(network, peak=peak).off_road
    reach_km = network.parameter("max_road_access_km")
    x, y = lay_grid(points[minutes[exits] <= most], margin_km=min(most / per_km, reach_km))
    tree = cKDTree(points)
    column, row = np.meshgrid(x, y)
    away, nearest = tree.query(np.column_stack((column.ravel(), row.ravel())))
    field = minutes[exits][nearest] + away * per_km
    field[(away > reach_km) | ~np.isfinite(field)] = UNREACHED_MINUTES
    surface = Surface(
        minutes=field.reshape(len(y), len(x)).astype(np.float32),
        x=x * METRES_PER_KM,
        y=y * METRES_PER_KM,
        crs=crs,
        max_minutes=most,
        step_minutes=CELL_KM * per_km,
    )
    return surface_to_isochrones(surface, cutoffs)


def find_exits(network: Network) -> NDArray[np.bool_]:
    """Find the corners of the highway graph where a car may leave it, by vertex."""
    highways = read_highways(network.root)
    entered = find_entered(highways)
    found = np.zeros(highways.size, dtype=bool)
    found[highways.tail[entered]] = True
    found[highways.head[entered]] = True
    return found


def lay_grid(
    points: NDArray[np.float64], *, margin_km: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lay a grid over points (n, 2) in km, with a margin and two cells around them.

    Returns
    -------
    x, y
        float64: coordinates of the columns and rows in km, ascending.
    """
    around = margin_km + 2 * CELL_KM
    low = np.floor((points.min(axis=0) - around) / CELL_KM)
    high = np.ceil((points.max(axis=0) + around) / CELL_KM)
    x, y = (np.arange(a, b + 1) * CELL_KM for a, b in zip(low, high, strict=True))
    return x, y
