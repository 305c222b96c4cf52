"""Railway lines of the model, typed by hand: sections, dates, speeds, sources.

Stations and chainage come from the data folder; what stands here is which stretch makes a line,
how fast it was built for and is driven, and who says when it opened.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.rail_sources import (
    GENERAL,
    NEWS_350,
    NEWS_20191201,
    NEWS_20220620,
    NEWS_20231208,
    NEWS_AIRPORT_SECTION,
    NEWS_EXTENSION,
    NEWS_JINAN_SECTION,
    NEWS_PUYANG_LENGTH,
    NEWS_SHCG,
    NEWS_SHCG_2025,
    NEWS_SHCG_START,
    NEWS_SHIXIONG,
    NEWS_XIONGAN,
    NEWS_XIONGAN_106,
    NEWS_ZHENGJIAO,
    NEWS_ZHENGJIAO_28,
    NEWS_ZHENGKAI,
    NEWS_ZHENGKAI_50,
    NEWS_ZHENGKAI_2014,
    NEWS_ZHENGYU,
)


@dataclass(frozen=True)
class RailLine:
    """A stretch of railway whose links carry one ``line_id``.

    ``facts`` names the line in facts/stations.csv; ``first`` and ``last`` are its end stations
    there. ``cruise_kmh`` is the speed trains are driven at today, the class of the running-time
    formula. ``sections`` lists (first station, last station, date, source) of stretches with an
    own opening. ``total_km`` is a published length of the whole. ``dissent`` holds (column, value,
    source, note) of sources that disagree, ``remarks`` (words, source, note) of what no column
    holds.
    """

    line_id: str
    region: str
    name_zh: str
    name_en: str
    mode: str
    design_speed_kmh: int
    cruise_kmh: float
    facts: str
    first: str
    last: str
    sections: tuple[tuple[str, str, str, str], ...] = ()
    status: str = "operating"
    start_date: str = ""
    start_source: str = ""
    speed_source: str = GENERAL
    total_km: float = 0.0
    total_source: str = ""
    note: str = ""
    dissent: tuple[tuple[str, str, str, str], ...] = ()
    remarks: tuple[tuple[str, str, str], ...] = ()


JINGGUANG = "京广高铁 Beijing West–Wuhan"
WUGUANG = "京广高铁+广深港 Wuhan–Hong Kong (key stations only)"
XULAN = "徐兰高铁 Xuzhou East–Zhengzhou East–Xi'an North"
ZHENGYU = "郑渝高铁 Zhengzhou East–Chongqing North"
ZHENGFU = "郑阜高铁+商合高铁 Zhengzhou East–Fuyang West–Hefei South"
JIZHENG = "济郑高铁 Zhengzhou East–Jinan West"
ZHENGTAI = "郑太高铁 Zhengzhou–Jiaozuo–Taiyuan South (incl. 郑焦城际)"
ZHENGKAI = "郑开城际铁路 Zhengzhou East–Kaifeng"
ZHENGJI = "郑机城际铁路 Zhengzhou East–Xinzheng Airport–Zhengzhou Airport Zone"
KEY_ONLY = "key stations only, so a link here is a run and not the next station"

LINES = [
    RailLine(
        "JG-B",
        "shijiazhuang",
        "京广高铁北京西至邯郸东段",
        "Beijing-Guangzhou HSR, Beijing West-Handan East",
        "hsr",
        350,
        350,
        JINGGUANG,
        "北京西",
        "邯郸东",
        (("北京西", "邯郸东", "2012-12-26", GENERAL),),
        note="driven at up to 310 km/h until 2022-06-19 and at 350 since",
        remarks=(("350 km/h in service since 2022-06-20", NEWS_350, ""),),
    ),
    RailLine(
        "JG-N",
        "zhengzhou",
        "京广高铁邯郸东至郑州东段",
        "Beijing-Guangzhou HSR, Handan East-Zhengzhou East",
        "hsr",
        350,
        350,
        JINGGUANG,
        "邯郸东",
        "郑州东",
        (("邯郸东", "郑州东", "2012-12-26", GENERAL),),
        note="driven at up to 310 km/h until 2022-06-19 and at 350 since",
        remarks=(("350 km/h in service since 2022-06-20", NEWS_350, ""),),
    ),
    RailLine(
        "JG-M",
        "zhengzhou",
        "京广高铁郑州东至武汉段",
        "Beijing-Guangzhou HSR, Zhengzhou East-Wuhan",
        "hsr",
        350,
        350,
        JINGGUANG,
        "郑州东",
        "武汉",
        (("郑州东", "武汉", "2012-09-28", GENERAL),),
        note="driven at up to 310 km/h until 2022-06-19 and at 350 since",
        remarks=(("350 km/h in service since 2022-06-20", NEWS_350, ""),),
    ),
    RailLine(
        "JG-S",
        "zhengzhou",
        "京广高铁武汉以南及广深港高铁",
        "Wuhan-Guangzhou-Hong Kong HSR",
        "hsr",
        350,
        310,
        WUGUANG,
        "武汉",
        "香港西九龙",
        (
            ("武汉", "广州南", "2009-12-26", GENERAL),
            ("广州南", "深圳北", "2011-12-26", GENERAL),
            ("深圳北", "香港西九龙", "2018-09-23", GENERAL),
        ),
        note=KEY_ONLY + "; designed for 200 km/h between Shenzhen North and West Kowloon",
    ),
    RailLine(
        "XL-E",
        "zhengzhou",
        "徐兰高铁徐州东至郑州东段 (郑徐高铁)",
        "Xuzhou-Lanzhou HSR, Xuzhou East-Zhengzhou East",
        "hsr",
        350,
        310,
        XULAN,
        "徐州东",
        "郑州东",
        (("徐州东", "郑州东", "2016-09-10", GENERAL),),
        total_km=361.9,
        total_source=GENERAL,
    ),
    RailLine(
        "XL-W",
        "zhengzhou",
        "徐兰高铁郑州东至西安北段 (郑西高铁)",
        "Xuzhou-Lanzhou HSR, Zhengzhou East-Xi'an North",
        "hsr",
        350,
        310,
        XULAN,
        "郑州东",
        "西安北",
        (
            ("郑州东", "郑州西", "2012-09-28", GENERAL),
            ("郑州西", "渭南北", "2010-02-06", GENERAL),
            ("渭南北", "西安北", "2011-01-11", GENERAL),
        ),
        note="trains ran from Zhengzhou and to Xi'an station from 2010-02-06; "
        "complete with Zhengzhou East in 2012",
        dissent=(
            ("open_date", "2010-02-06", GENERAL, "first trains, over older tracks at the ends"),
        ),
    ),
    RailLine(
        "ZHG",
        "zhengzhou",
        "郑州东至郑州航空港段 (郑渝、郑阜共用)",
        "Zhengzhou East-Zhengzhou Hangkonggang, shared section",
        "hsr",
        350,
        310,
        ZHENGYU,
        "郑州东",
        "郑州航空港",
        (("郑州东", "郑州航空港", "2019-12-01", NEWS_20191201),),
        note="line in use since 2019-12-01; trains call at Hangkonggang since 2022-06-20",
    ),
    RailLine(
        "ZY-X",
        "zhengzhou",
        "郑渝高铁郑州航空港至襄阳东段",
        "Zhengzhou-Chongqing HSR, Hangkonggang-Xiangyang East",
        "hsr",
        350,
        310,
        ZHENGYU,
        "郑州航空港",
        "襄阳东",
        (("郑州航空港", "襄阳东", "2019-12-01", NEWS_20191201),),
    ),
    RailLine(
        "ZY-W",
        "zhengzhou",
        "郑渝高铁襄阳东至万州北段",
        "Zhengzhou-Chongqing HSR, Xiangyang East-Wanzhou North",
        "hsr",
        350,
        310,
        ZHENGYU,
        "襄阳东",
        "万州北",
        (("襄阳东", "万州北", "2022-06-20", NEWS_ZHENGYU),),
        speed_source=NEWS_ZHENGYU,
        total_km=434.0,
        total_source=NEWS_ZHENGYU,
    ),
    RailLine(
        "ZY-C",
        "zhengzhou",
        "郑渝高铁万州北至重庆北段 (渝万铁路)",
        "Zhengzhou-Chongqing HSR, Wanzhou North-Chongqing North",
        "hsr",
        250,
        250,
        ZHENGYU,
        "万州北",
        "重庆北",
        (("万州北", "重庆北", "2016-11-28", GENERAL),),
        speed_source=NEWS_ZHENGYU,
        note="driven at 210 km/h before 2022-06-20 and at 250 since",
    ),
    RailLine(
        "ZF",
        "zhengzhou",
        "郑阜高铁郑州航空港至阜阳西段",
        "Zhengzhou-Fuyang HSR, Hangkonggang-Fuyang West",
        "hsr",
        350,
        310,
        ZHENGFU,
        "郑州航空港",
        "阜阳西",
        (("郑州航空港", "阜阳西", "2019-12-01", NEWS_20191201),),
    ),
    RailLine(
        "SHX",
        "zhengzhou",
        "商合高铁阜阳西至合肥南段",
        "Shangqiu-Hefei HSR, Fuyang West-Hefei South",
        "hsr",
        350,
        310,
        ZHENGFU,
        "阜阳西",
        "合肥南",
        (
            ("阜阳西", "合肥北城", "2019-12-01", NEWS_20191201),
            ("合肥北城", "合肥南", "2019-12-01", GENERAL),
        ),
        note="Hefei Beicheng-Hefei South over older tracks of the Hefei node",
    ),
    RailLine(
        "ZP",
        "zhengzhou",
        "郑济高铁郑州至濮阳段",
        "Zhengzhou-Jinan HSR, Zhengzhou-Puyang section",
        "hsr",
        350,
        310,
        JIZHENG,
        "郑州东",
        "濮阳东",
        (("郑州东", "濮阳东", "2022-06-20", NEWS_20220620),),
        speed_source=NEWS_20231208,
        total_km=197.28,
        total_source=NEWS_PUYANG_LENGTH,
        note="promised for 2021",
        remarks=(
            ("52 minutes announced", NEWS_JINAN_SECTION, "Zhengzhou East-Puyang East, fastest"),
        ),
    ),
    RailLine(
        "ZP-J",
        "zhengzhou",
        "郑济高铁濮阳至济南段",
        "Zhengzhou-Jinan HSR, Puyang-Jinan section",
        "hsr",
        350,
        310,
        JIZHENG,
        "濮阳东",
        "济南西",
        (("濮阳东", "济南西", "2023-12-08", NEWS_20231208),),
        speed_source=NEWS_20231208,
        total_km=209.0,
        total_source=NEWS_20231208,
    ),
    RailLine(
        "ZJ",
        "zhengzhou",
        "郑焦城际",
        "Zhengzhou-Jiaozuo intercity",
        "intercity",
        250,
        200,
        ZHENGTAI,
        "郑州",
        "焦作",
        (("郑州", "焦作", "2015-06-26", NEWS_ZHENGJIAO),),
        speed_source=GENERAL,
        total_km=78.0,
        total_source=NEWS_ZHENGJIAO,
        note="built for 250 km/h and opened at 200; lengths of 70.3, 77 and 78 km are printed",
        dissent=(("open_date", "2015-06-28", NEWS_ZHENGJIAO_28, "in service from the 28th"),),
    ),
    RailLine(
        "ZT",
        "zhengzhou",
        "郑太高铁焦作至太原南段 (太焦高铁)",
        "Zhengzhou-Taiyuan HSR, Jiaozuo-Taiyuan South",
        "hsr",
        250,
        250,
        ZHENGTAI,
        "焦作",
        "太原南",
        (
            ("焦作", "晋中", "2020-12-12", GENERAL),
            ("晋中", "太原南", "2014-07-01", GENERAL),
        ),
        note="Jinzhong-Taiyuan South uses older tracks, on which trains of 2016 already ran",
    ),
    RailLine(
        "ZK",
        "zhengzhou",
        "郑开城际",
        "Zhengzhou-Kaifeng intercity",
        "intercity",
        200,
        200,
        ZHENGKAI,
        "郑州东",
        "宋城路",
        (("郑州东", "宋城路", "2014-12-28", NEWS_ZHENGKAI),),
        speed_source=NEWS_ZHENGKAI_2014,
        total_km=50.55,
        total_source=NEWS_ZHENGKAI_50,
        note="goes on to Kaifeng over the extension ZKX since 2025-03-15",
    ),
    RailLine(
        "ZKX",
        "zhengzhou",
        "郑开城际延长线",
        "Zhengzhou-Kaifeng intercity extension",
        "intercity",
        200,
        200,
        ZHENGKAI,
        "宋城路",
        "开封",
        (("宋城路", "开封", "2025-03-15", NEWS_EXTENSION),),
        start_date="2022-06-20",
        start_source=NEWS_EXTENSION,
        note="announced as 23, 25 or about 10 minutes from Zhengzhou East by different pages",
        total_km=7.17,
        total_source=NEWS_EXTENSION,
    ),
    RailLine(
        "ZJC",
        "zhengzhou",
        "郑机城际",
        "Zhengzhou-airport intercity",
        "intercity",
        200,
        200,
        ZHENGJI,
        "郑州东",
        "郑州航空港",
        (
            ("郑州东", "新郑机场", "2015-12-31", GENERAL),
            ("新郑机场", "郑州航空港", "2020-12-12", GENERAL),
        ),
        note="the airport-Hangkonggang section is approved for 160 km/h by one page; "
        "trains call at Hangkonggang since 2022-06-20",
        dissent=(("open_date", "2015-12-31", GENERAL, "Zhengzhou East-airport"),),
    ),
    RailLine(
        "ST",
        "shijiazhuang",
        "石太客专",
        "Shijiazhuang-Taiyuan passenger line",
        "hsr",
        250,
        250,
        "石太客专 Shijiazhuang–Taiyuan",
        "石家庄",
        "太原南",
        (("石家庄", "太原南", "2009-04-01", GENERAL),),
        note="Taiyuan East-Taiyuan South over older tracks",
    ),
    RailLine(
        "SJ",
        "shijiazhuang",
        "石济客专",
        "Shijiazhuang-Jinan passenger line",
        "hsr",
        250,
        250,
        "石济客专 Shijiazhuang–Jinan East",
        "石家庄",
        "济南东",
        (("石家庄", "济南东", "2017-12-28", GENERAL),),
    ),
    RailLine(
        "JB",
        "shijiazhuang",
        "津保铁路 (徐水东至天津西)",
        "Tianjin-Baoding railway, Xushui East-Tianjin West",
        "hsr",
        250,
        200,
        "京广高铁+津保铁路 Shijiazhuang–Baoding East–Tianjin West",
        "徐水东",
        "天津西",
        (("徐水东", "天津西", "2015-12-28", GENERAL),),
        note="200 km/h west of Bazhou West; joins the Beijing-Guangzhou HSR near Xushui East, "
        "where no train calls",
    ),
    RailLine(
        "JXC",
        "shijiazhuang",
        "京雄城际",
        "Beijing-Xiong'an intercity",
        "hsr",
        350,
        310,
        "京雄城际 Beijing West–Xiong'an",
        "北京西",
        "雄安",
        (("北京西", "雄安", "2020-12-27", NEWS_XIONGAN),),
        speed_source=NEWS_XIONGAN,
        note=KEY_ONLY + "; 250 km/h north of Daxing airport",
    ),
    RailLine(
        "SXI",
        "shijiazhuang",
        "石雄城际",
        "Shijiazhuang-Xiong'an intercity",
        "intercity",
        350,
        310,
        "石雄城际 (planned) Baoding East–Luancheng",
        "保定东",
        "石家庄栾城",
        status="planned",
        speed_source=NEWS_SHIXIONG,
        total_km=161.48,
        total_source=NEWS_SHIXIONG,
        note="a start in 2024 was announced and not confirmed; order and places of the stations "
        "are of low confidence",
    ),
    RailLine(
        "SHCG",
        "shijiazhuang",
        "石衡沧港城际",
        "Shijiazhuang-Hengshui-Cangzhou-Port intercity",
        "intercity",
        250,
        250,
        "石衡沧港城际 衡水–黄骅港段 (under construction)",
        "衡水北",
        "渤海新区",
        status="under_construction",
        start_date="2020-08",
        start_source=NEWS_SHCG_START,
        speed_source=NEWS_SHCG,
        total_km=223.97,
        total_source=NEWS_SHCG,
        remarks=(("not open", NEWS_SHCG_2025, "link to the Tianjin-Weifang line to 2027-11"),),
        note="new line Hengshui-Huanghua Port; Shijiazhuang-Hengshui uses line SJ; "
        "not open in March 2025, its stations are missing in the station list of 2026-08",
    ),
    RailLine(
        "JH",
        "zhengzhou",
        "京沪高铁徐州东至上海虹桥段",
        "Beijing-Shanghai HSR, Xuzhou East-Shanghai Hongqiao",
        "hsr",
        380,
        350,
        "京沪高铁 Xuzhou East–Shanghai Hongqiao (key stations)",
        "徐州东",
        "上海虹桥",
        (("徐州东", "上海虹桥", "2011-06-30", GENERAL),),
        note=KEY_ONLY,
    ),
    RailLine(
        "NH",
        "zhengzhou",
        "宁杭高铁",
        "Nanjing-Hangzhou HSR",
        "hsr",
        350,
        310,
        "宁杭高铁 Nanjing South–Hangzhou East (key stations)",
        "南京南",
        "杭州东",
        (("南京南", "杭州东", "2013-07-01", GENERAL),),
        note=KEY_ONLY,
    ),
    RailLine(
        "XIC",
        "zhengzhou",
        "西成高铁",
        "Xi'an-Chengdu HSR",
        "hsr",
        250,
        250,
        "西成客专 Xi'an North–Chengdu East (key stations)",
        "西安北",
        "成都东",
        (("西安北", "成都东", "2017-12-06", GENERAL),),
        note=KEY_ONLY,
    ),
]

# Published lengths of single links beside the tariff kilometres: km, source, note.
LINK_LENGTHS = {
    ("宋城路", "开封"): [(7.17, NEWS_EXTENSION, "length of the extension; 7.176 in one place")],
    ("新郑机场", "郑州航空港"): [(10.938, NEWS_AIRPORT_SECTION, "length of the works")],
    ("北京西", "雄安"): [
        (106.0, NEWS_XIONGAN_106, "from Beijing West"),
        (91.0, NEWS_XIONGAN, "new line from Liying only"),
    ],
}

# Tracks between the stations of Zhengzhou, each open with the younger of its two stations.
CONNECTIONS = RailLine(
    "ZZN",
    "zhengzhou",
    "郑州枢纽站间联络线",
    "Connections between the stations of Zhengzhou",
    "conventional",
    160,
    160,
    "",
    "郑州",
    "郑州东",
    (("郑州", "郑州西", "2010-02-06", GENERAL), ("郑州", "郑州东", "2012-09-28", GENERAL)),
    note="one row for several connecting tracks",
)

# The eight arms and other groups: parts are lines, or stations by name.
ARMS = {
    "ARM-1": (
        ("JG-N", "JG-B"),
        "京广高铁 北 (郑州东–石家庄–北京西)",
        "North arm: Zhengzhou-Beijing",
    ),
    "ARM-2": (("JG-M",), "京广高铁 南 (郑州东–武汉)", "South arm: Zhengzhou-Wuhan"),
    "ARM-3": (("XL-E",), "徐兰高铁 东 (郑徐)", "East arm: Zhengzhou-Xuzhou"),
    "ARM-4": (("XL-W",), "徐兰高铁 西 (郑西)", "West arm: Zhengzhou-Xi'an"),
    "ARM-5": (
        ("ZHG", "ZY-X", "ZY-W", "ZY-C"),
        "郑渝高铁 (郑万)",
        "Southwest arm: Zhengzhou-Chongqing",
    ),
    "ARM-6": (
        ("ZHG", "ZF", "SHX"),
        "郑合高铁 (郑阜–商合杭)",
        "Southeast arm: Zhengzhou-Fuyang-Hefei",
    ),
    "ARM-7": (("ZP", "ZP-J"), "济郑高铁", "Northeast arm: Zhengzhou-Jinan"),
    "ARM-8": (("ZJ", "ZT"), "郑太高铁 (郑焦 + 太焦)", "Northwest arm: Zhengzhou-Taiyuan"),
}
ARM_NOTES = {
    "ARM-4": "first trains on 2010-02-06; the date is that of the last piece at Zhengzhou East",
    "ARM-6": "beyond Hefei the line goes on to Hangzhou; the arm ends at Hefei South here",
    "ARM-7": "inside Henan open since 2022-06-20, except Nanle, which opened with the rest",
}
