"""Which named shape does a donor atom have? The tests of form that the ligand table refers to."""

from collections.abc import Callable

from clustermodel.cluster.ligand_environment import LigandEnvironment
from clustermodel.elements import COINAGE

__all__ = ["FEATURES", "find_amidine_carbon", "find_five_ring", "find_pi_chain", "find_vinylogous_carbon"]

_TRIPLE = 1.30  # Å; C-C 1.20 free, up to 1.27 in bridging alkynyls, 1.34 and more in alkenes
_CARBON_TRIPLE = 1.25  # Å; bound C=O and C=N of CO, CN-, RNC, RCN 1.10-1.20, C=N double bonds 1.27 and more
_STRAIGHT = 145.0  # degrees; C-C-C of bridging alkynyls 160-180, of a disordered allyl 120-130
_ALKYNE = 1.33  # Å; side-on alkynes lengthen to 1.25-1.33, bound alkenes have 1.38-1.45
_ALKYNE_SURE = 1.40  # Å; where the hydrogen atoms say that no alkene is meant; Co2(alkyne) has 1.33-1.36
_PI_BOND = 1.47  # Å; C-C of bound alkenes and allyls 1.38-1.45, single bonds 1.50 and more
_CARBON_DOUBLE = 1.42  # Å; between C=C 1.34 and sp2-sp2 C-C 1.47
_IMINE = 1.31  # Å; C=N 1.27-1.30, amide C-N 1.33
_KETONE = 1.28  # Å; C=O 1.21-1.27 also when bound, phenolate and alkoxide C-O 1.30-1.43
_OXO = 1.80  # Å; terminal M=O 1.65-1.75, M-OH and M-OH2 1.85 and more
_OXOPHILIC = frozenset({"Ti", "Zr", "Hf", "V", "Nb", "Ta", "Cr", "Mo", "W", "Tc", "Re"})


def find_pi_chain(env: LigandEnvironment, atom: int) -> list[int]:
    """Return the metal-bound carbon atoms joined to one by short bonds, itself included.

    Parameters
    ----------
    env : LigandEnvironment
        The molecule.
    atom : int
        A donor carbon.

    Returns
    -------
    list of int
        Indices, in the order they were reached.
    """
    chain = [atom]
    for member in chain:
        for other in env.heavy[member]:
            bound = env.elements[other] == "C" and env.metals[other] and other not in chain
            if bound and env.distance(member, other) < _PI_BOND:
                chain.append(other)
    return chain


def find_five_ring(env: LigandEnvironment, atom: int) -> tuple[int, ...] | None:
    """Return the flat five-membered ring through an atom, or None.

    Parameters
    ----------
    env : LigandEnvironment
        The molecule.
    atom : int
        An atom of a ligand.

    Returns
    -------
    tuple of int or None
        The atoms of the ring.
    """
    return next((ring for ring in env.flat_rings(atom) if len(ring) == 5), None)


def find_amidine_carbon(env: LigandEnvironment, atom: int) -> int | None:
    """Return the carbon of an N-C-N unit whose two bare N both bind metals, or None.

    Parameters
    ----------
    env : LigandEnvironment
        The molecule.
    atom : int
        A donor nitrogen.

    Returns
    -------
    int or None
        Index of the carbon between the nitrogen atoms; None also where one ring holds all three.
    """
    for carbon in env.heavy[atom]:
        partners = [
            n
            for n in env.heavy[carbon]
            if n != atom and env.elements[n] == "N" and env.metals[n] and env.degree(n) == 2
        ]
        ringed = any({carbon, n} <= set(ring) for ring in env.rings(atom) for n in partners)
        if env.elements[carbon] == "C" and partners and env.degree(atom) == 2 and not ringed:
            return carbon
    return None


def find_vinylogous_carbon(env: LigandEnvironment, atom: int) -> int | None:
    """Return the middle carbon of D-C-C-C-D whose two donors share one charge, or None.

    The donors are O or N, as in acetylacetonate and beta-diketiminate.

    Parameters
    ----------
    env : LigandEnvironment
        The molecule.
    atom : int
        A donor oxygen or nitrogen.

    Returns
    -------
    int or None
        Index of the middle carbon; None also where one ring holds the three carbons.
    """
    for inner in env.heavy[atom]:
        for middle in env.heavy[inner]:
            for outer in env.heavy[middle]:
                if outer != inner and _shares_charge(env, (inner, middle, outer), atom):
                    return middle
    return None


def _shares_charge(env: LigandEnvironment, path: tuple[int, int, int], atom: int) -> bool:
    """Return whether a chain of three trigonal carbons ends in two donors of O or N."""
    inner, middle, outer = path
    trigonal = all(env.elements[c] == "C" and env.degree(c) <= 3 for c in path)
    if not trigonal or atom in path or len(env.terminals(inner)) > 1 or len(env.terminals(outer)) > 1:
        return False
    if any({inner, middle, outer} <= set(ring) for ring in env.rings(middle)):
        return False
    return any(_is_anion_end(env, n) for n in env.heavy[outer] if n not in path) and _is_anion_end(env, atom)


def _is_anion_end(env: LigandEnvironment, atom: int) -> bool:
    full = {"O": 1, "N": 2}
    return bool(env.metals[atom]) and env.degree(atom) == full.get(env.elements[atom])


def _is_alkynyl_alpha(env: LigandEnvironment, atom: int) -> bool:
    hub = env.hub(atom)
    if hub is None or env.elements[atom] != "C" or env.elements[hub] != "C":
        return False
    straight = all(env.angle(atom, hub, n) > _STRAIGHT for n in env.heavy[hub] if n != atom)
    return env.degree(hub) <= 2 and env.distance(atom, hub) < _TRIPLE and straight


def _is_alkynyl_beta(env: LigandEnvironment, atom: int) -> bool:
    ends = [n for n in env.heavy[atom] if env.hydrogens[n] == 0 and _is_alkynyl_alpha(env, n)]
    return env.degree(atom) == 2 and bool(ends)


def _is_alkyne(env: LigandEnvironment, atom: int) -> bool:
    near = [n for n in find_pi_chain(env, atom)[1:] if n in env.heavy[atom] and env.degree(n) <= 2]
    limit = _ALKYNE_SURE if env.hydrogens_known(atom) else _ALKYNE
    return env.degree(atom) <= 2 and any(env.distance(atom, n) < limit for n in near)


def _is_cyclopentadienyl(env: LigandEnvironment, atom: int) -> bool:
    ring = find_five_ring(env, atom)
    return ring is not None and all(env.elements[a] == "C" for a in ring)


def _is_pyrrole_like(env: LigandEnvironment, atom: int) -> bool:
    """Return whether a ring atom gives two pi electrons: N with a substituent, O, S, Se."""
    element = env.elements[atom]
    return element in {"O", "S", "Se"} or (element == "N" and env.degree(atom) == 3)


def _is_ring_carbene(env: LigandEnvironment, atom: int) -> bool:
    if env.degree(atom) != 2:
        return False
    return any(_ring_makes_carbene(env, atom, ring) for ring in env.rings(atom))


def _ring_makes_carbene(env: LigandEnvironment, atom: int, ring: tuple[int, ...]) -> bool:
    """Return whether a deprotonated ring carbon leaves the ring neutral: azolium minus H+."""
    sides = [n for n in env.heavy[atom] if n in ring]
    substituted = [n for n in sides if env.elements[n] == "N" and env.degree(n) == 3]
    saturated = [n for n in sides if env.elements[n] == "C" and env.degree(n) == 4]
    if len(substituted) == 2 or (substituted and saturated):
        return True
    needed = 2 if len(ring) == 5 else 1  # a neutral five-ring has one such atom, a six-ring none
    return ring in env.flat_rings(atom) and sum(_is_pyrrole_like(env, a) for a in ring) >= needed


def _is_bare_azole(env: LigandEnvironment, atom: int) -> bool:
    ring = find_five_ring(env, atom) or ()
    return any(env.elements[a] == "N" and env.degree(a) == 2 for a in ring)


def _is_acyclic_carbene(env: LigandEnvironment, atom: int) -> bool:
    if env.degree(atom) != 2 or env.rings(atom) or _has_terminal_oxygen(env, atom):
        return False
    full = {"N": 3, "O": 2}
    return any(env.degree(n) == full.get(env.elements[n]) for n in env.heavy[atom])


def _has_terminal_oxygen(env: LigandEnvironment, atom: int) -> bool:
    return any(env.elements[n] == "O" and env.degree(n) == 1 for n in env.heavy[atom])


def _is_odd_chain(env: LigandEnvironment, atom: int) -> bool:
    chain = find_pi_chain(env, atom)
    return len(chain) >= 3 and len(chain) % 2 == 1


def _is_even_chain(env: LigandEnvironment, atom: int) -> bool:
    chain = find_pi_chain(env, atom)
    complete = not env.hydrogens_known(atom) or all(env.degree(c) == 3 for c in chain)
    return len(chain) >= 2 and len(chain) % 2 == 0 and complete


def _has_triple_bond(env: LigandEnvironment, atom: int) -> bool:
    return any(env.distance(atom, n) < _CARBON_TRIPLE for n in env.heavy[atom])


def _has_straight_hub(env: LigandEnvironment, atom: int) -> bool:
    hub = env.hub(atom)
    if hub is None or env.degree(hub) != 2:
        return False
    return all(env.angle(atom, hub, n) > _STRAIGHT for n in env.heavy[hub] if n != atom)


def _has_double_bond(env: LigandEnvironment, atom: int) -> bool:
    return any(env.elements[n] == "C" and env.distance(atom, n) < _CARBON_DOUBLE for n in env.heavy[atom])


def _has_gold_host(env: LigandEnvironment, atom: int) -> bool:
    near = [env.elements[m] for m in env.metals[atom] if env.elements[m] in COINAGE]
    host = near or [s for s in env.elements if s in COINAGE]
    return host.count("Au") > len(host) / 2


def _trigonal_hub(env: LigandEnvironment, atom: int) -> int | None:
    hub = env.hub(atom)
    if hub is None or env.degree(hub) != 3 or not env.is_planar(hub):
        return None
    return hub


def _hub_nitrogens(env: LigandEnvironment, atom: int) -> list[int]:
    hub = _trigonal_hub(env, atom)
    return [] if hub is None else [n for n in env.heavy[hub] if env.elements[n] == "N"]


def _is_thione(env: LigandEnvironment, atom: int) -> bool:
    nitrogens = _hub_nitrogens(env, atom)
    return bool(nitrogens) and all(env.degree(n) == 3 for n in nitrogens)


def _has_thiourea_skeleton(env: LigandEnvironment, atom: int) -> bool:
    nitrogens = _hub_nitrogens(env, atom)
    hub = env.hub(atom)
    return hub is not None and len(nitrogens) >= 2 and not env.rings(hub)


def _has_ylidene_hub(env: LigandEnvironment, atom: int) -> bool:
    hub = _trigonal_hub(env, atom)
    return hub is not None and _has_double_bond(env, hub)


def _is_azolate(env: LigandEnvironment, atom: int) -> bool:
    ring = find_five_ring(env, atom)
    if ring is None or any(_is_pyrrole_like(env, a) for a in ring):
        return False
    nitrogens = [a for a in ring if env.elements[a] == "N"]
    return env.hydrogens_known(atom) or all(env.metals[a] for a in nitrogens)


def _is_azolate_likely(env: LigandEnvironment, atom: int) -> bool:
    ring = find_five_ring(env, atom)
    if ring is None or any(_is_pyrrole_like(env, a) for a in ring):
        return False
    return sum(env.elements[a] == "N" and bool(env.metals[a]) for a in ring) >= 2


def _is_imine(env: LigandEnvironment, atom: int) -> bool:
    near = [n for n in env.heavy[atom] if env.elements[n] in {"C", "N"}]
    return env.degree(atom) <= 2 and any(env.distance(atom, n) < _IMINE for n in near)


def _is_oxo(env: LigandEnvironment, atom: int) -> bool:
    oxophilic = any(env.elements[m] in _OXOPHILIC for m in env.metals[atom])
    return oxophilic or env.metal_distance(atom) < _OXO


def _is_double_bonded_oxygen(env: LigandEnvironment, atom: int) -> bool:
    hub = env.hub(atom)
    if hub is None or env.degree(hub) > 3:
        return False
    amide = any(env.elements[n] == "N" and env.degree(n) == 3 for n in env.heavy[hub])
    return amide or env.distance(atom, hub) < _KETONE


def _is_porphyrinoid(env: LigandEnvironment, atom: int) -> bool:
    """Return whether a pyrrole nitrogen is conjugated with another one on both sides."""
    ring = find_five_ring(env, atom)
    if ring is None:
        return False
    sides = [a for a in ring if a in env.heavy[atom]]
    return all(_leads_to_pyrrole(env, side, ring) for side in sides)


def _leads_to_pyrrole(env: LigandEnvironment, side: int, ring: tuple[int, ...]) -> bool:
    """Return whether one trigonal atom links a ring carbon to a ring with a donor nitrogen."""
    meso = [n for n in env.heavy[side] if n not in ring and env.degree(n) <= 3 and not env.rings(n)]
    beyond = [far for m in meso for far in env.heavy[m] if far not in ring]
    rings = [other for far in beyond if (other := find_five_ring(env, far))]
    return any(env.elements[a] == "N" and env.metals[a] for other in rings for a in other)


def _is_not_phenol(env: LigandEnvironment, atom: int) -> bool:
    hub = env.hub(atom)
    return hub is None or not env.flat_rings(hub)


FEATURES: dict[str, Callable[[LigandEnvironment, int], bool]] = {
    "acyclic-carbene": _is_acyclic_carbene,
    "alkyne": _is_alkyne,
    "alkynyl-alpha": _is_alkynyl_alpha,
    "alkynyl-beta": _is_alkynyl_beta,
    "amidinate": lambda env, atom: find_amidine_carbon(env, atom) is not None,
    "azolate": _is_azolate,
    "azolate-likely": _is_azolate_likely,
    "bare-azole": _is_bare_azole,
    "cyclopentadienyl": _is_cyclopentadienyl,
    "double-bond": _has_double_bond,
    "double-bonded-oxygen": _is_double_bonded_oxygen,
    "even-chain": _is_even_chain,
    "flat-five-ring": lambda env, atom: find_five_ring(env, atom) is not None,
    "flat-ring": lambda env, atom: bool(env.flat_rings(atom)),
    "gold-host": _has_gold_host,
    "imine": _is_imine,
    "nitrogen-hub": lambda env, atom: bool(_hub_nitrogens(env, atom)),
    "not-phenol": _is_not_phenol,
    "not-ringed": lambda env, atom: not env.rings(atom),
    "not-sigma": lambda env, atom: not env.is_sigma(atom),
    "odd-chain": _is_odd_chain,
    "oxo": _is_oxo,
    "planar": lambda env, atom: env.is_planar(atom),
    "porphyrinoid": _is_porphyrinoid,
    "ring-carbene": _is_ring_carbene,
    "sigma": lambda env, atom: env.is_sigma(atom),
    "straight-hub": _has_straight_hub,
    "terminal-oxygen": _has_terminal_oxygen,
    "thione": _is_thione,
    "thiourea-skeleton": _has_thiourea_skeleton,
    "triple-bond": _has_triple_bond,
    "vinylogous": lambda env, atom: find_vinylogous_carbon(env, atom) is not None,
    "ylidene-hub": _has_ylidene_hub,
}
