"""Histograms of decays: files, units, and what is refused in words."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.errors import InputError
from clustermodel.photophysics.decay_data import (
    NS_PER_UNIT,
    Decay,
    build_decay,
    list_data_notes,
    read_decay,
    read_time,
)

COUNTS = np.arange(40)[::-1] + 1


@given(st.sampled_from(sorted(NS_PER_UNIT)), st.floats(1e-3, 1e3), st.floats(-100, 100))
def test_every_unit_is_the_same_histogram(unit, width, start):
    time = (start + width * np.arange(40)) / NS_PER_UNIT[unit]
    decay = build_decay(time, COUNTS, unit=unit)
    assert decay.width_ns == pytest.approx(width, rel=1e-9)  # rounding of 100 over 0.001
    assert decay.start_ns == pytest.approx(start, rel=1e-9, abs=1e-12)  # rounding
    assert decay.edges_ns.size == 41
    assert decay.total == COUNTS.sum()


def test_printed_times_may_be_rounded():
    width = 0.0121951
    decay = build_decay(np.round(np.arange(4096) * width, 3), np.ones(4096), unit="ns")
    assert decay.width_ns == pytest.approx(width, rel=0.001 / (4095 * width))  # last printed digit at the end


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("time_ns,counts\n", "a.csv"),
        ("Time (ns);Counts\n", "a.csv"),
        ("time / ns\tphotons\n", "a.txt"),
        ("# TCSPC card\nchannel_time_ns,counts\n", "a.csv"),
        ("delay_ns,background,counts\n", "a.csv"),
    ],
)
def test_headers_that_are_understood(tmp_path, content, name):
    separator = next(mark for mark in ";\t," if mark in content)
    middle = f"{separator}0" if "background" in content else ""
    rows = "\n".join(f"{0.5 * i}{middle}{separator}{n}" for i, n in enumerate(COUNTS))
    path = tmp_path / name
    path.write_text(content + rows + "\n")
    decay = read_decay(path)
    assert (decay.unit, decay.start_ns, decay.width_ns) == ("ns", 0, 0.5)
    assert decay.counts.tolist() == COUNTS.tolist()


def test_json_and_the_column_of_the_response(tmp_path):
    path = tmp_path / "a.json"
    table = {"time_us": (0.5 * np.arange(40)).tolist(), "counts": COUNTS.tolist(), "irf": [5] * 40}
    path.write_text(json.dumps(table))
    assert read_decay(path).width_ns == 500
    assert read_decay(path, column="irf").total == 200
    assert read_decay(path).total == COUNTS.sum()


@pytest.mark.parametrize(
    ("header", "change", "words"),
    [
        ("time,counts", None, "no unit; expected one of time_s, time_ms, time_us, time_ns, time_ps, time_fs"),
        ("time_nm,counts", None, "the unit nm"),
        ("time_ns,counts", (5, "2.5,-3"), "line 7, column 'counts': found -3"),
        ("time_ns,counts", (5, "2.5,nan"), "line 7.*finite"),
        ("time_ns,counts", (5, "2.5,"), "line 7.*empty cell"),
        ("time_ns,counts", (5, "2.0,3"), "not ascending .2 is followed by 2 at row 6"),
        ("time_ns,counts", (5, "2.9,3"), "not of equal width .2.9 at row 6"),
        ("time_ns,counts", (5, "x,3"), "found x"),
    ],
)
def test_bad_files_are_refused_in_words(tmp_path, header, change, words):
    rows = [f"{0.5 * i},{n}" for i, n in enumerate(COUNTS)]
    if change is not None:
        rows[change[0]] = change[1]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    with pytest.raises(InputError, match=words):
        read_decay(path)


def test_one_column_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("counts\n" + "\n".join(map(str, COUNTS)) + "\n")
    with pytest.raises(InputError, match="one column"):
        read_decay(path)


@pytest.mark.parametrize("missing", [1, 20, 38])
def test_a_missing_row_is_noticed(missing):
    time = np.delete(np.arange(40.0), missing)
    with pytest.raises(InputError, match="missing rows"):
        build_decay(time, COUNTS[:39], unit="ns")


@pytest.mark.parametrize(
    ("time", "counts", "unit", "words"),
    [
        (np.arange(10), np.ones(10), "ns", "found 10 bins; at least 20"),
        (np.arange(30), np.zeros(30), "ns", "all 30 bins are empty"),
        (np.arange(30), np.ones(29), "ns", "two equal columns"),
        (np.arange(30), np.ones(30), "h", "unit of time 'h'"),
        (np.append(np.arange(29), np.nan), np.ones(30), "ns", "time 30 is nan"),
        (np.arange(30), np.append(np.ones(29), -1), "ns", "bin 30 has -1 counts"),
    ],
)
def test_bad_columns_are_refused_in_words(time, counts, unit, words):
    with pytest.raises(InputError, match=words):
        build_decay(time, counts, unit=unit)


def test_counts_cannot_be_changed():
    decay = Decay(name="a", unit="ns", start_ns=0, width_ns=1, counts=COUNTS)
    with pytest.raises(ValueError, match="read-only"):
        decay.counts[0] = 5


def test_what_looks_unlike_raw_counts_is_said():
    time = np.arange(40)
    assert list_data_notes(build_decay(time, COUNTS, unit="ns")) == ()
    (note,) = list_data_notes(build_decay(time, COUNTS / 40, unit="ns"))
    assert "39 of 40 counts are not whole" in note
    flat = np.minimum(3000 * COUNTS, 65535)
    (note,) = list_data_notes(build_decay(time, flat, unit="ns"))
    assert "19 bins hold exactly 65535" in note


@given(st.floats(1e-3, 1e6), st.sampled_from(sorted(NS_PER_UNIT)), st.sampled_from(["", " "]))
def test_times_with_units(value, unit, gap):
    assert read_time(f"{value!r}{gap}{unit}", "x") == pytest.approx(value * NS_PER_UNIT[unit], rel=1e-12)
    # rounding


@pytest.mark.parametrize("text", ["5", "ns", "5 h", "1.2.3ns", "", "nan ns"])
def test_times_without_unit_or_number_are_refused(text):
    with pytest.raises(InputError, match=r"--irf-fwhm.*with its unit of time"):
        read_time(text, "--irf-fwhm")
