"""Which crystal structures does a CIF hold? Reading with everything the refinement tells."""

import hashlib
import re
from pathlib import Path
from typing import cast

import gemmi
import numpy as np

from clustermodel.errors import CifError, InputError
from clustermodel.io.cif_declared import read_declared, read_residues
from clustermodel.io.cif_sites import read_sites
from clustermodel.io.cif_symmetry import cif_finding, read_symmetry
from clustermodel.io.cif_syntax import read_document
from clustermodel.io.cif_values import find_value, parse_number, read_columns
from clustermodel.structure.cell import Cell
from clustermodel.structure.crystal import Crystal, Source
from clustermodel.structure.finding import Finding
from clustermodel.structure.sites import Sites

__all__ = ["parse_cif", "read_cif", "read_cif_blocks"]

_LENGTHS = ("_cell_length_a", "_cell_length_b", "_cell_length_c")
_ANGLES = ("_cell_angle_alpha", "_cell_angle_beta", "_cell_angle_gamma")
_DATA_BLOCK = re.compile(r"^data_\S", re.MULTILINE)
_MODEL = re.compile(r"\s*MODEL\b")  # in capitals, first word: how this project labels its models


def read_cif(path: str | Path, *, block: str | None = None) -> Crystal:
    """Read one crystal structure from a CIF.

    Parameters
    ----------
    path : str or Path
        The file.
    block : str, optional
        Name of the data block; by default the first one with atoms.

    Returns
    -------
    Crystal
        The structure as refined, with the audit of what was repaired or left out.

    Raises
    ------
    InputError
        If the file cannot be opened.
    CifError
        If it holds no usable structure; the message says where and why.

    Examples
    --------
    >>> from clustermodel.io.embedded import find_model
    >>> crystal = read_cif(find_model("au25_sch3_18_nme4"))
    >>> crystal.space_group.name, crystal.is_model
    ('C 1 2/c 1', True)
    """
    data, name = _load(path)
    return parse_cif(data, name, block=block)[0]


def read_cif_blocks(path: str | Path) -> tuple[Crystal, ...]:
    """Read every data block with atoms.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    tuple of Crystal
        At least one structure, in file order.

    Raises
    ------
    InputError
        If the file cannot be opened.
    CifError
        If no block holds a usable structure.
    """
    data, name = _load(path)
    return parse_cif(data, name, block="all")


def parse_cif(data: bytes, name: str, *, block: str | None = None) -> tuple[Crystal, ...]:
    """Read crystal structures from the bytes of a CIF.

    Parameters
    ----------
    data : bytes
        Content of the file.
    name : str
        Name used in messages and kept as the source.
    block : str, optional
        Block name, ``"all"``, or None for the first block with atoms.

    Returns
    -------
    tuple of Crystal
        One structure unless all blocks were asked for.

    Raises
    ------
    CifError
        If there is no usable structure.

    Examples
    --------
    >>> text = b'''data_toy
    ... _cell_length_a 4.0
    ... _cell_length_b 4.0
    ... _cell_length_c 4.0
    ... _cell_angle_alpha 90
    ... _cell_angle_beta 90
    ... _cell_angle_gamma 90
    ... _symmetry_space_group_name_H-M 'P m -3 m'
    ... loop_
    ... _atom_site_label
    ... _atom_site_fract_x
    ... _atom_site_fract_y
    ... _atom_site_fract_z
    ... Au1 0 0 0
    ... '''
    >>> (crystal,) = parse_cif(text, "toy.cif")
    >>> len(crystal.space_group), crystal.sites.elements
    (48, ('Au',))
    """
    document = read_document(data, name)
    sha256 = hashlib.sha256(data).hexdigest()
    blocks = list(document.document)
    chosen = _choose(blocks, name, block)
    crystals, failures = [], []
    for one in chosen:
        try:
            crystals.append(_read_block(one, name, sha256, document.findings))
        except CifError as error:
            failures.append(error)
    if not crystals:
        raise failures[0]
    skipped = tuple(
        Finding(code="cif-block-unusable", severity="error", message=str(error)) for error in failures
    )
    return tuple(_with_findings(crystal, skipped) for crystal in crystals)


def _load(path: str | Path) -> tuple[bytes, str]:
    file = Path(path)
    try:
        return file.read_bytes(), file.name
    except OSError as error:
        msg = f"{file}: cannot be read ({error.strerror}); give the path of a structure file"
        raise InputError(msg) from error


def _choose(blocks: list[gemmi.cif.Block], name: str, wanted: str | None) -> list[gemmi.cif.Block]:
    names = ", ".join(b.name for b in blocks)
    if wanted not in (None, "all"):
        chosen = [b for b in blocks if b.name.lower() == str(wanted).lower()]
        if not chosen:
            msg = f"{name}: no data block {wanted!r}; the file has: {names}"
            raise CifError(msg)
        return chosen
    with_atoms = [b for b in blocks if _has_atoms(b)]
    if not with_atoms:
        msg = (
            f"{name}: no data block with atom coordinates (blocks: {names or 'none'}); expected "
            "_atom_site_label with _atom_site_fract_x, _y, _z: give the file that lists the atoms"
        )
        raise CifError(msg)
    return with_atoms if wanted == "all" else with_atoms[:1]


def _has_atoms(block: gemmi.cif.Block) -> bool:
    columns = read_columns(block, {"x": "_atom_site_fract_x", "c": "_atom_site_Cartn_x"})
    return any(parse_number(text) is not None for values in columns.values() for text in values)


def _read_block(block: gemmi.cif.Block, name: str, sha256: str, syntax: tuple[Finding, ...]) -> Crystal:
    where = f"{name}, block {block.name}"
    cell, findings = _read_cell(block, where)
    space_group, about_symmetry = read_symmetry(block, where)
    sites, about_sites = read_sites(block, cell, where)
    if not len(sites):
        reasons = "; ".join(f.message.partition(": ")[2] for f in about_sites) or "the atom loop is empty"
        msg = f"{where}: no usable atom ({reasons}); expected _atom_site_label with fractional coordinates"
        raise CifError(msg)
    residues = read_residues(block)
    return Crystal(
        cell=cell,
        space_group=space_group,
        sites=_with_residues(sites, residues),
        declared=read_declared(block),
        source=Source(file=name, block=block.name, sha256=sha256),
        audit=(*syntax, *_swallowed(block, where), *findings, *about_symmetry, *about_sites),
        is_model=_is_model(block),
    )


def _read_cell(block: gemmi.cif.Block, where: str) -> tuple[Cell, list[Finding]]:
    numbers, findings = [], []
    for tag in (*_LENGTHS, *_ANGLES):
        text = find_value(block, tag)
        number = parse_number(text)
        if number is None and tag in _ANGLES and not text:
            number = parse_number("90")
            findings.append(cif_finding("cell-angle", f"{where}: {tag} not given, taken as 90°"))
        if number is None:
            msg = f"{where}: {tag} is {text or 'missing'!r}; expected a number: complete the cell in the file"
            raise CifError(msg)
        if number.damaged:
            findings.append(
                cif_finding("damaged-number", f"{where}: {tag} {text}: empty uncertainty ignored")
            )
        numbers.append(number)
    try:
        cell = Cell(
            lengths=np.array([n.value for n in numbers[:3]]),
            angles=np.array([n.value for n in numbers[3:]]),
            lengths_su=np.array([n.su for n in numbers[:3]]),
            angles_su=np.array([n.su for n in numbers[3:]]),
        )
    except ValueError as error:
        msg = f"{where}: {error}; check the _cell_ items"
        raise CifError(msg) from error
    return cell, findings


def _with_residues(sites: Sites, residues: dict[str, str]) -> Sites:
    if not residues:
        return sites
    suffixes = [label.rpartition("_")[2] if "_" in label else "" for label in sites.labels]
    return sites.with_residues(tuple(residues.get(suffix, "") for suffix in suffixes))


def _is_model(block: gemmi.cif.Block) -> bool:
    texts = (
        find_value(block, "_chemical_name_common"),
        find_value(block, "_publ_section_comment", "_refine_special_details"),
    )
    return any(_MODEL.match(text) for text in texts)


def _swallowed(block: gemmi.cif.Block, where: str) -> tuple[Finding, ...]:
    """Report text values that hold a data block: a semicolon is probably missing before it."""
    pairs = [cast("list[str]", item.pair) for item in block if item.pair is not None]
    tags = [tag for tag, value in pairs if _DATA_BLOCK.search(value) and "loop_" in value]
    return tuple(
        cif_finding(
            "swallowed-block", f"{where}: the text of {tag} holds a data block with loops; it is not read"
        )
        for tag in tags
    )


def _with_findings(crystal: Crystal, more: tuple[Finding, ...]) -> Crystal:
    return crystal.with_audit((*crystal.audit, *more)) if more else crystal
