"""Minutes that any train takes from one station to another, from departure to arrival."""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from typing import TYPE_CHECKING

from derive.rail_2021_sources import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Call = tuple[str, float, float]  # station, arrival, departure

# Pairs of one train up to this many calls apart stand for a stretch that no train runs in one go.
WIDEST = 6
# Runs from which a timetable gives a stretch its median.
FEWEST = 3


class Hops:
    """Median minutes between stations, taken from several timetables in order of preference."""

    def __init__(self) -> None:
        self._runs: list[dict[tuple[str, str], list[float]]] = []
        self._wide: dict[tuple[str, str], float] = {}

    def add(self, trains: Iterable[Sequence[Call]]) -> None:
        """Add a timetable, less preferred than those before it.

        Runs between neighbouring calls are kept for `run`, rides with calls in between for `ride`.
        """
        runs: dict[int, dict[tuple[str, str], list[float]]] = {
            apart: defaultdict(list) for apart in range(1, WIDEST + 1)
        }
        for calls in trains:
            for i, (start, _, leaves) in enumerate(calls):
                for apart in range(1, min(WIDEST, len(calls) - 1 - i) + 1):
                    end, comes, _ = calls[i + apart]
                    if comes > leaves and start != end:
                        runs[apart][start, end].append(comes - leaves)
        self._runs.append(dict(runs[1]))
        for apart in range(2, WIDEST + 1):
            for pair, minutes in runs[apart].items():
                self._wide.setdefault(pair, median(minutes))

    def run(self, start: str, end: str) -> float | None:
        """Return the minutes of a run without calls in between, None where no train makes it.

        The median of the first timetable with `FEWEST` runs that way or back; where none has as
        many, the median of all runs of all timetables both ways, so that one slow train, overtaken
        on its way, does not stand for the rest.
        """
        pairs = ((start, end), (end, start))
        for found in self._runs:
            for pair in pairs:
                if len(found.get(pair, ())) >= FEWEST:
                    return median(found[pair])
        pooled = [m for found in self._runs for pair in pairs for m in found.get(pair, ())]
        return median(pooled) if pooled else None

    def ride(self, start: str, end: str) -> float | None:
        """Return the minutes of a run or, where no train makes it, of a ride with calls."""
        direct = self.run(start, end)
        if direct is not None:
            return direct
        return self._wide.get((start, end)) or self._wide.get((end, start))


def pattern_calls(course: Sequence[tuple[str, float]], dwells: Mapping[str, float]) -> list[Call]:
    """Turn minutes from arrival to arrival into calls, the dwell cut to half the next hop."""
    calls = []
    for i, (name, arrival) in enumerate(course):
        inner = 0 < i < len(course) - 1
        wait = min(dwells.get(name, dwells[""]), (course[i + 1][1] - arrival) // 2) if inner else 0
        calls.append((name, arrival, arrival + max(wait, 0.0)))
    return calls


def unique_courses(patterns: Iterable[Pattern]) -> list[Sequence[tuple[str, float]]]:
    """Return the course of every pattern once, in its own direction."""
    return list({id(p.course): p.course for p in patterns if not p.turned}.values())
