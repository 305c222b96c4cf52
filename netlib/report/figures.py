"""The maps of the report, planned as jobs for `netlib.jobs`: one a claim, one a scenario.

A claim about time gets its places marked with their minutes over the isochrones of its hub; a claim
about what is built gets the lines and stations that it names; a scenario gets its network beside
the baseline. Before them stand a few of the whole: the arms of the 米, the circle over the years
and the counties by their time. The data of a map are computed once and drawn in each language.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from netlib.claims.status import judge_parts, split_parts
from netlib.comparisons import compare_times
from netlib.errors import UnreachableError
from netlib.isochrones import compute_isochrones
from netlib.jobs import select_day
from netlib.maps.arms import MI
from netlib.readings import find_reading, read_today
from netlib.scenarios import WITHOUT, Scenario, apply_scenario
from netlib.times.table import BY_CAR
from netlib.words import LANGUAGES, Language, translate

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from geopandas import GeoDataFrame

    from netlib.claims import Claim
    from netlib.tables import Network

MAP_READING = "door_to_door"
# Measures that have no areas: a day of two journeys, and a share of residents.
WITHOUT_AREAS = ("commute", "residents")
PLAIN_CUTOFFS = (30.0, 60.0, 90.0)
LONG_MINUTES = 60
# Maps that need no scaling pack best, for scaling blurs their few colours; so they are drawn as
# large as the page needs them.
MAP_DPI = 100.0

# The maps of the whole: whence, of which group of lines, at the ends of which years besides today.
HUB = "410100"
OVERVIEW = "overview-"  # begins the names of their files
OVERVIEW_YEARS = (2016, 2019, 2022)
# The high-speed circle over the years: what is reached by the fastest rides.
CIRCLES, CIRCLE_READING, CIRCLE_CUTOFFS = "circles", "ride_fastest", (30.0, 60.0)

Folders = Mapping[Language, "Path"]


class Figure(NamedTuple):
    """A drawn map.

    Attributes
    ----------
    pictures
        The image by language; the first is the one among the files of the report.
    captions
        What it shows, by language.
    isochrones
        What of it is isochrones: columns as from `netlib.isochrones.compute_isochrones`.
    sides
        What each of several isochrones is of, by language; baseline and scenario if not given.
    """

    pictures: Mapping[Language, Path]
    captions: Mapping[Language, str]
    isochrones: tuple[GeoDataFrame, ...] = ()
    sides: Mapping[Language, Sequence[str]] | None = None

    @property
    def name(self) -> str:
        """Name of its file."""
        return next(iter(self.pictures.values())).name


class ScenarioView(NamedTuple):
    """From where, when and under which reading a scenario is looked at, and what stands out.

    Attributes
    ----------
    origin
        Zone whose times and isochrones are compared.
    lines
        Lines that the map marks.
    day
        Day of both networks; '' for the data's today.
    reading
        Of the times and isochrones.
    """

    origin: str
    lines: tuple[str, ...]
    day: str = ""
    reading: str = MAP_READING


# Places on the map of a scenario: how many of those it moves most, and by how much at least.
MOST_CHANGED = 2
LEAST_CHANGE_MINUTES = 1.0
# Where the difference that a card of networks/scenarios/ makes is to be seen; others are looked at
# from the first city.
SCENARIO_VIEWS = {
    "jx2-closed": ScenarioView("410100", ("JX2",), reading="drive_free"),
    "shcg-open": ScenarioView("130100", ("SHCG",)),
    "sxi-open": ScenarioView("130100", ("SXI",)),
    "without-zx": ScenarioView("411000", ("ZX",)),
    "xlz-open": ScenarioView("410100", ("XLZ",)),
    "zx-every-6-minutes": ScenarioView("411000", ("ZX",)),
    "zx-opened-2022": ScenarioView("411000", ("ZX",), day="2022-12-31"),
    "zx-planned-51-57": ScenarioView("411000", ("ZX",)),
}


class Comparison(NamedTuple):
    """A scenario beside the baseline.

    Attributes
    ----------
    card
        The scenario.
    view
        From where it was looked at, with the day filled in.
    times
        As from `netlib.comparisons.compare_times`: ``first`` is the baseline.
    figure
        Map of both sides, None where the reading has no isochrones or a side reaches no stop.
    """

    card: Scenario
    view: ScenarioView
    times: pd.DataFrame
    figure: Figure | None


def plan_claim_maps(
    network: Network,
    claims: Sequence[Claim],
    measurements: pd.DataFrame,
    folders: Folders,
) -> dict[str, Callable[[], Figure | Comparison]]:
    """Plan a map for every claim, by claim_id; ``folders`` says where, by language."""
    jobs: dict[str, Callable[[], Figure | Comparison]] = {}
    for claim in claims:
        if claim.measure == "time":
            rows = select_measurements(measurements, claim)
            jobs[claim.claim_id] = partial(draw_time_map, network, claim, rows, folders)
        else:
            jobs[claim.claim_id] = partial(draw_status_map, network, claim, folders)
    return jobs


def _draw_each(
    folders: Folders, name: str, draw: Callable[[Path, Language], object]
) -> dict[Language, Path]:
    """Draw a map in each language; return its images."""
    pictures = {lang: folder / f"{name}.png" for lang, folder in folders.items()}
    for lang, path in pictures.items():
        draw(path, lang)
    return pictures


def select_measurements(measurements: pd.DataFrame, claim: Claim) -> pd.DataFrame:
    """Select the pairs of a claim on its own date, under the reading that its map shows."""
    reading = choose_reading(claim)
    scenario = measurements["scenario"]
    return measurements[
        (measurements["claim_id"] == claim.claim_id)
        & (measurements["definition"] == reading)
        & (measurements["as_of"] == claim.dates[0][0])
        & ~scenario.str.startswith(WITHOUT)
        # Of a claim both ways the map shows the way out: one place is the hub then.
        & (measurements["from_id"].isin(list(claim.origins)) | (claim.direction == "in"))
    ]


def choose_reading(claim: Claim) -> str:
    """Choose the reading that the map of a claim shows: its own, if it is read so, or its first."""
    return claim.map_reading if claim.map_reading in claim.definitions else claim.definitions[0]


def draw_time_map(
    network: Network, claim: Claim, measurements: pd.DataFrame, folders: Folders
) -> Figure:
    """Draw the places of a claim with their minutes over the isochrones of its first origin."""
    from netlib.maps import draw_verdict_map

    reading = choose_reading(claim)
    day = select_day(network, claim.dates[0][0])
    cutoffs = choose_cutoffs(claim.threshold_minutes)
    isochrones = _reach_isochrones(day, claim.origins[0], cutoffs, reading)
    captions = {
        tongue: translate("caption_time", tongue).format(
            claim=claim.claim_id,
            reading=_reading_name(network, reading, tongue),
            origin=_zone_name(network, claim.origins[0], tongue),
        )
        for tongue in LANGUAGES
    }

    def draw(path: Path, lang: Language) -> None:
        draw_verdict_map(
            day,
            measurements,
            title=_title(claim, lang),
            subtitle=_reading_name(network, reading, lang),
            path=path,
            threshold_minutes=claim.threshold_minutes,
            isochrones=isochrones,
            lang=lang,
            dpi=MAP_DPI,
            highlight=claim.credits,
        )

    pictures = _draw_each(folders, claim.claim_id.lower(), draw)
    return Figure(pictures, captions, () if isochrones is None else (isochrones,))


def _reach_isochrones(
    network: Network, origin: str, cutoffs: Sequence[float], reading: str
) -> GeoDataFrame | None:
    """Compute isochrones; None where the reading has none, or nothing is reached, as on a card."""
    if find_reading(network.root, reading).measure in WITHOUT_AREAS:
        return None
    try:
        return compute_isochrones(network, origin, cutoffs, reading=reading)
    except UnreachableError:
        return None


def draw_status_map(network: Network, claim: Claim, folders: Folders) -> Figure:
    """Draw the lines and stations that a claim names, and whether they are built if it says so."""
    from netlib.maps import draw_network_map

    day = select_day(network, claim.dates[0][0])
    states: dict[str, bool] = {}
    for condition in claim.conditions:
        parts = split_parts(day, str(condition["line"]))
        judged = judge_parts(day, condition)
        states |= {part: met == "yes" for part, (_, met) in zip(parts, judged, strict=True)}

    def draw(path: Path, lang: Language) -> None:
        draw_network_map(
            day,
            title=_title(claim, lang),
            path=path,
            lang=lang,
            dpi=MAP_DPI,
            highlight=[*claim.shows, *(str(condition["line"]) for condition in claim.conditions)],
            states=states,
        )

    caption = "caption_status" if claim.conditions else "caption_shows"
    return Figure(
        _draw_each(folders, claim.claim_id.lower(), draw),
        {tongue: translate(caption, tongue).format(claim=claim.claim_id) for tongue in LANGUAGES},
    )


def _title(claim: Claim, lang: Language) -> str:
    return f"{claim.claim_id}  {claim.statement_zh if lang == 'zh' else claim.statement_en}"


def choose_cutoffs(threshold_minutes: float) -> tuple[float, ...]:
    """Choose the cutoffs of a claim's map, its threshold among them.

    >>> choose_cutoffs(60), choose_cutoffs(360)
    ((30.0, 60.0, 90.0), (120.0, 240.0, 360.0))
    """
    if math.isnan(threshold_minutes):
        return PLAIN_CUTOFFS
    parts = (1 / 2, 1, 3 / 2) if threshold_minutes <= LONG_MINUTES else (1 / 3, 2 / 3, 1)
    return tuple(round(float(threshold_minutes * part), 1) for part in parts)


def plan_scenarios(
    network: Network, cards: Mapping[str, Scenario], folders: Folders
) -> dict[str, Callable[[], Figure | Comparison]]:
    """Plan the comparison of every card with the baseline, by scenario id."""
    today = read_today(network.root)
    jobs: dict[str, Callable[[], Figure | Comparison]] = {}
    for name, card in cards.items():
        view = SCENARIO_VIEWS.get(name) or ScenarioView(_first_city(network), ())
        view = view._replace(day=view.day or today)
        jobs[name] = partial(compare_scenario, network, card, view, folders)
    return jobs


def select_days(cards: Mapping[str, Scenario]) -> dict[str, str]:
    """Select the day on which each card is looked at where that is not today, by its id."""
    views = {name: SCENARIO_VIEWS[name] for name in cards if name in SCENARIO_VIEWS}
    return {name: view.day for name, view in views.items() if view.day}


def select_readings(cards: Mapping[str, Scenario]) -> dict[str, str]:
    """Select the reading of the interactive map that each card is looked at by, by its id.

    The map has drives in the peak only: a road that is closed is missed at any time of day.
    """
    views = {name: SCENARIO_VIEWS[name] for name in cards if name in SCENARIO_VIEWS}
    by_car = {"drive_free": BY_CAR}
    return {name: by_car.get(view.reading, view.reading) for name, view in views.items()}


def _first_city(network: Network) -> str:
    zone = network["zone"]
    return str(zone.loc[zone["level"] == "prefecture", "zone_id"].iloc[0])


def compare_scenario(
    network: Network, card: Scenario, view: ScenarioView, folders: Folders
) -> Comparison:
    """Compute the times and draw the isochrones of a scenario beside the baseline."""
    from netlib.maps import Panel, draw_comparison

    before = select_day(network, view.day)
    after = apply_scenario(network, card).as_of(view.day)
    zone = network["zone"]
    region = zone.loc[zone["zone_id"] == view.origin, "region"].iloc[0]
    known = zone["centre_node_id"] != ""
    zones = zone.loc[
        known & (zone["region"] == region) & (zone["zone_id"] != view.origin), "zone_id"
    ]
    times = compare_times(before, after, view.origin, zones.tolist(), reading=view.reading)
    found = [
        _reach_isochrones(side, view.origin, PLAIN_CUTOFFS, view.reading)
        for side in (before, after)
    ]
    sides = [isochrones for isochrones in found if isochrones is not None]
    if len(sides) < 2:
        return Comparison(card, view, times, None)
    # Marked on the side that has it, where the card takes a line away or adds one.
    marked = [line for line in view.lines if any(_holds(n, line) for n in (before, after))]

    def draw(path: Path, lang: Language) -> None:
        draw_comparison(
            Panel(before, sides[0], translate("baseline", lang)),
            Panel(after, sides[1], translate("scenario", lang)),
            origin=view.origin,
            title=card.name_zh if lang == "zh" else card.name_en,
            subtitle=_reading_name(network, view.reading, lang),
            path=path,
            lang=lang,
            dpi=MAP_DPI,
            highlight=marked,
            destinations=select_changed(times),
        )

    pictures = _draw_each(folders, f"scenario-{card.scenario_id}", draw)
    captions = {
        tongue: translate("caption_scenario", tongue).format(
            scenario=card.name_zh if tongue == "zh" else card.name_en,
            reading=_reading_name(network, view.reading, tongue),
            origin=_zone_name(network, view.origin, tongue),
        )
        for tongue in LANGUAGES
    }
    return Comparison(card, view, times, Figure(pictures, captions, tuple(sides)))


def select_changed(times: pd.DataFrame) -> list[str]:
    """Select the places that a scenario moves most, so that a map of it takes them in.

    Parameters
    ----------
    times
        As from `netlib.comparisons.compare_times`.
    """
    by = times["difference"].abs()
    moved = times.assign(by=by)[by >= LEAST_CHANGE_MINUTES]
    return [str(place) for place in moved.nlargest(MOST_CHANGED, "by")["to_id"]]


def _holds(network: Network, line_id: str) -> bool:
    return bool((network["line"]["line_id"] == line_id).any())


def _zone_name(network: Network, zone_id: str, lang: Language) -> str:
    from netlib.places import format_name

    return format_name(network, zone_id, lang=lang)


def _reading_name(network: Network, reading: str, lang: Language) -> str:
    return find_reading(network.root, reading).text("name", lang)


def plan_overview(
    network: Network, folders: Folders
) -> dict[str, Callable[[], Figure | Comparison]]:
    """Plan the maps of the whole, by name; none where the network has no such hub or lines."""
    line = network["line"]
    if not (network["zone"]["zone_id"] == HUB).any() or not (line["line_id"] == MI).any():
        return {}
    today = read_today(network.root)
    days = [*(f"{year}-12-31" for year in OVERVIEW_YEARS), today]
    chosen = {"schematic": [today], "years": days, CIRCLES: days, "counties": [today]}
    return {
        f"{OVERVIEW}{name}": partial(draw_overview, network, name, shown, folders)
        for name, shown in chosen.items()
    }


def draw_overview(network: Network, name: str, days: Sequence[str], folders: Folders) -> Figure:
    """Draw a map of the whole: a kind of `netlib.pictures.KINDS`, or `CIRCLES`."""
    from netlib.pictures import name_sides, plan_picture

    kind, reading = ("years", CIRCLE_READING) if name == CIRCLES else (name, MAP_READING)

    networks = [select_day(network, day) for day in days]
    frames: list[GeoDataFrame] = []

    def reach(dated: Network, place: str, cutoffs: Sequence[float]) -> GeoDataFrame:
        frames.append(compute_isochrones(dated, place, cutoffs, reading=reading))
        return frames[-1]

    cutoffs = CIRCLE_CUTOFFS if name == CIRCLES else ()
    picture = plan_picture(kind, networks, HUB, cutoffs=cutoffs, reach=reach)
    pictures = _draw_each(
        folders, f"{OVERVIEW}{name}", lambda path, lang: picture(path=path, lang=lang, dpi=MAP_DPI)
    )
    captions = {
        lang: translate(f"caption_{name}", lang).format(
            place=_zone_name(network, HUB, lang), first=days[0][:4], last=days[-1][:4]
        )
        for lang in LANGUAGES
    }
    sides = {lang: name_sides(networks, lang) for lang in LANGUAGES}
    return Figure(pictures, captions, tuple(frames), sides)
