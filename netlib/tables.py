"""Read the evidence base in networks/ into one frozen `Network` of DataFrames.

`datapackage.json` says which tables there are and what their columns mean. Every frame has two
more columns: ``region`` (empty for global tables) and ``line_number`` (line in its file). GTFS
tables have ``folder`` as well: a region may keep the trains of each timetable in a folder of its
own (``gtfs-2016``) beside ``gtfs``, and all of them are read as one.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from netlib.displays import format_card
from netlib.errors import InputError, MissingFileError, Notice, UnknownNameError
from netlib.locations import find_networks
from netlib.snapshots import (
    SNAPSHOT_KINDS,
    TimetableUse,
    choose_timetables,
    select_tables,
)
from netlib.units import parse_day

if TYPE_CHECKING:
    import networkx as nx

_Kept = TypeVar("_Kept")
# Folder of a region that holds its GTFS tables; further ones begin with the same word.
GTFS = "gtfs"


# Networks of days that are kept, each with all that was made of it: some 100 MB when all readings
# were asked for.
MOST_DAYS = 12


@dataclass(frozen=True, eq=False)
class Network:
    """A dated, sourced network: tables by name and what they stand for.

    Attributes
    ----------
    root
        Folder that the tables were read from.
    tables
        DataFrames by table name; columns as in ``datapackage.json``, numbers as float64 (NaN when
        empty), texts as str, and ``region`` and ``line_number``; GTFS tables also ``folder``.
    day
        Day that the network is of; None for the whole history.
    scenario
        Name of the applied scenario.
    variant
        ``low``, ``central`` or ``high``: which end of the figures' ranges is used.
    timetables
        Timetables in use, one for each region and family of trains; empty before `as_of`.
    snapshot
        Day of the timetable of fast trains in use (of the nearest, where regions differ; of a feed
        where there is no other), empty before `as_of`.
    exact_timetable
        Whether `day` lies in the validity of that timetable.
    whole
        The network of all dates that this one of a day was taken from.
    base
        For a network at one end of its ranges, the network with the central figures.
    memory
        What was computed for this network; it goes when the network goes.
    """

    root: Path
    tables: Mapping[str, pd.DataFrame]
    day: date | None = None
    scenario: str = "baseline"
    variant: str = "central"
    snapshot: str = ""
    exact_timetable: bool = True
    base: Network | None = None
    timetables: tuple[TimetableUse, ...] = ()
    whole: Network | None = None
    memory: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return the table of that name."""
        try:
            return self.tables[table]
        except KeyError:
            raise UnknownNameError("table", table, self.tables) from None

    def __repr__(self) -> str:
        """Show date, scenario and the sizes of the tables that matter."""
        sizes = ", ".join(
            f"{len(self[t])} {t}s" for t in ("node", "link", "line") if t in self.tables
        )
        day = self.day.isoformat() if self.day else "all dates"
        return f"<Network {day}, {self.scenario}, {self.variant}: {sizes}>"

    def _repr_html_(self) -> str:
        """Show the same in a notebook, with the lines by mode and status."""
        line = self["line"]
        counts = pd.crosstab(line["mode"], line["status"])
        facts = {
            "day": self.day or "all dates",
            "scenario": self.scenario,
            "figures": self.variant,
            "timetable": self.snapshot or "none",
            **{f"{t}s": len(self[t]) for t in ("node", "link", "trip") if t in self.tables},
        }
        title = "Network" if self.exact_timetable else "Network, nearest timetable"
        return format_card(title, facts, counts.rename_axis(index="lines", columns=None))

    def remember(self, key: Hashable, make: Callable[[], _Kept]) -> _Kept:
        """Return what ``make`` gives, made once; it is kept as long as this network is."""
        if key not in self.memory:
            self.memory[key] = make()
        found: _Kept = self.memory[key]
        return found

    def with_tables(self, **tables: pd.DataFrame) -> Network:
        """Return a copy in which the named tables are replaced."""
        return replace(self, tables={**self.tables, **tables})

    @property
    def central(self) -> Network:
        """The network with the central figures: itself, unless it stands at one end."""
        return self.base or self

    @cached_property
    def parameters(self) -> Mapping[str, float]:
        """Parameter values by id."""
        frame = self["parameter"]
        return dict(zip(frame["parameter_id"], frame["value"], strict=True))

    def parameter(self, name: str) -> float:
        """Return the value of a parameter; `UnknownNameError` names the nearest ids."""
        if name not in self.parameters:
            raise UnknownNameError("parameter", name, self.parameters)
        return float(self.parameters[name])

    @cached_property
    def names(self) -> Mapping[str, tuple[str, str]]:
        """Chinese and English names of lines, nodes and zones by id; zones come first."""
        names: dict[str, tuple[str, str]] = {}
        for table, key in (("line", "line_id"), ("node", "node_id"), ("zone", "zone_id")):
            frame = self.tables.get(f"reference_{table}", self[table])
            english = frame["name_en"].where(frame["name_en"] != "", frame["name_zh"])
            names |= dict(zip(frame[key], zip(frame["name_zh"], english, strict=True), strict=True))
        return names

    @cached_property
    def trip_names(self) -> Mapping[str, str]:
        """Names that passengers use, by trip_id: train number, or line of a headway service."""
        trips = self["trips"].merge(
            self["routes"][["route_id", "route_long_name"]], on="route_id", how="left"
        )
        names = trips["trip_short_name"].where(
            trips["trip_short_name"] != "", trips["route_long_name"]
        )
        return dict(zip(trips["trip_id"], names.fillna("").astype(str), strict=True))

    def as_of(self, day: date | str, epoch: str = "") -> Network:
        """Return the network that a passenger would have met on ``day``.

        Links, stations and trains of that day, with the nearest timetable of each region and
        family of trains: see `netlib.snapshots.select_tables`, which also says when `DateError` is
        raised. The last `MOST_DAYS` that were asked for are kept with this network.

        Parameters
        ----------
        day
            The day; of a month or year its last.
        epoch
            Day of a timetable whose trains are wanted instead of the nearest ones, as
            `netlib.coverage.choose_epochs` names it.
        """
        wanted = parse_day(day) if isinstance(day, str) else day
        served = choose_timetables(self["timetable"], wanted, epoch)
        # Epochs that lead to the same timetables are the same network.
        key = ("as_of", wanted, *(row["timetable_id"] for row in served))

        def build() -> Network:
            tables, uses = select_tables(self.tables, wanted, epoch=epoch)
            days = [use.day for use in uses if use.modes == "fast"]
            days = days or [use.day for use in uses if use.modes == "all"]
            snapshot = min(days, key=lambda text: (abs(parse_day(text) - wanted), text), default="")
            return replace(
                self,
                tables=tables,
                day=wanted,
                snapshot=snapshot,
                timetables=uses,
                exact_timetable=all(use.exact for use in uses if use.day == snapshot),
                whole=self.whole or self,
            )

        found = self.remember(key, build)
        # The day asked for last comes last; what was made of days long not asked for goes.
        self.memory[key] = self.memory.pop(key)
        kept = [k for k in self.memory if isinstance(k, tuple) and k[0] == "as_of"]
        for old in kept[:-MOST_DAYS]:
            del self.memory[old]
        return found

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return the weighted graph of the day: see `netlib.times.graph.to_networkx`."""
        from netlib.times.graph import to_networkx

        return to_networkx(self)

    @cached_property
    def drifting_services(self) -> frozenset[str]:
        """Services of timetables that are not exact on this day: running times may differ."""
        drifting = {use.timetable_id for use in self.timetables if not use.exact}
        service = self["service"]
        chosen = service["timetable_id"].isin(drifting) & service["kind"].isin(SNAPSHOT_KINDS)
        return frozenset(service.loc[chosen, "service_id"])


def read_schema(root: Path) -> list[dict[str, Any]]:
    """Read the table schemas of ``datapackage.json`` in their order.

    Those of the highway graph are left out: `netlib.highways` reads it when it is asked for.
    """
    try:
        package = json.loads((root / "datapackage.json").read_text(encoding="utf-8"))
    except json.JSONDecodeError as problem:
        notice = Notice("datapackage.json", problem.lineno, "malformed-json", str(problem))
        raise InputError([notice]) from None
    resources: list[dict[str, Any]] = package["resources"]
    return [resource for resource in resources if resource["scope"] != "lazy"]


def read_network(
    path: str | os.PathLike[str] | None = None, *, regions: Iterable[str] | None = None
) -> Network:
    """Read the tables of all regions, or of the named ones, into a `Network`.

    Parameters
    ----------
    path
        Folder of the evidence base; found as in `find_networks` when not given.
    regions
        Folder names such as ``zhengzhou``; all folders with a ``node.csv`` when not given.

    Raises
    ------
    InputError
        If a file is missing, malformed, lacks a column or holds a text where a number belongs.
        All problems of all files are listed.
    UnknownNameError
        If a region has no folder.
    """
    root = find_networks(path)
    known = [folder.name for folder in sorted(root.iterdir()) if (folder / "node.csv").is_file()]
    if not known:
        raise MissingFileError(f"no region in {root}; add a folder with a node.csv")
    chosen = list(known if regions is None else regions)
    for region in chosen:
        if region not in known:
            raise UnknownNameError("region", region, known)
    tables, notices = read_tables(root, chosen)
    if any(notice.severity == "error" for notice in notices):
        raise InputError(notices)
    # What the files say, untouched by dates and scenarios: the way that trains of a snapshot took.
    tables["reference_link"] = tables["link"]
    tables["reference_node"] = tables["node"]
    return Network(root=root, tables=tables)


def read_tables(root: Path, regions: Iterable[str]) -> tuple[dict[str, pd.DataFrame], list[Notice]]:
    """Read every table, collecting problems instead of stopping at the first.

    Returns
    -------
    tables
        DataFrames by table name (see `Network`).
    notices
        Problems of reading; the frames hold what could be read.
    """
    tables: dict[str, pd.DataFrame] = {}
    notices: list[Notice] = []
    chosen = list(regions)
    for resource in read_schema(root):
        scope = resource["scope"]
        folders = [""] if scope == "global" else chosen if scope == "region" else ["", *chosen]
        frames = []
        for folder in folders:
            for name in _list_files(root, folder, resource["file"]):
                frame, found = read_table(root / name, resource["schema"]["fields"], name=name)
                frame["region"] = folder
                if str(resource["file"]).startswith(f"{GTFS}/"):
                    frame["folder"] = name.split("/")[-2]
                frames.append(frame)
                notices.extend(found)
        tables[resource["name"]] = pd.concat(frames, ignore_index=True)
    return tables, notices


def _list_files(root: Path, region: str, file: str) -> list[str]:
    """List the files of a table in a region; further GTFS folders may lack any of them."""
    first = f"{region}/{file}" if region else file
    folder, _, name = file.partition("/")
    if folder != GTFS:
        return [first]
    further = sorted((root / region).glob(f"{GTFS}?*/{name}"))
    return [first, *(path.relative_to(root).as_posix() for path in further)]


def read_table(
    path: Path, fields: list[dict[str, Any]], *, name: str
) -> tuple[pd.DataFrame, list[Notice]]:
    """Read one CSV table with the columns of its schema.

    Parameters
    ----------
    path, name
        The file, and how notices call it.
    fields
        Schema fields: ``name``, ``type`` (``string``, ``number`` or ``integer``) and, where the
        column may be missing and is empty then, ``optional``.

    Returns
    -------
    frame, notices
        Columns as in ``fields`` plus ``line_number``; cells that could not be read are NaN.
    """
    columns = [f["name"] for f in fields]
    empty = pd.DataFrame(
        {c: pd.Series(dtype=_dtype(f)) for c, f in zip(columns, fields, strict=True)}
    )
    empty["line_number"] = pd.Series(dtype="int64")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return empty, [
            Notice(name, 0, "missing-file", "the file is not there; add it with its header")
        ]
    except UnicodeDecodeError as problem:
        line = path.read_bytes()[: problem.start].count(b"\n") + 1
        return empty, [Notice(name, line, "not-utf-8", "save the file as UTF-8")]
    rows, lines, notices = _parse_csv(text, name)
    if any(notice.rule == "malformed-csv" for notice in notices):
        return empty, notices
    header = rows[0]
    optional = {f["name"] for f in fields if f.get("optional")}
    for column in columns:
        if column not in header and column not in optional:
            message = f"column {column!r} is missing; the header should be {','.join(columns)}"
            notices.append(Notice(name, 1, "missing-column", message))
    for column in header:
        if column not in columns:
            message = (
                f"column {column!r} is not in the schema; remove it or add it to datapackage.json"
            )
            notices.append(Notice(name, 1, "unknown-column", message))
    if any(n.rule == "missing-column" for n in notices):
        return empty, notices
    body, numbers = rows[1:], lines[1:]
    data: dict[str, Any] = {}
    for spec in fields:
        if spec["name"] in header:
            place = header.index(spec["name"])
            cells = [row[place] for row in body]
        else:
            cells = [""] * len(body)
        if spec["type"] == "string":
            data[spec["name"]] = pd.Series(cells, dtype=object)
        else:
            values, bad = _parse_numbers(cells)
            data[spec["name"]] = values
            for index in bad:
                message = f"{spec['name']} is {cells[index]!r}; write a number or leave it empty"
                notices.append(Notice(name, numbers[index], "not-a-number", message))
    frame = pd.DataFrame(data)
    frame["line_number"] = pd.Series(numbers, dtype="int64")
    return frame, notices


def _dtype(spec: dict[str, Any]) -> str:
    return "object" if spec["type"] == "string" else "float64"


def _parse_csv(text: str, name: str) -> tuple[list[list[str]], list[int], list[Notice]]:
    """Split into rows of equal width; rows of another width are noticed and left out."""
    reader = csv.reader(io.StringIO(text), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    notices: list[Notice] = []
    start = 1
    try:
        for row in reader:
            if rows and row and len(row) != len(rows[0]):
                message = f"{len(row)} cells where the header has {len(rows[0])}; check the commas"
                notices.append(Notice(name, start, "malformed-row", message))
            elif row:
                rows.append(row)
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as problem:
        notices.append(Notice(name, start, "malformed-csv", f"{problem}; check the quotes"))
    if not rows:
        notices.append(Notice(name, 1, "malformed-csv", "the file is empty; add its header"))
    return rows, lines, notices


_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def _parse_numbers(cells: list[str]) -> tuple[pd.Series, list[int]]:
    bad = [i for i, cell in enumerate(cells) if cell and not _NUMBER.fullmatch(cell)]
    wrong = set(bad)
    values = [float(c) if c and i not in wrong else float("nan") for i, c in enumerate(cells)]
    return pd.Series(values, dtype="float64"), bad


def write_text(path: Path, text: str) -> None:
    """Write a file whole: to a temporary name first, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
