"""Driving between city centres: the highway graph of one day, its minutes and the ways over it.

Named roads have the minutes of their links in ``link.csv``: their edges share them by length, so
that a link which is not open yet, closed or slowed by a scenario card is so on the graph. A link
without edges is one edge between its ends. Roads without a name have the speed of trunk roads, or
of city streets near a centre. A centre is joined to the nearest place of the nearest road that may
be entered anywhere; parking and the toll gate are counted at each end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from netlib.drive_edges import (
    LINK,
    PARAMETERS,
    Floats,
    Ints,
    Speeds,
    centre_edges,
    highway_edges,
    junction_edges,
    link_edges,
    select_links,
)
from netlib.errors import UnreachableError
from netlib.graph import NO_TIME, city_centres, select_quickest, trace_path
from netlib.highways import read_highways
from netlib.places import format_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netlib.tables import Network

# A junction of node.csv that lies this near to a vertex names it.
SAME_PLACE_DEGREES = 0.0006
# Line that stands for the roads without a name, and the mode of what happens at the ends.
UNNAMED = "HW"
TOLL = "toll"


@dataclass(frozen=True, eq=False)
class Drives:
    """The roads of one day with minutes; all are usable both ways.

    Attributes
    ----------
    x, y
        float64 (nodes): longitude and latitude, of the vertices of the highway graph and after them
        of the nodes of ``places``.
    places
        Numbers of nodes by node_id: centres, and ends of links that have no edges.
    centres
        node_id of the centre by zone_id.
    ends
        int64 (edges, 2): the nodes that an edge joins.
    minutes, km
        float64 (edges).
    kind, link
        int64 (edges): as in `netlib.drive_edges.Edges`; position in `link_ids`, or -1.
    link_ids, line_ids
        The open links, and the line of each.
    terminal_minutes
        Toll gate and parking at each end.
    peak
        Whether the minutes are those of the morning peak.
    """

    x: Floats
    y: Floats
    places: dict[str, int]
    centres: dict[str, str]
    ends: Ints
    minutes: Floats
    km: Floats
    kind: Ints
    link: Ints
    link_ids: tuple[str, ...]
    line_ids: tuple[str, ...]
    terminal_minutes: float
    peak: bool

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self.x)

    def find_centre(self, zone_id: str) -> int:
        """Return the number of the centre of a zone, -1 if it has none."""
        return self.places.get(self.centres.get(zone_id, ""), -1)

    @cached_property
    def lookup(self) -> tuple[Ints, Ints]:
        """Distinct ``smaller * size + greater``, sorted, and the quickest edge of each."""
        code = self.ends.min(axis=1) * self.size + self.ends.max(axis=1)
        return select_quickest(code, self.minutes)

    @cached_property
    def weights(self) -> csr_matrix:
        """Minutes as a symmetric (size, size) matrix, the quickest of parallel edges."""
        _, edges = self.lookup
        tail, head = np.concatenate((self.ends[edges], self.ends[edges][:, ::-1])).T
        minutes = np.tile(self.minutes[edges], 2)
        return csr_matrix((minutes, (tail, head)), shape=(self.size, self.size))

    def path_edges(self, path: Sequence[int]) -> Ints:
        """Return the edges along a path of nodes."""
        codes, edges = self.lookup
        steps = np.array([path[:-1], path[1:]])
        wanted = steps.min(axis=0) * self.size + steps.max(axis=0)
        found: Ints = edges[np.searchsorted(codes, wanted)]
        return found


@lru_cache(maxsize=16)
def build_drives(network: Network, *, peak: bool) -> Drives:
    """Build the roads of a network's day.

    Parameters
    ----------
    network
        A network of one day (`Network.as_of`), at one end of its ranges.
    peak
        Whether in the morning peak: outside cities everything takes ``drive_peak_ratio`` as long as
        in free flow, in cities ``urban_peak_ratio``.
    """
    highways = read_highways(network.root)
    links = select_links(network)
    centre = city_centres(network)
    is_direct = ~links["link_id"].isin(highways.links).to_numpy()
    direct = links[is_direct]
    ids = [*centre["centre_node_id"], *direct["from_node_id"], *direct["to_node_id"]]
    node = network["node"].drop_duplicates("node_id").set_index("node_id")
    # A link may end at a node that is closed, or at one that no table holds.
    places = node[["x_coord", "y_coord"]].reindex(pd.Index(dict.fromkeys(ids), name="node_id"))
    numbers = {str(name): highways.size + i for i, name in enumerate(places.index)}
    speeds = Speeds(network, peak=peak)
    parts = [link_edges(direct, np.flatnonzero(is_direct), numbers, speeds)]
    if highways.size:
        parts += [
            highway_edges(highways, links, centre, speeds),
            junction_edges(highways, places, numbers, set(centre["centre_node_id"]), speeds),
            centre_edges(highways, centre, numbers, speeds),
        ]
    return Drives(
        x=np.concatenate((highways.x, places["x_coord"].to_numpy(dtype=np.float64))),
        y=np.concatenate((highways.y, places["y_coord"].to_numpy(dtype=np.float64))),
        places=numbers,
        centres=dict(zip(centre["zone_id"], centre["centre_node_id"], strict=True)),
        ends=np.concatenate([part.ends for part in parts]),
        minutes=np.maximum(np.concatenate([part.minutes for part in parts]), NO_TIME),
        km=np.concatenate([part.km for part in parts]),
        kind=np.concatenate([part.kind for part in parts]),
        link=np.concatenate([part.link for part in parts]),
        link_ids=tuple(links["link_id"]),
        line_ids=tuple(links["line_id"]),
        terminal_minutes=network.parameter("drive_access_minutes") * speeds.link_ratio,
        peak=peak,
    )


def drive_minutes(network: Network, origin: str, *, peak: bool = False) -> pd.DataFrame:
    """Compute the minutes by car from the centre of a zone to every place of the roads.

    Roads are usable both ways, so that these are the minutes to the centre as well.

    Parameters
    ----------
    network
        A network of one day, at one end of its ranges.
    origin
        Id of a zone with a centre.
    peak
        Whether in the morning peak.

    Returns
    -------
    DataFrame
        ``x_coord``, ``y_coord`` (WGS84) and ``minutes`` of every vertex of the highway graph, inf
        where no road leads; with the toll gate and parking at the origin, not at the far end.
        Index: number of the vertex.

    Raises
    ------
    UnreachableError
        If the zone has no centre near a road.
    """
    drives = build_drives(network, peak=peak)
    start = drives.find_centre(origin)
    if start < 0:
        name = format_name(network, origin)
        raise UnreachableError(f"{name} ({origin}) has no road within reach on {network.day}")
    size = drives.size - len(drives.places)
    minutes = dijkstra(drives.weights, indices=start)[:size] + drives.terminal_minutes
    table = {"x_coord": drives.x[:size], "y_coord": drives.y[:size], "minutes": minutes}
    return pd.DataFrame(table, index=pd.RangeIndex(size, name="vertex"))


def measure_drives(
    network: Network, pairs: pd.DataFrame, *, peak: bool, legs: bool = True
) -> tuple[pd.DataFrame, dict[tuple[str, str], list[dict[str, Any]]]]:
    """Measure the quickest drive of each pair of zones.

    Parameters
    ----------
    pairs
        ``from_id`` and ``to_id``.
    peak
        Whether in the morning peak.
    legs
        Whether the steps are wanted.

    Returns
    -------
    table, steps
        The pairs with ``minutes`` (NaN without a road), and the steps of each drive as
        `netlib.travel_times.legs_table` takes them: the ends, and one for every road in turn, with
        its ``km``.
    """
    drives = build_drives(network, peak=peak)
    a = np.array([drives.find_centre(zone) for zone in pairs["from_id"]], dtype=np.int64)
    b = np.array([drives.find_centre(zone) for zone in pairs["to_id"]], dtype=np.int64)
    sources, row = np.unique(a[a >= 0], return_inverse=True)
    rows = np.full(len(pairs), -1)
    rows[a >= 0] = row
    times = np.full(len(pairs), np.nan)
    steps: dict[tuple[str, str], list[dict[str, Any]]] = {}
    if len(sources):
        found, before = dijkstra(drives.weights, indices=sources, return_predecessors=True)
        namer = _Namer(network, drives)
        for number, pair in enumerate(zip(pairs["from_id"], pairs["to_id"], strict=True)):
            if rows[number] < 0 or b[number] < 0 or not np.isfinite(found[rows[number], b[number]]):
                continue
            times[number] = found[rows[number], b[number]] + 2.0 * drives.terminal_minutes
            if legs:
                path = trace_path(before[rows[number]], int(b[number]))
                steps[pair] = describe_drive(drives, path, pair, namer)
    return pairs.assign(minutes=times), steps


class _Namer:
    """Names the nodes and lines of drives."""

    def __init__(self, network: Network, drives: Drives) -> None:
        self.network = network
        self.drives = drives
        self.own = {number: name for name, number in drives.places.items()}
        node = network["node"]
        junctions = node[node["node_type"] == "road_junction"]
        self.ids = [*junctions["node_id"], ""]
        self.tree = cKDTree(junctions[["x_coord", "y_coord"]].to_numpy(dtype=np.float64))

    def name_node(self, number: int) -> str:
        """Return the id of the node at that place, or its coordinates."""
        if number in self.own:
            return self.own[number]
        x, y = float(self.drives.x[number]), float(self.drives.y[number])
        _, near = self.tree.query((x, y), distance_upper_bound=SAME_PLACE_DEGREES)
        return str(self.ids[near]) or f"{y:.2f}°N {x:.2f}°E"

    def name_line(self, line_id: str) -> str:
        """Return the Chinese name of a line."""
        return format_name(self.network, line_id)


def describe_drive(
    drives: Drives, path: Sequence[int], pair: tuple[str, str], namer: _Namer
) -> list[dict[str, Any]]:
    """Turn a path into steps: toll gates and parking at its ends, one for every road in turn."""
    keys = ["parameter:drive_access_minutes:value"]
    if drives.peak:
        keys.append("parameter:drive_peak_ratio:value")
    terminal = {"wait": 0.0, "minutes": drives.terminal_minutes, "service_id": "", "trip_id": TOLL}
    terminal["evidence"] = keys
    here = namer.name_node(path[0])
    steps: list[dict[str, Any]] = [
        {**terminal, "kind": "access", "from_id": pair[0], "to_id": here},
    ]
    position = 0
    edges = drives.path_edges(path).tolist()
    for line_id, group in groupby(edges, key=lambda edge: _line_of(drives, edge)):
        part = list(group)
        position += len(part)
        there = namer.name_node(path[position])
        steps.append(
            {
                "kind": "drive",
                "from_id": here,
                "to_id": there,
                "minutes": float(drives.minutes[part].sum()),
                "km": float(drives.km[part].sum()),
                "wait": 0.0,
                "trip_id": line_id,
                "service_id": line_id,
                "label": namer.name_line(line_id),
                "evidence": drive_evidence(drives, part),
            }
        )
        here = there
    steps.append({**terminal, "kind": "egress", "from_id": here, "to_id": pair[1]})
    return steps


def _line_of(drives: Drives, edge: int) -> str:
    """Return the line of an edge."""
    return drives.line_ids[drives.link[edge]] if drives.link[edge] >= 0 else UNNAMED


def drive_evidence(drives: Drives, edges: Sequence[int]) -> list[str]:
    """Return the evidence keys ``table:row_id:field`` behind the minutes of some edges."""
    links = [
        drives.link_ids[number]
        for number in dict.fromkeys(drives.link[edges].tolist())
        if number >= 0
    ]
    keys = [f"link:{name}:{field}" for name in links for field in ("run_time_minutes", "length_km")]
    if links and drives.peak:
        keys.append("parameter:drive_peak_ratio:value")
    for kind in sorted(set(drives.kind[edges].tolist()) - {LINK}):
        free = PARAMETERS[kind] if drives.peak else PARAMETERS[kind][:-1]
        keys += [f"parameter:{name}:value" for name in free]
    return list(dict.fromkeys(keys))
