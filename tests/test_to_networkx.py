"""The graph of a day for networkx: links both ways, rides, and what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import pytest

from netlib.times.graph import list_rides, to_networkx

if TYPE_CHECKING:
    from netlib.tables import Network

TODAY = "2026-11-22"


def test_nodes_and_links_of_the_line(line_network: Network) -> None:
    """Two links of 50 km and 15 minutes, each both ways."""
    graph = to_networkx(line_network.as_of(TODAY))
    assert set(graph) == {"AAA", "BBB", "CCC", "C-900100", "C-900200", "C-900300"}
    assert graph.nodes["AAA"] == {
        "name_zh": "甲站",
        "name_en": "Alpha",
        "x": 113.0,
        "y": 34.0,
        "node_type": "rail_station",
        "zone_id": "900100",
        "open_date": "",
    }
    links = [edge for edge in graph.edges(keys=True, data=True) if edge[3]["kind"] == "link"]
    assert {edge[:3] for edge in links} == {
        ("AAA", "BBB", "L1-1"),
        ("BBB", "AAA", "L1-1"),
        ("BBB", "CCC", "L1-2"),
        ("CCC", "BBB", "L1-2"),
    }
    assert graph.edges["AAA", "BBB", "L1-1"] == {
        "kind": "link",
        "minutes": 15,
        "km": 50,
        "line_id": "L1",
        "mode": "hsr",
        "open_date": "2012-09-28",
        "close_date": "",
    }
    assert nx.shortest_path_length(graph, "AAA", "CCC", weight="minutes") == 26
    assert nx.shortest_path(graph, "AAA", "CCC", weight="minutes") == ["AAA", "CCC"]


def test_rides_are_the_fastest_and_count_all(
    line_network: Network, transfer_network: Network
) -> None:
    """G3 takes 26, G1 32: two trains a day; metros 96 and 192."""
    graph = to_networkx(line_network.as_of(TODAY))
    assert graph.edges["AAA", "CCC", "rail"] == {
        "kind": "ride",
        "minutes": 26,
        "trains": 2,
        "trip_id": "G3",
        "mode": "rail",
    }
    graph = to_networkx(transfer_network.as_of(TODAY))
    assert graph.edges["M-a", "M-b", "metro"]["trains"] == 96
    assert graph.edges["M-c", "M-x", "metro"]["trains"] == 192
    assert not graph.has_edge("M-a", "M-c")


def test_roads_are_links_without_rides(triangle_network: Network) -> None:
    """The way round is quicker than the direct road, and longer."""
    graph = to_networkx(triangle_network.as_of(TODAY))
    ends = ("C-900100", "C-900300")
    assert nx.shortest_path_length(graph, *ends, weight="minutes") == 60
    assert nx.shortest_path_length(graph, *ends, weight="km") == 95
    assert list_rides(triangle_network.as_of(TODAY)).empty


def test_every_ride_of_the_evidence_base_joins_two_open_stations(evidence_base: Network) -> None:
    """Nodes have names, and no ride is listed twice."""
    network = evidence_base.as_of(TODAY)
    rides = list_rides(network)
    assert not rides.duplicated(["start", "end", "mode"]).any()
    assert (rides["minutes"] > 0).all()
    graph = to_networkx(network)
    assert all(graph.nodes[node].get("name_zh") for node in {*rides["start"], *rides["end"]})
    pair = rides[(rides["start"] == "XVF") & (rides["end"] == "ZAF")]
    # 84 km over the ground on a line of 350 km/h: no train is there in a quarter of an hour.
    assert pair["minutes"].item() == pytest.approx(22, abs=6)
