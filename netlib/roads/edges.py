"""Edges of a day's roads with their minutes: links and the highway graph.

Named roads have the minutes of their links in ``link.csv``: their edges share them by length. A
link without edges is one edge between its ends. Roads without a name have the speed of trunk roads,
or of city streets near a centre.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.geometry import MINUTES_PER_HOUR
from netlib.highways import KM_PER_DEGREE, snap_to_vertices
from netlib.snapshots import ROAD_MODES

if TYPE_CHECKING:
    from collections.abc import Collection

    from netlib.highways import Highways
    from netlib.tables import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# What an edge is; the evidence behind its minutes follows from it.
LINK, TRUNK, CITY = range(3)
# Parameters behind the minutes of edges without a link; the last is counted in the peak only.
PARAMETERS = {
    TRUNK: ("trunk_speed_kmh", "trunk_length_ratio", "drive_peak_ratio"),
    CITY: ("urban_free_speed_kmh", "trunk_length_ratio", "urban_radius_km", "urban_peak_ratio"),
}
# An edge without a name that is longer than this may be an expressway that was not matched: cars
# cannot enter it between its ends. Trunk roads of the graph meet others every kilometre or two.
LONGEST_ENTERED_KM = 5.0


class Edges(NamedTuple):
    """Edges of one kind of road, as columns of `netlib.roads.day_roads.DayRoads`.

    Attributes
    ----------
    ends
        int64 (edges, 2): nodes.
    minutes, km
        float64 (edges).
    kind, link
        int64 (edges): `LINK`, `TRUNK` or `CITY`; position in the table of `select_links`, or -1.
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


def find_entered(highways: Highways) -> NDArray[np.bool_]:
    """Find the edges that a car may enter or leave anywhere: bool (edges)."""
    return (highways.link < 0) & (highways.km <= LONGEST_ENTERED_KM)
