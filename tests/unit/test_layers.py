"""The folders are the layers of docs/architecture.md: no import climbs, and none goes round in a circle."""

from __future__ import annotations

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from matrix.paths import ROOT

LAYERS = {
    "matrix": ("", "system", "files", "suite", "targets", "results", "explain", "run", "trial", "packages", "ci"),
    "report": ("model", "views", "exports", "html"),
}
"""From the bottom up: each may import from those before it and from itself. `""` are the modules beside the folders."""

ON_TOP = {
    "matrix.__main__",
    "matrix.cli",
    "matrix.commands",
    "matrix.entry",
    "report.__main__",
    "report.cli",
    "report.build",
    "report.catalogues",
    "report.site_folder",
}
"""Modules beside the folders that put everything together."""

INJECTED = ROOT / "matrix" / "trial" / "inject"
"""What runs in other people's processes belongs to no layer: it knows the standard library and itself."""


def modules(package: str) -> dict[str, Path]:
    """The package's modules by their dotted names."""
    files = [file for file in (ROOT / package).rglob("*.py") if file.parent != INJECTED]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def imported(file: Path, known: dict[str, Path]) -> set[str]:
    """The modules among the known that a file imports, wherever it does."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found & set(known) if known[name].name != "__init__.py"}


MODULES = modules("matrix") | modules("report")
IMPORTS = {name: imported(file, MODULES) for name, file in MODULES.items()}


def rank(name: str) -> tuple[int, int]:
    """The package's place, then the layer's in it."""
    package, _, rest = name.partition(".")
    layers = LAYERS[package]
    folder = rest.rpartition(".")[0].partition(".")[0]
    return list(LAYERS).index(package), len(layers) if name in ON_TOP else layers.index(folder)


@pytest.mark.parametrize("name", sorted(name for name, file in MODULES.items() if file.name != "__init__.py"))
def test_no_import_climbs(name: str) -> None:
    assert {other for other in IMPORTS[name] if rank(other) > rank(name)} == set()


@pytest.mark.parametrize("file", sorted(INJECTED.glob("*.py")), ids=lambda file: file.name)
def test_what_is_injected_imports_nothing_but_the_library_and_itself(file: Path) -> None:
    own = {path.stem for path in INJECTED.glob("*.py")} | ({"pytest"} if file.name == "_canifork_pytest.py" else set())
    named = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 8))):
        if isinstance(node, ast.ImportFrom):
            named.add(str(node.module).partition(".")[0])
        elif isinstance(node, ast.Import):
            named |= {alias.name.partition(".")[0] for alias in node.names}
    assert named <= own | sys.stdlib_module_names


def test_no_import_goes_round_in_a_circle() -> None:
    TopologicalSorter(IMPORTS).prepare()


def test_every_folder_is_a_layer() -> None:
    for package, layers in LAYERS.items():
        folders = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
        assert folders == {layer for layer in layers if layer}, package
