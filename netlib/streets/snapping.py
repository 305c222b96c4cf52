"""Join points to streets: at the nearest place of the nearest edge, and the walk to it is counted.

A point splits the seconds of its edge by how far along it lies; nothing is moved to a node. A point
farther from every street than the limit is reported, not moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.errors import InputError, Notice
from netlib.streets.graph import Flags, Floats, Ints, Streets
from netlib.streets.limited import extend_ends
from netlib.streets.speeds import FERRY, MOTORWAYS

# Where nobody gets in or out of a car, or on a ferry: journeys cross these, but do not begin there.
NOT_ENTERED = (*MOTORWAYS, FERRY)
# Farther than this from every street people have other ways than these streets, be it from a door
# or in an area: half a kilometre is the width of the cells of `netlib.areas`, and more than the
# depth of all but the largest blocks and campuses, whose inner ways are seldom mapped.
LIMIT_M = 500.0
# A part of the streets with fewer nodes than this, and joined to no other, is taken for a
# mistake of the map (a footway that nobody joined to the street) while there is other within the
# limit. Routers draw the line alike: Valhalla asks for 50 (minimum_reachability), R5 for 40.
SMALL_PART_NODES = 50
# In an extract whose largest part is small itself, parts about as long (by half) are no mistakes.
SMALL_PART_SHARE = 0.5
# Radius within which an azimuthal equidistant map stretches distances by less than 1 percent.
MAP_RADIUS_M = 1_500_000.0
# Width of the cells that points are looked up by.
CELL_M = 300.0
KMH_PER_MS = 3.6


@dataclass(frozen=True, eq=False)
class StreetIndex:
    """Streets prepared for snapping.

    Attributes
    ----------
    streets
        The graph that points are joined to.
    edges
        Positions of the edges that may be entered, one direction of each street.
    lines
        Their lines on the map, in metres.
    tree
        Search tree of the lines.
    main
        Positions in `lines` of those that hang together with most others.
    main_tree
        Search tree of these.
    crs
        Azimuthal equidistant map centred on the streets, so that neither pole nor antimeridian
        matters.
    """

    streets: Streets
    edges: Ints
    lines: NDArray[np.object_]
    tree: Any
    main: Ints
    main_tree: Any
    crs: str


def build_street_index(
    streets: Streets, *, not_entered: Sequence[str] = NOT_ENTERED
) -> StreetIndex:
    """Prepare streets for `snap_points`.

    Parameters
    ----------
    not_entered
        Classes that no journey begins or ends on.

    Raises
    ------
    InputError
        If no street may be entered, or the streets span more than 3,000 km.
    """
    import shapely
    from pyproj import Transformer

    edges = streets.edges
    reverse = edges["reverse"].to_numpy()
    wanted = (reverse < 0) | (reverse > np.arange(len(edges)))
    wanted &= ~edges["class"].isin(not_entered).to_numpy()
    chosen = np.flatnonzero(wanted)
    if not len(chosen):
        message = f"every street is {' or '.join(not_entered)}; no journey begins there"
        raise InputError([Notice(streets.source, 0, "no-entry", message)])
    crs = format_equidistant(streets.nodes["x"].to_numpy(), streets.nodes["y"].to_numpy())
    shapes = streets.shapes.take(chosen)
    east, north = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(
        shapes.x, shapes.y
    )
    if not np.hypot(east, north).max() < MAP_RADIUS_M:
        message = "streets span more than 3,000 km; cut them to a region"
        raise InputError([Notice(streets.source, 0, "large-area", message)])
    owner: Any = np.repeat(np.arange(len(chosen)), np.diff(shapes.offsets))
    lines = shapely.linestrings(np.column_stack((east, north)), indices=owner)
    tree = shapely.STRtree(lines)
    main = np.flatnonzero(find_joined(streets)[chosen])
    if len(main) in (0, len(chosen)):
        return StreetIndex(streets, chosen, lines, tree, np.arange(len(chosen)), tree, crs)
    return StreetIndex(streets, chosen, lines, tree, main, shapely.STRtree(lines[main]), crs)


def find_joined(streets: Streets) -> Flags:
    """Find the edges of parts that are not small (see `SMALL_PART_NODES`); bool (edges).

    A part is what hangs together, whichever way its one-way streets lead.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges, size = streets.edges, len(streets.nodes)
    tail, head = edges["tail"].to_numpy(), edges["head"].to_numpy()
    links = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(size, size))
    number, part = connected_components(links.tocsr(), directed=False)
    length = np.bincount(part[tail], edges["length_m"].to_numpy(), minlength=number)
    is_main = np.bincount(part, minlength=number) >= SMALL_PART_NODES
    is_main |= length >= SMALL_PART_SHARE * length.max()
    joined: Flags = is_main[part[tail]]
    return joined


def format_equidistant(longitude: Floats, latitude: Floats) -> str:
    """Name the azimuthal equidistant map centred on points anywhere on the globe, in metres.

    Examples
    --------
    >>> format_equidistant(np.array([179.0, -179.0]), np.array([0.0, 0.0]))
    '+proj=aeqd +lat_0=0.0000 +lon_0=180.0000 +datum=WGS84 +units=m'
    """
    lon, lat = np.radians(longitude), np.radians(latitude)
    x = np.mean(np.cos(lat) * np.cos(lon))
    y = np.mean(np.cos(lat) * np.sin(lon))
    z = np.mean(np.sin(lat))
    east = np.degrees(np.arctan2(y, x)) % 360
    north = np.degrees(np.arctan2(z, np.hypot(x, y))) + 0.0
    centre = f"+lat_0={north:.4f} +lon_0={east:.4f}".replace("-0.0000", "0.0000")
    return f"+proj=aeqd {centre} +datum=WGS84 +units=m"


def snap_points(
    index: StreetIndex, x: Floats, y: Floats, *, limit_m: float = LIMIT_M
) -> pd.DataFrame:
    """Join points to the nearest place of the nearest street.

    A street that leads nowhere (see `SMALL_PART_NODES`) counts only where there is no other within
    the limit.

    Parameters
    ----------
    index
        As from `build_street_index`.
    x, y
        Longitude and latitude (WGS84).
    limit_m
        Farther points are not joined.

    Returns
    -------
    DataFrame
        One row per point in their order: ``edge`` and ``reverse`` (positions in
        ``streets.edges``; -1 for a one-way street's missing direction), ``fraction`` (0 at the
        tail of ``edge``, 1 at its head), ``x``, ``y`` (the place on the street) and
        ``distance_m`` (geodesic, from the point to the place). A point beyond the limit, or
        without coordinates, has ``edge`` -1 and its distance (NaN without coordinates).

    Raises
    ------
    ValueError
        If ``limit_m`` is negative, or x and y differ in length.
    """
    import shapely
    from pyproj import Geod, Transformer

    x, y = np.asarray(x, dtype=float).ravel(), np.asarray(y, dtype=float).ravel()
    if not limit_m >= 0 or len(x) != len(y):
        raise ValueError(f"{len(x)} x, {len(y)} y and limit_m {limit_m} do not fit")
    known = np.flatnonzero((np.abs(x) <= 360) & (np.abs(y) <= 90))
    east, north = Transformer.from_crs("EPSG:4326", index.crs, always_xy=True).transform(
        x[known], y[known]
    )
    found = np.isfinite(east) & np.isfinite(north)
    known, points = known[found], shapely.points(east[found], north[found])
    line = np.empty(len(points), dtype=np.int64)
    # Neighbours in turn: the tree's branches stay in the cache.
    order = np.lexsort((np.round(east[found] / CELL_M), np.round(north[found] / CELL_M)))
    line[order] = index.main[index.main_tree.nearest(points[order])]
    if len(index.main) < len(index.lines):
        # On the map distances are off by less than a hundredth; so near the limit it is all one.
        far = shapely.distance(index.lines[line], points) > limit_m
        line[far] = index.tree.nearest(points[far])
    lines = index.lines[line]
    # The length on the map divides the edge; its seconds belong to the geodesic length.
    along = shapely.line_locate_point(lines, points)
    length = shapely.length(lines)
    fraction = np.divide(along, length, out=np.zeros(len(along)), where=length > 0)
    place = shapely.get_coordinates(shapely.line_interpolate_point(lines, along))
    place_x, place_y = Transformer.from_crs(index.crs, "EPSG:4326", always_xy=True).transform(
        place[:, 0], place[:, 1]
    )
    _, _, distance = Geod(ellps="WGS84").inv(x[known], y[known], place_x, place_y)
    near = np.asarray(distance) <= limit_m
    joined = known[near]

    snaps = pd.DataFrame(
        {
            "edge": np.full(len(x), -1, dtype=np.int64),
            "reverse": np.full(len(x), -1, dtype=np.int64),
            **{name: np.full(len(x), np.nan) for name in ("fraction", "x", "y", "distance_m")},
        }
    )
    edge = index.edges[line]
    columns = {
        "edge": edge,
        "reverse": index.streets.edges["reverse"].to_numpy()[edge],
        "fraction": np.clip(fraction, 0, 1),
        "x": np.asarray(place_x),
        "y": np.asarray(place_y),
    }
    for name, values in columns.items():
        snaps.loc[joined, name] = values[near]
    snaps.loc[known, "distance_m"] = distance
    return snaps


def list_unjoined(
    snaps: pd.DataFrame, *, limit_m: float = LIMIT_M, file: str = "points"
) -> list[Notice]:
    """List the points that are not joined, each with its distance from the nearest street."""
    notices = []
    for point, distance in snaps.loc[snaps["edge"] < 0, "distance_m"].items():
        message = f"point {point} has no coordinates on the globe"
        if np.isfinite(distance):
            message = (
                f"point {point} is {distance:,.0f} m from the nearest street, "
                f"beyond the limit of {limit_m:,.0f} m"
            )
        notices.append(Notice(file, 0, "off-network", message, "warning"))
    return notices


def compute_starts(
    snaps: pd.DataFrame, streets: Streets, seconds: Floats, *, walk_speed_kmh: float
) -> pd.DataFrame:
    """Compute how soon the ends of its edge are reached from every joined point.

    Parameters
    ----------
    snaps
        As from `snap_points`.
    seconds
        Over every edge, as from `netlib.streets.compute_seconds`.
    walk_speed_kmh
        Speed off the network.

    Returns
    -------
    DataFrame
        ``point`` (position in ``snaps``), ``node`` and ``seconds`` with the walk to the street:
        one row per node that can be reached: the two ends of the edge, and of a point on a street
        for those with business there (`netlib.streets.limited`) all nodes of such streets around.

    Raises
    ------
    ValueError
        If the speed is not positive.
    """
    return _compute_ends(snaps, streets, seconds, walk_speed_kmh, leaving=True)


def compute_ends(
    snaps: pd.DataFrame, streets: Streets, seconds: Floats, *, walk_speed_kmh: float
) -> pd.DataFrame:
    """Compute how soon every joined point is reached from the ends of its edge.

    Parameters, columns and errors as `compute_starts`; ``node`` is where the edge is entered.
    """
    return _compute_ends(snaps, streets, seconds, walk_speed_kmh, leaving=False)


def _compute_ends(
    snaps: pd.DataFrame, streets: Streets, seconds: Floats, walk_speed_kmh: float, *, leaving: bool
) -> pd.DataFrame:
    point, edge, reverse, fraction, walk = _unpack(snaps, walk_speed_kmh)
    tail, head = (streets.edges[name].to_numpy() for name in ("tail", "head"))
    at_tail, at_head = tail[edge], head[edge]
    if leaving:
        to_head = (1 - fraction) * seconds[edge]
        to_tail = np.where(reverse >= 0, fraction * seconds[reverse], np.inf)
    else:
        to_tail = fraction * seconds[edge]
        to_head = np.where(reverse >= 0, (1 - fraction) * seconds[reverse], np.inf)
    # A point at the very end of a one-way street is at the node itself.
    to_tail = np.where(fraction == 0, 0.0, to_tail)
    to_head = np.where(fraction == 1, 0.0, to_head)
    ends = pd.DataFrame(
        {
            "point": np.concatenate((point, point)),
            "node": np.concatenate((at_tail, at_head)).astype(np.int64),
            "seconds": np.concatenate((walk + to_tail, walk + to_head)),
        }
    )
    ends = ends[np.isfinite(ends["seconds"])]
    # Both ends of a loop are one node.
    nearest: pd.DataFrame = ends.groupby(["point", "node"], as_index=False)["seconds"].min()
    return extend_ends(nearest, snaps["edge"].to_numpy(), streets, seconds, leaving=leaving)


def compute_same_edge(
    origins: pd.DataFrame,
    destinations: pd.DataFrame,
    seconds: Floats,
    *,
    walk_speed_kmh: float,
) -> Floats:
    """Compute the seconds from each origin to its destination along their common edge.

    Parameters
    ----------
    origins, destinations
        Two tables of `snap_points`, row by row.
    seconds, walk_speed_kmh
        As `compute_starts`.

    Returns
    -------
    float64 array
        Infinite where they are not on one street, or it leads the other way; then, and where the
        way round is quicker, the journey goes over nodes.

    Raises
    ------
    ValueError
        If the tables differ in length, or the speed is not positive.
    """
    _check_speed(walk_speed_kmh)
    edge, reverse = (origins[name].to_numpy() for name in ("edge", "reverse"))
    other = destinations["edge"].to_numpy()
    if len(edge) != len(other):
        raise ValueError(f"{len(edge)} origins and {len(other)} destinations do not fit")
    step = destinations["fraction"].to_numpy() - origins["fraction"].to_numpy()
    along = np.where(step >= 0, step * seconds[edge], np.inf)
    back = np.where((reverse >= 0) & (step < 0), -step * seconds[reverse], np.inf)
    walked = origins["distance_m"].to_numpy() + destinations["distance_m"].to_numpy()
    total: Floats = np.minimum(along, back) + walked / walk_speed_kmh * KMH_PER_MS
    return np.where((edge == other) & (edge >= 0), total, np.inf)


def _check_speed(walk_speed_kmh: float) -> None:
    if not walk_speed_kmh > 0:
        raise ValueError(f"walk_speed_kmh {walk_speed_kmh} must be above 0")


def _unpack(snaps: pd.DataFrame, walk_speed_kmh: float) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    _check_speed(walk_speed_kmh)
    point = np.flatnonzero(snaps["edge"].to_numpy() >= 0)
    joined = snaps.iloc[point]
    walk = joined["distance_m"].to_numpy() / walk_speed_kmh * KMH_PER_MS
    return (
        point,
        joined["edge"].to_numpy(),
        joined["reverse"].to_numpy(),
        joined["fraction"].to_numpy(),
        walk,
    )
