"""The result against what is known: figures of issue 2 and of operators, made without the program.

The first tables are read off timetables that no part of netlib wrote down; the last is what the
railway announced for lines that opened later.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from netlib.times import travel_times

if TYPE_CHECKING:
    from netlib.tables import Network

# Stations by telecode, as 12306 prints them.
ZHENGZHOU, ZHENGZHOU_EAST, ZHENGZHOU_WEST, AIRPORT_ZONE = "ZZF", "ZAF", "XPF", "ZIF"
XINXIANG, XUCHANG, LUOYANG, XIAN, BEIJING_WEST = "EGF", "XVF", "LLF", "EAY", "BXP"
PUYANG, NANYANG, SANMENXIA, XINYANG, SHIJIAZHUANG = "PUF", "NOF", "SCF", "OYN", "SJP"
JINAN_WEST, CHONGQING_NORTH = "JGK", "CUW"
TENTH = 0.05


@cache
def on_day(network: Network, day: str) -> Network:
    """Return the network of a day, the same for every test, so that its rides are kept."""
    return network.as_of(day)


def fastest(network: Network, day: str, origin: str, destination: str) -> pd.Series:
    table = travel_times(on_day(network, day), [origin], [destination], reading="ride_fastest")
    return table.iloc[0]


# Issue 2, "Check the result against what is known": from, to, least and most minutes in March 2016.
# They are those of 郑州东; the range to 新乡东 holds both directions (20 out, 18 back).
MARCH_2016 = [
    (ZHENGZHOU_EAST, XINXIANG, 18, 20),
    (XINXIANG, ZHENGZHOU_EAST, 18, 20),
    (ZHENGZHOU_EAST, XUCHANG, 22, 22),
    (ZHENGZHOU_EAST, LUOYANG, 41, 41),
    (ZHENGZHOU_EAST, XIAN, 116, 116),
    (ZHENGZHOU_EAST, BEIJING_WEST, 151, 151),
]


@pytest.mark.parametrize(("origin", "destination", "least", "most"), MARCH_2016)
def test_timetable_of_march_2016(
    origin: str, destination: str, least: float, most: float, evidence_base: Network
) -> None:
    row = fastest(evidence_base, "2016-03-15", origin, destination)
    assert least <= row["travel_time_minutes"] <= most
    assert (row["low"], row["high"]) == (row["travel_time_minutes"], row["travel_time_minutes"])
    assert row["kind"] == "timetable"


# "From Zhengzhou's stations": another station of the city may be quicker. 郑州西 lies at 荥阳, on
# the way to 洛阳; G2009 leaves it for 洛阳龙门. G96/97 leaves 郑州 for 西安北 without a stop
# (114 minutes in od_times_2016 of the facts).
OTHER_STATIONS = [
    (ZHENGZHOU_WEST, LUOYANG, 25),
    (ZHENGZHOU, LUOYANG, 37),
    (ZHENGZHOU, XIAN, 114),
]


@pytest.mark.parametrize(("origin", "destination", "minutes"), OTHER_STATIONS)
def test_any_station_of_zhengzhou_is_at_least_as_quick_as_the_main_one(
    origin: str, destination: str, minutes: float, evidence_base: Network
) -> None:
    assert (
        fastest(evidence_base, "2016-03-15", origin, destination)["travel_time_minutes"] == minutes
    )
    city = fastest(evidence_base, "2016-03-15", "410100", destination)["travel_time_minutes"]
    main = fastest(evidence_base, "2016-03-15", ZHENGZHOU_EAST, destination)["travel_time_minutes"]
    assert city <= minutes
    assert city < main


# Issue 2: timetable of October 2026.
OCTOBER_2026 = [
    (ZHENGZHOU_EAST, XUCHANG, 21),
    (ZHENGZHOU_EAST, PUYANG, 52),
    (AIRPORT_ZONE, NANYANG, 53),
    (ZHENGZHOU_EAST, NANYANG, 64),
    (ZHENGZHOU_WEST, SANMENXIA, 57),
    (ZHENGZHOU_EAST, SANMENXIA, 62),
    (ZHENGZHOU_EAST, XINYANG, 60),
    (SHIJIAZHUANG, BEIJING_WEST, 60),
]


@pytest.mark.parametrize("day", ["2026-10-04", "2026-11-22"])
@pytest.mark.parametrize(("origin", "destination", "minutes"), OCTOBER_2026)
def test_timetable_of_october_2026(
    day: str, origin: str, destination: str, minutes: float, evidence_base: Network
) -> None:
    row = fastest(evidence_base, day, origin, destination)
    assert (row["low"], row["travel_time_minutes"], row["high"]) == (minutes, minutes, minutes)
    assert row["kind"] == "timetable"


@pytest.mark.parametrize(
    "day", ["2016-03-15", "2019-11-15", "2022-06-20", "2026-10-04", "2026-11-22"]
)
def test_no_direct_train_ever_goes_to_jiyuan(day: str, evidence_base: Network) -> None:
    # Issue 2. 济源 has a station of the conventional network, without trains of G, D and C classes.
    table = travel_times(
        on_day(evidence_base, day), ["410100", "130100"], ["419001"], reading="ride_fastest"
    )
    assert table["travel_time_minutes"].isna().all()
    assert (table["service"] == "").all()


# Opening day, from, to and announced minutes: they must lie in the range of the nearest timetable
# that is complete for the pair, or of the service typed from the announcement where none is.
# Issue 2: 濮阳东 52, 济南西 103, 重庆北 263, 北京西 131. The others are announcements in its facts.
ANNOUNCED = [
    ("2022-06-20", ZHENGZHOU_EAST, PUYANG, 52),
    ("2022-06-20", ZHENGZHOU_EAST, CHONGQING_NORTH, 263),
    ("2022-06-20", ZHENGZHOU_EAST, BEIJING_WEST, 131),
    # 1032 days before the timetable of October 2026, 1484 after that of November 2019
    ("2023-12-08", ZHENGZHOU_EAST, JINAN_WEST, 103),
    # 南阳东, 平顶山西, 襄阳东: tj.sina.com.cn/news/2019-12-01/detail-iihnzahi4503334.shtml
    ("2019-12-01", ZHENGZHOU_EAST, NANYANG, 69),
    ("2019-12-01", ZHENGZHOU_EAST, "平顶山西", 47),
    ("2019-12-01", ZHENGZHOU_EAST, "襄阳东", 105),
    # 徐州东 (78 to 80): news.tielu.cn/zixun/2016-08-25/113928.html
    ("2016-09-10", ZHENGZHOU_EAST, "徐州东", 78),
    # 成都东, train G89: henan.sina.com.cn/news/m/2017-12-29/detail-ifypyuve2318382.shtml
    ("2017-12-28", "410100", "成都东", 309),
    # 阜阳西: ah.ifeng.com/a/20191201/7892463_0.shtml
    ("2019-12-30", ZHENGZHOU_EAST, "阜阳西", 82),
    # 太原南, from 郑州: digpreneur.com/system/2020/12/13/030288103.shtml
    ("2020-12-12", "410100", "太原南", 144),
    # 石家庄 - 北京西: zhjzbs.com/html/2022/czjs_0621/2469104.html
    ("2022-06-20", SHIJIAZHUANG, BEIJING_WEST, 61),
    # 武汉, train G66 07:40 to 09:16: whwb.cnhan.com/html/whwb/20220621/1431.htm; the model has the
    # difference of two announced times, 228 - 131 - 2
    ("2022-06-20", ZHENGZHOU_EAST, "武汉", 96),
    # 青岛: big5.cctv.com/gate/big5/news.cctv.com/2023/12/07/ARTI4ixuvRg4xcJiuqr6kllb231207.shtml
    ("2023-12-08", ZHENGZHOU_EAST, "青岛", 232),
]


@pytest.mark.parametrize(("day", "origin", "destination", "minutes"), ANNOUNCED)
def test_announced_times_of_lines_opened_later(
    *,
    day: str,
    origin: str,
    destination: str,
    minutes: float,
    evidence_base: Network,
) -> None:
    node = evidence_base["node"]
    named = node.loc[
        (node["name_zh"] == destination) & (node["node_type"] == "rail_station"), "node_id"
    ]
    station = destination if named.empty else named.iloc[0]
    row = fastest(evidence_base, day, origin, station)
    assert row["low"] <= minutes <= row["high"]
    assert row["low"] < row["high"], "no timetable of that day is at hand"


def test_the_announced_times_still_hold_in_2026(evidence_base: Network) -> None:
    # An announcement is of the fastest train; later timetables stay within a tenth of it.
    for destination, minutes in (
        (PUYANG, 52),
        (JINAN_WEST, 103),
        (CHONGQING_NORTH, 263),
        (BEIJING_WEST, 131),
    ):
        row = fastest(evidence_base, "2026-11-22", ZHENGZHOU_EAST, destination)
        assert row["travel_time_minutes"] == pytest.approx(minutes, rel=0.1)
