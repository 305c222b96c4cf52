import itertools
import math
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlib.errors import InputError, UnknownNameError, UnreachableError
from netlib.timetable import (
    build_timetable,
    draw_phases,
    draw_timetable,
    kernels,
    remove_trips,
    scans,
)
from netlib.timetable.scans import (
    WindowArrivals,
    earliest_arrivals,
    latest_departures,
    percentile_ranks,
    scan_window,
    trace_legs,
    window_arrivals,
    window_percentiles,
)
from tests import references
from tests.references import DAY, NEVER, parse_clock

CASES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
MINUTE = 60


def read_queries():
    found = []
    for path in CASES:
        case = tomllib.loads(path.read_text(encoding="utf-8"))
        for query in case["queries"]:
            name = f"{path.stem}: {query['title']}"
            found.append(pytest.param(case["feed"], query, id=name))
    return found


def in_seconds(minutes):
    return {name: round(value * MINUTE) for name, value in minutes.items()}


def write_leg(leg):
    words = [leg["kind"], *([leg["trip_id"].replace(" ", "-")] if leg["kind"] == "ride" else [])]
    for stop, time in (("from_stop", "departure"), ("to_stop", "arrival")):
        hours, minutes = divmod(leg[time] // MINUTE, 60)
        words += [leg[stop], f"{hours:02}:{minutes:02}"]
    return " ".join(words)


@pytest.mark.parametrize(("feed", "query"), read_queries())
def test_case(feed, query):
    calls, options = references.read_feed(feed)
    timetable = build_timetable(calls, **options)
    access, egress = in_seconds(query["from"]), in_seconds(query["to"])
    limit = {"max_rides": query.get("max_rides")}
    checked = 0
    if "window" in query:
        window = tuple(parse_clock(text) for text in query["window"])
        table = window_arrivals(timetable, access, window, draws=query.get("draws", 1), **limit)
        ways = pd.DataFrame(
            {"point_id": "goal", "stop_id": list(egress), "seconds": egress.values()}
        )
        shares = [float(p) for p in query["percentiles"]]
        found = window_percentiles(table, shares, egress=ways).loc["goal"].to_numpy()
        tolerance = query.get("tolerance", 0)
        np.testing.assert_allclose(
            found, list(query["percentiles"].values()), rtol=0, atol=tolerance
        )
        checked += 1
    if "depart" in query:
        depart = parse_clock(query["depart"])
        found = earliest_arrivals(timetable, access, depart, **limit)
        times = [found[timetable.stop_places[s]] + e for s, e in egress.items()]
        if not query["arrives"]:
            assert min(times) >= NEVER
            with pytest.raises(UnreachableError):
                trace_legs(timetable, access, depart, egress, **limit)
            return
        assert min(times) == parse_clock(query["arrives"])
        legs = trace_legs(timetable, access, depart, egress, **limit).to_dict("records")
        assert [legs[0]["kind"], legs[-1]["kind"]] == ["access", "egress"]
        assert legs[-1]["arrival"] == parse_clock(query["arrives"])
        assert [write_leg(leg) for leg in legs[1:-1]] == query["legs"]
        checked += 1
    if "latest" in query:
        by = parse_clock(query.get("arrive_by") or query["arrives"])
        found = latest_departures(timetable, egress, by, **limit)
        times = [found[timetable.stop_places[s]] - a for s, a in access.items()]
        assert max(times) == parse_clock(query["latest"])
        checked += 1
    assert checked


STOPS = ("A", "B", "C", "D", "E")
minutes = st.integers(0, 8)


@st.composite
def feeds(draw, *, zero=True):
    """Small feeds in which little time passes, so that much happens at once."""
    names = STOPS[: draw(st.integers(2, len(STOPS)))]
    shortest = 0 if zero else 1
    rows = []
    for number in range(draw(st.integers(1, 6))):
        time = draw(st.integers(0, 30)) + draw(st.sampled_from([0, 0, 0, 23 * 60 + 40]))
        days = draw(st.sampled_from([[0], [0], [-1, 0], [-1, 0, 1]]))
        calls = []
        for _ in range(draw(st.integers(2, 4))):
            arrival = time + draw(st.integers(shortest, 8))
            time = arrival + draw(st.integers(0, 2))
            barred = draw(st.sampled_from(["", "", "", "", "board", "alight"]))
            calls.append((draw(st.sampled_from(names)), arrival, time, barred))
        for day in days:
            for stop, arrival, departure, barred in calls:
                flags = (barred != "alight", barred != "board")
                rows.append((f"t{number}", stop, arrival * 60, departure * 60, *flags, day))
    columns = ["trip_id", "stop_id", "arrival", "departure", "pickup", "drop_off", "day"]
    calls = pd.DataFrame(rows, columns=columns)
    change = st.one_of(st.just(math.nan), st.integers(0, 4))
    seconds = [float(draw(change)) * 60 for _ in names]
    stops = pd.DataFrame({"stop_id": names, "min_transfer": np.array(seconds, dtype=float)})
    pair = st.tuples(st.sampled_from(names), st.sampled_from(names))
    walks = draw(st.dictionaries(pair, st.one_of(minutes, minutes, st.just(math.nan)), max_size=5))
    transfers = pd.DataFrame(
        [(a, b, m * 60.0) for (a, b), m in walks.items()],
        columns=["from_stop_id", "to_stop_id", "seconds"],
    ).astype({"seconds": float})
    return calls, {"stops": stops, "transfers": transfers, "change_seconds": 60 * draw(minutes)}


def oracle_parts(feed):
    calls, options = feed
    options = dict(options)
    frequencies = options.pop("frequencies", None)
    stops, transfers = options.pop("stops"), options.pop("transfers")
    walks, change = references.list_walks(stops, transfers, **options)
    return references.list_runs(calls, frequencies), walks, change


accesses = st.dictionaries(st.sampled_from(STOPS[:2]), st.integers(0, 5), min_size=1)
starts = st.integers(0, 40)
rides = st.sampled_from([None, None, 0, 1, 2, 3])


@given(feed=feeds(), access=accesses, start=starts, max_rides=rides)
@settings(max_examples=400)
def test_arrivals_are_those_of_all_journeys(feed, access, start, max_rides):
    timetable = build_timetable(feed[0], **feed[1])
    access, start = in_seconds(access), start * 60
    wanted = references.search_journeys(*oracle_parts(feed), access, start, max_rides=max_rides)
    found = earliest_arrivals(timetable, access, start, max_rides=max_rides)
    np.testing.assert_array_equal(found, references.to_array(wanted, timetable.stops))


@given(feed=feeds(zero=False), access=accesses, start=starts)
@settings(max_examples=150)
def test_arrivals_are_those_of_the_time_expanded_graph(feed, access, start):
    timetable = build_timetable(feed[0], **feed[1])
    access, start = in_seconds(access), start * 60
    wanted = references.path_arrivals(*oracle_parts(feed), access, start)
    found = earliest_arrivals(timetable, access, start)
    np.testing.assert_array_equal(found, references.to_array(wanted, timetable.stops))


@given(
    feed=feeds(),
    access=accesses,
    start=starts,
    step=st.sampled_from([60, 90]),
    by_vehicle=st.booleans(),
    limits=st.fixed_dictionaries(
        {"max_rides": rides, "horizon": st.sampled_from([None, None, 30 * 60])}
    ),
)
@settings(max_examples=250)
def test_one_scan_of_a_window_is_all_single_scans(feed, access, start, step, by_vehicle, limits):
    timetable = build_timetable(feed[0], by_vehicle=by_vehicle, **feed[1])
    access = in_seconds(access)
    window = (start * 60, start * 60 + 30 * 60)
    table = window_arrivals(timetable, access, window, step=step, **limits)
    assert (np.diff(table.arrivals, axis=1) >= 0).all(), "later departures arrive earlier"
    for lane, departure in enumerate(table.departures.tolist()):
        single = earliest_arrivals(timetable, access, departure, **limits)
        np.testing.assert_array_equal(table.arrivals[:, lane], single)


def build_busy(seed):
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(60):
        time = int(rng.integers(0, 60))
        for stop in rng.choice(list("ABCDEF"), int(rng.integers(2, 5)), replace=False):
            time += int(rng.integers(1, 6))
            rows.append((f"t{number}", stop, time * 60, time * 60))
    calls = pd.DataFrame(rows, columns=["trip_id", "stop_id", "arrival", "departure"])
    walks = pd.DataFrame(
        [("B", "C", 120.0), ("E", "D", 60.0)], columns=["from_stop_id", "to_stop_id", "seconds"]
    )
    stops = pd.DataFrame({"stop_id": list("ABCDEF")})
    change = 60 * int(rng.integers(0, 3))
    return build_timetable(calls, stops=stops, transfers=walks, change_seconds=change)


@pytest.mark.parametrize("seed", range(12))
def test_one_scan_of_a_busy_window_is_all_single_scans(seed):
    timetable = build_busy(seed)
    # Lanes as far apart as vehicles: each arrival is of one lane more than the one before.
    for max_rides, step in ((None, 60), (None, 180), (None, 300), (2, 180)):
        window = (0, 50 * 60)
        table = window_arrivals(timetable, {"A": 0}, window, step=step, max_rides=max_rides)
        for lane, departure in enumerate(table.departures.tolist()):
            single = earliest_arrivals(timetable, {"A": 0}, departure, max_rides=max_rides)
            np.testing.assert_array_equal(table.arrivals[:, lane], single)


@pytest.mark.parametrize("max_rides", [None, 1, 3])
def test_a_scan_goes_on_when_its_steps_have_more_room(monkeypatch, max_rides):
    timetable, departures = build_busy(1), np.arange(0, 50 * 60, 60, dtype=np.int32)
    wanted = scan_window(timetable, {"A": 0}, departures, max_rides=max_rides)
    places = []

    def scan_lanes(*arguments):
        place, used = kernels.scan_lanes(*arguments)
        places.append(place)
        return place, used

    monkeypatch.setattr(scans, "scan_lanes", scan_lanes)
    monkeypatch.setattr(scans, "STEPS_PER_STOP", 1)
    found = scan_window(timetable, {"A": 0}, departures, max_rides=max_rides)
    np.testing.assert_array_equal(found, wanted)
    assert min(places) < len(timetable.rows), "the room was never short"
    assert places.count(len(timetable.rows)) == (max_rides or 1)


@given(feed=feeds(), start=starts, max_rides=rides, by_vehicle=st.booleans())
@settings(max_examples=300)
def test_forward_and_reverse_agree(feed, start, max_rides, by_vehicle):
    timetable = build_timetable(feed[0], by_vehicle=by_vehicle, **feed[1])
    limit = {"max_rides": max_rides}
    forward = earliest_arrivals(timetable, {"A": 0}, start * 60, **limit)
    for stop, arrival in zip(timetable.stops, forward.tolist(), strict=True):
        if arrival < NEVER:
            latest = int(latest_departures(timetable, {stop: 0}, arrival, **limit)[0])
            assert latest >= start * 60
            again = earliest_arrivals(timetable, {"A": 0}, latest, **limit)
            assert again[timetable.stop_places[stop]] == arrival
            after = earliest_arrivals(timetable, {"A": 0}, latest + 1, **limit)
            assert after[timetable.stop_places[stop]] > arrival
        by = (start + 30) * 60
        latest = int(latest_departures(timetable, {stop: 0}, by, **limit)[0])
        if latest > -NEVER:
            arrives = earliest_arrivals(timetable, {"A": 0}, latest, **limit)
            assert arrives[timetable.stop_places[stop]] <= by


@given(feed=feeds(), access=accesses, start=starts, max_rides=rides)
@settings(max_examples=200)
def test_legs_are_a_journey_of_the_tables(feed, access, start, max_rides):
    timetable = build_timetable(feed[0], **feed[1])
    access, start = in_seconds(access), start * 60
    arrivals = earliest_arrivals(timetable, access, start, max_rides=max_rides)
    runs, walks, change = oracle_parts(feed)
    offers = {
        (a[0], a[2], b[0], b[1])
        for run in runs
        for place, a in enumerate(run)
        for b in run[place + 1 :]
        if a[3] and b[4]
    }
    for stop, arrival in zip(timetable.stops, arrivals.tolist(), strict=True):
        if arrival >= NEVER:
            continue
        legs = trace_legs(timetable, access, start, {stop: 0}, max_rides=max_rides)
        rows = legs.to_dict("records")
        assert rows[0]["arrival"] == start + access[rows[0]["to_stop"]]
        assert rows[-1]["arrival"] == arrival
        count = 0
        for before, leg in itertools.pairwise(rows):
            assert before["to_stop"] == leg["from_stop"]
            wait = change[leg["from_stop"]] if before["kind"] == leg["kind"] == "ride" else 0
            assert before["arrival"] + wait <= leg["departure"]
            assert (before["kind"], leg["kind"]) != ("walk", "walk")
            if leg["kind"] == "ride":
                key = [leg[c] for c in ("from_stop", "departure", "to_stop", "arrival")]
                assert tuple(key) in offers
                count += 1
            elif leg["kind"] == "walk":
                walk = walks[leg["from_stop"], leg["to_stop"]]
                assert leg["arrival"] == leg["departure"] + walk
        assert max_rides is None or count <= max_rides


@given(feed=feeds(), start=starts, data=st.data())
@settings(max_examples=100)
def test_removing_a_trip_or_slowing_changes_never_helps(feed, start, data):
    calls, options = feed
    full = build_timetable(calls, **options)
    arrivals = earliest_arrivals(full, {"A": 0}, start * 60)
    trip = data.draw(st.sampled_from(sorted(set(calls["trip_id"]))))
    fewer = earliest_arrivals(remove_trips(full, [trip]), {"A": 0}, start * 60)
    assert (fewer >= arrivals).all()
    kept = calls[calls["trip_id"] != trip]
    if len(kept):
        built = earliest_arrivals(build_timetable(kept, **options), {"A": 0}, start * 60)
        np.testing.assert_array_equal(fewer, built)
    slower = options | {"change_seconds": options["change_seconds"] + 60}
    slower["stops"] = options["stops"].assign(min_transfer=lambda f: f["min_transfer"] + 60)
    slower["transfers"] = options["transfers"].assign(seconds=lambda f: f["seconds"] + 60)
    slow = build_timetable(calls, **slower)
    # The longest walk made of several may not grow with the single ones, or it could be a new one.
    same = options["transfers"]["seconds"].max()
    if math.isnan(same) or len(options["transfers"]) < 2:
        assert (earliest_arrivals(slow, {"A": 0}, start * 60) >= arrivals).all()


@given(feed=feeds(), access=accesses, data=st.data())
@settings(max_examples=60)
def test_kernels_do_what_their_twins_do(feed, access, data):
    timetable = build_timetable(feed[0], **feed[1])
    access = in_seconds(access)
    departures = np.arange(0, 40 * 60, 60, dtype=np.int32)
    limit = data.draw(rides)
    found = scan_window(timetable, access, departures, max_rides=limit)
    single = earliest_arrivals(timetable, access, 600, max_rides=limit)
    with pytest.MonkeyPatch.context() as patch:
        for name in (
            "relax_access",
            "scan_lanes",
            "spread_steps",
            "scan_connections",
            "find_first",
        ):
            patch.setattr(f"netlib.timetable.scans.{name}", getattr(references, name))
        np.testing.assert_array_equal(
            found, scan_window(timetable, access, departures, max_rides=limit)
        )
        twin = earliest_arrivals(timetable, access, 600, max_rides=limit)
    np.testing.assert_array_equal(single, twin)


@given(st.lists(st.integers(-50, 50), max_size=60))
def test_sort_by_counting_is_a_stable_sort(seconds):
    values = np.array(seconds, dtype=np.int32)
    order = kernels.order_by_second(values, -50, 101)
    np.testing.assert_array_equal(order, references.order_by_second(seconds, -50, 101))


@given(st.lists(st.integers(0, 40), min_size=1, max_size=40), st.data())
def test_lanes_are_lowered_like_the_minimum(values, data):
    label = np.array(sorted(values), dtype=np.int32)
    twin = label.copy()
    last, time = data.draw(st.integers(0, len(label))), data.draw(st.integers(0, 40))
    kernels.lower_lanes(label, last, time)
    references.lower_lanes(twin, last, time)
    np.testing.assert_array_equal(label, twin)


@given(
    st.lists(st.tuples(st.integers(1, 20), st.integers(0, 40)), min_size=1, max_size=40),
    st.integers(0, 20),
    st.integers(0, 40),
)
def test_steps_are_lowered_like_lanes(arrivals, count, time):
    steps = np.zeros(len(arrivals) + 1, dtype=kernels.STEP)
    steps["time"][0] = -NEVER
    lanes = np.full(20, NEVER, dtype=np.int32)
    top, used = 0, 1
    for last, arrival in arrivals:
        before = lanes.copy()
        references.lower_lanes(lanes, last, arrival)
        new, top = kernels.lower_steps(steps, top, last, arrival, used)
        assert (new != 0) == (lanes != before).any()
        used = max(used, new + 1)
        stairs = references.read_steps(steps, top)
        label = np.full(20, NEVER, dtype=np.int32)
        for width, height in stairs:
            label[:width] = height
        np.testing.assert_array_equal(label, lanes)
        assert all(a > b for pair in itertools.pairwise(stairs) for a, b in zip(*pair, strict=True))
    ready = max(count, int((lanes <= time).sum()))
    found, later = kernels.count_ready(steps, top, count, time)
    assert found == ready
    # A step that all lanes of the count have passed may still be named, but none is passed over.
    assert later <= (lanes[ready] if ready < 20 else NEVER)
    assert later > time


def test_percentiles_are_what_their_definition_says():
    rng = np.random.default_rng(1)
    arrivals = rng.integers(5000, 9000, (6, 50)).astype(np.int32)
    arrivals[2] = arrivals[5, 30:] = NEVER
    departures = np.arange(50, dtype=np.int32) * 60
    start = np.array([0, 2, 3, 3, 7], dtype=np.int32)
    stop = np.array([0, 1, 2, 3, 4, 5, 2], dtype=np.int32)
    seconds = rng.integers(0, 900, 7).astype(np.int32)
    results = np.zeros((2, 4, 50), dtype=np.int32)
    for code, result in zip((kernels, references), results, strict=True):
        code.compute_durations(arrivals, departures, start, stop, seconds, result)
    np.testing.assert_array_equal(*results)
    table = WindowArrivals(np.array(list("ABCDEF"), dtype=object), departures, arrivals)
    shares = [0, 5, 50, 60, 61, 100]
    found = window_percentiles(table, shares)
    assert found.columns.tolist() == [f"travel_time_p{share:02}" for share in shares]
    for stop_name, row in zip("ABCDEF", arrivals, strict=True):
        times = sorted((row - departures).tolist())
        for share in shares:
            # The definition itself: the shortest time that enough departures keep to.
            enough = next(t for k, t in enumerate(times, start=1) if 100 * k >= share * 50)
            value = found.loc[stop_name, f"travel_time_p{share:02}"] * 60
            assert value == pytest.approx(enough) if enough < NEVER // 2 else math.isnan(value)
    ordered = found.dropna().to_numpy()
    assert (np.diff(ordered, axis=1) >= 0).all()
    assert found.loc["F"].isna().tolist() == [False] * 4 + [True] * 2
    assert percentile_ranks(shares, 50).tolist() == [0, 2, 24, 29, 30, 49]


def test_phases_are_even_and_belong_to_the_service():
    calls, options = references.read_feed(
        tomllib.loads((CASES[0].parent / "headways.toml").read_text(encoding="utf-8"))["feed"]
    )
    timetable = build_timetable(calls, **options)
    phases = np.array([draw_phases(timetable.headways, draw=d, seed=3)[0] for d in range(2000)])
    assert phases.min() >= 0
    assert phases.max() < 600
    counts = np.bincount(phases // 60)
    assert len(counts) == 10
    # Ten counts of mean 200 and standard deviation 13.4: six of those hold all of them.
    assert abs(counts - 200).max() < 81
    assert len(set(phases[:50])) > 40
    again = build_timetable(calls[calls["trip_id"] == "about"], stops=options["stops"],
                            frequencies=options["frequencies"].iloc[[1]])  # fmt: skip
    np.testing.assert_array_equal(
        draw_phases(again.headways, draw=7, seed=3), draw_phases(timetable.headways, draw=7, seed=3)
    )
    one = draw_timetable(timetable, draw=4, seed=1)
    assert one is draw_timetable(timetable, draw=4, seed=1)
    assert one.headways is None
    assert draw_timetable(one, draw=9) is one


def test_same_seed_same_answer():
    text = (CASES[0].parent / "headways.toml").read_text(encoding="utf-8")
    calls, options = references.read_feed(tomllib.loads(text)["feed"])
    window = (7 * 3600, 8 * 3600)
    tables = [
        window_arrivals(build_timetable(calls, **options), {"A": 0}, window, draws=5, seed=seed)
        for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(tables[0].arrivals, tables[1].arrivals)
    assert (tables[0].arrivals != tables[2].arrivals).any()
    assert tables[0].arrivals.shape == (len(tables[0].stops), 5 * 60)


def test_problems_of_the_tables_are_told_together():
    calls = pd.DataFrame(
        {
            "trip_id": ["t", "t", "u", "u", "t"],
            "stop_id": ["A", "B", "A", "Q", "A"],
            "arrival": [100, 90, -5, 10, 200],
            "departure": [100, 95, -5, 10, 200],
        }
    )
    stops = pd.DataFrame({"stop_id": ["A", "B", "B"]})
    transfers = pd.DataFrame({"from_stop_id": ["A"], "to_stop_id": ["Z"], "seconds": [-1.0]})
    frequencies = pd.DataFrame(
        {"trip_id": ["x"], "start": [0], "end": [9], "headway": [0], "exact": [True]}
    )
    with pytest.raises(InputError) as caught:
        build_timetable(calls, stops=stops, transfers=transfers, frequencies=frequencies)
    assert {(n.file, n.line, n.rule) for n in caught.value.notices} == {
        ("calls", 2, "time-goes-back"),
        ("calls", 3, "time-out-of-range"),
        ("calls", 4, "unknown-stop"),
        ("calls", 5, "calls-apart"),
        ("stops", 3, "duplicate-stop"),
        ("transfers", 1, "unknown-stop"),
        ("transfers", 1, "negative-time"),
        ("frequencies", 1, "unknown-trip"),
        ("frequencies", 1, "no-headway"),
    }


def test_unknown_names_are_named():
    calls, options = references.read_feed({"trips": [{"calls": ["A 08:00", "B 09:00"]}]})
    timetable = build_timetable(calls, **options)
    with pytest.raises(UnknownNameError, match="'Q'"):
        earliest_arrivals(timetable, {"Q": 0}, 0)
    with pytest.raises(UnknownNameError, match="'Q'"):
        remove_trips(timetable, ["Q"])
    table = window_arrivals(timetable, {"A": 0}, (0, 60))
    ways = pd.DataFrame({"point_id": ["p"], "stop_id": ["Q"], "seconds": [0]})
    with pytest.raises(UnknownNameError, match="'Q'"):
        window_percentiles(table, egress=ways)
    with pytest.raises(ValueError, match="0 departures"):
        window_arrivals(timetable, {"A": 0}, (60, 60))


def test_platforms_are_reached_by_vehicle():
    feed = {"walks": [["B", "C", 5]], "trips": [{"id": "t", "calls": ["A 08:00", "B 08:10"]}]}
    calls, options = references.read_feed(feed)
    timetable = build_timetable(calls, by_vehicle=True, **options)
    eight = 8 * 3600
    found = earliest_arrivals(timetable, {"A": 0}, eight)
    assert dict(zip(timetable.stops, found.tolist(), strict=True)) == {
        "A": NEVER,
        "B": eight + 600,
        "C": NEVER,
    }
    table = window_arrivals(timetable, {"A": 0}, (eight, eight + 1))
    np.testing.assert_array_equal(table.arrivals[:, 0], found)
    assert latest_departures(timetable, {"B": 0}, 2 * eight).tolist() == [eight, -NEVER, -NEVER]
    # From C nobody walks to B and has come by vehicle; nor does a ride to B serve those at C.
    assert latest_departures(timetable, {"C": 0}, 2 * eight).tolist() == [-NEVER] * 3
    with pytest.raises(UnreachableError):
        trace_legs(timetable, {"A": 0}, eight, {"A": 0, "C": 0})


def test_who_stands_on_a_platform_may_walk_to_another_both_ways():
    feed = {"walks": [["A", "B", 5]], "trips": [{"id": "t", "calls": ["B 08:10", "C 08:30"]}]}
    calls, options = references.read_feed(feed)
    timetable = build_timetable(calls, by_vehicle=True, **options)
    arrival, ready = 8 * 3600 + 1800, 8 * 3600 + 300
    places = timetable.stop_places
    assert earliest_arrivals(timetable, {"A": 0}, ready)[places["C"]] == arrival
    assert latest_departures(timetable, {"C": 0}, arrival)[places["A"]] == ready


def test_an_empty_timetable_leads_on_foot():
    calls, options = references.read_feed({"stops": ["A", "B"], "walks": [["A", "B", 5]]})
    timetable = build_timetable(calls, **options)
    assert earliest_arrivals(timetable, {"A": 0}, 0).tolist() == [0, 300]
    assert latest_departures(timetable, {"B": 0}, DAY).tolist() == [DAY - 300, DAY]
    assert repr(timetable).startswith("<Timetable: 2 stops, 0 runs")
