"""Contraction hierarchies answer as plain searches do, for all origins, targets and scenarios."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlib import caches
from netlib.errors import InputError, NetlibError
from netlib.roads import (
    NEVER,
    build_origins,
    build_roads,
    change_ticks,
    customise_kernels,
    draw_kernels,
    hierarchy,
    hierarchy_kernels,
    one_to_all,
    repair_kernels,
    reverse_roads,
    sweep_kernels,
)
from netlib.roads import orders as road_orders
from netlib.roads.draws import draw_ticks, draws_to_all
from netlib.roads.hierarchy import (
    build_hierarchy,
    customise,
    many_to_all,
    many_to_many,
    recustomise,
    reverse_metric,
)
from tests import road_references
from tests.road_cities import graphs, lengths, make_city


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory):
    """Keep orders of the tests out of the user's cache."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETLIB_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def city():
    roads = make_city(40, 7)
    return roads, build_hierarchy(roads)


def draw_origins(data, n_nodes, *, count):
    """Draw some origins of several nodes each."""
    rows = st.tuples(st.integers(0, count - 1), st.integers(0, n_nodes - 1), st.integers(0, 3000))
    seeds = data.draw(st.lists(rows, max_size=8))
    return build_origins(*np.array(seeds, dtype=np.int64).reshape(-1, 3).T, count=count)


@given(graphs(), st.data())
def test_every_pair_is_as_far_as_a_plain_search_says(graph, data):
    roads, _ = graph
    n = len(roads.node)
    metric = customise(build_hierarchy(roads), roads)
    wanted = one_to_all(roads, np.arange(n))
    np.testing.assert_array_equal(many_to_all(metric, np.arange(n)), wanted)
    back = many_to_all(reverse_metric(metric), np.arange(n))
    np.testing.assert_array_equal(back, one_to_all(reverse_roads(roads), np.arange(n)))
    origins = draw_origins(data, n, count=3)
    from_origins = one_to_all(roads, origins)
    np.testing.assert_array_equal(many_to_all(metric, origins), from_origins)
    targets = draw_origins(data, n, count=4)
    found = many_to_many(metric, origins, targets)
    for number in range(4):
        own = slice(targets.start[number], targets.start[number + 1])
        ways = from_origins[:, targets.node[own]].astype(np.int64) + targets.ticks[own]
        np.testing.assert_array_equal(found[:, number], ways.min(axis=1, initial=NEVER))


@given(graphs(), st.integers(0, 4))
def test_blocks_of_ranks_are_customised_like_ranks_one_by_one(graph, wide):
    roads, _ = graph
    shape = build_hierarchy(roads)
    one_by_one = customise(shape, roads)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hierarchy, "WIDE", wide)
        in_blocks = customise(shape, roads)
    np.testing.assert_array_equal(in_blocks.up, one_by_one.up)
    np.testing.assert_array_equal(in_blocks.down, one_by_one.down)


@pytest.mark.parametrize("wide", [0, 2, 9])
def test_a_city_is_customised_in_blocks(city, monkeypatch, wide):
    roads, graph = city
    assert np.diff(graph.up_start).max() < hierarchy.WIDE
    one_by_one = customise(graph, roads)
    monkeypatch.setattr(hierarchy, "WIDE", wide)
    in_blocks = customise(graph, roads)
    np.testing.assert_array_equal(in_blocks.up, one_by_one.up)
    np.testing.assert_array_equal(in_blocks.down, one_by_one.down)


def test_roads_from_everywhere_to_everywhere_are_several_blocks():
    n = 3 * hierarchy.WIDE
    tail, head = (ends.ravel() for ends in np.indices((n, n)))
    ticks = np.random.default_rng(6).integers(1, 1_000_000, n * n)
    points = np.random.default_rng(7).random((2, n))
    roads = build_roads(*points, tail, head, ticks)
    metric = customise(build_hierarchy(roads), roads)
    assert n > 2 * customise_kernels.MOST_LINES
    np.testing.assert_array_equal(
        many_to_all(metric, np.arange(n)), one_to_all(roads, np.arange(n))
    )


@given(graphs(), st.data())
def test_repairing_is_customising_anew(graph, data):
    roads, edges = graph
    metric = customise(build_hierarchy(roads), roads)
    for _ in range(3):
        changed = data.draw(st.lists(st.integers(0, len(edges) - 1), max_size=4)) if edges else []
        ticks = [data.draw(lengths) for _ in changed]
        roads = change_ticks(roads, changed, ticks)
        before = metric.up.copy(), metric.down.copy()
        repaired = recustomise(metric, roads, changed)
        np.testing.assert_array_equal(metric.up, before[0])
        np.testing.assert_array_equal(metric.down, before[1])
        metric = customise(metric.hierarchy, roads)
        np.testing.assert_array_equal(repaired.up, metric.up)
        np.testing.assert_array_equal(repaired.down, metric.down)
        metric = repaired


@given(graphs(), st.data())
def test_draws_are_scenarios_side_by_side(graph, data):
    roads, edges = graph
    n = len(roads.node)
    column = st.lists(lengths, min_size=len(edges), max_size=len(edges))
    draws = [data.draw(column) for _ in range(3)]
    ticks = np.array(draws, dtype=np.int32).reshape(3, len(edges)).T
    origins = draw_origins(data, n, count=2)
    found = draws_to_all(build_hierarchy(roads), roads, origins, ticks)
    for k in range(3):
        other = change_ticks(roads, np.arange(len(edges)), ticks[:, k])
        np.testing.assert_array_equal(found[:, :, k], one_to_all(other, origins))


def test_a_city_with_many_batches_and_threads(city):
    roads, graph = city
    metric = customise(graph, roads)
    origins = np.arange(0, len(roads.node), 7)
    wanted = one_to_all(roads, origins)
    assert len(origins) > 3 * hierarchy.LANES
    for threads in (1, 2, 5):
        np.testing.assert_array_equal(many_to_all(metric, origins, threads=threads), wanted)
        found = many_to_many(metric, origins, [5, 5, 900], threads=threads)
        np.testing.assert_array_equal(found, wanted[:, [5, 5, 900]])


def test_threads_that_share_the_tree_of_one_batch(city):
    roads, graph = city
    metric = customise(graph, roads)
    origins = np.arange(0, len(roads.node), 50)
    assert len(origins) <= hierarchy.LANES
    wanted = one_to_all(roads, origins)
    for threads in (1, 2, 5):
        np.testing.assert_array_equal(many_to_all(metric, origins, threads=threads), wanted)


@pytest.mark.parametrize("parts", [1, 3, 8, 1000])
def test_parts_of_the_tree_depend_on_themselves_and_the_top_only(city, parts):
    _, graph = city
    rank, start = hierarchy_kernels.split_tree(graph.up_start, graph.up_head, parts)
    wanted = road_references.split_tree(graph.up_start, graph.up_head, parts)
    np.testing.assert_array_equal(rank, wanted[0])
    np.testing.assert_array_equal(start, wanted[1])
    np.testing.assert_array_equal(np.sort(rank), np.arange(len(graph.node)))
    part = np.empty(len(rank), dtype=int)
    part[rank] = np.repeat(np.arange(len(start) - 1), np.diff(start))
    lower = np.repeat(part, np.diff(graph.up_start))
    higher = part[graph.up_head]
    assert ((higher == lower) | (higher == 0)).all()


def test_a_city_with_closed_streets_and_back_again(city):
    roads, graph = city
    metric = customise(graph, roads)
    closed = np.random.default_rng(2).choice(len(roads.edge), 300, replace=False)
    shut = change_ticks(roads, closed, NEVER)
    repaired = recustomise(metric, shut, closed)
    np.testing.assert_array_equal(many_to_all(repaired, [0, 800]), one_to_all(shut, [0, 800]))
    again = recustomise(repaired, roads, closed)
    np.testing.assert_array_equal(again.up, metric.up)
    np.testing.assert_array_equal(again.down, metric.down)


@pytest.mark.parametrize("budget", [0, 200])
def test_a_repair_that_grows_too_large_is_customising_anew(city, monkeypatch, budget):
    roads, graph = city
    monkeypatch.setattr(hierarchy, "SMALLEST_BUDGET", budget - len(graph.up_head))
    closed = np.arange(20)
    shut = change_ticks(roads, closed, NEVER)
    repaired, anew = recustomise(customise(graph, roads), shut, closed), customise(graph, shut)
    np.testing.assert_array_equal(repaired.up, anew.up)
    np.testing.assert_array_equal(repaired.down, anew.down)


def test_many_draws_of_a_city(city):
    roads, graph = city
    central = roads.ticks[roads.slot]
    ticks = draw_ticks(central - central // 4, central, central * 2, draws=150, seed=3)
    # More than the fewest lanes for each thread, so that there are two batches.
    found = draws_to_all(graph, roads, [17, 400], ticks, threads=2)
    assert found.shape == (2, len(roads.node), 150)
    for k in (0, 63, 64, 149):
        other = change_ticks(roads, np.arange(len(central)), ticks[:, k])
        np.testing.assert_array_equal(found[:, :, k], one_to_all(other, [17, 400]))


def test_empty_graphs():
    nothing = build_roads([], [], [], [], [])
    metric = customise(build_hierarchy(nothing), nothing)
    assert many_to_all(metric, []).shape == (0, 0)
    islands = build_roads([0, 1], [0, 0], [0, 1], [0, 1], [3, 4])
    metric = customise(build_hierarchy(islands), islands)
    assert many_to_all(metric, [0, 1]).tolist() == [[0, NEVER], [NEVER, 0]]
    assert many_to_many(metric, [0, 1], []).shape == (2, 0)
    assert many_to_many(metric, [], [0]).shape == (0, 1)
    assert recustomise(metric, islands, [0]).up.tolist() == []
    assert draws_to_all(metric.hierarchy, islands, [0], np.ones((2, 0), np.int32)).shape == (
        1,
        2,
        0,
    )


def test_an_order_is_kept_and_a_damaged_one_is_made_again(tmp_path, monkeypatch):
    roads = make_city(12, 1)
    order = road_orders.read_order(roads, cache=tmp_path)
    (kept,) = (tmp_path / "orders").iterdir()
    monkeypatch.setitem(sys.modules, "routingkit_cch", None)
    np.testing.assert_array_equal(road_orders.read_order(roads, cache=tmp_path), order)
    slower = change_ticks(roads, [0, 1], 77)
    np.testing.assert_array_equal(road_orders.read_order(slower, cache=tmp_path), order)
    with pytest.raises(NetlibError, match=r"netlib\[streets\]"):
        road_orders.read_order(make_city(12, 2), cache=tmp_path)
    monkeypatch.undo()
    for damaged in (b"", kept.read_bytes()[:-9], b"nonsense"):
        kept.write_bytes(damaged)
        np.testing.assert_array_equal(road_orders.read_order(roads, cache=tmp_path), order)
        assert len(kept.read_bytes()) > 4 * len(order)
    np.save(kept, np.zeros_like(order))
    np.testing.assert_array_equal(road_orders.read_order(roads, cache=tmp_path), order)
    assert list((tmp_path / "orders").iterdir()) == [kept]


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    roads = make_city(5, 1)
    assert len(road_orders.read_order(roads, cache=blocked)) == 25
    assert blocked.read_text() == "in the way"


def test_the_cache_is_where_the_system_keeps_such_things(monkeypatch, tmp_path):
    monkeypatch.delenv("NETLIB_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert caches.find_cache() == tmp_path / "netlib"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert caches.find_cache().parts[-3:] == ("Library", "Caches", "netlib")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert caches.find_cache() == tmp_path / "netlib"


def test_another_graph_and_nodes_that_are_not_there_are_refused(city):
    _, graph = city
    other = make_city(6, 1)
    metric = customise(build_hierarchy(other), other)
    for call in (
        lambda: customise(graph, other),
        lambda: recustomise(metric, other, [10_000]),
        lambda: many_to_all(metric, [36]),
        lambda: many_to_many(metric, [0], [-1]),
        lambda: draws_to_all(metric.hierarchy, other, [0], np.ones((3, 5), np.int32)),
        lambda: draws_to_all(
            metric.hierarchy, other, [0], np.full((len(other.edge), 2), -1, np.int32)
        ),
        lambda: draw_ticks([5], [4], [6], draws=3, seed=0),
        lambda: draw_ticks([1, 2], [4], [6], draws=3, seed=0),
        lambda: draw_ticks([1], [4], [NEVER], draws=3, seed=0),
    ):
        with pytest.raises(InputError):
            call()


def test_draws_follow_the_triangle():
    low, central, high = [100, 5, 0, NEVER], [400, 5, 0, NEVER], [1000, 5, 60, NEVER]
    ticks = draw_ticks(low, central, high, draws=20_000, seed=4)
    assert ((ticks >= np.array(low)[:, None]) & (ticks <= np.array(high)[:, None])).all()
    assert abs(ticks[0].mean() - 500) < 5
    assert abs(ticks[2].mean() - 20) < 0.5
    # Below the likeliest value lies its share of the span.
    assert abs((ticks[0] < 400).mean() - 1 / 3) < 0.02
    assert abs(np.corrcoef(ticks[0], ticks[2])[0, 1]) < 0.03
    np.testing.assert_array_equal(draw_ticks(low, central, high, draws=20_000, seed=4), ticks)
    assert (draw_ticks(low, central, high, draws=20_000, seed=5)[0] != ticks[0]).mean() > 0.9


@given(graphs(), st.data())
@settings(max_examples=25)
def test_kernels_do_what_their_twins_do(graph, data):
    roads, edges = graph
    n = len(roads.node)
    origins, targets = (draw_origins(data, n, count=3) for _ in range(2))
    closed = [0] if edges else []
    shut = change_ticks(roads, closed, NEVER)
    low = np.minimum(roads.ticks[roads.slot], 100)

    def run():
        shape = build_hierarchy(roads)
        metric = recustomise(customise(shape, roads), shut, closed)
        ticks = draw_ticks(low, low + 10, low + 50, draws=2, seed=1)
        return (
            metric.up,
            metric.down,
            many_to_all(metric, origins),
            many_to_many(metric, origins, targets),
            ticks,
            draws_to_all(shape, roads, origins, ticks),
        )

    wanted = run()
    for module, names in (
        (hierarchy_kernels, ("fill_in", "find_arcs", "split_tree")),
        (customise_kernels, ("feed_arcs", "customise")),
        (repair_kernels, ("recustomise",)),
        (
            sweep_kernels,
            ("climb_lanes", "sweep", "select_ancestors", "select_arcs", "take_targets"),
        ),
        (draw_kernels, ("feed_lanes", "customise_lanes", "search_lanes", "draw_triangular")),
    ):
        for name in names:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(module, name, getattr(road_references, name))
                for found, expected in zip(run(), wanted, strict=True):
                    np.testing.assert_array_equal(found, expected, err_msg=name)
