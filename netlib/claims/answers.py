"""The answer to a claim: its outcome, *n of m*, who fails, the margin, and one sentence a language.

Nothing here is written by hand about a claim: sentences are composed from the verdicts, so that
they say what the results say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from netlib.claims.answer_words import ANSWER_WORDS
from netlib.claims.attribution import NOT_OPEN
from netlib.claims.claim import FACT, NOTHING, STATUS, Claim
from netlib.claims.outcomes import OUTCOMES, UNDECIDED, UNTESTABLE, months_late
from netlib.places import format_name
from netlib.readings import find_reading
from netlib.scenarios import WITHOUT
from netlib.tables import Network
from netlib.times.table import EXACT
from netlib.units import parse_day
from netlib.words import Language, translate_value

LANGUAGES: tuple[Language, Language] = ("zh", "en")
# More names than this are counted instead of listed.
MOST_NAMES = 6
# The reading that is told beside a headline that it contradicts.
CONTRAST = "ride_fastest"


class Answer(NamedTuple):
    """What is answered to a claim.

    Attributes
    ----------
    claim_id, kind, measure
        Which claim.
    outcome
        A key of `netlib.claims.outcomes.OUTCOMES`.
    day
        The day the headline is of.
    definition
        The primary reading; '' where nothing is measured.
    n_passing, n_pairs
        How many of how many pairs or parts pass for sure.
    failing, unsure
        Ids of places or parts that fail, and of those that may.
    margin
        Minutes that the deciding pair has to spare, negative where it is over; NaN for none.
    headline_zh, headline_en
        *n of m*, who fails and by how much.
    sentence_zh, sentence_en
        One sentence to quote.
    context_zh, context_en
        What the other readings, circles and timetables say, a sentence each.
    """

    claim_id: str
    kind: str
    measure: str
    outcome: str
    day: str
    definition: str
    n_passing: int
    n_pairs: int
    failing: tuple[str, ...]
    unsure: tuple[str, ...]
    margin: float
    headline_zh: str
    headline_en: str
    sentence_zh: str
    sentence_en: str
    context_zh: str = ""
    context_en: str = ""

    def text(self, field: str, lang: Language) -> str:
        """Return ``headline``, ``sentence`` or ``context`` in a language."""
        return str(getattr(self, f"{field}_{lang}"))


class Evidence(NamedTuple):
    """The results that an answer is composed from, of one claim."""

    network: Network
    claim: Claim
    verdicts: pd.DataFrame
    measurements: pd.DataFrame
    parts: pd.DataFrame
    attribution: pd.DataFrame


def compose_answers(
    network: Network,
    claims: Mapping[str, Claim],
    verdicts: pd.DataFrame,
    measurements: pd.DataFrame,
    parts: pd.DataFrame,
    attribution: pd.DataFrame,
) -> dict[str, Answer]:
    """Compose the answer to every claim from the results of `netlib.claims.evaluate`."""
    answers = {}
    for claim in claims.values():
        frames = [_select(frame, claim) for frame in (verdicts, measurements, parts, attribution)]
        answers[claim.claim_id] = compose_answer(Evidence(network, claim, *frames))
    return answers


def _select(frame: pd.DataFrame, claim: Claim) -> pd.DataFrame:
    """Select the rows of a claim; those without its lines are attribution's."""
    if frame.empty:
        return frame
    frame = frame[frame["claim_id"] == claim.claim_id]
    if "scenario" not in frame:
        return frame
    return frame[frame["scenario"] != f"{WITHOUT}{'-'.join(claim.credits)}"]


def compose_answer(found: Evidence) -> Answer:
    """Compose the answer to one claim."""
    claim = found.claim
    if claim.measure == NOTHING:
        return _answer_untestable(claim, choose_day(claim, found.verdicts))
    day = choose_day(claim, found.verdicts)
    rows = found.verdicts[(found.verdicts["as_of"] == day) & (found.verdicts["circle"] == "")]
    # Who judges other readings only is answered by the first of them.
    row = rows.sort_values("primary", ascending=False, kind="stable").iloc[0]
    if claim.measure == STATUS:
        return _answer_status(found, row)
    return _answer_time(found, row)


def choose_day(claim: Claim, verdicts: pd.DataFrame) -> str:
    """Choose the day of the headline.

    Facts are judged on the day they speak of, the first of the claim. Forecasts and goals are
    judged as they stand: on the last day judged, by their own date.
    """
    judged = set(verdicts["as_of"])
    if claim.kind == FACT or claim.measure == NOTHING:
        first = (day for day, _, _ in claim.dates if day in judged)
        return next(first, min(judged, default=""))
    return max(judged, default="")


def _answer_untestable(claim: Claim, day: str) -> Answer:
    texts = {
        lang: ANSWER_WORDS[lang]["untestable"].format(
            outcome=_word(UNTESTABLE, lang), reason=getattr(claim, f"reason_{lang}").rstrip("。.")
        )
        + ANSWER_WORDS[lang]["stop"]
        for lang in LANGUAGES
    }
    return Answer(
        claim.claim_id,
        claim.kind,
        claim.measure,
        UNTESTABLE,
        day,
        definition="",
        n_passing=0,
        n_pairs=0,
        failing=(),
        unsure=(),
        margin=np.nan,
        headline_zh=_word(UNTESTABLE, "zh"),
        headline_en=_word(UNTESTABLE, "en"),
        sentence_zh=texts["zh"],
        sentence_en=texts["en"],
    )


def _word(outcome: str, lang: Language) -> str:
    found = OUTCOMES[outcome]
    if lang == "zh":
        return found.word_zh
    return found.word_en[0].upper() + found.word_en[1:]


# Time.


def _answer_time(found: Evidence, row: pd.Series) -> Answer:
    claim, day = found.claim, str(row["as_of"])
    outcome = choose_time_outcome(claim, found.verdicts, row)
    pairs = select_pairs(found.measurements, row)
    failing, unsure = (pairs[pairs["passes"] == word] for word in ("no", "open"))
    texts: dict[str, dict[str, str]] = {}
    for lang in LANGUAGES:
        clauses = [_count(found, row, pairs, outcome, lang)]
        clauses += _name_failing(found, failing, "fails", lang)
        clauses += _name_failing(found, unsure, "opens", lang)
        clauses += _tell_stand_in(row, outcome, lang)
        clauses += _tell_now(found, row, lang)
        clauses += _tell_contrast(found, row, lang)
        stations = _tell_stations(found, pairs, day, lang)
        circles = _tell_circles(found, day, lang)
        texts[lang] = {
            "headline": _headline(found, row, failing, unsure, lang),
            "sentence": _join(
                [*clauses, *stations, *circles, *_tell_without(found, row, lang)], lang
            ),
            "context": _join(_tell_context(found, row, lang), lang),
        }
    return Answer(
        claim.claim_id,
        claim.kind,
        claim.measure,
        outcome,
        day,
        claim.primary,
        int(row["n_passing"]),
        int(row["n_pairs"]),
        tuple(name_places(claim, failing)),
        tuple(name_places(claim, unsure)),
        float(row["margin"]),
        headline_zh=texts["zh"]["headline"],
        headline_en=texts["en"]["headline"],
        sentence_zh=texts["zh"]["sentence"],
        sentence_en=texts["en"]["sentence"],
        context_zh=texts["zh"]["context"],
        context_en=texts["en"]["context"],
    )


def choose_time_outcome(claim: Claim, verdicts: pd.DataFrame, row: pd.Series) -> str:
    """Return the outcome of a claim about time over all its days.

    A forecast or goal that held by its date has come, whatever came later.
    """
    outcome = str(row["outcome"])
    if not claim.deadline:
        return outcome
    mine = verdicts[verdicts["primary"].astype(bool)].sort_values("as_of")
    kept = mine[(mine["verdict"] == "supported") & (mine["as_of"] <= claim.deadline)]
    return str(kept["outcome"].iloc[-1]) if len(kept) else outcome


def select_pairs(measurements: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    """Select the pairs behind a verdict, the slowest first; none for residents."""
    if measurements.empty:
        return pd.DataFrame(columns=["from_id", "to_id", "central", "passes"])
    mask = pd.Series(data=True, index=measurements.index)
    for key in ("definition", "circle", "as_of", "scenario"):
        mask &= measurements[key] == row[key]
    return measurements[mask].sort_values(
        "central", ascending=False, na_position="first", kind="stable"
    )


def name_places(claim: Claim, pairs: pd.DataFrame) -> list[str]:
    """Return the ids of the places of pairs that are not the one they all share."""
    return list(
        dict.fromkeys(
            _other(claim, *pair) for pair in zip(pairs["from_id"], pairs["to_id"], strict=True)
        )
    )


def _other(claim: Claim, origin: str, destination: str) -> str:
    hub = claim.origins if len(claim.origins) == 1 else claim.destinations
    return destination if origin in hub else origin


def _count(
    found: Evidence, row: pd.Series, pairs: pd.DataFrame, outcome: str, lang: Language
) -> str:
    says, claim = ANSWER_WORDS[lang], found.claim
    values = {
        "outcome": _word(outcome, lang),
        "day": row["as_of"],
        "reading": _reading(found, claim.primary, lang),
        "limit": f"{claim.threshold_minutes:g}",
        "n": int(row["n_passing"]),
        "m": int(row["n_pairs"]),
    }
    if row["unit"] == "%":
        return says["residents"].format(**values)
    if claim.quantifier == "any" and not np.isnan(row["central"]):
        name = _time_place(found, pairs.iloc[-1], lang)
        return says["count_any"].format(**values, name=name)
    return says["count"].format(**values)


def _reading(found: Evidence, definition: str, lang: Language) -> str:
    return find_reading(found.network.root, definition).text("name", lang)


def _time_place(found: Evidence, pair: pd.Series, lang: Language) -> str:
    says, claim = ANSWER_WORDS[lang], found.claim
    if claim.direction == "both":
        ends = [format_name(found.network, pair[end], lang=lang) for end in ("from_id", "to_id")]
        name = says["pair"].format(a=ends[0], b=ends[1])
    else:
        place = _other(claim, pair["from_id"], pair["to_id"])
        name = format_name(found.network, place, lang=lang)
    if not np.isnan(pair["central"]):
        return says["timed"].format(name=name, minutes=f"{pair['central']:.0f}")
    if pair["passes"] != "no":
        return says["untimed"].format(name=name)
    measure = find_reading(found.network.root, str(pair["definition"])).measure
    return says["no_train" if measure == "direct_ride" else "no_journey"].format(name=name)


def _name_failing(found: Evidence, pairs: pd.DataFrame, key: str, lang: Language) -> list[str]:
    if pairs.empty:
        return []
    return [ANSWER_WORDS[lang][key].format(names=_list_places(found, pairs, lang))]


def _list_places(found: Evidence, pairs: pd.DataFrame, lang: Language) -> str:
    names = [_time_place(found, pair, lang) for _, pair in pairs.head(MOST_NAMES).iterrows()]
    more = len(pairs) - len(names)
    return ANSWER_WORDS[lang]["comma"].join(names) + (f" +{more}" if more else "")


def _headline(
    found: Evidence, row: pd.Series, failing: pd.DataFrame, unsure: pd.DataFrame, lang: Language
) -> str:
    says = ANSWER_WORDS[lang]
    clauses = [says["headline"].format(n=int(row["n_passing"]), m=int(row["n_pairs"]))]
    clauses += _name_failing(found, failing, "fails", lang)
    clauses += _name_failing(found, unsure, "opens", lang)
    if row["unit"] == "min" and not np.isnan(row["margin"]):
        key = "over" if row["margin"] < 0 else "spare"
        key = f"any_{key}" if found.claim.quantifier == "any" else key
        clauses.append(says[key].format(minutes=f"{abs(row['margin']):g}"))
    return says["clause"].join(clauses)


def _tell_stand_in(row: pd.Series, outcome: str, lang: Language) -> list[str]:
    """Tell which timetable stands in for that of the day, where that leaves a claim undecided."""
    if outcome != UNDECIDED or not row["timetable"] or row["known"] == EXACT:
        return []
    says = ANSWER_WORDS[lang]
    return [says["stands_in"].format(days=str(row["timetable"]).replace(";", says["comma"]))]


def _tell_now(found: Evidence, row: pd.Series, lang: Language) -> list[str]:
    """Tell what became of a fact by the last day judged, where that is something else."""
    rows = found.verdicts[found.verdicts["primary"].astype(bool)]
    last = rows.sort_values("as_of").iloc[-1] if len(rows) else row
    if last["as_of"] <= row["as_of"] or last["outcome"] == row["outcome"]:
        return []
    word = _word(str(last["outcome"]), lang)
    return [
        ANSWER_WORDS[lang]["now"].format(
            day=last["as_of"],
            outcome=word if lang == "zh" else word.lower(),
            n=int(last["n_passing"]),
            m=int(last["n_pairs"]),
        )
    ]


def _tell_contrast(found: Evidence, row: pd.Series, lang: Language) -> list[str]:
    """Tell what the train alone does, where that is another verdict than the headline's."""
    rows = found.verdicts
    rows = rows[(rows["definition"] == CONTRAST) & (rows["as_of"] == row["as_of"])]
    rows = rows[(rows["circle"] == "") & (rows["verdict"] != row["verdict"])]
    return [
        ANSWER_WORDS[lang]["context"].format(
            reading=_reading(found, CONTRAST, lang),
            n=int(other["n_passing"]),
            m=int(other["n_pairs"]),
        )
        for _, other in rows.iterrows()
    ]


def _tell_stations(found: Evidence, pairs: pd.DataFrame, day: str, lang: Language) -> list[str]:
    """Tell from which other station one reaches in time what the main one does not reach so."""
    claim, says = found.claim, ANSWER_WORDS[lang]
    if len(claim.origins) != 1 or "ride_main" not in claim.definitions or "board_id" not in pairs:
        return []
    every = found.measurements
    main = every[(every["definition"] == "ride_main") & (every["as_of"] == day)]
    if main.empty:
        return []
    late = main[~(main["central"] <= claim.threshold_minutes)]["to_id"]
    near = pairs[(pairs["central"] <= claim.threshold_minutes) & pairs["to_id"].isin(set(late))]
    return [
        says["station"].format(
            names=_list_places(found, group, lang),
            station=format_name(found.network, str(station), lang=lang),
        )
        for station, group in near.groupby("board_id", sort=True)
        if station
    ]


def _tell_circles(found: Evidence, day: str, lang: Language) -> list[str]:
    claim, says = found.claim, ANSWER_WORDS[lang]
    told = []
    for circle in claim.circles:
        rows = found.verdicts
        rows = rows[(rows["circle"] == circle.circle_id) & (rows["as_of"] == day)]
        for _, row in rows.iterrows():
            values = {"n": int(row["n_passing"]), "m": int(row["n_pairs"])}
            text = says["circle"].format(name=getattr(circle, f"name_{lang}"), **values)
            inside = set(claim.origins) | set(claim.destinations)
            pairs = select_pairs(found.measurements, row)
            extra = pairs[
                (pairs["passes"] == "no")
                & ~(pairs["from_id"].isin(inside) & pairs["to_id"].isin(inside))
            ]
            names = _list_places(found, extra, lang) if len(extra) else ""
            brackets = "（{}）" if lang == "zh" else " ({})"
            told.append(
                text + (brackets.format(says["fails"].format(names=names)) if names else "")
            )
    return told


def _tell_without(found: Evidence, row: pd.Series, lang: Language) -> list[str]:
    """Tell what the credited lines do, on the headline's day or the next one they were open."""
    claim, says = found.claim, ANSWER_WORDS[lang]
    rows = found.attribution
    rows = rows[rows["definition"] == claim.primary] if len(rows) else rows
    if rows.empty:
        return []
    names = [format_name(found.network, line, lang=lang) for line in claim.credits]
    lines = says["comma"].join(names)
    rows = rows[rows["state"] != NOT_OPEN]
    if rows.empty:
        return [says["not_open"].format(lines=lines)]
    later = rows[rows["as_of"] >= row["as_of"]].sort_values("as_of")
    found_row = (later if len(later) else rows.sort_values("as_of", ascending=False)).iloc[0]
    if not found_row["n_slower"]:
        return [says["without_same"].format(lines=lines, day=found_row["as_of"])]
    counts = {key: int(found_row[f"n_{key}"]) for key in ("pairs", "slower", "cut", "lost")}
    told = [
        says["without"].format(
            lines=lines, day=found_row["as_of"], s=counts["slower"], m=counts["pairs"]
        )
    ]
    if counts["cut"]:
        told.append(says["without_cut"].format(n=counts["cut"]))
    if not np.isnan(found_row["most_lost"]):
        ends = {key: f"{found_row[f'{key}_lost']:g}" for key in ("least", "most")}
        key = "without_minute" if ends["least"] == ends["most"] else "without_minutes"
        told.append(says[key].format(**ends))
    if counts["lost"]:
        told.append(says["without_lost"].format(n=counts["lost"]))
    return ["，".join(told) if lang == "zh" else ", ".join(told)]


def _tell_context(found: Evidence, row: pd.Series, lang: Language) -> list[str]:
    says = ANSWER_WORDS[lang]
    rows = found.verdicts
    rows = rows[(rows["as_of"] == row["as_of"]) & (rows["circle"] == "")]
    rows = rows[~rows["primary"].astype(bool)]
    told = [
        says["context"].format(
            reading=_reading(found, str(other["definition"]), lang),
            n=int(other["n_passing"]),
            m=int(other["n_pairs"]),
        )
        for _, other in rows.iterrows()
    ]
    if row["timetable"]:
        days = str(row["timetable"]).replace(";", says["comma"])
        told.append(says["timetable"].format(days=days))
    return told


def _join(clauses: Sequence[str], lang: Language) -> str:
    says = ANSWER_WORDS[lang]
    text = says["clause"].join(clauses)
    return text[:1].upper() + text[1:] + says["stop"] if text else ""


# Status.


def _answer_status(found: Evidence, row: pd.Series) -> Answer:
    claim, day = found.claim, str(row["as_of"])
    outcome = str(row["outcome"])
    parts = found.parts[found.parts["as_of"] == day]
    lacking, unsure = (parts[parts["state"] == word] for word in ("no", "open"))
    texts: dict[str, dict[str, str]] = {}
    for lang in LANGUAGES:
        says = ANSWER_WORDS[lang]
        clauses = [_count_parts(found, row, parts, outcome, lang)]
        late = _tell_late(found, lacking, day, lang)
        counted = says["headline"].format(n=int(row["n_passing"]), m=int(row["n_pairs"]))
        head = [counted]
        for group, key in ((lacking, "lacking"), (unsure, "unsure")):
            if len(group) and not (key == "lacking" and late):
                head.append(says[key].format(names=_list_parts(found, group, lang)))
                if len(parts) > 1 or key == "unsure":
                    clauses.append(head[-1])
        if not late:
            clauses += _tell_seen(parts[parts["state"] != "yes"], lang)
        texts[lang] = {
            "headline": says["clause"].join([*head, *late]),
            "sentence": _join([*clauses, *late], lang),
        }
    return Answer(
        claim.claim_id,
        claim.kind,
        claim.measure,
        outcome,
        day,
        claim.primary,
        int(row["n_passing"]),
        int(row["n_pairs"]),
        tuple(lacking["part_id"]),
        tuple(unsure["part_id"]),
        float(row["margin"]),
        headline_zh=texts["zh"]["headline"],
        headline_en=texts["en"]["headline"],
        sentence_zh=texts["zh"]["sentence"],
        sentence_en=texts["en"]["sentence"],
    )


def _tell_seen(lacking: pd.DataFrame, lang: Language) -> list[str]:
    """Tell when a single thing that is not there was last heard of."""
    if len(lacking) != 1 or not lacking["seen"].iloc[0]:
        return []
    part = lacking.iloc[0]
    status = translate_value("status", str(part["status"]), lang)
    return [ANSWER_WORDS[lang]["seen"].format(seen=part["seen"], status=status)]


def _event(found: Evidence, lang: Language) -> str:
    events = dict.fromkeys(str(condition["event"]) for condition in found.claim.conditions)
    return "/".join(ANSWER_WORDS[lang][event] for event in events)


def _count_parts(
    found: Evidence, row: pd.Series, parts: pd.DataFrame, outcome: str, lang: Language
) -> str:
    says, claim = ANSWER_WORDS[lang], found.claim
    values = {"outcome": _word(outcome, lang), "event": _event(found, lang)}
    dated = parts[parts["first"] != ""]
    if len(parts) == len(dated) == int(row["n_passing"]) and len(parts) <= MOST_NAMES:
        dates = says["comma"].join(dict.fromkeys(_span(part, lang) for _, part in dated.iterrows()))
        names = _list_parts(found, parts, lang)
        return says["status_all"].format(**values, names=names, dates=dates)
    ends = [str(c["by"]) for c in claim.conditions if "by" in c]
    day = min([*ends, str(row["as_of"])])
    if len(parts) == 1 and parts["state"].iloc[0] == "no":
        name = _list_parts(found, parts, lang)
        return says["status_one"].format(**values, name=name, day=day)
    return says["status"].format(**values, n=int(row["n_passing"]), m=int(row["n_pairs"]), day=day)


def _list_parts(found: Evidence, parts: pd.DataFrame, lang: Language) -> str:
    names = [format_name(found.network, part, lang=lang) for part in parts["part_id"]]
    more = len(names) - MOST_NAMES
    shown = ANSWER_WORDS[lang]["comma"].join(names[:MOST_NAMES])
    return shown + (f" +{more}" if more > 0 else "")


def _span(part: pd.Series, lang: Language) -> str:
    first, last = str(part["first"]), str(part["last"])
    if first == last:
        return first
    if first < "1900":
        # It happened at a time that nobody wrote down, by the day that its status is of.
        return ANSWER_WORDS[lang]["by"].format(day=last)
    return ANSWER_WORDS[lang]["range"].format(first=first, last=last)


def _when(part: pd.Series, lang: Language) -> str:
    span = _span(part, lang)
    return ANSWER_WORDS[lang]["on"].format(date=span) if part["first"] == part["last"] else span


def _tell_late(found: Evidence, lacking: pd.DataFrame, day: str, lang: Language) -> list[str]:
    """Tell when what was not there by its date came after all, or that it has not come yet."""
    claim, says = found.claim, ANSWER_WORDS[lang]
    if not claim.deadline or lacking.empty or day < claim.deadline:
        return []
    last = parse_day(day).isoformat()
    told = []
    came = (lacking["first"] > claim.deadline) & (lacking["last"] <= last)
    for _, part in lacking[came].iterrows():
        span = (parse_day(str(part["first"])), parse_day(str(part["last"])))
        least, most = months_late(claim.deadline, span)
        told.append(
            says["late"].format(
                names=format_name(found.network, str(part["part_id"]), lang=lang),
                event=_event(found, lang),
                date=_when(part, lang),
                months=f"{least}" if least == most else f"{least}–{most}",
            )
        )
    if not came.all():
        told.append(says["later_today"].format(day=day))
    return told
