"""How many superatom electrons has the cluster in this ion?"""

from collections import Counter

from clustermodel.cluster.formula_count import count_electrons_of_formula
from clustermodel.errors import ClusterModelError
from clustermodel.massspec.formula import IonPart, format_ion

__all__ = ["count_ion_electrons"]


def count_ion_electrons(parts: tuple[IonPart, ...], charge: int) -> int | None:
    """Count the superatom electrons of the cluster in an ion.

    Adducts and losses whose charge is known leave with it: [M + Cs]2+ has the electrons of [M]+, and
    [M - 3 H]- those of [M]2+. The rest is counted by
    :func:`~clustermodel.cluster.formula_count.count_electrons_of_formula`.

    Parameters
    ----------
    parts : tuple of IonPart
        Its parts.
    charge : int
        Its charge.

    Returns
    -------
    int or None
        n*; None where the rules do not apply (no coinage metal, an unknown class of ligand).

    Examples
    --------
    >>> from clustermodel.massspec.formula import read_ion
    >>> ion = read_ion("[Au21(AdmS)12(PPh2py)3 + CH3OH + Cs]2+")
    >>> count_ion_electrons(ion.parts, ion.charge)
    8
    """
    counts: Counter[tuple[str, bool]] = Counter()
    for part in parts:
        if part.adduct_charge is None:
            counts[part.text, part.is_group] += part.count
        else:
            charge -= part.count * part.adduct_charge
    if min(counts.values(), default=0) < 0:
        return None
    core = tuple(IonPart(text=t, count=n, atoms={}, is_group=g) for (t, g), n in counts.items() if n)
    try:
        return count_electrons_of_formula(format_ion(core, charge)).value
    except ClusterModelError:
        return None
