"""The services of a network as one table of calls, out of its GTFS tables."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from netlib.tables import Network

# What GTFS writes where nobody may board or alight.
BARRED = 1
ALLOWED = {"pickup_type": "pickup", "drop_off_type": "drop_off"}
SECONDS = {"arrival_time": "arrival", "departure_time": "departure"}


def parse_clocks(texts: pd.Series) -> pd.Series:
    """Read a column of GTFS times of day; hours past 24 are kept.

    Parameters
    ----------
    texts
        Times as ``HH:MM:SS`` or ``H:MM:SS``.

    Returns
    -------
    Series of float64
        Seconds after midnight of the service day; NaN where the text is no time of day.

    Examples
    --------
    >>> parse_clocks(pd.Series(["07:05:00", "25:10:00", "7 am"])).tolist()
    [25500.0, 90600.0, nan]
    """
    known = pd.Series(texts.unique(), dtype=object)
    parts = known.astype(str).str.extract(r"^(\d{1,3}):([0-5]\d):([0-5]\d)$").astype("float64")
    seconds = parts[0] * 3600 + parts[1] * 60 + parts[2]
    read = dict(zip(known, seconds, strict=True))
    return texts.map(read).astype("float64")


@lru_cache(maxsize=4)
def compute_calls(network: Network) -> pd.DataFrame:
    """Compute the calls of all trips: one row for every stop of every trip, in order.

    The same for every variant, so pass `Network.central`; the result is shared, not to be changed.

    Stop times without a trip, and trips without a service, are left out; `netlib.checks` lists
    them.

    Returns
    -------
    DataFrame
        Sorted by trip_id and stop_sequence: ``trip_id``, ``stop_sequence`` (int64), ``stop_id``,
        ``arrival`` and ``departure`` (int64, seconds after midnight of the service day; elapsed
        seconds for the trips of frequencies.txt that start at 00:00:00), ``pickup`` and
        ``drop_off`` (bool, whether one may board and alight), ``route_id``,
        ``service_id``, ``kind`` (of the service) and ``region``.
    """
    stops = network["stop_times"]
    calls = stops[["trip_id", "stop_sequence", "stop_id", "region"]].copy()
    for column, name in ALLOWED.items():
        calls[name] = stops[column] != BARRED
    for column, name in SECONDS.items():
        calls[name] = parse_clocks(stops[column])
    calls = calls.dropna(subset=["stop_sequence", "arrival", "departure"])
    counts = ["stop_sequence", "arrival", "departure"]
    calls = calls.astype(dict.fromkeys(counts, "int64"))
    trips = network["trips"][["trip_id", "route_id", "service_id"]]
    services = network["service"][["service_id", "kind"]]
    calls = calls.merge(trips, on="trip_id").merge(services, on="service_id")
    calls = calls.sort_values(["trip_id", "stop_sequence"], kind="stable", ignore_index=True)
    columns = ["trip_id", "stop_sequence", "stop_id", "arrival", "departure", *ALLOWED.values()]
    return calls[[*columns, "route_id", "service_id", "kind", "region"]]
