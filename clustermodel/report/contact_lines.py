"""Where does a cluster touch others? The lines of its contacts, from every atom that has one."""

from typing import Any, NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.structure.cell import Cell
from clustermodel.structure.symmetry import compose, read_operation

__all__ = ["ContactLine", "list_contact_lines"]

Json = dict[str, Any]


class ContactLine(NamedTuple):
    """A contact as seen from one atom of the cluster.

    Parameters
    ----------
    atom : int
        Number of the atom in the list of the cluster; of a ring one of its atoms.
    start, end : tuple of float
        Cartesian coordinates of both partners in Å, in the frame of the atoms of the cluster.
    kind : str
        Kind of contact.
    inside : bool
        True within the cluster.
    partner : str
        Role of the molecule at the other end.
    label : str
        Label of the partner with its symmetry operation.
    distance : float
        Distance in Å.
    """

    atom: int
    start: tuple[float, ...]
    end: tuple[float, ...]
    kind: str
    inside: bool
    partner: str
    label: str
    distance: float


class _Operation(NamedTuple):
    """A symmetry operation with its cell shift."""

    rotation: IntArray
    translation: FloatArray

    def after(self, other: "_Operation") -> "_Operation":
        """Return this operation after another one."""
        return _Operation(
            self.rotation @ other.rotation, self.rotation @ other.translation + self.translation
        )

    def inverse(self) -> "_Operation":
        """Return the operation that undoes this one."""
        back = np.rint(np.linalg.inv(self.rotation)).astype(np.int64)
        return _Operation(back, -back @ self.translation)


def list_contact_lines(cluster: Json, document: Json) -> tuple[ContactLine, ...]:
    """List the contacts of a cluster, all symmetry copies that its atoms take part in.

    Parameters
    ----------
    cluster : dict
        One of the clusters of the document.
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    tuple of ContactLine
        Empty without a crystal or without measured contacts.
    """
    contacts, crystal = document.get("contact_tables"), document["crystal"]
    if not contacts or not crystal:
        return ()
    lister = _Lister(cluster, contacts, crystal["cell"])
    lines: dict[tuple[object, ...], ContactLine] = {}
    for table in contacts["tables"]:
        for contact in table["contacts"]:
            for line in lister.list_lines(table, contact):
                place = (line.kind, *(round(x, 2) for x in (*line.start, *line.end)))
                lines.setdefault(place, line)
    return tuple(lines.values())


class _Lister:
    """The atoms of a cluster by label, with the operations that brought them there."""

    def __init__(self, cluster: Json, contacts: Json, cell: Json) -> None:
        lengths = np.array([cell[name] for name in ("a", "b", "c")])
        angles = np.array([cell[name] for name in ("alpha", "beta", "gamma")])
        self.matrix = Cell(lengths=lengths, angles=angles).matrix
        self.roles = contacts["roles"]
        self.rings = {ring["name"]: ring for ring in contacts["rings"]}
        self.atoms: dict[str, list[tuple[int, _Operation]]] = {}
        for number, atom in enumerate(cluster["atoms"]):
            rotation, translation = read_operation(atom["symop"])
            placed = _Operation(rotation, translation + atom["shift"])
            self.atoms.setdefault(atom["label"], []).append((number, placed))

    def list_lines(self, table: Json, contact: Json) -> list[ContactLine]:
        """Return the lines of one symmetry-unique contact."""
        inside = table["scope"] == "intramolecular"
        listed = _Operation(np.eye(3, dtype=np.int64), np.zeros(3))
        there = _Operation(*read_operation(contact["symmetry"]))
        names = (contact["labels"][-2], contact["labels"][-1])
        lines = []
        for side, own in ((0, listed), (1, there)):
            if self.roles[contact["molecules"][side]] != "cluster":
                continue
            label, place = self._find_anchor(names[side], own)
            for number, operation in self.atoms.get(label, []):
                moved = operation.after(place.inverse())
                ends = [self._move(moved, point) for point in contact["points"]]
                lines.append(
                    ContactLine(
                        atom=number,
                        start=ends[side],
                        end=ends[1 - side],
                        kind=table["kind"],
                        inside=inside,
                        partner=self.roles[contact["molecules"][1 - side]],
                        label=names[1 - side],
                        distance=contact["distance"],
                    )
                )
            if inside:
                break
        return lines

    def _find_anchor(self, name: str, own: _Operation) -> tuple[str, _Operation]:
        """Return the label of an atom, or of the first one of a ring, and where the contact has it."""
        ring = self.rings.get(name)
        if ring is None:
            return name, own
        return ring["labels"][0], own.after(_Operation(*read_operation(ring["symmetry"][0])))

    def _move(self, operation: _Operation, point: list[float]) -> tuple[float, ...]:
        fract = np.array([point]) @ np.linalg.inv(self.matrix)
        moved = compose(operation.rotation, operation.translation, fract) @ self.matrix
        return tuple(moved[0].tolist())
