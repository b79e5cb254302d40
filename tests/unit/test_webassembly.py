"""Where there are no processes: what is lacking is `unavailable`, what a probe does wrong is an error still."""

from __future__ import annotations

import errno
import importlib.util
import sys
from types import ModuleType

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def helper() -> ModuleType:
    spec = importlib.util.spec_from_file_location("_probe", ROOT / "probes" / "_probe.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("error", "lacking"),
    [
        (AttributeError("module 'os' has no attribute 'pipe'"), True),
        (AttributeError("'Thing' object has no attribute 'run'"), False),
        (ModuleNotFoundError("No module named 'mmap'"), True),
        (OSError(errno.ENOSYS, "Function not implemented"), True),
        (OSError(errno.ENOENT, "No such file"), False),
        (RuntimeError("can't start new thread"), True),
        (RuntimeError("unexpected: the child saw 3"), False),
        (AssertionError(""), False),
    ],
)
def test_what_is_lacking(helper: ModuleType, monkeypatch: pytest.MonkeyPatch, error: Exception, lacking: bool) -> None:
    for platform in ("wasi", "emscripten"):
        monkeypatch.setattr(sys, "platform", platform)
        assert bool(helper._lacking(error)) is lacking
    monkeypatch.setattr(sys, "platform", "linux")
    assert helper._lacking(error) == ""


class Context:
    """A context under which no child can be started."""

    def Process(self, **_: object) -> object:  # noqa: N802 - as multiprocessing has it
        raise OSError(errno.ENOSYS, "Function not implemented")


@pytest.mark.parametrize(("platform", "outcome"), [("wasi", "unavailable"), ("linux", "no")])
def test_where_nothing_starts_nothing_is_answered_no(
    helper: ModuleType, monkeypatch: pytest.MonkeyPatch, platform: str, outcome: str
) -> None:
    import multiprocessing

    monkeypatch.setattr(multiprocessing, "get_context", lambda method: Context())
    monkeypatch.setattr(sys, "platform", platform)
    assert helper._ask(lambda ctx: helper.no("it failed"), "spawn").outcome == outcome
