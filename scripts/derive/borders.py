"""Borders that taxis and cars do not cross, typed by hand (general knowledge)."""

from __future__ import annotations

from pathlib import Path

import shapely

from derive.base import Tables
from derive.parameters import read_typed
from derive.places_shapes import write_geojson

# Along the Shenzhen River, and through the bays at both of its ends.
SHENZHEN = {
    "shape_id": "border-shenzhen-hongkong",
    "kind": "border",
    "name_zh": "深圳与香港的边界",
    "name_en": "border between Shenzhen and Hong Kong",
    "source_id": "general-knowledge",
    "note": "cars and taxis of one side do not serve the other; trains do",
}


def derive(data: Path) -> Tables:
    """Make no rows: a border is a shape."""
    del data
    return {}


def write_shapes(data: Path, networks: Path) -> None:
    """Write ``borders.geojson``."""
    del data
    corners = [
        (float(row["x_coord"]), float(row["y_coord"])) for row in read_typed("border_shenzhen.csv")
    ]
    write_geojson(networks / "borders.geojson", [(SHENZHEN, shapely.LineString(corners))])
