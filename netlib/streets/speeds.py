"""Speeds and durations that OpenStreetMap tags state or imply; every default has its source.

Sources
-------
- osrm: Project-OSRM/osrm-backend@5230a87: profiles/car.lua (``speeds``, ``speed_reduction``,
  ``maxspeed_table``); profiles/bicycle.lua@27c255c
- cn-law: Regulation on the Implementation of the Road Traffic Safety Law of China (State Council
  decree 405), articles 45 (roads without signs) and 78 (motorways)
- osm-maxspeed, osm-duration: wiki.openstreetmap.org/wiki/Key:maxspeed and Key:duration
- amap: traffic report of the first quarter of 2019 (``par-amap-2019q1`` in networks/source.csv)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Mode = Literal["drive", "walk", "bike"]
MODES: tuple[Mode, ...] = ("drive", "walk", "bike")
FERRY = "ferry"

# Free-flow speed by class where no limit is tagged (osrm).
DRIVE_SPEEDS_KMH: Mapping[str, float] = {
    "motorway": 90.0,
    "motorway_link": 45.0,
    "trunk": 85.0,
    "trunk_link": 40.0,
    "primary": 65.0,
    "primary_link": 30.0,
    "secondary": 55.0,
    "secondary_link": 25.0,
    "tertiary": 40.0,
    "tertiary_link": 20.0,
    "unclassified": 25.0,
    "residential": 25.0,
    "living_street": 10.0,
    "service": 15.0,
}
# Roads of other classes that are expressly open to cars, such as a track (osrm: default_speed).
OTHER_DRIVE_SPEED_KMH = 10.0
# Speed driven under a limit, over the limit: lights, bends and other cars (osrm: speed_reduction).
MAXSPEED_RATIO = 0.8
# A limit of "none" (osrm).
UNLIMITED_KMH = 140.0

# The parameter walk_speed_kmh of networks/.
WALK_SPEED_KMH = 4.8
WALKED_CLASSES = frozenset(
    (
        *("primary", "primary_link", "secondary", "secondary_link", "tertiary"),
        *("tertiary_link", "unclassified", "residential", "road", "living_street"),
        *("service", "track", "path", "steps", "pedestrian", "footway", "corridor"),
        # Lifts as well: they are drawn as short ways, and the wait for them is not known.
        *("bridleway", "platform", "pier", "elevator"),
    )
)

# Cycling, and pushing the bicycle on ways for people on foot (osrm: bicycle.lua).
BIKE_SPEEDS_KMH: Mapping[str, float] = {
    **dict.fromkeys(
        (
            *("cycleway", "primary", "primary_link", "secondary", "secondary_link", "tertiary"),
            *("tertiary_link", "residential", "unclassified", "living_street", "road"),
            "service",
        ),
        15.0,
    ),
    "track": 12.0,
    "path": 13.0,
    "footway": 4.0,
    "pedestrian": 4.0,
    "steps": 2.0,
}
OTHER_BIKE_SPEED_KMH = 15.0
PUSHED_BIKE_SPEED_KMH = 4.0

# Ferries without a duration, for every mode (osrm: route_speeds).
FERRY_SPEED_KMH = 5.0

# Minutes in the peak over minutes in free flow. City streets: peak delay index of Zhengzhou (amap).
# Motorways: assumed, as for the parameter drive_peak_ratio, whose range says how little is known.
PEAK_RATIO = 1.727
MOTORWAY_PEAK_RATIO = 1.05
MOTORWAYS = ("motorway", "motorway_link")

# Legal limits by context, any country (osrm: maxspeed_table_default); living_street and
# walking pace: a pedestrian's speed (osrm: foot.lua).
WALKING_PACE_KMH = 5.0
CONTEXT_LIMITS_KMH: Mapping[str, float] = {
    "urban": 50.0,
    "rural": 90.0,
    "trunk": 110.0,
    "motorway": 130.0,
    "living_street": WALKING_PACE_KMH,
    "walk": WALKING_PACE_KMH,
    "walking_pace": WALKING_PACE_KMH,
    "none": UNLIMITED_KMH,
}
# Exceptions. China (cn-law): one lane each way 50 in towns and 70 outside, motorways 120; the
# expressways of cities have no default of their own there. Others: osrm, osm-maxspeed.
COUNTRY_LIMITS_KMH: Mapping[str, float] = {
    "cn:rural": 70.0,
    "cn:trunk": 70.0,
    "cn:motorway": 120.0,
    "cn:expressway": 120.0,
    "at:rural": 100.0,
    "at:trunk": 100.0,
    "ch:rural": 80.0,
    "ch:trunk": 100.0,
    "ch:motorway": 120.0,
    "de:rural": 100.0,
    "de:motorway": UNLIMITED_KMH,
    "de:living_street": 7.0,
    "dk:rural": 80.0,
    "fr:rural": 80.0,
    "gb:nsl_restricted": 30 * 1.609344,
    "gb:nsl_single": 60 * 1.609344,
    "gb:nsl_dual": 70 * 1.609344,
    "gb:motorway": 70 * 1.609344,
    "no:rural": 80.0,
    "no:motorway": 110.0,
    "pt:motorway": 120.0,
    "ru:urban": 60.0,
    "ru:motorway": 110.0,
}
# Values that say that there is a limit, but not which.
SILENT = frozenset({"signals", "variable", "sign", "implicit", "default", "unknown", "markings"})
UNITS_KMH: Mapping[str, float] = {
    "": 1.0,
    "km/h": 1.0,
    "kmh": 1.0,
    "kph": 1.0,
    "mph": 1.609344,
    "knots": 1.852,
}
HIGHEST_LIMIT_KMH = 160.0

_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z/]*)")
_ZONE = re.compile(r"(?:[a-z-]+:)?(?:zone:?|bicycle_road)(\d+)")
_CLOCK = re.compile(r"(\d+)(?::(\d\d))?(?::(\d\d))?")
_PERIOD = re.compile(r"PT(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")


def parse_maxspeed(text: str) -> float | None:
    """Parse a ``maxspeed`` value to km/h; of several limits (``50;60``) the lowest counts.

    Returns
    -------
    float or None
        None where the value names no speed (``signals``).

    Raises
    ------
    ValueError
        If it cannot be read, or no road has such a limit.

    Examples
    --------
    >>> parse_maxspeed("60"), parse_maxspeed("CN:urban"), round(parse_maxspeed("40 mph"))
    (60.0, 50.0, 64)
    """
    limits = [_parse_limit(part.strip().lower()) for part in re.split(r"[;|,]", text)]
    known = [limit for limit in limits if limit is not None]
    return min(known) if known else None


def _parse_limit(text: str) -> float | None:
    if text in SILENT:
        return None
    if text.startswith("uk:"):  # written as often as the country's code
        text = "gb:" + text.removeprefix("uk:")
    context = text.rpartition(":")[2]
    for table, key in ((COUNTRY_LIMITS_KMH, text), (CONTEXT_LIMITS_KMH, context)):
        if key in table:
            return table[key]
    if zone := _ZONE.fullmatch(text):
        return float(zone[1])
    number = _NUMBER.fullmatch(text)
    if number is None or number[2] not in UNITS_KMH:
        raise ValueError(f"maxspeed {text!r} cannot be read")
    limit = float(number[1]) * UNITS_KMH[number[2]]
    if not 0 < limit <= HIGHEST_LIMIT_KMH:
        raise ValueError(f"maxspeed {text!r} is no limit of a road")
    return limit


def parse_duration(text: str) -> float:
    """Parse a ``duration`` value (``hh:mm``, ``hh:mm:ss``, minutes, or ISO 8601) to seconds.

    Raises
    ------
    ValueError
        If it cannot be read or is zero.

    Examples
    --------
    >>> parse_duration("00:20"), parse_duration("20"), parse_duration("PT1H20M")
    (1200.0, 1200.0, 4800.0)
    """
    text = text.strip()
    seconds = 0.0
    if clock := _CLOCK.fullmatch(text):
        first, second, third = (int(part) if part else 0 for part in clock.groups())
        seconds = 60.0 * first if clock[2] is None else 3600.0 * first + 60 * second + third
    elif period := _PERIOD.fullmatch(text.upper()):
        hours, minutes, rest = (float(part) if part else 0.0 for part in period.groups())
        seconds = 3600 * hours + 60 * minutes + rest
    if seconds <= 0:
        raise ValueError(f"duration {text!r} cannot be read; write hh:mm")
    return seconds
