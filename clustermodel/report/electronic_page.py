"""How does a calculation look in a browser? One HTML file with cluster, levels, tables and figures."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from clustermodel.axes import convert_axis
from clustermodel.electronic.superatom_shells import ShellCheck, check_shells
from clustermodel.errors import InputError
from clustermodel.pipeline.analyze import Analysis
from clustermodel.pipeline.electronic import ElectronicStates
from clustermodel.report.electronic_scene import (
    build_calculated_cluster,
    build_electronic_scene,
    list_charge_schemes,
)
from clustermodel.report.electronic_sentences import (
    SPIN_NAMES,
    describe_calculated,
    describe_geometry,
    describe_level,
    find_partial,
    list_electronic_findings,
)
from clustermodel.report.figure import Figure
from clustermodel.report.level_classes import CLASS_COLOURS, divide_shares
from clustermodel.report.markup import Html, write_html
from clustermodel.report.notation import format_charge, split_formula
from clustermodel.report.page_parts import embed_json, fill_template, view_figures, view_table, write_ion
from clustermodel.report.pair_sentences import describe_kind
from clustermodel.report.picture import draw_structure
from clustermodel.report.sentences import describe_source_of_charge, join_words
from clustermodel.report.table import Table
from clustermodel.report.viewer import list_elements, list_roles

__all__ = ["build_electronic_page"]

Json = dict[str, Any]

_SCRIPTS = ("paint.js", "viewer.js", "page.js")
_FOLDS = {
    **dict.fromkeys(("calculation-settings", "convergence", "relaxation-steps", "calculated-atoms"), True),
    **dict.fromkeys(("orbital-shares", "superatom", "excitations"), False),
}
_MINUS = "\N{MINUS SIGN}"


class _Section(NamedTuple):
    """A part of the page: its tables and its figures, by name."""

    title: str
    tables: tuple[str, ...]
    figures: tuple[str, ...] = ()


_SECTIONS = {
    "levels-section": _Section(
        "Levels",
        ("levels-summary", "superatom", "orbital-shares"),
        ("levels-superatom", "levels-shares", "density-of-states"),
    ),
    "absorption-section": _Section("Absorption", ("optical-gaps", "excitations"), ("absorption",)),
    "charges-section": _Section("Charges", ("charges",)),
    "cut-section": _Section("What was calculated", ("truncation", "calculated-atoms")),
    "settings-section": _Section("Settings", ("calculation-settings", "convergence", "relaxation-steps")),
}


def build_electronic_page(
    states: ElectronicStates,
    document: Json,
    contents: tuple[Sequence[Table], Sequence[Figure]],
    *,
    analysis: Analysis | None = None,
) -> str:
    """Build the page of a calculation.

    Parameters
    ----------
    states : ElectronicStates
        Levels, shares, weights, and the absorption where it was calculated.
    document : dict
        The same as a document ``clustermodel.electronic/1``, of plain values.
    contents : tuple of (sequence of Table, sequence of Figure)
        Tables and figures.
    analysis : Analysis, optional
        The structure that they are from.

    Returns
    -------
    str
        HTML with its style, scripts and data inside.
    """
    tables, figures = contents
    cluster, scene = build_calculated_cluster(states), build_electronic_scene(states)
    composition = describe_calculated(states)
    viewed = {
        table.name: view_table(table, viewer="calculated", folds=_FOLDS, saves=True) for table in tables
    }
    return fill_template(
        "electronic.html",
        scripts=_SCRIPTS,
        title=composition,
        ion=write_ion(composition, states.result.charge),
        headline=_write_headline(states),
        level=describe_level(states),
        geometry=describe_geometry(states),
        before=write_html(split_formula(states.truncation.formula_before)),
        charge=_describe_charge(states),
        source=_describe_source(analysis),
        is_model=analysis is not None and analysis.crystal.is_model,
        sections=_list_sections(viewed, figures),
        facts=list(_list_facts(states)),
        findings=list_electronic_findings(states),
        picture=Html(draw_structure(scene, title=composition, prefix="still-")),
        schemes=list_charge_schemes(states),
        roles=list_roles(cluster),
        elements=list_elements(cluster),
        scenes=embed_json([scene]),
        analysis=embed_json(document),
        csv=embed_json({one["id"]: one["csv"] for one in viewed.values()}),
        schema=document["schema"],
    )


def _describe_charge(states: ElectronicStates) -> str:
    value = format_charge(states.result.charge).replace("-", _MINUS)
    return f"{value}, {describe_source_of_charge(states.cluster.charge.source)}"


def _describe_source(analysis: Analysis | None) -> Json | None:
    if analysis is None:
        return None
    source, is_model = analysis.crystal.source, analysis.crystal.is_model
    return {
        "file": source.file,
        "block": source.block,
        "sha256": source.sha256,
        "kind": describe_kind({"is_model": is_model, "refined": analysis.refined}),
    }


def _list_sections(viewed: dict[str, Json], figures: Sequence[Figure]) -> list[Json]:
    made = [
        {
            "id": name,
            "title": section.title,
            "tables": [viewed[one] for one in section.tables if one in viewed],
            "figures": view_figures([one for one in figures if one.name in section.figures]),
        }
        for name, section in _SECTIONS.items()
    ]
    return [section for section in made if section["tables"]]


def _write_headline(states: ElectronicStates) -> str:
    """Write the gap or the gaps in one line."""
    gaps = []
    for channel in states.result.channels:
        partly = " (levels partly filled)" if find_partial(channel) else ""
        gaps.append(f"{channel.gap_ev:.2f} eV {SPIN_NAMES[channel.spin]}".rstrip() + partly)
    word = "HOMO–LUMO gap" if len(gaps) == 1 else "HOMO–LUMO gaps"
    return f"{word} {' and '.join(gaps)} by {states.result.specification.label}"


def _list_facts(states: ElectronicStates) -> Iterator[Json]:
    """Yield what stands beside the view: a name, a few large words and some small ones."""
    result = states.result
    for channel in result.channels:
        spin = f", {SPIN_NAMES[channel.spin]} electrons" if SPIN_NAMES[channel.spin] else ""
        ends = f"HOMO {_write(channel.homo_ev)} eV, LUMO {_write(channel.lumo_ev)} eV"
        partly = "; the levels at the HOMO are partly filled" if find_partial(channel) else ""
        yield _state(f"HOMO–LUMO gap{spin}", f"{channel.gap_ev:.2f} eV", f"{ends}{partly}")
    words = {1: "singlet", 2: "doublet", 3: "triplet", 4: "quartet", 5: "quintet"}
    spin = words.get(result.multiplicity, f"multiplicity {result.multiplicity}")
    unpaired = result.specification.unpaired
    said = "all electrons paired" if not unpaired else f"{unpaired} unpaired, spin-polarised orbitals"
    yield _state("Spin state", spin, said)
    yield from _list_shell_facts(states)
    yield _state("Where the frontier orbitals are", "", _describe_frontier(states))
    if states.absorption is not None:
        yield from _list_optical_facts(states)


def _list_shell_facts(states: ElectronicStates) -> Iterator[Json]:
    electrons = states.cluster.electron_count.value
    if electrons is None:
        return
    check = _check(states, electrons)
    if check is None:
        yield _state("Superatom electrons", str(electrons).replace("-", _MINUS), "")
        return
    spin = SPIN_NAMES[states.result.channels[0].spin]
    filled = _count_levels(check.n_highest, f"highest filled {spin}".rstrip())
    told = (
        f"{check.configuration} in the model of a sphere; mean weight of {check.highest[1]} in the "
        f"{filled} {100 * check.weight_highest:.0f} %"
    )
    if states.result.is_closed_shell:  # of an open shell, the empty levels of one spin are in another shell
        fits = "as a sphere would have them" if check.fits else "not those of a simple sphere"
        told += (
            f", of {check.lowest[1]} in the {_count_levels(check.n_lowest, 'lowest empty')} "
            f"{100 * check.weight_lowest:.0f} %: leading letters {check.leading_highest} and "
            f"{check.leading_lowest}, {fits}"
        )
    yield _state("Superatom electrons", str(electrons), told)


def _count_levels(number: int, which: str) -> str:
    return f"{which} level" if number == 1 else f"{number} {which} levels"


def _check(states: ElectronicStates, electrons: int) -> ShellCheck | None:
    """Return the check of the shells, or None where the model of a sphere says nothing."""
    if states.superatom is None:
        return None
    try:
        return check_shells(states.superatom, electrons=electrons, spin=states.result.channels[0].spin)
    except InputError:
        return None


def _describe_frontier(states: ElectronicStates) -> str:
    """Say which classes the HOMO and the LUMO are on."""
    told = []
    for channel, own in zip(states.result.channels, divide_shares(states), strict=True):
        for name, index in (("HOMO", channel.homo), ("LUMO", channel.lumo)):
            if index is not None and index in own:
                shares = sorted(zip(own[index], CLASS_COLOURS, strict=True), reverse=True)[:2]
                parts = [f"{100 * share:.0f} % {place}" for share, place in shares]
                told.append(f"{name} {SPIN_NAMES[channel.spin]}".rstrip() + f": {join_words(parts)}")
    return "; ".join(told)


def _list_optical_facts(states: ElectronicStates) -> Iterator[Json]:
    assert states.absorption is not None  # asked before
    gaps = states.absorption.gaps
    limit = states.absorption.excitations.notes[:1]
    first = _write_place(gaps.first_root)
    if gaps.first_bright is None:
        yield _state("First bright excitation", "none", f"lowest of all {first}")
        return
    told = f"lowest of all {first}; strength {gaps.settings.bright:g} or more counts as bright"
    if gaps.onset is not None:
        told += f"; onset of the curve {_write_place(gaps.onset)}"
    yield _state("First bright excitation", _write_place(gaps.first_bright), "; ".join((told, *limit)))


def _write_place(energy: float) -> str:
    nm = float(convert_axis(energy, source="eV", target="nm"))
    return f"{energy:.2f} eV ({nm:.0f} nm)"


def _write(value: float) -> str:
    return f"{value:.2f}".replace("-", _MINUS)


def _state(name: str, big: str, quiet: str) -> Json:
    return {"name": name, "big": big, "quiet": quiet}
