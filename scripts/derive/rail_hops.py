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


class Hops:
    """Median minutes between stations, taken from several timetables in order of preference."""

    def __init__(self) -> None:
        self._found: list[dict[tuple[str, str], float]] = []

    def add(self, trains: Iterable[Sequence[Call]]) -> None:
        """Add a timetable, less preferred than those before it.

        Runs between neighbouring calls come first, then those of the opposite direction; rides with
        calls in between are kept for `ride`.
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
        medians = {
            apart: {pair: median(minutes) for pair, minutes in found.items()}
            for apart, found in runs.items()
        }
        self._found.append(medians[1])
        wide: dict[tuple[str, str], float] = {}
        for apart in range(WIDEST, 1, -1):
            wide |= medians[apart]
        self._wide = {**wide, **getattr(self, "_wide", {})}

    def run(self, start: str, end: str) -> float | None:
        """Return the minutes of a run without calls in between, None where no train makes it."""
        for pair in ((start, end), (end, start)):
            for found in self._found:
                if pair in found:
                    return found[pair]
        return None

    def ride(self, start: str, end: str) -> float | None:
        """Return the minutes of a run or, where no train makes it, of a ride with calls."""
        direct = self.run(start, end)
        if direct is not None:
            return direct
        return self._wide.get((start, end)) or self._wide.get((end, start))


def pattern_calls(
    course: Sequence[tuple[str, float]], dwells: Mapping[str, float]
) -> list[Call]:
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
