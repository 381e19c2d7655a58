"""Which subcommands calculate electronic states? One function each; its job is loaded when called."""

from typing import Annotated

import typer

from clustermodel.cli.application import (
    BlockOption,
    ChargeOption,
    ConventionOption,
    FolderOption,
    JsonOption,
    KernelOption,
    PartOption,
    PreferOption,
    app,
    guarded,
)

__all__ = ["electronic"]


@app.command(rich_help_panel="Clusters and crystals")
def electronic(
    file: Annotated[str, typer.Argument(help="Structure file, or model:NAME.")],
    level: Annotated[
        str, typer.Option("--level", help="xtb (GFN1-xTB, seconds) or dft (PBE/def2-SVP, minutes to hours).")
    ] = "xtb",
    truncate: Annotated[
        str, typer.Option("--truncate", help="Ligands cut to SH (and PH3), SCH3 (and PMe3), or none.")
    ] = "SH",
    keep_bridges: Annotated[
        bool, typer.Option("--keep-bridges", help="Keep what joins the donors of a chelating ligand.")
    ] = False,
    multiplicity: Annotated[
        int | None, typer.Option("--multiplicity", help="1 singlet, 2 doublet, ... (default: the lowest)")
    ] = None,
    relax: Annotated[bool, typer.Option("--relax", help="Relax the cut cluster first.")] = False,
    engine: Annotated[
        str | None, typer.Option("--engine", help="tblite, pyscf or gpu4pyscf. (default: by the level)")
    ] = None,
    method: Annotated[
        str | None, typer.Option("--method", help="GFN1-xTB, or a density functional such as PBE0.")
    ] = None,
    basis: Annotated[str | None, typer.Option("--basis", help="Basis set, such as def2-TZVP.")] = None,
    solvent: Annotated[
        str | None, typer.Option("--solvent", help="Solvent of a continuum, such as ch2cl2.")
    ] = None,
    spectrum: Annotated[
        float,
        typer.Option("--spectrum", min=0, help="Excitations up to this energy in eV; 0 for none."),
    ] = 3.0,
    fine: Annotated[bool, typer.Option("--fine", help="DFT: grid 3 instead of 1.")] = False,
    memory: Annotated[
        float | None, typer.Option("--memory", min=0.1, help="Most memory in GB. (default: by the engine)")
    ] = None,
    cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Keep finished calculations, and use them.")
    ] = True,
    charge: ChargeOption = None,
    block: BlockOption = None,
    convention: ConventionOption = "staple",
    kernel: KernelOption = None,
    part: PartOption = None,
    prefer: PreferOption = "major",
    output: FolderOption = None,
    json: JsonOption = None,
) -> None:
    """Calculate levels: gap, orbitals of kernel and ligands, superatom weights, charges, absorption."""
    from clustermodel.cli.choices import read_choices
    from clustermodel.cli.electronic import ElectronicRequest, show_electronic

    choices = guarded(lambda: read_choices(charge, convention, kernel, part, prefer))
    request = ElectronicRequest(
        level=level,
        truncation=truncate,
        keep_bridges=keep_bridges,
        multiplicity=multiplicity,
        relax=relax,
        engine=engine,
        method=method,
        basis=basis,
        solvent=solvent,
        fine=fine,
        memory_gb=memory,
        cache=cache,
        spectrum_ev=spectrum,
    )
    stopped = guarded(lambda: show_electronic(file, request, choices, block, (json, output)))
    if stopped:
        raise typer.Exit(130)
