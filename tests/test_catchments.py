"""Shares of residents for whom a city is within reach."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod
from shapely import box

from netlib.catchments import (
    Homes,
    Margins,
    choose_plane,
    compute_county_limits,
    find_reached,
    list_homes,
    measure_shares,
    project_points,
    share_within,
)
from netlib.errors import InputError
from netlib.surfaces import WGS84, AccessModel, format_equal_area
from netlib.tables import Network
from netlib.times import travel_times

DAY = "2026-11-22"


def place_homes(*points: tuple[float, float]) -> Homes:
    """Put one resident at each of some points in WGS84."""
    crs = choose_plane(gpd.GeoDataFrame(geometry=[shapely.Point(p) for p in points], crs=WGS84))
    table = pd.DataFrame(points, columns=["x_coord", "y_coord"])
    return Homes(*project_points(table, crs), np.full(len(points), 1 / len(points)), crs)


# Of the 120 departures from Alpha those of 07:00 to 07:40 reach the 08:00 and Gamma's centre at
# 08:37, those to 08:10 the 08:30 and 09:01 (test_travel_times.py). Within 86 minutes are the last
# 30 of the first and all 30 of the second: half; within 85 one less.
LIMITS = [(85.9, False), (86.0, True), (120.0, True)]


@pytest.mark.parametrize(("minutes", "reached"), LIMITS)
def test_half_of_the_departures_must_be_in_time(
    *, minutes: float, reached: bool, line_network: Network
) -> None:
    network = line_network.as_of(DAY)
    node = network["node"].set_index("node_id")
    home = tuple(node.loc["AAA", ["x_coord", "y_coord"]].astype(float))
    homes = place_homes(home)
    assert share_within(network, homes, "900300", minutes) == float(reached)


def test_who_lives_farther_from_the_station_has_less_time(line_network: Network) -> None:
    # A taxi over 15 km takes 5 + 15 minutes: who lives there must leave 20 minutes earlier for the
    # same trains. Of the departures 07:00 to 07:20 reach the 08:00, 97 to 77 minutes; 07:21 to
    # 07:50 the 08:30, 100 to 71: 51 of 120, never half.
    network = line_network.as_of(DAY)
    x, y = network["node"].set_index("node_id").loc["AAA", ["x_coord", "y_coord"]].astype(float)
    near = move_east(x, y, -1.0), move_east(x, y, -15.0)
    homes = place_homes(*near)
    # 1 km is a walk or a taxi of 6 minutes: the 08:00 to 07:34, the 08:30 to 08:04; half arrive
    # within 92 minutes.
    shares = [share_within(network, homes, "900300", minutes) for minutes in (91.8, 92.2, 300)]
    assert shares == [0.0, 0.5, 0.5]


def move_east(x: float, y: float, km: float) -> tuple[float, float]:
    """Return the point so many kilometres east of another."""
    found = Geod(ellps="WGS84").fwd(x, y, 90, km * 1000)
    return found[0], found[1]


@pytest.mark.parametrize("day", ["2016-03-15", "2022-12-31", DAY])
def test_who_lives_in_the_centre_has_the_median_of_door_to_door(
    day: str, evidence_base: Network
) -> None:
    network = evidence_base.as_of(day)
    zone, node = network["zone"].set_index("zone_id"), network["node"].set_index("node_id")
    pairs = [("411000", "410100"), ("410200", "410100"), ("410100", "411000")]
    for home, work in pairs:
        point = node.loc[zone.loc[home, "centre_node_id"], ["x_coord", "y_coord"]].astype(float)
        homes = place_homes(tuple(point))
        minutes = travel_times(network, [home], [work])["travel_time_minutes"].item()
        # Lengths on the plane and roundings to seconds and tenths of minutes.
        assert share_within(network, homes, work, minutes - 0.15) == 0.0
        assert share_within(network, homes, work, minutes + 0.15) == 1.0


def test_stops_decided_one_by_one_are_decided_as_all_together() -> None:
    # Brute force over every lane and stop, for homes and seconds left at random.
    rng = np.random.default_rng(4)
    access = AccessModel(4.8, 1.32, 2.0, 27.0, 1.32, 5.0, 50.0)
    crs = format_equal_area(113.6, 34.7)
    homes = Homes(rng.uniform(-30, 30, 300), rng.uniform(-30, 30, 300), np.full(300, 1 / 300), crs)
    stops = pd.DataFrame(
        {
            "x_coord": 113.6 + rng.uniform(-0.3, 0.3, 12),
            "y_coord": 34.7 + rng.uniform(-0.3, 0.3, 12),
            "node_type": ["rail_station"] * 7 + ["metro_station"] * 5,
        }
    )
    seconds = rng.integers(-3000, 5000, (12, 121)).astype(np.int32)
    found = find_reached(homes, Margins(stops, seconds), access)
    x, y = project_points(stops, crs)
    km = np.hypot(homes.x[:, None] - x, homes.y[:, None] - y)
    drive = (stops["node_type"] == "rail_station").to_numpy()
    needed = 60 * np.where(drive, access.minutes(km), access.minutes(km, drive=False))
    in_time = (seconds[None] >= needed[:, :, None]).any(axis=1).sum(axis=1)
    assert np.array_equal(found, in_time >= 61)
    assert 20 < found.sum() < 280
    alone = (seconds[None] >= needed[:, :, None]).sum(axis=2).max(axis=1) >= 61
    assert (found & ~alone).sum() > 5


def test_cells_hold_the_residents_of_their_counties() -> None:
    counties = gpd.GeoDataFrame(
        {"population_2020": [300.0, 100.0, 100.0]},
        geometry=[box(0, 0, 20_000, 10_000), box(20_000, 0, 40_000, 10_000), box(1, 1, 99, 99)],
        crs=format_equal_area(0, 0),
    )
    homes = list_homes(counties, str(counties.crs))
    assert len(homes.share) == 200 + 200 + 1
    assert homes.share.sum() == pytest.approx(1)
    assert homes.share[:200].sum() == pytest.approx(0.6)
    assert homes.share[-1] == pytest.approx(0.2)
    assert homes.x[:400].min() == 0.5
    assert homes.x[:400].max() == 39.5


def test_without_counties_nothing_is_known(line_network: Network) -> None:
    network = line_network.as_of(DAY)
    pairs = pd.DataFrame({"from_id": ["900100"], "to_id": ["900300"]})
    row = measure_shares(network, pairs, threshold_minutes=100).iloc[0]
    assert row[["low", "central", "high"]].isna().all()


def test_nobody_in_xuchang_reaches_zhengzhou_in_half_an_hour(evidence_base: Network) -> None:
    # Access, process and exit alone take more than 30 minutes at their shortest (15 + 4 in the
    # stations, and a taxi of 11 km from 郑州东), so no home in Xuchang can be within them.
    network = evidence_base.as_of(DAY)
    pairs = pd.DataFrame({"from_id": ["411000"], "to_id": ["410100"]})
    row = measure_shares(network, pairs, threshold_minutes=30).iloc[0]
    assert (row["low"], row["central"], row["high"]) == (0.0, 0.0, 0.0)


def test_shares_are_ordered(evidence_base: Network) -> None:
    network = evidence_base.as_of(DAY)
    pairs = pd.DataFrame({"from_id": ["411000", "410700"], "to_id": "410100"})
    table = measure_shares(network, pairs, threshold_minutes=110)
    assert (table["low"] <= table["central"]).all()
    assert (table["central"] <= table["high"]).all()
    assert (table["high"] > 0).all()


def test_without_trains_there_is_the_taxi(triangle_network: Network) -> None:
    # Ten minutes to the centre, for who lives five minutes by taxi from it after five of waiting.
    network = triangle_network.as_of(DAY)
    node = network["node"].set_index("node_id")
    x, y = node.loc["C-900100", ["x_coord", "y_coord"]].astype(float)
    homes = place_homes(move_east(x, y, 4.5), move_east(x, y, 5.5))
    assert share_within(network, homes, "900100", 10) == 0.5


def test_counties_are_in_the_class_of_their_door_to_door_time(evidence_base: Network) -> None:
    network = evidence_base.as_of("2026-11-22")
    limits = (60.0, 120.0, 240.0)
    found = compute_county_limits(network, "410100", limits)
    zone = network["zone"].set_index("zone_id")
    assert set(zone.loc[found.index, "level"]) == {"county"}
    assert set(found.dropna()) == set(limits)
    # Counties of 郑州's core lie within the hour, those of 信阳 do not.
    assert found["410105"] == 60.0
    assert found["411502"] > 60.0
    tighter = compute_county_limits(network, "410100", limits[1:])
    assert tighter.equals(found.where(found > 60.0, 120.0).where(found.notna()))


def test_a_base_without_seats_is_refused(line_network: Network) -> None:
    with pytest.raises(InputError, match="no county has a centre_node_id"):
        compute_county_limits(line_network.as_of("2026-11-22"), "900100", [60.0])
