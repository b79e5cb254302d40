"""What documents say of platforms, measured or not: the claims of the suite, read as on macOS and on Windows."""

from __future__ import annotations

import pytest

from matrix import documented
from matrix.model import Json
from matrix.paths import PROBES
from matrix.suite import catalog

SYSTEMS = {"linux": ("Linux", "posix"), "darwin": ("Darwin", "posix"), "win32": ("Windows", "nt")}
PROBE = {probe.id: probe for probe in catalog.load(PROBES)}


def stated(probe: str, method: str, system: str, version: str = "3.14") -> Json:
    name, os_name = SYSTEMS[system]
    major, minor, *patch = version.split(".")
    markers = {
        "sys_platform": system, "platform_system": name, "os_name": os_name, "implementation_name": "cpython",
        "python_version": f"{major}.{minor}", "python_full_version": f"{major}.{minor}.{(patch or ['0'])[0]}",
    }  # fmt: skip
    return documented.documented_answer(PROBE[probe], method, documented.holding(markers))


@pytest.mark.parametrize(
    ("probe", "method", "linux", "macos", "windows"),
    [
        ("availability.context", "fork", "yes", "yes", "unavailable"),
        ("defaults.start_method", "none", "forkserver", "spawn", "spawn"),
        ("queues.qsize", "none", "yes", "no", "yes"),
        ("helpers.bounded_release", "none", "yes", "no", "yes"),
        ("workers.most_workers", "none", "no limit seen", "no limit seen", "61"),
        ("state.multiprocessing_logger", "spawn", None, None, "yes"),
        ("blocks.second_unlink", "none", None, None, "no"),
        ("tracker.after_other_program", "none", "no", "no", "yes"),
        ("tracker.created_by_child", "spawn", None, None, "no"),
        ("damage.exit_code_of_abort", "spawn", None, None, 3),
        ("rawfork.main_thread", "none", None, None, "unavailable"),
        ("rawfork.thread_pool", "none", "no", "no", "unavailable"),
        ("threads.os_fork_warning", "none", "yes", "yes", "unavailable"),
        ("signals.child_signal", "spawn", None, None, "unavailable"),
        ("signals.sentinel_in_loop", "spawn", None, None, "no"),
        ("system.umask", "spawn", "yes", None, None),  # a manual page of Linux
        ("options.development", "spawn", "yes", "yes", "yes"),
        ("processes.default_name", "spawn", "Process-1", "Process-1", "Process-1"),
        ("forkserver.left_over", "spawn", "tracker", "tracker", None),
        ("helpers.helper_of_shared_memory", "none", "resource_tracker", "resource_tracker", None),
        ("rawfork.stdout_buffer", "none", None, None, "unavailable"),
        ("late.late_user", "fork", "yes", "yes", "yes"),
        ("preload.output", "forkserver", "yes", "yes", "yes"),
    ],
)
def test_documents_speak_of_each_system(probe: str, method: str, linux: Json, macos: Json, windows: Json) -> None:
    assert [stated(probe, method, system) for system in SYSTEMS] == [linux, macos, windows]


@pytest.mark.parametrize(
    ("probe", "method", "before", "after"),
    [
        ("preload.output", "forkserver", "3.13.5", "3.13.6"),
        ("exits.thread_pool", "fork", "3.13.0", "3.13.1"),
        ("failures.own_exceptions", "spawn", "3.14.6", "3.14.7"),
        ("blocks.nul_in_name", "none", "3.12.9", "3.13.0"),
    ],
)
def test_a_changelog_speaks_of_the_release_that_it_names(probe: str, method: str, before: str, after: str) -> None:
    assert [stated(probe, method, "linux", release) for release in (before, after)] == [None, "yes"]


@pytest.mark.parametrize("probe", [name for name in PROBE if name.startswith("rawfork.")])
def test_no_document_promises_a_fork_on_windows(probe: str) -> None:
    assert stated(probe, "none", "win32") in (None, "unavailable")
