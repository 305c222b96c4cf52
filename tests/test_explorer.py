"""The interactive map's data: grids, times, legs, states of lines, and each thing once."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace

import numpy as np
import pytest
import shapely

from netlib.claims import evaluate, read_claims
from netlib.report.bilingual import Both, merge, write_attribute
from netlib.report.explorer import (
    BEST_WAY,
    KINDS,
    KNOWN,
    ORIGINS,
    READINGS,
    MapView,
    Measured,
    assemble_atlas,
    find_origins,
    measure_view,
    plan_views,
)
from netlib.report.grids import BEYOND, EMPTY, Grid, pack_grids, sample_field
from netlib.report.ground import draw_borders, draw_line, find_states, make_plane, write_path
from netlib.report.map import describe_map, write_json
from netlib.roads.fields import Field
from netlib.scenarios import find_scenario
from netlib.tables import Network, read_network
from netlib.times import travel_times
from netlib.times.table import BY_CAR, BY_RAIL

TODAY = "2026-11-22"


@pytest.fixture(scope="module")
def network() -> Network:
    """Return the evidence base."""
    return read_network()


def test_views_hold_timetables_claims_today_and_cards(network: Network) -> None:
    card = find_scenario(network, "without-zx")
    views = plan_views(
        network, [], {"without-zx": "2024-09-18"}, {"without-zx": card}, {"without-zx": BY_RAIL}
    )
    assert [view.key for view in views] == [
        "baseline@2016-03-15",
        "baseline@2021-01-15",
        "baseline@2024-09-18",
        f"baseline@{TODAY}",
        "without-zx@2024-09-18",
    ]
    assert [view.readings for view in views] == [READINGS] * 4 + [(BY_RAIL,)]


def test_a_view_has_the_times_of_verdicts(line_network: Network) -> None:
    view = MapView(TODAY, readings=(BY_RAIL, "ride_fastest"))
    measured = measure_view(line_network, view)
    (origin,) = find_origins(line_network)
    dated = line_network.as_of(TODAY)
    ends = ["low", "travel_time_minutes", "high"]
    cities = measured.reached[BY_RAIL, origin].cities
    assert cities
    times = travel_times(dated, [origin], list(cities)).set_index("to_id")
    for zone, trip in cities.items():
        assert trip[:3] == pytest.approx(times.loc[zone, ends].tolist())
        assert sum(leg.minutes for leg in trip.legs) == pytest.approx(trip.central, abs=0.5)
        assert {leg.kind for leg in trip.legs} <= set(KINDS)
        assert trip.known in KNOWN
        assert trip.gap == pytest.approx(times.loc[zone, "gap_minutes"], nan_ok=True)
    rides = measured.reached["ride_fastest", origin].cities
    times = travel_times(dated, [origin], list(rides), reading="ride_fastest").set_index("to_id")
    for zone, trip in rides.items():
        assert trip.central == times.loc[zone, "travel_time_minutes"]
        assert np.isnan(trip.gap)


PAIRS = [("410100", "411000"), ("411000", "410100"), ("410100", "410200"), ("130100", "410100")]


@pytest.fixture(scope="module")
def today_view(network: Network) -> Measured:
    """Return what the map shows of today."""
    return measure_view(network, MapView(TODAY))


def test_map_and_table_and_verdicts_have_the_same_minutes(
    network: Network, today_view: Measured
) -> None:
    dated = network.as_of(TODAY)
    verdicts = read_verdicts(network, TODAY)
    compared = 0
    for origin, place in PAIRS:
        row = travel_times(dated, [origin], [place]).iloc[0]
        wanted = [row[name] for name in ("low", "travel_time_minutes", "high")]
        # Under the pointer, as in the table and in the verdicts.
        trip = today_view.reached[BY_RAIL, origin].cities[place]
        assert list(trip[:3]) == wanted
        assert (trip.timetable, trip.known) == (row["timetable"], row["known"])
        if (origin, place) in verdicts:
            assert verdicts[origin, place] == wanted
            compared += 1
    assert compared


@pytest.mark.parametrize("reading", READINGS)
def test_every_reading_of_the_map_is_that_of_the_engine(
    reading: str, network: Network, today_view: Measured
) -> None:
    dated = network.as_of(TODAY)
    places = ["410200", "410300", "411000", "411500"]
    times = travel_times(dated, ["410100"], places, reading=reading, ranges=False)
    cities = today_view.reached[reading, "410100"].cities
    for place, minutes in zip(times["to_id"], times["travel_time_minutes"], strict=True):
        assert cities[place].central == minutes


def test_the_best_way_is_the_quicker_of_both(today_view: Measured) -> None:
    for origin in ORIGINS:
        rail, car, best = (
            today_view.reached[reading, origin] for reading in (BY_RAIL, BY_CAR, BEST_WAY)
        )
        assert best.grids == (*rail.grids, *car.grids)
        for zone, trip in best.cities.items():
            ways = [each.cities[zone].central for each in (rail, car) if zone in each.cities]
            assert trip.central == min(ways)


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
    assert len(data["sets"]) <= len(READINGS) * len(measured)
    json.dumps(data)
    (origin,) = data["origins"]
    for reading in READINGS:
        found = data["sets"][first["sets"][reading][origin]]
        assert max(found["grids"]) < len(data["grids"]["heads"])
        for number, low, central, high, legs, _, timetable, known in found["cities"]:
            assert low is None or low <= central <= high
            assert len(legs) % 3 == 0
            assert 0 <= number < len(data["cities"])
            assert -1 <= timetable < len(data["timetables"])
            assert -1 <= known < len(KNOWN)
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


def make_cone(cell_km: float = 0.5) -> Field:
    """Return a field of a minute a kilometre around a point, up to 60 minutes."""
    across = np.arange(-70.0, 70.0 + cell_km, cell_km)
    minutes = np.hypot(*np.meshgrid(across, across))
    minutes[minutes > 60.0] = np.inf
    return Field(
        minutes=minutes.astype(np.float32),
        west=-70.0,
        south=-70.0,
        cell_km=cell_km,
        crs="+proj=laea +lat_0=34.5 +lon_0=113.5 +ellps=WGS84 +units=m",
        limit_minutes=60.0,
        step_minutes=cell_km,
    )


def test_a_grid_has_the_minutes_of_its_field(network: Network) -> None:
    plane = make_plane(network)
    grid = sample_field(make_cone(), plane)
    cells = np.frombuffer(grid.cells, dtype=np.uint8).reshape(grid.rows, grid.columns)
    across, down = np.meshgrid(np.arange(grid.columns), np.arange(grid.rows))
    x, y = plane.place([113.5], [34.5])
    away = np.hypot(grid.left + 15.0 * across - x[0], grid.top + 15.0 * down - y[0]) / 10.0
    # Both planes keep lengths within some hundredths, minutes are whole; at the rim none is left.
    inside = away < 57.0
    assert np.abs(cells[inside] - away[inside]).max() < 1.6
    assert (cells[away > 63.0] == BEYOND).all()
    # Area within 30 minutes: pi x 30^2 km2, counted in nodes of 1.5 km.
    assert (cells <= 30).sum() * 1.5**2 == pytest.approx(np.pi * 30.5**2, rel=0.03)


def test_grids_come_out_of_their_text_as_they_went_in() -> None:
    grids = [
        Grid(15, 30, 3, 2, 1.5, bytes([255, 0, 7, 9, 255, 1])),
        EMPTY,
        Grid(0, 0, 1, 1, 1.0, b"a"),
    ]
    packed = pack_grids(grids)
    assert packed == pack_grids(grids)
    text = zlib.decompress(base64.b64decode(packed["text"]))
    for grid, (left, top, columns, rows, step) in zip(grids, packed["heads"], strict=True):
        assert (left, top, columns, rows, step) == grid[:5]
        own, text = text[: rows * columns], text[rows * columns :]
        above = [packed["beyond"]] * columns
        cells = bytearray()
        for row in range(rows):
            part = own[row * columns : (row + 1) * columns]
            above = [(a + b) % 256 for a, b in zip(above, part, strict=True)]
            cells += bytes(above)
        assert bytes(cells) == grid.cells
    assert text == b""
