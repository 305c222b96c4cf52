"""Drives over the highway graph: a toy done by hand, the river, the dates, networkx as oracle."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from netlib.drives import build_drives, drive_minutes, measure_drives
from netlib.graph import city_centres
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from netlib.checks.highways import find_crossings, measure_chords
from netlib.errors import InputError, MissingFileError, UnreachableError
from netlib.evidence import select_variant
from netlib.highways import (
    EDGE_FILE,
    NODE_FILE,
    Highways,
    read_highways,
    snap_to_vertices,
)
from netlib.roads.edges import LINK, find_city_edges
from netlib.scenarios import Scenario, apply_scenario
from netlib.snapshots import ROAD_MODES
from netlib.tables import read_network
from netlib.times import journey_legs, measure_pairs, travel_times

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from netlib.drives import Drives

    from netlib.tables import Network

    Build = Callable[..., Network]

TODAY = "2026-11-22"
KM_PER_DEGREE = 111.195
CITIES_NORTH = ("410500", "410600", "410700", "410800", "410900", "419001", "130100", "110000")
CITIES_SOUTH = ("410100", "410200", "410300", "411000", "411100", "411400", "411500", "610100")

# The toy ``triangle`` on a graph: each city has one street 0.01 degrees north of its centre, and
# the two sections of E1 run from street to street.
TOY_NODES = """road_node_id,x_coord,y_coord
0,113,34.01
1,113.5,34.21
2,114,34.01
3,113.01,34.01
4,113.51,34.21
5,114.01,34.01
"""
TOY_EDGES = """from_road_node_id,to_road_node_id,length_km,link_id
0,1,55,E1-1
1,2,55,E1-2
0,3,0.92,
1,4,0.92,
2,5,0.92,
"""
OFF_KM = 0.01 * KM_PER_DEGREE


@pytest.fixture
def toy(toy_folder: Callable[..., Path]) -> Path:
    root = toy_folder("triangle")
    (root / NODE_FILE).write_text(TOY_NODES, encoding="utf-8")
    (root / EDGE_FILE).write_text(TOY_EDGES, encoding="utf-8")
    return root


def drive(network: Network, a: str, b: str, *, peak: bool = False) -> float:
    table, _ = measure_drives(
        network.as_of(TODAY), pd.DataFrame({"from_id": [a], "to_id": [b]}), peak=peak
    )
    return float(table["minutes"].iloc[0])


# Parking and toll gate 10 minutes at each end, the street to the road at 60 km/h, 30 minutes a
# section of E1; in the peak 1.5 times as long, 2 times on streets.
@pytest.mark.parametrize(
    ("a", "b", "peak", "minutes"),
    [
        ("900100", "900200", False, 10 + OFF_KM + 30 + OFF_KM + 10),
        ("900100", "900300", False, 10 + OFF_KM + 60 + OFF_KM + 10),
        ("900300", "900100", False, 10 + OFF_KM + 60 + OFF_KM + 10),
        ("900100", "900200", True, 15 + 2 * OFF_KM + 45 + 2 * OFF_KM + 15),
    ],
)
def test_a_drive_by_hand(toy: Path, a: str, b: str, peak: bool, minutes: float) -> None:  # noqa: FBT001
    assert drive(read_network(toy), a, b, peak=peak) == pytest.approx(minutes, abs=0.01)


def edit(network: Network, **entry: Any) -> Network:
    return apply_scenario(network, Scenario("edit", "", "", "", "", (entry,)))


def test_cards_slow_and_close_roads_of_the_graph(toy: Path) -> None:
    network = read_network(toy)
    before = drive(network, "900100", "900200")
    where = {"link_id": "E1-1"}
    slow = {"field": "run_time_minutes", "expect": 30, "value": 40}
    slower = edit(network, action="set", table="link", where=where, **slow)
    assert drive(slower, "900100", "900200") == pytest.approx(before + 10)
    # Without E1 there is the direct road E2, which has no edges: 75 minutes from centre to centre.
    closed = edit(network, action="remove", table="line", where={"line_id": "E1"})
    assert drive(closed, "900100", "900300") == pytest.approx(10 + 75 + 10)
    assert np.isnan(drive(closed, "900100", "900200"))
    late = {"field": "open_date", "expect": "2005", "value": "2027"}
    planned = edit(network, action="set", table="link", where=where, **late)
    # Round by E2 and the second section of E1, past the street of the third city.
    round_trip = 10 + 75 + OFF_KM + 30 + OFF_KM + 10
    assert drive(planned, "900100", "900200") == pytest.approx(round_trip, abs=0.01)


def test_a_link_without_edges_joins_the_graph_at_its_ends(toy: Path) -> None:
    """A bypass from the street of one city to that of another: 12 minutes instead of 30."""
    network = read_network(toy)
    for name, x, y in (("R-1", 113.01, 34.02), ("R-2", 113.51, 34.21)):
        row = {"node_id": name, "name_zh": name, "x_coord": x, "y_coord": y}
        row |= {"node_type": "road_junction"}
        network = edit(network, action="add", table="node", row=row)
    row = {"link_id": "E1-3", "from_node_id": "R-1", "to_node_id": "R-2", "line_id": "E1"}
    row |= {"length_km": 50, "run_time_minutes": 12, "open_date": "2006"}
    network = edit(network, action="add", table="link", row=row)
    street = 0.92  # km of either street at 60 km/h
    junction = OFF_KM / 50 * 60  # over trunk roads
    expected = 10 + OFF_KM + street + junction + 12 + street + OFF_KM + 10
    assert drive(network, "900100", "900200") == pytest.approx(expected, abs=0.01)


def test_legs_name_the_roads_with_their_evidence(toy: Path) -> None:
    network = read_network(toy).as_of(TODAY)
    legs = journey_legs(network, "900100", "900300", reading="drive_free")
    assert legs["kind"].tolist() == ["access", "drive", "drive", "drive", "egress"]
    assert legs["service"].tolist()[2] == "甲丙高速"
    evidence = legs["evidence"].tolist()
    assert "link:E1-1:run_time_minutes" in evidence[2]
    assert "link:E1-2:length_km" in evidence[2]
    assert "parameter:urban_free_speed_kmh:value" in evidence[1]
    assert "peak" not in ";".join(evidence)
    in_peak = journey_legs(network, "900100", "900300", reading="drive_peak")
    assert "parameter:drive_peak_ratio:value" in in_peak["evidence"].iloc[2]
    assert "parameter:urban_peak_ratio:value" in in_peak["evidence"].iloc[1]
    assert legs["minutes"].sum() == pytest.approx(10 + OFF_KM + 60 + OFF_KM + 10, abs=0.2)


def test_minutes_to_every_vertex_of_the_toy(toy: Path) -> None:
    table = drive_minutes(read_network(toy).as_of(TODAY), "900100")
    street = 0.92
    expected = [0, 30, 60, street, 30 + street, 60 + street]
    np.testing.assert_allclose(table["minutes"], 10 + OFF_KM + np.array(expected), atol=0.01)
    assert table["x_coord"].tolist() == [113, 113.5, 114, 113.01, 113.51, 114.01]


def test_a_zone_without_a_road_is_told(line_network: Network) -> None:
    network = line_network.as_of(TODAY)
    lonely = network.with_tables(zone=network["zone"].assign(centre_node_id=""))
    with pytest.raises(UnreachableError, match="has no road within reach"):
        drive_minutes(lonely, "900100")


STREET = Highways(
    x=np.array([113.0, 113.1, 113.0]),
    y=np.array([34.0, 34.0, 34.1]),
    tail=np.array([0, 0]),
    head=np.array([1, 2]),
    km=np.array([9.2, 11.1]),
    link=np.array([-1, 0]),
    links=("A",),
)


def test_points_are_joined_to_their_nearest_vertex() -> None:
    x, y = np.array([113.03, 112.99, 113.05]), np.array([34.01, 34.0, 34.2])
    one_west = 0.01 * KM_PER_DEGREE * np.cos(np.radians(34.0))
    vertex, off_km = snap_to_vertices(STREET, x, y, limit_km=5.0)
    assert vertex.tolist() == [0, 0, -1]
    assert off_km[1] == pytest.approx(one_west, rel=1e-3)


def test_edges_near_a_centre_are_city_streets() -> None:
    centre = pd.DataFrame({"x_coord": [113.0], "y_coord": [34.0]})
    # Middles lie 4.6 km east and 5.6 km north.
    assert find_city_edges(STREET, centre, 4.0).tolist() == [False, False]
    assert find_city_edges(STREET, centre, 5.0).tolist() == [True, False]
    assert find_city_edges(STREET, centre, 6.0).tolist() == [True, True]


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (NODE_FILE, "3,113.01", "9,113.01", "does not count up"),
        (NODE_FILE, "34.21\n2", "north\n2", "derive_networks"),
        (EDGE_FILE, "0,3,0.92", "0,6,0.92", "two vertices"),
        (EDGE_FILE, "0,3,0.92", "0,0,0.92", "two vertices"),
        (EDGE_FILE, "0,3,0.92", "0,3,0", "two vertices"),
        (EDGE_FILE, "length_km", "miles", "derive_networks"),
    ],
)
def test_a_malformed_graph_is_told_when_it_is_read(
    toy: Path, file: str, old: str, new: str, words: str
) -> None:
    path = toy / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    network = read_network(toy)  # reads no graph
    with pytest.raises(InputError, match=words):
        drive(network, "900100", "900200")


def test_half_a_graph_is_told(toy: Path) -> None:
    (toy / EDGE_FILE).unlink()
    with pytest.raises(MissingFileError, match=EDGE_FILE):
        read_highways(toy)


def test_no_graph_is_an_empty_one(toy_folder: Callable[..., Path]) -> None:
    assert read_highways(toy_folder("triangle")).size == 0


ends = st.sampled_from(["C-900100", "C-900200", "C-900300", "R-1", "R-2"])
roads = st.lists(st.tuples(ends, ends, st.integers(1, 100)), min_size=1, max_size=8)
ZONES = ["900100", "900200", "900300"]


def drive_times(
    network: Network, with_rows: Build, links: list[tuple[str, str, int]]
) -> np.ndarray:
    rows = [
        {
            "link_id": f"E1-{number}",
            "line_id": "E1",
            "from_node_id": a,
            "to_node_id": b,
            "length_km": float(minutes),
            "run_time_minutes": float(minutes),
        }
        for number, (a, b, minutes) in enumerate(links)
    ]
    drives = build_drives(with_rows(network, link=rows).as_of(TODAY), peak=False)
    centres = [drives.find_centre(zone) for zone in ZONES]
    return np.asarray(dijkstra(drives.weights, indices=centres)[:, centres])


@given(links=roads, extra=roads)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_new_road_never_hurts_and_a_slower_one_never_helps(
    links: list[tuple[str, str, int]],
    extra: list[tuple[str, str, int]],
    triangle_network: Network,
    with_rows: Build,
) -> None:
    before = drive_times(triangle_network, with_rows, links)
    assert (drive_times(triangle_network, with_rows, links + extra) <= before + 1e-9).all()
    slower = [(a, b, minutes + 7) for a, b, minutes in links]
    assert (drive_times(triangle_network, with_rows, slower) >= before - 1e-9).all()
    np.testing.assert_allclose(before, before.T)  # roads are usable both ways


@pytest.fixture(scope="module")
def today(evidence_base: Network) -> Network:
    return evidence_base.as_of(TODAY)


@pytest.fixture(scope="module")
def highways(evidence_base: Network) -> Highways:
    return read_highways(evidence_base.root)


def to_networkx(drives: Drives) -> nx.Graph:
    graph = nx.Graph()
    for (a, b), minutes in zip(drives.ends.tolist(), drives.minutes.tolist(), strict=True):
        known = graph.get_edge_data(a, b, {"minutes": np.inf})["minutes"]
        graph.add_edge(a, b, minutes=min(known, minutes))
    return graph


@pytest.mark.parametrize("peak", [False, True])
def test_networkx_agrees_from_zhengzhou_to_everywhere(today: Network, peak: bool) -> None:  # noqa: FBT001
    drives = build_drives(today, peak=peak)
    start = drives.find_centre("410100")
    found = dijkstra(drives.weights, indices=start)
    oracle = nx.single_source_dijkstra_path_length(to_networkx(drives), start, weight="minutes")
    expected = np.array([oracle.get(node, np.inf) for node in range(drives.size)])
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.isfinite(found).mean() > 0.99


def test_the_graph_is_in_one_piece_and_named_by_links_of_roads(
    highways: Highways, evidence_base: Network
) -> None:
    ones = np.ones(len(highways.tail))
    matrix = csr_matrix((ones, (highways.tail, highways.head)), shape=(highways.size,) * 2)
    assert connected_components(matrix, directed=False)[0] == 1
    link = evidence_base["link"].set_index("link_id")["line_id"]
    mode = evidence_base["line"].set_index("line_id")["mode"]
    assert set(mode[link[list(highways.links)]]) <= set(ROAD_MODES)
    assert {"G4", "G30", "G45", "G55", "G36", "JX2"} <= set(link[list(highways.links)])


def read_river(network: Network) -> tuple[set[str], Any]:
    import shapely

    text = (network.root / "rivers.geojson").read_text(encoding="utf-8")
    (river,) = json.loads(text)["features"]
    return set(river["properties"]["bridges"]), shapely.from_geojson(json.dumps(river["geometry"]))


def test_the_river_is_crossed_on_named_bridges_only(
    highways: Highways, evidence_base: Network
) -> None:
    bridges, river = read_river(evidence_base)
    line = evidence_base["link"].set_index("link_id")["line_id"]
    crossed = find_crossings(highways, river)
    assert (highways.link[crossed] >= 0).all()
    found = {line[highways.links[number]] for number in highways.link[crossed]}
    assert found == bridges
    assert len(bridges) > 20


def test_without_bridges_north_and_south_are_apart(
    highways: Highways, evidence_base: Network
) -> None:
    """Cities whose side of the river is known from any map."""
    bridges, _ = read_river(evidence_base)
    # The only link over the river that the graph of 2024 does not hold is the bridge of 2025.
    network = evidence_base
    for line_id in sorted({*bridges, "AL"}):
        network = edit(network, action="remove", table="line", where={"line_id": line_id})
    drives = build_drives(network.as_of(TODAY), peak=False)
    _, part = connected_components(drives.weights, directed=False)
    north = {part[drives.find_centre(zone)] for zone in CITIES_NORTH}
    south = {part[drives.find_centre(zone)] for zone in CITIES_SOUTH}
    assert len(north) == len(south) == 1
    assert north != south
    whole = build_drives(evidence_base.as_of(TODAY), peak=False)
    assert connected_components(whole.weights, directed=False)[1][: highways.size].max() == 0


def open_links(network: Network, day: str) -> set[str]:
    drives = build_drives(network.as_of(day), peak=False)
    numbers = drives.link[drives.kind == LINK]
    return {drives.link_ids[number] for number in np.unique(numbers)}


@pytest.mark.parametrize(
    ("link", "last_day_without", "first_day"),
    [
        ("JX2-1", "2018-11-15", "2018-11-16"),
        ("BR-guandu", "2019-10-15", "2019-10-16"),
        ("AL", "2025-12-29", "2025-12-30"),
        ("JS-1", "2020-12-21", "2020-12-22"),
    ],
)
def test_roads_are_there_from_their_opening(
    evidence_base: Network, link: str, last_day_without: str, first_day: str
) -> None:
    assert link not in open_links(evidence_base, last_day_without)
    assert link in open_links(evidence_base, first_day)


# Published lengths (see expressway_lengths.csv and roads.csv), and the chords of the graph between
# the ends of the links, which nothing stretches. Where two roads run together one has the edges, so
# the way is looked for on all named roads.
@pytest.mark.parametrize(
    ("links", "published_km", "error"),
    [
        (["JX2-1", "JX2-2", "JX2-3"], 45.102, 0.03),
        (["JX1-1"], 106.3, 0.03),
        (["G4-12"], 63.5, 0.06),
        (["G4-13", "G4-14"], 136.879, 0.03),
        (["G30-4"], 106.4, 0.03),
        (["BR-taohuayu", "S87-1"], 28.638, 0.15),
    ],
)
def test_matched_lengths_are_near_the_published_ones(
    highways: Highways, evidence_base: Network, links: list[str], published_km: float, error: float
) -> None:
    chord = measure_chords(highways)
    named = highways.link >= 0
    ends_of = (highways.tail[named], highways.head[named])
    matrix = csr_matrix((chord[named], ends_of), shape=(highways.size,) * 2)
    link = evidence_base["link"].set_index("link_id")
    node = evidence_base["node"].set_index("node_id")
    total = 0.0
    for name in links:
        ends = node.loc[link.loc[name, ["from_node_id", "to_node_id"]], ["x_coord", "y_coord"]]
        (a, b), _ = snap_to_vertices(highways, *ends.to_numpy(dtype=float).T, limit_km=0.2)
        total += float(dijkstra(matrix, directed=False, indices=a)[b])
    assert total == pytest.approx(published_km, rel=error)


# Lengths between centres that pages give (see drive_lengths.csv): value, low and high. The quickest
# way is up to a tenth longer than the shortest, and pages mean either; the graph is not fitted to
# them.
@pytest.mark.parametrize(
    ("a", "b", "low_km", "high_km"),
    [
        ("410100", "411000", 85, 95),
        ("410100", "410200", 65, 75),
        ("410100", "410300", 120, 145),
        ("410100", "411100", 142, 156),
        ("410100", "410700", 72, 95),
        ("410100", "411500", 316, 329),
        ("130100", "120000", 250, 300),
    ],
)
def test_drives_are_about_as_long_as_pages_say(
    today: Network, a: str, b: str, low_km: float, high_km: float
) -> None:
    pairs = pd.DataFrame({"from_id": [a], "to_id": [b]})
    _, steps = measure_drives(today, pairs, peak=False)
    km = sum(step.get("km", 0.0) for step in steps[a, b])
    assert 0.9 * low_km <= km <= 1.1 * high_km


def test_steps_join_and_add_up(today: Network) -> None:
    zones = ["410300", "410800", "411500", "130100"]
    pairs = pd.DataFrame({"from_id": "410100", "to_id": zones})
    table, steps = measure_drives(today, pairs, peak=True)
    for pair, minutes in zip(steps, table["minutes"], strict=True):
        legs = steps[pair]
        assert sum(leg["minutes"] for leg in legs) == pytest.approx(minutes)
        assert legs[0]["from_id"] == pair[0]
        assert legs[-1]["to_id"] == pair[1]
        for before, after in pairwise(legs):
            assert before["to_id"] == after["from_id"]
    over = {leg["trip_id"] for leg in steps["410100", "410800"]}
    assert len([name for name in over if name.startswith("BR-")]) == 1
    assert not [leg for leg in steps["410100", "411500"] if leg["trip_id"].startswith("BR-")]


def test_low_central_and_high_are_in_order(today: Network) -> None:
    zones = city_centres(today)["zone_id"].tolist()
    near = [zone for zone in zones if zone.startswith("41") and zone != "410100"]
    pairs = pd.DataFrame({"from_id": "410100", "to_id": near})
    for peak in (False, True):
        columns = [
            measure_drives(select_variant(today, variant), pairs, peak=peak)[0]["minutes"]
            for variant in ("low", "central", "high")
        ]
        assert (columns[0] < columns[1]).all()
        assert (columns[1] < columns[2]).all()


def test_closing_a_road_never_helps(evidence_base: Network) -> None:
    zones = ["410100", "410200", "410300", "410700", "411000", "411600", "130100"]
    pairs = pd.DataFrame([(a, b) for a in zones for b in zones if a < b])
    pairs.columns = ["from_id", "to_id"]
    before = measure_drives(evidence_base.as_of(TODAY), pairs, peak=False)[0]["minutes"]
    longer = set()
    for line_id in ("G4", "JX2", "BR-liujiang"):
        closed = edit(evidence_base, action="remove", table="line", where={"line_id": line_id})
        after = measure_drives(closed.as_of(TODAY), pairs, peak=False)[0]["minutes"]
        assert (after >= before - 1e-9).all()
        if (after > before + 1e-9).any():
            longer.add(line_id)
    assert longer == {"G4", "JX2", "BR-liujiang"}


def test_drives_are_the_same_both_ways(today: Network) -> None:
    places = ["410100", "410300", "411000", "130100"]
    table = travel_times(today, places, places, reading="drive_free")
    minutes = table.pivot_table(
        index="from_id", columns="to_id", values="travel_time_minutes", sort=True
    )
    np.testing.assert_allclose(minutes.fillna(0), minutes.fillna(0).T)


def test_every_city_has_a_road_nearby(today: Network) -> None:
    centre = city_centres(today)
    inside = centre[~centre["zone_id"].isin(["310000", "440100", "440300", "500000", "510100"])]
    drives = build_drives(today, peak=False)
    minutes = drive_minutes(today, "410100")["minutes"]
    assert np.isfinite(minutes).mean() > 0.99
    joined = drives.ends[:, 0] >= len(minutes)
    reached = {name for name, number in drives.places.items() if number in drives.ends[joined]}
    north = inside[inside["zone_id"].str.match("41|13|11|12")]
    assert set(north["centre_node_id"]) <= reached


def test_a_pair_without_road_has_no_minutes(today: Network) -> None:
    pairs = pd.DataFrame({"from_id": ["410100", "440300"], "to_id": ["440300", "410100"]})
    table, steps = measure_pairs(today, pairs, reading="drive_free")
    assert table["travel_time_minutes"].isna().all()
    assert steps == {}


def test_the_graph_is_read_again_when_its_files_change(toy: Path) -> None:
    first = read_highways(toy)
    assert read_highways(toy) is first
    text = (toy / EDGE_FILE).read_text(encoding="utf-8").replace("0,1,55", "0,1,54")
    (toy / EDGE_FILE).write_text(text, encoding="utf-8")
    assert read_highways(toy).km[0] == 54
