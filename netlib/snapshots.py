"""The network of one day: what was open, and which trains ran.

Timetables are known for a few days only. For any other day the nearest snapshot serves, without
the trains whose way was not open yet, and with modelled services for lines opened since.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from netlib.dates import parse_days, parse_gtfs_days
from netlib.errors import DateError
from netlib.units import parse_date

Tables = Mapping[str, pd.DataFrame]

# Services that stand for one timetable, and those that always or otherwise run.
SNAPSHOT_KINDS = ("timetable", "count")
ROAD_MODES = ("expressway", "fast_road", "road")
# Plans in the documents look ahead to 2035 (doc002, Zhengzhou metropolitan area plan).
LAST_DAY = date(2035, 12, 31)
# A train's way counts as unchanged while the shortest open route is at most this much longer:
# parallel tracks of a corridor differ by less (京广 and 济郑, 郑州东 to 新乡东: 4 km in 67).
ROUTE_TOLERANCE = 1.08


def select_tables(tables: Tables, day: date) -> tuple[dict[str, pd.DataFrame], str, bool]:
    """Reduce the tables to one day.

    Parameters
    ----------
    tables
        All tables of `netlib.tables.Network`, with ``reference_link`` beside ``link``.
    day
        The day wanted.

    Returns
    -------
    tables, snapshot, exact
        The reduced tables; the date of the timetable snapshot in use; whether the day lies in the
        validity of that snapshot.

    Raises
    ------
    DateError
        If the day lies before the first timetable or after the horizon of the plans.
    """
    calendar = tables["calendar"]
    first = parse_gtfs_days(calendar["start_date"])
    last = parse_gtfs_days(calendar["end_date"])
    service = tables["service"].merge(
        pd.DataFrame({"service_id": calendar["service_id"], "first": first, "last": last}),
        on="service_id",
        how="left",
    )
    days = dict(zip(tables["timetable"]["timetable_id"], tables["timetable"]["day"], strict=True))
    service["day"] = [days.get(name, "") for name in service["timetable_id"]]
    is_snapshot = service["kind"].isin(SNAPSHOT_KINDS)
    check_day(day, service.loc[is_snapshot, "first"])
    stamp = pd.Timestamp(day)
    snapshot = choose_snapshot(service.loc[is_snapshot, "day"], day)
    in_snapshot = is_snapshot & (service["day"] == snapshot)
    begun = (service["first"] <= stamp) & (stamp <= service["last"])
    modelled = (service["kind"] == "modelled") & begun
    if snapshot:
        younger = service["first"] > pd.Timestamp(snapshot)
        modelled &= younger | (service["day"] == snapshot)
    running = in_snapshot | modelled | ((service["kind"] == "headway") & begun)
    exact = not snapshot or bool((in_snapshot & begun).any())

    result = dict(tables)
    result["node"] = tables["node"][select_open(tables["node"], stamp, unknown=True)]
    result["link"] = select_open_links(tables["link"], tables["line"], stamp)
    reference = tables["reference_link"]
    kept = set(service.loc[running, "service_id"]) & select_running(tables, snapshot)
    result["service"] = tables["service"][tables["service"]["service_id"].isin(kept)]
    trips = tables["trips"][tables["trips"]["service_id"].isin(kept)]
    stop_times = tables["stop_times"][tables["stop_times"]["trip_id"].isin(set(trips["trip_id"]))]

    kind = trips["service_id"].map(dict(zip(service["service_id"], service["kind"], strict=True)))
    of_snapshot = set(trips.loc[kind.isin(SNAPSHOT_KINDS), "trip_id"])
    is_train = stop_times["trip_id"].isin(of_snapshot)
    reference_day = pd.Timestamp(snapshot) if snapshot else stamp
    open_nodes = set(result["node"]["node_id"])
    trains = drop_trains(
        stop_times[is_train],
        before=select_open_links(reference, tables["line"], reference_day),
        after=result["link"],
        open_nodes=open_nodes,
    )
    others = cut_trips(
        stop_times[~is_train],
        before=select_open_links(
            reference.assign(close_date=""), tables["line"], pd.Timestamp(LAST_DAY)
        ),
        after=result["link"],
        open_nodes=open_nodes,
    )
    result["stop_times"] = pd.concat([trains, others])
    alive = set(result["stop_times"]["trip_id"])
    result["trips"] = trips[trips["trip_id"].isin(alive)]
    frequencies = tables["frequencies"]
    result["frequencies"] = frequencies[frequencies["trip_id"].isin(alive)]
    return result, snapshot, exact


def check_day(day: date, starts: pd.Series) -> None:
    """Refuse a day that no timetable and no plan speaks of."""
    first = starts.min().date().replace(month=1, day=1) if starts.notna().any() else date.min
    if not first <= day <= LAST_DAY:
        raise DateError(
            f"{day.isoformat()} lies outside the data, which covers {first.isoformat()} to "
            f"{LAST_DAY.isoformat()}; choose a day between them"
        )


def choose_snapshot(dates: pd.Series, day: date) -> str:
    """Return the snapshot date nearest to ``day``, the earlier of two equally near; '' if none."""
    intervals = {text: parse_date(text) for text in dates.unique() if text}
    if not intervals:
        return ""
    return str(min(intervals, key=lambda t: (abs((intervals[t] or (day, day))[0] - day), t)))


def select_running(tables: Tables, snapshot: str) -> set[str]:
    """Select services that run at all; of a snapshot, those of its reference day.

    A train listed for other days only has a calendar without weekdays and without the reference
    day among its exceptions.
    """
    calendar = tables["calendar"]
    weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    weekly = set(calendar.loc[calendar[weekdays].sum(axis=1) > 0, "service_id"])
    dates = tables["calendar_dates"]
    added = dates[(dates["exception_type"] == 1) & (dates["date"] == snapshot.replace("-", ""))]
    return weekly | set(added["service_id"])


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


def drop_trains(
    stop_times: pd.DataFrame, *, before: pd.DataFrame, after: pd.DataFrame, open_nodes: set[str]
) -> pd.DataFrame:
    """Drop trains that call at a closed station or whose way is not open.

    A hop between two calls is open when the shortest route over the ``after`` links is about as
    long as over the ``before`` links, on which the timetable ran. Hops that the links do not cover
    are kept: nothing is known against them.
    """
    hops = pair_calls(stop_times)
    closed = find_closed_hops(hops, before=before, after=after)
    bad = set(hops.loc[closed, "trip_id"])
    bad |= set(stop_times.loc[~stop_times["stop_id"].isin(open_nodes), "trip_id"])
    return stop_times[~stop_times["trip_id"].isin(bad)]


def cut_trips(
    stop_times: pd.DataFrame, *, before: pd.DataFrame, after: pd.DataFrame, open_nodes: set[str]
) -> pd.DataFrame:
    """Cut headway and modelled trips back to their longest part that is open."""
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
