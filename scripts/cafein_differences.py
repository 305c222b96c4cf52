"""Why cafein answers differently door to door in Porto Alegre, one assumption of its at a time."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmark_porto import (
    PERCENTILES,
    POINTS,
    WALK_SECONDS,
    WINDOW,
    Points,
    Porto,
    compute_matrix,
    join_streets,
    join_walks,
    measure_walks,
    pack_points,
    write_feed,
)
from netlib.geometry import GEOD
from netlib.streets import Streets
from netlib.streets.graph import Shapes
from netlib.timetable import DAY_SECONDS, Timetable
from netlib.timetable.scans import percentile_ranks, scan_window
from peer_differences import Step, read_seconds, show_steps

# Most rides of a journey unless told otherwise.
RIDES = 8
TOLERANCE_SECONDS = 3
DOOR = " (door)"

# OpenStreetMap's units of a degree.
SCALE = 10_000_000
DECIDING = ("highway", "foot", "access", "service", "area", "motorroad", "sidewalk")
LONGEST = 6

Walks = tuple[pd.DataFrame, pd.DataFrame]
# Two neighbouring points of a street.
Piece = frozenset[tuple[int, int]]


def load_network(cafein: Any, feeds: Sequence[str], extract: str) -> Any:
    """Return cafein's network of feeds and streets."""
    return cafein.TransportNetwork.from_gtfs(
        list(feeds), osm_pbf=extract, trip_distances=False, leg_geometries=False
    )


def make_frame(points: pd.DataFrame) -> Any:
    """Return the points as cafein takes them."""
    import geopandas as gpd

    return gpd.GeoDataFrame(
        {"id": [str(number) for number in range(len(points))]},
        geometry=gpd.points_from_xy(points["x_coord"], points["y_coord"]),
        crs=4326,
    )


def explain_window(
    porto: Porto,
    cafein: Any,
    table: Timetable,
    ready: Points,
    matrix: Callable[..., Any],
    quiet: Callable[[], Any],
) -> None:
    """Explain the percentiles of the window."""
    from cafein import streets

    minutes = WALK_SECONDS // 60
    with tempfile.TemporaryDirectory() as folder, quiet():
        write_feed(porto.calls, porto.stops, Path(folder))
        filled = load_network(cafein, [folder], porto.extract)
        own, payload = streets.walking_streets(porto.extract, filled.stops)
    theirs = [matrix(), matrix(max_walking_time=minutes), matrix(filled, max_walking_time=minutes)]
    departures = np.arange(*WINDOW, 60, dtype=np.int32)
    usual = percentile_ranks(PERCENTILES, len(departures))
    ranks = np.array([rank_percentile(share, len(departures)) for share in PERCENTILES])
    ask = partial(compute_matrix, departures=departures, horizon_seconds=DAY_SECONDS)

    today = porto._replace(calls=porto.calls[porto.calls["day"] <= 0])

    def ask_doors(walks: Walks, rides: int | None, used: Porto = today) -> NDArray[Any]:
        size = len(porto.stops)
        between, ways = walks
        doors = ways[ways["b"] < size]
        starts = pack_points(2 * size, doors.assign(b=doors["b"] + size))
        # One leaves where one has walked as well as where one got off.
        direct = ways[ways["b"] >= size]
        ends = pack_points(
            2 * size,
            pd.concat(
                [doors, doors.assign(b=doors["b"] + size), direct.assign(b=direct["b"] + size)]
            ),
        )
        scan = partial(scan_window, max_rides=rides)
        table = join_doors(used, between)
        result: NDArray[Any] = ask(table, ends, ranks=ranks, starts=starts, scan=scan)
        return result

    ours, filled_in = measure(porto, porto.streets), theirs[2]
    nearest = tuple(frame.assign(seconds=np.rint(frame["seconds"])) for frame in ours)
    rounded, same = (
        tuple(frame.assign(seconds=np.ceil(frame["seconds"])) for frame in frames)
        for frames in (ours, measure(porto, read_payload(payload)))
    )
    copied = _read_walks(porto, filled, own, minutes)
    plain = ask(table, ready, ranks=ranks)
    steps = [
        ("none", ask(table, ready, ranks=usual), theirs[0]),
        ("percentile: place p (n - 1) of the sorted times", plain, theirs[0]),
        ("(cafein) 20 minutes on foot to and from stops, not two hours", plain, theirs[1]),
        ("(cafein) blank times rounded as by us, not cut off", plain, filled_in),
        ("no walk from stop to stop before a ride", ask_doors(nearest, None, porto), filled_in),
        ("at most eight rides", ask_doors(nearest, RIDES, porto), filled_in),
        ("no trips of the next day", ask_doors(nearest, RIDES), filled_in),
        ("walks rounded up", ask_doors(rounded, RIDES), filled_in),
        ("the ways that cafein walks on", ask_doors(same, RIDES), filled_in),
        ("the seconds that cafein walks", ask_doors(copied, RIDES), filled_in),
    ]
    for k, share in enumerate(PERCENTILES):
        rows = [
            Step(name, read_seconds(mine[:, :, k]), read_seconds(answer[:, :, k]))
            for name, mine, answer in steps
        ]
        show_steps(f"cafein, {share} %", rows, tolerance_seconds=TOLERANCE_SECONDS)
    compare_ways(porto, read_payload(payload))


def measure(porto: Porto, streets: Streets) -> Walks:
    """Measure walks between stops, and from points to stops and, after them, to points."""
    graph, first = join_streets(streets, porto.stops, porto.points)
    size = len(porto.stops)
    place, points = first + np.arange(size), first + size + np.arange(POINTS)
    return measure_walks(graph, place, place), measure_walks(graph, points, np.r_[place, points])


def rank_percentile(share: float, count: int) -> int:
    """Return the place of a percentile among sorted times as cafein takes it.

    crates/cafein-core/src/routers/raptor/matrices.rs: ``nearest_rank``.

    >>> [rank_percentile(share, 60) for share in (5, 50, 95)]
    [3, 30, 56]
    """
    return min(math.floor(share / 100 * (count - 1) + 0.5), count - 1)


def join_doors(porto: Porto, walks: pd.DataFrame) -> Timetable:
    """Build a timetable in which nobody walks from stop to stop before the first ride.

    Every stop has a door after all the stops: trips are boarded at doors and left at stops, walks
    lead from stops to doors, and who comes from a point comes to a door.
    """
    number = np.arange(len(porto.calls))
    off = porto.calls.assign(departure=porto.calls["arrival"], pickup=False, order=2 * number)
    on = porto.calls.assign(
        arrival=porto.calls["departure"],
        stop_id=porto.calls["stop_id"] + DOOR,
        drop_off=False,
        order=2 * number + 1,
    )
    calls = pd.concat([off, on]).sort_values("order", ignore_index=True).drop(columns="order")
    doors = porto.stops.assign(stop_id=porto.stops["stop_id"] + DOOR)
    size = len(porto.stops)
    same = pd.DataFrame({"a": np.arange(size), "b": np.arange(size), "seconds": 0.0})
    ways = pd.concat([walks[walks["a"] != walks["b"]], same], ignore_index=True)
    return join_walks(
        calls,
        pd.concat([porto.stops, doors], ignore_index=True),
        ways.assign(b=ways["b"] + size),
    )


def read_payload(payload: Any) -> Streets:
    """Make streets of the graph that cafein walks on, both ways everywhere."""
    count, ways, offsets, x, y, _ = payload
    tail, head, metres = (np.array(column) for column in zip(*ways, strict=True))
    shapes = Shapes(np.array(x), np.array(y), np.array(offsets))
    nodes = np.zeros((count, 2))
    for node, place in ((tail, shapes.offsets[:-1]), (head, shapes.offsets[1:] - 1)):
        nodes[node] = np.column_stack([shapes.x[place], shapes.y[place]])
    number = np.arange(len(ways))
    edges = pd.DataFrame(
        {
            "tail": np.r_[tail, head],
            "head": np.r_[head, tail],
            "length_m": np.r_[metres, metres],
            "class": "path",
            "reverse": np.r_[number + len(ways), number],
        }
    )
    backward = np.repeat([False, True], len(ways))
    return Streets(
        pd.DataFrame({"node_id": np.arange(count), "x": nodes[:, 0], "y": nodes[:, 1]}),
        edges,
        shapes.take(np.r_[number, number], backward=backward),
        "walk",
        "cafein",
    )


def _read_walks(porto: Porto, network: Any, own: Any, minutes: int) -> Walks:
    """Return the walks that cafein computed."""
    from cafein import streets

    stops = pd.Index(porto.stops["stop_id"])
    place = stops.get_indexer(pd.Index(own.stop_ids))
    between = pd.DataFrame(
        {"a": place[own.from_index], "b": place[own.to_index], "seconds": own.seconds}
    )
    ways = []
    coordinates = list(porto.points.itertuples(index=False))
    for number, (x, y) in enumerate(coordinates):
        near = network.access_stops(y, x, max_walking_time=minutes)
        ways.append(
            pd.DataFrame(
                {
                    "a": number,
                    "b": stops.get_indexer(pd.Index(list(near))),
                    "seconds": list(near.values()),
                }
            )
        )
    apart, _ = streets.walking_streets(
        porto.extract,
        [(str(number), y, x) for number, (x, y) in enumerate(coordinates)],
        max_walking_time=timedelta(minutes=minutes),
    )
    named = np.array(apart.stop_ids, dtype=np.int64)
    ways.append(
        pd.DataFrame(
            {
                "a": named[apart.from_index],
                "b": named[apart.to_index] + len(stops),
                "seconds": apart.seconds,
            }
        )
    )
    return between, pd.concat(ways, ignore_index=True)


def compare_ways(porto: Porto, theirs: Streets) -> None:
    """Print the km of streets that only one of both walks on, by their tags."""
    ours, other = _list_pieces(porto.streets), _list_pieces(theirs)
    tags = _read_tags(porto.extract, set(ours) ^ set(other))
    for name, mine, there in (("we", ours, other), ("cafein", other, ours)):
        lengths: dict[str, float] = {}
        for piece, metres in mine.items():
            if piece not in there:
                kind = tags.get(piece, "no way of the extract")
                lengths[kind] = lengths.get(kind, 0.0) + metres / 1000
        longest = sorted(lengths.items(), key=lambda item: -item[1])
        words = "; ".join(f"{kind} {km:.1f}" for kind, km in longest[:LONGEST])
        total, alone = sum(mine.values()) / 1000, sum(lengths.values())
        print(f"    {name} walk {total:.0f} km, {alone:.1f} of them alone: {words}", flush=True)


def _list_pieces(streets: Streets) -> dict[Piece, float]:
    """Return the metres between neighbouring points of all streets, each once."""
    shapes = streets.shapes
    x, y = np.round(shapes.x * SCALE).astype(np.int64), np.round(shapes.y * SCALE).astype(np.int64)
    inner = np.ones(len(x) - 1, dtype=bool)
    inner[shapes.offsets[1:-1] - 1] = False
    begin = np.flatnonzero(inner)
    metres = np.asarray(
        GEOD.inv(shapes.x[begin], shapes.y[begin], shapes.x[begin + 1], shapes.y[begin + 1])[2]
    )
    ends = zip(
        zip(x[begin].tolist(), y[begin].tolist(), strict=True),
        zip(x[begin + 1].tolist(), y[begin + 1].tolist(), strict=True),
        strict=True,
    )
    return {
        frozenset(pair): length
        for pair, length in zip(ends, metres.tolist(), strict=True)
        if length
    }


def _read_tags(extract: str, wanted: set[Piece]) -> dict[Piece, str]:
    """Return what decides about walking on each piece: class and access."""
    import osmium

    found = {}
    for way in osmium.FileProcessor(extract).with_locations():
        if not way.is_way() or "highway" not in way.tags:
            continue
        words = ", ".join(f"{key}={way.tags[key]}" for key in DECIDING if key in way.tags)
        spots = [
            (round(node.lon * SCALE), round(node.lat * SCALE))
            for node in way.nodes
            if node.location.valid()
        ]
        for pair in pairwise(spots):
            if frozenset(pair) in wanted:
                found[frozenset(pair)] = words
    return found
