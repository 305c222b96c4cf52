"""What the report's interactive map needs to know: who reaches what, when, and by which legs.

A network of a day, with or without a scenario, is a `MapView`. For each view and origin the map
gets the minutes to every stop, from which the browser draws the isochrones of any cut-off by the
same model of access as `netlib.surfaces` (a disc around each stop), and the times of the cities
with the legs of their journeys, from `netlib.travel_times`: medians over the same departures as
those of verdicts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from netlib.errors import UnreachableError
from netlib.jobs import select_day
from netlib.readings import find_reading, read_today
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
from netlib.surfaces import WALK_ONLY, AccessModel
from netlib.travel_times import (
    DECIMALS,
    Steps,
    compute_variant,
    find_ends,
    reach,
    service_label,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from netlib.claims import Claim
    from netlib.tables import Network

Item = dict[str, Any]

DEFINITION = "door_to_door"
# Places that the reader can start from, if the network has them; else its first city.
ORIGINS = ("410100", "411000", "130100")
MOST_MINUTES = 150
STEP_MINUTES = 5
STATES = {"open": "o", "under_construction": "c", "planned": "p"}
ABSENT = "-"
KINDS = ("access", "process", "wait", "ride", "transfer", "walk", "exit", "egress")


class MapView(NamedTuple):
    """A network that the map shows: its day and the scenario on it, None for the baseline."""

    day: str
    card: Scenario | None = None

    @property
    def key(self) -> str:
        """What the page calls the view."""
        return f"{self.card.scenario_id if self.card else 'baseline'}@{self.day}"


class Leg(NamedTuple):
    """A leg of a journey: its kind, minutes and service."""

    kind: str
    minutes: float
    service: str


class Trip(NamedTuple):
    """The journey to a city: minutes, and legs at central figures; ends are NaN if not known."""

    low: float
    central: float
    high: float
    legs: tuple[Leg, ...]


class Reached(NamedTuple):
    """What an origin reaches: minutes by stop or centre, and the journey by zone."""

    stops: dict[str, float]
    cities: dict[str, Trip]


class Measured(NamedTuple):
    """A view, measured.

    Attributes
    ----------
    view
        Which network it is.
    snapshot
        Date of its timetable.
    access
        The way from the last stop.
    reached
        By origin.
    states
        State of every piece of a line.
    """

    view: MapView
    snapshot: str
    access: AccessModel
    reached: dict[str, Reached]
    states: dict[Piece, str]


def plan_views(
    network: Network,
    claims: Iterable[Claim],
    days: Mapping[str, str],
    cards: Mapping[str, Scenario],
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
    """
    today = read_today(network.root)
    timetable = network["timetable"]
    snapshots = sorted(set(timetable.loc[timetable["modes"] != "conventional", "day"]))[:-1]
    first = {claim.dates[0][0] for claim in claims if claim.measure == "time"}
    baseline = sorted({*snapshots, *first, *days.values(), today})
    return [
        *(MapView(day) for day in baseline if day <= today),
        *(MapView(days.get(name, today), card) for name, card in cards.items()),
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
    origins = find_origins(network)
    zone = dated["zone"]
    cities = zone.loc[zone["level"] != "county", "zone_id"].tolist()
    pairs = pd.DataFrame(
        [(a, b) for a in origins for b in cities if a != b], columns=["from_id", "to_id"]
    )
    spec = find_reading(network.root, DEFINITION)
    times, steps = compute_variant(dated, pairs, spec, "central")
    # Of a scenario the central minutes are enough: its range is about that of its baseline.
    times[["low", "high"]] = np.nan
    if view.card is None:
        ends = [compute_variant(dated, pairs, spec, end)[0]["minutes"] for end in ("low", "high")]
        times["low"], times["high"] = find_ends([ends[0], times["minutes"], ends[1]])
    numbers = ["low", "minutes", "high"]
    times[numbers] = times[numbers].round(DECIMALS)
    reached = {
        origin: Reached(
            _reach_stops(dated, origin),
            _describe_trips(dated, times[times["from_id"] == origin], steps),
        )
        for origin in origins
    }
    access = AccessModel.from_network(dated)
    return Measured(view, dated.snapshot, access, reached, find_states(dated))


def _reach_stops(network: Network, origin: str) -> dict[str, float]:
    """Return what `netlib.travel_times.reach` does; the origin alone where no stop is near."""
    try:
        table = reach(network, origin, definition=DEFINITION)
    except UnreachableError:
        zone = network["zone"]
        return {str(zone.loc[zone["zone_id"] == origin, "centre_node_id"].iloc[0]): 0.0}
    near = table[table["minutes"] <= MOST_MINUTES]
    return dict(zip(near["node_id"], near["minutes"].round(DECIMALS).tolist(), strict=True))


def _describe_trips(network: Network, times: pd.DataFrame, steps: Steps) -> dict[str, Trip]:
    """Describe the journeys from one origin, by zone; waits are legs of their own."""
    trips = {}
    for row in times.dropna(subset=["minutes"]).to_dict("records"):
        legs: list[Leg] = []
        for step in steps[row["from_id"], row["to_id"]]:
            if step["wait"] > 0:
                legs.append(Leg("wait", round(float(step["wait"]), DECIMALS), ""))
            service = service_label(network, step["trip_id"]) if step["kind"] == "ride" else ""
            minutes = round(float(step["minutes"] - step["wait"]), DECIMALS)
            legs.append(Leg(step["kind"], minutes, service))
        low, central, high = (float(row[c]) for c in ("low", "minutes", "high"))
        trips[str(row["to_id"])] = Trip(low, central, high, tuple(legs))
    return trips


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
    stops = dict.fromkeys(
        stop for each in measured for found in each.reached.values() for stop in found.stops
    )
    cities = _list_cities(network, plane)
    numbers = {city["id"]: number for number, city in enumerate(cities)}
    places = {stop: number for number, stop in enumerate(stops)}
    services: dict[str, int] = {}
    sets: dict[str, int] = {}
    bodies: list[Item] = []
    views = []
    lines, states = _group_lines(plane, measured)
    for each, state in zip(measured, states, strict=True):
        found = {}
        for origin, reached in each.reached.items():
            body = _describe_reached(reached, places, numbers, services)
            key = repr(body)
            if key not in sets:
                sets[key] = len(bodies)
                bodies.append(body)
            found[origin] = sets[key]
        views.append(_describe_view(each, state, found))
    return {
        "plane": {"width": plane.width, "height": plane.height},
        "borders": draw_borders(network, plane),
        "lines": lines,
        "data": {
            "unitsPerKm": UNITS_PER_KM,
            "width": plane.width,
            "height": plane.height,
            "views": views,
            "origins": find_origins(network),
            "cities": cities,
            "stops": _list_stops(network, plane, list(stops)),
            "kinds": list(KINDS),
            "services": _name_services(network, services),
            "sets": bodies,
        },
    }


def _describe_view(measured: Measured, states: str, sets: Mapping[str, int]) -> Item:
    """Describe a view: ``states`` has a letter a group of lines, ``sets`` numbers by origin."""
    day, card = measured.view
    return {
        "key": measured.view.key,
        "day": day,
        "snapshot": measured.snapshot,
        "base": MapView(day).key if card else "",
        "zh": card.name_zh if card else "",
        "en": card.name_en if card else "",
        "states": states,
        "access": _describe_access(measured.access),
        "sets": sets,
    }


def _describe_reached(
    reached: Reached,
    stops: Mapping[str, int],
    cities: Mapping[str, int],
    services: dict[str, int],
) -> Item:
    """Describe what an origin reaches, by numbers of stops, cities and services; times in tenths.

    Services that have no number yet get one.
    """
    return {
        "stops": [stops[stop] for stop in reached.stops],
        "minutes": [round(value * 10) for value in reached.stops.values()],
        "cities": [
            _describe_trip(cities[zone], trip, services)
            for zone, trip in reached.cities.items()
            if zone in cities
        ],
    }


def _describe_trip(number: int, trip: Trip, services: dict[str, int]) -> list[Any]:
    """Describe a journey as a list: city, low, central, high, and three numbers a leg."""
    legs = [
        value
        for leg in trip.legs
        for value in (
            KINDS.index(leg.kind),
            leg.minutes,
            services.setdefault(leg.service, len(services)) if leg.service else -1,
        )
    ]
    low, central, high = (None if np.isnan(value) else value for value in trip[:3])
    return [number, low, central, high, legs]


def _name_services(network: Network, services: Iterable[str]) -> list[Any]:
    """Name services: a train number as it is, a line by both of its names."""
    line = network["line"]
    english = dict(zip(line["name_zh"], line["name_en"], strict=True))
    return [[name, english[name]] if english.get(name) else name for name in services]


def _describe_access(model: AccessModel) -> Item:
    return {
        "walk": model.walk_minutes_per_km,
        "maxWalk": model.max_walk_km,
        "taxi": model.drive_minutes_per_km,
        "wait": model.taxi_wait_minutes,
        "maxTaxi": model.max_drive_km,
    }


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


def _list_stops(network: Network, plane: Plane, stops: list[str]) -> list[Any]:
    """List stops as x, y, kind (0 rail, 1 on foot only, 2 centre) and the names of rail stops."""
    nodes = network["node"].drop_duplicates("node_id").set_index("node_id").loc[stops]
    listed = []
    rows = zip(place_nodes(plane, nodes), nodes["node_type"], nodes.index, strict=True)
    for (x, y), kind, ident in rows:
        code = 1 if kind in WALK_ONLY else 0 if kind == "rail_station" else 2
        names = network.names[ident] if code == 0 else ()
        listed.append([x, y, code, *names])
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
