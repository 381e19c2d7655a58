"""What touches what in the crystal? Contacts by kind, their number by cut-off, and the list of them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from clustermodel.analysis.contact_criteria import (
    CONTACT_KINDS,
    ContactKind,
    find_contact_radii,
    find_preset_source,
    find_preset_tolerance,
    find_x_h_lengths,
)
from clustermodel.report.notation import format_number
from clustermodel.report.side_by_side import Quantity, round_to
from clustermodel.report.table import Cell, Column, Measured, Operation, Table

__all__ = ["describe_contacts", "list_contact_quantities", "list_contact_tables"]

Json = dict[str, Any]

_MINUS = "\N{MINUS SIGN}"
_SCOPES = (("intermolecular", "between molecules", ""), ("intramolecular", "within molecules", "-inside"))
_FULL = 0.9995  # occupancies are printed with three decimals
_HERE = "x, y, z"
_RINGS = frozenset({"CH-pi", "pi-pi"})  # kinds without radii
_KEYS = re.compile(r" \([a-z]+\d{4}[a-z]?(?:, [a-z]+\d{4}[a-z]?)*\)")  # of the manual's list of references
_NAMES = {
    "hydrogen-hydrogen": "H···H contacts",
    "CH-pi": "C–H···π contacts",
    "pi-pi": "π···π contacts",
    "hydrogen-bond": "Hydrogen bonds",
    "weak-hydrogen-bond": "C–H···A contacts",
    "halogen": "Halogen contacts",
    "metal-metal": "Metal–metal contacts",
    "metal-hydrogen": "Metal–hydrogen contacts",
}


def list_contact_tables(document: Json) -> tuple[Table, ...]:
    """Make the tables of the contacts of a crystal, those between molecules before those within them.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    tuple of Table
        Counts by cut-off, then a list for each kind; none without a crystal or a measurement.
    """
    contacts = document.get("contact_tables")
    if contacts is None:
        return ()
    made: list[Table] = []
    places: dict[str, list[int]] = {}
    for number, atom in enumerate(document["clusters"][0]["atoms"] if document["clusters"] else ()):
        places.setdefault(atom["label"], []).append(number)
    for scope, words, suffix in _SCOPES:
        chosen = [table for table in contacts["tables"] if table["scope"] == scope]
        made.append(_tabulate_counts(chosen, contacts, words, suffix))
        for kind in dict.fromkeys(table["kind"] for table in chosen):
            alike = [table for table in chosen if table["kind"] == kind]
            table = _tabulate_list(alike, contacts, f"{_NAMES[kind]} {words}", suffix)
            shown = [contact for one in alike for contact in one["contacts"]]
            atoms = tuple(_find_atoms(contact, contacts, places) for contact in shown)
            made.append(replace(table, atoms=atoms if any(atoms) else ()))
    return tuple(table for table in made if table.rows)


def describe_contacts(contacts: Json, kind: str = "", scope: str = "") -> str:
    """Say what counts as a contact.

    Parameters
    ----------
    contacts : dict
        The part ``contact_tables`` of a document.
    kind : str, optional
        One kind, whose largest distance is told too; by default all kinds that were looked for, for tables
        that tell their cut-offs.
    scope : str, optional
        ``"intramolecular"`` where atoms of one molecule are meant.

    Returns
    -------
    str
        Limits, radii, hydrogens, pairs of species.
    """
    settings = contacts["settings"]
    kinds = [kind] if kind else settings["kinds"]
    limits = _describe_limits(kind, settings) if kind else _describe_conditions(kinds, settings)
    said = [f"{'; '.join(limits)}."]
    if any(one not in _RINGS for one in kinds):
        own = (
            ""
            if settings["tolerance"] is None
            else f", but {_find_tolerance(settings):.2f} Å added to their sum"
        )
        source = _KEYS.sub("", find_preset_source(settings["preset"]))
        said.append(f"R: van der Waals radii, preset {settings['preset']} ({source}){own}.")
    if any("H" in CONTACT_KINDS[one].notation for one in kinds):
        said.append(_describe_hydrogens(settings["hydrogens"]))
    if scope == "intramolecular":
        said.append(f"Atoms fewer than {settings['min_bonds']} bonds apart are left out.")
    if settings["between"]:
        said.append(f"Only between {', '.join(' and '.join(pair) for pair in settings['between'])}.")
    return " ".join(said)


def _find_tolerance(settings: Json) -> float:
    own = settings["tolerance"]
    return float(find_preset_tolerance(settings["preset"]) if own is None else own)


def _describe_limits(kind: str, settings: Json) -> Iterator[str]:
    """Yield the largest distance of a kind, and what else it asks for."""
    tolerance = _find_tolerance(settings)
    beyond = _signed(tolerance) if tolerance else ""
    shown = CONTACT_KINDS[kind].notation.rpartition("–")[2]
    if kind == "hydrogen-hydrogen":
        radius = float(find_contact_radii(settings["preset"], ["H"])[0])
        yield f"H···H below 2 R(H){beyond} = {2 * radius + tolerance:.2f} Å"
    elif kind in _RINGS:
        limit = settings["ch_pi_distance" if kind == "CH-pi" else "pi_pi_distance"]
        yield f"{shown} below {limit:.2f} Å"
    elif kind.endswith("hydrogen-bond"):
        yield f"H···A below R(H) + R(A){_signed(settings['hydrogen_bond_excess'])} Å"
    else:
        yield f"{shown} below the sum of the R{beyond} Å" if beyond else f"{shown} below the sum of the R"
    yield from _describe_conditions([kind], settings)


def _describe_conditions(kinds: Sequence[str], settings: Json) -> Iterator[str]:
    """Yield what kinds of contacts ask for beside their distance."""
    if "CH-pi" in kinds:
        yield f"H···Cg with γ below {settings['ch_pi_angle']:.0f}°"
    if "pi-pi" in kinds:
        alpha, beta = (settings[f"pi_pi_{name}"] for name in ("alpha", "beta"))
        yield f"Cg···Cg with α up to {alpha:.0f}° and β or γ up to {beta:.0f}°"
    letters = (("D", "hydrogen-bond"), ("C", "weak-hydrogen-bond"))
    donors = " and ".join(f"{letter}–H···A" for letter, kind in letters if kind in kinds)
    if donors:
        heavy = _signed(settings["hydrogen_bond_heavy"])
        angle = settings["hydrogen_bond_angle"]
        outer = f"the outer atoms below the sum of their R{heavy} Å"
        yield f"{donors} with an angle of at least {angle:.0f}° and {outer}"


def _signed(value: float) -> str:
    return f" {'+' if value >= 0 else _MINUS} {abs(value):.2f}"


def _describe_hydrogens(choice: str) -> str:
    lengths = find_x_h_lengths(choice)
    if not lengths:
        return "Hydrogen where the file has it."
    told = ", ".join(f"{element}–H {length:.3f}" for element, length in lengths.items())
    return f"Hydrogen moved along its bond to {told} Å."


def _tabulate_counts(tables: Sequence[Json], contacts: Json, words: str, suffix: str) -> Table:
    found = {table["kind"] for table in tables}
    missing = [CONTACT_KINDS[kind].notation for kind in contacts["settings"]["kinds"] if kind not in found]
    note = f"Looked for {words} and not found: {', '.join(missing)}."
    scope = tables[0]["scope"] if tables else ""
    return Table(
        name=f"contact-counts{suffix}",
        title=f"Contacts {words} by cut-off",
        columns=(
            Column("contact"),
            Column("between"),
            Column("cut-off", "Å"),
            Column("n unique"),
            Column("n per cell"),
            *(Column(name, "Å") for name in ("mean", "s.d.", "min", "max", "mean unique")),
        ),
        rows=tuple(
            (
                CONTACT_KINDS[table["kind"]].notation,
                _name_pair(table),
                _write_cutoff(count["cutoff"], CONTACT_KINDS[table["kind"]]),
                *(count[key] for key in ("n_unique", "n_cell")),
                count["mean"],
                count["sd"] if count["n_unique"] > 1 else None,
                *(count[key] for key in ("minimum", "maximum", "mean_unique")),
            )
            for table in tables
            for count in table["by_cutoff"]
            if count["n_cell"]
        ),
        caption="Contacts shorter than each cut-off (ΣR: sum of the van der Waals radii); a mean hangs "
        "on its cut-off. Cut-offs without contacts are left out. Mean, s.d. (of the sample) and range "
        "over all contacts of the cell. " + describe_contacts(contacts, "", scope),
        notes=(note,) if missing else (),
    )


def _name_pair(table: Json) -> str:
    return "–".join(table["between"])


def _write_cutoff(cutoff: float, kind: ContactKind) -> str:
    return f"ΣR{_signed(cutoff)}" if kind.relative else format_number(cutoff, 2)


def _tabulate_list(tables: Sequence[Json], contacts: Json, title: str, suffix: str) -> Table:
    kind = CONTACT_KINDS[tables[0]["kind"]]
    listed = [(table, contact) for table in tables for contact in table["contacts"]]
    has_excess = any(contact["excess"] is not None for _, contact in listed)
    pairs = list(dict.fromkeys(_name_pair(table) for table in tables))
    species = f"Species: {pairs[0]}. " if len(pairs) == 1 else ""
    described = describe_contacts(contacts, kind.name, tables[0]["scope"])
    partial = any(contact["occupancy"] < _FULL for _, contact in listed)
    return Table(
        name=f"contacts-{tables[0]['kind'].lower()}{suffix}",
        title=title,
        columns=(
            Column(kind.notation),
            Column("symmetry code"),
            *((Column("between"),) if len(pairs) > 1 else ()),
            Column(kind.notation.rpartition("–")[2], "Å"),
            *((Column("beyond ΣR", "Å", 2),) if has_excess else ()),
            *(Column(name, "Å") for name in kind.lengths),
            *(Column(name, "°", 1) for name in kind.angles),
            Column("n per cell"),
            *((Column("occupancy"),) if partial else ()),
        ),
        rows=tuple(
            (
                _name_contact(contact["labels"]),
                Operation(contact["symmetry"].replace(" ", "")),
                *((_name_pair(table),) if len(pairs) > 1 else ()),
                Measured(contact["distance"], contact["su"]),
                *((contact["excess"],) if has_excess else ()),
                *(_measured(*pair) for pair in zip(contact["lengths"], contact["lengths_su"], strict=True)),
                *contact["angles"],
                contact["multiplicity"],
                *((contact["occupancy"],) if partial else ()),
            )
            for table, contact in listed
        ),
        caption=f"{species}{described} {_explain(kind)}One of each set of equivalent contacts; symmetry "
        "code of the last atom or ring, the others as the file lists them. s.u. in parentheses; none with "
        "riding or moved hydrogen.",
        notes=tuple(_list_rings(contacts, [contact for _, contact in listed])),
    )


def _find_atoms(contact: Json, contacts: Json, places: dict[str, list[int]]) -> tuple[int, ...]:
    """Return the atoms of the first cluster, and all their symmetry copies, that a contact is about."""
    rings = {ring["name"]: ring["labels"] for ring in contacts["rings"]}
    labels = [label for name in contact["labels"] for label in rings.get(name, [name])]
    return tuple(sorted({atom for label in labels for atom in places.get(label, ())}))


def _explain(kind: ContactKind) -> str:
    if kind.name == "CH-pi":
        return "γ: angle of H···Cg with the normal of the ring. "
    if kind.name == "pi-pi":
        return (
            "α: angle of the planes; β, γ: angles of Cg···Cg with the normals of the first and second ring. "
        )
    return ""


def _name_contact(labels: Sequence[str]) -> str:
    return "···".join(["–".join(labels[:-1]), labels[-1]])


def _measured(value: float | None, su: float | None) -> Cell:
    return None if value is None else Measured(value, su)


def _list_rings(contacts: Json, listed: Sequence[Json]) -> Iterator[str]:
    used = {label for contact in listed for label in contact["labels"]}
    rings = [
        f"{ring['name']} {' '.join(_name_members(ring))}"
        for ring in contacts["rings"]
        if ring["name"] in used
    ]
    if rings:
        yield f"Rings: {'; '.join(rings)}."


def _name_members(ring: Json) -> Iterator[str]:
    for label, symmetry in zip(ring["labels"], ring["symmetry"], strict=True):
        yield label if symmetry == _HERE else f"{label} ({symmetry.replace('-', _MINUS)})"


def list_contact_quantities(document: Json) -> Iterator[Quantity]:
    """List the numbers of contacts between the molecules of a crystal for a table of several structures.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Yields
    ------
    Quantity
        Count in the cell and mean below each cut-off; the key is contact, pair of species and quantity.
    """
    contacts = document.get("contact_tables")
    tables = contacts["tables"] if contacts is not None else []
    for table in tables:
        if table["scope"] != "intermolecular":
            continue
        kind = CONTACT_KINDS[table["kind"]]
        for count in table["by_cutoff"]:
            limit = f"below {_write_cutoff(count['cutoff'], kind)} Å"
            key = (kind.notation, _name_pair(table))
            yield Quantity((*key, f"n per cell {limit}"), count["n_cell"])
            yield Quantity((*key, f"mean {limit} / Å"), round_to(count["mean"], 3))
