"""Write the table of isotopes, clustermodel/massspec/isotopes.csv, from the copy that molmass carries.

Run with the Python of an environment that has molmass (this was made with 2026.1.8):

    python tests/data/make_isotopes.py

NIST, Atomic Weights and Isotopic Compositions with Relative Atomic Masses: masses of the evaluation AME,
representative isotopic compositions of IUPAC 2013. Elements without a natural composition are left out. D is
added as an element of its own.
"""

import csv
from pathlib import Path

from molmass import ELEMENTS

TARGET = Path(__file__).resolve().parents[2] / "clustermodel" / "massspec" / "isotopes.csv"
NO_NATURAL_COMPOSITION = {43, 61, *range(84, 90), *range(93, 120)}


def rows():
    for element in ELEMENTS:
        isotopes = [iso for _, iso in sorted(element.isotopes.items()) if iso.abundance > 0]
        if isotopes and element.number not in NO_NATURAL_COMPOSITION:
            for isotope in isotopes:
                yield element.symbol, isotope.massnumber, repr(isotope.mass), repr(isotope.abundance)
        if element.symbol == "H":
            yield "D", 2, repr(element.isotopes[2].mass), "1.0"


with TARGET.open("w", newline="", encoding="utf-8") as stream:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("symbol", "mass_number", "mass_Da", "abundance"))
    writer.writerows(rows())
