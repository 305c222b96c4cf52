"""Stops of a feed and the ways on foot between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from netlib.geometry import GEOD, pair_near
from netlib.gtfs.checks import (
    BY_MINIMUM,
    IN_SEAT,
    NO_IN_SEAT,
    NOT_POSSIBLE,
    STOP,
    TIMED,
)
from netlib.gtfs.tables import UNKNOWN

if TYPE_CHECKING:
    from netlib.gtfs.feeds import Feed

# Least time for a change that the feed rules out (type 3 within one stop): longer than any journey
# of the two days around a departure, and small enough for sums of 32-bit seconds.
NEVER_SECONDS = 7 * 86_400


def stops_table(feed: Feed) -> pd.DataFrame:
    """Return the stops at which trips call.

    Returns
    -------
    DataFrame
        Sorted by stop_id: ``stop_id``, ``name`` (str), ``x_coord``, ``y_coord`` (degrees, WGS84),
        ``parent_station`` (str, empty when there is none) and ``min_transfer`` (float64, least
        seconds between two trips at this stop; NaN where the feed says nothing,
        `NEVER_SECONDS` where it rules a change out).
    """
    frame = feed["stops"]
    used = frame["stop_id"].isin(set(feed["stop_times"]["stop_id"]))
    frame = frame[used & (frame["location_type"] == STOP)].sort_values("stop_id")
    rules = _expand_rules(feed)
    rules = rules[rules["from_stop_id"] == rules["to_stop_id"]]
    kind, least = rules["transfer_type"], rules["min_transfer_time"]
    seconds = least.where((kind == BY_MINIMUM) & (least != UNKNOWN)).astype("float64")
    # Only where the second vehicle waits does a row without a time give one: none.
    seconds = seconds.mask(kind == TIMED, 0.0).mask(kind == NOT_POSSIBLE, NEVER_SECONDS)
    minimum = dict(zip(rules["from_stop_id"], seconds, strict=True))
    return pd.DataFrame(
        {
            "stop_id": frame["stop_id"],
            "name": frame["stop_name"],
            "x_coord": frame["stop_lon"],
            "y_coord": frame["stop_lat"],
            "parent_station": frame["parent_station"],
            "min_transfer": frame["stop_id"].map(minimum).astype("float64"),
        }
    ).reset_index(drop=True)


def transfers_table(
    feed: Feed, *, max_metres: float, speed_kmh: float, detour_ratio: float
) -> pd.DataFrame:
    """Compute the ways on foot between stops at which trips call.

    Stops of one station, and stops no more than ``max_metres`` apart, are joined at walking speed.
    What ``transfers.txt`` says comes before: its type 0 takes the time of the walk, type 1 none
    (the second vehicle waits), type 2 the time given there, and type 3 bars the way. A row on
    stations speaks of all their stops, unless there is one on the stops themselves. Rows on single
    routes or trips, types 4 and 5 among them, have no place in this table.

    Parameters
    ----------
    feed
        The feed.
    max_metres
        Longest geodesic distance between two stops.
    speed_kmh, detour_ratio
        Walking speed, and length of the way over the geodesic distance.

    Returns
    -------
    DataFrame
        ``from_stop_id``, ``to_stop_id`` (str, distinct) and ``seconds`` (float64, rounded up; NaN
        where the feed bars the way), sorted by stops: the form that
        `netlib.timetable.build_timetable` takes.
    """
    stops = stops_table(feed)
    a, b, _ = pair_near(stops, stops, max_metres / 1000)
    ids = stops["stop_id"].to_numpy(dtype=object)
    near = pd.DataFrame({"from_stop_id": ids[a], "to_stop_id": ids[b]})
    housed = stops.loc[stops["parent_station"] != "", ["stop_id", "parent_station"]]
    same = housed.merge(housed, on="parent_station", suffixes=("_a", "_b"))
    same = same.rename(columns={"stop_id_a": "from_stop_id", "stop_id_b": "to_stop_id"})
    pairs = pd.concat([near, same[["from_stop_id", "to_stop_id"]]], ignore_index=True)
    rules = _expand_rules(feed)
    pairs = pd.concat([pairs, rules[["from_stop_id", "to_stop_id"]]], ignore_index=True)
    pairs = pairs[pairs["from_stop_id"] != pairs["to_stop_id"]].drop_duplicates()
    pairs = pairs.merge(rules, on=["from_stop_id", "to_stop_id"], how="left")
    place = stops.set_index("stop_id")[["x_coord", "y_coord"]]
    tail, head = (place.reindex(pairs[f"{end}_stop_id"]).to_numpy() for end in ("from", "to"))
    metres = np.asarray(GEOD.inv(tail[:, 0], tail[:, 1], head[:, 0], head[:, 1])[2])
    walk = np.ceil(metres * detour_ratio / (speed_kmh / 3.6))
    kind, least = pairs["transfer_type"].to_numpy(), pairs["min_transfer_time"].to_numpy()
    seconds = np.where(kind == TIMED, 0.0, walk)
    seconds = np.where((kind == BY_MINIMUM) & (least != UNKNOWN), least, seconds)
    seconds = np.where(kind == NOT_POSSIBLE, np.nan, seconds)
    keys = ["from_stop_id", "to_stop_id"]
    result = pairs[keys].astype(object).assign(seconds=seconds.astype(np.float64))
    return result.sort_values(keys, ignore_index=True)


def _expand_rules(feed: Feed) -> pd.DataFrame:
    """Return the rows of transfers.txt on stops, those on stations spread over their stops."""
    frame = feed["transfers"]
    named = ["from_route_id", "to_route_id", "from_trip_id", "to_trip_id"]
    narrow = (frame[named] != "").any(axis=1)
    frame = frame[~narrow & ~frame["transfer_type"].isin((IN_SEAT, NO_IN_SEAT))]
    stops = feed["stops"]
    called = set(feed["stop_times"]["stop_id"])
    members = stops.loc[stops["stop_id"].isin(called), ["stop_id", "parent_station"]]
    itself = members.assign(place=members["stop_id"], rank=1)
    housed = members[members["parent_station"] != ""]
    housed = housed.assign(place=housed["parent_station"], rank=0)
    places = pd.concat([itself, housed], ignore_index=True)[["place", "stop_id", "rank"]]
    ends = frame
    for end in ("from", "to"):
        members = places.rename(columns={"stop_id": f"{end}_member", "rank": f"{end}_rank"})
        ends = ends.merge(members, left_on=f"{end}_stop_id", right_on="place").drop(columns="place")
    rank = ends["from_rank"] + ends["to_rank"]
    ends = ends.assign(from_stop_id=ends["from_member"], to_stop_id=ends["to_member"], rank=rank)
    keys = ["from_stop_id", "to_stop_id"]
    ends = ends.sort_values([*keys, "rank"], kind="stable").drop_duplicates(keys, keep="last")
    return ends[[*keys, "transfer_type", "min_transfer_time"]].reset_index(drop=True)
