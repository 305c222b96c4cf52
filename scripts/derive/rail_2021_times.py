"""Clock times of the trains of January 2021: those of boards, carried to the other calls.

Between two calls that a board times, the minutes of the train's own pattern are laid, stretched to
fit, if the pattern calls at the same stations there; otherwise the runs of any train over the same
stretches with the usual dwells. Before the first and behind the last such call the same minutes
continue. A stretch that no train runs is cut by its straight length where both sides are timed
and ends the train where it is open. Pattern minutes count from arrival to arrival; runs from
departure to arrival.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derive.rail_2021 import Train
    from derive.rail_hops import Hops
    from derive.rail_points import Points

BOARD, OWN, ANY, LENGTH = "board", "own pattern", "any train", "length"
# Straight-line speed that shares out a stretch no train runs; only its shares count.
SHARE_KMH = {"fast": 160.0, "conventional": 60.0}
# Straight-line speed from departure to arrival that no run of the time reached. The fastest ones
# of 2016, 2021 boards and conventional trains of 2016 lie below.
LIMIT_KMH = {"fast": 290.0, "conventional": 130.0}
# Runs laid between two clock times may be stretched or shortened by this much; beyond, they belong
# to another way and the calls between stay without a time.
STRETCH = {"fast": (0.8, 2.5), "conventional": (0.8, 3.0)}


@dataclass(frozen=True)
class Timed:
    """A call with its times in minutes and where they come from."""

    station: str
    arrival: float
    departure: float
    basis: str


class Carrier:
    """Carry times along trains, with the runs of any train and the usual dwells."""

    def __init__(self, hops: Hops, dwells: Mapping[str, float], points: Points) -> None:
        self.hops, self.dwells, self.points = hops, dwells, points

    def dwell(self, station: str) -> float:
        """Return the usual dwell at a station."""
        return self.dwells.get(station, self.dwells[""])

    def own_minutes(self, train: Train, calls: Sequence[str]) -> list[float] | None:
        """Return the pattern's minutes at ``calls`` if it calls there and nowhere between."""
        if train.pattern is None:
            return None
        names = [name for name, _ in train.pattern.course]
        if calls[0] not in names or calls[-1] not in names:
            return None
        i, j = names.index(calls[0]), names.index(calls[-1])
        if names[i : j + 1] != list(calls):
            return None
        return [minutes for _, minutes in train.pattern.course[i : j + 1]]

    def clock_times(self, train: Train) -> tuple[list[Timed], list[str]]:
        """Time a train that boards time somewhere; return its calls and those left without."""
        calls = train.calls
        anchors = [i for i, name in enumerate(calls) if name in train.clocks]
        timed = {i: self._anchor(train, i) for i in anchors}
        for i, j in pairwise(anchors):
            if j > i + 1:
                timed |= self._between(train, i, j, timed)
        timed |= self._beyond(train, anchors[-1], timed, step=1)
        timed |= self._beyond(train, anchors[0], timed, step=-1)
        kept = self._possible(rising([timed[i] for i in sorted(timed)]), train.family)
        names = {call.station for call in kept}
        return kept, [name for name in calls if name not in names]

    def count_times(self, train: Train) -> tuple[list[Timed], list[str]]:
        """Time a train from its first call, where no board knows it."""
        found = [Timed(train.calls[0], 0.0, 0.0, ANY)]
        left = []
        for name in train.calls[1:]:
            start = found[-1]
            minutes, basis = self._step(train, start.station, name)
            if minutes is None:
                left.append(name)
                continue
            arrival = start.departure + minutes
            found.append(Timed(name, arrival, arrival + self.dwell(name), basis))
        return self._possible(rising(found), train.family), left

    def _possible(self, calls: Sequence[Timed], family: str) -> list[Timed]:
        """Leave out derived calls that no train could reach from its neighbours in the time."""
        kept: list[Timed] = []
        for call in calls:
            while kept and self._too_fast(kept[-1], call, family) and kept[-1].basis != BOARD:
                kept.pop()
            if kept and call.basis != BOARD and self._too_fast(kept[-1], call, family):
                continue
            kept.append(call)
        return kept

    def _too_fast(self, start: Timed, end: Timed, family: str) -> bool:
        km = self.points.km(start.station, end.station)
        return 60 * km > LIMIT_KMH[family] * (end.arrival - start.departure)

    def _anchor(self, train: Train, i: int) -> Timed:
        name = train.calls[i]
        arrival, departure = train.clocks[name]
        come = arrival if arrival is not None else departure
        leave = departure if departure is not None else arrival
        if come is None or leave is None:
            raise ValueError(f"{train.number}: {name} has no clock time")
        return Timed(name, come, max(come, leave), BOARD)

    def _between(
        self, train: Train, i: int, j: int, timed: Mapping[int, Timed]
    ) -> dict[int, Timed]:
        first, last = timed[i], timed[j]
        names = train.calls[i : j + 1]
        own = self.own_minutes(train, names)
        if own is not None and own[-1] > own[0]:
            return self._stretch(train, i, j, own, timed)
        steps = [self._step(train, a, b, always=True) for a, b in pairwise(names)]
        waits = [self.dwell(name) for name in names[1:-1]]
        runs = [minutes or 1.0 for minutes, _ in steps]
        scale = (last.arrival - first.departure - sum(waits)) / sum(runs)
        least, most = STRETCH[train.family]
        if not least <= scale <= most:
            return {}
        found: dict[int, Timed] = {}
        here = first.departure
        for k, name in enumerate(names[1:-1]):
            arrival = here + runs[k] * scale
            here = arrival + waits[k]
            found[i + 1 + k] = Timed(name, arrival, here, steps[k][1])
        return found

    def _stretch(
        self, train: Train, i: int, j: int, own: Sequence[float], timed: Mapping[int, Timed]
    ) -> dict[int, Timed]:
        """Lay the minutes of the own pattern between two clock times.

        They count from arrival to arrival; turned round, from departure to departure.
        """
        turned = train.pattern is not None and train.pattern.turned
        first, last = timed[i], timed[j]
        begin = first.departure if turned or i == 0 else first.arrival
        end = last.departure if turned and j < len(train.calls) - 1 else last.arrival
        scale = (end - begin) / (own[-1] - own[0])
        least, most = STRETCH[train.family]
        if not least <= scale <= most:
            return {}
        marks = [begin + (minutes - own[0]) * scale for minutes in own]
        found: dict[int, Timed] = {}
        for k in range(1, len(marks) - 1):
            name = train.calls[i + k]
            gap = marks[k] - marks[k - 1] if turned else marks[k + 1] - marks[k]
            wait = min(self.dwell(name), gap / 2)
            arrival = marks[k] - wait if turned else marks[k]
            found[i + k] = Timed(name, arrival, arrival + wait, OWN)
        return found

    def _beyond(
        self, train: Train, anchor: int, timed: Mapping[int, Timed], *, step: int
    ) -> dict[int, Timed]:
        found: dict[int, Timed] = {}
        here, i = timed[anchor], anchor + step
        while 0 <= i < len(train.calls):
            name = train.calls[i]
            wait = self.dwell(name) if 0 < i < len(train.calls) - 1 else 0.0
            ends = (here.station, name) if step > 0 else (name, here.station)
            minutes, basis = self._step(train, *ends)
            if minutes is None and not train.listed:
                minutes, basis = self.hops.ride(*ends), ANY
            if minutes is None:
                break
            if step > 0:
                arrival = here.departure + minutes
                here = Timed(name, arrival, arrival + wait, basis)
            else:
                departure = here.arrival - minutes
                here = Timed(name, departure - wait, departure, basis)
            found[i] = here
            i += step
        return found

    def _step(
        self, train: Train, start: str, end: str, *, always: bool = False
    ) -> tuple[float | None, str]:
        own = self.own_minutes(train, [start, end])
        if own is not None and train.pattern is not None:
            origin = train.pattern.course[0][0] == start
            run = own[1] - own[0] - (0.0 if origin or train.pattern.turned else self.dwell(start))
            if train.pattern.turned and train.pattern.course[-1][0] != end:
                run -= self.dwell(end)
            if run > 1:
                return run, OWN
        run_any = self.hops.run(start, end)
        if run_any is not None:
            return run_any, ANY
        if always:
            km = self.points.km(start, end)
            return 60 * km / SHARE_KMH[train.family], LENGTH
        return None, ""


def rising(calls: Sequence[Timed]) -> list[Timed]:
    """Round derived times to minutes and leave out those that do not rise to the next board."""
    kept: list[Timed] = []
    for call in calls:
        here = call
        if call.basis != BOARD:
            arrival = float(round(call.arrival))
            here = Timed(
                call.station, arrival, max(arrival, float(round(call.departure))), call.basis
            )
        while kept and here.arrival <= kept[-1].departure:
            if kept[-1].basis == BOARD and here.basis == BOARD:
                if here.arrival > kept[-1].arrival:
                    kept[-1] = Timed(kept[-1].station, kept[-1].arrival, kept[-1].arrival, BOARD)
                else:
                    break
            elif kept[-1].basis != BOARD:
                kept.pop()
            else:
                break
        else:
            kept.append(here)
    return kept
