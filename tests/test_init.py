"""Do the names of the package itself load what they say, on first use?"""

import ast
import importlib
import tomllib

import pytest

import clustermodel
from tests.datafiles import ROOT


def names_for_type_checkers() -> dict[str, str]:
    """Return name -> module of the imports that only type checkers follow."""
    tree = ast.parse((ROOT / "clustermodel" / "__init__.py").read_text(encoding="utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    return {alias.name: node.module for node in guarded.body for alias in node.names}


@pytest.mark.parametrize("name", clustermodel.__all__)
def test_name_is_the_object_of_its_module(name):
    module = importlib.import_module(names_for_type_checkers()[name])
    assert getattr(clustermodel, name) is getattr(module, name)


def test_type_checkers_see_the_same_names():
    assert sorted(names_for_type_checkers()) == sorted(clustermodel.__all__)


def test_names_are_listed_before_they_are_loaded():
    assert set(clustermodel.__all__) <= set(dir(clustermodel))


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'graphene'"):
        _ = clustermodel.graphene


def test_version_is_the_one_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert clustermodel.__version__ in {
        project["version"],
        "0+unknown",
    }  # the second where it is not installed
