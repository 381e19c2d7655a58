"""Does the package keep the promises of its design that no linter checks?"""

import ast
import dataclasses
import functools
import importlib
import importlib.metadata
import importlib.util
import inspect
import pydoc
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from numpydoc.validate import validate
from packaging.requirements import Requirement

from tests.datafiles import ROOT

PACKAGE = ROOT / "clustermodel"
SOURCES = sorted(PACKAGE.rglob("*.py"))

MAX_LINES = 400  # a module longer than this answers more than one question
MAX_PUBLIC_METHODS = 15

# What is wanted of a docstring. Left out: where quotes stand (GL01, GL02: the linter's); an extended summary,
# See Also and an example (ES01, SA01, EX01: welcome, not always needed); capital letters and full stops
# (PR05 to PR09, RT02 to RT05).
DOCSTRING_CHECKS = {
    "GL03": "one blank line at a time",
    "GL06": "known sections",
    "GL07": "sections in order",
    "GL08": "there is a docstring",
    "GL10": "directives have two colons",
    "PR01": "every parameter documented",
    "PR02": "no parameter that does not exist",
    "PR03": "parameters in order",
    "PR04": "every parameter has a type",
    "PR07": "every parameter has a description",
    "PR10": "a space before the colon",
    "RT01": "the result documented",
    "RT03": "the result described",
    "SS01": "a summary",
    "SS02": "a summary that starts with a capital",
    "SS03": "a summary that ends with a full stop",
    "SS06": "a summary of one line",
    "YD01": "what is yielded documented",
}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def syntax_tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def exported(path: Path) -> list[str] | None:
    """Return the names of `__all__`, or None where a module has none."""
    for node in syntax_tree(path).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            return list(ast.literal_eval(node.value))
    return None


def imported(path: Path) -> Iterator[str]:
    """Yield the first part of the name of every module that a file imports, wherever it stands."""
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def loaded_after(statement: str) -> set[str]:
    """Return the first parts of the names of all modules loaded by a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return {name.partition(".")[0] for name in run.stdout.split()}


def declared_requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [Requirement(text) for text in project["dependencies"]]


def heavy_modules() -> set[str]:
    """Return the module of each dependency but NumPy: not to be loaded before it is needed."""
    other_names = {"python-docx": "docx"}
    return {other_names.get(r.name, r.name) for r in declared_requirements()} - {"numpy"}


# --------------------------------------------------------------------------------- what is loaded when


def test_import_of_the_package_loads_numpy_at_most():
    assert loaded_after("import clustermodel") & heavy_modules() == set()


def test_help_of_the_command_line_loads_no_heavy_package():
    loaded = loaded_after("import clustermodel.cli.main")
    assert loaded & heavy_modules() <= {"rich", "typer"}  # the two that the command line itself is made of


def test_heavy_modules_exist_under_these_names():
    assert [name for name in heavy_modules() if importlib.util.find_spec(name) is None] == []


# ----------------------------------------------------------------------------------------- each module


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_module_keeps_the_house_style(path):
    tree = syntax_tree(path)
    assert ast.get_docstring(tree), "no docstring"
    assert exported(path) is not None, "no __all__"
    assert path.read_text(encoding="utf-8").count("\n") <= MAX_LINES, "too long: split it by purpose"
    prints = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "print"]
    assert prints == [], "the library prints nothing"
    relative = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level]
    assert relative == [], "imports are absolute"


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_class_has_few_public_methods(path):
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.ClassDef):
            methods = [n.name for n in node.body if isinstance(n, ast.FunctionDef) and n.name[0] != "_"]
            assert len(methods) <= MAX_PUBLIC_METHODS, node.name


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_exported_names_exist_and_values_are_frozen(path):
    module = importlib.import_module(module_name(path))
    for name in exported(path) or []:
        value = getattr(module, name)
        if inspect.isclass(value) and dataclasses.is_dataclass(value):
            assert value.__dataclass_params__.frozen, f"{name} can be changed after construction"
            assert "__slots__" in vars(value), f"{name} has no slots"


# ------------------------------------------------------------------------------------ outside packages


def test_only_declared_packages_are_imported():
    owners = importlib.metadata.packages_distributions()
    declared = {requirement.name.lower() for requirement in declared_requirements()}
    outside = {
        (module_name(path), name)
        for path in SOURCES
        for name in imported(path)
        if name != "clustermodel" and name not in sys.stdlib_module_names
    }
    undeclared = {
        (where, name)
        for where, name in outside
        if not declared & {owner.lower() for owner in owners.get(name, ())}
    }
    assert undeclared == set()


@pytest.mark.parametrize("name", sorted(r.name for r in declared_requirements()))
def test_no_dependency_is_under_the_gpl(name):
    data = importlib.metadata.metadata(name)
    free_text = str(data.get("License") or "").split("\n", maxsplit=1)[
        0
    ]  # some give the whole licence: its title
    stated = [str(data.get("License-Expression") or ""), free_text, *(data.get_all("Classifier") or [])]
    assert any("licen" in text.lower() for text in stated) or any(stated[:2]), "no licence stated"
    # The Lesser GPL may be imported by a program under any licence; the GPL itself may not.
    assert not any(re.search(r"(?<![A-Z])A?GPL|(?<!Lesser )General Public", text) for text in stated), stated


# ------------------------------------------------------------------------------------------ docstrings


def documented_objects() -> list[str]:
    """Return the dotted names of all public functions, classes and methods defined in the package."""
    names = []
    for path in SOURCES:
        tree = syntax_tree(path)
        public = set(exported(path) or [])
        # The docstring of a command is what its --help shows, in sentences instead of sections.
        if "cli" in path.relative_to(PACKAGE).parts:
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in public:
                names.append(f"{module_name(path)}.{node.name}")
                if isinstance(node, ast.ClassDef):
                    names += [
                        f"{module_name(path)}.{node.name}.{method.name}"
                        for method in node.body
                        if isinstance(method, ast.FunctionDef) and method.name[0] != "_"
                    ]
    return names


@pytest.mark.parametrize("name", documented_objects())
def test_docstring_has_the_numpydoc_sections(name):
    found = [(code, text) for code, text in validate(name)["errors"] if code in DOCSTRING_CHECKS]
    if getattr(pydoc.locate(name), "_is_protocol", False):  # typing gives it an __init__(*args, **kwargs)
        found = [(code, text) for code, text in found if "'*args'" not in text]
    assert found == []


# ----------------------------------------------------------------------------------- the tracked files


def tracked_files() -> list[Path]:
    """Return the files under version control, or skip where there is none (an unpacked source archive)."""
    try:
        run = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not under version control")
    return [ROOT / name for name in run.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_path_of_one_machine_and_no_package_index_in_the_files():
    roots = "home|root|Users|work|mnt|tmp|opt"
    private = re.compile(rf"(?<![\w.:/])/(?:{roots})/\w|[a-z]:\\\\?users\\|index-" + "url", re.IGNORECASE)
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or another binary file
        found += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in private.finditer(text)]
    assert found == []


def test_no_shared_data_in_the_files():
    """The project ships only structures it generated itself."""
    crystals = {
        path.relative_to(ROOT).parts[:2] for path in tracked_files() if path.suffix in {".cif", ".xyz"}
    }
    assert crystals <= {("structures", "models")}
