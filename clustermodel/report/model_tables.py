"""Which tables describe a built model? What it is, how its targets are met, and what went wrong."""

import math
from collections.abc import Iterator

from clustermodel.cluster.models.model_checks import ModelQuality, TargetFit
from clustermodel.pipeline.build_model import ModelReading
from clustermodel.report.table import Cell, Charge, Column, Formula, Table

__all__ = ["list_model_tables"]


def list_model_tables(reading: ModelReading) -> tuple[Table, ...]:
    """Make the tables of a model.

    Parameters
    ----------
    reading : ModelReading
        The model.

    Returns
    -------
    tuple of Table
        What it is; lengths; angles where there are any.
    """
    topology = reading.cluster.topology
    summary = Table(
        name="model",
        title=f"MODEL of {topology.name}",
        columns=(Column("quantity"), Column("value")),
        rows=tuple(_list_summary(reading)),
        caption=f"{reading.note}. Source: {reading.source}.",
    )
    tables = [summary]
    for unit, name, title in (("Å", "lengths", "Lengths"), ("degree", "angles", "Angles")):
        fits = [fit for fit in reading.quality.fits if fit.unit == unit]
        if fits:
            tables.append(_tabulate(fits, unit, (name, title)))
    return tuple(tables)


def _list_summary(reading: ModelReading) -> Iterator[tuple[Cell, ...]]:
    electrons = reading.electrons.value
    yield "formula", Formula(reading.cluster.molecule.formula)
    yield "charge", Charge(reading.cluster.topology.charge)
    yield "superatom electrons", electrons if electrons is not None else reading.electrons.reason
    yield "kernel and motifs", Formula(reading.anatomy.summary)
    if reading.units:
        yield "kernel units", Formula(reading.units)
    for row in reading.ligands:
        yield f"{row.binding} {row.kind}", f"{row.count} {row.name or row.formula}"
    yield "worst length", _name_worst(reading.quality, "Å")
    yield "worst angle", _name_worst(reading.quality, "degree")
    yield "deepest contact", _name_contact(reading.quality)


def _name_worst(quality: ModelQuality, unit: str) -> str:
    fits = [fit for fit in quality.fits if fit.unit == unit]
    if not fits:
        return "none declared"
    worst = max(fits, key=lambda fit: fit.worst)
    return f"{'-'.join(worst.labels)} ({worst.target.label}), {worst.worst:.1f} widths off its aim"


def _name_contact(quality: ModelQuality) -> str:
    if math.isnan(quality.contact):
        return "none below the sum of van der Waals radii"
    apart = f"{'···'.join(quality.contact_labels)} {quality.contact_distance:.2f} Å"
    return f"{apart}, {quality.contact:.2f} of the sum of van der Waals radii"


def _tabulate(fits: list[TargetFit], unit: str, names: tuple[str, str]) -> Table:
    shown, digits = ("°", 1) if unit == "degree" else (unit, 3)
    return Table(
        name=names[0],
        title=f"{names[1]} against their targets",
        columns=(
            Column("target"),
            Column("n"),
            Column("aim", shown, digits),
            Column("mean", shown, digits),
            Column("lowest", shown, digits),
            Column("highest", shown, digits),
            Column("width", shown, digits),
            Column("worst", "widths", 1),
        ),
        rows=tuple(
            (
                fit.target.label,
                fit.count,
                fit.target.value,
                fit.mean,
                fit.lowest,
                fit.highest,
                fit.target.width,
                fit.worst,
            )
            for fit in fits
        ),
        caption="Worst: largest deviation from the aim, in widths. The source of each aim is in the JSON.",
    )
