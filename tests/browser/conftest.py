"""Tests in a real browser need one, a built site, and for some audits the packages of package.json."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from matrix.files.serialize import save_matrix
from report.build import build
from tests.browser.chrome import Chrome
from tests.conftest import ROOT, skip
from tests.report import synthetic

ARTIFACTS = ROOT / "artifacts"
"""Screenshots and weights are written here; git ignores it."""


@pytest.fixture(scope="session", autouse=True)
def chromium() -> str:
    """The path of Chromium; without one the tests skip, but fail where CI has promised it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not path:
        skip("chromium", "there is no chromium here: apt-get install chromium")
    assert path
    return path


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the matrix that has everything in it, and little of each."""
    folder = tmp_path_factory.mktemp("site").resolve()
    save_matrix(synthetic.matrix(), folder / "matrix.json")
    return build(folder / "matrix.json", folder / "site").parent


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a measured matrix: CANIFORK_MATRIX, or the matrix.json that `nox` has left."""
    matrix = Path(os.environ.get("CANIFORK_MATRIX") or ROOT / "matrix.json")
    if not matrix.is_file():
        skip("matrix", "there is no measured matrix here: run `nox`, or name one in CANIFORK_MATRIX")
    return build(matrix, tmp_path_factory.mktemp("real").resolve() / "site").parent


@pytest.fixture(scope="module")
def chrome(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A browser for the tests of one module."""
    with Chrome(chromium, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="session")
def packages() -> Path:
    """The node_modules with what package.json names; `nox -s browser` fetches it."""
    folder = Path(os.environ.get("CANIFORK_NODE_MODULES") or ROOT / ".nox" / "npm" / "node_modules")
    if not (folder / "axe-core" / "axe.min.js").is_file():
        skip("npm", "axe-core and html-validate are not here: `nox -s browser` fetches them if node and npm are there")
    return folder


def kinds(site: Path) -> list[str]:
    """One page of each kind, the largest: a kind is a folder, and each page on top is one of its own."""
    largest: dict[str, Path] = {}
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site)
        kind = name.parent.as_posix() if len(name.parts) > 1 and name.name != "index.html" else name.as_posix()
        if kind not in largest or path.stat().st_size > largest[kind].stat().st_size:
            largest[kind] = path
    return [path.relative_to(site).as_posix() for path in largest.values()]
