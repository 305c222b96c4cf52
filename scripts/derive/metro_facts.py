"""Facts of Zhengzhou's metro typed by hand: sources, lines, sections, announced dates."""

from __future__ import annotations

from typing import NamedTuple

from derive.base import ACCESSED, Row


class Figure(NamedTuple):
    """A figure with its range and its source; ``low`` is None for a published figure."""

    value: float
    low: float | None
    high: float | None
    source_id: str
    note: str = ""


class Section(NamedTuple):
    """Stations ``first`` to ``last`` (positions on the line) that opened together."""

    first: int
    last: int
    open_date: str
    source_id: str
    note: str = ""


class Line(NamedTuple):
    """One line of the metro.

    ``late_station`` is a station that trains passed at first: slug, opening, day before, source.
    """

    key: str
    name_en: str
    mode: str
    length_km: Figure | None
    sections: tuple[Section, ...]
    speed: Figure | None = None
    start: tuple[str, str] = ("", "")
    late_station: tuple[str, str, str, str] = ("", "", "", "")
    note: str = ""


OPENMETRO = "metro-openmetro"
OSM = "metro-osm"
GAZETTE_L14 = "metro-railway-gazette-line14"
GAZETTE_CJ = "metro-railway-gazette-chengjiao"
GAZETTE_L34 = "metro-railway-gazette-lines-3-4"
RAILJOURNAL = "metro-railjournal-2017"
GOV_L1 = "metro-gov-line1"
TRANSPORT_L2 = "metro-line2-2016"
ZZMETRO_L2 = "metro-zzmetro-line2-phase2"
LINE3_PHASE2 = "metro-line3-phase2"
ZZRB_L6 = "metro-zzrb-line6"
LEJU_L6 = "metro-zzrb-line6-2024"
SPEED_L6 = "metro-line6-trial"
CNS_2024 = "metro-chinanews-2024"
RD_L12 = "metro-henanrd-line12"
WIKI_L12 = "metro-wiki-line12"
WIKI_L8 = "metro-wiki-line8"
WIKI_L14 = "metro-wiki-line14"
NEWS_L14 = "metro-line14-opening"
HOLIDAY_2023 = "metro-headways-may-2023"
HOLIDAY_OCT = "metro-headways-october-2023"
WEEKEND_2021 = "metro-headways-weekend-2021"
ZX_TRIAL = "metro-zx-trial-rides"
ZX_RIDERS = "metro-zx-riders"
ZX_TENDER = "metro-zx-tender"
ZX_PLAN = "metro-zx-plan-2019"
ZX_EMPTY_RUN = "metro-zx-empty-running"
ZX_2022 = "metro-zx-page-2022"
ZX_OTHER = "metro-zx-other-speed"
ZX_JANUARY = "metro-zx-answer-january-2023"
ZX_SPRING = "metro-zx-trial-running-2023"
CJ_THROUGH = "metro-chengjiao-trial-2016"
CJ_LENGTH = "metro-chengjiao-length"
GENERAL = "general-knowledge"
OURS = "netlib-judgement"

SOURCE_ROWS = (
    (
        OPENMETRO,
        "Naptie (GitHub), from Zhengzhou Metro and Amap",
        "Stations, order, official last trains and hop distances",
        "2026-09-25",
        "Naptie/openmetro@3b6b055:data/cn-zhengzhou",
        "none seen: facts only",
    ),
    (
        OSM,
        "OpenStreetMap contributors, copied by mirinda123/MetroDrifter",
        "Track geometry of the metro lines",
        "2026-02-23",
        "mirinda123/MetroDrifter@19a36f7:public/data/geometry",
        "ODbL 1.0, © OpenStreetMap contributors",
    ),
    (
        GAZETTE_L14,
        "Railway Gazette",
        "Zhengzhou's line 14 partly open",
        "2019-09",
        (
            "railwaygazette.com/transport-and-mobility-projects/"
            "zhengzhou-welcomes-its-next-metro-line/54610.article"
        ),
        "",
    ),
    (
        GAZETTE_CJ,
        "Railway Gazette",
        "Chengjiao Line extended",
        "2022-06",
        "railwaygazette.com/metros/chengjiao-line-extended-in-zhengzhou/62013.article",
        "",
    ),
    (
        GAZETTE_L34,
        "Railway Gazette",
        "Two Zhengzhou metro lines open",
        "2020-12",
        "railwaygazette.com/metros/two-zhengzhou-metro-lines-open/58225.article",
        "",
    ),
    (
        RAILJOURNAL,
        "International Railway Journal",
        "Zhengzhou's metro reaches 100 km",
        "2017-01",
        "railjournal.com/passenger/metros/zhengzhou-metro-network-reaches-100km",
        "",
    ),
    (
        GOV_L1,
        "Xinhua on gov.cn",
        "Line 1 phase 1 opens",
        "2013-12-28",
        "www.gov.cn/jrzg/2013-12/28/content_2556351.htm",
        "",
    ),
    (
        TRANSPORT_L2,
        "copy of the Zhengzhou transport committee",
        "Line 2 opens on 19 August 2016, with headways",
        "2016-08-19",
        "m.emailnickv.com/html/2016/news_0819/159102.html",
        "",
    ),
    (
        ZZMETRO_L2,
        "Zhengzhou Metro",
        "Line 2 phase 2 in initial operation",
        "2019-12-28",
        "www.zzmetro.cn/portal/info/index/id/4806/cid/13.html",
        "",
    ),
    (
        LINE3_PHASE2,
        "copy of Zhengzhou Fabu",
        "Line 3 phase 2 opens",
        "2023-09-08",
        "xmtennew.com/fangchan/2023/0908/126414.html",
        "",
    ),
    (
        ZZRB_L6,
        "Zhengzhou Daily",
        "Line 6: last station of the north-eastern section roofed",
        "2024",
        "dzb.zzrbnews.com/news/57973.html",
        "",
    ),
    (
        LEJU_L6,
        "copy of Zhengzhou Daily",
        "Line 6 phase 1 about to open in full",
        "2024-11-12",
        "imaginartec.com/news/xdxw/11/28688319.shtml",
        "",
    ),
    (
        SPEED_L6,
        "affordablevapes.com (copy of a news item)",
        "Line 6 north-eastern section in trial running",
        "2024-08",
        "affordablevapes.com/xinwen/show.php?itemid=31763",
        "",
    ),
    (
        CNS_2024,
        "China News Service (copies)",
        "Lines 7 and 8 open; network 450 km",
        "2024-12-29",
        "18zh.top/index.php?id=6770da9a01210.html",
        "",
    ),
    (
        RD_L12,
        "Henan Daily on henanrd.gov.cn",
        "Line 12 phase 1 opens",
        "2023-12-21",
        "henanrd.gov.cn/2023/12-21/189643.html",
        "",
    ),
    (
        WIKI_L12,
        "copy of an encyclopaedia",
        "Line 12 of the Zhengzhou metro",
        "",
        "weilinceramic.com/weilinceramic/郑州地铁12号线/19460302",
        "",
    ),
    (
        WIKI_L8,
        "Chinese Wikipedia",
        "Line 8 of the Zhengzhou metro",
        "",
        "zh.wikipedia.org/zh-hk/郑州地铁8号线",
        "CC BY-SA 4.0",
    ),
    (
        WIKI_L14,
        "3rd-in Pedia (after Wikipedia)",
        "Line 14 of the Zhengzhou metro",
        "",
        "pedia.3rd-in.co.jp/wiki/鄭州地下鉄14号線",
        "",
    ),
    (
        NEWS_L14,
        "copy of Yingxiang net",
        "Line 14 opens, a train every 15 minutes",
        "2019-09-20",
        "yuzox.cn/news/2019/0920/35168.html",
        "",
    ),
    (
        HOLIDAY_2023,
        "szonline.cn (copy of Zhengzhou Metro)",
        "Headways around the holiday of May 2023",
        "2023-04-27",
        "m.szonline.cn/marry/hs/2023/0427/278834.html",
        "",
    ),
    (
        HOLIDAY_OCT,
        "zzqhjj.com (copy of Zhengzhou Metro)",
        "Headways around the holiday of October 2023",
        "2023-10-04",
        "zzqhjj.com/News/2023/2023104220000.html",
        "",
    ),
    (
        WEEKEND_2021,
        "zhengzhou.baogaosu.com (copy of Zhengzhou Metro)",
        "Weekend headways from 20 November 2021",
        "2021-11-19",
        "zhengzhou.baogaosu.com/xinwen/条线路周末/99728898",
        "",
    ),
    (
        ZX_TRIAL,
        "Zhongyuan net on finance.sina.cn",
        "First day of trial rides on the Zheng-Xu line",
        "2023-12-27",
        "finance.sina.cn/2023-12-27/detail-imzzmexc1148782.d.html",
        "",
    ),
    (
        ZX_RIDERS,
        "Henan Daily on rdfzl.org.cn",
        "Trial rides on the whole Zheng-Xu line",
        "2024-01-03",
        "rdfzl.org.cn/show-66255.html",
        "",
    ),
    (
        ZX_TENDER,
        "copy of Henan Shangbao",
        "Civil works of the Zheng-Xu line awarded",
        "2017-12",
        "sqyf168.com/news/show-5726.html",
        "",
    ),
    (
        ZX_PLAN,
        "xiangyang.net",
        "Plan of the Zheng-Xu line",
        "2019-05-14",
        "xiangyang.net/society/20190514/9743.html",
        "",
    ),
    (
        ZX_EMPTY_RUN,
        "Xinhua on hn.cri.cn",
        "Zheng-Xu line starts running empty, passengers after three months",
        "2022-09-09",
        "hn.cri.cn/2022-09-09/828ed533-85ea-1c01-3a1f-d22c90c4deaf.html",
        "",
    ),
    (
        ZX_2022,
        "3spqzx.icu (copy)",
        "The Zheng-Xu line in trial rides",
        "2022",
        "3spqzx.icu/yuncheng/955243755.html",
        "",
    ),
    (
        ZX_JANUARY,
        "Daxiang News on m.igdzc.com",
        "Zhengzhou Metro: the Zheng-Xu line opens before 1 May 2023",
        "2023-01-13",
        "m.igdzc.com/city/redian/0113/1366141.html",
        "",
    ),
    (
        ZX_SPRING,
        "chinaiut.com",
        "Trial running of the Zheng-Xu line, ready before 1 May 2023",
        "2023",
        "chinaiut.com/gdjt/67513.html",
        "",
    ),
    (
        CJ_THROUGH,
        "Zhengzhou transport office",
        "Chengjiao Line starts trial running, to be run through with line 2",
        "2016-10-08",
        "zzjt.zhengzhou.gov.cn/jtyw/2840021.jhtml",
        "",
    ),
    (ZX_OTHER, "73370m.com", "Zheng-Xu line, 80 km/h", "2021", "73370m.com", ""),
    (
        CJ_LENGTH,
        "kregal.com",
        "Length and stations of the whole Chengjiao Line",
        "",
        "kregal.com/news/201404/15/74128.html",
        "",
    ),
)

SOURCES: list[Row] = [
    {
        "source_id": source_id,
        "publisher": publisher,
        "title": title,
        "published": published,
        "accessed": ACCESSED,
        "address": address,
        "licence": licence,
    }
    for source_id, publisher, title, published, address, licence in SOURCE_ROWS
]

LINE6_NORTH_EAST = "2024-11-12/2024-12-29"
LINE6_NOTE = "not open on 2024-11-12; open when 13 lines and 450 km were counted on 2024-12-29"

LINES = {
    "ZZ1": Line(
        "1",
        "Line 1",
        "metro",
        None,
        (
            Section(7, 26, "2013-12-28", GOV_L1),
            Section(0, 7, "2017-01-12", RAILJOURNAL),
            Section(26, 29, "2017-01-12", RAILJOURNAL),
        ),
    ),
    "ZZ2": Line(
        "2",
        "Line 2",
        "metro",
        None,
        (
            Section(6, 21, "2016-08-19", TRANSPORT_L2),
            Section(0, 6, "2019-12-28", ZZMETRO_L2),
        ),
        speed=Figure(80, None, None, ZZMETRO_L2),
    ),
    "ZZ3": Line(
        "3",
        "Line 3",
        "metro",
        None,
        (
            Section(0, 20, "2020-12-26", GAZETTE_L34, "21 stations, 25.5 km"),
            Section(20, 24, "2023-09-08", LINE3_PHASE2),
        ),
        start=("2016-12", GAZETTE_L34),
    ),
    "ZZ4": Line(
        "4",
        "Line 4",
        "metro",
        None,
        (Section(0, 26, "2020-12-26", GAZETTE_L34, "two of 27 stations opened later"),),
        start=("2017-01", GAZETTE_L34),
    ),
    "ZZ5": Line(
        "5",
        "Line 5 (loop)",
        "metro",
        None,
        (Section(0, 32, "2019-05-20", GENERAL, "opened in May 2019 before lines 14 and 2 north"),),
    ),
    "ZZ6": Line(
        "6",
        "Line 6",
        "metro",
        None,
        (
            Section(18, 27, "2022-09-30", ZZRB_L6),
            Section(0, 18, LINE6_NORTH_EAST, LEJU_L6, LINE6_NOTE),
        ),
        speed=Figure(80, None, None, SPEED_L6),
    ),
    "ZZ7": Line("7", "Line 7", "metro", None, (Section(0, 19, "2024-12-29", CNS_2024),)),
    "ZZ8": Line(
        "8",
        "Line 8",
        "metro",
        None,
        (Section(0, 27, "2024-12-29", CNS_2024),),
        speed=Figure(100, None, None, WIKI_L8),
    ),
    "ZZ10": Line(
        "10",
        "Line 10",
        "metro",
        None,
        (Section(0, 11, "2023-09-28", GENERAL, "in operation on 2023-10-04"),),
    ),
    "ZZ12": Line(
        "12",
        "Line 12",
        "metro",
        Figure(16.538, None, None, RD_L12),
        (Section(0, 10, "2023-12-20", RD_L12),),
        speed=Figure(100, None, None, RD_L12),
        start=("2020-03", WIKI_L12),
    ),
    "ZZ14": Line(
        "14",
        "Line 14",
        "metro",
        None,
        (
            Section(1, 4, "2019-09-19", GAZETTE_L14),
            Section(4, 5, "2023-05-12", WIKI_L14),
        ),
        speed=Figure(100, None, None, GAZETTE_L14),
        start=("2016-12", GAZETTE_L14),
        late_station=("shimindadao", "2024-11-19", "2024-11-18", WIKI_L14),
        note="closed 2020-01-28 to 2020-11-04 and 2021-07-20 to 2022-08-29",
    ),
    "ZZCJ": Line(
        "9",
        "Chengjiao Line (suburban line to the airport)",
        "metro",
        Figure(41.16, None, None, CJ_LENGTH),
        (
            Section(0, 14, "2017-01-12", GAZETTE_CJ),
            Section(14, 18, "2022-06-20", GAZETTE_CJ),
        ),
        note="trains run through over line 2",
    ),
    "ZX": Line(
        "17",
        "Zheng-Xu suburban railway",
        "suburban",
        Figure(67.13, None, None, ZX_TRIAL),
        (Section(0, 26, "2023-12-28", GENERAL, "trial rides on 2023-12-26 and 27 are on record"),),
        speed=Figure(120, None, None, ZX_TENDER),
        start=("2017-12", ZX_RIDERS),
        note="27 stations; the only interchange counted by the operator is 港区北; "
        "at the airport one walks",
    ),
}

# Stations listed by the operator and never opened.
CLOSED_STATIONS = {
    "bwyf2h": "built but not opened; the point may be 0.8 km off the track",
    "qj2x": "built but not opened; the point may be 0.6 km off the track",
}

# Dates that were announced for the Zheng-Xu line, and figures that disagree.
ZX_DISSENT = (
    ("open_date", "2020", "", "published", ZX_TENDER, "", "completion planned in 2017"),
    (
        "open_date",
        "2022-12",
        "",
        "published",
        "doc000",
        "With the opening of the Zhengxu City Railway at the end of this year",
        "forecast of September 2022",
    ),
    (
        "open_date",
        "2022-12",
        "",
        "published",
        ZX_EMPTY_RUN,
        "",
        "passengers after three months of empty running",
    ),
    ("open_date", "2022-12-31", "", "published", ZX_2022, "", "announced"),
    (
        "open_date",
        "2023-05-01",
        "",
        "published",
        ZX_JANUARY,
        "",
        "before the holiday, answer of 2023-01-09; 2022 was missed",
    ),
    ("open_date", "2023-05-01", "", "published", ZX_SPRING, "", "ready before this day"),
    ("start_date", "2017-12-26", "", "published", ZX_TENDER, "", "planned start of works"),
    ("design_speed_kmh", "80", "km/h", "published", ZX_OTHER, "", "disagrees with the other pages"),
)


def name_zh(line_id: str) -> str:
    """Give the Chinese name of a line."""
    special = {"ZX": "郑许市域铁路", "ZZCJ": "郑州地铁城郊线"}
    return special.get(line_id, f"郑州地铁{line_id.removeprefix('ZZ')}号线")
