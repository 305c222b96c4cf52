"""What all parts of the report's page share: language, names, results by claim, evidence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from netlib.report.appendix import (
    EvidenceIndex,
    Item,
    collect_names,
    describe_documents,
    format_number,
)
from netlib.times.table import EXACT
from netlib.words import Language, translate, translate_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from netlib.claims import Results
    from netlib.tables import Network

MINUTES = "min"
PARTS = "parts"


class View:
    """What all parts of the page share: language, names, results by claim, evidence numbers."""

    def __init__(
        self, network: Network, results: Results, vocabulary: Mapping[str, Any], lang: Language
    ) -> None:
        self.lang = lang
        self.names = collect_names(network, lang)
        self.network = network
        self.translations: dict[str, str] = {
            zh: zh if lang == "zh" else en or zh
            for table in ("line", "node", "zone")
            for zh, en in zip(network[table]["name_zh"], network[table]["name_en"], strict=True)
        }
        self.index = EvidenceIndex(network, lang)
        self.vocabulary = vocabulary
        self.results = results
        self.documents = describe_documents(network, lang)
        lines = network["line"]
        self.statuses = dict(zip(lines["line_id"], lines["status"], strict=True))
        keys = ["claim_id", "definition", "as_of", "scenario"]
        own = [
            select_own(frame) for frame in (results.measurements, results.legs, results.verdicts)
        ]
        self.measurements = group_rows(own[0], keys)
        self.legs = group_rows(own[1], keys)
        self.verdicts = group_rows(own[2], ["claim_id"])

    def t(self, key: str, **values: object) -> str:
        """Return a word of the page, with ``values`` filled in."""
        return translate(key, self.lang).format(**values)

    def pick(self, holder: object, name: str) -> str:
        """Return the attribute ``name`` of the page's language."""
        return str(getattr(holder, f"{name}_{self.lang}") or "")

    def name(self, ident: str) -> str:
        """Return the names of an id, that of the page's language first."""
        return self.names.get(ident, ident)

    def short_name(self, ident: str) -> str:
        """Return the name of an id in the page's language only."""
        zh, en = self.network.names.get(ident, (ident, ident))
        return zh if self.lang == "zh" else en

    def definition(self, ident: str) -> str:
        """Return the name of a reading."""
        entry = self.vocabulary.get("definition", {}).get(ident, {})
        return str(entry.get(f"name_{self.lang}", ident.replace("_", " ") or "–"))

    def timetable(self, day: str, known: str) -> str:
        """Write the day of a timetable and, where it is not that of the day itself, what it is."""
        if not known:
            return "–"
        words = "" if known == EXACT else translate_value("known", known, self.lang)
        return " · ".join(filter(None, (day, words))) or "–"

    def pair(self, text: str) -> str:
        """Write ``郑州→许昌`` or a list of parts in the page's language."""
        for mark in ("→", "、"):
            if mark in text:
                joint = f" {mark} " if mark == "→" else self.t("comma")
                return joint.join(self.short(part) for part in text.split(mark))
        return self.short(text) if text else "–"

    def short(self, name: str) -> str:
        """Return the name of a thing in the page's language by its Chinese name."""
        return self.translations.get(name, name)

    def range_text(self, row: Mapping[str, Any], unit: str) -> str:
        """Write central (low–high) with its unit; of parts, how many of all."""
        if math.isnan(row["central"]):
            return self.t("no_journey") if unit == MINUTES else "–"
        text = format_number(row["central"])
        if row["low"] != row["central"] or row["high"] != row["central"]:
            low, high = (
                self.t("no_journey") if math.isnan(row[end]) else format_number(row[end])
                for end in ("low", "high")
            )
            text += f" ({low}–{high})"
        if unit == PARTS:
            return self.t("of_parts", n=text, total=format_number(row["n_pairs"]))
        return f"{text} {translate_value('unit', unit, self.lang)}"


def select_own(frame: pd.DataFrame) -> pd.DataFrame:
    """Select what is of the claims' own places, without their other circles."""
    return frame if frame.empty else frame[frame["circle"] == ""]


def group_rows(frame: pd.DataFrame, keys: list[str]) -> dict[tuple[Any, ...], list[Item]]:
    """Group the rows of a frame by ``keys``, in order."""
    groups: dict[tuple[Any, ...], list[Item]] = {}
    for record in frame.to_dict("records"):
        groups.setdefault(tuple(record[k] for k in keys), []).append(
            {str(k): v for k, v in record.items()}
        )
    return groups


def make_anchor(*parts: str) -> str:
    """Join parts to an anchor of letters, digits and hyphens."""
    text = "-".join(parts).lower()
    return "".join(c if c.isascii() and (c.isalnum() or c == "-") else "-" for c in text)
