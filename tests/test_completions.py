"""What the shell offers after a tab."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from netlib.completions import (
    complete_claim,
    complete_place,
    complete_reading,
    complete_scenario,
)
from netlib.locations import ENVIRONMENT_VARIABLE, find_networks


def test_names_that_begin_so_are_offered() -> None:
    assert [name for name, _ in complete_reading("ride_")] == [
        "ride_fastest",
        "ride_main",
        "ride_median",
    ]
    assert ("without-zx", "Without the Zheng-Xu line") in complete_scenario("WITHOUT")
    assert {"C1", "C10"} <= {name for name, _ in complete_claim("c1")}
    assert ("Xuchang East", "许昌东 Xuchang East XVF") in complete_place("xuch")
    assert {"许昌", "许昌东"} <= {name for name, _ in complete_place("许昌")}
    assert complete_place("no such place") == []


def test_nothing_is_offered_without_a_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path))
    for complete in (complete_claim, complete_reading, complete_place, complete_scenario):
        assert complete("") == []


def test_files_that_cannot_be_read_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "networks"
    shutil.copytree(find_networks(), base, ignore=shutil.ignore_patterns("gtfs", "*.geojson"))
    (base / "definitions.toml").write_text("= nothing", encoding="utf-8")
    (base / "zhengzhou" / "zone.csv").write_bytes(b"\xff\xfe")
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(base))
    assert complete_reading("") == []
    assert ("ZAF", "郑州东 Zhengzhou East ZAF") in complete_place("ZAF")


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("netlib ti", "times"),
        ("netlib times 郑", "郑州东"),
        ("netlib times 郑州 --reading door", "door_to_door"),
        ("netlib claims C1", "C13a"),
        ("netlib report --la", "--lang"),
    ],
)
def test_the_shell_asks_and_is_answered(line: str, offered: str) -> None:
    words = line.split()
    asked = {
        "_NETLIB_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    code = "import sys; sys.argv[0] = 'netlib'; from netlib.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | asked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert offered in done.stdout.splitlines()
