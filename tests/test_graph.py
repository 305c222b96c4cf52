"""The weighted graph: networkx gives the same times, and its edges cost what they should."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from netlib.readings import departure_window, find_reading
from netlib.graph import (
    GEOD,
    Graph,
    build_graph,
    pair_near,
    shortest_paths,
    trace_path,
)

if TYPE_CHECKING:
    from netlib.tables import Network

TODAY = "2026-11-22"
MORNING = (7 * 3600, 9 * 3600)
ZHENGZHOU = "410100"


def toy_graph(name: str, request: pytest.FixtureRequest) -> Graph:
    return build_graph(request.getfixturevalue(f"{name}_network").as_of(TODAY), window=MORNING)


@pytest.mark.parametrize("name", ["line", "transfer"])
def test_networkx_agrees_on_all_pairs_of_a_toy(name: str, request: pytest.FixtureRequest) -> None:
    graph = toy_graph(name, request)
    keys = graph.nodes["key"].tolist()
    minutes, _ = shortest_paths(graph, range(graph.size))
    oracle = dict(nx.all_pairs_dijkstra_path_length(graph.to_networkx(), weight="minutes"))
    for a, row in zip(keys, minutes, strict=True):
        expected = [oracle[a].get(b, np.inf) for b in keys]
        np.testing.assert_allclose(row, expected, atol=1e-6)
    assert np.isfinite(minutes).mean() > 0.2


@pytest.mark.parametrize(
    ("definition", "start", "end"),
    [
        ("door_to_door", "centre", "goal"),
        ("station_to_station", "start", "end"),
    ],
)
def test_networkx_agrees_from_zhengzhou_to_all_cities(
    definition: str, start: str, end: str, evidence_base: Network
) -> None:
    network = evidence_base.as_of(TODAY)
    spec = find_reading(network.root, definition)
    graph = build_graph(network, window=departure_window(spec))
    zone = network["zone"]
    cities = zone.loc[(zone["level"] != "county") & (zone["zone_id"] != ZHENGZHOU), "zone_id"]
    numbers = {city: graph.find(f"{city}|{end}|") for city in cities}
    minutes, _ = shortest_paths(graph, [graph.find(f"{ZHENGZHOU}|{start}|")])
    oracle = nx.single_source_dijkstra_path_length(
        graph.to_networkx(), f"{ZHENGZHOU}|{start}|", weight="minutes"
    )
    found = {city: minutes[0][place] for city, place in numbers.items() if place >= 0}
    assert sum(np.isfinite(list(found.values()))) >= 17
    for city, value in found.items():
        assert value == pytest.approx(oracle.get(f"{city}|{end}|", np.inf), abs=1e-6)


def test_to_networkx_keeps_every_edge_and_its_meaning(transfer_network: Network) -> None:
    graph = build_graph(transfer_network.as_of(TODAY), window=MORNING)
    exported = graph.to_networkx()
    assert exported.number_of_nodes() == graph.size
    assert exported.number_of_edges() == len(graph.edges)
    (ride,) = exported.get_edge_data("M-a|out|M1", "M-b|in|M1").values()
    assert ride == {"minutes": 17, "wait": 5, "kind": "ride", "trip_id": "M1-0"}
    assert exported.nodes["M-a|out|M1"] == {"node_id": "M-a", "role": "out", "group": "M1"}


def edges_between(graph: Graph, a: str, b: str) -> pd.DataFrame:
    tail, head = graph.find(a), graph.find(b)
    assert tail >= 0
    assert head >= 0
    return graph.edges[(graph.edges["tail"] == tail) & (graph.edges["head"] == head)]


# Edges of the toy ``transfer``, with the parameters of tests/toys/common.
COSTS = [
    ("M-a|street|", "M-a|out|M1", 4, "process"),
    ("M-b|in|M1", "M-b|left|", 2, "exit"),
    ("M-x|in|M1", "M-x|out|M2", 4, "transfer"),
    ("M-x|in|M1", "M-x|out|M1", 4, "transfer"),
    ("M-x|left|", "M-x|out|M2", 4, "process"),
    ("M-c|out|M2", "M-d|in|M2", 2.5 + 12, "ride"),
]


@pytest.mark.parametrize(("a", "b", "minutes", "kind"), COSTS)
def test_edges_cost_what_the_parameters_say(
    a: str, b: str, minutes: float, kind: str, transfer_network: Network
) -> None:
    graph = build_graph(transfer_network.as_of(TODAY), window=MORNING)
    edges = edges_between(graph, a, b)
    assert edges["kind"].tolist() == [kind]
    assert edges["minutes"].iloc[0] == pytest.approx(minutes)


def test_access_is_on_foot_or_by_taxi_whichever_is_quicker(line_network: Network) -> None:
    # 6 km/h on foot up to 2 km, 60 km/h by taxi after a wait of 5 minutes up to 20 km
    node = line_network["node"].copy()
    for stop, km in (("AAA", 0.4), ("BBB", 1.0), ("CCC", 12.0)):
        row = node["node_id"] == stop
        x, y = node.loc[row, ["x_coord", "y_coord"]].iloc[0]
        node.loc[row, ["x_coord", "y_coord"]] = [GEOD.fwd(x, y, 0, km * 1000)[:2]]
    graph = build_graph(line_network.with_tables(node=node).as_of(TODAY), window=MORNING)
    for zone, stop, minutes, mode in (
        ("900100", "AAA", 4.0, "walk"),
        ("900200", "BBB", 6.0, "taxi"),
        ("900300", "CCC", 17.0, "taxi"),
    ):
        access = edges_between(graph, f"{zone}|centre|", f"{stop}|street|")
        egress = edges_between(graph, f"{stop}|left|", f"{zone}|goal|")
        for edge in (access, egress):
            assert edge["trip_id"].tolist() == [mode]
            assert edge["minutes"].iloc[0] == pytest.approx(minutes, abs=1e-6)


def test_nobody_takes_a_taxi_to_the_metro(transfer_network: Network) -> None:
    # the centre of East District is 4.6 km from 中站: too far to walk
    graph = build_graph(transfer_network.as_of(TODAY), window=MORNING)
    assert edges_between(graph, "900100|centre|", "M-x|street|").empty
    access = graph.edges[graph.edges["kind"] == "access"]
    assert set(access["trip_id"]) == {"walk"}


def test_stations_of_one_city_are_joined_on_foot(transfer_network: Network) -> None:
    node = transfer_network["node"].copy()
    # 中站 lies 600 m north of where 西站 is put
    x, y = node.loc[node["node_id"] == "M-x", ["x_coord", "y_coord"]].iloc[0]
    moved = GEOD.fwd(x, y, 180, 600)[:2]
    node.loc[node["node_id"] == "M-b", ["x_coord", "y_coord"]] = [moved]
    graph = build_graph(transfer_network.with_tables(node=node).as_of(TODAY), window=MORNING)
    walks = graph.edges[graph.edges["kind"] == "walk"]
    ids = graph.nodes["node_id"]
    pairs = set(zip(ids[walks["tail"]], ids[walks["head"]], strict=True))
    assert pairs == {("M-x", "M-b"), ("M-b", "M-x")}
    assert walks["minutes"].to_numpy() == pytest.approx(6.0, abs=1e-6)


def test_a_path_can_be_traced_and_adds_up(transfer_network: Network) -> None:
    graph = build_graph(transfer_network.as_of(TODAY), window=MORNING)
    start, end = graph.find("900100|centre|"), graph.find("900200|goal|")
    minutes, predecessors = shortest_paths(graph, [start])
    path = trace_path(predecessors[0], end)
    edges = graph.path_edges(path)
    assert (path[0], path[-1]) == (start, end)
    assert [edge["kind"] for edge in edges] == [
        "access",
        "process",
        "ride",
        "transfer",
        "ride",
        "exit",
        "egress",
    ]
    assert sum(edge["minutes"] for edge in edges) == pytest.approx(minutes[0][end])
    assert minutes[0][end] == pytest.approx(4 + 5 + 6 + 4 + 2.5 + 6 + 2, abs=1e-4)


def test_of_parallel_edges_the_shortest_counts() -> None:
    nodes = pd.DataFrame({"key": ["a|x|", "b|x|"], "node_id": ["a", "b"], "role": "x", "group": ""})
    edges = pd.DataFrame(
        {
            "tail": [0, 0, 0],
            "head": [1, 1, 1],
            "minutes": [5.0, 3.0, 4.0],
            "wait": 0.0,
            "kind": "ride",
            "trip_id": ["slow", "fast", "mid"],
            "service_id": "",
        }
    )
    graph = Graph(nodes=nodes, edges=edges)
    assert shortest_paths(graph, [0])[0][0, 1] == 3
    assert [edge["trip_id"] for edge in graph.path_edges([0, 1])] == ["fast"]
    assert nx.shortest_path_length(graph.to_networkx(), "a|x|", "b|x|", weight="minutes") == 3
    assert graph.find("c|x|") == -1


def test_near_pairs_are_those_of_every_pair() -> None:
    rng = np.random.default_rng(20261122)
    first, second = (
        pd.DataFrame({"x_coord": rng.uniform(112, 115, n), "y_coord": rng.uniform(33, 36, n)})
        for n in (40, 60)
    )
    a, b, km = pair_near(first, second, 50.0)
    grid = np.array(
        [
            [
                GEOD.inv(p.x_coord, p.y_coord, q.x_coord, q.y_coord)[2] / 1000
                for q in second.itertuples()
            ]
            for p in first.itertuples()
        ]
    )
    assert list(zip(a, b, strict=True)) == list(zip(*np.nonzero(grid <= 50.0), strict=True))
    np.testing.assert_allclose(km, grid[a, b])
    assert not len(pair_near(first.iloc[:0], second, 50.0)[0])


def test_weights_are_finite_and_positive_on_the_evidence_base(evidence_base: Network) -> None:
    network = evidence_base.as_of(TODAY)
    graph = build_graph(network, window=MORNING)
    minutes, wait = graph.edges["minutes"], graph.edges["wait"]
    assert np.isfinite(minutes).all()
    assert (minutes > 0).all()
    assert (wait >= 0).all()
    assert (wait <= minutes).all()


def test_nobody_arrives_without_having_boarded(evidence_base: Network) -> None:
    graph = build_graph(evidence_base.as_of(TODAY), window=MORNING)
    role = graph.nodes["role"]
    into_street = graph.edges[graph.edges["head"].map(role) == "street"]
    assert set(into_street["kind"]) <= {"access", "walk"}
    into_goal = graph.edges[graph.edges["head"].map(role) == "goal"]
    assert set(into_goal["tail"].map(role)) == {"left"}


def test_without_services_there_is_no_graph_to_travel_on(transfer_network: Network) -> None:
    network = transfer_network.as_of(TODAY)
    calls = network["stop_times"]
    empty = replace(network, tables={**network.tables, "stop_times": calls.iloc[:0]})
    assert build_graph(empty, window=MORNING).size == 0
