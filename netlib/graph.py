"""Static weighted graph of one day: stops, platforms, rides, walks, access and egress.

A stop has a street side before the first ride and one after a ride, so that nobody goes from door
to door without one; and for each group of services (``rail``, or one metro line) a platform to
depart from and one to arrive at. Every direct ride is one edge that carries its expected wait,
so waits and transfers cost what they should and an express is not the sum of a slow train's links.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Geod
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from netlib.rides import Window, compute_offers
from netlib.surfaces import METRES_PER_KM, MINUTES_PER_HOUR
from netlib.tables import Network

if TYPE_CHECKING:
    import networkx as nx

GEOD = Geod(ellps="WGS84")
EARTH_RADIUS_KM = 6371.0088  # mean radius R1 of GRS80 (Moritz 1980), for neighbour search only
# scipy keeps explicit zeros of a sparse graph, but summing duplicates can drop them; a microminute
# stands for "no time" and is far below the minute that any figure here is known to.
NO_TIME = 1e-6

Keys = pd.Categorical | pd.Series


@dataclass(frozen=True, eq=False)
class Graph:
    """A static weighted graph.

    Attributes
    ----------
    nodes
        DataFrame indexed 0..n-1: ``key`` (``id|role|group``), ``node_id`` (or zone_id), ``role``
        (``centre``, ``street``, ``out``, ``in``, ``left``, ``goal``; ``start`` and ``end`` of
        journeys between stations) and ``group``.
    edges
        DataFrame: ``tail``, ``head`` (int64), ``minutes`` (float64, all of the edge), ``wait`` (the
        part of it that is waiting), ``kind``, ``trip_id`` and ``service_id``.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self.nodes)

    @cached_property
    def index(self) -> pd.Index[str]:
        """Keys of the nodes, for looking up their numbers."""
        keys: pd.Index[str] = pd.Index(self.nodes["key"])
        return keys

    def find(self, key: str) -> int:
        """Return the number of the node called ``key``, -1 if the graph has none."""
        return int(self.index.get_indexer(pd.Index([key], dtype=object))[0])

    @cached_property
    def lookup(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Distinct ``tail * size + head``, sorted, and the row of the shortest edge of each."""
        tail, head = (self.edges[c].to_numpy(dtype=np.int64) for c in ("tail", "head"))
        return select_quickest(tail * self.size + head, self.edges["minutes"].to_numpy())

    def path_edges(self, path: Sequence[int]) -> list[dict[str, Any]]:
        """Return the shortest edge of each step of a path, as dictionaries."""
        codes, rows = self.lookup
        wanted = np.array(path[:-1], dtype=np.int64) * self.size + np.array(path[1:])
        found = self.edges.iloc[rows[np.searchsorted(codes, wanted)]]
        return [{str(k): v for k, v in row.items()} for row in found.to_dict("records")]

    @cached_property
    def weights(self) -> csr_matrix:
        """Minutes as a (size, size) matrix, the shortest of parallel edges."""
        codes, rows = self.lookup
        tail, head = np.divmod(codes, self.size) if self.size else (codes, codes)
        minutes = self.edges["minutes"].to_numpy(dtype=np.float64)[rows]
        return csr_matrix((minutes, (tail, head)), shape=(self.size, self.size))

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return the same graph for analysts: nodes by key, edges with ``minutes``."""
        import networkx as nx

        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        keys = self.nodes["key"].tolist()
        for row in self.nodes.itertuples():
            graph.add_node(row.key, node_id=row.node_id, role=row.role, group=row.group)
        columns = ("tail", "head", "minutes", "wait", "kind", "trip_id")
        for tail, head, *values in zip(*(self.edges[c].tolist() for c in columns), strict=True):
            graph.add_edge(keys[tail], keys[head], **dict(zip(columns[2:], values, strict=True)))
        return graph


def select_quickest(
    codes: NDArray[np.int64], minutes: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Select the quickest of the edges that join the same nodes.

    Parameters
    ----------
    codes
        int64 (edges): the same for edges between the same nodes.
    minutes
        float64 (edges).

    Returns
    -------
    codes, edges
        int64: the distinct codes, ascending, and the position of the quickest edge of each.
    """
    order = np.lexsort((minutes, codes))
    ordered = codes[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first], order[first]


def shortest_paths(graph: Graph, sources: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Compute shortest times from each source to all nodes with scipy's compiled Dijkstra.

    Parameters
    ----------
    graph
        The graph; all weights at least 0.
    sources
        Node numbers.

    Returns
    -------
    minutes, predecessors
        float64 and int32 arrays of shape (len(sources), graph.size); inf and -9999 where there is
        no way.
    """
    minutes, predecessors = dijkstra(graph.weights, indices=list(sources), return_predecessors=True)
    return np.atleast_2d(minutes), np.atleast_2d(predecessors)


def trace_path(predecessors: np.ndarray, target: int) -> list[int]:
    """Follow one row of predecessors back from ``target``; the path runs from source to target."""
    path = [target]
    while predecessors[path[-1]] >= 0:
        path.append(int(predecessors[path[-1]]))
    return path[::-1]


@lru_cache(maxsize=16)
def build_graph(network: Network, *, window: Window) -> Graph:
    """Build the graph of public transport, with access from and egress to every city centre.

    Parameters
    ----------
    network
        A network of one day (`Network.as_of`), at one end of its ranges.
    window
        Seconds after midnight, half open, in which travellers depart; it decides the waits.
    """
    offers = compute_offers(network, window)
    stops = set(offers["from_id"].unique()) | set(offers["to_id"].unique())
    parts = [
        ride_edges(offers),
        platform_edges(network, offers),
        walk_edges(network, stops),
        access_edges(network, stops),
        terminal_edges(network, offers),
    ]
    return number_nodes(parts)


def number_nodes(parts: Sequence[pd.DataFrame]) -> Graph:
    """Turn edges between keys into edges between numbers."""
    ends = [part[column].astype("category") for part in parts for column in ("tail", "head")]
    names = np.concatenate([end.cat.categories.to_numpy(dtype=object) for end in ends])
    keys = pd.Index(np.unique(names.astype(object)), dtype=object)
    numbers = [keys.get_indexer(end.cat.categories)[end.cat.codes] for end in ends]
    cells = [key.split("|") for key in keys]
    nodes = pd.DataFrame({"key": keys}, dtype=object)
    for place, column in enumerate(("node_id", "role", "group")):
        nodes[column] = pd.Series([cell[place] for cell in cells], dtype=object)
    edges = {"tail": np.concatenate(numbers[::2]), "head": np.concatenate(numbers[1::2])}
    for column in ("minutes", "wait"):
        edges[column] = np.concatenate([part[column].to_numpy(dtype=float) for part in parts])
    edges["minutes"] = np.maximum(edges["minutes"], NO_TIME)
    texts = {
        column: pd.Series(
            np.concatenate([part[column].to_numpy(dtype=object) for part in parts]), dtype=object
        )
        for column in ("kind", "trip_id", "service_id")
    }
    return Graph(nodes=nodes, edges=pd.DataFrame({**edges, **texts}))


def make_edges(
    tail: Keys,
    head: Keys,
    minutes: Any,
    kind: str,
    *,
    wait: Any = 0.0,
    trip_id: Any = "",
    service_id: Any = "",
) -> pd.DataFrame:
    """Make edges between keys, text or categorical; scalars stand for all rows.

    Returns
    -------
    DataFrame
        The columns of `Graph.edges`, with keys as ``tail`` and ``head``.
    """
    size = len(tail)

    def column(value: Any) -> pd.Series:
        if np.ndim(value) == 0:
            value = np.full(size, value, dtype=object if isinstance(value, str) else float)
        return pd.Series(np.asarray(value), dtype=np.asarray(value).dtype)

    return pd.DataFrame(
        {
            "tail": pd.Categorical(tail),
            "head": pd.Categorical(head),
            "minutes": column(minutes),
            "wait": column(wait),
            "kind": column(kind),
            "trip_id": column(trip_id),
            "service_id": column(service_id),
        }
    )


def make_keys(place: pd.Series, role: str, group: pd.Series | None = None) -> pd.Categorical:
    """Make the keys ``place|role|group`` of nodes; the work is done once per distinct key."""
    first = place.astype("category").cat
    if group is None:
        names = first.categories.to_numpy(dtype=object) + f"|{role}|"
        return pd.Categorical.from_codes(first.codes.to_numpy(), pd.Index(names))
    second = group.astype("category").cat
    width = max(len(second.categories), 1)
    code = first.codes.to_numpy(dtype=np.int64) * width + second.codes.to_numpy(dtype=np.int64)
    distinct, codes = np.unique(code, return_inverse=True)
    places = first.categories.to_numpy(dtype=object)[distinct // width]
    groups = second.categories.to_numpy(dtype=object)[distinct % width]
    return pd.Categorical.from_codes(codes, pd.Index(places + f"|{role}|" + groups))


def ride_edges(offers: pd.DataFrame) -> pd.DataFrame:
    """Make one edge per offer: expected wait at the first stop and ride to the second."""
    return make_edges(
        make_keys(offers["from_id"], "out", offers["group"]),
        make_keys(offers["to_id"], "in", offers["group"]),
        offers["wait"] + offers["ride"],
        "ride",
        wait=offers["wait"],
        trip_id=offers["trip_id"],
        service_id=offers["service_id"],
    )


def platforms(offers: pd.DataFrame, end: str) -> pd.DataFrame:
    """Return the distinct platforms at one end of the offers as ``stop`` and ``group``."""
    found = offers[[end, "group"]].drop_duplicates().astype(object)
    return found.set_axis(["stop", "group"], axis=1).reset_index(drop=True)


def platform_edges(network: Network, offers: pd.DataFrame) -> pd.DataFrame:
    """Make the ways inside stations: street to platform, platform to street, and transfers."""
    out, into = platforms(offers, "from_id"), platforms(offers, "to_id")
    parameter = network.parameter

    def by_group(group: pd.Series, rail: str, metro: str) -> np.ndarray:
        return np.where(group == "rail", parameter(rail), parameter(metro))

    process = by_group(out["group"], "rail_process_minutes", "metro_process_minutes")
    platform = make_keys(out["stop"], "out", out["group"])
    board = [
        make_edges(make_keys(out["stop"], role), platform, process, "process")
        for role in ("street", "left")
    ]
    alight = make_edges(
        make_keys(into["stop"], "in", into["group"]),
        make_keys(into["stop"], "left"),
        by_group(into["group"], "rail_exit_minutes", "metro_exit_minutes"),
        "exit",
    )
    change = into.merge(out, on="stop", suffixes=("_in", "_out"))
    change = change[(change["group_in"] == "rail") == (change["group_out"] == "rail")]
    transfer = make_edges(
        make_keys(change["stop"], "in", change["group_in"]),
        make_keys(change["stop"], "out", change["group_out"]),
        by_group(change["group_in"], "rail_transfer_minutes", "metro_transfer_minutes"),
        "transfer",
    )
    return pd.concat([*board, alight, transfer], ignore_index=True)


def walk_edges(network: Network, stops: AbstractSet[str]) -> pd.DataFrame:
    """Make walks between the street sides of stops close to each other, geodesic times detour."""
    node = network["node"]
    node = node[node["node_id"].isin(stops)]
    limit = network.parameter("station_walk_link_km")
    a, b, km = pair_near(node, node, limit)
    distinct = a != b
    ids = node["node_id"].reset_index(drop=True)
    ends, minutes = (ids[a[distinct]], ids[b[distinct]]), walk_minutes(network, km[distinct])
    walks = [
        make_edges(make_keys(ends[0], role), make_keys(ends[1], role), minutes, "walk")
        for role in ("street", "left")
    ]
    return pd.concat(walks, ignore_index=True)


def walk_minutes(network: Network, km: np.ndarray) -> np.ndarray:
    """Return minutes on foot for straight-line distances in km."""
    detour = network.parameter("walk_detour_ratio")
    return np.asarray(km * detour / network.parameter("walk_speed_kmh") * MINUTES_PER_HOUR)


def taxi_minutes(network: Network, km: np.ndarray) -> np.ndarray:
    """Return minutes by taxi, with the wait for it, for straight-line distances in km."""
    detour = network.parameter("urban_drive_detour_ratio")
    drive = km * detour / network.parameter("urban_drive_speed_kmh") * MINUTES_PER_HOUR
    return np.asarray(network.parameter("taxi_wait_minutes") + drive)


def city_centres(network: Network) -> pd.DataFrame:
    """Return the centres of all cities and areas.

    Returns
    -------
    DataFrame
        ``zone_id``, ``centre_node_id``, ``x_coord`` and ``y_coord`` (WGS84).
    """
    zone = network["zone"]
    zone = zone[(zone["level"] != "county") & (zone["centre_node_id"] != "")]
    places = network["node"].set_index("node_id")[["x_coord", "y_coord"]]
    return zone[["zone_id", "centre_node_id"]].join(places, on="centre_node_id", how="inner")


def compute_access(network: Network, stops: AbstractSet[str]) -> pd.DataFrame:
    """Compute the ways between city centres and stops: on foot to any, by taxi to rail stations.

    Returns
    -------
    DataFrame
        ``zone_id``, ``stop_id``, ``minutes`` (the quicker of the two, either way) and ``mode``
        (``walk`` or ``taxi``).
    """
    centre = city_centres(network)
    node = network["node"]
    node = node[node["node_id"].isin(stops)]
    walk_limit = network.parameter("max_walk_km")
    taxi_limit = network.parameter("max_drive_access_km")
    a, b, km = pair_near(centre, node, max(walk_limit, taxi_limit))
    is_rail = (node["node_type"] == "rail_station").to_numpy()[b]
    walk = np.where(km <= walk_limit, walk_minutes(network, km), np.inf)
    taxi = np.where(is_rail & (km <= taxi_limit), taxi_minutes(network, km), np.inf)
    minutes = np.minimum(walk, taxi)
    near = np.isfinite(minutes)
    return pd.DataFrame(
        {
            "zone_id": centre["zone_id"].to_numpy(dtype=object)[a[near]],
            "stop_id": node["node_id"].to_numpy(dtype=object)[b[near]],
            "minutes": minutes[near],
            "mode": np.where(walk[near] <= taxi[near], "walk", "taxi").astype(object),
        }
    )


def access_edges(network: Network, stops: AbstractSet[str]) -> pd.DataFrame:
    """Make the ways of `compute_access` into edges, from centres and to them."""
    ways = compute_access(network, stops)
    cost, mode = ways["minutes"], ways["mode"]
    ends = make_keys(ways["zone_id"], "centre"), make_keys(ways["stop_id"], "street")
    access = make_edges(*ends, cost, "access", trip_id=mode)
    ends = make_keys(ways["stop_id"], "left"), make_keys(ways["zone_id"], "goal")
    egress = make_edges(*ends, cost, "egress", trip_id=mode)
    return pd.concat([access, egress], ignore_index=True)


def terminal_edges(network: Network, offers: pd.DataFrame) -> pd.DataFrame:
    """Make free edges from a city to its own rail platforms, for times station to station."""
    node = network["node"]
    zone = dict(zip(node["node_id"], node["zone_id"], strict=True))
    parts = []
    for end, role, terminal in (("from_id", "out", "start"), ("to_id", "in", "end")):
        table = platforms(offers, end)
        table = table[table["group"] == "rail"].assign(zone=table["stop"].map(zone).fillna(""))
        table = table[table["zone"] != ""]
        keys = [
            make_keys(table["zone"], terminal),
            make_keys(table["stop"], role, table["group"]),
        ]
        tail, head = keys if terminal == "start" else keys[::-1]
        parts.append(make_edges(tail, head, NO_TIME, terminal))
    return pd.concat(parts, ignore_index=True)


def pair_near(
    first: pd.DataFrame, second: pd.DataFrame, limit_km: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pair points at most ``limit_km`` apart, by geodesic distance.

    Returns
    -------
    a, b, km
        Positions in ``first`` and ``second`` (int64), sorted, and distances in km (float64).
    """
    if first.empty or second.empty:
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(0)
    trees = [cKDTree(_unit_vectors(frame)) for frame in (first, second)]
    # A chord of the sphere is a little shorter than the arc; 1 % more covers it and the ellipsoid.
    near = trees[0].query_ball_tree(trees[1], limit_km / EARTH_RADIUS_KM * 1.01)
    a = np.repeat(np.arange(len(first)), [len(found) for found in near])
    b = np.array([i for found in near for i in sorted(found)], dtype=int)
    ax, bx = (frame["x_coord"].to_numpy() for frame in (first, second))
    ay, by = (frame["y_coord"].to_numpy() for frame in (first, second))
    km = np.asarray(GEOD.inv(ax[a], ay[a], bx[b], by[b])[2]) / METRES_PER_KM
    close = km <= limit_km
    return a[close], b[close], km[close]


def _unit_vectors(frame: pd.DataFrame) -> np.ndarray:
    lon = np.radians(frame["x_coord"].to_numpy())
    lat = np.radians(frame["y_coord"].to_numpy())
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
