"""How sure is a mean? Values that share atoms and the cell, with their covariances."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.assembly.angle_uncertainties import find_angle_gradients
from clustermodel.assembly.atom_images import build_molecule_errors, find_images
from clustermodel.assembly.propagation import Gradients, propagate_covariance, propagate_su
from clustermodel.assembly.uncertainties import find_distance_gradients
from clustermodel.errors import InputError
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.molecule import Molecule
from clustermodel.structure.uncertainty import ErrorModel

__all__ = [
    "CorrelatedValues",
    "MeanValue",
    "build_distance_source",
    "correlate_values",
    "measure_correlated_angles",
    "measure_correlated_distances",
    "measure_mean",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CorrelatedValues:
    """Distances or angles with their covariances.

    Parameters
    ----------
    values : array_like, shape (p,)
        Distances in Å or angles in degree.
    su : array_like, shape (p,)
        Propagated standard uncertainties in the same unit.
    held : array_like of int, shape (p,)
        How many of the atoms have no standard uncertainty although symmetry leaves them free.
        `su` then lacks their share.
    gradients : Gradients
        First derivatives of the values.
    model : ErrorModel
        Covariances of coordinates and cell.

    Attributes
    ----------
    stated : ndarray of bool, shape (p,)
        True where `su` is complete.
    """

    values: FloatArray
    su: FloatArray
    held: IntArray
    gradients: Gradients
    model: ErrorModel

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they have one length."""
        p = len(self.values)
        object.__setattr__(self, "values", freeze_float(self.values, (p,), "values"))
        object.__setattr__(self, "su", freeze_float(self.su, (p,), "su"))
        object.__setattr__(self, "held", freeze_int(self.held, (p,), "held"))

    def __len__(self) -> int:
        """Return the number of values."""
        return len(self.values)

    @property
    def stated(self) -> BoolArray:
        """Mask of the values whose uncertainty is complete."""
        mask: BoolArray = (self.held == 0) & (self.su > 0)
        return mask

    def complete_su(self) -> FloatArray:
        """Return the uncertainties, NaN where they are not complete.

        Returns
        -------
        ndarray, shape (p,)
            Standard uncertainties in the unit of the values.
        """
        return np.where(self.stated, self.su, np.nan)

    def select(self, rows: IntArray) -> "CorrelatedValues":
        """Return some of the values.

        Parameters
        ----------
        rows : ndarray of int
            Their indices.

        Returns
        -------
        CorrelatedValues
            The chosen values.
        """
        return CorrelatedValues(
            values=self.values[rows],
            su=self.su[rows],
            held=self.held[rows],
            gradients=self.gradients.select(rows),
            model=self.model,
        )

    def covary(self, weights: FloatArray) -> FloatArray:
        """Return the covariance of every value with a weighted sum of all, or with several.

        Parameters
        ----------
        weights : ndarray, shape (p,) or (p, q)
            Weights of the values in the sum, or in each of q sums.

        Returns
        -------
        ndarray, shape (p,) or (p, q)
            The covariance matrix times the weights.
        """
        columns = np.asarray(weights, dtype=np.float64).reshape(len(self), -1)
        return propagate_covariance(self.model, self.gradients, columns).reshape(np.shape(weights))


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanValue:
    """A mean with its standard uncertainty.

    Parameters
    ----------
    value : float
        The mean, in the unit of the values.
    su : float
        Its standard uncertainty; NaN if an atom of a value has none although symmetry leaves it
        free, or if nothing can vary. It tells how well the mean of these very values is known, not
        how widely they scatter.
    n : int
        Number of values.
    held : int
        Number of values with an atom without standard uncertainty.
    """

    value: float
    su: float
    n: int = field(metadata={"unit": ""})
    held: int = field(metadata={"unit": ""})


def correlate_values(model: ErrorModel, gradients: Gradients) -> CorrelatedValues:
    """Attach standard uncertainties and covariances to values.

    Parameters
    ----------
    model : ErrorModel
        Covariances of coordinates and cell.
    gradients : Gradients
        The values with their derivatives.

    Returns
    -------
    CorrelatedValues
        The values.
    """
    return CorrelatedValues(
        values=gradients.values,
        su=propagate_su(model, gradients),
        held=model.held[gradients.sites].sum(axis=1),
        gradients=gradients,
        model=model,
    )


def measure_correlated_distances(
    crystal: Crystal, molecule: Molecule, first: IntArray, second: IntArray
) -> CorrelatedValues:
    """Measure distances between atoms of a molecule with their covariances.

    Parameters
    ----------
    crystal : Crystal
        The crystal that the molecule was assembled from.
    molecule : Molecule
        The molecule.
    first, second : ndarray of int, shape (p,)
        Atom indices.

    Returns
    -------
    CorrelatedValues
        Distances in Å.

    Raises
    ------
    InputError
        If the molecule is not from this crystal or was moved since.
    """
    return build_distance_source(crystal, molecule)(first, second)


def build_distance_source(
    crystal: Crystal, molecule: Molecule
) -> Callable[[IntArray, IntArray], CorrelatedValues]:
    """Prepare to measure many distances of one molecule.

    Parameters
    ----------
    crystal : Crystal
        The crystal that the molecule was assembled from.
    molecule : Molecule
        The molecule.

    Returns
    -------
    callable
        Measures the distances between two arrays of atom indices, as `measure_correlated_distances`.

    Raises
    ------
    InputError
        If the molecule is not from this crystal or was moved since.
    """
    model = build_molecule_errors(crystal, molecule)

    def measure(first: IntArray, second: IntArray) -> CorrelatedValues:
        pairs = find_images(molecule, np.asarray(first)), find_images(molecule, np.asarray(second))
        return correlate_values(model, find_distance_gradients(model, *pairs))

    return measure


def measure_correlated_angles(crystal: Crystal, molecule: Molecule, triples: IntArray) -> CorrelatedValues:
    """Measure angles between atoms of a molecule with their covariances.

    Parameters
    ----------
    crystal : Crystal
        The crystal that the molecule was assembled from.
    molecule : Molecule
        The molecule.
    triples : ndarray of int, shape (p, 3)
        Atom indices, the apex in the middle.

    Returns
    -------
    CorrelatedValues
        Angles in degree.

    Raises
    ------
    InputError
        If the molecule is not from this crystal or was moved since.
    """
    model = build_molecule_errors(crystal, molecule)
    first, apex, third = (find_images(molecule, atoms) for atoms in np.reshape(triples, (-1, 3)).T)
    return correlate_values(model, find_angle_gradients(model, first, apex, third))


def measure_mean(values: CorrelatedValues, weights: FloatArray | None = None) -> MeanValue:
    """Average values that share atoms and the cell.

    Symmetry copies count as often as they are listed, but make the mean no surer: they share all
    parameters.

    Parameters
    ----------
    values : CorrelatedValues
        One or more values.
    weights : ndarray, shape (p,), optional
        Their weights; equal by default.

    Returns
    -------
    MeanValue
        The mean and its standard uncertainty.

    Raises
    ------
    InputError
        If there is no value, or weights are negative, all zero or not one for each value.

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
    >>> found = measure_correlated_distances(assembly.crystal, molecule, *molecule.bonds.pairs.T)
    >>> mean = measure_mean(found)
    >>> mean.n, round(mean.value, 3), round(mean.su, 5), found.su.round(5).tolist()
    (2, 2.3, 0.01026, [0.01026, 0.01026])
    """
    share = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    if share.shape != (len(values),) or np.any(share < 0) or not share.sum() > 0:
        msg = (
            f"mean of {len(values)} values with weights {share.tolist()}: expected one weight for each of "
            "one or more values, none negative and not all zero"
        )
        raise InputError(msg)
    share = share / share.sum()
    variance = float(share @ values.covary(share))
    complete = variance > 0 and not values.held[share > 0].any()
    return MeanValue(
        value=float(share @ values.values),
        su=variance**0.5 if complete else float("nan"),
        n=len(values),
        held=int(np.count_nonzero(values.held)),
    )
