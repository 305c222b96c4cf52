"""Reading of the timetable files: text tables, clock times, families of trains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

FAST = {"G": "high-speed trains", "D": "fast trains", "C": "intercity trains"}
CONVENTIONAL = {
    "Z": "non-stop express trains",
    "T": "special express trains",
    "K": "express trains",
    "Y": "tourist trains",
    "N": "trains with a number only",
}
CLASSES = FAST | CONVENTIONAL


def read_table(data: Path, name: str) -> pd.DataFrame:
    """Read a timetable file of text cells, its ``seq`` as numbers."""
    table = pd.read_csv(data / "rail" / name, dtype=str, keep_default_na=False)
    return table.assign(seq=table["seq"].astype(int))


def clock_minutes(clock: pd.Series) -> pd.Series:
    """Turn ``HH:MM`` into minutes; NaN where empty."""
    parts = clock.str.split(":", expand=True).replace("", None)
    return parts[0].astype(float) * 60 + parts[1].astype(float)


def class_of(number: str) -> str:
    """Return the class of a train number: its letter, N for a bare number, "" for others."""
    letter = "N" if number[0].isdigit() else number[0]
    return letter if letter in CLASSES else ""


def family_of(number: str) -> str:
    """Return ``fast``, ``conventional`` or, for suburban and other trains, ""."""
    letter = class_of(number)
    if letter in FAST:
        return "fast"
    return "conventional" if letter else ""
