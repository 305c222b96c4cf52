"""The services of a network of one day, in the same tables as those of a GTFS feed.

`network_day`, `network_stops` and `network_transfers` are for a network what `select_day`,
`stops_table` and `transfers_table` of the modules beside it are for a feed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from netlib.calls import compute_calls, parse_clocks
from netlib.errors import DateError
from netlib.geometry import MINUTES_PER_HOUR, pair_near
from netlib.gtfs.feeds import (
    DAY_SECONDS,
    ServiceDay,
    find_last_arrivals,
    select_offset,
    start_at_zero,
)

if TYPE_CHECKING:
    from netlib.tables import Network


def network_day(network: Network) -> ServiceDay:
    """Return the trips of a network of one day.

    Running times carry the factor of their service, and ``timetable_drift_ratio`` outside the
    validity of their timetable. A network of one day stands for its neighbours as well: the same
    trains run on the next day, and on those before, of which the trips that run past midnight are
    there.

    Raises
    ------
    DateError
        If the network is of no day (`netlib.tables.Network.as_of`).
    """
    if network.day is None:
        raise DateError("the network is of all dates; choose a day with as_of")
    found = compute_calls(network.central)
    calls = pd.DataFrame(
        {
            "trip_id": found["trip_id"],
            "stop_id": found["stop_id"],
            "stop_sequence": found["stop_sequence"],
            **_scale_times(network, found),
            "pickup": found["pickup"],
            "drop_off": found["drop_off"],
        }
    )
    table = network["frequencies"]
    frequencies = pd.DataFrame(
        {
            "trip_id": table["trip_id"],
            "start": parse_clocks(table["start_time"]).astype("int64"),
            "end": parse_clocks(table["end_time"]).astype("int64"),
            "headway": np.rint(table["headway_secs"]).astype("int64"),
            "exact": table["exact_times"] == 1,
        }
    ).sort_values(["trip_id", "start"], ignore_index=True)
    calls = start_at_zero(calls, set(frequencies["trip_id"]))
    last = find_last_arrivals(calls, frequencies)
    trips = set(calls["trip_id"])
    earliest = min(-1, -int(last.max()) // DAY_SECONDS) if len(last) else -1
    parts = [select_offset(calls, trips, last, offset) for offset in range(earliest, 2)]
    frequencies = frequencies[frequencies["trip_id"].isin(trips)].reset_index(drop=True)
    return ServiceDay(pd.concat(parts, ignore_index=True), frequencies)


def _scale_times(network: Network, calls: pd.DataFrame) -> dict[str, pd.Series]:
    """Return arrivals and departures with the factors on the time since the first departure."""
    service = network["service"]
    ratios = dict(zip(service["service_id"], service["run_time_ratio"], strict=True))
    ratio = calls["service_id"].map(ratios)
    if network.drifting_services:
        drift = network.parameter("timetable_drift_ratio")
        ratio = ratio.where(~calls["service_id"].isin(network.drifting_services), ratio * drift)
    first = calls.groupby("trip_id", sort=False)["departure"].transform("first")
    return {
        name: (first + np.rint((calls[name] - first) * ratio)).astype("int64")
        for name in ("arrival", "departure")
    }


def network_stops(network: Network) -> pd.DataFrame:
    """Return the stops at which trips call.

    Returns
    -------
    DataFrame
        Columns as in `netlib.gtfs.transfers.stops_table`, and ``name_en`` and ``node_type``;
        ``min_transfer`` from ``rail_transfer_minutes`` or ``metro_transfer_minutes``.
    """
    node = network["node"]
    node = node[node["node_id"].isin(set(network["stop_times"]["stop_id"]))].sort_values("node_id")
    return pd.DataFrame(
        {
            "stop_id": node["node_id"],
            "name": node["name_zh"],
            "x_coord": node["x_coord"],
            "y_coord": node["y_coord"],
            "parent_station": pd.Series("", index=node.index, dtype=object),
            "min_transfer": _minutes_by_type(network, node["node_type"], "transfer") * 60,
            "name_en": node["name_en"],
            "node_type": node["node_type"],
        }
    ).reset_index(drop=True)


def _minutes_by_type(network: Network, node_type: pd.Series, what: str) -> np.ndarray:
    rail, metro = (network.parameter(f"{mode}_{what}_minutes") for mode in ("rail", "metro"))
    return np.where(node_type == "metro_station", metro, rail)


def network_transfers(network: Network) -> pd.DataFrame:
    """Compute the ways on foot between stops: out of the one, along the street, into the other.

    Returns
    -------
    DataFrame
        ``from_stop_id``, ``to_stop_id`` (str, distinct) and ``seconds`` (int64, rounded up), sorted
        by stops, for stops at most ``station_walk_link_km`` apart.
    """
    stops = network_stops(network)
    a, b, km = pair_near(stops, stops, network.parameter("station_walk_link_km"))
    apart = a != b
    a, b, km = a[apart], b[apart], km[apart]
    leave = _minutes_by_type(network, stops["node_type"], "exit")[a]
    enter = _minutes_by_type(network, stops["node_type"], "process")[b]
    speed = network.parameter("walk_speed_kmh") / network.parameter("walk_detour_ratio")
    minutes = leave + km / speed * MINUTES_PER_HOUR + enter
    ids = stops["stop_id"].to_numpy(dtype=object)
    # Rounded first, so that 4.1 minutes are 246 seconds and not, by a hair, 247.
    seconds = np.ceil(np.round(minutes * 60, 6)).astype(np.int64)
    frame = pd.DataFrame({"from_stop_id": ids[a], "to_stop_id": ids[b], "seconds": seconds})
    frame = frame.astype({"from_stop_id": object, "to_stop_id": object})
    return frame.sort_values(["from_stop_id", "to_stop_id"], ignore_index=True)
