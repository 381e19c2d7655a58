"""Maps of transient absorption: every layout gives the same map back, and what is unclear is refused."""

import json

import numpy as np
import pytest

from clustermodel.errors import InputError
from clustermodel.io.transient_map import TransientMap, build_transient_map
from clustermodel.io.transient_readers import read_transient_map
from clustermodel.io.transient_writer import write_explicit_ascii
from tests.datafiles import data_path

DELAY = [-0.5, 0.0, 0.25, 1.0, 10.0]
PROBE = [500.0, 510.0, 520.5]
SIGNAL = np.round(np.arange(15.0).reshape(5, 3) / 1000 - 0.004, 6)


def rows(delay=DELAY, probe=PROBE, signal=SIGNAL, separator=",", corner="delay_ps\\wavelength_nm"):
    lines = [separator.join([corner, *map(str, probe)])]
    lines += [separator.join(map(str, [time, *values])) for time, values in zip(delay, signal, strict=True)]
    return "\n".join(lines) + "\n"


def turned(**choices):
    return rows(delay=PROBE, probe=DELAY, signal=SIGNAL.T, **{"corner": "wavelength_nm\\delay_ps", **choices})


XPLORER = turned(corner="0") + "file info\nSample: Au22\nTime units: ps\nZ axis title: dA\n"
TIME_EXPLICIT = "a title\na comment\nTime explicit\nIntervalnr 5\n" + turned(
    corner="", separator="\t"
).lstrip("\t")
WAVELENGTH_EXPLICIT = "a\nb\nWavelength explicit\nIntervalnr 3\n" + rows(corner="", separator=" ").lstrip()


def write(tmp_path, text, name="map.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    return path


def check(found):
    np.testing.assert_array_equal(found.delay_ps, DELAY)
    np.testing.assert_array_equal(found.wavelength, PROBE)
    np.testing.assert_array_equal(found.signal, SIGNAL)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (rows(), "map.csv"),
        (turned(), "map.csv"),
        (rows(separator=";"), "map.csv"),
        (rows(separator="\t"), "map.txt"),
        (rows(separator=" ", corner="delay_ps/wavelength_nm"), "map.dat"),
        (rows(corner="Time (ps) / Wavelength (nm)"), "map.csv"),
        ("# measured in May\n\n" + rows(), "map.csv"),
        (rows(separator=";").replace(".", ","), "map.csv"),
        ("\n".join(line + "," for line in rows().splitlines()), "map.csv"),
        (rows().replace("\n", "\r\n"), "map.csv"),
        (XPLORER, "map.csv"),
        (TIME_EXPLICIT, "map.ascii"),
        (WAVELENGTH_EXPLICIT, "map.ascii"),
        (rows(separator="\t", corner=""), "map.SIA"),
    ],
)
def test_every_layout_gives_the_same_map(tmp_path, text, name):
    check(read_transient_map(write(tmp_path, text, name)))


def test_layouts_without_units_say_what_was_taken(tmp_path):
    for text, name in ((TIME_EXPLICIT, "a.ascii"), (rows(separator="\t", corner=""), "a.SIA")):
        assert "nm and ps taken" in read_transient_map(write(tmp_path, text, name)).layout
    assert "taken" not in read_transient_map(write(tmp_path, rows())).layout


def test_json(tmp_path):
    value = {"wavelength_nm": PROBE, "delay_fs": [1000 * t for t in DELAY], "signal": SIGNAL.tolist()}
    check(read_transient_map(write(tmp_path, json.dumps(value), "map.json")))


@pytest.mark.parametrize(("unit", "factor"), [("fs", 1e3), ("ns", 1e-3), ("us", 1e-6)])
def test_units_of_delays(tmp_path, unit, factor):
    text = rows(delay=[t * factor for t in DELAY], corner=f"delay_{unit}\\wavelength_nm")
    np.testing.assert_allclose(
        read_transient_map(write(tmp_path, text)).delay_ps, DELAY, rtol=1e-15
    )  # rounding


def test_energies_become_wavelengths_in_rising_order(tmp_path):
    text = rows(probe=[2.0, 2.2, 2.4], corner="delay_ps\\energy_eV")
    found = read_transient_map(write(tmp_path, text))
    np.testing.assert_allclose(found.wavelength, [516.601, 563.565, 619.921], atol=5e-4)  # last printed digit
    np.testing.assert_array_equal(found.signal, SIGNAL[:, ::-1])


def test_falling_axes_are_turned(tmp_path):
    check(read_transient_map(write(tmp_path, rows(delay=DELAY[::-1], signal=SIGNAL[::-1]))))


def test_what_a_file_does_not_say_can_be_told(tmp_path):
    path = write(tmp_path, turned(corner="0"))
    with pytest.raises(InputError, match="--axes"):
        read_transient_map(path)
    check(read_transient_map(path, axes="wavelength_nm,delay_ps"))
    stated = read_transient_map(write(tmp_path, TIME_EXPLICIT, "a.ascii"), axes="wavelength_nm,delay_fs")
    np.testing.assert_allclose(stated.delay_ps, np.array(DELAY) / 1000, rtol=1e-15)  # rounding


def test_cells_without_a_number_are_nan(tmp_path):
    found = read_transient_map(
        write(tmp_path, XPLORER.replace("-0.004", "NaN").replace("0.006,", ",").replace("-0.001", "-Inf"))
    )
    assert np.isnan(found.signal).sum() == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (rows(corner="delay\\wavelength"), "no unit"),
        (rows(corner="delay_ps\\delay_ps"), "expected the names"),
        (rows(corner="delay_h\\wavelength_nm"), "no unit"),
        (rows(corner="delay_nm\\wavelength_nm"), "the delay has the unit nm"),
        (rows(delay=[0, 1, 1, 2, 3]), "not sorted: 1 ps is followed by 1 ps at place 3"),
        (rows(delay=[0, 1, 0.5, 2, 3]), "not sorted"),
        (rows(probe=[500, 520, 510]), "not sorted"),
        (rows().replace("0.001", "abc", 1), "line 3, place"),
        (rows(probe=["500", "x", "520"]), "line 1, place 2: found 'x'"),
        (rows().replace("0.006,", "0.006,5,", 1), "found 5 cells; expected 4"),
        (rows(probe=[500, 0, -5]), "positive"),
        (XPLORER.replace("units: ps", "units: weeks"), "Time units"),
    ],
)
def test_unclear_files_are_refused_in_words(tmp_path, text, words):
    with pytest.raises(InputError, match=words):
        read_transient_map(write(tmp_path, text))


@pytest.mark.parametrize(
    "value",
    [[], {"wavelength_nm": PROBE}, {"wavelength_nm": PROBE, "delay_ps": DELAY, "signal": [[1, 2], [3]]}],
)
def test_wrong_json_is_refused(tmp_path, value):
    with pytest.raises(InputError):
        read_transient_map(write(tmp_path, json.dumps(value), "a.json"))


def test_absent_file_and_wrong_axes():
    with pytest.raises(InputError, match="cannot be read"):
        read_transient_map("absent.csv")
    with pytest.raises(InputError, match="axes 'a,b'"):
        read_transient_map("absent.csv", axes="a,b")


def test_written_map_reads_back_unchanged(tmp_path):
    rng = np.random.default_rng(1)
    data = build_transient_map(
        np.sort(rng.uniform(400, 800, 7)), np.sort(rng.normal(0, 100, 9)), rng.normal(0, 1e-3, (9, 7))
    )
    write_explicit_ascii(data, tmp_path / "new" / "map.ascii")
    found = read_transient_map(tmp_path / "new" / "map.ascii")
    for name in ("wavelength", "delay_ps", "signal"):
        np.testing.assert_array_equal(getattr(found, name), getattr(data, name))


def test_maps_are_frozen_and_checked():
    data = build_transient_map(PROBE, DELAY, SIGNAL)
    with pytest.raises(ValueError, match="read-only"):
        data.signal[0, 0] = 1.0
    with pytest.raises(InputError, match="rising order"):
        TransientMap(name="a", layout="b", wavelength=[2, 1], delay_ps=DELAY, signal=SIGNAL[:, :2])
    with pytest.raises(InputError, match="a row for each delay"):
        build_transient_map(PROBE, DELAY, SIGNAL.T)
    with pytest.raises(InputError, match="unit 'h'"):
        build_transient_map(PROBE, DELAY, SIGNAL, units=("nm", "h"))
    part = data.take(np.array(DELAY) > 0, [True, False, True])
    np.testing.assert_array_equal(part.signal, SIGNAL[2:][:, [0, 2]])


def test_the_measured_map():
    found = read_transient_map(data_path("photophysics/hippius2007.ascii"))
    assert found.signal.shape == (335, 346)
    assert (found.delay_ps[1], found.wavelength[0]) == (0.02343, 377.96045)  # as they stand in the file
