"""Minutes between doors and stops over streets, for every mode that has streets.

Doors and stops are joined to the nearest place of the nearest street; the walk to it counts, and is
shown. A door farther from every street than the limit is an error that lists all such doors.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from netlib.errors import InputError, Notice, UnknownNameError
from netlib.evidence import Variant
from netlib.geometry import MINUTES_PER_HOUR
from netlib.streets.graph import Floats
from netlib.streets.modes import ACCESS_MODES, STREETS_OF, read_modes
from netlib.streets.snapping import LIMIT_M, snap_points
from netlib.streets.ways import (
    SECONDS_PER_MINUTE,
    TICKS_PER_SECOND,
    Joined,
    StreetsByMode,
    Toward,
    build_mode_roads,
    gather_streets,
    index_streets,
    join_places,
    search_streets,
    to_ticks,
)
from netlib.tables import Network

__all__ = [
    "SECONDS_PER_MINUTE",
    "TICKS_PER_SECOND",
    "StreetsByMode",
    "Toward",
    "build_mode_roads",
    "gather_streets",
    "index_streets",
    "measure_access",
    "measure_transfers",
    "search_streets",
    "to_ticks",
]

# Labels of one batch of searches that are in memory at once, 64 MB of them.
BATCH_LABELS = 16_000_000
VARIANTS: tuple[Variant, ...] = ("low", "central", "high")
COLUMNS = ("point_id", "stop_id", "mode", "low", "minutes", "high", "off_network_m")


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
        Names of modes; by default all of `netlib.streets.modes.ACCESS_MODES` that have streets.
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
