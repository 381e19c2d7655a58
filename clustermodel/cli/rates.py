"""The job of ``clustermodel rates``."""

from pathlib import Path

from clustermodel.cli.output import Results, deliver_results
from clustermodel.errors import InputError
from clustermodel.io.record import write_record
from clustermodel.photophysics.emitters import Emitter, read_emitter, read_emitters
from clustermodel.photophysics.rates import compare_rates, list_caveats, measure_rates
from clustermodel.report.rates_figure import draw_rates_figure
from clustermodel.report.rates_tables import list_rates_tables

__all__ = ["show_rates"]


def show_rates(samples: list[str], json: str | None, output: Path | None) -> None:
    """Calculate rate constants and compare every emitter with the first.

    Parameters
    ----------
    samples : list of str
        Files, or texts ``NAME=YIELD,LIFETIME[,AVERAGE]``.
    json : str or None
        File for the document, ``-`` for standard output.
    output : Path or None
        Folder for tables and figure.

    Raises
    ------
    InputError
        If a sample cannot be used.
    """
    emitters = [emitter for sample in samples for emitter in _read(sample)]
    rates = [measure_rates(emitter) for emitter in emitters]
    bright = [emitter for emitter in emitters if 0 < emitter.quantum_yield < 1]
    comparisons = [compare_rates(bright[0], other) for other in bright[1:]]
    left_out = [e.name for e in emitters if e not in bright]
    notes = list_caveats(emitters)
    if left_out and len(emitters) > 1:
        notes = (*notes, f"Not compared, with a yield of 0 or 1: {', '.join(left_out)}.")
    document = {
        "schema": "clustermodel.rates/1",
        "emitters": [write_record(one) for one in rates],
        "comparisons": [write_record(one) for one in comparisons],
    }
    figures = (draw_rates_figure(rates),) if output is not None else ()
    tables = list_rates_tables(rates, comparisons)
    deliver_results(Results(document, tables, figures, notes), json=json, output=output)


def _read(sample: str) -> tuple[Emitter, ...]:
    if "=" in sample and not Path(sample).exists():
        return (read_emitter(sample),)
    if not Path(sample).exists():
        msg = f"{sample!r} is neither a file nor NAME=YIELD,LIFETIME such as Au21=13.10%,2.65us"
        raise InputError(msg)
    return read_emitters(sample)
