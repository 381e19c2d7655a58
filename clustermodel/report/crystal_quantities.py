"""What does the crystal-data table of a paper list? Each quantity in the usual order, with its CIF items."""

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from clustermodel.report.notation import split_cell
from clustermodel.report.table import Cell, Formula, Measured, SpaceGroupName

__all__ = ["CrystalQuantity", "list_crystal_quantities", "list_missing"]

Json = dict[str, Any]

_MINUS = "\N{MINUS SIGN}"
_SYSTEMS = (
    (2, "triclinic"),
    (15, "monoclinic"),
    (74, "orthorhombic"),
    (142, "tetragonal"),
    (167, "trigonal"),
    (194, "hexagonal"),
    (230, "cubic"),
)  # last number of each crystal system in International Tables
_CELL = (
    ("a", "a", "Å"),
    ("b", "b", "Å"),
    ("c", "c", "Å"),
    ("alpha", "α", "°"),
    ("beta", "β", "°"),
    ("gamma", "γ", "°"),
)
_NUMBER = re.compile(r"([+-]?\d+(?:\.(\d*))?)(?:\((\d+)\))?")
_THRESHOLD = re.compile(
    r"(?P<left>[IF]?)\s*(?P<sign>>=?)\s*(?P<times>[\d.]+)\s*\*?\s*(?:\\s|sigma|s|u)\s*\((?P<of>[IF])\S*\)"
)
_LETTERS = {"\\a": "α", "\\b": "β", "\\s": "σ", "\\q": "θ", "\\l": "λ", "\\m": "μ", "\\%a": "å"}
_LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_WANTED = (
    "deposition number",
    "empirical formula",
    "formula weight",
    "temperature",
    "crystal system",
    "space group",
    "Z",
    "density (calculated)",
    "absorption coefficient μ",
    "F(000)",
    "crystal size",
    "radiation",
    "θ range",
    "reflections collected",
    "independent reflections",
    "R(int)",
    "data / restraints / parameters",
    "goodness of fit on F²",
    "largest peak and deepest hole",
)


class CrystalQuantity(NamedTuple):
    """One row of a table of crystal data.

    Parameters
    ----------
    name : str
        What it is.
    unit : str
        Its unit; empty for none.
    value : Cell
        Its value, numbers as the file prints them.
    items : str
        CIF items that it comes from; empty for what is computed.
    """

    name: str
    unit: str
    value: Cell
    items: str = ""


def list_crystal_quantities(crystal: Json) -> tuple[CrystalQuantity, ...]:
    """List what is known of a crystal in the order in which journals print it.

    Parameters
    ----------
    crystal : dict
        The part ``crystal`` of a document.

    Returns
    -------
    tuple of CrystalQuantity
        Those that the file has.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> from clustermodel.pipeline.document import build_document
    >>> document = build_document(analyze("model:au25_sch3_18_nme4")[0])
    >>> [row.name for row in list_crystal_quantities(document["crystal"])][:4]
    ['empirical formula', 'moiety formula', 'crystal system', 'space group']
    """
    parts = (_identify(crystal), _describe_cell(crystal), _describe_sample(crystal), _describe_data(crystal))
    every = [row for part in parts for row in part]
    return tuple(row for row in (*every, *_describe_refinement(crystal)) if row.value is not None)


def list_missing(quantities: Sequence[CrystalQuantity]) -> tuple[str, ...]:
    """List what journals ask for and the file does not state.

    Parameters
    ----------
    quantities : sequence of CrystalQuantity
        What is known.

    Returns
    -------
    tuple of str
        Names of quantities.
    """
    known = {row.name for row in quantities} | {
        "deposition number" for q in quantities if " number" in q.name
    }
    known |= {"goodness of fit on F²" for q in quantities if q.name.startswith("goodness of fit")}
    return tuple(name for name in _WANTED if name not in known)


def _identify(crystal: Json) -> Iterator[CrystalQuantity]:
    declared, items = crystal["declared"], crystal["declared"]["r_factors"]
    for name, code in declared["database_codes"].items():
        yield CrystalQuantity(f"{name} number", "", str(code))
    total, moiety = declared["formula_sum"], declared["formula_moiety"]
    shown = Formula(total.replace(" ", "")) if total else None
    yield CrystalQuantity("empirical formula", "", shown, "_chemical_formula_sum")
    yield CrystalQuantity(
        "moiety formula", "", Formula(moiety) if moiety else None, "_chemical_formula_moiety"
    )
    weight = declared["weight"]
    yield CrystalQuantity(
        "formula weight",
        "g mol⁻¹",
        f"{weight:.2f}" if weight is not None else None,
        "_chemical_formula_weight",
    )
    yield CrystalQuantity(
        "temperature",
        "K",
        declared["temperature"],
        "_diffrn_ambient_temperature, _cell_measurement_temperature",
    )
    yield CrystalQuantity(
        "radiation", "", _write_radiation(items) or declared["radiation"], "_diffrn_radiation_wavelength"
    )


def _describe_cell(crystal: Json) -> Iterator[CrystalQuantity]:
    group, cell, items = crystal["symmetry"], crystal["cell"], crystal["declared"]["r_factors"]
    number = group["number"]
    system = items.get("_space_group_crystal_system") or items.get("_symmetry_cell_setting")
    if not system and number:
        system = next(name for last, name in _SYSTEMS if number <= last)
    yield CrystalQuantity("crystal system", "", system.lower() if system else None)
    name = crystal["space_group"]
    yield CrystalQuantity("space group", "", SpaceGroupName(_shorten_symbol(name)) if name else None)
    yield CrystalQuantity("space-group number", "", str(number) if number else None)
    for key, letter, unit in _CELL:
        su = cell["su"][key]
        known = su is not None and math.isfinite(su) and su > 0
        shown: Cell = Measured(cell[key], su) if known else f"{cell[key]:.7g}"
        kind = "length" if unit == "Å" else "angle"
        yield CrystalQuantity(letter, unit, shown, f"_cell_{kind}_{key}")
    yield _read_volume(cell["volume"], items.get("_cell_volume", ""))
    z = crystal["z"]
    yield CrystalQuantity("Z", "", str(z) if z is not None else None, "_cell_formula_units_Z")


def _read_volume(computed: float | None, text: str) -> CrystalQuantity:
    """Return the declared volume, which has an s.u., unless the cell has another."""
    number = _NUMBER.fullmatch(text)
    if computed is None or number is None:
        return CrystalQuantity("volume", "Å³", None if computed is None else f"{computed:.1f}")
    value, step = float(number[1]), 10.0 ** -len(number[2] or "")
    su = float(number[3]) * step if number[3] else None
    if abs(value - computed) > max(3 * (su or 0.0), step, 1e-4 * computed):
        return CrystalQuantity("volume", "Å³", f"{computed:.1f}")
    shown: Cell = Measured(value, su) if su else text
    return CrystalQuantity("volume", "Å³", shown, "_cell_volume")


def _describe_sample(crystal: Json) -> Iterator[CrystalQuantity]:
    items = crystal["declared"]["r_factors"]
    yield _read(items, "density (calculated)", "g cm⁻³", "_exptl_crystal_density_diffrn")
    yield _read(items, "absorption coefficient μ", "mm⁻¹", "_exptl_absorpt_coefficient_mu")
    yield _read(items, "F(000)", "", "_exptl_crystal_F_000")
    sizes = [f"_exptl_crystal_size_{name}" for name in ("max", "mid", "min")]
    yield _join(items, "crystal size", "mm", " × ", sizes)
    looks = ["_exptl_crystal_colour", "_exptl_crystal_description"]
    found = [items[item].lower() for item in looks if items.get(item)]
    yield CrystalQuantity("crystal colour and habit", "", " ".join(found) or None, ", ".join(looks))
    yield _read(items, "absorption correction", "", "_exptl_absorpt_correction_type")
    ends = [f"_exptl_absorpt_correction_T_{name}" for name in ("min", "max")]
    yield _join(items, "transmission, min. and max.", "", ", ", ends)


def _describe_data(crystal: Json) -> Iterator[CrystalQuantity]:
    items = crystal["declared"]["r_factors"]
    thetas = [f"_diffrn_reflns_theta_{name}" for name in ("min", "max")]
    yield _join(items, "θ range", "°", "–", thetas)
    limits = [f"_diffrn_reflns_limit_{h}_{end}" for h in "hkl" for end in ("min", "max")]
    if all(items.get(item) for item in limits):
        texts = [items[item].replace("-", _MINUS) for item in limits]
        ranges = [f"{texts[2 * i]} ≤ {h} ≤ {texts[2 * i + 1]}" for i, h in enumerate("hkl")]
        yield CrystalQuantity("index ranges", "", ", ".join(ranges), "_diffrn_reflns_limit_h_min, ...")
    yield _read(items, "reflections collected", "", "_diffrn_reflns_number")
    yield _read(items, "independent reflections", "", "_reflns_number_total")
    observed = _read(items, "", "", "_reflns_number_gt", "_reflns_number_observed")
    yield observed._replace(name=f"reflections with {_read_threshold(items) or 'I above the threshold'}")
    yield _read(items, "R(int)", "", "_diffrn_reflns_av_R_equivalents")
    yield _read(items, "R(σ)", "", "_diffrn_reflns_av_unetI/netI", "_diffrn_reflns_av_sigmaI/netI")
    full = items.get("_diffrn_reflns_theta_full")
    name = f"completeness to θ = {full}°" if full else "completeness"
    yield _read(items, name, "", "_diffrn_measured_fraction_theta_full")


def _describe_refinement(crystal: Json) -> Iterator[CrystalQuantity]:
    items = crystal["declared"]["r_factors"]
    on_f = items.get("_refine_ls_structure_factor_coef", "Fsqd").lower() == "f"
    weighted, squared = ("wR", "F") if on_f else ("wR2", "F²")
    unweighted = "R" if on_f else "R1"
    counts = [f"_refine_ls_number_{name}" for name in ("reflns", "restraints", "parameters")]
    yield _join(items, "data / restraints / parameters", "", " / ", counts)
    fits = [f"_refine_ls_goodness_of_fit_{name}" for name in ("ref", "all", "obs")]
    yield _read(items, f"goodness of fit on {squared}", "", *fits)
    threshold = _read_threshold(items) or "observed"
    for name, tag in ((unweighted, "R"), (weighted, "wR")):
        options = [f"_refine_ls_{tag}_factor_{end}" for end in ("gt", "obs")]
        yield _read(items, f"{name} [{threshold}]", "", *options)
    yield _read(items, f"{unweighted} [all data]", "", "_refine_ls_R_factor_all")
    ends = ("all", "ref") if "_refine_ls_wR_factor_gt" in items else ("all",)
    options = [f"_refine_ls_wR_factor_{end}" for end in ends]
    yield _read(items, f"{weighted} [all data]", "", *options)
    if "ref" not in ends:
        yield _read(items, f"{weighted} [data refined]", "", "_refine_ls_wR_factor_ref")
    yield _read(items, "extinction coefficient", "", "_refine_ls_extinction_coef")
    yield _read(items, "Flack parameter", "", "_refine_ls_abs_structure_Flack")
    peaks = [f"_refine_diff_density_{name}" for name in ("max", "min")]
    yield _join(items, "largest peak and deepest hole", "e Å⁻³", ", ", peaks)
    if crystal["declared"]["masked"]:
        yield CrystalQuantity("solvent mask", "", "yes: ions and solvent may be missing")


def _read(items: Json, name: str, unit: str, *options: str) -> CrystalQuantity:
    """Return the first of several items that the file has, its text with a minus sign."""
    for item in options:
        if items.get(item):
            return CrystalQuantity(name, unit, _write_text(items[item]), item)
    return CrystalQuantity(name, unit, None)


def _join(items: Json, name: str, unit: str, between: str, parts: Sequence[str]) -> CrystalQuantity:
    """Return several items in one cell; what is missing among them is an em dash."""
    if not any(items.get(item) for item in parts):
        return CrystalQuantity(name, unit, None)
    texts = (_write_text(items[item]) if items.get(item) else split_cell(None)[0].text for item in parts)
    return CrystalQuantity(name, unit, between.join(texts), ", ".join(parts))


def _write_text(text: str) -> str:
    """Write an item of a CIF: its Greek letters, and a minus sign before a number."""
    if text[:1] == "-" and text[1:2].isdigit():
        return _MINUS + text[1:]
    if text[:1] == "." and text[1:2].isdigit():
        return f"0{text}"
    for code, letter in _LETTERS.items():
        text = text.replace(code, letter)
    return re.sub(r"~(\d+)~", lambda match: match[1].translate(_LOW), text)


def _write_radiation(items: Json) -> str | None:
    kind, wavelength = items.get("_diffrn_radiation_type"), items.get("_diffrn_radiation_wavelength")
    shown = re.sub(r"(?<=[a-z])\s*(?=K)", " ", _write_text(kind)) if kind else ""
    length = f"λ = {wavelength} Å" if wavelength else ""
    return f"{shown} ({length})" if shown and length else shown or length or None


def _read_threshold(items: Json) -> str:
    """Return what counts as observed: ``I > 2σ(I)``; empty if the file does not say or says it oddly."""
    text = items.get("_reflns_threshold_expression") or items.get("_reflns_observed_criterion") or ""
    match = _THRESHOLD.fullmatch(text.strip())
    if match is None:
        return ""
    sign = "≥" if match["sign"] == ">=" else ">"
    return f"{match['left'] or match['of']} {sign} {match['times']}σ({match['of']})"


def _shorten_symbol(name: str) -> str:
    """Leave out the two axes without symmetry of a monoclinic symbol with the unique axis b."""
    parts = name.split()
    is_standard = len(parts) == 4 and parts[1] == parts[3] == "1" and parts[2] != "1"
    return f"{parts[0]} {parts[2]}" if is_standard else name
