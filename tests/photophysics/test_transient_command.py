"""The job of ``clustermodel transient`` as the command line calls it, and files for another program."""

import json

import numpy as np
import pytest

from clustermodel.cli.transient import TransientRequest, show_transient
from clustermodel.errors import InputError
from clustermodel.io.transient_readers import read_transient_map
from clustermodel.io.transient_writer import write_explicit_ascii
from clustermodel.photophysics.transient_simulation import simulate_transient

SCHEME = """
species = ["a", "b"]
initial = { a = 1.0 }
transfers = ["a -> b: k1", "b -> ground: k2"]
[time_constants_ps]
k1 = 2
k2 = 40
"""
QUICK = {"components": "2", "offset": False, "profiles": False}


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")  # tables are not broken into lines


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    data, _ = simulate_transient(lifetimes_ps=[2.0, 80.0], noise=0.01, seed=3)
    path = tmp_path_factory.mktemp("maps") / "map.ascii"
    every = data.take(np.ones(data.delay_ps.size, dtype=bool), np.arange(data.wavelength.size) % 5 == 0)
    write_explicit_ascii(every, path)
    return path


def read_document(capsys):
    out, err = capsys.readouterr()
    assert err == ""
    document = json.loads(out)
    assert document["schema"] == "clustermodel.transient/1"
    return document


def test_document(capsys, file):
    show_transient(file, TransientRequest(components="2", bootstrap=20, offset=True), "-", None)
    document = read_document(capsys)
    rows = document["time_constants"]
    assert [row["rate"] for row in rows] == ["k1", "k2", "offset"]
    assert [row["kind"] for row in rows] == ["determined", "determined", "lower bound"]
    assert rows[1]["value"] == pytest.approx(80, abs=4 * rows[1]["su"])  # of the fit itself
    assert document["lifetimes_ps"][-1] is None  # infinite
    assert document["support"]["supported"] is True
    assert len(document["bootstrap"]["draws_ps"]) == 20
    assert len(document["spectra"]["decay_associated"]) == 3
    assert len(document["response"]["time_zero_ps"]) == document["map"]["wavelengths"] == 26
    assert "nm and ps taken" in document["notes"][0]


def test_folder_and_terminal(capsys, file, tmp_path):
    request = TransientRequest(model="sequential", most_components=2, offset=False, profiles=False)
    show_transient(file, request, None, tmp_path / "out")
    shown = " ".join(capsys.readouterr().out.split())
    for words in (
        "Number of components",
        "chosen",
        "sequential scheme, 2 components",
        "knowledge beyond the map",
    ):
        assert words in shown
    for name in ("map", "kinetics", "spectra", "residuals"):
        assert "<svg" in (tmp_path / "out" / "figures" / f"transient-{name}.svg").read_text()
    table = (tmp_path / "out" / "tables" / "transient-spectra.csv").read_text().splitlines()
    assert len(table) == 27
    assert "EAS of 1 / ΔA" in table[0]
    assert (tmp_path / "out" / "tables" / "transient-lifetimes.tex").is_file()


def test_target_scheme_and_files_for_pyglotaran(capsys, file, tmp_path):
    scheme = tmp_path / "scheme.toml"
    scheme.write_text(SCHEME)
    request = TransientRequest(model=str(scheme), profiles=False, pyglotaran=tmp_path / "other")
    show_transient(file, request, "-", None)
    document = read_document(capsys)
    assert document["model"]["transfers"][1] == {"from": "b", "to": "ground", "rate": "k2"}
    values = dict(
        line.split(",")[:2] for line in (tmp_path / "other" / "parameters.csv").read_text().splitlines()[1:]
    )
    for row in document["time_constants"]:
        assert 1 / float(values[f"rates.{row['rate']}"]) == pytest.approx(row["value"], rel=1e-12)  # rounding
    model = (tmp_path / "other" / "model.yml").read_text()
    assert "(s2, s1): rates.k1" in model
    assert "(s2, s2): rates.k2" in model
    written = read_transient_map(tmp_path / "other" / "data.ascii")
    assert written.signal.shape == (165, 26)


def test_windows_masks_and_starts(capsys, file):
    request = TransientRequest(
        **QUICK,
        wavelengths="520:740",
        delays="-0.9:1000",
        masks=("600:610", "auto"),
        background="-0.5",
        lifetimes_ps=(1.0, 100.0),
        irf_fwhm_ps=0.2,
        fix_irf=True,
        dispersion=2,
        artifact=2,
    )
    show_transient(file, request, "-", None)
    document = read_document(capsys)
    assert document["map"]["wavelengths_nm"] == [520, 740]
    assert document["preparation"]["masked_nm"] == [600, 610]
    assert document["model"]["settings"]["irf_fixed"] is True
    assert document["response"]["irf_fwhm_su_ps"] is None
    assert len(document["spectra"]["artifact"]) == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"model": "magic"}, "--model 'magic'"),
        ({"model": "absent.toml"}, "absent.toml"),
        ({"components": "many"}, "--components 'many'"),
        ({"components": "0"}, "--components 0"),
        ({"most_components": 99}, "--most-components 99"),
        ({"lifetimes_ps": (1.0, 2.0)}, "expected --components 2"),
        ({**QUICK, "wavelengths": "500"}, "--wavelengths '500'"),
        ({**QUICK, "delays": "10:1"}, "the lower number first"),
        ({**QUICK, "masks": ("a:b",)}, "--mask 'a:b'"),
        ({**QUICK, "background": "much"}, "--background 'much'"),
        ({**QUICK, "bootstrap": 3}, "20 draws or more"),
        ({**QUICK, "axes": "nothing"}, "axes 'nothing'"),
        ({**QUICK, "dispersion": 9}, "dispersion is 9"),
    ],
)
def test_bad_options_are_refused_in_words(file, options, words):
    with pytest.raises(InputError, match=words):
        show_transient(file, TransientRequest(**options), None, None)


def test_a_map_with_holes_says_where(tmp_path, file):
    text = file.read_text().splitlines()
    cells = text[5].split("\t")
    text[5] = "\t".join([cells[0], *["nan"] * (len(cells) - 1)])
    holed = tmp_path / "holed.ascii"
    holed.write_text("\n".join(text))
    with pytest.raises(InputError, match="all at 500 to 500 nm; cut them off with --wavelengths"):
        show_transient(holed, TransientRequest(**QUICK), None, None)
