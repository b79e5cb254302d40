"""The user's words -> an interpreter, and the command that it runs."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from matrix.errors import UsageError
from matrix.trial.model import Command

_PYTHON = re.compile(r"(python|pypy)[\d.]*t?w?(\.exe)?$|py(\.exe)?$", re.IGNORECASE)
_FUNCTION = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")
_CALL = (
    "import importlib, functools, sys; module, _, name = {target!r}.partition(':'); "
    "result = functools.reduce(getattr, name.split('.'), importlib.import_module(module))(); "
    "None if result is None else print(repr(result))"
)
_RUNNERS = {"pytest": "pytest", "py.test": "pytest", "unittest": "unittest"}


def is_python(word: str) -> bool:
    """Whether a word names an interpreter."""
    return bool(_PYTHON.fullmatch(re.split(r"[/\\]", word)[-1]))


def interpreter(words: Sequence[str]) -> str:
    """The Python that would run the command: named itself, or that of the script's first line, or `python`.

    Raises UsageError if there is none.
    """
    if is_python(words[0]) and (found := shutil.which(words[0])):
        return found
    script = shutil.which(words[0])
    own = _python_of(Path(script)) if script else None
    found = own or shutil.which("python") or shutil.which("python3")
    if not found:
        raise UsageError("There is no `python` on the PATH. Name the interpreter: --python .venv/bin/python")
    return found


def _python_of(script: Path) -> str | None:
    """The interpreter of a console script: in its first line, or beside it as on Windows."""
    if os.name == "nt":
        beside = script.parent / "python.exe"
        return str(beside) if beside.is_file() else None
    try:
        with script.open("rb") as file:
            line = file.readline(1000).decode("utf-8", "replace")
    except OSError:
        return None
    words = line[2:].split() if line.startswith("#!") else []
    if words and words[0].endswith("/env"):
        words = [found for word in words[1:2] if (found := shutil.which(word))]
    return words[0] if words and is_python(words[0]) and Path(words[0]).is_file() else None


def command(words: Sequence[str], python: str, cwd: Path) -> Command:
    """The command with its interpreter put in. Raises UsageError if there is no such script."""
    first, rest = words[0], list(words[1:])
    if is_python(first):
        argv = [python, *rest]
    elif _FUNCTION.fullmatch(first) and not rest:
        argv = [python, "-c", _CALL.format(target=first)]
    else:
        argv = [*_script(first, python), *rest]
    return Command(words=tuple(words), argv=tuple(argv), kind=_kind(argv), cwd=cwd)


def _script(name: str, python: str) -> list[str]:
    """How a console script is run by an interpreter: its own copy of it, as its first line would."""
    if re.search(r"[/\\]", name) or name.endswith(".py"):
        path = Path(name)
        if not path.is_file():
            raise UsageError(f"There is no file {name}. Run it from the project's folder.")
        return [python, name] if path.suffix == ".py" or _python_of(path) else [str(path.absolute())]
    for suffix in ("", ".exe"):
        beside = Path(python).parent / f"{name}{suffix}"
        if beside.is_file():
            return [str(beside)] if suffix or not _is_script(beside) else [python, str(beside)]
    found = shutil.which(name)
    if not found:
        raise UsageError(
            f"{name} is neither beside {python} nor on the PATH.\n"
            f"Install it there, or say what Python is to run: canifork try -- python -m {name}"
        )
    own = _python_of(Path(found))
    return [own, found] if own and os.name != "nt" else [found]


def _is_script(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def _kind(argv: Sequence[str]) -> str:
    """Which test runner the words name, if they name one."""
    for at, word in enumerate(argv[:4]):
        name = re.split(r"[/\\]", word)[-1].removesuffix(".exe")
        if name in _RUNNERS and (at < 2 or argv[at - 1] == "-m"):
            return _RUNNERS[name]
    return "command"
