"""The lines of a network as drawn on a day: open, under construction or planned."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from netlib.dates import parse_days
from netlib.errors import UnknownNameError
from netlib.maps.style import HIGHLIGHT, MODES, STATES
from netlib.shapes import WGS84, read_line_shapes, read_link_segments, read_node_places

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from netlib.maps.basemap import View
    from netlib.tables import Network

# Left out of maps that are not local, where they are a blot.
LOCAL_MODES = ("metro", "expressway", "fast_road")
# Roads are the ground of maps wider than this, and drawn finer there by this factor.
NEAR_SPAN_METRES = 200_000.0
FAR_ROADS = 0.6
ROAD_MODES = ("expressway", "fast_road")
# Distance of the points by which names keep clear of lines, in points of the drawing.
POINT_SPACING = 4.0


class Drawn(NamedTuple):
    """What a drawing shows of lines.

    Attributes
    ----------
    modes, states
        For the legend.
    points
        Points along the main lines, float64 of shape (n, 2), in points of the drawing.
    """

    modes: set[str]
    states: set[str]
    points: NDArray[np.float64]


def draw_lines(
    axes: Axes, view: View, network: Network, *, highlight: Collection[str] = ()
) -> Drawn:
    """Draw the lines by mode and state.

    Parameters
    ----------
    axes, view, network
        Where, and what is open: see `line_states`.
    highlight
        ``line_id`` of lines that are underlaid in yellow and drawn whatever the scale.
    """
    import shapely
    from matplotlib.collections import LineCollection

    pieces = line_pieces(network)
    shown = pieces["mode"].isin(MODES)
    if not view.is_local:
        shown &= ~pieces["mode"].isin(LOCAL_MODES) | pieces["line_id"].isin(highlight)
    pieces = pieces[shown]
    if pieces.empty:
        return Drawn(set(), set(), np.empty((0, 2)))
    geometry = shapely.transform(pieces.geometry.to_numpy(), view.project, interleaved=False)
    inside = shapely.intersects(geometry, shapely.box(view.left, view.bottom, view.right, view.top))
    pieces, geometry = pieces[inside], geometry[inside]
    marked = pieces["line_id"].isin(highlight).to_numpy()
    axes.add_collection(
        LineCollection(
            _segments(geometry[marked]),
            colors=HIGHLIGHT,
            linewidths=6.5,
            capstyle="round",
            zorder=4.0,
        ),
        autolim=False,
    )
    drawn = pieces[["mode", "state"]].reset_index(drop=True)
    is_far = view.right - view.left > NEAR_SPAN_METRES
    for (mode, state), group in drawn.groupby(["mode", "state"]):
        look = MODES[mode]
        width = look.width * (FAR_ROADS if is_far and mode in ROAD_MODES else 1.0)
        axes.add_collection(
            LineCollection(
                _segments(geometry[group.index.to_numpy()]),
                colors=look.colour,
                linewidths=width if state == "open" else width * 0.85,
                linestyles=[STATES[state]],
                zorder=5.0 + look.width / 10,
            ),
            autolim=False,
        )
    major = geometry[marked | ~pieces["mode"].isin(LOCAL_MODES).to_numpy()]
    spaced = shapely.segmentize(major, POINT_SPACING * view.metres_per_point)
    points = shapely.get_coordinates(spaced) - (view.left, view.bottom)
    return Drawn(set(drawn["mode"]), set(drawn["state"]), points / view.metres_per_point)


@lru_cache(maxsize=4)
def line_pieces(network: Network) -> gpd.GeoDataFrame:
    """Cut the lines into pieces of one state on the network's day.

    Lines with surveyed geometry are one piece, others one straight piece per link. The last
    networks are kept, for a map is drawn once in each language.

    Returns
    -------
    GeoDataFrame
        ``line_id``, ``mode``, ``state`` (``open``, ``under_construction`` or ``planned``),
        ``geometry`` (WGS84).
    """
    import geopandas as gpd

    lines = read_line_shapes(network)
    links = read_link_segments(network)
    whole = lines[lines["surveyed"]]
    links = links[~links["line_id"].isin(whole["line_id"])]
    open_lines = set(network["link"]["line_id"])
    line = network["line"].set_index("line_id")
    pieces = pd.concat(
        [
            pd.DataFrame(
                {
                    "line_id": whole["line_id"],
                    "is_open": whole["line_id"].isin(open_lines),
                    "geometry": whole.geometry,
                }
            ),
            pd.DataFrame(links[["line_id", "is_open", "geometry"]]),
        ],
        ignore_index=True,
    )
    pieces = pieces[pieces["line_id"].isin(line.index)].reset_index(drop=True)
    pieces["mode"] = line["mode"].reindex(pieces["line_id"]).to_numpy()
    closed_state = line_states(network).reindex(pieces["line_id"]).to_numpy()
    operating = (line["status"] == "operating").reindex(pieces["line_id"]).to_numpy()
    is_open = pieces["is_open"].to_numpy(dtype=bool) & (operating | (network.day is not None))
    pieces["state"] = np.where(is_open, "open", closed_state)
    return gpd.GeoDataFrame(
        pieces[["line_id", "mode", "state"]], geometry=pieces["geometry"], crs=WGS84
    )


def line_states(network: Network) -> pd.Series:
    """Tell how far the parts of each line that are not open have come, by ``line_id``.

    On the network's day a line is ``under_construction`` once its construction has surely started;
    without a day, its status of today decides. Otherwise it is ``planned``.
    """
    line = network["line"]
    if network.day is None:
        started = line["status"] == "under_construction"
    else:
        started = parse_days(line["start_date"], end=True) <= pd.Timestamp(network.day)
    states = np.where(started, "under_construction", "planned")
    return pd.Series(states, index=line["line_id"])


class Subjects(NamedTuple):
    """Lines and stations that a map is about, by id."""

    lines: set[str]
    nodes: set[str]


def expand_parts(network: Network, ids: Collection[str]) -> Subjects:
    """Replace groups by their parts, however deep, and keep the groups too.

    A line wins over a station of the same id, except among the parts of a group of stations.

    Raises
    ------
    UnknownNameError
        If an id is neither a line nor a node; the nearest ids are named.
    """
    line = network["line"].drop_duplicates("line_id").set_index("line_id")
    nodes = read_node_places(network).index
    found = Subjects(set(), set())
    waiting = [(given, False) for given in ids]
    while waiting:
        current, of_station = waiting.pop()
        is_node = current in nodes and (of_station or current not in line.index)
        if not is_node and current not in line.index:
            raise UnknownNameError("line or station", current, [*line.index, *nodes])
        group = found.nodes if is_node else found.lines
        if current not in group and not is_node:
            is_station = str(line.loc[current, "mode"]) == "station"
            parts = str(line.loc[current, "parts"]).split(";")
            waiting += [(part, is_station) for part in parts if part]
        group.add(current)
    return found


def has_subject(network: Network, place: str) -> bool:
    """Tell whether a line or node is in the network."""
    return place in set(network["line"]["line_id"]) or place in read_node_places(network).index


def _segments(shapes: NDArray[np.object_]) -> Sequence[NDArray[np.float64]]:
    import shapely

    merged = shapely.line_merge(shapes) if len(shapes) else shapes
    return [shapely.get_coordinates(part) for part in shapely.get_parts(merged)]
