"""Where processes write their errors, when that is a file of their own making: pytest captures what children say.

Linux only: elsewhere nobody can be asked which file a process has open.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Self


class ErrorFiles:
    """Opened before processes are asked for their stacks, read after: by then the files may have no name any more."""

    def __init__(self, pids: Iterable[int], known: int) -> None:
        """known: inode of a file that is read anyway."""
        self._open: dict[int, tuple[int, int]] = {}
        if sys.platform == "linux":
            for pid in pids:
                with contextlib.suppress(OSError):
                    self._add(f"/proc/{pid}/fd/2", known)

    def _add(self, path: str, known: int) -> None:
        found = os.stat(path)  # noqa: PTH116
        if not stat.S_ISREG(found.st_mode) or found.st_ino == known or found.st_ino in self._open:
            return  # opening a pipe would take part in it
        self._open[found.st_ino] = (os.open(path, os.O_RDONLY), found.st_size)

    def written(self, most: int) -> bytes:
        """What has been appended since, up to so many bytes of each file."""
        if sys.platform == "win32":
            return b""
        return b"".join(os.pread(fd, most, size) for fd, size in self._open.values())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for fd, _ in self._open.values():
            os.close(fd)
