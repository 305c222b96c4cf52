"""Doors in a region: the trains of a day, with streets at the ends that have them.

A door and a stop of one extract are joined over its streets, with every mode; other pairs by the
straight line times a detour factor, on foot or by taxi, as everywhere without streets. Between the
centres of cities one's own car on the highways competes as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from netlib.readings import departure_window, find_reading
from netlib.doors.access import COLUMNS, SECONDS_PER_MINUTE, VARIANTS, Toward, measure_access
from netlib.doors.journeys import measure_doors
from netlib.doors.modes import ACCESS_MODES, EGRESS_MODES, STREETS_OF, limit_lines
from netlib.doors.surfaces import find_coverage
from netlib.drives import measure_drives
from netlib.errors import NetlibError
from netlib.evidence import select_variant
from netlib.graph import GEOD
from netlib.journeys import DRAWS
from netlib.places import find_place
from netlib.streets import Streets
from netlib.surfaces import METRES_PER_KM, WALK_ONLY, AccessModel
from netlib.tables import Network
from netlib.timetable.network import build_network_timetable, compute_entries, compute_exits

READING = "door_to_door"
MINUTES_OF = dict(zip(VARIANTS, ("low", "minutes", "high"), strict=True))
_PLACE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*")


def locate_doors(network: Network, texts: Iterable[str]) -> pd.DataFrame:
    """Locate doors given as ``longitude,latitude``, or by the name or id of a city or station.

    Returns
    -------
    DataFrame
        ``point_id`` (the text, or the id of the place), ``x_coord`` and ``y_coord``, each once.

    Raises
    ------
    UnknownNameError
        If nothing carries a name.
    NetlibError
        If coordinates are not on the globe, or a zone has no centre.
    """
    zone, node = network["zone"], network["node"].drop_duplicates("node_id")
    centres = dict(zip(zone["zone_id"], zone["centre_node_id"], strict=True))
    places = node.set_index("node_id")[["x_coord", "y_coord"]]
    rows = []
    for text in texts:
        found = _PLACE.fullmatch(text)
        if found:
            x, y = float(found[1]), float(found[2])
            if abs(x) > 180 or abs(y) > 90:
                raise NetlibError(f"{text} is not on the globe; give longitude,latitude")
            rows.append((text.strip(), x, y))
            continue
        place = find_place(network, text)
        stands_at = centres.get(place, place)
        if stands_at not in places.index:
            raise NetlibError(f"{text} ({place}) has no centre; give longitude,latitude")
        rows.append((place, places["x_coord"][stands_at], places["y_coord"][stands_at]))
    table = pd.DataFrame(rows, columns=["point_id", "x_coord", "y_coord"])
    return table.drop_duplicates("point_id", ignore_index=True)


def measure_region(
    network: Network,
    streets: Sequence[Streets],
    origins: pd.DataFrame,
    destinations: pd.DataFrame,
    **options: Any,
) -> pd.DataFrame:
    """Measure times between doors over streets, trains and metros of a day.

    Parameters
    ----------
    network
        A network of one day.
    streets
        Any number of extracts.
    origins, destinations
        As from `locate_doors`.
    options
        ``step``, ``max_rides``, ``draws`` and others of `netlib.doors.journeys.measure_doors`.

    Returns
    -------
    DataFrame
        As from `netlib.doors.journeys.measure_doors`, over the departure window of `READING`;
        ``low`` and ``high`` are the ends over all figures. ``from_streets`` and ``to_streets`` name
        the streets that each end has ('' for straight lines only).

    Raises
    ------
    InputError
        If a door inside an extract is too far from its streets.
    """
    window = departure_window(find_reading(network.root, READING))
    stops = list_stops(network)
    goals = destinations.rename(columns={"point_id": "stop_id"}).assign(by_road=True)
    access = measure_ways(network, streets, origins, stops, modes=ACCESS_MODES)
    egress = measure_ways(
        network, streets, destinations, stops, modes=EGRESS_MODES, toward="points"
    )
    direct = measure_ways(network, streets, origins, goals, modes=ACCESS_MODES)
    direct = pd.concat([direct, measure_cars(network, origins, destinations)], ignore_index=True)
    tables = []
    for variant in VARIANTS:
        at_end = select_variant(network, variant)
        column = MINUTES_OF[variant]
        exits = compute_exits(at_end)
        exits = exits[exits["point_id"].str.endswith("|left|")]
        exits = exits.assign(node_id=exits["point_id"].str.split("|").str[0])
        tables.append(
            measure_doors(
                build_network_timetable(at_end),
                join_platforms(access, compute_entries(at_end), column),
                join_platforms(egress, exits[["node_id", "stop_id", "seconds"]], column),
                window,
                direct=direct.assign(minutes=direct[column]),
                ranges=False,
                **options,
            )
        )
    minutes = np.column_stack([merge_minutes(tables[1], table) for table in tables])
    ends = np.fmin.reduce(minutes, axis=1), np.max(minutes, axis=1)
    table = tables[1]
    table.insert(2, "low", ends[0])
    table.insert(4, "high", ends[1])
    known = pd.concat([origins, destinations]).drop_duplicates("point_id")
    names = name_streets(streets, known)
    return table.assign(
        from_streets=table["from_id"].map(names), to_streets=table["to_id"].map(names)
    )


def measure_places(
    network: Network,
    streets: Sequence[Streets],
    origins: Iterable[str],
    destinations: Iterable[str],
) -> pd.DataFrame:
    """Measure times between places by name, with as many draws as verdicts have.

    Parameters
    ----------
    network
        A network of one day.
    streets
        Any number of extracts.
    origins, destinations
        As for `locate_doors`.

    Returns
    -------
    DataFrame
        As from `measure_region`, minutes not rounded.

    Raises
    ------
    UnknownNameError
        If nothing carries a name.
    NetlibError
        As from `locate_doors` and `measure_region`.
    """
    ends = (locate_doors(network, names) for names in (origins, destinations))
    return measure_region(network, streets, *ends, draws=DRAWS)


def measure_cars(
    network: Network, origins: pd.DataFrame, destinations: pd.DataFrame
) -> pd.DataFrame:
    """Measure drives between the centres of cities in the morning peak, as ways without a ride.

    Parameters
    ----------
    origins, destinations
        As from `locate_doors`; those that are no zones take no part.

    Returns
    -------
    DataFrame
        As from `netlib.doors.access.measure_access`, with the destination as ``stop_id``, the mode
        ``car`` and ``off_network_m`` NaN; pairs without a road are left out.
    """
    zones = set(network["zone"]["zone_id"])
    pairs = origins[["point_id"]].merge(destinations[["point_id"]], how="cross")
    pairs = pairs.set_axis(["from_id", "to_id"], axis=1)
    between = pairs["from_id"].isin(zones) & pairs["to_id"].isin(zones)
    pairs = pairs[between & (pairs["from_id"] != pairs["to_id"])].reset_index(drop=True)
    columns = {}
    for variant in VARIANTS:
        table, _ = measure_drives(select_variant(network, variant), pairs, peak=True)
        columns[MINUTES_OF[variant]] = table["minutes"].to_numpy(dtype=np.float64)
    ways = pairs.set_axis(["point_id", "stop_id"], axis=1)
    ways = ways.assign(mode="car", off_network_m=np.nan, **columns)
    known = ways["minutes"].notna()
    return ways.loc[known, list(COLUMNS)]


def list_stops(network: Network) -> pd.DataFrame:
    """List the stops of a day: ``stop_id`` (a node), ``x_coord``, ``y_coord`` and ``by_road``."""
    node = network["node"].drop_duplicates("node_id")
    node = node[node["node_id"].isin(compute_entries(network)["node_id"])]
    return pd.DataFrame(
        {
            "stop_id": node["node_id"].to_numpy(),
            "x_coord": node["x_coord"].to_numpy(),
            "y_coord": node["y_coord"].to_numpy(),
            "by_road": ~node["node_type"].isin(WALK_ONLY).to_numpy(),
        }
    )


def join_platforms(ways: pd.DataFrame, platforms: pd.DataFrame, column: str) -> pd.DataFrame:
    """Join ways to the streets at stops with the ways between there and the platforms.

    Parameters
    ----------
    ways
        As from `measure_ways`, with nodes as ``stop_id``.
    platforms
        ``node_id``, ``stop_id`` (of the timetable) and ``seconds`` between the two.
    column
        Minutes of ``ways`` to count: ``low``, ``minutes`` or ``high``.

    Returns
    -------
    DataFrame
        ``point_id``, ``node_id``, ``mode``, ``minutes`` of the whole way, and the columns of
        ``platforms``.
    """
    street = ways.rename(columns={"stop_id": "node_id"})
    street = street.assign(minutes=street[column])[["point_id", "node_id", "mode", "minutes"]]
    joined = street.merge(platforms, on="node_id")
    return joined.assign(minutes=joined["minutes"] + joined["seconds"] / SECONDS_PER_MINUTE)


def merge_minutes(like: pd.DataFrame, table: pd.DataFrame) -> np.ndarray:
    """Return the minutes of a table in the order of another's pairs: float64, NaN where none."""
    keys = ["from_id", "to_id"]
    merged = like[keys].merge(table, on=keys, how="left")
    return merged["travel_time_minutes"].to_numpy(dtype=np.float64)


def name_streets(streets: Sequence[Streets], points: pd.DataFrame) -> dict[str, str]:
    """Name the streets that each point has, such as ``drive, walk``."""
    has = {extract: find_inside(extract, points) for extract in streets}
    return {
        str(point): ", ".join(sorted({s.mode for s, inside in has.items() if inside[row]}))
        for row, point in enumerate(points["point_id"])
    }


def find_inside(streets: Streets, table: pd.DataFrame) -> np.ndarray:
    """Find which places lie in the area that an extract covers: bool (places)."""
    import shapely

    return np.asarray(
        shapely.contains_xy(find_coverage(streets), table["x_coord"], table["y_coord"])
    )


def measure_ways(
    network: Network,
    streets: Sequence[Streets],
    points: pd.DataFrame,
    stops: pd.DataFrame,
    *,
    modes: Sequence[str],
    toward: Toward = "stops",
) -> pd.DataFrame:
    """Measure ways over the streets of each extract, and in straight lines between all others.

    Returns
    -------
    DataFrame
        As from `netlib.doors.access.measure_access`; ``off_network_m`` is NaN for straight lines.
    """
    parts = []
    joined = {mode: np.zeros((len(points), len(stops)), dtype=bool) for mode in ("walk", "drive")}
    for extract in streets:
        names = [name for name in modes if STREETS_OF[name] == extract.mode]
        here, there = find_inside(extract, points), find_inside(extract, stops)
        if not (names and here.any() and there.any()):
            continue
        joined[extract.mode] |= here[:, None] & there
        parts.append(
            measure_access(
                *(network, {extract.mode: extract}, points[here], stops[there]),
                modes=names,
                toward=toward,
            )
        )
    parts.append(measure_lines(network, points, stops, joined))
    return pd.concat([part for part in parts if len(part)] or parts[-1:], ignore_index=True)


def measure_lines(
    network: Network, points: pd.DataFrame, stops: pd.DataFrame, joined: dict[str, np.ndarray]
) -> pd.DataFrame:
    """Measure straight lines times a detour factor, on foot and by taxi.

    Parameters
    ----------
    joined
        bool (points, stops) by ``walk`` and ``drive``: pairs that streets join; they have no lines.

    Returns
    -------
    DataFrame
        As from `netlib.doors.access.measure_access`; ``off_network_m`` is NaN.
    """
    x, y = (np.meshgrid(points[c], stops[c], indexing="ij") for c in ("x_coord", "y_coord"))
    km = np.asarray(GEOD.inv(x[0], y[0], x[1], y[1])[2]) / METRES_PER_KM
    by_road = stops["by_road"].to_numpy(dtype=bool)
    parts = []
    for name, barred in (
        ("walk", joined["walk"]),
        ("taxi", joined["drive"] | ~by_road),
    ):
        ends = [
            limit_lines(AccessModel.from_network(select_variant(network, variant)), name).minutes(
                km
            )
            for variant in VARIANTS
        ]
        a, b = np.nonzero(np.isfinite(ends[1]) & ~barred)
        low, central, high = (end[a, b] for end in ends)
        columns = (
            points["point_id"].to_numpy(dtype=object)[a],
            stops["stop_id"].to_numpy(dtype=object)[b],
            np.full(len(a), name, dtype=object),
            low,
            central,
            np.where(np.isfinite(high), high, np.nan),
            np.full(len(a), np.nan),
        )
        parts.append(pd.DataFrame(dict(zip(COLUMNS, columns, strict=True))))
    return pd.concat(parts, ignore_index=True)
