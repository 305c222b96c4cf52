"""Other libraries as `benchmark_streets` asks them, each only if it is installed.

Every function returns None without its library; otherwise a callable that answers, with the graph
already in the form that the library wants.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netlib.roads.graph import NEVER, Roads, list_tails

Times = NDArray[Any]

# What OSRM needs to know to take its times from the ways as they are written here.
OSRM_PROFILE = """
api_version = 4
function setup()
  return {properties = {weight_name = 'duration', max_speed_for_map_matching = 1000,
    u_turn_penalty = 0, continue_straight_at_waypoint = false, use_turn_restrictions = false}}
end
function process_node() end
function process_way(profile, way, result)
  result.duration = tonumber(way:get_value_by_key('ticks')) / 10
  result.weight = result.duration
  result.forward_mode = mode.driving
  result.backward_mode = way:get_value_by_key('both') and mode.driving or mode.inaccessible
end
function process_turn() end
return {setup = setup, process_way = process_way, process_node = process_node,
  process_turn = process_turn}
"""
EXTRACT = {"extract": ("--profile", "profile.lua")}
OSRM_STEPS: dict[str, dict[str, tuple[str, ...]]] = {
    "CH": {**EXTRACT, "contract": ()},
    "MLD": {**EXTRACT, "partition": (), "customize": ()},
}
# Dead ends lie so far west of the graph, and so far apart, in degrees.
WEST, APART = 0.05, 0.0005
# Of one matrix of Valhalla.
MOST_PAIRS = 10_000_000


class Table(NamedTuple):
    """A library that computes matrices, with what it took to get there."""

    ask: Callable[[Sequence[int], Sequence[int]], Times]
    prepare_ms: float
    customise_ms: float
    # Metres from places to where the library joined them, if it says so.
    move: Callable[[Sequence[int]], Times] | None = None


def _has(name: str) -> bool:
    return find_spec(name) is not None


def _whole(times: Any) -> Times:
    """Return times as whole ticks, with `NEVER` for what is not reached."""
    values = np.array(times, dtype=float)
    values[~(values < NEVER)] = NEVER
    return np.rint(values).astype(np.int64)


def make_scipy(roads: Roads) -> Callable[..., Times]:
    """Return scipy's search on the same rows, nodes numbered by place."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    size = len(roads.node)
    matrix = csr_matrix((roads.ticks.astype(float), roads.head, roads.start), (size, size))
    return lambda places, **options: dijkstra(matrix, indices=places, **options)


def make_igraph(roads: Roads) -> Callable[[int], Times] | None:
    """Return igraph's search from a place."""
    if not _has("igraph"):
        return None
    import igraph

    edges = np.column_stack([list_tails(roads), roads.head])
    graph = igraph.Graph(len(roads.node), edges, directed=True)
    weights = roads.ticks.tolist()
    return lambda place: _whole(graph.distances(int(place), weights=weights)[0])


def make_networkx(roads: Roads) -> Callable[[int], Times] | None:
    """Return networkx's search from a place; of parallel edges it has the shortest."""
    if not _has("networkx"):
        return None
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(roads.node)))
    order = np.argsort(-roads.ticks, kind="stable")
    columns = list_tails(roads)[order], roads.head[order], roads.ticks[order]
    graph.add_weighted_edges_from(zip(*(column.tolist() for column in columns), strict=True))

    def ask(place: int) -> Times:
        times = np.full(len(roads.node), NEVER)
        found = nx.single_source_dijkstra_path_length(graph, int(place))
        times[list(found)] = list(found.values())
        return times

    return ask


def make_rustworkx(roads: Roads) -> Callable[[int], Times] | None:
    """Return rustworkx's search from a place."""
    if not _has("rustworkx"):
        return None
    import rustworkx as rx

    graph = rx.PyDiGraph()
    graph.add_nodes_from(range(len(roads.node)))
    columns = list_tails(roads), roads.head, roads.ticks.astype(float)
    graph.add_edges_from(list(zip(*(column.tolist() for column in columns), strict=True)))

    def ask(place: int) -> Times:
        times = np.full(len(roads.node), NEVER)
        found = rx.dijkstra_shortest_path_lengths(graph, int(place), float)
        times[list(found.keys())] = list(found.values())
        times[place] = 0
        return times

    return ask


def make_networkit(roads: Roads) -> Callable[[int], Times] | None:
    """Return networkit's search from a place."""
    if not _has("networkit"):
        return None
    import networkit as nk

    # Indices of another type than its own make it fail without a word.
    ends = list_tails(roads).astype(np.uint64), roads.head.astype(np.uint64)
    columns = (roads.ticks.astype(float), ends)
    graph = nk.GraphFromCoo(columns, n=len(roads.node), weighted=True, directed=True)

    def ask(place: int) -> Times:
        search = nk.distance.Dijkstra(graph, int(place), storePaths=False)
        search.run()
        return _whole(search.getDistances(asarray=True))

    return ask


def make_pandana(roads: Roads) -> Callable[[Sequence[int], int], Any] | None:
    """Return pandana's search for the nodes within so many ticks of places."""
    if not _has("pandana"):
        return None
    import pandana
    import pandas as pd

    network = pandana.Network(
        pd.Series(roads.x),
        pd.Series(roads.y),
        pd.Series(list_tails(roads)),
        pd.Series(roads.head),
        pd.DataFrame({"ticks": roads.ticks.astype(float)}),
        twoway=False,
    )
    return network.nodes_in_range


def make_routingkit(roads: Roads, order: Any) -> Table | None:
    """Return RoutingKit's one-to-many on the same order, places its nodes."""
    if not _has("routingkit_cch"):
        return None
    import routingkit_cch as kit

    begin = time.perf_counter()
    graph = kit.CCH(order.tolist(), list_tails(roads).tolist(), roads.head.tolist(), False)
    prepared = time.perf_counter()
    metric = kit.CCHMetric(graph, roads.ticks.tolist())
    customised = time.perf_counter()

    def ask(origins: Sequence[int], targets: Sequence[int]) -> Times:
        search = kit.CCHOneToMany(metric, list(targets))
        rows = [search.distances_from(origin) for origin in origins]
        return np.array([[NEVER if t is None else t for t in row] for row in rows])

    return Table(ask, (prepared - begin) * 1e3, (customised - prepared) * 1e3)


def make_osrm(
    roads: Roads, *, ends: Sequence[int] | None = None, algorithm: str = "CH"
) -> Table | None:
    """Return OSRM's table service, places its coordinates.

    The graph is written as an OpenStreetMap extract with a way for each edge, or for two that are
    there and back.

    Parameters
    ----------
    roads
        The graph.
    ends
        Places to be asked about that get a dead end of one tick each, far from everything: a
        coordinate of their own. Without them OSRM joins a coordinate to any street that touches it.
    algorithm
        ``CH`` (contraction hierarchies) or ``MLD``, which takes less to prepare.
    """
    if not (_has("osrm") and _has("osmium")):
        return None
    import osrm

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        points = _write_extract(roads, folder / "roads.osm.pbf", ends or ())
        (folder / "profile.lua").write_text(OSRM_PROFILE)
        took = []
        for step, options in OSRM_STEPS[algorithm].items():
            begin = time.perf_counter()
            file = "roads.osm.pbf" if step == "extract" else "roads.osrm"
            subprocess.run(
                [sys.executable, "-m", "osrm", step, *options, file],
                cwd=folder,
                check=True,
                capture_output=True,
            )
            took.append((time.perf_counter() - begin) * 1e3)
        service = osrm.OSRM(
            algorithm=algorithm,
            storage_config=str(folder / "roads.osrm"),
            max_locations_distance_table=-1,
            use_shared_memory=False,
        )
    there = {} if ends is None else {place: k for k, place in enumerate(ends)}
    dead_ends = 0 if ends is None else 2

    def answer(origins: Sequence[int], targets: Sequence[int]) -> Any:
        places = (*origins, *targets)
        return service.Table(
            osrm.TableParameters(
                coordinates=[
                    points[len(roads.node) + there[place] if there else place] for place in places
                ],
                sources=list(range(len(origins))),
                destinations=list(range(len(origins), len(places))),
                annotations=["duration"],
                generate_hints=False,
            )
        )

    def ask(origins: Sequence[int], targets: Sequence[int]) -> Times:
        rows = answer(origins, targets)["durations"]
        ticks = np.array([[np.nan if t is None else t for t in row] for row in rows], dtype=float)
        ticks = np.maximum(np.rint(ticks * 10) - dead_ends, 0)
        return np.where(np.isnan(ticks), NEVER, ticks).astype(np.int64)

    def move(places: Sequence[int]) -> Times:
        found = answer(places, places[:1])["sources"]
        return np.array([waypoint["distance"] for waypoint in found])

    return Table(ask, took[0], sum(took[1:]), move)


def start_valhalla(extract: Path, folder: Path) -> Any:
    """Build Valhalla's tiles of an extract; None without pyvalhalla."""
    if not _has("valhalla"):
        return None
    import valhalla

    settings = valhalla.get_config(tile_extract="", tile_dir=str(folder), verbose=False)
    for costing in ("auto", "pedestrian"):
        settings["service_limits"][costing]["max_matrix_location_pairs"] = MOST_PAIRS
    path = folder / "valhalla.json"
    path.write_text(json.dumps(settings), encoding="utf-8")
    subprocess.run(
        [valhalla.PYVALHALLA_DIR / "bin" / "valhalla_build_tiles", "-c", path, extract],
        check=True,
        capture_output=True,
    )
    return valhalla.Actor(path)


def _write_extract(roads: Roads, path: Path, ends: Sequence[int] = ()) -> list[tuple[float, float]]:
    """Write the graph as ways with their ticks; return longitude and latitude by place.

    After them stand those of the dead ends, on a line west of the graph.
    """
    import osmium

    # Metres become degrees around the origin; only the times count.
    scale = 1.0 if np.abs(roads.x).max() <= 180 else 1e-5
    points = list(zip((roads.x * scale).tolist(), (roads.y * scale).tolist(), strict=True))
    west, south = np.min(points, axis=0).tolist()
    points += [(west - WEST, south + APART * k) for k in range(len(ends))]
    with osmium.SimpleWriter(str(path)) as writer:
        for place, point in enumerate(points):
            writer.add_node(osmium.osm.mutable.Node(id=place + 1, location=point))
        columns = list_tails(roads) + 1, roads.head + 1, roads.ticks
        edges = Counter(zip(*(column.tolist() for column in columns), strict=True))
        number = 0
        while edges:
            (tail, head, ticks), count = edges.popitem()
            back = edges.pop((head, tail, ticks), 0)
            both = min(count, back)
            if back > both:
                edges[head, tail, ticks] = back - both
            for k in range(count):
                number += 1
                tags = {"highway": "road", "ticks": str(ticks)} | (
                    {"both": "yes"} if k < both else {}
                )
                writer.add_way(osmium.osm.mutable.Way(id=number, nodes=[tail, head], tags=tags))
        for k, place in enumerate(ends):
            nodes = [len(roads.node) + k + 1, int(place) + 1]
            tags = {"highway": "road", "ticks": "1", "both": "yes"}
            writer.add_way(osmium.osm.mutable.Way(id=number + k + 1, nodes=nodes, tags=tags))
    return points
