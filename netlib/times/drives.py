"""Driving from place to place over the ground: minutes, length and the roads in turn.

Places are points or zones; a zone is its centre or seat, a county without one its middle. Parking
and the toll gate are counted at each end, as the parameter ``drive_access_minutes`` says.
"""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from netlib.errors import UnreachableError
from netlib.geometry import GEOD, METRES_PER_KM
from netlib.places import format_name
from netlib.roads import ground_kernels, run_parts
from netlib.roads.day_roads import SAME_PLACE_DEGREES, DayRoads
from netlib.roads.edges import LINK, PARAMETERS
from netlib.roads.ground import (
    TICKS_PER_MINUTE,
    Ground,
    Window,
    build_ground,
    choose_cell_km,
    run_search,
)
from netlib.roads.land import CITY, COUNTRY
from netlib.shapes import read_zone_shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from netlib.tables import Network

# Line that stands for the roads of the highway graph without a name, and for all other streets.
UNNAMED, LOCAL = "HW", "LOCAL"
# What happens at both ends, in place of a line.
TOLL = "toll"
# A first search goes this many minutes for a km of straight line, and a second as far as it takes:
# roads of the region take 0.6 to 1.5, more where a river or a mountain is in the way.
FIRST_MINUTES_PER_KM, FIRST_MINUTES = 1.2, 30.0
SEARCHES = 3
# Streets at an end that take less count with the road beside them: tables show tenths.
LEAST_MINUTES = 0.05
FAR_DEGREES = 1000.0
# Parameters behind the minutes in cells of each class; the last counts in the peak only.
LAND_PARAMETERS = {
    CITY: (
        "urban_free_speed_kmh",
        "urban_drive_detour_ratio",
        "urban_radius_km",
        "urban_peak_ratio",
    ),
    COUNTRY: ("county_road_speed_kmh", "county_road_detour_ratio", "drive_peak_ratio"),
}
COLUMNS = ["from_id", "to_id", "minutes", "km"]


def locate_zones(network: Network, zones: Iterable[str]) -> pd.DataFrame:
    """Locate zones: at their centre, or in the middle of their area.

    Returns
    -------
    DataFrame
        ``point_id`` (the zone), ``x_coord`` and ``y_coord`` (WGS84; NaN for a zone without either).
    """
    wanted = list(dict.fromkeys(zones))
    zone = network["zone"].drop_duplicates("zone_id").set_index("zone_id")
    node = network["node"].drop_duplicates("node_id").set_index("node_id")
    centre = zone["centre_node_id"].reindex(wanted).fillna("")
    places = node[["x_coord", "y_coord"]].reindex(centre).set_axis(pd.Index(wanted), axis=0)
    lost = places.index[places["x_coord"].isna()]
    if len(lost):
        shapes = read_zone_shapes(network).set_index("zone_id").geometry
        for name in lost.intersection(shapes.index):
            middle = shapes.loc[name].representative_point()
            places.loc[name] = (middle.x, middle.y)
    return places.rename_axis("point_id").reset_index()


def measure_drives(
    network: Network, origins: pd.DataFrame, destinations: pd.DataFrame, *, peak: bool
) -> pd.DataFrame:
    """Measure the quickest drive from every origin to every destination.

    Parameters
    ----------
    network
        A network of one day, at one end of its ranges.
    origins, destinations
        ``point_id``, ``x_coord`` and ``y_coord`` (WGS84), as from `locate_zones`.
    peak
        Whether in the morning peak.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``minutes`` (with the toll gate and parking at both ends) and
        ``km``, one row a pair in the order of origins and destinations; NaN without a road. From a
        place to itself it takes no time.
    """
    ground = build_ground(network, peak=peak)
    # Roads are usable both ways, so that the shorter side is searched from.
    turned = len(destinations) < len(origins)
    a, b = (destinations, origins) if turned else (origins, destinations)
    minutes, km = np.full((len(a), len(b)), np.nan), np.full((len(a), len(b)), np.nan)

    def measure_part(first: int, last: int) -> None:
        for row in range(first, last):
            minutes[row], km[row] = _measure_from(ground, a.iloc[row : row + 1], b)

    # The first search makes what all others share.
    measure_part(0, min(1, len(a)))
    run_parts(lambda first, last: measure_part(first + 1, last + 1), max(len(a) - 1, 0), None)
    same = a["point_id"].to_numpy()[:, None] == b["point_id"].to_numpy()[None, :]
    minutes += 2.0 * read_terminal_minutes(network, peak=peak)
    minutes[same], km[same] = 0.0, 0.0
    if turned:
        minutes, km = minutes.T, km.T
    pairs = pd.MultiIndex.from_product((origins["point_id"], destinations["point_id"]))
    table = pd.DataFrame({"minutes": minutes.ravel(), "km": km.ravel()})
    return table.assign(from_id=pairs.get_level_values(0), to_id=pairs.get_level_values(1))[COLUMNS]


def read_terminal_minutes(network: Network, *, peak: bool) -> float:
    """Return the minutes of the toll gate and parking at one end."""
    ratio = network.parameter("drive_peak_ratio") if peak else 1.0
    return network.parameter("drive_access_minutes") * ratio


def _measure_from(
    ground: Ground, origin: pd.DataFrame, places: pd.DataFrame
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Measure minutes on the road and km from one origin to places; NaN without a road."""
    minutes, km = np.full(len(places), np.nan), np.full(len(places), np.nan)
    for rows, window, found, node in _search_groups(ground, origin, places):
        reached = np.flatnonzero(np.isfinite(found))
        if len(reached):
            minutes[rows[reached]] = found[reached]
            km[rows[reached]] = measure_km(
                window, origin, places.iloc[rows[reached]], node[reached]
            )
    return minutes, km


def _search_groups(
    ground: Ground, origin: pd.DataFrame, places: pd.DataFrame
) -> Iterator[tuple[NDArray[np.int64], Window, NDArray[np.float64], NDArray[np.int64]]]:
    """Search from an origin once for all places that are as far as the same width of cells.

    Yields
    ------
    rows, window, minutes, node
        Positions of the places, what the search found, and the minutes and last node of each.
    """
    limits = estimate_limits(origin, places)
    width = np.array([choose_cell_km(limit) for limit in limits])
    for cell_km in np.unique(width[np.isfinite(limits)]):
        rows = np.flatnonzero(np.isfinite(limits) & (width == cell_km))
        scaled = ground.at_scale(cell_km)
        yield rows, *_search_to(scaled, origin, places.iloc[rows], limits[rows].max())


def estimate_limits(origin: pd.DataFrame, places: pd.DataFrame) -> NDArray[np.float64]:
    """Estimate how many minutes a search takes to each place; NaN for an unknown place.

    The width of the cells follows from it, so that a pair has the same minutes whatever else is
    asked for.
    """
    x, y = (places[axis].to_numpy(dtype=np.float64) for axis in ("x_coord", "y_coord"))
    x0, y0 = (np.full(len(places), origin[axis].iloc[0]) for axis in ("x_coord", "y_coord"))
    straight = np.asarray(GEOD.inv(x0, y0, x, y)[2]) / METRES_PER_KM
    limits: NDArray[np.float64] = FIRST_MINUTES + FIRST_MINUTES_PER_KM * straight
    return limits


def _search_to(
    ground: Ground, origin: pd.DataFrame, places: pd.DataFrame, limit: float
) -> tuple[Window, NDArray[np.float64], NDArray[np.int64]]:
    """Search from an origin as far as places take: the minutes and the last node to each."""
    start = origin.assign(minutes=0.0)
    for _ in range(SEARCHES):
        window = run_search(ground, start, limit_minutes=limit, traced=True)
        minutes, node = window.read_points(places["x_coord"], places["y_coord"])
        if np.isfinite(minutes).all():
            break
        limit *= 2.0
    return window, minutes, node


def measure_km(
    window: Window, origin: pd.DataFrame, places: pd.DataFrame, node: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Measure how long the ways from an origin to places are, in km of road.

    Parameters
    ----------
    node
        int64 (places): the last node on the way to each.
    """
    km, root = measure_paths(window, node)
    return km + measure_off(window, origin, root) + measure_off(window, places, node)


def measure_off(
    window: Window, places: pd.DataFrame, node: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Measure the km of street between places and the nodes beside them."""
    land = window.ground.land
    place = land.project(places["x_coord"], places["y_coord"])
    away = np.hypot(*(place - place_nodes(window, node)).T) * land.cell_km
    km: NDArray[np.float64] = away * window.ground.detour[find_classes(window, place)]
    return km


def place_nodes(window: Window, node: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the places of nodes on the plane, in cells: float64 (nodes, 2)."""
    size, columns = window.classes.size, window.classes.shape[1]
    cells = np.column_stack((node % columns + window.west, node // columns + window.south))
    places = window.ground.place
    is_cell = (node < size)[:, None]
    if not len(places):
        return cells.astype(np.float64)
    return np.where(is_cell, cells, places[np.clip(node - size, 0, len(places) - 1)])


def find_classes(window: Window, place: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the classes of the cells at places on the plane; country for those in a barrier."""
    column, row = (np.floor(place + 0.5).astype(np.int64) - [window.west, window.south]).T
    kind = window.classes[row, column].astype(np.int64)
    return np.where(window.ground.detour[kind] > 0, kind, COUNTRY)


def measure_paths(
    window: Window, node: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Measure the km of the ways to nodes from their seeds, and return these as well."""
    ground = window.ground
    km, root = ground_kernels.measure_paths(
        node,
        window.parent,
        window.classes,
        ground.detour,
        ground.place - np.array([window.west, window.south]),
        ground.arcs,
        ground.roads.km[ground.arc_edge],
        ground.land.cell_km,
    )
    return km, root


def trace_drives(
    network: Network, origin: pd.DataFrame, destinations: pd.DataFrame, *, peak: bool
) -> list[list[dict[str, Any]]]:
    """Trace the quickest drives from one place to others.

    Parameters
    ----------
    origin
        One row, as in `measure_drives`.
    destinations
        As in `measure_drives`.

    Returns
    -------
    list of list of dict
        For each destination the steps of the drive: toll gate and parking at both ends, and every
        road in turn with ``kind``, ``from_id``, ``to_id``, ``minutes``, ``km``, ``wait``,
        ``trip_id`` and ``service_id`` (the line), ``label`` and ``evidence`` (keys
        ``table:row_id:field``). Their minutes add up to those of `measure_drives`. Empty without a
        road, or from a place to itself.
    """
    ground = build_ground(network, peak=peak)
    start = str(origin["point_id"].iloc[0])
    names = destinations["point_id"].astype(str).tolist()
    drives: list[list[dict[str, Any]]] = [[] for _ in names]
    for rows, window, found, node in _search_groups(ground, origin, destinations):
        namer = _Namer(network, window)
        for row, minutes, last in zip(rows, found, node, strict=True):
            if np.isfinite(minutes) and names[row] != start:
                ends = (origin, destinations.iloc[[row]])
                drives[row] = _trace(network, window, namer, int(last), float(minutes), ends)
    return drives


def trace_drive(
    network: Network,
    origin: pd.DataFrame | pd.Series[Any],
    destination: pd.DataFrame | pd.Series[Any],
    *,
    peak: bool,
) -> list[dict[str, Any]]:
    """Trace the quickest drive between two places, as `trace_drives` does.

    Parameters
    ----------
    origin, destination
        Rows, or tables of one row, as in `measure_drives`.

    Raises
    ------
    UnreachableError
        If no road leads there.
    """
    origin, destination = _as_table(origin), _as_table(destination)
    [legs] = trace_drives(network, origin, destination, peak=peak)
    if not legs:
        ends = (table["point_id"].iloc[0] for table in (origin, destination))
        names = [format_name(network, str(end)) for end in ends]
        raise UnreachableError(f"no road leads from {names[0]} to {names[1]} on {network.day}")
    return legs


def _trace(
    network: Network,
    window: Window,
    namer: _Namer,
    node: int,
    minutes: float,
    ends: tuple[pd.DataFrame, pd.DataFrame],
) -> list[dict[str, Any]]:
    """Trace the drive to the node that a search has reached beside the second of two places."""
    path = list_path(window, node)
    legs = []
    here = namer.name_node(path[0])
    for line_id, part in group_steps(window, path):
        there = namer.name_node(part[-1][1])
        legs.append(_make_leg(window, line_id, part, (here, there), namer))
        here = there
    _add_ends(window, namer, legs, path, minutes, ends)
    names = tuple(str(end["point_id"].iloc[0]) for end in ends)
    peak = window.ground.peak
    keys = ["parameter:drive_access_minutes:value"]
    if peak:
        keys.append("parameter:drive_peak_ratio:value")
    terminal: dict[str, Any] = {
        "minutes": read_terminal_minutes(network, peak=peak),
        "km": 0.0,
        "wait": 0.0,
        "trip_id": TOLL,
        "service_id": "",
        "label": "",
        "evidence": keys,
    }
    first, last = (legs[0]["from_id"], legs[-1]["to_id"]) if legs else (here, here)
    return [
        {**terminal, "kind": "access", "from_id": names[0], "to_id": first},
        *legs,
        {**terminal, "kind": "egress", "from_id": last, "to_id": names[1]},
    ]


def _add_ends(
    window: Window,
    namer: _Namer,
    legs: list[dict[str, Any]],
    path: Sequence[int],
    minutes: float,
    ends: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    """Add the streets between the two places and the nodes beside them to the steps of a drive."""
    begin, last = (float(window.ticks[node]) / TICKS_PER_MINUTE for node in (path[0], path[-1]))
    spans = ((ends[0], path[0], begin), (ends[1], path[-1], minutes - last))
    for side, (place, node, span) in enumerate(spans):
        km = float(measure_off(window, place, np.array([node], dtype=np.int64))[0])
        beside = legs[-side] if legs else None
        if beside is not None and (beside["trip_id"] == LOCAL or span < LEAST_MINUTES):
            beside["minutes"] += span
            beside["km"] += km
        elif span > 0:
            names = (namer.name_place(place), namer.name_node(node))
            leg = {
                "kind": "drive",
                "from_id": names[side],
                "to_id": names[1 - side],
                "minutes": span,
                "km": km,
                "wait": 0.0,
                "trip_id": LOCAL,
                "service_id": LOCAL,
                "label": namer.name_line(LOCAL),
                "evidence": list_streets(window, place),
            }
            legs.insert(len(legs) if side else 0, leg)


def list_streets(window: Window, place: pd.DataFrame) -> list[str]:
    """List the evidence keys behind the minutes of the streets at a place."""
    ground = window.ground
    where = ground.land.project(place["x_coord"], place["y_coord"])
    names = LAND_PARAMETERS[int(find_classes(window, where)[0])]
    return [f"parameter:{name}:value" for name in (names if ground.peak else names[:-1])]


def _as_table(place: pd.DataFrame | pd.Series[Any]) -> pd.DataFrame:
    """Return a place as a table of one row."""
    if isinstance(place, pd.DataFrame):
        return place
    return pd.DataFrame([place]).astype({"x_coord": float, "y_coord": float})


def list_path(window: Window, node: int) -> list[int]:
    """List the nodes of the way to a node, from its seed."""
    path = [node]
    while window.parent[path[-1]] >= 0:
        path.append(int(window.parent[path[-1]]))
    return path[::-1]


def find_edge(window: Window, tail: int, head: int) -> int:
    """Return the quickest edge between two vertices."""
    start, heads, ticks = window.ground.arcs
    arcs = np.arange(start[tail], start[tail + 1])
    arcs = arcs[heads[arcs] == head]
    return int(window.ground.arc_edge[arcs[ticks[arcs].argmin()]])


def group_steps(
    window: Window, path: Sequence[int]
) -> list[tuple[str, list[tuple[int, int, int]]]]:
    """Group the steps of a path by line.

    Returns
    -------
    list of (line_id, steps)
        A step is the node before, the node after and the edge, -1 on streets off the graph.
    """
    size = window.classes.size
    roads = window.ground.roads
    steps = []
    for before, after in pairwise(path):
        on_road = before >= size and after >= size
        edge = find_edge(window, before - size, after - size) if on_road else -1
        steps.append((before, after, edge))
    groups = groupby(steps, key=lambda step: name_line(roads, step[2]))
    return [(line, list(group)) for line, group in groups]


def name_line(roads: DayRoads, edge: int) -> str:
    """Return the line of an edge."""
    if edge < 0:
        return LOCAL
    return roads.line_ids[roads.link[edge]] if roads.link[edge] >= 0 else UNNAMED


def _make_leg(
    window: Window,
    line_id: str,
    part: Sequence[tuple[int, int, int]],
    ends: tuple[str, str],
    namer: _Namer,
) -> dict[str, Any]:
    """Make one step of a drive."""
    nodes = np.array([part[0][0], part[-1][1]], dtype=np.int64)
    km, _ = measure_paths(window, nodes)
    return {
        "kind": "drive",
        "from_id": ends[0],
        "to_id": ends[1],
        "minutes": float(window.ticks[nodes[1]] - window.ticks[nodes[0]]) / TICKS_PER_MINUTE,
        "km": float(km[1] - km[0]),
        "wait": 0.0,
        "trip_id": line_id,
        "service_id": line_id,
        "label": namer.name_line(line_id),
        "evidence": list_evidence(window, part),
    }


def list_evidence(window: Window, part: Sequence[tuple[int, int, int]]) -> list[str]:
    """List the evidence keys ``table:row_id:field`` behind the minutes of some steps."""
    ground, size = window.ground, window.classes.size
    edges = [edge for _, _, edge in part if edge >= 0]
    links = [
        ground.roads.link_ids[number]
        for number in dict.fromkeys(ground.roads.link[edges].tolist())
        if number >= 0
    ]
    keys = [f"link:{name}:{field}" for name in links for field in ("run_time_minutes", "length_km")]
    if links and ground.peak:
        keys.append("parameter:drive_peak_ratio:value")
    figures = [PARAMETERS[kind] for kind in sorted(set(ground.roads.kind[edges].tolist()) - {LINK})]
    cells = [node for step in part if step[2] < 0 for node in step[:2] if node < size]
    kinds = sorted(set(window.classes.ravel()[cells].tolist()))
    figures += [LAND_PARAMETERS[kind] for kind in kinds]
    for names in figures:
        keys += [f"parameter:{name}:value" for name in (names if ground.peak else names[:-1])]
    return list(dict.fromkeys(keys))


class _Namer:
    """Names the nodes and lines of a drive."""

    def __init__(self, network: Network, window: Window) -> None:
        self.network = network
        self.window = window
        self.own = {number: name for name, number in window.ground.roads.places.items()}
        node = network["node"]
        junctions = node[node["node_type"] == "road_junction"]
        self.ids = [*junctions["node_id"], "", ""]
        # A last place far from all, so that there is a tree where no junction is known.
        places = junctions[["x_coord", "y_coord"]].to_numpy(dtype=np.float64)
        self.tree = cKDTree(np.concatenate((places, [[FAR_DEGREES, FAR_DEGREES]])))

    def name_node(self, node: int) -> str:
        """Return the id of the node at that place, or its coordinates."""
        land, size = self.window.ground.land, self.window.classes.size
        if node >= size:
            roads = self.window.ground.roads
            if node - size in self.own:
                return self.own[node - size]
            x, y = float(roads.x[node - size]), float(roads.y[node - size])
            _, near = self.tree.query((x, y), distance_upper_bound=SAME_PLACE_DEGREES)
            return str(self.ids[near]) or f"{y:.2f}°N {x:.2f}°E"
        row, column = divmod(node, self.window.classes.shape[1])
        x, y = land.unproject(column + self.window.west, row + self.window.south)
        return f"{y:.2f}°N {x:.2f}°E"

    def name_place(self, place: pd.DataFrame) -> str:
        """Return the coordinates of a place, as of nodes without an id."""
        return f"{place['y_coord'].iloc[0]:.2f}°N {place['x_coord'].iloc[0]:.2f}°E"

    def name_line(self, line_id: str) -> str:
        """Return the Chinese name of a line, the id of roads without one."""
        return format_name(self.network, line_id)
