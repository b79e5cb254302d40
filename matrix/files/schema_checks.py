"""Data against the schemas that ship in matrix/files/schema: what is wrong with them is said in a line."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from datetime import datetime

from matrix.errors import DataError
from matrix.model import Json
from matrix.paths import SCHEMAS

SCHEMA = 1
"""Version of both formats that this code reads and writes."""

RUN_SCHEMA, MATRIX_SCHEMA = "run-1.schema.json", "matrix-1.schema.json"
EDITED = "It was not written by this version, or was edited."


@functools.cache
def _validator(name: str, definition: str | None) -> Callable[[Json], Json]:
    """A compiled schema, or one definition of it: that says what is wrong more exactly than a `oneOf`."""
    import fastjsonschema

    schema = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    if definition:
        schema = {"definitions": schema["definitions"], "$ref": f"#/definitions/{definition}"}
    compiled: Callable[[Json], Json] = fastjsonschema.compile(schema)
    return compiled


def check(data: Json, schema: str, definition: str | None, where: str) -> None:
    found = fault(data, schema, definition)
    if found:
        raise DataError(f"{where}: {found}. {EDITED}")


def fault(data: Json, schema: str, definition: str | None = None) -> str:
    """What keeps data from being valid against a schema, or one definition of it; empty if nothing does."""
    import fastjsonschema

    try:
        _validator(schema, definition)(data)
    except fastjsonschema.JsonSchemaException as error:
        return str(error)[:300]
    return ""


def check_version(data: Json, where: str) -> None:
    version = data.get("schema")
    if isinstance(version, int) and version > SCHEMA:
        raise DataError(
            f"{where}: schema {version} is newer than this canifork, which reads {SCHEMA}. Update: git pull."
        )


def check_date(text: str, where: str) -> None:
    """Raise DataError for a day that no calendar has: the pattern cannot tell."""
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"{where}: {text[:40]!r} is no date ({error}). {EDITED}") from None
