"""Documents that the tests of the report share: a model, a co-crystal, no cluster, hostile names."""

import copy
import functools
import json
import re
import tempfile
from pathlib import Path

from clustermodel.io.embedded import find_model
from clustermodel.io.record import format_record
from clustermodel.pipeline.analyze import analyze
from clustermodel.pipeline.document import build_document
from clustermodel.pipeline.structure import measure_structure

HOSTILE = '</script><img src=x onerror="window.hacked=1"><b>&amp;\'|=1+1\n$\\x_{^#%~`*[link](javascript:1)'

_WATER = """data_water
_cell_length_a 5.0
_cell_length_b 6.0
_cell_length_c 7.0
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
loop_
_space_group_symop_operation_xyz
x,y,z
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
O1 O 0.5000 0.5000 0.5000
H1 H 0.6400 0.5900 0.5000
H2 H 0.3600 0.5900 0.5000
"""


def make_documents(path, block=None):
    """Analyse a file and return its documents as they stand in a JSON file."""
    documents = [build_document(one, measure_structure(one)) for one in analyze(path, block=block)]
    return json.loads(format_record(documents))


@functools.cache
def _from_text(name, text, block=None):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        return json.dumps(make_documents(path, block))


@functools.cache
def model_text():
    return find_model("model:au25_sch3_18_nme4").read_text(encoding="utf-8")


def model_document():
    """[Au25(SCH3)18]- with its counter-ion."""
    return json.loads(_from_text("au25_sch3_18_nme4.cif", model_text()))[0]


def vacancy_document():
    """The model with one gold site of the staples at 60 %: two molecules share each place."""
    text, count = re.subn(r"(?m)^(Au13 Au .*?) 1 8 calc", r"\1 0.6 8 calc", model_text())
    assert count == 1
    return json.loads(_from_text("vacancy.cif", text))[0]


def water_document():
    """A crystal without any metal."""
    return json.loads(_from_text("water.cif", _WATER))[0]


def block_documents():
    """Two blocks of one file: the model and water."""
    return json.loads(_from_text("two.cif", f"{model_text()}\n{_WATER}", "all"))


def hostile_document():
    """The co-crystal with hostile text wherever a file or an author can put text of their own."""
    document = copy.deepcopy(vacancy_document())
    document["source"] |= {"file": HOSTILE, "block": HOSTILE}
    document["audit"].append({"code": "x", "severity": "error", "message": HOSTILE, "labels": [HOSTILE]})
    for species in document["species"]:
        species |= {"name": HOSTILE, "notes": [HOSTILE], "linked_by": [HOSTILE]}
    document["charge"]["evidence"] = [HOSTILE]
    document["disorder"] = [{"assembly": HOSTILE, "parts": {"1": 0.5, "2": None}, "chosen": [1]}]
    document["settings"]["bonding"]["name"] = HOSTILE
    declared = document["crystal"]["declared"]
    declared |= dict.fromkeys(("formula_sum", "formula_moiety", "temperature", "doi", "title"), HOSTILE)
    declared["r_factors"] = {f"_{HOSTILE}": HOSTILE}
    document["crystal"]["space_group"] = HOSTILE
    for contact in document["contacts"]:
        contact["labels"] = [HOSTILE, HOSTILE]
    _spoil_contacts(document["contact_tables"])
    for cluster in document["clusters"]:
        for atom in cluster["atoms"]:
            atom["label"] = HOSTILE
        for row in cluster["ligands"]:
            row["name"] = HOSTILE
        cluster["vacancies"]["sites"][0]["label"] = HOSTILE
        for staple in cluster["structure"]["staples"]["staples"]:
            staple["label"] = HOSTILE
    return document


def _spoil_contacts(contacts):
    """Put hostile text into all labels but the last, which find the atoms."""
    for table in contacts["tables"]:
        for contact in table["contacts"]:
            contact["labels"] = [HOSTILE, *contact["labels"][1:]]
