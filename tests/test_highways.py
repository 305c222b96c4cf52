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
from netlib.places import city_centres
from netlib.roads.day_roads import build_day_roads
from netlib.roads.edges import LINK, find_city_edges
from netlib.scenarios import Scenario, apply_scenario
from netlib.snapshots import ROAD_MODES
from netlib.tables import read_network
from netlib.times import journey_legs, travel_times
from netlib.times.drives import (
    locate_zones,
    measure_drives,
    read_terminal_minutes,
    trace_drives,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
# From the centre of the first to that of the second city, 0.5 degrees east and 0.2 north.
BETA_KM = float(np.hypot(0.5 * KM_PER_DEGREE * np.cos(np.radians(34.1)), 0.2 * KM_PER_DEGREE))
# Ways over sixteen directions are at most so much longer than straight lines: 1 / cos 13.3 degrees.
LONGEST = 1.0275


@pytest.fixture
def toy(toy_folder: Callable[..., Path]) -> Path:
    root = toy_folder("triangle")
    (root / NODE_FILE).write_text(TOY_NODES, encoding="utf-8")
    (root / EDGE_FILE).write_text(TOY_EDGES, encoding="utf-8")
    return root


def ask(network: Network, froms: list[str], tos: list[str], *, peak: bool = False) -> np.ndarray:
    """Return the minutes of drives, one row for each origin."""
    ends = [locate_zones(network, zones) for zones in (froms, tos)]
    table = measure_drives(network, *ends, peak=peak)
    return table["minutes"].to_numpy().reshape(len(froms), len(tos))


def drive(network: Network, a: str, b: str, *, peak: bool = False) -> float:
    return float(ask(network.as_of(TODAY), [a], [b], peak=peak)[0, 0])


# Parking and toll gate 10 minutes at each end, the street to the road at 60 km/h, 30 minutes a
# section of E1. In the peak 1.5 times as long, and 2 times on streets: from the first and the third
# city, where the road E2 ends, people then take its way to E1, at 50 km/h and 1.5 times as long.
STREET_PEAK, TRUNK = 2 * OFF_KM, OFF_KM / 50 * 60


@pytest.mark.parametrize(
    ("a", "b", "peak", "minutes"),
    [
        ("900100", "900200", False, 10 + OFF_KM + 30 + OFF_KM + 10),
        ("900100", "900300", False, 10 + OFF_KM + 60 + OFF_KM + 10),
        ("900300", "900100", False, 10 + OFF_KM + 60 + OFF_KM + 10),
        ("900100", "900200", True, 15 + 1.5 * TRUNK + 45 + STREET_PEAK + 15),
        ("900100", "900300", True, 15 + 1.5 * TRUNK + 90 + 1.5 * TRUNK + 15),
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
    # To the second city lanes are left: 8 km of city at either end at a minute a km, and between
    # them 30 km/h over half as long a way. Cells have sixteen directions, and half a km of width.
    by_lane = 10 + 8 + 3 * (BETA_KM - 16) + 8 + 10
    assert drive(closed, "900100", "900200") == pytest.approx(by_lane, rel=LONGEST - 1)
    late = {"field": "open_date", "expect": "2005", "value": "2027"}
    planned = edit(network, action="set", table="link", where=where, **late)
    # Round by E2, over a trunk road to the second section of E1.
    round_trip = 10 + 75 + TRUNK + 30 + OFF_KM + 10
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
    # From the centres to its ends over streets of the cities at 60 km/h, to half a cell of 0.5 km.
    east = 0.01 * KM_PER_DEGREE * np.cos(np.radians(34.0))
    streets = np.hypot(east, 2 * OFF_KM) + np.hypot(east, OFF_KM)
    found = drive(network, "900100", "900200") - 10 - 12 - 10
    assert streets - 0.01 <= found <= streets * LONGEST + 0.25


def test_legs_name_the_roads_with_their_evidence(toy: Path) -> None:
    network = read_network(toy).as_of(TODAY)
    legs = journey_legs(network, "900100", "900300", reading="drive_free")
    assert legs["kind"].tolist() == ["access", "drive", "drive", "drive", "egress"]
    assert legs["minutes"].tolist() == pytest.approx([10, OFF_KM, 60, OFF_KM, 10], abs=0.06)
    assert legs["service"].tolist()[2] == "甲丙高速"
    evidence = legs["evidence"].tolist()
    assert "link:E1-1:run_time_minutes" in evidence[2]
    assert "link:E1-2:length_km" in evidence[2]
    for street in (evidence[1], evidence[3]):
        assert "parameter:urban_free_speed_kmh:value" in street
        assert "link" not in street
    assert "peak" not in ";".join(evidence)
    in_peak = journey_legs(network, "900100", "900200", reading="drive_peak")
    assert in_peak["minutes"].sum() == pytest.approx(
        15 + 1.5 * TRUNK + 45 + STREET_PEAK + 15, abs=0.2
    )
    assert "parameter:trunk_speed_kmh:value" in in_peak["evidence"].iloc[1]
    assert "parameter:drive_peak_ratio:value" in in_peak["evidence"].iloc[2]
    assert "parameter:urban_peak_ratio:value" in in_peak["evidence"].iloc[3]


def test_a_drive_within_a_city_is_told_too(toy: Path) -> None:
    """300 m of street at 60 km/h: the steps add up where no road is used."""
    network = read_network(toy).as_of(TODAY)
    x, y = [113.0, 113.0], [34.0, 34.0 + 0.3 / KM_PER_DEGREE]
    points = pd.DataFrame({"point_id": ["here", "there"], "x_coord": x, "y_coord": y})
    (steps,) = trace_drives(network, points[:1], points[1:], peak=False)
    minutes = measure_drives(network, points[:1], points[1:], peak=False)["minutes"].item()
    assert sum(step["minutes"] for step in steps) == pytest.approx(minutes)
    assert 20.29 <= minutes <= 20 + 0.3 + 0.5
    assert [step["from_id"] for step in steps[1:]] == [step["to_id"] for step in steps[:-1]]


def test_minutes_to_every_vertex_of_the_toy(toy: Path) -> None:
    network = read_network(toy).as_of(TODAY)
    x, y = np.array([line.split(",")[1:] for line in TOY_NODES.split()[1:]], dtype=float).T
    points = pd.DataFrame({"point_id": range(6), "x_coord": x, "y_coord": y}).astype(
        {"point_id": str}
    )
    found = measure_drives(network, locate_zones(network, ["900100"]), points, peak=False)
    minutes = found["minutes"].to_numpy() - 10 - 10
    street = 0.92
    along = OFF_KM + np.array([0, 30, 60, street, 30 + street, 60 + street])
    np.testing.assert_allclose(minutes[[0, 1, 2, 4, 5]], along[[0, 1, 2, 4, 5]], atol=0.01)
    # The end of the first city's own street is nearer over the streets between.
    east = 0.01 * KM_PER_DEGREE * np.cos(np.radians(34.0))
    assert np.hypot(east, OFF_KM) - 0.01 <= minutes[3] <= along[3]


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
    minutes = ask(with_rows(network, link=rows).as_of(TODAY), ZONES, ZONES)
    return np.where(np.isnan(minutes), np.inf, minutes)


@given(links=roads, extra=roads)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
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
    # Nobody is slower than over the links alone, with 10 minutes at both ends.
    graph = nx.MultiGraph()
    graph.add_weighted_edges_from(links)
    for row, a in enumerate(ZONES):
        alone = {}
        if f"C-{a}" in graph:
            alone = nx.single_source_dijkstra_path_length(graph, f"C-{a}")
        bound = [alone.get(f"C-{b}", np.inf) + 20.0 for b in ZONES]
        assert (before[row] <= np.array(bound) + 1e-3).all()
    np.testing.assert_allclose(before, before.T)  # roads are usable both ways


@pytest.fixture(scope="module")
def today(evidence_base: Network) -> Network:
    return evidence_base.as_of(TODAY)


@pytest.fixture(scope="module")
def highways(evidence_base: Network) -> Highways:
    return read_highways(evidence_base.root)


@pytest.mark.parametrize("peak", [False, True])
def test_nobody_is_slower_than_networkx_on_highways_alone(today: Network, peak: bool) -> None:  # noqa: FBT001
    """Between junctions, where cars enter: over land and roads together they may be quicker."""
    roads = build_day_roads(today, peak=peak)
    graph = nx.MultiGraph()
    ends = zip(*roads.ends.T.tolist(), roads.minutes.tolist(), strict=True)
    graph.add_weighted_edges_from(ends)
    inside = (abs(roads.x - 113.7) < 0.8) & (abs(roads.y - 34.7) < 0.6)
    places = np.random.default_rng(3).choice(np.flatnonzero(roads.entered & inside), 12)
    points = pd.DataFrame(
        {"point_id": places.astype(str), "x_coord": roads.x[places], "y_coord": roads.y[places]}
    )
    found = measure_drives(today, points[:1], points[1:], peak=peak)["minutes"].to_numpy()
    oracle = nx.single_source_dijkstra_path_length(graph, int(places[0]))
    terminals = 2 * read_terminal_minutes(today, peak=peak)
    expected = terminals + np.array([oracle.get(int(place), np.inf) for place in places[1:]])
    # Edges are rounded to 60 ms.
    assert (found <= expected + 0.2).all()
    assert np.isfinite(expected).all()


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
    cities = [*CITIES_NORTH, *CITIES_SOUTH]
    from_south = ask(network.as_of(TODAY), ["410100"], cities)[0]
    assert np.isnan(from_south).tolist() == [True] * 8 + [False] * 8
    from_north = ask(network.as_of(TODAY), ["410500"], cities)[0]
    assert np.isnan(from_north).tolist() == [False] * 8 + [True] * 8
    assert np.isfinite(ask(evidence_base.as_of(TODAY), ["410100"], cities)).all()


def open_links(network: Network, day: str) -> set[str]:
    roads = build_day_roads(network.as_of(day), peak=False)
    return {roads.link_ids[number] for number in np.unique(roads.link[roads.kind == LINK])}


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
    ends = locate_zones(today, [a, b])
    km = measure_drives(today, ends[:1], ends[1:], peak=False)["km"].item()
    assert 0.9 * low_km <= km <= 1.1 * high_km


def test_steps_join_and_add_up(today: Network) -> None:
    zones = ["410300", "410800", "411500", "130100"]
    origin, places = locate_zones(today, ["410100"]), locate_zones(today, zones)
    table = measure_drives(today, origin, places, peak=True)
    drives = dict(zip(zones, trace_drives(today, origin, places, peak=True), strict=True))
    for row in table.itertuples():
        legs = drives[row.to_id]
        assert sum(leg["minutes"] for leg in legs) == pytest.approx(row.minutes)
        assert sum(leg["km"] for leg in legs) == pytest.approx(row.km, abs=0.01)
        assert all(leg["minutes"] >= 0 for leg in legs)
        assert legs[0]["from_id"] == "410100"
        assert legs[-1]["to_id"] == row.to_id
        for before, after in pairwise(legs):
            assert before["to_id"] == after["from_id"]
    over = {leg["trip_id"] for leg in drives["410800"]}
    bridges, _ = read_river(today)
    assert len(over & bridges) == 1
    assert not {leg["trip_id"] for leg in drives["411500"]} & bridges


def test_low_central_and_high_are_in_order(today: Network) -> None:
    zones = city_centres(today)["zone_id"].tolist()
    near = [zone for zone in zones if zone.startswith("41") and zone != "410100"]
    for peak in (False, True):
        low, central, high = (
            ask(select_variant(today, variant), ["410100"], near, peak=peak)[0]
            for variant in ("low", "central", "high")
        )
        assert (low < central).all()
        assert (central < high).all()


def test_closing_a_road_never_helps(evidence_base: Network) -> None:
    zones = ["410100", "410200", "410300", "410700", "411000", "411600", "130100"]
    before = ask(evidence_base.as_of(TODAY), zones, zones)
    longer = set()
    for line_id in ("G4", "JX2", "BR-liujiang"):
        closed = edit(evidence_base, action="remove", table="line", where={"line_id": line_id})
        after = ask(closed.as_of(TODAY), zones, zones)
        assert (after >= before - 1e-9).all()
        if (after > before + 1e-9).any():
            longer.add(line_id)
    assert longer == {"G4", "JX2", "BR-liujiang"}


def test_every_city_has_a_road_nearby(today: Network) -> None:
    centre = city_centres(today)
    north = centre[centre["zone_id"].str.match("41|13|11|12")]
    roads = build_day_roads(today, peak=False)
    scale = KM_PER_DEGREE * np.cos(np.radians(36.0))
    for row in north.itertuples():
        away = np.hypot(
            (roads.x[roads.entered] - row.x_coord) * scale,
            (roads.y[roads.entered] - row.y_coord) * KM_PER_DEGREE,
        )
        assert away.min() <= 5.0, row.zone_id
    assert np.isfinite(ask(today, ["410100"], north["zone_id"].tolist())).all()


def test_a_pair_without_road_has_no_minutes(today: Network) -> None:
    for pair in (("410100", "440300"), ("440300", "410100")):
        table = travel_times(today, *pair, reading="drive_free")
        assert table[["low", "travel_time_minutes", "high"]].isna().all(axis=None)
        with pytest.raises(UnreachableError):
            journey_legs(today, *pair, reading="drive_free")


def test_the_graph_is_read_again_when_its_files_change(toy: Path) -> None:
    first = read_highways(toy)
    assert read_highways(toy) is first
    text = (toy / EDGE_FILE).read_text(encoding="utf-8").replace("0,1,55", "0,1,54")
    (toy / EDGE_FILE).write_text(text, encoding="utf-8")
    assert read_highways(toy).km[0] == 54
