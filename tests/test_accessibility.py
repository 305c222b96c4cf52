"""Residents inside isochrones, on squares."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from netlib.accessibility import compute_residents


def make_zones(*populations: float) -> gpd.GeoDataFrame:
    """Make squares of 0.2 degrees in a row from west to east."""
    boxes = [shapely.box(113 + 0.2 * i, 34, 113.2 + 0.2 * i, 34.2) for i in range(len(populations))]
    return gpd.GeoDataFrame(
        {
            "zone_id": [str(i) for i in range(len(populations))],
            "population_2020": list(populations),
        },
        geometry=boxes,
        crs="EPSG:4326",
    )


def make_isochrones(*shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    """Make isochrones of 30, 60 ... minutes."""
    cutoffs = [30.0 * (i + 1) for i in range(len(shapes))]
    return gpd.GeoDataFrame({"cutoff_minutes": cutoffs}, geometry=list(shapes), crs="EPSG:4326")


def test_residents_are_shared_by_area() -> None:
    zones = make_zones(1000, 600)
    isochrones = make_isochrones(
        shapely.box(113.0, 34.0, 113.1, 34.2),
        shapely.box(113.0, 34.0, 113.3, 34.2),
        shapely.box(113.0, 34.0, 113.4, 34.2),
    )
    found = compute_residents(isochrones, zones)["residents"]
    assert found.tolist() == pytest.approx([500, 1300, 1600], rel=1e-3)


def test_holes_and_islands_count_as_drawn() -> None:
    ring = shapely.box(113.0, 34.0, 113.25, 34.2) - shapely.box(113.05, 34.0, 113.15, 34.2)
    island = shapely.box(113.3, 34.0, 113.4, 34.2)
    shape = shapely.union_all([ring, island])
    found = compute_residents(make_isochrones(shape), make_zones(1000, 600))["residents"]
    assert found.tolist() == pytest.approx([500 + 150 + 300], rel=1e-3)


def test_what_the_zones_do_not_cover_is_unknown() -> None:
    first, second = shapely.box(113.0, 34.0, 113.2, 34.2), shapely.box(113.2, 34.0, 113.4, 34.2)
    isochrones = make_isochrones(shapely.MultiPolygon(), first, second, first | second)
    found = compute_residents(isochrones, make_zones(float("nan"), 600))["residents"]
    assert found.tolist() == pytest.approx([0, float("nan"), 600, float("nan")], nan_ok=True)


@pytest.mark.parametrize("count", [0, 1])
def test_without_zones_nothing_is_known(count: int) -> None:
    isochrones = make_isochrones(*[shapely.box(112, 33, 115, 35)] * count, shapely.MultiPolygon())
    found = compute_residents(isochrones, make_zones())["residents"]
    assert found.tolist() == pytest.approx([float("nan")] * count + [0], nan_ok=True)


def test_input_is_left_alone() -> None:
    isochrones = make_isochrones(shapely.box(112, 33, 115, 35))
    compute_residents(isochrones, make_zones(10))
    assert list(isochrones.columns) == ["cutoff_minutes", "geometry"]
