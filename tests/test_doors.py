"""Door to door on a toy city: by hand, against networkx on all of it, and who wins where."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlib.doors import measure_door_to_door
from netlib.doors.access import build_mode_roads, gather_streets, measure_access
from netlib.doors.journeys import PARTS, measure_doors
from netlib.doors.winners import find_winners, share_ways
from netlib.errors import InputError, UnknownNameError
from netlib.streets.modes import ACCESS_MODES, EGRESS_MODES, read_modes
from netlib.timetable import Timetable, build_timetable
from netlib.timetable.entry_kernels import relax_entries
from netlib.timetable.kernels import NEVER
from tests.street_towns import build_grid, locate, place_points
from tests.test_streets import write_osm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netlib.tables import Network

# Streets 500 m apart, 15 km wide. An express runs every 20 minutes from West to East in 6 minutes,
# a tram every 8 from Middle to East in 9; one changes at Middle, 5 minutes from West by express.
COLUMNS, ROWS = 31, 5
WINDOW = (7 * 3600, 8 * 3600)
STOPS = {"West": (2, 1), "Middle": (14, 1), "East": (28, 1)}
DOORS = {"home": (0, 0), "next": (1, 2), "work": (30, 3), "mill": (15, 4)}
CLOSE = 0.02


def make_trip(name: str, *calls: tuple[str, int]) -> pd.DataFrame:
    stops, times = zip(*calls, strict=True)
    return pd.DataFrame({"trip_id": name, "stop_id": stops, "arrival": times, "departure": times})


def list_calls() -> pd.DataFrame:
    trips = []
    for minute in range(7 * 60, 11 * 60, 20):
        start = 60 * minute
        calls = [("West", start), ("Middle", start + 180), ("East", start + 360)]
        trips.append(make_trip(f"express-{minute}", *calls))
    for minute in range(7 * 60 + 3, 11 * 60, 8):
        start = 60 * minute
        trips.append(make_trip(f"tram-{minute}", ("Middle", start), ("East", start + 540)))
        trips.append(make_trip(f"back-{minute}", ("East", start), ("Middle", start + 500)))
    return pd.concat(trips, ignore_index=True)


@pytest.fixture(scope="module")
def stops() -> pd.DataFrame:
    return place_points(STOPS, "stop_id")


@pytest.fixture(scope="module")
def timetable(stops: pd.DataFrame) -> Timetable:
    return build_timetable(list_calls(), stops=stops[["stop_id"]], change_seconds=120)


@pytest.fixture(scope="module")
def streets() -> dict:
    return gather_streets(build_grid(COLUMNS, ROWS, mode=mode) for mode in ("walk", "drive"))


@pytest.fixture(scope="module")
def doors() -> pd.DataFrame:
    return place_points(DOORS, "point_id")


def measure(
    network: Network,
    streets: dict,
    timetable: Timetable,
    stops: pd.DataFrame,
    doors: pd.DataFrame,
    **options: object,
) -> pd.DataFrame:
    return measure_door_to_door(network, streets, timetable, stops, doors, doors, WINDOW, **options)


@pytest.fixture(scope="module")
def table(
    line_network: Network,
    streets: dict,
    timetable: Timetable,
    stops: pd.DataFrame,
    doors: pd.DataFrame,
) -> pd.DataFrame:
    return measure(line_network, streets, timetable, stops, doors)


def take_modes(names: Sequence[str]) -> dict[str, Sequence[str]]:
    return {"access_modes": names, "egress_modes": names, "direct_modes": names}


def on_foot(*arguments: object, **options: object) -> pd.DataFrame:
    return measure(*arguments, **take_modes(["walk"]), **options)


def test_on_foot_by_hand(
    line_network: Network,
    streets: dict,
    timetable: Timetable,
    stops: pd.DataFrame,
    doors: pd.DataFrame,
) -> None:
    # From home three blocks to West: 15 minutes at 6 km/h; from East four to work: 20.
    found = on_foot(line_network, streets, timetable, stops, doors)
    row = found.set_index(["from_id", "to_id"]).loc["home", "work"]
    # Of 60 departures each third meets the same waits of 0 to 19 minutes before 6 of riding.
    waits = sorted([(60 - minute - 15) % 20 for minute in range(60)])
    assert row["travel_time_p05"] == pytest.approx(15 + waits[2] + 6 + 20, abs=CLOSE)
    assert row["travel_time_minutes"] == pytest.approx(15 + waits[29] + 6 + 20, abs=CLOSE)
    assert row["travel_time_p95"] == pytest.approx(15 + waits[56] + 6 + 20, abs=CLOSE)
    parts = [15, waits[29], 6, 0, 20]
    assert row[list(PARTS)].tolist() == pytest.approx(parts, abs=CLOSE)
    assert row[["way", "access_mode", "egress_mode"]].tolist() == ["walk-ride-walk", "walk", "walk"]
    assert np.isnan(row["direct_minutes"])
    # 1.5 km, no stop on the way: all on foot, and at any minute the same
    near = found.set_index(["from_id", "to_id"]).loc["home", "next"]
    assert near[["way", "egress_mode", "direct_mode"]].tolist() == ["walk", "", "walk"]
    assert near[["travel_time_p05", "travel_time_p95"]].tolist() == pytest.approx([15, 15], abs=0.1)
    assert near[list(PARTS)].tolist() == pytest.approx([15, 0, 0, 0, 0], abs=CLOSE)


def test_pairs_and_columns(table: pd.DataFrame) -> None:
    assert len(table) == len(DOORS) * (len(DOORS) - 1)
    assert table.columns.tolist() == [
        *("from_id", "to_id", "low", "travel_time_minutes", "high"),
        *("travel_time_p05", "travel_time_p50", "travel_time_p95"),
        *("way", "access_mode", "egress_mode", *PARTS),
        *("ride_minutes", "direct_minutes", "direct_mode"),
    ]
    assert (table["low"] <= table["travel_time_minutes"]).all()
    assert (table["travel_time_minutes"] <= table["high"].fillna(np.inf)).all()
    assert (table["travel_time_p05"] <= table["travel_time_p50"]).all()
    assert (table["travel_time_p50"] <= table["travel_time_p95"]).all()


def test_parts_add_up_to_the_median(table: pd.DataFrame) -> None:
    total = table[list(PARTS)].sum(axis=1)
    assert total.to_numpy() == pytest.approx(table["travel_time_minutes"].to_numpy(), abs=CLOSE)
    assert (table[list(PARTS)] >= 0).all(axis=None)


def test_the_best_of_rides_and_ways_without_wins(table: pd.DataFrame) -> None:
    best = table[["ride_minutes", "direct_minutes"]].min(axis=1)
    assert table["travel_time_minutes"].to_numpy() == pytest.approx(best.to_numpy())
    direct = table["direct_minutes"] <= table["ride_minutes"]
    assert (table.loc[direct, "way"] == table.loc[direct, "direct_mode"]).all()
    assert table.loc[~direct, "way"].str.contains("-ride-").all()
    assert direct.any()


def join_city(
    network: Network,
    streets: dict,
    stops: pd.DataFrame,
    doors: pd.DataFrame,
    origin: str,
    departure: int,
) -> nx.DiGraph:
    """Join streets of all modes, waits and rides into one graph of seconds."""
    graph = nx.DiGraph()
    calls = list_calls()
    corners = {}
    for mode in read_modes(network, ACCESS_MODES):
        town = streets[mode.streets]
        _, seconds = build_mode_roads(town, mode)
        for side in ("access", "egress", "direct"):
            if (side, mode.name) != ("egress", "car"):
                ends = zip(town.edges["tail"], town.edges["head"], seconds, strict=True)
                for tail, head, weight in ends:
                    keys = [(side, mode.name, node) for node in (tail, head)]
                    graph.add_edge(*keys, weight=weight)
        for table in (stops, doors):
            for name, x, y in table.itertuples(index=False):
                away = np.hypot(town.nodes["x"] - x, town.nodes["y"] - y)
                corners[mode.name, name] = int(np.argmin(away))
        fixed = mode.fixed_minutes * 60
        limit = mode.limit_minutes * 60
        begin = corners[mode.name, origin]
        for side in ("access", "direct"):
            lengths = nx.single_source_dijkstra_path_length(
                graph, (side, mode.name, begin), cutoff=limit
            )
            names = stops["stop_id"] if side == "access" else doors["point_id"]
            for name in names:
                key = (side, mode.name, corners[mode.name, name])
                if key in lengths and side == "access":
                    board = (name, "foot", departure + round(fixed + lengths[key]))
                    graph.add_edge("start", board, weight=round(fixed + lengths[key]))
                elif key in lengths:
                    graph.add_edge("start", ("door", name), weight=fixed + lengths[key])
        if mode.name in EGRESS_MODES:
            for stop in stops["stop_id"]:
                lengths = nx.single_source_dijkstra_path_length(
                    graph, ("egress", mode.name, corners[mode.name, stop]), cutoff=limit
                )
                for door in doors["point_id"]:
                    key = ("egress", mode.name, corners[mode.name, door])
                    if key in lengths:
                        weight = round(fixed + lengths[key])
                        graph.add_edge(("left", stop), ("door", door), weight=weight)
    for _, trip in calls.groupby("trip_id"):
        for one, two in pairwise(trip.itertuples(index=False)):
            on, off = (one.trip_id, one.stop_id, "on"), (two.trip_id, two.stop_id, "off")
            graph.add_edge(on, off, weight=two.arrival - one.departure)
            graph.add_edge(off, (two.trip_id, two.stop_id, "on"), weight=0)
            graph.add_edge(off, ("left", two.stop_id), weight=0)
    boards = [key for key in graph if isinstance(key, tuple) and key[1:2] == ("foot",)]
    for stop, _, time in boards:
        for call in calls[(calls["stop_id"] == stop) & (calls["departure"] >= time)].itertuples():
            on = (call.trip_id, stop, "on")
            graph.add_edge((stop, "foot", time), on, weight=call.departure - time)
    changes = calls.merge(calls, on="stop_id", suffixes=("", "_b"))
    for row in changes[changes["departure_b"] >= changes["arrival"] + 120].itertuples():
        if row.trip_id != row.trip_id_b:
            keys = (row.trip_id, row.stop_id, "off"), (row.trip_id_b, row.stop_id, "on")
            graph.add_edge(*keys, weight=row.departure_b - row.arrival)
    return graph


def test_minutes_are_those_of_networkx_on_the_whole_city(
    line_network: Network,
    streets: dict,
    timetable: Timetable,
    stops: pd.DataFrame,
    doors: pd.DataFrame,
) -> None:
    departures = (7 * 3600 + 120, 7 * 3600 + 780)
    for origin in ("home", "mill"):
        for departure in departures:
            graph = join_city(line_network, streets, stops, doors, origin, departure)
            seconds = nx.single_source_dijkstra_path_length(graph, "start")
            found = measure_door_to_door(
                *(line_network, streets, timetable, stops),
                doors[doors["point_id"] == origin],
                doors,
                (departure, departure + 60),
                ranges=False,
            )
            assert len(found) == len(DOORS) - 1
            for row in found.itertuples():
                expected = seconds["door", row.to_id] / 60
                assert row.travel_time_minutes == pytest.approx(expected, abs=CLOSE)


def test_more_modes_are_never_slower(
    line_network: Network,
    streets: dict,
    timetable: Timetable,
    stops: pd.DataFrame,
    doors: pd.DataFrame,
    table: pd.DataFrame,
) -> None:
    pairs = ["from_id", "to_id"]
    all_modes = table.set_index(pairs)
    names = list(ACCESS_MODES)
    slower = None
    for count in range(1, len(names) + 1):
        modes = take_modes(names[:count])
        found = measure(line_network, streets, timetable, stops, doors, ranges=False, **modes)
        minutes = found.set_index(pairs)["travel_time_minutes"].reindex(all_modes.index)
        minutes = minutes.fillna(np.inf)
        if slower is not None:
            assert (minutes <= slower + 1e-9).all()
        slower = minutes


def test_closing_a_street_never_helps(
    line_network: Network, timetable: Timetable, stops: pd.DataFrame, doors: pd.DataFrame
) -> None:
    cut = [((column, 0), (column, 1)) for column in range(COLUMNS) if column != 20]
    cut += [((1, 1), (2, 1))]
    minutes = []
    for closed in ([], cut):
        town = gather_streets(
            build_grid(COLUMNS, ROWS, mode=mode, closed=closed) for mode in ("walk", "drive")
        )
        found = measure(line_network, town, timetable, stops, doors, ranges=False)
        minutes.append(found.set_index(["from_id", "to_id"])["travel_time_minutes"])
    longer = minutes[1].reindex(minutes[0].index).fillna(np.inf) - minutes[0]
    assert (longer >= -1e-9).all()
    assert longer["home", "work"] > 1


def test_services_by_headway(
    line_network: Network, streets: dict, stops: pd.DataFrame, doors: pd.DataFrame
) -> None:
    # The express alone, every 20 minutes at a phase that nobody knows: with 20 minutes of
    # departures and many draws the wait is 10 minutes in the middle, and the rest as before.
    trip = make_trip("express", ("West", 0), ("Middle", 180), ("East", 360))
    rows = {"trip_id": ["express"], "start": [6 * 3600], "end": [12 * 3600], "headway": [1200]}
    frequencies = pd.DataFrame({**rows, "exact": [False]})
    timetable = build_timetable(trip, stops=stops[["stop_id"]], frequencies=frequencies)
    ends = (doors[doors["point_id"] == name] for name in ("home", "work"))
    found = measure_door_to_door(
        *(line_network, streets, timetable, stops, *ends, (7 * 3600, 7 * 3600 + 1200)),
        **take_modes(["walk"]),
        ranges=False,
        draws=40,
    )
    (row,) = found.to_dict("records")
    assert row["travel_time_minutes"] == pytest.approx(15 + 10 + 6 + 20, abs=1)
    assert [row[part] for part in ("access", "in_vehicle", "transfer", "egress")] == pytest.approx(
        [15, 6, 0, 20], abs=CLOSE
    )
    assert sum(row[part] for part in PARTS) == pytest.approx(row["travel_time_minutes"])


def test_nobody_has_a_car_at_work(table: pd.DataFrame) -> None:
    assert "car" not in set(table["egress_mode"])
    assert "car" in set(table["access_mode"])


def test_a_door_in_a_river_is_an_error(
    line_network: Network,
    streets: dict,
    timetable: Timetable,
    stops: pd.DataFrame,
    doors: pd.DataFrame,
) -> None:
    boat = place_points({"boat": (3, -8)}, "point_id")
    with pytest.raises(InputError, match="point boat is 4,000 m from the nearest street"):
        measure_door_to_door(line_network, streets, timetable, stops, boat, doors, WINDOW)


def test_stops_that_the_timetable_does_not_have(
    line_network: Network, streets: dict, timetable: Timetable, doors: pd.DataFrame
) -> None:
    more = place_points({**STOPS, "Harbour": (1, 1)}, "stop_id")
    ways = measure_access(line_network, streets, doors, more)
    with pytest.raises(UnknownNameError, match="unknown stop 'Harbour'"):
        measure_doors(timetable, ways, ways, WINDOW)


def test_which_way_wins_where(table: pd.DataFrame) -> None:
    shares = share_ways(table)
    assert shares["pairs"].sum() == len(table)
    assert shares["share"].sum() == pytest.approx(1)
    assert shares["pairs"].is_monotonic_decreasing
    counted = table["way"].value_counts()
    assert dict(zip(shares["way"], shares["pairs"], strict=True)) == counted.to_dict()
    winners = find_winners(table)
    assert winners["to_id"].tolist() == table["to_id"].drop_duplicates().tolist()
    at_work = table[table["to_id"] == "work"]
    row = winners.set_index("to_id").loc["work"]
    assert row["share"] == (at_work["way"] == row["way"]).mean()
    assert row["minutes"] == at_work["travel_time_minutes"].median()
    homes = find_winners(table, by="from_id")
    assert homes.columns.tolist() == ["from_id", "way", "share", "minutes", "lead_minutes"]


def test_a_place_that_nothing_leads_to_has_no_winner(
    line_network: Network, streets: dict, timetable: Timetable, stops: pd.DataFrame
) -> None:
    # On foot from the east there is a tram to Middle, which is 7 km from home.
    far = place_points({"far": (30, 3), "home": (0, 0)}, "point_id")
    found = on_foot(line_network, streets, timetable, stops, far, ranges=False)
    lost = found.set_index("from_id").loc["far"]
    assert np.isnan(lost["travel_time_minutes"])
    assert lost[["way", "access_mode", "egress_mode", "direct_mode"]].tolist() == [""] * 4
    assert find_winners(found)["to_id"].tolist() == ["far"]


def enter_plainly(
    walk_start: np.ndarray,
    walk_stop: np.ndarray,
    walk_seconds: np.ndarray,
    stops: np.ndarray,
    times: np.ndarray,
    foot: np.ndarray,
    entry: np.ndarray,
) -> None:
    """The plain twin of the kernel."""
    for stop, time in zip(stops, times, strict=True):
        walks = range(walk_start[stop], walk_start[stop + 1])
        for end, walk in [(stop, 0), *((walk_stop[k], walk_seconds[k]) for k in walks)]:
            if time + walk < foot[end]:
                foot[end], entry[end] = time + walk, stop


@given(
    walks=st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 99)), max_size=20
    ),
    access=st.dictionaries(st.integers(0, 5), st.integers(0, 200), max_size=4),
)
@settings(deadline=None)
def test_stops_of_access_are_entered_like_the_twin(walks: list, access: dict) -> None:
    table = np.array(sorted(walks), dtype=np.int32).reshape(-1, 3)
    start = np.searchsorted(table[:, 0], np.arange(7)).astype(np.int32)
    stops = np.array(sorted(access), dtype=np.int32)
    times = np.array([access[stop] for stop in sorted(access)], dtype=np.int32)
    results = []
    for relax in (relax_entries, enter_plainly):
        foot, entry = np.full(8, NEVER, dtype=np.int32), np.full(8, -1, dtype=np.int32)
        relax(start, table[:, 1].copy(), table[:, 2].copy(), stops, times, foot, entry)
        results.append((foot, entry))
    np.testing.assert_array_equal(results[0], results[1])


def test_the_script_for_any_city(tmp_path: Path) -> None:
    # The valley of the feed tests, with streets every 500 m along its 10 km.
    nodes = {
        column + 1000 * row + 1: locate((column, row), origin=(112.99, 33.995), step_m=500.0)
        for column in range(23)
        for row in range(4)
    }
    ways = [
        ((node, other), {"highway": "residential"})
        for node in nodes
        for other in (node + 1, node + 1000)
        if other in nodes
    ]
    town = write_osm(tmp_path / "valley.osm", nodes, ways)
    script = Path(__file__).parents[1] / "scripts" / "city_doors.py"
    feed = Path(__file__).parent / "feeds" / "valley"
    options = ["--day", "2026-09-07", "--window", "07:30-08:00", "--doors", "6"]
    command = [sys.executable, script, feed, "--streets", town, *options]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for words in (
        "modes walk: 30 pairs",
        "modes walk, taxi, car: 30 pairs",
        "100% reached",
        "taxi",
    ):
        assert words in done.stdout
