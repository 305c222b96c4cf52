"""Maps that compare, and apart from them the data that they draw."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from matplotlib.image import imread

from netlib.errors import UnknownNameError
from netlib.isochrones import compute_isochrones
from netlib.maps import Panel
from netlib.maps.series import (
    classify_counties,
    compute_difference,
    draw_county_map,
    draw_difference_map,
    draw_series,
)
from netlib.maps.sheet import fit_state, format_day
from netlib.scenarios import apply_scenario, find_scenario
from netlib.tables import Network

DAYS = ("2016-03-15", "2019-11-15", "2026-11-22")
CUTOFFS = (60.0, 90.0)


@pytest.fixture(scope="module")
def panels(evidence_base: Network) -> list[Panel]:
    """Return the circle of Zhengzhou in three years."""
    networks = [evidence_base.as_of(day) for day in DAYS]
    return [Panel(n, compute_isochrones(n, "410100", CUTOFFS), str(n.day)[:4]) for n in networks]


@pytest.fixture(scope="module")
def sides(evidence_base: Network) -> tuple[Panel, Panel]:
    """Return the circle of Xuchang without and with the Zheng-Xu line."""
    card = find_scenario(evidence_base, "without-zx")
    without = apply_scenario(evidence_base, card).as_of(DAYS[-1])
    today = evidence_base.as_of(DAYS[-1])
    return (
        Panel(without, compute_isochrones(without, "411000", CUTOFFS), "without"),
        Panel(today, compute_isochrones(today, "411000", CUTOFFS), "with"),
    )


def box_frame(minutes: float, *edges: float) -> gpd.GeoDataFrame:
    """Return one isochrone: a box."""
    return gpd.GeoDataFrame(
        {"cutoff_minutes": [minutes]}, geometry=[shapely.box(*edges)], crs="EPSG:4326"
    )


def test_a_difference_splits_what_is_reached() -> None:
    parts = compute_difference(box_frame(60, 0, 0, 2, 1), box_frame(60, 1, 0, 4, 1))
    areas = shapely.area(parts.geometry.to_numpy())
    assert dict(zip(parts["part"], areas, strict=True)) == {
        "both": 1.0,
        "gained": 2.0,
        "lost": 1.0,
    }


def test_the_areas_of_a_difference_are_those_on_the_ground() -> None:
    parts = compute_difference(box_frame(60, 113, 34, 115, 35), box_frame(60, 114, 34, 116, 35))
    # A cell of one degree at 34.5 N: 111.32 km cos(34.5) wide and 110.93 km high, WGS84.
    assert parts["area_km2"].to_list() == pytest.approx([10_190.0] * 3, rel=0.003)


def test_different_cutoffs_do_not_compare() -> None:
    with pytest.raises(ValueError, match="60 and 90"):
        compute_difference(box_frame(60, 0, 0, 1, 1), box_frame(90, 0, 0, 1, 1))


def test_a_line_only_adds(sides: tuple[Panel, Panel]) -> None:
    parts = compute_difference(*(side.isochrones for side in sides)).set_index("part").geometry
    assert parts["gained"].area > 0  # of one geometry, in square degrees
    assert parts["lost"].area < 1e-6 * parts["both"].area


def test_counties_fall_into_the_first_class_that_holds_them() -> None:
    minutes = {"a": 0.0, "b": 60.0, "c": 60.5, "d": 240.0, "e": 241.0, "f": float("nan")}
    classes = classify_counties(minutes, (60.0, 120.0, 240.0))
    assert classes.tolist() == [0, 0, 1, 2, 3, 3]


Draw = Callable[[Path], Path]


@pytest.fixture(params=["series", "difference", "counties"])
def draw(request: pytest.FixtureRequest, panels: list[Panel], sides: tuple[Panel, Panel]) -> Draw:
    """Return a kind of map as a function of the path."""
    if request.param == "series":
        return lambda path: draw_series(panels, origin="410100", title="逐年", path=path)
    if request.param == "difference":
        return lambda path: draw_difference_map(
            *sides,
            origin="411000",
            title="with and without",
            path=path,
            lang="en",
            highlight=["ZX"],
        )
    minutes = {"410122": 70.0, "410181": 100.0, "410182": float("nan")}
    return lambda path: draw_county_map(
        panels[-1].network, minutes, origin="410100", title="各县", path=path
    )


def test_maps_are_drawn_and_the_same_each_time(draw: Draw, tmp_path: Path) -> None:
    first, second = (draw(tmp_path / name) for name in ("a.png", "b.png"))
    assert first.read_bytes() == second.read_bytes()
    height, width = imread(first).shape[:2]
    assert width > 900
    assert height > 700


def test_too_many_panels_are_refused(panels: list[Panel], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="6 panels"):
        draw_series([*panels, *panels], origin="410100", title="", path=tmp_path / "a.png")


def test_zones_without_polygon_are_named(panels: list[Panel], tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="nowhere"):
        draw_county_map(
            panels[-1].network, {"nowhere": 1.0}, origin="410100", title="", path=tmp_path / "a.png"
        )


def test_panels_name_as_much_as_there_is_room_for(sides: tuple[Panel, Panel]) -> None:
    network = sides[0].network
    texts = [fit_state(network, width, lang="zh", whole=True) for width in (400, 200, 140, 50)]
    assert texts == [
        "日期 2026-11-22 · 情景 没有郑许线 · 时刻表 2026-10-04",
        "2026-11-22 · 没有郑许线 · 时刻表 2026-10-04",
        "2026-11-22 · 时刻表 2026-10-04",
        "2026-11-22",
    ]


def test_narrow_panels_name_day_and_timetable(sides: tuple[Panel, Panel]) -> None:
    assert format_day(sides[1].network, "en") == "2026-11-22 · timetable 2026-10-04"
    assert "没有郑许线" in format_day(sides[0].network, "zh")
