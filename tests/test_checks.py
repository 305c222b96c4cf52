"""Each rule of `netlib.checks` against the broken inputs in tests/broken, one file each.

A case is a toy network with edits, and all the notices that it should give: file, line, rule and
words of the message. Its name is the rule, with a variant after a dot.
"""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from netlib.checks import RULES, check_networks
from netlib.checks.rules import Base, Rule
from netlib.errors import InputError, MissingFileError, Notice, UnknownNameError
from netlib.tables import read_network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NETWORKS = Path(__file__).parents[1] / "networks"
TOYS = Path(__file__).parent / "toys"
FOLDER = Path(__file__).parent / "broken"
BROKEN = sorted(FOLDER.glob("*.toml"))
NAMES = ("line", "triangle", "transfer")


def read_case(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_toys_have_no_problem(
    name: str, toy_folder: Callable[..., Path], toy_documents: Path
) -> None:
    assert check_networks(toy_folder(name), documents=toy_documents) == []


class Outcomes(NamedTuple):
    """Notices by case, and the rules that no case breaks."""

    notices: dict[str, list[Notice]]
    silent: set[str]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory, build_toy: Callable[..., Path]) -> Outcomes:
    """Return what the checks say of every case."""
    folder = tmp_path_factory.mktemp("broken")
    silent = {rule.check.__name__ for rule in RULES}

    def watch(rule: Rule) -> Rule:
        def check(base: Base) -> Iterator[Notice]:
            for notice in rule.check(base):
                silent.discard(rule.check.__name__)
                yield notice

        return Rule(check, rule.needs)

    notices = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("netlib.checks.RULES", tuple(watch(rule) for rule in RULES))
        for path in BROKEN:
            case = read_case(path)
            root = build_toy(case.get("toy", "line"), folder / path.stem, case["edit"])
            notices[path.stem] = check_networks(root, documents=TOYS / "documents")
    return Outcomes(notices, silent)


@pytest.mark.parametrize("name", [path.stem for path in BROKEN])
def test_broken_input(name: str, outcomes: Outcomes) -> None:
    expected = read_case(FOLDER / f"{name}.toml")["expect"]
    notices = outcomes.notices[name]
    assert [(n.file, n.line, n.rule, n.severity) for n in notices] == [
        (e["file"], e["line"], e["rule"], e.get("severity", "error")) for e in expected
    ]
    for notice, wanted in zip(notices, expected, strict=True):
        for words in wanted["says"]:
            assert words in notice.message
    assert name.split(".", maxsplit=1)[0] in {notice.rule for notice in notices}


def test_every_rule_has_a_broken_input(outcomes: Outcomes) -> None:
    assert outcomes.silent == set()


def test_all_problems_are_listed_at_once(toy_folder: Callable[..., Path]) -> None:
    edits = [
        {"file": "plain/link.csv", "old": "AAA,BBB,L1,50", "new": "AAA,BBB,L1,5"},
        {"file": "plain/zone.csv", "old": "3000000", "new": "many"},
        {"file": "parameter.csv", "old": "walk_speed_kmh,6", "new": "walk_speed_kmh,60"},
    ]
    notices = check_networks(toy_folder("line", edits))
    assert {notice.file for notice in notices} == {
        "parameter.csv",
        "plain/link.csv",
        "plain/zone.csv",
    }
    assert notices == sorted(notices)


def test_notices_of_other_regions_are_left_out(
    toy_folder: Callable[..., Path], tmp_path: Path
) -> None:
    root = toy_folder("line", [{"file": "plain/zone.csv", "old": "3000000", "new": "many"}])
    for path in (tmp_path / "line" / "plain").rglob("*.*"):
        other = root / "valley" / path.relative_to(root / "plain")
        if path.suffix in (".csv", ".txt"):
            header = path.read_text(encoding="utf-8").splitlines()[0]
            other.parent.mkdir(parents=True, exist_ok=True)
            other.write_text(f"{header}\n", encoding="utf-8")
    assert check_networks(root, regions=["valley"]) == []
    assert [n.rule for n in check_networks(root)] == ["not-a-number"]


def test_unknown_region_names_the_known(toy_folder: Callable[..., Path]) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown region 'plan'; nearest: plain"):
        check_networks(toy_folder("line"), regions=["plan"])


def test_missing_documents_folder_is_named(toy_folder: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="nowhere is no folder; name the folder"):
        check_networks(toy_folder("line"), documents=tmp_path / "nowhere")


def test_folder_without_region_is_named(toy_folder: Callable[..., Path]) -> None:
    root = toy_folder("line", [{"file": "plain/node.csv", "remove": True}])
    with pytest.raises(MissingFileError, match=r"no region in .*; add a folder with a node.csv"):
        check_networks(root)


def test_problems_of_further_readers_join_the_list(toy_folder: Callable[..., Path]) -> None:
    def read(root: Path) -> None:
        raise InputError([Notice("claims/c1.toml", 3, "missing-key", f"add id to {root.name}")])

    notices = check_networks(toy_folder("line"), readers=[read])
    assert [str(n) for n in notices] == ["claims/c1.toml:3: error missing-key: add id to line"]


def test_toys_have_the_parameters_of_the_evidence_base() -> None:
    toy, real = (
        [line.split(",")[0] for line in path.read_text(encoding="utf-8").splitlines()]
        for path in (TOYS / "common/parameter.csv", NETWORKS / "parameter.csv")
    )
    assert toy == real


def test_evidence_base_has_no_error() -> None:
    start = time.perf_counter()
    notices = check_networks(NETWORKS)
    assert [str(notice) for notice in notices if notice.severity == "error"] == []
    assert time.perf_counter() - start < 10


def test_every_document_item_is_there() -> None:
    # 69 mentions of 58 things in the five documents (issue 2)
    network = read_network(NETWORKS)
    assert len(network["mention"]) == 69
    assert network["mention"]["line_id"].nunique() == 58
    assert set(network["mention"]["line_id"]) <= set(network["line"]["line_id"])
