"""Commands about streets of OpenStreetMap."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netlib.cli.files import show_notices, show_progress
from netlib.cli.options import Mode

streets_app = typer.Typer(
    help="""Read or fetch streets of OpenStreetMap.

    Example: netlib streets read city.osm.pbf -o city.parquet
    """,
    no_args_is_help=True,
    rich_markup_mode=None,
)

TravelMode = Annotated[Mode, typer.Option("--mode", help="Who uses the streets.")]
StreetFile = Annotated[Path, typer.Option("-o", "--output", help=".parquet file to write.")]


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
    show_notices(streets.notices)
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

    with show_progress("streets") as advance:
        streets = fetch_streets(
            area, mode=mode.value, progress=lambda done, total: advance(f"{done} of {total}")
        )
    write_streets(streets, output)
    typer.echo(f"{len(streets.nodes)} nodes, {len(streets.edges)} edges in {output}")
