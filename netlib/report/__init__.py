"""Write the report: one page that opens without a network, the tables behind it, and its maps.

Everything is made in a temporary folder and moved into place at the end, the page last, so that an
interrupted run leaves what was there before.
"""

from __future__ import annotations

import platform
import shutil
import tempfile
from contextlib import contextmanager
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from netlib.claims import (
    Claim,
    Results,
    describe_claim_commutes,
    evaluate,
    format_verdicts,
    read_claims,
)
from netlib.exports import collect_layers, write_package, write_parquet
from netlib.influence import Influences, find_subjects, measure_influences
from netlib.jobs import WORKERS, Job, run_jobs
from netlib.readings import read_today
from netlib.report.explorer import Measured, assemble_atlas, measure_view, plan_views
from netlib.report.figures import (
    MAP_READING,
    Comparison,
    Figure,
    plan_claim_maps,
    plan_overview,
    plan_scenarios,
    select_days,
    select_readings,
)
from netlib.report.ground import make_plane
from netlib.report.images import shrink_figures
from netlib.report.page import build_page
from netlib.report.tiles import Tiles, describe_tiles
from netlib.report.ways import measure_city_ways
from netlib.scenarios import Scenario, read_scenarios, read_toml
from netlib.tables import Network, write_text
from netlib.words import LANGUAGES

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping

    import geopandas as gpd
    import pandas as pd

    from netlib.words import Language

MEASUREMENT_COLUMNS = (
    "claim_id", "definition", "as_of", "scenario", "from_id", "from_zh", "from_en",
    "to_id", "to_zh", "to_en", "low", "central", "high", "gap_minutes", "snapshot", "known",
    "service", "passes",
)  # fmt: skip
# The job of the commuting days, told for the first timetable and today.
COMMUTES = "commutes"
WAYS = "ways"
COMMUTES_BEFORE = "2016-03-15"
PROGRAMS = ("netlib", "pandas", "numpy", "scipy", "geopandas", "shapely", "matplotlib", "jinja2")


def build_report(
    network: Network,
    out_dir: str | os.PathLike[str],
    *,
    lang: Language = "zh",
    tiles: Tiles | None = None,
    advance: Callable[[str], None] = lambda _: None,
) -> None:
    """Do the main job: judge every claim, run every scenario, and write the report.

    Parameters
    ----------
    network
        The evidence base, of all dates.
    out_dir, lang, tiles, advance
        As in `write_report`.
    """
    results = evaluate(network, workers=WORKERS)
    advance("claims")
    cards = read_scenarios(network.root)
    write_report(
        network, results, out_dir, lang=lang, scenarios=cards, tiles=tiles, advance=advance
    )


def write_report(
    network: Network,
    results: Results,
    out_dir: str | os.PathLike[str],
    *,
    lang: Language = "zh",
    scenarios: Mapping[str, Scenario] | None = None,
    claims: Mapping[str, Claim] | None = None,
    tiles: Tiles | None = None,
    advance: Callable[[str], None] = lambda _: None,
) -> None:
    """Write ``index.html`` and beside it tables, layers and maps.

    The others are ``verdicts.csv``, ``times.csv``, ``commutes.csv``, ``ways.csv``,
    ``isochrones.gpkg`` (layers with styles for QGIS), ``isochrones.parquet`` (where pyarrow is
    installed) and ``maps/``.

    Parameters
    ----------
    network
        The evidence base, of all dates.
    results
        What `netlib.claims.evaluate` returned for it.
    out_dir
        Folder to write to; made when it is not there. Files of other names are left alone.
    lang
        Language that the page opens in, and of the maps in files; the page holds both.
    scenarios
        Cards to compare with the baseline.
    claims
        Those to show; all in ``claims/`` when not given.
    tiles
        A tile server for the background of the interactive map, asked only when a reader ticks it.
    advance
        Called with the name of every step done.
    """
    shown = list((read_claims(network.root) if claims is None else claims).values())
    vocabulary = read_toml(network.root / "definitions.toml", "definitions.toml")
    with replace_folder(Path(out_dir)) as folder, tempfile.TemporaryDirectory() as scratch:
        # The page holds each map in both languages, the folder in one.
        folders = {lang: folder / "maps"}
        folders |= {each: Path(scratch) / each for each in LANGUAGES if each != lang}
        for maps in folders.values():
            maps.mkdir()
        today = read_today(network.root)
        jobs: dict[str, Job] = {
            COMMUTES: partial(describe_claim_commutes, network, shown, [COMMUTES_BEFORE, today]),
            WAYS: partial(measure_city_ways, network, today),
        }
        jobs |= plan_overview(network, folders)
        jobs |= plan_scenarios(network, scenarios or {}, folders)
        jobs |= plan_claim_maps(network, shown, results.measurements, folders)
        for subject in find_subjects(shown, results, MAP_READING):
            jobs[f"influences {subject.claim_id}"] = partial(measure_influences, network, subject)
        cards = scenarios or {}
        days, readings = select_days(cards), select_readings(cards)
        for view in plan_views(network, shown, days, cards, readings):
            jobs[f"map {view.key}"] = partial(measure_view, network, view)
        done = run_jobs(jobs, advance=advance)
        figures = {name: item for name, item in done.items() if isinstance(item, Figure)}
        comparisons = [item for item in done.values() if isinstance(item, Comparison)]
        measured = [item for item in done.values() if isinstance(item, Measured)]
        moved = [item for item in done.values() if isinstance(item, Influences)]
        every = [*figures.values(), *(c.figure for c in comparisons if c.figure is not None)]
        isochrones = join_isochrones(every)
        layers = collect_layers(network.as_of(today), isochrones)
        write_package(layers, folder / "isochrones.gpkg", stamp=today)
        if isochrones is not None:
            write_parquet(isochrones, folder / "isochrones.parquet")
        write_text(folder / "verdicts.csv", format_verdicts(results.verdicts))
        write_text(folder / "times.csv", format_measurements(network, results.measurements))
        commutes = done[COMMUTES]
        write_text(folder / "commutes.csv", format_pairs(network, commutes))
        ways = done[WAYS]
        write_text(folder / "ways.csv", format_pairs(network, ways))
        page = build_page(
            network,
            results,
            shown,
            vocabulary,
            figures=figures,
            comparisons=comparisons,
            images=shrink_figures(every, Path(scratch)),
            atlas=assemble_atlas(network, measured),
            commutes=commutes,
            ways=ways,
            tiles=describe_tiles(tiles, make_plane(network)) if tiles else None,
            influences={item.subject.claim_id: item for item in moved},
            versions=find_versions(),
            command=f"netlib report -o report --lang {lang}",
            lang=lang,
        )
        write_text(folder / "index.html", page)
        advance("index.html")


def format_pairs(network: Network, pairs: pd.DataFrame) -> str:
    """Format a table of pairs as CSV, with the names of both places."""
    named = name_both(network, pairs) if len(pairs) else pairs
    return str(named.to_csv(index=False, lineterminator="\n"))


def format_measurements(network: Network, measurements: pd.DataFrame) -> str:
    """Format the times of every pair as CSV, with the names of both places; a header if none."""
    measurements = measurements.reindex(
        columns=[c for c in MEASUREMENT_COLUMNS if not c.endswith(("_zh", "_en"))]
    )
    frame = name_both(network, measurements)[list(MEASUREMENT_COLUMNS)]
    return str(frame.to_csv(index=False, float_format="%g", lineterminator="\n"))


def name_both(network: Network, pairs: pd.DataFrame) -> pd.DataFrame:
    """Add ``from_zh``, ``from_en``, ``to_zh`` and ``to_en``; the id where there is no name."""
    ends = {
        f"{end}_{lang}": [network.names.get(i, (i, i))[place] for i in pairs[f"{end}_id"]]
        for end in ("from", "to")
        for place, lang in enumerate(("zh", "en"))
    }
    return pairs.assign(**ends)


def join_isochrones(figures: list[Figure]) -> gpd.GeoDataFrame | None:
    """Join the isochrones of all maps; None when no map has any.

    Returns
    -------
    GeoDataFrame
        ``map`` (file name in maps/) and the columns of `netlib.isochrones.compute_isochrones`.
    """
    import geopandas as gpd
    import pandas as pd

    frames = [frame.assign(map=f.name) for f in figures for frame in f.isochrones]
    if not frames:
        return None
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs)


def find_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that made the page."""
    versions = {"Python": platform.python_version()}
    for program in PROGRAMS:
        try:
            versions[program] = version(program)
        except PackageNotFoundError:
            continue
    return versions


@contextmanager
def replace_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder whose files replace those in ``target`` when all went well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        yield folder
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        # The page comes last: it vouches for the files that it names.
        for path in sorted(files, key=lambda path: path.name == "index.html"):
            place = target / path.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
