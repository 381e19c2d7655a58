"""What is a cluster declared from? Kernel units, caps, staples, bridges and terminal ligands.

Each part checks by itself what can be checked without the others.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clustermodel.cluster.models.unit_shapes import UNIT_SHAPES
from clustermodel.errors import InputError

__all__ = ["Bridge", "Cap", "Staple", "Terminal", "Unit", "find_repeated"]

_MANY = 12  # more neighbours than any atom of a cluster has


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One polyhedron of the kernel.

    Parameters
    ----------
    polyhedron : str
        Its shape, one of `UNIT_SHAPES`.
    vertices : tuple of str
        Names of the atoms at its vertices, ring by ring; an empty name is a vacant vertex.
    centre : str, optional
        Name of the atom in its middle; empty for a hollow unit.
    """

    polyhedron: str
    vertices: tuple[str, ...]
    centre: str = ""

    def __post_init__(self) -> None:
        """Check the polyhedron, the number of vertices and that no name stands twice."""
        if self.polyhedron not in UNIT_SHAPES:
            msg = f"no polyhedron is called {self.polyhedron!r}; expected {', '.join(UNIT_SHAPES)}"
            raise InputError(msg)
        count = len(UNIT_SHAPES[self.polyhedron])
        if len(self.vertices) != count:
            msg = f"{self.polyhedron} with {len(self.vertices)} names, expected {count} ('' if vacant)"
            raise InputError(msg)
        if repeated := find_repeated(name for name in (self.centre, *self.vertices) if name):
            msg = f"{self.polyhedron} names {', '.join(repeated)} twice; expected one name for one vertex"
            raise InputError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """A kernel atom outside the units, bonded to kernel atoms.

    Parameters
    ----------
    atom : str
        Its name.
    on : tuple of str
        The kernel atoms it is bonded to.
    """

    atom: str
    on: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check that it has a name and stands on other atoms."""
        _check_names((self.atom,), (1, 1), "cap", "one atom")
        _check_names(self.on, (1, _MANY), f"cap {self.atom!r}", "one kernel atom or more")
        if self.atom in self.on:
            msg = f"cap {self.atom!r} stands on itself; expected other kernel atoms"
            raise InputError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staple:
    """A chain donor-metal-donor-…-donor between two kernel atoms, RS-(Au-SR)n.

    Parameters
    ----------
    ends : tuple of (str, str)
        The kernel atoms that its two end donors are bonded to.
    metals : int, optional
        Number of metal atoms in it.
    ligand : str, optional
        Name of its ligands; that of the topology where empty.
    """

    ends: tuple[str, str]
    metals: int = 1
    ligand: str = ""

    def __post_init__(self) -> None:
        """Check that it has two ends and a metal."""
        _check_names(self.ends, (2, 2), "staple", "two kernel atoms as ends")
        if self.metals < 1:
            msg = f"staple on {', '.join(self.ends)} with {self.metals} metal atoms; expected 1 or more"
            raise InputError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """One anion on two or more kernel atoms.

    Parameters
    ----------
    joins : tuple of str
        The kernel atoms.
    ligand : str, optional
        Name of the ligand; that of the topology where empty.
    """

    joins: tuple[str, ...]
    ligand: str = ""

    def __post_init__(self) -> None:
        """Check that it joins two atoms."""
        _check_names(self.joins, (2, _MANY), "bridge", "two kernel atoms or more (a terminal has one)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """One ligand with each of its donors on one kernel atom: a phosphine, a halide, a diphosphine.

    Parameters
    ----------
    on : tuple of str
        The kernel atoms, one for each donor of the ligand.
    ligand : str, optional
        Name of the ligand; the phosphine of the topology where empty.
    """

    on: tuple[str, ...]
    ligand: str = ""

    def __post_init__(self) -> None:
        """Check that it has a place."""
        _check_names(self.on, (1, _MANY), "terminal", "a kernel atom for each donor")


def find_repeated(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that stand more than once.

    Parameters
    ----------
    names : iterable of str
        Names.

    Returns
    -------
    tuple of str
        Each of them once, in alphabetical order.

    Examples
    --------
    >>> find_repeated(["a", "b", "a"])
    ('a',)
    """
    return tuple(sorted(name for name, count in Counter(names).items() if count > 1))


def _check_names(names: Sequence[str], counts: tuple[int, int], what: str, expected: str) -> None:
    fewest, most = counts
    if not (fewest <= len(names) <= most and all(names)):
        msg = f"{what} names {', '.join(map(repr, names)) or 'nothing'}; expected {expected}"
        raise InputError(msg)
    if repeated := find_repeated(names):
        msg = f"{what} names {', '.join(repeated)} twice; expected different atoms"
        raise InputError(msg)
