"""Job objects of Windows, through ctypes: they keep a tree of processes together, and end it."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes  # noqa: E402 - other systems have none of this
from ctypes import wintypes  # noqa: E402

_KILL_ON_JOB_CLOSE = 0x2000
_DIE_ON_UNHANDLED_EXCEPTION = 0x400  # no dialog that waits for a click
_PROCESS_IDS, _EXTENDED_LIMITS = 3, 9
_MOST = 1024
_MORE_DATA = 234


class _Limits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = [
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", wintypes.DWORD),
        ("minimum_working_set", ctypes.c_size_t),
        ("maximum_working_set", ctypes.c_size_t),
        ("active_processes", wintypes.DWORD),
        ("affinity", ctypes.c_size_t),
        ("priority", wintypes.DWORD),
        ("scheduling", wintypes.DWORD),
        ("io_counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    ]


class _Pids(ctypes.Structure):
    """JOBOBJECT_BASIC_PROCESS_ID_LIST."""

    _fields_ = [
        ("assigned", wintypes.DWORD),
        ("listed", wintypes.DWORD),
        ("pids", ctypes.c_size_t * _MOST),
    ]


_kernel = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel.CreateJobObjectW.restype = wintypes.HANDLE
_kernel.CreateJobObjectW.argtypes = [ctypes.c_void_p, wintypes.LPCWSTR]
_kernel.SetInformationJobObject.argtypes = [wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD]
_kernel.QueryInformationJobObject.argtypes = [
    wintypes.HANDLE,
    ctypes.c_int,
    ctypes.c_void_p,
    wintypes.DWORD,
    ctypes.c_void_p,
]
_kernel.AssignProcessToJobObject.argtypes = [wintypes.HANDLE, wintypes.HANDLE]
_kernel.TerminateJobObject.argtypes = [wintypes.HANDLE, wintypes.UINT]
_kernel.CloseHandle.argtypes = [wintypes.HANDLE]


class JobObject:
    """Contains a process and all that it starts; those that are left end with the handle, even if we are killed."""

    def __init__(self, process: int) -> None:
        """Put a process (a handle) into a new job. Raises OSError, as where we are in a job that cannot be nested."""
        self._handle = _kernel.CreateJobObjectW(None, None)
        limits = _Limits(flags=_KILL_ON_JOB_CLOSE | _DIE_ON_UNHANDLED_EXCEPTION)
        size = ctypes.sizeof(limits)
        if not (
            self._handle
            and _kernel.SetInformationJobObject(self._handle, _EXTENDED_LIMITS, ctypes.byref(limits), size)
            and _kernel.AssignProcessToJobObject(self._handle, process)
        ):
            error = ctypes.WinError(ctypes.get_last_error())
            if self._handle:
                _kernel.CloseHandle(self._handle)
            raise error

    def pids(self) -> list[int]:
        """The processes that are alive in it, at most some thousand."""
        listing = _Pids()
        size = ctypes.sizeof(listing)
        done = _kernel.QueryInformationJobObject(self._handle, _PROCESS_IDS, ctypes.byref(listing), size, None)
        if not done and ctypes.get_last_error() != _MORE_DATA:
            return []
        return [int(pid) for pid in listing.pids[: listing.listed]]

    def close(self) -> None:
        """End all that are left, and close the handle."""
        _kernel.TerminateJobObject(self._handle, 1)
        _kernel.CloseHandle(self._handle)
