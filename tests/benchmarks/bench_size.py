"""Do time and memory of assembly grow in step with the number of atoms?

Each size runs in a process of its own, so that the memory is that of this size alone.
"""

import resource
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from clustermodel.assembly.molecules import assemble_molecules  # noqa: E402 - the checkout comes first
from clustermodel.io.cif import parse_cif  # noqa: E402
from tests.assembly.writer import Built, format_built, place  # noqa: E402

REPEATS = (1, 2, 4, 8, 12)  # cubed, times 56 atoms: 56 to 1.0e5 atoms
GOLD_EDGE = 4.078  # Å, face-centred gold


def small_cluster(rng):
    """Return a tetrahedron of gold with four phosphine-like arms: 56 atoms."""
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)
    elements, positions = ["Au"] * 4, list(corners * 1.70)
    for corner in corners:
        add_arm(elements, positions, corner, 1.70, "P", 4, rng)
    return elements, np.array(positions)


def add_arm(elements, positions, outward, start, donor, carbons, rng):
    """Hang a donor and a chain of CH2 groups on the surface, straight away from the centre."""
    across = np.cross(outward, rng.normal(size=3))
    across /= np.linalg.norm(across)
    distance = start + 2.32
    elements.append(donor)
    positions.append(outward * distance)
    for number in range(carbons):
        distance += 1.82 if number == 0 else 1.53
        elements.append("C")
        positions.append(outward * distance)
        for side in (-1, 1):
            elements.append("H")
            positions.append(outward * (distance + 0.1) + side * across * 1.08)


def large_cluster(rng, metals=279, ligands=84):
    """Return a ball of face-centred gold with arms of the size of Au279(SR)84, R = C6H4tBu."""
    steps = np.array(list(np.ndindex(13, 13, 13))) - 6
    lattice = steps[steps.sum(axis=1) % 2 == 0] * GOLD_EDGE / 2 + [0.1, 0.2, 0.3]  # no two equally far out
    lattice = lattice[np.argsort(np.linalg.norm(lattice, axis=1))][:metals]
    elements, positions = ["Au"] * metals, list(lattice)
    for atom in lattice[-ligands:]:
        radius = np.linalg.norm(atom)
        add_arm(elements, positions, atom / radius, radius, "S", 8, rng)
    return elements, np.array(positions)


def crystal_text(cluster, repeats, room=5.0):
    """Return the CIF of many clusters in P 1, and the number of atoms."""
    elements, positions = cluster
    edge = 2 * np.linalg.norm(positions, axis=1).max() + room
    matrix = np.eye(3) * edge * repeats
    atoms = []
    for number, cell in enumerate(np.ndindex(repeats, repeats, repeats)):
        centers = positions + (np.array(cell) + 0.5) * edge
        atoms += place(elements, centers, matrix, prefix=f"m{number}_")
    return format_built(Built(matrix=matrix, atoms=tuple(atoms))), len(atoms)


def run(kind, repeats):
    """Measure one size in this process and print two lines; processor time, as machines are shared."""
    rng = np.random.default_rng(1)
    text, count = crystal_text(small_cluster(rng) if kind == "small" else large_cluster(rng), repeats)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.process_time()
    (crystal,) = parse_cif(text, "size.cif")
    read = time.process_time()
    assembly = assemble_molecules(crystal)
    done = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    molecules = sum(m.copies for m in assembly.molecules)
    print(
        f"{count:8d} atoms {molecules:6d} molecules: read {read - start:7.3f} s,"
        f" assembled {done - read:7.3f} s,"
        f" {(done - start) / count * 1e6:6.1f} us an atom, peak {peak:5.0f} MB ({before:.0f} before)"
    )
    tracemalloc.start()
    assemble_molecules(crystal)
    print(f"{'':8s} at most {tracemalloc.get_traced_memory()[1] / 2**20:.0f} MB of values during assembly")


def main():
    if len(sys.argv) == 3:
        run(sys.argv[1], int(sys.argv[2]))
        return
    print("\nmany small clusters in P 1")
    for repeats in REPEATS:
        subprocess.run([sys.executable, __file__, "small", str(repeats)], check=True)
    print("clusters of the size of Au279(SR)84 in P 1: one, and eight")
    for repeats in (1, 2):
        subprocess.run([sys.executable, __file__, "large", str(repeats)], check=True)


if __name__ == "__main__":
    main()
