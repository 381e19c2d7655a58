"""How often does chance give a shape as good? Shape measures of random clusters of the same size.

A random cluster has as many atoms as the polyhedron has corners filled (and one in the centre, if the
polyhedron has), thrown into a ball and pushed apart until no two are too close. Its closest pair is at least
0.9 of an edge apart and its ball has 1.2 times the radius of the polyhedron: contacts in gold kernels range
from 2.65 to 3.5 Å about a mean of 2.9 Å. It is measured as the atoms of a real cluster are.

Measuring takes seconds, so quantiles of the polyhedra that kernels are searched for stand in
``shape_null.json``; `build_null_table` makes them.
"""

import functools
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources

import numpy as np

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.analysis.polyhedra import Polyhedron, build_polyhedron
from clustermodel.analysis.shape import ShapeSettings, measure_shape
from clustermodel.errors import InputError

__all__ = ["NullRate", "NullSettings", "build_null_table", "look_up_null", "measure_null_rate"]

PERCENT = (0.5, 1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50)
"""The quantiles of the table, in percent."""

_OVERLAP = 0.01  # of the smallest distance: pairs this little too close are let pass
_PUSHES = 2000  # rounds; sparse clusters need 30, the octahedron in its small ball 250


@dataclass(frozen=True, slots=True, kw_only=True)
class NullSettings:
    """What counts as a random cluster.

    Parameters
    ----------
    samples : int, optional
        Number of random clusters.
    seed : int, optional
        Seed of the random numbers.
    nearest : float, optional
        Smallest distance of two atoms, in edges of the polyhedron.
    radius : float, optional
        Radius of the ball, in radii of the polyhedron.
    """

    samples: int = field(default=500, metadata={"unit": ""})
    seed: int = field(default=0, metadata={"unit": ""})
    nearest: float = field(default=0.9, metadata={"unit": "edge"})
    radius: float = field(default=1.2, metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NullRate:
    """How often random clusters fit a polyhedron.

    Parameters
    ----------
    polyhedron : str
        Name of the polyhedron.
    centred : bool
        Whether an atom sits in the centre.
    missing : int
        Number of empty corners.
    percent : ndarray, shape (q,)
        Percentages of random clusters.
    measures : ndarray, shape (q,)
        The shape measure that so many of them do not exceed.
    settings : NullSettings
        What counted as a random cluster.
    """

    polyhedron: str
    centred: bool
    missing: int
    percent: FloatArray = field(metadata={"unit": "%"})
    measures: FloatArray = field(metadata={"unit": ""})
    settings: NullSettings

    def __post_init__(self) -> None:
        """Freeze the quantiles."""
        object.__setattr__(self, "percent", freeze_float(self.percent, (None,), "percent"))
        object.__setattr__(self, "measures", freeze_float(self.measures, (len(self.percent),), "measures"))

    @property
    def median(self) -> float:
        """Shape measure of the median random cluster."""
        return float(self.measures[-1])

    def find_rate(self, measure: float) -> float:
        """Return the fraction of random clusters that fit as well.

        Parameters
        ----------
        measure : float
            Shape measure.

        Returns
        -------
        float
            Fraction between the smallest and the largest tabulated one; a smaller or larger
            fraction is not resolved by the sample.
        """
        return float(np.interp(measure, self.measures, self.percent)) / 100

    def find_measure(self, rate: float) -> float:
        """Return the shape measure that a fraction of random clusters does not exceed.

        Parameters
        ----------
        rate : float
            Fraction, 0 to 1.

        Returns
        -------
        float
            Shape measure.
        """
        return float(np.interp(100 * rate, self.percent, self.measures))


def measure_null_rate(
    polyhedron: str | Polyhedron,
    *,
    centred: bool = False,
    missing: int = 0,
    settings: NullSettings | None = None,
) -> NullRate:
    """Measure random clusters against a polyhedron.

    Parameters
    ----------
    polyhedron : str or Polyhedron
        The polyhedron.
    centred : bool, optional
        Whether an atom sits in its centre.
    missing : int, optional
        Number of empty corners.
    settings : NullSettings, optional
        What counts as a random cluster, and how many to take.

    Returns
    -------
    NullRate
        Quantiles of their shape measures.

    Raises
    ------
    InputError
        If the atoms do not fit into the ball.

    Examples
    --------
    >>> null = measure_null_rate("tetrahedron", settings=NullSettings(samples=50))
    >>> null.find_rate(0.1) < 0.05 < null.find_rate(10)
    True
    """
    ideal = build_polyhedron(polyhedron) if isinstance(polyhedron, str) else polyhedron
    chosen = settings if settings is not None else NullSettings()
    atoms = _throw(ideal, len(ideal) - missing, chosen, centred=centred)
    exact = ShapeSettings(certify=False)
    corners = len(ideal) - missing
    centres = [cluster[-1] if centred else None for cluster in atoms]
    values = [
        measure_shape(cluster[:corners], ideal, centre=centre, settings=exact).measure
        for cluster, centre in zip(atoms, centres, strict=True)
    ]
    return NullRate(
        polyhedron=ideal.name,
        centred=centred,
        missing=missing,
        percent=np.array(PERCENT, dtype=np.float64),
        measures=np.percentile(values, PERCENT),
        settings=chosen,
    )


def _throw(ideal: Polyhedron, corners: int, settings: NullSettings, *, centred: bool) -> FloatArray:
    """Return random clusters, the central atom last; shape (samples, n, 3) in edges."""
    rng = np.random.default_rng(settings.seed)
    ball = settings.radius * float(np.linalg.norm(ideal.vertices, axis=1).max())
    atoms = rng.normal(size=(settings.samples, corners, 3))
    atoms *= ball * rng.random((settings.samples, corners, 1)) ** (1 / 3) / _lengths(atoms)
    if centred:
        atoms = np.concatenate([atoms, np.zeros((settings.samples, 1, 3))], axis=1)
    for _ in range(_PUSHES):
        apart = atoms[:, :, None] - atoms[:, None]
        distances = _lengths(apart)
        short = np.maximum(settings.nearest - distances, 0.0) * ~np.eye(atoms.shape[1], dtype=bool)[..., None]
        if short.max() <= _OVERLAP * settings.nearest:
            return atoms
        atoms = atoms + (apart / np.maximum(distances, _OVERLAP) * short).sum(axis=2) / 2
        atoms[:, corners:] = 0.0
        atoms *= np.minimum(1.0, ball / np.maximum(_lengths(atoms), _OVERLAP))
    msg = (
        f"{ideal.name}: {corners} atoms {settings.nearest} apart do not fit into a ball of radius "
        f"{ball:.2f}; take a smaller distance or a larger radius"
    )
    raise InputError(msg)


def _lengths(vectors: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.norm(vectors, axis=-1, keepdims=True))


def build_null_table(
    rows: Iterable[tuple[str, bool, int]], settings: NullSettings | None = None
) -> dict[str, list[float]]:
    """Measure random clusters against several polyhedra.

    Parameters
    ----------
    rows : iterable of (str, bool, int)
        Polyhedron, whether it is centred, and the number of empty corners.
    settings : NullSettings, optional
        What counts as a random cluster.

    Returns
    -------
    dict of str to list of float
        Quantiles by name of the row, as in ``shape_null.json``.

    Examples
    --------
    >>> build_null_table([("octahedron", False, 0)], NullSettings(samples=3)).keys()
    dict_keys(['octahedron 6-0'])
    """
    table = {}
    for name, centred, missing in rows:
        null = measure_null_rate(name, centred=centred, missing=missing, settings=settings)
        table[_name_row(name, centred=centred, missing=missing)] = np.round(null.measures, 3).tolist()
    return table


def _name_row(name: str, *, centred: bool, missing: int) -> str:
    return f"{name} {len(build_polyhedron(name)) + centred}-{missing}"


@functools.cache
def _read_table() -> dict[str, list[float]]:
    text = resources.files("clustermodel.analysis").joinpath("shape_null.json").read_text("utf-8")
    table: dict[str, list[float]] = json.loads(text)
    return table


@functools.cache
def look_up_null(polyhedron: str, *, centred: bool = False, missing: int = 0) -> NullRate:
    """Look up how random clusters fit a polyhedron.

    Parameters
    ----------
    polyhedron : str
        Name of the polyhedron.
    centred : bool, optional
        Whether an atom sits in its centre.
    missing : int, optional
        Number of empty corners.

    Returns
    -------
    NullRate
        Quantiles of their shape measures.

    Raises
    ------
    InputError
        If the table has no such row.

    Examples
    --------
    >>> look_up_null("icosahedron", centred=True).find_rate(0.1)
    0.005
    """
    row = _name_row(polyhedron, centred=centred, missing=missing)
    if row not in _read_table():
        msg = f"no random clusters were measured for {row!r}; use measure_null_rate"
        raise InputError(msg)
    return NullRate(
        polyhedron=polyhedron,
        centred=centred,
        missing=missing,
        percent=np.array(PERCENT, dtype=np.float64),
        measures=np.array(_read_table()[row]),
        settings=NullSettings(),
    )
