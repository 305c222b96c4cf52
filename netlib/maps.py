"""Maps of isochrones, scenarios, networks and verdicts.

Every map has the same parts: a title with date and scenario, the drawing in a local projection, a
legend beside it, a scale bar and the attribution. A file is written whole or not at all; its suffix
(``.png``, ``.svg`` or ``.pdf``) decides the format, and the same input gives the same file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from netlib.basemap import (
    Subjects,
    View,
    draw_isochrones,
    draw_land,
    draw_lines,
    draw_scale_bar,
    expand_parts,
)
from netlib.errors import UnknownNameError
from netlib.labels import Label, Layout, Span, name_lines
from netlib.sheet import DEFAULT_DPI, Sheet, make_sheet, write_sheet
from netlib.shapes import read_line_shapes, read_node_places
from netlib.style import HIGHLIGHT, INK, MUTED, ORIGIN, PAPER, RESULTS, Language, other, say

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes

    from netlib.tables import Network

Bounds = tuple[float, float, float, float]
StrPath = str | Path

# More names than this make a map of cities unreadable.
MOST_NAMES = 40
NAME_SIZE = 8.5
PLACE_COLUMNS = ["place_id", "name_zh", "name_en", "x_coord", "y_coord"]


class Panel(NamedTuple):
    """One side of a comparison.

    Attributes
    ----------
    network
        The network of a day and scenario.
    isochrones
        As from `netlib.surfaces.surface_to_isochrones`; with ``residents`` the legend shows them.
    caption
        What this side is, such as "before"; date and scenario are added.
    """

    network: Network
    isochrones: gpd.GeoDataFrame
    caption: str


def draw_isochrone_map(
    network: Network,
    isochrones: gpd.GeoDataFrame,
    *,
    origin: str,
    path: StrPath,
    title: str = "",
    subtitle: str = "",
    lang: Language = "zh",
    highlight: Collection[str] = (),
    destinations: Collection[str] = (),
    extent: Bounds | None = None,
    dpi: float = DEFAULT_DPI,
) -> Path:
    """Draw isochrones over the network, counties and cities.

    Parameters
    ----------
    network
        The network of a day and scenario, both of which the title names.
    isochrones
        As from `netlib.surfaces.surface_to_isochrones`; with ``residents`` the legend shows them.
    origin
        ``zone_id`` or ``node_id`` of the start.
    title, subtitle
        Text above the map; date and scenario are added. Without a title, what the map shows, in
        both languages.
    path
        Where to write; the suffix decides the format.
    lang
        Language that comes first and larger.
    highlight
        Lines (or groups of them, or stations) to stand out.
    destinations
        Zones or nodes that must be named.
    extent
        West, south, east and north in degrees; fitted to the content when not given.
    dpi
        Resolution of a PNG.

    Raises
    ------
    UnknownNameError
        If a place or line is not in the network, or the suffix is none of the formats.
    """
    places = locate_places(network, [origin, *destinations])
    marked = expand_parts(network, highlight)
    if not title:
        title, subtitle = (
            say("reached", tongue, places[f"name_{tongue}"].iloc[0])
            for tongue in (lang, other(lang))
        )
    sheet = make_sheet(network, title=title, subtitle=subtitle, lang=lang)
    bounds = extent or _fit(places, isochrones)
    _draw_panel(sheet, 0, network, isochrones, bounds, places, marked, lang)
    _add_isochrone_legend(sheet, [isochrones], lang)
    _add_line_legend(sheet, lang, bool(marked.lines))
    _add_place_legend(sheet, lang)
    return write_sheet(sheet, path, dpi=dpi)


draw_map = draw_isochrone_map


def draw_comparison(
    before: Panel,
    after: Panel,
    *,
    origin: str,
    title: str,
    path: StrPath,
    subtitle: str = "",
    lang: Language = "zh",
    highlight: Collection[str] = (),
    destinations: Collection[str] = (),
    extent: Bounds | None = None,
    dpi: float = DEFAULT_DPI,
) -> Path:
    """Draw two networks side by side at one scale, with the areas of both in the legend.

    Parameters and errors as in `draw_isochrone_map`.
    """
    places = locate_places(after.network, [origin, *destinations])
    marked = expand_parts(after.network, highlight)
    sheet = make_sheet(
        None,
        title=title,
        subtitle=subtitle,
        lang=lang,
        captions=[(panel.caption, panel.network) for panel in (before, after)],
    )
    both = pd.concat([before.isochrones, after.isochrones])
    bounds = extent or _fit(places, both)
    for i, panel in enumerate((before, after)):
        _draw_panel(sheet, i, panel.network, panel.isochrones, bounds, places, marked, lang)
    captions = [before.caption, after.caption]
    _add_isochrone_legend(sheet, [before.isochrones, after.isochrones], lang, captions)
    _add_line_legend(sheet, lang, bool(marked.lines))
    _add_place_legend(sheet, lang)
    return write_sheet(sheet, path, dpi=dpi)


def draw_network_map(
    network: Network,
    *,
    title: str,
    path: StrPath,
    subtitle: str = "",
    lang: Language = "zh",
    highlight: Collection[str] = (),
    states: Mapping[str, bool] | None = None,
    extent: Bounds | None = None,
    dpi: float = DEFAULT_DPI,
) -> Path:
    """Draw the network and what of it is open, under construction or planned.

    Parameters
    ----------
    network, title, subtitle, path, lang, extent, dpi
        As in `draw_isochrone_map`.
    highlight
        Lines, groups of them or stations to stand out and be named; the map is fitted to them.
    states
        Whether the condition on a line or station is met, by id; a mark at its place shows it.

    Raises
    ------
    UnknownNameError
        If a line or station is not in the network, or the suffix is none of the formats.
    """
    result_of = {place: "pass" if met else "fail" for place, met in (states or {}).items()}
    named = [*highlight, *(place for place in result_of if place not in highlight)]
    marked = expand_parts(network, named)
    sheet = make_sheet(network, title=title, subtitle=subtitle, lang=lang)
    stations = locate_places(network, sorted(marked.nodes))
    axes, view = sheet.add_map(0, extent or _fit_lines(network, marked, stations))
    draw_land(axes, view, network)
    sheet.note_lines(*draw_lines(axes, view, network, highlight=marked.lines))
    layout = Layout(view.width, view.height)
    layout.block(0, 0, max(draw_scale_bar(axes, view, lang)))
    lines = _locate_lines(network, [place for place in named if place in marked.lines])
    labels = []
    for row in pd.concat([stations, lines]).itertuples():
        x, y = view.to_points(row.x_coord, row.y_coord)
        result = result_of.get(str(row.Index))
        if result:
            _draw_result(axes, view, x, y, result)
        elif row.Index in stations.index:
            _draw_dot(axes, view, x, y, size=4.5, colour=INK)
        names = name_lines(_names(row, lang), size=NAME_SIZE, bold=True)
        labels.append(Label(float(x), float(y), names, radius=5.0, needed=True))
    labels += _city_labels(axes, view, network, lang)
    _draw_labels(axes, view, layout, labels)
    _add_line_legend(sheet, lang, bool(marked.lines))
    if result_of:
        sheet.heading("result_plain")
        for result, word in (("pass", "met"), ("fail", "unmet")):
            if result in result_of.values():
                sheet.mark(RESULTS[result].marker, RESULTS[result].colour, word)
    _add_place_legend(sheet, lang, origin=False)
    return write_sheet(sheet, path, dpi=dpi)


def draw_verdict_map(
    network: Network,
    measurements: pd.DataFrame,
    *,
    title: str,
    path: StrPath,
    threshold_minutes: float | None = None,
    isochrones: gpd.GeoDataFrame | None = None,
    subtitle: str = "",
    lang: Language = "zh",
    highlight: Collection[str] = (),
    extent: Bounds | None = None,
    dpi: float = DEFAULT_DPI,
) -> Path:
    """Draw how a claim fares: each place with its minutes, marked by colour and shape.

    Parameters
    ----------
    network, title, subtitle, path, lang, highlight, extent, dpi, isochrones
        As in `draw_isochrone_map`.
    measurements
        Rows of one definition, date and scenario: ``from_id``, ``to_id``, ``low``, ``central``,
        ``high`` (minutes; NaN where there is no journey). The side with fewer places is the hub
        (a star); each place of the other side shows its slowest pair.
    threshold_minutes
        Without it the places are not judged.

    Raises
    ------
    UnknownNameError
        If a place or line is not in the network, or the suffix is none of the formats.
    """
    hubs, worst = select_worst(measurements)
    hub_places = locate_places(network, hubs)
    places = locate_places(network, list(worst.index))
    worst = worst.reindex(places.index)
    marked = expand_parts(network, highlight)
    sheet = make_sheet(network, title=title, subtitle=subtitle, lang=lang)
    everything = pd.concat([hub_places, places])
    bounds = extent or _fit(everything, None)
    axes, view = sheet.add_map(0, bounds)
    draw_land(axes, view, network)
    draw_isochrones(axes, view, isochrones)
    sheet.note_lines(*draw_lines(axes, view, network, highlight=marked.lines))
    layout = Layout(view.width, view.height)
    layout.block(0, 0, max(draw_scale_bar(axes, view, lang)))
    labels, results = [], set()
    for row in places[~places.index.isin(hubs)].itertuples():
        minutes = worst.loc[row.Index]
        result = judge(minutes["low"], minutes["central"], minutes["high"], threshold_minutes)
        results.add(result)
        x, y = view.to_points(row.x_coord, row.y_coord)
        _draw_result(axes, view, x, y, result)
        layout.block(float(x), float(y), 4.5)
        lines = _minute_lines(_names(row, lang), minutes, RESULTS[result].colour)
        labels.append(Label(float(x), float(y), lines, radius=4.5, needed=True))
    labels = _hub_labels(axes, view, hub_places, lang) + labels
    labels += _station_labels(axes, view, network, lang, marked.nodes)
    labels += _city_labels(axes, view, network, lang, skip=everything.index)
    _draw_labels(axes, view, layout, labels)
    if threshold_minutes is None:
        sheet.heading("result_plain")
    else:
        sheet.heading("result", f"{threshold_minutes:g}")
    order = [result for result in RESULTS if result in results]
    for result in order:
        sheet.mark(RESULTS[result].marker, RESULTS[result].colour, result)
    sheet.remark("numbers")
    if isochrones is not None:
        _add_isochrone_legend(sheet, [isochrones], lang)
        sheet.footnotes.append("for_looking")
    _add_line_legend(sheet, lang, bool(marked.lines))
    _add_place_legend(sheet, lang)
    return write_sheet(sheet, path, dpi=dpi)


def locate_places(network: Network, ids: Sequence[str]) -> pd.DataFrame:
    """Look up zones (at their centres) and nodes.

    Returns
    -------
    DataFrame
        ``name_zh``, ``name_en``, ``x_coord``, ``y_coord`` by id, in the order of ``ids`` without
        repetitions.

    Raises
    ------
    UnknownNameError
        If an id is neither a zone with a centre nor a node; the nearest ids are named.
    """
    points = read_node_places(network)
    zone = network["zone"].drop_duplicates("zone_id").set_index("zone_id")
    node = network["node"].drop_duplicates("node_id").set_index("node_id")
    rows = []
    for place in dict.fromkeys(ids):
        point = str(zone.at[place, "centre_node_id"]) if place in zone.index else place
        if point not in points.index:
            raise UnknownNameError("place", place, [*zone.index, *node.index])
        table = zone if place in zone.index else node
        names = [place, place]  # of a node that is not open yet only the coordinates are at hand
        if place in table.index:
            names = [str(table.at[place, column]) for column in ("name_zh", "name_en")]
        rows.append([place, *names, *points.loc[point, ["x_coord", "y_coord"]]])
    return pd.DataFrame(rows, columns=PLACE_COLUMNS).set_index("place_id")


def select_worst(measurements: pd.DataFrame) -> tuple[list[str], pd.DataFrame]:
    """Select the hubs, and the slowest pair of every other place.

    Returns
    -------
    hubs
        Ids of the side with fewer places.
    worst
        ``low``, ``central``, ``high`` by the id of the other side, in order of appearance; NaN
        where one of the pairs has no journey.
    """
    starts, ends = (list(dict.fromkeys(measurements[side])) for side in ("from_id", "to_id"))
    hubs, key = (starts, "to_id") if len(starts) <= len(ends) else (ends, "from_id")
    rank = measurements["central"].fillna(np.inf)
    order = measurements.assign(rank=rank).sort_values("rank", ascending=False, kind="stable")
    worst = order.drop_duplicates(key).set_index(key)[["low", "central", "high"]]
    return hubs, worst.reindex(list(dict.fromkeys(measurements[key])))


def judge(low: float, central: float, high: float, threshold: float | None) -> str:
    """Say how minutes stand to a threshold: a key of `netlib.style.RESULTS`."""
    if np.isnan(central):
        return "unreachable"
    if threshold is None or high <= threshold:
        return "pass"
    return "fail" if low > threshold else "undecided"


def _draw_panel(
    sheet: Sheet,
    position: int,
    network: Network,
    isochrones: gpd.GeoDataFrame,
    bounds: Bounds,
    places: pd.DataFrame,
    marked: Subjects,
    lang: Language,
) -> None:
    """Draw one map of isochrones; the first of ``places`` is the origin."""
    axes, view = sheet.add_map(position, bounds)
    draw_land(axes, view, network)
    draw_isochrones(axes, view, isochrones)
    sheet.note_lines(*draw_lines(axes, view, network, highlight=marked.lines))
    layout = Layout(view.width, view.height)
    layout.block(0, 0, max(draw_scale_bar(axes, view, lang)))
    labels = _hub_labels(axes, view, places.iloc[:1], lang)
    for row in places.iloc[1:].itertuples():
        x, y = view.to_points(row.x_coord, row.y_coord)
        _draw_dot(axes, view, x, y, size=4.5, colour=INK)
        layout.block(float(x), float(y), 3.5)
        lines = name_lines(_names(row, lang), size=NAME_SIZE, bold=True)
        labels.append(Label(float(x), float(y), lines, radius=3.5, needed=True))
    labels += _station_labels(axes, view, network, lang, marked.nodes)
    labels += _city_labels(axes, view, network, lang, skip=places.index)
    _draw_labels(axes, view, layout, labels)


def _names(row: object, lang: Language) -> tuple[str, str]:
    main = str(getattr(row, f"name_{lang}"))
    second = str(getattr(row, f"name_{other(lang)}"))
    return (main, second) if main else (second, "")


def _fit(places: pd.DataFrame, isochrones: gpd.GeoDataFrame | None) -> Bounds:
    """Bound the places and isochrones."""
    x, y = list(places["x_coord"]), list(places["y_coord"])
    if isochrones is not None and not isochrones.geometry.is_empty.all():
        west, south, east, north = isochrones.total_bounds
        x += [west, east]
        y += [south, north]
    return min(x), min(y), max(x), max(y)


def _fit_lines(network: Network, marked: Subjects, stations: pd.DataFrame) -> Bounds:
    """Bound the marked lines and stations; the whole network where nothing marked has a place."""
    lines = read_line_shapes(network)
    chosen = lines[lines["line_id"].isin(marked.lines)]
    if chosen.empty and stations.empty:
        return _fit(read_node_places(network), None)
    corners = [_fit(stations, None)] if len(stations) else []
    corners += [tuple(chosen.total_bounds)] if len(chosen) else []
    west, south, east, north = zip(*corners, strict=True)
    return min(west), min(south), max(east), max(north)


def _locate_lines(network: Network, ids: Sequence[str]) -> pd.DataFrame:
    """Return the middle of each line, or of the parts of each group, that has a geometry.

    Returns
    -------
    DataFrame
        As from `locate_places`.
    """
    import shapely

    shapes = read_line_shapes(network).set_index("line_id").geometry
    line = network["line"].drop_duplicates("line_id").set_index("line_id")
    rows = []
    for line_id in ids:
        own = shapes[shapes.index.isin(expand_parts(network, [line_id]).lines)]
        if own.empty:
            continue
        merged = shapely.line_merge(shapely.union_all(own.to_numpy()))
        longest = max(shapely.get_parts(merged), key=lambda part: part.length)
        middle = longest.interpolate(0.5, normalized=True)
        names = line.loc[line_id, ["name_zh", "name_en"]]
        rows.append([line_id, *names, middle.x, middle.y])
    return pd.DataFrame(rows, columns=PLACE_COLUMNS).set_index("place_id")


def _minute_lines(names: tuple[str, str], minutes: pd.Series, colour: str) -> list[list[Span]]:
    """Write a place with its central minutes, and below the other name with the range."""
    if np.isnan(minutes["central"]):
        central, span = "—", ""
    else:
        central = f"{minutes['central']:.0f}"
        low, high = f"{minutes['low']:.0f}", f"{minutes['high']:.0f}"
        span = f" {low}–{high}" if low != high else ""
    main = [Span(f"{names[0]} ", NAME_SIZE, True), Span(central, NAME_SIZE + 0.5, True, colour)]
    second = [Span(names[1], NAME_SIZE - 2, False, MUTED), Span(span, NAME_SIZE - 2, False, colour)]
    return [main, second] if names[1] or span else [main]


def _hub_labels(axes: Axes, view: View, hubs: pd.DataFrame, lang: Language) -> list[Label]:
    labels = []
    for row in hubs.itertuples():
        x, y = view.to_points(row.x_coord, row.y_coord)
        _draw_dot(axes, view, x, y, size=11.0, colour=ORIGIN, marker="*", order=13.0)
        lines = name_lines(_names(row, lang), size=NAME_SIZE + 1.5, bold=True)
        labels.append(Label(float(x), float(y), lines, radius=6.0, needed=True))
    return labels


def _city_labels(
    axes: Axes, view: View, network: Network, lang: Language, *, skip: Collection[str] = ()
) -> list[Label]:
    """Dot and name the cities inside the view, and the counties of a close one, by population."""
    zone = network["zone"]
    zone = zone[~zone["zone_id"].isin(skip) & (zone["centre_node_id"] != "")]
    points = read_node_places(network)
    zone = zone[zone["centre_node_id"].isin(points.index)]
    place = points.loc[zone["centre_node_id"]]
    x, y = view.to_points(place["x_coord"].to_numpy(), place["y_coord"].to_numpy())
    zone = zone.assign(x=x, y=y, is_city=zone["level"] == "prefecture")
    inside = zone["x"].between(4, view.width - 4) & zone["y"].between(4, view.height - 4)
    near = view.right - view.left < 170_000  # metres; counties are named on close maps only
    # Urban districts (区) lie around the name of their city and would crowd it.
    is_county = (zone["level"] == "county") & ~zone["name_zh"].str.endswith("区")
    zone = zone[inside & (zone["is_city"] | (near & is_county))]
    zone = zone.sort_values(
        ["is_city", "population_2020", "zone_id"], ascending=[False, False, True]
    ).head(MOST_NAMES)
    labels = []
    for row in zone.itertuples():
        if row.is_city:
            _draw_dot(axes, view, row.x, row.y, size=3.5, colour=PAPER, edge=INK)
        size, colour = (NAME_SIZE - 0.5, INK) if row.is_city else (6.8, MUTED)
        lines = name_lines(_names(row, lang), size=size, colour=colour)
        if not row.is_city:
            lines = lines[:1]
        labels.append(Label(row.x, row.y, lines, radius=2.5 if row.is_city else 0.0))
    return labels


def _station_labels(
    axes: Axes, view: View, network: Network, lang: Language, marked: set[str]
) -> list[Label]:
    """Dot and name the marked stations."""
    node = network["node"]
    labels = []
    for row in node[node["node_id"].isin(marked)].itertuples():
        x, y = view.to_points(row.x_coord, row.y_coord)
        if 0 <= x <= view.width and 0 <= y <= view.height:
            _draw_dot(axes, view, x, y, size=4.0, colour=PAPER, edge=INK, marker="s")
            lines = name_lines(_names(row, lang), size=NAME_SIZE - 1)
            labels.append(Label(float(x), float(y), lines, radius=3.0))
    return labels


def _draw_labels(axes: Axes, view: View, layout: Layout, labels: Sequence[Label]) -> None:
    """Place the labels and draw them with a pale rim."""
    from matplotlib.patheffects import withStroke

    from netlib.style import font_properties, measure_text

    for label in labels:
        layout.block(label.x, label.y, label.radius)
    scale = view.metres_per_point
    rim = [withStroke(linewidth=2.2, foreground=PAPER, alpha=0.9)]
    for label in labels:
        placed = layout.place(label)
        if placed is None:
            continue
        box = placed.box
        if placed.leader:
            end_x = min(max(label.x, box.left), box.right)
            end_y = min(max(label.y, box.bottom), box.top)
            axes.plot(
                [view.left + label.x * scale, view.left + end_x * scale],
                [view.bottom + label.y * scale, view.bottom + end_y * scale],
                color=MUTED,
                linewidth=0.6,
                zorder=11.0,
            )
        top = box.top
        for line, height in zip(label.lines, label.heights, strict=True):
            widths = [measure_text(s.text, size=s.size, bold=s.bold) for s in line]
            left = (box.left + box.right - sum(widths)) / 2
            if box.left >= label.x:
                left = box.left
            elif box.right <= label.x:
                left = box.right - sum(widths)
            for span, width in zip(line, widths, strict=True):
                if span.text.strip():
                    axes.text(
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


def _draw_result(axes: Axes, view: View, x: float, y: float, result: str) -> None:
    mark = RESULTS[result]
    _draw_dot(axes, view, x, y, size=7.5, colour=mark.colour, marker=mark.marker, order=12.5)


def _draw_dot(
    axes: Axes,
    view: View,
    x: float,
    y: float,
    *,
    size: float,
    colour: str,
    edge: str = PAPER,
    marker: str = "o",
    order: float = 12.0,
) -> None:
    """Draw a mark at a point given in points of the view."""
    scale = view.metres_per_point
    axes.plot(
        [view.left + x * scale],
        [view.bottom + y * scale],
        linestyle="none",
        marker=marker,
        markersize=size,
        markerfacecolor=colour,
        markeredgecolor=edge,
        markeredgewidth=0.8,
        zorder=order,
    )


def _add_isochrone_legend(
    sheet: Sheet,
    sets: Sequence[gpd.GeoDataFrame],
    lang: Language,
    captions: Sequence[str] = (),
) -> None:
    """List the bands with area and residents, of every set."""
    from netlib.style import select_bands

    sheet.heading("bands")
    cutoffs = sorted({float(c) for frame in sets for c in frame["cutoff_minutes"]})
    for cutoff, colour in zip(cutoffs, select_bands(len(cutoffs)), strict=True):
        sheet.swatch(colour, "within", f"{cutoff:g}")
        for i, frame in enumerate(sets):
            row = frame[frame["cutoff_minutes"] == cutoff]
            if row.empty:
                continue
            text = f"{row['area_km2'].iloc[0]:,.0f} km²"
            if "residents" in row:
                text += " · " + format_residents(float(row["residents"].iloc[0]), lang)
            sheet.detail(f"{captions[i]}: {text}" if captions else text)


def format_residents(count: float, lang: Language) -> str:
    """Write a number of residents in the usual unit of the language.

    >>> format_residents(12_600_574, "zh"), format_residents(12_600_574, "en")
    ('1,260 万人', '12.60 million people')
    """
    if lang == "zh":
        return f"{count / 1e4:,.0f} 万人"
    return f"{count / 1e6:,.2f} million people"


def _add_line_legend(sheet: Sheet, lang: Language, has_highlight: bool) -> None:
    from netlib.style import MODES, STATES
    from netlib.words import translate_value

    if not sheet.modes:
        return
    sheet.heading("lines")
    for mode, look in MODES.items():
        if mode in sheet.modes:
            names = (
                translate_value("mode", mode, lang),
                translate_value("mode", mode, other(lang)),
            )
            sheet.stroke(look.colour, look.width, "solid", names)
    if sheet.states - {"open"}:
        for state, dashes in STATES.items():
            if state in sheet.states:
                sheet.stroke(MUTED, 1.4, dashes, (say(state, lang), say(state, other(lang))))
    if has_highlight:
        sheet.stroke(
            HIGHLIGHT, 6.0, "solid", (say("highlight", lang), say("highlight", other(lang)))
        )


def _add_place_legend(sheet: Sheet, lang: Language, *, origin: bool = True) -> None:
    sheet.heading("places")
    if origin:
        sheet.mark("*", ORIGIN, "origin", size=10.0)
    sheet.mark("o", PAPER, "city", edge=INK, size=4.5)
