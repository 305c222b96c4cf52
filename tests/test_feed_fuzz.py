"""Mutated feeds: a clear error or a correct answer, never a traceback and never a silent change.

What is correct is said by a second reader in plain Python, a few lines long, that trusts its input:
whatever `read_feed` accepts, that reader must read the same way.
"""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netlib.errors import DateError, InputError
from netlib.gtfs.feeds import Feed, check_feed, read_feed, select_day
from netlib.gtfs.transfers import stops_table, transfers_table

if TYPE_CHECKING:
    from collections.abc import Mapping

VALLEY = Path(__file__).parent / "feeds" / "valley"
FILES = {path.name: path.read_bytes() for path in sorted(VALLEY.iterdir())}
# A Sunday before and a weekday after, an exception, and the days at both ends.
DAYS = (
    date(2026, 9, 1),
    date(2026, 10, 1),
    date(2026, 10, 3),
    date(2026, 11, 22),
    date(2026, 12, 31),
)
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NASTY = (
    "",
    " ",
    "-1",
    "0",
    "1",
    "2",
    "7",
    "1e3",
    "1e999",
    "nan",
    "inf",
    "٣",
    "2.5",
    "99999999999",
    "25:00:00",
    "24:59:59",
    "99:99:99",
    "8:5:00",
    "20261003",
    "20260230",
    "00000101",
    "99991231",
    "hub",
    "mill",
    "tram",
    "bus",
    "daily",
    "x" * 300,
    "甲",
    "a\nb",
    'say "hi"',
    "\t",
    "\u2028",
    "=1+1",
)


class Call(NamedTuple):
    """A call of a trip as the plain reader sees it."""

    trip: str
    stop: str
    arrival: int
    departure: int
    pickup: bool
    drop_off: bool


def read_plainly(files: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    text = files.get(f"{name}.txt", b"").decode("utf-8-sig")
    rows = csv.DictReader(
        io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n"), newline="")
    )
    stripped = [{k.strip(): v.strip() for k, v in row.items() if k is not None} for row in rows]
    # A row of spaces is a blank line.
    return [row for row in stripped if any(row.values())]


def clock(text: str) -> int | None:
    if not text:
        return None
    hours, minutes, seconds = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + seconds


def running(files: Mapping[str, bytes], day: date) -> set[str]:
    stamp = f"{day:%Y%m%d}"
    services = {
        row["service_id"]
        for row in read_plainly(files, "calendar")
        if row["start_date"] <= stamp <= row["end_date"] and row[WEEK[day.weekday()]] == "1"
    }
    for row in read_plainly(files, "calendar_dates"):
        if row["date"] == stamp:
            (services.add if row["exception_type"] == "1" else services.discard)(row["service_id"])
    return services


def read_distance(text: str) -> float | None:
    """Read a distance; None where there is none, or none that can be read."""
    try:
        value = float(text) if text.isascii() and "_" not in text else -1.0
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def calls_of_trip(rows: list[dict[str, str]], *, has_headway: bool) -> list[Call]:
    rows = sorted(rows, key=lambda row: int(row["stop_sequence"]))
    times = [[clock(row["arrival_time"]), clock(row["departure_time"])] for row in rows]
    times = [[a if a is not None else d, d if d is not None else a] for a, d in times]
    known = [i for i, pair in enumerate(times) if pair[0] is not None]
    way = [read_distance(row.get("shape_dist_traveled", "")) for row in rows]
    for i in range(len(rows)):
        if i in known:
            continue
        a = max(k for k in known if k < i)
        b = min(k for k in known if k > i)
        share = (i - a) / (b - a)
        along = [d for d in way[a : b + 1] if d is not None]
        if len(along) == b + 1 - a and along == sorted(along) and along[-1] > along[0]:
            share = (along[i - a] - along[0]) / (along[-1] - along[0])
        start, end = times[a][1], times[b][0]
        assert start is not None
        assert end is not None
        times[i] = [int(np.rint(start + share * (end - start)))] * 2
    shift = times[0][1] if has_headway else 0
    assert shift is not None
    return [
        Call(
            row["trip_id"],
            row["stop_id"],
            max((arrival or 0) - shift, 0) if has_headway else arrival or 0,
            (departure or 0) - shift,
            row.get("pickup_type", "") != "1",
            row.get("drop_off_type", "") != "1",
        )
        for row, (arrival, departure) in zip(rows, times, strict=True)
    ]


def expected_calls(files: Mapping[str, bytes], day: date) -> list[Call]:
    services = running(files, day)
    headways = {row["trip_id"] for row in read_plainly(files, "frequencies")}
    stop_times = read_plainly(files, "stop_times")
    calls = []
    for trip in sorted(read_plainly(files, "trips"), key=lambda row: row["trip_id"]):
        if trip["service_id"] in services:
            name = trip["trip_id"]
            rows = [row for row in stop_times if row["trip_id"] == name]
            if len(rows) < 2:  # nobody can ride it
                continue
            calls += calls_of_trip(rows, has_headway=name in headways)
    return calls


def found_calls(feed: Feed, day: date) -> list[Call] | None:
    first, last = feed.span
    if not first <= day <= last:
        with pytest.raises(DateError, match=f"{first} to {last}"):
            select_day(feed, day)
        return None
    calls = select_day(feed, day).calls
    calls = calls[calls["day"] == 0]
    columns = ["trip_id", "stop_id", "arrival", "departure", "pickup", "drop_off"]
    return [Call(*row) for row in calls[columns].itertuples(index=False)]


def write(files: Mapping[str, bytes], folder: Path) -> Path:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def try_reading(path: Path) -> Feed | None:
    """Read what can be read; None when that is nothing, for reasons that are told."""
    try:
        return read_feed(path, strict=False)
    except InputError as problem:
        reasons = problem.notices
    assert any(notice.severity == "error" for notice in reasons)
    return None


def judge(files: Mapping[str, bytes]) -> str:
    """Read a mutated feed both ways; return ``error``, ``same`` or ``dropped``."""
    with tempfile.TemporaryDirectory() as name:
        folder = write(files, Path(name))
        notices = check_feed(folder)
        assert notices == sorted(set(notices))
        for notice in notices:
            assert notice.file.endswith(".txt")
            assert notice.rule
            assert "\n" not in str(notice)
            assert notice.line >= 0
        errors = [notice for notice in notices if notice.severity == "error"]
        feed = try_reading(folder)
        if feed is None:
            assert errors
            return "error"
        use_all(feed)
        for day in DAYS:
            found = found_calls(feed, day)
            if not errors:
                expected = expected_calls(files, day)
                assert found == expected if found is not None else not expected
            elif found:
                check_kept(found, files, set(feed["stops"]["stop_id"]))
    return "dropped" if errors else "same"


def use_all(feed: Feed) -> None:
    """Build the tables of stops and transfers: whatever was accepted can be used."""
    stops = stops_table(feed)
    assert stops["stop_id"].is_unique
    assert stops[["x_coord", "y_coord"]].notna().all(axis=None)
    walks = transfers_table(feed, max_metres=500, speed_kmh=4.8, detour_ratio=1.3)
    assert ((walks["seconds"] >= 0) | walks["seconds"].isna()).all()
    assert not walks.duplicated(["from_stop_id", "to_stop_id"]).any()
    assert walks[["from_stop_id", "to_stop_id"]].isin(set(stops["stop_id"])).all(axis=None)


def check_kept(found: list[Call], files: Mapping[str, bytes], stops: set[str]) -> None:
    """Check that a trip that survived dropping is as in the mutated file, at the stops left."""
    try:
        stop_times = read_plainly(files, "stop_times")
        headways = {row["trip_id"] for row in read_plainly(files, "frequencies")}
    except (AttributeError, csv.Error):  # a row too short or too long: the plain reader gives up
        return
    for trip in {call.trip for call in found}:
        rows = [row for row in stop_times if row["trip_id"] == trip and row["stop_id"] in stops]
        mine = [call for call in found if call.trip == trip]
        assert mine == calls_of_trip(rows, has_headway=trip in headways)


def split(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))


def join(rows: list[list[str]]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode()


@st.composite
def mutated_feeds(draw: st.DrawFn) -> dict[str, bytes]:
    files = dict(FILES)
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(sorted(FILES)))
        rows = split(FILES[name])
        row = draw(st.integers(0, len(rows) - 1))
        column = draw(st.integers(0, len(rows[0]) - 1))
        kind = draw(st.sampled_from(("cell", "cell", "cell", "line", "column", "form", "bytes")))
        if kind == "cell":
            cells = [cells[column] for cells in rows[1:]]
            rows[row][column] = draw(st.sampled_from(NASTY) | st.sampled_from(cells) | st.text())
            try:
                files[name] = join(rows)
            except UnicodeEncodeError:
                files[name] = b"\xed\xa0\x80"
        elif kind == "line":
            change = draw(st.sampled_from(("cut", "twice", "swap", "short", "long", "empty")))
            if change == "cut":
                del rows[row]
            elif change == "twice":
                rows.insert(row, rows[row])
            elif change == "swap":
                rows[row], rows[-1] = rows[-1], rows[row]
            elif change == "short":
                rows[row] = rows[row][:-1]
            elif change == "long":
                rows[row] = [*rows[row], "1"]
            else:
                rows.insert(row, [])
            files[name] = join(rows)
        elif kind == "column":
            rows = [cells[:column] + cells[column + 1 :] for cells in rows]
            files[name] = join(rows)
        elif kind == "form":
            text = FILES[name].decode()
            files[name] = draw(
                st.sampled_from(
                    (
                        b"\xef\xbb\xbf" + FILES[name],
                        text.encode("utf-16"),
                        text.replace("\n", "\r\n").encode(),
                        text.replace("\n", "\r").encode(),
                        text.replace(",", ";").encode(),
                        text.replace(",", " , ").encode(),
                        text.upper().encode(),
                        FILES[name] * 2,
                        b"",
                    )
                )
            )
        else:
            data = bytearray(FILES[name])
            for _ in range(draw(st.integers(1, 3))):
                place = draw(st.integers(0, len(data) - 1))
                data[place] = draw(st.sampled_from(b'",\n\r\x00 0129:\xff-.') | st.integers(0, 255))
            files[name] = bytes(data)
    return files


def test_the_plain_reader_agrees_on_the_sound_feed() -> None:
    assert judge(FILES) == "same"
    assert len(expected_calls(FILES, date(2026, 10, 3))) == 8


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated_feeds())
def test_a_mutated_feed_gives_an_error_or_the_right_answer(files: dict[str, bytes]) -> None:
    assert judge(files) in ("error", "same", "dropped")


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_file_cut_off_anywhere(name: str) -> None:
    data = FILES[name]
    outcomes = {judge({**FILES, name: data[:end]}) for end in range(0, len(data), 89)}
    assert outcomes <= {"error", "same", "dropped"}
    assert "error" in outcomes


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=400), st.sampled_from(sorted(FILES)))
def test_a_file_of_any_bytes(data: bytes, name: str) -> None:
    assert judge({**FILES, name: data}) in ("error", "same", "dropped")


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=4))
def test_a_damaged_archive(changes: list[tuple[int, int]]) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in FILES.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    packed = bytearray(stream.getvalue())
    for place, value in changes:
        packed[place % len(packed)] = value
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feed.zip"
        path.write_bytes(packed)
        feed = try_reading(path)
        if feed is not None and feed.notices == ():
            for day in DAYS:
                assert found_calls(feed, day) == expected_calls(FILES, day)
