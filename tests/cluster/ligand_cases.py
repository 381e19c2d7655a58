"""One structure for each class of ligand, with the class, electrons and binding mode it must get."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from tests.cluster.ligand_models import Sketch, amino, g2, ring, tetrahedral, trigonal


def _atom(element: str, count: int = 1, metal: str = "Au") -> Sketch:
    return Sketch([element], [(0, 0, 0)]).bind(0, count=count, metal=metal)


def _octahedron(element: str, metal: str = "Au", length: float = 2.1) -> Sketch:
    corners = [sign * np.eye(3)[axis] * length for axis in range(3) for sign in (1, -1)]
    return Sketch([element, *[metal] * 6], [(0, 0, 0), *corners])


_CORNERS = ((1, -1, -1), (-1, 1, -1), (-1, -1, 1))


def _dimethoxy(donors: list[str]) -> Sketch:
    """(MeO)2PS2 and the like: a tetrahedral phosphorus with two donors and two methoxy groups."""
    sketch = tetrahedral("P", [*donors, "O", "O"])
    return _methyl_on(_methyl_on(sketch, 3), 4).bind(1).bind(2)


def _trimethyl(center: str, donor: str) -> Sketch:
    """Me3P=O and the like."""
    sketch = tetrahedral(center, [donor])
    for corner in _CORNERS:
        _methyl_on(sketch, 0, corner)
    return sketch.bind(1)


def _dithiocarbamate() -> Sketch:
    sketch = trigonal("C", ["S", "S", "N"], [1.71, 1.71, 1.34])
    return amino(sketch, 3).bind(1, metal="Ag").bind(2, metal="Ag")


def _methyl_on(sketch: Sketch, atom: int, direction: Sequence[float] | None = None) -> Sketch:
    """Put a methyl group on an atom, along its lone pair by default."""
    carbon = sketch.add("C", atom, sketch.outward(atom) if direction is None else direction)
    axis = sketch.positions[carbon] - sketch.positions[atom]
    axis = axis / np.linalg.norm(axis)
    side = np.cross(axis, (0.2, 0.5, 0.8))
    side /= np.linalg.norm(side)
    for turn in (0, 2, 4):
        t = math.pi * turn / 3
        sketch.add(
            "H", carbon, axis / 3 + 0.943 * (math.cos(t) * side + math.sin(t) * np.cross(axis, side)), 1.09
        )
    return sketch


def _xanthate() -> Sketch:
    sketch = trigonal("C", ["S", "S", "O"], [1.68, 1.68, 1.34])
    carbon = sketch.add("C", 3, (0.5, -0.87, 0), 1.43)
    for direction in ((0.9, -0.4, 0), (-0.4, -0.5, 0.8), (-0.4, -0.5, -0.8)):
        sketch.add("H", carbon, direction, 1.09)
    return sketch.bind(1).bind(2)


def _dithiolene() -> Sketch:
    """S2C=CH2(2-): a 1,1-dithiolate."""
    sketch = trigonal("C", ["S", "S", "C"], [1.74, 1.74, 1.35])
    return amino(sketch, 3).bind(1).bind(2)


def _thiourea() -> Sketch:
    sketch = trigonal("C", ["S", "N", "N"], [1.71, 1.33, 1.33])
    return amino(amino(sketch, 2), 3).bind(1, count=2)


def _allyl() -> Sketch:
    sketch = trigonal("C", ["C", "C", "H"], [1.40, 1.40, 1.08])
    amino(amino(sketch, 1), 2)
    return sketch.bind_above([0, 1, 2], metal="Pd")


def _malonaldehyde() -> Sketch:
    """The enolate of malonaldehyde, O-CH-CH-CH-O, as acetylacetonate binds."""
    r = 1.40
    points = {
        "C": [(0, 0), (1.21, 0.70), (-1.21, 0.70)],
        "O": [(1.21, 1.97), (-1.21, 1.97)],
        "H": [(0, -1.08), (2.15, 0.16), (-2.15, 0.16)],
    }
    sketch = Sketch(
        [e for e, places in points.items() for _ in places],
        [(x * r / 1.398, y * r / 1.398, 0) for places in points.values() for x, y in places],
    )
    sketch.elements.append("Cu")
    sketch.positions.append(np.array([0, 3.35, 0]))
    return sketch


def _amidinate() -> Sketch:
    sketch = trigonal("C", ["N", "N", "H"], [1.32, 1.32, 1.09])
    for atom, x in ((1, 1), (2, -1)):
        sketch.add("H", atom, (0.9 * x - 0.5, -0.9, 0) if atom == 1 else (-0.9, 0.6, 0), 1.01)
    return sketch.bind(1).bind(2)


def _ferrocenethiolate() -> Sketch:
    lower = ring(["C"] * 5, ["S", "H", "H", "H", "H"], 1.42)
    upper = ring(["C"] * 5, ["H"] * 5, 1.42)
    sketch = Sketch(
        [*lower.elements, *upper.elements],
        [*lower.positions, *[p + np.array([0, 0, 3.30]) for p in upper.positions]],
    )
    sketch.bind(5, count=2)
    sketch.elements.append("Fe")
    sketch.positions.append(np.array([0, 0, 1.65]))
    return sketch


def _benzenedithiolate() -> Sketch:
    return ring(["C"] * 6, ["S", "H", "S", "H", "H", "H"], 1.40).bind(6, count=2).bind(8, count=2)


def _diphosphine() -> Sketch:
    """H2P-CH2-PH2 between two metal atoms."""
    sketch = tetrahedral("C", ["P", "P", "H", "H"])
    for atom in (1, 2):
        axis = sketch.outward(atom) / np.linalg.norm(sketch.outward(atom))
        side = np.cross(axis, sketch.positions[3 - atom])
        side /= np.linalg.norm(side)
        third = np.cross(axis, side)
        for turn in (0, 2, 4):
            t = math.pi * turn / 3
            arm = axis / 3 + 0.943 * (math.cos(t) * side + math.sin(t) * third)
            sketch.add("H" if turn else "Au", atom, arm)
    return sketch


def _phosphinito() -> Sketch:
    """H2P(=O)-, bound through phosphorus to Au."""
    return tetrahedral("P", ["O", "H", "H", "Au"])


def _side_alkynyl() -> Sketch:
    sketch = g2("C3H4_C3v")
    ends = [a for a in range(3) if len(sketch.bonds_of(a)) == 2]
    alpha = next(a for a in ends if any(sketch.elements[n] == "H" for n in sketch.bonds_of(a)))
    beta = next(n for n in sketch.bonds_of(alpha) if sketch.elements[n] == "C")
    return sketch.bind(alpha, lose="H").bind_side(alpha, beta)


def _ring_donor(
    atoms: list[str], outside: list[str], *, donors: tuple[int, ...] = (0,), count: int = 1
) -> Sketch:
    sketch = ring(atoms, outside, 1.38 if len(atoms) == 5 else 1.39)
    for donor in donors:
        sketch.bind(donor, count=count)
    return sketch


Case = tuple[Callable[[], Sketch], str, int, str]

_AZOLE = ["N", "N", "C", "C", "C"]
_IMIDAZOLE = ["C", "N", "C", "C", "N"]

CASES: dict[str, Case] = {
    # sulfur, selenium, tellurium
    "thiolate, terminal": (lambda: g2("CH3SH").bind(1, lose="H"), "thiolate", 1, "terminal"),
    "thiolate, mu2": (lambda: g2("CH3SH").bind(1, lose="H", count=2), "thiolate", 1, "mu2"),
    "thiolate, mu3": (lambda: g2("CH3SH").bind(1, lose="H", count=3), "thiolate", 1, "mu3"),
    "selenolate": (lambda: g2("CH3SH").swap("S", "Se").bind(1, lose="H", count=2), "selenolate", 1, "mu2"),
    "tellurolate": (lambda: g2("CH3SH").swap("S", "Te").bind(1, lose="H", count=2), "tellurolate", 1, "mu2"),
    "hydrosulfide": (lambda: g2("SH2").bind(0, lose="H", count=2), "thiolate", 1, "mu2"),
    "thiol": (lambda: g2("CH3SH").bind(1), "thiol", 0, "terminal"),
    "thioether": (lambda: g2("CH3SCH3").bind(1), "thioether", 0, "terminal"),
    "hydrogen sulfide": (lambda: g2("SH2").bind(0), "hydrogen sulfide", 0, "terminal"),
    "sulfide, mu3": (lambda: _atom("S", 3), "sulfide", 2, "mu3"),
    "sulfide, mu4": (lambda: _atom("S", 4), "sulfide", 2, "mu4"),
    "selenide": (lambda: _atom("Se", 4, "Ag"), "selenide", 2, "mu4"),
    "dithiolate": (_benzenedithiolate, "dithiolate", 2, "mu4-S,S'"),
    "dithiocarbamate": (_dithiocarbamate, "dithiocarbamate", 1, "mu2-S,S'"),
    "xanthate": (_xanthate, "xanthate", 1, "mu2-S,S'"),
    "1,1-dithiolate": (_dithiolene, "dithiolate", 2, "mu2-S,S'"),
    "dithiophosphate": (
        lambda: _dimethoxy(["S", "S"]),
        "dithiophosphate",
        1,
        "mu2-S,S'",
    ),
    "dithiophosphinate": (
        lambda: tetrahedral("P", ["S", "S", "H", "H"]).bind(1).bind(2),
        "dithiophosphinate",
        1,
        "mu2-S,S'",
    ),
    "diselenophosphate": (
        lambda: _dimethoxy(["Se", "Se"]),
        "diselenophosphate",
        1,
        "mu2-Se,Se'",
    ),
    "phosphine sulfide": (
        lambda: _trimethyl("P", "S"),
        "phosphine sulfide",
        0,
        "terminal",
    ),
    "thiourea": (_thiourea, "thione", 0, "mu2"),
    "thiocyanate": (lambda: g2("OCS").swap("O", "N").bind(2), "thiocyanate", 1, "terminal"),
    "sulfoxide by S": (lambda: g2("C2H6SO").bind(0), "sulfoxide", 0, "terminal"),
    # phosphorus, arsenic, antimony
    "phosphine": (lambda: g2("PH3").bind(0), "phosphine", 0, "terminal"),
    "arsine": (lambda: g2("PH3").swap("P", "As").bind(0), "arsine", 0, "terminal"),
    "diphosphine": (_diphosphine, "diphosphine", 0, "mu2-P,P'"),
    "phosphide": (lambda: g2("PH3").bind(0, lose="H", count=2), "phosphide", 1, "mu2"),
    "phosphinito": (_phosphinito, "phosphinito", 1, "terminal"),
    # halogens, hydrogen
    "chloride": (lambda: _atom("Cl"), "halide", 1, "terminal"),
    "bromide": (lambda: _atom("Br", 2), "halide", 1, "mu2"),
    "iodide": (lambda: _atom("I", 3), "halide", 1, "mu3"),
    "halocarbon": (lambda: g2("CH3Cl").bind(1), "halocarbon", 0, "terminal"),
    "tetrafluoroborate": (
        lambda: tetrahedral("B", ["F"] * 4).bind(1, metal="Ag"),
        "tetrafluoroborate",
        1,
        "terminal",
    ),
    "hydrogen on gold": (lambda: _atom("H", 3), "hydride", -1, "mu3"),
    "hydrogen on copper": (lambda: _atom("H", 3, "Cu"), "hydride", 1, "mu3"),
    # carbon
    "carbide": (lambda: _octahedron("C"), "carbide", 4, "mu6"),
    "cyanide": (lambda: g2("HCN").bind(0, lose="H"), "cyanide", 1, "terminal"),
    "cyanide, bridging": (lambda: g2("HCN").bind(1).bind(0, lose="H"), "cyanide", 1, "mu2-C,N"),
    "isocyanide": (
        lambda: Sketch(["C", "N", "C", *"HHH"], g2("CH3CN").positions).bind(2),
        "isocyanide",
        0,
        "terminal",
    ),
    "carbonyl": (lambda: g2("CO").bind(1), "carbonyl", 0, "terminal"),
    "ethynyl": (lambda: g2("C2H2").bind(0, lose="H"), "alkynyl", 1, "terminal"),
    "alkynyl, sigma and pi": (_side_alkynyl, "alkynyl", 1, "mu2-eta1,eta2"),
    "alkyne": (lambda: g2("2-butyne").bind_side(1, 2, height=2.05), "alkyne", 0, "eta2"),
    "alkene": (lambda: g2("C2H4").bind_side(0, 1, height=2.05), "alkene", 0, "eta2"),
    "allyl": (_allyl, "allyl", 1, "eta3"),
    "aryl": (lambda: g2("C6H6").bind(0, lose="H"), "aryl", 1, "terminal"),
    "aryl, mu2": (lambda: g2("C6H6").bind(0, lose="H", count=2, metal="Cu"), "aryl", 1, "mu2"),
    "arene": (
        lambda: ring(["C"] * 6, ["H"] * 6, 1.40).bind_above([0, 1], metal="Ag", height=2.3),
        "arene",
        0,
        "eta2",
    ),
    "alkyl": (lambda: g2("CH4").bind(0, lose="H"), "alkyl", 1, "terminal"),
    "acyl": (lambda: g2("CH3CHO").bind(1, lose="H"), "acyl", 1, "terminal"),
    "alkenyl": (lambda: g2("C2H4").bind(0, lose="H"), "alkenyl", 1, "terminal"),
    "cyclopentadienyl": (
        lambda: ring(["C"] * 5, ["H"] * 5, 1.42).bind_above(range(5), metal="Ru"),
        "cyclopentadienyl",
        1,
        "eta5",
    ),
    "imidazol-2-ylidene": (lambda: _ring_donor(_IMIDAZOLE, ["", "H", "H", "H", "H"]), "NHC", 0, "terminal"),
    "1,2,3-triazol-5-ylidene": (
        lambda: _ring_donor(["C", "N", "N", "N", "C"], ["", "H", "", "H", "H"]),
        "NHC",
        0,
        "terminal",
    ),
    "imidazol-2-yl": (lambda: _ring_donor(_IMIDAZOLE, ["", "H", "H", "H", ""]), "aryl", 1, "terminal"),
    "diaminocarbene": (
        lambda: amino(amino(trigonal("C", ["N", "N", "Au"], [1.33, 1.33, 2.02]), 1), 2),
        "carbene",
        0,
        "terminal",
    ),
    # nitrogen
    "pyridyl": (lambda: g2("C5H5N").bind(0), "pyridyl", 0, "terminal"),
    "amine": (lambda: g2("H3CNH2").bind(1), "amine", 0, "terminal"),
    "ammonia": (lambda: g2("NH3").bind(0), "amine", 0, "terminal"),
    "amide": (lambda: g2("C2H6NH").bind(1, lose="H", count=2), "amide", 1, "mu2"),
    "nitrile": (lambda: g2("CH3CN").bind(2), "nitrile", 0, "terminal"),
    "dinitrogen": (lambda: g2("N2").bind(0), "dinitrogen", 0, "terminal"),
    "pyrrolide": (lambda: g2("C4H4NH").bind(1, lose="H"), "azolate", 1, "terminal"),
    "pyrazolate": (
        lambda: _ring_donor(_AZOLE, ["", "", "H", "H", "H"], donors=(0, 1)),
        "azolate",
        1,
        "mu2-N,N'",
    ),
    "pyrazole": (lambda: _ring_donor(_AZOLE, ["", "H", "H", "H", "H"]), "azole", 0, "terminal"),
    "1,2,4-triazolate": (
        lambda: _ring_donor(["N", "N", "C", "N", "C"], ["", "", "H", "", "H"], donors=(0, 1, 3)),
        "azolate",
        1,
        "mu3-N,N',N''",
    ),
    "amidinate": (_amidinate, "amidinate", 1, "mu2-N,N'"),
    "nitrite": (lambda: g2("NO2").bind(0), "nitrite", 1, "terminal"),
    "nitride": (lambda: _octahedron("N"), "nitride", 3, "mu6"),
    # oxygen
    "water": (lambda: g2("H2O").bind(0), "water", 0, "terminal"),
    "hydroxide": (lambda: g2("H2O").bind(0, lose="H", count=2), "hydroxide", 1, "mu2"),
    "oxide": (lambda: _atom("O", 4), "oxide", 2, "mu4"),
    "alcohol": (lambda: g2("CH3OH").bind(1), "alcohol", 0, "terminal"),
    "alkoxide": (lambda: g2("CH3OH").bind(1, lose="H", count=2), "alkoxide", 1, "mu2"),
    "phenolate": (
        lambda: ring(["C"] * 6, ["O", *["H"] * 5], 1.40).bind(6, count=2),
        "alkoxide",
        1,
        "mu2",
    ),
    "ether": (lambda: g2("CH3OCH3").bind(1), "ether", 0, "terminal"),
    "ketone": (lambda: g2("CH3COCH3").bind(0), "ketone", 0, "terminal"),
    "carboxamide": (lambda: g2("CH3CONH2").bind(0), "ketone", 0, "terminal"),
    "sulfoxide by O": (lambda: g2("C2H6SO").bind(1), "sulfoxide", 0, "terminal"),
    "carboxylate, terminal": (lambda: g2("CH3COOH").bind(2, lose="H"), "carboxylate", 1, "terminal"),
    "carboxylate, bridging": (
        lambda: trigonal("C", ["O", "O", "H"], [1.26, 1.26, 1.09]).bind(1).bind(2),
        "carboxylate",
        1,
        "mu2-O,O'",
    ),
    "acetylacetonate type": (_malonaldehyde, "beta-chelate", 1, "kappa2-O,O'"),
    "nitrate": (lambda: trigonal("N", ["O"] * 3, [1.25] * 3).bind(1), "nitrate", 1, "terminal"),
    "sulfate": (lambda: tetrahedral("S", ["O"] * 4).bind(1).bind(2), "sulfate", 2, "mu2-O,O'"),
    "sulfonate": (lambda: _methyl_on(tetrahedral("S", ["O"] * 3), 0).bind(1), "sulfonate", 1, "terminal"),
    "phosphate": (lambda: tetrahedral("P", ["O"] * 4).bind(1), "phosphate", 3, "terminal"),
    "phosphinate": (
        lambda: tetrahedral("P", ["O", "O", "H", "H"]).bind(1).bind(2),
        "phosphinate",
        1,
        "mu2-O,O'",
    ),
    "phosphine oxide": (
        lambda: _trimethyl("P", "O"),
        "phosphine oxide",
        0,
        "terminal",
    ),
    "perchlorate": (lambda: tetrahedral("Cl", ["O"] * 4).bind(1), "perchlorate", 1, "terminal"),
    # other
    "silyl": (lambda: tetrahedral("Si", ["H", "H", "H", "Au"]), "silyl", 1, "terminal"),
    "ferrocenethiolate": (_ferrocenethiolate, "thiolate", 1, "mu2"),
}
