"""The courses of rivers, for the maps."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import shapely

from netlib.errors import InputError
from netlib.report.ground import draw_borders, make_plane
from netlib.shapes import RIVER_FILE, read_rivers
from netlib.tables import read_network

if TYPE_CHECKING:
    from pathlib import Path

    from netlib.tables import Network


def test_the_yellow_river_runs_north_of_zhengzhou(evidence_base: Network) -> None:
    rivers = read_rivers(evidence_base)
    course = rivers.set_index("name_en").loc["Yellow River", "geometry"]
    node = evidence_base["node"].set_index("node_id")
    east, north = node.loc["ZAF", ["x_coord", "y_coord"]]
    meridian = shapely.LineString([(east, 30.0), (east, 40.0)])
    crossing = shapely.get_coordinates(course.intersection(meridian))
    # 花园口, where the old bridge stands, lies about 18 km north of 郑州东.
    assert len(crossing) == 1
    assert 10 < 111.2 * (crossing[0, 1] - north) < 26
    assert draw_borders(evidence_base, make_plane(evidence_base))["river"].startswith("M")


def test_a_base_without_rivers_has_none(line_network: Network) -> None:
    assert read_rivers(line_network).empty
    assert draw_borders(line_network, make_plane(line_network))["river"] == ""


def test_a_broken_file_is_named(line_network: Network, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(line_network.root, base)
    (base / RIVER_FILE).write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"rivers\.geojson:1: error malformed-json"):
        read_rivers(read_network(base))
