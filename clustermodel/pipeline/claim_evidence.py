"""What may a rule look at, and what does it answer? Formulas, deposited structures, the other compound."""

import ast
import operator
from collections.abc import Callable
from typing import NamedTuple

from clustermodel.pipeline.analyze import Analysis
from clustermodel.pipeline.cluster_analysis import ClusterAnalysis
from clustermodel.pipeline.published import Claim, PublishedStructure
from clustermodel.pipeline.structure import ClusterStructure, Structure

__all__ = ["Answer", "Evidence", "NotCheckable", "Rule", "agrees", "compare_choices", "evaluate_sum"]

_ROUNDING = 1 + 1e-9  # a value exactly half of the last digit off is printed either way


class NotCheckable(Exception):  # noqa: N818 - no error: a verdict with its reason
    """Raised by a rule that lacks what it needs; the text is the reason."""


class Evidence(NamedTuple):
    """What a rule may look at.

    Parameters
    ----------
    structure : PublishedStructure
        The compound.
    analysis : Analysis or None
        Its deposited structure, if it is at hand.
    measured : Structure or None
        What was measured on it.
    other : Evidence or None
        The same of the compound that it is compared with.
    """

    structure: PublishedStructure
    analysis: Analysis | None
    measured: Structure | None
    other: "Evidence | None" = None

    @property
    def has_structure(self) -> bool:
        """Whether there is a deposited structure with a cluster in it."""
        return self.analysis is not None and self.measured is not None and bool(self.analysis.clusters)

    def need_structure(self) -> tuple[Analysis, Structure]:
        """Return the deposited structure.

        Returns
        -------
        Analysis, Structure
            What is in it, and what was measured on it.

        Raises
        ------
        NotCheckable
            If it is not at hand.
        """
        if self.analysis is None or self.measured is None or not self.analysis.clusters:
            number, name = self.structure.deposited, self.structure.id
            if number:
                how = "put it in structures/private, or name it with --structure"
                msg = f"needs the deposited CIF ({number}): {how}"
            else:
                wanted = f"needs the crystal structure of {self.structure.formula}"
                msg = f"{wanted}: name it with --structure {name}=FILE"
            raise NotCheckable(msg)
        return self.analysis, self.measured

    def need_cluster(self) -> tuple[ClusterAnalysis, ClusterStructure]:
        """Return the first cluster of the deposited structure.

        Returns
        -------
        ClusterAnalysis, ClusterStructure
            Its chemistry and its structure.

        Raises
        ------
        NotCheckable
            If the structure is not at hand.
        """
        analysis, measured = self.need_structure()
        return analysis.clusters[0], measured.clusters[0]

    def need_other(self) -> "Evidence":
        """Return the compound that this one is compared with.

        Returns
        -------
        Evidence
            Its evidence.

        Raises
        ------
        NotCheckable
            If the claim names none.
        """
        if self.other is None:
            msg = "the claim names no other compound; write its id as 'other'"
            raise NotCheckable(msg)
        return self.other


class Answer(NamedTuple):
    """What a rule found.

    Parameters
    ----------
    reproduced : bool
        Whether the printed digits follow.
    found : str
        The value found.
    cause : str
        How it was found, or why it differs.
    """

    reproduced: bool
    found: str
    cause: str


Rule = Callable[[Claim, Evidence], Answer]
"""A rule: a claim and what it may look at give an answer."""


def agrees(claim: Claim, value: float, number: int = 0) -> bool:
    """Return whether a value rounds to the printed digits.

    Parameters
    ----------
    claim : Claim
        The claim.
    value : float
        The value found, in the unit of the claim.
    number : int, optional
        Which of the printed numbers.

    Returns
    -------
    bool
        Whether it is within half of the last digit.
    """
    return abs(value - claim.values[number]) <= claim.tolerance(number) * _ROUNDING


def compare_choices(claim: Claim, found: list[tuple[str, float]], what: str) -> Answer:
    """Compare one printed number with several found ones.

    Parameters
    ----------
    claim : Claim
        The claim, with one printed number.
    found : list of (str, float)
        Each value with the choice that gives it.
    what : str
        What the values are.

    Returns
    -------
    Answer
        Reproduced if any of them agrees.
    """
    agreeing = [name for name, value in found if agrees(claim, value)]
    decimals = len(claim.printed[0].partition(".")[2]) + 1  # one more than printed: how near to a limit
    listed = "; ".join(f"{round(value, decimals):.10g} {name}" for name, value in found)
    if agreeing:
        return Answer(reproduced=True, found=listed, cause=f"{what}: {', '.join(agreeing)}")
    return Answer(
        reproduced=False, found=listed or "none", cause=f"{what}: no choice gives {claim.printed[0]}"
    )


_OPERATORS: dict[type, Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


def evaluate_sum(text: str) -> int:
    """Evaluate a sum of whole numbers.

    Parameters
    ----------
    text : str
        Whole numbers with ``+``, ``-`` and ``*``.

    Returns
    -------
    int
        Its value.

    Raises
    ------
    NotCheckable
        If it is something else.

    Examples
    --------
    >>> evaluate_sum("11 + 10 - 4")
    17
    """
    msg = f"{text.strip()!r} is no sum of whole numbers"

    def value(node: ast.AST) -> int:
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return node.value
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](value(node.left), value(node.right))
        raise NotCheckable(msg)

    try:
        return value(ast.parse(text.strip(), mode="eval").body)
    except SyntaxError as error:
        raise NotCheckable(msg) from error
