"""The job of ``clustermodel spectrum``."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from clustermodel.axes import Shape, measure_area
from clustermodel.cli.output import Results, deliver_results
from clustermodel.errors import InputError
from clustermodel.io.record import write_record
from clustermodel.photophysics.bands import measure_spectrum, measure_stokes_shift
from clustermodel.photophysics.deconvolution import fit_bands
from clustermodel.photophysics.emitters import read_quantum_yield
from clustermodel.photophysics.quantum_yield import DiluteSolution, QuantumYield, measure_relative_yield
from clustermodel.photophysics.spectrum import KINDS, SpectrumKind, read_spectrum
from clustermodel.report.spectrum_figure import draw_spectrum_figure
from clustermodel.report.spectrum_tables import (
    list_fit_tables,
    list_shift_tables,
    list_spectrum_tables,
    list_yield_tables,
)
from clustermodel.report.table import Table

__all__ = ["SpectrumRequest", "YieldRequest", "show_spectra"]

_VACUUM = "Wavelengths are taken as those in vacuum; read in air, energies are too high by 0.03 %."
_PHOTONS = "Emission is taken as photons per interval, corrected for the response of the detector."


@dataclass(frozen=True, slots=True, kw_only=True)
class YieldRequest:
    """A quantum yield relative to a reference.

    Parameters
    ----------
    reference : Path
        Emission spectrum of the reference, in the unit of the sample's.
    reference_yield : str
        Its yield, such as ``95%``.
    absorbances, indices : str or None
        Absorbance at the excitation and refractive index, ``SAMPLE:REFERENCE``.
    """

    reference: Path
    reference_yield: str
    absorbances: str | None
    indices: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectrumRequest:
    """What the options of ``clustermodel spectrum`` say.

    Parameters
    ----------
    kind : str
        ``emission``, ``absorption`` or ``excitation``.
    emission : Path or None
        Emission spectrum to measure the Stokes shift with.
    smoothing : float
        Window of local cubics in eV.
    prominence : float
        Smallest height of a maximum above its surroundings.
    fit : bool
        Whether to fit bands.
    centres : tuple of float
        Where to start them, in eV.
    shape : str
        Their shape.
    window : str or None
        ``LOW:HIGH`` in eV.
    quantum_yield : YieldRequest or None
        Quantum yield to measure.
    """

    kind: str
    emission: Path | None = None
    smoothing: float = 0.04
    prominence: float = 0.02
    fit: bool = False
    centres: tuple[float, ...] = ()
    shape: str = "gaussian"
    window: str | None = None
    quantum_yield: YieldRequest | None = None


def show_spectra(file: Path, request: SpectrumRequest, json: str | None, output: Path | None) -> None:
    """Find bands, widths and onsets of a spectrum, and the Stokes shift to another.

    Parameters
    ----------
    file : Path
        The spectrum.
    request : SpectrumRequest
        Options.
    json : str or None
        File for the document, ``-`` for standard output.
    output : Path or None
        Folder for tables and figure.

    Raises
    ------
    InputError
        If file or options cannot be used.
    """
    spectra = [read_spectrum(file, kind=_read_kind(request.kind))]
    if request.emission is not None:
        spectra.append(read_spectrum(request.emission, kind="emission"))
    analyses = [
        measure_spectrum(one, smoothing=request.smoothing, prominence=request.prominence) for one in spectra
    ]
    tables: list[Table] = []
    for number, analysis in enumerate(analyses, 1):
        tables += list_spectrum_tables(analysis, number)
    shift = measure_stokes_shift(*analyses) if len(analyses) == 2 else None
    if shift is not None:
        tables += list_shift_tables(shift)
    fit = None
    if request.fit or request.centres:
        fit = fit_bands(
            spectra[0],
            request.centres or None,
            shape=_read_shape(request.shape),
            window=None if request.window is None else _read_pair(request.window, "--window"),
        )
        tables += list_fit_tables(fit)
    emitted = None
    if request.quantum_yield is not None:
        if spectra[0].kind != "emission":
            msg = f"{file}: a quantum yield needs the emission of the sample; give --kind emission"
            raise InputError(msg)
        emitted = _measure_yield(analyses[0].area, request.quantum_yield)
        tables += list_yield_tables(emitted)
    document = {
        "schema": "clustermodel.spectrum/1",
        "spectra": write_record(analyses),
        "stokes_shift": write_record(shift),
        "deconvolution": write_record(fit),
        "quantum_yield": write_record(emitted),
    }
    figures = (draw_spectrum_figure(list(zip(spectra, analyses, strict=True)), fit=fit),) if output else ()
    notes = [_VACUUM] if any(one.measured_unit == "nm" for one in spectra) else []
    notes += [_PHOTONS] if any(one.kind == "emission" for one in spectra) else []
    deliver_results(Results(document, tuple(tables), figures, tuple(notes)), json=json, output=output)


def _read_kind(text: str) -> SpectrumKind:
    for kind in KINDS:
        if text == kind:
            return kind
    msg = f"--kind {text!r}; expected one of {', '.join(KINDS)}"
    raise InputError(msg)


def _read_shape(text: str) -> Shape:
    for shape in get_args(Shape):
        if text == shape:
            return "lorentzian" if shape == "lorentzian" else "gaussian"
    msg = f"--shape {text!r}; expected one of {', '.join(get_args(Shape))}"
    raise InputError(msg)


def _read_pair(text: str | None, option: str) -> tuple[float, float]:
    """Return two positive numbers written ``A:B``."""
    try:
        first, second = (float(number) for number in (text or "").split(":"))
    except ValueError as error:
        msg = f"{option} {text!r}; expected two numbers with a colon, such as 1.4:2.2"
        raise InputError(msg) from error
    if not (0 < first < math.inf and 0 < second < math.inf) or (option == "--window" and first >= second):
        msg = (
            f"{option} {text!r}; expected two positive numbers{', the lower first' * (option == '--window')}"
        )
        raise InputError(msg)
    return first, second


def _measure_yield(area: float, request: YieldRequest) -> QuantumYield:
    """Compare the area of the emission with that of the reference."""
    absorbances = _read_pair(request.absorbances, "--absorbance")
    indices = _read_pair(request.indices, "--index")
    reference = read_spectrum(request.reference, kind="emission")
    areas = (area, measure_area(reference.energy, reference.intensity))
    if areas[1] <= 0:
        msg = f"{request.reference}: the area of the reference is {areas[1]:g}; expected a positive one"
        raise InputError(msg)
    sample, other = (
        DiluteSolution(area=one, absorbance=absorbance, refractive_index=index)
        for one, absorbance, index in zip(areas, absorbances, indices, strict=True)
    )
    value, su = read_quantum_yield(request.reference_yield, "--reference-yield")
    return measure_relative_yield(sample, other, reference_yield=value, reference_yield_su=su)
