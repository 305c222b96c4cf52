"""Direct rides: one train's own minutes, families, counts, and the hands of a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from netlib.times import travel_times
from netlib.times.rides import compute_rides, count_departures, list_trains

if TYPE_CHECKING:
    from netlib.tables import Network

Build = "Callable[..., Network]"
TODAY = "2026-11-22"
RIDES = ("ride_fastest", "ride_main", "ride_median")


def minutes_of(network: Network, start: str, end: str, reading: str = "ride_fastest") -> float:
    """Return the central minutes of a pair today."""
    table = travel_times(network.as_of(TODAY), start, end, reading=reading, ranges=False)
    return float(table["travel_time_minutes"].iloc[0])


@pytest.fixture(scope="module")
def both_families(line_network: Network, with_rows: Build) -> Network:
    """Return the line with a conventional train K1 from Alpha to Gamma, quicker than any other."""
    timetable = line_network["timetable"].to_dict("records")[0]
    service = line_network["service"].to_dict("records")[0]
    trips, calls = (line_network[name].to_dict("records") for name in ("trips", "stop_times"))
    routes = line_network["routes"].to_dict("records")
    calendar = line_network["calendar"].to_dict("records")
    like = {"stop_sequence": 1, "trip_id": "K1"}
    return with_rows(
        line_network,
        timetable=[timetable, {**timetable, "timetable_id": "toy-k", "modes": "conventional"}],
        service=[service, {**service, "service_id": "TK", "timetable_id": "toy-k"}],
        routes=[*routes, {**routes[0], "route_id": "K", "route_short_name": "K"}],
        calendar=[*calendar, {**calendar[0], "service_id": "TK"}],
        trips=[*trips, {**trips[0], "trip_id": "K1", "route_id": "K", "service_id": "TK"}],
        stop_times=[
            *calls,
            {**calls[0], **like, "arrival_time": "08:00:00", "departure_time": "08:00:00"},
            {
                **calls[0],
                **like,
                "stop_id": "CCC",
                "stop_sequence": 2,
                "arrival_time": "08:10:00",
                "departure_time": "08:10:00",
            },
        ],
    )


@pytest.mark.parametrize("reading", RIDES)
def test_conventional_trains_do_not_count_as_rides(reading: str, both_families: Network) -> None:
    """High-speed circles leave them out; 26 is the express."""
    assert minutes_of(both_families, "900100", "900300", reading) == 26


def test_conventional_trains_count_from_door_to_door(both_families: Network) -> None:
    """20 in, 10 aboard, 5 out; and among the trains of a commuter."""
    network = both_families.as_of(TODAY)
    table = travel_times(network, "900100", "900300", window=("07:00", "07:30"), ranges=False)
    assert table["travel_time_minutes"].tolist() == [35]
    assert "K1" in set(list_trains(network, "900100", "900300")["trip_id"])


def test_a_feed_without_families_counts_whole(both_families: Network) -> None:
    """The timetable of an imported feed holds all of its trains: modes ``all``."""
    timetable = both_families["timetable"]
    modes = timetable["modes"].replace({"conventional": "all"})
    assert minutes_of(both_families.with_tables(timetable=timetable.assign(modes=modes)),
                      "900100", "900300") == 10  # fmt: skip


def test_metros_count_where_there_is_no_railway(transfer_network: Network) -> None:
    """A region with metros only, such as a feed of them, has direct rides: 6 + 6 aboard."""
    assert minutes_of(transfer_network, "M-a", "M-b") == 12
    # To the other line there is no direct one.
    table = travel_times(transfer_network.as_of(TODAY), "M-a", "M-c", reading="ride_fastest")
    assert table["travel_time_minutes"].isna().all()


def test_metros_do_not_count_beside_the_railway(line_network: Network, with_rows: Build) -> None:
    """A metro line of 5 minutes does not stand for the trains of 26."""
    calls = line_network["stop_times"].to_dict("records")
    trips = line_network["trips"].to_dict("records")
    routes = line_network["routes"].to_dict("records")
    times = [("AAA", "07:00:00"), ("CCC", "07:05:00")]
    network = with_rows(
        line_network,
        routes=[*routes, {**routes[0], "route_id": "M", "route_type": 1}],
        trips=[*trips, {**trips[0], "trip_id": "M1", "route_id": "M"}],
        stop_times=[
            *calls,
            *(
                {
                    **calls[0],
                    "trip_id": "M1",
                    "stop_id": stop,
                    "stop_sequence": number,
                    "arrival_time": clock,
                    "departure_time": clock,
                }
                for number, (stop, clock) in enumerate(times, start=1)
            ),
        ],
    )
    assert minutes_of(network, "900100", "900300") == 26


def test_links_of_a_stopping_train_do_not_add_up_to_an_express(line_network: Network) -> None:
    """Two links of 15 minutes are no ride of 30: the stopping train takes 32, the express 26."""
    assert line_network["link"]["run_time_minutes"].sum() == 30
    rides = compute_rides(line_network)
    longest = {trip: rides.minutes[rides.trip == n].max() for n, trip in enumerate(rides.trips)}
    assert (longest["G1"], longest["G3"]) == (32, 26)


# Trains as calls, and the fastest ride from Alpha to Gamma.
ODD_TRAINS = {
    # The loop passes AAA twice; the shorter ride counts.
    "loop": ([("AAA", 480, 480), ("BBB", 500, 500), ("AAA", 520, 520), ("CCC", 540, 540)], 20),
    # A train that left yesterday at 23:30 and runs over midnight.
    "overnight": ([("BBB", 1410, 1410), ("AAA", 1430, 1432), ("CCC", 1470, 1470)], 38),
    # Dwells belong to the rides over them.
    "dwell": ([("AAA", 480, 490), ("BBB", 500, 530), ("CCC", 540, 540)], 50),
}


@pytest.mark.parametrize("case", ODD_TRAINS)
def test_odd_trains(case: str, line_network: Network, with_trips: Build) -> None:
    """By hand."""
    calls, minutes = ODD_TRAINS[case]
    assert minutes_of(with_trips(line_network, {"T": calls}), "AAA", "CCC") == minutes


def test_trains_a_day_are_the_span_over_the_headway(
    transfer_network: Network, line_network: Network
) -> None:
    """16 hours, every ten and every five minutes; a train with a clock runs once."""
    rides = compute_rides(transfer_network)
    counts = dict(zip(rides.trips, count_departures(transfer_network, rides), strict=True))
    assert counts == {"M1-0": 96, "M1-1": 96, "M2-0": 192, "M2-1": 192}
    rides = compute_rides(line_network)
    assert set(count_departures(line_network, rides)) == {1.0}


def test_trains_are_listed_by_the_clock(line_network: Network) -> None:
    """Seconds after midnight, trips without clock times left out."""
    table = list_trains(line_network.as_of(TODAY), "900300", "900100")
    assert table.to_numpy().tolist() == [
        ["G2", 18 * 3600, 18 * 3600 + 32 * 60],
        ["G4", 23 * 3600 + 45 * 60, 24 * 3600 + 11 * 60],
    ]
