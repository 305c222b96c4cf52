"""The ten oddest answers of every kind: each is to be explained or mended before a release.

    python scripts/oddities.py [--networks DIR] [--days 2016-03-15,2026-11-22] [--most 10]

Journeys that overshoot and come back, journeys slower than driving all the way, journeys long
against the ride in them, pairs with the fewest trains, times that change by more than half an hour
between two days on which nothing opened, and areas nearest to a circle.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from pyproj import Geod

from netlib.areas import measure_roundness
from netlib.errors import UnreachableError
from netlib.isochrones import compute_isochrones
from netlib.places import name_ends
from netlib.readings import find_reading, read_today
from netlib.tables import Network, read_network
from netlib.times import measure_pairs, travel_times

GEOD = Geod(ellps="WGS84")
HUBS = ("410100", "411000", "130100")
# A way by train may be that much longer than the straight line between its ends and still be on
# its way: railways of the region are up to 1.3 times as long, and lines bend.
LONGEST_DETOUR = 1.5
LEAST_DETOUR_KM = 60.0
# More than this over the ride asks for a cause: at both ends an hour and a half is the most that
# access, stations and egress take by their own figures.
RIDE_FACTOR, RIDE_MINUTES = 1.5, 90.0
LEAST_CHANGE_MINUTES = 30.0
AREA_READINGS = ("ride_fastest", "station_to_station", "door_to_door", "drive_peak", "best_way")


def list_cities(network: Network) -> list[str]:
    """List the zones that are asked for: all with a centre, but for counties."""
    zone = network["zone"]
    return zone.loc[
        (zone["level"] != "county") & (zone["centre_node_id"] != ""), "zone_id"
    ].tolist()


def measure_day(network: Network) -> pd.DataFrame:
    """Measure door to door, ride and drive from the hubs to every city, with the detour by train.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``door``, ``ride``, ``drive`` (minutes), ``trains_held``,
        ``timetable``, ``known``, ``detour`` (length of the rides over the straight line between
        their ends), ``extra_km`` and ``by`` (the services used).
    """
    hubs = [hub for hub in HUBS if hub in set(network["zone"]["zone_id"])]
    cities = list_cities(network)
    pairs = pd.DataFrame(
        [(a, b) for a in hubs for b in cities if a != b], columns=["from_id", "to_id"]
    )
    reading = find_reading(network.root, "door_to_door")
    door, steps = measure_pairs(network, pairs, reading=reading, ranges=False)
    table = door.rename(columns={"travel_time_minutes": "door"})
    for name, column in (("ride_fastest", "ride"), ("drive_peak", "drive")):
        found = travel_times(network, hubs, cities, reading=name, ranges=False)
        table = table.merge(
            found[["from_id", "to_id", "travel_time_minutes"]], on=["from_id", "to_id"], how="left"
        ).rename(columns={"travel_time_minutes": column})
    node = network["node"].drop_duplicates("node_id").set_index("node_id")
    detours = [
        measure_detour(node, steps.get(pair, []))
        for pair in zip(table["from_id"], table["to_id"], strict=True)
    ]
    table[["detour", "extra_km", "by"]] = pd.DataFrame(detours, index=table.index)
    wanted = ["from_id", "to_id", "door", "ride", "drive", "gap_minutes", "trains_held"]
    return table[[*wanted, "timetable", "known", "detour", "extra_km", "by"]]


def measure_detour(node: pd.DataFrame, steps: list) -> tuple[float, float, str]:
    """Return how much longer the rides of a journey are than the straight line, and by what."""
    rides = [step for step in steps if step.kind == "ride"]
    if not rides:
        return np.nan, np.nan, ""
    way = sum(_km(node, ride.from_id, ride.to_id) for ride in rides)
    straight = max(_km(node, rides[0].from_id, rides[-1].to_id), 1.0)
    names = " ".join(f"{ride.from_id}-{ride.to_id}:{ride.trip_id}" for ride in rides)
    return way / straight, way - straight, names


def _km(node: pd.DataFrame, a: str, b: str) -> float:
    (ax, ay), (bx, by) = (node.loc[name, ["x_coord", "y_coord"]].astype(float) for name in (a, b))
    return float(GEOD.inv(ax, ay, bx, by)[2]) / 1000.0


def find_overshoots(table: pd.DataFrame) -> pd.DataFrame:
    """Find the journeys that go far out of their way."""
    odd = (table["detour"] > LONGEST_DETOUR) & (table["extra_km"] > LEAST_DETOUR_KM)
    return table[odd].sort_values("extra_km", ascending=False)


def find_slow(table: pd.DataFrame) -> pd.DataFrame:
    """Find the journeys that take longer than driving all the way."""
    odd = table[table["door"] > table["drive"]]
    order = (odd["drive"] - odd["door"]).sort_values().index
    return odd.loc[order]


def find_long_ends(table: pd.DataFrame) -> pd.DataFrame:
    """Find the journeys that are long against the fastest ride between the two places."""
    odd = table[table["door"] > RIDE_FACTOR * table["ride"] + RIDE_MINUTES]
    order = (RIDE_FACTOR * odd["ride"] - odd["door"]).sort_values().index
    return odd.loc[order]


def find_changes(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Find the pairs whose time changes by more than half an hour between two days."""
    both = first.merge(second, on=["from_id", "to_id"], suffixes=("_first", "_second"))
    both["change"] = both["door_second"] - both["door_first"]
    columns = ["from_id", "to_id", "door_first", "door_second", "change"]
    columns += ["timetable_first", "timetable_second", "by_first", "by_second"]
    odd = both[both["change"].abs() > LEAST_CHANGE_MINUTES]
    return odd.loc[odd["change"].abs().sort_values(ascending=False).index, columns]


def find_round_areas(network: Network, origins: list[str], cutoffs: list[float]) -> pd.DataFrame:
    """Find how nearly each area is a circle: overlap with the circle of its own size and centre."""
    rows = []
    for origin in origins:
        for reading in AREA_READINGS:
            try:
                areas = compute_isochrones(network, origin, cutoffs, reading=reading)
            except UnreachableError:
                continue
            for row in areas.itertuples():
                rows.append(
                    {
                        "origin": origin,
                        "reading": reading,
                        "cutoff_minutes": row.cutoff_minutes,
                        "area_km2": round(row.area_km2),
                        "residents": row.residents,
                        "overlap": measure_roundness(row.geometry),
                    }
                )
    return pd.DataFrame(rows).sort_values("overlap", ascending=False, ignore_index=True)


def main() -> None:
    """Print all kinds for every day."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=Path)
    parser.add_argument("--days", default="2016-03-15,2021-08-31,2022-06-20,2022-12-31,today")
    parser.add_argument("--most", type=int, default=10)
    options = parser.parse_args()
    network = read_network(options.networks)
    today = read_today(network.root)
    days = [today if day == "today" else day for day in options.days.split(",")]
    tables = {}
    for day in days:
        dated = network.as_of(day)
        tables[day] = measure_day(dated)
        kinds = {
            "overshoots and comes back": find_overshoots(tables[day]),
            "slower than driving": find_slow(tables[day]),
            "long against its ride": find_long_ends(tables[day]),
            "fewest trains": tables[day][tables[day]["trains_held"] > 0].sort_values("trains_held"),
            "no journey": tables[day][tables[day]["door"].isna()],
        }
        for title, table in kinds.items():
            show(dated, f"{day}: {title}", table, options.most)
        shapes = find_round_areas(dated, [HUBS[0]], [30.0, 60.0, 90.0])
        print(f"\n== {day}: areas nearest to a circle\n{shapes.head(options.most).to_string()}")
    for first, second in pairwise(days):
        changed = find_changes(tables[first], tables[second])
        show(network, f"{first} to {second}: changed by more than 30 min", changed, options.most)


def show(network: Network, title: str, table: pd.DataFrame, most: int) -> None:
    """Print the first rows of a table with names."""
    print(f"\n== {title} ({len(table)})")
    if len(table):
        print(name_ends(network, table.head(most)).to_string(index=False))


if __name__ == "__main__":
    main()
