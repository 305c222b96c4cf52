"""Shares of residents for whom a city is within reach: fields against doors asked one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from netlib.areas.homes import read_homes
from netlib.catchments import measure_catchment, measure_shares, select_homes, share_within
from netlib.times import travel_times

if TYPE_CHECKING:
    from netlib.areas import Field
    from netlib.tables import Network

Build = "Callable[..., Network]"
DAY = "2026-11-22"
LIMIT = 90.0


# A train every twenty minutes, half an hour from Alpha to Gamma; so that also those who live far
# from the station have a train within the hour.
TRAINS = {f"T{t}": [("AAA", t, t), ("CCC", t + 30, t + 30)] for t in range(420, 720, 20)}


@pytest.fixture(scope="module")
def frequent(line_network: Network, with_trips: Build) -> Network:
    """Return the line with those trains, of all days."""
    return with_trips(line_network, TRAINS)


@pytest.fixture(scope="module")
def toy(frequent: Network) -> Network:
    """Return the line with those trains of today."""
    return frequent.as_of(DAY)


@pytest.fixture(scope="module")
def field(toy: Network) -> Field:
    """Return the minutes from everywhere to Gamma."""
    return measure_catchment(toy, "900300", limit_minutes=LIMIT)


def place_homes(*points: tuple[float, float], persons: float = 1.0) -> pd.DataFrame:
    """Put persons at some points in WGS84."""
    table = pd.DataFrame(points, columns=["x_coord", "y_coord"])
    return table.assign(zone_id="900100", persons=persons)


def test_who_lives_at_the_station_has_the_door_to_door_time(field: Field) -> None:
    """20 in, 30 aboard, 5 out from Alpha's centre, where the station is.

    The way to the middles of the four cells around it, up to 350 m on foot, is counted.
    """
    home = place_homes((113.0, 34.0))
    assert share_within(field, home, 54.5) == 0.0
    assert share_within(field, home, 55 + 3.5) == 1.0


def test_shares_are_those_of_doors_asked_one_by_one(toy: Network, field: Field) -> None:
    """Forty homes within some km of Alpha's station and of Gamma's centre, of one to nine persons.

    Of each the best way to Gamma is asked for from its own door. The field is one of cells of half
    a km, so that minutes agree to the way across one of them, 5 on foot.
    """
    rng = np.random.default_rng(9)
    west = np.repeat([113.0, 114.0], [25, 15])
    homes = pd.DataFrame(
        {
            "x_coord": west + rng.uniform(-0.05, 0.05, 40),
            "y_coord": 34.0 + rng.uniform(-0.04, 0.04, 40),
            "zone_id": "900100",
            "persons": rng.integers(1, 10, 40).astype(float),
        }
    )
    doors = [f"{x:.5f},{y:.5f}" for x, y in zip(homes["x_coord"], homes["y_coord"], strict=True)]
    table = travel_times(toy, doors, "900300", reading="best_way", ranges=False)
    asked = table["travel_time_minutes"].fillna(np.inf).to_numpy()
    read = field.at(homes["x_coord"].to_numpy(), homes["y_coord"].to_numpy())
    near = asked < LIMIT - 5
    assert near.sum() >= 20
    assert np.abs(asked - read)[near].max() <= 5
    assert np.median(np.abs(asked - read)[near]) <= 1
    persons = homes["persons"].to_numpy()
    for minutes in (15.0, 60.0, 68.0, 80.0):
        least, most = ((asked <= minutes + slack) @ persons / persons.sum() for slack in (-5, 5))
        assert least <= share_within(field, homes, minutes) <= most


def test_without_trains_there_is_the_car(triangle_network: Network) -> None:
    """4 km from the centre: 2 minutes a km in the peak, and 2 * 10 * 1.5 at both ends, or the bus.

    The bus takes 2 to its stop, 5 of waiting and 5 minutes a km, and it is on foot 10 a km: from
    3 km off the bus is quicker, 2 + 5 + 15, and nobody takes the car within 30 minutes.
    """
    network = triangle_network.as_of(DAY)
    field = measure_catchment(network, "900100", limit_minutes=60.0)
    found = field.at(np.array([113.0, 113.0]), np.array([34.0 + 1 / 110.92, 34.0 + 3 / 110.92]))
    assert found == pytest.approx([10, 2 + 5 + 15], abs=1.5)


def test_without_homes_nothing_is_known(toy: Network, field: Field) -> None:
    """No county, no residents."""
    assert np.isnan(share_within(field, place_homes()[:0], 60))
    pairs = pd.DataFrame({"from_id": ["900100"], "to_id": ["900300"]})
    row = measure_shares(toy, pairs, threshold_minutes=60).iloc[0]
    assert row[["low", "central", "high"]].isna().all()


def test_counties_live_in_their_city(frequent: Network) -> None:
    """The rectangle around Alpha as a county: its homes lie evenly, and count as those of Alpha."""
    zone = frequent["zone"]
    county = zone[zone["zone_id"] == "900100"].assign(
        level="county", zone_id="900101", parent_zone_id="900100", centre_node_id=""
    )
    network = frequent.with_tables(zone=pd.concat([zone, county], ignore_index=True)).as_of(DAY)
    homes = select_homes(network, read_homes(network), "900100")
    assert homes["persons"].sum() == pytest.approx(3_000_000, rel=1e-6)
    pairs = pd.DataFrame({"from_id": ["900100"], "to_id": ["900300"]})
    row = measure_shares(network, pairs, threshold_minutes=75).iloc[0]
    # Of 46.2 by 44.4 km: 55 minutes, and 20 to the station, 3 of them for parking and 2 a km in the
    # city: a circle of 8.5 km at most, and of 7 at least as cells have sixteen directions. At the
    # ends of the figures 70 minutes and 45.
    assert np.pi * 7**2 <= row["central"] * 46.2 * 44.4 <= np.pi * 8.8**2
    # At the slow end 70 minutes, and 4 km/h over half as long ways from the middle of a cell.
    row = measure_shares(network, pairs, threshold_minutes=80).iloc[0]
    assert 0 < row["low"] < row["central"] < row["high"]
    short = measure_shares(network, pairs, threshold_minutes=40).iloc[0]
    assert short[["low", "central", "high"]].tolist() == [0.0, 0.0, 0.0]


def test_shares_of_the_evidence_base(evidence_base: Network) -> None:
    """Ordered, and nobody in 许昌 reaches 郑州's centre in half an hour.

    Access, process and exit alone take more at their shortest: 15 + 4 in the stations, 15 aboard.
    """
    network = evidence_base.as_of(DAY)
    pairs = pd.DataFrame({"from_id": ["411000"], "to_id": ["410100"]})
    row = measure_shares(network, pairs, threshold_minutes=30).iloc[0]
    assert row[["low", "central", "high"]].tolist() == [0.0, 0.0, 0.0]
    row = measure_shares(network, pairs, threshold_minutes=110).iloc[0]
    assert 0 <= row["low"] <= row["central"] <= row["high"] <= 1
    assert row["high"] > 0
