"""What goes out to QGIS: layers that read back, styles that are found, the same bytes each time."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pytest

from netlib.exports import STYLE_TABLE, collect_layers, style_layer, write_package, write_parquet
from netlib.isochrones import compute_isochrones
from netlib.tables import read_network

DAY = "2026-11-22"


@pytest.fixture(scope="module")
def layers() -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of today, with isochrones of Xuchang."""
    network = read_network().as_of(DAY)
    isochrones = compute_isochrones(network, "411000", [30.0, 60.0])
    return dict(collect_layers(network, isochrones))


def test_layers_read_back(layers: dict[str, gpd.GeoDataFrame], tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    write_package(layers, path, stamp=DAY)
    names = set(gpd.list_layers(path)["name"])
    assert names == {"isochrones", "zones", "lines", "stations", STYLE_TABLE}
    for name, layer in layers.items():
        back = gpd.read_file(path, layer=name)
        assert len(back) == len(layer) > 0
        assert back.crs.to_epsg() == 4326
    again = tmp_path / "again.gpkg"
    write_package(layers, again, stamp=DAY)
    assert again.read_bytes() == path.read_bytes()


def test_every_layer_has_its_style(layers: dict[str, gpd.GeoDataFrame], tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    write_package(layers, path, stamp=DAY)
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            f"SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM {STYLE_TABLE}"  # noqa: S608
        ).fetchall()
        columns = connection.execute(
            "SELECT table_name, column_name FROM gpkg_geometry_columns"
        ).fetchall()
    connection.close()
    assert {(name, column) for name, column, _, _ in rows} == set(columns)
    assert all(default for *_, default in rows)


def test_styles_have_a_symbol_for_every_value(layers: dict[str, gpd.GeoDataFrame]) -> None:
    values = {
        "lines": set(layers["lines"]["mode"] + " " + layers["lines"]["state"]),
        "stations": set(layers["stations"]["node_type"]),
    }
    for name, expected in values.items():
        tree = ET.fromstring(style_layer(name, layers[name]))  # noqa: S314 - our own
        found = {category.get("value") for category in tree.iter("category")}
        symbols = {symbol.get("name") for symbol in tree.iter("symbol")}
        assert {c.get("symbol") for c in tree.iter("category")} == symbols
        assert {value for value in expected if not value.startswith("road")} <= found


def test_isochrones_are_grouped_and_one_group_is_shown(
    layers: dict[str, gpd.GeoDataFrame],
) -> None:
    areas = layers["isochrones"]
    two = pd.concat([areas.assign(map="a.png"), areas.assign(map="b.png")], ignore_index=True)
    tree = ET.fromstring(style_layer("isochrones", two))  # noqa: S314 - our own
    groups = tree.findall("./renderer-v2/rules/rule")
    assert [group.get("checkstate") for group in groups] == ["1", "0"]
    for group, name in zip(groups, ("a.png", "b.png"), strict=True):
        assert f"\"map\" = '{name}'" in str(group.get("filter"))
        found = {str(rule.get("filter")) for rule in group.findall("rule")}
        assert found == {f'"cutoff_minutes" = {v:g}' for v in areas["cutoff_minutes"]}
    symbols = {symbol.get("name") for symbol in tree.iter("symbol")}
    assert {r.get("symbol") for r in tree.iter("rule")} - {None} == symbols


def test_parquet_reads_back(layers: dict[str, gpd.GeoDataFrame], tmp_path: Path) -> None:
    path = tmp_path / "isochrones.parquet"
    assert write_parquet(layers["isochrones"], path)
    back = gpd.read_parquet(path)
    assert back["area_km2"].tolist() == layers["isochrones"]["area_km2"].tolist()
