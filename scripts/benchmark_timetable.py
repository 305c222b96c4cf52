"""Measure the timetable engine beside public packages.

Every ratio is of one run, and answers are compared first.

Usage: python scripts/benchmark_timetable.py DATA [--parts national,scaled,...] [--plot FILE]

DATA is the folder with ``rail/stop_times_201603.csv.gz`` and ``geo/raw/osm_samples``. The packages
pynigiri, ferrobus (with osmium) and cafein are optional: parts that need one that is not installed
say so and are left out. Times are medians of runs that take turns.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from netlib import timetable
from netlib.timetable import DAY_SECONDS, Timetable, build_timetable, kernels, scans
from netlib.timetable.kernels import NEVER

SNAPSHOT_DAY = date(2016, 3, 15)
CHINA = timezone(timedelta(hours=8))
EIGHT = 8 * 3600
WINDOW = (7 * 3600, 9 * 3600)
CHANGE_SECONDS = 300
MOMENT = 0.005  # seconds: so long each turn lasts, or one run
COPIES = (1, 5, 15, 50)
PARTS = ("start", "national", "scaled", "matrix", "headways", "pairs", "one-to-all", "porto")


def say(text: str = "") -> None:
    """Print at once."""
    print(text, flush=True)


def take_turns(functions: Mapping[str, Callable[[], Any]], runs: int = 9) -> dict[str, float]:
    """Return the median milliseconds of each function; they take turns of at least a moment."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for function in functions.values():
        function()
    for _ in range(runs):
        for name, function in functions.items():
            count, spent = 0, 0.0
            while spent < MOMENT:
                begin = time.perf_counter()
                function()
                spent += time.perf_counter() - begin
                count += 1
            times[name].append(spent * 1e3 / count)
    return {name: statistics.median(found) for name, found in times.items()}


def need(package: str, part: str) -> Any:
    """Import an optional package, or say that a part is left out and return None."""
    import importlib

    try:
        return importlib.import_module(package)
    except ImportError:
        say(f"  {part}: left out, {package} is not installed")
        return None


@contextmanager
def quiet() -> Any:
    """Send what compiled packages print to nowhere."""
    sys.stdout.flush()
    saved = [os.dup(1), os.dup(2)]
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            for number, copy in enumerate(saved, start=1):
                os.dup2(copy, number)
                os.close(copy)


def read_national(data: Path) -> pd.DataFrame:
    """Return the calls of all trains of 15 March 2016."""
    table = pd.read_csv(data / "rail/stop_times_201603.csv.gz", dtype=str, keep_default_na=False)
    table = table[table["run_days"].isin(["ALL", "REF_DATE"])].reset_index(drop=True)

    def seconds(name: str) -> pd.Series:
        parts = table[name].str.split(":", expand=True).apply(pd.to_numeric, errors="coerce")
        day = pd.to_numeric(table[f"day_offset_{name}"], errors="coerce").fillna(0)
        return parts[0] * 3600 + parts[1] * 60 + day * DAY_SECONDS

    arrival, departure = seconds("arr"), seconds("dep")
    return pd.DataFrame(
        {
            "trip_id": table["source"],
            "stop_id": table["station"],
            "arrival": arrival.fillna(departure).astype("int64"),
            "departure": departure.fillna(arrival).astype("int64"),
        }
    )


def repeat_days(calls: pd.DataFrame, days: Sequence[int]) -> pd.DataFrame:
    """Return the calls on several days, of earlier ones only trips that run past midnight."""
    last = calls.groupby("trip_id")["arrival"].transform("max")
    parts = [calls[last >= -day * DAY_SECONDS].assign(day=day) for day in days]
    return pd.concat(parts, ignore_index=True)


def build_national(
    calls: pd.DataFrame,
    *,
    stops: pd.DataFrame | None = None,
    days: Sequence[int] = (-1, 0),
    change: int = CHANGE_SECONDS,
) -> Timetable:
    """Build the national timetable; trains of the day before are still under way."""
    if stops is None:
        stops = pd.DataFrame({"stop_id": calls["stop_id"].unique()})
    return build_timetable(repeat_days(calls, days), stops=stops, change_seconds=change)


def copy_trains(calls: pd.DataFrame, copies: int) -> Timetable:
    """Return the timetable with each train several times, up to half an hour apart."""
    rng = np.random.default_rng(1)
    parts = []
    for copy in range(copies):
        shift = 60 * int(rng.integers(0, 30)) if copy else 0
        moved = calls.assign(trip_id=calls["trip_id"] + f"#{copy}")
        parts.append(
            moved.assign(arrival=calls["arrival"] + shift, departure=calls["departure"] + shift)
        )
    return build_national(pd.concat(parts, ignore_index=True))


def copy_country(calls: pd.DataFrame, copies: int) -> Timetable:
    """Return the country several times, joined by walks at its sixty largest stations."""
    rng = np.random.default_rng(1)
    largest = calls["stop_id"].value_counts().index[:60]
    parts, walks = [], []
    for copy in range(copies):
        shift = 60 * int(rng.integers(0, 30)) if copy else 0
        moved = {name: calls[name] + f"#{copy}" for name in ("trip_id", "stop_id")}
        times = {name: calls[name] + shift for name in ("arrival", "departure")}
        parts.append(calls.assign(**moved, **times))
        for other in (copy + 1, copy + 2, copy + 5):
            ends = [f"#{copy}", f"#{other % copies}"]
            walks += [
                (s + a, s + b, 900.0) for s in largest for a, b in (ends, ends[::-1]) if a != b
            ]
    table = pd.concat(parts, ignore_index=True)
    columns = ["from_stop_id", "to_stop_id", "seconds"]
    return build_timetable(
        repeat_days(table, (-1, 0)),
        stops=pd.DataFrame({"stop_id": table["stop_id"].unique()}),
        transfers=pd.DataFrame(walks, columns=columns).astype({"seconds": float}),
        change_seconds=CHANGE_SECONDS,
        max_walk_seconds=0,
    )


def expand_graph(table: Timetable) -> tuple[Any, Any]:
    """Return the time-expanded graph of a timetable as a matrix, and the board events by stop.

    Nodes are the departure of every connection, and its arrival after them; zero weights are a
    ten-thousandth of a second, so that scipy keeps them.
    """
    from scipy.sparse import csr_matrix

    departure, arrival, start, end, run = (table.rows[:, k].astype(np.int64) for k in range(5))
    count = len(departure)
    edges = [(np.arange(count), np.arange(count) + count, arrival - departure)]
    order = np.lexsort((np.arange(count), run))
    same = run[order][1:] == run[order][:-1]
    a, b = order[:-1][same], order[1:][same]
    edges.append((a + count, b, departure[b] - arrival[a]))
    # Waiting at a stop: boarding events are departures, chained in time.
    events = np.lexsort((departure, start))
    chain = start[events][1:] == start[events][:-1]
    board = np.arange(count) + 2 * count
    edges.append((board[events], events, np.zeros(count, dtype=np.int64)))
    a, b = events[:-1][chain], events[1:][chain]
    edges.append((board[a], board[b], departure[b] - departure[a]))
    span = int(departure.max()) + 10 * DAY_SECONDS
    keys = start[events] * span + departure[events]

    def first_boarding(stop: Any, when: Any) -> Any:
        place = np.searchsorted(keys, stop * span + when)
        held = np.minimum(place, count - 1)
        return np.where((place < count) & (start[events[held]] == stop), board[events[held]], -1)

    walker = np.repeat(np.arange(len(table.walk_start) - 1), np.diff(table.walk_start))
    for stop, other, seconds in (
        (np.arange(len(table.change)), np.arange(len(table.change)), table.change),
        (walker, table.walk_stop, table.walk_seconds),
    ):
        links = pd.DataFrame({"stop": stop, "other": other, "walk": seconds})
        ends = pd.DataFrame({"stop": end, "at": arrival, "node": np.arange(count) + count})
        ways = ends.merge(links, on="stop")
        target = first_boarding(
            ways["other"].to_numpy(np.int64), (ways["at"] + ways["walk"]).to_numpy()
        )
        found = target >= 0
        node = ways["node"].to_numpy()[found]
        edges.append(
            (node, target[found], departure[target[found] - 2 * count] - arrival[node - count])
        )
    tail, head, weight = (np.concatenate(column) for column in zip(*edges, strict=True))
    matrix = csr_matrix((weight + 1e-4, (tail, head)), shape=(3 * count, 3 * count))
    return matrix, first_boarding


def scan_graph(table: Timetable, graph: Any, first_boarding: Any, origin: int, when: int) -> Any:
    """Return earliest arrivals by scipy's Dijkstra on the time-expanded graph."""
    from scipy.sparse.csgraph import dijkstra

    count = len(table.rows)
    result = np.full(len(table.stops), int(NEVER), dtype=np.int64)
    result[origin] = when
    walks = slice(table.walk_start[origin], table.walk_start[origin + 1])
    ends = np.r_[origin, table.walk_stop[walks]].astype(np.int64)
    times = when + np.r_[0, table.walk_seconds[walks]].astype(np.int64)
    np.minimum.at(result, ends, times)
    nodes = first_boarding(ends, times)
    for node in np.unique(nodes[nodes >= 0]):
        seconds = dijkstra(graph, indices=node)[count : 2 * count]
        reached = np.flatnonzero(np.isfinite(seconds))
        stop, arrival = table.rows[reached, 3], table.rows[reached, 1]
        np.minimum.at(result, stop, arrival)
        walker = np.repeat(np.arange(len(table.walk_start) - 1), np.diff(table.walk_start))
        alight = np.full(len(table.walk_start) - 1, int(NEVER), dtype=np.int64)
        np.minimum.at(alight, stop, arrival)
        np.minimum.at(result, table.walk_stop, alight[walker] + table.walk_seconds)
    return np.minimum(result, int(NEVER))


def measure_start(data: Path) -> None:
    """Measure what the compiler costs: a cold and a warm first answer, in new processes."""
    code = (
        "import time; t=time.perf_counter()\n"
        "import pandas as pd\n"
        "from netlib.timetable import build_timetable, scans\n"
        "a=time.perf_counter()\n"
        "c=pd.DataFrame({'trip_id':['t','t'],'stop_id':['A','B'],'arrival':[0,60],'departure':[0,60]})\n"
        "n=build_timetable(c,stops=pd.DataFrame({'stop_id':['A','B']}))\n"
        "scans.earliest_arrivals(n,{'A':0},0)\n"
        "scans.window_percentiles(scans.window_arrivals(n,{'A':0},(0,600)))\n"
        "print(a-t, time.perf_counter()-a)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        for name in ("cold cache", "warm cache"):
            done = subprocess.run(
                [sys.executable, "-c", code],
                capture_output=True,
                text=True,
                check=True,
                env=environment,
            )
            imports, rest = (float(x) for x in done.stdout.split())
            say(f"  {name}: imports {imports:.2f} s, first build, scan and window {rest:.2f} s")
    del data


def measure_national(data: Path) -> None:
    """Measure the timetable of 2016: single departures, windows, arrive-by, rides, rebuilding."""
    calls = read_national(data)
    begin = time.perf_counter()
    table = build_national(calls)
    say(f"  {table}; {len(calls)} calls, built in {(time.perf_counter() - begin) * 1e3:.0f} ms")
    measure_engine(table, "郑州东", with_scipy=True)
    access = {"郑州东": 0}
    trip = str(table.trips[0])
    gone = timetable.remove_trips(table, [trip])
    kept = calls[calls["trip_id"] != trip]
    built = build_national(kept, stops=pd.DataFrame({"stop_id": table.stops}))
    same = (
        scans.earliest_arrivals(gone, access, EIGHT),
        scans.earliest_arrivals(built, access, EIGHT),
    )
    assert np.array_equal(*same), "a removed train and a timetable without it differ"
    table.mirrored  # noqa: B018
    times = take_turns(
        {
            "at most three rides": lambda: scans.earliest_arrivals(
                table, access, EIGHT, max_rides=3
            ),
            "arrive by 09:00": lambda: scans.latest_departures(table, access, 9 * 3600),
            "legs of a journey": lambda: scans.trace_legs(table, access, EIGHT, {"上海虹桥": 0}),
            "window and percentiles": lambda: scans.window_percentiles(
                scans.window_arrivals(table, access, WINDOW)
            ),
            "a train removed": lambda: timetable.remove_trips(table, [trip]),
            "all connections sorted anew": lambda: timetable.add_runs(
                table, np.zeros((0, 5), dtype=np.int32), np.zeros((0, 2), dtype=np.int32)
            ),
        }
    )
    for name, value in times.items():
        say(f"  {name}: {value:.2f} ms")


def measure_engine(table: Timetable, origin: str, *, with_scipy: bool) -> dict[str, float]:
    """Compare a scan of a window with single scans, and those with scipy; then time them."""
    access = {origin: 0}
    place = table.stop_places[origin]
    departures = scans.window_departures(WINDOW)
    window = scans.window_arrivals(table, access, WINDOW).arrivals
    for lane, departure in enumerate(departures.tolist()):
        single = scans.earliest_arrivals(table, access, departure)
        assert np.array_equal(single, window[:, lane]), "window and single scans differ"
    functions: dict[str, Callable[[], Any]] = {
        "single": lambda: scans.earliest_arrivals(table, access, EIGHT),
        "window": lambda: scans.window_arrivals(table, access, WINDOW),
        "singles": lambda: [scans.earliest_arrivals(table, access, int(d)) for d in departures],
    }
    if with_scipy:
        graph, first_boarding = expand_graph(table)
        found = scan_graph(table, graph, first_boarding, place, EIGHT)
        assert np.array_equal(found, scans.earliest_arrivals(table, access, EIGHT)), "scipy differs"
        functions["scipy"] = lambda: scan_graph(table, graph, first_boarding, place, EIGHT)
    times = take_turns(functions, runs=9 if len(table.rows) < 200_000 else 5)
    scanned = len(table.rows) - int(np.searchsorted(table.rows[:, 0], EIGHT))
    reached = int((window[:, 60] < NEVER).sum())
    each = times["single"] * 1e6 / scanned
    say(
        f"  one to all: {times['single']:.3f} ms, {each:.1f} ns for each of {scanned} connections "
        f"scanned, {reached} of {len(table.stops)} stops reached"
    )
    if with_scipy:
        ratio = times["scipy"] / times["single"]
        say(f"  scipy, time-expanded graph: {times['scipy']:.1f} ms, {ratio:.0f} times as long")
    ratio = times["singles"] / times["window"]
    say(
        f"  120 departures: one scan {times['window']:.2f} ms, 120 scans {times['singles']:.1f} "
        f"ms, {ratio:.0f} times as long; equal; "
        f"{measure_peak(functions['window']):.1f} MB at most in memory"
    )
    return times


def measure_peak(function: Callable[[], Any]) -> float:
    """Return the megabytes that a function allocates at most, its result included."""
    import tracemalloc

    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def measure_scaled(data: Path, plot: Path | None = None) -> None:
    """Measure growth: more trains at the same stations, and more stations."""
    calls = read_national(data)
    rows = []
    for kind, build, origin in (
        ("more trains", copy_trains, "郑州东"),
        ("more stations", copy_country, "郑州东#0"),
    ):
        for copies in COPIES:
            table = build(calls, copies)
            say(
                f"  {kind}, {copies} times: {len(table.rows)} connections, {len(table.stops)} stops"
            )
            times = measure_engine(table, origin, with_scipy=copies == COPIES[-1])
            size = sum(v.nbytes for v in vars(table).values() if isinstance(v, np.ndarray))
            say(f"  memory: {size / 1e6:.1f} MB of arrays")
            rows.append(
                {"kind": kind, "connections": len(table.rows), "megabytes": size / 1e6, **times}
            )
    if plot is not None:
        draw_growth(pd.DataFrame(rows), plot)


def draw_growth(table: pd.DataFrame, path: Path) -> None:
    """Draw time and memory over connections."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    names = {
        "single": "one departure, ms",
        "window": "120 departures, ms",
        "megabytes": "arrays, MB",
    }
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.5), layout="constrained")
    for axis, (column, label) in zip(axes, names.items(), strict=True):
        for kind, group in table.groupby("kind"):
            axis.loglog(group["connections"], group[column], "o-", label=kind)
        axis.set(xlabel="connections", title=label)
        axis.grid(visible=True, which="major", alpha=0.3)
    axes[0].legend()
    figure.savefig(path)
    plt.close(figure)
    say(f"  growth drawn in {path}")


def measure_matrix(data: Path) -> None:
    """Measure all stations to all stations, 120 departures, streamed to Parquet."""
    if need("pyarrow", "matrix") is None:
        return
    from netlib.timetable.matrices import write_window_matrix

    table = build_national(read_national(data))
    origins = {str(name): {str(name): 0} for name in table.stops}
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        write_window_matrix(Path(folder) / "all", table, origins, WINDOW)
        seconds = time.perf_counter() - begin
        found = pd.read_parquet(Path(folder) / "all")
        begin = time.perf_counter()
        write_window_matrix(Path(folder) / "all", table, origins, WINDOW)
        again = time.perf_counter() - begin
    pairs = len(origins) ** 2
    say(
        f"  {len(origins)} origins x {len(origins)} stops x 120 departures: {seconds:.2f} s on "
        f"{os.cpu_count()} cores, {len(found)} of {pairs} pairs reached; resumed: {again:.2f} s"
    )


def measure_headways(data: Path) -> None:
    """Measure a window over drawn phases, and the time to draw a timetable."""
    del data
    from netlib.timetable.network import access_seconds, build_network_timetable

    from netlib.tables import read_network

    network = read_network().as_of("2026-10-04")
    table = build_network_timetable(network)
    access = access_seconds(network, "410100")
    say(f"  networks/ on 2026-10-04: {table}")
    times = take_turns(
        {
            "one draw of all phases": lambda: timetable._draw_timetable.__wrapped__(table, 0, 0),  # noqa: SLF001
            "120 departures, 20 draws kept": lambda: scans.window_arrivals(table, access, WINDOW),
        }
    )
    for name, value in times.items():
        say(f"  {name}: {value:.1f} ms")


def write_feed(calls: pd.DataFrame, folder: Path) -> dict[str, tuple[float, float]]:
    """Write the calls as a GTFS feed; stops lie on a grid, so far apart that nobody walks.

    Returns
    -------
    dict
        Longitude and latitude by stop.
    """
    folder.mkdir()
    names = calls["stop_id"].unique()
    place = {name: (100 + 0.1 * (i % 30), 25 + 0.1 * (i // 30)) for i, name in enumerate(names)}
    trip, trips = pd.factorize(calls["trip_id"])

    def clock(seconds: pd.Series) -> list[str]:
        return [f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}" for s in seconds.tolist()]

    week = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    days = {day: [1] for day in week}
    tables = {
        "agency": {"agency_id": ["C"], "agency_name": ["C"], "agency_url": ["https://example.org"],
                   "agency_timezone": ["Asia/Shanghai"]},
        "calendar": {"service_id": ["S"], **days, "start_date": ["20160301"],
                     "end_date": ["20160331"]},
        "calendar_dates": {"service_id": [], "date": [], "exception_type": []},
        "routes": {"route_id": ["R"], "agency_id": ["C"], "route_short_name": ["R"],
                   "route_long_name": ["R"], "route_type": [2]},
        "trips": {"route_id": "R", "service_id": "S",
                  "trip_id": [f"t{i}" for i in range(len(trips))]},
        "stops": {"stop_id": names, "stop_name": names, "stop_lat": [p[1] for p in place.values()],
                  "stop_lon": [p[0] for p in place.values()]},
        "stop_times": {"trip_id": [f"t{i}" for i in trip], "arrival_time": clock(calls["arrival"]),
                       "departure_time": clock(calls["departure"]), "stop_id": calls["stop_id"],
                       "stop_sequence": calls.groupby("trip_id", sort=False).cumcount()},
        "transfers": {"from_stop_id": names, "to_stop_id": names, "transfer_type": 2,
                      "min_transfer_time": CHANGE_SECONDS},
    }  # fmt: skip
    for name, table in tables.items():
        pd.DataFrame(table).to_csv(folder / f"{name}.txt", index=False)
    return place


def show_differences(name: str, ours: Any, theirs: Any) -> None:
    """Say how two arrays of minutes differ; NaN where there is no journey."""
    both = ~np.isnan(ours) & ~np.isnan(theirs)
    gap = (theirs - ours)[both]
    shares = np.percentile(gap, [1, 5, 25, 50, 75, 95, 99]) if len(gap) else np.full(7, np.nan)
    words = ", ".join(f"{x:+.2f}" for x in shares)
    same = int((np.abs(gap) < 0.051).sum())
    only = (
        int((~np.isnan(ours) & np.isnan(theirs)).sum()),
        int((np.isnan(ours) & ~np.isnan(theirs)).sum()),
    )
    say(
        f"  {name} less ours, minutes: {same} of {both.sum()} equal; "
        f"1, 5, 25, 50, 75, 95, 99 %: {words}; "
        f"only we find {only[0]}, only they {only[1]}"
    )


def measure_pairs(data: Path) -> None:
    """Compare journeys from 郑州东 at 08:00 to 200 stations with pynigiri, and time one pair."""
    nigiri = need("pynigiri", "pairs")
    if nigiri is None:
        return
    calls = read_national(data)
    table = build_national(calls, days=(-1, 0, 1))
    with tempfile.TemporaryDirectory() as folder, quiet():
        write_feed(calls, Path(folder) / "feed")
        source = nigiri.TimetableSource("gtfs", str(Path(folder) / "feed"))
        peer = nigiri.load_timetable([source], "2016-03-14", "2016-03-17")
    start = int(datetime(2016, 3, 15, 8, 0, tzinfo=CHINA).timestamp()) // 60
    origin = peer.find_location("郑州东")

    def route(name: str) -> float:
        query = nigiri.Query()
        query.start_time = start
        query.start = [nigiri.Offset(origin, 0, 0)]
        query.destination = [nigiri.Offset(peer.find_location(name), 0, 0)]
        query.max_transfers = 7
        query.max_travel_time = 24 * 60
        arrivals = [j.arrival_time() for j in nigiri.route(peer, query)]
        return float(min(arrivals) - start) if arrivals else np.nan

    chosen = np.random.default_rng(3).choice(table.stops, 200, replace=False).tolist()
    found = scans.earliest_arrivals(table, {"郑州东": 0}, EIGHT, max_rides=8)
    found = found[[table.stop_places[name] for name in chosen]]
    minutes = np.where(found < EIGHT + DAY_SECONDS, (found - EIGHT) / 60.0, np.nan)
    theirs = np.array([route(name) for name in chosen])
    show_differences("pynigiri", minutes, theirs)
    turns = iter(chosen * 100)
    times = take_turns(
        {
            "one to all": lambda: scans.earliest_arrivals(table, {"郑州东": 0}, EIGHT),
            "pynigiri, one pair": lambda: route(next(turns)),
        },
        runs=21,
    )
    ratio = times["pynigiri, one pair"] / times["one to all"]
    say(
        f"  ours, one to all {len(table.stops)}: {times['one to all']:.3f} ms; pynigiri, one pair: "
        f"{times['pynigiri, one pair']:.3f} ms, {ratio:.1f} times as long"
    )


def write_streets(place: Mapping[str, tuple[float, float]], path: Path) -> None:
    """Write a street map in which every stop has a corner of its own.

    Roads join the corners, for ferrobus keeps one connected part; each goes by way of the far
    south, for its walks may be as long as one road longer than they are allowed to be.
    """
    import osmium
    from osmium.osm.mutable import Node, Way

    writer = osmium.SimpleWriter(str(path))
    for number, (x, y) in enumerate(place.values()):
        corners = ((0, 0), (0.002, 0), (0, 0.002), (0, -60 - y))
        for corner, (dx, dy) in enumerate(corners):
            writer.add_node(
                Node(id=len(corners) * number + corner + 1, location=(x + dx, y + dy), version=1)
            )
    for number in range(len(place)):
        first = len(corners) * number + 1
        nodes = [first, first + 1, first + 2, first]
        writer.add_way(Way(id=number + 1, nodes=nodes, tags={"highway": "footway"}, version=1))
    road = [len(corners) * number + corner for number in range(len(place)) for corner in (4, 1, 4)]
    tags = {"highway": "footway"}
    writer.add_way(Way(id=len(place) + 1, nodes=road, tags=tags, version=1))
    writer.close()


def measure_one_to_all(data: Path) -> None:
    """Compare journeys from 郑州东 at 08:00 to all stations with ferrobus, which knows one day."""
    ferrobus = need("ferrobus", "one-to-all")
    if ferrobus is None or need("osmium", "one-to-all") is None:
        return
    from benchmark_porto import RIDES
    from ferrobus_rail import explain_rail, read_legs

    calls = read_national(data)
    origin = "郑州东"
    # ferrobus changes at a stop in no time, and has neither the day before nor the day after.
    table = build_national(calls, days=(0,), change=0)
    with tempfile.TemporaryDirectory() as folder, quiet():
        place = write_feed(calls, Path(folder) / "feed")
        write_streets(place, Path(folder) / "streets.osm.pbf")
        model = ferrobus.create_transit_model(
            str(Path(folder) / "streets.osm.pbf"), [str(Path(folder) / "feed")], SNAPSHOT_DAY, 60
        )
        points = {
            name: ferrobus.create_transit_point(y, x, model, 60, 1)
            for name, (x, y) in place.items()
        }

    def route() -> Any:
        return ferrobus.find_routes_one_to_many(
            model, points[origin], list(points.values()), EIGHT, RIDES
        )

    def legs(name: str) -> Any:
        return read_legs(
            ferrobus.detailed_journey(model, points[origin], points[name], EIGHT, RIDES)
        )

    found = scans.earliest_arrivals(table, {origin: 0}, EIGHT, max_rides=RIDES)
    ours = np.where(found < NEVER, found - float(EIGHT), np.nan)
    theirs = np.array([np.nan if r is None else r["travel_time_seconds"] for r in route()])
    theirs = theirs[pd.Index(list(place)).get_indexer(table.stops)]
    show_differences("ferrobus", ours / 60, theirs / 60)
    times = take_turns(
        {"ours": lambda: scans.earliest_arrivals(table, {origin: 0}, EIGHT), "ferrobus": route},
        runs=21,
    )
    ratio = times["ferrobus"] / times["ours"]
    say(
        f"  one to all: ours {times['ours']:.3f} ms, ferrobus {times['ferrobus']:.3f} ms, "
        f"{ratio:.1f} times as long"
    )
    explain_rail(
        table, calls, {"ours": ours, "theirs": theirs}, legs, origin=origin, departure=EIGHT
    )


def measure_porto(data: Path) -> None:
    """Compare a door-to-door matrix of Porto Alegre with cafein and ferrobus."""
    from benchmark_porto import measure

    measure(data, show_differences=show_differences, take_turns=take_turns, need=need, quiet=quiet)


def main() -> None:
    """Run the parts."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    parts = arguments.parts.split(",")
    if unknown := [part for part in parts if part not in PARTS]:
        parser.error(f"unknown parts {', '.join(unknown)}; there are {', '.join(PARTS)}")
    say(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, numpy {np.__version__}")
    kernels.order_by_second(np.zeros(1, dtype=np.int32), 0, 1)
    for part in parts:
        measure = globals()[f"measure_{part.replace('-', '_')}"]
        say(f"{part}: {measure.__doc__}")
        if part == "scaled":
            measure(arguments.data, arguments.plot)
        else:
            measure(arguments.data)


if __name__ == "__main__":
    main()
