"""Which tables let a reader repeat a calculation? Settings, convergence, atoms with their charges."""

from collections.abc import Iterator

from clustermodel.electronic.result import ElectronicResult
from clustermodel.pipeline.analyze import Analysis
from clustermodel.pipeline.electronic import ElectronicStates
from clustermodel.report.electronic_scene import name_roles
from clustermodel.report.electronic_sentences import describe_geometry
from clustermodel.report.sentences import describe_source_of_charge
from clustermodel.report.table import Cell, Charge, Column, Table

__all__ = ["list_calculation_tables"]

_DEFAULT = "of the engine"


def list_calculation_tables(states: ElectronicStates, analysis: Analysis | None = None) -> tuple[Table, ...]:
    """Make the tables of how levels were calculated.

    Parameters
    ----------
    states : ElectronicStates
        Levels of a cluster.
    analysis : Analysis, optional
        The structure that they are from.

    Returns
    -------
    tuple of Table
        Settings, cycles of the self-consistent field where they are known, steps of the relaxation where
        there was one, and the atoms.
    """
    tables = [_list_settings(states, analysis)]
    if states.result.history:
        tables.append(_list_cycles(states.result))
    if states.relaxation is not None:
        tables.append(_list_steps(states))
    return (*tables, _list_atoms(states))


def _list_settings(states: ElectronicStates, analysis: Analysis | None) -> Table:
    return Table(
        name="calculation-settings",
        title="Settings",
        columns=(Column("setting"), Column("value")),
        rows=(
            *_describe_structure(states, analysis),
            *_describe_specification(states.result),
            *_describe_divisions(states),
            *_describe_run(states),
        ),
        caption="Everything that the numbers depend on, and what the calculation took.",
    )


def _describe_structure(states: ElectronicStates, analysis: Analysis | None) -> Iterator[tuple[Cell, ...]]:
    if analysis is not None:
        source = analysis.crystal.source
        yield "file", source.file
        if source.block:
            yield "data block", source.block
        yield "SHA-256 of the file", source.sha256
    yield "geometry", describe_geometry(states)
    cut = states.truncation.settings
    yield "thiolates become", cut.thiolate
    yield "phosphines become", cut.phosphine
    if cut.keep_bridges:
        yield "bridges between donors", "kept"
    yield "charge is", describe_source_of_charge(states.cluster.charge.source)


def _describe_specification(result: ElectronicResult) -> Iterator[tuple[Cell, ...]]:
    chosen = result.specification
    yield "engine", chosen.engine
    yield "method", chosen.method
    if chosen.basis:
        yield "basis", chosen.basis
        yield "effective core potential", chosen.ecp or "none"
        yield "density fitting", "yes" if chosen.density_fit else "no"
        yield "integration grid, level", chosen.grid
    yield "charge", Charge(chosen.charge)
    yield "multiplicity", chosen.multiplicity
    yield "solvent", chosen.solvent or "none"
    yield "electronic temperature / K", chosen.electronic_temperature_k
    yield "convergence / eV", f"{chosen.convergence_ev:g}" if chosen.convergence_ev else _DEFAULT
    yield "most cycles", chosen.max_cycles
    yield from chosen.options


def _describe_divisions(states: ElectronicStates) -> Iterator[tuple[Cell, ...]]:
    yield "orbitals told apart on either side of the gap", states.settings.orbitals
    if states.superatom is not None:
        chosen = states.superatom.settings
        yield "radius of the superatom sphere / Å", round(states.superatom.radius, 3)
        yield "highest angular momentum told apart", chosen.l_max
        yield "shells of the grid", chosen.n_radial
        yield "order of the directions (Lebedev)", chosen.angular_order
    if states.absorption is not None:
        bands = states.absorption.spectrum.settings
        yield "excitations up to / eV", states.settings.spectrum_ev
        yield "width of bands / eV", bands.fwhm
        yield "shape of bands", bands.shape


def _describe_run(states: ElectronicStates) -> Iterator[tuple[Cell, ...]]:
    result = states.result
    yield "converged", "yes" if result.converged else "no"
    for program, version in result.versions.items():
        yield f"version of {program}", version
    for name, seconds in result.timings.items():
        yield f"{name.removesuffix('_s')} time / s", f"{seconds:.1f}"
    yield "from the cache", "yes" if states.cached else "no"


def _list_cycles(result: ElectronicResult) -> Table:
    return Table(
        name="convergence",
        title="Cycles of the self-consistent field",
        columns=(Column("cycle", "", 0), Column("energy", "eV", 6), Column("change", "eV")),
        rows=tuple((one.number, one.energy_ev, f"{one.change_ev:.1e}") for one in result.history),
        caption="Total energy after each cycle, as the engine tells it.",
    )


def _list_steps(states: ElectronicStates) -> Table:
    done = states.relaxation
    assert done is not None  # asked before
    return Table(
        name="relaxation-steps",
        title="Steps of the relaxation",
        columns=(Column("step", "", 0), Column("energy", "eV", 4), Column("change", "eV")),
        rows=tuple((one.number, one.energy_ev, f"{one.change_ev:.1e}") for one in done.steps),
        caption=f"Largest force on a free atom at the end: {done.largest_force:.3f} eV/Å.",
    )


def _list_atoms(states: ElectronicStates) -> Table:
    result, molecule = states.result, states.truncation.molecule
    spins = result.spin_populations
    coordinates = tuple(Column(axis, "Å", 4) for axis in "xyz")
    spin_column = () if spins is None else (Column("unpaired electrons", "", 3),)
    return Table(
        name="calculated-atoms",
        title="Atoms",
        columns=(Column("atom"), Column("role"), *coordinates, Column("charge", "e", 3), *spin_column),
        rows=tuple(
            (
                molecule.labels[i],
                role if states.truncation.source[i] >= 0 else "new hydrogen",
                *result.positions[i].tolist(),
                float(result.atomic_charges[i]),
                *(() if spins is None else (float(spins[i]),)),
            )
            for i, role in enumerate(name_roles(states))
        ),
        caption=f"{result.charge_kind} charges; a row marks its atom in the view.",
        atoms=tuple((i,) for i in range(len(result.elements))),
    )
