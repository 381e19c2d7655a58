"""Are two molecules connected in the same way? Labelled graphs and exact isomorphism."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clustermodel.errors import InputError

__all__ = ["Graph", "graph_from_edges", "graph_signature", "match_graphs", "read_skeleton"]

_TOKEN = re.compile(r"[A-Z][a-z]?|\(|\)\d*|%\d\d|\d|\.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graph:
    """Atoms and who is bonded to whom; bond orders are not kept.

    Parameters
    ----------
    elements : tuple of str, length n
        Element symbols.
    neighbors : tuple of tuple of int, length n
        Indices of the atoms bonded to each atom, ascending, without repetition.

    Examples
    --------
    >>> graph_from_edges(["C", "O"], [(0, 1)]).neighbors
    ((1,), (0,))
    """

    elements: tuple[str, ...]
    neighbors: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        """Return the number of atoms."""
        return len(self.elements)

    def subgraph(self, atoms: Sequence[int]) -> "Graph":
        """Return the graph of some of the atoms.

        Parameters
        ----------
        atoms : sequence of int
            The atoms to keep; they are renumbered in this order.

        Returns
        -------
        Graph
            The chosen atoms and the bonds among them.
        """
        index = {atom: k for k, atom in enumerate(atoms)}
        return Graph(
            elements=tuple(self.elements[a] for a in atoms),
            neighbors=tuple(tuple(sorted(index[b] for b in self.neighbors[a] if b in index)) for a in atoms),
        )

    def components(self) -> list[list[int]]:
        """Return the connected parts.

        Returns
        -------
        list of list of int
            Ascending atom indices of each part, in the order of their first atoms.
        """
        unseen = dict.fromkeys(range(len(self)))
        parts = []
        while unseen:
            start = next(iter(unseen))
            del unseen[start]
            part, stack = [start], [start]
            while stack:
                fresh = [b for b in self.neighbors[stack.pop()] if b in unseen]
                for atom in fresh:
                    del unseen[atom]
                part += fresh
                stack += fresh
            parts.append(sorted(part))
        return parts


def graph_from_edges(elements: Sequence[str], edges: Iterable[tuple[int, int]]) -> Graph:
    """Build a graph from a list of bonds.

    Parameters
    ----------
    elements : sequence of str, length n
        Element symbols.
    edges : iterable of (int, int)
        Bonded pairs in any order; repeated pairs and loops are ignored.

    Returns
    -------
    Graph
        The graph.

    Examples
    --------
    >>> graph_from_edges(["O", "C", "O"], [(0, 1), (1, 2), (2, 1)]).neighbors
    ((1,), (0, 2), (1,))
    """
    table: list[set[int]] = [set() for _ in elements]
    for first, second in edges:
        if first != second:
            table[first].add(second)
            table[second].add(first)
    return Graph(elements=tuple(elements), neighbors=tuple(tuple(sorted(row)) for row in table))


def read_skeleton(text: str) -> Graph:
    """Read a heavy-atom skeleton written in a small subset of SMILES.

    An atom is an element symbol; consecutive atoms are bonded; ``(...)`` is a branch; a digit
    or ``%nn`` after an atom opens or closes a ring; ``.`` starts a new, unbonded part. A number
    after a closing bracket repeats the branch: ``P(F)6``. There are no bond orders, charges,
    hydrogens or lower-case aromatic atoms (``Co`` is cobalt, ``CO`` carbon and oxygen).

    Parameters
    ----------
    text : str
        The skeleton.

    Returns
    -------
    Graph
        Its atoms and bonds.

    Raises
    ------
    InputError
        If the text is not in this notation.

    Examples
    --------
    >>> len(read_skeleton("N(CCCCCCCC)4")), len(read_skeleton("CC1CCCCC1"))
    (33, 7)
    """
    tokens = _TOKEN.findall(text)
    if not tokens or len("".join(tokens)) != len(text):
        msg = f"skeleton {text!r}: expected element symbols, brackets and ring digits only"
        raise InputError(msg)
    reader = _SkeletonReader(text, tokens)
    if reader.read(0, -1) < len(tokens):
        msg = f"skeleton {text!r}: a bracket is closed that was not opened"
        raise InputError(msg)
    if reader.open_rings:
        msg = f"skeleton {text!r}: ring {sorted(reader.open_rings)} is opened and never closed"
        raise InputError(msg)
    return graph_from_edges(reader.elements, reader.edges)


class _SkeletonReader:
    """State of reading one skeleton."""

    __slots__ = ("edges", "elements", "open_rings", "text", "tokens")

    def __init__(self, text: str, tokens: list[str]) -> None:
        self.text = text
        self.tokens = tokens
        self.elements: list[str] = []
        self.edges: list[tuple[int, int]] = []
        self.open_rings: dict[str, int] = {}

    def read(self, start: int, parent: int) -> int:
        """Read a chain hanging on `parent` up to the end of its branch; return where it ends."""
        at, last = start, parent
        while at < len(self.tokens) and not self.tokens[at].startswith(")"):
            sign = self.tokens[at]
            if sign == "(":
                at = self._read_branch(at, last)
            elif sign == ".":
                last = -1
            elif sign[0] in "%0123456789":
                self._read_ring(sign, last)
            else:
                last = self._add_atom(sign, last)
            at += 1
        return at

    def _read_branch(self, start: int, parent: int) -> int:
        end = self.read(start + 1, parent)
        if parent < 0 or end >= len(self.tokens) or end == start + 1:
            msg = f"skeleton {self.text!r}: a branch needs an atom before it and atoms in it"
            raise InputError(msg)
        for _ in range(int(self.tokens[end][1:] or 1) - 1):
            self.read(start + 1, parent)
        return end

    def _read_ring(self, digit: str, atom: int) -> None:
        if atom < 0:
            msg = f"skeleton {self.text!r}: ring number {digit} stands before any atom"
            raise InputError(msg)
        if digit in self.open_rings:
            self.edges.append((self.open_rings.pop(digit), atom))
        else:
            self.open_rings[digit] = atom

    def _add_atom(self, symbol: str, parent: int) -> int:
        atom = len(self.elements)
        self.elements.append(symbol)
        if parent >= 0:
            self.edges.append((parent, atom))
        return atom


def graph_signature(graph: Graph) -> tuple[int, ...]:
    """Return numbers that are equal for graphs connected in the same way.

    The sorted colours of iterated neighbourhood refinement (Weisfeiler and Leman 1968). Equal
    signatures do not prove that two graphs match; :func:`match_graphs` does. The numbers hold
    within one running process only.

    Parameters
    ----------
    graph : Graph
        Any graph.

    Returns
    -------
    tuple of int, length n
        The signature.

    Examples
    --------
    >>> ethanol, ether = read_skeleton("CCO"), read_skeleton("COC")
    >>> graph_signature(ethanol) == graph_signature(ether)
    False
    """
    return tuple(sorted(_refine(graph)))


def _refine(graph: Graph) -> list[int]:
    colours = [hash((s, len(row))) for s, row in zip(graph.elements, graph.neighbors, strict=True)]
    classes = len(set(colours))
    while True:
        finer = [
            hash((colours[a], *sorted([colours[b] for b in row]))) for a, row in enumerate(graph.neighbors)
        ]
        count = len(set(finer))
        if count <= classes:
            return colours
        colours, classes = finer, count


def match_graphs(first: Graph, second: Graph) -> tuple[int, ...] | None:
    """Map one graph onto another, elements and bonds kept.

    Parameters
    ----------
    first, second : Graph
        The graphs.

    Returns
    -------
    tuple of int or None
        Atom of `second` for each atom of `first`, or None if there is no such map.

    Examples
    --------
    >>> match_graphs(read_skeleton("CCO"), read_skeleton("OCC"))
    (2, 1, 0)
    >>> match_graphs(read_skeleton("CCO"), read_skeleton("COC")) is None
    True
    """
    colours, others = _refine(first), _refine(second)
    if sorted(colours) != sorted(others):
        return None
    places: dict[int, list[int]] = {}
    for atom, colour in enumerate(others):
        places.setdefault(colour, []).append(atom)
    options = [places[colour] for colour in colours]
    return _search(first, second, options)


def _search(first: Graph, second: Graph, options: list[list[int]]) -> tuple[int, ...] | None:
    """Backtrack over the atoms in breadth-first order, each onto atoms of its colour."""
    order = _connected_order(first)
    bonded = [set(row) for row in second.neighbors]
    image = [-1] * len(first)
    used: set[int] = set()
    trials = [iter(options[order[0]])] if order else []
    while trials and len(used) < len(first):
        atom = order[len(trials) - 1]
        if image[atom] >= 0:
            used.discard(image[atom])
            image[atom] = -1
        placed = [image[b] for b in first.neighbors[atom] if image[b] >= 0]
        fits = (o for o in trials[-1] if o not in used and all(p in bonded[o] for p in placed))
        choice = next(fits, None)
        if choice is None:
            trials.pop()
            continue
        image[atom] = choice
        used.add(choice)
        if len(trials) < len(order):
            trials.append(iter(options[order[len(trials)]]))
    return tuple(image) if len(used) == len(first) else None


def _connected_order(graph: Graph) -> list[int]:
    order: list[int] = []
    seen: set[int] = set()
    for start in range(len(graph)):
        if start in seen:
            continue
        seen.add(start)
        order.append(start)
        at = len(order) - 1
        while at < len(order):
            fresh = [b for b in graph.neighbors[order[at]] if b not in seen]
            seen.update(fresh)
            order += fresh
            at += 1
    return order
