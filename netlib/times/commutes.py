"""Commuting days: being at work in time and home again, on the timetable.

A commute is not its ride. What counts is when the latest departure from home is that arrives by
the start of work, and when the first arrival at home is after its end, door to door.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.readings import Reading, Window
from netlib.roads import NEVER as NO_WAY
from netlib.streets import Streets
from netlib.tables import Network
from netlib.times.journeys import End, find_direct, find_ends, search_back
from netlib.times.rides import list_trains
from netlib.times.static import NOTHING, PLANNED, TURNED_UP, build_static
from netlib.timetable.kernels import NEVER
from netlib.timetable.scans import earliest_arrivals, latest_departures
from netlib.units import format_clock, parse_clock

# A commuter's day begins and ends at home: nobody sets out before 04:00 or arrives after 01:00.
DAY_START_SECONDS, DAY_END_SECONDS = 4 * 3600, 25 * 3600
# Headways of the day: those of the time between the two peaks stand for none of them better.
DAY: Window = (6 * 3600, 22 * 3600)
# Peaks in which usable trains are counted: arrivals before work, departures after it.
MORNING_SECONDS = 6 * 3600, 9 * 3600
EVENING_SECONDS = 17 * 3600, 20 * 3600
GAP_SECONDS = 6 * 3600, 22 * 3600
SECONDS_PER_MINUTE = 60.0


class Commutes:
    """Ways to work and home between some places on one day.

    Parameters
    ----------
    network
        A network of one day, at one end of its ranges.
    points
        ``point_id``, ``x_coord`` and ``y_coord`` of all places.
    places
        Where people live and work.
    streets
        As in `netlib.times.journeys.measure_journeys`.
    """

    def __init__(
        self,
        network: Network,
        points: pd.DataFrame,
        places: Sequence[str],
        streets: Sequence[Streets] = (),
    ) -> None:
        reading = Reading("commute", "journey", ends="centres", leaves="planned", window=DAY)
        # Whether one is in time for work by a train whose clock times are unknown, nobody knows.
        self.static = build_static(network, DAY, planned=True, by_count=False)
        options = (network, self.static, points, list(places), reading)
        self.begins = find_ends(*options, toward="stops", streets=streets)
        self.goals = find_ends(*options, toward="points", streets=streets)
        self.straight = find_direct(
            network, points, list(places), list(places), reading, streets=streets
        )

    def leave(self, home: str, work: str, arrival: int) -> float:
        """Return the latest second at which one leaves to arrive by then; -inf if none."""
        begin, goal = self.begins[home], self.goals[work]
        egress = _limit(search_back(self.static, goal))
        platforms = latest_departures(self.static.timetable, egress, arrival)
        access, alone = self._approach(begin, goal)
        best = [arrival - min(alone, self.straight.get((home, work), (NEVER, ""))[0])]
        usable = (access < NEVER) & (platforms > -NEVER)
        if usable.any():
            best.append(int((platforms[usable].astype(np.int64) - access[usable]).max()))
        latest = max(best)
        return float(latest) if latest >= DAY_START_SECONDS else -np.inf

    def arrive(self, work: str, home: str, departure: int) -> float:
        """Return the first second at which one is home after leaving then; inf if not that day."""
        begin, goal = self.begins[work], self.goals[home]
        access, alone = self._approach(begin, goal)
        first = [departure + min(alone, self.straight.get((work, home), (NEVER, ""))[0])]
        if (access < NEVER).any():
            arrivals = earliest_arrivals(self.static.timetable, access, departure)
            egress = _limit(search_back(self.static, goal))
            usable = (arrivals < NEVER) & (egress < NEVER)
            if usable.any():
                first.append(int((arrivals[usable].astype(np.int64) + egress[usable]).min()))
        earliest = min(first)
        return float(earliest) if earliest <= DAY_END_SECONDS else np.inf

    def _approach(self, begin: End, goal: End) -> tuple[NDArray[np.int32], int]:
        """Return the seconds to every platform, and to the goal without the timetable."""
        label = self.static.search_from(begin.node, begin.seconds)
        platform = np.arange(self.static.n_platforms)
        layers = [label[self.static.out(platform, k)] for k in (NOTHING, TURNED_UP, PLANNED)]
        alone = int(NEVER)
        if len(goal.node):
            total = label[goal.node].astype(np.int64) + goal.seconds
            alone = int(total.min()) if total.min() < NO_WAY else alone
        return _limit(np.min(layers, axis=0)), alone


def _limit(seconds: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return seconds with the timetable's mark for places that are not reached."""
    return np.where(seconds < NO_WAY, seconds, NEVER).astype(np.int32)


def measure_commutes(
    network: Network,
    pairs: pd.DataFrame,
    points: pd.DataFrame,
    reading: Reading,
    *,
    streets: Sequence[Streets] = (),
) -> pd.DataFrame:
    """Measure the longer of the two ways of a working day for each pair of places.

    Parameters
    ----------
    network
        A network of one day, at one end of its ranges.
    pairs
        ``from_id``, where one lives, and ``to_id``, where one works.
    points
        ``point_id``, ``x_coord`` and ``y_coord`` of all places.
    reading
        With ``arrive_by`` and ``leave_after``.
    streets
        As in `netlib.times.journeys.measure_journeys`.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``minutes`` (the longer of ``out_minutes``, from leaving home until
        work begins, and ``back_minutes``, from the end of work until one is home; NaN when one of
        them cannot be done that day).
    """
    places = list(dict.fromkeys([*pairs["from_id"], *pairs["to_id"]]))
    ways = Commutes(network, points, places, streets)
    start, end = reading.arrive_by, reading.leave_after
    rows = [
        (
            (start - ways.leave(home, work, start)) / SECONDS_PER_MINUTE,
            (ways.arrive(work, home, end) - end) / SECONDS_PER_MINUTE,
        )
        for home, work in zip(pairs["from_id"], pairs["to_id"], strict=True)
    ]
    minutes = np.array(rows, dtype=np.float64).reshape(-1, 2)
    minutes[~np.isfinite(minutes)] = np.nan
    return pairs[["from_id", "to_id"]].assign(
        minutes=minutes.max(axis=1), out_minutes=minutes[:, 0], back_minutes=minutes[:, 1]
    )


def describe_commutes(network: Network, pairs: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Describe the commuting day of each pair of places.

    Parameters
    ----------
    network
        A network of one day.
    pairs
        ``from_id``, where one lives, and ``to_id``, where one works.
    points
        ``point_id``, ``x_coord`` and ``y_coord`` of all places.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``; ``leave_for_0900`` and ``leave_for_0830``, when to leave home to be
        at work by then; ``home_after_1730`` and ``home_after_1800``, when one is home;
        ``last_return``, the last departure from work that still reaches home (all door to door,
        HH:MM:SS, '' if none); ``first_arrival``, the first direct train's arrival from 04:00;
        ``morning_trains`` (direct trains that arrive from 06:00 to 09:00) and ``evening_trains``
        (that leave for home from 17:00 to 20:00); ``longest_gap_minutes`` between direct trains,
        from 06:00 to 22:00. Trains known by their count only have no clock times and count in
        neither.
    """
    table = pairs[["from_id", "to_id"]].reset_index(drop=True)
    places = list(dict.fromkeys([*table["from_id"], *table["to_id"]]))
    ways = Commutes(network, points, places)
    records = []
    for home, work in zip(table["from_id"], table["to_id"], strict=True):
        record: dict[str, object] = {}
        for text in ("0900", "0830"):
            deadline = parse_clock(f"{text[:2]}:{text[2:]}:00")
            record[f"leave_for_{text}"] = write_clock(ways.leave(home, work, deadline))
        for text in ("1730", "1800"):
            leaving = parse_clock(f"{text[:2]}:{text[2:]}:00")
            record[f"home_after_{text}"] = write_clock(ways.arrive(work, home, leaving))
        record["last_return"] = write_clock(ways.leave(work, home, DAY_END_SECONDS))
        records.append(record | count_trains(network, home, work))
    return pd.concat([table, pd.DataFrame(records)], axis=1)


def write_clock(seconds: float) -> str:
    """Write a time of day, '' for one that never comes."""
    return format_clock(int(seconds)) if np.isfinite(seconds) else ""


def count_trains(network: Network, home: str, work: str) -> dict[str, object]:
    """Count the direct trains of a commuting day; see `describe_commutes`."""
    there, back = list_trains(network, home, work), list_trains(network, work, home)
    arrivals = there["arrival"][there["arrival"] >= DAY_START_SECONDS]
    begin, end = GAP_SECONDS
    inside = np.unique(there["departure"][there["departure"].between(begin, end - 1)])
    gaps = np.diff(np.concatenate([[begin], inside, [end]]))
    return {
        "first_arrival": write_clock(float(arrivals.min()) if len(arrivals) else np.inf),
        "morning_trains": count_between(there["arrival"], MORNING_SECONDS),
        "evening_trains": count_between(back["departure"], EVENING_SECONDS),
        "longest_gap_minutes": round(float(gaps.max()) / SECONDS_PER_MINUTE, 1),
    }


def count_between(seconds: pd.Series, span: Window) -> int:
    """Count the times in a half-open span."""
    return int(((seconds >= span[0]) & (seconds < span[1])).sum())
