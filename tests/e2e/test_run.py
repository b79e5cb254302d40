"""The command line on every CPython of this machine, and the formats that come out of it."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from matrix.paths import SCHEMAS
from tests import flat
from tests.conftest import PYTHONS, ROOT, lines, module, required, skip, verdicts

CPYTHONS = [name for name in PYTHONS if name[0].isdigit() and not name.endswith("t")]
RUN_SCHEMA = json.loads((SCHEMAS / "run-1.schema.json").read_text(encoding="utf-8"))
MATRIX_SCHEMA = json.loads((SCHEMAS / "matrix-2.schema.json").read_text(encoding="utf-8"))

# What the documents of every version say, and what nobody has ever seen otherwise on Linux.
CERTAIN = {
    ("availability.starts", "fork"): "yes",
    ("availability.starts", "spawn"): "yes",
    ("availability.starts", "forkserver"): "yes",
    ("arguments.threading_lock", "fork"): "yes",
    ("arguments.threading_lock", "spawn"): "no",
    ("arguments.threading_lock", "forkserver"): "no",
    ("arguments.text_file", "fork"): "yes",
    ("arguments.text_file", "spawn"): "no",
    ("arguments.mutation_seen_by_parent", "fork"): "no",
    ("arguments.mutation_seen_by_parent", "spawn"): "no",
    ("semantics.parent_global_seen", "fork"): "yes",
    ("semantics.parent_global_seen", "spawn"): "no",
    ("semantics.parent_global_seen", "forkserver"): "no",
    ("guard.unguarded_script", "fork"): "yes",
    ("guard.unguarded_script", "spawn"): "no",
    ("guard.unguarded_script", "forkserver"): "no",
    ("defaults.start_method", "none"): "value",
    ("cost.start_time", "fork"): "value",
}
ASKED = sorted({probe for probe, _ in CERTAIN})


def test_every_supported_series_is_here_where_it_was_promised() -> None:
    if not required("pythons"):
        skip("pythons", "only CI promises which Pythons there are")
    assert {"3.8", "3.9", "3.10", "3.11", "3.12", "3.13"} <= set(CPYTHONS)


@pytest.mark.skipif("not sys.platform.startswith('linux')", reason="certain of Linux only")
@pytest.mark.parametrize("name", CPYTHONS)
def test_answers_that_are_certain(tmp_path: Path, name: str) -> None:
    selection = [word for probe in ASKED for word in ("--probe", probe)]
    done = module("matrix", "run", "--python", PYTHONS[name], "--out", str(tmp_path), *selection)
    assert done.status == 0, done.out + done.err
    found = {(line["probe"], line["method"]): line for line in lines(tmp_path) if line["kind"] == "verdict"}
    assert {key: found[key]["outcome"] for key in CERTAIN} == CERTAIN
    newer = tuple(map(int, name.split("."))) >= (3, 14)
    assert found["defaults.start_method", "none"]["value"] == ("forkserver" if newer else "fork")
    assert 0 < found["cost.start_time", "fork"]["value"] < 30  # seconds
    for line in lines(tmp_path):
        jsonschema.validate(line, RUN_SCHEMA)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one small run."""
    folder = tmp_path_factory.mktemp("results")
    done = module(
        "matrix", "run", "--python", PYTHONS[CPYTHONS[0]], "--out", str(folder), "--probe", "arguments.threading_lock"
    )
    assert done.status == 0, done.err
    return folder


def test_plain_lines_without_a_terminal(tmp_path: Path) -> None:
    done = module(
        "matrix", "run", "--python", PYTHONS[CPYTHONS[0]], "--out", str(tmp_path), "--probe", "arguments.threading_lock"
    )
    first, *answers, last = done.out.splitlines()
    assert first.endswith(": 3 verdicts planned")
    refused = "no: TypeError: cannot pickle '_thread.lock' object"
    expected = {"fork": "yes", "forkserver": refused, "spawn": refused}
    if os.name == "nt":
        absent = "unavailable: ValueError: cannot find context for "
        expected |= {"fork": f"{absent}'fork'", "forkserver": f"{absent}'forkserver'"}
    assert sorted(answers) == [f"arguments.threading_lock {method}: {answer}" for method, answer in expected.items()]
    assert last.endswith(": 1 yes, 2 no" if os.name != "nt" else ": 1 no, 2 unavailable")


def test_nothing_private_in_a_run_file(results: Path) -> None:
    (path,) = results.glob("*.jsonl")
    text = path.read_text(encoding="utf-8")
    assert json.dumps(str(Path.home()))[1:-1] not in text
    assert "/tmp/" not in text


def test_a_part_of_the_suite_is_added_to_the_file_and_counts(results: Path, tmp_path: Path) -> None:
    (source,) = results.glob("*.jsonl")
    (tmp_path / source.name).write_bytes(source.read_bytes())
    module(
        "matrix",
        "run",
        "--python",
        PYTHONS[CPYTHONS[0]],
        "--out",
        str(tmp_path),
        "--probe",
        "arguments.threading_lock",
        "--method",
        "fork",
    )
    done = module("matrix", "merge", str(tmp_path), "-o", str(tmp_path / "matrix.json"))
    assert done.status == 0, done.err
    data = json.loads((tmp_path / "matrix.json").read_text(encoding="utf-8"))
    jsonschema.validate(data, MATRIX_SCHEMA)
    cells = {(cell["probe"], cell["method"]): cell for cell in flat.cells(tmp_path / "matrix.json")}
    assert cells["arguments.threading_lock", "fork"]["runs"] == {"n": 2, "agree": 2}
    assert cells["arguments.threading_lock", "spawn"]["runs"] == {"n": 1, "agree": 1}
    assert cells["availability.starts", "fork"]["outcome"] == "untested"


def test_repeat_asks_again(tmp_path: Path) -> None:
    options = ["--probe", "arguments.threading_lock", "--method", "fork", "--repeat", "3"]
    module("matrix", "run", "--python", PYTHONS[CPYTHONS[0]], "--out", str(tmp_path), *options)
    assert sorted(line["attempt"] for line in lines(tmp_path) if line["kind"] == "verdict") == [1, 2, 3]
    assert len(verdicts(tmp_path)) == 1


def test_diff_of_a_matrix_with_itself_is_empty(results: Path, tmp_path: Path) -> None:
    path = str(tmp_path / "matrix.json")
    module("matrix", "merge", str(results), "-o", path)
    assert module("matrix", "diff", path, path).out == "0 changed cells\n"


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["run", "--probe", "arguments.nonsense"], 3, "No probe named arguments.nonsense"),
        (["run", "-k", "nosuchword"], 3, "matches no probe"),
        (["run", "--series", "3.99"], 3, "No Python 3.99 found"),
        (["run", "--python", "/nonexistent"], 2, "/nonexistent cannot be started"),
        (["run", "--python", PYTHONS[CPYTHONS[0]], "--series", "3.99"], 2, "not 3.99"),
        (["run", "--command", ""], 2, "empty --command"),
        (["run", "--jobs", "0"], 2, "must be 1 or more"),
        (["run", "--repeat", "x"], 2, "not a whole number"),
        (["run", "--method", "vfork"], 2, "invalid choice"),
        (["run", "--unknown"], 2, "unrecognized arguments"),
        (["list", "--probes", "/nonexistent"], 2, f"No probe scripts in {Path('/nonexistent')}"),
        (["merge", "/nonexistent"], 2, "does not exist"),
        (["diff", "/nonexistent", "/nonexistent"], 2, "does not exist"),
        ([], 2, "the following arguments are required"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_wrong_usage_is_said_without_a_traceback(words: list[str], status: int, message: str) -> None:
    done = module("matrix", *words)
    assert (done.status, "Traceback" in done.err) == (status, False)
    assert message in done.err


def test_a_result_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    out = str(tmp_path / "file" / "results")
    done = module(
        "matrix", "run", "--python", PYTHONS[CPYTHONS[0]], "--out", out, "--probe", "arguments.threading_lock"
    )
    assert done.status == 74
    assert done.err.startswith("canifork: Cannot write")


def test_an_empty_folder_of_results_says_what_to_do(tmp_path: Path) -> None:
    done = module("matrix", "merge", str(tmp_path))
    assert (done.status, done.err) == (3, f"canifork: No run files in {tmp_path}. Run `nox -s probe` first.\n")
    assert not (ROOT / "matrix.json.part").exists()


def test_what_is_left_is_told_with_its_time(tmp_path: Path) -> None:
    words = ["run", "--python", PYTHONS[CPYTHONS[0]], "--out", str(tmp_path), "--probe", "arguments.threading_lock"]
    assert "Still to ask" not in module("matrix", *words).out
    done = module("matrix", *words, "--probe", "arguments.threading_rlock", "--resume")
    assert done.out.startswith("Still to ask: 3 verdicts on 1 Python, about ")
    assert "nothing to do, all 3 verdicts are there" in module("matrix", *words, "--resume").out


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
def test_a_live_bar_on_a_terminal(tmp_path: Path) -> None:
    import pty

    main, terminal = pty.openpty()
    words = ["--python", PYTHONS[CPYTHONS[0]], "--out", str(tmp_path), "--probe", "arguments.threading_lock"]
    env = {key: text for key, text in os.environ.items() if key not in ("CI", "NO_COLOR")} | {
        "TERM": "xterm",
        "COLUMNS": "200",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "matrix", "run", *words], cwd=ROOT, stdout=terminal, stdin=subprocess.DEVNULL, env=env
    )
    os.close(terminal)
    shown = b""
    try:
        while block := os.read(main, 65536):
            shown += block
    except OSError:
        pass  # Linux says so when the last writer has gone
    finally:
        os.close(main)
    assert process.wait() == 0
    text = shown.decode("utf-8")
    assert "3/3" in text
    assert "now: arguments.threading_lock" in text
    assert "1 yes, 2 no" in text
    assert "verdicts planned" not in text


def test_helpers_are_compiled_once_by_the_target(tmp_path: Path) -> None:
    suite = tmp_path / "suite"
    suite.mkdir()
    for file in ("_probe.py", "arguments.py"):
        shutil.copy(ROOT / "probes" / file, suite)
    options = ["--probes", str(suite), "--probe", "arguments.threading_lock", "--method", "spawn"]
    done = module("matrix", "run", "--python", PYTHONS[CPYTHONS[0]], "--out", str(tmp_path / "out"), *options)
    assert done.status == 0, done.err
    assert [path.name.split(".")[0] for path in (suite / "__pycache__").glob("*.pyc")] == ["_probe"]


WITHOUT_FORK = """
import multiprocessing.context, os, runpy, sys
del multiprocessing.context._concrete_contexts["fork"]
sys.argv[:] = sys.argv[1:]
sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no fork to take away")
def test_a_method_without_a_context_is_refused_once_for_all(tmp_path: Path) -> None:
    """What the target says at the start is what each question would have said."""
    python = tmp_path / "without_fork.py"
    python.write_text(WITHOUT_FORK, encoding="utf-8")
    command = [sys.executable, str(python)]
    one = subprocess.run(
        [*command, str(ROOT / "probes" / "objects.py"), "plain_data", "--method", "fork"],
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    asked = ["--probe", "objects.plain_data", "--probe", "defaults.start_method"]
    done = module("matrix", "run", "--command", shlex.join(command), *asked, "--out", str(tmp_path / "out"))
    assert done.status == 0, done.out + done.err
    found = {(line["probe"], line["method"]): line for line in lines(tmp_path / "out") if line["kind"] == "verdict"}
    refused = found["objects.plain_data", "fork"]
    assert f"{refused['outcome']}: {refused['detail']}" == one.stdout.strip()
    assert refused["detail"] == "ValueError: cannot find context for 'fork'"
    assert (refused["duration"], refused["exit"]["code"]) == (0, None)  # no process was started for it
    assert found["objects.plain_data", "spawn"]["outcome"] == "yes"
    assert found["defaults.start_method", "none"]["exit"]["code"] == 0


def test_a_busy_machine_gives_the_same_answer(tmp_path: Path) -> None:
    options = ["--probe", "arguments.threading_lock", "--busy", "1", "--repeat", "2"]
    assert module("matrix", "run", "--python", PYTHONS[CPYTHONS[0]], "--out", str(tmp_path), *options).status == 0
    done = module("matrix", "stability", str(tmp_path))
    assert (done.status, done.err) == (0, "")
    assert "3 cells, each measured 2 times\nchanged: none" in done.out


def test_published_runs_are_shown_where_nothing_was_asked_here(tmp_path: Path) -> None:
    """collect and merge in a folder of their own: published, then with an answer of one's own, then neither."""
    selection = ["--python", sys.executable, "--probe", "arguments.threading_lock"]
    where = {"cwd": tmp_path}
    assert module("matrix", "run", *selection, **where).status == 0
    done = module("matrix", "collect", **where)
    assert done.status == 4
    assert "not taken: " in done.out
    assert "cells were not measured" in done.out
    assert module("matrix", "collect", "--force", **where).status == 0
    (packed,) = (tmp_path / "data").iterdir()
    (own,) = (tmp_path / "results").iterdir()
    first = lines(tmp_path / "results")[0]["run"]
    own.unlink()
    assert module("matrix", "merge", **where).status == 0
    assert behind(tmp_path) == {"fork": {first}, "spawn": {first}, "forkserver": {first}}
    assert module("matrix", "run", *selection, "--method", "spawn", **where).status == 0
    second = lines(tmp_path / "results")[0]["run"]
    assert module("matrix", "merge", **where).status == 0
    assert behind(tmp_path) == {"fork": {first}, "spawn": {second}, "forkserver": {first}}
    own.unlink()
    packed.unlink()
    done = module("matrix", "merge", **where)
    assert (done.status, done.err.count("\n")) == (3, 1)
    done = module("matrix", "collect", "gone", **where)
    assert (done.status, done.err.count("\n")) == (2, 1)


def behind(folder: Path) -> dict[str, set[str]]:
    """{method: runs} behind the answered cells of a matrix.json; a run may have asked twice what was in doubt."""
    cells = flat.cells(folder / "matrix.json")
    return {cell["method"]: {row["run"] for row in cell["evidence"]["attempts"]} for cell in cells if cell["runs"]["n"]}
