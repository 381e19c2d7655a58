"""The job of ``clustermodel decay`` as the command line calls it."""

import json
import math

import numpy as np
import pytest

from clustermodel.cli.decay import DecayRequest, show_decay
from clustermodel.errors import InputError
from clustermodel.photophysics.decay_data import build_decay
from clustermodel.photophysics.decay_model import DecayModel, DecayValues, simulate_decay
from clustermodel.photophysics.decay_pulse import GaussianResponse
from clustermodel.photophysics.decay_response import build_response
from clustermodel.photophysics.emitters import read_emitter

TIMES = np.linspace(0, 50, 251)
PULSE = np.random.default_rng(0).poisson(2e4 * np.exp(-0.5 * ((TIMES[:-1] - 3) / 0.3) ** 2) + 1)
TWO = DecayValues(lifetimes_ns=(1.0, 5.0), photons=(1e5, 2e5), background=1.0)


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")  # tables are not broken into lines


def write(path, counts, *, unit="ns", scale=1.0, irf=None):
    head = f"time_{unit},counts" + (",irf" if irf is not None else "")
    rows = [f"{t * scale:.10g},{n:.10g}" for t, n in zip(TIMES, counts, strict=False)]
    if irf is not None:
        rows = [f"{row},{n}" for row, n in zip(rows, irf, strict=True)]
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


@pytest.fixture(scope="module")
def measured():
    response = build_response(build_decay(TIMES[:-1], PULSE, unit="ns"))
    return simulate_decay(DecayModel(components=2, response=response), TWO, TIMES, seed=1).counts


@pytest.fixture(scope="module")
def gaussian():
    values = DecayValues(lifetimes_ns=(2.65,), photons=(2e5,), background=1.0, shift_ns=3.0)
    return simulate_decay(DecayModel(response=GaussianResponse(fwhm_ns=0.7)), values, TIMES, seed=1).counts


def read_document(capsys):
    out, err = capsys.readouterr()
    assert err == ""
    document = json.loads(out)
    assert document["schema"] == "clustermodel.decay/1"
    return document


def test_document_with_a_measured_response(capsys, tmp_path, measured):
    path = write(tmp_path / "a.csv", measured, irf=PULSE)
    show_decay(path, DecayRequest(irf=path, bootstrap=20), "-", None)
    document = read_document(capsys)
    assert document["decay"]["photons"] == measured.sum()
    assert document["model"]["response"]["kind"] == "measured"
    assert [one["verdict"] for one in document["components"]] == ["determined", "determined"]
    for one, tau in zip(document["components"], TWO.lifetimes_ns, strict=True):
        assert abs(one["lifetime_ns"] - tau) < 5 * one["lifetime_su_ns"]  # chance 1e-6
        assert one["low_ns"] < one["lifetime_ns"] < one["high_ns"]
    amplitude = 3e5 / (1e5 / 1 + 2e5 / 5)
    averages = document["averages"]
    assert abs(averages["amplitude_ns"] - amplitude) < 5 * averages["amplitude_su_ns"]  # chance 1e-6
    assert abs(averages["intensity_ns"] - 11 / 3) < 5 * averages["intensity_su_ns"]  # (1·1 + 2·5)/3
    assert document["candidates"][0]["name"] == "2 exponentials"
    assert [one["name"] for one in document["bootstrap"]["estimates"]][-2:] == [
        "amplitude average",
        "intensity average",
    ]
    curve = document["curve"]
    assert len(curve["time_ns"]) == len(curve["counts"]) == len(curve["expected"]) == 250
    assert sum(curve["expected"]) == pytest.approx(measured.sum(), rel=1e-6)  # a free background does that
    residual = sum((n - m) ** 2 / m for n, m in zip(curve["counts"], curve["expected"], strict=True))
    dof = 250 - document["parameters"]["fitted"]
    assert document["goodness"]["pearson_per_dof"] == pytest.approx(residual / dof, rel=1e-9)  # rounding
    assert not math.isnan(document["goodness"]["runs_z"])


def test_folder_and_terminal_in_the_unit_of_the_file(capsys, tmp_path, gaussian):
    path = write(tmp_path / "a.csv", gaussian, unit="us")
    show_decay(path, DecayRequest(irf_fwhm="700ns"), None, tmp_path / "out")
    shown = " ".join(capsys.readouterr().out.split())
    for text in (
        "lifetime τ / µs",
        "single exponential: both averages",
        "Gaussian, FWHM 0.7 µs",
        "2.6",
        "BIC",
    ):
        assert text in shown
    figure = (tmp_path / "out" / "figures" / "decay.svg").read_text()
    for text in ("time / µs", "counts in a bin", "response", "residual / σ", "correlation"):
        assert text in figure
    written = {path.name for path in (tmp_path / "out" / "tables").iterdir()}
    assert {"decay-components.csv", "decay-averages.tex", "decay-models.md", "decay-fit.csv"} <= written
    assert json.loads((tmp_path / "out" / "decay.json").read_text())["decay"]["unit"] == "us"


def test_the_hint_is_what_the_rates_take(capsys, tmp_path, measured):
    path = write(tmp_path / "a.csv", measured, irf=PULSE)
    show_decay(path, DecayRequest(irf=path, components="2"), None, None)
    shown = " ".join(capsys.readouterr().out.split())
    text = shown.split('clustermodel rates "', 1)[1].split('"', 1)[0]
    emitter = read_emitter(text.replace("YIELD", "13.10%"))
    assert emitter.average == "amplitude"
    assert emitter.lifetime_us * 1000 == pytest.approx(3e5 / 1.4e5, rel=0.03)  # five times its s.u. of 0.6 %
    assert 0 < emitter.lifetime_us_su < 0.03 * emitter.lifetime_us


def test_bounds_are_printed_instead_of_values(capsys, tmp_path):
    values = DecayValues(lifetimes_ns=(0.002, 5.0), photons=(5e4, 1e5), background=1.0, shift_ns=3.0)
    model = DecayModel(components=2, response=GaussianResponse(fwhm_ns=0.7))
    path = write(tmp_path / "a.csv", simulate_decay(model, values, TIMES, seed=1).counts)
    show_decay(path, DecayRequest(irf_fwhm="0.7ns", components="2", most_components=2), None, None)
    shown = " ".join(capsys.readouterr().out.split())
    assert "too short" in shown
    assert "upper bound" in shown
    assert "scattered light" in shown
    assert "which these counts do not determine" in shown
    assert "< 0.0" in shown


def test_stretched_and_its_comparison(capsys, tmp_path):
    values = DecayValues(lifetimes_ns=(2.0,), photons=(1e5,), background=1.0, stretching=0.6)
    path = write(tmp_path / "a.csv", simulate_decay(DecayModel(stretched=True), values, TIMES, seed=1).counts)
    request = DecayRequest(stretched=True, window="0:50ns", most_components=2)
    show_decay(path, request, "-", None)
    document = read_document(capsys)
    assert document["model"]["stretched"] is True
    parameters = document["parameters"]
    assert abs(parameters["stretching"] - 0.6) < 5 * parameters["stretching_su"]  # chance 1e-6
    assert {one["name"] for one in document["candidates"]} == {
        "1 exponential",
        "2 exponentials",
        "stretched exponential",
    }
    assert document["averages"]["kind"] == "stretched"


def test_held_values_and_a_period(capsys, tmp_path, gaussian):
    path = write(tmp_path / "a.csv", gaussian)
    request = DecayRequest(
        irf_fwhm="0.7 ns", irf_shift="3ns", background=1.0, period="80ns", components="1", most_components=1
    )
    show_decay(path, request, "-", None)
    document = read_document(capsys)
    assert document["model"]["period_ns"] == 80
    assert document["parameters"]["fitted"] == 2
    assert (document["parameters"]["shift_ns"], document["parameters"]["background"]) == (3, 1)


@pytest.mark.parametrize("window", ["4:40ns", "4ns:40ns", "4000ps : 0.04us"])
def test_windows(capsys, tmp_path, gaussian, window):
    path = write(tmp_path / "a.csv", gaussian)
    show_decay(path, DecayRequest(window=window, most_components=1), "-", None)
    found = read_document(capsys)["settings"]["window_ns"]
    assert found == pytest.approx([4, 40], abs=0.11)  # half of a bin


def test_odd_counts_are_said(capsys, tmp_path, gaussian):
    path = write(tmp_path / "a.csv", gaussian + 0.5)
    show_decay(path, DecayRequest(most_components=1), "-", None)
    assert any("are not whole numbers" in note for note in read_document(capsys)["notes"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"irf_fwhm": "0.7"}, "--irf-fwhm '0.7'; expected a number with its unit"),
        ({"irf_fwhm": "-1ns"}, "positive time"),
        ({"irf_fwhm": "1ns", "irf": True}, "expected one of them"),
        ({"irf_background": 1.0}, "--irf-background without --irf"),
        ({"irf_shift": "1ns"}, "--irf-shift without"),
        ({"components": "many"}, "expected auto or a number from 1 to 8"),
        ({"components": "0"}, "expected auto or a number from 1 to 8"),
        ({"components": "2", "stretched": True}, "one stretched exponential"),
        ({"most_components": 0}, "--most-components 0"),
        ({"bootstrap": -1}, "--bootstrap -1"),
        ({"bootstrap": 3}, "20 or more"),
        ({"window": "5"}, "--window"),
        ({"window": "40:5ns"}, "the earlier first"),
        ({"window": "60:70ns"}, "no bin from 60 to 70 ns"),
        ({"window": "10:12ns"}, "3 parameters need at least 15 bins; found 10"),
        ({"period": "20ns"}, "period at least as long"),
        ({"background": -1.0}, "zero or more"),
    ],
)
def test_bad_options_are_refused_in_words(tmp_path, gaussian, options, words):
    path = write(tmp_path / "a.csv", gaussian)
    if options.get("irf"):
        options = {**options, "irf": path}
    with pytest.raises(InputError, match=words):
        show_decay(path, DecayRequest(**{"most_components": 1, **options}), None, None)


def test_a_response_with_other_bins_is_refused(tmp_path, gaussian):
    path = write(tmp_path / "a.csv", gaussian)
    other = write(tmp_path / "irf.csv", PULSE, scale=0.5)
    with pytest.raises(InputError, match=r"bins of 0\.1 ns, those of"):
        show_decay(path, DecayRequest(irf=other), None, None)
