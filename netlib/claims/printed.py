"""What ``verdicts.csv`` prints: no verdict of status a better grade than it rests on."""

from __future__ import annotations

import csv
from pathlib import Path

from netlib.claims.claim import STATUS, read_claims
from netlib.claims.status import grade_conditions
from netlib.errors import InputError, Notice
from netlib.tables import read_network

VERDICTS = "verdicts.csv"


def check_printed_grades(root: Path) -> None:
    """Check the grades of status in ``verdicts.csv``; a reader for `netlib.checks.check_networks`.

    Raises
    ------
    InputError
        If a row prints more than its sources carry.
    """
    path = root / VERDICTS
    if not path.is_file():
        return
    network = read_network(root)
    found = {
        name: grade_conditions(network, claim.conditions)
        for name, claim in read_claims(root).items()
        if claim.measure == STATUS
    }
    notices = []
    with path.open(encoding="utf-8", newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream), start=2):
            grade, printed = found.get(row["claim_id"]), row["evidence_grade"]
            if grade is not None and printed and grade > printed:
                message = f"{row['claim_id']} prints {printed} and rests on {grade}; judge it anew"
                notices.append(Notice(VERDICTS, line, "verdict-grade", message))
    if notices:
        raise InputError(notices)
