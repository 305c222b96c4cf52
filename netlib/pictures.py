"""The kinds of maps that the command line and the report draw: computed once, in any language."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from netlib.errors import InputError, Notice, UnknownNameError
from netlib.isochrones import READING, compute_isochrones
from netlib.maps import Panel, StrPath, draw_comparison, draw_isochrone_map, say_reading
from netlib.maps.arms import MI, Arm, describe_arms
from netlib.maps.schematic import draw_schematic
from netlib.maps.series import (
    COUNTY_CUTOFFS,
    draw_county_map,
    draw_difference_map,
    draw_series,
)
from netlib.maps.sheet import DEFAULT_DPI, name_scenario
from netlib.maps.style import Language, other, say
from netlib.places import format_name
from netlib.readings import find_reading
from netlib.shapes import read_zone_shapes
from netlib.times import measure_pairs

if TYPE_CHECKING:
    from pathlib import Path

    from geopandas import GeoDataFrame

    from netlib.tables import Network

CUTOFFS = (30.0, 60.0)
# Of networks that are compared: lines over land change little within less.
WIDE_CUTOFFS = (60.0, 120.0)
KINDS = ("area", "years", "pair", "difference", "counties", "schematic")

Reach = Callable[["Network", str, Sequence[float]], "GeoDataFrame"]


class Picture(Protocol):
    """A map whose data are computed; called with a path and a language it draws itself."""

    def __call__(self, *, path: StrPath, lang: Language, dpi: float = DEFAULT_DPI) -> Path:
        """Draw the map to a file."""


def plan_picture(
    kind: str,
    networks: Sequence[Network],
    place: str,
    *,
    cutoffs: Sequence[float] = (),
    lines: Collection[str] = (),
    reading: str = READING,
    reach: Reach = compute_isochrones,
) -> Picture:
    """Compute what a map of a kind needs.

    Parameters
    ----------
    kind
        One of `KINDS`: the ``area`` reached from a place; the same over the ``years``, or of two
        networks as a ``pair`` or as their ``difference``; the ``counties`` by their time
        from the place; or the ``schematic`` of the lines that begin there.
    networks
        Networks of a day, in the order in which they are shown: two for ``pair`` and
        ``difference``, up to four for ``years``, else one.
    place
        ``zone_id`` (or ``node_id`` where isochrones are drawn) of the start or the hub.
    cutoffs
        Minutes; when not given those of `CUTOFFS`, of networks side by side `WIDE_CUTOFFS`, of
        counties `netlib.maps.series.COUNTY_CUTOFFS`. A difference is that of the largest.
    lines
        Lines to mark; of a schematic the group of lines to draw, `netlib.maps.arms.MI` if none.
    reading
        Of the minutes of counties.
    reach
        What computes isochrones, under a reading of its own.

    Raises
    ------
    UnknownNameError
        If the kind is none of `KINDS`, or a line or place is not in the network.
    """
    usual = {"area": CUTOFFS, "counties": COUNTY_CUTOFFS}
    limits = tuple(cutoffs) or usual.get(kind, WIDE_CUTOFFS)
    if kind == "schematic":
        return plan_schematic(networks[0], place, group=next(iter(lines), MI))
    if kind == "counties":
        return plan_counties(networks[0], place, limits, reading=reading)
    if kind not in KINDS:
        raise UnknownNameError("kind of map", kind, KINDS)
    frames = [reach(network, place, limits) for network in networks]
    if kind == "area":
        return partial(draw_isochrone_map, networks[0], frames[0], origin=place, highlight=lines)
    return partial(_draw_sides, kind, networks, frames, place, lines)


def plan_schematic(network: Network, hub: str, *, group: str = MI) -> Picture:
    """Describe the arms of a group of lines, to be drawn as a diagram."""
    return partial(_draw_schematic, network, describe_arms(network, hub, group=group), hub, group)


def plan_counties(
    network: Network,
    place: str,
    cutoffs: Sequence[float] = COUNTY_CUTOFFS,
    *,
    reading: str = READING,
) -> Picture:
    """Measure the minutes to a place from the seat of every county, to be coloured."""
    minutes = measure_counties(network, place, reading=reading)
    return partial(_draw_counties, network, minutes, place, cutoffs, reading)


def measure_counties(network: Network, place: str, *, reading: str = READING) -> pd.Series:
    """Measure the minutes to a place from the seat of every county that has a polygon.

    Returns
    -------
    Series
        Minutes by zone_id; 0 of the place itself, NaN without a journey.

    Raises
    ------
    InputError
        If no county has a polygon.
    """
    zones = read_zone_shapes(network)
    counties = zones.loc[zones["level"] == "county", "zone_id"].astype(str)
    if counties.empty:
        message = "no county has a polygon; fill level and shape_id of some zones"
        raise InputError([Notice("zone.csv", 0, "no-counties", message)])
    pairs = pd.DataFrame({"from_id": counties[counties != place], "to_id": place})
    spec = find_reading(network.root, reading)
    table, _ = measure_pairs(network, pairs, reading=spec, ranges=False, legs=False)
    minutes = table.set_index("from_id")["travel_time_minutes"].reindex(counties)
    return minutes.mask(minutes.index == place, 0.0)


def _draw_sides(
    kind: str,
    networks: Sequence[Network],
    frames: Sequence[GeoDataFrame],
    origin: str,
    lines: Collection[str],
    *,
    path: StrPath,
    lang: Language,
    dpi: float = DEFAULT_DPI,
) -> Path:
    """Draw isochrones of several networks: ``years``, a ``pair`` or its ``difference``."""
    names = name_sides(networks, lang)
    panels = [Panel(*each) for each in zip(networks, frames, names, strict=True)]
    words = {"years": "reached_years", "pair": "reached", "difference": "reached_difference"}
    title, subtitle = (
        head + say_reading(networks[-1], frames, tongue)
        for head, tongue in zip(
            _write_head(words[kind], networks[-1], origin, lang), (lang, other(lang)), strict=True
        )
    )
    if kind == "years":
        return draw_series(
            panels,
            origin=origin,
            title=title,
            subtitle=subtitle,
            path=path,
            lang=lang,
            highlight=lines,
            dpi=dpi,
        )
    before, after = panels
    draw = draw_comparison if kind == "pair" else draw_difference_map
    return draw(
        before,
        after,
        origin=origin,
        title=title,
        subtitle=subtitle,
        path=path,
        lang=lang,
        highlight=lines,
        dpi=dpi,
    )


def _draw_counties(
    network: Network,
    minutes: pd.Series,
    origin: str,
    cutoffs: Sequence[float],
    reading: str,
    *,
    path: StrPath,
    lang: Language,
    dpi: float = DEFAULT_DPI,
) -> Path:
    spec = find_reading(network.root, reading)
    title, subtitle = (
        head + say("by_reading", tongue, spec.text("name", tongue))
        for head, tongue in zip(
            _write_head("counties_to", network, origin, lang), (lang, other(lang)), strict=True
        )
    )
    return draw_county_map(
        network,
        minutes,
        origin=origin,
        cutoffs=cutoffs,
        title=title,
        subtitle=subtitle,
        path=path,
        lang=lang,
        dpi=dpi,
    )


def _draw_schematic(
    network: Network,
    arms: Sequence[Arm],
    hub: str,
    group: str,
    *,
    path: StrPath,
    lang: Language,
    dpi: float = DEFAULT_DPI,
) -> Path:
    done = sum(arm.is_open for arm in arms)
    heads = [
        say("arms_open", tongue, format_name(network, group, lang=tongue), len(arms), done)
        for tongue in (lang, other(lang))
    ]
    return draw_schematic(
        network, arms, hub=hub, title=heads[0], subtitle=heads[1], path=path, lang=lang, dpi=dpi
    )


def name_sides(networks: Sequence[Network], lang: Language) -> list[str]:
    """Name networks by what tells them apart: the year or day, the scenario, or both.

    Returns
    -------
    list of str
        Such as ``2016`` and ``2026``, or ``现状`` and ``没有郑许线``.
    """
    days = [str(network.day) for network in networks]
    years = [day[:4] for day in days]
    if len(set(years)) == len(years):
        days = years
    scenarios = [name_scenario(network, lang) for network in networks]
    parts = [each for each in (days, scenarios) if len(set(each)) > 1] or [days]
    return [" · ".join(side) for side in zip(*parts, strict=True)]


def _write_head(key: str, network: Network, place: str, lang: Language) -> tuple[str, str]:
    """Write title and subtitle: the same words in both languages."""
    first, second = (
        say(key, tongue, format_name(network, place, lang=tongue)) for tongue in (lang, other(lang))
    )
    return first, second
