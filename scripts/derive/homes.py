"""Homes: the residents of counties spread over small squares.

The census says how many people of a county live in its towns. They are spread over the land-use
parcels of its city where these are known (EULUC-China, Gong et al. 2020, 19 cities), up to the
density that planning norms give; what does not fit there, and the townspeople of all other
counties, live in a disc around the seat. Country people are spread evenly over the county. Only
shares of squares are kept, no parcel. Nothing here is fitted to a grid of residents.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from derive.base import ACCESSED, Tables

Floats = NDArray[np.float64]

# Points are sampled every so many degrees, some 250 m, and counted by squares.
SAMPLE_DEGREES = 0.0025
TOWN_DEGREES = 0.01
KM_PER_DEGREE = 111.195
# Side of the squares of country people, and of both kinds in provinces other than Henan and Hebei,
# which areas seldom reach: the files stay small.
COUNTRY_DEGREES = 0.025
FAR_TOWN_DEGREES, FAR_COUNTRY_DEGREES = 0.04, 0.1
NEAR = ("41", "13")
# Land of a town for each of its people, and of dwellings alone: the middle of the ranges of the
# norm GB 50137-2011 (65 to 115 and 23 to 38 m2; general knowledge).
TOWN_KM2, DWELLING_KM2 = 90e-6, 30e-6
# Classes of parcels: dwellings; and others where some people live. The authors state an accuracy of
# about 60 % for the classes, so that part of the others are dwellings in truth: a quarter is
# assumed. Parks, roads, stations and airports have nobody.
DWELLINGS, MIXED = (101,), (201, 202, 301, 501, 502, 503)
MIXED_SHARE = 0.25
REGIONS = {"zhengzhou": None, "shijiazhuang": ("11", "12", "13")}
COLUMNS = ["zone_id", "x_coord", "y_coord", "persons"]


def derive(data: Path) -> Tables:
    """Make the source row; the squares are written by `write_shapes`."""
    del data
    source = {
        "source_id": "places-euluc-2018",
        "publisher": "Gong et al.",
        "title": "Mapping essential urban land use categories in China (EULUC-China)",
        "published": "2020",
        "accessed": ACCESSED,
        "address": "Science Bulletin 65(3); copy in Jooeeee/SparkMap@7519b20",
        "licence": "offered for free download, terms not seen: derived shares only",
    }
    return {("", "source"): [source]}


def write_shapes(data: Path, networks: Path) -> None:
    """Write ``home.csv`` of both regions."""
    counties = read_counties(data)
    parcels = sample_parcels(data / "landuse" / "euluc2018_henan_shijiazhuang.parquet")
    rows: dict[str, list[tuple[str, float, float, int]]] = {name: [] for name in REGIONS}
    inside = assign(parcels[:, :2], counties)
    for number, county in enumerate(counties.itertuples()):
        code = str(county.code)
        region = "shijiazhuang" if code[:2] in (REGIONS["shijiazhuang"] or ()) else "zhengzhou"
        town = spread_town(county, parcels[inside == number])
        country = spread_country(county)
        rows[region] += [(code, *row) for row in town + country]
    for region, found in rows.items():
        with (networks / region / "home.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(found)


def read_counties(data: Path) -> gpd.GeoDataFrame:
    """Read the counties with their people, the development zones allotted where they lie."""
    own = gpd.read_file(data / "geo" / "henan_counties.geojson")
    own["people"], own["town"] = own["population2020_with_zones"], own["urban2020_with_zones"]
    other = gpd.read_file(data / "geo" / "neighbour_counties_simplified.geojson")
    other["people"], other["town"] = other["population2020"], other["urban2020"]
    both = [frame[["code", "people", "town", "seat", "geometry"]] for frame in (own, other)]
    counties = gpd.GeoDataFrame(
        {c: [value for frame in both for value in frame[c]] for c in both[0].columns},
        geometry="geometry",
    )
    return counties.sort_values("code", ignore_index=True)


def sample_parcels(path: Path) -> Floats:
    """Sample the parcels where people live.

    Returns
    -------
    float64 (points, 3)
        Longitude, latitude, and how many people fit there.
    """
    parcels = gpd.read_parquet(path)
    kind = parcels["level2"].to_numpy()
    weight = np.where(np.isin(kind, DWELLINGS), 1.0, np.where(np.isin(kind, MIXED), MIXED_SHARE, 0))
    parts = []
    for shape, size, share in zip(parcels.geometry, parcels["area_km2"], weight, strict=True):
        if share == 0:
            continue
        x, y = list_points(shape)
        parts.append(np.column_stack((x, y, np.full(len(x), size * share / DWELLING_KM2 / len(x)))))
    return np.concatenate(parts)


def list_points(shape: shapely.Geometry, step: float = SAMPLE_DEGREES) -> tuple[Floats, Floats]:
    """List the points of a grid inside a shape, one inside it where there is none."""
    west, south, east, north = np.floor(np.array(shape.bounds) / step)
    x, y = np.meshgrid(np.arange(west, east + 1) + 0.5, np.arange(south, north + 1) + 0.5)
    x, y = x.ravel() * step, y.ravel() * step
    shapely.prepare(shape)
    found = shapely.contains_xy(shape, x, y)
    if found.any():
        return x[found], y[found]
    middle = shape.representative_point()
    return np.array([middle.x]), np.array([middle.y])


def assign(points: Floats, counties: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return the county of each point, -1 for none."""
    tree = shapely.STRtree(shapely.points(points))
    county, point = tree.query(counties.geometry.to_numpy(), predicate="contains")
    found = np.full(len(points), -1, dtype=np.int64)
    found[point] = county
    return found


def spread_town(county: object, parcels: Floats) -> list[tuple[float, float, int]]:
    """Spread the townspeople of a county: over its parcels, and the rest around its seat."""
    people = float(county.town)  # type: ignore[attr-defined]
    room = float(parcels[:, 2].sum())
    housed = min(people, room)
    points = [parcels * [1, 1, housed / room]] if room else []
    if people > housed:
        x, y = list_disc(county, people - housed)
        points.append(np.column_stack((x, y, np.full(len(x), (people - housed) / len(x)))))
    if not points or people <= 0:
        return []
    step = TOWN_DEGREES if is_near(county) else FAR_TOWN_DEGREES
    return count_squares(np.concatenate(points), step, round(people))


def is_near(county: object) -> bool:
    """Say whether a county lies in Henan or Hebei."""
    return str(county.code)[:2] in NEAR  # type: ignore[attr-defined]


def list_disc(county: object, people: float) -> tuple[Floats, Floats]:
    """List points in a disc around the seat that is as large as a town of so many people."""
    shape = county.geometry  # type: ignore[attr-defined]
    seat = county.seat  # type: ignore[attr-defined]
    if isinstance(seat, str):
        seat = json.loads(seat)
    middle = shapely.Point(*seat) if seat is not None else shape.representative_point()
    radius = float(np.sqrt(people * TOWN_KM2 / np.pi)) / KM_PER_DEGREE
    scale = 1.0 / np.cos(np.radians(middle.y))
    turn = np.linspace(0, 2 * np.pi, 49)
    ring = np.column_stack((np.cos(turn) * scale, np.sin(turn))) * radius + [middle.x, middle.y]
    disc = shapely.intersection(shapely.Polygon(ring), shapely.make_valid(shape))
    # A seat may lie beside its simplified county.
    return list_points(shapely.Polygon(ring) if disc.is_empty else disc)


def spread_country(county: object) -> list[tuple[float, float, int]]:
    """Spread the country people of a county evenly."""
    people = round(float(county.people)) - round(float(county.town))  # type: ignore[attr-defined]
    if people <= 0:
        return []
    step = COUNTRY_DEGREES if is_near(county) else FAR_COUNTRY_DEGREES
    x, y = list_points(county.geometry, COUNTRY_DEGREES / 2)  # type: ignore[attr-defined]
    return count_squares(np.column_stack((x, y, np.ones(len(x)))), step, people)


def count_squares(points: Floats, step: float, people: int) -> list[tuple[float, float, int]]:
    """Count people by squares, in whole numbers that add up to the total.

    A square stands at the mean place of its points.
    """
    cells = np.floor(points[:, :2] / step).astype(np.int64)
    _, first, owner = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    size = len(first)
    weight = np.bincount(owner, points[:, 2], size)
    x, y = (np.bincount(owner, points[:, 2] * points[:, i], size) / weight for i in (0, 1))
    exact = weight / weight.sum() * people
    whole = np.floor(exact).astype(np.int64)
    order = np.argsort(whole - exact, kind="stable")
    whole[order[: people - int(whole.sum())]] += 1
    rows = zip(np.round(x, 3).tolist(), np.round(y, 3).tolist(), whole.tolist(), strict=True)
    return [row for row in rows if row[2] > 0]
