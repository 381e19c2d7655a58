"""Where in the spectrum is this ion? m/z by every convention."""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.constants import ELECTRON_MASS_DA
from clustermodel.massspec.electrons import count_ion_electrons
from clustermodel.massspec.formula import IonFormula
from clustermodel.massspec.isotopes import build_isotope_pattern

__all__ = ["CONVENTIONS", "IonMasses", "convert_to_mz", "measure_ion"]

CONVENTIONS = ("monoisotopic", "most abundant", "average")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IonMasses:
    """The m/z of an ion by every convention, the electrons that it lacks taken off.

    Parameters
    ----------
    ion : IonFormula
        The ion.
    electrons : int or None
        Superatom electrons n* of the cluster in it; None where the rules do not apply.
    monoisotopic : float
        The isotopologue of the most abundant isotope of every element, M.
    most_abundant : float
        The highest isotopologue, isotopologues of one nominal mass taken together.
    most_abundant_offset : int
        Its nucleons more than in M: 2 for M+2.
    most_abundant_share : float
        Its share of all molecules.
    average : float
        Mean over all isotopologues.
    average_spread : float
        How far the mean moves with IUPAC standard atomic weights in place of isotopic compositions.
    offsets : array_like of int, shape (n,)
        Nucleons more than in M.
    mz : array_like, shape (n,)
        m/z of each nominal mass.
    shares : array_like, shape (n,)
        Its share of all molecules.
    """

    ion: IonFormula
    electrons: int | None = field(metadata={"unit": "electrons"})
    monoisotopic: float = field(metadata={"unit": "Th"})
    most_abundant: float = field(metadata={"unit": "Th"})
    most_abundant_offset: int = field(metadata={"unit": ""})
    most_abundant_share: float = field(metadata={"unit": ""})
    average: float = field(metadata={"unit": "Th"})
    average_spread: float = field(metadata={"unit": "Th"})
    offsets: IntArray = field(metadata={"unit": ""})
    mz: FloatArray = field(metadata={"unit": "Th"})
    shares: FloatArray = field(metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Freeze the arrays and check their shapes."""
        n = len(self.offsets)
        object.__setattr__(self, "offsets", freeze_int(self.offsets, (n,), "offsets"))
        object.__setattr__(self, "mz", freeze_float(self.mz, (n,), "mz"))
        object.__setattr__(self, "shares", freeze_float(self.shares, (n,), "shares"))

    def by_convention(self) -> dict[str, float]:
        """Return m/z by the name of the convention.

        Returns
        -------
        dict of str to float
            Monoisotopic, most abundant and average m/z.
        """
        return dict(zip(CONVENTIONS, (self.monoisotopic, self.most_abundant, self.average), strict=True))


def convert_to_mz(mass: FloatArray | float, charge: int) -> FloatArray:
    """Turn neutral masses into m/z.

    Parameters
    ----------
    mass : float or ndarray
        Masses of the neutral composition in Da.
    charge : int
        Charge, not zero.

    Returns
    -------
    ndarray
        m/z in Th; a cation has lost the mass of its electrons, an anion has gained it.

    Examples
    --------
    >>> round(float(convert_to_mz(132.905451961, 1)), 6)  # Cs+
    132.904903
    """
    return np.asarray((np.asarray(mass) - charge * ELECTRON_MASS_DA) / abs(charge))


def measure_ion(ion: IonFormula) -> IonMasses:
    """Calculate the m/z of an ion by every convention.

    Parameters
    ----------
    ion : IonFormula
        Composition and charge.

    Returns
    -------
    IonMasses
        Monoisotopic, most abundant and average m/z, and all isotopologues.

    Raises
    ------
    InputError
        If an element has no natural isotopic composition.

    Examples
    --------
    >>> from clustermodel.massspec.formula import read_ion
    >>> masses = measure_ion(read_ion("[Au22(AdmS)12(PPh2py)4]2+"))
    >>> round(masses.monoisotopic, 4), round(masses.most_abundant, 4), masses.most_abundant_offset
    (3695.3412, 3696.3434, 2)
    """
    pattern = build_isotope_pattern(ion.atoms)
    mz = convert_to_mz(pattern.masses, ion.charge)
    average = float(convert_to_mz(pattern.average_mass, ion.charge))
    return IonMasses(
        ion=ion,
        electrons=count_ion_electrons(ion.parts, ion.charge),
        monoisotopic=float(convert_to_mz(pattern.monoisotopic_mass, ion.charge)),
        most_abundant=float(mz[pattern.top]),
        most_abundant_offset=int(pattern.offsets[pattern.top]),
        most_abundant_share=float(pattern.abundances[pattern.top]),
        average=average,
        average_spread=abs(float(convert_to_mz(pattern.standard_mass, ion.charge)) - average),
        offsets=pattern.offsets,
        mz=mz,
        shares=pattern.abundances,
    )
