"""Frozen dataclasses made in bulk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, field, fields, make_dataclass
from typing import TypeVar, cast

T = TypeVar("T")


def maker(kind: type[T]) -> Callable[..., T]:
    """What makes a value of a frozen dataclass with slots, as the class itself does, in a third of the time.

    The class must go around its own lock for each field. A twin of it that is not frozen has no lock, and what it
    made becomes of the class when it is whole: their slots are the same.
    """

    def freeze(self: object) -> None:
        self.__class__ = kind

    parts = []
    for one in fields(kind):  # type: ignore[arg-type]
        given = one.default_factory if one.default is MISSING else MISSING
        default = field(default_factory=given) if given is not MISSING else field(default=one.default)
        parts.append((one.name, one.type, default))
    return cast(
        "Callable[..., T]",
        make_dataclass(kind.__name__, parts, namespace={"__post_init__": freeze}, slots=True, kw_only=True),
    )
