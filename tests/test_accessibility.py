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
        shapely.box(113.0, 33.9, 113.3, 34.3),
        shapely.box(112.0, 33.0, 114.0, 35.0),
    )
    found = compute_residents(isochrones, zones)["residents"]
    assert found.tolist() == pytest.approx([500, 1300, 1600], rel=1e-3)


def test_holes_and_islands_count_as_drawn() -> None:
    ring = shapely.box(112.9, 33.9, 113.3, 34.3) - shapely.box(113.0, 34.0, 113.1, 34.2)
    island = shapely.box(113.3, 34.0, 113.4, 34.2)
    shape = shapely.union_all([ring, island])
    found = compute_residents(make_isochrones(shape), make_zones(1000, 600))["residents"]
    assert found.tolist() == pytest.approx([500 + 300 + 300], rel=1e-3)


def test_zones_without_figure_and_empty_polygons_count_nothing() -> None:
    isochrones = make_isochrones(shapely.MultiPolygon(), shapely.box(112, 33, 115, 35))
    found = compute_residents(isochrones, make_zones(float("nan"), 600))["residents"]
    assert found.tolist() == pytest.approx([0, 600])


def test_no_zones_are_no_residents() -> None:
    isochrones = make_isochrones(shapely.box(112, 33, 115, 35))
    assert compute_residents(isochrones, make_zones())["residents"].tolist() == [0]


def test_input_is_left_alone() -> None:
    isochrones = make_isochrones(shapely.box(112, 33, 115, 35))
    compute_residents(isochrones, make_zones(10))
    assert list(isochrones.columns) == ["cutoff_minutes", "geometry"]
