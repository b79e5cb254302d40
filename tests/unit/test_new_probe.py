"""The skeleton of a new probe runs as it is, in a new theme and at the end of every theme there is."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from matrix.__main__ import main
from matrix.errors import UsageError
from matrix.suite import catalog, new_probe
from matrix.targets import identify
from tests.conftest import ROOT

PROBES = ROOT / "probes"
THEMES = sorted(path for path in PROBES.glob("*.py") if not path.name.startswith("_"))


@pytest.mark.parametrize("theme", THEMES, ids=lambda path: path.stem)
def test_every_theme_takes_one_more(theme: Path) -> None:
    before = theme.read_text(encoding="utf-8")
    text = new_probe.add(f"{theme.stem}.brand_new", before)
    tree = ast.parse(text, feature_version=(3, 8))
    (imported,) = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "_probe"]
    names = [alias.name for alias in imported.names]
    assert names == sorted(set(names))
    assert {"main", "question", "raise_unexpected", "run_child", "value"} <= set(names)
    assert all(len(line) <= 120 for line in set(text.splitlines()) - set(before.splitlines()))


@pytest.mark.parametrize("name", ["brandnew.first", "queues.brand_new"])
def test_a_new_probe_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    for file in (*PROBES.glob("_*.py"), PROBES / "queues.py"):
        shutil.copy(file, tmp_path)
    theme, _, question = name.partition(".")
    assert main(["new-probe", name, "--probes", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert f"nox -s probe -- --probe {name}" in printed
    assert ("theme_order.py" in printed) is (theme == "brandnew")
    by_hand = next(line for line in printed.splitlines() if line.endswith(f"{question} --method spawn"))
    assert Path(identify.split(by_hand.strip())[0]).is_absolute(), (
        "a name on the PATH may be a shim that starts nothing"
    )
    assert name in [probe.id for probe in catalog.load(tmp_path, {theme})]
    script = [sys.executable, str(tmp_path / f"{theme}.py"), question, "--method", "spawn"]
    done = subprocess.run(script, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.stdout == "'what was seen'\n", done.stderr


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("queues", None, "is not a probe ID"),
        ("Queues.put", None, "is not a probe ID"),
        ("queues.put.twice", None, "is not a probe ID"),
        ("../x.y", None, "is not a probe ID"),
        ("queues.class", None, "is not a probe ID"),
        ("queues." + "a" * 94, None, "is not a probe ID"),
        ("queue.put", None, "would shadow a module"),
        ("con.put", None, "would shadow a module or a device"),
        ("queues.print", None, "would shadow one that probes use"),
        ("queues.main", None, "would shadow one that probes use"),
        ("queues.yes", "from _probe import (\n    main,\n    yes,\n)\n" + new_probe.END, "already"),
        ("queues.put", "from _probe import main\n\n\ndef put(ctx):\n    pass\n" + new_probe.END, "already"),
        ("queues.put", "from _probe import main\n", "does not end with a guarded call"),
        ("queues.put", "import os\n" + new_probe.END, "has no line `from _probe import"),
    ],
)
def test_what_cannot_be_a_probe_is_refused(name: str, text: str | None, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("(", r"\(").replace(")", r"\)")):
        new_probe.add(name, text)
