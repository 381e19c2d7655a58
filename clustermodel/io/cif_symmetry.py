"""Which symmetry does a CIF block state? The loop of operations wins over every name."""

import gemmi

from clustermodel.io.cif_values import find_value, read_columns
from clustermodel.structure.finding import Finding, Severity
from clustermodel.structure.symmetry import (
    SpaceGroup,
    find_space_group,
    parse_triplet,
    space_group_from_triplets,
)

__all__ = ["cif_finding", "read_symmetry"]

_LOOPS = ("_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz")
_NAMES = (
    ("Hall symbol", ("_space_group_name_Hall", "_symmetry_space_group_name_Hall")),
    ("H-M symbol", ("_space_group_name_H-M_alt", "_symmetry_space_group_name_H-M")),
    ("number", ("_space_group_IT_number", "_symmetry_Int_Tables_number")),
)


def cif_finding(code: str, message: str, *, severity: Severity = "warning") -> Finding:
    """Return a finding of the stage of reading.

    Parameters
    ----------
    code : str
        Code without its prefix.
    message : str
        Where, what was found, what was done.
    severity : {"info", "warning", "error"}, optional
        How much it matters.

    Returns
    -------
    Finding
        With the code prefixed by ``cif-``.
    """
    return Finding(code=f"cif-{code}", severity=severity, message=message)


def read_symmetry(block: gemmi.cif.Block, where: str) -> tuple[SpaceGroup, list[Finding]]:
    """Read the operations: their loop wins over Hall symbol, H-M symbol and number.

    Parameters
    ----------
    block : gemmi.cif.Block
        Data block.
    where : str
        File and block for messages.

    Returns
    -------
    SpaceGroup
        The operations; P 1 if the block has none and no known name.
    list of Finding
        Contradictions, and where the operations came from if not from their loop.
    """
    findings: list[Finding] = []
    from_loop = _operations(block, where, findings)
    from_name, told = _named_group(block, where, findings)
    if from_loop is not None:
        if from_name is not None and from_name.operations() != from_loop.operations():
            findings.append(
                cif_finding(
                    "symmetry-conflict",
                    f"{where}: the {len(from_loop)} listed operations "
                    f"({from_loop.name or 'no tabulated setting'}) are not those of {told}; the list is used",
                )
            )
        return from_loop, findings
    if from_name is not None:
        code, text = "symmetry-from-name", f"{where}: no list of symmetry operations, taken from {told}"
        findings.append(cif_finding(code, text, severity="info"))
        return from_name, findings
    findings.append(
        cif_finding(
            "symmetry-missing",
            f"{where}: neither symmetry operations nor a known space group"
            f"{f' ({told})' if told else ''}: P 1 assumed, molecules may be incomplete",
            severity="error",
        )
    )
    return space_group_from_triplets(["x,y,z"], source="none, P 1 assumed"), findings


def _operations(block: gemmi.cif.Block, where: str, findings: list[Finding]) -> SpaceGroup | None:
    columns = read_columns(block, dict(zip("ab", _LOOPS, strict=True)))
    texts = [text for text in next(iter(columns.values()), []) if text]
    readable = _readable(texts, where, findings)
    if not readable:
        return None
    try:
        group = space_group_from_triplets(readable, source="loop of operations")
    except ValueError as error:
        findings.append(cif_finding("symmetry-operation", f"{where}: {error}; not used", severity="error"))
        return None
    if len(group) != len(readable):
        findings.append(
            cif_finding(
                "symmetry-incomplete",
                f"{where}: the {len(readable)} listed operations generate a group of {len(group)}, "
                "which is used",
            )
        )
    return group


def _readable(texts: list[str], where: str, findings: list[Finding]) -> list[str]:
    """Return the distinct operations that can be read."""
    readable: dict[str, str] = {}
    for text in texts:
        try:
            readable.setdefault(str(parse_triplet(text).triplet()), text)
        except ValueError as error:
            findings.append(
                cif_finding("symmetry-operation", f"{where}: {error}; left out", severity="error")
            )
    return list(readable)


def _named_group(
    block: gemmi.cif.Block, where: str, findings: list[Finding]
) -> tuple[SpaceGroup | None, str]:
    told = ""
    for kind, tags in _NAMES:
        text = find_value(block, *tags)
        if not text:
            continue
        told = f"the {kind} {text!r}"
        group = find_space_group(text, source=kind)
        if group is not None:
            return group, told
        findings.append(cif_finding("symmetry-name", f"{where}: {told} is not known"))
    return None, told
