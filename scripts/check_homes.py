"""Hold the table of homes against grids of residents: the share of people in the wrong square.

    python scripts/check_homes.py DATA

The grids of 500 m (``population/`` of the collected data) have no stated origin or licence: they
serve for this check and for nothing else. People are counted by squares of 2 km; those of one table
are scaled to the total of the other in every county, because the grids are of a later year. The
share in the wrong square is half of the sum of the differences. Even spread over the county, as it
was until November 2026, is shown beside it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from netlib.areas.homes import read_homes, spread_evenly
from netlib.geometry import format_equal_area
from netlib.roads.fields import make_plane
from netlib.tables import read_network

SQUARE_M = 2000.0
CITIES = {"zhengzhou": ("郑州", "4101"), "shijiazhuang": ("石家庄", "1301")}


def main() -> None:
    """Print both shares for both cities."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    options = parser.parse_args()
    homes = read_homes(read_network())
    for name, (title, code) in CITIES.items():
        grid = pd.read_csv(options.data / "population" / f"{name}_residents_workers_500m.csv.gz")
        counties = read_counties(options.data, code)
        own = homes[homes["zone_id"].str.startswith(code)]
        people = own.groupby("zone_id")["persons"].sum()
        even = pd.concat(
            [
                spread_evenly(str(c.code), c.geometry, people[c.code])
                for c in counties.itertuples()
                if c.code in people.index
            ]
        )
        print(
            f"{title}: in the wrong square of 2 km, even spread {share(grid, even, counties):.1%}, "
            f"home.csv {share(grid, own, counties):.1%}"
        )


def read_counties(data: Path, code: str) -> gpd.GeoDataFrame:
    """Read the counties of a city."""
    name = "henan_counties" if code.startswith("41") else "neighbour_counties_simplified"
    counties = gpd.read_file(data / "geo" / f"{name}.geojson")
    return counties[counties["code"].str.startswith(code)]


def share(grid: pd.DataFrame, homes: pd.DataFrame, counties: gpd.GeoDataFrame) -> float:
    """Compute the share of people in the wrong square, county by county."""
    tree = shapely.STRtree(shapely.points(grid["lon"], grid["lat"]))
    county, point = tree.query(counties.geometry.to_numpy(), predicate="contains")
    zone = counties["code"].to_numpy(dtype=object)[county]
    truth = pd.DataFrame(
        {
            "zone_id": zone,
            "x_coord": grid["lon"].to_numpy()[point],
            "y_coord": grid["lat"].to_numpy()[point],
            "persons": grid["residents"].to_numpy(dtype=float)[point],
        }
    )
    plane = make_plane(format_equal_area(truth["x_coord"].mean(), truth["y_coord"].mean()))
    totals = truth.groupby("zone_id")["persons"].sum()
    counted = []
    for table in (truth, homes):
        east, north = plane.transform(table["x_coord"].to_numpy(), table["y_coord"].to_numpy())
        own = table.groupby("zone_id")["persons"].transform("sum")
        scaled = table["persons"] / own * table["zone_id"].map(totals)
        squares = [np.floor(np.asarray(axis) / SQUARE_M) for axis in (east, north)]
        counted.append(scaled.groupby(squares).sum())
    both = pd.concat(counted, axis=1).fillna(0.0).to_numpy()
    return float(np.abs(both[:, 0] - both[:, 1]).sum() / 2.0 / both[:, 0].sum())


if __name__ == "__main__":
    main()
