"""Compare the three timetable snapshots with each other and with announced times.

    python scripts/compare_snapshots.py DATA

Prints 5th, 50th and 95th percentiles of

- drift: the ratio of the fastest and of the median ride between two snapshots, over directed
  station pairs from and to Zhengzhou and Shijiazhuang on lines open throughout. Neighbouring
  snapshots, taken both ways, say how far one can be from the timetable of a date between them
  (parameter ``timetable_drift``);
- pattern error: true over rebuilt ride when the trains of 2026 are lumped by origin, terminus and
  length, as the source of 2019 lumps them (``PATTERN_ERROR`` in `derive.services`);
- announced error: fastest ride of 2026 over the time announced for a new line
  (``ANNOUNCED_ERROR`` in `derive.modelled_services`);

and the share of the train numbers of 2016 that ran on 2016-03-15 (``SHARE_RUNNING``).
"""

from __future__ import annotations

import argparse
import sys
from itertools import pairwise
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

from derive import modelled_lines, modelled_services, rail_snapshots

HUBS = ("郑州", "郑州东", "石家庄")
# Other stations on lines that were open before March 2016, by line.
STATIONS = {
    "Beijing-Wuhan": (
        "北京西 涿州东 高碑店东 保定东 定州东 正定机场 石家庄 高邑西 邢台东 邯郸东 安阳东 鹤壁东"
        " 新乡东 郑州东 许昌东 漯河西 驻马店西 明港东 信阳东 孝感北 武汉 长沙南 广州南 深圳北"
    ),
    "Zhengzhou-Xi'an": "郑州西 巩义南 洛阳龙门 渑池南 三门峡南 灵宝西 华山北 渭南北 西安北",
    "Shijiazhuang-Taiyuan": "阳泉北 太原 太原南",
    "Shijiazhuang-Tianjin": "白洋淀 白沟 霸州西 胜芳 天津西",
    "intercity": "绿博园 宋城路 南阳寨 武陟 修武西 焦作 孟庄 新郑机场",
}
PERCENTILES = (0.05, 0.5, 0.95)


def main() -> None:
    """Print the comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    stops = rail_snapshots.read_snapshots(data)
    year = stops["service"].str[1:5]
    rides = {name: direct_rides(stops[year == name]) for name in ("2016", "2019", "2026")}
    print_drift(rides)
    print_ratios("pattern error", pattern_error(data, stops[year == "2026"]))
    print_ratios("announced error", announced_error(data, rides["2026"]))
    print(f"share running on 2016-03-15: {share_running(data):.3f}")


def direct_rides(stops: pd.DataFrame) -> pd.DataFrame:
    """Return the fastest and the median direct ride of each directed pair with a hub.

    Returns
    -------
    DataFrame
        Indexed by ``origin`` and ``destination``: ``fastest``, ``median`` (minutes), ``n_trains``.
    """
    columns = ["trip", "station", "arrival", "departure", "n_trains"]
    pairs = stops[columns].merge(stops[columns[:-1]], on="trip", suffixes=("", "_to"))
    with_hub = pairs["station"].isin(HUBS) | pairs["station_to"].isin(HUBS)
    pairs = pairs[with_hub & (pairs["arrival_to"] > pairs["departure"])].reset_index(drop=True)
    pairs = pairs.assign(minutes=pairs["arrival_to"] - pairs["departure"])
    trains = pairs.loc[pairs.index.repeat(pairs["n_trains"].clip(lower=1))]
    grouped = trains.groupby(["station", "station_to"])["minutes"]
    table = grouped.agg(fastest="min", median="median", n_trains="size")
    return table.rename_axis(["origin", "destination"])


def print_drift(rides: dict[str, pd.DataFrame]) -> None:
    """Print the ratios between snapshots, by line and over all of them."""
    line_of = {name: line for line, names in STATIONS.items() for name in names.split()}
    neighbours = []
    for early, late in [*pairwise(rides), ("2016", "2026")]:
        both = rides[early].join(rides[late].add_suffix("_late"), how="inner")
        far = [destination if origin in HUBS else origin for origin, destination in both.index]
        line = pd.Series([line_of.get(name, "") for name in far], index=both.index)
        both, line = both[line != ""], line[line != ""]
        for measure in ("fastest", "median"):
            ratio = both[f"{measure}_late"] / both[measure]
            print_ratios(f"{late}/{early} {measure}", ratio)
            for name, part in ratio.groupby(line):
                print_ratios(f"  {name}", part)
            if (early, late) != ("2016", "2026"):
                neighbours += [ratio, 1 / ratio]
    print_ratios("neighbours, both ways", pd.concat(neighbours))


def print_ratios(name: str, ratios: pd.Series) -> None:
    """Print the number and the percentiles of some ratios."""
    low, middle, high = ratios.quantile(PERCENTILES)
    print(f"{name:28} n={len(ratios):4}  {low:.3f}  {middle:.3f}  {high:.3f}")


def pattern_error(data: Path, stops: pd.DataFrame) -> pd.Series:
    """Return true over rebuilt fastest and median rides of 2026, lumped as the source of 2019."""
    dwells = rail_snapshots.station_dwells(rail_snapshots.read_2016(data))
    table = rail_snapshots.read_table(data, "stop_times_202610.csv.gz")
    km = table.groupby("train")["km"].last()
    ends = stops.groupby("trip").agg(
        train=("train", "first"), first=("station", "first"), last=("station", "last")
    )
    ends["km"] = ends["train"].map(km)
    way = [frozenset((a, b)) for a, b in zip(ends["first"], ends["last"], strict=True)]
    rebuilt = []
    for _, group in ends.groupby([pd.Series(way, index=ends.index), "km"], sort=False):
        model = stops[stops["trip"] == group.index[0]]
        elapsed = model.assign(elapsed_min=model["arrival"] - model["arrival"].iloc[0])
        same = int((group["first"] == group["first"].iloc[0]).sum())
        for n_trains, mirrored in ((same, False), (len(group) - same, True)):
            if n_trains:
                trip = rail_snapshots.pattern_trip(
                    elapsed, group["train"].iloc[0], n_trains=n_trains, dwells=dwells
                )
                trip = rail_snapshots.mirror(trip) if mirrored else trip
                rebuilt.append(trip.assign(trip=f"{group.index[0]}{mirrored}"))
    true, other = direct_rides(stops), direct_rides(pd.concat(rebuilt, ignore_index=True))
    both = true.join(other.add_suffix("_rebuilt"), how="inner")
    return pd.concat([both[name] / both[f"{name}_rebuilt"] for name in ("fastest", "median")])


def announced_error(data: Path, rides: pd.DataFrame) -> pd.Series:
    """Return the fastest ride of 2026 over the announced one, best of both directions."""
    announced = modelled_services.read_announced(data)
    ratios = {}
    for service in modelled_lines.SERVICES:
        first = service.sections[0].first
        for last, key in service.announced.items():
            found = [
                rides.loc[pair, "fastest"]
                for pair in ((first, last), (last, first))
                if pair in rides.index
            ]
            if found:
                ratios[first, last] = min(found) / float(announced[key]["minutes"])
                print(
                    f"  {first}-{last}: announced {announced[key]['minutes']}, 2026 {min(found):g}"
                )
    return pd.Series(ratios)


def share_running(data: Path) -> float:
    """Return the share of the train numbers of 2016 in both regions that ran on 2016-03-15."""
    table = rail_snapshots.read_table(data, "stop_times_201603.csv.gz")
    ours = table[table["station"].isin(rail_snapshots.ZHENGZHOU | rail_snapshots.SHIJIAZHUANG)]
    running = ours[ours["run_days"] != "OTHER_DATES"]
    return running["train"].nunique() / ours["train"].nunique()


if __name__ == "__main__":
    main()
