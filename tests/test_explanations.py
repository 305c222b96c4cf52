"""Journeys told leg by leg and rows told field by field, each with its evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from netlib.claims import read_claims
from netlib.errors import UnknownNameError, UnreachableError
from netlib.explanations import KEYS, WORDS, explain_journey, explain_row

if TYPE_CHECKING:
    from netlib.tables import Network

TODAY = "2026-11-22"


def test_journey_in_english(expected_transfer: Network) -> None:
    network = expected_transfer.as_of(TODAY)
    text = explain_journey(network, "900100", "900200", definition="door_to_door", lang="en")
    lines = text.splitlines()
    assert lines[0] == (
        "East District → North District: 29.5 min [23, 36], door_to_door, 2026-11-22, baseline"
    )
    assert "    6.0 ride Line 1: East → Cross" in lines
    assert "    2.5 wait Line 2: Cross → Cross" in lines
    assert "    4.0 transfer: Cross → Cross" in lines
    place = lines.index("evidence:")
    found = "\n".join(lines[place:])
    # the headway of the line, with its range, its kind and its source
    assert re.search(
        r"frequencies:M1-\d@06:00:00:headway_secs: 600 \[480, 720\] s; published; ", found
    )
    assert "parameter:metro_transfer_minutes:value: 4 [2, 6] min; assumed; made up" in found
    assert WORDS["en"]["none"] not in found


def test_journey_by_the_timetable(line_network: Network) -> None:
    # Of the departures of 07:00 to 09:00 the middle is that of 07:11; see test_travel_times.py.
    network = line_network.as_of(TODAY)
    text = explain_journey(network, "900100", "900300", definition="door_to_door", lang="en")
    lines = text.splitlines()
    head = "Alpha City → Gamma City: 86 min [76, 101], door_to_door, 2026-11-22, baseline"
    assert lines[: lines.index("evidence:")] == [
        head,
        "    0.0 access walk: Alpha City → Alpha",
        "   20.0 into the station: Alpha → Alpha",
        "   29.0 wait G1: Alpha → Alpha",
        "   32.0 ride G1: Alpha → Gamma",
        "    5.0 out of the station: Gamma → Gamma",
        "    0.0 egress walk: Gamma → Gamma City",
    ]
    assert WORDS["en"]["none"] not in text


def test_journey_in_chinese(line_network: Network) -> None:
    network = line_network.as_of(TODAY)
    text = explain_journey(network, "900100", "900300", definition="ride_fastest")
    assert (
        text.splitlines()[0] == "甲市 → 丙市: 26 分钟 [26, 26], ride_fastest, 2026-11-22, baseline"
    )
    assert "   26.0 乘车 G3: 甲站 → 丙站" in text
    assert "依据:" in text


def test_minutes_of_the_legs_are_the_total(expected_line: Network) -> None:
    network = expected_line.as_of(TODAY)
    lines = explain_journey(network, "900100", "900300", definition="door_to_door").splitlines()
    legs = [float(line[:7]) for line in lines[1 : lines.index("依据:")]]
    assert sum(legs) == pytest.approx(423, abs=0.3)


def test_evidence_is_told_once(transfer_network: Network) -> None:
    network = transfer_network.as_of(TODAY)
    lines = explain_journey(network, "900100", "900200", definition="door_to_door").splitlines()
    keys = [line.split(": ", maxsplit=1)[0] for line in lines[lines.index("依据:") + 1 :]]
    assert len(keys) == len(set(keys))


def test_no_journey_is_an_error(triangle_network: Network) -> None:
    network = triangle_network.as_of(TODAY)
    with pytest.raises(UnreachableError, match="no journey from 甲市 to 丙市"):
        explain_journey(network, "900100", "900300", definition="door_to_door")


ROWS = [
    ("L1", "line L1", "design_speed_kmh: 300"),
    ("L1-1", "link L1-1", "run_time_minutes: 15 [12, 18] minutes; estimated; made up"),
    ("BBB", "node BBB", "open_date: 2013-05"),
    ("900100", "zone 900100", "population_2020: 3000000 persons"),
    ("T2026", "service T2026", "snapshot_date: 2026-10-04"),
    ("walk_speed_kmh", "parameter walk_speed_kmh", "value: 6 [4, 12] km/h; assumed"),
]


@pytest.mark.parametrize(("ident", "head", "words"), ROWS)
def test_rows_of_every_table(ident: str, head: str, words: str, line_network: Network) -> None:
    lines = explain_row(line_network, ident, lang="en").splitlines()
    assert lines[0] == head
    assert any(words in line for line in lines)
    assert "evidence:" in lines


def test_there_is_a_case_for_every_table() -> None:
    assert {head.split()[0] for _, head, _ in ROWS} == set(KEYS)


def test_empty_cells_are_left_out(line_network: Network) -> None:
    text = explain_row(line_network, "L1", lang="en")
    assert "close_date" not in text
    assert "line_number" not in text


def test_claims_are_told_with_their_words(evidence_base: Network) -> None:
    claims = read_claims(evidence_base.root)
    for claim in (claims["C1"], claims["C14"]):
        for lang in ("zh", "en"):
            text = explain_row(evidence_base, claim.claim_id, lang=lang)
            assert claim.quote in text
            assert getattr(claim, f"statement_{lang}") in text
            assert getattr(claim, f"reason_{lang}") in text


def test_every_line_of_the_documents_can_be_explained(evidence_base: Network) -> None:
    for line in sorted(set(evidence_base["mention"]["line_id"])):
        text = explain_row(evidence_base, line, lang="zh")
        assert text.startswith(f"line {line}\n")
        assert "依据:" in text


def test_unknown_ids_list_the_nearest(line_network: Network) -> None:
    with pytest.raises(UnknownNameError, match="unknown id 'L1-9'; nearest: L1-"):
        explain_row(line_network, "L1-9")
