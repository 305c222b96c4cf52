"""Options and arguments that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from netlib.completions import complete_place, complete_reading, complete_scenario

# Exit codes: a command ran and found something amiss; a command was misused.
FINDINGS = 1
MISUSE = 2


class Format(StrEnum):
    """How a table is written."""

    table = "table"
    csv = "csv"
    json = "json"


class Mode(StrEnum):
    """Who uses the streets."""

    drive = "drive"
    walk = "walk"
    bike = "bike"


class MapKind(StrEnum):
    """What a map shows, as in `netlib.pictures.KINDS`."""

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
        "--reading",
        "--definition",
        help="What the minutes count, from definitions.toml.",
        autocompletion=complete_reading,
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


def parse_cutoffs(text: str) -> list[float]:
    """Read cut-offs such as ``30,60``: minutes, ascending, each once.

    Raises
    ------
    BadParameter
        If they are no numbers above 0.
    """
    try:
        values = sorted({float(part) for part in text.split(",")})
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a list of minutes such as 30,60") from None
    if not values or values[0] <= 0:
        raise typer.BadParameter("cut-offs are minutes above 0, such as 30,60")
    return values
