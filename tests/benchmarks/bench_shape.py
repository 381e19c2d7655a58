"""How fast are shape measures, beside cosymlib?

    python tests/benchmarks/bench_shape.py --cosymlib PYTHON

PYTHON is the interpreter of an environment with cosymlib. The polyhedra of ``tests/data/cshm_cosymlib.json``
(ideal and distorted, 4 to 12 corners) and, where the shared data are at hand, the twelve atoms around the
centre of Au25 are measured by each program in turn, case by case, so that a busy machine slows all alike.
Each runs in one process that stays open. cosymlib proves nothing, so clustermodel is measured without its
proof; with ``--proof`` a second time with it, which takes seconds for sets that are hardly polyhedra.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve()
ROOT = HERE.parents[2]
AU25 = "xyz/au25_pet18_-1_opt.xyz"
NAMES = ("clustermodel", "clustermodel, proved", "cosymlib")
SAME = 1e-3  # cosymlib's reference coordinates have 8 digits; its measures agree to 1e-4


def measure_with_clustermodel(*, certify):
    sys.path.insert(0, str(ROOT))
    from clustermodel.analysis.shape import ShapeSettings, measure_shape

    settings = ShapeSettings(certify=certify)
    return lambda points, code: measure_shape(points, code, settings=settings).measure


def measure_with_cosymlib():
    import numpy as np
    from cosymlib.shape import Shape

    return lambda points, code: float(Shape(np.array(points)).measure(code, central_atom=0))


def work(name):
    """Measure what comes on standard input, one JSON line each."""
    out, sys.stdout = sys.stdout, sys.stderr
    certify = name.endswith("proved")
    measure = measure_with_cosymlib() if name == "cosymlib" else measure_with_clustermodel(certify=certify)
    for line in sys.stdin:
        case = json.loads(line)
        start = time.perf_counter()
        value = measure(case["points"], case["code"])
        out.write(json.dumps({"seconds": time.perf_counter() - start, "measure": value}) + "\n")
        out.flush()


class Program:
    """One program in a process of its own."""

    def __init__(self, name, python):
        self.name = name
        self.process = subprocess.Popen(
            [python, str(HERE), "--worker", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def measure(self, case):
        self.process.stdin.write(json.dumps({"points": case["points"], "code": case["code"]}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name}: the process ended; is it installed for the interpreter given?")
        return json.loads(line)


def list_cases():
    stored = json.loads((ROOT / "tests" / "data" / "cshm_cosymlib.json").read_text(encoding="utf-8"))
    for case in stored["distorted"]:
        for code in case["measures"]:
            yield {"name": case["name"], "points": case["points"], "code": code}
    sys.path.insert(0, str(ROOT))
    from tests.datafiles import data_files

    for path in data_files("xyz", Path(AU25).name):
        import numpy as np

        lines = path.read_text(encoding="utf-8").splitlines()[2:]
        gold = np.array([line.split()[1:4] for line in lines if line.split()[0] == "Au"], dtype=float)
        inner = gold[np.argmin(np.linalg.norm(gold - gold.mean(axis=0), axis=1))]
        shell = gold[np.argsort(np.linalg.norm(gold - inner, axis=1))[1:13]]
        for code in ("IC-12", "COC-12", "ACOC-12"):
            yield {"name": "Au25", "points": shell.tolist(), "code": code}


def report(cases, programs, replies):
    sizes = sorted({len(case["points"]) for case in cases})
    print(f"{'corners':>7s} {'cases':>6s}" + "".join(f"{p.name + ' / ms':>26s}" for p in programs))
    for size in sizes:
        places = [k for k, case in enumerate(cases) if len(case["points"]) == size]
        times = [1000 * statistics.median(replies[p.name][k]["seconds"] for k in places) for p in programs]
        print(f"{size:7d} {len(places):6d}" + "".join(f"{t:26.1f}" for t in times))
    for program in programs[:-1]:
        ours, theirs = replies[program.name], replies[programs[-1].name]
        ratios = [b["seconds"] / a["seconds"] for a, b in zip(ours, theirs, strict=True)]
        gaps = [abs(a["measure"] - b["measure"]) for a, b in zip(ours, theirs, strict=True)]
        print(
            f"{programs[-1].name} over {program.name}: median ratio {statistics.median(ratios):.1f}, "
            f"total {sum(r['seconds'] for r in theirs) / sum(r['seconds'] for r in ours):.1f}; "
            f"{sum(gap <= SAME for gap in gaps)} of {len(gaps)} measures the same"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cosymlib", metavar="PYTHON", help="interpreter of an environment with cosymlib")
    parser.add_argument("--proof", action="store_true", help="measure clustermodel with its proof as well")
    parser.add_argument("--rounds", type=int, default=3, help="times each case is measured (default 3)")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker)
        return
    pythons = [sys.executable, sys.executable if options.proof else None, options.cosymlib]
    programs = [Program(*pair) for pair in zip(NAMES, pythons, strict=True) if pair[1]]
    cases = list(list_cases())
    replies = {program.name: [] for program in programs}
    for program in programs:
        program.measure(cases[0])  # imports and caches
    for case in cases:
        for program in programs:
            answers = [program.measure(case) for _ in range(options.rounds)]
            replies[program.name].append(min(answers, key=lambda answer: answer["seconds"]))
    report(cases, programs, replies)
    for program in programs:
        program.process.kill()


if __name__ == "__main__":
    main()
