"""python -m bench.trials [NAME…]: `try` on the suites of real projects, from their sdists on PyPI; prints a table.

Not in CI: it downloads, and takes half an hour. Whether an explanation is right was judged by people; docs/try.md has it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tarfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bench.pairs import ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A release on PyPI, what its tests need, and how they are run in its folder."""

    name: str
    version: str
    needs: tuple[str, ...] = ()
    words: tuple[str, ...] = ("pytest", "-q")


SUITES = (
    Suite(name="s3transfer", version="0.10.4", words=("pytest", "-q", "tests/functional/test_processpool.py", "tests/unit/test_processpool.py")),
    Suite(name="pexpect", version="4.9.0", words=("pytest", "-q", "tests/test_socket.py", "tests/test_socket_fd.py", "tests/test_socket_pexpect.py")),
    Suite(name="joblib", version="1.4.2", needs=("numpy",), words=("pytest", "-q", "joblib/test/test_parallel.py", "-k", "multiprocessing")),
    Suite(name="pebble", version="5.0.7", words=("pytest", "-q", "test/test_process_pool_generic.py", "test/test_concurrent_process_fork.py")),
    Suite(name="loguru", version="0.7.2", needs=("freezegun", "colorama"), words=("pytest", "-q", "tests/test_multiprocessing.py", "tests/test_add_option_enqueue.py", "tests/test_add_option_context.py")),
    Suite(name="fasteners", version="0.19", needs=("diskcache", "more_itertools", "eventlet"), words=("pytest", "-q", "tests/test_process_lock.py", "tests/test_reader_writer_lock.py")),
    Suite(name="portalocker", version="2.10.1", needs=("redis",), words=("pytest", "-q", "-o", "addopts=", "portalocker_tests/tests.py")),
    Suite(name="tqdm", version="4.66.5", words=("pytest", "-q", "tests/tests_concurrent.py", "tests/tests_synchronisation.py")),
    Suite(name="aiomultiprocess", version="0.9.1", words=("python", "-m", "unittest", "aiomultiprocess.tests")),
    Suite(name="pyftpdlib", version="1.5.10", needs=("psutil", "setuptools<80"), words=("pytest", "-q", "pyftpdlib/test/test_servers.py")),
)  # fmt: skip


def prepared(suite: Suite, python: str, cache: Path) -> tuple[Path, str]:
    """(the project's folder, the interpreter of its environment), made if they are not there."""
    folder = cache / f"{suite.name}-{suite.version}"
    environment = cache / f"{suite.name}-venv"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", str(cache)]
        subprocess.run([*pip, f"{suite.name}=={suite.version}"], check=True)
        archive = next(path for path in cache.glob("*.tar.gz") if path.name.lower().startswith(f"{suite.name}-"))
        with tarfile.open(archive) as tar:
            tar.extractall(cache, filter="data")
        unpacked = cache / archive.name.removesuffix(".tar.gz")
        if unpacked != folder:
            unpacked.rename(folder)
    interpreter = environment / "bin" / "python"
    if not interpreter.exists():
        subprocess.run(["uv", "venv", "-q", "-p", python, str(environment)], check=True)
        install = ["uv", "pip", "install", "-q", "-p", str(interpreter), str(folder), "pytest", *suite.needs]
        subprocess.run(install, check=True)
    return folder, str(interpreter)


def tried(suite: Suite, folder: Path, python: str) -> tuple[dict[str, object], float]:
    """(the report, seconds)."""
    out = folder.parent / f"{suite.name}.json"
    began = time.monotonic()
    options = ["--python", python, "--format", f"json={out}", "--format", f"text={out.with_suffix('.txt')}"]
    env = {**__import__("os").environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "matrix", "try", *options, "--", *suite.words], cwd=folder, env=env, check=False)
    return json.loads(out.read_text(encoding="utf-8")), time.monotonic() - began


def row(suite: Suite, report: dict[str, object], seconds: float) -> str:
    """One line of Markdown."""
    trials = report["pythons"][0]["trials"]  # type: ignore[index]
    tests = len(trials[0]["tests"])
    methods = list(dict.fromkeys(trial["method"] for trial in trials))[1:]
    cells = []
    for method in methods:
        found = [one for one in report["findings"] if one["method"] == method]  # type: ignore[attr-defined]
        counts = Counter(one["difference"] for one in found)
        cells.append(", ".join(f"{count} {name}" for name, count in counts.items()) or "same")
    questions = Counter(one["explanations"][0]["question"] if one["explanations"] else "none" for one in report["findings"])  # type: ignore[attr-defined]
    said = ", ".join(f"{name} {count}" for name, count in questions.most_common(4))
    return f"| {suite.name} {suite.version} | {tests} | {' | '.join(cells)} | {said} | {seconds:.0f} |"


def main() -> int:
    """Try all suites, or those named."""
    parser = argparse.ArgumentParser(prog="python -m bench.trials", description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--python", default="3.12", help="of the environments (default: %(default)s)")
    parser.add_argument("--cache", type=Path, default=Path("artifacts", "trials"))
    options = parser.parse_args()
    print("| project | tests | spawn | forkserver | questions | s |\n| --- | --- | --- | --- | --- | --- |")
    for suite in SUITES:
        if not options.names or suite.name in options.names:
            folder, python = prepared(suite, options.python, options.cache.absolute())
            print(row(suite, *tried(suite, folder, python)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
