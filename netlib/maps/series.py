"""Maps that compare: years side by side, what is gained and lost, and counties by their time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from netlib.errors import UnknownNameError
from netlib.maps import Bounds, Panel, StrPath, fit_places, legends, marks
from netlib.maps.basemap import fill_areas
from netlib.maps.linework import Subjects, expand_parts, has_subject
from netlib.maps.marks import locate_places, start_canvas
from netlib.maps.sheet import DEFAULT_DPI, MAP_WIDTHS, make_sheet, write_sheet
from netlib.maps.style import BEYOND, DIFFERENCES, Language, select_bands
from netlib.shapes import WGS84, read_zone_shapes
from netlib.surfaces import AccessModel, compute_surface
from netlib.travel_times import reach

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
    sheet = make_sheet(
        None,
        title=title,
        subtitle=subtitle,
        lang=lang,
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
        As from `netlib.surfaces.surface_to_isochrones`; the largest cut-off of both is compared.

    Returns
    -------
    GeoDataFrame
        ``part`` (``both``, ``gained`` or ``lost``), ``cutoff_minutes`` and ``geometry`` (WGS84).

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
    return gpd.GeoDataFrame(
        {"part": list(parts), "cutoff_minutes": cutoffs[0]},
        geometry=list(parts.values()),
        crs=WGS84,
    )


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

    Parameters and errors as in `netlib.maps.draw_comparison`; the network of ``after`` is drawn.
    """
    places = locate_places(after.network, [origin])
    difference = compute_difference(before.isochrones, after.isochrones)
    sheet = make_sheet(after.network, title=title, subtitle=subtitle, lang=lang)
    marked = expand_parts(after.network, highlight)
    shown = pd.concat([before.isochrones, after.isochrones])
    canvas = start_canvas(
        sheet, 0, after.network, bounds=extent or fit_places(places, shown), marked=marked
    )
    for part, colour in DIFFERENCES.items():
        area = difference[(difference["part"] == part) & ~difference.geometry.is_empty]
        fill_areas(canvas.axes, canvas.view, area.geometry, colour)
    _finish(canvas, after.network, places[0])
    sheet.heading("difference", f"{difference['cutoff_minutes'].iloc[0]:g}")
    for part, colour in DIFFERENCES.items():
        sheet.swatch(colour, part)
    legends.add_lines(sheet, highlight=bool(marked.lines))
    legends.add_places(sheet)
    return write_sheet(sheet, path, dpi=dpi)


def compute_county_times(network: Network, origin: str, *, max_minutes: float) -> pd.Series:
    """Compute the door-to-door minutes from a place to the seat of every county.

    From the last stop people go on foot or by taxi, as in `netlib.surfaces`.

    Returns
    -------
    Series
        Minutes by zone_id; NaN beyond ``max_minutes``. Counties without a seat are left out.

    Raises
    ------
    UnreachableError
        If the origin has no stop within reach.
    """
    zone = network["zone"]
    zone = zone[(zone["level"] == "county") & (zone["centre_node_id"] != "")]
    places = network["node"].drop_duplicates("node_id").set_index("node_id")
    seats = places.loc[zone["centre_node_id"], ["x_coord", "y_coord"]]
    surface = compute_surface(
        reach(network, origin),
        access=AccessModel.from_network(network),
        max_minutes=max_minutes,
    )
    minutes = surface.sample(seats["x_coord"].to_numpy(), seats["y_coord"].to_numpy())
    return pd.Series(
        np.where(minutes <= max_minutes, minutes, np.nan), index=zone["zone_id"].to_numpy()
    )


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
        By zone_id, as from `compute_county_times`; NaN counts as beyond the last cut-off.
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
    values = np.array(list(known.values()))
    bounds = tuple(float(value) for value in shown.total_bounds)
    sheet = make_sheet(network, title=title, subtitle=subtitle, lang=lang)
    canvas = start_canvas(
        sheet,
        0,
        network,
        bounds=extent or (bounds[0], bounds[1], bounds[2], bounds[3]),
        marked=Subjects(set(), set()),
    )
    classes = np.searchsorted(np.asarray(cutoffs), values)  # NaN comes last
    colours = [*select_bands(len(cutoffs)), BEYOND]
    for number, colour in enumerate(colours):
        fill_areas(canvas.axes, canvas.view, shown.geometry[classes == number], colour)
    _finish(canvas, network, places[0])
    sheet.heading("county_times")
    for cutoff, colour in zip(cutoffs, colours, strict=False):
        sheet.swatch(colour, "within", f"{cutoff:g}")
    sheet.swatch(BEYOND, "beyond", f"{cutoffs[-1]:g}")
    legends.add_lines(sheet, highlight=False)
    legends.add_places(sheet)
    return write_sheet(sheet, path, dpi=dpi)


def _finish(canvas: marks.Canvas, network: Network, origin: marks.Place) -> None:
    """Mark and name the origin and the cities."""
    marks.name_origin(canvas, origin)
    marks.name_cities(canvas, network, skip=[origin.place_id])
    marks.finish_canvas(canvas)
