"""What the tags of an OpenStreetMap way or node mean for people driving, walking or cycling.

Access follows the hierarchy of wiki.openstreetmap.org/wiki/Key:access (the most special key wins),
one-way streets Key:oneway, and barriers the profiles of Project-OSRM/osrm-backend@5230a87.
Turn restrictions, surfaces, gradients and opening hours are not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from netlib.streets.speeds import (
    BIKE_SPEEDS_KMH,
    DRIVE_SPEEDS_KMH,
    FERRY,
    FERRY_SPEED_KMH,
    MAXSPEED_RATIO,
    OTHER_BIKE_SPEED_KMH,
    OTHER_DRIVE_SPEED_KMH,
    PUSHED_BIKE_SPEED_KMH,
    WALK_SPEED_KMH,
    WALKED_CLASSES,
    Mode,
    parse_duration,
    parse_maxspeed,
)

# Access keys, the most special first.
ACCESS_KEYS: Mapping[Mode, tuple[str, ...]] = {
    "drive": ("motorcar", "motor_vehicle", "vehicle", "access"),
    "walk": ("foot", "access"),
    "bike": ("bicycle", "vehicle", "access"),
}
CLOSED = frozenset(
    {"no", "private", "agricultural", "forestry", "emergency", "psv", "bus", "military"}
    | {"use_sidepath", "restricted", "hgv", "service"}
)
LIMITED = frozenset({"destination", "delivery", "customers", "permit", "residents"})
OPEN = frozenset({"yes", "designated", "permissive", "official", "public", "hov"})
# Roads that are not there (yet), and areas of which only the outline is mapped.
ABSENT = frozenset(
    (
        *("abandoned", "construction", "demolished", "disused", "no", "planned"),
        *("proposed", "razed", "rest_area", "services", "raceway", "bus_guideway"),
    )
)
# Ways without ``highway`` that people walk on, and the class that they are given.
WALKED_ON = (
    ("railway", "platform", "platform"),
    ("public_transport", "platform", "platform"),
    ("man_made", "pier", "pier"),
)
YES = frozenset({"yes", "true", "1"})
NO = frozenset({"no", "false", "0"})
BACKWARD = frozenset({"-1", "reverse"})
# A street whose direction changes with the hour is closed to a timeless graph (as in OSRM).
CHANGING = frozenset({"reversible"})
CONTRAFLOW = frozenset({"opposite", "opposite_lane", "opposite_track"})
ONE_WAY_KEYS: Mapping[Mode, tuple[str, ...]] = {
    "drive": ("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"),
    "walk": ("oneway:foot",),
    "bike": ("oneway:bicycle", "oneway:vehicle", "oneway"),
}
CONTRAFLOW_KEYS = ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
LIMIT_KEYS = ("maxspeed", "source:maxspeed", "maxspeed:type", "zone:traffic", "zone:maxspeed")
# Barriers that cars drive through, and those that stop everybody (osrm).
PASSED_BY_CARS = frozenset(
    (
        *("cattle_grid", "border_control", "toll_booth", "sally_port", "gate", "lift_gate"),
        *("swing_gate", "no", "entrance", "height_restrictor", "kerb", "bump_gate"),
    )
)
PASSED_BY_NOBODY = frozenset({"yes", "wall", "fence", "retaining_wall", "city_wall"})

WAY_KEYS = frozenset(
    {
        *("highway", "route", "area", "junction", "duration", "motorroad", "sidewalk"),
        *("conveying", "service", "maxspeed:forward", "maxspeed:backward"),
        *(key for key, _, _ in WALKED_ON),
        *LIMIT_KEYS,
        *CONTRAFLOW_KEYS,
        *(key for keys in ONE_WAY_KEYS.values() for key in keys),
        *(
            key + end
            for keys in ACCESS_KEYS.values()
            for key in keys
            for end in ("", ":forward", ":backward")
        ),
    }
)


class WayUse(NamedTuple):
    """How one mode uses a way.

    Attributes
    ----------
    road_class
        Value of ``highway``, or ``ferry``, ``platform`` or ``pier``.
    forward_kmh, backward_kmh
        Free-flow speed along and against the drawn direction; 0 where closed.
    access
        ``yes``, or ``destination`` where only people with business there may go.
    seconds
        Time over the whole way where it is tagged (ferries); else NaN.
    unread
        A speed limit or duration that could not be read, as ``key=value``.
    """

    road_class: str
    forward_kmh: float
    backward_kmh: float
    access: str
    seconds: float
    unread: str


def judge_way(tags: Mapping[str, str], mode: Mode) -> WayUse | None:
    """Judge how ``mode`` uses a way; None if it does not.

    Examples
    --------
    >>> judge_way({"highway": "residential", "oneway": "-1"}, "drive")[:3]
    ('residential', 0.0, 25.0)
    """
    return _judge(frozenset((k, v) for k, v in tags.items() if k in WAY_KEYS), mode)


@lru_cache(maxsize=100_000)
def _judge(items: Iterable[tuple[str, str]], mode: Mode) -> WayUse | None:
    tags = dict(items)
    access = _find_access(tags, mode)
    if access in CLOSED:
        return None
    road_class = _find_class(tags)
    is_ferry = road_class == FERRY
    if road_class in ABSENT or (tags.get("area") in YES and mode != "walk"):
        return None
    speed = FERRY_SPEED_KMH if is_ferry else _find_speed(road_class, tags, mode)
    forward, backward = _find_directions(road_class, tags, mode)
    if not speed or not (forward or backward):
        return None
    forward_kmh, backward_kmh, seconds, unread = speed, speed, float("nan"), ""
    if is_ferry:
        seconds, unread = _read_duration(tags)
    elif mode == "drive":
        forward_kmh, unread = _read_limit(tags, ":forward", speed)
        backward_kmh, unread_backward = _read_limit(tags, ":backward", speed)
        unread = unread or unread_backward
    return WayUse(
        road_class,
        forward_kmh * forward,
        backward_kmh * backward,
        "destination" if access in LIMITED else "yes",
        seconds,
        unread,
    )


def _find_class(tags: Mapping[str, str]) -> str:
    """Find the class of a way: its ``highway``, or what else people go on."""
    road_class = tags.get("highway", "no")
    if road_class not in ABSENT:
        return road_class
    if tags.get("route") == FERRY:
        return FERRY
    walked = (
        name for key, value, name in WALKED_ON if road_class == "no" and tags.get(key) == value
    )
    return next(walked, road_class)


def is_blocked(tags: Mapping[str, str], mode: Mode) -> bool:
    """Judge whether a node (a gate, a bollard) stops ``mode``.

    Examples
    --------
    >>> is_blocked({"barrier": "bollard"}, "drive"), is_blocked({"barrier": "bollard"}, "walk")
    (True, False)
    """
    access = _find_access(tags, mode)
    if access in CLOSED:
        return True
    if access in OPEN | LIMITED:
        return False
    barrier = tags.get("barrier", "no")
    if mode == "drive":
        return barrier not in PASSED_BY_CARS and tags.get("bollard") != "rising"
    return barrier in PASSED_BY_NOBODY


def _find_access(tags: Mapping[str, str], mode: Mode, end: str = "") -> str:
    for key in ACCESS_KEYS[mode]:
        if key + end in tags:
            return tags[key + end]
    return ""


def _find_speed(road_class: str, tags: Mapping[str, str], mode: Mode) -> float:
    """Find the free-flow speed without a limit; 0 where the class is not for the mode."""
    own = next((tags[key] for key in ACCESS_KEYS[mode][:-1] if key in tags), "")
    invited = own in OPEN | LIMITED
    closed = mode != "drive" and tags.get("motorroad") in YES
    if (closed or tags.get("service") == "emergency_access") and not invited:
        return 0.0
    if mode == "drive":
        return DRIVE_SPEEDS_KMH.get(road_class, OTHER_DRIVE_SPEED_KMH * invited)
    if mode == "walk":
        has_sidewalk = tags.get("sidewalk", "no") not in {"no", "none", "separate"}
        return WALK_SPEED_KMH * (road_class in WALKED_CLASSES or invited or has_sidewalk)
    if own == "dismount":
        return PUSHED_BIKE_SPEED_KMH
    return max(BIKE_SPEEDS_KMH.get(road_class, 0.0), OTHER_BIKE_SPEED_KMH * invited)


def _find_directions(road_class: str, tags: Mapping[str, str], mode: Mode) -> tuple[bool, bool]:
    """Find whether a way may be used along and against its drawn direction."""
    value = next((tags[key] for key in ONE_WAY_KEYS[mode] if key in tags), "")
    if mode == "walk" and (conveying := tags.get("conveying", "")) in {"forward", "backward"}:
        value = "yes" if conveying == "forward" else "-1"
    implied = mode != "walk" and (
        road_class == "motorway" or tags.get("junction") in {"roundabout", "circular"}
    )
    if value in CHANGING:
        return False, False
    forward = value not in BACKWARD
    backward = value in BACKWARD or (value not in YES and (value in NO or not implied))
    contraflow = any(tags.get(key) in CONTRAFLOW for key in CONTRAFLOW_KEYS)
    if mode == "bike" and contraflow and "oneway:bicycle" not in tags:
        forward = backward = True
    return (
        forward and _find_access(tags, mode, ":forward") not in CLOSED,
        backward and _find_access(tags, mode, ":backward") not in CLOSED,
    )


def _read_limit(tags: Mapping[str, str], end: str, speed: float) -> tuple[float, str]:
    """Return the speed in one direction, and the limit that could not be read."""
    unread = ""
    for key in ("maxspeed" + end, *LIMIT_KEYS):
        if key not in tags:
            continue
        try:
            limit = parse_maxspeed(tags[key])
        except ValueError:
            # Other keys name where a limit comes from more often than the limit.
            unread = unread or (f"{key}={tags[key]}" if key.startswith("maxspeed") else "")
            continue
        if limit is not None:
            return limit * MAXSPEED_RATIO, ""
    return speed, unread


def _read_duration(tags: Mapping[str, str]) -> tuple[float, str]:
    if "duration" not in tags:
        return float("nan"), ""
    try:
        return parse_duration(tags["duration"]), ""
    except ValueError:
        return float("nan"), f"duration={tags['duration']}"
