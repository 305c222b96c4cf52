"""Claims of documents: as written, as judged, and as answered in one sentence."""

from netlib.claims.answers import Answer
from netlib.claims.claim import (
    Circle,
    Claim,
    Official,
    claim_pairs,
    home_pairs,
    read_claim,
    read_claims,
)
from netlib.claims.judge import (
    VERDICT_COLUMNS,
    Results,
    choose_pair,
    combine,
    credit_scenario,
    describe_claim_commutes,
    evaluate,
    expand_lines,
    format_verdicts,
    pass_pairs,
)
from netlib.claims.outcomes import OUTCOMES, Outcome, choose_outcome, months_late

__all__ = [
    "OUTCOMES",
    "VERDICT_COLUMNS",
    "Answer",
    "Circle",
    "Claim",
    "Official",
    "Outcome",
    "Results",
    "choose_outcome",
    "choose_pair",
    "claim_pairs",
    "combine",
    "credit_scenario",
    "describe_claim_commutes",
    "evaluate",
    "expand_lines",
    "format_verdicts",
    "home_pairs",
    "months_late",
    "pass_pairs",
    "read_claim",
    "read_claims",
]
