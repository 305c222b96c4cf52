"""Rules on coverage: what it says is what the tables hold, and trains of a hub are all there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from netlib.calendars import Calendars
from netlib.calls import parse_clocks
from netlib.checks.lines import compute_geodesic_km
from netlib.checks.rules import Base, Rule, report
from netlib.checks.timetables import MOST_DETOUR
from netlib.coverage import COMPLETE_SHARE
from netlib.dates import parse_days
from netlib.openings import route_lengths, select_open_links
from netlib.snapshots import CONVENTIONAL, ROAD_MODES, SNAPSHOT_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netlib.errors import Notice

# Two directions may differ by as many trains whatever their number: the sections of a day do not
# come out even where trains go round.
FEW_TRAINS = 2
# Word in ``basis`` with which the data say that the trains of that day did differ by direction.
UNEVEN = "uneven"
# A stretch passes a station when the way over it is no longer than the way, but for rounding.
ROUNDING_KM = 0.05
NEEDS = (
    "timetable",
    "coverage",
    "service",
    "calendar",
    "calendar_dates",
    "trips",
    "stop_times",
    "frequencies",
    "node",
    "zone",
)


def hold_calls(base: Base, timetable_id: str, day: pd.Timestamp) -> pd.DataFrame:
    """Return the calls of the trains that a timetable holds on its day.

    Returns
    -------
    DataFrame
        In the order of the calls: ``trip_id``, ``stop_id``, ``zone`` (prefecture-level, '' where
        not known) and ``trains`` (float64, a day).
    """
    calendars = Calendars(base["calendar"], base["calendar_dates"])
    service = base["service"]
    theirs = service["kind"].isin(SNAPSHOT_KINDS) & (service["timetable_id"] == timetable_id)
    running = calendars.services_on(day.date()) & set(service.loc[theirs, "service_id"])
    trips = base["trips"]
    trips = trips[trips["service_id"].isin(running)]
    calls = base["stop_times"]
    calls = calls[calls["trip_id"].isin(set(trips["trip_id"]))]
    calls = calls.sort_values(["trip_id", "stop_sequence"], kind="stable", ignore_index=True)
    rows = base["frequencies"]
    span = parse_clocks(rows["end_time"]) - parse_clocks(rows["start_time"])
    counts = (span / rows["headway_secs"]).groupby(rows["trip_id"]).sum().to_dict()
    zones = resolve_zones(base)
    return pd.DataFrame(
        {
            "trip_id": calls["trip_id"],
            "stop_id": calls["stop_id"],
            "zone": [zones.get(stop, "") for stop in calls["stop_id"]],
            "trains": [counts.get(trip, 1.0) for trip in calls["trip_id"]],
        }
    )


def resolve_zones(base: Base) -> dict[str, str]:
    """Return the prefecture-level zone of every station that has one."""
    zone, node = base["zone"], base["node"]
    parents = dict(zip(zone["zone_id"], zone["parent_zone_id"], strict=True))
    placed = node[node["zone_id"] != ""]
    pairs = zip(placed["node_id"], placed["zone_id"], strict=True)
    return {name: parents.get(theirs) or theirs for name, theirs in pairs}


def count_pairs(calls: pd.DataFrame) -> pd.DataFrame:
    """Count the trains that call in one zone and later in another.

    Parameters
    ----------
    calls
        As from `hold_calls`.

    Returns
    -------
    DataFrame
        ``from_zone_id``, ``to_zone_id`` and ``trains`` (float64, a day), however often a train
        calls in either.
    """
    placed = calls[calls["zone"] != ""].reset_index(names="place")
    visits = placed.groupby(["trip_id", "zone"], as_index=False).agg(
        first=("place", "min"), last=("place", "max"), trains=("trains", "first")
    )
    both = visits.merge(visits, on="trip_id", suffixes=("", "_to"))
    both = both[(both["zone"] != both["zone_to"]) & (both["first"] < both["last_to"])]
    sums = both.groupby(["zone", "zone_to"])["trains"].sum()
    return pd.DataFrame(
        {
            "from_zone_id": sums.index.get_level_values(0),
            "to_zone_id": sums.index.get_level_values(1),
            "trains": sums.to_numpy(),
        }
    )


def check_bounds(base: Base) -> Iterator[Notice]:
    """Check that the bound is no less than the trains held, and pairs are of whole cities."""
    frame = base["coverage"]
    rows = frame[frame["trains_least"] < frame["trains_held"]]
    messages = [
        f"trains_least {row.trains_least:g} is less than the {row.trains_held:g} trains held; "
        f"those ran as well: raise it"
        for row in rows.itertuples()
    ]
    yield from report(base, "coverage", rows, "coverage-bound", messages)
    zone = base["zone"]
    parents = dict(zip(zone["zone_id"], zone["parent_zone_id"], strict=True))
    for column in ("from_zone_id", "to_zone_id"):
        rows = frame[np.array([bool(parents.get(name)) for name in frame[column]], dtype=bool)]
        messages = [
            f"{column} {name!r} lies in zone {parents[name]!r}; count its trains there"
            for name in rows[column]
        ]
        yield from report(base, "coverage", rows, "coverage-zone", messages)


def check_trains_held(base: Base) -> Iterator[Notice]:
    """Check that trains_held is what the tables hold; a feed without coverage is left alone."""
    coverage = base["coverage"]
    for place, name, day in _list_covered(base):
        pairs = count_pairs(hold_calls(base, name, day))
        rows = coverage[coverage["timetable_id"] == name]
        both = rows.merge(pairs, on=["from_zone_id", "to_zone_id"], how="left")
        counted = np.rint(both["trains"].fillna(0.0).to_numpy(dtype=np.float64))
        wrong = rows["trains_held"].to_numpy() != counted
        bad = rows[wrong]
        messages = [
            f"trains_held of {row.from_zone_id} to {row.to_zone_id} is {row.trains_held:g}, but "
            f"the tables of {name} hold {count:g}; count them again"
            for row, count in zip(bad.itertuples(), counted[wrong], strict=True)
        ]
        yield from report(base, "coverage", bad, "coverage-held", messages)
        known = set(zip(rows["from_zone_id"], rows["to_zone_id"], strict=True))
        held = pairs[pairs["trains"].round() > 0]
        lacking = [
            pair
            for pair in zip(held["from_zone_id"], held["to_zone_id"], strict=True)
            if pair not in known
        ]
        if lacking:
            message = (
                f"{len(lacking)} pairs of zones with trains of {name} have no row in coverage.csv, "
                f"such as {' to '.join(min(lacking))}; add them"
            )
            row = base["timetable"].iloc[[place]]
            yield from report(base, "timetable", row, "coverage-missing", [message])


def check_balance(base: Base) -> Iterator[Notice]:
    """Check that as many trains run to a timetable's hub as from it, or coverage says why not.

    The hub is the zone of most trains. Coverage says why when the bound of the weaker direction
    shows that trains are lacking, or `UNEVEN` stands in a ``basis``.
    """
    frame = base["coverage"]
    frame = frame.assign(uneven=frame["basis"].str.contains(UNEVEN, regex=False))
    for _, rows in frame.groupby("timetable_id"):
        totals = rows.groupby("from_zone_id")["trains_held"].sum()
        hub = str(totals.sort_index().idxmax())
        out = rows[rows["from_zone_id"] == hub].assign(zone=rows["to_zone_id"])
        back = rows[rows["to_zone_id"] == hub].assign(zone=rows["from_zone_id"])
        both = out.merge(back, on="zone", how="outer", suffixes=("", "_back"))
        counts = ("trains_held", "trains_least", "trains_held_back", "trains_least_back")
        for row in both.fillna(dict.fromkeys(counts, 0.0)).to_dict("records"):
            there, here = row["trains_held"], row["trains_held_back"]
            more = max(there, here)
            few = abs(there - here) <= max((1 - COMPLETE_SHARE) * more, FEW_TRAINS)
            least = row["trains_least"] if there < here else row["trains_least_back"]
            uneven = row["uneven"] is True or row["uneven_back"] is True
            if few or uneven or least >= COMPLETE_SHARE * more:
                continue
            side = out if there >= here else back
            bad = side[side["zone"] == row["zone"]]
            message = (
                f"{there:g} trains from {hub} to {row['zone']} and {here:g} back: find those that "
                f"lack, raise trains_least of the weaker direction, or write {UNEVEN!r} and why "
                f"into basis"
            )
            yield from report(base, "coverage", bad, "hub-balance", [message])


def check_hub_calls(base: Base) -> Iterator[Notice]:
    """Check that no fast train passes the hub of its timetable without a call, unless it says why.

    A stretch passes the hub when its shortest way over the links of that day leads through the main
    station of the hub's zone. The note of the train's service says why when it names the zone.
    """
    zone = base["zone"].drop_duplicates("zone_id").set_index("zone_id")
    line = base["line"]
    rail = set(line.loc[~line["mode"].isin(ROAD_MODES), "line_id"])
    trips = base["trips"].drop_duplicates("trip_id").set_index("trip_id")
    notes = dict(zip(base["service"]["service_id"], base["service"]["note"], strict=True))
    for place, name, day in _list_covered(base):
        if base["timetable"]["modes"].iloc[place] == CONVENTIONAL:
            continue
        calls = hold_calls(base, name, day)
        by_zone = calls[calls["zone"] != ""].drop_duplicates(["trip_id", "zone"])
        totals = by_zone.groupby("zone")["trains"].sum()
        if totals.empty or not zone["main_node_id"].get(totals.idxmax()):
            continue
        hub = str(totals.idxmax())
        main, names = str(zone["main_node_id"][hub]), {hub, str(zone["name_zh"][hub])}
        stopping = set(calls.loc[calls["zone"] == hub, "trip_id"])
        passing = calls[~calls["trip_id"].isin(stopping)]
        link = base["link"][base["link"]["line_id"].isin(rail)]
        found = _find_passing(base, passing, select_open_links(link, line, day), main)
        found = [
            (trip, a, b)
            for trip, a, b in found
            if not any(word in notes.get(trips["service_id"].get(trip, ""), "") for word in names)
        ]
        rows = base["trips"].drop_duplicates("trip_id").set_index("trip_id", drop=False)
        rows = rows.loc[[trip for trip, _, _ in found]]
        messages = [
            f"trip {trip!r} runs from {a} to {b} through {main} without a call in {hub}; add its "
            f"call, or give such trains a service whose note names {hub} and says why"
            for trip, a, b in found
        ]
        yield from report(base, "trips", rows, "hub-without-call", messages)


def _find_passing(
    base: Base, calls: pd.DataFrame, link: pd.DataFrame, station: str
) -> list[tuple[str, str, str]]:
    """Find the trips whose way leads through a station between two calls, with both calls.

    Where the way over the links is a detour nothing is said: trains take a line there that is no
    link.
    """
    same = (calls["trip_id"] == calls["trip_id"].shift()).to_numpy()
    hops = pd.DataFrame(
        {"trip_id": calls["trip_id"], "a": calls["stop_id"].shift(), "b": calls["stop_id"]}
    )[same]
    pairs = hops[["a", "b"]].drop_duplicates()
    direct = route_lengths(pairs, link)
    via = route_lengths(pairs.assign(b=station), link) + route_lengths(
        pairs.assign(a=station), link
    )
    likely = direct <= MOST_DETOUR * compute_geodesic_km(base, pairs["a"], pairs["b"])
    through = np.isfinite(direct) & likely & (via <= direct + ROUNDING_KM)
    marked = hops.merge(pairs[through], on=["a", "b"]).drop_duplicates("trip_id")
    return list(zip(marked["trip_id"], marked["a"], marked["b"], strict=True))


def _list_covered(base: Base) -> Iterator[tuple[int, str, pd.Timestamp]]:
    """List position, id and day of the timetables that coverage speaks of."""
    covered = set(base["coverage"]["timetable_id"])
    frame = base["timetable"].reset_index(drop=True)
    days = parse_days(frame["day"], end=False)
    for place, (name, day) in enumerate(zip(frame["timetable_id"], days, strict=True)):
        if name in covered and pd.notna(day):
            yield place, str(name), pd.Timestamp(day)


RULES = (
    Rule(check_bounds, ("coverage", "zone")),
    Rule(check_trains_held, NEEDS),
    Rule(check_balance, ("coverage",)),
    Rule(check_hub_calls, (*NEEDS, "line", "link")),
)
