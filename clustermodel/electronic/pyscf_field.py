"""Which self-consistent field does a specification mean in PySCF? Functional, fitting, grid, solvent."""

import contextlib
import inspect
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from clustermodel._optional import import_optional
from clustermodel.constants import HARTREE_EV
from clustermodel.electronic.pyscf_coulomb import build_coulomb_fit
from clustermodel.electronic.pyscf_grid_potential import GridPotential
from clustermodel.electronic.pyscf_memory import MemoryPlan, plan_memory
from clustermodel.electronic.pyscf_types import PyscfObject
from clustermodel.electronic.specification import Specification
from clustermodel.errors import InputError

__all__ = ["Field", "build_field", "mute_checkpoints"]

_COULOMB_FIT, _EXCHANGE_FIT = "def2-universal-jfit", "def2-universal-jkfit"
_DEFAULT_CONVERGENCE = 1e-7  # Eh; the gap is then settled far below 1 meV
_WHY = "density functional theory"


class Field(NamedTuple):
    """A self-consistent field that is ready to run.

    Parameters
    ----------
    method : pyscf.dft.rks.RKS or pyscf.dft.uks.UKS
        PySCF's object.
    plan : MemoryPlan
        What it will keep.
    is_fast : bool
        Whether exchange and correlation are renewed by their changes.
    """

    method: PyscfObject
    plan: MemoryPlan
    is_fast: bool


@contextlib.contextmanager
def mute_checkpoints() -> Iterator[None]:
    """Keep PySCF from opening a file of its own for every field; the checkpoint is ours.

    Yields
    ------
    None
        Fields made inside have no file.
    """
    module: PyscfObject = import_optional("pyscf.scf.hf", extra="", purpose=_WHY)
    before, module.MUTE_CHKFILE = module.MUTE_CHKFILE, True
    try:
        yield
    finally:
        module.MUTE_CHKFILE = before


def build_field(
    molecule: PyscfObject,
    specification: Specification,
    *,
    memory_mb: float = 0.0,
    scratch: Path | None = None,
) -> Field:
    """Build the self-consistent field of a specification.

    Parameters
    ----------
    molecule : pyscf.gto.Mole
        The molecule.
    specification : Specification
        Functional, density fitting, grid, solvent and convergence.
    memory_mb : float, optional
        Memory that may be used; 0 for 4000 MB.
    scratch : Path, optional
        Folder for temporary files.

    Returns
    -------
    Field
        Not yet run.

    Raises
    ------
    InputError
        If the functional, the fitting basis or the solvent is unknown, or memory is too short.
    """
    dft = import_optional("pyscf.dft", extra="", purpose=_WHY)
    kind = _classify_functional(dft.libxc, specification.method)
    with mute_checkpoints():
        method = (dft.UKS if specification.unpaired else dft.RKS)(molecule, xc=specification.method)
    fitting = _name_fitting(specification, hybrid=kind == "hybrid")
    if fitting:
        method = method.density_fit(auxbasis=fitting, only_dfj=kind != "hybrid")
    fit = _build_fitting(molecule, fitting) if fitting else None
    n_fit = int(fit.nao_nr()) if fit is not None else 0
    plan = plan_memory(int(molecule.nao_nr()), n_fit, limit_mb=memory_mb, folder=scratch)
    method.max_memory = plan.limit_mb
    method.grids.level = specification.grid
    method.conv_tol = specification.convergence_ev / HARTREE_EV or _DEFAULT_CONVERGENCE
    method.max_cycle = specification.max_cycles
    method.conv_check = False  # the last Fock matrix is diagonalised once more by our own ladder
    if fit is not None and kind != "hybrid" and plan.store != "none":
        _keep_integrals(method, molecule, fit, plan, scratch)
    if kind == "semilocal":
        _renew_by_changes(method, molecule, plan)
    if specification.solvent:
        method = _add_solvent(method, specification.solvent)
    return Field(method, plan, kind == "semilocal")


def _classify_functional(libxc: PyscfObject, name: str) -> str:
    """Return ``"semilocal"``, ``"hybrid"`` or ``"other"`` for the name of a functional."""
    try:
        libxc.parse_xc(name)
        hybrid, family = libxc.is_hybrid_xc(name), libxc.xc_type(name)
    except (KeyError, ValueError) as error:
        msg = f"PySCF has no functional {name!r}; expected a name of its library, such as PBE, PBE0 or B3LYP"
        raise InputError(msg) from error
    if hybrid:
        return "hybrid"
    return "semilocal" if family in {"LDA", "GGA"} and not libxc.is_nlc(name) else "other"


def _name_fitting(specification: Specification, *, hybrid: bool) -> str:
    if not specification.density_fit:
        return ""
    asked = dict(specification.options).get("aux_basis", "")
    return asked or (_EXCHANGE_FIT if hybrid else _COULOMB_FIT)


def _build_fitting(molecule: PyscfObject, name: str) -> PyscfObject:
    addons = import_optional("pyscf.df.addons", extra="", purpose=_WHY)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # PySCF's advice to install another package
            return addons.make_auxmol(molecule, name)
    except (KeyError, ValueError, RuntimeError, AttributeError, TypeError) as error:
        msg = f"PySCF has no fitting basis {name!r} for all of these elements; name another one (aux_basis)"
        raise InputError(msg) from error


def _keep_integrals(
    method: PyscfObject,
    molecule: PyscfObject,
    fitting: PyscfObject,
    plan: MemoryPlan,
    scratch: Path | None,
) -> None:
    """Let the Coulomb matrix be built from integrals that are kept."""
    folder = (scratch or Path(tempfile.gettempdir())) if plan.store.startswith("file") else None
    kept = build_coulomb_fit(molecule, fitting, single=plan.store != "memory", folder=folder)
    calculate = method.with_df.get_jk
    signature = inspect.signature(calculate)

    def get_jk(*arguments: object, **named: object) -> PyscfObject:
        given = signature.bind(*arguments, **named).arguments
        if given.get("with_k", True) or given.get("omega") is not None:
            return calculate(*arguments, **named)
        return kept.build_coulomb(given["dm"]), None

    method.with_df.get_jk = get_jk


def _renew_by_changes(method: PyscfObject, molecule: PyscfObject, plan: MemoryPlan) -> None:
    """Let exchange and correlation be renewed by their changes."""
    integrator = method._numint  # noqa: SLF001
    potential = GridPotential(molecule, integrator, keep_mb=plan.grid_mb)
    integrator.nr_rks = potential.evaluate_restricted
    integrator.nr_uks = potential.evaluate_unrestricted


def _add_solvent(method: PyscfObject, solvent: str) -> PyscfObject:
    """Surround the molecule by the dielectric of a solvent (ddCOSMO)."""
    table = import_optional("pyscf.solvent.smd", extra="", purpose="continuum solvents").solvent_db
    known = {str(name).lower(): values for name, values in table.items()}
    if solvent.lower() not in known:
        msg = f"solvent {solvent!r} is not known; expected a name such as dichloromethane, toluene or water"
        raise InputError(msg)
    import_optional("pyscf.solvent", extra="", purpose="continuum solvents")
    surrounded = method.ddCOSMO()
    surrounded.with_solvent.eps = known[solvent.lower()][5]  # refractive indices, acidities, tension, epsilon
    return surrounded
