"""JSON with sorted keys and no spaces: equal data give equal bytes."""

from __future__ import annotations

import json

from matrix.model import Json

_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def dumps(data: Json) -> str:
    """The text of JSON data. Raises ValueError for NaN and infinities."""
    return _ENCODER.encode(data)
