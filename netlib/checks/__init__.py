"""Check the evidence base against every rule and list all problems at once.

The rules stand by subject in the modules beside this one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netlib.checks import coverage as coverage_checks
from netlib.checks import documents as document_checks
from netlib.checks import evidence as evidence_checks
from netlib.checks import files as file_checks
from netlib.checks import grades as grade_checks
from netlib.checks import highways as highway_checks
from netlib.checks import lines as line_checks
from netlib.checks import schema as schema_checks
from netlib.checks import services as service_checks
from netlib.checks import timetables as timetable_checks
from netlib.checks.rules import Base
from netlib.errors import InputError, MissingFileError, NetlibError, Notice, UnknownNameError
from netlib.locations import find_networks
from netlib.scenarios import read_toml
from netlib.tables import GTFS, read_schema, read_tables
from netlib.units import parse_day

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable
    from datetime import date
    from pathlib import Path

RULES = (
    *schema_checks.RULES,
    *evidence_checks.RULES,
    *line_checks.RULES,
    *service_checks.RULES,
    *timetable_checks.RULES,
    *coverage_checks.RULES,
    *document_checks.RULES,
    *file_checks.RULES,
    *highway_checks.RULES,
)
# Problems of reading after which nothing is known of a table.
UNREAD = ("missing-file", "not-utf-8", "malformed-csv", "missing-column")


def check_networks(
    root: Path | None = None,
    *,
    regions: Iterable[str] | None = None,
    documents: Path | None = None,
    readers: Iterable[Callable[[Path], object]] = (),
) -> list[Notice]:
    """Check all tables and files of an evidence base.

    A rule is left out when a table that it needs cannot be read, so that one cause is told once.

    Parameters
    ----------
    root
        Folder of the evidence base; found as in `netlib.locations.find_networks` when not given.
    regions
        Regions whose problems are wanted, with those of the global files; all when not given.
    documents
        Folder of the documents; quotes are compared with their words when it is given.
    readers
        Further readers of files under ``root``, such as `netlib.claims.read_claims`, whose
        `InputError` joins the list.

    Returns
    -------
    list of Notice
        Sorted by file and line.

    Raises
    ------
    MissingFileError
        If there is no ``datapackage.json``, no region, or no folder of documents as named.
    InputError
        If ``datapackage.json`` itself is malformed.
    UnknownNameError
        If a region has no folder.
    """
    root = find_networks(root)
    if documents is not None and not documents.is_dir():
        raise MissingFileError(f"{documents} is no folder; name the folder of the documents")
    known = [folder.name for folder in sorted(root.iterdir()) if (folder / "node.csv").is_file()]
    if not known:
        raise MissingFileError(f"no region in {root}; add a folder with a node.csv")
    chosen = set(known if regions is None else regions)
    for region in chosen.difference(known):
        raise UnknownNameError("region", region, known)
    base, notices = read_base(root, known, documents=documents)
    for rule in RULES:
        if base.unread.isdisjoint(rule.needs):
            notices.extend(rule.check(base))
    for reader in readers:
        try:
            reader(root)
        except InputError as problem:
            notices.extend(problem.notices)
    others = tuple(f"{region}/" for region in known if region not in chosen)
    return sorted({notice for notice in notices if not notice.file.startswith(others)})


def count_network_grades(root: Path) -> dict[str, Counter[str]]:
    """Count sources, evidence rows and quotes by the grade of the source; none where unreadable."""
    known = [folder.name for folder in sorted(root.iterdir()) if (folder / "node.csv").is_file()]
    base, _ = read_base(root, known)
    return {} if base.unread & {"source", "evidence"} else grade_checks.count_grades(base)


def read_base(
    root: Path, regions: Iterable[str], *, documents: Path | None = None
) -> tuple[Base, list[Notice]]:
    """Read the tables as far as they can be read.

    Returns
    -------
    base, notices
        What the rules are given, and the problems of reading.
    """
    tables, notices = read_tables(root, regions)
    resources = read_schema(root)
    unread_files = {
        re.sub(rf"/{GTFS}[^/]*/", f"/{GTFS}/", notice.file)
        for notice in notices
        if notice.rule in UNREAD
    }
    unread = frozenset(
        resource["name"]
        for resource in resources
        if any(f"/{name}".endswith(f"/{resource['file']}") for name in unread_files)
    )
    base = Base(
        root=root,
        resources=resources,
        tables=tables,
        unread=unread,
        unreadable=frozenset((n.file, n.line) for n in notices if n.rule == "not-a-number"),
        documents=documents,
        today=_read_today(root),
    )
    return base, notices


def _read_today(root: Path) -> date | None:
    try:
        text = read_toml(root / "definitions.toml", "definitions.toml").get("today")
        return parse_day(str(text)) if text else None
    except NetlibError:
        return None
