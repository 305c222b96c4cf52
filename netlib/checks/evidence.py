"""Rules of double entry: every figure and date has evidence, and all evidence has its figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from netlib.checks.rules import Base, Rule, hint_names, report
from netlib.errors import DateError, Notice
from netlib.units import parse_date

if TYPE_CHECKING:
    from collections.abc import Iterator

# Cells that need evidence, by table. `location` stands for x_coord and y_coord together.
CELLS = {
    "node": ("location", "open_date", "close_date"),
    "line": ("design_speed_kmh", "status", "start_date", "open_date", "close_date"),
    "link": ("length_km", "run_time_minutes", "open_date", "close_date"),
    "zone": ("population_2020",),
    "parameter": ("value",),
    "frequencies": ("headway_secs",),
    "service": ("run_time_ratio",),
    "timetable": ("day",),
    "change": ("value",),
}
# Fields of evidence rows that are no column: where a node lies, what a timetable stands on,
# the published ride that a modelled service is held against.
FURTHER_FIELDS = {"node": ("location",), "service": ("timetable", "ride_minutes")}
RANGED_KINDS = ("estimated", "assumed")
# Figures count as equal when they differ by no more than the six decimals that are written.
TOLERANCE = 1e-6


def list_cells(base: Base) -> pd.DataFrame:
    """List the filled cells that need evidence.

    Returns
    -------
    DataFrame
        ``table``, ``row_id``, ``field``, ``nature`` (number, date or text), ``cell`` (number, NaN
        for others), ``text``, ``region`` and ``line_number``.
    """
    parts = []
    for table, fields in CELLS.items():
        frame = base[table]
        types = {spec["name"]: spec["type"] for spec in base.schema(table)["fields"]}
        for field in fields:
            part = frame[["region", "line_number"]].copy()
            part["table"], part["row_id"], part["field"] = table, base.keys(table), field
            part["cell"] = np.nan
            if field == "location":
                nature = "text"
                points = zip(frame["x_coord"], frame["y_coord"], strict=True)
                part["text"] = [f"{x:.6f} {y:.6f}" for x, y in points]
                part = part[frame["x_coord"].notna() & frame["y_coord"].notna()]
            elif types[field] == "string":
                nature = "date" if field.endswith("_date") else "text"
                part["text"] = frame[field]
                part = part[frame[field] != ""]
                if field == "status":
                    part = part[~_is_dated(frame)]
            else:
                nature = "number"
                part["cell"] = frame[field]
                part["text"] = frame[field].map("{:.10g}".format).astype(object)
                part = part[frame[field].notna()]
                if table == "frequencies":
                    part = part[~_is_counted(base)]
            parts.append(part.assign(nature=nature))
    return pd.concat(parts, ignore_index=True)


def _is_dated(line: pd.DataFrame) -> pd.Series:
    """Return which lines operate since a known date: its evidence vouches for the status too."""
    return (line["status"] == "operating") & (line["open_date"] != "")


def _is_counted(base: Base) -> pd.Series:
    """Return which headways are a count of trains, for which their timetable vouches."""
    service, trips = base["service"], base["trips"]
    counted = set(service.loc[service["kind"] == "count", "service_id"])
    names = set(trips.loc[trips["service_id"].isin(counted), "trip_id"])
    return base["frequencies"]["trip_id"].isin(names)


def check_double_entry(base: Base) -> Iterator[Notice]:
    """Check that every figure and date has an evidence row equal to it or containing it."""
    cells = list_cells(base)
    evidence = base["evidence"][["table", "row_id", "field", "value", "low", "high"]]
    pairs = cells.reset_index().merge(evidence, on=["table", "row_id", "field"], how="left")
    supported = set(pairs.loc[_supports(pairs), "index"])
    lacking = cells[~cells.index.isin(supported)]
    said: dict[int, list[str]] = {index: [] for index in lacking.index}
    for index, value in zip(pairs["index"], pairs["value"], strict=True):
        if index in said and isinstance(value, str):
            said[index].append(value)
    for table, rows in lacking.groupby("table"):
        is_alone = np.array([not said[index] for index in rows.index])
        bare, opposed = rows[is_alone], rows[~is_alone]
        messages = [
            f"{row.field} {row.text} of {row.row_id} has no evidence; add a row to evidence.csv"
            for row in bare.itertuples()
        ]
        yield from report(base, str(table), bare, "no-evidence", messages)
        messages = [
            f"{row.field} {row.text} of {row.row_id} is not what its evidence says "
            f"({', '.join(said[index][:4])}); correct the cell or add the source that says so"
            for index, row in zip(opposed.index, opposed.itertuples(), strict=True)
        ]
        yield from report(base, str(table), opposed, "evidence-disagrees", messages)


def _supports(pairs: pd.DataFrame) -> pd.Series:
    numbers = pd.to_numeric(pairs["value"], errors="coerce")
    room = TOLERANCE * pairs["cell"].abs().clip(lower=1)
    equal = (numbers - pairs["cell"]).abs() <= room
    inside = (pairs["low"] - room <= pairs["cell"]) & (pairs["cell"] <= pairs["high"] + room)
    texts = list(zip(pairs["nature"], pairs["field"], pairs["text"], pairs["value"], strict=True))
    said = {pair: _says(*pair) for pair in set(texts) if pair[0] != "number"}
    return equal | inside | pd.Series([said.get(pair, False) for pair in texts], index=pairs.index)


def _says(nature: str, field: str, text: str, value: object) -> bool:
    if not isinstance(value, str):
        return False
    if field == "location":
        try:
            return text == " ".join(f"{float(part):.6f}" for part in value.split())
        except ValueError:
            return False
    if nature == "text" or text == value:
        return text == value
    try:
        cell, evidence = parse_date(text), parse_date(value)
    except DateError:
        return False
    return bool(cell and evidence and evidence[0] <= cell[0] and cell[1] <= evidence[1])


def check_evidence_target(base: Base) -> Iterator[Notice]:
    """Check that evidence points to an existing row and field, in the file of its region."""
    evidence = base["evidence"]
    for table in CELLS:
        rows = evidence[evidence["table"] == table]
        keys = base.keys(table)
        unknown = rows[~rows["row_id"].isin(set(keys))]
        hints = hint_names(unknown["row_id"], keys)
        messages = [
            f"{table} {name!r} does not exist{hints[name]}; correct row_id or remove the row"
            for name in unknown["row_id"]
        ]
        yield from report(base, "evidence", unknown, "evidence-row", messages)
        fields = {spec["name"] for spec in base.schema(table)["fields"]}
        fields.update(FURTHER_FIELDS.get(table, ()))
        unknown = rows[~rows["field"].isin(fields)]
        messages = [f"{table} has no field {name!r}; correct it" for name in unknown["field"]]
        yield from report(base, "evidence", unknown, "evidence-field", messages)
        regions = dict(zip(keys, base[table]["region"], strict=True))
        home = rows["row_id"].map(regions)
        strayed = rows[home.notna() & (home != rows["region"])]
        messages = [
            f"{table} {name!r} stands in region {regions[name] or 'all'!r}; move its evidence there"
            for name in strayed["row_id"]
        ]
        yield from report(base, "evidence", strayed, "evidence-region", messages)


def check_evidence_values(base: Base) -> Iterator[Notice]:
    """Check that evidence of a figure is a number and evidence of a date is a date."""
    for _, spec, rows in _list_fields(base):
        if spec["type"] != "string":
            wrong = pd.to_numeric(rows["value"], errors="coerce").isna()
            remedy = "write a number, the rest into note"
        elif spec["name"].endswith("_date"):
            wrong = ~rows["value"].map(_is_date).astype(bool)
            remedy = "write a date, the rest into note"
        else:
            continue
        bad = rows[(rows["value"] != "") & wrong]
        messages = [f"value {value!r} of {spec['name']}: {remedy}" for value in bad["value"]]
        yield from report(base, "evidence", bad, "evidence-value", messages)


def check_evidence_units(base: Base) -> Iterator[Notice]:
    """Check that evidence of a figure has the unit of its column."""
    parameter = base["parameter"].drop_duplicates("parameter_id")
    for table, spec, rows in _list_fields(base):
        if (table, spec["name"]) == ("parameter", "value"):
            units = rows["row_id"].map(parameter.set_index("parameter_id")["unit"])
        elif spec.get("unit"):
            units = pd.Series(spec["unit"], index=rows.index)
        else:
            continue
        wrong = units.notna() & (rows["unit"] != units)
        bad = rows[wrong]
        messages = [
            f"unit {given!r} of {spec['name']} should be {unit!r}; convert the figure"
            for given, unit in zip(bad["unit"], units[wrong], strict=True)
        ]
        yield from report(base, "evidence", bad, "evidence-unit", messages)


def _list_fields(base: Base) -> Iterator[tuple[str, dict[str, Any], pd.DataFrame]]:
    """List the columns that have evidence, with its rows."""
    groups = dict(list(base["evidence"].groupby(["table", "field"])))
    for table in CELLS:
        for spec in base.schema(table)["fields"]:
            if (table, spec["name"]) in groups:
                yield table, spec, groups[table, spec["name"]]


def _is_date(text: str) -> bool:
    try:
        return parse_date(text) is not None
    except DateError:
        return False


def check_evidence_ranges(base: Base) -> Iterator[Notice]:
    """Check that ranges have two ends in order around the value, and estimates have a range."""
    frame = base["evidence"]
    low, high = frame["low"], frame["high"]
    rows = frame[low.isna() != high.isna()]
    message = "only one of low and high is given; give both or none"
    yield from report(base, "evidence", rows, "half-range", [message] * len(rows))
    value = pd.to_numeric(frame["value"], errors="coerce")
    rows = frame[(low > high) | (value < low) | (value > high)]
    messages = [
        f"low {row.low:g}, value {row.value}, high {row.high:g} are not in order; correct them"
        for row in rows.itertuples()
    ]
    yield from report(base, "evidence", rows, "range-order", messages)
    figures = {
        (table, spec["name"]) for table, spec, _ in _list_fields(base) if spec["type"] != "string"
    }
    is_figure = pd.Series(
        [pair in figures for pair in zip(frame["table"], frame["field"], strict=True)],
        index=frame.index,
        dtype=bool,
    )
    rows = frame[is_figure & frame["kind"].isin(RANGED_KINDS) & low.isna() & high.isna()]
    messages = [f"an {kind} figure needs low and high; add them" for kind in rows["kind"]]
    yield from report(base, "evidence", rows, "no-range", messages)


RULES = tuple(
    Rule(check, ("evidence", "trips", *CELLS))
    for check in (
        check_double_entry,
        check_evidence_target,
        check_evidence_values,
        check_evidence_units,
        check_evidence_ranges,
    )
)
