"""Any value becomes JSON and comes back."""

import json
import math
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.errors import InputError
from clustermodel.io.record import describe_record, format_record, read_record, write_record


class Place(NamedTuple):
    x: float
    y: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Inner:
    name: str
    value: float = field(metadata={"unit": "Å"})


@dataclass(frozen=True, kw_only=True, eq=False)
class Outer:
    kind: Literal["one", "two"]
    inner: Inner | None
    many: tuple[Inner, ...]
    pair: tuple[str, int]
    place: Place
    numbers: dict[str, tuple[float, ...]]
    points: FloatArray
    atoms: IntArray
    flag: bool


def outer(value, text, whole):
    inner = Inner(name=text, value=value)
    return Outer(
        kind="two",
        inner=None if whole % 2 else inner,
        many=(inner,) * (whole % 3),
        pair=(text, whole),
        place=Place(value, 1.0),
        numbers={"a": (value,), text: ()},
        points=np.array([[value, math.nan], [0.0, 1.5]]),
        atoms=np.array([whole, 2]),
        flag=bool(whole % 2),
    )


def equal(a, b):
    return format_record(a) == format_record(b)


@given(st.floats(), st.text(max_size=5), st.integers(-(2**50), 2**50))
def test_round_trip_keeps_everything(value, text, whole):
    made = outer(value, text, whole)
    record = json.loads(format_record(made))
    jsonschema.validate(record, describe_record(Outer))
    back = read_record(Outer, record)
    assert equal(made, back)
    assert type(back.place) is Place
    assert back.points.dtype == np.float64
    assert math.isnan(back.points[0, 1])
    if math.isfinite(value):
        assert back.place.x == value  # all digits


def test_unit_of_a_field_is_in_the_schema():
    assert describe_record(Inner)["properties"]["value"] == {
        "type": ["number", "null"],
        "description": "in Å",
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "three"}, "Outer.kind"),
        ({"pair": ["a"]}, "Outer.pair"),
        ({"pair": ["a", 1.5]}, "Outer.pair[1]"),
        ({"inner": {"name": 3, "value": 1.0}}, "Outer.inner.name"),
        ({"inner": {"name": "a"}}, "name, value"),
        ({"flag": 1}, "Outer.flag"),
        ({"numbers": {"a": [True]}}, "Outer.numbers.a[0]"),
        ({"extra": 1}, "Outer"),
    ],
)
def test_what_does_not_fit_is_named(change, said):
    record = {**write_record(outer(1.0, "x", 2)), **change}
    with pytest.raises(InputError, match=said.replace("[", r"\[").replace("]", r"\]")):
        read_record(Outer, record)


def test_other_objects_are_refused():
    with pytest.raises(TypeError, match="object"):
        write_record({"bad": object()})
    with pytest.raises(TypeError, match="no place in a record"):
        describe_record(set[int])
