"""What the evidence base must hold, as issue 2 and the five documents list it."""

from __future__ import annotations

import pytest

from netlib.calls import compute_calls
from netlib.tables import Network, read_network
from netlib.units import parse_date


@pytest.fixture(scope="module")
def network() -> Network:
    return read_network()


def stations(network: Network, line: str) -> set[str]:
    link = network["link"]
    link = link[link["line_id"] == line]
    return {*link["from_node_id"], *link["to_node_id"]}


def metro_lines(network: Network) -> list[str]:
    line = network["line"]
    is_metro = line["mode"].isin(["metro", "suburban"]) & (line["status"] == "operating")
    return line.loc[is_metro, "line_id"].tolist()


def test_eighteen_units_and_157_counties_of_henan(network: Network) -> None:
    zone = network["zone"]
    henan = zone[zone["zone_id"].str.startswith("41")]
    units, counties = henan[henan["level"] == "prefecture"], henan[henan["level"] == "county"]
    assert (len(units), len(counties)) == (18, 157)
    # census of 2020-11-01: 99,365,519 residents of Henan
    assert units["population_2020"].sum() == 99_365_519
    assert counties["population_2020"].sum() == 99_365_519
    # Far prefectures stand for their stations alone and have no centre.
    assert set(zone["centre_node_id"]) - {""} <= set(network["node"]["node_id"])
    assert (henan["centre_node_id"] != "").all()


def test_eight_arms_open_section_by_section(network: Network) -> None:
    line = network["line"].set_index("line_id")
    arms = line.loc["MI", "parts"].split(";")
    assert len(arms) == 8
    for arm in arms:
        for part in line.loc[arm, "parts"].split(";"):
            link = network["link"][network["link"]["line_id"] == part]
            assert len(link) > 0
            assert all(parse_date(text) for text in link["open_date"])


def test_five_high_speed_stations_of_xuchang(network: Network) -> None:
    line = network["line"].set_index("line_id")
    node = network["node"].set_index("node_id")
    names = {node.loc[part, "name_zh"] for part in line.loc["XC-HSR5", "parts"].split(";")}
    assert names == {"许昌东", "许昌北", "长葛北", "禹州", "鄢陵"}


def test_zheng_xu_line_meets_the_metro_once(network: Network) -> None:
    others = [stations(network, line) for line in metro_lines(network) if line != "ZX"]
    shared = stations(network, "ZX") & set().union(*others)
    assert len(stations(network, "ZX")) in (26, 27)
    assert len(shared) == 1


def test_thirteen_metro_lines(network: Network) -> None:
    assert len(metro_lines(network)) == 13
    node = network["node"]
    assert (node["node_type"] == "metro_station").sum() in (235, 236)


def test_three_snapshots_cover_both_regions(network: Network) -> None:
    timetable = network["timetable"]
    for region in ("zhengzhou", "shijiazhuang"):
        fast = timetable[(timetable["region"] == region) & (timetable["modes"] == "fast")]
        assert fast["day"].tolist() == ["2016-03-15", "2021-01-15", "2026-10-04"]


@pytest.mark.parametrize(
    "line", ["ZK", "ZKX", "ZJ", "ZJC", "ZX", "JX2", "XLZ", "SHCG", "SXI", "JB"]
)
def test_named_lines_have_a_row_with_status(network: Network, line: str) -> None:
    row = network["line"].set_index("line_id").loc[line]
    assert row["status"] in {"operating", "under_construction", "approved", "planned"}


@pytest.mark.parametrize(("line", "length_km"), [("JX2", 45.102), ("JS", 233.5), ("JX1", 106.3)])
def test_sections_of_a_road_add_up_to_its_published_length(
    network: Network, line: str, length_km: float
) -> None:
    link = network["link"]
    total = link.loc[link["line_id"] == line, "length_km"].sum()
    assert total == pytest.approx(length_km, abs=0.05)


def test_expressways_and_bridges_replace_the_table_of_lengths(network: Network) -> None:
    """No link runs from one city's centre to another's by car: drives follow named roads."""
    line = network["line"].set_index("line_id")
    roads = line.index[line["mode"].isin(["expressway", "fast_road", "road"])]
    link = network["link"]
    link = link[link["line_id"].isin(roads)]
    assert not link["from_node_id"].str.startswith("C-").any()
    assert {"G4", "G30", "G36", "G45", "G55", "G3001", "S83", "S85"} <= set(link["line_id"])
    zhengzhou = line.loc["YR", "parts"].split(";")
    assert {"BR-taohuayu", "BR-guandu", "BR-jiaozheng", "BR-liujiang", "AL"} <= set(zhengzhou)
    assert set(zhengzhou) <= set(link["line_id"])


def test_no_line_without_figures_is_dropped_silently(network: Network) -> None:
    line = network["line"]
    linked = set(network["link"]["line_id"])
    bare = line[~line["line_id"].isin(linked) & (line["parts"] == "")]
    assert bare.loc[bare["note"] == "", "line_id"].tolist() == []


def test_calls_are_whole(network: Network) -> None:
    calls = compute_calls(network)
    assert len(calls) == len(network["stop_times"])
    assert (calls["departure"] >= calls["arrival"]).all()
    assert set(calls["stop_id"]) <= set(network["node"]["node_id"])
