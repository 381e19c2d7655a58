"""How are many atoms named in one cell? Runs of labels and symmetry copies are written once."""

import re
from collections import Counter
from collections.abc import Iterable

__all__ = ["list_labels"]

_LABEL = re.compile(r"(?P<name>[A-Za-z]+)(?P<number>\d+)")
_RUN = 3  # labels; shorter runs are written out


def list_labels(labels: Iterable[str]) -> str:
    """Write labels of atoms shortly.

    Parameters
    ----------
    labels : iterable of str
        Labels; symmetry copies of an atom have the same.

    Returns
    -------
    str
        Runs of numbers by their ends; how often a label occurs, if more than once.

    Examples
    --------
    >>> list_labels(["Au1", "Au2", "Au3", "Au4", "Au9"])
    'Au1–Au4, Au9'
    >>> list_labels(["Au1", "Au2", "Au2", "Au3", "Au3", "Au4", "Au4"])
    'Au1, Au2–Au4 (2 × each)'
    """
    counts = Counter(labels)
    runs: list[list[str]] = []
    for label in counts:
        if runs and counts[runs[-1][-1]] == counts[label] and _follows(runs[-1][-1], label):
            runs[-1].append(label)
        else:
            runs.append([label])
    return ", ".join(_write_run(run, counts[run[0]]) for run in runs)


def _follows(first: str, second: str) -> bool:
    one, two = _LABEL.fullmatch(first), _LABEL.fullmatch(second)
    if one is None or two is None:
        return False
    return one["name"] == two["name"] and int(two["number"]) == int(one["number"]) + 1


def _write_run(run: list[str], times: int) -> str:
    if len(run) < _RUN:
        return ", ".join(f"{label} ({times} ×)" if times > 1 else label for label in run)
    return f"{run[0]}–{run[-1]}" + (f" ({times} × each)" if times > 1 else "")
