"""Claims about what is built: how many of the named things are open or begun on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from netlib.claims.grades import grade_parts
from netlib.errors import UnknownNameError
from netlib.readings import read_today
from netlib.tables import Network
from netlib.units import Interval, parse_date, parse_day

# Counties and cities of Henan, by the first two digits of the administrative code (GB/T 2260).
PROVINCE_PREFIX = {"henan": "41"}

# Fields of a line whose sources say how far it is.
SEEN_FIELDS = ("status", "start_date", "open_date", "close_date", "note")
# What was being built may have opened since it was last seen. A year: new lines open at the end of
# the year that was announced or in the next, as those of the five documents did.
BUILDING = "under_construction"
MOST_DAYS_UNSEEN = 366


def measure_status(network: Network, conditions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Count the parts that meet their conditions on the network's day.

    Dates known only in part make a range: ``low`` counts what surely happened by the day, ``high``
    what may have happened.

    Parameters
    ----------
    network
        The network of a day.
    conditions
        Each with ``line`` (line, group or station), ``event`` (``open`` or ``start``), and perhaps
        ``by`` (a day; the network's own otherwise), ``required`` (parts needed; all otherwise) and
        ``within`` (``henan``: only the links whose stations lie there).

    Returns
    -------
    dict
        The columns of a verdict from ``low`` to ``evidence_grade``; the unit is ``parts``.
    """
    counts = [count_condition(network, condition) for condition in conditions]
    low, central, high, parts, needed = (sum(column) for column in zip(*counts, strict=True))
    supported = all(c[0] >= c[4] for c in counts)
    possible = all(c[2] >= c[4] for c in counts)
    verdict = "supported" if supported else "undecided" if possible else "refuted"
    return {
        "low": low,
        "central": central,
        "high": high,
        "unit": "parts",
        "n_pairs": parts,
        "n_passing": low,
        "share_passing": round(central / parts, 3) if parts else 0.0,
        "verdict": verdict,
        "margin": central - needed,
        "from_id": "",
        "to_id": "",
        "timetable": "",
        "known": "",
        "evidence_grade": grade_conditions(network, conditions),
    }


def count_condition(
    network: Network, condition: Mapping[str, Any]
) -> tuple[int, int, int, int, int]:
    """Return (surely, central, perhaps, parts, needed) of one condition."""
    states = [state for _, state in judge_parts(network, condition)]
    surely, perhaps = states.count("yes"), len(states) - states.count("no")
    return surely, surely, perhaps, len(states), int(condition.get("required", len(states)))


def grade_conditions(network: Network, conditions: Sequence[Mapping[str, Any]]) -> str:
    """Return the letter of the weakest part of the conditions; see `netlib.claims.grades`."""
    return grade_parts(
        network,
        [
            (part, str(condition["event"]))
            for condition in conditions
            for part in choose_parts(network, condition)
        ],
    )


class Part(NamedTuple):
    """One named thing that a claim about status asks for.

    Attributes
    ----------
    part_id, name
        Line, station or group.
    state
        ``yes``, ``no`` or ``open`` on the day.
    event
        When it happened, as (earliest, latest); None when not known.
    status, seen
        Of lines: their status in the tables, and the last day on which a source speaks of it.
    """

    part_id: str
    name: str
    state: str
    event: Interval | None
    status: str = ""
    seen: str = ""


def list_parts(network: Network, conditions: Sequence[Mapping[str, Any]]) -> list[Part]:
    """List the parts of all conditions with their states on the network's day."""
    parts = []
    for condition in conditions:
        end = find_end(network, condition)
        for ident, name in choose_parts(network, condition).items():
            event = find_event(network, ident, condition)
            status, seen = find_last_seen(network, condition, ident)
            state = meet(event, end)
            is_lost = condition["event"] == "open" and event is None and status == BUILDING
            if is_lost and seen and (end - parse_day(seen)).days > MOST_DAYS_UNSEEN:
                state = "open"
            parts.append(Part(ident, name, state, event, status, seen))
    return parts


def find_last_seen(network: Network, condition: Mapping[str, Any], part: str) -> tuple[str, str]:
    """Return the status of a part's line and the last day on which a source speaks of it."""
    line = network["line"].set_index("line_id")
    ident = part if part in line.index else str(condition["line"])
    if ident not in line.index:
        return "", ""
    evidence = network["evidence"]
    rows = evidence[(evidence["row_id"] == ident) & evidence["field"].isin(SEEN_FIELDS)]
    rows = rows.merge(network["source"], on="source_id")
    published = [parse_date(text) for text in rows["published"]]
    seen = max((days[1] for days in published if days is not None), default=None)
    return str(line.loc[ident, "status"]), "" if seen is None else seen.isoformat()


def find_last_event(network: Network, conditions: Sequence[Mapping[str, Any]]) -> Interval | None:
    """Return when the last part of the conditions happened; None when one is not known."""
    return latest([part.event for part in list_parts(network, conditions)])


def judge_parts(network: Network, condition: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (name, ``yes``/``no``/``open``) of each part of the condition's line."""
    return [(part.name, part.state) for part in list_parts(network, [condition])]


def find_end(network: Network, condition: Mapping[str, Any]) -> date:
    """Return the day by which a condition is judged: its own, or the network's where earlier."""
    end = parse_day(condition["by"]) if "by" in condition else network.day
    if end is None:
        raise UnknownNameError("day; use Network.as_of for", str(condition["line"]), [])
    if "by" in condition and network.day is not None:
        end = min(end, network.day)
    return end


def choose_parts(network: Network, condition: Mapping[str, Any]) -> dict[str, str]:
    """Return by id and name what a condition counts."""
    whole = condition["line"]
    parts = split_parts(network, whole)
    if condition["event"] == "start" and not set(parts) & set(network["line"]["line_id"]):
        # Works begin on the project, not on each of its stations.
        return {whole: network.names[whole][0]}
    return parts


def split_parts(network: Network, line_id: str) -> dict[str, str]:
    """Return the parts of a group by id with their names, or the line or station itself."""
    line = network["line"].set_index("line_id")
    node = all_nodes(network).set_index("node_id")
    if line_id not in line.index and line_id not in node.index:
        if line_id in network.names:
            return {line_id: network.names[line_id][0]}
        raise UnknownNameError("line or station", line_id, [*line.index])
    parts = [p for p in line["parts"].get(line_id, "").split(";") if p] or [line_id]
    names = {**node["name_zh"].to_dict(), **line["name_zh"].to_dict()}
    return {part: names.get(part, part) for part in parts}


def all_nodes(network: Network) -> pd.DataFrame:
    """Return the nodes with those not yet open that day, which `as_of` leaves out."""
    return network.tables.get("reference_node", network["node"])


def find_event(network: Network, part: str, condition: Mapping[str, Any]) -> Interval | None:
    """Return when a part opened or was begun, as (earliest, latest); None when not known."""
    node = all_nodes(network).set_index("node_id")
    if part in node.index:
        opened = parse_date(str(node.loc[part, "open_date"]))
        if opened is None and is_unbuilt(network, str(condition["line"])):
            return None
        # A station without a date is older than the lines of which the dates are known.
        return opened or (date.min, parse_day(read_today(network.root)))
    frame = network["line"]
    rows = frame[frame["line_id"] == part].astype(str)
    if rows.empty:
        return None
    line = rows.iloc[0]
    if condition["event"] == "start":
        event = parse_date(str(line["start_date"]))
        states = {"under_construction", "operating"}
    else:
        event = find_opening(network, part, within=condition.get("within", ""))
        states = {"operating"}
    happened = str(line["status"]) in states
    if event is None and happened:
        # It happened by the day that the status is of; when is not known.
        return date.min, parse_day(read_today(network.root))
    return event


def is_unbuilt(network: Network, line_id: str) -> bool:
    """Return whether a line or a station project stands in the tables as not operating."""
    status = dict(zip(network["line"]["line_id"], network["line"]["status"], strict=True))
    return line_id in status and status[line_id] != "operating"


def find_opening(network: Network, line_id: str, *, within: str = "") -> Interval | None:
    """Return when the whole of a line was open: the last opening of its links, or its own date."""
    line = network["line"].set_index("line_id")
    if line_id not in line.index:
        return None
    inner = [p for p in str(line.loc[line_id, "parts"]).split(";") if p in line.index]
    if inner:
        return latest([find_opening(network, part, within=within) for part in inner])
    link = network["reference_link"]
    link = link[link["line_id"] == line_id]
    if within:
        inside = set(nodes_within(network, within))
        link = link[link["from_node_id"].isin(inside) & link["to_node_id"].isin(inside)]
    dates = [parse_date(text) for text in link["open_date"]]
    return latest(dates) if dates else parse_date(str(line.loc[line_id, "open_date"]))


def latest(dates: Sequence[Interval | None]) -> Interval | None:
    """Return the last of several events; None when one of them is not known."""
    known = [interval for interval in dates if interval is not None]
    if len(known) < len(dates) or not known:
        return None
    return max(a for a, _ in known), max(b for _, b in known)


def nodes_within(network: Network, province: str) -> list[str]:
    """Return the nodes whose zone lies in a province."""
    node = all_nodes(network)
    return node.loc[node["zone_id"].str.startswith(PROVINCE_PREFIX[province]), "node_id"].tolist()


def meet(event: Interval | None, end: date) -> str:
    """Return whether an event happened by ``end``: ``yes``, ``no``, or ``open`` when unsure."""
    if event is None or event[0] > end:
        return "no"
    return "yes" if event[1] <= end else "open"
