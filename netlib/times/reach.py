"""Minutes from a place to every stop: what areas grow from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.errors import UnreachableError
from netlib.places import find_places, format_name, locate_places
from netlib.readings import Reading
from netlib.roads import NEVER as NO_WAY
from netlib.streets import Streets
from netlib.tables import Network
from netlib.times.journeys import Origin, find_ends, search_origin
from netlib.times.plan import (
    PERCENTILES,
    Egress,
    find_medians,
    find_medians_to,
    scan_deadlines,
)
from netlib.times.rides import measure_stations
from netlib.times.static import (
    NOTHING,
    PLANNED,
    SECONDS_PER_MINUTE,
    TURNED_UP,
    Static,
    build_static,
    locate_stops,
)
from netlib.times.table import choose_reading, split_by_timetable
from netlib.timetable.kernels import NEVER

COLUMNS = ["node_id", "x_coord", "y_coord", "by_road", "minutes"]


def reach(
    network: Network,
    origin: str,
    *,
    reading: str | Reading = "door_to_door",
    streets: Sequence[Streets] = (),
) -> pd.DataFrame:
    """Compute the minutes from a place to every stop under a reading of trains.

    Parameters
    ----------
    network
        A network of one day, at one end of its ranges.
    origin
        Id or name of a zone or a stop, or ``longitude,latitude``.
    reading
        Of rides or journeys.
    streets
        As in `netlib.times.travel_times`.

    Returns
    -------
    DataFrame
        ``node_id``, ``name_zh``, ``name_en``, ``x_coord``, ``y_coord``, ``by_road`` (whether the
        stop is left by taxi, too) and ``minutes``, the nearest first; a stop that is reached by
        metro alone and by train has two rows, as no taxi waits for the former: aboard, for
        rides; until one alights, for journeys between stations; until one stands in the street, for
        those from door to door. Stops of a place that a timetable knows better than the day's
        nearest one have the minutes of that one, as in `travel_times`.

    Raises
    ------
    UnreachableError
        If the origin has no stop within reach.

    Notes
    -----
    Minutes are medians stop by stop. Who can choose between stations, whichever train comes first,
    may do better than the best of them alone, as the median to a place takes into account.
    """
    spec = choose_reading(network, reading)
    [origin] = find_places(network, origin)
    zones = list_zones(network)
    pairs = pd.DataFrame({"from_id": origin, "to_id": zones})
    found = []
    for day, group, _ in split_by_timetable(network, pairs, spec):
        table = _reach_on(day, origin, spec, streets)
        zone = table["node_id"].map(zone_of_stops(network)).fillna("")
        found.append(table[zone.isin(group["to_id"])])
    table = pd.concat(found) if found else pd.DataFrame(columns=COLUMNS)
    if table.empty:
        name = format_name(network, origin)
        raise UnreachableError(f"{name} ({origin}) has no stop within reach on {network.day}")
    node = network["node"].drop_duplicates("node_id").set_index("node_id")
    for lang in ("zh", "en"):
        table.insert(1, f"name_{lang}", table["node_id"].map(node[f"name_{lang}"]).to_numpy())
    ordered = ["node_id", "name_zh", "name_en", *COLUMNS[1:]]
    return table[ordered].sort_values(["minutes", "node_id"], ignore_index=True)


def reach_back(
    network: Network,
    place: str,
    *,
    reading: str | Reading = "door_to_door",
    streets: Sequence[Streets] = (),
    longest_minutes: float = 240.0,
) -> pd.DataFrame:
    """Compute the minutes from the street at every stop to a place, door to door.

    Parameters
    ----------
    network, reading, streets
        As in `reach`; the reading is one of journeys between doors.
    place
        Id or name of a zone or a stop, or ``longitude,latitude``.
    longest_minutes
        Journeys that take longer may be left out.

    Returns
    -------
    DataFrame
        ``node_id``, ``x_coord``, ``y_coord``, ``by_road`` and ``minutes``, by stop.
    """
    spec = choose_reading(network, reading)
    [place] = find_places(network, place)
    pairs = pd.DataFrame({"from_id": list_zones(network), "to_id": place})
    found = []
    for day, group, _ in split_by_timetable(network, pairs, spec):
        table = _reach_back_on(day, place, spec, streets, round(60 * longest_minutes))
        zone = table["node_id"].map(zone_of_stops(network)).fillna("")
        found.append(table[zone.isin(group["from_id"])])
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=COLUMNS)


def _reach_back_on(
    network: Network, place: str, reading: Reading, streets: Sequence[Streets], longest: int
) -> pd.DataFrame:
    """Return the columns of `COLUMNS` for the stops on one timetable; see `reach_back`."""
    planned = reading.leaves == "planned"
    static = build_static(network, reading.window, planned=planned)
    points = locate_places(network, [place])
    goal = find_ends(network, static, points, [place], reading, toward="points", streets=streets)
    label = static.search_to(goal[place].node, goal[place].seconds)
    platform = np.arange(static.n_platforms)
    egress = label[static.into(platform, PLANNED)]
    egress = np.where(egress < NO_WAY, egress, NEVER).astype(np.int32)
    lanes = scan_deadlines(static.timetable, egress, reading.window, longest)
    stop = np.arange(static.n_stops)
    alone = label[static.street(stop, NOTHING)]
    entries = pack_entries(static, np.where(alone < NO_WAY, alone, NEVER).astype(np.int32))
    seconds = find_medians_to(lanes, entries, reading.window, planned=planned)
    reached = seconds < NEVER
    table = locate_stops(network, static.trains)[reached].rename(columns={"stop_id": "node_id"})
    return table.assign(minutes=seconds[reached] / SECONDS_PER_MINUTE)[COLUMNS]


def pack_entries(static: Static, alone: NDArray[np.int32]) -> Egress:
    """Pack the ways from the street at every stop to the departing side of platforms."""
    reached, n = static.inward, static.n_platforms
    stop = np.repeat(np.arange(static.n_stops), np.diff(reached.start))
    target = reached.node.astype(np.int64) - static.out(0, NOTHING)
    mine = (target >= 0) & (target < 3 * n)
    stop, target, ticks = stop[mine], target[mine] % n, reached.ticks[mine]
    order = np.lexsort((ticks, target, stop))
    pair = np.stack([stop[order], target[order]])
    first = np.r_[True, (pair[:, 1:] != pair[:, :-1]).any(axis=0)] if len(order) else order == 0
    kept = order[first]
    start = np.searchsorted(stop[kept], np.arange(static.n_stops + 1)).astype(np.int32)
    return Egress(start, target[kept].astype(np.int32), ticks[kept].astype(np.int32), alone)


def list_zones(network: Network) -> list[str]:
    """List the zones of all stops, '' among them for stops without one."""
    return sorted({*zone_of_stops(network).tolist(), ""})


def zone_of_stops(network: Network) -> pd.Series:
    """Return the zone of each stop."""
    node = network["node"].drop_duplicates("node_id").set_index("node_id")
    return node["zone_id"]


def _reach_on(
    network: Network, origin: str, reading: Reading, streets: Sequence[Streets]
) -> pd.DataFrame:
    """Return the columns of `COLUMNS` for the stops reached on one timetable."""
    if reading.measure == "direct_ride":
        return _reach_by_ride(network, origin, reading)
    static = build_static(network, reading.window, planned=reading.leaves == "planned")
    points = locate_places(network, [origin])
    ends = find_ends(network, static, points, [origin], reading, toward="stops", streets=streets)
    start = search_origin(static, ends[origin], reading)
    egress = pack_stops(static, start, reading)
    found = find_medians(start.lanes, egress, reading.window, planned=reading.leaves == "planned")
    stops = locate_stops(network, static.trains).rename(columns={"stop_id": "node_id"})
    tables = [_select_reached(stops, found.seconds[:, len(PERCENTILES) // 2])]
    if reading.ends == "centres":
        # Who came by metro alone goes on like who comes without it.
        alone = start.label[static.street(np.arange(static.n_stops), TURNED_UP)]
        alone = np.where(alone < NO_WAY, alone, NEVER)
        tables.append(_select_reached(stops.assign(by_road=False), alone))
    return pd.concat(tables, ignore_index=True)[COLUMNS]


def _select_reached(stops: pd.DataFrame, seconds: NDArray[np.int32]) -> pd.DataFrame:
    """Select the stops that are reached, with their minutes."""
    reached = seconds < NEVER
    return stops[reached].assign(minutes=seconds[reached] / SECONDS_PER_MINUTE)


def _reach_by_ride(network: Network, origin: str, reading: Reading) -> pd.DataFrame:
    """Return the stations of direct trains with the minutes aboard; those of the origin have 0."""
    minutes = measure_stations(network, origin, reading)
    node = network["node"].drop_duplicates("node_id")
    table = node[node["node_id"].isin(minutes.index)]
    return table.assign(minutes=table["node_id"].map(minutes), by_road=True)[COLUMNS]


def pack_stops(static: Static, origin: Origin, reading: Reading) -> Egress:
    """Pack the ways from the platforms of a timetable to every stop, or to its platforms."""
    n = static.n_stops
    if reading.ends == "stations":
        first, of_point = static.into(0, PLANNED), static.trains.stop
        alone = [origin.label[static.into(np.arange(static.n_platforms), k)] for k in (1, 2)]
    else:
        first, of_point = static.street(0, PLANNED), np.arange(n)
        alone = [origin.label[static.street(np.arange(n), PLANNED)]]
    reached = static.onward
    platform = np.repeat(np.arange(static.n_platforms), np.diff(reached.start))
    target = reached.node.astype(np.int64) - first
    mine = (target >= 0) & (target < len(of_point))
    point = of_point[target[mine]]
    order = np.argsort(point, kind="stable")
    start = np.searchsorted(point[order], np.arange(n + 1)).astype(np.int32)
    nearest: NDArray[np.int32] = np.full(n, NEVER, dtype=np.int32)
    best = np.min(alone, axis=0)
    np.minimum.at(nearest, of_point, np.where(best < NO_WAY, best, NEVER).astype(np.int32))
    return Egress(
        start,
        platform[mine][order].astype(np.int32),
        reached.ticks[mine][order].astype(np.int32),
        nearest,
    )
