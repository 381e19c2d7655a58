"""Which extra must be installed for a package that is not there?"""

import importlib
from types import ModuleType

from clustermodel.errors import MissingDependencyError

__all__ = ["import_optional"]


def import_optional(name: str, *, extra: str, purpose: str) -> ModuleType:
    """Import an outside package, or say how to install it.

    Parameters
    ----------
    name : str
        Name of the module.
    extra : str
        Extra of clustermodel that installs it; empty for a package that comes with clustermodel on
        some platforms only.
    purpose : str
        What it is needed for, as the beginning of the error message.

    Returns
    -------
    module
        The imported module.

    Raises
    ------
    MissingDependencyError
        If the module is not installed. An import that fails inside the installed package is not
        hidden: its own exception passes through.

    Examples
    --------
    >>> import_optional("json", extra="", purpose="writing JSON").__name__
    'json'
    >>> import_optional("gpu_engine", extra="gpu", purpose="running on a graphics card")
    Traceback (most recent call last):
        ...
    clustermodel.errors.MissingDependencyError: running on a graphics card needs the package
    gpu_engine, which is not installed: pip install 'clustermodel[gpu]'
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = name.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != missing:
            raise
        cure = f"pip install 'clustermodel[{extra}]'" if extra else f"pip install {missing}"
        msg = f"{purpose} needs the package {missing}, which is not installed: {cure}"
        raise MissingDependencyError(msg) from error
