"""Does the table of sites keep its columns together?"""

import numpy as np
import pytest

from clustermodel.structure.sites import Sites


def table(n=3, **changes):
    columns = {
        "labels": tuple(f"C{i}" for i in range(n)),
        "elements": ("C",) * n,
        "fract": np.arange(3.0 * n).reshape(n, 3),
        "fract_su": np.zeros((n, 3)),
        "fract_step": np.zeros((n, 3)),
        "u_iso": np.arange(n) / 10,
        "u_aniso": np.zeros((n, 6)),
        "occupancy": np.linspace(0.1, 1, n),
        "assembly": ("",) * n,
        "part": np.arange(n),
        "calculated": np.zeros(n, dtype=bool),
        "residue": ("",) * n,
    }
    return Sites(**(columns | changes))


def test_select_takes_whole_rows_in_the_order_asked_for():
    chosen = table().select(np.array([2, 0]))
    assert chosen.labels == ("C2", "C0")
    assert chosen.fract.tolist() == [[6, 7, 8], [0, 1, 2]]
    assert chosen.part.tolist() == [2, 0]
    assert chosen.occupancy.tolist() == [1.0, 0.1]
    assert len(chosen) == 2
    assert len(table().select(np.array([], dtype=int))) == 0


@pytest.mark.parametrize("name", ["elements", "assembly", "residue"])
def test_columns_of_text_must_be_as_long_as_the_labels(name):
    with pytest.raises(ValueError, match=f"{name} has 2 entries, expected 3"):
        table(**{name: ("C", "C")})


@pytest.mark.parametrize(
    ("name", "value"), [("fract", np.zeros((3, 2))), ("u_iso", np.zeros(2)), ("u_aniso", np.zeros((3, 3)))]
)
def test_columns_of_numbers_must_have_their_shape(name, value):
    with pytest.raises(ValueError, match=name):
        table(**{name: value})


def test_changes_give_a_new_table_and_leave_the_old_one():
    old = table()
    assert old.with_labels(("A", "B", "C")).labels == ("A", "B", "C")
    assert old.with_occupancy(np.ones(3)).occupancy.tolist() == [1, 1, 1]
    assert old.with_residues(("PET 1",) * 3).residue == ("PET 1",) * 3
    assert (old.labels, old.occupancy[0], old.residue) == (("C0", "C1", "C2"), 0.1, ("", "", ""))
    with pytest.raises(ValueError, match="read-only"):
        old.occupancy[0] = 1.0
