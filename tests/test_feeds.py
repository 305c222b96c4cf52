"""GTFS feeds: what is read, what is refused, and what comes back from an export or an import."""

from __future__ import annotations

import re
import shutil
import time
import tomllib
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from netlib.checks import check_networks
from netlib.errors import DateError, InputError, MissingFileError
from netlib.gtfs import export as feed_export
from netlib.gtfs import imports as feed_import
from netlib.gtfs.export import export_feed
from netlib.gtfs.feeds import Feed, check_feed, read_feed, select_day
from netlib.gtfs.imports import import_feed
from netlib.gtfs.network import network_day, network_stops, network_transfers
from netlib.gtfs.transfers import NEVER_SECONDS, stops_table, transfers_table
from netlib.scenarios import apply_scenario, find_scenario
from netlib.tables import read_network

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from netlib.tables import Network

VALLEY = Path(__file__).parent / "feeds" / "valley"
NETWORKS = Path(__file__).parents[1] / "networks"
BROKEN = tomllib.loads((VALLEY.parent / "broken.toml").read_text(encoding="utf-8"))
WALK = {"speed_kmh": 4.8, "detour_ratio": 1.3}
MONDAY = "2026-11-23"


def clock(text: str) -> int:
    hours, minutes, seconds = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + seconds


def edit_feed(folder: Path, edits: Sequence[Mapping[str, Any]]) -> Path:
    shutil.copytree(VALLEY, folder)
    for edit in edits:
        path = folder / edit["file"]
        if edit.get("remove"):
            path.unlink()
        elif "text" in edit:
            path.write_text(edit["text"], encoding="utf-8")
        else:
            text = path.read_text(encoding="utf-8")
            assert edit["old"] in text
            path.write_text(text.replace(edit["old"], edit["new"], 1), encoding="utf-8")
    return folder


def list_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def zip_feed(path: Path, folder: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in VALLEY.iterdir():
            archive.write(file, folder + file.name)
    return path


@pytest.fixture(scope="module")
def valley() -> Feed:
    return read_feed(VALLEY)


def calls_of(feed: Feed, trip: str, day: str = MONDAY) -> pd.DataFrame:
    calls = select_day(feed, day).calls
    return calls[(calls["trip_id"] == trip) & (calls["day"] == 0)]


def trips_of(feed: Feed, day: str, offset: int = 0) -> list[str]:
    calls = select_day(feed, day).calls
    return calls.loc[calls["day"] == offset, "trip_id"].unique().tolist()


# Reading


def test_a_sound_feed_gives_no_notice(valley: Feed) -> None:
    assert check_feed(VALLEY) == []
    assert valley.span == (date(2026, 9, 1), date(2026, 12, 31))
    assert repr(valley) == "<Feed valley, 2026-09-01 to 2026-12-31: 9 stops, 4 routes, 5 trips>"


@pytest.mark.parametrize("name", BROKEN)
def test_broken_feed(name: str, tmp_path: Path) -> None:
    case = BROKEN[name]
    folder = edit_feed(tmp_path / "feed", case["edits"])
    said = [str(notice) for notice in check_feed(folder)]
    assert len(said) == len(case["notices"]), said
    for text, words in zip(sorted(said), sorted(case["notices"]), strict=True):
        pattern = ".*".join(re.escape(part) for part in words.split("…"))
        assert re.match(pattern, text)
    if any(": error " in text for text in said):
        with pytest.raises(InputError):
            read_feed(folder)
    else:
        assert [str(notice) for notice in read_feed(folder).notices] == said


def test_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    names = ("bad-time", "bad-date", "enum", "headway-overlap", "unused-row")
    edits = [edit for name in names for edit in BROKEN[name]["edits"]]
    notices = check_feed(edit_feed(tmp_path / "feed", edits))
    rules = {notice.rule for notice in notices}
    assert rules == set(names)
    assert notices == sorted(notices)


def test_folder_and_archive_read_the_same(valley: Feed, tmp_path: Path) -> None:
    packed = read_feed(zip_feed(tmp_path / "valley.zip"))
    assert packed.name == valley.name
    for name, frame in valley.tables.items():
        pd.testing.assert_frame_equal(frame, packed[name])


def test_archive_with_one_folder_is_read_with_a_warning(tmp_path: Path) -> None:
    feed = read_feed(zip_feed(tmp_path / "feed.zip", "inner/"))
    assert [notice.rule for notice in feed.notices] == ["nested-feed"]
    assert len(feed["trips"]) == 5


def test_archive_with_two_files_of_a_name(tmp_path: Path) -> None:
    path = zip_feed(tmp_path / "feed.zip")
    with (
        zipfile.ZipFile(path, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("stops.txt", "stop_id\n")
    assert "doubled-file" in [notice.rule for notice in check_feed(path)]


def test_damaged_archive(tmp_path: Path) -> None:
    path = zip_feed(tmp_path / "feed.zip")
    data = bytearray(path.read_bytes())
    start = data.index(b"Valley Transit")
    data[start : start + 6] = b"Barley"
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match=r"^feed_info\.txt: error unreadable-file: .* CRC-32"):
        read_feed(path)


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04 and no more"])
def test_what_is_no_feed(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "feed.zip"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"feed\.zip: error not-a-feed"):
        read_feed(path)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="name a folder or a zip archive"):
        read_feed(tmp_path / "feed.zip")


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "gb18030"])
def test_wrong_encoding(encoding: str, tmp_path: Path) -> None:
    folder = edit_feed(tmp_path / "feed", [{"file": "stops.txt", "old": "Top", "new": "Öberg"}])
    text = (folder / "stops.txt").read_text(encoding="utf-8")
    (folder / "stops.txt").write_bytes(text.encode(encoding))
    with pytest.raises(InputError, match=r"stops\.txt:\d+: error not-utf-8: .*save the file as"):
        read_feed(folder)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_marks_line_ends_and_quotes_change_nothing(
    ending: str, valley: Feed, tmp_path: Path
) -> None:
    folder = edit_feed(tmp_path / "valley", [])
    for path in folder.iterdir():
        rows = path.read_text(encoding="utf-8").splitlines()
        quoted = [",".join(f'"{cell}"' for cell in row.split(",")) for row in rows]
        path.write_bytes(b"\xef\xbb\xbf" + ending.join(quoted).encode() + b"\n\n")
    feed = read_feed(folder)
    assert feed.notices == ()
    for name, frame in valley.tables.items():
        pd.testing.assert_frame_equal(frame, feed[name])


def test_line_ends_inside_quotes_keep_the_line_numbers(tmp_path: Path) -> None:
    edits = [
        {"file": "stops.txt", "old": "Hub platform 1", "new": '"Hub\nplatform 1"'},
        {"file": "stops.txt", "old": "34.500,113.500", "new": "91,113.5"},
    ]
    with pytest.raises(
        InputError, match=r"^stops\.txt:11: error coordinate-out-of-range"
    ) as caught:
        read_feed(edit_feed(tmp_path / "feed", edits))
    assert len(caught.value.notices) == 1


def test_a_hundred_thousand_rows_of_nonsense(tmp_path: Path) -> None:
    rows = [f"t{i % 977},{i},{-i},s{i},{i * 7919},9,x,~" for i in range(100_000)]
    header = (VALLEY / "stop_times.txt").read_text(encoding="utf-8").splitlines()[0]
    text = "\n".join([header, *rows]) + "\n"
    folder = edit_feed(tmp_path / "feed", [{"file": "stop_times.txt", "text": text}])
    start = time.perf_counter()
    with pytest.raises(InputError) as caught:
        read_feed(folder)
    said = [str(notice) for notice in caught.value.notices]
    assert len(said) < 10_000
    assert (
        "stop_times.txt:502: error bad-time: 199000 more, down to line 100001; mend those above "
        "first"
    ) in said
    with pytest.raises(InputError, match="no service runs on any day"):
        read_feed(folder, strict=False)
    assert time.perf_counter() - start < 20


def test_130000_stop_times_in_a_second_or_so(tmp_path: Path) -> None:
    calls = [
        f"t{trip},{'' if 0 < call < 49 else f'{6 + call // 49}:{trip % 60:02d}:00'},,s{call},{call}"
        for trip in range(2_600)
        for call in range(50)
    ]
    stops = [f"s{call},Stop,{34 + call / 500},113" for call in range(50)]
    trips = [f"B,daily,t{trip}" for trip in range(2_600)]
    header = "trip_id,arrival_time,departure_time,stop_id,stop_sequence"
    edits: list[dict[str, Any]] = [
        {"file": "stop_times.txt", "text": "\n".join([header, *calls])},
        {"file": "stops.txt", "text": "\n".join(["stop_id,stop_name,stop_lat,stop_lon", *stops])},
        {"file": "trips.txt", "text": "\n".join(["route_id,service_id,trip_id", *trips])},
        *({"file": f"{name}.txt", "remove": True} for name in ("frequencies", "transfers")),
    ]
    folder = edit_feed(tmp_path / "feed", edits)
    start = time.perf_counter()
    feed = read_feed(folder)
    # It takes 0.6 s on two cores; the bound leaves room for a busy machine.
    assert time.perf_counter() - start < 3
    assert len(feed["stop_times"]) == 130_000
    assert feed["stop_times"]["interpolated"].sum() == 2_600 * 48


# Dropping bad rows


def test_strict_reading_is_the_default_and_dropping_says_so(tmp_path: Path) -> None:
    folder = edit_feed(tmp_path / "feed", BROKEN["bad-time"]["edits"])
    with pytest.raises(InputError):
        read_feed(folder)
    feed = read_feed(folder, strict=False)
    assert "night" not in feed["trips"]["trip_id"].tolist()
    assert trips_of(feed, MONDAY) == ["bus", "tram"]
    also = "with what they belong or refer to"
    assert [str(notice).split(";")[0] for notice in feed.notices] == [
        f"stop_times.txt: warning dropped-rows: 3 of 16 rows dropped, 2 of them {also}",
        "stop_times.txt:11: error bad-time: arrival_time is '24:60:00'",
        f"trips.txt: warning dropped-rows: 1 of 5 rows dropped, 1 of them {also}",
    ]


@pytest.mark.parametrize(
    ("case", "lost"),
    [
        ("malformed-row", {"bus"}),
        # The stop goes with the call at it; the other calls of its trip stay.
        ("no-coordinates", set()),
        ("headway-overlap", {"tram"}),
        ("no-headway", {"shuttle"}),
        ("date-order", {"night", "tram"}),
        ("duplicate-sequence", {"bus-sunday"}),
        ("unknown-id", {"shuttle"}),
        ("transfer-at-a-door", set()),
    ],
)
def test_a_bad_row_takes_its_trip_or_service_with_it(
    case: str, lost: set[str], tmp_path: Path
) -> None:
    feed = read_feed(edit_feed(tmp_path / "feed", BROKEN[case]["edits"]), strict=False)
    kept = {"bus", "bus-sunday", "night", "shuttle", "tram"} - lost
    assert set(feed["trips"]["trip_id"]) == kept
    assert set(feed["stop_times"]["trip_id"]) == kept
    assert any(notice.rule == "dropped-rows" for notice in feed.notices)


@pytest.mark.parametrize("case", ["missing-column", "malformed-csv", "empty-file", "misnamed-file"])
def test_an_unreadable_file_stops_lenient_reading_too(case: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_feed(edit_feed(tmp_path / "feed", BROKEN[case]["edits"]), strict=False)


# Days


def test_blank_times_follow_the_distance_or_the_number_of_stops(valley: Feed) -> None:
    assert calls_of(valley, "bus")["arrival"].tolist() == [
        *map(clock, ("08:00:00", "08:10:00", "08:25:00", "08:50:00"))
    ]
    sunday = calls_of(valley, "bus-sunday", "2026-11-22")
    assert sunday["departure"].tolist() == [
        *map(clock, ("09:00:00", "09:10:00", "09:20:00", "09:30:00"))
    ]


def test_passengers_board_and_alight_as_the_feed_says(valley: Feed) -> None:
    bus = calls_of(valley, "bus")
    assert bus["pickup"].tolist() == [True, True, True, False]
    assert bus["drop_off"].tolist() == [False, True, True, True]


@pytest.mark.parametrize(
    ("day", "trips"),
    [
        ("2026-11-22", ["bus-sunday", "night", "tram"]),
        ("2026-11-23", ["bus", "night", "tram"]),
        ("2026-10-01", ["bus-sunday", "night", "tram"]),  # a Thursday that runs as a Sunday
        ("2026-10-03", ["night", "shuttle", "tram"]),
        ("2026-12-01", ["night", "tram"]),
    ],
)
def test_services_of_a_day(day: str, trips: list[str], valley: Feed) -> None:
    assert trips_of(valley, day) == trips


def test_of_the_day_before_only_what_runs_past_midnight(valley: Feed) -> None:
    assert trips_of(valley, MONDAY, -1) == ["night", "tram"]
    assert trips_of(valley, "2026-09-01", -1) == []
    assert trips_of(valley, "2026-11-21", 1) == ["bus-sunday", "night", "tram"]
    assert trips_of(valley, "2026-12-31", 1) == []


def test_a_journey_of_three_days_is_there_on_each(tmp_path: Path) -> None:
    edits = [{"file": "stop_times.txt", "old": "25:05:00,25:05:00", "new": "73:05:00,73:05:00"}]
    feed = read_feed(edit_feed(tmp_path / "feed", edits))
    calls = select_day(feed, MONDAY).calls
    assert calls.loc[calls["trip_id"] == "night", "day"].unique().tolist() == [-3, -2, -1, 0, 1]


def test_headways_with_and_without_exact_times(valley: Feed) -> None:
    day = select_day(valley, "2026-10-03")
    rows = [tuple(row) for row in day.frequencies.itertuples(index=False)]
    assert rows == [
        ("shuttle", clock("10:00:00"), clock("11:00:00"), 1200, True),
        ("tram", clock("06:00:00"), clock("09:00:00"), 300, False),
        ("tram", clock("09:00:00"), clock("24:30:00"), 600, False),
    ]
    assert calls_of(valley, "tram")["arrival"].tolist() == [0, 420, 900]
    shuttle = calls_of(valley, "shuttle", "2026-10-03")
    assert shuttle["departure"].tolist() == [0, 600]
    assert shuttle["arrival"].tolist() == [0, 600]


@pytest.mark.parametrize("day", ["2026-08-31", "2027-01-01", "0001-01-01", "9999-12-31"])
def test_a_day_outside_the_service_names_the_span(day: str, valley: Feed) -> None:
    with pytest.raises(DateError, match=f"{day} .* runs from 2026-09-01 to 2026-12-31; choose"):
        select_day(valley, day)


def test_the_span_is_of_days_with_service(tmp_path: Path) -> None:
    dates = (
        "service_id,date,exception_type\nweekdays,20260901,2\nfair,20270215,1\nghost,20280101,1\n"
    )
    edits = [
        {"file": "calendar_dates.txt", "text": dates},
        {"file": "trips.txt", "old": "N,daily", "new": "N,weekdays"},
        {"file": "trips.txt", "old": "T,daily", "new": "T,sundays"},
    ]
    feed = read_feed(edit_feed(tmp_path / "feed", edits))
    assert feed.span == (date(2026, 9, 2), date(2027, 2, 15))


def test_the_span_agrees_with_a_walk_over_all_days(valley: Feed) -> None:
    first, last = valley.span
    for day in (first, last):
        assert trips_of(valley, day.isoformat())
    assert (last - first) == timedelta(days=121)


# Stops and transfers


def test_least_times_at_a_stop(valley: Feed) -> None:
    stops = stops_table(valley).set_index("stop_id")
    assert stops["min_transfer"].dropna().to_dict() == {"hub-1": 60, "hub-2": 240}
    assert "hub" not in stops.index
    assert stops.loc["hub-1", "parent_station"] == "hub"


def test_transfers_of_the_feed_come_before_walks(valley: Feed) -> None:
    table = transfers_table(valley, max_metres=500, **WALK)
    table = table.assign(
        seconds=table["seconds"].astype(object).where(table["seconds"].notna(), None)
    )
    assert table.to_numpy().tolist() == [
        ["hub-1", "hub-2", 240],
        ["hub-2", "hub-1", 240],
        ["lake", "lakeside", None],  # ruled out, and the walk of 332.8 m with it
        ["lakeside", "lake", 325],
        ["mill", "hub-2", 0],
    ]


def test_walks_grow_with_the_limit_and_join_platforms_whatever_it_is(tmp_path: Path) -> None:
    feed = read_feed(edit_feed(tmp_path / "feed", [{"file": "transfers.txt", "remove": True}]))
    assert len(transfers_table(feed, max_metres=0, **WALK)) == 2
    table = transfers_table(feed, max_metres=500, **WALK)
    assert len(table) == 4
    assert len(transfers_table(feed, max_metres=2000, **WALK)) == 8
    both = table.merge(
        table, left_on=["from_stop_id", "to_stop_id"], right_on=["to_stop_id", "from_stop_id"]
    )
    assert (both["seconds_x"] == both["seconds_y"]).all()


def test_a_change_that_is_ruled_out_takes_longer_than_any_journey(tmp_path: Path) -> None:
    edits = [{"file": "transfers.txt", "old": "hub-1,hub-1,2,60", "new": "hub-1,hub-1,3,"}]
    stops = stops_table(read_feed(edit_feed(tmp_path / "feed", edits))).set_index("stop_id")
    assert stops.loc["hub-1", "min_transfer"] == NEVER_SECONDS


# Export


def assert_round_trip(network: Network, path: Path) -> Feed:
    export_feed(network, path)
    assert network.day is not None
    feed = read_feed(path)
    # Names and licences are written for other readers; netlib says that it does not open them.
    assert {notice.rule for notice in feed.notices} <= {"unopened-file"}
    ours, theirs = network_day(network), select_day(feed, network.day)
    assert len(ours.calls)
    pd.testing.assert_frame_equal(ours.calls, theirs.calls)
    pd.testing.assert_frame_equal(ours.frequencies, theirs.frequencies)
    walks = transfers_table(feed, max_metres=0, **WALK)
    mine = network_transfers(network).astype({"seconds": "float64"})
    pd.testing.assert_frame_equal(mine, walks)
    stops = stops_table(feed)
    pd.testing.assert_frame_equal(network_stops(network)[list(stops)], stops)
    return feed


@pytest.mark.parametrize("name", ["feed", "feed.zip"])
def test_an_export_reads_back_identical(
    name: str, line_network: Network, transfer_network: Network, tmp_path: Path
) -> None:
    feed = assert_round_trip(line_network.as_of("2026-11-22"), tmp_path / name)
    assert feed.span == (date(2026, 11, 21), date(2026, 11, 23))
    assert_round_trip(transfer_network.as_of("2026-11-22"), tmp_path / name)


@pytest.mark.parametrize("day", ["2016-03-15", "2019-11-20", "2024-09-18"])
def test_the_evidence_base_reads_back_identical(day: str, tmp_path: Path) -> None:
    network = read_network(NETWORKS)
    assert_round_trip(network.as_of(day), tmp_path / "feed.zip")
    if day == "2024-09-18":
        card = find_scenario(network, "zx-every-6-minutes")
        scenario = apply_scenario(network, card).as_of(day)
        feed = assert_round_trip(scenario, tmp_path / "card")
        headways = feed["frequencies"]
        assert (
            360
            in headways.loc[headways["trip_id"].str.startswith("H-ZX-"), "headway_secs"].tolist()
        )
        text = (tmp_path / "card" / "attributions.txt").read_text(encoding="utf-8")
        assert "ODbL 1.0" in text
        info = (tmp_path / "card" / "feed_info.txt").read_text(encoding="utf-8")
        assert "network of 2024-09-18; timetable of 2026-10-04; zx-every-6-minutes" in info


def test_running_times_carry_the_factor_of_their_service(
    line_network: Network, tmp_path: Path
) -> None:
    slower = line_network.with_tables(service=line_network["service"].assign(run_time_ratio=1.5))
    feed = assert_round_trip(slower.as_of("2026-11-22"), tmp_path / "feed")
    calls = select_day(feed, "2026-11-22").calls
    first = calls[(calls["trip_id"] == "G1") & (calls["day"] == 0)]
    minutes = ((first["arrival"] - clock("08:00:00")) / 60).tolist()
    assert minutes == [0, 22.5, 48]


def test_an_export_is_deterministic_and_replaces_an_older_one(
    line_network: Network, tmp_path: Path
) -> None:
    network = line_network.as_of("2026-11-22")
    for name in ("feed.zip", "feed"):
        export_feed(network, tmp_path / name)
    first = (tmp_path / "feed.zip").read_bytes()
    (tmp_path / "feed" / "shapes.txt").write_text("old", encoding="utf-8")
    for name in ("feed.zip", "feed"):
        export_feed(network, tmp_path / name)
    assert (tmp_path / "feed.zip").read_bytes() == first
    assert not (tmp_path / "feed" / "shapes.txt").exists()
    assert list_names(tmp_path) == ["feed", "feed.zip"]


def test_an_export_spares_what_is_no_feed(line_network: Network, tmp_path: Path) -> None:
    network = line_network.as_of("2026-11-22")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "thesis.docx").write_text("years of work", encoding="utf-8")
    (tmp_path / "file").write_text("more work", encoding="utf-8")
    (tmp_path / "dir.zip").mkdir()
    for name in ("notes", "file", "dir.zip"):
        with pytest.raises(InputError, match="choose another name"):
            export_feed(network, tmp_path / name)
    assert (tmp_path / "notes" / "thesis.docx").read_text(encoding="utf-8") == "years of work"
    assert (tmp_path / "file").read_text(encoding="utf-8") == "more work"


@pytest.mark.parametrize("name", ["feed", "feed.zip"])
def test_a_failed_export_leaves_the_old_one(
    name: str, line_network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = line_network.as_of("2026-11-22")
    export_feed(network, tmp_path / name)
    before = read_feed(tmp_path / name)

    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "rename", fail)
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no space left"):
        export_feed(network, tmp_path / name)
    monkeypatch.undo()
    assert list_names(tmp_path) == [name]
    pd.testing.assert_frame_equal(read_feed(tmp_path / name)["trips"], before["trips"])


def test_a_network_without_a_day_or_a_train_is_not_exported(
    line_network: Network, triangle_network: Network, tmp_path: Path
) -> None:
    with pytest.raises(DateError, match="choose a day with as_of"):
        export_feed(line_network, tmp_path / "feed")
    with pytest.raises(DateError, match="no train runs on 2026-11-22"):
        export_feed(triangle_network.as_of("2026-11-22"), tmp_path / "feed")
    assert list_names(tmp_path) == []


def test_a_folder_put_back_when_its_successor_does_not_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(FileNotFoundError):
        feed_export.replace_folder(tmp_path / "missing", target, aside=tmp_path / "aside")
    assert target.is_dir()


# Import


def assert_same_calls(feed: Feed, root: Path, region: str, day: str, trips: list[str]) -> None:
    """Compare the calls of whole trips, stops by their station."""
    ours = network_day(read_network(root).as_of(day)).calls
    stops = feed["stops"].set_index("stop_id")["parent_station"]
    for trip in trips:
        theirs = calls_of(feed, trip, day)
        mine = ours[(ours["trip_id"] == f"{region}-{trip}") & (ours["day"] == 0)]
        assert mine["arrival"].tolist() == theirs["arrival"].tolist()
        assert mine["departure"].tolist() == theirs["departure"].tolist()
        names = [f"{region}-{stops[stop] or stop}" for stop in theirs["stop_id"]]
        assert mine["stop_id"].tolist() == names


def test_a_new_evidence_base_from_a_feed(valley: Feed, tmp_path: Path) -> None:
    root = tmp_path / "networks"
    done = import_feed(valley, root, "valley", day=MONDAY, base=NETWORKS)
    assert (done.day, done.stations, done.services, done.trips) == (date(2026, 11, 23), 6, 3, 3)
    # The feed has four change times and a bar, for which the evidence base has no table.
    assert [notice.rule for notice in done.notices] == ["unused-transfer", "unused-bar"]
    assert check_networks(root) == []
    assert_same_calls(valley, root, "valley", MONDAY, ["bus", "night", "tram"])
    network = read_network(root).as_of(MONDAY)
    assert network.snapshot == MONDAY
    assert network.exact_timetable
    sources = network["evidence"].query("table != 'parameter'")["source_id"].unique().tolist()
    assert sources == [f"gtfs-valley-{MONDAY}"]
    assert dict(zip(network["service"]["service_id"], network["service"]["kind"], strict=True)) == {
        "valley-daily": "timetable",
        "valley-daily-headway": "count",
        "valley-weekdays": "timetable",
    }
    assert_round_trip(network, tmp_path / "feed.zip")


def test_a_region_beside_others(
    valley: Feed, toy_folder: Callable[..., Path], toy_documents: Path
) -> None:
    root = toy_folder("line")
    before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    done = import_feed(valley, root, "valley", day="2026-10-03", licence="CC0", address="a.example")
    assert done.trips == 5  # the night train, the tram, and three departures of the shuttle
    assert check_networks(root, documents=toy_documents) == []
    changed = [p for p, data in before.items() if p.read_bytes() != data]
    assert changed == [root / "source.csv"]
    source = read_network(root)["source"].set_index("source_id").loc["gtfs-valley-2026-10-03"]
    assert (source["licence"], source["address"]) == ("CC0", "a.example")
    calls = network_day(read_network(root).as_of("2026-10-03")).calls
    shuttles = calls[calls["trip_id"].str.contains("shuttle") & (calls["day"] == 0)]
    starts = shuttles.groupby("trip_id")["departure"].first().tolist()
    assert starts == [*map(clock, ("10:00:00", "10:20:00", "10:40:00"))]
    assert list_names(root.parent) == ["line"]


def test_more_services_for_a_region_that_is_there(
    valley: Feed, toy_folder: Callable[..., Path], toy_documents: Path
) -> None:
    root = toy_folder("line")
    import_feed(valley, root, "plain", day="2026-10-04")
    assert check_networks(root, documents=toy_documents) == []
    trips = set(read_network(root)["trips"]["trip_id"])
    assert {"G1", "plain-night", "plain-bus-sunday"} <= trips


def test_the_busiest_day_is_the_default(valley: Feed, tmp_path: Path) -> None:
    done = import_feed(valley, tmp_path / "networks", "valley", base=NETWORKS)
    # 129 departures of the tram and one of the night train a day; then one bus on weekdays, but
    # three shuttles on the day of the fair.
    assert done.day == date(2026, 10, 3)
    timetable = read_network(tmp_path / "networks")["timetable"].iloc[0]
    assert timetable[["timetable_id", "valid_from", "valid_until"]].tolist() == [
        "valley-20261003",
        "2026-09-01",
        "2026-12-31",
    ]


def test_barred_calls_are_kept_and_calls_for_nobody_left_out(tmp_path: Path) -> None:
    edits = [
        {"file": "stop_times.txt", "old": "lake,30,,", "new": "lake,30,1,0"},
        {"file": "stop_times.txt", "old": "mill,20,,", "new": "mill,20,1,1"},
        {"file": "stop_times.txt", "old": "lakeside,2,,", "new": "hub-2,2,,"},
    ]
    feed = read_feed(edit_feed(tmp_path / "feed", edits))
    done = import_feed(feed, tmp_path / "networks", "valley", day=MONDAY, base=NETWORKS)
    told = ["unused-transfer", "unused-bar"]
    assert [notice.rule for notice in done.notices] == told
    stops = read_network(tmp_path / "networks")["stop_times"]
    bus = stops[stops["trip_id"] == "valley-bus"]
    assert bus["stop_id"].tolist() == ["valley-hub", "valley-lake", "valley-top"]
    assert bus["pickup_type"].tolist() == [0, 1, 0]
    assert bus["drop_off_type"].tolist() == [0, 0, 0]
    calls = network_day(read_network(tmp_path / "networks").as_of(MONDAY)).calls
    calls = calls[(calls["trip_id"] == "valley-bus") & (calls["day"] == 0)]
    assert calls["pickup"].tolist() == [True, False, True]
    done = import_feed(feed, tmp_path / "fair", "valley", day="2026-10-03", base=NETWORKS)
    assert [notice.rule for notice in done.notices] == ["short-trip", *told]


def test_an_added_day_outside_the_calendar(tmp_path: Path) -> None:
    edits = [{"file": "calendar_dates.txt", "old": "fair,", "new": "sundays,20261203,1\nfair,"}]
    feed = read_feed(edit_feed(tmp_path / "feed", edits))
    import_feed(feed, tmp_path / "networks", "valley", day="2026-12-03", base=NETWORKS)
    network = read_network(tmp_path / "networks").as_of("2026-12-03")
    assert "valley-bus-sunday" in network["trips"]["trip_id"].tolist()
    week = network["calendar"].set_index("service_id").loc["valley-sundays"]
    # As in the feed: the weeks of the service end before the day that is added.
    assert (week["sunday"], week["start_date"], week["end_date"]) == (1, "20260901", "20261130")
    assert "20261203" in network["calendar_dates"]["date"].tolist()


def list_files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_a_refused_import_writes_nothing(
    valley: Feed, toy_folder: Callable[..., Path], tmp_path: Path
) -> None:
    root = toy_folder("line")
    import_feed(valley, root, "valley", day=MONDAY)
    before = list_files(root.parent)
    with pytest.raises(
        InputError, match=r"source\.csv: error duplicate-key: .* choose another region"
    ):
        import_feed(valley, root, "valley", day=MONDAY)
    with pytest.raises(InputError, match="region-name"):
        import_feed(valley, root, "../Valley", day=MONDAY)
    with pytest.raises(DateError, match="2026-09-01 to 2026-12-31"):
        import_feed(valley, root, "valley", day="2026-08-01")
    abroad = edit_feed(
        tmp_path / "abroad", [{"file": "stops.txt", "old": "34.500,113.500", "new": "34.5,13.5"}]
    )
    before = list_files(root.parent)
    with pytest.raises(InputError, match=r"abroad/gtfs/stop_times\.txt:\d+: error service-speed"):
        import_feed(read_feed(abroad), root, "abroad", day=MONDAY)
    assert list_files(root.parent) == before


def test_an_import_that_fails_at_the_end_leaves_all_as_it_was(
    valley: Feed, toy_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = toy_folder("line")
    before = list_files(root.parent)

    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(feed_import, "replace_folder", fail)
    for region in ("valley", "plain"):
        with pytest.raises(OSError, match="no space left"):
            import_feed(valley, root, region, day="2026-10-04")
        assert list_files(root.parent) == before


def test_an_import_spares_a_folder_that_is_no_evidence_base(valley: Feed, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "thesis.docx").write_text("years of work", encoding="utf-8")
    with pytest.raises(MissingFileError, match="name an evidence base"):
        import_feed(valley, tmp_path / "notes", "valley", day=MONDAY, base=NETWORKS)
    assert list_files(tmp_path) == {"notes/thesis.docx": b"years of work"}


def test_a_day_without_a_trip_is_not_imported(tmp_path: Path) -> None:
    edits = [
        {"file": "trips.txt", "old": "N,daily", "new": "N,fair"},
        {"file": "trips.txt", "old": "T,daily", "new": "T,fair"},
        {"file": "trips.txt", "old": "B,weekdays", "new": "B,sundays"},
    ]
    feed = read_feed(edit_feed(tmp_path / "feed", edits))
    with pytest.raises(DateError, match="no trip of feed runs on 2026-09-09; choose another day"):
        import_feed(feed, tmp_path / "networks", "valley", day="2026-09-09", base=NETWORKS)
    assert list_names(tmp_path) == ["feed"]
