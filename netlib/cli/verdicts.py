"""Commands about all that is claimed: its evidence, the verdicts, the report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netlib.cli.files import end_check, load, show_progress
from netlib.cli.options import AsOf, Lang, Language, Networks, Output, ScenarioName
from netlib.completions import complete_claim

# Processes that share long work; the results are the same with any number.
WORKERS = 2


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
    from netlib.checks import check_networks, count_network_grades
    from netlib.claims import read_claims
    from netlib.claims.printed import check_printed_grades
    from netlib.locations import find_networks

    root = find_networks(networks)
    readers = [read_claims, check_printed_grades]
    notices = check_networks(
        root, regions=[region] if region else None, documents=documents, readers=readers
    )
    for what, counts in count_network_grades(root).items():
        listed = ", ".join(f"{count} {grade}" for grade, count in counts.most_common())
        typer.echo(f"{what}: {listed}", err=True)
    end_check(notices, root)


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
    shown += ["n_passing", "n_pairs", "verdict", "outcome", "margin", "from_id", "to_id"]
    typer.echo(results.verdicts[shown].to_string(index=False, na_rep="-"))
    for name, answer in results.answers.items():
        typer.echo(f"{name}: {answer.outcome}; {answer.headline_en}")


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
    with show_progress("report") as advance:
        build_report(network, output, lang=lang.value, tiles=offered, advance=advance)
    typer.echo(str(output / "index.html"))
