"""Topologies of models: what may be declared, and what is said of a contradiction."""

from pathlib import Path

import numpy as np
import pytest

from clustermodel.cluster.models.skeleton import build_skeleton
from clustermodel.cluster.models.targets import find_targets
from clustermodel.cluster.models.topology import (
    Bridge,
    Cap,
    Staple,
    Terminal,
    Topology,
    Unit,
    read_topology,
)
from clustermodel.cluster.models.unit_shapes import UNIT_SHAPES
from clustermodel.errors import InputError
from tests.cluster import model_topologies as models

OCTAHEDRON = """
name = "octahedron"
charge = 0
[[units]]
polyhedron = "octahedron"
vertices = ["a", "b", "c", "d", "e", "f"]
"""
EDGES = {  # edges and neighbours of a vertex, from geometry books
    "tetrahedron": (6, {3}),
    "octahedron": (12, {4}),
    "cuboctahedron": (24, {4}),
    "anticuboctahedron": (24, {4}),
    "icosahedron": (30, {5}),
    "icosahedron in triangles": (30, {5}),
}


@pytest.mark.parametrize("name", UNIT_SHAPES)
def test_polyhedra_have_their_edges(name):
    points = UNIT_SHAPES[name]
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    near = (apart > 0.5) & (apart < 1.01)
    assert apart[apart > 0].min() == pytest.approx(1.0, abs=1e-12)  # rounding of the coordinates
    assert (near.sum() // 2, set(near.sum(axis=0))) == EDGES[name]
    assert np.allclose(points.mean(axis=0), 0, atol=1e-12)  # rounding
    radii = np.linalg.norm(points, axis=1)
    assert np.ptp(radii) < 1e-12  # every vertex is as far from the middle: rounding


def test_every_polyhedron_is_tested():
    assert set(EDGES) == set(UNIT_SHAPES)


def test_topology_from_text_file_and_mapping_is_the_same(tmp_path):
    path = tmp_path / "octahedron.toml"
    path.write_text(OCTAHEDRON, encoding="utf-8")
    unit = {"polyhedron": "octahedron", "vertices": list("abcdef")}
    one = read_topology(OCTAHEDRON)
    assert one == read_topology(path) == read_topology({"name": "octahedron", "charge": 0, "units": [unit]})
    assert one.kernel == tuple("abcdef")


def test_all_tables_are_read():
    text = (
        'thiolate = "SPh"\nphosphine = "PMe3"\nhubs = ["f"]\n'
        'bonds = [["a", "f"]]\nopen_edges = [["a", "b"]]\n'
        + OCTAHEDRON
        + """
[[caps]]
atom = "x"
on = ["a", "b", "c"]
[[staples]]
ends = ["a", "b"]
metals = 2
ligand = "SH"
[[bridges]]
joins = ["c", "d"]
[[terminals]]
on = ["e"]
ligand = "Cl"
[targets]
radial = 2.75
"""
    )
    topology = read_topology(text)
    assert topology.kernel == (*"abcdef", "x")
    assert topology.caps == (Cap(atom="x", on=("a", "b", "c")),)
    assert topology.staples == (Staple(ends=("a", "b"), metals=2, ligand="SH"),)
    assert topology.bridges == (Bridge(joins=("c", "d")),)
    assert topology.terminals == (Terminal(on=("e",), ligand="Cl"),)
    assert (topology.hubs, topology.bonds, topology.open_edges) == (("f",), (("a", "f"),), (("a", "b"),))
    assert (topology.thiolate, topology.phosphine, topology.targets) == ("SPh", "PMe3", {"radial": 2.75})
    other = topology.with_ligands(phosphine="PPh3")
    assert (other.thiolate, other.phosphine, other.units) == ("SPh", "PPh3", topology.units)


WRONG = {
    "no TOML": ("name = ", "no TOML"),
    "no name": (OCTAHEDRON.replace("name", "title"), "unknown field title"),
    "no charge": (OCTAHEDRON.replace("charge = 0", ""), "found nothing as charge, expected a whole number"),
    "charge as text": (OCTAHEDRON.replace("= 0", '= "+1"'), "found '+1' as charge"),
    "charge as truth": (OCTAHEDRON.replace("= 0", "= true"), "expected a whole number"),
    "unknown polyhedron": (
        OCTAHEDRON.replace('"octahedron"\nvert', '"octaeder"\nvert'),
        "no polyhedron is called",
    ),
    "vertices": (OCTAHEDRON.replace(', "f"', ""), "octahedron with 5 names, expected 6"),
    "vertex twice": (OCTAHEDRON.replace('"f"', '"a"'), "names a twice"),
    "vertices as text": (OCTAHEDRON.replace('["a", "b", "c", "d", "e", "f"]', '"abcdef"'), "expected a list"),
    "all vacant": (
        OCTAHEDRON.replace('["a", "b", "c", "d", "e", "f"]', '["", "", "", "", "", ""]'),
        "no kernel atom",
    ),
    "no units": ('name = "x"\ncharge = 0\n', "no kernel atom"),
    "units as table": ('name = "x"\ncharge = 0\n[units]\nb = 1\n', "expected a list"),
    "field of a unit": (OCTAHEDRON + 'middle = "m"\n', "units number 1: unknown field middle"),
    "missing field": (
        OCTAHEDRON + "[[caps]]\natom = 'x'\n",
        "caps number 1: found atom; expected the fields",
    ),
    "unknown atom": (OCTAHEDRON + '[[staples]]\nends = ["a", "z"]\n', "a staple names 'z'"),
    "unknown hub": ('hubs = ["z"]\n' + OCTAHEDRON, "a hub names 'z'"),
    "one end": (OCTAHEDRON + '[[staples]]\nends = ["a"]\n', "expected two kernel atoms"),
    "three ends": (OCTAHEDRON + '[[staples]]\nends = ["a", "b", "c"]\n', "expected two kernel atoms"),
    "same end": (OCTAHEDRON + '[[staples]]\nends = ["a", "a"]\n', "names a twice"),
    "no metal": (OCTAHEDRON + '[[staples]]\nends = ["a", "b"]\nmetals = 0\n', "0 metal atoms"),
    "metals as text": (OCTAHEDRON + '[[staples]]\nends = ["a", "b"]\nmetals = "2"\n', "found '2' as metals"),
    "bridge on one": (OCTAHEDRON + '[[bridges]]\njoins = ["a"]\n', "a terminal has one"),
    "two terminals": (OCTAHEDRON + '[[terminals]]\non = ["a"]\n' * 2, "two terminals on a"),
    "two bridges": (
        OCTAHEDRON + '[[bridges]]\njoins = ["a", "b"]\n[[bridges]]\njoins = ["b", "a"]\n',
        "two bridges on a and b",
    ),
    "cap on itself": (OCTAHEDRON + '[[caps]]\natom = "x"\non = ["x", "a"]\n', "stands on itself"),
    "cap named before": (OCTAHEDRON + '[[caps]]\natom = "a"\non = ["b"]\n', "cap a is named before"),
    "bond of one": ('bonds = [["a"]]\n' + OCTAHEDRON, "bonds number 1: found ['a'], expected two"),
    "target as text": (OCTAHEDRON + '[targets]\nradial = "long"\n', "found radial = 'long'"),
    "negative target": (OCTAHEDRON + "[targets]\nradial = -2.8\n", "found radial = -2.8"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_topology_is_refused_with_one_sentence(case):
    text, message = WRONG[case]
    with pytest.raises(InputError) as caught:
        read_topology(text)
    assert message in str(caught.value)
    assert "topology" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_file_that_is_not_there_or_no_text_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_topology(tmp_path / "none.toml")
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="no TOML"):
        read_topology(path)


def test_ligands_that_do_not_fit_their_place_are_refused():
    core = (Unit(polyhedron="octahedron", vertices=tuple("abcdef")),)

    def build(**parts):
        return build_skeleton(Topology(name="x", charge=0, units=core, **parts))

    with pytest.raises(
        InputError, match="'x', staple1-1: no ligand template is called 'SXyz'; expected one of"
    ):
        build(staples=(Staple(ends=("a", "b"), ligand="SXyz"),))
    with pytest.raises(InputError, match="'x', staple1-1: no length is known for P on the metal of a staple"):
        build(staples=(Staple(ends=("a", "b"), ligand="PPh3"),))
    with pytest.raises(InputError, match="dppe has 2 donor atoms, but 1 are asked for"):
        build(terminals=(Terminal(on=("a",), ligand="dppe"),))
    with pytest.raises(InputError, match="PPh3 has 1 donor atoms, but 2 are asked for"):
        build(terminals=(Terminal(on=("a", "b"), ligand="PPh3"),))
    with pytest.raises(InputError, match="open edge a-f is no edge"):
        build(open_edges=(("a", "f"),))


def test_unknown_target_is_refused():
    with pytest.raises(InputError, match="no target is called 'radail'; expected some of radial"):
        find_targets({"radail": 2.8})


def test_every_target_has_a_positive_width_and_a_source():
    for target in find_targets().values():
        assert target.width > 0
        assert len(target.source) > 10
        assert target.label


COUNTS = {  # metal atoms, donors, metal-donor bonds by hand from the formulas
    "au25": (25, 18, 36),
    "au38": (38, 24, 48),
    "au23": (23, 16, 32),
    "au20": (20, 14, 14),
    "au13_dppe": (13, 12, 12),
    "au11": (11, 10, 10),
}


@pytest.mark.parametrize("name", COUNTS)
def test_skeleton_has_the_atoms_of_the_formula(name):
    skeleton = build_skeleton(getattr(models, name)())
    metals = skeleton.elements.count("Au")
    held = [bond for bond in skeleton.bonds if sum(skeleton.elements[atom] == "Au" for atom in bond) == 1]
    assert (metals, len(skeleton.elements) - metals, len(held)) == COUNTS[name]
    assert all(first < second for first, second in skeleton.bonds)
    assert len(set(skeleton.names)) == len(skeleton.names)
    assert [donor for site in skeleton.sites for donor in site.donors] == [
        k for k, element in enumerate(skeleton.elements) if element != "Au"
    ]


def test_every_topology_of_the_tests_is_counted():
    built = {name for name in vars(models) if name.startswith("au")}
    assert built == set(COUNTS)


def test_embedded_topologies_can_be_read():
    folder = Path(__file__).resolve().parents[2] / "structures" / "models"
    names = {path.stem: read_topology(path).name for path in sorted(folder.glob("au2*.toml"))}
    for name, formula in names.items():
        assert f"Au{name[2:4]}" in formula
