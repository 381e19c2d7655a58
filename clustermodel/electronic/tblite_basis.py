"""Which functions do the orbitals of GFN1-xTB consist of? Slater functions as Gaussians, by tblite's numbers.

tblite gives the coefficients of its orbitals and the parameters of the method, not the functions. They are
put together here as the authors describe (:cite:t:`grimme2017`): Slater functions with the exponents of the
method, each expanded in Gaussians (:cite:t:`stewart1970`); the second s function of hydrogen is made
orthogonal to the first. A test compares the overlap matrix with tblite's.
"""

import functools
import math
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.electronic.basis import Shell

__all__ = ["SLATER_GAUSSIANS", "build_xtb_shells"]

SLATER_GAUSSIANS = "slater_gaussians.toml"


class _Radial(NamedTuple):
    momentum: int
    exponents: FloatArray
    coefficients: FloatArray


def build_xtb_shells(
    elements: Sequence[str], parameters: Mapping[str, Mapping[str, Any]]
) -> tuple[Shell, ...]:
    """Build the shells of every atom from the parameters of an xTB method.

    Parameters
    ----------
    elements : sequence of str, length n
        Element symbols.
    parameters : mapping
        For each element ``shells`` such as ``["5d", "6s", "6p"]``, ``slater`` exponents in
        bohr-1 and ``ngauss``, as tblite exports them.

    Returns
    -------
    tuple of Shell
        Atom by atom, in the order of the parameters.

    Examples
    --------
    >>> carbon = {"shells": ["2s", "2p"], "slater": [1.96, 1.83], "ngauss": [6, 6]}
    >>> [(shell.atom, shell.momentum, len(shell.exponents)) for shell in build_xtb_shells("C", {"C": carbon})]
    [(0, 0, 6), (0, 1, 6)]
    """
    radials = {symbol: _build_radials(parameters[symbol]) for symbol in set(elements)}
    return tuple(
        Shell(atom=atom, momentum=one.momentum, exponents=one.exponents, coefficients=one.coefficients)
        for atom, symbol in enumerate(elements)
        for one in radials[symbol]
    )


@functools.cache
def _read_expansions() -> dict[str, dict[str, Any]]:
    text = resources.files("clustermodel.electronic").joinpath(SLATER_GAUSSIANS).read_text(encoding="utf-8")
    return tomllib.loads(text)


def _build_radials(element: Mapping[str, Any]) -> list[_Radial]:
    radials: list[_Radial] = []
    rows = zip(element["shells"], element["slater"], element["ngauss"], strict=True)
    for name, slater, count in rows:
        expansion = _read_expansions()[f"{name}-{count}G"]
        one = _Radial(
            momentum="spd".index(name[-1]),
            exponents=np.array(expansion["exponents"]) * slater**2,
            coefficients=np.array(expansion["coefficients"]),
        )
        same = [earlier for earlier in radials if earlier.momentum == one.momentum]
        radials.append(_orthogonalise(one, same[0]) if same else one)
    return radials


def _orthogonalise(second: _Radial, first: _Radial) -> _Radial:
    """Return the second function less its projection on the first, normalised."""
    exponents = np.concatenate([second.exponents, first.exponents])
    shared = second.coefficients @ _overlap(second, first) @ first.coefficients
    coefficients = np.concatenate([second.coefficients, -shared * first.coefficients])
    both = _Radial(second.momentum, exponents, coefficients)
    norm = math.sqrt(coefficients @ _overlap(both, both) @ coefficients)
    return _Radial(second.momentum, exponents, coefficients / norm)


def _overlap(one: _Radial, other: _Radial) -> FloatArray:
    """Return the overlap of normalised Gaussians of one momentum about one centre."""
    roots = np.sqrt(np.outer(one.exponents, other.exponents))
    values: FloatArray = (2 * roots / np.add.outer(one.exponents, other.exponents)) ** (one.momentum + 1.5)
    return values
