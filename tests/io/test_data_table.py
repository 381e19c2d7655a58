"""Files of columns: layouts that instruments write, and what is refused."""

import json

import pytest

from clustermodel.errors import InputError
from clustermodel.io.data_table import read_data_table


def read(tmp_path, content, name="a.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_text(content, encoding=encoding)
    return read_data_table(path)


@pytest.mark.parametrize(
    ("head", "name", "unit"),
    [
        ("wavelength_nm", "wavelength", "nm"),
        ("Wavelength (nm)", "wavelength", "nm"),
        ("wavelength / nm", "wavelength", "nm"),
        ("Wavelength [nm]", "wavelength", "nm"),
        ("energy_eV", "energy", "eV"),
        ("wavenumber_cm-1", "wavenumber", "cm-1"),
        ("Wavenumber (cm⁻¹)", "wavenumber", "cm-1"),
        ("lifetime_us", "lifetime", "us"),
        ("lifetime / µs", "lifetime", "us"),
        ("quantum_yield_percent", "quantum_yield", "percent"),
        ("quantum yield (%)", "quantum_yield", "percent"),
        ("m/z", "m/z", ""),
        ("quantum_yield", "quantum_yield", ""),
        ("T / K", "t", "K"),
    ],
)
def test_names_and_units(tmp_path, head, name, unit):
    column = read(tmp_path, f"{head};i\n1;2\n").columns[0]
    assert (column.name, column.unit) == (name, unit)


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1.5,2\n3,4\n",
        "a;b\n1,5;2\n3;4\n",
        "a\tb\n1.5\t2\n3\t4\n",
        "a b\n1.5 2\n3   4\n",
        "# a comment\na,b\n\n1.5,2\n# another\n3,4\n",
        '"a","b"\n"1.5","2"\n"3","4"\n',
        "\ufeffa,b\r\n1.5,2\r\n3,4\r\n",
    ],
)
def test_layouts(tmp_path, content):
    table = read(tmp_path, content)
    assert [table.numbers(column).tolist() for column in table.columns] == [[1.5, 3], [2, 4]]


@pytest.mark.parametrize("value", [{"a": [1.5, 3], "b": [2, 4]}, [{"a": 1.5, "b": 2}, {"a": 3, "b": 4}]])
def test_json(tmp_path, value):
    table = read(tmp_path, json.dumps(value), "a.json")
    assert [table.numbers(column).tolist() for column in table.columns] == [[1.5, 3], [2, 4]]


def test_letters_of_older_instruments(tmp_path):
    table = read(tmp_path, "lifetime / µs,b\n1,2\n", encoding="latin-1")
    assert table.columns[0].unit == "us"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "0 lines"),
        ("a,b\n", "1 lines"),
        ("1,2\n3,4\n", "line 1.*header"),
        ("a,b\n1,2\n3\n", "line 3.*1 cells.*2"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, content, words):
    with pytest.raises(InputError, match=words):
        read(tmp_path, content)


@pytest.mark.parametrize("cell", ["nan", "inf", "", "x", "-", "1,5"])
def test_cells_that_are_no_numbers_name_their_line(tmp_path, cell):
    table = read(tmp_path, f"# note\na\tb\n1\t2\n{cell.replace(',', ' ')}\t4\n")
    with pytest.raises(InputError, match="line 4, column 'a'"):
        table.numbers(table.columns[0])


@pytest.mark.parametrize("content", ["{", "3", '{"a": [1], "b": [1, 2]}', "[]", '{"a": 1}'])
def test_json_of_another_layout_is_refused(tmp_path, content):
    with pytest.raises(InputError):
        read(tmp_path, content, "a.json")


def test_absent_file_is_refused():
    with pytest.raises(InputError, match="cannot be read"):
        read_data_table("no/such/file.csv")


def test_find_takes_the_first_name_that_is_there(tmp_path):
    table = read(tmp_path, "sample,b\nx,1\n")
    assert table.find("name", "sample").cells == ("x",)
    assert table.find("nothing") is None
