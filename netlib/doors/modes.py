"""Ways of getting from a door to a stop over streets; see `netlib.streets.modes`."""

from __future__ import annotations

from dataclasses import replace

from netlib.streets.modes import (
    ACCESS_MODES,
    EGRESS_MODES,
    STREETS_OF,
    WAIT_PER_HEADWAY,
    AccessMode,
    find_free_speed,
    find_longest_walk,
    read_modes,
)
from netlib.surfaces import AccessModel

__all__ = [
    "ACCESS_MODES",
    "EGRESS_MODES",
    "STREETS_OF",
    "WAIT_PER_HEADWAY",
    "AccessMode",
    "find_free_speed",
    "find_longest_walk",
    "limit_lines",
    "read_modes",
]


def limit_lines(access: AccessModel, mode: str) -> AccessModel:
    """Return a model of straight lines with one of its modes, ``walk`` or ``taxi``, alone."""
    # Below 0 km, so that not even the stop itself is reached.
    other = {"max_drive_km": -1.0} if mode == "walk" else {"max_walk_km": -1.0}
    return replace(access, **other)
