"""What probes would inherit from whoever started the runner, and would then report as facts about Python.

Environment variables are scrubbed in launch.py. The rest is set to what a program started from a shell usually has:
signal dispositions and mask, umask, resource limits, the three standard streams.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any

from matrix.errors import ResourceError

MIN_FILES = 256
"""Descriptors that a process must be allowed to open: some probes need many."""

USUAL_FILES = 1024
"""Descriptors that a process is usually allowed to open."""

MIN_PROCESSES = 100
"""Processes that the user must be allowed to start: probes start up to 64, and several run at once."""


_BY_PYTHON = [getattr(signal, name) for name in ("SIGPIPE", "SIGXFSZ") if hasattr(signal, name)]
"""Signals that Python itself ignores; subprocess resets them."""


def normalize() -> None:
    """Set all but the limits. To be called once, in the main thread, before any process is started."""
    _open_streams()
    if sys.platform != "win32":
        _signals()
        os.umask(os.umask(0o077) & ~0o700)  # private folders must be usable by their owner


def check_limits() -> None:
    """Set the resource limits. Raises ResourceError if they do not suffice for probes."""
    if sys.platform != "win32":
        _limits()


Limits = Mapping[int, tuple[int, int]]
"""{number of a resource: (soft, hard)}."""


def limits() -> Limits:
    """The resource limits of this process, which all that it starts inherits; nothing on Windows."""
    if sys.platform == "win32":
        return {}
    import resource

    names = (name for name in dir(resource) if name.startswith("RLIMIT_"))
    return {number: resource.getrlimit(number) for number in {getattr(resource, name) for name in names}}


def restore(before: Limits) -> None:
    """Set the limits to what they were. Raises ResourceError if that is not permitted."""
    if sys.platform != "win32":
        import resource

        try:
            for number, pair in before.items():
                if resource.getrlimit(number) != pair:
                    resource.setrlimit(number, pair)
        except (OSError, ValueError):
            raise ResourceError(
                "A probe lowered the runner's own resource limits for good: what is measured from now on is wrong."
                "\nVerdicts written so far are kept. Leave that probe out, then use --resume."
            ) from None


def _open_streams() -> None:
    """Closed standard streams: the next file that is opened would get their numbers."""
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number


def _ignore(number: int, frame: FrameType | None) -> None:
    """Does what SIG_IGN does, but is not inherited through exec."""


def _signals() -> None:
    """Unblock all signals; what the caller ignored (nohup does) stays ignored here, but not in probes."""
    if sys.platform == "win32":
        return
    for number in signal.valid_signals():
        with contextlib.suppress(OSError, ValueError):  # SIGKILL and SIGSTOP
            if signal.getsignal(number) is signal.SIG_IGN and number not in _BY_PYTHON:
                signal.signal(number, signal.SIG_DFL if number == signal.SIGCHLD else _ignore)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def is_ignored(number: int) -> bool:
    """Whether the caller of this process had a signal ignored."""
    return signal.getsignal(number) in (signal.SIG_IGN, _ignore)


def _limits() -> None:
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < USUAL_FILES:
        soft = USUAL_FILES if hard == resource.RLIM_INFINITY else min(hard, USUAL_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if soft < MIN_FILES:
            raise ResourceError(
                f"Only {soft} files may be open at once here; probes need {MIN_FILES}. Raise the limit: ulimit -n 1024"
            )
    _raise_soft(resource, "RLIMIT_NPROC")
    _raise_soft(resource, "RLIMIT_AS")
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))  # else a crash leaves a `core` behind
    _check_processes(resource)


def _raise_soft(resource: Any, name: str) -> None:
    if hasattr(resource, name):
        limit = getattr(resource, name)
        hard = resource.getrlimit(limit)[1]
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(limit, (hard, hard))


def _check_processes(resource: Any) -> None:
    """Raise ResourceError if the user may start only few more processes. Root may always."""
    if sys.platform == "win32":
        return
    limit = resource.getrlimit(resource.RLIMIT_NPROC)[0] if hasattr(resource, "RLIMIT_NPROC") else -1
    if limit == resource.RLIM_INFINITY or os.geteuid() == 0:
        return
    import psutil

    used = 0
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            used += process.num_threads() if process.uids().real == os.getuid() else 0
    if limit - used < MIN_PROCESSES:
        raise ResourceError(
            f"This user may start only {max(0, limit - used)} more processes here; probes need {MIN_PROCESSES}."
            " Raise the limit: ulimit -u"
        )
