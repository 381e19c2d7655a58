"""What is said about contacts? Rows, tables and counts, with the settings that made them."""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.analysis.contact_criteria import ContactSettings

__all__ = [
    "Contact",
    "ContactCount",
    "ContactRing",
    "ContactTable",
    "Contacts",
    "count_contacts",
    "order_roles",
    "rank_role",
]

_ROLES = ("cluster", "metal complex", "counter-ion", "solvent", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One symmetry-unique contact.

    Parameters
    ----------
    labels : tuple of str
        The atoms and rings in the order of the notation: H···H two, C-H···Cg and D-H···A three.
    symmetry : str
        Symmetry code of the last of them; all others are where the file lists them.
    distance, su : float
        Distance of the two partners (H···H, H···Cg, Cg···Cg, H···A, ...) and its s.u. in Å; NaN where an atom
        has none, as riding hydrogen, and for hydrogens that were moved.
    excess : float
        Distance beyond the sum of the van der Waals radii in Å; NaN with rings.
    angles : tuple of float
        Angles in degree, in the order of the kind's names.
    lengths, lengths_su : tuple of float
        Further lengths and their s.u. in Å, in the order of the kind's names.
    multiplicity : int
        Number of equivalent contacts in the unit cell, whether their places are always occupied or not.
    occupancy : float
        That of the less occupied partner.
    molecules : tuple of int
        Numbers of the two distinct molecules.
    points : tuple of tuple of float
        Cartesian coordinates of the two partners in Å, an atom as refined or a ring centroid, at the places
        that labels and symmetry code say.
    """

    labels: tuple[str, ...]
    symmetry: str
    distance: float = field(metadata={"unit": "Å"})
    su: float = field(metadata={"unit": "Å"})
    excess: float = field(metadata={"unit": "Å"})
    angles: tuple[float, ...] = field(metadata={"unit": "°"})
    lengths: tuple[float, ...] = field(metadata={"unit": "Å"})
    lengths_su: tuple[float, ...] = field(metadata={"unit": "Å"})
    multiplicity: int = field(metadata={"unit": "per cell"})
    occupancy: float = field(metadata={"unit": ""})
    molecules: tuple[int, int]
    points: tuple[tuple[float, ...], tuple[float, ...]] = field(metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCount:
    """How many contacts there are below a cut-off, and their mean.

    Parameters
    ----------
    cutoff : float
        Cut-off in Å; of relative kinds counted from the sum of the radii.
    n_unique, n_cell : int
        Symmetry-unique contacts, and contacts in the unit cell.
    mean, sd : float
        Mean and sample standard deviation of all contacts of the cell in Å; NaN without contacts, or
        with one.
    mean_unique : float
        Mean of the symmetry-unique contacts in Å.
    minimum, maximum : float
        Shortest and longest contact in Å.
    """

    cutoff: float = field(metadata={"unit": "Å"})
    n_unique: int = field(metadata={"unit": ""})
    n_cell: int = field(metadata={"unit": "per cell"})
    mean: float = field(metadata={"unit": "Å"})
    sd: float = field(metadata={"unit": "Å"})
    mean_unique: float = field(metadata={"unit": "Å"})
    minimum: float = field(metadata={"unit": "Å"})
    maximum: float = field(metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactTable:
    """The contacts of one kind between molecules of two roles.

    Parameters
    ----------
    kind : str
        One of `CONTACT_KINDS`, which has the names of angles and lengths.
    scope : {"intermolecular", "intramolecular"}
        Between molecules, or within one (atoms at least so many bonds apart as the settings say).
    between : tuple of str
        Roles of the two molecules.
    contacts : tuple of Contact
        Those below the limit of the kind, the shortest first.
    by_cutoff : tuple of ContactCount
        Count and mean at every cut-off compared.
    """

    kind: str
    scope: str
    between: tuple[str, str]
    contacts: tuple[Contact, ...]
    by_cutoff: tuple[ContactCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRing:
    """A symmetry-unique aromatic ring.

    Parameters
    ----------
    name : str
        ``"Cg1"``, ...
    labels : tuple of str
        Its atoms in the order round the ring.
    symmetry : tuple of str
        The symmetry code of each atom: a ring on a symmetry element has atoms that the file does not list.
    deviation : float
        Largest distance of an atom from the mean plane in Å.
    molecule : int
        Number of the distinct molecule.
    """

    name: str
    labels: tuple[str, ...]
    symmetry: tuple[str, ...]
    deviation: float = field(metadata={"unit": "Å"})
    molecule: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """The contacts in a crystal.

    Parameters
    ----------
    tables : tuple of ContactTable
        By kind, then between molecules before within them, then by roles.
    rings : tuple of ContactRing
        The aromatic rings.
    roles : tuple of str
        Role of each distinct molecule.
    settings : ContactSettings
        The choices made.
    """

    tables: tuple[ContactTable, ...]
    rings: tuple[ContactRing, ...]
    roles: tuple[str, ...]
    settings: ContactSettings

    def table(
        self, kind: str, *, scope: str = "intermolecular", between: tuple[str, str] = ("cluster", "cluster")
    ) -> ContactTable:
        """Return one of the tables.

        Parameters
        ----------
        kind : str
            One of `CONTACT_KINDS`.
        scope : {"intermolecular", "intramolecular"}
            Between molecules or within one.
        between : tuple of str
            Roles of the two molecules, in either order.

        Returns
        -------
        ContactTable
            An empty one if there are no such contacts.
        """
        wanted = (kind, scope, order_roles(*between))
        for table in self.tables:
            if (table.kind, table.scope, table.between) == wanted:
                return table
        none = np.zeros(0, dtype=np.int64)
        counts = [count_contacts(x, np.zeros(0), none) for x in self.settings.compared.get(kind, ())]
        return ContactTable(kind=kind, scope=scope, between=wanted[2], contacts=(), by_cutoff=tuple(counts))


def rank_role(role: str) -> int:
    """Return the place of a role in the order of the tables.

    Parameters
    ----------
    role : str
        Role of a molecule.

    Returns
    -------
    int
        0 for clusters.
    """
    return _ROLES.index(role) if role in _ROLES else len(_ROLES)


def order_roles(first: str, second: str) -> tuple[str, str]:
    """Put two roles in the order of the tables: clusters first.

    Parameters
    ----------
    first, second : str
        Roles of two molecules.

    Returns
    -------
    tuple of str
        The same roles.

    Examples
    --------
    >>> order_roles("solvent", "cluster")
    ('cluster', 'solvent')
    """
    low, high = sorted((first, second), key=lambda role: (rank_role(role), role))
    return low, high


def count_contacts(cutoff: float, distances: FloatArray, multiplicity: IntArray) -> ContactCount:
    """Count contacts and average their distances.

    Parameters
    ----------
    cutoff : float
        Kept in the result.
    distances : ndarray, shape (u,)
        Distances of the symmetry-unique contacts in Å.
    multiplicity : ndarray of int, shape (u,)
        Number of each in the unit cell.

    Returns
    -------
    ContactCount
        The statistics.

    Examples
    --------
    >>> row = count_contacts(2.5, np.array([2.2, 2.4]), np.array([1, 3]))
    >>> row.n_unique, row.n_cell, round(row.mean, 3), round(row.mean_unique, 3)
    (2, 4, 2.35, 2.3)
    """
    every = np.repeat(distances, multiplicity)
    none = float("nan")
    return ContactCount(
        cutoff=cutoff,
        n_unique=len(distances),
        n_cell=len(every),
        mean=float(every.mean()) if len(every) else none,
        sd=float(every.std(ddof=1)) if len(every) > 1 else none,
        mean_unique=float(distances.mean()) if len(every) else none,
        minimum=float(every.min()) if len(every) else none,
        maximum=float(every.max()) if len(every) else none,
    )
