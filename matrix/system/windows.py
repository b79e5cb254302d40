"""What only Windows has: names of exit statuses, and a container for a tree of processes."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import Protocol

import psutil

NTSTATUS = {
    0xC0000005: "STATUS_ACCESS_VIOLATION",
    0xC0000006: "STATUS_IN_PAGE_ERROR",
    0xC0000008: "STATUS_INVALID_HANDLE",
    0xC000000D: "STATUS_INVALID_PARAMETER",
    0xC0000017: "STATUS_NO_MEMORY",
    0xC000001D: "STATUS_ILLEGAL_INSTRUCTION",
    0xC0000025: "STATUS_NONCONTINUABLE_EXCEPTION",
    0xC0000094: "STATUS_INTEGER_DIVIDE_BY_ZERO",
    0xC0000096: "STATUS_PRIVILEGED_INSTRUCTION",
    0xC00000FD: "STATUS_STACK_OVERFLOW",
    0xC0000135: "STATUS_DLL_NOT_FOUND",
    0xC0000138: "STATUS_ORDINAL_NOT_FOUND",
    0xC0000139: "STATUS_ENTRYPOINT_NOT_FOUND",
    0xC000013A: "STATUS_CONTROL_C_EXIT",
    0xC0000142: "STATUS_DLL_INIT_FAILED",
    0xC0000374: "STATUS_HEAP_CORRUPTION",
    0xC0000409: "STATUS_STACK_BUFFER_OVERRUN",
    0xC0000417: "STATUS_INVALID_CRUNTIME_PARAMETER",
    0xC0000420: "STATUS_ASSERTION_FAILURE",
    0x40000015: "STATUS_FATAL_APP_EXIT",
    0x80000003: "STATUS_BREAKPOINT",
    0xE06D7363: "an unhandled C++ exception",
}
"""The statuses that Python processes are known to end with."""

CREATE_SUSPENDED = 0x4
"""So that a process is in its job object before it can start another."""


class ProcessContainer(Protocol):
    """A facility of the operating system that keeps a tree of processes together."""

    def pids(self) -> list[int]:
        """The processes that are alive in it."""

    def close(self) -> None:
        """End all that are left in it."""


def name_of(code: int) -> str | None:
    """The name of an exit status by which Windows ended a process; None for an ordinary status."""
    return NTSTATUS.get(code & 0xFFFFFFFF)


def contain(popen: subprocess.Popen[bytes]) -> ProcessContainer | None:
    """Put a process that was started suspended into a job object, and resume it; None on other systems.

    None too if it cannot be put into one (we are in a job that cannot be nested): its descendants are tracked instead.
    """
    job: ProcessContainer | None = None
    if sys.platform == "win32":
        from matrix.system.job_object import JobObject

        try:
            job = JobObject(int(popen._handle))  # type: ignore[attr-defined]  # subprocess has no public name for it
        except OSError:
            job = None
        finally:
            with contextlib.suppress(psutil.Error):
                psutil.Process(popen.pid).resume()
    return job
