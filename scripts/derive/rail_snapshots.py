"""Read the trains of three timetable snapshots that call in Zhengzhou or Shijiazhuang.

Which trains
    G, D and C trains (high-speed, fast and intercity). Trains calling at one of `ZHENGZHOU` belong
    to the region zhengzhou, other trains calling at one of `SHIJIAZHUANG` to shijiazhuang; all
    their stops are kept. Conventional trains (K, T, Z, numbers) stand in the snapshot of 2019 only;
    they are left out there too, so that medians and frequencies compare over the years.

March 2016 (`T2016`, `T2016-REF`)
    A train has variants for groups of days. Variants that run every day go to `T2016`, those that
    run on Tuesday 2016-03-15 but not every day to `T2016-REF`, a service of that one date. Variants
    of other dates only (weekends, festivals) are left out.

November 2019 (`P2019`)
    The source lumps trains with the same origin, terminus and length into one pattern, whose
    minutes are those of one train, counted from arrival to arrival. The column ``run_days`` lists
    the trains, for example ``G671+G673/G672+G674+G6742``: ``/`` separates the trains of the
    pattern's direction from those of the opposite one, ``+`` separates trains, and ``_`` joins the
    numbers that one train carries on parts of its way (``G1820_G1817``). So each pattern becomes up
    to two trips: the pattern with the trains left of ``/`` and its mirror image with those right
    of it. Both have the headway 18 h / number of trains. A departure is the arrival plus the median
    dwell of that station in 2016, since otherwise a ride would include the dwell where it begins.

October 2026 (`T2026`)
    A letter behind a number (``G657B``) marks a variant of another day, and every train counts as
    daily in the source. One variant per number is kept, the one without a letter; 77 identical
    and 69 other variants are left out. So a train runs once a day, and the number of trains is
    that of the busiest days.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from pathlib import Path

import pandas as pd

ZHENGZHOU = frozenset({"郑州", "郑州东", "郑州西", "郑州航空港", "新郑机场"})
SHIJIAZHUANG = frozenset({"石家庄", "石家庄北", "石家庄东", "正定机场"})
CLASSES = {"G": "high-speed trains", "D": "fast trains", "C": "intercity trains"}

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


def read_stop_ids(data: Path) -> dict[str, str]:
    """Read the 12306 code of every station name; stations without one get a spelled-out id."""
    stations = pd.read_csv(data / "rail" / "stations.csv", dtype=str, keep_default_na=False)
    coded = stations[stations["telecode"] != ""]
    return {**UNCODED, **dict(zip(coded["name"], coded["telecode"], strict=True))}


def read_snapshots(data: Path) -> pd.DataFrame:
    """Read the chosen trains of the three snapshots.

    Returns
    -------
    DataFrame
        One row per stop: ``service``, ``region``, ``trip``, ``train``, ``mirrored``, ``n_trains``
        (0 where clock times are known), ``station``, ``arrival`` and ``departure`` (minutes from
        midnight, or from the first stop), rising along each trip.

    """
    clock = read_2016(data)
    frames = [clock, read_2019(data, station_dwells(clock)), read_2026(data)]
    trips = pd.concat([select_trains(frame) for frame in frames], ignore_index=True)
    check_times(trips)
    return trips


def read_table(data: Path, name: str) -> pd.DataFrame:
    """Read a snapshot file of text cells, its ``seq`` as numbers."""
    table = pd.read_csv(data / "rail" / name, dtype=str, keep_default_na=False)
    return table.assign(seq=table["seq"].astype(int))


def clock_minutes(clock: pd.Series) -> pd.Series:
    """Turn ``HH:MM`` into minutes; NaN where empty."""
    parts = clock.str.split(":", expand=True).replace("", None)
    return parts[0].astype(float) * 60 + parts[1].astype(float)


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
            "station": table["station"],
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
    return frame.assign(mirrored=False, n_trains=0)


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


def read_2019(data: Path, dwells: pd.Series) -> pd.DataFrame:
    """Read the patterns as trips in both directions, with their numbers of trains."""
    table = read_table(data, "stop_times_201911_patterns.csv.gz")
    table = table[table["train_class"].isin(list(CLASSES))].sort_values(["source", "seq"])
    frames = []
    for train, stops in table.groupby("train", sort=True):
        same, opposite = (count_trains(side) for side in stops["run_days"].iloc[0].split("/"))
        frames.append(pattern_trip(stops, str(train), n_trains=same, dwells=dwells))
        frames.append(mirror(pattern_trip(stops, str(train), n_trains=opposite, dwells=dwells)))
    trips = pd.concat(frames, ignore_index=True)
    return trips[trips["n_trains"] > 0].assign(service="P2019")


def count_trains(side: str) -> int:
    """Count the G, D and C trains in one half of ``run_days``."""
    return sum(train[0] in CLASSES for train in side.split("+") if train)


def pattern_trip(
    stops: pd.DataFrame, train: str, *, n_trains: int, dwells: pd.Series
) -> pd.DataFrame:
    """Turn elapsed minutes into arrivals and departures, the dwell cut to half the next hop."""
    arrival = stops["elapsed_min"].astype(float).to_numpy()
    dwell = stops["station"].map(dwells).fillna(dwells[""]).to_numpy()
    departure = arrival.copy()
    half_hops = (arrival[2:] - arrival[1:-1]) // 2
    departure[1:-1] += [min(d, half) for d, half in zip(dwell[1:-1], half_hops, strict=True)]
    return pd.DataFrame(
        {
            "train": train,
            "variant": train,
            "seq": range(1, len(stops) + 1),
            "station": stops["station"].to_numpy(),
            "arrival": arrival,
            "departure": departure,
            "mirrored": False,
            "n_trains": n_trains,
        }
    )


def mirror(trip: pd.DataFrame) -> pd.DataFrame:
    """Return the trip run backwards with the same times between its stops."""
    back = trip.iloc[::-1].reset_index(drop=True)
    total = trip["arrival"].iloc[-1]
    return back.assign(
        seq=range(1, len(back) + 1),
        arrival=total - back["departure"],
        departure=total - back["arrival"],
        mirrored=True,
    )


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
            "variant": table["train"],
            "seq": table["seq"],
            "station": table["station"],
            "arrival": clock_minutes(table["arr"]),
            "departure": clock_minutes(table["dep"]),
            "mirrored": False,
            "n_trains": 0,
        }
    )


def select_trains(stops: pd.DataFrame) -> pd.DataFrame:
    """Keep the trains that call in Zhengzhou or Shijiazhuang and add ``region`` and ``trip``."""
    trip = (
        stops["service"].str.replace("-REF", "")
        + "-"
        + stops["train"].str.replace("/", "_")
        + stops["mirrored"].map({True: "-R", False: ""})
    )
    called = stops.groupby(trip)["station"].agg(set)
    regions = called.map(region_of)
    chosen = stops.assign(trip=trip, region=trip.map(regions))
    return chosen[chosen["region"] != ""].reset_index(drop=True)


def region_of(stations: AbstractSet[str]) -> str:
    """Return the region of a train that calls at ``stations``; empty if it is not wanted."""
    if stations & ZHENGZHOU:
        return "zhengzhou"
    return "shijiazhuang" if stations & SHIJIAZHUANG else ""


def check_times(trips: pd.DataFrame) -> None:
    """Raise ValueError where times fall along a trip or a station stands twice in a row."""
    times = trips[["arrival", "departure"]].to_numpy()
    same_trip = (trips["trip"] == trips["trip"].shift(-1)).to_numpy()[:-1]
    falling = (times[:, 1] < times[:, 0])[:-1] | (same_trip & (times[1:, 0] <= times[:-1, 1]))
    if falling.any() or trips[["arrival", "departure"]].isna().any(axis=None):
        raise ValueError(f"times do not rise in {sorted(set(trips['trip'][:-1][falling]))}")
