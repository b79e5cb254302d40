"""The generated matrix of 105 targets: the weight of its pages, and the cost of a build.

Budgets of the pages are those that tests/browser/test_audits.py holds the measured site to, with 15 % more questions.
"""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Mapping

import pytest

from matrix.model import Matrix
from report.build import files, pages
from tests.report import big

INDEX_LIMIT, PAGE_LIMIT = 30 * 1024, 60 * 1024
"""Bytes, gzipped; the style and the picture of a first page weigh 6 KB more."""

ELEMENTS = 3000


@pytest.fixture(scope="module")
def built() -> Mapping[str, bytes]:
    """The pages before those of themes, and after those of questions: by kind, the heaviest."""
    matrix = big.matrix(big.SOON)
    assert (len(matrix.probes), len(matrix.targets), len(matrix.cells)) == (766, 105, 766 * 105 * 3)
    heaviest: dict[str, bytes] = {}
    for name, html in pages(matrix):
        *folders, file = name.split("/")
        kind = "/".join(folders) if folders and file != "index.html" else name
        if len(html) > len(heaviest.get(kind, b"")):
            heaviest[kind] = html
    return heaviest


def weight(html: bytes) -> int:
    return len(gzip.compress(html, mtime=0))


@pytest.mark.timeout(600)
def test_the_pages_of_the_biggest_matrix_fit_their_budgets(built: Mapping[str, bytes]) -> None:
    indexes = [name for name in built if name in ("index.html", "zh-Hans/index.html")]
    assert len(indexes) == 2
    assert {name: weight(built[name]) for name in indexes if weight(built[name]) > INDEX_LIMIT} == {}
    assert {name: weight(html) for name, html in built.items() if weight(html) > PAGE_LIMIT} == {}


def test_the_first_page_of_the_biggest_matrix_has_few_elements(built: Mapping[str, bytes]) -> None:
    assert len(re.findall(rb"<[a-z]", built["index.html"])) <= ELEMENTS


def cost(matrix: Matrix) -> float:
    """Processor seconds of all files of a site."""
    start = time.process_time()
    for _ in files(matrix):
        pass
    return time.process_time() - start


def test_a_build_takes_linear_time() -> None:
    cost(big.matrix(5, 5))  # templates are compiled, catalogues are read
    small, large = cost(big.matrix(15, 20)), cost(big.matrix(15, 80))
    assert large < 4 * small * 1.6
