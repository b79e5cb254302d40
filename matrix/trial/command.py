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
NO_SUCH = 64
"""Exit status of a call for which there is no function (EX_USAGE); a line that begins with SAID tells why."""

SAID = "canifork: "
_CALL = """\
import functools, importlib, sys
module, _, name = {target!r}.partition(":")
why = ""
try:
    found = importlib.import_module(module)
except ModuleNotFoundError as error:
    if not (module + ".").startswith(str(error.name) + "."):
        raise
    why = "There is no module %s" % error.name
else:
    try:
        found = functools.reduce(getattr, name.split("."), found)
    except AttributeError:
        why = "There is no %s in %s" % (name, module)
if why:
    print("{said}" + why, file=sys.stderr)
    sys.exit({status})
result = found()
if result is not None:
    print(repr(result))
"""
_WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")
"""Options of Python that are followed by a value of their own."""

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
        argv, kind, script = [python, *rest], "", script_of(rest)
        foreign = os.name == "posix" and "\\" in script  # as a Python for Windows has it, under Wine
        if script and not foreign and not (cwd / script).exists():
            raise UsageError(f"There is no file {script}. Run it from the project's folder.")
    elif _FUNCTION.fullmatch(first) and not rest:
        argv, kind, script = [python, "-c", _CALL.format(target=first, said=SAID, status=NO_SUCH)], "function", ""
    else:
        argv, kind, script = [*_script(first, python), *rest], "", first if first.endswith(".py") else ""
    return Command(words=tuple(words), argv=tuple(argv), kind=kind or _kind(argv), cwd=cwd, script=script)


def how_launched(words: Sequence[str]) -> str:
    """How a program is launched, as a prompt shows it: '$ python -m package'; '' where it is a script or a test runner.

    A child looks for the main script again, and finds it or not by what it was launched as.
    """
    if not is_python(words[0]):
        return ""
    at = _first_word(words[1:]) + 1
    found = words[at : at + 2]
    if found and found[0] == "-c":
        return "$ python -c '…'"
    if len(found) == 2 and found[0] == "-m" and found[1] not in _RUNNERS:
        return f"$ python -m {found[1]}"
    return f"$ python {found[0]}" if found and not found[0].startswith("-") and not found[0].endswith(".py") else ""


def script_of(words: Sequence[str]) -> str:
    """The file that a Python runs, by the words behind its name; '' for -c, -m, and what it reads from its input."""
    at = _first_word(words)
    return words[at] if at < len(words) and not words[at].startswith("-") else ""


def reads_program(words: Sequence[str]) -> bool:
    """Whether a command is a Python that reads its program from standard input."""
    if not is_python(words[0]):
        return False
    rest = words[1:]
    at = _first_word(rest)
    return at == len(rest) or rest[at] == "-"


def _first_word(words: Sequence[str]) -> int:
    """The place of what is no option of Python: a file, `-`, or an option that ends them, such as -c and -m."""
    at = 0
    while at < len(words) and words[at].startswith("-") and words[at] != "-":
        if words[at] in ("--help", "--version") or re.fullmatch(r"-(?![WX])\w*[cmhV].*", words[at]):
            break
        at += 2 if words[at] in _WITH_VALUE else 1
    return at


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
