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
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from netlib.roads import ground_kernels
from netlib.roads.day_roads import DayRoads, build_day_roads
from netlib.roads.fields import Field, Floats
from netlib.roads.land import CELL_KM, CITY, COUNTRY, Land, build_land
from netlib.surfaces import MINUTES_PER_HOUR

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
    top_speed: float

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
    kept: dict[tuple[object, ...], Ground] = vars(network).setdefault("_grounds", {})
    key = (peak, vehicle, cell_km)
    if key not in kept:
        kept[key] = _build_ground(network, peak=peak, vehicle=vehicle, cell_km=cell_km)
    return kept[key]


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
    place = land.project(roads.x, roads.y)
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
        top_speed=float(max(speeds.max(initial=0.0), 1.0 / rate[COUNTRY], 1.0 / rate[CITY])),
    )


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
    ground: Ground, sources: pd.DataFrame, *, limit_minutes: float, reach_km: float = 0.0
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
    reach_km
        Longest straight line from a source; 0 for any.

    Returns
    -------
    Field
    """
    scaled = ground.at_scale(max(choose_cell_km(limit_minutes), ground.land.cell_km))
    window = run_search(scaled, sources, limit_minutes=limit_minutes, reach_km=reach_km)
    return window.read_field(limit_minutes)


def run_search(
    ground: Ground,
    sources: pd.DataFrame,
    *,
    limit_minutes: float,
    reach_km: float = 0.0,
    traced: bool = False,
) -> Window:
    """Search a window of cells that is as large as the limit and the fastest road ask for.

    Parameters
    ----------
    ground, sources, limit_minutes, reach_km
        As in `search_ground`; the width of cells is the ground's.
    traced
        Whether the ways are wanted.
    """
    land = ground.land
    begin = sources["minutes"].to_numpy(dtype=np.float64)
    place = land.project(sources["x_coord"], sources["y_coord"])
    margin = MARGIN_CELLS * float(ground.rate.max()) * land.cell_km
    most = limit_minutes + margin
    use = (begin <= most) & np.isfinite(place).all(axis=1)
    begin, place = begin[use], place[use]
    if not len(begin):
        place, begin = np.zeros((1, 2)), np.array([np.inf])
    far = np.where(np.isfinite(begin), most - begin, 0.0) * ground.top_speed
    if reach_km > 0:
        far = np.minimum(far, reach_km)
    far = far / land.cell_km + MARGIN_CELLS
    low, high = (place - far[:, None]).min(axis=0), (place + far[:, None]).max(axis=0)
    corners = clip_window(land, place, low, high)
    classes, west, south = land.cut_window(*corners, far=reach_km > 0)
    per_cell = ground.rate * land.cell_km * TICKS_PER_MINUTE
    origin = np.array([west, south])
    inside = np.isfinite(begin)
    seeds = list_seeds(land, classes, place[inside] - origin, begin[inside], per_cell, origin)
    vertex_place = ground.place - origin
    entered = np.where(ground.roads.entered[:, None], vertex_place, np.nan)
    joins = ground_kernels.join_vertices(
        classes, np.ascontiguousarray(entered[:, 0]), np.ascontiguousarray(entered[:, 1]), per_cell
    )
    nodes = classes.size + ground.roads.size
    parent = np.full(nodes, -1, dtype=np.int32) if traced else NO_PARENT
    ticks = ground_kernels.search_cells(
        classes,
        list_steps(per_cell),
        joins,
        ground.arcs,
        *seeds,
        int(most * TICKS_PER_MINUTE),
        BUCKET_SHIFT,
        place - origin,
        vertex_place,
        reach_km / land.cell_km,
        parent,
    )
    return Window(ground, classes, west, south, ticks, parent)


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
    """List the ticks of moves between cells of two classes: int32 (256, 256, 3)."""
    mean = (per_cell[:, None] + per_cell[None, :]) / 2.0
    steps: NDArray[np.int32] = np.rint(mean[:, :, None] * ground_kernels.LENGTHS).astype(np.int32)
    return steps


def list_seeds(
    land: Land,
    classes: NDArray[np.uint8],
    place: Floats,
    begin: Floats,
    per_cell: Floats,
    origin: Ints,
) -> tuple[Ints, Ints, Ints]:
    """List the cells around sources with their ticks.

    A source in a barrier, such as a place on the bank of a river, takes the cells on its own side.

    Parameters
    ----------
    place
        float64 (sources, 2): in cells of the window, whose first is at ``origin``.
    begin
        float64 (sources): minutes.

    Returns
    -------
    node, ticks, source
        int64.
    """
    start = np.rint(begin * TICKS_PER_MINUTE).astype(np.int64)
    x, y = np.ascontiguousarray(place[:, 0]), np.ascontiguousarray(place[:, 1])
    found = [ground_kernels.list_seeds(classes, x, y, start, per_cell)]
    row, column = np.floor(y + 0.5).astype(np.int64), np.floor(x + 0.5).astype(np.int64)
    for source in np.flatnonzero(classes[row, column] == ground_kernels.BARRIER):
        span = 2 * ground_kernels.SEED_CELLS
        rows = np.arange(max(row[source] - span, 0), min(row[source] + span + 1, len(classes)))
        columns = np.arange(
            max(column[source] - span, 0), min(column[source] + span + 1, classes.shape[1])
        )
        r, c = (axis.ravel() for axis in np.meshgrid(rows, columns, indexing="ij"))
        kind = classes[r, c]
        is_land = (kind != 0) & (kind != ground_kernels.BARRIER)
        r, c, kind = r[is_land], c[is_land], kind[is_land]
        ends = np.column_stack((c, r)).astype(np.float64)
        whence = np.repeat(place[source : source + 1], len(r), axis=0)
        same = ~land.is_cut(whence + origin, ends + origin)
        away = np.hypot(*(ends - whence).T)[same]
        ticks = start[source] + np.rint(away * per_cell[kind[same]]).astype(np.int64)
        cells = (r * classes.shape[1] + c)[same]
        found.append((cells, ticks, np.full(len(cells), source)))
    node, ticks, owner = (np.concatenate(column) for column in zip(*found, strict=True))
    return node, ticks, owner


def to_matrix(ground: Ground) -> csr_matrix:
    """Return the minutes of the roads alone as a matrix over the vertices."""
    start, head, ticks = ground.arcs
    size = ground.roads.size
    return csr_matrix((ticks / TICKS_PER_MINUTE, head, start), shape=(size, size))
