"""Residents of counties, spread over their streets, and how many of them are reached in time.

A count is known for a county, not for its parts. Spreading it evenly over the area puts people on
fields and lakes; spreading it along streets errs less (Reibel and Bufalino 2005, Street-weighted
interpolation techniques for demographic count estimation in incompatible zone systems, Environment
and Planning A 37(1), 127-139, https://doi.org/10.1068/a36202). How tall the houses along a street
are, nobody says: so three assumptions stand side by side, and their smallest and largest count are
the range of the result.

- ``on_residential``: as many residents on every metre of residential street. The central count.
- ``on_streets``: as many on every metre of any street.
- ``on_area``: as many on every square metre of land; they walk to their nearest street.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from netlib.errors import InputError, Notice
from netlib.streets import compute_seconds
from netlib.streets.area_lines import SECONDS_PER_MINUTE
from netlib.streets.area_shapes import LocalMap, choose_map
from netlib.streets.graph import Floats, Ints, Streets
from netlib.streets.homes import cut_pieces, cut_squares, find_zones
from netlib.streets.snapping import LIMIT_M, NOT_ENTERED, compute_ends
from netlib.streets.speeds import WALK_SPEED_KMH
from netlib.surfaces import METRES_PER_KM, WGS84

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

# Streets that homes stand along, by the keys of OpenStreetMap.
RESIDENTIAL = ("residential", "living_street")
ASSUMPTIONS = ("on_residential", "on_streets", "on_area")
CENTRAL = "on_residential"
# Streets are cut into pieces of at most this length, whose residents live at their middles: no more
# than 50 m along the street, 38 s on foot, from home.
PIECE_M = 100.0
# Land is cut into squares of this width, whose residents live at their middles.
SQUARE_M = 500.0
# A zone lies outside the extract, or wholly inside, when the other part is a smaller share: borders
# of zones and extracts that are meant to be the same differ by slivers.
SLIVER_SHARE = 0.001


@dataclass(frozen=True, eq=False)
class Residents:
    """Residents at places on and off the streets.

    Attributes
    ----------
    places
        ``zone_id``; ``edge``, ``reverse``, ``fraction``, ``distance_m`` (as from
        `netlib.streets.snapping.snap_points`; edge -1 where no street is near); ``x``, ``y``
        (WGS84); ``on_residential``, ``on_streets``, ``on_area``: residents under each assumption.
    zones
        ``zone_id``, ``population``, ``covered_share`` (of its area, by the extract),
        ``residents`` (spread), ``residential_km`` and ``street_km`` (inside the zone).
    notices
        Zones that lie partly or wholly outside, or have no residential street or none at all.
    """

    places: pd.DataFrame
    zones: pd.DataFrame
    notices: tuple[Notice, ...]


def spread_residents(
    zones: gpd.GeoDataFrame,
    streets: Streets,
    *,
    population: str = "population_2020",
    coverage: BaseGeometry | None = None,
    residential: Sequence[str] = RESIDENTIAL,
    not_entered: Sequence[str] = NOT_ENTERED,
    piece_m: float = PIECE_M,
    square_m: float = SQUARE_M,
) -> Residents:
    """Spread the residents of zones over their streets, and over their area.

    Of a zone that the streets cover in part, the same part of its residents is spread: the share
    of its area. A zone without residential streets is spread over all its streets, one without any
    street over its area, under each assumption.

    Parameters
    ----------
    zones
        ``zone_id``, residents (rows without a figure are left out) and ``geometry`` with a CRS;
        they must not overlap.
    streets
        The graph.
    population
        Column of the residents.
    coverage
        Area in WGS84 that the streets were read for; the convex hull of their nodes when not given.
    residential
        Classes of streets that homes stand along.
    not_entered
        Classes that nobody lives at or gets off at.
    piece_m, square_m
        Longest piece of street, and width of the squares of land, at whose middles residents live.

    Raises
    ------
    ValueError
        If a size is not positive.
    InputError
        If no zone with a figure lies where the streets are, or no street may be entered.
    """
    if not piece_m > 0 or not square_m > 0:
        raise ValueError(f"piece_m {piece_m} and square_m {square_m} must be above 0")
    local_map = choose_map(streets.nodes["x"].to_numpy(), streets.nodes["y"].to_numpy())
    known = zones[zones[population].notna() & ~zones.geometry.is_empty].to_crs(WGS84)
    inside, share = _cover_zones(known, streets, coverage, local_map)
    people = known[population].to_numpy(dtype=float)

    pieces = cut_pieces(streets, not_entered, piece_m, local_map)
    pieces["zone"] = find_zones(inside, pieces["east"].to_numpy(), pieces["north"].to_numpy())
    pieces = pieces[pieces["zone"] >= 0]
    squares = cut_squares(inside, square_m, streets, not_entered, local_map)
    places = pd.concat([pieces, squares], ignore_index=True)
    length = places["length_m"].to_numpy()
    is_residential = places["class"].isin(residential).to_numpy()
    zone = places["zone"].to_numpy()
    weights = {
        "on_area": places["square_m2"].to_numpy(),
        "on_streets": length,
        "on_residential": np.where(is_residential, length, 0.0),
    }
    for name, shares in _share_out(weights, zone, len(known)).items():
        places[name] = (people * share)[zone] * shares
    zone_ids = known["zone_id"].to_numpy()
    places["zone_id"] = zone_ids[zone]
    table = pd.DataFrame(
        {
            "zone_id": zone_ids,
            "population": people,
            "covered_share": share,
            "residents": people * share,
            "residential_km": np.bincount(zone, weights["on_residential"], len(known))
            / METRES_PER_KM,
            "street_km": np.bincount(zone, length, len(known)) / METRES_PER_KM,
        }
    )
    columns = ["zone_id", "edge", "reverse", "fraction", "distance_m", "x", "y", *ASSUMPTIONS]
    return Residents(places[columns], table, tuple(_list_notices(table)))


def count_residents(
    residents: Residents,
    streets: Streets,
    seconds: Floats,
    *,
    cutoffs_minutes: Sequence[float],
    edge_seconds: Floats | None = None,
    walk_kmh: float = WALK_SPEED_KMH,
    limit_m: float = LIMIT_M,
) -> pd.DataFrame:
    """Count the residents who are reached within times.

    Parameters
    ----------
    residents
        As from `spread_residents` over ``streets``.
    seconds, edge_seconds, walk_kmh
        As `netlib.streets.areas.build_areas`.
    limit_m
        Residents farther from every street than this are not reached.

    Returns
    -------
    DataFrame
        ``cutoff_minutes`` (ascending), ``low``, ``residents``, ``high`` (persons): the smallest
        count of the three assumptions, that of residential streets, and the largest.

    Raises
    ------
    ValueError
        If the walking speed is not positive.
    """
    over = compute_seconds(streets) if edge_seconds is None else np.asarray(edge_seconds, float)
    places = residents.places
    near = places["distance_m"] <= limit_m
    snaps = places.assign(edge=places["edge"].where(near, -1))
    ends = compute_ends(snaps, streets, over, walk_speed_kmh=walk_kmh)
    arrival = np.full(len(places), np.inf)
    np.minimum.at(
        arrival,
        ends["point"].to_numpy(),
        ends["seconds"].to_numpy() + np.asarray(seconds, dtype=float)[ends["node"].to_numpy()],
    )
    cutoffs = np.unique(np.asarray(cutoffs_minutes, dtype=float))
    return _count(residents, cutoffs, [arrival <= SECONDS_PER_MINUTE * cut for cut in cutoffs])


def count_residents_inside(residents: Residents, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count the residents who live inside areas.

    Parameters
    ----------
    residents
        As from `spread_residents`.
    areas
        ``cutoff_minutes`` and ``geometry`` with a CRS.

    Returns
    -------
    DataFrame
        As `count_residents`, in the order of ``areas``.
    """
    import shapely

    shapes = areas.geometry.to_crs(WGS84).to_numpy()
    shapely.prepare(shapes)
    x, y = residents.places["x"].to_numpy(), residents.places["y"].to_numpy()
    inside = [shapely.contains_xy(shape, x, y) for shape in shapes]
    return _count(residents, areas["cutoff_minutes"].to_numpy(dtype=float), inside)


def _count(residents: Residents, cutoffs: Floats, reached: Sequence[Any]) -> pd.DataFrame:
    """Count the residents at the places reached by each cut-off, a bool array (places) each."""
    people = residents.places[list(ASSUMPTIONS)].to_numpy()
    counts = np.array([people[inside].sum(axis=0) for inside in reached])
    counts = counts.reshape(len(cutoffs), len(ASSUMPTIONS))
    return pd.DataFrame(
        {
            "cutoff_minutes": cutoffs,
            "low": counts.min(axis=1),
            "residents": counts[:, ASSUMPTIONS.index(CENTRAL)],
            "high": counts.max(axis=1),
        }
    )


def _cover_zones(
    known: gpd.GeoDataFrame,
    streets: Streets,
    coverage: BaseGeometry | None,
    local_map: LocalMap,
) -> tuple[Any, Floats]:
    """Return what of each zone the streets cover, on the map, and its share of the zone."""
    import shapely

    shapes = _project(known.geometry.to_numpy(), local_map)
    if coverage is None:
        nodes = local_map.project(streets.nodes["x"].to_numpy(), streets.nodes["y"].to_numpy())
        covered = shapely.convex_hull(shapely.multipoints(np.column_stack(nodes)))
    else:
        covered = _project(coverage, local_map)
    inside = shapely.intersection(shapes, covered)
    share = shapely.area(inside) / shapely.area(shapes)
    outside = share < SLIVER_SHARE
    share[outside], inside[outside] = 0.0, shapely.Polygon()
    if outside.all():
        message = "no zone with residents lies where the streets are; check both"
        raise InputError([Notice(streets.source, 0, "no-zones", message)])
    return inside, share


def _share_out(weights: dict[str, Floats], zone: Ints, zones: int) -> dict[str, Floats]:
    """Return each place's share of its zone; where a zone has no weight, the weights before."""
    shares: dict[str, Floats] = {}
    before = np.zeros(len(zone))
    for name, weight in weights.items():
        total = np.bincount(zone, weight, zones)[zone]
        before = np.divide(weight, total, out=before.copy(), where=total > 0)
        shares[name] = before
    return shares


def _project(shapes: Any, local_map: LocalMap) -> Any:
    """Return shapes in WGS84 in metres on the map."""
    import shapely

    return shapely.transform(shapes, local_map.project, interleaved=False)


def _list_notices(table: pd.DataFrame) -> list[Notice]:
    """Say which zones are spread in part, or otherwise than along their residential streets."""
    messages = []
    outside = int((table["covered_share"] == 0).sum())
    if outside:
        message = (
            f"{outside} of {len(table)} zones lie outside the streets; nobody of them is spread"
        )
        messages.append(("zones-outside", message))
    for _, zone in table[table["covered_share"] > 0].iterrows():
        name = zone["zone_id"]
        if zone["covered_share"] < 1 - SLIVER_SHARE:
            message = (
                f"the streets cover {zone['covered_share']:.0%} of zone {name}; of its "
                f"{zone['population']:,.0f} residents {zone['residents']:,.0f} are spread"
            )
            messages.append(("partly-covered", message))
        if zone["residential_km"] == 0:
            instead = "all its streets" if zone["street_km"] > 0 else "its area"
            message = f"zone {name} has no residential street; its residents live on {instead}"
            messages.append(("no-residential-street", message))
    return [Notice("zones", 0, rule, message, "warning") for rule, message in messages]
