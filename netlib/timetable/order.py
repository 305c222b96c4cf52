"""The order of connections: by departure, and so that a journey never needs an earlier one next."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.timetable.calls import Ints
from netlib.timetable.kernels import order_by_second
from netlib.timetable.walks import Walks


def sort_rows(rows: Ints, walks: Walks, change: Ints) -> Ints:
    """Sort connections by departure so that a journey never needs an earlier one next.

    Parameters
    ----------
    rows
        As in `netlib.timetable.Timetable`, the connections of a run in their order.
    walks, change
        As there: where travellers change without loss of time.
    """
    if not len(rows):
        return rows
    still = rows[:, 0] == rows[:, 1]
    if np.count_nonzero(still) > 1:
        # What was repeated when these rows were sorted before.
        again = np.zeros(len(rows), dtype=bool)
        again[still] = pd.DataFrame(rows[still]).duplicated().to_numpy()
        rows, still = rows[~again], still[~again]
    # Connections that take no time come before the others of their second.
    key = (2 * rows[:, 0] + ~still).astype(np.int32)
    first = int(key.min())
    rows = rows[order_by_second(key, first, int(key.max()) - first + 1)]
    return arrange_still(rows, walks, change) if np.count_nonzero(still) > 1 else rows


def arrange_still(rows: Ints, walks: Walks, change: Ints) -> Ints:
    """Arrange sorted connections that take no time so that one can follow another.

    They are sorted topologically by who can change to whom within the second. Those that lead in
    circles are repeated as often as there are of them: every order of them is then a part.
    """
    import networkx as nx

    place = np.flatnonzero(rows[:, 0] == rows[:, 1])
    time, _, start, end, run = rows[place].T
    ends = pd.DataFrame({"time": time, "stop": end, "run": run, "a": place})
    starts = pd.DataFrame({"time": time, "stop": start, "run": run, "b": place})
    follow = _find_changes(ends, starts, walks, change)
    seconds = np.unique(follow.loc[follow["a"] > follow["b"], "time"])
    if not len(seconds):
        return rows
    follow = follow[follow["time"].isin(seconds)]
    chain = ends[ends["time"].isin(seconds)].assign(
        b=lambda f: f.groupby(["time", "run"])["a"].shift(-1)
    )
    graph = nx.DiGraph()
    graph.add_nodes_from(chain["a"].tolist())
    chain = chain.dropna(subset=["b"])
    graph.add_edges_from(zip(chain["a"].tolist(), chain["b"].astype(int).tolist(), strict=True))
    graph.add_edges_from(zip(follow["a"].tolist(), follow["b"].tolist(), strict=True))
    pieces: dict[int, list[int]] = {}
    circles = nx.condensation(graph)
    for circle in nx.topological_sort(circles):
        members = sorted(circles.nodes[circle]["members"])
        second = int(rows[members[0], 0])
        pieces.setdefault(second, []).extend(members * len(members))
    order: list[NDArray[np.int64]] = []
    done = 0
    for second in sorted(pieces):
        begin = min(pieces[second])
        order += [np.arange(done, begin), np.array(pieces[second])]
        done = max(pieces[second]) + 1
    return np.ascontiguousarray(rows[np.concatenate([*order, np.arange(done, len(rows))])])


def _find_changes(
    ends: pd.DataFrame, starts: pd.DataFrame, walks: Walks, change: Ints
) -> pd.DataFrame:
    """Find who can change to whom within a second, at a stop or by a walk that takes no time.

    Parameters
    ----------
    ends, starts
        ``time``, ``stop``, ``run``, and the row of the connection as ``a`` or ``b``.
    walks, change
        As in `sort_rows`.

    Returns
    -------
    DataFrame
        Among other columns ``time``, ``a`` and ``b``: two connections of different runs.
    """
    near = [ends[change[ends["stop"]] == 0]]
    at_once = np.flatnonzero(walks[2] == 0)
    if len(at_once):
        walker = np.searchsorted(walks[0], at_once, side="right") - 1
        links = pd.DataFrame({"stop": walker, "other": walks[1][at_once]})
        walked = ends.merge(links, on="stop").drop(columns="stop")
        near.append(walked.rename(columns={"other": "stop"})[ends.columns])
    follow: pd.DataFrame = pd.concat(near).merge(starts, on=["time", "stop"], suffixes=("", "_b"))
    return follow[follow["run"] != follow["run_b"]]
