"""How many residents live inside an isochrone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from netlib.surfaces import WGS84, format_equal_area

if TYPE_CHECKING:
    import geopandas as gpd


# Zones must cover this share of an isochrone; what they leave out would silently count as empty.
LEAST_COVERAGE = 0.95


def compute_residents(isochrones: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Count the residents inside each isochrone by areal weighting.

    The residents of a zone are taken to be spread evenly over its area. In a county with one
    compact town this counts too few when the isochrone covers the town, and too many when it covers
    fields: read the result as a size, not as a census. Areas are measured in an equal-area
    projection.

    Parameters
    ----------
    isochrones
        Polygons with a CRS, such as from `netlib.surfaces.surface_to_isochrones`.
    zones
        ``population_2020`` (residents; rows without a figure are left out) and ``geometry``; zones
        must not overlap, so pass counties or prefectures, not both.

    Returns
    -------
    GeoDataFrame
        ``isochrones`` with a further column ``residents`` (persons, float; 0 for an empty polygon,
        NaN where the zones cover less than `LEAST_COVERAGE` of the isochrone).
    """
    import shapely

    known = zones[zones["population_2020"].notna() & ~zones.geometry.is_empty]
    west, south, east, north = isochrones.to_crs(WGS84).total_bounds
    if known.empty or np.isnan(west):
        is_empty = isochrones.geometry.is_empty.to_numpy()
        return isochrones.assign(residents=np.where(is_empty, 0.0, np.nan))
    crs = format_equal_area((west + east) / 2, (south + north) / 2)
    areas = known.geometry.to_crs(crs).to_numpy()
    sizes = shapely.area(areas)
    density = known["population_2020"].to_numpy(dtype=float) / sizes
    shapes = isochrones.geometry.to_crs(crs).to_numpy()
    parts, owner = shapely.get_parts(shapes, return_index=True)
    # Pairs of a zone and a part of an isochrone: wholly inside is cheap, the rest is intersected.
    zone, part = shapely.STRtree(parts).query(areas, predicate="intersects")
    shapely.prepare(parts)
    inside = shapely.covers(parts[part], areas[zone])
    shared = np.where(inside, sizes[zone], 0.0)
    shared[~inside] = shapely.area(shapely.intersection(parts[part[~inside]], areas[zone[~inside]]))
    residents, covered = np.zeros(len(shapes)), np.zeros(len(shapes))
    np.add.at(residents, owner[part], shared * density[zone])
    np.add.at(covered, owner[part], shared)
    unknown = covered < LEAST_COVERAGE * shapely.area(shapes)
    return isochrones.assign(residents=np.where(unknown, np.nan, residents))
