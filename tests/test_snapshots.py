"""The network of a day: a toy line that opened in two stages and was timetabled twice.

AAA and BBB have trains since 2010, CCC since 1 June 2024, DDD is planned for some day of 2030.
There are timetables of March 2016 and October 2026, modelled trains from June 2018 on, and a
headway service along the whole line.
"""

from __future__ import annotations

import itertools
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from netlib.calls import compute_calls
from netlib.errors import DateError
from netlib.evidence import select_variant
from netlib.snapshots import choose_timetables
from netlib.times import travel_times
from netlib.times.rides import compute_factors, compute_rides

if TYPE_CHECKING:
    from netlib.tables import Network

Build = "Callable[..., Network]"
STOPS = ["AAA", "BBB", "CCC", "DDD"]
WEEK = dict.fromkeys(
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], 1.0
)
NEVER = dict.fromkeys(WEEK, 0.0)

LINKS = [
    {
        "link_id": "1",
        "from_node_id": "AAA",
        "to_node_id": "BBB",
        "length_km": 50.0,
        "open_date": "2010",
    },
    {
        "link_id": "2",
        "from_node_id": "BBB",
        "to_node_id": "CCC",
        "length_km": 50.0,
        "open_date": "2024-06-01",
    },
    {
        "link_id": "3",
        "from_node_id": "CCC",
        "to_node_id": "DDD",
        "length_km": 50.0,
        "open_date": "2030",
    },
]
SERVICES = {
    "T2016": ("timetable", "2016", "20160130", "20160515"),
    "REF2016": ("timetable", "2016", "20160130", "20160515"),
    "OTHER2016": ("timetable", "2016", "20160130", "20160515"),
    "T2026": ("timetable", "2026", "20261004", "20261231"),
    "M": ("modelled", "", "20180601", "20991231"),
    "H": ("headway", "", "20120101", "20351231"),
}
TIMETABLES = [
    ("2016", "2016-03-15", "2016-01-30", "2016-05-15"),
    ("2026", "2026-10-04", "2026-10-04", "2026-12-31"),
]
TRIPS = {
    "old": [("AAA", 480, 480), ("BBB", 500, 500)],
    "ref": [("AAA", 540, 540), ("BBB", 560, 560)],
    "weekend": [("AAA", 600, 600), ("BBB", 620, 620)],
    "short": [("AAA", 480, 480), ("BBB", 499, 499)],
    "stopping": [("AAA", 540, 540), ("BBB", 560, 562), ("CCC", 582, 582)],
    "express": [("AAA", 600, 600), ("CCC", 632, 632)],
    "model": [("AAA", 0, 0), ("BBB", 20, 22), ("CCC", 42, 42)],
    "line": [("AAA", 0, 0), ("BBB", 25, 26), ("CCC", 51, 52), ("DDD", 77, 77)],
}
SERVICE_OF = {
    "old": "T2016",
    "ref": "REF2016",
    "weekend": "OTHER2016",
    "short": "T2026",
    "stopping": "T2026",
    "express": "T2026",
    "model": "M",
    "line": "H",
}
HEADWAYS = {"model": [(360, 1320, 60)], "line": [(360, 1320, 30)]}

# Day, snapshot, whether it lies in the validity of that snapshot, and the trips with their calls.
OLD = {"old": "AB"}
# Before CCC opens the train to it runs as far as BBB; the express has nowhere else to go.
CUT = {"short": "AB", "stopping": "AB", "line": "AB"}
DAYS = [
    # One train runs on one day only, another on a Saturday.
    ("2016-03-15", "2016-03-15", True, {**OLD, "ref": "AB", "line": "AB"}),
    ("2016-03-19", "2016-03-15", True, {**OLD, "weekend": "AB", "line": "AB"}),
    ("2016-05-15", "2016-03-15", True, {**OLD, "line": "AB"}),
    ("2016-05-16", "2016-03-15", False, {**OLD, "line": "AB"}),
    # Modelled trains run from their first day, as far as the line is open.
    ("2018-06-01", "2016-03-15", False, {**OLD, "line": "AB", "model": "AB"}),
    ("2021-06-24", "2016-03-15", False, {**OLD, "line": "AB", "model": "AB"}),
    # From the middle between the snapshots the later serves, without modelled trains: that
    # timetable holds the real ones.
    ("2021-06-26", "2026-10-04", False, CUT),
    ("2024-05-31", "2026-10-04", False, CUT),
    (
        "2024-06-01",
        "2026-10-04",
        False,
        {"short": "AB", "stopping": "ABC", "express": "AC", "line": "ABC"},
    ),
    (
        "2026-10-04",
        "2026-10-04",
        True,
        {"short": "AB", "stopping": "ABC", "express": "AC", "line": "ABC"},
    ),
    # "2030" may mean its last day.
    (
        "2030-12-30",
        "2026-10-04",
        False,
        {"short": "AB", "stopping": "ABC", "express": "AC", "line": "ABC"},
    ),
    (
        "2030-12-31",
        "2026-10-04",
        False,
        {"short": "AB", "stopping": "ABC", "express": "AC", "line": "ABCD"},
    ),
]


def station(number: int, stop: str) -> dict[str, object]:
    place = {"x_coord": 113.0 + number / 2, "y_coord": 34.0}
    return {"node_id": stop, "node_type": "rail_station", **place}


@pytest.fixture(scope="module")
def history(line_network: Network, with_rows: Build, with_trips: Build) -> Network:
    """Return the toy of this module, of all dates."""
    on_line, common = {"line_id": "L1", "run_time_minutes": 18.0}, {"modes": "fast"}
    network = with_rows(
        line_network,
        node=[station(number, stop) for number, stop in enumerate(STOPS)],
        line=[{"line_id": "L1", "mode": "hsr", "status": "operating"}],
        link=[{**on_line, **link} for link in LINKS],
        service=[
            {"service_id": name, "kind": kind, "timetable_id": timetable, "run_time_ratio": 1.0}
            for name, (kind, timetable, _, _) in SERVICES.items()
        ],
        timetable=[
            {**common, "timetable_id": name, "day": day, "valid_from": first, "valid_until": last}
            for name, day, first, last in TIMETABLES
        ],
        calendar=[
            {
                "service_id": name,
                "start_date": start,
                "end_date": end,
                **(NEVER if name in ("REF2016", "OTHER2016") else WEEK),
            }
            for name, (_, _, start, end) in SERVICES.items()
        ],
        calendar_dates=[
            {"service_id": "REF2016", "date": "20160315", "exception_type": 1.0},
            {"service_id": "OTHER2016", "date": "20160319", "exception_type": 1.0},
        ],
    )
    return with_trips(network, TRIPS, services=SERVICE_OF, headways=HEADWAYS)


def edit_links(network: Network, with_rows: Build, *links: dict[str, object]) -> Network:
    """Return the toy with further links; one of an id that is there replaces it."""
    common = {"line_id": "L1", "run_time_minutes": 18.0}
    rows = {str(link["link_id"]): {**common, **link} for link in [*LINKS, *links]}
    return with_rows(network, link=rows.values())


def called(network: Network) -> dict[str, str]:
    """Return the calls of every trip as the first letters of its stops."""
    calls = compute_calls(network)
    return (
        calls.groupby("trip_id")["stop_id"]
        .agg(lambda stops: "".join(s[0] for s in stops))
        .to_dict()
    )


@pytest.mark.parametrize(("day", "snapshot", "exact", "trips"), DAYS)
def test_trains_of_a_day(
    *,
    day: str,
    snapshot: str,
    exact: bool,
    trips: dict[str, str],
    history: Network,
) -> None:
    network = history.as_of(day)
    assert network.snapshot == snapshot
    assert network.exact_timetable is exact
    assert called(network) == trips
    assert set(network["trips"]["trip_id"]) == set(trips)
    assert set(network["frequencies"]["trip_id"]) == set(trips) & set(HEADWAYS)
    assert set(network["service"]["service_id"]) >= {SERVICE_OF[trip] for trip in trips}


@pytest.mark.parametrize("day", ["2015-12-31", "2036-01-01"])
def test_days_that_no_data_speaks_of_are_refused(day: str, history: Network) -> None:
    with pytest.raises(
        DateError, match="covers 2016-01-01 to 2035-12-31; choose a day between them"
    ):
        history.as_of(day)


@pytest.mark.parametrize("day", ["2016-01-01", "2035-12-31"])
def test_the_days_at_the_ends_are_answered(day: str, history: Network) -> None:
    assert history.as_of(day).day == date.fromisoformat(day)


def test_of_two_equally_near_timetables_the_earlier_serves() -> None:
    days = ["2020-01-11", "2020-01-01"]
    frame = pd.DataFrame({"timetable_id": days, "day": days, "modes": "fast", "region": "plain"})
    frame["valid_from"] = frame["valid_until"] = ""
    middle = date(2020, 1, 6)
    for offset, chosen in ((0, "2020-01-01"), (1, "2020-01-11")):
        (row,) = choose_timetables(frame, middle + timedelta(days=offset))
        assert row["day"] == chosen
    assert choose_timetables(frame.assign(day=""), middle) == []


# A second track between AAA and BBB from 2026 on; on 2023-01-01 only the first is open.
TRACKS = [(48.0, True), (46.4, True), (46.0, False), (30.0, False)]


@pytest.mark.parametrize(("length_km", "kept"), TRACKS)
def test_a_train_keeps_its_way_on_a_track_about_as_long(
    *,
    length_km: float,
    kept: bool,
    history: Network,
    with_rows: Build,
) -> None:
    # 50 km is at most 8 % more than 46.3 km
    second = {"from_node_id": "AAA", "to_node_id": "BBB", "open_date": "2026-01-01"}
    network = edit_links(history, with_rows, {**second, "link_id": "4", "length_km": length_km})
    assert ("short" in called(network.as_of("2023-01-01"))) is kept
    assert "short" in called(network.as_of("2026-11-22"))


def test_a_hop_off_the_map_is_kept(history: Network, with_trips: Build) -> None:
    # nothing is known against a train to a station that no link reaches
    away = {"away": [("AAA", 480, 480), ("XXX", 900, 900)]}
    node = history["node"]
    more = pd.concat([node, node.iloc[:1].assign(node_id="XXX")], ignore_index=True)
    network = with_trips(history.with_tables(node=more), away, services={"away": "T2026"})
    assert called(network.as_of("2023-01-01")) == {"away": "AX"}


def test_trips_are_cut_when_a_link_on_their_way_closes(history: Network, with_rows: Build) -> None:
    # the express passes BBB: the closed link is hidden in its hop from AAA to CCC
    closed = {**LINKS[0], "close_date": "2028-01-01"}
    network = edit_links(history, with_rows, closed)
    before = {"short": "AB", "stopping": "ABC", "express": "AC", "line": "ABC"}
    assert called(network.as_of("2027-12-31")) == before
    assert called(network.as_of("2028-01-01")) == {"line": "BC", "stopping": "BC"}


def test_removing_a_link_cuts_trips_to_the_part_before_it(history: Network) -> None:
    link = history["link"]
    network = history.with_tables(link=link[link["link_id"] != "2"]).as_of("2026-11-22")
    assert called(network) == CUT


def test_of_two_open_parts_of_equal_length_the_first_is_kept(history: Network) -> None:
    link = history["link"]
    network = history.with_tables(link=link[link["link_id"] != "2"]).as_of("2031-01-01")
    assert called(network)["line"] == "AB"
    lengthened = history.with_tables(link=link[link["link_id"] != "1"]).as_of("2031-01-01")
    assert called(lengthened)["line"] == "BCD"


def open_station(network: Network, stop: str, day: str) -> Network:
    node = network["node"].copy()
    node.loc[node["node_id"] == stop, "open_date"] = day
    return network.with_tables(node=node, reference_node=node)


def test_a_closed_station_is_passed(
    history: Network,
) -> None:
    network = open_station(history, "BBB", "2025-01-01")
    before = network.as_of("2024-12-31")
    assert "BBB" not in set(before["node"]["node_id"])
    assert called(before) == {"stopping": "AC", "express": "AC", "line": "AC"}
    assert called(network.as_of("2025-01-01"))["line"] == "ABC"


def test_a_month_of_opening_counts_from_its_last_day(history: Network) -> None:
    network = open_station(history, "BBB", "2025-02")
    assert "BBB" not in set(network.as_of("2025-02-27")["node"]["node_id"])
    assert "BBB" in set(network.as_of("2025-02-28")["node"]["node_id"])


@pytest.mark.parametrize(("status", "is_open"), [("operating", True), ("planned", False)])
def test_undated_links_follow_the_status_of_their_line(
    *,
    status: str,
    is_open: bool,
    history: Network,
    with_rows: Build,
) -> None:
    network = with_rows(history, line=[{"line_id": "L1", "status": status}])
    undated = {**LINKS[2], "open_date": ""}
    network = edit_links(network, with_rows, undated).as_of("2026-11-22")
    assert ("3" in set(network["link"]["link_id"])) is is_open


def test_where_lines_only_open_times_never_get_longer(history: Network) -> None:
    # Within the reign of one snapshot, and with nothing closed.
    days = ["2021-06-26", "2024-05-31", "2024-06-01", "2026-11-22", "2031-01-01"]
    for definition in ("ride_fastest", "station_to_station"):
        tables = [
            travel_times(history.as_of(day), STOPS, STOPS, reading=definition) for day in days
        ]
        minutes = [table["travel_time_minutes"].fillna(float("inf")) for table in tables]
        for earlier, later in itertools.pairwise(minutes):
            assert (later <= earlier).all()
        assert (minutes[-1] < minutes[0]).any()


def drift(network: Network, value: float, low: float, high: float) -> Network:
    """Give the drift of timetables a value and a range."""
    parameter, rows = network["parameter"].copy(), network["evidence"].copy()
    name = "timetable_drift_ratio"
    parameter.loc[parameter["parameter_id"] == name, "value"] = value
    chosen = (rows["table"] == "parameter") & (rows["row_id"] == name)
    rows.loc[chosen, ["low", "high"]] = [low, high]
    return network.with_tables(parameter=parameter, evidence=rows)


def factors(network: Network, variant: str = "central") -> dict[str, float]:
    at_end = select_variant(network, variant)
    rides = compute_rides(at_end.central)
    return dict(zip(rides.trips, compute_factors(at_end, rides), strict=True))


def test_timetables_drift_outside_their_validity_only(history: Network) -> None:
    network = drift(history, 1.1, 0.9, 1.2)
    exact, before, modelled = (network.as_of(d) for d in ("2026-11-22", "2025-01-01", "2020-01-01"))
    assert set(factors(exact).values()) == {1.0}
    assert factors(before) == {"short": 1.1, "stopping": 1.1, "express": 1.1, "line": 1.0}
    assert factors(before, "low")["express"] == 0.9
    assert factors(before, "high")["express"] == 1.2
    assert factors(modelled) == {"old": 1.1, "model": 1.0, "line": 1.0}


def test_an_old_timetable_widens_the_range_of_a_ride(history: Network) -> None:
    network = drift(history, 1.0, 0.85, 1.18)
    pair = ["AAA"], ["CCC"]
    for day, low, high in (("2026-11-22", 32.0, 32.0), ("2025-01-01", 27.2, 37.8)):
        row = travel_times(network.as_of(day), *pair, reading="ride_fastest").iloc[0]
        assert (row["low"], row["travel_time_minutes"], row["high"]) == (low, 32.0, high)


def test_as_of_leaves_the_whole_history_as_it_was(history: Network) -> None:
    sizes = {name: len(frame) for name, frame in history.tables.items()}
    history.as_of("2018-06-01")
    assert {name: len(frame) for name, frame in history.tables.items()} == sizes
    assert history.day is None


# What happened on the real network, day by day: day, trip prefix or service, whether it runs.
REAL = [
    ("2022-06-19", "M-ZP-fast", False),
    ("2022-06-20", "M-ZP-fast", True),
    ("2026-11-22", "M-ZP-fast", False),
    ("2023-12-27", "H-ZX", False),
    ("2023-12-28", "H-ZX", True),
]


@pytest.mark.parametrize(("day", "service", "runs"), REAL)
def test_services_of_the_evidence_base_run_when_they_ran(
    *,
    day: str,
    service: str,
    runs: bool,
    evidence_base: Network,
) -> None:
    network = evidence_base.as_of(day)
    trips = set(network["trips"].loc[network["trips"]["service_id"] == service, "trip_id"])
    assert bool(trips & set(network["stop_times"]["trip_id"])) is runs


@pytest.mark.parametrize(
    "day", ["2016-03-15", "2019-11-15", "2021-08-31", "2022-06-20", "2026-11-22"]
)
def test_modelled_services_never_stand_beside_a_later_timetable(
    day: str, evidence_base: Network
) -> None:
    network = evidence_base.as_of(day)
    service = network["service"].merge(evidence_base["calendar"], on="service_id")
    modelled = service[service["kind"] == "modelled"]
    snapshot, today = network.snapshot.replace("-", ""), day.replace("-", "")
    days = network["timetable"].set_index("timetable_id")["day"]
    completes = modelled["timetable_id"].map(days) == network.snapshot
    assert ((modelled["start_date"] > snapshot) | completes).all()
    assert (modelled["start_date"] <= today).all()
    timetables = service[service["kind"].isin(["timetable", "count"])]
    # Conventional trains are of their own nearest timetable; all others of the one of the day.
    modes = network["timetable"].set_index("timetable_id")["modes"]
    fast = timetables[timetables["timetable_id"].map(modes) != "conventional"]
    assert set(fast["timetable_id"].map(days)) == {network.snapshot}
    assert (len(modelled) > 0) is (day in ("2021-08-31", "2022-06-20"))


def test_rides_from_zhengzhou_never_get_longer_while_lines_open(evidence_base: Network) -> None:
    # All these days have the trains of October 2026, and no line closed between them.
    days = ["2023-12-07", "2023-12-08", "2024-09-18", "2026-11-22"]
    zone = evidence_base["zone"]
    cities = zone.loc[zone["level"] != "county", "zone_id"].tolist()
    tables = [
        travel_times(evidence_base.as_of(day), ["410100"], cities, reading="ride_fastest")
        for day in days
    ]
    minutes = [table["travel_time_minutes"].fillna(float("inf")) for table in tables]
    for earlier, later in itertools.pairwise(minutes):
        assert (later <= earlier).all()


def test_a_network_shows_itself(line_network: Network) -> None:
    html = line_network.as_of("2026-11-22")._repr_html_()
    assert "day <b>2026-11-22</b>" in html
    assert "timetable <b>2026-10-04</b>" in html
    # the toy has one line in operation and one planned, both of mode hsr
    assert re.search("<th>operating</th>.*<th>planned</th>", html, re.DOTALL)
    assert re.search(r"<th>hsr</th>\s*<td>1</td>\s*<td>1</td>", html)
    assert "all dates" in line_network._repr_html_()
