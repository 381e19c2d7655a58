"""Verdicts on printed and measured masses, the search, and measured spectra."""

import base64
import gc
import importlib.util
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.constants import ELECTRON_MASS_DA
from clustermodel.errors import InputError
from clustermodel.massspec.envelope import build_envelope
from clustermodel.massspec.formula import read_ion
from clustermodel.massspec.ion import measure_ion
from clustermodel.massspec.match import compare_found, compare_printed, count_decimals, name_isotopologue
from clustermodel.massspec.measured import MassSpectrum, match_envelope, read_mass_spectrum
from clustermodel.massspec.search import SearchSettings, search_ions
from clustermodel.massspec.shorthand import read_shorthand

AU22 = measure_ion(read_ion("[Au22(AdmS)12(PPh2py)4]2+"))
AU21_ADDUCT = measure_ion(read_ion("[Au21(AdmS)12(PPh2py)3(CH3OH)Cs]2+"))
AU25 = measure_ion(read_ion("[Au25(PET)18]-"))
IONS = [AU22, AU21_ADDUCT, AU25, measure_ion(read_ion("[Ag44(p-MBA)30]4-")), measure_ion(read_ion("[PPh4]+"))]


# ------------------------------------------------------------------------------------------- printed masses


def test_the_paper_prints_the_most_abundant_mass_of_au22():
    verdict = compare_printed(AU22, "3696.34")
    assert verdict.verdict == "most abundant"
    assert verdict.electron_mass == "cannot be told"  # 0.0003 Th against two decimals


def test_the_printed_mass_of_the_au21_adduct_is_not_reproduced():
    verdict = compare_printed(AU21_ADDUCT, "3549.68")
    assert verdict.verdict == "none"
    deviations = {row.name: row.deviation for row in verdict.rows}
    assert deviations["monoisotopic"] == pytest.approx(1.90, abs=0.005)  # two decimals of the note
    assert deviations["most abundant"] == pytest.approx(0.90, abs=0.005)  # the same
    assert deviations["average"] == pytest.approx(0.40, abs=0.005)  # the same


@pytest.mark.parametrize("masses", IONS, ids=lambda m: m.ion.text)
@pytest.mark.parametrize("convention", ["monoisotopic", "most abundant", "average"])
@pytest.mark.parametrize("decimals", [2, 3, 4])
def test_every_convention_is_recognised(masses, convention, decimals):
    value = masses.by_convention()[convention]
    verdict = compare_printed(masses, f"{value:.{decimals}f}")
    agreeing = {row.name for row in verdict.rows if row.agrees}
    assert convention in agreeing
    assert verdict.verdict in agreeing


@pytest.mark.parametrize("masses", IONS, ids=lambda m: m.ion.text)
def test_forgotten_electrons_are_told_with_enough_decimals(masses):
    # An ion of charge z has lost z electrons of 0.000549 Da: 0.00055 Th whatever the charge.
    forgotten = masses.monoisotopic + ELECTRON_MASS_DA * np.sign(masses.ion.charge)
    assert compare_printed(masses, f"{forgotten:.5f}").electron_mass == "kept"
    assert compare_printed(masses, f"{masses.monoisotopic:.5f}").electron_mass == "taken off"
    assert compare_printed(masses, f"{masses.monoisotopic:.2f}").electron_mass == "cannot be told"


def test_other_isotopologues_are_named():
    assert compare_printed(AU22, f"{AU22.mz[5]:.3f}").verdict == "M+5"


@settings(max_examples=50)
@given(st.floats(3500, 3900))
def test_verdict_none_means_that_nothing_is_near(value):
    text = f"{value:.3f}"
    verdict = compare_printed(AU22, text)
    places = [*AU22.by_convention().values(), *AU22.mz[AU22.shares > 0.01 * AU22.shares.max()]]
    distance = min(abs(float(text) - place) for place in places)
    if verdict.verdict == "none":
        assert distance > 0.0005  # half of the last printed digit
    else:
        assert distance < 0.0005 + ELECTRON_MASS_DA + AU22.average_spread + 1e-4  # the tolerances together


def test_average_is_compared_within_what_tables_differ():
    weights = AU22.average + AU22.average_spread  # with IUPAC standard atomic weights
    assert compare_printed(AU22, f"{weights:.4f}").verdict == "average"


@pytest.mark.parametrize("text", ["abc", "-1", "nan", "", "0"])
def test_printed_must_be_a_number(text):
    with pytest.raises(InputError, match="printed m/z"):
        compare_printed(AU22, text)


def test_words():
    assert (count_decimals("3696.340"), count_decimals(" 3696 ")) == (3, 0)
    assert [name_isotopologue(k) for k in (-2, 0, 3)] == ["M-2", "M", "M+3"]


# ------------------------------------------------------------------------------------------- measured masses


def test_found_mass_of_au22_is_31_ppm_off():
    verdict = compare_found(AU22, 3696.46, envelope=build_envelope(AU22, resolving_power=17_000))
    assert (verdict.verdict, verdict.nearest) == ("none", "M+2")
    (nearest,) = [row for row in verdict.rows if row.name == "M+2"]
    assert nearest.ppm == pytest.approx(31.5, abs=0.1)  # 0.1 ppm is 0.4 mTh: between tables of isotopes
    assert verdict.is_resolved
    assert verdict.signal == pytest.approx(0.45, abs=0.01)  # two digits of the note
    fine = compare_found(AU22, 3696.46, envelope=build_envelope(AU22, resolving_power=40_000))
    assert fine.signal == pytest.approx(0.01, abs=0.005)  # one digit of the note


@pytest.mark.parametrize("masses", IONS, ids=lambda m: m.ion.text)
@given(ppm=st.floats(-9, 9))
def test_small_errors_are_accepted(masses, ppm):
    found = compare_found(masses, masses.most_abundant * (1 + ppm * 1e-6), tolerance_ppm=10)
    assert found.verdict == "most abundant"
    row = next(row for row in found.rows if row.name == "most abundant")
    assert row.ppm == pytest.approx(ppm, abs=1e-6)  # rounding


def test_unresolved_peak_is_compared_with_the_apex():
    envelope = build_envelope(AU22, resolving_power=3000)
    assert compare_found(AU22, envelope.apex, envelope=envelope).verdict == "unresolved apex"
    assert compare_found(AU22, AU22.most_abundant, envelope=envelope).verdict == "none"


def test_other_isotopologue():
    assert compare_found(AU22, float(AU22.mz[3])).verdict == "M+3"


@pytest.mark.parametrize(("value", "tolerance"), [(-1, 10), (np.nan, 10), (3696, 0), (3696, np.inf)])
def test_found_must_be_positive(value, tolerance):
    with pytest.raises(InputError):
        compare_found(AU22, value, tolerance_ppm=tolerance)


# --------------------------------------------------------------------------------------------------- search


def test_search_finds_the_adduct_back():
    hits = search_ions(read_ion("[Au21(AdmS)12(PPh2py)3]+"), AU21_ADDUCT.most_abundant)
    assert read_ion(hits[0].notation).atoms == AU21_ADDUCT.ion.atoms
    assert {hit.electrons for hit in hits} == {8}
    assert hits[0].ppm == pytest.approx(0, abs=1e-6)  # the same calculation


def test_search_finds_a_change_of_the_cluster():
    """Au21 to Au22 is one Au and one PPh2py more, one charge more."""
    settings = SearchSettings(vary=(("Au", -1, 1), ("PPh2py", -1, 1)), most_adducts=0)
    hits = search_ions(read_ion("[Au21(AdmS)12(PPh2py)3]+"), 3696.3434, settings=settings)
    assert [(hit.notation, hit.charge) for hit in hits] == [("[Au22(AdmS)12(PPh2py)4]2+", 2)]


def test_search_finds_nothing_for_the_found_masses_of_the_paper():
    for found in (3549.67, 3696.46):
        assert search_ions(read_ion("[Au21(AdmS)12(PPh2py)3]+"), found) == ()


SHORT = ("Cs", "Na", "CH3OH")


@settings(max_examples=25)
@given(st.lists(st.sampled_from(SHORT), min_size=0, max_size=3), st.integers(1, 3), st.floats(-5, 5))
def test_any_adduct_is_found_back(names, charge, ppm):
    body = "".join(f" + {name}" for name in names)
    ion = read_ion(f"[Au25(PET)18{body}]{charge}+")
    masses = measure_ion(ion)
    settings = SearchSettings(adducts=SHORT, electrons="any")
    hits = search_ions(read_ion("[Au25(PET)18]+"), masses.most_abundant * (1 + ppm * 1e-6), settings=settings)
    assert any(read_ion(h.notation).atoms == ion.atoms and h.charge == charge for h in hits)
    for hit in hits:
        again = measure_ion(read_ion(hit.notation))
        assert again.mz[again.shares.argmax()] == pytest.approx(hit.mz, abs=1e-9)  # the same calculation
        assert again.electrons == hit.electrons


def test_electron_filter():
    cluster = read_ion("[Au25(PET)18]-")
    found = measure_ion(read_ion("[Au25(PET)18]2+")).most_abundant
    free = SearchSettings(adducts=("Cs",), charges=(2,), electrons="any")
    assert [hit.electrons for hit in search_ions(cluster, found, settings=free)] == [5]
    same = SearchSettings(adducts=("Cs",), charges=(2,))
    assert search_ions(cluster, found, settings=same) == ()
    closed = SearchSettings(adducts=("Cs",), charges=(2,), electrons="closed")
    assert search_ions(cluster, found, settings=closed) == ()


def test_any_high_isotopologue_may_be_asked_for():
    cluster, found = read_ion("[Au25(PET)18]-"), float(AU25.mz[0])
    alone = SearchSettings(adducts=("Cs",), charges=(-1,), most_adducts=0)
    assert search_ions(cluster, found, settings=alone) == ()
    every = SearchSettings(adducts=("Cs",), charges=(-1,), most_adducts=0, every_isotopologue=True)
    (hit,) = search_ions(cluster, found, settings=every)
    assert hit.isotopologue == "M"
    assert 0.1 < hit.share < 1


def test_search_uses_the_adducts_of_the_user(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[adducts]\nRb = { formula = "Rb", charge = 1 }\n')
    mine = read_shorthand(path)
    found = measure_ion(read_ion("[Au25(PET)18 + 2Rb]+", shorthand=mine)).most_abundant
    settings = SearchSettings(adducts=("Rb",), charges=(1,))
    hits = search_ions(read_ion("[Au25(PET)18]-"), found, settings=settings, shorthand=mine)
    assert [hit.notation for hit in hits] == ["[Au25(PET)18 + 2Rb]+"]


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"adducts": ("Zz",)}, "'Zz' is not known"),
        ({"vary": (("Zz", 0, 1),)}, "expected one of Au, PET"),
        ({"vary": (("Au", 1, 0),)}, "lowest change first"),
        ({"most_adducts": 12}, "combinations"),
        ({"tolerance_ppm": 0.0}, "positive"),
    ],
)
def test_impossible_searches_are_refused(choices, words):
    with pytest.raises(InputError, match=words):
        search_ions(read_ion("[Au25(PET)18]-"), 7000.0, settings=SearchSettings(**choices))


# ------------------------------------------------------------------------------------------ measured spectra


def simulate(masses, *, power=17_000, shift_ppm=0.0, height=5000.0, background=20.0, seed=0):
    """Draw counts of a spectrum: Poisson noise on the profile and a flat background."""
    envelope = build_envelope(masses, resolving_power=power)
    mz = np.arange(envelope.mz[0] - 2, envelope.mz[-1] + 2, masses.most_abundant / power / 15)
    profile = np.interp(mz / (1 + shift_ppm * 1e-6), envelope.mz, envelope.intensity, left=0, right=0)
    counts = np.random.default_rng(seed).poisson(height * profile + background)
    return MassSpectrum(source="simulated", mz=mz, intensity=counts)


@settings(max_examples=15)
@given(shift=st.floats(-20, 20), seed=st.integers(0, 100))
def test_calibration_error_is_recovered(shift, seed):
    match = match_envelope(AU22, simulate(AU22, shift_ppm=shift, seed=seed))
    assert match.shift_ppm == pytest.approx(shift, abs=1.0)  # width 59 ppm, 5000 counts: 0.5 ppm a peak
    assert match.similarity > 0.999
    assert match.scatter_ppm < 2.0


def test_another_ion_does_not_fit():
    other = measure_ion(read_ion("[Au22(AdmS)11(PPh2py)4Cl2]2+"))
    moved = simulate(AU22)
    spectrum = MassSpectrum(
        source="moved", mz=moved.mz + other.monoisotopic - AU22.monoisotopic - 0.5, intensity=moved.intensity
    )
    assert match_envelope(other, spectrum).similarity < 0.97


def test_centroids():
    seen = AU22.shares > 1e-3
    spectrum = MassSpectrum(source="lines", mz=AU22.mz[seen] * (1 + 5e-6), intensity=1e4 * AU22.shares[seen])
    match = match_envelope(AU22, spectrum)
    assert match.shift_ppm == pytest.approx(5, abs=1e-6)  # rounding
    assert match.similarity == pytest.approx(1, abs=1e-12)  # rounding
    assert match.scale == pytest.approx(1e4 * AU22.most_abundant_share, rel=1e-9)  # rounding


def test_silence_matches_nothing():
    mz = np.linspace(3690, 3705, 3000)
    match = match_envelope(AU22, MassSpectrum(source="nothing", mz=mz, intensity=np.zeros_like(mz)))
    assert match.similarity == 0
    assert match.shift_ppm is None
    assert all(peak.measured_mz is None for peak in match.peaks)


def test_spectrum_elsewhere_is_refused():
    with pytest.raises(InputError, match="reaches from"):
        match_envelope(AU22, MassSpectrum(source="x", mz=[1, 2, 3], intensity=[1, 2, 3]))


def test_csv_and_json(tmp_path):
    text = tmp_path / "a.csv"
    text.write_text("m/z;intensity\n100,5;1\n101;2\n102;0\n")
    data = tmp_path / "a.json"
    data.write_text(json.dumps({"mz": [100.5, 101, 102], "intensity": [1, 2, 0]}))
    for path in (text, data):
        spectrum = read_mass_spectrum(path)
        assert spectrum.mz.tolist() == [100.5, 101, 102]
        assert spectrum.intensity.tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("mz,intensity\n1,1\n2,-1\n3,1\n", "none below zero"),
        ("mz,intensity\n1,1\n3,1\n2,1\n", "ascending"),
        ("mz,intensity\n1,1\n2,1\n", "ascending"),
        ("mz,intensity\n1,1\n2,nan\n3,1\n", "line 3"),
        ("mz,intensity\n1,1\n2,\n3,1\n", "empty cell"),
        ("time,signal\n1,1\n2,1\n3,1\n", "no mz"),
        ("1,1\n2,1\n3,1\n", "header"),
        ("mz,intensity\n1\n", "1 cells"),
        ("", "0 lines"),
    ],
)
def test_bad_spectra_are_refused_in_words(tmp_path, content, words):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=words):
        read_mass_spectrum(path)


def encode(values):
    return base64.b64encode(np.asarray(values, dtype="<f8").tobytes()).decode()


def write_mzml(path, scans):
    """Write the least that mzML 1.1 asks for: 64-bit floats without compression."""
    body = ""
    for number, (mz, intensity) in enumerate(scans):
        arrays = "".join(
            f'<binaryDataArray encodedLength="{len(encode(values))}">'
            '<cvParam cvRef="MS" accession="MS:1000523" name="64-bit float"/>'
            '<cvParam cvRef="MS" accession="MS:1000576" name="no compression"/>'
            f'<cvParam cvRef="MS" accession="{accession}" name="{name}"/>'
            f"<binary>{encode(values)}</binary></binaryDataArray>"
            for values, accession, name in (
                (mz, "MS:1000514", "m/z array"),
                (intensity, "MS:1000515", "intensity array"),
            )
        )
        body += (
            f'<spectrum index="{number}" id="scan={number + 1}" defaultArrayLength="{len(mz)}">'
            '<cvParam cvRef="MS" accession="MS:1000511" name="ms level" value="1"/>'
            f'<binaryDataArrayList count="2">{arrays}</binaryDataArrayList></spectrum>'
        )
    path.write_text(
        '<?xml version="1.0" encoding="utf-8"?>'
        '<mzML xmlns="http://psi.hupo.org/ms/mzml" version="1.1.0"><run id="r">'
        f'<spectrumList count="{len(scans)}">{body}</spectrumList></run></mzML>'
    )


needs_pymzml = pytest.mark.skipif(importlib.util.find_spec("pymzml") is None, reason="pymzml is optional")


@needs_pymzml
def test_mzml(tmp_path):
    path = tmp_path / "a.mzML"
    write_mzml(path, [([1.0, 2.0, 3.0], [1, 1, 1]), ([4.0, 5.0, 6.0], [9, 9, 9])])
    assert read_mass_spectrum(path).mz.tolist() == [4, 5, 6]  # the strongest scan
    assert read_mass_spectrum(path, scan=1).mz.tolist() == [1, 2, 3]
    with pytest.raises(InputError, match="2 scans"):
        read_mass_spectrum(path, scan=3)
    with pytest.raises(InputError, match="cannot be read"):
        read_mass_spectrum(tmp_path / "absent.mzML")


@needs_pymzml
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_damaged_mzml(tmp_path):
    """Refused in words; pymzml itself leaves the file to the garbage collector, which is called here."""
    path = tmp_path / "a.mzML"
    path.write_text("this is no XML")
    try:
        with pytest.raises(InputError, match="no readable mzML"):
            read_mass_spectrum(path)
    finally:
        gc.collect()
