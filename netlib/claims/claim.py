"""Claims as they are written in ``claims/*.toml``: words, kind, readings, places and dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from netlib.errors import InputError, Notice
from netlib.scenarios import read_toml

# What a sentence asserts: that it is so, that it will be so, or that it is wanted.
FACT, FORECAST, GOAL = "fact", "forecast", "goal"
KINDS = (FACT, FORECAST, GOAL)
# What is measured for it: minutes, what is built, or nothing.
TIME, STATUS, NOTHING = "time", "status", "none"
MEASURES = (TIME, STATUS, NOTHING)
QUANTIFIERS = ("all", "any", "share")
DIRECTIONS = ("out", "in", "both")

ALWAYS = ["id", "document", "quote", "claimant_zh", "claimant_en", "said", "kind", "measure"]
ALWAYS += ["statement_zh", "statement_en", "dates"]
ASKED = ["threshold_minutes", "origins", "destinations", "definitions"]
NEEDED = {
    TIME: [*ASKED, "primary", "primary_why_zh", "primary_why_en"],
    STATUS: ["conditions"],
    NOTHING: ["reason_zh", "reason_en"],
}
OPTIONAL = {
    TIME: [
        "map_reading",
        "quantifier",
        "share",
        "direction",
        "credits",
        "circles",
        "official",
        "deadline",
    ],
    STATUS: ["definitions", "deadline", "official"],
    NOTHING: ["shows", "deadline", "official"],
}
NOTES = ["note_zh", "note_en"]
# Keys of the tables within a claim: needed and optional ones.
INNER = {
    "dates": (("day", "label_zh", "label_en"), ()),
    "conditions": (("line", "event"), ("by", "required", "within")),
    "circles": (
        ("circle_id", "name_zh", "name_en", "why_zh", "why_en"),
        ("origins", "destinations", "quantifier"),
    ),
    "official": (("text_zh", "text_en", "source", "quote"), ()),
}
EVENTS = ("open", "start", "complete")


@dataclass(frozen=True)
class Circle:
    """Another set of places that a claim may mean, judged beside it under its primary reading.

    Attributes
    ----------
    circle_id, name_zh, name_en, why_zh, why_en
        What it is called and why it is shown.
    origins, destinations
        Its places where they differ from the claim's; empty: those of the claim.
    quantifier
        Its quantifier where it differs; '' for the claim's.
    """

    circle_id: str
    name_zh: str
    name_en: str
    why_zh: str
    why_en: str
    origins: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    quantifier: str = ""


@dataclass(frozen=True)
class Official:
    """The official definition of a claim's circle.

    Attributes
    ----------
    text_zh, text_en
        What it says, in our words.
    source
        Id in ``source.csv``.
    quote
        Its own words; '' where the page was not looked up.
    """

    text_zh: str
    text_en: str
    source: str
    quote: str = ""


@dataclass(frozen=True)
class Claim:
    """A sentence that can be measured, or why it cannot.

    Attributes
    ----------
    claim_id, document_id, quote, claimant_zh, claimant_en, said
        Which words, where, whose and when (a partial date).
    kind
        ``fact``, ``forecast`` or ``goal``.
    measure
        ``time``, ``status`` or ``none`` (untestable).
    statement_zh, statement_en
        The testable form in our words.
    deadline
        The day by which a forecast or goal is to come true; '' for none.
    threshold_minutes, origins, destinations, quantifier, share, direction
        What a claim about time asks for; zones by id.
    definitions
        Readings that apply.
    primary, primary_why_zh, primary_why_en
        The reading that gives the headline, and why.
    circles
        Wider, stricter or looser sets of places.
    official
        The official definition of the circle, where one exists.
    dates
        (day, Chinese label, English label); the first is the date the claim speaks of.
    credits
        Lines that the claim credits.
    conditions
        What a claim about status asks for.
    reason_zh, reason_en
        Why an untestable claim is untestable.
    note_zh, note_en
        What else is known.
    shows
        Lines that the map of an untestable claim marks.
    map_reading
        Reading of the areas and minutes on the map of a claim about time.
    """

    claim_id: str
    document_id: str
    quote: str
    claimant_zh: str
    claimant_en: str
    said: str
    kind: str
    measure: str
    statement_zh: str
    statement_en: str
    dates: tuple[tuple[str, str, str], ...]
    deadline: str = ""
    definitions: tuple[str, ...] = ()
    primary: str = ""
    primary_why_zh: str = ""
    primary_why_en: str = ""
    threshold_minutes: float = float("nan")
    origins: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    quantifier: str = "all"
    share: float = 1.0
    direction: str = "out"
    circles: tuple[Circle, ...] = ()
    official: Official | None = None
    credits: tuple[str, ...] = ()
    conditions: tuple[Mapping[str, Any], ...] = ()
    reason_zh: str = ""
    reason_en: str = ""
    note_zh: str = ""
    note_en: str = ""
    shows: tuple[str, ...] = ()
    map_reading: str = "door_to_door"


def read_claims(root: Path) -> dict[str, Claim]:
    """Read every claim in ``claims/`` by id, in natural order; all problems are listed at once."""
    claims: dict[str, Claim] = {}
    notices: list[Notice] = []
    for path in sorted((root / "claims").glob("*.toml"), key=_natural):
        try:
            claim = read_claim(path)
            claims[claim.claim_id] = claim
        except InputError as problem:
            notices.extend(problem.notices)
    if notices:
        raise InputError(notices)
    return claims


def _natural(path: Path) -> tuple[int, str]:
    digits = "".join(c for c in path.stem if c.isdigit())
    return int(digits or 0), path.stem


def read_claim(path: Path) -> Claim:
    """Read one claim.

    Raises
    ------
    InputError
        If the file is no TOML, lacks a key, holds an unknown one at any depth, an unknown word, or
        a primary reading that is none of its readings.
    """
    name = f"claims/{path.name}"
    data = read_toml(path, name)
    problems = [*_check_keys(name, data), *_check_inner(name, data), *_check_words(name, data)]
    if problems:
        raise InputError(problems)
    data["claim_id"] = data.pop("id")
    data["document_id"] = data.pop("document")
    data["dates"] = tuple((d["day"], d["label_zh"], d["label_en"]) for d in data["dates"])
    for key in ("definitions", "origins", "destinations", "credits", "conditions", "shows"):
        data[key] = tuple(data.get(key, ()))
    data["circles"] = tuple(_build_circle(circle) for circle in data.get("circles", ()))
    if "official" in data:
        data["official"] = Official(**data["official"])
    if data["measure"] == STATUS:
        data["definitions"] = data["definitions"] or ("status",)
        data["primary"] = data["definitions"][0]
    return Claim(**data)


def _build_circle(data: dict[str, Any]) -> Circle:
    for key in ("origins", "destinations"):
        data[key] = tuple(data.get(key, ()))
    return Circle(**data)


def _check_keys(name: str, data: Mapping[str, Any]) -> list[Notice]:
    measure = data.get("measure", "")
    needed = [*ALWAYS, *NEEDED.get(measure, [])]
    known = {*needed, *NOTES, *OPTIONAL.get(measure, [])}
    missing = [
        Notice(name, 0, "missing-key", f"{key} is missing; a claim of measure {measure!r} needs it")
        for key in needed
        if not data.get(key)
    ]
    if measure not in MEASURES:
        return missing
    return missing + [
        Notice(
            name, 0, "unknown-key", f"{key!r} means nothing in a claim of {measure!r}; remove it"
        )
        for key in sorted(set(data) - known)
    ]


def _check_inner(name: str, data: Mapping[str, Any]) -> list[Notice]:
    """Check the tables within a claim as strictly as its own keys."""
    problems = []
    for key, (needed, optional) in INNER.items():
        value = data.get(key, [])
        parts = [value] if isinstance(value, Mapping) else value
        if not isinstance(parts, list) or not all(isinstance(part, Mapping) for part in parts):
            problems.append(Notice(name, 0, "bad-table", f"{key} should be a list of tables"))
            continue
        for part in parts:
            problems += [
                Notice(name, 0, "missing-key", f"{key}: {inner} is missing; add it")
                for inner in needed
                if inner not in part
            ]
            problems += [
                Notice(name, 0, "unknown-key", f"{key}: {inner!r} means nothing here; remove it")
                for inner in sorted(set(part) - {*needed, *optional})
            ]
    return problems


def _check_words(name: str, data: Mapping[str, Any]) -> list[Notice]:
    words = [
        ("kind", data.get("kind"), KINDS),
        ("measure", data.get("measure"), MEASURES),
        ("quantifier", data.get("quantifier"), QUANTIFIERS),
        ("direction", data.get("direction"), DIRECTIONS),
        ("primary", data.get("primary"), tuple(data.get("definitions", ()))),
    ]
    for part in _tables(data, "conditions"):
        words.append(("event", part.get("event"), EVENTS))
    for part in _tables(data, "circles"):
        words.append(("circles: quantifier", part.get("quantifier"), QUANTIFIERS))
    problems = [
        Notice(
            name, 0, "unknown-word", f"{key} is {word!r}; it should be one of {', '.join(known)}"
        )
        for key, word, known in words
        if word is not None and word not in known
    ]
    if data.get("kind") == FACT and data.get("deadline"):
        problems.append(Notice(name, 0, "unknown-key", "a fact has no deadline; remove it"))
    return problems


def _tables(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = data.get(key, [])
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []


def claim_pairs(claim: Claim) -> pd.DataFrame:
    """Return the ordered pairs of places that a claim is about."""
    out = [(a, b) for a in claim.origins for b in claim.destinations if a != b]
    back = [(b, a) for a, b in out]
    pairs = {"out": out, "in": back, "both": out + back}[claim.direction]
    return pd.DataFrame(pairs, columns=["from_id", "to_id"])


def home_pairs(claim: Claim) -> pd.DataFrame:
    """Return where people live and where they go: to the place that all pairs of a claim share."""
    hub = claim.origins if len(claim.destinations) > 1 else claim.destinations
    homes = claim.destinations if hub is claim.origins else claim.origins
    pairs = [(home, place) for place in hub for home in homes if home != place]
    return pd.DataFrame(pairs, columns=["from_id", "to_id"])
