"""Writes a run file during the run."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from matrix.errors import DataError, WriteError
from matrix.files import run_reader, untrusted_json
from matrix.files.serialize import dumps, line_json
from matrix.model import End, Header, Verdict
from matrix.system import locks

LONG = 240
"""Longest path, in characters, that Windows takes without a prefix; with some room for a name."""

NEW = ".new"
"""Suffix of a whole run that is to replace an earlier one, as long as it has fewer verdicts."""

RESCUED = ".rescued.jsonl"
"""Suffix of a run whose file somebody replaced meanwhile."""


class RunWriter:
    """Writes one run, each line at once and whole: what a killed job has measured still counts.

    What was measured is not lost again: an earlier run is replaced only by one that is complete or has more verdicts,
    and a file that is removed or changed during the run is written again.
    """

    def __init__(self, path: Path, *, append: bool, resume: bool = False) -> None:
        """Open a file. append keeps the runs in it; resume does too, and goes on with a run that was to replace it.

        Raises WriteError, also if another run is writing it, and DataError if what is there is not a run file.
        """
        self._final = path
        self._began = time.monotonic()
        self._count = 0
        self._files = [_RunFile(path)]  # locked until the end, also if another one is written
        try:
            self._total = self._replaced = count(path)
            replacement = new_path(path)
            if (resume and replacement.exists()) or not (append or resume or self._files[0].is_empty()):
                self._files.append(_RunFile(replacement))
                self._total = count(replacement)
                if not resume:
                    self._files[-1].clear()
                    self._total = 0
            self._files[-1].end_torn_line()
        except (DataError, WriteError):
            self._close()
            raise

    @property
    def path(self) -> Path:
        """The file that is written at the moment."""
        return self._files[-1].path

    def header(self, header: Header) -> None:
        """Write the first line. Raises WriteError."""
        self._line(header)

    def verdict(self, verdict: Verdict) -> None:
        """Write one verdict. Raises WriteError."""
        self._line(verdict)
        self._count += 1
        self._total += 1
        if self._total > self._replaced:
            self._promote()

    def end(self, *, complete: bool) -> None:
        """Write the last line. Raises WriteError."""
        seconds = round(time.monotonic() - self._began, 1)
        self._files[-1].verify()
        self._line(End(verdicts=self._count, complete=complete, seconds=seconds))
        if complete:
            self._promote()

    def _line(self, line: Header | Verdict | End) -> None:
        self._files[-1].write((dumps(line_json(line)) + "\n").encode())

    def _promote(self) -> None:
        """Let a replacement take the place of the earlier run. Raises WriteError."""
        if len(self._files) > 1:
            self._files[0].close()
            self._files = [self._files[1].moved_to(self._final)]

    def _close(self) -> None:
        for file in self._files:
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()


def new_path(path: Path) -> Path:
    """Where a whole run is written as long as it has fewer verdicts than the one that it is to replace."""
    return path.with_name(path.name + NEW)


def count(path: Path) -> int:
    """How many verdicts are in a run file; 0 if it is empty. Raises DataError if it is not a run file."""
    if path.stat().st_size == 0:
        return 0
    try:
        return sum(len(run.verdicts) for run in run_reader.load_run_file(path))
    except DataError as error:
        raise DataError(f"{error}\nNothing is written to it: move it away, or choose another --out.") from None


class _RunFile:
    """A locked file, whose contents are known: if somebody changes or removes it, it is written again."""

    def __init__(self, path: Path) -> None:
        """Raises WriteError."""
        self.path = path
        self._fd = -1
        try:
            reachable(path.parent).mkdir(parents=True, exist_ok=True)
            self._open(0)
            size = os.fstat(self._fd).st_size
            if size > untrusted_json.RUN.file:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
            os.lseek(self._fd, 0, os.SEEK_SET)
            self._contents = bytearray(os.read(self._fd, size))
        except OSError as error:
            self.close()
            raise self._failed(error) from None
        except WriteError:
            self.close()
            raise

    def _open(self, flags: int) -> None:
        """Raises OSError, and WriteError if it is no regular file, or locked."""
        for name in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC"):
            flags |= getattr(os, name, 0)
        if self.path.is_symlink():
            raise WriteError(f"{self.path} is a link. It is not followed: remove it, or choose another --out.")
        self._fd = os.open(reachable(self.path), os.O_RDWR | os.O_APPEND | os.O_CREAT | flags, 0o666)
        if not stat.S_ISREG(os.fstat(self._fd).st_mode):
            raise WriteError(f"{self.path} is not a regular file. Remove it, or choose another --out.")
        if not locks.lock(self._fd):
            raise WriteError(f"{self.path} is being written by another run. Wait for it, or choose another --out.")

    def is_empty(self) -> bool:
        return not self._contents

    def clear(self) -> None:
        """Remove the contents. Raises WriteError."""
        self._contents.clear()
        self._write_all()

    def end_torn_line(self) -> None:
        """End a truncated line that a killed job may have left, so that it is not continued. Raises WriteError."""
        if self._contents and not self._contents.endswith(b"\n"):
            self.write(b"\n")

    def write(self, data: bytes) -> None:
        """Append some bytes. Raises WriteError."""
        try:
            problem = None if self._is_intact() else self._restore()
            self._append(data)
        except OSError as error:
            raise self._failed(error) from None
        if problem:
            raise problem

    def verify(self) -> None:
        """Write the file again if somebody overwrote a part of it in place. Raises WriteError."""
        try:
            os.lseek(self._fd, 0, os.SEEK_SET)
            if os.read(self._fd, len(self._contents) + 1) != self._contents:
                self._write_all()
        except OSError as error:
            raise self._failed(error) from None

    def moved_to(self, path: Path) -> Self:
        """Take the place of another file. Raises WriteError."""
        try:
            if not self._is_intact() and (problem := self._restore()):
                raise problem
            if sys.platform == "win32":  # an open file cannot be renamed there
                self.close()
            os.replace(reachable(self.path), reachable(path))  # noqa: PTH105 - a path with a prefix stays one
            self.path = path
            if sys.platform == "win32":
                self._open(0)
        except OSError as error:
            raise self._failed(error) from None
        return self

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _append(self, data: bytes) -> None:
        """Write all bytes or none: a full disk may take only a part."""
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, len(self._contents))
            raise
        self._contents += data

    def _is_intact(self) -> bool:
        """Whether the path still leads to the file, and nobody else wrote to it."""
        here = os.fstat(self._fd)
        try:
            return here.st_size == len(self._contents) and os.path.samestat(os.lstat(reachable(self.path)), here)
        except FileNotFoundError:
            return False

    def _restore(self) -> WriteError | None:
        """Write again what somebody changed or removed; elsewhere if another file is there, which is to be reported.

        Raises OSError.
        """
        problem = None
        try:
            same = os.path.samestat(os.lstat(reachable(self.path)), os.fstat(self._fd))
        except FileNotFoundError:
            self.close()
            reachable(self.path.parent).mkdir(parents=True, exist_ok=True)
            self._open(os.O_EXCL)
        else:
            if not same:
                replaced, self.path = self.path, self.path.with_name(self.path.name.partition(".jsonl")[0] + RESCUED)
                self.close()
                self._open(0)
                problem = WriteError(
                    f"{replaced} was replaced by another file during the run. This run's verdicts are in {self.path}."
                )
        self._write_all()
        return problem

    def _write_all(self) -> None:
        contents = bytes(self._contents)
        os.ftruncate(self._fd, 0)
        self._contents = bytearray()
        try:
            self._append(contents)
        finally:
            self._contents = bytearray(contents)

    def _failed(self, error: OSError) -> WriteError:
        reason = error.strerror or type(error).__name__
        return WriteError(
            f"Cannot write {self.path}: {reason}. Verdicts written so far are kept; choose another --out."
        )


def reachable(path: Path) -> Path:
    """The path; on Windows a long one with the prefix that lifts the limit."""
    full = path.absolute()
    if sys.platform == "win32" and len(str(full)) > LONG and not str(full).startswith("\\\\"):
        return Path("\\\\?\\" + os.path.normpath(full))
    return path
