"""Rules on how good the evidence is: no verdict of status prints more than it rests on."""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING

from netlib.checks.rules import Base, Rule
from netlib.errors import InputError, NetlibError, Notice
from netlib.tables import Network

if TYPE_CHECKING:
    from collections.abc import Iterator

VERDICTS = "verdicts.csv"


def count_grades(base: Base) -> dict[str, Counter[str]]:
    """Count the sources, the evidence rows and the rows with a quote by the grade of the source."""
    grades = dict(zip(base["source"]["source_id"], base["source"]["grade"], strict=True))
    evidence = base["evidence"]
    quoted = evidence[evidence["quote"] != ""]
    return {
        "sources": Counter(grades.values()),
        "evidence": Counter(evidence["source_id"].map(grades)),
        "quotes": Counter(quoted["source_id"].map(grades)),
    }


def check_status_grades(base: Base) -> Iterator[Notice]:
    """Check that no verdict of status in ``verdicts.csv`` prints more than its sources carry."""
    # Claims need the engine, and that the checks.
    from netlib.claims.claim import STATUS, read_claims
    from netlib.claims.grades import grade_parts

    path = base.root / VERDICTS
    if base.unread or not path.is_file():
        return
    try:
        claims = read_claims(base.root)
    except InputError:
        return
    network = Network(root=base.root, tables={**base.tables, "reference_link": base["link"]})
    found: dict[str, str] = {}
    for claim_id, claim in claims.items():
        if claim.measure == STATUS:
            try:
                found[claim_id] = grade_parts(network, claim.conditions)
            except NetlibError as problem:
                yield Notice(f"claims/{claim_id.lower()}.toml", 0, "conditions", str(problem))
    with path.open(encoding="utf-8", newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream), start=2):
            grade, printed = found.get(row["claim_id"]), row["evidence_grade"]
            if grade is not None and printed and grade > printed:
                message = f"{row['claim_id']} prints {printed} and rests on {grade}; judge it anew"
                yield Notice(VERDICTS, line, "verdict-grade", message)


RULES = (Rule(check_status_grades, ("source", "evidence", "line", "link", "node", "zone")),)
