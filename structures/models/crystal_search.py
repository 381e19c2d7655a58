"""In which cell, and how turned, do copies of a rigid molecule touch without overlap at given distances?

The energy of a layout is its volume per molecule, plus a penalty for van der Waals spheres that overlap, plus
a penalty where the two shortest distances between molecular centres are not the wanted ones. All have exact
gradients, so that many random starts can be followed to their minima. Only groups without a principal axis of
order three or more are covered: the rotations are diagonal, in fractions and in Cartesian coordinates alike.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

__all__ = [
    "C2C",
    "FDDD",
    "Body",
    "Freedom",
    "Group",
    "Layout",
    "Search",
    "Terms",
    "build_cell",
    "build_trees",
    "find_pockets",
    "list_images",
    "measure_distances",
    "measure_energy",
    "measure_overlaps",
    "refine_layout",
    "search_layouts",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

REACH = 27.0  # Å; centres further apart have no contact: the rims of the molecules lie at most 13 Å out
SAME = 1e-3  # Å; distances closer than this belong to one shell, centres closer than this to one molecule
NEAR = 0.5  # Å; a sphere this close to another is in contact with it
BATCH, FOLLOWED, TURNS = 40, 6, 8  # random cells, those of them that are followed, and turns tried in each


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """A space group: signs of the diagonal rotations (m, 3), translations (m, 3) in quarters of the cell."""

    symbol: str
    signs: Integers
    quarters: Integers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Body:
    """A rigid molecule about its centre: the atoms (n, 3) that can touch others, and their radii in Å."""

    atoms: Floats
    radii: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """A cell (a, b, c in Å, beta in degrees), the centre of a molecule in fractions, and its turn (3, 3)."""

    lengths: Floats
    beta: float
    centre: Floats
    turn: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Freedom:
    """What a search may change: rows of (a, b, c, beta, x, y, z, three turns about Cartesian axes)."""

    cell: tuple[int, ...]
    centre: tuple[int, ...]
    turn: tuple[int, ...]

    def build_scales(self) -> Floats:
        """Return the change of all ten numbers (f, 10) for a step of each free one: about 1 Å at the rim."""
        scales = np.array([1.0, 1.0, 1.0, np.degrees(0.02), *[0.02] * 3, *[0.1] * 3])
        places = [*self.cell, *(4 + axis for axis in self.centre), *(7 + axis for axis in self.turn)]
        return np.asarray(np.diag(scales)[places])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Terms:
    """The wanted two shortest distances in Å, the part of the radii that counts, and the weights.

    `overlap` and `distance` are in Å3 of volume for Å2; `volume` is the weight of the volume itself, which is
    counted for one symmetry operation.
    """

    distances: tuple[float, float]
    scale: float
    overlap: float
    distance: float
    volume: float


def combine(symbol: str, point: tuple[tuple[int, ...], ...], shifts: tuple[tuple[int, ...], ...]) -> Group:
    """Return a group from representatives (signs, quarters), the inversion at the origin, and centrings."""
    signs, quarters = [], []
    for shift, inversion, row in itertools.product(shifts, (1, -1), point):
        signs.append([inversion * sign for sign in row[:3]])
        quarters.append([(inversion * part + added) % 4 for part, added in zip(row[3:], shift, strict=True)])
    return Group(symbol=symbol, signs=np.array(signs), quarters=np.array(quarters))


C2C = combine("C 1 2/c 1", ((1, 1, 1, 0, 0, 0), (-1, 1, -1, 0, 0, 2)), ((0, 0, 0), (2, 2, 0)))
FDDD = combine(
    "F d d d :2",
    ((1, 1, 1, 0, 0, 0), (-1, -1, 1, 3, 3, 0), (-1, 1, -1, 3, 0, 3), (1, -1, -1, 0, 3, 3)),
    ((0, 0, 0), (0, 2, 2), (2, 0, 2), (2, 2, 0)),
)


def build_cell(layout: Layout) -> Floats:
    """Return the cell matrix with a, b, c as columns: a along x, b along y."""
    a, b, c = layout.lengths
    beta = np.radians(layout.beta)
    return np.array([[a, 0.0, c * np.cos(beta)], [0.0, b, 0.0], [0.0, 0.0, c * np.sin(beta)]])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Images:
    """Copies of the molecule nearby: signs (k, 3), steps between the centres in fractions (k, 3) and in Å."""

    signs: Integers
    fractions: Floats
    steps: Floats


def list_images(group: Group, layout: Layout, reach: float = REACH) -> Images:
    """Return the copies around one molecule, nearest first, of a copy and its inverse only one."""
    cell = build_cell(layout)
    most = (reach * np.linalg.norm(np.linalg.inv(cell), axis=1) + 0.5).astype(
        int
    )  # the rows: 1 / plane spacings
    shifts = np.array(list(itertools.product(*(range(-n, n + 1) for n in most))))
    whole = group.quarters[:, None] + 4 * shifts[None]
    base = np.floor(group.signs * layout.centre + group.quarters / 4 - layout.centre + 0.5)
    whole = whole - 4 * base.astype(np.int64)[:, None]
    signs = np.broadcast_to(group.signs[:, None], whole.shape).reshape(-1, 3)
    whole = whole.reshape(-1, 3)
    fractions = signs * layout.centre + whole / 4 - layout.centre
    steps = fractions @ cell.T
    apart = np.linalg.norm(steps, axis=1)
    inverse = whole + signs * whole  # 0 where the copy is its own inverse; of two, the larger stays
    lead = np.where(
        inverse[:, 0] != 0, inverse[:, 0], np.where(inverse[:, 1] != 0, inverse[:, 1], inverse[:, 2])
    )
    keep = np.flatnonzero((apart < reach) & (apart > SAME) & (lead >= 0))
    keep = keep[np.argsort(apart[keep], kind="stable")]
    places = np.unique(np.round(steps[keep] / SAME).astype(np.int64), axis=0, return_index=True)[1]
    keep = keep[np.sort(places)]  # on a two-fold axis each copy is met twice
    return Images(signs=signs[keep], fractions=fractions[keep], steps=steps[keep])


def measure_distances(group: Group, layout: Layout, reach: float = REACH) -> Floats:
    """Return the different distances between molecular centres, shortest first."""
    apart = np.linalg.norm(list_images(group, layout, reach).steps, axis=1)
    return np.asarray(apart[np.diff(apart, prepend=0.0) > SAME])


def list_overlaps(
    body: Body, layout: Layout, images: Images, scale: float
) -> Iterator[tuple[int, Floats, Floats, Floats]]:
    """Yield for each copy that touches its number, the arms (p, 6) to both atoms, depths and directions."""
    own = body.atoms @ layout.turn.T
    rim = float(np.max(np.linalg.norm(own, axis=1) + body.radii))
    longest = 2.0 * float(body.radii.max()) * scale
    for number, (signs, step) in enumerate(zip(images.signs, images.steps, strict=True)):
        apart = float(np.linalg.norm(step))
        if apart > 2.0 * rim:
            continue
        ahead = step / apart
        here = np.flatnonzero(own @ ahead + body.radii > apart - rim)  # its sphere reaches the other's rim
        other = own * signs
        there = np.flatnonzero(other @ ahead - body.radii < rim - apart)
        if not len(here) or not len(there):
            continue
        pairs = cKDTree(own[here]).sparse_distance_matrix(
            cKDTree(other[there] + step), longest, output_type="ndarray"
        )
        one, two = here[pairs["i"]], there[pairs["j"]]
        depth = scale * (body.radii[one] + body.radii[two]) - pairs["v"]
        deep = depth > 0.0
        one, two, depth = one[deep], two[deep], depth[deep]
        ways = (other[two] + step - own[one]) / pairs["v"][deep, None]
        yield number, np.hstack([own[one], other[two]]), depth, ways


def measure_overlaps(group: Group, body: Body, layout: Layout, scale: float) -> Floats:
    """Return the depths in Å of all overlaps of scaled spheres of one molecule with its copies."""
    images = list_images(group, layout)
    found = [depth for _, _, depth, _ in list_overlaps(body, layout, images, scale)]
    return np.concatenate([*found, np.zeros(0)])


def pull_distances(images: Images, wanted: tuple[float, float]) -> tuple[float, Floats]:
    """Return the squared misfit of the two shortest distances, and its slope for every step (k, 3).

    The shortest distance, and any that is nearer to the first wanted one, shall be the first wanted one; the
    next shall be the second, and no other distance shall be shorter than that.
    """
    apart = np.linalg.norm(images.steps, axis=1)
    goal = np.where(apart < sum(wanted) / 2.0, wanted[0], np.maximum(apart, wanted[1]))
    goal[apart < apart.min(initial=np.inf) + SAME] = wanted[0]
    further = goal > wanted[0]
    goal[further & (apart < apart.min(initial=np.inf, where=further) + SAME)] = wanted[1]
    miss = apart - goal
    return float(miss @ miss), (2.0 * miss / apart)[:, None] * images.steps


def spread_slopes(layout: Layout, images: Images, slopes: Floats) -> Floats:
    """Return the slopes (7,) for a, b, c, beta and the centre that follow from those for the steps (k, 3)."""
    beta = np.radians(layout.beta)
    c = layout.lengths[2]
    along = np.array([np.cos(beta), 0.0, np.sin(beta)])
    across = c * np.array([-np.sin(beta), 0.0, np.cos(beta)])
    share = images.fractions
    answer = np.zeros(7)
    answer[0] = slopes[:, 0] @ share[:, 0]
    answer[1] = slopes[:, 1] @ share[:, 1]
    answer[2] = (slopes @ along) @ share[:, 2]
    answer[3] = np.radians((slopes @ across) @ share[:, 2])
    answer[4:] = np.sum((slopes @ build_cell(layout)) * (images.signs - 1.0), axis=0)
    return answer


def measure_energy(group: Group, body: Body, layout: Layout, terms: Terms) -> tuple[float, Floats]:
    """Return the energy of a layout and its slopes (10,): a, b, c, beta, centre, small Cartesian turns."""
    images = list_images(group, layout)
    misfit, slopes = pull_distances(images, terms.distances)
    energy, slopes = terms.distance * misfit, terms.distance * slopes
    moment = np.zeros((3, 3))
    if terms.overlap:
        for number, arms, depth, ways in list_overlaps(body, layout, images, terms.scale):
            energy += terms.overlap * float(depth @ depth)
            force = -2.0 * terms.overlap * depth[:, None] * ways
            slopes[number] += force.sum(axis=0)
            signs = images.signs[number]
            own, other = arms[:, :3], arms[:, 3:] * signs
            moment += other.T @ (force * signs) - own.T @ force
    a, b, c = layout.lengths
    beta = np.radians(layout.beta)
    each = terms.volume / len(group.signs)
    volume = each * a * b * c * np.sin(beta)
    torque = (moment - moment.T)[[1, 2, 0], [2, 0, 1]]
    answer = np.concatenate([spread_slopes(layout, images, slopes), torque])
    answer[:3] += volume / layout.lengths
    answer[3] += np.radians(each * a * b * c * np.cos(beta))
    return energy + volume, answer


def move_layout(layout: Layout, change: Floats) -> Layout:
    """Return the layout after a change (10,) in a, b, c, beta, centre and a rotation vector."""
    return Layout(
        lengths=layout.lengths + change[:3],
        beta=layout.beta + float(change[3]),
        centre=layout.centre + change[4:7],
        turn=Rotation.from_rotvec(change[7:]).as_matrix() @ layout.turn,
    )


def carry_turn(vector: Floats) -> Floats:
    """Return the left Jacobian (3, 3) of a rotation vector: from a change of it to the turn that it makes."""
    angle = float(np.linalg.norm(vector))
    x, y, z = vector
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    if angle < 1e-6:
        return np.asarray(np.eye(3) + cross / 2.0)
    one, two = (1.0 - np.cos(angle)) / angle**2, (angle - np.sin(angle)) / angle**3
    return np.asarray(np.eye(3) + one * cross + two * cross @ cross)


def refine_layout(
    group: Group, body: Body, layout: Layout, freedom: Freedom, terms: Terms, steps: int = 200
) -> tuple[float, Layout]:
    """Follow the slopes from a layout to a minimum of the energy."""
    scales = freedom.build_scales()

    def measure(free: Floats) -> tuple[float, Floats]:
        change = free @ scales
        moved = move_layout(layout, change)
        if moved.lengths.min() < 12.0 or not 60.0 < moved.beta < 120.0:
            return 1e9, np.zeros(len(free))
        energy, slopes = measure_energy(group, body, moved, terms)
        slopes[7:] = carry_turn(change[7:]).T @ slopes[7:]
        return energy, scales @ slopes

    answer = minimize(
        measure, np.zeros(len(scales)), jac=True, method="L-BFGS-B", options={"maxiter": steps, "maxcor": 20}
    )
    return float(answer.fun), move_layout(layout, answer.x @ scales)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Search:
    """What is packed, where it starts, what may change, the energy, the range of cell volumes in Å3."""

    group: Group
    body: Body
    start: Layout
    freedom: Freedom
    terms: Terms
    volumes: tuple[float, float]


def search_layouts(search: Search, seed: int) -> Iterator[tuple[float, Layout]]:
    """Yield without end the energies and layouts reached from random starts.

    Of each batch of starts those with the lowest energy are followed to their minima.
    """
    random = np.random.default_rng(seed)
    while True:
        starts = sorted((draw_start(search, random) for _ in range(BATCH)), key=lambda one: one[0])
        for _, layout in starts[:FOLLOWED]:
            yield refine_layout(search.group, search.body, layout, search.freedom, search.terms)


def draw_start(search: Search, random: np.random.Generator) -> tuple[float, Layout]:
    """Return a random cell with the wanted distances between points, and the best of some turns in it."""
    group, body, start, freedom = search.group, search.body, search.start, search.freedom
    active = np.any(freedom.build_scales(), axis=0)
    points = replace(search.terms, overlap=0.0, distance=1.0, volume=0.0)
    misfit, near = np.inf, start
    while misfit > 0.01 or measure_volume(near) > 1.2 * search.volumes[1]:
        shape = random.uniform(0.4, 1.6, 3)
        change = np.zeros(10)
        change[:3] = shape * (random.uniform(*search.volumes) / shape.prod()) ** (1.0 / 3.0) - start.lengths
        change[3] = random.uniform(-25.0, 25.0)
        change[4:7] = random.uniform(0.0, 1.0, 3)
        misfit, near = refine_layout(group, body, move_layout(start, change * active), freedom, points, 60)
    turned = []
    for _ in range(TURNS):
        vector = np.zeros(10)
        vector[7:] = random.uniform(0.0, 2.0 * np.pi, 3)
        if len(freedom.turn) == 3:
            vector[7:] = Rotation.random(rng=random).as_rotvec()
        turned.append(move_layout(near, vector * active))
    energies = [measure_energy(group, body, layout, search.terms)[0] for layout in turned]
    best = int(np.argmin(energies))
    return energies[best], turned[best]


def measure_volume(layout: Layout) -> float:
    """Return the volume of the cell in Å3."""
    return float(np.linalg.det(build_cell(layout)))


def build_trees(group: Group, body: Body, layout: Layout, margin: float = 8.0) -> list[tuple[float, cKDTree]]:
    """Return all atoms of the cell and of a margin (Å) around it, in one tree for each radius."""
    cell = build_cell(layout)
    own = np.linalg.solve(cell, layout.turn @ body.atoms.T).T + layout.centre
    atoms = np.vstack(
        [own * signs + quarters / 4 for signs, quarters in zip(group.signs, group.quarters, strict=True)]
    )
    radii = np.tile(body.radii, len(group.signs))
    wide = margin * np.linalg.norm(np.linalg.inv(cell), axis=1)
    found: dict[float, list[Floats]] = {radius: [] for radius in np.unique(radii).tolist()}
    for shift in itertools.product((-1, 0, 1), repeat=3):
        moved = atoms % 1.0 + shift
        near = np.all((moved > -wide) & (moved < 1.0 + wide), axis=1)
        for radius, kept in found.items():
            kept.append(moved[near & (radii == radius)] @ cell.T)
    return [(radius, cKDTree(np.vstack(kept))) for radius, kept in found.items()]


def find_pockets(
    group: Group, body: Body, layout: Layout, places: Floats, radius: float
) -> list[tuple[int, Floats]]:
    """Return the places (n, 3) of the cell that have room for a sphere; where it touches most atoms first.

    With each place (fractions) comes the number of atoms less than `NEAR` away from contact.
    """
    trees = build_trees(group, body, layout)
    points = places @ build_cell(layout).T
    for size, tree in trees:
        free = tree.query(points, distance_upper_bound=size + radius)[0] > size + radius
        places, points = places[free], points[free]
    touched = sum(
        tree.query_ball_point(points, size + radius + NEAR, return_length=True) for size, tree in trees
    )
    return [(int(touched[k]), places[k]) for k in np.argsort(-touched, kind="stable")]
