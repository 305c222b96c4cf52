"""The maps of the report, planned as jobs for `netlib.jobs`: one a claim, one a scenario.

A claim about time gets its places marked with their minutes over the isochrones of its hub; a claim
about what is built gets the lines and stations that it names; a scenario gets its network beside
the baseline.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from netlib.comparisons import compare_times
from netlib.definitions import read_today
from netlib.errors import UnreachableError
from netlib.isochrones import compute_isochrones
from netlib.jobs import WORKERS, select_day
from netlib.scenarios import Scenario, apply_scenario
from netlib.statuses import judge_parts, split_parts
from netlib.words import LANGUAGES, Language, translate

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from geopandas import GeoDataFrame

    from netlib.claims import Claim
    from netlib.tables import Network

MAP_DEFINITION = "door_to_door"
PLAIN_CUTOFFS = (30.0, 60.0, 90.0)
LONG_MINUTES = 60
# Inlined maps: widths in pixels to try, colours of the palette, and the bytes that they may take
# together, so that the page with its text, and with the 4/3 of base64, stays under 8 MB.
IMAGE_WIDTHS = (1200, 1000, 800, 640)
IMAGE_COLOURS = 128
IMAGE_BYTES = 3_600_000


class Figure(NamedTuple):
    """A drawn map.

    Attributes
    ----------
    path
        The image.
    captions
        What it shows, by language.
    isochrones
        What of it is isochrones: columns as from `netlib.isochrones.compute_isochrones`.
    """

    path: Path
    captions: Mapping[Language, str]
    isochrones: tuple[GeoDataFrame, ...] = ()


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
    definition
        Reading of the times. Only `MAP_DEFINITION` has isochrones and so a map.
    """

    origin: str
    lines: tuple[str, ...]
    day: str = ""
    definition: str = MAP_DEFINITION


# Where the difference that a card of networks/scenarios/ makes is to be seen; others are looked at
# from `OTHER_VIEW`.
# Places on the map of a scenario: how many of those it moves most, and by how much at least.
MOST_CHANGED = 2
LEAST_CHANGE_MINUTES = 1.0
SCENARIO_VIEWS = {
    "jx2-closed": ScenarioView("410100", ("JX2",), definition="drive_free"),
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
    folder: Path,
    *,
    lang: Language,
) -> dict[str, Callable[[], Figure | Comparison]]:
    """Plan a map for every claim, by claim_id."""
    jobs: dict[str, Callable[[], Figure | Comparison]] = {}
    for claim in claims:
        path = folder / f"{claim.claim_id.lower()}.png"
        if claim.kind == "time":
            rows = select_measurements(measurements, claim)
            jobs[claim.claim_id] = partial(draw_time_map, network, claim, rows, path, lang)
        else:
            jobs[claim.claim_id] = partial(draw_status_map, network, claim, path, lang)
    return jobs


def select_measurements(measurements: pd.DataFrame, claim: Claim) -> pd.DataFrame:
    """Select the pairs of a claim on its own date, door to door if it is read so."""
    definition = choose_definition(claim)
    scenario = measurements["scenario"]
    return measurements[
        (measurements["claim_id"] == claim.claim_id)
        & (measurements["definition"] == definition)
        & (measurements["as_of"] == claim.dates[0][0])
        & ~scenario.str.startswith("without-")
        # Of a claim both ways the map shows the way out: one place is the hub then.
        & (measurements["from_id"].isin(list(claim.origins)) | (claim.direction == "in"))
    ]


def choose_definition(claim: Claim) -> str:
    """Choose the reading that the map of a claim shows."""
    return MAP_DEFINITION if MAP_DEFINITION in claim.definitions else claim.definitions[0]


def draw_time_map(
    network: Network, claim: Claim, measurements: pd.DataFrame, path: Path, lang: Language
) -> Figure:
    """Draw the places of a claim with their minutes over the isochrones of its first origin."""
    from netlib.maps import draw_verdict_map

    day = select_day(network, claim.dates[0][0])
    cutoffs = choose_cutoffs(claim.threshold_minutes)
    isochrones = _reach_isochrones(day, claim.origins[0], cutoffs)
    captions = {
        tongue: translate("caption_time", tongue).format(
            claim=claim.claim_id,
            definition=_definition_name(network, choose_definition(claim), tongue),
            origin=_zone_name(network, claim.origins[0], tongue),
        )
        for tongue in LANGUAGES
    }
    draw_verdict_map(
        day,
        measurements,
        title=_title(claim, lang),
        subtitle=_definition_name(network, choose_definition(claim), lang),
        path=path,
        threshold_minutes=claim.threshold_minutes,
        isochrones=isochrones,
        lang=lang,
        highlight=claim.credits,
    )
    return Figure(path, captions, () if isochrones is None else (isochrones,))


def _reach_isochrones(
    network: Network, origin: str, cutoffs: Sequence[float]
) -> GeoDataFrame | None:
    """Compute isochrones; None where no stop is within reach, as a card can bring about."""
    try:
        return compute_isochrones(network, origin, cutoffs)
    except UnreachableError:
        return None


def draw_status_map(network: Network, claim: Claim, path: Path, lang: Language) -> Figure:
    """Draw the lines and stations that a claim names, and whether they are built if it says so."""
    from netlib.maps import draw_network_map

    day = select_day(network, claim.dates[0][0])
    states: dict[str, bool] = {}
    for condition in claim.conditions:
        parts = split_parts(day, str(condition["line"]))
        judged = judge_parts(day, condition)
        states |= {part: met == "yes" for part, (_, met) in zip(parts, judged, strict=True)}
    draw_network_map(
        day,
        title=_title(claim, lang),
        path=path,
        lang=lang,
        highlight=[*claim.shows, *(str(condition["line"]) for condition in claim.conditions)],
        states=states,
    )
    caption = "caption_status" if claim.conditions else "caption_shows"
    return Figure(
        path,
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
    network: Network, cards: Mapping[str, Scenario], folder: Path, *, lang: Language
) -> dict[str, Callable[[], Figure | Comparison]]:
    """Plan the comparison of every card with the baseline, by scenario id."""
    today = read_today(network.root)
    jobs: dict[str, Callable[[], Figure | Comparison]] = {}
    for name, card in cards.items():
        view = SCENARIO_VIEWS.get(name) or ScenarioView(_first_city(network), ())
        view = view._replace(day=view.day or today)
        path = folder / f"scenario-{name}.png"
        jobs[name] = partial(compare_scenario, network, card, view, path, lang)
    return jobs


def select_days(cards: Mapping[str, Scenario]) -> dict[str, str]:
    """Select the day on which each card is looked at where that is not today, by its id."""
    views = {name: SCENARIO_VIEWS[name] for name in cards if name in SCENARIO_VIEWS}
    return {name: view.day for name, view in views.items() if view.day}


def _first_city(network: Network) -> str:
    zone = network["zone"]
    return str(zone.loc[zone["level"] == "prefecture", "zone_id"].iloc[0])


def compare_scenario(
    network: Network, card: Scenario, view: ScenarioView, path: Path, lang: Language
) -> Comparison:
    """Compute the times and draw the isochrones of a scenario beside the baseline."""
    from netlib.maps import Panel, draw_comparison

    before = select_day(network, view.day)
    after = apply_scenario(network, card).as_of(view.day)
    zone = network["zone"]
    region = zone.loc[zone["zone_id"] == view.origin, "region"].iloc[0]
    zones = zone.loc[(zone["region"] == region) & (zone["zone_id"] != view.origin), "zone_id"]
    times = compare_times(before, after, view.origin, zones.tolist(), definition=view.definition)
    if view.definition != MAP_DEFINITION:
        return Comparison(card, view, times, None)
    sides = [
        isochrones
        for side in (before, after)
        if (isochrones := _reach_isochrones(side, view.origin, PLAIN_CUTOFFS)) is not None
    ]
    if len(sides) < 2:
        return Comparison(card, view, times, None)
    name = card.name_zh if lang == "zh" else card.name_en
    draw_comparison(
        Panel(before, sides[0], translate("baseline", lang)),
        Panel(after, sides[1], translate("scenario", lang)),
        origin=view.origin,
        title=name,
        subtitle=_definition_name(network, view.definition, lang),
        path=path,
        lang=lang,
        # Marked on the side that has it, where the card takes a line away or adds one.
        highlight=[line for line in view.lines if any(_holds(n, line) for n in (before, after))],
        destinations=select_changed(times),
    )
    captions = {
        tongue: translate("caption_scenario", tongue).format(
            scenario=card.name_zh if tongue == "zh" else card.name_en,
            origin=_zone_name(network, view.origin, tongue),
        )
        for tongue in LANGUAGES
    }
    return Comparison(card, view, times, Figure(path, captions, tuple(sides)))


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


def _definition_name(network: Network, definition: str, lang: Language) -> str:
    from netlib.definitions import find_definition

    return str(find_definition(network.root, definition)[f"name_{lang}"])


def shrink_figures(figures: Sequence[Figure], folder: Path) -> dict[Path, Path]:
    """Make small palette images of the figures in ``folder``, as wide as a page can bear.

    Returns
    -------
    dict
        Path of the small image by that of the figure's.
    """
    small = {figure.path: folder / figure.path.name for figure in figures}
    for width in IMAGE_WIDTHS:
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(partial(shrink_image, width=width), small, small.values()))
        if sum(path.stat().st_size for path in small.values()) <= IMAGE_BYTES:
            break
    return small


def shrink_image(source: Path, target: Path, *, width: int) -> None:
    """Write a PNG at most ``width`` pixels wide with a palette."""
    from PIL import Image

    with Image.open(source) as image:
        picture = image.convert("RGB")
    if picture.width > width:
        height = round(picture.height * width / picture.width)
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    picture.quantize(IMAGE_COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
