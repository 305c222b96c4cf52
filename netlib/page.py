"""The report's page: results and tables turned into one self-contained HTML text."""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from netlib.appendix import (
    EvidenceIndex,
    Item,
    collect_names,
    describe_mentions,
    describe_parameters,
    describe_services,
    format_number,
    join_names,
    select_unmodelled,
)
from netlib.statuses import find_event, split_parts
from netlib.words import Language, translate, translate_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    from geopandas import GeoDataFrame
    from markupsafe import Markup

    from netlib.claims import Claim, Results
    from netlib.tables import Network
    from netlib.units import Interval

BASELINE = "baseline"
WITHOUT = "without-"
MINUTES = "min"
PARTS = "parts"
MARKS = {
    "supported": "✓",
    "refuted": "✗",
    "undecided": "≈",
    "untestable": "?",
    "depends_on_definition": "◐",
}
# The range bar: its width in drawing units, and the room left for the ends of its axis.
BAR_WIDTH = 240
BAR_PADDING = 6


class Figure(NamedTuple):
    """A drawn map: its image, the isochrones on it and what they are of."""

    path: Path
    isochrones: GeoDataFrame
    definition: str
    origin: str
    day: str
    scenario: str


class ComparisonPage(NamedTuple):
    """What the page shows of one scenario: times side by side, and maps before and after."""

    scenario_id: str
    name_zh: str
    name_en: str
    times: pd.DataFrame
    figures: Sequence[Figure]


def build_page(
    network: Network,
    results: Results,
    claims: Sequence[Claim],
    vocabulary: Mapping[str, Any],
    *,
    figures: Mapping[str, Figure],
    comparisons: Iterable[ComparisonPage] = (),
    versions: Mapping[str, str],
    command: str,
    lang: Language,
) -> str:
    """Build the whole page.

    Parameters
    ----------
    network
        The evidence base, of all dates.
    results
        What `netlib.claims.evaluate` returned.
    claims
        The claims in the order in which they are shown.
    vocabulary
        Content of ``definitions.toml``.
    figures
        Maps by claim_id; images are inlined, the same image only once.
    comparisons
        Scenarios to show.
    versions, command
        Versions by program, and what to type to make the page again.
    lang
        Language of the page; names of places stand in both.

    Returns
    -------
    str
        HTML that asks for nothing beyond itself.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("netlib"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    view = View(network, results, vocabulary, lang)
    environment.globals.update(
        t=lambda key: translate(key, lang),
        word=lambda column, value: translate_value(column, value, lang),
        marks=MARKS,
        number=format_number,
    )
    shown = [describe_claim(view, claim) for claim in claims]
    _place_figures(view, claims, shown, figures)
    scenarios = [describe_comparison(view, comparison) for comparison in comparisons]
    mentions = describe_mentions(network, view.index, lang)
    context = {
        "lang": "zh-Hans" if lang == "zh" else "en",
        "today": str(vocabulary["today"]),
        "headlines": count_headlines(shown),
        "documents": group_documents(shown),
        "claims": shown,
        "scenarios": scenarios,
        "parameters": describe_parameters(network, view.index, lang),
        "definitions": describe_vocabulary(view, "definition"),
        "yardsticks": describe_vocabulary(view, "yardstick"),
        "services": describe_services(network, view.index, lang),
        "mentions": mentions,
        "unmodelled": select_unmodelled(mentions),
        "versions": versions,
        "command": command,
    }
    # Numbering of the evidence ends here: the appendix lists what was cited above.
    context["entries"] = view.index.entries()
    context["sources"] = view.index.sources()
    return environment.get_template("report.html.j2").render(context)


def inline_image(path: Path) -> str:
    """Return an image file as a data address."""
    kind = {"svg": "svg+xml", "jpg": "jpeg"}.get(path.suffix[1:], path.suffix[1:])
    return f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def describe_figure(view: View, figure: Figure) -> Item:
    scenario = view.t("baseline") if figure.scenario == BASELINE else figure.scenario
    caption = view.t(
        "map_caption",
        definition=view.definition(figure.definition),
        origin=view.name(figure.origin),
        day=figure.day,
        scenario=scenario,
    )
    return {
        "image": inline_image(figure.path),
        "caption": caption,
        "same_as": "",
        "bands": [
            {
                "cutoff": view.t("within", cutoff=format_number(float(band["cutoff_minutes"]))),
                "area": f"{band['area_km2']:,.0f} km²",
                "residents": _format_residents(view, float(band.get("residents", float("nan")))),
            }
            for band in figure.isochrones.drop(columns="geometry").to_dict("records")
        ],
    }


def _format_residents(view: View, residents: float) -> str:
    if math.isnan(residents):
        return "–"
    scale = 10_000 if view.lang == "zh" else 1_000
    return f"{residents / scale:,.0f} {view.t('residents_unit')}"


def describe_comparison(view: View, comparison: ComparisonPage) -> Item:
    times = comparison.times
    changed = times[
        (times["difference"].abs() >= 0.05)
        | (times["baseline"].isna() != times["scenario"].isna())
    ]
    rows = [
        {
            "pair": f"{view.name(str(row['from_id']))} → {view.name(str(row['to_id']))}",
            "baseline": _format_time(view, row["baseline"]),
            "scenario": _format_time(view, row["scenario"]),
            "difference": ("+" if row["difference"] > 0 else "")
            + format_number(row["difference"]),
        }
        for row in changed.to_dict("records")
    ]
    return {
        "id": comparison.scenario_id,
        "anchor": make_anchor("scenario", comparison.scenario_id),
        "name": comparison.name_zh if view.lang == "zh" else comparison.name_en,
        "rows": rows,
        "unchanged": view.t("unchanged_pairs", n=len(times) - len(changed)),
        "figures": [describe_figure(view, figure) for figure in comparison.figures],
    }


def _format_time(view: View, minutes: float) -> str:
    return view.t("no_journey") if math.isnan(minutes) else format_number(minutes)


def describe_vocabulary(view: View, section: str) -> list[Item]:
    return [
        {
            "id": ident,
            "name": entry.get(f"name_{view.lang}", ident),
            "description": entry.get(f"description_{view.lang}", ""),
            "source": entry.get("source", ""),
            "tested": bool(entry.get("tested", True)),
            "threshold": format_number(entry.get("threshold_minutes", float("nan"))),
        }
        for ident, entry in view.vocabulary.get(section, {}).items()
    ]


def count_headlines(shown: list[Item]) -> list[Item]:
    counts = dict.fromkeys(MARKS, 0)
    for claim in shown:
        counts[claim["headline"]] = counts.get(claim["headline"], 0) + 1
    return [{"verdict": verdict, "count": count} for verdict, count in counts.items()]


def group_documents(shown: list[Item]) -> list[Item]:
    groups: dict[str, Item] = {}
    for claim in shown:
        ident = claim["document_id"]
        group = groups.setdefault(ident, {"id": ident, **_title(claim["document"], ident)})
        group.setdefault("claims", []).append(claim)
    return list(groups.values())


def _title(document: Mapping[str, Any], ident: str) -> Item:
    return {
        "title": str(document.get("title", ident)),
        "publisher": str(document.get("publisher", "")),
        "date": str(document.get("date", "")),
        "basis": str(document.get("date_basis", "")),
    }


def _place_figures(
    view: View, claims: Sequence[Claim], shown: list[Item], figures: Mapping[str, Figure]
) -> None:
    """Give each shown claim its map; an image that stands above is pointed at, not repeated."""
    seen: dict[Path, Item] = {}
    for claim, item in zip(claims, shown, strict=True):
        figure = figures.get(claim.claim_id)
        if figure is None:
            continue
        if figure.path in seen:
            first = seen[figure.path]
            item["figure"] = {**first["figure"], "image": "", "same_as": first["id"]}
            item["figure"]["same_anchor"] = first["anchor"]
        else:
            item["figure"] = {**describe_figure(view, figure), "same_anchor": ""}
            seen[figure.path] = item
