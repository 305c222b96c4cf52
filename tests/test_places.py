"""Places by id, Chinese and English name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from netlib.errors import NetlibError, UnknownNameError
from netlib.places import find_place, format_name, normalise, place_stations

if TYPE_CHECKING:
    from netlib.tables import Network

# What somebody may type for a place of the evidence base, and its id.
NAMES = [
    ("郑州", "410100"),
    ("郑州市", "410100"),
    ("zhengzhou", "410100"),
    ("ZHENGZHOU", "410100"),
    ("410100", "410100"),
    ("郑州东", "ZAF"),
    ("郑州东站", "ZAF"),
    ("Zhengzhou East", "ZAF"),
    ("zhengzhou-east", "ZAF"),
    ("ZAF", "ZAF"),
    ("石家庄", "130100"),
    ("济源", "419001"),
    ("许昌东", "XVF"),
]


@pytest.mark.parametrize(("text", "place"), NAMES)
def test_places_are_found(text: str, place: str, evidence_base: Network) -> None:
    assert find_place(evidence_base, text) == place


@pytest.mark.parametrize("column", ["name_zh", "name_en", "zone_id"])
def test_every_city_is_found_by_its_names(column: str, evidence_base: Network) -> None:
    zone = evidence_base["zone"]
    cities = zone[zone["level"] != "county"]
    # 苏州 and 宿州 are both Suzhou: the message names the ids of both.
    shared = cities[column].duplicated(keep=False)
    assert set(cities.loc[shared, column]) <= {"Suzhou", "Fuzhou", "Taizhou"}
    for name, ids in cities[shared].groupby(column)["zone_id"]:
        with pytest.raises(UnknownNameError, match=", ".join(sorted(ids))):
            find_place(evidence_base, str(name))
    cities = cities[~shared]
    found = [find_place(evidence_base, name) for name in cities[column]]
    assert found == cities["zone_id"].tolist()


def test_every_rail_station_is_found_by_its_id(evidence_base: Network) -> None:
    node = evidence_base["node"]
    stations = node.loc[node["node_type"] == "rail_station", "node_id"].tolist()
    assert [find_place(evidence_base, name) for name in stations] == stations


# A city goes before the station of its name, and that before a county.
def test_a_city_goes_before_its_station(evidence_base: Network) -> None:
    node = evidence_base["node"]
    assert "郑州" in set(node.loc[node["node_type"] == "rail_station", "name_zh"])
    assert find_place(evidence_base, "郑州") == "410100"
    assert find_place(evidence_base, "ZZF") == "ZZF"


def test_an_unknown_name_lists_the_nearest(evidence_base: Network) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown place 'Zhengzhu'; nearest: .*Zhengzhou"):
        find_place(evidence_base, "Zhengzhu")
    assert issubclass(UnknownNameError, LookupError)
    assert issubclass(UnknownNameError, NetlibError)


def test_a_name_like_no_other_shows_some_that_are_known(line_network: Network) -> None:
    with pytest.raises(UnknownNameError, match="unknown place '四'; one of: "):
        find_place(line_network, "四")


def test_a_name_of_several_lists_their_ids(line_network: Network) -> None:
    node = line_network["node"].copy()
    node.loc[node["node_id"].isin(["AAA", "CCC"]), "name_en"] = "Twin"
    network = line_network.with_tables(node=node)
    with pytest.raises(UnknownNameError, match=r"use an id instead of 'twin'; .*AAA, CCC"):
        find_place(network, "twin")


def test_centres_are_no_places_of_their_own(line_network: Network) -> None:
    with pytest.raises(UnknownNameError):
        find_place(line_network, "C-900100")


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("郑州市", "郑州"),
        ("郑州站", "郑州"),
        ("沙市", "沙市"),
        ("Xi'an North", "xiannorth"),
        ("", ""),
    ],
)
def test_what_identifies_a_name(name: str, core: str) -> None:
    assert normalise(name) == core


def test_names_in_two_languages(line_network: Network) -> None:
    assert format_name(line_network, "900100") == "甲市"
    assert format_name(line_network, "900100", lang="en") == "Alpha City"
    assert format_name(line_network, "AAA", lang="en") == "Alpha"
    assert format_name(line_network, "L1") == "甲丙高铁"
    assert format_name(line_network, "unheard", lang="en") == "unheard"


def test_a_name_without_english_stays_chinese(line_network: Network) -> None:
    node = line_network["node"].assign(name_en="")
    network = line_network.with_tables(node=node, reference_node=node)
    assert format_name(network, "AAA", lang="en") == "甲站"


def test_stations_of_a_city(evidence_base: Network) -> None:
    table = place_stations(evidence_base, ["410100", "ZAF"], main_only=False)
    own = table.loc[table["place"] == "410100", "station"]
    assert {"ZZF", "ZAF", "XPF", "ZIF"} <= set(own)
    assert table.loc[table["place"] == "ZAF", "station"].tolist() == ["ZAF"]
    main = place_stations(evidence_base, ["410100"], main_only=True)
    assert main.to_numpy().tolist() == [["410100", "ZAF"]]


def test_a_city_without_a_main_station_has_none(evidence_base: Network) -> None:
    zone = evidence_base["zone"]
    lacking = zone.loc[
        (zone["level"] != "county") & (zone["main_node_id"] == ""), "zone_id"
    ].tolist()
    assert place_stations(evidence_base, lacking, main_only=True).empty


def test_main_stations_belong_to_their_city(evidence_base: Network) -> None:
    zone = evidence_base["zone"]
    cities = zone.loc[zone["main_node_id"] != "", "zone_id"].tolist()
    main = place_stations(evidence_base, cities, main_only=True)
    own = place_stations(evidence_base, cities, main_only=False)
    assert set(map(tuple, main.to_numpy())) <= set(map(tuple, own.to_numpy()))
