"""How fast is a global fit of transient absorption, beside pyglotaran?

    python tests/benchmarks/bench_transient.py --pyglotaran PYTHON

fits the measured map of the shared data with four exponentials, with and without an offset, a dispersion of
order three and an artifact of order three. PYTHON is an interpreter with pyglotaran 0.7.5, which needs NumPy
below 2.4. Each program runs in a process that stays open, on one thread, from the same start; the rounds
alternate, so that a busy machine slows both alike. The first round warms up and is not counted. "automatic"
is the whole of ``fit_transient`` without any start: time zero, lifetimes, several searches.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


def run_clustermodel(*, automatic):
    """Return what fits the map with clustermodel."""
    sys.path.insert(0, str(ROOT))
    import numpy as np

    from clustermodel.io.transient_readers import read_transient_map
    from clustermodel.photophysics.transient_fit import build_problem, fit_transient
    from clustermodel.photophysics.transient_problem import Point
    from clustermodel.photophysics.transient_result import FitSettings
    from clustermodel.photophysics.transient_scheme import build_parallel
    from clustermodel.photophysics.transient_solver import build_bounds, solve_problem
    from tests.data.make_transient_pyglotaran import hippius

    path, rates, irf = hippius()
    data = read_transient_map(path)
    half = (data.wavelength[-1] - data.wavelength[0]) / 200
    middle = (data.wavelength[-1] + data.wavelength[0]) / 2
    assert abs(middle - irf["middle"]) < 1  # the powers of both programs are about the same wavelength
    powers = np.array([irf["center"], irf["d1"] * half, irf["d2"] * half**2, irf["d3"] * half**3])
    point = Point(np.array(list(rates.values())), irf["width"], np.polynomial.legendre.poly2leg(powers))

    def fit(offset):
        scheme = build_parallel(4, offset=offset)
        start = time.perf_counter()
        if automatic:
            found = fit_transient(data, scheme)
            taus, evaluations, rms = found.time_constants_ps, found.evaluations, found.rms
        else:
            problem = build_problem(data, scheme, FitSettings())
            bounds = build_bounds(problem, point.sigma, fixed=np.zeros(9, dtype=bool))
            found = solve_problem(problem, problem.pack(point), bounds)
            taus, evaluations = 1 / problem.unpack(found.parameters).rates, found.evaluations
            rms = (found.squares / data.signal.size) ** 0.5
        return time.perf_counter() - start, sorted(taus.tolist()), evaluations, rms

    return fit


def run_pyglotaran():
    """Return what fits the map with pyglotaran."""
    sys.path.insert(0, str(ROOT))
    import warnings

    from glotaran.optimization.optimize import optimize

    from tests.data.make_transient_pyglotaran import build_scheme, hippius, parallel, texts

    warnings.simplefilter("ignore")
    path, rates, irf = hippius()
    schemes = {o: build_scheme(path, *texts(*parallel(4, offset=o), rates, irf)) for o in (False, True)}

    def fit(offset):
        start = time.perf_counter()
        result = optimize(schemes[offset], verbose=False, raise_exception=True)
        seconds = time.perf_counter() - start
        found = [p.value for p in result.optimized_parameters.all() if p.label.startswith("rates.k")]
        rms = (2 * result.cost / result.data["dataset1"].data.size) ** 0.5
        taus = sorted(1 / float(rate) for rate in found)
        return seconds, taus, int(result.number_of_function_evaluations), float(rms)

    return fit


def serve(name):
    """Fit for every line on standard input: 0 without offset, 1 with."""
    out = sys.stdout
    sys.stdout = sys.stderr  # what a program prints does not belong to the answers
    fit = run_pyglotaran() if name == "pyglotaran" else run_clustermodel(automatic=name == "automatic")
    for line in sys.stdin:
        seconds, taus, evaluations, rms = fit(line.strip() == "1")
        reply = {"seconds": seconds, "taus": taus, "evaluations": evaluations, "rms": rms}
        out.write(json.dumps(reply) + "\n")
        out.flush()


def ask(process, offset):
    process.stdin.write(f"{int(offset)}\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def start_process(name, python):
    return subprocess.Popen(
        [python, __file__, "--worker", name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **ONE_THREAD},
    )


def compare(processes, offset, rounds):
    print(f"\nfour exponentials{', offset' * offset}; load average {os.getloadavg()[0]:.1f}")
    replies = {name: [] for name in processes}
    for _ in range(rounds + 1):
        for name, process in processes.items():
            replies[name].append(ask(process, offset))
    medians = {}
    for name, (_, *found) in replies.items():
        medians[name] = statistics.median(reply["seconds"] for reply in found)
        seconds = " ".join(f"{reply['seconds']:.2f}" for reply in found)
        taus = " ".join(f"{tau:.5g}" for tau in found[-1]["taus"])
        print(
            f"{name:13s} median {medians[name]:6.2f} s ({seconds}), {found[-1]['evaluations']} evaluations, "
            f"residual {found[-1]['rms']:.6e}, {taus} ps"
        )
    for name in ("clustermodel", "automatic"):
        if "pyglotaran" in medians:
            print(f"pyglotaran takes {medians['pyglotaran'] / medians[name]:.1f} times as long as {name}")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pyglotaran", help="interpreter with pyglotaran; else clustermodel alone")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--worker", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.worker:
        serve(chosen.worker)
        return
    programs = {"clustermodel": sys.executable, "automatic": sys.executable}
    if chosen.pyglotaran:
        programs["pyglotaran"] = chosen.pyglotaran
    processes = {name: start_process(name, python) for name, python in programs.items()}
    for offset in (False, True):
        compare(processes, offset, chosen.rounds)
    for process in processes.values():
        process.stdin.close()
        process.wait()


if __name__ == "__main__":
    main()
