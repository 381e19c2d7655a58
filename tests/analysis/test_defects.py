"""Defects: counted by hand on symmetric clusters, round trips, charges from published electron counts."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from clustermodel.analysis.atom_map import map_atoms
from clustermodel.analysis.defect_molecules import AddedAtoms, add_atoms, exchange_elements, remove_atoms
from clustermodel.analysis.defect_removals import list_removals
from clustermodel.analysis.defect_results import DEFECT_KINDS, DefectSettings
from clustermodel.analysis.defect_surface import count_contacts, find_clashes, measure_exposure
from clustermodel.analysis.defect_symmetry import find_self_maps, group_sites, number_orbits
from clustermodel.analysis.defect_vacancies import find_vacancies
from clustermodel.analysis.defects import find_defects
from clustermodel.analysis.kernel_units import UnitSettings, find_kernel_units
from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.cluster import build_cluster
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.errors import InputError
from clustermodel.io.embedded import find_model, list_models
from clustermodel.io.record import read_record, write_record
from clustermodel.pipeline.analyze import AnalysisSettings, analyze
from clustermodel.structure.molecule import molecule_from_atoms
from tests.analysis.pair_cases import as_cluster, disturb, shared_molecule
from tests.cluster.model_clusters import ICOSAHEDRON, icosahedron, phosphine_icosahedron
from tests.cluster.shared_clusters import XRAY_AU25

AU25 = XRAY_AU25.removeprefix("xyz/")


def phosphine_cluster(phosphines=12):
    cluster = phosphine_icosahedron(phosphines, 0).cluster()
    return cluster, classify_kernel(cluster)


def bonded(elements, positions):
    return bond_molecule(molecule_from_atoms(elements, positions))


def list_defects(cluster, anatomy, *kinds, **known):
    return find_defects(
        cluster, anatomy, settings=DefectSettings(kinds=kinds or DEFECT_KINDS), **known
    ).defects


class TestMolecules:
    def test_removed_atoms_take_their_bonds_along(self):
        molecule = phosphine_icosahedron(1, 0).molecule()
        smaller = remove_atoms(molecule, [13])  # the P atom
        assert len(smaller) == len(molecule) - 1
        gone = sum(13 in pair for pair in molecule.bonds.pairs.tolist())
        assert len(smaller.bonds) == len(molecule.bonds) - gone
        lengths = np.linalg.norm(np.diff(smaller.positions[smaller.bonds.pairs], axis=1)[:, 0], axis=1)
        np.testing.assert_allclose(smaller.bonds.lengths, lengths)

    def test_removing_and_adding_gives_the_same_molecule(self):
        molecule = phosphine_icosahedron(1, 0).molecule()
        size = len(molecule) - 1
        smaller = remove_atoms(molecule, [size])
        (holder,) = molecule.neighbors()[size]
        added = AddedAtoms(
            elements=("H",), labels=("H17",), positions=molecule.positions[[size]], bonds=[[holder, size]]
        )
        again = add_atoms(smaller, added)
        assert again.elements == molecule.elements
        assert again.bonds.pairs.tolist() == molecule.bonds.pairs.tolist()
        np.testing.assert_allclose(again.bonds.lengths, molecule.bonds.lengths)
        assert len(set(again.origin.sites.tolist())) == len(again)

    def test_labels_stay_unique(self):
        molecule = molecule_from_atoms(["Au"], [[0, 0, 0]], labels=["Au1"])
        twice = AddedAtoms(
            elements=("Au", "Au"), labels=("Au1", "Au1"), positions=[[3, 0, 0], [6, 0, 0]], bonds=[]
        )
        assert add_atoms(molecule, twice).labels == ("Au1", "Au1'", "Au1''")

    def test_exchange(self):
        molecule = icosahedron().molecule()
        assert exchange_elements(molecule, {0: "Pt"}).formula == "Au12Pt"


class TestSurface:
    @pytest.mark.parametrize("distance", [2.5, 2.8, 3.2])
    def test_two_spheres(self, distance):
        """The free part of a sphere of radius r that an equal one at d covers is (1 + d / 2 r) / 2."""
        pair = molecule_from_atoms(["Au", "Au"], [[0, 0, 0], [0, 0, distance]])
        expected = (1 + distance / (2 * 1.66)) / 2  # 1.66 Å: Bondi's radius of gold
        assert measure_exposure(pair, [0]) == pytest.approx(expected, abs=0.01)  # 600 directions

    def test_a_free_and_a_buried_atom(self):
        lone = molecule_from_atoms(["Au"], [[0, 0, 0]])
        assert measure_exposure(lone, [0]) == 1.0
        molecule = icosahedron(radius=2.5).molecule()
        assert measure_exposure(molecule, [0]) < measure_exposure(molecule, [1])
        assert measure_exposure(molecule, [0], ignored=range(1, 13)) == 1.0

    def test_contacts_of_an_icosahedron(self):
        molecule = icosahedron().molecule()
        assert count_contacts(molecule, [0], range(1, 13)) == 12
        assert count_contacts(molecule, [1], [0, *range(2, 13)]) == 6
        assert count_contacts(molecule, [], range(13)) == 0

    def test_clashes_are_those_within_the_limits(self):
        cluster = phosphine_icosahedron(1, 0).cluster()
        hydrogen = next(k for k, s in enumerate(cluster.molecule.elements) if s == "H")
        outside = cluster.molecule.positions[hydrogen] + [0, 0, 30.0]
        near = cluster.molecule.positions[hydrogen] + np.array([0.0, 0, 1.5])
        assert find_clashes(cluster, ["H"], ["Hv"], outside[None], (0.6, 0.3)) == ()
        found = find_clashes(cluster, ["H"], ["Hv"], near[None], (0.6, 0.3))
        by_label = {clash.present: clash for clash in found}
        clash = by_label[cluster.molecule.labels[hydrogen]]
        assert (clash.distance, clash.allowed) == (pytest.approx(1.5), pytest.approx(2.4 - 0.6))

    def test_a_metal_atom_may_touch_metal_atoms(self):
        cluster = build_cluster(icosahedron().molecule())
        place = (2.75 + 2.6) * ICOSAHEDRON[:1]
        assert find_clashes(cluster, ["Au"], ["Auv"], place, (0.6, 0.3)) == ()  # 2.6 Å, covalent sum 2.72
        place = (2.75 + 2.3) * ICOSAHEDRON[:1]
        assert len(find_clashes(cluster, ["Au"], ["Auv"], place, (0.6, 0.3))) == 1


class TestSymmetry:
    def test_icosahedral_group(self):
        cluster = build_cluster(icosahedron().molecule())
        maps = find_self_maps(cluster, classify_kernel(cluster), tolerance=0.3)
        assert len(maps) == 120
        assert sorted(np.bincount(number_orbits(13, maps)).tolist()) == [1, 12]

    @pytest.mark.parametrize(
        ("name", "order"), [(AU25, 24), ("au38_pet24q_opt.xyz", 6), ("sch3_102_44.xyz", 2)]
    )
    def test_idealised_symmetry_of_known_clusters(self, name, order):
        """Th, D3 and C2 (SOFI at 0.3 to 0.5 Å gives the same)."""
        maps = find_self_maps(*as_cluster(shared_molecule(name)), tolerance=0.5)
        assert sum(one.lone < 0 for one in maps) == order

    def test_orbits_of_au25(self):
        cluster, anatomy = as_cluster(shared_molecule(AU25))
        orbits = number_orbits(len(cluster.molecule), find_self_maps(cluster, anatomy, tolerance=0.5))
        sizes = {
            role: sorted(
                len([k for k in range(len(orbits)) if orbits[k] == orbit])
                for orbit in {orbits[k] for k, r in enumerate(anatomy.roles) if r == role}
            )
            for role in ("centre", "kernel-surface", "staple", "staple-bridge", "staple-end")
        }
        assert sizes == {
            "centre": [1],
            "kernel-surface": [12],
            "staple": [12],
            "staple-bridge": [6],
            "staple-end": [12],
        }

    def test_groups_of_sites(self):
        cluster = build_cluster(icosahedron().molecule())
        maps = find_self_maps(cluster, classify_kernel(cluster), tolerance=0.3)
        edges = [(a, b) for a in range(1, 13) for b in range(a + 1, 13)]
        groups = group_sites(edges, maps)
        assert sorted(len(group) for group in groups) == [6, 30, 30]  # diameters, edges, next neighbours

    def test_a_missing_vertex_shows_as_a_lone_atom(self):
        points = np.vstack([np.zeros(3), 2.75 * ICOSAHEDRON[1:]])
        cluster = build_cluster(remove_atoms(icosahedron().molecule(), [1]))
        maps = find_self_maps(cluster, classify_kernel(cluster), tolerance=0.3)
        lone = [one for one in maps if one.lone >= 0]
        assert sum(one.lone < 0 for one in maps) == 10  # C5v
        for one in lone:
            np.testing.assert_allclose(one.move(points[one.lone]), 2.75 * ICOSAHEDRON[0], atol=1e-6)


class TestRemovals:
    def test_all_phosphine_icosahedron(self):
        cluster, anatomy = phosphine_cluster()
        found = list_defects(cluster, anatomy, "kernel atom removed", "terminal ligand removed", charge=5)
        kinds = [(one.kind, one.multiplicity, one.formula) for one in found]
        assert kinds == [
            ("kernel atom removed", 12, "Au12H33P11"),
            ("kernel atom removed", 1, "Au12H36P12"),
            ("terminal ligand removed", 12, "Au13H33P11"),
        ]
        vertex, centre, ligand = found
        assert [one.ligand for one in found] == ["PH3", "", "PH3"]
        assert (vertex.contacts, vertex.donor_bonds) == (6, 0)  # its own phosphine goes with it
        assert (centre.contacts, centre.donor_bonds) == (12, 0)
        assert (ligand.contacts, ligand.donor_bonds) == (0, 1)
        assert vertex.exposure > centre.exposure
        assert [(c.charge, c.electrons, c.keeps) for c in vertex.charges] == [
            (4, 8, "electrons"),
            (5, 7, "charge"),
        ]
        assert [(c.charge, c.electrons, c.keeps) for c in ligand.charges] == [(5, 8, "electrons and charge")]
        assert all(one.clashes == () for one in found)

    def test_sites_of_au25(self):
        """Th: one centre, twelve vertices, six staples, and in each staple two kinds of neighbours."""
        cluster, anatomy = as_cluster(shared_molecule(AU25))
        found = list_defects(
            cluster, anatomy, "kernel atom removed", "motif removed", "motif shortened", charge=-1
        )
        counted = [(one.kind, one.multiplicity) for one in found]
        assert sorted(counted) == [
            ("kernel atom removed", 1),
            ("kernel atom removed", 12),
            ("motif removed", 6),
            ("motif shortened", 12),
            ("motif shortened", 12),
        ]
        by_kind = {one.kind: one for one in found}
        assert by_kind["motif removed"].ligand == "3 SC2H4Ph"
        assert by_kind["motif removed"].formula == "C120H135Au23S15"
        assert by_kind["motif shortened"].formula == "C136H153Au24S17"
        # An AuSR unit takes no electrons: Au22(SAdm)16 and Au21(SAdm)15 both have six (jacs.0c09110).
        assert by_kind["motif shortened"].electron_change == 0
        assert [one.rank for one in found if one.kind == "motif shortened"] == [1, 2]

    def test_every_atom_is_in_one_place(self):
        cluster, anatomy = as_cluster(shared_molecule("sch3_023_16_minus1.xyz"))
        for change in list_removals(cluster, anatomy):
            assert set(change.site) <= set(change.atoms) | set(anatomy.kernel)
            rest = remove_atoms(cluster.molecule, change.atoms)
            assert len(rest) == len(cluster.molecule) - len(change.atoms)

    @pytest.mark.parametrize(
        ("element", "electrons"), [("Pd", 6), ("Pt", 6), ("Hg", 8), ("Cd", 8), ("Ag", 7)]
    )
    def test_doped_au25(self, element, electrons):
        """MAu24(SR)18 has 6 electrons for Pd and Pt (jacs.5b06946), 8 for Cd and Hg, at charge 0."""
        cluster, anatomy = as_cluster(shared_molecule(AU25))
        chosen = DefectSettings(kinds=("metal substituted",), substitutes=(element,))
        found = find_defects(cluster, anatomy, charge=0, settings=chosen)
        assert found.electrons == 7
        assert sorted(one.multiplicity for one in found.defects) == [1, 12, 12]
        for one in found.defects:
            neutral = [c.electrons for c in one.charges if c.charge == 0]
            assert neutral == [electrons]
            assert one.formula.count(element) == 1

    def test_without_charge_no_charges(self):
        cluster, anatomy = phosphine_cluster(1)
        found = find_defects(cluster, anatomy, settings=DefectSettings(kinds=("kernel atom removed",)))
        assert found.electrons is None
        assert all(one.charges == () and one.electron_change == -1 for one in found.defects)

    def test_a_loose_rest_is_said(self):
        cluster = build_cluster(bonded(["Au"] * 4, [[0, 0, 0], [2.8, 0, 0], [5.6, 0, 0], [8.4, 0.1, 0]]))
        chosen = DefectSettings(kinds=("kernel atom removed",))
        found = find_defects(cluster, classify_kernel(cluster), settings=chosen)
        assert "defect-loose" in [finding.code for finding in found.findings]

    def test_unknown_kind(self):
        cluster, anatomy = phosphine_cluster(1)
        with pytest.raises(InputError, match="no kind of defect is called 'dent'; expected some of vacancy"):
            find_defects(cluster, anatomy, settings=DefectSettings(kinds=("dent",)))

    def test_record(self):
        cluster, anatomy = phosphine_cluster(1)
        chosen = DefectSettings(kinds=("kernel atom removed", "vacancy filled"))
        found = find_defects(cluster, anatomy, charge=1, settings=chosen)
        plain = write_record(found)
        assert write_record(read_record(type(found), plain)) == plain


class TestVacancies:
    @pytest.mark.parametrize("phosphines", [0, 12])
    def test_nothing_to_fill_in_a_whole_icosahedron(self, phosphines):
        cluster, anatomy = phosphine_cluster(phosphines)
        assert list_defects(cluster, anatomy, "vacancy filled") == ()

    @pytest.mark.parametrize("witness", ["symmetry", "polyhedra"])
    def test_one_vertex_less(self, witness):
        whole = phosphine_icosahedron(12, 0).molecule()
        cluster, anatomy = as_cluster(remove_atoms(whole, [3, *range(13 + 8, 13 + 12)]))
        maps = find_self_maps(cluster, anatomy, tolerance=0.5) if witness == "symmetry" else ()
        units = find_kernel_units(cluster, anatomy, settings=UnitSettings(certify=False))
        if witness == "symmetry":
            units = replace(units, decompositions=())
        (vacancy,) = find_vacancies(cluster, anatomy, maps, units, squeeze=0.3)
        np.testing.assert_allclose(vacancy.position, 2.75 * ICOSAHEDRON[2], atol=1e-3)
        np.testing.assert_allclose(vacancy.axis, ICOSAHEDRON[2], atol=1e-3)
        assert len(vacancy.neighbours) == 6
        assert len(vacancy.templates) == 11
        assert any(witness in why or "corner" in why for why in vacancy.evidence)

    def test_round_trip_of_a_phosphine_cluster(self):
        whole = phosphine_icosahedron(12, 0).molecule()
        smaller = remove_atoms(whole, [3, *range(13 + 8, 13 + 12)])
        (filled,) = list_defects(*as_cluster(smaller), "vacancy filled", charge=4)
        assert (filled.formula, filled.multiplicity, filled.core_clashes) == (whole.formula, 1, 0)
        assert filled.contacts == 6
        assert [(c.charge, c.electrons) for c in filled.charges] == [(5, 8), (4, 9)]
        found = map_atoms(as_cluster(filled.molecule), as_cluster(whole))
        assert found.missing == found.extra == ()
        assert {row.role: row.largest for row in found.distances}["framework"] < 1e-3
        assert found.confidence.bonds_kept == pytest.approx(1.0)

    def test_round_trip_under_noise(self):
        """A disordered cluster does not lie on itself exactly: the vacancy is found all the same."""
        whole = phosphine_icosahedron(12, 0).molecule()
        rng = np.random.default_rng(1)
        copy, _ = disturb(whole, rng, drop=[3, *range(13 + 8, 13 + 12)], noise=0.1, shuffle=False)
        (filled,) = list_defects(*as_cluster(copy), "vacancy filled")
        found = map_atoms(as_cluster(filled.molecule), as_cluster(whole))
        assert found.missing == found.extra == ()

    def test_round_trip_of_au25(self):
        """A kernel atom of Au25(SR)18 without a ligand of its own, taken out and put back."""
        whole = shared_molecule(AU25)
        cluster, anatomy = as_cluster(whole)
        chosen = DefectSettings(kinds=("kernel atom removed",))
        vertex = next(
            one
            for one in find_defects(cluster, anatomy, charge=0, settings=chosen).defects
            if one.multiplicity == 12
        )
        again = list_defects(*as_cluster(vertex.molecule), "vacancy filled", charge=-1)
        assert [one.formula for one in again] == [whole.formula]
        place = again[0].molecule.positions[-1]
        assert np.linalg.norm(place - whole.positions[vertex.atoms[0]]) < 0.5  # the tolerance of the symmetry
        assert classify_kernel(build_cluster(again[0].molecule)).kernel_formula == "Au13"

    def test_two_vacancies_that_are_one_kind(self):
        """Two opposite vertices are missing: one kind of vacancy, two places."""
        whole = phosphine_icosahedron(12, 0).molecule()
        far = int(np.argmin(ICOSAHEDRON @ ICOSAHEDRON[2]))
        gone = [k for vertex in (2, far) for k in (1 + vertex, *range(13 + 4 * vertex, 17 + 4 * vertex))]
        (filled,) = list_defects(*as_cluster(remove_atoms(whole, gone)), "vacancy filled")
        assert filled.multiplicity == 2

    def test_a_vacancy_that_was_found_once_has_its_images(self):
        """Au102 has a twofold axis: a place off the axis has an image, found by itself or not."""
        cluster, anatomy = as_cluster(shared_molecule("sch3_102_44.xyz"))
        for filled in list_defects(cluster, anatomy, "vacancy filled"):
            place = filled.molecule.positions[-1]
            maps = find_self_maps(cluster, anatomy, tolerance=0.5)
            moves = [np.linalg.norm(one.move(place) - place) for one in maps if one.lone < 0]
            assert filled.multiplicity == 1 + sum(move > 1.5 for move in moves)  # Å: half a bond

    def test_a_place_taken_by_a_ligand_is_none(self):
        whole = phosphine_icosahedron(12, 0).molecule()
        smaller = remove_atoms(whole, [3, *range(13 + 8, 13 + 12)])
        carbon = AddedAtoms(elements=("C",), labels=("C",), positions=2.75 * ICOSAHEDRON[2:3], bonds=[])
        assert list_defects(*as_cluster(add_atoms(smaller, carbon)), "vacancy filled") == ()

    @pytest.mark.skipif(
        not {"au21", "au22"} <= set(list_models()), reason="the models of the pair are absent"
    )
    def test_round_trip_of_the_models(self):
        """Au22 less a far Au(PPh2py) has the topology of Au21, and Au21 is filled to Au22 (the paper)."""
        clusters = {}
        for name, charge in (("au21", 1), ("au22", 2)):
            (analysis,) = analyze(find_model(name), settings=AnalysisSettings(charge=charge))
            clusters[name] = analysis.clusters[0].cluster, analysis.clusters[0].anatomy
        (filled,) = list_defects(*clusters["au21"], "vacancy filled", charge=1)
        assert (filled.charges[0].charge, filled.charges[0].electrons) == (2, 8)
        found = map_atoms(as_cluster(filled.molecule), clusters["au22"])
        assert found.missing == found.extra == ()
        assert found.confidence.bonds_kept == pytest.approx(1.0)
        far = list_defects(*clusters["au22"], "kernel atom removed", charge=2)[0]
        assert (far.charges[0].charge, far.charges[0].electrons) == (1, 8)
        emptied = as_cluster(far.molecule)
        assert emptied[1].summary == clusters["au21"][1].summary
        found = map_atoms(emptied, clusters["au21"])
        assert found.missing == found.extra == ()
        assert found.confidence.bonds_kept == pytest.approx(1.0)


def test_an_atom_on_a_face_is_lost_first():
    """Three contacts, most of its surface free: the first of the ranking."""
    points = np.vstack([np.zeros(3), 2.75 * ICOSAHEDRON])
    edges = np.linalg.norm(ICOSAHEDRON[:, None] - ICOSAHEDRON[None], axis=2) < 1.2
    face = next(f for f in itertools.combinations(range(12), 3) if edges[np.ix_(f, f)].all())
    middle = points[1:][list(face)].mean(axis=0)
    cap = middle * (1 + 2.3 / np.linalg.norm(middle))
    cluster = build_cluster(bonded(["Au"] * 14, np.vstack([points, cap])))
    first = list_defects(cluster, classify_kernel(cluster), "kernel atom removed")[0]
    assert first.atoms == (13,)
    assert (first.contacts, first.rank, first.multiplicity) == (3, 1, 1)
    assert first.exposure == pytest.approx(measure_exposure(cluster.molecule, [13]))
