"""Where in the project a finding is shown that no traceback places: its test, the command's script, or the project.

GitHub takes no SARIF result without a file, and refuses a log that has one.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from matrix.trial import places
from matrix.trial.model import Command, Finding, Frame

_OF_PROJECT = ("pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "noxfile.py", "requirements.txt", "README.md")
MOST_BYTES = 2**20
"""Bytes of a module that are read for the line of a test."""


def anchor(finding: Finding, command: Command) -> Frame | None:
    """A file below the command's folder, and a line of it; None if the project has none of those that are usual."""
    if finding.place is not None and places.is_below(finding.place.file, command.cwd):
        return finding.place
    for name in (*_of_test(finding.test), *_of_command(command), *_OF_PROJECT):
        path = command.cwd / name
        if path.is_file() and path.resolve().is_relative_to(command.cwd.resolve()):
            line, function = _definition(path, finding.test) if path.suffix == ".py" else (1, "")
            return Frame(file=str(path), line=line, function=function)
    return None


def _of_test(test: str) -> Iterator[str]:
    """The files in which a test may be, by its name for pytest, or for unittest: 'tests.test_a.TestStore.test_lock'."""
    if "::" in test:
        yield test.partition("::")[0]
    elif test.endswith(".py"):
        yield test
    elif dotted := re.search(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", test):
        parts = dotted[0].split(".")
        yield from ("/".join(parts[:count]) + ".py" for count in range(len(parts) - 1, 0, -1))


def _of_command(command: Command) -> Iterator[str]:
    """The script that it runs, or the files that a module's name may mean."""
    if command.script:
        yield command.script
    words = command.words
    named = [after for word, after in itertools.pairwise(words) if word == "-m"][:1]
    named += [words[0].partition(":")[0]] if command.kind == "function" else []
    for name in named:
        path = name.replace(".", "/")
        for root in ("", "src/"):
            yield from (f"{root}{path}{end}" for end in (".py", "/__main__.py", "/__init__.py"))


def _definition(path: Path, test: str) -> tuple[int, str]:
    """(line, name) of the function that is a test; (1, '') if the file does not define it."""
    name = re.split(r"::|\.", test.partition("[")[0])[-1]
    try:
        with path.open("rb") as file:
            tree = ast.parse(file.read(MOST_BYTES))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return 1, ""
    found = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return next(((node.lineno, name) for node in found if node.name == name), (1, ""))
