"""The services modelled for new lines, typed by hand: where, when, with which stops and speed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from derive.gtfs_rows import ENDLESS

Key = tuple[str, str, str]  # origin, destination, date of an announced time

JINGGUANG = "京广高铁 Beijing West–Wuhan"
XULAN = "徐兰高铁 Xuzhou East–Zhengzhou East–Xi'an North"
JINGHU = "京沪高铁 Xuzhou East–Shanghai Hongqiao (key stations)"
XICHENG = "西成客专 Xi'an North–Chengdu East (key stations)"
SHIJI = "石济客专 Shijiazhuang–Jinan East"
ZHENGYU = "郑渝高铁 Zhengzhou East–Chongqing North"
ZHENGHE = "郑阜高铁+商合高铁 Zhengzhou East–Fuyang West–Hefei South"
JIZHENG = "济郑高铁 Zhengzhou East–Jinan West"
ZHENGTAI = "郑太高铁 Zhengzhou–Jiaozuo–Taiyuan South (incl. 郑焦城际)"
ZHENGJI = "郑机城际铁路 Zhengzhou East–Xinzheng Airport–Zhengzhou Airport Zone"


@dataclass(frozen=True)
class Section:
    """A stretch of a line in ``facts/stations.csv`` and the speed trains are driven at, km/h."""

    line: str
    first: str
    last: str
    cruise_kmh: float


@dataclass(frozen=True)
class Modelled:
    """One modelled service: where it runs, where it stops and what was announced for it.

    Without ``stops`` it stops at every station but ``skips``. ``announced`` gives, by station, the
    key (origin, destination, date) of the announced time from the first station. Trains of 2026 are
    counted only if they call at ``via`` too.
    """

    service_id: str
    line_id: str
    start: str
    sections: tuple[Section, ...]
    stops: tuple[str, ...] = ()
    skips: tuple[str, ...] = ()
    announced: Mapping[str, Key] = field(default_factory=dict)
    end: str = ENDLESS
    via: str = ""
    region: str = "zhengzhou"
    note: str = ""


TO_XUZHOU = Section(XULAN, "郑州东", "徐州东", 300)
TO_XIANGYANG = Section(ZHENGYU, "郑州东", "襄阳东", 310)
TO_CHONGQING = (
    Section(ZHENGYU, "郑州东", "万州北", 310),
    Section(ZHENGYU, "万州北", "重庆北", 250),
)
TO_FUYANG = Section(ZHENGHE, "郑州东", "阜阳西", 300)
TO_HEFEI = Section(ZHENGHE, "郑州东", "合肥南", 300)
TO_PUYANG = Section(JIZHENG, "郑州东", "濮阳东", 310)
TO_TAIYUAN = (Section(ZHENGTAI, "郑州", "焦作", 200), Section(ZHENGTAI, "焦作", "太原南", 250))
AIRPORT_ZONE = ("郑州航空港",)  # opened 2022-06-20, after the lines through it

SERVICES = (
    Modelled(
        "M-XLE-fast",
        "XL-E",
        "20160910",
        (TO_XUZHOU, Section(JINGHU, "徐州东", "上海虹桥", 300)),
        stops=("徐州东", "南京南"),
        announced={
            "徐州东": ("Zhengzhou", "徐州东", "2016-09-10"),
            "上海虹桥": ("Zhengzhou", "上海虹桥", "2016-09-10"),
        },
    ),
    Modelled("M-XLE-semi", "XL-E", "20160910", (TO_XUZHOU,), stops=("商丘",)),
    Modelled("M-XLE-stop", "XL-E", "20160910", (TO_XUZHOU,)),
    Modelled(
        "M-XIC-fast",
        "XIC",
        "20171206",
        (Section(XULAN, "郑州东", "西安北", 310), Section(XICHENG, "西安北", "成都东", 250)),
        stops=("西安北",),
        announced={"成都东": ("Zhengzhou", "成都东", "2017-12-28")},
        note="one stop as train G89; the line opened three weeks before the announced timetable",
    ),
    Modelled(
        "M-SJ-stop",
        "SJ",
        "20171228",
        (Section(SHIJI, "石家庄", "德州东", 250),),
        region="shijiazhuang",
        announced={"德州东": ("石家庄", "德州东", "2017-12-28")},
    ),
    Modelled(
        "M-ZY-fast",
        "ZY-X",
        "20191201",
        (TO_XIANGYANG,),
        stops=("南阳东",),
        announced={
            "南阳东": ("Zhengzhou", "南阳东", "2019-12-01"),
            "襄阳东": ("Zhengzhou", "襄阳东", "2019-12-01"),
        },
    ),
    Modelled(
        "M-ZY-semi",
        "ZY-X",
        "20191201",
        (TO_XIANGYANG,),
        stops=("平顶山西", "邓州东"),
        announced={"平顶山西": ("Zhengzhou", "平顶山西", "2019-12-01")},
    ),
    Modelled("M-ZY-stop", "ZY-X", "20191201", (TO_XIANGYANG,), skips=AIRPORT_ZONE, end="20220619"),
    Modelled("M-ZY-stop2", "ZY-X", "20220620", (TO_XIANGYANG,)),
    Modelled(
        "M-ZY-far",
        "ZY-W",
        "20220620",
        TO_CHONGQING,
        stops=("南阳东", "襄阳东", "万州北"),
        announced={"重庆北": ("Zhengzhou", "重庆北", "2022-06-20")},
    ),
    Modelled(
        "M-ZY-farstop",
        "ZY-W",
        "20220620",
        TO_CHONGQING,
        skips=("巴东北", "郏县", "方城", "禹州", "长葛北", "梁平南", "长寿湖", "复盛"),
    ),
    Modelled(
        "M-ZF-fast",
        "ZF",
        "20191201",
        (TO_HEFEI,),
        stops=("周口东", "阜阳西"),
        announced={
            "周口东": ("Zhengzhou", "周口东", "2019-12-01"),
            "阜阳西": ("Zhengzhou", "阜阳西", "2019-12-30"),
            "合肥南": ("Zhengzhou", "合肥南", "2019-12-30"),
        },
    ),
    Modelled(
        "M-ZF-semi", "ZF", "20191201", (TO_FUYANG,), stops=("许昌北", "西华", "周口东", "沈丘北")
    ),
    Modelled("M-ZF-stop", "ZF", "20191201", (TO_FUYANG,), skips=AIRPORT_ZONE, end="20220619"),
    Modelled("M-ZF-stop2", "ZF", "20220620", (TO_FUYANG,)),
    Modelled(
        "M-ZT-fast",
        "ZT",
        "20201212",
        TO_TAIYUAN,
        stops=("焦作", "长治东"),
        announced={"太原南": ("Zhengzhou", "太原南", "2020-12-12")},
    ),
    Modelled("M-ZT-stop", "ZT", "20201212", TO_TAIYUAN, skips=("黄河景区", "长治南")),
    Modelled(
        "M-ZP-fast",
        "ZP",
        "20220620",
        (TO_PUYANG,),
        stops=("濮阳东",),
        announced={"濮阳东": ("Zhengzhou", "濮阳东", "2022-06-20")},
    ),
    Modelled("M-ZP-stop", "ZP", "20220620", (TO_PUYANG,), skips=("新乡南",)),
    Modelled(
        "M-ZJC-stop",
        "ZJC",
        "20220620",
        (Section(ZHENGJI, "郑州东", "郑州航空港", 200),),
        via="新郑机场",
        note="the section south of the airport is dated 2020-12-12; trains call at the airport zone"
        " since its station opened",
    ),
    Modelled(
        "M-JG-fast",
        "JG-N",
        "20220620",
        (Section(JINGGUANG, "北京西", "武汉", 350),),
        stops=("郑州东",),
        announced={
            "郑州东": ("北京西", "郑州东", "2022-06-20"),
            "武汉": ("北京西", "武汉", "2022-06-20"),
        },
        note="350 km/h between Beijing and Wuhan since 2022-06-20",
    ),
    Modelled(
        "M-JG-semi",
        "JG-N",
        "20220620",
        (Section(JINGGUANG, "北京西", "武汉", 350),),
        stops=("石家庄", "郑州东"),
        announced={"石家庄": ("北京西", "石家庄", "2022-06-20")},
        note="350 km/h between Beijing and Wuhan since 2022-06-20",
    ),
)
