"""The trains of 2016, 2021 and 2026: whole, plausible, and different only for a reason."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from netlib.calls import parse_clocks
from netlib.checks import coverage as coverage_checks
from netlib.checks import read_base
from netlib.checks import timetables as timetable_checks
from netlib.checks.rules import Base

NETWORKS = Path(__file__).parents[1] / "networks"
EPOCHS = ("2016-03-15", "2021-01-15", "2026-10-04")
# What may differ between two epochs without a word: a third of the trains or of the fastest ride,
# two hours of the first or last train.
REMARKABLE_RATIO = 4 / 3
REMARKABLE_MINUTES = 120
DAY_MINUTES = 1440

XL_E = "郑徐 opened on 2016-09-10: trains from the east run through to the west and north"
ZT = "郑太 opened on 2020-12-12; before, all trains ran by 石家庄"
GROWTH_2021 = "trains were added with the timetables of 2016 to 2020 and the trains of 350 km/h"
HOLIDAY = (
    "2026-10-04 lies in the National Day holiday and the feed counts every number as daily, night "
    "and peak trains included"
)
GROWTH_2026 = "郑渝, 郑阜 and 济郑 opened and run through 郑州东; " + HOLIDAY
UNBOARDED = (
    "no board of January 2021 stands there: of trains that boards alone know the call is not known"
)
INTERCITY = (
    "intercity lines run more often: 机南 joined in 2022, 宋城路-开封 in 2025, trains skip stops"
)

# Pair, later of two epochs, what moved in either direction, and why.
MOVED = (
    ("郑州东", "北京西", 1, "trains first", GROWTH_2021),
    ("郑州东", "北京西", 2, "trains first last", GROWTH_2026),
    ("郑州东", "石家庄", 1, "trains", GROWTH_2021),
    ("郑州东", "石家庄", 2, "trains first", GROWTH_2026),
    ("郑州东", "武汉", 1, "trains", GROWTH_2021),
    ("郑州东", "武汉", 2, "trains first last", GROWTH_2026),
    ("郑州东", "西安北", 1, "trains first last", XL_E),
    ("郑州东", "西安北", 2, "trains first last", GROWTH_2026),
    ("郑州东", "洛阳龙门", 1, "trains last", XL_E),
    ("郑州东", "洛阳龙门", 2, "first", HOLIDAY),
    ("郑州东", "三门峡南", 1, "trains first last", XL_E),
    ("郑州东", "三门峡南", 2, "trains first", f"{GROWTH_2026}; {UNBOARDED}"),
    ("郑州东", "许昌东", 1, "trains", UNBOARDED),
    ("郑州东", "许昌东", 2, "trains", f"{GROWTH_2026}; {UNBOARDED}"),
    ("郑州东", "新乡东", 1, "trains first", GROWTH_2021),
    ("郑州东", "新乡东", 2, "trains", GROWTH_2026),
    ("郑州东", "信阳东", 1, "trains", GROWTH_2021),
    ("郑州东", "信阳东", 2, "first", HOLIDAY),
    ("郑州东", "驻马店西", 2, "trains first", f"{GROWTH_2026}; {UNBOARDED}"),
    ("郑州东", "安阳东", 2, "trains", f"{GROWTH_2026}; {UNBOARDED}"),
    ("郑州东", "邯郸东", 1, "trains", GROWTH_2021),
    ("郑州东", "邯郸东", 2, "first", HOLIDAY),
    ("郑州东", "广州南", 1, "trains last", GROWTH_2021),
    ("郑州东", "广州南", 2, "trains first", GROWTH_2026),
    ("郑州东", "太原南", 1, "trains first last fastest", ZT),
    ("郑州东", "太原南", 2, "trains last", f"{ZT}; few of its trains are known in 2021"),
    ("郑州东", "徐州东", 1, "trains", XL_E),
    ("郑州东", "徐州东", 2, "trains first last", GROWTH_2026),
    ("郑州东", "上海虹桥", 1, "trains", XL_E),
    ("郑州东", "上海虹桥", 2, "trains first last", GROWTH_2026),
    ("郑州东", "宋城路", 1, "trains", INTERCITY),
    ("郑州东", "宋城路", 2, "trains fastest", INTERCITY),
    ("郑州", "焦作", 1, "trains last", INTERCITY),
    ("郑州", "焦作", 2, "trains first", INTERCITY),
    ("石家庄", "北京西", 2, "first", HOLIDAY),
    ("石家庄", "太原南", 1, "trains", GROWTH_2021),
    ("石家庄", "太原南", 2, "first", HOLIDAY),
)
PAIRS = list(dict.fromkeys((start, end) for start, end, *_ in MOVED))

# Departure and arrival as boards of January 2021 print them, read off by hand.
BOARDS = (
    ("G79", "石家庄", "11:09", "郑州东", "12:31"),
    ("G79", "郑州东", "12:34", "武汉", "14:17"),
    ("G79", "郑州东", "12:34", "广州南", "18:05"),
    ("G89", "郑州东", "09:32", "成都东", "14:38"),
    ("G89", "北京西", "06:53", "郑州东", "09:29"),
    ("G71", "郑州东", "10:57", "信阳东", "12:23"),
    ("G71", "郑州东", "10:57", "福田", "18:08"),
    ("G818", "深圳北", "09:30", "郑州", "16:55"),
    ("G822", "信阳东", "15:52", "郑州", "17:14"),
    ("G437", "石家庄", "07:41", "西安北", "11:02"),
    ("G403", "郑州东", "10:33", "武汉", "12:17"),
    ("G505", "石家庄", "17:03", "郑州东", "18:54"),
    ("G2003", "郑州东", "08:15", "西安北", "10:31"),
    ("G2213", "新乡东", "08:53", "洛阳龙门", "10:02"),
    ("G1564", "新乡东", "07:04", "石家庄", "08:38"),
    ("G1820", "郑州东", "13:25", "商丘", "14:22"),
    ("Z95", "石家庄", "20:37", "郑州", "00:02"),
    ("K152", "商丘", "04:41", "郑州", "07:27"),
)

# Stations that lay in no zone, and the units of the railway's own city names they lie in.
ZONES = {
    "重庆西": "500000",
    "合肥": "340100",
    "合肥西": "340100",
    "太原": "140100",
    "南京": "320100",
    "杭州西": "330100",
    "广州白云": "440100",
    "西安": "610100",
    "武昌": "420100",
    "上海南": "310000",
    "北京南": "110000",
    "福田": "440300",
    "香港西九龙": "810000",
    "济源": "419001",
    "襄阳东": "420600",
    "邢台": "130500",
}

# Patterns that run past 郑州 without their call, by a number that boards time there. No board knows
# G555: whether it calls in 郑州 between 石家庄 and 汉口 is not known, and it counts for neither.
WITHOUT_CALL = ("G25", "G79", "G81", "G83", "G89", "G366", "G487", "G529", "G870")


class Facts(NamedTuple):
    """What one epoch holds of a pair: trains, first and last departure, fastest ride (minutes)."""

    trains: int
    first: float
    last: float
    fastest: float


@pytest.fixture(scope="module")
def base() -> Base:
    regions = [folder.name for folder in sorted(NETWORKS.iterdir()) if (folder / "gtfs").is_dir()]
    found, notices = read_base(NETWORKS, regions)
    assert notices == []
    return found


@pytest.fixture(scope="module")
def calls(base: Base) -> pd.DataFrame:
    """Calls of the trains of the epochs, in order, with times in minutes."""
    service = base["service"][base["service"]["kind"].isin(["timetable", "count"])]
    timetable = base["timetable"][["timetable_id", "day", "modes"]]
    about = service[["service_id", "kind", "timetable_id"]].merge(timetable, on="timetable_id")
    trips = base["trips"][["trip_id", "trip_short_name", "service_id"]].merge(
        about, on="service_id"
    )
    names = base["node"].drop_duplicates("node_id").set_index("node_id")["name_zh"]
    frame = base["stop_times"].merge(trips, on="trip_id")
    frame = frame.assign(
        station=frame["stop_id"].map(names),
        arrival=parse_clocks(frame["arrival_time"]) / 60,
        departure=parse_clocks(frame["departure_time"]) / 60,
    )
    return frame.sort_values(["trip_id", "stop_sequence"], ignore_index=True)


def find_rides(calls: pd.DataFrame, day: str, start: str, end: str) -> pd.DataFrame:
    """Return the direct fast trains of an epoch from one station to another."""
    mine = calls[(calls["day"] == day) & (calls["modes"] == "fast")]
    out, back = (mine[mine["station"] == name] for name in (start, end))
    rides = out.merge(back, on="trip_id", suffixes=("", "_to"))
    rides = rides[rides["stop_sequence"] < rides["stop_sequence_to"]]
    return rides.assign(minutes=rides["arrival_to"] - rides["departure"])


def find_train(calls: pd.DataFrame, number: str) -> pd.DataFrame:
    """Return the calls of the train of 2021 that carries a number, alone or as one of two."""
    mine = calls[calls["day"] == "2021-01-15"]
    return mine[[number in numbers for numbers in mine["trip_short_name"].str.split("_")]]


def summarise(rides: pd.DataFrame) -> Facts:
    clock = rides.loc[rides["kind"] == "timetable", "departure"] % DAY_MINUTES
    return Facts(len(rides), clock.min(), clock.max(), rides["minutes"].min())


def list_moved(early: Facts, late: Facts) -> set[str]:
    """Return what moved by more than goes without a word."""
    if not (early.trains and late.trains):
        return {"trains"} if early.trains != late.trains else set()
    moved = set()
    for name in ("trains", "fastest"):
        few, many = sorted((getattr(early, name), getattr(late, name)))
        if many / few > REMARKABLE_RATIO:
            moved.add(name)
    for name in ("first", "last"):
        if abs(getattr(early, name) - getattr(late, name)) > REMARKABLE_MINUTES:
            moved.add(name)
    return moved


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_what_moved_between_epochs_has_a_reason(calls: pd.DataFrame, pair: tuple[str, str]) -> None:
    ways = (pair, pair[::-1])
    facts = {way: [summarise(find_rides(calls, day, *way)) for day in EPOCHS] for way in ways}
    for late, _ in enumerate(pairwise(EPOCHS), start=1):
        moved = set().union(*(list_moved(facts[way][late - 1], facts[way][late]) for way in ways))
        told = {
            word
            for start, end, epoch, words, _ in MOVED
            if (start, end, epoch) == (*pair, late)
            for word in words.split()
        }
        assert moved == told


def test_twenty_pairs_are_compared() -> None:
    assert len(PAIRS) == 20


@pytest.mark.parametrize(("train", "start", "leaves", "end", "comes"), BOARDS)
def test_trains_of_2021_keep_the_times_of_boards(
    calls: pd.DataFrame, train: str, start: str, leaves: str, end: str, comes: str
) -> None:
    mine = find_train(calls, train).set_index("station")
    printed = parse_clocks(pd.Series([leaves, comes]) + ":00") / 60
    found = (mine["departure"][start] % DAY_MINUTES, mine["arrival"][end] % DAY_MINUTES)
    assert found == tuple(printed)
    assert (mine.loc[[start, end], "timepoint"] == 1).all()


@pytest.mark.parametrize("train", WITHOUT_CALL)
def test_trains_that_a_pattern_runs_past_zhengzhou_call_there(
    calls: pd.DataFrame, train: str
) -> None:
    assert set(find_train(calls, train)["station"]) & {"郑州东", "郑州"}


@pytest.mark.parametrize(
    "end", ["北京西", "深圳北", "成都东", "重庆北", "信阳东", "济南西", "西安北", "上海虹桥"]
)
def test_fastest_rides_of_2021_are_timed_by_boards_at_both_ends(
    calls: pd.DataFrame, end: str
) -> None:
    """Boards stand at all these stations, so a ride without them is no train of that month."""
    rides = pd.concat(find_rides(calls, "2021-01-15", start, end) for start in ("郑州东", "郑州"))
    fastest = rides[rides["minutes"] == rides["minutes"].min()]
    boarded = (fastest[["timepoint", "timepoint_to"]] == 1).all(axis=1)
    assert boarded.any()
    assert fastest.loc[boarded, "service_id"].isin(["T2021", "T2021-BOARD"]).all()


def test_derived_times_are_marked(calls: pd.DataFrame) -> None:
    """Sources of 2016 and 2026 print every time; of 2021 boards print more than half."""
    share = calls.groupby(["day", "kind"])["timepoint"].mean()
    assert share["2016-03-15", "timetable"] == 1
    assert share["2026-10-04", "timetable"] == 1
    assert 0.5 < share["2021-01-15", "timetable"] < 0.75
    assert (share[:, "count"] == 0).all()


def test_conventional_trains_run_where_they_are_needed(calls: pd.DataFrame) -> None:
    """许昌 to 郑州: some 16 a day each way between the downtown stations, 42 to 68 minutes."""
    mine = calls[(calls["timetable_id"] == "zz-2021k")]
    out, back = (mine[mine["station"] == name] for name in ("许昌", "郑州"))
    rides = out.merge(back, on="trip_id", suffixes=("", "_to"))
    north = rides[rides["stop_sequence"] < rides["stop_sequence_to"]]
    minutes = north["arrival_to"] - north["departure"]
    assert 14 <= len(north) <= 20
    assert 40 <= minutes.min() <= 50
    assert "济源" in set(mine["station"])


@pytest.mark.parametrize("station", ZONES)
def test_stations_lie_in_the_zone_of_their_city(base: Base, station: str) -> None:
    node = base["node"]
    rows = node[(node["name_zh"] == station) & (node["node_type"] == "rail_station")]
    zones = coverage_checks.resolve_zones(base)
    assert {zones[name] for name in rows["node_id"]} == {ZONES[station]}


@pytest.mark.parametrize(
    "rule",
    [
        timetable_checks.check_station_zones,
        timetable_checks.check_ride_speed,
        coverage_checks.check_trains_held,
        coverage_checks.check_balance,
        coverage_checks.check_hub_calls,
    ],
)
def test_release_rules_hold(base: Base, rule: object) -> None:
    assert callable(rule)
    assert list(rule(base)) == []


def test_what_2026_lacks_is_stops_and_not_trains(base: Base, calls: pd.DataFrame) -> None:
    """53 trains call at 许昌东 on the way south and 33 on the way north, but as many run past."""
    south = {"许昌东", "漯河西", "驻马店西", "明港东", "信阳东", "孝感北", "横店东", "武汉", "汉口"}
    mine = calls[calls["timetable_id"] == "zz-2026"]
    hub = mine[mine["station"] == "郑州东"].set_index("trip_id")["stop_sequence"]
    beyond = mine[mine["station"].isin(south) & mine["trip_id"].isin(hub.index)]
    ahead = beyond["stop_sequence"] > beyond["trip_id"].map(hub)
    out, back = (beyond.loc[side, "trip_id"].nunique() for side in (ahead, ~ahead))
    assert (out, back) == (104, 103)
    rows = base["coverage"]
    rows = rows[(rows["timetable_id"] == "zz-2026") & (rows["from_zone_id"] == "410100")]
    basis = rows.set_index("to_zone_id")["basis"]
    assert "uneven: counterparts of" in basis["411000"]


def test_coverage_knows_of_trains_that_are_not_held(base: Base) -> None:
    """Boards of 郑州东 name 周口东 as terminus of 19 trains that no board times there."""
    rows = base["coverage"].set_index(["timetable_id", "from_zone_id", "to_zone_id"])
    row = rows.loc[("zz-2021", "410100", "411600")]
    assert row["trains_held"] + 19 <= row["trains_least"]


def test_beijing_wuhan_became_faster_on_a_dated_day(base: Base) -> None:
    rows = base["change"].set_index(["line_id", "date"])["value"]
    assert [rows[line, "2022-06-20"] for line in ("JG-B", "JG-N", "JG-M")] == [350, 350, 350]
