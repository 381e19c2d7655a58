"""How well does each arrangement meet the target lengths, and what extents follow? Restrained least squares.

Every arrangement is fitted twice at most: once quickly, from one start, and the best of each kind again, from
several starts, to the last digit. All get the same targets, so their costs compare. The score is half the sum
of squared residuals, the two published extents counted as two more restraints.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from arrangements import Arrangement, declare_topology, describe_joins
from numpy.typing import NDArray
from skeleton_measures import LENGTH, WIDTH, Measures, measure_skeleton, measure_twist

from clustermodel.cluster.models.restraints import fit_positions
from clustermodel.cluster.models.skeleton import Skeleton, build_skeleton
from clustermodel.cluster.models.skeleton_fit import fit_skeleton, restrain_skeleton
from clustermodel.cluster.models.start import place_skeleton
from clustermodel.cluster.models.targets import find_targets

__all__ = [
    "EXTENT_WIDTH",
    "STARTS",
    "TARGETS",
    "FittedArrangement",
    "describe_fit",
    "refine_fit",
    "screen_fit",
]

TARGETS = {"radial": 2.83, "surface": 2.95}  # Å; the ratio of an icosahedron lies between theirs and 1
EXTENT_WIDTH = 0.3  # Å; half of what the choice of the atoms changes: the paper does not name them
STARTS = 3  # of the thorough fit
SHAKE = 0.3  # Å; the plain start is a saddle for arrangements with mirrors
TOLERANCE, STEPS = 1e-3, 60  # of the quick fit: it need only tell 10 from 100


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedArrangement:
    """An arrangement with its fit.

    Parameters
    ----------
    arrangement : Arrangement
        The arrangement.
    cost : float
        Half the sum of the squared residuals.
    measures : Measures
        Extents and mean length.
    twists : tuple of float
        Turn of the middle atoms of the two units, in degrees.
    worst : dict of str to float
        Largest residual of lengths, angles and contacts in widths; empty after the quick fit.
    """

    arrangement: Arrangement
    cost: float = field(metadata={"unit": ""})
    measures: Measures
    twists: tuple[float, float] = field(metadata={"unit": "degree"})
    worst: dict[str, float]

    @property
    def score(self) -> float:
        """Cost with the two extents as two more restraints."""
        misses = (self.measures.length - LENGTH, self.measures.width - WIDTH)
        return self.cost + sum((miss / EXTENT_WIDTH) ** 2 for miss in misses) / 2


def screen_fit(arrangement: Arrangement) -> FittedArrangement:
    """Fit an arrangement quickly, from one start.

    Parameters
    ----------
    arrangement : Arrangement
        The arrangement.

    Returns
    -------
    FittedArrangement
        Its fit.
    """
    topology = declare_topology(arrangement, TARGETS)
    skeleton = build_skeleton(topology)
    start = place_skeleton(topology, skeleton)
    shell = np.arange(len(start)) >= skeleton.kernel
    start = start + SHAKE * np.random.default_rng(1).normal(size=start.shape) * shell[:, None]
    restraints = restrain_skeleton(skeleton, find_targets(topology.targets))
    positions, cost = fit_positions(restraints, start, tolerance=TOLERANCE, steps=STEPS)
    return _collect(arrangement, skeleton, positions, cost, {})


def refine_fit(arrangement: Arrangement, targets: dict[str, float] | None = None) -> FittedArrangement:
    """Fit an arrangement thoroughly, from several starts.

    Parameters
    ----------
    arrangement : Arrangement
        The arrangement.
    targets : dict of str to float, optional
        Other targets than `TARGETS`.

    Returns
    -------
    FittedArrangement
        Its best fit.
    """
    fit = fit_skeleton(declare_topology(arrangement, targets or TARGETS), starts=STARTS)
    return _collect(arrangement, fit.skeleton, fit.positions, fit.cost, fit.worst)


def _collect(
    arrangement: Arrangement,
    skeleton: Skeleton,
    positions: NDArray[np.float64],
    cost: float,
    worst: dict[str, float],
) -> FittedArrangement:
    gold = np.array(skeleton.elements) == "Au"
    place = dict(zip(skeleton.names, positions, strict=True))
    shared = np.array([place[f"s{k}"] for k in range(4)])
    one, two = (measure_twist(np.array([place[f"{u}{k}"] for k in range(4)]), shared) for u in "ab")
    return FittedArrangement(
        arrangement=arrangement,
        cost=cost,
        measures=measure_skeleton(positions[gold], positions[: skeleton.kernel]),
        twists=(one, two),
        worst=worst,
    )


def describe_fit(fitted: FittedArrangement) -> dict[str, Any]:
    """Return a fit as a table for JSON, lengths in Å and angles in degrees.

    Parameters
    ----------
    fitted : FittedArrangement
        The fit.

    Returns
    -------
    dict
        Name, what is joined, cost, score and measures.
    """
    arrangement = fitted.arrangement
    held = list(arrangement.donors.values())
    free = len({v for u in arrangement.kernel.units for v in u.vertices if v}) - len(held)
    return {
        "name": arrangement.name,
        "kernel": arrangement.kernel.name,
        "order": arrangement.order,
        "staples": [list(pair) for pair in arrangement.staples],
        "bridges": [list(pair) for pair in arrangement.bridges],
        "hubs": list(arrangement.hubs),
        "staples_join": describe_joins(arrangement, arrangement.staples),
        "bridges_join": describe_joins(arrangement, arrangement.bridges),
        "vertices_with_0_1_2_S": [free, held.count(1), held.count(2)],
        "cost": round(fitted.cost, 2),
        "score": round(fitted.score, 2),
        **{key: round(value, 3) for key, value in asdict(fitted.measures).items()},
        "twists": [round(twist, 1) for twist in fitted.twists],
        "worst": {key: round(value, 2) for key, value in fitted.worst.items()},
    }
