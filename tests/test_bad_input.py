"""Bad input at the command line: one message with file, line and remedy, nothing half-written."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netlib import cli
from netlib.errors import InputError, MissingFileError
from netlib.tables import read_network, write_text

if TYPE_CHECKING:
    from collections.abc import Callable

Run = "Callable[..., tuple[int, str, str]]"
BROKEN = Path(__file__).parent / "broken"
# Cases that stop the reading itself, so that no command can go on.
UNREADABLE = (
    "malformed-csv",
    "malformed-row",
    "missing-column",
    "missing-file",
    "not-a-number",
    "unknown-column",
)

# Where, edits, arguments, and what the message says (regular expression).
MISUSE = {
    "csv": (
        [{"file": "plain/zone.csv", "old": "乙市", "new": '"乙市'}],
        ["times", "甲市"],
        r"plain/zone\.csv:3: error malformed-csv: .*check the quotes",
    ),
    "gtfs": (
        [{"file": "plain/gtfs/stop_times.txt", "old": "BBB,2,1\nG1", "new": "BBB,2,1,0\nG1"}],
        ["times", "甲市"],
        r"plain/gtfs/stop_times\.txt:3: error malformed-row: .*check the commas",
    ),
    "toml": (
        [{"file": "scenarios/fast-gates.toml", "old": "expect = 20", "new": "expect 20"}],
        ["times", "甲市", "--scenario", "fast-gates"],
        r"scenarios/fast-gates\.toml:11: error malformed-toml: .*mend the TOML there",
    ),
    "column": (
        [{"file": "plain/link.csv", "old": "length_km", "new": "length_miles"}],
        ["isochrones", "甲市"],
        r"plain/link\.csv:1: error missing-column: column 'length_km' is missing; the header",
    ),
    "place": ([], ["times", "Alfa"], r"unknown place 'Alfa'; nearest: Alpha"),
    "destination": ([], ["times", "甲市", "丁市"], r"unknown place '丁市'; nearest: "),
    "region": ([], ["check", "--region", "plan"], r"unknown region 'plan'; nearest: plain"),
    "reading": (
        [],
        ["times", "甲市", "--reading", "ride_fast"],
        r"unknown reading 'ride_fast'; nearest: ride_fastest",
    ),
    "scenario": (
        [],
        ["times", "甲市", "--scenario", "fast"],
        r"unknown scenario 'fast'; nearest: fast-gates",
    ),
    "early": (
        [],
        ["times", "甲市", "--as-of", "1990-01-01"],
        r"1990-01-01 lies outside the data, which covers 2026-01-01 to .*; choose a day between",
    ),
    "late": ([], ["times", "甲市", "--as-of", "2999-01-01"], r"2999-01-01 lies outside the data"),
    "date": (
        [],
        ["times", "甲市", "--as-of", "2026-13-01"],
        r"'2026-13-01' is not a date: month must be in 1\.\.12",
    ),
    "word": (
        [],
        ["times", "甲市", "--as-of", "today"],
        r"'today' is not a date; write 2030, 2030-06 or 2030-06-28",
    ),
    "empty card": (
        [
            {
                "file": "scenarios/idle.toml",
                "text": 'id = "idle"\nname_zh = "无"\nname_en = "none"\n'
                'description_zh = "无"\ndescription_en = "none"\n',
            }
        ],
        ["times", "甲市", "--scenario", "idle"],
        r"scenarios/idle\.toml: error empty-scenario: the card edits nothing; add a \[\[set\]\]",
    ),
    "cut off": (
        [],
        ["isochrones", "甲市", "--scenario", "without-railway"],
        r"甲市 \(900100\) has no stop within reach on 2026-11-22",
    ),
    "cut-offs": ([], ["isochrones", "甲市", "--cutoffs", "-5"], r"cut-offs are minutes above 0"),
}


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Return a runner of the command line that gives exit code, output and errors."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["netlib", *arguments])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        code = stopped.value.code
        out, err = capsys.readouterr()
        return (code if isinstance(code, int) else 0), out, err

    return call


@pytest.mark.parametrize("case", MISUSE)
def test_misuse_is_told_and_nothing_is_written(
    case: str, run: Run, toy_folder: Callable[..., Path], tmp_path: Path
) -> None:
    edits, arguments, message = MISUSE[case]
    root = toy_folder("line", edits)
    output = tmp_path / "out" / "result.geojson"
    output.parent.mkdir()
    written = [] if arguments[0] == "check" else ["-o", str(output)]
    code, out, err = run(*arguments, *written, "--networks", str(root))
    assert code == cli.MISUSE
    assert re.search(message, err)
    assert "Traceback" not in err
    assert out == ""
    assert list(output.parent.iterdir()) == []


@pytest.mark.parametrize("name", UNREADABLE)
def test_check_and_reading_tell_the_same(
    name: str, run: Run, toy_folder: Callable[..., Path]
) -> None:
    case = tomllib.loads((BROKEN / f"{name}.toml").read_text(encoding="utf-8"))
    root = toy_folder(case.get("toy", "line"), case["edit"])
    code, out, err = run("check", "--networks", str(root))
    assert code == cli.FINDINGS
    assert "1 errors, 0 warnings" in err
    assert f" error {name}: " in out
    with pytest.raises(InputError) as raised:
        read_network(root)
    assert [str(notice) for notice in raised.value.notices] == list_problems(out)


def list_problems(out: str) -> list[str]:
    """List the problems that `netlib check` prints below its counts of sources."""
    return [line for line in out.splitlines() if " error " in line or " warning " in line]


def test_check_passes_a_sound_base(run: Run, toy_folder: Callable[..., Path]) -> None:
    code, out, err = run("check", "--networks", str(toy_folder("line")))
    assert (code, list_problems(out)) == (0, [])
    assert "0 errors, 0 warnings" in err


def test_warnings_alone_are_no_failure(run: Run, toy_folder: Callable[..., Path]) -> None:
    case = tomllib.loads((BROKEN / "length-far-above.toml").read_text(encoding="utf-8"))
    code, out, err = run("check", "--networks", str(toy_folder("line", case["edit"])))
    assert code == 0
    (problem,) = list_problems(out)
    assert problem.startswith("plain/link.csv:2: warning length-far-above: ")
    assert "0 errors, 1 warnings" in err


def test_file_that_is_no_utf8_names_its_line(toy_folder: Callable[..., Path]) -> None:
    root = toy_folder("line")
    path = root / "plain/zone.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    with pytest.raises(InputError, match=r"plain/zone.csv:2: error not-utf-8: save the file as"):
        read_network(root)


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"no datapackage.json in .*; name the folder with"):
        read_network(tmp_path)


def test_interrupted_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "verdicts.csv"
    write_text(path, "old\n")

    def fail(source: str, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        write_text(path, "new\n")
    assert path.read_text(encoding="utf-8") == "old\n"
    assert list(tmp_path.iterdir()) == [path]
