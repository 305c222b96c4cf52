"""Residents for whom a city is within reach: the reading that asks people, not stations.

Whether someone gets from home to a centre within a time is asked for every departure of the window:
who leaves at a minute must be there by that minute plus the time. One scan against the clock
(`netlib.timetable.Timetable.mirrored`) tells for all of them at once when to stand on each platform
at the latest, and so how many seconds are left for the way to it; the rest is last miles.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.readings import departure_window, find_reading
from netlib.errors import InputError, Notice
from netlib.evidence import Variant, select_variant
from netlib.journeys import SHORT_STEP, list_draws
from netlib.shapes import read_zone_shapes
from netlib.surfaces import METRES_PER_KM, WALK_ONLY, WGS84, AccessModel, format_equal_area
from netlib.tables import Network
from netlib.timetable.kernels import NEVER
from netlib.timetable.network import build_network_timetable, compute_entries, egress_seconds
from netlib.timetable.scans import percentile_ranks, scan_window, window_departures

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from pyproj import Transformer

READING = "residents"
VARIANTS: tuple[Variant, ...] = ("low", "central", "high")
# Homes stand in the middle of the cells of a grid. Counties have some 1000 km2, so that one cell is
# a thousandth of their residents.
CELL_KM = 1.0
# Which percentile of the departures counts, as for the minutes of ``door_to_door``.
MEDIAN = 50.0
# Kept in memory: projections, one a region; and margins, for two claims low, central and high.
PLANES_KEPT, MARGINS_KEPT = 8, 8


class Homes(NamedTuple):
    """Cells of a grid over the counties of a zone.

    Attributes
    ----------
    x, y
        The middle of each cell, in km on the plane ``crs``.
    share
        Which share of the zone's residents lives there; they add up to 1.
    crs
        Equal-area projection in metres.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    share: NDArray[np.float64]
    crs: str


class Margins(NamedTuple):
    """How long the way from home to a stop may take.

    Attributes
    ----------
    stops
        DataFrame: ``x_coord``, ``y_coord`` and ``node_type`` of each stop.
    seconds
        int32 (stops, lanes): seconds from setting out until one must stand in the street at the
        stop, a lane for every departure and draw; negative where one cannot be in time.
    """

    stops: pd.DataFrame
    seconds: NDArray[np.int32]


def measure_shares(
    network: Network, pairs: pd.DataFrame, *, threshold_minutes: float
) -> pd.DataFrame:
    """Measure the share of a zone's residents who reach the centre of another within a time.

    A resident counts when at least half of the departures of the window of `READING` do, as for the
    median of ``door_to_door``. People set out from home, on foot or by taxi to a stop, and go on by
    the trains of the day; those near enough go by taxi, or on foot, all the way.

    Parameters
    ----------
    network
        A network of one day.
    pairs
        ``from_id``, the zone where people live, and ``to_id``, the zone whose centre they go to.
    threshold_minutes
        From the door to the centre.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``low``, ``central`` and ``high`` (shares of 0 to 1; NaN where no
        counties of the zone are known): the envelope over the ends of all figures, as in
        `netlib.travel_times.find_ends`.
    """
    shapes = read_zone_shapes(network)
    counties = shapes[(shapes["level"] == "county") & shapes["population_2020"].notna()]
    if counties.empty:
        unknown = dict.fromkeys(("low", "central", "high"), np.nan)
        return pairs[["from_id", "to_id"]].assign(**unknown)
    crs = choose_plane(counties)
    counties = counties.to_crs(crs)
    homes = {
        str(zone): list_homes(counties[counties["parent_zone_id"] == zone], crs)
        for zone in pairs["from_id"].unique()
    }
    shares = [
        [
            share_within(select_variant(network, variant), homes[a], b, threshold_minutes)
            for variant in VARIANTS
        ]
        for a, b in zip(pairs["from_id"], pairs["to_id"], strict=True)
    ]
    found = np.array(shares, dtype=np.float64).reshape(-1, len(VARIANTS))
    return pairs[["from_id", "to_id"]].assign(
        low=found.min(axis=1), central=found[:, VARIANTS.index("central")], high=found.max(axis=1)
    )


def choose_plane(zones: gpd.GeoDataFrame) -> str:
    """Choose an equal-area projection for some zones, in which distances are true within 0.1 %.

    That holds up to 500 km from its middle: scale differs by an eighth of the square of the
    distance over the Earth's radius (Snyder 1987, Map projections: a working manual, ch. 24).
    """
    west, south, east, north = zones.total_bounds
    return format_equal_area((west + east) / 2, (south + north) / 2)


def list_homes(counties: gpd.GeoDataFrame, crs: str) -> Homes:
    """List the cells of a grid over some counties, whose residents are spread evenly over each.

    Parameters
    ----------
    counties
        ``population_2020`` and ``geometry`` on the plane ``crs``.
    crs
        As in `Homes`.
    """
    import shapely

    if counties.empty:
        nothing = np.zeros(0)
        return Homes(nothing, nothing, nothing, crs)
    size = CELL_KM * METRES_PER_KM
    parts = []
    residents = counties["population_2020"].to_numpy(dtype=np.float64)
    for shape, people in zip(counties.geometry, residents, strict=True):
        left, bottom, right, top = np.floor(np.array(shape.bounds) / size)
        x, y = np.meshgrid(np.arange(left, right + 1) + 0.5, np.arange(bottom, top + 1) + 0.5)
        x, y = x.ravel() * size, y.ravel() * size
        shapely.prepare(shape)
        inside = shapely.contains_xy(shape, x, y)
        x, y = x[inside], y[inside]
        if not len(x):  # smaller than a cell
            middle = shape.representative_point()
            x, y = np.array([middle.x]), np.array([middle.y])
        parts.append((x / METRES_PER_KM, y / METRES_PER_KM, np.full(len(x), people / len(x))))
    x, y, people = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Homes(x, y, people / residents.sum(), crs)


def share_within(network: Network, homes: Homes, place: str, minutes: float) -> float:
    """Return the share of residents from whose homes a centre is reached within ``minutes``.

    Parameters
    ----------
    network
        A network of one day, at one end of its ranges.
    homes
        Where they live.
    place
        The zone with the centre.
    minutes
        From the door to the centre.

    Returns
    -------
    float
        Between 0 and 1; NaN without homes.
    """
    if not len(homes.share):
        return float("nan")
    access = AccessModel.from_network(network)
    reached = find_direct(network, homes, place, access, minutes)
    found = measure_margins(network, place, minutes)
    reached |= find_reached(homes, found, access)
    return float(homes.share[reached].sum())


def compute_county_limits(network: Network, place: str, limits: Sequence[float]) -> pd.Series:
    """Compute within which limit the centre of a zone is reached from the seat of every county.

    Parameters
    ----------
    network
        A network of one day.
    place
        The zone that people go to.
    limits
        Minutes from door to door, ascending.

    Returns
    -------
    Series
        By zone_id: the first limit within which at least half of the departures of the window of
        `READING` are in time, as in `measure_shares`; NaN where none is. Counties without a seat
        are left out.

    Raises
    ------
    InputError
        If no county has a seat.
    """
    zone = network["zone"]
    zone = zone[(zone["level"] == "county") & (zone["centre_node_id"] != "")]
    if zone.empty:
        message = "no county has a centre_node_id; name the seats of some"
        raise InputError([Notice("zone.csv", 0, "no-counties", message)])
    node = network["node"].drop_duplicates("node_id").set_index("node_id")
    seats = node.loc[zone["centre_node_id"]]
    crs = format_equal_area(float(seats["x_coord"].mean()), float(seats["y_coord"].mean()))
    homes = Homes(*project_points(seats, crs), np.full(len(seats), 1.0 / len(seats)), crs)
    access = AccessModel.from_network(network)
    found = np.full(len(seats), np.nan)
    for limit in reversed(limits):
        reached = find_direct(network, homes, place, access, limit)
        reached |= find_reached(homes, measure_margins(network, place, limit), access)
        found[reached] = limit
    return pd.Series(found, index=zone["zone_id"].to_numpy())


def find_direct(
    network: Network, homes: Homes, place: str, access: AccessModel, minutes: float
) -> NDArray[np.bool_]:
    """Find the homes from which one walks or takes a taxi all the way within ``minutes``."""
    zone = network["zone"]
    centre = zone.loc[zone["zone_id"] == place, "centre_node_id"]
    point = network["node"].loc[lambda node: node["node_id"].isin(centre)].iloc[:1]
    x, y = project_points(point, homes.crs)
    return np.asarray(access.minutes(np.hypot(homes.x - x, homes.y - y)) <= minutes)


def project_points(
    points: pd.DataFrame, crs: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Project ``x_coord`` and ``y_coord`` (WGS84) to a plane, in km."""
    places = points["x_coord"].to_numpy(), points["y_coord"].to_numpy()
    x, y = find_projection(crs).transform(*places)
    return np.asarray(x) / METRES_PER_KM, np.asarray(y) / METRES_PER_KM


@lru_cache(maxsize=PLANES_KEPT)
def find_projection(crs: str) -> Transformer:
    """Return the way from WGS84 to a plane, which takes some time to make."""
    from pyproj import Transformer

    return Transformer.from_crs(WGS84, crs, always_xy=True)


@lru_cache(maxsize=MARGINS_KEPT)
def measure_margins(network: Network, place: str, minutes: float) -> Margins:
    """Measure how long the way to each stop may take, to be at a centre within ``minutes``.

    Parameters
    ----------
    network
        A network of one day, at one end of its ranges.
    place
        The zone with the centre.
    minutes
        From the door to the centre.

    Returns
    -------
    Margins
        Of all stops from whose street a platform can be reached.
    """
    entries = compute_entries(network)
    node = network["node"].drop_duplicates("node_id").set_index("node_id")
    ids, first = np.unique(entries["node_id"], return_index=True)
    stops = node.loc[ids, ["x_coord", "y_coord", "node_type"]].reset_index(drop=True)
    egress = egress_seconds(network, place)
    if not egress:
        return Margins(stops.iloc[:0], np.zeros((0, 1), dtype=np.int32))
    timetable = build_network_timetable(network)
    begin, end = departure_window(find_reading(network.root, READING))
    departures = window_departures((begin, end), SHORT_STEP)
    # Against the clock who arrives last comes first.
    deadlines = -(departures[::-1] + round(minutes * 60))
    parts = []
    for drawn in list_draws(network):
        latest = -scan_window(drawn.mirrored, egress, deadlines, horizon=-begin)[:, ::-1]
        parts.append(np.maximum(latest - departures, -NEVER // 2))
    left = np.concatenate(parts, axis=1)
    platform = pd.Index(timetable.stops).get_indexer(pd.Index(entries["stop_id"]))
    left = left[platform] - entries["seconds"].to_numpy(dtype=np.int32)[:, None]
    return Margins(stops, np.maximum.reduceat(left, first, axis=0))


def find_reached(homes: Homes, margins: Margins, access: AccessModel) -> NDArray[np.bool_]:
    """Find the homes from which at least half of the departures are in time by way of a stop.

    Parameters
    ----------
    homes
        Where people set out.
    margins
        As from `measure_margins`.
    access
        How long the way to a stop takes; metro stations are reached on foot only.

    Returns
    -------
    bool array
        By home.
    """
    reached = np.zeros(len(homes.share), dtype=bool)
    lanes = margins.seconds.shape[1]
    wanted = int(percentile_ranks([MEDIAN], lanes)[0]) + 1
    home, stop, needed = find_ways(homes, margins, access)
    # By way of one stop alone: in how many lanes is there time enough?
    ordered = np.sort(margins.seconds, axis=1)
    count = np.zeros(len(home), dtype=np.int64)
    first = np.searchsorted(stop, np.arange(len(ordered) + 1))
    for number, (a, b) in enumerate(itertools.pairwise(first)):
        count[a:b] = lanes - np.searchsorted(ordered[number], needed[a:b])
    reached[home[count >= wanted]] = True
    # Several stops together can do it only where their lanes add up to enough.
    total = np.bincount(home, weights=count, minlength=len(reached))
    unsure = np.flatnonzero(~reached & (total >= wanted))
    order = np.argsort(home, kind="stable")
    first, last = (np.searchsorted(home[order], unsure, side=side) for side in ("left", "right"))
    for one, a, b in zip(unsure, first, last, strict=True):
        ways = order[a:b]
        in_time = (margins.seconds[stop[ways]] >= needed[ways, None]).any(axis=0)
        reached[one] = np.count_nonzero(in_time) >= wanted
    return reached


def find_ways(
    homes: Homes, margins: Margins, access: AccessModel
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Find the ways from homes to stops for which there is time in some lane.

    Returns
    -------
    home, stop, seconds
        Positions in ``homes`` and ``margins.stops``, sorted by stop, and how long each way takes.
    """
    from scipy.spatial import cKDTree

    drive = ~margins.stops["node_type"].isin(WALK_ONLY).to_numpy()
    left = margins.seconds.max(axis=1) / 60.0
    radius = np.where(drive, access.reach_km(left), access.reach_km(left, drive=False))
    near: list[list[int]] = [[]] * len(radius)
    points = np.column_stack(project_points(margins.stops, homes.crs))
    useful = np.flatnonzero(left >= 0)
    if len(useful):
        tree = cKDTree(np.column_stack([homes.x, homes.y]))
        found = tree.query_ball_point(points[useful], radius[useful])
        for number, members in zip(useful, found, strict=True):
            near[number] = members
    home = np.array([one for members in near for one in members], dtype=np.int64)
    stop = np.repeat(np.arange(len(near)), [len(members) for members in near])
    km = np.hypot(homes.x[home] - points[stop, 0], homes.y[home] - points[stop, 1])
    by_taxi, on_foot = access.minutes(km), access.minutes(km, drive=False)
    return home, stop, 60.0 * np.where(drive[stop], by_taxi, on_foot)
