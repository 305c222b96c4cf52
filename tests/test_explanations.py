"""Journeys told leg by leg and rows told field by field, each with its evidence."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from netlib.claims import evaluate, read_claims
from netlib.errors import UnknownNameError, UnreachableError
from netlib.explanations import KEYS, explain_claim, explain_journey, explain_row
from netlib.sentences import SENTENCES
from netlib.words import LANGUAGES

if TYPE_CHECKING:
    from netlib.tables import Network

TODAY = "2026-11-22"


def tell_legs(text: str) -> list[tuple[float, str]]:
    """Return minutes and words of the numbered legs, without the numbers of their evidence."""
    leg = r"^ *\d+\. +(?:\d\d:\d\d +)?([\d.]+)  (.+?)(?: \[[\d, ]+\])?$"
    found = re.findall(leg, text, re.MULTILINE)
    return [(float(minutes), words) for minutes, words in found]


def test_journey_in_english(transfer_network: Network) -> None:
    network = transfer_network.as_of(TODAY)
    text = explain_journey(network, "900100", "900200", reading="door_to_door", lang="en")
    lines = text.splitlines()
    assert re.fullmatch("East District to North District, .+: 29.5 minutes.", lines[0])
    assert lines[1] == "23 with the figures at their low ends, 36 at their high ends."
    assert "Network of 2026-11-22, scenario baseline." in lines
    legs = tell_legs(text)
    assert (6.0, "Line 1 from East to Cross") in legs
    assert (2.5, "wait at Cross for Line 2") in legs
    assert (4.0, "change at Cross") in legs
    found = "\n".join(lines[lines.index("Evidence:") :])
    # the headway of the line, with its range, its kind and its source
    headway = r"\(frequencies:M1-\d@06:00:00:headway_secs\)\n +600 \[480, 720\] s; published; "
    assert re.search(headway, found)
    assert "metro transfer minutes (parameter:metro_transfer_minutes:value)" in found
    assert "4 [2, 6] min; assumed; made up" in found
    assert SENTENCES["en"]["none"] not in found


def test_journey_by_the_timetable(line_network: Network) -> None:
    # Half of the morning leaves at 07:40 or later for the 08:00; see test_times.py.
    network = line_network.as_of(TODAY)
    text = explain_journey(network, "900100", "900300", reading="door_to_door", lang="en")
    assert re.match("Alpha City to Gamma City, .+: 57 minutes.\n47 with .+, 72 at", text)
    assert tell_legs(text) == [
        (0.0, "walk from Alpha City to Alpha"),
        (20.0, "through security and to the platform at Alpha"),
        (32.0, "G1 from Alpha to Gamma"),
        (5.0, "out of Gamma"),
        (0.0, "walk from Gamma to Gamma City"),
    ]
    clocks = re.findall(r"^ *\d\. (\d\d:\d\d)", text, re.MULTILINE)
    assert clocks == ["07:40", "07:40", "08:00", "08:32", "08:37"]
    # 32 of 57 minutes
    assert "32 minutes aboard, 56 % of the whole" in text
    assert SENTENCES["en"]["none"] not in text


def test_journey_in_chinese(line_network: Network) -> None:
    network = line_network.as_of(TODAY)
    text = explain_journey(network, "900100", "900300", reading="ride_fastest")
    assert re.match("甲市到丙市，.+：26分钟。", text)
    assert tell_legs(text) == [(26.0, "乘G3，甲站到丙站")]
    assert "依据：" in text


def test_minutes_of_the_legs_are_the_total(line_network: Network) -> None:
    network = line_network.as_of(TODAY)
    text = explain_journey(network, "900100", "900300", reading="door_to_door")
    assert sum(minutes for minutes, _ in tell_legs(text)) == pytest.approx(57, abs=0.3)


def test_evidence_is_told_once_and_every_number_leads_to_it(transfer_network: Network) -> None:
    network = transfer_network.as_of(TODAY)
    text = explain_journey(network, "900100", "900200", reading="door_to_door")
    legs, evidence = text.split("依据：\n")
    numbers = [int(n) for n in re.findall(r"^\[(\d+)\]", evidence, re.MULTILINE)]
    keys = re.findall(r"^\[\d+\] .+\((\w+:.+:\w+)\)", evidence, re.MULTILINE)
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(keys) == len(set(keys)) == len(numbers)
    cited = {
        int(n)
        for group in re.findall(r"\[([\d, ]+)\]$", legs, re.MULTILINE)
        for n in group.split(",")
    }
    assert cited == set(numbers)


def test_no_journey_is_an_error(triangle_network: Network) -> None:
    network = triangle_network.as_of(TODAY)
    with pytest.raises(UnreachableError, match="no journey from 甲市 to 丙市"):
        explain_journey(network, "900100", "900300", reading="door_to_door")


ROWS = [
    ("L1", "line L1", "design_speed_kmh: 300"),
    ("L1-1", "link L1-1", "run_time_minutes: 15 [12, 18] minutes; estimated; made up"),
    ("BBB", "node BBB", "open_date: 2013-05"),
    ("900100", "zone 900100", "population_2020: 3000000 persons"),
    ("T2026", "service T2026", "timetable_id: toy-2026"),
    ("walk_speed_kmh", "parameter walk_speed_kmh", "value: 6 [4, 12] km/h; assumed"),
]


@pytest.mark.parametrize(("ident", "head", "words"), ROWS)
def test_rows_of_every_table(ident: str, head: str, words: str, line_network: Network) -> None:
    lines = explain_row(line_network, ident, lang="en").splitlines()
    assert lines[0] == head
    assert any(words in line for line in lines)
    assert "Evidence:" in lines


def test_there_is_a_case_for_every_table() -> None:
    assert {head.split()[0] for _, head, _ in ROWS} == set(KEYS)


def test_empty_cells_are_left_out(line_network: Network) -> None:
    text = explain_row(line_network, "L1", lang="en")
    assert "close_date" not in text
    assert "line_number" not in text


def test_untestable_claims_are_told_with_their_reason(evidence_base: Network) -> None:
    claim = read_claims(evidence_base.root)["C14"]
    for lang in LANGUAGES:
        text = explain_row(evidence_base, "C14", lang=lang)
        assert claim.quote in text
        assert getattr(claim, f"statement_{lang}") in text
        assert getattr(claim, f"reason_{lang}") in text


def test_a_claim_is_told_with_its_verdicts(evidence_base: Network) -> None:
    # The eighth arm was the line to Jinan, which opened throughout on 2023-12-08.
    text = explain_row(evidence_base, "C7", lang="en")
    assert "Verdict: supported." in text
    days = dict(
        re.findall(r"^(\d{4}-\d\d-\d\d), .+:\n  status on the date: (\w+)", text, re.MULTILINE)
    )
    assert days == {
        "2024-09-18": "supported",
        "2022-06-20": "refuted",
        "2023-12-08": "supported",
        "2026-11-22": "supported",
    }


def test_a_claim_is_told_without_the_line_it_credits(evidence_base: Network) -> None:
    # The Zheng-Xu line ends in the airport zone; between the two centres the fast trains serve.
    claim = read_claims(evidence_base.root)["C1"]
    last = replace(claim, dates=claim.dates[-1:], definitions=("ride_main", "drive_free"))
    text = explain_claim(evidence_base, last, lang="en")
    assert text.count(f"{TODAY}, without Zheng-Xu suburban railway:") == 1
    assert text.count(SENTENCES["en"]["same"]) == 1
    verdicts = evaluate(evidence_base, claims={claim.claim_id: last}).verdicts
    base = verdicts[verdicts["scenario"] == "baseline"]
    assert len(base) == 2
    for row in base.to_dict("records"):
        assert f"{row['verdict']}, {row['central']:g} min" in text


def test_every_line_of_the_documents_can_be_explained(evidence_base: Network) -> None:
    for line in sorted(set(evidence_base["mention"]["line_id"])):
        text = explain_row(evidence_base, line, lang="zh")
        assert text.startswith(f"line {line}\n")
        assert "依据：" in text


def test_unknown_ids_list_the_nearest(line_network: Network) -> None:
    with pytest.raises(UnknownNameError, match="unknown id 'L1-9'; nearest: L1-"):
        explain_row(line_network, "L1-9")
