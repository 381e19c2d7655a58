"""How are the ligands cut for a calculation? Thiolates to SH or SCH3, phosphines to PH3 or PMe3.

Donor atoms and metal atoms stay where the crystal has them, new hydrogen atoms lie on the bonds that they
replace. A cut puts a hydrogen atom or a methyl group for a group, radical for radical: charge and electron
count stay.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import IntArray, freeze_int
from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.ligand_cuts import Cut, list_styles, place_caps, plan_cut
from clustermodel.cluster.ligand_environment import LigandEnvironment
from clustermodel.cluster.ligands import Ligand
from clustermodel.elements import format_formula
from clustermodel.errors import InputError
from clustermodel.structure.molecule import Molecule, molecule_from_atoms

__all__ = [
    "TRUNCATIONS",
    "Truncation",
    "TruncationRow",
    "TruncationSettings",
    "read_truncation",
    "truncate_cluster",
]

TRUNCATIONS: dict[str, tuple[str, str]] = {
    "SH": ("SH", "PH3"),
    "SCH3": ("SCH3", "PMe3"),
    "none": ("none", "none"),
}
"""Names of the usual truncations: what thiolates and what phosphines become."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncationSettings:
    """How ligands are cut.

    Parameters
    ----------
    thiolate : {"SH", "SCH3", "none"}
        What thiolates become (selenolates and tellurolates in the same way).
    phosphine : {"PH3", "PMe3", "none"}
        What phosphines become (arsines and stibines in the same way).
    keep_bridges : bool
        Whether the atoms between the donors of a chelating or bridging ligand are kept.
    """

    thiolate: str = "SH"
    phosphine: str = "PH3"
    keep_bridges: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncationRow:
    """What became of the ligands of one kind.

    Parameters
    ----------
    before : str
        Name of the ligand, or its formula.
    kind : str
        Its class.
    after : str
        Formula of what is left.
    count : int
        How many.
    """

    before: str
    kind: str
    after: str
    count: int = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truncation:
    """A cluster with its ligands cut, and the way back.

    Parameters
    ----------
    molecule : Molecule
        The atoms of the calculation with their bonds: the kept ones in their order, then the caps.
    source : array_like of int, shape (n,)
        Index of each atom in the full molecule; -1 for new hydrogen atoms.
    replaced : array_like of int, shape (n,)
        For new hydrogen atoms the index, in the full molecule, of the atom they stand for; else -1.
    formula_before : str
        Formula of the full molecule.
    rows : tuple of TruncationRow
        What became of which ligands.
    lacks_hydrogen : tuple of str
        Names of the ligands that stay as they are and have carbon, but no hydrogen atoms.
    settings : TruncationSettings
        How it was cut.
    notes : tuple of str
        What to know.
    """

    molecule: Molecule
    source: IntArray
    replaced: IntArray
    formula_before: str
    rows: tuple[TruncationRow, ...]
    lacks_hydrogen: tuple[str, ...]
    settings: TruncationSettings
    notes: tuple[str, ...]

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they have one length."""
        n = len(self.molecule)
        object.__setattr__(self, "source", freeze_int(self.source, (n,), "source"))
        object.__setattr__(self, "replaced", freeze_int(self.replaced, (n,), "replaced"))

    @property
    def formula(self) -> str:
        """Formula of what is calculated."""
        return self.molecule.formula

    def map_atoms(self, atoms: Iterable[int]) -> tuple[int, ...]:
        """Return where atoms of the full molecule stand in the cut one.

        Parameters
        ----------
        atoms : iterable of int
            Indices in the full molecule.

        Returns
        -------
        tuple of int
            Indices in the cut molecule of those that were kept.
        """
        place = {int(old): new for new, old in enumerate(self.source) if old >= 0}
        return tuple(place[atom] for atom in atoms if atom in place)


def read_truncation(name: str, *, keep_bridges: bool = False) -> TruncationSettings:
    """Return the settings of a usual truncation.

    Parameters
    ----------
    name : str
        One of `TRUNCATIONS`.
    keep_bridges : bool, optional
        Whether the atoms between the donors of one ligand are kept.

    Returns
    -------
    TruncationSettings
        What thiolates and phosphines become.

    Raises
    ------
    InputError
        If there is none of this name.

    Examples
    --------
    >>> read_truncation("SCH3").phosphine
    'PMe3'
    """
    if name not in TRUNCATIONS:
        msg = f"ligands cannot be cut to {name!r}; expected one of {', '.join(TRUNCATIONS)}"
        raise InputError(msg)
    thiolate, phosphine = TRUNCATIONS[name]
    return TruncationSettings(thiolate=thiolate, phosphine=phosphine, keep_bridges=keep_bridges)


def truncate_cluster(cluster: Cluster, *, settings: TruncationSettings | None = None) -> Truncation:
    """Cut the ligands of a cluster.

    Parameters
    ----------
    cluster : Cluster
        The full cluster.
    settings : TruncationSettings, optional
        What the ligands become; SH and PH3 by default.

    Returns
    -------
    Truncation
        The cut cluster. Halides, sulfides, hydrides and every ligand without a rule stay whole.

    Raises
    ------
    InputError
        If a style does not exist.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> (analysis,) = analyze("model:au25_sch3_18_nme4")
    >>> cut = truncate_cluster(analysis.clusters[0].cluster)
    >>> cut.formula_before, cut.formula
    ('C18H54Au25S18', 'Au25H18S18')
    """
    chosen = settings if settings is not None else TruncationSettings()
    styles = _check_settings(chosen)
    env = LigandEnvironment(cluster.molecule)
    cuts = [(one, plan_cut(env, one, styles, keep_bridges=chosen.keep_bridges)) for one in cluster.ligands]
    molecule, source, replaced = _assemble(cluster.molecule, cuts)
    return Truncation(
        molecule=molecule,
        source=source,
        replaced=replaced,
        formula_before=cluster.molecule.formula,
        rows=_count_rows(cluster.molecule, cuts),
        lacks_hydrogen=_find_bare(env, cuts),
        settings=chosen,
        notes=tuple(sorted({cut.note for _, cut in cuts if cut.note})),
    )


def _check_settings(settings: TruncationSettings) -> dict[str, str]:
    styles = {"thiolate": settings.thiolate, "phosphine": settings.phosphine}
    for family, style in styles.items():
        if style not in list_styles(family):
            msg = f"a {family} cannot become {style!r}; expected one of {', '.join(list_styles(family))}"
            raise InputError(msg)
    return dict(styles)


def _list_kept(cut: Cut) -> frozenset[int]:
    return cut.keep | {carbon for _, carbon in cut.methyls}


def _assemble(full: Molecule, cuts: Sequence[tuple[Ligand, Cut]]) -> tuple[Molecule, IntArray, IntArray]:
    """Return the atoms that stay, in their order, followed by the new hydrogen atoms."""
    cut_atoms = {atom for ligand, _ in cuts for atom in ligand.atoms}
    kept = {atom for _, cut in cuts for atom in _list_kept(cut)}
    stay = [atom for atom in range(len(full)) if atom in kept or atom not in cut_atoms]
    caps = [cap for _, cut in cuts for cap in place_caps(full, cut)]
    numbers = Counter[int]()
    labels = [full.labels[atom] for atom in stay]
    for cap in caps:
        numbers[cap.parent] += 1
        labels.append(f"H{numbers[cap.parent]}({full.labels[cap.parent]})")
    bare = molecule_from_atoms(
        [full.elements[atom] for atom in stay] + ["H"] * len(caps),
        np.concatenate([full.positions[stay], *(cap.position[None] for cap in caps)]),
        labels=labels,
    )
    source = np.array([*stay, *(-1 for _ in caps)])
    replaced = np.array([*(-1 for _ in stay), *(cap.replaced for cap in caps)])
    return bond_molecule(bare), source, replaced


def _count_rows(full: Molecule, cuts: Sequence[tuple[Ligand, Cut]]) -> tuple[TruncationRow, ...]:
    counts = Counter((one.name or one.formula, one.kind, _name_rest(full, cut)) for one, cut in cuts)
    return tuple(
        TruncationRow(before=before, kind=kind, after=after, count=count)
        for (before, kind, after), count in sorted(counts.items())
    )


def _name_rest(full: Molecule, cut: Cut) -> str:
    symbols = [full.elements[atom] for atom in _list_kept(cut)]
    return format_formula([*symbols, *("H" for _ in place_caps(full, cut))])


def _find_bare(env: LigandEnvironment, cuts: Sequence[tuple[Ligand, Cut]]) -> tuple[str, ...]:
    """Return the ligands of which carbon atoms stay whose hydrogen atoms are not in the file."""
    names = {
        one.name or one.formula
        for one, cut in cuts
        if any(env.elements[atom] == "C" and not env.hydrogens_known(atom) for atom in cut.keep)
    }
    return tuple(sorted(names))
