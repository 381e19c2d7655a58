"""What do the pages of reports share? Templates filled with data, tables and figures as a page shows them."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import clustermodel
from clustermodel.report.canvas import WIDTH
from clustermodel.report.figure import Figure
from clustermodel.report.markup import Html, write_html
from clustermodel.report.notation import Piece, split_formula
from clustermodel.report.render import render_csv, render_html
from clustermodel.report.table import Table

__all__ = ["embed_json", "fill_template", "view_figures", "view_table", "write_ion"]

Json = dict[str, Any]

_LONG = 12  # rows; longer lists are folded


def embed_json(value: object) -> Html:
    r"""Write a value as JSON that can stand inside a ``script`` element.

    Parameters
    ----------
    value : object
        Any value of dict, list, str, int, float, bool and None.

    Returns
    -------
    Html
        JSON without ``<``, ``>`` and ``&``, so that no text in it can end the element.

    Examples
    --------
    >>> print(embed_json("</script>"))
    "\u003c/script\u003e"
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Html(text)


def fill_template(name: str, *, scripts: Sequence[str], **values: object) -> str:
    """Fill the template of a page.

    Parameters
    ----------
    name : str
        File of the template.
    scripts : sequence of str
        Files of the program of the page, in their order.
    **values : object
        What the template shows, besides style, program and version.

    Returns
    -------
    str
        HTML with its style, scripts and data inside.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("clustermodel.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = '"use strict";\n{\n' + "\n".join(_read_asset(file) for file in scripts) + "}\n"
    return environment.get_template(name).render(
        style=Html(_read_asset("report.css")),
        script=Html(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        version=clustermodel.__version__,
        **values,
    )


def _read_asset(name: str) -> str:
    return resources.files("clustermodel.report").joinpath("templates", name).read_text("utf-8")


def view_table(
    table: Table,
    *,
    prefix: str = "",
    owner: str = "",
    viewer: str = "",
    folds: Mapping[str, bool] | None = None,
    saves: bool = False,
) -> Json:
    """Collect what a page shows of a table.

    Parameters
    ----------
    table : Table
        The table.
    prefix : str, optional
        Beginning of its identity on the page.
    owner : str, optional
        Beginning of its name that the lists of names leave out.
    viewer : str, optional
        Name of the view in which its rows mark atoms.
    folds : mapping of str to bool, optional
        Whether tables of these names are folded; others are if they are long.
    saves : bool, optional
        Whether a button saves its CSV.

    Returns
    -------
    dict
        For the macro ``show_table``.
    """
    name = table.name.removeprefix(owner)
    return {
        "id": prefix + table.name,
        "title": table.title.partition(", cluster ")[0],
        "html": render_html(table),
        "csv": render_csv(table),
        "caption": " ".join((*table.notes, table.caption)),
        "rows": len(table.rows),
        "viewer": viewer if any(table.atoms) else "",
        "saves": saves,
        "folded": (folds or {}).get(name, len(table.rows) > _LONG),
    }


def view_figures(figures: Sequence[Figure], prefix: str = "") -> list[Json]:
    """Collect what a page shows of figures.

    Parameters
    ----------
    figures : sequence of Figure
        The figures.
    prefix : str, optional
        Beginning of the names inside of the drawings.

    Returns
    -------
    list of dict
        For the macro ``show_figures``.
    """
    return [
        {
            "caption": figure.caption,
            "svg": Html(figure.inline(prefix)),
            "wide": figure.width > WIDTH,
            "ground": "" if figure.adapts else "light",
        }
        for figure in figures
    ]


def write_ion(composition: str, charge: int | None, share: str = "") -> Html:
    """Write a composition with its charge, as chemists write an ion.

    Parameters
    ----------
    composition : str
        Metal atoms and ligands.
    charge : int or None
        Charge; without brackets where it is not known.
    share : str, optional
        Share of the places that it fills.

    Returns
    -------
    Html
        For a place where text may stand.

    Examples
    --------
    >>> write_ion("Au25Cl18", -1)
    '[Au<sub>25</sub>Cl<sub>18</sub>]<sup>−</sup>'
    """
    inner = split_formula(composition)
    rest = (Piece(f" ({share})"),) if share else ()
    if charge is None:
        return write_html((*inner, *rest))
    size = "" if abs(charge) == 1 else str(abs(charge))
    sign = "" if not charge else "+" if charge > 0 else "\N{MINUS SIGN}"
    return write_html((Piece("["), *inner, Piece("]"), Piece(size + sign, "sup"), *rest))
