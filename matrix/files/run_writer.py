"""Writes a run file during the run."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from matrix.errors import WriteError
from matrix.files.serialize import dumps, line_json
from matrix.model import End, Header, Verdict
from matrix.system import locks

LONG = 240
"""Longest path, in characters, that Windows takes without a prefix; with some room for a name."""


class RunWriter:
    """Writes one run, each line at once and whole: what a killed job has measured still counts."""

    def __init__(self, path: Path, *, append: bool) -> None:
        """Open a file; append keeps the runs in it. Raises WriteError, also if another run is writing it."""
        self.path = path
        self._count = 0
        self._began = time.monotonic()
        self._fd = -1
        try:
            reachable(path.parent).mkdir(parents=True, exist_ok=True)
            binary = getattr(os, "O_BINARY", 0)
            self._fd = os.open(reachable(path), os.O_RDWR | os.O_APPEND | os.O_CREAT | binary, 0o666)
            if not locks.lock(self._fd):
                raise WriteError(f"{path} is being written by another run. Wait for it, or choose another --out.")
            if append:
                self._end_torn_line()
            else:
                os.ftruncate(self._fd, 0)
        except OSError as error:
            self._close()
            raise self._failed(error) from None
        except WriteError:
            self._close()
            raise

    def _end_torn_line(self) -> None:
        """End a truncated line that a killed job may have left: the next one must not continue it."""
        size = os.fstat(self._fd).st_size
        if size:
            os.lseek(self._fd, size - 1, os.SEEK_SET)
            if os.read(self._fd, 1) != b"\n":
                self._write(b"\n")

    def header(self, header: Header) -> None:
        """Write the first line. Raises WriteError."""
        self._line(header)

    def verdict(self, verdict: Verdict) -> None:
        """Write one verdict. Raises WriteError."""
        self._line(verdict)
        self._count += 1

    def end(self, *, complete: bool) -> None:
        """Write the last line. Raises WriteError."""
        seconds = round(time.monotonic() - self._began, 1)
        self._line(End(verdicts=self._count, complete=complete, seconds=seconds))

    def _line(self, line: Header | Verdict | End) -> None:
        try:
            self._write((dumps(line_json(line)) + "\n").encode())
        except OSError as error:
            raise self._failed(error) from None

    def _write(self, data: bytes) -> None:
        """Write all bytes or none: a full disk may take only a part."""
        size = os.fstat(self._fd).st_size
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, size)
            raise

    def _failed(self, error: OSError) -> WriteError:
        reason = error.strerror or type(error).__name__
        return WriteError(
            f"Cannot write {self.path}: {reason}. Verdicts written so far are kept; choose another --out."
        )

    def _close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()


def reachable(path: Path) -> Path:
    """The path; on Windows a long one with the prefix that lifts the limit."""
    full = path.absolute()
    if sys.platform == "win32" and len(str(full)) > LONG and not str(full).startswith("\\\\"):
        return Path("\\\\?\\" + os.path.normpath(full))
    return path
