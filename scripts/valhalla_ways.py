"""Ways through streets, ours and Valhalla's, each priced as the other prices it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from netlib.streets import Streets, compute_seconds

ATTRIBUTES = (
    *("edge.way_id", "edge.length", "edge.speed", "edge.use"),
    *("node.transition_time", "node.elapsed_time", "node.elapsed_cost"),
)


class Question(NamedTuple):
    """Valhalla, and the streets, kind of traveller and wishes that it is asked about."""

    actor: Any
    streets: Streets
    costing: str
    wishes: dict[str, Any]

    def locate(self, node: int) -> dict[str, float]:
        """Return a node as Valhalla's location."""
        place = self.streets.nodes.iloc[node]
        return {"lon": float(place["x"]), "lat": float(place["y"])}

    def ask(self, verb: str, request: dict[str, Any]) -> dict[str, Any]:
        """Ask something with the same traveller."""
        both = {"costing": self.costing, "costing_options": {self.costing: self.wishes}}
        answer: dict[str, Any] = getattr(self.actor, verb)(both | request)
        return answer


class Way(NamedTuple):
    """A way as Valhalla prices it: its edges, seconds, of these waits, and cost."""

    edges: list[dict[str, Any]]
    seconds: float
    waits: float
    cost: float


class WayFinder:
    """Our quickest or shortest ways, edge by edge."""

    def __init__(self, streets: Streets, weights: NDArray[Any]) -> None:
        self.streets, self.weights = streets, weights
        edges = streets.edges
        frame = pd.DataFrame(
            {
                "tail": edges["tail"].to_numpy(),
                "head": edges["head"].to_numpy(),
                "weight": weights,
                "edge": np.arange(len(edges)),
            }
        )
        # Of parallel streets the best counts.
        frame = frame.sort_values("weight").drop_duplicates(["tail", "head"])
        self.number = dict(
            zip(zip(frame["tail"], frame["head"], strict=True), frame["edge"], strict=True)
        )
        size = len(streets.nodes)
        self.graph = csr_matrix(
            (frame["weight"] + 1e-6, (frame["tail"], frame["head"])), (size, size)
        )
        kmh = edges["length_m"].to_numpy() / compute_seconds(streets) * 3.6
        self.kmh = pd.Series(kmh).groupby(edges["way_id"].to_numpy()).mean().to_dict()
        self.origin = -1
        self.found: Any = None

    def find(self, origin: int, target: int) -> tuple[float, list[int]]:
        """Find the weight and edges of the best way; no edges where there is none."""
        if origin != self.origin:
            self.found = dijkstra(self.graph, indices=origin, return_predecessors=True)
            self.origin = origin
        weights, before = self.found
        if not np.isfinite(weights[target]):
            return 0.0, []
        nodes = [target]
        while nodes[-1] != origin:
            nodes.append(int(before[nodes[-1]]))
        nodes.reverse()
        edges = [self.number[pair] for pair in pairwise(nodes)]
        return float(self.weights[edges].sum()), edges

    def draw(self, edges: Sequence[int]) -> list[dict[str, float]]:
        """Return the line of some edges."""
        shapes = self.streets.shapes.take(np.asarray(edges))
        kept = np.ones(len(shapes.x), dtype=bool)
        kept[shapes.offsets[1:-1]] = False
        points = zip(shapes.x[kept].tolist(), shapes.y[kept].tolist(), strict=True)
        return [{"lon": x, "lat": y} for x, y in points]

    def price(self, edges: Sequence[dict[str, Any]]) -> tuple[float, float]:
        """Return the seconds of Valhalla's edges at our speeds, and their km closed to us."""
        known = [edge for edge in edges if edge["way_id"] in self.kmh]
        seconds = sum(edge["length"] * 3600 / self.kmh[edge["way_id"]] for edge in known)
        return seconds, sum(edge["length"] for edge in edges) - sum(e["length"] for e in known)

    def name_stop(self, edges: Sequence[int], goes: Callable[[Sequence[int]], Any]) -> str:
        """Find the first edge of a way that is not gone, and say what it is."""
        low, high = 0, len(edges)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if goes(edges[:middle]) is not None else (low, middle)
        edge = self.streets.edges.iloc[edges[low]]
        kind = "into" if goes(edges[low : low + 1]) is not None else "along"
        return f"{kind} way {edge['way_id']}, {edge['class']}, access {edge['access']}"


def route(question: Question, origin: int, target: int) -> Way | None:
    """Return Valhalla's way between two nodes, None where it cannot be followed."""
    ends = [question.locate(node) for node in (origin, target)]
    answer = question.ask("route", {"locations": ends, "directions_type": "none"})["trip"]
    way = trace(question, answer["legs"][0]["shape"])
    summary = answer["summary"]
    return None if way is None else way._replace(seconds=summary["time"], cost=summary["cost"])


def trace(question: Question, line: str | list[dict[str, float]]) -> Way | None:
    """Return a line as Valhalla follows and prices it, None where it does not go there."""
    from valhalla import ValhallaError

    shape = {"encoded_polyline": line} if isinstance(line, str) else {"shape": line}
    wanted = {"attributes": list(ATTRIBUTES), "action": "include"}
    try:
        found = question.ask(
            "trace_attributes", shape | {"shape_match": "edge_walk", "filters": wanted}
        )
    except ValhallaError:
        return None
    edges = found["edges"]
    ends = [edge.get("end_node", {}) for edge in edges]
    return Way(
        edges,
        ends[-1].get("elapsed_time", np.nan),
        sum(end.get("transition_time", 0.0) for end in ends),
        ends[-1].get("elapsed_cost", np.nan),
    )
