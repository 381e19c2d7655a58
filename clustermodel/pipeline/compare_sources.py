"""Which file is meant by the name of a structure? A path, an embedded model, or a compound of a paper.

A deposited structure that may not be passed on is found in the folder of the user's own files; where it is
not, the model of it stands in, and that is said.
"""

from dataclasses import dataclass
from pathlib import Path

from clustermodel.cluster.formula_count import read_cluster_formula
from clustermodel.errors import InputError
from clustermodel.io.embedded import PREFIX, list_models
from clustermodel.pipeline.published import PublishedPaper, find_private, read_paper
from clustermodel.structure.finding import Finding

__all__ = ["PAPER_PREFIX", "ResolvedStructure", "find_deposited", "resolve_structure"]

PAPER_PREFIX = "paper:"
"""What the name of a compound of a paper begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedStructure:
    """A structure that can be read.

    Parameters
    ----------
    given : str
        As it was asked for.
    path : str
        A file, or the name of an embedded model.
    name : str
        What to call it; empty where the file has a name.
    charge : int or None
        Charge of the cluster where the name tells it, as the formula of a paper does.
    findings : tuple of Finding
        What stands in for what.
    """

    given: str
    path: str
    name: str = ""
    charge: int | None = None
    findings: tuple[Finding, ...] = ()


def resolve_structure(name: str | Path, *, private: Path | None = None) -> ResolvedStructure:
    """Find what a name means.

    Parameters
    ----------
    name : str or Path
        A file, ``model:NAME``, or ``paper:KEY:COMPOUND`` as in ``paper:pan2025:au21``.
    private : Path, optional
        Folder of deposited structures; ``structures/private`` by default.

    Returns
    -------
    ResolvedStructure
        The file or model to read. A file need not exist.

    Raises
    ------
    InputError
        If the paper or its compound is not known, or there is neither a deposited structure nor a model.

    Examples
    --------
    >>> resolve_structure("model:au25_sch3_18_nme4").path
    'model:au25_sch3_18_nme4'
    >>> resolve_structure("paper:pan2025:au99")
    Traceback (most recent call last):
    ...
    clustermodel.errors.InputError: paper pan2025: there is no structure 'au99'; expected one of au21, au22
    """
    text = str(name)
    if not text.startswith(PAPER_PREFIX):
        return ResolvedStructure(given=text, path=text)
    key, _, compound = text.removeprefix(PAPER_PREFIX).partition(":")
    if not compound:
        msg = f"{text!r}; expected paper:KEY:COMPOUND, such as paper:pan2025:au21"
        raise InputError(msg)
    paper = read_paper(key)
    structure = paper.structure(compound)
    charge = read_cluster_formula(structure.formula).charge
    folder = private if private is not None else find_private()
    file = find_deposited(paper, folder).get(compound)
    if file is not None:
        return ResolvedStructure(given=text, path=str(file), name=compound, charge=charge)
    deposited = structure.deposited or structure.formula
    if compound not in list_models():
        msg = (
            f"{text}: no CIF of {deposited} in {folder}, and no model stands in for it; put the file there, "
            f"or give its path"
        )
        raise InputError(msg)
    told = f"{deposited} is not in {folder}: {PREFIX}{compound} stands in"
    finding = Finding(code="compare-model-stands-in", severity="warning", message=told)
    return ResolvedStructure(
        given=text, path=f"{PREFIX}{compound}", name=compound, charge=charge, findings=(finding,)
    )


def find_deposited(paper: PublishedPaper, folder: Path) -> dict[str, Path]:
    """Find the deposited structures of a paper in a folder, by the deposition number in their name or text.

    Parameters
    ----------
    paper : PublishedPaper
        The paper.
    folder : Path
        Where CIFs lie; it need not exist.

    Returns
    -------
    dict of str to Path
        Files by the short name of the compound.

    Examples
    --------
    >>> find_deposited(read_paper("pan2025"), Path("nowhere"))
    {}
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("*.cif")) if folder.is_dir() else ():
        text = path.read_bytes()
        for one in paper.structures:
            number = one.deposited.rpartition(" ")[2]
            if number and (number in path.name or number.encode() in text):
                found.setdefault(one.id, path)
    return found
