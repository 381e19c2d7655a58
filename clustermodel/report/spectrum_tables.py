"""Which tables do spectra yield? Bands, onsets, shifts, deconvolutions and quantum yields."""

from clustermodel.photophysics.bands import SpectrumAnalysis, StokesShift
from clustermodel.photophysics.deconvolution import Deconvolution
from clustermodel.photophysics.quantum_yield import QuantumYield
from clustermodel.report.table import Cell, Column, Measured, Table

__all__ = [
    "list_fit_tables",
    "list_shift_tables",
    "list_spectrum_tables",
    "list_yield_tables",
]

_TRIPLET = (
    "First band of absorption minus main band of emission; with a triplet emitter it contains the splitting "
    "of singlet and triplet."
)
_ONSETS = {
    "tangent": "onset: tangent at the steepest point",
    "gaussian": "onset: Gaussian fitted to the edge, centre ∓ 2σ",
    "half-height": "half height of the edge",
}


def list_spectrum_tables(analysis: SpectrumAnalysis, number: int = 1) -> tuple[Table, ...]:
    """Make the tables of one spectrum.

    Parameters
    ----------
    analysis : SpectrumAnalysis
        Bands and onsets.
    number : int, optional
        Number of the spectrum, for the names of files.

    Returns
    -------
    tuple of Table
        Bands, then onsets.
    """
    side = "high" if analysis.kind == "emission" else "low"
    density = (
        "multiplied by λ²/hc" if analysis.kind == "emission" else "no Jacobian: values of single photons"
    )
    if analysis.measured_unit != "nm":
        density = f"measured over {analysis.measured_unit}"
    return (
        Table(
            name=f"bands-{number}",
            title=f"Bands of {analysis.name} ({analysis.kind})",
            columns=(
                Column("band"),
                Column("energy", "eV", 4),
                Column("wavelength", "nm", 1),
                Column("maximum as measured", "nm", 1),
                Column("height", "%", 1),
                Column("FWHM", "meV", 1),
            ),
            rows=tuple(
                (
                    b.kind,
                    b.energy,
                    b.wavelength,
                    b.measured_maximum,
                    100 * b.height,
                    None if b.fwhm is None else 1000 * b.fwhm,
                )
                for b in analysis.bands
            ),
            caption=(
                f"On the axis of energy, {density}; vacuum wavelengths. Local cubics over "
                f"{analysis.smoothing:g} eV; "
                f"maxima rise {100 * analysis.prominence:g} % above their surroundings, shoulders show in "
                "the second "
                f"derivative. Area {analysis.area:.6g}."
            ),
        ),
        Table(
            name=f"onsets-{number}",
            title=f"Edge of {analysis.name}",
            columns=(Column("quantity"), Column("energy", "eV", 4)),
            rows=(
                ("band", analysis.first_band),
                *((_ONSETS[method], value) for method, value in analysis.onsets.items()),
            ),
            caption=f"The {side}-energy edge; these are different quantities, none of them is the gap.",
        ),
    )


def list_shift_tables(shift: StokesShift) -> tuple[Table, ...]:
    """Make the table of a Stokes shift.

    Parameters
    ----------
    shift : StokesShift
        The shift.

    Returns
    -------
    tuple of Table
        One table.
    """
    rows: tuple[tuple[Cell, ...], ...] = (
        (shift.absorption, shift.emission, shift.shift, shift.shift_wavenumber),
    )
    return (
        Table(
            name="stokes-shift",
            title="Stokes shift",
            columns=(
                Column("first band", "eV", 4),
                Column("emission", "eV", 4),
                Column("shift", "eV", 4),
                Column("shift", "cm⁻¹", 0),
            ),
            rows=rows,
            caption=_TRIPLET,
        ),
    )


def list_fit_tables(fit: Deconvolution) -> tuple[Table, ...]:
    """Make the table of a deconvolution.

    Parameters
    ----------
    fit : Deconvolution
        The fit.

    Returns
    -------
    tuple of Table
        One table.
    """
    known = "all parameters are known one by one"
    if fit.entangled:
        known = f"known only together: {'; '.join(fit.entangled)}"
    return (
        Table(
            name="deconvolution",
            title=f"{len(fit.bands)} {fit.shape} bands of {fit.name}",
            columns=(
                Column("energy", "eV", 4),
                Column("FWHM", "meV", 1),
                Column("height", digits=4),
                Column("area", "eV", 4),
                Column("share", "%", 1),
            ),
            rows=tuple(
                (
                    Measured(b.energy, b.energy_su),
                    Measured(1000 * b.fwhm, 1000 * b.fwhm_su),
                    b.height,
                    Measured(b.area, b.area_su),
                    100 * b.share,
                )
                for b in fit.bands
            ),
            caption=(
                f"{fit.window[0]:.3f} to {fit.window[1]:.3f} eV, {fit.points} points, {fit.parameters} "
                "parameters; "
                f"residual {100 * fit.residual:.2f} % of the maximum, correlation of neighbours "
                f"{fit.neighbour_correlation:.2f} (uncertainties hold for 0), AICc {fit.aicc:.1f}; {known}."
            ),
        ),
    )


def list_yield_tables(found: QuantumYield) -> tuple[Table, ...]:
    """Make the table of a quantum yield.

    Parameters
    ----------
    found : QuantumYield
        The yield.

    Returns
    -------
    tuple of Table
        One table.
    """
    return (
        Table(
            name="quantum-yield",
            title="Quantum yield",
            columns=(Column("method"), Column("quantum yield", "%", 2), Column("absorbed", "%", 2)),
            rows=((found.method, Measured(100 * found.value, 100 * found.su), 100 * found.absorbed),),
            caption=" ".join(found.caveats),
        ),
    )
