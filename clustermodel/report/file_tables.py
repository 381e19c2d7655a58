"""What does a document say about the whole file? Audit, species, charge, disorder, contacts, settings."""

from typing import Any

from clustermodel.report.crystal_tables import describe_source, tabulate_crystal
from clustermodel.report.markup import write_plain
from clustermodel.report.notation import split_cell
from clustermodel.report.table import Cell, Charge, Column, Formula, Table

__all__ = ["describe_bonding", "list_file_tables", "trim_message"]

Json = dict[str, Any]

_PERIODICITY = ("molecule", "chain", "layer", "network")


def trim_message(message: str, document: Json) -> str:
    """Take file and block off the front of a message, where the page says them once.

    Parameters
    ----------
    message : str
        Message of a finding.
    document : dict
        The document it is from.

    Returns
    -------
    str
        The rest of the message.
    """
    source = document["source"]
    for where in (f"{source['file']}, block {source['block']}: ", f"{source['file']}: "):
        message = message.removeprefix(where)
    return message


def list_file_tables(document: Json) -> tuple[Table, ...]:
    """Make the tables about the whole file.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    tuple of Table
        Audit, crystal data, species, charge evidence, masked voids, disorder, contacts and settings; those
        that would be empty are left out.
    """
    made = (
        _tabulate_audit(document),
        tabulate_crystal(document),
        _tabulate_species(document),
        _tabulate_charge(document),
        _tabulate_voids(document),
        _tabulate_disorder(document),
        _tabulate_contacts(document),
        _tabulate_settings(document),
    )
    return tuple(table for table in made if table.rows)


def _tabulate_audit(document: Json) -> Table:
    """Make the table of the audit, worst first.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    Table
        One row for each finding.
    """
    order = {"error": 0, "warning": 1, "info": 2}
    findings = sorted(document["audit"], key=lambda finding: order[finding["severity"]])
    return Table(
        name="audit",
        title="Audit",
        columns=(Column("severity"), Column("code"), Column("message"), Column("labels")),
        rows=tuple(
            (f["severity"], f["code"], trim_message(f["message"], document), " ".join(f["labels"]))
            for f in findings
        ),
        caption="Everything noticed, repaired, chosen or left out while reading and assembling.",
        source=describe_source(document),
    )


def _tabulate_species(document: Json) -> Table:
    has_cell = document["crystal"] is not None
    return Table(
        name="species",
        title="Species",
        columns=(
            Column("formula"),
            Column("role"),
            Column("name"),
            Column("per cell" if has_cell else "number", digits=2),
            Column("independent"),
            Column("charge", "e"),
            Column("extent"),
            Column("linked by"),
            Column("notes"),
        ),
        rows=tuple(
            (
                Formula(one["formula"]),
                one["role"],
                one["name"],
                _whole(one["per_cell"]),
                one["independent"],
                None if one["charge"] is None else Charge(one["charge"]),
                _PERIODICITY[one["periodicity"]],
                ", ".join(one["linked_by"]) or None,
                "; ".join(one["notes"]) or None,
            )
            for one in document["species"]
        ),
        caption="Every distinct molecule after disorder is resolved and symmetry applied, hydrogens as in "
        "the file; independent: symmetry-independent molecules of this kind. " + describe_bonding(document),
        source=describe_source(document),
    )


def describe_bonding(document: Json) -> str:
    """Return the bonding rule of a document in one sentence.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    str
        Name and limits of the rule.
    """
    rule = document["settings"]["bonding"]
    return (
        f"Bonding rule {rule['name']}: sum of covalent radii + {rule['organic']:.2f} Å between non-metals "
        f"(kept as long up to {rule['organic_long']:.2f} Å), + {rule['metal']:.2f} Å metal to non-metal "
        f"(long up to {rule['metal_long']:.2f} Å), + {rule['metal_metal']:.2f} Å between metals."
    )


def _whole(value: float | None) -> float | int | None:
    return int(value) if value is not None and value == int(value) else value


def _tabulate_charge(document: Json) -> Table:
    charge = document["charge"]
    rows: list[tuple[Cell, ...]] = []
    if charge["formula"]:
        value = "not known" if charge["value"] is None else write_plain(split_cell(Charge(charge["value"])))
        rows.append((f"charge of {charge['formula']}", f"{value}, source: {charge['source']}"))
        rows += [(source, said) for source, _, said in (text.partition(": ") for text in charge["evidence"])]
    return Table(
        name="charge",
        title="Charge and its evidence",
        columns=(Column("source"), Column("what it says")),
        rows=tuple(rows),
        caption="Sources in this order: the user, electroneutrality with recognised ions, the declared "
        "moiety. No charge rather than a wrong one.",
        source=describe_source(document),
    )


def _tabulate_voids(document: Json) -> Table:
    return Table(
        name="voids",
        title="Masked voids against the ions that each charge would need",
        columns=(
            Column("charge", "e"),
            Column("ion"),
            Column("ions per cluster"),
            Column("electrons needed", digits=0),
            Column("electrons found", digits=0),
            Column("volume needed", "Å³", 0),
            Column("volume found", "Å³", 0),
            Column("verdict"),
        ),
        rows=tuple(
            (
                Charge(one["charge"]),
                Formula(one["ion"]),
                one["count"],
                one["electrons_needed"],
                one["electrons_found"],
                one["volume_needed"],
                one["volume_found"],
                one["verdict"],
            )
            for one in document["charge"]["void_candidates"]
        ),
        caption="Per cluster. Solvent fills voids too: room for an ion is no evidence of one and gives no "
        "charge.",
        source=describe_source(document),
    )


def _tabulate_disorder(document: Json) -> Table:
    choice = document["settings"]["disorder"]
    parts = ", ".join(f"{name}={part}" for name, part in choice["parts"].items())
    return Table(
        name="disorder",
        title="Disorder choices",
        columns=(Column("assembly"), Column("parts (occupancy)"), Column("kept")),
        rows=tuple(
            (
                region["assembly"],
                ", ".join(f"{part} ({_occupancy(occ)})" for part, occ in region["parts"].items()),
                ", ".join(str(part) for part in region["chosen"]),
            )
            for region in document["disorder"]
        ),
        caption=f"One part of each assembly is kept before bonding; prefer: {choice['prefer']}"
        + (f"; chosen by the user: {parts}." if parts else "."),
        source=describe_source(document),
    )


def _occupancy(value: float | None) -> str:
    return "not given" if value is None else f"{value:.3f}"


def _tabulate_contacts(document: Json) -> Table:
    return Table(
        name="contacts",
        title="Metal contacts",
        columns=(
            Column("atom 1"),
            Column("atom 2"),
            Column("pair"),
            Column("distance", "Å"),
            Column("molecules"),
        ),
        rows=tuple(
            (
                *one["labels"],
                "–".join(one["elements"]),
                one["distance"],
                " and ".join(str(number + 1) for number in one["between"]),
            )
            for one in document["contacts"]
        ),
        caption="Metal pairs longer than a bond and within the sum of van der Waals radii, once for each "
        "pair of sites and distance; they never connect molecules. Molecules are numbered as assembled; "
        "equal numbers stand for one molecule or for copies of it. " + describe_bonding(document),
        source=describe_source(document),
    )


def _tabulate_settings(document: Json) -> Table:
    rows: list[tuple[Cell, ...]] = []
    _flatten(document["settings"], "", rows)
    for cluster in document["clusters"][:1]:
        _flatten(cluster["bond_settings"], "bond statistics", rows)
    return Table(
        name="settings",
        title="Settings",
        columns=(Column("setting"), Column("value")),
        rows=tuple(rows),
        caption="Every preset and cut-off; lengths in Å, angles in degrees. Limits of the kernel conventions "
        "stand with their table.",
        source=describe_source(document),
    )


def _flatten(value: object, name: str, rows: list[tuple[Cell, ...]]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _flatten(inner, f"{name} {key}".strip().replace("_", " "), rows)
        if not value:
            rows.append((name, "none"))
    elif isinstance(value, list):
        rows.append((name, ", ".join(str(v) for v in value) or "none"))
    else:
        rows.append((name, "not set" if value is None else str(value)))
