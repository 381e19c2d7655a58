"""Write transient_pyglotaran.json: fits of transient absorption by pyglotaran.

Needs pyglotaran 0.7.5, which is no dependency of the project (it needs NumPy below 2.4):
``pip install "pyglotaran==0.7.5" "numpy<2.4"`` in an environment of its own, then
``python tests/data/make_transient_pyglotaran.py``. The measured map is read from the shared data
(CLUSTERMODEL_DATA, else ../shared/data) and is not copied; the simulated ones are made on the spot.
"""

import importlib.metadata
import json
import os
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from clustermodel.io.transient_writer import write_explicit_ascii  # noqa: E402 - the checkout comes first
from clustermodel.photophysics.transient_scheme import KineticScheme, Transfer  # noqa: E402
from clustermodel.photophysics.transient_simulation import simulate_transient  # noqa: E402

HEAD = """
dataset:
  dataset1: {{megacomplex: [decay, artifact], initial_concentration: input, irf: irf}}
megacomplex:
  decay: {{type: decay, k_matrix: [kinetics]}}
  artifact: {{type: coherent-artifact, order: 3}}
irf:
  irf:
    type: spectral-gaussian
    center: irf.center
    width: irf.width
    dispersion_center: irf.middle
    center_dispersion_coefficients: [irf.d1, irf.d2, irf.d3]
initial_concentration:
  input: {{compartments: [{compartments}], parameters: [{initial}]}}
k_matrix:
  kinetics:
    matrix:
{entries}
"""
PARAMETERS = "rates:\n{rates}\ninput:\n{amounts}\nirf:\n{irf}\n"


def parallel(count, *, offset):
    """Return arrows and initial amounts of decays on their own; the rate z is zero."""
    arrows = {(i, i): f"k{i + 1}" for i in range(count)}
    if offset:
        arrows[count, count] = "z"
    return arrows, [1.0] * (count + offset)


def texts(arrows, amounts, rates, irf, held=()):
    """Return model and parameters as pyglotaran reads them."""
    names = [f"s{i + 1}" for i in range(len(amounts))]
    model = HEAD.format(
        compartments=", ".join(names),
        initial=", ".join(f"input.amount{i}" for i in range(len(amounts))),
        entries="\n".join(
            f"      ({names[to]}, {names[start]}): rates.{rate}" for (to, start), rate in arrows.items()
        ),
    )
    lines = [f"  - [{name}, {value!r}{', {vary: false}' * (name in held)}]" for name, value in rates.items()]
    lines += ["  - [z, 0.0, {vary: false}]"]
    held = [f"  - [amount{i}, {amount}, {{vary: false}}]" for i, amount in enumerate(amounts)]
    response = [f"  - [{name}, {value!r}]" for name, value in irf.items() if name != "middle"]
    response += [f"  - [middle, {irf['middle']!r}, {{vary: false}}]"]
    parameters = PARAMETERS.format(rates="\n".join(lines), amounts="\n".join(held), irf="\n".join(response))
    return model, parameters


def build_scheme(path, model, parameters, *, most=None):
    """Return what pyglotaran optimizes."""
    from glotaran.io import load_dataset, load_model, load_parameters
    from glotaran.project.scheme import Scheme

    return Scheme(
        model=load_model(model, format_name="yml_str"),
        parameters=load_parameters(parameters, format_name="yml_str"),
        data={"dataset1": load_dataset(path)},
        maximum_number_function_evaluations=most,
    )


def hippius():
    """Return the path of the measured map, and where a fit of it starts."""
    folder = Path(os.environ.get("CLUSTERMODEL_DATA") or ROOT.parent / "shared" / "data")
    irf = {"center": 1.35, "width": 0.06, "d1": 0.2, "d2": -0.07, "d3": 0.01, "middle": 616.0}
    rates = {"k1": 16.0, "k2": 0.5, "k3": 0.05, "k4": 0.02}
    return str(folder / "photophysics" / "hippius2007.ascii"), rates, irf


def simulated():
    """Return simulated maps with schemes, by name: arrows, amounts, rates, held, map."""
    chain = KineticScheme(
        kind="target",
        species=("a", "b", "c"),
        rates=("k1", "k2", "k3"),
        transfers=(Transfer(0, 1, 0), Transfer(1, 2, 1), Transfer(2, None, 2)),
        initial=(1.0, 0.0, 0.0),
    )
    back = KineticScheme(
        kind="target",
        species=("a", "b"),
        rates=("k1", "k2", "k3"),
        transfers=(Transfer(0, 1, 0), Transfer(1, 0, 1), Transfer(1, None, 2)),
        initial=(1.0, 0.0),
        fixed=(False, True, False),  # two exponentials determine two of the three rates
    )
    lifetimes = {"chain": (0.5, 8.0, 200.0), "back": (2.0, 5.0, 30.0)}
    found = {}
    for name, scheme in (("chain", chain), ("back", back)):
        data, truth = simulate_transient(lifetimes_ps=lifetimes[name], scheme=scheme, noise=0.02, seed=5)
        arrows = {
            (source if target is None else target, source): scheme.rates[rate]
            for source, target, rate in scheme.transfers
        }
        held = {rate for rate, fixed in zip(scheme.rates, scheme.fixed, strict=False) if fixed}
        rates = dict(zip(scheme.rates, truth.rates.tolist(), strict=True))
        found[name] = (arrows, list(scheme.initial), rates, held, data)
    return found


def answer(scheme):
    """Optimize and return rates, response, their uncertainties and the sum of squares."""
    from glotaran.optimization.optimize import optimize

    result = optimize(scheme, verbose=False, raise_exception=True)
    wanted = ("rates.k", "irf.width")
    return {
        "sum_of_squares": 2 * float(result.cost),
        "rms": float(result.root_mean_square_error),
        "evaluations": int(result.number_of_function_evaluations),
        "success": bool(result.success),
        "parameters": {
            p.label: [float(p.value), float(p.standard_error)]
            for p in result.optimized_parameters.all()
            if p.label.startswith(wanted) and p.vary
        },
    }


def main():
    """Fit all maps and write the answers."""
    warnings.simplefilter("ignore")
    found = {"program": f"pyglotaran {importlib.metadata.version('pyglotaran')}", "fits": {}}
    path, rates, irf = hippius()
    for offset in (False, True):
        arrows, amounts = parallel(4, offset=offset)
        scheme = build_scheme(path, *texts(arrows, amounts, rates, irf), most=40)
        found["fits"][f"hippius, 4 exponentials{', offset' * offset}"] = answer(scheme)
    with tempfile.TemporaryDirectory() as folder:
        for name, (arrows, amounts, truth, held, data) in simulated().items():
            file = Path(folder) / f"{name}.ascii"
            write_explicit_ascii(data, file)
            start = {rate: value if rate in held else 1.3 * value for rate, value in truth.items()}
            near = {"center": 0.5, "width": 0.1, "d1": 0.2, "d2": -0.1, "d3": 0.05, "middle": 625.0}
            found["fits"][f"simulated, {name}"] = answer(
                build_scheme(str(file), *texts(arrows, amounts, start, near, held), most=40)
            )
    found["seed"] = "clustermodel.photophysics.transient_simulation, noise 0.02, seed 5"
    found["numpy"] = np.__version__
    target = Path(__file__).with_name("transient_pyglotaran.json")
    target.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
