"""The README tells of every command, script and scenario, and its Python example runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from netlib.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
SCRIPTS = [
    "zheng_xu_before_after",
    "half_hour_circle",
    "mi_over_the_years",
    "jixi_expressway",
    "shijiazhuang_hour_circle",
]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert f"netlib {command} " in README


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example(command: str) -> None:
    help_text = typer.main.get_command(app).commands[command].help  # type: ignore[attr-defined]
    assert f"netlib {command}" in help_text


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_there_and_documented(script: str) -> None:
    path = ROOT / "scripts" / f"{script}.py"
    assert path.is_file()
    assert f"`scripts/{script}.py`" in README
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 80, "more than a page"


def test_the_two_commands_are_single_lines() -> None:
    commands = blocks("sh")
    assert len(commands) == 2
    assert all(len(command.strip().splitlines()) == 1 for command in commands)
    assert "netlib report" in commands[0]
    assert "pytest" in commands[1]


def test_links_and_pictures_are_there() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_python_example_is_ten_lines_and_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = blocks("python")
    assert len([line for line in example.splitlines() if line.strip()]) == 10
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - the README is our own
    assert "travel_time_minutes" in capsys.readouterr().out
