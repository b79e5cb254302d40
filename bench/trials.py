"""python -m bench.trials [NAME…]: `try` on the suites of real projects, from their sdists on PyPI; prints a table.

Not in CI: it downloads, and takes half an hour. Whether an explanation is right is for people: docs/try.md has it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.pairs import ROOT
from matrix.targets import discovery


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A release on PyPI, what its tests need, and how they are run in its folder."""

    name: str
    version: str
    needs: tuple[str, ...] = ()
    words: tuple[str, ...]


def suite(release: str, tests: str, *needs: str) -> Suite:
    """'name==version', with files below its folder for pytest, or a whole command."""
    name, _, version = release.partition("==")
    words = tests.split()
    return Suite(
        name=name, version=version, needs=needs, words=tuple(words if words[0] == "python" else PYTEST + words)
    )


PYTEST = ["pytest", "-q", "-o", "addopts="]
SUITES = (
    suite(
        "s3transfer==0.10.4",
        "tests/functional/test_processpool.py tests/unit/test_processpool.py tests/unit/test_compat.py",
    ),
    suite("multiprocessing-logging==0.4.0", "tests"),
    suite("pexpect==4.9.0", "tests/test_socket.py tests/test_socket_fd.py tests/test_socket_pexpect.py"),
    suite("joblib==1.4.2", "joblib/test/test_parallel.py -k multiprocessing", "numpy"),
    suite("pytest-flask==1.3.0", "tests/test_live_server.py"),
    suite("loguru==0.7.2", "tests/test_multiprocessing.py tests/test_add_option_enqueue.py", "freezegun", "colorama"),
    suite(
        "fasteners==0.19", "tests/test_process_lock.py tests/test_reader_writer_lock.py", "diskcache", "more_itertools"
    ),
    suite("portalocker==2.10.1", "portalocker_tests/tests.py", "redis"),
    suite("tqdm==4.66.5", "tests/tests_concurrent.py tests/tests_synchronisation.py"),
    suite("aiomultiprocess==0.9.1", "python -m unittest aiomultiprocess.tests"),
    suite("pyftpdlib==1.5.10", "pyftpdlib/test/test_servers.py", "psutil", "setuptools<80"),
    suite("maxminddb==2.6.2", "tests/reader_test.py"),
    suite("Flask-Testing==0.8.1", "tests", "flask<2.3", "werkzeug<2.3", "blinker"),
    suite("oslo.concurrency==6.1.0", "oslo_concurrency/tests/unit/test_lockutils.py", "oslotest", "fixtures"),
    suite("Pebble==5.0.7", "test/test_pebble.py test/test_process_pool_fork.py test/test_process_pool_spawn.py"),
)


def prepared(one: Suite, python: str, cache: Path) -> tuple[Path, str]:
    """(the project's folder, the interpreter of its environment), made if they are not there."""
    folder = cache / f"{one.name}-{one.version}"
    environment = cache / f"{one.name}-venv"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", str(cache)]
        subprocess.run([*pip, f"{one.name}=={one.version}"], check=True)
        names = {f"{name}-".lower() for name in (one.name, one.name.replace("-", "_"))}
        archive = next(path for path in cache.glob("*.tar.gz") if path.name.lower().startswith(tuple(names)))
        with tarfile.open(archive) as tar:
            tar.extractall(cache, filter="data")
        unpacked = cache / archive.name.removesuffix(".tar.gz")
        if unpacked != folder:
            unpacked.rename(folder)
    interpreter = environment / "bin" / "python"
    if not interpreter.exists():
        here = discovery.find().get(python)  # else uv looks itself, and downloads it if it may
        subprocess.run(["uv", "venv", "-q", "-p", str(here[0]) if here else python, str(environment)], check=True)
        install = ["uv", "pip", "install", "-q", "-p", str(interpreter), str(folder), "pytest", *one.needs]
        subprocess.run(install, check=True)
    return folder, str(interpreter)


def tried(one: Suite, folder: Path, python: str) -> tuple[dict[str, Any], float]:
    """(the report, seconds)."""
    out = folder.parent / f"{one.name}.json"
    began = time.monotonic()
    options = ["--python", python, "--format", f"json={out}", "--format", f"text={out.with_suffix('.txt')}"]
    command = [sys.executable, "-m", "matrix", "try", *options, "--", *one.words]
    subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    return json.loads(out.read_text(encoding="utf-8")), time.monotonic() - began


def row(one: Suite, report: dict[str, Any], seconds: float) -> str:
    """One line of Markdown."""
    trials, findings = report["pythons"][0]["trials"], report["findings"]
    cells = []
    for method in list(dict.fromkeys(trial["method"] for trial in trials))[1:]:
        counts = Counter(found["difference"] for found in findings if found["method"] == method)
        cells.append(", ".join(f"{count} {name}" for name, count in counts.items()) or "same")
    first = [found["explanations"][0]["question"] if found["explanations"] else "none" for found in findings]
    said = ", ".join(f"{name} {count}" for name, count in Counter(first).most_common(4))
    tests = len(trials[0]["tests"])
    return f"| {one.name} {one.version} | {tests} | {' | '.join(cells)} | {said} | {seconds:.0f} |"


def main() -> int:
    """Try all suites, or those named."""
    parser = argparse.ArgumentParser(prog="python -m bench.trials", description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--python", default="3.12", help="of the environments (default: %(default)s)")
    parser.add_argument("--cache", type=Path, default=Path("artifacts", "trials"))
    options = parser.parse_args()
    print("| project | tests | spawn | forkserver | questions | s |\n| --- | --- | --- | --- | --- | --- |")
    for one in SUITES:
        if not options.names or one.name in options.names:
            folder, python = prepared(one, options.python, options.cache.absolute())
            print(row(one, *tried(one, folder, python)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
