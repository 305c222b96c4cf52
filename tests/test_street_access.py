"""Ways between doors and stops over streets: sums by hand, oracles, and what is out of reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlib.doors.access import (
    build_mode_roads,
    gather_streets,
    measure_access,
    measure_transfers,
)
from netlib.errors import InputError, UnknownNameError
from netlib.streets import Streets, read_streets
from netlib.streets.modes import ACCESS_MODES, STREETS_OF, read_modes
from tests.street_towns import build_grid, place_points
from tests.test_streets import TOWN

if TYPE_CHECKING:
    from netlib.tables import Network

# The figures of the toys: on foot 6 km/h [4, 12], taxi wait 5 [0, 10], bus 12 km/h [10, 15] every
# 10 minutes [4, 20] and 2 minutes [1, 4] to its stop, parking 3 [1, 5]. Streets have 25 km/h in
# free flow, and the peak doubles the time at the high end.
COLUMNS = ["point_id", "stop_id", "mode", "low", "minutes", "high", "off_network_m"]
HOME = {"home": (0, 0)}
# A tenth of a second for each of a few roundings.
CLOSE = 0.01


@pytest.fixture(scope="module")
def streets() -> dict:
    return gather_streets(build_grid(7, 5, mode=mode) for mode in ("walk", "drive", "bike"))


def measure(
    network: Network,
    streets: dict,
    stops: dict,
    *,
    points: dict = HOME,
    **options: object,
) -> pd.DataFrame:
    return measure_access(
        network,
        streets,
        place_points(points, "point_id"),
        place_points(stops, "stop_id"),
        **options,
    )


def by_mode(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index("mode")[["low", "minutes", "high"]]


def test_minutes_by_hand(line_network: Network, streets: dict) -> None:
    # Two blocks east and two north: 2 km.
    table = measure(line_network, streets, {"stop": (2, 2)}, modes=(*ACCESS_MODES, "bike"))
    assert table.columns.tolist() == COLUMNS
    found = by_mode(table)
    drive = 2 / 25 * 60
    expected = {
        "walk": (10, 20, 30),
        "bus": (2 / 15 * 60 + 1 + 2, 10 + 2 + 5, 12 + 4 + 10),
        "taxi": (drive, drive + 5, 2 * drive + 10),
        "car": (drive + 1, drive + 3, 2 * drive + 5),
        "bike": (8, 8, 8),
    }
    for mode, minutes in expected.items():
        assert found.loc[mode].tolist() == pytest.approx(minutes, abs=CLOSE)


def test_a_way_too_long_for_a_mode_is_left_out(line_network: Network, streets: dict) -> None:
    # 2.5 km is beyond max_walk_km, 2 km, of the toys
    table = measure(line_network, streets, {"stop": (3, 2)})
    assert set(table["mode"]) == {"bus", "taxi", "car"}


def test_the_way_off_the_network_is_walked_and_shown(line_network: Network, streets: dict) -> None:
    # 100 m south of the middle of the southernmost street's first block
    door = {"home": (0.5, -0.2)}
    table = measure(line_network, streets, {"stop": (1, 0)}, points=door, modes=["walk", "taxi"])
    assert table["off_network_m"].tolist() == pytest.approx([100, 100], abs=0.1)
    found = by_mode(table)["minutes"]
    assert found["walk"] == pytest.approx((100 + 250) / 6000 * 60, abs=CLOSE)
    assert found["taxi"] == pytest.approx(1 + 0.25 / 25 * 60 + 5, abs=CLOSE)


def test_doors_in_a_river_are_listed_all_at_once(line_network: Network, streets: dict) -> None:
    doors = {"home": (0, 0), "boat": (0, -0.5), "raft": (0, -0.7)}
    with pytest.raises(InputError) as problem:
        measure(line_network, streets, {"stop": (1, 0)}, points=doors, limit_m=200.0)
    words = [notice.message for notice in problem.value.notices]
    assert words == [
        "point boat is 250 m from the nearest street, beyond the limit of 200 m",
        "point raft is 350 m from the nearest street, beyond the limit of 200 m",
    ]
    near = measure(line_network, streets, {"stop": (1, 0)}, points=doors)
    assert set(near["point_id"]) == set(doors)


def test_a_stop_off_the_network_has_no_way(line_network: Network, streets: dict) -> None:
    table = measure(line_network, streets, {"near": (1, 0), "far": (0, -6)})
    assert set(table["stop_id"]) == {"near"}


def test_stops_that_no_car_drives_to(line_network: Network, streets: dict) -> None:
    stops = place_points({"rail": (1, 0), "metro": (1, 1)}, "stop_id").assign(by_road=[True, False])
    table = measure_access(line_network, streets, place_points(HOME, "point_id"), stops)
    assert set(table.loc[table["stop_id"] == "metro", "mode"]) == {"walk"}
    assert set(table.loc[table["stop_id"] == "rail", "mode"]) == set(ACCESS_MODES)


def test_modes_without_streets(line_network: Network, streets: dict) -> None:
    on_foot = {"walk": streets["walk"]}
    assert set(measure(line_network, on_foot, {"stop": (1, 0)})["mode"]) == {"walk"}
    with pytest.raises(InputError, match="bike, taxi need streets for bike, drive; read them"):
        measure(line_network, on_foot, {"stop": (1, 0)}, modes=["walk", "bike", "taxi"])
    with pytest.raises(InputError, match="no streets to walk or drive on"):
        measure(line_network, {"bike": streets["bike"]}, {"stop": (1, 0)})
    with pytest.raises(UnknownNameError, match="unknown mode 'horse'"):
        measure(line_network, on_foot, {"stop": (1, 0)}, modes=["horse"])
    with pytest.raises(InputError, match="streets for walk are given twice"):
        gather_streets([streets["walk"], streets["walk"]])
    with pytest.raises(ValueError, match="taxi needs streets for drive, not walk"):
        build_mode_roads(streets["walk"], read_modes(line_network, ["taxi"])[0])


def test_one_way_streets_tell_to_from_from(line_network: Network) -> None:
    # The town of the street tests has one-way streets: there and back differ.
    streets = {"drive": read_streets(TOWN)}
    nodes = streets["drive"].nodes
    points = pd.DataFrame(
        {
            "point_id": nodes["node_id"].astype(str),
            "x_coord": nodes["x"],
            "y_coord": nodes["y"],
        }
    )
    stops = points.rename(columns={"point_id": "stop_id"})
    # Two of the nodes are ends of a ferry, more than a kilometre from where cars may stop.
    options = {"modes": ["car"], "limit_m": 2000.0}
    there = measure_access(line_network, streets, points, stops, **options)
    back = measure_access(line_network, streets, points, stops, toward="points", **options)
    keys = ["point_id", "stop_id"]
    turned = back.rename(columns={"point_id": "stop_id", "stop_id": "point_id"})
    both = there.merge(turned, on=keys, how="outer", suffixes=("", "_back"))
    # The way from A to B is one, wherever one searches from.
    assert both["minutes"].to_numpy() == pytest.approx(both["minutes_back"].to_numpy(), abs=CLOSE)
    same = there.merge(back, on=keys)
    assert (same["minutes_x"] - same["minutes_y"]).abs().max() > 0.1


corners = st.tuples(st.integers(0, 6), st.integers(0, 4))


@given(home=corners, stop=corners, block=corners, east=st.booleans())
@settings(max_examples=15, deadline=None)
def test_minutes_are_those_of_networkx_and_closing_a_street_never_helps(
    line_network: Network,
    home: tuple,
    stop: tuple,
    block: tuple,
    east: bool,  # noqa: FBT001
) -> None:
    other = (block[0] + 1, block[1]) if east else (block[0], block[1] + 1)
    minutes = []
    for closed in ([], [(block, other)]):
        town = build_grid(7, 5, mode="drive", closed=closed)
        table = measure(
            line_network, {"drive": town}, {"s": stop}, points={"h": home}, modes=["car"]
        )
        (found,) = table["minutes"]
        graph = nx.DiGraph()
        _, seconds = build_mode_roads(town, read_modes(line_network, ["car"])[0])
        ids = town.nodes["node_id"].to_numpy()
        ends = (ids[town.edges[end]] for end in ("tail", "head"))
        graph.add_weighted_edges_from(zip(*ends, seconds, strict=True))
        ways = [c + 1000 * r + 1 for c, r in (home, stop)]
        assert found == pytest.approx(nx.dijkstra_path_length(graph, *ways) / 60 + 3, abs=CLOSE)
        minutes.append(found)
    assert minutes[0] <= minutes[1] + CLOSE


@given(st.lists(st.tuples(st.floats(0, 6), st.floats(0, 4)), min_size=3, max_size=3))
@settings(max_examples=25, deadline=None)
def test_no_detour_by_a_third_point_is_shorter(
    line_network: Network, streets: dict, three: list
) -> None:
    places = dict(zip("abc", three, strict=True))
    table = measure(line_network, streets, places, points=places, modes=["walk"])
    way = table.set_index(["point_id", "stop_id"])["minutes"]
    if {("a", "b"), ("b", "c"), ("a", "c")} <= set(way.index):
        assert way["a", "c"] <= way["a", "b"] + way["b", "c"] + CLOSE


@pytest.mark.parametrize("name", STREETS_OF)
def test_ends_of_the_ranges_are_in_order(line_network: Network, streets: dict, name: str) -> None:
    places = {f"{c},{r}": (c, r) for c in range(7) for r in range(5)}
    table = measure(line_network, streets, places, modes=[name])
    assert len(table) > 10
    assert (table["low"] <= table["minutes"]).all()
    assert (table["minutes"] <= table["high"].fillna(np.inf)).all()


def test_batches_change_nothing(
    line_network: Network, streets: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {f"{c},{r}": (c + 0.3, r + 0.1) for c in range(6) for r in range(4)}
    whole = measure(line_network, streets, places, points=places)
    monkeypatch.setattr("netlib.doors.access.BATCH_LABELS", 200)
    parts = measure(line_network, streets, places, points=places)
    pd.testing.assert_frame_equal(whole, parts)


def test_walks_between_stops(line_network: Network, streets: dict) -> None:
    stops = place_points({"a": (0, 0), "b": (1, 0), "c": (2, 1), "sea": (0, -9)}, "stop_id")
    found = measure_transfers(line_network, streets, stops)
    # station_walk_link_km of the toys is 1: 500 m and 1 km at 6 km/h, not 1.5 km
    seconds = found.set_index(["from_stop_id", "to_stop_id"])["seconds"].to_dict()
    assert set(seconds) == {("a", "b"), ("b", "a"), ("b", "c"), ("c", "b")}
    assert seconds["a", "b"] == 300
    assert seconds["b", "c"] == 600


def test_the_peak_is_that_of_the_network_on_streets(evidence_base: Network) -> None:
    ratios = {
        variant: read_modes(evidence_base, ["taxi"], variant=variant)[0].peak_ratio
        for variant in ("low", "central", "high")
    }
    # free flow at best; 27 km/h in the morning where 46.6 are free flow; 22 at worst
    assert ratios == pytest.approx({"low": 1.0, "central": 46.6 / 27, "high": 46.6 / 22})


def test_streets_of_another_region_do_not_matter(line_network: Network, streets: dict) -> None:
    far = build_grid(2, 2, origin=(114.0, 35.0))
    assert isinstance(far, Streets)
    with pytest.raises(InputError, match="point home is"):
        measure(line_network, {"walk": far}, {"stop": (1, 0)})
