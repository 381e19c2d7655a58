"""One contract for all analyses: a new module in clustermodel/analysis is held to it without registration."""

import dataclasses
import importlib
import inspect
import pkgutil
import typing

import jsonschema
import pytest

import clustermodel.analysis
from clustermodel.assembly.molecules import Assembly
from clustermodel.cluster.cluster import Cluster
from clustermodel.io.record import describe_record, format_record, read_record, write_record
from clustermodel.pipeline.analyze import analyze
from clustermodel.structure.crystal import Crystal

_VERBS = ("find_", "classify_", "measure_", "count_", "compare_")
_VALUES = (Cluster, Assembly, Crystal)


def list_analyses():
    """Return the public functions of a cluster, an assembly or a crystal whose result holds settings."""
    found = []
    for module in pkgutil.iter_modules(clustermodel.analysis.__path__):
        loaded = importlib.import_module(f"clustermodel.analysis.{module.name}")
        for name in loaded.__all__:
            function = getattr(loaded, name)
            if not inspect.isfunction(function) or function.__module__ != loaded.__name__:
                continue
            hints = typing.get_type_hints(function)
            kind, first = hints["return"], next(iter(hints.values()))
            holds = dataclasses.is_dataclass(kind) and "settings" in {
                f.name for f in dataclasses.fields(kind)
            }
            if holds and first in _VALUES:
                found.append(pytest.param(function, kind, id=f"{module.name}.{name}"))
    return found


ANALYSES = list_analyses()


def test_the_analyses_are_found():
    assert (
        len(ANALYSES) >= 10
    )  # bonds, units, local packing, blocks, symmetry, size, chirality, staples, packing, contacts


@pytest.mark.parametrize(("function", "kind"), ANALYSES)
def test_signature(function, kind):
    assert function.__name__.startswith(_VERBS)
    parameters = list(inspect.signature(function).parameters.values())
    settings = next(p for p in parameters if p.name == "settings")
    assert settings.kind is inspect.Parameter.KEYWORD_ONLY
    assert settings.default is None
    optional = [p for p in parameters if p.default is not inspect.Parameter.empty]
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in optional), "choices are keyword-only"


def list_classes(kind, seen=None):
    """Return the classes that a result is made of."""
    seen = {} if seen is None else seen
    if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind not in seen:
        seen[kind] = None
        for hint in typing.get_type_hints(kind).values():
            list_classes(hint, seen)
    for part in typing.get_args(kind):
        list_classes(part, seen)
    return tuple(seen)


@pytest.mark.parametrize(("function", "kind"), ANALYSES)
def test_result_is_frozen_and_its_numbers_have_units(function, kind):
    for one in list_classes(kind):
        assert one.__dataclass_params__.frozen, one
        assert hasattr(one, "__slots__"), one
        hints = typing.get_type_hints(one)
        for part in dataclasses.fields(one):
            numeric = hints[part.name] is float or float in typing.get_args(hints[part.name])
            assert not numeric or "unit" in part.metadata, f"{one.__name__}.{part.name} has no unit"


@pytest.mark.parametrize(("function", "kind"), ANALYSES)
def test_documentation(function, kind):
    text = inspect.getdoc(function)
    assert ">>> " in text, "an example that runs"
    for section in ("Parameters", "Returns"):
        assert f"\n{section}\n---" in text
    described = inspect.getdoc(kind)
    for part in dataclasses.fields(kind):
        assert part.name in described


@pytest.fixture(scope="module")
def analysis():
    return analyze("model:au25_sch3_18_nme4")[0]


def call(function, analysis):
    """Call an analysis with the values that its required parameters name."""
    one = analysis.clusters[0]
    at_hand = {
        "cluster": one.cluster,
        "anatomy": one.anatomy,
        "molecule": one.cluster.molecule,
        "electrons": one.electron_count.value,
        "assembly": analysis.assembly,
        "crystal": analysis.crystal,
        "clusters": [(one.cluster, one.anatomy)],
    }
    needed = [
        p.name
        for p in inspect.signature(function).parameters.values()
        if p.default is inspect.Parameter.empty
    ]
    missing = [name for name in needed if name not in at_hand]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}: has a test of its own")
    return function(*(at_hand[name] for name in needed))


@pytest.mark.parametrize(("function", "kind"), ANALYSES)
def test_result_becomes_json_and_comes_back(function, kind, analysis):
    result = call(function, analysis)
    assert isinstance(result, kind)
    record = write_record(result)
    jsonschema.validate(record, describe_record(kind))
    assert format_record(read_record(kind, record)) == format_record(result)


@pytest.mark.parametrize(("function", "kind"), ANALYSES)
def test_same_input_same_result(function, kind, analysis):
    assert format_record(call(function, analysis)) == format_record(call(function, analysis))
