"""The scenario scripts run and print what they promise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[1] / "scripts"
CASES = [
    ("zheng_xu_before_after.py", [], ["许昌 -> 郑州", "today, without the line"]),
    ("half_hour_circle.py", [], ["济源", "cities within 30 min"]),
    ("mi_over_the_years.py", ["--years", "2022", "2023"], ["arms open", "2026-10-04"]),
    ("jixi_expressway.py", [], ["of 171 pairs take longer", "开封–平顶山", "interchanges: "]),
    ("compare_drives.py", [], ["郑州–洛阳: 124 -> ", "7 published lengths", "free minutes"]),
    ("shijiazhuang_hour_circle.py", [], ["沧州", "within the hour"]),
]


@pytest.mark.parametrize(("script", "options", "expected"), CASES, ids=[c[0] for c in CASES])
def test_script_prints_its_tables(script: str, options: list[str], expected: list[str]) -> None:
    command = [sys.executable, str(SCRIPTS / script), *options]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert [words for words in expected if words not in done.stdout] == []
    assert done.stderr == ""
