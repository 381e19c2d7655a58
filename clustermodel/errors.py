"""Every deliberate exception and warning of the package.

All inherit from :class:`ClusterModelError` and from the built-in exception that a
caller would catch anyway. A message says where the trouble is (file, block, label), what
was found, what was expected and what to do.
"""

from collections.abc import Sequence

__all__ = [
    "AssemblyError",
    "ChemistryError",
    "CifError",
    "ClusterModelError",
    "ConvergenceError",
    "InputError",
    "MissingDependencyError",
    "ModelNotFoundError",
]


class ClusterModelError(Exception):
    """Base of every exception that clustermodel raises on purpose."""


class InputError(ClusterModelError, ValueError):
    """A file or argument cannot be used; the message says where and what to do."""


class CifError(InputError):
    """A CIF cannot be read as a crystal structure, even after unambiguous repairs."""


class AssemblyError(ClusterModelError, ValueError):
    """The molecules of a crystal cannot be assembled."""


class ChemistryError(ClusterModelError, ValueError):
    """A question was asked that the chemistry of the structure does not answer."""


class ConvergenceError(ClusterModelError, RuntimeError):
    """A self-consistent field or a relaxation did not converge.

    Parameters
    ----------
    message : str
        What was reached, and what to do.
    history : sequence, optional
        The cycles that were done.
    """

    def __init__(self, message: str, history: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.history = tuple(history)


class ModelNotFoundError(InputError, KeyError):
    """No embedded model has the name asked for."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class MissingDependencyError(ClusterModelError, ImportError):
    """An optional package is needed; the message names the extra to install."""
