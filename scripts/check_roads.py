"""Hold the ground (roads and land in one search) against what the collected data offers.

    python scripts/check_roads.py DATA [--as-of 2026-11-22]

Prints the detours of the streets of bus lines beside those of the model over the same pairs of
corners; minutes from city centres to their main stations beside the published means; the published
lengths of drives; how unlike circles the areas by car are; and how long it takes. Nothing in the
model is fitted to these figures. The streets (``streets/`` of the collected data) have no licence
and serve for this check only.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from netlib.graph import pair_near
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from netlib.areas import field_to_isochrones
from netlib.places import format_name
from netlib.roads.ground import build_ground, run_search, search_ground
from netlib.tables import Network, read_network
from netlib.times.access import drive_pairs, measure_access
from netlib.times.drives import locate_zones, measure_drives

KNOWN = Path(__file__).parent / "derive" / "typed" / "drive_lengths.csv"
CITIES = {"zhengzhou": "410100", "shijiazhuang": "130100", "luoyang": "410300", "kaifeng": "410200"}
BANDS_KM = ((1, 3), (3, 8))
SAMPLE, SEED = 40, 1


def main() -> None:
    """Print all checks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--as-of", default="2026-11-22", help="day, YYYY-MM-DD")
    options = parser.parse_args()
    network = read_network().as_of(options.as_of)
    check_detours(network, options.data)
    check_stations(network)
    check_lengths(network)
    check_areas(network)
    check_speed(network)


def check_detours(network: Network, data: Path) -> None:
    """Compare detours between corners of the streets of bus lines, by distance."""
    random = np.random.default_rng(SEED)
    ground = build_ground(network, peak=False)
    for city, zone in CITIES.items():
        folder = data / "streets"
        nodes = pd.read_csv(folder / f"{city}_bus_streets_nodes.csv.gz")
        edges = pd.read_csv(folder / f"{city}_bus_streets_edges.csv.gz")
        size = len(nodes)
        ends = edges.iloc[:, :2].to_numpy()
        matrix = csr_matrix((edges["km"], ends.T), shape=(size, size))
        centre = locate_zones(network, [zone]).rename(columns={"point_id": "stop_id"})
        points = nodes.rename(columns={"lon": "x_coord", "lat": "y_coord"})
        near, _, _ = pair_near(points, centre, network.parameter("urban_radius_km"))
        chosen = random.choice(near, SAMPLE, replace=False)
        some = points.iloc[chosen].reset_index(drop=True)
        a, b, straight = pair_near(some, some, BANDS_KM[-1][1])
        over = dijkstra(matrix, directed=False, indices=chosen)[a, chosen[b]]
        pairs = pd.DataFrame({"point": a, "stop": b, "km": straight})
        model = drive_pairs(ground, pairs, some, some, 3 * BANDS_KM[-1][1])["km"].to_numpy()
        for low, high in BANDS_KM:
            band = (straight >= low) & (straight < high) & np.isfinite(over)
            streets, ours = (np.median(km[band] / straight[band]) for km in (over, model))
            print(f"detour, {city}, {low} to {high} km: streets {streets:.2f}, model {ours:.2f}")


def check_stations(network: Network) -> None:
    """Compare minutes from centres to main stations with the published means."""
    zone = network["zone"]
    zone = zone[(zone["level"] != "county") & (zone["main_node_id"] != "")]
    centres = locate_zones(network, zone["zone_id"]).dropna()
    node = network["node"].rename(columns={"node_id": "stop_id"})
    stops = node[node["stop_id"].isin(zone["main_node_id"])].assign(by_road=True)
    table = measure_access(network, centres, stops, modes=["bus", "taxi"])
    main = zone.set_index("zone_id")["main_node_id"]
    own = table[table["stop_id"] == table["point_id"].map(main)]
    for mode, known in (("taxi", 25), ("bus", 50)):
        minutes = own.loc[own["mode"] == mode, "minutes"]
        print(
            f"centre to main station by {mode}: mean {minutes.mean():.0f}, median "
            f"{minutes.median():.0f} of {len(minutes)} cities; published mean {known}"
        )


def check_lengths(network: Network) -> None:
    """Compare drives with the published lengths between centres."""
    known = pd.read_csv(KNOWN, dtype={"from_id": str, "to_id": str})
    known = known[known["published_km"] > 0]
    errors = []
    for row in known.itertuples():
        ends = [locate_zones(network, [zone]) for zone in (row.from_id, row.to_id)]
        drive = measure_drives(network, *ends, peak=False).iloc[0]
        errors.append(drive["km"] / row.published_km - 1.0)
        names = "–".join(format_name(network, zone) for zone in (row.from_id, row.to_id))
        print(
            f"{names}: {drive['km']:.0f} km in {drive['minutes']:.0f} min, published "
            f"{row.published_km:g} km ({errors[-1]:+.1%})"
        )
    print(f"published lengths: median {np.median(errors):+.1%}, worst {max(errors, key=abs):+.1%}")


def check_areas(network: Network) -> None:
    """Compare areas by car with circles of their own size and centre."""
    ground = build_ground(network, peak=True)
    for zone in CITIES.values():
        source = locate_zones(network, [zone]).assign(minutes=0.0)
        field = search_ground(ground, source, limit_minutes=150)
        table = field_to_isochrones(field, [30, 60, 90, 120, 150]).to_crs(field.crs)
        cells = []
        for row in table.itertuples():
            circle = row.geometry.centroid.buffer(np.sqrt(row.geometry.area / np.pi), 64)
            both = circle.intersection(row.geometry).area / circle.union(row.geometry).area
            cells.append(f"{row.cutoff_minutes:g} min {row.area_km2:,.0f} km2 IoU {both:.2f}")
        print(f"by car from {format_name(network, zone)}: " + "; ".join(cells))


def check_speed(network: Network) -> None:
    """Time the building and the searches, once warm."""
    source = locate_zones(network, ["410100"]).assign(minutes=0.0)
    vars(network).pop("_grounds")
    begin = time.perf_counter()
    ground = build_ground(network, peak=True)
    print(f"build, land known: {time.perf_counter() - begin:.3f} s")
    begin = time.perf_counter()
    search_ground(ground, source, limit_minutes=150)
    print(f"a field to 150 min: {time.perf_counter() - begin:.3f} s")
    wide = ground.at_scale(2.0)
    begin = time.perf_counter()
    run_search(wide, source, limit_minutes=1000)
    print(f"the whole region on cells of 2 km: {time.perf_counter() - begin:.3f} s")
    zone = network["zone"]
    centres = locate_zones(network, zone.loc[zone["level"] != "county", "zone_id"]).dropna()
    begin = time.perf_counter()
    for row in range(len(centres)):
        run_search(ground, centres.iloc[[row]].assign(minutes=0.0), limit_minutes=60)
    print(f"{len(centres)} origins within 60 min: {time.perf_counter() - begin:.3f} s")


if __name__ == "__main__":
    main()
