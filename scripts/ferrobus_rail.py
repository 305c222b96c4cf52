"""Why ferrobus answers differently on the trains of 2016."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmark_porto import RIDES
from ferrobus_twin import NEVER, pack_trips, pack_walks, search
from netlib.timetable import Timetable, scans
from peer_differences import Step, find_equal, read_seconds, show_steps

# ferrobus rounds the way from a point to the street up to whole seconds.
STREET_SECONDS = 1
# One later and one earlier than ours, told with their legs.
CASES = ("资阳北", "汉口")


def explain_rail(
    table: Timetable,
    calls: pd.DataFrame,
    found: dict[str, NDArray[Any]],
    journeys: Any,
    *,
    origin: str,
    departure: int,
) -> None:
    """Explain the trains of 2016.

    Parameters
    ----------
    table, calls
        Ours, and what both were made from.
    found
        ``ours`` and ``theirs``: seconds from the origin to every stop of the table.
    journeys
        Asks ferrobus for the legs of its journey to a stop.
    """
    patterns = pack_trips(calls, pd.Index(table.stops))
    size = len(table.stops)
    none = pack_walks(np.full((size, size), NEVER), 0)
    place = table.stop_places[origin]

    def run(*, early_exit: bool, late_change: bool) -> NDArray[Any]:
        arrivals = search(
            patterns, none, size, place, departure, RIDES,
            early_exit=early_exit, late_change=late_change,
        )  # fmt: skip
        return read_seconds(np.where(arrivals < NEVER, arrivals - departure, np.nan))

    ours, theirs = read_seconds(found["ours"]), read_seconds(found["theirs"])
    plain = run(early_exit=False, late_change=False)
    assert np.array_equal(plain, ours, equal_nan=True), "rounds and connection scan differ"
    both = run(early_exit=True, late_change=True)
    early, late = (run(early_exit=e, late_change=not e) for e in (True, False))
    show_steps(
        f"ferrobus from {origin}",
        [
            Step("none", ours, theirs),
            Step("a station is reached when the train boarded there came in", early, theirs),
            Step("and who changes waits until the own train has left", both, theirs),
        ],
        tolerance_seconds=STREET_SECONDS,
    )
    differ = np.flatnonzero(~find_equal(Step("", ours, theirs), STREET_SECONDS))
    rows = []
    for stop in differ.tolist():
        name = str(table.stops[stop])
        legs = scans.trace_legs(table, {origin: 0}, departure, {name: 0}, max_rides=RIDES)
        rows.append(
            {
                "cause": _name_cause(theirs[stop], early[stop], late[stop], both[stop]),
                "later": not theirs[stop] < ours[stop],
                "their journey ends before it begins": ends_early(journeys(name)),
                "ours changes before its own train leaves": _changes_soon(calls, legs),
            }
        )
    classes = pd.DataFrame(rows).groupby(["cause", "later"]).sum()
    classes.insert(0, "pairs", pd.DataFrame(rows).groupby(["cause", "later"]).size())
    print("    " + classes.reset_index().to_string(index=False).replace("\n", "\n    "))
    for name in CASES:
        print(f"    {name}, ours:")
        legs = scans.trace_legs(table, {origin: 0}, departure, {name: 0}, max_rides=RIDES)
        for leg in legs[legs["kind"] == "ride"].to_dict("records"):
            print("     ", _tell(leg["trip_id"], leg["from_stop"], leg["departure"]), end=" ")
            print(f"to {leg['to_stop']} {_clock(leg['arrival'])}")
        print(f"    {name}, ferrobus:")
        for leg in journeys(name):
            if leg["leg_type"] == "transit":
                print(
                    "     ", _tell(leg["trip_id"], leg["from_name"], leg["departure_time"]), end=""
                )
                print(f" to {leg['to_name']} {_clock(leg['arrival_time'])}")


def read_legs(answer: Any) -> list[dict[str, Any]]:
    """Return the legs of a journey that ferrobus wrote as GeoJSON."""
    found = json.loads(answer) if isinstance(answer, str) else answer
    return [] if found is None else [feature["properties"] for feature in found["features"]]


def ends_early(legs: Sequence[dict[str, Any]]) -> bool:
    """Find whether a leg arrives before it departs, or departs before the last one arrived."""
    timed = [leg for leg in legs if "arrival_time" in leg and "departure_time" in leg]
    back = any(leg["arrival_time"] < leg["departure_time"] for leg in timed)
    pairs = pairwise(timed)
    return back or any(b["departure_time"] < a["arrival_time"] for a, b in pairs)


def _name_cause(theirs: float, early: float, late: float, both: float) -> str:
    def same(seconds: float) -> bool:
        known = not np.isnan(theirs) and abs(theirs - seconds) <= STREET_SECONDS
        return known or (np.isnan(theirs) and np.isnan(seconds))

    if not same(both):
        return "not explained"
    if same(early) == same(late):
        return "either" if same(early) else "both together"
    return "reached when the train came in" if same(early) else "waits until the own train left"


def _changes_soon(calls: pd.DataFrame, legs: pd.DataFrame) -> bool:
    """Find whether we change to a train that leaves before the one we came by."""
    rides = legs[legs["kind"] == "ride"].to_dict("records")
    leaves = calls.set_index(["trip_id", "stop_id"])["departure"]
    return any(
        b["departure"] < int(np.max(leaves.loc[(a["trip_id"], a["to_stop"])]))
        for a, b in pairwise(rides)
    )


def _tell(trip: str, stop: str, time: int) -> str:
    return f"{str(trip).partition('|')[0]} from {stop} {_clock(time)}"


def _clock(seconds: int) -> str:
    return f"{int(seconds) // 3600:02}:{int(seconds) // 60 % 60:02}"
