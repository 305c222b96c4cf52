"""A graph of highways: block corridors, attach points to edges, shortest distances."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

Point = tuple[float, float]  # longitude and latitude in degrees

EARTH_RADIUS_KM = 6371.0088
CORRIDOR_KM = 1.2  # both ends of an edge lie this near to a blocked chain
CORRIDOR_DEGREES = 25.0  # and the edge runs along it within this angle


def straight_km(a: Point, b: Point) -> float:
    """Measure the great-circle distance between two points in km."""
    (x1, y1), (x2, y2) = ((math.radians(x), math.radians(y)) for x, y in (a, b))
    half = math.sin((y2 - y1) / 2) ** 2
    half += math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))


def to_plane(points: Any, origin: Point) -> Any:
    """Project degrees to km around ``origin`` (good for corridors of some 100 km)."""
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


@dataclass
class RoadGraph:
    """Vertices (n x 2 degrees) and undirected edges with lengths in km."""

    points: Any
    ends: Any
    km: Any

    @classmethod
    def read(cls, folder: Path) -> RoadGraph:
        """Read the vertices and edges; of parallel edges the shortest is kept."""
        nodes = pd.read_csv(folder / "roads_graph_nodes.csv.gz")
        edges = pd.read_csv(folder / "roads_graph_edges.csv.gz")
        pair = np.sort(edges[["u", "v"]].to_numpy(), axis=1)
        edges = edges.assign(u=pair[:, 0], v=pair[:, 1])
        edges = edges.groupby(["u", "v"], as_index=False)["km"].min()
        return cls(
            nodes[["lon", "lat"]].to_numpy(), edges[["u", "v"]].to_numpy(), edges["km"].to_numpy()
        )

    def block(self, chain: list[Point]) -> None:
        """Take out the edges that run along a chain of points."""
        origin = chain[0]
        corners = to_plane(chain, origin)
        a, b = (to_plane(self.points[self.ends[:, i]], origin) for i in (0, 1))
        direction = b - a
        blocked = np.zeros(len(self.km), dtype=bool)
        near_a = np.full(len(self.km), np.inf)
        near_b = np.full(len(self.km), np.inf)
        for start, end in pairwise(corners):
            near_a = np.minimum(near_a, project(a, start, end)[0])
            near_b = np.minimum(near_b, project(b, start, end)[0])
        for start, end in pairwise(corners):
            middle = project((a + b) / 2, start, end)[0]
            cross = np.abs(direction[:, 0] * (end - start)[1] - direction[:, 1] * (end - start)[0])
            dot = np.abs(direction @ (end - start))
            angle = np.degrees(np.arctan2(cross, dot))
            blocked |= (middle <= CORRIDOR_KM) & (angle <= CORRIDOR_DEGREES)
        blocked &= (near_a <= CORRIDOR_KM) & (near_b <= CORRIDOR_KM)
        self.ends, self.km = self.ends[~blocked], self.km[~blocked]

    def distances(self, places: list[Point]) -> Any:
        """Shortest distances in km between places, each attached to its nearest edge.

        A place reaches its edge in a straight line; the two parts of the edge go on from there.
        """
        size = len(self.points)
        edge_ends, edge_km = self.largest_component()
        ends, km = [edge_ends], [edge_km]
        attached: dict[int, list[tuple[int, float, float]]] = {}
        for number, place in enumerate(places):
            a, b = (to_plane(self.points[edge_ends[:, i]], place) for i in (0, 1))
            away, share = project(np.zeros_like(a), a, b)
            edge = int(np.argmin(away))
            leg, part, whole = float(away[edge]), float(share[edge]), float(edge_km[edge])
            ends.append(np.array([[size + number, edge_ends[edge, i]] for i in (0, 1)]))
            km.append(np.array([leg + part * whole, leg + (1 - part) * whole]))
            for other, other_leg, other_part in attached.get(edge, []):
                ends.append(np.array([[size + number, size + other]]))
                km.append(np.array([leg + other_leg + abs(part - other_part) * whole]))
            attached.setdefault(edge, []).append((number, leg, part))
        pairs, lengths = np.concatenate(ends), np.concatenate(km)
        total = size + len(places)
        matrix = csr_matrix((lengths, (pairs[:, 0], pairs[:, 1])), shape=(total, total))
        start = np.arange(size, total)
        return dijkstra(matrix, directed=False, indices=start)[:, size:]

    def largest_component(self) -> tuple[Any, Any]:
        """Edges and lengths of the largest connected component."""
        size = len(self.points)
        matrix = csr_matrix((self.km, (self.ends[:, 0], self.ends[:, 1])), shape=(size, size))
        _, label = connected_components(matrix, directed=False)
        inside = label[self.ends[:, 0]] == np.bincount(label).argmax()
        return self.ends[inside], self.km[inside]
