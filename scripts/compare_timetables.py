"""Compare the timetables of three epochs with each other, with boards and announced times.

    python scripts/compare_timetables.py DATA

Prints

- kinds: how many calls of January 2021 are timed by a board, by the own pattern, by any train;
- held out: how far times are off that are carried past a board (``COUNT_ERROR`` in
  `derive.timetables`);
- pairs: trains a day, first and last departure and fastest ride of 20 pairs by epoch;
- oddest: the fastest runs, longest dwells and calls farthest off the way;
- drift: 5th, 50th and 95th percentiles of the ratio of the fastest and of the median ride between
  two epochs, over directed station pairs from and to Zhengzhou and Shijiazhuang on lines open
  throughout. Neighbouring epochs, taken both ways, say how far one can be from the timetable of a
  date between them (parameter ``timetable_drift``);
- announced error: fastest ride of 2026 over the time announced for a new line
  (``ANNOUNCED_ERROR`` in `derive.modelled_services`).
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

from derive import modelled_lines, modelled_services, rail_snapshots
from derive.rail_2021 import read_trains
from derive.rail_points import Points
from derive.rail_tables import family_of

if TYPE_CHECKING:
    from derive.rail_2021 import Train
    from derive.rail_2021_times import Carrier

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
PAIRS = (
    ("郑州东", "北京西"),
    ("北京西", "郑州东"),
    ("郑州东", "石家庄"),
    ("石家庄", "郑州东"),
    ("郑州东", "武汉"),
    ("武汉", "郑州东"),
    ("郑州东", "西安北"),
    ("西安北", "郑州东"),
    ("郑州东", "洛阳龙门"),
    ("洛阳龙门", "郑州东"),
    ("郑州东", "三门峡南"),
    ("三门峡南", "郑州东"),
    ("郑州东", "许昌东"),
    ("许昌东", "郑州东"),
    ("郑州东", "新乡东"),
    ("新乡东", "郑州东"),
    ("郑州东", "信阳东"),
    ("信阳东", "郑州东"),
    ("石家庄", "北京西"),
    ("北京西", "石家庄"),
    ("郑州东", "徐州东"),
    ("徐州东", "郑州东"),
    ("郑州东", "上海虹桥"),
    ("郑州东", "深圳北"),
    ("郑州东", "成都东"),
    ("郑州东", "济南西"),
)
ODDEST = 10
PERCENTILES = (0.05, 0.5, 0.95)


def main() -> None:
    """Print the comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    stops = rail_snapshots.read_snapshots(data)
    points = Points(data)
    joined = read_trains(data, points, lambda names: bool(rail_snapshots.region_of(names, points)))
    count_kinds(stops, joined)
    carriers = rail_snapshots.make_carriers(
        data, points, rail_snapshots.read_2016(data), rail_snapshots.read_2026(data)
    )
    held_out(joined, carriers)
    compare_pairs(stops)
    print_oddest(stops, points)
    fast = stops[stops["train"].map(family_of) == "fast"]
    year = fast["service"].str[1:5]
    rides = {name: direct_rides(fast[year == name]) for name in ("2016", "2021", "2026")}
    print_drift(rides)
    print_ratios("announced error", announced_error(data, rides["2026"]))


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


def count_kinds(stops: pd.DataFrame, joined: list[Train]) -> None:
    """Print how many calls of 2021 are timed by what, and how list and boards were joined."""
    mine = stops[stops["service"].str.contains("2021")]
    kinds = pd.crosstab(mine["service"], mine["basis"])
    trips = mine.drop_duplicates("trip").groupby("service")
    print(kinds.assign(trains=trips.size(), no_time=trips["untimed"].sum()).to_string())
    fast = [train for train in joined if train.listed and train.family == "fast"]
    added = sum(len(train.added) for train in fast)
    dropped = sum(len(train.dropped) for train in fast)
    print(f"listed fast trains: {added} calls from boards alone, {dropped} beyond a board's ends")


def held_out(joined: list[Train], carriers: dict[str, Carrier]) -> None:
    """Print how far carried times are off: calls and rides of trains that boards time.

    Each inner call that a board times is timed as if it were not (minutes late), and each train as
    if no board knew it (true over derived ride between its first and last board).
    """
    for family in ("fast", "conventional"):
        late, ratios = [], []
        for train in joined:
            timed = [name for name in train.calls if name in train.clocks]
            if not train.listed or train.family != family or len(timed) < 2:
                continue
            for name in timed[1:-1]:
                rest = {key: clock for key, clock in train.clocks.items() if key != name}
                calls, _ = carriers[family].clock_times(replace(train, clocks=rest))
                at = {call.station: call.arrival for call in calls}
                arrival = train.clocks[name][0]
                if name in at and arrival is not None:
                    late.append(at[name] - arrival)
            calls, _ = carriers[family].count_times(replace(train, clocks={}))
            derived = {call.station: call for call in calls}
            first, last = timed[0], timed[-1]
            left, came = train.clocks[first][1], train.clocks[last][0]
            if first in derived and last in derived and left is not None and came is not None:
                ratios.append((came - left) / (derived[last].arrival - derived[first].departure))
        print_ratios(f"{family}: minutes late", pd.Series(late))
        print_ratios(f"{family}: true/derived ride", pd.Series(ratios))


def compare_pairs(stops: pd.DataFrame) -> None:
    """Print trains a day, first and last departure and fastest ride of some pairs by epoch."""
    year = stops["service"].str[1:5]
    fast = stops["train"].map(family_of) == "fast"
    print("from, to: trains, first, last departure, fastest minutes in 2016, 2021, 2026")
    for start, end in PAIRS:
        words = [
            describe_pair(stops[fast & (year == name)], start, end)
            for name in ("2016", "2021", "2026")
        ]
        print(f"  {start}-{end}: {'; '.join(words)}")


def describe_pair(stops: pd.DataFrame, start: str, end: str) -> str:
    """Return what one epoch has of a pair: trains, first and last departure, fastest ride."""
    out, back = (stops[stops["station"] == name] for name in (start, end))
    both = out.merge(back, on="trip", suffixes=("", "_to"))
    both = both[both["arrival_to"] > both["departure"]]
    if both.empty:
        return "none"
    clocked = both.loc[both["n_trains"] == 0, "departure"] % 1440
    first, last = (
        f"{int(at) // 60 % 24:02d}:{int(at) % 60:02d}" for at in (clocked.min(), clocked.max())
    )
    fastest = (both["arrival_to"] - both["departure"]).min()
    return f"{len(both)}, {first}, {last}, {fastest:g}"


def print_oddest(stops: pd.DataFrame, points: Points) -> None:
    """Print the oddest calls: highest speed, longest dwell, farthest off the way."""
    after = stops.shift(-1)
    hops = stops.assign(to=after["station"], comes=after["arrival"], to_basis=after["basis"])
    hops = hops[stops["trip"] == after["trip"]]
    minutes = hops["comes"] - hops["departure"]
    pairs = zip(hops["station"], hops["to"], strict=True)
    hops = hops.assign(kmh=[60 * points.km(a, b) for a, b in pairs] / minutes)
    shown = ["trip", "station", "basis"]
    for family in ("fast", "conventional"):
        mine = hops[hops["train"].map(family_of) == family]
        print(f"fastest {family}, km/h over the straight line")
        print(mine.nlargest(ODDEST, "kmh")[[*shown, "to", "to_basis", "kmh"]].to_string())
    print("derived runs of 2021 farthest from the median of all its runs, minutes")
    ran = hops.assign(minutes=minutes)[hops["service"].str.startswith("T2021")]
    usual = ran.groupby(["station", "to"])["minutes"].transform("median")
    derived = ran.assign(off=(ran["minutes"] - usual).abs())
    derived = derived[(derived["basis"] != "board") | (derived["to_basis"] != "board")]
    print(derived.nlargest(ODDEST, "off")[[*shown, "to", "minutes", "off"]].to_string())
    dwell = stops.assign(dwell=stops["departure"] - stops["arrival"])
    print("longest dwells")
    print(dwell.nlargest(ODDEST, "dwell")[[*shown, "dwell"]].to_string())
    inner = hops[hops["trip"] == stops["trip"].shift().reindex(hops.index)]
    before = stops["station"].shift().reindex(inner.index)
    ways = zip(before, inner["station"], inner["to"], strict=True)
    detour = [points.km(a, b) + points.km(b, c) - points.km(a, c) for a, b, c in ways]
    inner = inner.assign(before=before, detour=detour)
    inner = inner.drop_duplicates(["before", "station", "to"])
    print("farthest off the straight way, km")
    print(inner.nlargest(ODDEST, "detour")[[*shown, "before", "to", "detour"]].to_string())


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


if __name__ == "__main__":
    main()
