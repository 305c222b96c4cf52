"""Feeds that others met: what is read of them, what is told, and what an import keeps.

Each feed is a few rows on the line Oak - Elm - Fir; what is right follows from those rows and from
the GTFS Schedule Reference.
"""

from __future__ import annotations

import multiprocessing
import zipfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from netlib.checks import check_networks
from netlib.gtfs.feeds import Feed, check_feed, read_feed, select_day
from netlib.gtfs.files import _read_plain
from netlib.gtfs.imports import import_feed
from netlib.gtfs.network import network_day
from netlib.gtfs.rows import find_busiest_day
from netlib.gtfs.transfers import stops_table, transfers_table
from netlib.tables import read_network
from netlib.timetable import build_timetable
from netlib.timetable.kernels import NEVER
from netlib.timetable.scans import earliest_arrivals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netlib.gtfs.tables import Table

NETWORKS = Path(__file__).parents[1] / "networks"
TUESDAY = "2026-05-12"
WEEK = "monday,tuesday,wednesday,thursday,friday,saturday,sunday"
FILES = {
    "agency": "agency_id,agency_name,agency_url,agency_timezone\nR,Rail,https://r.example,Asia/Shanghai\n",
    "stops": (
        "stop_id,stop_name,stop_lat,stop_lon\n"
        "Oak,Oak,34.7,113.5\nElm,Elm,34.7,113.6\nFir,Fir,34.7,113.7\n"
    ),
    "routes": "route_id,agency_id,route_short_name,route_type\nL,R,L,2\n",
    "trips": "route_id,service_id,trip_id\nL,d,m1\nL,d,m2\n",
    "stop_times": (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "m1,07:12:00,07:12:00,Oak,1\nm1,07:29:00,07:29:00,Elm,2\n"
        "m2,07:30:00,07:30:00,Elm,1\nm2,07:58:00,07:58:00,Fir,2\n"
    ),
    "calendar": f"service_id,{WEEK},start_date,end_date\nd,1,1,1,1,1,1,1,20260301,20261130\n",
}


def write_feed(folder: Path, files: Mapping[str, str | None] | None = None) -> Path:
    """Write the small feed with some files in the place of its own, or without them (None)."""
    folder.mkdir()
    for name, text in {**FILES, **(files or {})}.items():
        if text is not None:
            file = name if "." in name else f"{name}.txt"
            (folder / file).write_text(text, encoding="utf-8")
    return folder


def add(name: str, rows: str, column: str = "") -> str:
    """Return a file of the small feed with rows, and with columns that its own rows leave empty."""
    head, *body = FILES[name].splitlines()
    blank = "," * len(column.split(",")) if column else ""
    head += f",{column}" if column else ""
    return "\n".join([head, *(row + blank for row in body), rows]) + "\n"


def list_errors(path: Path) -> list[tuple[str, str, int]]:
    return [(n.rule, n.file, n.line) for n in check_feed(path) if n.severity == "error"]


def trips_of(feed: Feed) -> list[str]:
    return sorted(feed["trips"]["trip_id"])


def arrive(feed: Feed, start: str, end: str, clock: int, *, change: int = 180) -> int:
    """Return the second of the day of the earliest arrival; -1 when there is none."""
    runs = select_day(feed, TUESDAY)
    walks = transfers_table(feed, max_metres=300, speed_kmh=4.8, detour_ratio=1.3)
    timetable = build_timetable(
        runs.calls,
        stops=stops_table(feed),
        transfers=walks,
        frequencies=runs.frequencies,
        change_seconds=change,
    )
    found = int(earliest_arrivals(timetable, {start: 0}, clock)[timetable.stop_places[end]])
    return -1 if found >= NEVER else found


def clock(hours: int, minutes: int) -> int:
    return hours * 3600 + minutes * 60


FLEX = "location_id,location_group_id,start_pickup_drop_off_window,end_pickup_drop_off_window"
HARMLESS: dict[str, dict[str, str | None]] = {
    # Nobody can ride a trip of one call or none; the rest of the feed is whole.
    "one call": {
        "trips": add("trips", "L,d,m3"),
        "stop_times": add("stop_times", "m3,09:00:00,09:00:00,Oak,1"),
    },
    "no call": {"trips": add("trips", "L,d,m3")},
    # The reference lets trips on demand name zones, groups of stops or windows of time.
    "zone": {
        "trips": add("trips", "L,d,m3"),
        "stop_times": add(
            "stop_times", "m3,,,,1,z,,08:00:00,10:00:00\nm3,,,,2,z,,08:00:00,10:00:00", FLEX
        ),
    },
    "group": {
        "trips": add("trips", "L,d,m3"),
        "stop_times": add(
            "stop_times", "m3,,,,1,,g,08:00:00,10:00:00\nm3,,,,2,,g,08:00:00,10:00:00", FLEX
        ),
    },
    "window after a clock time": {
        "trips": add("trips", "L,d,m3"),
        "stop_times": add(
            "stop_times",
            "m3,06:00:00,06:00:00,Oak,1,,,,\nm3,,,Fir,2,,,08:00:00,10:00:00",
            FLEX,
        ),
    },
    # A stop without a point at which no trip calls.
    "unused stop without a point": {"stops": add("stops", "Ash,Ash,,")},
    "lines of commas and of spaces": {"stops": add("stops", ",,,\n   ")},
    "space after a quote": {
        "agency": FILES["agency"].replace("Rail,", '"Rail" ,'),
        "stops": FILES["stops"].replace("Elm,Elm,", 'Elm, "Elm, north" ,'),
    },
}


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_rows_are_warned_of_and_left_out(name: str, tmp_path: Path) -> None:
    folder = write_feed(tmp_path / "feed", HARMLESS[name])
    assert list_errors(folder) == []
    feed = read_feed(folder)
    assert feed.notices
    assert trips_of(feed) == ["m1", "m2"]
    assert sorted(feed["stops"]["stop_id"]) == ["Elm", "Fir", "Oak"]
    done = import_feed(feed, tmp_path / "networks", "demo", base=NETWORKS)
    assert done.trips == 2
    assert set(feed.notices) <= set(done.notices)
    assert check_networks(tmp_path / "networks") == []


def test_hours_run_on_past_99(tmp_path: Path) -> None:
    # Four days and 5:40 h after midnight; the trip of four days before is under way today.
    late = add("stop_times", "m3,20:00:00,20:00:00,Oak,1\nm3,101:40:00,101:40:00,Fir,2")
    folder = write_feed(tmp_path / "feed", {"trips": add("trips", "L,d,m3"), "stop_times": late})
    assert check_feed(folder) == []
    import_feed(read_feed(folder), tmp_path / "networks", "demo", base=NETWORKS)
    assert check_networks(tmp_path / "networks") == []
    calls = network_day(read_network(tmp_path / "networks").as_of(TUESDAY)).calls
    theirs = calls[calls["trip_id"] == "demo-m3"]
    assert theirs["arrival"].max() == clock(101, 40)
    assert set(theirs["day"]) == {-4, -3, -2, -1, 0, 1}


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_stop_without_an_id_is_nobodys_parent(blank: str, tmp_path: Path) -> None:
    stops = FILES["stops"].replace("Elm,Elm", f"{blank},Ash,34.8,113.6\nElm,Elm")
    head, *rows = stops.splitlines()
    stops = "\n".join([f"{head},parent_station", *(f"{row}," for row in rows)])
    folder = write_feed(tmp_path / "feed", {"stops": stops})
    assert list_errors(folder) == [("required", "stops.txt", 3)]
    feed = read_feed(folder, strict=False)
    assert trips_of(feed) == ["m1", "m2"]
    assert len(feed["stops"]) == 3


MINOR = {
    "parent that is not there": (
        {
            "stops": FILES["stops"]
            .replace("stop_lon", "stop_lon,parent_station")
            .replace("113.5", "113.5,GONE")
            .replace("113.6", "113.6,")
            .replace("113.7", "113.7,")
        },
        ("unknown-id", "stops.txt", 2),
    ),
    "agency that is not there": (
        {"routes": FILES["routes"].replace("L,R", "L,GONE")},
        ("unknown-id", "routes.txt", 2),
    ),
    "agency without a name": (
        {"agency": FILES["agency"].replace("Rail", "")},
        ("required", "agency.txt", 2),
    ),
    "time zone": (
        {"agency": FILES["agency"].replace("Asia/Shanghai", "Beijing")},
        ("unknown-time-zone", "agency.txt", 2),
    ),
    "time zone in small letters": (
        {"agency": FILES["agency"].replace("Asia/Shanghai", "asia/shanghai")},
        ("unknown-time-zone", "agency.txt", 2),
    ),
    "address": (
        {"agency": FILES["agency"].replace("https://r.example", "r.example")},
        ("bad-address", "agency.txt", 2),
    ),
    "replacement character": (
        {"stops": FILES["stops"].replace("Elm,Elm", "Elm,E\N{REPLACEMENT CHARACTER}m")},
        ("replacement-character", "stops.txt", 3),
    ),
    "negative distance": (
        {"stop_times": add("stop_times", "", "shape_dist_traveled").replace("Elm,2,", "Elm,2,-5")},
        ("too-small", "stop_times.txt", 3),
    ),
    "timepoint without a time": (
        {
            "stop_times": add(
                "stop_times",
                "m1,,,Fir,3,1\nm1,08:00:00,08:00:00,Oak,4,",
                "timepoint",
            )
        },
        ("timepoint-without-time", "stop_times.txt", 6),
    ),
    "one vehicle at two places": (
        {
            "trips": "route_id,service_id,trip_id,block_id\nL,d,m1,9\nL,d,m2,9\n",
            "stop_times": FILES["stop_times"].replace("07:30:00", "07:20:00"),
        },
        ("block-overlap", "trips.txt", 3),
    ),
    "feed that ends before it begins": (
        {
            "feed_info": "feed_publisher_name,feed_publisher_url,feed_lang,feed_start_date,"
            "feed_end_date\nR,https://r.example,zh,20261101,20260301\n"
        },
        ("date-order", "feed_info.txt", 2),
    ),
    "language": (
        {
            "feed_info": "feed_publisher_name,feed_publisher_url,feed_lang\n"
            "R,https://r.example,mandarin\n"
        },
        ("bad-language", "feed_info.txt", 2),
    ),
}


@pytest.mark.parametrize("name", MINOR)
def test_errors_that_leave_the_row_of_use(name: str, tmp_path: Path) -> None:
    files, error = MINOR[name]
    folder = write_feed(tmp_path / "feed", files)
    assert list_errors(folder) == [error]
    feed = read_feed(folder, strict=False)
    assert trips_of(feed) == ["m1", "m2"]
    assert not any(notice.rule == "dropped-rows" for notice in feed.notices)


def test_a_transfer_that_flies_is_an_error_and_left_out(tmp_path: Path) -> None:
    # 18 km straight in five minutes.
    text = (
        "from_stop_id,to_stop_id,transfer_type,min_transfer_time\nOak,Fir,2,300\nOak,Elm,2,7200\n"
    )
    folder = write_feed(tmp_path / "feed", {"transfers": text})
    assert list_errors(folder) == [("far-transfer", "transfers.txt", 2)]
    assert read_feed(folder, strict=False)["transfers"]["to_stop_id"].tolist() == ["Elm"]


def test_languages_as_they_are_written(tmp_path: Path) -> None:
    head = "feed_publisher_name,feed_publisher_url,feed_lang\nR,https://r.example,"
    for number, tag in enumerate(["zh", "zh-Hans-CN", "mul", "en-GB", "ZH-tw"]):
        folder = write_feed(tmp_path / str(number), {"feed_info": f"{head}{tag}\n"})
        assert check_feed(folder) == []


def test_files_that_are_not_opened_are_named(tmp_path: Path) -> None:
    folder = write_feed(tmp_path / "feed", {"shapes": "x\n", "fare_rules": "x\n"})
    said = [(n.file, n.rule, n.severity) for n in check_feed(folder)]
    assert said == [
        (f"{name}.txt", "unopened-file", "warning") for name in ("fare_rules", "shapes")
    ]


def test_a_zipped_folder_with_a_note_beside_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "feed.zip", "w") as archive:
        archive.writestr("README.md", "how we made it")
        for name, text in FILES.items():
            archive.writestr(f"inner/{name}.txt", text)
    feed = read_feed(tmp_path / "feed.zip")
    assert [notice.rule for notice in feed.notices] == ["nested-feed"]
    assert trips_of(feed) == ["m1", "m2"]


# Changes and through trips


def test_a_good_place_to_change_has_no_change_time_of_its_own(tmp_path: Path) -> None:
    # m1 arrives at 07:29, m2 leaves at 07:30: three minutes to change are too many, and the next
    # train is tomorrow's.
    rule = "from_stop_id,to_stop_id,transfer_type\nElm,Elm,{}\n"
    for number, (kind, expected) in enumerate([(0, clock(24 + 7, 58)), (1, clock(7, 58))]):
        folder = write_feed(tmp_path / str(number), {"transfers": rule.format(kind)})
        feed = read_feed(folder)
        minimum = stops_table(feed).set_index("stop_id")["min_transfer"]
        assert minimum["Elm"] == 0 if kind else np.isnan(minimum["Elm"])
        assert arrive(feed, "Oak", "Fir", clock(7, 10)) == expected


def test_a_bar_between_platforms_of_a_station_holds(tmp_path: Path) -> None:
    stops = (
        "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n"
        "Oak,Oak,34.7,113.5,0,\nHub,Hub,34.7,113.6,1,\nW,Hub W,34.7,113.6,0,Hub\n"
        "E,Hub E,34.7,113.6001,0,Hub\nFir,Fir,34.7,113.7,0,\n"
    )
    times = (
        FILES["stop_times"].replace("07:29:00,Elm", "07:29:00,W").replace("07:30:00", "07:40:00")
    )
    times = times.replace("Elm", "E")
    bar = "from_stop_id,to_stop_id,transfer_type\nW,E,3\n"
    for number, (transfers, expected) in enumerate([(None, clock(7, 58)), (bar, -1)]):
        files = {"stops": stops, "stop_times": times, "transfers": transfers}
        feed = read_feed(write_feed(tmp_path / str(number), files))
        runs = select_day(feed, TUESDAY)
        places = stops_table(feed)
        hub = pd.DataFrame({"stop_id": ["Hub"], "parent_station": [""]})
        timetable = build_timetable(
            runs.calls,
            stops=pd.concat([places, hub], ignore_index=True),
            transfers=transfers_table(feed, max_metres=300, speed_kmh=4.8, detour_ratio=1.3),
            change_seconds=120,
        )
        found = int(
            earliest_arrivals(timetable, {"Oak": 0}, clock(7, 10))[timetable.stop_places["Fir"]]
        )
        assert (-1 if found >= NEVER else found) == expected


BLOCK = {
    "trips": "route_id,service_id,trip_id,trip_short_name,block_id\nL,d,m1,G1,7\nL,d,m2,G4,7\n"
}
IN_SEAT = {"transfers": "from_trip_id,to_trip_id,transfer_type\nm1,m2,4\n"}


@pytest.mark.parametrize("files", [BLOCK, IN_SEAT])
def test_a_train_that_changes_its_number_is_one_journey(
    files: dict[str, str], tmp_path: Path
) -> None:
    folder = write_feed(tmp_path / "feed", files)
    assert check_feed(folder) == []
    feed = read_feed(folder)
    # One minute at Elm is too little to change, and enough to stay seated.
    assert arrive(feed, "Oak", "Fir", clock(7, 10)) == clock(7, 58)
    import_feed(feed, tmp_path / "networks", "demo", base=NETWORKS)
    network = read_network(tmp_path / "networks").as_of(TUESDAY)
    calls = network_day(network).calls
    calls = calls[calls["day"] == 0]
    assert calls["stop_id"].tolist() == ["demo-Oak", "demo-Elm", "demo-Fir"]
    assert calls["departure"].tolist()[:2] == [clock(7, 12), clock(7, 30)]
    if files is BLOCK:
        assert network["trips"]["trip_short_name"].tolist() == ["G1/G4"]


NO_JOURNEY = {
    # A vehicle that turns back begins a new journey.
    "turns back": {
        "trips": BLOCK["trips"],
        "stop_times": FILES["stop_times"].replace("Fir", "Oak"),
    },
    # Passengers are not carried on an empty run of 9 km.
    "empty run": {
        "trips": BLOCK["trips"],
        "stop_times": FILES["stop_times"].replace("07:29:00,Elm", "07:29:00,Fir"),
    },
    "barred": {**BLOCK, "transfers": "from_trip_id,to_trip_id,transfer_type\nm1,m2,5\n"},
    "train and bus": {
        "routes": add("routes", "B,R,B,3"),
        "trips": BLOCK["trips"].replace("L,d,m2", "B,d,m2"),
    },
}


@pytest.mark.parametrize("name", NO_JOURNEY)
def test_a_block_is_no_journey_where_passengers_leave(name: str, tmp_path: Path) -> None:
    feed = read_feed(write_feed(tmp_path / "feed", NO_JOURNEY[name]))
    assert sorted(select_day(feed, TUESDAY).calls["trip_id"].unique()) == ["m1", "m2"]


def test_trains_that_couple_and_split(tmp_path: Path) -> None:
    # u and v become w, w becomes y and z: four ways, and each ride is offered once.
    files = {
        "trips": "route_id,service_id,trip_id\n" + "".join(f"L,d,{t}\n" for t in "uvwyz"),
        "stops": "stop_id,stop_name,stop_lat,stop_lon\n"
        + "".join(
            f"{name},{name},34.{place},113.{place}\n"
            for place, name in enumerate(["Oak", "Elm", "Fir", "Bay", "Ash", "Yew"])
        ),
        "stop_times": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "u,05:08:00,05:08:00,Oak,1\nu,05:31:00,05:31:00,Fir,2\n"
        "v,05:11:00,05:11:00,Elm,1\nv,05:32:00,05:32:00,Fir,2\n"
        "w,05:34:00,05:34:00,Fir,1\nw,06:14:00,06:14:00,Bay,2\n"
        "y,06:15:00,06:15:00,Bay,1\ny,06:47:00,06:47:00,Ash,2\n"
        "z,06:16:00,06:16:00,Bay,1\nz,06:52:00,06:52:00,Yew,2\n",
        "transfers": "from_trip_id,to_trip_id,transfer_type\nu,w,4\nv,w,4\nw,y,4\nw,z,4\n",
    }
    feed = read_feed(write_feed(tmp_path / "feed", files))
    for start, end, arrival in (
        ("Oak", "Ash", clock(6, 47)),
        ("Oak", "Yew", clock(6, 52)),
        ("Elm", "Ash", clock(6, 47)),
        ("Elm", "Yew", clock(6, 52)),
    ):
        # An hour to change: only who stays seated arrives.
        assert arrive(feed, start, end, clock(5, 0), change=3600) == arrival
    calls = select_day(feed, TUESDAY).calls
    calls = calls[calls["day"] == 0]
    rides = calls.merge(calls, on="trip_id")
    rides = rides[rides["stop_sequence_x"] < rides["stop_sequence_y"]]
    rides = rides[rides["pickup_x"] & rides["drop_off_y"]]
    pairs = rides[["stop_id_x", "stop_id_y"]].value_counts()
    assert pairs.max() == 1
    # Oak and Elm to Fir, Bay, Ash and Yew; Fir to the last three; Bay to the last two.
    assert len(pairs) == 2 * 4 + 3 + 2


def test_the_night_in_which_the_clock_is_put_forward(tmp_path: Path) -> None:
    # Times count from noon minus twelve hours: 26:40 of the 28th, when the clock goes from 2 to 3
    # in the night after, is 03:40 on the 29th.
    files = {
        "agency": FILES["agency"].replace("Asia/Shanghai", "Europe/Madrid"),
        "stop_times": FILES["stop_times"].replace("07:12", "26:40").replace("07:29", "27:05"),
    }
    feed = read_feed(write_feed(tmp_path / "feed", files))
    calls = select_day(feed, "2026-03-29").calls
    night = calls[(calls["trip_id"] == "m1") & (calls["day"] == -1)]
    assert (night["departure"].iloc[0] - 86_400, night["arrival"].iloc[1] - 86_400) == (
        clock(3, 40),
        clock(4, 5),
    )
    # In autumn the night is an hour longer: 26:40 is 01:40 of the next day.
    calls = select_day(feed, "2026-10-25").calls
    night = calls[(calls["trip_id"] == "m1") & (calls["day"] == -1)]
    assert night["departure"].iloc[0] - 86_400 == clock(1, 40)


# Days


def test_the_busiest_day_has_the_most_departures(tmp_path: Path) -> None:
    # One trip every three minutes of sixteen hours on weekdays, three departures on Sundays.
    calendar = (
        f"service_id,{WEEK},start_date,end_date\nwk,1,1,1,1,1,0,0,20260301,20261130\n"
        "su,0,0,0,0,0,0,1,20260301,20261130\n"
    )
    trips = "route_id,service_id,trip_id\nL,wk,m1\nL,su,m2\nL,su,m3\nL,su,m4\n"
    times = FILES["stop_times"] + "".join(
        f"{name},09:00:00,09:00:00,Elm,1\n{name},09:30:00,09:30:00,Fir,2\n" for name in ("m3", "m4")
    )
    rows = "trip_id,start_time,end_time,headway_secs\nm1,06:00:00,22:00:00,180\n"
    files = {"calendar": calendar, "trips": trips, "stop_times": times, "frequencies": rows}
    feed = read_feed(write_feed(tmp_path / "feed", files))
    assert find_busiest_day(feed) == date(2026, 3, 2)


@pytest.fixture
def weekly(tmp_path: Path) -> Feed:
    """A train on weekdays, another on Saturdays; none on 1 May, the Saturday's on 4 May."""
    calendar = (
        f"service_id,{WEEK},start_date,end_date\nwk,1,1,1,1,1,0,0,20260301,20261130\n"
        "sa,0,0,0,0,0,1,0,20260301,20261130\n"
    )
    dates = "service_id,date,exception_type\nwk,20260501,2\nwk,20260504,2\nsa,20260504,1\n"
    trips = "route_id,service_id,trip_id\nL,wk,m1\nL,sa,m2\n"
    files = {"calendar": calendar, "calendar_dates": dates, "trips": trips}
    return read_feed(write_feed(tmp_path / "feed", files))


def trains(root: Path, day: str) -> tuple[list[str], bool]:
    network = read_network(root).as_of(day)
    return sorted(network["trips"]["trip_id"]), network.exact_timetable


def test_weekdays_and_dates_of_exception_are_those_of_the_feed(
    weekly: Feed, tmp_path: Path
) -> None:
    root = tmp_path / "networks"
    done = import_feed(weekly, root, "demo", base=NETWORKS)
    assert done.trips == 2
    assert trains(root, "2026-05-12") == (["demo-m1"], True)
    assert trains(root, "2026-05-16") == (["demo-m2"], True)
    assert trains(root, "2026-05-17") == ([], True)
    assert trains(root, "2026-05-01") == ([], True)
    assert trains(root, "2026-05-04") == (["demo-m2"], True)
    # Two Saturdays after the end: not exact, and a Saturday's trains.
    assert trains(root, "2026-12-12") == (["demo-m2"], False)


def test_one_day_alone_is_exact_on_days_like_it(weekly: Feed, tmp_path: Path) -> None:
    root = tmp_path / "networks"
    assert import_feed(weekly, root, "demo", day=TUESDAY, base=NETWORKS).trips == 1
    assert trains(root, "2026-05-15") == (["demo-m1"], True)
    names, exact = trains(root, "2026-05-16")
    assert not exact
    assert "demo-m2" not in names


def test_what_a_feed_adds_changes_nothing_elsewhere(weekly: Feed, tmp_path: Path) -> None:
    root = tmp_path / "networks"
    import_feed(weekly, root, "first", base=NETWORKS)
    before = trains(root, TUESDAY)
    other = read_feed(write_feed(tmp_path / "other"))
    import_feed(other, root, "second", day="2026-11-20")
    after, _ = trains(root, TUESDAY)
    assert [name for name in after if name.startswith("first-")] == before[0]
    uses = {use.region: use.exact for use in read_network(root).as_of(TUESDAY).timetables}
    assert uses["first"]
    assert check_networks(root) == []


def _import_one(root: Path, folder: Path, region: str) -> None:
    import_feed(read_feed(folder), root, region, base=NETWORKS)


def test_two_imports_at_once_lose_nothing(tmp_path: Path) -> None:
    folder, root = write_feed(tmp_path / "feed"), tmp_path / "networks"
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_import_one, args=(root, folder, name)) for name in ("one", "two")
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0
    sources = set(read_network(root)["source"]["source_id"])
    assert {"gtfs-one-2026-03-01", "gtfs-two-2026-03-01"} <= sources
    assert check_networks(root) == []


def test_a_feed_from_anywhere_on_the_globe(tmp_path: Path) -> None:
    stops = FILES["stops"].replace("113.", "-122.").replace("34.7", "-45.5")
    feed = read_feed(write_feed(tmp_path / "feed", {"stops": stops}))
    done = import_feed(feed, tmp_path / "networks", "abroad", base=NETWORKS)
    assert done.stations == 3
    assert check_networks(tmp_path / "networks") == []


def test_what_is_not_taken_over_is_told(tmp_path: Path) -> None:
    text = "from_stop_id,to_stop_id,transfer_type,min_transfer_time\nElm,Elm,2,480\nFir,Fir,3,\n"
    feed = read_feed(write_feed(tmp_path / "feed", {"transfers": text}))
    done: Any = import_feed(feed, tmp_path / "networks", "demo", base=NETWORKS)
    assert [notice.rule for notice in done.notices] == ["unused-transfer", "unused-bar"]


@pytest.mark.parametrize("name", ["sound", "one call", "negative distance", "language"])
def test_large_files_are_read_by_columns_alike(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited = HARMLESS.get(name) or MINOR.get(name, ({}, None))[0]
    folder = write_feed(tmp_path / "feed", edited)
    by_rows, said = read_feed(folder, strict=False), check_feed(folder)
    monkeypatch.setattr("netlib.gtfs.files.PLAIN_BYTES", 0)
    plain: list[str] = []

    def read_plain(table: Table, data: bytes) -> Any:
        found = _read_plain(table, data)
        plain.extend([] if found is None else [table.name])
        return found

    monkeypatch.setattr("netlib.gtfs.files._read_plain", read_plain)
    by_columns = read_feed(folder, strict=False)
    # All but those with a blank line at the end.
    assert set(FILES) - {"stop_times"} <= set(plain)
    assert name != "sound" or "stop_times" in plain
    assert check_feed(folder) == said
    for table, frame in by_rows.tables.items():
        pd.testing.assert_frame_equal(frame, by_columns[table])
