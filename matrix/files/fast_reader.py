"""A line of a run file as canifork itself writes it -> what it says, checked and built in one go.

What is written in any other way gets None, and is for the strict reader (untrusted_json, serialize): that says exactly
what is wrong with it, or accepts it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from matrix.files import fast_dataclass, schema_types
from matrix.model import Json, Outcome, Output, ProcessExit, Verdict

_KINDS = {b'{"attempt"': "verdict", b'{"ci"': "header", b'{"complete"': "end"}
"""How each kind of line begins: its keys are sorted."""

_OFTEN = ("probe", "source_sha256")
"""Texts with a pattern that are few, and many times the same: each is matched once."""

_OUTCOMES = {str(outcome): outcome for outcome in Outcome}
_make_verdict, _make_ended = fast_dataclass.maker(Verdict), fast_dataclass.maker(ProcessExit)
_SILENT = Output()
_NO_LEAKS: Mapping[str, tuple[str, ...]] = {}


class Valid(dict[str, Json]):
    """The data of a line that was found valid."""


Line = schema_types.Record
"""A verdict's line that was found valid: what verdict() takes."""


def line(line: bytes) -> Line | Valid | None:
    """What a line with its newline says, if it is valid and written as canifork writes it.

    Written again it has the same bytes. So no key stands twice, there is no space, and every number is a usual one.
    """
    kind = _KINDS.get(line[: line.find(b":")])
    if kind is None:
        return None
    decode, encode, often = _codec(kind)
    try:
        found = decode(line)
        for name, check in often:
            check(getattr(found, name))
        if encode(found) + b"\n" != line:
            return None
    except schema_types.ERRORS:
        return None
    return found if kind == "verdict" else Valid(schema_types.decode(line))


def verdict(line: Any) -> Verdict:
    """The verdict of a Line. Its fields are named one by one: there are many."""
    end, said = line.exit, line.output
    loud = said.bytes or said.cut or said.text
    return _make_verdict(
        probe=_same(line.probe),
        source_sha256=_same(line.source_sha256),
        method=line.method,
        outcome=_OUTCOMES[line.outcome],
        value=line.value,
        detail=_same(line.detail),
        observed=line.observed,
        attempt=line.attempt,
        ended=_make_ended(
            code=end.code,
            signal=end.signal,
            status=end.status,
            duration=line.duration,
            output=Output(text=said.text, bytes=said.bytes, cut=said.cut) if loud else _SILENT,
            stacks=line.stacks,
            leaks={kind: tuple(names) for kind, names in line.leaks.items()} if line.leaks else _NO_LEAKS,
        ),
    )


@functools.lru_cache(maxsize=4096)
def _same(text: str) -> str:
    """One object for all equal texts: most questions and answers are those of others."""
    return text


@functools.cache
def _codec(
    kind: str,
) -> tuple[Callable[[bytes], Any], Callable[[Any], bytes], Sequence[tuple[str, schema_types.Check]]]:
    """For lines of a kind: a decoder, an encoder, and for some texts what checks one that the decoder does not."""
    schema = schema_types.definition(kind)
    often = {name: schema_types.checker(schema["properties"][name]) for name in _OFTEN if name in schema["properties"]}
    loose = schema | {"properties": schema["properties"] | {name: {"type": "string"} for name in often}}
    return schema_types.decoder(loose), schema_types.encode, tuple(often.items())
