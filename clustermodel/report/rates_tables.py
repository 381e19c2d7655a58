"""Which tables do quantum yields and lifetimes yield? Rate constants and what changed the yield."""

import math
from collections.abc import Sequence

from clustermodel.photophysics.rates import RateComparison, Rates
from clustermodel.report.table import Cell, Column, Measured, Table

__all__ = ["list_rates_tables"]

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def list_rates_tables(rates: Sequence[Rates], comparisons: Sequence[RateComparison]) -> tuple[Table, ...]:
    """Make the tables of rate constants and of their comparison.

    Parameters
    ----------
    rates : sequence of Rates
        Rate constants of each emitter.
    comparisons : sequence of RateComparison
        Comparisons with the first emitter; may be empty.

    Returns
    -------
    tuple of Table
        Rates, and comparisons where there are any.
    """
    power = _find_power([x for one in rates for x in (one.radiative, one.nonradiative)])
    unit = f"10{str(power).translate(_SUPERSCRIPT)} s⁻¹" if power else "s⁻¹"
    slow = max((one.emitter.lifetime_us for one in rates), default=1.0) >= 1
    tables = [
        Table(
            name="rates",
            title="Rate constants",
            columns=(
                Column("emitter"),
                Column("QY", "%", 2),
                Column("τ", "µs" if slow else "ns", 3),
                Column("average"),
                Column("k_r", unit, 2),
                Column("k_nr", unit, 2),
                Column("k_nr/k_r", digits=2),
            ),
            rows=tuple(_rates_row(one, 10.0**power, 1.0 if slow else 1e3) for one in rates),
            caption="k_r = QY/τ, k_nr = (1 - QY)/τ; uncertainties propagated linearly, QY and τ independent.",
        )
    ]
    if comparisons:
        tables.append(
            Table(
                name="rate-comparison",
                title="What changed the quantum yield",
                columns=(
                    Column("pair"),
                    Column("k_r factor", digits=3),
                    Column("k_nr factor", digits=3),
                    Column("k_r share", "%", 0),
                    Column("k_nr share", "%", 0),
                    Column("QY, k_r alone", "%", 1),
                    Column("QY, k_nr alone", "%", 1),
                ),
                rows=tuple(_comparison_row(one) for one in comparisons),
                caption=(
                    "Shares of the change of ln[QY/(1 - QY)] = ln k_r - ln k_nr; a negative share works "
                    "against the "
                    "other. QY alone: the first emitter with one rate constant of the second."
                ),
            )
        )
    return tuple(tables)


def _find_power(values: Sequence[float]) -> int:
    """Return the power of ten, a multiple of three, that brings the largest number to 1 to 1000."""
    largest = max(values, default=0.0)
    return 3 * math.floor(math.log10(largest) / 3) if largest > 0 else 0


def _rates_row(one: Rates, scale: float, time: float) -> tuple[Cell, ...]:
    emitter = one.emitter
    return (
        emitter.name,
        Measured(100 * emitter.quantum_yield, 100 * emitter.quantum_yield_su),
        Measured(emitter.lifetime_us * time, emitter.lifetime_us_su * time),
        emitter.average,
        Measured(one.radiative / scale, one.radiative_su / scale),
        Measured(one.nonradiative / scale, one.nonradiative_su / scale),
        one.ratio,
    )


def _comparison_row(one: RateComparison) -> tuple[Cell, ...]:
    return (
        f"{one.second} against {one.first}",
        Measured(one.radiative_factor, one.radiative_factor_su),
        Measured(one.nonradiative_factor, one.nonradiative_factor_su),
        _percent(one.radiative_share, one.share_su),
        _percent(one.nonradiative_share, one.share_su),
        100 * one.yield_if_radiative,
        100 * one.yield_if_nonradiative,
    )


def _percent(value: float | None, su: float | None) -> Cell:
    return None if value is None else Measured(100 * value, 100 * (su or 0.0))
