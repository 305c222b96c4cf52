"""The graph of highways that scgraph-data carries: cut, rid of false crossings, joined up.

The graph has no class, name, direction or speed; an edge is the chord between two places where
roads meet, to a thousandth of a degree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from pyproj import Geod
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

Point = tuple[float, float]  # longitude and latitude in degrees

GEOD = Geod(ellps="WGS84")
EARTH_RADIUS_KM = 6371.0088  # mean radius R1 of GRS80 (Moritz 1980)
# West, south, east and north ends of the region, 110 to 120 E and 31 to 41 N, and of the
# surroundings of two capitals beyond its rim that drives lead to: 西安 and 武汉.
BOXES = ((110.0, 31.0, 120.0, 41.05), (108.7, 33.9, 110.0, 35.9), (113.7, 30.4, 114.8, 31.0))
# Vertices of a straight road may go: this near to the chord that replaces them, which is about
# how exact the coordinates are.
STRAIGHT_KM = 0.1


def straight_km(a: Point, b: Point) -> float:
    """Measure the geodesic between two points in km."""
    return float(GEOD.inv(*a, *b)[2]) / 1000


def to_plane(points: Any, origin: Point) -> Any:
    """Project degrees to km around ``origin``."""
    scale = math.pi / 180 * EARTH_RADIUS_KM
    factors = np.array([scale * math.cos(math.radians(origin[1])), scale])
    return (np.asarray(points, dtype=float) - np.asarray(origin)) * factors


def project(points: Any, start: Any, end: Any) -> tuple[Any, Any]:
    """Distance of points to segments, and the share of the segment at the nearest point."""
    along = end - start
    squared = np.maximum((along**2).sum(axis=-1), 1e-12)
    share = np.clip(((points - start) * along).sum(axis=-1) / squared, 0, 1)
    nearest = start + share[..., None] * along
    return np.linalg.norm(points - nearest, axis=-1), share


@dataclass(frozen=True)
class RoadGraph:
    """Vertices (n x 2 degrees) and undirected edges with lengths in km."""

    points: Any
    ends: Any
    km: Any

    @classmethod
    def read(cls, folder: Path) -> RoadGraph:
        """Read the part of the graph inside the region; of parallel edges the shortest is kept."""
        nodes = pd.read_csv(folder / "roads_graph_nodes.csv.gz")
        edges = pd.read_csv(folder / "roads_graph_edges.csv.gz")
        points = nodes[["lon", "lat"]].to_numpy()
        inside = np.zeros(len(points), dtype=bool)
        for left, bottom, right, top in BOXES:
            inside |= (points >= (left, bottom)).all(axis=1) & (points <= (right, top)).all(axis=1)
        pair = np.sort(edges[["u", "v"]].to_numpy(), axis=1)
        edges = edges.assign(u=pair[:, 0], v=pair[:, 1])
        edges = edges[inside[pair].all(axis=1)]
        edges = edges.groupby(["u", "v"], as_index=False)["km"].min()
        return cls(points, edges[["u", "v"]].to_numpy(), edges["km"].to_numpy())

    def lines(self) -> Any:
        """Return the edges as shapely lines in degrees."""
        return shapely.linestrings(self.points[self.ends])

    def keep(self, chosen: Any) -> RoadGraph:
        """Return the graph with the chosen edges only."""
        return RoadGraph(self.points, self.ends[chosen], self.km[chosen])

    def largest_component(self) -> RoadGraph:
        """Return the largest connected part."""
        _, label = connected_components(self.matrix(self.km), directed=False)
        return self.keep(label[self.ends[:, 0]] == np.bincount(label[self.ends[:, 0]]).argmax())

    def matrix(self, weights: Any) -> Any:
        """Return the edges as a symmetric sparse matrix of weights."""
        size = len(self.points)
        tail, head = np.concatenate((self.ends, self.ends[:, ::-1])).T
        return csr_matrix((np.tile(weights, 2), (tail, head)), shape=(size, size))

    def straighten(self) -> RoadGraph:
        """Take out vertices of degree two on straight roads; the length is kept."""
        edges = {tuple(end): float(km) for end, km in zip(self.ends.tolist(), self.km, strict=True)}
        around: dict[int, set[int]] = {}
        for a, b in edges:
            around.setdefault(a, set()).add(b)
            around.setdefault(b, set()).add(a)
        for vertex in sorted(around):
            if len(around[vertex]) != 2:
                continue
            a, b = sorted(around[vertex])
            if b in around[a] or not self._is_straight(vertex, a, b):
                continue
            km = sum(edges.pop((min(vertex, end), max(vertex, end))) for end in (a, b))
            edges[a, b] = km
            for end, other in ((a, b), (b, a)):
                around[end] = (around[end] - {vertex}) | {other}
            around[vertex] = set()
        pairs = sorted(edges)
        return RoadGraph(self.points, np.array(pairs), np.array([edges[p] for p in pairs]))

    def _is_straight(self, vertex: int, a: int, b: int) -> bool:
        """Tell whether a vertex lies on the chord between its neighbours."""
        place = tuple(self.points[vertex])
        start, end = to_plane(self.points[[a, b]], place)
        return bool(project(np.zeros(2), start, end)[0] <= STRAIGHT_KM)
