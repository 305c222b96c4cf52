"""Say how far the running-time formula is off where it has not seen the trains.

    python scripts/calibrate_run_times.py DATA

1. Fit: fastest run of every pair of neighbouring stops of March 2016, on the lines typed below
   that were open then.
2. Test: that formula on pairs that no train of 2016 ran, in November 2019 and October 2026. 5th
   and 95th percentile of observed over predicted minutes of 2019 are ``RUN_TIME_ERROR`` in
   ``derive/run_times.py``, the low and high of every running time that the formula gives.
3. The constants in use, fitted to 2026 by ``fit_run_times.py``, on the same pairs of 2019: lines
   built for 250 km/h were driven slower in 2016 than since, so these come closer.
4. Lines opened later: announced fastest times and those of October 2026, beside the formula
   without stops and with the stops of the fastest train of 2026.

Minutes of 2019 are printed from arrival to arrival, so the median dwell that the station had in
2016 is taken off where the train did not start. That is a guess to the minute; pairs closer than
`LEAST_KM` are left out of fit and test, since it would weigh too much there.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from derive import rail_snapshots, rail_tables
from derive.rail_data import ALIASES, Runs, read_csv, read_runs, read_stations
from derive.run_times import (
    DWELL_MINUTES,
    RUN_TIME_ERROR,
    SPEED_SHARE,
    START_STOP_MINUTES,
    nonstop_minutes,
)
from fit_run_times import doubtful_stretches, fastest_minutes, fit, predict

# Lines of the mileage table by class, with the year their first section opened: cruising speed
# in km/h, line, year. General knowledge. The class of 310 holds the lines built for 300-350 km/h,
# which were driven at 300-310 until 2017; lines built for 250 were driven at 200-250.
LINES = {
    310.0: (
        "京沪高速线 2011, 京广高速线京郑段 2012, 京广高速线郑武段 2012, 京广高速线武广段 2009,"
        " 沪宁高速线 2010, 宁杭高速线 2013, 合福高速线 2015, 沪昆高速线 2010, 徐兰高速线 2010,"
        " 津秦高速线 2013, 京哈高速线沈哈段 2012, 沈大高速线 2012, 盘营高速线 2013,"
        " 京津城际线 2008, 合蚌高速线 2012, 广深港高速线 2011, 成渝高速线成沙段 2015,"
        " 郑渝高速线郑襄段 2019, 郑阜高速线 2019, 京港高铁商合段 2019, 合杭高速线肥湖段 2020,"
        " 京港高铁昌赣段 2019, 杭昌高速线杭黄段 2018, 济青高速线 2018, 京张高速线 2019,"
        " 京哈高铁京沈段 2018, 京包客专线张包段 2019"
    ),
    250.0: (
        "石太客专线 2009, 大西高速线樊西段 2014, 贵广客专线 2014, 南昆客专线 2015,"
        " 兰新客专线 2014, 哈齐客专线 2015, 沈丹客专线 2015, 海南环岛高铁线东段 2010,"
        " 宁安城际线 2015, 昌九城际线 2010, 柳南客专线 2013, 石济客专线 2017, 西成客专线 2014,"
        " 成贵客专线 2014, 哈牡客专线 2018, 徐盐客专线 2019, 武西高速线云十段 2019,"
        " 武九客专线阳庐段 2017, 日兰高速线日大段 2019, 郑太客专 2015, 银兰客专线银中段 2019,"
        " 郑渝高速线渝万段 2016, 胶济客专线 2008, 青荣城际线 2014, 长珲城际线 2011,"
        " 武石城际线 2014"
    ),
    200.0: (
        "郑开城际线 2014, 郑机城际 2015, 广珠城际线 2011, 海南环岛高铁线西段 2015,"
        " 武咸城际线 2013, 武孝城际线 2016, 长株城际线 2016, 湘潭城际线 2017, 武冈城际线 2014,"
        " 广惠城际线东小段 2016, 津霸客专线 2015"
    ),
}
FIRST_YEAR = 2016
LEAST_KM = 10.0
PERCENTILES = (0.05, 0.5, 0.95)

# Announced fastest times: from, to, minutes, (length km, cruising speed km/h) pieces, source.
ANNOUNCED = (
    ("郑州东", "濮阳东", 52, ((195.0, 310.0),), "baotounews.com.cn/p/792352.html"),
    (
        "郑州东",
        "济南西",
        103,
        ((407.0, 310.0),),
        "e993.com/caijing_8303d22313d233230323_mzxiazv0666912",
    ),
    (
        "郑州东",
        "重庆北",
        263,
        ((823.0, 310.0), (245.0, 250.0)),
        "wap.rexun.cn/hea/kx/2022/0621/062169628.html",
    ),
    ("北京西", "郑州东", 131, ((693.0, 350.0),), "dqsj.net/keji/55250.html"),
)


def main() -> None:
    """Print the fit, the errors of what it has not seen, and the lines opened later."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    runs = {
        2016: read_runs(data / "rail" / "stop_times_201603.csv.gz"),
        2019: read_patterns(data),
        2026: read_runs(data / "rail" / "stop_times_202610.csv.gz"),
    }
    stretches = read_stretches(data)
    pairs = {year: select_pairs(found, stretches) for year, found in runs.items()}
    known = pairs[2016][pairs[2016]["opened"] < FIRST_YEAR]
    seen = set(pairs[2016]["pair"])
    unseen = {year: pairs[year][~pairs[year]["pair"].isin(seen)] for year in (2019, 2026)}
    allowance, shares = fit(*(known[name].to_numpy() for name in ("cruise_kmh", "km", "minutes")))
    print(f"formula of 2016: {allowance:.2f} min, shares {show(shares)}")
    print(f"formula in use:  {START_STOP_MINUTES:.2f} min, shares {show(SPEED_SHARE)}")
    print(f"\n{'observed less predicted':42} median     90 %    observed / predicted, 5 50 95 %")
    print_errors("formula of 2016 on 2016, fitted", compare(known, allowance, shares))
    for year, table in unseen.items():
        compared = compare(table, allowance, shares)
        print_errors(f"formula of 2016 on {year}, unseen", compared)
        later = compared[compared["opened"] >= FIRST_YEAR]
        print_errors(f"formula of 2016 on {year}, unseen, lines opened since", later)
        if year == 2019:
            low, _, high = compared["ratio"].quantile(PERCENTILES)
            error = f"RUN_TIME_ERROR = ({low:.2f}, {high:.2f}) (in use {RUN_TIME_ERROR})"
    in_use = compare(unseen[2019], START_STOP_MINUTES, SPEED_SHARE)
    print_errors("formula in use on 2019, same pairs", in_use)
    print(f"\n{error}")
    print_announced(rail_snapshots.read_2026(data), allowance, shares)


def read_patterns(data: Path) -> Runs:
    """Read the runs of 2019, start to stop, from minutes that count from arrival to arrival."""
    dwells = rail_snapshots.station_dwells(rail_snapshots.read_2016(data))
    table = rail_tables.read_table(data, "stop_times_201911_patterns.csv.gz")
    table = table[table["train_class"].isin(list(rail_tables.FAST))]
    runs = Runs()
    for train, stops in table.sort_values(["source", "seq"]).groupby("train"):
        names = [ALIASES.get(name, name) for name in stops["station"]]
        elapsed = stops["elapsed_min"].astype(float).tolist()
        for at, (start, end) in enumerate(pairwise(names)):
            dwell = dwells.get(start, dwells[""]) if at else 0.0
            minutes = elapsed[at + 1] - elapsed[at] - dwell
            if minutes > 0 and start != end:
                runs.minutes[frozenset((start, end))].append((minutes, str(train), start, end))
    return runs


def read_stretches(data: Path) -> pd.DataFrame:
    """Return every pair of stations on one typed line.

    Returns
    -------
    DataFrame
        ``line``, ``cruise_kmh``, ``opened`` (year), ``pair`` (both stations), ``km``; stretches
        with doubtful kilometres and those shorter than `LEAST_KM` are left out.

    """
    marks: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in read_csv(data / "rail" / "line_mileage_20210928.csv"):
        if row["is_passenger_station"] == "1":
            name = ALIASES.get(row["station"], row["station"])
            marks[row["line"]].append((name, float(row["km_from_line_start"])))
    doubtful = doubtful_stretches(data, read_stations(data))
    rows = []
    for cruise_kmh, lines in LINES.items():
        for line, opened in (entry.split() for entry in lines.split(",")):
            stations = marks[line]
            for i, j in combinations(range(len(stations)), 2):
                (start, km_start), (end, km_end) = stations[i], stations[j]
                pair = frozenset((start, end))
                names = [name for name, _ in stations[i : j + 1]]
                inside = {frozenset(step) for step in pairwise(names)}
                if km_end - km_start < LEAST_KM or doubtful & {pair, *inside}:
                    continue
                rows.append((line, cruise_kmh, int(opened), pair, km_end - km_start))
    return pd.DataFrame(rows, columns=["line", "cruise_kmh", "opened", "pair", "km"])


def select_pairs(runs: Runs, stretches: pd.DataFrame) -> pd.DataFrame:
    """Return the stretches that a train ran without stop, with its fastest ``minutes``."""
    ends = zip(stretches["pair"], stretches["cruise_kmh"], strict=True)
    fastest = [fastest_minutes(runs, pair, cruise_kmh) for pair, cruise_kmh in ends]
    frame = stretches.assign(minutes=np.array(fastest, dtype=float))
    return frame.dropna(subset="minutes").reset_index(drop=True)


def compare(pairs: pd.DataFrame, allowance: float, shares: dict[float, float]) -> pd.DataFrame:
    """Add ``error`` (minutes, observed less predicted) and ``ratio`` (observed over predicted)."""
    columns = (pairs[name].to_numpy() for name in ("cruise_kmh", "km"))
    predicted = predict(allowance, shares, *columns)
    return pairs.assign(error=pairs["minutes"] - predicted, ratio=pairs["minutes"] / predicted)


def show(shares: dict[float, float]) -> str:
    """Write the shares of the cruising speed by class."""
    return ", ".join(f"{share:.3f} at {speed:.0f} km/h" for speed, share in shares.items())


def print_errors(name: str, compared: pd.DataFrame) -> None:
    """Print the absolute errors and the ratios of all pairs and of each class of line."""
    parts = [("all classes", compared)]
    parts += [(f"{speed:.0f} km/h", part) for speed, part in compared.groupby("cruise_kmh")]
    print(name)
    for title, part in parts:
        size = part["error"].abs()
        share = (part["ratio"] - 1).abs()
        low, middle, high = part["ratio"].quantile(PERCENTILES)
        print(
            f"  {title:12} {len(part):5} pairs   {size.median():8.1f} min {size.quantile(0.9):5.1f}"
            f"   {low:.2f} {middle:.2f} {high:.2f}"
            f"   ({share.median():.0%}, 90 % within {share.quantile(0.9):.0%})"
        )


def print_announced(timetable: pd.DataFrame, allowance: float, shares: dict[float, float]) -> None:
    """Print announced times, the fastest train of 2026 and the formula, in use and of 2016."""
    print("\nlines opened later, minutes")
    for origin, destination, announced, pieces, source in ANNOUNCED:
        fastest, stops, train = fastest_ride(timetable, origin, destination)
        joints = len(pieces) - 1
        bare = sum(nonstop_minutes(km, cruise_kmh=speed) for km, speed in pieces)
        bare -= START_STOP_MINUTES * joints
        stopping = bare + stops * (START_STOP_MINUTES + DWELL_MINUTES)
        old = allowance
        for km, speed in pieces:  # no train of 2016 was driven at 350 km/h
            old += 60.0 * km / (speed * shares.get(speed, shares[max(shares)]))
        low, high = (bound * bare for bound in RUN_TIME_ERROR)
        print(
            f"  {origin}–{destination}: announced {announced} ({source}); {fastest:.0f} by {train} "
            f"with {stops} stops; formula {bare:.0f} ({low:.0f}–{high:.0f}) without stops, "
            f"{stopping:.0f} with these; formula of 2016 {old:.0f}"
        )


def fastest_ride(timetable: pd.DataFrame, one: str, other: str) -> tuple[float, int, str]:
    """Return minutes, stops between and train of the fastest ride between two stations."""
    ends = timetable[timetable["station"].isin((one, other))]
    both = ends.groupby("train").filter(lambda stops: set(stops["station"]) == {one, other})
    rides = both.groupby("train").agg(
        left=("departure", "first"),
        reached=("arrival", "last"),
        first=("seq", "first"),
        last=("seq", "last"),
    )
    minutes = (rides["reached"] - rides["left"]) % 1440
    train = str(minutes.idxmin())
    between = int(rides.loc[train, "last"]) - int(rides.loc[train, "first"]) - 1
    return float(minutes.min()), between, train


if __name__ == "__main__":
    main()
