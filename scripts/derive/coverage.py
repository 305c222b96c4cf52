"""Coverage: direct trains held between zones, and a lower bound of those that ran.

What bounds the trains that ran, by its code in ``basis``:

``source``
    All trains of a source that holds every train of its kind, chosen for the base or not.
``known``
    All trains of 2021 that list or boards know of, those without a time there included.
``numbers``
    Trains of the source, and those that the other direction has more of whose counterpart is not in
    the source. A train and its counterpart have neighbouring numbers, the odd one leading.

``uneven`` follows where the two directions differ by more than a tenth and two trains, with the
share of the trains whose counterpart is known: those run, but call elsewhere, so they do not lack.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.timetables import PREFIX, SERVICES, TIMETABLES, timetable_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from derive.base import Row

Pair = tuple[str, str]

# Share of the busier direction, and trains, by which directions may differ without a word.
BALANCE = 0.9
FEW_TRAINS = 2
BASIS = {"2016": "source", "2016k": "source", "2021": "known", "2021k": "known", "2026": "numbers"}


@dataclass(frozen=True)
class KnownTrain:
    """A train that a source knows of: its number and all its stations in order."""

    number: str
    stations: Sequence[str]


def coverage_rows(
    trips: pd.DataFrame,
    known: Mapping[str, Sequence[KnownTrain]],
    zones: Mapping[str, str],
) -> dict[str, list[Row]]:
    """Return the coverage rows of each region.

    Parameters
    ----------
    trips
        Calls of the trains in the base, as from `derive.rail_snapshots.read_snapshots`.
    known
        By timetable: all trains that its sources know of.
    zones
        Prefecture-level zone by station.
    """
    rows: dict[str, list[Row]] = defaultdict(list)
    suffixes = trips["service"].map(lambda name: SERVICES[name].timetable)
    for suffix in TIMETABLES:
        chosen = trips[suffixes == suffix]
        held = {region: held_trains(chosen, region, zones) for region in PREFIX}
        total: dict[Pair, set[str]] = defaultdict(set)
        for pairs in held.values():
            for pair, trains in pairs.items():
                total[pair] |= trains
        numbers = known_numbers(chosen, known.get(suffix, ()))
        single = numbers if BASIS[suffix] == "numbers" else None
        bounds = bound_pairs(total, known.get(suffix, ()), zones, single)
        for pair in sorted(bounds):
            counts = {region: len(held[region].get(pair, ())) for region in PREFIX}
            # Every region tells the bound of all trains; one that holds none leaves it to another.
            telling = [region for region in PREFIX if counts[region]] or [next(iter(PREFIX))]
            for region in telling:
                there, back = (held[region].get(p, set()) for p in (pair, pair[::-1]))
                basis = BASIS[suffix]
                if differs(len(there), len(back)):
                    basis += ", uneven: " + explain(basis, there | back, numbers)
                rows[region].append(
                    {
                        "timetable_id": timetable_id(region, suffix),
                        "from_zone_id": pair[0],
                        "to_zone_id": pair[1],
                        "trains_held": counts[region],
                        "trains_least": bounds[pair],
                        "basis": basis,
                    }
                )
    return rows


def held_trains(trips: pd.DataFrame, region: str, zones: Mapping[str, str]) -> dict[Pair, set[str]]:
    """Return the trains of a region by pair of zones in which they call in that order."""
    mine = trips[trips["region"] == region]
    numbers = mine.groupby("trip")["train"].first()
    courses = mine.groupby("trip")["station"].agg(list)
    held: dict[Pair, set[str]] = defaultdict(set)
    for trip, stations in courses.items():
        for pair in zone_pairs(stations, zones):
            held[pair].add(f"{trip} {numbers[trip]}")
    return held


def zone_pairs(stations: Sequence[str], zones: Mapping[str, str]) -> set[Pair]:
    """Return the pairs of zones of which a train calls in one and later in the other."""
    seen: list[str] = []
    pairs = set()
    for station in stations:
        zone = zones.get(station, "")
        if zone:
            pairs |= {(earlier, zone) for earlier in seen if earlier != zone}
            seen.append(zone)
    return pairs


def known_numbers(trips: pd.DataFrame, known: Sequence[KnownTrain]) -> set[str]:
    """Return all train numbers of a timetable and of what its sources know."""
    trains = [*trips["train"].unique(), *(train.number for train in known)]
    return {number for train in trains for number in split_number(train)}


def bound_pairs(
    held: Mapping[Pair, set[str]],
    known: Sequence[KnownTrain],
    zones: Mapping[str, str],
    numbers: set[str] | None,
) -> dict[Pair, int]:
    """Return the lower bound of the trains of every pair that trains are held or known of.

    With ``numbers``, trains whose counterpart is lacking count for the other direction.
    """
    all_known: Counter[Pair] = Counter()
    for train in known:
        all_known.update(p for p in zone_pairs(train.stations, zones) if touches_home(p))
    bounds = {}
    for pair in {*held, *all_known}:
        there, back = held.get(pair, set()), held.get(pair[::-1], set())
        least = max(len(there), all_known[pair])
        if numbers is not None:
            lacking = count_single(back, numbers) - count_single(there, numbers)
            least = max(least, len(there) + lacking)
        bounds[pair] = least
    return bounds


def differs(there: int, back: int) -> bool:
    """Say whether two directions differ by more than a tenth and two trains."""
    more = max(there, back)
    return abs(there - back) > max((1 - BALANCE) * more, FEW_TRAINS)


def touches_home(pair: Pair) -> bool:
    """Say whether a pair begins or ends in Henan or Hebei; sources are not read beyond."""
    return any(zone[:2] in ("41", "13") for zone in pair)


def explain(code: str, trains: set[str], numbers: set[str]) -> str:
    """Say why two directions differ."""
    if code == "source":
        return "the source has all trains"
    paired = len(trains) - count_single(trains, numbers)
    return f"counterparts of {paired} of {len(trains)} trains are known, some with other stops"


def split_number(number: str) -> list[str]:
    """Return the numbers of a train with its letter each: G1185/G1188 carries two."""
    parts = re.split(r"[/_]", number.rpartition(" ")[2])
    letter = re.sub(r"\d.*", "", parts[0])
    return [letter + re.sub(r"\D", "", part) for part in parts]


def count_single(trains: Iterable[str], numbers: set[str]) -> int:
    """Count the trains of which no number has its counterpart among ``numbers``."""
    return sum(not has_counterpart(train, numbers) for train in trains)


def has_counterpart(train: str, numbers: set[str]) -> bool:
    """Say whether a train's neighbouring number is known: 2n for 2n - 1 and the other way round."""
    mine = split_number(train)
    for name in mine:
        letter, digits = re.sub(r"\d", "", name), int(re.sub(r"\D", "", name))
        other = f"{letter}{digits + 1 if digits % 2 else digits - 1}"
        if other in numbers and other not in mine:
            return True
    return False
