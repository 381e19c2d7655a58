"""Structures for the classes of ligand that are rare on clusters; the same form as `ligand_cases`."""

import numpy as np

from tests.cluster.ligand_cases import Case, _atom, _methyl_on, _ring_donor
from tests.cluster.ligand_models import Sketch, amino, g2, ring, tetrahedral, trigonal


def _line(elements: str, lengths: tuple[float, ...]) -> Sketch:
    """Atoms in a straight line along x."""
    places = np.concatenate([[0.0], np.cumsum(lengths)])
    return Sketch(elements.split(), [(x, 0, 0) for x in places])


def _thioformate() -> Sketch:
    return trigonal("C", ["S", "O", "H"], [1.71, 1.25, 1.09]).bind(1).bind(2)


def _dithioformate() -> Sketch:
    return trigonal("C", ["S", "S", "H"], [1.69, 1.69, 1.09]).bind(1).bind(2)


def _thiosulfate() -> Sketch:
    return tetrahedral("S", ["S", "O", "O", "O"]).bind(1)


def _dimethyl_disulfide() -> Sketch:
    sketch = Sketch(["S", "S"], [(0, 0, 0), (2.04, 0, 0)])
    _methyl_on(sketch, 0, (-0.25, 0.97, 0))
    _methyl_on(sketch, 1, (0.25, 0, 0.97))
    return sketch.bind(0)


def _formaldoxime(*, lose: str) -> Sketch:
    """H2C=N-O(H), bound through oxygen."""
    sketch = Sketch(["C", "N", "O"], [(0, 0, 0), (1.28, 0, 0), (1.95, 1.20, 0)])
    amino(sketch, 0)
    sketch.add("H", 2, (1, 0.1, 0))
    return sketch.bind(2, lose=lose)


def _imine() -> Sketch:
    """H2C=NH."""
    sketch = Sketch(["C", "N"], [(0, 0, 0), (1.27, 0, 0)])
    amino(sketch, 0)
    sketch.add("H", 1, (0.5, 0.87, 0))
    return sketch.bind(1)


def _porphyrinoid() -> Sketch:
    """Four pyrroles with CH bridges around palladium: the porphine dianion, as a flat drawing."""
    pyrrole = {
        "N": [(2.05, 0)],
        "C": [(2.86, 1.10), (4.20, 0.68), (4.20, -0.68), (2.86, -1.10), (2.42, 2.42)],
        "H": [(5.06, 1.34), (5.06, -1.34), (3.19, 3.19)],
    }
    sketch = Sketch(["Pd"], [(0, 0, 0)])
    for x_axis, y_axis in (((1, 0), (0, 1)), ((0, 1), (-1, 0)), ((-1, 0), (0, -1)), ((0, -1), (1, 0))):
        for element, places in pyrrole.items():
            for x, y in places:
                flat = x * np.array(x_axis) + y * np.array(y_axis)
                sketch.elements.append(element)
                sketch.positions.append(np.array([*flat, 0.0]))
    return sketch


def _dicyanamide() -> Sketch:
    sketch = Sketch(["N", "C", "N"], [(0, 0, 0), (1.13, 0.67, 0), (2.12, 1.26, 0)])
    for element, place in (("C", (-1.13, 0.67, 0)), ("N", (-2.12, 1.26, 0))):
        sketch.elements.append(element)
        sketch.positions.append(np.array(place))
    return sketch.bind(2).bind(4)


def _silanolate() -> Sketch:
    return tetrahedral("Si", ["O", "H", "H", "H"]).bind(1, count=2)


def _methane_contact() -> Sketch:
    """Methane beside silver, 2.4 Å from carbon: a weak contact and nothing else."""
    sketch = g2("CH4")
    sketch.add("Ag", 0, -(sketch.positions[1] - sketch.positions[0]), 2.4)
    return sketch


def _half_methane() -> Sketch:
    sketch = g2("CH4").bind(0, lose="H")
    hydrogen = next(n for n in sketch.bonds_of(0) if sketch.elements[n] == "H")
    sketch.elements[hydrogen] = "Au"
    bond = sketch.positions[hydrogen] - sketch.positions[0]
    sketch.positions[hydrogen] = sketch.positions[0] + 2.1 * bond / np.linalg.norm(bond)
    return sketch


RARE_CASES: dict[str, Case] = {
    "telluride": (lambda: _atom("Te", 4, "Ag"), "telluride", 2, "mu4"),
    "thiocarboxylate": (_thioformate, "thiocarboxylate", 1, "mu2-O,S"),
    "dithiocarboxylate": (_dithioformate, "dithiocarboxylate", 1, "mu2-S,S'"),
    "trithiocarbonate": (
        lambda: trigonal("C", ["S"] * 3, [1.71] * 3).bind(1).bind(2),
        "trithiocarbonate",
        2,
        "mu2-S,S'",
    ),
    "carbon disulfide": (lambda: g2("CS2").bind(0), "carbon disulfide", 0, "terminal"),
    "disulfide": (_dimethyl_disulfide, "disulfide", 0, "terminal"),
    "polysulfide": (lambda: _line("S S", (2.05,)).bind(0).bind(1), "polysulfide", 2, "mu2-S,S'"),
    "persulfide": (
        lambda: _methyl_on(Sketch(["S", "S"], [(0, 0, 0), (2.05, 0, 0)]), 1, (0.25, 0.97, 0)).bind(0),
        "persulfide",
        1,
        "terminal",
    ),
    "thiosulfate": (_thiosulfate, "thiosulfate", 2, "terminal"),
    "sulfinate": (
        lambda: _methyl_on(tetrahedral("S", ["O", "O", "Au"]), 0),
        "sulfinate",
        1,
        "terminal",
    ),
    "sulfite": (lambda: tetrahedral("S", ["O", "O", "O", "Ag"]), "sulfite", 2, "terminal"),
    "thiophosphonate": (
        lambda: _methyl_on(tetrahedral("P", ["S"] * 3), 0).bind(1).bind(2),
        "thiophosphonate",
        2,
        "mu2-S,S'",
    ),
    "thiophosphate": (lambda: tetrahedral("P", ["S"] * 4).bind(1), "thiophosphate", 3, "terminal"),
    "stibine": (lambda: g2("PH3").swap("P", "Sb").bind(0), "stibine", 0, "terminal"),
    "phosphinidene": (
        lambda: _methyl_on(Sketch(["P"], [(0, 0, 0)]), 0).bind(0, count=3),
        "phosphinidene",
        2,
        "mu3",
    ),
    "hexafluorophosphate": (
        lambda: Sketch(
            ["P", *["F"] * 6], [(0, 0, 0), *(s * 1.60 * np.eye(3)[a] for a in range(3) for s in (1, -1))]
        ).bind(1, metal="Ag"),
        "hexafluorophosphate",
        1,
        "terminal",
    ),
    "acetylide": (lambda: _line("C C", (1.21,)).bind(0).bind(1), "acetylide", 2, "mu2-C,C'"),
    "thiocarbonyl": (lambda: _line("C S", (1.54,)).bind(0), "thiocarbonyl", 0, "terminal"),
    "alkylidene": (_half_methane, "alkylidene", 2, "mu2"),
    "contact": (_methane_contact, "contact", 0, "terminal"),
    "azide": (lambda: _line("N N N", (1.18, 1.18)).bind(0).bind(2), "azide", 1, "mu2-N,N'"),
    "nitrosyl": (lambda: _line("N O", (1.16,)).bind(0), "nitrosyl", 0, "terminal"),
    "cyanate": (lambda: _line("N C O", (1.17, 1.20)).bind(0), "cyanate", 1, "terminal"),
    "cyanamide": (lambda: _line("N C N", (1.22, 1.22)).bind(0).bind(2), "cyanamide", 2, "mu2-N,N'"),
    "dicyanamide": (_dicyanamide, "dicyanamide", 1, "mu2-N,N'"),
    "porphyrinoid": (_porphyrinoid, "tetrakis-porphyrinoid", 0, "kappa4-N,N',N'',N'''"),
    "imine": (_imine, "imine", 0, "terminal"),
    "imide": (
        lambda: _methyl_on(Sketch(["N"], [(0, 0, 0)]), 0).bind(0, count=3),
        "imide",
        2,
        "mu3",
    ),
    "carbonate": (
        lambda: trigonal("C", ["O"] * 3, [1.29] * 3).bind(1).bind(2).bind(3),
        "carbonate",
        2,
        "mu3-O,O',O''",
    ),
    "nitro": (lambda: g2("CH3NO2").bind(5), "nitro", 0, "terminal"),
    "N-oxide": (
        lambda: ring(["N", *["C"] * 5], ["O", *["H"] * 5], 1.38).bind(6),
        "N-oxide",
        0,
        "terminal",
    ),
    "oximate": (lambda: _formaldoxime(lose="H"), "oximate", 1, "terminal"),
    "silanolate": (_silanolate, "silanolate", 1, "mu2"),
    "borate": (lambda: trigonal("B", ["O", "H", "H"], [1.36, 1.19, 1.19]).bind(1), "borate", 1, "terminal"),
    "phosphonate": (
        lambda: _methyl_on(tetrahedral("P", ["O"] * 3), 0).bind(1).bind(2),
        "phosphonate",
        2,
        "mu2-O,O'",
    ),
    "peroxide": (lambda: _line("O O", (1.45,)).bind(0).bind(1), "peroxide", 2, "mu2-O,O'"),
    "imidazole": (
        lambda: _ring_donor(["N", "C", "N", "C", "C"], ["", "H", "H", "H", "H"]),
        "azole",
        0,
        "terminal",
    ),
}
