"""A journey step by step, and the table of its legs with the evidence of every minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from netlib.places import format_name
from netlib.tables import Network
from netlib.units import format_clock

SECONDS_PER_MINUTE = 60.0
# Minutes are written with this many decimals; no figure here is known better than a tenth.
DECIMALS = 1
PARTS = ("access", "wait", "in_vehicle", "transfer", "egress")
# Which part of a journey the minutes of a step belong to.
PART_OF_KIND = {
    "access": "access",
    "process": "access",
    "ride": "in_vehicle",
    "drive": "in_vehicle",
    "transfer": "transfer",
    "walk": "transfer",
    "exit": "egress",
    "egress": "egress",
}
ABOARD = ("ride", "drive")
# Figures behind the ways between a door and a stop, by mode.
MODE_FIGURES = {
    "walk": ("walk_speed_kmh", "walk_detour_ratio"),
    "bus": ("bus_walk_minutes", "bus_headway_minutes", "bus_speed_kmh"),
    "taxi": ("taxi_wait_minutes", "urban_free_speed_kmh", "urban_peak_ratio"),
    "car": ("parking_minutes", "urban_free_speed_kmh", "urban_peak_ratio"),
}


@dataclass(frozen=True)
class Step:
    """One step of a journey.

    Attributes
    ----------
    kind
        ``access``, ``process``, ``ride``, ``transfer``, ``walk``, ``exit``, ``egress``, ``drive``.
    from_id, to_id
        Places, stops or nodes.
    minutes, wait
        All of the step, and the part of it that is waiting.
    mode
        Of access and egress: ``walk``, ``bus``, ``taxi`` or ``car``; of rides the kind of vehicle.
    trip_id
        Of rides; of drives the line of the road.
    departs
        Seconds after midnight when it begins, NaN where that is not known.
    gap
        Mean minutes between two departures, for rides without clock times.
    label
        What travellers call the vehicle or the road; '' for the name of the trip.
    evidence
        Keys ``table:row_id:field``; the usual ones of the kind where empty.
    """

    kind: str
    from_id: str
    to_id: str
    minutes: float
    wait: float = 0.0
    mode: str = ""
    trip_id: str = ""
    departs: float = np.nan
    gap: float = 0.0
    label: str = ""
    km: float = np.nan
    evidence: tuple[str, ...] = field(default=())


def sum_parts(steps: Sequence[Step]) -> dict[str, float]:
    """Sum the minutes of a journey by part, in the order of `PARTS`.

    The wait of a ride counts as wait, and what lies between two rides as transfer.
    """
    values = dict.fromkeys(PARTS, 0.0)
    rides = [place for place, step in enumerate(steps) if step.kind in ABOARD]
    for place, step in enumerate(steps):
        part = PART_OF_KIND[step.kind]
        if part in ("access", "egress") and rides and rides[0] < place < rides[-1]:
            part = "transfer"
        values["wait"] += step.wait
        values[part] += step.minutes - step.wait
    return values


def find_longest(steps: Sequence[Step]) -> Step | None:
    """Return the longest ride or drive of a journey; None where there is none."""
    aboard = [step for step in steps if step.kind in ABOARD]
    return max(aboard, key=lambda step: step.minutes - step.wait) if aboard else None


def find_gap(steps: Sequence[Step]) -> float:
    """Find the mean minutes between departures of the rarest ride without clock times, or NaN."""
    return max((step.gap for step in steps if step.gap > 0), default=np.nan)


def name_trip(network: Network, trip_id: str) -> str:
    """Return what passengers call a trip: its train number, its line, or the trip itself."""
    return network.trip_names.get(trip_id, trip_id)


def build_legs(network: Network, steps: Sequence[Step]) -> pd.DataFrame:
    """Turn steps into a table of legs: waits apart from rides, names, evidence.

    Returns
    -------
    DataFrame
        ``seq``, ``departs`` (HH:MM, empty where clock times are not known), ``kind`` (access,
        process, wait, ride, transfer, walk, exit, egress or drive), ``from_id``, ``from_zh``,
        ``from_en``, ``to_id``, ``to_zh``, ``to_en``, ``service``, ``minutes`` and ``evidence``:
        keys ``table:row_id:field`` joined by ``;``.
    """
    rows: list[dict[str, object]] = []
    clock = steps[0].departs if steps else np.nan
    for step in steps:
        # The clocks of vehicles are exact; those of walks are sums.
        if step.kind == "ride" and not np.isnan(step.departs):
            clock = step.departs - SECONDS_PER_MINUTE * step.wait
        for kind, minutes in (("wait", step.wait), (step.kind, step.minutes - step.wait)):
            if kind == "wait" and minutes <= 0:
                continue
            rows.append(_build_leg(network, step, kind, minutes, clock, len(rows) + 1))
            clock += SECONDS_PER_MINUTE * minutes
    return pd.DataFrame(rows)


def _build_leg(
    network: Network, step: Step, kind: str, minutes: float, clock: float, number: int
) -> dict[str, object]:
    """Build the row of a leg."""
    there = step.from_id if kind == "wait" else step.to_id
    ends = {"from": step.from_id, "to": there}
    names = {
        key: value
        for end, place in ends.items()
        for key, value in (
            (f"{end}_id", place),
            (f"{end}_zh", format_name(network, place, lang="zh")),
            (f"{end}_en", format_name(network, place, lang="en")),
        )
    }
    service = step.label or (name_trip(network, step.trip_id) if step.trip_id else step.mode)
    return {
        "seq": number,
        "departs": "" if np.isnan(clock) else format_clock(round(clock / 60) * 60)[:5],
        "kind": kind,
        **names,
        "service": service,
        "minutes": round(float(minutes), DECIMALS),
        "evidence": ";".join(step.evidence or list_evidence(network, step)),
    }


def list_evidence(network: Network, step: Step) -> list[str]:
    """Return the evidence keys ``table:row_id:field`` behind the minutes of a step."""
    if step.kind == "ride":
        return _list_ride_evidence(network, step)
    if step.kind in ("access", "egress"):
        return [f"parameter:{name}:value" for name in MODE_FIGURES.get(step.mode, ())]
    if step.kind == "walk":
        return [f"parameter:{name}:value" for name in MODE_FIGURES["walk"]]
    if step.mode in ("rail", "metro"):
        return [f"parameter:{step.mode}_{step.kind}_minutes:value"]
    return []


def _list_ride_evidence(network: Network, step: Step) -> list[str]:
    """Return the evidence keys of a ride: its service, its headways, the age of its timetable."""
    trips = network["trips"]
    services = trips.loc[trips["trip_id"] == step.trip_id, "service_id"]
    keys = [f"service:{name}:run_time_ratio" for name in services]
    # Rows as the files have them: an old timetable runs by count without a row of its own.
    rows = (network.whole or network)["frequencies"]
    rows = rows[rows["trip_id"] == step.trip_id]
    keys += [
        f"frequencies:{trip}@{start}:headway_secs"
        for trip, start in zip(rows["trip_id"], rows["start_time"], strict=True)
    ]
    if services.isin(network.drifting_services).any():
        keys.append("parameter:timetable_drift_ratio:value")
    return keys
