"""Read the files of a GTFS feed into DataFrames, collecting every problem on the way."""

from __future__ import annotations

import codecs
import csv
import io
import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from netlib.errors import InputError, MissingFileError, Notice, Severity
from netlib.gtfs.cells import parse_cells
from netlib.gtfs.tables import BY_NAME, TABLES, UNUSED_FILES, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

# A file larger than this is no timetable: all trains and buses of a large country fit in a tenth.
LARGEST_FILE_BYTES = 2**32
# A rule that a file breaks more often than this is told so often, and then counted.
MOST_NOTICES = 1_000
# Files below this are read row by row in no time; larger ones by columns where they are plain.
PLAIN_BYTES = 1_000_000
# Marks of a file that is not plain: quotes, other line ends, zero bytes, and spaces that may be all
# that a row holds.
PLAIN_WITHOUT = (b'"', b"\r", b"\0", b"\n ", b"\n\t")
NEWLINE, COMMA = b"\n,"
# What a decoder writes where it cannot read a byte.
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Folders that some systems add to an archive.
NO_FEED_FOLDERS = ("__MACOSX",)

# A cell in quotes, with the spaces around it where it begins and ends a cell.
_QUOTED = re.compile(
    r'(?:(?<=[,\n])|\A)(?P<before>[ \t]*)(?P<cell>"(?:[^"]|"")*")(?P<after>[ \t]*)(?=[,\n]|\Z)'
)

_LATE_QUOTE = re.compile(r'(?:^|,)[ \t]+"', re.MULTILINE)

# What Python raises on archives that are damaged, locked with a password or packed in an odd way.
DAMAGE = (OSError, ValueError, RuntimeError, EOFError, struct.error, zipfile.BadZipFile, zlib.error)


class Problem(NamedTuple):
    """A rule that rows of one table break.

    Attributes
    ----------
    table
        Name of the table.
    rows
        Positions in its frame, int64.
    rule
        Name of the rule, in ``kebab-case``.
    messages
        One for each row.
    severity
        ``error`` when the rows break what the reference asks for.
    drops
        Whether the rows cannot be used: a lenient reader leaves them out.
    """

    table: str
    rows: NDArray[np.int64]
    rule: str
    messages: Sequence[str]
    severity: Severity = "error"
    drops: bool = True


class Files(NamedTuple):
    """The tables of a feed as read.

    Attributes
    ----------
    tables
        Frame of every table of `netlib.gtfs.tables`, empty where there is no file: its columns and
        ``line_number`` (int64), texts as object.
    problems
        What is wrong with single rows.
    notices
        What is wrong with whole files.
    """

    tables: dict[str, pd.DataFrame]
    problems: list[Problem]
    notices: list[Notice]


def read_files(path: Path) -> Files:
    """Read every table that netlib uses from a folder or a zip archive.

    Raises
    ------
    MissingFileError
        If ``path`` is not there.
    InputError
        If it is neither a folder nor an archive that can be opened.
    """
    contents, notices = _load(path)
    tables: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for table in TABLES:
        if table.name not in contents:
            tables[table.name] = _empty_frame(table)
            if table.required and not any(n.file == table.file for n in notices):
                message = "the file is not there; a feed must have it"
                notices.append(Notice(table.file, 0, "missing-file", message))
            continue
        frame, found, told = parse_table(table, contents[table.name])
        tables[table.name] = frame
        problems.extend(found)
        notices.extend(told)
    present = set(contents) | {notice.file.removesuffix(".txt") for notice in notices}
    if present.isdisjoint({"calendar", "calendar_dates"}):
        message = "neither calendar.txt nor calendar_dates.txt is there; a feed must have one"
        notices.append(Notice("calendar.txt", 0, "missing-file", message))
    return Files(tables, problems, notices)


def _load(path: Path) -> tuple[dict[str, bytes], list[Notice]]:
    """Return the contents of the known files by table name."""
    if not path.exists():
        raise MissingFileError(f"{path} is not there; name a folder or a zip archive")
    try:
        if path.is_dir():
            inside = path.glob("*/*.txt")
            folder = _find_folder(
                p.relative_to(path).as_posix() for p in (*path.iterdir(), *inside)
            )
            chosen = {p.name: p.read_bytes for p in (path / folder).iterdir() if not p.is_dir()}
            contents, notices = _load_all(chosen)
            return contents, [*_tell_folder(folder, "the folder"), *notices]
        with zipfile.ZipFile(path) as archive:
            members, notices = _list_members(archive)
            readers = {name: _make_reader(archive, info) for name, info in members.items()}
            contents, unread = _load_all(readers)
            return contents, notices + unread
    except DAMAGE as problem:
        message = f"it is neither a folder nor a zip archive that can be opened ({problem})"
        raise InputError([Notice(path.name, 0, "not-a-feed", message)]) from None


def _list_members(archive: zipfile.ZipFile) -> tuple[dict[str, zipfile.ZipInfo], list[Notice]]:
    """Return the files of the archive by name; those of the feed may stand in one folder."""
    notices: list[Notice] = []
    infos = [
        info
        for info in archive.infolist()
        if not info.filename.endswith("/") and info.filename.split("/")[0] not in NO_FEED_FOLDERS
    ]
    folder = _find_folder(info.filename for info in infos)
    notices += _tell_folder(folder, "the archive")
    members: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        place, _, name = info.filename.rpartition("/")
        if place != folder:
            continue
        if name in members:
            message = "the archive holds two files of this name; remove one"
            notices.append(Notice(name, 0, "doubled-file", message))
        members[name] = info
    return members, notices


def _tell_folder(folder: str, place: str) -> list[Notice]:
    if not folder:
        return []
    message = f"the files stand in the folder {folder!r}; they belong at the top of {place}"
    return [Notice(folder, 0, "nested-feed", message, "warning")]


def _find_folder(names: Iterable[str]) -> str:
    """Find the folder in which a feed stands, beside whatever else there is: '' for the top.

    It is the top if any table is there, else the only folder that holds tables.
    """
    files = {table.file for table in TABLES}
    places = [name.rpartition("/") for name in names]
    folders = {place for place, _, name in places if name in files}
    if len(folders) == 1:
        return folders.pop()
    everywhere = {place for place, _, _ in places}
    return everywhere.pop() if not folders and len(everywhere) == 1 else ""


def _make_reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        if info.file_size > LARGEST_FILE_BYTES:
            raise ValueError(f"it has {info.file_size} bytes")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"it is packed by method {info.compress_type}, not deflated")
        return archive.read(info)

    return read


def _load_all(
    readers: dict[str, Callable[[], bytes]],
) -> tuple[dict[str, bytes], list[Notice]]:
    contents: dict[str, bytes] = {}
    notices: list[Notice] = []
    files = {table.file for table in TABLES}
    for name in sorted(set(readers) - files - UNUSED_FILES):
        if name.lower() in files:
            message = f"the file is called {_show(name)}; rename it"
            notices.append(Notice(name.lower(), 0, "misnamed-file", message))
        elif not name.startswith("."):
            message = "it is no file of GTFS; it is left unread"
            notices.append(Notice(_show(name)[1:-1], 0, "unknown-file", message, "warning"))
    for name in sorted(set(readers) & UNUSED_FILES):
        message = "the file is not opened: no travel time depends on it, and nothing here checks it"
        notices.append(Notice(name, 0, "unopened-file", message, "warning"))
    for table in TABLES:
        if table.file not in readers:
            continue
        try:
            contents[table.name] = readers[table.file]()
        except DAMAGE as problem:
            message = f"the file cannot be read ({problem})"
            notices.append(Notice(table.file, 0, "unreadable-file", message))
    return contents, notices


def _empty_frame(table: Table) -> pd.DataFrame:
    nothing = np.array([], dtype=object)
    cells = {c.name: parse_cells(c, nothing)[0] for c in table.columns}
    data: dict[str, Any] = {name: pd.Series(cell, dtype=cell.dtype) for name, cell in cells.items()}
    return pd.DataFrame({**data, "line_number": np.zeros(0, dtype=np.int64)})


def parse_table(table: Table, data: bytes) -> tuple[pd.DataFrame, list[Problem], list[Notice]]:
    """Read one file.

    Returns
    -------
    frame, problems, notices
        As in `Files`. Rows with too few or too many cells stay in the frame, so that what they
        speak of is known; cells that cannot be read are blank.
    """
    if plain := _read_plain(table, data):
        return plain
    try:
        rows, lines, told = _split(_decode(data), table.file)
        if not rows:
            raise _UnreadError(0, "empty-file", "the file is empty; add its header or remove it")
        if len(rows) == 1 and table.required:
            raise _UnreadError(0, "no-rows", "the file has a header only; a feed needs its rows")
    except _UnreadError as problem:
        notice = Notice(table.file, problem.line, problem.rule, str(problem))
        return _empty_frame(table), [], [notice]
    header = [name.strip() for name in rows[0]]
    notices = [*told, *_check_header(table, header)]
    if any(notice.severity == "error" for notice in notices):
        return _empty_frame(table), [], notices
    frame, problems = _parse_rows(table, header, rows[1:], lines[1:])
    return frame, problems, notices


def _read_plain(
    table: Table, data: bytes
) -> tuple[pd.DataFrame, list[Problem], list[Notice]] | None:
    """Read a large file by columns; None if it is small, or has quotes, odd rows or other faults.

    `_split` reads those row by row; what comes out is the same.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    if len(data) < PLAIN_BYTES or any(mark in data for mark in PLAIN_WITHOUT):
        return None
    try:
        header = [name.strip() for name in data[: data.index(b"\n")].decode("utf-8").split(",")]
        notices = _check_header(table, header)
        if any(n.severity == "error" for n in notices) or not _is_even(data, len(header) - 1):
            return None
        wanted = [c.name for c in table.columns if c.name in header]
        frame = pd.read_csv(
            io.BytesIO(data),
            header=None,
            skiprows=1,
            names=[str(place) for place in range(len(header))],
            usecols=[str(header.index(name)) for name in wanted],
            dtype=object,
            na_filter=False,
            quoting=csv.QUOTE_NONE,
            skip_blank_lines=False,
            encoding="utf-8",
        )
    except (ValueError, UnicodeDecodeError):
        return None
    size, cells_of = len(frame), {}
    for name in wanted:
        codes, distinct = pd.factorize(frame.pop(str(header.index(name))).to_numpy(dtype=object))
        cells_of[name] = codes.astype(np.int32), distinct
    lines = np.arange(2, size + 2, dtype=np.int64)
    read, problems = _read_cells(table, cells_of, np.zeros(size, dtype=bool), lines)
    return read, [problem for problem in problems if len(problem.rows)], notices


def _is_even(data: bytes, commas: int) -> bool:
    """Return whether all lines have as many commas and something beside them."""
    text = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(text == NEWLINE)
    if not len(ends) or ends[-1] != len(text) - 1:
        ends = np.append(ends, len(text))
    counts = np.diff(np.searchsorted(np.flatnonzero(text == COMMA), ends), prepend=0)
    lengths = np.diff(ends, prepend=-1) - 1
    return bool((counts == commas).all() and (lengths > commas).all())


def _check_header(table: Table, header: list[str]) -> list[Notice]:
    notices = []
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        message = f"column {name!r} stands twice; remove one"
        notices.append(Notice(table.file, 1, "doubled-column", message))
    for column in table.columns:
        near = [name for name in header if name.lower() == column.name]
        if column.name in header or not (near or column.required):
            continue
        shown = ",".join(header)
        hint = f"rename {near[0]!r}" if near else f"the header is {_show(shown, 200)}"
        message = f"column {column.name!r} is missing; {hint}"
        notices.append(Notice(table.file, 1, "missing-column", message))
    known = {*(column.name for column in table.columns), *table.unused.split()}
    for name in dict.fromkeys(name for name in header if name.lower() not in known):
        message = f"{_show(name)} is no column of {table.file}; it is left unread"
        notices.append(Notice(table.file, 1, "unknown-column", message, "warning"))
    return notices


class _UnreadError(Exception):
    """The file cannot be split into cells."""

    def __init__(self, line: int, rule: str, message: str) -> None:
        self.line = line
        self.rule = rule
        super().__init__(message)


def _decode(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        message = "a byte is not UTF-8; save the file as UTF-8"
        raise _UnreadError(line, "not-utf-8", message) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise _UnreadError(line, "not-text", "a zero byte; save the file as UTF-8 text")
    return text


def _split(text: str, file: str) -> tuple[list[list[str]], NDArray[np.int64], list[Notice]]:
    """Split into rows of cells, without blank rows, and the line on which each starts."""
    # Lines may end in any of the three ways; a line end inside quotes stays one.
    text = io.StringIO(text, newline=None).read()
    notices = []
    places: list[int] = []
    try:
        if ' "' in text and _LATE_QUOTE.search(text):
            text, places = _trim_quotes(text)
        rows, starts = _split_lines(text)
    except _UnreadError:
        text, places = _trim_quotes(text)
        if not places:
            raise
        rows, starts = _split_lines(text)
    if places:
        message = f"{len(places)} cells have spaces outside their quotes; they are taken away"
        line = text.count("\n", 0, places[0]) + 1
        notices.append(Notice(file, line, "padded-cell", message, "warning"))
    filled = np.array([bool(row) and _is_filled(row) for row in rows], dtype=bool)
    blank = starts[np.array([bool(row) for row in rows], dtype=bool) & ~filled]
    if len(blank):
        message = f"{len(blank)} rows are empty but for commas or spaces; they are left out"
        notices.append(Notice(file, int(blank[0]), "blank-row", message, "warning"))
    if filled.all():
        return rows, starts, notices
    kept = [row for row, keep in zip(rows, filled.tolist(), strict=True) if keep]
    return kept, starts[filled], notices


def _trim_quotes(text: str) -> tuple[str, list[int]]:
    """Take spaces between a quote and its comma or line end away; return where they were."""
    places: list[int] = []

    def trim(match: re.Match[str]) -> str:
        before, cell, after = match.group("before", "cell", "after")
        if before or after:
            places.append(match.start("cell"))
        return cell

    return _QUOTED.sub(trim, text), places


def _is_filled(row: list[str]) -> bool:
    """Return whether a row holds more than spaces."""
    return bool(row[0].strip()) or any(cell.strip() for cell in row)


def _split_lines(text: str) -> tuple[list[list[str]], NDArray[np.int64]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    ends: list[int] = [0]
    try:
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num)
    except csv.Error as problem:
        raise _UnreadError(ends[-1] + 1, "malformed-csv", f"{problem}; check the quotes") from None
    return rows, np.array(ends[:-1], dtype=np.int64) + 1


def _parse_rows(
    table: Table, header: list[str], rows: list[list[str]], lines: NDArray[np.int64]
) -> tuple[pd.DataFrame, list[Problem]]:
    problems: list[Problem] = []
    width = len(header)
    wrong = [i for i, row in enumerate(rows) if len(row) != width]
    if wrong:
        messages = [
            f"{len(rows[i])} cells where the header has {width}; check the commas" for i in wrong
        ]
        problems.append(Problem(table.name, _positions(wrong), "malformed-row", messages))
    long = [*np.flatnonzero(np.diff(lines) > 1).tolist(), len(rows) - 1] if rows else []
    swallowed = [i for i in long if _has_swallowed(rows[i])]
    if swallowed:
        message = "a cell in quotes holds whole rows; check the quotes"
        messages = [message] * len(swallowed)
        problems.append(Problem(table.name, _positions(swallowed), "swallowed-row", messages))
    if wrong:
        rows = [(row + [""] * width)[:width] for row in rows]
        # Which cell is which is not known; but the ids tell what the row speaks of.
        ids = {column.name for column in table.columns if column.kind == "id"}
        for i in wrong:
            cells = zip(header, rows[i], strict=True)
            rows[i] = [cell if name in ids else "" for name, cell in cells]
    malformed = np.zeros(len(rows), dtype=bool)
    malformed[wrong] = True
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    cells_of = {
        column.name: pd.factorize(np.array(columns[header.index(column.name)], dtype=object))
        for column in table.columns
        if column.name in header
    }
    frame, found = _read_cells(table, cells_of, malformed, lines)
    return frame, [*problems, *found]


def _read_cells(
    table: Table,
    cells_of: Mapping[str, tuple[NDArray[Any], NDArray[Any]]],
    malformed: NDArray[np.bool_],
    lines: NDArray[np.int64],
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read the cells of rows, each distinct one once.

    Parameters
    ----------
    table
        The table.
    cells_of
        Codes and the distinct cells that they stand for, by column of the file.
    malformed
        Rows of which other problems are told already.
    lines
        Line of each row.
    """
    problems: list[Problem] = []
    data: dict[str, Any] = {}
    size = len(lines)
    padded = np.zeros(size, dtype=bool)
    blank = np.zeros(size, dtype=np.int8), np.array([""], dtype=object)
    for column in table.columns:
        codes, distinct = cells_of.get(column.name, blank)
        texts = np.array([text.strip() for text in distinct], dtype=object)
        padded |= (texts != distinct)[codes] if len(codes) else False
        values, why = parse_cells(column, texts)
        data[column.name] = pd.Series(values[codes], dtype=values.dtype)
        for reason, rule in sorted({w for w in why if w is not None}):
            hit = np.array([w == (reason, rule) for w in why])[codes] & ~malformed
            places = np.flatnonzero(hit)
            shown = texts[codes[places]]
            messages = [f"{column.name} is {_show(text)}; {reason}" for text in shown]
            problems.append(Problem(table.name, places, rule, messages, drops=not column.minor))
        if column.kind == "text":
            broken = np.array([REPLACEMENT in text for text in texts], dtype=bool)
            places = np.flatnonzero(broken[codes]) if len(codes) else codes
            message = "holds the mark of a broken encoding (U+FFFD); write what it was"
            messages = [f"{column.name} {message}"] * len(places)
            rows_of = _positions(places)
            problems.append(
                Problem(table.name, rows_of, "replacement-character", messages, drops=False)
            )
        if column.required == "row":
            places = np.flatnonzero((texts == "")[codes] & ~malformed) if len(codes) else codes
            messages = [f"{column.name} is empty; fill it"] * len(places)
            drops = column.kind != "text" and not column.minor
            rows_of = _positions(places)
            problems.append(Problem(table.name, rows_of, "required", messages, drops=drops))
    if padded.any():
        places = np.flatnonzero(padded)[:1]
        message = f"{int(padded.sum())} rows have spaces around a cell; they are taken away"
        problems.append(
            Problem(table.name, places, "padded-cell", [message], "warning", drops=False)
        )
    frame = pd.DataFrame({**data, "line_number": lines})
    return frame, [problem for problem in problems if len(problem.rows)]


def _has_swallowed(row: list[str]) -> bool:
    """Return whether a cell holds line ends and as many commas as whole rows have.

    A quote that opens in one row and closes in the same column of a later one leaves a row of the
    right width.
    """
    commas = len(row) - 1
    return commas > 0 and any(
        cell.count("\n") > 0 and cell.count(",") >= cell.count("\n") * commas for cell in row
    )


def _positions(rows: Any) -> NDArray[np.int64]:
    return np.asarray(rows, dtype=np.int64)


def _show(text: str, most: int = 40) -> str:
    return repr(text if len(text) <= most else text[:most] + "…")


def make_notices(files: Files) -> list[Notice]:
    """Turn all problems into notices, sorted by file and line, each told once.

    Of a rule that very many rows of a file break, one notice counts the rows after the first
    `MOST_NOTICES`.
    """
    notices = set(files.notices)
    groups: dict[tuple[str, str, Severity], list[Problem]] = {}
    for problem in files.problems:
        key = (problem.table, problem.rule, problem.severity)
        groups.setdefault(key, []).append(problem)
    for (table, rule, severity), problems in groups.items():
        file = BY_NAME[table].file
        rows = np.concatenate([problem.rows for problem in problems])
        lines = files.tables[table]["line_number"].to_numpy()[rows]
        messages = [message for problem in problems for message in problem.messages]
        order = np.argsort(lines, kind="stable").tolist()
        for place in order[:MOST_NOTICES]:
            notices.add(Notice(file, int(lines[place]), rule, messages[place], severity))
        rest = order[MOST_NOTICES:]
        if rest:
            message = f"{len(rest)} more, down to line {lines[rest[-1]]}; mend those above first"
            notices.add(Notice(file, int(lines[rest[0]]), rule, message, severity))
    return sorted(notices)
