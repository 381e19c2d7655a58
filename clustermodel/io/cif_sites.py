"""Which atoms does a CIF block list? The atom loop with every repair and discarded row noted."""

import re
from collections import Counter
from collections.abc import Callable

import gemmi
import numpy as np

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.elements import find_element
from clustermodel.io.cif_values import find_value, parse_number, read_columns
from clustermodel.structure.cell import Cell
from clustermodel.structure.finding import Finding
from clustermodel.structure.sites import Sites

__all__ = ["read_sites"]

_TAGS = {
    "label": "_atom_site_label",
    "type": "_atom_site_type_symbol",
    "x": "_atom_site_fract_x",
    "y": "_atom_site_fract_y",
    "z": "_atom_site_fract_z",
    "cx": "_atom_site_Cartn_x",
    "cy": "_atom_site_Cartn_y",
    "cz": "_atom_site_Cartn_z",
    "u": "_atom_site_U_iso_or_equiv",
    "b": "_atom_site_B_iso_or_equiv",
    "occupancy": "_atom_site_occupancy",
    "assembly": "_atom_site_disorder_assembly",
    "part": "_atom_site_disorder_group",
    "calc": "_atom_site_calc_flag",
}
_ANISO = {
    "label": "_atom_site_aniso_label",
    "11": "_atom_site_aniso_U_11",
    "22": "_atom_site_aniso_U_22",
    "33": "_atom_site_aniso_U_33",
    "23": "_atom_site_aniso_U_23",
    "13": "_atom_site_aniso_U_13",
    "12": "_atom_site_aniso_U_12",
}
_LEADING = re.compile(r"^([A-Za-z]{1,2})([0-9.+-].*)?$")
_FORMULA_ELEMENT = re.compile(r"([A-Z][a-z]?)")
_B_TO_U = 1.0 / (8.0 * np.pi**2)


class _Table:
    """The atom loop as columns of text that grow findings while they are read."""

    def __init__(self, block: gemmi.cif.Block, where: str) -> None:
        self.where = where
        self.columns = read_columns(block, _TAGS)
        self.aniso = read_columns(block, _ANISO)
        self.declared = set(_FORMULA_ELEMENT.findall(find_value(block, "_chemical_formula_sum")))
        self.size = max((len(values) for values in self.columns.values()), default=0)
        self.findings: list[Finding] = []

    def text(self, name: str) -> list[str]:
        values = self.columns.get(name, [])
        return values + [""] * (self.size - len(values))

    def note(self, code: str, severity: str, message: str, labels: list[str]) -> None:
        if labels:
            shown = ", ".join(labels[:8]) + (" ..." if len(labels) > 8 else "")
            self.findings.append(
                Finding(
                    code=f"cif-{code}",
                    severity="error"
                    if severity == "error"
                    else "warning"
                    if severity == "warning"
                    else "info",
                    message=f"{self.where}: {message}: {shown}",
                    labels=tuple(labels),
                )
            )


def read_sites(block: gemmi.cif.Block, cell: Cell, where: str) -> tuple[Sites, list[Finding]]:
    """Read the atoms of a block.

    Rows that cannot be used (no element, no coordinates, dummies, zero occupancy) are
    discarded with a finding; labels are made unique.

    Parameters
    ----------
    block : gemmi.cif.Block
        Data block.
    cell : Cell
        Its cell, for Cartesian coordinates and B factors.
    where : str
        File and block for messages.

    Returns
    -------
    Sites
        The usable sites, possibly none.
    list of Finding
        What was repaired or discarded.
    """
    table = _Table(block, where)
    labels = _labels(table)
    elements = _elements(table, labels)
    fract, su, step = _coordinates(table, cell, labels)
    occupancy = _occupancies(table, labels)
    keep = _usable(table, labels, elements, fract, occupancy)
    part = _parts(table, labels)
    u_aniso, u_aniso_su = _anisotropic(table)
    sites = Sites(
        labels=tuple(labels),
        elements=tuple(elements),
        fract=fract,
        fract_su=su,
        fract_step=step,
        u_iso=_displacements(table),
        u_aniso=u_aniso,
        u_aniso_su=u_aniso_su,
        occupancy=occupancy,
        assembly=tuple(table.text("assembly")),
        part=part,
        calculated=np.array([flag.lower() in {"c", "calc"} for flag in table.text("calc")]),
        residue=("",) * table.size,
    ).select(keep)
    return _without_copies(sites, table), table.findings


def _labels(table: _Table) -> list[str]:
    given = table.text("label")
    types = table.text("type")
    return [label or f"{types[i] or 'X'}?{i + 1}" for i, label in enumerate(given)]


def _elements(table: _Table, labels: list[str]) -> list[str]:
    types = table.text("type")
    from_type = [_element_of_symbol(text) for text in types]
    elements = [e or _element_of_label(labels[i], table.declared) for i, e in enumerate(from_type)]
    wrong = [
        f"{labels[i]} ({types[i]})" for i, e in enumerate(from_type) if types[i] and not e and elements[i]
    ]
    table.note("type-symbol", "warning", "unknown type symbol, element taken from the label", wrong)
    return elements


def _element_of_symbol(text: str) -> str:
    match = re.match(r"[A-Za-z]{1,2}", text)
    if match is None:
        return ""
    symbol = match.group().capitalize()
    if find_element(symbol):
        return symbol
    return symbol[0] if len(text) > 1 and not text[1].isalpha() and find_element(symbol[0]) else ""


def _element_of_label(label: str, declared: set[str]) -> str:
    """Guess the element of a label; a two-letter reading must be spelled so or be declared."""
    letters = re.match(r"[A-Za-z]{1,2}", label)
    if letters is None:
        return ""
    if label.lower().startswith("wat") and "W" not in declared:
        return "O"
    two, one = letters.group().capitalize(), label[0].upper()
    two_known, one_known = find_element(two) is not None, find_element(one) is not None
    if len(letters.group()) == 2 and two_known:
        spelled = letters.group()[1].islower()
        if two in declared or not one_known or (spelled and (not declared or one not in declared)):
            return two
    return one if one_known else ""


def _coordinates(table: _Table, cell: Cell, labels: list[str]) -> tuple[FloatArray, FloatArray, FloatArray]:
    cartesian = "x" not in table.columns and "cx" in table.columns
    names = ("cx", "cy", "cz") if cartesian else ("x", "y", "z")
    values = np.full((table.size, 3), np.nan)
    su, step = np.zeros((table.size, 3)), np.zeros((table.size, 3))
    damaged = []
    for axis, name in enumerate(names):
        for row, text in enumerate(table.text(name)):
            number = parse_number(text)
            if number is None:
                continue
            values[row, axis], su[row, axis], step[row, axis] = number[:3]
            if number.damaged:
                damaged.append(labels[row])
    table.note("damaged-number", "warning", "empty uncertainty '()' in a coordinate ignored", damaged)
    if cartesian:
        table.note(
            "cartesian", "warning", "only Cartesian coordinates given, cell axes taken as a || x", labels[:1]
        )
        scale = np.abs(cell.inverse)
        return values @ cell.inverse, su @ scale, step @ scale
    return values, su, step


def _occupancies(table: _Table, labels: list[str]) -> FloatArray:
    occupancy = np.ones(table.size)
    odd = []
    for row, text in enumerate(table.text("occupancy")):
        number = parse_number(text)
        if number is not None:
            occupancy[row] = number.value
        elif text:
            odd.append(f"{labels[row]} ({text})")
    table.note("occupancy", "warning", "unreadable occupancy taken as 1", odd)
    above = [f"{labels[i]} ({occupancy[i]:g})" for i in np.flatnonzero(occupancy > 1.0 + 1e-6)]
    table.note("occupancy", "warning", "occupancy above 1 taken as 1", above)
    return np.minimum(occupancy, 1.0)


def _usable(
    table: _Table,
    labels: list[str],
    elements: list[str],
    fract: FloatArray,
    occupancy: FloatArray,
) -> IntArray:
    dummy = [flag.lower() == "dum" for flag in table.text("calc")]
    tests: list[tuple[str, str, str, Callable[[int], bool]]] = [
        ("dummy-atom", "info", "dummy atoms left out", lambda i: dummy[i]),
        (
            "no-position",
            "warning",
            "atoms without coordinates left out",
            lambda i: bool(np.isnan(fract[i]).any()),
        ),
        ("unknown-element", "error", "unknown element, atoms left out", lambda i: not elements[i]),
        ("zero-occupancy", "info", "atoms with occupancy 0 left out", lambda i: bool(occupancy[i] <= 0.0)),
    ]
    keep = np.ones(table.size, dtype=bool)
    for code, severity, message, fails in tests:
        bad = [i for i in range(table.size) if keep[i] and fails(i)]
        keep[bad] = False
        table.note(code, severity, message, [labels[i] for i in bad])
    return np.flatnonzero(keep)


def _parts(table: _Table, labels: list[str]) -> IntArray:
    part = np.zeros(table.size, dtype=np.int64)
    letters, odd = [], []
    for row, text in enumerate(table.text("part")):
        if re.fullmatch(r"[+-]?\d+", text):
            part[row] = int(text)
        elif re.fullmatch(r"[A-Za-z]", text):
            part[row] = ord(text.upper()) - ord("A") + 1
            letters.append(f"{labels[row]} ({text})")
        elif text:
            odd.append(f"{labels[row]} ({text})")
    table.note("disorder-group", "info", "disorder groups given by letter read as A = 1, B = 2", letters)
    table.note("disorder-group", "warning", "unreadable disorder group ignored", odd)
    return part


def _displacements(table: _Table) -> FloatArray:
    name, factor = ("u", 1.0) if "u" in table.columns else ("b", _B_TO_U)
    numbers = [parse_number(text) for text in table.text(name)]
    return np.array([n.value * factor if n else np.nan for n in numbers])


def _anisotropic(table: _Table) -> tuple[FloatArray, FloatArray]:
    """Return the displacement tensors, NaN where there is none, and their uncertainties."""
    rows: dict[str, list[tuple[float, float]]] = {}
    names = ("11", "22", "33", "23", "13", "12")
    for i, label in enumerate(table.aniso.get("label", [])):
        numbers = [
            parse_number(table.aniso[n][i]) if i < len(table.aniso.get(n, [])) else None for n in names
        ]
        rows[label] = [(n.value, n.su) if n else (np.nan, 0.0) for n in numbers]
    missing = [(np.nan, 0.0)] * 6
    found = [rows.get(label, missing) for label in table.text("label")]
    values = np.array(found, dtype=np.float64).reshape(table.size, 6, 2)
    return values[:, :, 0], values[:, :, 1]


def _without_copies(sites: Sites, table: _Table) -> Sites:
    """Drop rows that repeat a row exactly and make the remaining labels unique."""
    seen: dict[tuple[object, ...], int] = {}
    copies, keep = [], []
    for i, label in enumerate(sites.labels):
        key = (label, sites.elements[i], *sites.fract[i].tolist(), int(sites.part[i]), sites.assembly[i])
        if key in seen:
            copies.append(label)
        else:
            seen[key] = i
            keep.append(i)
    table.note("repeated-row", "warning", "rows that repeat an atom exactly left out", copies)
    kept = sites.select(np.array(keep, dtype=np.int64))
    count = Counter(kept.labels)
    shared = sorted(label for label, n in count.items() if n > 1)
    table.note(
        "label-not-unique", "warning", "labels used for several atoms, numbered as label#2 ...", shared
    )
    return kept if not shared else _relabelled(kept, count)


def _relabelled(sites: Sites, count: Counter[str]) -> Sites:
    used: Counter[str] = Counter()
    labels = []
    for label in sites.labels:
        used[label] += 1
        labels.append(label if count[label] == 1 or used[label] == 1 else f"{label}#{used[label]}")
    return sites.with_labels(tuple(labels))
