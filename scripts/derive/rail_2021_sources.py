"""Boards, list of calls and patterns of January 2021, as they stand in their files.

- *Boards* of 321 big stations with clock times, collected from 2020-12-10 to 2021-01-20.
- The *list*: which of 8,240 trains calls at which station, without order or times.
- *Patterns*: order and elapsed minutes of one train out of each group of trains with the same
  origin, terminus and length. ``run_days`` names the group, for example
  ``G671+G673/G672+G674``: ``/`` separates the trains of the pattern's direction from those of the
  opposite one, ``+`` separates trains, and ``_`` joins the numbers that one train carries on parts
  of its way (``G1820_G1817``). The file calls them trains of November 2019; the stops are of
  January 2021, since they serve 雄安 (opened 2020-12-27) and not 北京朝阳 (2021-01-22).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from derive.rail_data import ALIASES
from derive.rail_tables import clock_minutes, family_of, read_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DAY_MINUTES = 1440

Clock = tuple[float | None, float | None]  # arrival, departure in minutes; None: not printed


@dataclass(frozen=True)
class Board:
    """What the boards print of one train number: clock times by station, in order."""

    number: str
    origin: str
    terminus: str
    clocks: dict[str, Clock]


@dataclass(frozen=True)
class Pattern:
    """Order and minutes of the train that stands for a group, in the direction of one of them."""

    course: Sequence[tuple[str, float]]  # station, minutes from the origin, arrival to arrival
    turned: bool  # the minutes are those of the opposite direction


def moment(clock: Clock) -> float:
    """Return the arrival or, at an origin, the departure."""
    arrival, departure = clock
    if arrival is not None:
        return arrival
    if departure is None:
        raise ValueError("a clock time without arrival and departure")
    return departure


def unwrap(clock: float, last: float) -> float:
    """Move a clock time on by whole days until it is not before ``last``."""
    return clock if clock >= last else clock + DAY_MINUTES * (-(-(last - clock) // DAY_MINUTES))


def read_boards(data: Path) -> dict[str, Board]:
    """Read the boards by train number, clock times unwrapped over midnight."""
    table = read_table(data, "boards_202101.csv.gz")
    columns = ["station", "origin", "terminus"]
    table[columns] = table[columns].replace(ALIASES)
    table = table.sort_values(["train", "seq"], kind="stable")
    table["a"], table["d"] = clock_minutes(table["arr"]), clock_minutes(table["dep"])
    boards = {}
    for train, rows in table.groupby("train", sort=True):
        calls = [
            (str(station), None if pd.isna(a) else float(a), None if pd.isna(d) else float(d))
            for station, a, d in zip(rows["station"], rows["a"], rows["d"], strict=True)
        ]
        if family_of(str(train)) == "fast":
            calls = turn_to_start(calls)
        clocks: dict[str, Clock] = {}
        last = 0.0
        for station, arrives, leaves in calls:
            arrival = departure = None
            if arrives is not None:
                last = arrival = unwrap(arrives, last)
            if leaves is not None:
                last = departure = unwrap(leaves, last)
            if arrival is not None or departure is not None:
                clocks.setdefault(station, (arrival, departure))
        number, first = str(train).split("/")[0], rows.iloc[0]
        boards[number] = Board(number, first["origin"], first["terminus"], clocks)
    return boards


def turn_to_start(
    calls: list[tuple[str, float | None, float | None]],
) -> list[tuple[str, float | None, float | None]]:
    """Order the calls of a train that takes less than a day by the clock, from its start.

    It starts where no arrival is printed, else behind the longest gap of the round of 24 hours.
    """
    timed = sorted((call for call in calls if call[1:] != (None, None)), key=call_clock)
    starts = [i for i, call in enumerate(timed) if call[1] is None]
    if len(starts) == 1:
        first = starts[0]
    else:
        times = [call_clock(call) for call in timed]
        gaps = [(times[i] - times[i - 1]) % DAY_MINUTES for i in range(len(times))]
        first = max(range(len(times)), key=lambda i: gaps[i]) if len(times) > 1 else 0
    return [*timed[first:], *timed[:first]]


def call_clock(call: tuple[str, float | None, float | None]) -> float:
    """Return the time of day of a call: its arrival or, at an origin, its departure."""
    return moment(call[1:])


def read_lists(data: Path) -> dict[str, set[str]]:
    """Read the stations of every listed train, both numbers joined by ``_``."""
    path = data / "rail" / "station_trains_202101.csv.gz"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table["station"] = table["station"].replace(ALIASES)
    return {str(train): set(names) for train, names in table.groupby("train")["station"]}


def read_patterns(data: Path) -> dict[str, Pattern]:
    """Read the pattern of every train, turned round for trains of the way back."""
    table = read_table(data, "stop_times_201911_patterns.csv.gz")
    table["station"] = table["station"].replace(ALIASES)
    patterns: dict[str, Pattern] = {}
    for _, rows in table.sort_values("seq").groupby("train", sort=True):
        minutes = rows["elapsed_min"].astype(float)
        course = list(zip(rows["station"], minutes, strict=True))
        back = [(station, minutes.iloc[-1] - elapsed) for station, elapsed in reversed(course)]
        same, _, opposite = rows["run_days"].iloc[0].partition("/")
        for side, calls, turned in ((same, course, False), (opposite, back, True)):
            for number in filter(None, side.split("+")):
                patterns.setdefault(number, Pattern(calls, turned))
    return patterns
