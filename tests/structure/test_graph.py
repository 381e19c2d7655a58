"""Graphs against networkx, and the skeleton notation against graphs drawn by hand."""

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.errors import InputError
from clustermodel.structure.graph import (
    Graph,
    graph_from_edges,
    graph_signature,
    match_graphs,
    read_skeleton,
)


def to_networkx(graph: Graph) -> nx.Graph:
    drawn = nx.Graph()
    drawn.add_nodes_from((i, {"s": s}) for i, s in enumerate(graph.elements))
    drawn.add_edges_from((a, b) for a, row in enumerate(graph.neighbors) for b in row)
    return drawn


def is_isomorphic(first: Graph, second: Graph) -> bool:
    same = nx.algorithms.isomorphism.categorical_node_match("s", "")
    return nx.is_isomorphic(to_networkx(first), to_networkx(second), node_match=same)


@st.composite
def graphs(draw):
    n = draw(st.integers(1, 9))
    elements = draw(st.lists(st.sampled_from("CNO"), min_size=n, max_size=n))
    pairs = [(a, b) for a in range(n) for b in range(a)]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return graph_from_edges(elements, edges)


def renumber(graph: Graph, order: list[int]) -> Graph:
    place = {old: new for new, old in enumerate(order)}
    edges = [(place[a], place[b]) for a, row in enumerate(graph.neighbors) for b in row]
    return graph_from_edges([graph.elements[old] for old in order], edges)


@given(graphs(), st.data())
def test_a_renumbered_graph_matches_atom_by_atom(graph, data):
    order = data.draw(st.permutations(range(len(graph))))
    other = renumber(graph, order)
    image = match_graphs(graph, other)
    assert image is not None
    assert sorted(image) == list(range(len(graph)))
    assert graph_signature(graph) == graph_signature(other)
    for a, row in enumerate(graph.neighbors):
        assert graph.elements[a] == other.elements[image[a]]
        assert sorted(image[b] for b in row) == list(other.neighbors[image[a]])


@given(graphs(), st.data())
def test_matching_agrees_with_networkx(graph, data):
    """One bond moved elsewhere and the atoms renumbered: mostly, but not always, another molecule."""
    other = renumber(graph, data.draw(st.permutations(range(len(graph)))))
    edges = {(a, b) for a, row in enumerate(other.neighbors) for b in row if a < b}
    free = [(b, a) for a in range(len(other)) for b in range(a) if (b, a) not in edges]
    if edges and free:
        edges.remove(data.draw(st.sampled_from(sorted(edges))))
        edges.add(data.draw(st.sampled_from(free)))
    changed = graph_from_edges(other.elements, edges)
    assert (match_graphs(graph, changed) is not None) == is_isomorphic(graph, changed)


@pytest.mark.parametrize("size", [6, 10, 14])
def test_graphs_that_refinement_cannot_tell_apart(size):
    """One ring against two half rings: every atom looks alike, only the search can tell."""
    ring = graph_from_edges(["C"] * size, [(i, (i + 1) % size) for i in range(size)])
    half = size // 2
    two = [(i + shift, (i + 1) % half + shift) for shift in (0, half) for i in range(half)]
    pair = graph_from_edges(["C"] * size, two)
    assert graph_signature(ring) == graph_signature(pair)
    assert match_graphs(ring, pair) is None
    assert match_graphs(pair, pair) is not None


def test_the_icosahedral_borane_is_an_icosahedron():
    graph = read_skeleton("B1234B567B118B9%10%11B211B323B454B656B789B%1055B%1112B3465")
    assert nx.is_isomorphic(to_networkx(graph), nx.icosahedral_graph())


@pytest.mark.parametrize(
    ("skeleton", "elements", "edges"),
    [
        ("CO", "CO", [(0, 1)]),
        ("Co", ["Co"], []),
        ("F.F", "FF", []),
        ("P(F)3", "PFFF", [(0, 1), (0, 2), (0, 3)]),
        ("C(C(F)2)2", "CCFFCFF", [(0, 1), (1, 2), (1, 3), (0, 4), (4, 5), (4, 6)]),
        ("C1CC1", "CCC", [(0, 1), (1, 2), (0, 2)]),
        ("N(C1CC1)2", "NCCCCCC", [(0, 1), (1, 2), (2, 3), (1, 3), (0, 4), (4, 5), (5, 6), (4, 6)]),
        ("C%12CC%12O", "CCCO", [(0, 1), (1, 2), (0, 2), (2, 3)]),
        ("BrCCl", ["Br", "C", "Cl"], [(0, 1), (1, 2)]),
    ],
)
def test_skeletons_are_read(skeleton, elements, edges):
    graph, expected = read_skeleton(skeleton), graph_from_edges(list(elements), edges)
    assert graph.elements == expected.elements
    assert graph.neighbors == expected.neighbors


@pytest.mark.parametrize(
    "text", ["", "c1ccccc1", "C=O", "C(", "C)", ")C(", "C()", "(C)O", "C1CC", "1CC1", "C C"]
)
def test_other_notations_are_refused(text):
    with pytest.raises(InputError, match="skeleton"):
        read_skeleton(text)


@given(graphs())
def test_components_and_subgraphs(graph):
    parts = graph.components()
    assert sorted(a for part in parts for a in part) == list(range(len(graph)))
    assert {frozenset(part) for part in parts} == set(
        map(frozenset, nx.connected_components(to_networkx(graph)))
    )
    bonds = sum(len(row) for part in parts for row in graph.subgraph(part).neighbors)
    assert bonds == sum(len(row) for row in graph.neighbors)
