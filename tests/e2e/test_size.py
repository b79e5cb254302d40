"""The budget of docs/decisions/0010-size.md, on a generated matrix as big as we ever expect."""

from __future__ import annotations

from pathlib import Path

import pytest

from matrix.files.serialize import load_matrix, save_matrix
from report.build import copies, files
from tests.report import big

MB = 10**6


@pytest.mark.timeout(900)
def test_the_data_and_the_site_of_the_biggest_matrix_fit_their_budget(tmp_path: Path) -> None:
    matrix = big.matrix()
    assert (len(matrix.probes), len(matrix.targets), len(matrix.cells)) == (600, 105, 189_000)
    path = tmp_path / "matrix.json"
    save_matrix(matrix, path)
    assert path.stat().st_size < 25 * MB
    assert load_matrix(path) == matrix
    sizes = [len(content) for made in (files(matrix), copies(path)) for _, content in made]
    assert len(sizes) < 5_000
    assert sum(sizes) < 150 * MB
