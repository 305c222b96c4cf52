"""The arms of a star of lines: stations in order, opening years and minutes, from the tables.

The data behind `netlib.maps.schematic`, apart from any drawing.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.errors import UnknownNameError, UnreachableError
from netlib.maps.linework import line_states
from netlib.times import travel_times

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import networkx as nx

    from netlib.tables import Network

# The group of lines whose arms are drawn unless another is named.
MI = "MI"
READING = "ride_fastest"
# Arms point to these directions, in degrees clockwise from north: the strokes of 米.
DIRECTIONS = tuple(range(0, 360, 45))


class Stop(NamedTuple):
    """A station of an arm.

    Attributes
    ----------
    node_id, name_zh, name_en
        The station.
    minutes
        Fastest direct ride from any station of the hub; NaN where there is none.
    is_city
        Whether it is the main station of a city of prefecture level.
    is_open
        Whether trains can call there on the network's day.
    """

    node_id: str
    name_zh: str
    name_en: str
    minutes: float
    is_city: bool
    is_open: bool


class Track(NamedTuple):
    """What joins two stops: the year when it opened, None if not known, and its state.

    ``state`` is ``open``, ``under_construction`` or ``planned``, as of the network's day.
    """

    year: int | None
    state: str


class Arm(NamedTuple):
    """An arm from the hub outwards.

    Attributes
    ----------
    line_id, name_zh, name_en
        The arm in the table of lines.
    direction
        Where it points on the drawing: one of `DIRECTIONS`.
    stops
        Stations in order; the first one is the hub's.
    tracks
        What joins each stop to the one before: one fewer than stops.
    """

    line_id: str
    name_zh: str
    name_en: str
    direction: int
    stops: tuple[Stop, ...]
    tracks: tuple[Track, ...]

    @property
    def is_open(self) -> bool:
        """Whether trains can run from the hub to the end."""
        return all(track.state == "open" for track in self.tracks)


class Run(NamedTuple):
    """Neighbouring tracks that opened in one year: positions of the first and last, the year."""

    first: int
    last: int
    year: int | None


def describe_arms(network: Network, hub: str, *, group: str = MI) -> list[Arm]:
    """Describe the arms of a group of lines, each the way from the hub to its far end.

    Parameters
    ----------
    network
        The network of a day (`Network.as_of`).
    hub
        ``zone_id`` of the place where all arms begin.
    group
        ``line_id`` of the group; each of its parts is an arm, which has parts itself or links.

    Returns
    -------
    list of Arm
        In the order of the group's parts; no two point to one direction.

    Raises
    ------
    UnknownNameError
        If the group is no line with parts, or a part is no line.
    UnreachableError
        If an arm has no link that begins in the hub.
    ValueError
        If the group has more parts than there are directions.
    """
    line = network["line"].drop_duplicates("line_id").set_index("line_id")
    groups = line.index[line["parts"] != ""]
    if group not in groups:
        raise UnknownNameError("group of lines", group, groups)
    parts = str(line.loc[group, "parts"]).split(";")
    for part in parts:
        if part not in line.index:
            raise UnknownNameError("line to be an arm", part, line.index)
    if len(parts) > len(DIRECTIONS):
        raise ValueError(f"{group} has {len(parts)} parts; a drawing has {len(DIRECTIONS)} arms")
    node = _all_rows(network, "node").drop_duplicates("node_id").set_index("node_id")
    link = _all_rows(network, "link")
    link = link[link["close_date"] == ""]
    own = {part: link[link["line_id"].isin(_expand_line(line, part))] for part in parts}
    inside = _hub_nodes(network, node, hub)
    routes = {part: find_route(own[part], inside) for part in parts}
    for part, route in routes.items():
        if not route:
            raise UnreachableError(f"{part} has no link that begins in {hub}; check its links")
    minutes = _ride_minutes(network, hub, {n for route in routes.values() for n in route[1:]})
    directions = choose_directions(_find_bearings(node, list(routes.values())))
    zone = network["zone"]
    cities = set(zone.loc[zone["level"] == "prefecture", "main_node_id"]) - {""}
    standing = set(network["node"]["node_id"])
    arms = []
    for part, direction in zip(parts, directions, strict=True):
        stops = tuple(
            Stop(
                name,
                str(node.loc[name, "name_zh"]),
                str(node.loc[name, "name_en"]),
                minutes.get(name, np.nan),
                name in cities,
                name in standing,
            )
            for name in routes[part]
        )
        tracks = _describe_tracks(network, own[part], routes[part])
        names = (str(line.loc[part, "name_zh"]), str(line.loc[part, "name_en"]))
        arms.append(Arm(part, *names, direction, stops, tracks))
    return arms


def find_route(link: pd.DataFrame, hub: Collection[str]) -> list[str]:
    """Find the way from a hub to the far end of an arm, by the minutes of its links.

    Parameters
    ----------
    link
        Links of the arm: ``from_node_id``, ``to_node_id``, ``run_time_minutes``.
    hub
        Nodes of the hub. Of several that lie on the arm the one farthest from its end is taken.

    Returns
    -------
    list of str
        ``node_id`` in order; empty where no link touches the hub.
    """
    import networkx as nx

    graph: nx.Graph[str] = nx.Graph()
    for row in link.to_dict("records"):
        graph.add_edge(
            row["from_node_id"], row["to_node_id"], minutes=float(row["run_time_minutes"])
        )
    best: tuple[float, list[str]] = (-1.0, [])
    for start in sorted(set(hub) & set(graph.nodes)):
        minutes, ways = nx.single_source_dijkstra(graph, start, weight="minutes")
        end = max(minutes, key=lambda name: (minutes[name], name))
        if minutes[end] > best[0]:
            best = minutes[end], ways[end]
    return best[1]


def choose_directions(bearings: Sequence[float]) -> list[int]:
    """Give each bearing a direction of its own, so that they turn as little as can be.

    The squares of the turns are summed, as in an assignment problem.

    >>> choose_directions([350.0, 40.0, 60.0])
    [0, 45, 90]
    """
    from scipy.optimize import linear_sum_assignment

    turn = np.subtract.outer(np.asarray(bearings, dtype=float), np.asarray(DIRECTIONS))
    turn = (turn + 180.0) % 360.0 - 180.0
    rows, columns = linear_sum_assignment(turn**2)
    return [DIRECTIONS[column] for _, column in sorted(zip(rows, columns, strict=True))]


def find_runs(tracks: Sequence[Track]) -> list[Run]:
    """Join neighbouring tracks that opened in one year.

    >>> [tuple(run) for run in find_runs([Track(2012, "open"), *[Track(2010, "open")] * 3])]
    [(0, 0, 2012), (1, 3, 2010)]
    """
    runs: list[Run] = []
    for position, track in enumerate(tracks):
        if runs and runs[-1].year == track.year:
            runs[-1] = runs[-1]._replace(last=position)
        else:
            runs.append(Run(position, position, track.year))
    return runs


def _all_rows(network: Network, table: str) -> pd.DataFrame:
    """Return a table with what is not open on the network's day."""
    return network.tables.get(f"reference_{table}", network[table])


def _expand_line(line: pd.DataFrame, line_id: str) -> list[str]:
    """Return the parts of a line, however deep, or the line itself."""
    parts = [part for part in str(line.loc[line_id, "parts"]).split(";") if part in line.index]
    return [each for part in parts for each in _expand_line(line, part)] if parts else [line_id]


def _hub_nodes(network: Network, node: pd.DataFrame, hub: str) -> set[str]:
    """Return the nodes that lie in a zone, or in the zones within it."""
    zone = network["zone"]
    inside = {hub, *zone.loc[zone["parent_zone_id"] == hub, "zone_id"]}
    return set(node.index[node["zone_id"].isin(inside)])


def _ride_minutes(network: Network, hub: str, nodes: set[str]) -> dict[str, float]:
    standing = sorted(nodes & set(network["node"]["node_id"]))
    times = travel_times(network, [hub], standing, reading=READING, ranges=False)
    return dict(zip(times["to_id"], times["travel_time_minutes"], strict=True))


def _find_bearings(node: pd.DataFrame, routes: Sequence[Sequence[str]]) -> list[float]:
    """Return the azimuth from the first to the last node of each route, in degrees."""
    from pyproj import Geod

    starts, ends = (node.loc[[route[end] for route in routes]] for end in (0, -1))
    azimuths: NDArray[np.float64] = Geod(ellps="WGS84").inv(
        starts["x_coord"].to_numpy(),
        starts["y_coord"].to_numpy(),
        ends["x_coord"].to_numpy(),
        ends["y_coord"].to_numpy(),
    )[0]
    return [float(azimuth) % 360.0 for azimuth in azimuths]


def _describe_tracks(
    network: Network, link: pd.DataFrame, route: Sequence[str]
) -> tuple[Track, ...]:
    states = line_states(network)
    standing = set(network["link"]["link_id"])
    ends = {
        frozenset((row["from_node_id"], row["to_node_id"])): row for row in link.to_dict("records")
    }
    tracks = []
    for pair in pairwise(route):
        row = ends[frozenset(pair)]
        opened = str(row["open_date"])[:4]
        is_open = row["link_id"] in standing
        state = "open" if is_open else str(states.loc[row["line_id"]])
        tracks.append(Track(int(opened) if opened.isdigit() else None, state))
    return tuple(tracks)
