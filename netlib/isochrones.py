"""Isochrones of a place on a network: area and residents reached within each cut-off."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from netlib.accessibility import compute_residents
from netlib.errors import InputError, Notice
from netlib.evidence import Variant, select_variant
from netlib.shapes import read_zone_shapes
from netlib.surfaces import AccessModel, compute_surface, surface_to_isochrones
from netlib.tables import Network
from netlib.travel_times import reach

if TYPE_CHECKING:
    import geopandas as gpd

DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".parquet": "parquet"}


def compute_isochrones(
    network: Network,
    origin: str,
    cutoffs: Sequence[float] = (30.0, 60.0),
    *,
    variant: Variant = "central",
) -> gpd.GeoDataFrame:
    """Compute nested isochrones from the centre of a zone, or from a station.

    Travellers go by rail and metro over the static graph, with the expected waits of the window of
    ``door_to_door`` (its verdicts count real departures), and from the last stop on foot or, from a
    rail station, by taxi.

    Returns
    -------
    GeoDataFrame
        WGS84, one row per cut-off: ``origin``, ``as_of``, ``scenario``, ``snapshot``,
        ``cutoff_minutes``, ``area_km2``, ``residents`` (persons of 2020; Henan's counties only) and
        ``geometry``.

    Raises
    ------
    UnreachableError
        If the origin has no stop within reach.
    """
    at_end = select_variant(network, variant)
    stops = reach(network, origin, variant=variant)
    access = AccessModel.from_network(at_end)
    surface = compute_surface(stops, access=access, max_minutes=max(cutoffs))
    shapes = read_zone_shapes(network)
    counties = shapes[shapes["level"] == "county"]
    frame = compute_residents(surface_to_isochrones(surface, sorted(cutoffs)), counties)
    frame.insert(0, "origin", origin)
    frame.insert(1, "as_of", network.day.isoformat() if network.day else "")
    frame.insert(2, "scenario", network.scenario)
    frame.insert(3, "snapshot", network.snapshot)
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
