"""The ground that every map stands on: projection, land, lines, isochrones and scale bar."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netlib.geometry import METRES_PER_KM
from netlib.maps.style import (
    COUNTY_EDGE,
    INK,
    LAND,
    MUTED,
    OUTSIDE,
    PREFECTURE_EDGE,
    PROVINCE_EDGE,
    WATER,
    Language,
    font_properties,
    say,
    select_bands,
)
from netlib.shapes import (
    WGS84,
    read_context,
    read_rivers,
    read_zone_shapes,
)

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.path import Path as DrawnPath
    from pyproj import Transformer
    from shapely.geometry.base import BaseGeometry

    from netlib.tables import Network

Coordinates = NDArray[np.float64]

# Detail below this many points cannot be seen and is simplified away.
DETAIL_POINTS = 0.25
LEAST_SPAN_KM = 80.0
MARGIN = 0.07
# Above this width of a map, lines within a city and their stations are a blot: see `is_local`.
LOCAL_SPAN_KM = 420.0


@dataclass(frozen=True)
class View:
    """What part of the earth a drawing shows, and how.

    Attributes
    ----------
    crs
        Azimuthal equidistant projection, in metres, centred on a whole degree near the middle.
    left, bottom, right, top
        Edges in metres.
    width, height
        Size of the drawing in points.
    """

    crs: str
    left: float
    bottom: float
    right: float
    top: float
    width: float
    height: float

    @property
    def metres_per_point(self) -> float:
        """Metres on the ground for a point on the drawing."""
        return (self.right - self.left) / self.width

    @property
    def is_local(self) -> bool:
        """Whether the map is close enough for lines and stations within a city."""
        return self.right - self.left <= LOCAL_SPAN_KM * METRES_PER_KM

    def project(self, longitude: Any, latitude: Any) -> tuple[Coordinates, Coordinates]:
        """Project WGS84 coordinates to metres."""
        east, north = _transformer(self.crs).transform(np.asarray(longitude), np.asarray(latitude))
        return np.asarray(east), np.asarray(north)

    def to_points(self, longitude: Any, latitude: Any) -> tuple[Coordinates, Coordinates]:
        """Project WGS84 coordinates to points from the lower left corner of the drawing."""
        east, north = self.project(longitude, latitude)
        scale = self.metres_per_point
        return (east - self.left) / scale, (north - self.bottom) / scale

    def project_shapes(self, shapes: gpd.GeoSeries) -> NDArray[np.object_]:
        """Project shapes, leave out those outside and simplify the rest to what can be seen."""
        import shapely

        projected = shapely.transform(shapes.to_numpy(), self.project, interleaved=False)
        frame = shapely.box(self.left, self.bottom, self.right, self.top)
        projected = projected[shapely.intersects(projected, frame)]
        detail = DETAIL_POINTS * self.metres_per_point
        simple: NDArray[np.object_] = shapely.simplify(projected, detail)
        return simple


def make_view(
    bounds: tuple[float, float, float, float],
    *,
    width: float,
    height: float,
    margin: float = MARGIN,
) -> View:
    """Fit a view around geographic bounds.

    Parameters
    ----------
    bounds
        West, south, east and north in degrees (WGS84).
    width, height
        Size of the drawing in points.
    margin
        Part of the span that is added on each side.
    """
    west, south, east, north = bounds
    crs = (
        f"+proj=aeqd +lat_0={round((south + north) / 2)} +lon_0={round((west + east) / 2)} "
        "+ellps=WGS84 +units=m"
    )
    plain = View(crs, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0)
    side = np.linspace(0.0, 1.0, 5)
    x, y = plain.project(
        np.r_[west + side * (east - west), west + side * (east - west), [west] * 5, [east] * 5],
        np.r_[
            [south] * 5, [north] * 5, south + side * (north - south), south + side * (north - south)
        ],
    )
    least = LEAST_SPAN_KM * METRES_PER_KM
    wide = max(float(np.ptp(x)), least) * (1 + 2 * margin)
    high = max(float(np.ptp(y)), least) * (1 + 2 * margin)
    scale = max(wide / width, high / height)
    centre_x, centre_y = (x.min() + x.max()) / 2, (y.min() + y.max()) / 2
    return View(
        crs,
        float(centre_x - scale * width / 2),
        float(centre_y - scale * height / 2),
        float(centre_x + scale * width / 2),
        float(centre_y + scale * height / 2),
        width,
        height,
    )


def draw_land(axes: Axes, view: View, network: Network) -> None:
    """Draw the provinces around, the zones and their borders."""
    axes.set_facecolor(OUTSIDE)
    axes.set_xlim(view.left, view.right)
    axes.set_ylim(view.bottom, view.top)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(edgecolor=MUTED, linewidth=0.6)
    provinces, cities, counties, rivers = _project_land(view, network)
    _add_areas(axes, provinces, facecolor=LAND, edgecolor="none", zorder=1.0)
    _add_areas(axes, cities, facecolor=LAND, edgecolor="none", zorder=1.1)
    _add_lines(axes, rivers, color=WATER, linewidth=1.6, zorder=2.9)
    if view.is_local:
        _add_areas(
            axes, counties, facecolor="none", edgecolor=COUNTY_EDGE, linewidth=0.45, zorder=3.0
        )
    _add_areas(axes, cities, facecolor="none", edgecolor=PREFECTURE_EDGE, linewidth=0.7, zorder=3.1)
    _add_areas(
        axes,
        provinces,
        facecolor="none",
        edgecolor=PROVINCE_EDGE,
        linewidth=1.0,
        linestyle=(0, (6, 2, 1.2, 2)),
        zorder=3.2,
    )


def draw_isochrones(axes: Axes, view: View, isochrones: gpd.GeoDataFrame | None) -> None:
    """Draw the bands of isochrones, the largest below."""
    if isochrones is None or isochrones.empty:
        return
    ordered = isochrones.sort_values("cutoff_minutes")
    colours = select_bands(len(ordered))
    for i in reversed(range(len(ordered))):
        areas = view.project_shapes(ordered.geometry.iloc[[i]])
        order = 2.0 + 0.5 * (len(ordered) - i) / len(ordered)
        _add_areas(axes, areas, facecolor=colours[i], edgecolor=INK, linewidth=0.35, zorder=order)


def fill_areas(axes: Axes, view: View, shapes: gpd.GeoSeries, colour: str) -> None:
    """Fill areas between the land and its borders."""
    areas = view.project_shapes(shapes)
    _add_areas(axes, areas, facecolor=colour, edgecolor=INK, linewidth=0.25, zorder=2.2)


def draw_scale_bar(axes: Axes, view: View, lang: Language) -> tuple[float, float]:
    """Draw a bar of a round length in the lower left corner.

    Returns
    -------
    width, height
        Room that it takes from the corner, in points.
    """
    from matplotlib.patches import Rectangle

    per_point = view.metres_per_point
    target = 0.2 * view.width * per_point / METRES_PER_KM
    power = 10 ** np.floor(np.log10(target))
    length = max(step * power for step in (1, 2, 5) if step * power <= target)
    bar = length * METRES_PER_KM / per_point
    text = f"{length:g} {say('kilometres', lang)}"
    box = (bar + 20.0, 26.0)
    axes.add_patch(
        Rectangle(
            (view.left, view.bottom),
            box[0] * per_point,
            box[1] * per_point,
            facecolor="#ffffff",
            alpha=0.8,
            zorder=20,
        )
    )
    left, bottom = view.left + 10 * per_point, view.bottom + 8 * per_point
    for half, colour in ((0, INK), (1, "#ffffff")):
        axes.add_patch(
            Rectangle(
                (left + half * bar * per_point / 2, bottom),
                bar * per_point / 2,
                3.0 * per_point,
                facecolor=colour,
                edgecolor=INK,
                linewidth=0.6,
                zorder=21,
            )
        )
    axes.text(
        left + bar * per_point / 2,
        bottom + 5 * per_point,
        text,
        fontproperties=font_properties(text, size=7.5),
        color=INK,
        ha="center",
        va="bottom",
        zorder=22,
    )
    return box


@lru_cache(maxsize=4)
def _project_land(view: View, network: Network) -> tuple[NDArray[np.object_], ...]:
    """Project the ground; kept, for a map is drawn once in each language."""
    zones = read_zone_shapes(network)
    is_city = zones["level"] == "prefecture"
    shapes = (
        read_context(network).geometry,
        zones.geometry[is_city],
        zones.geometry[~is_city],
        read_rivers(network).geometry,
    )
    return tuple(view.project_shapes(each) for each in shapes)


@lru_cache(maxsize=8)
def _transformer(crs: str) -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs(WGS84, crs, always_xy=True)


def _add_areas(axes: Axes, shapes: NDArray[np.object_], **look: Any) -> None:
    from matplotlib.collections import PathCollection

    paths = [path for shape in shapes for path in _area_paths(shape)]
    if paths:
        axes.add_collection(PathCollection(paths, **look), autolim=False)


def _add_lines(axes: Axes, shapes: NDArray[np.object_], **look: Any) -> None:
    import shapely
    from matplotlib.collections import LineCollection

    lines = [shapely.get_coordinates(part) for part in shapely.get_parts(shapes)]
    if lines:
        axes.add_collection(LineCollection(lines, capstyle="round", **look), autolim=False)


def _area_paths(shape: BaseGeometry) -> list[DrawnPath]:
    """Turn the polygons of a shape into paths in which holes stay open."""
    import shapely
    from matplotlib.path import Path as DrawnPath

    paths = []
    for polygon in shapely.get_parts(shapely.orient_polygons(shape)):
        if polygon.geom_type != "Polygon" or polygon.is_empty:
            continue
        rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(polygon)]
        codes = np.concatenate([_ring_codes(len(ring)) for ring in rings])
        paths.append(DrawnPath(np.concatenate(rings), codes))
    return paths


def _ring_codes(size: int) -> NDArray[np.uint8]:
    from matplotlib.path import Path as DrawnPath

    codes = np.full(size, DrawnPath.LINETO, dtype=DrawnPath.code_type)
    codes[0] = DrawnPath.MOVETO
    codes[-1] = DrawnPath.CLOSEPOLY
    return codes
