"""A toy region to draw: two cities, four lines, counties, isochrones and measurements."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from netlib.tables import Network

TABLES: dict[str, tuple[list[str], list[list[Any]]]] = {
    "node": (
        ["node_id", "name_zh", "name_en", "x_coord", "y_coord", "node_type", "zone_id"],
        [
            ["C-1", "甲中心", "Alpha centre", 113.5, 34.5, "centre", "1"],
            ["C-2", "乙中心", "Beta centre", 114.5, 34.5, "centre", "2"],
            ["C-11", "丙县", "Gamma seat", 113.6, 34.7, "centre", "11"],
            ["AAA", "甲东", "Alpha East", 113.6, 34.5, "rail_station", "1"],
            ["BBB", "乙西", "Beta West", 114.4, 34.5, "rail_station", "2"],
            ["NEW", "新站", "New", 114.0, 34.9, "rail_station", ""],
        ],
    ),
    "zone": (
        [
            "zone_id",
            "name_zh",
            "name_en",
            "level",
            "parent_zone_id",
            "population_2020",
            "centre_node_id",
            "main_node_id",
            "shape_id",
        ],
        [
            ["1", "甲", "Alpha", "prefecture", "", 3e6, "C-1", "AAA", ""],
            ["2", "乙", "Beta", "prefecture", "", 2e6, "C-2", "BBB", "2"],
            ["11", "丙县", "Gamma County", "county", "1", 1e6, "C-11", "", "11"],
            ["12", "丁县", "Delta County", "county", "1", 2e6, "", "", "12"],
            ["99", "无", "None", "county", "2", 1.0, "", "", "missing"],
        ],
    ),
    "line": (
        ["line_id", "name_zh", "name_en", "mode", "status", "start_date", "open_date", "parts"],
        [
            ["L1", "甲乙高铁", "Alpha-Beta HSR", "hsr", "operating", "2010", "2015-01-01", ""],
            ["L2", "甲新城际", "New line", "intercity", "under_construction", "2024", "", ""],
            ["L3", "新乙线", "Planned line", "suburban", "planned", "", "", ""],
            ["OLD", "旧线", "Old line", "conventional", "closed", "", "1950", ""],
            ["NET", "路网", "Network", "network", "operating", "", "", "L1;L2;ST"],
            ["ST", "两站", "Two stations", "station", "operating", "", "", "AAA;BBB"],
            ["AAA", "同名线", "Same id", "policy", "planned", "", "", ""],
        ],
    ),
    "link": (
        ["link_id", "from_node_id", "to_node_id", "line_id", "open_date", "close_date"],
        [
            ["K1", "AAA", "BBB", "L1", "", ""],
            ["K2", "AAA", "NEW", "L2", "", ""],
            ["K3", "NEW", "BBB", "L3", "", ""],
            ["K4", "AAA", "BBB", "OLD", "", "2000"],
            ["K5", "AAA", "nowhere", "L1", "", ""],
        ],
    ),
}


def write_geojson(path: Path, key: str, shapes: dict[str, shapely.Geometry], **more: str) -> None:
    """Write a collection of shapes by id."""
    features = [
        {
            "type": "Feature",
            "properties": {key: name, "source_id": "toy", **more},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for name, shape in shapes.items()
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")


def make_network(root: Path) -> Network:
    """Return two cities, a high-speed line, one line under construction and one planned."""
    tables = {}
    for name, (columns, rows) in TABLES.items():
        tables[name] = pd.DataFrame(rows, columns=columns).assign(region="toy")
    tables["reference_link"] = tables["link"]
    tables["link"] = tables["link"][tables["link"]["link_id"] == "K1"]
    write_geojson(
        root / "toy" / "zones.geojson",
        "shape_id",
        {
            "11": shapely.box(113.0, 34.5, 114.0, 35.0),
            "12": shapely.box(113.0, 34.0, 114.0, 34.5),
            "2": shapely.box(114.0, 34.0, 115.0, 35.0),
        },
    )
    write_geojson(
        root / "toy" / "shapes.geojson",
        "line_id",
        {"L3": shapely.LineString([(114.0, 34.9), (114.3, 34.8), (114.4, 34.5)])},
    )
    write_geojson(
        root / "context.geojson",
        "shape_id",
        {"province": shapely.box(112.5, 33.5, 115.5, 35.5)},
        kind="province",
        name_zh="省",
    )
    return Network(root=root, tables=tables, day=date(2026, 11, 22), snapshot="2026-10-04")


def make_isochrones() -> gpd.GeoDataFrame:
    """Return two bands, the outer one with a hole and an island."""
    point = shapely.Point(113.5, 34.5)
    outer = shapely.union_all(
        [point.buffer(0.3) - point.buffer(0.05), shapely.Point(114.5, 34.5).buffer(0.1)]
    )
    return gpd.GeoDataFrame(
        {"cutoff_minutes": [30.0, 60.0], "area_km2": [800.0, 3200.0], "residents": [1e6, 2.5e6]},
        geometry=[point.buffer(0.15) - point.buffer(0.05), outer],
        crs="EPSG:4326",
    )


def make_measurements() -> pd.DataFrame:
    """Return one pair that passes and one without journey."""
    rows = [["1", "2", 40.0, 45.0, 50.0], ["1", "11", np.nan, np.nan, np.nan]]
    return pd.DataFrame(rows, columns=["from_id", "to_id", "low", "central", "high"])
