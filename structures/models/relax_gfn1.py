"""Does an arrangement survive without restraints? GFN1-xTB relaxation of its SH/PH3 form.

GFN1-xTB :cite:`grimme2017`, as in tblite, through ASE: L-BFGS from the restrained fit, in the gas phase with
the whole charge, electrons at 300 K. GFN1 makes Au-S and Au-P about 0.1 Å too long, so its geometries show
which topology is a minimum and how stable it is against the others, not which lengths are right.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skeleton_measures import measure_skeleton

from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.cluster import build_cluster
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.structure.molecule import Molecule, molecule_from_atoms

__all__ = ["SETTINGS", "Relaxed", "describe_relaxed", "relax_molecule"]

SETTINGS: dict[str, Any] = {
    "method": "GFN1-xTB",
    "program": "tblite through ASE",
    "optimiser": "L-BFGS",
    "largest_step": 0.2,  # Å
    "force_limit": 0.05,  # eV/Å
    "most_steps": 250,  # each row tells the largest force that was left
    "electronic_temperature": 300,  # K, the default of tblite
    "scf_cycles": 500,
}
BOHR = 0.529177210903  # Å, CODATA 2018
HARTREE = 27.211386245988  # eV, CODATA 2018


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relaxed:
    """A relaxed cluster.

    Parameters
    ----------
    molecule : Molecule
        Its atoms, in the order of the start.
    charge : int
        Its charge.
    steps : int
        Steps of the optimiser; 0 if none was asked for.
    largest_force : float
        Largest force on an atom in eV/Å.
    energy : float
        Total energy in eV.
    gap : float
        Lowest empty less highest occupied orbital energy in eV.
    """

    molecule: Molecule
    charge: int
    steps: int
    largest_force: float = field(metadata={"unit": "eV/Å"})
    energy: float = field(metadata={"unit": "eV"})
    gap: float = field(metadata={"unit": "eV"})


def relax_molecule(molecule: Molecule, charge: int, *, steps: int) -> Relaxed:
    """Relax a cluster with GFN1-xTB.

    Parameters
    ----------
    molecule : Molecule
        The start.
    charge : int
        Its charge.
    steps : int
        Most steps; 0 measures the start.

    Returns
    -------
    Relaxed
        The geometry at the end, converged or not, with energy and gap.
    """
    from ase import Atoms
    from ase.optimize import LBFGS
    from tblite.ase import TBLite

    atoms = Atoms(molecule.elements, positions=molecule.positions)
    atoms.calc = TBLite(
        method=SETTINGS["method"], charge=charge, verbosity=0, max_iterations=SETTINGS["scf_cycles"]
    )
    optimiser = LBFGS(atoms, logfile=None, maxstep=SETTINGS["largest_step"])
    optimiser.run(fmax=SETTINGS["force_limit"], steps=steps)
    positions = np.asarray(atoms.positions)
    energy, gap = _measure_gap(atoms.numbers, positions, charge)
    return Relaxed(
        molecule=bond_molecule(
            molecule_from_atoms(molecule.elements, positions, labels=molecule.origin.labels)
        ),
        charge=charge,
        steps=int(optimiser.nsteps),
        largest_force=float(np.linalg.norm(atoms.get_forces(), axis=1).max()),
        energy=energy,
        gap=gap,
    )


def _measure_gap(
    numbers: NDArray[np.int64], positions: NDArray[np.float64], charge: int
) -> tuple[float, float]:
    from tblite.interface import Calculator

    calculator = Calculator(SETTINGS["method"], numbers, positions / BOHR, charge=charge)
    calculator.set("verbosity", 0)
    calculator.set("max-iter", SETTINGS["scf_cycles"])
    result = calculator.singlepoint()
    levels = np.asarray(result.get("orbital-energies")) * HARTREE
    occupied = round(float(np.sum(result.get("orbital-occupations"))) / 2)
    return float(result.get("energy")) * HARTREE, float(levels[occupied] - levels[occupied - 1])


def describe_relaxed(relaxed: Relaxed, kernel: int) -> dict[str, Any]:
    """Return a relaxation as a table for JSON, with what the project's own analysis finds in it.

    Parameters
    ----------
    relaxed : Relaxed
        The relaxed cluster.
    kernel : int
        Number of atoms declared as kernel; they come first.

    Returns
    -------
    dict
        Energy and gap in eV, extents and mean in Å, the anatomy found from the coordinates alone and that in
        which the declared kernel is taken as given, and the S-Au-S angles of declared kernel atoms that hold
        two S.
    """
    molecule = relaxed.molecule
    gold = np.array(molecule.elements) == "Au"
    measures = measure_skeleton(molecule.positions[gold], molecule.positions[:kernel])
    return {
        "charge": relaxed.charge,
        "largest_force": round(relaxed.largest_force, 2),
        "energy": round(relaxed.energy, 3),
        "gap": round(relaxed.gap, 2),
        "length": round(measures.length, 2),
        "width": round(measures.width, 2),
        "mean": round(measures.mean, 3),
        "contacts": measures.contacts,
        **_describe_anatomy(molecule, kernel),
        "hub_angles": _list_hub_angles(molecule, kernel),
    }


def _describe_anatomy(molecule: Molecule, kernel: int) -> dict[str, str]:
    """Return the anatomy as found, and that with the declared kernel unless bonds join less than all Au."""
    cluster = build_cluster(molecule)
    total = molecule.elements.count("Au")
    if len(cluster.metals) < total:
        return {"anatomy": f"bonds join {len(cluster.metals)} of {total} Au", "anatomy_as_declared": ""}
    named = [molecule.labels[k] for k in range(kernel)]
    return {
        "anatomy": classify_kernel(cluster).summary,
        "anatomy_as_declared": classify_kernel(cluster, convention="labels", labels=named).summary,
    }


def _list_hub_angles(molecule: Molecule, kernel: int) -> list[float]:
    """Return the S-Au-S angles in degrees of the declared kernel atoms bonded to exactly two S."""
    angles = []
    for metal, around in enumerate(molecule.neighbors()[:kernel]):
        pair = [other for other in around if molecule.elements[other] == "S"]
        if len(pair) == 2:
            one, two = (molecule.positions[s] - molecule.positions[metal] for s in pair)
            cosine = one @ two / (np.linalg.norm(one) * np.linalg.norm(two))
            angles.append(round(float(np.degrees(np.arccos(cosine)))))
    return sorted(angles)
