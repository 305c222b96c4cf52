"""Readings of a claim: what its minutes count, read from ``definitions.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from netlib.errors import InputError, Notice, UnknownNameError
from netlib.rides import DAYTIME, Window
from netlib.scenarios import read_toml
from netlib.units import parse_clock

Definition = Mapping[str, Any]
MEASURES = {
    "direct_ride": {"statistic": ("fastest", "median"), "stations": ("any", "main")},
    "journey": {"ends": ("stations", "centres"), "wait": ("expected", "departures")},
    "commute": {},
    "residents": {},
    "drive": {"traffic": ("free", "peak")},
    "status": {},
}
NAME = "definitions.toml"


@lru_cache(maxsize=8)
def read_definitions(root: Path) -> Mapping[str, Definition]:
    """Read the readings by name.

    Raises
    ------
    InputError
        If a reading lacks its measure or an option of it; all problems are listed.
    """
    definitions: dict[str, Definition] = read_toml(root / NAME, NAME).get("definition", {})
    notices = []
    for name, definition in definitions.items():
        options = MEASURES.get(definition.get("measure", ""))
        if options is None:
            message = f"{name}: measure should be one of {', '.join(MEASURES)}"
            notices.append(Notice(NAME, 0, "unknown-measure", message))
            continue
        for option, values in options.items():
            if definition.get(option) not in values:
                message = f"{name}: {option} should be one of {', '.join(values)}"
                notices.append(Notice(NAME, 0, "unknown-option", message))
    if notices:
        raise InputError(notices)
    return definitions


def find_definition(root: Path, name: str) -> Definition:
    """Return the reading called ``name``; `UnknownNameError` lists the nearest."""
    definitions = read_definitions(root)
    if name not in definitions:
        raise UnknownNameError("definition", name, definitions)
    return definitions[name]


def departure_window(definition: Definition) -> Window:
    """Return the departure window in seconds after midnight, half open."""
    window = definition.get("departure_window")
    if window is None:
        return DAYTIME
    return parse_clock(window[0]), parse_clock(window[1])


def read_today(root: Path) -> str:
    """Return the fixed day that "today" means in the data, ``YYYY-MM-DD``."""
    return str(read_toml(root / NAME, NAME)["today"])
