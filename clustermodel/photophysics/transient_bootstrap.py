"""How far do lifetimes scatter if the wavelengths are drawn again? A bootstrap of blocks of neighbours."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import norm

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.errors import InputError
from clustermodel.photophysics.transient_fit import build_problem
from clustermodel.photophysics.transient_intervals import LEVEL, find_quantile, rebuild_bounds
from clustermodel.photophysics.transient_result import TransientFit
from clustermodel.photophysics.transient_solver import solve_problem

__all__ = ["FEWEST_DRAWS", "Bootstrap", "resample_wavelengths"]

FEWEST_DRAWS = 20
"""Draws that anything can be said from."""

_MOST_EVALUATIONS = 60  # for one draw
_TOLERANCE = 1e-7  # of its fit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bootstrap:
    """Refits to wavelengths drawn in blocks with replacement.

    Parameters
    ----------
    rates : tuple of str
        Names of the rate constants.
    draws_ps : array_like, shape (d, p)
        Time constants of each draw whose fit settled.
    lost : int
        Draws whose fit did not settle.
    block : int
        Neighbouring wavelengths that are drawn together.
    seed : int
        Start of the random numbers.
    limits_ps : array_like, shape (2, p)
        Lower and upper limits: percentiles of the draws, set further from the fit by the ratio of Student's
        t to the normal quantile, as few blocks scatter too little.
    """

    rates: tuple[str, ...]
    draws_ps: FloatArray = field(metadata={"unit": "ps"})
    lost: int = field(metadata={"unit": ""})
    block: int = field(metadata={"unit": ""})
    seed: int
    limits_ps: FloatArray = field(metadata={"unit": "ps"})

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "limits_ps", freeze_float(self.limits_ps, (2, len(self.rates)), "limits_ps"))
        object.__setattr__(self, "draws_ps", freeze_float(self.draws_ps, (None, len(self.rates)), "draws_ps"))

    @property
    def deviations_ps(self) -> FloatArray:
        """Standard deviations of the time constants in ps."""
        return np.asarray(self.draws_ps.std(axis=0, ddof=1))


def resample_wavelengths(
    fit: TransientFit,
    wanted: int,
    *,
    block: int | None = None,
    seed: int = 0,
    tick: Callable[[], None] | None = None,
) -> Bootstrap:
    """Refit to wavelengths drawn with replacement, in blocks of neighbours.

    Parameters
    ----------
    fit : TransientFit
        The fit.
    wanted : int
        How many draws, at least 20; 200 for limits.
    block : int, optional
        Length of a block; that of the robust covariance if left out.
    seed : int, optional
        Start of the random numbers.
    tick : callable, optional
        Called after each draw.

    Returns
    -------
    Bootstrap
        Time constants of all draws.

    Raises
    ------
    InputError
        If the number of draws or the block cannot be used, or most fits did not settle.

    Notes
    -----
    Blocks keep what neighbours share, both noise and misfit :cite:p:`kuensch1989`; they wrap around at the
    ends, so that each wavelength is drawn as often as any other.
    """
    n = fit.data.wavelength.size
    length = fit.covariances.block if block is None else block
    if wanted < FEWEST_DRAWS or not 1 <= length <= n // 2:
        msg = (
            f"{wanted} draws in blocks of {length}; expected {FEWEST_DRAWS} draws or more, and blocks of 1 "
            f"to {n // 2} wavelengths"
        )
        raise InputError(msg)
    problem = build_problem(fit.data, fit.scheme, fit.settings)
    bounds = rebuild_bounds(fit, problem)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(wanted):
        starts = rng.integers(0, n, -(-n // length))
        drawn = (starts[:, None] + np.arange(length)).ravel()[:n] % n
        counts = np.bincount(drawn, minlength=n).astype(np.float64)
        one = solve_problem(
            problem, fit.parameters, bounds, counts=counts, most=_MOST_EVALUATIONS, tolerance=_TOLERANCE
        )
        if one.settled:
            times = 1 / problem.unpack(one.parameters).rates
            found.append(times if fit.scheme.kind == "target" else np.sort(times))
        if tick is not None:
            tick()
    if len(found) < wanted / 2:
        msg = f"{fit.data.name}: {wanted - len(found)} of {wanted} draws did not settle; use fewer components"
        raise InputError(msg)
    draws = np.array(found)
    return Bootstrap(
        rates=fit.scheme.rates,
        draws_ps=draws,
        limits_ps=_set_limits(fit, draws),
        lost=wanted - len(found),
        block=length,
        seed=seed,
    )


def _set_limits(fit: TransientFit, draws: FloatArray) -> FloatArray:
    """Return percentiles of the draws, with the distance from the fit that Student's t asks for."""
    tail = 100 * (1 - LEVEL) / 2
    logs = np.log(np.percentile(draws, [tail, 100 - tail], axis=0))
    middle = np.log(fit.time_constants_ps)
    normal = float(norm.ppf(0.5 + LEVEL / 2))
    factors = np.array([find_quantile(fit, place) / normal for place in range(middle.size)])
    return np.asarray(np.exp(middle + factors * (logs - middle)))
