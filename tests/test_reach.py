"""Minutes to and from every stop agree with those of the pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from netlib.errors import UnreachableError
from netlib.times import reach, travel_times
from netlib.times.reach import reach_back

if TYPE_CHECKING:
    from netlib.tables import Network

TODAY = "2026-11-22"


@pytest.fixture(scope="module")
def today(evidence_base: Network) -> Network:
    """Return the network of today."""
    return evidence_base.as_of(TODAY)


def test_until_the_street_by_hand(line_network: Network) -> None:
    """20 + 32 + 5 to Gamma, as in test_times.py; Beta and Alpha by who comes back from Gamma.

    Those of 07:41 to 08:10 miss the train that calls at Beta; they leave at 08:10 for the 08:30 and
    come back with the 18:00: at Beta at 18:20, at Alpha at 18:37 in the street.
    """
    stops = reach(line_network.as_of(TODAY), "900100").set_index("node_id")
    # Alpha: 30 leave at 08:10, and 41 at 07:40, which takes half an hour longer.
    assert stops["minutes"].to_dict() == {
        "CCC": 57,
        "BBB": 18 * 60 + 20 - (8 * 60 + 10),
        "AAA": 18 * 60 + 37 - (8 * 60 + 10),
    }
    assert stops.loc["CCC", ["name_zh", "name_en"]].tolist() == ["丙站", "Gamma"]
    assert stops["by_road"].all()


def test_aboard_and_between_stations_by_hand(line_network: Network) -> None:
    """Stations of the origin have nothing of a ride behind them."""
    network = line_network.as_of(TODAY)
    rides = reach(network, "900100", reading="ride_fastest").set_index("node_id")["minutes"]
    assert rides.to_dict() == {"AAA": 0, "BBB": 15, "CCC": 26}
    # Within the day no more than 91 of 720 minutes have a train within the hour.
    with pytest.raises(UnreachableError, match=r"甲市 \(900100\) has no stop within reach on 2026"):
        reach(network, "900100", reading="station_to_station")


def test_no_stop_within_reach(triangle_network: Network) -> None:
    """Where there is no stop at all."""
    with pytest.raises(UnreachableError, match=r"甲市 \(900100\) has no stop within reach on 2026"):
        reach(triangle_network.as_of(TODAY), "900100")


def test_back_by_hand(line_network: Network) -> None:
    """From the street at Alpha to Gamma's door as from the door at Alpha: they are one place."""
    back = reach_back(line_network.as_of(TODAY), "900300").set_index("node_id")["minutes"]
    assert back["AAA"] == 57
    # From Beta the only train of the morning is the 08:17: those of 07:00 to 07:57 leave for it, 58
    # of 120 minutes, which is less than half.
    assert "BBB" not in back.index


def test_a_metro_is_left_without_a_taxi(transfer_network: Network) -> None:
    """4 in, 5 wait, 6 aboard, 2 out at the crossing; no taxi waits there."""
    stops = reach(transfer_network.as_of(TODAY), "900100").set_index("node_id")
    assert stops.loc["M-x", "minutes"] == 17
    assert not stops["by_road"].any()
    back = reach_back(transfer_network.as_of(TODAY), "900200").set_index("node_id")["minutes"]
    # The second line runs every five minutes: 4 + 2.5 + 6 + 2.
    assert back["M-x"] == 14.5


STATIONS = ["XVF", "LLF", "ZAF", "EGF"]


@pytest.mark.parametrize("reading", ["ride_fastest", "ride_median", "station_to_station"])
def test_stops_have_the_minutes_of_their_pairs(reading: str, today: Network) -> None:
    """Every station that is reached, asked for as a pair.

    Who changes from the timetable to a train by count rides on for two hours at most here, as a
    limit of the search; pairs have none, so that they may be quicker where such a train comes last.
    """
    stops = reach(today, "410100", reading=reading).set_index("node_id")["minutes"]
    stops = stops[~stops.index.duplicated()]
    some = stops[stops > 0].iloc[:: max(len(stops) // 40, 1)]
    table = travel_times(today, "410100", some.index.tolist(), reading=reading, ranges=False)
    table = table.set_index("to_id").loc[some.index]
    found = table["travel_time_minutes"].to_numpy()
    assert (found <= some.to_numpy() + 0.051).all()
    clocked = (table["kind"] == "timetable").to_numpy()
    assert found[clocked] == pytest.approx(some.to_numpy()[clocked], abs=0.051)
    assert clocked.sum() > 15


def test_no_stop_is_a_shorter_way_to_a_door_beside_it(today: Network) -> None:
    """Who may choose the stop is there as early as by the one beside the door, or earlier.

    At random minutes: who plans takes the journey that arrives first, which may be a longer one.
    """
    reading = "door_to_door_unplanned"
    there = reach(today, "411000", reading=reading).groupby("node_id")["minutes"].min()
    back = reach_back(today, "411000", reading=reading).set_index("node_id")["minutes"]
    some = [stop for stop in there.index.intersection(back.index) if stop.isupper()][:40]
    for minutes, table in (
        (
            there,
            travel_times(today, "411000", some, reading=reading, ranges=False).set_index("to_id"),
        ),
        (
            back,
            travel_times(today, some, "411000", reading=reading, ranges=False).set_index("from_id"),
        ),
    ):
        pairs = table["travel_time_minutes"].reindex(some).to_numpy()
        known = np.isfinite(pairs)
        assert known.sum() > 10
        assert (pairs[known] <= minutes[some].to_numpy()[known] + 0.1).all()
