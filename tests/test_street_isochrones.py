"""Areas over streets where there are some, over roads and land elsewhere, and both said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from netlib.areas import spread
from netlib.errors import MissingFileError, NetlibError
from netlib.isochrones import BY_GROUND, PARTLY, compute_isochrones
from netlib.streets import write_streets
from netlib.streets.extent import find_coverage
from netlib.streets.extracts import find_street_files, read_extracts
from tests.street_towns import build_grid, locate

if TYPE_CHECKING:
    from pathlib import Path

    from netlib.areas import Field
    from netlib.streets import Streets
    from netlib.tables import Network

TODAY = "2026-11-22"
STEP_M = 500.0
HALF = 16
# The south-western corner of a town of 16 by 16 km around the centre of the toy.
CORNER = locate((-HALF, -HALF), origin=(113.0, 34.0), step_m=STEP_M)
SIDE = 2 * HALF + 1
# A river from west to east, 2.25 km north of the centre, with one bridge at its western end.
RIVER = [((column, HALF + 4), (column, HALF + 5)) for column in range(1, SIDE)]
# A field is known at the middles of cells of half a km, which are reached on foot from the nearest
# corner: at most 354 m at 6 km/h, and read between four of them, a block apart: 1.2 minutes by
# taxi.
CELL, BLOCK_RIDE = 3.6, 1.2
TAXI_WAIT = 5.0


def build_town(mode: str, **options: object) -> Streets:
    return build_grid(SIDE, SIDE, mode=mode, origin=CORNER, step_m=STEP_M, **options)


@pytest.fixture(scope="module")
def town() -> list[Streets]:
    return [build_town(mode) for mode in ("walk", "drive")]


@pytest.fixture(scope="module")
def today(line_network: Network) -> Network:
    return line_network.as_of(TODAY)


def stand(minutes: float = 0.0, *, by_road: bool = True) -> pd.DataFrame:
    """Return a table of one stop at the centre."""
    row = {"x_coord": [113.0], "y_coord": [34.0], "by_road": [by_road], "minutes": [minutes]}
    return pd.DataFrame(row)


def read_corner(field: Field, corner: tuple[float, float]) -> float:
    return float(field.at(*locate(corner, origin=(113.0, 34.0), step_m=STEP_M))[0])


def test_minutes_follow_the_streets(today: Network, town: list[Streets]) -> None:
    """A taxi comes after 5 minutes and has 25 km/h along streets, not as the crow flies."""
    field = spread(today, stand(), modes=("taxi",), limit_minutes=40, streets=town)
    for corner in ((8, 0), (4, 4), (9, 0), (6, 5), (-8, 8)):
        blocks = abs(corner[0]) + abs(corner[1])
        expected = TAXI_WAIT + blocks * BLOCK_RIDE
        assert expected - BLOCK_RIDE <= read_corner(field, corner) <= expected + CELL + BLOCK_RIDE


def test_the_quickest_mode_counts_over_streets_too(today: Network, town: list[Streets]) -> None:
    """Whoever walks need not wait for a taxi: each cell has the least minutes of both."""
    both, walk, taxi = (
        spread(today, stand(), modes=modes, limit_minutes=30, streets=town)
        for modes in (("walk", "taxi"), ("walk",), ("taxi",))
    )
    corners = [(column, row) for column in range(-6, 7, 2) for row in range(-6, 7, 2)]
    for corner in corners:
        least = min(read_corner(walk, corner), read_corner(taxi, corner))
        assert read_corner(both, corner) <= least + 0.01
    # At the stop itself a taxi is waited for, and who walks is there; far off it is the other way.
    assert read_corner(walk, (0, 0)) < read_corner(taxi, (0, 0))
    assert read_corner(walk, (4, 2)) > read_corner(taxi, (4, 2))
    order = spread(today, stand(), modes=("taxi", "walk"), limit_minutes=30, streets=town)
    np.testing.assert_array_equal(order.minutes, both.minutes)


def test_nobody_crosses_a_river_without_a_bridge(today: Network) -> None:
    """To the far bank over the bridge: 16 blocks west, 6 north and 16 back, by taxi."""
    streets = [build_town(mode, closed=RIVER) for mode in ("walk", "drive")]
    field = spread(today, stand(), limit_minutes=60, streets=streets)
    near, far = read_corner(field, (0, 3)), read_corner(field, (0, 6))
    assert near <= TAXI_WAIT + 3 * BLOCK_RIDE + CELL + BLOCK_RIDE
    expected = TAXI_WAIT + (HALF + 6 + HALF) * BLOCK_RIDE
    assert expected - BLOCK_RIDE <= far <= expected + CELL + BLOCK_RIDE


def test_beyond_the_extract_there_are_roads_and_land(today: Network) -> None:
    """Of a town of 4 by 4 km streets count within; 4 km beyond it all is as without them."""
    corner = locate((-4, -4), origin=(113.0, 34.0), step_m=STEP_M)
    small = [build_grid(9, 9, mode=mode, origin=corner) for mode in ("walk", "drive")]
    over, plain = (
        spread(today, stand(), modes=("taxi",), limit_minutes=40, streets=streets)
        for streets in (small, [])
    )
    assert read_corner(over, (12, 0)) == pytest.approx(read_corner(plain, (12, 0)))
    assert read_corner(over, (3, 3)) > read_corner(plain, (3, 3)) + 3


def test_without_streets_for_a_mode_it_keeps_its_minutes(
    today: Network, town: list[Streets]
) -> None:
    """A taxi has no streets to walk on."""
    over, plain = (
        spread(today, stand(), modes=("taxi",), limit_minutes=30, streets=streets)
        for streets in (town[:1], [])
    )
    np.testing.assert_array_equal(over.minutes, plain.minutes)


def test_an_area_says_how_it_was_measured(today: Network, town: list[Streets]) -> None:
    """Walks along streets and a bus at 12 km/h along them cover less than straight lines."""
    plain = compute_isochrones(today, "900100", [15.0, 20.0])
    frame = compute_isochrones(today, "900100", [15.0, 20.0], streets=town)
    assert plain["method"].tolist() == [BY_GROUND, BY_GROUND]
    assert frame["method"].tolist() == [PARTLY, PARTLY]
    assert frame.geometry.is_valid.all()
    assert frame["area_km2"].is_monotonic_increasing
    assert (frame["area_km2"] < plain["area_km2"]).all()
    # Walking 15 minutes along a grid reaches a square of 2 * 1.5 ** 2 km2, less the way to cells.
    assert 0.5 <= frame["area_km2"].iloc[0] <= 2 * 1.5**2 * 1.3


def test_an_extract_covers_the_hull_of_its_streets(town: list[Streets]) -> None:
    covered = find_coverage(town[0])
    assert covered.covers(shapely.Point(113.0, 34.0))
    east = [locate((HALF + k, 0), origin=(113.0, 34.0), step_m=STEP_M) for k in (0.9, 1.1)]
    assert [covered.covers(shapely.Point(place)) for place in east] == [True, False]
    size = gpd.GeoSeries([covered], crs=4326).to_crs("+proj=laea +lat_0=34 +lon_0=113").area
    # 16 km and 500 m on every side, with round corners.
    expected = 17.0**2 - (4 - np.pi) * 0.5**2
    assert size.iloc[0] / 1e6 == pytest.approx(expected, rel=2e-3)


def test_streets_of_the_regions_are_found(tmp_path: Path, town: list[Streets]) -> None:
    for region, streets in zip(("east", "west"), town, strict=True):
        write_streets(streets, tmp_path / region / "streets" / f"{streets.mode}.parquet")
    files = find_street_files(tmp_path)
    assert [path.parent.parent.name for path in files] == ["east", "west"]
    assert [streets.mode for streets in read_extracts(files)] == ["walk", "drive"]
    assert find_street_files(tmp_path / "nowhere") == []
    with pytest.raises(MissingFileError, match="no file"):
        read_extracts([tmp_path / "gone.parquet"])
    with pytest.raises(NetlibError, match=r"make one with netlib streets read town\.osm"):
        read_extracts([tmp_path / "town.osm"])


def test_streets_around_a_real_station(evidence_base: Network) -> None:
    # A made-up town of 8 by 8 km around 许昌东, where nobody crosses from its western half to the
    # eastern but on one street.
    node = evidence_base["node"].set_index("node_id").loc["XVF"]
    place = (float(node["x_coord"]), float(node["y_coord"]))
    corner = locate((-8, -8), origin=place, step_m=STEP_M)
    wall = [((9, row), (10, row)) for row in range(17) if row != 2]
    streets = [
        build_grid(17, 17, mode=mode, origin=corner, closed=wall) for mode in ("walk", "drive")
    ]
    network = evidence_base.as_of(TODAY)
    plain = compute_isochrones(network, "XVF", [20.0])
    frame = compute_isochrones(network, "XVF", [20.0], streets=streets)
    behind = shapely.Point(locate((11, 8), origin=corner, step_m=STEP_M))
    assert plain.geometry.iloc[0].covers(behind)
    assert not frame.geometry.iloc[0].covers(behind)
    assert 0 < frame["residents"].iloc[0] < plain["residents"].iloc[0]
