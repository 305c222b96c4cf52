"""Commands about GTFS feeds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netlib.cli.files import end_check, load_day, show_notices
from netlib.cli.options import AsOf, Networks, ScenarioName

gtfs_app = typer.Typer(
    help="""Check, write and take over GTFS feeds.

    Example: netlib gtfs check feed.zip
    """,
    no_args_is_help=True,
    rich_markup_mode=None,
)

Feed = Annotated[Path, typer.Argument(metavar="FEED", help="Folder or zip of a GTFS feed.")]


@gtfs_app.command("check")
def gtfs_check(feed: Feed) -> None:
    """List every problem of a feed at once, with file, row and rule.

    Example: netlib gtfs check feed.zip
    """
    from netlib.gtfs.feeds import check_feed

    end_check(check_feed(feed), feed)


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
    day: Annotated[
        str | None, typer.Option(help="Take the services of this day only [all].")
    ] = None,
    address: Annotated[str, typer.Option(help="Where the feed was found.")] = "",
    licence: Annotated[str, typer.Option(help="Licence of the feed.")] = "",
    networks: Networks = None,
) -> None:
    """Take a feed over as the services of a region, with evidence.

    What cannot be used is left out and named.

    Example: netlib gtfs import feed.zip --region zhengzhou -o networks
    """
    from netlib.gtfs.feeds import read_feed
    from netlib.gtfs.imports import import_feed
    from netlib.locations import find_networks
    from netlib.units import parse_day

    done = import_feed(
        read_feed(feed, strict=False),
        output,
        region,
        day=parse_day(day) if day else None,
        address=address,
        licence=licence,
        base=find_networks(networks),
    )
    show_notices(done.notices)
    typer.echo(
        f"{done.day}: {done.stations} stations, {done.services} services, {done.trips} trips"
    )
