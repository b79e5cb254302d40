"""The generated matrix of 600 questions and 105 targets: the weight of its first page, and the cost of a build."""

from __future__ import annotations

import gzip
import time

from matrix.model import Matrix
from report.build import files, pages
from tests.report import big

BUDGET = 60 * 1000
"""Bytes of the index of the biggest matrix, gzipped."""


def test_the_index_of_the_biggest_matrix_fits_its_budget() -> None:
    matrix = big.matrix()
    assert (len(matrix.probes), len(matrix.targets), len(matrix.cells)) == (600, 105, 189_000)
    path, html = next(iter(pages(matrix)))
    assert path == "index.html"
    assert len(gzip.compress(html)) < BUDGET


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
