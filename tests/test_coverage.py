"""Which epoch answers: completeness, dated changes and openings, on the toy line of three cities.

Alpha, Beta and Gamma lie on one line; timetables of 2016, 2021 and 2026 hold their trains in part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from netlib.calendars import WEEKDAYS
from netlib.coverage import choose_epochs
from netlib.errors import DateError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from netlib.tables import Network

    Build = Callable[..., Network]

A, B, C = "900100", "900200", "900300"
EPOCHS = {"2016": "2016-03-15", "2021": "2021-01-15", "2026": "2026-10-04"}


@pytest.fixture(scope="module")
def base(line_network: Network, with_rows: Build) -> Network:
    """Return the toy line with three timetables without a train."""
    return with_rows(
        line_network,
        timetable=[
            {
                "timetable_id": name,
                "modes": "fast",
                "day": day,
                "valid_from": day,
                "valid_until": day,
            }
            for name, day in EPOCHS.items()
        ],
        service=[],
        trips=[],
        stop_times=[],
        calendar=[
            {"service_id": "X", "start_date": "2016", **dict.fromkeys(WEEKDAYS, 1.0)},
        ],
    )


@pytest.fixture(scope="module")
def cover(base: Network, with_rows: Build) -> Build:
    """Return a builder of networks from (trains held, trains least) of Alpha to Beta."""

    def build(
        known: dict[str, tuple[int, int]], pair: tuple[str, str] = (A, B), **tables: object
    ) -> Network:
        rows = [
            {
                "timetable_id": name,
                "from_zone_id": pair[0],
                "to_zone_id": pair[1],
                "trains_held": float(held),
                "trains_least": float(least),
                "basis": f"list {name}",
            }
            for name, (held, least) in known.items()
        ]
        return with_rows(base, coverage=rows, **tables)

    return build


def choose(network: Network, day: str, pair: tuple[str, str] = (A, B)) -> dict[str, object]:
    (row,) = choose_epochs(network.as_of(day), [pair]).to_dict("records")
    return {str(name): value for name, value in row.items()}


# What is held and ran at least, the day, and the epoch that answers, complete or not. Nine trains
# of ten are complete, eight are not.
CASES = [
    ({"2016": (10, 10), "2021": (20, 20), "2026": (30, 30)}, "2016-12-31", "2016", True),
    ({"2016": (10, 10), "2021": (20, 20), "2026": (30, 30)}, "2022-06-20", "2021", True),
    ({"2016": (10, 10), "2021": (18, 20), "2026": (30, 30)}, "2022-06-20", "2021", True),
    ({"2016": (10, 10), "2021": (16, 20), "2026": (30, 30)}, "2022-06-20", "2026", True),
    # None is complete: the nearest with any train is an upper bound.
    ({"2016": (1, 10), "2021": (0, 20), "2026": (3, 30)}, "2022-06-20", "2026", False),
    # Trains are known of and none is held: the timetable of the pair is not known.
    ({"2021": (0, 20)}, "2022-06-20", "", False),
    # Of two equally near days the earlier.
    ({"2016": (10, 10), "2021": (20, 20)}, "2018-08-15", "2016", True),
    ({"2016": (10, 10), "2021": (20, 20)}, "2018-08-16", "2021", True),
]


@pytest.mark.parametrize(("known", "day", "epoch", "complete"), CASES)
def test_the_nearest_complete_epoch_answers(
    *, known: dict[str, tuple[int, int]], day: str, epoch: str, complete: bool, cover: Build
) -> None:
    row = choose(cover(known), day)
    assert row["epoch"] == EPOCHS.get(epoch, "")
    assert row["complete"] is complete
    assert row["changed"] is False
    if epoch:
        assert (row["trains_held"], row["trains_least"]) == known[epoch]
        age = pd.Timestamp(day) - pd.Timestamp(EPOCHS[epoch])
        assert row["age_days"] == abs(age.days)
        assert row["basis"] == f"list {epoch}"


def test_a_pair_without_coverage_goes_by_the_default(cover: Build) -> None:
    network = cover({"2021": (20, 20)})
    expected = {"epoch": "", "trains_held": 0, "trains_least": 0, "complete": True, "basis": ""}
    assert expected.items() <= choose(network, "2022-06-20", (B, A)).items()


FAST = {"field": "speed_kmh", "value": 350.0}
FULL = {"2016": (10, 10), "2021": (20, 20), "2026": (30, 30)}
# The first day of a higher speed, the day wanted, and the epoch that answers.
SPEEDS = [
    ("2022-06-20", "2022-06-19", "2021"),
    ("2022-06-20", "2022-06-20", "2026"),
    ("2022-06-20", "2021-01-16", "2021"),
    # A month counts from its last day, as openings do.
    ("2022-06", "2022-06-29", "2021"),
    ("2022-06", "2022-06-30", "2026"),
]


@pytest.mark.parametrize(("date", "day", "epoch"), SPEEDS)
def test_trains_of_before_a_higher_speed_do_not_answer_for_after(
    *, date: str, day: str, epoch: str, cover: Build
) -> None:
    row = choose(cover(FULL, change=[{"line_id": "L1", "date": date, **FAST}]), day)
    assert (row["epoch"], row["changed"]) == (EPOCHS[epoch], False)


def test_a_changed_epoch_answers_where_no_other_is_complete(cover: Build) -> None:
    change = [{"line_id": "L1", "date": "2022-06-20", **FAST}]
    row = choose(cover({"2021": (20, 20), "2026": (3, 30)}, change=change), "2022-12-31")
    assert (row["epoch"], row["complete"], row["changed"]) == (EPOCHS["2021"], True, True)


def test_a_change_of_another_line_is_none_of_the_pair(cover: Build) -> None:
    change = [{"line_id": "L2", "date": "2022-06-20", **FAST}]
    assert choose(cover(FULL, change=change), "2022-12-31")["epoch"] == EPOCHS["2021"]


def link(number: int, start: str, end: str, km: float, opened: str) -> dict[str, object]:
    ends = {"from_node_id": start, "to_node_id": end}
    return {
        "link_id": str(number),
        **ends,
        "line_id": "L1",
        "length_km": km,
        "open_date": opened,
    }


ROUND = [link(1, "AAA", "CCC", 100.0, "2012"), link(2, "CCC", "BBB", 50.0, "2012")]
# Length of a second way from Alpha to Beta, 150 km round by Gamma before: shorter by more than
# 8 % it is another railway, 139 km are not (150 / 139 is 1.079).
SHORTCUTS = [(50.0, "2026"), (138.0, "2026"), (139.0, "2021"), (160.0, "2021")]


@pytest.mark.parametrize(("km", "epoch"), SHORTCUTS)
def test_trains_of_before_an_opening_do_not_answer_for_after(
    *, km: float, epoch: str, cover: Build
) -> None:
    links = [*ROUND, link(3, "AAA", "BBB", km, "2022-06-20")]
    network = cover(FULL, link=links)
    assert choose(network, "2022-06-19")["epoch"] == EPOCHS["2021"]
    assert choose(network, "2022-06-20")["epoch"] == EPOCHS[epoch]


def test_before_an_opening_the_epoch_before_it_answers(cover: Build) -> None:
    # A day of 2019 is nearer to 2021, when the way had become shorter.
    network = cover(FULL, link=[*ROUND, link(3, "AAA", "BBB", 50.0, "2020-01-01")])
    assert choose(network, "2019-12-31")["epoch"] == EPOCHS["2016"]
    assert choose(network, "2020-01-01")["epoch"] == EPOCHS["2021"]


def test_the_way_does_not_lead_through_a_city_between_its_stations(
    cover: Build, base: Network
) -> None:
    # Two lines end at two stations of Gamma: no train runs from one to the other.
    node = base["node"]
    second = node[node["node_id"] == "CCC"].assign(node_id="CC2", x_coord=113.9)
    both = pd.concat([node, second], ignore_index=True)
    zone = base["zone"].assign(main_node_id="")
    links = [link(1, "AAA", "CC2", 100.0, "2012"), link(2, "CCC", "BBB", 50.0, "2012")]
    links.append(link(3, "AAA", "BBB", 400.0, "2022-06-20"))
    network = cover(FULL, link=links).with_tables(node=both, reference_node=both, zone=zone)
    # Without a way before the opening is one that changes the pair.
    assert choose(network, "2022-06-20")["epoch"] == EPOCHS["2026"]


def test_stations_and_counties_stand_for_their_city(cover: Build, base: Network) -> None:
    network = cover(FULL)
    county = network["zone"].iloc[[0]].assign(zone_id="900181", parent_zone_id=A, level="county")
    network = network.with_tables(zone=pd.concat([network["zone"], county], ignore_index=True))
    for origin in (A, "AAA", "900181"):
        assert choose(network, "2022-06-20", (origin, "BBB"))["epoch"] == EPOCHS["2021"]


def test_regions_share_the_bound_of_all_trains(base: Network, with_rows: Build) -> None:
    """Trains stand in one region each; the bound of each counts all that ran."""
    days = {"modes": "fast", "day": "2021-01-15"}
    timetable = [{"timetable_id": name, "region": name, **days} for name in ("a", "b")]
    pair = {"from_zone_id": A, "to_zone_id": B, "trains_least": 20.0, "basis": "list"}
    coverage = [
        {"timetable_id": name, "trains_held": held, **pair} for name, held in (("a", 12), ("b", 6))
    ]
    row = choose(with_rows(base, timetable=timetable, coverage=coverage), "2022-06-20")
    assert (row["trains_held"], row["trains_least"], row["complete"]) == (18, 20, True)
    assert row["basis"] == "list"


def test_slow_trains_decide_where_no_fast_ones_are_known(base: Network, with_rows: Build) -> None:
    slow = {"timetable_id": "k", "modes": "conventional", "day": "2016-06-15"}
    timetable = [*base["timetable"].to_dict("records"), slow]
    counts = {"trains_held": 16.0, "trains_least": 16.0}
    coverage = [
        {"timetable_id": "k", "from_zone_id": A, "to_zone_id": B, **counts},
        {"timetable_id": "k", "from_zone_id": A, "to_zone_id": C, **counts},
        {"timetable_id": "2026", "from_zone_id": A, "to_zone_id": C, **counts},
    ]
    network = with_rows(base, timetable=timetable, coverage=coverage)
    # Slow trains take their own nearest timetable on any day: no other epoch is called for.
    today = choose(network, "2026-11-22", (A, B))
    assert (today["epoch"], today["trains_held"]) == ("", 16)
    assert choose(network, "2016-06-15", (A, C))["epoch"] == EPOCHS["2026"]


def test_a_timetable_that_holds_all_trains_of_a_zone_knows_that_there_were_none(
    base: Network, with_rows: Build
) -> None:
    """Of 2016 all trains of zone A are held: without a row no train ran, whatever 2026 holds."""
    timetable = base["timetable"].to_dict("records")
    whole = [row | {"whole_zones": A if row["day"] == EPOCHS["2016"] else ""} for row in timetable]
    later = {"timetable_id": "2026", "trains_held": 9.0, "trains_least": 9.0}
    coverage = [{**later, "from_zone_id": A, "to_zone_id": B}]
    network = with_rows(base, timetable=whole, coverage=coverage)
    then = choose(network, EPOCHS["2016"], (A, B))
    assert (then["epoch"], then["trains_held"], then["complete"]) == (EPOCHS["2016"], 0, True)
    parts = with_rows(base, timetable=timetable, coverage=coverage)
    assert choose(parts, EPOCHS["2016"], (A, B))["epoch"] == EPOCHS["2026"]


def test_a_network_of_no_day_and_an_unknown_place_are_refused(cover: Build) -> None:
    with pytest.raises(DateError, match="choose a day with as_of"):
        choose_epochs(cover(FULL), [(A, B)])
    with pytest.raises(UnknownNameError, match="unknown zone or station 'AAB'; nearest: AAA"):
        choose_epochs(cover(FULL).as_of("2022-06-20"), [("AAB", B)])


def test_a_scenario_does_not_change_whose_trains_answer(cover: Build) -> None:
    network = cover(FULL)
    closed = network.with_tables(link=network["link"].iloc[:0])
    assert choose(closed, "2022-06-20") == choose(network, "2022-06-20")
