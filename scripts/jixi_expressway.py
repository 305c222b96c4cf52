"""Show what phase 2 of the Jixi expressway does to driving times.

    python scripts/jixi_expressway.py [--as-of 2026-11-22] [--scenario jx2-closed]

Compares driving in free flow with the road and under a card that closes it: between the cities of
Henan and the airport zone, and between interchanges, where its effect is felt first.
"""

from __future__ import annotations

import argparse

import pandas as pd

from netlib.places import format_name
from netlib.scenarios import apply_scenario, find_scenario
from netlib.tables import Network, read_network
from netlib.times.drives import locate_zones, measure_drives, read_terminal_minutes

SHOWN_MINUTES = 0.5  # smaller differences are rounding
SHOWN_PAIRS = 12


def main() -> None:
    """Print the pairs of cities and of interchanges whose driving time changes most."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--as-of", default="2026-11-22", help="day, YYYY-MM-DD")
    parser.add_argument("--scenario", default="jx2-closed", help="scenario card to compare with")
    options = parser.parse_args()
    network = read_network()
    closed = apply_scenario(network, find_scenario(network, options.scenario))
    days = [n.as_of(options.as_of) for n in (network, closed)]
    for title, measure in (("cities", drive_cities), ("interchanges", drive_interchanges)):
        table = pd.concat([measure(day) for day in days], axis=1, keys=["with", "without"])
        table["longer"] = table["without"] - table["with"]
        changed = table[table["longer"] >= SHOWN_MINUTES].sort_values("longer", ascending=False)
        print(f"{title}: {len(changed)} of {len(table)} pairs take longer")
        for (a, b), row in changed.head(SHOWN_PAIRS).iterrows():
            names = f"{format_name(network, a)}–{format_name(network, b)}"
            print(f"  {names}: {row['with']:.0f} -> {row['without']:.0f} min")


def drive_cities(network: Network) -> pd.Series:
    """Return minutes between the cities of Henan and the airport zone, by pair."""
    zone = network["zone"]
    cities = zone[zone["zone_id"].str.startswith("41") & (zone["level"] != "county")]
    places = locate_zones(network, cities["zone_id"])
    minutes = measure_drives(network, places, places, peak=False)
    minutes = minutes.set_index(["from_id", "to_id"])["minutes"]
    return minutes[[a < b for a, b in minutes.index]]


def drive_interchanges(network: Network) -> pd.Series:
    """Return minutes between junctions of named roads, by pair, without parking at the ends."""
    node = network["node"]
    node = node[node["node_type"] == "road_junction"].drop_duplicates("node_id")
    points = node.rename(columns={"node_id": "point_id"})[["point_id", "x_coord", "y_coord"]]
    table = measure_drives(network, points, points, peak=False)
    minutes = table.set_index(["from_id", "to_id"])["minutes"]
    minutes -= 2.0 * read_terminal_minutes(network, peak=False)
    return minutes[[a < b for a, b in minutes.index]]


if __name__ == "__main__":
    main()
