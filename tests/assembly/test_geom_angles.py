"""Do our angles and torsions, with their uncertainties, agree with the tables that the authors deposited?

Each row of a ``_geom_angle`` or ``_geom_torsion`` loop was computed by another program from the same
coordinates. The value can differ from ours by half a last digit of everything printed, no more. The
uncertainty can differ because a refinement knows correlations that the file does not print.
"""

import functools
import itertools
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from clustermodel.assembly.angle_uncertainties import (
    Angles,
    find_angle_gradients,
    find_torsion_gradients,
    propagate_angle_su,
)
from clustermodel.assembly.atom_images import AtomImages
from clustermodel.assembly.propagation import Gradients
from clustermodel.elements import is_metal
from clustermodel.errors import CifError
from clustermodel.io.cif import read_cif_blocks
from clustermodel.io.cif_syntax import read_document
from clustermodel.io.cif_values import CifNumber, parse_number, read_columns
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.uncertainty import build_error_model
from tests.assembly.geom_loops import (
    TOLERANCE,
    agreement,
    decode,
    index_labels,
    read_cell_steps,
    read_operations,
    rounding_widths,
)
from tests.datafiles import data_files

FIND_GRADIENTS = {"angle": find_angle_gradients, "torsion": find_torsion_gradients}
WIDTH = {"angle": 3, "torsion": 4}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """One row of a loop, found among the sites: atoms as (site, operation, shift)."""

    labels: tuple[str, ...]
    printed: CifNumber
    atoms: tuple[tuple[int, int, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """The rows of one loop with what we compute for them."""

    kind: str
    crystal: Crystal
    listed: int
    unread: int
    rows: list[Row]
    gradients: Gradients
    found: Angles
    cell_step: np.ndarray

    @property
    def name(self):
        return f"{Path(self.crystal.source.file).stem}:{self.crystal.source.block}"

    def elements(self, row):
        return [self.crystal.sites.elements[site] for site, _, _ in row.atoms]

    def differences(self):
        off = np.array([row.printed.value for row in self.rows]) - self.found.values
        return (off + 180) % 360 - 180  # a torsion of 180° may be printed as -180°

    def agreement(self):
        return agreement([row.printed for row in self.rows], self.found.su, self.found.held)


def read_rows(block, kind):
    """Return labels, text and symmetry codes of the rows of a loop."""
    width = WIDTH[kind]
    ends = range(1, width + 1)
    tags = {f"l{i}": f"_geom_{kind}_atom_site_label_{i}" for i in ends}
    tags |= {f"c{i}": f"_geom_{kind}_site_symmetry_{i}" for i in ends}
    columns = read_columns(block, tags | {"value": f"_geom_{kind}"})
    texts = columns.get("value", [])
    none = [""] * len(texts)
    labels = zip(*[columns.get(f"l{i}", none) for i in ends], strict=True)
    codes = zip(*[columns.get(f"c{i}", none) for i in ends], strict=True)
    return list(zip(labels, texts, codes, strict=True))


def gradients_of(model, kind, atoms):
    """Return the gradients of lists of atoms as (site, operation, shift)."""
    columns = [
        AtomImages(
            sites=[row[k][0] for row in atoms],
            operations=[row[k][1] for row in atoms],
            shifts=np.reshape([row[k][2] for row in atoms], (-1, 3)),
        )
        for k in range(WIDTH[kind])
    ]
    return FIND_GRADIENTS[kind](model, *columns)


def find_row(model, crystal, kind, row, operations, sites_of):
    """Find the atoms of a row; where labels leave a choice, those at the printed angle."""
    labels, text, codes = row
    printed = parse_number(text)
    places = [decode(code, operations, crystal.space_group) for code in codes]
    if printed is None or any(place is None for place in places):
        return None
    choices = [
        tuple((site, g, tuple(s)) for site, (g, s) in zip(sites, places, strict=True))
        for sites in itertools.product(*[sites_of[label] for label in labels])
    ]
    assert choices, f"{crystal.source.file}: {row} names an atom that the file does not list"
    best = 0
    if len(choices) > 1:
        off = np.abs(gradients_of(model, kind, choices).values - printed.value)
        best = int(np.nanargmin(off))
    return Row(labels=labels, printed=printed, atoms=choices[best])


@functools.cache
def read_tables(path, kind):
    """Read the tables of a file with everything we compute for their rows; none if it cannot be read."""
    try:
        crystals = read_cif_blocks(path)
    except CifError:
        return ()
    blocks = {b.name: b for b in read_document(path.read_bytes(), path.name).document}
    tables = []
    for crystal in crystals:
        block = blocks[crystal.source.block]
        listed = read_rows(block, kind)
        if not listed:
            continue
        model = build_error_model(crystal, tolerance=TOLERANCE)
        operations, sites_of = read_operations(block), index_labels(crystal.sites)
        found = [find_row(model, crystal, kind, row, operations, sites_of) for row in listed]
        rows = [row for row in found if row is not None]
        gradients = gradients_of(model, kind, [row.atoms for row in rows])
        tables.append(
            Table(
                kind=kind,
                crystal=crystal,
                listed=len(listed),
                unread=len(listed) - len(rows),
                rows=rows,
                gradients=gradients,
                found=propagate_angle_su(model, gradients),
                cell_step=read_cell_steps(crystal, block),
            )
        )
    return tuple(tables)


def tables_in(folder, kind):
    return [table for path in data_files(folder, "*.cif") for table in read_tables(path, kind)]


def for_each(tables):
    """Run a test for each table; skip it, with the reason, where there is no data."""
    absent = pytest.mark.skip(reason="shared test data absent: cif, cif_disorder (set CLUSTERMODEL_DATA)")
    found = [pytest.param(table, id=f"{table.kind} {table.name}") for table in tables]
    return pytest.mark.parametrize("table", found or [pytest.param(None, id="none", marks=absent)])


TABLES = [
    table
    for kind in FIND_GRADIENTS
    for folder in ("cif", "cif_disorder")
    for table in tables_in(folder, kind)
]
needs_tables = pytest.mark.skipif(
    not TABLES, reason="shared test data absent: cif, cif_disorder (set CLUSTERMODEL_DATA)"
)

AU25 = "COD_1540567_Au25_SCH2CH2Ph_18:1540567"
FDDD = "COD_4111132_AgFe_Fddd:4111132"
PT2 = "COD_2001520_Pt2_disorder_no_occupancy:2001520"
IMB293 = "om4005498_si_Pd2Cu2_AgPd2_2blocks:imb293"
CADMIUM = "mck_NatComm-1:1"
FIXED = "fixed by symmetry; the printed angle and its uncertainty are rounding of an arc cosine"
SPLIT = "between the two places of one atom, whose errors are correlated"
STRAIGHT = "torsion about an angle of 179.99(18)°: it has no meaning"


# -------------------------------------------------------------------------------------------- values

OTHER_VALUE = {
    ("angle", AU25): {("Au3", "Au1", "Au3"): FIXED},
    ("angle", PT2): {("P4", "Pt2", "P2"): "0.006° beyond rounding; see the distances of this structure"},
    ("angle", CADMIUM): {("Cd1", "Cd1", "Cd1"): FIXED, ("S1", "S1", "S1"): FIXED},
    ("torsion", FDDD): {
        ("C32", "C27", "N5", "C26"): "through two atoms at one place, which give no plane",
        ("C28", "C27", "N5", "C26"): "through two atoms at one place, which give no plane",
        ("C25", "C26", "N5", "C27"): "through two atoms at one place, which give no plane",
    },
}


@for_each(TABLES)
def test_printed_value_lies_within_rounding(table):
    steps = np.array([row.printed.step for row in table.rows])
    widths = rounding_widths(table.crystal.sites, table.gradients, table.cell_step, steps)
    within = np.abs(table.differences()) <= widths + 1e-9  # floating point; false where ours is no number
    found = {row.labels for row, ok in zip(table.rows, within, strict=True) if not ok}
    assert found == set(OTHER_VALUE.get((table.kind, table.name), {}))


@needs_tables
def test_nearly_no_row_is_passed_over():
    unread = {(table.kind, table.name): table.unread for table in TABLES if table.unread}
    assert unread == {
        (
            "angle",
            "COD_1518592_Au2_isocyanide_powder:1518592",
        ): 4,  # code -1_655: no such operation
        ("torsion", PT2): 1,  # its value is a question mark
        ("torsion", "cod_7011014-occupancy-is-a-dot:7011014"): 1,  # the same
    }
    assert sum(table.listed for table in TABLES) > 10000


# ------------------------------------------------------------------------------------- uncertainties

# Angles and torsions with a metal atom whose uncertainty is another, with the reason; all others must agree.
OTHER_UNCERTAINTY = {
    ("angle", AU25): {("Au3", "Au1", "Au3"): FIXED},
    ("angle", PT2): {
        ("P3", "Pt1", "P1"): "printed 0.1: one digit of 0.15",
        ("P4", "Pt2", "P2"): "printed 0.1: one digit of 0.15",
    },
    ("angle", IMB293): {
        ("C4", "Ag1", "C5"): "printed 0.2, 0.31 by coordinates",
        ("C2B", "Pd1", "C2A"): SPLIT,
    },
    ("angle", "mck_1-HTP:1-HTP"): {("C006", "Fe01", "C7"): "printed 0.5, 0.79 by coordinates: disordered"},
    ("angle", CADMIUM): {("Cd1", "Cd1", "Cd1"): FIXED, ("Cd1", "N1", "Cd1"): SPLIT},
    ("torsion", FDDD): {("N1", "Fe1", "N1", "C1"): STRAIGHT, ("N1", "Fe1", "N1", "C4"): STRAIGHT},
}
# The same for whole groups of rows, by how many.
OTHER_UNCERTAINTY_COUNT = {
    ("torsion", "cod_7011014-occupancy-is-a-dot:7011014"): (
        11,
        "torsions printed 0.4 to 0.7 times as unsure, not by SHELXL; the angles of the file agree",
    ),
    **{
        ("torsion", f"cod_bs5069-estimated-sg:{metal}Zprime8"): (
            40,
            "between water and a ring refined as a rigid group with its metal atom",
        )
        for metal in ("Fe", "Mg", "Zn")
    },
}


@for_each([table for table in TABLES if "powder" not in table.name])
def test_uncertainty_of_angles_with_metals(table):
    off = [
        row.labels
        for row, ok in zip(table.rows, table.agreement(), strict=True)
        if ok is False and any(is_metal(element) for element in table.elements(row))
    ]
    count, _ = OTHER_UNCERTAINTY_COUNT.get((table.kind, table.name), (0, ""))
    if count:
        assert len(off) == count
    else:
        assert set(off) == set(OTHER_UNCERTAINTY.get((table.kind, table.name), {}))


@for_each(TABLES)
def test_other_uncertainties_are_at_most_too_large(table):
    """Restraints, and all correlations that a CIF leaves out, make angles more certain than their atoms."""
    for row, su, ok in zip(table.rows, table.found.su, table.agreement(), strict=True):
        if ok is False and not any(is_metal(element) for element in table.elements(row)):
            assert su > row.printed.su or su == 0, row.labels  # fixed by symmetry: see OTHER_STATEMENT


@needs_tables
@pytest.mark.parametrize(
    ("kind", "metal", "share"), [("angle", True, 0.99), ("angle", False, 0.95), ("torsion", False, 0.95)]
)
def test_uncertainty_of_nearly_all(kind, metal, share):
    """The promise in one number; angles of water, whose H atoms are restrained, are left out."""
    answers = [
        ok
        for table in TABLES
        if table.kind == kind and "powder" not in table.name
        for row, ok in zip(table.rows, table.agreement(), strict=True)
        if ok is not None
        and any(is_metal(element) for element in table.elements(row)) is metal
        and table.elements(row) != ["H", "O", "H"]
    ]
    assert len(answers) > 1000
    assert np.mean(answers) >= share


# Rows printed with an uncertainty although an atom has none, or the other way round.
OTHER_STATEMENT = {
    ("angle", AU25): (1, FIXED),
    ("angle", FDDD): (24, "C of a restrained ring fixed at its place, its partners refined"),
    ("torsion", FDDD): (46, "C of a restrained ring fixed at its place, its partners refined"),
    ("angle", "cod_1502949:1502949"): (1, FIXED),
    ("angle", "cod_2104634-new-symop-tags-no-SG:2104634"): (
        20,
        "H moved to neutron distances, uncertainty of its partners",
    ),
    ("angle", CADMIUM): (4, FIXED),
    ("angle", "finalcif_DK_Zucker2_0m:DK_zucker2_0m"): (8, "H of hydroxyl turned about C–O at a held angle"),
    **{
        (kind, f"cod_bs5069-estimated-sg:{metal}Zprime8"): (count, "inside a rigid group")
        for metal in ("Fe", "Mg", "Zn")
        for kind, count in (("angle", 70), ("torsion", 130))
    },
}


@for_each(TABLES)
def test_uncertainty_is_stated_where_the_authors_state_one(table):
    printed = np.array([row.printed.su > 0 for row in table.rows])
    differ = int(np.count_nonzero(printed != table.found.stated))
    assert differ == OTHER_STATEMENT.get((table.kind, table.name), (0, ""))[0]


@needs_tables
def test_angles_of_clusters_are_compared_by_the_hundred():
    stated = Counter()
    for table in TABLES:
        if table.kind == "angle":
            stated[table.name] += sum(ok is not None for ok in table.agreement())
    assert stated[AU25] > 500
