"""Homes: totals of the census, even spread, malformed files, and how they are derived."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from netlib.areas.homes import read_homes, spread_evenly
from netlib.errors import InputError
from netlib.tables import read_network

if TYPE_CHECKING:
    from collections.abc import Callable

    from netlib.tables import Network

SCRIPTS = Path(__file__).parents[1] / "scripts"
MOST_BYTES = 2_000_000


def test_homes_add_up_to_the_census(evidence_base: Network) -> None:
    """Henan has 99,365,519 residents, and each of its counties those of the zone table."""
    homes = read_homes(evidence_base)
    people = homes.groupby("zone_id")["persons"].sum()
    assert people[people.index.str.startswith("41")].sum() == 99_365_519
    zone = evidence_base["zone"]
    county = zone[(zone["level"] == "county") & zone["population_2020"].notna()]
    expected = county.set_index("zone_id")["population_2020"]
    assert (people[expected.index] - expected).abs().max() == 0
    # Hebei has 74.6 million; its development zones have no polygon, and are left out.
    assert people[people.index.str.startswith("13")].sum() > 70_000_000
    assert read_homes(evidence_base) is homes


def test_files_are_small(evidence_base: Network) -> None:
    """Both files stay below 2 MB."""
    for region in ("zhengzhou", "shijiazhuang"):
        assert (evidence_base.root / region / "home.csv").stat().st_size < MOST_BYTES


def test_even_spread_fills_a_square() -> None:
    """A square of a tenth of a degree has 100 squares of a hundredth."""
    homes = spread_evenly("x", shapely.box(113.0, 34.0, 113.1, 34.1), 1000.0)
    assert len(homes) == 100
    assert homes["persons"].sum() == pytest.approx(1000)
    tiny = spread_evenly("x", shapely.box(113.0, 34.0, 113.001, 34.001), 10.0)
    assert tiny["persons"].tolist() == [10.0]


def test_a_region_without_a_file_is_spread_evenly(toy_folder: Callable[..., Path]) -> None:
    """A toy has no counties, hence no homes; a malformed file is refused with its line."""
    folder = toy_folder("triangle")
    assert read_homes(read_network(folder)).empty
    text = "zone_id,x_coord,y_coord,persons\n900101,113,34,5\n900101,113,34,0\n"
    (folder / "plain" / "home.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"home.csv.*3"):
        read_homes(read_network(folder))
    (folder / "plain" / "home.csv").write_text("zone_id\n1\n", encoding="utf-8")
    with pytest.raises(InputError, match="derive_networks"):
        read_homes(read_network(folder))


def test_squares_count_whole_people_that_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten people over three points of equal weight in two squares: seven and three."""
    monkeypatch.setattr(sys, "path", [str(SCRIPTS), *sys.path])
    from derive.homes import count_squares

    points = np.array([[113.001, 34.001, 1.0], [113.003, 34.001, 1.0], [113.011, 34.001, 1.0]])
    assert count_squares(points, 0.01, 10) == [(113.002, 34.001, 7), (113.011, 34.001, 3)]
