"""One entry of the audit: what was noticed, repaired or discarded, and where."""

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Finding", "Severity"]

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One entry of the audit of a structure.

    Parameters
    ----------
    code : str
        Stable machine-readable name in lower case with hyphens, for example
        ``"cif-duplicate-tag"``. The part before the first hyphen names the stage.
    severity : {"info", "warning", "error"}
        ``info``: nothing to do; ``warning``: a repair, a choice or a contradiction that the
        reader should check; ``error``: part of the file could not be used.
    message : str
        One sentence: where, what was found, what was done.
    labels : tuple of str, optional
        Labels of the atoms concerned.

    Examples
    --------
    >>> Finding(code="cif-duplicate-tag", severity="warning", message="line 4: ...").code
    'cif-duplicate-tag'
    """

    code: str
    severity: Severity
    message: str
    labels: tuple[str, ...] = field(default=())
