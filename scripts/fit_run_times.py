"""Fit the running-time formula to the timetable of October 2026 and print how well it holds.

Run ``python scripts/fit_run_times.py DATA``. The printed constants are those that stand in
``derive/run_times.py``. How far such a fit is off where it has not seen the trains, which is what
its low and high stand for, is for ``calibrate_run_times.py`` to say.
"""

from __future__ import annotations

import sys
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np

from derive.rail_data import Runs, read_chainage, read_csv, read_runs, read_stations, straight_km
from derive.rail_lines import LINES
from derive.run_times import SPEED_SHARE, START_STOP_MINUTES

# Neighbouring stations this far apart by tariff kilometres over straight line, on 20 km or more,
# mark stretches whose kilometres are not track length (Wuhan-Guangzhou, for one); runs over
# them are left out.
TARIFF_RATIO = 1.25
TARIFF_FROM_KM = 20.0
# Trains of class D reach 250 km/h and tell nothing about faster lines.
SLOW_CLASSES = ("D", "C")
SLOW_CLASS_LIMIT_KMH = 250.0


def main(arguments: list[str]) -> int:
    """Print the fit and its errors by class of line."""
    if len(arguments) != 1:
        print("usage: python scripts/fit_run_times.py DATA", file=sys.stderr)
        return 2
    data = Path(arguments[0])
    speeds, lengths, minutes = select_runs(data, read_runs(data / "rail/stop_times_202610.csv.gz"))
    allowance, shares = fit(speeds, lengths, minutes)
    print(f"n = {len(minutes)} station pairs, fastest run of each")
    print(f"START_STOP_MINUTES = {allowance:.2f} (in use {START_STOP_MINUTES})")
    for speed, share in shares.items():
        print(f"SPEED_SHARE[{speed:.0f}] = {share:.3f} (in use {SPEED_SHARE[speed]})")
    predicted = predict(allowance, shares, speeds, lengths)
    print_errors("all", minutes, predicted)
    for speed in shares:
        chosen = speeds == speed
        print_errors(f"{speed:.0f} km/h", minutes[chosen], predicted[chosen])
    return 0


def select_runs(data: Path, runs: Runs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return cruising speed, length and fastest minutes of every usable pair of stops."""
    stations = read_stations(data)
    chainage = read_chainage(data)
    doubtful = doubtful_stretches(data, stations)
    rows = []
    for line in LINES:
        if line.status != "operating":
            continue
        names = [row["name_zh"] for row in chainage[line.facts]]
        stretch = names[names.index(line.first) : names.index(line.last) + 1]
        for i, j in combinations(range(len(stretch)), 2):
            pair = frozenset((stretch[i], stretch[j]))
            inside = {frozenset(step) for step in pairwise(stretch[i : j + 1])}
            if inside & doubtful or pair in doubtful:
                continue
            fastest = fastest_minutes(runs, pair, line.cruise_kmh)
            if fastest is not None:
                km = runs.km[pair].most_common(1)[0][0]
                rows.append((line.cruise_kmh, km, fastest))
    table = np.array(sorted(rows))
    return table[:, 0], table[:, 1], table[:, 2]


def fastest_minutes(runs: Runs, pair: frozenset[str], cruise_kmh: float) -> float | None:
    """Return the fastest run between two stations by a train that can reach the line's speed."""
    fast = cruise_kmh > SLOW_CLASS_LIMIT_KMH
    usable = [
        run[0]
        for run in runs.minutes.get(pair, [])
        if not (fast and run[1].startswith(SLOW_CLASSES))
    ]
    return float(min(usable)) if usable else None


def doubtful_stretches(data: Path, stations: dict[str, dict[str, str]]) -> set[frozenset[str]]:
    """Return the station pairs whose tariff kilometres are far above the straight line."""
    lines: dict[str, list[tuple[str, float]]] = {}
    for row in read_csv(data / "rail/line_mileage_20210928.csv"):
        if row["is_passenger_station"] == "1":
            mark = (row["station"], float(row["km_from_line_start"]))
            lines.setdefault(row["line"], []).append(mark)
    doubtful = set()
    for marks in lines.values():
        for (start, km_start), (end, km_end) in combinations(marks, 2):
            km = km_end - km_start
            point_start, point_end = station_point(start, stations), station_point(end, stations)
            if point_start is None or point_end is None or km < TARIFF_FROM_KM:
                continue
            if km > TARIFF_RATIO * straight_km(point_start, point_end):
                doubtful.add(frozenset((start, end)))
    return doubtful


def station_point(name: str, stations: dict[str, dict[str, str]]) -> dict[str, float] | None:
    """Return the coordinates of a station as a node row has them, None when unknown."""
    row = stations.get(name)
    if row is None or not row["lon"]:
        return None
    return {"x_coord": float(row["lon"]), "y_coord": float(row["lat"])}


def fit(
    speeds: np.ndarray, lengths: np.ndarray, minutes: np.ndarray
) -> tuple[float, dict[float, float]]:
    """Fit one allowance for all and one share of the cruising speed for each class.

    Least squares on relative errors, so that long runs do not outweigh short ones.
    """
    classes = sorted(set(speeds.tolist()))
    columns = [np.ones_like(minutes)]
    columns += [np.where(speeds == speed, 60.0 * lengths / speed, 0.0) for speed in classes]
    design = np.stack(columns, axis=1) / minutes[:, None]
    solution, *_ = np.linalg.lstsq(design, np.ones_like(minutes), rcond=None)
    shares = {
        speed: float(1 / inverse) for speed, inverse in zip(classes, solution[1:], strict=True)
    }
    return float(solution[0]), shares


def predict(
    allowance: float, shares: dict[float, float], speeds: np.ndarray, lengths: np.ndarray
) -> np.ndarray:
    """Return the minutes of the formula with fitted constants."""
    effective = np.array([shares[speed] * speed for speed in speeds.tolist()])
    return allowance + 60.0 * lengths / effective


def print_errors(name: str, minutes: np.ndarray, predicted: np.ndarray) -> None:
    """Print number, standard deviation and percentiles of observed over predicted."""
    ratio = minutes / predicted
    low, middle, high = np.percentile(ratio, [5, 50, 95])
    print(
        f"{name}: n {len(minutes)}, sd {np.std(minutes - predicted):.2f} min, "
        f"ratio 5/50/95 % {low:.3f} {middle:.3f} {high:.3f}"
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
