"""Data checked against the schemas in matrix/files/schema, with one line that says what is wrong."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from datetime import datetime

from matrix.errors import DataError
from matrix.model import Json
from matrix.paths import SCHEMAS

RUN_VERSION, MATRIX_VERSION = 1, 2
"""Versions of the formats that are written."""

RUN_SCHEMA, MATRIX_SCHEMA, MATRIX_1_SCHEMA = "run-1.schema.json", "matrix-2.schema.json", "matrix-1.schema.json"
EDITED = "It was edited, or written by another version of canifork."


@functools.cache
def _validator(name: str, definition: str | None) -> Callable[[Json], Json]:
    """A compiled schema, or one of its definitions: its messages are more precise than those of a `oneOf`."""
    import fastjsonschema

    schema = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    if definition:
        schema = {"definitions": schema["definitions"], "$ref": f"#/definitions/{definition}"}
    compiled: Callable[[Json], Json] = fastjsonschema.compile(schema)
    return compiled


def prepare(schema: str, definition: str | None = None) -> None:
    """Compile a schema, or one of its definitions, while something else goes on: it takes a hundredth of a second."""
    _validator(schema, definition)


def check(data: Json, schema: str, definition: str | None, where: str) -> None:
    """Raise DataError, which names where the data come from, unless they are valid."""
    reason = fault(data, schema, definition)
    if reason:
        raise DataError(f"{where}: {reason}. {EDITED}")


def fault(data: Json, schema: str, definition: str | None = None) -> str:
    """Why data are not valid against a schema, or one of its definitions; empty if they are."""
    import fastjsonschema

    try:
        _validator(schema, definition)(data)
    except fastjsonschema.JsonSchemaException as error:
        return str(error)[:300]
    return ""


def check_version(data: Json, where: str, newest: int) -> None:
    """Raise DataError for a newer version of the format."""
    version = data.get("schema")
    if isinstance(version, int) and version > newest:
        raise DataError(
            f"{where}: schema {version} is newer than this canifork, which reads up to {newest}. Update it: git pull."
        )


def check_date(text: str, where: str) -> None:
    """Raise DataError for a date that does not exist: the schema's pattern cannot tell."""
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"{where}: {text[:40]!r} is not a date ({error}). {EDITED}") from None
