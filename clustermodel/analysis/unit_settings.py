"""What counts as a building unit of a kernel? The cut-offs and limits, each with its reason."""

from dataclasses import dataclass, field

from clustermodel.cluster.conventions import KERNEL_BOND_EXCESS

__all__ = ["UnitSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSettings:
    """The choices behind the building units.

    Parameters
    ----------
    contact_excess : float, optional
        Longest contact of two kernel atoms, in Å over the sum of their covalent radii: 3.50 Å for gold,
        the length of stretched bonds inside published kernels (C7SC03566G).
    least_contacts : float, optional
        Fraction of the edges of a unit that must be contacts; a twisted unit keeps some three quarters.
    most_measure : float, optional
        Largest shape measure of a unit. At 7 the atoms are off by a quarter of the radius; an
        icosahedron read as a cuboctahedron measures 5.3.
    chance : float, optional
        Largest fraction of random clusters that may fit as well as a unit, in its best reading.
    convincing_measure : float, optional
        Largest shape measure of a convincing unit. Of 110 random clusters of thirteen atoms, as dense as
        an icosahedron, none was read as units that all measure less than 1.5, five less than 2, 47 less
        than 3 (where shapes begin to be called strongly distorted).
    convincing_chance : float, optional
        Largest fraction of random clusters that may fit as well as a convincing unit.
    convincing_rest : float, optional
        Largest fraction of the kernel that a convincing reading may leave over.
    most_readings : int, optional
        Number of different readings of the kernel to report; convincing ones whose units are all of
        one kind come on top of them.
    certify : bool, optional
        Whether to prove the shape measures below `convincing_measure` in the first reading.
    """

    contact_excess: float = field(default=KERNEL_BOND_EXCESS, metadata={"unit": "Å"})
    least_contacts: float = field(default=2 / 3, metadata={"unit": ""})
    most_measure: float = field(default=7.0, metadata={"unit": ""})
    chance: float = field(default=0.1, metadata={"unit": ""})
    convincing_measure: float = field(default=1.5, metadata={"unit": ""})
    convincing_chance: float = field(default=0.01, metadata={"unit": ""})
    convincing_rest: float = field(default=0.1, metadata={"unit": ""})
    most_readings: int = field(default=4, metadata={"unit": ""})
    certify: bool = True
