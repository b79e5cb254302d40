"""Read files that unknown code had in its hands: only regular ones, not through links, up to a bound."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOCTTY", 0)
)
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class UnsafeFileError(Exception):
    """There is something at a path, but no regular file of bounded size: 'a FIFO', 'longer than 10 bytes'."""


def read(path: Path, limit: int) -> bytes:
    """All bytes of a regular file. Raises FileNotFoundError, and UnsafeFileError if it is anything else, or longer."""
    try:
        fd = os.open(path, _FLAGS)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnsafeFileError(_kind(path) or error.strerror or str(error)) from None
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise UnsafeFileError(_KINDS.get(stat.S_IFMT(os.fstat(fd).st_mode), "no regular file"))
        with os.fdopen(fd, "rb", closefd=False) as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise UnsafeFileError(error.strerror or str(error)) from None
    finally:
        os.close(fd)
    if len(data) > limit:
        raise UnsafeFileError(f"longer than {limit} bytes")
    return data


def _kind(path: Path) -> str | None:
    """What is at a path that cannot be opened, if that explains it."""
    try:
        return _KINDS.get(stat.S_IFMT(path.lstat().st_mode))
    except OSError as error:
        return "a loop of links" if error.errno == errno.ELOOP else None
