"""How does a user write a target scheme? As a TOML file of species and arrows."""

import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from clustermodel.errors import InputError
from clustermodel.photophysics.transient_scheme import GROUND, KineticScheme, Transfer, solve_scheme

__all__ = ["read_scheme"]

_TRANSFER = re.compile(r"^\s*(?P<source>[^:>]+?)\s*->\s*(?P<target>[^:>]+?)\s*:\s*(?P<rate>\S+)\s*$")
_KEYS = frozenset({"species", "initial", "transfers", "time_constants_ps", "fixed"})
_DEPENDENT = 1e-8  # relative size of a singular value, or of a difference of rates, that is rounding


def read_scheme(path: str | Path) -> KineticScheme:
    """Read a target scheme from a TOML file.

    Parameters
    ----------
    path : str or Path
        A file such as::

            species = ["hot", "relaxed", "triplet"]
            initial = { hot = 1.0 }
            transfers = ["hot -> relaxed: k1", "relaxed -> triplet: k2", "relaxed -> ground: k3"]
            fixed = ["k3"]

            [time_constants_ps]
            k1 = 0.5
            k2 = 5
            k3 = 50

        A name of a rate constant may stand at several arrows; ``ground`` is not a species.

    Returns
    -------
    KineticScheme
        The scheme; the spectra of its species are species-associated spectra.

    Raises
    ------
    InputError
        If the file is not such a scheme, or a species is never populated.
    """
    source = str(path)
    try:
        with Path(path).open("rb") as stream:
            table = tomllib.load(stream)
    except OSError as error:
        msg = f"{source}: cannot be read ({error.strerror}); check the name of the file"
        raise InputError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{source}: {error}; expected TOML"
        raise InputError(msg) from error
    return _parse(table, source)


def _parse(table: dict[str, Any], source: str) -> KineticScheme:
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        msg = f"{source}: found {', '.join(unknown)}; expected {', '.join(sorted(_KEYS))}"
        raise InputError(msg)
    species = table.get("species")
    if not isinstance(species, list) or not species or len(set(map(str, species))) != len(species):
        msg = f"{source}: species is {species!r}; expected a list of different names"
        raise InputError(msg)
    names = tuple(str(name) for name in species)
    starts = table.get("time_constants_ps")
    if not isinstance(starts, dict) or not starts:
        msg = (
            f"{source}: time_constants_ps is {starts!r}; expected a table with a start for each rate constant"
        )
        raise InputError(msg)
    rates = tuple(starts)
    scheme = KineticScheme(
        kind="target",
        species=names,
        rates=rates,
        transfers=_parse_transfers(table.get("transfers"), names, rates, source),
        initial=_parse_initial(table.get("initial"), names, source),
        start_ps=tuple(
            _positive(value, f"{source}: time_constants_ps.{key}") for key, value in starts.items()
        ),
        fixed=_parse_fixed(table.get("fixed", []), rates, source),
    )
    _check(scheme, source)
    return scheme


def _positive(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < np.inf:
        msg = f"{where} is {value!r}; expected a positive number"
        raise InputError(msg)
    return float(value)


def _parse_transfers(
    lines: object, species: tuple[str, ...], rates: tuple[str, ...], source: str
) -> tuple[Transfer, ...]:
    if not isinstance(lines, list) or not lines:
        msg = f"{source}: transfers is {lines!r}; expected a list such as ['A -> B: k1', 'B -> {GROUND}: k2']"
        raise InputError(msg)
    found = []
    for line in lines:
        match = _TRANSFER.match(str(line))
        names = (*species, GROUND)
        if match is None or match["source"] not in species or match["target"] not in names:
            msg = f"{source}: transfer {line!r}; expected 'A -> B: k1' with A and B of {', '.join(names)}"
            raise InputError(msg)
        if match["rate"] not in rates:
            msg = f"{source}: transfer {line!r} has no start in time_constants_ps ({', '.join(rates)})"
            raise InputError(msg)
        target = None if match["target"] == GROUND else species.index(match["target"])
        found.append(Transfer(species.index(match["source"]), target, rates.index(match["rate"])))
    return tuple(found)


def _parse_initial(table: object, species: tuple[str, ...], source: str) -> tuple[float, ...]:
    if not isinstance(table, dict) or not table or not set(table) <= set(species):
        example = f"{{ {species[0]} = 1 }}"
        msg = f"{source}: initial is {table!r}; expected concentrations at time zero, such as {example}"
        raise InputError(msg)
    return tuple(
        _positive(table[name], f"{source}: initial.{name}") if name in table else 0.0 for name in species
    )


def _parse_fixed(names: object, rates: tuple[str, ...], source: str) -> tuple[bool, ...]:
    if not isinstance(names, list) or not {str(name) for name in names} <= set(rates):
        msg = f"{source}: fixed is {names!r}; expected a list of some of {', '.join(rates)}"
        raise InputError(msg)
    return tuple(rate in names for rate in rates)


def _check(scheme: KineticScheme, source: str) -> None:
    """Refuse rate constants without arrow, and species that never appear or cannot be told from others."""
    idle = [name for i, name in enumerate(scheme.rates) if i not in {t.rate for t in scheme.transfers}]
    if idle:
        msg = f"{source}: {', '.join(idle)} stands at no arrow; remove it from time_constants_ps"
        raise InputError(msg)
    there = {i for i, amount in enumerate(scheme.initial) if amount}
    for _ in scheme.species:
        there |= {t.target for t in scheme.transfers if t.source in there and t.target is not None}
    absent = [name for i, name in enumerate(scheme.species) if i not in there]
    if absent:
        msg = (
            f"{source}: {', '.join(absent)} is never populated; give it an arrow or an initial concentration"
        )
        raise InputError(msg)
    # At rates that no two are alike, so that only the arrows decide.
    probe = 1 / np.array(scheme.start_ps) * (1 + 0.1 * np.arange(len(scheme.rates)))
    solution = solve_scheme(scheme, probe)
    mixing = solution.mixing
    decays = np.sort(solution.decay_rates)
    alike = (np.diff(decays) <= _DEPENDENT * decays[-1]).any()
    if alike or not np.isfinite(mixing).all() or np.linalg.cond(mixing) > 1 / _DEPENDENT:
        msg = (
            f"{source}: two species have the same time course whatever their rates, so their spectra cannot "
            "be told apart; join them"
        )
        raise InputError(msg)
    free = ~np.array(scheme.fixed)
    known = int(np.linalg.matrix_rank(solution.derivatives[:, free] * probe[free]))
    if known < free.sum():
        msg = (
            f"{source}: the exponentials of this scheme determine {known} of its {free.sum()} free rate "
            f"constants; hold {free.sum() - known} of them with fixed = [...]"
        )
        raise InputError(msg)
