"""Last trains, headways and periods of Zhengzhou's metro, typed by hand."""

from __future__ import annotations

from typing import NamedTuple

from derive.metro_facts import (
    GAZETTE_L34,
    HOLIDAY_2023,
    HOLIDAY_OCT,
    NEWS_L14,
    OURS,
    TRANSPORT_L2,
    WEEKEND_2021,
    ZX_TRIAL,
    Figure,
)


class Period(NamedTuple):
    """A stretch of time in which a line was run between the same two stations."""

    suffix: str
    start: str
    end: str
    first: int
    last: int
    peak: Figure
    off_peak: Figure
    skip: tuple[str, ...] = ()
    note: str = ""
    joins: tuple[str, str] = ("", "")  # other line that trains run on over, and to which station


END = "20261231"

# Planned end-to-end time of the Zheng-Xu line; the official last trains take longer.
ZX_PLANNED_MINUTES = (51.0, 57.0)

# Official last trains (minutes past 21:00 for ZX, past 23:00 otherwise; before that negative)
# by position on the line. Forward follows the station order, backward the other way round.
# Typed from Naptie/openmetro data/cn-zhengzhou/timetables.json, read on 2026-11-22.
FORWARD = {
    "ZZ1": {1: 2, 2: 4, 4: 8, 5: 11, 8: 19, 11: 26, 12: 29, 13: 31, 14: 33, 17: 40, 18: 43, 19:
            46, 22: 53, 24: 58, 25: 61, 26: 64},
    "ZZ2": {0: 0, 1: 2, 2: 4, 5: 12, 9: 23, 11: 27, 13: 32, 17: 41, 18: 44, 19: 46, 20: 48},
    "ZZ3": {3: 7, 4: 9, 5: 12, 11: 24, 12: 27, 15: 32, 16: 35, 18: 39, 19: 42, 20: 46, 21: 50, 22:
            52, 23: 54},
    "ZZ4": {0: 0, 2: 4, 4: 8, 7: 15, 9: 19, 16: 33, 17: 35, 21: 44, 22: 47, 23: 49, 24: 51},
    "ZZ5": {0: 0, 2: 4, 3: 7, 7: 15, 8: 18, 10: 23, 12: 28, 13: 30, 14: 31, 15: 34, 18: 41, 19:
            43, 20: 46, 21: 48, 22: 50, 24: 54, 26: 59, 28: 63, 30: 67},
    "ZZ6": {0: 0, 5: 13, 6: 15, 11: 27, 13: 31, 14: 32, 16: 37, 18: 42, 19: 45, 20: 47, 22: 52,
            23: 54, 24: 56},
    "ZZ7": {2: 4, 4: 10, 5: 13, 6: 15, 7: 18, 8: 20, 10: 26, 11: 28, 16: 40, 18: 45},
    "ZZ8": {0: 0, 1: 2, 3: 7, 4: 10, 6: 15, 9: 22, 11: 27, 13: 32, 16: 41, 17: 44, 18: 46, 19: 49,
            20: 53, 21: 56, 24: 64, 26: 70},
    "ZZ10": {0: -35, 1: -33, 2: -30, 3: -27, 5: -21, 8: -13, 9: -11, 10: -8},
    "ZZ12": {0: 0, 2: 4, 3: 7, 4: 10, 7: 17},
    "ZZ14": {1: 3, 4: 9},
    "ZZCJ": {0: 0, 3: 8, 8: 26, 10: 32, 11: 34, 13: 39, 14: 43, 16: 49, 17: 53},
    "ZX": {0: 0, 3: 7, 4: 9, 5: 12, 6: 14, 7: 19, 8: 22, 9: 24, 13: 33, 15: 37, 16: 43, 18: 51,
            19: 55, 20: 58, 21: 61, 22: 64, 25: 72},
}  # fmt: skip
BACKWARD = {
    "ZZ1": {1: 73, 2: 71, 4: 66, 5: 64, 8: 55, 9: 53, 11: 49, 12: 46, 13: 44, 14: 42, 17: 35, 18:
            32, 19: 30, 22: 22, 24: 17, 25: 14, 26: 11, 29: 3},
    "ZZ2": {21: 0, 20: 3, 19: 5, 18: 7, 17: 10, 13: 19, 11: 24, 9: 28, 5: 39, 2: 46, 1: 49},
    "ZZ3": {2: 49, 3: 48, 4: 45, 5: 42, 11: 30, 12: 28, 16: 20, 18: 16, 19: 13, 20: 9, 21: 5, 22:
            4, 24: 0},
    "ZZ4": {2: 51, 4: 47, 7: 40, 9: 36, 16: 22, 17: 20, 21: 11, 22: 8, 23: 6, 24: 4, 25: 1, 26:
            0},
    "ZZ5": {2: 68, 3: 65, 7: 57, 8: 54, 10: 49, 12: 45, 13: 43, 15: 38, 18: 31, 19: 29, 20: 27,
            21: 24, 22: 22, 24: 18, 26: 13, 28: 9, 30: 5, 32: 0},
    "ZZ6": {6: 21, 11: 10, 13: 5, 14: 2, 16: -1, 18: -7, 19: -9, 20: -11, 22: -17, 23: -19, 24:
            -21, 27: -30},
    "ZZ7": {19: 0, 18: 2, 16: 7, 11: 19, 10: 21, 8: 27, 7: 29, 6: 32, 5: 34, 4: 37, 2: 43},
    "ZZ8": {1: 69, 3: 64, 4: 61, 6: 57, 9: 49, 11: 45, 13: 40, 16: 31, 17: 28, 18: 26, 19: 23, 20:
            19, 21: 16, 24: 8, 26: 2, 27: 0},
    "ZZ10": {11: 0, 10: 2, 9: 4, 8: 7, 5: 14, 3: 20, 2: 23, 1: 26},
    "ZZ12": {7: 37, 4: 44, 3: 47, 2: 49},
    "ZZ14": {4: 2, 5: 0},
    "ZZCJ": {3: -10, 8: -28, 10: -33, 11: -35, 13: -40, 14: -45, 16: -51, 17: -54, 18: -57},
    "ZX": {3: 67, 4: 65, 5: 63, 6: 60, 7: 56, 8: 53, 9: 51, 13: 42, 15: 38, 16: 31, 18: 23, 19:
            20, 20: 17, 21: 13, 22: 10, 25: 2, 26: 0},
}  # fmt: skip

# Stations that no last-train time was read for keep the operator's own rule of thumb:
# 35.2 s a kilometre and 97.5 s a stop (fit stored with the hops in openmetro segments.json).
SECONDS_PER_KM = 35.2
SECONDS_PER_STOP = 97.5

DWELL_SECONDS = 30  # assumed; departure to departure minus the stop is the running time

WEEKDAY_2023 = "weekday before a holiday: the densest timetable"
ASSUMED = "no figure found; range of the lines that have one"

_HEADWAYS = {
    "ZZ1": (
        Figure(170, 170, 240, HOLIDAY_2023, f"{WEEKDAY_2023}; section of phase 1"),
        Figure(300, 250, 360, HOLIDAY_2023, "250 on holidays of 2023, 360 on weekends of 2021"),
    ),
    "ZZ2": (
        Figure(360, 360, 420, HOLIDAY_2023, "刘庄–孟庄; with the through trains every 180"),
        Figure(480, 420, 720, HOLIDAY_2023, "420 on holidays of 2023, 720 on weekends of 2021"),
    ),
    "ZZCJ": (
        Figure(360, 360, 420, HOLIDAY_2023, "贾河–郑州航空港站 through trains"),
        Figure(480, 420, 720, HOLIDAY_2023, "420 on holidays of 2023, 720 on weekends of 2021"),
    ),
    "ZZ3": (
        Figure(390, 240, 390, GAZETTE_L34, "average at the opening in 2020"),
        Figure(480, 390, 600, OURS, ASSUMED),
    ),
    "ZZ4": (
        Figure(360, 300, 360, HOLIDAY_2023, WEEKDAY_2023),
        Figure(510, 360, 510, HOLIDAY_2023, "510 on holidays of 2023"),
    ),
    "ZZ5": (
        Figure(240, 240, 300, HOLIDAY_2023, WEEKDAY_2023),
        Figure(360, 360, 480, HOLIDAY_2023, "360 on holidays of 2023, 480 on weekends of 2021"),
    ),
    "ZZ6": (
        Figure(420, 300, 600, OURS, "600 while only the western section was open"),
        Figure(540, 420, 600, OURS, "600 while only the western section was open"),
    ),
    "ZZ7": (Figure(420, 300, 600, OURS, ASSUMED), Figure(540, 420, 600, OURS, ASSUMED)),
    "ZZ8": (Figure(420, 300, 600, OURS, ASSUMED), Figure(540, 420, 600, OURS, ASSUMED)),
    "ZZ10": (
        Figure(360, 360, 480, HOLIDAY_OCT, WEEKDAY_2023),
        Figure(510, 360, 600, OURS, ASSUMED),
    ),
    "ZZ12": (Figure(420, 300, 600, OURS, ASSUMED), Figure(540, 420, 600, OURS, ASSUMED)),
    "ZZ14": (
        Figure(600, 600, 930, HOLIDAY_2023, WEEKDAY_2023),
        Figure(600, 600, 930, HOLIDAY_2023, "600 on holidays of 2023, 930 in November 2020"),
    ),
    "ZX": (
        Figure(600, None, None, ZX_TRIAL, "06:40-09:15"),
        Figure(865, None, None, ZX_TRIAL, "09:15-21:00; taken for 06:00-06:40 as well"),
    ),
}


def _current(
    line_id: str,
    start: str,
    first: int,
    last: int,
    note: str = "",
    *,
    joins: tuple[str, str] = ("", ""),
) -> Period:
    """Make the period that runs today."""
    peak, off_peak = _HEADWAYS[line_id]
    return Period("", start, END, first, last, peak, off_peak, note=note, joins=joins)


_LINE1_2013 = Figure(360, 300, 480, OURS, "not looked up")
_LINE2_2016 = (Figure(376, None, None, TRANSPORT_L2), Figure(440, None, None, TRANSPORT_L2))
_CJ_2017 = (
    Figure(600, 360, 720, OURS, "between the weekends of 2021 and the weekdays of 2023"),
    Figure(720, 420, 720, WEEKEND_2021, "weekends of 2021"),
)
_BESIDE = "beside the through trains of the Chengjiao Line, as many again"
_LINE6_2022 = Figure(600, None, None, HOLIDAY_2023)
_LINE14_2019 = Figure(900, None, None, NEWS_L14)
_LINE14_2022 = Figure(600, 600, 930, HOLIDAY_2023, WEEKDAY_2023)

PERIODS: dict[str, tuple[Period, ...]] = {
    "ZZ1": (
        Period("-2013", "20131228", "20170111", 7, 26, _LINE1_2013, _LINE1_2013),
        _current("ZZ1", "20170112", 0, 29),
    ),
    "ZZ2": (
        Period("-2016", "20160819", "20170111", 6, 21, *_LINE2_2016),
        Period("-2017", "20170112", "20191227", 6, 21, *_CJ_2017, note=_BESIDE),
        Period("-2019", "20191228", "20220619", 0, 21, *_CJ_2017, note=_BESIDE),
        _current(
            "ZZ2",
            "20220620",
            6,
            21,
            "trains between 刘庄 and 孟庄, beside the through trains of H-ZZCJ",
            joins=("ZZCJ", "mengzhuang"),
        ),
    ),
    "ZZ3": (
        Period("-2020", "20201226", "20230907", 0, 20, *_HEADWAYS["ZZ3"]),
        _current("ZZ3", "20230908", 0, 24),
    ),
    "ZZ4": (_current("ZZ4", "20201226", 0, 26),),
    "ZZ5": (_current("ZZ5", "20190520", 0, 32),),
    "ZZ6": (
        Period("-2022", "20220930", "20241228", 18, 27, _LINE6_2022, _LINE6_2022),
        _current("ZZ6", "20241229", 0, 27),
    ),
    "ZZ7": (_current("ZZ7", "20241229", 0, 19),),
    "ZZ8": (_current("ZZ8", "20241229", 0, 27),),
    "ZZ10": (_current("ZZ10", "20230928", 0, 11),),
    "ZZ12": (_current("ZZ12", "20231220", 0, 10),),
    "ZZ14": (
        Period("-2019", "20190919", "20200127", 1, 4, _LINE14_2019, _LINE14_2019, ("shimindadao",)),
        Period("-2020", "20201104", "20210719", 1, 4, _LINE14_2019, _LINE14_2019, ("shimindadao",)),
        Period("-2022", "20220829", "20230511", 1, 4, _LINE14_2022, _LINE14_2022, ("shimindadao",)),
        Period("-2023", "20230512", "20241118", 1, 5, _LINE14_2022, _LINE14_2022, ("shimindadao",)),
        _current("ZZ14", "20241119", 1, 5),
    ),
    "ZZCJ": (
        Period(
            "-2017",
            "20170112",
            "20191227",
            0,
            14,
            *_CJ_2017,
            note="through trains from 刘庄",
            joins=("ZZ2", "liuzhuang"),
        ),
        Period(
            "-2019",
            "20191228",
            "20220619",
            0,
            14,
            *_CJ_2017,
            note="through trains from 贾河",
            joins=("ZZ2", "jiahe"),
        ),
        _current("ZZCJ", "20220620", 0, 18, "through trains from 贾河", joins=("ZZ2", "jiahe")),
    ),
    "ZX": (_current("ZX", "20231228", 0, 26),),
}
