"""Calculations whose levels, shares and weights are known because they are made up."""

import functools
from dataclasses import replace

import numpy as np

from clustermodel.cluster.truncation import TruncationSettings, truncate_cluster
from clustermodel.electronic.basis import Basis
from clustermodel.electronic.excitations import Excitations, OrbitalPairs
from clustermodel.electronic.orbital_choice import count_occupied, name_level
from clustermodel.electronic.result import Cycle, ElectronicResult, SpinChannel
from clustermodel.electronic.shares import measure_shares, split_metal_parts
from clustermodel.electronic.specification import Specification
from clustermodel.electronic.spectrum import measure_optical_gaps, simulate_spectrum
from clustermodel.electronic.superatom import Superatom, SuperatomOrbital, SuperatomSettings
from clustermodel.electronic.superatom_sphere import Sphere
from clustermodel.pipeline.absorption import Absorption
from clustermodel.pipeline.analyze import analyze
from clustermodel.pipeline.electronic import ElectronicSettings, ElectronicStates

MODEL = "model:au25_sch3_18_nme4"
ENERGIES = (-7.0, -5.0, -5.0, -4.0, -2.0, -2.0, -1.0, 0.5)  # eV; two pairs of one energy
WEIGHTS = {"S": 0.1, "P": 0.4, "D": 0.2, "F": 0.1, "G": 0.15}  # the rest, 0.05, is higher
PLACES = ("kernel sp", "kernel d", "staple metal", "ligands") * 2  # where each orbital is, wholly
STICKS_EV, STRENGTHS = (1.5, 2.5), (0.05, 0.2)


@functools.cache
def model():
    """Return the analysis of the embedded model of [Au25(SCH3)18]-."""
    (analysis,) = analyze(MODEL)
    return analysis


def measured():
    """Return the same as if it had been measured."""
    analysis = model()
    crystal = replace(analysis.assembly.crystal, is_model=False)
    return replace(analysis, assembly=replace(analysis.assembly, crystal=crystal))


def named(file):
    """Return the same from a file of another name."""
    analysis = model()
    crystal = analysis.assembly.crystal
    renamed = replace(crystal, source=replace(crystal.source, file=file))
    return replace(analysis, assembly=replace(analysis.assembly, crystal=renamed))


def build_states(occupations, multiplicity=1, *, spectrum=False, notes=()):
    """Return states with one list of occupations for each spin, every orbital wholly in its place."""
    cluster = model().clusters[0]
    cut = truncate_cluster(cluster.cluster, settings=TruncationSettings())
    kernel, staple = (cut.map_atoms(atoms) for atoms in (cluster.anatomy.kernel, cluster.anatomy.shell))
    others = [i for i in range(len(cut.molecule)) if i not in {*kernel, *staple}]
    sites = {
        "kernel sp": (kernel, 0),
        "kernel d": (kernel, 2),
        "staple metal": (staple, 2),
        "ligands": (others, 1),
    }
    n = len(ENERGIES)
    where = [(sites[place][0][k], sites[place][1]) for k, place in enumerate(PLACES)]
    basis = Basis(
        name="made up",
        shells=(),
        shell_of=[0] * n,
        atoms=[atom for atom, _ in where],
        momenta=[momentum for _, momentum in where],
        orders=[0] * n,
        overlap=np.eye(n),
    )
    spins = ("both",) if len(occupations) == 1 else ("alpha", "beta")
    channels = tuple(
        SpinChannel(spin=spin, energies_ev=ENERGIES, occupations=held, coefficients=np.eye(n))
        for spin, held in zip(spins, occupations, strict=True)
    )
    atoms = len(cut.molecule)
    result = ElectronicResult(
        specification=Specification(charge=-1 if multiplicity == 1 else 0, multiplicity=multiplicity),
        elements=cut.molecule.elements,
        positions=cut.molecule.positions,
        converged=True,
        energy_ev=-100.0,
        channels=channels,
        basis=basis,
        atomic_charges=np.where(np.arange(atoms) == kernel[0], -0.8, 0.1),
        charge_kind="Mulliken",
        spin_populations=None if len(spins) == 1 else np.zeros(atoms),
        dipole_debye=(0.0, 0.0, 0.0),
        history=(Cycle(number=1, energy_ev=-99.0, change_ev=-99.0),),
        timings={"cpu_s": 1.5},
        versions={"tblite": "0"},
    )
    parts = split_metal_parts({"kernel": kernel, "staple": staple}, {"donor": (), "ligand": others})
    return ElectronicStates(
        cluster=cluster,
        truncation=cut,
        relaxation=None,
        changed=(),
        result=result,
        shares=measure_shares(result, parts, below=n, above=n),
        sphere=Sphere(
            centre=cut.molecule.positions[kernel[0]], radius=4.0, central_atom=kernel[0], n_atoms=len(kernel)
        ),
        superatom=_weigh(channels),
        cached=False,
        settings=ElectronicSettings(orbitals=n),
        notes=notes,
        absorption=_absorb() if spectrum else None,
    )


def _weigh(channels):
    """Return the same weights for every orbital."""
    settings = SuperatomSettings()
    rows = [
        SuperatomOrbital(
            spin=channel.spin,
            index=index,
            name=name_level(index, count_occupied(channel)),
            energy_ev=energy,
            occupation=float(channel.occupations[index]),
            weights=tuple(WEIGHTS.values()),
            components=np.zeros(len(WEIGHTS) ** 2),
            inside=0.6,
        )
        for channel in channels
        for index, energy in enumerate(ENERGIES)
    ]
    return Superatom(orbitals=tuple(rows), centre=(0.0, 0.0, 0.0), radius=4.0, settings=settings)


def _absorb():
    """Return two excitations, far enough from each other that their bands stay apart."""
    pairs = OrbitalPairs(channels=[0, 0], occupied=[3, 3], empty=[4, 5], gaps_ev=[2.0, 2.0], n_all=16)
    found = Excitations(
        method="made up",
        kind="singlet",
        energies_ev=STICKS_EV,
        strengths=STRENGTHS,
        transition_dipoles=np.zeros((2, 3)),
        pairs=pairs,
        amplitudes=np.eye(2),
        is_complete_to_ev=3.0,
        notes=("for screening only",),
    )
    spectrum = simulate_spectrum(STICKS_EV, STRENGTHS)
    return Absorption(excitations=found, spectrum=spectrum, gaps=measure_optical_gaps(spectrum))


@functools.cache
def closed():
    """Return a closed shell with a spectrum: four filled levels, a gap of 2 eV."""
    return build_states(((2, 2, 2, 2, 0, 0, 0, 0),), spectrum=True)


@functools.cache
def doublet():
    """Return an open shell: alpha gap 2 eV, beta gap 1 eV."""
    return build_states(((1, 1, 1, 1, 0, 0, 0, 0), (1, 1, 1, 0, 0, 0, 0, 0)), multiplicity=2)


@functools.cache
def smeared():
    """Return an open shell whose two levels of one energy are filled in part."""
    beta = (1, 0.75, 0.75, 0.5, 0, 0, 0, 0)
    return build_states(((1, 1, 1, 1, 0, 0, 0, 0), beta), multiplicity=2)


def hostile():
    """Return states whose notes would break a careless page."""
    return build_states(((2, 2, 2, 2, 0, 0, 0, 0),), notes=("<script>alert(1)</script> & </style>",))
