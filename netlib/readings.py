"""Readings: what the minutes of a question count, read from ``definitions.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from netlib.errors import InputError, Notice, UnknownNameError
from netlib.scenarios import read_toml
from netlib.units import parse_clock

NAME = "definitions.toml"
# Seconds after midnight, half open.
Window = tuple[int, int]
# Window of a reading that names none: the daytime hours, 07:00 to 19:00.
DAYTIME: Window = (7 * 3600, 19 * 3600)
# What each measure must say of itself, and the words that it may use.
MEASURES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "direct_ride": {"statistic": ("fastest", "median"), "stations": ("any", "main")},
    "journey": {"ends": ("stations", "centres"), "leaves": ("planned", "unplanned")},
    "commute": {},
    "residents": {},
    "drive": {"traffic": ("free", "peak")},
    "best": {},
    "status": {},
}


@dataclass(frozen=True)
class Reading:
    """What minutes count.

    Attributes
    ----------
    name
        Id of the reading, such as ``door_to_door``.
    measure
        ``direct_ride``, ``journey``, ``commute``, ``residents``, ``drive``, ``best`` or ``status``.
    name_zh, name_en, description_zh, description_en
        What a reader sees.
    statistic
        Of direct rides: ``fastest`` or ``median``.
    stations
        Of direct rides: ``any`` station of a place, or its ``main`` one.
    families
        Of direct rides: the families of trains that count, such as ``fast``; of other measures
        empty, for all.
    ends
        Of journeys: from and to ``stations`` or ``centres``.
    leaves
        Of journeys: ``planned``, in time for the train, or ``unplanned``, at a random minute.
    traffic
        Of drives: ``free`` or ``peak``.
    window
        Departures that count, in seconds after midnight, half open.
    arrive_by, leave_after
        Of a commuting day, in seconds after midnight.
    share
        Of residents: which share of them must have the time.
    """

    name: str
    measure: str
    name_zh: str = ""
    name_en: str = ""
    description_zh: str = ""
    description_en: str = ""
    statistic: str = ""
    stations: str = ""
    families: tuple[str, ...] = ()
    ends: str = ""
    leaves: str = ""
    traffic: str = ""
    window: Window = DAYTIME
    arrive_by: int = 0
    leave_after: int = 0
    share: float = 0.0

    @property
    def has_trains(self) -> bool:
        """Whether its answers depend on a timetable."""
        return self.measure not in ("drive", "status")

    def text(self, field: str, lang: str) -> str:
        """Return ``name`` or ``description`` in ``zh`` or ``en``."""
        return str(getattr(self, f"{field}_{lang}"))


def read_readings(root: Path) -> Mapping[str, Reading]:
    """Read the readings of an evidence base by name.

    Raises
    ------
    InputError
        If a reading lacks its measure or an option of it, or has a key that means nothing; all
        problems are listed.
    """
    path = root / NAME
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    return _read(root, stamp)


@lru_cache(maxsize=4)
def _read(root: Path, stamp: int) -> Mapping[str, Reading]:
    del stamp  # stands for the content of the file
    sections: Mapping[str, Mapping[str, Any]] = read_toml(root / NAME, NAME).get("definition", {})
    notices: list[Notice] = []
    readings = {}
    for name, section in sections.items():
        notices += _check(name, section)
        if not notices:
            readings[name] = _build(name, section)
    if notices:
        raise InputError(notices)
    return readings


def _check(name: str, section: Mapping[str, Any]) -> list[Notice]:
    """Return the problems of one section."""
    options = MEASURES.get(str(section.get("measure", "")))
    if options is None:
        message = f"{name}: measure should be one of {', '.join(MEASURES)}"
        return [Notice(NAME, 0, "unknown-measure", message)]
    notices = []
    for option, words in options.items():
        if section.get(option) not in words:
            message = f"{name}: {option} should be one of {', '.join(words)}"
            notices.append(Notice(NAME, 0, "unknown-option", message))
    known = {*Reading.__dataclass_fields__, "departure_window"} - {"name", "window"}
    for key in sorted(set(section) - known):
        notices.append(Notice(NAME, 0, "unknown-key", f"{name}: {key!r} means nothing; remove it"))
    return notices


def _build(name: str, section: Mapping[str, Any]) -> Reading:
    """Build a reading from a checked section."""
    values = dict(section)
    window = values.pop("departure_window", None)
    if window is not None:
        values["window"] = parse_window(window)
    for key in ("arrive_by", "leave_after"):
        if key in values:
            values[key] = parse_clock(values[key])
    values["families"] = tuple(values.get("families", ()))
    return Reading(name=name, **values)


def parse_window(window: Any) -> Window:
    """Read a window given as two times of day.

    >>> parse_window(["07:00", "09:00:00"])
    (25200, 32400)
    """
    first, last = (parse_clock(text if text.count(":") > 1 else f"{text}:00") for text in window)
    return first, last


def find_reading(root: Path, name: str) -> Reading:
    """Return the reading called ``name``; `UnknownNameError` lists the nearest."""
    readings = read_readings(root)
    if name not in readings:
        raise UnknownNameError("reading", name, readings)
    return readings[name]


def read_today(root: Path) -> str:
    """Return the fixed day that "today" means in the data, ``YYYY-MM-DD``."""
    return str(read_toml(root / NAME, NAME)["today"])
