"""Turn the services of a GTFS feed into a region of the evidence base."""

from __future__ import annotations

import csv
import io
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from netlib.checks import check_networks
from netlib.errors import InputError, MissingFileError, Notice
from netlib.gtfs.export import replace_folder
from netlib.gtfs.feeds import check_date
from netlib.gtfs.locks import lock
from netlib.gtfs.rows import build_rows
from netlib.locations import find_networks
from netlib.tables import read_schema, write_text

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from datetime import date

    from netlib.gtfs.feeds import Feed
    from netlib.gtfs.rows import Rows

REGION_NAME = re.compile(r"[a-z][a-z0-9_-]*")
# Files that a new evidence base takes over from the one at hand; its regions are its own.
SHARED_FILES = ("datapackage.json", "definitions.toml", "parameter.csv", "evidence.csv")


class Imported(NamedTuple):
    """What an import wrote.

    Attributes
    ----------
    day
        The day that stands for the timetable: the one asked for, else the busiest.
    stations, services, trips
        Numbers of rows written.
    notices
        What was found in the feed, what of it the tables cannot say, and warnings of
        `netlib.checks`.
    """

    day: date
    stations: int
    services: int
    trips: int
    notices: tuple[Notice, ...]


def import_feed(
    feed: Feed,
    root: str | os.PathLike[str],
    region: str,
    *,
    day: date | str | None = None,
    address: str = "",
    licence: str = "",
    base: Path | None = None,
) -> Imported:
    """Write the services of a feed as a region of an evidence base, whole or not at all.

    They make one timetable, with the weekdays and dates of exception of the feed. Stops become
    stations, those of one parent station a single one. Trips with clock times make services of kind
    ``timetable``, as do the departures of exact headways; trips with other headways make services
    of kind ``count``. Trips as which a vehicle goes on with its passengers (``block_id``, transfers
    of type 4) are one trip. Every id gets the name of the region before it. Each station, service
    and headway has evidence that names the feed.

    Parameters
    ----------
    feed
        The feed.
    root
        Folder of the evidence base; a new one is begun where there is none.
    region
        Region to add to; a new one is begun where there is none.
    day
        Day whose services alone are wanted; the timetable is exact on the days around it with the
        same ones. All services when not given, exact on all days of the feed; the first of the
        busiest days of eight weeks stands for them.
    address, licence
        Where the feed is from, without scheme, and its terms, for ``source.csv``.
    base
        Evidence base whose schema and parameters a new one takes over; found as in
        `netlib.locations.find_networks` when not given.

    Raises
    ------
    DateError
        If the day lies outside the feed's span.
    InputError
        If an id stands in the evidence base already, or the region would break rules of
        `netlib.checks`; nothing is written.
    MissingFileError
        If ``root`` holds files but no evidence base.
    """
    if not REGION_NAME.fullmatch(region):
        message = "a region is named with small letters, digits, - and _; choose another name"
        raise InputError([Notice(region, 0, "region-name", message)])
    asked = None if day is None else check_date(feed, day)
    rows, wanted, notices = build_rows(feed, region, asked, address=address, licence=licence)
    notices = [*feed.notices, *notices]
    target = Path(root)
    with lock(target):
        notices += _write(target, region, rows, base)
    return Imported(
        day=wanted,
        stations=len(rows["node"]),
        services=len(rows["service"]),
        trips=len(rows["trips"]),
        notices=tuple(notices),
    )


def _write(target: Path, region: str, rows: Rows, base: Path | None) -> list[Notice]:
    """Add the rows to the evidence base, or begin one; return the warnings of its checks."""
    target.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name or 'networks'}."))
    try:
        new = stage / "new"
        is_new = not (target / "datapackage.json").is_file()
        if is_new and target.exists() and any(target.iterdir()):
            raise MissingFileError(f"no datapackage.json in {target}; name an evidence base")
        if is_new:
            _start_base(find_networks(base), new)
        else:
            shutil.copytree(target, new)
        _add_rows(new, region, rows)
        notices = _check(new, region, None if is_new else target)
        if is_new:
            replace_folder(new, target, aside=stage / "old")
        else:
            _commit(new, target, region, stage / "old")
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return notices


def _start_base(base: Path, new: Path) -> None:
    """Begin an evidence base with schema, readings and parameters of another, and no region."""
    new.mkdir()
    for file in SHARED_FILES:
        shutil.copy(base / file, new / file)
    cited = {row["source_id"] for row in _read_rows(new / "evidence.csv")}
    for resource in read_schema(new):
        if resource["scope"] == "global" and not (new / resource["file"]).exists():
            known = _read_rows(base / resource["file"]) if resource["name"] == "source" else []
            kept = [row for row in known if row["source_id"] in cited]
            _write_rows(new / resource["file"], resource["schema"], kept)


def _add_rows(root: Path, region: str, rows: Rows) -> None:
    """Add the rows to the files of the region, or begin them, sorted by key."""
    twice = []
    for resource in read_schema(root):
        name, schema = resource["name"], resource["schema"]
        if resource["scope"] == "global" and name != "source":
            continue
        folder = root if name == "source" else root / region
        path = folder / resource["file"]
        before = _read_rows(path) if path.is_file() else []
        after = [{key: str(value) for key, value in row.items()} for row in rows.get(name, [])]
        known = {_key(row, schema) for row in before}
        for row in after:
            if _key(row, schema) in known:
                key = " ".join(row[column] for column in schema["primaryKey"] if column in row)
                message = f"{key!r} is there already; choose another region or day"
                place = str(path.relative_to(root))
                twice.append(Notice(place, 0, "duplicate-key", message))
        _write_rows(path, schema, before + after)
    if twice:
        raise InputError(sorted(twice))


def _key(row: Mapping[str, str], schema: Mapping[str, Any]) -> tuple[Any, ...]:
    numbers = {f["name"] for f in schema["fields"] if f["type"] != "string"}
    return tuple(
        float(row[name]) if name in numbers else row.get(name, "") for name in schema["primaryKey"]
    )


def _read_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def _write_rows(path: Path, schema: Mapping[str, Any], rows: list[dict[str, str]]) -> None:
    stream = io.StringIO()
    columns = [f["name"] for f in schema["fields"]]
    writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: _key(row, schema)))
    write_text(path, stream.getvalue())


def _check(new: Path, region: str, old: Path | None) -> list[Notice]:
    """Return the warnings on the region; raise the errors that were not there before."""
    notices = check_networks(new)
    errors = [notice for notice in notices if notice.severity == "error"]
    if errors and old is not None:
        before = {(n.file, n.rule, n.message) for n in check_networks(old)}
        errors = [n for n in errors if (n.file, n.rule, n.message) not in before]
    if errors:
        raise InputError(errors)
    return [n for n in notices if n.severity == "warning" and n.file.startswith(f"{region}/")]


def _commit(new: Path, target: Path, region: str, aside: Path) -> None:
    """Put the sources and the region in place; on failure both stay as they were."""
    sources = target / "source.csv"
    before = sources.read_text(encoding="utf-8")
    write_text(sources, (new / "source.csv").read_text(encoding="utf-8"))
    try:
        replace_folder(new / region, target / region, aside=aside)
    except BaseException:
        write_text(sources, before)
        raise
