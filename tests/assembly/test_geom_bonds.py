"""Do our distances, uncertainties and bonds agree with the bond tables that the authors deposited?

Each row of a ``_geom_bond`` loop was computed by another program from the same coordinates. A distance can
differ from ours by half a last digit of everything printed, no more. An uncertainty can differ because a
refinement knows correlations that the file does not print. A bond can differ because authors and programs
list contacts too.
"""

import functools
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from clustermodel.assembly.atom_images import AtomImages
from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.assembly.propagation import Gradients, propagate_su
from clustermodel.assembly.uncertainties import (
    Distances,
    bond_uncertainties,
    find_distance_gradients,
    propagate_distance_su,
)
from clustermodel.elements import covalent_radii, is_metal
from clustermodel.errors import CifError
from clustermodel.io.cif import read_cif_blocks
from clustermodel.io.cif_syntax import read_document
from clustermodel.io.cif_values import CifNumber, parse_number
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.uncertainty import build_error_model
from tests.assembly.geom_loops import (
    ONE_DIGIT,
    POWDER,
    RIGID,
    TOLERANCE,
    agreement,
    decode,
    index_labels,
    read_cell_steps,
    read_operations,
    rounding_widths,
)
from tests.datafiles import data_files

SAME_PLACE = 0.02  # Å: a special position printed with 4 digits, moved onto its place in a cell of 50 Å


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """One row of the loop, found among the sites: atoms as (site, operation, shift)."""

    labels: tuple[str, str]
    printed: CifNumber
    atoms: tuple[tuple[int, int, tuple[int, ...]], ...]
    decoded: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """The rows of one structure with what we compute for them."""

    crystal: Crystal
    rows: list[Row]
    gradients: Gradients
    found: Distances
    cell_step: np.ndarray

    @property
    def name(self):
        return f"{Path(self.crystal.source.file).stem}:{self.crystal.source.block}"

    def elements(self, row):
        return [self.crystal.sites.elements[site] for site, _, _ in row.atoms]

    def to_metal(self, row):
        return any(is_metal(element) for element in self.elements(row))


# --------------------------------------------------------------------------------- reading the loops


def candidates(crystal, codes, operations):
    """Return the images that a symmetry code may mean: one, or all near ones if it cannot be read."""
    known = decode(codes, operations, crystal.space_group)
    if known is not None:
        return [known], True
    near = [np.array(s) - 1 for s in np.ndindex(3, 3, 3)]
    return [(g, s) for g in range(len(crystal.space_group)) for s in near], False


def find_row(crystal, operations, sites_of, row):
    """Find the atoms of a row; where labels or codes leave a choice, those at the printed distance."""
    label_1, label_2, text, code_1, code_2 = row
    printed = parse_number(text)
    if printed is None:
        return None
    group, fract, matrix = crystal.space_group, crystal.sites.fract, crystal.cell.matrix
    first, sure_1 = candidates(crystal, code_1, operations)
    second, sure_2 = candidates(crystal, code_2, operations)
    best, atoms = np.inf, None
    for one in sites_of[label_1]:
        for other in sites_of[label_2]:
            for g, s in first:
                start = group.rotations[g] @ fract[one] + group.translations[g] + s
                for h, t in second:
                    end = group.rotations[h] @ fract[other] + group.translations[h] + t
                    off = abs(np.linalg.norm((end - start) @ matrix) - printed.value)
                    if off < best:
                        best, atoms = off, ((one, g, tuple(s)), (other, h, tuple(t)))
    assert atoms is not None, f"{crystal.source.file}: {row} names an atom that the file does not list"
    return Row(labels=(label_1, label_2), printed=printed, atoms=atoms, decoded=sure_1 and sure_2)


@functools.cache
def read_tables(path):
    """Read the tables of a file with everything we compute for their rows; none if it cannot be read."""
    try:
        crystals = read_cif_blocks(path)
    except CifError:
        return ()
    blocks = {b.name: b for b in read_document(path.read_bytes(), path.name).document}
    tables = []
    for crystal in crystals:
        if not crystal.declared.geom_bonds:
            continue
        block = blocks[crystal.source.block]
        operations = read_operations(block)
        sites_of = index_labels(crystal.sites)
        found = [find_row(crystal, operations, sites_of, row) for row in crystal.declared.geom_bonds]
        tables.append(build_table(crystal, block, [row for row in found if row is not None]))
    return tuple(tables)


def build_table(crystal, block, rows):
    first, second = (
        AtomImages(
            sites=[row.atoms[end][0] for row in rows],
            operations=[row.atoms[end][1] for row in rows],
            shifts=[row.atoms[end][2] for row in rows],
        )
        for end in range(2)
    )
    return Table(
        crystal=crystal,
        rows=rows,
        gradients=find_distance_gradients(build_error_model(crystal, tolerance=TOLERANCE), first, second),
        found=propagate_distance_su(crystal, first, second),
        cell_step=read_cell_steps(crystal, block),
    )


def tables_in(folder):
    return [table for path in data_files(folder, "*.cif") for table in read_tables(path)]


def for_each(tables):
    """Run a test for each table; skip it, with the reason, where there is no data."""
    absent = pytest.mark.skip(reason="shared test data absent: cif, cif_disorder (set CLUSTERMODEL_DATA)")
    found = [pytest.param(table, id=table.name) for table in tables]
    return pytest.mark.parametrize("table", found or [pytest.param(None, id="none", marks=absent)])


CLUSTERS = tables_in("cif")
OTHERS = tables_in("cif_disorder")
needs_clusters = pytest.mark.skipif(
    not CLUSTERS, reason="shared test data absent: cif (set CLUSTERMODEL_DATA)"
)


# ----------------------------------------------------------------------------------------- distances

# Rows whose printed distance is not that of the printed coordinates.
OTHER_DISTANCE = {
    "COD_2001520_Pt2_disorder_no_occupancy:2001520": {
        # All but one of the nine distances to Pt are printed shorter than the printed coordinates make them,
        # by up to 0.0023 Å (0.6 s.u.): the two seem not to be of one cycle. P4–Pt2 lies just inside.
        ("P1", "Pt1"): 0.0023,
    },
}


@for_each(CLUSTERS + OTHERS)
def test_printed_distance_lies_within_rounding(table):
    off = np.array([row.printed.value for row in table.rows]) - table.found.lengths
    steps = np.array([row.printed.step for row in table.rows])
    widths = rounding_widths(table.crystal.sites, table.gradients, table.cell_step, steps)
    beyond = np.abs(off) > widths + 1e-9  # floating point
    found = {table.rows[i].labels: round(float(abs(off[i])), 4) for i in np.flatnonzero(beyond)}
    assert found == OTHER_DISTANCE.get(table.name, {})


@needs_clusters
def test_no_row_is_passed_over():
    declared = compared = 0
    unread = Counter()
    for table in CLUSTERS:
        declared += len(table.crystal.declared.geom_bonds)
        compared += len(table.rows)
        unread[table.name] += sum(not row.decoded for row in table.rows)
    assert compared == declared
    # Two rows have the symmetry code -1_655, an operation number that does not exist.
    assert {name: n for name, n in unread.items() if n} == {"COD_1518592_Au2_isocyanide_powder:1518592": 2}


# ------------------------------------------------------------------------------------- uncertainties

# Bonds to metals whose uncertainty is another, with the reason; every other row must agree.
OTHER_UNCERTAINTY = {
    "COD_2000695_AuSbPh3_4_ClO4_R-3:2000695": {("Au", "Sb(1)"): ONE_DIGIT, ("Au", "Sb(2)"): ONE_DIGIT},
    "COD_2001520_Pt2_disorder_no_occupancy:2001520": {
        ("P4", "Pt2"): "0.0045 by coordinates as for P3, printed 3"
    },
    "om4005498_si_Pd2Cu2_AgPd2_2blocks:imb293": {("Pd1", "C2B"): "half of a split atom: 0.021 Å, printed 16"},
}
# The same for the other structures, by how many.
OTHER_UNCERTAINTY_COUNT = {
    "mck_NatComm-1:1": (3, "Cd and its ligands disordered about 6_3/m, all correlated")
}


def agreement_of(table, su):
    return agreement([row.printed for row in table.rows], su, table.found.held)


def metal_rows(table, answers):
    return [ok for row, ok in zip(table.rows, answers, strict=True) if table.to_metal(row) and ok is not None]


@for_each(CLUSTERS)
def test_uncertainty_of_bonds_to_metals(table):
    answers = agreement_of(table, table.found.su)
    off = {
        row.labels for row, ok in zip(table.rows, answers, strict=True) if ok is False and table.to_metal(row)
    }
    if "powder" in table.name:
        assert not any(answers), POWDER
    else:
        assert off == set(OTHER_UNCERTAINTY.get(table.name, {}))


@for_each(OTHERS)
def test_uncertainty_of_bonds_to_metals_in_other_structures(table):
    rows = metal_rows(table, agreement_of(table, table.found.su))
    expected, _ = OTHER_UNCERTAINTY_COUNT.get(table.name, (0, ""))
    assert rows.count(False) == expected


@needs_clusters
def test_uncertainty_of_nearly_all_bonds_to_metals():
    """The promise in one number: at least 95 % of the bonds to metals, refinements of crystals."""
    tables = [table for table in CLUSTERS if "powder" not in table.name]
    rows = [ok for table in tables for ok in metal_rows(table, agreement_of(table, table.found.su))]
    assert np.mean(rows) >= 0.95


@for_each(CLUSTERS)
def test_other_uncertainties_are_at_most_too_large(table):
    """Restraints, and all correlations that a CIF leaves out, make bonds more certain than their atoms."""
    answers = agreement_of(table, table.found.su)
    for row, su, ok in zip(table.rows, table.found.su, answers, strict=True):
        if ok is False and not table.to_metal(row):
            assert su > row.printed.su, row.labels


@needs_clusters
def test_isotropic_errors_agree_better_than_uncorrelated_coordinates():
    """On oblique axes coordinates are correlated: what the error model assumes instead of nothing."""
    oblique = [table for table in CLUSTERS if table.crystal.space_group.number <= 2]  # triclinic
    isotropic, uncorrelated = [], []
    for table in oblique:
        model = build_error_model(table.crystal, tolerance=TOLERANCE)
        diagonal = replace(model, positional=model.positional * np.eye(3))
        isotropic += metal_rows(table, agreement_of(table, table.found.su))
        uncorrelated += metal_rows(table, agreement_of(table, propagate_su(diagonal, table.gradients)))
    assert np.mean(isotropic) > np.mean(uncorrelated)


# Rows printed with an uncertainty although an atom has none, or the other way round.
OTHER_STATEMENT = {
    "COD_2000695_AuSbPh3_4_ClO4_R-3:2000695": (
        4,
        "C of rigid phenyl groups, listed without their uncertainties",
    ),
    "COD_4111132_AgFe_Fddd:4111132": (8, "C of a restrained ring fixed at its place, its partner refined"),
    "cod_2104634-new-symop-tags-no-SG:2104634": (
        10,
        "H moved to neutron distances, uncertainty of its partner",
    ),
    "cod_4100752-correct-values:4100752": (39, RIGID),
    "cod_bs5069-estimated-sg:FeZprime8": (40, RIGID),
    "cod_bs5069-estimated-sg:MgZprime8": (40, RIGID),
    "cod_bs5069-estimated-sg:ZnZprime8": (40, RIGID),
}


@for_each(CLUSTERS + OTHERS)
def test_uncertainty_is_stated_where_the_authors_state_one(table):
    printed = np.array([row.printed.su > 0 for row in table.rows])
    differ = int(np.count_nonzero(printed != table.found.stated))
    assert differ == OTHER_STATEMENT.get(table.name, (0, ""))[0]


# --------------------------------------------------------------------------------------------- bonds

SPANNED = "beyond the tight limit, between atoms that share a neighbour: a contact across an angle or a ring"
CONTACT = "metals beyond the bonding limit: reported as a contact"
LEFT_OUT = "an atom that the assembly left out and says so: disorder, shared place, listed twice"
OTHER_IMAGE = "atoms of two images of a disordered site, of which one is kept"


class BondTable:
    """Our bonds around every site, in the frame of the site as the file lists it."""

    def __init__(self, crystal):
        self.assembly = assemble_molecules(crystal)
        self.crystal = self.assembly.crystal
        self.kept = set()
        self.place = np.array(self.crystal.sites.fract)
        self.ends = []
        self.seen = set()
        self.around = defaultdict(list)
        for distinct in self.assembly.molecules:
            self.add(distinct.molecule)

    def add(self, molecule):
        group, origin, bonds = self.crystal.space_group, molecule.origin, molecule.bonds
        fract = molecule.positions @ self.crystal.cell.inverse
        back = [np.linalg.inv(group.rotations[g]) for g in origin.operations]
        start = group.translations[origin.operations] + origin.shifts
        for atom, site in enumerate(origin.sites.tolist()):
            self.kept.add(site)
            self.place[site] = back[atom] @ (fract[atom] - start[atom])
        for (first, second), shift in zip(bonds.pairs.tolist(), bonds.shifts, strict=True):
            number = len(self.ends)
            self.ends.append((int(origin.sites[first]), int(origin.sites[second])))
            for one, other, cells in ((first, second, shift), (second, first, -shift)):
                point = back[one] @ (fract[other] + cells - start[one])
                site = int(origin.sites[one])
                self.around[site] += [
                    (number, int(origin.sites[other]), image) for image in self.turned(site, point)
                ]

    def turned(self, site, point):
        """Return the images of a point by the operations that leave a site where it is."""
        group, x = self.crystal.space_group, self.place[site]
        images = group.rotations @ x + group.translations
        cells = np.rint(x - images)
        still = np.linalg.norm((images + cells - x) @ self.crystal.cell.matrix, axis=1) < SAME_PLACE
        return group.rotations[still] @ point + group.translations[still] + cells[still]

    def frame(self, row):
        """Return how to get from the frame of the second atom of a row to that of the first."""
        group = self.crystal.space_group
        (_, g, s), (_, h, t) = row.atoms
        back = np.linalg.inv(group.rotations[g])
        offset = group.translations[h] + t - group.translations[g] - s
        return lambda point: back @ (group.rotations[h] @ point + offset)

    def places(self, *sites):
        """Return where sites are, the same for elements that share one."""
        return frozenset(tuple(np.round(self.crystal.sites.fract[site], 5)) for site in sites)

    def same(self, one, other):
        return np.linalg.norm((one - other) @ self.crystal.cell.matrix) < SAME_PLACE

    def find(self, row):
        """Return the numbers of our bonds that a row means."""
        first, second = (site for site, _, _ in row.atoms)
        point = self.frame(row)(self.place[second])
        return {n for n, site, p in self.around[first] if site == second and self.same(p, point)}

    def explain(self, row, length):
        """Return why a row is no bond of ours; empty if there is no reason."""
        sites, (first, second) = self.crystal.sites, [site for site, _, _ in row.atoms]
        left_out = {first, second} - self.kept
        if left_out:
            told = {label for finding in self.assembly.findings for label in finding.labels}
            return LEFT_OUT if {sites.labels[site] for site in left_out} <= told else ""
        elements = [sites.elements[first], sites.elements[second]]
        metals = sum(is_metal(element) for element in elements)
        rule = self.assembly.rule
        excess = length - covalent_radii(elements).sum()
        pairs = {frozenset(contact.labels) for contact in self.assembly.contacts}
        if metals == 2 and excess > rule.metal_metal:
            return CONTACT if {sites.labels[first], sites.labels[second]} in pairs else ""
        crosses = row.atoms[0][1:] != row.atoms[1][1:]
        if crosses and min(sites.occupancy[first], sites.occupancy[second]) < 1:
            return OTHER_IMAGE
        if excess > (rule.metal if metals else rule.organic):
            there = self.frame(row)
            near = [p for _, _, p in self.around[first]]
            beyond = [there(p) for _, _, p in self.around[second]]
            if any(self.same(p, q) for p in near for q in beyond):
                return SPANNED
        return ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """Our bonds against the rows: what is the same bond, which rows are none, which bonds are not listed."""

    bonds: BondTable
    same: list[tuple[int, int]]
    missing: list[tuple[tuple[str, str], str]]
    unlisted: list[tuple[int, int]]


@functools.cache
def compare(table):
    bonds = BondTable(table.crystal)
    same, missing = [], []
    for index, (row, length) in enumerate(zip(table.rows, table.found.lengths, strict=True)):
        numbers = bonds.find(row)
        same += [(index, number) for number in numbers]
        if not numbers:
            missing.append((row.labels, bonds.explain(row, length)))
    named = {bonds.places(*[site for site, _, _ in row.atoms]) for row in table.rows}
    listed = {number for _, number in same}
    unlisted = [
        ends for n, ends in enumerate(bonds.ends) if n not in listed and bonds.places(*ends) not in named
    ]
    return Comparison(bonds=bonds, same=same, missing=missing, unlisted=unlisted)


# Rows that are no bonds of ours and need a reason that is not computed: none.
OTHER_BOND: dict[str, set[tuple[str, str]]] = {}

# Bonds of ours that the table leaves out, hydrogen aside, by elements.
UNLISTED = {
    "COD_1101169_W6_POM:1101169": (
        {"W–W": 17, "V–W": 6, "V–V": 1},
        "metals of a polyoxometalate 3.20–3.26 Å apart over O, within the covalent sum + 0.30 Å",
    ),
    "COD_2000695_AuSbPh3_4_ClO4_R-3:2000695": (
        {"C–C": 72, "Cl–O": 12},
        "the table holds only Au–Sb and Sb–C",
    ),
    "cod_2104634-new-symop-tags-no-SG:2104634": ({"Co–Co": 2}, "2.46 Å under an alkyne bridge: a bond"),
}
UNLISTED_HYDROGEN = {
    "mck_overlap_ag_n:ORARIM": (
        4,
        "H of an ammonium on a site shared with Ag; the table lists only the other",
    ),
}


@for_each(CLUSTERS + OTHERS)
def test_listed_bonds_are_bonds_or_have_a_reason(table):
    unexplained = {labels for labels, reason in compare(table).missing if not reason}
    assert unexplained == OTHER_BOND.get(table.name, set())


@for_each(CLUSTERS + OTHERS)
def test_bonds_are_listed_or_have_a_reason(table):
    comparison = compare(table)
    elements = comparison.bonds.crystal.sites.elements
    pairs = ["–".join(sorted((elements[a], elements[b]))) for a, b in comparison.unlisted]
    heavy = Counter(pair for pair in pairs if "H" not in pair.split("–"))
    assert heavy == UNLISTED.get(table.name, ({}, ""))[0]
    if any("H" in table.elements(row) for row in table.rows):  # many tables leave hydrogen out
        assert len(pairs) - heavy.total() == UNLISTED_HYDROGEN.get(table.name, (0, ""))[0]


@for_each(CLUSTERS + OTHERS)
def test_bonds_have_the_length_and_uncertainty_of_their_row(table):
    """The assembled molecule, its atoms moved by operations and cells, gives what the two sites give."""
    comparison = compare(table)
    molecules = [d.molecule for d in comparison.bonds.assembly.molecules]
    crystal = comparison.bonds.crystal
    su = np.concatenate([bond_uncertainties(crystal, m) for m in molecules])
    lengths = np.concatenate([m.bonds.lengths for m in molecules])
    stated = table.found.complete_su()
    for index, number in comparison.same:
        assert lengths[number] == pytest.approx(table.found.lengths[index], abs=SAME_PLACE)
        # 2 %: the bond turns by SAME_PLACE / length where an atom is moved onto its special position
        assert su[number] == pytest.approx(stated[index], rel=0.02, nan_ok=True)
