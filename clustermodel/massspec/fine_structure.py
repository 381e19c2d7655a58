"""Which single isotopologues has a composition? 34S apart from 13C2, with IsoSpec (lacki2020)."""

import math
from collections.abc import Mapping

import IsoSpecPy
import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.massspec.isotopes import find_isotopes

__all__ = ["list_fine_structure"]

_FINE_COVERAGE = 0.9999  # of all molecules are in the list
_MOST_LINES = 2_000_000  # a list of this length takes 0.1 GB


def list_fine_structure(atoms: Mapping[str, int]) -> tuple[FloatArray, FloatArray] | None:
    """List single isotopologues, 34S apart from 13C2, with IsoSpec.

    Parameters
    ----------
    atoms : mapping of str to int
        Number of atoms by element.

    Returns
    -------
    tuple of ndarray, or None
        Masses in Da and abundances, 99.99 % of all molecules; None where they would be more than two
        million, as for many atoms of Cd, Sn or Se.
    """
    if _estimate_lines(atoms) > _MOST_LINES:
        return None
    kinds = [find_isotopes(symbol) for symbol in atoms]
    envelope = IsoSpecPy.IsoTotalProb(
        _FINE_COVERAGE,
        atomCounts=list(atoms.values()),
        isotopeMasses=[tuple(kind.masses.tolist()) for kind in kinds],
        isotopeProbabilities=[tuple(kind.abundances.tolist()) for kind in kinds],
    )
    return np.array(envelope.np_masses()), np.array(envelope.np_probs())


def _estimate_lines(atoms: Mapping[str, int]) -> float:
    """Estimate how many isotopologues hold nearly all molecules: the volume of a Gaussian's ellipsoid."""
    dimension, log_volume = 0, 0.0
    for symbol, count in atoms.items():
        abundances = find_isotopes(symbol).abundances
        free = abundances.size - 1
        dimension += free
        log_volume += 0.5 * (free * math.log(count) + float(np.log(abundances).sum())) if free else 0.0
    if not dimension:
        return 1.0
    radius = math.sqrt(dimension) + math.sqrt(
        2 * -math.log(1 - _FINE_COVERAGE)
    )  # bound of the chi distribution
    log_volume += dimension * math.log(radius) + 0.5 * dimension * math.log(math.pi)
    return math.exp(min(log_volume - math.lgamma(dimension / 2 + 1), 700.0))
