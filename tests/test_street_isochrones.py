"""Isochrones over streets where there are some, straight lines elsewhere, and both said."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from netlib.doors.modes import read_modes
from netlib.doors.surfaces import build_street_isochrones, find_coverage, search_from_all
from netlib.surfaces import BY_STREETS, NO_STREETS, PARTLY

from netlib.doors.access import build_mode_roads
from netlib.errors import MissingFileError, NetlibError, UnreachableError
from netlib.isochrones import compute_isochrones
from netlib.streets import write_streets
from netlib.streets.extracts import find_street_files, read_extracts
from tests.street_towns import build_grid, locate

if TYPE_CHECKING:
    from pathlib import Path

    from netlib.streets import Streets
    from netlib.tables import Network

TODAY = "2026-11-22"
STEP_M = 500.0
HALF = 16
# The south-western corner of a town of 16 by 16 km around the centre of the toy.
CORNER = locate((-HALF, -HALF), origin=(113.0, 34.0), step_m=STEP_M)
SIDE = 2 * HALF + 1
# A river from west to east, 2.25 km north of the centre, with one bridge in the middle.
RIVER = [((column, HALF + 4), (column, HALF + 5)) for column in range(SIDE) if column != HALF]


def build_town(mode: str, **options: object) -> Streets:
    return build_grid(SIDE, SIDE, mode=mode, origin=CORNER, step_m=STEP_M, **options)


@pytest.fixture(scope="module")
def town() -> list[Streets]:
    return [build_town(mode) for mode in ("walk", "drive")]


@pytest.fixture(scope="module")
def centre() -> pd.DataFrame:
    return pd.DataFrame(
        {"x_coord": [113.0], "y_coord": [34.0], "node_type": ["centre"], "minutes": [0.0]}
    )


def measure(
    network: Network, stops: pd.DataFrame, streets: list, *cutoffs: float
) -> gpd.GeoDataFrame:
    return build_street_isochrones(network, stops, streets, cutoffs)


def point(corner: tuple[float, float]) -> shapely.Point:
    return shapely.Point(locate(corner, origin=(113.0, 34.0), step_m=STEP_M))


def test_areas_follow_the_streets(
    line_network: Network, centre: pd.DataFrame, town: list[Streets]
) -> None:
    # On foot 6 km/h: 5 blocks in 25 minutes, but 2 km is the longest walk; a taxi, after 5 minutes
    # of waiting, drives 25 km/h: in 15 minutes 8 blocks and 167 m, along streets.
    frame = measure(line_network, centre, town, 10.0, 15.0)
    assert frame["method"].tolist() == [BY_STREETS, BY_STREETS]
    assert frame["street_share"].tolist() == pytest.approx([1, 1], abs=0.001)
    outer = frame.geometry.iloc[1]
    for corner, inside in (((8, 0), True), ((4, 4), True), ((9, 0), False), ((6, 5), False)):
        assert outer.covers(point(corner)) is inside
    # 5 blocks each way are 7.1 as the crow flies: the straight-line surface has them inside.
    straight = compute_isochrones(line_network.as_of(TODAY), "900100", [15.0])
    assert straight.geometry.iloc[0].covers(point((6, 5)))
    assert straight["method"].tolist() == [NO_STREETS]
    assert straight["street_share"].tolist() == [0.0]


def test_nobody_crosses_a_river_without_a_bridge(
    line_network: Network, centre: pd.DataFrame
) -> None:
    streets = [build_town(mode, closed=RIVER) for mode in ("walk", "drive")]
    (area,) = measure(line_network, centre, streets, 20.0).geometry
    # From the centre to the far bank: 5 blocks over the bridge, then along it.
    assert area.covers(point((0, 5)))
    assert area.covers(point((6, 5)))
    assert area.covers(point((8, 4)))
    assert not area.covers(point((8, 5)))
    assert not area.covers(point((4, 4.5)))


def test_areas_are_valid_nested_and_measured(
    line_network: Network, centre: pd.DataFrame, town: list[Streets]
) -> None:
    frame = measure(line_network, centre, town[:1], 10.0, 20.0, 40.0)
    shapes = frame.geometry.tolist()
    assert all(shape.is_valid and shape.geom_type == "MultiPolygon" for shape in shapes)
    for inner, outer in itertools.pairwise(shapes):
        assert outer.buffer(1e-9).covers(inner)
    plane = frame.to_crs("+proj=laea +lat_0=34 +lon_0=113")
    assert plane.area.to_numpy() / 1e6 == pytest.approx(frame["area_km2"].to_numpy(), rel=1e-3)


def test_streets_for_one_mode_only(
    line_network: Network, centre: pd.DataFrame, town: list[Streets]
) -> None:
    # On foot over streets; the taxi, which has none, along straight lines.
    frame = measure(line_network, centre, town[:1], 5.0, 15.0)
    assert frame["method"].tolist() == [BY_STREETS, PARTLY]
    lines = measure(line_network, centre, [], 5.0, 15.0)
    assert lines["method"].tolist() == [NO_STREETS, NO_STREETS]
    assert frame["area_km2"].iloc[1] == pytest.approx(lines["area_km2"].iloc[1], rel=0.02)


def test_beyond_the_extract_lines_are_straight(line_network: Network, centre: pd.DataFrame) -> None:
    # A town of 4 by 4 km. Its eastern gate is 2 km away: after 5 minutes of waiting and 4.8 of
    # driving 5.2 are left, 5.2 km along a straight line at 60 km/h.
    corner = locate((-4, -4), origin=(113.0, 34.0), step_m=STEP_M)
    small = [build_grid(9, 9, mode=mode, origin=corner) for mode in ("walk", "drive")]
    frame = measure(line_network, centre, small, 15.0)
    assert frame["method"].tolist() == [PARTLY]
    assert 0 < frame["street_share"].iloc[0] < 0.2
    (area,) = frame.geometry
    east = [
        shapely.Point(locate((column, 0), origin=(113.0, 34.0), step_m=1000.0)) for column in (7, 8)
    ]
    assert [area.covers(place) for place in east] == [True, False]
    # A station beyond the extract has straight lines around it, 10 km in 15 minutes.
    away = locate((30, 0), origin=(113.0, 34.0), step_m=1000.0)
    stops = pd.concat([centre, centre.assign(x_coord=away[0], y_coord=away[1])])
    parts = shapely.get_parts(measure(line_network, stops, small, 15.0).geometry.iloc[0])
    (far,) = [part for part in parts if part.covers(shapely.Point(away))]
    size = gpd.GeoSeries([far], crs=4326).to_crs("+proj=laea +lat_0=34 +lon_0=113.3").area
    assert size.iloc[0] / 1e6 == pytest.approx(np.pi * 10**2, rel=0.03)


def test_nothing_beyond_the_streets_if_so_wished(
    line_network: Network, centre: pd.DataFrame
) -> None:
    corner = locate((-4, -4), origin=(113.0, 34.0), step_m=500.0)
    small = [build_grid(9, 9, mode=mode, origin=corner) for mode in ("walk", "drive")]
    frame = build_street_isochrones(line_network, centre, small, [15.0], beyond=False)
    assert frame["method"].tolist() == [BY_STREETS]
    assert frame.geometry.iloc[0].within(find_coverage(small[0]).buffer(0.01))


def test_without_streets_it_is_the_straight_line_surface(
    line_network: Network, centre: pd.DataFrame
) -> None:
    network = line_network.as_of(TODAY)
    plain = compute_isochrones(network, "900100", [10.0, 20.0])
    frame = measure(network, centre, [], 10.0, 20.0)
    assert frame["area_km2"].to_numpy() == pytest.approx(plain["area_km2"].to_numpy(), rel=0.01)


def test_the_ends_of_the_ranges_enclose_the_central_area(
    line_network: Network, centre: pd.DataFrame, town: list[Streets]
) -> None:
    areas = [
        build_street_isochrones(line_network, centre, town, [15.0], variant=variant)
        for variant in ("high", "central", "low")
    ]
    sizes = [frame["area_km2"].iloc[0] for frame in areas]
    assert sizes[0] < sizes[1] < sizes[2]


def test_one_search_and_one_for_each_stop_are_the_same(
    line_network: Network, town: list[Streets]
) -> None:
    (taxi,) = read_modes(line_network, ["taxi"])
    roads, over_edges = build_mode_roads(town[1], taxi)
    rng = np.random.default_rng(1)
    starts = pd.DataFrame(
        {
            "point": np.arange(5),
            "node": rng.integers(0, len(town[1].nodes), 5),
            "seconds": rng.uniform(0, 60, 5),
        }
    )
    begins = rng.uniform(0, 600, 5)
    together = search_from_all(roads, starts, begins, taxi, 1100.0)
    apart = search_from_all(roads, starts, begins, replace(taxi, limit_minutes=8.0), 1100.0)
    assert (over_edges > 0).all()
    # Ways of up to 8 minutes are in both; of longer ones only the first knows.
    soon = together <= begins.min() + 480 - 1
    assert soon.sum() > 10
    assert apart[soon] == pytest.approx(together[soon], abs=0.2)
    assert (apart >= together - 0.2).all()
    assert np.isinf(apart[np.isfinite(together)]).any()


def test_no_stop_in_time_is_an_error(line_network: Network, town: list[Streets]) -> None:
    late = pd.DataFrame(
        {"x_coord": [113.0], "y_coord": [34.0], "node_type": ["centre"], "minutes": [61.0]}
    )
    with pytest.raises(UnreachableError, match="no stop is reached within 60 minutes"):
        measure(line_network, late, town, 60.0)


def test_nobody_takes_a_taxi_from_the_metro(line_network: Network, town: list[Streets]) -> None:
    stop = pd.DataFrame(
        {"x_coord": [113.0], "y_coord": [34.0], "node_type": ["metro_station"], "minutes": [5.0]}
    )
    (area,) = measure(line_network, stop, town, 25.0).geometry
    assert area.covers(point((3, 0)))
    assert not area.covers(point((5, 0)))


def test_an_extract_covers_the_hull_of_its_streets(town: list[Streets]) -> None:
    covered = find_coverage(town[0])
    assert covered.covers(shapely.Point(113.0, 34.0))
    east = [locate((HALF + k, 0), origin=(113.0, 34.0), step_m=STEP_M) for k in (0.1, 0.3)]
    assert [covered.covers(shapely.Point(place)) for place in east] == [True, False]
    size = gpd.GeoSeries([covered], crs=4326).to_crs("+proj=laea +lat_0=34 +lon_0=113").area
    # 16 km and 100 m on every side, with round corners
    expected = 16.2**2 - (4 - np.pi) * 0.1**2
    assert size.iloc[0] / 1e6 == pytest.approx(expected, rel=2e-3)


def test_a_lake_beside_the_town_is_not_crossed(line_network: Network, centre: pd.DataFrame) -> None:
    # Streets around three sides of a lake that lies north of the centre.
    lake = [
        ((column, row), other)
        for column in range(13)
        for row in range(13)
        for other in ((column + 1, row), (column, row + 1))
        if max(row, other[1]) >= 7 and 2 <= max(column, other[0]) <= 11 - (other[1] > row)
    ]
    corner = locate((-6, -6), origin=(113.0, 34.0), step_m=STEP_M)
    streets = [
        build_grid(13, 13, mode=mode, origin=corner, closed=lake) for mode in ("walk", "drive")
    ]
    (area,) = measure(line_network, centre, streets, 12.0).geometry
    assert area.covers(point((0, 0)))
    assert area.covers(point((4, 0)))
    assert not area.covers(point((0, 2)))


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
    plain = compute_isochrones(network, "XVF", [15.0, 40.0])
    frame = compute_isochrones(network, "XVF", [15.0, 40.0], streets=streets)
    assert plain["method"].tolist() == [NO_STREETS, NO_STREETS]
    assert frame["method"].tolist() == [BY_STREETS, PARTLY]
    assert 0 < frame["street_share"].iloc[1] < 1
    behind = shapely.Point(locate((11, 8), origin=corner, step_m=STEP_M))
    assert plain.geometry.iloc[0].covers(behind)
    assert not frame.geometry.iloc[0].covers(behind)
    assert np.isfinite(frame["residents"]).all()
    assert frame["residents"].iloc[0] < plain["residents"].iloc[0]
