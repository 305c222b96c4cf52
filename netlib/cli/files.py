"""What commands read and write: the evidence base, streets, tables, problems, progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from netlib.cli.options import FINDINGS, Format

if TYPE_CHECKING:
    import pandas as pd

    from netlib.errors import Notice
    from netlib.streets import Streets
    from netlib.tables import Network


def load(networks: Path | None, scenario: str | None = None) -> Network:
    """Read the evidence base, with a scenario applied when one is named."""
    from netlib.scenarios import apply_scenario, find_scenario
    from netlib.tables import read_network

    network = read_network(networks)
    return apply_scenario(network, find_scenario(network, scenario)) if scenario else network


def load_day(networks: Path | None, as_of: str | None, scenario: str | None) -> Network:
    """Read the evidence base as of a day, or of the day that "today" means in the data."""
    from netlib.readings import read_today

    network = load(networks, scenario)
    return network.as_of(as_of or read_today(network.root))


def load_streets(network: Network, files: list[Path] | None) -> list[Streets]:
    """Read the streets that are named, or else those of the regions, and say what is amiss."""
    from netlib.streets.extracts import find_street_files, read_extracts

    extracts = read_extracts(files or find_street_files(network.root))
    for extract in extracts:
        show_notices(extract.notices)
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


def show_notices(notices: Iterable[Notice]) -> None:
    """Say what is amiss in an input that is usable all the same, beside the output."""
    for notice in notices:
        typer.echo(str(notice), err=True)


def end_check(notices: Collection[Notice], place: Path) -> NoReturn:
    """List what a check found in ``place``, count it, and end the command.

    Raises
    ------
    Exit
        With `FINDINGS` if there are errors, else with 0.
    """
    for notice in notices:
        typer.echo(str(notice))
    errors = sum(notice.severity == "error" for notice in notices)
    typer.echo(f"{errors} errors, {len(notices) - errors} warnings in {place}", err=True)
    raise typer.Exit(FINDINGS if errors else 0)


@contextmanager
def show_progress(text: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
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
