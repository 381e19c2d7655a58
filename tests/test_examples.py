"""Does every example shown to a reader run: in docstrings, in the README and in the manual?

In a page, ``pycon`` blocks are Python sessions and ``console`` blocks are commands after ``$``, run one after
the other in an empty folder; printed lines below a command are compared with its output, where ``...`` stands
for anything. A block in any other language is data, or a set-up command that the continuous integration runs.
"""

import doctest
import importlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.datafiles import ROOT

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = sorted((ROOT / "clustermodel").rglob("*.py"))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(
    r"^(?P<ticks>`{3,})(?P<language>[\w{}-]*)[^\n]*\n(?P<body>.*?)^(?P=ticks)\s*$", re.MULTILINE | re.DOTALL
)
EXECUTED = {"pycon", "console"}
SHOWN_ONLY = {"", "text", "json", "toml", "yaml", "bibtex", "mermaid", "sh"}
TIME_LIMIT = 120  # seconds for one command of a page; each takes a few on a slow machine


class Block(NamedTuple):
    """One fenced block of a page."""

    language: str
    body: str
    line: int


def read_blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(hit["language"], hit["body"], text.count("\n", 0, hit.start()) + 1)
        for hit in FENCE.finditer(text)
    ]


def page_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=page_name)
def test_docstring_examples(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts = path.relative_to(ROOT).with_suffix("").parts
    module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    report = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    for example in doctest.DocTestFinder(exclude_empty=True).find(module):
        runner.run(example, out=report.write)
    assert runner.summarize(verbose=False).failed == 0, report.getvalue()


@pytest.mark.parametrize(
    "page", [p for p in PAGES if any(b.language in EXECUTED for b in read_blocks(p))], ids=page_name
)
def test_page_examples(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in read_blocks(page):
        if block.language == "pycon":
            run_session(block, page, names)
        elif block.language == "console":
            run_commands(block, page)


def run_session(block: Block, page: Path, names: dict[str, object]) -> None:
    examples = doctest.DocTestParser().get_doctest(block.body, names, page_name(page), str(page), block.line)
    report = io.StringIO()
    result = doctest.DocTestRunner(optionflags=FLAGS).run(examples, out=report.write, clear_globs=False)
    names.update(examples.globs)
    assert result.attempted > 0, f"{page_name(page)}:{block.line}: a session without >>>"
    assert result.failed == 0, report.getvalue()


def run_commands(block: Block, page: Path) -> None:
    first, *commands = re.split(r"^\$ ", block.body, flags=re.MULTILINE)
    assert not first.strip(), f"{page_name(page)}:{block.line}: output before the first command"
    assert commands, f"{page_name(page)}:{block.line}: no command after $"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for text in commands:
        command, _, expected = text.partition("\n")
        run = subprocess.run(
            shlex.split(command),
            capture_output=True,
            text=True,
            check=False,
            timeout=TIME_LIMIT,
            env={**os.environ, "PATH": path, "COLUMNS": "100"},
        )
        where = f"{page_name(page)}:{block.line}: $ {command}\n"
        assert run.returncode == 0, where + run.stderr
        if expected.strip():
            assert doctest.OutputChecker().check_output(expected, run.stdout, FLAGS), where + run.stdout


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_page_has_no_block_that_nobody_runs(page):
    languages = {block.language for block in read_blocks(page) if not block.language.startswith("{")}
    assert languages <= EXECUTED | SHOWN_ONLY


def test_readme_has_two_set_up_commands_of_one_line_each():
    set_up = [block.body for block in read_blocks(ROOT / "README.md") if block.language == "sh"]
    assert [body.count("\n") for body in set_up] == [1, 1]
    main_job, test_run = set_up
    assert "clustermodel compare model:" in main_job
    assert "pytest" in test_run


def test_set_up_commands_stand_in_the_readme_alone():
    others = [p for p in PAGES if p.name != "README.md" and any(b.language == "sh" for b in read_blocks(p))]
    assert {page_name(p) for p in others} <= {"CONTRIBUTING.md"}
