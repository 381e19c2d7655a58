"""Write mass_reference.json: masses of cluster ions by pyteomics and molmass.

Run with the Python of an environment that has both (this was made with pyteomics 5.0.1, molmass 2026.1.8):

    python tests/data/make_mass_reference.py

The sum formulas were counted by hand from the notation. Neutral masses; molmass adds up isotopologues of one
nominal mass. pyteomics has masses and compositions of its own, molmass carries those of NIST.
"""

import importlib.metadata
import json
from pathlib import Path

from molmass import Formula
from pyteomics import mass

TARGET = Path(__file__).with_name("mass_reference.json")
IONS = {
    "[Au22(AdmS)12(PPh2py)4]2+": "C188H236Au22N4P4S12",
    "[Au21(AdmS)12(PPh2py)3(CH3OH)Cs]2+": "C172H226Au21CsN3OP3S12",
    "[Au25(SC2H4Ph)18]-": "C144H162Au25S18",
    "[Au13(dppe)5Cl2]3+": "C130H120Au13Cl2P10",
    "[Au11(PPh3)8Cl2]+": "C144H120Au11Cl2P8",
    "[Ag44(p-MBA)30]4-": "C210H150Ag44O60S30",
    "[Ag29(BDT)12(PPh3)4]3-": "C144H108Ag29P4S24",
    "[Cu25H22(PPh3)12]+": "C216H202Cu25P12",
    "[Au25(SePh)18]-": "C108H90Au25Se18",
    "[PdAu24(SC2H4Ph)18 + Na]+": "C144H162Au24NaPdS18",
    "[Au20(PPhpy2)10Cl4]2+": "C160H130Au20Cl4N20P10",
    "[Au25(SG)18 - 4H]4-": "C180H284Au25N54O108S18",
    "[Ag25(SC6H3Me2)18]-": "C144H162Ag25S18",
    "[PPh4]+": "C24H20P",
    "[Cs]+": "Cs",
}


def describe(formula):
    molecule = Formula(formula)
    top = max(molecule.spectrum().values(), key=lambda peak: peak.fraction)
    return {
        "formula": formula,
        "pyteomics": {
            "monoisotopic": mass.calculate_mass(formula=formula),
            "average": mass.calculate_mass(formula=formula, average=True),
        },
        "molmass": {
            "monoisotopic": molecule.monoisotopic_mass,
            "average": molecule.mass,
            "top": top.mass,
            "top_share": top.fraction,
        },
    }


document = {
    "made_with": {name: importlib.metadata.version(name) for name in ("pyteomics", "molmass")},
    "ions": {notation: describe(formula) for notation, formula in IONS.items()},
}
TARGET.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
