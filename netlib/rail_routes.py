"""Shortest ways by rail between zones over the links of one day, and the lines on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

# Lines on which the trains of timetables run.
RAIL_MODES = ("hsr", "intercity", "conventional", "suburban")
# Length of the way between a zone and its stations: as good as none, but an edge for scipy.
DOOR_KM = 1e-6


@dataclass(frozen=True, eq=False)
class RailRoutes:
    """Shortest ways between zones; those from a zone are searched once, when first asked for.

    Attributes
    ----------
    graph
        Directed: stations, then each zone as an origin and as a destination. No way leads through
        a zone from one of its stations to another.
    origins, destinations
        Vertex by zone; a zone without a station on these links has none.
    line_of
        Line by pair of neighbouring vertices.
    """

    graph: csr_matrix
    origins: Mapping[str, int]
    destinations: Mapping[str, int]
    line_of: Mapping[tuple[int, int], str]
    _trees: dict[str, tuple[NDArray[np.float64], NDArray[np.int32]]] = field(default_factory=dict)
    _lines: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def _search(self, zone: str) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        if zone not in self._trees:
            self._trees[zone] = dijkstra(
                self.graph, indices=self.origins[zone], return_predecessors=True
            )
        return self._trees[zone]

    def measure(self, origin: str, destination: str) -> float:
        """Return the km between two zones, inf where there is no way."""
        if origin not in self.origins or destination not in self.destinations:
            return np.inf
        return float(self._search(origin)[0][self.destinations[destination]])

    def lines(self, origin: str, destination: str) -> frozenset[str]:
        """Return the lines on the way between two zones."""
        if (origin, destination) not in self._lines:
            found = set()
            if np.isfinite(self.measure(origin, destination)):
                before = self._search(origin)[1]
                place = self.destinations[destination]
                while before[place] >= 0:
                    found.add(self.line_of.get((int(before[place]), int(place)), ""))
                    place = int(before[place])
            self._lines[origin, destination] = frozenset(found - {""})
        return self._lines[origin, destination]


def find_routes(link: pd.DataFrame, stations: Mapping[str, Sequence[str]]) -> RailRoutes:
    """Make ready the shortest ways over links between zones.

    Parameters
    ----------
    link
        Links that are open, usable both ways.
    stations
        Stations by zone.
    """
    nodes = pd.Index(pd.unique(pd.concat([link["from_node_id"], link["to_node_id"]])))
    tail, head = nodes.get_indexer(link["from_node_id"]), nodes.get_indexer(link["to_node_id"])
    edges = pd.DataFrame(
        {
            "tail": np.r_[tail, head],
            "head": np.r_[head, tail],
            "km": np.tile(link["length_km"].to_numpy(dtype=np.float64), 2),
            "line": np.tile(link["line_id"].to_numpy(dtype=object), 2),
        }
    )
    edges = edges.sort_values("km", kind="stable").drop_duplicates(["tail", "head"])
    place = {name: number for number, name in enumerate(nodes)}
    reached = {
        zone: found for zone, names in stations.items() if (found := place.keys() & set(names))
    }
    size = len(nodes)
    origins = {zone: size + number for number, zone in enumerate(reached)}
    destinations = {zone: size + len(reached) + number for number, zone in enumerate(reached)}
    doors = [(origins[zone], place[name]) for zone, names in reached.items() for name in names]
    doors += [
        (place[name], destinations[zone]) for zone, names in reached.items() for name in names
    ]
    ends = np.array(doors, dtype=np.int64).reshape(-1, 2)
    rows, columns = np.r_[edges["tail"], ends[:, 0]], np.r_[edges["head"], ends[:, 1]]
    km = np.r_[edges["km"], np.full(len(ends), DOOR_KM)]
    whole = size + 2 * len(reached)
    pairs = zip(edges["tail"].tolist(), edges["head"].tolist(), strict=True)
    return RailRoutes(
        graph=csr_matrix((km, (rows, columns)), shape=(whole, whole)),
        origins=origins,
        destinations=destinations,
        line_of=dict(zip(pairs, edges["line"], strict=True)),
    )
