"""Definitions of run-1.schema.json -> types of msgspec. They accept what the schema accepts, or less; never more."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

import msgspec

from matrix.model import Json
from matrix.paths import SCHEMAS

ERRORS = (msgspec.MsgspecError, ValueError, RecursionError)
"""What a decoder, an encoder or a checker raises."""

Check = Callable[[str], object]

_PATH = SCHEMAS / "run-1.schema.json"
_BOUNDS = {"minimum": "ge", "maximum": "le"} | dict.fromkeys(("maxLength", "maxItems", "maxProperties"), "max_length")
_OTHER = {
    "type", "const", "enum", "anyOf", "$ref", "pattern", "items", "properties", "required", "additionalProperties",
    "propertyNames", "description",
}  # fmt: skip
_INTEGERS = {"minimum": -(2**63), "maximum": 2**63 - 1}
"""Longer ones are rare, and for the strict reader: a number may have 10,000 digits."""

_Scalar = None | bool | Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | float | str
_Inner = _Scalar | list[_Scalar] | dict[str, _Scalar]
_ANYTHING = _Scalar | list[_Inner] | dict[str, _Inner]
"""What the schema says nothing of, nested not too deeply: a line may have 100,000 brackets."""

decode = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder().encode


@functools.cache
def _definitions() -> Json:
    return json.loads(_PATH.read_text(encoding="utf-8"))["definitions"]


def definition(name: str) -> Json:
    """The schema of a kind of line."""
    return _definitions()[name]


class Record(msgspec.Struct, frozen=True):
    """What an object with named keys is decoded to: an attribute for each, in the order of their names."""


def decoder(schema: Json) -> Callable[[bytes], Any]:
    """What parses JSON, and raises one of ERRORS if it is not valid."""
    return msgspec.json.Decoder(_type(schema)).decode


def checker(schema: Json) -> Check:
    """What raises one of ERRORS if a text is not valid; it remembers those that are."""
    return functools.lru_cache(maxsize=4096)(functools.partial(msgspec.convert, type=_type(schema)))


def _type(schema: Json) -> Any:
    """The type for a schema. Raises NotImplementedError for a keyword that is new here."""
    new = schema.keys() - _BOUNDS.keys() - _OTHER
    if new:
        raise NotImplementedError(f"{min(new)} in {_PATH.name}")
    if "$ref" in schema:
        return _type(definition(schema["$ref"].rpartition("/")[2]))
    if "const" in schema or "enum" in schema:
        return Literal[tuple(schema.get("enum", [schema.get("const")]))]
    if "anyOf" in schema:
        return reduce(or_, map(_type, schema["anyOf"]))
    kinds = schema.get("type", "")
    return reduce(or_, (_TYPES[kind](schema) for kind in ([kinds] if isinstance(kinds, str) else kinds)))


def _bounded(kind: Any, schema: Json, *keywords: str) -> Any:
    bounds = {_BOUNDS[keyword]: schema[keyword] for keyword in keywords if keyword in schema}
    if "pattern" in schema and kind is str:
        bounds["pattern"] = schema["pattern"].removesuffix("$") + r"\Z"  # `$` would let a newline follow
    return Annotated[kind, msgspec.Meta(**bounds)] if bounds else kind


def _integer(schema: Json) -> Any:
    return _bounded(int, _INTEGERS | schema, "minimum", "maximum")


def _number(schema: Json) -> Any:
    return _integer(schema) | _bounded(float, schema, "minimum", "maximum")


def _array(schema: Json) -> Any:
    return _bounded(list[_type(schema["items"])], schema, "maxItems")  # type: ignore[misc]


def _object(schema: Json) -> Any:
    """An object with the keys that are named, and no other; a dictionary if none must be there and all are alike."""
    more, known = schema.get("additionalProperties", {}), schema.get("properties", {})
    names = sorted({*known, *schema.get("required", ())})
    if not names:
        key = _type(schema.get("propertyNames", {"type": "string"}))
        return _bounded(dict[key, _type(more)], schema, "maxProperties")  # type: ignore[misc, valid-type]
    parts = [known.get(name, more) for name in names]
    if "required" not in schema and all(part == parts[0] for part in parts):
        return dict[Literal[tuple(names)], _type(parts[0])]  # type: ignore[misc]
    if schema.get("maxProperties", len(names)) < len(names):
        raise NotImplementedError(f"maxProperties of less than {names} in {_PATH.name}")
    fields = [(name, *_field(_type(part), name in schema["required"])) for name, part in zip(names, parts, strict=True)]
    return msgspec.defstruct(
        "Record", fields, bases=(Record,), kw_only=True, frozen=True, forbid_unknown_fields=True, gc=False
    )


def _field(kind: Any, required: bool) -> tuple[Any, ...]:
    return (kind,) if required else (kind | msgspec.UnsetType, msgspec.UNSET)


_TYPES: dict[str, Callable[[Json], Any]] = {
    "": lambda _: _ANYTHING,
    "null": lambda _: type(None),
    "boolean": lambda _: bool,
    "integer": _integer,
    "number": _number,
    "string": lambda schema: _bounded(str, schema, "maxLength"),
    "array": _array,
    "object": _object,
}
