"""A line of a run file as canifork itself writes it -> what it says, checked and built in one go.

What is written in any other way gets None, and is for the strict reader (matrix/source.py, matrix/store.py): that
says exactly what is wrong with it, or accepts it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from matrix import typed
from matrix.model import Ended, Json, Outcome, Output, Verdict

_KINDS = {b'{"attempt"': "verdict", b'{"ci"': "header", b'{"complete"': "end"}
"""How each kind of line begins: its keys are sorted."""

_OFTEN = ("probe", "source_sha256")
"""Texts with a pattern that are few, and many times the same: each is matched once."""

_OUTCOMES = {str(outcome): outcome for outcome in Outcome}
_SILENT = Output()
_NO_LEAKS: Mapping[str, tuple[str, ...]] = {}


class Valid(dict[str, Json]):
    """The data of a line that was found valid."""


def line(line: bytes) -> Verdict | Valid | None:
    """What a line with its newline says, if it is valid and written as canifork writes it.

    Written again it has the same bytes. So no key stands twice, there is no space, and every number is a usual one.
    """
    kind = _KINDS.get(line[: line.find(b":")])
    if kind is None:
        return None
    try:
        if kind == "verdict":
            return _verdict(line)
        decode, encode, _ = _codec(kind)
        return Valid(typed.decode(line)) if encode(decode(line)) + b"\n" == line else None
    except typed.ERRORS:
        return None


def _verdict(line: bytes) -> Verdict | None:
    """The verdict of a line. Its fields are named one by one: there are many lines."""
    decode, encode, often = _codec("verdict")
    found = decode(line)
    if encode(found) + b"\n" != line:
        return None
    end, said = found.exit, found.output
    return Verdict(
        probe=often["probe"](found.probe),
        source_sha256=often["source_sha256"](found.source_sha256),
        method=found.method,
        outcome=_OUTCOMES[found.outcome],
        value=found.value,
        detail=_same(found.detail),
        observed=found.observed,
        attempt=found.attempt,
        ended=Ended(
            code=end.code,
            signal=end.signal,
            status=end.status,
            duration=found.duration,
            output=Output(text=said.text, bytes=said.bytes, cut=said.cut)
            if said.bytes or said.cut or said.text
            else _SILENT,
            stacks=found.stacks,
            leaks={kind: tuple(names) for kind, names in found.leaks.items()} if found.leaks else _NO_LEAKS,
        ),
    )


@functools.lru_cache(maxsize=1024)
def _same(text: str) -> str:
    """One object for all equal texts: most answers are those of others."""
    return text


@functools.cache
def _codec(kind: str) -> tuple[Callable[[bytes], Any], Callable[[Any], bytes], Mapping[str, Callable[[str], str]]]:
    """For lines of a kind: a decoder, an encoder, and for some texts what checks one that the decoder does not."""
    schema = typed.definition(kind)
    often = {name: typed.checker(schema["properties"][name]) for name in _OFTEN if name in schema["properties"]}
    loose = schema | {"properties": schema["properties"] | {name: {"type": "string"} for name in often}}
    return typed.decoder(loose), typed.encode, often
