"""Where does the electron count mislead? The known failures of the rule, as findings."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from clustermodel.elements import COINAGE
from clustermodel.structure.finding import Finding, Severity

__all__ = ["check_electron_count"]

_SMALL = (2, 4)  # two- and four-electron gold clusters are described as networks of 2e units
_SMALL_METALS = 10  # Au18(SR)14, Au20(SR)16, Au24(SR)20: from here on the small counts are networks


class CountedTerm(Protocol):
    """What the checks need to know of a term."""

    @property
    def label(self) -> str:
        """What is counted."""

    @property
    def each(self) -> int:
        """What each brings."""

    @property
    def derived(self) -> bool:
        """Whether its rule is derived."""


def check_electron_count(
    terms: Sequence[CountedTerm],
    metals: Mapping[str, int],
    neutral: int,
    charge: int | None,
    *,
    magic: Collection[int],
    hydrogens_known: bool,
) -> tuple[Finding, ...]:
    """Say where an electron count is derived, ambiguous or known to mislead.

    Parameters
    ----------
    terms : sequence
        Terms with label, contribution and whether their rule is derived.
    metals : mapping
        Number of atoms of each metal.
    neutral : int
        n* at zero charge.
    charge : int or None
        Charge, or None if it is not known.
    magic : collection of int
        Counts that close a shell.
    hydrogens_known : bool
        Whether hydrides would have been listed.

    Returns
    -------
    tuple of Finding
        What a reader should know.
    """
    value = None if charge is None else neutral - charge
    messages = [
        *_check_value(value, sum(metals.values()), metals, magic),
        *_check_rules(terms, metals),
        *_check_hydrides(terms, metals, hydrogens_known=hydrogens_known),
    ]
    return tuple(Finding(code=code, severity=level, message=text) for code, level, text in messages)


_Message = tuple[str, Severity, str]


def _check_value(
    value: int | None, total: int, metals: Mapping[str, int], magic: Collection[int]
) -> list[_Message]:
    if value is None:
        return []
    if value < 0:
        text = f"n* = {value} is negative: the charge or a ligand class must be wrong"
        return [("electrons-negative", "warning", text)]
    found: list[_Message] = []
    if value == 0:
        text = "n* = 0: all metal atoms count as oxidised; there is no superatom to speak of"
        found.append(("electrons-none", "info", text))
    if value % 2:
        text = f"n* = {value} is odd: the cluster has an open shell (as neutral Au25(SR)18, tofanelli2016)"
        found.append(("electrons-open-shell", "info", text))
    if value in magic:
        text = (
            f"n* = {value} closes a shell, which does not prove a superatom: Au146(p-MBA)57 3- has "
            "92 and is none (lopezlozano2017)"
        )
        found.append(("electrons-magic", "info", text))
    if value in _SMALL and total >= _SMALL_METALS and metals.get("Au", 0) * 2 >= total:
        text = (
            f"n* = {value} in a cluster of {total} metal atoms: such clusters are described as "
            "networks of two-electron units, not by one sphere"
        )
        found.append(("electrons-network", "warning", text))
    return found


def _check_rules(terms: Sequence[CountedTerm], metals: Mapping[str, int]) -> list[_Message]:
    derived = [term.label for term in terms if term.derived]
    found: list[_Message] = []
    if derived:
        text = f"derived rules, not stated in a source: {', '.join(derived)}"
        found.append(("electrons-derived", "warning", text))
    guests = sorted(symbol for symbol in metals if symbol in {"Ru", "Rh", "Ir"})
    if guests:
        text = (
            f"{', '.join(guests)}: the count holds for an atom inside the kernel, not for a fragment with "
            "ligands of its own; descriptions that include the d electrons of the guest give ten more"
        )
        found.append(("electrons-guest-metal", "warning", text))
    return found


def _check_hydrides(
    terms: Sequence[CountedTerm], metals: Mapping[str, int], *, hydrogens_known: bool
) -> list[_Message]:
    hydrides = [term for term in terms if term.label.startswith("hydride")]
    hosts = sorted(set(metals) & COINAGE)
    if hydrides:
        gives = "gives one electron" if hydrides[0].each > 0 else "takes one electron"
        mixed = "; in a mixed host this is a choice" if len(hosts) > 1 else ""
        text = (
            f"hydrogen on {', '.join(hosts)} {gives}: metal-like on gold (hu2017), hydride on "
            f"copper and silver (nguyen2015){mixed}"
        )
        return [("electrons-hydride-sign", "warning", text)]
    if "Cu" in metals:
        where = "in this list" if hydrogens_known else "in this structure"
        text = f"no hydride {where}: X-rays rarely locate them on copper, and each would take one electron"
        return [("electrons-hydrides-unseen", "warning", text)]
    return []
