"""Whole models: what was declared is read back from the coordinates, no atoms clash, and errors say why."""

import itertools
from collections import Counter
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from scipy.spatial.distance import cdist

from clustermodel.analysis.kernel_units import find_kernel_units
from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.cluster import build_cluster
from clustermodel.cluster.electron_count import count_electrons
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.cluster.ligands import count_ligands
from clustermodel.cluster.models.attachment import attach_ligands
from clustermodel.cluster.models.build import build_from_topology
from clustermodel.cluster.models.ligand_templates import find_template, list_templates
from clustermodel.cluster.models.model_checks import check_model
from clustermodel.cluster.models.skeleton_fit import fit_skeleton
from clustermodel.cluster.models.topology import Bridge, Staple, Terminal, Topology, Unit
from clustermodel.elements import van_der_waals_radii
from clustermodel.errors import InputError
from clustermodel.structure.molecule import molecule_from_atoms
from tests.cluster import model_topologies as models

# Formula, electrons, kernel, motifs, ligands by name, and kernel units as published: Au25 doi
# 10.1021/ja800561b, Au20 10.1021/ja307256b; Au38Q two icosahedra on a face; Au13 an icosahedron, Au11 an
# incomplete one. Au23 is told by the rule of two donors in a line, which finds two of the kernel atoms of the
# paper in its shell. Electrons: metal atoms less thiolates, halides and charge (doi 10.1073/pnas.0801001105).
PUBLISHED = {
    "au25 SH": (
        "Au25H18S18",
        8,
        "Au13",
        {"Au2(SR)3": 6},
        {"SH": 18},
        "13 = 13",
    ),
    "au25 PET": (
        "C144H162Au25S18",
        8,
        "Au13",
        {"Au2(SR)3": 6},
        {"SC2H4Ph": 18},
        "13 = 13",
    ),
    "au38 SCH3": (
        "C24H72Au38S24",
        14,
        "Au23",
        {"Au2(SR)3": 6, "Au(SR)2": 3},
        {"SCH3": 24},
        "23 = 13 + 13 − 3",
    ),
    "au38 PET": (
        "C192H216Au38S24",
        14,
        "Au23",
        {"Au2(SR)3": 6, "Au(SR)2": 3},
        {"SC2H4Ph": 24},
        "23 = 13 + 13 − 3",
    ),
    "au23 SCy": (
        "C96H176Au23S16",
        8,
        "Au13",
        {"Au3(SR)4": 2, "Au(SR)2": 4},
        {"SCy": 16},
        "",
    ),
    "au20 PPhpy2": (
        "C160H130Au20Cl4N20P10",
        14,
        "Au20",
        {"PR3": 10, "Cl": 4},
        {"PPhpy2": 10, "Cl": 4},
        "20 = 11 + 11 − 2",
    ),
    "au13_dppe": (
        "C130H120Au13Cl2P10",
        8,
        "Au13",
        {"P^P": 5, "Cl": 2},
        {"dppe": 5, "Cl": 2},
        "13 = 13",
    ),
    "au11 PPh3": (
        "C126H105Au11Cl3P7",
        8,
        "Au11",
        {"PR3": 7, "Cl": 3},
        {"PPh3": 7, "Cl": 3},
        "11 = 11",
    ),
}
# Part of the sum of Bondi radii that two ligands keep between them. Clusters optimised by density functional
# theory go down to 0.86 (C···H 2.49 Å in Au36(TBBT)24); the builder aims at 0.92.
NEAREST = 0.85


def declare(case):
    name, _, ligand = case.partition(" ")
    return getattr(models, name)(*([ligand] if ligand else []))


SLOW = {"au20 PPhpy2", "au11 PPh3", "au38 PET"}  # three to ten seconds each


@pytest.fixture(
    scope="module",
    params=[pytest.param(case, marks=[pytest.mark.slow] if case in SLOW else []) for case in PUBLISHED],
)
def built(request):
    return request.param, build_from_topology(declare(request.param), starts=2)


def read_back(cluster):
    """The cluster as the analysis sees it, from elements and positions alone."""
    bare = molecule_from_atoms(cluster.molecule.elements, cluster.molecule.positions)
    return build_cluster(bond_molecule(bare))


def test_published_composition_is_read_back(built):
    case, model = built
    formula, electrons, kernel, motifs, ligands, units = PUBLISHED[case]
    seen = read_back(model)
    anatomy = classify_kernel(seen)
    assert seen.molecule.formula == formula
    assert count_electrons(seen, model.topology.charge).value == electrons
    assert (anatomy.kernel_formula, dict(anatomy.inventory)) == (kernel, motifs)
    assert anatomy.bookkeeping.balanced
    assert {row.name: row.count for row in count_ligands(seen.ligands)} == ligands
    if units:
        best = find_kernel_units(seen, anatomy).decompositions[0]
        assert (best.identity, best.convincing) == (units, True)


def test_each_ligand_is_where_it_was_declared(built):
    _, model = built
    seen = read_back(model)
    found = {frozenset(ligand.atoms): ligand for ligand in seen.ligands}
    neighbors = model.skeleton.skeleton.neighbors()
    for site, members in zip(model.skeleton.skeleton.sites, model.members, strict=True):
        ligand = found[frozenset(members)]
        assert sorted(donor.atom for donor in ligand.donors) == sorted(site.donors)
        for donor in ligand.donors:
            assert sorted(donor.metals) == neighbors[donor.atom]


def test_no_two_ligands_clash(built):
    """Own count: every two atoms of different ligands, by their Bondi radii."""
    _, model = built
    positions, elements = model.molecule.positions, model.molecule.elements
    radii = van_der_waals_radii(elements)
    for one, two in itertools.combinations(model.members, 2):
        near = set(itertools.chain(*(model.molecule.neighbors()[k] for k in one))) if len(one) == 1 else set()
        a, b = list(one), [atom for atom in two if atom not in near]
        parts = cdist(positions[a], positions[b]) / (radii[a][:, None] + radii[b][None])
        assert parts.min() > NEAREST


def test_no_atom_of_a_ligand_comes_near_a_metal_that_does_not_hold_it(built):
    _, model = built
    elements, positions = model.molecule.elements, model.molecule.positions
    graph = nx.Graph(model.molecule.bonds.pairs.tolist())
    metals = [k for k, element in enumerate(elements) if element == "Au"]
    for atom, element in enumerate(elements):
        if element in {"C", "N", "H"}:
            reached = nx.single_source_shortest_path_length(graph, atom, cutoff=3)
            others = [metal for metal in metals if metal not in reached]
            assert (
                np.linalg.norm(positions[others] - positions[atom], axis=1).min() > 2.3
            )  # Å; Au-H bonds end at 2.0


def test_residuals_stay_within_their_widths(built):
    """Three widths, as for the skeleton: what the ligands add does not move the kernel out of its targets."""
    _, model = built
    quality = check_model(model)
    assert quality.findings == ()
    assert max(fit.worst for fit in quality.fits) < 3
    assert model.worst["length"] < 3
    assert np.isnan(quality.contact) or quality.contact > NEAREST


def test_ligands_keep_the_shape_of_their_template(built):
    _, model = built
    for site, members in zip(model.skeleton.skeleton.sites, model.members, strict=True):
        template = find_template(site.ligand)
        atoms = model.molecule.positions[list(members)]
        for one, two in template.bonds:
            ideal = np.linalg.norm(template.positions[one] - template.positions[two])
            assert np.linalg.norm(atoms[one] - atoms[two]) == pytest.approx(
                ideal, abs=0.03
            )  # three widths of 0.01


def test_model_is_the_same_every_time():
    one, two = (build_from_topology(models.au25("SCH3"), starts=2) for _ in range(2))
    assert one.molecule.elements == two.molecule.elements
    assert np.array_equal(one.molecule.positions, two.molecule.positions)


# ------------------------------------------------------------------------------------------ every ligand


CORNERS = ("a", "b", "c", "d")
CORE = (Unit(polyhedron="tetrahedron", vertices=CORNERS),)
THIOLATES = [name for name in list_templates() if find_template(name).elements[0] == "S"]
OTHERS = [name for name in list_templates() if name not in THIOLATES and name != "dppe"]


def count_atoms(name, times):
    return Counter({element: times * n for element, n in Counter(find_template(name).elements).items()})


@pytest.mark.parametrize("ligand", THIOLATES)
def test_every_thiolate_staples(ligand):
    """Au4 with two staples: 4 + 2 metal atoms and 4 ligands."""
    staples = (Staple(ends=("a", "b")), Staple(ends=("c", "d")))
    topology = Topology(name="x", charge=0, units=CORE, staples=staples, thiolate=ligand)
    model = build_from_topology(topology, starts=2)
    assert Counter(model.molecule.elements) == count_atoms(ligand, 4) + Counter(Au=6)
    assert classify_kernel(read_back(model)).summary == "Au4 + 2 Au(SR)2"
    assert check_model(model).findings == ()


@pytest.mark.parametrize("ligand", OTHERS)
def test_every_terminal_ligand_stands_on_its_corner(ligand):
    ends = tuple(Terminal(on=(name,)) for name in CORNERS)
    topology = Topology(name="x", charge=0, units=CORE, terminals=ends, phosphine=ligand)
    model = build_from_topology(topology, starts=2)
    assert Counter(model.molecule.elements) == count_atoms(ligand, 4) + Counter(Au=4)
    assert [donor.metals for one in read_back(model).ligands for donor in one.donors] == [
        (0,),
        (1,),
        (2,),
        (3,),
    ]
    assert check_model(model).findings == ()


def test_chelate_spans_an_edge():
    ends = (Terminal(on=("a", "b")), Terminal(on=("c", "d")))
    topology = Topology(name="x", charge=2, units=CORE, terminals=ends, phosphine="dppe")
    model = build_from_topology(topology, starts=2)
    assert [row.binding for row in count_ligands(read_back(model).ligands)] == ["mu2-P,P'"]
    assert check_model(model).findings == ()


@pytest.mark.parametrize("ligand", ["SCH3", "Cl"])
def test_bridges_of_two_and_three(ligand):
    bridges = (Bridge(joins=("a", "b"), ligand=ligand), Bridge(joins=("b", "c", "d"), ligand=ligand))
    model = build_from_topology(Topology(name="x", charge=0, units=CORE, bridges=bridges), starts=2)
    assert [row.binding for row in count_ligands(read_back(model).ligands)] == ["mu2", "mu3"]


def test_mixed_ligands_are_kept_apart():
    staples = (Staple(ends=("a", "b"), ligand="SPh"), Staple(ends=("c", "d")))
    topology = Topology(name="x", charge=0, units=CORE, staples=staples, thiolate="SCy")
    names = {row.name: row.count for row in count_ligands(read_back(build_from_topology(topology)).ligands)}
    assert names == {"SPh": 2, "SCy": 2}


# --------------------------------------------------------------------------------------------- symmetry


def test_axis_that_a_topology_does_not_have_is_refused():
    units = (
        Unit(polyhedron="tetrahedron", vertices=("a", "b", "s", "t")),
        Unit(polyhedron="tetrahedron", vertices=("c", "d", "s", "t")),
    )
    ends = tuple(Terminal(on=(name,)) for name in ("a", "b", "c", "d"))
    topology = Topology(name="x", charge=0, units=units, terminals=ends, phosphine="PMe3")
    with pytest.raises(InputError, match="a two-fold axis through z, which is no kernel atom"):
        build_from_topology(topology, twofold=("s", "z"))
    with pytest.raises(InputError, match="no such symmetry"):
        build_from_topology(topology, twofold=("a", "s"))


def test_model_with_a_twofold_axis_maps_onto_itself():
    """An octahedron with phosphines beside the axis a-f: the image of every atom is an atom."""
    core = (Unit(polyhedron="octahedron", vertices=tuple("abcdef")),)
    ends = tuple(Terminal(on=(name,)) for name in "bcde")
    topology = Topology(name="x", charge=4, units=core, terminals=ends, phosphine="PPh3")
    model = build_from_topology(topology, twofold=("a", "f"), starts=2)
    image = model.molecule.positions * [-1, -1, 1]
    apart = cdist(model.molecule.positions, image)
    assert apart.min(axis=0).max() < 1e-6  # Å; symmetrised: rounding
    for atom, other in enumerate(apart.argmin(axis=0)):
        assert model.molecule.elements[atom] == model.molecule.elements[other]
    assert model.symmetry == 2


def test_ligand_on_the_axis_and_missing_symmetry_are_refused():
    core = (Unit(polyhedron="octahedron", vertices=tuple("abcdef")),)
    topology = Topology(name="x", charge=4, units=core, terminals=(Terminal(on=("a",)),))
    with pytest.raises(InputError, match=r"ligand 1 \(PH3\) onto itself"):
        build_from_topology(topology, twofold=("a", "f"), starts=1)
    fit = fit_skeleton(topology, starts=1)
    with pytest.raises(InputError, match="misses a symmetry asked for"):
        attach_ligands(fit.skeleton, fit.positions + 1.0, symmetry=[np.diag([-1.0, -1.0, 1.0])])


# ---------------------------------------------------------------------------------------------- checks


def test_check_finds_a_bond_that_was_pulled_apart_and_one_that_came_in():
    model = build_from_topology(models.au25("SH"), starts=1)
    positions = model.molecule.positions.copy()
    donor = model.members[0][0]
    outward = positions[donor] / np.linalg.norm(positions[donor])
    positions[list(model.members[0])] += 2.0 * outward
    far = replace(model, molecule=model.molecule.with_positions(positions))
    codes = {finding.code: finding for finding in check_model(far).findings}
    assert set(codes) == {"model-bond-lost", "model-strained"}
    assert model.molecule.labels[donor] in codes["model-bond-lost"].labels
    positions = model.molecule.positions.copy()
    other = model.members[9][0]
    positions[model.members[0][1]] = positions[other] + [1.3, 0, 0]
    near = replace(model, molecule=model.molecule.with_positions(positions))
    codes = {finding.code: finding for finding in check_model(near).findings}
    assert model.molecule.labels[other] in codes["model-bond-extra"].labels


def test_check_finds_a_clash():
    model = build_from_topology(models.au25("SCH3"), starts=1)
    positions = model.molecule.positions.copy()
    hydrogen, other = model.members[0][2], model.members[9][2]
    positions[hydrogen] = positions[other] + [1.9, 0, 0]
    quality = check_model(replace(model, molecule=model.molecule.with_positions(positions)))
    assert "model-clash" in {finding.code for finding in quality.findings}
    assert quality.contact <= 1.9 / 2.4 + 1e-9  # two hydrogen atoms, radius 1.20 Å


@pytest.mark.slow
def test_crowded_topology_says_so():
    """Six adamantanethiolates and four triphenylphosphines on four gold atoms: a finding, not silence."""
    bridges = tuple(Bridge(joins=pair) for pair in itertools.combinations(CORNERS, 2))
    topology = Topology(name="x", charge=0, units=CORE, bridges=bridges, thiolate="SAdm")
    ends = tuple(Terminal(on=(name,), ligand="PPh3") for name in CORNERS)
    model = build_from_topology(replace(topology, terminals=ends), starts=1)
    assert {finding.code for finding in check_model(model).findings} & {"model-clash", "model-strained"}


def test_names_of_kernel_atoms_do_not_matter_to_any_atom():
    topology = models.au25("SCH3")
    (unit,) = topology.units
    other = replace(
        topology,
        units=(replace(unit, centre="Z", vertices=tuple(f"{name}x" for name in unit.vertices)),),
        staples=tuple(replace(one, ends=(f"{one.ends[0]}x", f"{one.ends[1]}x")) for one in topology.staples),
    )
    one, two = (build_from_topology(each, starts=1) for each in (topology, other))
    assert np.array_equal(one.molecule.positions, two.molecule.positions)
