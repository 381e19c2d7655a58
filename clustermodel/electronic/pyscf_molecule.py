"""How does PySCF see the atoms? Its molecule, checked before anything is calculated, and its functions."""

import warnings
from collections.abc import Sequence

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel._optional import import_optional
from clustermodel.electronic.basis import Basis, Shell
from clustermodel.electronic.pyscf_types import PyscfObject
from clustermodel.electronic.specification import Specification, check_parity
from clustermodel.errors import InputError

__all__ = ["build_basis", "build_molecule"]

_P_ORDERS = (1, -1, 0)  # PySCF: x, y, z; every other shell from -l to l
_ECP_FROM = 37  # Rb: the first element of the def2 potentials


def build_molecule(
    elements: Sequence[str], positions: FloatArray, specification: Specification
) -> PyscfObject:
    """Build the molecule of PySCF.

    Parameters
    ----------
    elements : sequence of str, length n
        Element symbols.
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å.
    specification : Specification
        Basis, effective core potential, charge and multiplicity.

    Returns
    -------
    pyscf.gto.Mole
        Silent, without symmetry.

    Raises
    ------
    InputError
        If the basis set or the potential is unknown or lacks an element, or two atoms coincide.
    ChemistryError
        If charge and multiplicity do not fit the electrons.
    """
    gto = import_optional("pyscf.gto", extra="", purpose="density functional theory")
    check_parity(elements, specification)
    symbols = ["H" if symbol == "D" else symbol for symbol in elements]
    kinds = sorted(set(symbols))
    basis = {kind: _load(gto.basis.load, specification.basis, kind, "basis set") for kind in kinds}
    ecp = _load_potentials(gto, specification.ecp, kinds) if specification.ecp else {}
    molecule = gto.Mole(
        atom=list(zip(symbols, np.asarray(positions, float).tolist(), strict=True)),
        unit="Angstrom",
        basis=basis,
        ecp=ecp,
        charge=specification.charge,
        spin=specification.unpaired,
        verbose=0,
    )
    molecule.build(dump_input=False, parse_arg=False)
    return molecule


def _load(load: PyscfObject, name: str, element: str, what: str) -> PyscfObject:
    """Return what PySCF has under a name for an element, or say that it has nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # PySCF's advice to install another package
            found = load(name, element)
    except (KeyError, ValueError, RuntimeError, AttributeError, TypeError) as error:
        msg = (
            f"PySCF has no {what} {name!r} for {element}; expected one that covers every element, "
            "such as def2-SVP, def2-TZVP or LANL2DZ"
        )
        raise InputError(msg) from error
    if not found:
        msg = f"the {what} {name!r} of PySCF is empty for {element}; choose another one"
        raise InputError(msg)
    return found


def _load_potentials(gto: PyscfObject, name: str, kinds: Sequence[str]) -> dict[str, PyscfObject]:
    """Return the potentials of all elements that have one; only light elements may have none."""
    found: dict[str, PyscfObject] = {}
    for kind in kinds:
        try:
            found[kind] = _load(gto.basis.load_ecp, name, kind, "effective core potential")
        except InputError:
            if gto.charge(kind) >= _ECP_FROM:
                raise
    return found


def build_basis(molecule: PyscfObject, name: str) -> Basis:
    """Describe the functions of a molecule of PySCF.

    Parameters
    ----------
    molecule : pyscf.gto.Mole
        With spherical functions.
    name : str
        Name of the basis set.

    Returns
    -------
    Basis
        The same functions in the same order.
    """
    shells: list[Shell] = []
    shell_of: list[int] = []
    orders: list[int] = []
    for number in range(molecule.nbas):
        momentum = int(molecule.bas_angular(number))
        for column in molecule.bas_ctr_coeff(number).T:
            shells.append(
                Shell(
                    atom=int(molecule.bas_atom(number)),
                    momentum=momentum,
                    exponents=molecule.bas_exp(number),
                    coefficients=column,
                )
            )
            magnetic = _P_ORDERS if momentum == 1 else range(-momentum, momentum + 1)
            shell_of.extend([len(shells) - 1] * (2 * momentum + 1))
            orders.extend(magnetic)
    owners = np.array(shell_of)
    return Basis(
        name=name,
        shells=tuple(shells),
        shell_of=owners,
        atoms=np.array([shell.atom for shell in shells])[owners],
        momenta=np.array([shell.momentum for shell in shells])[owners],
        orders=np.array(orders),
        overlap=molecule.intor_symmetric("int1e_ovlp"),
    )
