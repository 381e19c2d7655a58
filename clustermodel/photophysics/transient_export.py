"""How does a fit go on in pyglotaran? Data, model and parameters as files that it loads."""

from pathlib import Path

from clustermodel.axes import SIGMA_PER_FWHM
from clustermodel.errors import InputError
from clustermodel.io.transient_writer import write_explicit_ascii
from clustermodel.photophysics.transient_result import TransientFit
from clustermodel.photophysics.transient_time_zero import convert_dispersion

__all__ = ["format_pyglotaran_model", "format_pyglotaran_parameters", "write_pyglotaran"]

_FILES = ("data.ascii", "model.yml", "parameters.csv")


def write_pyglotaran(fit: TransientFit, folder: str | Path) -> tuple[Path, ...]:
    """Write a fit for pyglotaran :cite:p:`vanstokkum2023`.

    Parameters
    ----------
    fit : TransientFit
        The fit.
    folder : str or Path
        Where to write ``data.ascii`` (the map as fitted), ``model.yml`` and ``parameters.csv`` (the fitted
        values).

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    InputError
        If a file cannot be written, or two arrows lead from one species to the same place.
    """
    paths = tuple(Path(folder) / name for name in _FILES)
    texts = (format_pyglotaran_model(fit), format_pyglotaran_parameters(fit))
    write_explicit_ascii(fit.data, paths[0])
    for path, text in zip(paths[1:], texts, strict=True):
        try:
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            msg = f"{path}: cannot be written ({error.strerror}); choose another place"
            raise InputError(msg) from error
    return paths


def format_pyglotaran_model(fit: TransientFit) -> str:
    """Format the model of a fit as YAML for pyglotaran.

    Parameters
    ----------
    fit : TransientFit
        The fit.

    Returns
    -------
    str
        Text of the file.

    Raises
    ------
    InputError
        If two arrows lead from one species to the same place.
    """
    names = [f"s{i + 1}" for i in range(len(fit.scheme.species))]
    lines = [
        f"# {name}: {' '.join(word.split())}" for name, word in zip(names, fit.scheme.species, strict=True)
    ]
    megacomplexes = "decay, artifact" if fit.settings.artifact else "decay"
    lines += [
        "dataset:",
        "  dataset1:",
        f"    megacomplex: [{megacomplexes}]",
        "    initial_concentration: input",
        "    irf: irf",
        "megacomplex:",
        "  decay:",
        "    type: decay",
        "    k_matrix: [kinetics]",
    ]
    if fit.settings.artifact:
        lines += ["  artifact:", "    type: coherent-artifact", f"    order: {fit.settings.artifact}"]
    lines += [
        "initial_concentration:",
        "  input:",
        f"    compartments: [{', '.join(names)}]",
        f"    parameters: [{', '.join(f'initial.{name}' for name in names)}]",
        "k_matrix:",
        "  kinetics:",
        "    matrix:",
        *(f"      ({to}, {start}): rates.{rate}" for (to, start), rate in _list_entries(fit, names).items()),
        "irf:",
        "  irf:",
        f"    type: {'spectral-gaussian' if fit.settings.dispersion else 'gaussian'}",
        "    center: irf.center",
        "    width: irf.width",
    ]
    if fit.settings.dispersion:
        powers = ", ".join(f"irf.dispersion{i + 1}" for i in range(fit.settings.dispersion))
        lines += [
            "    dispersion_center: irf.dispersion_center",
            f"    center_dispersion_coefficients: [{powers}]",
        ]
    return "\n".join(lines) + "\n"


def _list_entries(fit: TransientFit, names: list[str]) -> dict[tuple[str, str], str]:
    """Return the rate of every entry of the matrix; what stays has the rate zero."""
    entries: dict[tuple[str, str], str] = {}
    for source, target, rate in fit.scheme.transfers:
        place = (names[source if target is None else target], names[source])
        if place in entries:
            name = fit.scheme.species[source]
            msg = f"two arrows lead from {name} to the same place; pyglotaran needs them as one"
            raise InputError(msg)
        entries[place] = fit.scheme.rates[rate]
    leaving = {start for _, start in entries}
    entries |= {(name, name): "zero" for name in names if name not in leaving}
    return entries


def format_pyglotaran_parameters(fit: TransientFit) -> str:
    """Format the fitted parameters as CSV for pyglotaran.

    Parameters
    ----------
    fit : TransientFit
        The fit.

    Returns
    -------
    str
        Text of the file: rates in 1/ps, centre and width (standard deviation) of the response in ps,
        dispersion in powers of (λ - centre)/100 nm.
    """
    wavelength = fit.data.wavelength
    count = len(fit.scheme.rates)
    centre, powers = convert_dispersion(
        fit.parameters[count + 1 :], (float(wavelength[0]), float(wavelength[-1]))
    )
    rows = [
        (f"rates.{rate}", 1 / tau, not held)
        for rate, tau, held in zip(
            fit.scheme.rates, fit.time_constants_ps.tolist(), fit.scheme.fixed, strict=True
        )
    ]
    rows += [("rates.zero", 0.0, False)]
    rows += [(f"initial.s{i + 1}", amount, False) for i, amount in enumerate(fit.scheme.initial)]
    rows += [
        ("irf.center", float(powers[0]), True),
        ("irf.width", float(fit.irf_fwhm_ps * SIGMA_PER_FWHM), not fit.settings.irf_fixed),
        ("irf.dispersion_center", centre, False),
    ]
    rows += [(f"irf.dispersion{i}", float(power), True) for i, power in enumerate(powers[1:], 1)]
    return "label,value,vary\n" + "".join(f"{label},{value!r},{vary}\n" for label, value, vary in rows)
