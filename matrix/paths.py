"""Files of this checkout that are read at run time."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROBES = ROOT / "probes"
FACTS = PROBES / "_facts.py"
"""The script that prints an interpreter's facts; the same for every suite."""

DATA = ROOT / "data"
LANES = ROOT / ".github" / "targets.toml"
PYPROJECT = ROOT / "pyproject.toml"
FINDINGS = ROOT / "docs" / "findings.md"
SCHEMAS = ROOT / "matrix" / "files" / "schema"
STYLES = tuple(ROOT / "report" / "html" / "static" / name for name in ("page.css", "site.css"))
"""The look of the site's pages, for a page that stands alone."""
