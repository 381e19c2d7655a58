"""Which lengths and angles does a model aim at? The rows of ``targets.toml``, each with width and source."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import resources

from clustermodel.errors import InputError

__all__ = ["Target", "find_targets"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A length or angle that a model aims at.

    Parameters
    ----------
    name : str
        Its name in ``targets.toml``.
    label : str
        What it is, for people.
    value : float
        Length in Å, or angle in degrees.
    width : float
        Deviation that stands for a residual of one, in the same unit.
    source : str
        Where the number comes from.
    """

    name: str
    label: str
    value: float = field(metadata={"unit": "Å or degree"})
    width: float = field(metadata={"unit": "Å or degree"})
    source: str


@functools.cache
def _read_table() -> dict[str, Target]:
    text = resources.files("clustermodel.cluster.models").joinpath("targets.toml").read_text(encoding="utf-8")
    return {name: Target(name=name, **row) for name, row in tomllib.loads(text).items()}


def find_targets(changed: Mapping[str, float] | None = None) -> dict[str, Target]:
    """Return the targets by name.

    Parameters
    ----------
    changed : mapping of str to float, optional
        Values that a topology declares instead, in Å or degrees.

    Returns
    -------
    dict of str to Target
        Every target; a changed one says so in its source.

    Raises
    ------
    InputError
        If a changed name is no target.

    Examples
    --------
    >>> find_targets()["radial"].value, find_targets({"radial": 2.83})["radial"].source
    (2.8, 'declared by the topology')
    """
    table = dict(_read_table())
    for name, value in (changed or {}).items():
        if name not in table:
            msg = f"no target is called {name!r}; expected some of {', '.join(table)}"
            raise InputError(msg)
        table[name] = replace(table[name], value=value, source="declared by the topology")
    return table
