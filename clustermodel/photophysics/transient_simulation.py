"""What would a map look like whose answer is known? Simulated transient absorption for tests and teaching."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.axes import SIGMA_PER_FWHM
from clustermodel.io.transient_map import TransientMap
from clustermodel.photophysics.transient_basis import convolve_decays, draw_response
from clustermodel.photophysics.transient_scheme import KineticScheme, build_parallel, solve_scheme
from clustermodel.photophysics.transient_time_zero import build_dispersion_basis

__all__ = ["Truth", "simulate_transient"]

_DELAYS = np.concatenate([np.arange(-1.0, 3.0, 0.04), np.geomspace(3.0, 1500.0, 65)])
_WAVELENGTHS = np.linspace(500.0, 750.0, 126)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """What a simulated map was made of.

    Parameters
    ----------
    scheme : KineticScheme
        The scheme.
    rates : array_like, shape (p,)
        Its rate constants.
    irf_fwhm_ps : float
        Full width of the Gaussian response at half its height.
    time_zero_ps : array_like, shape (n,)
        Time zero of each wavelength.
    spectra : array_like, shape (s, n)
        Spectrum of each species.
    clean : array_like, shape (m, n)
        The map without noise.
    """

    scheme: KineticScheme
    rates: FloatArray = field(metadata={"unit": "ps-1"})
    irf_fwhm_ps: float = field(metadata={"unit": "ps"})
    time_zero_ps: FloatArray = field(metadata={"unit": "ps"})
    spectra: FloatArray = field(metadata={"unit": "ΔA"})
    clean: FloatArray = field(metadata={"unit": "ΔA"})

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for name, dimensions in (("rates", 1), ("time_zero_ps", 1), ("spectra", 2), ("clean", 2)):
            object.__setattr__(self, name, freeze_float(getattr(self, name), (None,) * dimensions, name))


def simulate_transient(
    *,
    lifetimes_ps: Sequence[float],
    scheme: KineticScheme | None = None,
    irf_fwhm_ps: float = 0.2,
    artifact: float = 0.5,
    noise: float = 0.01,
    seed: int = 0,
) -> tuple[TransientMap, Truth]:
    """Simulate a map of 165 delays from -1 to 1500 ps and 126 wavelengths from 500 to 750 nm.

    Parameters
    ----------
    lifetimes_ps : sequence of float
        Inverse rate constants of the scheme; inf is allowed.
    scheme : KineticScheme, optional
        The scheme; parallel decays if left out.
    irf_fwhm_ps : float, optional
        Width of the Gaussian response.
    artifact : float, optional
        Largest value of the coherent artifact, which is made of the response and its first two derivatives;
        relative to the largest signal without it.
    noise : float, optional
        Standard deviation of white noise, relative to the largest signal without artifact.
    seed : int, optional
        Start of the random numbers.

    Returns
    -------
    data : TransientMap
        The map; its largest signal without artifact and noise is 0.01.
    truth : Truth
        What it was made of.

    Examples
    --------
    >>> data, truth = simulate_transient(lifetimes_ps=[0.5, 100.0], noise=0.02)
    >>> data.signal.shape, float(np.abs(truth.clean).max().round(2))
    ((165, 126), 0.01)
    """
    rng = np.random.default_rng(seed)
    rates = 1 / np.asarray(lifetimes_ps, dtype=np.float64)
    chosen = build_parallel(rates.size) if scheme is None else scheme
    solution = solve_scheme(chosen, rates)
    sigma = irf_fwhm_ps * SIGMA_PER_FWHM
    zero = build_dispersion_basis(_WAVELENGTHS, 3) @ np.array([0.45, 0.35, -0.12, 0.04])
    x = (_DELAYS - zero[:, None]) / sigma
    profiles = np.einsum("jwt,js->swt", convolve_decays(x, solution.decay_rates * sigma), solution.mixing)
    spectra = _draw_spectra(len(chosen.species), rng)
    clean = np.einsum("swt,sw->tw", profiles, spectra)
    scale = 0.01 / np.abs(clean).max()
    clean, spectra = clean * scale, spectra * scale
    size = 0.01 * noise
    spike = _draw_artifact(x, rng)
    clean = clean + artifact * 0.01 * spike / np.abs(spike).max()
    data = TransientMap(
        name=f"simulated {', '.join(f'{t:g}' for t in lifetimes_ps)} ps",
        layout="simulated",
        wavelength=_WAVELENGTHS,
        delay_ps=_DELAYS,
        signal=clean + size * rng.standard_normal(clean.shape),
    )
    truth = Truth(
        scheme=chosen,
        rates=rates,
        irf_fwhm_ps=irf_fwhm_ps,
        time_zero_ps=zero,
        spectra=spectra,
        clean=clean,
    )
    return data, truth


def _draw_spectra(count: int, rng: np.random.Generator) -> FloatArray:
    """Draw a positive and a negative band for each species, at random places."""
    places = rng.uniform(500, 750, (count, 2))
    widths = rng.uniform(20, 60, (count, 2))
    heights = np.stack([rng.uniform(0.6, 1.0, count), -rng.uniform(0.2, 0.6, count)], axis=1)
    bands = np.exp(-0.5 * ((_WAVELENGTHS - places[..., None]) / widths[..., None]) ** 2)
    return np.asarray((heights[..., None] * bands).sum(axis=1))


def _draw_artifact(x: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Draw an artifact whose three parts change smoothly over the wavelengths."""
    phase = rng.uniform(0, 2 * np.pi, 3)
    turn = 2 * np.pi * (_WAVELENGTHS - _WAVELENGTHS[0]) / 250
    response = draw_response(x)
    parts = [response, response * x, response * (x * x - 1)]
    return np.asarray(
        sum((1 + 0.5 * np.cos(turn + p))[:, None] * g for p, g in zip(phase, parts, strict=True))
    ).T
