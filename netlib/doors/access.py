"""Minutes between doors and stops over streets, for every mode that has streets.

Doors and stops are joined to the nearest place of the nearest street; the walk to it counts, and is
shown. A door farther from every street than the limit is an error that lists all such doors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.doors.modes import ACCESS_MODES, STREETS_OF, AccessMode, read_modes
from netlib.errors import InputError, Notice, UnknownNameError
from netlib.evidence import Variant
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
from netlib.streets.snapping import (
    LIMIT_M,
    StreetIndex,
    build_street_index,
    compute_ends,
    compute_same_edge,
    compute_starts,
    list_unjoined,
    snap_points,
)
from netlib.streets.speeds import Mode
from netlib.surfaces import MINUTES_PER_HOUR
from netlib.tables import Network

Toward = Literal["stops", "points"]
StreetsByMode = Mapping[Mode, Streets]

# Searches count in tenths of a second: an edge is rounded by less than a step on foot.
TICKS_PER_SECOND = 10
SECONDS_PER_MINUTE = 60.0
# Labels of one batch of searches that are in memory at once, 64 MB of them.
BATCH_LABELS = 16_000_000
VARIANTS: tuple[Variant, ...] = ("low", "central", "high")
COLUMNS = ("point_id", "stop_id", "mode", "low", "minutes", "high", "off_network_m")


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


def measure_access(
    network: Network,
    streets: StreetsByMode,
    points: pd.DataFrame,
    stops: pd.DataFrame,
    *,
    modes: Sequence[str] | None = None,
    toward: Toward = "stops",
    limit_m: float = LIMIT_M,
    threads: int | None = None,
) -> pd.DataFrame:
    """Measure the ways between points and stops over streets.

    Parameters
    ----------
    network
        Whose parameters say how fast people are, and how long they wait or park.
    streets
        Street graphs by mode, as from `gather_streets`.
    points
        ``point_id``, ``x_coord`` and ``y_coord`` (longitude and latitude, WGS84).
    stops
        ``stop_id``, ``x_coord``, ``y_coord``; with a column ``by_road`` (bool) those where it is
        False are reached on foot and by bicycle only.
    modes
        Names of modes; by default all of `netlib.doors.modes.ACCESS_MODES` that have streets.
    toward
        Which end the ways lead to: one-way streets make a difference.
    limit_m
        Points and stops farther from a street are not joined to it.
    threads
        As in `netlib.roads.one_to_all`.

    Returns
    -------
    DataFrame
        One row per point, stop and mode with a way no longer than the mode's limit: ``point_id``,
        ``stop_id``, ``mode``, ``low``, ``minutes``, ``high`` (with waits and parking; ``high`` is
        NaN where the way is too long at that end of the ranges) and ``off_network_m`` (metres
        between the point, or the stop, and the street, which are walked).

    Raises
    ------
    InputError
        If a mode has no streets, or a point is joined to none: all such points are listed, each
        with its distance.
    UnknownNameError
        If a mode is not known.
    """
    names = choose_modes(streets, modes)
    joined = join_places(streets, {STREETS_OF[name] for name in names}, points, stops, limit_m)
    by_road = np.ones(len(stops), dtype=bool)
    if "by_road" in stops:
        by_road = stops["by_road"].to_numpy(dtype=bool)
    parts = []
    variants = (read_modes(network, names, variant=variant) for variant in VARIANTS)
    for ends in zip(*variants, strict=True):
        places = joined[ends[0].streets]
        batch = max(1, BATCH_LABELS // (len(places.streets.nodes) + len(stops)))
        for first in range(0, len(points), batch):
            some = places._replace(points=places.points.iloc[first : first + batch])
            minutes = [
                search_streets(some, end, toward=toward, threads=threads) / SECONDS_PER_MINUTE
                + end.fixed_minutes
                for end in ends
            ]
            if ends[0].streets == "drive":
                for block in minutes:
                    block[:, ~by_road] = np.inf
            parts.append(list_ways(some, minutes).assign(mode=ends[0].name, first=first))
    table = pd.concat(parts, ignore_index=True)
    point = (table["point"] + table["first"]).to_numpy()
    ids = {
        "point_id": points["point_id"].to_numpy(dtype=object)[point],
        "stop_id": stops["stop_id"].to_numpy(dtype=object)[table["stop"].to_numpy()],
    }
    return table.assign(**ids)[list(COLUMNS)]


def list_ways(joined: Joined, minutes: Sequence[Floats]) -> pd.DataFrame:
    """List the ways that exist at the central figures.

    Parameters
    ----------
    minutes
        At the low, central and high end, each (points, stops), infinite where there is no way.

    Returns
    -------
    DataFrame
        ``point`` and ``stop`` (positions), ``low``, ``minutes``, ``high`` and ``off_network_m``.
    """
    a, b = np.nonzero(np.isfinite(minutes[1]))
    low, central, high = (block[a, b] for block in minutes)
    distance_m = [side["distance_m"].to_numpy() for side in (joined.points, joined.stops)]
    return pd.DataFrame(
        {
            "point": a,
            "stop": b,
            "low": low,
            "minutes": central,
            "high": np.where(np.isfinite(high), high, np.nan),
            "off_network_m": distance_m[0][a] + distance_m[1][b],
        }
    )


def measure_transfers(
    network: Network, streets: StreetsByMode, stops: pd.DataFrame, *, limit_m: float = LIMIT_M
) -> pd.DataFrame:
    """Measure the walks between stops, no longer than the parameter ``station_walk_link_km``.

    Parameters
    ----------
    network, streets, stops, limit_m
        As in `measure_access`; only streets to walk on count.

    Returns
    -------
    DataFrame
        ``from_stop_id``, ``to_stop_id`` and ``seconds`` at the central figures, as
        `netlib.timetable.build_timetable` takes them.

    Raises
    ------
    InputError
        If there are no streets to walk on.
    """
    choose_modes(streets, ["walk"])
    points = stops.rename(columns={"stop_id": "point_id"})
    index = index_streets(streets["walk"])
    place = (stops[axis].to_numpy(dtype=float) for axis in ("x_coord", "y_coord"))
    near = (snap_points(index, *place, limit_m=limit_m)["edge"] >= 0).to_numpy()
    ways = measure_access(
        network, streets, points[near], stops[near], modes=["walk"], limit_m=limit_m
    )
    value = network.parameter
    km = value("station_walk_link_km") * value("walk_detour_ratio")
    most = km / value("walk_speed_kmh") * MINUTES_PER_HOUR
    ways = ways[(ways["minutes"] <= most) & (ways["point_id"] != ways["stop_id"])]
    return pd.DataFrame(
        {
            "from_stop_id": ways["point_id"].to_numpy(),
            "to_stop_id": ways["stop_id"].to_numpy(),
            "seconds": np.rint(ways["minutes"].to_numpy() * SECONDS_PER_MINUTE),
        }
    )


def choose_modes(streets: StreetsByMode, modes: Sequence[str] | None) -> list[str]:
    """Return the names of the modes that are wanted, or of those that have streets.

    Raises
    ------
    InputError
        If a mode has no streets, or none of the usual has.
    UnknownNameError
        If a mode is not known.
    """
    if modes is None:
        found = [name for name in ACCESS_MODES if STREETS_OF[name] in streets]
        if not found:
            message = "there are no streets to walk or drive on; read some with netlib streets"
            raise InputError([Notice("streets", 0, "no-streets", message)])
        return found
    for name in modes:
        if name not in STREETS_OF:
            raise UnknownNameError("mode", name, STREETS_OF)
    missing = [name for name in modes if STREETS_OF[name] not in streets]
    if missing:
        needed = ", ".join(sorted({STREETS_OF[name] for name in missing}))
        message = f"{', '.join(missing)} need streets for {needed}; read them with netlib streets"
        raise InputError([Notice("streets", 0, "no-streets", message)])
    return list(modes)


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
    """Build the graph that a mode is searched on, once, and the seconds over its edges."""
    seconds = mode.compute_seconds(streets)
    nodes, edges = streets.nodes, streets.edges
    ticks = np.rint(seconds * TICKS_PER_SECOND).astype(np.int64)
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
