"""Streets that others met: where people may walk and drive, and what their doors are joined to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netlib.streets import read_streets
from netlib.streets.graph import Streets
from netlib.streets.limited import enter_limited, find_limited
from netlib.streets.modes import AccessMode
from netlib.streets.snapping import LIMIT_M, build_street_index, snap_points
from netlib.streets.speeds import Mode
from netlib.streets.tags import judge_way
from netlib.streets.ways import build_mode_roads, join_places, search_streets

Tags = dict[str, str]
CAR = AccessMode("car", fixed_minutes=0, limit_minutes=600, walk_speed_kmh=4.8)
# Degrees: a kilometre of longitude at 34.7 degrees north is about 0.0109.
NODES = {
    1: (113.600, 34.700),
    2: (113.605, 34.700),
    3: (113.610, 34.700),
    4: (113.605, 34.730),
    5: (113.598, 34.700),
    6: (113.612, 34.700),
    7: (113.605, 34.699),
    8: (113.605, 34.70025),
    9: (113.6052, 34.70025),
}
ROAD = {"highway": "residential"}


def write_streets(path: Path, ways: list[tuple[tuple[int, ...], Tags]]) -> Path:
    rows = [f'<node id="{n}" version="1" lon="{x}" lat="{y}"/>' for n, (x, y) in NODES.items()]
    for number, (refs, tags) in enumerate(ways, start=1):
        nodes = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        said = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        rows.append(f'<way id="{number}" version="1">{nodes}{said}</way>')
    path.write_text(f'<osm version="0.6">{"".join(rows)}</osm>', encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("tags", "walked"),
    [
        ({"highway": "platform"}, True),
        ({"highway": "platform", "foot": "no"}, False),
        ({"highway": "platform", "access": "private"}, False),
        ({"railway": "platform"}, True),
        ({"public_transport": "platform"}, True),
        ({"public_transport": "platform", "foot": "no"}, False),
        ({"public_transport": "stop_position"}, False),
        ({"man_made": "pier"}, True),
        ({"man_made": "pier", "access": "no"}, False),
        ({"man_made": "bridge"}, False),
        ({"highway": "elevator"}, True),
        ({"highway": "elevator", "foot": "private"}, False),
        # What others are for stays so, whatever stands beside it.
        ({"highway": "construction", "public_transport": "platform"}, False),
        ({"railway": "platform", "route": "ferry"}, True),
    ],
)
def test_people_walk_where_the_tags_say(tags: Tags, walked: bool, tmp_path: Path) -> None:  # noqa: FBT001
    assert (judge_way(tags, "walk") is not None) == walked
    path = write_streets(tmp_path / "town.osm", [((5, 1), ROAD), ((1, 2), tags), ((2, 3), ROAD)])
    ways = set(read_streets(path, mode="walk").edges["way_id"])
    assert (2 in ways) == walked
    if tags.get("route") != "ferry":
        assert judge_way(tags, "drive") is None


def test_a_door_joins_what_is_connected(tmp_path: Path) -> None:
    # A footway of 18 m in a courtyard, 28 m from the street and joined to nothing.
    ways = [((1, 2, 3), ROAD), ((1, 4, 3), ROAD), ((8, 9), {"highway": "footway"})]
    index = build_street_index(
        read_streets(write_streets(tmp_path / "town.osm", ways), mode="walk")
    )
    snaps = snap_points(index, np.array([113.6051]), np.array([34.70026]))
    way = index.streets.edges["way_id"].to_numpy()[snaps["edge"]]
    assert way.tolist() == [1]
    assert snaps["distance_m"][0] == pytest.approx(28.8, abs=0.2)
    # With a limit that the street is beyond, the courtyard is all there is.
    near = snap_points(index, np.array([113.6051]), np.array([34.70026]), limit_m=20)
    assert index.streets.edges["way_id"].to_numpy()[near["edge"]].tolist() == [3]


def test_a_town_across_the_water_is_no_island_of_the_map(tmp_path: Path) -> None:
    # Two parts of about the same length: either is joined to from its own doors.
    ways = [((1, 2), ROAD), ((3, 6, 3), ROAD), ((6, 3), {"highway": "service"})]
    index = build_street_index(
        read_streets(write_streets(tmp_path / "town.osm", ways), mode="walk")
    )
    snaps = snap_points(index, np.array([113.601, 113.611]), np.array([34.7, 34.7]))
    assert snaps["distance_m"].max() < 1


def test_doors_and_areas_have_one_limit() -> None:
    import inspect

    from netlib.streets.areas import build_area_grid, build_areas
    from netlib.streets.buffers import build_buffers

    limits = {
        inspect.signature(function).parameters[name].default
        for function, name in (
            (snap_points, "limit_m"),
            (build_areas, "off_road_m"),
            (build_area_grid, "off_road_m"),
            (build_buffers, "off_road_m"),
        )
    }
    assert limits == {LIMIT_M}


def read_shortcut(path: Path, tags: Tags, mode: Mode = "drive") -> Streets:
    """A direct street of two parts with an arm, and a way round it of 6.7 km."""
    ways = [
        ((1, 2, 3), {**ROAD, **tags}),
        ((2, 7), {**ROAD, **tags}),
        ((1, 4, 3), {"highway": "secondary"}),
        ((5, 1), ROAD),
        ((3, 6), ROAD),
    ]
    return read_streets(write_streets(path / "town.osm", ways), mode=mode)


DOORS = pd.DataFrame(
    {
        "point_id": ["west", "middle", "arm", "east"],
        "x_coord": [113.599, 113.6025, 113.605, 113.611],
        "y_coord": [34.7, 34.7, 34.6995, 34.7],
    }
)


def drive_minutes(streets: Streets, toward: str) -> np.ndarray:
    joined = join_places({"drive": streets}, ["drive"], DOORS, DOORS, LIMIT_M)["drive"]
    minutes = search_streets(joined, CAR, toward=toward) / 60  # type: ignore[arg-type]
    return np.asarray(minutes if toward == "stops" else minutes.T)


LIMITS = [{"access": key} for key in ("destination", "customers", "permit", "delivery")]


@pytest.mark.parametrize("tags", [*LIMITS, {"motor_vehicle": "destination"}])
@pytest.mark.parametrize("toward", ["stops", "points"])
def test_nobody_cuts_through_a_street_for_residents(
    tags: Tags, toward: str, tmp_path: Path
) -> None:
    (tmp_path / "open").mkdir()
    through = drive_minutes(read_shortcut(tmp_path / "open", {}), toward)
    streets = read_shortcut(tmp_path, tags)
    assert find_limited(streets).sum() == 6
    around = drive_minutes(streets, toward)
    west, middle, arm, east = range(4)
    # 6.7 km at the 55 km/h of a secondary road and a hundred metres at either end: 7.7 min.
    assert through[west, east] < 3
    assert 7 < around[west, east] < 9
    # Who lives there, or visits, drives in by the nearest end, and about inside.
    for a, b in ((west, middle), (middle, west), (west, arm), (arm, east), (middle, arm)):
        assert around[a, b] == pytest.approx(through[a, b], abs=0.01)
    assert around[middle, east] == pytest.approx(through[middle, east], abs=0.01)


def test_people_on_foot_are_not_turned_back(tmp_path: Path) -> None:
    assert not find_limited(read_shortcut(tmp_path, {"access": "destination"}, "walk")).any()


def test_areas_reach_into_streets_for_residents(tmp_path: Path) -> None:
    streets = read_shortcut(tmp_path, {"access": "destination"})
    _, seconds = build_mode_roads(streets, CAR)
    node = {number: place for place, number in enumerate(streets.nodes["node_id"])}
    reached = np.full(len(streets.nodes), np.inf)
    reached[[node[5], node[1], node[3]]] = 0.0, 30.0, 480.0
    found = enter_limited(streets, seconds, reached)
    length = streets.edges.set_index(["tail", "head"])["length_m"]
    in_seconds = length[node[1], node[2]] / (25 / 3.6)
    assert found[node[2]] == pytest.approx(30 + in_seconds)
    assert np.isfinite(found[node[7]])
    assert np.array_equal(enter_limited(read_shortcut(tmp_path, {}), seconds, reached), reached)
