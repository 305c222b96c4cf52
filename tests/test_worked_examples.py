"""The worked examples of networks/README.md do what they say, on a copy of the evidence base."""

from __future__ import annotations

import csv
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from netlib.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "networks" / "README.md").read_text(encoding="utf-8")
EXAMPLES = dict(part.split("\n", 1) for part in re.split(r"^### ", README, flags=re.MULTILINE)[1:])
BLOCK = re.compile(r"```(toml|csv|console)(?: (\S+))?\n(.*?)```", flags=re.DOTALL)
# Where `netlib check` wants rows sorted by more than their key.
EVIDENCE_ORDER = ["table", "row_id", "field", "source_id", "value", "locator"]


def find_order(networks: Path, path: Path) -> list[str]:
    """The columns that a table is sorted by."""
    if path.name == "evidence.csv":
        return EVIDENCE_ORDER
    schema = json.loads((networks / "datapackage.json").read_text(encoding="utf-8"))
    (key,) = (
        resource["schema"]["primaryKey"]
        for resource in schema["resources"]
        if Path(resource["file"]).name == path.name
    )
    return [key] if isinstance(key, str) else list(key)


def add_rows(networks: Path, path: Path, text: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows, columns = list(reader), list(reader.fieldnames or [])
    new = list(csv.DictReader([",".join(columns), *text.splitlines()]))
    assert all(None not in row and None not in row.values() for row in new), "columns do not fit"
    order = find_order(networks, path)
    rows = sorted(
        rows + new,
        key=lambda row: [int(row[c]) if c == "stop_sequence" else row[c] for c in order],
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def run(command: str) -> str:
    words = shlex.split(command)
    assert words[0] == "netlib"
    feed = str(ROOT / "tests" / "feeds" / "valley")
    words = [feed if word == "tests/feeds/valley" else word for word in words[1:]]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, f"{command}\n{result.output}"
    return result.output


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "networks", tmp_path / "networks")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NETLIB_NETWORKS", str(tmp_path / "networks"))
    return tmp_path


def follow(folder: Path, title: str) -> dict[str, str]:
    """Apply the blocks of an example in their order; return what its commands print."""
    printed = {}
    for kind, name, text in BLOCK.findall(EXAMPLES[title]):
        path = folder / name
        if kind == "toml":
            assert not path.exists()
            path.write_text(text, encoding="utf-8")
        elif kind == "csv":
            add_rows(folder / Path(name).parts[0], path, text)
        else:
            for command in text.splitlines():
                printed[command] = run(command.removeprefix("$ "))
    return printed


def test_there_are_four() -> None:
    assert list(EXAMPLES) == ["A scenario", "A claim", "A line", "A region"]


def test_a_scenario(folder: Path) -> None:
    printed = follow(folder, "A scenario")
    journey = "$ netlib explain 许昌 郑州 --scenario quick-security"
    assert "10" in printed[journey]
    minutes = [
        json.loads(run(f"netlib times 许昌 郑州 --format json {option}"))[0]["travel_time_minutes"]
        for option in ("--scenario quick-security", "")
    ]
    assert minutes[0] < minutes[1]


def test_a_claim(folder: Path) -> None:
    printed = follow(folder, "A claim")
    assert "supported" in printed["$ netlib claims D1"]


def test_a_line(folder: Path) -> None:
    printed = follow(folder, "A line")
    assert "Yuzhou-Xuchang fast line" in printed["$ netlib times 禹州 许昌 --as-of 2026-11-22"]
    assert "160" in printed["$ netlib explain YX"]


def test_a_region(folder: Path) -> None:
    printed = follow(folder, "A region")
    (times,) = (text for command, text in printed.items() if "netlib times" in command)
    assert "20.0" in times
    features = json.loads((folder / "valley.geojson").read_text(encoding="utf-8"))["features"]
    areas = [feature["properties"]["area_km2"] for feature in features]
    assert 0 < areas[0] < areas[1]
