"""Areas reached by car: the minutes of drives between centres, nested, and no leap over a river."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from netlib.drive_areas import BY_HIGHWAYS, build_drive_areas, find_exits, lay_grid
from netlib.errors import InputError, UnreachableError
from netlib.highways import read_highways
from netlib.isochrones import compute_isochrones
from netlib.travel_times import travel_times

if TYPE_CHECKING:
    import geopandas as gpd

    from netlib.tables import Network

TODAY = "2026-11-22"
CUTOFFS = [30.0, 60.0, 90.0]
# A centre is joined to the nearest road, a cell to the nearest corner where a car may leave it.
ROUGH_MINUTES = 8.0


@pytest.fixture(scope="module")
def day(evidence_base: Network) -> Network:
    return evidence_base.as_of(TODAY)


@pytest.fixture(scope="module")
def frame(day: Network) -> gpd.GeoDataFrame:
    return compute_isochrones(day, "410100", CUTOFFS, definition="drive_free")


def test_areas_are_valid_and_nested(frame: gpd.GeoDataFrame) -> None:
    assert frame["cutoff_minutes"].tolist() == CUTOFFS
    assert set(frame["method"]) == {BY_HIGHWAYS}
    assert all(shape.is_valid for shape in frame.geometry)
    for inner, outer in itertools.pairwise(frame.geometry):
        assert outer.covers(inner)
    assert frame["residents"].is_monotonic_increasing


def test_centres_lie_inside_when_the_drive_is_as_short(
    day: Network, frame: gpd.GeoDataFrame
) -> None:
    zone = day["zone"]
    cities = zone[zone["level"] != "county"]
    table = travel_times(day, ["410100"], cities["zone_id"].tolist(), definition="drive_free")
    minutes = table.set_index("to_id")["travel_time_minutes"].dropna()
    node = day["node"].set_index("node_id")
    centres = cities.set_index("zone_id")["centre_node_id"]
    checked = 0
    for cutoff, shape in zip(CUTOFFS, frame.geometry, strict=True):
        for place, time in minutes.items():
            if abs(time - cutoff) > ROUGH_MINUTES:
                x, y = node.loc[centres[place], ["x_coord", "y_coord"]]
                assert shape.covers(shapely.Point(x, y)) == (time <= cutoff), (place, time, cutoff)
                checked += 1
    assert checked > len(CUTOFFS) * 5


def test_the_peak_and_slower_figures_never_help(day: Network, frame: gpd.GeoDataFrame) -> None:
    peak = build_drive_areas(day, "410100", CUTOFFS, peak=True)
    for slow, quick in zip(peak.geometry, frame.geometry, strict=True):
        # cells of half a kilometre on different grids
        assert shapely.difference(slow, quick.buffer(0.006)).area < 1e-3 * slow.area
    slowest = compute_isochrones(day, "410100", [60.0], definition="drive_free", variant="high")
    assert slowest["area_km2"].iloc[0] < frame["area_km2"].iloc[1]


def test_cars_leave_expressways_at_other_roads_only(day: Network) -> None:
    highways = read_highways(day.root)
    exits = find_exits(day)
    named = highways.link >= 0
    inner = np.setdiff1d(
        np.r_[highways.tail[named], highways.head[named]],
        np.r_[highways.tail[~named], highways.head[~named]],
    )
    assert len(inner) > 0
    assert not exits[inner].any()
    assert exits.any()


def test_nothing_in_too_short_a_time(day: Network) -> None:
    with pytest.raises(UnreachableError, match="reaches no road within 1 minutes"):
        build_drive_areas(day, "410100", [1.0], peak=False)
    with pytest.raises(UnreachableError, match="has no road within reach"):
        build_drive_areas(day, "XVF", [60.0], peak=False)


def test_isochrones_of_other_readings_are_refused(day: Network) -> None:
    with pytest.raises(InputError, match="isochrones are of door_to_door or of a drive, not of"):
        compute_isochrones(day, "410100", [60.0], definition="ride_fastest")


def test_the_grid_has_room_around_the_points() -> None:
    x, y = lay_grid(np.array([[0.0, 10.0], [4.0, 12.0]]), margin_km=2.0)
    # two cells more than the margin
    assert (x[0], x[-1], y[0], y[-1]) == (-3.0, 7.0, 7.0, 15.0)
    assert np.diff(x) == pytest.approx(0.5)
