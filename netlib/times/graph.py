"""The weighted graph of a day for networkx: what is built, and what runs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from netlib.tables import Network
from netlib.times.rides import compute_factors, compute_rides, count_departures
from netlib.vehicles import KINDS

if TYPE_CHECKING:
    import networkx as nx

LINK, RIDE = "link", "ride"


def to_networkx(network: Network) -> nx.MultiDiGraph[str]:
    """Return the graph of a network of one day.

    Nodes are stations, stops, junctions and centres by ``node_id``, with ``name_zh``, ``name_en``,
    ``x`` and ``y`` (WGS84), ``node_type``, ``zone_id`` and ``open_date``. Edges are of two kinds:

    - ``kind="link"``, both ways, with the link's id as key: a stretch of a line, with ``minutes``
      (from start to stop on rails, in free flow on roads), ``km``, ``line_id``, ``mode``,
      ``open_date`` and ``close_date``;
    - ``kind="ride"``, with the kind of vehicle as key: what runs without a change from one stop to
      another, with ``minutes`` (aboard the fastest), ``trains`` (a day), ``trip_id`` of the fastest
      and ``mode`` (``rail``, ``metro`` or ``street``).

    The minutes of links do not add up to those of an express: for times use
    `netlib.times.travel_times`, for shapes, lengths and what hangs together the links.

    Parameters
    ----------
    network
        A network of one day.

    Examples
    --------
    >>> import networkx as nx
    >>> from netlib.tables import read_network
    >>> graph = to_networkx(read_network().as_of("2026-11-22"))
    >>> rails = graph.edge_subgraph(
    ...     edge for edge in graph.edges(keys=True) if graph.edges[edge].get("mode") == "hsr"
    ... )
    >>> round(nx.shortest_path_length(rails, "XVF", "ZAF", weight="km"))
    91
    """
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for row in network["node"].drop_duplicates("node_id").itertuples():
        graph.add_node(
            row.node_id,
            name_zh=row.name_zh,
            name_en=row.name_en,
            x=row.x_coord,
            y=row.y_coord,
            node_type=row.node_type,
            zone_id=row.zone_id,
            open_date=row.open_date,
        )
    modes = dict(zip(network["line"]["line_id"], network["line"]["mode"], strict=True))
    for row in network["link"].itertuples():
        for ends in ((row.from_node_id, row.to_node_id), (row.to_node_id, row.from_node_id)):
            graph.add_edge(
                *ends,
                key=row.link_id,
                kind=LINK,
                minutes=row.run_time_minutes,
                km=row.length_km,
                line_id=row.line_id,
                mode=modes.get(row.line_id, ""),
                open_date=row.open_date,
                close_date=row.close_date,
            )
    for row in list_rides(network).itertuples():
        graph.add_edge(
            row.start,
            row.end,
            key=row.mode,
            kind=RIDE,
            minutes=row.minutes,
            trains=row.trains,
            trip_id=row.trip_id,
            mode=row.mode,
        )
    return graph


def list_rides(network: Network) -> pd.DataFrame:
    """List the fastest direct ride between each two stops by kind of vehicle.

    Returns
    -------
    DataFrame
        ``start``, ``end``, ``mode``, ``minutes``, ``trains`` (departures a day) and ``trip_id``.
    """
    rides = compute_rides(network)
    table = pd.DataFrame(
        {
            "start": rides.stops[rides.start],
            "end": rides.stops[rides.end],
            "mode": np.array(KINDS, dtype=object)[rides.kind[rides.trip]],
            "minutes": rides.minutes * compute_factors(network, rides)[rides.trip],
            "trains": count_departures(network, rides)[rides.trip],
            "trip_id": rides.trips[rides.trip],
        }
    )
    keys = ["start", "end", "mode"]
    trains = table.groupby(keys)["trains"].sum()
    fastest = table.sort_values([*keys, "minutes", "trip_id"]).drop_duplicates(keys)
    return fastest.drop(columns="trains").merge(trains.reset_index(), on=keys)
