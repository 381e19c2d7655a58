"""Contacts of crystals, clustermodel against MolCrysKit, file by file in turn.

Run ``python tests/benchmarks/bench_contacts.py --python PATH`` with the interpreter of an environment that
holds molcrys-kit. Reading and assembling is not counted; ours finds eight kinds of contacts between and in
molecules with symmetry and uncertainties, theirs H···H and C–H···π between molecules.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("CLUSTERMODEL_DATA", ROOT.parent / "shared" / "data"))


def open_clustermodel(path):
    from clustermodel.analysis.contacts import find_contacts
    from clustermodel.assembly.molecules import assemble_molecules
    from clustermodel.io.cif import read_cif

    assembly = assemble_molecules(read_cif(path))

    def find():
        tables = find_contacts(assembly).tables
        return sum(
            row.n_cell
            for table in tables
            if table.kind == "hydrogen-hydrogen" and table.scope == "intermolecular"
            for row in table.by_cutoff
            if row.cutoff == 2.4  # Å: theirs
        )

    return find


def open_molcryskit(path):
    from molcrys_kit.analysis.interactions import find_ch_pi, find_h_h_contacts
    from molcrys_kit.io.cif import read_mol_crystal

    crystal = read_mol_crystal(path, resolve_disorder=True, attach_chemistry=False)

    def find():
        find_ch_pi(crystal)
        return len(find_h_h_contacts(crystal))

    return find


def serve(name):
    """Answer each file name on standard input with a time and a number of contacts."""
    opener = {"clustermodel": open_clustermodel, "molcrys-kit": open_molcryskit}[name]
    for line in sys.stdin:
        try:
            find = opener(line.strip())
            start = time.perf_counter()
            count = find()
            answer = {"seconds": time.perf_counter() - start, "count": count}
        except Exception as error:  # noqa: BLE001 - the outcome of another program is what is measured
            answer = {"error": str(error)[:120]}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def ask(process, path):
    process.stdin.write(f"{path}\n")
    process.stdin.flush()
    while not (line := process.stdout.readline()).startswith("{"):
        pass
    return json.loads(line)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", help="interpreter with molcrys-kit")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve")
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    interpreters = {"clustermodel": sys.executable, "molcrys-kit": options.python}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    workers = {
        name: subprocess.Popen(
            [python, __file__, "--serve", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        for name, python in interpreters.items()
        if python
    }
    ratios = []
    for path in sorted((DATA / "cif").glob("*.cif")):
        answers = {name: [] for name in workers}
        for _ in range(options.rounds):
            for name, worker in workers.items():
                answers[name].append(ask(worker, path))
        best = {
            name: statistics.median(one["seconds"] for one in found)
            for name, found in answers.items()
            if all("seconds" in one for one in found)
        }
        counts = {
            name: found[-1].get("count", found[-1].get("error", "")[:40]) for name, found in answers.items()
        }
        print(f"{path.name[:44]:46s}", {k: round(v, 3) for k, v in best.items()}, counts)
        if len(best) == 2:
            ratios.append(best["molcrys-kit"] / best["clustermodel"])
    for worker in workers.values():
        worker.stdin.close()
        worker.wait()
    if ratios:
        print(
            f"median of {len(ratios)} files: molcrys-kit takes {statistics.median(ratios):.1f} times as long"
        )


if __name__ == "__main__":
    main()
