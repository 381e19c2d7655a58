"""From a cluster to its levels: cutting, hydrogen atoms, what a relaxation changed, and where it goes on."""

import functools

import numpy as np
import pytest

from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.cluster import build_cluster
from clustermodel.electronic.relaxation import RelaxSettings
from clustermodel.errors import ChemistryError, ConvergenceError, InputError
from clustermodel.pipeline.analyze import AnalysisSettings, analyze
from clustermodel.pipeline.calculation import Place, find_engine
from clustermodel.pipeline.electronic import (
    ElectronicSettings,
    _compare_anatomy,
    _cut_ligands,
    _read_trail,
    _write_trail,
    calculate_electronic,
)
from clustermodel.structure.molecule import molecule_from_atoms
from tests.electronic.geometries import case

MODEL = "model:au25_sch3_18_nme4"


@functools.cache
def model():
    (analysis,) = analyze(MODEL)
    return analysis.clusters[0]


def without(elements):
    """Return the model cluster without some elements."""
    full = model().cluster.molecule
    keep = [i for i, symbol in enumerate(full.elements) if symbol not in elements]
    return build_cluster(
        bond_molecule(molecule_from_atoms([full.elements[i] for i in keep], full.positions[keep]))
    )


def test_missing_hydrogens_are_added_where_carbon_stays():
    bare = without({"H"})
    assert _cut_ligands(bare, ElectronicSettings(truncation="SH")).formula == "Au25H18S18"
    whole = _cut_ligands(bare, ElectronicSettings(truncation="none"))
    assert whole.formula == "C18H54Au25S18"
    assert whole.lacks_hydrogen == ()


def test_hydrogens_that_cannot_be_told_are_refused_by_name():
    full = without({"H"}).molecule
    carbon = full.elements.index("C")
    out = full.positions[carbon] - full.positions[list(full.elements).index("S")]
    oxygen = full.positions[carbon] + 1.42 * out / np.linalg.norm(out)
    alcohol = molecule_from_atoms([*full.elements, "O"], np.vstack([full.positions, oxygen]))
    with pytest.raises(ChemistryError, match=r"O62 .*may or may not carry hydrogen"):
        _cut_ligands(build_cluster(bond_molecule(alcohol)), ElectronicSettings(truncation="none"))


def test_lost_bonds_and_changed_anatomy_are_told():
    before = _cut_ligands(model().cluster, ElectronicSettings()).molecule
    assert _compare_anatomy(before, before) == ()
    sulfur = before.elements.index("S")
    positions = np.array(before.positions)
    centre = before.positions.mean(axis=0)
    away = before.positions[sulfur] - centre
    positions[sulfur] = before.positions[sulfur] + 1.5 * away / np.linalg.norm(away)
    told = _compare_anatomy(before, before.with_positions(positions))
    assert told[0].startswith("the relaxation lost ")
    assert before.labels[sulfur] in told[0]
    assert told[-1].startswith("the relaxation changed the anatomy from Au13 + 6 Au2(SR)3 to ")


def test_trail_of_an_interrupted_relaxation(tmp_path):
    start, later = np.zeros((3, 3)), np.ones((3, 3))
    trail = tmp_path / "new" / "x.relax.npy"
    assert _read_trail(trail, start) is start
    _write_trail(trail, later)
    assert np.array_equal(_read_trail(trail, start), later)
    assert _read_trail(trail, np.zeros((4, 3))).shape == (4, 3)
    trail.write_bytes(b"half")
    assert _read_trail(trail, start) is start
    _write_trail(trail / "below a file" / "x.npy", later)


@pytest.fixture
def tetrahedron(tmp_path):
    """Return [Au4(PH3)4]2+ as a cluster of a file."""
    elements, positions, _ = case("Au4(PH3)4")
    file = tmp_path / "au4.xyz"
    rows = [f"{e} {x:.6f} {y:.6f} {z:.6f}" for e, (x, y, z) in zip(elements, positions, strict=True)]
    file.write_text("\n".join([str(len(rows)), "", *rows]) + "\n")
    (analysis,) = analyze(file, settings=AnalysisSettings(charge=2))
    return analysis.clusters[0]


def test_relaxation_stopped_and_resumed_ends_where_it_would_have(tetrahedron, tmp_path):

    def stop(progress):
        if progress.stage == "relaxation" and progress.cycle == 4:
            raise KeyboardInterrupt

    settings = ElectronicSettings(relax=RelaxSettings(largest_force=0.02))
    with pytest.raises(KeyboardInterrupt):
        calculate_electronic(tetrahedron, settings=settings, place=Place(cache=tmp_path, monitor=stop))
    resumed = calculate_electronic(tetrahedron, settings=settings, place=Place(cache=tmp_path))
    through = calculate_electronic(tetrahedron, settings=settings)
    assert resumed.relaxation.start_energy_ev < through.relaxation.start_energy_ev - 1e-3
    assert resumed.relaxation.energy_ev == pytest.approx(
        through.relaxation.energy_ev, abs=5e-3
    )  # soft PH3 turns


def test_relaxation_that_does_not_end_is_no_result(tetrahedron):
    settings = ElectronicSettings(relax=RelaxSettings(max_steps=1, largest_force=1e-6))
    with pytest.raises(ConvergenceError, match="after 1 steps"):
        calculate_electronic(tetrahedron, settings=settings)


def test_unknown_engine():
    with pytest.raises(InputError, match="no engine 'orca'; expected one of tblite, pyscf"):
        find_engine("orca")
