"""Sources of the railway tables: one row of source.csv each, and their ids."""

from __future__ import annotations

from derive.base import ACCESSED, Row

GENERAL = "general-knowledge"
DERIVATION = "rail-derivation"
MILEAGE = "rail-mileage-2021"
KZ25T = "rail-mileage-kz25t"
TIMETABLE_2016 = "rail-timetable-2016"
TIMETABLE_2026 = "rail-timetable-2026"
FORMULA = "rail-run-time-formula"
OSM_STATIONS = "rail-osm-stations"
AMAP_STATIONS = "rail-amap-stations"
GEOMETRY = "rail-line-geometry"
NEWS_20191201 = "rail-news-2019-12-01"
NEWS_20220620 = "rail-news-2022-06-20"
NEWS_20231208 = "rail-news-2023-12-08"
NEWS_350 = "rail-news-350kmh"
NEWS_ZHENGYU = "rail-news-zhengyu"
NEWS_ZHENGJIAO = "rail-news-zhengjiao"
NEWS_ZHENGJIAO_28 = "rail-news-zhengjiao-28"
NEWS_ZHENGKAI = "rail-news-zhengkai"
NEWS_ZHENGKAI_50 = "rail-news-zhengkai-length"
NEWS_ZHENGKAI_2014 = "rail-news-zhengkai-speed"
NEWS_EXTENSION = "rail-news-zhengkai-extension"
NEWS_JINAN_SECTION = "rail-news-jinan-section"
NEWS_XIONGAN = "rail-news-xiongan"
NEWS_XIONGAN_106 = "rail-news-xiongan-106"
NEWS_SHIXIONG = "rail-news-shixiong"
NEWS_SHCG = "rail-news-shcg"
NEWS_SHCG_START = "rail-news-shcg-start"
NEWS_SHCG_2025 = "rail-news-shcg-2025"
NEWS_AIRPORT_SECTION = "rail-news-airport-section"
NEWS_RENAMED = "rail-news-renamed-station"
NEWS_XLZ_NOTICE = "rail-news-xiaolizhuang-notice"
NEWS_XLZ_SCOPE = "rail-news-xiaolizhuang-2024"
NEWS_FIVE = "rail-news-five-stations"
NEWS_PUYANG_LENGTH = "rail-news-puyang-length"


def _source(
    source_id: str, publisher: str, title: str, published: str, address: str, *, licence: str = ""
) -> Row:
    return {
        "source_id": source_id,
        "publisher": publisher,
        "title": title,
        "published": published,
        "accessed": ACCESSED,
        "address": address,
        "licence": licence,
    }


SOURCES = [
    _source(
        DERIVATION,
        "netlib",
        "Derivations from the other sources of the table",
        "2026",
        "scripts/derive/rail.py",
    ),
    _source(
        FORMULA,
        "netlib",
        "Running-time formula fitted to the timetable of October 2026",
        "2026",
        "scripts/fit_run_times.py",
    ),
    _source(
        MILEAGE,
        "CDK6182CHR",
        "Official passenger mileage of Chinese railway lines",
        "2021-09-28",
        "CDK6182CHR/qETRC@1f31341",
        licence="GPL-3.0 repository; figures only",
    ),
    _source(
        KZ25T,
        "KZ25T",
        "Passenger mileage tables of Chinese railway lines",
        "2021-12",
        "KZ25T/ChinaRail_Mileage_Calculation@78b0bb8:data.h",
        licence="none stated; figures only",
    ),
    _source(
        TIMETABLE_2016,
        "metromancn",
        "Timetable of all Chinese high-speed trains, collected 2016-03-10",
        "2016-03-10",
        "metromancn/Parse12306@6fc9f94:output/全国高速列车时刻表_20160310.xlsx",
        licence="MIT",
    ),
    _source(
        TIMETABLE_2026,
        "aaaAlexanderaaa, from wensimehrp/chinese-railway-gtfs",
        "Timetable feed of Chinese railways, release of 2026-10-04",
        "2026-10-04",
        "aaaAlexanderaaa/railway-isochrone@167a9ad:data/gtfs/stop_times.txt",
        licence="none seen; figures only",
    ),
    _source(
        OSM_STATIONS,
        "OpenStreetMap contributors, listed by wensimehrp",
        "Station list with codes and coordinates",
        "2026-07",
        "wensimehrp/chinese-railway-gtfs@3f527cf",
        licence="ODbL 1.0",
    ),
    _source(
        AMAP_STATIONS,
        "lists of 12306 stations with map points of Amap",
        "Station points converted from GCJ-02 to WGS84",
        "2016/2026",
        "metromancn/Parse12306@6fc9f94 and pooobaby/train@afff1c9",
        licence="MIT; none stated",
    ),
    _source(
        GEOMETRY,
        "WT006",
        "OSM-like geometry of railway lines, used to place stations by chainage",
        "",
        "WT006/RailVista",
        licence="not recorded; figures only",
    ),
    _source(
        NEWS_20191201,
        "Sina Tianjin",
        "Lines opened on 2019-12-01",
        "2019-12-01",
        "tj.sina.com.cn/news/2019-12-01/detail-iihnzahi4503334.shtml",
    ),
    _source(
        NEWS_20220620,
        "henan100.com",
        "Opening of Zhengzhou Hangkonggang station and of two lines, start at Xiaolizhuang",
        "2022-06-20",
        "henan100.com/news/2022/1097673.shtml",
    ),
    _source(
        NEWS_20231208,
        "Xinhua, copy",
        "Jinan-Zhengzhou high-speed railway opens throughout",
        "2023-12-08",
        "e993.com/caijing_8303d22313d233230323_mzxiazv0666912",
    ),
    _source(
        NEWS_350,
        "dqsj.net",
        "Beijing-Wuhan trains run at 350 km/h from 2022-06-20",
        "2022-06",
        "dqsj.net/keji/55250.html",
    ),
    _source(
        NEWS_ZHENGYU,
        "rexun.cn",
        "Zhengzhou-Chongqing high-speed railway opens throughout",
        "2022-06-21",
        "wap.rexun.cn/hea/kx/2022/0621/062169628.html",
    ),
    _source(
        NEWS_ZHENGJIAO,
        "3arq.com",
        "Zhengzhou-Jiaozuo intercity railway opens on 26 June",
        "2015-06",
        "3arq.com/zixun/201506/766564.html",
    ),
    _source(
        NEWS_ZHENGJIAO_28,
        "Guangming Daily, copy",
        "Zhengzhou-Jiaozuo intercity railway in service from the 28th",
        "2015-06-29",
        "epaper.neamco.com",
    ),
    _source(
        NEWS_ZHENGKAI,
        "csjjnews.com",
        "Zhengzhou-Kaifeng intercity railway opens",
        "2014-12-31",
        "csjjnews.com/html/2014/gaocengdongtai_1231/7657.html",
    ),
    _source(
        NEWS_ZHENGKAI_50,
        "crphdm.com",
        "Zhengzhou-Kaifeng intercity railway, 50.55 km",
        "2014-12-29",
        "m.crphdm.com/2014/1229/2196.shtml",
    ),
    _source(
        NEWS_ZHENGKAI_2014,
        "news.tielu.cn",
        "Zhengzhou-Kaifeng intercity railway, 50.555 km and 200 km/h",
        "2014-11-04",
        "news.tielu.cn/zixun/2014-11-04/44011.html",
    ),
    _source(
        NEWS_EXTENSION,
        "richonlighting.com",
        "Zhengzhou-Kaifeng extension in service, 57.14 km in all",
        "2025-03",
        "richonlighting.com/html/322469.html",
    ),
    _source(
        NEWS_JINAN_SECTION,
        "baotounews.com.cn",
        "Puyang-Zhengzhou section: 52 minutes",
        "2022-06",
        "baotounews.com.cn/p/792352.html",
    ),
    _source(
        NEWS_PUYANG_LENGTH,
        "vqauto.com",
        "Zhengzhou-Puyang section, 197.28 km",
        "",
        "vqauto.com/article/41/40457.html",
    ),
    _source(
        NEWS_XIONGAN,
        "bjnews.com.cn",
        "Beijing-Xiong'an intercity railway opens; 91 km from Liying; 50 minutes",
        "2020-12",
        "bjnews.com.cn/detail/160895507815891.html",
    ),
    _source(
        NEWS_XIONGAN_106,
        "crsc.cn",
        "Beijing-Xiong'an intercity railway, 106 km",
        "2020-12",
        "qlth.crsc.cn/news/tsi_1659_4680_50170.html",
    ),
    _source(
        NEWS_SHIXIONG,
        "studyofnet.com",
        "Shijiazhuang-Xiong'an intercity: 161.48 km, 8 stations, 350 km/h",
        "",
        "studyofnet.com/668311567.html",
    ),
    _source(
        NEWS_SHCG,
        "iotasilicone.com, copy",
        "Shijiazhuang-Hengshui-Cangzhou-Port intercity: 223.97 km new, 250 km/h",
        "",
        "guiyou.iotasilicone.com/news-3674398.html",
    ),
    _source(
        NEWS_SHCG_START,
        "jiangsulong.com",
        "First pile of the Hengshui-Huanghua Port section",
        "2020-08-10",
        "m.jiangsulong.com/a/2020/0810/0945549.html",
    ),
    _source(
        NEWS_SHCG_2025,
        "163.com",
        "Works of the Shijiazhuang-Hengshui-Cangzhou-Port line in March 2025",
        "2025-03-20",
        "m.163.com/dy/article/JRDQ8E7T0524U0NU.html",
    ),
    _source(
        NEWS_AIRPORT_SECTION,
        "mycoal.cn",
        "Airport-South section of the airport intercity, 10.938 km",
        "",
        "mycoal.cn/news/61/302344.shtml",
    ),
    _source(
        NEWS_RENAMED,
        "Guangming Daily",
        "Zhengzhou South station is renamed Zhengzhou Hangkonggang",
        "2022-05-24",
        "epaper.gmw.cn/gmrb/html/2022-05/24/nw.D110000gmrb_20220524_5-04.htm",
    ),
    _source(
        NEWS_XLZ_NOTICE,
        "b4dc4.cn",
        "Site notice of Xiaolizhuang station and the outer bypass, 61.469 km",
        "2022-07-19",
        "b4dc4.cn/community/2022/0719/153844.html",
    ),
    _source(
        NEWS_XLZ_SCOPE,
        "Zhengzhou Daily, copy",
        "Early works of Xiaolizhuang began on 2023-12-31; scope of 2024",
        "2024-11-01",
        "m.knots.cn/shangwu/show-6230.html",
    ),
    _source(
        NEWS_FIVE,
        "yuzhoufirst.com",
        "List of the five high-speed stations of Xuchang",
        "",
        "yuzhoufirst.com/shenghuo/2115.html",
    ),
]
