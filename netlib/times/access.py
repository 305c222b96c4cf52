"""The ways between doors and stops: on foot, by city bus, taxi or one's own car.

Where streets are given and reach to both ends, the way runs over them; elsewhere people walk in
straight lines times a detour factor, and drive over the ground (`netlib.roads.ground`), in the
morning peak. Nobody walks or drives across a river away from its bridges, or across a border.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from netlib.errors import UnknownNameError
from netlib.geometry import MINUTES_PER_HOUR, pair_near
from netlib.roads import run_parts
from netlib.roads.ground import Ground, Vehicle, build_ground, search_places
from netlib.roads.land import build_land
from netlib.streets.modes import ACCESS_MODES, AccessMode, read_modes
from netlib.streets.snapping import snap_points
from netlib.streets.ways import (
    SECONDS_PER_MINUTE,
    Joined,
    Toward,
    index_streets,
    search_streets,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netlib.streets import Streets
    from netlib.tables import Network

# A place farther than this from every street of an extract is not served by it, and is measured
# over the ground: it is the width of a cell, so that doors and areas stand at the same streets. In
# a city 95 % of people live within 500 m of a bus stop (parameter bus_walk_minutes), which is on
# one.
STREET_LIMIT_M = 500.0
COLUMNS = ["point_id", "stop_id", "mode", "minutes"]


def measure_access(
    network: Network,
    points: pd.DataFrame,
    stops: pd.DataFrame,
    *,
    modes: Sequence[str] = ACCESS_MODES,
    toward: Toward = "stops",
    streets: Sequence[Streets] = (),
) -> pd.DataFrame:
    """Measure the ways between points and stops at the network's own figures.

    Parameters
    ----------
    network
        A network of one day, at one end of its ranges.
    points
        ``point_id``, ``x_coord`` and ``y_coord`` (WGS84).
    stops
        ``stop_id``, ``x_coord``, ``y_coord``; with a column ``by_road`` (bool) those where it is
        False are reached on foot only.
    modes
        Any of ``walk``, ``bus``, ``taxi`` and ``car``; over streets also ``bike``.
    toward
        Which end the ways lead to: one-way streets make a difference.
    streets
        Extracts of streets, to walk or to drive on; several may be for one mode.

    Returns
    -------
    DataFrame
        One row per point, stop and mode with a way that is short enough (``max_walk_km`` of
        straight line, ``max_access_minutes``): ``point_id``, ``stop_id``, ``mode`` and ``minutes``
        (with waits and parking).

    Raises
    ------
    UnknownNameError
        If a mode is not known.
    """
    for name in modes:
        if name not in (*ACCESS_MODES, "bike"):
            raise UnknownNameError("mode", name, (*ACCESS_MODES, "bike"))
    driven: dict[Vehicle, pd.DataFrame] = {}
    parts = [
        _list_ways(network, mode, points, stops, toward, streets, driven)
        for mode in read_modes(network, modes)
    ]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["point"])
    ids = {
        "point_id": points["point_id"].to_numpy(dtype=object)[table["point"].to_numpy(int)],
        "stop_id": stops["stop_id"].to_numpy(dtype=object)[table["stop"].to_numpy(int)],
    }
    return table.assign(**ids)[COLUMNS]


def _list_ways(
    network: Network,
    mode: AccessMode,
    points: pd.DataFrame,
    stops: pd.DataFrame,
    toward: Toward,
    streets: Sequence[Streets],
    driven: dict[Vehicle, pd.DataFrame],
) -> pd.DataFrame:
    """List the ways of one mode: ``point``, ``stop`` (positions), ``minutes``, ``km``, ``mode``.

    What a vehicle takes over the ground is kept in ``driven``: a taxi and a car take the same.
    """
    on_foot = mode.streets != "drive"
    ground = build_ground(network, peak=True, vehicle="bus" if mode.name == "bus" else "car")
    longest = network.parameter("max_access_minutes")
    reach = network.parameter("max_walk_km") if on_foot else longest * ground.top_speed
    by_road = np.ones(len(stops), dtype=bool)
    if not on_foot and "by_road" in stops:
        by_road = stops["by_road"].to_numpy(dtype=bool)
    # A place that nobody knows, such as a zone without a centre, has no ways.
    known = np.flatnonzero(points[["x_coord", "y_coord"]].notna().all(axis=1))
    own = np.flatnonzero(by_road & stops[["x_coord", "y_coord"]].notna().all(axis=1))
    a, b, km = pair_near(points.iloc[known], stops.iloc[own], reach)
    pairs = pd.DataFrame({"point": known[a], "stop": own[b], "km": km})
    if mode.name == "walk":
        pairs = _walk_straight(network, pairs, points, stops)
    elif mode.name == "bike":
        pairs = pairs.assign(minutes=np.inf)
    else:
        vehicle: Vehicle = "bus" if mode.name == "bus" else "car"
        if vehicle not in driven:
            driven[vehicle] = drive_pairs(ground, pairs, points, stops, longest)
        pairs = driven[vehicle].copy()
        pairs["minutes"] += mode.fixed_minutes
    for extract in streets:
        if extract.mode == mode.streets:
            pairs = _replace_by_streets(extract, mode, pairs, points, stops, toward)
    ways: pd.DataFrame = pairs.loc[np.isfinite(pairs["minutes"]), ["point", "stop", "minutes"]]
    return ways.assign(mode=mode.name)


def _walk_straight(
    network: Network, pairs: pd.DataFrame, points: pd.DataFrame, stops: pd.DataFrame
) -> pd.DataFrame:
    """Walk in straight lines times the detour factor, unless a river or a border is between."""
    land = build_land(network)
    ends = [
        land.project(table["x_coord"].to_numpy(), table["y_coord"].to_numpy())[pairs[name]]
        for table, name in ((points, "point"), (stops, "stop"))
    ]
    pairs = pairs[~land.is_cut(*ends)]
    length = pairs["km"] * network.parameter("walk_detour_ratio")
    minutes = length / network.parameter("walk_speed_kmh") * MINUTES_PER_HOUR
    return pairs.assign(minutes=minutes)


def drive_pairs(
    ground: Ground,
    pairs: pd.DataFrame,
    points: pd.DataFrame,
    stops: pd.DataFrame,
    limit_minutes: float,
) -> pd.DataFrame:
    """Drive between near points and stops over the ground.

    Parameters
    ----------
    pairs
        ``point`` and ``stop``: positions in the tables.
    limit_minutes
        Longest way.

    Returns
    -------
    DataFrame
        ``pairs`` with ``minutes``, inf without a way.
    """
    # Roads are usable both ways, so that the shorter side is searched from.
    turned = pairs["stop"].nunique() < pairs["point"].nunique()
    sides = ("stop", "point") if turned else ("point", "stop")
    froms, tos = (stops, points) if turned else (points, stops)
    start, goal = (pairs[name].to_numpy() for name in sides)
    order = np.argsort(start, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(start[order])) + 1) if len(order) else []
    minutes = np.full(len(pairs), np.inf)
    here, there = (
        ground.land.project(table["x_coord"].to_numpy(), table["y_coord"].to_numpy())
        for table in (froms, tos)
    )
    now = np.zeros(1)

    def search_part(first: int, last: int) -> None:
        for group in groups[first:last]:
            window = search_places(
                ground,
                here[start[group[:1]]],
                now,
                limit_minutes=limit_minutes,
                longest_minutes=limit_minutes,
            )
            found = window.read_places(there[goal[group]])[0]
            minutes[group] = np.where(found > limit_minutes, np.inf, found)

    run_parts(search_part, len(groups), None)
    return pairs.assign(minutes=minutes)


def _replace_by_streets(
    streets: Streets,
    mode: AccessMode,
    pairs: pd.DataFrame,
    points: pd.DataFrame,
    stops: pd.DataFrame,
    toward: Toward,
) -> pd.DataFrame:
    """Put the minutes over streets in place of others where both ends stand at these streets."""
    index = index_streets(streets)
    snaps = [
        snap_points(
            index,
            table["x_coord"].to_numpy(dtype=float),
            table["y_coord"].to_numpy(dtype=float),
            limit_m=STREET_LIMIT_M,
        )
        for table in (points, stops)
    ]
    known = [np.flatnonzero(snap["edge"] >= 0) for snap in snaps]
    if not len(known[0]) or not len(known[1]):
        return pairs
    parts = [
        snap.iloc[rows].reset_index(drop=True) for snap, rows in zip(snaps, known, strict=True)
    ]
    seconds = search_streets(Joined(streets, *parts), mode, toward=toward)
    table = np.full((len(points), len(stops)), np.nan)
    table[np.ix_(*known)] = seconds / SECONDS_PER_MINUTE + mode.fixed_minutes
    over = table[pairs["point"], pairs["stop"]]
    return pairs.assign(minutes=np.where(np.isnan(over), pairs["minutes"], over))
