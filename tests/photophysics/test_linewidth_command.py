"""The job of ``clustermodel linewidth`` as the command line calls it, and the command itself."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from clustermodel.cli.linewidth import LinewidthRequest, show_linewidth
from clustermodel.cli.main import app
from clustermodel.errors import InputError
from clustermodel.photophysics.linewidth_data import simulate_width_series

PAPER = {"Au21": [150, 20, 4.3, 137.7, 36.1], "Au22": [150, 20, 6.9, 55.3, 41.6]}
QUICK = {"models": ("toyozawa", "line")}


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")  # tables are not broken into lines


def write_widths(path, sample="Au21", *, states_noise=True, low=200.0, points=11, noise=1.0):
    series = simulate_width_series(
        "printed", PAPER[sample], np.linspace(low, 300, points), noise_mev=noise, seed=7
    )
    lines = ["temperature_K,fwhm_meV" + ",fwhm_error_meV" * states_noise]
    for t, w in zip(series.temperature, series.fwhm_mev, strict=True):
        lines.append(f"{t:.6g},{w:.4f}" + f",{noise}" * states_noise)
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def write_spectra(path, temperatures, noise=0.002):
    rng = np.random.default_rng(3)
    energy = np.linspace(1.3, 2.2, 301)
    columns = [
        np.exp(-4 * np.log(2) * ((energy - 1.72) / (0.15 + 1.4e-4 * t)) ** 2)
        + noise * rng.standard_normal(energy.size)
        for t in temperatures
    ]
    rows = [",".join(["energy_eV", *(f"{t:g} K" for t in temperatures)])]
    rows += [",".join(f"{x:.7g}" for x in row) for row in zip(energy, *columns, strict=True)]
    path.write_text("\n".join(rows) + "\n")
    return str(path)


def read_document(capsys):
    out, err = capsys.readouterr()
    assert err == ""
    document = json.loads(out)
    assert document["schema"] == "clustermodel.linewidth/1"
    return document


def find_parameter(document, model, name, sample=0):
    fit = next(one for one in document["samples"][sample]["fits"] if one["model"] == model)
    return next(one for one in fit["parameters"] if one["name"] == name)


def test_document_of_the_pair_of_the_paper(capsys, tmp_path):
    files = [write_widths(tmp_path / f"{name}.csv", name) for name in PAPER]
    show_linewidth(files, LinewidthRequest(models=("printed", "line"), design="E_op"), "-", None)
    document = read_document(capsys)
    for sample in (0, 1):
        assert document["samples"][sample]["fits"][0]["model"] == "line"
        for name in ("E_ac", "E_op"):
            profile = find_parameter(document, "printed", name, sample)["profile"]
            assert profile["verdict"] == "flat"
            assert profile["intervals"][0]["low"] is profile["intervals"][0]["high"] is None
            assert len(profile["values"]) == len(profile["rise"])
    (pair,) = document["comparisons"]
    assert (pair["first"], pair["second"], pair["temperature"]) == ("Au21", "Au22", 250)
    assert "S_op of printed" in pair["not_told_apart"]
    assert {one["sample"] for one in document["design"]} == {"Au21", "Au22"}
    assert any("E_ac cancels out" in note for note in document["notes"])


def test_folder(capsys, tmp_path):
    path = write_widths(tmp_path / "Au21.csv", low=5.0, points=60, noise=0.3)
    request = LinewidthRequest(models=("printed", "line"), fixed=("S_ac=20 meV", "E_ac = 4.3"), design="E_op")
    show_linewidth([path], request, None, tmp_path / "out")
    shown = " ".join(capsys.readouterr().out.split())
    for text in ("identified", "held", "What would tell E_op", "coth(E_ac/2kT)", "ΔAICc", "points for 10 %"):
        assert text in shown
    names = {one.name for one in (tmp_path / "out" / "figures").iterdir()}
    assert names == {"linewidth-1.svg", "profiles-1-printed.svg"}
    assert "FWHM / meV" in (tmp_path / "out" / "figures" / "linewidth-1.svg").read_text()
    assert "identified" in (tmp_path / "out" / "figures" / "profiles-1-printed.svg").read_text()
    tables = {one.stem for one in (tmp_path / "out" / "tables").iterdir()}
    assert tables == {"width-and-slope", "ranking-1", "parameters-1", "design"}


def test_flat_profiles_say_so_in_the_figure(tmp_path):
    path = write_widths(tmp_path / "Au21.csv")
    show_linewidth([path], LinewidthRequest(models=("printed",)), None, tmp_path / "out")
    drawing = (tmp_path / "out" / "figures" / "profiles-1-printed.svg").read_text()
    assert "flat; rises by limit of" in drawing


def test_spectra_in_columns(capsys, tmp_path):
    path = write_spectra(tmp_path / "Au22.csv", [300, 280, 260, 240, 220, 200])
    show_linewidth([path], LinewidthRequest(**QUICK, width="fitted", bootstrap=20), "-", None)
    document = read_document(capsys)
    assert [one["temperature"] for one in document["widths"]] == [200, 220, 240, 260, 280, 300]
    sample = document["samples"][0]
    assert sample["series"]["name"] == "Au22"
    assert sample["trend"]["slope"] == pytest.approx(
        0.14, abs=5 * sample["trend"]["slope_su"]
    )  # 5 deviations
    assert any("photons per interval" in note for note in document["notes"])


def test_spectra_in_files(capsys, tmp_path):
    sources = []
    for t in (200, 225, 250, 275, 300):
        path = write_spectra(tmp_path / f"{t}K.csv", [t])
        sources.append(path if t < 300 else f"300K={path}")
    show_linewidth(sources, LinewidthRequest(**QUICK, bootstrap=20), None, None)
    shown = " ".join(capsys.readouterr().out.split())
    for text in ("Width of the main emission band", "wild bootstrap, 20 replicates", "Formulas for spectra"):
        assert text in shown


def test_noise_of_a_table_without_uncertainties(capsys, tmp_path):
    path = write_widths(tmp_path / "a.csv", states_noise=False)
    show_linewidth([path], LinewidthRequest(**QUICK, noise_mev=1.0, temperature=240.0), "-", None)
    sample = read_document(capsys)["samples"][0]
    assert sample["series"]["fwhm_su_mev"] == [1.0] * 11
    assert sample["trend"]["temperature"] == 240
    show_linewidth([path], LinewidthRequest(**QUICK), None, None)
    assert "uncertainties equal, estimated" in " ".join(capsys.readouterr().out.split())


def test_priors_limits_and_assumed_values(capsys, tmp_path):
    path = write_widths(tmp_path / "a.csv")
    request = LinewidthRequest(
        **QUICK,
        priors=("E=291(8) cm-1",),
        limits=("S=0.1:20",),
        design="E",
        assumed=("S=3", "E=30", "gamma_inh=120", "slope=1"),
        lowest=(4.0,),
        target=5.0,
    )
    show_linewidth([path], request, "-", None)
    document = read_document(capsys)
    assert find_parameter(document, "toyozawa", "E")["state"] == "prior"
    assert document["samples"][0]["constraints"]["priors"]["E"] == pytest.approx(
        [36.08, 0.992], rel=1e-3
    )  # digits
    assert find_parameter(document, "toyozawa", "E")["value"] == pytest.approx(36.1, abs=4)  # 4 deviations
    assert find_parameter(document, "toyozawa", "S")["value"] <= 20
    assert [one["low"] for one in document["design"]] == [200, 4]
    assert document["design"][0]["assumed"] == {"gamma_inh": 120, "S": 3, "E": 30}
    assert document["design"][0]["target"] == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"models": ("bose",)}, "model 'bose' is not known"),
        ({"fixed": ("S",)}, "--fix 'S'; expected a name"),
        ({"fixed": ("S=x",)}, "'x' is no number"),
        ({"priors": ("E=36",)}, "with its standard uncertainty"),
        ({"priors": ("E=x(3)",)}, "with its standard uncertainty"),
        ({"limits": ("E=36",)}, "'' is no number; expected E_op=10:80"),
        ({"fixed": ("S_xx=3",)}, "no formula has a parameter 'S_xx'"),
        ({"noise_mev": 1.0}, "--noise with uncertainties in the file"),
        ({"temperature": -1.0}, "expected a positive one"),
        ({"width": "best"}, "--width 'best'"),
        ({"shape": "box"}, "--shape 'box'"),
        ({"window": "1.4"}, "--window '1.4'"),
        ({"bootstrap": 2}, "at least 20"),
        ({"design": "E_op"}, "--design 'E_op'; expected one of"),
        ({"design": "E", "assumed": ("E=x",)}, "'x' is no number"),
        ({"design": "E", "target": 0.0}, "expected positive numbers"),
    ],
)
def test_bad_options_are_refused_in_words(tmp_path, options, words):
    path = write_widths(tmp_path / "a.csv")
    with pytest.raises(InputError, match=words):
        show_linewidth([path], LinewidthRequest(**{**QUICK, **options}), None, None)


def test_too_few_points_are_told(tmp_path):
    path = write_widths(tmp_path / "a.csv", points=3)
    with pytest.raises(InputError, match="found 3 temperatures; needed: line 4, toyozawa 5"):
        show_linewidth([path], LinewidthRequest(**QUICK), None, None)


# ------------------------------------------------------------------------------------ through the command


def test_command_writes_one_document_and_nothing_else(tmp_path):
    path = write_widths(tmp_path / "a.csv")
    run = CliRunner().invoke(
        app, ["linewidth", path, "--model", "toyozawa", "--model", "line", "--at", "250", "--json", "-"]
    )
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout)["schema"] == "clustermodel.linewidth/1"


def test_command_ends_in_one_line_for_a_bad_file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("temperature_K,fwhm_meV\n200,180\n250,-185\n")
    run = CliRunner().invoke(app, ["linewidth", str(path)])
    assert run.exit_code == 2
    assert "fwhm of point 2 is -185" in run.stderr
    assert run.stdout == ""


def test_command_takes_every_option(tmp_path):
    path = write_widths(tmp_path / "a.csv", states_noise=False)
    options = ["--model", "toyozawa", "--fix", "S=3", "--prior", "E=25(2)", "--limit", "gamma_inh=50:200"]
    options += ["--noise", "1", "--width", "fitted", "--smoothing", "0.05", "--shape", "lorentzian"]
    options += ["--window", "1.4:2.1", "--bootstrap", "30", "--seed", "4", "--design", "E", "--target", "5"]
    options += ["--assume", "E=25", "--lowest", "77", "-o", str(tmp_path / "out")]
    run = CliRunner().invoke(app, ["linewidth", path, *options])
    assert run.exit_code == 0, run.output
    assert (tmp_path / "out" / "linewidth.json").is_file()
