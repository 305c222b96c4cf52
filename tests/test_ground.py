"""Roads and land in one search: a plain Dijkstra twin, barriers, toys by hand, the river."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from netlib.errors import UnreachableError
from netlib.roads import ground_kernels as kernels
from netlib.roads.ground import build_ground, list_steps, run_search, search_ground
from netlib.roads.land import BARRIER_CELLS, COUNTRY, build_land
from netlib.times.drives import locate_zones, measure_drives, trace_drive

if TYPE_CHECKING:
    from netlib.tables import Network

TODAY = "2026-11-22"
# Ways over sixteen moves are at most so much longer than the straight line: 1 / cos 13.3 degrees.
LONGEST = 1.0275
NO_ARCS = (np.zeros(1, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int32))


def search_plain(
    classes: Any, per_cell: Any, places: Any, arcs: Any, seeds: list[tuple[int, int]]
) -> Any:
    """Search the same graph with scipy: cells, joins and arcs as edges with whole ticks."""
    rows, columns = classes.shape
    size = rows * columns
    edges: dict[tuple[int, int], int] = {}

    def put(a: int, b: int, ticks: int) -> None:
        for pair in ((a, b), (b, a)):
            edges[pair] = min(edges.get(pair, ticks), ticks)

    def is_land(row: int, column: int) -> bool:
        return 0 < classes[row, column] < kernels.BARRIER

    for row in range(rows):
        for column in range(columns):
            if not is_land(row, column):
                continue
            for down in range(-2, 3):
                for right in range(-2, 3):
                    square = down**2 + right**2
                    r, c = row + down, column + right
                    if square not in (1, 2, 5) or not (0 <= r < rows and 0 <= c < columns):
                        continue
                    if is_land(r, c):
                        mean = (per_cell[classes[row, column]] + per_cell[classes[r, c]]) / 2
                        ticks = int(np.rint(mean * np.sqrt(square)))
                        put(row * columns + column, r * columns + c, ticks)
    for vertex, (x, y) in enumerate(places):
        if classes[int(y + 0.5), int(x + 0.5)] == kernels.BARRIER:
            continue
        for r in (int(y), int(y) + 1):
            for c in (int(x), int(x) + 1):
                if is_land(r, c):
                    away = np.hypot(r - y, c - x)
                    ticks = int(np.rint(away * per_cell[classes[r, c]]))
                    put(r * columns + c, size + vertex, ticks)
    for a, b, ticks in arcs:
        put(size + a, size + b, ticks)
    total = size + len(places) + 1
    for node, ticks in seeds:
        edges[total - 1, node] = ticks
    # scipy takes a zero for no edge.
    tail, head = np.array(list(edges)).T
    weights = np.array(list(edges.values()), dtype=float)
    matrix = csr_matrix((np.maximum(weights, 1e-9), (tail, head)), shape=(total, total))
    return np.rint(dijkstra(matrix, indices=total - 1)[:-1] * 1.0)


@given(st.integers(0, 2**32 - 1))
def test_search_equals_a_plain_dijkstra_over_the_same_graph(seed: int) -> None:
    """Random land with barriers, vertices joined by roads, and two seeds at different ticks."""
    random = np.random.default_rng(seed)
    classes = np.zeros((14, 15), dtype=np.uint8)
    drawn = random.choice([0, 1, 1, 2, kernels.BARRIER], size=(10, 11))
    classes[2:-2, 2:-2] = drawn
    per_cell = np.zeros(256)
    per_cell[1:3] = random.integers(1, 2000, 2)
    places = random.uniform(2, 11, (5, 2))
    arcs = [(0, 1, 7), (1, 2, 300), (2, 3, 55), (3, 4, 900)]
    both = np.array([*arcs, *((b, a, t) for a, b, t in arcs)])
    both = both[np.argsort(both[:, 0], kind="stable")]
    start = np.zeros(6, dtype=np.int32)
    np.cumsum(np.bincount(both[:, 0], minlength=5), out=start[1:])
    rows = (start, both[:, 1].astype(np.int32), both[:, 2].astype(np.int32))
    land = np.flatnonzero((classes.ravel() > 0) & (classes.ravel() < kernels.BARRIER))
    seeds = [(int(random.choice(land)), 0), (classes.size + 4, 250)]
    node, ticks = np.array(seeds).T
    joins = kernels.join_vertices(classes, places[:, 0].copy(), places[:, 1].copy(), per_cell)
    found = kernels.search_cells(
        classes,
        list_steps(per_cell),
        joins,
        rows,
        node,
        ticks,
        np.zeros(2, dtype=np.int64),
        10**7,
        8,
        np.zeros(1, dtype=np.int64),
        0,
        np.zeros(0, dtype=np.int32),
    )
    expected = search_plain(classes, per_cell, places, arcs, seeds)
    assert np.array_equal(np.where(found < kernels.NEVER, found, np.inf), expected)


@given(st.lists(st.tuples(st.floats(4, 26), st.floats(4, 26)), min_size=2, max_size=5))
def test_no_move_leaps_over_a_barrier(corners: list[tuple[float, float]]) -> None:
    """Every move of the search that crosses the line has an end in the barrier."""
    line = np.array(corners)
    raster = np.ones((31, 31), dtype=np.uint8)
    kernels.stamp_line(raster, line[:, 0].copy(), line[:, 1].copy(), BARRIER_CELLS)
    river = shapely.linestrings(line)
    row, column = np.nonzero(raster == 1)
    for down, right in zip(kernels.ROW_MOVES, kernels.COLUMN_MOVES, strict=True):
        r, c = row + down, column + right
        inside = (r >= 0) & (c >= 0) & (r < 31) & (c < 31)
        inside[inside] = raster[r[inside], c[inside]] == 1
        starts = np.column_stack((column, row))[inside]
        ends = np.column_stack((c, r))[inside]
        moves = shapely.linestrings(np.stack((starts, ends), axis=1).astype(float))
        assert not shapely.intersects(moves, river).any()


def test_a_ring_is_filled_as_shapely_says() -> None:
    """A star with a hole, against the middles of the cells one by one."""
    turn = np.linspace(0, 2 * np.pi, 11)
    radius = np.where(np.arange(11) % 2, 6.3, 14.2)
    outer = np.column_stack((15 + radius * np.cos(turn), 15.2 + radius * np.sin(turn)))
    hole = np.column_stack((15 + 3.1 * np.cos(turn), 15.2 + 3.1 * np.sin(turn)))
    outer[-1], hole[-1] = outer[0], hole[0]
    raster = np.zeros((30, 30), dtype=np.bool_)
    for ring in (outer, hole):
        kernels.fill_ring(raster, ring[:, 0].copy(), ring[:, 1].copy())
    kernels.sum_flips(raster)
    column, row = np.meshgrid(np.arange(30), np.arange(30))
    assert np.array_equal(raster, shapely.contains_xy(shapely.Polygon(outer, [hole]), column, row))


def place(x: float, y: float, name: str = "here") -> pd.DataFrame:
    """Return a table of one point that begins at 0."""
    return pd.DataFrame({"point_id": [name], "x_coord": [x], "y_coord": [y], "minutes": [0.0]})


def test_a_toy_drives_over_land_and_its_links(triangle_network: Network) -> None:
    """Alpha to Gamma by way of Beta is 30 + 30 min of links, and 10 at either end."""
    network = triangle_network.as_of(TODAY)
    zones = locate_zones(network, ["900100", "900300"])
    table = measure_drives(network, zones, zones, peak=False)
    there = table[(table["from_id"] == "900100") & (table["to_id"] == "900300")].iloc[0]
    assert there["minutes"] == pytest.approx(30 + 30 + 2 * 10, abs=0.01)
    assert there["km"] == pytest.approx(110, abs=0.01)
    # From a place to itself nobody drives.
    assert (table.loc[table["from_id"] == table["to_id"], "minutes"] == 0).all()


def test_country_roads_take_their_speed_and_detour(triangle_network: Network) -> None:
    """Off the links a country km takes 1.5 / 30 h = 3 min, beyond the 8 km of a city."""
    ground = build_ground(triangle_network.as_of(TODAY), peak=False)
    # 12 and 18 km north of Alpha: the first is the source.
    field = search_ground(ground, place(113.0, 34.0 + 12 / 111.195), limit_minutes=40)
    minutes = field.at([113.0], [34.0 + 18 / 111.195])[0]
    assert minutes * 1.01 >= 18
    assert minutes <= 18 * LONGEST * 1.01


def test_minutes_are_the_same_both_ways_and_in_any_company(evidence_base: Network) -> None:
    """A pair has the same minutes whichever side is searched from, and whatever else is asked."""
    network = evidence_base.as_of(TODAY)
    zones = locate_zones(network, ["410100", "410122", "411000", "410300", "419001"])
    table = measure_drives(network, zones, zones, peak=False)
    square = table.pivot_table(index="from_id", columns="to_id", values="minutes").to_numpy()
    assert square == pytest.approx(square.T, abs=0.001)
    alone = measure_drives(network, zones.iloc[[4]], zones.iloc[[0]], peak=False)
    pair = table[(table["from_id"] == "419001") & (table["to_id"] == "410100")]
    assert alone["minutes"].iloc[0] == pytest.approx(pair["minutes"].iloc[0])


def test_a_county_is_a_place(evidence_base: Network) -> None:
    """From Zhengzhou to Zhongmou, 27 km away, takes longer than 27 km of expressway at 120 km/h."""
    network = evidence_base.as_of(TODAY)
    zones = locate_zones(network, ["410100", "410122"])
    free, peak = (
        measure_drives(network, zones[:1], zones[1:], peak=peak)["minutes"].iloc[0]
        for peak in (False, True)
    )
    assert 27 / 120 * 60 < free < peak < 90


def test_a_drive_is_traced_with_its_roads(evidence_base: Network) -> None:
    """Zhengzhou to Luoyang goes over the G30; the steps add up, and join one another."""
    network = evidence_base.as_of(TODAY)
    zones = locate_zones(network, ["410100", "410300"])
    steps = trace_drive(network, zones.iloc[0], zones.iloc[1], peak=True)
    table = measure_drives(network, zones[:1], zones[1:], peak=True).iloc[0]
    assert sum(step["minutes"] for step in steps) == pytest.approx(table["minutes"], abs=0.01)
    assert "G30" in {step["trip_id"] for step in steps}
    assert [step["kind"] for step in steps] == ["access", *["drive"] * (len(steps) - 2), "egress"]
    assert all(a["to_id"] == b["from_id"] for a, b in pairwise(steps))
    keys = {key for step in steps for key in step["evidence"]}
    assert {"parameter:drive_access_minutes:value", "parameter:urban_peak_ratio:value"} <= keys
    assert any(key.startswith("link:G30") for key in keys)


def test_no_road_leads_beyond_the_region(evidence_base: Network) -> None:
    """The highways of Guangdong are not held: there is no drive to Shenzhen, not one by lanes."""
    network = evidence_base.as_of(TODAY)
    zones = locate_zones(network, ["410100", "440300"])
    assert measure_drives(network, zones[:1], zones[1:], peak=False)["minutes"].isna().all()
    with pytest.raises(UnreachableError, match="深圳"):
        trace_drive(network, zones[:1], zones[1:], peak=False)


def test_the_yellow_river_is_crossed_on_bridges_only(evidence_base: Network) -> None:
    """Without the links of bridges nothing north of the river is reached from Zhengzhou."""
    network = evidence_base.as_of(TODAY)
    # The expressway AL has no edges: its one link, from junction to junction, is a bridge as well.
    line = network["link"]["line_id"]
    bare = network.with_tables(link=network["link"][~line.str.startswith("BR-") & (line != "AL")])
    points = locate_zones(network, ["410700", "410800", "411000", "410200"])
    reached = []
    for some in (network, bare):
        ground = build_ground(some, peak=False)
        field = search_ground(ground, place(113.65, 34.75), limit_minutes=150)
        reached.append(np.isfinite(field.at(points["x_coord"], points["y_coord"])).tolist())
    assert reached == [[True] * 4, [False, False, True, True]]


def test_a_field_up_to_less_is_the_same_field(evidence_base: Network) -> None:
    """What lies within 40 min has the same minutes in a search that goes on to 80."""
    ground = build_ground(evidence_base.as_of(TODAY), peak=True)
    points = np.random.default_rng(1).uniform((113.3, 34.5), (114.1, 35.1), (400, 2))
    near, far = (
        search_ground(ground, place(113.65, 34.75), limit_minutes=limit).at(*points.T)
        for limit in (40, 80)
    )
    within = far <= 40
    assert within.sum() > 20
    assert near[within] == pytest.approx(far[within])


def test_wider_cells_change_little(evidence_base: Network) -> None:
    """Cells of 1 and 2 km give the minutes of half a km within 4 % beyond an hour."""
    ground = build_ground(evidence_base.as_of(TODAY), peak=False)
    cities = locate_zones(evidence_base, ["410300", "410500", "411700", "410200", "411400"])
    fine, *others = (
        run_search(ground.at_scale(width), place(113.65, 34.75), limit_minutes=260).read_points(
            cities["x_coord"], cities["y_coord"]
        )[0]
        for width in (0.5, 1.0, 2.0)
    )
    for coarse in others:
        assert coarse == pytest.approx(fine, rel=0.04)


def test_the_longest_way_ends_a_search_from_each_source(evidence_base: Network) -> None:
    """Who may drive 20 minutes is where the first 20 minutes of any drive lead, and no farther."""
    ground = build_ground(evidence_base.as_of(TODAY), peak=False)
    start = place(113.65, 34.75).assign(minutes=30.0)
    field = search_ground(ground, start, limit_minutes=90, longest_minutes=20.0)
    whole = search_ground(ground, start, limit_minutes=90)
    reached = np.isfinite(field.minutes)
    assert reached.any()
    assert field.minutes[reached].max() <= 50.001
    within = (whole.minutes <= 49.9).sum()
    assert (field.minutes <= 49.9).sum() == within


def test_land_is_the_same_object_for_the_same_figures(evidence_base: Network) -> None:
    """Days share their land, and a smaller city has fewer cells of streets."""
    network = evidence_base.as_of(TODAY)
    land = build_land(network)
    assert build_land(replace(network)) is build_land(replace(network))
    assert (land.classes == COUNTRY).sum() > 1_000_000
