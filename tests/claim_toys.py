"""A claim about the toy line: from Alpha to Gamma the express takes 26 minutes, to Beta 15."""

from __future__ import annotations

from netlib.claims import Claim

TODAY = "2026-11-22"
CLAIM = Claim(
    claim_id="T1",
    document_id="doc000",
    quote="Gamma can be reached within half an hour",
    claimant_zh="市长",
    claimant_en="the mayor",
    said="2026-10-01",
    kind="fact",
    measure="time",
    primary="ride_fastest",
    statement_zh="甲到乙丙不超过30分钟",
    statement_en="Beta and Gamma are within 30 minutes of Alpha",
    dates=((TODAY, "今天", "today"),),
    definitions=("ride_fastest",),
    threshold_minutes=30,
    origins=("900100",),
    destinations=("900200", "900300"),
)
