"""Read the trains of three epochs that matter to Henan and the south of Hebei.

Which trains
    Trains that call at one of `ZHENGZHOU` or in two or more prefectures of Henan belong to the
    region zhengzhou; of the others, those that call at one of `SHIJIAZHUANG` or in two or more
    prefectures of `SOUTH_HEBEI` to shijiazhuang. The stations of the two cities are where the
    claims start; the second half of the rule adds trains between other cities of the two provinces
    (焦作 to 许昌, 邢台 to 邯郸), mostly conventional ones. All their calls are kept, but those of
    conventional trains outside `BOX` only at stations that fast trains serve.

March 2016 (`T2016`, `T2016-REF`)
    A train has variants for groups of days. Variants that run every day go to `T2016`, those that
    run on Tuesday 2016-03-15 but not every day to `T2016-REF`, a service of that one date. Variants
    of other dates only (weekends, festivals) are left out.

Mid-2016 (`T2016K`)
    Conventional trains (K, T, Z, Y and bare numbers); the fast trains of the source are a part
    only and left out. It prints no days of running.

January 2021 (`T2021`, `T2021-BOARD`, `C2021`, with a K those of conventional trains)
    See `derive.rail_2021`. Listed trains that boards time, trains that only boards know, and trains
    that no board times and whose number is all that is known.

October 2026 (`T2026`)
    A letter behind a number (``G657B``) marks a variant of another day, and every train counts as
    daily in the source. One variant per number is kept, the one without a letter; 77 identical
    and 69 other variants are left out. So a train runs once a day, and the number of trains is
    that of the busiest days.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from derive.coverage import KnownTrain
from derive.prefectures import HENAN
from derive.rail_2021 import LIMIT_KMH, Train, read_trains
from derive.rail_2021_sources import read_patterns
from derive.rail_2021_times import Carrier, Timed
from derive.rail_data import ALIASES
from derive.rail_hops import Hops, pattern_calls, unique_courses
from derive.rail_points import Points
from derive.rail_tables import clock_minutes, family_of, read_table

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet


ZHENGZHOU = frozenset({"郑州", "郑州东", "郑州西", "郑州航空港", "新郑机场"})
SHIJIAZHUANG = frozenset({"石家庄", "石家庄北", "石家庄东", "正定机场"})
HEBEI = "13"
SOUTH_HEBEI = frozenset({"130100", "130400", "130500", "131100"})
# Outside this box (degrees: west, south, east, north) conventional trains are kept only at stations
# that fast trains serve: nobody asks for a village halt in Xinjiang.
BOX = (109.0, 31.5, 120.5, 41.0)

# Stations of 2026 that no station list has a code for yet.
UNCODED = {
    "临清东": "X-linqingdong",
    "清河西": "X-qinghexi",
    "枣强南": "X-zaoqiangnan",
    "任丘西": "X-renqiuxi",
    "深州东": "X-shenzhoudong",
    "肃宁河间": "X-suninghejian",
    "衡水南": "X-hengshuinan",
}

# Stops from which a station gets its own median dwell.
LEAST_DWELLS = 5
# Lines of 2019-12-01 whose trains the list lacks for the greater part: what boards know of them has
# no time at its other end, so these trains are modelled and such calls are left out.
MODELLED_STATIONS = frozenset(
    (
        *("长葛北", "禹州", "郏县", "平顶山西", "方城", "南阳东", "邓州东", "郑州航空港"),
        *("许昌北", "鄢陵", "扶沟南", "西华", "周口东", "沈丘北", "界首南", "临泉", "阜阳西"),
    )
)
CLOCKED = "source"


def read_stop_ids(data: Path) -> dict[str, str]:
    """Read the 12306 code of every station name; stations without one get a spelled-out id."""
    stations = pd.read_csv(data / "rail" / "stations.csv", dtype=str, keep_default_na=False)
    coded = stations[stations["telecode"] != ""]
    return {**UNCODED, **dict(zip(coded["name"], coded["telecode"], strict=True))}


@cache
def read_snapshots(data: Path) -> pd.DataFrame:
    """Read the chosen trains of all epochs.

    Returns
    -------
    DataFrame
        One row per call: ``service``, ``region``, ``trip``, ``train``, ``n_trains`` (0 where clock
        times are known), ``station``, ``arrival`` and ``departure`` (minutes from midnight, or from
        the first call), rising along each trip, and ``basis`` of the times: ``source`` or, in 2021,
        ``board``, ``own pattern``, ``any train`` or ``length``.

    """
    points = Points(data)
    old, new = read_2016(data), read_2026(data)
    conventional = leave_impossible(read_2016_conventional(data), points)
    frames = [choose(frame, points) for frame in (old, conventional, new)]
    frames.append(read_2021(data, points, old, new)[0])
    trips = pd.concat(frames, ignore_index=True)
    trips = cut_far_calls(trips, points)
    check_times(trips)
    return trips


def read_2016(data: Path) -> pd.DataFrame:
    """Read the variants that run every day or on 2016-03-15, without doubles."""
    table = read_table(data, "stop_times_201603.csv.gz")
    table = table[table["run_days"].isin(["ALL", "REF_DATE"])]
    offset = {c: pd.to_numeric(table[f"day_offset_{c}"]).fillna(0) * 1440 for c in ("arr", "dep")}
    arrival = clock_minutes(table["arr"]) + offset["arr"]
    departure = clock_minutes(table["dep"]) + offset["dep"]
    frame = pd.DataFrame(
        {
            "service": table["run_days"].map({"ALL": "T2016", "REF_DATE": "T2016-REF"}),
            "train": table["train"],
            "variant": table["source"],
            "seq": table["seq"],
            "station": table["station"].replace(ALIASES),
            "arrival": arrival.fillna(departure),
            "departure": departure.fillna(arrival),
        }
    ).sort_values(["variant", "seq"], kind="stable")
    calls = frame["station"] + frame["arrival"].astype(str) + frame["departure"].astype(str)
    course = calls.groupby(frame["variant"]).agg("|".join)
    once = course.index[~course.duplicated()]
    frame = frame[frame["variant"].isin(once)]
    variants = frame.groupby("train")["variant"]
    doubled = variants.max() != variants.min()
    if doubled.any():
        raise ValueError(f"several variants on one day in 2016: {sorted(doubled[doubled].index)}")
    return frame.drop(columns="variant").assign(n_trains=0, basis=CLOCKED)


def read_2016_conventional(data: Path) -> pd.DataFrame:
    """Read the conventional trains of mid-2016; calls at which time stands still are left out."""
    table = read_table(data, "stop_times_2016mid_ucas.csv.gz")
    table = table[table["train"].map(family_of) == "conventional"]
    days = {c: pd.to_numeric(table[f"day_{c}"]).fillna(0) * 1440 for c in ("arr", "dep")}
    arrival = clock_minutes(table["arr"]) + days["arr"]
    departure = clock_minutes(table["dep"]) + days["dep"]
    frame = pd.DataFrame(
        {
            "service": "T2016K",
            "train": table["train"],
            "seq": table["seq"],
            "station": table["station"].replace(ALIASES),
            "arrival": arrival.fillna(departure),
            "departure": departure.fillna(arrival),
            "n_trains": 0,
            "basis": CLOCKED,
        }
    ).sort_values(["train", "seq"], kind="stable")
    before = frame.groupby("train")["departure"].shift()
    still = (frame["arrival"] <= before) | (frame["departure"] < frame["arrival"])
    return frame[~still]


def leave_impossible(stops: pd.DataFrame, points: Points) -> pd.DataFrame:
    """Leave out conventional calls that are reached faster than any such train runs.

    The source has slips there: 166 km in 52 minutes from 商丘南 to 阜阳.
    """
    limit = LIMIT_KMH["conventional"]
    stops = stops[stops["station"].isin(set(points.points))]
    kept = []
    train, station, left = "", "", 0.0
    for row in stops.itertuples():
        if row.train == train:
            km = points.km(station, str(row.station))
            if 60 * km > limit * (row.arrival - left):
                continue
        train, station, left = str(row.train), str(row.station), float(row.departure)
        kept.append(row.Index)
    return stops.loc[kept]


def read_2026(data: Path) -> pd.DataFrame:
    """Read one variant per train number, the one without a letter behind the number."""
    table = read_table(data, "stop_times_202610.csv.gz")
    base = table["train"].map(lambda train: re.sub(r"(?<=\d)[A-Z]$", "", train))
    unknown = set(base) - set(table["train"])
    if unknown:
        raise ValueError(f"2026: only lettered variants of {sorted(unknown)}")
    table = table[table["train"] == base].sort_values(["train", "seq"])
    return pd.DataFrame(
        {
            "service": "T2026",
            "train": table["train"],
            "seq": table["seq"],
            "station": table["station"].replace(ALIASES),
            "arrival": clock_minutes(table["arr"]),
            "departure": clock_minutes(table["dep"]),
            "n_trains": 0,
            "basis": CLOCKED,
        }
    )


def station_dwells(clock: pd.DataFrame) -> pd.Series:
    """Return the median dwell in minutes at each station, and under "" at all stations.

    Only stops that are neither first nor last count; a station with fewer than
    `LEAST_DWELLS` such stops gets no value of its own.
    """
    inner = clock[clock["departure"] > clock["arrival"]]
    dwell = inner["departure"] - inner["arrival"]
    by_station = dwell.groupby(inner["station"]).agg(["median", "size"])
    medians = by_station.loc[by_station["size"] >= LEAST_DWELLS, "median"]
    return pd.concat([medians, pd.Series({"": dwell.median()})])


def read_2021(
    data: Path, points: Points, old: pd.DataFrame, new: pd.DataFrame
) -> tuple[pd.DataFrame, list[Train]]:
    """Read the trains of January 2021 with times carried from boards, and as they were joined."""
    trains = read_trains(data, points, lambda stations: bool(region_of(stations, points)))
    carriers = make_carriers(data, points, old, new)
    frames = []
    for train in trains:
        timed, left = time_train(train, carriers[train.family])
        region = region_of(frozenset(call.station for call in timed), points)
        if len(timed) < 2 or not region:
            continue
        frames.append(call_rows(train, timed, region, left))
    return pd.concat(frames, ignore_index=True), trains


def read_known(data: Path) -> dict[str, list[KnownTrain]]:
    """Read, by timetable, all trains of sources that know more than what the base takes."""
    points = Points(data)
    known = {
        suffix: [
            KnownTrain(str(train), list(calls))
            for train, calls in frame.groupby("train")["station"]
        ]
        for suffix, frame in (("2016", read_2016(data)), ("2016k", read_2016_conventional(data)))
    }
    home = (HENAN, HEBEI)
    trains = read_trains(
        data, points, lambda names: any(points.unit(name).startswith(home) for name in names)
    )
    for suffix, family in (("2021", "fast"), ("2021k", "conventional")):
        known[suffix] = [KnownTrain(t.number, t.calls) for t in trains if t.family == family]
    return known


def time_train(train: Train, carrier: Carrier) -> tuple[list[Timed], list[str]]:
    """Return the calls of a train of 2021 with times, and the stations left without."""
    if train.clocks:
        timed, left = carrier.clock_times(train)
    else:
        timed, left = carrier.count_times(train)
    if not train.listed:
        timed = [call for call in timed if keeps_end(call)]
    shift = 1440 * (min(call.arrival for call in timed) // 1440)
    return [Timed(c.station, c.arrival - shift, c.departure - shift, c.basis) for c in timed], left


def keeps_end(call: Timed) -> bool:
    """Say whether a call of a train that only boards know is told and not modelled."""
    return call.basis == "board" or call.station not in MODELLED_STATIONS


def call_rows(train: Train, timed: list[Timed], region: str, left: list[str]) -> pd.DataFrame:
    """Return the calls of one train of 2021 as rows; ``left`` counts the calls without a time."""
    letter = "K" if train.family == "conventional" else ""
    if not train.clocks:
        service, prefix = f"C2021{letter}", "C2021"
    else:
        service, prefix = f"T2021{letter}" + ("" if train.listed else "-BOARD"), "T2021"
    return pd.DataFrame(
        {
            "service": service,
            "region": region,
            "trip": f"{prefix}-{train.number}",
            "train": train.number,
            "seq": range(1, len(timed) + 1),
            "station": [call.station for call in timed],
            "arrival": [call.arrival for call in timed],
            "departure": [call.departure for call in timed],
            "n_trains": int(not train.clocks),
            "basis": [call.basis for call in timed],
            "untimed": len(left),
        }
    )


def make_carriers(
    data: Path, points: Points, old: pd.DataFrame, new: pd.DataFrame
) -> dict[str, Carrier]:
    """Return what carries times in 2021, for fast and for conventional trains.

    Runs come from the patterns of 2021 first, then from 2016, and for lines opened later from 2026.
    """
    conventional = read_2016_conventional(data)
    patterns = read_patterns(data)
    carriers = {}
    for family, clocked in (("fast", [old, new]), ("conventional", [conventional])):
        dwells = station_dwells(clocked[0]).to_dict()
        mine = [p for number, p in patterns.items() if family_of(number) == family]
        hops = Hops()
        hops.add(pattern_calls(course, dwells) for course in unique_courses(mine))
        for frame in clocked:
            hops.add(
                list(zip(rows["station"], rows["arrival"], rows["departure"], strict=True))
                for _, rows in frame.groupby("train", sort=True)
            )
        carriers[family] = Carrier(hops, dwells, points)
    return carriers


def choose(stops: pd.DataFrame, points: Points) -> pd.DataFrame:
    """Keep the trains of the two regions and add ``region`` and ``trip``."""
    stops = stops[stops["station"].isin(set(points.points))]
    prefix = stops["service"].str.replace("-REF", "").str.replace("K", "")
    trip = prefix + "-" + stops["train"].str.replace("/", "_")
    called = stops.groupby(trip)["station"].agg(frozenset)
    regions = called.map(lambda stations: region_of(stations, points))
    chosen = stops.assign(trip=trip, region=trip.map(regions), untimed=0)
    return chosen[chosen["region"] != ""].reset_index(drop=True)


def region_of(stations: AbstractSet[str], points: Points) -> str:
    """Return the region of a train that calls at ``stations``; empty if it is not wanted."""
    if stations & ZHENGZHOU:
        return "zhengzhou"
    units = {points.unit(name) for name in stations}
    if sum(unit.startswith(HENAN) for unit in units) > 1:
        return "zhengzhou"
    return "shijiazhuang" if stations & SHIJIAZHUANG or len(units & SOUTH_HEBEI) > 1 else ""


def cut_far_calls(trips: pd.DataFrame, points: Points) -> pd.DataFrame:
    """Leave out far calls of conventional trains where no fast train calls."""
    west, south, east, north = BOX
    fast = trips["train"].map(family_of) == "fast"
    served = set(trips.loc[fast, "station"])
    near = {
        name
        for name in trips["station"].unique()
        if west <= points.points[name][0] <= east and south <= points.points[name][1] <= north
    }
    kept = trips[fast | trips["station"].isin(served | near)]
    kept = kept[kept.groupby("trip")["station"].transform("size") > 1].reset_index(drop=True)
    begins = kept.groupby("trip")["departure"].transform("first")
    shift = begins.where(kept["n_trains"] > 0, 0.0)  # counted trains run from zero
    arrival = (kept["arrival"] - shift).clip(lower=0.0)
    return kept.assign(arrival=arrival, departure=kept["departure"] - shift)


def check_times(trips: pd.DataFrame) -> None:
    """Raise ValueError where times fall along a trip or a station stands twice in a row."""
    times = trips[["arrival", "departure"]].to_numpy()
    same_trip = (trips["trip"] == trips["trip"].shift(-1)).to_numpy()[:-1]
    falling = (times[:, 1] < times[:, 0])[:-1] | (same_trip & (times[1:, 0] <= times[:-1, 1]))
    if falling.any() or trips[["arrival", "departure"]].isna().any(axis=None):
        raise ValueError(f"times do not rise in {sorted(set(trips['trip'][:-1][falling]))}")
