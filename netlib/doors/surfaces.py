"""Isochrones over streets: times at stops go on along the streets that are known around them.

Streets end where their extract ends. Beyond it, and for a mode without streets, the way from a stop
is the straight line times a detour factor, as everywhere without streets; the table says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from netlib.doors.access import (
    SECONDS_PER_MINUTE,
    TICKS_PER_SECOND,
    build_mode_roads,
    index_streets,
    to_ticks,
)
from netlib.doors.modes import AccessMode, limit_lines, read_modes
from netlib.errors import UnreachableError
from netlib.evidence import Variant, select_variant
from netlib.roads import NEVER, Roads, build_origins, nodes_within, one_to_all
from netlib.streets import SECONDS_PER_HOUR, Streets
from netlib.streets.areas import build_areas
from netlib.streets.graph import Floats
from netlib.streets.snapping import LIMIT_M, NOT_ENTERED, compute_starts, snap_points
from netlib.surfaces import (
    BY_STREETS,
    METRES_PER_KM,
    NO_STREETS,
    PARTLY,
    WALK_ONLY,
    WGS84,
    AccessModel,
    compute_surface,
    format_equal_area,
    surface_to_isochrones,
    take_polygons,
)
from netlib.tables import Network

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

# An area is all streets when no more than this share of it is not: rims of cells and rounding.
SLACK = 0.001
LAST_MODES = ("walk", "taxi")
# Streets this near to the border of an extract lead out of it, the quickest of each square as wide.
BORDER_M = 1000.0


class Spread(NamedTuple):
    """Arrivals over streets.

    Attributes
    ----------
    seconds
        float64 (nodes): arrival at every node; infinite where never.
    areas
        Polygons in WGS84 by ascending cut-off.
    """

    seconds: Floats
    areas: list[BaseGeometry]


def build_street_isochrones(
    network: Network,
    stops: pd.DataFrame,
    streets: Sequence[Streets],
    cutoffs: Sequence[float],
    *,
    variant: Variant = "central",
    beyond: bool = True,
) -> gpd.GeoDataFrame:
    """Build isochrones from times at stops, over streets where they are known.

    People leave stops on foot and, but for metro stations, by taxi, as far as the straight-line
    model lets them. Who leaves an extract goes on in straight lines from its border, where the
    longest walk or drive counts anew; streets of an extract are not entered from outside.

    Parameters
    ----------
    network
        Whose parameters say how fast people are.
    stops
        Columns ``x_coord``, ``y_coord`` (WGS84), ``node_type`` and ``minutes`` (to the street side
        of the stop), as from `netlib.travel_times.reach`.
    streets
        Any number of extracts, to walk or to drive on; several may be for one mode.
    cutoffs
        Minutes.
    variant
        End of the ranges of the figures.
    beyond
        Whether people go on in straight lines where streets end; if not, there is nothing.

    Returns
    -------
    GeoDataFrame
        ``cutoff_minutes`` (ascending), ``area_km2``, ``method`` (`BY_STREETS`, `PARTLY` or
        `NO_STREETS`), ``street_share`` (of the area, measured over streets) and ``geometry`` (valid
        MultiPolygon in WGS84, each inside the next).

    Raises
    ------
    UnreachableError
        If no stop is reached within the largest cut-off.
    ValueError
        If a cut-off is not positive.
    """
    ordered = sorted({float(cutoff) for cutoff in cutoffs})
    near = stops[stops["minutes"] <= ordered[-1]]
    if near.empty:
        raise UnreachableError(f"no stop is reached within {ordered[-1]:g} minutes")
    access = AccessModel.from_network(select_variant(network, variant))
    by_streets: list[list[BaseGeometry]] = []
    by_lines: list[list[BaseGeometry]] = []
    for mode in read_modes(network, LAST_MODES, variant=variant):
        left = near if mode.name == "walk" else near[~near["node_type"].isin(WALK_ONLY)]
        known = [extract for extract in streets if extract.mode == mode.streets]
        spreads = [spread_over_streets(extract, left, mode, ordered) for extract in known]
        by_streets += [spread.areas for spread in spreads]
        if beyond:
            by_lines += spread_beyond(known, spreads, left, mode.name, access, ordered)
    crs = format_equal_area(near["x_coord"].iloc[0], near["y_coord"].iloc[0])
    return join_areas(by_streets, by_lines, ordered, crs)


def join_areas(
    by_streets: Sequence[Sequence[BaseGeometry]],
    by_lines: Sequence[Sequence[BaseGeometry]],
    cutoffs: Sequence[float],
    crs: str,
) -> gpd.GeoDataFrame:
    """Join the areas of all modes and extracts, as `build_street_isochrones` returns them.

    Parameters
    ----------
    by_streets, by_lines
        Polygons in WGS84, a list by cut-off for each part.
    crs
        Equal-area projection to join and measure them in.
    """
    import geopandas as gpd
    import shapely
    from pyproj import Transformer

    to_plane = Transformer.from_crs(WGS84, crs, always_xy=True).transform
    to_degrees = Transformer.from_crs(crs, WGS84, always_xy=True).transform
    whole = streets = shapely.MultiPolygon()
    shapes, shares = [], []
    for rank in range(len(cutoffs)):
        parts = [
            [shapely.transform(part[rank], to_plane, interleaved=False) for part in kind]
            for kind in (by_streets, by_lines)
        ]
        # Rounding of the pieces must not bring an inner one out of the next.
        streets = shapely.union_all([streets, *parts[0]])
        whole = take_polygons(shapely.union_all([whole, streets, *parts[1]]))
        shapes.append(whole)
        shares.append(min(streets.area / whole.area, 1.0) if whole.area else 0.0)
    return gpd.GeoDataFrame(
        {
            "cutoff_minutes": list(cutoffs),
            "area_km2": [shape.area / METRES_PER_KM**2 for shape in shapes],
            "method": [name_method(share) for share in shares],
            "street_share": shares,
        },
        geometry=[
            take_polygons(shapely.transform(shape, to_degrees, interleaved=False))
            for shape in shapes
        ],
        crs=WGS84,
    )


def name_method(share: float) -> str:
    """Name how an area was measured of which a share is streets.

    >>> name_method(1.0), name_method(0.0)
    ('streets', 'no streets here: straight lines x detour factor')
    """
    if share >= 1 - SLACK:
        return BY_STREETS
    return PARTLY if share > 0 else NO_STREETS


def spread_over_streets(
    streets: Streets, stops: pd.DataFrame, mode: AccessMode, cutoffs: Sequence[float]
) -> Spread:
    """Spread from stops over streets.

    Stops too far from these streets take no part: they have others, or none.
    """
    roads, over_edges = build_mode_roads(streets, mode)
    place = (stops[axis].to_numpy(dtype=float) for axis in ("x_coord", "y_coord"))
    snaps = snap_points(index_streets(streets), *place, limit_m=LIMIT_M)
    begins = (stops["minutes"].to_numpy(dtype=float) + mode.fixed_minutes) * SECONDS_PER_MINUTE
    joined = (snaps["edge"] >= 0).to_numpy() & (begins <= cutoffs[-1] * SECONDS_PER_MINUTE)
    snaps, begins = snaps[joined].reset_index(drop=True), begins[joined]
    starts = compute_starts(snaps, streets, over_edges, walk_speed_kmh=mode.walk_speed_kmh)
    seconds = search_from_all(roads, starts, begins, mode, cutoffs[-1] * SECONDS_PER_MINUTE)
    walks = snaps["distance_m"].to_numpy() / METRES_PER_KM / mode.walk_speed_kmh * SECONDS_PER_HOUR
    areas = build_areas(
        streets,
        seconds,
        cutoffs_minutes=list(cutoffs),
        edge_seconds=over_edges,
        starts=snaps[["edge", "fraction"]].assign(seconds=begins + walks),
        walk_kmh=mode.walk_speed_kmh,
    )
    return Spread(seconds, list(areas.geometry))


def search_from_all(
    roads: Roads, starts: pd.DataFrame, begins: Floats, mode: AccessMode, most: float
) -> Floats:
    """Search from all stops, each at its own time, and return the seconds to every node.

    Parameters
    ----------
    starts
        As from `netlib.streets.snapping.compute_starts`.
    begins
        float64 (stops): seconds when people set out from each stop.
    most
        Seconds beyond which nothing counts.
    """
    seconds = np.full(len(roads.node), np.inf)
    if starts.empty:
        return seconds
    limit = mode.limit_minutes * SECONDS_PER_MINUTE
    point, node, after = (starts[name].to_numpy() for name in ("point", "node", "seconds"))
    if begins.min() + limit >= most:
        # No way in time is too long for the mode: one search from all stops at once.
        ticks = np.rint((begins[point] + after) * TICKS_PER_SECOND).astype(np.int64)
        origin = build_origins(np.zeros_like(point), node, ticks)
        found = one_to_all(roads, origin, limit=int(most * TICKS_PER_SECOND))[0]
        near = found < NEVER
        seconds[near] = found[near] / TICKS_PER_SECOND
        return seconds
    origins = build_origins(point, node, to_ticks(starts["seconds"]), count=len(begins))
    reached = nodes_within(roads, origins, int(min(limit, most) * TICKS_PER_SECOND))
    begin = np.repeat(begins, np.diff(reached.start))
    np.minimum.at(seconds, reached.node, begin + reached.ticks / TICKS_PER_SECOND)
    return seconds


def spread_beyond(
    known: Sequence[Streets],
    spreads: Sequence[Spread],
    stops: pd.DataFrame,
    mode: str,
    access: AccessModel,
    cutoffs: Sequence[float],
) -> list[list[BaseGeometry]]:
    """Spread in straight lines where no extract is: from stops there, and from the borders.

    Parameters
    ----------
    known, spreads
        The extracts for the mode, and what is reached over each.

    Returns
    -------
    list
        Polygons in WGS84 by cut-off, for the stops and for each extract.
    """
    import shapely

    covered = shapely.union_all([find_coverage(extract) for extract in known])
    outside = ~shapely.contains_xy(covered, stops["x_coord"], stops["y_coord"])
    parts = [spread_over_lines(stops[outside], access, mode=mode, cutoffs=cutoffs)]
    # Who leaves an extract has come over its streets, and has had the wait for a taxi.
    no_wait = replace(access, taxi_wait_minutes=0.0)
    for extract, spread in zip(known, spreads, strict=True):
        border = find_border(extract, spread.seconds, covered)
        parts.append(spread_over_lines(border, no_wait, mode=mode, cutoffs=cutoffs))
    return [[shapely.difference(shape, covered) for shape in part] for part in parts]


def find_border(streets: Streets, seconds: Floats, covered: BaseGeometry) -> pd.DataFrame:
    """Find where people leave an extract: its corners near the border, one a cell.

    Parameters
    ----------
    seconds
        Arrival at every node.
    covered
        What all extracts cover, in WGS84.

    Returns
    -------
    DataFrame
        ``x_coord``, ``y_coord``, ``node_type`` (``border``) and ``minutes``.
    """
    import shapely
    from pyproj import Transformer

    reached = np.flatnonzero(np.isfinite(seconds))
    nodes = streets.nodes[["x", "y"]].to_numpy()[reached]
    crs = format_equal_area(*streets.nodes[["x", "y"]].mean())
    to_plane = Transformer.from_crs(WGS84, crs, always_xy=True).transform
    places = np.column_stack(to_plane(*nodes.T)).reshape(-1, 2)
    rim = shapely.boundary(shapely.transform(covered, to_plane, interleaved=False))
    shapely.prepare(rim)
    near = np.flatnonzero(shapely.dwithin(rim, shapely.points(places), BORDER_M))
    cell = pd.DataFrame(np.floor(places[near] / BORDER_M), columns=["column", "row"])
    first = cell.assign(seconds=seconds[reached[near]]).sort_values("seconds", kind="stable")
    chosen = near[first.drop_duplicates(["column", "row"]).index.to_numpy()]
    return pd.DataFrame(
        {
            "x_coord": nodes[chosen, 0],
            "y_coord": nodes[chosen, 1],
            "node_type": "border",
            "minutes": seconds[reached[chosen]] / SECONDS_PER_MINUTE,
        }
    )


def spread_over_lines(
    stops: pd.DataFrame, access: AccessModel, *, mode: str, cutoffs: Sequence[float]
) -> list[BaseGeometry]:
    """Spread from stops along straight lines with one mode, and return the areas in WGS84."""
    import shapely

    if not (stops["minutes"] <= cutoffs[-1]).any():
        return [shapely.MultiPolygon() for _ in cutoffs]
    surface = compute_surface(stops, access=limit_lines(access, mode), max_minutes=cutoffs[-1])
    return list(surface_to_isochrones(surface, cutoffs).geometry)


@lru_cache(maxsize=16)
def find_coverage(streets: Streets) -> Any:
    """Find the area that an extract of streets covers: their convex hull, and the reach off it.

    Lakes, rivers and fields between and beside its streets are covered, so that nobody goes over
    them in a straight line; the country around it is not. Motorways and ferries, which may leave
    the place that was asked for, do not count.

    Returns
    -------
    Polygon
        In WGS84.
    """
    import shapely
    from pyproj import Transformer

    local = np.flatnonzero(~streets.edges["class"].isin(NOT_ENTERED).to_numpy())
    shapes = streets.shapes.take(local)
    if not len(local):
        return shapely.Polygon()
    crs = format_equal_area(float(np.mean(shapes.x)), float(np.mean(shapes.y)))
    points = Transformer.from_crs(WGS84, crs, always_xy=True).transform(shapes.x, shapes.y)
    hull = shapely.convex_hull(shapely.multipoints(np.column_stack(points)))
    to_degrees = Transformer.from_crs(crs, WGS84, always_xy=True).transform
    return shapely.transform(shapely.buffer(hull, LIMIT_M), to_degrees, interleaved=False)
