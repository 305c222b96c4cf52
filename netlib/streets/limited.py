"""Streets that only those may use who have business there (``access=destination`` and the like).

Nobody cuts through them. A search goes over the other streets alone; who begins or ends on such a
street goes over those around it as far as they hang together.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from netlib.streets.graph import Flags, Floats, Ints, Streets
from netlib.streets.speeds import Mode

DESTINATION = "destination"
# The signs behind these tags are meant for vehicles; people on foot are seldom turned back.
VEHICLES: tuple[Mode, ...] = ("drive", "bike")
# Sources of one call to scipy's Dijkstra: bounds its dense result.
CHUNK = 256


def find_limited(streets: Streets) -> Flags:
    """Find the edges that the mode may use only to reach a door on them; bool (edges)."""
    if streets.mode not in VEHICLES:
        return np.zeros(len(streets.edges), dtype=bool)
    return (streets.edges["access"] == DESTINATION).to_numpy()


def extend_ends(
    ends: pd.DataFrame, edge: Ints, streets: Streets, seconds: Floats, *, leaving: bool
) -> pd.DataFrame:
    """Add the ends that points on limited streets reach over limited streets.

    Parameters
    ----------
    ends
        ``point``, ``node`` and ``seconds``, as from `netlib.streets.snapping.compute_starts`.
    edge
        Edge of every point, -1 for none.
    streets, seconds
        The streets, and the seconds over every edge.
    leaving
        Whether the points are left; else they are come to.

    Returns
    -------
    DataFrame
        The same columns, one row per point and node.
    """
    limited = find_limited(streets)
    inside = (edge >= 0) & limited[edge]
    chosen = ends[inside[ends["point"].to_numpy()]]
    if chosen.empty:
        return ends
    graph, names = _build_graph(streets, seconds, limited, leaving=leaving)
    place = np.searchsorted(names, chosen["node"].to_numpy())
    parts = [ends]
    for chunk in np.array_split(np.arange(len(chosen)), -(-len(chosen) // CHUNK)):
        away = dijkstra(graph, indices=place[chunk])
        row, node = np.nonzero(np.isfinite(away))
        mine = chosen.iloc[chunk[row]]
        parts.append(mine.assign(node=names[node], seconds=mine["seconds"] + away[row, node]))
    groups = pd.concat(parts).groupby(["point", "node"], as_index=False)
    found: pd.DataFrame = groups[["seconds"]].min()
    return found


def enter_limited(streets: Streets, seconds: Floats, reached: Floats) -> Floats:
    """Carry the times at nodes on into limited streets, for areas.

    Parameters
    ----------
    streets, seconds
        The streets, and the seconds over every edge.
    reached
        Times at every node over the other streets, in the unit of ``seconds``; inf where not
        reached.
    """
    limited = find_limited(streets)
    if not limited.any():
        return reached
    graph, names = _build_graph(streets, seconds, limited, leaving=True)
    begins = np.flatnonzero(np.isfinite(reached[names]))
    # One source beside all nodes stands for the ways so far.
    size = len(names)
    coo = graph.tocoo()
    away = csr_matrix(
        (
            np.r_[coo.data, reached[names[begins]] + _LEAST],
            (np.r_[coo.row, np.full(len(begins), size)], np.r_[coo.col, begins]),
        ),
        shape=(size + 1, size + 1),
    )
    result = reached.copy()
    result[names] = np.minimum(result[names], dijkstra(away, indices=size)[:size])
    return result


# Edges of no time must not vanish from a sparse matrix.
_LEAST = 1e-9


def _build_graph(
    streets: Streets, seconds: Floats, limited: Flags, *, leaving: bool
) -> tuple[csr_matrix, Ints]:
    """Build the graph of the limited edges; return it with the nodes that its numbers stand for."""
    edges = streets.edges[limited]
    tail, head = edges["tail"].to_numpy(np.int64), edges["head"].to_numpy(np.int64)
    names, place = np.unique(np.concatenate((tail, head)), return_inverse=True)
    a, b = place[: len(tail)], place[len(tail) :]
    if not leaving:
        a, b = b, a
    frame = pd.DataFrame({"a": a, "b": b, "seconds": seconds[limited] + _LEAST})
    frame = frame.groupby(["a", "b"], as_index=False)[["seconds"]].min()
    shape = (len(names), len(names))
    return csr_matrix((frame["seconds"], (frame["a"], frame["b"])), shape=shape), names
