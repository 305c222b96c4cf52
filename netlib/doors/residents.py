"""Residents inside isochrones: along the streets where they are known, evenly spread elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from netlib.accessibility import compute_residents
from netlib.doors.surfaces import find_coverage
from netlib.streets import Streets
from netlib.streets.residents import count_residents_inside, spread_residents
from netlib.surfaces import WGS84

if TYPE_CHECKING:
    import geopandas as gpd

COLUMNS = ("low", "residents", "high")
# Streets to walk on say best where homes stand; those to drive on leave out lanes.
MODE_ORDER = ("walk", "bike", "drive")


def count_street_residents(
    areas: gpd.GeoDataFrame, counties: gpd.GeoDataFrame, streets: Sequence[Streets]
) -> gpd.GeoDataFrame:
    """Count the residents inside areas.

    Where an extract covers the ground, the residents of a county are spread along its streets, as
    in `netlib.streets.residents.spread_residents`; each place counts in one extract only, one to
    walk on first. Elsewhere they are spread evenly, as in
    `netlib.accessibility.compute_residents`.

    Parameters
    ----------
    areas
        ``cutoff_minutes`` and ``geometry`` with a CRS.
    counties
        ``zone_id``, ``population_2020`` and ``geometry`` with a CRS; they must not overlap.
    streets
        Any number of extracts.

    Returns
    -------
    GeoDataFrame
        ``areas`` with ``residents`` (persons), ``residents_low`` and ``residents_high``: the ends
        over the ways to spread them along streets. NaN as in `compute_residents`.
    """
    import shapely

    shapes = areas.geometry.to_crs(WGS84)
    known = counties[counties["population_2020"].notna()].to_crs(WGS84)
    inhabited = shapely.union_all(known.geometry.to_numpy())
    total = pd.DataFrame(0.0, index=areas.index, columns=list(COLUMNS))
    taken = shapely.Polygon()
    for extract in sorted(streets, key=lambda each: MODE_ORDER.index(each.mode)):
        coverage = shapely.difference(find_coverage(extract), taken)
        if shapely.intersection(coverage, inhabited).area == 0:
            continue
        spread = spread_residents(known, extract, coverage=coverage)
        total += count_residents_inside(spread, areas)[list(COLUMNS)].to_numpy()
        taken = shapely.union(taken, coverage)
    rest = areas.set_geometry(shapely.difference(shapes.to_numpy(), taken), crs=WGS84)
    total = total.add(compute_residents(rest, known)["residents"], axis=0)
    low, central, high = (total[column] for column in COLUMNS)
    return areas.assign(residents=central, residents_low=low, residents_high=high)
