"""The limits of this process are given back after somebody altered them."""

from __future__ import annotations

import pytest

from matrix.system import inherited

resource = pytest.importorskip("resource")


def test_limits_that_were_lowered_are_raised_again() -> None:
    before = inherited.limits()
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    lower = 2**20 if soft == resource.RLIM_INFINITY else soft // 2
    resource.setrlimit(resource.RLIMIT_STACK, (lower, hard))
    try:
        assert inherited.limits() != before
        inherited.restore(before)
        assert inherited.limits() == before
    finally:
        resource.setrlimit(resource.RLIMIT_STACK, (soft, hard))
