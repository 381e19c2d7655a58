"""How do the differences of two clusters look in a terminal? Bonds as in a paper, and other numbers."""

import math
from collections.abc import Iterator, Sequence

from rich.table import Table as Grid

from clustermodel.analysis.pair_bond_results import BondDifference
from clustermodel.analysis.pair_comparison import PairComparison
from clustermodel.analysis.pair_differences import Difference, Verdict
from clustermodel.pipeline.compare_document import classify_difference
from clustermodel.pipeline.compare_quantities import BETWEEN_CLUSTERS

__all__ = ["build_bond_grid", "build_number_grid", "describe_cutoffs"]

_SUMMED = ("kernel", "metal-donor", "metal-sulfide", "metal-halide", "metal-phosphine", "metal-dative")
_BETWEEN = ("kernel-staple", "staple-staple")
_SIZES = {
    ("mean distance from centroid", "kernel atoms in both"): "radius, kernel in both",
    ("mean distance from centroid", "metal atoms in both"): "radius, metal in both",
    ("length", "kernel"): "length of the kernel",
    ("width", "kernel"): "width of the kernel",
    ("largest distance", "skeleton"): "longest metal to metal",
    ("largest distance", "cluster"): "longest atom to atom",
    ("hull volume", "skeleton"): "hull of the metal atoms",
}
_PACKING = {
    "nearest cluster, centroids": "nearest centroids",
    "nearest cluster, metal atoms": "nearest metal atoms",
}
_METALS = ("centre", "kernel", "kernel-surface", "staple")
_DIGITS = {"Å": 3, "Å2": 4, "Å3": 1, "g cm-3": 3}
_DIGITS_OF_QUANTITY = {"packing coefficient": 3, "contacts per cluster": 1}
_UNKNOWN = "—"
_VERDICTS: dict[Verdict, tuple[str, str]] = {
    "larger in b": ("[green]longer[/]", "[green]larger[/]"),
    "smaller in b": ("[cyan]shorter[/]", "[cyan]smaller[/]"),
    "equal within errors": ("equal", "equal"),
    "no error known": ("?", "?"),
    "not in both": ("", ""),
}
"""What the last column says, of a bond and of another number."""


def build_bond_grid(pair: PairComparison) -> Grid:
    """Lay out the mean bond lengths: all bonds, those in both clusters, those in only one.

    Parameters
    ----------
    pair : PairComparison
        The comparison.

    Returns
    -------
    Table
        Bond roles as rows.
    """
    bonds = pair.bonds
    grid = _start_grid(
        f"[bold]Bonds / Å[/], metal–metal up to {bonds.settings.cutoff:.2f} Å",
        ("", "n a", "n b", "a", "b", "Δ", "s.u.", "scatter", "b is"),
    )
    grid.caption = (
        f"equal: within {bonds.settings.sigmas:g} times the larger of s.u. and scatter; ?: neither is known"
    )
    shown = [row for row in bonds.rows if row.role in _SUMMED] or list(bonds.rows)
    for row in (*shown, *(row for row in bonds.rows if row.role in _BETWEEN and row not in shown)):
        for cells in _list_bond_cells(row):
            grid.add_row(*cells)
    return grid


def describe_cutoffs(pair: PairComparison) -> str:
    """Say how the difference of the mean kernel bond depends on what counts as a bond.

    Parameters
    ----------
    pair : PairComparison
        The comparison.

    Returns
    -------
    str
        One sentence; empty without a kernel that both have.
    """
    rows = [row for row in pair.bonds.by_cutoff if row.role == "kernel" and math.isfinite(row.delta)]
    if not rows:
        return ""
    low, high = (pick(rows, key=lambda row: row.delta) for pick in (min, max))
    changes = [one for one in pair.bonds.sign_changes if one.role == "kernel" and one.kind == "all"]
    sign = "it changes its sign" if changes else "its sign stays"
    return (
        f"kernel {rows[0].pair} by cut-off {rows[0].cutoff:.2f}–{rows[-1].cutoff:.2f} Å: Δ from "
        f"{_sign(low.delta)} (at {low.cutoff:.2f}) to {_sign(high.delta)} (at {high.cutoff:.2f}); {sign}"
    )


def build_number_grid(differences: Sequence[Difference]) -> Grid:
    """Lay out what differs beside bonds: electrons, size, displacements, packing and contacts.

    Parameters
    ----------
    differences : sequence of Difference
        All differences.

    Returns
    -------
    Table
        The most telling of them.
    """
    grid = _start_grid("[bold]Other numbers[/]", ("", "a", "b", "Δ", "s.u.", "scatter", "b is"))
    grid.caption = "radius: mean distance from the centroid; in both: of the atoms that both have"
    for one in differences:
        name = _name_number(one)
        if name:
            unit = f" / {one.unit}" if one.unit and one.unit != "electrons" else ""
            digits = _DIGITS.get(one.unit, _DIGITS_OF_QUANTITY.get(one.quantity, 0))
            grid.add_row(f"  {name}{unit}", *_write_difference(one, digits), _VERDICTS[one.verdict][1])
    return grid


def _start_grid(title: str, headings: tuple[str, ...]) -> Grid:
    grid = Grid(
        title=title,
        title_justify="left",
        caption_justify="left",
        box=None,
        padding=(0, 1),
        pad_edge=False,
    )
    for heading in headings:
        words = heading in {"", "b is"}
        grid.add_column(heading, justify="left" if words else "right", overflow="fold")
    return grid


def _list_bond_cells(row: BondDifference) -> Iterator[tuple[str, ...]]:
    verdict = _VERDICTS[row.all.verdict][0]
    yield (f"  {row.role} {row.pair}", str(row.n_a), str(row.n_b), *_write_difference(row.all, 3), verdict)
    if row.n_paired and (row.n_only_a or row.n_only_b):
        n = str(row.n_paired)
        verdict = _VERDICTS[row.paired.verdict][0]
        yield ("    in both", n, n, *_write_difference(row.paired, 3), verdict)
        means = (_write(row.mean_only_a, 3), _write(row.mean_only_b, 3))
        yield ("    only in one", str(row.n_only_a), str(row.n_only_b), *means, "", "", "", "")


def _name_number(one: Difference) -> str:
    """Return what a number is called in the summary; empty if it is not shown."""
    topic = classify_difference(one)
    if topic == "size":
        return _SIZES.get((one.quantity, one.role), "")
    if topic in {"count", "packing"}:
        return _PACKING.get(one.quantity, one.quantity)
    if one.quantity == "mean Ueq" and one.role.split()[0] in _METALS:
        return f"Ueq, {one.role}"
    if topic == "contacts" and one.quantity != "shortest contact":
        what = "contacts, mean" if one.unit else "contacts per cluster"
        return f"{one.role.removesuffix(BETWEEN_CLUSTERS)}{what}"
    return ""


def _write_difference(one: Difference, digits: int) -> tuple[str, ...]:
    """Return both values, their difference and its errors; those of a count are left out."""
    errors = ("", "") if one.su == 0 else (_write(one.su, digits), _write(one.scatter, digits))
    return (_write(one.a, digits), _write(one.b, digits), _sign(one.delta, digits), *errors)


def _sign(value: float, digits: int = 3) -> str:
    """Write a difference with its sign, unless it is zero as written."""
    text = _write(value, digits)
    if not any(digit in text for digit in "123456789"):
        return text.removeprefix("−")
    return f"+{text}" if value > 0 else text


def _write(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace("-", "−") if math.isfinite(value) else _UNKNOWN
