"""Hold the drives over the highway graph against the table of lengths before it, and the press.

    python scripts/compare_drives.py [--as-of 2026-11-22]

Until November 2026 drives ran over a table of lengths from city to city at 100 km/h; five of its
lengths were the published ones themselves, the others those of the graph times one factor. For each
pair of cities this prints the length and the minutes of both, and the length or the time of the
drive that a page gives, where there is one. The graph is not fitted to these lengths between
centres, only to those of sections of expressways (``scripts/derive/typed/expressway_lengths.csv``).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from netlib.places import format_name
from netlib.tables import read_network
from netlib.times.drives import locate_zones, measure_drives

KNOWN = Path(__file__).parent / "derive" / "typed" / "drive_lengths.csv"


def main() -> None:
    """Print one line a pair, and how far off the published lengths both models are."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--as-of", default="2026-11-22", help="day, YYYY-MM-DD")
    options = parser.parse_args()
    table = compare(options.as_of)
    print("pair: km of the table -> of the graph; free minutes; peak minutes; published")
    for row in table.itertuples():
        published = ""
        if row.published_km > 0:
            published = f"; {row.published_km:g} km ({row.published_low_km:g}-"
            published += f"{row.published_high_km:g})"
        if row.published_low_minutes > 0:
            published += f", {row.published_low_minutes:g}-{row.published_high_minutes:g} min"
        print(
            f"  {row.name}: {row.table_km:.0f} -> {row.km:.0f} km; "
            f"{row.table_free_minutes:.0f} -> {row.free:.0f}; "
            f"{row.table_peak_minutes:.0f} -> {row.peak:.0f}{published}"
        )
    known = table[table["published_km"] > 0]
    for name, column in (("table", "table_km"), ("graph", "km")):
        error = known[column] / known["published_km"] - 1.0
        worst = known.loc[error.abs().idxmax(), "name"]
        print(
            f"{name}, {len(known)} published lengths: median error {error.median():+.1%}, "
            f"median size {error.abs().median():.1%}, worst {error[error.abs().idxmax()]:+.1%} "
            f"({worst})"
        )
    change = table["free"] / table["table_free_minutes"] - 1.0
    print(
        f"free minutes, graph over table: median {change.median():+.1%}, "
        f"from {change.min():+.1%} ({table.loc[change.idxmin(), 'name']}) "
        f"to {change.max():+.1%} ({table.loc[change.idxmax(), 'name']})"
    )


def compare(day: str) -> pd.DataFrame:
    """Measure the pairs of the typed table on the graph.

    Returns
    -------
    DataFrame
        Columns of ``drive_lengths.csv``, ``name`` (both cities), ``km``, ``free`` and ``peak``
        (minutes).
    """
    known = pd.read_csv(KNOWN, dtype={"from_id": str, "to_id": str, "source_id": str})
    network = read_network().as_of(day)
    pairs = list(zip(known["from_id"], known["to_id"], strict=True))
    known["name"] = ["–".join(format_name(network, place) for place in pair) for pair in pairs]
    for column, peak in (("free", False), ("peak", True)):
        drives = [
            measure_drives(network, *(locate_zones(network, [z]) for z in pair), peak=peak).iloc[0]
            for pair in pairs
        ]
        known[column] = [drive["minutes"] for drive in drives]
        known["km"] = [drive["km"] for drive in drives]
    return known


if __name__ == "__main__":
    main()
