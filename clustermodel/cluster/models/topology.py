"""What is joined to what? The declared topology of a cluster: kernel units, staples, bridges, terminal ligands.

A kernel is a list of polyhedra whose vertices carry names; two units share the atoms that carry one name,
and an empty name is a vacant vertex. Everything else refers to kernel atoms by these names. No coordinates.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from clustermodel.cluster.models.unit_shapes import UNIT_SHAPES
from clustermodel.errors import InputError

__all__ = ["Bridge", "Cap", "Staple", "Terminal", "Topology", "Unit", "read_topology"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """A cluster as a list of what is joined to what.

    Parameters
    ----------
    name : str
        Its name.
    charge : int
        Charge of the whole cluster.
    units : tuple of Unit
        The polyhedra of the kernel.
    caps : tuple of Cap, optional
        Kernel atoms outside them.
    hubs : tuple of str, optional
        Kernel atoms that two anions hold in a line like the metal of a staple; their metal neighbours are
        contacts.
    bonds : tuple of (str, str), optional
        Further bonds between kernel atoms, such as those between two units.
    staples : tuple of Staple, optional
        The staples.
    bridges : tuple of Bridge, optional
        The bridging anions.
    terminals : tuple of Terminal, optional
        The terminal ligands.
    thiolate, phosphine : str, optional
        Ligands of the staples and bridges, and of the terminals, that name none.
    targets : dict of str to float, optional
        Target lengths in Å and angles in degrees that differ from those of ``targets.toml``.

    Examples
    --------
    >>> names = tuple(f"v{i}" for i in range(12))
    >>> core = Unit(polyhedron="icosahedron", centre="c", vertices=names)
    >>> Topology(name="Au13", charge=5, units=(core,)).kernel[:3]
    ('c', 'v0', 'v1')
    """

    name: str
    charge: int
    units: tuple[Unit, ...]
    caps: tuple[Cap, ...] = ()
    hubs: tuple[str, ...] = ()
    bonds: tuple[tuple[str, str], ...] = ()
    staples: tuple[Staple, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    terminals: tuple[Terminal, ...] = ()
    thiolate: str = "SH"
    phosphine: str = "PH3"
    targets: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that every name that is used is a kernel atom."""
        for unit in self.units:
            _check_unit(unit, self.name)
        known = set(self.kernel)
        used = {
            "cap": [name for cap in self.caps for name in cap.on],
            "hub": list(self.hubs),
            "bond": [name for bond in self.bonds for name in bond],
            "staple": [name for staple in self.staples for name in staple.ends],
            "bridge": [name for bridge in self.bridges for name in bridge.joins],
            "terminal": [name for terminal in self.terminals for name in terminal.on],
        }
        for what, names in used.items():
            if unknown := sorted(set(names) - known):
                msg = (
                    f"topology {self.name!r}: a {what} names {', '.join(map(repr, unknown))}, "
                    f"which is no kernel atom; expected some of {', '.join(sorted(known))}"
                )
                raise InputError(msg)

    @property
    def kernel(self) -> tuple[str, ...]:
        """Names of the kernel atoms: unit by unit, centre first, then the caps."""
        names = [n for unit in self.units for n in (unit.centre, *unit.vertices) if n]
        return tuple(dict.fromkeys([*names, *(cap.atom for cap in self.caps)]))

    def with_ligands(self, *, thiolate: str = "", phosphine: str = "") -> "Topology":
        """Return the same topology with other ligands where none is named.

        Parameters
        ----------
        thiolate, phosphine : str, optional
            Names of ligand templates; empty keeps the present one.

        Returns
        -------
        Topology
            A new topology.
        """
        return replace(self, thiolate=thiolate or self.thiolate, phosphine=phosphine or self.phosphine)


def read_topology(source: str | Path | Mapping[str, Any]) -> Topology:
    """Read a topology from TOML.

    Parameters
    ----------
    source : str, Path or mapping
        The text, the path of a file, or the tables already read.

    Returns
    -------
    Topology
        The topology.

    Raises
    ------
    InputError
        If the text is no TOML, or a table has a field that is unknown, missing or of a wrong kind.

    Examples
    --------
    >>> text = '''
    ... name = "bare octahedron"
    ... charge = 0
    ... [[units]]
    ... polyhedron = "octahedron"
    ... vertices = ["a", "b", "c", "d", "e", "f"]
    ... '''
    >>> len(read_topology(text).kernel)
    6
    """
    table = source if isinstance(source, Mapping) else _parse(source)
    where = f"topology {table.get('name', '(no name)')!r}"
    _check_fields(table, Topology, where)
    return Topology(
        name=_take(table, "name", str, where),
        charge=_take(table, "charge", int, where),
        units=tuple(_build(Unit, row, where) for row in table.get("units", ())),
        caps=tuple(_build(Cap, row, where) for row in table.get("caps", ())),
        hubs=tuple(str(name) for name in table.get("hubs", ())),
        bonds=tuple((str(one), str(two)) for one, two in table.get("bonds", ())),
        staples=tuple(_build(Staple, row, where) for row in table.get("staples", ())),
        bridges=tuple(_build(Bridge, row, where) for row in table.get("bridges", ())),
        terminals=tuple(_build(Terminal, row, where) for row in table.get("terminals", ())),
        thiolate=str(table.get("thiolate", "SH")),
        phosphine=str(table.get("phosphine", "PH3")),
        targets={str(key): float(value) for key, value in dict(table.get("targets", {})).items()},
    )


_Row = TypeVar("_Row", Unit, Cap, Staple, Bridge, Terminal)


def _parse(source: str | Path) -> dict[str, Any]:
    text = source.read_text(encoding="utf-8") if isinstance(source, Path) else source
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = source.name if isinstance(source, Path) else "text"
        msg = f"topology in {where}: no TOML ({error})"
        raise InputError(msg) from error


def _take(table: Mapping[str, Any], key: str, kind: type[Any], where: str) -> Any:  # noqa: ANN401 - one of `kind`
    value = table.get(key)
    if not isinstance(value, kind):
        msg = f"{where}: found {key} = {value!r}, expected a {kind.__name__}"
        raise InputError(msg)
    return value


def _build(kind: type[_Row], row: Mapping[str, Any], where: str) -> _Row:
    what = f"{where}, {kind.__name__.lower()} {dict(row)}"
    _check_fields(row, kind, what)
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    try:
        return kind(**values)
    except TypeError as error:
        msg = f"{what}: {error}; expected the fields {', '.join(f.name for f in fields(kind))}"
        raise InputError(msg) from error


def _check_fields(row: Mapping[str, Any], kind: type[Any], where: str) -> None:
    allowed = [f.name for f in fields(kind)]
    if unknown := sorted(set(row) - set(allowed)):
        msg = f"{where}: unknown field {', '.join(unknown)}, expected some of {', '.join(allowed)}"
        raise InputError(msg)


def _check_unit(unit: Unit, name: str) -> None:
    where = f"topology {name!r}"
    if unit.polyhedron not in UNIT_SHAPES:
        msg = f"{where}: no polyhedron is called {unit.polyhedron!r}; expected {', '.join(UNIT_SHAPES)}"
        raise InputError(msg)
    count = len(UNIT_SHAPES[unit.polyhedron])
    if len(unit.vertices) != count:
        msg = f"{where}: {unit.polyhedron} with {len(unit.vertices)} names, expected {count} ('' if vacant)"
        raise InputError(msg)
    repeated = _find_repeated(n for n in (unit.centre, *unit.vertices) if n)
    if repeated:
        msg = f"{where}: {unit.polyhedron} names {', '.join(repeated)} twice"
        raise InputError(msg)


def _find_repeated(names: Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)
