"""Residents inside areas: along streets where they are known, evenly spread elsewhere."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from netlib.accessibility import compute_residents
from netlib.doors.residents import count_street_residents
from netlib.doors.surfaces import find_coverage
from tests.street_towns import build_grid, locate

ORIGIN = (113.0, 34.0)
COLUMNS = ["residents_low", "residents", "residents_high"]


def make_box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Return a box in WGS84 from metres east and north of the town's first corner."""
    corners = [(west, south), (east, south), (east, north), (west, north)]
    return shapely.Polygon([locate(corner, origin=ORIGIN, step_m=1.0) for corner in corners])


def make_areas(*shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    """Return areas of 10, 20, ... minutes."""
    minutes = [10.0 * (number + 1) for number in range(len(shapes))]
    return gpd.GeoDataFrame({"cutoff_minutes": minutes}, geometry=list(shapes), crs="EPSG:4326")


@pytest.fixture(scope="module")
def county() -> gpd.GeoDataFrame:
    """Return a county of 10 by 5 km with 5000 residents, and a town of 2 by 2 km inside it."""
    frame = {"zone_id": ["z"], "population_2020": [5000.0]}
    return gpd.GeoDataFrame(frame, geometry=[make_box(-1000, -1500, 9000, 3500)], crs="EPSG:4326")


def test_everybody_lives_somewhere(county: gpd.GeoDataFrame) -> None:
    town = build_grid(5, 5, step_m=500.0)
    areas = make_areas(find_coverage(town), county.geometry.iloc[0], make_box(6000, 0, 8000, 2000))
    found = count_street_residents(areas, county, [town])[COLUMNS].to_numpy()
    # The town covers 2 by 2 km and 100 m around, with round corners: 4.83 of 50 km2.
    assert found[0] == pytest.approx(483, abs=4)
    assert found[1] == pytest.approx(5000, abs=1)
    # Outside it residents are spread evenly: 4 of 50 km2.
    assert found[2] == pytest.approx(400, abs=1)
    assert found[2] == pytest.approx(compute_residents(areas, county)["residents"].iloc[2])


def test_homes_stand_along_streets(county: gpd.GeoDataFrame) -> None:
    town = build_grid(5, 5, step_m=500.0)
    # Inside a block, 60 m and more from all streets: nobody lives along a street there.
    block = make_areas(make_box(60, 60, 440, 440))
    (low, central, high) = count_street_residents(block, county, [town])[COLUMNS].to_numpy()[0]
    assert low == central == 0
    # Over the land of the town, a square of 380 m; squares of land are 500 m wide.
    assert 0 <= high <= 3 * 483 * 0.38**2 / 4.83


def test_extracts_for_two_modes_count_once(county: gpd.GeoDataFrame) -> None:
    walk, drive = (build_grid(5, 5, mode=mode, step_m=500.0) for mode in ("walk", "drive"))
    areas = make_areas(make_box(-200, -200, 1250, 2200), make_box(-900, -900, 5000, 3000))
    once = count_street_residents(areas, county, [walk])[COLUMNS].to_numpy()
    both = count_street_residents(areas, county, [drive, walk])[COLUMNS].to_numpy()
    np.testing.assert_allclose(both, once, rtol=1e-9)
    assert (once[0] <= once[1]).all()


def test_streets_outside_the_counties_change_nothing(county: gpd.GeoDataFrame) -> None:
    far = build_grid(3, 3, origin=(120.0, 31.0))
    areas = make_areas(make_box(0, 0, 3000, 3000))
    found = count_street_residents(areas, county, [far])
    expected = compute_residents(areas, county)["residents"]
    for column in COLUMNS:
        assert found[column].tolist() == expected.tolist()
