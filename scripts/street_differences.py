"""Say why OSRM and Valhalla answer differently, one assumption of theirs at a time.

    python scripts/street_differences.py DATA [--size N] [--routes N]

DATA is a folder with ``wuhan_streets.parquet`` and ``pbf``. OSRM gets our graphs, so that every
difference is one of reading a place or a time. Valhalla reads the OpenStreetMap extract of Porto
Alegre itself, with speeds, waits and rules of its own: there the differences must be plausible, its
ways may not beat ours at our speeds, and ours not its own at its prices.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

sys.path.insert(0, str(Path(__file__).parent))

import street_graphs as graphs
import street_peers as peers
from netlib.roads import NEVER, build_roads, one_to_all
from netlib.roads.hierarchy import build_hierarchy, customise, many_to_many
from netlib.streets import Streets, compute_seconds, read_streets
from netlib.streets.speeds import WALK_SPEED_KMH
from peer_differences import SHARES, Step, find_equal, show_steps
from valhalla_ways import Question, WayFinder, route, trace

EXTRACT = Path("pbf/poa_osm.pbf")
TICKS = graphs.TICKS_PER_SECOND
# Shares of a time or a price within which two count as alike.
ALIKE = 0.01
# Lengths in whole metres make short ways longer or shorter by this.
ROUNDING_SECONDS = 5
ROUNDING_METRES = 10
# Of the ways whose lengths differ, so many are looked at.
LOOKED_AT = 200


def main() -> None:
    """Explain both."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--routes", type=int, default=600)
    options = parser.parse_args()
    explain_osrm("Wuhan", graphs.read_wuhan(options.data), options.size)
    explain_osrm("Porto Alegre", graphs.read_extract(options.data), options.size)
    with tempfile.TemporaryDirectory() as folder:
        actor = peers.start_valhalla(options.data / EXTRACT, Path(folder))
        if actor is None:
            print("Valhalla: left out, pyvalhalla is not installed")
            return
        for mode, costing, wishes in (
            ("drive", "auto", {}),
            ("walk", "pedestrian", {"walking_speed": WALK_SPEED_KMH}),
        ):
            streets = read_streets(options.data / EXTRACT, mode=mode)
            explain_valhalla(Question(actor, streets, costing, wishes), options)


def find_core(tail: NDArray[Any], head: NDArray[Any], count: int) -> NDArray[np.bool_]:
    """Find the nodes of the largest part in which all are reached from all."""
    graph = csr_matrix((np.ones(len(tail)), (tail, head)), shape=(count, count))
    _, part = connected_components(graph, directed=True, connection="strong")
    core: NDArray[np.bool_] = part == np.bincount(part).argmax()
    return core


def explain_osrm(name: str, graph: graphs.Graph, size: int) -> None:
    """Explain OSRM's times on one of our graphs."""
    roads = build_roads(*graph[:5])
    chosen = np.random.default_rng(1).choice(len(roads.node), 2 * size, replace=False)
    places = roads.place[chosen].tolist()
    ways = places[:size], places[size:]
    plain = peers.make_osrm(roads, algorithm="MLD")
    if plain is None:
        print("OSRM: left out, osrm-bindings or osmium is not installed")
        return
    own = peers.make_osrm(roads, ends=places, algorithm="MLD")
    assert own is not None
    answers = [_to_seconds(table.ask(*ways)) for table in (plain, own)]
    ours = _to_seconds(one_to_all(roads, chosen[:size])[:, chosen[size:]])
    steps = [
        Step("none", ours, answers[0]),
        Step("(OSRM) each place at a coordinate of its own", ours, answers[1]),
    ]
    show_steps(f"OSRM, {name}", steps, tolerance_seconds=0, unit_seconds=1)
    core = find_core(graph.tail, graph.head, len(graph.x))[chosen]
    assert own.move is not None
    moved = own.move(places)
    equal = find_equal(steps[-1], 0)
    for name_of_part, inside in (("both ends inside", True), ("an end outside", False)):
        of_pairs = (core[:size, None] & core[None, size:]) == inside
        ends = moved[core == inside]
        far = f"{ends.min():.0f} to {ends.max():.0f} m" if len(ends) else "0 m"
        print(
            f"    {name_of_part} the largest part that is connected both ways: "
            f"{int(of_pairs.sum())} pairs, {int(equal[of_pairs].sum())} equal; "
            f"OSRM moved such ends by {far}",
            flush=True,
        )


def _to_seconds(ticks: NDArray[Any]) -> NDArray[Any]:
    return np.where(ticks < NEVER, ticks / TICKS, np.nan)


def explain_valhalla(question: Question, options: argparse.Namespace) -> None:
    """Explain Valhalla's matrix."""
    streets, size = question.streets, options.size
    seconds = compute_seconds(streets)
    tail, head = (streets.edges[end].to_numpy() for end in ("tail", "head"))
    core = np.flatnonzero(find_core(tail, head, len(streets.nodes)))
    chosen = np.random.default_rng(8).choice(core, 2 * size, replace=False)
    ask_matrix(question, chosen[:1], chosen[size:])  # reads its tiles
    took, theirs, _ = ask_matrix(question, chosen[:size], chosen[size:])
    ours, own = time_ours(streets, seconds, chosen)
    distances, _ = time_ours(streets, streets.edges["length_m"].to_numpy(), chosen)
    print(
        f"  Valhalla, {question.costing}, Porto Alegre: {size} x {size} in {took:.0f} ms, "
        f"ours with the hierarchy in {own:.2f} ms"
    )
    shortest = question._replace(wishes=question.wishes | {"shortest": True})
    _, _, metres = ask_matrix(shortest, chosen[:size], chosen[size:])
    rows = [
        _describe("seconds, all pairs", theirs / ours),
        _describe("metres of the shortest ways, all pairs", metres / distances),
    ]
    rows += compare_ways(question, chosen, options.routes)
    print("    " + pd.DataFrame(rows).to_string(index=False).replace("\n", "\n    "), flush=True)
    classify_metres(shortest, chosen, metres, distances)


def classify_metres(
    shortest: Question, chosen: NDArray[Any], metres: NDArray[Any], distances: NDArray[Any]
) -> None:
    """Print why lengths of shortest ways differ by more than 1 % and 10 m, each kind checked."""
    far = np.abs(metres - distances) > np.maximum(ALIKE * distances, ROUNDING_METRES)
    pairs = np.argwhere(far)
    looked = np.random.default_rng(1).permutation(pairs)[:LOOKED_AT]
    finder = WayFinder(shortest.streets, shortest.streets.edges["length_m"].to_numpy())
    half = len(chosen) // 2
    kinds: Counter[str] = Counter()
    for a, b in looked.tolist():
        ends = int(chosen[a]), int(chosen[half + b])
        theirs, mine = route(shortest, *ends), trace(shortest, finder.draw(finder.find(*ends)[1]))
        if theirs is None:
            kinds["Valhalla's way cannot be followed"] += 1
        elif metres[a, b] < distances[a, b]:
            closed = finder.price(theirs.edges)[1] > 0
            kinds["shorter: goes where we do not" if closed else "shorter: not explained"] += 1
        elif sum(edge["length"] for edge in theirs.edges) * 1000 < metres[a, b] - ROUNDING_METRES:
            kinds["longer: Valhalla's own route is shorter than its matrix"] += 1
        elif mine is None:
            kinds["longer: Valhalla does not go our way"] += 1
        elif mine.cost < theirs.cost:
            kinds["longer: our way is cheaper at Valhalla's own prices"] += 1
        else:
            kinds["longer: our way is dearer at Valhalla's prices, which are not metres alone"] += 1
    print(f"    metres: {len(pairs)} pairs differ, {len(looked)} looked at")
    for kind, count in kinds.most_common():
        print(f"      {count} {kind}", flush=True)


def ask_matrix(
    question: Question, origins: Sequence[int], targets: Sequence[int]
) -> tuple[float, NDArray[Any], NDArray[Any]]:
    """Return milliseconds taken, and Valhalla's seconds and metres (origins, targets)."""
    request = {
        "sources": [question.locate(node) for node in origins],
        "targets": [question.locate(node) for node in targets],
        "verbose": False,
    }
    begin = time.perf_counter()
    answer = question.ask("matrix", request)["sources_to_targets"]
    took = (time.perf_counter() - begin) * 1e3
    tables = [np.array(answer[name], dtype=float) for name in ("durations", "distances")]
    return took, tables[0], 1000 * tables[1]


def time_ours(
    streets: Streets, seconds: NDArray[Any], chosen: NDArray[Any]
) -> tuple[NDArray[Any], float]:
    """Return our matrix between the halves of the nodes, and the milliseconds it took."""
    nodes, edges = streets.nodes, streets.edges
    ticks = np.maximum(1, np.rint(seconds * TICKS)).astype(np.int64)
    roads = build_roads(
        nodes["x"].to_numpy(), nodes["y"].to_numpy(), edges["tail"].to_numpy(),
        edges["head"].to_numpy(), ticks,
    )  # fmt: skip
    metric = customise(build_hierarchy(roads), roads)
    half = len(chosen) // 2
    many_to_many(metric, chosen[:half], chosen[half:])
    begin = time.perf_counter()
    found = many_to_many(metric, chosen[:half], chosen[half:])
    return found / TICKS, (time.perf_counter() - begin) * 1e3


def _describe(name: str, ratio: NDArray[Any]) -> dict[str, Any]:
    ratio = ratio[np.isfinite(ratio)]
    spread = zip(SHARES, np.percentile(ratio, SHARES), strict=True)
    alike = np.mean(np.abs(ratio - 1) <= ALIKE)
    return {
        "Valhalla over ours": name,
        "count": len(ratio),
        "within 1 %": f"{alike:.1%}",
        **{f"{share} %": f"{value:.3f}" for share, value in spread},
    }


def compare_ways(question: Question, chosen: NDArray[Any], count: int) -> list[dict[str, Any]]:
    """Price Valhalla's ways at our speeds and ours at its, and print what follows from it."""
    finder = WayFinder(question.streets, compute_seconds(question.streets))
    half = len(chosen) // 2
    rng = np.random.default_rng(9)
    pairs = np.unique(rng.integers(0, half, (count, 2)), axis=0)
    rows: list[dict[str, Any]] = []
    stops: Counter[str] = Counter()
    uses: Counter[str] = Counter()
    for a, b in pairs.tolist():
        ours, edges = finder.find(int(chosen[a]), int(chosen[half + b]))
        theirs = route(question, int(chosen[a]), int(chosen[half + b]))
        if not ours or theirs is None:
            continue
        priced, closed = finder.price(theirs.edges)
        uses.update({e.get("use", "road") for e in theirs.edges if e["way_id"] not in finder.kmh})
        mine = trace(question, finder.draw(edges))
        if mine is None:
            stops[finder.name_stop(edges, lambda part: trace(question, finder.draw(part)))] += 1
        rows.append(
            {
                "ours": ours,
                "theirs": theirs.seconds,
                "theirs at our speeds": np.nan if closed else priced,
                "closed": closed,
                "cost": theirs.cost,
                "ours at theirs": np.nan if mine is None else mine.seconds,
                "without waits": np.nan if mine is None else mine.seconds - mine.waits,
                "at our speeds": np.nan if mine is None else finder.price(mine.edges)[0],
                "our cost": np.nan if mine is None else mine.cost,
            }
        )
    table = pd.DataFrame(rows)
    classify_ways(table, stops, uses)
    ours = table["ours"].to_numpy()
    return [
        _describe("routes: Valhalla's way", table["theirs"].to_numpy() / ours),
        _describe("routes: our way as Valhalla times it", table["ours at theirs"] / ours),
        _describe("  the same without waits at corners", table["without waits"] / ours),
        _describe("  the same at our speeds", table["at our speeds"] / ours),
        _describe("routes: Valhalla's way at our speeds", table["theirs at our speeds"] / ours),
    ]


def classify_ways(table: pd.DataFrame, stops: Counter[str], uses: Counter[str]) -> None:
    """Print how many routes are of each kind, every kind with what was checked."""
    priced = table["theirs at our speeds"]
    classes = {
        "as quick at our speeds (within 1 % or 5 s)": (
            (priced - table["ours"]).abs() <= np.maximum(ALIKE * table["ours"], ROUNDING_SECONDS)
        ),
        "slower at our speeds, and ours dearer at Valhalla's prices": (
            (priced > table["ours"]) & (table["our cost"] >= table["cost"] * (1 - ALIKE))
        ),
        "Valhalla does not go our way": table["our cost"].isna(),
        "goes where we do not": table["closed"] > 0,
    }
    left = pd.Series(data=True, index=table.index)
    for name, found in classes.items():
        print(f"    {int((left & found).sum())} routes: {name}")
        left &= ~found
    print(f"    {int(left.sum())} routes: none of these")
    allowed = np.maximum(ALIKE * table["ours"], ROUNDING_SECONDS)
    quicker = int((priced < table["ours"] - allowed).sum())
    print(f"    Valhalla's way quicker than ours at our speeds by more than that: {quicker}")
    for name, times in stops.most_common():
        print(f"    does not go our way {times} times: {name}")
    for name, times in uses.most_common():
        print(f"    goes where we do not {times} times: {name}")


if __name__ == "__main__":
    main()
