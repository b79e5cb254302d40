"""What an earlier report has: known, and no finding any more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from matrix.errors import DataError
from matrix.files import untrusted_json
from matrix.trial.model import Report


def load(path: Path) -> frozenset[str]:
    """The keys of a report's findings. Raises DataError if it is no report of ours."""
    try:
        data = untrusted_json.parse(path.read_bytes())
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}. Make it with --format json={path}") from None
    except ValueError as error:
        raise DataError(f"{path} is no JSON: {error}. Make it with --format json={path}") from None
    rows = data.get("findings") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get("key"), str) for row in rows):
        raise DataError(f"{path} is no report of `try`. Make it with --format json={path}")
    return frozenset(row["key"] for row in [*rows, *data.get("known", ())])


def silence(report: Report, silenced: Collection[str]) -> Report:
    """The report without what is known; that is kept apart."""
    known = tuple(one for one in report.findings if one.key in silenced)
    compared = tuple(
        replace(one, findings=tuple(finding for finding in one.findings if finding.key not in silenced))
        for one in report.compared
    )
    return replace(report, compared=compared, known=known)
