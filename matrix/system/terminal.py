"""Text of strangers on a terminal: probes, interpreters and files may hold what a terminal or a CI service obeys."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TextIO, cast

if TYPE_CHECKING:
    from rich.console import Console

_UNSAFE = re.compile(r"[^\n\t -~]")
_COMMAND = re.compile(r"^([ \t]*):(?=:)|##(?=\[)", re.MULTILINE)
"""What GitHub's log obeys: `::command` at the beginning of a line, `##[command]` anywhere."""

_raw: dict[str, TextIO] = {}


def safe(text: str) -> str:
    """A text without control characters and invisible ones, except newline and tab: those are shown as \\u001b.

    JSON stays JSON with the same meaning.
    """
    text = _UNSAFE.sub(lambda match: match[0] if match[0].isprintable() else _escaped(match[0]), text)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        text = _COMMAND.sub(lambda match: f"{match[1]}\\:" if match[1] is not None else "##\\", text)
    return text


def line(text: str) -> str:
    """A safe text in one line."""
    return safe(text.replace("\n", "\\n").replace("\t", " "))


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))


class _SafeStream:
    """A text stream that writes safe text; in all else the stream behind it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(safe(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for text in lines:
            self.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def safe_streams() -> Iterator[None]:
    """Inside the block all that is printed is UTF-8, and safe."""
    before, raw_before = (sys.stdout, sys.stderr), dict(_raw)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name) or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - it was closed
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        _raw[name] = stream
        setattr(sys, name, cast(TextIO, _SafeStream(stream)))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        _raw.clear()
        _raw.update(raw_before)


def console(plain_width: int | None = None, *, name: Literal["stdout", "stderr"] = "stdout", **options: Any) -> Console:
    """A console for tables and progress bars, which shows strings safely; rich's Text objects must be safe already.

    plain_width: columns where the stream is no terminal. options: as of rich's Console.
    """
    from rich.console import Console
    from rich.text import Text

    class SafeConsole(Console):
        def render_str(self, text: str, **how: Any) -> Text:
            return super().render_str(safe(text), **how)

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would end the process with status 1

    stream = _raw.get(name) or getattr(sys, name)
    usual: dict[str, Any] = {"file": stream, "highlight": False, "markup": False, "emoji": False}
    return SafeConsole(width=None if stream.isatty() else plain_width, **usual | options)


def raw() -> TextIO:
    """stdout as it is: only for what such a console has rendered."""
    return _raw.get("stdout") or sys.stdout
