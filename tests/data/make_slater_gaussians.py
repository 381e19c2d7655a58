"""Fit Gaussians to Slater functions: writes clustermodel/electronic/slater_gaussians.toml.

For every shell that GFN1-xTB and GFN2-xTB use (1s to 6p, 3 to 6 Gaussians) the normalised contraction of the
largest overlap with the Slater function of exponent 1 is searched for from many starts: the least-squares
criterion of R. F. Stewart, J. Chem. Phys. 52, 431 (1970). Takes some minutes; needs NumPy and SciPy.
"""

import math
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

TARGET = Path(__file__).parents[2] / "clustermodel" / "electronic" / "slater_gaussians.toml"
SHELLS = [
    *[(1, 0, 3), (1, 0, 4), (2, 0, 3), (2, 0, 4), (2, 0, 6), (2, 1, 4), (2, 1, 6), (3, 0, 4), (3, 0, 6)],
    *[(3, 1, 4), (3, 1, 6), (3, 2, 3), (3, 2, 4), (4, 0, 4), (4, 0, 6), (4, 1, 4), (4, 1, 6), (4, 2, 3)],
    *[(4, 2, 4), (5, 0, 4), (5, 0, 6), (5, 1, 4), (5, 1, 6), (5, 2, 3), (5, 2, 4), (6, 0, 6), (6, 1, 6)],
]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(600)
RADII = 80 * ((NODES + 1) / 2) ** 2  # bohr: a 6p function of exponent 1 has decayed to 1e-28 there
VOLUMES = WEIGHTS * 80 * (NODES + 1) / 2 * RADII**2
WIDEST = 14.0  # of the logarithms of exponents: beyond it a Gaussian is a point or a constant

HEAD = """\
# Gaussians that stand for Slater functions of exponent 1 (bohr-1), made by
# tests/data/make_slater_gaussians.py: the contraction of the largest overlap, the criterion of Stewart
# 1970. For the exponent zeta, the exponents are multiplied by zeta squared. Coefficients are those of
# normalised Gaussians; `lost` is what the square of the overlap lacks to 1."""


def slater(n):
    return 2 ** (n + 0.5) / math.sqrt(math.factorial(2 * n)) * RADII ** (n - 1) * np.exp(-RADII)


def overlaps(logs, momentum, target):
    exponents = np.exp(logs)
    power = momentum + 1.5
    norms = np.sqrt(2 * (2 * exponents) ** power / math.gamma(power))
    values = norms[:, None] * RADII**momentum * np.exp(-exponents[:, None] * RADII**2)
    roots = np.sqrt(np.outer(exponents, exponents))
    between = (2 * roots / (exponents[:, None] + exponents)) ** power
    return between, values @ (VOLUMES * target)


def loss(logs, momentum, target):
    if np.ptp(logs) > WIDEST or np.abs(logs).max() > WIDEST or np.diff(np.sort(logs)).min() < 0.05:
        return 1.0
    between, with_target = overlaps(logs, momentum, target)
    return 1 - float(with_target @ np.linalg.solve(between, with_target))


def fit(n, momentum, count):
    target, best = slater(n), None
    random = np.random.default_rng(20170412)
    for _ in range(24):
        start = random.uniform(-4.5, -2.0) + random.uniform(0.45, 1.1) * np.arange(count)
        start[-1] += random.uniform(0, 1.5)
        found = minimize(loss, start, args=(momentum, target), method="BFGS", options={"gtol": 1e-12})
        if best is None or found.fun < best.fun:
            best = found
    polished = minimize(
        loss,
        best.x,
        args=(momentum, target),
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-16, "maxfev": 6000},
    )
    logs = np.sort(polished.x)[::-1]
    between, with_target = overlaps(logs, momentum, target)
    coefficients = np.linalg.solve(between, with_target)
    coefficients /= math.sqrt(coefficients @ between @ coefficients)
    return np.exp(logs), coefficients, polished.fun


def main():
    lines = [HEAD]
    for n, momentum, count in SHELLS:
        exponents, coefficients, lost = fit(n, momentum, count)
        lines += [
            "",
            f"[{n}{'spd'[momentum]}-{count}G]",
            f"exponents = [{', '.join(f'{x:.10g}' for x in exponents)}]",
            f"coefficients = [{', '.join(f'{x:.10g}' for x in coefficients)}]",
            f"lost = {lost:.3g}",
        ]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
