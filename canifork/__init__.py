"""The installed command `canifork`: the engine of the checkout, below this package in a wheel.

The engine's folders have common names (`matrix`, `report`, `probes`), which must not lie in the root of
site-packages: they are in `_engine`, which only this process has on its path. In a checkout they lie beside this.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_HERE = Path(__file__).resolve().parent
ENGINE = _HERE / "_engine" if (_HERE / "_engine").is_dir() else _HERE.parent


def main(argv: Sequence[str] | None = None, program: str = "canifork") -> int:
    """Run one command; returns its exit status. `site` merges and renders, all others are those of `matrix`.

    program: how it was called, as its advice repeats it: "canifork" or "nox -s".
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if str(ENGINE) not in sys.path:
        sys.path.insert(0, str(ENGINE))
    if words[:1] == ["site"]:
        return _site(words[1:])
    from matrix.__main__ import main as command

    return command(words, program=program)


def _site(words: Sequence[str]) -> int:
    """Render the published runs, and those in results/, into site/."""
    from matrix.__main__ import main as command
    from report.cli import main as render

    with tempfile.TemporaryDirectory(prefix="canifork-site-") as folder:
        merged = str(Path(folder) / "matrix.json")
        if not {"-h", "--help"} & set(words):
            status = command(["merge", "-o", merged])
            if status:
                return status
        return render(["build", merged, *words])
