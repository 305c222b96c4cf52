"""Residents for whom a city is within reach: the reading that asks people, not stations."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pandas as pd

from netlib.accessibility import share_residents
from netlib.errors import UnreachableError
from netlib.evidence import Variant, select_variant
from netlib.shapes import read_zone_shapes
from netlib.surfaces import AccessModel, compute_surface, surface_to_isochrones
from netlib.tables import Network
from netlib.travel_times import catchment

# The shortest travel times give the largest share, so the ends of the two ranges are swapped.
VARIANT_OF = {"low": "high", "central": "central", "high": "low"}


def measure_shares(
    network: Network, pairs: pd.DataFrame, *, threshold_minutes: float
) -> pd.DataFrame:
    """Measure the share of a zone's residents who reach the centre of another within a time.

    People set out from home, on foot or by taxi to a stop, and go on over the static graph, with
    expected waits where ``door_to_door`` counts real departures; those near enough go by taxi all
    the way.

    Parameters
    ----------
    pairs
        ``from_id``, the zone where people live, and ``to_id``, the zone whose centre they go to.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``low``, ``central`` and ``high`` (shares of 0 to 1; NaN where no
        counties of the zone are known).
    """
    shapes = read_zone_shapes(network)
    counties = shapes[shapes["level"] == "county"]
    columns: dict[str, list[float]] = {}
    for end in ("low", "central", "high"):
        areas = {
            place: reachable_area(network, place, threshold_minutes, VARIANT_OF[end])
            for place in pairs["to_id"].unique()
        }
        columns[end] = [
            share_residents(areas[b], counties[counties["parent_zone_id"] == a])
            for a, b in zip(pairs["from_id"], pairs["to_id"], strict=True)
        ]
    return pairs[["from_id", "to_id"]].assign(**columns)


@lru_cache(maxsize=32)
def reachable_area(network: Network, place: str, minutes: float, variant: Variant) -> Any:
    """Return the polygon from which the centre of ``place`` is reached within ``minutes``."""
    from shapely import Polygon

    access = AccessModel.from_network(select_variant(network, variant))
    try:
        stops = catchment(network, place, variant=variant)
        surface = compute_surface(stops, access=access, max_minutes=minutes)
    except UnreachableError:
        return Polygon()
    return surface_to_isochrones(surface, [minutes]).geometry.iloc[0]
