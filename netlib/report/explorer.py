"""What the report's interactive map needs to know: who reaches what, when, and by which legs.

A network of a day, with or without a scenario, is a `MapView`. For each view, origin and reading
the map gets a grid of minutes, from which the browser draws the isochrones of any cut-off, and the
times of the cities with the legs of their journeys: areas as from `netlib.isochrones`, times as
from `netlib.times`, those of verdicts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from netlib.comparisons import list_cities
from netlib.errors import UnreachableError
from netlib.isochrones import measure_field
from netlib.jobs import select_day
from netlib.readings import find_reading, read_readings, read_today
from netlib.report.grids import EMPTY, Grid, pack_grids, sample_field
from netlib.report.ground import (
    UNITS_PER_KM,
    Piece,
    Plane,
    draw_borders,
    draw_line,
    find_states,
    make_plane,
    place_nodes,
)
from netlib.scenarios import Scenario, apply_scenario
from netlib.times import measure_pairs
from netlib.times.steps import DECIMALS, Step, name_trip
from netlib.times.table import BY_CAR, BY_RAIL, EXACT, NEAREST, UNKNOWN, UPPER_BOUND
from netlib.words import LANGUAGES, translate_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from netlib.claims import Claim
    from netlib.tables import Network
    from netlib.times.journeys import Steps

Item = dict[str, Any]

BEST_WAY = "best_way"
# Readings that the reader can choose from; the best way is the quicker of the first and the third.
READINGS = (BY_RAIL, BEST_WAY, BY_CAR, "ride_fastest")
PARTS = {BEST_WAY: (BY_RAIL, BY_CAR)}
# Places that the reader can start from, if the network has them; else its first city.
ORIGINS = ("410100", "411000", "130100")
MOST_MINUTES = 150
STEP_MINUTES = 5
STATES = {"open": "o", "under_construction": "c", "planned": "p"}
ABSENT = "-"
KINDS = ("access", "process", "wait", "ride", "transfer", "walk", "exit", "egress", "drive")
# What is known of the trains behind a time, by its number on the page.
KNOWN = (EXACT, NEAREST, UPPER_BOUND, UNKNOWN)
ON_FOOT_ONLY = ("metro_station",)
WAYS = ("walk", "bus", "taxi", "car")
ENDS = ["low", "travel_time_minutes", "high"]


class MapView(NamedTuple):
    """A network that the map shows.

    Attributes
    ----------
    day
        Its day.
    card
        The scenario on it, None for the baseline.
    readings
        What the reader can choose from: of a scenario what it is compared by, of others all.
    """

    day: str
    card: Scenario | None = None
    readings: tuple[str, ...] = READINGS

    @property
    def key(self) -> str:
        """What the page calls the view."""
        return f"{self.card.scenario_id if self.card else 'baseline'}@{self.day}"


class Leg(NamedTuple):
    """A leg of a journey: its kind, minutes, and service or mode."""

    kind: str
    minutes: float
    service: str


class Trip(NamedTuple):
    """The way to a city.

    Attributes
    ----------
    low, central, high
        Minutes; NaN where they are not known.
    legs
        At central figures.
    gap
        Mean minutes between departures worth taking; NaN where trains do not come into it.
    timetable
        Day of the timetable used, '' likewise.
    known
        One of `KNOWN`, '' likewise.
    """

    low: float
    central: float
    high: float
    legs: tuple[Leg, ...]
    gap: float = np.nan
    timetable: str = ""
    known: str = ""


class Reached(NamedTuple):
    """What an origin reaches under a reading: the way to each zone, and minutes everywhere.

    Of several grids the least minutes count.
    """

    grids: tuple[Grid, ...]
    cities: dict[str, Trip]


class Measured(NamedTuple):
    """A view, measured.

    Attributes
    ----------
    view
        Which network it is.
    snapshot
        Date of its timetable.
    stops
        Nodes that are served.
    reached
        By reading and origin.
    states
        State of every piece of a line.
    """

    view: MapView
    snapshot: str
    stops: list[str]
    reached: dict[tuple[str, str], Reached]
    states: dict[Piece, str]


def plan_views(
    network: Network,
    claims: Iterable[Claim],
    days: Mapping[str, str],
    cards: Mapping[str, Scenario],
    readings: Mapping[str, str],
) -> list[MapView]:
    """Plan the views: timetables of the past, days that claims speak of, today, and the cards.

    Parameters
    ----------
    network
        The network of all dates.
    claims
        Their first dates are shown.
    days
        Day on which each card is looked at, by its id.
    cards
        Scenarios by id.
    readings
        Reading that each card is looked at by, where that is not door to door, by its id.
    """
    today = read_today(network.root)
    timetable = network["timetable"]
    snapshots = sorted(set(timetable.loc[timetable["modes"] != "conventional", "day"]))[:-1]
    first = {claim.dates[0][0] for claim in claims if claim.measure == "time"}
    baseline = sorted({*snapshots, *first, *days.values(), today})
    return [
        *(MapView(day) for day in baseline if day <= today),
        *(
            MapView(days.get(name, today), card, (readings.get(name, BY_RAIL),))
            for name, card in cards.items()
        ),
    ]


def find_origins(network: Network) -> list[str]:
    """Find the places that the map can start from."""
    zone = network["zone"]
    known = [origin for origin in ORIGINS if (zone["zone_id"] == origin).any()]
    return known or zone.loc[zone["level"] == "prefecture", "zone_id"].iloc[:1].tolist()


def measure_view(network: Network, view: MapView) -> Measured:
    """Measure what every origin reaches in a view.

    Parameters
    ----------
    network
        The network of all dates.
    view
        Which network to look at.
    """
    edited = network if view.card is None else apply_scenario(network, view.card)
    dated = select_day(edited, view.day)
    plane = make_plane(network)
    origins = find_origins(network)
    trips = measure_trips(dated, origins, view.readings, ranges=view.card is None)
    grids = {
        (reading, origin): sample_reading(dated, origin, reading, plane)
        for reading in view.readings
        for origin in origins
        if reading != BEST_WAY
    }
    reached = {
        (reading, origin): Reached(
            tuple(grids[part, origin] for part in PARTS.get(reading, (reading,))),
            trips[reading, origin],
        )
        for reading in view.readings
        for origin in origins
    }
    stops = list(dict.fromkeys(dated["stop_times"]["stop_id"]))
    return Measured(view, dated.snapshot, stops, reached, find_states(dated))


def sample_reading(network: Network, origin: str, reading: str, plane: Plane) -> Grid:
    """Sample what is reached from a place under a reading; empty where nothing is."""
    try:
        field = measure_field(network, origin, reading=reading, limit_minutes=MOST_MINUTES)
    except UnreachableError:
        return EMPTY
    return sample_field(field, plane)


def measure_trips(
    network: Network, origins: Sequence[str], readings: Sequence[str], *, ranges: bool
) -> dict[tuple[str, str], dict[str, Trip]]:
    """Measure the way from each origin to every city under every reading.

    Ranges are those of journeys alone, and only where they are wanted: of a scenario they are about
    those of its baseline, and each takes as long as the minutes themselves.
    """
    cities = list_cities(network)
    pairs = pd.DataFrame(
        [(a, b) for a in origins for b in cities if a != b], columns=["from_id", "to_id"]
    )
    tables: dict[str, pd.DataFrame] = {}
    steps: dict[str, Steps] = {}
    for reading in readings:
        if reading == BEST_WAY:
            continue
        spec = find_reading(network.root, reading)
        has_range = ranges and spec.measure == "journey"
        # Of a drive the page tells the minutes alone: tracing its roads takes long.
        tables[reading], steps[reading] = measure_pairs(
            network, pairs, reading=spec, ranges=has_range, legs=spec.measure != "drive"
        )
        if not has_range:
            tables[reading][["low", "high"]] = np.nan
    if BEST_WAY in readings:
        tables[BEST_WAY] = choose_best(tables[BY_RAIL], tables[BY_CAR])
        steps[BEST_WAY] = steps[BY_RAIL]
    return {
        (reading, origin): _describe_trips(
            network, tables[reading][pairs["from_id"] == origin], steps[reading]
        )
        for reading in readings
        for origin in origins
    }


def choose_best(rail: pd.DataFrame, car: pd.DataFrame) -> pd.DataFrame:
    """Choose the quicker of rail and car for each pair, as the reading of the best way does.

    Returns
    -------
    DataFrame
        Columns of ``rail``, with the central minutes of whichever is quicker, no others, and
        ``by_car``.
    """
    by_rail, by_car = rail["travel_time_minutes"], car["travel_time_minutes"]
    wins = by_car < by_rail.fillna(np.inf)
    best = rail.assign(low=np.nan, high=np.nan, by_car=wins)
    best["travel_time_minutes"] = np.fmin(by_rail, by_car)
    return best.assign(gap_minutes=best["gap_minutes"].mask(wins))


def _describe_trips(network: Network, times: pd.DataFrame, steps: Steps) -> dict[str, Trip]:
    """Describe the ways from one origin, by zone."""
    trips = {}
    for row in times.dropna(subset=["travel_time_minutes"]).to_dict("records"):
        low, central, high = (float(row[end]) for end in ENDS)
        path = [] if row.get("by_car") else steps.get((row["from_id"], row["to_id"]), [])
        legs = _list_legs(network, path) if path else (Leg("drive", central, ""),)
        trips[str(row["to_id"])] = Trip(
            low,
            central,
            high,
            legs,
            float(row.get("gap_minutes", np.nan)),
            str(row.get("timetable", "")),
            str(row.get("known", "")),
        )
    return trips


def _list_legs(network: Network, steps: Sequence[Step]) -> tuple[Leg, ...]:
    """List the legs of a journey; waits are legs of their own."""
    legs: list[Leg] = []
    for step in steps:
        if step.wait > 0:
            legs.append(Leg("wait", round(step.wait, DECIMALS), ""))
        named = step.label or (name_trip(network, step.trip_id) if step.trip_id else "")
        service = step.mode if step.kind in ("access", "egress") else named
        legs.append(Leg(step.kind, round(step.minutes - step.wait, DECIMALS), service))
    return tuple(legs)


def assemble_atlas(network: Network, measured: Sequence[Measured]) -> Item:
    """Put the measured views together for the page, each thing once.

    Parameters
    ----------
    network
        The network of all dates, for names and places.
    measured
        The views in the order in which the page lists them.

    Returns
    -------
    dict
        ``plane``, ``borders`` and ``lines`` for the drawing, and ``data``: what the script of the
        page reads, ready for JSON.
    """
    plane = make_plane(network)
    cities = _list_cities(network, plane)
    stops = _list_stops(network, plane, [stop for each in measured for stop in each.stops])
    index = _Index({city["id"]: number for number, city in enumerate(cities)})
    views = []
    lines, states = _group_lines(plane, measured)
    for each, state in zip(measured, states, strict=True):
        sets: dict[str, dict[str, int]] = {}
        for (reading, origin), reached in each.reached.items():
            sets.setdefault(reading, {})[origin] = index.add(reached)
        views.append(_describe_view(each, state, list(stops), sets))
    return {
        "plane": {"width": plane.width, "height": plane.height},
        "borders": draw_borders(network, plane),
        "lines": lines,
        "data": {
            "unitsPerKm": UNITS_PER_KM,
            "width": plane.width,
            "height": plane.height,
            "views": views,
            "readings": _name_readings(network),
            "origins": find_origins(network),
            "cities": cities,
            "stops": list(stops.values()),
            "kinds": list(KINDS),
            "services": _name_services(network, index.services),
            "timetables": list(index.timetables),
            "known": list(KNOWN),
            "sets": index.sets,
            "grids": pack_grids(list(index.grids)),
        },
    }


class _Index:
    """Numbers what views share, in the order of its first use, so that each thing is told once."""

    def __init__(self, cities: Mapping[str, int]) -> None:
        self.cities = cities
        self.services: dict[str, int] = {}
        self.timetables: dict[str, int] = {}
        self.grids: dict[Grid, int] = {}
        self.sets: list[Item] = []
        self._numbers: dict[str, int] = {}

    def add(self, reached: Reached) -> int:
        """Return the number of what an origin reaches under a reading."""
        described = {
            "grids": [self.grids.setdefault(grid, len(self.grids)) for grid in reached.grids],
            "cities": [
                self.describe(self.cities[zone], trip)
                for zone, trip in reached.cities.items()
                if zone in self.cities
            ],
        }
        number = self._numbers.setdefault(repr(described), len(self.sets))
        if number == len(self.sets):
            self.sets.append(described)
        return number

    def describe(self, number: int, trip: Trip) -> list[Any]:
        """Describe a way: city, low, central, high, three numbers a leg, gap, timetable, known.

        Numbers of a timetable and of what is known are -1 where no train comes into it.
        """
        legs = [
            value
            for leg in trip.legs
            for value in (
                KINDS.index(leg.kind),
                leg.minutes,
                self.services.setdefault(leg.service, len(self.services)) if leg.service else -1,
            )
        ]
        low, central, high, gap = (
            None if np.isnan(value) else value
            for value in (trip.low, trip.central, trip.high, trip.gap)
        )
        timetable = (
            self.timetables.setdefault(trip.timetable, len(self.timetables))
            if trip.timetable
            else -1
        )
        known = KNOWN.index(trip.known) if trip.known else -1
        return [number, low, central, high, legs, gap, timetable, known]


def _describe_view(
    measured: Measured, states: str, stops: list[str], sets: Mapping[str, Mapping[str, int]]
) -> Item:
    """Describe a view: ``states`` has a letter a group of lines, ``sets`` numbers by origin."""
    day, card = measured.view.day, measured.view.card
    served = set(measured.stops)
    return {
        "key": measured.view.key,
        "day": day,
        "snapshot": measured.snapshot,
        "base": MapView(day).key if card else "",
        "zh": card.name_zh if card else "",
        "en": card.name_en if card else "",
        "states": states,
        "stops": [number for number, stop in enumerate(stops) if stop in served],
        "sets": sets,
    }


def _name_readings(network: Network) -> list[Item]:
    """Name the readings of the map."""
    known = read_readings(network.root)
    return [{"id": name, "zh": known[name].name_zh, "en": known[name].name_en} for name in READINGS]


def _name_services(network: Network, services: Iterable[str]) -> list[Any]:
    """Name services: a train number as it is, a line or a mode by both of its names."""
    line = network["line"]
    english = dict(zip(line["name_zh"], line["name_en"], strict=True))
    return [
        [translate_value("way", name, lang) for lang in LANGUAGES]
        if name in WAYS
        else [name, english[name]]
        if english.get(name)
        else name
        for name in services
    ]


def _list_cities(network: Network, plane: Plane) -> list[Item]:
    """List the cities on the map with both names and their place."""
    zone = network["zone"]
    zone = zone[(zone["level"] != "county") & (zone["centre_node_id"] != "")]
    places = network["node"].drop_duplicates("node_id").set_index("node_id")
    points = place_nodes(plane, places.loc[zone["centre_node_id"]])
    columns = zip(zone["zone_id"], zone["name_zh"], zone["name_en"], points, strict=True)
    return [
        {"id": ident, "zh": zh, "en": en or zh, "x": x, "y": y, "on": plane.holds(x, y)}
        for ident, zh, en, (x, y) in columns
    ]


def _list_stops(network: Network, plane: Plane, stops: list[str]) -> dict[str, list[Any]]:
    """List the stops on the map: x, y, kind (0 rail, 1 on foot only), and names of rail stops."""
    node = network["node"].drop_duplicates("node_id").set_index("node_id")
    nodes = node[node.index.isin(stops)]
    listed: dict[str, list[Any]] = {}
    rows = zip(place_nodes(plane, nodes), nodes["node_type"], nodes.index, strict=True)
    for (x, y), kind, ident in rows:
        if plane.holds(x, y):
            code = 1 if kind in ON_FOOT_ONLY else 0
            listed[str(ident)] = [x, y, code, *(network.names[ident] if code == 0 else ())]
    return listed


def _group_lines(plane: Plane, measured: Sequence[Measured]) -> tuple[list[Item], list[str]]:
    """Group the pieces of a line that always share their state.

    Returns
    -------
    lines, states
        ``id``, ``mode`` and path ``d`` of each group; and for each view one letter a group.
    """
    groups: dict[tuple[str, str, str], list[Piece]] = {}
    for piece in dict.fromkeys(piece for each in measured for piece in each.states):
        letters = "".join(
            STATES[each.states[piece]] if piece in each.states else ABSENT for each in measured
        )
        groups.setdefault((piece.line_id, piece.mode, letters), []).append(piece)
    drawn = {key: draw_line(plane, pieces) for key, pieces in groups.items()}
    shown = [key for key in groups if drawn[key]]
    lines = [{"id": line, "mode": mode, "d": drawn[line, mode, s]} for line, mode, s in shown]
    return lines, ["".join(key[2][i] for key in shown) for i in range(len(measured))]
