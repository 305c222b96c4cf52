"""Read the railway files of the data folder: stations, chainage, timetables."""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from pyproj import Geod

if TYPE_CHECKING:
    from pathlib import Path

    from derive.base import Row

GEOD = Geod(ellps="WGS84")
# Stations whose name differs between a source and the 12306 list of 2026.
ALIASES = {"巴东北": "巴东", "咸阳秦都": "咸阳西", "阿房宫": "西安西"}
METRO_LINES = ("郑许市域铁路", "郑州地铁")


@dataclass
class Runs:
    """Runs between neighbouring stops of one timetable, by unordered station pair.

    ``minutes`` holds (minutes from departure to arrival, train, from, to); ``km`` counts the
    distances that the timetable prints for the pair, also between stops that are no neighbours.
    """

    minutes: dict[frozenset[str], list[tuple[int, str, str, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    km: dict[frozenset[str], Counter[float]] = field(default_factory=lambda: defaultdict(Counter))
    stations: set[str] = field(default_factory=set)


def read_csv(path: Path) -> list[Row]:
    """Read a CSV file, plain or gzipped, into dicts of text."""
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_runs(path: Path) -> Runs:
    """Read a snapshot of stop times; of the 2016 one, the trains of the reference day."""
    trains: dict[str, list[Row]] = defaultdict(list)
    for row in read_csv(path):
        if row.get("copy_of") or row.get("run_days", "ALL") == "OTHER_DATES":
            continue
        row["station"] = ALIASES.get(row["station"], row["station"])
        trains[row.get("source") or row["train"]].append(row)
    runs = Runs()
    for name, stops in trains.items():
        runs.stations |= {stop["station"] for stop in stops}
        train = name.split("|")[0]
        add_minutes(runs, train, stops)
        add_distances(runs, stops)
    return runs


def add_minutes(runs: Runs, train: str, stops: list[Row]) -> None:
    """Add the runs of one train between neighbouring stops that have clock times."""
    for start, end in pairwise(stops):
        gap = int(end["seq"]) - int(start["seq"])
        if not start["dep"] or not end["arr"] or gap != 1:
            continue
        minutes = (clock_minutes(end["arr"]) - clock_minutes(start["dep"])) % (24 * 60)
        pair = frozenset((start["station"], end["station"]))
        if minutes > 0 and len(pair) == 2:  # a loop has one station
            runs.minutes[pair].append((minutes, train, start["station"], end["station"]))


def add_distances(runs: Runs, stops: list[Row]) -> None:
    """Count the printed distance of every pair of stops of one train."""
    marks = [(stop["station"], float(stop["km"])) for stop in stops if stop["km"]]
    for i, (start, km_start) in enumerate(marks):
        for end, km_end in marks[i + 1 :]:
            if start != end and km_end > km_start:
                runs.km[frozenset((start, end))][km_end - km_start] += 1


def clock_minutes(text: str) -> int:
    """Read ``HH:MM`` as minutes after midnight."""
    hours, minutes = text.split(":")[:2]
    return int(hours) * 60 + int(minutes)


def read_stations(data: Path) -> dict[str, Row]:
    """Read the station list by name; a name kept under an old name maps to the current row."""
    stations = {row["name"]: row for row in read_csv(data / "rail" / "stations.csv")}
    for old, current in ALIASES.items():
        stations[old] = stations[current]
    return stations


def read_chainage(data: Path) -> dict[str, list[Row]]:
    """Read facts/stations.csv by line, without metro lines, in order along the line."""
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in read_csv(data / "facts" / "stations.csv"):
        if row["line"].startswith(METRO_LINES):
            continue
        row["name_zh"] = ALIASES.get(row["name_zh"], row["name_zh"])
        lines[row["line"]].append(row)
    for rows in lines.values():
        rows.sort(key=lambda row: int(row["order"]))
    return dict(lines)


def straight_km(start: Row, end: Row) -> float:
    """Return the geodesic distance between two node rows, km."""
    _, _, metres = GEOD.inv(start["x_coord"], start["y_coord"], end["x_coord"], end["y_coord"])
    return float(metres) / 1000.0
