"""Commands about streets of OpenStreetMap."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netlib.cli.files import load, show_notices, show_progress
from netlib.cli.options import Mode, Networks
from netlib.completions import complete_place

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
    place: Annotated[
        str | None,
        typer.Argument(
            metavar="[PLACE|BBOX]",
            help="Name, or west,south,east,north",
            autocompletion=complete_place,
        ),
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="Instead of a place: this region of the evidence base.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help=".parquet file to write [where the region has them]."),
    ] = None,
    mode: TravelMode = Mode.drive,
    networks: Networks = None,
) -> None:
    """Fetch the streets of a place through Overpass, into the same columnar file.

    A city or county of the evidence base is taken by its polygon there; other names are looked up
    by Nominatim.

    Example: netlib streets fetch 许昌 --mode walk -o xuchang.parquet;
    netlib streets fetch 113.6,34.7,113.7,34.8 --mode walk -o centre.parquet;
    netlib streets fetch --region zhengzhou --mode drive
    """
    from netlib.places import find_region_area, find_zone_area
    from netlib.streets import fetch_streets, write_streets
    from netlib.streets.extracts import name_street_file
    from netlib.streets.fetch import Area, parse_box

    if (place is None) == (region is None):
        raise typer.BadParameter("name a place or a box, or a --region")
    network = load(networks)
    if region is not None:
        area: Area = find_region_area(network, region)
        target = output or name_street_file(network.root, region, mode.value)
    elif place is not None and output is not None:
        area = place if parse_box(place) else find_zone_area(network, place) or place
        target = output
    else:
        raise typer.BadParameter("name a file to write with -o")
    with show_progress("streets") as advance:
        streets = fetch_streets(
            area, mode=mode.value, progress=lambda done, total: advance(f"{done} of {total}")
        )
    write_streets(streets, target)
    typer.echo(f"{len(streets.nodes)} nodes, {len(streets.edges)} edges in {target}")
