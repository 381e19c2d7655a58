"""What is said about the bonds of two clusters? Differences by role and along the cut-off."""

from dataclasses import dataclass, field

from clustermodel.analysis.pair_differences import Difference

__all__ = ["BondDifference", "BondDifferences", "CutoffDifference", "PairBondSettings", "SignChange"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairBondSettings:
    """The choices behind a comparison of bonds.

    Parameters
    ----------
    cutoff : float, optional
        Longest metal-metal pair in Å of the main rows, as in
        `clustermodel.analysis.bond_lengths.BondSettings`.
    cutoffs : tuple of float, optional
        Cut-offs in Å along which differences are followed.
    sigmas : float, optional
        Standard errors that a difference must exceed.
    """

    cutoff: float = field(default=3.30, metadata={"unit": "Å"})
    cutoffs: tuple[float, ...] = field(
        default=(2.9, 2.95, 3.0, 3.05, 3.1, 3.15, 3.2, 3.25, 3.3, 3.35, 3.4, 3.45, 3.5),
        metadata={"unit": "Å"},
    )
    sigmas: float = field(default=3.0, metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class BondDifference:
    """The bonds of one role and one pair of elements in two clusters.

    Parameters
    ----------
    role : str
        One of `clustermodel.analysis.bond_table.BOND_ROLES`, or ``"kernel"`` for all pairs of kernel atoms.
    pair : str
        Elements, as ``"Au-S"``.
    cutoff : float
        Longest metal-metal pair in Å; NaN for bonds to donors.
    n_a, n_b : int
        Number of bonds in either cluster.
    all : Difference
        Mean over all bonds.
    n_paired : int
        Number of bonds that both clusters have.
    paired : Difference
        Mean over these.
    n_only_a, n_only_b : int
        Number of the others.
    mean_only_a, mean_only_b : float
        Mean over the others in Å; NaN if there are none.
    unpaired_delta : float
        What the others add to the difference of the means, in Å.
    """

    role: str
    pair: str
    cutoff: float = field(metadata={"unit": "Å"})
    n_a: int = field(metadata={"unit": ""})
    n_b: int = field(metadata={"unit": ""})
    all: Difference
    n_paired: int = field(metadata={"unit": ""})
    paired: Difference
    n_only_a: int = field(metadata={"unit": ""})
    n_only_b: int = field(metadata={"unit": ""})
    mean_only_a: float = field(metadata={"unit": "Å"})
    mean_only_b: float = field(metadata={"unit": "Å"})
    unpaired_delta: float = field(metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CutoffDifference:
    """Differences of one role and pair of elements at one cut-off.

    Parameters
    ----------
    role, pair : str
        As in `BondDifference`.
    cutoff : float
        Longest metal-metal pair in Å.
    n_a, n_b : int
        Number of pairs within it.
    a, b : float
        Their mean lengths in Å.
    delta, scatter : float
        Difference of the means and its standard error from scatter in Å.
    n_paired : int
        Number of pairs within it in both clusters.
    paired_delta : float
        Mean difference of these in Å.
    n_either : int
        Number of pairs of mapped atoms within it in at least one cluster.
    either_delta : float
        Mean difference of these in Å.
    """

    role: str
    pair: str
    cutoff: float = field(metadata={"unit": "Å"})
    n_a: int = field(metadata={"unit": ""})
    n_b: int = field(metadata={"unit": ""})
    a: float = field(metadata={"unit": "Å"})
    b: float = field(metadata={"unit": "Å"})
    delta: float = field(metadata={"unit": "Å"})
    scatter: float = field(metadata={"unit": "Å"})
    n_paired: int = field(metadata={"unit": ""})
    paired_delta: float = field(metadata={"unit": "Å"})
    n_either: int = field(metadata={"unit": ""})
    either_delta: float = field(metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignChange:
    """Two neighbouring cut-offs at which a difference has different signs.

    Parameters
    ----------
    role, pair : str
        As in `BondDifference`.
    kind : {"all", "paired", "either"}
        Which difference.
    low, high : float
        The cut-offs in Å.
    delta_low, delta_high : float
        The differences in Å.
    """

    role: str
    pair: str
    kind: str
    low: float = field(metadata={"unit": "Å"})
    high: float = field(metadata={"unit": "Å"})
    delta_low: float = field(metadata={"unit": "Å"})
    delta_high: float = field(metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BondDifferences:
    """The bonds of two clusters compared.

    Parameters
    ----------
    rows : tuple of BondDifference
        By role and elements.
    by_cutoff : tuple of CutoffDifference
        The metal-metal rows along the cut-off.
    sign_changes : tuple of SignChange
        Where a difference changes its sign along the cut-off.
    settings : PairBondSettings
        The choices.
    """

    rows: tuple[BondDifference, ...]
    by_cutoff: tuple[CutoffDifference, ...]
    sign_changes: tuple[SignChange, ...]
    settings: PairBondSettings
