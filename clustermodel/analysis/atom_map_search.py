"""Which atoms of two frameworks lie on each other? All good partial maps, the best first.

A map pairs metal atoms with metal atoms and donors with donors, one to one, some left over on either side,
under one rigid motion, proper or mirrored. It costs the sum of the squared distances; an atom without a
partner costs as much as one that is `reach` away from it, a pair of unlike elements half of that, and a pair
of a kernel with a shell atom a quarter. So the cost says whether a pair is better than none, and a few atoms
that differ cannot pull the rest astray.

Search: motions from congruent triples (`atom_map_seeds`) are ranked by the nearest metal atoms, improved by
nearest partners and superposition in turn (iterative closest point), told apart by their partners, and the
best are settled with the exact assignment :cite:t:`kuhn1955` and superposition in turn. Atoms are first put
into an order that does not depend on how they were listed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.analysis.atom_map_seeds import Motions, find_seeds, refit_motions, score_motions

__all__ = ["Framework", "FrameworkMap", "match_frameworks"]

_TOLERANCE = 1.0  # Å; distances of atoms pushed by 0.3 Å along each axis differ by less, 49 of 50 times
_TRIPLES = 8  # with two atoms of 25 that have no partner, all eight fail once in 10⁵ clusters
_MORE_TRIPLES = 24  # where the overlap is poor: with a third of the atoms without partner, once in 10⁴
_POOR = 0.9  # of the smaller framework; a map of fewer is looked for again
_SAMPLE = 20  # metal atoms that rank the seeds
_FOLLOWED = 20_000_000  # distances of a round of improvement: some 0.2 s
_ROUNDS = 2  # improvements; the settling does the rest
_FEWEST = 6  # metal atoms from which seeds are made; below, donors help
_MOST = 160  # maps settled: the 120 operations of an icosahedron and some
_LEAST = 30  # maps settled in any case
_SLACK = 1.5  # by how much of its cost a map may still improve when it is settled
_SETTLING = 30  # assignments and superpositions in turn; each lowers the cost, about 5 are needed
_SAME = 1e-4  # Å2; costs of maps that differ by rounding only


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Framework:
    """Metal and donor atoms as points.

    Parameters
    ----------
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å.
    kinds : ndarray of int, shape (n,)
        0 for metal atoms, 1 for donors; only like kinds are paired.
    traits : ndarray of int, shape (n, k)
        What else an atom is (its element, kernel or shell); every trait that differs costs.
    """

    positions: FloatArray = field(metadata={"unit": "Å"})
    kinds: IntArray
    traits: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        n = len(self.kinds)
        object.__setattr__(self, "positions", freeze_float(self.positions, (n, 3), "positions"))
        object.__setattr__(self, "kinds", freeze_int(self.kinds, (n,), "kinds"))
        object.__setattr__(self, "traits", freeze_int(self.traits, (n, None), "traits"))

    def select(self, atoms: IntArray) -> "Framework":
        """Return some of the atoms, in a given order.

        Parameters
        ----------
        atoms : ndarray of int
            The atoms to keep.

        Returns
        -------
        Framework
            These atoms.
        """
        return Framework(positions=self.positions[atoms], kinds=self.kinds[atoms], traits=self.traits[atoms])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameworkMap:
    """One partial map of a framework on another.

    Parameters
    ----------
    partners : ndarray of int, shape (n,)
        Atom of the second framework for every atom of the first, -1 for none.
    rotation : ndarray, shape (3, 3)
        Orthogonal matrix that turns the first framework onto the second.
    translation : ndarray, shape (3,)
        Translation in Å that follows.
    improper : bool
        Whether the first framework is mirrored.
    cost : float
        Sum of squared distances and of what atoms without partner and unlike pairs cost, in Å2.
    rmsd : float
        Root mean square distance of the pairs in Å.
    """

    partners: IntArray
    rotation: FloatArray
    translation: FloatArray = field(metadata={"unit": "Å"})
    improper: bool
    cost: float = field(metadata={"unit": "Å2"})
    rmsd: float = field(metadata={"unit": "Å"})

    @property
    def n_mapped(self) -> int:
        """Number of pairs."""
        return int((self.partners >= 0).sum())


def match_frameworks(
    first: Framework, second: Framework, *, reach: float, unlike: Sequence[float]
) -> tuple[FrameworkMap, ...]:
    """Map one framework on another.

    Parameters
    ----------
    first, second : Framework
        The frameworks; neither need be part of the other.
    reach : float
        Farthest partner of an atom in Å.
    unlike : sequence of float, length k
        What every trait costs where it differs, as a fraction of the square of `reach`.

    Returns
    -------
    tuple of FrameworkMap
        Different maps, the cheapest first; of equally cheap ones proper motions first. Empty where no three
        atoms can be paired.

    Examples
    --------
    >>> corner = np.array([[0.0, 0, 0], [3, 0, 0], [0, 4, 0], [0, 0, 5]])
    >>> metals = Framework(positions=corner, kinds=np.zeros(4), traits=np.zeros((4, 1)))
    >>> best = match_frameworks(metals.select(np.array([2, 0, 3])), metals, reach=1.5, unlike=[0.5])[0]
    >>> best.partners.tolist(), round(best.rmsd, 6)
    ([2, 0, 3], 0.0)
    """
    orders = _sort_atoms(first), _sort_atoms(second)
    swapped = _count_metals(first) > _count_metals(second)
    sides = (second.select(orders[1]), first.select(orders[0]))
    if not swapped:
        sides = sides[::-1]
    search = _Search(*sides, reach, unlike)
    maps = []
    for found in search.run():
        forward = _invert(found, len(first.kinds)) if swapped else found
        partners = np.full(len(first.kinds), -1, dtype=np.int64)
        held = forward.partners >= 0
        partners[orders[0][held]] = orders[1][forward.partners[held]]
        maps.append(replace(forward, partners=partners))
    return tuple(maps)


def _count_metals(framework: Framework) -> int:
    return int((framework.kinds == 0).sum())


def _sort_atoms(framework: Framework) -> IntArray:
    """Order atoms by kind and by their distance from the middle of the metal atoms."""
    metals = framework.positions[framework.kinds == 0]
    centre = (metals if len(metals) else framework.positions).mean(axis=0)
    radii = np.linalg.norm(framework.positions - centre, axis=1)
    return np.lexsort((radii, framework.kinds)).astype(np.int64)


def _invert(found: FrameworkMap, size: int) -> FrameworkMap:
    """Return the map of the second framework on the first."""
    partners = np.full(size, -1, dtype=np.int64)
    held = np.flatnonzero(found.partners >= 0)
    partners[found.partners[held]] = held
    return replace(
        found,
        partners=partners,
        rotation=found.rotation.T,
        translation=-found.rotation.T @ found.translation,
    )


class _Search:
    """Two frameworks, the one with fewer metal atoms first, and what a pair costs."""

    def __init__(self, source: Framework, target: Framework, reach: float, unlike: Sequence[float]) -> None:
        self.source, self.target, self.reach = source, target, reach
        differing = (source.traits[:, None] != target.traits[None]) @ np.asarray(unlike, dtype=np.float64)
        self.penalties = np.minimum(differing, 1.0) * reach**2
        self.blocks = [
            (np.flatnonzero(source.kinds == kind), np.flatnonzero(target.kinds == kind))
            for kind in np.unique(source.kinds)
        ]

    def run(self) -> list[FrameworkMap]:
        """Return different maps, the cheapest first."""
        found: dict[tuple[bytes, bool], FrameworkMap] = {}
        fewer = min(len(self.source.kinds), len(self.target.kinds))
        for triples in (_TRIPLES, _MORE_TRIPLES):
            self._collect(found, triples)
            if max((one.n_mapped for one in found.values()), default=0) >= _POOR * fewer:
                break
        return sorted(found.values(), key=lambda m: (round(m.cost / _SAME), m.improper, m.cost))

    def _collect(self, found: dict[tuple[bytes, bool], FrameworkMap], triples: int) -> None:
        """Add the maps that a number of triples leads to."""
        motions, scores = self._follow(self._seed(triples))
        least = min((one.cost for one in found.values()), default=np.inf)
        for rank, row in enumerate(np.argsort(scores, kind="stable")[:_MOST]):
            if rank >= _LEAST and scores[row] > _SLACK * least + self.reach**2:
                break
            settled = self._settle(motions.select(np.array([row])))
            if settled is not None:
                least = min(least, settled.cost)
                key = (settled.partners.tobytes(), settled.improper)
                if key not in found or settled.cost < found[key].cost:
                    found[key] = settled

    def _seed(self, triples: int) -> Motions:
        """Return motions from congruent triples, those that lay the metal atoms well first."""
        few = min(_count_metals(self.source), _count_metals(self.target)) < _FEWEST
        points, reference = (
            framework.positions if few else framework.positions[framework.kinds == 0]
            for framework in (self.source, self.target)
        )
        seeds = find_seeds(points, reference, triples=triples, tolerance=_TOLERANCE)
        sample = np.unique(np.linspace(0, len(points) - 1, _SAMPLE).astype(np.int64))
        scores, _ = score_motions(seeds, points[sample], reference, self.reach)
        most = max(_MOST, _FOLLOWED // (20 * len(points) * len(reference)))
        return seeds.select(np.argsort(scores, kind="stable")[:most])

    def _follow(self, motions: Motions) -> tuple[Motions, FloatArray]:
        """Improve motions by nearest partners; return those that differ, and their scores."""
        for _ in range(_ROUNDS):
            partners = self._find_nearest(motions)[1]
            rows = _tell_apart(partners, motions)
            rows = rows[(partners[rows] >= 0).sum(axis=1) >= 3]
            motions = refit_motions(
                motions.select(rows), self.source.positions, self.target.positions, partners[rows]
            )
        scores, partners = self._find_nearest(motions)
        rows = _tell_apart(partners, motions)
        return motions.select(rows), scores[rows]

    def _find_nearest(self, motions: Motions) -> tuple[FloatArray, IntArray]:
        """Return scores and nearest like atoms, shape (k,) and (k, n)."""
        scores = np.zeros(len(motions))
        partners = np.full((len(motions), len(self.source.kinds)), -1, dtype=np.int64)
        for rows, columns in self.blocks:
            part, nearest = score_motions(
                motions, self.source.positions[rows], self.target.positions[columns], self.reach
            )
            scores += part
            if len(columns):
                partners[:, rows] = np.where(nearest >= 0, columns[nearest], -1)
        return scores, partners

    def _settle(self, motion: Motions) -> FrameworkMap | None:
        """Return the map that one motion leads to, None if it pairs fewer than three atoms."""
        last: IntArray | None = None
        for _ in range(_SETTLING):
            partners, cost, square = self._pair(motion)
            if last is not None and np.array_equal(last, partners):
                break
            if (partners >= 0).sum() < 3:
                return None
            motion = refit_motions(motion, self.source.positions, self.target.positions, partners[None])
            last = partners
        return FrameworkMap(
            partners=partners,
            rotation=motion.rotations[0],
            translation=motion.translations[0],
            improper=bool(motion.improper[0]),
            cost=cost,
            rmsd=float(np.sqrt(square / max(int((partners >= 0).sum()), 1))),
        )

    def _pair(self, motion: Motions) -> tuple[IntArray, float, float]:
        """Return the cheapest partners for a motion, their cost and the sum of their squared distances."""
        images = self.source.positions @ motion.rotations[0].T + motion.translations[0]
        partners = np.full(len(images), -1, dtype=np.int64)
        cost = square = 0.0
        for rows, columns in self.blocks:
            squares = cdist(images[rows], self.target.positions[columns], "sqeuclidean")
            gains = self.reach**2 - squares - self.penalties[np.ix_(rows, columns)]
            # Atoms without a partner within reach are left out: assignments with many ties are slow.
            near = np.flatnonzero((gains > 0).any(axis=1)), np.flatnonzero((gains > 0).any(axis=0))
            choice = np.maximum(gains[np.ix_(*near)], 0.0)
            first, second = linear_sum_assignment(choice, maximize=True)
            held = choice[first, second] > 0
            pairs = near[0][first[held]], near[1][second[held]]
            cost += self.reach**2 * min(len(rows), len(columns)) - float(gains[pairs].sum())
            partners[rows[pairs[0]]] = columns[pairs[1]]
            square += float(squares[pairs].sum())
        return partners, cost, square


def _tell_apart(partners: IntArray, motions: Motions) -> IntArray:
    """Return the first of all motions that have the same partners and hand."""
    numbers = np.random.default_rng(0).integers(1, 1 << 62, partners.shape[1] + 1)  # one for every place
    keys = (partners + 2) @ numbers[:-1] + motions.improper * numbers[-1]
    return np.sort(np.unique(keys, return_index=True)[1])
