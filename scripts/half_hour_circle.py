"""Show which cities lie in the half-hour commute circle around Zhengzhou.

    python scripts/half_hour_circle.py [--minutes 30] [--as-of 2026-11-22]

Prints minutes to Zhengzhou from the eight other cities of its metropolitan area under each reading
that counts minutes, and how many cities and residents lie within the limit.
"""

from __future__ import annotations

import argparse

import pandas as pd

from netlib.claims import read_claims
from netlib.places import format_name
from netlib.readings import find_reading
from netlib.tables import read_network
from netlib.times import travel_times

# The older 1+4: Kaifeng, Xinxiang, Jiaozuo and Xuchang around Zhengzhou.
CORE = ("410200", "410700", "410800", "411000")


def main() -> None:
    """Print the table and the counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30, help="limit of the circle")
    parser.add_argument("--as-of", default="2026-11-22", help="day, YYYY-MM-DD")
    options = parser.parse_args()
    network = read_network()
    claim = read_claims(network.root)["C2"]
    day = network.as_of(options.as_of)
    cities = next(c for c in claim.circles if c.circle_id == "cities")
    columns = {}
    for definition in claim.definitions:
        if find_reading(network.root, definition).measure == "residents":
            continue
        times = travel_times(
            day, cities.destinations, cities.origins or claim.origins, reading=definition
        )
        columns[definition] = times.set_index("from_id")["travel_time_minutes"]
    table = pd.DataFrame(columns).loc[list(cities.destinations)]
    residents = network["zone"].set_index("zone_id")["population_2020"]
    inside = table <= options.minutes
    counts = {
        f"cities within {options.minutes:g} min": inside.sum(),
        "of the older 1+4": inside.loc[list(CORE)].sum(),
        "share of residents": inside.mul(residents.loc[table.index], axis=0).sum()
        / residents.loc[table.index].sum(),
    }
    table.index = [format_name(network, zone) for zone in table.index]
    print(table.to_string(na_rep="-", float_format="%.0f"))
    print()
    print(pd.DataFrame(counts).T.to_string(float_format="%.2f"))


if __name__ == "__main__":
    main()
