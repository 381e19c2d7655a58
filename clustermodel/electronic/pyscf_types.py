"""What are PySCF's objects to the type checker? Anything: the package carries no types."""

from typing import Any, TypeAlias

__all__ = ["PyscfObject"]

PyscfObject: TypeAlias = Any
"""A molecule, grid, method or module of PySCF."""
