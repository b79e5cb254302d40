"""How this program was called: what its advice tells people to type."""

from __future__ import annotations

MODULE, INSTALLED, NOX = "python -m matrix", "canifork", "nox -s"
"""The programs: in a checkout, as an installed command, as a session of nox."""


def line(program: str, command: str) -> str:
    """'canifork try', 'python -m matrix try', 'nox -s try --'."""
    return f"{program} {command}" + (" --" if program == NOX else "")
