"""The interactive map's data: discs, times, legs, states of lines, and each thing once."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import shapely

from netlib.claims import evaluate, read_claims
from netlib.report.bilingual import Both, merge, write_attribute
from netlib.report.explorer import (
    KINDS,
    MOST_MINUTES,
    MapView,
    assemble_atlas,
    find_origins,
    measure_view,
    plan_views,
)
from netlib.report.ground import draw_borders, draw_line, find_states, make_plane, write_path
from netlib.report.map import describe_map, write_json
from netlib.scenarios import find_scenario
from netlib.tables import Network, read_network
from netlib.times import reach, travel_times

TODAY = "2026-11-22"


@pytest.fixture(scope="module")
def network() -> Network:
    """Return the evidence base."""
    return read_network()


def test_views_hold_timetables_claims_today_and_cards(network: Network) -> None:
    card = find_scenario(network, "without-zx")
    views = plan_views(network, [], {"without-zx": "2024-09-18"}, {"without-zx": card})
    assert [view.key for view in views] == [
        "baseline@2016-03-15",
        "baseline@2021-01-15",
        "baseline@2024-09-18",
        f"baseline@{TODAY}",
        "without-zx@2024-09-18",
    ]


def test_a_view_has_the_times_of_verdicts(line_network: Network) -> None:
    measured = measure_view(line_network, MapView(TODAY))
    (origin,) = find_origins(line_network)
    cities = measured.reached[origin].cities
    dated = line_network.as_of(TODAY)
    times = travel_times(dated, [origin], list(cities)).set_index("to_id")
    # Gamma, the middle of the departures by hand: BY_DEPARTURE in test_travel_times.py.
    assert cities["900300"].central == 86
    for zone, trip in cities.items():
        expected = times.loc[zone, ["low", "travel_time_minutes", "high"]].tolist()
        assert trip[:3] == pytest.approx(expected)
        assert sum(leg.minutes for leg in trip.legs) == pytest.approx(trip.central, abs=0.5)
        assert {leg.kind for leg in trip.legs} <= set(KINDS)
    stops = reach(dated, origin).set_index("node_id")["minutes"]
    near = stops[stops <= MOST_MINUTES]
    assert measured.reached[origin].stops == pytest.approx(near.round(1).to_dict())


PAIRS = [("410100", "411000"), ("411000", "410100"), ("410100", "410200"), ("130100", "410100")]


@pytest.mark.parametrize("day", ["2016-03-15", "2019-11-15", "2022-12-31", TODAY])
def test_map_isochrones_table_and_verdicts_have_the_same_minutes(
    day: str, network: Network
) -> None:
    dated = network.as_of(day)
    zone = dated["zone"].set_index("zone_id")["centre_node_id"]
    atlas = measure_view(network, MapView(day))
    verdicts = read_verdicts(network, day)
    compared = 0
    for origin, place in PAIRS:
        row = travel_times(dated, [origin], [place]).iloc[0]
        wanted = [row[name] for name in ("low", "travel_time_minutes", "high")]
        found = atlas.reached[origin]
        # Under the pointer, as the disc on the page, under the isochrones, and in the verdicts.
        assert list(found.cities[place][:3]) == wanted
        disc = found.stops.get(zone[place], np.inf)
        assert disc == pytest.approx(wanted[1], abs=0.051) or wanted[1] > MOST_MINUTES
        stops = reach(dated, origin).set_index("node_id")["minutes"]
        assert stops[zone[place]] == pytest.approx(wanted[1], abs=0.051)
        if (origin, place) in verdicts:
            assert verdicts[origin, place] == wanted
            compared += 1
    assert compared or day not in ("2022-12-31", TODAY)


def read_verdicts(network: Network, day: str) -> dict[tuple[str, str], list[float]]:
    """Return low, central and high of the pairs of claims read door to door on a day."""
    claims = read_claims(network.root)
    read = {
        name: replace(claims[name], definitions=("door_to_door",), credits=())
        for name in ("C1", "C4")
    }
    rows = evaluate(network, claims=read, days=[day]).measurements
    ends = rows[["low", "central", "high"]].to_numpy().tolist()
    return dict(zip(zip(rows["from_id"], rows["to_id"], strict=True), ends, strict=True))


def test_the_atlas_says_everything_once(line_network: Network) -> None:
    views = [MapView(TODAY), MapView("2026-10-05")]
    measured = [measure_view(line_network, view) for view in views]
    atlas = assemble_atlas(line_network, [*measured, measured[0]])
    data = atlas["data"]
    first, _, again = data["views"]
    assert first["sets"] == again["sets"]
    assert len(data["sets"]) <= len(measured)
    json.dumps(data)
    (origin,) = data["origins"]
    found = data["sets"][first["sets"][origin]]
    assert len(found["stops"]) == len(found["minutes"])
    assert max(found["stops"]) < len(data["stops"])
    for number, low, central, high, legs in found["cities"]:
        assert low <= central <= high
        assert len(legs) % 3 == 0
        assert 0 <= number < len(data["cities"])
    assert all(len(view["states"]) == len(atlas["lines"]) for view in data["views"])
    described = describe_map(atlas, today=TODAY)
    assert [day["name"] for day in described["days"] if day["selected"]][:1] == [
        Both(f"{TODAY}（今天）", f"{TODAY} (today)")
    ]


def test_lines_change_their_state_with_the_day(network: Network) -> None:
    before, after = (find_states(network.as_of(day)) for day in ("2016-03-15", TODAY))
    changed = {piece.line_id for piece in before if after.get(piece, "") != before[piece]}
    assert "ZX" in changed
    assert {piece.line_id for piece, state in after.items() if state == "open"} >= {"ZX", "JG-S"}


def test_the_plane_keeps_distances(network: Network) -> None:
    plane = make_plane(network)
    x, y = plane.place([113.65, 113.65], [34.0, 35.0])
    # A degree of latitude at 34.5 N is 110.9 km long on WGS84.
    assert np.hypot(x[1] - x[0], y[1] - y[0]) / 10 == pytest.approx(110.9, rel=0.004)
    assert y[1] < y[0]
    assert plane.holds(float(x[0]), float(y[0]))
    borders = draw_borders(network, plane)
    assert {"land", "province", "prefecture", "county", "river"} == set(borders)
    assert sum(map(len, borders.values())) < 250_000


def test_lines_are_drawn_inside_the_map(network: Network) -> None:
    plane = make_plane(network)
    pieces = [piece for piece in find_states(network.as_of(TODAY)) if piece.line_id == "ZX"]
    assert draw_line(plane, pieces).startswith("M")


def test_paths_leave_out_what_is_too_small() -> None:
    assert write_path([shapely.box(0, 0, 0.2, 0.2), shapely.LineString([(0, 0), (0.1, 0)])]) == ""


def test_languages_must_agree_but_for_words() -> None:
    assert merge([1, float("nan")], [1, float("nan")])[0] == 1
    with pytest.raises(ValueError, match="more than words"):
        merge({"n": 1}, {"n": 2})
    with pytest.raises(ValueError, match="more than words"):
        merge(["一"], ["one", "two"])


def test_texts_are_escaped_in_both_languages() -> None:
    hostile = Both("<b>", '"&')
    assert "<b>" not in hostile.__html__()
    assert str(write_attribute("zh", "title", hostile)) == (
        'title="&lt;b&gt;" data-t-title="&#34;&amp;"'
    )
    assert "</script>" not in write_json({"name": "</script>"})
