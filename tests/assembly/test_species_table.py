"""The table of known species against RDKit's valence rules, and against itself."""

import pytest

from clustermodel.assembly.species_table import (
    find_by_formula,
    find_by_skeleton,
    find_disordered,
    list_known_species,
    list_void_candidates,
)
from clustermodel.elements import find_element
from clustermodel.structure.graph import graph_from_edges, match_graphs
from tests.assembly.drawn_species import rdkit_species

ROWS = {row.name: row for row in list_known_species()}
# d electrons decide here, not pairing: Cu(II), Co(II), Mn(II), Fe(III)
OPEN_SHELL = {
    "tetrachlorocuprate",
    "tetrachlorocobaltate",
    "tetrachloromanganate",
    "tetrachloroferrate(III)",
    "cobaltocene",
    "decamethylcobaltocene",
    "ferrocenium",
}


@pytest.mark.parametrize("name", rdkit_species())
def test_a_row_has_the_bonds_hydrogens_and_charge_of_rdkit(name):
    row, drawn = ROWS[name], rdkit_species()[name]
    elements = drawn["elements"]
    heavy = {atom: k for k, atom in enumerate(i for i, s in enumerate(elements) if s != "H")}
    inner = [(heavy[a], heavy[b]) for a, b in drawn["bonds"] if a in heavy and b in heavy]
    hosts = [a if a in heavy else b for a, b in drawn["bonds"] if (a in heavy) != (b in heavy)]
    assert match_graphs(row.graph, graph_from_edges([elements[a] for a in heavy], inner)) is not None
    assert row.carbon_hydrogens == sum(elements[a] == "C" for a in hosts)
    assert row.other_hydrogens == sum(elements[a] != "C" for a in hosts)
    assert row.charge == drawn["charge"]


@pytest.mark.parametrize("row", list_known_species(), ids=lambda row: row.name)
def test_electrons_are_paired_unless_d_electrons_decide(row):
    electrons = sum(find_element(symbol).number * n for symbol, n in row.counts.items()) - row.charge
    assert electrons % 2 == (row.name in OPEN_SHELL)


def test_names_are_unique_and_abbreviations_show_the_charge():
    assert len(ROWS) == len(list_known_species())
    for row in ROWS.values():
        sign = {-1: "-", 0: "", 1: "+"}[(row.charge > 0) - (row.charge < 0)]
        size = str(abs(row.charge)) if abs(row.charge) > 1 else ""
        assert row.abbreviation.endswith(f"{size}{sign}"), row.name
        assert (row.charge != 0) == (row.kind == "ion"), row.name


def test_species_of_one_skeleton_differ_in_hydrogens_or_in_lengths():
    for row in ROWS.values():
        for other in find_by_skeleton(row.heavy_formula):
            if other is row or match_graphs(row.graph, other.graph) is None:
                continue
            hydrogens = (row.carbon_hydrogens, row.other_hydrogens) != (
                other.carbon_hydrogens,
                other.other_hydrogens,
            )
            lengths = row.lengths and other.lengths and row.lengths != other.lengths
            assert hydrogens or lengths, (row.name, other.name)


def test_lengths_name_pairs_that_the_skeleton_has():
    for row in ROWS.values():
        bonded = {
            "-".join(sorted((row.graph.elements[a], row.graph.elements[b])))
            for a, near in enumerate(row.graph.neighbors)
            for b in near
        }
        for kind, values in row.lengths.items():
            ends = kind.split("-")
            assert len(ends) == 3 or kind in bonded, (row.name, kind)
            assert list(values) == sorted(values), row.name
            number = sum(
                a < b and "-".join(sorted((row.graph.elements[a], row.graph.elements[b]))) == kind
                for a, near in enumerate(row.graph.neighbors)
                for b in near
            )
            assert len(values) in (1, number), (row.name, kind)


def test_lookups_agree_with_the_rows():
    for row in ROWS.values():
        assert row in find_by_skeleton(row.heavy_formula)
        assert row in find_by_formula(row.formula)
        assert (row in find_disordered(frozenset(row.graph.elements))) == row.disordered
    candidates = list_void_candidates()
    assert {row.name for row in candidates} == {name for name, row in ROWS.items() if row.candidate}
    assert all(row.charge for row in candidates)
