"""What does the file say? One refined crystal structure with all that it declares."""

from dataclasses import dataclass, field, replace

from clustermodel.structure.cell import Cell
from clustermodel.structure.finding import Finding
from clustermodel.structure.sites import Sites
from clustermodel.structure.symmetry import SpaceGroup

__all__ = ["Crystal", "Declared", "Source", "Void"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The file a value was read from.

    Parameters
    ----------
    file : str
        File name without folders, or a name such as ``model:au25``.
    block : str
        Data block; empty for formats without blocks.
    sha256 : str
        Hash of the bytes read.
    """

    file: str
    block: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """One solvent-accessible void of a SQUEEZE or mask record.

    Parameters
    ----------
    volume : float
        Volume in Å3; NaN if the record has none.
    electrons : float
        Electrons found in it; NaN if the record has none.
    content : str
        What the authors say it holds.
    """

    volume: float = field(metadata={"unit": "Å3"})
    electrons: float = field(metadata={"unit": "e"})
    content: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the file states about itself; empty or None where it is silent.

    Parameters
    ----------
    formula_sum, formula_moiety : str
        As written.
    z : int or None
        Formula units per cell.
    weight : float or None
        Formula weight in Da.
    charge_evidence : dict
        Formal charges by label from type symbols such as ``Au1+``, where given.
    temperature : str
        Measurement temperature with its uncertainty, K.
    radiation : str
        Radiation type and wavelength.
    r_factors : dict
        What the crystal-data table of a paper says about experiment and refinement (F(000), reflections,
        R factors, goodness of fit ...), by CIF item as written.
    database_codes : dict
        Deposition numbers by database (``CCDC``, ``COD``, ...).
    doi : str
        DOI of the publication.
    title : str
        Title or systematic name.
    masked : bool
        True if a SQUEEZE or mask record is present or its use is described.
    voids : tuple of Void
        The voids of that record.
    geom_bonds : tuple
        Rows of the ``_geom_bond`` loop: label 1, label 2, distance text, symmetry code 1,
        symmetry code 2.
    """

    formula_sum: str = ""
    formula_moiety: str = ""
    z: int | None = None
    weight: float | None = field(default=None, metadata={"unit": "Da"})
    charge_evidence: dict[str, int] = field(default_factory=dict)
    temperature: str = ""
    radiation: str = ""
    r_factors: dict[str, str] = field(default_factory=dict)
    database_codes: dict[str, str] = field(default_factory=dict)
    doi: str = ""
    title: str = ""
    masked: bool = False
    voids: tuple[Void, ...] = ()
    geom_bonds: tuple[tuple[str, str, str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crystal:
    """A crystal structure as refined: nothing resolved, nothing left out silently.

    Parameters
    ----------
    cell : Cell
        The unit cell.
    space_group : SpaceGroup
        Its symmetry operations.
    sites : Sites
        The asymmetric unit.
    declared : Declared
        What the file states about itself.
    source : Source
        File, block and hash.
    audit : tuple of Finding
        Every repair and every discarded atom so far.
    is_model : bool
        True if the file says that it is a model, not a measured structure.
    """

    cell: Cell
    space_group: SpaceGroup
    sites: Sites
    declared: Declared = field(default_factory=Declared)
    source: Source = field(default_factory=lambda: Source(file=""))
    audit: tuple[Finding, ...] = ()
    is_model: bool = False

    def with_audit(self, audit: tuple[Finding, ...]) -> "Crystal":
        """Return the same crystal with another audit.

        Parameters
        ----------
        audit : tuple of Finding
            The findings.

        Returns
        -------
        Crystal
            A new crystal.
        """
        return replace(self, audit=audit)

    def with_sites(self, sites: Sites) -> "Crystal":
        """Return the same crystal with other sites.

        Parameters
        ----------
        sites : Sites
            The asymmetric unit.

        Returns
        -------
        Crystal
            A new crystal.
        """
        return replace(self, sites=sites)
