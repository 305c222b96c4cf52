"""Command line: a few lines a command; the work is done by the other modules."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import typer

from netlib.cli.drawings import draw
from netlib.cli.feeds import gtfs_app
from netlib.cli.options import FINDINGS, MISUSE, MapKind
from netlib.cli.places import compare, explain, isochrones, times
from netlib.cli.streets import streets_app
from netlib.cli.verdicts import check, claims, report
from netlib.errors import InputError, NetlibError

__all__ = ["FINDINGS", "MISUSE", "MapKind", "app", "main"]

# In the order of the help.
COMMANDS: dict[str, Callable[..., Any]] = {
    "check": check,
    "times": times,
    "isochrones": isochrones,
    "map": draw,
    "claims": claims,
    "compare": compare,
    "explain": explain,
    "report": report,
}

app = typer.Typer(
    name="netlib",
    help="Put numbers on sentences of regional planning: travel times, isochrones, verdicts, maps.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)
app.add_typer(gtfs_app, name="gtfs")
app.add_typer(streets_app, name="streets")


def main() -> None:
    """Run the command line; errors of netlib become one message and exit code 2."""
    try:
        app()
    except InputError as problem:
        typer.echo(str(problem), err=True)
        count = len(problem.notices)
        typer.echo(f"{count} problem{'' if count == 1 else 's'} in the input", err=True)
        sys.exit(MISUSE)
    except NetlibError as problem:
        typer.echo(f"netlib: {problem}", err=True)
        sys.exit(MISUSE)
