"""Railway stations, lines and links of both regions."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from derive.base import Row, Tables, evidence, format_value
from derive.rail_data import Runs, read_chainage, read_runs, read_stations, straight_km
from derive.rail_groups import add_groups
from derive.rail_lines import CONNECTIONS, LINES, LINK_LENGTHS, RailLine
from derive.rail_nodes import add_nodes
from derive.rail_snapshots import read_snapshots
from derive.rail_sources import (
    DERIVATION,
    FORMULA,
    GENERAL,
    KZ25T,
    MILEAGE,
    SOURCES,
    TIMETABLE_2016,
    TIMETABLE_2026,
)
from derive.run_times import RUN_TIME_ERROR, run_minutes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Lines whose row the part `roads` writes, although their links stand here.
ROWS_ELSEWHERE = frozenset({"ZKX"})
# Lines open when the mileage tables were made (2021-09 and 2021-12) take their lengths from them.
MILEAGE_DAY = "2021-09-28"
# Tariff kilometres are not track length where they exceed the straight line by these factors:
# (from km, factor). Over long runs detours even out, so the factor is lower there.
IMPLAUSIBLE = ((40.0, 1.45), (200.0, 1.25))
# Length over straight line of the other links: median and 90th percentile.
USUAL_RATIO = 1.06
HIGH_RATIO = 1.2
# Range of a planned link around the straight line between places that may be 5 km off.
PLANNED_RANGE = (0.8, 1.5)


def derive(data: Path) -> Tables:
    """Make node, line, link, evidence and source rows of the railways of both regions."""
    tables: dict[tuple[str, str], list[Row]] = defaultdict(list)
    tables["", "source"] = [dict(row) for row in SOURCES]
    stations = read_stations(data)
    chainage = read_chainage(data)
    rail = data / "rail"
    old = read_runs(rail / "stop_times_201603.csv.gz")
    new = read_runs(rail / "stop_times_202610.csv.gz")
    runs = {TIMETABLE_2026: new, TIMETABLE_2016: old}
    called = set(read_snapshots(data)["station"])
    nodes = add_nodes(tables, data, stations, chainage, called, old)
    opened: dict[str, list[str]] = {}
    for line in LINES:
        opened[line.line_id] = add_links(tables, line, chainage[line.facts], nodes, runs)
        if line.line_id not in ROWS_ELSEWHERE:
            add_line(tables, line)
    add_line(tables, CONNECTIONS)
    add_connections(tables, nodes, runs)
    add_groups(tables, nodes, opened)
    return dict(tables)


def add_line(tables: dict[tuple[str, str], list[Row]], line: RailLine) -> None:
    """Add the row of one physical line and its evidence."""
    date = max((section[2] for section in line.sections), default="")
    tables[line.region, "line"].append(
        {
            "line_id": line.line_id,
            "name_zh": line.name_zh,
            "name_en": line.name_en,
            "mode": line.mode,
            "design_speed_kmh": line.design_speed_kmh,
            "status": line.status,
            "start_date": line.start_date,
            "open_date": date,
            "close_date": "",
            "parts": "",
            "note": line.note,
        }
    )
    rows = tables[line.region, "evidence"]
    rows.append(
        evidence(
            "line",
            line.line_id,
            "design_speed_kmh",
            line.design_speed_kmh,
            unit="km/h",
            kind="published",
            source_id=line.speed_source,
            note="" if line.speed_source != GENERAL else "well known, no page kept",
        )
    )
    if line.start_date:
        rows.append(
            evidence(
                "line",
                line.line_id,
                "start_date",
                line.start_date,
                kind="published",
                source_id=line.start_source,
            )
        )
    if line.status != "operating":
        rows.append(
            evidence(
                "line",
                line.line_id,
                "status",
                line.status,
                kind="published",
                source_id=line.start_source or line.total_source,
                note="no page says that it opened; none of its new stations is in 12306",
            )
        )
    for first, last, opening, source in line.sections:
        if opening == date:
            rows.append(
                evidence(
                    "line",
                    line.line_id,
                    "open_date",
                    date,
                    kind="published",
                    source_id=source,
                    locator=f"{first}–{last}",
                    note="last section of the line" if len(line.sections) > 1 else "",
                )
            )
    remarks = [("note", words, source, note) for words, source, note in line.remarks]
    if line.total_km:
        words = f"{format_value(line.total_km)} km in all"
        remarks.append(("note", words, line.total_source, "published length of the whole"))
    for column, value, source, note in [*line.dissent, *remarks]:
        rows.append(
            evidence(
                "line",
                line.line_id,
                column,
                value,
                kind="published",
                source_id=source,
                locator="dissenting" if (column, value, source, note) in line.dissent else "",
                note=note,
            )
        )


def add_links(
    tables: dict[tuple[str, str], list[Row]],
    line: RailLine,
    chainage: list[Row],
    nodes: dict[str, Row],
    runs: Mapping[str, Runs],
) -> list[str]:
    """Add the links of one line and their evidence; return the opening dates of the links."""
    names = [row["name_zh"] for row in chainage]
    stretch = chainage[names.index(line.first) : names.index(line.last) + 1]
    straights = [
        straight_km(nodes[a["name_zh"]], nodes[b["name_zh"]]) for a, b in pairwise(stretch)
    ]
    dates = section_dates(line, [row["name_zh"] for row in stretch])
    planned_ratio = line.total_km / sum(straights)
    for i, (a, b) in enumerate(pairwise(stretch)):
        start, end = a["name_zh"], b["name_zh"]
        ident = link_id(line, nodes[start], nodes[end])
        if line.sections:
            km = float(b["km"]) - float(a["km"])
            length, rows = link_length(
                ident, (start, end), km, straights[i], date=dates[i][0], new=runs[TIMETABLE_2026]
            )
        else:
            length, rows = planned_length(ident, straights[i], planned_ratio, line)
        minutes, run_rows = link_minutes(ident, length, line, (start, end), runs)
        rows += run_rows
        add_link(tables, line, (nodes[start], nodes[end]), (length, minutes), dates[i], rows=rows)
    return [date for date, _ in dates]


def add_link(
    tables: dict[tuple[str, str], list[Row]],
    line: RailLine,
    ends: tuple[Row, Row],
    figures: tuple[float, float],
    opening: tuple[str, str],
    *,
    rows: list[Row],
) -> None:
    """Add a link with its (km, minutes), its (date, source) and the evidence ``rows``."""
    start, end = ends
    ident = link_id(line, start, end)
    date, source = opening
    tables[line.region, "link"].append(
        {
            "link_id": ident,
            "from_node_id": start["node_id"],
            "to_node_id": end["node_id"],
            "line_id": line.line_id,
            "length_km": figures[0],
            "run_time_minutes": figures[1],
            "open_date": date,
            "close_date": "",
        }
    )
    tables[line.region, "evidence"] += rows
    for km, length_source, note in LINK_LENGTHS.get((start["name_zh"], end["name_zh"]), []):
        tables[line.region, "evidence"].append(
            length_row(ident, km, "published", length_source, note=note, locator="dissenting")
        )
    if date:
        note = "well known, no page kept" if source == GENERAL else ""
        tables[line.region, "evidence"].append(
            evidence(
                "link", ident, "open_date", date, kind="published", source_id=source, note=note
            )
        )


def link_id(line: RailLine, start: Row, end: Row) -> str:
    """Name a link by its line and its two nodes."""
    return f"{line.line_id}-{start['node_id']}-{end['node_id']}"


def section_dates(line: RailLine, names: list[str]) -> list[tuple[str, str]]:
    """Return (opening date, source) of every link between the stations ``names``."""
    dates = [("", "")] * (len(names) - 1)
    for first, last, date, source in line.sections:
        for i in range(names.index(first), names.index(last)):
            dates[i] = (date, source)
    return dates


def length_row(
    ident: str, km: float, kind: str, source_id: str, *, note: str = "", locator: str = ""
) -> Row:
    """Make an evidence row of a link's length without a range."""
    return evidence(
        "link",
        ident,
        "length_km",
        km,
        unit="km",
        kind=kind,
        source_id=source_id,
        note=note,
        locator=locator,
    )


def link_length(
    ident: str,
    ends: tuple[str, str],
    mileage: float,
    straight: float,
    *,
    date: str,
    new: Runs,
) -> tuple[float, list[Row]]:
    """Choose the length of an existing link and give its evidence, dissenting figures included.

    Tables of 2021 come first for lines open then, the distances of the timetable of 2026 for
    younger ones. A length below the straight line is raised to it; tariff kilometres far above
    it are replaced by an estimate.
    """
    counts = new.km.get(frozenset(ends))
    timetable = counts.most_common(1)[0][0] if counts else None
    rows = []
    locator = "–".join(ends)
    young = date > MILEAGE_DAY
    if not (young and timetable):
        note = "scaled along the line, intermediate kilometres were not published" if young else ""
        kind = "derived" if young else "published"
        rows.append(length_row(ident, mileage, kind, KZ25T, note=note, locator=locator))
        length = mileage
    else:
        length = timetable
    for km, trains in sorted((counts or {}).items()):
        note = f"printed for {trains} pairs of stops"
        rows.append(length_row(ident, km, "timetable", TIMETABLE_2026, note=note, locator=locator))
    if any(length >= km and length > ratio * straight for km, ratio in IMPLAUSIBLE):
        for row in rows:
            row["note"] += "; tariff kilometres, far above the straight line: not used"
            row["note"] = row["note"].removeprefix("; ")
        estimate = round(USUAL_RATIO * straight, 1)
        rows.append(
            evidence(
                "link",
                ident,
                "length_km",
                estimate,
                unit="km",
                low=round(straight, 1),
                high=round(HIGH_RATIO * straight, 1),
                kind="estimated",
                source_id=DERIVATION,
                locator=locator,
                note=f"straight line {straight:.1f} km times the usual ratio {USUAL_RATIO}",
            )
        )
        return estimate, rows
    if length < straight:
        raised = float(int(straight * 10) + 1) / 10
        note = f"printed as {format_value(length)} km, rounded below the straight line"
        rows.append(length_row(ident, raised, "derived", DERIVATION, note=note, locator=locator))
        return raised, rows
    return length, rows


def planned_length(
    ident: str, straight: float, ratio: float, line: RailLine
) -> tuple[float, list[Row]]:
    """Share the published length of a line that is not open over its links."""
    length = round(max(ratio, 1.0) * straight, 1)
    length = max(length, float(int(straight * 10) + 1) / 10)
    return length, [
        evidence(
            "link",
            ident,
            "length_km",
            length,
            unit="km",
            low=round(straight * PLANNED_RANGE[0], 1),
            high=round(straight * PLANNED_RANGE[1], 1),
            kind="estimated",
            source_id=line.total_source,
            locator=f"{format_value(line.total_km)} km in all",
            note="whole length shared out by straight lines between uncertain station places"
            if ratio >= 1
            else "straight line between uncertain places; these add up to more than the whole",
        )
    ]


def link_minutes(
    ident: str,
    length: float,
    line: RailLine,
    ends: tuple[str, str],
    runs: Mapping[str, Runs],
) -> tuple[float, list[Row]]:
    """Choose the running time of a link, start to stop, and give its evidence.

    The fastest run of the first timetable of ``runs`` that has one counts, then the formula.
    """
    rows = []
    chosen: float | None = None
    for source, timetable in runs.items():
        observed = timetable.minutes.get(frozenset(ends))
        if not observed:
            continue
        minutes, train, origin, destination = min(observed)
        chosen = minutes if chosen is None else chosen
        rows.append(
            evidence(
                "link",
                ident,
                "run_time_minutes",
                minutes,
                unit="minutes",
                kind="timetable",
                source_id=source,
                locator=f"{train} {origin}–{destination}",
                note=f"fastest of {len(observed)} runs between neighbouring stops, both ways",
            )
        )
    if chosen is not None:
        return float(chosen), rows
    predicted = round(run_minutes(length, cruise_kmh=line.cruise_kmh), 1)
    low, high = RUN_TIME_ERROR
    rows.append(
        evidence(
            "link",
            ident,
            "run_time_minutes",
            predicted,
            unit="minutes",
            low=round(low * predicted, 1),
            high=round(high * predicted, 1),
            kind="derived",
            source_id=FORMULA,
            locator=f"{format_value(length)} km at {line.cruise_kmh:.0f} km/h",
            note="no train calls at both stations in turn",
        )
    )
    return predicted, rows


def add_connections(
    tables: dict[tuple[str, str], list[Row]], nodes: dict[str, Row], runs: Mapping[str, Runs]
) -> None:
    """Add the tracks between the stations of Zhengzhou, with lengths of the timetable of 2026."""
    for start, end, date, source in CONNECTIONS.sections:
        ident = link_id(CONNECTIONS, nodes[start], nodes[end])
        counts = runs[TIMETABLE_2026].km[frozenset((start, end))]
        rows = [
            length_row(
                ident, km, "timetable", TIMETABLE_2026, note=f"printed for {trains} pairs of stops"
            )
            for km, trains in sorted(counts.items())
        ]
        length = counts.most_common(1)[0][0]
        if (start, end) == ("郑州", "郑州西"):
            note = "5 km 郑州–中原 on 陇海线 and 19 km 中原–郑州西 on 郑荥线"
            rows.append(length_row(ident, 24.0, "derived", MILEAGE, note=note))
        minutes, run_rows = link_minutes(ident, length, CONNECTIONS, (start, end), runs)
        ends = (nodes[start], nodes[end])
        add_link(tables, CONNECTIONS, ends, (length, minutes), (date, source), rows=rows + run_rows)
