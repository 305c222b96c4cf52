"""How good the sources of the evidence are, counted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netlib.checks.rules import Base


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
