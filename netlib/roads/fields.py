"""A field of travel times over land: what isochrones, residents and minutes at points are read off.

A field is a grid of an equal-area plane, of minutes at the middle of every cell. Between the
middles minutes are interpolated, so that a point has the minutes that a picture shows there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

WGS84 = "EPSG:4326"
METRES_PER_KM = 1000.0

Floats = NDArray[np.float64]


@lru_cache(maxsize=32)
def make_plane(crs: str) -> Transformer:
    """Make the projection from longitude and latitude (WGS84) to a plane in metres, once."""
    return Transformer.from_crs(WGS84, crs, always_xy=True)


@dataclass(frozen=True, eq=False)
class Field:
    """Travel times over land.

    Attributes
    ----------
    minutes
        float32 (rows, columns), rows from south to north; inf where nothing is reached.
    west, south
        Place of the middle of the first cell on the plane, in km.
    cell_km
        Width of a cell.
    crs
        Equal-area plane in metres.
    limit_minutes
        Up to here the field is complete.
    step_minutes
        How much two neighbouring cells may differ where people simply go on from one to the other:
        a greater difference is a jump, as at the end of the longest walk or at a river.
    """

    minutes: NDArray[np.float32]
    west: float
    south: float
    cell_km: float
    crs: str
    limit_minutes: float
    step_minutes: float

    @property
    def x(self) -> Floats:
        """Middles of the columns on the plane, in km."""
        x: Floats = self.west + self.cell_km * np.arange(self.minutes.shape[1], dtype=np.float64)
        return x

    @property
    def y(self) -> Floats:
        """Middles of the rows on the plane, in km."""
        y: Floats = self.south + self.cell_km * np.arange(self.minutes.shape[0], dtype=np.float64)
        return y

    def at(self, x_coord: Any, y_coord: Any) -> Floats:
        """Read the minutes at points.

        Parameters
        ----------
        x_coord, y_coord
            Longitude and latitude, WGS84.

        Returns
        -------
        float64 array
            Interpolated between the four cells around each point; where some of them are not
            reached, the minutes of the nearest that is; inf where none is.
        """
        x, y = (np.atleast_1d(np.asarray(axis, dtype=np.float64)) for axis in (x_coord, y_coord))
        east, north = make_plane(self.crs).transform(x, y)
        return self.on_plane(np.asarray(east) / METRES_PER_KM, np.asarray(north) / METRES_PER_KM)

    def on_plane(self, east: Floats, north: Floats) -> Floats:
        """Read the minutes at points of the field's plane, in km; see `at`."""
        column = (east - self.west) / self.cell_km
        row = (north - self.south) / self.cell_km
        result = np.full(len(row), np.inf)
        rows, columns = self.minutes.shape
        inside = (column >= 0) & (row >= 0) & (column < columns - 1) & (row < rows - 1)
        left, low = (
            np.floor(column[inside]).astype(np.int64),
            np.floor(row[inside]).astype(np.int64),
        )
        u, v = column[inside] - left, row[inside] - low
        corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
        values = np.array([self.minutes[low + a, left + b] for a, b in corners], dtype=np.float64)
        weights = np.array([(v if a else 1 - v) * (u if b else 1 - u) for a, b in corners])
        reached = np.isfinite(values)
        whole = (np.where(reached, values, 0.0) * weights).sum(axis=0)
        nearest = np.where(reached, weights, -1.0).argmax(axis=0)
        single = np.take_along_axis(values, nearest[None], axis=0)[0]
        result[inside] = np.where(reached.all(axis=0), whole, single)
        return result
