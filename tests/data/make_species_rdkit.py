"""Write species_rdkit.json: known species as RDKit draws them from SMILES typed independently.

Needs RDKit, which is no dependency of the project: ``pip install rdkit`` in an environment of
its own, then ``python tests/data/make_species_rdkit.py``. The file holds, for each name of
``clustermodel/assembly/species.toml``, the heavy-atom bonds, the hydrogens on each heavy atom
and the charge by RDKit's valence rules, and, where its force fields fit the molecule, coordinates
(ETKDG, then MMFF94 or UFF) of all atoms in hundredths of Å.
"""

import itertools
import json
from pathlib import Path

import numpy as np
import rdkit
from rdkit import Chem
from rdkit.Chem import AllChem

PH = "c1ccccc1"
SMILES = {
    "water": "O",
    "dichloromethane": "ClCCl",
    "chloroform": "ClC(Cl)Cl",
    "tetrachloromethane": "ClC(Cl)(Cl)Cl",
    "dibromomethane": "BrCBr",
    "bromoform": "BrC(Br)Br",
    "diiodomethane": "ICI",
    "1,2-dichloroethane": "ClCCCl",
    "1,1,2,2-tetrachloroethane": "ClC(Cl)C(Cl)Cl",
    "tetrachloroethene": "ClC(Cl)=C(Cl)Cl",
    "toluene": "Cc1ccccc1",
    "methylcyclohexane": "CC1CCCCC1",
    "benzene": "c1ccccc1",
    "cyclohexane": "C1CCCCC1",
    "cyclopentane": "C1CCCC1",
    "o-xylene": "Cc1ccccc1C",
    "m-xylene": "Cc1cccc(C)c1",
    "p-xylene": "Cc1ccc(C)cc1",
    "ethylbenzene": "CCc1ccccc1",
    "mesitylene": "Cc1cc(C)cc(C)c1",
    "naphthalene": "c1ccc2ccccc2c1",
    "fluorobenzene": "Fc1ccccc1",
    "chlorobenzene": "Clc1ccccc1",
    "bromobenzene": "Brc1ccccc1",
    "iodobenzene": "Ic1ccccc1",
    "1,2-difluorobenzene": "Fc1ccccc1F",
    "1,2-dichlorobenzene": "Clc1ccccc1Cl",
    "1,3-dichlorobenzene": "Clc1cccc(Cl)c1",
    "1,4-dichlorobenzene": "Clc1ccc(Cl)cc1",
    "1,2,4-trichlorobenzene": "Clc1ccc(Cl)c(Cl)c1",
    "hexafluorobenzene": "Fc1c(F)c(F)c(F)c(F)c1F",
    "benzotrifluoride": "FC(F)(F)c1ccccc1",
    "nitrobenzene": "[O-][N+](=O)c1ccccc1",
    "benzonitrile": "N#Cc1ccccc1",
    "anisole": "COc1ccccc1",
    "phenol": "Oc1ccccc1",
    "cyclohexanone": "O=C1CCCCC1",
    "aniline": "Nc1ccccc1",
    "pentane": "CCCCC",
    "isopentane": "CCC(C)C",
    "hexane": "CCCCCC",
    "2-methylpentane": "CCCC(C)C",
    "3-methylpentane": "CCC(C)CC",
    "2,2-dimethylbutane": "CCC(C)(C)C",
    "2,3-dimethylbutane": "CC(C)C(C)C",
    "heptane": "CCCCCCC",
    "octane": "CCCCCCCC",
    "isooctane": "CC(C)(C)CC(C)C",
    "nonane": "CCCCCCCCC",
    "decane": "CCCCCCCCCC",
    "dodecane": "CCCCCCCCCCCC",
    "methanol": "CO",
    "ethanol": "CCO",
    "acetaldehyde": "CC=O",
    "dimethyl ether": "COC",
    "1-propanol": "CCCO",
    "acetone": "CC(C)=O",
    "2-propanol": "CC(C)O",
    "1-butanol": "CCCCO",
    "butanone": "CCC(C)=O",
    "2-butanol": "CCC(C)O",
    "tert-butanol": "CC(C)(C)O",
    "ethylene glycol": "OCCO",
    "2-methoxyethanol": "COCCO",
    "2,2,2-trifluoroethanol": "OCC(F)(F)F",
    "hexafluoroisopropanol": "OC(C(F)(F)F)C(F)(F)F",
    "acetonitrile": "CC#N",
    "propionitrile": "CCC#N",
    "diethyl ether": "CCOCC",
    "tert-butyl methyl ether": "COC(C)(C)C",
    "diisopropyl ether": "CC(C)OC(C)C",
    "dibutyl ether": "CCCCOCCCC",
    "tetrahydrofuran": "C1CCCO1",
    "furan": "c1ccoc1",
    "2-methyltetrahydrofuran": "CC1CCCO1",
    "1,4-dioxane": "C1COCCO1",
    "1,2-dimethoxyethane": "COCCOC",
    "diglyme": "COCCOCCOC",
    "N,N-dimethylformamide": "CN(C)C=O",
    "N,N-diethylformamide": "CCN(CC)C=O",
    "N,N-dimethylacetamide": "CN(C)C(C)=O",
    "N-methylpyrrolidone": "CN1CCCC1=O",
    "formamide": "NC=O",
    "hexamethylphosphoramide": "CN(C)P(=O)(N(C)C)N(C)C",
    "dimethyl sulfoxide": "CS(C)=O",
    "dimethyl sulfide": "CSC",
    "dimethyl sulfone": "CS(C)(=O)=O",
    "ethyl acetate": "CCOC(C)=O",
    "methyl acetate": "COC(C)=O",
    "formic acid": "OC=O",
    "acetic acid": "CC(O)=O",
    "trifluoroacetic acid": "OC(=O)C(F)(F)F",
    "pyridine": "c1ccncc1",
    "carbon disulfide": "S=C=S",
    "nitromethane": "C[N+](=O)[O-]",
    "triethylamine": "CCN(CC)CC",
    "DBU": "C1CCC2=NCCCN2CC1",
    "carbon dioxide": "O=C=O",
    "carbon monoxide": "[C-]#[O+]",
    "formaldehyde": "C=O",
    "sulfur dioxide": "O=S=O",
    "dinitrogen": "N#N",
    "ammonia": "N",
    "argon": "[Ar]",
    "krypton": "[Kr]",
    "xenon": "[Xe]",
    "hexafluorophosphate": "F[P-](F)(F)(F)(F)F",
    "tetrafluoroborate": "F[B-](F)(F)F",
    "hexafluoroantimonate": "F[Sb-](F)(F)(F)(F)F",
    "hexafluoroarsenate": "F[As-](F)(F)(F)(F)F",
    "hexafluorosilicate": "F[Si-2](F)(F)(F)(F)F",
    "tetraphenylborate": f"[B-]({PH})({PH})({PH}){PH}",
    "tetrakis[3,5-bis(trifluoromethyl)phenyl]borate": "[B-]"
    + "(c1cc(C(F)(F)F)cc(C(F)(F)F)c1)" * 3
    + "c1cc(C(F)(F)F)cc(C(F)(F)F)c1",
    "tetrakis(pentafluorophenyl)borate": "[B-]" + "(c1c(F)c(F)c(F)c(F)c1F)" * 3 + "c1c(F)c(F)c(F)c(F)c1F",
    "tetrakis(perfluoro-tert-butoxy)aluminate": "[Al-]"
    + "(OC(C(F)(F)F)(C(F)(F)F)C(F)(F)F)" * 3
    + "OC(C(F)(F)F)(C(F)(F)F)C(F)(F)F",
    "tetrahydridoborate": "[BH4-]",
    "perchlorate": "[O-]Cl(=O)(=O)=O",
    "chlorate": "[O-]Cl(=O)=O",
    "perrhenate": "[O-][Re](=O)(=O)=O",
    "nitrate": "[O-][N+](=O)[O-]",
    "nitrite": "[O-]N=O",
    "sulfate": "[O-]S(=O)(=O)[O-]",
    "hydrogensulfate": "OS(=O)(=O)[O-]",
    "methyl sulfate": "COS(=O)(=O)[O-]",
    "phosphate": "[O-]P(=O)([O-])[O-]",
    "hydrogenphosphate": "OP(=O)([O-])[O-]",
    "dihydrogenphosphate": "OP(=O)(O)[O-]",
    "trifluoromethanesulfonate": "[O-]S(=O)(=O)C(F)(F)F",
    "methanesulfonate": "CS(=O)(=O)[O-]",
    "tosylate": "Cc1ccc(S(=O)(=O)[O-])cc1",
    "benzenesulfonate": "c1ccc(S(=O)(=O)[O-])cc1",
    "bistriflimide": "FC(F)(F)S(=O)(=O)[N-]S(=O)(=O)C(F)(F)F",
    "trifluoroacetate": "[O-]C(=O)C(F)(F)F",
    "acetate": "CC(=O)[O-]",
    "benzoate": "[O-]C(=O)c1ccccc1",
    "benzoic acid": "OC(=O)c1ccccc1",
    "formate": "[O-]C=O",
    "carbonate": "[O-]C(=O)[O-]",
    "hydrogencarbonate": "OC(=O)[O-]",
    "thiocyanate": "[S-]C#N",
    "cyanate": "[O-]C#N",
    "azide": "[N-]=[N+]=[N-]",
    "cyanide": "[C-]#N",
    "dicyanamide": "N#C[N-]C#N",
    "tricyanomethanide": "N#C[C-](C#N)C#N",
    "cyclopentadienide": "[cH-]1cccc1",
    "fluoride": "[F-]",
    "chloride": "[Cl-]",
    "bromide": "[Br-]",
    "iodide": "[I-]",
    "triiodide": "I[I-]I",
    "dichloroiodate": "Cl[I-]Cl",
    "tetramethylammonium": "C[N+](C)(C)C",
    "tetraethylammonium": "CC[N+](CC)(CC)CC",
    "tetrapropylammonium": "CCC[N+](CCC)(CCC)CCC",
    "tetrabutylammonium": "CCCC[N+](CCCC)(CCCC)CCCC",
    "tetrahexylammonium": "[N+]" + "(CCCCCC)" * 4,
    "tetraoctylammonium": "[N+]" + "(CCCCCCCC)" * 4,
    "tetradecylammonium": "[N+]" + "(CCCCCCCCCC)" * 4,
    "hexadecyltrimethylammonium": "CCCCCCCCCCCCCCCC[N+](C)(C)C",
    "benzyltrimethylammonium": "C[N+](C)(C)Cc1ccccc1",
    "benzyltriethylammonium": "CC[N+](CC)(CC)Cc1ccccc1",
    "tetraphenylphosphonium": f"[P+]({PH})({PH})({PH}){PH}",
    "methyltriphenylphosphonium": f"C[P+]({PH})({PH}){PH}",
    "benzyltriphenylphosphonium": f"C({PH})[P+]({PH})({PH}){PH}",
    "tetrabutylphosphonium": "CCCC[P+](CCCC)(CCCC)CCCC",
    "bis(triphenylphosphine)iminium": f"N(=P({PH})({PH}){PH})[P+]({PH})({PH}){PH}",
    "tetraphenylarsonium": f"[As+]({PH})({PH})({PH}){PH}",
    "tetraphenylstibonium": f"[Sb+]({PH})({PH})({PH}){PH}",
    "triphenylphosphonium": f"[PH+]({PH})({PH}){PH}",
    "ammonium": "[NH4+]",
    "hydronium": "[OH3+]",
    "hydroxide": "[OH-]",
    "triethylammonium": "CC[NH+](CC)CC",
    "DBUH": "C1CCC2=[NH+]CCCN2CC1",
    "pyridinium": "c1cc[nH+]cc1",
    "imidazolium": "c1c[nH]c[nH+]1",
    "imidazole": "c1c[nH]cn1",
    "guanidinium": "NC(N)=[NH2+]",
    "1-ethyl-3-methylimidazolium": "CCn1cc[n+](C)c1",
    "1-butyl-3-methylimidazolium": "CCCCn1cc[n+](C)c1",
    "1,3-bis(2,6-diisopropylphenyl)imidazolium": "CC(C)c1cccc(C(C)C)c1-n1cc[n+](-c2c(C(C)C)cccc2C(C)C)c1",
    "1,3-dimesitylimidazolium": "Cc1cc(C)cc(C)c1-n1cc[n+](-c2c(C)cc(C)cc2C)c1",
    "lithium": "[Li+]",
    "sodium": "[Na+]",
    "potassium": "[K+]",
    "rubidium": "[Rb+]",
    "caesium": "[Cs+]",
    "magnesium": "[Mg+2]",
    "calcium": "[Ca+2]",
    "strontium": "[Sr+2]",
    "barium": "[Ba+2]",
    "triphenylphosphine": f"P({PH})({PH}){PH}",
    "triphenylphosphine oxide": f"O=P({PH})({PH}){PH}",
    "triphenylphosphine sulfide": f"S=P({PH})({PH}){PH}",
    "triphenylphosphine selenide": f"[Se]=P({PH})({PH}){PH}",
    "bis(diphenylphosphino)methane": f"C(P({PH}){PH})P({PH}){PH}",
    "1,2-bis(diphenylphosphino)ethane": f"C(P({PH}){PH})CP({PH}){PH}",
    "1,3-bis(diphenylphosphino)propane": f"C(P({PH}){PH})CCP({PH}){PH}",
    "thiophenol": "Sc1ccccc1",
    "2-phenylethanethiol": "SCCc1ccccc1",
    "4-tert-butylbenzenethiol": "CC(C)(C)c1ccc(S)cc1",
    "1-adamantanethiol": "SC12CC3CC(CC(C3)C1)C2",
    "diphenyl disulfide": "S(Sc1ccccc1)c1ccccc1",
    "bis(2-phenylethyl) disulfide": "S(SCCc1ccccc1)CCc1ccccc1",
    "12-crown-4": "C1COCCOCCOCCO1",
    "15-crown-5": "C1COCCOCCOCCOCCO1",
    "18-crown-6": "C1COCCOCCOCCOCCOCCO1",
    "cryptand 2.2.2": "C1COCCOCCN2CCOCCOCCN1CCOCCOCC2",
}
SEED = 20250101  # any number: makes the file the same at every run


def embed(smiles: str) -> list[list[int]] | None:
    """Return coordinates in hundredths of Å, or None where RDKit has no parameters."""
    molecule = Chem.AddHs(Chem.MolFromSmiles(smiles))
    if not any(a.GetAtomicNum() == 1 for a in molecule.GetAtoms()):
        return None  # force fields have no parameters for most small inorganic ions
    if AllChem.EmbedMolecule(molecule, randomSeed=SEED) != 0:
        return None
    relax = (AllChem.MMFFOptimizeMolecule, AllChem.UFFOptimizeMolecule)
    known = (AllChem.MMFFHasAllMoleculeParams, AllChem.UFFHasAllMoleculeParams)
    if not any(
        has(molecule) and f(molecule, maxIters=5000) == 0 for has, f in zip(known, relax, strict=True)
    ):
        return None
    positions = molecule.GetConformer().GetPositions()
    if is_crowded(molecule, positions):
        return None
    return [[round(100 * x) for x in row] for row in positions.tolist()]


def is_crowded(molecule: Chem.Mol, positions: np.ndarray) -> bool:
    """Return whether unbonded heavy atoms touch: the force field has no octahedral P and Sb."""
    heavy = [a.GetIdx() for a in molecule.GetAtoms() if a.GetAtomicNum() > 1]
    return any(
        np.linalg.norm(positions[i] - positions[j]) < 1.9  # Å; below every 1,3 distance of real molecules
        for i, j in itertools.combinations(heavy, 2)
        if molecule.GetBondBetweenAtoms(i, j) is None
    )


def describe(smiles: str) -> dict[str, object]:
    """Return elements, bonds, hydrogens and charge of one SMILES."""
    molecule = Chem.MolFromSmiles(smiles)
    full = Chem.AddHs(molecule)
    return {
        "smiles": smiles,
        "charge": Chem.GetFormalCharge(molecule),
        "elements": [a.GetSymbol() for a in full.GetAtoms()],
        "bonds": [sorted((b.GetBeginAtomIdx(), b.GetEndAtomIdx())) for b in full.GetBonds()],
        "positions": embed(smiles),
    }


def main() -> None:
    """Write the file beside this script."""
    rows = {name: describe(smiles) for name, smiles in SMILES.items()}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items())
    text = f'{{"rdkit": "{rdkit.__version__}", "species": {{\n{lines}\n}}}}\n'
    Path(__file__).with_name("species_rdkit.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
