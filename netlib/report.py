"""Write the report: one page that opens without a network, the tables behind it, and its maps.

Everything is made in a temporary folder and moved into place at the end, the page last, so that an
interrupted run leaves what was there before.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import platform
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from netlib.claims import Claim, Results, format_verdicts, read_claims
from netlib.page import ComparisonPage, Figure, build_page
from netlib.scenarios import read_toml
from netlib.tables import Network, write_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd
    from geopandas import GeoDataFrame

    from netlib.words import Language

WORKERS = 2
MAP_DEFINITION = "door_to_door"
# Where a map of a claim about lines is centred: the city that the region is named after.
REGION_CENTRES = {"zhengzhou": "410100", "shijiazhuang": "130100"}
STATUS_CUTOFFS = (30.0, 60.0, 90.0)
LONG_MINUTES = 60
# A grid of this many cells across the largest cutoff's crow-fly reach is fine enough for a page.
CELL_KM_PER_MINUTE = 1 / 90
MEASUREMENT_COLUMNS = (
    "claim_id", "definition", "as_of", "scenario", "from_id", "from_zh", "from_en",
    "to_id", "to_zh", "to_en", "low", "central", "high", "snapshot", "service", "passes",
)  # fmt: skip
# Inlined maps: widths in pixels to try, colours of the palette, and the bytes they may take, so
# that the page stays under 8 MB with its text and the 4/3 of base64.
IMAGE_WIDTHS = (1000, 800, 640, 480)
IMAGE_COLOURS = 96
IMAGE_BYTES = 4_500_000
PROGRAMS = ("netlib", "pandas", "numpy", "scipy", "geopandas", "matplotlib", "jinja2")


class Comparison(NamedTuple):
    """A scenario beside the baseline.

    Attributes
    ----------
    scenario_id, name_zh, name_en
        As on the scenario card.
    times
        ``from_id``, ``to_id``, ``baseline``, ``scenario``, ``difference`` (minutes).
    origin
        Zone that the maps before and after start from; '' for no maps.
    before, after
        Networks of one day without and with the scenario; needed when ``origin`` is given.
    """

    scenario_id: str
    name_zh: str
    name_en: str
    times: pd.DataFrame
    origin: str = ""
    before: Network | None = None
    after: Network | None = None


class MapTask(NamedTuple):
    """One map to draw: file name without ending, network, origin and cutoffs in minutes."""

    name: str
    network: Network
    origin: str
    cutoffs: tuple[float, ...]
    destinations: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def write_report(
    network: Network,
    results: Results,
    out_dir: str | os.PathLike[str],
    *,
    lang: Language = "zh",
    comparisons: Iterable[Comparison] = (),
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
    comparisons
        Scenarios to show beside the baseline.
    """
    claims = list(read_claims(network.root).values())
    vocabulary = read_toml(network.root / "definitions.toml", "definitions.toml")
    chosen = list(comparisons)
    with replace_folder(Path(out_dir)) as folder:
        claim_tasks = plan_claim_maps(network, claims)
        scenario_tasks = plan_scenario_maps(chosen)
        figures = draw_maps([*claim_tasks.values(), *scenario_tasks], folder / "maps", lang=lang)
        write_isochrones(folder / "isochrones.gpkg", figures)
        write_text(folder / "verdicts.csv", format_verdicts(results.verdicts))
        write_text(folder / "times.csv", format_measurements(network, results.measurements))
        with tempfile.TemporaryDirectory() as scratch:
            inlined = shrink_figures(figures, Path(scratch))
            page = build_page(
                network,
                results,
                claims,
                vocabulary,
                figures={ident: inlined[task.name] for ident, task in claim_tasks.items()},
                comparisons=[_comparison_page(comparison, inlined) for comparison in chosen],
                versions=find_versions(),
                command=f"netlib report -o DIR --lang {lang}",
                lang=lang,
            )
        write_text(folder / "index.html", page)


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
    return frame.to_csv(index=False, float_format="%g", lineterminator="\n")


def plan_claim_maps(network: Network, claims: Sequence[Claim]) -> dict[str, MapTask]:
    """Plan one map per claim at the date that it speaks of.

    Untestable claims without a place get none. Claims that would give the same map share it.

    Returns
    -------
    dict
        Task by claim_id.
    """
    tasks: dict[str, MapTask] = {}
    days: dict[str, Network] = {}
    seen: dict[tuple[object, ...], MapTask] = {}
    for claim in claims:
        lines = tuple(dict.fromkeys([*(c["line"] for c in claim.conditions), *claim.credits]))
        origin = claim.origins[0] if claim.origins else _find_centre(network, lines)
        if not origin or not claim.dates:
            continue
        day = str(claim.dates[0][0])
        days[day] = days.get(day) or network.as_of(day)
        cutoffs = choose_cutoffs(claim.threshold_minutes)
        key = (day, origin, cutoffs, tuple(claim.destinations), lines)
        task = MapTask(
            claim.claim_id.lower(), days[day], origin, cutoffs, tuple(claim.destinations), lines
        )
        tasks[claim.claim_id] = seen.setdefault(key, task)
    return tasks


def _find_centre(network: Network, lines: Sequence[str]) -> str:
    line = network["line"]
    regions = line.loc[line["line_id"].isin(list(lines)), "region"]
    return REGION_CENTRES.get(str(regions.iloc[0]), "") if len(regions) else ""


def choose_cutoffs(threshold_minutes: float) -> tuple[float, ...]:
    """Choose the cutoffs of a claim's map, its threshold among them.

    >>> choose_cutoffs(60), choose_cutoffs(360)
    ((30.0, 60.0, 90.0), (120.0, 240.0, 360.0))
    """
    if math.isnan(threshold_minutes):
        return STATUS_CUTOFFS
    parts = (1 / 2, 1, 3 / 2) if threshold_minutes <= LONG_MINUTES else (1 / 3, 2 / 3, 1)
    return tuple(round(threshold_minutes * part, 1) for part in parts)


def plan_scenario_maps(comparisons: Iterable[Comparison]) -> list[MapTask]:
    """Plan a map before and one after for every comparison with an origin."""
    tasks = []
    for comparison in comparisons:
        for side, network in (("before", comparison.before), ("after", comparison.after)):
            if comparison.origin and network is not None:
                name = _scenario_map_name(comparison, side)
                tasks.append(MapTask(name, network, comparison.origin, STATUS_CUTOFFS))
    return tasks


def _scenario_map_name(comparison: Comparison, side: str) -> str:
    return f"scenario-{comparison.scenario_id}-{side}"


def _comparison_page(comparison: Comparison, figures: dict[str, Figure]) -> ComparisonPage:
    names = [_scenario_map_name(comparison, side) for side in ("before", "after")]
    shown = [figures[name] for name in names if name in figures]
    return ComparisonPage(*comparison[:4], figures=shown)


def draw_maps(tasks: Sequence[MapTask], folder: Path, *, lang: Language) -> dict[str, Figure]:
    """Compute the isochrones of every task and draw its map as PNG, on two processes.

    Returns
    -------
    dict
        Figure by task name; isochrones with ``cutoff_minutes``, ``area_km2``, ``residents``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    distinct = list({task.name: task for task in tasks}.values())
    if not distinct:
        return {}
    jobs = [(task, folder / f"{task.name}.png", lang) for task in distinct]
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
    with ProcessPoolExecutor(
        min(WORKERS, len(jobs)), mp_context=context, initializer=_keep_jobs, initargs=(jobs,)
    ) as pool:
        figures = list(pool.map(_draw_job, range(len(jobs))))
    return {task.name: figure for task, figure in zip(distinct, figures, strict=True)}


# The jobs of a worker process. Networks are large: a forked worker has them without any copying.
_jobs: list[tuple[MapTask, Path, Language]] = []


def _keep_jobs(jobs: list[tuple[MapTask, Path, Language]]) -> None:
    _jobs[:] = jobs


def _draw_job(number: int) -> Figure:
    return draw_task(*_jobs[number])


def draw_task(task: MapTask, path: Path, lang: Language) -> Figure:
    """Compute the isochrones of one task and draw its map."""
    isochrones = compute_isochrones(task.network, task.origin, task.cutoffs)
    from netlib.maps import draw_map

    draw_map(
        task.network,
        isochrones,
        origin=task.origin,
        lang=lang,
        path=path,
    )
    day = task.network.day.isoformat() if task.network.day else ""
    return Figure(path, isochrones, MAP_DEFINITION, task.origin, day, task.network.scenario)


def compute_isochrones(network: Network, origin: str, cutoffs: tuple[float, ...]) -> GeoDataFrame:
    """Compute door-to-door isochrones of a zone with area and residents inside."""
    from netlib.accessibility import compute_residents
    from netlib.shapes import read_zone_shapes
    from netlib.surfaces import AccessModel, compute_surface, surface_to_isochrones
    from netlib.travel_times import reach

    longest = max(cutoffs)
    surface = compute_surface(
        reach(network, origin, definition=MAP_DEFINITION),
        access=AccessModel.from_network(network),
        cell_km=max(0.5, longest * CELL_KM_PER_MINUTE),
        max_minutes=longest,
    )
    zones = read_zone_shapes(network)
    # Smallest units that do not overlap: counties, and prefectures whose counties are not held.
    divided = set(zones.loc[zones["level"] == "county", "parent_zone_id"])
    whole = (zones["level"] == "prefecture") & ~zones["zone_id"].isin(divided)
    units = zones[(zones["level"] == "county") | whole]
    return compute_residents(surface_to_isochrones(surface, cutoffs), units)


def write_isochrones(path: Path, figures: dict[str, Figure]) -> None:
    """Write the isochrones of all maps as one GeoPackage layer ``isochrones``.

    Columns: ``map`` (file name in maps/), ``origin``, ``day``, ``scenario``, ``definition``,
    ``cutoff_minutes``, ``area_km2``, ``residents``, geometry in WGS84.
    """
    import geopandas as gpd
    import pandas as pd
    import pyogrio

    if not figures:
        return
    frames = [
        figure.isochrones.assign(
            map=name,
            origin=figure.origin,
            day=figure.day,
            scenario=figure.scenario,
            definition=figure.definition,
        )
        for name, figure in figures.items()
    ]
    combined = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs)
    last = max(figure.day for figure in figures.values())
    # GeoPackage stamps the time of writing; a day of the data keeps the same run the same bytes.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{last}T00:00:00.000Z"})
    try:
        combined.to_file(path, layer="isochrones", driver="GPKG")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def shrink_figures(figures: dict[str, Figure], folder: Path) -> dict[str, Figure]:
    """Return the figures with small palette images in ``folder``, as wide as the page can bear."""
    for width in IMAGE_WIDTHS:
        small = {
            name: figure._replace(
                path=shrink_image(figure.path, folder / f"{name}.png", width=width)
            )
            for name, figure in figures.items()
        }
        if sum(figure.path.stat().st_size for figure in small.values()) <= IMAGE_BYTES:
            break
    return small


def shrink_image(source: Path, target: Path, *, width: int) -> Path:
    """Write an image at most ``width`` pixels wide with a palette; return ``target``."""
    from PIL import Image

    with Image.open(source) as image:
        picture = image.convert("RGB")
    if picture.width > width:
        height = round(picture.height * width / picture.width)
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    picture.quantize(IMAGE_COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
    return target


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
            os.replace(path, place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
