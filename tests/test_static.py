"""Ways that need no clock: layers, waits by count, common lines, two kinds of travellers."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netlib.roads import NEVER
from netlib.times import journey_legs, travel_times
from netlib.times.static import (
    NOTHING,
    PLANNED,
    TURN_UP_SECONDS,
    TURNED_UP,
    Static,
    build_static,
)
from netlib.times.trains import read_trains, select_loose

if TYPE_CHECKING:
    from netlib.tables import Network

Build = "Callable[..., Network]"
TODAY = "2026-11-22"
MORNING = (7 * 3600, 9 * 3600)
# A train by count is its stops and minutes from 00:00; it runs all day at a headway in minutes.
Counted = dict[str, tuple[list[tuple[str, int, int]], float]]


def run_by_count(
    network: Network, with_trips: Build, trains: Counted, **clocked: object
) -> Network:
    """Return the network of today with trains known by count, and others with clock times."""
    trips = {name: calls for name, (calls, _) in trains.items()} | clocked
    headways = {name: [(300, 1440, headway)] for name, (_, headway) in trains.items()}
    return with_trips(network, trips, headways=headways).as_of(TODAY)


def minutes_of(network: Network, reading: str, start: str = "900100", end: str = "900300") -> float:
    """Return the central minutes of a pair."""
    table = travel_times(network, start, end, reading=reading, ranges=False)
    return float(table["travel_time_minutes"].iloc[0])


# The toy's station costs: 20 in, 10 to change, 5 out.
def test_the_wait_for_a_train_by_count_is_that_of_a_change(
    line_network: Network, with_trips: Build
) -> None:
    """Nobody waits at random for a train that is planned for; who changes to one waits half."""
    first = [("AAA", 0, 0), ("BBB", 15, 15)]
    second = [("BBB", 0, 0), ("CCC", 20, 20)]
    one = run_by_count(line_network, with_trips, {"T": (first, 60)})
    assert minutes_of(one, "door_to_door", end="900200") == 20 + 15 + 5
    assert minutes_of(one, "door_to_door_unplanned", end="900200") == 20 + 30 + 15 + 5
    both = run_by_count(line_network, with_trips, {"T": (first, 60), "U": (second, 40)})
    assert minutes_of(both, "door_to_door") == 20 + 15 + 10 + 20 + 20 + 5
    assert minutes_of(both, "door_to_door_unplanned") == 20 + 30 + 15 + 10 + 20 + 20 + 5
    # A train with a clock before it makes no difference to the wait at the change.
    clocked = [("AAA", 480, 480), ("BBB", 495, 495)]
    mixed = run_by_count(line_network, with_trips, {"U": (second, 40)}, G1=clocked)
    window = ("07:00", "07:30")
    row = travel_times(mixed, "900100", "900300", window=window, ranges=False).iloc[0]
    assert row["travel_time_minutes"] == 20 + 15 + 10 + 20 + 20 + 5
    legs = journey_legs(mixed, "900100", "900300", window=window)
    waits = legs[legs["kind"] == "wait"]
    assert waits[["from_id", "minutes"]].to_numpy().tolist() == [["BBB", 20]]


def test_the_gap_to_the_next_train_by_count_is_told(
    line_network: Network, with_trips: Build
) -> None:
    """It is the mean gap of the rarest train of the journey."""
    trains: Counted = {
        "T": ([("AAA", 0, 0), ("BBB", 15, 15)], 60),
        "U": ([("BBB", 0, 0), ("CCC", 20, 20)], 40),
    }
    network = run_by_count(line_network, with_trips, trains)
    assert travel_times(network, "900100", "900300")["gap_minutes"].tolist() == [60]


# Headway, and the minutes planned: 20 in, 30 aboard, 5 out, and half of a headway that people turn
# up at. From two hours on half of the minutes have no train within the hour.
HEADWAYS = [(10, 5 + 55), (12, 6 + 55), (12.5, 55), (60, 55), (120, 55), (121, np.nan)]


@pytest.mark.parametrize(("headway", "minutes"), HEADWAYS)
def test_up_to_twelve_minutes_people_turn_up(
    headway: float, minutes: float, line_network: Network, with_trips: Build
) -> None:
    """Beyond that they plan."""
    ride = [("AAA", 0, 0), ("CCC", 30, 30)]
    network = run_by_count(line_network, with_trips, {"T": (ride, headway)})
    assert minutes_of(network, "door_to_door") == pytest.approx(minutes, nan_ok=True)


def test_of_rare_trains_the_median_ride_is_planned_for(
    line_network: Network, with_trips: Build
) -> None:
    """Two trains of 30 minutes' ride to one of 90: the gap is that of all three."""
    trains: Counted = {
        "A": ([("AAA", 0, 0), ("CCC", 30, 30)], 120),
        "B": ([("AAA", 0, 0), ("CCC", 40, 40)], 120),
        "C": ([("AAA", 0, 0), ("CCC", 90, 90)], 120),
    }
    network = run_by_count(line_network, with_trips, trains)
    row = travel_times(network, "900100", "900300", ranges=False).iloc[0]
    assert row["travel_time_minutes"] == 20 + 40 + 5
    assert row["gap_minutes"] == 40
    assert minutes_of(network, "door_to_door_unplanned") == 20 + 20 + 40 + 5


@pytest.fixture(scope="module")
def metro(transfer_network: Network) -> Static:
    """Return the static graph of two metro lines."""
    return build_static(transfer_network.as_of(TODAY), MORNING, planned=True)


def test_the_street_after_a_ride_is_another_layer(metro: Static) -> None:
    """Who has used nothing stays in the first layer, and a taxi is met after a train only.

    So that no taxi follows a taxi: doors are joined to the first layer by any mode, and from the
    others only to doors.
    """
    names = metro.trains.stops.tolist()
    start = names.index("M-a")
    label = metro.search_from([metro.street(start, NOTHING)], [0])
    stops = np.arange(metro.n_stops)
    used_nothing, turned_up, planned = (
        label[metro.street(stops, layer)] for layer in (NOTHING, TURNED_UP, PLANNED)
    )
    # 5 km apart: nobody walks from stop to stop.
    assert used_nothing[start] == 0
    assert (np.delete(used_nothing, start) >= NEVER).all()
    assert (planned >= NEVER).all()
    # 4 in, 5 wait, 6 or 12 aboard, 2 out; with a change 4, 2.5, 6.
    expected = {"M-x": 4 + 5 + 6 + 2, "M-b": 4 + 5 + 12 + 2, "M-c": 4 + 5 + 6 + 4 + 2.5 + 6 + 2}
    for name, minutes in expected.items():
        assert turned_up[names.index(name)] == 60 * minutes


def test_edges_go_up_in_layers_only(metro: Static) -> None:
    """The layer of a node never falls along an edge, so that what was used stays used."""
    layers = np.full(metro.size, -1)
    stops, platforms = np.arange(metro.n_stops), np.arange(metro.n_platforms)
    for layer in (NOTHING, TURNED_UP, PLANNED):
        layers[metro.street(stops, layer)] = layer
        layers[metro.walked(stops, layer)] = layer
        layers[metro.out(platforms, layer)] = layer
        if layer != NOTHING:
            layers[metro.into(platforms, layer)] = layer
    assert (layers >= 0).all()
    assert (layers[metro.head] >= layers[metro.tail]).all()


@pytest.mark.parametrize("toy", ["line", "transfer"])
def test_networkx_agrees_on_all_pairs_of_a_toy(toy: str, request: pytest.FixtureRequest) -> None:
    """Searches from and to every node against Dijkstra of networkx on the edges."""
    network = request.getfixturevalue(f"{toy}_network").as_of(TODAY)
    static = build_static(network, MORNING, planned=False)
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(static.size))
    for tail, head, seconds in zip(static.tail, static.head, static.seconds, strict=True):
        known = graph.get_edge_data(int(tail), int(head), {"seconds": np.inf})["seconds"]
        graph.add_edge(int(tail), int(head), seconds=min(int(seconds), known))
    oracle = dict(nx.all_pairs_dijkstra_path_length(graph, weight="seconds"))
    for node in range(static.size):
        there, back = static.search_from([node], [0]), static.search_to([node], [0])
        for other in range(static.size):
            assert there[other] == oracle[node].get(other, NEVER)
            assert back[other] == oracle[other].get(node, NEVER)


def best_subset(services: list[tuple[float, float]]) -> float:
    """Return the least expected time over all sets of services boarded when they come first.

    ``services`` are (departures a minute, ride minutes); people wait half of the mean headway.
    """
    times = []
    for size in range(1, len(services) + 1):
        for chosen in combinations(services, size):
            total = sum(rate for rate, _ in chosen)
            times.append((0.5 + sum(rate * ride for rate, ride in chosen)) / total)
    return min(times)


lines = st.lists(
    st.tuples(st.integers(1, 60), st.integers(2, 60), st.booleans()), min_size=1, max_size=5
)


@given(lines=lines)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
def test_common_lines_against_all_subsets(
    lines: list[tuple[int, int, bool]], line_network: Network, with_trips: Build
) -> None:
    """Half of the lines run in the first of the two hours only."""
    trips = {f"H{n}": [("AAA", 0, 0), ("CCC", ride, ride)] for n, (ride, _, _) in enumerate(lines)}
    spans = {
        f"H{n}": [(360, 480 if half else 1320, headway)]
        for n, (_, headway, half) in enumerate(lines)
    }
    network = with_trips(line_network, trips, headways=spans).as_of(TODAY)
    loose = read_trains(network).loose
    found = select_loose(loose, MORNING, turn_up=TURN_UP_SECONDS).iloc[0]
    rates = [(0.5 if half else 1.0) / headway for _, headway, half in lines]
    services = [(rate, float(ride)) for rate, (ride, _, _) in zip(rates, lines, strict=True)]
    if found["planned"]:
        assert sum(rates) < 1 / 12 + 1e-12
        ordered = sorted(services, key=lambda service: service[1])
        passed = np.cumsum([rate for rate, _ in ordered]) >= 0.5 * sum(rates) - 1e-12
        assert found["seconds"] == 60 * ordered[int(np.argmax(passed))][1]
        assert found["gap"] == pytest.approx(60 / sum(rates))
    else:
        assert sum(rates) >= 1 / 12 - 1e-12
        total = found["seconds"] + found["gap"] / 2
        assert total / 60 == pytest.approx(best_subset(services))


def test_a_line_that_does_not_run_in_the_window_offers_nothing(transfer_network: Network) -> None:
    """The toy's metro begins at six."""
    loose = read_trains(transfer_network.as_of(TODAY)).loose
    assert select_loose(loose, (0, 5 * 3600), turn_up=TURN_UP_SECONDS).empty


def test_slower_services_never_help(transfer_network: Network) -> None:
    """Every node of the static graph is as near or nearer with quicker rides."""
    service = transfer_network["service"]
    slow = transfer_network.with_tables(service=service.assign(run_time_ratio=1.1))
    quick, slow = (
        build_static(network.as_of(TODAY), MORNING, planned=True)
        for network in (transfer_network, slow)
    )
    for stop in range(quick.n_stops):
        labels = [graph.search_from([graph.street(stop, NOTHING)], [0]) for graph in (quick, slow)]
        assert (labels[0] <= labels[1]).all()
        assert (labels[0] < labels[1]).any()
