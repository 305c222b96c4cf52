"""Searches on road graphs: what they find, what must hold of any graph, and what they refuse."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

import netlib.roads
from netlib.errors import InputError, UnreachableError
from netlib.roads import (
    NEVER,
    build_origins,
    build_roads,
    change_ticks,
    find_route,
    nodes_within,
    one_to_all,
    reverse_roads,
)
from netlib.roads import kernels as road_kernels
from netlib.roads.graph import list_tails
from tests import road_references
from tests.road_cities import graphs, make_city


def search_all(n_nodes, edges):
    return np.array([road_references.search(n_nodes, edges, [(k, 0)]) for k in range(n_nodes)])


@given(graphs())
def test_every_pair_is_as_far_as_plain_dijkstra_says(graph):
    roads, edges = graph
    n = len(roads.node)
    found = one_to_all(roads, np.arange(n))
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, search_all(n, edges))
    np.testing.assert_array_equal(one_to_all(reverse_roads(roads), np.arange(n)), found.T)


@pytest.mark.parametrize("seed", range(3))
def test_a_city_is_as_far_as_scipy_and_networkx_say(seed):
    roads = make_city(40, seed)
    n = len(roads.node)
    shortest = {}
    for tail, head, ticks in zip(list_tails(roads), roads.head, roads.ticks, strict=True):
        pair = int(roads.node[tail]), int(roads.node[head])
        shortest[pair] = min(int(ticks), shortest.get(pair, NEVER))
    tails, heads = np.array(list(shortest)).T
    matrix = csr_matrix((np.array(list(shortest.values()), dtype=float), (tails, heads)), (n, n))
    origins = np.arange(0, n, 97)
    wanted = dijkstra(matrix, indices=origins)
    wanted[np.isinf(wanted)] = NEVER
    np.testing.assert_array_equal(one_to_all(roads, origins), wanted)
    graph = nx.DiGraph()
    graph.add_weighted_edges_from((*pair, ticks) for pair, ticks in shortest.items())
    by_networkx = nx.single_source_dijkstra_path_length(graph, int(origins[1]))
    found = one_to_all(roads, origins[1])[0]
    assert by_networkx == {node: ticks for node, ticks in enumerate(found) if ticks < NEVER}


@given(graphs(), st.integers(0, 30))
def test_a_bounded_search_is_the_whole_one_cut_off(graph, limit):
    roads, _ = graph
    origins = np.arange(len(roads.node))
    whole = one_to_all(roads, origins)
    cut = np.where(whole <= limit, whole, NEVER)
    np.testing.assert_array_equal(one_to_all(roads, origins, limit=limit, threads=1), cut)
    near = nodes_within(roads, origins, limit)
    listed = np.full_like(whole, NEVER)
    owner = np.repeat(origins, np.diff(near.start))
    listed[owner, near.node] = near.ticks
    np.testing.assert_array_equal(listed, cut)
    assert len(near.node) == np.count_nonzero(cut < NEVER)


@given(graphs(), st.data())
def test_ways_over_a_third_node_are_no_shorter_and_closing_never_helps(graph, data):
    roads, edges = graph
    n = len(roads.node)
    ticks = one_to_all(roads, np.arange(n)).astype(np.int64)
    assert (ticks[:, None, :] <= ticks[:, :, None] + ticks[None, :, :]).all()
    if edges:
        closed = data.draw(st.lists(st.integers(0, len(edges) - 1), max_size=4))
        fewer = change_ticks(roads, closed, NEVER)
        assert (one_to_all(fewer, np.arange(n)) >= ticks).all()
        left = [edge for k, edge in enumerate(edges) if k not in closed]
        np.testing.assert_array_equal(one_to_all(fewer, np.arange(n)), search_all(n, left))
        opened = change_ticks(fewer, closed, [edges[k][2] for k in closed])
        np.testing.assert_array_equal(opened.ticks, roads.ticks)


@given(graphs(), st.data())
def test_an_origin_of_several_nodes_is_as_near_as_the_nearest(graph, data):
    roads, _ = graph
    n = len(roads.node)
    rows = st.tuples(st.integers(0, 3), st.integers(0, n - 1), st.integers(0, 3000))
    seeds = data.draw(st.lists(rows, max_size=8))
    owner, node, offset = np.array(seeds, dtype=np.int64).reshape(-1, 3).T
    found = one_to_all(roads, build_origins(owner, node, offset, count=4))
    ticks = one_to_all(roads, np.arange(n)).astype(np.int64)
    for number in range(4):
        own = owner == number
        near = (ticks[node[own]] + offset[own, None]).min(axis=0, initial=NEVER)
        np.testing.assert_array_equal(found[number], near)


@given(graphs(), st.data())
def test_a_route_is_a_chain_of_edges_as_long_as_it_says(graph, data):
    roads, edges = graph
    nodes = st.integers(0, len(roads.node) - 1)
    origin, target = data.draw(nodes), data.draw(nodes)
    ticks = one_to_all(roads, origin)[0, target]
    if ticks == NEVER:
        with pytest.raises(UnreachableError):
            find_route(roads, origin, target)
        return
    total, way = find_route(roads, origin, target)
    stops = [origin, *(edges[k][1] for k in way)]
    assert [edges[k][0] for k in way] == stops[:-1]
    assert stops[-1] == target
    assert total == ticks == sum(edges[k][2] for k in way)


@given(graphs(), st.integers(0, 14))
def test_the_width_of_buckets_does_not_matter(graph, shift):
    roads, _ = graph
    origins = np.arange(len(roads.node))
    np.testing.assert_array_equal(
        one_to_all(replace(roads, shift=shift), origins), one_to_all(roads, origins)
    )


def test_a_search_that_corrects_often_makes_room():
    # With all labels in one bucket, each node is first met by the longest of the ways to it.
    n = 12
    pairs = [(a, b) for a in range(n) for b in reversed(range(a + 1, n))]
    tail, head = np.array(pairs).T
    ticks = np.where(head == tail + 1, 1, 2 ** (n - tail) - (n - head))
    roads = replace(build_roads(np.arange(n), np.zeros(n), tail, head, ticks), shift=20)
    search = netlib.roads._Search(roads, build_origins([0], [0], [0]), None)
    room = len(search.entry)
    search.run(0)
    assert len(search.entry) > room
    edges = list(zip(tail, head, ticks, strict=True))
    wanted = road_references.search(n, edges, [(0, 0)])
    np.testing.assert_array_equal(one_to_all(roads, 0)[0], wanted)


def test_nodes_keep_the_callers_order():
    rng = np.random.default_rng(5)
    roads = make_city(20, 1)
    n = len(roads.node)
    new = rng.permutation(n)
    old = np.argsort(new)
    tail = roads.node[list_tails(roads)]
    head = roads.node[roads.head]
    x, y = roads.x[roads.place], roads.y[roads.place]
    renamed = build_roads(x[old], y[old], new[tail], new[head], roads.ticks)
    found = one_to_all(renamed, new[[3, 100]])
    np.testing.assert_array_equal(found[:, new], one_to_all(roads, [3, 100]))


def test_empty_graphs_and_no_origins():
    nothing = build_roads([], [], [], [], [])
    assert one_to_all(nothing, []).shape == (0, 0)
    island = build_roads([0.0], [0.0], [], [], [])
    assert one_to_all(island, [0]).tolist() == [[0]]
    assert one_to_all(island, []).shape == (0, 1)
    assert nodes_within(island, [], 5).start.tolist() == [0]
    assert find_route(island, 0, 0)[1].tolist() == []
    nobody = one_to_all(island, build_origins([], [], [], count=2))
    assert nobody.tolist() == [[NEVER], [NEVER]]


BROKEN = {
    "length-mismatch": ([0, 1], [0], [0], [1], [1]),
    "not-finite": ([0, np.nan], [0, 0], [0], [1], [1]),
    "tail": ([0, 1], [0, 0], [2], [1], [1]),
    "head": ([0, 1], [0, 0], [0], [-1], [1]),
    "ticks of rows 0": ([0, 1], [0, 0], [0], [1], [-1]),
    "not in": ([0, 1], [0, 0], [0], [1], [NEVER + 1]),
    "not-whole": ([0, 1], [0, 0], [0], [1], [1.5]),
}


@pytest.mark.parametrize("words", BROKEN)
def test_broken_graphs_are_refused(words):
    with pytest.raises(InputError, match=words):
        build_roads(*BROKEN[words])


def test_all_problems_are_named_at_once():
    with pytest.raises(InputError) as caught:
        build_roads([0, np.inf], [0, 0], [5] * 8, [1] * 8, [-1] * 8)
    assert len(caught.value.notices) == 3
    assert "0, 1, 2, 3, 4 and 3 more" in str(caught.value)


def test_origins_edges_and_limits_that_are_not_there_are_refused():
    roads = build_roads([0, 1], [0, 0], [0], [1], [7])
    for call in (
        lambda: one_to_all(roads, [2]),
        lambda: nodes_within(roads, [-1], 5),
        lambda: find_route(roads, 0, 9),
        lambda: find_route(roads, build_origins([0, 1], [0, 1], [0, 0]), 1),
        lambda: change_ticks(roads, [1], NEVER),
        lambda: change_ticks(roads, [0], -1),
        lambda: build_origins([0], [0, 1], [0]),
        lambda: build_origins([0], [0], [NEVER]),
        lambda: build_origins([3], [0], [0], count=2),
    ):
        with pytest.raises(InputError):
            call()
    assert one_to_all(roads, [0], limit=-1).tolist() == [[NEVER, NEVER]]


@given(graphs(), st.integers(0, 30), st.data())
@settings(max_examples=40)
def test_kernels_do_what_their_twins_do(graph, limit, data):
    roads, _ = graph
    n = len(roads.node)
    target = data.draw(st.integers(0, n - 1))

    def run():
        near = nodes_within(roads, [0], limit, threads=1)
        route = find_route(roads, 0, target)[0] if one_to_all(roads, 0)[0, target] < NEVER else 0
        return (
            one_to_all(roads, np.arange(n)),
            sorted(zip(near.node, near.ticks, strict=True)),
            route,
        )

    wanted = run()
    for name in ("spread", "take_labels", "take_reached"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(road_kernels, name, getattr(road_references, name))
            found = run()
        np.testing.assert_array_equal(found[0], wanted[0])
        assert found[1:] == wanted[1:]


def test_the_curve_is_that_of_the_twin_and_passes_from_cell_to_cell():
    rng = np.random.default_rng(0)
    cells = rng.integers(0, road_kernels.CURVE_SIDE, (2, 200))
    np.testing.assert_array_equal(
        road_kernels.measure_curve(*cells), road_references.measure_curve(*cells)
    )
    column, row = (part.ravel() for part in np.indices((16, 16)))
    order = np.argsort(road_kernels.measure_curve(column, row))
    steps = np.abs(np.diff(column[order])) + np.abs(np.diff(row[order]))
    assert (steps == 1).all()
