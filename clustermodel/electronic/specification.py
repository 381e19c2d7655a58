"""What exactly is to be calculated? Method, basis, charge and multiplicity, checked before it starts."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from clustermodel.elements import find_element
from clustermodel.errors import ChemistryError, InputError

__all__ = [
    "FINE_GRID",
    "LEVELS",
    "SCREENING_GRID",
    "Specification",
    "build_specification",
    "check_parity",
    "count_all_electrons",
    "find_lowest_multiplicity",
]

Level = Literal["xtb", "dft"]
SCREENING_GRID, FINE_GRID = 1, 3
"""Integration grids, as PySCF counts them: on Au4 their gaps are 1.4 meV apart."""
LEVELS: tuple[Level, ...] = ("xtb", "dft")

_DEFAULTS: dict[str, dict[str, str]] = {
    "xtb": {"engine": "tblite", "method": "GFN1-xTB", "basis": "", "ecp": ""},
    "dft": {"engine": "pyscf", "method": "PBE", "basis": "def2-SVP", "ecp": "def2-SVP"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """One calculation, said completely: two equal specifications on one geometry give one result.

    What changes the cost and not the answer (memory, threads) is no part of it.

    Parameters
    ----------
    engine : str
        Program: ``"tblite"``, ``"pyscf"``, ``"gpu4pyscf"``; for results of other programs, its name.
    method : str
        ``"GFN1-xTB"``, or a density functional by its name in the engine.
    basis, ecp : str
        Names of the basis set and effective core potential; empty where the method brings its own.
    charge : int
        Total charge.
    multiplicity : int
        1 for a singlet, 2 for a doublet.
    density_fit : bool
        Whether the Coulomb energy is density fitted.
    grid : int
        Level of the integration grid, 0 to 9, as PySCF counts them.
    solvent : str
        Name of the solvent of a continuum model; empty in vacuo.
    electronic_temperature_k : float
        Temperature of the Fermi distribution of electrons in K; 0 for whole occupations.
    convergence_ev : float
        Largest change of the energy in the last cycle, in eV; 0 for the default of the engine.
    max_cycles : int
        Most cycles of the self-consistent field.
    options : tuple of (str, str)
        Anything else that an engine is told, by name.
    """

    engine: str = "tblite"
    method: str = "GFN1-xTB"
    basis: str = ""
    ecp: str = ""
    charge: int = field(default=0, metadata={"unit": "e"})
    multiplicity: int = field(default=1, metadata={"unit": ""})
    density_fit: bool = True
    grid: int = field(default=3, metadata={"unit": ""})
    solvent: str = ""
    electronic_temperature_k: float = field(default=300.0, metadata={"unit": "K"})
    convergence_ev: float = field(default=0.0, metadata={"unit": "eV"})
    max_cycles: int = field(default=250, metadata={"unit": ""})
    options: tuple[tuple[str, str], ...] = ()

    @property
    def unpaired(self) -> int:
        """Number of unpaired electrons."""
        return self.multiplicity - 1

    @property
    def label(self) -> str:
        """Level of theory in the words of a paper, such as ``PBE/def2-SVP`` or ``GFN1-xTB``."""
        level = f"{self.method}/{self.basis}" if self.basis else self.method
        return f"{level} ({self.solvent})" if self.solvent else level

    def with_state(self, *, charge: int, multiplicity: int) -> "Specification":
        """Return the same level of theory for another charge and multiplicity.

        Parameters
        ----------
        charge : int
            Total charge.
        multiplicity : int
            Multiplicity.

        Returns
        -------
        Specification
            A new specification.
        """
        return replace(self, charge=charge, multiplicity=multiplicity)


def build_specification(
    level: str, elements: Sequence[str], *, charge: int, multiplicity: int | None = None, **changes: object
) -> Specification:
    """Build the specification of a level of theory with its usual choices.

    Parameters
    ----------
    level : {"xtb", "dft"}
        GFN1-xTB by tblite, or PBE/def2-SVP by PySCF.
    elements : sequence of str, length n
        The atoms, for the number of electrons.
    charge : int
        Total charge.
    multiplicity : int, optional
        By default the lowest that the number of electrons allows.
    **changes : object
        Other fields of :class:`Specification` that differ from the defaults of the level.

    Returns
    -------
    Specification
        Checked by `check_parity`.

    Raises
    ------
    InputError
        If the level does not exist.
    ChemistryError
        If charge, multiplicity and number of electrons do not fit.

    Examples
    --------
    >>> build_specification("xtb", ["Au", "Cl"], charge=0).label
    'GFN1-xTB'
    >>> build_specification("dft", ["Au"], charge=0, grid=1).multiplicity
    2
    """
    if level not in _DEFAULTS:
        msg = f"level of theory {level!r} does not exist; expected one of {', '.join(LEVELS)}"
        raise InputError(msg)
    lowest = find_lowest_multiplicity(elements, charge)
    chosen = {
        **_DEFAULTS[level],
        "charge": charge,
        "multiplicity": lowest if multiplicity is None else multiplicity,
        **({"electronic_temperature_k": 0.0} if level == "dft" else {}),
        **changes,
    }
    specification = Specification(**chosen)  # type: ignore[arg-type]
    check_parity(elements, specification)
    return specification


def count_all_electrons(elements: Sequence[str], charge: int) -> int:
    """Count the electrons of atoms, core electrons included.

    Parameters
    ----------
    elements : sequence of str, length n
        Element symbols.
    charge : int
        Total charge.

    Returns
    -------
    int
        Sum of the atomic numbers less the charge.

    Raises
    ------
    InputError
        If a symbol is no element.

    Examples
    --------
    >>> count_all_electrons(["Au", "Cl"], 0)
    96
    """
    total = -charge
    for symbol in elements:
        element = find_element(symbol)
        if element is None:
            msg = f"{symbol!r} is no element; expected symbols such as Au, S, H"
            raise InputError(msg)
        total += element.number
    return total


def find_lowest_multiplicity(elements: Sequence[str], charge: int) -> int:
    """Return the lowest multiplicity that a number of electrons allows.

    Parameters
    ----------
    elements : sequence of str, length n
        Element symbols.
    charge : int
        Total charge.

    Returns
    -------
    int
        1 for an even, 2 for an odd number of electrons.

    Examples
    --------
    >>> find_lowest_multiplicity(["Au"] * 25 + ["S", "H"] * 18, 0)
    2
    >>> find_lowest_multiplicity(["Au"] * 25 + ["S", "H"] * 18, -1)
    1
    """
    return 1 + count_all_electrons(elements, charge) % 2


def check_parity(elements: Sequence[str], specification: Specification) -> None:
    """Check that charge and multiplicity fit the number of electrons.

    Parameters
    ----------
    elements : sequence of str, length n
        Element symbols.
    specification : Specification
        Charge and multiplicity.

    Raises
    ------
    ChemistryError
        If an even number of electrons meets an even multiplicity, an odd number an odd one, or
        more electrons are unpaired than there are.

    Examples
    --------
    >>> check_parity(["Au", "Cl"], Specification(charge=0, multiplicity=1))
    """
    electrons = count_all_electrons(elements, specification.charge)
    unpaired = specification.unpaired
    if unpaired >= 0 and (electrons - unpaired) % 2 == 0 and unpaired <= electrons:
        return
    kind = "even" if electrons % 2 == 0 else "odd"
    fitting = "1, 3, 5" if electrons % 2 == 0 else "2, 4, 6"
    msg = (
        f"charge {specification.charge:+d} leaves {electrons} electrons, an {kind} number, which cannot have "
        f"the multiplicity {specification.multiplicity}; choose one of {fitting}, or another charge"
    )
    raise ChemistryError(msg)
