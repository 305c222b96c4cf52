"""Timetables as connections sorted by departure: the form that `netlib.timetable.scans` reads.

A connection is one trip's way from one call to the next. Between two rides travellers change at a
stop, which takes its change time, or walk to another stop; walks that follow one another are one
walk. Services known by their headway are kept apart until `draw_timetable` gives them a phase.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from netlib.errors import InputError, Notice, UnknownNameError
from netlib.timetable.kernels import NEVER, order_by_second

DAY_SECONDS = 86_400
# GTFS times of one trip may pass 24:00; ten days is more than any train runs.
MAX_SECONDS = 10 * DAY_SECONDS
DRAWS_KEPT = 32
# Service days that numbers of runs leave room for.
DAYS_KEPT = 64
# Sources of one call to scipy's Dijkstra: bounds its dense result.
WALK_CHUNK = 256

Ints = NDArray[np.int32]
Names = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Headways:
    """Services that run every so often between two times, at a phase that is not known.

    Attributes
    ----------
    start, end, headway
        int32 (services): seconds; the first vehicle leaves in ``[start, start + headway)``.
    key
        uint64 (services): what the phase is drawn from, besides seed and draw.
    trip, day
        int32 (services): place in the timetable's `trips`, and service day.
    first, size
        int32 (services): rows of ``template``.
    template
        int32 (connections, 4): departure and arrival after the trip's start, from_stop, to_stop.
    """

    start: Ints
    end: Ints
    headway: Ints
    key: NDArray[np.uint64]
    trip: Ints
    day: Ints
    first: Ints
    size: Ints
    template: Ints


@dataclass(frozen=True, eq=False)
class Timetable:
    """Connections, walks and names; all times are int32 seconds after midnight of day 0.

    Attributes
    ----------
    stops, trips
        Names by number, object arrays.
    rows
        int32 (connections, 5), sorted by departure: departure, arrival, from_stop, to_stop, run.
        Where boarding is barred from_stop is ``len(stops)``, where alighting is barred to_stop is
        ``len(stops) + 1``. Connections that take no time stand in an order in which travellers
        can use them one after another; those that lead in circles are repeated.
    run_trip, run_day
        int32 (runs): place in `trips`, and service day (-1, 0, 1), of each single run of a trip.
    walk_start, walk_stop, walk_seconds
        int32: walks from each stop to others, as rows of a sparse matrix with ``len(stops) + 2``
        rows.
    change
        int32 (stops + 2): seconds from vehicle to vehicle at a stop; `NEVER` where it is barred.
    headways
        Services without clock times, None when there are none.
    by_vehicle
        Whether only those have arrived at a stop who alight there: stops are platforms, and who
        walks to one has not come to leave it.
    """

    stops: Names
    trips: Names
    rows: Ints
    run_trip: Ints
    run_day: Ints
    walk_start: Ints
    walk_stop: Ints
    walk_seconds: Ints
    change: Ints
    headways: Headways | None = None
    by_vehicle: bool = False

    def __repr__(self) -> str:
        """Show the sizes."""
        services = len(self.headways.start) if self.headways else 0
        return (
            f"<Timetable: {len(self.stops)} stops, {len(self.run_trip)} runs, {len(self.rows)} "
            f"connections, {services} headway services, {len(self.walk_stop)} walks>"
        )

    @cached_property
    def stop_places(self) -> dict[str, int]:
        """Positions of stops by name."""
        return {name: place for place, name in enumerate(self.stops.tolist())}

    @cached_property
    def trip_places(self) -> dict[str, int]:
        """Positions of trips by name."""
        return {name: place for place, name in enumerate(self.trips.tolist())}

    @cached_property
    def walked(self) -> NDArray[np.bool_]:
        """Whether any walk leads to a stop, bool (stops + 2)."""
        walked = np.zeros(len(self.change), dtype=bool)
        walked[self.walk_stop] = True
        return walked

    @cached_property
    def mirrored(self) -> Timetable:
        """The same timetable in negative time: what leaves last here arrives first there."""
        n = len(self.stops)
        departure, arrival, start, end, run = self.rows.T
        swap = np.r_[np.arange(n), n + 1, n].astype(np.int32)
        walker = np.repeat(np.arange(n + 2, dtype=np.int32), np.diff(self.walk_start))
        walks = _pack_walks(n, self.walk_stop, walker, self.walk_seconds)
        rows = np.stack([-arrival, -departure, swap[end], swap[start], run], axis=1)
        # Calls of one run in the same second must change their order as well.
        rows = sort_rows(np.ascontiguousarray(rows[::-1]), walks, self.change)
        return replace(
            self, rows=rows, walk_start=walks[0], walk_stop=walks[1], walk_seconds=walks[2]
        )


Walks = tuple[Ints, Ints, Ints]


def build_timetable(
    calls: pd.DataFrame,
    *,
    stops: pd.DataFrame,
    transfers: pd.DataFrame | None = None,
    frequencies: pd.DataFrame | None = None,
    change_seconds: int = 0,
    max_walk_seconds: int | None = None,
    by_vehicle: bool = False,
) -> Timetable:
    """Build a timetable from tables.

    Parameters
    ----------
    calls
        One row per stop of a trip, in order, the rows of a trip together: ``trip_id``,
        ``stop_id``, ``arrival`` and ``departure`` (seconds after midnight of the service day); and
        where needed ``pickup`` and ``drop_off`` (bool, True if missing) and ``day`` (0 for the
        service day asked about, -1 for the one before, 1 for the one after; 0 if missing). A trip
        that runs on several days has its calls once for each.
    stops
        ``stop_id``; and where known ``parent_station`` ('' if none) and ``min_transfer`` (seconds
        between two vehicles at this stop, NaN if not known). Between stops of one station one
        changes as at a stop, and a station can be asked about like a stop.
    transfers
        ``from_stop_id``, ``to_stop_id`` and ``seconds``: walks, or changes where the two are the
        same; NaN bars the way. A station stands for all its stops.
    frequencies
        ``trip_id``, ``start``, ``end``, ``headway`` (seconds) and ``exact`` (bool): the trip runs
        every headway in ``[start, end)``, from the start if exact, else at an unknown phase.
    change_seconds
        For stops without ``min_transfer``, and between the stops of one station.
    max_walk_seconds
        Longest walk made of several; by default the longest single one.
    by_vehicle
        Whether only those have arrived at a stop who alight there.

    Raises
    ------
    InputError
        For unknown stops and trips, times that go backwards and calls that stand apart: all of
        them, the table as file and the position from 1 as line.
    """
    calls, transfers = calls.reset_index(drop=True), _default_transfers(transfers)
    notices = check_calls(calls, stops, transfers, frequencies)
    if notices:
        raise InputError(notices)
    names = stops["stop_id"].to_numpy(dtype=object)
    walks, change = build_walks(
        stops, transfers, change_seconds=change_seconds, max_walk_seconds=max_walk_seconds
    )
    hops, runs, trips = split_calls(calls, pd.Index(names))
    timetable = Timetable(
        stops=names,
        trips=trips,
        rows=np.zeros((0, 5), dtype=np.int32),
        run_trip=np.zeros(0, dtype=np.int32),
        run_day=np.zeros(0, dtype=np.int32),
        walk_start=walks[0],
        walk_stop=walks[1],
        walk_seconds=walks[2],
        change=change,
        by_vehicle=by_vehicle,
    )
    if frequencies is not None and len(frequencies):
        is_template = np.isin(trips[runs[:, 0]], frequencies["trip_id"].to_numpy(dtype=object))
        services = make_headways(hops, runs, trips, frequencies)
        exact = frequencies["exact"].to_numpy(dtype=bool)[services[1]]
        kept = ~is_template[hops[:, 4]]
        timetable = add_runs(timetable, hops[kept], runs)
        fixed = _select_headways(services[0], exact)
        timetable = add_headways(timetable, fixed, np.zeros(len(fixed.start), dtype=np.int32))
        loose = _select_headways(services[0], ~exact)
        return replace(timetable, headways=loose if len(loose.start) else None)
    return add_runs(timetable, hops, runs)


def _default_transfers(transfers: pd.DataFrame | None) -> pd.DataFrame:
    if transfers is None:
        return pd.DataFrame({"from_stop_id": [], "to_stop_id": [], "seconds": []})
    return transfers


def check_calls(
    calls: pd.DataFrame,
    stops: pd.DataFrame,
    transfers: pd.DataFrame,
    frequencies: pd.DataFrame | None,
) -> list[Notice]:
    """Check what `build_timetable` needs; see there."""
    found: list[Notice] = []

    def report(table: str, bad: Any, rule: str, message: str) -> None:
        found.extend(Notice(table, int(i) + 1, rule, message) for i in np.flatnonzero(bad))

    known = stops["stop_id"]
    report("stops", known.duplicated(), "duplicate-stop", "stop_id stands twice; keep one row")
    for table, frame, columns in (
        ("calls", calls, ("stop_id",)),
        ("transfers", transfers, ("from_stop_id", "to_stop_id")),
    ):
        for column in columns:
            missing = ~frame[column].isin(known)
            report(table, missing, "unknown-stop", f"{column} is not in stops; add it there")
    report("transfers", transfers["seconds"] < 0, "negative-time", "seconds are negative")
    arrival, departure = calls["arrival"], calls["departure"]
    key = _call_keys(calls)
    same = np.r_[False, key[1:] == key[:-1]] if len(key) else np.zeros(0, dtype=bool)
    # The arrival at the first stop of a trip is of no use.
    inside = departure.between(0, MAX_SECONDS) & (~same | arrival.between(0, MAX_SECONDS))
    report("calls", ~inside, "time-out-of-range", "write seconds after midnight, at most ten days")
    earlier = same & (arrival < departure.shift()).to_numpy()
    report(
        "calls", earlier | (departure < arrival), "time-goes-back", "earlier than the call before"
    )
    starts = pd.Series(key[~same])
    apart = np.zeros(len(key), dtype=bool)
    apart[np.flatnonzero(~same)] = starts.duplicated()
    report("calls", apart, "calls-apart", "sort calls by trip and sequence")
    if frequencies is not None:
        unknown = ~frequencies["trip_id"].isin(calls["trip_id"])
        report("frequencies", unknown, "unknown-trip", "trip_id has no calls; add them")
        report("frequencies", ~(frequencies["headway"] > 0), "no-headway", "write seconds above 0")
    return found


def _call_keys(calls: pd.DataFrame) -> NDArray[np.int64]:
    """Return a number for each run: the trip, by order of appearance, and the service day."""
    trip = pd.factorize(calls["trip_id"])[0].astype(np.int64)
    return trip * DAYS_KEPT + _days(calls)


def _days(calls: pd.DataFrame) -> NDArray[np.int64]:
    if "day" not in calls:
        return np.zeros(len(calls), dtype=np.int64)
    return calls["day"].to_numpy(dtype=np.int64)


def split_calls(calls: pd.DataFrame, stops: pd.Index) -> tuple[Ints, Ints, Names]:
    """Split checked calls into connections.

    Returns
    -------
    hops
        int32 (connections, 5) as in `Timetable`, in the order of the calls.
    runs
        int32 (runs, 2): trip and day.
    trips
        Names of the trips.
    """
    key = _call_keys(calls)
    run = pd.factorize(key)[0]
    code, trips = pd.factorize(calls["trip_id"].to_numpy(dtype=object))
    first = np.r_[True, run[1:] != run[:-1]] if len(run) else np.zeros(0, dtype=bool)
    day = _days(calls)
    runs = np.stack([code[first], day[first]], axis=1).astype(np.int32)
    stop = stops.get_indexer(pd.Index(calls["stop_id"]))
    start, end = stop.copy(), stop.copy()
    if "pickup" in calls:
        start[~calls["pickup"].to_numpy(dtype=bool)] = len(stops)
    if "drop_off" in calls:
        end[~calls["drop_off"].to_numpy(dtype=bool)] = len(stops) + 1
    arrival = calls["arrival"].to_numpy(dtype=np.int64) + DAY_SECONDS * day
    departure = calls["departure"].to_numpy(dtype=np.int64) + DAY_SECONDS * day
    a = np.flatnonzero(~first) - 1
    columns = [departure[a], arrival[a + 1], start[a], end[a + 1], run[a]]
    hops = np.stack(columns, axis=1).astype(np.int32)
    return hops, runs, np.asarray(trips, dtype=object)


def build_walks(
    stops: pd.DataFrame,
    transfers: pd.DataFrame,
    *,
    change_seconds: int,
    max_walk_seconds: int | None,
) -> tuple[Walks, Ints]:
    """Build the walks between stops, those made of several included, and the changes at stops.

    Returns
    -------
    walks, change
        As `walk_start`, `walk_stop`, `walk_seconds` and `change` of `Timetable`.
    """
    n = len(stops)
    index = pd.Index(stops["stop_id"])
    change = np.full(n + 2, change_seconds, dtype=np.int32)
    change[n:] = 0
    if "min_transfer" in stops:
        known = stops["min_transfer"].notna().to_numpy()
        change[:n][known] = stops["min_transfer"].to_numpy(dtype=np.float64)[known].astype(np.int32)
    parent = np.full(n, -1)
    if "parent_station" in stops:
        parent = index.get_indexer(pd.Index(stops["parent_station"]))
    members = pd.DataFrame({"station": parent, "stop": np.arange(n)})
    members = members[members["station"] >= 0]
    own = pd.DataFrame({"station": np.arange(n), "stop": np.arange(n)})
    # A station stands for its stops; a stop that is no station stands for itself.
    places = pd.concat([members, own[~own["station"].isin(members["station"])]])
    siblings = members.merge(members, on="station", suffixes=("_a", "_b"))
    siblings = siblings[siblings["stop_a"] != siblings["stop_b"]]
    given = pd.DataFrame(
        {
            "a": index.get_indexer(pd.Index(transfers["from_stop_id"])),
            "b": index.get_indexer(pd.Index(transfers["to_stop_id"])),
            "seconds": transfers["seconds"].to_numpy(dtype=np.float64),
        }
    )
    given = given.merge(places.set_axis(["a", "stop_a"], axis=1), on="a")
    given = given.merge(places.set_axis(["b", "stop_b"], axis=1), on="b")
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
    return _pack_walks(n, *(x.astype(np.int32) for x in (a, b, seconds))), change


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


def _pack_walks(n: int, a: Ints, b: Ints, seconds: Ints) -> Walks:
    """Pack walks as rows of a sparse matrix, the nearest first."""
    order = np.lexsort((b, seconds, a))
    start = np.searchsorted(a[order], np.arange(n + 3)).astype(np.int32)
    return start, b[order].astype(np.int32), seconds[order].astype(np.int32)


def sort_rows(rows: Ints, walks: Walks, change: Ints) -> Ints:
    """Sort connections by departure so that a journey never needs an earlier one next.

    Parameters
    ----------
    rows
        As in `Timetable`, the connections of a run in their order.
    walks, change
        As in `Timetable`: where travellers change without loss of time.
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
    near = [ends[change[end] == 0]]
    at_once = np.flatnonzero(walks[2] == 0)
    if len(at_once):
        walker = np.searchsorted(walks[0], at_once, side="right") - 1
        links = pd.DataFrame({"stop": walker, "other": walks[1][at_once]})
        walked = ends.merge(links, on="stop").drop(columns="stop")
        near.append(walked.rename(columns={"other": "stop"})[ends.columns])
    follow = pd.concat(near).merge(starts, on=["time", "stop"], suffixes=("", "_b"))
    follow = follow[follow["run"] != follow["run_b"]]
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


def make_headways(
    hops: Ints, runs: Ints, trips: Names, frequencies: pd.DataFrame
) -> tuple[Headways, NDArray[np.int64]]:
    """Make the headway services of frequencies, once for each day that their trip runs.

    Returns
    -------
    headways, rows
        The services, and the row of ``frequencies`` that each comes from.
    """
    table = pd.DataFrame({"run": np.arange(len(runs)), "trip": runs[:, 0], "day": runs[:, 1]})
    wanted = pd.Index(trips).get_indexer(pd.Index(frequencies["trip_id"]))
    table = pd.DataFrame({"row": np.arange(len(wanted)), "trip": wanted}).merge(table, on="trip")
    first = np.searchsorted(hops[:, 4], table["run"])
    size = np.searchsorted(hops[:, 4], table["run"], side="right") - first
    table, first, size = table[size > 0], first[size > 0], size[size > 0]
    template = hops[:, :4].copy()
    begin = np.zeros(len(runs), dtype=np.int32)
    has_hops, place = np.unique(hops[:, 4], return_index=True)
    begin[has_hops] = hops[place, 0]
    template[:, :2] -= begin[hops[:, 4]][:, None]
    row = table["row"].to_numpy()
    shift = table["day"].to_numpy() * DAY_SECONDS
    start, end, headway = (
        frequencies[c].to_numpy(dtype=np.int64)[row] for c in ("start", "end", "headway")
    )
    texts = (
        f"{trips[trip]}@{at}@{day}"
        for trip, at, day in zip(table["trip"], start, table["day"], strict=True)
    )
    keys = [int.from_bytes(blake2b(t.encode(), digest_size=8).digest(), "big") for t in texts]
    integers = (start + shift, end + shift, headway)
    start, end, headway = (x.astype(np.int32) for x in integers)
    headways = Headways(
        start=start,
        end=end,
        headway=headway,
        key=np.array(keys, dtype=np.uint64),
        trip=table["trip"].to_numpy(dtype=np.int32),
        day=table["day"].to_numpy(dtype=np.int32),
        first=first.astype(np.int32),
        size=size.astype(np.int32),
        template=template,
    )
    return headways, row


def _select_headways(headways: Headways, wanted: NDArray[np.bool_]) -> Headways:
    names = ("start", "end", "headway", "key", "trip", "day", "first", "size")
    return replace(headways, **{name: getattr(headways, name)[wanted] for name in names})


def add_runs(timetable: Timetable, hops: Ints, runs: Ints) -> Timetable:
    """Add connections whose last column is a row of ``runs`` (trip, day)."""
    hops = hops.copy()
    hops[:, 4] += len(timetable.run_trip)
    walks = timetable.walk_start, timetable.walk_stop, timetable.walk_seconds
    return replace(
        timetable,
        rows=sort_rows(np.concatenate([timetable.rows, hops]), walks, timetable.change),
        run_trip=np.r_[timetable.run_trip, runs[:, 0]],
        run_day=np.r_[timetable.run_day, runs[:, 1]],
    )


def add_headways(timetable: Timetable, headways: Headways, phase: Ints) -> Timetable:
    """Add the runs of headway services, the first of each ``phase`` seconds after its start."""
    span = headways.end.astype(np.int64) - headways.start - phase
    count = np.maximum(-(-span // headways.headway), 0)
    row = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    begin = headways.start[row] + phase[row] + number * headways.headway[row]
    size = headways.size[row]
    run = np.repeat(np.arange(len(row)), size)
    within = np.arange(len(run)) - np.repeat(np.cumsum(size) - size, size)
    hops = np.empty((len(run), 5), dtype=np.int32)
    hops[:, :4] = headways.template[headways.first[row][run] + within]
    hops[:, :2] += begin[run][:, None].astype(np.int32)
    hops[:, 4] = run
    return add_runs(timetable, hops, np.stack([headways.trip[row], headways.day[row]], axis=1))


def draw_phases(headways: Headways, *, draw: int, seed: int) -> Ints:
    """Draw the phase of every headway service, uniform in ``[0, headway)`` seconds.

    A service's phase depends on seed, draw and the service alone, so that scenarios which leave it
    as it is share its phases. Mixing is SplitMix64 (Steele, Lea & Flood 2014, Fast splittable
    pseudorandom number generators, OOPSLA).
    """
    state = _mix(np.array([seed], dtype=np.uint64))
    state = _mix(state + np.array([draw], dtype=np.uint64))
    bits = _mix(headways.key ^ state) >> np.uint64(11)
    phase = bits.astype(np.float64) * 2.0**-53 * headways.headway
    return np.floor(phase).astype(np.int32)


def _mix(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    bits = bits + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def draw_timetable(timetable: Timetable, *, draw: int = 0, seed: int = 0) -> Timetable:
    """Return the timetable with a drawn phase for every headway service.

    Without such services it is the timetable itself.
    """
    return timetable if timetable.headways is None else _draw_timetable(timetable, draw, seed)


@lru_cache(maxsize=DRAWS_KEPT)
def _draw_timetable(timetable: Timetable, draw: int, seed: int) -> Timetable:
    assert timetable.headways is not None
    phase = draw_phases(timetable.headways, draw=draw, seed=seed)
    drawn = add_headways(timetable, timetable.headways, phase)
    return replace(drawn, headways=None)


def remove_trips(timetable: Timetable, trips: Iterable[str]) -> Timetable:
    """Return the timetable without the trips of these names.

    Raises
    ------
    UnknownNameError
        If it has no trip of a name.
    """
    places = timetable.trip_places
    names = list(trips)
    for name in names:
        if name not in places:
            raise UnknownNameError("trip", name, timetable.trips)
    codes = [places[name] for name in names]
    gone = np.zeros(len(timetable.trips), dtype=bool)
    gone[codes] = True
    rows = timetable.rows[~gone[timetable.run_trip][timetable.rows[:, 4]]]
    headways = timetable.headways
    if headways is not None:
        headways = _select_headways(headways, ~gone[headways.trip])
        headways = headways if len(headways.start) else None
    return replace(timetable, rows=rows, headways=headways)
