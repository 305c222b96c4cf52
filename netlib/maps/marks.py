"""Places, marks and names on one drawing of a map."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from math import isnan
from typing import TYPE_CHECKING, NamedTuple

from netlib.errors import UnknownNameError
from netlib.maps.basemap import draw_isochrones, draw_land, draw_scale_bar
from netlib.maps.labels import Label, Layout, Span, name_lines
from netlib.maps.linework import draw_lines
from netlib.maps.style import (
    INK,
    MUTED,
    ORIGIN,
    PAPER,
    RESULTS,
    Language,
    font_properties,
    measure_text,
)
from netlib.shapes import read_node_places

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes

    from netlib.maps.basemap import View
    from netlib.maps.linework import Subjects
    from netlib.maps.sheet import Sheet
    from netlib.tables import Network

NAME_SIZE = 8.5  # points
# More names than this make a map of cities unreadable.
MOST_NAMES = 40
# Counties are named on maps up to this width.
COUNTY_SPAN_METRES = 170_000.0


class Place(NamedTuple):
    """A point with its names; coordinates in WGS84."""

    place_id: str
    name_zh: str
    name_en: str
    longitude: float
    latitude: float

    def names(self, lang: Language) -> tuple[str, str]:
        """Return the name in ``lang`` and in the other language."""
        both = (self.name_zh, self.name_en)
        main, second = both if lang == "zh" else both[::-1]
        return (main, second) if main else (second, "")


class Minutes(NamedTuple):
    """A travel time with its range; NaN where there is no journey."""

    low: float
    central: float
    high: float


@dataclass
class Canvas:
    """One drawing under way: marks are drawn at once, names last of all.

    Attributes
    ----------
    axes, view
        The drawing, and what part of the earth it shows.
    layout
        Where names can still go.
    lang
        Main language.
    labels
        Names to place, the most important first.
    """

    axes: Axes
    view: View
    layout: Layout
    lang: Language
    labels: list[Label] = field(default_factory=list)

    def mark(
        self,
        place: Place,
        *,
        size: float,
        colour: str,
        edge: str = PAPER,
        marker: str = "o",
        order: float = 12.0,
    ) -> tuple[float, float]:
        """Draw a mark of ``size`` points; return its place in points of the view."""
        east, north = self.view.project(place.longitude, place.latitude)
        self.axes.plot(
            [east],
            [north],
            linestyle="none",
            marker=marker,
            markersize=size,
            markerfacecolor=colour,
            markeredgecolor=edge,
            markeredgewidth=0.8,
            zorder=order,
        )
        return self.locate(place)

    def locate(self, place: Place) -> tuple[float, float]:
        """Return where a place lies, in points of the view."""
        x, y = self.view.to_points(place.longitude, place.latitude)
        return float(x), float(y)

    def shows(self, place: Place) -> bool:
        """Return whether a place lies inside the view."""
        x, y = self.locate(place)
        return 4.0 <= x <= self.view.width - 4.0 and 4.0 <= y <= self.view.height - 4.0


def start_canvas(
    sheet: Sheet,
    position: int,
    network: Network,
    *,
    bounds: tuple[float, float, float, float],
    marked: Subjects,
    isochrones: gpd.GeoDataFrame | None = None,
) -> Canvas:
    """Draw land, isochrones and lines as drawing number ``position`` of a sheet."""
    axes, view = sheet.add_map(position, bounds)
    draw_land(axes, view, network)
    draw_isochrones(axes, view, isochrones)
    drawn = draw_lines(axes, view, network, highlight=marked.lines)
    sheet.note_lines(drawn.modes, drawn.states)
    layout = Layout(view.width, view.height, drawn.points)
    layout.block_corner(*draw_scale_bar(axes, view, sheet.lang))
    return Canvas(axes, view, layout, sheet.lang)


def locate_places(network: Network, ids: Sequence[str]) -> list[Place]:
    """Look up zones (at their centres) and nodes, without repetitions.

    Raises
    ------
    UnknownNameError
        If an id is neither a zone with a centre nor a node; the nearest ids are named.
    """
    known = index_places(network)
    for place in ids:
        if place not in known:
            raise UnknownNameError("place", place, known)
    return [known[place] for place in dict.fromkeys(ids)]


@lru_cache(maxsize=4)
def index_places(network: Network) -> dict[str, Place]:
    """Return the places of `locate_places` by id; kept for the next drawing of the network."""
    points = read_node_places(network)
    at = dict(zip(points.index, points.to_numpy(dtype=float).tolist(), strict=True))
    # A node that is not open yet is in no table, but its name is known.
    names = network.names
    places = {
        name: Place(name, *names.get(name, (name, name)), x, y) for name, (x, y) in at.items()
    }
    for table, key, point in (
        ("node", "node_id", "node_id"),
        ("zone", "zone_id", "centre_node_id"),
    ):
        frame = network[table].drop_duplicates(key)
        columns = (frame[column] for column in (key, "name_zh", "name_en", point))
        for name, chinese, english, own in zip(*columns, strict=True):
            if own in at:
                places[name] = Place(name, str(chinese), str(english), *at[own])
    return places


def name_origin(canvas: Canvas, place: Place) -> None:
    """Mark and name a start."""
    x, y = canvas.mark(place, size=11.0, colour=ORIGIN, marker="*", order=13.0)
    lines = name_lines(place.names(canvas.lang), size=NAME_SIZE + 1.5, bold=True)
    canvas.labels.append(Label(x, y, lines, radius=6.0, needed=True))


def name_station(canvas: Canvas, place: Place) -> None:
    """Mark and name a station that must be found on the map."""
    x, y = canvas.mark(place, size=4.5, colour=PAPER, edge=INK, marker="s")
    lines = name_lines(place.names(canvas.lang), size=NAME_SIZE, bold=True)
    canvas.labels.append(Label(x, y, lines, radius=3.5, needed=True))


def name_destination(canvas: Canvas, place: Place) -> None:
    """Mark and name a place that must be found on the map."""
    x, y = canvas.mark(place, size=4.5, colour=INK)
    lines = name_lines(place.names(canvas.lang), size=NAME_SIZE, bold=True)
    canvas.labels.append(Label(x, y, lines, radius=3.5, needed=True))


def name_result(canvas: Canvas, place: Place, result: str, minutes: Minutes | None = None) -> None:
    """Mark a place by colour and shape of ``result``; name it with its minutes, if any."""
    look = RESULTS[result]
    x, y = canvas.mark(place, size=7.5, colour=look.colour, marker=look.marker, order=12.5)
    names = place.names(canvas.lang)
    lines = name_lines(names, size=NAME_SIZE, bold=True)
    if minutes is not None:
        lines = minute_lines(names, minutes, look.colour)
    canvas.labels.append(Label(x, y, lines, radius=4.5, needed=True))


def name_line(canvas: Canvas, place: Place) -> None:
    """Name a line at a point on it."""
    x, y = canvas.locate(place)
    lines = name_lines(place.names(canvas.lang), size=NAME_SIZE, bold=True)
    canvas.labels.append(Label(x, y, lines, radius=4.0, needed=True))


def name_stations(canvas: Canvas, network: Network, ids: Collection[str]) -> None:
    """Mark and name stations inside the view where there is room."""
    for place in locate_places(network, sorted(ids)):
        if canvas.shows(place):
            x, y = canvas.mark(place, size=4.0, colour=PAPER, edge=INK, marker="s")
            lines = name_lines(place.names(canvas.lang), size=NAME_SIZE - 1)
            canvas.labels.append(Label(x, y, lines, radius=3.0))


def name_cities(canvas: Canvas, network: Network, *, skip: Collection[str] = ()) -> None:
    """Mark and name the cities inside the view, and on a close one its counties, by population."""
    zone = network["zone"]
    # Urban districts (区) lie around the name of their city and would crowd it.
    is_county = (zone["level"] == "county") & ~zone["name_zh"].str.endswith("区")
    near = canvas.view.right - canvas.view.left < COUNTY_SPAN_METRES
    wanted = (zone["level"] == "prefecture") | (is_county & near)
    known = zone["zone_id"].isin(list(index_places(network)))
    zone = zone[wanted & known & ~zone["zone_id"].isin(list(skip))]
    zone = zone.sort_values(
        ["level", "population_2020", "zone_id"], ascending=[False, False, True]
    )  # prefectures come after counties in the alphabet
    cities = set(zone.loc[zone["level"] == "prefecture", "zone_id"])
    places = [p for p in locate_places(network, zone["zone_id"].tolist()) if canvas.shows(p)]
    for place in places[:MOST_NAMES]:
        names = place.names(canvas.lang)
        if place.place_id in cities:
            x, y = canvas.mark(place, size=3.5, colour=PAPER, edge=INK)
            lines = name_lines(names, size=NAME_SIZE - 0.5)
            canvas.labels.append(Label(x, y, lines, radius=2.5))
        else:
            x, y = canvas.locate(place)
            lines = [[Span(names[0], NAME_SIZE - 1.7, colour=MUTED)]]
            canvas.labels.append(Label(x, y, lines, radius=0.0))


def minute_lines(names: tuple[str, str], minutes: Minutes, colour: str) -> list[list[Span]]:
    """Write a place with its central minutes, and below the other name with the range."""
    central, between = "—", ""
    if not isnan(minutes.central):
        central, low = f"{minutes.central:.0f}", f"{minutes.low:.0f}"
        high = "" if isnan(minutes.high) else f"{minutes.high:.0f}"
        # Without a journey at the high end of the figures there is no upper limit.
        between = f" {low}–{high}" if high else f" {low}+"
        between = between if low != high else ""
    main = [Span(f"{names[0]} ", NAME_SIZE, bold=True)]
    main.append(Span(central, NAME_SIZE + 0.5, bold=True, colour=colour))
    second = [Span(names[1], NAME_SIZE - 2, colour=MUTED)]
    second.append(Span(between, NAME_SIZE - 2, colour=colour))
    return [main, second] if names[1] or between else [main]


def finish_canvas(canvas: Canvas) -> None:
    """Place the names and draw them with a pale rim, far ones with a line to their place."""
    from matplotlib.patheffects import withStroke

    view = canvas.view
    for label in canvas.labels:
        canvas.layout.block(label.x, label.y, label.radius)
    scale = view.metres_per_point
    rim = [withStroke(linewidth=2.4, foreground=PAPER, alpha=0.92)]
    for label in canvas.labels:
        placed = canvas.layout.place(label)
        if placed is None:
            continue
        if placed.leader:
            x, y = placed.nearest()
            canvas.axes.plot(
                [view.left + label.x * scale, view.left + x * scale],
                [view.bottom + label.y * scale, view.bottom + y * scale],
                color=MUTED,
                linewidth=0.6,
                zorder=11.0,
            )
        top = placed.box.top
        for line, height in zip(label.lines, label.heights, strict=True):
            widths = [measure_text(s.text, size=s.size, bold=s.bold) for s in line]
            left = placed.start(sum(widths))
            for span, width in zip(line, widths, strict=True):
                if span.text.strip():
                    canvas.axes.text(
                        view.left + left * scale,
                        view.bottom + (top - 0.78 * height) * scale,
                        span.text,
                        fontproperties=font_properties(span.text, size=span.size, bold=span.bold),
                        color=span.colour,
                        path_effects=rim,
                        va="baseline",
                        zorder=15.0,
                    )
                left += width
            top -= height
