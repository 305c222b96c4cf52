"""The legend beside a map: bands in minutes, lines, results and places."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from netlib.maps.style import (
    HIGHLIGHT,
    INK,
    MODES,
    MUTED,
    ORIGIN,
    PAPER,
    RESULTS,
    STATES,
    Language,
    other,
    say,
    select_bands,
)
from netlib.words import translate_value

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import geopandas as gpd

    from netlib.maps.sheet import Sheet


def add_isochrones(
    sheet: Sheet, sets: Sequence[gpd.GeoDataFrame], captions: Sequence[str] = ()
) -> None:
    """List the bands with area and residents of every set."""
    sheet.heading("bands")
    cutoffs = sorted({float(cutoff) for frame in sets for cutoff in frame["cutoff_minutes"]})
    for cutoff, colour in zip(cutoffs, select_bands(len(cutoffs)), strict=True):
        sheet.swatch(colour, "within", f"{cutoff:g}")
        for i, frame in enumerate(sets):
            row = frame[frame["cutoff_minutes"] == cutoff]
            if row.empty:
                continue
            text = f"{row['area_km2'].iloc[0]:,.0f} km²"
            if "residents" in row and not isnan(row["residents"].iloc[0]):
                text += " · " + format_residents(float(row["residents"].iloc[0]), sheet.lang)
            sheet.detail(f"{captions[i]}: {text}" if captions else text)


def format_residents(count: float, lang: Language) -> str:
    """Write a number of residents in the usual unit of the language.

    >>> format_residents(12_600_574, "zh"), format_residents(12_600_574, "en")
    ('1,260 万人', '12.60 million people')
    """
    if lang == "zh":
        return f"{count / 1e4:,.0f} 万人"
    return f"{count / 1e6:,.2f} million people"


def add_lines(sheet: Sheet, *, highlight: bool) -> None:
    """Explain the modes and states that the drawings show."""
    if not sheet.modes:
        return
    languages = (sheet.lang, other(sheet.lang))
    sheet.heading("lines")
    for mode, look in MODES.items():
        if mode in sheet.modes:
            names = [translate_value("mode", mode, lang) for lang in languages]
            sheet.stroke(look.colour, look.width, "solid", (names[0], names[1]))
    for state, dashes in STATES.items():
        if state in sheet.states and sheet.states != {"open"}:
            sheet.stroke(MUTED, 1.4, dashes, (say(state, languages[0]), say(state, languages[1])))
    if highlight:
        names = [say("highlight", lang) for lang in languages]
        sheet.stroke(HIGHLIGHT, 6.0, "solid", (names[0], names[1]))


def add_results(sheet: Sheet, results: Collection[str], *, threshold: float | None) -> None:
    """Explain the marks of ``results`` (keys of `netlib.maps.style.RESULTS`) and the minutes."""
    if threshold is None:
        sheet.heading("result_plain")
    else:
        sheet.heading("result", f"{threshold:g}")
        for result in [result for result in RESULTS if result in results]:
            sheet.mark(RESULTS[result].marker, RESULTS[result].colour, result)
    sheet.remark("numbers")


def add_conditions(sheet: Sheet, results: Collection[str]) -> None:
    """Explain the marks of conditions that are met (``pass``) or not (``fail``)."""
    sheet.heading("result_plain")
    for result, word in (("pass", "met"), ("fail", "unmet")):
        if result in results:
            sheet.mark(RESULTS[result].marker, RESULTS[result].colour, word)


def add_places(sheet: Sheet, *, star: str = "origin", stations: bool = False) -> None:
    """Explain the marks of cities and stations, and of a star if there is one."""
    sheet.heading("places")
    if star:
        sheet.mark("*", ORIGIN, star, size=10.0)
    sheet.mark("o", PAPER, "city", edge=INK, size=4.5)
    if stations:
        sheet.mark("s", PAPER, "station", edge=INK, size=4.5)
