"""What does a paper claim? Its printed numbers, how it defines them and what is needed to check them."""

import re
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from clustermodel.errors import InputError

__all__ = ["Claim", "PublishedPaper", "PublishedStructure", "find_private", "list_papers", "read_paper"]

SCHEMA = "clustermodel.published/1"

NEEDS = ("formula", "structure", "spectra")
_NUMBER = re.compile(r"[+-]?\d+(?:\.(?P<decimals>\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedStructure:
    """A compound of a paper.

    Parameters
    ----------
    id : str
        Short name, by which claims refer to it.
    formula : str
        Formula with charge.
    deposited : str
        Where its structure is deposited, as ``"CCDC 2379692"``; empty if it is not.
    """

    id: str
    formula: str
    deposited: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A printed number, or a few that belong together.

    Parameters
    ----------
    id : str
        Short name.
    structure : str
        Which compound it is about.
    quantity : str
        What it is; the checker knows a rule for each quantity.
    printed : tuple of str
        As printed, with all decimals.
    unit : str
        Its unit; empty for none.
    definition : str
        How the paper defines it; empty if it does not.
    needs : tuple of str
        ``"structure"`` and ``"spectra"`` that a check needs beyond the formula.
    where : str
        Place in the paper.
    ion : str
        The ion of a mass.
    other : str
        The compound that this one is compared with.
    inputs : tuple of float
        Other printed numbers that it follows from.
    """

    id: str
    structure: str
    quantity: str
    printed: tuple[str, ...]
    unit: str = ""
    definition: str = ""
    needs: tuple[str, ...] = ()
    where: str = ""
    ion: str = ""
    other: str = ""
    inputs: tuple[float, ...] = field(default=(), metadata={"unit": "as printed"})

    @property
    def values(self) -> tuple[float, ...]:
        """The printed numbers; empty where the claim is no number."""
        texts = [_NUMBER.fullmatch(text.strip()) for text in self.printed]
        return tuple(float(match.group()) for match in texts if match)

    def tolerance(self, number: int = 0) -> float:
        """Return half of the last printed digit.

        Parameters
        ----------
        number : int, optional
            Which of the printed numbers.

        Returns
        -------
        float
            In the unit of the claim.
        """
        match = _NUMBER.fullmatch(self.printed[number].strip())
        decimals = match["decimals"] if match else None
        return 0.5 * 10.0 ** -len(decimals or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPaper:
    """The claims of one paper.

    Parameters
    ----------
    key : str
        Its key in the list of references.
    title : str
        Its title, or what it is about where the title is not known.
    year : int or None
        Year of publication; None if it is not known.
    doi : str
        Its digital object identifier; empty if it is not known.
    structures : tuple of PublishedStructure
        Its compounds.
    claims : tuple of Claim
        What it prints.
    """

    key: str
    title: str
    year: int | None
    doi: str
    structures: tuple[PublishedStructure, ...]
    claims: tuple[Claim, ...]

    def structure(self, name: str) -> PublishedStructure:
        """Return a compound by its short name.

        Parameters
        ----------
        name : str
            As in the claims.

        Returns
        -------
        PublishedStructure
            The compound.

        Raises
        ------
        InputError
            If there is none of this name.
        """
        for one in self.structures:
            if one.id == name:
                return one
        known = ", ".join(one.id for one in self.structures)
        msg = f"paper {self.key}: there is no structure {name!r}; expected one of {known}"
        raise InputError(msg)


def list_papers() -> tuple[str, ...]:
    """List the papers whose claims travel with the program.

    Returns
    -------
    tuple of str
        Their keys.

    Examples
    --------
    >>> "pan2025" in list_papers()
    True
    """
    return tuple(sorted(path.stem for path in _find_folder("published").glob("*.toml")))


def read_paper(name: str | Path) -> PublishedPaper:
    """Read the claims of a paper.

    Parameters
    ----------
    name : str or Path
        Key of a paper that travels with the program, or a TOML file.

    Returns
    -------
    PublishedPaper
        Structures and claims.

    Raises
    ------
    InputError
        If there is no such paper, or the file does not hold claims as described in the manual.

    Examples
    --------
    >>> paper = read_paper("pan2025")
    >>> paper.structure("au22").formula
    '[Au22(AdmS)12(PPh2py)4]2+'
    """
    path = Path(name)
    if str(name) in list_papers():
        path = _find_folder("published") / f"{name}.toml"
    elif not path.is_file():
        msg = (
            f"no paper {str(name)!r}: expected one of {', '.join(list_papers())}, or a TOML file with claims"
        )
        raise InputError(msg)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path.name}: cannot be read as TOML ({error})"
        raise InputError(msg) from error
    return _build_paper(content, path.name)


def find_private() -> Path:
    """Return the folder where users keep deposited structures that may not be passed on.

    Returns
    -------
    Path
        ``structures/private`` of the checkout, or of the folder one works in; it need not exist.
    """
    beside = Path(str(resources.files("clustermodel"))).parent / "structures" / "private"
    return beside if beside.is_dir() else Path("structures") / "private"


def _find_folder(name: str) -> Path:
    package = Path(str(resources.files("clustermodel")))
    shipped = package / "_structures" / name
    return shipped if shipped.is_dir() else package.parent / "structures" / name


def _build_paper(content: dict[str, Any], file: str) -> PublishedPaper:
    if content.get("schema") != SCHEMA:
        msg = f"{file}: found schema {content.get('schema')!r}, expected {SCHEMA!r} as its first line"
        raise InputError(msg)
    about = content.get("paper", {})
    structures = tuple(
        PublishedStructure(**_take(row, PublishedStructure, f"{file}, structure {number}"))
        for number, row in enumerate(content.get("structure", []), 1)
    )
    claims = tuple(
        _build_claim(row, f"{file}, claim {row.get('id', number)!r}")
        for number, row in enumerate(content.get("claim", []), 1)
    )
    for key in ("key", "title"):
        if key not in about:
            msg = f"{file}: the table [paper] has no {key!r}; expected key, title, year and doi"
            raise InputError(msg)
    paper = PublishedPaper(
        key=about["key"],
        title=about["title"],
        year=about.get("year"),
        doi=about.get("doi", ""),
        structures=structures,
        claims=claims,
    )
    for claim in claims:
        for name in (claim.structure, *([claim.other] if claim.other else [])):
            paper.structure(name)
    return paper


def _build_claim(row: dict[str, Any], where: str) -> Claim:
    fields = _take(row, Claim, where)
    printed = fields.get("printed", [])
    fields["printed"] = tuple(printed) if isinstance(printed, list) else (printed,)
    fields["needs"] = tuple(fields.get("needs", ()))
    fields["inputs"] = tuple(float(x) for x in fields.get("inputs", ()))
    texts = all(isinstance(text, str) for text in fields["printed"])
    if not fields["printed"] or not texts:
        msg = f"{where}: 'printed' is {printed!r}, expected a text such as \"2.899\" that shows its digits"
        raise InputError(msg)
    unknown = [need for need in fields["needs"] if need not in NEEDS]
    if unknown:
        msg = f"{where}: needs {unknown[0]!r}, expected some of {', '.join(NEEDS)}"
        raise InputError(msg)
    return Claim(**fields)


def _take(row: dict[str, Any], kind: type, where: str) -> dict[str, Any]:
    """Return the entries of a table if a class has fields for all of them."""
    fields = kind.__dataclass_fields__  # type: ignore[attr-defined]
    unknown = [key for key in row if key not in fields]
    missing = [key for key in ("id", "formula", "structure", "quantity") if key in fields and key not in row]
    if unknown or missing:
        found = f"unknown entry {unknown[0]!r}" if unknown else f"no entry {missing[0]!r}"
        msg = f"{where}: {found}; expected {', '.join(fields)}"
        raise InputError(msg)
    return dict(row)
