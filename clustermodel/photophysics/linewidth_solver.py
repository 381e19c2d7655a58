"""Which parameters of a width formula fit best, for many starts and many held values at once?

Profiles need hundreds of small fits of one formula to one series. They are done side by side: Levenberg and
Marquardt's method with exact derivatives, stacked, with bounds kept by clipping; energies are moved on a
logarithmic scale, and widths that add in quadrature by their squares, so that 0 is no trap.
"""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, freeze_float
from clustermodel.photophysics.linewidth_models import BOLTZMANN_MEV, WidthModel

__all__ = [
    "Solutions",
    "WidthProblem",
    "build_problem",
    "find_coordinates",
    "find_values",
    "solve_problem",
]

_LOGARITHM, _SQUARE = 1, 2  # kinds of coordinates
_FLOOR = 1e-6  # meV: a width that is squared is as good as 0

_STEPS = 30  # at most; most fits settle in 10 to 30, and the best go on from where they were
_SETTLED = 1e-6  # of chi-square: where a step gains less, what is left to gain does not matter
_QUIET = 2  # such steps in a row
_FIRST_DAMPING, _LEAST_DAMPING, _MOST_DAMPING = 1e-2, 1e-12, 1e8
_FAR = 1e4  # times the scale of the data: where the search for unbounded amplitudes ends


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WidthProblem:
    """A formula, the points it is fitted to, and where each parameter is looked for.

    Parameters
    ----------
    model : WidthModel
        The formula.
    temperature, fwhm, weight : array_like, shape (n,)
        Points; the weight is one over the standard uncertainty.
    low, high : array_like, shape (k,)
        Ends of the search.
    natural : array_like, shape (k,)
        1 where the lower end is one of nature (no width is negative), 0 where it is a choice.
    kind : array_like, shape (k,)
        How each parameter is moved: 0 as it is, 1 by its logarithm, 2 by its square.
    expected, expected_weight : array_like, shape (k,)
        Prior value and one over its standard uncertainty, 0 where there is none.
    fixed : array_like, shape (k,)
        Value of parameters that are held, NaN for the others.
    scale : array_like, shape (k,)
        Size that the parameter may be expected to have.
    """

    model: WidthModel
    temperature: FloatArray = field(metadata={"unit": "K"})
    fwhm: FloatArray = field(metadata={"unit": "meV"})
    weight: FloatArray = field(metadata={"unit": "1/meV"})
    low: FloatArray
    high: FloatArray
    natural: FloatArray
    kind: FloatArray
    expected: FloatArray
    expected_weight: FloatArray
    fixed: FloatArray
    scale: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        n, k = len(self.temperature), len(self.model.parameters)
        for name in ("temperature", "fwhm", "weight"):
            object.__setattr__(self, name, freeze_float(getattr(self, name), (n,), name))
        for name in (
            "low",
            "high",
            "natural",
            "kind",
            "expected",
            "expected_weight",
            "fixed",
            "scale",
        ):
            object.__setattr__(self, name, freeze_float(getattr(self, name), (k,), name))

    @property
    def free(self) -> BoolArray:
        """Which parameters are fitted."""
        return np.isnan(self.fixed)

    def transform(self, values: FloatArray) -> FloatArray:
        """Return the coordinates in which parameters are moved.

        Parameters
        ----------
        values : ndarray, shape (..., k)
            Values of the parameters.

        Returns
        -------
        ndarray, shape (..., k)
            Their logarithms, squares or themselves.
        """
        return find_coordinates(self.kind, values)

    def restore(self, coordinates: FloatArray) -> FloatArray:
        """Undo :meth:`transform`.

        Parameters
        ----------
        coordinates : ndarray, shape (..., k)
            Coordinates.

        Returns
        -------
        ndarray, shape (..., k)
            Values of the parameters.
        """
        return find_values(self.kind, coordinates)

    def measure_speed(self, values: FloatArray) -> FloatArray:
        """Return how fast parameters change with their coordinates.

        Parameters
        ----------
        values : ndarray, shape (..., k)
            Values of the parameters.

        Returns
        -------
        ndarray, shape (..., k)
            Derivatives of the values by the coordinates.
        """
        squares = 0.5 / np.maximum(values, _FLOOR)
        return np.where(self.kind == _LOGARITHM, values, np.where(self.kind == _SQUARE, squares, 1.0))

    def linearize(self, coordinates: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return sum of squares, half of its gradient, and the Gauss-Newton matrix.

        Parameters
        ----------
        coordinates : ndarray, shape (m, k)
            Places of m fits.

        Returns
        -------
        square : ndarray, shape (m,)
            Sum of squares, priors included.
        gradient : ndarray, shape (m, k)
            Half of its derivatives by the coordinates.
        matrix : ndarray, shape (m, k, k)
            Half of its second derivatives, without the curvature of the formula.
        """
        values = self.restore(coordinates)
        values = np.where(
            self.kind == _SQUARE, np.maximum(values, _FLOOR), values
        )  # its derivative is not 0/0
        widths, jacobian = self.model.evaluate(self.temperature, values)
        speed = self.measure_speed(values)
        jacobian = jacobian * self.weight[:, None] * speed[:, None, :]
        residual = (widths - self.fwhm) * self.weight
        pull = (values - self.expected) * self.expected_weight
        lean = self.expected_weight * speed
        square = (residual**2).sum(1) + (pull**2).sum(1)
        gradient = np.einsum("mnk,mn->mk", jacobian, residual) + lean * pull
        matrix = np.matmul(jacobian.transpose(0, 2, 1), jacobian)
        diagonal = np.arange(values.shape[1])
        matrix[:, diagonal, diagonal] += lean**2
        return square, gradient, matrix


def find_coordinates(kind: FloatArray, values: FloatArray) -> FloatArray:
    """Return the coordinates of parameters.

    Parameters
    ----------
    kind : ndarray
        0 for those that are moved as they are, 1 by their logarithm, 2 by their square.
    values : ndarray
        Their values.

    Returns
    -------
    ndarray
        The coordinates.

    Examples
    --------
    >>> find_coordinates(np.array([0, 2]), np.array([3.0, 3.0]))
    array([3., 9.])
    """
    logs = kind == _LOGARITHM
    plain = np.where(kind == _SQUARE, values * np.abs(values), values)
    return np.where(logs, np.log(np.where(logs, values, 1.0)), plain)


def find_values(kind: FloatArray, coordinates: FloatArray) -> FloatArray:
    """Undo :func:`find_coordinates`.

    Parameters
    ----------
    kind : ndarray
        0 for those that are moved as they are, 1 by their logarithm, 2 by their square.
    coordinates : ndarray
        Their coordinates.

    Returns
    -------
    ndarray
        The values.

    Examples
    --------
    >>> find_values(np.array([0, 2]), np.array([3.0, 9.0]))
    array([3., 3.])
    """
    logs = kind == _LOGARITHM
    plain = np.where(kind == _SQUARE, np.sqrt(np.maximum(coordinates, 0.0)), coordinates)
    return np.where(logs, np.exp(np.where(logs, coordinates, 0.0)), plain)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solutions:
    """The end of m fits.

    Parameters
    ----------
    values : array_like, shape (m, k)
        Parameters.
    square : array_like, shape (m,)
        Sum of squares.
    """

    values: FloatArray
    square: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        m, k = np.shape(self.values)
        object.__setattr__(self, "values", freeze_float(self.values, (m, k), "values"))
        object.__setattr__(self, "square", freeze_float(self.square, (m,), "square"))


def build_problem(
    model: WidthModel, temperature: FloatArray, fwhm: FloatArray, weight: FloatArray
) -> WidthProblem:
    """Say where each parameter of a formula is looked for, from the size of the data.

    Parameters
    ----------
    model : WidthModel
        The formula.
    temperature, fwhm, weight : ndarray, shape (n,)
        Points; the weight is one over the standard uncertainty.

    Returns
    -------
    WidthProblem
        Without held parameters and priors.
    """
    width, heat = float(fwhm.max()), 2 * BOLTZMANN_MEV * float(temperature.mean())
    scales = {
        "width": width,
        "quadrature": width,
        "amplitude": width,
        "coupling": width**2 / heat,
        "huang-rhys": 10.0,
        "energy": heat,
        "slope": width / float(temperature.mean()),
        "free": width,
    }
    parameters = model.parameters
    scale = np.array([scales[p.role] for p in parameters])
    roles = np.array([p.role for p in parameters])
    energy, free = roles == "energy", roles == "free"
    nothing = np.zeros(len(parameters))
    return WidthProblem(
        model=model,
        temperature=temperature,
        fwhm=fwhm,
        weight=weight,
        low=np.where(energy, [p.low for p in parameters], np.where(free, -np.inf, 0.0)),
        high=np.where(energy, [p.high for p in parameters], np.where(free, np.inf, _FAR * scale)),
        natural=~energy,
        kind=np.where(energy, _LOGARITHM, np.where(roles == "quadrature", _SQUARE, 0)),
        expected=nothing,
        expected_weight=nothing,
        fixed=np.full(len(parameters), np.nan),
        scale=scale,
    )


def solve_problem(problem: WidthProblem, starts: FloatArray, held: BoolArray) -> Solutions:
    """Fit a formula from many starts.

    Parameters
    ----------
    problem : WidthProblem
        Formula, points and bounds.
    starts : ndarray, shape (m, k)
        Where each fit begins; clipped into the bounds.
    held : ndarray of bool, shape (m, k)
        Parameters that stay where they begin.

    Returns
    -------
    Solutions
        The end of each fit.

    Examples
    --------
    >>> from clustermodel.photophysics.linewidth_models import find_model, measure_widths
    >>> temperature = np.linspace(10.0, 300.0, 30)
    >>> widths = measure_widths("toyozawa", [120.0, 3.0, 25.0], temperature)
    >>> problem = build_problem(find_model("toyozawa"), temperature, widths, np.ones(30))
    >>> start = np.array([[100.0, 1.0, 10.0], [50.0, 5.0, 50.0]])
    >>> found = solve_problem(problem, start, np.zeros((2, 3), dtype=bool))
    >>> found.values.round(3)
    array([[120.,   3.,  25.],
           [120.,   3.,  25.]])
    """
    values = np.where(held, starts, np.clip(starts, problem.low, problem.high))
    place = problem.transform(values)
    low = np.where(held, place, problem.transform(problem.low))
    high = np.where(held, place, problem.transform(problem.high))
    state = _State(place, low, high, *problem.linearize(place))
    for _ in range(_STEPS):
        running = state.find_running()
        if not running.size:
            break
        step = state.propose(running)
        trial = np.clip(state.place[running] + step, state.low[running], state.high[running])
        state.judge(running, trial, problem.linearize(trial))
    return Solutions(values=np.where(held, starts, problem.restore(state.place)), square=state.square)


class _State:
    """Where m fits are; each has its own damping and stops by itself."""

    def __init__(
        self,
        place: FloatArray,
        low: FloatArray,
        high: FloatArray,
        square: FloatArray,
        gradient: FloatArray,
        matrix: FloatArray,
    ) -> None:
        self.place, self.low, self.high = place.copy(), low, high
        self.square, self.gradient, self.matrix = square, gradient, matrix
        self.damping = np.full(len(place), _FIRST_DAMPING)
        self.quiet = np.zeros(len(place), dtype=np.int64)

    def find_running(self) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        """Return the numbers of the fits that have not settled."""
        return np.flatnonzero((self.quiet < _QUIET) & (self.damping < _MOST_DAMPING))

    def propose(self, which: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> FloatArray:
        """Return the damped step of each fit, zero for parameters that push against a bound."""
        place, gradient, matrix = self.place[which], self.gradient[which], self.matrix[which]
        stuck = (place <= self.low[which]) & (gradient >= 0)
        stuck |= (place >= self.high[which]) & (gradient <= 0)
        k = place.shape[1]
        diagonal = np.arange(k)
        size = np.sqrt(matrix[:, diagonal, diagonal])
        size = np.where(stuck | (size <= 0), 1.0, size)
        scaled = matrix / (size[:, :, None] * size[:, None, :])
        scaled[stuck[:, :, None] | stuck[:, None, :]] = 0.0
        scaled[:, diagonal, diagonal] = 1.0 + self.damping[which, None]
        slope = np.where(stuck, 0.0, gradient) / size
        return np.asarray(-np.linalg.solve(scaled, slope[:, :, None])[:, :, 0] / size)

    def judge(
        self,
        which: "np.ndarray[tuple[int], np.dtype[np.int64]]",
        trial: FloatArray,
        found: tuple[FloatArray, FloatArray, FloatArray],
    ) -> None:
        """Keep the steps that lead down, and change the damping."""
        before = self.square[which]
        gain = before - found[0]
        better = gain > 0
        kept = which[better]
        self.place[kept] = trial[better]
        self.square[kept], self.gradient[kept], self.matrix[kept] = (part[better] for part in found)
        self.damping[kept] = np.maximum(self.damping[kept] / 5, _LEAST_DAMPING)
        self.damping[which[~better]] *= 6
        small = np.abs(gain) <= _SETTLED  # neither up nor down
        self.quiet[which] = np.where(small, self.quiet[which] + 1, np.where(better, 0, self.quiet[which]))
