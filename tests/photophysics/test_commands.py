"""The jobs of ``clustermodel rates`` and ``clustermodel spectrum`` as the command line calls them."""

import json

import numpy as np
import pytest

from clustermodel.cli.rates import show_rates
from clustermodel.cli.spectrum import SpectrumRequest, YieldRequest, show_spectra
from clustermodel.errors import InputError

PAIR = ["Au21=13.10%,2.65us", "Au22=47.63%,3.82us"]


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")  # tables are not broken into lines


def write_band(path, centre=715.0, fwhm=110.0, height=1.0):
    wavelength = np.arange(450, 1001, 1.0)
    values = height * np.exp(-4 * np.log(2) * ((wavelength - centre) / fwhm) ** 2)
    rows = "\n".join(f"{w:g},{v:.9f}" for w, v in zip(wavelength, values, strict=True))
    path.write_text(f"wavelength_nm,intensity\n{rows}\n")
    return path


def read_document(capsys, schema):
    out, err = capsys.readouterr()
    assert err == ""
    document = json.loads(out)
    assert document["schema"] == schema
    return document


def test_rates_document(capsys):
    show_rates(PAIR, "-", None)
    document = read_document(capsys, "clustermodel.rates/1")
    assert [round(one["radiative"], -1) for one in document["emitters"]] == [49430, 124690]
    (pair,) = document["comparisons"]
    assert round(100 * pair["radiative_share"]) == 51
    assert any("Φ_ISC" in note for note in document["notes"])


def test_rates_folder(capsys, tmp_path):
    show_rates(PAIR, None, tmp_path)
    shown = " ".join(capsys.readouterr().out.split())
    for text in ("49.43", "137.09", "10³ s⁻¹", "Φ_ISC", "amplitude average", "Au22 against Au21"):
        assert text in shown
    assert "k_nr" in (tmp_path / "figures" / "rates.svg").read_text()
    assert (tmp_path / "tables" / "rate-comparison.csv").is_file()


def test_fast_emitters_are_shown_in_their_own_units(capsys):
    show_rates(["dye=90%,3ns"], None, None)
    shown = " ".join(capsys.readouterr().out.split())
    assert "10⁶ s⁻¹" in shown
    assert "τ / ns" in shown


def test_nothing_is_cut_off_in_a_narrow_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    show_rates(PAIR, None, None)
    assert "…" not in capsys.readouterr().out


def test_dark_emitter_is_not_compared(capsys):
    show_rates([*PAIR, "dark=0%,1us"], "-", None)
    document = read_document(capsys, "clustermodel.rates/1")
    assert len(document["comparisons"]) == 1
    assert document["emitters"][2]["ratio"] is None  # infinite
    assert any("Not compared" in note and "dark" in note for note in document["notes"])


def test_rates_of_a_file(capsys, tmp_path):
    path = tmp_path / "a=b.csv"  # an equals sign in the name of a file
    path.write_text("name,quantum_yield_percent,lifetime_us\nAu21,13.10,2.65\nAu22,47.63,3.82\n")
    show_rates([str(path)], "-", None)
    assert len(read_document(capsys, "clustermodel.rates/1")["comparisons"]) == 1


@pytest.mark.parametrize("sample", ["absent.csv", "Au21", "Au21=13,2us", "Au21=13%,2"])
def test_bad_samples_are_refused(sample):
    with pytest.raises(InputError):
        show_rates([sample], None, None)


def test_spectrum_document(capsys, tmp_path):
    show_spectra(write_band(tmp_path / "a.csv"), SpectrumRequest(kind="emission", fit=True), "-", None)
    document = read_document(capsys, "clustermodel.spectrum/1")
    (band,) = document["spectra"][0]["bands"]
    assert band["energy"] == pytest.approx(1.7195, abs=5e-5)  # half of the last printed digit
    assert band["fwhm"] == pytest.approx(0.2627, abs=5e-5)  # half of the last printed digit
    assert len(document["deconvolution"]["bands"]) == 1
    assert document["stokes_shift"] is document["quantum_yield"] is None


def test_spectrum_folder(capsys, tmp_path):
    emission = write_band(tmp_path / "em.csv")
    absorption = write_band(tmp_path / "ab.csv", centre=590, fwhm=60)
    request = SpectrumRequest(kind="absorption", emission=emission, fit=True, shape="lorentzian")
    show_spectra(absorption, request, None, tmp_path / "out")
    shown = " ".join(capsys.readouterr().out.split())
    for text in ("715.0", "1.7195", "262.7", "Stokes shift", "none of them is the gap", "lorentzian"):
        assert text in shown
    figure = (tmp_path / "out" / "figures" / "spectrum.svg").read_text()
    assert "wavelength / nm" in figure
    assert (tmp_path / "out" / "tables" / "deconvolution.tex").is_file()


def test_quantum_yield(capsys, tmp_path):
    sample, reference = write_band(tmp_path / "a.csv", height=0.5), write_band(tmp_path / "b.csv")
    wanted = YieldRequest(
        reference=reference, reference_yield="90(2)%", absorbances="0.05:0.05", indices="1.4:1.4"
    )
    show_spectra(sample, SpectrumRequest(kind="emission", quantum_yield=wanted), "-", None)
    found = read_document(capsys, "clustermodel.spectrum/1")["quantum_yield"]
    assert found["value"] == pytest.approx(0.45, rel=1e-6)  # digits of the file
    assert found["su"] == pytest.approx(0.01, rel=1e-6)  # digits of the file


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "light"}, "--kind"),
        ({"kind": "emission", "fit": True, "shape": "box"}, "--shape"),
        ({"kind": "emission", "fit": True, "window": "2:1"}, "the lower first"),
        ({"kind": "emission", "fit": True, "window": "2"}, "with a colon"),
        ({"kind": "emission", "centres": (9.0,)}, "band at 9 eV"),
        ({"kind": "emission", "smoothing": 0.0}, "smoothing"),
    ],
)
def test_bad_options_are_refused_in_words(tmp_path, options, words):
    with pytest.raises(InputError, match=words):
        show_spectra(write_band(tmp_path / "a.csv"), SpectrumRequest(**options), None, None)


def test_yield_needs_emission_absorbances_and_indices(tmp_path):
    path = write_band(tmp_path / "a.csv")
    wanted = YieldRequest(reference=path, reference_yield="90%", absorbances=None, indices="1:1")
    with pytest.raises(InputError, match="--absorbance"):
        show_spectra(path, SpectrumRequest(kind="emission", quantum_yield=wanted), None, None)
    with pytest.raises(InputError, match="--kind emission"):
        show_spectra(path, SpectrumRequest(kind="absorption", quantum_yield=wanted), None, None)
