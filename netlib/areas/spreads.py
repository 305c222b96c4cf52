"""Fields around stops: where the traveller gets to on foot, by taxi or by city bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from netlib.errors import UnknownNameError
from netlib.geometry import MINUTES_PER_HOUR
from netlib.roads import NEVER, Roads, build_origins, ground_kernels, one_to_all
from netlib.roads.fields import METRES_PER_KM, Field, Floats
from netlib.roads.ground import Window, build_ground, run_search
from netlib.roads.land import CELL_KM, Land, build_land
from netlib.streets.limited import enter_limited
from netlib.streets.modes import STREETS_OF, AccessMode, read_modes
from netlib.streets.snapping import compute_starts, snap_points
from netlib.streets.ways import (
    SECONDS_PER_MINUTE,
    TICKS_PER_SECOND,
    build_mode_roads,
    index_streets,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from netlib.streets import Streets
    from netlib.tables import Network

# A cell whose middle is farther than this from the streets of an extract has other ways, as in
# `netlib.times.access`: the width of a cell.
STREET_LIMIT_KM = 0.5
MARGIN_CELLS = 3
# A square of a thousand km in cells of half a km: what comes from farther has wider cells.
MOST_CELLS = 4_000_000
# Labels of one batch of searches over streets that are in memory at once, 64 MB of them.
BATCH_LABELS = 16_000_000


def spread(
    network: Network,
    sources: pd.DataFrame,
    *,
    modes: Sequence[str] = ("walk", "taxi"),
    limit_minutes: float,
    streets: Sequence[Streets] = (),
) -> Field:
    """Spread from stops over land by the quickest of some modes.

    Parameters
    ----------
    network
        A network of one day, at one end of its ranges.
    sources
        ``x_coord``, ``y_coord`` (WGS84), ``minutes`` at which the traveller stands in the street,
        and, if wanted, ``by_road`` (bool): where it is False people go on by foot only.
    modes
        Any of ``walk``, ``bus``, ``taxi`` and ``car``.
    limit_minutes
        The field is complete up to here.
    streets
        Extracts of streets, for cells near them.

    Returns
    -------
    Field

    Raises
    ------
    UnknownNameError
        If a mode is not known.
    """
    for name in modes:
        if name not in STREETS_OF:
            raise UnknownNameError("mode", name, STREETS_OF)
    near = sources[sources["minutes"] <= limit_minutes].reset_index(drop=True)
    cell_km = choose_width(network, near, limit_minutes)
    land = build_land(network, cell_km=cell_km)
    classes, west, south = cut_around(network, land, near, limit_minutes)
    minutes = np.full(classes.shape, np.inf)
    steps = [0.0]
    for mode in read_modes(network, modes):
        starts = near
        if mode.streets == "drive" and "by_road" in near:
            starts = near[near["by_road"].to_numpy(dtype=bool)]
        if starts.empty:
            continue
        own = np.full(classes.shape, np.inf)
        if mode.name == "walk":
            steps.append(_stamp_walks(network, land, starts, classes, (west, south), own))
        elif mode.streets == "drive":
            ground = build_ground(
                network,
                peak=True,
                vehicle="bus" if mode.name == "bus" else "car",
                cell_km=cell_km,
            )
            window = run_search(
                ground,
                starts.assign(minutes=starts["minutes"] + mode.fixed_minutes),
                limit_minutes=limit_minutes,
                longest_minutes=network.parameter("max_access_minutes"),
            )
            _merge(own, window, (west, south))
            steps.append(float(ground.rate.max()) * cell_km)
        for extract in streets:
            if extract.mode == mode.streets:
                _spread_streets(extract, mode, starts, land, (west, south), own, limit_minutes)
        np.minimum(minutes, own, out=minutes)
    return Field(
        minutes=minutes.astype(np.float32),
        west=west * cell_km,
        south=south * cell_km,
        cell_km=cell_km,
        crs=land.crs,
        limit_minutes=limit_minutes,
        step_minutes=max(steps) or 1.0,
    )


def list_reaches(network: Network, sources: pd.DataFrame, limit_minutes: float) -> Floats:
    """Return how far from each source anything may be reached, in km of straight line."""
    left = limit_minutes - sources["minutes"].to_numpy(dtype=np.float64)
    left = np.minimum(left, network.parameter("max_access_minutes"))
    return np.maximum(
        left * build_ground(network, peak=True).top_speed, network.parameter("max_walk_km")
    )


def choose_width(network: Network, sources: pd.DataFrame, limit_minutes: float) -> float:
    """Choose the width of cells so that the field has no more than `MOST_CELLS` of them."""
    if sources.empty:
        return CELL_KM
    place = build_land(network).project(sources["x_coord"], sources["y_coord"]) * CELL_KM
    reach = list_reaches(network, sources, limit_minutes)[:, None]
    size_km = (place + reach).max(axis=0) - (place - reach).min(axis=0)
    cell_km = CELL_KM
    while np.prod(size_km / cell_km) > MOST_CELLS:
        cell_km *= 2.0
    return cell_km


def cut_around(
    network: Network, land: Land, sources: pd.DataFrame, limit_minutes: float
) -> tuple[NDArray[np.uint8], int, int]:
    """Cut out a window of cells that holds all that may be reached from sources."""
    if sources.empty:
        return np.zeros((5, 5), dtype=np.uint8), 0, 0
    place = land.project(sources["x_coord"], sources["y_coord"])
    far = list_reaches(network, sources, limit_minutes) / land.cell_km + 2 * MARGIN_CELLS
    low, high = (place - far[:, None]).min(axis=0), (place + far[:, None]).max(axis=0)
    return land.cut_window(low, high, far=True)


def _stamp_walks(
    network: Network,
    land: Land,
    starts: pd.DataFrame,
    classes: NDArray[np.uint8],
    corner: tuple[int, int],
    minutes: NDArray[np.float64],
) -> float:
    """Write the minutes on foot in straight lines, and return those of one cell."""
    place = land.project(starts["x_coord"], starts["y_coord"]) - np.array(corner)
    length = network.parameter("walk_detour_ratio") * land.cell_km
    per_cell = length / network.parameter("walk_speed_kmh") * MINUTES_PER_HOUR
    ground_kernels.stamp_walks(
        classes,
        np.ascontiguousarray(place[:, 0]),
        np.ascontiguousarray(place[:, 1]),
        starts["minutes"].to_numpy(dtype=np.float64),
        network.parameter("max_walk_km") / land.cell_km,
        per_cell,
        minutes,
    )
    return per_cell


def _merge(minutes: NDArray[np.float64], window: Window, corner: tuple[int, int]) -> None:
    """Write what a search found where it is quicker."""
    found = window.read_field(np.inf).minutes
    row, column = window.south - corner[1], window.west - corner[0]
    rows, columns = found.shape
    a, b = max(row, 0), max(column, 0)
    c, d = min(row + rows, minutes.shape[0]), min(column + columns, minutes.shape[1])
    if a < c and b < d:
        target = minutes[a:c, b:d]
        np.minimum(target, found[a - row : c - row, b - column : d - column], out=target)


def _spread_streets(
    streets: Streets,
    mode: AccessMode,
    starts: pd.DataFrame,
    land: Land,
    corner: tuple[int, int],
    minutes: NDArray[np.float64],
    limit_minutes: float,
) -> None:
    """Put a mode's minutes over streets in place of its others in the cells near the streets.

    A cell takes the nearest corner of the streets, and the walk from there.
    """
    roads, seconds = build_mode_roads(streets, mode)
    places = (starts[axis].to_numpy(dtype=float) for axis in ("x_coord", "y_coord"))
    limit_m = STREET_LIMIT_KM * METRES_PER_KM
    snaps = snap_points(index_streets(streets), *places, limit_m=limit_m)
    joined = (snaps["edge"] >= 0).to_numpy()
    if not joined.any():
        return
    begin = (starts["minutes"].to_numpy(float)[joined] + mode.fixed_minutes) * SECONDS_PER_MINUTE
    first = compute_starts(
        snaps[joined].reset_index(drop=True), streets, seconds, walk_speed_kmh=mode.walk_speed_kmh
    )
    reached = search_from_all(roads, first, begin, mode, limit_minutes)
    arrival = enter_limited(streets, seconds, reached) / SECONDS_PER_MINUTE
    nodes = land.project(streets.nodes["x"], streets.nodes["y"]) - np.array(corner)
    low = np.maximum(np.floor(nodes.min(axis=0)).astype(np.int64) - 1, 0)
    high = np.minimum(np.ceil(nodes.max(axis=0)).astype(np.int64) + 2, minutes.shape[::-1])
    column, row = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
    cells = np.column_stack((column.ravel(), row.ravel()))
    away, nearest = cKDTree(nodes).query(cells, distance_upper_bound=STREET_LIMIT_KM / land.cell_km)
    near = np.isfinite(away)
    cells, away, nearest = cells[near], away[near], nearest[near]
    walk = away * land.cell_km / mode.walk_speed_kmh * MINUTES_PER_HOUR
    minutes[cells[:, 1], cells[:, 0]] = arrival[nearest] + walk


def search_from_all(
    roads: Roads, first: pd.DataFrame, begin: Floats, mode: AccessMode, limit_minutes: float
) -> Floats:
    """Search streets from all sources, none farther than the longest way of the mode.

    Parameters
    ----------
    roads
        The streets.
    first
        ``point``, ``node`` and ``seconds``, as from `netlib.streets.snapping.compute_starts`.
    begin
        float64 (points): seconds at which each source begins.
    mode
        Its ``limit_minutes`` count from each source.
    limit_minutes
        Beyond which nothing counts.

    Returns
    -------
    float64 (nodes)
        Seconds, inf where nothing leads.
    """
    node, point = first["node"].to_numpy(), first["point"].to_numpy()
    most = limit_minutes * SECONDS_PER_MINUTE
    longest = mode.limit_minutes * SECONDS_PER_MINUTE
    if most - begin.min() <= longest:
        # Nobody has the time for the longest way: one search does for all.
        ticks = np.rint((begin[point] + first["seconds"].to_numpy()) * TICKS_PER_SECOND)
        origin = build_origins(np.zeros(len(first), dtype=np.int64), node, ticks.astype(np.int64))
        found = one_to_all(roads, origin, limit=int(most * TICKS_PER_SECOND))[0]
        return np.where(found < NEVER, found / TICKS_PER_SECOND, np.inf)
    ticks = np.rint(first["seconds"].to_numpy() * TICKS_PER_SECOND).astype(np.int64)
    reached = np.full(len(roads.node), np.inf)
    batch = max(1, BATCH_LABELS // len(roads.node))
    for low in range(0, len(begin), batch):
        mine = (point >= low) & (point < low + batch)
        some = begin[low : low + batch]
        origins = build_origins(point[mine] - low, node[mine], ticks[mine], count=len(some))
        found = one_to_all(roads, origins, limit=int(longest * TICKS_PER_SECOND))
        seconds = np.where(found < NEVER, found / TICKS_PER_SECOND, np.inf) + some[:, None]
        np.minimum(reached, seconds.min(axis=0), out=reached)
    reached[reached > most] = np.inf
    return reached
