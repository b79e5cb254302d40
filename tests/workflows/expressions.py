"""GitHub's expressions, as far as the workflows here use them. What is not known is an error, never an empty text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>\d+)|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>&&|\|\||==|!=|[!().,>\[\]*]))"
)


class Expression:
    """One expression and what its names mean."""

    def __init__(self, source: str, contexts: Mapping[str, Any], states: Mapping[str, bool]) -> None:
        self._tokens = list(_tokens(source))
        self._contexts = contexts
        self._functions: dict[str, Callable[..., Any]] = {
            "fromJSON": json.loads,
            "startsWith": lambda value, start: text(value).lower().startswith(text(start).lower()),
            "contains": lambda values, value: value in values,
            "format": lambda pattern, *values: re.sub(r"\{(\d+)\}", lambda match: text(values[int(match[1])]), pattern),
            "always": lambda: True,
            **{name: (lambda state=state: state) for name, state in states.items()},
        }

    def value(self) -> Any:
        result = self._or()
        assert not self._tokens, f"left over: {self._tokens}"
        return result

    def _take(self, *signs: str) -> str | None:
        return self._tokens.pop(0)[1] if self._tokens and self._tokens[0][1] in signs else None

    def _or(self) -> Any:
        left = self._and()
        while self._take("||"):
            right = self._and()
            left = left or right
        return left

    def _and(self) -> Any:
        left = self._compared()
        while self._take("&&"):
            right = self._compared()
            left = right if left else left
        return left

    def _compared(self) -> Any:
        left = self._term()
        sign = self._take("==", "!=")
        if sign:
            same = text(left) == text(self._term())
            return same if sign == "==" else not same
        return left

    def _term(self) -> Any:
        if self._take("!"):
            return not self._term()
        if self._take("("):
            inner = self._or()
            assert self._take(")")
            return inner
        kind, token = self._tokens.pop(0)
        if kind == "text":
            return token[1:-1].replace("''", "'")
        if kind == "number":
            return int(token)
        assert kind == "name", token
        return self._fields(self._call(token) if self._take("(") else self._contexts[token])

    def _call(self, name: str) -> Any:
        arguments = []
        while not self._take(")"):
            arguments.append(self._or())
            self._take(",")
        return self._functions[name](*arguments)

    def _fields(self, value: Any) -> Any:
        while self._take("."):
            name = self._tokens.pop(0)[1]
            value = value.get(name) if isinstance(value, Mapping) else None
        return value


def _tokens(source: str) -> Any:
    at = 0
    source = source.strip()
    while at < len(source):
        match = _TOKEN.match(source, at)
        assert match, f"not understood: {source[at:]!r}"
        at = match.end()
        yield match.lastgroup, match[match.lastgroup or 0]


def text(value: Any) -> str:
    """As GitHub writes a value into a text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def evaluate(source: Any, contexts: Mapping[str, Any], states: Mapping[str, bool]) -> Any:
    """A value of a workflow file with all `${{ }}` in it; one that is nothing else keeps its type."""
    if not isinstance(source, str):
        return source
    whole = re.fullmatch(r"\s*\$\{\{(((?!\}\}).)*)\}\}\s*", source, re.DOTALL)
    if whole:
        return Expression(whole[1], contexts, states).value()
    return re.sub(
        r"\$\{\{(.*?)\}\}", lambda match: text(Expression(match[1], contexts, states).value()), source, flags=re.DOTALL
    )


def condition(source: Any, contexts: Mapping[str, Any], states: Mapping[str, bool]) -> bool:
    """An `if:`; without a function of its own it holds only while nothing has failed."""
    if source is None:
        return states["success"]
    if isinstance(source, bool):
        return source
    inner = re.sub(r"^\s*\$\{\{(.*)\}\}\s*$", r"\1", source, flags=re.DOTALL)
    holds = bool(Expression(inner, contexts, states).value())
    asks = re.search(r"\b(always|cancelled|failure|success)\(", inner)
    return holds and (bool(asks) or states["success"])
