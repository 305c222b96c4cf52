"""The origin-destination table: hand-checked toys, and properties on the evidence base."""

from __future__ import annotations

import itertools
import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from netlib.readings import find_reading
from netlib.errors import UnknownNameError, UnreachableError
from netlib.evidence import explain_cell, select_variant
from netlib.graph import build_graph, compute_access, shortest_paths
from netlib.scenarios import Scenario, apply_scenario
from netlib.travel_times import (
    PARTS,
    Engine,
    compute_variant,
    find_ends,
    journey_legs,
    measure_pairs,
    reach,
    travel_times,
)

if TYPE_CHECKING:
    from netlib.tables import Network

Build = "Callable[..., Network]"
TODAY = "2026-11-22"
DAYS = ["2016-03-15", "2022-06-20", TODAY]
READINGS = [
    "ride_fastest",
    "ride_main",
    "ride_median",
    "station_to_station",
    "door_to_door",
    "drive_free",
    "drive_peak",
]
# Cells are rounded to a tenth, so a sum of five may be off by a quarter.
ROUNDED = 0.3


@cache
def on_day(network: Network, day: str) -> Network:
    """Return the network of a day, the same for every test, so that its rides are kept."""
    return network.as_of(day)


def row_of(
    network: Network,
    origin: str,
    destination: str,
    definition: str,
    *,
    engine: Engine | None = None,
) -> pd.Series:
    table = travel_times(
        network.as_of(TODAY), [origin], [destination], definition=definition, engine=engine
    )
    return table.iloc[0]


# Toy, origin, destination, reading: low, central, high minutes on the static engine. The sums are
# in the comments, with the parameters of tests/toys/common and the ranges of their evidence.
BY_HAND = [
    # the express G3 takes 26, the stopping G1 15 + 2 + 15
    ("line", "900100", "900300", "ride_fastest", 26, 26, 26),
    ("line", "900100", "900300", "ride_main", 26, 26, 26),
    # half of two trains is one train
    ("line", "900100", "900300", "ride_median", 26, 26, 26),
    ("line", "900100", "900200", "ride_fastest", 15, 15, 15),
    ("line", "900200", "900300", "ride_fastest", 15, 15, 15),
    # back: G2 takes 32, G4 leaves at 23:45 and takes 26
    ("line", "900300", "900100", "ride_fastest", 26, 26, 26),
    # from 07:00 to 19:00: 60 minutes wait for G1 (08:32), 30 for G3 (08:56), 630 for tomorrow's G1:
    # (60 * (512 - 450) + 30 * (536 - 495) + 630 * (1952 - 825)) / 720
    ("line", "900100", "900300", "station_to_station", 993, 993, 993),
    # from 07:00 to 09:00: (60 * 62 + 30 * 41 + 30 * (1952 - 525)) / 120 = 398; before it 20 (10 to
    # 30) into the station, after it 5 (5 to 10) out of it; both centres lie at their stations
    ("line", "900100", "900300", "door_to_door", 398 + 10 + 5, 398 + 20 + 5, 398 + 30 + 10),
    # into the metro 4, wait 5, ride 6, change 4, wait 2.5, ride 6, out 2
    ("transfer", "900100", "900200", "door_to_door", 23, 29.5, 36),
    # the way round, 30 + 30, is quicker than the direct road of 75; 10 (5 to 15) at each end
    ("triangle", "900100", "900300", "drive_free", 24 + 24 + 10, 60 + 20, 36 + 36 + 30),
    ("triangle", "900100", "900300", "drive_peak", 58, 80 * 1.5, 102 * 2),
    ("triangle", "900100", "900200", "drive_free", 24 + 10, 30 + 20, 36 + 30),
]


@pytest.mark.parametrize(
    ("toy", "origin", "destination", "definition", "low", "central", "high"), BY_HAND
)
def test_times_checked_by_hand(
    toy: str,
    origin: str,
    destination: str,
    definition: str,
    low: float,
    central: float,
    high: float,
    request: pytest.FixtureRequest,
) -> None:
    network = request.getfixturevalue(f"{toy}_network")
    row = row_of(network, origin, destination, definition, engine="static")
    found = row[["low", "travel_time_minutes", "high"]].tolist()
    assert found == pytest.approx([low, central, high], abs=0.051)


def middle(*runs: range, departures: int) -> float:
    """Return the time within which half of the departures arrive; runs hold those that do."""
    minutes = sorted(itertools.chain(*runs))
    half = departures // 2
    return minutes[half - 1] if len(minutes) >= half else math.nan


# Toy line, from, to, reading, and the middle of its departures at the low, central and high end.
BY_DEPARTURE = [
    # One leaves at 07:00 + m. With 10 minutes into the station and 5 out of it m = 0 to 50 reach
    # the 08:00 and are at home at 08:37, 97 - m later; m = 51 to 80 reach the 08:30, home at 09:01,
    # 121 - m later; then no train is left. With 20 and 5 it is to 40 and to 70. With 30 and 10 it
    # is to 30, home at 08:42, and to 60, home at 09:06.
    (
        *("900100", "900300", "door_to_door"),
        middle(range(97 - 50, 98), range(121 - 80, 121 - 50), departures=120),
        middle(range(97 - 40, 98), range(121 - 70, 121 - 40), departures=120),
        middle(range(102 - 30, 103), range(126 - 60, 126 - 30), departures=120),
    ),
    # The 08:00 is at Beta at 08:15. Who misses it may take the 08:30 to Gamma and come back by the
    # 18:00, which is at Beta at 18:15: 18:20 in the street, 680 - m after 07:00.
    (
        *("900100", "900200", "door_to_door"),
        middle(range(80 - 50, 81), range(680 - 80, 680 - 50), departures=120),
        middle(range(80 - 40, 81), range(680 - 70, 680 - 40), departures=120),
        middle(range(85 - 30, 86), range(685 - 60, 685 - 30), departures=120),
    ),
    # From 07:00 to 19:00 every five minutes, 144 departures: 19 of them reach the 08:30 or the
    # train before it, too few for a middle.
    ("900100", "900300", "station_to_station", math.nan, math.nan, math.nan),
    # The 18:00 takes those of 07:00 to 18:00, there at 18:32; the 23:45 those up to 18:55, there at
    # 24:11. Nothing of it has a range.
    (
        *("900300", "900100", "station_to_station"),
        *[middle(range(32, 693, 5), range(316, 367, 5), departures=144)] * 3,
    ),
]


@pytest.mark.parametrize(
    ("origin", "destination", "definition", "low", "central", "high"), BY_DEPARTURE
)
def test_departures_checked_by_hand(
    origin: str,
    destination: str,
    definition: str,
    low: float,
    central: float,
    high: float,
    line_network: Network,
) -> None:
    row = row_of(line_network, origin, destination, definition)
    found = row[["low", "travel_time_minutes", "high"]].tolist()
    assert found == pytest.approx([low, central, high], abs=0.051, nan_ok=True)


def test_waits_for_metros_checked_by_hand(transfer_network: Network) -> None:
    # The waits are spread evenly over the headways, so that the middle of their sum is half of
    # them: the sums of the static engine. Within a draw all travellers have the same wait at the
    # change, every second vehicle of a line being theirs; over eight draws its mean is known with a
    # standard deviation of 6 / sqrt(12 * 8) = 0.6 minutes at the high end, and three of them count.
    row = row_of(transfer_network, "900100", "900200", "door_to_door")
    found = row[["low", "travel_time_minutes", "high"]].tolist()
    assert found == pytest.approx([23, 29.5, 36], abs=1.9)
    assert row["travel_time_p05"] >= 22
    assert row["travel_time_p95"] <= 22 + 10 + 5


# Toy, reading, engine, and the central minutes of access, wait, in_vehicle, transfer and egress.
BY_PART = [
    ("line", "ride_fastest", None, 0, 0, 26, 0, 0),
    # G1 carries half of the morning's travellers, G3 a quarter, tomorrow's G1 a quarter
    ("line", "door_to_door", "static", 20, 398 - 30.5, 30.5, 0, 5),
    # the middle of the departures is that of 07:11: on the platform at 07:31, for the 08:00
    ("line", "door_to_door", "timetable", 20, 29, 32, 0, 5),
    ("triangle", "drive_free", None, 10, 0, 60, 0, 10),
]


@pytest.mark.parametrize(
    ("toy", "definition", "engine", "access", "wait", "ride", "change", "egress"), BY_PART
)
def test_parts_checked_by_hand(
    toy: str,
    definition: str,
    engine: Engine | None,
    access: float,
    wait: float,
    ride: float,
    change: float,
    egress: float,
    request: pytest.FixtureRequest,
) -> None:
    network = request.getfixturevalue(f"{toy}_network")
    row = row_of(network, "900100", "900300", definition, engine=engine)
    parts = [access, wait, ride, change, egress]
    assert row[list(PARTS)].tolist() == pytest.approx(parts, abs=0.051)


def test_parts_of_a_change_between_metro_lines(transfer_network: Network) -> None:
    row = row_of(transfer_network, "900100", "900200", "door_to_door", engine="static")
    assert row[list(PARTS)].tolist() == pytest.approx([4, 7.5, 12, 4, 2], abs=0.051)
    assert row["kind"] == "headway"
    row = row_of(transfer_network, "900100", "900200", "door_to_door", engine="timetable")
    wait = row["travel_time_minutes"] - 22
    assert row[list(PARTS)].tolist() == pytest.approx([4, wait, 12, 4, 2], abs=0.051)
    assert row["kind"] == "headway"


def test_the_longest_ride_names_its_train(line_network: Network) -> None:
    assert row_of(line_network, "900100", "900300", "ride_fastest")["service"] == "G3"
    assert row_of(line_network, "900100", "900300", "door_to_door")["service"] == "G1"


def test_half_of_the_departures_take_at_most_the_median(
    line_network: Network, with_trips: Build
) -> None:
    # Trains of 20, 30 and 40 minutes; the one of 40 runs every hour of 16.
    trips = {
        "fast": [("AAA", 480, 480), ("CCC", 500, 500)],
        "mid": [("AAA", 490, 490), ("CCC", 520, 520)],
        "slow": [("AAA", 500, 500), ("CCC", 540, 540)],
    }
    network = with_trips(line_network, trips)
    assert row_of(network, "AAA", "CCC", "ride_median")["travel_time_minutes"] == 30
    often = with_trips(line_network, trips, headways={"slow": [(360, 1320, 60)]})
    assert row_of(often, "AAA", "CCC", "ride_median")["travel_time_minutes"] == 40
    assert row_of(often, "AAA", "CCC", "ride_fastest")["travel_time_minutes"] == 20


def test_main_stations_only_count_where_they_are_asked_for(line_network: Network) -> None:
    # BBB becomes a second station of Alpha, nearer to Gamma by half.
    node = line_network["node"].copy()
    node.loc[node["node_id"] == "BBB", "zone_id"] = "900100"
    network = line_network.with_tables(node=node)
    assert row_of(network, "900100", "900300", "ride_fastest")["travel_time_minutes"] == 15
    assert row_of(network, "900100", "900300", "ride_main")["travel_time_minutes"] == 26
    assert row_of(network, "AAA", "900300", "ride_fastest")["travel_time_minutes"] == 26


def test_pairs_come_in_the_order_asked_and_without_a_place_to_itself(line_network: Network) -> None:
    places = ["900300", "900100", "900200"]
    table = travel_times(line_network.as_of(TODAY), places, places, definition="ride_fastest")
    assert list(zip(table["from_id"], table["to_id"], strict=True)) == [
        (a, b) for a in places for b in places if a != b
    ]


def test_where_there_is_no_train_there_is_no_time(triangle_network: Network) -> None:
    row = row_of(triangle_network, "900100", "900300", "door_to_door")
    assert row[["low", "travel_time_minutes", "high", *PARTS]].isna().all()
    assert (row["service"], row["kind"]) == ("", "")


def test_readings_that_are_none(line_network: Network) -> None:
    with pytest.raises(UnknownNameError, match="nearest: ride_fastest"):
        row_of(line_network, "900100", "900300", "ride_fast")
    with pytest.raises(UnreachableError, match="use netlib claims"):
        row_of(line_network, "900100", "900300", "status")


@pytest.mark.parametrize("waits", ["expected", "departures"])
def test_legs_tell_the_whole_journey(
    waits: str, expected_transfer: Network, transfer_network: Network
) -> None:
    network = expected_transfer if waits == "expected" else transfer_network
    legs = journey_legs(network.as_of(TODAY), "900100", "900200")
    assert legs["seq"].tolist() == list(range(1, 10))
    assert legs["kind"].tolist() == [
        "access",
        "process",
        "wait",
        "ride",
        "transfer",
        "wait",
        "ride",
        "exit",
        "egress",
    ]
    first, second = (5, 2.5) if waits == "expected" else legs["minutes"].iloc[[2, 5]]
    assert legs["minutes"].tolist() == [0, 4, first, 6, 4, second, 6, 2, 0]
    assert 0 <= first <= 10
    assert 0 <= second <= 5
    rides = legs[legs["kind"] == "ride"]
    assert rides["service"].tolist() == ["Line 1", "Line 2"]
    assert rides[["from_zh", "to_en"]].to_numpy().tolist() == [["东站", "Cross"], ["中站", "North"]]


def test_legs_of_nothing_are_an_error(line_network: Network) -> None:
    with pytest.raises(
        UnreachableError, match="no journey from 甲市 to 丙市 under drive_free on 2026"
    ):
        journey_legs(line_network.as_of(TODAY), "900100", "900300", definition="drive_free")


def test_reach_counts_until_the_street(line_network: Network) -> None:
    stops = reach(line_network.as_of(TODAY), "900100").set_index("node_id")
    assert stops.index[0] == "C-900100"
    # Gamma's and Beta's centres lie at their stations: the middles of BY_DEPARTURE. Alpha, where
    # everybody starts, is reached by the train back, which leaves Gamma at 18:00: one is in the
    # street at 18:37, if one came to Gamma at all, leaving from 07:00 to 08:10.
    back = middle(range(697 - 70, 698), departures=120)
    found = {"C-900100": 0, "AAA": back, "CCC": 86, "C-900300": 86, "BBB": 628, "C-900200": 628}
    assert stops["minutes"].to_dict() == found
    centres = stops.index[stops["node_type"] == "centre"]
    assert set(centres) == {"C-900100", "C-900200", "C-900300"}


def test_reach_counts_until_the_street_with_expected_waits(line_network: Network) -> None:
    stops = reach(line_network.as_of(TODAY), "900100", engine="static").set_index("node_id")
    assert stops["minutes"].iloc[0] == 0
    assert stops.loc["CCC", "minutes"] == pytest.approx(423, abs=1e-4)
    assert stops.loc["C-900300", "minutes"] == pytest.approx(423, abs=1e-4)
    assert stops.loc["C-900300", "node_type"] == "centre"


@pytest.mark.parametrize("engine", ["static", "timetable"])
def test_where_no_train_leaves_any_more_nothing_but_the_origin_is_reached(
    engine: Engine, line_network: Network, with_trips: Build
) -> None:
    network = with_trips(line_network, {"early": [("AAA", 300, 300), ("CCC", 330, 330)]})
    stops = reach(network.as_of(TODAY), "900100", engine=engine)
    # With expected waits one waits for the train of the next morning.
    first = ["C-900100"] if engine == "timetable" else ["C-900100", "CCC", "C-900300"]
    assert sorted(stops["node_id"]) == sorted(first)
    assert stops["minutes"].iloc[0] == 0


def test_reach_of_a_place_without_stops_is_an_error(triangle_network: Network) -> None:
    with pytest.raises(UnreachableError, match=r"甲市 \(900100\) has no stop within reach on 2026"):
        reach(triangle_network.as_of(TODAY), "900100")


def test_reach_agrees_with_the_graph(evidence_base: Network) -> None:
    network = on_day(evidence_base, TODAY)
    stops = reach(network, "410100", engine="static").set_index("node_id")["minutes"]
    graph = build_graph(network, window=(7 * 3600, 9 * 3600))
    minutes, _ = shortest_paths(graph, [graph.find("410100|centre|")])
    for stop in ("EGF", "XVF", "LLF"):
        assert stops[stop] == pytest.approx(minutes[0][graph.find(f"{stop}|left|")])
    nearer = reach(network, "410100", variant="low", engine="static")
    assert (nearer.set_index("node_id")["minutes"].reindex(stops.index) <= stops + 1e-9).all()


@pytest.mark.parametrize("engine", ["static", "timetable"])
@pytest.mark.parametrize("day", DAYS)
def test_reach_has_the_minutes_of_every_city(
    day: str, engine: Engine, evidence_base: Network
) -> None:
    network = on_day(evidence_base, day)
    zone = network["zone"]
    zone = zone[zone["level"] != "county"]
    for origin in ("410100", "411000"):
        stops = reach(network, origin, engine=engine)
        centres = stops[stops["node_type"] == "centre"].set_index("node_id")["minutes"]
        ids = zone["zone_id"].tolist()
        table = travel_times(network, [origin], ids, engine=engine).set_index("to_id")
        minutes = table["travel_time_minutes"].dropna()
        assert len(minutes) > 20
        nodes = zone.set_index("zone_id").loc[minutes.index, "centre_node_id"]
        assert centres[nodes].to_numpy() == pytest.approx(minutes.to_numpy(), abs=0.051)
        assert len(centres) == len(minutes) + 1


def test_no_stop_is_a_shorter_way_to_a_centre(evidence_base: Network) -> None:
    # Who may choose the station does as well as by the best station alone, or better.
    network = on_day(evidence_base, "2022-12-31")
    table = reach(network, "410100").set_index("node_id")
    stops = table["minutes"]
    ways = compute_access(network, set(table.index[table["node_type"] != "centre"]))
    ways["total"] = ways["minutes"] + ways["stop_id"].map(stops)
    best = ways.groupby("zone_id")["total"].min()
    zone = network["zone"].set_index("zone_id")["centre_node_id"]
    exact = stops.reindex(zone[best.index]).to_numpy()
    known = np.isfinite(exact) & (best.index != "410100")
    # Ways out of stations are rounded to a second.
    assert (best.to_numpy()[known] >= exact[known] - 0.02).all()
    # From the three stations of Kaifeng trains leave in turn: 29 minutes between both readings.
    assert best["410200"] > stops[zone["410200"]] + 10


@pytest.fixture(scope="module")
def cities(evidence_base: Network) -> list[str]:
    zone = evidence_base["zone"]
    return zone.loc[zone["level"] != "county", "zone_id"].tolist()


@pytest.fixture(scope="module")
def tables(evidence_base: Network, cities: list[str]) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the times from Zhengzhou and Shijiazhuang to all cities by day and reading."""
    return {
        (day, definition): travel_times(
            on_day(evidence_base, day), ["410100", "130100"], cities, definition=definition
        )
        for day in DAYS
        for definition in READINGS
    }


@pytest.mark.parametrize("definition", READINGS)
@pytest.mark.parametrize("day", DAYS)
def test_low_central_and_high_are_in_order(
    day: str, definition: str, tables: dict[tuple[str, str], pd.DataFrame]
) -> None:
    table = tables[day, definition]
    low, central, high = (
        table[column].fillna(np.inf) for column in ("low", "travel_time_minutes", "high")
    )
    assert (low <= central).all()
    assert (central <= high).all()
    assert np.isfinite(central).sum() >= 15


@pytest.mark.parametrize("definition", READINGS)
@pytest.mark.parametrize("day", DAYS)
def test_parts_add_up(
    day: str, definition: str, tables: dict[tuple[str, str], pd.DataFrame]
) -> None:
    table = tables[day, definition].dropna(subset=["travel_time_minutes"])
    assert (table[list(PARTS)] >= 0).all().all()
    off = (table[list(PARTS)].sum(axis=1) - table["travel_time_minutes"]).abs()
    assert off.max() <= ROUNDED
    assert (table["service"] != "").all()
    assert (table["kind"] != "").all()


@pytest.mark.parametrize("day", DAYS)
def test_readings_are_stricter_one_by_one(
    day: str, tables: dict[tuple[str, str], pd.DataFrame]
) -> None:
    minutes = {
        name: tables[day, name]["travel_time_minutes"].fillna(np.inf).to_numpy()
        for name in READINGS
    }
    # Fewer stations, slower trains, waits, and the ways to and from the stations never save time.
    assert (minutes["ride_fastest"] <= minutes["ride_main"]).all()
    assert (minutes["ride_fastest"] <= minutes["ride_median"]).all()
    assert (minutes["drive_free"] <= minutes["drive_peak"]).all()
    direct = np.isfinite(minutes["ride_fastest"]) & np.isfinite(minutes["door_to_door"])
    assert direct.any()


def test_exact_timetables_leave_rides_no_range(
    tables: dict[tuple[str, str], pd.DataFrame],
) -> None:
    for day in ("2016-03-15", TODAY):
        table = tables[day, "ride_fastest"].dropna(subset=["travel_time_minutes"])
        trains = table[table["kind"] == "timetable"]
        assert (trains["low"] == trains["high"]).all()
    between = tables["2022-06-20", "ride_fastest"].dropna(subset=["travel_time_minutes"])
    assert (between["low"] < between["high"]).all()


def test_access_to_zhengzhou_stations_costs_time(
    tables: dict[tuple[str, str], pd.DataFrame],
) -> None:
    rides, doors = (tables[TODAY, name] for name in ("station_to_station", "door_to_door"))
    both = rides["travel_time_minutes"].notna() & doors["travel_time_minutes"].notna()
    # at least the way into a metro station and out of one
    assert (doors.loc[both, "access"] >= 4).all()
    assert (doors.loc[both, "egress"] >= 3).all()
    # Journeys between stations start on the platform; one that changes without leaving has neither.
    to_xuchang = rides[(rides["from_id"] == "410100") & (rides["to_id"] == "411000")].iloc[0]
    assert to_xuchang[["access", "transfer", "egress"]].tolist() == [0, 0, 0]


REMOVALS = [
    ({"table": "line", "where": {"line_id": "ZX"}}, "door_to_door"),
    ({"table": "line", "where": {"line_id": "ZZ1"}}, "door_to_door"),
    ({"table": "line", "where": {"line_id": "JG-S"}}, "ride_fastest"),
    ({"table": "service", "where": {"service_id": "T2026"}}, "station_to_station"),
    ({"table": "node", "where": {"node_id": "ZAF"}}, "station_to_station"),
    ({"table": "line", "where": {"line_id": "JX2"}}, "drive_free"),
]


@pytest.mark.parametrize(("removal", "definition"), REMOVALS)
def test_taking_something_away_never_helps(
    removal: dict[str, object],
    definition: str,
    evidence_base: Network,
    cities: list[str],
    tables: dict[tuple[str, str], pd.DataFrame],
) -> None:
    card = Scenario("less", "", "", "", "", ({"action": "remove", **removal},))
    network = apply_scenario(evidence_base, card).as_of(TODAY)
    pairs = pd.DataFrame({"from_id": "410100", "to_id": [c for c in cities if c != "410100"]})
    after = measure_pairs(network, pairs, definition=definition)[0]
    before = tables[TODAY, definition]
    before = before[before["from_id"] == "410100"]
    assert before["to_id"].tolist() == after["to_id"].tolist()
    for column in ("low", "travel_time_minutes", "high"):
        was, now = (frame[column].fillna(np.inf).to_numpy() for frame in (before, after))
        assert (now >= was - 1e-9).all()


@pytest.mark.parametrize("definition", ["ride_fastest", "door_to_door"])
def test_slower_services_never_help_on_the_static_graph(
    definition: str, evidence_base: Network, cities: list[str]
) -> None:
    service = evidence_base["service"]
    slow = service.assign(run_time_ratio=service["run_time_ratio"] * 1.1)
    networks = on_day(evidence_base, TODAY), evidence_base.with_tables(service=slow).as_of(TODAY)
    origins = ["410100", "130100"]
    was, now = (
        travel_times(network, origins, cities, definition=definition, engine="static")
        for network in networks
    )
    was, now = (table["travel_time_minutes"].fillna(np.inf).to_numpy() for table in (was, now))
    assert (now >= was).all()
    reached = np.isfinite(was)
    assert (now[reached] > was[reached]).all()


def test_a_train_that_runs_slower_may_be_caught(line_network: Network, with_trips: Build) -> None:
    # The shuttle is at Beta at 09:15, ready to change at 09:25; the other train calls there at
    # 09:20. Three times as slow they are there at 09:45 and at 10:00, so that the change succeeds
    # and one is at Gamma at 11:00, in the street at 11:05. Those of 07:00 to 08:40 reach the
    # shuttle, 101 of 120.
    trips = {
        "shuttle": [("AAA", 540, 540), ("BBB", 555, 555)],
        "other": [("CCC", 540, 540), ("BBB", 560, 560), ("CCC", 580, 580)],
    }
    network = with_trips(line_network, trips)
    assert math.isnan(row_of(network, "900100", "900300", "door_to_door")["travel_time_minutes"])
    slow = network.with_tables(service=network["service"].assign(run_time_ratio=3.0))
    row = row_of(slow, "900100", "900300", "door_to_door")
    assert row["travel_time_minutes"] == middle(range(145, 246), departures=120)
    assert row["service"] == "other"


def test_ranges_hold_all_ends_of_the_figures() -> None:
    low, central, high = (
        pd.Series(column) for column in ([3, np.nan, 5, np.nan], [2, np.nan, 6, 9], [4, 648, 7, 8])
    )
    ends = find_ends([low, central, high])
    assert ends[0].tolist() == [2, 648, 5, 8]
    assert ends[1][[0, 2]].tolist() == [4, 7]
    assert np.isnan(ends[1][[1, 3]]).all()


SLOWER = ["rail_process_minutes", "rail_exit_minutes", "metro_process_minutes"]


def test_slower_stations_never_help_on_the_timetable(
    evidence_base: Network, tables: dict[tuple[str, str], pd.DataFrame]
) -> None:
    parameter = evidence_base["parameter"]
    slower = parameter["parameter_id"].isin(SLOWER)
    assert slower.sum() == len(SLOWER)
    parameter = parameter.assign(value=parameter["value"] + slower * 1.0)
    network = evidence_base.with_tables(parameter=parameter).as_of(TODAY)
    before = tables[TODAY, "door_to_door"]
    pairs = before[["from_id", "to_id"]]
    spec = find_reading(network.root, "door_to_door")
    after = compute_variant(network, pairs, spec, "central")[0]
    was, now = before["travel_time_minutes"].fillna(np.inf), after["minutes"].fillna(np.inf)
    # The table before is rounded to a tenth.
    assert (now >= was - 0.051).all()
    assert (now > was + 0.9).sum() > 30


def test_commuting_days_have_a_range_and_no_legs(line_network: Network) -> None:
    # With 10, 20 or 30 minutes into the station one leaves for the 08:00 at 07:50, 07:40 or 07:30,
    # and works from 09:00. The way home, 67 or 72 minutes by the 18:00, is shorter.
    row = row_of(line_network, "900100", "900300", "commute_day")
    assert row[["low", "travel_time_minutes", "high"]].tolist() == [70, 80, 90]
    assert row[list(PARTS)].isna().all()
    with pytest.raises(UnreachableError, match="commute_day is a day with two journeys"):
        journey_legs(line_network.as_of(TODAY), "900100", "900300", definition="commute_day")


JOURNEYS = [
    ("2016-03-15", "410100", "411000", "door_to_door"),
    ("2022-06-20", "410100", "410900", "ride_fastest"),
    ("2022-06-20", "130100", "410100", "ride_main"),
    ("2023-12-28", "411000", "410100A", "door_to_door"),
    (TODAY, "411000", "410100A", "door_to_door"),
    (TODAY, "410100", "419001", "door_to_door"),
    (TODAY, "130100", "130900", "station_to_station"),
    (TODAY, "410100", "411000", "drive_peak"),
]


@pytest.mark.parametrize(("day", "origin", "destination", "definition"), JOURNEYS)
def test_every_minute_of_a_journey_has_its_evidence(
    day: str, origin: str, destination: str, definition: str, evidence_base: Network
) -> None:
    network = on_day(evidence_base, day)
    legs = journey_legs(network, origin, destination, definition=definition)
    row = travel_times(network, [origin], [destination], definition=definition).iloc[0]
    assert legs["minutes"].sum() == pytest.approx(row["travel_time_minutes"], abs=0.05 * len(legs))
    for keys in legs["evidence"]:
        assert keys
        for key in keys.split(";"):
            table, rest = key.split(":", 1)
            row_id, field = rest.rsplit(":", 1)
            assert len(explain_cell(network, table, row_id, field)), key


def test_legs_follow_one_another(evidence_base: Network) -> None:
    legs = journey_legs(on_day(evidence_base, TODAY), "411000", "410100A")
    assert legs["to_id"].tolist()[:-1] == legs["from_id"].tolist()[1:]
    assert legs["from_id"].iloc[0] == "411000"
    assert legs["to_id"].iloc[-1] == "410100A"


# Day, from, to, kind of the fastest train's service, and whether the drift is part of its minutes.
DRIFTS = [
    ("2022-06-20", "130100", "130600", "count", True),
    ("2022-06-20", "410100", "410900", "modelled", False),
    ("2024-09-18", "410100", "411000", "timetable", True),
    (TODAY, "410100", "411000", "timetable", False),
]


@pytest.mark.parametrize(("day", "origin", "destination", "kind", "drifts"), DRIFTS)
def test_rides_on_the_timetable_of_another_day_name_the_drift(
    *,
    day: str,
    origin: str,
    destination: str,
    kind: str,
    drifts: bool,
    evidence_base: Network,
) -> None:
    network = on_day(evidence_base, day)
    table = travel_times(network, [origin], [destination], definition="ride_fastest")
    assert table["kind"].tolist() == [kind]
    legs = journey_legs(network, origin, destination, definition="ride_fastest")
    named = "parameter:timetable_drift_ratio:value" in legs["evidence"].iloc[0].split(";")
    assert named is drifts


def test_variants_share_the_rides_of_the_central_network(line_network: Network) -> None:
    network = line_network.as_of(TODAY)
    assert select_variant(network, "low").central is network
    assert select_variant(network, "central") is network
