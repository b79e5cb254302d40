"""What of a module's source belongs to one of its tests. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def of_test(text: str, test: str) -> str:
    """A module's text with the lines of all other tests left blank: what they do is no reason of this one's failure.

    test is its name for pytest or unittest: 'test_a.py::TestStore::test_lock[1]', 'test_a.TestStore.test_lock'. Lines
    keep their numbers. A module that is no Python of ours, or does not define the test, is given back whole.
    """
    name = re.split(r"::|\.", test.partition("[")[0])[-1]
    try:
        found = [*_tests(ast.parse(text).body)]
    except (SyntaxError, ValueError, RecursionError):
        return text
    if all(node.name != name for node in found):
        return text
    lines = text.splitlines(keepends=True)
    for node in found:
        if node.name != name:
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            lines[first - 1 : node.end_lineno] = ["\n"] * ((node.end_lineno or first) - first + 1)
    return "".join(lines)


def _tests(body: Sequence[ast.stmt]) -> Iterator[_FUNCTION]:
    """The functions of a module, and of its classes, that are named as tests are."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _tests(node.body)
        elif isinstance(node, _FUNCTION) and node.name.startswith("test"):
            yield node
