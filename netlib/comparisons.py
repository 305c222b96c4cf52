"""Two scenarios side by side: times, and what is reached."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from netlib.isochrones import compute_isochrones
from netlib.places import format_name
from netlib.readings import find_reading
from netlib.tables import Network
from netlib.times import measure_pairs
from netlib.times.steps import DECIMALS


def list_cities(network: Network) -> list[str]:
    """List the zones above counties that have a centre, to which times can be told."""
    zone = network["zone"]
    shown = (zone["level"] != "county") & (zone["centre_node_id"] != "")
    return zone.loc[shown, "zone_id"].tolist()


def compare_times(
    first: Network,
    second: Network,
    origin: str,
    destinations: Sequence[str] | None = None,
    *,
    reading: str = "door_to_door",
) -> pd.DataFrame:
    """Compare the times from a place on two networks of a day.

    Parameters
    ----------
    first, second
        Networks of a day, before and after.
    origin, destinations
        Places by id; all cities when no destinations are given.
    reading
        Of the minutes.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``to``, ``first``, ``second``, ``difference`` (central minutes;
        NaN when unreachable) and ``service`` on the second; rows that neither reaches are left out.
    """
    ids = list(destinations or list_cities(first))
    pairs = pd.DataFrame({"from_id": origin, "to_id": [place for place in ids if place != origin]})
    spec = find_reading(first.root, reading)
    tables = [
        measure_pairs(network, pairs, reading=spec, ranges=False)[0] for network in (first, second)
    ]
    table = pairs.assign(to=[format_name(first, place) for place in pairs["to_id"]])
    table["first"] = tables[0]["travel_time_minutes"].to_numpy()
    table["second"] = tables[1]["travel_time_minutes"].to_numpy()
    table["difference"] = (table["second"] - table["first"]).round(DECIMALS)
    table["service"] = tables[1]["service"].to_numpy()
    return table.dropna(subset=["first", "second"], how="all").reset_index(drop=True)


def compare_reach(
    first: Network,
    second: Network,
    origin: str,
    cutoffs: Sequence[float],
    *,
    reading: str = "door_to_door",
) -> pd.DataFrame:
    """Compare area and residents reached from a place under a reading.

    Returns
    -------
    DataFrame
        ``scenario``, ``cutoff_minutes``, ``area_km2`` and ``residents``.
    """
    frames = [
        compute_isochrones(network, origin, cutoffs, reading=reading) for network in (first, second)
    ]
    columns = ["scenario", "cutoff_minutes", "area_km2", "residents"]
    table = pd.concat([pd.DataFrame(frame[columns]) for frame in frames], ignore_index=True)
    return table.round({"area_km2": 0, "residents": 0})
