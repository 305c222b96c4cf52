"""Journeys of a window between places: medians over its minutes, and the legs of a median one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.readings import Reading
from netlib.roads import NEVER as NO_WAY
from netlib.roads.ground import describe_roads
from netlib.streets import Streets
from netlib.streets.ways import Toward
from netlib.tables import Network
from netlib.times.access import measure_access
from netlib.times.plan import PERCENTILES, Egress, Lanes, Medians, find_medians, scan_lanes
from netlib.times.static import (
    EDGES,
    NOTHING,
    PLANNED,
    RIDE,
    SECONDS_PER_MINUTE,
    TURNED_UP,
    Static,
    build_static,
)
from netlib.times.steps import Step
from netlib.timetable.kernels import NEVER
from netlib.timetable.scans import trace_legs
from netlib.vehicles import KINDS, RAIL

Steps = dict[tuple[str, str], list[Step]]

# A car stands at home: it takes people to a stop, and nobody has one where they get off. Without
# any vehicle of a timetable one walks or takes a city bus; all the way by car is a drive.
ACCESS_MODES = ("walk", "bus", "taxi", "car")
EGRESS_MODES = ("walk", "bus", "taxi")
DIRECT_MODES = ("walk", "bus")
# Figures of the ways to and from stops, besides those of the roads.
ACCESS_FIGURES = (
    "bus_headway_minutes",
    "bus_walk_minutes",
    "max_walk_km",
    "parking_minutes",
    "taxi_wait_minutes",
    "walk_detour_ratio",
    "walk_speed_kmh",
)
STOP_TYPES = ("rail_station", "metro_station", "stop")
# A taxi meets trains: who comes by metro alone goes on like who comes without it, or could as well
# have taken the taxi from the door.
MODES_AFTER = {TURNED_UP: DIRECT_MODES, PLANNED: EGRESS_MODES}


@dataclass(frozen=True, eq=False)
class End:
    """Where journeys from or to a place enter or leave the static graph.

    Attributes
    ----------
    node, seconds
        int64: nodes of `netlib.times.static.Static`, and the way between them and the place.
    mode
        object: how one goes it, '' for stations.
    """

    node: NDArray[np.int64]
    seconds: NDArray[np.int64]
    mode: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Origin:
    """All that is known of the journeys from one place.

    Attributes
    ----------
    end
        How one gets away.
    label
        int32 (nodes): seconds to every node of the static graph.
    access
        int32 (platforms): seconds to the departing side of each.
    lanes
        Journeys on the timetable.
    """

    end: End
    label: NDArray[np.int32]
    access: NDArray[np.int32]
    lanes: Lanes


def measure_journeys(
    network: Network,
    pairs: pd.DataFrame,
    points: pd.DataFrame,
    reading: Reading,
    *,
    streets: Sequence[Streets] = (),
    legs: bool = False,
) -> tuple[pd.DataFrame, Steps]:
    """Measure the journeys of each pair of places.

    Parameters
    ----------
    network
        A network of one day, at one end of its ranges.
    pairs
        ``from_id`` and ``to_id``.
    points
        ``point_id``, ``x_coord`` and ``y_coord`` of all places.
    reading
        Of journeys.
    streets
        Extracts that doors and stops are joined over, where they have any.
    legs
        Whether the steps of a median journey are wanted.

    Returns
    -------
    table, steps
        ``from_id``, ``to_id``, ``minutes`` (the median; NaN without a journey), ``p05``, ``p50``,
        ``p95`` (percentiles over the minutes of the window) and ``gap_minutes`` (mean minutes
        between departures worth taking); and the steps by pair.
    """
    static = build_static(network, reading.window, planned=reading.leaves == "planned")
    froms, tos = (list(dict.fromkeys(pairs[c])) for c in ("from_id", "to_id"))
    begins = find_ends(network, static, points, froms, reading, toward="stops", streets=streets)
    goals = find_ends(network, static, points, tos, reading, toward="points", streets=streets)
    direct = find_direct(network, points, froms, tos, reading, streets=streets)
    back = {place: search_back(static, goals[place]) for place in tos}
    parts, steps = [], {}
    for place, group in pairs.groupby("from_id", sort=False):
        origin = search_origin(static, begins[str(place)], reading)
        names = group["to_id"].tolist()
        alone = [find_static(origin, goals[name]) for name in names]
        straight = [direct.get((str(place), name), (int(NEVER), "")) for name in names]
        direct_seconds = np.array([seconds for seconds, _ in straight], dtype=np.int64)
        best = np.minimum(np.array(alone, dtype=np.int64), direct_seconds).astype(np.int32)
        egress = pack_egress([back[name] for name in names], best)
        found = find_medians(
            origin.lanes, egress, reading.window, planned=reading.leaves == "planned"
        )
        parts.append(describe(group, found, reading))
        if legs:
            for row, name in enumerate(names):
                pair = (str(place), name)
                path = trace(static, origin, goals[name], found, row, straight[row], pair)
                if path:
                    steps[pair] = path
    table = pd.concat(parts).reindex(pairs.index)
    return table, steps


def describe(group: pd.DataFrame, found: Medians, reading: Reading) -> pd.DataFrame:
    """Return the rows of `measure_journeys` for one origin."""
    minutes = np.where(found.seconds < NEVER, found.seconds / SECONDS_PER_MINUTE, np.nan)
    span = (reading.window[1] - reading.window[0]) / SECONDS_PER_MINUTE
    with np.errstate(divide="ignore"):
        gap = np.where(found.lane >= 0, span / found.journeys, np.nan)
    table = group[["from_id", "to_id"]].assign(minutes=minutes[:, len(PERCENTILES) // 2])
    for place, share in enumerate(PERCENTILES):
        table[f"p{share:02g}"] = minutes[:, place]
    return table.assign(gap_minutes=np.where(np.isfinite(gap), gap, np.nan))


def find_ends(
    network: Network,
    static: Static,
    points: pd.DataFrame,
    places: Sequence[str],
    reading: Reading,
    *,
    toward: Toward,
    streets: Sequence[Streets],
) -> dict[str, End]:
    """Find how journeys enter (``toward="stops"``) or leave the static graph at each place."""
    if reading.ends == "stations":
        return {place: stand_at_stations(network, static, place, toward) for place in places}
    after = {NOTHING: ACCESS_MODES} if toward == "stops" else MODES_AFTER
    ways = read_ways(network, points, places, toward=toward, streets=streets)
    position = pd.Index(static.trains.stops)
    return {place: join_ends(static, position, ways[place], after) for place in places}


def join_ends(
    static: Static,
    position: pd.Index,
    ways: pd.DataFrame,
    after: Mapping[int, Sequence[str]],
) -> End:
    """Join the ways between a place and the stops, by what a traveller has used there so far.

    Parameters
    ----------
    ways
        As from `read_ways`, for one place.
    after
        The modes that there are, by layer of the static graph.
    """
    stop = position.get_indexer(pd.Index(ways["stop_id"]))
    seconds = np.rint(ways["minutes"].to_numpy(dtype=np.float64) * SECONDS_PER_MINUTE)
    mode = ways["mode"].to_numpy(dtype=object)
    nodes, times, modes = [], [], []
    for layer, names in after.items():
        rows = np.flatnonzero((stop >= 0) & np.isin(mode, names))
        # The quickest comes first: of each stop it is the one that counts.
        rows = rows[np.unique(stop[rows], return_index=True)[1]]
        nodes.append(static.street(stop[rows], layer))
        times.append(seconds[rows].astype(np.int64))
        modes.append(mode[rows])
    return End(np.concatenate(nodes).astype(np.int64), np.concatenate(times), np.concatenate(modes))


def list_stops(network: Network) -> pd.DataFrame:
    """List the stations and stops of a day, with or without trains.

    Returns
    -------
    DataFrame
        ``stop_id``, ``x_coord``, ``y_coord`` (WGS84) and ``by_road``: railway stations are reached
        by road, metro stations and stops in the street on foot.
    """
    node = network["node"].drop_duplicates("node_id")
    node = node[node["node_type"].isin(STOP_TYPES)]
    table = node[["node_id", "x_coord", "y_coord"]].rename(columns={"node_id": "stop_id"})
    return table.assign(by_road=(node["node_type"] == "rail_station").to_numpy())


def read_ways(
    network: Network,
    points: pd.DataFrame,
    places: Iterable[str],
    *,
    toward: Toward,
    streets: Sequence[Streets],
) -> dict[str, pd.DataFrame]:
    """Read the ways between each place and the stops around it by every mode.

    Measured once for all networks with the same roads and stops, such as those of one day with
    trains of other epochs. Without streets ways are the same in both directions.

    Returns
    -------
    dict
        By place ``stop_id``, ``mode`` and ``minutes``, the quickest first.
    """
    known = network.parameters
    figures = tuple(known.get(name, np.nan) for name in ACCESS_FIGURES)
    key = (describe_roads(network), figures, toward if streets else "", tuple(streets))
    shared: dict[Any, dict[str, pd.DataFrame]] = (network.whole or network).remember("ways", dict)
    kept = shared.setdefault(key, {})
    missing = [place for place in dict.fromkeys(places) if place not in kept]
    if missing:
        table = measure_access(
            network,
            points[points["point_id"].isin(missing)],
            list_stops(network),
            modes=ACCESS_MODES,
            toward=toward,
            streets=streets,
        )
        table = table.sort_values(["point_id", "minutes", "stop_id", "mode"], kind="stable")
        groups = dict(iter(table.groupby("point_id", sort=False)))
        for place in missing:
            found = groups.get(place, table.iloc[:0])
            kept[place] = found[["stop_id", "mode", "minutes"]].reset_index(drop=True)
    return kept


def stand_at_stations(network: Network, static: Static, place: str, toward: Toward) -> End:
    """Find the platforms of a zone or of a stop: those of the railway where it has any."""
    trains = static.trains
    node = network["node"]
    own = set(node.loc[node["zone_id"] == place, "node_id"]) | {place}
    mine = np.isin(trains.stops, list(own))[trains.stop]
    if (mine & (trains.kind == RAIL)).any():
        mine &= trains.kind == RAIL
    platform = np.flatnonzero(mine)
    sides = (
        [static.out(platform, NOTHING)]
        if toward == "stops"
        else [static.into(platform, layer) for layer in (TURNED_UP, PLANNED)]
    )
    nodes = np.concatenate(sides).astype(np.int64)
    return End(nodes, np.zeros(len(nodes), dtype=np.int64), np.full(len(nodes), "", dtype=object))


def find_direct(
    network: Network,
    points: pd.DataFrame,
    froms: Sequence[str],
    tos: Sequence[str],
    reading: Reading,
    *,
    streets: Sequence[Streets],
) -> dict[tuple[str, str], tuple[int, str]]:
    """Find the ways between doors without any service of a timetable: seconds and mode by pair."""
    if reading.ends == "stations":
        return {}
    goals = points[points["point_id"].isin(tos)].rename(columns={"point_id": "stop_id"})
    table = measure_access(
        network,
        points[points["point_id"].isin(froms)],
        goals.assign(by_road=True),
        modes=DIRECT_MODES,
        toward="stops",
        streets=streets,
    ).sort_values("minutes", kind="stable")
    columns = (table[c].tolist() for c in ("point_id", "stop_id", "minutes", "mode"))
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for start, end, minutes, mode in zip(*columns, strict=True):
        found.setdefault((start, end), (round(minutes * SECONDS_PER_MINUTE), mode))
    return found


def search_origin(static: Static, end: End, reading: Reading) -> Origin:
    """Search the journeys from a place."""
    label = static.search_from(end.node, end.seconds)
    platform = np.arange(static.n_platforms)
    layers = [label[static.out(platform, layer)] for layer in (NOTHING, TURNED_UP, PLANNED)]
    nearest = np.min(layers, axis=0)
    access = np.where(nearest < NO_WAY, nearest, NEVER).astype(np.int32)
    planned = reading.leaves == "planned"
    lanes = scan_lanes(static.timetable, access, reading.window, planned=planned)
    return Origin(end, label, access, lanes)


def search_back(static: Static, end: End) -> NDArray[np.int32]:
    """Return the seconds from the arriving side of every platform to a place."""
    label = static.search_to(end.node, end.seconds)
    found: NDArray[np.int32] = label[static.into(np.arange(static.n_platforms), PLANNED)]
    return found


def find_static(origin: Origin, end: End) -> int:
    """Return the seconds to a place without the timetable, `NEVER` if there is no way."""
    if not len(end.node):
        return int(NEVER)
    total = origin.label[end.node].astype(np.int64) + end.seconds
    return int(min(total.min(), NEVER)) if total.min() < NO_WAY else int(NEVER)


def pack_egress(back: Sequence[NDArray[np.int32]], static: NDArray[np.int32]) -> Egress:
    """Pack the ways to points, each given by the seconds from every platform."""
    near = [np.flatnonzero(seconds < NO_WAY) for seconds in back]
    start = np.r_[0, np.cumsum([len(platforms) for platforms in near])].astype(np.int32)
    nothing = [np.zeros(0, dtype=np.int32)]
    seconds = [way[platforms] for way, platforms in zip(back, near, strict=True)]
    return Egress(
        start,
        np.concatenate([*nothing, *near]).astype(np.int32),
        np.concatenate([*nothing, *seconds]).astype(np.int32),
        static,
    )


def trace(
    static: Static,
    origin: Origin,
    goal: End,
    found: Medians,
    row: int,
    direct: tuple[int, str],
    pair: tuple[str, str],
) -> list[Step]:
    """Recover the steps of the median journey of a pair; none where there is no journey."""
    median = found.seconds[row, len(PERCENTILES) // 2]
    if median >= NEVER:
        return []
    lane = int(found.lane[row])
    if lane >= 0:
        steps = trace_timetable(static, origin, goal, int(origin.lanes.departures[lane]), pair)
        return steps if static.planned else wait_first(steps, median / SECONDS_PER_MINUTE)
    if median == direct[0]:
        step = Step("access", *pair, minutes=direct[0] / SECONDS_PER_MINUTE, mode=direct[1])
        return [step]
    total = origin.label[goal.node].astype(np.int64) + goal.seconds
    last = int(np.argmin(total))
    begin, edges = static.trace_from(origin.end.node, origin.end.seconds, int(goal.node[last]))
    steps = [*leave(static, origin.end, begin, pair[0]), *walk_edges(static, edges)]
    return [*steps, *arrive(static, goal, last, pair[1])]


def trace_timetable(
    static: Static, origin: Origin, goal: End, departure: int, pair: tuple[str, str]
) -> list[Step]:
    """Recover the steps of the journey that leaves at a moment."""
    egress = search_back(static, goal)
    egress = np.where(egress < NO_WAY, egress, NEVER).astype(np.int32)
    legs = trace_legs(static.timetable, origin.access, departure, egress)
    rides = legs[legs["kind"] == "ride"].to_dict("records")
    first = int(rides[0]["from_stop"])
    layers = [int(static.out(first, layer)) for layer in (NOTHING, TURNED_UP, PLANNED)]
    target = min(layers, key=lambda node: int(origin.label[node]))
    begin, edges = static.trace_from(origin.end.node, origin.end.seconds, target)
    steps = [*leave(static, origin.end, begin, pair[0]), *walk_edges(static, edges)]
    clock = departure + int(origin.access[first])
    for number, ride in enumerate(rides):
        start, end = int(ride["from_stop"]), int(ride["to_stop"])
        if number:
            before = int(rides[number - 1]["to_stop"])
            node = int(static.into(before, PLANNED))
            _, edges = static.trace_from([node], [0], int(static.out(start, PLANNED)))
            steps += walk_edges(static, edges)
            clock += int(static.seconds[edges].sum())
        steps.append(ride_timetable(static, ride, clock, start, end))
        clock = int(ride["arrival"])
    node = int(static.into(int(rides[-1]["to_stop"]), PLANNED))
    edges, last = static.trace_to(node, goal.node, goal.seconds)
    steps += walk_edges(static, edges)
    reached = int(np.flatnonzero(goal.node == last)[np.argmin(goal.seconds[goal.node == last])])
    steps += arrive(static, goal, reached, pair[1])
    return [start_at(steps[0], departure), *steps[1:]]


def wait_first(steps: Sequence[Step], minutes: float) -> list[Step]:
    """Return a journey of who sets out at random: what is left of the minutes is the first wait."""
    rest = minutes - sum(step.minutes for step in steps)
    begin = replace(steps[0], departs=steps[0].departs - SECONDS_PER_MINUTE * rest)
    steps = [begin if steps[0].kind != "ride" else steps[0], *steps[1:]]
    first = next(place for place, step in enumerate(steps) if step.trip_id and step.departs > 0)
    ride = steps[first]
    ride = replace(ride, minutes=ride.minutes + rest, wait=ride.wait + rest)
    return [*steps[:first], ride, *steps[first + 1 :]]


def start_at(step: Step, departure: int) -> Step:
    """Return the first step of a journey with the time at which it begins."""
    return replace(step, departs=float(departure) if step.kind != "ride" else step.departs)


def ride_timetable(static: Static, ride: dict[Any, Any], clock: int, start: int, end: int) -> Step:
    """Return a ride with clock times as a step; ``clock`` is when one stands on the platform."""
    wait = max(int(ride["departure"]) - clock, 0) / SECONDS_PER_MINUTE
    stops, trains = static.trains.stops, static.trains
    return Step(
        "ride",
        str(stops[trains.stop[start]]),
        str(stops[trains.stop[end]]),
        minutes=wait + (int(ride["arrival"]) - int(ride["departure"])) / SECONDS_PER_MINUTE,
        wait=wait,
        mode=KINDS[trains.kind[start]],
        trip_id=str(ride["trip_id"]),
        departs=float(ride["departure"]),
    )


def leave(static: Static, end: End, node: int, place: str) -> list[Step]:
    """Return the step from a door to the first node of a way; none at a station."""
    rows = np.flatnonzero(end.node == node)
    row = int(rows[np.argmin(end.seconds[rows])])
    if not end.mode[row]:
        return []
    stop = str(static.trains.stops[static.locate(node)])
    minutes = end.seconds[row] / SECONDS_PER_MINUTE
    return [Step("access", place, stop, minutes=float(minutes), mode=str(end.mode[row]))]


def arrive(static: Static, end: End, row: int, place: str) -> list[Step]:
    """Return the step from the last node of a way to a door; none at a station."""
    if not end.mode[row]:
        return []
    stop = str(static.trains.stops[static.locate(int(end.node[row]))])
    minutes = end.seconds[row] / SECONDS_PER_MINUTE
    return [Step("egress", stop, place, minutes=float(minutes), mode=str(end.mode[row]))]


def walk_edges(static: Static, edges: Sequence[int]) -> list[Step]:
    """Return the edges of the static graph as steps."""
    stops = static.trains.stops
    steps = []
    for edge in edges:
        what = int(static.what[edge])
        tail, head = int(static.tail[edge]), int(static.head[edge])
        platform = tail if what == RIDE else max(tail, head)
        is_platform = platform >= static.first_platform
        kind = KINDS[static.trains.kind[static.find_platform(platform)]] if is_platform else "walk"
        steps.append(
            Step(
                EDGES[what],
                str(stops[static.locate(tail)]),
                str(stops[static.locate(head)]),
                minutes=static.seconds[edge] / SECONDS_PER_MINUTE,
                wait=static.wait[edge] / SECONDS_PER_MINUTE,
                mode=kind,
                trip_id=str(static.trip[edge]),
                gap=float(static.gap[edge]) / SECONDS_PER_MINUTE,
            )
        )
    return steps
