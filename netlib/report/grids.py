"""Fields of minutes as small grids that the page carries and draws its areas from.

A grid has nodes every `CELL_UNITS` on the plane of the map, with minutes in steps of
`TICK_MINUTES`. All grids of a page are one compressed text, each node as its difference from the
one above it: on eight fields of 2016 and 2026 the shortest of six ways to foretell a node.
"""

from __future__ import annotations

import base64
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netlib.report.ground import UNITS_PER_KM, Plane
from netlib.roads.fields import METRES_PER_KM
from netlib.roads.fields import make_plane as make_projection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netlib.roads.fields import Field

# 1.5 km and whole minutes: at the speed of county roads a cell is a minute and a half.
CELL_UNITS = 15
TICK_MINUTES = 1.0
# What stands for minutes beyond the grid's limit; limits stay below it.
BEYOND = 255
LONGEST_MINUTES = TICK_MINUTES * (BEYOND - 1)


class Grid(NamedTuple):
    """A field on the nodes of the page.

    Attributes
    ----------
    left, top
        Place of the first node, in units of the map.
    columns, rows
        How many nodes.
    step_minutes
        How much two neighbours differ where people go on from one to the other, as in
        `netlib.roads.fields.Field`.
    cells
        uint8 (rows x columns), from the north: minutes in steps of `TICK_MINUTES`, or `BEYOND`.
    """

    left: int
    top: int
    columns: int
    rows: int
    step_minutes: float
    cells: bytes


EMPTY = Grid(0, 0, 0, 0, 1.0, b"")


def sample_field(field: Field, plane: Plane) -> Grid:
    """Sample a field at the nodes of the map, cut down to what is reached."""
    east, north = place_nodes(plane, field.crs)
    minutes = field.on_plane(east.ravel(), north.ravel()).reshape(east.shape)
    within = minutes <= min(field.limit_minutes, LONGEST_MINUTES)
    rows, columns = (np.flatnonzero(within.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return EMPTY
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    steps = np.rint(np.where(within, minutes, 0.0) / TICK_MINUTES).astype(np.uint8)
    cells = np.where(within, steps, np.uint8(BEYOND))[part]
    width = CELL_UNITS / UNITS_PER_KM / field.cell_km
    return Grid(
        int(columns[0]) * CELL_UNITS,
        int(rows[0]) * CELL_UNITS,
        cells.shape[1],
        cells.shape[0],
        round(field.step_minutes * width, 1),
        cells.tobytes(),
    )


@lru_cache(maxsize=2)
def place_nodes(plane: Plane, crs: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Place the nodes of the map on the plane of a field: east and north in km."""
    across = np.arange(0, plane.width + CELL_UNITS, CELL_UNITS)
    down = np.arange(0, plane.height + CELL_UNITS, CELL_UNITS)
    x, y = np.meshgrid(across, down)
    east, north = make_projection(crs).transform(*plane.find(x, y))
    return np.asarray(east) / METRES_PER_KM, np.asarray(north) / METRES_PER_KM


def pack_grids(grids: Sequence[Grid]) -> dict[str, Any]:
    """Pack grids for the script of the page.

    Returns
    -------
    dict
        ``cell`` (units of the map), ``tick`` (minutes), ``beyond``; ``heads``: left, top, columns,
        rows and step of each grid; ``text``: the differences of all nodes, compressed by zlib, in
        base 64.
    """
    differences = b"".join(subtract_above(grid).tobytes() for grid in grids)
    return {
        "cell": CELL_UNITS,
        "tick": TICK_MINUTES,
        "beyond": BEYOND,
        "heads": [list(grid[:5]) for grid in grids],
        "text": base64.b64encode(zlib.compress(differences, 9)).decode("ascii"),
    }


def subtract_above(grid: Grid) -> NDArray[np.uint8]:
    """Subtract from each node the one above it, modulo 256; above the first row lies `BEYOND`."""
    cells = np.frombuffer(grid.cells, dtype=np.uint8).reshape(grid.rows, grid.columns)
    return np.diff(cells, axis=0, prepend=np.uint8(BEYOND))
