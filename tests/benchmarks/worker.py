"""Reads files named on standard input and answers with times, molecules and memory, one JSON line each.

Run by the interpreter of one program's own environment: ``python worker.py NAME``. Only the standard library
is used outside the function of each program.
"""

import json
import re
import resource
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGER = 1.1  # factor on the sum of covalent radii, the usual choice with ASE


def hill(symbols):
    counts = Counter(symbols)
    first = [s for s in ("C", "H") if s in counts] if "C" in counts else []
    order = first + sorted(s for s in counts if s not in first)
    return "".join(s + (str(counts[s]) if counts[s] > 1 else "") for s in order)


def run_clustermodel():
    sys.path.insert(0, str(ROOT))
    from clustermodel.assembly.molecules import assemble_molecules
    from clustermodel.io.cif import read_cif

    return lambda path: [hill(m.molecule.elements) for m in assemble_molecules(read_cif(path)).molecules]


def run_chmpy():
    from chmpy.crystal import Crystal

    def molecules(path):
        crystal = Crystal.load(path)
        crystal = next(iter(crystal.values())) if isinstance(crystal, dict) else crystal
        return [hill(e.symbol for e in m.elements) for m in crystal.symmetry_unique_molecules()]

    return molecules


def run_molcryskit():
    from molcrys_kit.io.cif import read_mol_crystal

    def molecules(path):
        crystal = read_mol_crystal(path, resolve_disorder=True, attach_chemistry=False)
        return [hill(m.get_chemical_symbols()) for m in crystal.molecules]

    return molecules


def run_ase():
    import numpy as np
    from ase.data import covalent_radii
    from ase.io import read
    from ase.neighborlist import neighbor_list
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    def molecules(path):
        atoms = read(path, format="cif")
        radii = covalent_radii[atoms.numbers] * LONGER
        first, second = neighbor_list("ij", atoms, radii)
        graph = coo_array((np.ones(len(first)), (first, second)), shape=(len(atoms),) * 2)
        count, label = connected_components(graph, directed=False)
        symbols = np.array(atoms.get_chemical_symbols())
        return [hill(symbols[label == k].tolist()) for k in range(count)]

    return molecules


def answer(molecules, path):
    start = time.perf_counter()
    try:
        formulas = sorted(set(molecules(path)))
    except Exception as error:  # noqa: BLE001 - the outcome of another program is what is measured
        text = re.sub(r"\s+", " ", str(error))[:160]
        return {"error": f"{type(error).__name__}: {text}"}
    return {"seconds": time.perf_counter() - start, "formulas": formulas}


def main():
    programs = {
        "clustermodel": run_clustermodel,
        "chmpy": run_chmpy,
        "molcrys-kit": run_molcryskit,
        "ase": run_ase,
    }
    out = sys.stdout
    sys.stdout = sys.stderr  # what the programs print does not belong to the answers
    molecules = programs[sys.argv[1]]()
    for line in sys.stdin:
        reply = answer(molecules, line.strip())
        reply["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        out.write(json.dumps(reply) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
