"""Points on streets: the nearest edge, the split of its seconds, and what is out of reach."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from netlib.errors import InputError
from netlib.streets import Streets, compute_seconds, read_streets, streets_to_geodataframe
from netlib.streets.snapping import (
    StreetIndex,
    build_street_index,
    compute_ends,
    compute_same_edge,
    compute_starts,
    list_unjoined,
    snap_points,
)
from tests.test_streets import ROAD, TOWN, Nodes, Tags, write_osm

WALK_KMH = 4.8
METRES_A_SECOND = WALK_KMH / 3.6
GEOD = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def town() -> Streets:
    return read_streets(TOWN)


@pytest.fixture(scope="module")
def index(town: Streets) -> StreetIndex:
    return build_street_index(town)


def snap(index: StreetIndex, *points: tuple[float, float], limit_m: float = 2000.0) -> pd.DataFrame:
    x, y = np.array(points, dtype=float).T
    return snap_points(index, x, y, limit_m=limit_m)


def name_ends(streets: Streets, ends: pd.DataFrame) -> dict[int, float]:
    """Seconds by OpenStreetMap id, of one point."""
    assert set(ends["point"]) <= {0}
    ids = streets.nodes["node_id"].to_numpy()[ends["node"]]
    return dict(zip(ids.tolist(), ends["seconds"].tolist(), strict=True))


def build(path: Path, nodes: Nodes, ways: Sequence[tuple[Sequence[int], Tags]]) -> StreetIndex:
    return build_street_index(read_streets(write_osm(path / "made.osm", nodes, ways)))


def measure_journey(
    index: StreetIndex, origin: tuple[float, float], destination: tuple[float, float]
) -> float:
    """Seconds from door to door, with the plainest of shortest-path searches."""
    streets, seconds = index.streets, compute_seconds(index.streets)
    start, end = snap(index, origin), snap(index, destination)
    graph = nx.MultiDiGraph()
    for row, cost in zip(streets.edges.itertuples(), seconds, strict=True):
        graph.add_edge(row.tail, row.head, weight=cost)
    for row in compute_starts(start, streets, seconds, walk_speed_kmh=WALK_KMH).itertuples():
        graph.add_edge("origin", row.node, weight=row.seconds)
    for row in compute_ends(end, streets, seconds, walk_speed_kmh=WALK_KMH).itertuples():
        graph.add_edge(row.node, "destination", weight=row.seconds)
    (direct,) = compute_same_edge(start, end, seconds, walk_speed_kmh=WALK_KMH)
    try:
        over_nodes = nx.shortest_path_length(graph, "origin", "destination", weight="weight")
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        over_nodes = np.inf
    return min(direct, over_nodes)


def test_a_point_beside_a_street_splits_its_seconds(town: Streets, index: StreetIndex) -> None:
    place = (113.6025, 34.7495)  # a quarter of the way from 1 to 2, 55 m south of it
    snaps = snap(index, place)
    row = snaps.iloc[0]
    edge = town.edges.loc[int(row["edge"])]
    assert edge["way_id"] == 100
    at_tail = town.nodes["node_id"][edge["tail"]]
    share = row["fraction"] if at_tail == 1 else 1 - row["fraction"]
    assert share == pytest.approx(0.25, abs=1e-4)
    off = GEOD.inv(*place, 113.6025, 34.75)[2]
    assert row["distance_m"] == pytest.approx(off, rel=1e-3)
    seconds = compute_seconds(town)
    whole = seconds[int(row["edge"])]
    walk = off / METRES_A_SECOND
    for compute in (compute_starts, compute_ends):
        found = name_ends(town, compute(snaps, town, seconds, walk_speed_kmh=WALK_KMH))
        assert found == {
            1: pytest.approx(walk + whole / 4, rel=1e-3),
            2: pytest.approx(walk + 3 * whole / 4, rel=1e-3),
        }


def test_a_one_way_street_is_left_and_entered_with_the_sign(
    town: Streets, index: StreetIndex
) -> None:
    snaps = snap(index, (113.62, 34.7525))  # a quarter of the way from 3 to 4
    seconds = compute_seconds(town)
    whole = seconds[int(snaps["edge"][0])]
    assert snaps["reverse"][0] == -1
    leave = name_ends(town, compute_starts(snaps, town, seconds, walk_speed_kmh=WALK_KMH))
    arrive = name_ends(town, compute_ends(snaps, town, seconds, walk_speed_kmh=WALK_KMH))
    assert leave == {4: pytest.approx(0.75 * whole, rel=1e-3)}
    assert arrive == {3: pytest.approx(0.25 * whole, rel=1e-3)}


def test_two_doors_on_one_one_way_street(index: StreetIndex) -> None:
    first, second = (113.62, 34.7525), (113.62, 34.7575)
    with_the_sign = measure_journey(index, first, second)
    against = measure_journey(index, second, first)
    whole = compute_seconds(index.streets)[int(snap(index, first)["edge"][0])]
    assert with_the_sign == pytest.approx(0.5 * whole, rel=1e-3)
    assert whole < against < np.inf  # round the block
    two_way = measure_journey(index, (113.6025, 34.75), (113.6075, 34.75))
    assert two_way == pytest.approx(measure_journey(index, (113.6075, 34.75), (113.6025, 34.75)))


def test_a_point_at_the_end_of_a_one_way_street_is_at_the_node(tmp_path: Path) -> None:
    nodes = {1: (113.6, 34.7), 2: (113.61, 34.7)}
    index = build(tmp_path, nodes, [((1, 2), {**ROAD, "oneway": "yes"})])
    seconds = compute_seconds(index.streets)
    whole = pytest.approx(seconds[0])
    at_tail, at_head = snap(index, (113.599, 34.7)), snap(index, (113.611, 34.7))
    walk = pytest.approx(at_tail["distance_m"][0] / METRES_A_SECOND)

    def leave(snaps: pd.DataFrame) -> dict[int, float]:
        ends = compute_starts(
            snaps.assign(distance_m=0.0), index.streets, seconds, walk_speed_kmh=WALK_KMH
        )
        return name_ends(index.streets, ends)

    def arrive(snaps: pd.DataFrame) -> dict[int, float]:
        ends = compute_ends(
            snaps.assign(distance_m=0.0), index.streets, seconds, walk_speed_kmh=WALK_KMH
        )
        return name_ends(index.streets, ends)

    assert leave(at_tail) == {1: 0, 2: whole}
    assert arrive(at_tail) == {1: 0}
    assert leave(at_head) == {2: 0}
    assert arrive(at_head) == {1: whole, 2: 0}
    starts = compute_starts(at_tail, index.streets, seconds, walk_speed_kmh=WALK_KMH)
    assert starts["seconds"].min() == walk


def test_the_way_out_of_a_turning_loop(town: Streets, index: StreetIndex) -> None:
    place = (113.631, 34.7605)  # on the far side of the loop at 7
    snaps = snap(index, place)
    assert town.edges["way_id"][snaps["edge"][0]] == 108
    seconds = compute_seconds(town)
    whole = seconds[snaps["edge"][0]]
    shorter = min(snaps["fraction"][0], 1 - snaps["fraction"][0]) * whole
    leave = name_ends(town, compute_starts(snaps, town, seconds, walk_speed_kmh=WALK_KMH))
    assert leave == {7: pytest.approx(shorter)}
    assert 0 < shorter < whole / 2
    assert measure_journey(index, place, (113.6025, 34.75)) < np.inf


def test_nobody_starts_on_a_motorway_or_a_ferry(town: Streets, index: StreetIndex) -> None:
    on_motorway, on_ferry = snap(index, (113.61, 34.74)), snap(index, (113.62, 34.785))
    classes = town.edges["class"]
    assert classes[on_motorway["edge"][0]] == "primary"
    assert on_motorway["distance_m"][0] == pytest.approx(1109.4, abs=1)
    assert classes[on_ferry["edge"][0]] == "residential"
    everywhere = build_street_index(town, not_entered=())
    (edge,) = snap(everywhere, (113.61, 34.74))["edge"]
    assert classes[edge] == "motorway"


def test_a_start_in_the_river_is_walked_from_its_bank_or_reported(index: StreetIndex) -> None:
    river = (113.61, 34.775)  # between the town and the island
    near, far = snap(index, river), snap(index, river, limit_m=500)
    assert near["edge"][0] >= 0
    assert near["distance_m"][0] > 1500
    assert far["edge"][0] == -1
    assert far["distance_m"][0] == near["distance_m"][0]
    assert np.isnan(far["x"][0])
    (notice,) = list_unjoined(far, limit_m=500)
    assert notice.rule == "off-network"
    assert "1,6" in notice.message
    seconds = compute_seconds(index.streets)
    assert compute_starts(far, index.streets, seconds, walk_speed_kmh=WALK_KMH).empty
    assert list_unjoined(near) == []


def test_an_island_is_reached_by_its_ferry_and_a_yard_is_not(index: StreetIndex) -> None:
    home, island, yard = (113.6025, 34.75), (113.625, 34.79), (113.651, 34.80)
    there = measure_journey(index, home, island)
    assert 1200 < there < 1200 + 900
    assert measure_journey(index, island, home) > 1200
    assert measure_journey(index, home, yard) == np.inf
    assert measure_journey(index, yard, (113.6515, 34.80)) < 60  # within the yard


def test_points_without_a_place_are_reported_and_the_rest_is_joined(index: StreetIndex) -> None:
    snaps = snap(index, (np.nan, 34.75), (113.605, 34.75), (113.605, 134.75), (np.inf, 0))
    assert (snaps["edge"] >= 0).tolist() == [False, True, False, False]
    notices = list_unjoined(snaps)
    assert len(notices) == 3
    assert "no coordinates on the globe" in notices[0].message
    empty = snap_points(index, np.array([]), np.array([]))
    assert empty.empty
    assert compute_starts(
        empty, index.streets, compute_seconds(index.streets), walk_speed_kmh=WALK_KMH
    ).empty


def test_the_other_side_of_the_globe_is_reported(index: StreetIndex) -> None:
    snaps = snap(index, (-66.0, -34.0), (0.0, 90.0))
    assert (snaps["edge"] == -1).all()
    assert snaps["distance_m"].min() > 5e6


def test_the_antimeridian_is_no_border(tmp_path: Path) -> None:
    nodes = {1: (179.99, -16.8), 2: (-179.99, -16.8), 3: (-179.98, -16.8)}
    index = build(tmp_path, nodes, [((1, 2, 3), ROAD)])
    snaps = snap(index, (179.999, -16.8001), (-179.999, -16.8001), (180.0, -16.8), (181.0, -16.8))
    assert (snaps["edge"].to_numpy()[:3] == snaps["edge"][0]).all()
    assert snaps["distance_m"].to_numpy()[:3].max() < 12
    assert snaps["edge"][3] == -1
    apart = abs(snaps["fraction"][0] - snaps["fraction"][1])
    length = index.streets.edges["length_m"][0]
    assert apart * length == pytest.approx(GEOD.inv(179.999, -16.8, -179.999, -16.8)[2], rel=1e-3)
    assert snaps["x"].dropna().abs().max() <= 180


def test_the_pole_is_a_place_like_others(tmp_path: Path) -> None:
    nodes = {1: (0.0, 89.99), 2: (180.0, 89.99), 3: (90.0, 89.99), 4: (-90.0, 89.99)}
    index = build(tmp_path, nodes, [((1, 2), ROAD), ((3, 4), ROAD)])
    snaps = snap(index, (90.0, 89.995), (0.0, 89.995), (45.0, 90.0))
    assert snaps["distance_m"].tolist() == pytest.approx([0, 0, 0], abs=0.5)
    ways = index.streets.edges["way_id"].to_numpy()[snaps["edge"].to_numpy()]
    assert ways[:2].tolist() == [101, 100]


def test_the_nearest_edge_is_that_of_a_search_through_all(
    town: Streets, index: StreetIndex
) -> None:
    generator = np.random.default_rng(7)
    x, y = generator.uniform(113.58, 113.66, 300), generator.uniform(34.73, 34.81, 300)
    snaps = snap_points(index, x, y, limit_m=20_000)
    local = "+proj=tmerc +lat_0=34.77 +lon_0=113.62 +datum=WGS84"  # another map than the index's
    lines = streets_to_geodataframe(town).to_crs(local).geometry.to_numpy()[index.edges]
    points = shapely.transform(shapely.points(x, y), _project_to(local), interleaved=False)
    # Streets that lead nowhere are not joined to while there are others.
    lines_of_main = lines[index.main]
    best = np.array([shapely.distance(lines_of_main, point).min() for point in points])
    assert snaps["distance_m"].to_numpy() == pytest.approx(best, rel=1e-3, abs=0.05)
    places = shapely.transform(
        shapely.points(snaps["x"], snaps["y"]), _project_to(local), interleaved=False
    )
    ours = shapely.distance(lines[np.searchsorted(index.edges, snaps["edge"])], places)
    assert ours.max() < 0.05


def _project_to(crs: str):
    from pyproj import Transformer

    return Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform


def test_journeys_are_those_of_a_graph_cut_at_the_doors(town: Streets, index: StreetIndex) -> None:
    """Oracle: the same streets with a node at either door, as another hand would do it."""
    generator = np.random.default_rng(3)
    seconds = compute_seconds(town)
    x, y = generator.uniform(113.595, 113.635, 60), generator.uniform(34.745, 34.765, 60)
    snaps = snap_points(index, x, y, limit_m=2000.0)
    for a, b in zip(range(0, 60, 2), range(1, 60, 2), strict=True):
        graph = nx.MultiDiGraph()
        graph.add_nodes_from(["a", "b"])
        stops: dict[int, list[tuple[float, object]]] = {}
        for door, row in (("a", snaps.iloc[a]), ("b", snaps.iloc[b])):
            edge, reverse = int(row["edge"]), int(row["reverse"])
            stops.setdefault(edge, []).append((row["fraction"], door))
            if reverse >= 0:
                stops.setdefault(reverse, []).append((1 - row["fraction"], door))
            if row["fraction"] in {0, 1}:  # at the node itself
                node = town.edges["head" if row["fraction"] else "tail"][edge]
                graph.add_edge(door, node, weight=0.0)
                graph.add_edge(node, door, weight=0.0)
        for number, edge in enumerate(town.edges.itertuples()):
            on_edge = sorted(stops.get(number, []), key=lambda stop: stop[0])
            chain = [(0.0, edge.tail), *on_edge, (1.0, edge.head)]
            for (start, left), (end, right) in pairwise(chain):
                graph.add_edge(left, right, weight=(end - start) * seconds[number])
        try:
            expected = nx.shortest_path_length(graph, "a", "b", weight="weight")
        except nx.NetworkXNoPath:
            expected = np.inf
        expected += snaps["distance_m"][[a, b]].sum() / METRES_A_SECOND
        found = measure_journey(index, (x[a], y[a]), (x[b], y[b]))
        assert found == pytest.approx(expected)


def test_a_hundred_thousand_points_at_once(index: StreetIndex) -> None:
    generator = np.random.default_rng(1)
    x, y = generator.uniform(113.59, 113.64, 100_000), generator.uniform(34.74, 34.77, 100_000)
    snaps = snap_points(index, x, y, limit_m=5000)
    assert (snaps["edge"] >= 0).all()
    some = generator.choice(100_000, 50, replace=False)
    alone = snap_points(index, x[some], y[some], limit_m=5000)
    pd.testing.assert_frame_equal(snaps.iloc[some].reset_index(drop=True), alone)


def test_what_cannot_be_prepared_or_asked(
    tmp_path: Path, town: Streets, index: StreetIndex
) -> None:
    nodes = {1: (113.6, 34.7), 2: (113.61, 34.7), 3: (170.0, -40.0), 4: (-60.0, -40.0)}
    with pytest.raises(InputError, match="no journey begins there"):
        build(tmp_path, nodes, [((1, 2), {"highway": "motorway"})])
    with pytest.raises(InputError, match="more than 3,000 km"):
        build(tmp_path, nodes, [((1, 2), ROAD), ((3, 4), ROAD)])
    with pytest.raises(ValueError, match="limit_m"):
        snap(index, (113.6, 34.7), limit_m=-1)
    with pytest.raises(ValueError, match="do not fit"):
        snap_points(index, np.array([1.0]), np.array([]))
    snaps = snap(index, (113.6, 34.75))
    seconds = compute_seconds(town)
    with pytest.raises(ValueError, match="walk_speed_kmh"):
        compute_starts(snaps, town, seconds, walk_speed_kmh=0)
    with pytest.raises(ValueError, match="do not fit"):
        compute_same_edge(snaps, snaps.iloc[:0], seconds, walk_speed_kmh=WALK_KMH)
