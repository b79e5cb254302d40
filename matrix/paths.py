"""Files of this checkout that are read at run time."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROBES = ROOT / "probes"
FACTS = PROBES / "_facts.py"
"""The script that prints an interpreter's facts; the same for every suite."""

DATA = ROOT / "data"
INSTALLED = ROOT.name == "_engine"
"""Whether this is an installed copy, and no checkout."""

PUBLISHED = DATA if INSTALLED else Path("data")
"""Where commands look for published runs: the folder they are called in is a checkout's, or has none."""


def home() -> Path | None:
    """The user's home folder, None if there is none: a container may run as a user ID without a name."""
    try:
        return Path.home()
    except (RuntimeError, KeyError):
        return None


LANES = ROOT / ".github" / "targets.toml"
PYPROJECT = ROOT / "pyproject.toml"
FINDINGS = ROOT / "docs" / "findings.md"
SCHEMAS = ROOT / "matrix" / "files" / "schema"
STYLES = tuple(ROOT / "report" / "html" / "static" / name for name in ("page.css", "site.css"))
"""The look of the site's pages, for a page that stands alone."""
