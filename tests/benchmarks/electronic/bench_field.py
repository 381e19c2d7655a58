"""How long does the field take beside plain PySCF, to the same gap?

Both run in processes of their own, one after the other in one session, on the same geometry with the same
basis, potential and number of threads. Processor time is compared, as machines are shared. Plain PySCF is
``dft.RKS(mol, xc="pbe").run()`` with at most 50 cycles; where it does not converge, its time is a lower
bound.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from clustermodel.constants import HARTREE_EV  # noqa: E402 - the checkout comes first
from tests.benchmarks.electronic.clusters import CLUSTERS  # noqa: E402


def run_ours(built, memory_mb):
    """Return gap, energy and cycles by the engine."""
    from clustermodel.electronic.engine import Job
    from clustermodel.electronic.pyscf_engine import PyscfEngine
    from clustermodel.electronic.specification import build_specification

    chosen = build_specification("dft", built.elements, charge=built.charge, grid=1)
    result = PyscfEngine().calculate_states(
        built.elements, built.positions, chosen, job=Job(memory_mb=memory_mb)
    )
    return result.gap_ev, result.energy_ev, len(result.history), True


def run_pyscf(built, *, fitted):
    """Return gap, energy and cycles by PySCF: plain, or with density fitting, coarse grid and atom guess."""
    from pyscf import dft, gto

    atoms = list(zip(built.elements, built.positions.tolist(), strict=True))
    molecule = gto.M(atom=atoms, basis="def2-svp", ecp={"Au": "def2-svp"}, charge=built.charge, verbose=0)
    method = dft.RKS(molecule, xc="pbe")
    if fitted:
        method = method.density_fit(auxbasis="def2-universal-jfit", only_dfj=True)
        method.grids.level, method.init_guess = 1, "atom"
    cycles = []
    method.callback = lambda local: cycles.append(local["cycle"])
    method.run()
    homo = molecule.nelectron // 2 - 1
    gap = float(method.mo_energy[homo + 1] - method.mo_energy[homo]) * HARTREE_EV
    return gap, float(method.e_tot) * HARTREE_EV, len(cycles), bool(method.converged)


def work(name, kind, memory_mb):
    """Run one case in this process and print one line of JSON."""
    built = CLUSTERS[name]()
    start, wall = time.process_time(), time.perf_counter()
    runs = {
        "clustermodel": lambda: run_ours(built, memory_mb),
        "plain": lambda: run_pyscf(built, fitted=False),
        "fitted": lambda: run_pyscf(built, fitted=True),
    }
    gap, energy, cycles, converged = runs[kind]()
    print(
        json.dumps(
            {
                "kind": kind,
                "gap_ev": gap,
                "energy_ev": energy,
                "cycles": cycles,
                "converged": converged,
                "cpu_s": time.process_time() - start,
                "wall_s": time.perf_counter() - wall,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


def compare(name, memory_mb, kinds):
    """Run all kinds of one cluster and print a table with the ratios of processor times."""
    rows = []
    for kind in kinds:
        command = [sys.executable, __file__, "--worker", kind, "--memory", str(memory_mb), name]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        rows.append(json.loads(run.stdout.splitlines()[-1]))
    ours = rows[0]
    print(f"\n{name} (threads: {os.environ.get('OMP_NUM_THREADS', 'all')})")
    for row in rows:
        print(
            f"  {row['kind']:12s} {row['cpu_s']:8.1f} CPU s {row['wall_s']:8.1f} s {row['cycles']:3d} cycles "
            f"gap {row['gap_ev']:.4f} eV peak {row['peak_mb']:5.0f} MB, "
            f"{row['cpu_s'] / ours['cpu_s']:5.1f} times ours{'' if row['converged'] else ', not converged'}"
        )
    gaps = [row["gap_ev"] for row in rows if row["converged"]]
    print(f"  gaps differ by {1e3 * float(np.ptp(gaps)):.1f} meV")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=["[Au4(PH3)4]2+", "[Au6(PH3)6]2+"])
    parser.add_argument("--memory", type=float, default=4000.0)
    parser.add_argument("--worker", default="")
    parser.add_argument("--kinds", default="clustermodel,fitted,plain")
    chosen = parser.parse_args()
    for name in chosen.names:
        if chosen.worker:
            work(name, chosen.worker, chosen.memory)
        else:
            compare(name, chosen.memory, chosen.kinds.split(","))


if __name__ == "__main__":
    main()
