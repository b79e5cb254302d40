"""What of a module's source belongs to one of its tests. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

_CASE = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def of_test(text: str, test: str) -> str:
    """A module's text with the lines of all other tests left blank: what they do is no reason of this one's failure.

    test is its name for pytest or unittest: 'test_a.py::TestStore::test_lock[1]', 'test_a.TestStore.test_lock'. Lines
    keep their numbers. A module that is no Python of ours, or does not define the test, is given back whole.
    """
    name = test.partition("[")[0]
    names = name.split("::")[1:] if "::" in name else name.split(".")[-2:]
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return text
    if not _defines(tree.body, names):
        return text
    lines = text.splitlines(keepends=True)
    for node in _others(tree.body, names):
        first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
        lines[first - 1 : node.end_lineno] = ["\n"] * ((node.end_lineno or first) - first + 1)
    return "".join(lines)


def _defines(body: Sequence[ast.stmt], names: Sequence[str]) -> bool:
    """Whether a function is defined here under the names of its classes and its own."""
    own = [node for node in body if isinstance(node, _CASE) and node.name == names[0]] if names else []
    return any(len(names) == 1 or (isinstance(node, ast.ClassDef) and _defines(node.body, names[1:])) for node in own)


def _others(body: Sequence[ast.stmt], names: Sequence[str]) -> Iterator[_CASE]:
    """The tests of a module or a class that are not on the way to the named one."""
    for node in body:
        if not isinstance(node, _CASE) or not node.name.lower().startswith("test"):
            continue
        if not names or node.name != names[0]:
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _others(node.body, names[1:])
