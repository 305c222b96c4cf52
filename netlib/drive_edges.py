"""Edges of a day's roads with their minutes: links, the highway graph, the ways to centres.

Named roads have the minutes of their links in ``link.csv``: their edges share them by length. A
link without edges is one edge between its ends. Roads without a name have the speed of trunk roads,
or of city streets near a centre.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.geometry import MINUTES_PER_HOUR
from netlib.highways import KM_PER_DEGREE, snap_to_edges, snap_to_vertices
from netlib.snapshots import ROAD_MODES

if TYPE_CHECKING:
    from collections.abc import Collection

    from netlib.highways import Highways
    from netlib.tables import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# What an edge is; the evidence behind its minutes follows from it.
LINK, TRUNK, CITY, OFF_ROAD = range(4)
# Parameters behind the minutes of edges without a link; the last is counted in the peak only.
PARAMETERS = {
    TRUNK: ("trunk_speed_kmh", "trunk_length_ratio", "drive_peak_ratio"),
    CITY: ("urban_free_speed_kmh", "trunk_length_ratio", "urban_radius_km", "urban_peak_ratio"),
    OFF_ROAD: ("urban_free_speed_kmh", "urban_drive_detour_ratio", "urban_peak_ratio"),
}
# An edge without a name that is longer than this may be an expressway that was not matched: cars
# cannot enter it between its ends. Trunk roads of the graph meet others every kilometre or two.
LONGEST_ENTERED_KM = 5.0


class Edges(NamedTuple):
    """Edges of one kind of road, as columns of `netlib.drives.Drives`.

    Attributes
    ----------
    ends
        int64 (edges, 2): nodes.
    minutes, km
        float64 (edges).
    kind, link
        int64 (edges): `LINK` to `OFF_ROAD`; position in the table of `select_links`, or -1.
    """

    ends: Ints
    minutes: Floats
    km: Floats
    kind: Ints
    link: Ints


def select_links(network: Network) -> pd.DataFrame:
    """Select the open links of roads.

    Returns
    -------
    DataFrame
        Rows of ``link.csv`` with ``full_km``: the length that their edges add up to.
    """
    line = network["line"]
    roads = set(line.loc[line["mode"].isin(ROAD_MODES), "line_id"])
    link = network["link"]
    link = link[link["line_id"].isin(roads) & link["run_time_minutes"].notna()]
    # A card that sets the length of a link does not change how far its edges run.
    reference = network.tables.get("reference_link", network["link"])
    full = reference.drop_duplicates("link_id").set_index("link_id")["length_km"]
    full_km = link["link_id"].map(full).fillna(link["length_km"])
    return link.assign(full_km=full_km).reset_index(drop=True)


class Speeds:
    """Minutes a km on roads without a name, and what the peak adds to named ones.

    Parameters
    ----------
    network
        Its parameters are looked up when they are needed: one without a highway graph has fewer.
    peak
        Whether in the morning peak.
    """

    def __init__(self, network: Network, *, peak: bool) -> None:
        self.network = network
        self.peak = peak
        self.link_ratio = network.parameter("drive_peak_ratio") if peak else 1.0

    @property
    def city_ratio(self) -> float:
        """Minutes in cities over those in free flow."""
        return self.network.parameter("urban_peak_ratio") if self.peak else 1.0

    @property
    def length_ratio(self) -> float:
        """Length of roads without a name over their chords."""
        return self.network.parameter("trunk_length_ratio")

    @property
    def trunk(self) -> float:
        """Minutes a km of chord on trunk and primary roads."""
        ratio = self.length_ratio * self.link_ratio
        return ratio / self.network.parameter("trunk_speed_kmh") * MINUTES_PER_HOUR

    @property
    def city(self) -> float:
        """Minutes a km of chord in cities."""
        ratio = self.length_ratio * self.city_ratio
        return ratio / self.network.parameter("urban_free_speed_kmh") * MINUTES_PER_HOUR

    @property
    def detour_ratio(self) -> float:
        """Length of the streets that the graph does not hold over the straight line."""
        return self.network.parameter("urban_drive_detour_ratio")

    @property
    def off_road(self) -> float:
        """Minutes a km of straight line on the streets that the graph does not hold."""
        ratio = self.detour_ratio * self.city_ratio
        return ratio / self.network.parameter("urban_free_speed_kmh") * MINUTES_PER_HOUR


def link_edges(
    direct: pd.DataFrame, positions: Ints, numbers: dict[str, int], speeds: Speeds
) -> Edges:
    """Make one edge of each link without edges of its own, between its ends."""
    ends = np.column_stack([direct[c].map(numbers) for c in ("from_node_id", "to_node_id")])
    return Edges(
        ends=ends.astype(np.int64).reshape(-1, 2),
        minutes=direct["run_time_minutes"].to_numpy(dtype=np.float64) * speeds.link_ratio,
        km=direct["length_km"].to_numpy(dtype=np.float64),
        kind=np.full(len(direct), LINK),
        link=positions,
    )


def highway_edges(
    highways: Highways, links: pd.DataFrame, centre: pd.DataFrame, speeds: Speeds
) -> Edges:
    """Make the edges of the graph that are open, those without a name in cities apart."""
    names = pd.Index(links["link_id"], dtype=object)
    position = np.append(names.get_indexer(pd.Index(highways.links, dtype=object)), -1)
    link = position[highways.link]
    is_named = highways.link >= 0
    kept = ~is_named | (link >= 0)
    rate = (links["run_time_minutes"] / links["full_km"]).to_numpy(dtype=np.float64)
    per_km = np.append(rate * speeds.link_ratio, np.nan)[link]
    in_city = find_city_edges(highways, centre, speeds.network.parameter("urban_radius_km"))
    per_km = np.where(is_named, per_km, np.where(in_city, speeds.city, speeds.trunk))
    kind = np.where(is_named, LINK, np.where(in_city, CITY, TRUNK))
    return Edges(
        ends=np.column_stack((highways.tail, highways.head))[kept],
        minutes=(highways.km * per_km)[kept],
        km=np.where(is_named, highways.km, highways.km * speeds.length_ratio)[kept],
        kind=kind[kept],
        link=link[kept],
    )


def find_city_edges(
    highways: Highways, centre: pd.DataFrame, radius_km: float
) -> NDArray[np.bool_]:
    """Find the edges whose middle lies within a radius of a centre, by straight lines."""
    places = centre[["x_coord", "y_coord"]].to_numpy(dtype=np.float64)
    x = (highways.x[highways.tail] + highways.x[highways.head]) / 2.0
    y = (highways.y[highways.tail] + highways.y[highways.head]) / 2.0
    found = np.zeros(len(x), dtype=bool)
    for px, py in places:
        scale = KM_PER_DEGREE * np.cos(np.radians(py))
        near = np.flatnonzero(np.abs(y - py) * KM_PER_DEGREE <= radius_km)
        away = np.hypot((x[near] - px) * scale, (y[near] - py) * KM_PER_DEGREE)
        found[near[away <= radius_km]] = True
    return found


def junction_edges(
    highways: Highways,
    places: pd.DataFrame,
    numbers: dict[str, int],
    centres: Collection[str],
    speeds: Speeds,
) -> Edges:
    """Join the ends of links without edges to the nearest vertex, over trunk roads."""
    ends = places[~places.index.isin(centres)].dropna()
    vertex, off_km = snap_to_vertices(
        highways,
        ends["x_coord"].to_numpy(dtype=np.float64),
        ends["y_coord"].to_numpy(dtype=np.float64),
        limit_km=speeds.network.parameter("max_road_access_km"),
    )
    own = np.array([numbers[str(name)] for name in ends.index], dtype=np.int64)
    joined = vertex >= 0
    size = int(joined.sum())
    return Edges(
        ends=np.column_stack((own, vertex))[joined],
        minutes=off_km[joined] * speeds.trunk,
        km=off_km[joined] * speeds.length_ratio,
        kind=np.full(size, TRUNK),
        link=np.full(size, -1),
    )


def centre_edges(
    highways: Highways,
    centre: pd.DataFrame,
    numbers: dict[str, int],
    speeds: Speeds,
) -> Edges:
    """Join every centre to both ends of the nearest road that may be entered, over streets."""
    snaps = snap_centres(
        highways,
        tuple(centre["x_coord"].astype(float)),
        tuple(centre["y_coord"].astype(float)),
        speeds.network.parameter("max_road_access_km"),
    )
    own = centre["centre_node_id"].map(numbers).to_numpy(dtype=np.int64)
    joined = np.flatnonzero(snaps["edge"] >= 0)
    edge = snaps["edge"].to_numpy()[joined]
    fraction = snaps["fraction"].to_numpy()[joined]
    off = snaps["off_km"].to_numpy()[joined]
    own, whole = own[joined], highways.km[edge]
    # To either end of the road, and to any other centre on it.
    ends = [np.column_stack((own, vertex[edge])) for vertex in (highways.tail, highways.head)]
    off_km, along_km = [off, off], [fraction * whole, (1.0 - fraction) * whole]
    for a in range(len(own)):
        others = np.flatnonzero(edge[a + 1 :] == edge[a]) + a + 1
        ends.append(np.column_stack((np.full(len(others), own[a]), own[others])))
        off_km.append(off[a] + off[others])
        along_km.append(np.abs(fraction[a] - fraction[others]) * whole[a])
    away, along = np.concatenate(off_km), np.concatenate(along_km)
    size = len(away)
    return Edges(
        ends=np.concatenate(ends),
        # Near a centre, so at the speed of cities.
        minutes=away * speeds.off_road + along * speeds.city,
        km=away * speeds.detour_ratio + along * speeds.length_ratio,
        kind=np.full(size, OFF_ROAD),
        link=np.full(size, -1),
    )


def find_entered(highways: Highways) -> NDArray[np.bool_]:
    """Find the edges that a car may enter or leave anywhere: bool (edges)."""
    return (highways.link < 0) & (highways.km <= LONGEST_ENTERED_KM)


@lru_cache(maxsize=16)
def snap_centres(
    highways: Highways, x: tuple[float, ...], y: tuple[float, ...], limit_km: float
) -> pd.DataFrame:
    """Join centres to roads as `snap_to_edges` does, once for all days and ranges."""
    allowed = find_entered(highways)
    return snap_to_edges(highways, np.array(x), np.array(y), allowed=allowed, limit_km=limit_km)
