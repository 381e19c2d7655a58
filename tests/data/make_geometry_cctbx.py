"""Write geometry_cctbx.json: distances, angles, torsions and mean-square amplitudes as cctbx computes them.

Needs cctbx (BSD-like licence), no dependency of the project: ``pip install cctbx-base numpy`` in an
environment of its own, then ``python tests/data/make_geometry_cctbx.py``. The crystals are random;
coordinates have independent errors (a diagonal covariance matrix), and so have the constants of the cell that
the lattice leaves free. Values and standard uncertainties are in Å and degree, mean-square amplitudes in Å2.
"""

import importlib.metadata
import json
import math
import random
from pathlib import Path

from cctbx import adptbx, covariance, crystal, geometry, sgtbx, uctbx, xray
from cctbx.array_family import flex

# Group, cell, and which constants of the cell have an error of their own.
CRYSTALS = {
    "P -1": ((7.1, 8.3, 9.7, 81.0, 97.0, 105.0), (0, 1, 2, 3, 4, 5)),
    "P 1 21/c 1": ((9.4, 7.7, 12.1, 90.0, 112.0, 90.0), (0, 1, 2, 4)),
    "P 21 21 21": ((8.2, 9.9, 11.3, 90.0, 90.0, 90.0), (0, 1, 2)),
}
ROWS = 8  # of each kind for each crystal
VALUES = {
    2: (geometry.distance, "distance_model"),
    3: (geometry.angle, "angle_model"),
    4: (geometry.dihedral, "dihedral_model"),
}


def draw_crystal(name, cell, free, rng):
    """Return a random crystal as plain numbers."""
    count = 5
    return {
        "group": name,
        "cell": list(cell),
        "cell_su": [round(rng.uniform(0.001, 0.02), 4) if i in free else 0.0 for i in range(6)],
        "fract": [[round(rng.uniform(0, 1), 4) for _ in range(3)] for _ in range(count)],
        "fract_su": [[round(rng.uniform(1e-4, 9e-4), 5) for _ in range(3)] for _ in range(count)],
        "u": [draw_displacement(rng) for _ in range(count)],
        "u_su": [[round(rng.uniform(0.001, 0.004), 4) for _ in range(6)] for _ in range(count)],
        "rows": [],
        "rigid_bonds": [],
    }


def draw_displacement(rng):
    """Return U11 U22 U33 U23 U13 U12 of an ellipsoid."""
    return [round(rng.uniform(0.02, 0.06), 4) for _ in range(3)] + [
        round(rng.uniform(-0.01, 0.01), 4) for _ in range(3)
    ]


def fill(data, rng):
    """Add the values that cctbx computes."""
    structure = xray.structure(
        crystal_symmetry=crystal.symmetry(uctbx.unit_cell(data["cell"]), data["group"]),
        scatterers=flex.xray_scatterer(
            [xray.scatterer(f"C{i}", site=x, u=0.02) for i, x in enumerate(data["fract"])]
        ),
    )
    flags = structure.scatterer_flags()
    for flag in flags:
        flag.set_grad_site(True)
    structure.set_scatterer_flags(flags)
    cell, sites, parameters = structure.unit_cell(), structure.sites_frac(), structure.parameter_map()
    diagonal = [su**2 for row in data["fract_su"] for su in row]
    matrix = covariance.orthogonalize_covariance_matrix(pack(diagonal), cell, parameters)
    operations = [operation.as_xyz() for operation in structure.space_group()]
    for width, (kind, name) in VALUES.items():
        for _ in range(ROWS):
            atoms = rng.sample(range(len(sites)), width)
            images = [draw_image(operations, rng) for _ in atoms]
            if width == 2:  # cctbx leaves the first atom of a distance where it is listed
                images[0] = "x,y,z"
            moved = [sgtbx.rt_mx(text) for text in images]
            value = kind([cell.orthogonalize(op * sites[i]) for i, op in zip(atoms, moved, strict=True)])
            own = covariance.extract_covariance_matrix_for_sites(flex.size_t(atoms), matrix, parameters)
            data["rows"].append(
                {
                    "atoms": atoms,
                    "images": images,
                    "value": getattr(value, name),
                    "su_coordinates": find_coordinate_su(value, own, cell, moved),
                    "su_cell": find_cell_su(value, data["cell_su"], cell, moved),
                }
            )
    for first in range(1, len(sites)):
        for second in range(first):
            data["rigid_bonds"].append(compare(data, cell, first, second, draw_image(operations, rng)))


def find_coordinate_su(value, matrix, cell, moved):
    """Return the s.u. from the coordinates alone, which must be of different sites.

    For two images of one site cctbx takes a wrong block of the covariance matrix (2025.11: some variances
    are negative), and the derivatives of its dihedral are not those of finite differences: none is written.
    """
    none = pack([0.0] * 6)
    if isinstance(value, geometry.dihedral):
        return None
    operations = moved[1] if isinstance(value, geometry.distance) else moved
    return math.sqrt(value.variance(matrix, none, cell, operations))


def find_cell_su(value, cell_su, cell, moved):
    """Return the s.u. from the cell alone; cctbx takes and gives degrees and radians as noted."""
    count = {geometry.distance: 2, geometry.angle: 3, geometry.dihedral: 4}[type(value)]
    turn = math.pi / 180
    unit = turn if count == 4 else 1.0  # angles of the cell: radians for a dihedral, else degrees
    lattice = pack([su**2 if i < 3 else (unit * su) ** 2 for i, su in enumerate(cell_su)])
    operations = moved[1] if count == 2 else moved
    su = math.sqrt(value.variance(pack([0.0] * 3 * count), lattice, cell, operations))
    return su / turn if count == 3 else su


def compare(data, cell, first, second, image):
    """Return the mean-square amplitudes of two atoms along their vector, and the s.u. of the difference."""
    op = sgtbx.rt_mx(image)
    other = op(data["fract"][second])
    along = adptbx.mean_square_displacement(
        cell, [b - a for a, b in zip(data["fract"][first], other, strict=True)]
    )
    scales = cell.reciprocal_parameters()[:3]
    amplitudes, variance = [], 0.0
    for site, turn in ((first, None), (second, op)):
        star = adptbx.u_cif_as_u_star(cell, cctbx_order(data["u"][site]))
        amplitudes.append(along(turn(star) if turn else star).value)
        for k, (i, j) in enumerate(((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))):
            unit = [0.0] * 6
            unit[k] = scales[i] * scales[j]
            unit = cctbx_order(unit)  # the amplitude is linear in the tensor
            slope = along(turn(unit) if turn else unit).value
            variance += (slope * data["u_su"][site][k]) ** 2
    return {
        "atoms": [first, second],
        "image": image,
        "amplitudes": amplitudes,
        "su": math.sqrt(max(variance, 0.0)),
    }


def cctbx_order(u):
    """Return U11 U22 U33 U12 U13 U23."""
    return (*u[:3], u[5], u[4], u[3])


def pack(diagonal):
    """Return a diagonal matrix as the packed upper triangle that cctbx takes."""
    n = len(diagonal)
    return flex.double([diagonal[i] if i == j else 0.0 for i in range(n) for j in range(i, n)])


def draw_image(operations, rng):
    shift = [rng.randint(-1, 1) for _ in range(3)]
    parts = rng.choice(operations).split(",")
    return ",".join(f"{part}{s:+d}" if s else part for part, s in zip(parts, shift, strict=True))


def main():
    rng = random.Random(20)
    crystals = []
    for name, (cell, free) in CRYSTALS.items():
        crystals.append(draw_crystal(name, cell, free, rng))
        fill(crystals[-1], rng)
    data = {"cctbx": importlib.metadata.version("cctbx-base"), "crystals": crystals}
    target = Path(__file__).with_name("geometry_cctbx.json")
    target.write_text(json.dumps(data) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
