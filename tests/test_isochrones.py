"""Isochrones of toys: nested, sized, populated, and written whole or not at all."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

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
    "as_of",
    "scenario",
    "snapshot",
    "method",
    "street_share",
    "cutoff_minutes",
    "area_km2",
    "geometry",
    "residents",
    "residents_low",
    "residents_high",
]


@pytest.fixture(scope="module")
def frame(line_network: Network) -> gpd.GeoDataFrame:
    return compute_isochrones(line_network.as_of(TODAY), "900100", [20.0, 5.0, 10.0])


def test_columns_and_order(frame: gpd.GeoDataFrame) -> None:
    assert frame.columns.tolist() == COLUMNS
    assert frame["cutoff_minutes"].tolist() == [5.0, 10.0, 20.0]
    assert frame.crs.to_epsg() == 4326
    assert set(frame["origin"]) == {"900100"}
    assert set(frame["as_of"]) == {TODAY}
    assert set(frame["scenario"]) == {"baseline"}
    assert set(frame["snapshot"]) == {"2026-10-04"}


def test_the_shorter_lies_in_the_longer(frame: gpd.GeoDataFrame) -> None:
    shapes = frame.geometry.tolist()
    assert all(shape.is_valid for shape in shapes)
    for inner, outer in itertools.pairwise(shapes):
        assert outer.covers(inner)
    assert frame["area_km2"].is_monotonic_increasing
    assert frame["residents"].dropna().is_monotonic_increasing


def test_size_of_a_circle_by_taxi(frame: gpd.GeoDataFrame) -> None:
    # 20 minutes: 5 of waiting for the taxi, 15 km of driving at 60 km/h as the crow flies
    area = frame.set_index("cutoff_minutes").loc[20.0, "area_km2"]
    assert area == pytest.approx(np.pi * 15**2, rel=0.03)


def test_counties_live_inside(line_network: Network) -> None:
    # the rectangle around Alpha, as a county too: 0.5 by 0.4 degrees with three million residents
    zone = line_network["zone"]
    counties = zone.assign(level="county", zone_id=zone["zone_id"] + "c", centre_node_id="")
    zone = pd.concat([zone, counties], ignore_index=True)
    network = line_network.with_tables(zone=zone).as_of(TODAY)
    frame = compute_isochrones(network, "900100", [20.0])
    area = frame["area_km2"].iloc[0]
    rectangle = 46.2 * 44.4
    assert frame["residents"].iloc[0] == pytest.approx(3_000_000 * area / rectangle, rel=0.02)


def test_the_ends_of_the_ranges_enclose_the_central_area(line_network: Network) -> None:
    network = line_network.as_of(TODAY)
    areas = [
        compute_isochrones(network, "900100", [20.0], variant=variant)["area_km2"].iloc[0]  # type: ignore[arg-type]
        for variant in ("high", "central", "low")
    ]
    assert areas[0] < areas[1] < areas[2]


def test_the_scenario_is_named(line_network: Network) -> None:
    card = find_scenario(line_network, "fast-gates")
    network = apply_scenario(line_network, card).as_of(TODAY)
    assert set(compute_isochrones(network, "900100", [10.0])["scenario"]) == {"fast-gates"}


def test_trains_carry_the_area_to_other_cities(line_network: Network) -> None:
    # 86 minutes bring half of the travellers to Gamma, 100 km away, and 14 more on by taxi.
    frame = compute_isochrones(line_network.as_of(TODAY), "900100", [80.0, 100.0])
    east = [shape.bounds[2] for shape in frame.geometry]
    assert east[0] < 114.0 < east[1]


# Cells are half a kilometre wide, 8 minutes on foot.
NEAR_MINUTES = 9.0


@pytest.mark.parametrize(
    ("day", "origin", "place"),
    [
        ("2016-03-15", "410100", "411000"),
        ("2022-12-31", "411000", "410100"),
        ("2022-12-31", "410100", "410200"),
        (TODAY, "410100", "410300"),
    ],
)
def test_a_centre_lies_inside_from_its_minutes_on(
    day: str, origin: str, place: str, evidence_base: Network
) -> None:
    network = evidence_base.as_of(day)
    minutes = travel_times(network, [origin], [place])["travel_time_minutes"].item()
    zone, node = network["zone"].set_index("zone_id"), network["node"].set_index("node_id")
    centre = shapely.Point(
        *node.loc[zone.loc[place, "centre_node_id"], ["x_coord", "y_coord"]].astype(float)
    )
    cutoffs = [minutes - NEAR_MINUTES, minutes + NEAR_MINUTES]
    before, after = compute_isochrones(network, origin, cutoffs).geometry
    assert not before.contains(centre)
    assert after.contains(centre)


def test_no_stop_is_an_error(triangle_network: Network) -> None:
    with pytest.raises(UnreachableError, match="no stop within reach"):
        compute_isochrones(triangle_network.as_of(TODAY), "900100")


@pytest.mark.parametrize("suffix", DRIVERS)
def test_written_files_read_back_the_same(
    suffix: str, frame: gpd.GeoDataFrame, tmp_path: Path
) -> None:
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
    with pytest.raises(InputError, match=r"reach\.shp: .*one of \.gpkg, \.geojson, \.parquet"):
        write_isochrones(frame, tmp_path / "reach.shp")
    assert list(tmp_path.iterdir()) == []


def test_interrupted_writing_leaves_the_old_file(
    frame: gpd.GeoDataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
