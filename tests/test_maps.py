"""Maps, their fonts and the shapes they are drawn from, on a toy region."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.image import imread

from netlib.errors import InputError, UnknownNameError
from netlib.maps import (
    Panel,
    draw_comparison,
    draw_isochrone_map,
    draw_network_map,
    draw_verdict_map,
    judge,
    select_worst,
)
from netlib.maps.basemap import draw_land, make_view
from netlib.maps.labels import Box, Label, Layout, Span
from netlib.maps.linework import expand_parts, line_pieces
from netlib.maps.marks import Minutes, locate_places, minute_lines
from netlib.maps.sheet import name_scenario
from netlib.maps.style import BOLD, REGULAR, WORDS, choose_font, measure_text, wrap_text
from netlib.shapes import read_context, read_line_shapes, read_zone_shapes
from netlib.tables import Network, read_network
from tests.map_toys import make_isochrones, make_measurements, make_network

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
NETWORKS = ROOT / "networks"


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return make_network(tmp_path / "networks")


@pytest.fixture
def isochrones() -> gpd.GeoDataFrame:
    return make_isochrones()


@pytest.fixture
def measurements() -> pd.DataFrame:
    return make_measurements()


Draw = dict[str, "Callable[[Path], Path]"]


@pytest.fixture
def draw(network: Network, isochrones: gpd.GeoDataFrame, measurements: pd.DataFrame) -> Draw:
    """Return each kind of map as a function of the path."""
    before = Panel(network, isochrones.iloc[:1], "之前")
    after = Panel(network, isochrones, "之后")
    return {
        "isochrones": lambda path: draw_isochrone_map(
            network, isochrones, origin="1", path=path, destinations=["2"], highlight=["ST", "L2"]
        ),
        "comparison": lambda path: draw_comparison(
            before, after, origin="1", title="前后 before and after", path=path, lang="en"
        ),
        "network": lambda path: draw_network_map(
            network, title="路网", path=path, highlight=["NET"], states={"L1": True, "ST": False}
        ),
        "verdict": lambda path: draw_verdict_map(
            network,
            measurements,
            title="论断",
            path=path,
            threshold_minutes=60,
            isochrones=isochrones,
        ),
    }


KINDS = ["isochrones", "comparison", "network", "verdict"]


@pytest.mark.parametrize("kind", KINDS)
def test_maps_are_drawn_and_the_same_each_time(draw: Draw, kind: str, tmp_path: Path) -> None:
    first = draw[kind](tmp_path / "a.png")
    second = draw[kind](tmp_path / "b.png")
    assert first.read_bytes() == second.read_bytes()
    height, width = imread(first).shape[:2]
    assert width > 900
    assert height > 700


@pytest.mark.parametrize(
    ("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")]
)
def test_the_suffix_decides_the_format(
    draw: Draw, suffix: str, start: bytes, tmp_path: Path
) -> None:
    paths = [draw["verdict"](tmp_path / f"{name}{suffix}") for name in "ab"]
    assert paths[0].read_bytes().startswith(start)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert paths[0].stat().st_mode & 0o777 == 0o644


def test_a_comparison_marks_a_line_of_either_side(
    network: Network, isochrones: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    lines = network["line"]
    without = Panel(
        network.with_tables(line=lines[lines["line_id"] != "L2"]), isochrones, "without"
    )
    both = Panel(network, isochrones, "with")
    for i, sides in enumerate([(without, both), (both, without)]):
        path = tmp_path / f"{i}.png"
        draw_comparison(*sides, origin="1", title="L2", path=path, highlight=["L2"])
        assert path.stat().st_size > 0
    with pytest.raises(UnknownNameError, match="L9"):
        draw_comparison(without, both, origin="1", title="L9", path=path, highlight=["L9"])


def test_an_unknown_suffix_names_the_known_ones(draw: Draw, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"map format '\.bmp'"):
        draw["verdict"](tmp_path / "map.bmp")
    assert not list(tmp_path.glob("*map.bmp*"))


def test_a_map_is_written_whole_or_not_at_all(
    draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out" / "map.png"
    draw["verdict"](target)
    before = target.read_bytes()

    def fail(self: object, file: str, **options: object) -> None:
        Path(file).write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", fail)
    with pytest.raises(OSError, match="disk full"):
        draw["isochrones"](target)
    assert target.read_bytes() == before
    assert [file.name for file in target.parent.iterdir()] == ["map.png"]


@pytest.mark.parametrize("given", [{"origin": "Alfa"}, {"origin": "1", "highlight": ["L9"]}])
def test_unknown_places_and_lines_are_errors(
    network: Network, isochrones: gpd.GeoDataFrame, given: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(UnknownNameError, match=r"Alfa|L9"):
        draw_isochrone_map(network, isochrones, path=tmp_path / "map.png", **given)
    assert not (tmp_path / "map.png").exists()


def test_holes_stay_open_on_the_map(network: Network, tmp_path: Path) -> None:
    ring = shapely.Point(113.5, 34.5).buffer(0.3) - shapely.Point(113.5, 34.5).buffer(0.2)
    colours = []
    for name, shape in (("ring", ring), ("disc", shapely.Point(113.5, 34.5).buffer(0.3))):
        frame = gpd.GeoDataFrame(
            {"cutoff_minutes": [30.0], "area_km2": [1.0]}, geometry=[shape], crs="EPSG:4326"
        )
        path = tmp_path / f"{name}.png"
        draw_isochrone_map(network, frame, origin="2", path=path, extent=(113.0, 34.0, 114.0, 35.0))
        image = imread(path)
        colours.append(image[420, 370, :3])  # near the middle of the drawing
    assert np.abs(colours[0] - colours[1]).max() > 0.1


def test_zone_shapes_join_and_unite(network: Network) -> None:
    zones = read_zone_shapes(network).set_index("zone_id")
    assert sorted(zones.index) == ["1", "11", "12", "2"]
    assert zones.loc["1", "geometry"].equals(shapely.box(113.0, 34.0, 114.0, 35.0))
    assert zones.loc["12", "population_2020"] == 2e6
    assert read_context(network)["kind"].tolist() == ["province"]


def test_lines_without_shape_become_chains(network: Network) -> None:
    lines = read_line_shapes(network).set_index("line_id")
    assert sorted(lines.index) == ["L1", "L2", "L3"]
    assert lines["surveyed"].to_dict() == {"L1": False, "L2": False, "L3": True}
    chain = shapely.line_merge(lines.loc["L1", "geometry"])
    assert chain.equals(shapely.LineString([(113.6, 34.5), (114.4, 34.5)]))


def test_pieces_tell_what_is_open_on_the_day(network: Network) -> None:
    pieces = line_pieces(network).set_index("line_id")["state"].to_dict()
    assert pieces == {"L1": "open", "L2": "under_construction", "L3": "planned"}


def test_groups_expand_to_lines_and_stations(network: Network) -> None:
    found = expand_parts(network, ["NET"])
    assert found.lines == {"NET", "L1", "L2", "ST"}
    assert found.nodes == {"AAA", "BBB"}
    assert expand_parts(network, ["AAA"]).lines == {"AAA"}  # a line wins over a station


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ('{"type": "FeatureCollection",\n "features": [', "malformed-json", 2),
        ('{"type": "Feature"}', "malformed-geojson", 1),
        ('{"features": [{"properties": {}}]}', "missing-property", 0),
        (
            '{"features": [{"properties": {"shape_id": "2"}, "geometry": {"type": "Polygon"}}]}',
            "malformed-geometry",
            0,
        ),
    ],
)
def test_malformed_shapes_name_file_and_rule(
    network: Network, text: str, rule: str, line: int
) -> None:
    (network.root / "toy" / "zones.geojson").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_zone_shapes(network)
    notice = caught.value.notices[0]
    assert (notice.file, notice.rule, notice.line) == ("toy/zones.geojson", rule, line)


def test_missing_files_give_empty_frames(network: Network, tmp_path: Path) -> None:
    for file in network.root.rglob("*.geojson"):
        file.unlink()
    assert read_zone_shapes(network).empty
    assert read_context(network).empty
    assert not read_line_shapes(network)["surveyed"].any()
    draw_network_map(network, title="没有底图", path=tmp_path / "map.png")
    assert (tmp_path / "map.png").stat().st_size > 0


def test_views_keep_the_shape_of_the_ground() -> None:
    view = make_view((113.0, 34.0, 114.0, 35.0), width=400.0, height=300.0)
    assert "aeqd" in view.crs
    x, y = view.project([113.5, 113.5, 113.6], [34.5, 34.6, 34.5])
    north, east = y[1] - y[0], x[2] - x[0]
    assert north == pytest.approx(11_093, rel=0.002)  # 0.1 degrees of latitude at 34.5 N, WGS84
    assert east == pytest.approx(9_185, rel=0.002)  # and of longitude
    assert (view.right - view.left) / (view.top - view.bottom) == pytest.approx(400 / 300)


def test_drawing_leaves_no_global_state(network: Network) -> None:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    before = dict(mpl.rcParams)
    axes = Figure().add_axes((0, 0, 1, 1))
    draw_land(axes, make_view((113.0, 34.0, 114.0, 35.0), width=400.0, height=300.0), network)
    assert dict(mpl.rcParams) == before
    assert axes.collections


def test_labels_do_not_collide() -> None:
    layout = Layout(400.0, 300.0, np.empty((0, 2)))
    spans = [[Span("郑州航空港区", 9.0)], [Span("Zhengzhou Airport Zone", 7.0)]]
    places = [(60.0 + 37 * (i % 7), 40.0 + 17 * i) for i in range(12)]
    placed = [layout.place(Label(x, y, spans)) for x, y in places]
    boxes = [found.box for found in placed if found is not None]
    assert len(boxes) > 5
    overlaps = [a.overlap(b) for i, a in enumerate(boxes) for b in boxes[:i]]
    assert max(overlaps) == 0
    assert all(box.left >= 0 and box.right <= 400 for box in boxes)


def test_labels_keep_clear_of_lines() -> None:
    line = np.column_stack([np.arange(100.0, 400.0, 4.0), np.full(75, 150.0)])
    placed = Layout(400.0, 300.0, line).place(Label(100.0, 150.0, [[Span("许昌", 9.0)]]))
    assert placed is not None
    assert placed.box.right <= 100


def test_needed_labels_are_never_left_out() -> None:
    layout = Layout(200.0, 200.0, np.empty((0, 2)), taken=[Box(0.0, 0.0, 200.0, 200.0)])
    spans = [[Span("许昌", 9.0)]]
    assert layout.place(Label(100.0, 100.0, spans)) is None
    assert layout.place(Label(100.0, 100.0, spans, needed=True)) is not None


@pytest.mark.parametrize(
    ("minutes", "threshold", "expected"),
    [
        (Minutes(50, 55, 60), 60, "pass"),
        (Minutes(50, 55, 61), 60, "undecided"),
        (Minutes(60, 61, 62), 60, "undecided"),
        (Minutes(60.5, 61, 62), 60, "fail"),
        (Minutes(np.nan, np.nan, np.nan), 60, "unreachable"),
        (Minutes(50, 55, 61), None, "pass"),
    ],
)
def test_judge_needs_the_whole_range(
    minutes: Minutes, threshold: float | None, expected: str
) -> None:
    assert judge(minutes, threshold) == expected


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (Minutes(50, 55, 61), "许昌 55|Xuchang 50–61"),
        (Minutes(55, 55, 55), "许昌 55|Xuchang"),
        (Minutes(50, 55, np.nan), "许昌 55|Xuchang 50+"),
        (Minutes(np.nan, np.nan, np.nan), "许昌 —|Xuchang"),
    ],
)
def test_minutes_stand_beside_the_name(minutes: Minutes, expected: str) -> None:
    lines = minute_lines(("许昌", "Xuchang"), minutes, "#000000")
    assert "|".join("".join(span.text for span in line) for line in lines) == expected


def test_each_place_shows_its_slowest_pair() -> None:
    rows = [
        ["a", "x", 1, 10, 12],
        ["b", "x", 2, 20, 22],
        ["a", "y", 3, 30, 33],
        ["b", "y", np.nan, np.nan, np.nan],
        ["a", "z", 5, 50, 55],
    ]
    frame = pd.DataFrame(rows, columns=["from_id", "to_id", "low", "central", "high"])
    hubs, worst = select_worst(frame)
    assert hubs == ["a", "b"]
    assert worst["x"] == (2, 20, 22)
    assert np.isnan(worst["y"].central)
    assert list(worst) == ["x", "y", "z"]


def test_places_are_zones_or_nodes(network: Network) -> None:
    zone, node = locate_places(network, ["2", "AAA", "2"])
    assert zone == ("2", "乙", "Beta", 114.5, 34.5)
    assert node.names("en") == ("Alpha East", "甲东")


def test_scenarios_are_named_by_their_card(network: Network) -> None:
    from dataclasses import replace

    assert name_scenario(network, "zh") == "现状"
    without = replace(network, scenario="without-L1")
    assert name_scenario(without, "en") == "without Alpha-Beta HSR"


def collect_texts() -> str:
    """Collect what maps of networks/ can say: names, claims, cards, and words of legends."""
    network = read_network(NETWORKS)
    texts = [
        text
        for table in ("node", "line", "zone")
        for column in ("name_zh", "name_en")
        for text in network[table][column]
    ]
    for file in [*NETWORKS.glob("claims/*.toml"), *NETWORKS.glob("scenarios/*.toml")]:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        texts += [value for value in content.values() if isinstance(value, str)]
    texts += [text for both in WORDS.values() for text in both]
    return "".join(texts)


@pytest.mark.parametrize("font", [REGULAR, BOLD], ids=["regular", "bold"])
def test_fonts_have_every_character_of_the_networks(font: Path) -> None:
    from matplotlib.ft2font import FT2Font

    known = set(FT2Font(str(font)).get_charmap())
    missing = {c for c in collect_texts() if ord(c) not in known and not c.isspace()}
    assert not missing, f"run scripts/subset_fonts.py; {font.name} lacks {''.join(sorted(missing))}"


def test_bold_falls_back_to_regular() -> None:
    from matplotlib.ft2font import FT2Font

    regular, bold = (set(FT2Font(str(font)).get_charmap()) for font in (REGULAR, BOLD))
    rare = chr(min(regular - bold))
    assert choose_font(f"郑州{rare}", bold=True) == REGULAR
    assert choose_font("郑州", bold=True) == BOLD


def test_fonts_come_with_their_licence() -> None:
    assert "SIL OPEN FONT LICENSE" in (REGULAR.parent / "OFL.txt").read_text(encoding="utf-8")


def test_text_is_measured_and_wrapped() -> None:
    assert measure_text("郑州", size=10.0) == pytest.approx(20.0, abs=0.1)
    assert measure_text("郑州 ", size=10.0) > 20.0
    text = "从郑州出发，门到门可到的范围 within sixty minutes"
    lines = wrap_text(text, 100.0, size=10.0)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(measure_text(line, size=10.0) for line in lines) <= 100.0
    assert not any(line.startswith("，") for line in lines)
