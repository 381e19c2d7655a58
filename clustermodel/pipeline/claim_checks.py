"""Does this number follow? One rule for each quantity that papers print."""

from clustermodel.pipeline.claim_evidence import Answer, Evidence, NotCheckable, Rule
from clustermodel.pipeline.formula_claims import FORMULA_RULES
from clustermodel.pipeline.pair_claims import PAIR_RULES
from clustermodel.pipeline.published import Claim
from clustermodel.pipeline.structure_claims import STRUCTURE_RULES

__all__ = ["RULES"]


def _check_spectra(claim: Claim, _: Evidence) -> Answer:
    told = f"; {claim.definition}" if claim.definition else ""
    msg = f"needs the measured data{told}"
    raise NotCheckable(msg)


RULES: dict[str, Rule] = {
    **FORMULA_RULES,
    **STRUCTURE_RULES,
    **PAIR_RULES,
    "quantum yield": _check_spectra,
    "average lifetime": _check_spectra,
    "band position": _check_spectra,
    "intensity ratio": _check_spectra,
    "linewidth parameters": _check_spectra,
    "transient lifetimes": _check_spectra,
}
"""The rule of each quantity."""
