"""Ways between doors and stops by hand: walks, rivers, borders, taxis, streets where given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from netlib.errors import UnknownNameError
from netlib.times.access import measure_access
from netlib.times.drives import locate_zones
from tests.street_towns import build_grid

if TYPE_CHECKING:
    from netlib.tables import Network

TODAY = "2026-11-22"
NORTH = 1 / 110.92  # degrees of a km along the meridian at 34 N


def make_points(*places: tuple[float, float], key: str = "point_id") -> pd.DataFrame:
    """Return a table of places named by number."""
    x, y = zip(*places, strict=True)
    return pd.DataFrame({key: [str(i) for i in range(len(x))], "x_coord": x, "y_coord": y})


def read_minutes(table: pd.DataFrame, stop: str, mode: str) -> float | None:
    """Return the minutes to a stop by a mode, None without a way."""
    found = table[(table["stop_id"] == stop) & (table["mode"] == mode)]["minutes"]
    return float(found.iloc[0]) if len(found) else None


def test_a_toy_walks_and_takes_a_taxi(triangle_network: Network) -> None:
    """1.5 km: 15 min on foot, 5 + 3 by taxi in the peak, 3 + 3 by car, 7 + 7.5 by bus."""
    network = triangle_network.as_of(TODAY)
    stops = make_points(
        (113.0, 34.0 + 1.5 * NORTH), (113.0, 34.0 + 5 * NORTH), (113.0, 34.4), key="stop_id"
    )
    table = measure_access(network, make_points((113.0, 34.0)), stops)
    expected = {"walk": 15, "taxi": 5 + 3, "car": 3 + 3, "bus": 2 + 0.5 * 10 + 1.5 / 12 * 60}
    for mode, minutes in expected.items():
        assert read_minutes(table, "0", mode) == pytest.approx(minutes, rel=0.03)
    # 5 km are too far to walk, and 44 km too far for anything but one's legs in the end.
    assert read_minutes(table, "1", "walk") is None
    assert read_minutes(table, "1", "taxi") == pytest.approx(5 + 10, rel=0.03)
    assert "2" not in set(table["stop_id"])


def test_metro_stations_are_reached_on_foot(triangle_network: Network) -> None:
    """A stop that is not by the road has no taxi, car or bus."""
    stops = make_points((113.0, 34.0 + NORTH), key="stop_id").assign(by_road=False)
    table = measure_access(triangle_network.as_of(TODAY), make_points((113.0, 34.0)), stops)
    assert table["mode"].tolist() == ["walk"]
    with pytest.raises(UnknownNameError):
        measure_access(triangle_network, make_points((113.0, 34.0)), stops, modes=["kite"])


def test_an_unknown_place_has_no_ways(triangle_network: Network) -> None:
    """A zone without a centre is nowhere; others are not concerned."""
    points = make_points((float("nan"), float("nan")), (113.0, 34.0))
    stops = make_points((113.0, 34.0 + NORTH), key="stop_id")
    table = measure_access(triangle_network.as_of(TODAY), points, stops)
    assert set(table["point_id"]) == {"1"}


def test_both_directions_take_as_long(evidence_base: Network) -> None:
    """Roads are usable both ways: to a stop and from it, however many are asked for."""
    network = evidence_base.as_of(TODAY)
    centres = locate_zones(network, ["410100", "411000", "410200"])
    stops = centres.rename(columns={"point_id": "stop_id"})
    tables = [
        measure_access(network, centres, stops, modes=["taxi"], toward=toward)
        for toward in ("stops", "points")
    ]
    pd.testing.assert_frame_equal(*tables)
    one = measure_access(network, centres.iloc[:1], stops.iloc[2:], modes=["taxi"])
    if len(one):
        both = tables[0].set_index(["point_id", "stop_id"])["minutes"]
        assert both["410100", "410200"] == pytest.approx(one["minutes"].iloc[0])


def test_nobody_walks_over_the_yellow_river(evidence_base: Network) -> None:
    """Two banks 2 km apart north of Zhengzhou: no walk, and a drive of many times the way."""
    network = evidence_base.as_of(TODAY)
    south, north = (113.40, 34.93), (113.40, 34.98)
    # The course of the river at 113.4 E lies between these points.
    table = measure_access(
        network,
        make_points(south),
        make_points((113.40, 34.945), north, key="stop_id"),
        modes=["walk", "taxi"],
    )
    walked = table[table["mode"] == "walk"]["stop_id"].tolist()
    driven = table[table["mode"] == "taxi"].set_index("stop_id")
    assert walked in (["0"], [])
    if "1" in driven.index:
        # Over the nearest bridge it is more than 15 km, at 60 km/h at most.
        assert driven.loc["1", "minutes"] > 15


def test_a_taxi_does_not_cross_a_border(evidence_base: Network) -> None:
    """From 深圳北 to 深圳 there is a taxi, from 深圳北 to 香港 there is none."""
    network = evidence_base.as_of(TODAY)
    node = network["node"].rename(columns={"node_id": "stop_id"})
    stop = node[node["name_zh"] == "深圳北"].iloc[:1].assign(by_road=True)
    centres = locate_zones(network, ["440300", "810000"])
    table = measure_access(network, centres, stop, modes=["walk", "taxi", "car", "bus"])
    assert set(table["point_id"]) == {"440300"}


def test_minutes_to_high_speed_stations_are_believable(evidence_base: Network) -> None:
    """The mean of China is 25 min by car and 50 by public transport (bjtu-tod-research.com).

    The model has no figure fitted to them: means of our cities within a third are asked for.
    """
    network = evidence_base.as_of(TODAY)
    zone = network["zone"]
    zone = zone[(zone["level"] != "county") & (zone["main_node_id"] != "")]
    centres = locate_zones(network, zone["zone_id"])
    centres = centres[centres["x_coord"].notna()]
    node = network["node"].rename(columns={"node_id": "stop_id"})
    stops = node[node["stop_id"].isin(zone["main_node_id"])].assign(by_road=True)
    table = measure_access(network, centres, stops, modes=["bus", "taxi"])
    main = zone.set_index("zone_id")["main_node_id"]
    own = table[table["stop_id"] == table["point_id"].map(main)]
    mean = own.groupby("mode")["minutes"].mean()
    assert mean["taxi"] == pytest.approx(25, rel=1 / 3)
    assert mean["bus"] == pytest.approx(50, rel=1 / 3)


def test_streets_take_the_place_of_straight_lines(triangle_network: Network) -> None:
    """Between corners 1 km east and 1 km north of each other: 20 min over streets, not 14."""
    network = triangle_network.as_of(TODAY)
    streets = build_grid(5, 5, origin=(113.0, 34.0))
    x, y = streets.nodes["x"].to_numpy(), streets.nodes["y"].to_numpy()
    order = sorted(zip(x.tolist(), y.tolist(), strict=True), key=lambda p: (p[0] + p[1], p[0]))
    first, last = order[0], order[-1]
    far = (first[0] - 1.5 / 92.4, first[1])
    points = make_points(first, far)
    stops = make_points(((first[0] + last[0]) / 2, (first[1] + last[1]) / 2), key="stop_id")
    over = measure_access(network, points, stops, modes=["walk"], streets=[streets])
    plain = measure_access(network, points, stops, modes=["walk"])
    minutes = [t.set_index("point_id")["minutes"] for t in (over, plain)]
    assert minutes[0]["0"] == pytest.approx(20, abs=0.3)
    assert minutes[1]["0"] == pytest.approx(10 * 2**0.5, abs=0.3)
    # More than 500 m off the streets a door has no part in them; beyond 2 km nobody walks.
    assert "1" not in minutes[0].index or minutes[0]["1"] == pytest.approx(minutes[1]["1"])
