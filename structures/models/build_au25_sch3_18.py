"""Which coordinates of a crystal of [NMe4][Au25(SCH3)18] follow from topology and round distances alone.

Nothing here is measured. An icosahedral Au13 kernel carries six Au2(SCH3)3 staples along its three
two-fold axes; Au25S18 has the full symmetry Th, the methyl groups leave S6 (C3 and inversion). The round
lengths and angles below are the only inputs; the staple follows from them by restrained least squares. The
cell of C2/c and the two orientations are the smallest volume that a search on a fixed grid of whole numbers
finds, with the contact distances of van der Waals spheres as the only rule: no observed cell enters.

Run ``python structures/models/build_au25_sch3_18.py`` to write the CIF beside this script; the same
bytes come out every time.
"""

import argparse
import hashlib
import itertools
import sys
from dataclasses import dataclass
from pathlib import Path
from string import Template

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.spatial.distance import cdist
from scipy.spatial.transform import Rotation

__all__ = ["OUTPUT", "build_cation", "build_cluster", "main", "search_layout", "write_model"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Atoms = dict[str, Floats]  # Cartesian positions (Å) by CIF label

OUTPUT = Path(__file__).with_name("au25_sch3_18_nme4.cif")
TEMPLATE = Path(__file__).with_name("au25_sch3_18_nme4.cif.in")  # symmetry, names and the word MODEL

# Round targets. The topology is that of the anion Au25(SCH2CH2Ph)18: Heaven et al. 2008, doi
# 10.1021/ja800561b; Zhu et al. 2008, doi 10.1021/ja801173r. Each length and angle in gold and sulfur is a
# round number within what [T] shows: Tofanelli et al. 2016, doi 10.1039/C5SC02134K, COD 1540567 (neutral).
CENTRE_SHELL = 2.78  # Å; [T] mean 2.783; the 30 shell edges follow, 1.0515 times longer (icosahedron)
SHELL_S = 2.38  # Å, shell Au to terminal S; [T] 2.34 to 2.39
STAPLE_S = 2.31  # Å, staple Au to terminal and to central S; [T] 2.29 to 2.31
S_AU_S = 172.0  # degrees; [T] 170.5 to 174.8
AU_S_AU_CENTRAL = 100.0  # degrees; [T] 100.0 to 100.3
AU_S_AU_TERMINAL = 89.0  # degrees; [T] 86.5 to 90.3
AU_S_C = 105.0  # degrees, for both gold atoms of every S; [T] 102 to 116, mean 106
C_S = 1.82  # Å; Csp3-S, International Tables C, chapter 9.5
C_N = 1.50  # Å; Csp3-N+ of a quaternary ammonium, International Tables C, chapter 9.5
C_H = 1.09  # Å between nuclei; 1.089 in Allen & Bruno 2010, doi 10.1107/S0108768110012048
TETRAHEDRAL = float(np.degrees(np.arccos(-1.0 / 3.0)))  # every S-C-H, N-C-H, H-C-H, C-N-C
LENGTH_WEIGHT = 1.0 / 0.001  # restraint width 0.001 Å: the lengths are met, the angles share the rest
ANGLE_WEIGHT = 1.0 / 2.0  # restraint width 2 degrees: the spread of the angles in [T]

# In every staple of [T] the two terminal groups lie on one side of the staple plane and the central group
# on the other. The common sign is the one that leaves two, not three, methyl groups at a three-fold corner.
SIDES = (-1.0, 1.0, -1.0)

# Contact radii, Å: Bondi 1964, doi 10.1021/j100785a001 (H 1.20, C 1.70, N 1.55, S 1.80, Au 1.66).
RADII = {"H": 1.20, "C": 1.70, "N": 1.55, "S": 1.80, "Au": 1.66}
STIFFNESS = 1000.0  # Å; squared overlap to volume: leaves overlaps below 0.1 Å

MARGIN = 1e-6  # a gain must exceed rounding by far, so that every machine takes the same step

INVERSION = np.array([-1.0, -1.0, -1.0])
TWO_FOLD = np.array([-1.0, 1.0, -1.0])  # about b
CATION_REACH = 3.4  # Å; N to the surface of the outermost H
KERNEL_RADIUS = 4.0  # Å; between the shell (2.78) and the staples (5.0): nothing outside reaches further in

# The search walks on whole numbers: a, b, c in 0.01 Å; beta in 0.1 degrees; three Euler angles (zyz) of
# the cluster in 0.5 degrees; the y of N in 0.001; the turn of the cation about b in 0.5 degrees.
UNITS = np.array([0.01, 0.01, 0.01, 0.1, 0.5, 0.5, 0.5, 0.001, 0.5])
# A round point near the best end of 160 random starts (same cost, stiffness 600 Å, steps of any size).
START = (1350, 2200, 2550, 900, 280, 70, -20, 630, 80)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """One point of the search: cell matrix (columns a, b, c; a along x, b along y) and two placements."""

    lengths: Floats
    beta: float
    cell: Floats
    cluster_turn: Floats
    cation_turn: Floats
    nitrogen: Floats


def measure_angle(first: Floats, apex: Floats, last: Floats) -> float:
    """Return the angle first-apex-last in degrees."""
    one, two = first - apex, last - apex
    return float(np.degrees(np.arccos(one @ two / (np.linalg.norm(one) * np.linalg.norm(two)))))


def solve_staple() -> tuple[Floats, Floats, Floats, Floats]:
    """Return shell Au, terminal S, staple Au and central S of half a staple, all in the mirror plane y = 0.

    The staple on +z joins the shell atoms (±golden, 0, 1) over the edge (0, ±1, golden).
    """
    golden = (1.0 + np.sqrt(5.0)) / 2.0
    shell = CENTRE_SHELL * np.array([golden, 0.0, 1.0]) / np.hypot(golden, 1.0)
    embedding = np.eye(9)[[0, 2, 3, 5, 8]]  # x, z of the terminal S and of the staple Au, z of the central S

    def measure_misfit(free: Floats) -> list[float]:
        terminal, staple, central = (free @ embedding).reshape(3, 3)
        mirrored = staple * np.array([-1.0, 1.0, 1.0])
        return [
            LENGTH_WEIGHT * (float(np.linalg.norm(shell - terminal)) - SHELL_S),
            LENGTH_WEIGHT * (float(np.linalg.norm(terminal - staple)) - STAPLE_S),
            LENGTH_WEIGHT * (float(np.linalg.norm(staple - central)) - STAPLE_S),
            ANGLE_WEIGHT * (measure_angle(terminal, staple, central) - S_AU_S),
            ANGLE_WEIGHT * (measure_angle(staple, central, mirrored) - AU_S_AU_CENTRAL),
            ANGLE_WEIGHT * (measure_angle(shell, terminal, staple) - AU_S_AU_TERMINAL),
        ]

    start = np.array([3.8, 3.4, 1.8, 4.6, 6.0])  # Å; the V of a staple, outside its two shell atoms
    answer = least_squares(measure_misfit, start, xtol=1e-15, ftol=1e-15, gtol=1e-15)
    terminal, staple, central = (answer.x @ embedding).reshape(3, 3)
    return shell, terminal, staple, central


def build_hydrogens(carbon: Floats, away: Floats, reference: Floats, torsion: float) -> Floats:
    """Return three hydrogens (3, 3) on a carbon whose bond to its parent points along -away."""
    across = reference - (reference @ away) * away
    across /= np.linalg.norm(across)
    turns = np.radians(torsion + np.array([60.0, 180.0, 300.0]))
    ring = np.outer(np.cos(turns), across) + np.outer(np.sin(turns), np.cross(away, across))
    tilt = np.radians(TETRAHEDRAL)
    return np.asarray(carbon + C_H * (-np.cos(tilt) * away + np.sin(tilt) * ring))


def build_methyl(sulfur: Floats, golds: tuple[Floats, Floats], side: float, torsion: float) -> Floats:
    """Return C, H, H, H (4, 3) on a sulfur, on one side (±y) of the plane of its two gold atoms."""
    directions = [(gold - sulfur) / np.linalg.norm(gold - sulfur) for gold in golds]
    bisector = directions[0] + directions[1]
    bisector /= np.linalg.norm(bisector)
    inward = np.cos(np.radians(AU_S_C)) / float(bisector @ directions[0])
    away = inward * bisector + np.sqrt(1.0 - inward**2) * np.array([0.0, side, 0.0])
    carbon = sulfur + C_S * away
    return np.vstack([carbon, build_hydrogens(carbon, away, bisector, torsion)])


def build_staple(half: tuple[Floats, Floats, Floats, Floats], torsions: tuple[float, ...]) -> Floats:
    """Return the staple on +z (19, 3): 2 shell Au, 2 staple Au, 3 S, then C, H, H, H of each S."""
    shell, terminal, staple, central = half
    mirror = np.array([-1.0, 1.0, 1.0])
    methyls = [
        build_methyl(terminal, (shell, staple), SIDES[0], torsions[0]),
        build_methyl(central, (staple, staple * mirror), SIDES[1], torsions[1]),
        build_methyl(terminal * mirror, (shell * mirror, staple * mirror), SIDES[2], torsions[2]),
    ]
    heavy = [shell, shell * mirror, staple, staple * mirror, terminal, central, terminal * mirror]
    return np.vstack([*heavy, *methyls])


def turn_three_fold(positions: Floats, count: int) -> Floats:
    """Turn positions by a three-fold axis along (1, 1, 1)."""
    return np.roll(positions, count, axis=1)


def find_torsions(half: tuple[Floats, Floats, Floats, Floats]) -> tuple[float, ...]:
    """Return the methyl torsions (degrees, grid of 20) with the least steric repulsion in the free cluster.

    The sum of (contact radii / distance)^12 over hydrogen and every atom beyond its own methyl group and S.
    """
    elements = ["Au"] * 4 + ["S"] * 3 + ["C", "H", "H", "H"] * 3
    radii = np.array([RADII[element] for element in elements])
    group = np.array([-1, -2, -3, -4, 0, 1, 2, *np.repeat([0, 1, 2], 4)])
    hydrogens = np.flatnonzero(np.array(elements) == "H")
    reach = radii[hydrogens][:, None] + np.tile(radii, 6)
    reach[:, : len(radii)][group[hydrogens][:, None] == group] = 0.0
    best: float = np.inf
    answer: tuple[float, ...] = ()
    for torsions in itertools.product(range(0, 120, 20), repeat=3):
        staple = build_staple(half, torsions)
        images = [sign * turn_three_fold(staple, count) for count in range(3) for sign in (1.0, -1.0)]
        apart = np.maximum(cdist(staple[hydrogens], np.vstack(images)), C_H)  # no 0 for an atom with itself
        repulsion = float(np.sum((reach / apart) ** 12))
        if repulsion < best - MARGIN:
            best, answer = repulsion, torsions
    return answer


def build_cluster() -> Atoms:
    """Return the centre and one half of the cluster (three staples); the inversion gives the other half."""
    half = solve_staple()
    staple = build_staple(half, find_torsions(half))
    staples = [turn_three_fold(staple, count) for count in range(3)]
    golds = [arm[row] for rows in ((0, 1), (2, 3)) for arm in staples for row in rows]
    atoms: Atoms = {"Au1": np.zeros(3)}
    atoms |= {f"Au{number}": gold for number, gold in enumerate(golds, start=2)}
    atoms |= {
        f"S{number}": sulfur for number, sulfur in enumerate(np.vstack([arm[4:7] for arm in staples]), 1)
    }
    for number, methyl in enumerate(np.vstack([arm[7:] for arm in staples]).reshape(9, 4, 3), start=1):
        atoms |= label_methyl(number, methyl)
    return atoms


def label_methyl(number: int, methyl: Floats) -> Atoms:
    """Return the C and three H of a methyl group by label."""
    return dict(zip((f"C{number}", *(f"H{number}{letter}" for letter in "ABC")), methyl, strict=True))


def build_cation() -> Atoms:
    """Return N and two CH3 of NMe4+ about the origin; the two-fold axis along y gives the other two."""
    atoms: Atoms = {"N1": np.zeros(3)}
    corners = np.array([[1.0, 1.0, 1.0], [1.0, -1.0, -1.0]]) / np.sqrt(3.0)
    for number, away in enumerate(corners, start=10):
        hydrogens = build_hydrogens(C_N * away, away, away * TWO_FOLD, 0.0)
        atoms |= label_methyl(number, np.vstack([C_N * away, hydrogens]))
    return atoms


def read_layout(point: Integers) -> Layout:
    """Return the layout that a point of the whole-number grid stands for."""
    values = point * UNITS
    a, b, c = values[:3]
    beta = np.radians(values[3])
    return Layout(
        lengths=values[:3],
        beta=float(values[3]),
        cell=np.array([[a, 0.0, c * np.cos(beta)], [0.0, b, 0.0], [0.0, 0.0, c * np.sin(beta)]]),
        cluster_turn=Rotation.from_euler("zyz", values[4:7], degrees=True).as_matrix(),
        cation_turn=Rotation.from_euler("y", values[8], degrees=True).as_matrix(),
        nitrogen=np.array([0.0, values[7], 0.25]),
    )


def find_element(label: str) -> str:
    """Return the letters that a label begins with."""
    return "".join(itertools.takewhile(str.isalpha, label))


def complete_ion(half: Atoms, operation: Floats) -> tuple[Floats, Floats]:
    """Return positions and contact radii of a whole ion from its half and the operation that doubles it."""
    positions = np.array(list(half.values()))
    radii = np.array([RADII[find_element(label)] for label in half])
    return np.vstack([positions, positions[1:] * operation]), np.concatenate([radii, radii[1:]])


def list_shifts(offset: float) -> Floats:
    """Return fractional shifts to the clusters on 4a at z = 0 (offset 0) or z = 1/2, one of each ± pair."""
    steps = itertools.product(range(-3, 4), range(-3, 4), range(-2, 3))
    shifts = [(w + offset, v / 2, u / 2) for u, v, w in steps if (u + v) % 2 == 0]
    return np.array([shift[::-1] for shift in shifts if shift > (0.0, 0.0, 0.0)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contents:
    """What is packed: outer atoms of one cluster, one cation, their contact radii, and where clusters lie."""

    cluster: Floats
    cluster_radii: Floats
    cation: Floats
    cation_radii: Floats
    reach: float
    shifts: tuple[Floats, Floats]


def gather_contents(cluster: Atoms, cation: Atoms) -> Contents:
    """Return both whole ions ready for packing."""
    positions, radii = complete_ion(cluster, INVERSION)
    outer = np.linalg.norm(positions, axis=1) > KERNEL_RADIUS
    whole_cation, cation_radii = complete_ion(cation, TWO_FOLD)
    return Contents(
        cluster=positions[outer],
        cluster_radii=radii[outer],
        cation=whole_cation,
        cation_radii=cation_radii,
        reach=float(np.max(np.linalg.norm(positions, axis=1) + radii)),
        shifts=(list_shifts(0.0), list_shifts(0.5)),
    )


def sum_overlap(one: Floats, two: Floats, contact: Floats) -> float:
    """Return the sum of squared overlaps (Å²) of two sets of spheres."""
    return float(np.sum(np.maximum(contact - cdist(one, two), 0.0) ** 2))


def measure_overlap(contents: Contents, layout: Layout) -> float:
    """Return the sum of squared overlaps (Å²) of one cluster and one cation with their neighbours.

    Contacts come in pairs, by the inversion through a cluster and the two-fold axis of a cation, and one of
    each is counted. Two cations are never neighbours: clusters lie between them.
    """
    here, radii, reach = contents.cluster @ layout.cluster_turn.T, contents.cluster_radii, contents.reach
    total = 0.0
    for image, shifts in zip((here, here * TWO_FOLD), contents.shifts, strict=True):
        for shift in shifts @ layout.cell.T:
            apart = float(np.linalg.norm(shift))
            if apart < 2.0 * reach:
                near = here @ shift / apart + radii > apart - reach
                far = radii - image @ shift / apart > apart - reach
                contact = radii[near][:, None] + radii[far]
                total += sum_overlap(here[near], image[far] + shift, contact)
    cation = contents.cation @ layout.cation_turn.T
    contact = contents.cation_radii[:, None] + radii
    centres = np.vstack([contents.shifts[0], -contents.shifts[0], np.zeros((1, 3))])
    for shift in (centres - layout.nitrogen) @ layout.cell.T:
        if np.linalg.norm(shift) < reach + CATION_REACH:
            total += sum_overlap(cation, here + shift, contact)
    return total


def measure_cost(contents: Contents, point: Integers) -> float:
    """Return the volume per formula unit (Å³) with the penalty for overlaps."""
    layout = read_layout(point)
    return float(np.linalg.det(layout.cell)) / 4.0 + STIFFNESS * measure_overlap(contents, layout)


def search_layout(cluster: Atoms, cation: Atoms) -> Layout:
    """Return the layout of least cost near START: single and paired steps, shorter when stuck."""
    contents = gather_contents(cluster, cation)
    units = np.eye(len(START), dtype=np.int64)
    pairs = [one + sign * two for one, two in itertools.combinations(units, 2) for sign in (1, -1)]
    moves = [sign * move for move in (*units, *pairs) for sign in (1, -1)]
    point, best = np.array(START), measure_cost(contents, np.array(START))
    for step in (16, 4, 1):
        idle = 0
        for move in itertools.cycle(moves):
            if idle == len(moves):
                break
            cost = measure_cost(contents, point + step * move)
            idle += 1
            while cost < best - MARGIN:
                point, best, idle = point + step * move, cost, 0
                cost = measure_cost(contents, point + step * move)
    return read_layout(point)


def list_sites(atoms: Atoms, turn: Floats, centre: Floats, cell: Floats) -> list[str]:
    """Return the atom-site rows of half an ion; its first atom lies exactly on a site of multiplicity 4."""
    fractions = np.array(list(atoms.values())) @ turn.T @ np.linalg.inv(cell).T + centre
    rows: list[str] = []
    for label, fraction in zip(atoms, fractions, strict=True):
        x, y, z = np.round(fraction, 5) + 0.0  # -0.0 becomes 0.0
        site = f"{x:9.5f}{y:9.5f}{z:9.5f} 1 {8 if rows else 4}"
        rows.append(f"{label:<5}{find_element(label):<3}{site} calc . .")
    return rows


def write_model(path: Path) -> str:
    """Write the model crystal as CIF and return the SHA-256 of the file."""
    cluster, cation = build_cluster(), build_cation()
    layout = search_layout(cluster, cation)
    a, b, c = layout.lengths
    sites = [
        *list_sites(cluster, layout.cluster_turn, np.zeros(3), layout.cell),
        *list_sites(cation, layout.cation_turn, layout.nitrogen, layout.cell),
    ]
    text = Template(TEMPLATE.read_text(encoding="ascii")).substitute(
        script=Path(__file__).name,
        a=f"{a:.2f}",
        b=f"{b:.2f}",
        c=f"{c:.2f}",
        beta=f"{layout.beta:.1f}",
        sites="\n".join(sites),
    )
    content = text.encode("ascii")
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def main() -> None:
    """Write the file named on the command line, by default the one beside this script."""
    parser = argparse.ArgumentParser(description="Write the model crystal [NMe4][Au25(SCH3)18].")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="file to write")
    path: Path = parser.parse_args().output
    sys.stdout.write(f"{path} sha256 {write_model(path)}\n")


if __name__ == "__main__":
    main()
