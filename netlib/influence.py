"""Which figure moves a claim's deciding time most: one figure at a time, at both ends of its range.

The minutes are those of the reading that decides the claim, measured anew each time: of a journey
its median over the departures of the window.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from netlib.evidence import RANGED, compute_ranges
from netlib.jobs import select_day
from netlib.places import locate_places
from netlib.readings import find_reading
from netlib.scenarios import WITHOUT
from netlib.times.steps import DECIMALS
from netlib.times.table import measure_variant, split_by_timetable

if TYPE_CHECKING:
    from netlib.claims import Claim, Results
    from netlib.tables import Network

MOST_FIGURES = 10
# Changes below this, in minutes, are no changes: no time is known to a tenth.
LEAST_CHANGE = 0.05


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
        Its minutes with all figures central: those of its verdict.
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
        if claim.measure != "time":
            continue
        readings = sorted(claim.definitions, key=lambda reading: reading != preferred)
        for reading in readings:
            subject = _find_subject(claim, results, reading)
            if subject is not None:
                subjects.append(subject)
                break
    return subjects


def _find_subject(claim: Claim, results: Results, reading: str) -> Subject | None:
    """Find the pair that decides a claim under a reading: the slowest, or the fastest of any."""
    day = claim.dates[0][0]

    def select(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[
            (frame["claim_id"] == claim.claim_id)
            & (frame["definition"] == reading)
            & (frame["as_of"] == day)
            & ~frame["scenario"].str.startswith(WITHOUT)
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
    dated = find_measured(select_day(network, subject.day), subject)
    found = []
    for table, row_id, field, low, high in list_figures(dated, subject.keys):
        minutes = [
            _measure(set_figure(dated, table, row_id, field, value), subject)
            for value in (low, high)
        ]
        influence = Influence(table, row_id, field, low, high, *minutes)
        if influence.swing >= LEAST_CHANGE:
            found.append(influence)
    figures = sorted(found, key=lambda each: -each.swing)[:MOST_FIGURES]
    return Influences(subject, _measure(dated, subject), tuple(figures))


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


def find_measured(network: Network, subject: Subject) -> Network:
    """Return the network of the day with the timetable that the subject was measured on."""
    reading = find_reading(network.root, subject.definition)
    days = list(split_by_timetable(network, _pair_up(subject), reading))
    return days[0][0] if days else network


def _pair_up(subject: Subject) -> pd.DataFrame:
    return pd.DataFrame({"from_id": [subject.from_id], "to_id": [subject.to_id]})


def _measure(network: Network, subject: Subject) -> float:
    """Measure the minutes of a subject on a network of its day; NaN without a journey."""
    reading = find_reading(network.root, subject.definition)
    points = locate_places(network, [subject.from_id, subject.to_id])
    table = measure_variant(network, _pair_up(subject), points, reading)[0]
    return float(table["minutes"].round(DECIMALS).iloc[0])
