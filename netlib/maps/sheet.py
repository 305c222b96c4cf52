"""The page of a map: title, drawings, legend and footnotes, written in one go."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlib.errors import UnknownNameError
from netlib.maps.basemap import View, make_view
from netlib.maps.style import (
    INK,
    MUTED,
    PAPER,
    POINTS_PER_INCH,
    Dashes,
    Language,
    font_properties,
    measure_text,
    other,
    say,
    wrap_text,
)
from netlib.places import format_name
from netlib.scenarios import WITHOUT, read_scenario

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from netlib.tables import Network

DEFAULT_DPI = 110.0
BASELINE = "baseline"
FORMATS = (".png", ".svg", ".pdf")

# All lengths in points.
EDGE = 14.0
MAP_HEIGHT = 450.0
MAP_WIDTHS = {1: 480.0, 2: 340.0, 3: 280.0, 4: 230.0}  # of each drawing, by their number
MAP_GAP = 10.0
ROOMY = 2  # up to this many drawings, each has room for date, scenario and timetable above it
LEGEND_WIDTH = 168.0
TITLE_SIZE = 14.0
TEXT_SIZE = 8.5
STATE_SIZE = 8.0  # above one of several drawings
SMALL_SIZE = 6.8
LINE_HEIGHT = 1.4


@dataclass
class Sheet:
    """A page under way: the figure, and where the next entry of the legend goes.

    Attributes
    ----------
    figure
        The matplotlib figure.
    legend
        Axes of the legend, in points from its lower left corner.
    cursor
        Height of the next legend entry.
    bottom
        Height of the drawings above the lower edge of the page.
    lang
        Main language.
    size
        Width and height of each drawing.
    modes, states
        What the drawings show of lines.
    footnotes
        Keys of `netlib.maps.style.WORDS` for the first line below the drawings.
    attribution
        Key for the second one.
    """

    figure: Figure
    legend: Axes
    cursor: float
    bottom: float
    lang: Language
    size: tuple[float, float]
    modes: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=set)
    footnotes: list[str] = field(default_factory=lambda: ["straight"])
    attribution: str = "attribution"

    def add_map(
        self, position: int, bounds: tuple[float, float, float, float]
    ) -> tuple[Axes, View]:
        """Add the drawing number ``position`` (from 0), fitted to geographic ``bounds``."""
        width, height = self.size
        left = EDGE + position * (width + MAP_GAP)
        page_width, page_height = (
            float(v) * POINTS_PER_INCH for v in self.figure.get_size_inches()
        )
        axes = self.figure.add_axes(
            (
                left / page_width,
                self.bottom / page_height,
                width / page_width,
                height / page_height,
            )
        )
        return axes, make_view(bounds, width=width, height=height)

    def add_plain(self) -> Axes:
        """Add a drawing that is no map: its coordinates are points from the lower left corner."""
        return _add_plain_axes(self.figure, EDGE, self.bottom, *self.size)

    def note_lines(self, modes: Collection[str], states: Collection[str]) -> None:
        """Remember what the legend must explain."""
        self.modes |= set(modes)
        self.states |= set(states)

    def heading(self, key: str, *values: object) -> None:
        """Start a group of the legend."""
        self.cursor -= 6.0
        main, second = (say(key, lang, *values) for lang in (self.lang, other(self.lang)))
        self._write(0.0, main, size=TEXT_SIZE + 0.5, bold=True)
        if self.lang == "en":
            self.cursor -= 3.0
            return
        self._write(0.0, second, size=SMALL_SIZE, colour=MUTED)
        self.cursor -= 2.0

    def swatch(self, colour: str, key: str, *values: object) -> None:
        """Explain a filled area."""
        self.patch(colour, (say(key, self.lang, *values), say(key, other(self.lang), *values)))

    def patch(self, colour: str, names: tuple[str, str]) -> None:
        """Explain a filled area in words of its own."""
        from matplotlib.patches import Rectangle

        height = TEXT_SIZE * LINE_HEIGHT
        self.legend.add_patch(
            Rectangle(
                (1.0, self.cursor - height + 2.5),
                18.0,
                height - 3.0,
                facecolor=colour,
                edgecolor=INK,
                linewidth=0.4,
            )
        )
        self._entry(names)

    def stroke(self, colour: str, width: float, dashes: Dashes, names: tuple[str, str]) -> None:
        """Explain a line."""
        middle = self.cursor - TEXT_SIZE * LINE_HEIGHT / 2 + 0.5
        self.legend.plot(
            [1.0, 19.0],
            [middle, middle],
            color=colour,
            linewidth=width,
            linestyle=dashes,
            dash_capstyle="butt",
        )
        self._entry(names)

    def mark(
        self, marker: str, colour: str, key: str, *, edge: str = PAPER, size: float = 7.5
    ) -> None:
        """Explain a mark."""
        self.legend.plot(
            [10.0],
            [self.cursor - TEXT_SIZE * LINE_HEIGHT / 2 + 0.5],
            linestyle="none",
            marker=marker,
            markersize=size,
            markerfacecolor=colour,
            markeredgecolor=edge,
            markeredgewidth=0.8,
        )
        self._entry((say(key, self.lang), say(key, other(self.lang))))

    def detail(self, text: str) -> None:
        """Add small text below an entry."""
        for line in wrap_text(text, LEGEND_WIDTH - 25.0, size=SMALL_SIZE + 0.4):
            self._write(25.0, line, size=SMALL_SIZE + 0.4, colour=INK)

    def note(self, text: str) -> None:
        """Add small text below a heading."""
        for line in wrap_text(text, LEGEND_WIDTH, size=SMALL_SIZE + 0.4):
            self._write(0.0, line, size=SMALL_SIZE + 0.4, colour=INK)

    def remark(self, key: str) -> None:
        """Add small text in both languages."""
        self.cursor -= 2.0
        for lang in (self.lang, other(self.lang)):
            self._write(0.0, say(key, lang), size=SMALL_SIZE, colour=MUTED)

    def _entry(self, names: tuple[str, str]) -> None:
        """Write the two names of an entry on one line where they fit, else on two."""
        main, second = names[0], names[1] if names[1] != names[0] else ""
        left = 25.0 + measure_text(main, size=TEXT_SIZE) + 5.0
        fits = left + measure_text(second, size=SMALL_SIZE) <= LEGEND_WIDTH
        if fits:
            self._write(left, second, size=SMALL_SIZE, colour=MUTED, advance=False)
        for line in wrap_text(main, LEGEND_WIDTH - 25.0, size=TEXT_SIZE):
            self._write(25.0, line, size=TEXT_SIZE)
        if second and not fits:
            self._write(25.0, second, size=SMALL_SIZE, colour=MUTED)

    def _write(
        self,
        left: float,
        text: str,
        *,
        size: float,
        bold: bool = False,
        colour: str = INK,
        advance: bool = True,
    ) -> None:
        height = (size if advance else TEXT_SIZE) * LINE_HEIGHT
        self.legend.text(
            left,
            self.cursor - 0.75 * height,
            text,
            fontproperties=font_properties(text, size=size, bold=bold),
            color=colour,
            va="baseline",
        )
        if advance:
            self.cursor -= height


def make_sheet(
    network: Network | None,
    *,
    title: str,
    subtitle: str,
    lang: Language,
    state: str = "",
    captions: Sequence[tuple[str, Network]] = (),
    size: tuple[float, float] | None = None,
) -> Sheet:
    """Start a page for one drawing, or for one drawing per caption.

    Parameters
    ----------
    network
        Network whose date and scenario the head names; None when ``state`` or the captions do.
    title, subtitle
        Text of the head, wrapped to the page.
    lang
        Main language.
    state
        Date and scenario of several networks on one drawing.
    captions
        What each of several drawings is, and its network.
    size
        Width and height of each drawing in points; by their number when not given.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    count = max(len(captions), 1)
    size = size or (MAP_WIDTHS[count], MAP_HEIGHT)
    maps_width = count * size[0] + (count - 1) * MAP_GAP
    width = EDGE + maps_width + MAP_GAP + LEGEND_WIDTH + EDGE
    head = [
        (line, TITLE_SIZE, True, INK)
        for line in wrap_text(title, width - 2 * EDGE, size=TITLE_SIZE, bold=True)
    ]
    head += [
        (line, TEXT_SIZE + 1, False, INK)
        for line in wrap_text(subtitle, width - 2 * EDGE, size=TEXT_SIZE + 1)
    ]
    state = state if network is None else format_state(network, lang)
    head += [
        (line, TEXT_SIZE + 1, False, MUTED)
        for line in wrap_text(state, width - 2 * EDGE, size=TEXT_SIZE + 1)
    ]
    head_height = sum(points * LINE_HEIGHT for _, points, _, _ in head) + 6.0
    caption_height = 16.0 if captions else 0.0
    bottom = 40.0
    height = bottom + size[1] + caption_height + head_height + EDGE / 2
    figure = Figure(figsize=(width / POINTS_PER_INCH, height / POINTS_PER_INCH), facecolor=PAPER)
    FigureCanvasAgg(figure)
    page = _add_plain_axes(figure, 0.0, 0.0, width, height)
    top = height - EDGE / 2
    for text, points, bold, colour in head:
        top -= points * LINE_HEIGHT
        _put(page, EDGE, top + 0.3 * points, text, size=points, bold=bold, colour=colour)
    for i, (caption, panel) in enumerate(captions):
        left = EDGE + i * (size[0] + MAP_GAP)
        y = bottom + size[1] + 4.0
        _put(page, left, y, caption, size=TEXT_SIZE + 1.5, bold=True, colour=INK)
        offset = measure_text(caption, size=TEXT_SIZE + 1.5, bold=True) + 8.0
        state = fit_state(panel, size[0] - offset, lang=lang, whole=count <= ROOMY)
        _put(page, left + offset, y, state, size=STATE_SIZE, bold=False, colour=MUTED)
    legend = _add_plain_axes(figure, EDGE + maps_width + MAP_GAP, bottom, LEGEND_WIDTH, size[1])
    return Sheet(figure, legend, size[1] + 4.0, bottom, lang, size)


def format_state(network: Network, lang: Language) -> str:
    """Name the date, scenario and timetable of a network.

    Returns
    -------
    str
        Such as ``2026-11-22 · 情景 现状 · 时刻表 2026-10-04``.
    """
    day = network.day.isoformat() if network.day else say("all_dates", lang)
    scenario = name_scenario(network, lang)
    parts = [f"{say('date', lang)} {day}", f"{say('scenario', lang)} {scenario}"]
    if network.snapshot:
        parts.append(f"{say('snapshot', lang)} {network.snapshot}")
    return " · ".join(parts)


def fit_state(network: Network, width: float, *, lang: Language, whole: bool) -> str:
    """Name date, scenario and timetable in ``width`` points, or as much of it as there is room for.

    Parameters
    ----------
    whole
        Whether to begin with `format_state` rather than `format_day`.
    """
    day = str(network.day)
    plain = f"{day} · {say('snapshot', lang)} {network.snapshot}" if network.snapshot else day
    texts = [format_state(network, lang)] if whole else []
    for text in [*texts, format_day(network, lang), plain]:
        if measure_text(text, size=STATE_SIZE) <= width:
            return text
    return day


def format_day(network: Network, lang: Language) -> str:
    """Name day and timetable of a network, and its scenario unless it is the baseline.

    Returns
    -------
    str
        Such as ``2026-11-22 · 时刻表 2026-10-04``.
    """
    parts = [network.day.isoformat() if network.day else say("all_dates", lang)]
    if network.scenario != BASELINE:
        parts.append(name_scenario(network, lang))
    if network.snapshot:
        parts.append(f"{say('snapshot', lang)} {network.snapshot}")
    return " · ".join(parts)


def name_scenario(network: Network, lang: Language) -> str:
    """Name the scenario of a network by its card, or by the line that it goes without."""
    scenario = network.scenario
    if scenario == BASELINE:
        return say(BASELINE, lang)
    card = network.root / "scenarios" / f"{scenario}.toml"
    if card.is_file():
        found = read_scenario(card)
        return found.name_zh if lang == "zh" else found.name_en
    if scenario.startswith(WITHOUT):
        return say("without", lang, format_name(network, scenario.removeprefix(WITHOUT), lang=lang))
    return scenario


def write_sheet(sheet: Sheet, path: str | Path, *, dpi: float) -> Path:
    """Write the page under a temporary name, then rename it.

    Raises
    ------
    UnknownNameError
        If the suffix of ``path`` is none of the formats.
    """
    import matplotlib as mpl

    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in FORMATS:
        raise UnknownNameError("map format", suffix, FORMATS)
    _write_footnotes(sheet)
    no_date: dict[str, Any] = {
        ".png": {"Software": None},
        ".svg": {"Date": None},
        ".pdf": {"CreationDate": None},
    }[suffix]
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(handle)
    settings: dict[Any, Any] = {"svg.hashsalt": "netlib", "pdf.fonttype": 42}
    try:
        with mpl.rc_context(settings):
            sheet.figure.savefig(temporary, format=suffix[1:], dpi=dpi, metadata=no_date)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target


def _write_footnotes(sheet: Sheet) -> None:
    width, _ = (float(v) * POINTS_PER_INCH for v in sheet.figure.get_size_inches())
    page = _add_plain_axes(sheet.figure, 0.0, 0.0, width, sheet.bottom)
    rows = [
        " ".join(say(key, sheet.lang) for key in sheet.footnotes),
        say(sheet.attribution, sheet.lang),
    ]
    for i, text in enumerate(rows):
        top = sheet.bottom - 13.0 - i * SMALL_SIZE * LINE_HEIGHT
        _put(page, EDGE, top, text, size=SMALL_SIZE, bold=False, colour=MUTED)


def _add_plain_axes(
    figure: Figure, left: float, bottom: float, width: float, height: float
) -> Axes:
    """Add axes without frame whose coordinates are points."""
    page_width, page_height = (float(v) * POINTS_PER_INCH for v in figure.get_size_inches())
    axes = figure.add_axes(
        (left / page_width, bottom / page_height, width / page_width, height / page_height)
    )
    axes.set_xlim(0.0, width)
    axes.set_ylim(0.0, height)
    axes.set_axis_off()
    return axes


def _put(
    axes: Axes, left: float, bottom: float, text: str, *, size: float, bold: bool, colour: str
) -> None:
    axes.text(
        left,
        bottom,
        text,
        fontproperties=font_properties(text, size=size, bold=bold),
        color=colour,
        va="baseline",
    )
