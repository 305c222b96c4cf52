"""Maps that compare: years side by side, what is gained and lost, and counties by their time."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlib.errors import UnknownNameError
from netlib.geometry import METRES_PER_KM, format_equal_area
from netlib.maps import Bounds, Panel, StrPath, fit_places, legends, marks
from netlib.maps.basemap import fill_areas
from netlib.maps.linework import Subjects, expand_parts, has_subject
from netlib.maps.marks import locate_places, start_canvas
from netlib.maps.sheet import (
    DEFAULT_DPI,
    MAP_WIDTHS,
    format_state,
    make_sheet,
    name_scenario,
    write_sheet,
)
from netlib.maps.style import BEYOND, DIFFERENCES, Language, say, select_bands
from netlib.shapes import WGS84, read_zone_shapes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import geopandas as gpd

    from netlib.tables import Network

COUNTY_CUTOFFS = (60.0, 90.0, 120.0, 180.0, 240.0)


def draw_series(
    panels: Sequence[Panel],
    *,
    origin: str,
    title: str,
    path: StrPath,
    subtitle: str = "",
    lang: Language = "zh",
    highlight: Collection[str] = (),
    extent: Bounds | None = None,
    dpi: float = DEFAULT_DPI,
) -> Path:
    """Draw small multiples: up to four networks side by side at one scale.

    Parameters
    ----------
    panels
        From left to right; each caption says which year or scenario it is.
    origin, title, subtitle, path, lang, extent, dpi
        As in `netlib.maps.draw_isochrone_map`; the origin is looked up in the last panel.
    highlight
        Lines that stand out where a panel has them.

    Raises
    ------
    ValueError
        If there are more panels than a sheet holds, or none.
    UnknownNameError
        If the origin is not in the network, or the suffix is none of the formats.
    """
    if len(panels) not in MAP_WIDTHS:
        raise ValueError(f"{len(panels)} panels; a sheet holds 1 to {max(MAP_WIDTHS)}")
    places = locate_places(panels[-1].network, [origin])
    scenarios = dict.fromkeys(name_scenario(panel.network, lang) for panel in panels)
    sheet = make_sheet(
        None,
        title=title,
        subtitle=subtitle,
        lang=lang,
        state=f"{say('scenario', lang)} {' → '.join(scenarios)}",
        captions=[(panel.caption, panel.network) for panel in panels],
    )
    every = pd.concat([panel.isochrones for panel in panels])
    bounds = extent or fit_places(places, every)
    for position, panel in enumerate(panels):
        held = [line for line in highlight if has_subject(panel.network, line)]
        canvas = start_canvas(
            sheet,
            position,
            panel.network,
            bounds=bounds,
            marked=expand_parts(panel.network, held),
            isochrones=panel.isochrones,
        )
        _finish(canvas, panel.network, places[0])
    legends.add_isochrones(
        sheet, [panel.isochrones for panel in panels], [panel.caption for panel in panels]
    )
    legends.add_lines(sheet, highlight=bool(highlight))
    legends.add_places(sheet)
    return write_sheet(sheet, path, dpi=dpi)


def compute_difference(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Compute what two sets of isochrones share and what one of them has alone.

    Parameters
    ----------
    before, after
        As from `netlib.isochrones.compute_isochrones`; the largest cut-off of both is compared.

    Returns
    -------
    GeoDataFrame
        ``part`` (``both``, ``gained`` or ``lost``), ``cutoff_minutes``, ``area_km2`` and
        ``geometry`` (WGS84).

    Raises
    ------
    ValueError
        If the largest cut-offs differ.
    """
    import geopandas as gpd

    cutoffs = [float(frame["cutoff_minutes"].max()) for frame in (before, after)]
    if cutoffs[0] != cutoffs[1]:
        raise ValueError(f"cut-offs of {cutoffs[0]:g} and {cutoffs[1]:g} minutes do not compare")
    first, second = (
        frame.loc[frame["cutoff_minutes"].idxmax(), "geometry"] for frame in (before, after)
    )
    parts = {
        "both": first.intersection(second),
        "gained": second.difference(first),
        "lost": first.difference(second),
    }
    frame = gpd.GeoDataFrame(
        {"part": list(parts), "cutoff_minutes": cutoffs[0]},
        geometry=list(parts.values()),
        crs=WGS84,
    )
    west, south, east, north = frame.total_bounds
    flat = frame.to_crs(format_equal_area((west + east) / 2, (south + north) / 2))
    frame.insert(2, "area_km2", flat.area / METRES_PER_KM**2)
    return frame


def draw_difference_map(
    before: Panel,
    after: Panel,
    *,
    origin: str,
    title: str,
    path: StrPath,
    subtitle: str = "",
    lang: Language = "zh",
    highlight: Collection[str] = (),
    extent: Bounds | None = None,
    dpi: float = DEFAULT_DPI,
) -> Path:
    """Draw on one map what is reached before and after, and what only then.

    Parameters and errors as in `netlib.maps.draw_comparison`; the captions say in the legend what
    each side is. The lines are those of ``after``, or of ``before`` where only that has all that
    stand out.
    """
    first, second = (
        all(has_subject(side.network, line) for line in highlight) for side in (before, after)
    )
    network = before.network if first and not second else after.network
    places = locate_places(network, [origin])
    difference = compute_difference(before.isochrones, after.isochrones)
    sheet = make_sheet(
        None,
        title=title,
        subtitle=subtitle,
        lang=lang,
        state=" → ".join(format_state(side.network, lang) for side in (before, after)),
    )
    marked = expand_parts(network, highlight)
    shown = pd.concat([before.isochrones, after.isochrones])
    canvas = start_canvas(
        sheet, 0, network, bounds=extent or fit_places(places, shown), marked=marked
    )
    for part, colour in DIFFERENCES.items():
        area = difference[(difference["part"] == part) & ~difference.geometry.is_empty]
        fill_areas(canvas.axes, canvas.view, area.geometry, colour)
    _finish(canvas, network, places[0])
    sheet.heading("difference", f"{difference['cutoff_minutes'].iloc[0]:g}")
    sides = {"gained": after, "lost": before}
    for part, area in zip(difference["part"], difference["area_km2"], strict=True):
        words = say(part, lang, sides[part].caption) if part in sides else say(part, lang)
        sheet.patch(DIFFERENCES[part], (words, words))
        sheet.detail(f"{area:,.0f} km²")
    legends.add_lines(sheet, highlight=bool(marked.lines))
    legends.add_places(sheet)
    return write_sheet(sheet, path, dpi=dpi)


def classify_counties(minutes: Mapping[str, float], cutoffs: Sequence[float]) -> NDArray[np.intp]:
    """Return the class of each county: the first cut-off that its minutes are within.

    >>> classify_counties({"a": 60.0, "b": 60.1, "c": float("nan")}, (60.0, 90.0)).tolist()
    [0, 1, 2]
    """
    return np.searchsorted(np.asarray(cutoffs), list(minutes.values()))  # NaN comes last


def draw_county_map(
    network: Network,
    minutes: Mapping[str, float] | pd.Series,
    *,
    origin: str,
    title: str,
    path: StrPath,
    cutoffs: Sequence[float] = COUNTY_CUTOFFS,
    subtitle: str = "",
    lang: Language = "zh",
    extent: Bounds | None = None,
    dpi: float = DEFAULT_DPI,
) -> Path:
    """Colour the counties by their minutes.

    Parameters
    ----------
    network, origin, title, subtitle, path, lang, extent, dpi
        As in `netlib.maps.draw_isochrone_map`.
    minutes
        By zone_id, as from `netlib.pictures.measure_counties`; NaN counts as beyond the
        last cut-off.
    cutoffs
        Upper ends of the classes, ascending; at most as many as there are colours of bands.

    Raises
    ------
    UnknownNameError
        If a zone has no polygon, the origin is not in the network, or the suffix is none of the
        formats.
    """
    known = {str(zone_id): float(value) for zone_id, value in minutes.items()}
    zones = read_zone_shapes(network).set_index("zone_id")
    for zone_id in known:
        if zone_id not in zones.index:
            raise UnknownNameError("zone with a polygon", zone_id, zones.index)
    places = locate_places(network, [origin])
    shown = zones.loc[list(known)]
    bounds = tuple(float(value) for value in shown.total_bounds)
    sheet = make_sheet(network, title=title, subtitle=subtitle, lang=lang)
    canvas = start_canvas(
        sheet,
        0,
        network,
        bounds=extent or (bounds[0], bounds[1], bounds[2], bounds[3]),
        marked=Subjects(set(), set()),
    )
    classes = classify_counties(known, cutoffs)
    colours = [*select_bands(len(cutoffs)), BEYOND]
    for number, colour in enumerate(colours):
        fill_areas(canvas.axes, canvas.view, shown.geometry[classes == number], colour)
    _finish(canvas, network, places[0])
    sheet.heading("county_times")
    limits = [f"{cutoff:g}" for cutoff in cutoffs]
    words = [
        ("within", limits[0]),
        *(("between", *pair) for pair in pairwise(limits)),
        ("no_stop", limits[-1]),
    ]
    for number, ((key, *ends), colour) in enumerate(zip(words, colours, strict=True)):
        sheet.swatch(colour, key, *ends)
        own = shown["population_2020"][classes == number]
        residents = legends.format_residents(float(own.sum()), lang)
        sheet.detail(f"{say('counties', lang, len(own))} · {residents}")
    legends.add_lines(sheet, highlight=False)
    legends.add_places(sheet, star="destination")
    return write_sheet(sheet, path, dpi=dpi)


def _finish(canvas: marks.Canvas, network: Network, origin: marks.Place) -> None:
    """Mark and name the origin and the cities."""
    marks.name_origin(canvas, origin)
    marks.name_cities(canvas, network, skip=[origin.place_id])
    marks.finish_canvas(canvas)
