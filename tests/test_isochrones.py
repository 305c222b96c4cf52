"""Isochrones of every reading: nested, sized, populated, no circles, written whole or not."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from netlib.areas import measure_roundness
from netlib.errors import InputError, UnreachableError
from netlib.isochrones import DRIVERS, compute_isochrones, write_isochrones
from netlib.scenarios import apply_scenario, find_scenario
from netlib.times import travel_times

if TYPE_CHECKING:
    from pathlib import Path

    from netlib.tables import Network

TODAY = "2026-11-22"
COLUMNS = [
    "origin",
    "reading",
    "as_of",
    "scenario",
    "timetable",
    "method",
    "cutoff_minutes",
    "area_km2",
    "geometry",
    "residents",
]
# IoU with the circle of its own size and centre, from 60 minutes up: DESIGN section 5.
ROUNDEST = 0.85
READINGS = [
    "ride_fastest",
    "ride_main",
    "ride_median",
    "station_to_station",
    "door_to_door",
    "door_to_door_unplanned",
    "drive_free",
    "drive_peak",
    "best_way",
]


@pytest.fixture(scope="module")
def frame(line_network: Network) -> gpd.GeoDataFrame:
    """Return the areas around Alpha, asked for out of order."""
    return compute_isochrones(line_network.as_of(TODAY), "900100", [20.0, 5.0, 10.0])


def test_columns_and_order(frame: gpd.GeoDataFrame) -> None:
    """One row per cut-off, the smallest first."""
    assert sorted(frame.columns) == sorted(COLUMNS)
    assert frame["cutoff_minutes"].tolist() == [5.0, 10.0, 20.0]
    assert frame.crs.to_epsg() == 4326
    fixed = frame[["origin", "reading", "as_of", "scenario", "timetable", "method"]]
    assert fixed.drop_duplicates().to_numpy().tolist() == [
        ["900100", "door_to_door", TODAY, "baseline", "2026-10-04", "roads and land"]
    ]


def test_size_of_a_walk(frame: gpd.GeoDataFrame) -> None:
    """At 6 km/h in straight lines: 1 km in 10 minutes and 2 km in 20.

    Cells of half a km show a circle of some of them to a tenth; the city bus goes no farther in 20
    minutes: 2 to its stop, 5 of waiting and 13 at 12 km/h, 2.6 km.
    """
    areas = frame.set_index("cutoff_minutes")["area_km2"]
    assert areas[10.0] == pytest.approx(np.pi, rel=0.12)
    assert np.pi * 2**2 * 0.9 <= areas[20.0] <= np.pi * 2.6**2 * 1.1


def test_counties_live_inside(line_network: Network) -> None:
    """The rectangle around Alpha as a county too: 46.2 by 44.4 km with three million residents."""
    zone = line_network["zone"]
    counties = zone.assign(level="county", zone_id=zone["zone_id"] + "c", centre_node_id="")
    zone = pd.concat([zone, counties], ignore_index=True)
    network = line_network.with_tables(zone=zone).as_of(TODAY)
    frame = compute_isochrones(network, "900100", [20.0])
    area = frame["area_km2"].iloc[0]
    assert frame["residents"].iloc[0] == pytest.approx(3_000_000 * area / (46.2 * 44.4), rel=0.1)


def test_the_ends_of_the_ranges_enclose_the_central_area(line_network: Network) -> None:
    """Short times make large areas."""
    network = line_network.as_of(TODAY)
    areas = [
        compute_isochrones(network, "900100", [20.0], variant=variant)["area_km2"].iloc[0]  # type: ignore[arg-type]
        for variant in ("high", "central", "low")
    ]
    assert areas[0] < areas[1] < areas[2]


def test_the_scenario_is_named(line_network: Network) -> None:
    """Areas of an edited network say so."""
    card = find_scenario(line_network, "fast-gates")
    network = apply_scenario(line_network, card).as_of(TODAY)
    assert set(compute_isochrones(network, "900100", [10.0])["scenario"]) == {"fast-gates"}


def test_trains_carry_the_area_to_other_cities(line_network: Network) -> None:
    """57 minutes bring half of the travellers to Gamma, 92 km east, and 13 more on from it."""
    frame = compute_isochrones(line_network.as_of(TODAY), "900100", [50.0, 70.0])
    east = [shape.bounds[2] for shape in frame.geometry]
    assert east[0] < 113.5
    assert east[1] > 114.0
    rides = compute_isochrones(
        line_network.as_of(TODAY), "900100", [25.0, 30.0], reading="ride_fastest"
    )
    # The ride to Gamma takes 26, that to Beta 15; around them people drive in free flow.
    gamma = shapely.Point(114.0, 34.0)
    assert [shape.covers(gamma) for shape in rides.geometry] == [False, True]
    assert rides.geometry.iloc[0].covers(shapely.Point(113.5, 34.0))


def test_areas_without_a_place_in_reach(triangle_network: Network) -> None:
    """Without any station there is no high-speed circle; a commuting day has no area at all."""
    network = triangle_network.as_of(TODAY)
    with pytest.raises(UnreachableError, match="no stop within reach"):
        compute_isochrones(network, "900100", reading="ride_fastest")
    with pytest.raises(UnreachableError, match="reaches nothing within 15 min"):
        compute_isochrones(network, "900100", [15.0], reading="drive_peak")
    with pytest.raises(InputError, match="a reading of commute has no areas"):
        compute_isochrones(network, "900100", reading="commute_day")


@pytest.fixture(scope="module")
def today(evidence_base: Network) -> Network:
    """Return the evidence base of today."""
    return evidence_base.as_of(TODAY)


@pytest.fixture(scope="module")
def areas(today: Network) -> dict[str, gpd.GeoDataFrame]:
    """Return the areas of every reading from 郑州."""
    return {
        reading: compute_isochrones(today, "410100", [30.0, 60.0, 90.0], reading=reading)
        for reading in READINGS
    }


@pytest.mark.parametrize("reading", READINGS)
def test_the_shorter_lies_in_the_longer(reading: str, areas: dict[str, gpd.GeoDataFrame]) -> None:
    """Nested and valid, with more residents in the larger."""
    frame = areas[reading].to_crs(areas[reading].estimate_utm_crs())
    for inner, outer in itertools.pairwise(frame.geometry):
        assert inner.is_valid
        # Square metres: rounding of coordinates.
        assert inner.difference(outer).area < 100.0
    assert frame["area_km2"].is_monotonic_increasing
    assert frame["residents"].is_monotonic_increasing
    assert frame["residents"].iloc[-1] > 1_000_000


@pytest.mark.parametrize("reading", READINGS)
def test_no_area_from_an_hour_up_is_a_circle(
    reading: str, areas: dict[str, gpd.GeoDataFrame]
) -> None:
    """It follows roads and rails."""
    frame = areas[reading]
    for minutes, shape in zip(frame["cutoff_minutes"], frame.geometry, strict=True):
        if minutes >= 60:
            assert measure_roundness(shape) <= ROUNDEST, minutes


def test_the_best_way_covers_the_drive(areas: dict[str, gpd.GeoDataFrame]) -> None:
    """Within the hour from 郑州, and by as many residents at least."""
    for best, drive in zip(
        *(areas[name].to_crs(32649).geometry for name in ("best_way", "drive_peak")), strict=True
    ):
        # Cells of the one may be cut a little otherwise where both fields are merged.
        assert drive.difference(best).area <= 0.01 * drive.area


# Readings of which the first contains the second, so that its area holds the other.
ORDER = [
    ("ride_fastest", "ride_main"),
    ("ride_fastest", "ride_median"),
    ("drive_free", "drive_peak"),
    ("door_to_door", "door_to_door_unplanned"),
    ("best_way", "door_to_door"),
]


@pytest.mark.parametrize(("large", "small"), ORDER)
def test_areas_are_in_the_order_of_their_readings(
    large: str, small: str, areas: dict[str, gpd.GeoDataFrame]
) -> None:
    """Never smaller, and the one mostly inside of the other."""
    for outer, inner in zip(
        *(areas[name].to_crs(32649).geometry for name in (large, small)), strict=True
    ):
        assert inner.area <= outer.area * 1.01
        assert inner.difference(outer).area <= 0.02 * inner.area


# Cells are half a kilometre wide, 8 minutes on foot.
NEAR_MINUTES = 9.0


@pytest.mark.parametrize(("origin", "place"), [("411000", "410100"), ("410100", "410200")])
def test_a_centre_lies_inside_from_its_minutes_on(origin: str, place: str, today: Network) -> None:
    """Areas and times come from one engine."""
    table = travel_times(today, origin, place, ranges=False)
    minutes = table["travel_time_minutes"].item()
    zone, node = today["zone"].set_index("zone_id"), today["node"].set_index("node_id")
    centre = shapely.Point(
        *node.loc[zone.loc[place, "centre_node_id"], ["x_coord", "y_coord"]].astype(float)
    )
    cutoffs = [minutes - NEAR_MINUTES, minutes + NEAR_MINUTES]
    before, after = compute_isochrones(today, origin, cutoffs).geometry
    assert not before.contains(centre)
    assert after.contains(centre)


@pytest.mark.parametrize("suffix", DRIVERS)
def test_written_files_read_back_the_same(
    suffix: str, frame: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    """Every format, in a folder that is made for it."""
    path = tmp_path / "deep" / f"reach{suffix}"
    write_isochrones(frame, path)
    read = gpd.read_parquet(path) if suffix == ".parquet" else gpd.read_file(path)
    assert read["cutoff_minutes"].tolist() == frame["cutoff_minutes"].tolist()
    assert read["area_km2"].to_numpy() == pytest.approx(frame["area_km2"].to_numpy())
    assert read.geometry.geom_equals_exact(frame.geometry, 1e-6).all()
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    if suffix != ".parquet":
        assert pyogrio.list_layers(path)[:, 0].tolist() == ["isochrones"]


def test_unknown_suffix_names_the_known(frame: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Nothing is written."""
    with pytest.raises(InputError, match=r"reach\.shp: .*one of \.gpkg, \.geojson, \.parquet"):
        write_isochrones(frame, tmp_path / "reach.shp")
    assert list(tmp_path.iterdir()) == []


def test_interrupted_writing_leaves_the_old_file(
    frame: gpd.GeoDataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is replaced when the new one is whole."""
    path = tmp_path / "reach.geojson"
    path.write_text("old", encoding="utf-8")

    def fail(self: gpd.GeoDataFrame, target: Path, **options: object) -> None:
        target.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt

    monkeypatch.setattr(gpd.GeoDataFrame, "to_file", fail)
    with pytest.raises(KeyboardInterrupt):
        write_isochrones(frame, path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
