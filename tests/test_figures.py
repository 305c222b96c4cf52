"""The maps of the report: which are planned, and what is left of them on the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netlib.claims import read_claims
from netlib.maps import draw_isochrone_map, style
from netlib.maps.style import BANDS, HIGHLIGHT, INK, LAND, MODES, ORIGIN, PAPER, list_colours
from netlib.report.figures import Figure, choose_reading, draw_overview, plan_overview
from netlib.report.images import shrink_figures, shrink_image
from netlib.tables import Network
from tests.map_toys import make_isochrones, make_network


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a map of the toy region."""
    folder = tmp_path_factory.mktemp("drawn")
    return draw_isochrone_map(
        make_network(folder / "networks"),
        make_isochrones(),
        origin="1",
        path=folder / "map.png",
        highlight=["L2"],
    )


def count_colours(path: Path) -> dict[str, int]:
    """Count the pixels of a picture by colour."""
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    found, counts = np.unique(pixels, axis=0, return_counts=True)
    names = ["#" + bytes(colour.tolist()).hex() for colour in found]
    return dict(zip(names, counts.tolist(), strict=True))


def test_small_pictures_keep_the_colours_of_the_maps(drawn: Path, tmp_path: Path) -> None:
    small = tmp_path / "map.webp"
    shrink_image(drawn, small, width=4000)
    before, after = count_colours(drawn), count_colours(small)
    assert set(after) <= set(list_colours())
    for colour in (PAPER, LAND, INK, ORIGIN, HIGHLIGHT, BANDS[0], BANDS[2], MODES["hsr"].colour):
        assert after[colour] >= before[colour] > 0, colour
    assert small.stat().st_size < 0.6 * drawn.stat().st_size
    with Image.open(drawn) as first, Image.open(small) as second:
        assert first.size == second.size


def test_every_colour_of_the_style_is_kept() -> None:
    named = {name: value for name, value in vars(style).items() if name.isupper()}
    own = {value for value in named.values() if isinstance(value, str) and value[:1] == "#"}
    assert len(own) > 10
    assert own <= set(list_colours())


def test_pictures_get_narrower_until_they_fit(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = [Figure({"zh": drawn}, {"zh": "", "en": ""})]
    (free,) = shrink_figures(figures, tmp_path).values()
    with Image.open(free) as image:
        assert image.width > 1000
    monkeypatch.setattr("netlib.report.images.IMAGE_BYTES", 1)
    (tight,) = shrink_figures(figures, tmp_path).values()
    with Image.open(tight) as image:
        assert image.width == 640


def test_maps_of_the_whole_are_planned_where_there_is_a_star(
    evidence_base: Network, line_network: Network, tmp_path: Path
) -> None:
    folders = {"zh": tmp_path / "maps", "en": tmp_path / "en"}
    names = ["overview-schematic", "overview-years", "overview-circles", "overview-counties"]
    assert list(plan_overview(evidence_base, folders)) == names
    assert plan_overview(line_network, folders) == {}


def test_a_map_of_the_whole_is_drawn_in_both_languages(
    evidence_base: Network, tmp_path: Path
) -> None:
    folders = {"en": tmp_path / "maps", "zh": tmp_path / "zh"}
    figure = draw_overview(evidence_base, "schematic", ["2026-11-22"], folders)
    assert figure.name == "overview-schematic.png"
    assert figure.isochrones == ()
    assert figure.pictures["en"].read_bytes() != figure.pictures["zh"].read_bytes()
    assert "Zhengzhou" in figure.captions["en"]
    assert "郑州" in figure.captions["zh"]


def test_the_map_over_the_years_hands_out_its_isochrones(
    evidence_base: Network, tmp_path: Path
) -> None:
    days = ["2016-12-31", "2026-11-22"]
    figure = draw_overview(evidence_base, "years", days, {"zh": tmp_path})
    assert [set(frame["as_of"]) for frame in figure.isochrones] == [{day} for day in days]
    assert figure.sides == {"zh": ["2016", "2026"], "en": ["2016", "2026"]}
    assert {name for frame in figure.isochrones for name in frame["reading"]} == {"door_to_door"}
    earlier, today = (frame["area_km2"].iloc[-1] for frame in figure.isochrones)
    assert today > earlier  # lines were added in these years and none was closed


def test_circles_are_those_of_the_fastest_rides(evidence_base: Network, tmp_path: Path) -> None:
    figure = draw_overview(evidence_base, "circles", ["2026-11-22"], {"zh": tmp_path})
    (frame,) = figure.isochrones
    assert frame["reading"].tolist() == ["ride_fastest"] * 2
    assert frame["cutoff_minutes"].tolist() == [30.0, 60.0]


def test_the_map_of_a_claim_has_its_own_reading(evidence_base: Network) -> None:
    claims = read_claims(evidence_base.root)
    # C1 and C2 speak of commute circles; C4, C5, C6 and C9 of high-speed trains.
    expected = {"C1": "door_to_door", "C2": "door_to_door", "C4": "ride_fastest"}
    expected |= dict.fromkeys(("C5", "C6a", "C6b", "C6c", "C9"), "ride_fastest")
    assert {name: choose_reading(claims[name]) for name in expected} == expected
    only = replace(claims["C1"], definitions=("drive_free",))
    assert choose_reading(only) == "drive_free"
