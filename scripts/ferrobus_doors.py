"""Why ferrobus answers differently door to door in Porto Alegre, one habit of its at a time."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from benchmark_porto import (
    DAY,
    POINTS,
    RIDES,
    WALK_SECONDS,
    WINDOW,
    Points,
    Porto,
    build_porto,
    compute_matrix,
    join_points,
    join_streets,
    join_walks,
    measure_walks,
    pack_points,
    write_feed,
)
from ferrobus_twin import NEVER, Walks, pack_trips, pack_walks, search
from netlib.geometry import GEOD
from netlib.streets import select_largest_part
from netlib.timetable import DAY_SECONDS, Timetable
from peer_differences import Step, read_seconds, show_steps

# 1.4 m/s (ferrobus-core/src/lib.rs: ``WALKING_SPEED``).
METRES_PER_SECOND = 1.4
# Later than the last trip of the day, so that answers are walks.
LATE = 36 * 3600
# Stops that a point may be joined to: more than there are.
MOST_STOPS = 10_000


def load_model(ferrobus: Any, porto: Porto) -> Any:
    """Return ferrobus's model; it does not read blank times and gets them filled in."""
    with tempfile.TemporaryDirectory() as folder:
        write_feed(porto.calls, porto.stops, Path(folder))
        return ferrobus.create_transit_model(porto.extract, [folder], DAY, WALK_SECONDS)


def make_points(
    ferrobus: Any, model: Any, places: pd.DataFrame, seconds: NDArray[Any]
) -> list[Any]:
    """Return ferrobus's points, each with so many seconds to walk."""
    return [
        ferrobus.create_transit_point(y, x, model, int(most), MOST_STOPS)
        for (x, y), most in zip(places.itertuples(index=False), seconds, strict=True)
    ]


def explain_doors(
    porto: Porto,
    ferrobus: Any,
    model: Any,
    table: Timetable,
    ready: Points,
    found: tuple[list[Any], NDArray[Any]],
) -> None:
    """Explain a single departure from door to door: ferrobus's points and seconds."""
    departures, only = np.array([WINDOW[0]], dtype=np.int32), np.zeros(1, dtype=np.int64)
    ask = partial(compute_matrix, departures=departures, ranks=only, horizon_seconds=DAY_SECONDS)
    size = len(porto.stops)
    graph, first = join_streets(
        porto.streets, porto.stops, porto.points, walk_kmh=3.6 * METRES_PER_SECOND
    )
    fast = build_porto(porto.calls, porto.stops, graph, first)
    quick = join_points(size, graph, first)
    ours = _measure_corners(porto)
    places, answers = found
    theirs = _read_corners(porto, ferrobus, model, places)
    rows = [
        ("none", ask(table, ready)),
        ("begins at the nearest stop alone", ask(table, ready, starts=_take_nearest(ready))),
        ("walks at 1.4 m/s", ask(fast, quick, starts=_take_nearest(quick))),
        ("corner to corner in whole seconds", _ask_corners(porto, ours, ask)),
        ("the corners and ways that ferrobus knows", _ask_corners(porto, theirs, ask)),
        (
            "direct walks from corner to corner, some over the limit",
            _ask_corners(porto, theirs, ask, direct=theirs.direct),
        ),
    ]
    answer = read_seconds(answers)
    steps = [Step(name, read_seconds(result[:, :, 0]), answer) for name, result in rows]
    twin = _ask_twin(porto, theirs)
    steps.append(Step("who changes waits until the own vehicle has left", twin, answer))
    show_steps("ferrobus", steps, tolerance_seconds=0)


class Corners(NamedTuple):
    """Walks from corner to corner of the streets: seconds, `NEVER` where there is none.

    Attributes
    ----------
    to_corner
        int (points + stops): from a point or a stop to its corner.
    between
        int (points + stops, points + stops): between the corners of points and stops.
    direct
        int (points, points): what counts as a walk from point to point.
    starts
        int (points): the stop where journeys begin.
    """

    to_corner: NDArray[Any]
    between: NDArray[Any]
    direct: NDArray[Any]
    starts: NDArray[Any]


def _take_nearest(points: Points) -> Points:
    """Keep the shortest way of every point to a stop."""
    ways = _list_ways(points).sort_values("seconds").drop_duplicates("a")
    n_stops = int(ways["b"].max()) + 1
    return pack_points(n_stops, ways)._replace(direct=points.direct)


def _list_ways(points: Points) -> pd.DataFrame:
    owner = np.repeat(np.arange(POINTS), np.diff(points.start))
    return pd.DataFrame({"a": owner, "b": points.stop, "seconds": points.seconds})


def _measure_corners(porto: Porto) -> Corners:
    """Walk on our streets as ferrobus does on its own.

    ferrobus-core/src/loading/osm/processor.rs: the largest part, both ways, seconds cut off;
    src/model/streets/network.rs: the nearest corner, measured in degrees.
    """
    streets = select_largest_part(porto.streets)
    nodes, edges = streets.nodes[["x", "y"]].to_numpy(), streets.edges
    places = np.concatenate(
        [porto.points.to_numpy(), porto.stops[["x_coord", "y_coord"]].to_numpy()]
    )
    corner = cKDTree(nodes).query(places)[1]
    metres = GEOD.inv(places[:, 0], places[:, 1], nodes[corner, 0], nodes[corner, 1])[2]
    seconds = np.floor(edges["length_m"].to_numpy() / METRES_PER_SECOND)
    frame = pd.DataFrame({"tail": edges["tail"], "head": edges["head"], "seconds": seconds})
    frame = frame.sort_values("seconds").drop_duplicates(["tail", "head"])
    # scipy takes nothing for no street.
    weights = frame["seconds"].to_numpy() + 1e-4
    graph = csr_matrix((weights, (frame["tail"], frame["head"])), shape=(len(nodes),) * 2)
    used, number = np.unique(corner, return_inverse=True)
    walks = measure_walks(graph, used, used)
    between = np.full((len(used), len(used)), NEVER)
    between[walks["a"], walks["b"]] = np.rint(walks["seconds"])
    between = between[number[:, None], number[None]]
    to_corner = np.ceil(np.asarray(metres) / METRES_PER_SECOND).astype(np.int64)
    access = np.where(to_corner[POINTS:] <= WALK_SECONDS, between[:POINTS, POINTS:], NEVER)
    return Corners(to_corner, between, between[:POINTS, :POINTS], access.argmin(axis=1))


def _read_corners(porto: Porto, ferrobus: Any, model: Any, plain: list[Any]) -> Corners:
    """Ask ferrobus for its walks: late at night, when nothing runs."""
    assert porto.calls["departure"].max() < LATE, "trips run late"
    spots = pd.concat(
        [porto.points.set_axis(["x", "y"], axis=1),
         porto.stops[["x_coord", "y_coord"]].set_axis(["x", "y"], axis=1)]
    )  # fmt: skip
    to_corner = np.array([_find_corner(ferrobus, model, *place) for place in spots.to_numpy()])
    near = np.flatnonzero(to_corner <= WALK_SECONDS)
    made = make_points(ferrobus, model, spots.iloc[near], to_corner[near] + WALK_SECONDS)
    answers = np.array(ferrobus.travel_time_matrix(model, made, LATE, 1), dtype=float)
    between = np.full((len(spots), len(spots)), NEVER)
    between[near[:, None], near[None]] = np.where(np.isnan(answers), NEVER, answers)
    direct = np.array(ferrobus.travel_time_matrix(model, plain, LATE, 1), dtype=float)
    return Corners(
        to_corner,
        between,
        np.where(np.isnan(direct), NEVER, direct).astype(np.int64),
        np.array([point.nearest_stops()[0] for point in plain]),
    )


def _find_corner(ferrobus: Any, model: Any, x: float, y: float) -> int:
    """Find the seconds to a corner: the fewest with which a point can be made."""

    def fits(seconds: int) -> bool:
        try:
            ferrobus.create_transit_point(y, x, model, seconds, 1)
        except ValueError:
            return False
        return True

    high = 1
    while not fits(high):
        high *= 2
        if high > DAY_SECONDS:
            return int(NEVER)
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def _join_corners(corners: Corners) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return walks between stops (stops, stops), and from points to stops (points, stops)."""
    linked = corners.to_corner[POINTS:] <= WALK_SECONDS
    between = corners.between[POINTS:, POINTS:]
    short = (between <= WALK_SECONDS) & linked[:, None] & linked[None]
    ways = corners.between[:POINTS, POINTS:] + corners.to_corner[:POINTS, None]
    near = (ways <= WALK_SECONDS) & linked[None]
    return np.where(short, between, NEVER), np.where(near, ways, NEVER)


def _ask_corners(
    porto: Porto, corners: Corners, ask: Any, *, direct: NDArray[Any] | None = None
) -> NDArray[Any]:
    """Ask our engine with walks from corner to corner."""
    between, ways = _join_corners(corners)
    a, b = np.nonzero(between < NEVER)
    table = join_walks(
        porto.calls, porto.stops, pd.DataFrame({"a": a, "b": b, "seconds": between[a, b]})
    )
    a, b = np.nonzero(ways < NEVER)
    frame = pd.DataFrame({"a": a, "b": b, "seconds": ways[a, b]})
    first = frame[frame["b"] == corners.starts[frame["a"]]]
    if direct is None:
        walked = corners.between[:POINTS, :POINTS] + corners.to_corner[:POINTS, None]
        walked = walked + corners.to_corner[None, :POINTS]
        direct = np.where(walked <= WALK_SECONDS, walked, NEVER)
    points, starts = (pack_points(len(porto.stops), f) for f in (frame, first))
    result: NDArray[Any] = ask(table, points._replace(direct=direct), starts=starts)
    return result


def _ask_twin(porto: Porto, corners: Corners) -> NDArray[Any]:
    """Ask the twin with ferrobus's walks and habits."""
    between, ways = _join_corners(corners)
    calls = porto.calls[porto.calls["day"] == 0]
    patterns = pack_trips(calls, pd.Index(porto.stops["stop_id"]))
    walks: Walks = pack_walks(between, WALK_SECONDS)
    result = corners.direct.copy()
    for point, stop in enumerate(corners.starts.tolist()):
        arrivals = search(
            patterns, walks, len(between), stop, WINDOW[0] + int(ways[point, stop]), RIDES,
            early_exit=True, late_change=True,
        )  # fmt: skip
        total = (arrivals + ways - WINDOW[0]).min(axis=1)
        result[point] = np.minimum(result[point], total)
    return read_seconds(result)
