"""Roads and land of one day in one search: how long a car or a city bus takes to anywhere.

Cells of land (`netlib.roads.land`) and the vertices of the highway graph are nodes of one graph.
From cell to cell a vehicle goes over streets that the graph does not hold, straight line times a
detour factor; along the graph it has the minutes of its edges. Cells join vertices where a road may
be entered: at places that touch a road without a name, and at junctions of expressways; elsewhere
expressways are crossed. All roads are usable both ways, so that minutes to a place are minutes from
it. Travel times between points and pictures are read off the same `Field`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from netlib.geometry import MINUTES_PER_HOUR
from netlib.roads import ground_kernels
from netlib.roads.day_roads import DayRoads, build_day_roads
from netlib.roads.fields import Field, Floats
from netlib.roads.land import CELL_KM, CITY, COUNTRY, Land, build_land
from netlib.snapshots import ROAD_MODES

if TYPE_CHECKING:
    from netlib.tables import Network

Vehicle = Literal["car", "bus"]
Ints = NDArray[np.int64]

# A tick is 60 ms: a way over some hundred edges is rounded by less than a second.
TICKS_PER_MINUTE = 1000
# Buckets are a quarter of a minute wide: most moves are longer, so few labels are corrected.
BUCKET_SHIFT = 8
# Above this a field has cells twice as wide, and above the double of that four times: areas grow
# with the square of the minutes, and their outlines keep as many cells.
FINE_MINUTES = 150.0
# A field is complete a little beyond its limit, so that the outermost contour has both sides.
MARGIN_CELLS = 3
NO_PARENT = np.zeros(0, dtype=np.int32)
# Grounds in memory, some 10 MB each: by car and bus, in free flow and in the peak, at three ends of
# the ranges, for two days.
MOST_GROUNDS = 24
# Figures that roads and land are made of.
ROAD_FIGURES = (
    "bus_speed_kmh",
    "county_road_detour_ratio",
    "county_road_speed_kmh",
    "drive_peak_ratio",
    "max_access_minutes",
    "max_road_access_km",
    "trunk_length_ratio",
    "trunk_speed_kmh",
    "urban_drive_detour_ratio",
    "urban_free_speed_kmh",
    "urban_peak_ratio",
    "urban_radius_km",
)


@dataclass(frozen=True, eq=False)
class Ground:
    """Roads and land of one day with minutes for one vehicle.

    Attributes
    ----------
    network
        The network of that day.
    land
        The cells.
    roads
        The highways and their edges.
    vehicle, peak
        What drives, and whether in the morning peak.
    rate
        float64 (256): minutes for a km of straight line in cells of each class.
    detour
        float64 (256): length of the streets over the straight line in cells of each class.
    arcs
        ``start``, ``head`` and ``ticks`` (int32): both directions of every edge, as rows of a
        sparse matrix over the vertices.
    arc_edge
        int64 (arcs): edges of ``roads``.
    place
        float64 (vertices, 2): on the plane, in cells.
    tree, tree_vertex
        Search tree of the vertices that may be entered, and their numbers.
    top_speed
        The most km of straight line that a minute on a road brings.
    """

    network: Network = field(repr=False)
    land: Land
    roads: DayRoads
    vehicle: Vehicle
    peak: bool
    rate: Floats
    detour: Floats
    arcs: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]
    arc_edge: Ints
    place: Floats
    tree: cKDTree
    tree_vertex: Ints
    top_speed: float

    @cached_property
    def entered(self) -> tuple[Floats, Floats]:
        """Places of the vertices on the plane, in cells; NaN where no car comes from the land."""
        x, y = np.where(self.roads.entered[:, None], self.place, np.nan).T
        return np.ascontiguousarray(x), np.ascontiguousarray(y)

    @cached_property
    def steps(self) -> NDArray[np.int32]:
        """Ticks of moves between cells of two classes, as `list_steps` gives them."""
        return list_steps(self.rate * self.land.cell_km * TICKS_PER_MINUTE)

    def at_scale(self, cell_km: float) -> Ground:
        """Return the same ground with cells of another width."""
        if cell_km == self.land.cell_km:
            return self
        return build_ground(self.network, peak=self.peak, vehicle=self.vehicle, cell_km=cell_km)


class Window(NamedTuple):
    """What a search found in a window of cells.

    Attributes
    ----------
    ground
        The ground that was searched.
    classes
        uint8 (rows, columns): the cells, with a margin.
    west, south
        Column and row of the first cell on the plane.
    ticks
        int32 (nodes): of the cells by row, and after them of the vertices.
    parent
        int32 (nodes): the node before each, or empty.
    """

    ground: Ground
    classes: NDArray[np.uint8]
    west: int
    south: int
    ticks: NDArray[np.int32]
    parent: NDArray[np.int32]

    def read_points(self, x_coord: Any, y_coord: Any) -> tuple[Floats, Ints]:
        """Read the minutes at points, exactly as the search began at its sources.

        Parameters
        ----------
        x_coord, y_coord
            Longitude and latitude, WGS84.

        Returns
        -------
        minutes, node
            float64 (points), inf where nothing leads; and the last node on the way, -1 for none.
        """
        return self.read_places(self.ground.land.project(x_coord, y_coord))

    def read_places(self, place: Floats) -> tuple[Floats, Ints]:
        """Read as `read_points` does, at places on the plane (in cells)."""
        known = np.flatnonzero(np.isfinite(place).all(axis=1))
        origin = np.array([self.west, self.south])
        node, ticks, owner = list_near(self.ground, self.classes, origin, place[known])
        total = self.ticks[node] + ticks
        order = np.lexsort((node, total, owner))
        owner, first = np.unique(owner[order], return_index=True)
        best = order[first]
        near = self.ticks[node[best]] < ground_kernels.NEVER
        minutes, last = np.full(len(place), np.inf), np.full(len(place), -1, dtype=np.int64)
        point = known[owner[near]]
        minutes[point] = total[best[near]] / TICKS_PER_MINUTE
        last[point] = node[best[near]]
        return minutes, last

    def read_field(self, limit_minutes: float) -> Field:
        """Return the minutes of the cells."""
        cell_km = self.ground.land.cell_km
        ticks = self.ticks[: self.classes.size].reshape(self.classes.shape)
        minutes = np.where(ticks < ground_kernels.NEVER, ticks / TICKS_PER_MINUTE, np.inf)
        return Field(
            minutes=minutes.astype(np.float32),
            west=self.west * cell_km,
            south=self.south * cell_km,
            cell_km=cell_km,
            crs=self.ground.land.crs,
            limit_minutes=limit_minutes,
            step_minutes=float(self.ground.rate.max()) * cell_km,
        )


def build_ground(
    network: Network, *, peak: bool, vehicle: Vehicle = "car", cell_km: float = CELL_KM
) -> Ground:
    """Build the roads and the land of a network's day, once for each network.

    Parameters
    ----------
    network
        A network of one day (`Network.as_of`), at one end of its ranges.
    peak
        Whether in the morning peak: city streets take ``urban_peak_ratio`` as long as in free flow,
        all other roads ``drive_peak_ratio``. A city bus has its own speed, whatever the hour.
    vehicle
        ``car`` stands for taxis as well; a ``bus`` uses no expressways.
    cell_km
        Width of a cell.
    """
    kept: dict[tuple[object, ...], Ground] = (network.whole or network).remember("grounds", dict)
    key = (peak, vehicle, cell_km, describe_roads(network))
    if key not in kept:
        while len(kept) >= MOST_GROUNDS:
            del kept[next(iter(kept))]
        kept[key] = _build_ground(network, peak=peak, vehicle=vehicle, cell_km=cell_km)
    return kept[key]


def describe_roads(network: Network) -> tuple[object, ...]:
    """Describe all that roads and land are made of: days and figures that share it are alike."""
    return network.remember("roads", lambda: _describe_roads(network))


def _describe_roads(network: Network) -> tuple[object, ...]:
    """Describe the links of roads, the places and the figures of a network."""
    line, link, node = network["line"], network["link"], network["node"]
    roads = set(line.loc[line["mode"].isin(ROAD_MODES), "line_id"])
    columns = ["link_id", "from_node_id", "to_node_id", "length_km", "run_time_minutes"]
    tables = (
        link.loc[link["line_id"].isin(roads), columns],
        node[["node_id", "x_coord", "y_coord", "node_type"]],
        network["zone"][["zone_id", "centre_node_id", "level"]],
    )
    content = [pd.util.hash_pandas_object(table, index=False).to_numpy() for table in tables]
    known = network.parameters
    figures = tuple(known.get(name, np.nan) for name in ROAD_FIGURES)
    return str(network.root), *(values.tobytes() for values in content), figures


def _build_ground(network: Network, *, peak: bool, vehicle: Vehicle, cell_km: float) -> Ground:
    land = build_land(network, cell_km=cell_km)
    roads = build_day_roads(network, peak=peak)
    minutes = roads.minutes if vehicle == "car" else roads.bus_minutes
    rate, detour = read_rates(network, peak=peak, vehicle=vehicle)
    used = np.flatnonzero(np.isfinite(minutes))
    ticks = np.maximum(np.rint(minutes[used] * TICKS_PER_MINUTE), 1).astype(np.int32)
    tail, head = np.concatenate((roads.ends[used], roads.ends[used][:, ::-1])).T
    order = np.argsort(tail, kind="stable")
    start = np.zeros(roads.size + 1, dtype=np.int32)
    np.cumsum(np.bincount(tail, minlength=roads.size), out=start[1:])
    place, tree, entered = network.remember(
        ("entries", peak, cell_km), lambda: _place_entries(roads, land)
    )
    chord = np.hypot(*(place[roads.ends[used, 0]] - place[roads.ends[used, 1]]).T) * cell_km
    speeds = np.nan_to_num(chord) / ticks * TICKS_PER_MINUTE
    return Ground(
        network=network,
        land=land,
        roads=roads,
        vehicle=vehicle,
        peak=peak,
        rate=rate,
        detour=detour,
        arcs=(start, head[order].astype(np.int32), np.tile(ticks, 2)[order]),
        arc_edge=np.tile(used, 2)[order],
        place=place,
        tree=tree,
        tree_vertex=entered,
        top_speed=float(max(speeds.max(initial=0.0), 1.0 / rate[COUNTRY], 1.0 / rate[CITY])),
    )


def _place_entries(roads: DayRoads, land: Land) -> tuple[Floats, cKDTree, Ints]:
    """Place the vertices of roads on the land, and index those where one may enter."""
    place = land.project(roads.x, roads.y)
    entered = np.flatnonzero(roads.entered & np.isfinite(place).all(axis=1))
    return place, cKDTree(place[entered]), entered


def read_rates(network: Network, *, peak: bool, vehicle: Vehicle) -> tuple[Floats, Floats]:
    """Read the minutes for a km of straight line, and the detour, in cells of each class.

    Returns
    -------
    rate, detour
        float64 (256); 0 for classes where nobody drives.
    """
    value = network.parameter
    rate, detour = np.zeros(256), np.zeros(256)
    detour[CITY] = value("urban_drive_detour_ratio")
    detour[COUNTRY] = value("county_road_detour_ratio")
    speed = {CITY: value("urban_free_speed_kmh"), COUNTRY: value("county_road_speed_kmh")}
    if vehicle == "bus":
        speed = dict.fromkeys(speed, value("bus_speed_kmh"))
    elif peak:
        speed[CITY] /= value("urban_peak_ratio")
        speed[COUNTRY] /= value("drive_peak_ratio")
    for kind, kmh in speed.items():
        rate[kind] = detour[kind] / kmh * MINUTES_PER_HOUR
    return rate, detour


def choose_cell_km(limit_minutes: float) -> float:
    """Choose the width of cells for a field up to a limit.

    >>> choose_cell_km(90), choose_cell_km(240), choose_cell_km(360)
    (0.5, 1.0, 2.0)
    """
    if limit_minutes <= FINE_MINUTES:
        return CELL_KM
    return 2 * CELL_KM if limit_minutes <= 2 * FINE_MINUTES else 4 * CELL_KM


def search_ground(
    ground: Ground, sources: pd.DataFrame, *, limit_minutes: float, longest_minutes: float = 0.0
) -> Field:
    """Search from sources to all land within a limit.

    Parameters
    ----------
    ground
        As from `build_ground`. Long limits are searched on wider cells.
    sources
        ``x_coord``, ``y_coord`` (WGS84) and ``minutes`` at which each begins.
    limit_minutes
        The field is complete up to here.
    longest_minutes
        Longest way from a source; 0 for any.

    Returns
    -------
    Field
    """
    scaled = ground.at_scale(max(choose_cell_km(limit_minutes), ground.land.cell_km))
    window = run_search(
        scaled, sources, limit_minutes=limit_minutes, longest_minutes=longest_minutes
    )
    return window.read_field(limit_minutes)


def run_search(
    ground: Ground,
    sources: pd.DataFrame,
    *,
    limit_minutes: float,
    longest_minutes: float = 0.0,
    traced: bool = False,
) -> Window:
    """Search a window of cells that is as large as the limit and the fastest road ask for.

    Parameters
    ----------
    ground, sources, limit_minutes, longest_minutes
        As in `search_ground`; the width of cells is the ground's.
    traced
        Whether the ways are wanted.
    """
    return search_places(
        ground,
        ground.land.project(sources["x_coord"], sources["y_coord"]),
        sources["minutes"].to_numpy(dtype=np.float64),
        limit_minutes=limit_minutes,
        longest_minutes=longest_minutes,
        traced=traced,
    )


def search_places(
    ground: Ground,
    place: Floats,
    begin: Floats,
    *,
    limit_minutes: float,
    longest_minutes: float = 0.0,
    traced: bool = False,
) -> Window:
    """Search as `run_search` does, from places on the plane (in cells) and minutes."""
    land = ground.land
    margin = MARGIN_CELLS * float(ground.rate.max()) * land.cell_km
    most = limit_minutes + margin
    use = (begin <= most) & np.isfinite(place).all(axis=1)
    begin, place = begin[use], place[use]
    if not len(begin):
        place, begin = np.zeros((1, 2)), np.array([np.inf])
    left = np.where(np.isfinite(begin), most - begin, 0.0)
    if longest_minutes > 0:
        left = np.minimum(left, longest_minutes + margin)
    far = left * ground.top_speed
    far = far / land.cell_km + MARGIN_CELLS
    low, high = (place - far[:, None]).min(axis=0), (place + far[:, None]).max(axis=0)
    corners = clip_window(land, place, low, high)
    # Without a highway graph, the places that links join are all the land there is.
    far_land = longest_minutes > 0 or (not land.classes.size and ground.roads.size > 0)
    classes, west, south = land.cut_window(*corners, far=far_land)
    per_cell = ground.rate * land.cell_km * TICKS_PER_MINUTE
    origin = np.array([west, south])
    inside = np.isfinite(begin)
    node, ticks, owner = list_near(ground, classes, origin, place[inside])
    begin_ticks = np.rint(begin[inside] * TICKS_PER_MINUTE).astype(np.int64)
    seeds = (node, ticks + begin_ticks[owner], owner)
    x, y = ground.entered
    joins = ground_kernels.join_vertices(classes, x - west, y - south, per_cell)
    nodes = classes.size + ground.roads.size
    parent = np.full(nodes, -1, dtype=np.int32) if traced else NO_PARENT
    label = ground_kernels.search_cells(
        classes,
        ground.steps,
        joins,
        ground.arcs,
        *seeds,
        int(most * TICKS_PER_MINUTE),
        BUCKET_SHIFT,
        begin_ticks,
        round(longest_minutes * TICKS_PER_MINUTE),
        parent,
    )
    return Window(ground, classes, west, south, label, parent)


def clip_window(land: Land, place: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Clip a window to where there is land, and to where the sources are."""
    corners = [place - MARGIN_CELLS, place + MARGIN_CELLS]
    if land.classes.size:
        corner = np.array([land.west, land.south], dtype=np.float64)
        corners += [corner[None], (corner + land.classes.shape[::-1])[None]]
    if len(land.far):
        corners += [land.far - land.far_cells, land.far + land.far_cells]
    every = np.concatenate(corners)
    return np.maximum(low, every.min(axis=0)), np.minimum(high, every.max(axis=0))


def list_steps(per_cell: Floats) -> NDArray[np.int32]:
    """List the ticks of moves between cells of two classes: int32 (classes, classes, 3)."""
    per_cell = per_cell[: CITY + 1]
    mean = (per_cell[:, None] + per_cell[None, :]) / 2.0
    steps: NDArray[np.int32] = np.rint(mean[:, :, None] * ground_kernels.LENGTHS).astype(np.int32)
    return steps


def list_near(
    ground: Ground, classes: NDArray[np.uint8], origin: Ints, place: Floats
) -> tuple[Ints, Ints, Ints]:
    """List the nodes around points with the ticks of the straight line, in sight of each point.

    They are cells and vertices within `ground_kernels.SEED_CELLS`. Both ends of a way take them in
    the same manner, so that it has the same minutes in both directions. A point in a barrier, such
    as a place on the bank of a river, takes the cells on its own side.

    Parameters
    ----------
    classes, origin
        A window, and the column and row of its first cell.
    place
        float64 (points, 2): on the plane, in cells.

    Returns
    -------
    node, ticks, point
        int64.
    """
    land = ground.land
    per_cell = ground.rate * land.cell_km * TICKS_PER_MINUTE
    x, y = (
        np.ascontiguousarray(place[:, 0] - origin[0]),
        np.ascontiguousarray(place[:, 1] - origin[1]),
    )
    found = [ground_kernels.list_seeds(classes, x, y, per_cell)]
    rows, columns = classes.shape
    row, column = np.floor(y + 0.5).astype(np.int64), np.floor(x + 0.5).astype(np.int64)
    inside = (row >= 0) & (column >= 0) & (row < rows) & (column < columns)
    kind = np.zeros(len(x), dtype=np.uint8)
    kind[inside] = classes[row[inside], column[inside]]
    for wet in np.flatnonzero(kind == ground_kernels.BARRIER):
        cell, ticks = _list_bank(land, classes, origin, place[wet], per_cell)
        found.append((cell, ticks, np.full(len(cell), wet)))
    on_land = np.flatnonzero((kind > 0) & (kind < ground_kernels.BARRIER))
    near = ground.tree.query_ball_point(place[on_land], ground_kernels.SEED_CELLS)
    point = np.repeat(on_land, [len(some) for some in near])
    if len(point):
        vertex = ground.tree_vertex[np.concatenate([some for some in near if some]).astype(int)]
        free = ~land.is_cut(place[point], ground.place[vertex])
        point, vertex = point[free], vertex[free]
        away = np.hypot(*(place[point] - ground.place[vertex]).T)
        ticks = np.rint(away * per_cell[kind[point]]).astype(np.int64)
        found.append((classes.size + vertex, ticks, point))
    node, ticks, owner = (np.concatenate(column) for column in zip(*found, strict=True))
    return node, ticks, owner


def _list_bank(
    land: Land, classes: NDArray[np.uint8], origin: Ints, place: Floats, per_cell: Floats
) -> tuple[Ints, Ints]:
    """List the cells around a point in a barrier that lie on its side, with their ticks."""
    span = 2 * ground_kernels.SEED_CELLS
    column, row = np.floor(place - origin + 0.5).astype(np.int64).tolist()
    rows = np.arange(max(row - span, 0), min(row + span + 1, classes.shape[0]))
    columns = np.arange(max(column - span, 0), min(column + span + 1, classes.shape[1]))
    r, c = (axis.ravel() for axis in np.meshgrid(rows, columns, indexing="ij"))
    is_land = (classes[r, c] > 0) & (classes[r, c] < ground_kernels.BARRIER)
    r, c = r[is_land], c[is_land]
    ends = np.column_stack((c, r)) + origin.astype(np.float64)
    whence = np.repeat(place[None], len(r), axis=0)
    same = ~land.is_cut(whence, ends)
    away = np.hypot(*(ends - whence).T)[same]
    ticks = np.rint(away * per_cell[classes[r, c][same]]).astype(np.int64)
    return (r * classes.shape[1] + c)[same], ticks
