"""loky, billiard and multiprocess, the real packages: what they start is written down, and forced only on request."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import pytest

from .conftest import HERE, Project

COPIES = {
    "loky": """
        import loky
        def start():
            with loky.ProcessPoolExecutor(1) as pool: pool.submit(abs, 1).result()
    """,
    "billiard": """
        import billiard
        def start(): p = billiard.Process(target=abs, args=(1,)); p.start(); p.join()
    """,
    "multiprocess": """
        import multiprocess
        def start(): p = multiprocess.Process(target=abs, args=(1,)); p.start(); p.join()
    """,
}
OWN = {"loky": "loky", "billiard": "fork", "multiprocess": "fork"}
"""The method that each uses unless it is told another one."""

pytestmark = pytest.mark.skipif(HERE.default != "fork", reason="these compare with fork")


@pytest.mark.parametrize("name", COPIES)
@pytest.mark.parametrize("override", [False, True], ids=["as it is", "overridden"])
def test_a_copy_of_multiprocessing_is_forced_only_on_request(
    project: Callable[..., Project], name: str, override: bool
) -> None:
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    made = project(copy_of_it=COPIES[name], app="import copy_of_it\nif __name__ == '__main__': copy_of_it.start()\n")
    options = ("--method", "spawn", *(["--override-explicit"] if override else []))
    tried = made.attempt("python", "app.py", options=options)
    assert tried.status == 0, tried.text
    forced = "spawn" if override else OWN[name]
    assert {row["method"] for row in tried.starts("spawn")} == {forced}
    assert {row["origin"] for row in tried.starts("spawn")} == {"default" if override else "explicit"}
