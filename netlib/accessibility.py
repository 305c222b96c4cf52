"""How many residents live inside an isochrone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from netlib.surfaces import WGS84, format_equal_area

if TYPE_CHECKING:
    import geopandas as gpd


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
        ``isochrones`` with a further column ``residents`` (float, 0 where no zone is touched).
    """
    import shapely

    known = zones[zones["population_2020"].notna() & ~zones.geometry.is_empty]
    residents = np.zeros(len(isochrones))
    if not known.empty and not isochrones.empty:
        west, south, east, north = known.to_crs(WGS84).total_bounds
        crs = format_equal_area((west + east) / 2, (south + north) / 2)
        areas = known.geometry.to_crs(crs).to_numpy()
        density = known["population_2020"].to_numpy(dtype=float) / shapely.area(areas)
        shapes = isochrones.geometry.to_crs(crs).to_numpy()
        parts, owner = shapely.get_parts(shapes, return_index=True)
        # Pairs of an isochrone part and a zone: wholly inside is cheap, the rest is intersected.
        zone_index, part_index = shapely.STRtree(parts).query(areas, predicate="intersects")
        shapely.prepare(parts)
        inside = shapely.covers(parts[part_index], areas[zone_index])
        shared = np.where(inside, shapely.area(areas[zone_index]), 0.0)
        cut = ~inside
        shared[cut] = shapely.area(
            shapely.intersection(parts[part_index[cut]], areas[zone_index[cut]])
        )
        np.add.at(residents, owner[part_index], shared * density[zone_index])
    return isochrones.assign(residents=residents)
