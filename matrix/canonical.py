"""A verdict's line as canifork itself writes it -> the verdict, checked and built in one go.

What is written in any other way gets None, and is for the strict reader (matrix/source.py, matrix/store.py): it says
exactly what is wrong, or accepts it. run-1.schema.json is the published truth; a test holds the types below to it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from matrix.model import Ended, Json, Outcome, Output, Verdict

BEGINS = b'{"attempt":'
"""How each such line begins: its keys are sorted."""

_LONG = 2**63
_Integer = Annotated[int, Meta(ge=-_LONG, le=_LONG - 1)]
_Short = Annotated[str, Meta(max_length=300)]
_Kind = Annotated[str, Meta(pattern=r"\A(files|processes|shared_memory)\Z")]
_Text = Annotated[str, Meta(max_length=65536)]
_Scalar = None | bool | _Integer | float | Annotated[str, Meta(max_length=4000)]
_Leaf = None | bool | _Integer | float | str
_Inner = _Leaf | list[_Leaf] | dict[str, _Leaf]
_Nested = _Leaf | list[_Inner] | dict[str, _Inner]
"""What was observed, nested three deep with _Line.observed: what is deeper is rare, and for the strict reader."""


class _Exit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    code: Annotated[int, Meta(ge=-4294967296, le=4294967296)] | None
    signal: Annotated[str, Meta(max_length=30)] | None
    status: Annotated[str, Meta(max_length=60)] | None


class _Output(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    bytes: Annotated[int, Meta(ge=0, le=10**15)]
    cut: bool
    text: _Text


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields in the order of their names: so they are written, and so they are compared."""

    attempt: Annotated[int, Meta(ge=1, le=100000)]
    detail: Annotated[str, Meta(max_length=4000)]
    duration: Annotated[float, Meta(ge=0, le=1000000)]
    exit: _Exit
    kind: Literal["verdict"]
    leaks: dict[_Kind, Annotated[tuple[_Short, ...], Meta(max_length=1000)]]
    method: Literal["fork", "spawn", "forkserver", "none"]
    observed: Annotated[dict[str, _Nested], Meta(max_length=100)]
    outcome: Literal["yes", "no", "value", "unavailable", "hang", "crash", "error"]
    output: _Output
    probe: str  # these two are few, and many times the same: see _probe and _sha256
    source_sha256: str
    stacks: _Text | None
    value: _Scalar | Annotated[list[_Scalar], Meta(max_length=100)]


_PROBE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_OUTCOMES = {str(outcome): outcome for outcome in Outcome}
_SILENT = Output()
_NO_LEAKS: Mapping[str, tuple[str, ...]] = {}


@functools.lru_cache(maxsize=4096)
def _probe(text: str) -> str | None:
    """The id, one object for all that are equal; None if it is none."""
    return text if _PROBE.fullmatch(text) and len(text) <= 100 else None


@functools.lru_cache(maxsize=4096)
def _sha256(text: str) -> str | None:
    return text if _SHA256.fullmatch(text) else None


@functools.lru_cache(maxsize=1024)
def _same(text: str) -> str:
    """One object for all equal texts: most answers are those of others."""
    return text


@functools.cache
def _codec() -> tuple[Callable[[bytes], _Line], Callable[[Json], bytes]]:
    return msgspec.json.Decoder(_Line).decode, msgspec.json.Encoder().encode


def verdict(line: bytes) -> Verdict | None:
    """The verdict of a line with its newline, if it is valid and written as canifork writes it.

    Written again it has the same bytes. So no key stands twice, there is no space, and every number is a usual one.
    """
    if not line.startswith(BEGINS):
        return None
    decode, encode = _codec()
    try:
        found = decode(line)
        probe, sha256 = _probe(found.probe), _sha256(found.source_sha256)
        if probe is None or sha256 is None or encode(found) + b"\n" != line:
            return None
    except (msgspec.MsgspecError, ValueError):
        return None
    return _built(found, probe, sha256)


def _built(line: _Line, probe: str, sha256: str) -> Verdict:
    """The fields are named one by one: there are many lines."""
    end, said = line.exit, line.output
    return Verdict(
        probe=probe,
        source_sha256=sha256,
        method=line.method,
        outcome=_OUTCOMES[line.outcome],
        value=line.value,
        detail=_same(line.detail),
        observed=line.observed,
        attempt=line.attempt,
        ended=Ended(
            code=end.code,
            signal=end.signal,
            status=end.status,
            duration=line.duration,
            output=Output(text=said.text, bytes=said.bytes, cut=said.cut)
            if said.bytes or said.text or said.cut
            else _SILENT,
            stacks=line.stacks,
            leaks=line.leaks or _NO_LEAKS,
        ),
    )
