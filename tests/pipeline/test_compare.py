"""Two files compared: known defects, published pairs, mirror answers, and what cannot be compared."""

import math
import shutil
from collections import Counter

import numpy as np
import pytest

from clustermodel.analysis.contact_criteria import ContactSettings
from clustermodel.analysis.contact_results import Contact, Contacts, ContactTable
from clustermodel.errors import ChemistryError, InputError, ModelNotFoundError
from clustermodel.pipeline import compare_sources
from clustermodel.pipeline.analyze import AnalysisSettings, analyze
from clustermodel.pipeline.compare import CompareSettings, SideSettings, compare_structures
from clustermodel.pipeline.compare_quantities import list_contacts
from clustermodel.pipeline.compare_sources import resolve_structure
from tests.datafiles import data_path
from tests.pipeline.compare_cases import MODEL, TETRAHEDRON, write_defect, write_lattice, write_xyz

AU25_XRAY = "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif"


def codes(comparison):
    return {finding.code: finding.message for finding in comparison.findings}


def charges(a, b):
    sides = [SideSettings(analysis=AnalysisSettings(charge=charge)) for charge in (a, b)]
    return CompareSettings(a=sides[0], b=sides[1])


def read_difference(comparison, quantity, role):
    (found,) = [one for one in comparison.pair.differences if (one.quantity, one.role) == (quantity, role)]
    return found


# ------------------------------------------------------------------------------------------ known defects


@pytest.fixture(scope="module", params=["centre", "kernel-surface", "staple", "staple-bridge"])
def known(request, tmp_path_factory):
    """A defect made of a known cluster, and the comparison of the two."""
    case = write_defect(tmp_path_factory.mktemp("defect"), request.param)
    return case, compare_structures(case.defect, case.whole)


def test_the_atoms_that_were_removed_are_missing(known):
    case, comparison = known
    atom_map = comparison.pair.atom_map
    assert sorted(atom.label for atom in atom_map.missing) == sorted(case.removed)
    assert atom_map.extra == ()
    assert atom_map.confidence.level == "one map"
    heavy = [atom for atom in atom_map.mapped if atom.element_a != "H"]  # H of a methyl may be turned
    assert all(atom.label_a == atom.label_b for atom in heavy)


def test_the_vacant_site_is_where_the_atom_was(known):
    case, comparison = known
    (site,) = comparison.pair.sites
    gone = case.removed[0]
    assert (site.vacant_in, site.label) == ("a", gone)
    for one in site.neighbours:
        expected = np.linalg.norm(case.places[one.label] - case.places[gone])
        assert one.distance == pytest.approx(expected, abs=2e-4)  # coordinates are written to 4e-5 Å
        assert one.label == one.label_filled
    molecule = comparison.a.cluster.cluster.molecule
    own = [molecule.positions[one.atom] for one in site.neighbours]
    distances = [one.distance for one in site.neighbours]
    assert np.linalg.norm(np.array(own) - site.position, axis=1) == pytest.approx(distances)
    metals = [label for label in case.places if label.startswith("Au") and label != gone]
    nearest = min(metals, key=lambda label: np.linalg.norm(case.places[label] - case.places[gone]))
    assert nearest in {one.label for one in site.neighbours}


def test_a_ligand_is_named_with_its_site(known):
    case, comparison = known
    (site,) = comparison.pair.sites
    is_ligand = site.label.startswith("S")
    assert site.ligand == ("SCH3" if is_ligand else "")
    assert len(site.ligand_atoms) == (len(case.removed) if is_ligand else 0)


def test_exchanged_files_give_the_mirror_answer(tmp_path):
    case = write_defect(tmp_path, "kernel-surface")
    forth = compare_structures(case.defect, case.whole)
    back = compare_structures(case.whole, case.defect)
    assert [s.vacant_in for s in forth.pair.sites] == ["a"]
    assert [s.vacant_in for s in back.pair.sites] == ["b"]
    assert forth.pair.sites[0].position == pytest.approx(back.pair.sites[0].position, abs=1e-3)
    names = [
        {atom.label for atom in atoms} for atoms in (forth.pair.atom_map.missing, back.pair.atom_map.extra)
    ]
    assert names[0] == names[1] == set(case.removed)
    assert (forth.pair.a.formula, forth.pair.b.formula) == (back.pair.b.formula, back.pair.a.formula)
    others = {(one.quantity, one.role): one for one in back.pair.differences}
    mirrored = {
        "larger in b": "smaller in b",
        "smaller in b": "larger in b",
    }
    for one in forth.pair.differences:
        other = others.pop((one.quantity, one.role))
        assert one.delta == pytest.approx(-other.delta, abs=1e-9, nan_ok=True)
        assert other.verdict == mirrored.get(one.verdict, one.verdict)
    assert others == {}


# ----------------------------------------------------------------------------------------- published pairs


@pytest.mark.parametrize("defect", ["au21", "au21_disordered"])
def test_the_models_of_the_pair_differ_as_published(defect, tmp_path):
    """One Au and one PPh2py more, units 11 + 11 and 11 + 10 on Au4, eight electrons in both (pan2025)."""
    comparison = compare_structures(f"model:{defect}", "model:au22", private=tmp_path)
    (site,) = comparison.pair.sites
    assert (site.vacant_in, site.element, site.ligand) == ("a", "Au", "PPh2py")
    assert len(comparison.pair.atom_map.missing) == 34  # Au, P, N, 17 C and 14 H of PPh2(C5H4N)
    assert comparison.pair.atom_map.extra == ()
    identities = [one.units.decompositions[0].identity for one in (comparison.a, comparison.b)]
    assert identities == ["17 = 11 + 10 − 4", "18 = 11 + 11 − 4"]
    electrons = read_difference(comparison, "superatom electrons", "cluster")
    assert (electrons.a, electrons.b) == (8, 8)
    assert {motif.label for motif in comparison.pair.motifs if motif.a != motif.b} == {"PR3"}
    assert "no number here is measured" in codes(comparison)["compare-model"]


def test_au25_anion_and_neutral_cluster_have_the_same_atoms():
    files = data_path("xyz/au25_pet18_-1_opt.xyz"), data_path(AU25_XRAY)
    comparison = compare_structures(*files, settings=charges(-1, 0))
    assert not comparison.pair.sites
    assert not comparison.pair.atom_map.missing
    assert not comparison.pair.atom_map.extra
    electrons = read_difference(comparison, "superatom electrons", "cluster")
    assert (electrons.a, electrons.b) == (8, 7)  # 25 - 18 + 1 and 25 - 18
    assert "compare-methods" in codes(comparison)
    assert "compare-no-packing" in codes(comparison)


def test_bookkeeping_of_au21_and_au22_where_no_map_is_true():
    files = data_path("xyz/au21_sadm15_opt.xyz"), data_path("xyz/au22_sadm16_opt.xyz")
    comparison = compare_structures(*files, settings=charges(0, 0))
    atom_map = comparison.pair.atom_map
    assert atom_map.confidence.level == "no true map"
    assert comparison.pair.sites == ()
    sizes = [len(one.cluster.cluster.molecule) for one in (comparison.a, comparison.b)]
    assert len(atom_map.mapped) + len(atom_map.extra) == sizes[0]
    assert len(atom_map.mapped) + len(atom_map.missing) == sizes[1]
    assert read_difference(comparison, "metal atoms", "cluster").delta == 1
    assert read_difference(comparison, "ligands", "cluster").delta == 1
    assert "pair-no-true-map" in codes(comparison)


@pytest.mark.slow
def test_bookkeeping_of_two_isomers_of_au38():
    files = data_path("xyz/au38_pet24q_opt.xyz"), data_path("xyz/sch3_038_24t.xyz")
    comparison = compare_structures(*files, settings=charges(0, 0))
    atom_map = comparison.pair.atom_map
    assert atom_map.confidence.level == "no true map"
    metals = Counter(atom.element_a for atom in atom_map.mapped)["Au"]
    others = [sum(atom.element == "Au" for atom in atoms) for atoms in (atom_map.missing, atom_map.extra)]
    assert [metals + n for n in others] == [38, 38]


# --------------------------------------------------------------------------------------------- two crystals


@pytest.fixture(scope="module")
def xray(tmp_path_factory):
    """The X-ray structure of Au25, a copy of it, and a copy as if measured at 100 K."""
    folder = tmp_path_factory.mktemp("xray")
    source = data_path(AU25_XRAY)
    lines = source.read_text(encoding="utf-8").splitlines()
    temperature = [n for n, line in enumerate(lines) if line.startswith("_diffrn_ambient_temperature")]
    lines[temperature[0]] = "_diffrn_ambient_temperature 100(2)"
    (folder / "cold.cif").write_text("\n".join(lines) + "\n", encoding="utf-8")
    shutil.copy(source, folder / "copy.cif")
    return source, folder / "copy.cif", folder / "cold.cif"


@pytest.fixture(scope="module")
def twins(xray):
    return compare_structures(xray[0], xray[1])


def test_the_same_crystal_twice_differs_in_nothing(twins):
    assert "compare-same" in codes(twins)
    assert all(atom.distance == pytest.approx(0, abs=1e-6) for atom in twins.pair.atom_map.mapped)
    assert {one.verdict for one in twins.pair.differences} <= {"equal within errors", "no error known"}
    assert all(one.delta == pytest.approx(0, abs=1e-9) for one in twins.pair.differences)


def test_errors_of_a_measured_mean_come_from_the_file(twins, xray):
    rows = {(row.role, row.pair): row for row in analyze(xray[0])[0].clusters[0].bonds.rows}
    for role in ("centre-shell Au-Au", "staple-donor Au-S"):
        own = rows[tuple(role.split())].mean_su
        assert own > 0
        found = read_difference(twins, "mean bond length", role)
        assert found.su == pytest.approx(math.sqrt(2) * own, rel=1e-6)


def test_displacements_are_compared_at_equal_temperature_alone(twins, xray):
    ueq = [one for one in twins.pair.differences if one.quantity == "mean Ueq"]
    assert {"centre Au", "kernel-surface Au", "staple Au"} <= {one.role for one in ueq}
    assert all(one.a > 0 for one in ueq)
    other = compare_structures(xray[0], xray[2])
    assert not [one for one in other.pair.differences if one.unit == "Å2"]
    assert "293 K and cold.cif, block" in codes(other)["compare-temperature"]


@pytest.mark.parametrize(("first", "second"), [(12.0, 13.5)])
def test_packing_of_two_lattices(tmp_path, first, second):
    files = write_lattice(tmp_path / "a.cif", first), write_lattice(tmp_path / "b.cif", second)
    comparison = compare_structures(*files)
    centroids = read_difference(comparison, "nearest cluster, centroids", "packing")
    assert (centroids.a, centroids.b) == (pytest.approx(first), pytest.approx(second))
    volume = read_difference(comparison, "volume per cluster", "packing")
    assert (volume.a, volume.b) == (pytest.approx(first**3), pytest.approx(second**3))


def test_contacts_count_for_both_partners_and_scatter_over_unique_ones():
    contacts = tuple(
        Contact(
            labels=("H1", "H2"),
            symmetry="",
            distance=distance,
            su=math.nan,
            excess=0.0,
            angles=(),
            lengths=(),
            lengths_su=(),
            multiplicity=n,
            occupancy=1.0,
            molecules=(0, 0),
            points=((0.0, 0.0, 0.0), (0.0, 0.0, distance)),
        )
        for distance, n in ((2.2, 2), (2.5, 1))
    )
    table = ContactTable(
        kind="hydrogen-hydrogen",
        scope="intermolecular",
        between=("cluster", "cluster"),
        contacts=contacts,
        by_cutoff=(),
    )
    count, mean, shortest = list_contacts(
        Contacts(tables=(table,), rings=(), roles=("cluster",), settings=ContactSettings()), 2
    )
    assert (count.value, count.role) == (
        3.0,
        "H···H between clusters",
    )  # three contacts, two ends, two clusters
    assert mean.value == pytest.approx((2.2 + 2.2 + 2.5) / 3)
    assert mean.scatter == pytest.approx(np.std([2.2, 2.2, 2.5], ddof=1) / math.sqrt(2))
    assert shortest.value == 2.2


# -------------------------------------------------------------------------------------- models and papers


def test_models_are_said_to_be_models(tmp_path):
    alone = compare_structures(MODEL, MODEL)
    assert "no number here is measured" in codes(alone)["compare-model"]
    assert alone.a.is_model
    assert alone.b.is_model
    assert alone.a.name != alone.b.name
    mixed = compare_structures(MODEL, write_lattice(tmp_path / "b.cif", 15.0))
    assert "no difference here is measured" in codes(mixed)["compare-model"]
    assert not mixed.b.is_model


def test_a_compound_of_a_paper_is_the_deposited_file_where_the_user_has_it(tmp_path):
    write_lattice(tmp_path / "mine.cif", 15.0)
    assert "stands in" not in str(
        compare_sources.find_deposited(compare_sources.read_paper("pan2025"), tmp_path)
    )
    file = write_lattice(tmp_path / "CCDC-2379695.cif", 15.0)
    found = resolve_structure("paper:pan2025:au21", private=tmp_path)
    assert found.path == str(file)
    assert found.charge == 1  # [Au21(AdmS)12(PPh2py)3]+
    assert found.findings == ()


def test_the_model_stands_in_for_a_deposited_file_and_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(compare_sources, "list_models", lambda: ("au22",))
    found = resolve_structure("paper:pan2025:au22", private=tmp_path)
    assert found.path == "model:au22"
    (finding,) = found.findings
    assert finding.severity == "warning"
    assert "CCDC 2379692" in finding.message
    monkeypatch.setattr(compare_sources, "list_models", lambda: ())
    with pytest.raises(InputError, match=r"no CIF of CCDC 2379692 .* no model"):
        resolve_structure("paper:pan2025:au22", private=tmp_path)


# --------------------------------------------------------------------------------- what cannot be compared


def test_one_of_several_clusters_is_chosen_by_its_id(tmp_path):
    far = TETRAHEDRON[:3] + np.array([0, 0, 30])
    two = write_xyz(tmp_path / "two.xyz", ("Au", TETRAHEDRON), ("Au", far))
    with pytest.raises(InputError, match=r"2 clusters, 1 \(Au4\), 2 \(Au3\); choose one with --cluster-a"):
        compare_structures(two, two)
    chosen = CompareSettings(a=SideSettings(cluster="2"), b=SideSettings(cluster="1"))
    comparison = compare_structures(two, two, settings=chosen)
    assert (comparison.pair.a.formula, comparison.pair.b.formula) == ("Au3", "Au4")
    assert [site.vacant_in for site in comparison.pair.sites] == ["a"]
    assert (comparison.a.name, comparison.b.name) == ("two cluster 2", "two cluster 1")
    wrong = CompareSettings(a=SideSettings(cluster="3"), b=SideSettings(cluster="1"))
    with pytest.raises(InputError, match=r"no cluster '3'; expected one of 1 \(Au4\), 2 \(Au3\)"):
        compare_structures(two, two, settings=wrong)


def test_other_metals_are_told_as_exchanged(tmp_path):
    gold = write_xyz(tmp_path / "gold.xyz", ("Au", TETRAHEDRON))
    silver = write_xyz(tmp_path / "silver.xyz", ("Ag", TETRAHEDRON))
    comparison = compare_structures(gold, silver)
    assert len(comparison.pair.atom_map.exchanged) == 4
    assert {row.pair for row in comparison.pair.bonds.rows} == {"Au-Au", "Ag-Ag"}
    assert "pair-exchanged" in codes(comparison)


def test_files_without_a_cluster_are_refused(tmp_path):
    gold = write_xyz(tmp_path / "gold.xyz", ("Au", TETRAHEDRON))
    with pytest.raises(InputError, match=r"carbon.xyz: no cluster .* among C4"):
        compare_structures(gold, write_xyz(tmp_path / "carbon.xyz", ("C", 0.55 * TETRAHEDRON)))
    with pytest.raises(ModelNotFoundError):
        compare_structures(gold, "model:nothing")


def test_a_polymer_of_clusters_is_refused(tmp_path):
    chain = write_lattice(tmp_path / "chain.cif", 5.4)  # tetrahedra 2.6 Å from each other
    with pytest.raises((InputError, ChemistryError), match="polymer"):
        compare_structures(chain, chain)


def test_one_block_at_a_time(tmp_path):
    file = write_lattice(tmp_path / "a.cif", 15.0)
    with pytest.raises(InputError, match="one block; name it with --block-a"):
        compare_structures(file, file, settings=CompareSettings(a=SideSettings(block="all")))


def test_two_conventions_are_refused(tmp_path):
    file = write_lattice(tmp_path / "a.cif", 15.0)
    other = SideSettings(analysis=AnalysisSettings(convention="contact"))
    with pytest.raises(InputError, match="classify both by one"):
        compare_structures(file, file, settings=CompareSettings(b=other))
