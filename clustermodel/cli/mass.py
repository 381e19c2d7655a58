"""The job of ``clustermodel mass``."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clustermodel.cli.output import Results, deliver_results
from clustermodel.errors import InputError
from clustermodel.io.embedded import PREFIX
from clustermodel.io.record import write_record
from clustermodel.massspec.formula import IonFormula, read_ion
from clustermodel.massspec.ion import IonMasses, measure_ion
from clustermodel.massspec.match import compare_found, compare_printed, read_mz
from clustermodel.massspec.measured import match_envelope, read_mass_spectrum
from clustermodel.massspec.search import ELECTRON_FILTERS, ElectronFilter, SearchSettings, search_ions
from clustermodel.massspec.shorthand import Shorthand, read_shorthand
from clustermodel.report.mass_figure import draw_mass_figure
from clustermodel.report.mass_tables import (
    list_mass_tables,
    list_match_tables,
    list_search_tables,
    list_verdict_tables,
)

if TYPE_CHECKING:
    from clustermodel.massspec.envelope import Envelope

__all__ = ["MassRequest", "SearchRequest", "show_masses"]

Json = dict[str, Any]
_LISTED = 1e-6  # of all molecules: isotopologues below it are left out of the document


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """What the options of the search say.

    Parameters
    ----------
    adducts : tuple of str
        Names of adducts; all of the dictionary if empty.
    most_adducts : int
        How many at once.
    vary : tuple of str
        Items ``PART=LOW:HIGH``.
    charges : tuple of int
        Charges to try.
    electrons : str
        ``same``, ``closed`` or ``any``.
    every_isotopologue : bool
        Whether any high isotopologue may agree.
    """

    adducts: tuple[str, ...] = ()
    most_adducts: int = 3
    vary: tuple[str, ...] = ()
    charges: tuple[int, ...] = ()
    electrons: str = "same"
    every_isotopologue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MassRequest:
    """What the options of ``clustermodel mass`` say.

    Parameters
    ----------
    charge : int or None
        Charge of the ion.
    ligands : tuple of str
        Items ``NAME=FORMULA``.
    dictionary : Path or None
        TOML file of abbreviations.
    printed, found : tuple of str
        Masses to compare with.
    tolerance_ppm : float
        How far a measured mass may be off.
    resolving_power : float or None
        Of the instrument.
    spectrum : Path or None
        Measured spectrum.
    scan : int or None
        Scan of an mzML file.
    search : SearchRequest or None
        Search for other compositions of the measured masses.
    """

    charge: int | None = None
    ligands: tuple[str, ...] = ()
    dictionary: Path | None = None
    printed: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    tolerance_ppm: float = 10.0
    resolving_power: float | None = None
    spectrum: Path | None = None
    scan: int | None = None
    search: SearchRequest | None = None


def show_masses(ion: str, request: MassRequest, json: str | None, output: Path | None) -> None:
    """Calculate the masses of an ion and compare them with what was printed or found.

    Parameters
    ----------
    ion : str
        Notation of an ion, a structure file, or ``model:NAME``.
    request : MassRequest
        Options.
    json : str or None
        File for the document, ``-`` for standard output.
    output : Path or None
        Folder for tables and figures.

    Raises
    ------
    InputError
        If ion, options or files cannot be used.
    """
    if request.search is not None and not request.found:
        msg = "--search looks for a measured m/z; give it with --found"
        raise InputError(msg)
    shorthand = read_shorthand(request.dictionary, _read_ligands(request.ligands))
    ions = _read_ions(ion, request.charge, shorthand)
    answers = [_answer(one, request, shorthand, draws=output is not None) for one in ions]
    tables = tuple(table for answer in answers for table in answer.tables)
    document = {"schema": "clustermodel.mass/1", "ions": [answer.document for answer in answers]}
    notes = tuple(dict.fromkeys(note for answer in answers for note in answer.notes))
    figures = tuple(figure for answer in answers for figure in answer.figures)
    deliver_results(Results(document, tables, figures, notes), json=json, output=output)


def _read_ions(text: str, charge: int | None, shorthand: Shorthand) -> tuple[IonFormula, ...]:
    if not text.startswith(PREFIX) and not Path(text).is_file():
        return (read_ion(text, charge=charge, shorthand=shorthand),)
    from clustermodel.pipeline.analyze import analyze  # an ion written as a formula needs no crystallography
    from clustermodel.pipeline.cluster_ion import build_cluster_ions

    return build_cluster_ions(analyze(text)[0], charge=charge)


def _answer(ion: IonFormula, request: MassRequest, shorthand: Shorthand, *, draws: bool) -> Results:
    """Return everything about one ion."""
    masses = measure_ion(ion)
    envelope = None if request.resolving_power is None else _draw_envelope(masses, request.resolving_power)
    values = [read_mz(text, "found m/z") for text in request.found]
    printed = [compare_printed(masses, text) for text in request.printed]
    found = [
        compare_found(masses, value, tolerance_ppm=request.tolerance_ppm, envelope=envelope)
        for value in values
    ]
    document: Json = {
        **_describe(masses),
        "envelope": None if envelope is None else _describe_envelope(write_record(envelope)),
        "printed": write_record(printed),
        "found": write_record(found),
        "search": [],
        "spectrum": None,
    }
    tables = [*list_mass_tables(masses), *list_verdict_tables(printed, found)]
    spectrum = match = None
    if request.spectrum is not None:
        spectrum = read_mass_spectrum(request.spectrum, scan=request.scan)
        match = match_envelope(masses, spectrum)
        document["spectrum"] = write_record(match)
        tables += list_match_tables(match)
    if request.search is not None:
        settings = _read_settings(request.search, request.tolerance_ppm)
        for value in values:
            hits = search_ions(ion, value, settings=settings, shorthand=shorthand)
            document["search"].append(
                {"found": value, "settings": write_record(settings), "candidates": write_record(hits)}
            )
            tables += list_search_tables(value, hits, settings)
    notes = ion.notes
    if request.search is not None and request.search.electrons == "same" and masses.electrons is None:
        notes = (*notes, f"{ion.text} has no electron count by the rules; the search was not filtered by it")
    if not draws:
        return Results(document, tuple(tables), (), notes)
    marks = [*(("printed", p.value) for p in printed), *(("found", value) for value in values)]
    figure = draw_mass_figure(masses, envelope=envelope, spectrum=spectrum, match=match, marks=marks)
    return Results(document, tuple(tables), (figure,), notes)


def _draw_envelope(masses: IonMasses, resolving_power: float) -> "Envelope":
    from clustermodel.massspec.envelope import build_envelope  # loads IsoSpec

    return build_envelope(masses, resolving_power=resolving_power)


def _describe(masses: IonMasses) -> Json:
    listed = masses.shares >= _LISTED
    rows = zip(masses.offsets[listed], masses.mz[listed], masses.shares[listed], strict=True)
    return {
        "ion": masses.ion.text,
        "formula": masses.ion.formula,
        "charge": masses.ion.charge,
        "electrons": masses.electrons,
        "parts": write_record(masses.ion.parts),
        "mz": {
            "monoisotopic": masses.monoisotopic,
            "most_abundant": masses.most_abundant,
            "average": masses.average,
        },
        "most_abundant_offset": masses.most_abundant_offset,
        "most_abundant_share": masses.most_abundant_share,
        "average_spread": masses.average_spread,
        "isotopologues": [{"offset": int(k), "mz": float(mz), "share": float(s)} for k, mz, s in rows],
    }


def _describe_envelope(envelope: Json) -> Json:
    return {key: value for key, value in envelope.items() if key not in {"mz", "intensity"}}


def _read_ligands(items: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for item in items:
        name, _, formula = (piece.strip() for piece in item.partition("="))
        if not name or not formula:
            msg = f"--ligand {item!r}; expected NAME=FORMULA, for example SR=SC8H9"
            raise InputError(msg)
        pairs[name] = formula
    return pairs


def _read_settings(search: SearchRequest, tolerance_ppm: float) -> SearchSettings:
    filters: dict[str, ElectronFilter] = {name: name for name in ELECTRON_FILTERS}
    if search.electrons not in filters:
        msg = f"--electrons {search.electrons!r}; expected one of {', '.join(filters)}"
        raise InputError(msg)
    return SearchSettings(
        adducts=search.adducts,
        most_adducts=search.most_adducts,
        vary=tuple(_read_vary(item) for item in search.vary),
        charges=search.charges,
        electrons=filters[search.electrons],
        tolerance_ppm=tolerance_ppm,
        every_isotopologue=search.every_isotopologue,
    )


def _read_vary(item: str) -> tuple[str, int, int]:
    name, _, limits = item.rpartition("=")
    try:
        low, high = (int(number) for number in limits.split(":"))
    except ValueError as error:
        msg = f"--vary {item!r}; expected PART=LOW:HIGH, for example Au=-1:1"
        raise InputError(msg) from error
    return name.strip(), low, high
