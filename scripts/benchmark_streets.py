"""Time the street engine against other libraries, answers checked equal first.

    python scripts/benchmark_streets.py DATA [--graphs NAME ...] [--peers NAME ...] [--rounds N]
        [--plot FILE]

DATA is a folder with ``dimacs_ny``, ``wuhan_streets.parquet`` and ``pbf``. Peers that are not
installed are left out. Contenders take turns for some rounds. What is shorter than a few
milliseconds is repeated within its turn, for either side, so that neither is judged by the caches
that the other one left. The least of all times counts, since other work on the machine only ever
adds to it.

Prints a table: what was asked of which graph, our milliseconds and the peer's, how many times
faster we were, the target, and how many cores either kept busy in its fastest run. Where that is
less than one, something else had the machine: a short run may then have had a core to itself and a
long one not, and the row says "busy" instead of whether a ratio met its target.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

import street_graphs as graphs
import street_peers as peers
from netlib.roads import (
    NEVER,
    Roads,
    build_roads,
    change_ticks,
    nodes_within,
    one_to_all,
)
from netlib.roads.draws import draw_ticks, draws_to_all
from netlib.roads.hierarchy import (
    Hierarchy,
    Metric,
    build_hierarchy,
    customise,
    many_to_all,
    many_to_many,
    recustomise,
)

GRAPHS: dict[str, Callable[[Path], graphs.Graph]] = {
    "New York": graphs.read_dimacs,
    "Wuhan": graphs.read_wuhan,
    "Porto Alegre PBF": graphs.read_extract,
    "million, towns": lambda _: graphs.make_country(25, 40),
    "million, lattice": lambda _: graphs.make_lattice(1000),
}
PEERS = ("igraph", "networkx", "rustworkx", "networkit", "pandana", "routingkit", "osrm")
# Times faster than each peer that one search should be.
ONE_TO_ALL_TARGETS = {"scipy": 2.8, "igraph": 8, "networkx": 40}
# Peers that hold a graph of Python objects, or write one, are asked on graphs up to this size.
MOST_NODES_FOR_OBJECTS = 300_000
# OSRM takes minutes to contract more.
MOST_NODES_FOR_OSRM = 100_000
# Single searches are asked from so many nodes one after the other: of one and the same search, a
# processor would soon know the branches by heart.
SINGLES = 8
LANES = 64
# One batch, whose threads share the tree, and two, of which two threads have one each.
ORIGINS = (LANES, 2 * LANES)
MATRICES = (100, 1000)
TOWNS = (2, 4, 8, 16, 25)
TOWN_SIDE = 40
DRAWS = 1000


# Less than this of a core is not one's own.
WHOLE_CORE = 0.9
# A turn is repeated until it has taken this long.
SHORTEST_TURN_MS = 20.0


class Time(NamedTuple):
    """What something took, and how many cores were busy with it."""

    ms: float
    cores: float


class Row(NamedTuple):
    """One line of the table; times in milliseconds."""

    graph: str
    question: str
    ours: float
    our_cores: float = np.nan
    peer: str = ""
    theirs: float = np.nan
    their_cores: float = np.nan
    ratio: float = np.nan
    target: float = np.nan


def main() -> None:
    """Run the races that are asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--graphs", nargs="*", default=[*GRAPHS], choices=GRAPHS)
    parser.add_argument("--peers", nargs="*", default=PEERS, choices=PEERS)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    rows: list[Row] = []

    def show(new: Iterable[Row]) -> None:
        for row in new:
            print("  ".join(str(cell) for cell in row), file=sys.stderr, flush=True)
            rows.append(row)

    with tempfile.TemporaryDirectory() as cache:
        # Every order is found anew.
        os.environ["NETLIB_CACHE"] = cache
        for name in options.graphs:
            show(time_graph(name, GRAPHS[name](options.data), options.peers, options.rounds))
            gc.collect()
        show(time_draws(options.rounds))
        print(format_table(rows))
        if options.plot:
            draw_growth(options.plot, options.rounds)


def time_graph(name: str, graph: graphs.Graph, asked: Sequence[str], rounds: int) -> Iterable[Row]:
    """Ask everything of one graph."""
    roads = build_roads(*graph[:5])
    rng = np.random.default_rng(1)
    # Starts from where most of the graph is reached.
    candidates = rng.choice(len(roads.node), min(1200, len(roads.node)), replace=False)
    probe = one_to_all(roads, candidates[:9])
    best = probe[np.argmax((probe < NEVER).sum(axis=1))]
    candidates = candidates[best[candidates] < NEVER]
    scipy = peers.make_scipy(roads)
    yield Row(name, f"build, {len(roads.node)} nodes, {len(roads.edge)} edges", time_build(graph))
    yield Row(name, "bytes an edge, roads", count_bytes(roads) / max(1, len(roads.edge)))
    nodes = candidates[:SINGLES]
    yield from time_searches(name, roads, scipy, nodes, graph.ticks_per_minute, rounds)
    yield from time_single_peers(name, roads, scipy, nodes, asked, rounds)
    if "pandana" in asked:
        yield from time_pandana(name, roads, candidates[:10], 30 * graph.ticks_per_minute, rounds)
    yield from time_hierarchy(name, roads, scipy, candidates, asked, rounds)


def time_build(graph: graphs.Graph) -> float:
    """Return the milliseconds that building the roads takes."""
    begin = time.perf_counter()
    build_roads(*graph[:5])
    return (time.perf_counter() - begin) * 1e3


def time_searches(
    name: str, roads: Roads, scipy: Any, nodes: Any, ticks_per_minute: int, rounds: int
) -> Iterable[Row]:
    """Race single and bounded searches against scipy."""
    places = roads.place[nodes]
    check(one_to_all(roads, nodes), read_scipy(scipy(places))[:, roads.place])
    row = race(
        name, "one to all",
        lambda: [one_to_all(roads, node) for node in nodes],
        ("scipy", lambda: [scipy(place) for place in places]),
        rounds, ONE_TO_ALL_TARGETS["scipy"],
    )  # fmt: skip
    yield share(row, len(nodes))
    for minutes in (30, 60):
        limit = minutes * ticks_per_minute
        found = one_to_all(roads, nodes, limit=limit)
        check(found, read_scipy(scipy(places, limit=limit))[:, roads.place])
        row = race(
            name, f"{minutes} minutes of one, {np.sum(found < NEVER) // len(nodes)} nodes",
            lambda limit=limit: [nodes_within(roads, node, limit) for node in nodes],
            ("scipy", lambda limit=limit: [scipy(place, limit=limit) for place in places]),
            rounds, 3,
        )  # fmt: skip
        yield share(row, len(nodes))


def time_single_peers(
    name: str, roads: Roads, scipy: Any, nodes: Any, asked: Sequence[str], rounds: int
) -> Iterable[Row]:
    """Race single searches against graph libraries."""
    places = roads.place[nodes].tolist()
    wanted = read_scipy(scipy(places))
    for peer in ("igraph", "networkx", "rustworkx", "networkit"):
        if peer not in asked or len(roads.node) > MOST_NODES_FOR_OBJECTS:
            continue
        ask = getattr(peers, f"make_{peer}")(roads)
        if ask is None:
            continue
        for place, times in zip(places, wanted, strict=True):
            check(ask(place), times)
        row = race(
            name, "one to all", lambda: [one_to_all(roads, node) for node in nodes],
            (peer, lambda ask=ask: [ask(place) for place in places]),
            min(rounds, 3), ONE_TO_ALL_TARGETS.get(peer, np.nan),
        )  # fmt: skip
        yield share(row, len(nodes))


def time_pandana(name: str, roads: Roads, nodes: Any, limit: int, rounds: int) -> Iterable[Row]:
    """Race ten bounded searches against pandana's range queries."""
    if len(roads.node) > MOST_NODES_FOR_OBJECTS:
        return
    ask = peers.make_pandana(roads)
    if ask is None:
        return
    places = roads.place[nodes].tolist()
    found = ask(places, limit)
    near = nodes_within(roads, nodes, limit)
    owner = np.repeat(nodes, np.diff(near.start))
    ours = pd.DataFrame({"a": roads.place[owner], "b": roads.place[near.node], "ticks": near.ticks})
    theirs = found.set_axis(["a", "b", "ticks"], axis=1).astype(np.int64)
    both = ours.merge(theirs, on=["a", "b"], how="outer")
    same = (both["ticks_x"] == both["ticks_y"]).mean()
    yield race(
        name, f"30 minutes of 10, {len(near.node)} nodes, {same:.2%} alike",
        lambda: nodes_within(roads, nodes, limit), ("pandana", lambda: ask(places, limit)),
        min(rounds, 3), 7,
    )  # fmt: skip


def time_hierarchy(
    name: str, roads: Roads, scipy: Any, nodes: Any, asked: Sequence[str], rounds: int
) -> Iterable[Row]:
    """Race a hierarchy: its order, its customisation, sweeps and matrices."""
    begin = time.perf_counter()
    build_hierarchy(roads)
    took = (time.perf_counter() - begin) * 1e3
    begin = time.perf_counter()
    graph = build_hierarchy(roads)
    again = (time.perf_counter() - begin) * 1e3
    yield Row(name, f"order found, {len(graph.up_head)} arcs", took)
    yield Row(name, "order kept, arcs", again)
    metric = customise(graph, roads)
    yield Row(name, "customise", *least(lambda: customise(graph, roads), rounds))
    weight = count_bytes(graph) + metric.up.nbytes + metric.down.nbytes
    yield Row(name, "bytes an edge, hierarchy", weight / max(1, len(roads.edge)))
    yield from time_scenarios(name, roads, metric, nodes, rounds)
    place = roads.place[nodes[0]]
    for count in ORIGINS:
        starts = nodes[:count]
        found = many_to_all(metric, starts)
        check(found[::16], read_scipy(scipy(roads.place[starts[::16]]))[:, roads.place])
        row = race(
            name, f"{len(starts)} to all, each", lambda starts=starts: many_to_all(metric, starts),
            ("scipy", lambda: scipy(place)), rounds,
        )  # fmt: skip
        each = row.ours / len(starts)
        yield row._replace(ours=each, ratio=row.theirs / each, target=60)
    yield from time_matrices(name, roads, metric, nodes, asked, rounds)


def time_scenarios(
    name: str, roads: Roads, metric: Metric, nodes: Any, rounds: int
) -> Iterable[Row]:
    """Time what a closed road and new speeds cost, up to a new matrix."""
    graph = metric.hierarchy
    edges = np.random.default_rng(2).choice(len(roads.edge), 3, replace=False)
    closed = change_ticks(roads, edges, NEVER)
    repaired, anew = recustomise(metric, closed, edges), customise(graph, closed)
    check(repaired.up, anew.up)
    check(repaired.down, anew.down)
    yield Row(
        name, "3 closed roads: change and repair",
        *least(lambda: recustomise(metric, change_ticks(roads, edges, NEVER), edges), rounds),
    )  # fmt: skip
    size = min(100, len(nodes) // 2)
    starts, ends = nodes[:size], nodes[-size:]

    def close() -> Any:
        changed = change_ticks(roads, edges, NEVER)
        return many_to_many(recustomise(metric, changed, edges), starts, ends)

    slower = np.minimum(roads.ticks[roads.slot].astype(np.int64) * 5 // 4, NEVER)

    def slow_down() -> Any:
        changed = change_ticks(roads, np.arange(len(slower)), slower)
        return many_to_many(customise(graph, changed), starts, ends)

    check(close(), one_to_all(closed, starts)[:, ends])
    yield Row(
        name, f"3 closed roads: new {size} x {size} matrix", *least(close, rounds), target=1000
    )
    yield Row(
        name,
        f"all speeds changed: new {size} x {size} matrix",
        *least(slow_down, rounds),
        target=1000,
    )


def time_matrices(
    name: str, roads: Roads, metric: Metric, nodes: Any, asked: Sequence[str], rounds: int
) -> Iterable[Row]:
    """Race matrices against RoutingKit and OSRM."""
    small = len(roads.node) <= MOST_NODES_FOR_OBJECTS
    rng = np.random.default_rng(3)
    if "routingkit" in asked and small:
        table = peers.make_routingkit(roads, roads.place[metric.hierarchy.node])
        starts, ends = rng.choice(nodes, LANES), rng.choice(nodes, 1000)
        if table is not None:
            yield race_table(name, "routingkit", table, roads, metric, (starts, ends), rounds, 10)
            yield Row(name, "contract", np.nan, peer="routingkit", theirs=table.prepare_ms)
            yield Row(name, "customise", np.nan, peer="routingkit", theirs=table.customise_ms)
    if "osrm" in asked and len(roads.node) <= MOST_NODES_FOR_OSRM:
        table = peers.make_osrm(roads, ends=np.unique(roads.place[nodes]).tolist())
        for size in MATRICES if table is not None else ():
            ends = rng.choice(nodes, (2, size))
            yield race_table(name, "osrm", table, roads, metric, (ends[0], ends[1]), rounds, 1)
        if table is not None:
            yield Row(name, "extract", np.nan, peer="osrm", theirs=table.prepare_ms)
            yield Row(name, "contract", np.nan, peer="osrm", theirs=table.customise_ms)


def race_table(
    name: str,
    peer: str,
    table: peers.Table,
    roads: Roads,
    metric: Metric,
    nodes: tuple[Any, Any],
    rounds: int,
    target: float,
) -> Row:
    """Race one matrix, and say how many of its times are alike."""
    starts, ends = nodes
    places = roads.place[starts].tolist(), roads.place[ends].tolist()
    alike = np.mean(table.ask(*places) == many_to_many(metric, starts, ends))
    return race(
        name, f"{len(starts)} x {len(ends)}, {alike:.2%} alike",
        lambda: many_to_many(metric, starts, ends), (peer, lambda: table.ask(*places)),
        min(rounds, 5), target,
    )  # fmt: skip


def time_draws(rounds: int) -> Iterable[Row]:
    """Race draws of the times between the places of this evidence base against a scipy loop."""
    roads, central, graph = read_intercity()
    ticks = draw_ticks(central * 8 // 10, central, central * 13 // 10, draws=DRAWS, seed=1)
    name = f"intercity, {len(roads.node)} nodes"
    drawing = least(
        lambda: draw_ticks(central * 8 // 10, central, central * 13 // 10, draws=DRAWS, seed=1),
        rounds,
    )
    yield Row(name, f"drawing {DRAWS} times each edge", *drawing)
    for count, target in ((1, 15), (50, 50)):
        nodes = np.random.default_rng(4).choice(len(roads.node), count, replace=False)
        scipy = make_loop(roads, ticks, nodes)
        check(draws_to_all(graph, roads, nodes, ticks), scipy())
        yield race(
            name, f"{DRAWS} draws, {count} to all",
            lambda nodes=nodes: draws_to_all(graph, roads, nodes, ticks), ("scipy", scipy),
            min(rounds, 3), target,
        )  # fmt: skip


def read_intercity() -> tuple[Roads, Any, Hierarchy]:
    """Read the largest connected part of the links of all regions, seconds both ways."""
    import networkx as nx

    from netlib.tables import read_network

    network = read_network()
    links, nodes = network["link"], network["node"].drop_duplicates("node_id")
    links = links[pd.to_numeric(links["run_time_minutes"], errors="coerce") > 0]
    joined = nx.from_pandas_edgelist(links, "from_node_id", "to_node_id")
    links = links[links["from_node_id"].isin(max(nx.connected_components(joined), key=len))]
    ends = pd.unique(links[["from_node_id", "to_node_id"]].to_numpy().ravel())
    number = pd.Series(np.arange(len(ends)), index=ends)
    tail, head = (number[links[side]].to_numpy() for side in ("from_node_id", "to_node_id"))
    seconds = np.rint(links["run_time_minutes"].astype(float).to_numpy() * 60).astype(np.int64)
    points = nodes.set_index("node_id").loc[ends]
    central = np.concatenate([seconds, seconds])
    roads = build_roads(
        points["x_coord"].astype(float), points["y_coord"].astype(float),
        np.concatenate([tail, head]), np.concatenate([head, tail]), central,
    )  # fmt: skip
    return roads, central, build_hierarchy(roads)


def make_loop(roads: Roads, ticks: Any, nodes: Any) -> Callable[[], Any]:
    """Return a loop over draws with scipy; of parallel edges it is given the shortest."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    from netlib.roads.graph import list_tails

    size = len(roads.node)
    pairs, which = np.unique(
        list_tails(roads).astype(np.int64) * size + roads.head, return_inverse=True
    )
    shortest = np.full((len(pairs), ticks.shape[1]), NEVER)
    np.minimum.at(shortest, which, ticks[roads.edge])
    tail, head = np.divmod(pairs, size)
    start = np.searchsorted(tail, np.arange(size + 1))
    places = roads.place[nodes]

    def loop() -> Any:
        result = np.empty((len(nodes), size, ticks.shape[1]))
        for draw in range(ticks.shape[1]):
            matrix = csr_matrix((shortest[:, draw].astype(float), head, start), (size, size))
            result[:, :, draw] = dijkstra(matrix, indices=places)[:, roads.place]
        return np.where(np.isinf(result), NEVER, result)

    return loop


def draw_growth(path: Path, rounds: int) -> None:
    """Draw how times and memory grow with the size of a country of towns."""
    import matplotlib.pyplot as plt

    table = pd.DataFrame([measure_country(towns, rounds) for towns in TOWNS]).set_index("nodes")
    print(table.to_string(float_format="%.2f"))
    figure, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    for axis, unit in zip(axes, ("ms", "MB"), strict=True):
        table.filter(like=unit).plot(ax=axis, loglog=True, marker="o")
        axis.set_ylabel(unit)
        axis.grid(visible=True, which="major", alpha=0.3)
    figure.savefig(path)


def measure_country(towns: int, rounds: int) -> dict[str, float]:
    """Return times and memory of one country."""
    roads = build_roads(*graphs.make_country(towns, TOWN_SIDE)[:5])
    graph = build_hierarchy(roads)
    metric = customise(graph, roads)
    starts = np.random.default_rng(5).choice(len(roads.node), LANES, replace=False)
    return {
        "nodes": len(roads.node),
        "one to all, ms": least(lambda: one_to_all(roads, starts[0]), rounds).ms,
        "64 to all, ms each": least(lambda: many_to_all(metric, starts), rounds).ms / LANES,
        "customise, ms": least(lambda: customise(graph, roads), rounds).ms,
        "roads, MB": count_bytes(roads) / 1e6,
        "hierarchy, MB": (count_bytes(graph) + 2 * metric.up.nbytes) / 1e6,
    }


def race(
    graph: str,
    question: str,
    ours: Callable[[], Any],
    peer: tuple[str, Callable[[], Any]],
    rounds: int,
    target: float = np.nan,
) -> Row:
    """Let two take turns; both have answered before."""
    name, theirs = peer
    turns = [(measure(ours), measure(theirs)) for _ in range(max(3, rounds))]
    best, their_best = (min(times) for times in zip(*turns, strict=True))
    ratio = their_best.ms / best.ms
    return Row(graph, question, *best, name, *their_best, ratio, target)


def share(row: Row, count: int) -> Row:
    """Return what one of so many questions took."""
    return row._replace(ours=row.ours / count, theirs=row.theirs / count)


def least(work: Callable[[], Any], rounds: int) -> Time:
    """Return the least time of some rounds, after one that does not count."""
    work()
    return min(measure(work) for _ in range(rounds))


def measure(work: Callable[[], Any]) -> Time:
    """Return the least time of one turn."""
    times = []
    begin = time.perf_counter()
    while not times or (time.perf_counter() - begin) * 1e3 < SHORTEST_TURN_MS:
        wall, busy = time.perf_counter(), time.process_time()
        work()
        wall, busy = time.perf_counter() - wall, time.process_time() - busy
        times.append(Time(wall * 1e3, busy / wall))
    return min(times)


def read_scipy(times: Any) -> Any:
    """Return scipy's times as ticks."""
    return np.where(np.isinf(times), NEVER, times).astype(np.int64)


def count_bytes(record: Any) -> int:
    """Return the bytes of all arrays of a record."""
    return sum(getattr(value, "nbytes", 0) for value in vars(record).values())


def check(found: Any, wanted: Any) -> None:
    """Stop when answers differ."""
    if not np.array_equal(found, wanted):
        sys.exit(f"answers differ in {np.mean(found != wanted):.2%} of the places")


def format_table(rows: Sequence[Row]) -> str:
    """Return the table as text; what is to be reached is a ratio, or for us alone a time."""
    table = pd.DataFrame(rows)
    met = np.where(
        table["peer"] != "", table["ratio"] >= table["target"], table["ours"] <= table["target"]
    )
    is_busy = table[["our_cores", "their_cores"]].min(axis=1) < WHOLE_CORE
    # A time of our own that is short enough is so even then.
    is_busy &= (table["peer"] != "") | ~met
    said = np.where(is_busy, "busy", np.where(met, "yes", "NO"))
    table["met"] = np.where(table["target"].isna(), "", said)
    columns = {
        "ours": "ours, ms",
        "our_cores": "cores",
        "theirs": "theirs, ms",
        "their_cores": "their cores",
        "ratio": "times faster",
    }
    return table.rename(columns=columns).to_string(index=False, float_format="%.2f", na_rep="")


if __name__ == "__main__":
    main()
