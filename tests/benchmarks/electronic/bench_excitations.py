"""How near is TDDFT-ris to the full linear response, and how much faster?

Roots of both are matched one to one by the overlap of their amplitudes. Printed for each cluster: the mean
and the largest deviation of the bright ones, the correlation of strengths of all matched ones, and both
processor times of one run.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from clustermodel.electronic.pyscf_casida import calculate_casida  # noqa: E402 - the checkout comes first
from clustermodel.electronic.pyscf_engine import PyscfEngine, run_field  # noqa: E402
from clustermodel.electronic.ris_excitations import RisSettings, calculate_ris_excitations  # noqa: E402
from clustermodel.electronic.specification import build_specification  # noqa: E402
from tests.benchmarks.electronic.clusters import CLUSTERS  # noqa: E402

BRIGHT = 0.02  # oscillator strength


def compare(name, number):
    """Return the comparison of one cluster."""
    built = CLUSTERS[name]()
    chosen = build_specification("dft", built.elements, charge=built.charge, grid=1)
    start = time.process_time()
    states = run_field(built.elements, built.positions, chosen)
    field = time.process_time() - start
    result = PyscfEngine().calculate_states(built.elements, built.positions, chosen)
    start = time.process_time()
    full = calculate_casida(result, states, number=number)
    slow = time.process_time() - start
    above = float(full.energies_ev[-1]) + 0.5
    rows = {"cluster": name, "gap_ev": result.gap_ev, "field_cpu_s": field, "casida_cpu_s": slow}
    rows["casida_ev"], rows["casida_strengths"] = full.energies_ev.tolist(), full.strengths.tolist()
    for label, settings in {
        "sp": RisSettings(largest_gap_ev=1e9, up_to_ev=above),
        "sp, 12 eV": RisSettings(largest_gap_ev=12.0, up_to_ev=above),
        "s": RisSettings(auxiliary="s", largest_gap_ev=1e9, up_to_ev=above),
    }.items():
        start = time.process_time()
        ris = calculate_ris_excitations(result, settings)
        fast = time.process_time() - start
        rows[label] = {**match(full, ris), "cpu_s": fast, "times_faster": slow / fast, "roots": len(ris)}
    return rows


def match(full, ris):
    """Match roots by overlap and return the deviations."""
    places = {pair: k for k, pair in enumerate(zip(full.pairs.occupied, full.pairs.empty, strict=True))}
    rows = [places[pair] for pair in zip(ris.pairs.occupied, ris.pairs.empty, strict=True)]
    overlap = np.abs(full.amplitudes[rows].T @ ris.amplitudes)
    ours, theirs = linear_sum_assignment(-overlap)
    deviation = ris.energies_ev[theirs] - full.energies_ev[ours]
    bright = full.strengths[ours] >= BRIGHT
    pair = np.array([full.strengths[ours], ris.strengths[theirs]])
    return {
        "bright": int(bright.sum()),
        "mean_ev": float(np.abs(deviation[bright]).mean()) if bright.any() else None,
        "largest_ev": float(np.abs(deviation[bright]).max()) if bright.any() else None,
        "mean_all_ev": float(np.abs(deviation).mean()),
        "correlation": float(np.corrcoef(pair)[0, 1]) if np.ptp(pair, axis=1).min() > 0 else None,
        "least_overlap": float(overlap[ours, theirs].min()),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(CLUSTERS))
    parser.add_argument("--number", type=int, default=20)
    chosen = parser.parse_args()
    for name in chosen.names:
        print(json.dumps(compare(name, chosen.number), indent=1), flush=True)


if __name__ == "__main__":
    main()
