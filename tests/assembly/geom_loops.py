"""Tables of geometry that authors deposited: reading symmetry codes, and what rounding allows."""

import re
from collections import defaultdict

import gemmi
import numpy as np

from clustermodel.io.cif_values import find_value, parse_number, read_columns

CELL_ITEMS = [f"_cell_length_{x}" for x in "abc"] + [f"_cell_angle_{x}" for x in ("alpha", "beta", "gamma")]
OPERATION_ITEMS = ("_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz")
CODE = re.compile(r"^(\d+)(?:_(\d)(\d)(\d))?$")
TOLERANCE = 0.1  # Å: images of one site nearer than this are one atom, as in the assembly

POWDER = "powder refinement with rigid bodies: uncertainties of coordinates and bonds are not of one model"
RIGID = "rigid group: its atoms have uncertainties, the distances inside have none"
ONE_DIGIT = "coordinates with an uncertainty of 1 in the last digit, which may be half or 1.5 as large"


def read_operations(block):
    columns = read_columns(block, dict(zip("ab", OPERATION_ITEMS, strict=True)))
    return [gemmi.Op(text) for text in next(iter(columns.values()), [])]


def decode(code, operations, group):
    """Return operation and shift of a symmetry code such as 2_765, None if it cannot be read."""
    if code in {"", "."}:
        return 0, np.zeros(3, dtype=int)
    match = CODE.match(code)
    if match is None or int(match[1]) > len(operations):
        return None
    listed = operations[int(match[1]) - 1]
    shift = np.array([int(digit) - 5 for digit in match.groups()[1:]] if match[2] else [0, 0, 0])
    for index in np.flatnonzero((group.rotations == np.array(listed.rot) // gemmi.Op.DEN).all(axis=(1, 2))):
        cells = np.array(listed.tran) / gemmi.Op.DEN - group.translations[index]
        if np.allclose(cells, np.rint(cells)):
            return int(index), shift + np.rint(cells).astype(int)
    return None


def index_labels(sites):
    """Return the sites that a label of a table may mean: several where the file repeats it."""
    sites_of = defaultdict(list)
    for index, label in enumerate(sites.labels):
        for spelling in {label, label.partition("#")[0]}:
            sites_of[spelling].append(index)
    return sites_of


def read_cell_steps(crystal, block):
    """Return the last digits of the cell constants: of ln a, ln b, ln c and of the angles in radians."""
    numbers = [parse_number(find_value(block, item)) for item in CELL_ITEMS]
    steps = np.array([n.step for n in numbers])
    steps[3:] *= crystal.cell.angles_su > 0  # an angle without uncertainty is exact
    return np.concatenate([steps[:3] / crystal.cell.lengths, np.radians(steps[3:])])


def rounding_widths(sites, gradients, cell_step, printed_steps):
    """Return how far each value can be off: half a last digit of coordinates, cell and value."""
    p, k = gradients.sites.shape
    width = np.abs(gradients.lattice) @ cell_step + printed_steps
    merged = np.zeros((p, k, 3))
    for atom in range(k):
        first = (gradients.sites == gradients.sites[:, [atom]]).argmax(axis=1)
        np.add.at(merged, (np.arange(p), first), gradients.positional[:, atom])
    width += np.einsum("pki,pki->p", np.abs(merged), sites.fract_step[gradients.sites])
    return width / 2


def agreement(printed, su, held):
    """Return for each row whether the uncertainty agrees, None where one of the two is missing.

    30 %: correlations between atoms, which no CIF prints, and the single digit of coordinates' uncertainties.
    """
    answers = []
    for number, value, atoms in zip(printed, su, held, strict=True):
        known = number.su > 0 and atoms == 0
        limit = 0.3 * number.su + number.step / 2
        answers.append(bool(abs(value - number.su) <= limit + 1e-12) if known else None)
    return answers
