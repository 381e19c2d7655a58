"""Write linewidth_lmfit.json: fits of FWHM(T) and their profile intervals by lmfit, for the tests.

Run with lmfit installed: ``python tests/data/make_linewidth_lmfit.py``. The formula is written out once more;
of the package, nothing is used.
"""

import json
from pathlib import Path

import lmfit
import numpy as np

TRUTH = {"gamma_0": 150.0, "S_ac": 20.0, "E_ac": 4.3, "S_op": 137.7, "E_op": 36.1}
K = 1000 * 8.617333262145e-5  # meV/K, exact since 2019 to these digits
NOISE, POINTS, LEVEL = 0.3, 60, 0.90


def width(temperature: np.ndarray, gamma: float, coupling: float, energy: float) -> np.ndarray:
    """Eq. (1) of the seed paper with the acoustic term held."""
    acoustic = TRUTH["S_ac"] * TRUTH["E_ac"] / np.tanh(TRUTH["E_ac"] / (2 * K * temperature))
    return gamma + np.sqrt(acoustic + coupling * energy / np.expm1(energy / (K * temperature)))


def fit(seed: int) -> dict[str, object]:
    """Simulate one series and fit it; the noise is estimated from the residuals."""
    temperature = np.linspace(5, 300, POINTS)
    noise = NOISE * np.random.default_rng(seed).standard_normal(POINTS)
    widths = width(temperature, TRUTH["gamma_0"], TRUTH["S_op"], TRUTH["E_op"]) + noise
    parameters = lmfit.Parameters()
    parameters.add("gamma_0", 140, min=0)
    parameters.add("S_op", 100, min=0)
    parameters.add("E_op", 30, min=5, max=200)
    minimizer = lmfit.Minimizer(
        lambda p: width(temperature, *(one.value for one in p.values())) - widths, parameters
    )
    result = minimizer.leastsq(xtol=1e-12, ftol=1e-12)
    intervals = lmfit.conf_interval(minimizer, result, sigmas=[LEVEL])
    return {
        "temperature": temperature.tolist(),
        "fwhm_mev": widths.tolist(),
        "parameters": {name: [float(end[1]) for end in ends] for name, ends in intervals.items()},
        "su": {name: float(one.stderr) for name, one in result.params.items()},
    }


if __name__ == "__main__":
    document = {
        "program": f"lmfit {lmfit.__version__}, conf_interval",
        "held": {"S_ac": TRUTH["S_ac"], "E_ac": TRUTH["E_ac"]},
        "level": LEVEL,
        "series": [fit(seed) for seed in range(3)],
    }
    Path(__file__).with_name("linewidth_lmfit.json").write_text(json.dumps(document, indent=1) + "\n")
