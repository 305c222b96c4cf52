"""Surfaces and isochrones against what can be worked out by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from netlib.errors import UnreachableError
from netlib.surfaces import AccessModel, compute_surface, surface_to_isochrones

# Walking takes 12 minutes per km of straight line; a taxi 5 minutes and 3 per km.
ACCESS = AccessModel(
    walk_speed_kmh=6.0,
    walk_detour_ratio=1.2,
    max_walk_km=2.0,
    drive_speed_kmh=24.0,
    drive_detour_ratio=1.2,
    taxi_wait_minutes=5.0,
    max_drive_km=20.0,
)
GEOD = Geod(ellps="WGS84")
LONGITUDE, LATITUDE = 113.65, 34.75


def make_reach(*stops: tuple[float, float, float, str]) -> pd.DataFrame:
    """Make stops from km east, km north of Zhengzhou, minutes and node type."""
    rows = []
    for east, north, minutes, node_type in stops:
        azimuth, metres = math.degrees(math.atan2(east, north)), math.hypot(east, north) * 1000
        x, y, _ = GEOD.fwd(LONGITUDE, LATITUDE, azimuth, metres)
        rows.append((x, y, node_type, minutes))
    return pd.DataFrame(rows, columns=["x_coord", "y_coord", "node_type", "minutes"])


def test_access_takes_the_faster_of_walk_and_taxi() -> None:
    distance = np.array([0.0, 0.5, 1.0, 2.0, 10.0, 20.0, 21.0])
    expected = [0.0, 6.0, 8.0, 11.0, 35.0, 65.0, np.inf]
    assert ACCESS.minutes(distance) == pytest.approx(expected)


def test_access_on_foot_ends_at_the_longest_walk() -> None:
    distance = np.array([1.0, 2.0, 2.1])
    assert ACCESS.minutes(distance, drive=False) == pytest.approx([12.0, 24.0, np.inf])


@pytest.mark.parametrize("drive", [True, False])
def test_reach_is_the_inverse_of_minutes(drive: bool) -> None:  # noqa: FBT001
    minutes = np.array([3.0, 6.0, 10.0, 20.0, 40.0])
    reached = ACCESS.reach_km(minutes, drive=drive)
    assert (ACCESS.minutes(reached, drive=drive) <= minutes + 1e-9).all()
    assert (ACCESS.minutes(reached + 0.01, drive=drive) > minutes).all()
    assert ACCESS.reach_km(np.array([-5.0])).tolist() == [0.0]


@pytest.mark.parametrize(
    ("node_type", "cutoff", "cell_km", "radius_km"),
    [
        ("metro_station", 60.0, 0.1, 20 / 12),
        ("rail_station", 60.0, 0.5, 15 / 3),
        ("rail_station", 90.0, 0.5, 45 / 3),
        ("centre", 75.0, 1.0, 30 / 3),
        ("metro_station", 90.0, 0.1, 2.0),  # the longest walk
        ("rail_station", 119.0, 0.5, 20.0),  # the longest drive
    ],
)
def test_one_stop_gives_a_circle(
    node_type: str, cutoff: float, cell_km: float, radius_km: float
) -> None:
    surface = compute_surface(
        make_reach((0.0, 0.0, 40.0, node_type)), access=ACCESS, cell_km=cell_km
    )
    row = surface_to_isochrones(surface, [cutoff]).iloc[0]
    assert row["area_km2"] == pytest.approx(math.pi * radius_km**2, rel=0.02)
    geodesic = abs(GEOD.geometry_area_perimeter(row["geometry"])[0]) / 1e6
    assert row["area_km2"] == pytest.approx(geodesic, rel=1e-3)


def test_holes_and_islands_are_kept() -> None:
    angles = np.radians(np.arange(0, 360, 15))
    ring = [(3 * math.sin(a), 3 * math.cos(a), 10.0, "metro_station") for a in angles]
    island = (12.0, 0.0, 20.0, "metro_station")
    surface = compute_surface(
        make_reach(*ring, island), access=ACCESS, cell_km=0.1, max_minutes=60.0
    )
    shape = surface_to_isochrones(surface, [25.0]).geometry.iloc[0]
    parts = sorted(shape.geoms, key=lambda part: part.area)
    assert [len(part.interiors) for part in parts] == [0, 1]
    assert not shape.contains(shapely.Point(LONGITUDE, LATITUDE))


STOPS = st.lists(
    st.tuples(
        st.floats(-25, 25),
        st.floats(-25, 25),
        st.floats(0, 80),
        st.sampled_from(["rail_station", "metro_station"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(stops=STOPS)
def test_isochrones_are_valid_and_nested(stops: list[tuple[float, float, float, str]]) -> None:
    reach = make_reach(*stops)
    surface = compute_surface(reach, access=ACCESS, cell_km=0.5, max_minutes=90.0)
    frame = surface_to_isochrones(surface, [60.0, 15.0, 30.0, 31.0, 90.0])
    assert frame["cutoff_minutes"].tolist() == [15.0, 30.0, 31.0, 60.0, 90.0]
    assert frame.is_valid.all()
    assert frame["area_km2"].is_monotonic_increasing
    shapes = frame.geometry.tolist()
    for smaller, larger in pairwise(shapes):
        assert smaller.is_empty or larger.covers(smaller)


@settings(max_examples=25, deadline=None)
@given(stops=STOPS, seed=st.integers(0, 1000))
def test_polygons_agree_with_the_access_model(
    stops: list[tuple[float, float, float, str]], seed: int
) -> None:
    cell, cutoff = 0.5, 60.0
    reach = make_reach(*stops, (0.0, 0.0, 0.0, "centre"))
    shape = surface_to_isochrones(
        compute_surface(reach, access=ACCESS, cell_km=cell, max_minutes=90.0), [cutoff]
    ).geometry.iloc[0]
    generator = np.random.default_rng(seed)
    x = LONGITUDE + generator.uniform(-0.4, 0.4, 300)
    y = LATITUDE + generator.uniform(-0.4, 0.4, 300)
    inside = shapely.contains_xy(shape, x, y)
    sooner, later = np.full(300, np.inf), np.full(300, np.inf)
    for stop in reach.itertuples():
        km = GEOD.inv(x, y, np.full(300, stop.x_coord), np.full(300, stop.y_coord))[2] / 1000
        drive = stop.node_type != "metro_station"
        nearer, further = np.maximum(km - 1.5 * cell, 0.0), km + 1.5 * cell
        sooner = np.minimum(sooner, stop.minutes + ACCESS.minutes(nearer, drive=drive))
        later = np.minimum(later, stop.minutes + ACCESS.minutes(further, drive=drive))
    assert inside[later < cutoff].all()
    assert not inside[sooner > cutoff].any()


def test_slower_stops_never_reach_further() -> None:
    stops = [(0.0, 0.0, 0.0, "centre"), (10.0, 3.0, 20.0, "rail_station")]
    quick = compute_surface(make_reach(*stops), access=ACCESS, max_minutes=60.0)
    slow = compute_surface(
        make_reach(stops[0], (10.0, 3.0, 30.0, "rail_station")), access=ACCESS, max_minutes=60.0
    )
    areas = [surface_to_isochrones(s, [45.0])["area_km2"].iloc[0] for s in (quick, slow)]
    assert areas[0] > areas[1]


def test_clip_cuts_the_polygons() -> None:
    half = shapely.box(LONGITUDE, 30.0, 120.0, 40.0)
    reach = make_reach((0.0, 0.0, 0.0, "centre"))
    whole, cut = (
        surface_to_isochrones(
            compute_surface(reach, access=ACCESS, max_minutes=60.0, clip=clip), [30.0]
        )["area_km2"].iloc[0]
        for clip in (None, half)
    )
    assert cut == pytest.approx(whole / 2, rel=0.01)


def test_nothing_within_a_cutoff_is_an_empty_polygon() -> None:
    surface = compute_surface(make_reach((0.0, 0.0, 40.0, "rail_station")), access=ACCESS)
    row = surface_to_isochrones(surface, [30.0]).iloc[0]
    assert row["geometry"].is_empty
    assert row["area_km2"] == 0


def test_the_same_input_gives_the_same_polygons() -> None:
    reach = make_reach((0.0, 0.0, 0.0, "centre"), (7.0, 2.0, 10.0, "metro_station"))
    first, second = (
        surface_to_isochrones(compute_surface(reach, access=ACCESS), [30.0, 60.0]) for _ in range(2)
    )
    assert first.to_wkb().equals(second.to_wkb())


def test_no_stop_in_time_is_an_error() -> None:
    with pytest.raises(UnreachableError, match="within 30 minutes"):
        compute_surface(make_reach((0.0, 0.0, 40.0, "centre")), access=ACCESS, max_minutes=30.0)


@pytest.mark.parametrize("cutoff", [0.0, -5.0, 61.0])
def test_cutoffs_outside_the_surface_are_errors(cutoff: float) -> None:
    surface = compute_surface(
        make_reach((0.0, 0.0, 0.0, "centre")), access=ACCESS, max_minutes=60.0
    )
    with pytest.raises(ValueError, match=f"cutoff {cutoff:g} must lie above 0 and up to 60"):
        surface_to_isochrones(surface, [cutoff])


@pytest.mark.parametrize("wrong", [{"cell_km": 0.0}, {"max_minutes": -1.0}])
def test_sizes_must_be_positive(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        compute_surface(make_reach((0.0, 0.0, 0.0, "centre")), access=ACCESS, **wrong)
