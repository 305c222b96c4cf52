"""Which figure moves a claim's deciding time most: one figure at a time, at both ends of its range.

Journeys are measured on the static graph, which adds expected waits, and are searched anew each
time, on the stops that can matter: those through which the quickest figures of all still allow a
journey no longer than the slowest figures give.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from netlib.definitions import Definition, departure_window, find_definition
from netlib.evidence import RANGED, compute_ranges, select_variant
from netlib.graph import Graph, build_graph, shortest_paths
from netlib.jobs import select_day
from netlib.places import place_stations
from netlib.travel_times import choose_engine, compute_variant, end_key, end_keys

if TYPE_CHECKING:
    from netlib.claims import Claim, Results
    from netlib.tables import Network

MOST_FIGURES = 10
# Changes below this, in minutes, are no changes: no time is known to a tenth.
LEAST_CHANGE = 0.05
# Added to the slowest time where it bounds the search, for sums of fractions.
TOLERANCE = 1e-6


class Subject(NamedTuple):
    """The measurement that decides a claim.

    Attributes
    ----------
    claim_id, definition, day
        Which claim, under which reading, on which day.
    from_id, to_id
        The pair of places.
    keys
        Evidence keys ``table:row_id:field`` of its legs.
    """

    claim_id: str
    definition: str
    day: str
    from_id: str
    to_id: str
    keys: tuple[str, ...]


class Influence(NamedTuple):
    """What one figure does to the minutes of a subject.

    Attributes
    ----------
    table, row_id, field
        The figure.
    low, high
        The ends of its range, in its own unit.
    minutes_low, minutes_high
        Minutes with the figure at these ends and all others central; NaN without a journey.
    """

    table: str
    row_id: str
    field: str
    low: float
    high: float
    minutes_low: float
    minutes_high: float

    @property
    def swing(self) -> float:
        """Difference that the figure makes, in minutes; infinite where it ends the journey."""
        change = abs(self.minutes_high - self.minutes_low)
        return float("inf") if np.isnan(change) else change


class Influences(NamedTuple):
    """What decides a claim, and what moves it.

    Attributes
    ----------
    subject
        The measurement.
    central
        Its minutes with all figures central, on the static graph.
    figures
        At most `MOST_FIGURES`, the strongest first.
    """

    subject: Subject
    central: float
    figures: tuple[Influence, ...]


def find_subjects(claims: Iterable[Claim], results: Results, preferred: str) -> list[Subject]:
    """Find what decides each claim about time on its first date, under one reading.

    The reading is ``preferred`` if the claim is read so and there is a journey, else its first
    reading with one; claims without any are left out.
    """
    subjects = []
    for claim in claims:
        if claim.kind != "time":
            continue
        readings = sorted(claim.definitions, key=lambda reading: reading != preferred)
        for reading in readings:
            subject = _find_subject(claim, results, reading)
            if subject is not None:
                subjects.append(subject)
                break
    return subjects


def _find_subject(claim: Claim, results: Results, reading: str) -> Subject | None:
    day = claim.dates[0][0]

    def select(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[
            (frame["claim_id"] == claim.claim_id)
            & (frame["definition"] == reading)
            & (frame["as_of"] == day)
            & ~frame["scenario"].str.startswith("without-")
        ]

    measured, legs = select(results.measurements), select(results.legs)
    if measured.empty or legs.empty:
        return None
    central = measured["central"].fillna(np.inf)
    place = int(np.argmin(central) if claim.quantifier == "any" else np.argmax(central))
    row = measured.iloc[place]
    if np.isnan(row["central"]):
        return None
    keys = dict.fromkeys(key for text in legs["evidence"] for key in text.split(";") if key)
    return Subject(
        claim.claim_id,
        reading,
        day,
        str(row["from_id"]),
        str(row["to_id"]),
        tuple(keys),
    )


def measure_influences(network: Network, subject: Subject) -> Influences:
    """Measure what every ranged figure behind the legs of a subject does to its minutes.

    Parameters
    ----------
    network
        The network of all dates.
    subject
        What to measure again; figures that change nothing are left out.
    """
    dated = select_day(network, subject.day)
    spec = choose_engine(find_definition(network.root, subject.definition), "static")
    small = keep_stops(dated, find_stops(dated, subject, spec))
    found = []
    for table, row_id, field, low, high in list_figures(dated, subject.keys):
        minutes = [
            _measure(set_figure(small, table, row_id, field, value), subject, spec)
            for value in (low, high)
        ]
        influence = Influence(table, row_id, field, low, high, *minutes)
        if influence.swing >= LEAST_CHANGE:
            found.append(influence)
    figures = sorted(found, key=lambda each: -each.swing)[:MOST_FIGURES]
    return Influences(subject, _measure(small, subject, spec), tuple(figures))


def list_figures(network: Network, keys: Sequence[str]) -> list[tuple[str, str, str, float, float]]:
    """List the figures among evidence keys that have a range.

    Returns
    -------
    list
        Table, row_id, field, low and high.
    """
    ranges = {}
    for table in RANGED:
        frame = compute_ranges(network, table)
        rows = zip(row_ids(network, table), frame["low"], frame["high"], strict=True)
        ranges[table] = {row_id: (float(low), float(high)) for row_id, low, high in rows}
    figures = []
    for key in keys:
        table, _, rest = key.partition(":")
        row_id, _, field = rest.rpartition(":")
        if table not in RANGED or RANGED[table][1] != field or row_id not in ranges[table]:
            continue
        low, high = ranges[table][row_id]
        if low < high:
            figures.append((table, row_id, field, low, high))
    return figures


def row_ids(network: Network, table: str) -> pd.Series:
    """Return the ids by which evidence names the rows of a table."""
    columns = RANGED[table][0]
    frame = network[table]
    ids = ["@".join(parts) for parts in zip(*(frame[c] for c in columns), strict=True)]
    return pd.Series(ids, index=frame.index, dtype=object)


def set_figure(network: Network, table: str, row_id: str, field: str, value: float) -> Network:
    """Return the network with one figure at another value; its timetable stays the same."""
    frame = network[table]
    chosen = row_ids(network, table) == row_id
    edited = frame.assign(**{field: frame[field].mask(chosen, value)})
    return replace(network.with_tables(**{table: edited}), base=network.central)


def find_stops(network: Network, subject: Subject, spec: Definition) -> set[str] | None:
    """Find the stops that can matter to a subject; None for all.

    Times are monotone in every figure, so no journey with one figure moved is quicker than with all
    figures at their quickest, or slower than with all at their slowest.
    """
    if spec["measure"] == "direct_ride":
        places = [subject.from_id, subject.to_id]
        return set(place_stations(network, places, main_only=False)["station"])
    if spec["measure"] != "journey":
        return None
    slowest = _measure(select_variant(network, "high"), subject, spec)
    if np.isnan(slowest):
        return None
    graph = build_graph(select_variant(network, "low"), window=departure_window(spec))
    zones = set(network["zone"]["zone_id"])
    roles = end_keys(spec)
    start, end = (
        graph.find(end_key(zones, place, role))
        for place, role in zip((subject.from_id, subject.to_id), roles, strict=True)
    )
    if start < 0 or end < 0:
        return None
    away = shortest_paths(graph, [start])[0][0]
    turned = graph.edges.rename(columns={"tail": "head", "head": "tail"})
    back = shortest_paths(Graph(graph.nodes, turned), [end])[0][0]
    near = away + back <= slowest + TOLERANCE
    return set(graph.nodes.loc[near, "node_id"])


def keep_stops(network: Network, stops: set[str] | None) -> Network:
    """Return the network whose trains call at ``stops`` only, passing through all others."""
    if stops is None:
        return network
    calls = network["stop_times"]
    return network.with_tables(stop_times=calls[calls["stop_id"].isin(stops)])


def _measure(network: Network, subject: Subject, spec: Definition) -> float:
    pair = pd.DataFrame({"from_id": [subject.from_id], "to_id": [subject.to_id]})
    table: Any = compute_variant(network, pair, spec, "central")[0]
    return float(table["minutes"].iloc[0])
