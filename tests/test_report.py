"""The report: complete, self-contained, escaped, in both languages, and written whole or not."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pytest

from netlib import report
from netlib.claims import Results, evaluate, read_claims
from netlib.errors import NetlibError
from netlib.jobs import run_jobs
from netlib.report import write_report
from netlib.report.bilingual import TAGS
from netlib.report.figures import choose_cutoffs
from netlib.report.page import hash_script
from netlib.scenarios import read_scenarios
from netlib.tables import Network, read_network
from netlib.value_words import PARAMETERS_ZH
from netlib.words import LANGUAGES, WORDS, translate, translate_value

TOYS = Path(__file__).parent / "toys"
NETWORKS = Path(__file__).parents[1] / "networks"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\\\" & 'rest'"
CLAIMS = {
    "t1": f"""
id = "T1"
document = "doc000"
quote = "Gamma […] within half an hour"
claimant_zh = "市长 {HOSTILE}"
claimant_en = "the mayor {HOSTILE}"
said = "2026-10-01"
kind = "fact"
measure = "time"
primary = "ride_fastest"
primary_why_zh = "乘车"
primary_why_en = "by ride"
statement_zh = "从甲市到乙市、丙市不超过30分钟"
statement_en = "{HOSTILE}"
threshold_minutes = 30
origins = ["900100"]
destinations = ["900200", "900300"]
definitions = ["ride_fastest", "ride_median", "door_to_door"]
credits = ["L1"]
note_zh = "{HOSTILE}"
note_en = "a note"
[[dates]]
day = "2026-10-05"
label_zh = "说话那天"
label_en = "that day"
[[dates]]
day = "2026-11-22"
label_zh = "今天"
label_en = "today"
""",
    "t2": """
id = "T2"
document = "doc000"
quote = "The railway from Alpha to Gamma is open"
claimant_zh = "市长"
claimant_en = "the mayor"
said = "2026-10-01"
kind = "fact"
measure = "status"
statement_zh = "甲丙高铁已开通"
statement_en = "The railway is open"
[[conditions]]
line = "L1"
event = "open"
[[conditions]]
line = "BBB"
event = "open"
[[dates]]
day = "2026-10-05"
label_zh = "说话那天"
label_en = "that day"
""",
    "t3": """
id = "T3"
document = "doc000"
quote = "Gamma"
claimant_zh = "市长"
claimant_en = "the mayor"
said = "2026-10"
kind = "fact"
measure = "none"
statement_zh = "生活方便"
statement_en = "Life is convenient"
reason_zh = "没有数字"
reason_en = "There is no figure"
[[dates]]
day = "2026-10-05"
label_zh = "说话那天"
label_en = "that day"
""",
}
VERDICT_KEY = ("claim_id", "definition", "as_of", "scenario")
# Attributes that make a browser fetch something, and elements that only do so by them.
FETCHING = {"src", "srcset", "poster", "action", "data", "background", "xlink:href"}
VOID = {"meta", "link", "img", "br", "input"}


class Page(HTMLParser):
    """What the tests ask of a page: its elements with their attributes, and its text by language.

    Text inside an element of class ``zh`` or ``en`` is of that language only; all other text is of
    both.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[tuple[str, str]] = []
        self.texts: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {key: value or "" for key, value in attrs}
        self.elements.append((tag, attributes))
        if tag not in VOID:
            own = attributes.get("class", "")
            inherited = self.open[-1][1] if self.open else ""
            self.open.append((tag, own if own in LANGUAGES else inherited))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        opened, _ = self.open.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"

    def handle_data(self, data: str) -> None:
        tag, lang = self.open[-1] if self.open else ("", "")
        if tag not in ("style", "script"):
            for tongue in LANGUAGES:
                if lang in ("", tongue):
                    self.texts[tongue].append(data)

    def text(self, lang: str) -> str:
        return " ".join("".join(self.texts[lang]).split())

    def attributes(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]


class Report(NamedTuple):
    """A written report and what it was made of."""

    network: Network
    results: Results
    folder: Path
    html: str
    page: Page


@pytest.fixture(scope="module")
def claimed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Network, Results]:
    """Return the toy ``line`` with three claims, and their verdicts."""
    folder = tmp_path_factory.mktemp("claimed") / "line"
    for part in ("common", "line"):
        shutil.copytree(TOYS / part, folder, dirs_exist_ok=True)
    for file in ("datapackage.json", "definitions.toml"):
        shutil.copy(NETWORKS / file, folder)
    (folder / "claims").mkdir()
    for name, text in CLAIMS.items():
        (folder / "claims" / f"{name}.toml").write_text(text, encoding="utf-8")
    network = read_network(folder)
    return network, evaluate(network)


@pytest.fixture(scope="module", params=LANGUAGES)
def written(
    request: pytest.FixtureRequest,
    claimed: tuple[Network, Results],
    tmp_path_factory: pytest.TempPathFactory,
) -> Report:
    """Return the report of the toy in one language."""
    network, results = claimed
    folder = tmp_path_factory.mktemp("report") / request.param
    cards = read_scenarios(network.root)
    write_report(network, results, folder, lang=request.param, scenarios=cards)
    html = (folder / "index.html").read_text(encoding="utf-8")
    return Report(network, results, folder, html, Page(html))


def cut_section(written: Report, ident: str) -> str:
    """Return the inner HTML of a section of the page."""
    return written.html.split(f'<section id="{ident}">')[1].split("</section>")[0]


def test_elements_are_closed(written: Report) -> None:
    assert written.page.open == []


def test_page_asks_for_nothing(written: Report) -> None:
    tags = {tag for tag, _ in written.page.elements}
    assert not tags & {"iframe", "object", "embed", "audio", "video", "form"}
    for tag, attributes in written.page.elements:
        for name in FETCHING & set(attributes):
            assert attributes[name].startswith("data:"), f"<{tag} {name}={attributes[name][:60]}>"
        if "href" in attributes:
            assert attributes["href"].startswith(("#", "data:")), f"<{tag} {attributes['href']}>"
    policy = next(a["content"] for _, a in written.page.elements if "http-equiv" in a)
    assert policy.startswith("default-src 'none';")
    kinds = Counter(a.get("type", "") for tag, a in written.page.elements if tag == "script")
    assert kinds == {"": 1, "application/json": 2}
    scripts = re.findall(r"<script>(.*?)</script>", written.html, flags=re.DOTALL)
    assert [hash_script(script) in policy for script in scripts] == [True]
    styles = re.findall(r"<style>(.*?)</style>", written.html, flags=re.DOTALL)
    assert styles
    assert not re.search(r"@import|url\(", "".join(styles))


def test_every_link_has_its_target(written: Report) -> None:
    ids = Counter(written.page.attributes("id"))
    assert [ident for ident, count in ids.items() if count > 1] == []
    links = [link.removeprefix("#") for link in written.page.attributes("href") if link[0] == "#"]
    assert any(re.fullmatch(r"e\d+", link) for link in links)
    assert set(links) <= set(ids)


def test_every_verdict_is_on_the_page(written: Report) -> None:
    with (written.folder / "verdicts.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(written.results.verdicts)
    wanted = Counter("|".join(row[key] for key in VERDICT_KEY) for row in rows)
    assert wanted == Counter(written.page.attributes("data-reading"))
    for row in rows:
        key = "|".join(row[column] for column in VERDICT_KEY)
        body = written.html.split(f'data-reading="{key}"', 1)[1].split("</tr>", 1)[0]
        for lang in LANGUAGES:
            text = Page(f"<tr{body}</tr>").text(lang)
            assert translate_value("verdict", row["verdict"], lang) in text
            if row["central"] and row["unit"] == "min":
                assert f"{float(row['central']):.1f}".removesuffix(".0") in text


def test_claims_show_words_and_reasons(written: Report) -> None:
    for claim in read_claims(written.network.root).values():
        for lang in LANGUAGES:
            shown = written.page.text(lang)
            for text in (claim.quote, getattr(claim, f"claimant_{lang}"), claim.said):
                assert " ".join(text.split()) in shown
            for name in ("statement", "reason", "note"):
                assert " ".join(getattr(claim, f"{name}_{lang}").split()) in shown


def test_hostile_text_stays_text(written: Report) -> None:
    assert "<script>alert(1)</script>" in written.page.text("zh")
    assert not any(
        key.startswith("on") for _, attributes in written.page.elements for key in attributes
    )
    assert all(attributes.get("src") != "x" for _, attributes in written.page.elements)


def test_tables_are_read_aloud_well(written: Report) -> None:
    tables = re.findall(r"<table.*?</table>", written.html, flags=re.DOTALL)
    assert len(tables) > 10
    for table in tables:
        assert "<caption>" in table
        assert re.search(r'<th scope="col"', table)
    assert all(attributes.get("alt") for tag, attributes in written.page.elements if tag == "img")
    assert written.html.count('name="viewport"') == 1


def test_page_holds_both_languages(written: Report) -> None:
    lang = written.folder.name
    assert f'<html lang="{TAGS[lang]}" data-lang="{lang}">' in written.html
    assert "<title" in written.html
    for tongue, other in (LANGUAGES, LANGUAGES[::-1]):
        shown = written.page.text(tongue)
        assert not re.search(r"\{\w+\}", shown)
        for key in ("title", "verdicts", "limits", "mentions_intro", "read_range"):
            assert " ".join(translate(key, tongue).split()) in shown
            if key != "title":  # the title element opens in one language
                assert " ".join(translate(key, other).split()) not in shown
    classes = Counter(written.page.attributes("class"))
    assert classes["zh"] == classes["en"] > 100


def test_switched_attributes_stand_beside_what_they_replace(written: Report) -> None:
    found = 0
    for tag, attributes in written.page.elements:
        for name in attributes:
            target = name.removeprefix("data-t-")
            if target != name:
                found += 1
                assert target == "text" or target in attributes, (tag, attributes)
    assert found > 20


def test_figures_lead_to_their_evidence(written: Report) -> None:
    entries = cut_section(written, "evidence")
    for cell in ("rail_process_minutes", "T2026", "made up for the tests"):
        assert cell in entries
    assert translate("evidence_missing", "en") not in Page(entries).text("en")


def test_mentions_are_complete(written: Report) -> None:
    mentions = Page(cut_section(written, "mentions")).text("en")
    for mention_id in written.network["mention"]["mention_id"]:
        assert mention_id in mentions


def test_scenarios_are_compared(written: Report) -> None:
    scenarios = cut_section(written, "scenarios")
    for name in read_scenarios(written.network.root):
        assert f'id="scenario-{name}"' in scenarios
    maps = {path.name for path in (written.folder / "maps").glob("scenario-*.png")}
    # Without the railway no stop is left, and so no isochrone.
    assert maps == {"scenario-fast-gates.png"}
    assert translate("no_scenario_map", "zh") in Page(scenarios).text("zh")


def test_maps_are_small_and_whole(written: Report) -> None:
    images = [each for tag, each in written.page.elements if tag == "img"]
    assert all(image["src"].startswith("data:image/webp;") for image in images)
    by_language = {
        lang: [image["src"] for image in images if image["class"] == lang] for lang in LANGUAGES
    }
    assert len(list((written.folder / "maps").glob("*.png"))) == 4
    assert [len(own) for own in by_language.values()] == [4, 4]
    assert not set(by_language["zh"]) & set(by_language["en"])
    assert len(written.html) < 8_000_000


def test_isochrones_are_written(written: Report) -> None:
    frame = gpd.read_file(written.folder / "isochrones.gpkg", layer="isochrones")
    assert set(frame["map"]) == {"t1.png", "scenario-fast-gates.png"}
    assert frame.crs.to_epsg() == 4326
    assert set(frame.loc[frame["map"] == "t1.png", "cutoff_minutes"]) == {15, 30, 45}


def test_times_name_both_places(written: Report) -> None:
    with (written.folder / "times.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(written.results.measurements)
    assert {row["to_zh"] for row in rows} == {"乙市", "丙市"}
    assert {row["from_en"] for row in rows} == {"Alpha City"}


def test_same_input_gives_the_same_page(written: Report, tmp_path: Path) -> None:
    cards = read_scenarios(written.network.root)
    lang = written.folder.name
    write_report(written.network, written.results, tmp_path / "again", lang=lang, scenarios=cards)
    for path in sorted(written.folder.rglob("*")):
        if path.is_file():
            assert (
                tmp_path / "again" / path.relative_to(written.folder)
            ).read_bytes() == path.read_bytes(), path


def test_interrupted_run_leaves_what_was_there(
    claimed: tuple[Network, Results], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, results = claimed
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "index.html").write_text("before", encoding="utf-8")
    (folder / "own.txt").write_text("mine", encoding="utf-8")

    def fail(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(report, "build_page", fail)
    with pytest.raises(KeyboardInterrupt):
        write_report(network, results, folder)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["index.html", "own.txt", "report"]
    assert (folder / "index.html").read_text(encoding="utf-8") == "before"


def _fail_to_draw() -> None:
    raise NetlibError("no such place")


def test_error_of_a_map_keeps_its_words() -> None:
    with pytest.raises(NetlibError, match="no such place"):
        run_jobs({"x": _fail_to_draw}, advance=lambda _: None)


@pytest.mark.parametrize(
    ("threshold", "cutoffs"),
    [
        (30, (15, 30, 45)),
        (60, (30, 60, 90)),
        (120, (40, 80, 120)),
        (float("nan"), (30, 60, 90)),
    ],
)
def test_cutoffs_hold_the_threshold(threshold: float, cutoffs: tuple[float, ...]) -> None:
    assert choose_cutoffs(threshold) == cutoffs


def test_every_word_stands_in_both_languages() -> None:
    for key, words in WORDS.items():
        assert len(words) == len(LANGUAGES), key
        assert all(words), key
        placeholders = [sorted(re.findall(r"\{(\w+)\}", word)) for word in words]
        assert placeholders[0] == placeholders[1], key


def test_values_of_the_schema_have_words() -> None:
    package = json.loads((NETWORKS / "datapackage.json").read_text(encoding="utf-8"))
    columns = {("line", "mode"), ("line", "status"), ("evidence", "kind"), ("service", "kind")}
    found = set()
    for resource in package["resources"]:
        for field in resource["schema"]["fields"]:
            values = field.get("constraints", {}).get("enum", [])
            if (resource["name"], field["name"]) in columns and values:
                found.add((resource["name"], field["name"]))
                assert {f"{field['name']}_{value}" for value in values} <= set(WORDS)
    assert found == columns


def test_parameters_have_chinese_words() -> None:
    with (NETWORKS / "parameter.csv").open(encoding="utf-8", newline="") as stream:
        assert {row["parameter_id"] for row in csv.DictReader(stream)} == set(PARAMETERS_ZH)
