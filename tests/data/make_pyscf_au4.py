"""What does plain PySCF say about [Au4(PH3)4]2+? Its field without density fitting, from its default guess.

Run once (about nine minutes of processor time): reads the geometry, which was relaxed by GFN1-xTB, from
pyscf_au4.json and writes its answer there.
"""

import json
from pathlib import Path

HARTREE_EV = 27.211386245988
PATH = Path(__file__).with_name("pyscf_au4.json")


def main():
    from pyscf import __version__, dft, gto

    stored = json.loads(PATH.read_text(encoding="utf-8"))
    atoms = list(zip(stored["elements"], stored["positions"], strict=True))
    molecule = gto.M(atom=atoms, basis="def2-svp", ecp="def2-svp", charge=2, verbose=4, max_memory=4000)
    method = dft.RKS(molecule, xc="pbe")
    method.kernel()
    homo = molecule.nelectron // 2 - 1
    stored["pyscf"] = __version__
    stored["converged"] = bool(method.converged)
    stored["energy_ev"] = float(method.e_tot) * HARTREE_EV
    stored["gap_ev"] = float(method.mo_energy[homo + 1] - method.mo_energy[homo]) * HARTREE_EV
    PATH.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
