"""Which atoms did the refinement list? The asymmetric unit, one column per CIF item."""

from dataclasses import dataclass, field, replace

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int

__all__ = ["Sites"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sites:
    """The sites of an asymmetric unit as refined.

    Parameters
    ----------
    labels : tuple of str, length n
        Unique labels.
    elements : tuple of str, length n
        Element symbols.
    fract : array_like, shape (n, 3)
        Fractional coordinates as written, not reduced to the cell.
    fract_su : array_like, shape (n, 3)
        Standard uncertainties; zero where the file states none.
    fract_step : array_like, shape (n, 3)
        Value of the last printed digit of each coordinate.
    u_iso : array_like, shape (n,)
        Isotropic or equivalent displacement parameter in Å2; NaN if absent.
    u_aniso : array_like, shape (n, 6)
        U11 U22 U33 U23 U13 U12 in Å2; NaN if absent.
    u_aniso_su : array_like, shape (n, 6), optional
        Standard uncertainties of `u_aniso` in Å2; zero where the file states none.
    occupancy : array_like, shape (n,)
        Chemical occupancy: 1 for a fully occupied site, special or not.
    assembly : tuple of str, length n
        Disorder assembly; empty if none.
    part : array_like of int, shape (n,)
        Disorder group (SHELX PART); zero if none, negative if it is to be kept apart from
        its own symmetry images.
    calculated : array_like of bool, shape (n,)
        True where the calc flag says that the position was calculated (riding).
    residue : tuple of str, length n
        Residue of an embedded SHELXL file; empty if none.

    Raises
    ------
    ValueError
        If the columns differ in length.
    """

    labels: tuple[str, ...]
    elements: tuple[str, ...]
    fract: FloatArray
    fract_su: FloatArray
    fract_step: FloatArray
    u_iso: FloatArray = field(metadata={"unit": "Å2"})
    u_aniso: FloatArray = field(metadata={"unit": "Å2"})
    u_aniso_su: FloatArray = field(default_factory=lambda: np.zeros((0, 6)), metadata={"unit": "Å2"})
    occupancy: FloatArray
    assembly: tuple[str, ...]
    part: IntArray
    calculated: IntArray
    residue: tuple[str, ...]

    def __post_init__(self) -> None:
        """Freeze the arrays and check that the columns have one length."""
        n = len(self.labels)
        if not len(self.u_aniso_su):
            object.__setattr__(self, "u_aniso_su", np.zeros((n, 6)))
        widths = {"fract": 3, "fract_su": 3, "fract_step": 3, "u_aniso": 6, "u_aniso_su": 6}
        for name, width in widths.items():
            value = freeze_float(getattr(self, name), (n, width), name)
            object.__setattr__(self, name, value)
        for name in ("u_iso", "occupancy"):
            object.__setattr__(self, name, freeze_float(getattr(self, name), (n,), name))
        for name in ("part", "calculated"):
            object.__setattr__(self, name, freeze_int(getattr(self, name), (n,), name))
        for name in ("elements", "assembly", "residue"):
            if len(getattr(self, name)) != n:
                msg = f"{name} has {len(getattr(self, name))} entries, expected {n}"
                raise ValueError(msg)

    def __len__(self) -> int:
        """Return the number of sites."""
        return len(self.labels)

    def select(self, indices: IntArray) -> "Sites":
        """Return the sites with the given indices, in that order.

        Parameters
        ----------
        indices : ndarray of int
            Indices into this table.

        Returns
        -------
        Sites
            A new table.
        """
        kept = np.asarray(indices, dtype=np.int64)
        return Sites(
            labels=tuple(self.labels[i] for i in kept),
            elements=tuple(self.elements[i] for i in kept),
            fract=self.fract[kept],
            fract_su=self.fract_su[kept],
            fract_step=self.fract_step[kept],
            u_iso=self.u_iso[kept],
            u_aniso=self.u_aniso[kept],
            u_aniso_su=self.u_aniso_su[kept],
            occupancy=self.occupancy[kept],
            assembly=tuple(self.assembly[i] for i in kept),
            part=self.part[kept],
            calculated=self.calculated[kept],
            residue=tuple(self.residue[i] for i in kept),
        )

    def with_labels(self, labels: tuple[str, ...]) -> "Sites":
        """Return the same sites under other labels.

        Parameters
        ----------
        labels : tuple of str, length n
            New labels.

        Returns
        -------
        Sites
            A new table.
        """
        return replace(self, labels=labels)

    def with_residues(self, residue: tuple[str, ...]) -> "Sites":
        """Return the same sites with residue names.

        Parameters
        ----------
        residue : tuple of str, length n
            Residue of each site.

        Returns
        -------
        Sites
            A new table.
        """
        return replace(self, residue=residue)

    def with_occupancy(self, occupancy: FloatArray) -> "Sites":
        """Return the same sites with other occupancies.

        Parameters
        ----------
        occupancy : ndarray, shape (n,)
            New occupancies.

        Returns
        -------
        Sites
            A new table.
        """
        return replace(self, occupancy=occupancy)

    def with_part(self, part: IntArray) -> "Sites":
        """Return the same sites in other disorder parts.

        Parameters
        ----------
        part : ndarray of int, shape (n,)
            New parts.

        Returns
        -------
        Sites
            A new table.
        """
        return replace(self, part=part)
