"""Residents for whom a place is within reach: the reading that asks people, not stations.

The field of minutes to a centre, by rail from door to door or by car in the peak, whichever is
quicker, is read off where people live. It is the field that isochrones are drawn from, seen from
its other end, so that picture, share and verdict come from one computation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from netlib.areas import Field, merge_fields, spread
from netlib.areas.homes import read_homes
from netlib.evidence import VARIANTS, select_variant
from netlib.places import locate_places
from netlib.readings import find_reading
from netlib.roads.ground import build_ground, search_ground
from netlib.streets import Streets
from netlib.tables import Network
from netlib.times.drives import read_terminal_minutes
from netlib.times.journeys import ACCESS_MODES, DIRECT_MODES
from netlib.times.reach import reach_back
from netlib.times.table import BY_CAR, BY_RAIL

READING = "residents"


def measure_catchment(
    network: Network, place: str, *, limit_minutes: float, streets: Sequence[Streets] = ()
) -> Field:
    """Measure the minutes from everywhere to a place by the best way, within a limit.

    Parameters
    ----------
    network
        A network of one day, at one end of its ranges.
    place
        Id of a zone or a stop, or ``longitude,latitude``.
    limit_minutes
        Beyond which nothing counts.
    streets
        As in `netlib.times.travel_times`.
    """
    rail, car = (find_reading(network.root, name) for name in (BY_RAIL, BY_CAR))
    options: dict[str, Any] = {"limit_minutes": limit_minutes, "streets": streets}
    stops = reach_back(network, place, reading=rail, streets=streets, longest_minutes=limit_minutes)
    by_stops = spread(network, stops, modes=ACCESS_MODES, **options)
    door = locate_places(network, [place]).assign(by_road=True, minutes=0.0)
    on_foot = spread(network, door, modes=DIRECT_MODES, **options)
    peak = car.traffic == "peak"
    fixed = 2.0 * read_terminal_minutes(network, peak=peak)
    ground = build_ground(network, peak=peak)
    by_car = search_ground(ground, door.assign(minutes=fixed), limit_minutes=limit_minutes)
    return merge_fields(by_stops, on_foot, by_car)


def measure_shares(
    network: Network, pairs: pd.DataFrame, *, threshold_minutes: float
) -> pd.DataFrame:
    """Measure the share of a zone's residents who reach the centre of another within a time.

    Parameters
    ----------
    network
        A network of one day, at central figures.
    pairs
        ``from_id``, where people live, and ``to_id``, where they go.
    threshold_minutes
        From door to door.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``low``, ``central`` and ``high``: shares between 0 and 1, with all
        figures at the end that makes for long times, central, and at the other end; NaN for zones
        whose homes are not known.
    """
    homes = read_homes(network)
    table = pairs[["from_id", "to_id"]].reset_index(drop=True)
    # Long times make low shares.
    for variant, column in zip(VARIANTS, ("high", "central", "low"), strict=True):
        at_end = select_variant(network, variant)
        fields = {
            place: measure_catchment(at_end, str(place), limit_minutes=threshold_minutes)
            for place in table["to_id"].unique()
        }
        table[column] = [
            share_within(fields[there], select_homes(network, homes, home), threshold_minutes)
            for home, there in zip(table["from_id"], table["to_id"], strict=True)
        ]
    return table


def select_homes(network: Network, homes: pd.DataFrame, zone_id: str) -> pd.DataFrame:
    """Select the homes of a zone: its own and those of the zones within it."""
    zone = network["zone"]
    inside = {zone_id, *zone.loc[zone["parent_zone_id"] == zone_id, "zone_id"]}
    return homes[homes["zone_id"].isin(inside)]


def share_within(field: Field, homes: pd.DataFrame, minutes: float) -> float:
    """Return the share of the persons whose homes lie within ``minutes``; NaN without homes."""
    if homes.empty:
        return float("nan")
    near = field.at(homes["x_coord"].to_numpy(), homes["y_coord"].to_numpy()) <= minutes
    persons = homes["persons"].to_numpy(dtype=np.float64)
    return float(persons[near].sum() / persons.sum())
