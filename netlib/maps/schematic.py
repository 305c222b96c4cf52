"""A diagram of the arms of a star: eight directions, stations in order, opening years, minutes.

The layout is ours: arms at multiples of 45 degrees as in the character 米, stations evenly spaced.
Names stand on one side of their arm, years on the other, so that they keep apart.
"""

from __future__ import annotations

from itertools import pairwise
from math import cos, isnan, radians, sin
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from netlib.maps.arms import find_runs
from netlib.maps.marks import locate_places
from netlib.maps.sheet import DEFAULT_DPI, make_sheet, write_sheet
from netlib.maps.style import (
    ABSENT,
    INK,
    MUTED,
    PAPER,
    PERIODS,
    STATES,
    Language,
    font_properties,
    measure_text,
    other,
    say,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from shapely import Polygon

    from netlib.maps.arms import Arm, Stop
    from netlib.maps.sheet import Sheet
    from netlib.tables import Network

# All lengths in points.
HUB_RADIUS = 27.0
FIRST_STOP = 88.0  # from the middle of the hub
ARM_LENGTH = 215.0  # wanted, from the first stop to the last
LEAST_STEP, MOST_STEP = 14.5, 26.0  # between stops
LINE_WIDTH = 5.5
NAME_SIZE = 7.4
YEAR_SIZE = 7.6
END_SIZE = 10.0
SIDE = 7.5  # from the middle of a line to a name
RIM = 10.0  # around everything
DOWN = 0.36  # from the middle of a letter to the foot of its line, as a share of its size
UPRIGHT = 45.0  # at which the names along level arms are turned


class Text(NamedTuple):
    """A text on the diagram.

    Attributes
    ----------
    x, y
        Foot of the text in points from the hub: its left end, middle or right end by ``align``.
    words, size, bold, colour
        What is written, and how.
    align
        ``left``, ``center`` or ``right``.
    angle
        Turn about the foot, in degrees counter-clockwise.
    """

    x: float
    y: float
    words: str
    size: float
    bold: bool
    colour: str
    align: str
    angle: float = 0.0

    def outline(self) -> Polygon:
        """Return the rectangle that the text covers."""
        from shapely import affinity, box

        width = measure_text(self.words, size=self.size, bold=self.bold)
        left = self.x - {"left": 0.0, "center": 0.5, "right": 1.0}[self.align] * width
        covered = box(left, self.y - 0.12 * self.size, left + width, self.y + 0.82 * self.size)
        return affinity.rotate(covered, self.angle, origin=(self.x, self.y))


class Side(NamedTuple):
    """Where the names or years of an arm stand: offset in points, alignment and angle."""

    right: float
    up: float
    align: str
    angle: float = 0.0


# By direction. A name's line is level with its station, except along the level arms.
NAMES = {
    0: Side(SIDE, 0.0, "left"),
    45: Side(SIDE, -1.0, "left"),
    90: Side(1.0, SIDE, "left", UPRIGHT),
    135: Side(SIDE, 1.0, "left"),
    180: Side(SIDE, 0.0, "left"),
    225: Side(-SIDE, 1.0, "right"),
    270: Side(-1.0, SIDE, "right", -UPRIGHT),
    315: Side(-SIDE, -1.0, "right"),
}
YEARS = {
    0: Side(-SIDE, 0.0, "right"),
    45: Side(-SIDE, 3.0, "right"),
    90: Side(0.0, -SIDE - 3.5, "center"),
    135: Side(-SIDE, -3.0, "right"),
    180: Side(-SIDE, 0.0, "right"),
    225: Side(SIDE, -3.0, "left"),
    270: Side(0.0, -SIDE - 3.5, "center"),
    315: Side(SIDE, 3.0, "left"),
}
# Middle of the words at an end, from its station.
ENDS = {
    0: Side(0.0, 24.0, "center"),
    45: Side(11.0, 14.0, "left"),
    90: Side(11.0, 0.0, "left"),
    135: Side(11.0, -16.0, "left"),
    180: Side(0.0, -24.0, "center"),
    225: Side(-11.0, -16.0, "right"),
    270: Side(-11.0, 0.0, "right"),
    315: Side(-11.0, 14.0, "right"),
}


def draw_schematic(
    network: Network,
    arms: Sequence[Arm],
    *,
    hub: str,
    title: str,
    path: str | Path,
    subtitle: str = "",
    lang: Language = "zh",
    dpi: float = DEFAULT_DPI,
) -> Path:
    """Draw the arms as a diagram.

    Parameters
    ----------
    network, title, subtitle, path, lang, dpi
        As in `netlib.maps.draw_isochrone_map`.
    arms
        As from `netlib.maps.arms.describe_arms` for this network.
    hub
        ``zone_id`` of the place where the arms begin.

    Raises
    ------
    UnknownNameError
        If the hub is not in the network, or the suffix is none of the formats.
    """
    name = locate_places(network, [hub])[0].names(lang)[0]
    periods = select_periods(arms)
    texts = [text for arm in arms for text in compose_texts(arm, periods, lang=lang)]
    left, bottom, right, top = bound_drawing(arms, texts)
    sheet = make_sheet(
        network, title=title, subtitle=subtitle, lang=lang, size=(right - left, top - bottom)
    )
    axes = sheet.add_plain()
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    for arm in arms:
        _draw_tracks(axes, arm, periods)
        _draw_stops(axes, arm)
    _draw_hub(axes, name)
    for text in texts:
        axes.text(
            text.x,
            text.y,
            text.words,
            fontproperties=font_properties(text.words, size=text.size, bold=text.bold),
            color=text.colour,
            ha=text.align,
            va="baseline",
            rotation=text.angle,
            rotation_mode="anchor",
            zorder=5.0,
        )
    _explain(sheet, arms, periods, name)
    sheet.footnotes = ["not_to_scale"]
    sheet.attribution = "evidence"
    return write_sheet(sheet, path, dpi=dpi)


def select_periods(arms: Sequence[Arm]) -> list[tuple[int, int]]:
    """Split the years from the first to the last opening into periods of about equal length.

    Returns
    -------
    list of (first, last)
        Ascending, at most as many as there are colours; empty where no year is known.
    """
    years = [track.year for arm in arms for track in arm.tracks if track.year is not None]
    if not years:
        return []
    count = min(len(PERIODS), max(years) - min(years) + 1)
    edges = np.linspace(min(years), max(years) + 1, count + 1).round().astype(int)
    return [(int(a), int(b) - 1) for a, b in pairwise(edges)]


def choose_colour(year: int | None, periods: Sequence[tuple[int, int]]) -> str:
    """Choose the colour of an opening year."""
    for (first, last), colour in zip(periods, PERIODS, strict=False):
        if year is not None and first <= year <= last:
            return colour
    return MUTED


def place_stops(arm: Arm) -> list[tuple[float, float]]:
    """Return where the stops of an arm lie, in points from the hub, which is the first of them."""
    count = len(arm.stops) - 1
    step = min(max(ARM_LENGTH / max(count - 1, 1), LEAST_STEP), MOST_STEP)
    angle = radians(90.0 - arm.direction)
    reach = [0.0, *(FIRST_STOP + step * i for i in range(count))]
    return [(r * cos(angle), r * sin(angle)) for r in reach]


def compose_texts(arm: Arm, periods: Sequence[tuple[int, int]], *, lang: Language) -> list[Text]:
    """Compose the texts of an arm: names of stops with minutes, years, and the words at its end."""
    points = place_stops(arm)
    names, years = NAMES[arm.direction], YEARS[arm.direction]
    texts = []
    for stop, (x, y) in zip(arm.stops[1:-1], points[1:-1], strict=True):
        drop = 0.0 if names.angle else DOWN * NAME_SIZE
        words = _name_stop(stop, lang)[0]
        if stop.is_city and not isnan(stop.minutes):
            words += f" {stop.minutes:.0f}"
        texts.append(
            Text(
                x + names.right,
                y + names.up - drop,
                words,
                NAME_SIZE,
                stop.is_city,
                INK if stop.is_open else MUTED,
                names.align,
                names.angle,
            )
        )
    for run in find_runs(arm.tracks):
        if run.year is None:
            continue
        before, after = np.array(points[run.first]), np.array(points[run.first + 1])
        x, y = (before + after) / 2 if run.first else after * (1.0 - 0.3)
        is_open = arm.tracks[run.first].state == "open"
        texts.append(
            Text(
                float(x) + years.right,
                float(y) + years.up - DOWN * YEAR_SIZE,
                str(run.year),
                YEAR_SIZE,
                bold=True,
                colour=choose_colour(run.year, periods) if is_open else MUTED,
                align=years.align,
            )
        )
    return [*texts, *_compose_end(arm, points[-1], lang)]


def _compose_end(arm: Arm, point: tuple[float, float], lang: Language) -> list[Text]:
    """Compose the words at the end of an arm: name, name in the other language, minutes."""
    side, stop = ENDS[arm.direction], arm.stops[-1]
    main, second = _name_stop(stop, lang)
    minutes = "—" if isnan(stop.minutes) else say("minutes_short", lang, f"{stop.minutes:.0f}")
    rows = [(main, END_SIZE, True, INK), (second, NAME_SIZE - 0.4, False, MUTED)]
    rows = [row for row in rows if row[0]] + [(minutes, END_SIZE + 1.5, True, INK)]
    height = sum(1.18 * size for _, size, _, _ in rows)
    top = point[1] + side.up + height / 2
    texts = []
    for words, size, bold, colour in rows:
        top -= 1.18 * size
        texts.append(
            Text(point[0] + side.right, top + 0.2 * size, words, size, bold, colour, side.align)
        )
    return texts


def bound_drawing(arms: Sequence[Arm], texts: Sequence[Text]) -> tuple[float, float, float, float]:
    """Return the edges of a rectangle around everything: left, bottom, right, top."""
    from shapely import MultiPoint, union_all

    points = MultiPoint([point for arm in arms for point in place_stops(arm)]).buffer(SIDE)
    hub = MultiPoint([(0.0, 0.0)]).buffer(HUB_RADIUS)
    everything = union_all([points, hub, *(text.outline() for text in texts)]).buffer(RIM)
    left, bottom, right, top = everything.bounds
    return left, bottom, right, top


def _name_stop(stop: Stop, lang: Language) -> tuple[str, str]:
    """Return the name in ``lang`` and, where it differs, in the other language."""
    both = (stop.name_zh, stop.name_en)
    main, second = both if lang == "zh" else both[::-1]
    return (main, second if second != main else "") if main else (second, "")


def _draw_tracks(axes: Axes, arm: Arm, periods: Sequence[tuple[int, int]]) -> None:
    points = place_stops(arm)
    for position, track in enumerate(arm.tracks):
        is_open = track.state == "open"
        (x0, y0), (x1, y1) = points[position], points[position + 1]
        axes.plot(
            [x0, x1],
            [y0, y1],
            color=choose_colour(track.year, periods) if is_open else ABSENT,
            linewidth=LINE_WIDTH if is_open else LINE_WIDTH * 0.5,
            linestyle=STATES[track.state],
            solid_capstyle="butt",
            dash_capstyle="butt",
            zorder=1.0,
        )


def _draw_stops(axes: Axes, arm: Arm) -> None:
    points = place_stops(arm)
    for position, stop in enumerate(arm.stops[1:], start=1):
        is_end = position == len(arm.stops) - 1
        _draw_mark(axes, *points[position], stop, is_end=is_end)


def _draw_mark(axes: Axes, x: float, y: float, stop: Stop, *, is_end: bool) -> None:
    size = 10.0 if is_end else 6.6 if stop.is_city else 3.6
    axes.plot(
        [x],
        [y],
        linestyle="none",
        marker="o",
        markersize=size,
        markerfacecolor=PAPER,
        markeredgecolor=INK if stop.is_open else ABSENT,
        markeredgewidth=2.0 if is_end else 1.3 if stop.is_city else 0.7,
        zorder=3.0,
    )


def _draw_hub(axes: Axes, name: str) -> None:
    from matplotlib.patches import Circle

    axes.add_patch(Circle((0.0, 0.0), HUB_RADIUS, facecolor=INK, edgecolor=PAPER, zorder=4.0))
    width = measure_text(name, size=1.0, bold=True)
    size = min(15.0, (2 * HUB_RADIUS - 8.0) / width)
    axes.text(
        0.0,
        -DOWN * size,
        name,
        fontproperties=font_properties(name, size=size, bold=True),
        color=PAPER,
        ha="center",
        va="baseline",
        zorder=5.0,
    )


def _explain(
    sheet: Sheet, arms: Sequence[Arm], periods: Sequence[tuple[int, int]], hub: str
) -> None:
    """Fill the legend: periods, states, stations and minutes."""
    languages = (sheet.lang, other(sheet.lang))
    sheet.heading("periods")
    for (first, last), colour in zip(periods, PERIODS, strict=False):
        words = f"{first}–{last}" if first < last else str(first)
        sheet.stroke(colour, LINE_WIDTH, "solid", (words, words))
    states = {track.state for arm in arms for track in arm.tracks}
    # Without the day on which works began, a line that is not open need not be merely planned.
    for state, word in (("under_construction", "under_construction"), ("planned", "not_yet")):
        if state in states:
            names = (say(word, languages[0]), say(word, languages[1]))
            sheet.stroke(ABSENT, LINE_WIDTH * 0.5, STATES[state], names)
    sheet.heading("places")
    sheet.mark("o", PAPER, "end_of_arm", edge=INK, size=9.0)
    sheet.mark("o", PAPER, "main_station", edge=INK, size=6.0)
    sheet.mark("o", PAPER, "other_station", edge=INK, size=3.4)
    sheet.heading("minutes")
    sheet.note(say("minutes_aboard", sheet.lang, hub))
