"""Walks between stops, those made of several included, and the times to change at stops."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from netlib.timetable.calls import Ints
from netlib.timetable.kernels import NEVER

# Sources of one call to scipy's Dijkstra: bounds its dense result.
WALK_CHUNK = 256

# Where the walks from each stop begin, where they lead, and their seconds: see `Timetable`.
Walks = tuple[Ints, Ints, Ints]


def build_walks(
    stops: pd.DataFrame,
    transfers: pd.DataFrame,
    *,
    change_seconds: int,
    max_walk_seconds: int | None,
) -> tuple[Walks, Ints]:
    """Build the walks between stops, those made of several included, and the changes at stops.

    Parameters are those of `netlib.timetable.build_timetable`.

    Returns
    -------
    walks, change
        As ``walk_start``, ``walk_stop`` and ``walk_seconds``, and as ``change`` of
        `netlib.timetable.Timetable`.
    """
    n = len(stops)
    index = pd.Index(stops["stop_id"])
    change = _read_changes(stops, change_seconds)
    members = _list_members(stops, index)
    siblings = members.merge(members, on="station", suffixes=("_a", "_b"))
    siblings = siblings[siblings["stop_a"] != siblings["stop_b"]]
    given = _read_transfers(transfers, index, members)
    loops = given[given["stop_a"] == given["stop_b"]]
    fixed = loops.sort_values("seconds", ascending=False, na_position="last")
    change[fixed["stop_a"]] = fixed["seconds"].fillna(float(NEVER)).astype(np.int32)
    given = given[given["stop_a"] != given["stop_b"]]
    links = _name_first(given, siblings.assign(seconds=change[siblings["station"]].astype(float)))
    barred = links[links["seconds"].isna()]
    ways = close_walks(n, links.dropna(subset=["seconds"]), limit=max_walk_seconds)
    code, bar = (frame["stop_a"].astype(np.int64) * n + frame["stop_b"] for frame in (ways, barred))
    ways = ways[~np.isin(code, bar)]
    a = np.r_[ways["stop_a"], members["station"], members["stop"]]
    b = np.r_[ways["stop_b"], members["stop"], members["station"]]
    seconds = np.r_[ways["seconds"], np.zeros(2 * len(members))]
    return pack_walks(n, *(x.astype(np.int32) for x in (a, b, seconds))), change


def _read_changes(stops: pd.DataFrame, change_seconds: int) -> Ints:
    """Return the seconds to change at each stop, and none for the two entries beyond them."""
    n = len(stops)
    change = np.full(n + 2, change_seconds, dtype=np.int32)
    change[n:] = 0
    if "min_transfer" in stops:
        known = stops["min_transfer"].notna().to_numpy()
        change[:n][known] = stops["min_transfer"].to_numpy(dtype=np.float64)[known].astype(np.int32)
    return change


def _list_members(stops: pd.DataFrame, index: pd.Index) -> pd.DataFrame:
    """List the stops of stations as ``station`` and ``stop``, both positions."""
    parent = np.full(len(stops), -1)
    if "parent_station" in stops:
        parent = index.get_indexer(pd.Index(stops["parent_station"]))
    members = pd.DataFrame({"station": parent, "stop": np.arange(len(stops))})
    return members[members["station"] >= 0]


def _read_transfers(
    transfers: pd.DataFrame, index: pd.Index, members: pd.DataFrame
) -> pd.DataFrame:
    """Return transfers as ``stop_a``, ``stop_b`` (positions) and ``seconds``.

    A station stands for its stops; a stop that is no station stands for itself.
    """
    own = pd.DataFrame({"station": np.arange(len(index)), "stop": np.arange(len(index))})
    places = pd.concat([members, own[~own["station"].isin(members["station"])]])
    given = pd.DataFrame(
        {
            "a": index.get_indexer(pd.Index(transfers["from_stop_id"])),
            "b": index.get_indexer(pd.Index(transfers["to_stop_id"])),
            "seconds": transfers["seconds"].to_numpy(dtype=np.float64),
        }
    )
    given = given.merge(places.set_axis(["a", "stop_a"], axis=1), on="a")
    return given.merge(places.set_axis(["b", "stop_b"], axis=1), on="b")


def _name_first(given: pd.DataFrame, default: pd.DataFrame) -> pd.DataFrame:
    """Keep one walk of each pair: a bar by name, else the shortest by name, else the default."""
    pair = ["stop_a", "stop_b"]
    given = given.sort_values("seconds", na_position="first").drop_duplicates(pair)
    columns = [*pair, "seconds"]
    named = set(zip(given["stop_a"], given["stop_b"], strict=True))
    keys = zip(default["stop_a"], default["stop_b"], strict=True)
    new = np.array([key not in named for key in keys], dtype=bool)
    return pd.concat([given[columns], default.loc[new, columns]], ignore_index=True)


def close_walks(n: int, links: pd.DataFrame, *, limit: int | None) -> pd.DataFrame:
    """Add the walks that are made of several.

    Parameters
    ----------
    n
        Number of stops.
    links
        ``stop_a``, ``stop_b`` (positions) and ``seconds``, one row per pair.
    limit
        Longest walk to add; by default that of the longest link.

    Returns
    -------
    DataFrame
        The same columns, one row per pair.
    """
    if links.empty:
        return links
    if limit is None:
        limit = int(links["seconds"].max())
    # Walks of no time must not vanish from the sparse matrix; half a second in all never shows.
    nothing = 0.5 / (n + 1)
    weights = links["seconds"].to_numpy(dtype=np.float64) + nothing
    graph = csr_matrix((weights, (links["stop_a"], links["stop_b"])), shape=(n, n))
    sources = np.unique(links["stop_a"])
    parts = [links]
    for chunk in np.array_split(sources, -(-len(sources) // WALK_CHUNK)):
        seconds = dijkstra(graph, indices=chunk, limit=limit + 0.5)
        row, stop = np.nonzero(np.isfinite(seconds))
        found = {"stop_a": chunk[row], "stop_b": stop, "seconds": np.floor(seconds[row, stop])}
        parts.append(pd.DataFrame(found)[chunk[row] != stop])
    table = pd.concat(parts, ignore_index=True).sort_values("seconds", kind="stable")
    return table.drop_duplicates(["stop_a", "stop_b"])


def pack_walks(n: int, a: Ints, b: Ints, seconds: Ints) -> Walks:
    """Pack walks from ``a`` to ``b`` as rows of a sparse matrix, the nearest first.

    Parameters
    ----------
    n
        Number of stops; the two entries beyond them (see `netlib.timetable.Timetable`) have none.
    a, b, seconds
        int32 (walks).
    """
    order = np.lexsort((b, seconds, a))
    start = np.searchsorted(a[order], np.arange(n + 3)).astype(np.int32)
    return start, b[order].astype(np.int32), seconds[order].astype(np.int32)
