"""Do the tables say what the document says, and with which settings?"""

import pytest

from clustermodel.pipeline.document import build_document
from clustermodel.report.render import render_csv, render_html, render_latex, render_markdown
from clustermodel.report.sentences import describe_composition, describe_count, describe_vacancies
from clustermodel.report.table import Charge, Formula, Measured, SpaceGroupName
from clustermodel.report.tables import list_tables
from tests.datafiles import data_path
from tests.report.report_documents import (
    hostile_document,
    make_documents,
    model_document,
    vacancy_document,
    water_document,
)

AU25 = "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif"
DOCUMENTS = [model_document, vacancy_document, water_document, hostile_document]


def tables_of(document):
    return {table.name: table for table in list_tables(document)}


def column(table, heading):
    place = [c.heading for c in table.columns].index(heading)
    return [row[place] for row in table.rows]


def values(table):
    """Return the rows of a table of two or more columns as a dict: first cell to second."""
    return {row[0]: row[1] for row in table.rows}


@pytest.mark.parametrize("make", DOCUMENTS)
def test_every_table_has_rows_settings_and_source_and_a_name_of_its_own(make):
    tables = list_tables(make())
    assert len({table.name for table in tables}) == len(tables)
    for table in tables:
        assert table.rows
        assert table.caption
        assert table.source.startswith("Source: ")
        for render in (render_csv, render_html, render_latex, render_markdown):
            assert render(table)


def test_a_model_is_called_a_model_in_every_table():
    assert all("A model, not a measured structure." in t.source for t in list_tables(model_document()))
    assert not any("model" in t.source for t in list_tables(water_document()))


def test_tables_of_a_file_without_a_cluster():
    tables = tables_of(water_document())
    assert not [name for name in tables if name.startswith("cluster")]
    assert {"crystal", "species", "settings"} <= set(tables)
    assert column(tables["species"], "formula") == [Formula("H2O")]


def test_bonds_are_those_of_the_document():
    document = model_document()
    rows = document["clusters"][0]["bonds"]
    table = tables_of(document)["cluster-1-bonds"]
    for heading, key in (
        ("n", "n"),
        ("mean / Å", "mean"),
        ("s.d. / Å", "sd"),
        ("min / Å", "min"),
        ("max / Å", "max"),
    ):
        assert column(table, heading) == [row[key] for row in rows]
    assert "3.30 Å" in table.caption
    assert "convention staple" in table.caption
    assert "cordero" in table.caption
    assert "weighted mean / Å" not in [c.heading for c in table.columns]  # a model has no uncertainties


def test_weighted_means_carry_their_uncertainty():
    document = model_document()
    row = document["clusters"][0]["bonds"][0]
    row |= {"weighted_mean": 2.7812, "su": 0.0004}
    cells = column(tables_of(document)["cluster-1-bonds"], "weighted mean / Å")
    assert cells[0] == Measured(2.7812, 0.0004)
    assert set(cells[1:]) == {None}


def test_terms_add_up_to_the_electron_count():
    document = model_document()
    table = tables_of(document)["cluster-1-electrons"]
    *terms, total = column(table, "electrons")
    assert sum(terms) == total == document["clusters"][0]["electron_count"]["value"]


def test_counts_against_charge_fall_by_one_and_mark_the_cluster():
    document = model_document()
    table = tables_of(document)["cluster-1-electrons-by-charge"]
    charges = [cell.value for cell in column(table, "charge / e")]
    assert {z + n for z, n in zip(charges, column(table, "n*"), strict=True)} == {
        7
    }  # 25 gold less 18 thiolates
    assert [z for z, here in zip(charges, column(table, "this cluster"), strict=True) if here] == [-1]


def test_an_unknown_charge_is_a_function_and_not_a_number():
    cluster = vacancy_document()["clusters"][0]
    assert cluster["charge"]["value"] is None
    assert describe_count(cluster["electron_count"]).endswith("= 7 − z; the charge z is not known")
    overview = values(tables_of(vacancy_document())["cluster-1a-overview"])
    assert overview["charge"] is None
    assert overview["electron count n*"] is None


def test_vacancies_are_told_with_shares_and_occupancies():
    document = vacancy_document()
    filled, defect = document["clusters"]
    assert [describe_composition(c) for c in (filled, defect)] == ["Au25(SCH3)18", "Au24(SCH3)18"]
    assert "every metal site filled and fills 20\xa0% of the places" in describe_vacancies(filled)
    assert "lacks Au13 and fills 80\xa0% of the places" in describe_vacancies(defect)
    overview = values(tables_of(document)["cluster-1b-overview"])
    assert overview["share of the places"] == 0.8
    assert overview["missing here"] == "Au13"
    # two sites at 0.6 in place of two at 1
    assert overview["average formula of the place"] == Formula("C18H54Au24.2S18")
    assert describe_vacancies(model_document()["clusters"][0]) == ""


def test_bookkeeping_that_fails_cannot_be_overlooked():
    document = model_document()
    document["clusters"][0]["conventions"][0]["bookkeeping"]["balanced"] = False
    assert column(tables_of(document)["cluster-1-conventions"], "balanced") == ["NO", "yes", "yes", "yes"]


def test_crystal_data_keep_their_uncertainties():
    document = water_document()
    document["crystal"]["cell"]["su"] |= {"a": 0.002}
    cells = values(tables_of(document)["crystal"])
    assert cells["a"] == Measured(5.0, 0.002)
    assert cells["b"] == "6"  # no s.u.: as given, without decimals that nobody measured
    assert isinstance(cells["space group"], SpaceGroupName)


def test_atoms_carry_label_role_and_full_operation():
    document = model_document()
    table = tables_of(document)["cluster-1-atoms"]
    atoms = document["clusters"][0]["atoms"]
    assert column(table, "label") == [atom["label"] for atom in atoms]
    assert column(table, "role") == [atom["role"] for atom in atoms]
    assert {"x,y,z", "-x,-y,-z"} == {cell.text for cell in column(table, "symmetry")}


def test_audit_lists_the_worst_first():
    document = water_document()
    document["audit"] = [
        {"code": severity, "severity": severity, "message": "m", "labels": []}
        for severity in ("info", "error", "warning")
    ]
    assert column(tables_of(document)["audit"], "severity") == ["error", "warning", "info"]


def test_tables_of_the_deposited_au25_cluster():
    tables = tables_of(make_documents(data_path(AU25))[0])
    crystal, bonds = values(tables["crystal"]), tables["cluster-1-bonds"]
    assert crystal["a"] == Measured(16.174, 0.003)  # as printed in the file
    assert crystal["space group"] == SpaceGroupName("P -1")
    rows = dict(
        zip(
            column(bonds, "role"),
            zip(column(bonds, "n"), [cell.value for cell in column(bonds, "mean / Å")], strict=True),
            strict=True,
        )
    )
    # The mean centre-shell distance and the 36 Au-S bonds of this structure, to the third decimal.
    assert rows["centre-shell"] == (12, pytest.approx(2.783, abs=0.0005))  # half of the last digit
    assert rows["metal-donor"] == (36, pytest.approx(2.323, abs=0.0005))  # half of the last digit
    assert values(tables["cluster-1-overview"])["charge"] == Charge(0)


def test_tables_are_made_of_what_build_document_returns():
    """A document that has not been through JSON has tuples and numbers that are not finite."""
    from clustermodel.pipeline.analyze import analyze
    from clustermodel.pipeline.structure import measure_structure

    (analysis,) = analyze("model:au25_sch3_18_nme4")
    document = build_document(analysis, measure_structure(analysis))
    assert [t.name for t in list_tables(document)] == [t.name for t in list_tables(model_document())]
