"""Which subcommand links the gap of a pair to its structure? Its job is loaded when called."""

from typing import Annotated

import typer

from clustermodel.cli.application import (
    ConventionOption,
    FolderOption,
    JsonOption,
    PreferOption,
    app,
    guarded,
)

__all__ = ["gap_link"]


@app.command("gap-link", rich_help_panel="Clusters and crystals")
def gap_link(
    a: Annotated[str, typer.Argument(help="Structure file or model:NAME, such as the defect.", metavar="A")],
    b: Annotated[str, typer.Argument(help="The other cluster, such as the filled one.", metavar="B")],
    level: Annotated[
        str, typer.Option("--level", help="xtb (GFN1-xTB, a minute) or dft (PBE/def2-SVP, hours).")
    ] = "xtb",
    truncate: Annotated[
        str, typer.Option("--truncate", help="Ligands cut to SH (and PH3), SCH3 (and PMe3), or none.")
    ] = "SH",
    engine: Annotated[
        str | None, typer.Option("--engine", help="tblite, pyscf or gpu4pyscf. (default: by the level)")
    ] = None,
    fine: Annotated[bool, typer.Option("--fine", help="DFT: grid 3 instead of 1.")] = False,
    memory: Annotated[
        float | None, typer.Option("--memory", min=0.1, help="Most memory in GB. (default: by the engine)")
    ] = None,
    cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Keep finished calculations, and use them.")
    ] = True,
    absorption: Annotated[
        float | None,
        typer.Option(
            "--absorption",
            min=0.1,
            max=8.0,
            help="Excitations of all states up to so many eV: first and first bright one.",
        ),
    ] = None,
    charge_a: Annotated[
        int | None, typer.Option("--charge-a", help="Charge of the cluster of A; else from evidence.")
    ] = None,
    charge_b: Annotated[int | None, typer.Option("--charge-b", help="Charge of the cluster of B.")] = None,
    cluster_a: Annotated[str | None, typer.Option("--cluster-a", help="Cluster of A, such as 1a.")] = None,
    cluster_b: Annotated[str | None, typer.Option("--cluster-b", help="Cluster of B.")] = None,
    convention: ConventionOption = "staple",
    prefer: PreferOption = "major",
    output: FolderOption = None,
    json: JsonOption = None,
) -> None:
    """Split the change of a gap into what filling the site does and what the relaxing structure does."""
    from clustermodel.cli.compare import SideOptions, read_sides
    from clustermodel.cli.gap_link import GapRequest, show_gap_link

    first = SideOptions(charge_a, cluster_a, None, None, None)
    second = SideOptions(charge_b, cluster_b, None, None, None)
    settings = guarded(lambda: read_sides(first, second, convention, prefer))
    request = GapRequest(
        level=level,
        truncation=truncate,
        engine=engine,
        fine=fine,
        memory_gb=memory or 0.0,
        cache=cache,
        up_to_ev=absorption,
    )
    guarded(lambda: show_gap_link((a, b), request, settings, (json, output)))
