"""A few maps against reviewed pictures of the toy region.

The data behind the maps are tested apart; this tells whether a drawing still looks as it did when
someone looked at it. If a change is meant, look at the new picture, which the failure names, and
copy it over the one in ``tests/baseline``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pytest
import shapely
from matplotlib.testing.compare import compare_images

from netlib.maps import (
    Panel,
    draw_comparison,
    draw_isochrone_map,
    draw_network_map,
    draw_verdict_map,
    marks,
)
from netlib.maps.arms import DIRECTIONS, Arm, Stop, Track
from netlib.maps.schematic import draw_schematic
from netlib.maps.series import draw_county_map, draw_difference_map, draw_series
from netlib.tables import Network
from tests.map_toys import make_isochrones, make_measurements, make_network

BASELINE = Path(__file__).parent / "baseline"
DPI = 50.0
# Root mean square of the differences, of 255. Releases 3.11.0 and 3.11.2 of matplotlib draw alike;
# a name left out comes to 0.75 at least. Releases 3.10 set letters otherwise, which comes to 10.
TOLERANCE = 0.5
RELEASE = "3.11."

Draw = Callable[[Path], Path]


def make_arms() -> list[Arm]:
    """Return eight arms: four open, one under construction, one planned, and two open in part."""
    states = [*["open"] * 4, "under_construction", "planned", "open", "open"]
    arms = []
    for number, (direction, state) in enumerate(zip(DIRECTIONS, states, strict=True)):
        count = 3 + number
        stops = [
            Stop(f"{number}{n}", f"站{n}", f"Stop {n}", 9.0 * n, n % 2 == 0, state == "open")
            for n in range(count + 1)
        ]
        last = "planned" if number > 5 else state
        tracks = [Track(2010 + number, state)] * (count - 1) + [Track(2012 + number, last)]
        arms.append(
            Arm(
                f"A{number}", f"臂{number}", f"arm {number}", direction, tuple(stops), tuple(tracks)
            )
        )
    return arms


def shift(frame: gpd.GeoDataFrame, east: float) -> gpd.GeoDataFrame:
    """Return isochrones moved to the east by degrees."""
    moved = shapely.transform(frame.geometry.to_numpy(), lambda points: np.add(points, (east, 0.0)))
    return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=frame.crs))


@pytest.fixture
def maps(tmp_path: Path) -> dict[str, Draw]:
    """Return each map as a function of the path."""
    network: Network = make_network(tmp_path / "networks")
    frame = make_isochrones()
    earlier = replace(network, day=date(2016, 12, 31), snapshot="2016-03-15")
    without = replace(network, scenario="without-L1")
    sides = (Panel(earlier, shift(frame, -0.1), "2016"), Panel(network, frame, "2026"))
    return {
        "area": lambda path: draw_isochrone_map(
            network, frame, origin="1", path=path, destinations=["2"], highlight=["ST"], dpi=DPI
        ),
        "pair": lambda path: draw_comparison(
            Panel(without, shift(frame, -0.1), "without"),
            sides[1],
            origin="1",
            title="Before and after",
            path=path,
            lang="en",
            dpi=DPI,
        ),
        "years": lambda path: draw_series(
            [*sides, sides[1]], origin="1", title="逐年", path=path, dpi=DPI
        ),
        "difference": lambda path: draw_difference_map(
            *sides, origin="1", title="前后之差", path=path, dpi=DPI
        ),
        "counties": lambda path: draw_county_map(
            network,
            {"11": 50.0, "12": 100.0, "2": float("nan")},
            origin="1",
            cutoffs=(60.0, 120.0),
            title="Counties",
            path=path,
            lang="en",
            dpi=DPI,
        ),
        "network": lambda path: draw_network_map(
            network,
            title="路网",
            path=path,
            highlight=["NET"],
            states={"L1": True, "ST": False},
            dpi=DPI,
        ),
        "verdict": lambda path: draw_verdict_map(
            network,
            make_measurements(),
            title="论断",
            path=path,
            threshold_minutes=60,
            isochrones=frame,
            dpi=DPI,
        ),
        "schematic": lambda path: draw_schematic(
            network, make_arms(), hub="1", title="Star", path=path, lang="en", dpi=DPI
        ),
    }


same_letters = pytest.mark.skipif(
    not mpl.__version__.startswith(RELEASE),
    reason=f"the pictures are drawn by matplotlib {RELEASE}x; others set letters otherwise",
)
KINDS = ["area", "pair", "years", "difference", "counties", "network", "verdict", "schematic"]


@same_letters
@pytest.mark.parametrize("kind", KINDS)
def test_map_looks_as_it_was_reviewed(maps: dict[str, Draw], kind: str, tmp_path: Path) -> None:
    drawn = maps[kind](tmp_path / f"{kind}.png")
    problem = compare_images(str(BASELINE / f"{kind}.png"), str(drawn), tol=TOLERANCE)
    assert problem is None, problem


@same_letters
def test_one_name_left_out_is_noticed(
    maps: dict[str, Draw], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = marks.Layout.place

    def leave_out(self: marks.Layout, label: marks.Label) -> object:
        names = [span.text for line in label.lines for span in line]
        return None if "丙县" in names else place(self, label)

    monkeypatch.setattr(marks.Layout, "place", leave_out)
    drawn = maps["area"](tmp_path / "area.png")
    assert compare_images(str(BASELINE / "area.png"), str(drawn), tol=TOLERANCE) is not None


def test_pictures_are_small() -> None:
    assert sorted(path.stem for path in BASELINE.glob("*.png")) == sorted(KINDS)
    assert max(path.stat().st_size for path in BASELINE.glob("*.png")) < 60_000
