"""Judge claims: claim -> reading -> measurement (low, central, high) -> verdict -> outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from netlib.claims.answers import Answer, compose_answers
from netlib.claims.attribution import compare_without
from netlib.claims.claim import NOTHING, TIME, Claim, claim_pairs, home_pairs, read_claims
from netlib.claims.outcomes import UNTESTABLE, choose_outcome
from netlib.claims.status import find_last_event, list_parts, measure_status
from netlib.displays import format_card
from netlib.errors import UnknownNameError
from netlib.places import locate_places
from netlib.readings import find_reading
from netlib.scenarios import WITHOUT, Scenario, apply_scenario
from netlib.tables import Network
from netlib.times import measure_pairs
from netlib.times.steps import Step, build_legs
from netlib.times.table import EXACT, NEAREST, UNKNOWN, UPPER_BOUND

VERDICT_COLUMNS = [
    "claim_id",
    "kind",
    "definition",
    "primary",
    "circle",
    "as_of",
    "scenario",
    "threshold_minutes",
    "low",
    "central",
    "high",
    "unit",
    "n_pairs",
    "n_passing",
    "share_passing",
    "verdict",
    "outcome",
    "margin",
    "from_id",
    "to_id",
    "timetable",
    "known",
    "evidence_grade",
]
# What a measurement belongs to.
KEYS = ["claim_id", "definition", "circle", "as_of", "scenario"]
PART_COLUMNS = ["claim_id", "as_of", "part_id", "state", "first", "last", "status", "seen"]
# Grade of a figure by what it rests on: A the timetable of the day, B a timetable of another day
# or a derived length, C modelled services or assumed times of access and stations.
GRADE = {"timetable": "A", "count": "B", "headway": "B", "modelled": "C", "road": "C", "": "A"}
# From what is known best to what is known least.
KNOWN = (EXACT, NEAREST, UPPER_BOUND, UNKNOWN)


# Day, and the credited lines taken away.
Run = tuple[str, tuple[str, ...]]


class Found(NamedTuple):
    """What judging a part of the claims gives: rows of the frames of `Results`."""

    rows: list[dict[str, Any]]
    measured: list[pd.DataFrame]
    legs: list[pd.DataFrame]
    parts: list[dict[str, Any]]

    def add(self, other: Found) -> None:
        """Append what another part gave."""
        self.rows.extend(other.rows)
        self.measured.extend(other.measured)
        self.legs.extend(other.legs)
        self.parts.extend(other.parts)


class Results(NamedTuple):
    """What judging all claims gives.

    Attributes
    ----------
    verdicts
        DataFrame with `VERDICT_COLUMNS`; ``primary`` is True of the reading that gives the
        headline, ``circle`` names another set of places, ``from_id`` and ``to_id`` are the pair
        that decides (empty for claims about status), ``timetable`` the days of the timetables in
        use, joined by ``;``, and ``known`` the least that is known of a pair's trains.
    measurements
        DataFrame: `KEYS`, ``from_id``, ``to_id``, ``low``, ``central``, ``high`` (minutes, NaN
        without a journey), ``snapshot``, ``service``, ``kind``,
        ``gap_minutes``, ``known``, ``board_id`` and
        ``alight_id`` (the stations of its longest ride, '' for drives), and ``passes`` (``yes``,
        ``no`` or ``open``).
    legs
        DataFrame: `KEYS` and the columns of `netlib.times.journey_legs`, for the pair that decides.
    parts
        DataFrame of claims about status: ``claim_id``, ``as_of``, ``part_id``, ``state`` (``yes``,
        ``no`` or ``open``), ``first`` and ``last`` (between which days it happened, '' if unknown),
        ``status`` and ``seen`` (its status in the tables and when a source last spoke of it).
    attribution
        DataFrame of `netlib.claims.attribution.compare_without`.
    answers
        The answer of each claim: headline and sentences.
    """

    verdicts: pd.DataFrame
    measurements: pd.DataFrame
    legs: pd.DataFrame
    parts: pd.DataFrame
    attribution: pd.DataFrame
    answers: dict[str, Answer]

    @property
    def headlines(self) -> dict[str, str]:
        """The outcome of each claim, one word."""
        return {claim_id: answer.outcome for claim_id, answer in self.answers.items()}

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


def evaluate(
    network: Network,
    *,
    claims: Mapping[str, Claim] | None = None,
    days: Sequence[str] | None = None,
    scenario: Scenario | None = None,
    workers: int = 1,
) -> Results:
    """Judge claims under every reading at every date, with and without the lines they credit.

    Credited lines are taken away only on days when they were open.

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
    found = Found([], [], [], [])
    if workers > 1:
        with ProcessPoolExecutor(workers, initializer=_keep_network, initargs=(base,)) as pool:
            for part in pool.map(_judge_kept, runs):
                found.add(part)
    else:
        for run in runs:
            found.add(judge_run(base, run))
    rows = list(found.rows)
    for claim in chosen.values():
        rows += untestable_rows(claim, days, base.scenario)
    verdicts = pd.DataFrame(rows, columns=VERDICT_COLUMNS)
    order = {claim: number for number, claim in enumerate(chosen)}
    keys = ["claim_id", "as_of", "scenario", "definition", "circle"]
    verdicts = verdicts.sort_values(
        keys, key=lambda c: c.map(order) if c.name == "claim_id" else c, ignore_index=True
    )
    measured, parts = join(found.measured), pd.DataFrame(found.parts, columns=PART_COLUMNS)
    attribution = compare_without(chosen.values(), verdicts, measured)
    answers = compose_answers(base, chosen, verdicts, measured, parts, attribution)
    return Results(verdicts, measured, join(found.legs), parts, attribution, answers)


# The network of a worker process, given to it once.
_kept: list[Network] = []


def _keep_network(network: Network) -> None:
    _kept[:] = [network]


def _judge_kept(run: tuple[Run, list[Claim]]) -> Found:
    return judge_run(_kept[0], run)


def judge_run(base: Network, run: tuple[Run, list[Claim]]) -> Found:
    """Judge the claims of one day and one set of lines taken away; nothing where none was open."""
    (day, lines), group = run
    network = base.as_of(day)
    found = Found([], [], [], [])
    if lines:
        known = set(base["line"]["line_id"])
        credited = expand_lines(base, [line for line in lines if line in known])
        if not set(credited) & set(network["link"]["line_id"]):
            return found
        network = remove_lines(base, lines).as_of(day)
    for definition, members in group_definitions(group).items():
        found.add(judge_group(network, definition, members))
    return found


def join(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Concatenate frames, an empty one when there is none."""
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def group_runs(claims: Iterable[Claim], days: Sequence[str] | None) -> dict[Run, list[Claim]]:
    """Group the claims to be computed by day and by the credited lines to be taken away."""
    runs: dict[Run, list[Claim]] = {}
    for claim in claims:
        if claim.measure == NOTHING:
            continue
        for day in claim_days(claim, days):
            runs.setdefault((day, ()), []).append(claim)
            if claim.credits and claim.measure == TIME:
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


def judge_group(network: Network, definition: str, claims: Sequence[Claim]) -> Found:
    """Judge claims under one reading on one network; their pairs are measured together."""
    found = Found([], [], [], [])
    reading = find_reading(network.root, definition)
    if reading.measure == "status":
        for claim in claims:
            found.rows.append(judge_status(network, definition, claim))
            found.parts.extend(label_parts(network, claim))
        return found
    if reading.measure == "residents":
        found.rows.extend(judge_residents(network, definition, claim) for claim in claims)
        return found
    views = [view for claim in claims for view in list_circles(claim, definition)]
    pairs = pd.concat([claim_pairs(view) for _, view in views])
    pairs = pairs.drop_duplicates(ignore_index=True)
    times, steps = measure_pairs(network, pairs, reading=reading)
    for circle, view in views:
        table = claim_pairs(view).merge(times, on=["from_id", "to_id"])
        table = table.rename(columns={"travel_time_minutes": "central"})
        table["passes"] = pass_pairs(table, view)
        table["snapshot"] = table.get("timetable", "")
        table["gap_minutes"] = table.get("gap_minutes", np.nan)
        if "known" not in table:
            table["known"] = ""
        stations = [
            find_stations(steps.get(pair, ()))
            for pair in zip(table["from_id"], table["to_id"], strict=True)
        ]
        table["board_id"], table["alight_id"] = zip(*stations, strict=True)
        verdict, deciding = judge(network, view, table)
        head = label(network, view, definition, circle)
        found.rows.append(complete(view, {**head, **verdict}))
        keys = {key: head[key] for key in KEYS}
        columns = ["from_id", "to_id", "low", "central", "high", "snapshot", "service", "kind"]
        columns += ["gap_minutes", "known", "board_id", "alight_id", "passes"]
        found.measured.append(table[columns].assign(**keys))
        if deciding in steps and not circle:
            found.legs.append(build_legs(network, steps[deciding]).assign(**keys))
    return found


def list_circles(claim: Claim, definition: str) -> list[tuple[str, Claim]]:
    """List a claim and, under its primary reading, its other circles as claims of their own."""
    views = [("", claim)]
    if definition == claim.primary:
        views += [
            (
                circle.circle_id,
                replace(
                    claim,
                    origins=circle.origins or claim.origins,
                    destinations=circle.destinations or claim.destinations,
                    quantifier=circle.quantifier or claim.quantifier,
                ),
            )
            for circle in claim.circles
        ]
    return views


def find_stations(steps: Sequence[Step]) -> tuple[str, str]:
    """Return between which stations the longest ride of a journey runs; '' without a ride."""
    rides = [step for step in steps if step.kind == "ride"]
    if not rides:
        return "", ""
    longest = max(rides, key=lambda step: step.minutes - step.wait)
    return longest.from_id, longest.to_id


def judge_status(network: Network, definition: str, claim: Claim) -> dict[str, Any]:
    """Judge a claim about what is built; the unit is parts."""
    value = measure_status(network, claim.conditions)
    row = {**label(network, claim, definition), **value}
    came = find_last_event(network, claim.conditions)
    return complete(claim, row, came=came)


def label_parts(network: Network, claim: Claim) -> list[dict[str, Any]]:
    """Return the rows of `Results.parts` of one claim on the network's day."""
    day = network.day.isoformat() if network.day else ""
    return [
        {
            "claim_id": claim.claim_id,
            "as_of": day,
            "part_id": part.part_id,
            "state": part.state,
            "first": part.event[0].isoformat() if part.event else "",
            "last": part.event[1].isoformat() if part.event else "",
            "status": part.status,
            "seen": part.seen,
        }
        for part in list_parts(network, claim.conditions)
    ]


def complete(claim: Claim, row: dict[str, Any], *, came: Any = None) -> dict[str, Any]:
    """Add to a verdict what it makes of its claim."""
    return {**row, "outcome": choose_outcome(claim, row["verdict"], row["as_of"], came=came)}


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
    row = {
        **label(network, claim, definition),
        **{end: round(100.0 * pair[end], 1) for end in ("low", "central", "high")},
        "unit": "%",
        "n_pairs": len(table),
        "n_passing": passes.count("yes"),
        "share_passing": round(float((central >= needed).mean()), 3),
        "verdict": combine(passes, claim),
        "margin": round(100.0 * (pair["central"] - needed), 1),
        "from_id": pair["from_id"],
        "to_id": pair["to_id"],
        "timetable": "",
        "known": "",
        "evidence_grade": "C",
    }
    return complete(claim, row)


def label(network: Network, claim: Claim, definition: str, circle: str = "") -> dict[str, Any]:
    """Return the columns that say which verdict a row is."""
    return {
        "claim_id": claim.claim_id,
        "kind": claim.kind,
        "definition": definition,
        "primary": definition == claim.primary and not circle,
        "circle": circle,
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
        "n_passing": int((table["passes"] == "yes").sum()),
        "share_passing": round(float((central <= claim.threshold_minutes).mean()), 3),
        "verdict": combine(table["passes"].tolist(), claim),
        "margin": round(claim.threshold_minutes - pair["central"], 1),
        "from_id": pair["from_id"],
        "to_id": pair["to_id"],
        "timetable": ";".join(sorted({day for day in table["snapshot"] if day})),
        "known": max((word for word in table["known"] if word), key=KNOWN.index, default=""),
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

    >>> claim = Claim("C", "d", "", "", "", "", "fact", "time", "", "", (), quantifier="any")
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
    if claim.measure != NOTHING:
        return []
    nothing = {"low": np.nan, "central": np.nan, "high": np.nan, "margin": np.nan}
    return [
        {
            **nothing,
            "claim_id": claim.claim_id,
            "kind": claim.kind,
            "definition": "",
            "primary": True,
            "circle": "",
            "as_of": day,
            "scenario": scenario,
            "threshold_minutes": claim.threshold_minutes,
            "unit": "",
            "n_pairs": 0,
            "n_passing": 0,
            "share_passing": np.nan,
            "verdict": UNTESTABLE,
            "outcome": UNTESTABLE,
            "from_id": "",
            "to_id": "",
            "timetable": "",
            "known": "",
            "evidence_grade": "",
        }
        for day in claim_days(claim, days)
    ]


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
        ``as_of`` and `netlib.times.commutes.describe_commutes`, each pair once a day; people
        live at ``from_id``.
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
