"""Tests in a real browser need one."""

from __future__ import annotations

import shutil

import pytest

from tests.conftest import skip


@pytest.fixture(scope="session", autouse=True)
def chromium() -> str:
    """The path of Chromium; without one the tests skip, but fail where CI has promised it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        skip("chromium", "there is no chromium here: apt-get install chromium")
    assert path
    return path
