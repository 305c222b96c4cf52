"""Where stations lie, and orders of calls that follow from it."""

from __future__ import annotations

from itertools import pairwise
from math import cos, hypot, radians
from typing import TYPE_CHECKING

from derive.prefectures import prefectures
from derive.rail_data import read_stations
from derive.rail_placed import HAND_PLACED, LISTED_WRONG

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

KM_PER_DEGREE = 111.2  # mean Earth radius 6371 km; a plane is good enough to order stations


class Points:
    """Points of stations by name (degrees), their distances (km) and prefectures."""

    def __init__(self, data: Path) -> None:
        self.points: dict[str, tuple[float, float]] = {
            name: (float(row["lon"]), float(row["lat"]))
            for name, row in read_stations(data).items()
            if row["lon"] and name not in LISTED_WRONG
        }
        self.points |= {name: (x, y) for name, (x, y, _) in HAND_PLACED.items()}
        self._units: dict[str, str] = {}

    def __contains__(self, name: str) -> bool:
        """Say whether the point of a station is known."""
        return name in self.points

    def km(self, start: str, end: str) -> float:
        """Return the straight distance between two stations."""
        (x1, y1), (x2, y2) = self.points[start], self.points[end]
        return KM_PER_DEGREE * hypot((x2 - x1) * cos(radians((y1 + y2) / 2)), y2 - y1)

    def unit(self, name: str) -> str:
        """Return the code of the prefecture-level unit of a station; empty without a point."""
        if name not in self._units:
            known = name in self.points
            self._units[name] = prefectures().find(*self.points[name]) if known else ""
        return self._units[name]

    def heading(self, start: str, end: str) -> tuple[float, float]:
        """Return the vector in degrees from one station to another."""
        (x1, y1), (x2, y2) = self.points[start], self.points[end]
        return x2 - x1, y2 - y1

    def insert(
        self, course: Sequence[str], extra: Iterable[str], *, closed: tuple[bool, bool]
    ) -> list[str]:
        """Put further stations into an ordered course where they lengthen it least.

        ``closed`` says whether the course begins at the origin and ends at the terminus, so that
        nothing may be put before or behind. The station that costs least is placed first.
        """
        order = list(course)
        left = sorted(set(extra) - set(order))
        while left:
            (_, place), name = min((self._cheapest(order, name, closed), name) for name in left)
            order.insert(place, name)
            left.remove(name)
        return order

    def _cheapest(
        self, order: Sequence[str], name: str, closed: tuple[bool, bool]
    ) -> tuple[float, int]:
        """Return (km added, place) of the cheapest place of a station in a course."""
        costs = [
            (self.km(a, name) + self.km(name, b) - self.km(a, b), i + 1)
            for i, (a, b) in enumerate(pairwise(order))
        ]
        if not closed[0]:
            costs.append((self.km(name, order[0]), 0))
        if not closed[1]:
            costs.append((self.km(order[-1], name), len(order)))
        return min(costs)
