"""Ask of any city which way wins where: door to door over its streets and its GTFS feeds.

    python scripts/city_doors.py FEED... --streets EXTRACT --day 2019-05-13 --window 14:00-15:00

Doors are drawn at random beside stops inside the extract. Walking speed, waits and parking are the
parameters of networks/, which are those of Chinese cities.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from netlib.doors import measure_door_to_door
from netlib.doors.access import StreetsByMode, gather_streets, measure_transfers
from netlib.doors.winners import find_winners, share_ways
from netlib.gtfs.feeds import read_feed, select_day
from netlib.gtfs.transfers import stops_table
from netlib.streets import read_streets, select_largest_part
from netlib.streets.extent import find_coverage
from netlib.tables import read_network
from netlib.timetable import DAY_SECONDS, Timetable, build_timetable
from netlib.units import parse_clock

MODES = (["walk"], ["walk", "taxi", "car"])
# Doors lie about a hundred metres from a stop.
SPREAD_DEGREES = 0.001
# Seconds to change vehicles at one stop.
CHANGE_SECONDS = 60


def read_calls(feeds: list[Path], day: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return calls, frequencies and stops of all feeds; the name of the feed begins every id."""
    calls, frequencies, stops = [], [], []
    for path in feeds:
        feed = read_feed(path, strict=False)
        runs = select_day(feed, day)
        prefix = f"{path.name.removesuffix('.zip')}:" if len(feeds) > 1 else ""
        calls.append(
            runs.calls.assign(
                trip_id=prefix + runs.calls["trip_id"], stop_id=prefix + runs.calls["stop_id"]
            )
        )
        frequencies.append(runs.frequencies.assign(trip_id=prefix + runs.frequencies["trip_id"]))
        table = stops_table(feed)[["stop_id", "x_coord", "y_coord"]]
        stops.append(table.assign(stop_id=prefix + table["stop_id"]))
    known = [table for table in frequencies if len(table)] or frequencies[:1]
    return (
        pd.concat(calls, ignore_index=True),
        pd.concat(known, ignore_index=True),
        pd.concat(stops, ignore_index=True),
    )


def draw_doors(stops: pd.DataFrame, streets: StreetsByMode, count: int, seed: int) -> pd.DataFrame:
    """Draw doors beside stops that the streets to walk on cover."""
    import shapely

    covered = find_coverage(streets["walk"])
    inside = stops[shapely.contains_xy(covered, stops["x_coord"], stops["y_coord"])]
    rng = np.random.default_rng(seed)
    chosen = inside.iloc[rng.choice(len(inside), count, replace=count > len(inside))]
    shift = rng.normal(0, SPREAD_DEGREES, (2, count))
    return pd.DataFrame(
        {
            "point_id": [f"door {number}" for number in range(count)],
            "x_coord": chosen["x_coord"].to_numpy() + shift[0],
            "y_coord": chosen["y_coord"].to_numpy() + shift[1],
        }
    )


def main() -> None:
    """Read a city, measure doors to doors and print who wins."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("feeds", nargs="+", type=Path, metavar="FEED")
    parser.add_argument("--streets", required=True, type=Path, metavar="EXTRACT")
    parser.add_argument("--day", required=True)
    parser.add_argument("--window", default="07:00-08:00")
    parser.add_argument("--doors", type=int, default=100)
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    begin, end = (parse_clock(f"{clock}:00") for clock in given.window.split("-"))
    network = read_network()
    streets = gather_streets(
        select_largest_part(read_streets(given.streets, mode=mode)) for mode in ("walk", "drive")
    )
    calls, frequencies, stops = read_calls(given.feeds, given.day)
    timetable: Timetable = build_timetable(
        calls,
        stops=stops,
        transfers=measure_transfers(network, streets, stops),
        frequencies=frequencies if len(frequencies) else None,
        change_seconds=CHANGE_SECONDS,
        max_walk_seconds=0,
    )
    print(timetable)
    for graph in streets.values():
        print(graph)
    doors = draw_doors(stops, streets, given.doors, given.seed)
    for modes in MODES:
        started = time.perf_counter()
        table = measure_door_to_door(
            *(network, streets, timetable, stops, doors, doors, (begin, end)),
            access_modes=modes,
            egress_modes=[mode for mode in modes if mode != "car"],
            direct_modes=modes,
            horizon=max(end, DAY_SECONDS),
        )
        took = time.perf_counter() - started
        reached = table["travel_time_minutes"].notna()
        print(f"\nmodes {', '.join(modes)}: {len(table)} pairs in {took:.1f} s")
        minutes = table["travel_time_minutes"].median()
        print(f"{reached.mean():.0%} reached, median {minutes:.0f} minutes")
        print(share_ways(table).round(3).to_string(index=False))
        winners = find_winners(table).sort_values("minutes", kind="stable")
        print("\nnearest and farthest destinations")
        print(pd.concat([winners.head(3), winners.tail(3)]).round(2).to_string(index=False))


if __name__ == "__main__":
    main()
