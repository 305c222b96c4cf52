"""The interactive map on the report's page: its choices, its drawing and the data of its script."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from netlib.maps.style import MODES
from netlib.report.bilingual import Both, merge
from netlib.report.explorer import (
    ABSENT,
    KINDS,
    KNOWN,
    MOST_MINUTES,
    READINGS,
    STEP_MINUTES,
    MapView,
)
from netlib.report.figures import choose_reading
from netlib.words import LANGUAGES, translate, translate_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from markupsafe import Markup

    from netlib.claims import Claim

Item = dict[str, Any]

# Words of the script, by its name for them.
SCRIPT_WORDS = {
    "min": "unit_min",
    "km": "map_km",
    "origin": "origin",
    "no_journey": "no_journey",
    "difference": "difference",
    "both": "map_both",
    "gained": "map_gained",
    "lost": "map_lost",
    "status": "map_status",
    "gap": "map_gap",
    "timetable": "snapshot",
    "comma": "comma",
    "old_browser": "map_old_browser",
}
# States as the style sheet calls them, by letter.
STATE_NAMES = {"o": "open", "c": "building", "p": "planned", ABSENT: "absent"}


def describe_map(atlas: Mapping[str, Any], *, today: str, tiles: Item | None = None) -> Item:
    """Describe the map for the template, in both languages.

    Parameters
    ----------
    atlas
        As from `netlib.report.explorer.assemble_atlas`.
    today
        Day that the map opens on.
    tiles
        A tile server, as from `netlib.report.tiles.describe_tiles`.
    """
    data = atlas["data"] | ({"mercator": tiles["grid"]} if tiles else {})
    views = data["views"]
    names = {city["id"]: merge(city["zh"], city["en"]) for city in data["cities"]}
    opened = next(view for view in views if view["key"] == MapView(today).key)
    used = {line["mode"] for line in atlas["lines"]}
    return {
        **atlas["plane"],
        **atlas["borders"],
        "origins": [{"id": origin, "name": names[origin]} for origin in data["origins"]],
        "readings": [
            {"id": each["id"], "name": merge(each["zh"], each["en"])} for each in data["readings"]
        ],
        "days": [
            {"key": v["key"], "name": _name_day(v["day"], today), "selected": v is opened}
            for v in views
            if not v["base"]
        ],
        "cards": [
            {"key": v["key"], "name": merge(f"{v['zh']}（{v['day']}）", f"{v['en']} ({v['day']})")}
            for v in views
            if v["base"]
        ],
        "lines": [
            {**line, "state": STATE_NAMES[letter]}
            for line, letter in zip(atlas["lines"], opened["states"], strict=True)
        ],
        "modes": [mode for mode in MODES if mode in used],
        "rail_stops": _draw_dots(data["stops"], 0),
        "metro_stops": _draw_dots(data["stops"], 1),
        "step": STEP_MINUTES,
        "most": MOST_MINUTES,
        "tiles": tiles,
        "json": write_json(data),
        "words": write_json(_collect_words()),
    }


def list_shows(atlas: Mapping[str, Any], claims: Iterable[Claim]) -> dict[str, str]:
    """List what the map is to show of each claim about time, as JSON by claim_id.

    Claims whose origin or first date the map does not have are left out.
    """
    data = atlas["data"]
    keys = {view["key"] for view in data["views"]}
    shows = {}
    for claim in claims:
        if claim.measure != "time" or claim.origins[0] not in data["origins"]:
            continue
        view = MapView(claim.dates[0][0]).key
        if view in keys:
            minutes = min(max(round(claim.threshold_minutes), STEP_MINUTES), MOST_MINUTES)
            reading = choose_reading(claim)
            content = {
                "origin": claim.origins[0],
                "view": view,
                "reading": reading if reading in READINGS else READINGS[0],
                "minutes": minutes,
            }
            shows[claim.claim_id] = json.dumps(content)
    return shows


def _name_day(day: str, today: str) -> Both | str:
    if day != today:
        return day
    return Both(f"{day}（今天）", f"{day} (today)")


def _draw_dots(stops: list[Any], kind: int) -> str:
    """Draw the stops of a kind as lines without length, which round ends turn into dots."""
    return "".join(f"M{stop[0]} {stop[1]}h0" for stop in stops if stop[2] == kind)


def _collect_words() -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = {
        name: {str(lang): translate(key, lang) for lang in LANGUAGES}
        for name, key in SCRIPT_WORDS.items()
    }
    for kind in KINDS:
        words[kind] = {str(lang): translate_value("leg", kind, lang) for lang in LANGUAGES}
    for known in KNOWN:
        words[known] = {str(lang): translate_value("known", known, lang) for lang in LANGUAGES}
    return words


def write_json(data: object) -> Markup:
    """Write data for a script element, which no text of it can close."""
    from markupsafe import Markup

    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - no tag can open
