"""Maps of isochrones, scenarios, networks and verdicts.

Every map has the same parts: a title with date and scenario, the drawing in a local projection, a
legend beside it, a scale bar and the attribution. A file is written whole or not at all; its suffix
(``.png``, ``.svg`` or ``.pdf``) decides the format, and the same input gives the same file.
"""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from netlib.isochrones import BY_GROUND, PARTLY
from netlib.maps import legends, marks
from netlib.maps.linework import Subjects, expand_parts, has_subject
from netlib.maps.marks import Minutes, Place, locate_places, start_canvas
from netlib.maps.sheet import DEFAULT_DPI, make_sheet, write_sheet
from netlib.maps.style import Language, other, say
from netlib.readings import find_reading
from netlib.shapes import read_line_shapes, read_node_places

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import geopandas as gpd

    from netlib.tables import Network

Bounds = tuple[float, float, float, float]
StrPath = str | Path


class Panel(NamedTuple):
    """One side of a comparison.

    Attributes
    ----------
    network
        The network of a day and scenario.
    isochrones
        As from `netlib.isochrones.compute_isochrones`; with ``residents`` the legend shows them.
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
        As from `netlib.isochrones.compute_isochrones`; with ``residents`` the legend shows them.
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
            say("reached", tongue, places[0].names(tongue)[0])
            + say_reading(network, [isochrones], tongue)
            for tongue in (lang, other(lang))
        )
    sheet = make_sheet(network, title=title, subtitle=subtitle, lang=lang)
    canvas = start_canvas(
        sheet,
        0,
        network,
        bounds=extent or fit_places(places, isochrones),
        marked=marked,
        isochrones=isochrones,
    )
    _name_places(canvas, network, places, marked)
    legends.add_isochrones(sheet, [isochrones])
    legends.add_lines(sheet, highlight=bool(marked.lines))
    legends.add_places(sheet, stations=bool(marked.nodes))
    return write_sheet(sheet, path, dpi=dpi)


def say_reading(network: Network, frames: Sequence[gpd.GeoDataFrame], lang: Language) -> str:
    """Say for a title which reading isochrones have, and over what; '' where they do not tell.

    Parameters
    ----------
    network
        Whose readings are named.
    frames
        As from `netlib.isochrones.compute_isochrones`, with ``reading`` and ``method``.
    """
    if not all({"reading", "method"} <= set(frame) for frame in frames):
        return ""
    names = dict.fromkeys(name for frame in frames for name in frame["reading"])
    readings = [find_reading(network.root, name).text("name", lang) for name in names]
    over = {BY_GROUND: "by_ground", PARTLY: "partly_streets"}
    methods = {method for frame in frames for method in frame["method"]}
    keys = [over[method] for method in sorted(methods) if method in over]
    return say("by_reading", lang, " / ".join(readings)) + (say(keys[-1], lang) if keys else "")


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

    Parameters and errors as in `draw_isochrone_map`; places are looked up in ``after``, and a
    highlighted line need be in one of the two only.
    """
    places = locate_places(after.network, [origin, *destinations])
    panels = (before, after)
    marked = []
    for panel in panels:
        held = [place for place in highlight if has_subject(panel.network, place)]
        marked.append(expand_parts(panel.network, held))
    for place in highlight:
        if not any(place in side.lines | side.nodes for side in marked):
            expand_parts(after.network, [place])  # names the nearest ids in its error
    sheet = make_sheet(
        None,
        title=title,
        subtitle=subtitle,
        lang=lang,
        captions=[(panel.caption, panel.network) for panel in panels],
    )
    both = pd.concat([before.isochrones, after.isochrones])
    for i, panel in enumerate(panels):
        canvas = start_canvas(
            sheet,
            i,
            panel.network,
            bounds=extent or fit_places(places, both),
            marked=marked[i],
            isochrones=panel.isochrones,
        )
        _name_places(canvas, panel.network, places, marked[i])
    legends.add_isochrones(
        sheet, [panel.isochrones for panel in panels], [panel.caption for panel in panels]
    )
    legends.add_lines(sheet, highlight=any(side.lines for side in marked))
    legends.add_places(sheet, stations=any(side.nodes for side in marked))
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
    named = list(dict.fromkeys([*highlight, *(states or {})]))
    marked = expand_parts(network, named)
    results: dict[str, str] = {}
    for place_id, met in (states or {}).items():
        parts = expand_parts(network, [place_id]).nodes  # stations show the state of their group
        results.update(dict.fromkeys([*parts, place_id], "pass" if met else "fail"))
    sheet = make_sheet(network, title=title, subtitle=subtitle, lang=lang)
    stations = locate_places(network, sorted(marked.nodes))
    lines = locate_lines(network, [place_id for place_id in named if place_id in marked.lines])
    bounds = extent or fit_lines(network, marked, stations)
    canvas = start_canvas(sheet, 0, network, bounds=bounds, marked=marked)
    for place in [*lines, *stations]:
        if place.place_id in results:
            marks.name_result(canvas, place, results[place.place_id])
        elif place in stations:
            marks.name_station(canvas, place)
        else:
            marks.name_line(canvas, place)
    marks.name_cities(canvas, network)
    marks.finish_canvas(canvas)
    legends.add_lines(sheet, highlight=bool(lines))
    if results:
        legends.add_conditions(sheet, set(results.values()))
    legends.add_places(sheet, star="", stations=bool(set(marked.nodes) - set(results)))
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
    places = [p for p in locate_places(network, list(worst)) if p.place_id not in hubs]
    marked = expand_parts(network, highlight)
    sheet = make_sheet(network, title=title, subtitle=subtitle, lang=lang)
    everything = [*hub_places, *places]
    canvas = start_canvas(
        sheet,
        0,
        network,
        bounds=extent or fit_places(everything),
        marked=marked,
        isochrones=isochrones,
    )
    for place in hub_places:
        marks.name_origin(canvas, place)
    results = {p.place_id: judge(worst[p.place_id], threshold_minutes) for p in places}
    for place in places:
        marks.name_result(canvas, place, results[place.place_id], worst[place.place_id])
    marks.name_stations(canvas, network, marked.nodes)
    marks.name_cities(canvas, network, skip=[place.place_id for place in everything])
    marks.finish_canvas(canvas)
    legends.add_results(sheet, set(results.values()), threshold=threshold_minutes)
    if isochrones is not None:
        legends.add_isochrones(sheet, [isochrones])
        sheet.footnotes.append("for_looking")
    legends.add_lines(sheet, highlight=bool(marked.lines))
    legends.add_places(sheet, stations=bool(marked.nodes))
    return write_sheet(sheet, path, dpi=dpi)


def select_worst(measurements: pd.DataFrame) -> tuple[list[str], dict[str, Minutes]]:
    """Select the hubs, and the slowest pair of every other place.

    Returns
    -------
    hubs
        Ids of the side with fewer places.
    worst
        Minutes by the id of the other side, in order of appearance; a pair without a journey is
        the slowest.
    """
    starts, ends = (list(dict.fromkeys(measurements[side])) for side in ("from_id", "to_id"))
    hubs, key = (starts, "to_id") if len(starts) <= len(ends) else (ends, "from_id")
    rank = measurements["central"].fillna(float("inf"))
    slowest = measurements.loc[rank.groupby(measurements[key], sort=False).idxmax()]
    minutes = slowest[["low", "central", "high"]].astype(float).itertuples(index=False, name=None)
    return hubs, {
        str(place): Minutes(*row) for place, row in zip(slowest[key], minutes, strict=True)
    }


def judge(minutes: Minutes, threshold: float | None) -> str:
    """Say how minutes stand to a threshold: a key of `netlib.maps.style.RESULTS`.

    >>> judge(Minutes(50, 55, 62), 60), judge(Minutes(61, 64, 70), 60)
    ('undecided', 'fail')
    """
    if isnan(minutes.central):
        return "unreachable"
    if threshold is None or minutes.high <= threshold:
        return "pass"
    return "fail" if minutes.low > threshold else "undecided"


def fit_places(places: Sequence[Place], isochrones: gpd.GeoDataFrame | None = None) -> Bounds:
    """Bound places and isochrones: west, south, east and north in degrees."""
    x = [place.longitude for place in places]
    y = [place.latitude for place in places]
    if isochrones is not None and not isochrones.geometry.is_empty.all():
        west, south, east, north = isochrones.total_bounds
        x += [west, east]
        y += [south, north]
    return min(x), min(y), max(x), max(y)


def fit_lines(network: Network, marked: Subjects, stations: Sequence[Place]) -> Bounds:
    """Bound marked lines and stations; where none has a place, the counties, or else all nodes."""
    lines = read_line_shapes(network)
    chosen = lines[lines["line_id"].isin(marked.lines)]
    corners = [fit_places(stations)] if stations else []
    if len(chosen):
        corners.append(tuple(chosen.total_bounds))
    if not corners:
        points = read_node_places(network)
        zone = network["zone"]
        seats = zone.loc[zone["level"] == "county", "centre_node_id"]
        home = points[points.index.isin(seats)]
        shown = home if len(home) else points
        corners = [(*shown.min(), *shown.max())]
    west, south, east, north = zip(*corners, strict=True)
    return min(west), min(south), max(east), max(north)


def locate_lines(network: Network, ids: Sequence[str]) -> list[Place]:
    """Return the middle of each line, or of the parts of each group, that has a geometry."""
    import shapely

    shapes = read_line_shapes(network).set_index("line_id").geometry
    line = network["line"].drop_duplicates("line_id").set_index("line_id")
    places = []
    for line_id in ids:
        own = shapes[shapes.index.isin(expand_parts(network, [line_id]).lines)]
        if own.empty:
            continue
        merged = shapely.line_merge(shapely.union_all(own.to_numpy()))
        longest = max(shapely.get_parts(merged), key=lambda part: part.length)
        middle = longest.interpolate(0.5, normalized=True)
        names = (str(line.loc[line_id, "name_zh"]), str(line.loc[line_id, "name_en"]))
        places.append(Place(line_id, *names, middle.x, middle.y))
    return places


def _name_places(
    canvas: marks.Canvas, network: Network, places: Sequence[Place], marked: Subjects
) -> None:
    """Mark and name the origin, which comes first, the destinations, stations and cities."""
    marks.name_origin(canvas, places[0])
    for place in places[1:]:
        marks.name_destination(canvas, place)
    marks.name_stations(canvas, network, marked.nodes)
    marks.name_cities(canvas, network, skip=[place.place_id for place in places])
    marks.finish_canvas(canvas)
