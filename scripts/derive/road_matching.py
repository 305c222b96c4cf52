"""Find named roads on the highway graph: the likeliest way past a few known places.

Each place may be any of the vertices near it. Of all ways through them the one is taken that costs
least, counting its kilometres, a fixed cost for every vertex passed (an expressway meets other
roads seldom, a trunk road often) and the distance of the vertices from their places: the matching
of Newson and Krumm (2009, Hidden Markov map matching through noise and sparseness, GIS) with a
route instead of a track.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from derive.road_graph import Point, RoadGraph, to_plane

# Cost in km of passing a vertex, and of one km between a vertex and its place.
VERTEX_KM = 0.7
AWAY_COST = 2.0
# Vertices looked at around each place.
NEAR_KM = 4.5
MOST_NEAR = 12
# A way between two places is at most this much longer than the straight line.
DETOUR = 1.8
SLACK_KM = 40.0
# The other carriageway: edges whose ends lie this near to the road found.
TWIN_KM = 0.3
CENTRE = (114.0, 35.5)


class Matcher:
    """Matches roads on one graph.

    Parameters
    ----------
    graph
        The graph, connected.
    """

    def __init__(self, graph: RoadGraph) -> None:
        self.graph = graph
        self.vertices = np.unique(graph.ends)
        self.plane = to_plane(graph.points, CENTRE)
        self.tree = cKDTree(self.plane[self.vertices])
        self.cost = graph.matrix(graph.km + VERTEX_KM)
        self.number = {tuple(end): i for i, end in enumerate(graph.ends.tolist())}
        self.segments = shapely.linestrings(self.plane[graph.ends])

    def find(self, name: str, places: list[Point | int]) -> list[list[int]]:
        """Return the vertices of the way from each place to the next.

        Parameters
        ----------
        name
            How errors call the road.
        places
            Points in degrees, or vertices.

        Raises
        ------
        ValueError
            If no vertex is near a place, or no way leads to it.
        """
        near = [self._list_near(name, place) for place in places]
        total = near[0][1]
        choices, ways = [], []
        for (tails, _), (heads, away) in pairwise(near):
            reach = self.plane[heads][:, None] - self.plane[tails][None]
            limit = DETOUR * float(np.linalg.norm(reach, axis=2).max()) + SLACK_KM
            limit += VERTEX_KM * SLACK_KM
            km, before = dijkstra(self.cost, indices=tails, return_predecessors=True, limit=limit)
            sums = total[:, None] + km[:, heads] + away[None, :]
            choices.append(sums.argmin(axis=0))
            ways.append(before)
            total = sums.min(axis=0)
        if not np.isfinite(total.min()):
            raise ValueError(f"{name}: no way through its places; correct one")
        chosen = [int(total.argmin())]
        for choice in reversed(choices):
            chosen.append(int(choice[chosen[-1]]))
        chosen.reverse()
        return [
            trace(before[row], int(heads[column]))
            for before, (heads, _), (row, column) in zip(
                ways, near[1:], pairwise(chosen), strict=True
            )
        ]

    def _list_near(self, name: str, place: Point | int) -> tuple[Any, Any]:
        """List the vertices near a place, and what it costs to stand for it."""
        if isinstance(place, int):
            return np.array([place]), np.zeros(1)
        km, row = self.tree.query(
            to_plane(place, CENTRE), k=MOST_NEAR, distance_upper_bound=NEAR_KM
        )
        found = np.isfinite(km)
        if not found.any():
            raise ValueError(f"{name}: no vertex of the graph within {NEAR_KM} km of {place}")
        return self.vertices[row[found]], AWAY_COST * km[found]

    def edges(self, way: list[int]) -> list[int]:
        """Return the edges of a way."""
        return [self.number[min(a, b), max(a, b)] for a, b in pairwise(way)]

    def twins(self, way: list[int]) -> list[int]:
        """Return the edges along a way that belong to its other carriageway."""
        strip = shapely.LineString(self.plane[way]).buffer(TWIN_KM, cap_style="flat")
        return np.flatnonzero(shapely.contains(strip, self.segments)).tolist()


def trace(before: Any, vertex: int) -> list[int]:
    """Follow predecessors back from a vertex; the way runs towards it."""
    way = [vertex]
    while before[way[-1]] >= 0:
        way.append(int(before[way[-1]]))
    return way[::-1]
