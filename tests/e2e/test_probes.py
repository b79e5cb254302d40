"""The suite as a whole: it is 3.8-safe, complete in its texts, and what others link to stays."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from matrix.suite import catalog
from tests.conftest import PYTHONS, ROOT, skip

PROBES = ROOT / "probes"
SCRIPTS = sorted(PROBES.glob("*.py"))
SUITE = catalog.load(PROBES)

FIXED = {
    "availability.starts",
    "defaults.start_method",
    "arguments.threading_lock",
    "arguments.text_file",
    "arguments.mutation_seen_by_parent",
    "semantics.parent_global_seen",
    "guard.unguarded_script",
    "cost.start_time",
}
"""Ids that others link to."""


def test_fixed_ids_stay() -> None:
    assert {probe.id for probe in SUITE} >= FIXED


def test_ids_are_unique() -> None:
    ids = [probe.id for probe in SUITE]
    assert len(ids) == len(set(ids))


def test_a_theme_has_five_to_thirty_questions() -> None:
    sizes = Counter(probe.file for probe in SUITE)
    wrong = {file: size for file, size in sizes.items() if not 5 <= size <= 30}
    assert not wrong, (
        f"{wrong}: a theme has 5 to 30 questions. Write more of them into the file in probes/, or move those that are "
        "there to a theme that fits; split a theme that is too large."
    )


@pytest.mark.parametrize("probe", SUITE, ids=lambda probe: probe.id)
def test_texts(probe: catalog.Probe) -> None:
    assert probe.text.endswith("?"), f"{probe.file}: the text is a question, and ends with '?'"
    assert probe.text.count("?") == 1, f"{probe.file}: one question, one '?'"
    assert "… ?" not in probe.text, f"{probe.file}: replace the placeholders of the skeleton"
    for text in (probe.why, probe.do):
        assert text.endswith((".", "!", ")")), f"{probe.file}: why and do are whole sentences: {text!r}"
        assert 10 < len(text) < 400, f"{probe.file}: why and do have 11 to 399 characters: {text!r}"
    assert probe.source.startswith("https://"), f"{probe.file}: source is the address of a document"


@pytest.mark.parametrize("script", [*SCRIPTS, *PROBES.glob("assets/*.py")], ids=lambda path: path.name)
def test_a_probe_is_python_3_8(script: Path) -> None:
    ast.parse(script.read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_probe_needs_the_standard_library_only(script: Path) -> None:
    tree = ast.parse(script.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    names = {alias.name for node in imports for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    helpers = {path.stem for path in PROBES.glob("_*.py")}
    outside = {name for name in names if name.partition(".")[0] not in {*sys.stdlib_module_names, *helpers}}
    assert not {name for name in outside if not (PROBES / "assets" / f"{name}.py").exists() and name not in STANDINS}


STANDINS: set[str] = {"canifork_missing", "only_there", "only_by_hook", "workers_slow_module"}
"""Modules that probes make themselves, or that must not exist."""


@pytest.mark.parametrize(
    "script", [path for path in SCRIPTS if not path.name.startswith("_")], ids=lambda path: path.name
)
def test_the_oldest_python_lists_the_same(script: Path) -> None:
    if "3.8" not in PYTHONS:
        skip("pythons", "no Python 3.8 on this machine")
    done = subprocess.run(
        [PYTHONS["3.8"], str(script), "--list"], capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    ours = [probe for probe in SUITE if probe.file == script.name]
    assert [(row["id"], row["line"]) for row in rows] == [(probe.id, probe.line) for probe in ours]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "name a question"),
        (["nonsense"], "no question 'nonsense' here"),
        (["threading_lock", "--method", "vfork"], "is asked under: fork, spawn, forkserver"),
        (["--method"], "wants a value"),
        (["threading_lock", "--unknown"], "do not understand"),
    ],
    ids=str,
)
def test_a_probe_by_hand_says_how_it_is_called(words: list[str], message: str) -> None:
    done = subprocess.run(
        [sys.executable, str(PROBES / "arguments.py"), *words], capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(
    ("method", "answer"), [("fork", "yes\n"), ("spawn", "no: TypeError: cannot pickle '_thread.lock' object\n")]
)
def test_a_probe_by_hand(method: str, answer: str) -> None:
    script = str(PROBES / "arguments.py")
    if method == "fork" and os.name == "nt":
        answer = "unavailable: ValueError: cannot find context for 'fork'\n"
    done = subprocess.run(
        [sys.executable, script, "threading_lock", "--method", method],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, answer)
