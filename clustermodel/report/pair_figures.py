"""What do the differences of two clusters look like? Along the cut-off, bond by bond, atom by atom."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.report.canvas import FOOT, INK, apply_style, build_canvas, write_mathtext
from clustermodel.report.figure import BARS, Drawing, Figure
from clustermodel.report.overlay_figure import describe_overlay_figure, plot_overlay
from clustermodel.report.pair_sentences import Side, describe_sign_changes, list_sides
from clustermodel.report.viewer import load_styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

__all__ = ["PairedBond", "draw_pair_figures", "list_pair_drawings", "list_paired_bonds"]

Json = dict[str, Any]

_REST = frozenset({"ligand", "outside"})
_SIDES = {"a": BARS["donor"], "b": BARS["metal"]}  # follow the colours of the page
_NAMED = 3  # farthest atoms of all that are named
_LETTER = 0.057  # inch: width of a letter of 8 points, on average
_MARKS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")


class PairedBond(NamedTuple):
    """A bond that both clusters have.

    Parameters
    ----------
    group : str
        What it joins.
    first, second : float
        Its length in the first and in the second cluster in Å.
    """

    group: str
    first: float
    second: float


def list_pair_drawings(document: Json) -> tuple[Drawing, ...]:
    """Draw the figures of a comparison.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    tuple of Drawing
        Kernel means and their difference along the cut-off, lengths of the bonds that both have, distances of
        the mapped atoms, and the overlay; those with data.

    Examples
    --------
    >>> from clustermodel.pipeline.compare import compare_structures
    >>> from clustermodel.pipeline.compare_document import build_comparison_document
    >>> name = "model:au25_sch3_18_nme4"
    >>> document = build_comparison_document(compare_structures(name, name))
    >>> [drawing.name for drawing in list_pair_drawings(document)]
    ['by-cutoff-au-au', 'bonds-in-both', 'displacements', 'overlay']
    """
    with apply_style():
        return (
            *_draw_cutoffs(document),
            *_draw_bonds(document),
            *_draw_displacements(document),
            Drawing("overlay", describe_overlay_figure(document), plot_overlay(document), adapts=False),
        )


def draw_pair_figures(document: Json) -> tuple[Figure, ...]:
    """Draw the figures of a comparison for a report.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    tuple of Figure
        As `list_pair_drawings`.
    """
    return tuple(drawing.to_figure() for drawing in list_pair_drawings(document))


# ------------------------------------------------------------------------------------------ along the cut-off


def _draw_cutoffs(document: Json) -> Iterator[Drawing]:
    rows = [row for row in document["bonds"]["by_cutoff"] if row["role"] == "kernel"]
    a, b = list_sides(document)
    for pair in dict.fromkeys(row["pair"] for row in rows):
        own = [row for row in rows if row["pair"] == pair and row["delta"] is not None]
        changes = [
            row
            for row in document["bonds"]["sign_changes"]
            if row["role"] == "kernel" and row["pair"] == pair and row["kind"] == "all"
        ]
        if len(own) > 1:
            told = (
                f"Mean kernel {pair.replace('-', '–')} distance of {a.marked} and {b.marked}, and the "
                f"difference Δ = {b.name} − {a.name}, against the cut-off; band: ± one standard error from "
                "the scatter. "
            )
            said = " ".join(describe_sign_changes(document))
            shaded = " Grey: there the sign changes." if changes else ""
            yield Drawing(
                f"by-cutoff-{pair.lower()}", f"{told}{said}{shaded}", _plot_cutoffs(own, changes, (a, b))
            )


def _plot_cutoffs(rows: list[Json], changes: list[Json], sides: tuple[Side, Side]) -> "Canvas":
    canvas = build_canvas(3.6, left=0.62, right=0.12, top=0.1)
    canvas.subplots_adjust(hspace=0.12)
    upper, lower = canvas.subplots(2, 1, sharex=True)
    cutoffs = _take(rows, "cutoff")
    for axes in (upper, lower):
        for change in changes:
            axes.axvspan(change["low"], change["high"], color=INK, alpha=0.12, lw=0)
    for side, mark in zip(sides, "so", strict=True):
        upper.plot(cutoffs, _take(rows, side.key), color=_SIDES[side.key], marker=mark, ms=3.0, lw=1.0)
    _name_lines(
        upper,
        [
            (write_mathtext(side.marked), _SIDES[side.key], mark)
            for side, mark in zip(sides, "so", strict=True)
        ],
    )
    upper.set_ylabel("mean / Å")
    lower.axhline(0.0, color=INK, lw=0.6)
    delta, error = _take(rows, "delta"), _take(rows, "scatter")
    lower.fill_between(cutoffs, delta - error, delta + error, color=INK, alpha=0.15, lw=0)
    lines = (("delta", "all pairs", "-", "o"), ("paired_delta", "pairs in both", "--", "^"),
             ("either_delta", "pairs in one or both", ":", "v"))  # fmt: skip
    for key, name, style, mark in lines:
        lower.plot(cutoffs, _take(rows, key), color=INK, ls=style, marker=mark, ms=3.0, lw=1.0, label=name)
    lower.legend(fontsize=6.5, frameon=False, loc="best", handlelength=2.4)
    lower.set_ylabel("Δ / Å")
    lower.set_xlabel("cut-off / Å")
    return canvas


def _take(rows: list[Json], key: str) -> FloatArray:
    return np.array([np.nan if row[key] is None else row[key] for row in rows], dtype=np.float64)


def _name_lines(axes: Any, names: list[tuple[str, str, str]]) -> None:  # noqa: ANN401 - axes of matplotlib
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=c, marker=m, ms=3.0, lw=1.0, label=name) for name, c, m in names]
    axes.legend(handles=handles, fontsize=7.0, frameon=False, loc="best", handlelength=1.8)


# ----------------------------------------------------------------------------------------------- bond by bond


def list_paired_bonds(document: Json) -> tuple[PairedBond, ...]:
    """List the bonds that both clusters have, with their lengths in either.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    tuple of PairedBond
        Metal-metal pairs of mapped atoms within the cut-off in both clusters, in and beside the kernel; then
        metal-donor bonds of mapped atoms that are in the bond lists of both, by their elements.
    """
    mapped = {one["a"]: one["b"] for one in document["mapped"]}
    sides = {key: _Places(document["overlay"][key]) for key in "ab"}
    found: list[PairedBond] = []
    limit = document["bonds"]["settings"]["cutoff"]
    metals = [atom for atom in sides["a"].metals if mapped.get(atom) in sides["b"].metals]
    for place, first in enumerate(metals):
        for second in metals[place + 1 :]:
            ends = (first, second), (mapped[first], mapped[second])
            lengths = sides["a"].measure(*ends[0]), sides["b"].measure(*ends[1])
            names = sides["a"].name_pair(*ends[0]), sides["b"].name_pair(*ends[1])
            if max(lengths) <= limit and names[0] == names[1]:
                found.append(PairedBond(names[0], *lengths))
    others = {frozenset(bond[:2]) for bond in document["overlay"]["b"]["bonds"]}
    for first, second, _ in document["overlay"]["a"]["bonds"]:
        partner = mapped.get(first, -1), mapped.get(second, -1)
        if frozenset(partner) in others and sides["a"].is_donor_bond(first, second):
            lengths = sides["a"].measure(first, second), sides["b"].measure(*partner)
            found.append(PairedBond(sides["a"].name_elements(first, second), *lengths))
    return tuple(found)


class _Places:
    """Atoms of one cluster of an overlay."""

    def __init__(self, overlay: Json) -> None:
        groups = load_styles()["roles"]
        self.atoms = overlay["atoms"]
        self.groups = [groups[atom["role"]]["group"] for atom in self.atoms]
        self.points = np.array([atom["xyz"] for atom in self.atoms], dtype=np.float64)
        self.metals = {atom: None for atom, group in enumerate(self.groups) if group == "metal"}

    def measure(self, first: int, second: int) -> float:
        return float(np.linalg.norm(self.points[first] - self.points[second]))

    def name_elements(self, first: int, second: int) -> str:
        ends = sorted((first, second), key=lambda atom: (self.groups[atom] != "metal", atom))
        return "–".join(self.atoms[atom]["element"] for atom in ends)

    def name_pair(self, first: int, second: int) -> str:
        is_shell = any(self.atoms[atom]["role"] == "staple" for atom in (first, second))
        elements = "–".join(sorted(self.atoms[atom]["element"] for atom in (first, second)))
        return f"{elements}, with staples" if is_shell else f"{elements}, kernel"

    def is_donor_bond(self, first: int, second: int) -> bool:
        return {self.groups[first], self.groups[second]} == {"metal", "donor"}


def _draw_bonds(document: Json) -> Iterator[Drawing]:
    bonds = list_paired_bonds(document)
    if not bonds:
        return
    a, b = list_sides(document)
    told = (
        f"Lengths of the bonds that {a.marked} and {b.marked} both have, one point for each; on the line "
        f"they are equal, above it longer in {b.name}. Metal–metal pairs up to "
        f"{document['bonds']['settings']['cutoff']:.2f} Å."
    )
    yield Drawing("bonds-in-both", told, _plot_bonds(bonds, (a, b)))


def _plot_bonds(bonds: tuple[PairedBond, ...], sides: tuple[Side, Side]) -> "Canvas":
    groups = sorted({name for name, _, _ in bonds})
    panels = [[name for name in groups if ("," in name) is is_metal] for is_metal in (False, True)]
    panels = [panel for panel in panels if panel]
    canvas = build_canvas(0.35 + 2.75 * len(panels), left=0.55, right=0.12, top=0.1)
    canvas.subplots_adjust(hspace=0.3)
    for axes, names in zip(canvas.subplots(len(panels), 1, squeeze=False)[:, 0], panels, strict=True):
        for number, name in enumerate(names):
            points = np.array([bond[1:] for bond in bonds if bond[0] == name])
            colour = (BARS["metal"], BARS["donor"], INK)[number % 3]
            axes.plot(
                *points.T, _MARKS[number % len(_MARKS)], color=colour, ms=3.6, mew=0.5, mfc="none",
                label=f"{name} ({len(points)})",
            )  # fmt: skip
        points = np.array([bond[1:] for bond in bonds if bond[0] in names])
        pad = max(0.05 * float(np.ptp(points)), 0.005)
        ends = float(points.min()) - pad, float(points.max()) + pad
        axes.plot(ends, ends, color=INK, lw=0.6, zorder=0)
        axes.set_xlim(*ends)
        axes.set_ylim(*ends)
        axes.set_aspect("equal")
        axes.locator_params(nbins=5)
        axes.legend(fontsize=6.5, frameon=False, loc="upper left", handlelength=1.0)
        axes.set_ylabel(f"length in {write_mathtext(sides[1].marked)} / Å")
    axes.set_xlabel(f"length in {write_mathtext(sides[0].marked)} / Å")
    return canvas


# ----------------------------------------------------------------------------------------------- atom by atom


def _draw_displacements(document: Json) -> Iterator[Drawing]:
    framework = [one for one in document["mapped"] if one["role"] not in _REST]
    if not framework:
        return
    told = (
        "Distances of mapped metal and donor atoms after superposition, by role in the first cluster; "
        f"bar: root mean square; the {_NAMED} farthest atoms are named."
    )
    yield Drawing("displacements", told, _plot_displacements(framework))


def _plot_displacements(framework: list[Json]) -> "Canvas":
    roles = [name for name in load_styles()["roles"] if any(one["role"] == name for one in framework)]
    widest = max(len(role) for role in roles) + 5
    canvas = build_canvas(FOOT + 0.25 + 0.28 * len(roles), left=0.15 + _LETTER * widest, right=0.35, top=0.1)
    axes = canvas.add_subplot()
    donors = {name for name, style in load_styles()["roles"].items() if style["group"] == "donor"}
    for place, role in enumerate(roles):
        own = np.array([one["distance"] for one in framework if one["role"] == role])
        colour = BARS["donor" if role in donors else "metal"]
        heights = place + 0.16 * (np.arange(len(own)) % 3 - 1)  # like distances beside each other
        axes.plot(own, heights, "o", color=colour, ms=3.4, mew=0.6, mfc="none")
        rms = float(np.sqrt((own**2).mean()))
        axes.plot([rms, rms], [place - 0.36, place + 0.36], color=INK, lw=1.4)
    for one in sorted(framework, key=lambda one: -one["distance"])[:_NAMED]:
        where = one["distance"], roles.index(one["role"]) - 0.3
        axes.annotate(one["label_a"], where, fontsize=6.0, ha="center", va="bottom", parse_math=False)
    counts = [sum(one["role"] == role for one in framework) for role in roles]
    axes.set_yticks(range(len(roles)), [f"{role} ({n})" for role, n in zip(roles, counts, strict=True)])
    axes.set_ylim(len(roles) - 0.4, -0.7)
    axes.set_xlim(left=0.0)
    axes.margins(x=0.06)
    axes.set_xlabel("distance / Å")
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", lw=0.3, alpha=0.5)
    axes.set_axisbelow(True)
    return canvas
