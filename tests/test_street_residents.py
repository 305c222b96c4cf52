"""Residents spread over streets, on toys that can be counted by hand."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from netlib.streets.residents import (
    ASSUMPTIONS,
    Residents,
    count_residents,
    count_residents_inside,
    spread_residents,
)

from netlib.errors import InputError
from netlib.streets import Streets
from netlib.streets.areas import build_areas
from tests.street_lines import CENTRE, find_node, make_chart, make_streets, make_town, search

# A residential street of 1 km and a primary road of 3 km, end to end from west to east.
LINES = [[(-1000.0, 0.0), (0.0, 0.0)], [(0.0, 0.0), (3000.0, 0.0)]]
CLASSES = {0: "residential", 1: "primary"}


def to_degrees(shape: Any) -> Any:
    chart = make_chart()
    return shapely.transform(shape, lambda x, y: chart(x, y, inverse=True), interleaved=False)


def make_zones(*boxes: tuple[float, float, float, float, float]) -> gpd.GeoDataFrame:
    """Make zones from residents and bounds in metres."""
    return gpd.GeoDataFrame(
        {
            "zone_id": [f"z{i}" for i in range(len(boxes))],
            "population_2020": [count for count, *_ in boxes],
        },
        geometry=[to_degrees(shapely.box(*bounds)) for _, *bounds in boxes],
        crs="EPSG:4326",
    )


def whole(zones: gpd.GeoDataFrame) -> Any:
    return zones.geometry.union_all().buffer(0.01)


def sum_by(residents: Residents, column: str) -> dict[str, list[float]]:
    """Sum the residents of each zone under each assumption."""
    sums = residents.places.groupby(column)[list(ASSUMPTIONS)].sum()
    return {str(key): row.tolist() for key, row in sums.iterrows()}


@pytest.fixture(scope="module")
def road() -> Streets:
    return make_streets(LINES, classes=CLASSES)


def test_residents_live_on_residential_streets_on_all_or_on_the_land(road: Streets) -> None:
    zones = make_zones((4000, -1000, -1000, 3000, 1000))
    spread = spread_residents(zones, road, coverage=whole(zones))
    places = spread.places
    west = places["x"] < CENTRE[0]
    # All on the residential street in the west; a quarter of the streets; a quarter of the land.
    assert places.loc[west, list(ASSUMPTIONS)].sum().tolist() == pytest.approx([4000, 1000, 1000])
    assert places.loc[~west, list(ASSUMPTIONS)].sum().tolist() == pytest.approx([0, 3000, 3000])
    (zone,) = spread.zones.to_dict("records")
    assert zone["residents"] == pytest.approx(4000)
    assert zone["covered_share"] == pytest.approx(1)
    assert [zone["residential_km"], zone["street_km"]] == pytest.approx([1, 4], rel=1e-3)
    assert spread.notices == ()


def test_pieces_lie_at_the_middle_of_their_part(road: Streets) -> None:
    zones = make_zones((4000, -1000, -1000, 3000, 1000))
    places = spread_residents(zones, road, coverage=whole(zones), piece_m=250.5).places
    pieces = places[places["on_streets"] > 0]
    assert len(pieces) == 4 + 12
    first = pieces[pieces["on_residential"] > 0]
    assert first["fraction"].tolist() == pytest.approx([0.125, 0.375, 0.625, 0.875])
    assert first["on_residential"].tolist() == pytest.approx([1000] * 4)
    assert (pieces["distance_m"] == 0).all()


def test_reached_residents_are_counted_with_their_range(road: Streets) -> None:
    zones = make_zones((4000, -1000, -1000, 3000, 1000))
    spread = spread_residents(zones, road, coverage=whole(zones), piece_m=10, square_m=50)
    # From the western end at 10 m/s: after 60 s 600 m of the residential street are reached, and
    # with them 2,400 of 4,000; 600 of 4,000 m of all streets; and of the land what can be walked
    # to at a metre a second: a triangle 600 m long and 60 m high on either side.
    seconds = search(road, find_node(road, -1000, 0))
    (row,) = count_residents(spread, road, seconds, cutoffs_minutes=[1.0], walk_kmh=3.6).to_dict(
        "records"
    )
    assert row["cutoff_minutes"] == 1.0
    assert row["residents"] == pytest.approx(2400, abs=40)
    triangles = 4000 * (600 * 60) / (4000 * 2000)
    assert row["low"] == pytest.approx(triangles, rel=0.15)
    assert row["high"] == row["residents"]
    everyone = count_residents(spread, road, seconds, cutoffs_minutes=[60.0, 30.0])
    assert everyone["cutoff_minutes"].tolist() == [30.0, 60.0]
    assert everyone[["low", "residents", "high"]].to_numpy() == pytest.approx(4000)


def test_nobody_farther_than_the_limit_is_reached(road: Streets) -> None:
    zones = make_zones((4000, -1000, -1000, 3000, 1000))
    spread = spread_residents(zones, road, coverage=whole(zones), square_m=100)
    seconds = np.zeros(len(road.nodes))
    (row,) = count_residents(spread, road, seconds, cutoffs_minutes=[600.0], limit_m=500).to_dict(
        "records"
    )
    assert row["low"] == pytest.approx(2000)
    assert row["high"] == pytest.approx(4000)


def test_residents_inside_areas(road: Streets) -> None:
    zones = make_zones((4000, -1000, -1000, 3000, 1000))
    spread = spread_residents(zones, road, coverage=whole(zones), piece_m=10, square_m=50)
    boxes = [shapely.box(-500, -2000, 1000, 2000), shapely.MultiPolygon()]
    areas = gpd.GeoDataFrame(
        {"cutoff_minutes": [30.0, 15.0]}, geometry=[to_degrees(b) for b in boxes], crs="EPSG:4326"
    )
    found = count_residents_inside(spread, areas)
    assert found["cutoff_minutes"].tolist() == [30.0, 15.0]
    # Half of the residential street; 1,500 of 4,000 m of streets and of land.
    first = found.iloc[0]
    assert [first["low"], first["residents"], first["high"]] == pytest.approx(
        [1500, 2000, 2000], rel=0.01
    )
    assert found.iloc[1][["low", "residents", "high"]].tolist() == [0, 0, 0]


def test_counts_over_streets_and_inside_polygons_agree() -> None:
    streets = make_town(7, 0.2)
    zones = make_zones((10_000, -100, -100, 900, 1900), (5000, 900, -100, 1900, 1900))
    spread = spread_residents(zones, streets, coverage=whole(zones), piece_m=20)
    seconds = search(streets, 50)
    over = count_residents(spread, streets, seconds, cutoffs_minutes=[1.0, 2.0])
    areas = build_areas(streets, seconds, cutoffs_minutes=[1.0, 2.0], cell_m=10.0)
    inside = count_residents_inside(spread, areas)
    assert inside["residents"].tolist() == pytest.approx(over["residents"].tolist(), rel=0.05)


def test_a_zone_covered_in_part_is_spread_in_part(road: Streets) -> None:
    # The extract ends in the middle of the first zone, and where the third begins.
    zones = make_zones(
        (8000, -2000, -500, 0, 500), (1000, 0, -500, 3000, 500), (700, 3000, -500, 6000, 500)
    )
    coverage = to_degrees(shapely.box(-1000, -500, 3000, 500))
    spread = spread_residents(zones, road, coverage=coverage)
    assert spread.zones["covered_share"].tolist() == pytest.approx([0.5, 1, 0], abs=1e-6)
    sums = sum_by(spread, "zone_id")
    assert sums["z0"] == pytest.approx([4000] * 3, rel=1e-4)
    # The second has no residential street: its residents live on all streets.
    assert sums["z1"] == pytest.approx([1000] * 3)
    assert "z2" not in sums
    rules = {notice.rule: notice for notice in spread.notices}
    assert set(rules) == {"zones-outside", "partly-covered", "no-residential-street"}
    assert "cover 50% of zone z0" in rules["partly-covered"].message
    assert "8,000 residents 4,000 are spread" in rules["partly-covered"].message
    assert "zone z1" in rules["no-residential-street"].message
    assert all(notice.severity == "warning" for notice in spread.notices)


def test_the_hull_of_the_streets_is_covered_by_default() -> None:
    block = [(0.0, 0.0), (1000.0, 0.0), (1000.0, 1000.0), (0.0, 1000.0), (0.0, 0.0)]
    streets = make_streets([[a, b] for a, b in pairwise(block)])
    zones = make_zones((400, 0, 0, 1000, 2000))
    spread = spread_residents(zones, streets)
    assert spread.zones["covered_share"].iloc[0] == pytest.approx(0.5, rel=1e-3)


def test_a_zone_without_streets_is_spread_over_its_land(road: Streets) -> None:
    zones = make_zones((1000, -1000, 200, 3000, 1200))
    spread = spread_residents(zones, road, coverage=whole(zones))
    assert sum_by(spread, "zone_id")["z0"] == pytest.approx([1000] * 3)
    assert "its area" in spread.notices[0].message
    # Too small for a square of its own: one in its middle.
    tiny = make_zones((10, 100, 100, 110, 110))
    places = spread_residents(tiny, road, coverage=whole(tiny)).places
    assert places["on_area"].tolist() == pytest.approx([10])
    assert places["distance_m"].iloc[0] == pytest.approx(105, abs=6)


def test_a_street_on_a_border_is_counted_once() -> None:
    streets = make_streets([[(0.0, 0.0), (0.0, 1000.0)]])
    zones = make_zones((100, -500, 0, 0, 1000), (100, 0, 0, 500, 1000))
    spread = spread_residents(zones, streets, coverage=whole(zones))
    assert spread.zones["street_km"].sum() == pytest.approx(1, rel=1e-3)
    assert spread.places[list(ASSUMPTIONS)].sum().tolist() == pytest.approx([200] * 3)


def test_zones_without_a_figure_are_left_out(road: Streets) -> None:
    zones = make_zones((500, -1000, -500, 3000, 0), (600, -1000, 0, 3000, 500))
    zones.loc[0, "population_2020"] = np.nan
    spread = spread_residents(zones, road, coverage=whole(zones))
    assert spread.zones["zone_id"].tolist() == ["z1"]


@settings(max_examples=15)
@given(seed=st.integers(0, 1000), counts=st.lists(st.floats(0, 1e6), min_size=2, max_size=2))
def test_nobody_is_lost_or_doubled(seed: int, counts: list[float]) -> None:
    streets = make_town(seed, 0.3)
    zones = make_zones((counts[0], -100, -100, 900, 1900), (counts[1], 900, -100, 1900, 1900))
    spread = spread_residents(zones, streets, coverage=whole(zones))
    totals = spread.places[list(ASSUMPTIONS)].sum().tolist()
    assert totals == pytest.approx([sum(counts)] * 3, abs=1e-6)
    seconds = search(streets, seed % len(streets.nodes))
    found = count_residents(spread, streets, seconds, cutoffs_minutes=[1.0, 2.0, 4.0, 600.0])
    for column in ("low", "residents", "high"):
        assert found[column].is_monotonic_increasing
        assert found[column].max() <= sum(counts) * (1 + 1e-9)
    assert (found["low"] <= found["residents"]).all()
    assert (found["residents"] <= found["high"]).all()


def test_no_zone_where_the_streets_are_is_an_error(road: Streets) -> None:
    zones = make_zones((100, 50_000, 50_000, 51_000, 51_000))
    with pytest.raises(InputError, match="no zone with residents lies where the streets are"):
        spread_residents(zones, road)


def test_only_motorways_are_an_error() -> None:
    streets = make_streets(LINES, classes=dict.fromkeys(range(2), "motorway"))
    zones = make_zones((4000, -1000, -1000, 3000, 1000))
    with pytest.raises(InputError, match="nobody lives there"):
        spread_residents(zones, streets, coverage=whole(zones))


@pytest.mark.parametrize("sizes", [{"piece_m": 0.0}, {"square_m": -1.0}])
def test_sizes_must_be_positive(road: Streets, sizes: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        spread_residents(make_zones((1, 0, 0, 1, 1)), road, **sizes)
