"""What is joined to what? The declared topology of a cluster, as a value and as TOML.

A kernel is a list of polyhedra whose vertices carry names; two units share the atoms that carry one name,
and an empty name is a vacant vertex. Everything else refers to kernel atoms by these names. No coordinates.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from clustermodel.cluster.models.topology_parts import Bridge, Cap, Staple, Terminal, Unit, find_repeated
from clustermodel.errors import InputError

__all__ = ["Bridge", "Cap", "Staple", "Terminal", "Topology", "Unit", "read_topology"]


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
    open_edges : tuple of (str, str), optional
        Edges of units that are no bonds, such as those of a shared face that is stretched.
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
    open_edges: tuple[tuple[str, str], ...] = ()
    staples: tuple[Staple, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    terminals: tuple[Terminal, ...] = ()
    thiolate: str = "SH"
    phosphine: str = "PH3"
    targets: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that every name that is used is a kernel atom and that no place is taken twice."""
        where = f"topology {self.name!r}"
        if not self.kernel:
            msg = f"{where}: no kernel atom; expected a unit with named vertices"
            raise InputError(msg)
        caps = [cap.atom for cap in self.caps]
        in_units = {name for unit in self.units for name in (unit.centre, *unit.vertices)}
        if taken := sorted({*find_repeated(caps), *(in_units & set(caps))}):
            msg = f"{where}: cap {', '.join(taken)} is named before; expected a new name for each cap"
            raise InputError(msg)
        used = {
            "cap": [name for cap in self.caps for name in cap.on],
            "hub": list(self.hubs),
            "bond": [name for bond in self.bonds for name in bond],
            "open edge": [name for edge in self.open_edges for name in edge],
            "staple": [name for staple in self.staples for name in staple.ends],
            "bridge": [name for bridge in self.bridges for name in bridge.joins],
            "terminal": [name for terminal in self.terminals for name in terminal.on],
        }
        for what, names in used.items():
            if unknown := sorted(set(names) - set(self.kernel)):
                msg = (
                    f"{where}: a {what} names {', '.join(map(repr, unknown))}, "
                    f"which is no kernel atom; expected some of {', '.join(sorted(self.kernel))}"
                )
                raise InputError(msg)
        _check_places(self, where)

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
        If the file cannot be read, the text is no TOML, a table has a field that is unknown, missing or of a
        wrong kind, or the topology contradicts itself.

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
    where = f"topology {table['name']!r}" if "name" in table else "topology without a name"
    if unknown := sorted(set(table) - {f.name for f in fields(Topology)}):
        expected = ", ".join(f.name for f in fields(Topology))
        msg = f"{where}: unknown field {', '.join(unknown)}; expected some of {expected}"
        raise InputError(msg)
    return Topology(
        name=_take(table, "name", str, where),
        charge=_take(table, "charge", int, where),
        units=_take_parts(table, "units", Unit, where),
        caps=_take_parts(table, "caps", Cap, where),
        hubs=_take_names(table.get("hubs", []), f"{where}, hubs"),
        bonds=_take_pairs(table, "bonds", where),
        open_edges=_take_pairs(table, "open_edges", where),
        staples=_take_parts(table, "staples", Staple, where),
        bridges=_take_parts(table, "bridges", Bridge, where),
        terminals=_take_parts(table, "terminals", Terminal, where),
        thiolate=_take({"thiolate": "SH", **table}, "thiolate", str, where),
        phosphine=_take({"phosphine": "PH3", **table}, "phosphine", str, where),
        targets=_take_targets(table, where),
    )


_Part = TypeVar("_Part", Unit, Cap, Staple, Bridge, Terminal)


def _parse(source: str | Path) -> dict[str, Any]:
    where = source.name if isinstance(source, Path) else "text"
    try:
        text = source.read_text(encoding="utf-8") if isinstance(source, Path) else source
        return tomllib.loads(text)
    except OSError as error:
        msg = f"{source}: cannot be read ({error.strerror}); expected a TOML file with a topology"
        raise InputError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"topology in {where}: no TOML ({error}); expected name, charge and [[units]]"
        raise InputError(msg) from error


def _take(table: Mapping[str, Any], key: str, kind: type[Any], where: str) -> Any:  # noqa: ANN401 - one of `kind`
    value = table.get(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        found = "nothing" if key not in table else repr(value)
        msg = f"{where}: found {found} as {key}, expected {_KINDS[kind]}"
        raise InputError(msg)
    return value


_KINDS: dict[type[Any], str] = {
    str: "a text in quotes",
    int: "a whole number",
    list: "a list",
    dict: "a table",
}


def _take_parts(table: Mapping[str, Any], key: str, kind: type[_Part], where: str) -> tuple[_Part, ...]:
    rows = _take({key: [], **table}, key, list, where)
    return tuple(_build(kind, row, f"{where}, {key} number {n}") for n, row in enumerate(rows, start=1))


def _build(kind: type[_Part], row: object, where: str) -> _Part:
    names = [f.name for f in fields(kind)]
    if not isinstance(row, Mapping) or set(row) - set(names):
        unknown = ", ".join(sorted(set(row) - set(names))) if isinstance(row, Mapping) else repr(row)
        msg = f"{where}: unknown field {unknown}; expected some of {', '.join(names)}"
        raise InputError(msg)
    values = {key: _take_value(key, row, where) for key in row}
    try:
        return kind(**values)
    except TypeError as error:
        msg = f"{where}: found {', '.join(row) or 'nothing'}; expected the fields {', '.join(names)}"
        raise InputError(msg) from error
    except InputError as error:
        msg = f"{where}: {error}"
        raise InputError(msg) from error


_LISTS = ("vertices", "on", "ends", "joins")


def _take_value(key: str, row: Mapping[str, Any], where: str) -> Any:  # noqa: ANN401 - a text, a number or names
    if key in _LISTS:
        return _take_names(row[key], f"{where}, {key}")
    return _take(row, key, int if key == "metals" else str, where)


def _take_names(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        msg = f"{where}: found {value!r}, expected a list of names in quotes"
        raise InputError(msg)
    return tuple(value)


def _take_pairs(table: Mapping[str, Any], key: str, where: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for number, row in enumerate(_take({key: [], **table}, key, list, where), start=1):
        names = _take_names(row, f"{where}, {key} number {number}")
        if len(names) != 2 or names[0] == names[1]:
            msg = f"{where}, {key} number {number}: found {list(names)}, expected two different kernel atoms"
            raise InputError(msg)
        pairs.append((names[0], names[1]))
    return tuple(pairs)


def _take_targets(table: Mapping[str, Any], where: str) -> dict[str, float]:
    rows = _take({"targets": {}, **table}, "targets", dict, where)
    for key, value in rows.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            msg = f"{where}, targets: found {key} = {value!r}, expected a length in Å or an angle in degrees"
            raise InputError(msg)
    return {key: float(value) for key, value in rows.items()}


def _check_places(topology: Topology, where: str) -> None:
    """Check that no two bridges join the same atoms and no two terminals stand on the same ones."""
    places = {
        "bridge": [" and ".join(sorted(bridge.joins)) for bridge in topology.bridges],
        "terminal": [" and ".join(sorted(terminal.on)) for terminal in topology.terminals],
    }
    for what, taken in places.items():
        if repeated := find_repeated(taken):
            msg = (
                f"{where}: two {what}s on {repeated[0]}; expected one: leave one out or give it another place"
            )
            raise InputError(msg)
