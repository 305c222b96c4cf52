"""Every command on a toy: its help, what it prints and writes, and its exit codes.

Misuse is in test_bad_input.py; the commands on the evidence base are at the end.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from netlib import cli, streets
from netlib.isochrones import BY_GROUND, PARTLY
from netlib.shapes import read_zone_shapes
from netlib.streets import read_streets
from netlib.tables import read_network
from tests.overpass_server import serve_overpass
from tests.street_towns import build_grid, locate

if TYPE_CHECKING:
    from collections.abc import Callable

    from netlib.streets import Streets

Run = "Callable[..., tuple[int, str, str]]"
COMMANDS = ["check", "times", "isochrones", "map", "claims", "compare", "explain", "report"]
GROUPS = {"gtfs": ["check", "export", "import"], "streets": ["fetch", "read"]}
# Commands on files of others, which need no evidence base.
WITHOUT_NETWORKS = ["gtfs check", "streets read"]
VALLEY = Path(__file__).parent / "feeds" / "valley"
TOWN = Path(__file__).parent / "streets" / "town.osm"
HEAVY = ["pandas", "numpy", "matplotlib", "geopandas", "shapely", "scipy", "networkx", "pyproj"]
CLAIM = """
id = "T1"
document = "doc000"
quote = "Gamma […] within half an hour"
claimant_zh = "市长"
claimant_en = "the mayor"
said = "2026-10-01"
kind = "fact"
measure = "time"
statement_zh = "甲到丙不超过30分钟"
statement_en = "Gamma is within 30 minutes of Alpha"
threshold_minutes = 30
origins = ["900100"]
destinations = ["900300"]
definitions = ["ride_fastest", "door_to_door"]
primary = "ride_fastest"
primary_why_zh = "坐火车"
primary_why_en = "by train"

[[dates]]
day = "2026-11-22"
label_zh = "今天"
label_en = "today"
"""


@pytest.fixture
def toy(toy_folder: Callable[..., Path]) -> Path:
    return toy_folder("line", [{"file": "claims/t1.toml", "text": CLAIM}])


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Return a runner of the command line that gives exit code, output and errors."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["netlib", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        code = stopped.value.code
        out, err = capsys.readouterr()
        return (code if isinstance(code, int) else 0), out, err

    return call


def test_the_commands_are_those_of_the_contract() -> None:
    group = typer.main.get_command(cli.app)
    assert sorted([*COMMANDS, *GROUPS]) == sorted(group.commands)  # type: ignore[attr-defined]
    for name, members in GROUPS.items():
        assert members == sorted(group.commands[name].commands)  # type: ignore[attr-defined]


ALL = [*COMMANDS, *(f"{group} {name}" for group, names in GROUPS.items() for name in names)]


@pytest.mark.parametrize("command", ALL)
def test_help_of_a_command(command: str) -> None:
    result = CliRunner().invoke(cli.app, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")
    assert f"Example: netlib {command}" in result.output
    assert ("--networks" in result.output) is (command not in WITHOUT_NETWORKS)


@pytest.mark.parametrize("group", GROUPS)
def test_help_of_a_group_names_its_commands(group: str) -> None:
    result = CliRunner().invoke(cli.app, [group, "--help"])
    assert result.exit_code == 0
    assert f"Example: netlib {group} " in result.output
    assert [name for name in GROUPS[group] if f"  {name} " not in result.output] == []


@pytest.mark.parametrize("command", ALL)
def test_examples_of_the_help_name_options_that_exist(command: str) -> None:
    found = typer.main.get_command(cli.app)
    for name in command.split():
        found = found.commands[name]  # type: ignore[attr-defined]
    known = {option for parameter in found.params for option in parameter.opts}
    examples = re.findall(rf"netlib {command}([^;\n]*)", found.help or "")
    assert examples
    used = [word for text in examples for word in text.split() if word.startswith("-")]
    assert [word for word in used if word not in known] == []


def test_help_without_a_command_names_all() -> None:
    result = CliRunner().invoke(cli.app, [])
    names = [*COMMANDS, *GROUPS]
    assert [command for command in names if f"  {command} " not in result.output] == []


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, netlib.cli; "
        f"print([name for name in {HEAVY!r} if name in sys.modules]); "
        "sys.argv = ['netlib', '--help']; netlib.cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.stdout.splitlines()[0] == "[]"
    assert "Usage: " in done.stdout
    assert done.returncode == 0


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "netlib", "times"], capture_output=True, text=True, check=False
    )
    assert done.returncode == cli.MISUSE
    assert "Missing argument 'FROM'" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["times"],
        ["times", "甲市", "--format", "xml"],
        ["times", "甲市", "--lang", "fr"],
        ["times", "甲市", "--reading", "rocket"],
        ["gtfs"],
        ["gtfs", "export"],
        ["gtfs", "import", "feed.zip", "-o", "."],
        ["streets", "read", "town.osm"],
        ["isochrones", "甲市"],
        ["compare", "甲市"],
        ["compare", "甲市", *["--scenario", "fast-gates"] * 3],
        ["explain", "甲市", "乙市", "丙市"],
        ["claims", "T9"],
        ["claims", "T1", "--scenario", "slow-gates"],
        ["explain", "L9"],
    ],
    ids=" ".join,
)
def test_misuse_ends_with_two(arguments: list[str], run: Run, toy: Path) -> None:
    code, out, err = run(*arguments, "--networks", toy)
    assert code == cli.MISUSE
    # A group without a command shows its help.
    assert out == "" or (len(arguments) == 1 and out.startswith("Usage: "))
    assert err or out
    assert "Traceback" not in err


def test_times_as_a_table(run: Run, toy: Path) -> None:
    code, out, err = run("times", "甲市", "--reading", "ride_fastest", "--networks", toy)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split()[:5] == ["from", "to", "low", "travel_time_minutes", "high"]
    assert [line.split()[:5] for line in lines[1:]] == [
        ["甲市", "乙市", "15.0", "15.0", "15.0"],
        ["甲市", "丙市", "26.0", "26.0", "26.0"],
    ]
    assert err == (
        "ride_fastest, minutes; network of 2026-11-22, timetable of 2026-10-04, scenario baseline\n"
    )


def test_times_say_that_the_timetable_is_of_another_day(run: Run, toy: Path) -> None:
    _, _, err = run("times", "甲市", "--as-of", "2027-03", "--networks", toy)
    assert "network of 2027-03-31, timetable of 2026-10-04, nearest to that day" in err


@pytest.mark.parametrize("form", ["csv", "json"])
def test_times_for_programs(form: str, run: Run, toy: Path) -> None:
    code, out, err = run(
        *("times", "alpha city", "丙市", "900200", "--reading", "ride_fastest"),
        *("--format", form, "--lang", "en", "--networks", toy),
    )
    assert (code, err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out))) if form == "csv" else json.loads(out)
    found = [(r["from_id"], r["to"], float(r["travel_time_minutes"]), r["service"]) for r in rows]
    assert found == [
        ("900100", "Gamma City", 26.0, "G3"),
        ("900100", "Beta City", 15.0, "G1"),
    ]


def test_no_way_is_empty_for_programs_and_a_dash_for_people(run: Run, toy: Path) -> None:
    arguments = ["times", "甲市", "丙市", "--reading", "drive_free", "--networks", toy]
    assert json.loads(run(*arguments, "--format", "json")[1])[0]["travel_time_minutes"] is None
    assert ",,," in run(*arguments, "--format", "csv")[1]
    assert run(*arguments)[1].splitlines()[1].split()[2:5] == ["-", "-", "-"]


def test_times_into_a_file_are_those_on_the_screen(run: Run, toy: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "times.csv"
    arguments = ["times", "甲市", "--format", "csv", "--networks", toy]
    _, shown, _ = run(*arguments)
    code, out, _ = run(*arguments, "-o", path)
    assert (code, out) == (0, "")
    assert path.read_text(encoding="utf-8") == shown
    assert list(path.parent.iterdir()) == [path]


def test_times_under_a_scenario(run: Run, toy: Path) -> None:
    arguments = ["times", "甲市", "丙市", "--format", "json", "--networks", toy]
    usual, faster = (
        json.loads(run(*arguments, *more)[1])[0]["travel_time_minutes"]
        for more in ([], ["--scenario", "fast-gates"])
    )
    assert faster == usual - 10


# Low, central and high of BY_HAND in test_times.py; --definition is the old name of --reading.
READINGS = [
    ([], [47, 57, 72]),
    (["--reading", "door_to_door_unplanned"], [76, 86, 101]),
    (["--definition", "ride_fastest"], [26, 26, 26]),
]


@pytest.mark.parametrize(("more", "minutes"), READINGS, ids=["default", "unplanned", "old name"])
def test_times_by_reading(more: list[str], minutes: list[float], run: Run, toy: Path) -> None:
    _, out, _ = run("times", "甲市", "丙市", "--format", "json", *more, "--networks", toy)
    row = json.loads(out)[0]
    assert [row[name] for name in ("low", "travel_time_minutes", "high")] == minutes
    assert ("travel_time_p50" in row) is ("ride_fastest" not in more)


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet"])
def test_isochrones(suffix: str, run: Run, toy: Path, tmp_path: Path) -> None:
    path = tmp_path / f"reach.{suffix}"
    code, out, err = run("isochrones", "甲市", "--cutoffs", "20,10", "-o", path, "--networks", toy)
    assert (code, err) == (0, "")
    read = gpd.read_parquet(path) if suffix == "parquet" else gpd.read_file(path)
    assert read["cutoff_minutes"].tolist() == [10.0, 20.0]
    columns = ["cutoff_minutes", "area_km2", "residents"]
    assert set(columns) <= set(out.splitlines()[0].split())
    assert set(columns) < set(read.columns)


@pytest.fixture
def street_files(tmp_path: Path) -> list[Path]:
    """Return the streets of a made-up town of 4 by 4 km around the centre of 甲市."""
    corner = locate((-4, -4), origin=(113.0, 34.0), step_m=500.0)
    files = []
    for mode in ("walk", "drive"):
        files.append(tmp_path / "town" / f"{mode}.parquet")
        streets.write_streets(build_grid(9, 9, mode=mode, origin=corner), files[-1])
    return files


def test_isochrones_over_streets(
    run: Run, toy: Path, tmp_path: Path, street_files: list[Path]
) -> None:
    path = tmp_path / "reach.gpkg"
    words = ["isochrones", "甲市", "--cutoffs", "8,15", "-o", path, "--networks", toy]
    named = [word for file in street_files for word in ("--streets", file)]
    assert run(*words)[0] == 0
    assert set(gpd.read_file(path)["method"]) == {BY_GROUND}
    code, out, err = run(*words, *named)
    assert (code, err) == (0, "")
    assert set(gpd.read_file(path)["method"]) == {PARTLY}
    assert PARTLY in out
    # The same files in the folder of the region need not be named.
    shutil.copytree(street_files[0].parent, toy / "plain" / "streets")
    assert run(*words)[1] == out


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--years", "2026,2027"], ["2026", "2027", "2026-11-22", "2027-12-31"]),
        (["--compare", "fast-gates"], ["only: baseline", "reached in both"]),
        (["--kind", "pair", "--compare", "2026-10-31"], ["2026-10-31", "2026-11-22"]),
    ],
)
def test_kinds_of_maps(
    words: list[str], shown: list[str], run: Run, toy: Path, tmp_path: Path
) -> None:
    path = tmp_path / "map.svg"
    code, out, err = run("map", "甲市", *words, "-o", path, "--lang", "en", "--networks", toy)
    assert (code, out, err) == (0, f"{path}\n", "")
    assert [text for text in shown if text not in read_drawing(path)] == []


def read_drawing(path: Path) -> str:
    """Read the words of a map, which an SVG file keeps beside the outlines of their letters."""
    words = re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"\s+", " ", " ".join(words))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--kind", "years"], "--kind years and --years go together"),
        (["--kind", "area", "--years", "2026"], "--kind years and --years go together"),
        (["--kind", "difference"], "goes with --compare"),
        (["--years", "2022,2023,2024,2025,2026"], "a map holds up to 4"),
        (["--kind", "diff"], "is not one of"),
        (["--compare", "fast-gate"], "nearest: fast-gates"),
        (["--kind", "counties"], "no-counties"),
        (["--kind", "schematic"], "unknown group of lines 'MI'"),
        (["--kind", "schematic", "--line", "L2"], "unknown line to be an arm 'AAA'"),
    ],
)
def test_maps_that_cannot_be_drawn_say_why(
    words: list[str], message: str, run: Run, toy: Path, tmp_path: Path
) -> None:
    path = tmp_path / "map.png"
    code, out, err = run("map", "甲市", *words, "-o", path, "--networks", toy)
    assert (code, out) == (cli.MISUSE, "")
    assert message in re.sub(r"\s+", " ", err)
    assert not path.exists()


def test_times_between_doors(run: Run, toy: Path, street_files: list[Path]) -> None:
    named = [word for file in street_files for word in ("--streets", file)]
    words = ["times", "113.01,34.01", "113.0,34.0", "丙市", "--networks", toy, "--format", "json"]
    code, out, err = run(*words, *named)
    assert (code, err) == (0, "")
    near, far = json.loads(out)
    # 0.92 km east and 1.11 km north: 1.44 km in a straight line, 2.03 km round the corner. On foot
    # at 6 km/h, or by bus at 12 after 7 minutes.
    assert 7 + 2.03 * 5 - 0.5 <= near["travel_time_minutes"] <= 2.03 * 10 + 0.5
    plain = json.loads(run(*words)[1])
    assert plain[0]["travel_time_minutes"] == pytest.approx(1.44 * 10, abs=0.5)
    # By one's own car to the station, 3 of parking; of the trains the 08:30 at the latest.
    assert (far["service"], plain[1]["service"]) == ("G1", "G1")
    assert far["access"] > 20 + 3


def test_streets_are_fetched_by_box_by_zone_or_by_region(
    run: Run, toy: Path, street_files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def fetch(area: Any, **options: Any) -> Streets:
        asked.append(area)
        return read_streets(street_files[0], mode=options["mode"])

    monkeypatch.setattr(streets, "fetch_streets", fetch)
    file = tmp_path / "out.parquet"
    for place in ("113.6,34.7,113.7,34.8", "Atlantis", "甲市"):
        code, _, _ = run("streets", "fetch", place, "--mode", "walk", "-o", file, "--networks", toy)
        assert code == 0
    assert file.is_file()
    box, name, zone = asked
    assert (box, name) == ("113.6,34.7,113.7,34.8", "Atlantis")
    shapes = read_zone_shapes(read_network(toy)).set_index("zone_id").geometry
    assert zone.equals(shapes["900100"])
    region = next(folder.name for folder in toy.iterdir() if (folder / "zone.csv").is_file())
    code, _, _ = run("streets", "fetch", "--region", region, "--mode", "walk", "--networks", toy)
    assert code == 0
    assert (toy / region / "streets" / "walk.parquet").is_file()
    assert asked[-1].covers(shapes["900100"])
    code, _, err = run("streets", "fetch", "--region", "nowhere", "--networks", toy)
    assert code == cli.MISUSE
    assert "unknown region with areas 'nowhere'" in err


def test_maps_say_whether_they_follow_streets(
    run: Run, toy: Path, tmp_path: Path, street_files: list[Path]
) -> None:
    path = tmp_path / "map.svg"
    words = ["map", "甲市", "-o", path, "--lang", "en", "--networks", toy, "--cutoffs"]
    named = [word for file in street_files for word in ("--streets", file)]
    for more, title in (
        (["8"], "What is reached from Alpha City: door to door, over roads and land"),
        (["8", *named], "streets"),
    ):
        assert run(*words, *more)[0] == 0
        assert title in read_drawing(path)


def test_streets_that_are_not_there_are_misuse(run: Run, toy: Path, tmp_path: Path) -> None:
    words = ["-o", tmp_path / "reach.gpkg", "--networks", toy]
    for file, message in (("gone.parquet", "no file"), ("town.osm", "netlib streets read")):
        code, _, err = run("isochrones", "甲市", *words, "--streets", tmp_path / file)
        assert code == cli.MISUSE
        assert message in err
        assert not (tmp_path / "reach.gpkg").exists()


def test_isochrones_of_an_unknown_format(run: Run, toy: Path, tmp_path: Path) -> None:
    code, _, err = run("isochrones", "甲市", "-o", tmp_path / "reach.shp", "--networks", toy)
    assert code == cli.MISUSE
    assert "the suffix should be one of .gpkg, .geojson, .parquet" in err


def test_map(run: Run, toy: Path, tmp_path: Path) -> None:
    path = tmp_path / "map.png"
    code, out, _ = run(
        *("map", "甲市", "--cutoffs", "10,20", "-o", path, "--lang", "en", "--networks", toy)
    )
    assert (code, out) == (0, f"{path}\n")
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert min(picture.size) > 400


def test_claims_on_the_screen(run: Run, toy: Path) -> None:
    code, out, _ = run("claims", "T1", "--networks", toy)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split()[:4] == ["claim_id", "definition", "as_of", "scenario"]
    # 30 minutes are allowed: 57 from door to door, 26 aboard, which is the reading of the headline.
    ends = ["900100", "900300"]
    assert lines[1].split()[-5:] == ["refuted", "refuted", "-27.0", *ends]
    assert lines[2].split()[-5:] == ["supported", "supported", "4.0", *ends]
    assert lines[3].startswith("T1: supported; 1 of 1; 4 min to spare")


def test_claims_into_a_file(run: Run, toy: Path, tmp_path: Path) -> None:
    path = tmp_path / "verdicts.csv"
    code, out, _ = run("claims", "-o", path, "--networks", toy)
    assert (code, out) == (0, "")
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert [(row["definition"], row["verdict"]) for row in rows] == [
        ("door_to_door", "refuted"),
        ("ride_fastest", "supported"),
    ]


def test_claims_on_another_day_under_a_scenario(run: Run, toy: Path, tmp_path: Path) -> None:
    path = tmp_path / "verdicts.csv"
    more = ["--as-of", "2026-12-01", "--scenario", "fast-gates"]
    code, _, _ = run("claims", "T1", *more, "-o", path, "--networks", toy)
    assert code == 0
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert {(row["as_of"], row["scenario"]) for row in rows} == {("2026-12-01", "fast-gates")}
    assert rows[0]["central"] == "47"


def test_compare(run: Run, toy: Path) -> None:
    code, out, _ = run("compare", "甲市", "--scenario", "fast-gates", "--networks", toy)
    assert code == 0
    times, reach = out.split("\n\n")
    assert [line.split()[5] for line in times.splitlines()[1:]] == ["-10.0", "-10.0"]
    assert [line.split()[0] for line in reach.splitlines()[1:]] == ["baseline"] * 2 + [
        "fast-gates"
    ] * 2


def test_compare_two_cards_for_programs(run: Run, toy: Path, tmp_path: Path) -> None:
    path = tmp_path / "compare.json"
    code, out, _ = run(
        *("compare", "甲市", "--scenario", "fast-gates", "--scenario", "without-railway"),
        *("--reading", "ride_fastest", "--format", "json", "-o", path, "--networks", toy),
    )
    assert (code, out) == (0, "")
    rows = json.loads(path.read_text(encoding="utf-8"))
    assert [(row["first"], row["second"]) for row in rows] == [(15.0, None), (26.0, None)]


def test_explain_a_journey_and_a_row(run: Run, toy: Path) -> None:
    code, out, _ = run("explain", "甲市", "丙市", "--lang", "en", "--networks", toy)
    assert code == 0
    assert out.startswith("Alpha City to Gamma City, door to door: 57 minutes.\n47 with ")
    code, out, _ = run("explain", "L1", "--networks", toy)
    assert code == 0
    assert out.startswith("line L1\n")
    code, out, _ = run("explain", "T1", "--networks", toy)
    assert code == 0
    assert "within half an hour" in out


def test_a_sound_feed_passes_and_a_broken_one_does_not(run: Run, tmp_path: Path) -> None:
    code, out, err = run("gtfs", "check", VALLEY)
    assert (code, out, err) == (0, "", f"0 errors, 0 warnings in {VALLEY}\n")
    broken = tmp_path / "broken"
    shutil.copytree(VALLEY, broken)
    (broken / "stops.txt").unlink()
    (broken / "holidays.txt").write_text("date\n", encoding="utf-8")
    code, out, err = run("gtfs", "check", broken)
    assert code == cli.FINDINGS
    assert "stops.txt: error missing-file: " in out
    assert "holidays.txt: warning unknown-file: " in out
    assert err == f"1 errors, 1 warnings in {broken}\n"


def test_the_network_of_a_day_as_a_feed_and_back(run: Run, toy: Path, tmp_path: Path) -> None:
    feed, base = tmp_path / "toy.zip", tmp_path / "base"
    code, out, _ = run("gtfs", "export", "--as-of", "2026-11-22", "-o", feed, "--networks", toy)
    assert (code, out) == (0, f"{feed}\n")
    assert run("gtfs", "check", feed)[0] == 0
    options = ["--region", "plain", "--day", "2026-11-22", "--networks", toy]
    code, out, _ = run("gtfs", "import", feed, *options, "-o", base)
    # three stations, and the trains G1 to G4 of one service
    assert (code, out) == (0, "2026-11-22: 3 stations, 1 services, 4 trips\n")
    assert (base / "plain" / "gtfs" / "stop_times.txt").is_file()


def test_a_feed_that_is_no_feed_is_misuse(run: Run, toy: Path, tmp_path: Path) -> None:
    options = ["--region", "plain", "-o", tmp_path / "base", "--networks", toy]
    code, out, err = run("gtfs", "import", tmp_path / "none.zip", *options)
    assert (code, out) == (cli.MISUSE, "")
    assert "none.zip" in err
    assert not (tmp_path / "base").exists()


@pytest.mark.parametrize("mode", ["drive", "walk"])
def test_streets_of_a_file(mode: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "town.parquet"
    code, out, _ = run("streets", "read", TOWN, "--mode", mode, "-o", path)
    kept = read_streets(path, mode=mode)
    sizes = f"{len(kept.nodes)} nodes, {len(kept.edges)} edges"
    assert (code, out) == (0, f"{sizes} in {path}\n")
    assert len(kept.edges) > 0


def test_streets_of_a_server_are_those_of_the_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched, read = tmp_path / "fetched.parquet", tmp_path / "read.parquet"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serve_overpass() as server:
        local = partial(streets.fetch_streets, overpass_url=server.url, cache=tmp_path / "cache")
        monkeypatch.setattr(streets, "fetch_streets", local)
        code, out, _ = run("streets", "fetch", "113.58,34.735,113.66,34.805", "-o", fetched)
    assert code == 0
    _, same, _ = run("streets", "read", TOWN, "-o", read)
    assert out.split(" in ")[0] == same.split(" in ")[0]


def test_report(run: Run, toy: Path, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    code, out, err = run("report", "-o", folder, "--lang", "en", "--networks", toy)
    assert (code, out, err) == (0, f"{folder / 'index.html'}\n", "")
    assert {path.name for path in folder.iterdir()} >= {
        "index.html",
        "verdicts.csv",
        "times.csv",
        "isochrones.gpkg",
        "maps",
    }
    assert "half an hour" in (folder / "index.html").read_text(encoding="utf-8")


def test_check_passes_the_toy(run: Run, toy_folder: Callable[..., Path]) -> None:
    assert run("check", "--region", "plain", "--networks", toy_folder("line"))[0] == 0


def test_the_environment_names_the_evidence_base(
    run: Run, toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETLIB_NETWORKS", str(toy))
    code, out, _ = run("times", "甲市", "丙市", "--reading", "ride_fastest", "--format", "csv")
    assert code == 0
    assert out.splitlines()[1].startswith("甲市,丙市,900100,900300,26.0,26.0,26.0")


def test_a_missing_evidence_base_is_named(run: Run, tmp_path: Path) -> None:
    code, _, err = run("times", "甲市", "--networks", tmp_path)
    assert code == cli.MISUSE
    assert "no datapackage.json in" in err
    assert "NETLIB_NETWORKS" in err


# On the evidence base, as the README shows.
REAL = [
    (["times", "郑州", "许昌", "--as-of", "2026-10-04", "--reading", "ride_main"], "21.0"),
    (["times", "Zhengzhou East", "Xuchang East", "--reading", "ride_fastest"], "21.0"),
    (["explain", "许昌", "郑州", "--as-of", "2026-11-22"], "许昌东到郑州东"),
    (["explain", "ZX"], "open_date: 2023-12-28"),
    # Forecast for the end of 2022, opened on 2023-12-28.
    (["claims", "C11"], "C11: came_late"),
]


@pytest.mark.parametrize(("arguments", "words"), REAL, ids=[" ".join(a) for a, _ in REAL])
def test_commands_on_the_evidence_base(arguments: list[str], words: str, run: Run) -> None:
    code, out, _ = run(*arguments)
    assert code == 0
    assert words in out


def test_an_unknown_city_lists_the_nearest(run: Run) -> None:
    code, out, err = run("times", "Zhengzhu")
    assert (code, out) == (cli.MISUSE, "")
    assert "unknown place 'Zhengzhu'; nearest: Zhengzhou" in err


def test_a_day_out_of_range_names_the_range(run: Run) -> None:
    code, out, err = run("times", "郑州", "--as-of", "2012-09-28")
    assert (code, out) == (cli.MISUSE, "")
    assert "2012-09-28 lies outside the data, which covers 2016-01-01 to 2035-12-31" in err
