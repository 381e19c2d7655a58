"""How fast are the molecules of real files found, beside other programs, and how does it grow with size?

    python tests/benchmarks/bench_assembly.py --venvs FOLDER

makes one environment per program in FOLDER (their requirements conflict), then reads the files of the shared
data in turn with each. See README.md beside this file.
"""

import argparse
import json
import queue
import statistics
import subprocess
import sys
import threading
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from tests.datafiles import data_files  # noqa: E402 - the checkout is put on the path first

OURS = "clustermodel"
PEERS = ("chmpy", "molcrys-kit", "ase")
AU25 = "COD_1540567"


class Program:
    """One program in a process of its own that is started again if it hangs."""

    def __init__(self, name, python, limit):
        self.name, self.python, self.limit = name, python, limit
        self.peak_mb = 0.0
        self.process = self.replies = None

    def start(self):
        self.process = subprocess.Popen(
            [self.python, str(HERE / "worker.py"), self.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.replies = queue.Queue()
        threading.Thread(target=self.listen, args=(self.process, self.replies), daemon=True).start()

    @staticmethod
    def listen(process, replies):
        for line in process.stdout:
            replies.put(line)
        replies.put("")

    def read(self, path):
        if self.process is None or self.process.poll() is not None:
            self.start()
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        try:
            line = self.replies.get(timeout=self.limit)
        except queue.Empty:
            self.stop()
            return {"error": f"more than {self.limit} s"}
        if not line:
            return {"error": "the process ended"}
        reply = json.loads(line)
        self.peak_mb = max(self.peak_mb, reply["peak_mb"])
        return reply

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def environment(folder, name):
    """Return the interpreter of a program's environment, made and filled on first use."""
    home = folder / name
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
    known = subprocess.run([python, "-m", "pip", "show", "-q", name], capture_output=True, check=False)
    if known.returncode:
        subprocess.run([python, "-m", "pip", "install", "-q", name], check=True)
    return str(python)


def measure(programs, files, rounds):
    """Read every file with every program in turn, `rounds` times; return the replies by program and file."""
    replies = {p.name: {} for p in programs}
    for number in range(rounds + 1):  # the first round warms up imports and caches
        for path in files:
            for program in programs:
                previous = replies[program.name].get(path)
                if previous and "error" in previous[-1]:
                    continue
                reply = program.read(path)
                if number or "error" in reply:
                    replies[program.name].setdefault(path, []).append(reply)
    return replies


def median_seconds(replies):
    times = [r["seconds"] for r in replies if "seconds" in r]
    return statistics.median(times) if times else None


def report(replies, programs, files):
    print(f"{'file':44s}" + "".join(f"{p.name:>15s}" for p in programs))
    for path in files:
        cells = [median_seconds(replies[p.name][path]) for p in programs]
        print(f"{path.stem[:43]:44s}" + "".join(f"{c:15.3f}" if c else f"{'-':>15s}" for c in cells))
    print("\nprogram          read  same molecules  median s  median ratio to ours   peak MB")
    for program in programs:
        done = [p for p in files if median_seconds(replies[program.name][p])]
        same = sum(
            replies[program.name][p][-1]["formulas"] == replies[OURS][p][-1].get("formulas") for p in done
        )
        times = [median_seconds(replies[program.name][p]) for p in done]
        ratios = [t / median_seconds(replies[OURS][p]) for t, p in zip(times, done, strict=True)]
        print(
            f"{program.name:15s} {len(done):3d}/{len(files):<3d} {same:12d} {statistics.median(times):11.3f}"
            f" {statistics.median(ratios):18.1f} {program.peak_mb:14.0f}"
        )
    for program in programs:
        for path in files:
            error = replies[program.name][path][-1].get("error")
            if error:
                print(f"  {program.name}: {path.stem}: {error}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--venvs", type=Path, help="folder for the environments of the other programs")
    parser.add_argument("--rounds", type=int, default=3, help="times each file is read (default 3)")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for one file (default 60)")
    parser.add_argument("--no-size", action="store_true", help="leave out growth with size and memory")
    options = parser.parse_args()
    files = data_files("cif", "*.cif")
    if not files:
        sys.exit("shared test data absent: cif (set CLUSTERMODEL_DATA)")
    programs = [Program(OURS, sys.executable, options.limit)]
    if options.venvs:
        programs += [Program(name, environment(options.venvs, name), options.limit) for name in PEERS]
    report(measure(programs, files, options.rounds), programs, files)
    au25 = next(path for path in files if path.stem.startswith(AU25))
    times = [programs[0].read(au25)["seconds"] for _ in range(20)]
    print(f"\n{au25.stem}: read and assembled in {statistics.median(times):.3f} s (median of 20)")
    for program in programs:
        program.stop()
    if not options.no_size:
        subprocess.run([sys.executable, str(HERE / "bench_size.py")], check=True)


if __name__ == "__main__":
    main()
