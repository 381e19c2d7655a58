"""What is known about one of two clusters that are compared?"""

from dataclasses import dataclass, field

from clustermodel._arrays import IntArray
from clustermodel.analysis.bond_lengths import Errors
from clustermodel.analysis.bond_table import Uncertainty
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster

__all__ = ["PairSide"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairSide:
    """One of two clusters.

    Parameters
    ----------
    name : str
        What it is called in tables.
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division into kernel and shell; both clusters by the same convention.
    charge : int or None, optional
        Charge, None if it is not known.
    orbit : ndarray of int, shape (n,), optional
        Atoms with the same number are symmetry copies; the sites of the file by default.
    uncertainty : callable or ndarray, optional
        Standard uncertainties of distances in Å: a function of two arrays of atoms, or an array along the
        bonds of the molecule. Symmetry-unique bonds are then taken as uncorrelated.
    errors : callable, optional
        Distances between two arrays of atoms with their covariances, instead of `uncertainty`: the s.u. of
        means then know that bonds share atoms and the cell.
    """

    name: str
    cluster: Cluster
    anatomy: Anatomy
    charge: int | None = field(default=None, metadata={"unit": "e"})
    orbit: IntArray | None = None
    uncertainty: Uncertainty | None = None
    errors: Errors | None = None
