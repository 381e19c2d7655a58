"""How sure is a distance between centroids? Groups of atoms, with uncertainties of coordinates and cell."""

import numpy as np

from clustermodel.assembly.atom_groups import (
    AtomGroups,
    Groups,
    Weights,
    build_group_gradients,
    build_groups,
    count_held,
    place_groups,
)
from clustermodel.assembly.atom_images import build_molecule_errors
from clustermodel.assembly.propagation import Gradients, propagate_su
from clustermodel.assembly.uncertainties import Distances
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.molecule import Molecule
from clustermodel.structure.uncertainty import ErrorModel

__all__ = ["find_group_distance_gradients", "measure_group_distances"]

_COINCIDE = 1e-8  # Å: what rounding leaves of the distance of centroids that symmetry puts on each other


def measure_group_distances(
    crystal: Crystal,
    molecule: Molecule,
    first: Groups,
    second: Groups,
    *,
    weights: tuple[Weights | None, Weights | None] = (None, None),
) -> Distances:
    """Measure distances between centroids of groups of atoms; one atom is a group too.

    Parameters
    ----------
    crystal : Crystal
        The crystal that the molecule was assembled from.
    molecule : Molecule
        The molecule; groups do not reach beyond its listed atoms.
    first, second : sequence of sequence of int
        Atom indices of the groups at the two ends of each distance.
    weights : tuple, optional
        Weights of the atoms at the first and at the second end, alike; equal where None.

    Returns
    -------
    Distances
        Distances and their precision; `held` counts the atoms of both groups.

    Raises
    ------
    InputError
        If a group is empty, weights do not fit, or the molecule is not from this crystal.

    Examples
    --------
    >>> from clustermodel.assembly.molecules import assemble_molecules
    >>> from clustermodel.io.cif import parse_cif
    >>> text = b'''data_t _cell_length_a 10.00(1) _cell_length_b 9 _cell_length_c 9
    ... _cell_angle_alpha 90 _cell_angle_beta 90 _cell_angle_gamma 90
    ... _symmetry_space_group_name_H-M 'P -1'
    ... loop_ _atom_site_label _atom_site_fract_x _atom_site_fract_y _atom_site_fract_z
    ... Au1 0 0 0 Cl1 .230(1) 0 0 '''
    >>> assembly = assemble_molecules(parse_cif(text, "toy.cif")[0])
    >>> molecule = assembly.molecules[0].molecule
    >>> gold, *chlorine = [molecule.labels.index("Au1"), *np.flatnonzero(np.array(molecule.labels) == "Cl1")]
    >>> found = measure_group_distances(
    ...     assembly.crystal, molecule, [[gold], [gold]], [chlorine[:1], chlorine]
    ... )
    >>> found.lengths.round(3).tolist(), found.su.round(5).tolist()  # inversion fixes the centroid of both Cl
    ([2.3, 0.0], [0.01026, 0.0])
    """
    model = build_molecule_errors(crystal, molecule)
    one = build_groups(molecule, first, weights[0])
    other = build_groups(molecule, second, weights[1])
    gradients = find_group_distance_gradients(model, one, other)
    return Distances(
        lengths=gradients.values,
        su=propagate_su(model, gradients),
        held=count_held(model, one) + count_held(model, other),
    )


def find_group_distance_gradients(model: ErrorModel, first: AtomGroups, second: AtomGroups) -> Gradients:
    """Differentiate distances between centroids.

    Parameters
    ----------
    model : ErrorModel
        Cell, symmetry and positions.
    first, second : AtomGroups
        The groups at the two ends of each distance.

    Returns
    -------
    Gradients
        Distances in Å with their derivatives, zero for centroids that coincide.
    """
    positions = place_groups(model, first), place_groups(model, second)
    centroids = [
        np.einsum("pk,pki->pi", g.weights, x) for g, x in zip((first, second), positions, strict=True)
    ]
    difference = centroids[1] - centroids[0]
    lengths = np.linalg.norm(difference, axis=1)
    inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > _COINCIDE)
    along = (difference * inverse[:, None])[:, None]
    slopes = (-first.weights[:, :, None] * along, second.weights[:, :, None] * along)
    return build_group_gradients(model, lengths, (first, second), positions, slopes)
