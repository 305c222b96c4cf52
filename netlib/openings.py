"""What was open on a day: links and stations by their dates, trips as far as they could run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from netlib.dates import parse_days

# A train's way counts as unchanged while the shortest open route is at most this much longer:
# parallel tracks of a corridor differ by less (京广 and 济郑, 郑州东 to 新乡东: 4 km in 67).
ROUTE_TOLERANCE = 1.08


def select_open(frame: pd.DataFrame, day: pd.Timestamp, *, unknown: bool) -> pd.Series:
    """Return which rows are open on ``day``: surely opened by then, and not surely closed."""
    opened = parse_days(frame["open_date"], end=True)
    closed = parse_days(frame["close_date"], end=True)
    return (opened.isna() & unknown | (opened <= day)) & ~(closed <= day)


def select_open_links(link: pd.DataFrame, line: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Select the links open on ``day``; without an opening date the status of the line decides."""
    operating = set(line.loc[line["status"] == "operating", "line_id"])
    undated = (link["open_date"] == "") & ~link["line_id"].isin(operating)
    return link[select_open(link, day, unknown=True) & ~undated]


def cut_trips(
    stop_times: pd.DataFrame, *, before: pd.DataFrame, after: pd.DataFrame, open_nodes: set[str]
) -> pd.DataFrame:
    """Cut trips back to their longest part that is open.

    A call at a closed station is passed. A hop between two calls is open when the shortest route
    over the ``after`` links is about as long as over the ``before`` links, on which the trip ran;
    hops that those links do not cover are kept, as nothing is known against them. A train that
    runs through to a place opened later is kept as far as it could run: lines are lengthened more
    often by the trains that are there than by new ones. What has a single call left is dropped.
    """
    calls = stop_times[stop_times["stop_id"].isin(open_nodes)]
    if calls.empty:
        return calls
    hops = pair_calls(calls)
    closed = find_closed_hops(hops, before=before, after=after).to_numpy()
    starts = np.ones(len(calls), dtype=bool)
    trip = calls["trip_id"].to_numpy()
    same = trip[1:] == trip[:-1]
    starts[1:] = ~same
    starts[np.flatnonzero(same) + 1] |= closed
    part = np.cumsum(starts)
    size = np.bincount(part)[part]
    keyed = pd.DataFrame({"trip": trip, "part": part, "size": size})
    best = keyed.sort_values(["trip", "size", "part"], ascending=[True, False, True])
    best = best.drop_duplicates("trip")
    chosen = set(best.loc[best["size"] > 1, "part"])
    return calls[np.isin(part, list(chosen))]


def pair_calls(stop_times: pd.DataFrame) -> pd.DataFrame:
    """Return consecutive calls of each trip as ``trip_id``, ``a`` and ``b``, in file order."""
    trip = stop_times["trip_id"].to_numpy()
    stop = stop_times["stop_id"].to_numpy()
    same = trip[1:] == trip[:-1]
    return pd.DataFrame({"trip_id": trip[:-1][same], "a": stop[:-1][same], "b": stop[1:][same]})


def find_closed_hops(hops: pd.DataFrame, *, before: pd.DataFrame, after: pd.DataFrame) -> pd.Series:
    """Return which hops lost their way between the two sets of links."""
    pairs = hops[["a", "b"]].drop_duplicates()
    length_before = route_lengths(pairs, before)
    length_after = route_lengths(pairs, after)
    lost = np.isfinite(length_before) & ~(length_after <= length_before * ROUTE_TOLERANCE)
    state: Mapping[tuple[str, str], bool] = dict(
        zip(zip(pairs["a"], pairs["b"], strict=True), lost, strict=True)
    )
    return pd.Series([state[pair] for pair in zip(hops["a"], hops["b"], strict=True)], dtype=bool)


def route_lengths(pairs: pd.DataFrame, link: pd.DataFrame) -> np.ndarray:
    """Return the shortest length in km over ``link`` for each pair; inf where there is none."""
    ids = pd.Index(pd.unique(pd.concat([link["from_node_id"], link["to_node_id"]])))
    result = np.full(len(pairs), np.inf)
    if ids.empty or pairs.empty:
        return result
    tail = ids.get_indexer(link["from_node_id"])
    head = ids.get_indexer(link["to_node_id"])
    shortest = (
        pd.DataFrame(
            {"t": np.r_[tail, head], "h": np.r_[head, tail], "km": np.tile(link["length_km"], 2)}
        )
        .groupby(["t", "h"], as_index=False)["km"]
        .min()
    )
    graph = csr_matrix((shortest["km"], (shortest["t"], shortest["h"])), shape=(len(ids), len(ids)))
    a = ids.get_indexer(pairs["a"])
    b = ids.get_indexer(pairs["b"])
    known = (a >= 0) & (b >= 0)
    if known.any():
        sources, place = np.unique(a[known], return_inverse=True)
        result[known] = dijkstra(graph, indices=sources)[place, b[known]]
    return result
