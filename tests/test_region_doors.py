"""Doors in a region: the same minutes as the engine's own, streets where an end has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from netlib.doors.journeys import PARTS
from netlib.doors.regions import locate_doors, measure_cars, measure_places
from netlib.errors import InputError, NetlibError, UnknownNameError
from netlib.streets import Streets
from netlib.travel_times import travel_times
from tests.street_towns import build_grid, locate

if TYPE_CHECKING:
    from netlib.tables import Network

TODAY = "2026-11-22"


@pytest.fixture(scope="module")
def streets() -> list[Streets]:
    corner = locate((-4, -4), origin=(113.0, 34.0), step_m=500.0)
    return [build_grid(9, 9, mode=mode, origin=corner) for mode in ("walk", "drive")]


def test_places_are_found_by_name_or_by_coordinates(line_network: Network) -> None:
    table = locate_doors(line_network, ["113.25, 34.5", "甲市", "Beta", "甲市"])
    assert table["point_id"].tolist() == ["113.25, 34.5", "900100", "BBB"]
    assert table["x_coord"].tolist() == [113.25, 113.0, 113.5]
    with pytest.raises(NetlibError, match=r"213\.2,34\.5 is not on the globe"):
        locate_doors(line_network, ["213.2,34.5"])
    with pytest.raises(UnknownNameError, match="unknown place 'Zeta'"):
        locate_doors(line_network, ["Zeta"])


def test_without_streets_minutes_are_those_of_the_engine(line_network: Network) -> None:
    network = line_network.as_of(TODAY)
    table = measure_places(network, [], ["900100"], ["900300"])
    own = travel_times(network, ["900100"], ["900300"])
    for column in ("low", "travel_time_minutes", "high", "travel_time_p05", "travel_time_p95"):
        assert table[column].iloc[0] == pytest.approx(own[column].iloc[0], abs=0.06, nan_ok=True)
    assert table[list(PARTS)].iloc[0].sum() == pytest.approx(own["travel_time_minutes"].iloc[0])
    assert table[["from_streets", "to_streets"]].iloc[0].tolist() == ["", ""]


def test_minutes_between_real_cities_are_those_of_the_engine(evidence_base: Network) -> None:
    network = evidence_base.as_of(TODAY)
    places = ["410100", "411000", "410300"]
    own = travel_times(network, places[:2], places).set_index(["from_id", "to_id"])
    table = measure_places(network, [], places[:2], places).set_index(["from_id", "to_id"])
    assert len(table) == len(own) == 4
    for pair, row in table.iterrows():
        assert row["ride_minutes"] == pytest.approx(own.loc[pair, "travel_time_minutes"], abs=0.06)
        assert row["travel_time_minutes"] <= row["ride_minutes"]
        assert row["low"] <= row["travel_time_minutes"] <= row["high"]


def test_a_car_competes_between_cities(triangle_network: Network) -> None:
    network = triangle_network.as_of(TODAY)
    own = travel_times(network, ["900100"], ["900300"], definition="drive_peak").iloc[0]
    ways = measure_cars(network, *(locate_doors(network, [p]) for p in ("900100", "900300")))
    assert ways[["point_id", "stop_id", "mode"]].to_numpy().tolist() == [
        ["900100", "900300", "car"]
    ]
    found = ways[["low", "minutes", "high"]].iloc[0].tolist()
    expected = own[["low", "travel_time_minutes", "high"]].tolist()
    assert found == pytest.approx(expected, abs=0.06)
    assert measure_cars(network, *(locate_doors(network, ["900100"]),) * 2).empty


def test_streets_slow_the_way_to_the_station(line_network: Network, streets: list[Streets]) -> None:
    network = line_network.as_of(TODAY)
    # A door 1.5 km east and 1.5 km north of the station, which stands in the middle of the town.
    door = ",".join(f"{value:.6f}" for value in locate((3, 3), origin=(113.0, 34.0), step_m=500.0))
    plain = measure_places(network, [], [door], ["900300"]).iloc[0]
    found = measure_places(network, streets, [door], ["900300"]).iloc[0]
    assert (plain["from_streets"], found["from_streets"]) == ("", "drive, walk")
    # Straight: a taxi, 5 minutes of waiting and 2.12 km at 60 km/h; over streets one's own car, 3
    # minutes of parking and 3 km at 25 km/h. Then 20 minutes to the train.
    assert plain["access_mode"] == "taxi"
    assert plain["access"] == pytest.approx(5 + 2.1213 + 20, abs=0.05)
    assert found["access_mode"] == "car"
    assert found["access"] == pytest.approx(3 + 3 / 25 * 60 + 20, abs=0.05)
    for row in (plain, found):
        assert row[list(PARTS)].sum() == pytest.approx(row["travel_time_minutes"])


def test_within_a_town_nobody_needs_a_train(line_network: Network, streets: list[Streets]) -> None:
    network = line_network.as_of(TODAY)
    doors = [
        ",".join(f"{value:.6f}" for value in locate(corner, origin=(113.0, 34.0), step_m=500.0))
        for corner in ((3, 3), (-1, 0))
    ]
    row = measure_places(network, streets, doors[:1], doors[1:]).iloc[0]
    assert (row["way"], row["egress_mode"]) == ("car", "")
    # 3.5 km at 25 km/h, and parking
    assert row["travel_time_minutes"] == pytest.approx(3.5 / 25 * 60 + 3, abs=0.05)
    assert not row["ride_minutes"] <= row["direct_minutes"]


def test_a_door_in_a_lake_of_the_town_is_an_error(line_network: Network) -> None:
    # A ring of streets around a lake 10 km wide
    lake = [
        ((column, row), other)
        for column in range(25)
        for row in range(25)
        for other in ((column + 1, row), (column, row + 1))
        if not ({row, other[1]} <= {0, 24} and row == other[1])
        and not ({column, other[0]} <= {0, 24} and column == other[0])
    ]
    corner = locate((-12, -12), origin=(113.0, 34.0), step_m=500.0)
    shore = build_grid(25, 25, origin=corner, closed=lake)
    with pytest.raises(InputError, match=r"point 113\.0,34\.0 is 5,99\d m from the nearest"):
        measure_places(line_network.as_of(TODAY), [shore], ["113.0,34.0"], ["900300"])
