"""The hash of all that a verdict depends on: a script without its words, and the files that it names."""

from __future__ import annotations

import ast
import hashlib
import re
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

_ASKED_BY = ("methods", "deadline", "exclusive")
"""Arguments of `question` that decide how it is asked; the others only say what is asked, and how an answer is read."""

_parsing = threading.Lock()
"""Before 3.11.8 and 3.12.2, ast.parse() in two threads can raise SystemError: python/cpython#106905."""


def of_script(file: Path) -> str:
    """The hash of a probe script, the helpers beside it, and the scripts that it launches."""
    helpers = {*file.parent.glob("_*.py"), *(file.parent / "assets").glob("*")}
    return of([(file.name, without_words(plain(file)))], helpers)


def of(sources: Sequence[tuple[str, bytes]], helpers: Iterable[Path]) -> str:
    """The hash of sources, each with its name, and of the helpers that they name, directly or through each other."""
    total = hashlib.sha256()
    named = sorted(_named_by((source for _, source in sources), helpers), key=lambda path: path.name)
    for name, source in (*sources, *((path.name, plain(path)) for path in named)):
        total.update(name.encode() + b"\0" + source + b"\0")
    return total.hexdigest()


def plain(file: Path) -> bytes:
    """The bytes of a file with the line ends of Unix."""
    return file.read_bytes().replace(b"\r\n", b"\n")


def without_words(source: bytes) -> bytes:
    """A probe script in which each `@question(…)` holds no more than the arguments that change how it is asked.

    A sentence can be mended without asking every Python again (docs/decisions/0008-words-and-verdicts.md).
    """
    try:
        with _parsing:
            tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return source
    lines = source.splitlines(keepends=True)
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        for call in function.decorator_list:
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "question":
                kept = sorted(
                    f"{word.arg}={_span(word.value, source)}" for word in call.keywords if word.arg in _ASKED_BY
                )
                lines[call.lineno - 1 : call.end_lineno] = [b""] * ((call.end_lineno or call.lineno) - call.lineno + 1)
                lines[call.lineno - 1] = f"@question({', '.join(kept)})\n".encode()
    return b"".join(lines)


def _span(node: ast.expr, source: bytes) -> str:
    """An expression as it stands in the source, its white space apart."""
    return re.sub(r"\s+", "", ast.get_source_segment(source.decode("utf-8"), node) or "")


def _named_by(sources: Iterable[bytes], helpers: Iterable[Path]) -> set[Path]:
    """The helpers that sources name, or that those name in turn.

    A name that is merely mentioned counts too: a verdict asked once too often does no harm, an outdated one does.
    """
    others = {path for path in helpers if path.is_file()}
    found: set[Path] = set()
    unread = list(sources)
    while unread:
        words = set(re.findall(rb"\w+", unread.pop()))
        new = {path for path in others - found if path.stem.encode() in words}
        found |= new
        unread += [plain(path) for path in new]
    return found
