"""What a planner opens in QGIS: isochrones, counties, lines and stations in one styled GeoPackage.

The styles stand in the table ``layer_styles`` of the GeoPackage, from which QGIS takes them by
itself. The isochrones also go out as GeoParquet where pyarrow is installed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import pandas as pd

from netlib.maps.linework import line_pieces
from netlib.maps.style import COUNTY_EDGE, LAND, MODES, STATES, select_bands
from netlib.shapes import WGS84, read_zone_shapes

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from netlib.tables import Network

STYLE_TABLE = "layer_styles"
# QGIS's names of dashes by state of a line.
DASHES = {"open": "solid", "under_construction": "dash", "planned": "dot"}
POINTS_TO_MM = 25.4 / 72.0
# Metro stations are too many to be named at the scale of a region.
PLACE_NAMES = 'CASE WHEN "node_type" <> \'metro_station\' THEN "name_zh" END'
# What tells isochrones of one layer apart.
ISOCHRONE_KEYS = ("origin", "as_of", "scenario")
# QGIS's number for labels placed around their point.
AROUND_POINT = 0

Layers = Mapping[str, "gpd.GeoDataFrame"]


def collect_layers(network: Network, isochrones: gpd.GeoDataFrame | None) -> Layers:
    """Collect the layers of a network of one day.

    Returns
    -------
    mapping
        ``isochrones`` (unless None), ``zones``, ``lines`` (with ``state`` on that day) and
        ``stations``; in WGS84. Layers without rows are left out.
    """
    import geopandas as gpd

    node = network["node"]
    node = node[node["node_type"] != "road_junction"].reset_index(drop=True)
    columns = ["node_id", "name_zh", "name_en", "node_type", "zone_id", "open_date"]
    points = gpd.points_from_xy(node["x_coord"], node["y_coord"])
    names = network["line"].drop_duplicates("line_id")[["line_id", "name_zh", "name_en"]]
    lines = line_pieces(network)
    layers = {
        "zones": read_zone_shapes(network),
        "lines": lines.merge(names, on="line_id", how="left"),
        "stations": gpd.GeoDataFrame(node[columns], geometry=points, crs=WGS84),
    }
    if isochrones is not None:
        layers = {"isochrones": isochrones, **layers}
    return {name: layer for name, layer in layers.items() if len(layer)}


def write_package(layers: Layers, path: Path, *, stamp: str) -> None:
    """Write layers and their styles as one GeoPackage.

    Parameters
    ----------
    layers
        GeoDataFrames by name of the layer.
    path
        File to write.
    stamp
        Day that stands for the time of writing, so that the same input gives the same bytes.
    """
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{stamp}T00:00:00.000Z"})
    try:
        for name, layer in layers.items():
            layer.to_file(path, layer=name, driver="GPKG")
        styles = describe_styles(layers, stamp=stamp)
        pyogrio.write_dataframe(
            styles, path, layer=STYLE_TABLE, driver="GPKG", layer_options={"FID": "id"}
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def write_parquet(layer: gpd.GeoDataFrame, path: Path) -> bool:
    """Write a layer as GeoParquet; returns whether it could, which needs pyarrow."""
    if find_spec("pyarrow") is None:
        return False
    layer.to_parquet(path)
    return True


def describe_styles(layers: Layers, *, stamp: str) -> pd.DataFrame:
    """Describe the styles as rows of QGIS's table ``layer_styles``, one a layer."""
    rows = []
    for name, layer in layers.items():
        rows.append(
            {
                "f_table_catalog": "",
                "f_table_schema": "",
                "f_table_name": name,
                "f_geometry_column": "geom",
                "styleName": f"netlib {name}",
                "styleQML": style_layer(name, layer),
                "styleSLD": "",
                "useAsDefault": True,
                "description": "",
                "owner": "netlib",
                "ui": "",
                "update_time": stamp,
            }
        )
    return pd.DataFrame(rows)


def style_layer(name: str, layer: gpd.GeoDataFrame) -> str:
    """Write the QML of one of the layers of `collect_layers`."""
    if name == "isochrones":
        return _style_isochrones(layer)
    if name == "lines":
        symbols = {
            f"{mode} {state}": (f"{mode}, {state.replace('_', ' ')}", _stroke(look, DASHES[state]))
            for mode, look in ((m, (s.colour, s.width)) for m, s in MODES.items())
            for state in STATES
        }
        return _categorise('"mode" || \' \' || "state"', symbols)
    if name == "stations":
        symbols = {
            kind: (kind.replace("_", " "), _marker(colour, size))
            for kind, colour, size in (
                ("centre", "#ffc93c", 3.0),
                ("rail_station", MODES["hsr"].colour, 2.0),
                ("metro_station", MODES["metro"].colour, 1.2),
            )
        }
        return _categorise('"node_type"', symbols, label=PLACE_NAMES)
    return _categorise("1", {"1": (name, _fill(LAND, COUNTY_EDGE, alpha=1.0))})


def _style_isochrones(layer: gpd.GeoDataFrame) -> str:
    """Write the QML of isochrones: a group of bands for each origin, day and scenario.

    A report holds many areas over the same ground, so only the first group is switched on; the
    others wait in the layer tree.
    """
    keys = [key for key in ("map", *ISOCHRONE_KEYS) if key in layer.columns]
    groups = []
    for values, rows in layer.groupby(keys, sort=False):
        cutoffs = sorted(float(value) for value in rows["cutoff_minutes"].unique())
        bands = zip(cutoffs, select_bands(len(cutoffs)), strict=True)
        symbols = {
            f'"cutoff_minutes" = {cutoff:g}': (
                f"≤ {cutoff:g} min",
                _fill(colour, "#1d2433", alpha=0.7),
            )
            for cutoff, colour in bands
        }
        where = " AND ".join(f"\"{k}\" = '{v}'" for k, v in zip(keys, values, strict=True))
        groups.append((" · ".join(map(str, values)), where, symbols))
    # The larger areas are drawn first, so that the smaller ones stay in sight.
    return _group_rules(groups, order='-"cutoff_minutes"')


Symbol = tuple[str, str, float, Mapping[str, str]]


def _fill(colour: str, edge: str, *, alpha: float) -> Symbol:
    options = {"color": _rgba(colour), "outline_color": _rgba(edge), "outline_width": "0.1"}
    return "fill", "SimpleFill", alpha, {**options, "outline_width_unit": "MM", "style": "solid"}


def _stroke(look: tuple[str, float], dash: str) -> Symbol:
    colour, width = look
    options = {"line_color": _rgba(colour), "line_width": f"{width * POINTS_TO_MM:.2f}"}
    return "line", "SimpleLine", 1.0, {**options, "line_width_unit": "MM", "line_style": dash}


def _marker(colour: str, size: float) -> Symbol:
    options = {"name": "circle", "color": _rgba(colour), "size": f"{size:g}", "size_unit": "MM"}
    return "marker", "SimpleMarker", 1.0, {**options, "outline_color": _rgba("#ffffff")}


def _rgba(colour: str) -> str:
    parts: Sequence[int] = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return ",".join(str(part) for part in (*parts, 255))


def _categorise(
    expression: str, symbols: Mapping[str, tuple[str, Symbol]], *, label: str = ""
) -> str:
    """Write a categorised renderer of QGIS: a symbol a value of an expression; and its labels."""
    categories = "".join(
        f"<category render='true' symbol='{number}' value={quoteattr(value)} "
        f"label={quoteattr(words)}/>"
        for number, (value, (words, _)) in enumerate(symbols.items())
    )
    drawn = _draw_symbols(symbol for _, symbol in symbols.values())
    named = f"<labeling type='simple'><settings>{_name_places(label)}</settings></labeling>"
    return (
        "<!DOCTYPE qgis><qgis styleCategories='Symbology|Labeling' "
        f"labelsEnabled='{int(bool(label))}'>"
        f"<renderer-v2 type='categorizedSymbol' attr={quoteattr(expression)}>"
        f"<categories>{categories}</categories>{drawn}</renderer-v2>"
        f"{named if label else ''}</qgis>"
    )


def _name_places(expression: str) -> str:
    """Write how QGIS labels the points of a layer: beside them, on a light halo."""
    return (
        f"<text-style fieldName={quoteattr(expression)} isExpression='1' fontSize='8' "
        "fontSizeUnit='Point' textColor='29,36,51,255'>"
        "<text-buffer bufferDraw='1' bufferSize='0.8' bufferSizeUnits='MM' "
        "bufferColor='255,255,255,220'/></text-style>"
        f"<placement placement='{AROUND_POINT}' dist='0.6' distUnits='MM'/>"
    )


def _group_rules(
    groups: Sequence[tuple[str, str, Mapping[str, tuple[str, Symbol]]]], *, order: str
) -> str:
    """Write a rule-based renderer of QGIS: groups of rules, of which the first is switched on."""
    drawn: list[Symbol] = []
    rules = []
    for number, (words, where, symbols) in enumerate(groups):
        inner = ""
        for band, (condition, (label, symbol)) in enumerate(symbols.items()):
            inner += (
                f"<rule key='{number}-{band}' filter={quoteattr(condition)} "
                f"label={quoteattr(label)} symbol='{len(drawn)}'/>"
            )
            drawn.append(symbol)
        shown = "0" if number else "1"
        rules.append(
            f"<rule key='{number}' filter={quoteattr(where)} label={quoteattr(words)} "
            f"checkstate='{shown}'>{inner}</rule>"
        )
    return (
        "<!DOCTYPE qgis><qgis styleCategories='Symbology'>"
        "<renderer-v2 type='RuleRenderer' enableorderby='1'>"
        f"<rules key='root'>{''.join(rules)}</rules>{_draw_symbols(drawn)}"
        f"<orderby><orderByClause asc='1'>{order}</orderByClause></orderby></renderer-v2></qgis>"
    )


def _draw_symbols(symbols: Iterable[Symbol]) -> str:
    """Write symbols, numbered in their order."""
    drawn = []
    for number, (kind, layer, alpha, options) in enumerate(symbols):
        filled = "".join(
            f"<Option name={quoteattr(key)} type='QString' value={quoteattr(text)}/>"
            for key, text in options.items()
        )
        drawn.append(
            f"<symbol type='{kind}' name='{number}' alpha='{alpha:g}'><layer class='{layer}' "
            f"enabled='1' pass='0'><Option type='Map'>{filled}</Option></layer></symbol>"
        )
    return f"<symbols>{''.join(drawn)}</symbols>"
