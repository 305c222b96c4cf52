"""The diagram of the arms of a star: what it shows, how it is laid out, and apart the drawing."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, pairwise
from math import hypot, isnan
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.image import imread

from netlib.errors import UnknownNameError, UnreachableError
from netlib.maps.arms import (
    DIRECTIONS,
    Arm,
    Stop,
    Track,
    choose_directions,
    describe_arms,
    find_route,
    find_runs,
)
from netlib.maps.schematic import (
    FIRST_STOP,
    LEAST_STEP,
    PERIODS,
    compose_texts,
    draw_schematic,
    place_stops,
    select_periods,
)
from netlib.maps.style import Language
from netlib.tables import Network

TODAY = "2026-11-22"
LINES = [
    {"line_id": "MI", "name_zh": "米", "name_en": "star", "mode": "network", "parts": "E;N"},
    {"line_id": "E", "name_zh": "东臂", "name_en": "east", "mode": "hsr", "parts": "E1;E2"},
    {"line_id": "E1", "mode": "hsr", "status": "operating", "open_date": "2012-09-28"},
    {"line_id": "E2", "mode": "hsr", "status": "operating", "open_date": "2015-06"},
    {
        "line_id": "N",
        "name_zh": "北臂",
        "mode": "hsr",
        "status": "under_construction",
        "start_date": "2024",
    },
]
LINKS = [
    # The second link is stored against the way out, as files may have it.
    {"link_id": "1", "from_node_id": "AAA", "to_node_id": "BBB", "line_id": "E1"},
    {"link_id": "2", "from_node_id": "CCC", "to_node_id": "BBB", "line_id": "E2"},
    {"link_id": "3", "from_node_id": "AAA", "to_node_id": "DDD", "line_id": "N"},
]
DATES = {"1": "2012-09-28", "2": "2015-06", "3": "2030"}


@pytest.fixture(scope="module")
def star(line_network: Network, with_rows: Callable[..., Network]) -> Network:
    """Return the toy ``line`` as the east arm of a star whose north arm is under construction."""
    node = line_network["node"].to_dict("records")
    north = {"node_id": "DDD", "name_zh": "丁站", "name_en": "Delta", "node_type": "rail_station"}
    links = [
        {**link, "run_time_minutes": 15.0, "length_km": 50.0, "open_date": DATES[link["link_id"]]}
        for link in LINKS
    ]
    rows = [*node, {**north, "x_coord": 113.0, "y_coord": 35.0, "open_date": "2030"}]
    return with_rows(line_network, line=LINES, link=links, node=rows)


def test_arms_run_from_the_hub_to_their_ends(star: Network) -> None:
    east, north = describe_arms(star.as_of(TODAY), "900100")
    assert [stop.node_id for stop in east.stops] == ["AAA", "BBB", "CCC"]
    assert [stop.node_id for stop in north.stops] == ["AAA", "DDD"]
    assert (east.direction, north.direction) == (90, 0)
    assert (east.name_zh, east.name_en) == ("东臂", "east")
    assert east.stops[1][1:3] == ("乙站", "Beta")


def test_minutes_are_those_of_the_fastest_train(star: Network) -> None:
    east, north = describe_arms(star.as_of(TODAY), "900100")
    # G1 is at Beta at 08:15 having left at 08:00; G3 takes 26 minutes to Gamma and G1 32.
    assert [stop.minutes for stop in east.stops[1:]] == [15.0, 26.0]
    assert isnan(north.stops[-1].minutes)


def test_years_and_states_follow_the_day(star: Network) -> None:
    east, north = describe_arms(star.as_of(TODAY), "900100")
    assert east.tracks == (Track(2012, "open"), Track(2015, "open"))
    assert north.tracks == (Track(2030, "under_construction"),)
    assert (east.is_open, north.is_open) == (True, False)
    assert [stop.is_city for stop in (*east.stops, north.stops[-1])] == [True, True, True, False]
    assert not north.stops[-1].is_open
    later = describe_arms(star.as_of("2031-01-01"), "900100")
    assert all(arm.is_open for arm in later)


def test_arms_without_a_link_in_the_hub_are_errors(star: Network) -> None:
    with pytest.raises(UnreachableError, match="no link that begins in 900300"):
        describe_arms(star.as_of(TODAY), "900300")
    with pytest.raises(UnknownNameError, match="group of lines 'MJ'"):
        describe_arms(star.as_of(TODAY), "900100", group="MJ")


def test_of_several_stations_of_the_hub_the_farthest_is_the_start() -> None:
    link = pd.DataFrame(
        [("A", "B", 10.0), ("B", "C", 5.0)],
        columns=["from_node_id", "to_node_id", "run_time_minutes"],
    )
    assert find_route(link, ["A", "B"]) == ["A", "B", "C"]
    assert find_route(link, ["B"]) == ["B", "A"]  # the far end is the one more minutes away
    assert find_route(link, ["Z"]) == []


def test_directions_are_all_different() -> None:
    assert choose_directions([14, 176, 93, 268, 226, 137, 58, 348]) == [
        *(0, 180, 90, 270, 225, 135, 45, 315)
    ]
    crowded = choose_directions([1.0] * 8)
    assert sorted(crowded) == list(DIRECTIONS)


def test_years_run_on_until_they_change() -> None:
    years = (2012, 2010, 2010, None, 2010)
    runs = find_runs([Track(year, "open") for year in years])
    assert [tuple(run) for run in runs] == [
        (0, 0, 2012),
        (1, 2, 2010),
        (3, 3, None),
        (4, 4, 2010),
    ]


def make_arm(direction: int, years: list[int]) -> Arm:
    """Return an arm with a track for every year."""
    stops = [Stop(str(n), "站", "Stop", 10.0 * n, False, True) for n in range(len(years) + 1)]
    tracks = [Track(year, "open") for year in years]
    return Arm("A", "臂", "arm", direction, tuple(stops), tuple(tracks))


def test_periods_cover_every_year_once() -> None:
    periods = select_periods([make_arm(0, [2010, 2023])])
    assert len(periods) == len(PERIODS)
    covered = [year for first, last in periods for year in range(first, last + 1)]
    assert covered == list(range(2010, 2024))
    assert select_periods([make_arm(0, [2015, 2015])]) == [(2015, 2015)]


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("count", [1, 8, 24])
def test_stops_are_evenly_spaced_along_their_direction(direction: int, count: int) -> None:
    points = place_stops(make_arm(direction, [2010] * count))
    assert points[0] == (0.0, 0.0)
    assert hypot(*points[1]) == pytest.approx(FIRST_STOP)
    steps = [hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points[1:])]
    assert all(step == pytest.approx(steps[0]) and step > LEAST_STEP - 1e-9 for step in steps)
    x, y = points[-1]
    assert (x > 1.0) == (direction in (45, 90, 135))
    assert (y > 1.0) == (direction in (0, 45, 315))


@pytest.fixture(scope="module")
def mi(evidence_base: Network) -> tuple[Network, list[Arm]]:
    network = evidence_base.as_of(TODAY)
    return network, describe_arms(network, "410100")


def test_the_mi_has_its_eight_strokes(mi: tuple[Network, list[Arm]]) -> None:
    ends = {arm.direction: arm.stops[-1].name_zh for arm in mi[1]}
    # Where the documents say that the eight arms lead.
    assert ends == {
        0: "北京西",
        45: "济南西",
        90: "徐州东",
        135: "合肥南",
        180: "武汉",
        225: "重庆北",
        270: "西安北",
        315: "太原南",
    }
    assert all(arm.is_open for arm in mi[1])
    openings = {arm.line_id: max(track.year or 0 for track in arm.tracks) for arm in mi[1]}
    line = mi[0]["line"].set_index("line_id")
    assert openings == {arm: int(line.loc[arm, "open_date"][:4]) for arm in openings}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("day", ["2016-03-15", TODAY])
def test_words_do_not_collide(evidence_base: Network, lang: Language, day: str) -> None:
    arms = describe_arms(evidence_base.as_of(day), "410100")
    texts = [text for arm in arms for text in compose_texts(arm, select_periods(arms), lang=lang)]
    assert len(texts) > 100
    collisions = [
        (a.words, b.words)
        for a, b in combinations(texts, 2)
        if a.outline().intersection(b.outline()).area > 0.5
    ]
    assert collisions == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_words_keep_clear_of_the_arms(mi: tuple[Network, list[Arm]], lang: Language) -> None:
    from shapely import LineString

    lines = [LineString([(0, 0), place_stops(arm)[-1]]) for arm in mi[1]]
    crossing = [
        text.words
        for arm in mi[1]
        for text in compose_texts(arm, select_periods(mi[1]), lang=lang)
        if any(text.outline().intersects(line) for line in lines)
    ]
    assert crossing == []


def test_the_diagram_is_drawn_and_the_same_each_time(
    mi: tuple[Network, list[Arm]], tmp_path: Path
) -> None:
    network, arms = mi
    paths = [
        draw_schematic(network, arms, hub="410100", title="米", path=tmp_path / name)
        for name in ("a.png", "b.png")
    ]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    height, width = imread(paths[0]).shape[:2]
    assert width > height > 700
