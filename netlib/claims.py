"""Judge claims: claim -> reading -> measurement (low, central, high) -> verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from netlib.displays import format_card
from netlib.errors import InputError, Notice, UnknownNameError
from netlib.places import format_name, locate_places
from netlib.readings import find_reading
from netlib.scenarios import WITHOUT, Scenario, apply_scenario, read_toml
from netlib.statuses import measure_status
from netlib.tables import Network
from netlib.times import measure_pairs
from netlib.times.steps import build_legs
from netlib.times.table import UNKNOWN, UPPER_BOUND

KINDS = ("time", "status", "untestable")
QUANTIFIERS = ("all", "any", "share")
DIRECTIONS = ("out", "in", "both")
VERDICT_COLUMNS = [
    "claim_id",
    "definition",
    "as_of",
    "scenario",
    "threshold_minutes",
    "low",
    "central",
    "high",
    "unit",
    "n_pairs",
    "share_passing",
    "verdict",
    "margin",
    "worst_pair",
    "evidence_grade",
]
# Grade of a figure by what it rests on: A the timetable of the day, B a timetable of another day
# or a derived length, C modelled services or assumed times of access and stations.
GRADE = {"timetable": "A", "count": "B", "headway": "B", "modelled": "C", "road": "C", "": "A"}


# Day, and the credited lines taken away.
Run = tuple[str, tuple[str, ...]]
# Verdict rows, measurements and legs.
Found = tuple[list[dict[str, Any]], list[pd.DataFrame], list[pd.DataFrame]]


@dataclass(frozen=True)
class Claim:
    """A sentence that can be measured, or why it cannot.

    Attributes
    ----------
    claim_id, document_id, quote, claimant_zh, claimant_en, said
        Which words, where, whose and when (a partial date).
    kind
        ``time``, ``status`` or ``untestable``.
    statement_zh, statement_en
        The testable form in our words.
    threshold_minutes, origins, destinations, quantifier, share, direction
        What a claim about time asks for; zones by id.
    definitions
        Readings that apply.
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
    statement_zh: str
    statement_en: str
    dates: tuple[tuple[str, str, str], ...]
    definitions: tuple[str, ...] = ()
    threshold_minutes: float = float("nan")
    origins: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    quantifier: str = "all"
    share: float = 1.0
    direction: str = "out"
    credits: tuple[str, ...] = ()
    conditions: tuple[Mapping[str, Any], ...] = ()
    reason_zh: str = ""
    reason_en: str = ""
    note_zh: str = ""
    note_en: str = ""
    shows: tuple[str, ...] = ()
    map_reading: str = "door_to_door"


class Results(NamedTuple):
    """What judging all claims gives.

    Attributes
    ----------
    verdicts
        DataFrame with `VERDICT_COLUMNS`.
    measurements
        DataFrame: ``claim_id``, ``definition``, ``as_of``, ``scenario``, ``from_id``, ``to_id``,
        ``low``, ``central``, ``high`` (minutes, NaN without a journey), ``gap_minutes``,
        ``snapshot`` (day of the timetable), ``known`` (as `netlib.times.travel_times`),
        ``service``, ``kind`` and ``passes`` (``yes``, ``no`` or ``open``).
    legs
        DataFrame: the claim columns and those of `netlib.times.journey_legs`, for the pair
        that decides each verdict.
    headlines
        One word for each claim at the date it speaks of.
    """

    verdicts: pd.DataFrame
    measurements: pd.DataFrame
    legs: pd.DataFrame
    headlines: dict[str, str]

    def _repr_html_(self) -> str:
        """Show in a notebook the headlines, and what each reading says on each date."""
        said = (
            self.verdicts["central"].map(" {:g}".format).where(self.verdicts["central"].notna(), "")
        )
        table = self.verdicts.assign(said=self.verdicts["verdict"] + said).pivot_table(
            index=["claim_id", "as_of", "scenario"],
            columns="definition",
            values="said",
            aggfunc="first",
            sort=False,
        )
        table = table.drop(columns="", errors="ignore").fillna("")
        table.insert(0, "headline", table.index.get_level_values(0).map(self.headlines))
        counts = Counter(word.replace("_", " ") for word in self.headlines.values())
        return format_card("Verdicts", dict(counts.most_common()), table)


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
        If the file is no TOML, lacks a key, holds an unknown one or an unknown word.
    """
    name = f"claims/{path.name}"
    data = read_toml(path, name)
    data["claim_id"] = data.pop("id", "")
    data["document_id"] = data.pop("document", "")
    needed = ["claim_id", "document_id", "quote", "said", "kind", "dates"]
    needed += ["claimant_zh", "claimant_en", "statement_zh", "statement_en"]
    kind = data.get("kind", "")
    needed += {
        "time": ["threshold_minutes", "origins", "destinations", "definitions"],
        "status": ["conditions"],
        "untestable": ["reason_zh", "reason_en"],
    }.get(kind, [])
    problems = [
        Notice(name, 0, "missing-key", f"{key} is missing; a claim of kind {kind!r} needs it")
        for key in needed
        if not data.get(key)
    ]
    known = set(Claim.__dataclass_fields__)
    problems += [
        Notice(name, 0, "unknown-key", f"{key!r} means nothing here; remove it")
        for key in sorted(set(data) - known)
    ]
    for key, words in (("kind", KINDS), ("quantifier", QUANTIFIERS), ("direction", DIRECTIONS)):
        if key in data and data[key] not in words:
            message = f"{key} is {data[key]!r}; it should be one of {', '.join(words)}"
            problems.append(Notice(name, 0, "unknown-word", message))
    if problems:
        raise InputError(problems)
    data["dates"] = tuple((d["day"], d["label_zh"], d["label_en"]) for d in data["dates"])
    for key in ("definitions", "origins", "destinations", "credits", "conditions", "shows"):
        data[key] = tuple(data.get(key, ()))
    if kind == "status" and not data["definitions"]:
        data["definitions"] = ("status",)
    return Claim(**data)


def evaluate(
    network: Network,
    *,
    claims: Mapping[str, Claim] | None = None,
    days: Sequence[str] | None = None,
    scenario: Scenario | None = None,
    workers: int = 1,
) -> Results:
    """Judge claims under every reading at every date, with and without the lines they credit.

    Parameters
    ----------
    network
        The network of all dates.
    claims
        Those to judge; all in ``claims/`` when not given.
    days
        Days (``YYYY-MM-DD``) to judge at instead of the claims' own.
    scenario
        A card to judge under.
    workers
        Processes to share the work; the results are the same with any number.
    """
    chosen = read_claims(network.root) if claims is None else claims
    base = network if scenario is None else apply_scenario(network, scenario)
    runs = list(group_runs(chosen.values(), days).items())
    if workers > 1:
        with ProcessPoolExecutor(workers, initializer=_keep_network, initargs=(base,)) as pool:
            found = list(pool.map(_judge_kept, runs))
    else:
        found = [judge_run(base, run) for run in runs]
    rows = [row for part in found for row in part[0]]
    for claim in chosen.values():
        rows += untestable_rows(claim, days, base.scenario)
    verdicts = pd.DataFrame(rows, columns=VERDICT_COLUMNS)
    order = {claim: number for number, claim in enumerate(chosen)}
    keys = ["claim_id", "as_of", "scenario", "definition"]
    verdicts = verdicts.sort_values(
        keys, key=lambda c: c.map(order) if c.name == "claim_id" else c, ignore_index=True
    )
    headlines = {claim.claim_id: summarise(claim, verdicts) for claim in chosen.values()}
    measured = [frame for part in found for frame in part[1]]
    legs = [frame for part in found for frame in part[2]]
    return Results(verdicts, join(measured), join(legs), headlines)


# The network of a worker process, given to it once.
_kept: list[Network] = []


def _keep_network(network: Network) -> None:
    _kept[:] = [network]


def _judge_kept(run: tuple[Run, list[Claim]]) -> Found:
    return judge_run(_kept[0], run)


def judge_run(base: Network, run: tuple[Run, list[Claim]]) -> Found:
    """Judge the claims of one day and one set of lines taken away."""
    (day, lines), group = run
    network = base.as_of(day)
    known = set(base["line"]["line_id"])
    credited = expand_lines(base, [line for line in lines if line in known])
    if set(credited) & set(network["link"]["line_id"]):
        network = remove_lines(base, lines).as_of(day)
    elif lines:
        # Not open that day: nothing changes without it.
        network = replace(network, scenario=credit_scenario(lines))
    rows: list[dict[str, Any]] = []
    measured: list[pd.DataFrame] = []
    legs: list[pd.DataFrame] = []
    for definition, members in group_definitions(group).items():
        found = judge_group(network, definition, members)
        rows += found[0]
        measured += found[1]
        legs += found[2]
    return rows, measured, legs


def join(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Concatenate frames, an empty one when there is none."""
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def group_runs(claims: Iterable[Claim], days: Sequence[str] | None) -> dict[Run, list[Claim]]:
    """Group the claims to be computed by day and by the credited lines to be taken away."""
    runs: dict[Run, list[Claim]] = {}
    for claim in claims:
        if claim.kind == "untestable":
            continue
        for day in claim_days(claim, days):
            runs.setdefault((day, ()), []).append(claim)
            if claim.credits and claim.kind == "time":
                runs.setdefault((day, claim.credits), []).append(claim)
    return runs


def claim_days(claim: Claim, days: Sequence[str] | None) -> list[str]:
    """Return the days to judge a claim at."""
    return list(days) if days is not None else [day for day, _, _ in claim.dates]


def group_definitions(claims: Iterable[Claim]) -> dict[str, list[Claim]]:
    """Group claims by the readings that apply to them."""
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        for definition in claim.definitions:
            groups.setdefault(definition, []).append(claim)
    return groups


def expand_lines(network: Network, lines: Iterable[str]) -> list[str]:
    """Replace groups such as 米 by the lines they consist of, at any depth.

    Raises
    ------
    UnknownNameError
        If a line is not in ``line.csv``.
    """
    frame = network["line"]
    parts = dict(zip(frame["line_id"], frame["parts"], strict=True))
    result: list[str] = []
    for line in lines:
        if line not in parts:
            raise UnknownNameError("line", line, parts)
        inner = [part for part in parts[line].split(";") if part in parts]
        result += expand_lines(network, inner) if inner else [line]
    return list(dict.fromkeys(result))


def remove_lines(network: Network, lines: Sequence[str]) -> Network:
    """Take lines with their links and services away; the scenario is called ``without-…``."""
    name = credit_scenario(lines)
    known = set(network["line"]["line_id"])
    edits = tuple(
        {"action": "remove", "table": "line", "where": {"line_id": line}}
        for line in expand_lines(network, [line for line in lines if line in known])
    )
    card = Scenario(name, f"没有{'、'.join(lines)}", f"without {', '.join(lines)}", "", "", edits)
    return apply_scenario(network, card)


def claim_pairs(claim: Claim) -> pd.DataFrame:
    """Return the ordered pairs of places that a claim is about."""
    out = [(a, b) for a in claim.origins for b in claim.destinations if a != b]
    back = [(b, a) for a, b in out]
    pairs = {"out": out, "in": back, "both": out + back}[claim.direction]
    return pd.DataFrame(pairs, columns=["from_id", "to_id"])


def judge_group(network: Network, definition: str, claims: Sequence[Claim]) -> Found:
    """Judge claims under one reading on one network; their pairs are measured together."""
    rows: list[dict[str, Any]] = []
    measured: list[pd.DataFrame] = []
    legs: list[pd.DataFrame] = []
    reading = find_reading(network.root, definition)
    if reading.measure == "status":
        for claim in claims:
            value = measure_status(network, claim.conditions)
            rows.append({**label(network, claim, definition), **value})
        return rows, measured, legs
    if reading.measure == "residents":
        return [judge_residents(network, definition, claim) for claim in claims], measured, legs
    pairs = pd.concat([claim_pairs(claim) for claim in claims]).drop_duplicates(ignore_index=True)
    times, steps = measure_pairs(network, pairs, reading=reading)
    for claim in claims:
        table = claim_pairs(claim).merge(times, on=["from_id", "to_id"])
        table = table.rename(columns={"travel_time_minutes": "central"})
        passes = pass_pairs(table, claim)
        snapshot = table.get("timetable", "")
        gap = table.get("gap_minutes", np.nan)
        known = table.get("known", "")
        table = table.assign(snapshot=snapshot, gap_minutes=gap, known=known, passes=passes)
        verdict, deciding = judge(network, claim, table)
        head = label(network, claim, definition)
        rows.append({**head, **verdict})
        keys = {k: head[k] for k in ("claim_id", "definition", "as_of", "scenario")}
        columns = ["from_id", "to_id", "low", "central", "high", "gap_minutes", "snapshot", "known"]
        measured.append(table[[*columns, "service", "kind", "passes"]].assign(**keys))
        if deciding in steps:
            legs.append(build_legs(network, steps[deciding]).assign(**keys))
    return rows, measured, legs


def home_pairs(claim: Claim) -> pd.DataFrame:
    """Return where people live and where they go: to the place that all pairs of a claim share."""
    hub = claim.origins if len(claim.destinations) > 1 else claim.destinations
    homes = claim.destinations if hub is claim.origins else claim.origins
    pairs = [(home, place) for place in hub for home in homes if home != place]
    return pd.DataFrame(pairs, columns=["from_id", "to_id"])


def judge_residents(network: Network, definition: str, claim: Claim) -> dict[str, Any]:
    """Judge a claim by the share of residents who have the time; the unit is per cent."""
    from netlib.catchments import measure_shares

    needed = find_reading(network.root, definition).share
    table = measure_shares(network, home_pairs(claim), threshold_minutes=claim.threshold_minutes)
    low, high = table["low"], table["high"]
    passes = np.where(low >= needed, "yes", np.where(high < needed, "no", "open")).tolist()
    central = table["central"]
    place = int(np.argmax(central) if claim.quantifier == "any" else np.argmin(central))
    pair = table.iloc[place]
    return {
        **label(network, claim, definition),
        **{end: round(100.0 * pair[end], 1) for end in ("low", "central", "high")},
        "unit": "%",
        "n_pairs": len(table),
        "share_passing": round(float((central >= needed).mean()), 3),
        "verdict": combine(passes, claim),
        "margin": round(100.0 * (pair["central"] - needed), 1),
        "worst_pair": "→".join(format_name(network, pair[end]) for end in ("from_id", "to_id")),
        "evidence_grade": "C",
    }


def label(network: Network, claim: Claim, definition: str) -> dict[str, Any]:
    """Return the columns that say which verdict a row is."""
    return {
        "claim_id": claim.claim_id,
        "definition": definition,
        "as_of": network.day.isoformat() if network.day else "",
        "scenario": network.scenario,
        "threshold_minutes": claim.threshold_minutes,
    }


def pass_pairs(table: pd.DataFrame, claim: Claim) -> np.ndarray:
    """Return for each pair whether its whole range passes: ``yes``, ``no`` or ``open``.

    A time from a timetable that lacks trains is an upper bound: it can support a claim, and not
    refute it.
    """
    limit = claim.threshold_minutes
    low, high = table["low"].fillna(np.inf), table["high"].fillna(np.inf)
    passes = np.where(high <= limit, "yes", np.where(low > limit, "no", "open"))
    if "known" not in table:
        return passes
    unsure = table["known"].isin([UPPER_BOUND, UNKNOWN]).to_numpy()
    return np.where(unsure & (passes == "no"), "open", passes)


def judge(
    network: Network, claim: Claim, table: pd.DataFrame
) -> tuple[dict[str, Any], tuple[str, str]]:
    """Judge one claim on its measured pairs.

    Returns
    -------
    row, pair
        The columns of a verdict from ``low`` to ``evidence_grade``, and the pair that decides it:
        the slowest where all must pass, the fastest where one is enough.
    """
    central = table["central"].fillna(np.inf)
    pair = table.iloc[choose_pair(table, claim)]
    missing = table["kind"].eq("") & table["central"].isna()
    row = {
        "low": pair["low"],
        "central": pair["central"],
        "high": pair["high"],
        "unit": "min",
        "n_pairs": len(table),
        "share_passing": round(float((central <= claim.threshold_minutes).mean()), 3),
        "verdict": combine(table["passes"].tolist(), claim),
        "margin": round(claim.threshold_minutes - pair["central"], 1),
        "worst_pair": "→".join(format_name(network, pair[end]) for end in ("from_id", "to_id")),
        "evidence_grade": grade(network, table[~missing]),
    }
    return row, (pair["from_id"], pair["to_id"])


def choose_pair(table: pd.DataFrame, claim: Claim) -> int:
    """Return the place of the pair that decides; of pairs that are as slow, by its other ends.

    Many pairs may have no journey: of them, one without any at its best is the slowest.
    """
    ends = [table[end].fillna(np.inf) for end in ("high", "low", "central")]
    slowest = claim.quantifier != "any"
    order = np.lexsort([-end if slowest else end for end in ends])
    return int(order[0])


def combine(passes: Sequence[str], claim: Claim) -> str:
    """Combine the pairs by the claim's quantifier: which share of them passes at least, at most.

    >>> claim = Claim("C", "d", "", "", "", "", "time", "", "", (), quantifier="any")
    >>> combine(["no", "open"], claim), combine(["no", "yes"], claim)
    ('undecided', 'supported')
    """
    needed = {"all": 1.0, "any": 1.0 / len(passes), "share": claim.share}[claim.quantifier]
    surely = passes.count("yes") / len(passes)
    perhaps = 1.0 - passes.count("no") / len(passes)
    tolerance = 1e-9
    if surely >= needed - tolerance:
        return "supported"
    return "refuted" if perhaps < needed - tolerance else "undecided"


def grade(network: Network, table: pd.DataFrame) -> str:
    """Return the weakest grade among the pairs; see `GRADE`."""
    grades = {GRADE[kind] for kind in table["kind"]}
    if not network.exact_timetable and "timetable" in set(table["kind"]):
        grades.add("B")
    if (table["access"] > 0).any() or table["in_vehicle"].isna().all():
        grades.add("C")
    return max(grades, default="A")


def untestable_rows(
    claim: Claim, days: Sequence[str] | None, scenario: str
) -> list[dict[str, Any]]:
    """Return a verdict row for every date of a claim that cannot be tested."""
    if claim.kind != "untestable":
        return []
    nothing = {"low": np.nan, "central": np.nan, "high": np.nan, "margin": np.nan}
    return [
        {
            **nothing,
            "claim_id": claim.claim_id,
            "definition": "",
            "as_of": day,
            "scenario": scenario,
            "threshold_minutes": claim.threshold_minutes,
            "unit": "",
            "n_pairs": 0,
            "share_passing": np.nan,
            "verdict": "untestable",
            "worst_pair": "",
            "evidence_grade": "",
        }
        for day in claim_days(claim, days)
    ]


def summarise(claim: Claim, verdicts: pd.DataFrame) -> str:
    """Return the headline of a claim: the verdict that all readings share at its first date.

    Where only other days were judged, the first of them counts.
    """
    rows = verdicts[verdicts["claim_id"] == claim.claim_id]
    rows = rows[rows["scenario"] != credit_scenario(claim.credits)]
    judged = set(rows["as_of"])
    first = next((day for day, _, _ in claim.dates if day in judged), min(judged, default=""))
    words = set(rows.loc[rows["as_of"] == first, "verdict"])
    return words.pop() if len(words) == 1 else "depends_on_definition"


def credit_scenario(lines: Sequence[str]) -> str:
    """Return the name of the scenario in which credited lines are taken away."""
    return f"{WITHOUT}{'-'.join(lines)}"


def describe_claim_commutes(
    network: Network, claims: Iterable[Claim], days: Sequence[str]
) -> pd.DataFrame:
    """Describe the commuting days of all pairs of the claims read as commuting days.

    Returns
    -------
    DataFrame
        ``as_of`` and `netlib.times.commutes.describe_commutes`, each pair once a day; people live at
        ``from_id``.
    """
    from netlib.times.commutes import describe_commutes

    pairs = [home_pairs(claim) for claim in claims if "commute_day" in claim.definitions]
    if not pairs:
        return pd.DataFrame()
    every = pd.concat(pairs).drop_duplicates(ignore_index=True)
    tables = []
    for day in days:
        dated = network.as_of(day)
        points = locate_places(dated, [*every["from_id"], *every["to_id"]])
        tables.append(describe_commutes(dated, every, points).assign(as_of=day))
    return pd.concat(tables, ignore_index=True)


def format_verdicts(verdicts: pd.DataFrame) -> str:
    """Write verdicts as the text of ``verdicts.csv``; empty where there is no number."""
    return verdicts.to_csv(index=False, lineterminator="\n", float_format="%g")
