"""Command line: a few lines a command; the work is done by the other modules."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from netlib.completions import (
    complete_claim,
    complete_definition,
    complete_place,
    complete_scenario,
)
from netlib.errors import InputError, NetlibError

if TYPE_CHECKING:
    import pandas as pd

    from netlib.streets import Streets
    from netlib.tables import Network
    from netlib.travel_times import Engine

# Processes that share long work; the results are the same with any number.
WORKERS = 2
# Drawings that one sheet holds, as in netlib.maps.
MOST_YEARS = 4
FINDINGS = 1
MISUSE = 2

app = typer.Typer(
    name="netlib",
    help="Put numbers on sentences of regional planning: travel times, isochrones, verdicts, maps.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Format(StrEnum):
    """How a table is written."""

    table = "table"
    csv = "csv"
    json = "json"


class EngineName(StrEnum):
    """How waits are counted; with doors every mode competes with the rides."""

    static = "static"
    timetable = "timetable"
    doors = "doors"


class Mode(StrEnum):
    """Who uses the streets."""

    drive = "drive"
    walk = "walk"
    bike = "bike"


class MapKind(StrEnum):
    """What a map shows, as in `netlib.pictures`."""

    area = "area"
    years = "years"
    pair = "pair"
    difference = "difference"
    counties = "counties"
    schematic = "schematic"


class Lang(StrEnum):
    """Language of what a reader sees."""

    zh = "zh"
    en = "en"


Networks = Annotated[
    Path | None, typer.Option("--networks", help="Folder of the evidence base.", show_default=False)
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="Day of the network, such as 2024-09-18 [today].")
]
ScenarioName = Annotated[
    str | None,
    typer.Option(
        "--scenario",
        help="Id of a card in scenarios/, or a TOML file.",
        autocompletion=complete_scenario,
    ),
]
Reading = Annotated[
    str,
    typer.Option(
        "--definition",
        help="Reading of the minutes, from definitions.toml.",
        autocompletion=complete_definition,
    ),
]
Origin = Annotated[
    str,
    typer.Argument(
        metavar="FROM", help="Place: id, Chinese or English.", autocompletion=complete_place
    ),
]
StreetFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--streets",
        help="Streets from netlib streets, to walk or to drive on [those of the regions].",
    ),
]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="File to write.")]
Language = Annotated[Lang, typer.Option("--lang", help="Language of the output.")]


def main() -> None:
    """Run the command line; errors of netlib become one message and exit code 2."""
    try:
        app()
    except InputError as problem:
        typer.echo(str(problem), err=True)
        typer.echo(f"{len(problem.notices)} problems in the input", err=True)
        sys.exit(MISUSE)
    except NetlibError as problem:
        typer.echo(f"netlib: {problem}", err=True)
        sys.exit(MISUSE)


@contextmanager
def progress(text: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """Show a progress bar on a terminal and nothing in a pipe; yields what advances it."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(text, total=total)

        def advance(step: str) -> None:
            bar.update(task, advance=1, description=step)

        yield advance


def load(networks: Path | None, scenario: str | None = None) -> Network:
    """Read the evidence base, with a scenario applied when one is named."""
    from netlib.scenarios import apply_scenario, find_scenario
    from netlib.tables import read_network

    network = read_network(networks)
    return apply_scenario(network, find_scenario(network, scenario)) if scenario else network


def load_day(networks: Path | None, as_of: str | None, scenario: str | None) -> Network:
    """Read the evidence base as of a day, or of the day that "today" means in the data."""
    from netlib.definitions import read_today

    network = load(networks, scenario)
    return network.as_of(as_of or read_today(network.root))


def load_streets(network: Network, files: list[Path] | None) -> list[Streets]:
    """Read the streets that are named, or else those of the regions, and say what is amiss."""
    from netlib.doors.extracts import find_street_files, read_extracts

    extracts = read_extracts(files or find_street_files(network.root))
    for extract in extracts:
        for notice in extract.notices:
            typer.echo(str(notice), err=True)
    return extracts


def write_table(table: pd.DataFrame, form: Format, output: Path | None) -> None:
    """Write a table to a file or to standard output."""
    from netlib.tables import write_text

    if form is Format.json:
        text = table.to_json(orient="records", force_ascii=False, indent=1) + "\n"
    elif form is Format.csv:
        text = table.to_csv(index=False, lineterminator="\n")
    else:
        text = table.to_string(index=False, na_rep="-") + "\n"
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_text(output, text)


@app.command()
def check(
    region: Annotated[str | None, typer.Option(help="Only this region.")] = None,
    documents: Annotated[
        Path | None, typer.Option(help="Folder of the documents, to check quotes.")
    ] = None,
    networks: Networks = None,
) -> None:
    """List every problem of the evidence base at once, with file and line.

    Example: netlib check --region zhengzhou
    """
    from netlib.checks import check_networks
    from netlib.claims import read_claims
    from netlib.locations import find_networks

    root = find_networks(networks)
    notices = check_networks(
        root, regions=[region] if region else None, documents=documents, readers=[read_claims]
    )
    for notice in notices:
        typer.echo(str(notice))
    errors = sum(notice.severity == "error" for notice in notices)
    typer.echo(f"{errors} errors, {len(notices) - errors} warnings in {root}", err=True)
    raise typer.Exit(FINDINGS if errors else 0)


@app.command()
def times(
    origin: Origin,
    destinations: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TO]...", help="Places; all cities if none.", autocompletion=complete_place
        ),
    ] = None,
    as_of: AsOf = None,
    definition: Reading = "door_to_door",
    form: Annotated[Format, typer.Option("--format", help="Form of the table.")] = Format.table,
    engine: Annotated[
        EngineName | None,
        typer.Option(help="Expected waits, or real departures [as the reading]; or all modes."),
    ] = None,
    scenario: ScenarioName = None,
    streets: StreetFiles = None,
    output: Output = None,
    networks: Networks = None,
    lang: Language = Lang.zh,
) -> None:
    """Show travel times from a place, with their range and parts.

    Places may be doors, as longitude,latitude. With them, with --streets or --engine doors all
    modes compete, over streets where there are some at an end; the table says which way wins.

    Example: netlib times 郑州 许昌 洛阳 --as-of 2024-09-18 --definition ride_fastest

    Example: netlib times 113.81,34.02 郑州 --streets walk.parquet --streets drive.parquet
    """
    import pandas as pd

    from netlib.places import find_place, name_ends
    from netlib.travel_times import travel_times

    network = load_day(networks, as_of, scenario)
    zone = network["zone"]
    cities = zone.loc[zone["level"] != "county", "zone_id"].tolist()
    at_doors = any("," in name for name in [origin, *(destinations or ())])
    if engine is EngineName.doors or streets or at_doors:
        if definition != "door_to_door" or engine is EngineName.static:
            raise typer.BadParameter("doors and --streets go with door_to_door on the timetable")
        extracts = load_streets(network, streets)
        table = measure_doors(network, extracts, origin, destinations or cities)
    else:
        ids = [find_place(network, name) for name in destinations] if destinations else cities
        table = travel_times(
            network,
            [find_place(network, origin)],
            ids,
            definition=definition,
            engine=cast("Engine | None", engine.value if engine else None),
        )
    named = name_ends(network, table, lang=lang.value)
    missing = named.loc[named["travel_time_minutes"].isna(), "to"].tolist()
    if form is Format.table:
        typer.echo(describe(network, definition), err=True)
        table = named
    else:
        table = pd.concat([named[["from", "to"]], table], axis=1)
    write_table(table, form, output)
    if "way" in table and form is Format.table and output is None:
        from netlib.doors.winners import share_ways

        typer.echo("")
        write_table(share_ways(table).round(2), form, None)
    if missing:
        typer.echo(f"no journey under {definition}: {', '.join(missing)}", err=True)
        raise typer.Exit(FINDINGS if destinations else 0)


def measure_doors(
    network: Network, extracts: list[Streets], origin: str, destinations: list[str]
) -> pd.DataFrame:
    """Measure the times from a door to others, to a tenth of a minute."""
    from netlib.doors.regions import locate_doors, measure_region
    from netlib.journeys import DRAWS
    from netlib.travel_times import DECIMALS

    ends = (locate_doors(network, names) for names in ([origin], destinations))
    return measure_region(network, extracts, *ends, draws=DRAWS).round(DECIMALS)


def describe(network: Network, definition: str) -> str:
    """Say in one line which day, timetable, scenario and reading a table is of."""
    exact = "" if network.exact_timetable else ", nearest to that day"
    timetable = f"timetable of {network.snapshot}{exact}" if network.snapshot else "no timetable"
    return (
        f"{definition}, minutes; network of {network.day}, {timetable}, scenario {network.scenario}"
    )


@app.command()
def isochrones(
    origin: Origin,
    output: Annotated[
        Path, typer.Option("-o", "--output", help=".gpkg, .geojson or .parquet file to write.")
    ],
    cutoffs: Annotated[str, typer.Option(help="Minutes, separated by commas.")] = "30,60",
    definition: Reading = "door_to_door",
    as_of: AsOf = None,
    scenario: ScenarioName = None,
    streets: StreetFiles = None,
    networks: Networks = None,
) -> None:
    """Write the area reached from a place within each number of minutes, with its residents.

    From the last stop it follows streets where the region has them; the column method says so. With
    drive_free or drive_peak it is the area reached by car over the highways.

    Example: netlib isochrones 郑州 --cutoffs 30,60,90 -o zhengzhou.gpkg

    Example: netlib isochrones 郑州 --definition drive_free -o by-car.gpkg

    Example: netlib isochrones 许昌 --streets walk.parquet --streets drive.parquet -o xuchang.gpkg
    """
    from netlib.isochrones import compute_isochrones, write_isochrones
    from netlib.places import find_place

    network = load_day(networks, as_of, scenario)
    frame = compute_isochrones(
        network,
        find_place(network, origin),
        parse_cutoffs(cutoffs),
        streets=load_streets(network, streets),
        definition=definition,
    )
    write_isochrones(frame, output)
    table = frame.drop(columns="geometry")
    typer.echo(table.to_string(index=False))


def parse_cutoffs(text: str) -> list[float]:
    """Read cut-offs such as ``30,60``; misuse when they are no positive numbers."""
    try:
        values = sorted({float(part) for part in text.split(",")})
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a list of minutes such as 30,60") from None
    if not values or values[0] <= 0:
        raise typer.BadParameter("cut-offs are minutes above 0, such as 30,60")
    return values


@app.command("map")
def draw(
    origin: Annotated[
        str,
        typer.Argument(
            metavar="PLACE", help="Start, or hub of a schematic.", autocompletion=complete_place
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help=".png, .svg or .pdf file to write.")
    ],
    kind: Annotated[
        MapKind | None, typer.Option(help="What is drawn [area, or what the options call for].")
    ] = None,
    cutoffs: Annotated[
        str | None, typer.Option(help="Minutes, separated by commas [30,60; 60,120 compared].")
    ] = None,
    years: Annotated[
        str | None, typer.Option(help="Up to four years or days, separated by commas.")
    ] = None,
    compare: Annotated[
        str | None,
        typer.Option(
            help="Scenario, year or day to compare with.", autocompletion=complete_scenario
        ),
    ] = None,
    line: Annotated[
        list[str] | None, typer.Option(help="Line to mark; of a schematic the group to draw [MI].")
    ] = None,
    dpi: Annotated[float, typer.Option(min=20, max=1200, help="Pixels per inch of a PNG.")] = 110,
    as_of: AsOf = None,
    scenario: ScenarioName = None,
    streets: StreetFiles = None,
    networks: Networks = None,
    lang: Language = Lang.zh,
) -> None:
    """Draw what is reached from a place, over the years or with a change, and other maps of it.

    From the last stop it follows streets where the region has them; the title says so.

    Example: netlib map 郑州 -o zhengzhou.png --lang en

    Example: netlib map 郑州 --years 2016,2019,2022,2026 -o years.svg

    Example: netlib map 许昌 --compare without-zx --line ZX -o difference.png

    Example: netlib map 郑州 --kind pair --compare 2019 -o before-and-after.pdf

    Example: netlib map 郑州 --kind counties -o counties.png

    Example: netlib map 郑州 --kind schematic --as-of 2020-12-31 -o schematic.svg
    """
    from netlib.isochrones import compute_isochrones
    from netlib.pictures import plan_picture
    from netlib.places import find_place

    chosen = choose_kind(kind, years=years, compare=compare)
    sides = select_sides(networks, as_of, scenario, years=years, compare=compare)
    picture = plan_picture(
        chosen.value,
        sides,
        find_place(sides[-1], origin),
        cutoffs=parse_cutoffs(cutoffs) if cutoffs else (),
        lines=line or (),
        reach=partial(compute_isochrones, streets=load_streets(sides[-1], streets)),
    )
    picture(path=output, lang=lang.value, dpi=dpi)
    typer.echo(str(output))


def choose_kind(kind: MapKind | None, *, years: str | None, compare: str | None) -> MapKind:
    """Choose the kind of a map by its options; misuse when they do not go together."""
    called = MapKind.years if years else MapKind.difference if compare else MapKind.area
    chosen = kind or called
    if (chosen is MapKind.years) != bool(years):
        raise typer.BadParameter("--kind years and --years go together, such as 2016,2020,2026")
    if (chosen in (MapKind.pair, MapKind.difference)) != bool(compare):
        raise typer.BadParameter("--kind pair or difference goes with --compare SCENARIO or DAY")
    return chosen


def select_sides(
    networks: Path | None,
    as_of: str | None,
    scenario: str | None,
    *,
    years: str | None,
    compare: str | None,
) -> list[Network]:
    """Read the networks that a map shows: of each year, or the two compared, the earlier first."""
    from netlib.definitions import read_today

    network = load(networks, scenario)
    today = read_today(network.root)
    if years:
        return [network.as_of(day) for day in parse_years(years, today)]
    day = as_of or today
    if not compare:
        return [network.as_of(day)]
    if not compare[:4].isdigit():
        return [network.as_of(day), load(networks, compare).as_of(day)]
    pair = sorted([day, *parse_years(compare, today)])
    return [network.as_of(each) for each in pair]


def parse_years(text: str, today: str) -> list[str]:
    """Read years or days such as ``2016,2020-06-30``; a year means its end, this one today."""
    ends = {today[:4]: today}
    days = [
        ends.get(part, f"{part}-12-31") if len(part) == len("2016") else part
        for part in text.split(",")
    ]
    if len(days) > MOST_YEARS:
        raise typer.BadParameter(f"{len(days)} years; a map holds up to {MOST_YEARS}")
    return days


@app.command()
def claims(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", autocompletion=complete_claim)
    ] = None,
    as_of: AsOf = None,
    scenario: ScenarioName = None,
    output: Output = None,
    networks: Networks = None,
) -> None:
    """Judge claims under every reading; writes verdicts.csv with -o.

    Example: netlib claims C4 --as-of 2026-11-22
    """
    from netlib.claims import evaluate, format_verdicts, read_claims
    from netlib.errors import UnknownNameError
    from netlib.scenarios import find_scenario
    from netlib.tables import write_text

    network = load(networks)
    known = read_claims(network.root)
    for name in ids or []:
        if name not in known:
            raise UnknownNameError("claim", name, known)
    chosen = {name: known[name] for name in ids or known}
    card = find_scenario(network, scenario) if scenario else None
    results = evaluate(
        network,
        claims=chosen,
        days=[as_of] if as_of else None,
        scenario=card,
        workers=WORKERS if len(chosen) > 1 else 1,
    )
    if output is not None:
        write_text(output, format_verdicts(results.verdicts))
        return
    shown = ["claim_id", "definition", "as_of", "scenario", "low", "central", "high"]
    shown += ["share_passing", "verdict", "margin", "worst_pair"]
    typer.echo(results.verdicts[shown].to_string(index=False, na_rep="-"))
    for name, word in results.headlines.items():
        typer.echo(f"{name}: {word}")


@app.command()
def compare(
    origin: Origin,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            "--scenario",
            help="One or two cards; baseline if one.",
            autocompletion=complete_scenario,
        ),
    ] = None,
    as_of: AsOf = None,
    definition: Reading = "door_to_door",
    form: Annotated[Format, typer.Option("--format")] = Format.table,
    output: Output = None,
    networks: Networks = None,
) -> None:
    """Show times, reach and residents of two scenarios side by side.

    Example: netlib compare 许昌 --scenario without-zx --as-of 2026-11-22
    """
    from netlib.comparisons import compare_reach, compare_times
    from netlib.places import find_place

    cards = scenario or []
    if not 1 <= len(cards) <= 2:
        raise typer.BadParameter("name one or two scenarios with --scenario")
    first = load_day(networks, as_of, cards[0] if len(cards) == 2 else None)
    second = load_day(networks, as_of, cards[-1])
    place = find_place(first, origin)
    write_table(compare_times(first, second, place, definition=definition), form, output)
    if form is Format.table and output is None:
        typer.echo("")
        typer.echo(compare_reach(first, second, place, (30.0, 60.0)).to_string(index=False))


@app.command()
def explain(
    what: Annotated[
        list[str], typer.Argument(metavar="ID | FROM TO", autocompletion=complete_place)
    ],
    as_of: AsOf = None,
    definition: Reading = "door_to_door",
    scenario: ScenarioName = None,
    networks: Networks = None,
    lang: Language = Lang.zh,
) -> None:
    """Tell a journey leg by leg, or a row of the tables, with the evidence behind every figure.

    Example: netlib explain 许昌 郑州 --as-of 2026-11-22; netlib explain ZX
    """
    from netlib.explanations import explain_journey, explain_row
    from netlib.places import find_place

    if len(what) == 1:
        typer.echo(explain_row(load(networks, scenario), what[0], lang=lang.value))
        return
    if len(what) != 2:
        raise typer.BadParameter("give one id, or a place to start and a place to go")
    network = load_day(networks, as_of, scenario)
    pair = [find_place(network, name) for name in what]
    typer.echo(explain_journey(network, pair[0], pair[1], definition=definition, lang=lang.value))


gtfs_app = typer.Typer(
    help="""Check, write and take over GTFS feeds.

    Example: netlib gtfs check feed.zip
    """,
    no_args_is_help=True,
    rich_markup_mode=None,
)
streets_app = typer.Typer(
    help="""Read or fetch streets of OpenStreetMap.

    Example: netlib streets read city.osm.pbf -o city.parquet
    """,
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(gtfs_app, name="gtfs")
app.add_typer(streets_app, name="streets")

Feed = Annotated[Path, typer.Argument(metavar="FEED", help="Folder or zip of a GTFS feed.")]
TravelMode = Annotated[Mode, typer.Option("--mode", help="Who uses the streets.")]
StreetFile = Annotated[Path, typer.Option("-o", "--output", help=".parquet file to write.")]


@gtfs_app.command("check")
def gtfs_check(feed: Feed) -> None:
    """List every problem of a feed at once, with file, row and rule.

    Example: netlib gtfs check feed.zip
    """
    from netlib.gtfs.feeds import check_feed

    notices = check_feed(feed)
    for notice in notices:
        typer.echo(str(notice))
    errors = sum(notice.severity == "error" for notice in notices)
    typer.echo(f"{errors} errors, {len(notices) - errors} warnings in {feed}", err=True)
    raise typer.Exit(FINDINGS if errors else 0)


@gtfs_app.command("export")
def gtfs_export(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder or .zip to write.")],
    as_of: AsOf = None,
    scenario: ScenarioName = None,
    networks: Networks = None,
) -> None:
    """Write the services of a day and scenario as a feed that other engines read.

    Example: netlib gtfs export --as-of 2026-11-22 -o henan.zip
    """
    from netlib.gtfs.export import export_feed

    export_feed(load_day(networks, as_of, scenario), output)
    typer.echo(str(output))


@gtfs_app.command("import")
def gtfs_import(
    feed: Feed,
    region: Annotated[str, typer.Option(help="Region to write the services to.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Evidence base to add to, or a new folder.")
    ],
    day: Annotated[str | None, typer.Option(help="Day to take [the busiest].")] = None,
    address: Annotated[str, typer.Option(help="Where the feed was found.")] = "",
    licence: Annotated[str, typer.Option(help="Licence of the feed.")] = "",
    networks: Networks = None,
) -> None:
    """Take a feed over as the services of a region, with evidence.

    Example: netlib gtfs import feed.zip --region zhengzhou -o networks
    """
    from netlib.gtfs.feeds import read_feed
    from netlib.gtfs.imports import import_feed
    from netlib.locations import find_networks
    from netlib.units import parse_day

    done = import_feed(
        read_feed(feed),
        output,
        region,
        day=parse_day(day) if day else None,
        address=address,
        licence=licence,
        base=find_networks(networks),
    )
    for notice in done.notices:
        typer.echo(str(notice), err=True)
    typer.echo(
        f"{done.day}: {done.stations} stations, {done.services} services, {done.trips} trips"
    )


@streets_app.command("read")
def streets_read(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=".osm.pbf, .osm, .graphml, .gpkg")],
    output: StreetFile,
    mode: TravelMode = Mode.drive,
) -> None:
    """Read an extract into one columnar file that loads at once.

    Example: netlib streets read city.osm.pbf --mode walk -o city.parquet
    """
    from netlib.streets import read_streets, write_streets

    streets = read_streets(file, mode=mode.value)
    for notice in streets.notices:
        typer.echo(str(notice), err=True)
    write_streets(streets, output)
    typer.echo(f"{len(streets.nodes)} nodes, {len(streets.edges)} edges in {output}")


@streets_app.command("fetch")
def streets_fetch(
    area: Annotated[
        str, typer.Argument(metavar="PLACE|BBOX", help="Name, or west,south,east,north")
    ],
    output: StreetFile,
    mode: TravelMode = Mode.drive,
) -> None:
    """Fetch the streets of a place through Overpass, into the same columnar file.

    Example: netlib streets fetch 113.6,34.7,113.7,34.8 --mode walk -o centre.parquet
    """
    from netlib.streets import fetch_streets, write_streets

    with progress("streets") as advance:
        streets = fetch_streets(
            area, mode=mode.value, progress=lambda done, total: advance(f"{done} of {total}")
        )
    write_streets(streets, output)
    typer.echo(f"{len(streets.nodes)} nodes, {len(streets.edges)} edges in {output}")


@app.command()
def report(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write.")] = Path(
        "report"
    ),
    networks: Networks = None,
    tiles: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Tiles with {z}, {x} and {y}, offered on the map."),
    ] = None,
    tiles_credit: Annotated[str, typer.Option(help="Whose tiles they are.")] = "",
    lang: Language = Lang.zh,
) -> None:
    """Do the main job: judge every claim, draw the maps and write the report.

    The page asks for nothing; with --tiles its reader can tick a background that needs a network.

    Example: netlib report -o report --lang en
    """
    from netlib.report import build_report
    from netlib.report.tiles import check_tiles

    offered = None if tiles is None else check_tiles(tiles, tiles_credit)
    network = load(networks)
    with progress("report") as advance:
        build_report(network, output, lang=lang.value, tiles=offered, advance=advance)
    typer.echo(str(output / "index.html"))
