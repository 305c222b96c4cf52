"""Isochrones of a place on a network: area and residents reached within each cut-off."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from netlib.accessibility import compute_residents
from netlib.readings import find_reading
from netlib.doors.residents import count_street_residents
from netlib.doors.surfaces import build_street_isochrones
from netlib.drive_areas import BY_HIGHWAYS, build_drive_areas
from netlib.errors import InputError, Notice
from netlib.evidence import Variant, select_variant
from netlib.shapes import read_zone_shapes
from netlib.streets import Streets
from netlib.surfaces import NO_STREETS, AccessModel, compute_surface, surface_to_isochrones
from netlib.tables import Network
from netlib.travel_times import reach

if TYPE_CHECKING:
    import geopandas as gpd

READING = "door_to_door"
DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".parquet": "parquet"}


def compute_isochrones(
    network: Network,
    origin: str,
    cutoffs: Sequence[float] = (30.0, 60.0),
    *,
    variant: Variant = "central",
    streets: Sequence[Streets] = (),
    definition: str = READING,
) -> gpd.GeoDataFrame:
    """Compute nested isochrones from the centre of a zone, or from a station.

    Travellers leave during the window of `READING` and go by the rail and metro of the day; the
    minutes to each stop, and to the centre of each city, are the medians over the departures
    (`netlib.travel_times.reach`). From there they go on foot or, but for metro stations, by taxi. A
    city's centre lies inside an isochrone when its minutes by `travel_times` are at most the
    cut-off.

    Parameters
    ----------
    network
        A network of one day.
    origin
        Id of a zone or a station.
    cutoffs
        Minutes.
    variant
        End of the ranges of all figures.
    streets
        Extracts to walk or to drive on, over which the last part of the way is measured, as in
        `netlib.doors.surfaces.build_street_isochrones`; straight lines elsewhere.
    definition
        `READING`, or a reading of a drive: then by car over the highways instead
        (`netlib.drive_areas`), whatever the streets.

    Returns
    -------
    GeoDataFrame
        WGS84, one row per cut-off: ``origin``, ``as_of``, ``scenario``, ``snapshot``, ``method``
        (whether by streets, straight lines or highways), ``street_share`` (of the area, measured
        over streets), ``cutoff_minutes``, ``area_km2``, ``geometry``, ``residents`` (persons of
        2020; Henan's counties only), ``residents_low`` and ``residents_high`` (by other ways to
        spread a county's residents along its streets; NaN without streets, where they are spread
        evenly over the county).

    Raises
    ------
    UnreachableError
        If the origin has no stop, or no road, within reach.
    InputError
        If isochrones are not drawn of the reading.
    """
    spec = find_reading(network.root, definition)
    if spec["measure"] == "drive":
        at_end = select_variant(network, variant)
        areas = build_drive_areas(at_end, origin, sorted(cutoffs), peak=spec["traffic"] == "peak")
        return describe_areas(network, origin, areas.assign(method=BY_HIGHWAYS, street_share=0.0))
    if definition != READING:
        message = f"isochrones are of {READING} or of a drive, not of {definition}"
        raise InputError([Notice("definitions.toml", 0, "no-isochrones", message)])
    stops = reach(network, origin, definition=READING, variant=variant)
    if streets:
        areas = build_street_isochrones(network, stops, streets, cutoffs, variant=variant)
    else:
        surface = compute_surface(
            stops,
            access=AccessModel.from_network(select_variant(network, variant)),
            max_minutes=max(cutoffs),
        )
        areas = surface_to_isochrones(surface, sorted(cutoffs))
        areas = areas.assign(method=NO_STREETS, street_share=0.0)
    return describe_areas(network, origin, areas, streets=streets)


def describe_areas(
    network: Network, origin: str, areas: gpd.GeoDataFrame, *, streets: Sequence[Streets] = ()
) -> gpd.GeoDataFrame:
    """Add residents, and what the areas are of, in the order of `compute_isochrones`."""
    counties = read_zone_shapes(network).loc[lambda shapes: shapes["level"] == "county"]
    if streets:
        frame = count_street_residents(areas, counties, streets)
    else:
        frame = compute_residents(areas, counties).assign(
            residents_low=np.nan, residents_high=np.nan
        )
    frame.insert(0, "origin", origin)
    frame.insert(1, "as_of", network.day.isoformat() if network.day else "")
    frame.insert(2, "scenario", network.scenario)
    frame.insert(3, "snapshot", network.snapshot)
    for place, column in enumerate(("method", "street_share"), start=4):
        frame.insert(place, column, frame.pop(column))
    return frame


def write_isochrones(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write isochrones as GeoPackage, GeoJSON or GeoParquet, whole or not at all.

    Raises
    ------
    InputError
        If the suffix names none of these.
    """
    if path.suffix not in DRIVERS:
        message = f"the suffix should be one of {', '.join(DRIVERS)}"
        raise InputError([Notice(path.name, 0, "unknown-format", message)])
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.tmp{path.suffix}")
    try:
        if path.suffix == ".parquet":
            frame.to_parquet(temporary)
        else:
            # Named here, for the temporary file's name is none that a GeoPackage layer may have.
            frame.to_file(temporary, driver=DRIVERS[path.suffix], layer="isochrones")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
