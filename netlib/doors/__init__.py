"""Door to door: streets to a stop, rides, and streets again, with every mode in competition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from netlib.doors.access import StreetsByMode, measure_access
from netlib.doors.journeys import measure_doors
from netlib.streets.modes import ACCESS_MODES, EGRESS_MODES, STREETS_OF
from netlib.streets.snapping import LIMIT_M
from netlib.tables import Network
from netlib.timetable import Timetable
from netlib.timetable.scans import Window


def measure_door_to_door(
    network: Network,
    streets: StreetsByMode,
    timetable: Timetable,
    stops: pd.DataFrame,
    origins: pd.DataFrame,
    destinations: pd.DataFrame,
    window: Window,
    *,
    access_modes: Sequence[str] = ACCESS_MODES,
    egress_modes: Sequence[str] = EGRESS_MODES,
    direct_modes: Sequence[str] = ACCESS_MODES,
    limit_m: float = LIMIT_M,
    **options: Any,
) -> pd.DataFrame:
    """Measure times between doors: street, rides and street, or street all the way.

    Parameters
    ----------
    network
        Whose parameters say how fast people are, and how long they wait or park.
    streets
        Street graphs by mode; modes without streets take no part.
    timetable
        The rides.
    stops
        ``stop_id`` (as in the timetable), ``x_coord``, ``y_coord`` and, if wanted, ``by_road``, as
        in `netlib.doors.access.measure_access`. Stops of no trip do not count.
    origins, destinations
        ``point_id``, ``x_coord``, ``y_coord`` (WGS84).
    window
        Seconds after midnight, half open, in which people leave home.
    access_modes, egress_modes, direct_modes
        Who competes from home to a stop, from a stop to work, and all the way.
    limit_m
        As in `netlib.doors.access.measure_access`.
    options
        As in `netlib.doors.journeys.measure_doors`.

    Returns
    -------
    DataFrame
        As from `netlib.doors.journeys.measure_doors`.

    Raises
    ------
    InputError
        If a door is too far from every street; all such doors are listed.
    """
    known = stops[stops["stop_id"].isin(timetable.stop_places)]
    names = ("point_id", "x_coord", "y_coord")
    goals = destinations[list(names)].set_axis(["stop_id", *names[1:]], axis=1)

    def select(modes: Sequence[str]) -> list[str]:
        return [mode for mode in modes if STREETS_OF.get(mode, "walk") in streets]

    access = measure_access(
        network, streets, origins, known, modes=select(access_modes), limit_m=limit_m
    )
    egress = measure_access(
        *(network, streets, destinations, known),
        modes=select(egress_modes),
        toward="points",
        limit_m=limit_m,
    )
    direct = measure_access(
        network, streets, origins, goals, modes=select(direct_modes), limit_m=limit_m
    )
    return measure_doors(timetable, access, egress, window, direct=direct, **options)
