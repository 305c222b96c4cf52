"""The highways of one day with their minutes: named roads, trunk roads, links without edges."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from netlib.geometry import MINUTES_PER_HOUR
from netlib.highways import Highways, read_highways
from netlib.places import city_centres
from netlib.roads.edges import (
    LONGEST_ENTERED_KM,
    Speeds,
    find_entered,
    highway_edges,
    junction_edges,
    link_edges,
    select_links,
)

if TYPE_CHECKING:
    import pandas as pd

    from netlib.roads.fields import Floats
    from netlib.tables import Network

Ints = NDArray[np.int64]

# A junction of node.csv that lies this near to a vertex is that vertex: coordinates of the graph
# are written to 0.001 degrees.
SAME_PLACE_DEGREES = 0.0006
# scipy takes an edge of no minutes for none; a microminute is far below what any figure is
# known to.
NO_TIME = 1e-6
# Roads without a name are entered every so often: at every second cell of land.
PIECE_KM = 1.0


@dataclass(frozen=True, eq=False)
class DayRoads:
    """The highways of one day; all are usable both ways.

    Attributes
    ----------
    x, y
        float64 (vertices): longitude and latitude, of the vertices of the highway graph and after
        them of the ends of links that have no edges, and of places along roads without a name.
    places
        Vertices by node_id, for those ends.
    entered
        bool (vertices): where a car may come from the land or leave for it.
    ends
        int64 (edges, 2): the vertices that an edge joins.
    minutes, km
        float64 (edges): by car.
    bus_minutes
        float64 (edges): by city bus; inf on expressways.
    kind, link
        int64 (edges): as in `netlib.roads.edges.Edges`; position in `link_ids`, or -1.
    link_ids, line_ids
        The open links, and the line of each.
    """

    x: Floats
    y: Floats
    places: dict[str, int]
    entered: NDArray[np.bool_]
    ends: Ints
    minutes: Floats
    km: Floats
    bus_minutes: Floats
    kind: Ints
    link: Ints
    link_ids: tuple[str, ...]
    line_ids: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of vertices."""
        return len(self.x)


def build_day_roads(network: Network, *, peak: bool) -> DayRoads:
    """Build the highways of a network's day; they are kept with it.

    Parameters
    ----------
    network
        A network of one day (`Network.as_of`), at one end of its ranges.
    peak
        Whether in the morning peak.
    """
    return network.remember(("day_roads", peak), lambda: _build(network, peak=peak))


def _build(network: Network, *, peak: bool) -> DayRoads:
    """Build what `build_day_roads` returns."""
    highways = read_highways(network.root)
    links = select_links(network)
    is_direct = ~links["link_id"].isin(highways.links).to_numpy()
    direct = links[is_direct]
    node = network["node"].drop_duplicates("node_id").set_index("node_id")
    ids = dict.fromkeys([*direct["from_node_id"], *direct["to_node_id"]])
    # A link may end at a node that is closed, or at one that no table holds.
    places = node[["x_coord", "y_coord"]].reindex(list(ids)).rename_axis("node_id")
    numbers = {str(name): highways.size + i for i, name in enumerate(places.index)}
    speeds = Speeds(network, peak=peak)
    parts = [link_edges(direct, np.flatnonzero(is_direct), numbers, speeds)]
    if highways.size:
        parts += [
            highway_edges(highways, links, city_centres(network), speeds),
            junction_edges(highways, places, numbers, set(), speeds),
        ]
    km = np.concatenate([part.km for part in parts])
    link = np.concatenate([part.link for part in parts])
    roads = DayRoads(
        x=np.concatenate((highways.x, places["x_coord"].to_numpy(dtype=np.float64))),
        y=np.concatenate((highways.y, places["y_coord"].to_numpy(dtype=np.float64))),
        places=numbers,
        entered=np.concatenate((find_entries(network, highways), np.ones(len(places), bool))),
        ends=np.concatenate([part.ends for part in parts]),
        minutes=np.maximum(np.concatenate([part.minutes for part in parts]), NO_TIME),
        km=km,
        bus_minutes=np.where(
            find_expressways(network, links)[link],
            np.inf,
            km / network.parameter("bus_speed_kmh") * MINUTES_PER_HOUR,
        ),
        kind=np.concatenate([part.kind for part in parts]),
        link=link,
        link_ids=tuple(links["link_id"]),
        line_ids=tuple(links["line_id"]),
    )
    return split_entered(roads)


def split_entered(roads: DayRoads) -> DayRoads:
    """Split the roads that may be entered anywhere into pieces of `PIECE_KM`, joined at vertices.

    So a field grows along a road, and not in rings around the places where roads meet.
    """
    entered = (roads.link < 0) & (roads.km <= LONGEST_ENTERED_KM)
    pieces = np.where(entered, np.ceil(roads.km / PIECE_KM), 1).astype(np.int64)
    pieces = np.maximum(pieces, 1)
    inner = pieces - 1
    edge = np.repeat(np.arange(len(pieces)), pieces)
    first = np.cumsum(pieces) - pieces
    step = np.arange(len(edge)) - first[edge]
    # The new vertices of an edge follow one another, from its tail to its head.
    start = roads.size + np.cumsum(inner) - inner
    tail = np.where(step == 0, roads.ends[edge, 0], start[edge] + step - 1)
    head = np.where(step == inner[edge], roads.ends[edge, 1], start[edge] + step)
    new = np.flatnonzero(step < inner[edge])
    part = (step[new] + 1) / pieces[edge[new]]
    ends = roads.ends[edge[new]]
    x, y = (axis[ends[:, 0]] * (1 - part) + axis[ends[:, 1]] * part for axis in (roads.x, roads.y))
    return replace(
        roads,
        x=np.concatenate((roads.x, x)),
        y=np.concatenate((roads.y, y)),
        entered=np.concatenate((roads.entered, np.ones(len(x), dtype=bool))),
        ends=np.column_stack((tail, head)),
        minutes=roads.minutes[edge] / pieces[edge],
        km=roads.km[edge] / pieces[edge],
        bus_minutes=roads.bus_minutes[edge] / pieces[edge],
        kind=roads.kind[edge],
        link=roads.link[edge],
    )


def find_expressways(network: Network, links: pd.DataFrame) -> NDArray[np.bool_]:
    """Find the links of expressways: bool (links + 1), the last for roads without a name."""
    line = network["line"]
    names = set(line.loc[line["mode"] == "expressway", "line_id"])
    return np.append(links["line_id"].isin(names).to_numpy(dtype=bool), False)


def find_entries(network: Network, highways: Highways) -> NDArray[np.bool_]:
    """Find the vertices where a car may enter or leave the highways.

    They touch a road without a name that may be entered, or are a junction of ``node.csv``.
    """
    found = np.zeros(highways.size, dtype=bool)
    entered = find_entered(highways)
    found[highways.tail[entered]] = True
    found[highways.head[entered]] = True
    node = network["node"]
    junction = node.loc[node["node_type"] == "road_junction", ["x_coord", "y_coord"]]
    if highways.size and len(junction):
        tree = cKDTree(np.column_stack((highways.x, highways.y)))
        away, nearest = tree.query(junction.to_numpy(dtype=np.float64))
        found[nearest[away <= SAME_PLACE_DEGREES]] = True
    return found
