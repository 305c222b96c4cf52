"""The report's page: results and tables turned into one self-contained HTML text."""

from __future__ import annotations

import base64
import hashlib
import math
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from netlib.claims.outcomes import OUTCOMES
from netlib.report.appendix import (
    Item,
    describe_mentions,
    describe_parameters,
    describe_services,
    format_number,
    select_unmodelled,
)
from netlib.report.bilingual import TAGS, merge, pick, say, say_value, write_attribute
from netlib.report.claim import describe_claim
from netlib.report.figures import OVERVIEW
from netlib.report.influence import describe_influences
from netlib.report.map import describe_map, list_shows
from netlib.report.view import View, make_anchor
from netlib.report.ways import describe_ways
from netlib.words import LANGUAGES, Language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from netlib.claims import Claim, Results
    from netlib.influence import Influences
    from netlib.report.figures import Comparison, Figure
    from netlib.tables import Network

MARKS = {name: outcome.mark for name, outcome in OUTCOMES.items()}
# Differences in minutes that a scenario's table shows, and how many of them.
LEAST_DIFFERENCE = 0.05
MOST_PAIRS = 30
SCRIPTS = ("report.js", "map.js")


def build_page(
    network: Network,
    results: Results,
    claims: Sequence[Claim],
    vocabulary: Mapping[str, Any],
    *,
    figures: Mapping[str, Figure],
    comparisons: Sequence[Comparison] = (),
    images: Mapping[Path, Path],
    atlas: Mapping[str, Any] | None = None,
    commutes: pd.DataFrame | None = None,
    ways: pd.DataFrame | None = None,
    influences: Mapping[str, Influences] | None = None,
    tiles: Item | None = None,
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
        Maps by claim_id, and those of the whole by a name that begins with `OVERVIEW`.
    comparisons
        Scenarios to show.
    images
        Image to inline by the path of each map.
    atlas
        The interactive map, as from `netlib.report.explorer.assemble_atlas`; left out when there is
        none.
    commutes
        Commuting days, as from `netlib.claims.describe_claim_commutes`.
    ways
        Which way wins, as from `netlib.report.ways.measure_city_ways`.
    influences
        What moves the claims, by claim_id.
    tiles
        A tile server that the map may ask, as from `netlib.report.tiles.describe_tiles`.
    versions, command
        Versions by program, and what to type to make the page again.
    lang
        Language that the page opens in; it holds both.

    Returns
    -------
    str
        HTML that asks for nothing beyond itself, save for tiles once its reader wants them.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("netlib.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        t=say,
        word=say_value,
        attr=partial(write_attribute, lang),
        pick=partial(pick, lang=lang),
        marks=MARKS,
        number=format_number,
    )
    described = [
        describe_page(
            View(network, results, vocabulary, tongue),
            claims,
            figures=figures,
            comparisons=comparisons,
            images=images,
            influences=influences or {},
            commutes=commutes,
            ways=ways,
        )
        for tongue in LANGUAGES
    ]
    script = read_script()
    context = merge(*described) | {
        "lang": lang,
        "tag": TAGS[lang],
        "tags": TAGS,
        "atlas": (
            describe_map(atlas, today=str(vocabulary["today"]), tiles=tiles) if atlas else None
        ),
        "shows": list_shows(atlas, claims) if atlas else {},
        "versions": versions,
        "command": command,
        "script": Markup(script),  # noqa: S704 - our own file
        "script_hash": hash_script(script),
    }
    return environment.get_template("report.html.j2").render(context)


def describe_page(
    view: View,
    claims: Sequence[Claim],
    *,
    figures: Mapping[str, Figure],
    comparisons: Sequence[Comparison],
    images: Mapping[Path, Path],
    influences: Mapping[str, Influences],
    commutes: pd.DataFrame | None = None,
    ways: pd.DataFrame | None = None,
) -> Item:
    """Describe the page in the language of ``view``; see `build_page`."""
    network, lang = view.network, view.lang
    shown = [describe_claim(view, claim) for claim in claims]
    for claim, item in zip(claims, shown, strict=True):
        figure, moved = figures.get(claim.claim_id), influences.get(claim.claim_id)
        item["figure"] = describe_figure(view, figure, images) if figure else None
        item["influences"] = (
            describe_influences(view, moved, threshold=claim.threshold_minutes) if moved else None
        )
    mentions = describe_mentions(network, view.index, lang)
    context = {
        "today": str(view.vocabulary["today"]),
        "headlines": count_headlines(shown),
        "documents": group_documents(shown),
        "cities": list_cities(view, shown),
        "claims": shown,
        "overview": [
            describe_figure(view, figure, images)
            for name, figure in figures.items()
            if name.startswith(OVERVIEW)
        ],
        "scenarios": [describe_comparison(view, each, images) for each in comparisons],
        "commutes": describe_commutes(view, commutes),
        "ways": describe_ways(view, ways),
        "parameters": describe_parameters(network, view.index, lang),
        "definitions": describe_vocabulary(view, "definition"),
        "yardsticks": describe_vocabulary(view, "yardstick"),
        "services": describe_services(network, view.index, lang),
        "mentions": mentions,
        "unmodelled": select_unmodelled(mentions),
    }
    # Numbering of the evidence ends here: the appendix lists what was cited above.
    context["entries"] = view.index.entries()
    context["sources"] = view.index.sources()
    return context


def describe_commutes(view: View, commutes: pd.DataFrame | None) -> list[Item]:
    """Describe the commuting days: when to leave home, when one is back, and the trains."""
    rows = [] if commutes is None else commutes.to_dict("records")
    clocks = ("leave_for_0900", "home_after_1730", "last_return", "first_arrival")
    return [
        {
            "pair": " → ".join(view.short_name(str(row[end])) for end in ("from_id", "to_id")),
            "day": row["as_of"],
            **{name: str(row[name])[:5] or "–" for name in clocks},
            "morning": row["morning_trains"],
            "evening": row["evening_trains"],
            "gap": format_number(float(row["longest_gap_minutes"])),
        }
        for row in rows
    ]


def read_script() -> str:
    """Return the script of the page: what all of it needs, and the map's."""
    folder = Path(__file__).parent / "templates"
    return "".join((folder / name).read_text(encoding="utf-8") for name in SCRIPTS)


def hash_script(script: str) -> str:
    """Return what the content security policy of the page calls the script."""
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def inline_image(path: Path) -> str:
    """Return an image file as a data address."""
    kind = {"svg": "svg+xml", "jpg": "jpeg"}.get(path.suffix[1:], path.suffix[1:])
    return f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def describe_figure(view: View, figure: Figure, images: Mapping[Path, Path]) -> Item:
    """Describe a map: its image, and area and residents of its isochrones."""
    sides: Sequence[str] = [""]
    if len(figure.isochrones) > 1:
        sides = (figure.sides or {}).get(view.lang, [view.t("baseline"), view.t("scenario")])
    bands = [
        {
            "side": sides[side],
            "cutoff": view.t("within", cutoff=format_number(float(band["cutoff_minutes"]))),
            "area": f"{band['area_km2']:,.0f} km²",
            "residents": _format_residents(view, float(band["residents"])),
        }
        for side, frame in enumerate(figure.isochrones)
        for band in frame.drop(columns="geometry").to_dict("records")
    ]
    return {
        "image": inline_image(images[figure.pictures[view.lang]]),
        "caption": figure.captions[view.lang],
        "bands": bands,
    }


def _format_residents(view: View, residents: float) -> str:
    if math.isnan(residents):
        return "–"
    scale = 10_000 if view.lang == "zh" else 1_000
    return f"{residents / scale:,.0f} {view.t('residents_unit')}"


def describe_comparison(view: View, comparison: Comparison, images: Mapping[Path, Path]) -> Item:
    """Describe a scenario: the pairs that change most, and its map."""
    times, card = comparison.times, comparison.card
    lost = times["first"].isna() != times["second"].isna()
    changed = times[(times["difference"].abs() >= LEAST_DIFFERENCE) | lost]
    size = changed["difference"].abs().fillna(math.inf)
    top = changed.loc[size.sort_values(ascending=False, kind="stable").index[:MOST_PAIRS]]
    chinese = view.lang == "zh"
    return {
        "id": card.scenario_id,
        "anchor": make_anchor("scenario", card.scenario_id),
        "name": card.name_zh if chinese else card.name_en,
        "description": card.description_zh if chinese else card.description_en,
        "definition": view.definition(comparison.view.reading),
        "day": comparison.view.day,
        "rows": [
            {
                "pair": f"{view.name(str(row['from_id']))} → {view.name(str(row['to_id']))}",
                "baseline": _format_time(view, row["first"]),
                "scenario": _format_time(view, row["second"]),
                "difference": ("+" if row["difference"] > 0 else "")
                + format_number(row["difference"]),
                "service": view.short(str(row["service"] or "")),
            }
            for row in top.to_dict("records")
        ],
        "hidden": len(changed) - len(top),
        "unchanged": len(times) - len(changed),
        "figure": describe_figure(view, comparison.figure, images) if comparison.figure else None,
    }


def _format_time(view: View, minutes: float) -> str:
    return view.t("no_journey") if math.isnan(minutes) else format_number(minutes)


def describe_vocabulary(view: View, section: str) -> list[Item]:
    """Describe the entries of a section of ``definitions.toml``."""
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
    """Count the claims by headline."""
    counts = dict.fromkeys(MARKS, 0)
    for claim in shown:
        counts[claim["headline"]] = counts.get(claim["headline"], 0) + 1
    return [{"verdict": verdict, "count": count} for verdict, count in counts.items()]


def group_documents(shown: list[Item]) -> list[Item]:
    """Group the claims by the document that they stand in."""
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


def list_cities(view: View, shown: list[Item]) -> list[Item]:
    """List the cities that claims are about, by name and in the order of the zone table."""
    named = {city for claim in shown for city in claim["cities"]}
    zones = view.network["zone"]["zone_id"]
    return [{"id": city, "name": view.short_name(city)} for city in zones if city in named]
