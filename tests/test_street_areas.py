"""Areas that streets lead to, against what can be worked out by hand and against exact buffers."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.ops import substring

from netlib.errors import InputError
from netlib.streets import Streets
from netlib.streets.area_kernels import find_nearest
from netlib.streets.areas import build_area_grid, build_areas, grid_to_areas
from netlib.streets.buffers import build_buffers
from netlib.streets.ring_kernels import simplify_rings
from netlib.streets.snapping import build_street_index, compute_ends, find_joined, snap_points
from tests.street_lines import (
    RIDE_MS,
    find_node,
    make_chart,
    make_streets,
    make_town,
    search,
    to_metres,
)

# Off the road people walk a metre a second.
WALK_KMH = 3.6
# Reach off the road that the towns and roads of these tests are drawn for.
REACH_M = 100.0
# Both kinds of areas; buffers take no walking speed.
BUILDS = [partial(build_areas, off_road_m=REACH_M), partial(build_buffers, off_road_m=REACH_M)]


def build(streets: Streets, seconds: Any, *minutes: float, **options: Any) -> gpd.GeoDataFrame:
    options = {"walk_kmh": WALK_KMH} | options
    return build_areas(
        streets, seconds, cutoffs_minutes=minutes, **{"off_road_m": REACH_M, **options}
    )


def test_a_road_is_reached_as_far_as_time_allows_and_tapers() -> None:
    streets = make_streets([[(0, 0), (5000, 0)]])
    seconds = search(streets, find_node(streets, 0, 0))
    shape = to_metres(build(streets, seconds, 5.0, tolerance_m=1.0).geometry.iloc[0])
    # 300 s at 10 m/s; the walk of up to 100 m takes 100 s of them, so the last 1,000 m narrow.
    west, south, east, north = shape.bounds
    assert [west, south, east, north] == pytest.approx([-100, -100, 3000, 100], abs=13)
    expected = math.pi * 100**2 / 2 + 2000 * 200 + 1000 * 200 / 2
    assert shape.area == pytest.approx(expected, rel=0.01)
    assert shape.contains(shapely.Point(2500, 45))
    assert not shape.contains(shapely.Point(2500, 55))


def test_buffers_do_not_count_the_walk() -> None:
    streets = make_streets([[(0, 0), (5000, 0)]])
    seconds = search(streets, find_node(streets, 0, 0))
    found = build_buffers(
        streets, seconds, off_road_m=REACH_M, cutoffs_minutes=[5.0], tolerance_m=1.0
    )
    shape = to_metres(found.geometry.iloc[0])
    exact = shapely.buffer(shapely.LineString([(0, 0), (3000, 0)]), 100)
    assert shape.symmetric_difference(exact).area < 0.01 * exact.area
    assert found["area_km2"].iloc[0] == pytest.approx(exact.area / 1e6, rel=0.005)


def test_a_road_is_entered_from_both_ends() -> None:
    # A long way round reaches the far end of the first road after 250 s: 700 m are left between.
    streets = make_streets([[(0, 0), (4000, 0)]])
    seconds = np.array([0.0, 0.0])
    seconds[find_node(streets, 4000, 0)] = 250.0
    shape = to_metres(
        build_buffers(
            streets, seconds, off_road_m=REACH_M, cutoffs_minutes=[290 / 60]
        ).geometry.iloc[0]
    )
    exact = shapely.union_all(
        [
            shapely.LineString([(0, 0), (2900, 0)]).buffer(100),
            shapely.LineString([(3600, 0), (4000, 0)]).buffer(100),
        ]
    )
    assert len(shape.geoms) == 2
    assert shape.symmetric_difference(exact).area < 0.02 * exact.area
    whole = to_metres(
        build_buffers(streets, seconds, off_road_m=REACH_M, cutoffs_minutes=[6.0]).geometry.iloc[0]
    )
    assert len(whole.geoms) == 1


@pytest.mark.parametrize("make", BUILDS)
def test_a_one_way_street_is_not_entered_from_its_end(make: Any) -> None:
    streets = make_streets([[(0, 0), (3000, 0)]], one_way=(0,))
    end = find_node(streets, 3000, 0)
    there, back = np.full((2, 2), np.inf)
    there[1 - end] = back[end] = 0.0
    forward = to_metres(make(streets, there, cutoffs_minutes=[3.0]).geometry.iloc[0])
    assert forward.contains(shapely.Point(1500, 0))
    stuck = to_metres(make(streets, back, cutoffs_minutes=[3.0]).geometry.iloc[0])
    # Only the end itself, and what lies nearer to it than to the rest of the street.
    assert not stuck.is_empty
    assert not stuck.contains(shapely.Point(2850, 0))
    assert stuck.contains(shapely.Point(3050, 0))


def test_a_river_is_crossed_only_on_its_bridge() -> None:
    # Banks 120 m apart, a bridge in the east; the reach of 100 m would lead over the water.
    south = [[(0, 0), (4000, 0)]]
    north = [[(0, 120), (4000, 120)]]
    bridge = [[(4000, 0), (4000, 120)]]
    streets = make_streets([*south, *north, *bridge])
    seconds = search(streets, find_node(streets, 0, 0))
    shape = to_metres(build(streets, seconds, 5.0).geometry.iloc[0])
    # 300 s lead 3,000 m along the southern bank, and not to the bridge.
    assert shape.contains(shapely.Point(1000, 50))
    assert not shape.contains(shapely.Point(1000, 75))
    assert shape.bounds[3] < 60 + 13
    # 450 s lead over the bridge and 380 m back.
    later = to_metres(build(streets, seconds, 7.5).geometry.iloc[0])
    assert later.contains(shapely.Point(3800, 120))
    assert not later.contains(shapely.Point(3500, 120))
    assert not later.contains(shapely.Point(1000, 120))
    without = make_streets([*south, *north])
    seconds = search(without, find_node(without, 0, 0))
    forever = to_metres(build(without, seconds, 600.0).geometry.iloc[0])
    assert forever.bounds[3] < 60 + 13


def test_holes_and_islands_are_kept() -> None:
    block = [(0, 0), (1000, 0), (1000, 1000), (0, 1000), (0, 0)]
    streets = make_streets([[a, b] for a, b in pairwise(block)] + [[(3000, 0), (3100, 0)]])
    shape = to_metres(build(streets, np.zeros(len(streets.nodes)), 10.0).geometry.iloc[0])
    assert sorted(len(part.interiors) for part in shape.geoms) == [0, 1]
    (ring,) = (part for part in shape.geoms if part.interiors)
    assert shapely.Polygon(ring.interiors[0]).area == pytest.approx(800 * 800, rel=0.01)


def test_motorways_are_left_only_at_their_ends() -> None:
    lines = [[(0, 0), (500, 0)], [(500, 0), (5000, 0)], [(5000, 0), (5500, 0)]]
    streets = make_streets(lines, classes={1: "motorway"})
    seconds = search(streets, find_node(streets, 0, 0))
    shape = to_metres(build(streets, seconds, 10.0).geometry.iloc[0])
    assert len(shape.geoms) == 2
    assert not shape.contains(shapely.Point(2500, 0))
    only = make_streets(lines, classes=dict.fromkeys(range(3), "motorway"))
    assert build(only, seconds, 10.0).geometry.is_empty.all()
    with pytest.raises(InputError, match="nobody gets off"):
        build_area_grid(only, off_road_m=REACH_M)


@pytest.mark.parametrize("make", BUILDS)
def test_nothing_reached_is_empty(make: Any) -> None:
    streets = make_streets([[(0, 0), (1000, 0)]])
    found = make(streets, np.full(2, np.inf), cutoffs_minutes=[10.0, 5.0])
    assert found["cutoff_minutes"].tolist() == [5.0, 10.0]
    assert found.geometry.is_empty.all()
    assert found["area_km2"].tolist() == [0.0, 0.0]
    late = make(streets, np.array([400.0, 400.0]), cutoffs_minutes=[5.0, 10.0])
    assert late.geometry.is_empty.tolist() == [True, False]


def test_one_reached_node_gives_a_disc() -> None:
    streets = make_streets([[(0, 0), (10_000, 0)]])
    closed = np.full(len(streets.edges), np.inf)
    seconds = np.full(2, np.inf)
    seconds[find_node(streets, 0, 0)] = 0.0
    shape = to_metres(
        BUILDS[1](
            streets, seconds, cutoffs_minutes=[1.0], edge_seconds=closed, tolerance_m=1.0
        ).geometry.iloc[0]
    )
    assert shape.area == pytest.approx(math.pi * 100**2, rel=0.02)
    walked = build(streets, seconds, 1.0, edge_seconds=closed, cell_m=5.0, tolerance_m=1.0)
    # 60 s on foot, on the side where the node is the nearest place of the street.
    assert to_metres(walked.geometry.iloc[0]).area == pytest.approx(math.pi * 60**2 / 2, rel=0.1)


@pytest.mark.parametrize("make", BUILDS)
@pytest.mark.parametrize("turned", [False, True])
def test_a_journey_that_begins_along_a_street(make: Any, turned: bool) -> None:  # noqa: FBT001
    streets = make_streets([[(0, 0), (6000, 0)]])
    from_west = 0 if streets.edges["tail"][0] == find_node(streets, 0, 0) else 1
    starts = pd.DataFrame(
        {
            "edge": [1 - from_west if turned else from_west],
            "fraction": [0.6 if turned else 0.4],
            "seconds": [60.0],
        }
    )
    shape = to_metres(
        make(streets, np.full(2, np.inf), cutoffs_minutes=[2.0], starts=starts).geometry.iloc[0]
    )
    # 60 s are left, for 600 m each way from 2,400 m on.
    west, _, east, _ = shape.bounds
    beyond = 0 if make is BUILDS[0] else 100
    assert [west, east] == pytest.approx([1800 - beyond, 3000 + beyond], abs=20)


@settings(max_examples=12)
@given(seed=st.integers(0, 10_000), share=st.floats(0.05, 0.6), tolerance=st.floats(0, 12))
def test_areas_are_valid_nested_and_close_to_the_exact(
    seed: int, share: float, tolerance: float
) -> None:
    streets = make_town(seed, share)
    seconds = search(streets, seed % len(streets.nodes))
    minutes = [1.0, 1.1, 2.0, 3.0]
    areas, buffers = (
        make(streets, seconds, cutoffs_minutes=minutes, tolerance_m=tolerance) for make in BUILDS
    )
    for found in (areas, buffers):
        assert found.is_valid.all()
        assert (found.geom_type == "MultiPolygon").all()
        for smaller, larger in pairwise(found.geometry):
            assert larger.covers(smaller)
        assert found["area_km2"].is_monotonic_increasing
    for minute, shape in zip(minutes, buffers.geometry, strict=True):
        exact = shapely.union_all(shapely.buffer(cut_reached(streets, seconds, 60 * minute), 100))
        drawn = to_metres(shape)
        # Half a cell's diagonal: gaps between streets that no cell's middle hits are closed.
        apart = 18 + tolerance
        assert shapely.buffer(exact, apart).covers(drawn)
        assert shapely.buffer(drawn, apart).covers(exact)


@pytest.mark.parametrize("centre", [(179.99, 0.0), (25.0, 70.0), (-70.0, -84.0), (0.0, 51.5)])
@pytest.mark.parametrize("seed", range(3))
def test_areas_are_valid_and_nested_all_over_the_globe(
    centre: tuple[float, float], seed: int
) -> None:
    streets = make_town(seed, 0.3, centre)
    seconds = search(streets, 10 * seed)
    for make, cell_m, tolerance in ((build_areas, 25.0, 5.0), (build_buffers, 10.0, 8.0)):
        found = make(
            streets,
            seconds,
            cutoffs_minutes=[1.0, 1.01, 2.0, 2.5, 3.0],
            cell_m=cell_m,
            tolerance_m=tolerance,
        )
        assert found.is_valid.all()
        for smaller, larger in pairwise(found.geometry):
            assert larger.covers(smaller)


def cut_reached(streets: Streets, seconds: Any, limit: float) -> list[Any]:
    """Cut the stretches that are reached, one direction at a time, without our kernels."""
    chart = make_chart()
    x, y = chart(streets.shapes.x, streets.shapes.y)
    parts = []
    for i, edge in streets.edges.iterrows():
        left = limit - seconds[edge["tail"]]
        corners = slice(*streets.shapes.offsets[i : i + 2])
        line = shapely.LineString(np.column_stack((x[corners], y[corners])))
        for node, place in ((edge["tail"], 0.0), (edge["head"], 1.0)):
            if seconds[node] <= limit:
                parts.append(line.interpolate(place, normalized=True))
        if left > 0:
            share = min(1.0, left * RIDE_MS / edge["length_m"])
            parts.append(substring(line, 0, share, normalized=True))
    return parts


def time_points(streets: Streets, seconds: Any, points: Any) -> Any:
    """Find the seconds to places in metres as journeys count them, at most 100 m off the road."""
    chart = make_chart()
    x, y = chart(points[:, 0], points[:, 1], inverse=True)
    index = build_street_index(streets)
    # Streets that lead nowhere count where the journey begins on them.
    tail = streets.edges["tail"].to_numpy()[index.edges]
    main = np.flatnonzero(find_joined(streets)[index.edges] | np.isfinite(seconds[tail]))
    index = replace(index, main=main, main_tree=shapely.STRtree(index.lines[main]))
    snaps = snap_points(index, x, y, limit_m=100.0)
    over = streets.edges["length_m"].to_numpy() / RIDE_MS
    ends = compute_ends(snaps, streets, over, walk_speed_kmh=WALK_KMH)
    times = np.full(len(points), np.inf)
    np.minimum.at(times, ends["point"], ends["seconds"] + seconds[ends["node"]])
    return times


@settings(max_examples=10)
@given(seed=st.integers(0, 10_000), share=st.floats(0.05, 0.5))
def test_polygons_agree_with_the_times_at_points(seed: int, share: float) -> None:
    streets = make_town(seed, share)
    seconds = search(streets, seed % len(streets.nodes))
    cell_m, tolerance, cutoff = 10.0, 2.0, 2.0
    found = build(streets, seconds, cutoff, cell_m=cell_m, tolerance_m=tolerance)
    shape = to_metres(found.geometry.iloc[0])
    points = np.random.default_rng(seed).uniform(-200, 2000, (500, 2))
    inside = shapely.contains_xy(shape, *points.T)
    wrong = inside != (time_points(streets, seconds, points) <= 60 * cutoff)
    assert wrong.mean() < 0.05
    # Where it is wrong, the right answer changes within a cell's diagonal and the tolerance.
    angles, radii = np.meshgrid(np.arange(0, 2 * np.pi, 0.2), np.linspace(0.5, 1, 8))
    reach = (cell_m * math.sqrt(2) + tolerance) * radii.ravel()
    around = np.column_stack((reach * np.cos(angles.ravel()), reach * np.sin(angles.ravel())))
    for point, drawn in zip(points[wrong], inside[wrong], strict=True):
        near = time_points(streets, seconds, point + around) <= 60 * cutoff
        assert (near == drawn).any()


def test_a_prepared_grid_gives_the_same_areas() -> None:
    streets = make_town(3, 0.2)
    grid = build_area_grid(streets, off_road_m=REACH_M)
    for node in (0, 40):
        seconds = search(streets, node)
        once = build(streets, seconds, 1.0, 3.0, tolerance_m=0.0)
        again = grid_to_areas(
            grid, seconds, cutoffs_minutes=[1.0, 3.0], walk_kmh=WALK_KMH, tolerance_m=0.0
        )
        for a, b in zip(once.geometry, again.geometry, strict=True):
            # The cells of a part of the streets lie elsewhere.
            assert shapely.symmetric_difference(a, b).area < 0.01 * a.area


def test_the_tolerance_bounds_how_far_a_side_moves() -> None:
    streets = make_town(5, 0.3)
    seconds = search(streets, 20)
    shapes = {
        tolerance: to_metres(
            build(streets, seconds, 2.0, tolerance_m=tolerance).geometry.iloc[0].boundary
        )
        for tolerance in (0.0, 3.0, 10.0)
    }
    corners = {key: shapely.get_num_coordinates(shape) for key, shape in shapes.items()}
    assert corners[0.0] > corners[3.0] > corners[10.0]
    for tolerance in (3.0, 10.0):
        moved = shapely.hausdorff_distance(shapes[0.0], shapes[tolerance], densify=0.2)
        assert moved <= tolerance * (1 + 1e-6)


@pytest.mark.parametrize(
    "centre",
    [(180.0, 0.0), (-179.99, 65.0), (179.98, -45.0), (20.0, 84.0), (0.0, 0.0), (-75.0, -80.0)],
)
def test_areas_are_right_all_over_the_globe(centre: tuple[float, float]) -> None:
    lines = [[(-1500.0, 0.0), (0.0, 0.0)], [(0.0, 0.0), (1500.0, 0.0)], [(0.0, 0.0), (0.0, 1500.0)]]
    streets = make_streets(lines, centre=centre)
    shifted = (streets.nodes["x"] + 180) % 360 - 180
    streets = Streets(
        streets.nodes.assign(x=shifted), streets.edges, streets.shapes, "drive", "made"
    )
    found = build(streets, np.zeros(4), 20.0, 30.0, tolerance_m=1.0)
    shape, larger = found.geometry
    assert found.is_valid.all()
    assert larger.covers(shape)
    exact = shapely.union_all(shapely.buffer(shapely.linestrings(lines), 100)).area
    assert found["area_km2"].iloc[0] == pytest.approx(exact / 1e6, rel=0.005)
    # In degrees too, on the ellipsoid: nothing is lost or doubled at the antimeridian.
    geodesic = sum(
        abs(Geod(ellps="WGS84").geometry_area_perimeter(shapely.segmentize(part, 1e-3))[0])
        for part in shape.geoms
    )
    assert geodesic == pytest.approx(exact, rel=0.01)
    west, _, east, _ = shape.bounds
    assert -180 <= west < east <= 180
    assert all(part.bounds[2] - part.bounds[0] < 1.0 for part in shape.geoms)


def test_streets_around_a_pole_are_an_error() -> None:
    ring = [(2000 * math.cos(a), 2000 * math.sin(a)) for a in np.linspace(0, 5, 20)]
    streets = make_streets([[a, b] for a, b in pairwise(ring)], centre=(0.0, 90.0))
    with pytest.raises(InputError, match="around a pole"):
        build(streets, np.zeros(20), 10.0)


def test_too_many_cells_are_an_error() -> None:
    streets = make_streets([[(0, 0), (900_000, 900_000)]])
    with pytest.raises(InputError, match=r"too many; take cell_m of \d+ or more"):
        build(streets, np.zeros(2), 10.0, cell_m=1.0, off_road_m=10.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cutoffs_minutes": []}, "finite and above 0"),
        ({"cutoffs_minutes": [0.0]}, "finite and above 0"),
        ({"cutoffs_minutes": [math.inf]}, "finite and above 0"),
        ({"cell_m": 60.0}, "up to half of 100"),
        ({"cell_m": 0.0}, "up to half of 100"),
        ({"tolerance_m": -1.0}, "not be negative"),
        ({"edge_seconds": np.zeros(3)}, "2 edges need as many seconds"),
        ({"edge_seconds": np.array([1.0, np.nan])}, "2 edges need as many seconds"),
        (
            {"starts": pd.DataFrame({"edge": [7], "fraction": [0.5], "seconds": [0.0]})},
            "starts name edges 7 to 7 of 2",
        ),
        (
            {"starts": pd.DataFrame({"edge": [0], "fraction": [1.5], "seconds": [0.0]})},
            "fractions from 0 to 1",
        ),
    ],
)
@pytest.mark.parametrize("make", BUILDS)
def test_wrong_figures_are_errors(make: Any, options: dict[str, Any], message: str) -> None:
    streets = make_streets([[(0, 0), (1000, 0)]])
    with pytest.raises(ValueError, match=message):
        make(streets, np.zeros(2), **({"cutoffs_minutes": [5.0]} | options))
    with pytest.raises(ValueError, match="2 nodes need as many seconds"):
        make(streets, np.array([0.0, np.nan]), cutoffs_minutes=[5.0])


@pytest.mark.parametrize("speed", [0.0, -1.0, math.inf, math.nan])
def test_walking_speeds_must_be_positive(speed: float) -> None:
    streets = make_streets([[(0, 0), (1000, 0)]])
    for seconds in (np.zeros(2), np.full(2, np.inf)):
        with pytest.raises(ValueError, match="walk_kmh"):
            build(streets, seconds, 5.0, walk_kmh=speed)


def find_nearest_plainly(
    column: Any, row: Any, offsets: Any, shape: tuple[int, int]
) -> tuple[Any, Any]:
    """Find line and distance of every cell with shapely."""
    lines = [
        shapely.LineString(np.column_stack((column[a:b], row[a:b]))) for a, b in pairwise(offsets)
    ]
    rows, columns = np.indices(shape)
    points = shapely.points(columns, rows)
    distance = np.array([shapely.distance(points, line) for line in lines])
    along = np.array([shapely.line_locate_point(line, points, normalized=True) for line in lines])
    return distance, along


@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_street_is_found_as_shapely_finds_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    offsets = np.array([0, 2, 5, 9, 11])
    column, row = rng.uniform(5, 25, (2, 11))
    row[1] = row[0]  # level
    shape, radius = (30, 32), 6.0
    line = np.full(shape, -1, dtype=np.int32)
    fraction = np.zeros(shape, dtype=np.float32)
    square = np.full(shape, np.inf, dtype=np.float32)
    for first, last in ((0, 13), (13, 30)):
        find_nearest(column, row, offsets, radius, first, last, line, fraction, square)
    distance = np.sqrt(square)
    wanted, along = find_nearest_plainly(column, row, offsets, shape)
    best = wanted.min(axis=0)
    near = best < radius - 1e-4
    assert near.sum() > 100
    assert distance[near] == pytest.approx(best[near], abs=1e-3)
    clear = near & (np.sort(wanted, axis=0)[1] > best + 1e-4)
    assert (line[clear] == wanted.argmin(axis=0)[clear]).all()
    rows, columns = np.nonzero(clear)
    shares = along[line[clear], rows, columns]
    # Where two stretches of one line are as near, either place will do.
    assert (np.abs(fraction[clear] - shares) < 1e-4).mean() > 0.95


def test_rings_keep_their_order_when_corners_go() -> None:
    # A wavy ring in a smooth one, half a tolerance apart: neither may cross the other.
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    inner = 100 + 2 * np.sin(24 * angle)
    outer = inner + 1.5
    x = np.concatenate((inner * np.cos(angle), outer * np.cos(angle)))
    y = np.concatenate((inner * np.sin(angle), outer * np.sin(angle)))
    kept = simplify_rings(x, y, np.array([0, 200, 400]), 6.0, 100.0, 0.01, 1000.0, 10.0)
    small, large = (
        shapely.Polygon(np.column_stack((x, y))[part][kept[part]])
        for part in (slice(0, 200), slice(200, 400))
    )
    assert kept.sum() < 300
    assert small.is_valid
    assert large.is_valid
    assert large.contains_properly(small)
