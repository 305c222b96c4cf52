"""Isochrones of every reading: one field of minutes over roads and land, and its contours.

For rides the stations reached and, in the minutes left, what lies around them by car; for journeys
what is reached from the stops on foot, by city bus or taxi; for drives what is reached by car; for
the best way whichever is quicker. Areas are for looking at: times are measured by `netlib.times`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from netlib.areas import Field, field_to_isochrones, merge_fields, spread
from netlib.areas.homes import count_residents, read_homes
from netlib.errors import InputError, Notice, UnreachableError
from netlib.evidence import Variant, select_variant
from netlib.places import find_place, format_name, locate_places
from netlib.readings import Reading, find_reading
from netlib.roads.ground import build_ground, search_ground
from netlib.streets import Streets
from netlib.tables import Network
from netlib.times.drives import read_terminal_minutes
from netlib.times.journeys import DIRECT_MODES, EGRESS_MODES
from netlib.times.reach import reach
from netlib.times.table import BY_CAR, BY_RAIL

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

READING = "door_to_door"
DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".parquet": "parquet"}
# How the last part of the way was measured, as tables and titles say it.
BY_GROUND = "roads and land"
PARTLY = "streets in their extract, roads and land elsewhere"


def compute_isochrones(
    network: Network,
    origin: str,
    cutoffs: Sequence[float] = (30.0, 60.0),
    *,
    reading: str | Reading = READING,
    variant: Variant = "central",
    streets: Sequence[Streets] = (),
) -> gpd.GeoDataFrame:
    """Compute nested isochrones from a place under a reading.

    Parameters
    ----------
    network
        A network of one day.
    origin
        Id or name of a zone or a station, or ``longitude,latitude``.
    cutoffs
        Minutes.
    reading
        Any that gives minutes, but for a commuting day.
    variant
        End of the ranges of all figures.
    streets
        Extracts over which the last part of the way is measured, where they lie.

    Returns
    -------
    GeoDataFrame
        WGS84, one row per cut-off: ``origin``, ``reading``, ``as_of``, ``scenario``, ``timetable``
        (its day; '' for drives), ``method``, ``cutoff_minutes``, ``area_km2``, ``residents``
        (persons of 2020 whose homes lie inside) and ``geometry``.

    Raises
    ------
    UnreachableError
        If nothing is reached, or the reading has no areas.
    """
    spec = find_reading(network.root, reading) if isinstance(reading, str) else reading
    at_end = select_variant(network, variant)
    origin = find_place(network, origin)
    field = measure_field(at_end, origin, reading=spec, limit_minutes=max(cutoffs), streets=streets)
    areas = field_to_isochrones(field, sorted(cutoffs))
    counted = count_residents(field, read_homes(network), areas["cutoff_minutes"])
    areas["residents"] = counted["residents"].to_numpy()
    columns = {
        "origin": origin,
        "reading": spec.name,
        "as_of": network.day.isoformat() if network.day else "",
        "scenario": network.scenario,
        "timetable": network.snapshot if spec.has_trains else "",
        "method": PARTLY if streets and spec.measure in ("journey", "best") else BY_GROUND,
    }
    for place, (name, value) in enumerate(columns.items()):
        areas.insert(place, name, value)
    return areas


def measure_field(
    network: Network,
    origin: str,
    *,
    reading: str | Reading = READING,
    limit_minutes: float,
    streets: Sequence[Streets] = (),
) -> Field:
    """Measure the minutes from a place to everywhere within a limit.

    Parameters
    ----------
    network
        A network of one day, at one end of its ranges.
    origin, reading, streets
        As in `compute_isochrones`.
    limit_minutes
        Beyond which nothing counts.

    Raises
    ------
    UnreachableError
        If nothing is reached, or the reading has no areas.
    """
    spec = find_reading(network.root, reading) if isinstance(reading, str) else reading
    origin = find_place(network, origin)
    if spec.measure == "direct_ride":
        return _drive_from(network, reach(network, origin, reading=spec), limit_minutes)
    if spec.measure == "journey":
        return _spread_journeys(network, origin, spec, limit_minutes, streets)
    if spec.measure == "drive":
        return _spread_drive(network, origin, spec, limit_minutes)
    if spec.measure == "best":
        rail, car = (find_reading(network.root, name) for name in (BY_RAIL, BY_CAR))
        by_car = _spread_drive(network, origin, car, limit_minutes)
        return merge_fields(by_car, _spread_journeys(network, origin, rail, limit_minutes, streets))
    message = f"a reading of {spec.measure} has no areas; choose one of rides, journeys or drives"
    raise InputError([Notice("definitions.toml", 0, "no-isochrones", message)])


def _spread_journeys(
    network: Network,
    origin: str,
    reading: Reading,
    limit_minutes: float,
    streets: Sequence[Streets],
) -> Field:
    """Measure what journeys reach from their stops, and without any from the door."""
    if reading.ends == "stations":
        return _drive_from(network, reach(network, origin, reading=reading), limit_minutes)
    sources = reach(network, origin, reading=reading, streets=streets)
    door = locate_places(network, [origin]).assign(by_road=True, minutes=0.0)
    options: dict[str, Any] = {"limit_minutes": limit_minutes, "streets": streets}
    by_stops = spread(network, sources, modes=EGRESS_MODES, **options)
    return merge_fields(by_stops, spread(network, door, modes=DIRECT_MODES, **options))


def _drive_from(network: Network, stations: pd.DataFrame, limit_minutes: float) -> Field:
    """Measure what lies around stations by car in free flow, without waits and parking."""
    ground = build_ground(network, peak=False)
    # No way is longer than the limit; said so, stations beyond the highways have land around them.
    return search_ground(
        ground, stations, limit_minutes=limit_minutes, longest_minutes=limit_minutes
    )


def _spread_drive(network: Network, origin: str, reading: Reading, limit_minutes: float) -> Field:
    """Measure what a car reaches, with the toll gate and parking at both ends."""
    peak = reading.traffic == "peak"
    fixed = 2.0 * read_terminal_minutes(network, peak=peak)
    door = locate_places(network, [origin]).assign(by_road=True, minutes=fixed)
    if fixed > limit_minutes:
        name = format_name(network, origin)
        raise UnreachableError(f"{name} ({origin}) reaches nothing within {limit_minutes:g} min")
    return search_ground(build_ground(network, peak=peak), door, limit_minutes=limit_minutes)


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
