from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse.csgraph import dijkstra

from netlib.errors import InputError
from netlib.graph import number_nodes, ride_edges
from netlib.journeys import measure_departures
from netlib.rides import compute_rides, trip_factors
from netlib.timetable.matrices import window_matrix, write_window_matrix
from netlib.timetable.network import (
    access_seconds,
    build_network_timetable,
    build_ways,
    compute_entries,
    draw_network_timetable,
    egress_seconds,
    platform_names,
    way_edges,
)
from netlib.timetable.scans import (
    earliest_arrivals,
    trace_legs,
    window_arrivals,
    window_percentiles,
)
from netlib.travel_times import reach

MORNING = (7 * 3600, 9 * 3600)
HOUR = 3600
READING = {"ends": "centres", "departure_window": ["07:00:00", "09:00:00"]}
# Toy ``transfer``: process 4, ride 6, change 4, ride 6, exit 2; both centres lie at their stations.
WITHOUT_WAITS = 22.0


@pytest.fixture(scope="session")
def crossing(transfer_network):
    return transfer_network.as_of("2024-06-01")


def with_headway(network, seconds):
    return network.with_tables(frequencies=network["frequencies"].assign(headway_secs=seconds))


def test_waits_are_those_of_the_headways(crossing):
    pair = pd.DataFrame({"from_id": ["900100"], "to_id": ["900200"]})
    found, _ = measure_departures(crossing, pair, READING, percentiles=[0, 50, 100], draws=200)
    low, middle, high = found.loc[0, ["travel_time_p00", "travel_time_p50", "travel_time_p100"]]
    # Waits are uniform in [0, 10) and [0, 5) minutes, so that their median sum is 7.5.
    assert low == pytest.approx(WITHOUT_WAITS, abs=0.3)
    assert middle == pytest.approx(WITHOUT_WAITS + 7.5, abs=0.4)
    assert high == pytest.approx(WITHOUT_WAITS + 15, abs=0.3)


def test_without_waits_both_engines_agree(crossing):
    dense = with_headway(crossing, 5.0)
    timetable = build_network_timetable(dense)
    access = access_seconds(dense, "900100")
    arrivals = earliest_arrivals(timetable, access, 8 * HOUR)
    fixed = reach(with_headway(crossing, 1e-3), "900100", engine="static").set_index("node_id")
    compared = 0
    for stop in ("M-x", "M-b", "M-c", "M-d"):
        exits = egress_seconds(dense, stop)
        minutes = min(arrivals[timetable.stop_places[p]] + s for p, s in exits.items()) / 60 - 480
        # At most two waits of at most five seconds.
        assert fixed.loc[stop, "minutes"] <= minutes + 0.01
        assert minutes <= fixed.loc[stop, "minutes"] + 0.17
        compared += 1
    assert compared == 4


def test_legs_run_from_platform_to_platform(crossing):
    timetable = build_network_timetable(crossing)
    legs = trace_legs(
        timetable, access_seconds(crossing, "900100"), 8 * HOUR, egress_seconds(crossing, "900200")
    )
    assert legs["kind"].tolist() == ["access", "ride", "walk", "ride", "egress"]
    assert legs["from_stop"].tolist() == ["", "M-a|M1", "M-x|M1", "M-x|M2", "M-c|M2"]
    spans = ((legs["arrival"] - legs["departure"]) / 60).tolist()
    assert spans == [4, 6, 4, 6, 2]


def test_no_time_is_below_that_of_fastest_rides_without_waits(evidence_base):
    network = evidence_base.as_of("2016-03-15")
    rides = compute_rides(network)
    fastest = pd.DataFrame(
        {
            "from_id": rides.stops[rides.start],
            "to_id": rides.stops[rides.end],
            "group": rides.groups[rides.group],
            "ride": rides.minutes * trip_factors(network, rides)[rides.trip],
        }
    )
    fastest = fastest.groupby(["from_id", "to_id", "group"], as_index=False)["ride"].min()
    fastest = fastest.assign(wait=0.0, trip_id="", service_id="")
    ways = build_ways(network)
    graph = number_nodes([ride_edges(fastest), *way_edges(network, fastest)])
    assert set(ways.nodes["key"]) <= set(graph.nodes["key"])
    zones = sorted(graph.nodes.loc[graph.nodes["role"] == "goal", "node_id"])
    minutes = dijkstra(graph.weights, indices=graph.find("410100|centre|"))
    bounds = np.array([minutes[graph.find(f"{zone}|goal|")] for zone in zones])
    pairs = pd.DataFrame({"from_id": "410100", "to_id": zones})
    table, _ = measure_departures(network, pairs, READING, percentiles=[0], draws=3)
    found = table["travel_time_p00"].to_numpy()
    assert np.isfinite(found).sum() > 10
    reached = np.isfinite(found)
    # Every leg is rounded to a second.
    assert (found[reached] >= bounds[reached] - 0.2).all()


def test_a_matrix_is_what_single_origins_are(crossing):
    timetable = build_network_timetable(crossing)
    origins = {stop: {stop: 0} for stop in timetable.stops}
    options = {"draws": 3, "seed": 2, "percentiles": [0, 50]}
    parts = list(window_matrix(timetable, origins, MORNING, chunk=2, workers=2, **options))
    assert len(parts) == -(-len(origins) // 2)
    table = pd.concat([part.astype({"from_id": str, "to_id": str}) for part in parts])
    for stop, group in table.groupby("from_id"):
        lanes = window_arrivals(timetable, origins[stop], MORNING, draws=3, seed=2)
        wanted = window_percentiles(lanes, [0, 50]).dropna(how="all")
        got = group.set_index("to_id")[wanted.columns]
        pd.testing.assert_frame_equal(got, wanted, check_names=False, check_dtype=False)


def test_a_stopped_run_goes_on_and_another_query_is_refused(crossing, tmp_path):
    timetable = build_network_timetable(crossing)
    origins = {stop: {stop: 0} for stop in timetable.stops}
    options = {"chunk": 2, "draws": 2}
    whole = write_window_matrix(tmp_path / "whole", timetable, origins, MORNING, **options)
    written = sorted(whole.glob("part-*.parquet"))
    times = [path.stat().st_mtime_ns for path in written[1:]]
    expected = pd.read_parquet(whole)
    written[0].unlink()
    (whole / "_part-9.parquet").write_bytes(b"half of a file")
    write_window_matrix(whole, timetable, origins, MORNING, **options)
    assert [path.stat().st_mtime_ns for path in written[1:]] == times
    pd.testing.assert_frame_equal(pd.read_parquet(whole), expected)
    with pytest.raises(InputError, match="another query"):
        write_window_matrix(whole, timetable, origins, MORNING, chunk=2, draws=2, seed=1)
    with pytest.raises(InputError, match="another query"):
        write_window_matrix(
            whole, replace(timetable, by_vehicle=False), origins, MORNING, **options
        )


def test_ways_are_the_same_forward_and_backward(evidence_base):
    network = evidence_base.as_of("2026-11-22")
    ways = build_ways(network)
    names = platform_names(ways)
    into = np.flatnonzero(ways.nodes["role"] == "in")
    for place in ("410100", "411000"):
        back = dijkstra(ways.weights.T.tocsr(), indices=ways.find(f"{place}|goal|"))
        near = into[np.isfinite(back[into])]
        expected = dict(zip(names[near], np.rint(back[near] * 60), strict=True))
        assert egress_seconds(network, place) == pytest.approx(expected, abs=1)
    entries = compute_entries(network)
    for stop in ("ZAF", "XVF"):
        own = entries[entries["node_id"] == stop]
        there = access_seconds(network, stop)
        assert dict(zip(own["stop_id"], own["seconds"], strict=True)) == there


def test_networks_with_the_same_trips_share_them_but_not_their_walks(evidence_base):
    network = evidence_base.as_of("2026-11-22")
    parameter = network["parameter"]
    slow = parameter["parameter_id"] == "walk_speed_kmh"
    parameter = parameter.assign(value=parameter["value"].mask(slow, 2.4))
    shared = replace(network.with_tables(parameter=parameter), base=network.central)
    # Without its base the network has services of its own, built anew.
    alone = replace(shared, base=None)
    assert build_network_timetable(shared).trips is build_network_timetable(network).trips
    assert build_network_timetable(alone).trips is not build_network_timetable(network).trips
    for draw in (0, 3):
        drawn, anew, before = (
            draw_network_timetable(each, draw, 0) for each in (shared, alone, network)
        )
        for part in ("rows", "run_trip", "walk_start", "walk_stop", "walk_seconds", "change"):
            assert np.array_equal(getattr(drawn, part), getattr(anew, part))
        assert not np.array_equal(drawn.walk_seconds, before.walk_seconds)


def test_of_the_day_after_the_night_counts(line_network, with_trips):
    trips = {
        "night": [("AAA", 120, 120), ("CCC", 150, 150)],
        "day": [("AAA", 480, 480), ("CCC", 510, 510)],
    }
    timetable = build_network_timetable(with_trips(line_network, trips).as_of("2026-11-22"))
    runs = zip(timetable.trips[timetable.run_trip], timetable.run_day.tolist(), strict=True)
    assert set(runs) == {("night", 0), ("day", 0), ("night", 1)}
    assert timetable.rows[:, 0].tolist() == [2 * HOUR, 8 * HOUR, 26 * HOUR]
