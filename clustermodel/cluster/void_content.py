"""Could the ions that a charge needs hide in a masked void? Electrons and volume, never a charge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from clustermodel.assembly.species_table import list_void_candidates
from clustermodel.elements import find_element
from clustermodel.structure.crystal import Void

__all__ = ["VoidCandidate", "count_electrons_of", "weigh_voids"]

_LARGEST_CHARGE = 4  # each way; larger charges would need more rows than a reader can use
_ENOUGH = 0.75  # share of what is needed: our choice, lenient as counts of disordered ions come out low

# Average volumes in Å3 of atoms in crystals: Hofmann, Acta Cryst. B 2002, 58, 489 (key hofmann2002). Small
# inorganic ions take more room than that, so that the volume needed is a lower bound.
_VOLUMES = {
    "H": 5.08, "B": 13.24, "C": 13.87, "N": 11.8, "O": 11.39, "F": 11.17, "Na": 26.0, "Si": 37.3,
    "P": 29.5, "S": 25.2, "Cl": 25.8, "K": 36.0, "As": 36.4, "Se": 30.3, "Br": 32.7, "Sb": 48.0,
    "I": 46.2,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VoidCandidate:
    """One kind of ion set against the contents of the voids.

    Parameters
    ----------
    charge : int
        Charge the cluster would have with these ions in the voids beside those listed.
    ion : str
        Abbreviation of the ion.
    count : int
        Ions needed for each cluster.
    electrons_needed, electrons_found : float
        Electrons of the ions, and electrons in the voids, for each cluster.
    volume_needed, volume_found : float or None
        Volume of the ions from average atomic volumes, and of the voids, for each cluster in
        Å3; None for elements without an average volume.
    verdict : {"room for", "too few"}
        Whether electrons and volume are enough. Solvent fills voids too: room for an ion is no
        evidence of one.
    """

    charge: int = field(metadata={"unit": "e"})
    ion: str
    count: int = field(metadata={"unit": "1"})
    electrons_needed: float = field(metadata={"unit": "e"})
    electrons_found: float = field(metadata={"unit": "e"})
    volume_needed: float | None = field(metadata={"unit": "Å3"})
    volume_found: float = field(metadata={"unit": "Å3"})
    verdict: Literal["room for", "too few"]


def count_electrons_of(counts: Mapping[str, float], charge: int) -> float:
    """Return the number of electrons of a formula.

    Parameters
    ----------
    counts : mapping of str to float
        Atoms of each element.
    charge : int
        Charge in elementary charges.

    Returns
    -------
    float
        Sum of atomic numbers less the charge.

    Examples
    --------
    >>> count_electrons_of({"P": 1, "F": 6}, -1)
    70.0
    """
    rows = ((find_element(symbol), n) for symbol, n in counts.items())
    return float(sum(row.number * n for row, n in rows if row is not None) - charge)


def _volume_of(counts: Mapping[str, float]) -> float | None:
    if any(symbol not in _VOLUMES for symbol in counts):
        return None
    return sum(_VOLUMES[symbol] * n for symbol, n in counts.items())


def weigh_voids(
    voids: Sequence[Void], clusters_per_cell: float, *, listed_charge: int = 0
) -> tuple[VoidCandidate, ...]:
    """Set the contents of masked voids against the ions that each charge would need.

    Parameters
    ----------
    voids : sequence of Void
        All voids of the unit cell.
    clusters_per_cell : float
        Clusters among which their contents are shared.
    listed_charge : int, optional
        Charge that the listed ions alone would ask for.

    Returns
    -------
    tuple of VoidCandidate
        Rows for up to four charges each way and the ions marked in ``species.toml``; empty
        without voids or clusters.

    Examples
    --------
    >>> rows = weigh_voids([Void(volume=900.0, electrons=290.0)], 2)
    >>> [row.verdict for row in rows if row.ion == "PF6-"]
    ['room for', 'room for', 'too few', 'too few']
    """
    if not voids or clusters_per_cell <= 0:
        return ()
    electrons = sum(void.electrons for void in voids) / clusters_per_cell
    volume = sum(void.volume for void in voids) / clusters_per_cell
    rows = []
    for ion in list_void_candidates():
        size = count_electrons_of(ion.counts, ion.charge)
        space = _volume_of(ion.counts)
        for count in range(1, _LARGEST_CHARGE // abs(ion.charge) + 1):
            fits = electrons >= _ENOUGH * count * size
            fits &= space is None or volume >= _ENOUGH * count * space
            rows.append(
                VoidCandidate(
                    charge=listed_charge - count * ion.charge,
                    ion=ion.abbreviation,
                    count=count,
                    electrons_needed=count * size,
                    electrons_found=electrons,
                    volume_needed=None if space is None else count * space,
                    volume_found=volume,
                    verdict="room for" if fits else "too few",
                )
            )
    return tuple(sorted(rows, key=lambda row: (row.charge < 0, abs(row.charge))))
