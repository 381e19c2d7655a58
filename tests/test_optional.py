"""Does a missing package lead to the command that installs it?"""

import pytest

from clustermodel._optional import import_optional
from clustermodel.errors import ClusterModelError, MissingDependencyError


def test_installed_module_is_returned():
    assert import_optional("xml.dom", extra="", purpose="reading").__name__ == "xml.dom"


@pytest.mark.parametrize("name", ["no_such_package", "no_such_package.inside"])
def test_missing_package_names_the_extra(name):
    with pytest.raises(
        MissingDependencyError, match=r"plotting needs the package no_such_package.*\[gpu\]"
    ) as caught:
        import_optional(name, extra="gpu", purpose="plotting")
    assert isinstance(caught.value, ClusterModelError)
    assert isinstance(caught.value, ImportError)


def test_missing_package_without_an_extra_is_named_itself():
    with pytest.raises(MissingDependencyError, match=r"pip install no_such_package$"):
        import_optional("no_such_package", extra="", purpose="plotting")


def test_failure_inside_an_installed_package_is_not_hidden(tmp_path, monkeypatch):
    (tmp_path / "broken_inside.py").write_text("import another_missing_package\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="another_missing_package") as caught:
        import_optional("broken_inside", extra="gpu", purpose="plotting")
    assert not isinstance(caught.value, ClusterModelError)
