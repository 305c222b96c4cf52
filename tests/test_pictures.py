"""Which map is drawn for a kind: its networks, minutes and words; the drawing is tested apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
from matplotlib.image import imread

from netlib.errors import UnknownNameError
from netlib.maps.series import COUNTY_CUTOFFS
from netlib.pictures import CUTOFFS, KINDS, WIDE_CUTOFFS, Picture, name_sides, plan_picture
from netlib.tables import Network
from tests.map_toys import make_isochrones, make_network


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return make_network(tmp_path / "networks")


@pytest.fixture
def sides(network: Network) -> list[Network]:
    return [replace(network, day=date(2016, 12, 31)), network]


class Reached:
    """Isochrones of the toy, and what was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[Network, str, tuple[float, ...]]] = []

    def __call__(self, network: Network, place: str, cutoffs: Sequence[float]) -> gpd.GeoDataFrame:
        self.asked.append((network, place, tuple(cutoffs)))
        return make_isochrones()


@pytest.mark.parametrize(
    ("kind", "cutoffs", "expected"),
    [
        ("area", (), CUTOFFS),
        ("area", (20.0,), (20.0,)),
        ("years", (), WIDE_CUTOFFS),
        ("pair", (), WIDE_CUTOFFS),
        ("difference", (45.0, 90.0), (45.0, 90.0)),
    ],
)
def test_each_network_is_reached_once_and_drawn_in_both_languages(
    sides: list[Network],
    kind: str,
    cutoffs: tuple[float, ...],
    expected: tuple[float, ...],
    tmp_path: Path,
) -> None:
    shown = sides[-1:] if kind == "area" else sides
    reach = Reached()
    picture: Picture = plan_picture(kind, shown, "1", cutoffs=cutoffs, reach=reach)
    images = [
        imread(picture(path=tmp_path / f"{lang}.png", lang=lang))  # type: ignore[arg-type]
        for lang in ("zh", "en")
    ]
    assert reach.asked == [(network, "1", expected) for network in shown]
    assert images[0].shape != images[1].shape or (images[0] != images[1]).any()


def test_unknown_kinds_name_the_nearest(network: Network) -> None:
    with pytest.raises(UnknownNameError, match="kind of map 'diference'; nearest: difference"):
        plan_picture("diference", [network], "1")


def test_an_unknown_group_of_lines_names_the_nearest(network: Network) -> None:
    with pytest.raises(UnknownNameError, match="group of lines 'NETS'; nearest: NET"):
        plan_picture("schematic", [network], "1", lines=["NETS"])


def test_sides_are_named_by_what_tells_them_apart(network: Network) -> None:
    def change(day: str, scenario: str = "baseline") -> Network:
        return replace(network, day=date.fromisoformat(day), scenario=scenario)

    years = [change("2016-12-31"), change("2026-11-22")]
    assert name_sides(years, "zh") == ["2016", "2026"]
    days = [change("2026-01-01"), change("2026-11-22")]
    assert name_sides(days, "zh") == ["2026-01-01", "2026-11-22"]
    scenarios = [change("2026-11-22"), change("2026-11-22", "without-L1")]
    assert name_sides(scenarios, "en") == ["baseline", "without Alpha-Beta HSR"]
    both = [change("2016-12-31"), change("2026-11-22", "without-L1")]
    assert name_sides(both, "en") == ["2016 · baseline", "2026 · without Alpha-Beta HSR"]
    assert name_sides(years[:1], "zh") == ["2016"]


def test_every_kind_is_offered_on_the_command_line() -> None:
    from netlib.cli import MapKind

    assert tuple(MapKind) == KINDS
    assert COUNTY_CUTOFFS[-1] == 240.0
