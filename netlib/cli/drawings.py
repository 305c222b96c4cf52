"""The command that draws maps."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netlib.cli.files import load, load_streets
from netlib.cli.options import (
    AsOf,
    Lang,
    Language,
    MapKind,
    Networks,
    Reading,
    ScenarioName,
    StreetFiles,
    parse_cutoffs,
)
from netlib.completions import complete_place, complete_scenario

if TYPE_CHECKING:
    from netlib.tables import Network

# Drawings that one sheet holds, as in netlib.maps.
MOST_YEARS = 4


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
    reading: Reading = "door_to_door",
    as_of: AsOf = None,
    scenario: ScenarioName = None,
    streets: StreetFiles = None,
    networks: Networks = None,
    lang: Language = Lang.zh,
) -> None:
    """Draw what is reached from a place, over the years or with a change, and other maps of it.

    Example: netlib map 郑州 -o zhengzhou.png --lang en

    Example: netlib map 郑州 --reading ride_fastest -o high-speed-circle.png

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
        reading=reading,
        reach=partial(
            compute_isochrones, reading=reading, streets=load_streets(sides[-1], streets)
        ),
    )
    picture(path=output, lang=lang.value, dpi=dpi)
    typer.echo(str(output))


def choose_kind(kind: MapKind | None, *, years: str | None, compare: str | None) -> MapKind:
    """Choose the kind of a map by its options.

    Raises
    ------
    BadParameter
        If they do not go together.
    """
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
    from netlib.readings import read_today

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
    """Read years or days such as ``2016,2020-06-30``; a year means its end, this one today.

    Raises
    ------
    BadParameter
        If there are more than a map holds.
    """
    ends = {today[:4]: today}
    days = [
        ends.get(part, f"{part}-12-31") if len(part) == len("2016") else part
        for part in text.split(",")
    ]
    if len(days) > MOST_YEARS:
        raise typer.BadParameter(f"{len(days)} years; a map holds up to {MOST_YEARS}")
    return days
