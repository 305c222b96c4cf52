"""Compare travel times between Xuchang and Zhengzhou with and without the Zheng-Xu line.

    python scripts/zheng_xu_before_after.py [--from 许昌] [--to 郑州 410100A]

Prints minutes, as central (low-high), from one place to others under each reading: just before the
line opened, on the day it opened, and under the scenario cards about it.
"""

from __future__ import annotations

import argparse

import pandas as pd

from netlib.places import find_place, format_name
from netlib.scenarios import apply_scenario, find_scenario
from netlib.tables import read_network
from netlib.times import travel_times

READINGS = ("ride_fastest", "station_to_station", "door_to_door", "drive_peak")
CASES = (
    ("the day before it opened", "2023-12-27", ""),
    ("the day it opened", "2023-12-28", ""),
    ("opened as announced, at the end of 2022", "2022-12-31", "zx-opened-2022"),
    ("today", "2026-11-22", ""),
    ("today, without the line", "2026-11-22", "without-zx"),
    ("today, every six minutes", "2026-11-22", "zx-every-6-minutes"),
    ("today, at its planned 54 minutes", "2026-11-22", "zx-planned-51-57"),
)


def main() -> None:
    """Print one table for each destination."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--from", dest="origin", default="许昌", help="place to start from")
    parser.add_argument("--to", nargs="+", default=["郑州", "410100A"], help="places to go to")
    options = parser.parse_args()
    network = read_network()
    origin = find_place(network, options.origin)
    places = [find_place(network, text) for text in options.to]
    rows = []
    for label, day, card in CASES:
        edited = apply_scenario(network, find_scenario(network, card)) if card else network
        for reading in READINGS:
            times = travel_times(edited.as_of(day), [origin], places, reading=reading)
            for row in times.itertuples():
                rows.append((row.to_id, label, reading, format_range(row)))
    table = pd.DataFrame(rows, columns=["to", "case", "reading", "minutes"])
    for place in places:
        print(f"\n{format_name(network, origin)} -> {format_name(network, place)}")
        chosen = table[table["to"] == place].pivot_table(
            index="case", columns="reading", values="minutes", aggfunc="first"
        )
        print(chosen.loc[[label for label, _, _ in CASES], list(READINGS)].to_string())


def format_range(row: object) -> str:
    """Write a travel time as central (low-high), or - where there is no journey."""
    central, low, high = (getattr(row, name) for name in ("travel_time_minutes", "low", "high"))
    return "-" if pd.isna(central) else f"{central:.0f} ({low:.0f}-{high:.0f})"


if __name__ == "__main__":
    main()
