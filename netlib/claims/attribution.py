"""What the credited line does: minutes and pairs lost without it, on days when it was open."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from netlib.claims.claim import TIME, Claim
from netlib.scenarios import WITHOUT

COLUMNS = [
    "claim_id",
    "definition",
    "as_of",
    "state",
    "n_pairs",
    "n_slower",
    "n_cut",
    "n_lost",
    "least_lost",
    "most_lost",
]
# Whether the line could make a difference that day.
OPEN, NOT_OPEN = "open", "not_open"
# Differences below this are none: minutes are known to a tenth.
LEAST_MINUTES = 0.05
PAIR = ["from_id", "to_id"]


def compare_without(
    claims: Iterable[Claim], verdicts: pd.DataFrame, measurements: pd.DataFrame
) -> pd.DataFrame:
    """Compare every pair with and without the credited lines.

    Returns
    -------
    DataFrame
        ``claim_id``, ``definition``, ``as_of``, ``state`` (`OPEN` or `NOT_OPEN`), ``n_pairs``,
        ``n_slower`` (pairs that take longer without the line), ``n_cut`` (of them, those without
        any journey), ``n_lost`` (pairs that keep within the threshold only with it), ``least_lost``
        and ``most_lost`` (minutes lost by those that are slower and not cut; NaN for none).
    """
    rows = []
    for claim in claims:
        if claim.measure != TIME or not claim.credits:
            continue
        mine = verdicts[(verdicts["claim_id"] == claim.claim_id) & (verdicts["circle"] == "")]
        usual = mine[~mine["scenario"].str.startswith(WITHOUT) & (mine["unit"] == "min")]
        without = f"{WITHOUT}{'-'.join(claim.credits)}"
        for row in usual.to_dict("records"):
            key = (claim.claim_id, str(row["definition"]), str(row["as_of"]))
            before = _select(measurements, *key, str(row["scenario"]))
            after = _select(measurements, *key, without)
            state = OPEN if len(after) else NOT_OPEN
            rows.append(dict(zip(COLUMNS[:4], (*key, state), strict=True)) | _count(before, after))
    return pd.DataFrame(rows, columns=COLUMNS)


def _select(
    measurements: pd.DataFrame, claim_id: str, definition: str, day: str, scenario: str
) -> pd.DataFrame:
    wanted = {"claim_id": claim_id, "definition": definition, "as_of": day, "scenario": scenario}
    mask = measurements["circle"] == ""
    for column, value in wanted.items():
        mask &= measurements[column] == value
    return measurements[mask]


def _count(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, float]:
    both = before.merge(after, on=PAIR, suffixes=("", "_without"))
    # Another timetable is another day's trains: what it changes is not the line's doing.
    same = both["snapshot"] == both["snapshot_without"]
    both = both[same | both["central_without"].isna()]
    gone = both["central"].notna() & both["central_without"].isna()
    lost = both["central_without"] - both["central"]
    slower = lost[lost > LEAST_MINUTES]
    return {
        "n_pairs": len(both),
        "n_slower": len(slower) + int(gone.sum()),
        "n_cut": int(gone.sum()),
        "n_lost": int(((both["passes"] == "yes") & (both["passes_without"] != "yes")).sum()),
        "least_lost": round(float(slower.min()), 1) if len(slower) else np.nan,
        "most_lost": round(float(slower.max()), 1) if len(slower) else np.nan,
    }
