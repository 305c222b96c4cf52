"""Streets from extracts, saved graphs and Overpass: what the tags say is what the graph does."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from netlib.errors import InputError, MissingFileError, NetlibError
from netlib.streets import (
    Streets,
    compute_parts,
    compute_seconds,
    fetch_streets,
    read_streets,
    select_largest_part,
    streets_to_geodataframe,
    write_streets,
)
from netlib.streets.fetch import FetchError, check_box
from netlib.streets.speeds import (
    MAXSPEED_RATIO,
    PEAK_RATIO,
    Mode,
    parse_duration,
    parse_maxspeed,
)
from netlib.streets.tags import is_blocked, judge_way
from tests.overpass_server import OverpassServer, serve_overpass

TOWN = Path(__file__).parent / "streets" / "town.osm"
TOWN_BOX = (113.58, 34.735, 113.66, 34.805)
MODES: list[Mode] = ["drive", "walk", "bike"]

Nodes = Mapping[int, tuple[float, float]]
Tags = Mapping[str, str]


def write_osm(path: Path, nodes: Nodes, ways: Sequence[tuple[Sequence[int], Tags]]) -> Path:
    """Write an extract with osmium; the name's ending says which kind."""
    import osmium

    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for node, place in nodes.items():
            writer.add_node(osmium.osm.mutable.Node(id=node, location=place))
        for number, (refs, tags) in enumerate(ways):
            writer.add_way(
                osmium.osm.mutable.Way(id=100 + number, nodes=list(refs), tags=dict(tags))
            )
    return path


def list_links(streets: Streets) -> set[tuple[int, int]]:
    """List the directed edges as pairs of OpenStreetMap ids."""
    ids = streets.nodes["node_id"].to_numpy()
    ends = (ids[streets.edges[end].to_numpy()].tolist() for end in ("tail", "head"))
    return set(zip(*ends, strict=True))


def rules(problem: pytest.ExceptionInfo[InputError]) -> set[str]:
    return {notice.rule for notice in problem.value.notices}


@pytest.fixture(scope="module")
def towns() -> dict[Mode, Streets]:
    return {mode: read_streets(TOWN, mode=mode) for mode in MODES}


# What the tags mean

MAXSPEEDS = [
    ("60", 60),
    ("60 km/h", 60),
    ("40 mph", 64.37376),
    ("40mph", 64.37376),
    ("10 knots", 18.52),
    ("CN:urban", 50),
    ("CN:rural", 70),
    ("CN:motorway", 120),
    ("DE:rural", 100),
    ("XX:urban", 50),
    ("DE:zone:30", 30),
    ("DE:zone30", 30),
    ("UK:nsl_single", 96.56064),
    ("none", 140),
    ("walk", 5),
    ("60;80", 60),
    ("signals", None),
]


@pytest.mark.parametrize(("text", "kmh"), MAXSPEEDS)
def test_limits_in_every_notation(text: str, kmh: float | None) -> None:
    limit = parse_maxspeed(text)
    assert limit == (None if kmh is None else pytest.approx(kmh))


@pytest.mark.parametrize("text", ["fast", "", "0", "-60", "600", "60 parsecs", "60 @ (Mo-Fr)"])
def test_a_limit_that_says_nothing_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="maxspeed"):
        parse_maxspeed(text)


@given(st.text(max_size=20))
def test_any_text_is_a_plausible_limit_or_an_error(text: str) -> None:
    try:
        limit = parse_maxspeed(text)
    except ValueError:
        return
    assert limit is None or 0 < limit <= 160 or limit == 140


DURATIONS = [("00:20", 1200), ("1:05", 3900), ("00:01:30", 90), ("45", 2700), ("PT1H5M", 3900)]


@pytest.mark.parametrize(("text", "seconds"), DURATIONS)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "00:00", "soon", "P1D", "1:5"])
def test_a_duration_that_says_nothing_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


# Tags, mode, and whether a way is open along and against its direction.
WAYS: list[tuple[Tags, Mode, str]] = [
    ({"highway": "residential"}, "drive", "both"),
    ({"highway": "residential", "oneway": "yes"}, "drive", "along"),
    ({"highway": "residential", "oneway": "-1"}, "drive", "against"),
    ({"highway": "residential", "oneway": "reversible"}, "drive", "closed"),
    ({"highway": "residential", "oneway": "yes"}, "walk", "both"),
    ({"highway": "residential", "oneway": "yes", "oneway:foot": "yes"}, "walk", "along"),
    ({"highway": "residential", "oneway": "yes", "oneway:bicycle": "no"}, "bike", "both"),
    ({"highway": "residential", "oneway": "yes", "oneway:bicycle": "no"}, "drive", "along"),
    ({"highway": "residential", "oneway": "yes", "cycleway": "opposite"}, "bike", "both"),
    ({"highway": "residential", "oneway": "yes"}, "bike", "along"),
    ({"highway": "tertiary", "junction": "roundabout"}, "drive", "along"),
    ({"highway": "tertiary", "junction": "roundabout"}, "walk", "both"),
    ({"highway": "motorway"}, "drive", "along"),
    ({"highway": "motorway", "oneway": "no"}, "drive", "both"),
    ({"highway": "motorway"}, "walk", "closed"),
    ({"highway": "motorway_link"}, "drive", "both"),
    ({"highway": "trunk"}, "walk", "closed"),
    ({"highway": "trunk", "sidewalk": "right"}, "walk", "both"),
    ({"highway": "trunk", "motorroad": "yes"}, "bike", "closed"),
    ({"highway": "primary", "access": "no"}, "drive", "closed"),
    ({"highway": "primary", "access": "no", "motor_vehicle": "yes"}, "drive", "both"),
    ({"highway": "primary", "access": "yes", "motorcar": "no"}, "drive", "closed"),
    ({"highway": "service", "access": "private"}, "drive", "closed"),
    ({"highway": "primary", "motor_vehicle:backward": "no"}, "drive", "along"),
    ({"highway": "footway"}, "drive", "closed"),
    ({"highway": "footway", "access": "yes"}, "drive", "closed"),
    ({"highway": "pedestrian", "motor_vehicle": "destination"}, "drive", "both"),
    ({"highway": "steps", "conveying": "forward"}, "walk", "along"),
    ({"highway": "cycleway"}, "walk", "closed"),
    ({"highway": "cycleway", "foot": "yes"}, "walk", "both"),
    ({"highway": "construction"}, "drive", "closed"),
    ({"highway": "pedestrian", "area": "yes"}, "walk", "both"),
    ({"highway": "service", "area": "yes"}, "drive", "closed"),
    ({"route": "ferry"}, "drive", "both"),
    ({"route": "ferry", "motor_vehicle": "no"}, "drive", "closed"),
    ({"route": "ferry", "oneway": "yes"}, "bike", "along"),
    ({"route": "bus"}, "walk", "closed"),
    ({}, "walk", "closed"),
]


@pytest.mark.parametrize(("tags", "mode", "expected"), WAYS)
def test_ways_are_open_where_their_tags_say(tags: Tags, mode: Mode, expected: str) -> None:
    use = judge_way(tags, mode)
    found = "closed"
    if use is not None:
        names = {(True, True): "both", (True, False): "along", (False, True): "against"}
        found = names[use.forward_kmh > 0, use.backward_kmh > 0]
    assert found == expected


def test_speeds_come_from_the_limit_or_the_class() -> None:
    by_class = judge_way({"highway": "secondary"}, "drive")
    by_limit = judge_way({"highway": "secondary", "maxspeed": "60"}, "drive")
    by_zone = judge_way({"highway": "secondary", "source:maxspeed": "CN:urban"}, "drive")
    both = judge_way({"highway": "primary", "maxspeed": "60", "maxspeed:backward": "40"}, "drive")
    unread = judge_way({"highway": "secondary", "maxspeed": "fast"}, "drive")
    slow = judge_way({"highway": "secondary", "maxspeed": "30"}, "walk")
    assert None not in (by_class, by_limit, by_zone, both, unread, slow)
    assert by_class.forward_kmh == 55
    assert by_limit.forward_kmh == 60 * MAXSPEED_RATIO
    assert by_zone.forward_kmh == 50 * MAXSPEED_RATIO
    assert (both.forward_kmh, both.backward_kmh) == (60 * MAXSPEED_RATIO, 40 * MAXSPEED_RATIO)
    assert (unread.forward_kmh, unread.unread) == (55, "maxspeed=fast")
    assert slow.forward_kmh == 4.8


@pytest.mark.parametrize(
    ("tags", "mode", "blocked"),
    [
        ({"barrier": "bollard"}, "drive", True),
        ({"barrier": "bollard", "bollard": "rising"}, "drive", False),
        ({"barrier": "bollard"}, "bike", False),
        ({"barrier": "gate"}, "drive", False),
        ({"barrier": "gate", "access": "private"}, "drive", True),
        ({"barrier": "block", "motor_vehicle": "yes"}, "drive", False),
        ({"barrier": "fence"}, "walk", True),
        ({"barrier": "toll_booth"}, "drive", False),
    ],
)
def test_barriers(tags: Tags, mode: Mode, blocked: bool) -> None:  # noqa: FBT001
    assert is_blocked(tags, mode) is blocked


# A town


def test_one_way_streets_and_barriers_of_the_town(towns: dict[Mode, Streets]) -> None:
    drive, walk, bike = (list_links(towns[mode]) for mode in MODES)
    assert (3, 4) in drive
    assert (4, 3) not in drive
    assert (4, 6) in drive  # drawn from 6 to 4, open the other way
    assert (6, 4) not in drive
    assert {(3, 4), (4, 3)} <= walk
    assert {(3, 4), (4, 3)} <= bike
    assert (8, 9) in drive
    assert (9, 8) not in drive
    assert not any({8, 9} & {*link} for link in walk)
    assert not any(16 in link for link in drive)  # reversible, private
    assert {(16, 5), (5, 16)} <= walk


def test_nobody_drives_through_a_bollard(towns: dict[Mode, Streets]) -> None:
    ids = towns["drive"].nodes["node_id"]
    assert (ids < 0).sum() == 2  # its two sides
    sides = towns["drive"].nodes[ids < 0]
    assert sides["x"].tolist() == [113.605] * 2
    graph = nx.DiGraph(list_links(towns["drive"]))
    first, second = sides["node_id"]
    assert not graph.has_edge(first, second)
    assert {(1, 15), (15, 6)} & list_links(towns["walk"]) == set()  # no cut there: one edge
    assert (1, 6) in list_links(towns["walk"])


def test_a_roundabout_is_driven_one_way(towns: dict[Mode, Streets]) -> None:
    drive = towns["drive"].edges.query("way_id == 104")
    assert drive["one_way"].all()
    assert (drive["tail"] == drive["head"]).all()  # one loop: no other street meets it
    assert not towns["walk"].edges.query("way_id == 104")["one_way"].any()


def test_a_turning_loop_keeps_its_length_and_both_directions(towns: dict[Mode, Streets]) -> None:
    loop = towns["drive"].edges.query("way_id == 108")
    assert len(loop) == 2
    assert (loop["tail"] == loop["head"]).all()
    x, y = [113.63, 113.631, 113.631, 113.63], [34.76, 34.761, 34.759, 34.76]
    assert loop["length_m"].tolist() == pytest.approx([Geod(ellps="WGS84").line_length(x, y)] * 2)
    assert loop["reverse"].tolist() == loop.index[::-1].tolist()


def test_a_ferry_takes_its_tagged_time_at_any_hour(towns: dict[Mode, Streets]) -> None:
    for streets in towns.values():
        ferry = streets.edges.query("way_id == 115")
        assert ferry["class"].tolist() == ["ferry"] * 2
        for ratio in (1.0, PEAK_RATIO):
            seconds = compute_seconds(streets, peak_ratio=ratio)[ferry.index]
            assert seconds == pytest.approx([1200, 1200])


def test_the_peak_slows_cars_and_nobody_else(towns: dict[Mode, Streets]) -> None:
    drive = towns["drive"]
    free, peak = compute_seconds(drive), compute_seconds(drive, peak_ratio=1.7)
    mixed = compute_seconds(drive, peak_ratio=1.7, motorway_peak_ratio=1.1)
    motorway = (drive.edges["class"] == "motorway").to_numpy()
    streets = drive.edges["class"].isin(["primary", "residential"]).to_numpy()
    assert peak[streets] == pytest.approx(1.7 * free[streets])
    assert peak[motorway] == pytest.approx(1.7 * free[motorway])
    assert mixed[motorway] == pytest.approx(1.1 * free[motorway])
    walk = towns["walk"]
    assert (compute_seconds(walk, peak_ratio=1.7) == compute_seconds(walk)).all()
    with pytest.raises(ValueError, match="at least 1"):
        compute_seconds(drive, peak_ratio=0.5)


def test_speed_by_hand(towns: dict[Mode, Streets]) -> None:
    drive = towns["drive"]
    row = drive.edges.query("way_id == 100").index[0]
    assert drive.edges.loc[row, "name"] == "人民路"
    length = Geod(ellps="WGS84").line_length([113.60, 113.61], [34.75, 34.75])
    assert drive.edges.loc[row, "length_m"] == pytest.approx(length)
    assert compute_seconds(drive)[row] == pytest.approx(length / (60 * 0.8 / 3.6))


def test_what_nothing_leads_to_is_reported_and_can_be_left_out(towns: dict[Mode, Streets]) -> None:
    drive = towns["drive"]
    assert {notice.rule for notice in drive.notices} == {"disconnected-parts"}
    _, parts = compute_parts(drive)
    assert parts["nodes"].sum() == len(drive.nodes)
    assert parts["nodes"].is_monotonic_decreasing
    kept = select_largest_part(drive)
    assert {13, 14}.isdisjoint(kept.nodes["node_id"])
    assert 12 in set(kept.nodes["node_id"])  # the island, thanks to its ferry
    assert "parts-left-out" in {notice.rule for notice in kept.notices}
    assert len(compute_parts(kept)[1]) == 1
    graph = nx.DiGraph(list_links(kept))
    assert nx.is_strongly_connected(graph)
    check_streets(kept)


def check_streets(streets: Streets) -> None:
    """Check what must hold for any streets."""
    edges, shapes = streets.edges, streets.shapes
    assert edges[["tail", "head"]].min().min() >= 0
    assert edges[["tail", "head"]].max().max() == len(streets.nodes) - 1
    assert len(shapes.offsets) == len(edges) + 1
    reverse = edges["reverse"].to_numpy()
    paired = np.flatnonzero(reverse >= 0)
    assert (reverse[reverse[paired]] == paired).all()
    tails, heads = edges["tail"].to_numpy(), edges["head"].to_numpy()
    assert (tails[reverse[paired]] == heads[paired]).all()
    assert (edges["one_way"].to_numpy() == (reverse < 0)).all()
    assert (compute_seconds(streets) >= 0).all()
    x, y = streets.nodes["x"].to_numpy(), streets.nodes["y"].to_numpy()
    for ends, points in ((tails, shapes.offsets[:-1]), (heads, shapes.offsets[1:] - 1)):
        apart = (shapes.x[points] - x[ends]) % 360
        assert np.minimum(apart, 360 - apart) == pytest.approx(0, abs=1e-9)
        assert shapes.y[points] == pytest.approx(y[ends])
    crow = Geod(ellps="WGS84").inv(x[tails], y[tails], x[heads], y[heads])[2]
    assert (edges["length_m"].to_numpy() >= crow - 1e-3).all()


@pytest.mark.parametrize("mode", MODES)
def test_streets_hold_together(towns: dict[Mode, Streets], mode: Mode) -> None:
    assert len(towns[mode].edges) > 0
    check_streets(towns[mode])


def assert_same_streets(one: Streets, other: Streets) -> None:
    pd.testing.assert_frame_equal(one.nodes, other.nodes)
    pd.testing.assert_frame_equal(one.edges, other.edges)
    for first, second in zip(one.shapes, other.shapes, strict=True):
        assert np.array_equal(first, second)
    assert one.mode == other.mode


# Extracts


def test_pbf_and_xml_give_the_same_streets(tmp_path: Path, towns: dict[Mode, Streets]) -> None:
    import osmium

    copy = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(copy)) as writer:
        for element in osmium.FileProcessor(str(TOWN)):
            writer.add(element)
    for mode in MODES:
        assert_same_streets(read_streets(copy, mode=mode), towns[mode])


SQUARE: Nodes = {1: (113.6, 34.7), 2: (113.61, 34.7), 3: (113.61, 34.71), 4: (113.6, 34.71)}
ROAD: Tags = {"highway": "residential"}


def test_a_pbf_file_cut_short_is_an_error(tmp_path: Path) -> None:
    whole = write_osm(tmp_path / "whole.osm.pbf", SQUARE, [((1, 2, 3, 4, 1), ROAD)]).read_bytes()
    cut = tmp_path / "cut.osm.pbf"
    for size in sorted({0, 1, 3, 10, 40, len(whole) // 2, len(whole) - 20, len(whole) - 1}):
        cut.write_bytes(whole[:size])
        with pytest.raises(InputError) as problem:
            read_streets(cut)
        # Cut between two blocks it is a whole file without ways.
        assert rules(problem) <= {"damaged-file", "no-streets"}


@pytest.mark.parametrize(
    "text", ['<?xml version="1.0"?><osm version="0.6"><node id="1"', "", "<html></html>", "not xml"]
)
def test_a_damaged_xml_file_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cut.osm"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as problem:
        read_streets(path)
    assert rules(problem) == {"damaged-file"}


EMPTY: dict[str, tuple[Nodes, list[tuple[Sequence[int], Tags]]]] = {
    "nothing at all": ({}, []),
    "no ways": (SQUARE, []),
    "no ways for cars": (SQUARE, [((1, 2), {"highway": "footway"})]),
    "a way of one node": (SQUARE, [((1,), ROAD)]),
    "a way without nodes": (SQUARE, [((), ROAD)]),
    "a way that stands still": (SQUARE, [((1, 1), ROAD)]),
    "ways whose nodes are elsewhere": ({}, [((1, 2), ROAD)]),
}


@pytest.mark.parametrize("case", EMPTY)
@pytest.mark.parametrize("kind", [".osm.pbf", ".osm"])
def test_an_extract_without_streets_is_an_error(tmp_path: Path, kind: str, case: str) -> None:
    path = write_osm(tmp_path / f"empty{kind}", *EMPTY[case])
    with pytest.raises(InputError, match="no street for mode 'drive'") as problem:
        read_streets(path)
    assert rules(problem) == {"no-streets"}


def test_ways_that_leave_the_extract_keep_their_parts_inside(tmp_path: Path) -> None:
    ways = [((1, 2, 99, 3, 4), ROAD), ((1, 88, 3), {"route": "ferry", "duration": "01:00"})]
    streets = read_streets(write_osm(tmp_path / "cut.osm.pbf", SQUARE, ways))
    assert list_links(streets) == {(1, 2), (2, 1), (3, 4), (4, 3)}
    assert "cut-ways" in {notice.rule for notice in streets.notices}
    check_streets(streets)


def test_limits_that_cannot_be_read_are_reported(tmp_path: Path) -> None:
    ways = [((1, 2), {**ROAD, "maxspeed": "fast"}), ((2, 3), {"route": "ferry", "duration": "?"})]
    streets = read_streets(write_osm(tmp_path / "odd.osm", SQUARE, ways))
    (notice,) = (notice for notice in streets.notices if notice.rule == "unread-limit")
    assert "way 100 maxspeed=fast; way 101 duration=?" in notice.message
    assert notice.severity == "warning"
    assert streets.edges["speed_kmh"].tolist() == [25, 25, 5, 5]


def test_parallel_streets_stay_apart(tmp_path: Path) -> None:
    nodes = {**SQUARE, 5: (113.605, 34.705)}
    ways = [((1, 2), ROAD), ((1, 5, 2), ROAD), ((2, 1), {**ROAD, "oneway": "yes"})]
    streets = read_streets(write_osm(tmp_path / "parallel.osm", nodes, ways))
    assert len(streets.edges) == 5
    assert len(streets.nodes) == 2
    check_streets(streets)


def test_streets_over_the_antimeridian(tmp_path: Path) -> None:
    nodes = {1: (179.99, -16.8), 2: (-179.99, -16.8), 3: (-179.98, -16.79), 4: (179.98, -16.8)}
    ways = [((4, 1, 2, 3), ROAD), ((3, 2, 1), {"highway": "service", "oneway": "yes"})]
    streets = read_streets(write_osm(tmp_path / "fiji.osm.pbf", nodes, ways))
    longest = streets.edges["length_m"].max()
    assert longest == pytest.approx(
        Geod(ellps="WGS84").inv(179.99, -16.8, -179.99, -16.8)[2], rel=1e-6
    )
    assert longest < 2_200
    assert streets.nodes["x"].abs().max() <= 180
    steps = np.delete(np.diff(streets.shapes.x), streets.shapes.offsets[1:-1] - 1)
    assert np.abs(steps).max() < 0.1
    check_streets(streets)
    write_streets(streets, tmp_path / "fiji.parquet")
    assert_same_streets(read_streets(tmp_path / "fiji.parquet"), streets)


def test_streets_at_the_pole(tmp_path: Path) -> None:
    nodes = {1: (0.0, -89.99), 2: (180.0, -89.99), 3: (90.0, -89.99), 4: (0.0, -90.0)}
    streets = read_streets(
        write_osm(tmp_path / "pole.osm", nodes, [((1, 4, 2), ROAD), ((3, 4), ROAD)])
    )
    assert streets.edges["length_m"].tolist() == pytest.approx([1116.94] * 6, abs=0.5)
    check_streets(streets)


def test_files_that_are_not_there_or_of_no_known_kind(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        read_streets(tmp_path / "town.osm.pbf")
    odd = tmp_path / "town.shp"
    odd.write_text("")
    with pytest.raises(InputError, match="unknown-format"):
        read_streets(odd)
    with pytest.raises(InputError, match="unknown mode 'fly'"):
        read_streets(TOWN, mode="fly")  # type: ignore[arg-type]


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(NetlibError, match=r"needs the package osmium: pip install 'netlib\[str"):
        read_streets(TOWN)


# Our own file


@pytest.mark.parametrize("mode", MODES)
def test_written_and_read_again_is_the_same(
    tmp_path: Path, towns: dict[Mode, Streets], mode: Mode
) -> None:
    path = tmp_path / "new" / "town.parquet"
    write_streets(towns[mode], path)
    assert [file.name for file in path.parent.iterdir()] == ["town.parquet"]
    again = read_streets(path)
    assert_same_streets(again, towns[mode])
    assert (again.source, again.attribution) == (towns[mode].source, towns[mode].attribution)


def test_the_file_is_a_geoparquet(tmp_path: Path, towns: dict[Mode, Streets]) -> None:
    path = tmp_path / "town.parquet"
    write_streets(towns["drive"], path)
    read = gpd.read_parquet(path)
    ours = streets_to_geodataframe(towns["drive"])
    assert read.crs == "OGC:CRS84"
    assert shapely.equals_exact(read.geometry.to_numpy(), ours.geometry.to_numpy()).all()
    assert ours.crs == "EPSG:4326"


def test_an_interrupted_write_leaves_the_old_file(
    tmp_path: Path, towns: dict[Mode, Streets], monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet

    path = tmp_path / "town.parquet"
    write_streets(towns["drive"], path)
    before = path.read_bytes()

    def fail(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pyarrow.parquet, "write_table", fail)
    with pytest.raises(KeyboardInterrupt):
        write_streets(towns["walk"], path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["town.parquet"]


def test_a_file_for_another_mode_is_not_read_silently(
    tmp_path: Path, towns: dict[Mode, Streets]
) -> None:
    path = tmp_path / "walk.parquet"
    write_streets(towns["walk"], path)
    assert read_streets(path).mode == "walk"
    with pytest.raises(InputError, match="for mode 'walk', not 'drive'"):
        read_streets(path, mode="drive")


def test_damaged_street_files_are_errors(tmp_path: Path, towns: dict[Mode, Streets]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "town.parquet"
    write_streets(towns["drive"], path)
    data, table = path.read_bytes(), pq.read_table(path)
    broken: dict[str, Any] = {
        "cut": data[: len(data) // 2],
        "empty": b"",
        "other": pa.table({"a": [1]}),
        "column": table.drop_columns(["speed_kmh"]),
        "no-rows": table.slice(0, 0),
        "node": table.set_column(0, "tail", pa.array(np.full(len(table), 10**6, np.int32))),
        "negative": table.set_column(0, "tail", pa.array(np.full(len(table), -1, np.int32))),
        "format": table.replace_schema_metadata({"netlib": json.dumps({"format": 99})}),
    }
    for content in broken.values():
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            pq.write_table(content, path)
        with pytest.raises(InputError) as problem:
            read_streets(path)
        assert rules(problem) <= {"damaged-file", "not-a-street-file", "inconsistent-edges"}
    with pytest.raises(InputError, match="written as"):
        write_streets(towns["drive"], tmp_path / "town.csv")


# Graphs that OSMnx saved


@pytest.fixture(scope="module")
def saved_graph() -> nx.MultiDiGraph:
    """Build the town's drivable streets with OSMnx itself."""
    import osmnx

    # OSMnx takes no ferries and does not know that motorways are one-way.
    graph = osmnx.graph_from_xml(TOWN, retain_all=True)
    closed = [
        e for e in graph.edges if graph.edges[e].get("highway") in ("footway", "construction")
    ]
    graph.remove_edges_from(closed)
    return graph


@pytest.mark.parametrize("kind", ["graphml", "gpkg", "directed gpkg"])
def test_graphs_of_osmnx(tmp_path: Path, saved_graph: nx.MultiDiGraph, kind: str) -> None:
    import osmnx

    path = tmp_path / f"town.{kind.rpartition(' ')[2]}"
    if kind == "graphml":
        osmnx.save_graphml(saved_graph, path)
    else:
        osmnx.save_graph_geopackage(saved_graph, path, directed="directed" in kind)
    drive, walk = read_streets(path), read_streets(path, mode="walk")
    check_streets(drive)
    check_streets(walk)
    links = list_links(drive)
    assert (3, 4) in links
    assert (4, 3) not in links
    assert (4, 6) in links
    assert (6, 4) not in links
    assert {(3, 4), (4, 3), (4, 6), (6, 4)} <= list_links(walk)
    ids = drive.nodes["node_id"].to_numpy()
    ours, theirs = defaultdict(list), defaultdict(list)
    for row in drive.edges.itertuples():
        ours[ids[row.tail], ids[row.head]].append(row.length_m)
    for tail, head, data in saved_graph.edges(data=True):
        if data.get("access") != "private":
            theirs[tail, head].append(data["length"])
    assert ours.keys() == theirs.keys()
    for link, lengths in ours.items():  # OSMnx measures on a sphere
        assert sorted(lengths) == pytest.approx(sorted(theirs[link]), rel=0.004)
    main = drive.edges[drive.edges["name"] == "人民路"]
    assert main["speed_kmh"].tolist() == pytest.approx([60 * MAXSPEED_RATIO] * len(main))
    assert 108 in set(drive.edges["way_id"])


def test_a_projected_graph_with_lists_of_values(
    tmp_path: Path, saved_graph: nx.MultiDiGraph
) -> None:
    import osmnx

    graph = saved_graph.copy()
    edge = next(e for e in graph.edges if graph.edges[e]["osmid"] == 103)
    graph.edges[edge].update(highway=["residential", "tertiary"], maxspeed=["30", "50"])
    osmnx.save_graphml(osmnx.project_graph(graph), tmp_path / "utm.graphml")
    streets = read_streets(tmp_path / "utm.graphml")
    check_streets(streets)
    ids = streets.nodes["node_id"].to_numpy()
    found = streets.edges[
        (ids[streets.edges["tail"]] == edge[0]) & (ids[streets.edges["head"]] == edge[1])
    ]
    assert found["speed_kmh"].tolist() == [30 * MAXSPEED_RATIO]
    node = streets.nodes.set_index("node_id").loc[2]
    assert node.tolist() == pytest.approx([113.61, 34.75], abs=1e-7)


def test_damaged_graphs_are_errors(tmp_path: Path, saved_graph: nx.MultiDiGraph) -> None:
    import osmnx

    whole = tmp_path / "town.graphml"
    osmnx.save_graphml(saved_graph, whole)
    data = whole.read_bytes()
    bare = saved_graph.copy()
    for *_, edge in bare.edges(data=True):
        edge.pop("highway")
    cases: dict[str, bytes | nx.MultiDiGraph] = {
        "cut.graphml": data[: len(data) // 2],
        "empty.graphml": b"",
        "other.graphml": b"<html></html>",
        "cut.gpkg": b"SQLite format 3\x00 cut",
        "empty.gpkg": b"",
    }
    for name, content in cases.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(InputError) as problem:
            read_streets(path)
        assert rules(problem) <= {"damaged-file", "no-streets", "missing-layer"}
    osmnx.save_graphml(bare, whole)
    with pytest.raises(InputError, match="edges lack highway") as problem:
        read_streets(whole)
    assert rules(problem) == {"missing-column"}
    points = gpd.GeoDataFrame({"osmid": [1]}, geometry=[shapely.Point(1, 2)], crs=4326)
    points.to_file(tmp_path / "nodes.gpkg", layer="nodes")
    with pytest.raises(InputError, match="layer edges missing"):
        read_streets(tmp_path / "nodes.gpkg")


# Overpass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OverpassServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serve_overpass() as running:
        yield running


@pytest.mark.parametrize("mode", MODES)
def test_fetched_streets_are_those_of_the_file(
    server: OverpassServer, tmp_path: Path, towns: dict[Mode, Streets], mode: Mode
) -> None:
    steps: list[tuple[int, int]] = []
    fetched = fetch_streets(
        TOWN_BOX,
        mode=mode,
        overpass_url=server.url,
        cache=tmp_path,
        progress=lambda done, total: steps.append((done, total)),
    )
    assert_same_streets(fetched, towns[mode])
    assert len(server.queries) == 2
    assert steps == [(0, 1), (1, 1)]
    assert fetched.source == "Overpass, 2026-11-01T00:00:00Z"
    assert "OpenStreetMap" in fetched.attribution


def test_answers_are_kept_for_every_mode_and_without_the_server(tmp_path: Path) -> None:
    with serve_overpass() as server:
        first = fetch_streets(TOWN_BOX, overpass_url=server.url, cache=tmp_path)
    again = fetch_streets(TOWN_BOX, overpass_url=server.url, cache=tmp_path)
    assert_same_streets(first, again)
    on_foot = fetch_streets(TOWN_BOX, mode="walk", overpass_url=server.url, cache=tmp_path)
    assert on_foot.mode == "walk"
    assert len(server.queries) == 2


def test_a_place_by_name_and_by_polygon(server: OverpassServer, tmp_path: Path) -> None:
    place = fetch_streets(
        "小城",
        overpass_url=server.url,
        nominatim_url=server.url.removesuffix("/api"),
        cache=tmp_path,
    )
    # Ways with a point inside are whole; the island's street and the yard have none.
    assert {12, 13, 14}.isdisjoint(place.nodes["node_id"])
    assert 10 in set(place.nodes["node_id"])
    polygon = shapely.box(113.58, 34.735, 113.635, 34.765)
    assert_same_streets(
        fetch_streets(polygon, overpass_url=server.url, cache=tmp_path / "other"), place
    )
    with pytest.raises(InputError, match="no place 'Atlantis'"):
        fetch_streets(
            "Atlantis",
            overpass_url=server.url,
            nominatim_url=server.url.removesuffix("/api"),
            cache=tmp_path,
        )


def test_a_large_area_is_asked_for_in_cells(server: OverpassServer, tmp_path: Path) -> None:
    box = "113.2,34.5,114.0,35.0"
    streets = fetch_streets(box, overpass_url=server.url, cache=tmp_path)
    assert len(server.queries) == 2 * 4
    whole = fetch_streets(TOWN_BOX, overpass_url=server.url, cache=tmp_path)
    assert_same_streets(streets, whole)


def test_a_box_over_the_antimeridian_is_asked_for_on_both_sides(
    server: OverpassServer, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="no street for mode"):  # the town is elsewhere
        fetch_streets((179.9, -17.0, -179.9, -16.8), overpass_url=server.url, cache=tmp_path)
    asked = " ".join(server.queries)
    assert len(server.queries) == 4
    assert " 179.9" in asked
    assert " -179.9" in asked


BOXES = [
    ((113.5, 34.9, 113.8, 34.6), "south must lie below north"),
    ((113.5, 34.6, 113.5, 34.9), "are the same"),
    ((113.5, 34.6, 193.8, 34.9), "longitudes"),
    ((0.0, 85.0, 10.0, 89.0), "no UTM"),
    ((0.0, -90.0, 10.0, -85.0), "no UTM"),
    ((0.0, float("nan"), 10.0, 5.0), "in degrees"),
    ((0.0, 1.0, 10.0), "in degrees"),
    ((70.0, 20.0, 130.0, 50.0), "read an extract instead"),
]


@pytest.mark.parametrize(("box", "message"), BOXES)
def test_boxes_that_are_none(tmp_path: Path, box: Sequence[float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        fetch_streets(box, overpass_url="http://127.0.0.1:9/api", cache=tmp_path)


def test_a_box_over_the_antimeridian_is_two() -> None:
    assert check_box((179, -17, -179, -16)) == [(179, -17, 180, -16), (-180, -17, -179, -16)]
    assert check_box((180, -17, -179, -16)) == [(-180, -17, -179, -16)]


@pytest.mark.parametrize("behaviour", ["remark", "page", "busy"])
def test_half_an_answer_is_an_error_and_is_not_kept(
    server: OverpassServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behaviour: str
) -> None:
    import osmnx._overpass

    monkeypatch.setattr(osmnx._overpass.time, "sleep", lambda _: None)
    server.behaviour = behaviour
    with pytest.raises(FetchError, match="netlib streets read"):
        fetch_streets(TOWN_BOX, overpass_url=server.url, cache=tmp_path)
    assert len(server.queries) <= 4  # a busy server is not asked without end
    server.behaviour = "recorded"
    assert len(fetch_streets(TOWN_BOX, overpass_url=server.url, cache=tmp_path).edges) > 0


def test_an_area_without_streets_is_an_error(server: OverpassServer, tmp_path: Path) -> None:
    server.behaviour = "empty"
    with pytest.raises(InputError, match="no street for mode 'drive'"):
        fetch_streets(TOWN_BOX, overpass_url=server.url, cache=tmp_path)


def test_an_unreachable_server_is_named_at_once(tmp_path: Path) -> None:
    with serve_overpass() as server:
        url = server.url
    with pytest.raises(FetchError, match=url):
        fetch_streets(TOWN_BOX, overpass_url=url, cache=tmp_path)
    with pytest.raises(FetchError, match="cannot be reached"):
        fetch_streets("小城", nominatim_url=url, cache=tmp_path)


def test_settings_of_osmnx_are_as_before(server: OverpassServer, tmp_path: Path) -> None:
    import socket

    import osmnx

    def settings() -> dict[str, Any]:
        names = [name for name in vars(osmnx.settings) if not name.startswith("_")]
        return {name: getattr(osmnx.settings, name) for name in names}

    before, lookup = settings(), socket.getaddrinfo
    fetch_streets(TOWN_BOX, overpass_url=server.url, cache=tmp_path)
    with pytest.raises(InputError):
        fetch_streets((1, 2, 3), overpass_url=server.url, cache=tmp_path)
    assert settings() == before
    assert socket.getaddrinfo is lookup


def test_a_damaged_answer_in_the_cache_is_named(server: OverpassServer, tmp_path: Path) -> None:
    fetch_streets(TOWN_BOX, overpass_url=server.url, cache=tmp_path)
    kept = sorted(tmp_path.rglob("*.json"))
    kept[0].write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=f"{kept[0].name}.*fetch again"):
        fetch_streets(TOWN_BOX, overpass_url=server.url, cache=tmp_path)
    shutil.rmtree(tmp_path)
