"""The one origin-destination table: travel times between places under a reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from netlib.coverage import choose_epochs, select_epoch
from netlib.errors import UnreachableError
from netlib.evidence import VARIANTS, select_variant
from netlib.places import find_places, find_zones, format_name, locate_places
from netlib.readings import Reading, find_reading, parse_window
from netlib.streets import Streets
from netlib.tables import Network
from netlib.times.commutes import measure_commutes
from netlib.times.drives import measure_drives, trace_drives
from netlib.times.journeys import Steps, measure_journeys
from netlib.times.rides import measure_rides
from netlib.times.steps import (
    DECIMALS,
    PARTS,
    Step,
    build_legs,
    find_gap,
    find_longest,
    name_trip,
    sum_parts,
)

PAIR = ["from_id", "to_id"]
# What is known of pairs of which a place lies in no zone: the timetables nearest to the day serve.
NOT_ASKED = {
    "epoch": "",
    "age_days": 0,
    "trains_held": 0,
    "trains_least": 0,
    "complete": True,
    "changed": False,
}
# What is known of the trains behind a time: the timetable of the day itself; that of another day;
# one that lacks trains, so that a fastest ride may be shorter; or none.
EXACT, NEAREST, UPPER_BOUND, UNKNOWN = "exact", "nearest", "upper_bound", "unknown"
# What a reading of the best way chooses from.
BY_RAIL, BY_CAR = "door_to_door", "drive_peak"
SHARES = ("p05", "p50", "p95")


def travel_times(
    network: Network,
    origins: str | Sequence[str],
    destinations: str | Sequence[str],
    *,
    reading: str | Reading = "door_to_door",
    window: tuple[str, str] | None = None,
    streets: Sequence[Streets] = (),
    ranges: bool = True,
) -> pd.DataFrame:
    """Compute travel times between all origins and destinations under one reading.

    Parameters
    ----------
    network
        A network of one day (`Network.as_of`).
    origins, destinations
        One place or several: ids or names of zones and stations, or ``longitude,latitude``.
    reading
        Name of a reading in ``definitions.toml``, or a `Reading` of one's own.
    window
        Times of day between which people leave, such as ``("12:00", "14:00")``; those of the
        reading when not given.
    streets
        Extracts that doors and stops are joined over, where they have any.
    ranges
        Whether ``low`` and ``high`` are wanted; they take as long again each.

    Returns
    -------
    DataFrame
        One row per pair of distinct places, in the order given: ``from_id``, ``to_id``, ``low``,
        ``travel_time_minutes``, ``high`` (minutes; NaN when unreachable), ``access``, ``wait``,
        ``in_vehicle``, ``transfer``, ``egress`` (central minutes by part), ``service`` (train,
        line or road of the longest ride) and ``kind`` of that service; of journeys also
        ``travel_time_p05``, ``_p50`` and ``_p95``, the minutes within which that share of the
        minutes of the window arrives, and ``gap_minutes``, the mean minutes between departures
        worth taking; and of all that depend on trains ``timetable`` (the day of the timetable
        used), ``age_days`` (from it to the network's day), ``trains_held``, ``trains_least``
        (direct trains a day in it, and at least as many as ran) and ``known``: `EXACT`, `NEAREST`,
        `UPPER_BOUND` or `UNKNOWN`.

    Raises
    ------
    UnknownNameError
        If the reading is not defined, or nothing carries a name; the nearest are listed.

    Examples
    --------
    >>> from netlib.tables import read_network
    >>> day = read_network().as_of("2026-11-22")
    >>> table = travel_times(day, "Xuchang", ["Zhengzhou"], reading="ride_main")
    >>> table[["from_id", "to_id", "travel_time_minutes"]]
      from_id   to_id  travel_time_minutes
    0  411000  410100                 22.0
    """
    froms, tos = find_places(network, origins), find_places(network, destinations)
    pairs = pd.DataFrame([(a, b) for a in froms for b in tos if a != b], columns=PAIR)
    spec = choose_reading(network, reading, window)
    return measure_pairs(network, pairs, reading=spec, streets=streets, ranges=ranges)[0]


def choose_reading(
    network: Network, reading: str | Reading, window: tuple[str, str] | None = None
) -> Reading:
    """Return a reading by its name, or itself, with another window where one is given."""
    spec = find_reading(network.root, reading) if isinstance(reading, str) else reading
    return spec if window is None else replace(spec, window=parse_window(window))


def measure_pairs(
    network: Network,
    pairs: pd.DataFrame,
    *,
    reading: Reading,
    streets: Sequence[Streets] = (),
    ranges: bool = True,
    legs: bool = True,
) -> tuple[pd.DataFrame, Steps]:
    """Measure the given pairs as `travel_times` does, and keep the central journeys.

    Parameters
    ----------
    pairs
        ``from_id`` and ``to_id``, without doubles.
    legs
        Whether the steps are wanted; without them the parts are NaN.

    Returns
    -------
    table, steps
        The table of `travel_times`, and the steps of each reachable pair for `build_legs`.
    """
    tables: list[pd.DataFrame] = []
    steps: Steps = {}
    for day, group, known in split_by_timetable(network, pairs, reading):
        table, found = _measure(day, group, reading, streets=streets, ranges=ranges, legs=legs)
        table = table.assign(**known)
        if "changed" in table:
            table = _doubt_changed(table, str(network.day))
        tables.append(table)
        steps |= found
    if not tables:
        return pairs[PAIR].assign(low=[], travel_time_minutes=[], high=[]), steps
    return pd.concat(tables).reindex(pairs.index), steps


def _doubt_changed(table: pd.DataFrame, day: str) -> pd.DataFrame:
    """Say of each time of a day whether other trains may be faster; ``changed`` is dropped.

    A line of the pair that opened since the timetable, or before it, makes its trains others than
    those of the day; only a service that is modelled on that line stands for them.
    """
    is_lost = table["travel_time_minutes"].isna()
    is_other = table["changed"].to_numpy(dtype=bool) & (table["kind"] != "modelled")
    # A timetable that lacks trains and has none for a pair says nothing about it.
    is_silent = is_lost & ((table["known"] == UPPER_BOUND) | is_other)
    is_bound = is_other & (table["timetable"] < day)
    known = table["known"].mask(is_bound, UPPER_BOUND).mask(is_silent, UNKNOWN)
    return table.assign(known=known).drop(columns="changed")


def split_by_timetable(
    network: Network, pairs: pd.DataFrame, reading: Reading
) -> Iterator[tuple[Network, pd.DataFrame, dict[str, Any]]]:
    """Split pairs by the timetable that knows them best, each with the network that has it.

    Yields
    ------
    network, pairs, known
        The network of the day with that timetable, the pairs, and their columns from ``timetable``
        to ``known`` of `travel_times`.
    """
    if not reading.has_trains:
        if len(pairs):
            yield network, pairs, {}
        return
    zones = find_zones(network, [*pairs["from_id"], *pairs["to_id"]])
    between = [(zones[a], zones[b]) for a, b in zip(pairs["from_id"], pairs["to_id"], strict=True)]
    known_of = {pair: None for pair in between if all(pair)}
    table = choose_epochs(network, list(known_of))
    found = dict(zip(known_of, table.to_dict("records"), strict=True))
    rows_of = [found.get(pair, NOT_ASKED) for pair in between]
    choice = pd.DataFrame(rows_of, columns=list(NOT_ASKED), index=pairs.index)
    for epoch, rows in choice.groupby("epoch", sort=False):
        day = select_epoch(network, str(epoch)) if epoch else network
        known = {
            "timetable": str(epoch),
            "age_days": rows["age_days"],
            "trains_held": rows["trains_held"],
            "trains_least": rows["trains_least"],
            "changed": rows["changed"],
        }
        if not epoch and day.snapshot and day.day:
            # Nobody knows better than the timetables nearest to the day.
            is_served = rows["complete"].to_numpy(dtype=bool)
            age = abs((day.day - date.fromisoformat(day.snapshot)).days)
            known["timetable"] = np.where(is_served, day.snapshot, "")
            known["age_days"] = rows["age_days"].mask(is_served, age)
        state = np.where(
            ~rows["complete"].to_numpy(dtype=bool),
            UPPER_BOUND,
            EXACT if day.exact_timetable else NEAREST,
        )
        yield day, pairs.loc[rows.index], {**known, "known": state}


def _measure(
    network: Network,
    pairs: pd.DataFrame,
    reading: Reading,
    *,
    streets: Sequence[Streets],
    ranges: bool,
    legs: bool,
) -> tuple[pd.DataFrame, Steps]:
    """Measure pairs on one timetable: the columns of `travel_times` up to ``gap_minutes``."""
    points = locate_ends(network, pairs, reading)
    table, steps = measure_variant(network, pairs, points, reading, streets=streets, legs=legs)
    minutes = [table["minutes"]]
    if ranges:
        minutes = [
            table["minutes"]
            if variant == "central"
            else measure_variant(
                select_variant(network, variant), pairs, points, reading, streets=streets
            )[0]["minutes"]
            for variant in VARIANTS
        ]
    low, high = find_range(minutes)
    result = pairs[PAIR].assign(low=low, travel_time_minutes=table["minutes"], high=high)
    result = pd.concat([result, describe_steps(network, pairs, steps)], axis=1)
    for share in SHARES:
        if share in table:
            result[f"travel_time_{share}"] = table[share]
    if "gap_minutes" in table:
        names = zip(pairs["from_id"], pairs["to_id"], strict=True)
        by_count = pd.Series([find_gap(steps.get(pair, [])) for pair in names], index=pairs.index)
        result["gap_minutes"] = table["gap_minutes"].fillna(by_count)
    if "way" in table:
        result["way"] = table["way"]
    rounded = [str(name) for name in result if pd.api.types.is_float_dtype(result[name])]
    return result.assign(**{name: result[name].round(DECIMALS) for name in rounded}), steps


def locate_ends(network: Network, pairs: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """Locate the places of pairs, for readings that ask where they lie.

    Rides and journeys between stations ask for the stations of a zone only, whose centre need not
    be known.
    """
    needed = reading.measure != "direct_ride" and reading.ends != "stations"
    return locate_places(network, [*pairs["from_id"], *pairs["to_id"]] if needed else [])


def measure_variant(
    network: Network,
    pairs: pd.DataFrame,
    points: pd.DataFrame,
    reading: Reading,
    *,
    streets: Sequence[Streets] = (),
    legs: bool = False,
) -> tuple[pd.DataFrame, Steps]:
    """Measure pairs at the figures of one network: ``from_id``, ``to_id``, ``minutes``; the steps.

    Raises
    ------
    UnreachableError
        If the reading has no minutes.
    """
    if reading.measure == "direct_ride":
        return measure_rides(network, pairs, reading)
    if reading.measure == "journey":
        return measure_journeys(network, pairs, points, reading, streets=streets, legs=legs)
    if reading.measure == "commute":
        table = measure_commutes(network, pairs, points, reading, streets=streets)
        return table.drop(columns=["out_minutes", "back_minutes"]), {}
    if reading.measure == "drive":
        return _measure_drives(network, pairs, points, reading, legs=legs)
    if reading.measure == "best":
        return _measure_best(network, pairs, points, streets=streets, legs=legs)
    raise UnreachableError(f"a reading of {reading.measure} has no travel times; use netlib claims")


def _measure_drives(
    network: Network, pairs: pd.DataFrame, points: pd.DataFrame, reading: Reading, *, legs: bool
) -> tuple[pd.DataFrame, Steps]:
    """Measure drives of pairs."""
    peak = reading.traffic == "peak"
    located = points.set_index("point_id", drop=False)
    froms, tos = (located.loc[list(dict.fromkeys(pairs[c]))].reset_index(drop=True) for c in PAIR)
    if not legs:
        found = measure_drives(network, froms, tos, peak=peak)
        table = pairs[PAIR].merge(found, on=PAIR, how="left").set_axis(pairs.index)
        return table[[*PAIR, "minutes"]], {}
    steps: Steps = {}
    for place, group in pairs.groupby("from_id", sort=False):
        goals = located.loc[group["to_id"]].reset_index(drop=True)
        drives = trace_drives(network, froms[froms["point_id"] == place], goals, peak=peak)
        for name, drive in zip(group["to_id"], drives, strict=True):
            if drive:
                steps[str(place), name] = [make_step(leg) for leg in drive]
    names = zip(pairs["from_id"], pairs["to_id"], strict=True)
    minutes = [
        sum(step.minutes for step in steps[pair]) if pair in steps else np.nan for pair in names
    ]
    return pairs[PAIR].assign(minutes=minutes), steps


def make_step(leg: dict[str, Any]) -> Step:
    """Make a step of a leg as `netlib.times.drives.trace_drive` gives it."""
    return Step(
        leg["kind"],
        leg["from_id"],
        leg["to_id"],
        minutes=leg["minutes"],
        mode="toll" if leg["kind"] != "drive" else "car",
        trip_id=leg["trip_id"] if leg["kind"] == "drive" else "",
        label=leg["label"],
        km=leg["km"],
        evidence=tuple(leg["evidence"]),
    )


def _measure_best(
    network: Network,
    pairs: pd.DataFrame,
    points: pd.DataFrame,
    *,
    streets: Sequence[Streets],
    legs: bool,
) -> tuple[pd.DataFrame, Steps]:
    """Measure the quicker of rail door to door and driving in the peak, and say which it is."""
    rail, car = (find_reading(network.root, name) for name in (BY_RAIL, BY_CAR))
    by_rail, rides = measure_variant(network, pairs, points, rail, streets=streets, legs=legs)
    by_car, drives = measure_variant(network, pairs, points, car, legs=legs)
    ways = np.column_stack([by_rail["minutes"].fillna(np.inf), by_car["minutes"].fillna(np.inf)])
    wins = ways[:, 1] < ways[:, 0]
    minutes = ways.min(axis=1)
    table = pairs[PAIR].assign(
        minutes=np.where(np.isfinite(minutes), minutes, np.nan),
        way=np.where(wins, BY_CAR, np.where(np.isfinite(minutes), BY_RAIL, "")),
    )
    names = zip(pairs["from_id"], pairs["to_id"], strict=True)
    chosen = {
        pair: source[pair]
        for pair, by_road in zip(names, wins, strict=True)
        for source in [drives if by_road else rides]
        if pair in source
    }
    return table, chosen


def find_range(minutes: Sequence[pd.Series]) -> tuple[np.ndarray, np.ndarray]:
    """Return the low and the high end of each pair's minutes; NaN where there is no journey.

    The range of a time is the envelope of measurements with all figures at the end that makes for
    short times (`netlib.evidence.select_variant`), all central, and all at the end that makes for
    long ones; a pair without a journey counts as longer than any. For rides and drives, whose
    minutes are monotone in every figure, these are the shortest and the longest times that any
    figures within their ranges give. For journeys that is not certain: a train that runs slower
    leaves the stations on its way later and may be caught by who would miss it otherwise.

    Parameters
    ----------
    minutes
        The minutes of the pairs at each set of figures.
    """
    values = np.column_stack([column.fillna(np.inf) for column in minutes])
    values = np.column_stack([values.min(axis=1), values.max(axis=1)])
    low, high = np.where(np.isfinite(values), values, np.nan).T
    return low, high


def describe_steps(network: Network, pairs: pd.DataFrame, steps: Steps) -> pd.DataFrame:
    """Return the parts of each journey and its longest ride; NaN and '' without steps."""
    kinds = dict(zip(network["service"]["service_id"], network["service"]["kind"], strict=True))
    services = dict(zip(network["trips"]["trip_id"], network["trips"]["service_id"], strict=True))
    records = []
    for pair in zip(pairs["from_id"], pairs["to_id"], strict=True):
        record: dict[str, Any] = {**dict.fromkeys(PARTS, np.nan), "service": "", "kind": ""}
        path = steps.get(pair, [])
        longest = find_longest(path)
        if path:
            record |= sum_parts(path)
        if longest is not None:
            record["service"] = longest.label or name_trip(network, longest.trip_id)
            record["kind"] = kinds.get(services.get(longest.trip_id, ""), "road")
        records.append(record)
    return pd.DataFrame(records, columns=[*PARTS, "service", "kind"], index=pairs.index)


def journey_legs(
    network: Network,
    origin: str,
    destination: str,
    *,
    reading: str | Reading = "door_to_door",
    window: tuple[str, str] | None = None,
    streets: Sequence[Streets] = (),
) -> pd.DataFrame:
    """Recover the legs of a journey at central figures.

    Returns
    -------
    DataFrame
        As from `netlib.times.steps.build_legs`.

    Raises
    ------
    UnreachableError
        If there is no journey, or the reading is not about one.
    """
    spec = choose_reading(network, reading, window)
    [origin], [destination] = find_places(network, origin), find_places(network, destination)
    if spec.measure == "commute":
        raise UnreachableError(
            f"{spec.name} is a day with two journeys; ask for the legs of door_to_door"
        )
    pairs = pd.DataFrame({"from_id": [origin], "to_id": [destination]})
    day, steps = network, {}
    for day, group, _ in split_by_timetable(network, pairs, spec):
        points = locate_ends(day, group, spec)
        steps = measure_variant(day, group, points, spec, streets=streets, legs=True)[1]
    if (origin, destination) not in steps:
        names = format_name(network, origin), format_name(network, destination)
        raise UnreachableError(
            f"no journey from {names[0]} to {names[1]} under {spec.name} on {network.day}"
        )
    return build_legs(day, steps[origin, destination])
