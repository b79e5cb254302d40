"""What is injected takes everywhere, and changes nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from matrix.system import launch
from matrix.targets import discovery, search_paths
from matrix.trial import event_files, injection, log, pythons
from matrix.trial.model import Python

from .conftest import HERE, Project

FOUND = discovery.find()
PYTHONS = [str(FOUND[name][0]) for name in ("3.8", "3.11", "3.12", "3.13", "3.14", "3.15", "pypy3.11") if name in FOUND]
OLD = [
    path
    for folder in dict.fromkeys(search_paths.folders(search_paths.this_machine()))
    for name in ("python2.7", "python3.6", "python3.7")
    if (path := folder / name).is_file()
]
OTHER = "spawn" if HERE.default != "spawn" else "fork"
STRICT = "spawn" if HERE.default != "spawn" else "forkserver"
"""A method that pickles, and is not the default: that of macOS is spawn."""

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is but one start method")

FOLLOWS = """
import concurrent.futures, json, multiprocessing, os, sys
def grandchild(q):
    q.put(multiprocessing.get_start_method())
def child(q):
    process = multiprocessing.Process(target=grandchild, args=(q,))
    process.start()
    process.join()
    q.put(type(process._popen).__module__.rpartition(".")[2])
def used():
    return multiprocessing.get_start_method()
if __name__ == "__main__":
    said = {"path": [p for p in sys.path if "canifork-" in p]}
    said["before"] = multiprocessing.get_start_method(allow_none=True)
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=child, args=(queue,))
    process.start()
    said["grandchild"] = [queue.get(timeout=60), queue.get(timeout=60)]
    process.join()
    said["child"] = process._popen.method
    with multiprocessing.Pool(1) as pool:
        said["pool"] = pool.apply(used)
    with concurrent.futures.ProcessPoolExecutor(1) as executor:
        said["executor"] = executor.submit(used).result()
    said["first"] = multiprocessing.get_all_start_methods()[0]
    said["explicit"] = multiprocessing.get_context("fork").Process(target=print)._start_method
    multiprocessing.set_start_method("fork", force=True)
    said["set"] = multiprocessing.get_start_method()
    print(json.dumps(said))
"""


def injected(python: Python, folder: Path, method: str, words: list[str], cwd: Path) -> tuple[str, log.Processes]:
    """What a script prints with the injection, and what its processes wrote down."""
    made = injection.write(folder, python, method, override=False)
    env = injection.environment(os.environ, made, python, "token")
    argv = [python.path, *words]
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, encoding="utf-8", timeout=120, check=True)
    return done.stdout, log.processes(event_files.read(made.processes), argv)


@forks
@pytest.mark.parametrize("path", PYTHONS)
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_grandchildren_pools_and_executors_follow(path: str, method: str, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(FOLLOWS, encoding="utf-8")
    folder = tmp_path / "i"
    folder.mkdir()
    printed, seen = injected(pythons.python_at(path), folder, method, ["main.py"], tmp_path)
    assert json.loads(printed) == {
        "before": None,
        "path": [],
        "grandchild": [method, f"popen_{'spawn_posix' if method == 'spawn' else method}"],
        "child": method,
        "pool": method,
        "executor": method,
        "first": method,
        "explicit": "fork",
        "set": "fork",
    }
    assert seen.swapped
    assert seen.faults == ()
    assert {start.method for start in seen.starts} == {method}
    assert len(seen.starts) >= 4
    assert [start.stack[0].line for start in seen.starts if start.kind.endswith("Process")]


def test_an_existing_sitecustomize_still_runs(tmp_path: Path) -> None:
    mine, folder = tmp_path / "mine", tmp_path / "i"
    mine.mkdir()
    folder.mkdir()
    (mine / "sitecustomize.py").write_text("import builtins\nbuiltins.customized = __file__\n", encoding="utf-8")
    made = injection.write(folder, HERE, HERE.default, override=False)
    env = injection.environment({**os.environ, "PYTHONPATH": str(mine)}, made, HERE, "token")
    code = "import sitecustomize; print(customized); print(sitecustomize.__file__)"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.split() == [str(mine / "sitecustomize.py")] * 2


STARTS_ONE = """
import multiprocessing
def work():
    print("work", flush=True)
if __name__ == "__main__":
    multiprocessing.get_context("{method}").Process(target=work).start()
"""


@forks
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_sitecustomize_runs_as_often_as_without_us(method: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "sitecustomize.py").write_text("print('customized', flush=True)\n", encoding="utf-8")
    (tmp_path / "main.py").write_text(STARTS_ONE.format(method=method), encoding="utf-8")
    host = {**os.environ, "PYTHONPATH": str(mine)}
    made = injection.write(tmp_path, HERE, method, override=False)
    printed = [
        subprocess.run(
            [HERE.path, "main.py"], cwd=tmp_path, env=env, stdout=subprocess.PIPE, encoding="utf-8", check=True
        )
        for env in (host, injection.environment(host, made, HERE, "token"))
    ]
    without, tried = (done.stdout.count("customized") for done in printed)  # lines of two processes may mix
    assert tried == without
    assert without > (0 if method == "fork" else 1)  # Python itself runs it in each new process


@pytest.mark.skipif(not OLD, reason="no old Python here")
def test_a_python_before_3_8_runs_as_without_it(tmp_path: Path) -> None:
    made = injection.write(tmp_path, HERE, HERE.default, override=False)
    env = injection.environment(os.environ, made, HERE, "token")
    for old in OLD:
        done = subprocess.run([old, "-c", "print(1)"], env=env, capture_output=True, encoding="utf-8", check=True)
        assert (done.stdout, done.stderr) == ("1\n", "")


def test_the_log_is_json_whatever_the_names(tmp_path: Path) -> None:
    made = injection.write(tmp_path, HERE, HERE.default, override=False)
    env = injection.environment(os.environ, made, HERE, "token")
    code = r"""
import _canifork_trial as t
t.log("hello", a='"\\\n\x00\u20ac\U0001f600\ud800', b=[1, 2.5, None, True, float("nan"), {"k": ()}], c={1: b"\xff"})
"""
    subprocess.run([sys.executable, "-c", code], env=env, check=True)
    event = next(event for event in event_files.read(made.processes).found if "a" in event)
    assert event["a"] == '"\\\n\x00\u20ac\U0001f600\ud800'
    assert event["b"] == [1, 2.5, None, True, None, {"k": []}]
    assert event["c"] == {"1": "b'\\xff'"}


@forks
@pytest.mark.parametrize("flags", [["-I"], ["-S"], ["-E"], ["-sIB"]])
def test_where_it_cannot_take_the_answer_is_untested(project: Callable[..., Project], flags: list[str]) -> None:
    tried = project(app="print(1)").attempt("python", *flags, "app.py", options=("--method", OTHER))
    assert tried.status == 4
    assert f"{flags[0]} keeps Python from it" in tried.text
    assert tried.text.splitlines()[-2].startswith("Incomplete: ")


@forks
def test_a_python_that_is_started_without_it_is_told(project: Callable[..., Project]) -> None:
    code = "import subprocess, sys\nsubprocess.run([sys.executable, '-I', '-c', 'pass'], check=True)\n"
    tried = project(app=code).attempt("python", "app.py", options=("--method", OTHER))
    assert tried.status == 4
    assert "a Python was started that is not tried: it runs with -I (app.py:2)" in tried.text


@forks
def test_the_environment_that_a_program_empties_is_told(project: Callable[..., Project]) -> None:
    code = """
        import multiprocessing, os
        if __name__ == "__main__":
            del os.environ["PYTHONPATH"]
            p = multiprocessing.get_context("spawn").Process(target=print)
            p.start()
            p.join()
    """
    tried = project(app=code).attempt("python", "app.py", options=("--method", OTHER))
    assert tried.status == 4
    assert "the program took PYTHONPATH out of its environment (app.py:6)" in tried.text


@forks
def test_a_sitecustomize_that_a_program_puts_first_is_told(project: Callable[..., Project]) -> None:
    code = """
        import os, subprocess, sys
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(["own", os.environ["PYTHONPATH"]])}
        subprocess.run([sys.executable, "-c", "import multiprocessing; assert hooked"], env=env, check=True)
    """
    made = project(app=code)
    (made.folder / "own").mkdir()
    (made.folder / "own" / "sitecustomize.py").write_text("import builtins; builtins.hooked = 1", encoding="utf-8")
    tried = made.attempt("python", "app.py", options=("--method", OTHER))
    assert tried.status == 4
    assert "the program put a sitecustomize of its own first on PYTHONPATH (app.py:4)" in tried.text


@forks
def test_a_program_that_starts_itself_again_is_followed(project: Callable[..., Project]) -> None:
    code = """
        import multiprocessing, os, sys
        if __name__ == "__main__":
            if "again" not in sys.argv:
                os.execv(sys.executable, [sys.executable, *sys.argv, "again"])
            print(multiprocessing.get_start_method())
            p = multiprocessing.Process()
            p.start()
            p.join()
    """
    tried = project(app=code).attempt("python", "app.py", options=("--method", OTHER))
    assert [row["method"] for row in tried.starts(OTHER)] == [OTHER]


@forks
def test_explicit_requests_are_recorded_and_only_overridden_if_wanted(project: Callable[..., Project]) -> None:
    code = """
        import multiprocessing
        if __name__ == "__main__":
            p = multiprocessing.get_context("fork").Process(target=lambda: None)
            p.start()
            p.join()
    """
    made = project(app=code)
    tried = made.attempt("python", "app.py", options=("--method", STRICT))
    assert tried.status == 0
    assert [(row["method"], row["origin"]) for row in tried.starts(STRICT)] == [("fork", "explicit")]
    assert "the only start is explicit fork" in tried.text
    tried = made.attempt("python", "app.py", options=("--method", STRICT, "--override-explicit"))
    if HERE.default == "fork":
        assert tried.found(STRICT) == {"": {"fails"}}
    else:  # whose default pickles, too
        assert "Fails under every method" in tried.text


@forks
def test_os_fork_and_threads_are_in_the_log(project: Callable[..., Project]) -> None:
    code = """
        import os, threading
        stop = threading.Event()
        threading.Thread(target=stop.wait).start()
        pid = os.fork()
        if not pid:
            os._exit(0)
        os.waitpid(pid, 0)
        stop.set()
    """
    tried = project(app=code).attempt("python", "app.py", options=("--method", OTHER))
    [row] = tried.starts(HERE.default)
    assert (row["place"], row["origin"], row["threaded"], row["threads"]) == ("app.py:5", "fork", 1, 2)
    assert "the only start is os.fork(), 1 from a process with threads" in tried.text


def test_the_size_of_what_is_pickled_is_in_the_log(project: Callable[..., Project]) -> None:
    code = """
        import multiprocessing
        if __name__ == "__main__":
            p = multiprocessing.Process(target=len, args=(b"x" * 100_000,))
            p.start()
            p.join()
    """
    tried = project(app=code).attempt("python", "app.py", options=("--method", "spawn"))
    [row] = tried.starts("spawn")
    assert 100_000 < row["bytes"] < 102_000
    assert 0 < row["seconds"] < 30


def test_the_folder_is_short_enough_for_sockets() -> None:
    assert len(str(launch.temporary_root())) < launch.TEMP_LIMIT


@pytest.mark.skipif(os.name != "posix", reason="the runner is a shell's script")
def test_a_script_that_runs_on_another_python_is_refused(project: Callable[..., Project]) -> None:
    """As pyenv's shims do: the report would name a Python that has run nothing."""
    asked = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
    versions = {path: subprocess.check_output([path, "-c", asked], encoding="utf-8").strip() for path in PYTHONS}
    other = next((path for path in PYTHONS if versions[path] != HERE.version), None)
    if other is None:
        pytest.skip("there is no other Python here")
    made = project()
    runner = made.folder / "runner"
    runner.write_text(f"#!/bin/sh\nexec '{other}' -c pass\n", encoding="utf-8")
    runner.chmod(0o755)
    tried = made.attempt("./runner")
    assert tried.status == 2
    assert f"runs on Python {versions[other]}, not on " in tried.errors
