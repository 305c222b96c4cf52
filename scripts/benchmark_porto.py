"""Time door-to-door matrices of Porto Alegre beside cafein and ferrobus.

A part of benchmark_timetable.py, which runs it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from netlib.gtfs.feeds import read_feed, select_day
from netlib.gtfs.transfers import stops_table
from netlib.streets import Streets, read_streets
from netlib.streets.snapping import (
    build_street_index,
    compute_ends,
    compute_same_edge,
    compute_starts,
    snap_points,
)
from netlib.timetable import Timetable, build_timetable
from netlib.timetable.kernels import NEVER, compute_durations
from netlib.timetable.scans import earliest_arrivals, percentile_ranks, scan_window

DAY = date(2019, 5, 13)  # a Monday in the validity of both feeds
FEEDS = ("poa_eptc.zip", "poa_trensurb.zip")
# What cafein assumes unless told otherwise.
WALK_KMH = 3.6
WALK_SECONDS = 20 * 60
# Nearly all trips of the sample run between 12:00 and 17:00.
WINDOW = (14 * 3600, 15 * 3600)
PERCENTILES = (5, 50, 95)
POINTS = 100
SOURCES = 256
HORIZON_SECONDS = 4 * 3600
RIDES = 7  # as many as ferrobus is asked for
THREADS = os.cpu_count() or 1


class Porto(NamedTuple):
    """What the packages were given: calls and stops, points, and the streets to walk on."""

    folder: Path
    calls: pd.DataFrame
    stops: pd.DataFrame
    points: pd.DataFrame
    streets: Streets

    @property
    def extract(self) -> str:
        """The OpenStreetMap extract."""
        return str(self.folder / "pbf/poa_osm.pbf")


def read_calls(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return calls and stops of both feeds; the name of the feed is part of every id."""
    calls, stops = [], []
    for name in FEEDS:
        feed = read_feed(folder / "gtfs" / name, strict=False)
        day = select_day(feed, DAY)
        assert day.frequencies.empty, "these feeds have clock times only"
        prefix = name.removesuffix(".zip") + ":"
        calls.append(
            day.calls.assign(
                trip_id=prefix + day.calls["trip_id"], stop_id=prefix + day.calls["stop_id"]
            )
        )
        stops.append(stops_table(feed).assign(stop_id=lambda f, p=prefix: p + f["stop_id"]))
    table = pd.concat(stops, ignore_index=True).assign(parent_station="")
    return pd.concat(calls, ignore_index=True), table


def join_streets(
    streets: Streets, stops: pd.DataFrame, points: pd.DataFrame, *, walk_kmh: float = WALK_KMH
) -> tuple[csr_matrix, int]:
    """Return the walking graph in seconds with stops, then points, after its own nodes."""
    seconds = streets.edges["length_m"].to_numpy() * 3.6 / walk_kmh
    both = pd.concat([stops[["x_coord", "y_coord"]], points[["x_coord", "y_coord"]]])
    snaps = snap_points(
        build_street_index(streets), both["x_coord"].to_numpy(), both["y_coord"].to_numpy()
    )
    count = len(streets.nodes)
    starts = compute_starts(snaps, streets, seconds, walk_speed_kmh=walk_kmh)
    ends = compute_ends(snaps, streets, seconds, walk_speed_kmh=walk_kmh)
    # Two on one street need not go by its ends.
    joined = pd.DataFrame({"point": np.arange(len(both)), "edge": snaps["edge"].to_numpy()})
    pairs = joined[joined["edge"] >= 0].merge(joined, on="edge")
    pairs = pairs[pairs["point_x"] != pairs["point_y"]]
    along = compute_same_edge(
        *(snaps.iloc[pairs[name]].reset_index(drop=True) for name in ("point_x", "point_y")),
        seconds,
        walk_speed_kmh=walk_kmh,
    )
    frame = pd.DataFrame(
        {
            "tail": np.r_[
                streets.edges["tail"], starts["point"] + count, ends["node"],
                pairs["point_x"] + count,
            ],
            "head": np.r_[
                streets.edges["head"], starts["node"], ends["point"] + count,
                pairs["point_y"] + count,
            ],
            "seconds": np.r_[seconds, starts["seconds"], ends["seconds"], along] + 1e-4,
        }
    )  # fmt: skip
    frame = frame[np.isfinite(frame["seconds"])]
    # Of parallel streets the shortest counts.
    frame = frame.sort_values("seconds").drop_duplicates(["tail", "head"])
    size = count + len(both)
    return csr_matrix((frame["seconds"], (frame["tail"], frame["head"])), shape=(size, size)), count


def measure_walks(graph: csr_matrix, sources: np.ndarray, targets: np.ndarray) -> pd.DataFrame:
    """Return walks of at most `WALK_SECONDS`: positions in sources and targets, and seconds."""
    parts = []
    for begin in range(0, len(sources), SOURCES):
        found = dijkstra(graph, indices=sources[begin : begin + SOURCES], limit=WALK_SECONDS)[
            :, targets
        ]
        a, b = np.nonzero(np.isfinite(found))
        parts.append(pd.DataFrame({"a": a + begin, "b": b, "seconds": found[a, b]}))
    return pd.concat(parts, ignore_index=True)


def build_porto(
    calls: pd.DataFrame, stops: pd.DataFrame, graph: csr_matrix, first: int
) -> Timetable:
    """Build the timetable with walks over the streets between stops."""
    place = first + np.arange(len(stops))
    walks = measure_walks(graph, place, place)
    return join_walks(calls, stops, walks.assign(seconds=np.rint(walks["seconds"])))


def join_walks(calls: pd.DataFrame, stops: pd.DataFrame, walks: pd.DataFrame) -> Timetable:
    """Build the timetable with walks between stops as they are given, by position."""
    walks = walks[walks["a"] != walks["b"]]
    names = stops["stop_id"].to_numpy()
    transfers = pd.DataFrame(
        {
            "from_stop_id": names[walks["a"]],
            "to_stop_id": names[walks["b"]],
            "seconds": walks["seconds"],
        }
    )
    return build_timetable(calls, stops=stops, transfers=transfers, max_walk_seconds=0)


class Points(NamedTuple):
    """Ways between points and stops as rows of a sparse matrix, and walks from point to point."""

    start: np.ndarray
    stop: np.ndarray
    seconds: np.ndarray
    direct: np.ndarray


def join_points(n_stops: int, graph: csr_matrix, first: int) -> Points:
    """Search the streets around all points. Streets for walking lead both ways."""
    stops, points = first + np.arange(n_stops), first + n_stops + np.arange(POINTS)
    ways = measure_walks(graph, points, np.r_[stops, points])
    return pack_points(n_stops, ways.assign(seconds=np.rint(ways["seconds"])))


def pack_points(n_stops: int, ways: pd.DataFrame) -> Points:
    """Sort the ways from points to stops and, after the stops, to points."""
    access = ways[ways["b"] < n_stops]
    near = ways[ways["b"] >= n_stops]
    direct = np.full((POINTS, POINTS), int(NEVER))
    direct[near["a"], near["b"] - n_stops] = near["seconds"]
    order = np.argsort(access["a"], kind="stable")
    return Points(
        np.searchsorted(access["a"].to_numpy()[order], np.arange(POINTS + 1)).astype(np.int32),
        access["b"].to_numpy(dtype=np.int32)[order],
        access["seconds"].to_numpy(dtype=np.int32)[order],
        direct,
    )


def compute_matrix(
    table: Timetable,
    points: Points,
    departures: np.ndarray,
    ranks: np.ndarray,
    *,
    starts: Points | None = None,
    scan: Callable[..., np.ndarray] = scan_window,
    horizon_seconds: int = HORIZON_SECONDS,
) -> np.ndarray:
    """Compute the matrix between all points: seconds (points, points, ranks).

    Journeys begin by the ways of ``starts``, if they are others than those that they end by.
    """
    result = np.empty((POINTS, POINTS, len(ranks)), dtype=np.int64)
    begin = points if starts is None else starts
    horizon = int(departures[-1]) + horizon_seconds

    def fill(origins: range) -> None:
        durations = np.empty((POINTS, len(departures)), dtype=np.int32)
        for origin in origins:
            mine = slice(begin.start[origin], begin.start[origin + 1])
            access = np.full(len(table.stops), int(NEVER), dtype=np.int32)
            access[begin.stop[mine]] = begin.seconds[mine]
            arrivals = scan(table, access, departures, horizon=horizon)
            compute_durations(
                arrivals, departures, points.start, points.stop, points.seconds, durations
            )
            durations.sort(axis=1)
            result[origin] = np.minimum(durations[:, ranks], points.direct[origin][:, None])

    # The peers use all cores, and so do we: the scans let other threads run.
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(fill, [range(first, POINTS, THREADS) for first in range(THREADS)]))
    return result


def scan_one(table: Timetable, access: np.ndarray, departures: np.ndarray, **options: Any) -> Any:
    """Scan for a single departure, in the form of `scan_window`."""
    return earliest_arrivals(table, access, int(departures[0]), **options)[:, None]


def choose_points(streets: Streets, stops: pd.DataFrame) -> pd.DataFrame:
    """Draw points beside stops within the streets of the extract."""
    rng = np.random.default_rng(5)
    nodes = streets.nodes
    inside = stops["x_coord"].between(nodes["x"].min(), nodes["x"].max()) & stops[
        "y_coord"
    ].between(nodes["y"].min(), nodes["y"].max())
    chosen = stops[inside].iloc[rng.choice(int(inside.sum()), POINTS, replace=False)]
    return chosen[["x_coord", "y_coord"]] + rng.normal(0, 0.001, (POINTS, 2))


def measure(
    data: Path,
    *,
    show_differences: Callable[..., None],
    take_turns: Callable[..., dict[str, float]],
    need: Callable[[str, str], Any],
    quiet: Callable[[], Any],
) -> None:
    """Measure an hour's window beside cafein, and one departure beside ferrobus."""
    folder = data / "geo/raw/osm_samples"
    begin = time.perf_counter()
    calls, stops = read_calls(folder)
    print(f"  feeds read in {time.perf_counter() - begin:.1f} s", flush=True)
    walked = read_streets(folder / "pbf/poa_osm.pbf", mode="walk")
    points = choose_points(walked, stops)
    begin = time.perf_counter()
    graph, first = join_streets(walked, stops, points)
    table = build_porto(calls, stops, graph, first)
    print(f"  {table}, with streets in {time.perf_counter() - begin:.1f} s", flush=True)
    porto = Porto(folder, calls, stops, points, walked)
    departures = np.arange(*WINDOW, 60, dtype=np.int32)
    ranks = percentile_ranks(PERCENTILES, len(departures))
    one, only = departures[:1], np.zeros(1, dtype=np.int64)
    size = len(table.stops)
    ready = join_points(size, graph, first)
    functions: dict[str, Callable[[], Any]] = {
        "ours, window": lambda: compute_matrix(
            table, join_points(size, graph, first), departures, ranks
        ),
        # ferrobus searches the streets when a point is made, before the matrix.
        "ours, one departure": lambda: compute_matrix(table, ready, one, only, scan=scan_one),
        "ours, streets around the points": lambda: join_points(size, graph, first),
    }
    explanations: list[Callable[[], None]] = []
    if (cafein := need("cafein", "porto")) is not None:
        from cafein_differences import explain_window, load_network, make_frame

        ours = compute_matrix(table, ready, departures, ranks)
        with quiet():
            network = load_network(
                cafein, [str(folder / "gtfs" / name) for name in FEEDS], porto.extract
            )
        frame = make_frame(points)

        def matrix(used: Any = network, **options: Any) -> Any:
            return used.travel_time_matrix(
                frame, f"{DAY} 14:00", departure_time_window=60, percentiles=list(PERCENTILES),
                **options,
            )  # fmt: skip

        functions["cafein, window"] = matrix
        found = matrix()
        for k, share in enumerate(PERCENTILES):
            show_differences(f"cafein, {share} %", *in_minutes(ours[:, :, k], found[:, :, k]))
        explanations.append(lambda: explain_window(porto, cafein, table, ready, matrix, quiet))
    if (ferrobus := need("ferrobus", "porto")) is not None:
        from ferrobus_doors import explain_doors, load_model, make_points

        single = compute_matrix(table, ready, one, only, scan=scan_one)[:, :, 0]
        if not np.array_equal(single, compute_matrix(table, ready, one, only)[:, :, 0]):
            raise SystemExit("porto: a window of one departure differs from a single scan")
        with quiet():
            model = load_model(ferrobus, porto)
        places = make_points(ferrobus, model, points, np.full(len(points), WALK_SECONDS))
        functions["ferrobus, one departure"] = lambda: ferrobus.travel_time_matrix(
            model, places, WINDOW[0], RIDES
        )
        answers = np.array(functions["ferrobus, one departure"](), dtype=float)
        show_differences("ferrobus", *in_minutes(single, answers))
        explanations.append(
            lambda: explain_doors(porto, ferrobus, model, table, ready, (places, answers))
        )
    times = take_turns(functions, runs=3)
    for name, value in times.items():
        print(f"  {POINTS} x {POINTS}, {name}: {value:.0f} ms", flush=True)
    for kind, peer in (("window", "cafein"), ("one departure", "ferrobus")):
        if f"{peer}, {kind}" in times:
            ratio = times[f"{peer}, {kind}"] / times[f"ours, {kind}"]
            print(f"  {peer} takes {ratio:.1f} times as long", flush=True)
    for explain in explanations:
        explain()


def write_feed(calls: pd.DataFrame, stops: pd.DataFrame, folder: Path) -> None:
    """Write the trips of one day as a feed without blank times."""
    calls = calls[calls["day"] == 0]

    def clock(seconds: pd.Series) -> list[str]:
        return [f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}" for s in seconds.tolist()]

    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    span = {"start_date": [f"{DAY:%Y%m%d}"], "end_date": [f"{DAY:%Y%m%d}"]}
    agency = ("agency_id", "agency_name", "agency_url", "agency_timezone")
    route = ("route_id", "agency_id", "route_short_name", "route_long_name", "route_type")
    tables: dict[str, dict[str, Any]] = {
        "agency": dict(
            zip(agency, (["A"], ["A"], ["https://example.org"], ["America/Sao_Paulo"]), strict=True)
        ),
        "calendar": {"service_id": ["S"], **{day: [1] for day in days}, **span},
        "calendar_dates": {"service_id": [], "date": [], "exception_type": []},
        "routes": dict(zip(route, (["R"], ["A"], ["R"], ["R"], [3]), strict=True)),
        "trips": {"route_id": "R", "service_id": "S", "trip_id": calls["trip_id"].unique()},
        "stops": {
            "stop_id": stops["stop_id"],
            "stop_name": stops["stop_id"],
            "stop_lat": stops["y_coord"],
            "stop_lon": stops["x_coord"],
        },
        "stop_times": {
            "trip_id": calls["trip_id"],
            "arrival_time": clock(calls["arrival"]),
            "departure_time": clock(calls["departure"]),
            "stop_id": calls["stop_id"],
            "stop_sequence": calls["stop_sequence"],
        },
    }
    for name, table in tables.items():
        pd.DataFrame(table).to_csv(folder / f"{name}.txt", index=False)


def in_minutes(ours: np.ndarray, theirs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both in minutes, NaN where there is no journey or start and end are the same."""
    apart = ~np.eye(len(ours), dtype=bool)
    mine = np.where((ours < NEVER) & apart, ours / 60.0, np.nan)
    other = np.where((theirs < NEVER) & apart, theirs / 60.0, np.nan)
    return mine, other
