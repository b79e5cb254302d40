"""Hostile and unlucky projects: each ends, is judged, and does no harm."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from matrix.system import process_tree

from .conftest import HERE, Project, snapshot

pytestmark = pytest.mark.skipif(HERE.default != "fork", reason="these compare with fork")

Make = Callable[..., Project]
SPAWN = ("--method", "spawn")
HERE_SPAWN = (*SPAWN, "--python", sys.executable)

STORE = """
    import multiprocessing, threading
    class Session:
        def __init__(self): self.lock = threading.Lock()
    class Store:
        def __init__(self): self.session = Session()
        def run(self): pass
        def start(self):
            process = multiprocessing.Process(target=self.run)
            process.start()
            process.join()
            assert process.exitcode == 0
"""


def test_only_differences_are_findings(project: Make) -> None:
    tests = """
        import multiprocessing, os, store
        FLAG = []
        def seen(q): q.put(list(FLAG))
        def test_plain(): pass
        def test_own_failure(): assert 0
        def test_lock(): store.Store().start()
        def test_global():
            FLAG.append(1)
            q = multiprocessing.Queue()
            p = multiprocessing.Process(target=seen, args=(q,))
            p.start()
            assert q.get(timeout=30) == [1]
            p.join()
        def test_crash():
            if multiprocessing.get_start_method() == "spawn": os.abort()
        def test_after(): pass
    """
    made = project(store=STORE, test_store=tests)
    tried = made.attempt("pytest", "-p", "no:xdist", options=("--method", "spawn"))
    assert tried.status == 1
    assert tried.found("spawn") == {
        "test_store.py::test_lock": {"fails"},
        "test_store.py::test_global": {"fails"},
        "test_store.py::test_crash": {"crashes"},
    }
    rows = {row["test"]: row for row in tried.report["findings"]}
    assert rows["test_store.py::test_lock"]["detail"] == "TypeError: cannot pickle '_thread.lock' object"
    assert rows["test_store.py::test_lock"]["place"] == "store.py:10"
    assert rows["test_store.py::test_crash"]["detail"] == "ended by SIGABRT"
    assert "the choice of one is not at fault: test_store.py::test_own_failure" in tried.text
    outcomes = tried.report["pythons"][0]["trials"][-1]["tests"]
    assert outcomes["test_store.py::test_after"]["outcome"] == "passed"
    assert snapshot(made.folder).keys() == {"store.py", "test_store.py"}
    known = made.folder.parent / "report.json"
    again = made.attempt("pytest", "-p", "no:xdist", options=("--method", "spawn", "--baseline", str(known)))
    assert again.status == 0
    assert "Known, by --baseline: 3 findings" in again.text


def test_a_hang_is_cut_off_with_stacks_and_hides_no_other_test(project: Make) -> None:
    tests = """
        import multiprocessing, threading
        FLAG = threading.Event()
        def wait_for_the_flag(): FLAG.wait()
        def test_hang():
            FLAG.set()
            p = multiprocessing.Process(target=wait_for_the_flag)
            p.start()
            p.join()
        def test_after(): pass
    """
    tried = project(test_hang=tests).attempt("pytest", options=(*SPAWN, "--timeout", "10"))
    assert tried.found("spawn") == {"test_hang.py::test_hang": {"hangs"}}
    [row] = tried.report["findings"]
    assert "in wait_for_the_flag" in row["evidence"]
    assert "in test_hang" in row["evidence"]
    assert tried.report["pythons"][0]["trials"][-1]["tests"]["test_hang.py::test_after"]["outcome"] == "passed"


def test_failures_that_follow_from_another_are_told_with_it(project: Make) -> None:
    tests = """
        import multiprocessing
        BUSY = []
        def start(target):
            assert not BUSY, "there is a server already"
            BUSY.append(1)
            p = multiprocessing.Process(target=target)
            p.start()
            p.join()
            BUSY.clear()
        def test_before(): pass
        def test_cause(): start(lambda: None)
        def test_follows(): start(print)
        def test_other(): multiprocessing.Process(target=lambda: None).start()
        def test_own_matter(): assert multiprocessing.get_start_method() == "fork"
    """
    tried = project(test_it=tests).attempt("pytest", "-p", "no:xdist", options=SPAWN)
    follows = {row["test"].partition("::")[2]: row["follows"] for row in tried.report["findings"]}
    assert follows == {
        "test_cause": None, "test_follows": "test_it.py::test_cause", "test_other": None, "test_own_matter": None,
    }  # fmt: skip
    said = "1 failure follows from test_it.py::test_cause under spawn, gone where that and its like are left out: "
    assert said + "test_it.py::test_follows" in tried.text
    assert "there is a server already" not in tried.text


HANGS = {
    "waits": """
        import multiprocessing, threading
        flag = threading.Event()
        def work(): flag.wait()
        if __name__ == "__main__":
            flag.set()
            p = multiprocessing.Process(target=work)
            p.start()
            p.join()
    """,
    "starts processes for ever": """
        import multiprocessing
        def work(n): return n
        pool = multiprocessing.Pool(2)
        print(pool.map(work, [1, 2]))
    """,
}


@pytest.mark.parametrize("name", HANGS)
def test_a_hang_is_seen_soon_without_a_timeout(project: Make, name: str) -> None:
    tried = project(app=HANGS[name]).attempt("python", "app.py", options=SPAWN)
    assert tried.found("spawn") == {"": {"hangs"}}
    base, *_, hung = tried.report["pythons"][0]["trials"]
    assert hung["seconds"] < 25 + 10 * base["seconds"]


def test_flaky_tests_are_no_findings(project: Make) -> None:
    tests = """
        import os, pathlib
        count = pathlib.Path(os.environ["COUNT"])
        def test_flaky():
            count.write_text((count.read_text() if count.exists() else "") + "x")
            assert len(count.read_text()) == 1
    """
    made = project(test_flaky=tests)
    made = Project(made.folder, {**made.env, "COUNT": str(made.folder.parent / "count")})
    tried = made.attempt("pytest", options=SPAWN)
    assert tried.status == 0
    assert "Flaky, so not judged: test_flaky.py::test_flaky failed in 1 of 2 runs of the baseline" in tried.text


def test_repeats_are_told_as_k_of_n(project: Make) -> None:
    tests = """
        import multiprocessing, os, pathlib
        count = pathlib.Path(os.environ["COUNT"])
        def test_every_other():
            count.write_text((count.read_text() if count.exists() else "") + "x")
            assert multiprocessing.get_start_method() != "spawn" or len(count.read_text()) % 2
    """
    made = project(test_it=tests)
    made = Project(made.folder, {**made.env, "COUNT": str(made.folder.parent / "count")})
    tried = made.attempt("pytest", options=(*SPAWN, "--repeat", "2"))
    [row] = tried.report["findings"]
    assert (row["k"], row["n"]) == (1, 2)
    assert "fails 1 of 2" in tried.text


def test_a_flood_is_ended(project: Make) -> None:
    code = """
        import multiprocessing, sys
        while multiprocessing.get_start_method() == "spawn":
            sys.stdout.write("x" * 99 + "\\n")
    """
    tried = project(app=code).attempt("python", "app.py", options=SPAWN)
    assert tried.status == 1
    assert tried.found("spawn") == {"": {"fails"}}
    assert "ended after 64 MiB of output" in tried.text


def test_what_forks_away_is_found_and_ended(project: Make) -> None:
    code = """
        import multiprocessing, os, time
        if multiprocessing.get_start_method() == "spawn" and not os.fork():
            os.setsid()
            if os.fork(): os._exit(0)
            time.sleep(1000)
    """
    tried = project(app=code).attempt("python", "app.py", options=SPAWN)
    assert tried.found("spawn") == {"": {"leaks"}}
    assert not [one for one in psutil.process_iter(["cmdline"]) if one.info["cmdline"] == [sys.executable, "app.py"]]


def test_a_test_that_kills_its_parent_does_not_kill_us(project: Make) -> None:
    code = """
        import multiprocessing, os, signal
        if multiprocessing.get_start_method() == "spawn":
            os.kill(os.getppid(), signal.SIGKILL)
    """
    tried = project(app=code).attempt("python", "app.py", options=SPAWN)
    assert tried.status == 1
    assert tried.found("spawn") == {"": {"crashes"}}


def test_a_child_that_kills_its_parent(project: Make) -> None:
    tests = """
        import multiprocessing, os, signal
        def kill(): os.kill(os.getppid(), signal.SIGKILL)
        def test_kill():
            if multiprocessing.get_start_method() == "spawn":
                p = multiprocessing.Process(target=kill)
                p.start()
                p.join()
        def test_after(): pass
    """
    tried = project(test_kill=tests).attempt("pytest", options=SPAWN)
    assert tried.found("spawn") == {"test_kill.py::test_kill": {"crashes"}}
    assert tried.report["findings"][0]["detail"] == "ended by SIGKILL"


def test_what_writes_into_its_folder_and_fails_the_second_time_cannot_be_judged(project: Make) -> None:
    code = "open('made', 'x').close()\n"
    tried = project(app=code).attempt("python", "app.py", options=SPAWN)
    assert tried.status == 4
    assert "the command failed in 1 of 2 runs, so nothing can be compared with them" in tried.text
    assert "Nothing differs" not in tried.text


def test_changing_the_folder_loses_nothing(project: Make) -> None:
    tests = """
        import multiprocessing, os, tempfile
        def test_away():
            os.chdir(tempfile.mkdtemp())
            p = multiprocessing.Process(target=lambda: None)
            p.start()
            p.join()
    """
    tried = project(test_away=tests).attempt("pytest", options=SPAWN)
    assert tried.found("spawn") == {"test_away.py::test_away": {"fails"}}
    assert tried.starts("fork")[0]["place"] == "test_away.py:6"


def test_what_needs_a_terminal_fails_everywhere_and_is_its_own_fault(project: Make) -> None:
    tried = project(app="input('name? ')\n").attempt("python", "app.py", options=SPAWN)
    assert tried.status == 4  # it came as far as nothing that start methods could change
    assert "Fails under every method, so the choice of one is not at fault: the command" in tried.text


def test_thousands_of_tests(project: Make) -> None:
    tests = """
        import multiprocessing, pytest
        @pytest.mark.parametrize("n", range(3000))
        def test_many(n): assert n != 2999 or multiprocessing.get_start_method() == "fork"
    """
    tried = project(test_many=tests).attempt("pytest", "-q", options=SPAWN)
    assert tried.found("spawn") == {"test_many.py::test_many[2999]": {"fails"}}


def test_xdist_workers_follow(project: Make) -> None:
    tests = """
        import multiprocessing, os, pytest, store
        @pytest.mark.parametrize("n", range(6))
        def test_method(n): assert multiprocessing.get_start_method() == "fork"
        def test_lock(): store.Store().start()
        def test_crash():
            if multiprocessing.get_start_method() == "spawn": os.abort()
    """
    tried = project(store=STORE, test_xdist=tests).attempt("pytest", "-n", "2", options=SPAWN)
    found = tried.found("spawn")
    assert found.pop("test_xdist.py::test_lock") == {"fails"}
    assert found.pop("test_xdist.py::test_crash") == {"crashes"}
    assert found == {f"test_xdist.py::test_method[{n}]": {"fails"} for n in range(6)}


def test_unittest_is_followed_test_by_test(project: Make) -> None:
    tests = """
        import multiprocessing, store, unittest
        class Tests(unittest.TestCase):
            def test_plain(self): pass
            def test_lock(self): store.Store().start()
            def test_own(self): self.fail()
            def test_parts(self):
                for n in range(2):
                    with self.subTest(n): self.assertEqual(multiprocessing.get_start_method(), "fork")
        class Broken(unittest.TestCase):
            @classmethod
            def setUpClass(cls): assert multiprocessing.get_start_method() == "fork"
            def test_it(self): pass
        class Never(unittest.TestCase):
            @classmethod
            def setUpClass(cls): raise OSError("no server")
            def test_it(self): pass
    """
    tried = project(store=STORE, test_it=tests).attempt("python", "-m", "unittest", options=SPAWN)
    assert tried.found("spawn") == {
        "test_it.Tests.test_lock": {"fails"},
        "test_it.Tests.test_parts": {"fails"},
        "setUpClass (test_it.Broken)": {"fails"},
    }
    own = ["setUpClass (test_it.Never)", "test_it.Tests.test_own"]
    said = next(line for line in tried.text.splitlines() if "the choice of one is not at fault: " in line)
    assert sorted(said.partition("fault: ")[2].split(", ")) == own


def test_a_conftest_that_sets_a_method_keeps_it(project: Make) -> None:
    conftest = "import multiprocessing\nmultiprocessing.set_start_method('fork')\n"
    tests = """
        import multiprocessing
        def test_it():
            p = multiprocessing.Process(target=lambda: None)
            p.start()
            p.join()
            assert p.exitcode == 0
    """
    tried = project(conftest=conftest, test_it=tests).attempt("pytest", options=SPAWN)
    assert tried.status == 0
    assert [(row["method"], row["origin"]) for row in tried.starts("spawn")] == [("fork", "set")]


def test_a_function_and_the_output_of_it(project: Make) -> None:
    code = """
        import logging, multiprocessing
        def work(): logging.getLogger("app").info("from the child")
        def main():
            logging.basicConfig(level=logging.INFO, format="%(message)s")
            p = multiprocessing.Process(target=work)
            p.start()
            p.join()
            return 3
    """
    tried = project(app=code).attempt("app:main", options=SPAWN)
    assert tried.found("spawn") == {"": {"output differs"}}
    assert tried.report["findings"][0]["detail"] == "missing: from the child"


def test_warnings_are_told(project: Make) -> None:
    tests = """
        import multiprocessing, warnings
        def test_it():
            if multiprocessing.get_start_method() == "spawn": warnings.warn("careful")
    """
    tried = project(test_it=tests).attempt("pytest", options=SPAWN)
    assert tried.found("spawn") == {"test_it.py::test_it": {"warns"}}


IMPORTS = """
import multiprocessing
import store
def show():
    print("transport", store.transport, flush=True)
if __name__ == "__main__":
    store.use("tcp")
    process = multiprocessing.Process(target=show)
    process.start()
    process.join()
"""
TRANSPORT = """
transport = "ipc"
def use(name):
    global transport
    transport = name
def current():
    return transport
"""


def test_what_an_imported_module_does_explains_a_difference(project: Make) -> None:
    tried = project(app=IMPORTS, store=TRANSPORT).attempt("python", "app.py", options=SPAWN)
    [finding] = tried.report["findings"]
    assert finding["difference"] == "output differs"
    assert finding["explanations"][0]["question"] == "semantics.parent_global_seen"
    assert "store.py" in finding["explanations"][0]["because"]


def test_leaked_shared_memory_is_told_and_that_of_strangers_is_not(project: Make) -> None:
    code = """
        import multiprocessing, os
        from multiprocessing import resource_tracker, shared_memory
        def work(name): pass
        if __name__ == "__main__":
            block = shared_memory.SharedMemory("psm_" + os.environ["BLOCK"], create=True, size=10)
            if multiprocessing.get_start_method() == "fork":
                block.unlink()
            else:
                resource_tracker.unregister(block._name, "shared_memory")
            block.close()
    """
    made, block = project(app=code), secrets.token_hex(8)
    try:
        tried = Project(made.folder, {**made.env, "BLOCK": block}).attempt("python", "app.py", options=SPAWN)
    finally:
        Path(f"/dev/shm/psm_{block}").unlink(missing_ok=True)
    if sys.platform == "linux":
        assert tried.found("spawn") == {"": {"leaks"}}
        assert tried.report["findings"][0]["detail"] == "shared memory: psm_…"


def test_a_slow_start_of_a_big_argument(project: Make) -> None:
    code = """
        import multiprocessing
        def work(data): pass
        if __name__ == "__main__":
            data = {str(n): list(range(50)) for n in range(100_000)}
            many = [multiprocessing.Process(target=work, args=(data,)) for _ in range(4)]
            for one in many: one.start()
            for one in many: one.join()
    """
    tried = project(app=code).attempt("python", "app.py", options=SPAWN)
    rows = [row for row in tried.report["findings"] if row["difference"] == "slower" and "MiB" in row["detail"]]
    assert [row["place"] for row in rows] == ["app.py:7"]


INTERRUPTED = """
    import multiprocessing, os, pathlib, time
    def wait():
        with open(os.environ["SAID"], "a") as file: print(os.getpid(), os.getppid(), file=file)
        time.sleep(1000)
    def work(): assert multiprocessing.get_start_method() != "spawn"
    if __name__ == "__main__":
        last = multiprocessing.get_start_method() == "forkserver"
        p = multiprocessing.Process(target=wait if last else work)
        p.start()
        p.join()
        raise SystemExit(p.exitcode)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_keeps_what_was_compared_and_ends_all_processes(project: Make, number: int) -> None:
    if "forkserver" not in HERE.methods:
        pytest.skip("there is no third method")
    made = project(app=INTERRUPTED)
    said, out = made.folder.parent / "said", made.folder.parent / "report.json"
    options = ["--python", sys.executable, "--format", f"json={out}", "--format", "text"]
    running = subprocess.Popen(
        [sys.executable, "-m", "matrix", "try", *options, "--", "python", "app.py"],
        cwd=made.folder, env={**made.env, "SAID": str(said)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8",
    )  # fmt: skip
    assert wait_for(lambda: said.is_file() and len(said.read_text(encoding="utf-8").split()) == 2)
    running.send_signal(number)
    text, _ = running.communicate(timeout=120)
    assert running.returncode == 130, text
    assert "the command · spawn: exit status 1" in text
    assert f"Untested: Python {HERE.series}, forkserver: interrupted" in text
    assert [row["method"] for row in json.loads(out.read_text(encoding="utf-8"))["findings"]] == ["spawn"]
    assert not [pid for pid in map(int, said.read_text(encoding="utf-8").split()) if lives(pid)]


def lives(pid: int) -> bool:
    """Whether a process runs: one that was ended is a zombie until init has waited for it, which may take its time."""
    try:
        return process_tree.alive(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False


def wait_for(there: Callable[[], bool], seconds: float = 120) -> bool:
    """Whether something comes about in time."""
    until = time.monotonic() + seconds
    while not there() and time.monotonic() < until:
        time.sleep(0.05)
    return there()


def test_an_interruption_before_anything_was_compared_says_so(project: Make) -> None:
    made = project(app="import os, time\nopen(os.environ['SAID'], 'w').close()\ntime.sleep(1000)\n")
    said = made.folder.parent / "said"
    running = subprocess.Popen(
        [sys.executable, "-m", "matrix", "try", "--python", sys.executable, "--", "python", "app.py"],
        cwd=made.folder, env={**made.env, "SAID": str(said)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8",
    )  # fmt: skip
    assert wait_for(said.is_file)
    running.send_signal(signal.SIGINT)
    text, _ = running.communicate(timeout=120)
    assert (running.returncode, text.splitlines()[-1]) == (130, "Interrupted before anything could be compared.")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_a_python_that_does_not_say_what_it_is(project: Make, number: int) -> None:
    made = project(app="print(1)")
    said, silent = made.folder.parent / "said", made.folder.parent / "silent"
    silent.write_text(
        f"#!/bin/sh\nsleep 1\necho $$ > {said}\nexec sleep 1000\n", encoding="utf-8"
    )  # until we wait for it
    silent.chmod(0o755)
    running = subprocess.Popen(
        [sys.executable, "-m", "matrix", "try", "--python", str(silent), "--", "python", "app.py"],
        cwd=made.folder, env=made.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip
    assert wait_for(lambda: said.is_file() and said.read_text(encoding="utf-8").endswith("\n"))
    running.send_signal(number)
    text, _ = running.communicate(timeout=120)
    assert running.returncode == 130, text
    assert not lives(int(said.read_text(encoding="utf-8")))


def test_a_folder_with_blanks_and_other_letters(project: Make) -> None:
    made = project(app="pass")
    folder = made.folder / "ein Prójekt mit ü %41"
    folder.mkdir()
    test = "import multiprocessing\ndef test_ü():\n    multiprocessing.Process(target=lambda: None).start()\n"
    (folder / "test_é.py").write_text(test, encoding="utf-8")
    tried = Project(folder, made.env).attempt("pytest", options=(*SPAWN, "--format", "sarif=found.sarif"))
    assert tried.found("spawn") == {"test_é.py::test_ü": {"fails"}}
    assert tried.report["findings"][0]["place"] == "test_é.py:3"
    [result] = json.loads((folder / "found.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "test_%C3%A9.py"


def test_namespace_packages_and_a_conftest_in_one_of_them(project: Make) -> None:
    made = project(app="pass")
    files = {
        "src/space/store.py": STORE,
        "tests/plain/test_it.py": "from space import store\ndef test_lock(): store.Store().start()\n",
        "tests/own/conftest.py": """
            import multiprocessing, pytest
            @pytest.fixture(autouse=True)
            def method():
                before = multiprocessing.get_start_method()
                multiprocessing.set_start_method("fork", force=True)
                yield
                multiprocessing.set_start_method(before, force=True)
        """,
        "tests/own/test_own.py": "from space import store\ndef test_lock(): store.Store().start()\n",
        "tests/plain/test_z.py": "from space import store\ndef test_last(): store.Store().start()\n",
    }
    for name, text in files.items():
        (made.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (made.folder / name).write_text(textwrap.dedent(text), encoding="utf-8")
    made = Project(made.folder, {**made.env, "PYTHONPATH": f"{made.env['PYTHONPATH']}{os.pathsep}src"})
    tried = made.attempt("pytest", "-p", "no:xdist", "tests", options=SPAWN)
    assert tried.found("spawn") == {
        "tests/plain/test_it.py::test_lock": {"fails"},
        "tests/plain/test_z.py::test_last": {"fails"},
    }
    assert {row["place"] for row in tried.report["findings"]} == {"src/space/store.py:10"}


def test_a_command_given_by_c(project: Make) -> None:
    code = "import multiprocessing as m; p = m.Process(target=eval('lambda: None')); p.start(); p.join()"
    tried = project(app="pass").attempt("python", "-c", code, options=SPAWN)
    assert tried.found("spawn") == {"": {"fails"}}
    assert tried.report["findings"][0]["explanations"]


def test_a_console_script_of_an_installed_package(project: Make, tmp_path: Path) -> None:
    made = project(jobs=STORE + "    def main(): Store().start()\n")
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    script = python.with_name("run-jobs")
    script.write_text(f"#!{python}\nimport jobs\njobs.main()\n", encoding="utf-8")
    script.chmod(0o755)
    env = {**made.env, "PYTHONPATH": f"{made.env['PYTHONPATH']}{os.pathsep}{made.folder}"}
    tried = Project(made.folder, env).attempt("run-jobs", options=SPAWN, python=str(python))
    assert tried.found("spawn") == {"": {"fails"}}
    assert tried.report["findings"][0]["place"] == "jobs.py:10"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="a folder's mode means something else there")
def test_a_folder_that_may_not_be_written_to(project: Make) -> None:
    made = project(app="import multiprocessing\nif __name__ == '__main__': multiprocessing.Process().start()\n")
    made.folder.chmod(0o555)
    try:
        tried = made.attempt("python", "app.py", options=SPAWN)
    finally:
        made.folder.chmod(0o755)
    assert tried.status == 0
    assert tried.errors.count("Traceback") == 0


def test_one_method_is_run_once_and_compared_with_nothing(project: Make) -> None:
    tried = project(app="print(1)").attempt("python", "app.py", options=("--method", HERE.default))
    assert tried.status == 0
    assert len(tried.report["pythons"][0]["trials"]) == 1
    assert f"Only {HERE.default} was run, the default here: nothing was compared." in tried.text


@pytest.mark.parametrize(
    ("options", "words", "said"),
    [
        ((), (), "Nothing to run."),
        (("--method", "thread"), ("python", "app.py"), "'thread' is none of fork, spawn, forkserver"),
        (("--as", "linux"), ("python", "app.py"), "which Python on Linux?"),
        (("--as", "linux-3.14", "--method", "spawn"), ("python", "app.py"), "Either --method or --as"),
        ((), ("no-such-script",), "no-such-script is neither beside"),
        (("--baseline", "missing.json"), ("python", "app.py"), "Cannot read missing.json"),
        (("--baseline", "app.py"), ("python", "app.py"), "app.py is no JSON"),
        (("--slower", "0.5"), ("python", "app.py"), "must be more than 1"),
        (("--format", "pdf"), ("python", "app.py"), "'pdf' is none of text, json"),
        (("--pythons", "4"), ("python", "app.py"), "--pythons '4' is not like"),
        (
            HERE_SPAWN,
            ("pytest", "missing.py"),
            "ERROR: file or directory not found: missing.py",
        ),
        (SPAWN, ("app:missing",), "There is no missing in app."),
        (SPAWN, ("missing.part:function",), "There is no module missing."),
        (SPAWN, ("python", "-W", "error", "missing.py"), "There is no file missing.py."),
        (SPAWN, ("python", "-"), "reads its program from standard input, which is empty"),
    ],
)
def test_what_is_wrong_is_said_in_few_lines(
    project: Make, options: tuple[str, ...], words: tuple[str, ...], said: str
) -> None:
    made = project(app="print(1)\n")
    done = subprocess.run(
        [sys.executable, "-m", "matrix", "try", *options, "--", *words],
        cwd=made.folder, env=made.env, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_environment_is_made_once_and_the_project_stays_as_it_is(project: Make) -> None:
    uv = Path(sys.executable).with_name("uv")
    if not uv.is_file():
        pytest.skip("uv is not beside the Python that runs the tests")
    made = project(app="import sys\nprint(sys.prefix)\n")
    path = f"{uv.parent}{os.pathsep}{made.env['PATH']}"
    env = {**made.env, "PATH": path, "XDG_CACHE_HOME": str(made.folder.parent / "cache")}
    words = [
        sys.executable,
        "-m",
        "matrix",
        "try",
        "--pythons",
        HERE.series,
        "--method",
        HERE.default,
        "--",
        "python",
        "app.py",
    ]
    said = []
    for _ in range(2):
        done = subprocess.run(words, cwd=made.folder, env=env, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
        said.append("Making an environment" in done.stderr)
    assert said == [True, False]
    assert snapshot(made.folder).keys() == {"app.py"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pytest", "-k", "nothing"), "no test was run, since nothing is selected, probably (exit status 5: "),
        (("pytest", "empty"), "no test was run, since nothing is selected, probably (exit status 5: "),
        (("pytest", "broken.py"), "no test was run, since they cannot be imported (exit status 2: ModuleNotFound"),
        (("pytest", "skipped.py"), "every test is skipped under every method, and none starts a process"),
        (("python", "-m", "unittest", "missing"), "every test is failing or skipped under every method"),
        (("python", "-m", "missing"), "the command fails under every method before it starts a process"),
        (("python", "fails.py"), "the command fails under every method before it starts a process"),
    ],
    ids=lambda one: "-".join(one) if isinstance(one, tuple) else "",
)
def test_where_nothing_is_tested_nothing_is_concluded(project: Make, words: tuple[str, ...], said: str) -> None:
    skipped = "import pytest\n@pytest.mark.skip\ndef test_it(): pass\n"
    tests = "def test_it(): pass\n"
    made = project(test_it=tests, broken="import no_such_module\n", skipped=skipped, fails="raise SystemExit(3)\n")
    (made.folder / "empty").mkdir()
    tried = made.attempt(*words, options=SPAWN)
    assert tried.status == 4
    assert said in tried.text
    assert tried.text.splitlines()[-2:] == ["Nothing was tested.", f"Next, by itself: {' '.join(words)}"]
    assert tried.report["untested"]


def test_a_failing_command_that_starts_processes_is_tested(project: Make) -> None:
    code = "import multiprocessing\nif __name__ == '__main__':\n    multiprocessing.Process().start()\n    exit(3)\n"
    assert project(app=code).attempt("python", "app.py", options=SPAWN).status == 0


@pytest.mark.parametrize("words", [("python", "-"), ("python",), ("python", "-X", "dev", "-")])
def test_a_program_on_standard_input_is_given_to_each_trial(project: Make, words: tuple[str, ...]) -> None:
    code = "import multiprocessing as m\nprint('started', m.get_start_method() == 'fork')\n"
    made = project(app="pass")
    done = subprocess.run(
        [sys.executable, "-m", "matrix", "try", *SPAWN, "--python", sys.executable, "--", *words],
        cwd=made.folder, env=made.env, input=code, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "'started True' became 'started False'" in done.stdout


def test_a_pool_that_replaces_its_workers_for_ever_is_told_soon(project: Make) -> None:
    code = """
        import multiprocessing
        def set_up(): raise ValueError("no database")
        if __name__ == "__main__":
            with multiprocessing.Pool(2, set_up) as pool: pool.map(abs, [1])
    """
    tried = project(app=code).attempt("python", "app.py", options=("--method", HERE.default))
    assert tried.report["pythons"][0]["trials"][0]["seconds"] < 120
    assert "Does a Pool raise when its initializer fails?" in tried.text
