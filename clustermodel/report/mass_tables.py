"""Which tables does a mass calculation yield? Conventions, isotopologues, verdicts, candidates, peaks."""

from collections.abc import Sequence

from clustermodel.massspec.ion import IonMasses
from clustermodel.massspec.match import Comparison, FoundVerdict, PrintedVerdict, name_isotopologue
from clustermodel.massspec.measured import EnvelopeMatch
from clustermodel.massspec.search import Candidate, SearchSettings
from clustermodel.report.table import Cell, Charge, Column, Table

__all__ = [
    "describe_found",
    "describe_match",
    "describe_printed",
    "list_mass_tables",
    "list_match_tables",
    "list_search_tables",
    "list_verdict_tables",
]

_SHOWN = 0.02  # of the highest isotopologue: the table ends where peaks do
_WITHOUT_ELECTRONS = "the mass of missing or additional electrons is accounted for"


def list_mass_tables(masses: IonMasses) -> tuple[Table, ...]:
    """Make the tables of one ion.

    Parameters
    ----------
    masses : IonMasses
        The ion.

    Returns
    -------
    tuple of Table
        m/z by convention, then the isotopologues.
    """
    top = f"{name_isotopologue(masses.most_abundant_offset)}, {100 * masses.most_abundant_share:.1f} %"
    conventions: tuple[tuple[Cell, ...], ...] = (
        ("monoisotopic", masses.monoisotopic, "M, most abundant isotope of every element"),
        (
            "most abundant",
            masses.most_abundant,
            f"{top} of all molecules, isotopologues of one nominal mass together",
        ),
        ("average", masses.average, f"± {masses.average_spread:.4f} between tables of atomic weights"),
    )
    seen = masses.shares >= _SHOWN * masses.most_abundant_share
    rows = zip(masses.offsets[seen], masses.mz[seen], masses.shares[seen], strict=True)
    count = "" if masses.electrons is None else f", n* = {masses.electrons}"
    caption = f"{masses.ion.text}, {masses.ion.formula}{count}; {_WITHOUT_ELECTRONS}."
    return (
        Table(
            name="mass-conventions",
            title=f"m/z of {masses.ion.text}",
            columns=(Column("convention"), Column("m/z", digits=4), Column("meaning")),
            rows=conventions,
            caption=caption,
        ),
        Table(
            name="mass-isotopologues",
            title="Isotopologues",
            columns=(
                Column("isotopologue"),
                Column("m/z", digits=4),
                Column("share", "%", 2),
                Column("relative", "%", 1),
            ),
            rows=tuple(
                (
                    name_isotopologue(int(k)),
                    float(mz),
                    100 * float(s),
                    100 * float(s) / masses.most_abundant_share,
                )
                for k, mz, s in rows
            ),
            caption=f"Isotopologues of one nominal mass together, above {100 * _SHOWN:.0f} % of the highest.",
        ),
    )


def list_verdict_tables(
    printed: Sequence[PrintedVerdict] = (), found: Sequence[FoundVerdict] = ()
) -> tuple[Table, ...]:
    """Make the tables that compare printed and measured m/z with the calculation.

    Parameters
    ----------
    printed : sequence of PrintedVerdict, optional
        Calculated masses from the literature.
    found : sequence of FoundVerdict, optional
        Measured masses.

    Returns
    -------
    tuple of Table
        One for each, with the verdict as caption.
    """
    tables = [
        _verdict_table(f"mass-printed-{i}", f"Printed {p.value:.{p.decimals}f}", p.rows, describe_printed(p))
        for i, p in enumerate(printed, 1)
    ]
    tables += [
        _verdict_table(f"mass-found-{i}", f"Found {f.value:.10g}", f.rows, describe_found(f))
        for i, f in enumerate(found, 1)
    ]
    return tuple(tables)


def list_search_tables(
    found: float, candidates: Sequence[Candidate], settings: SearchSettings
) -> tuple[Table, ...]:
    """Make the table of ions that agree with a measured m/z.

    Parameters
    ----------
    found : float
        The measured m/z.
    candidates : sequence of Candidate
        What the search found.
    settings : SearchSettings
        What it could add, remove and accept.

    Returns
    -------
    tuple of Table
        One table, empty where nothing agrees.
    """
    electrons = {"same": "that of the cluster given", "closed": "a shell closing", "any": "any"}
    which = (
        "any isotopologue above a tenth of the highest"
        if settings.every_isotopologue
        else "the highest isotopologue"
    )
    count = f"{len(candidates)} found" if candidates else "None found"
    return (
        Table(
            name="mass-candidates",
            title=f"Ions that agree with {found:.10g}",
            columns=(
                Column("ion"),
                Column("z", "e"),
                Column("n*"),
                Column("isotopologue"),
                Column("m/z", digits=4),
                Column("deviation", "ppm", 1),
                Column("relative", "%", 0),
            ),
            rows=tuple(
                (c.notation, Charge(c.charge), c.electrons, c.isotopologue, c.mz, c.ppm, 100 * c.share)
                for c in candidates
            ),
            caption=(
                f"Up to {settings.most_adducts} adducts, {settings.tolerance_ppm:g} ppm, {which}; electron "
                "count: "
                f"{electrons[settings.electrons]}. {count}. Agreement in mass alone proves no composition."
            ),
        ),
    )


def list_match_tables(match: EnvelopeMatch) -> tuple[Table, ...]:
    """Make the table that compares isotopologues with measured peaks.

    Parameters
    ----------
    match : EnvelopeMatch
        The comparison.

    Returns
    -------
    tuple of Table
        One table.
    """
    return (
        Table(
            name="mass-peaks",
            title="Isotopologues and measured peaks",
            columns=(
                Column("isotopologue"),
                Column("m/z", digits=4),
                Column("measured", digits=4),
                Column("deviation", "ppm", 1),
                Column("relative", "%", 1),
                Column("measured relative", "%", 1),
            ),
            rows=tuple(
                (p.name, p.mz, p.measured_mz, p.ppm, 100 * p.share, 100 * p.measured_share)
                for p in match.peaks
            ),
            caption=describe_match(match),
        ),
    )


def describe_printed(verdict: PrintedVerdict) -> str:
    """Say in a sentence what a printed m/z is.

    Parameters
    ----------
    verdict : PrintedVerdict
        The comparison.

    Returns
    -------
    str
        The sentence.
    """
    shown = f"{verdict.value:.{verdict.decimals}f}"
    if verdict.verdict == "none":
        near = min(verdict.rows, key=lambda row: abs(row.deviation))
        return (
            f"Printed {shown} is reproduced by no convention and no isotopologue of this composition; the "
            "nearest is "
            f"{near.name}, {near.mz:.4f}, {near.deviation:+.4f} ({near.ppm:+.1f} ppm)."
        )
    article = "the isotopologue" if verdict.verdict.startswith("M") else "the"
    kind = verdict.verdict if verdict.verdict.startswith("M") else f"{verdict.verdict} m/z"
    return f"Printed {shown} is {article} {kind}; electron mass: {verdict.electron_mass}."


def describe_found(verdict: FoundVerdict) -> str:
    """Say in a sentence what a measured m/z is.

    Parameters
    ----------
    verdict : FoundVerdict
        The comparison.

    Returns
    -------
    str
        The sentence.
    """
    near = next(row for row in verdict.rows if row.name == verdict.nearest)
    lies = f"{near.deviation:+.4f} ({near.ppm:+.1f} ppm) from {near.name}"
    if verdict.verdict == "none":
        none = f"agrees with no isotopologue within {verdict.tolerance_ppm:g} ppm"
        text = f"Found {verdict.value:.10g} {none}; it lies {lies}."
    elif verdict.verdict == "unresolved apex":
        text = f"Found {verdict.value:.10g} is the apex of the unresolved envelope."
    else:
        kind = f"{verdict.verdict} isotopologue" if verdict.verdict == "most abundant" else verdict.verdict
        text = f"Found {verdict.value:.10g} is the {kind}; it lies {lies}."
    if verdict.resolving_power is None or verdict.signal is None:
        return f"{text} Give the resolving power of the instrument for a comparison with the profile."
    state = "separates" if verdict.is_resolved else "does not separate"
    return (
        f"{text} m/Δm = {verdict.resolving_power:g} {state} isotopologues; there the profile has its apex at "
        f"{verdict.apex:.4f} and {100 * verdict.signal:.0f} % of it at the found place."
    )


def describe_match(match: EnvelopeMatch) -> str:
    """Say in a sentence how well a measured spectrum fits.

    Parameters
    ----------
    match : EnvelopeMatch
        The comparison.

    Returns
    -------
    str
        The sentence.
    """
    shape = f"{match.source}: similarity of the heights {match.similarity:.4f} (1: equal shapes)"
    if match.shift_ppm is None:
        return f"{shape}; fewer than three peaks, so nothing can be said about the calibration."
    scatter = f"with a scatter of {match.scatter_ppm:.1f} ppm"
    return f"{shape}; the peaks lie {match.shift_ppm:+.1f} ppm off, {scatter}."


def _verdict_table(name: str, title: str, rows: Sequence[Comparison], caption: str) -> Table:
    return Table(
        name=name,
        title=title,
        columns=(
            Column("calculated as"),
            Column("m/z", digits=4),
            Column("deviation", digits=4),
            Column("deviation", "ppm", 1),
            Column("relative", "%", 1),
            Column("agrees"),
        ),
        rows=tuple(
            (
                row.name,
                row.mz,
                row.deviation,
                row.ppm,
                None if row.share is None else 100 * row.share,
                "yes" if row.agrees else "no",
            )
            for row in rows
        ),
        caption=caption,
    )
