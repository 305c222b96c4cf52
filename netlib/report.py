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

from netlib.claims import Results, evaluate, format_verdicts, read_claims
from netlib.explorer import Measured, assemble_atlas, measure_view, plan_views
from netlib.figures import (
    MAP_DEFINITION,
    Comparison,
    Figure,
    plan_claim_maps,
    plan_scenarios,
    select_days,
    shrink_figures,
)
from netlib.influence import Influences, find_subjects, measure_influences
from netlib.jobs import WORKERS, Job, run_jobs
from netlib.page import build_page
from netlib.scenarios import Scenario, read_scenarios, read_toml
from netlib.tables import Network, write_text

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd

    from netlib.words import Language

MEASUREMENT_COLUMNS = (
    "claim_id", "definition", "as_of", "scenario", "from_id", "from_zh", "from_en",
    "to_id", "to_zh", "to_en", "low", "central", "high", "snapshot", "service", "passes",
)  # fmt: skip
PROGRAMS = ("netlib", "pandas", "numpy", "scipy", "geopandas", "shapely", "matplotlib", "jinja2")


def build_report(
    network: Network,
    out_dir: str | os.PathLike[str],
    *,
    lang: Language = "zh",
    advance: Callable[[str], None] = lambda _: None,
) -> None:
    """Do the main job: judge every claim, run every scenario, and write the report.

    Parameters
    ----------
    network
        The evidence base, of all dates.
    out_dir, lang, advance
        As in `write_report`.
    """
    results = evaluate(network, workers=WORKERS)
    advance("claims")
    cards = read_scenarios(network.root)
    write_report(network, results, out_dir, lang=lang, scenarios=cards, advance=advance)


def write_report(
    network: Network,
    results: Results,
    out_dir: str | os.PathLike[str],
    *,
    lang: Language = "zh",
    scenarios: Mapping[str, Scenario] | None = None,
    advance: Callable[[str], None] = lambda _: None,
) -> None:
    """Write ``index.html``, ``verdicts.csv``, ``times.csv``, ``isochrones.gpkg`` and ``maps/``.

    Parameters
    ----------
    network
        The evidence base, of all dates.
    results
        What `netlib.claims.evaluate` returned for it.
    out_dir
        Folder to write to; made when it is not there. Files of other names are left alone.
    lang
        Language of page and maps; names of places stand in both.
    scenarios
        Cards to compare with the baseline.
    advance
        Called with the name of every step done.
    """
    claims = list(read_claims(network.root).values())
    vocabulary = read_toml(network.root / "definitions.toml", "definitions.toml")
    with replace_folder(Path(out_dir)) as folder:
        maps = folder / "maps"
        maps.mkdir()
        jobs: dict[str, Job] = {}
        jobs |= plan_scenarios(network, scenarios or {}, maps, lang=lang)
        jobs |= plan_claim_maps(network, claims, results.measurements, maps, lang=lang)
        for subject in find_subjects(claims, results, MAP_DEFINITION):
            jobs[f"influences {subject.claim_id}"] = partial(measure_influences, network, subject)
        for view in plan_views(network, claims, select_days(scenarios or {}), scenarios or {}):
            jobs[f"map {view.key}"] = partial(measure_view, network, view)
        done = run_jobs(jobs, advance=advance)
        figures = {name: item for name, item in done.items() if isinstance(item, Figure)}
        comparisons = [item for item in done.values() if isinstance(item, Comparison)]
        measured = [item for item in done.values() if isinstance(item, Measured)]
        moved = [item for item in done.values() if isinstance(item, Influences)]
        every = [*figures.values(), *(c.figure for c in comparisons if c.figure is not None)]
        write_isochrones(folder / "isochrones.gpkg", every)
        write_text(folder / "verdicts.csv", format_verdicts(results.verdicts))
        write_text(folder / "times.csv", format_measurements(network, results.measurements))
        with tempfile.TemporaryDirectory() as scratch:
            page = build_page(
                network,
                results,
                claims,
                vocabulary,
                figures=figures,
                comparisons=comparisons,
                images=shrink_figures(every, Path(scratch)),
                atlas=assemble_atlas(network, measured),
                influences={item.subject.claim_id: item for item in moved},
                versions=find_versions(),
                command=f"netlib report -o report --lang {lang}",
                lang=lang,
            )
        write_text(folder / "index.html", page)
        advance("index.html")


def format_measurements(network: Network, measurements: pd.DataFrame) -> str:
    """Format the times of every pair as CSV, with the names of both places."""
    names = {
        str(row[key]): (row["name_zh"], row["name_en"])
        for table, key in (("node", "node_id"), ("zone", "zone_id"))
        for row in network[table].to_dict("records")
    }
    ends = {}
    for end in ("from", "to"):
        for place, lang in enumerate(("zh", "en")):
            ends[f"{end}_{lang}"] = [
                names.get(ident, (ident, ident))[place] for ident in measurements[f"{end}_id"]
            ]
    frame = measurements.assign(**ends)[list(MEASUREMENT_COLUMNS)]
    return str(frame.to_csv(index=False, float_format="%g", lineterminator="\n"))


def write_isochrones(path: Path, figures: list[Figure]) -> None:
    """Write the isochrones of all maps as one GeoPackage layer ``isochrones``.

    Columns are ``map`` (file name in maps/) and those of
    `netlib.isochrones.compute_isochrones`; nothing is written when no map has any.
    """
    import geopandas as gpd
    import pandas as pd
    import pyogrio

    frames = [frame.assign(map=f.path.name) for f in figures for frame in f.isochrones]
    if not frames:
        return
    combined = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs)
    # A GeoPackage holds the time of writing; the last day of the data keeps its bytes the same.
    stamp = f"{combined['as_of'].max()}T00:00:00.000Z"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    try:
        combined.to_file(path, layer="isochrones", driver="GPKG")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


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
