"""Where are the structures that ship with the package? Models built by the project itself."""

import tomllib
from importlib import resources
from pathlib import Path

from clustermodel.errors import ModelNotFoundError

__all__ = ["PREFIX", "describe_model", "find_model", "list_models"]

PREFIX = "model:"


def list_models() -> tuple[str, ...]:
    """Return the names of the embedded models.

    Returns
    -------
    tuple of str
        Names for :func:`find_model`.

    Examples
    --------
    >>> "au25_sch3_18_nme4" in list_models()
    True
    """
    return tuple(sorted(path.stem for path in _folder().glob("*.cif")))


def find_model(name: str) -> Path:
    """Return the file of an embedded model.

    Parameters
    ----------
    name : str
        Name with or without ``model:``.

    Returns
    -------
    Path
        A CIF.

    Raises
    ------
    ModelNotFoundError
        If there is no such model; the message lists those there are.

    Examples
    --------
    >>> find_model("model:au25_sch3_18_nme4").suffix
    '.cif'
    """
    stem = name.removeprefix(PREFIX)
    path = _folder() / f"{stem}.cif"
    if stem not in list_models():
        msg = f"no embedded model {stem!r}; there are: {', '.join(list_models())}"
        raise ModelNotFoundError(msg)
    return path


def describe_model(name: str) -> str:
    """Return in one line what an embedded model is.

    Parameters
    ----------
    name : str
        Name with or without ``model:``.

    Returns
    -------
    str
        Its kind and name, as in the manifest of the structures.

    Raises
    ------
    ModelNotFoundError
        If there is no such model.

    Examples
    --------
    >>> describe_model("model:au25_sch3_18_nme4")
    'MODEL of [NMe4][Au25(SCH3)18], an idealised cluster in C2/c'
    """
    stem = find_model(name).stem
    manifest = tomllib.loads((_folder().parent / "manifest.toml").read_text(encoding="utf-8"))
    return str(manifest[stem]["name"])


def _folder() -> Path:
    """Return the folder of models: in the wheel, or at the top of a checkout."""
    package = Path(str(resources.files("clustermodel")))
    shipped = package / "_structures" / "models"
    return shipped if shipped.is_dir() else package.parent / "structures" / "models"
