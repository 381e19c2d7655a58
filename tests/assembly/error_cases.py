"""Crystals with known errors, for the tests of propagated uncertainties."""

from dataclasses import replace

import gemmi
import numpy as np
from hypothesis import strategies as st

from clustermodel.assembly.atom_images import AtomImages
from clustermodel.structure.cell import Cell
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.sites import Sites
from clustermodel.structure.symmetry import find_space_group

SIGMA = 0.002  # Å: isotropic error of every atom where one is assumed, small beside any distance
SETTINGS = [group.xhm() for group in gemmi.spacegroup_table()]
SPECIAL_VALUES = [0.0, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 3 / 8, 1 / 2, 2 / 3, 3 / 4, 0.137, 0.274, -0.137, 0.411]


def build_crystal(cell, group, fract, su):
    fract = np.asarray(fract, dtype=float)
    n = len(fract)
    return Crystal(
        cell=cell,
        space_group=group,
        sites=Sites(
            labels=tuple(f"Au{i + 1}" for i in range(n)),
            elements=("Au",) * n,
            fract=fract,
            fract_su=np.broadcast_to(su, (n, 3)),
            fract_step=np.full((n, 3), 1e-5),
            u_iso=np.full(n, np.nan),
            u_aniso=np.full((n, 6), np.nan),
            occupancy=np.ones(n),
            assembly=("",) * n,
            part=np.zeros(n),
            calculated=np.zeros(n),
            residue=("",) * n,
        ),
    )


def image(site, operation=0, shift=(0, 0, 0)):
    return AtomImages(sites=[site], operations=[operation], shifts=[shift])


def group_of(name):
    group = find_space_group(name, source="test")
    assert group is not None
    return group


def symmetric_cell(group, lengths, angles, **su):
    """Return the cell nearest to the given one that has the symmetry of the group."""
    matrix = Cell(lengths=lengths, angles=angles).matrix
    metric = np.mean([r.T @ matrix @ matrix.T @ r for r in group.rotations], axis=0)
    edges = np.sqrt(np.diag(metric))
    cosines = [metric[1, 2] / edges[1] / edges[2], metric[0, 2] / edges[0] / edges[2]]
    cosines.append(metric[0, 1] / edges[0] / edges[1])
    return Cell(lengths=edges, angles=np.degrees(np.arccos(cosines)), **su)


def stabiliser(cell, group, x):
    """Return the rotations of the operations that map a point exactly on itself."""
    offset = group.rotations @ x + group.translations - x
    offset -= np.rint(offset)
    return group.rotations[np.linalg.norm(offset @ cell.matrix, axis=1) < 1e-6]


def isotropic_displacements(cell, group, x, rng, count):
    """Return fractional displacements: isotropic ones that keep the symmetry of the site."""
    free = rng.normal(scale=SIGMA, size=(count, 3)) @ cell.inverse
    return free @ stabiliser(cell, group, x).mean(axis=0).T


def isotropic_su(cell, group, x):
    """Return what a refinement prints for such a site: the diagonal of the covariance."""
    kept = cell.inverse @ stabiliser(cell, group, x).mean(axis=0).T
    return SIGMA * np.sqrt(np.diag(kept.T @ kept))


# Group, cell, the constants of the cell that vary together (0 to 5 are a, b, c, alpha, beta, gamma), sites.
CASES = {
    "triclinic": ("P -1", (7, 8, 9, 80, 97, 105), ((0,), (1,), (2,), (3,), (4,), (5,)), [(0.1, 0.2, 0.3)]),
    "inversion centre": (
        "P -1",
        (7, 8, 9, 80, 97, 105),
        ((0,), (1,), (2,), (3,), (4,), (5,)),
        [(0.5, 0.5, 0)],
    ),
    "monoclinic mirror": ("C 1 2/m 1", (7, 8, 9, 90, 115, 90), ((0,), (1,), (2,), (4,)), [(0.1, 0, 0.2)]),
    "monoclinic axis": ("C 1 2/c 1", (7, 8, 9, 90, 115, 90), ((0,), (1,), (2,), (4,)), [(0, 0.13, 0.25)]),
    "orthorhombic": ("F d d d:2", (7, 8, 9, 90, 90, 90), ((0,), (1,), (2,)), [(0.125, 0.125, 0.3)]),
    "tetragonal diagonal": ("P 4/m m m", (7, 7, 9, 90, 90, 90), ((0, 1), (2,)), [(0.2, 0.2, 0.3)]),
    "tetragonal": ("P 41 21 2", (7, 7, 9, 90, 90, 90), ((0, 1), (2,)), [(0.2, 0.2, 0)]),
    "hexagonal": ("P 6/m", (7, 7, 9, 90, 90, 120), ((0, 1), (2,)), [(0.1, 0.3, 0.2)]),
    "hexagonal x 2x": ("P 63/m m c", (7, 7, 9, 90, 90, 120), ((0, 1), (2,)), [(0.15, 0.3, 0.1)]),
    "threefold axis": ("R -3:H", (7, 7, 19, 90, 90, 120), ((0, 1), (2,)), [(2 / 3, 1 / 3, 0.1)]),
    "rhombohedral": ("R -3:R", (7, 7, 7, 75, 75, 75), ((0, 1, 2), (3, 4, 5)), [(0.1, 0.2, 0.35)]),
    "rhombohedral axis": ("R -3:R", (7, 7, 7, 75, 75, 75), ((0, 1, 2), (3, 4, 5)), [(0.2, 0.2, 0.2)]),
    "cubic": ("I a -3 d", (11, 11, 11, 90, 90, 90), ((0, 1, 2),), [(0.1, 0.1, 0.1)]),
    "cubic 110": ("F m -3 m", (9, 9, 9, 90, 90, 90), ((0, 1, 2),), [(0.0, 0.13, 0.13)]),
}


def metric_tensors(constants):
    edges, cosines = constants[:, :3], np.cos(np.radians(constants[:, 3:]))
    metrics = edges[:, :, None] * edges[:, None, :]
    for (i, j), cosine in zip(((1, 2), (0, 2), (0, 1)), cosines.T, strict=True):
        metrics[:, i, j] *= cosine
        metrics[:, j, i] *= cosine
    return metrics


@st.composite
def structures(draw):
    group = group_of(draw(st.sampled_from(SETTINGS)))
    number = st.floats(5.0, 15.0)
    angle = st.floats(75.0, 110.0)
    cell = symmetric_cell(
        group,
        draw(st.tuples(number, number, number)),
        draw(st.tuples(angle, angle, angle)),
    )
    relative = draw(st.tuples(*[st.floats(1e-5, 1e-3)] * 2))
    metric_like = symmetric_su(cell, group, relative)
    cell = replace(cell, lengths_su=metric_like[:3], angles_su=metric_like[3:])
    coordinate = st.sampled_from(SPECIAL_VALUES)
    points = draw(st.lists(st.tuples(coordinate, coordinate, coordinate), min_size=2, max_size=2))
    return cell, group, np.array(points)


def symmetric_su(cell, group, relative):
    """Return uncertainties of the cell constants: one for lengths, one for angles, none where fixed."""
    fixed = [np.isclose(a, (60, 90, 109.4712206, 120), atol=1e-4).any() for a in cell.angles]
    angles = np.where(fixed, 0.0, np.degrees(relative[1]))
    return np.concatenate([cell.lengths * relative[0], angles])


def place(group, x, operation, shift):
    return group.rotations[operation] @ x + group.translations[operation] + shift


def find_image(group, x, target):
    """Return operation and shift that take a site to a place."""
    offset = target - (group.rotations @ x + group.translations)
    best = int(np.abs(offset - np.rint(offset)).max(axis=1).argmin())
    assert np.abs(offset[best] - np.rint(offset[best])).max() < 1e-9  # rounding of one product
    return best, np.rint(offset[best]).astype(int)
