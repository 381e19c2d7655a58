"""Labels of motifs and attachments, and the roles of atoms, on clusters known by construction."""

import numpy as np
import pytest

from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.cluster import build_cluster
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.cluster.roles import ROLES
from clustermodel.structure.molecule import molecule_from_atoms
from tests.cluster import model_clusters as models
from tests.cluster.shared_clusters import XRAY_AU25, read_atoms


def describe(atoms):
    anatomy = classify_kernel(atoms.cluster())
    assert anatomy.bookkeeping.balanced
    return anatomy.kernel_formula, dict(anatomy.inventory)


@pytest.mark.parametrize(
    ("ends", "label"),
    [
        (("S", "S"), "Au(SR)2"),
        (("Se", "Se"), "Au(SeR)2"),
        (("S", "Se"), "Au(SR)(SeR)"),
        (("S", "P"), "Au(SR)(PR3)"),
        (("S", "Cl"), "Au(SR)Cl"),
    ],
)
def test_units_with_mixed_donors(ends, label):
    assert describe(models.unit_on_kernel(ends=ends)) == ("Au4", {label: 1})


def test_iodide_bridges():
    assert describe(models.unit_on_kernel(ends=("S", "I"), length=2.45)) == ("Au4", {"Au(SR)I": 1})
    assert describe(models.unit_on_kernel(ends=("I", "I"), length=2.60)) == ("Au4", {"AuI2": 1})


@pytest.mark.parametrize(("other", "label"), [("C", "Au(C≡CR)2"), ("P", "Au(C≡CR)(PR3)")])
def test_alkynyl_units(other, label):
    formula, inventory = describe(models.alkynyl_unit(other))
    assert inventory == {label: 1}
    assert formula == {"C": "Au4", "P": "Au3"}[other]


def test_ring():
    anatomy = classify_kernel(models.ring_on_triangle().cluster())
    assert anatomy.summary == "Au3 + 1 cyclo-Au4(SR)4"
    assert anatomy.motifs[0].rings == 1
    assert anatomy.roles.count("staple-bridge") == 4
    assert anatomy.bookkeeping.balanced


def test_two_units_that_share_a_donor_are_one_staple():
    """S-Au-S-Au-S from two linear units at a right angle."""
    atoms = models.Atoms().add_thiolate((0, 0, 0), (-1, -1, 1))
    for axis in np.eye(3)[:2]:
        atoms.add("Au", 2.35 * axis).add_thiolate(4.7 * axis, axis + np.array([0, 0, 1]))
        atoms.add("Au", 4.7 * axis - (0, 0, 2.4), 4.7 * axis - (0, 0, 5.2))
    anatomy = classify_kernel(atoms.cluster())
    assert anatomy.summary == "Au4 + 1 Au2(SR)3"
    assert anatomy.roles[0] == "staple-bridge"
    assert anatomy.roles.count("staple-end") == 2


def test_sulfide_wings():
    """Two Au2S wings on a tetrahedron, after [Au8(dppm)4S2]2+: 8 metals, 2 S and 8 P."""
    anatomy = classify_kernel(models.sulfide_wings().cluster())
    assert anatomy.kernel_formula == "Au4"
    assert dict(anatomy.inventory) == {"Au2S(PR3)2": 2, "PR3": 4}
    assert all(motif.branched for motif in anatomy.motifs)
    books = anatomy.bookkeeping
    assert (books.metals, books.donors, books.balanced) == (8, 10, True)
    assert anatomy.roles.count("sulfide") == 2


def test_sulfides_on_the_kernel():
    assert describe(models.octahedron_with_sulfides()) == ("W6", {"mu3-S": 8, "PR3": 6})


@pytest.mark.parametrize(("phosphines", "chlorides"), [(9, 3), (10, 2), (7, 3), (12, 0)])
def test_phosphine_halide_shell(phosphines, chlorides):
    atoms = models.phosphine_icosahedron(phosphines, chlorides)
    formula, inventory = describe(atoms)
    assert formula == "Au13"
    assert inventory == {k: n for k, n in (("Cl", chlorides), ("PR3", phosphines)) if n}


def test_undecagold_phosphine_halide():
    """Au11(PH3)7Cl3-like: an icosahedron without two neighbouring vertices keeps its centre."""
    full = models.icosahedron()
    first = full.positions[1]
    near = min(range(2, 13), key=lambda i: np.linalg.norm(full.positions[i] - first))
    kept = [i for i in range(13) if i not in (1, near)]
    atoms = models.Atoms().add("Au", *(full.positions[i] for i in kept))
    vertices = [full.positions[i] / 2.75 for i in kept[1:]]
    for vertex in vertices[:7]:
        atoms.add_phosphine(5.05 * vertex, vertex)
    atoms.add("Cl", *(5.10 * vertex for vertex in vertices[7:]))
    anatomy = classify_kernel(atoms.cluster())
    assert anatomy.kernel_formula == "Au11"
    assert dict(anatomy.inventory) == {"PR3": 7, "Cl": 3}
    assert anatomy.roles[0] == "centre"
    assert anatomy.roles.count("kernel-surface") == 10


def test_diphosphine_is_one_attachment_of_two_donors():
    anatomy = classify_kernel(models.diphosphine_on_triangle().cluster())
    assert dict(anatomy.inventory) == {"P^P": 1}
    assert anatomy.bookkeeping.donors == 2
    assert anatomy.bookkeeping.balanced


def test_bridge_and_terminal_anions_on_the_kernel():
    atoms = models.Atoms().add("Au", (0, 0, 0), (2.9, 0, 0), (1.45, 2.5, 0))
    atoms.add_thiolate((1.45, -1.1, 1.6), (0, -1, 0)).add("Cl", (0.4, 3.0, 2.3), (-1.7, -1.6, 0))
    anatomy = classify_kernel(atoms.cluster())
    assert anatomy.kernel_formula == "Au3"
    assert dict(anatomy.inventory) == {"mu2-SR": 1, "Cl": 2}
    assert anatomy.bookkeeping.bridges == 1
    assert anatomy.roles.count("bridge") == 1
    assert anatomy.roles.count("halide") == 2


def test_third_metal_far_from_a_donor_is_not_counted():
    """Two Au-S of 2.30 Å and one of 2.80 Å: mu2, and the long bond is noted."""
    near = [np.array([x, 0, 0]) for x in (-1.45, 1.45)]
    sulfur = np.array([0, 0, np.sqrt(2.30**2 - 1.45**2)])
    atoms = models.Atoms().add("Au", *near).add("Au", sulfur + 2.80 * np.array([0, 0.8, 0.6]))
    atoms.add_thiolate(sulfur, (0, -1, 0.6))
    anatomy = classify_kernel(atoms.cluster())
    assert dict(anatomy.inventory) == {"mu2-SR": 1}
    assert anatomy.long_bonds == ((2, 3),)
    assert [n.labels for n in anatomy.notes] == [("Au3", "S4")]


def test_roles_of_an_icosahedron():
    anatomy = classify_kernel(models.phosphine_icosahedron(9, 2).cluster())
    assert anatomy.roles[0] == "centre"
    assert anatomy.roles[1:13].count("kernel-surface") == 11
    assert anatomy.roles[1:13].count("kernel") == 1  # the vertex without a ligand
    assert anatomy.roles.count("phosphine") == 9
    assert anatomy.roles.count("ligand") == 27


def test_centre_is_in_a_hull_not_on_it():
    """The twelve vertices of a bare icosahedron are open, its centre is not."""
    assert classify_kernel(models.icosahedron().cluster()).roles == ("centre", *["kernel"] * 12)


@pytest.fixture
def au25():
    return read_atoms(XRAY_AU25)


def test_roles_of_au25(au25):
    anatomy = classify_kernel(build_cluster(bond_molecule(au25)))
    counts = {role: anatomy.roles.count(role) for role in ROLES if role in anatomy.roles}
    assert counts == {
        "centre": 1,
        "kernel-surface": 12,
        "staple": 12,
        "staple-bridge": 6,
        "staple-end": 12,
        "ligand": 306,
    }


def test_alloy_of_au25(au25):
    """Palladium in the centre, silver in one staple: the same anatomy with other names."""
    pure = classify_kernel(build_cluster(bond_molecule(au25)))
    elements = list(au25.elements)
    elements[pure.roles.index("centre")] = "Pd"
    elements[pure.shell[0]] = "Ag"
    alloy = classify_kernel(build_cluster(bond_molecule(molecule_from_atoms(elements, au25.positions))))
    assert alloy.kernel_formula == "Au12Pd"
    assert dict(alloy.inventory) == {"Au2(SR)3": 5, "AgAu(SR)3": 1}
    assert alloy.roles == pure.roles


def test_silver_and_copper_shells_by_the_same_rule():
    for metal in ("Ag", "Cu"):
        length = {"Ag": 2.40, "Cu": 2.16}[metal]
        formula, inventory = describe(models.unit_on_kernel(metal=metal, length=length))
        assert (formula, inventory) == ("Au4", {f"{metal}(SR)2": 1})
