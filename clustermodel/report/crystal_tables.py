"""Which crystal is it? Symmetry, cell, and what the file declares about its refinement."""

import math
from typing import Any

from clustermodel.report.table import Cell, Column, Formula, Measured, Operation, SpaceGroupName, Table

__all__ = ["describe_source", "tabulate_crystal"]

Json = dict[str, Any]

_CELL = (("a", "Å"), ("b", "Å"), ("c", "Å"), ("alpha", "°"), ("beta", "°"), ("gamma", "°"))
_GREEK = {"alpha": "α", "beta": "β", "gamma": "γ"}
_FEW = 8  # symmetry operations that fit on a line; more are in analysis.json
_REFINEMENT = {
    "_refine_ls_R_factor_gt": ("R (observed reflections)", ""),
    "_refine_ls_R_factor_all": ("R (all reflections)", ""),
    "_refine_ls_R_factor_obs": ("R (observed reflections)", ""),
    "_refine_ls_wR_factor_ref": ("wR (reflections refined)", ""),
    "_refine_ls_wR_factor_gt": ("wR (observed reflections)", ""),
    "_refine_ls_wR_factor_all": ("wR (all reflections)", ""),
    "_refine_ls_wR_factor_obs": ("wR (observed reflections)", ""),
    "_refine_ls_goodness_of_fit_ref": ("goodness of fit", ""),
    "_refine_ls_number_parameters": ("parameters", ""),
    "_refine_ls_number_restraints": ("restraints", ""),
    "_refine_ls_number_reflns": ("reflections refined", ""),
    "_refine_diff_density_max": ("largest residual density", "e/Å³"),
    "_refine_diff_density_min": ("deepest residual density", "e/Å³"),
    "_diffrn_measured_fraction_theta_full": ("completeness", ""),
    "_diffrn_reflns_theta_max": ("θ max", "°"),
    "_diffrn_reflns_av_R_equivalents": ("R of equivalents", ""),
    "_exptl_crystal_density_diffrn": ("calculated density", "g/cm³"),
    "_exptl_absorpt_coefficient_mu": ("absorption coefficient", "1/mm"),
    "_exptl_crystal_colour": ("crystal colour", ""),
}


def describe_source(document: Json) -> str:
    """Return file, block and checksum of a document in one line.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    str
        For the foot of a table that leaves the report.
    """
    source = document["source"]
    block = f", block {source['block']}" if source["block"] else ""
    model = " A model, not a measured structure." if source["is_model"] else ""
    return f"Source: {source['file']}{block}, SHA-256 beginning {source['sha256'][:12]}.{model}"


def tabulate_crystal(document: Json) -> Table:
    """Make the table of crystal data: symmetry, cell, and what the file declares about the refinement.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    Table
        Without rows for a file without a lattice.
    """
    crystal = document["crystal"]
    rows: list[tuple[Cell, ...]] = []
    if crystal is not None:
        rows = [*_symmetry_rows(crystal), *_declared_rows(crystal["declared"], crystal["z"])]
    return Table(
        name="crystal",
        title="Crystal data",
        columns=(Column("quantity"), Column("value"), Column("unit"), Column("CIF item")),
        rows=tuple(rows),
        caption="As declared in the file; the volume is computed from the cell.",
        source=describe_source(document),
    )


def _symmetry_rows(crystal: Json) -> list[tuple[Cell, ...]]:
    name, group, cell = crystal["space_group"], crystal["symmetry"], crystal["cell"]
    operations = group["operations"]
    rows: list[tuple[Cell, ...]] = [
        ("space group", SpaceGroupName(name) if name else None, "", ""),
        ("number", str(group["number"]) if group["number"] else None, "", ""),
        ("symmetry taken from", group["source"], "", ""),
        ("symmetry operations", _list_operations(operations), "", ""),
    ]
    for constant, unit in _CELL:
        value, su = cell[constant], cell["su"][constant]
        shown: Cell = Measured(value, su) if _is_positive(su) else f"{value:.7g}"
        tag = f"_cell_angle_{constant}" if constant in _GREEK else f"_cell_length_{constant}"
        rows.append((_GREEK.get(constant, constant), shown, unit, tag))
    volume = cell["volume"]
    rows.append(("volume", f"{volume:.1f}" if volume is not None else None, "Å³", ""))
    return rows


def _is_positive(su: float | None) -> bool:
    return su is not None and math.isfinite(su) and su > 0


def _list_operations(operations: list[str]) -> Cell:
    if len(operations) > _FEW:
        return f"{len(operations)}, listed in analysis.json"
    return Operation("; ".join(operations))


def _declared_rows(declared: Json, z: int | None) -> list[tuple[Cell, ...]]:
    weight, formula_sum, moiety = declared["weight"], declared["formula_sum"], declared["formula_moiety"]
    rows: list[tuple[Cell, ...]] = [
        ("Z", str(z) if z is not None else None, "", "_cell_formula_units_Z"),
        ("declared sum", Formula(formula_sum) if formula_sum else None, "", "_chemical_formula_sum"),
        ("declared moiety", Formula(moiety) if moiety else None, "", "_chemical_formula_moiety"),
        (
            "declared weight",
            f"{weight:.2f}" if weight is not None else None,
            "Da",
            "_chemical_formula_weight",
        ),
        ("temperature", declared["temperature"], "K", "_diffrn_ambient_temperature"),
        ("radiation", declared["radiation"], "", "_diffrn_radiation_wavelength"),
    ]
    for tag, value in declared["r_factors"].items():
        name, unit = _REFINEMENT.get(tag, (tag.lstrip("_").replace("_", " "), ""))
        rows.append((name, _sign(str(value)), unit, tag))
    rows += [(f"{name} code", str(code), "", "") for name, code in declared["database_codes"].items()]
    rows += [("DOI", declared["doi"], "", "_journal_paper_doi"), ("title", declared["title"], "", "")]
    if declared["masked"]:
        rows.append(("solvent mask", "yes: ions and solvent may be missing", "", ""))
    return [row for row in rows if row[1] is not None]


def _sign(text: str) -> str:
    """Write a minus sign before a number."""
    return "−" + text[1:] if text[:1] == "-" and text[1:2].isdigit() else text
