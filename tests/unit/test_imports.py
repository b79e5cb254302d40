"""Which of a project's own files a module imports: a truth table."""

from __future__ import annotations

from pathlib import Path

import pytest

from matrix.trial import imports

FILES = (
    "app.py",
    "helper.py",
    "pkg/__init__.py",
    "pkg/core.py",
    "pkg/sub/__init__.py",
    "pkg/sub/deep.py",
    "src/lib.py",
)


@pytest.mark.parametrize(
    ("module", "text", "found"),
    [
        ("app.py", "import helper", ["helper.py"]),
        ("app.py", "import os, json\nfrom multiprocessing import Pool", []),
        ("app.py", "import pkg.core", ["pkg/core.py"]),
        ("app.py", "from pkg import core", ["pkg/core.py", "pkg/__init__.py"]),
        ("app.py", "from pkg.core import work", ["pkg/core.py"]),
        ("app.py", "def main():\n    import helper", ["helper.py"]),
        ("app.py", "import lib", ["src/lib.py"]),
        ("app.py", "import app", []),
        ("app.py", "import helper; def", []),
        ("pkg/core.py", "from . import sub", ["pkg/sub/__init__.py"]),
        ("pkg/core.py", "from .sub.deep import x", ["pkg/sub/deep.py"]),
        ("pkg/sub/deep.py", "from ..core import work", ["pkg/core.py"]),
        ("pkg/sub/deep.py", "from .... import outside", []),
        ("pkg/core.py", "import helper", ["helper.py"]),
    ],
)
def test_what_a_module_imports(tmp_path: Path, module: str, text: str, found: list[str]) -> None:
    root = tmp_path / "project"
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (tmp_path / "outside.py").touch()
    assert imports.own(root / module, text, root) == [root / name for name in found]
