"""Commands about places: times, areas, comparisons, journeys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netlib.cli.files import load, load_day, load_streets, write_table
from netlib.cli.options import (
    FINDINGS,
    AsOf,
    Format,
    Lang,
    Language,
    Networks,
    Origin,
    Output,
    Reading,
    ScenarioName,
    StreetFiles,
    parse_cutoffs,
)
from netlib.completions import complete_place, complete_scenario

if TYPE_CHECKING:
    from netlib.tables import Network


def times(
    origin: Origin,
    destinations: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TO]...", help="Places; all cities if none.", autocompletion=complete_place
        ),
    ] = None,
    as_of: AsOf = None,
    reading: Reading = "door_to_door",
    form: Annotated[Format, typer.Option("--format", help="Form of the table.")] = Format.table,
    scenario: ScenarioName = None,
    streets: StreetFiles = None,
    output: Output = None,
    networks: Networks = None,
    lang: Language = Lang.zh,
) -> None:
    """Show travel times from a place, with their range and parts.

    Places may be doors, as longitude,latitude; where the region has streets, or with --streets,
    the ways to and from stops follow them.

    Example: netlib times 郑州 许昌 洛阳 --as-of 2024-09-18 --reading ride_fastest

    Example: netlib times 113.81,34.02 郑州 --streets walk.parquet --streets drive.parquet
    """
    import pandas as pd

    from netlib.places import find_place, name_ends
    from netlib.readings import find_reading
    from netlib.times import travel_times

    network = load_day(networks, as_of, scenario)
    zone = network["zone"]
    cities = zone.loc[(zone["level"] != "county") & (zone["centre_node_id"] != ""), "zone_id"]
    start = find_place(network, origin)
    ids = [find_place(network, name) for name in destinations] if destinations else cities.tolist()
    if ids == [start]:
        raise typer.BadParameter(f"{origin} is where one starts; name another place to go to")
    extracts = load_streets(network, streets)
    table = travel_times(network, [start], ids, reading=reading, streets=extracts)
    named = name_ends(network, table, lang=lang.value)
    missing = named.loc[named["travel_time_minutes"].isna(), "to"].tolist()
    if form is Format.table:
        typer.echo(describe(network, reading), err=True)
        table = named
    else:
        table = pd.concat([named[["from", "to"]], table], axis=1)
    write_table(table, form, output)
    if missing:
        typer.echo(f"no journey under {reading}: {', '.join(missing)}", err=True)
        if find_reading(network.root, reading).measure == "journey":
            typer.echo(
                "(for less than half of the minutes of the window a departure worth taking is known"
                " within the hour; a car may get there: --reading best_way)",
                err=True,
            )
        raise typer.Exit(FINDINGS if destinations else 0)


def describe(network: Network, reading: str) -> str:
    """Say in one line which day, timetable, scenario and reading a table is of."""
    exact = "" if network.exact_timetable else ", nearest to that day"
    timetable = f"timetable of {network.snapshot}{exact}" if network.snapshot else "no timetable"
    return f"{reading}, minutes; network of {network.day}, {timetable}, scenario {network.scenario}"


def isochrones(
    origin: Origin,
    output: Annotated[
        Path, typer.Option("-o", "--output", help=".gpkg, .geojson or .parquet file to write.")
    ],
    cutoffs: Annotated[str, typer.Option(help="Minutes, separated by commas.")] = "30,60",
    reading: Reading = "door_to_door",
    as_of: AsOf = None,
    scenario: ScenarioName = None,
    streets: StreetFiles = None,
    networks: Networks = None,
) -> None:
    """Write the area reached from a place within each number of minutes, with its residents.

    Of every reading that counts minutes: of rides what the minutes left reach by car around the
    stations, of drives what is reached by car, of journeys what is reached on foot, by bus or taxi
    from the stops, over roads, land and bridges, and over streets where the region has them.

    Example: netlib isochrones 郑州 --cutoffs 30,60,90 -o zhengzhou.gpkg

    Example: netlib isochrones 郑州 --reading ride_fastest -o high-speed-circle.gpkg

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
        reading=reading,
    )
    write_isochrones(frame, output)
    table = frame.drop(columns="geometry")
    typer.echo(table.to_string(index=False))


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
    reading: Reading = "door_to_door",
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
    write_table(compare_times(first, second, place, reading=reading), form, output)
    if form is Format.table and output is None:
        typer.echo("")
        typer.echo(
            compare_reach(first, second, place, (30.0, 60.0), reading=reading).to_string(
                index=False
            )
        )


def explain(
    what: Annotated[
        list[str], typer.Argument(metavar="ID | FROM TO", autocompletion=complete_place)
    ],
    as_of: AsOf = None,
    reading: Reading = "door_to_door",
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
    typer.echo(explain_journey(network, pair[0], pair[1], reading=reading, lang=lang.value))
