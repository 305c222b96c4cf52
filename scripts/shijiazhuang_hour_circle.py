"""Show Shijiazhuang's one-hour circle today and with the two planned intercity lines.

    python scripts/shijiazhuang_hour_circle.py [--reading ride_fastest]

Prints minutes from Shijiazhuang to the cities of claim C9 in March 2016, in 2021, today, and under
the cards that open the lines to Cangzhou and Xiong'an.
"""

from __future__ import annotations

import argparse

import pandas as pd

from netlib.claims import read_claims
from netlib.places import format_name
from netlib.scenarios import apply_scenario, find_scenario
from netlib.tables import read_network
from netlib.times import travel_times

CASES = (
    ("2016-03", "2016-03-15", ()),
    ("2021-08", "2021-08-31", ()),
    ("today", "2026-11-22", ()),
    ("shcg-open", "2026-11-22", ("shcg-open",)),
    ("sxi-open", "2026-11-22", ("sxi-open",)),
    ("both open", "2026-11-22", ("shcg-open", "sxi-open")),
)


def main() -> None:
    """Print one row for each city and the number within the hour."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--reading", default="ride_fastest", help="reading of the times")
    options = parser.parse_args()
    network = read_network()
    claim = read_claims(network.root)["C9"]
    columns = {}
    for label, day, cards in CASES:
        edited = network
        for card in cards:
            edited = apply_scenario(edited, find_scenario(edited, card))
        times = travel_times(
            edited.as_of(day), claim.origins, claim.destinations, reading=options.reading
        )
        columns[label] = times.set_index("to_id")["travel_time_minutes"]
    table = pd.DataFrame(columns).loc[list(claim.destinations)]
    within = (table <= claim.threshold_minutes).sum().rename("within the hour")
    table.index = [format_name(network, zone) for zone in table.index]
    print(f"minutes from {format_name(network, claim.origins[0])}, {options.reading}")
    print(table.to_string(na_rep="-", float_format="%.0f"))
    print(within.to_frame().T.to_string())


if __name__ == "__main__":
    main()
