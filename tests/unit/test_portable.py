"""What only some systems have stands behind a guard, in tests too; text has an encoding that does not depend on one.

`nox -s types` proves the first of matrix/ and report/: mypy reads them as on Windows and on macOS.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from matrix.paths import ROOT

FILES = [path for folder in ("canifork", "matrix", "report", "tests") for path in sorted((ROOT / folder).rglob("*.py"))]
TESTS = [path for path in FILES if path.is_relative_to(ROOT / "tests")]

ABSENT = re.compile(
    r"os\.(fork|forkpty|mkfifo|mknod|killpg|wait|wait3|wait4|chroot|nice|uname|sysconf|statvfs|fchmod|chown|execve?|prlimit"
    r"|[gs]ete?[ug]id|getp?gid|[gs]etsid|setpgid|getloadavg|sched_\w+|pread|pwrite|posix_spawn)"
    r"|signal\.(SIGKILL|SIGSTOP|SIGCONT|SIGHUP|SIGQUIT|SIGUSR[12]|SIGALRM|SIGCHLD|SIGPIPE|pthread_sigmask|alarm|pause)"
    r"|socket\.AF_UNIX|resource|fcntl|pwd|grp|termios|pty|tty"
)
"""Names and modules that Windows lacks."""

PLACES = re.compile(r"/(bin|dev|proc|tmp|usr|etc)(/|$)")
"""Folders that Windows lacks, where a path is made or a program started."""

GUARD = re.compile(r"os\.name|sys\.platform|hasattr|importorskip|find_spec|posix|linux|LINUX|forks\b|windows|macos")
"""Words of a condition or of a mark that tell systems apart."""

BY_CALLER = {
    "tests/e2e/wrappers/faulty.py": "a wrapper: e2e/test_doctor.py calls it on POSIX",
    "tests/misbehave/corpus.py": "its cases are marked `posix`",
    "tests/misbehave/measured.py": "bounded.py starts it on POSIX",
    "tests/misbehave/suite/faults.py": "test_faults.py asks what needs fork on POSIX",
    "tests/misbehave/suite/hostile.py": "test_hostile.py asks it on POSIX",
}
"""Files whose users have the guard."""


def named(node: ast.AST) -> str:
    """What a node names that a system may lack; '' if nothing."""
    if isinstance(node, ast.Attribute) and ABSENT.fullmatch(name := ast.unparse(node)):
        return name
    if isinstance(node, ast.Import) and (names := [one.name for one in node.names if ABSENT.fullmatch(one.name)]):
        return f"import {names[0]}"
    if isinstance(node, ast.Call) and re.fullmatch(r"Path|open|os\.\w+|subprocess\.\w+", ast.unparse(node.func)):
        words = [part for given in node.args for part in (given, *getattr(given, "elts", ()))]
        return next((str(part.value) for part in words if isinstance(part, ast.Constant) and place(part.value)), "")
    return ""


def place(value: object) -> bool:
    """Whether it is a path that Windows lacks."""
    return isinstance(value, str) and bool(PLACES.match(value))


class Module:
    """A module of which one may ask what stands behind a guard."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}

    def unguarded(self) -> Iterator[tuple[int, str]]:
        """(line, name) of what only some systems have, and whatever system it is."""
        marks = [part.value for part in self._tree.body if isinstance(part, ast.Assign) and said(part, "pytestmark")]
        if not any(said(mark, GUARD) for mark in marks):
            found = ((node, named(node)) for node in ast.walk(self._tree))
            yield from ((node.lineno, name) for node, name in found if name and not self._guarded(node))  # type: ignore[attr-defined]

    def _guarded(self, node: ast.AST, through: frozenset[str] = frozenset()) -> bool:
        """By a condition around it, a mark or an early return of its function, or by all that call this function."""
        inside = list(self._up(node))
        if any(guards(outer, inner) for outer, inner in zip(inside, [node, *inside], strict=False)):
            return True
        function = next((outer.name for outer in inside if isinstance(outer, ast.FunctionDef)), "test_")
        if function in through or function.startswith("test_"):
            return False
        uses = [
            each for each in ast.walk(self._tree) if function in (getattr(each, "id", ""), getattr(each, "arg", ""))
        ]
        return bool(uses) and all(self._guarded(use, through | {function}) for use in uses)

    def _up(self, node: ast.AST) -> Iterator[ast.AST]:
        while node in self._above:
            node = self._above[node]
            yield node


def said(node: ast.AST, pattern: str | re.Pattern[str]) -> bool:
    """Whether the source of a node has a word."""
    return bool(re.search(pattern, ast.unparse(node)))


def guards(outer: ast.AST, inner: ast.AST) -> bool:
    """Whether a node lets what is in it happen on some systems only."""
    if isinstance(outer, ast.FunctionDef):
        before = [part for part in outer.body if part.lineno < getattr(inner, "lineno", 0)]
        early = [part for part in before if isinstance(part, ast.If | ast.Assign)]
        return any(said(part, GUARD) for part in (*outer.decorator_list, *early))
    conditions = [outer.test] if isinstance(outer, ast.If | ast.IfExp | ast.While) else []
    conditions += outer.values if isinstance(outer, ast.BoolOp) else []
    return any(said(part, GUARD) for part in conditions if part is not inner)


def without_encoding(node: ast.AST) -> bool:
    """Whether a call reads or writes text as the system pleases."""
    if not isinstance(node, ast.Call):
        return False
    words = {word.arg: word.value for word in node.keywords}
    if None in words or "encoding" in words:
        return False
    called = ast.unparse(node.func).rpartition(".")[2]
    if called in ("read_text", "write_text"):
        return len(node.args) < (1 if called == "read_text" else 2)
    if called == "open" and (node.args or words):
        mode = words.get("mode", node.args[-1] if node.args else None)
        return isinstance(mode, ast.Constant) and bool(re.fullmatch(r"[rwax]t?\+?", str(mode.value)))
    return called in ("run", "Popen", "check_output") and bool({"text", "universal_newlines"} & {*words})


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_only_some_systems_have_stands_behind_a_guard(path: Path) -> None:
    found = list(Module(ast.parse(path.read_text(encoding="utf-8"))).unguarded())
    if path.relative_to(ROOT).as_posix() in BY_CALLER:
        assert found, "it needs no exception"
    else:
        assert found == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_text_has_an_encoding(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [node.lineno for node in ast.walk(tree) if without_encoding(node)] == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import os\ndef test_a(): os.fork()", ["os.fork"]),
        ("import resource", ["import resource"]),
        ("def helper(): os.mkfifo('x')\ndef test_a(): helper()", ["os.mkfifo"]),
        ("def test_a(): Path('/dev/null').touch()", ["/dev/null"]),
        ("def test_a():\n    os.kill(1, signal.SIGKILL)\n    if os.name == 'nt': return", ["signal.SIGKILL"]),
        ("@posix\ndef test_a(): os.fork()", []),
        ("pytestmark = posix\ndef test_a(): os.fork()", []),
        ("def test_a():\n    if os.name == 'posix': os.fork()", []),
        ("def test_a():\n    if sys.platform == 'win32': return\n    os.fork()", []),
        ("def helper(): os.mkfifo('x')\n@posix\ndef test_a(): helper()", []),
        ("x = hasattr(os, 'geteuid') and os.geteuid()", []),
    ],
)
def test_the_search_for_guards_can_fail(code: str, found: list[str]) -> None:
    assert [name for _, name in Module(ast.parse(code)).unguarded()] == found


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("path.read_text()", True), ("path.write_text('x')", True), ("open(x, 'w')", True), ("path.open('a')", True),
        ("subprocess.run(x, text=True)", True), ("path.read_text('utf-8')", False), ("path.open('rb')", False),
        ("open(x, 'w', encoding='utf-8')", False), ("subprocess.run(x)", False), ("chrome.open(x)", False),
    ],
)  # fmt: skip
def test_the_search_for_encodings_can_fail(code: str, wrong: bool) -> None:
    assert without_encoding(ast.parse(code, mode="eval").body) is wrong
