"""Rules on infrastructure: lengths against the map, speeds against the design, dates in order."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from netlib.checks.rules import Base, Rule, hint_names, report
from netlib.dates import parse_days

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from netlib.errors import Notice

# A link may be this much shorter than the straight line between its ends: coordinates stand for
# stations of several hundred metres, against links of 20 to 60 km, and lengths are rounded.
SHORTER_RATIO = 0.995
ROUNDING_KM = 0.01
# Beyond this ratio to the straight line a length is more likely a slip than a detour: the most
# winding mountain railways of the region stay below 2.
LONGER_RATIO = 2.5
# Timetables give whole minutes, so a run of 10 minutes can be 5 % shorter than it says.
SPEED_RATIO = 1.05
# Status of a line on which work has not begun, and of one that is not in service.
NOT_BEGUN = ("approved", "planned", "proposed")
NOT_OPEN = ("under_construction", *NOT_BEGUN)


def compute_geodesic_km(base: Base, tail: pd.Series, head: pd.Series) -> NDArray[np.float64]:
    """Compute the straight lines between pairs of nodes on the WGS84 ellipsoid.

    Returns
    -------
    array of float64, shape (len(tail),)
        Distance in km; NaN where a node is unknown.
    """
    from pyproj import Geod

    node = base["node"].drop_duplicates("node_id").set_index("node_id")
    a = node.reindex(tail)[["x_coord", "y_coord"]].to_numpy()
    b = node.reindex(head)[["x_coord", "y_coord"]].to_numpy()
    metres = Geod(ellps="WGS84").inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[2]
    return np.asarray(metres, dtype=np.float64) / 1000


def check_length(base: Base) -> Iterator[Notice]:
    """Check that a link is no shorter than the straight line, and not far longer."""
    link = base["link"]
    straight = compute_geodesic_km(base, link["from_node_id"], link["to_node_id"])
    link = link.assign(straight=straight)
    least = straight * SHORTER_RATIO - ROUNDING_KM
    rows = link[link["length_km"] < least]
    messages = [
        f"{row.length_km:g} km is shorter than the straight line of {row.straight:.2f} km between "
        f"{row.from_node_id} and {row.to_node_id}; correct the length or a coordinate"
        for row in rows.itertuples()
    ]
    yield from report(base, "link", rows, "length-below-straight-line", messages)
    rows = link[link["length_km"] > LONGER_RATIO * straight + ROUNDING_KM]
    messages = [
        f"{row.length_km:g} km is far longer than the straight line of {row.straight:.2f} km "
        f"between {row.from_node_id} and {row.to_node_id}; check the length and the coordinates"
        for row in rows.itertuples()
    ]
    yield from report(base, "link", rows, "length-far-above", messages, severity="warning")
    rows = link[link["from_node_id"] == link["to_node_id"]]
    messages = [f"leads from {name} to itself; remove it" for name in rows["from_node_id"]]
    yield from report(base, "link", rows, "loop", messages)


def check_speed(base: Base) -> Iterator[Notice]:
    """Check that no link is run faster than its line was designed for."""
    design = _by_line(base, "design_speed_kmh")
    link = base["link"].assign(design=base["link"]["line_id"].map(design).astype("float64"))
    link["speed"] = link["length_km"] / link["run_time_minutes"] * 60
    rows = link[link["speed"] > link["design"] * SPEED_RATIO]
    messages = [
        f"{row.length_km:g} km in {row.run_time_minutes:g} minutes are {row.speed:.0f} km/h where "
        f"{row.line_id} is designed for {row.design:g}; correct length, minutes or design speed"
        for row in rows.itertuples()
    ]
    yield from report(base, "link", rows, "speed-above-design", messages)


def check_date_order(base: Base) -> Iterator[Notice]:
    """Check that construction starts before opening, opening comes before closing."""
    orders = {"line": ("start_date", "open_date", "close_date")}
    for table in ("node", "line", "link"):
        columns = orders.get(table, ("open_date", "close_date"))
        for before, after in pairwise(columns):
            yield from _check_pair(base, table, base[table], before, after)
    link = base["link"].copy()
    link["start of the line"] = link["line_id"].map(_by_line(base, "start_date")).fillna("")
    yield from _check_pair(base, "link", link, "start of the line", "open_date")


def _check_pair(
    base: Base, table: str, frame: pd.DataFrame, before: str, after: str
) -> Iterator[Notice]:
    rows = frame[parse_days(frame[before], end=False) > parse_days(frame[after], end=True)]
    pairs = zip(rows[before], rows[after], strict=True)
    messages = [f"{before} {a} comes after {after} {b}; correct one" for a, b in pairs]
    yield from report(base, table, rows, "date-order", messages)


def check_status(base: Base) -> Iterator[Notice]:
    """Check that the status of a line agrees with its dates as of today."""
    if base.today is None:
        return
    today = pd.Timestamp(base.today)
    line = base["line"]
    status = line["status"]
    start, opened, closed = (line[f"{event}_date"] for event in ("start", "open", "close"))
    tests = (
        (status.eq("operating") & (parse_days(opened, end=False) > today), "open_date", "to come"),
        (status.eq("operating") & (parse_days(closed, end=True) <= today), "close_date", "past"),
        (status.eq("closed") & (parse_days(closed, end=False) > today), "close_date", "to come"),
        (status.isin(NOT_OPEN) & (parse_days(opened, end=True) < today), "open_date", "past"),
        (
            status.eq("under_construction") & (parse_days(start, end=False) > today),
            "start_date",
            "to come",
        ),
        (status.isin(NOT_BEGUN) & (parse_days(start, end=True) < today), "start_date", "past"),
    )
    for broken, column, tense in tests:
        rows = line[broken]
        messages = [
            f"{row['status']} with {column} {row[column]} {tense} on {base.today}; change the "
            f"status, or keep an announced date that slipped in evidence.csv only"
            for _, row in rows.iterrows()
        ]
        yield from report(base, "line", rows, "status-date", messages)
    link = base["link"]
    state = link["line_id"].map(_by_line(base, "status"))
    rows = link[state.isin(NOT_BEGUN) & (parse_days(link["open_date"], end=True) <= today)]
    messages = [
        f"open since {row.open_date} on {row.line_id}, which is not begun; correct one"
        for row in rows.itertuples()
    ]
    yield from report(base, "link", rows, "status-date", messages)


def check_parts(base: Base) -> Iterator[Notice]:
    """Check that the parts of a group are lines or nodes."""
    known = {*base["line"]["line_id"], *base["node"]["node_id"]}
    line = base["line"]
    parts = line.assign(part=line["parts"].str.split(";")).explode("part")
    rows = parts[(parts["part"] != "") & ~parts["part"].isin(known)]
    hints = hint_names(rows["part"], known)
    messages = [
        f"part {name!r} is neither a line nor a node{hints[name]}; correct it or add the row"
        for name in rows["part"]
    ]
    yield from report(base, "line", rows, "unknown-id", messages)


def _by_line(base: Base, column: str) -> pd.Series:
    return base["line"].drop_duplicates("line_id").set_index("line_id")[column]


RULES = (
    Rule(check_length, ("node", "link")),
    Rule(check_speed, ("line", "link")),
    Rule(check_date_order, ("node", "line", "link")),
    Rule(check_status, ("line", "link")),
    Rule(check_parts, ("line", "node")),
)
