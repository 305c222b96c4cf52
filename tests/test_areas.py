"""Areas of fields: contours of known shapes, nesting, holes, spreads around stops by hand."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import shapely

from netlib.areas import Field, count_residents, field_to_isochrones, spread
from netlib.errors import UnknownNameError
from netlib.geometry import format_equal_area
from netlib.roads.ground import build_ground, search_ground
from tests.street_towns import build_grid

if TYPE_CHECKING:
    from collections.abc import Callable

    from netlib.tables import Network

TODAY = "2026-11-22"
CRS = format_equal_area(113.0, 34.0)
# The toy walks at 6 km/h, straight: 10 min a km, 2 km at most; its taxi waits 5 min and drives
# 1 min a km in the 8 km around a centre in free flow, 2 in the peak.
WALK_PER_KM, MAX_WALK_KM, TAXI_WAIT, TAXI_PER_KM = 10.0, 2.0, 5.0, 2.0


def make_field(shape: Callable[..., object], limit: float = 60.0) -> Field:
    """Return a field of 41 x 41 cells of half a km around 113 E, 34 N from a function of km."""
    axis = 0.5 * np.arange(-20, 21)
    x, y = np.meshgrid(axis, axis)
    minutes = np.asarray(shape(x, y), dtype=np.float32)
    return Field(minutes, -10.0, -10.0, 0.5, CRS, limit, 3.0)


def test_contours_of_a_cone_are_circles_and_nested() -> None:
    """Minutes of 5 a km: within 20 minutes lies a circle of 4 km."""
    field = make_field(lambda x, y: 5 * np.hypot(x, y))
    table = field_to_isochrones(field, [40, 20, 10])
    assert table["cutoff_minutes"].tolist() == [10, 20, 40]
    assert table["area_km2"].to_numpy() == pytest.approx(
        np.pi * np.array([4.0, 16.0, 64.0]), rel=0.02
    )
    shapes = table.geometry.to_numpy()
    assert all(outer.covers(inner) for inner, outer in pairwise(shapes))
    assert all(shape.is_valid for shape in shapes)


def test_holes_and_islands_are_kept() -> None:
    """A ring between 3 and 6 km, and an island of its own at the rim."""

    def shape(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        ring = 10 + 4 * np.abs(np.hypot(x, y) - 4.5)
        return np.minimum(ring, 10 + 4 * np.hypot(x - 9, y - 9))

    area = field_to_isochrones(make_field(shape), [14]).geometry.iloc[0]
    assert len(area.geoms) == 2
    assert sorted(len(part.interiors) for part in area.geoms) == [0, 1]


def test_unreached_cells_are_half_a_cell_away() -> None:
    """Where a field simply ends, the contour lies between the last cell inside and the next."""
    field = make_field(lambda x, y: np.where(np.abs(x) + 0 * y <= 3, 5.0, np.inf))
    shape = field_to_isochrones(field, [30])
    # Columns from -3 to 3 km and half a cell on both sides; rows from -10 to 10.
    assert shape["area_km2"].iloc[0] == pytest.approx(6.5 * 20, rel=0.02)


def test_a_clip_cuts_and_bad_cutoffs_are_refused() -> None:
    """Areas are cut off at a polygon; cut-offs lie above 0 and up to the limit."""
    field = make_field(lambda x, y: 5 * np.hypot(x, y))
    east = shapely.box(113.0, 33.0, 114.0, 35.0)
    half = field_to_isochrones(field, [20], clip=east)["area_km2"].iloc[0]
    assert half == pytest.approx(np.pi * 16 / 2, rel=0.02)
    for cutoff in (0, 61):
        with pytest.raises(ValueError, match="cutoff"):
            field_to_isochrones(field, [cutoff])
    assert field_to_isochrones(make_field(lambda x, y: x + y + 99), [5]).geometry.iloc[0].is_empty


def test_a_field_is_read_between_its_cells() -> None:
    """A plane is read exactly, and beside unreached cells the nearest counts."""
    field = make_field(lambda x, y: 30 + 2 * x + y)
    longitude = 113.0 + 1.1 / (111.32 * np.cos(np.radians(34.0)))
    assert field.at([longitude], [34.0])[0] == pytest.approx(30 + 2.2, abs=0.02)
    broken = make_field(lambda x, y: np.where(x < 0.1, 7.0, np.inf) + 0 * y)
    assert broken.at([113.002], [34.0])[0] == 7.0
    assert np.isinf(broken.at([113.05, 120.0], [34.0, 34.0])).all()


def stand(x: float, y: float, minutes: float, *, by_road: bool) -> pd.DataFrame:
    """Return a table of one stop."""
    row = {"x_coord": [x], "y_coord": [y], "minutes": [minutes], "by_road": [by_road]}
    return pd.DataFrame(row)


def test_walking_ends_at_its_longest_way(triangle_network: Network) -> None:
    """From a metro station at 10 min people walk 2 km in 20 min, and no farther."""
    network = triangle_network.as_of(TODAY)
    stop = stand(113.0, 34.0, 10.0, by_road=False)
    field = spread(network, stop, modes=("walk", "taxi"), limit_minutes=60)
    areas = field_to_isochrones(field, [20, 60])["area_km2"]
    # Ten minutes take 1 km; the end of the longest walk is known to a half of a cell.
    assert areas.iloc[0] == pytest.approx(np.pi, rel=0.1)
    assert np.pi * 1.75**2 < areas.iloc[1] < np.pi * 2.25**2
    a_km_north = field.at([113.0], [34.0 + 1 / 110.92])[0]
    assert a_km_north == pytest.approx(10 + WALK_PER_KM, abs=0.3)


def test_a_taxi_goes_on_from_stops_by_the_road(triangle_network: Network) -> None:
    """6 km from a station in the city: 5 min of wait and 2 min a km in the peak."""
    network = triangle_network.as_of(TODAY)
    stop = stand(113.0, 34.0, 10.0, by_road=True)
    field = spread(network, stop, modes=("walk", "taxi"), limit_minutes=60)
    found = field.at([113.0], [34.0 + 6 / 110.92])[0]
    assert found == pytest.approx(10 + TAXI_WAIT + 6 * TAXI_PER_KM, abs=0.4)
    near = field.at([113.0], [34.0 + 0.5 / 110.92])[0]
    assert near == pytest.approx(10 + 0.5 * WALK_PER_KM, abs=0.6)
    with pytest.raises(UnknownNameError):
        spread(network, stop, modes=("kite",), limit_minutes=60)


def test_a_spread_over_streets_goes_round_the_corner(triangle_network: Network) -> None:
    """On a grid of streets a walk to 750 m east and north takes 1.5 km, not 1.06."""
    network = triangle_network.as_of(TODAY)
    streets = build_grid(9, 9, origin=(113.0, 34.0))
    x, y = streets.nodes["x"].to_numpy(), streets.nodes["y"].to_numpy()
    stop = stand(float(x.min()), float(y.min()), 0.0, by_road=False)
    options = {"modes": ("walk",), "limit_minutes": 45}
    plain, over = (spread(network, stop, streets=s, **options) for s in ((), (streets,)))
    corner = (113.0 + 0.75 / 92.4, 34.0 + 0.75 / 110.92)
    assert plain.at(*corner)[0] == pytest.approx(7.5 * np.sqrt(2), abs=0.5)
    assert over.at(*corner)[0] > 12.75


def test_areas_by_car_follow_roads(evidence_base: Network) -> None:
    """From 60 min up no area is like the circle of its own size and centre; all are nested."""
    ground = build_ground(evidence_base.as_of(TODAY), peak=True)
    source = pd.DataFrame({"x_coord": [113.65], "y_coord": [34.76], "minutes": [0.0]})
    field = search_ground(ground, source, limit_minutes=150)
    table = field_to_isochrones(field, [60, 90, 120, 150]).to_crs(field.crs)
    for shape in table.geometry:
        circle = shape.centroid.buffer(np.sqrt(shape.area / np.pi), 64)
        overlap = circle.intersection(shape).area / circle.union(shape).area
        assert overlap <= 0.85
    shapes = table.geometry.to_numpy()
    for inner, outer in pairwise(shapes):
        assert inner.difference(outer).area < 1.0  # square metres: rounding


def test_residents_are_those_within_the_minutes() -> None:
    """Three homes at 10, 20 and 30 minutes."""
    field = make_field(lambda x, y: 30 + 5 * x + 0 * y)
    step = 2 / (111.32 * np.cos(np.radians(34.0)))
    homes = pd.DataFrame(
        {"x_coord": 113.0 + step * np.array([-2, -1, 0]), "y_coord": 34.0, "persons": [5, 7, 11]}
    )
    counted = count_residents(field, homes, [31, 15, 25])
    assert counted["residents"].tolist() == [5, 12, 23]
