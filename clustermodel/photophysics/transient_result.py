"""What is a global fit of transient absorption? Its choices, its numbers and its spectra."""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.io.transient_map import TransientMap
from clustermodel.photophysics.transient_covariance import Covariances
from clustermodel.photophysics.transient_scheme import KineticScheme

__all__ = ["FitSettings", "Minimum", "TransientFit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """Choices of a global fit.

    Parameters
    ----------
    dispersion : int
        Order of the polynomial that time zero is over wavelength; 0 for one time zero.
    artifact : int
        Number of terms of the coherent artifact: none, the response, and its first and second derivative.
    irf_fwhm_ps : float or None
        Width of the response to start from; chosen from the data if None.
    irf_fixed : bool
        Whether this width is held.
    lifetimes_ps : tuple of float
        Lifetimes to start from; chosen from the data if empty.
    """

    dispersion: int = field(default=3, metadata={"unit": ""})
    artifact: int = field(default=3, metadata={"unit": ""})
    irf_fwhm_ps: float | None = field(default=None, metadata={"unit": "ps"})
    irf_fixed: bool = False
    lifetimes_ps: tuple[float, ...] = field(default=(), metadata={"unit": "ps"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """Where one of several searches ended.

    Parameters
    ----------
    rms : float
        Root mean square of the residual.
    time_constants_ps : tuple of float
        Inverse rate constants.
    """

    rms: float = field(metadata={"unit": "ΔA"})
    time_constants_ps: tuple[float, ...] = field(metadata={"unit": "ps"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TransientFit:
    """A global fit.

    Parameters
    ----------
    data : TransientMap
        What was fitted.
    scheme : KineticScheme
        The kinetic scheme.
    settings : FitSettings
        The choices made.
    time_constants_ps : array_like, shape (p,)
        Inverse rate constants of the scheme; for parallel and sequential schemes the lifetimes, ascending.
    lifetimes_ps : array_like, shape (n,)
        Lifetimes of the exponentials, ascending; inf for what stays.
    irf_fwhm_ps : float
        Full width of the Gaussian response at half its height.
    time_zero_ps : array_like, shape (w,)
        Time zero of each wavelength.
    decay_spectra : array_like, shape (n, w)
        Spectra of the exponentials (decay-associated).
    species_spectra : array_like, shape (n, w)
        Spectra of the species (evolution- or species-associated); equal to the former for a parallel scheme.
    artifact_spectra : array_like, shape (a, w)
        Amplitudes of g(x), x g(x) and x² g(x), with x the delay from time zero over σ, and the normal
        density g.
    fitted : array_like, shape (t, w)
        The fitted map.
    rms : float
        Root mean square of the residual.
    parameters : array_like, shape (q,)
        Log rates, log σ and Legendre coefficients of time zero.
    covariances : Covariances
        Their covariances.
    at_limit : tuple of bool
        Which of these parameters stopped at a limit.
    freedom : int
        Degrees of freedom.
    evaluations : int
        Evaluations of the model, of all searches together.
    correlation_delay, correlation_wavelength : float
        Correlation of neighbouring residuals along each axis; near 0 for white noise.
    minima : tuple of Minimum
        Where the searches from different starts ended, lowest first.
    settled : bool
        Whether the last search ended by itself, or within a fifth of a standard uncertainty of the minimum.
    """

    data: TransientMap
    scheme: KineticScheme
    settings: FitSettings
    time_constants_ps: FloatArray = field(metadata={"unit": "ps"})
    lifetimes_ps: FloatArray = field(metadata={"unit": "ps"})
    irf_fwhm_ps: float = field(metadata={"unit": "ps"})
    time_zero_ps: FloatArray = field(metadata={"unit": "ps"})
    decay_spectra: FloatArray = field(metadata={"unit": "ΔA"})
    species_spectra: FloatArray = field(metadata={"unit": "ΔA"})
    artifact_spectra: FloatArray = field(metadata={"unit": "ΔA"})
    fitted: FloatArray = field(metadata={"unit": "ΔA"})
    rms: float = field(metadata={"unit": "ΔA"})
    parameters: FloatArray = field(metadata={"unit": ""})
    covariances: Covariances
    at_limit: tuple[bool, ...]
    freedom: int = field(metadata={"unit": ""})
    evaluations: int = field(metadata={"unit": ""})
    correlation_delay: float = field(metadata={"unit": ""})
    correlation_wavelength: float = field(metadata={"unit": ""})
    minima: tuple[Minimum, ...]
    settled: bool

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for name in ("time_constants_ps", "lifetimes_ps", "time_zero_ps", "parameters"):
            object.__setattr__(self, name, freeze_float(getattr(self, name), (None,), name))
        for name in ("decay_spectra", "species_spectra", "artifact_spectra", "fitted"):
            object.__setattr__(self, name, freeze_float(getattr(self, name), (None, None), name))

    @property
    def residual(self) -> FloatArray:
        """Data minus fit, shape (t, w)."""
        return np.asarray(self.data.signal - self.fitted)

    @property
    def time_constants_su_ps(self) -> FloatArray:
        """Standard uncertainties of the time constants in ps: the larger of white and robust."""
        return np.fmax(self._scale(self.covariances.robust), self.time_constants_white_su_ps)

    @property
    def time_constants_white_su_ps(self) -> FloatArray:
        """Standard uncertainties of the time constants in ps for independent residuals."""
        return self._scale(self.covariances.white)

    @property
    def irf_fwhm_su_ps(self) -> float:
        """Standard uncertainty of the width of the response in ps: the larger of white and robust."""
        place = self.time_constants_ps.size
        larger = np.fmax(self.covariances.robust[place, place], self.covariances.white[place, place])
        return float(np.sqrt(larger) * self.irf_fwhm_ps)

    def _scale(self, covariance: FloatArray) -> FloatArray:
        count = self.time_constants_ps.size
        return np.asarray(np.sqrt(np.diag(covariance)[:count]) * self.time_constants_ps)
