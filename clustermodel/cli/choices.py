"""Which choices did the user make on the command line?"""

from clustermodel.assembly.disorder import DisorderChoice
from clustermodel.cluster.kernel import CONVENTIONS
from clustermodel.errors import InputError
from clustermodel.pipeline.analyze import AnalysisSettings

__all__ = ["read_choices"]


def read_choices(
    charge: int | None, convention: str, kernel: str | None, parts: list[str] | None, prefer: str
) -> AnalysisSettings:
    """Turn options into settings.

    Parameters
    ----------
    charge : int or None
        Charge of the cluster.
    convention : str
        Kernel convention.
    kernel : str or None
        Labels of kernel atoms, comma-separated.
    parts : list of str or None
        Items ``ASSEMBLY=PART``.
    prefer : str
        ``major`` or ``minor``.

    Returns
    -------
    AnalysisSettings
        The settings.

    Raises
    ------
    InputError
        If an option has no such value.
    """
    named = [name for name in CONVENTIONS if name != "labels"]
    if convention not in named:
        msg = f"--convention {convention!r}; expected one of {', '.join(named)} (or --kernel LABELS)"
        raise InputError(msg)
    if prefer not in {"major", "minor"}:
        msg = f"--prefer {prefer!r}; expected major or minor"
        raise InputError(msg)
    labels = tuple(label.strip() for label in (kernel or "").split(",") if label.strip())
    if kernel is not None and not labels:
        msg = "--kernel names no atom; expected labels such as Au1,Au2"
        raise InputError(msg)
    return AnalysisSettings(
        charge=charge,
        convention=convention,
        kernel_labels=labels,
        disorder=DisorderChoice(prefer="minor" if prefer == "minor" else "major", parts=_parts(parts or [])),
    )


def _parts(items: list[str]) -> dict[str, int]:
    chosen = {}
    for item in items:
        name, _, number = item.rpartition("=")
        try:
            chosen[name.strip()] = int(number)
        except ValueError as error:
            msg = f"--part {item!r}; expected ASSEMBLY=PART, for example A=2"
            raise InputError(msg) from error
    return chosen
