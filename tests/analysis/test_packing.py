"""Packing: lattices built on purpose, volumes known in closed form, and other descriptions of one crystal."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from clustermodel.analysis.arrangement import LATTICES, NO_LATTICE, classify_arrangement
from clustermodel.analysis.packing import PackingSettings, measure_packing
from clustermodel.analysis.packing_volume import fill_spheres
from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.cluster.cluster import build_cluster, is_cluster
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.errors import InputError
from clustermodel.io.cif import parse_cif, read_cif
from clustermodel.structure.symmetry import find_space_group
from tests.assembly.transforms import moved_origin, other_vectors, shears, without_symmetry
from tests.assembly.writer import Built, assemble_built, place
from tests.datafiles import data_path

PRINTED = 1e-6  # Å: coordinates are written with eight decimals
QUADRATURE = 1e-3  # relative: the sum over 600 directions has converged to a few parts in ten thousand
FACES = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
BODY = np.array([[0, 0, 0], [0.5, 0.5, 0.5]])
HEXAGONAL = np.array([[1.0, 0, 0], [-0.5, 0.75**0.5, 0], [0, 0, (8 / 3) ** 0.5]])
TETRAHEDRON = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) * 2.8 / 8**0.5
POINTS = {
    "fcc": (np.eye(3), FACES),
    "hcp": (HEXAGONAL, np.array([[0, 0, 0], [1 / 3, 2 / 3, 0.5]])),
    "bcc": (np.eye(3), BODY),
    "sc": (np.eye(3), np.zeros((1, 3))),
    "diamond": (np.eye(3), np.concatenate([FACES, FACES + 0.25])),
}


def icosahedron(radius=2.8):
    golden = (1 + 5**0.5) / 2
    corners = [np.roll([0, a, b * golden], k) for a in (1, -1) for b in (1, -1) for k in range(3)]
    return np.concatenate([np.zeros((1, 3)), radius * np.array(corners) / math.hypot(1, golden)])


def crystal_of(matrix, points, shape=TETRAHEDRON, elements=("Au",)):
    """Return a P 1 crystal with one cluster at every point; the elements take turns."""
    atoms = []
    for number, point in enumerate(points):
        symbols = [elements[number % len(elements)]] * len(shape)
        atoms += place(symbols, shape, matrix, at=point, prefix=f"m{number}")
    return Built(matrix=matrix, atoms=tuple(atoms))


def pack(assembly, **choices):
    clusters = [build_cluster(m.molecule) for m in assembly.molecules if is_cluster(m.molecule)]
    named = [(cluster, classify_kernel(cluster)) for cluster in clusters]
    return measure_packing(assembly, named, settings=PackingSettings(**choices))


def shells_of(packing, cluster=0):
    return [(shell.count, round(shell.mean, 5)) for shell in packing.shells if shell.cluster == cluster]


# ------------------------------------------------------------------------------------------- lattices


class TestLattices:
    @pytest.mark.parametrize(
        ("name", "shells"),
        [
            ("fcc", [(12, 0.5**0.5), (6, 1.0)]),
            ("hcp", [(12, 1.0), (6, 2**0.5)]),
            ("bcc", [(8, 0.75**0.5), (6, 1.0)]),
            ("sc", [(6, 1.0), (12, 2**0.5)]),
            ("diamond", [(4, 3**0.5 / 4), (12, 0.5**0.5)]),
        ],
    )
    def test_shells_and_name(self, name, shells):
        """Shells of the textbooks, in units of the edge, round every cluster."""
        shape, points = POINTS[name]
        edge = 26.0 if name == "diamond" else 17.0
        packing = pack(assemble_built(crystal_of(edge * shape, points)))
        assert packing.lattice == name
        assert packing.clusters_per_cell == len(points)
        for cluster, arrangement in enumerate(packing.arrangements):
            assert shells_of(packing, cluster) == [(n, round(edge * d, 5)) for n, d in shells]
            assert arrangement.deviation < 1e-6  # of the edge: rounding of the written coordinates

    def test_centroid_centre_and_metal_distances(self):
        """Icosahedra along a cubic axis: centres 14 Å apart, nearest atoms 14 minus the extents along x."""
        shape = icosahedron()
        packing = pack(assemble_built(crystal_of(np.eye(3) * 14.0, np.zeros((1, 3)), shape)), reach=1.1)
        along = {one.symmetry: one for one in packing.neighbours}
        one = along["x+1, y, z"]
        assert one.multiplicity == 2
        assert one.centroid_distance == pytest.approx(14, abs=PRINTED)
        assert one.centre_distance == pytest.approx(14, abs=PRINTED)
        nearest = min(
            np.linalg.norm(a + np.array([14, 0, 0]) - b) for a, b in itertools.product(shape, shape)
        )
        assert one.metal_distance == pytest.approx(nearest, abs=PRINTED)
        assert one.atom_distance == one.metal_distance

    def test_no_centre_atom(self):
        packing = pack(assemble_built(crystal_of(np.eye(3) * 14.0, np.zeros((1, 3)))))
        assert all(math.isnan(one.centre_distance) for one in packing.neighbours)

    def test_two_kinds_of_clusters(self):
        """Au4 at the corners and Ag4 in the middle (CsCl): each sees the other in its first shell."""
        packing = pack(assemble_built(crystal_of(np.eye(3) * 15.0, BODY, elements=("Au", "Ag"))))
        assert (packing.lattice, packing.clusters_per_cell) == ("bcc", 2)
        for cluster in (0, 1):
            first = [one for one in packing.neighbours if one.cluster == cluster][: 8 // 1]
            near = [one for one in first if one.centroid_distance < 14]
            assert {one.neighbour for one in near} == {1 - cluster}
            assert sum(one.multiplicity for one in near) == 8
            assert near[0].centroid_distance == pytest.approx(15 * 0.75**0.5, abs=PRINTED)

    def test_symmetry_of_the_space_group(self):
        """F -4 3 m lists one atom of the tetrahedron: twelve equivalent neighbours are one row."""
        group = find_space_group("F -4 3 m", source="test")
        operations = tuple(zip(group.rotations, group.translations, strict=True))
        matrix = np.eye(3) * 17.0
        built = Built(matrix=matrix, operations=operations, atoms=place(["Au"], TETRAHEDRON[:1], matrix))
        packing = pack(assemble_built(built))
        assert packing.lattice == "fcc"
        assert [(one.multiplicity, round(one.centroid_distance, 5)) for one in packing.neighbours] == [
            (12, round(17 * 0.5**0.5, 5)),
            (6, 17.0),
        ]

    def test_far_cluster_that_touches(self):
        """A rod of gold end to end along c: the next one is listed although its centroid is far away."""
        rod = np.array([[0.0, 0, 2.7 * k] for k in range(8)])
        packing = pack(
            assemble_built(crystal_of(np.diag([9.0, 9.0, 22.3]), np.zeros((1, 3)), rod)), reach=1.0
        )
        along = [one for one in packing.neighbours if one.symmetry == "x, y, z+1"]
        assert [one.atom_distance for one in along] == [pytest.approx(22.3 - 7 * 2.7, abs=PRINTED)]
        assert along[0].centroid_distance > 1.0 * packing.volume_per_cluster ** (1 / 3)

    def test_shell_boundaries(self):
        packing = pack(assemble_built(crystal_of(np.eye(3) * 15.0, BODY)))
        inner, outer = packing.shells[:2]
        assert (inner.number, outer.number) == (1, 2)
        assert inner.boundary == pytest.approx((inner.outer + outer.inner) / 2)
        assert math.isnan(outer.boundary)
        assert pack(assemble_built(crystal_of(np.eye(3) * 15.0, BODY)), shell_gap=1.2).shells[0].count == 14


class TestArrangement:
    @staticmethod
    def vectors(name, strain=(1.0, 1.0, 1.0)):
        shape, points = POINTS[name]
        matrix = shape * strain
        steps = np.array(list(itertools.product(range(-3, 4), repeat=3)))
        found = ((steps[:, None] + points - points[0]) @ matrix).reshape(-1, 3)
        found = found[np.argsort(np.linalg.norm(found, axis=1), kind="stable")][1:40]
        return found, abs(np.linalg.det(matrix)) / len(points)

    @pytest.mark.parametrize("name", LATTICES)
    def test_limit_is_below_half_of_the_way_to_any_other_lattice(self, name):
        """By the triangle inequality nothing can then be within the limit of two lattices of equal count."""
        for other in set(LATTICES) - {name}:
            found = classify_arrangement(*self.vectors(other), limit=math.inf)
            assert found.nearest == other
        alone = [classify_arrangement(*self.vectors(other)) for other in LATTICES]
        assert [one.name for one in alone] == list(LATTICES)

    @pytest.mark.parametrize(
        ("name", "axes"), [("bcc", (1.0, 1.08)), (NO_LATTICE, (1.11, 1.2, 1.29)), ("fcc", (1.32, 2**0.5))]
    )
    def test_bain_path(self, name, axes):
        """Stretching bcc along one axis by √2 makes fcc; in between it is neither."""
        for axis in axes:
            assert classify_arrangement(*self.vectors("bcc", (1, 1, axis))).name == name

    @settings(max_examples=30, deadline=None)
    @given(st.sampled_from(LATTICES), st.integers(0, 2**32 - 1))
    def test_turned_scaled_and_shaken(self, name, seed):
        rng = np.random.default_rng(seed)
        vectors, volume = self.vectors(name)
        scale = rng.uniform(5, 30)
        turn = Rotation.from_quat(rng.normal(size=4)).as_matrix()
        shaken = scale * (
            rng.permutation(vectors) @ turn.T + 0.01 * volume ** (1 / 3) * rng.normal(size=vectors.shape)
        )
        found = classify_arrangement(shaken, scale**3 * volume)
        assert (found.name, found.nearest) == (name, name)
        assert found.deviation < 0.02  # the noise is 0.01 in each coordinate


# --------------------------------------------------------------------------------------------- volumes


def brute_coefficient(matrix, fract, radii, rng, count=20000):
    """Return the share of random points inside any sphere, images in the neighbouring cells included."""
    probes = rng.uniform(0, 1, (count, 3)) @ matrix
    steps = np.array(list(itertools.product((-1, 0, 1), repeat=3)))
    inside = np.zeros(count, dtype=bool)
    for radius in set(radii):
        own = (np.asarray(fract) % 1)[np.isclose(radii, radius)]
        images = ((own[:, None] + steps) @ matrix).reshape(-1, 3)
        inside |= cKDTree(images).query(probes)[0] < radius
    return inside.mean()


class TestVolume:
    @settings(max_examples=25, deadline=None)
    @given(st.floats(0.8, 2.2), st.floats(0.8, 2.2), st.floats(0.05, 4.6), st.integers(0, 2**32 - 1))
    def test_two_spheres(self, first, second, distance, seed):
        """The lens of two spheres in closed form, also with one centre or all of a sphere in the other."""
        vector = distance * Rotation.from_quat(np.random.default_rng(seed).normal(size=4)).apply([1.0, 0, 0])
        pairs = (np.array([0, 1]), np.array([second, first]))
        found = fill_spheres(np.array([first, second]), pairs, np.array([vector, -vector]), directions=2000)
        small = min(first, second)
        if distance >= first + second:
            lens = 0.0
        elif distance <= abs(first - second):
            lens = 4 / 3 * math.pi * small**3
        else:
            lens = math.pi * (first + second - distance) ** 2
            lens *= distance**2 + 2 * distance * (first + second) - 3 * (first - second) ** 2
            lens /= 12 * distance
        union = 4 / 3 * math.pi * (first**3 + second**3) - lens
        if distance < first + second:
            assert found.atoms.sum() == pytest.approx(union, rel=2e-3)  # quadrature of one kinked function

    def test_touching_spheres_in_fcc(self):
        """Argon with an edge of 2√2 radii: π / (3 √2)."""
        radius = 1.88
        built = Built(
            matrix=np.eye(3) * radius * 8**0.5,
            atoms=place(["Ar"] * 4, FACES * radius * 8**0.5, np.eye(3) * radius * 8**0.5),
        )
        packing = pack(assemble_built(built))
        assert packing.coefficient == pytest.approx(
            math.pi / 18**0.5, rel=1e-7
        )  # no sphere is cut; the cell is written with seven decimals
        assert packing.void_fraction == 1 - packing.coefficient

    def test_spheres_that_cover_everything(self):
        """Argon nearer than its spheres reach into the holes between: nothing is empty."""
        edge = 2.6
        built = Built(matrix=np.eye(3) * edge, atoms=place(["Ar"], [[0, 0, 0]], np.eye(3) * edge))
        assert math.sqrt(3) / 2 * edge > 1.88  # the middle of the cube stays outside
        packing = pack(assemble_built(built))
        outside = brute_coefficient(np.eye(3) * edge, np.zeros((1, 3)), [1.88], np.random.default_rng(3))
        assert packing.coefficient == pytest.approx(outside, abs=0.01)  # 20000 random points
        closer = Built(matrix=np.eye(3) * 2.1, atoms=place(["Ar"], [[0, 0, 0]], np.eye(3) * 2.1))
        assert pack(assemble_built(closer)).coefficient == pytest.approx(1, rel=QUADRATURE)

    @pytest.mark.parametrize("name", ["cif/COD_1000004_CuI_phosphine.cif", "cif/dppm_Au2Br2_Olex2.cif"])
    def test_random_points(self, name):
        assembly = assemble_molecules(read_cif(data_path(name)))
        bare = without_symmetry(built_from(assembly.crystal))
        radii = {"C": 1.70, "H": 1.20, "P": 1.80, "I": 1.98, "Br": 1.85, "Cu": 1.40, "Au": 1.66}
        fract = np.array([atom.fract for atom in bare.atoms])
        sizes = [radii[atom.element] for atom in bare.atoms]
        expected = brute_coefficient(assembly.crystal.cell.matrix, fract, sizes, np.random.default_rng(5))
        assert pack(assembly).coefficient == pytest.approx(expected, abs=0.014)  # four times √(0.22 / 20000)

    def test_convergence(self):
        assembly = assemble_molecules(read_cif(data_path("cif/dppm_Au2Br2_Olex2.cif")))
        exact = pack(assembly, directions=8000).coefficient
        for directions in (300, 600, 1200):
            assert pack(assembly, directions=directions).coefficient == pytest.approx(exact, rel=QUADRATURE)

    def test_half_occupied_molecule_counts_half(self):
        """A water beside an inversion centre, half there: one of its two images fills the cell."""
        columns = {"occupancy": 0.5, "part": -1}
        matrix = np.eye(3) * 6.0
        atoms = place(["O", "H"], [[0.2, 0, 0], [1.1, 0.2, 0]], matrix, **columns)
        inversion = ((np.eye(3, dtype=int), np.zeros(3)), (-np.eye(3, dtype=int), np.zeros(3)))
        half = pack(assemble_built(Built(matrix=matrix, operations=inversion, atoms=atoms)))
        whole = place(["O", "H"], [[0.2, 0, 0], [1.1, 0.2, 0]], matrix)
        full = pack(assemble_built(Built(matrix=matrix, atoms=whole)))
        assert half.coefficient == pytest.approx(full.coefficient, rel=1e-9)
        assert half.density == pytest.approx(full.density, rel=1e-9)


def built_from(crystal):
    from tests.assembly.writer import Atom

    group, sites = crystal.space_group, crystal.sites
    return Built(
        matrix=crystal.cell.matrix,
        operations=tuple(zip(group.rotations, group.translations, strict=True)),
        atoms=tuple(
            Atom(label=label, element=element, fract=fract)
            for label, element, fract in zip(sites.labels, sites.elements, sites.fract, strict=True)
        ),
    )


# ---------------------------------------------------------------------------------- other descriptions


def summarise(packing):
    """Return what no choice of cell may change."""
    rows = sorted((shell.count, shell.mean, shell.inner, shell.outer) for shell in packing.shells)
    return {
        "shells": [row for number, row in enumerate(rows) if row not in rows[:number]],
        "name": packing.lattice,
        "volume": packing.volume_per_cluster,
        "density": packing.density,
        "coefficient": packing.coefficient,
    }


def assert_alike(first, second):
    assert first["name"] == second["name"]
    assert first["volume"] == pytest.approx(second["volume"], rel=1e-7)  # cell lengths have seven decimals
    assert first["density"] == pytest.approx(second["density"], rel=1e-7)
    assert first["coefficient"] == pytest.approx(second["coefficient"], rel=QUADRATURE)
    one, other = ({tuple(np.round(row, 4)) for row in side["shells"]} for side in (first, second))
    assert one == other


class TestInvariance:
    @settings(max_examples=10, deadline=None)
    @given(st.integers(0, 2**32 - 1))
    def test_description_of_the_crystal(self, seed):
        """A triclinic crystal of octahedra-like clusters in P-1, on and beside inversion centres."""
        rng = np.random.default_rng(seed)
        matrix = np.linalg.cholesky(np.eye(3) * 200 + 12 * np.eye(3)[[1, 2, 0]] + 12 * np.eye(3)[[2, 0, 1]])
        matrix = matrix * rng.uniform(1.0, 1.2, (3, 1))
        inversion = ((np.eye(3, dtype=int), np.zeros(3)), (-np.eye(3, dtype=int), np.zeros(3)))
        octahedron = 2.0 * np.concatenate([np.eye(3), -np.eye(3)])
        built = Built(matrix=matrix, operations=inversion, atoms=place(["Au"] * 3, octahedron[:3], matrix))
        first = summarise(pack(assemble_built(built)))
        shift = np.rint(rng.uniform(0, 1, 3) * 24) / 24  # a multiple of 1/24: operations are written in these
        assert_alike(first, summarise(pack(assemble_built(moved_origin(built, shift)))))
        assert_alike(first, summarise(pack(assemble_built(other_vectors(built, shears(rng))))))
        repeats = rng.permutation([2, 1, 1])
        assert_alike(first, summarise(pack(assemble_built(without_symmetry(built, repeats)))))

    def test_clusters_on_general_positions(self):
        """P 21/c with a tetrahedron anywhere: the same neighbours from the P 1 cell."""
        group = find_space_group("P 1 21/c 1", source="test")
        operations = tuple(zip(group.rotations, group.translations, strict=True))
        matrix = np.array([[14.0, 0, 0], [0, 19.0, 0], [-4.0, 0, 22.0]])
        atoms = place(["Au"] * 4, TETRAHEDRON, matrix, at=(0.21, 0.13, 0.24))
        built = Built(matrix=matrix, operations=operations, atoms=atoms)
        one, other = pack(assemble_built(built)), pack(assemble_built(without_symmetry(built)))
        assert_alike(summarise(one), summarise(other))
        assert one.clusters_per_cell == other.clusters_per_cell == 4
        assert len(one.neighbours) < len(other.neighbours) / 4


# ----------------------------------------------------------------------------------- cell, s.u., files


LATTICE_ERRORS = b"""data_t
_cell_length_a 14.000(7) _cell_length_b 15.000(6) _cell_length_c 16.000(5)
_cell_angle_alpha 90 _cell_angle_beta 90 _cell_angle_gamma 90
_exptl_crystal_density_diffrn 1.000(2)
loop_ _space_group_symop_operation_xyz 'x,y,z' '-x,-y,-z'
loop_ _atom_site_label _atom_site_type_symbol _atom_site_fract_x _atom_site_fract_y _atom_site_fract_z
Au1 Au 0.1500(1) 0.5000(1) 0.5000(1)
Au2 Au 0.3500(1) 0.5000(1) 0.5000(1)
Au3 Au 0.2500(1) 0.6600(1) 0.5000(1)
"""


class TestUncertainty:
    def test_translation_has_that_of_the_cell(self):
        packing = pack(assemble_molecules(parse_cif(LATTICE_ERRORS, "toy.cif")[0]))
        along = {one.symmetry: one for one in packing.neighbours}
        assert along["x, y+1, z"].centroid_su == pytest.approx(0.006, rel=1e-6)
        assert along["x, y, z+1"].centroid_su == pytest.approx(0.005, rel=1e-6)

    def test_inversion_has_that_of_twice_the_centroid(self):
        """Along a: 2 · 14 Å · 0.0001 / √3 from three coordinates and 0.5 · 0.007 Å from the cell."""
        packing = pack(assemble_molecules(parse_cif(LATTICE_ERRORS, "toy.cif")[0]))
        (one,) = [n for n in packing.neighbours if n.symmetry == "-x+1, -y+1, -z+1"]
        dx, dy = 0.5, 0.32 / 3
        distance = math.hypot(dx * 14, dy * 15)
        assert one.centroid_distance == pytest.approx(distance, abs=1e-9)
        along = [2 * length * 1e-4 / 3**0.5 for length in (14, 15)] + [dx * 0.007, dy * 0.006]
        share = [dx * 14 / distance, dy * 15 / distance] * 2
        assert one.centroid_su == pytest.approx(math.hypot(*np.multiply(along, share)), rel=1e-6)

    def test_density_is_compared_with_the_declared_one(self):
        packing = pack(assemble_molecules(parse_cif(LATTICE_ERRORS, "toy.cif")[0]))
        grams = 6 * 196.967 / 6.02214e23
        assert packing.density == pytest.approx(grams / (14 * 15 * 16 * 1e-24), rel=1e-5)
        assert packing.density_declared == 1.0
        assert math.isnan(packing.density_formula)
        assert [finding.code for finding in packing.findings] == ["packing-density"]


class TestAu25:
    """COD 1540567: one cluster to a triclinic cell, so that all centroid distances are lattice vectors."""

    @pytest.fixture(scope="class")
    @staticmethod
    def packing():
        return pack(assemble_molecules(read_cif(data_path("cif/COD_1540567_Au25_SCH2CH2Ph_18.cif"))))

    def test_distances_are_cell_lengths(self, packing):
        along = {one.symmetry: one for one in packing.neighbours}
        for code, length in (("x+1, y, z", 16.174), ("x, y+1, z", 17.746), ("x, y, z+1", 17.830)):
            assert along[code].centroid_distance == pytest.approx(length, abs=1e-9)
            assert along[code].centre_distance == pytest.approx(length, abs=1e-9)
            assert along[code].multiplicity == 2

    def test_lattice(self, packing):
        assert packing.lattice == NO_LATTICE
        assert packing.clusters_per_cell == 1
        assert sum(shell.count for shell in packing.shells) == 14

    def test_density_shows_that_the_declared_formula_is_wrong(self, packing):
        """The file declares S36 and O2 that are not among its atoms."""
        assert packing.density_declared == 3.212
        assert packing.density_formula == pytest.approx(3.212, abs=1e-3)
        assert packing.density == pytest.approx(3.021, abs=1e-3)


@pytest.mark.parametrize(
    "name",
    [
        "cif/COD_1000004_CuI_phosphine.cif",
        "cif/COD_1004001_W6S8_PBu3_6_disordered.cif",
        "cif/COD_1100709_AuPt.cif",
    ],
)
def test_density_of_complete_files_is_the_declared_one(name):
    packing = pack(assemble_molecules(read_cif(data_path(name))))
    assert packing.density == pytest.approx(
        packing.density_declared, abs=1.5e-3
    )  # printed with three decimals
    assert packing.findings == ()


def test_cluster_of_another_crystal_is_refused():
    first = assemble_built(crystal_of(np.eye(3) * 14.0, np.zeros((1, 3))))
    second = assemble_built(crystal_of(np.eye(3) * 14.0, np.zeros((1, 3)), icosahedron()))
    stranger = build_cluster(second.molecules[0].molecule)
    with pytest.raises(InputError, match="Au13"):
        measure_packing(first, [(stranger, classify_kernel(stranger))])


def test_crystal_without_clusters_still_has_a_volume():
    packing = measure_packing(assemble_molecules(read_cif(data_path("cif/dppm_Au2Br2_Olex2.cif"))), [])
    assert (packing.neighbours, packing.lattice, packing.clusters_per_cell) == ((), NO_LATTICE, 0)
    assert math.isnan(packing.volume_per_cluster)
    assert 0.6 < packing.coefficient < 0.75  # the range of molecular crystals
