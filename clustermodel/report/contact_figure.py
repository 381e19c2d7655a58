"""How close do molecules come? Distances of contacts, and their count and mean against the cut-off."""

from typing import TYPE_CHECKING, Any

import numpy as np

from clustermodel.report.canvas import COLOURS, WIDE
from clustermodel.report.viewer import CONTACT_COLOURS, CONTACT_NAMES

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

__all__ = ["describe_contact_figure", "list_contact_tables", "plot_contacts"]

Json = dict[str, Any]

_BIN = 0.05  # Å
_HEIGHT = 2.1  # inch
_FEWEST = 3  # unique contacts


def list_contact_tables(document: Json) -> list[Json]:
    """List the tables of contacts that a figure shows: clusters with other molecules, at several cut-offs.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    list of dict
        Tables with a few contacts or more at the widest cut-off; fewer are read from the table.
    """
    return [
        table
        for table in (document.get("contact_tables") or {"tables": []})["tables"]
        if table["scope"] == "intermolecular"
        and "cluster" in table["between"]
        and len(table["by_cutoff"]) > 1
        and table["by_cutoff"][-1]["n_unique"] >= _FEWEST
        and table["contacts"]
    ]


def describe_contact_figure(table: Json) -> str:
    """Return the caption of the figure.

    Parameters
    ----------
    table : dict
        One of the tables of contacts.

    Returns
    -------
    str
        What it shows.
    """
    name, where = CONTACT_NAMES[table["kind"]], _describe_place(table)
    return (
        f"{name} contacts {where}: number per unit cell in bins of {_BIN:.2f} Å (left); number and mean of "
        "all contacts below a cut-off, against the cut-off (right)."
    )


def _describe_place(table: Json) -> str:
    first, second = table["between"]
    if table["scope"] == "intramolecular":
        return f"within the {first}"
    return f"between {first}s" if first == second else f"between {first} and {second}"


def plot_contacts(table: Json) -> "Canvas":
    """Draw the distances of contacts, and their count and mean.

    Parameters
    ----------
    table : dict
        One of the tables of contacts.

    Returns
    -------
    matplotlib.figure.Figure
        Two columns of a journal wide.
    """
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(WIDE, _HEIGHT))
    canvas.subplots_adjust(left=0.07, right=0.92, bottom=0.2, top=0.93, wspace=0.28)
    left, right = canvas.subplots(1, 2)
    colour = CONTACT_COLOURS[table["kind"]]
    distances = np.array([contact["distance"] for contact in table["contacts"]])
    weights = np.array([contact["multiplicity"] for contact in table["contacts"]])
    edges = np.arange(np.floor(distances.min() / _BIN), np.ceil(distances.max() / _BIN) + 1.5) * _BIN
    left.hist(distances, bins=edges, weights=weights, color=colour, lw=0)
    left.set_xlabel(f"{CONTACT_NAMES[table['kind']]} distance / Å")
    left.set_ylabel("contacts per cell")
    left.yaxis.get_major_locator().set_params(integer=True)
    rows = table["by_cutoff"]
    cutoffs = [row["cutoff"] for row in rows]
    right.plot(cutoffs, [row["n_cell"] for row in rows], "o-", color=colour, lw=0.9, ms=4.0)
    right.set_xlabel("cut-off / Å")
    right.set_ylabel("contacts per cell")
    right.set_ylim(bottom=0)
    means = right.twinx()
    means.spines["right"].set_visible(True)
    shown = [(row["cutoff"], row["mean"]) for row in rows if row["mean"] is not None]
    means.plot(*zip(*shown, strict=True), "s--", color=COLOURS["other"], lw=0.9, ms=3.5)
    means.set_ylabel("mean / Å", color=COLOURS["other"])
    return canvas
