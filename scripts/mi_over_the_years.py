"""Follow the 米-shaped high-speed network around Zhengzhou over the years.

    python scripts/mi_over_the_years.py [--years 2016 2026]

Prints, for the end of each year, how many of the eight arms were open, how many of the other cities
of Henan lay within an hour and how many neighbouring capitals within two, by the fastest direct
train, and which timetable the row rests on.
"""

from __future__ import annotations

import argparse

import pandas as pd

from netlib.claims import read_claims
from netlib.claims.status import measure_status
from netlib.tables import read_network
from netlib.times import travel_times

# Column and the claim whose places and limit it counts.
CIRCLES = (("cities ≤ 60 min", "C4"), ("capitals ≤ 120 min", "C5"))
ARMS = [{"line": "MI", "event": "open"}]


def main() -> None:
    """Print one row for each year."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--years", nargs=2, type=int, default=[2016, 2026], metavar=("FIRST", "LAST")
    )
    parser.add_argument("--reading", default="ride_fastest", help="reading of the times")
    options = parser.parse_args()
    network = read_network()
    claims = read_claims(network.root)
    first, last = options.years
    rows = []
    for year in range(first, last + 1):
        day = network.as_of(f"{year}-12-31")
        row = {"year": year, "arms open": measure_status(day, ARMS)["central"]}
        for name, claim_id in CIRCLES:
            claim = claims[claim_id]
            times = travel_times(day, claim.origins, claim.destinations, reading=options.reading)
            minutes = times["travel_time_minutes"]
            row[name] = f"{(minutes <= claim.threshold_minutes).sum()} of {len(minutes)}"
            row[f"{name}: slowest"] = minutes.max()
        rows.append({**row, "timetable": day.snapshot})
    print(pd.DataFrame(rows).to_string(index=False, na_rep="-", float_format="%.0f"))


if __name__ == "__main__":
    main()
