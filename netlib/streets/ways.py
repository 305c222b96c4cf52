"""Seconds between points and stops over streets, with one mode.

Points and stops are joined to the nearest place of the nearest street; the walk to it counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.errors import InputError, Notice
from netlib.roads import (
    NEVER,
    Roads,
    build_origins,
    build_roads,
    one_to_all,
    reverse_roads,
)
from netlib.streets import Streets
from netlib.streets.graph import Floats
from netlib.streets.limited import find_limited
from netlib.streets.modes import AccessMode
from netlib.streets.snapping import (
    StreetIndex,
    build_street_index,
    compute_ends,
    compute_same_edge,
    compute_starts,
    list_unjoined,
    snap_points,
)
from netlib.streets.speeds import Mode

Toward = Literal["stops", "points"]
StreetsByMode = Mapping[Mode, Streets]

# Searches count in tenths of a second: an edge is rounded by less than a step on foot.
TICKS_PER_SECOND = 10
SECONDS_PER_MINUTE = 60.0


class Joined(NamedTuple):
    """Points and stops joined to the streets of one mode, as from `snap_points`."""

    streets: Streets
    points: pd.DataFrame
    stops: pd.DataFrame


def gather_streets(files: Iterable[Streets]) -> dict[Mode, Streets]:
    """Gather street graphs by mode.

    Raises
    ------
    InputError
        If two are for the same mode.
    """
    gathered: dict[Mode, Streets] = {}
    for streets in files:
        if streets.mode in gathered:
            message = f"streets for {streets.mode} are given twice; give one file a mode"
            raise InputError([Notice(streets.source, 0, "doubled-streets", message)])
        gathered[streets.mode] = streets
    return gathered


def join_places(
    streets: StreetsByMode,
    wanted: Iterable[Mode],
    points: pd.DataFrame,
    stops: pd.DataFrame,
    limit_m: float,
) -> dict[Mode, Joined]:
    """Join points and stops to the streets of each wanted mode.

    Raises
    ------
    InputError
        If a point is joined to no streets at all.
    """
    joined: dict[Mode, Joined] = {}
    for mode in sorted(wanted):
        index = index_streets(streets[mode])
        tables = (
            snap_points(
                index,
                table["x_coord"].to_numpy(dtype=float),
                table["y_coord"].to_numpy(dtype=float),
                limit_m=limit_m,
            )
            for table in (points, stops)
        )
        joined[mode] = Joined(streets[mode], *tables)
    lost = np.all([places.points["edge"] < 0 for places in joined.values()], axis=0)
    if lost.any():
        nearest = min(joined.values(), key=lambda places: places.points["distance_m"][lost].sum())
        named = nearest.points.set_axis(points["point_id"].astype(str), axis=0)
        notices = list_unjoined(named[lost], limit_m=limit_m)
        raise InputError([replace(notice, severity="error") for notice in notices])
    return joined


@lru_cache(maxsize=8)
def index_streets(streets: Streets) -> StreetIndex:
    """Prepare streets for snapping, once."""
    return build_street_index(streets)


@lru_cache(maxsize=16)
def build_mode_roads(streets: Streets, mode: AccessMode) -> tuple[Roads, Floats]:
    """Build the graph that a mode is searched on, once, and the seconds over its edges.

    Streets for those with business there are none of the graph: `compute_starts` and
    `compute_ends` of `netlib.streets.snapping` lead out of and into them.
    """
    seconds = mode.compute_seconds(streets)
    through = ~find_limited(streets)
    nodes, edges = streets.nodes, streets.edges[through]
    ticks = np.rint(seconds[through] * TICKS_PER_SECOND).astype(np.int64)
    roads = build_roads(nodes["x"], nodes["y"], edges["tail"], edges["head"], ticks)
    return roads, seconds


def search_streets(
    joined: Joined, mode: AccessMode, *, toward: Toward, threads: int | None = None
) -> Floats:
    """Search the streets from every point to every stop, or the other way round.

    One bounded search a point, in threads; the stops take their times from the ends of their
    streets.

    Returns
    -------
    float64 (points, stops)
        Seconds with the walks off the network, without `AccessMode.fixed_minutes`; infinite beyond
        `AccessMode.limit_minutes`.
    """
    points, stops = joined.points, joined.stops
    roads, seconds = build_mode_roads(joined.streets, mode)
    options = {"walk_speed_kmh": mode.walk_speed_kmh}
    if toward == "stops":
        begin = compute_starts(points, joined.streets, seconds, **options)
        end = compute_ends(stops, joined.streets, seconds, **options)
    else:
        begin = compute_ends(points, joined.streets, seconds, **options)
        end = compute_starts(stops, joined.streets, seconds, **options)
        roads = reverse_roads(roads)
    limit = int(mode.limit_minutes * SECONDS_PER_MINUTE * TICKS_PER_SECOND)
    result = np.full((len(points), len(stops)), np.inf)
    origins = build_origins(
        begin["point"], begin["node"], to_ticks(begin["seconds"]), count=len(points)
    )
    labels = one_to_all(roads, origins, limit=limit, threads=threads)
    end = end.sort_values("point", kind="stable")
    stop, first = np.unique(end["point"].to_numpy(), return_index=True)
    if len(stop):
        times = labels[:, end["node"].to_numpy()] + to_ticks(end["seconds"])
        nearest = np.minimum.reduceat(times, first, axis=1)
        result[:, stop] = np.where(nearest < NEVER, nearest / TICKS_PER_SECOND, np.inf)
    take_same_edge(result, joined, seconds, mode, toward=toward)
    result[result > mode.limit_minutes * SECONDS_PER_MINUTE] = np.inf
    return result


def to_ticks(seconds: pd.Series) -> NDArray[np.int64]:
    """Return seconds in ticks."""
    ticks: NDArray[np.int64] = np.rint(seconds.to_numpy() * TICKS_PER_SECOND).astype(np.int64)
    return ticks


def take_same_edge(
    result: Floats, joined: Joined, seconds: Floats, mode: AccessMode, *, toward: Toward
) -> None:
    """Write the seconds between points and stops on one street where they are shorter."""
    points, stops = joined.points, joined.stops
    sides = [
        pd.DataFrame({"edge": side["edge"], name: np.arange(len(side))})[side["edge"] >= 0]
        for name, side in (("point", points), ("stop", stops))
    ]
    pairs = sides[0].merge(sides[1], on="edge")
    a, b = pairs["point"].to_numpy(), pairs["stop"].to_numpy()
    ends = points.iloc[a], stops.iloc[b]
    along = compute_same_edge(
        *(ends if toward == "stops" else ends[::-1]), seconds, walk_speed_kmh=mode.walk_speed_kmh
    )
    result[a, b] = np.minimum(result[a, b], along)
