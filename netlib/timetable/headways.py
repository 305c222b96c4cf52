"""Services known by their headway: their phases, and the runs that these give."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.timetable.calls import DAY_SECONDS, Ints, Names


@dataclass(frozen=True, eq=False)
class Headways:
    """Services that run every so often between two times, at a phase that is not known.

    Attributes
    ----------
    start, end, headway
        int32 (services): seconds; the first vehicle leaves in ``[start, start + headway)``.
    key
        uint64 (services): what the phase is drawn from, besides seed and draw.
    trip, day
        int32 (services): place in the timetable's `trips`, and service day.
    first, size
        int32 (services): rows of ``template``.
    template
        int32 (connections, 4): departure and arrival after the trip's start, from_stop, to_stop.
    """

    start: Ints
    end: Ints
    headway: Ints
    key: NDArray[np.uint64]
    trip: Ints
    day: Ints
    first: Ints
    size: Ints
    template: Ints


def make_headways(
    hops: Ints, runs: Ints, trips: Names, frequencies: pd.DataFrame
) -> tuple[Headways, NDArray[np.int64]]:
    """Make the headway services of frequencies, once for each day that their trip runs.

    Parameters
    ----------
    hops, runs, trips
        As `netlib.timetable.calls.split_calls` returns them.
    frequencies
        As `netlib.timetable.build_timetable` takes them.

    Returns
    -------
    headways, rows
        The services, and the row of ``frequencies`` that each comes from.
    """
    table = pd.DataFrame({"run": np.arange(len(runs)), "trip": runs[:, 0], "day": runs[:, 1]})
    wanted = pd.Index(trips).get_indexer(pd.Index(frequencies["trip_id"]))
    table = pd.DataFrame({"row": np.arange(len(wanted)), "trip": wanted}).merge(table, on="trip")
    first = np.searchsorted(hops[:, 4], table["run"])
    size = np.searchsorted(hops[:, 4], table["run"], side="right") - first
    table, first, size = table[size > 0], first[size > 0], size[size > 0]
    template = hops[:, :4].copy()
    begin = np.zeros(len(runs), dtype=np.int32)
    has_hops, place = np.unique(hops[:, 4], return_index=True)
    begin[has_hops] = hops[place, 0]
    template[:, :2] -= begin[hops[:, 4]][:, None]
    row = table["row"].to_numpy()
    shift = table["day"].to_numpy() * DAY_SECONDS
    start, end, headway = (
        frequencies[c].to_numpy(dtype=np.int64)[row] for c in ("start", "end", "headway")
    )
    texts = (
        f"{trips[trip]}@{at}@{day}"
        for trip, at, day in zip(table["trip"], start, table["day"], strict=True)
    )
    keys = [int.from_bytes(blake2b(t.encode(), digest_size=8).digest(), "big") for t in texts]
    integers = (start + shift, end + shift, headway)
    start, end, headway = (x.astype(np.int32) for x in integers)
    headways = Headways(
        start=start,
        end=end,
        headway=headway,
        key=np.array(keys, dtype=np.uint64),
        trip=table["trip"].to_numpy(dtype=np.int32),
        day=table["day"].to_numpy(dtype=np.int32),
        first=first.astype(np.int32),
        size=size.astype(np.int32),
        template=template,
    )
    return headways, row


def select_headways(headways: Headways, wanted: NDArray[np.bool_]) -> Headways:
    """Select services; rows of the template that none of them needs stay."""
    names = ("start", "end", "headway", "key", "trip", "day", "first", "size")
    return replace(headways, **{name: getattr(headways, name)[wanted] for name in names})


def start_runs(headways: Headways, phase: Ints) -> tuple[Ints, Ints]:
    """Start the runs of headway services, the first of each some seconds after its start.

    Parameters
    ----------
    headways
        The services.
    phase
        int32 (services): these seconds.

    Returns
    -------
    hops
        int32 (connections, 5) as in `netlib.timetable.Timetable`, run by run.
    runs
        int32 (runs, 2): trip and day.
    """
    span = headways.end.astype(np.int64) - headways.start - phase
    count = np.maximum(-(-span // headways.headway), 0)
    row = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    begin = headways.start[row] + phase[row] + number * headways.headway[row]
    size = headways.size[row]
    run = np.repeat(np.arange(len(row)), size)
    within = np.arange(len(run)) - np.repeat(np.cumsum(size) - size, size)
    hops = np.empty((len(run), 5), dtype=np.int32)
    hops[:, :4] = headways.template[headways.first[row][run] + within]
    hops[:, :2] += begin[run][:, None].astype(np.int32)
    hops[:, 4] = run
    return hops, np.stack([headways.trip[row], headways.day[row]], axis=1)


def draw_phases(headways: Headways, *, draw: int, seed: int) -> Ints:
    """Draw the phase of every headway service, uniform in ``[0, headway)`` seconds.

    A service's phase depends on seed, draw and the service alone, so that scenarios which leave it
    as it is share its phases. Mixing is SplitMix64 (Steele, Lea & Flood 2014, Fast splittable
    pseudorandom number generators, OOPSLA).
    """
    state = _mix(np.array([seed], dtype=np.uint64))
    state = _mix(state + np.array([draw], dtype=np.uint64))
    # The upper 53 bits, as many as a float64 holds, as a number in [0, 1).
    bits = _mix(headways.key ^ state) >> np.uint64(11)
    phase = bits.astype(np.float64) * 2.0**-53 * headways.headway
    return np.floor(phase).astype(np.int32)


def _mix(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix 64 bits by one step of SplitMix64, whose constants these are; see `draw_phases`."""
    bits = bits + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
