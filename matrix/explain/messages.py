"""The shape of an error's message: what stays the same whatever a program names, and the names apart. Pure."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

_REPR = re.compile(r"<(?:function|class|module|bound method|built-in function|cyfunction|enum) ((?:[^<>]|<\w+>)*)>")
_QUOTED = re.compile(r"(?<!\w)(?:'([^'\n]*)'|\"([^\"\n]*)\"|`([^`\n]*)`)(?!\w)")
_ADDRESS = re.compile(r"\s*\b(?:at )?0x[0-9a-fA-F.]+")
_FOUND = re.compile(r"(not found as |same object as )(\S+)")
_ERRNO = re.compile(r"\[(?:Errno|WinError) -?\d+\]")
_NUMBER = re.compile(r"(?<![\w])\d+")
_TAIL = re.compile(r"\.? Did you mean:? .*$| in the child; start\(\) raised nothing$")
_OLD = re.compile(r"can't pickle ([\w.]+) objects")
_OLD_LOOKUP = re.compile(r"attribute lookup (\S+) on (\S+) failed")
_OLD_CLASS = re.compile(r"cannot pickle '(\w+)' instances")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """error: the exception's class; frame: its message, '*' for names and '#' for numbers; names: what stood there."""

    error: str
    frame: str
    names: frozenset[str]


def shape(error: str, message: str) -> Shape:
    """What is the same in two errors that differ by a program's names only."""
    text = _TAIL.sub("", " ".join(message.split()))
    text = _OLD.sub(r"cannot pickle '\1' object", _OLD_CLASS.sub(r"cannot pickle '_io.\1' object", text))
    text = _OLD_LOOKUP.sub(r"it's not found as \2.\1", text)
    names: list[str] = []

    def masked(found: re.Match[str]) -> str:
        names.extend(part.partition("' from ")[0] for part in found.groups() if part)
        return "*"

    def named(found: re.Match[str]) -> str:
        names.append(found[2])
        return f"{found[1]}*"

    text = _ADDRESS.sub("", text)
    text = _REPR.sub(masked, text)
    text = _QUOTED.sub(masked, text)
    text = _FOUND.sub(named, text)
    errors = iter(_ERRNO.findall(text))
    text = _NUMBER.sub("#", _ERRNO.sub("[E]", text))
    text = re.sub(r"\[E\]", lambda _: next(errors), text)
    return Shape(error=error, frame=text.lower().rstrip(". "), names=frozenset(_pieces(names)))


def _pieces(names: Iterable[str]) -> Iterator[str]:
    """The names whole, and what tells of a local function or a lambda in them."""
    for name in names:
        yield name.strip(" '\"")
        for sign in ("<lambda>", "<locals>", "<stdin>", "<string>", "__main__", "__mp_main__", "built-in"):
            if sign in name and sign != name:
                yield sign


def telling(said: Shape, known: Collection[str]) -> frozenset[str]:
    """The names that mean the same in every program: of the standard library, of Python, or known from elsewhere.

    The type of an object that cannot be pickled always tells: what is known of a hash says nothing of a window.
    """
    if said.frame.startswith("cannot pickle * object"):
        return said.names
    return frozenset(name for name in said.names if name in known or _public(name))


def _public(name: str) -> bool:
    head, dot, _ = name.partition(".")
    if dot:
        return head in sys.stdlib_module_names or head.lstrip("_") in sys.stdlib_module_names
    return (
        name.startswith("<")
        or name in _TYPES
        or (hasattr(builtins, name) and isinstance(getattr(builtins, name), type))
    )


_TYPES = frozenset(
    {"module", "generator", "weakref", "mappingproxy", "dict_keys", "dict_values", "coroutine", "NoneType", "built-in"}
)

_STOP = frozenset(
    re.findall(
        r"\w+",
        """
    a an and any are as at be been before by can could did do does file for from get give given gets has have
    how i if in into is it its last line me module my no not of on one or other our so than that the their them
    then there this to under up use used was what when which while will with without you your most recent call
    traceback py self return self python process processes multiprocessing error exception warning since during
    after
    """,
    )
)


def words(text: str) -> list[str]:
    """The stems of the words of a text that tell something, in order."""
    pieces = re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", text).lower())
    return [_stem(word) for word in pieces if len(word) > 2 and word not in _STOP]


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        word = word[:-3] + "y"
    elif len(word) > 3 and word.endswith("s") and word[-2] not in "su":
        word = word[:-1]
    if len(word) > 5:
        word = re.sub(r"(?:ing|ed)$", "", word)
    return word[:-1] if len(word) > 4 and word.endswith("e") else word
