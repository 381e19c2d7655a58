"""In which ways can one ligand stand on its metal atoms? Both sides of a bridge, and all its turns."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.cluster.models.ligand_templates import LigandTemplate, Turn

__all__ = ["Stand", "list_rotamers", "measure_spans"]

_M_DONOR_X = (103.0, 113.0)  # degrees; of the 102 to 116 in tofanelli2016
_MISFIT = 0.6  # Å; a chelate that misses its second donor by more in every turn keeps the nearest


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stand:
    """Where a ligand stands.

    Parameters
    ----------
    donors : ndarray, shape (d, 3)
        Its donor atoms in Å.
    metals : tuple of ndarray, each of shape (m, 3)
        The metal atoms that hold each donor in Å.
    """

    donors: FloatArray
    metals: tuple[FloatArray, ...]


def list_rotamers(template: LigandTemplate, stand: Stand, most: int) -> FloatArray:
    """List the ways a ligand can stand.

    Parameters
    ----------
    template : LigandTemplate
        The free ligand.
    stand : Stand
        Donors and metal atoms.
    most : int
        Largest number of rotamers of a chelate: those whose backbone fits its donors best.

    Returns
    -------
    ndarray, shape (r, n, 3)
        Positions of all its atoms in Å.
    """
    if len(template.elements) == 1:
        return stand.donors[None]
    inner = [turn for turn in template.turns if turn.bond[0] >= 0]
    if len(template.donors) > 1:
        donors = set(template.donors)
        backbone = [turn for turn in inner if donors & set(turn.moved)]
        shapes = _turn_all(template.positions[None], backbone)
        others = [turn for turn in inner if turn not in backbone]
        each = int(np.prod([turn.steps for turn in others]))
        return _turn_all(_stand_chelate(template, stand, shapes, max(most // each, 1)), others)
    shapes = _turn_all(template.positions[None], inner)
    if len(stand.metals[0]) > 1:
        frames = list(_find_bridge_frames(stand))
    else:
        whole = [turn for turn in template.turns if turn.bond[0] < 0]
        frames = list(_find_terminal_frames(stand, whole))
    own = _find_own_frame(template) if len(stand.metals[0]) > 1 else np.eye(3)
    local = shapes @ own
    return np.concatenate([local @ frame + stand.donors[0] for frame in frames])


def measure_spans(template: LigandTemplate) -> FloatArray:
    """Measure how far apart the donors of a ligand can be.

    Parameters
    ----------
    template : LigandTemplate
        The free ligand.

    Returns
    -------
    ndarray, shape (d, d)
        Distance of each two donors in Å, the mean of all turns: the ring that closes over the metal atoms
        keeps a chelate from its longest.

    Examples
    --------
    >>> from clustermodel.cluster.models.ligand_templates import find_template
    >>> round(float(measure_spans(find_template("dppe"))[0, 1]), 1)
    3.6
    """
    donors = set(template.donors)
    turns = [t for t in template.turns if t.bond[0] >= 0 and donors & set(t.moved) and donors - set(t.moved)]
    points = _turn_all(template.positions[None], turns)[:, list(template.donors)]
    return np.asarray(np.linalg.norm(points[:, :, None] - points[:, None], axis=3).mean(axis=0))


def _turn_all(shapes: FloatArray, turns: list[Turn]) -> FloatArray:
    """Return the shapes in every combination of turns."""
    for turn in turns:
        angles = 2 * np.pi / turn.fold / turn.steps * np.arange(turn.steps)
        shapes = np.concatenate([_turn(shapes, turn, angle) for angle in angles])
    return shapes


def _turn(shapes: FloatArray, turn: Turn, angle: float) -> FloatArray:
    moved = list(turn.moved)
    origin = shapes[:, None, turn.bond[0]]
    axis = shapes[:, turn.bond[1]] - shapes[:, turn.bond[0]]
    axis = (axis / np.linalg.norm(axis, axis=1, keepdims=True))[:, None]
    arms = shapes[:, moved] - origin
    along = np.sum(arms * axis, axis=2, keepdims=True) * axis
    across = arms - along
    turned = shapes.copy()
    turned[:, moved] = origin + along + np.cos(angle) * across + np.sin(angle) * np.cross(axis, across)
    return turned


def _find_own_frame(template: LigandTemplate) -> FloatArray:
    """Return the matrix from template axes to those of its bond: x along it, y towards the metal."""
    donor = template.donors[0]
    first = next(b if a == donor else a for a, b in template.bonds if donor in (a, b))
    return _build_frame(template.positions[first] - template.positions[donor], np.array([-1.0, 0.0, 0.0])).T


def _build_frame(along: FloatArray, towards: FloatArray) -> FloatArray:
    """Return orthonormal rows: along, the part of `towards` across it, and the third."""
    x = along / np.linalg.norm(along)
    y = towards - (towards @ x) * x
    y /= np.linalg.norm(y)
    return np.array([x, y, np.cross(x, y)])


def _find_bridge_frames(stand: Stand) -> Iterator[FloatArray]:
    """Yield the frames of a substituent at equal angles to all metal atoms of a donor, on both sides."""
    arms = stand.metals[0] - stand.donors[0]
    arms /= np.linalg.norm(arms, axis=1, keepdims=True)
    middle = arms.sum(axis=0)
    middle /= np.linalg.norm(middle)
    normal = np.cross(arms[0], arms[1])
    normal /= np.linalg.norm(normal)
    if len(arms) > 2:
        yield _build_frame(-middle, arms[0])
        return
    for angle, side in itertools.product(_M_DONOR_X, (1.0, -1.0)):
        inward = max(np.cos(np.radians(angle)) / float(arms[0] @ middle), -1.0)
        yield _build_frame(inward * middle + side * np.sqrt(1 - inward**2) * normal, arms[0])


def _find_terminal_frames(stand: Stand, turns: list[Turn]) -> Iterator[FloatArray]:
    away = stand.donors[0] - stand.metals[0][0]
    frame = _build_frame(away, np.eye(3)[np.argmin(np.abs(away))])
    steps, fold = (turns[0].steps, turns[0].fold) if turns else (1, 1)
    for angle in 2 * np.pi / fold / steps * np.arange(steps):
        c, s = np.cos(angle), np.sin(angle)
        yield np.array([[1, 0, 0], [0, c, s], [0, -s, c]]) @ frame


def _stand_chelate(template: LigandTemplate, stand: Stand, shapes: FloatArray, most: int) -> FloatArray:
    """Lay donors and the lone pairs of a chelate on donors and metal atoms; keep the best of its shapes."""
    goal = np.vstack([stand.donors, *(m.mean(axis=0)[None] for m in stand.metals)])
    source = np.concatenate([shapes[:, list(template.donors)], _find_lone_pairs(template, shapes)], axis=1)
    centre, middle = source.mean(axis=1, keepdims=True), goal.mean(axis=0)
    left, _, right = np.linalg.svd(np.swapaxes(source - centre, 1, 2) @ (goal - middle))
    signs = np.ones((len(shapes), 3))
    signs[:, 2] = np.sign(np.linalg.det(left @ right))
    turn = (left * signs[:, None]) @ right
    misfit = np.linalg.norm((source - centre) @ turn + middle - goal, axis=2).max(axis=1)
    laid = (shapes - centre) @ turn + middle
    order = np.argsort(misfit, kind="stable")
    good = int(np.sum(misfit[order] < max(_MISFIT, misfit[order[0]] + 0.1)))
    return np.asarray(laid[order[: min(good, most)]])


def _find_lone_pairs(template: LigandTemplate, shapes: FloatArray) -> FloatArray:
    """Return the place of the metal at each donor of a chelate, opposite to its substituents."""
    places = []
    for donor in template.donors:
        around: IntArray = np.array([b if a == donor else a for a, b in template.bonds if donor in (a, b)])
        arms = shapes[:, around] - shapes[:, None, donor]
        back = -np.sum(arms / np.linalg.norm(arms, axis=2, keepdims=True), axis=1)
        places.append(shapes[:, donor] + 2.29 * back / np.linalg.norm(back, axis=1, keepdims=True))
    return np.stack(places, axis=1)
