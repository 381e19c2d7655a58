"""What does a CIF block state about itself? Formula, Z, R factors, numbers, masks, residues."""

import re

import gemmi

from clustermodel.io.cif_values import find_text, find_value, parse_number, read_columns
from clustermodel.structure.crystal import Declared, Void

__all__ = ["read_declared", "read_residues"]

_QUALITY = (
    "_space_group_crystal_system",
    "_symmetry_cell_setting",
    "_cell_volume",
    "_refine_ls_structure_factor_coef",
    "_refine_ls_R_factor_gt",
    "_refine_ls_R_factor_obs",
    "_refine_ls_R_factor_all",
    "_refine_ls_wR_factor_ref",
    "_refine_ls_wR_factor_gt",
    "_refine_ls_wR_factor_obs",
    "_refine_ls_wR_factor_all",
    "_refine_ls_goodness_of_fit_ref",
    "_refine_ls_goodness_of_fit_obs",
    "_refine_ls_goodness_of_fit_all",
    "_refine_ls_number_parameters",
    "_refine_ls_number_restraints",
    "_refine_ls_number_reflns",
    "_refine_ls_extinction_coef",
    "_refine_ls_abs_structure_Flack",
    "_refine_diff_density_max",
    "_refine_diff_density_min",
    "_reflns_number_total",
    "_reflns_number_gt",
    "_reflns_number_observed",
    "_reflns_threshold_expression",
    "_reflns_observed_criterion",
    "_diffrn_radiation_type",
    "_diffrn_radiation_wavelength",
    "_diffrn_measured_fraction_theta_full",
    "_diffrn_reflns_number",
    "_diffrn_reflns_theta_min",
    "_diffrn_reflns_theta_max",
    "_diffrn_reflns_theta_full",
    "_diffrn_reflns_limit_h_min",
    "_diffrn_reflns_limit_h_max",
    "_diffrn_reflns_limit_k_min",
    "_diffrn_reflns_limit_k_max",
    "_diffrn_reflns_limit_l_min",
    "_diffrn_reflns_limit_l_max",
    "_diffrn_reflns_av_R_equivalents",
    "_diffrn_reflns_av_unetI/netI",
    "_diffrn_reflns_av_sigmaI/netI",
    "_exptl_crystal_density_diffrn",
    "_exptl_crystal_F_000",
    "_exptl_crystal_size_max",
    "_exptl_crystal_size_mid",
    "_exptl_crystal_size_min",
    "_exptl_crystal_description",
    "_exptl_crystal_colour",
    "_exptl_absorpt_coefficient_mu",
    "_exptl_absorpt_correction_type",
    "_exptl_absorpt_correction_T_min",
    "_exptl_absorpt_correction_T_max",
)
_MASK_WORDS = re.compile(r"\bSQUEEZE\b|_smtbx_masks|solvent[- ]mask|\bBYPASS\b", re.IGNORECASE)
_MASK_TEXTS = (
    "_platon_squeeze_details",
    "_smtbx_masks_special_details",
    "_refine_special_details",
    "_publ_section_exptl_refinement",
    "_exptl_special_details",
    "_computing_structure_refinement",
    "_olex2_refinement_description",
)
_CHARGE = re.compile(r"^[A-Za-z]{1,2}(?:(\d*)([+-])|([+-])(\d+))$")
_RESIDUE = re.compile(r"^RESI\s+(\S+)(?:\s+(\S+))?", re.IGNORECASE | re.MULTILINE)


def read_declared(block: gemmi.cif.Block) -> Declared:
    """Read what a block states about itself.

    Parameters
    ----------
    block : gemmi.cif.Block
        Data block.

    Returns
    -------
    Declared
        Empty fields where the block is silent.
    """
    z = parse_number(find_value(block, "_cell_formula_units_Z"))
    weight = parse_number(find_value(block, "_chemical_formula_weight"))
    voids = _voids(block)
    return Declared(
        formula_sum=_one_line(find_value(block, "_chemical_formula_sum")),
        formula_moiety=_one_line(find_value(block, "_chemical_formula_moiety")),
        z=int(z.value) if z and z.value >= 1 else None,
        weight=weight.value if weight else None,
        charge_evidence=_type_charges(block),
        temperature=find_value(block, "_diffrn_ambient_temperature", "_cell_measurement_temperature"),
        radiation=_radiation(block),
        r_factors={tag: value for tag in _QUALITY if (value := find_value(block, tag))},
        database_codes=_codes(block),
        doi=find_value(block, "_journal_paper_doi", "_citation_doi", "_citation_DOI"),
        title=_one_line(
            find_value(block, "_chemical_name_common", "_chemical_name_systematic", "_publ_section_title")
        ),
        masked=bool(voids) or _mentions_mask(block),
        voids=voids,
        geom_bonds=_geom_bonds(block),
    )


def read_residues(block: gemmi.cif.Block) -> dict[str, str]:
    """Read residue classes of an embedded SHELXL instruction file.

    Parameters
    ----------
    block : gemmi.cif.Block
        Data block.

    Returns
    -------
    dict
        Residue number (as in label suffixes ``C1_3``) to class and number, for example
        ``{"3": "PET 3"}``; empty if nothing is embedded.
    """
    text = find_value(block, "_shelx_res_file", "_iucr_refine_instructions_details")
    residues = {}
    for first, second in _RESIDUE.findall(text):
        number, name = (first, second) if first.lstrip("-").isdigit() else (second, first)
        if number and number != "0":
            residues[number] = f"{name} {number}".strip()
    return residues


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _type_charges(block: gemmi.cif.Block) -> dict[str, int]:
    columns = read_columns(block, {"label": "_atom_site_label", "type": "_atom_site_type_symbol"})
    charges = {}
    for label, text in zip(columns.get("label", []), columns.get("type", []), strict=False):
        match = _CHARGE.match(text)
        if match:
            size = int(match.group(1) or match.group(4) or 1)
            sign = -1 if "-" in (match.group(2) or match.group(3)) else 1
            if size:
                charges[label] = sign * size
    return charges


def _radiation(block: gemmi.cif.Block) -> str:
    kind = find_value(block, "_diffrn_radiation_type", "_diffrn_radiation_probe")
    wavelength = find_value(block, "_diffrn_radiation_wavelength")
    kind = kind.replace("\\a", "α").replace("\\b", "β")
    return f"{kind}, {wavelength} Å" if kind and wavelength else kind or (wavelength and f"{wavelength} Å")


def _codes(block: gemmi.cif.Block) -> dict[str, str]:
    tags = {
        "CCDC": ("_database_code_depnum_ccdc_archive", "_database_code_CSD"),
        "COD": ("_cod_database_code",),
        "ICSD": ("_database_code_ICSD",),
    }
    return {name: value for name, options in tags.items() if (value := find_value(block, *options))}


def _voids(block: gemmi.cif.Block) -> tuple[Void, ...]:
    for category in ("_platon_squeeze_void", "_smtbx_masks_void"):
        columns = read_columns(
            block,
            {
                "volume": f"{category}_volume",
                "electrons": f"{category}_count_electrons",
                "content": f"{category}_content",
            },
        )
        rows = max((len(values) for values in columns.values()), default=0)
        voids = [
            Void(
                volume=_number(columns, "volume", i),
                electrons=_number(columns, "electrons", i),
                content=columns.get("content", [""] * rows)[i].strip("' "),
            )
            for i in range(rows)
        ]
        if voids:
            return tuple(voids)
    return ()


def _number(columns: dict[str, list[str]], name: str, row: int) -> float:
    number = parse_number(columns[name][row]) if name in columns else None
    return number.value if number else float("nan")


def _mentions_mask(block: gemmi.cif.Block) -> bool:
    if any(_MASK_WORDS.search(find_value(block, tag)) for tag in _MASK_TEXTS):
        return True
    return bool(find_value(block, "_smtbx_masks_details", "_platon_squeeze_void_probe_radius"))


def _geom_bonds(block: gemmi.cif.Block) -> tuple[tuple[str, str, str, str, str], ...]:
    names = ("atom_site_label_1", "atom_site_label_2", "distance")
    table = block.find("_geom_bond_", [*names, "?site_symmetry_1", "?site_symmetry_2"])
    rows = []
    for row in table:
        cells = [find_text(row[i]) if row.has(i) else "" for i in range(5)]
        rows.append((cells[0], cells[1], cells[2], cells[3], cells[4]))
    return tuple(rows)
