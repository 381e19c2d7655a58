"""What counts as a contact? Kinds of contacts, cut-offs with their named presets, and their sources."""

import functools
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.elements import van_der_waals_radii
from clustermodel.errors import InputError

__all__ = [
    "CONTACT_KINDS",
    "CONTACT_PRESETS",
    "HYDROGEN_CHOICES",
    "ContactKind",
    "ContactSettings",
    "find_contact_radii",
    "find_preset_source",
    "find_preset_tolerance",
    "find_x_h_lengths",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactKind:
    """One kind of contact.

    Parameters
    ----------
    name : str
        ``"hydrogen-hydrogen"``, ``"CH-pi"``, ...
    notation : str
        As it is printed.
    mutual : bool
        True where the two partners are of one sort.
    relative : bool
        True where cut-offs count from the sum of the radii instead of from zero.
    angles : tuple of str
        The angles given for each contact.
    lengths : tuple of str
        The further lengths given for each contact.
    turned_angles, turned_lengths : tuple of int
        Their order where the two partners are exchanged.

    Notes
    -----
    Of H···Cg, γ is the angle of H···Cg with the normal of the ring. Of Cg···Cg, α is the angle of the two
    planes, β and γ those of Cg···Cg with the normals of the first and second ring; ``Cg 2···plane 1`` is the
    distance of the second centroid from the first plane, ``slippage 1`` that of its foot from the first
    centroid. X and R are the nearest atoms bonded to hydrogen and halogen.
    """

    name: str
    notation: str
    mutual: bool
    relative: bool
    angles: tuple[str, ...] = ()
    lengths: tuple[str, ...] = ()
    turned_angles: tuple[int, ...] = ()
    turned_lengths: tuple[int, ...] = ()


CONTACT_KINDS: dict[str, ContactKind] = {
    kind.name: kind
    for kind in (
        ContactKind(
            name="hydrogen-hydrogen",
            notation="H···H",
            mutual=True,
            relative=False,
            angles=("X–H···H", "H···H–X"),
            turned_angles=(1, 0),
        ),
        ContactKind(
            name="CH-pi",
            notation="C–H···Cg",
            mutual=False,
            relative=False,
            angles=("γ", "C–H···Cg"),
            lengths=("C···Cg", "H···plane"),
        ),
        ContactKind(
            name="pi-pi",
            notation="Cg···Cg",
            mutual=True,
            relative=False,
            angles=("α", "β", "γ"),
            lengths=("Cg 2···plane 1", "Cg 1···plane 2", "slippage 1", "slippage 2"),
            turned_angles=(0, 2, 1),
            turned_lengths=(1, 0, 3, 2),
        ),
        ContactKind(
            name="hydrogen-bond",
            notation="D–H···A",
            mutual=False,
            relative=True,
            angles=("D–H···A",),
            lengths=("D–H", "D···A"),
        ),
        ContactKind(
            name="weak-hydrogen-bond",
            notation="C–H···A",
            mutual=False,
            relative=True,
            angles=("C–H···A",),
            lengths=("C–H", "C···A"),
        ),
        ContactKind(
            name="halogen",
            notation="X···Y",
            mutual=True,
            relative=True,
            angles=("R–X···Y", "X···Y–R"),
            turned_angles=(1, 0),
        ),
        ContactKind(name="metal-metal", notation="M···M", mutual=True, relative=True),
        ContactKind(
            name="metal-hydrogen",
            notation="M···H",
            mutual=False,
            relative=True,
            angles=("M···H–X",),
        ),
    )
}

# Cut-offs in Å of the tables that compare them; of relative kinds counted from the sum of the radii.
_COMPARED = {
    "hydrogen-hydrogen": (2.30, 2.40, 2.50, 2.60),
    "CH-pi": (2.70, 2.80, 2.90, 3.00),
    "pi-pi": (3.80, 4.00, 4.50, 5.00, 6.00),
    "hydrogen-bond": (-0.80, -0.60, -0.40, -0.20, -0.12),
    "weak-hydrogen-bond": (-0.40, -0.30, -0.20, -0.12),
    "halogen": (-0.20, -0.10, 0.00, 0.10, 0.20),
    "metal-metal": (-0.20, -0.10, 0.00, 0.10, 0.20),
    "metal-hydrogen": (-0.20, -0.10, 0.00, 0.10, 0.20),
}


@functools.cache
def _data() -> dict[str, Any]:
    text = resources.files("clustermodel.analysis").joinpath("contact_presets.toml").read_text("utf-8")
    return tomllib.loads(text)


CONTACT_PRESETS: tuple[str, ...] = tuple(_data()["presets"])
HYDROGEN_CHOICES: tuple[str, ...] = ("refined", *_data()["hydrogens"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSettings:
    """The choices behind tables of contacts.

    Parameters
    ----------
    preset : str
        Radii and tolerance, one of `CONTACT_PRESETS`. The default gives 2.60 Å for H···H: the mean of 2.43 Å
        printed in pan2025 cannot come from a cut-off at twice the Bondi radius of 1.20 Å.
    tolerance : float, optional
        Tolerance in Å added to the sum of the radii, instead of the preset's.
    hydrogens : str
        ``"refined"``: hydrogen where the file has it; ``"normalised"``: moved along its bond to
        C-H 1.083, N-H 1.009, O-H 0.983 Å; ``"normalised-2010"``: to the lengths of allen2010.
    kinds : tuple of str
        Kinds of contacts looked for, of `CONTACT_KINDS`.
    between : tuple of (str, str)
        Pairs of roles, as ``("cluster", "cluster")``; all pairs if empty.
    min_bonds : int
        Within a molecule, atoms fewer bonds apart than this are in no contact (PLATON: 4).
    ch_pi_distance, ch_pi_angle : float
        Largest H···Cg in Å and largest angle γ of H···Cg with the normal of the ring in degree (the test that
        PLATON prints).
    pi_pi_distance, pi_pi_alpha, pi_pi_beta : float
        Largest Cg···Cg in Å, largest angle α of the two planes, and largest angle of Cg···Cg with a normal in
        degree: β with that of the first ring or γ with that of the second (PLATON lists each pair in both
        orders).
    hydrogen_bond_heavy, hydrogen_bond_excess, hydrogen_bond_angle : float
        D···A below R(D) + R(A) + this and H···A below R(H) + R(A) + this, in Å, and smallest D-H···A in
        degree (PLATON).
    donors, acceptors : tuple of str
        Elements D and A of hydrogen bonds; C-H groups make a kind of their own.
    halogens, halogen_partners : tuple of str
        Elements X and Y of halogen contacts; a contact of two atoms of X counts once.
    compared : dict of str to tuple of float
        Cut-offs in Å of the tables that compare them, by kind.
    """

    preset: str = "platon"
    tolerance: float | None = field(default=None, metadata={"unit": "Å"})
    hydrogens: str = "refined"
    kinds: tuple[str, ...] = tuple(CONTACT_KINDS)
    between: tuple[tuple[str, str], ...] = ()
    min_bonds: int = 4
    ch_pi_distance: float = field(default=3.0, metadata={"unit": "Å"})
    ch_pi_angle: float = field(default=40.0, metadata={"unit": "°"})
    pi_pi_distance: float = field(default=6.0, metadata={"unit": "Å"})
    pi_pi_alpha: float = field(default=20.0, metadata={"unit": "°"})
    pi_pi_beta: float = field(default=60.0, metadata={"unit": "°"})
    hydrogen_bond_heavy: float = field(default=0.50, metadata={"unit": "Å"})
    hydrogen_bond_excess: float = field(default=-0.12, metadata={"unit": "Å"})
    hydrogen_bond_angle: float = field(default=100.0, metadata={"unit": "°"})
    donors: tuple[str, ...] = ("N", "O", "F", "S", "Cl", "Br", "I")
    acceptors: tuple[str, ...] = ("N", "O", "F", "S", "Se", "Cl", "Br", "I")
    halogens: tuple[str, ...] = ("Cl", "Br", "I")
    halogen_partners: tuple[str, ...] = ("N", "O", "F", "P", "S", "Se", "Te", "Cl", "Br", "I")
    compared: dict[str, tuple[float, ...]] = field(
        default_factory=lambda: dict(_COMPARED), metadata={"unit": "Å"}
    )

    def __post_init__(self) -> None:
        """Check the names.

        Raises
        ------
        InputError
            If a preset, a choice for hydrogen or a kind does not exist.
        """
        _check("preset", [self.preset], CONTACT_PRESETS)
        _check("choice for hydrogens", [self.hydrogens], HYDROGEN_CHOICES)
        _check("kind of contact", (*self.kinds, *self.compared), CONTACT_KINDS)


def find_contact_radii(preset: str, elements: Sequence[str]) -> FloatArray:
    """Return the van der Waals radii of a preset.

    Parameters
    ----------
    preset : str
        One of `CONTACT_PRESETS`.
    elements : sequence of str
        Element symbols.

    Returns
    -------
    ndarray, shape (n,)
        Radii in Å; those of bondi1964 where the preset has none of its own.

    Raises
    ------
    InputError
        If there is no such preset.

    Examples
    --------
    >>> [find_contact_radii(name, ["H", "Au"]).tolist() for name in ("bondi", "csd", "alvarez")]
    [[1.2, 1.66], [1.09, 1.66], [1.2, 2.32]]
    """
    _check("preset", [preset], CONTACT_PRESETS)
    own = _data()["presets"][preset].get("radii", {})
    general = van_der_waals_radii(elements)
    return np.array([own.get(element, radius) for element, radius in zip(elements, general, strict=True)])


def find_preset_tolerance(preset: str) -> float:
    """Return what a preset adds to the sum of the radii.

    Parameters
    ----------
    preset : str
        One of `CONTACT_PRESETS`.

    Returns
    -------
    float
        Tolerance in Å.

    Raises
    ------
    InputError
        If there is no such preset.
    """
    _check("preset", [preset], CONTACT_PRESETS)
    return float(_data()["presets"][preset]["tolerance"])


def find_preset_source(preset: str) -> str:
    """Return where the numbers of a preset come from.

    Parameters
    ----------
    preset : str
        One of `CONTACT_PRESETS`.

    Returns
    -------
    str
        Literature source.

    Raises
    ------
    InputError
        If there is no such preset.
    """
    _check("preset", [preset], CONTACT_PRESETS)
    return str(_data()["presets"][preset]["source"])


def find_x_h_lengths(choice: str) -> dict[str, float]:
    """Return the lengths to which bonds of hydrogen are brought.

    Parameters
    ----------
    choice : str
        One of `HYDROGEN_CHOICES`.

    Returns
    -------
    dict of str to float
        Length in Å by the element that hydrogen is bonded to; empty for ``"refined"``.

    Raises
    ------
    InputError
        If there is no such choice.

    Examples
    --------
    >>> find_x_h_lengths("normalised")["C"], find_x_h_lengths("refined")
    (1.083, {})
    """
    _check("choice for hydrogens", [choice], HYDROGEN_CHOICES)
    table = _data()["hydrogens"].get(choice, {})
    return {element: float(length) for element, length in table.items() if element != "source"}


def _check(what: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            msg = f"there is no {what} {name!r}; expected one of {', '.join(known)}"
            raise InputError(msg)
