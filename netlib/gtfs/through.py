"""Through trips: vehicles that change their trip on the way while passengers stay seated.

``transfers.txt`` names such pairs (type 4), and trips of one ``block_id`` are of one vehicle. Both
become trips of their own here, as in China most long-distance trains change their number on the
way.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from netlib.geometry import GEOD
from netlib.gtfs.checks import IN_SEAT, NEAR_TRANSFER_M, NO_IN_SEAT

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from netlib.gtfs.feeds import Feed

    Links = dict[str, list[str]]
    Path = tuple[str, ...]

# Trips that couple and split again and again multiply; past this many from one trip, the rest of
# the vehicle's way is one of changes.
MOST_PATHS = 64


class _Spans(NamedTuple):
    """First and last call of every trip, by trip_id."""

    start: dict[str, int]
    end: dict[str, int]
    first: dict[str, str]
    last: dict[str, str]


def has_through_trips(feed: Feed) -> bool:
    """Return whether the feed says of any trips that a vehicle goes on as another."""
    in_seat = (feed["transfers"]["transfer_type"] == IN_SEAT).any()
    return bool(in_seat or (feed["trips"]["block_id"] != "").any())


def find_links(feed: Feed, groups: Mapping[str, Hashable]) -> Links:
    """Find the trips as which the vehicle of a trip goes on.

    Pairs of type 4 count as the feed names them. In a block a trip goes on as the next one, unless
    type 5 says otherwise, if it is of the same kind of vehicle and begins where the one before
    ends, give or take `NEAR_TRANSFER_M`: passengers are not carried on empty runs.

    Parameters
    ----------
    feed
        The feed.
    groups
        For each service: what it shares with all services that run on the same days. Trips of
        different groups are not joined, nor those of other services or with headways.

    Returns
    -------
    dict
        Trips after each trip.
    """
    trips = feed["trips"]
    trips = trips[trips["service_id"].isin(set(groups))]
    trips = trips[~trips["trip_id"].isin(set(feed["frequencies"]["trip_id"]))]
    group = dict(zip(trips["trip_id"], trips["service_id"].map(groups), strict=True))
    links: Links = {}
    barred = set()
    rules = feed["transfers"]
    rules = rules[rules["transfer_type"].isin((IN_SEAT, NO_IN_SEAT))]
    housed = trips[trips["block_id"] != ""]
    spans = _find_spans(
        feed, {*housed["trip_id"], *rules["from_trip_id"], *rules["to_trip_id"]} & set(group)
    )
    columns = (rules[name] for name in ("from_trip_id", "to_trip_id", "transfer_type"))
    for a, b, kind in zip(*columns, strict=True):
        if kind == NO_IN_SEAT:
            barred.add((a, b))
        elif a in group and b in group and group[a] == group[b] and spans.end[a] <= spans.start[b]:
            links.setdefault(a, []).append(b)
    if housed.empty:
        return links
    types = dict(zip(feed["routes"]["route_id"], feed["routes"]["route_type"], strict=True))
    kinds = dict(zip(housed["trip_id"], housed["route_id"].map(types), strict=True))
    keys = [housed["trip_id"].map(group), housed["block_id"]]
    near = _Near(feed["stops"])
    for _, names in housed.groupby(keys, sort=True)["trip_id"]:
        ordered = sorted(names, key=lambda name: (spans.start[name], spans.end[name], name))
        for a, b in pairwise(ordered):
            meets = near(spans.last[a], spans.first[b]) and spans.end[a] <= spans.start[b]
            known = b in links.get(a, []) or (a, b) in barred
            if meets and kinds[a] == kinds[b] and not known:
                links.setdefault(a, []).append(b)
    return links


def _find_spans(feed: Feed, trips: set[str]) -> _Spans:
    calls = feed["stop_times"]
    columns = ["departure_time", "arrival_time", "stop_id"]
    group = calls[calls["trip_id"].isin(trips)].groupby("trip_id", sort=False)[columns]
    first, last = group.first(), group.last()
    names = [str(name) for name in first.index]
    return _Spans(
        dict(zip(names, first["departure_time"].tolist(), strict=True)),
        dict(zip(names, last["arrival_time"].tolist(), strict=True)),
        dict(zip(names, first["stop_id"].tolist(), strict=True)),
        dict(zip(names, last["stop_id"].tolist(), strict=True)),
    )


class _Near:
    """Whether two stops are one, of one station, or side by side."""

    def __init__(self, stops: pd.DataFrame) -> None:
        parent = stops["parent_station"].where(stops["parent_station"] != "", stops["stop_id"])
        self.parent = dict(zip(stops["stop_id"], parent, strict=True))
        places = zip(stops["stop_lon"], stops["stop_lat"], strict=True)
        self.place = dict(zip(stops["stop_id"], places, strict=True))
        self.known: dict[tuple[str, str], bool] = {}

    def __call__(self, a: str, b: str) -> bool:
        if self.parent[a] == self.parent[b]:
            return True
        if (a, b) not in self.known:
            metres = float(GEOD.inv(*self.place[a], *self.place[b])[2])
            self.known[a, b] = metres <= NEAR_TRANSFER_M
        return self.known[a, b]


def join_trips(
    calls: pd.DataFrame, links: Links, stations: Mapping[str, str]
) -> tuple[pd.DataFrame, dict[str, Path]]:
    """Put the trips of one vehicle after another into one trip.

    A way ends where it would call at a station for the second time: a vehicle that turns back
    begins a new journey. Where trips couple or split there is a trip for each way, and each ride is
    offered by one of them: in the others passengers do not board, or not alight, on what they
    share.

    Parameters
    ----------
    calls
        As `netlib.gtfs.feeds.ServiceDay.calls`, of one day, without ``day``.
    links
        As from `find_links`.
    stations
        Station of each stop.

    Returns
    -------
    calls, parts
        The calls, those of joined trips under a name of its own, and the trips that each new name
        stands for.
    """
    alive = set(calls["trip_id"])
    links = {a: [b for b in after if b in alive] for a, after in links.items() if a in alive}
    touched = set(links).union(*links.values())
    if not touched:
        return calls, {}
    mine = calls[calls["trip_id"].isin(touched)]
    groups = {str(name): frame for name, frame in mine.groupby("trip_id", sort=False)}
    places = {name: [stations[stop] for stop in frame["stop_id"]] for name, frame in groups.items()}
    paths = _list_paths(links, places)
    offered: set[tuple[str, str]] = set()
    made, parts = [calls[~calls["trip_id"].isin(touched)]], {}
    for path in paths:
        pairs = {(a, b) for i, a in enumerate(path) for b in path[i:]}
        new = pairs - offered
        if not new:
            continue
        offered |= pairs
        name = "+".join(path)
        boards, alights = {a for a, _ in new}, {b for _, b in new}
        segments = [
            groups[trip].assign(
                pickup=groups[trip]["pickup"] & (trip in boards),
                drop_off=groups[trip]["drop_off"] & (trip in alights),
            )
            for trip in path
        ]
        made.append(_concatenate(segments).assign(trip_id=name))
        if len(path) > 1:
            parts[name] = path
    joined = pd.concat(made, ignore_index=True)
    return joined.sort_values(["trip_id", "stop_sequence"], kind="stable", ignore_index=True), parts


def _list_paths(links: Links, places: Mapping[str, list[str]]) -> list[Path]:
    """List the longest ways over the links that call at no station twice, the longest first."""
    paths: set[Path] = set()
    for start in sorted(places):
        found = list(_walk((start,), links, places))
        paths.update(found)
    longest: list[Path] = []
    inside: set[Path] = set()
    for path in sorted(paths, key=lambda path: (-len(path), path)):
        if path in inside:
            continue
        longest.append(path)
        size = len(path)
        inside.update(path[i:j] for i in range(size) for j in range(i + 1, size + 1))
    return longest


def _walk(
    path: Path, links: Links, places: Mapping[str, list[str]], room: list[int] | None = None
) -> Iterator[Path]:
    """Yield the ways that begin with ``path`` and cannot be longer."""
    room = [MOST_PATHS] if room is None else room
    called = [place for trip in path for place in places[trip]]
    # The last station of a trip may be the first of the next.
    seen = set(called[:-1])
    ends = True
    for after in links.get(path[-1], []):
        stops = places[after]
        rest = stops[1:] if stops[0] == called[-1] else stops
        if seen.isdisjoint(stops) and called[-1] not in rest and room[0] > 0:
            ends = False
            yield from _walk((*path, after), links, places, room)
    if ends:
        room[0] -= 1
        yield path


def _concatenate(segments: list[pd.DataFrame]) -> pd.DataFrame:
    """Put the calls of trips one after another, with one call where one ends and the next begins.

    On the way from the last stop of a trip to another first stop of the next, nobody boards or
    alights.
    """
    done = segments[0]
    for segment in segments[1:]:
        last, first = done.iloc[-1], segment.iloc[0]
        if last["stop_id"] == first["stop_id"]:
            call = done.iloc[[-1]].assign(departure=first["departure"], pickup=first["pickup"])
            done = pd.concat([done.iloc[:-1], call, segment.iloc[1:]])
        else:
            barred = np.arange(len(done)) == len(done) - 1
            done = done.assign(pickup=done["pickup"] & ~barred)
            opened = np.arange(len(segment)) == 0
            going_on = segment.assign(drop_off=segment["drop_off"] & ~opened)
            done = pd.concat([done, going_on])
    return done.assign(stop_sequence=np.arange(1, len(done) + 1, dtype=np.int64))
