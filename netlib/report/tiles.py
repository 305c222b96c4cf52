"""Background tiles of another server, for readers of the page who have a network and want them.

Tiles are squares of Web Mercator; the map is not. A grid of points tells the page's script where
their corners lie on the map, and each tile is drawn as the parallelogram of three of its corners.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np

from netlib.errors import InputError, Notice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from netlib.report.ground import Plane

# Side of the world over the distance of two grid points: about 32 km at 35 degrees north, so that
# what is straight between them strays from the projection by some ten metres.
GRID_STEPS = 1024
# The zoom that tile servers commonly end at.
DEEPEST = 18
PARTS = ("{z}", "{x}", "{y}")
SCHEMES = ("http", "https")


class Tiles(NamedTuple):
    """A tile server that the page may ask once its reader has ticked a box.

    Attributes
    ----------
    address
        Address of a tile, with ``{z}``, ``{x}`` and ``{y}``.
    credit
        Whose tiles they are, to be shown.
    """

    address: str
    credit: str


def check_tiles(address: str, credit: str) -> Tiles:
    """Check an address and a credit.

    Raises
    ------
    InputError
        If the address lacks a part or a host, or nobody is credited.
    """
    found = urlsplit(address)
    notices = []
    missing = [part for part in PARTS if part not in address]
    if missing or found.scheme not in SCHEMES or not found.hostname:
        example = f"https://HOST/{'/'.join(PARTS)}.png"
        message = f"tiles need an address such as {example}; this is {address!r}"
        notices.append(Notice("--tiles", 0, "tile-address", message))
    if not credit.strip():
        message = "say whose tiles they are with --tiles-credit"
        notices.append(Notice("--tiles-credit", 0, "tile-credit", message))
    if notices:
        raise InputError(notices)
    return Tiles(address, credit.strip())


def describe_tiles(tiles: Tiles, plane: Plane) -> dict[str, Any]:
    """Describe tiles for the template: where to ask, whom to credit, and the grid of corners."""
    found = urlsplit(tiles.address)
    return {
        "address": tiles.address,
        "host": f"{found.scheme}://{found.netloc}",
        "credit": tiles.credit,
        "deepest": DEEPEST,
        "grid": build_grid(plane),
    }


def build_grid(plane: Plane) -> dict[str, Any]:
    """Build the grid of Web Mercator over the map.

    Returns
    -------
    dict
        ``left`` and ``top`` (of the first point, the world being 1 wide), ``step``, ``columns``,
        and ``x`` and ``y`` of the points on the map, row by row from the north-west, in units of
        the map.
    """
    side = np.linspace(0.0, 1.0, 50)
    edge = np.concatenate(
        [[side, side * 0], [side, side * 0 + 1], [side * 0, side], [side * 0 + 1, side]], axis=1
    )
    longitude, latitude = plane.find(edge[0] * plane.width, edge[1] * plane.height)
    across, down = to_mercator(longitude, latitude)
    first = [math.floor(values.min() * GRID_STEPS) for values in (across, down)]
    last = [math.ceil(values.max() * GRID_STEPS) for values in (across, down)]
    columns, rows = (np.arange(a, b + 1) / GRID_STEPS for a, b in zip(first, last, strict=True))
    mx, my = np.meshgrid(columns, rows)
    x, y = plane.place(*from_mercator(mx.ravel(), my.ravel()))
    return {
        "left": float(columns[0]),
        "top": float(rows[0]),
        "step": 1.0 / GRID_STEPS,
        "columns": len(columns),
        "x": np.round(x, 1).tolist(),
        "y": np.round(y, 1).tolist(),
    }


def to_mercator(
    longitude: NDArray[np.float64], latitude: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the place in Web Mercator (EPSG:3857), the world being 1 wide, from the north-west.

    >>> [float(v[0]) for v in to_mercator(np.array([0.0]), np.array([0.0]))]
    [0.5, 0.5]
    """
    down = np.arcsinh(np.tan(np.radians(latitude))) / np.pi
    return (longitude + 180.0) / 360.0, (1.0 - down) / 2.0


def from_mercator(
    across: NDArray[np.float64], down: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return longitude and latitude: the way back of `to_mercator`."""
    latitude = np.degrees(np.arctan(np.sinh(np.pi * (1.0 - 2.0 * down))))
    return across * 360.0 - 180.0, latitude
