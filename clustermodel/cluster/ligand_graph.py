"""Which atoms of a ligand hang together, and which close rings?"""

from collections.abc import Iterable, Iterator

__all__ = ["find_connected", "find_rings"]


def find_connected(table: list[list[int]], without: Iterable[int]) -> tuple[tuple[int, ...], ...]:
    """Find the groups of atoms that hang together.

    Parameters
    ----------
    table : list of list of int
        Bonded atoms of each atom.
    without : iterable of int
        Atoms to leave out.

    Returns
    -------
    tuple of tuple of int
        Each group ascending, in the order of their first atoms.

    Examples
    --------
    >>> find_connected([[1], [0, 2], [1]], without=[1])
    ((0,), (2,))
    """
    seen = set(without)
    groups = []
    for start in range(len(table)):
        if start in seen:
            continue
        seen.add(start)
        group, stack = [], [start]
        while stack:
            atom = stack.pop()
            group.append(atom)
            fresh = set(table[atom]) - seen
            seen |= fresh
            stack.extend(fresh)
        groups.append(tuple(sorted(group)))
    return tuple(groups)


def find_rings(table: list[list[int]], start: int) -> Iterator[tuple[int, ...]]:
    """Find the five- and six-membered rings through an atom, each once and without chords.

    Parameters
    ----------
    table : list of list of int
        Bonded atoms of each atom.
    start : int
        The atom.

    Yields
    ------
    tuple of int
        The atoms of a ring in order, from `start`.

    Examples
    --------
    >>> list(find_rings([[1, 4], [0, 2], [1, 3], [2, 4], [3, 0]], 0))
    [(0, 1, 2, 3, 4)]
    """
    paths: list[tuple[int, ...]] = [(start,)]
    for size in range(2, 7):
        paths = [(*p, n) for p in paths for n in table[p[-1]] if n not in p]
        if size < 5:
            continue
        for path in paths:
            closes = start in table[path[-1]] and path[1] < path[-1]
            if closes and _has_no_chord(table, path):
                yield path


def _has_no_chord(table: list[list[int]], ring: tuple[int, ...]) -> bool:
    members = set(ring)
    return all(sum(n in members for n in table[a]) == 2 for a in ring)
